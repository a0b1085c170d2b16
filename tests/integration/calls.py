"""What operators ask of stations is kept: who, why, what came of it; also when noxd is killed in between."""
import getpass
import threading

from noxd import running, site
from ws import Station


class Lamp(threading.Thread):
    """A station that answers until it is told to stop."""

    def __init__(self, nox, name, answers=None):
        super().__init__(daemon=True)
        self.station = Station(nox.address, name, nox.keys[name], answers=answers)
        self.station.boot()
        self.ended = False
        self.start()

    def run(self):
        try:
            while not self.ended:
                self.station.serve(0.05)
        except Exception:  # pylint: disable=broad-except
            pass  # the connection has ended

    def end(self):
        self.ended = True
        self.join()
        self.station.ws.close_hard()


def calls(nox, *words):
    return nox.ctl_json("station", "calls", *words)["items"]


with running() as nox:
    nox.apply(site(stations=2))
    nox.make_keys(["S0001", "S0002"])
    lamp = Lamp(nox, "S0001", {"Reset": {"status": "Rejected"}, "ClearCache": lambda payload: None})
    nox.ctl("station", "reset", "S0001", "--why", "Türkontakt, 50 % Ausfälle", check=False)
    newest = calls(nox, "S0001")[0]
    assert (newest["who"], newest["why"]) == (getpass.getuser(), "Türkontakt, 50 % Ausfälle"), newest
    assert (newest["outcome"], newest["status"]) == ("answered", "Rejected"), newest
    assert newest["payload"] == {"type": "Soft"} and newest["sent_at"] <= newest["finished_at"], newest

    # secrets stay out of the record and of the database
    nox.ctl("station", "config", "set", "S0001", "AuthorizationKey", "676568656D6E6973", check=False)
    newest = calls(nox, "S0001")[0]
    assert newest["payload"] == {"key": "AuthorizationKey", "value": "***"}, newest
    assert nox.sql("SELECT count(*) FROM call_log WHERE payload LIKE '%676568%' OR answer LIKE '%676568%'") == [(0,)]
    assert "676568656D6E6973" not in nox.log()

    # offline: at once, or waiting; never for who stands there
    assert nox.ctl("station", "call", "S0002", "Reset", '{"type":"Soft"}', check=False).returncode == 7
    queued = nox.ctl("station", "call", "S0002", "GetLocalListVersion", "--wait-online", "600")
    assert "waits" in queued, queued
    status, answer = nox.api("POST", "/v1/stations/S0002/calls", {
        "action": "RemoteStartTransaction", "payload": {"idTag": "A1", "connectorId": 1}, "wait_online_s": 60})
    assert status == 422 and "does not wait" in answer["error"]["message"], answer

    # one under way and one that waits, and noxd is killed
    asking = threading.Thread(target=nox.ctl, args=("station", "clear-cache", "S0001"), kwargs={"check": False})
    asking.start()
    while not any(action == "ClearCache" for action, _ in lamp.station.asked):
        pass
    nox.kill()
    asking.join()
    lamp.end()
    nox.start()
    outcomes = {(c["station"], c["action"]): c["outcome"] for c in reversed(calls(nox))}
    assert outcomes[("S0001", "ClearCache")] == "lost", outcomes
    assert outcomes[("S0002", "Reset")] == "offline", outcomes
    assert outcomes[("S0002", "GetLocalListVersion")] == "queued", outcomes
    lamp = Lamp(nox, "S0002", {"GetLocalListVersion": {"listVersion": 0}})
    lamp.station  # the request that waited comes now, once
    while not calls(nox, "--outcome", "answered", "--action", "GetLocalListVersion"):
        pass
    assert [a for a, _ in lamp.station.asked].count("GetLocalListVersion") == 1, lamp.station.asked
    lamp.end()
    page = nox.ctl_json("station", "calls", "--limit", "2")
    assert page["next_before"] == page["items"][-1]["id"]
    older = nox.ctl_json("station", "calls", "--before", str(page["next_before"]))["items"]
    assert len(older) == len(calls(nox)) - 2
print("requests of operators are kept")
