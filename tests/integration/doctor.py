"""noxctl doctor: each cause is provoked by a real socket; the sentence, the next command and the exit code are checked."""
import json
import threading
import time

from noxd import running, site
from ws import Refused, Station, WsClient, now_text

STATIONS = 12


def eventually(what, check, timeout=20):
    deadline = time.monotonic() + timeout
    while not (result := check()):
        assert time.monotonic() < deadline, f"{what} did not come true"
        time.sleep(0.1)
    return result


with running("--call-timeout-s", "1") as nox:
    nox.apply(site(stations=STATIONS, tags=("A1",)))
    nox.make_keys([f"S{i:04d}" for i in range(1, STATIONS) if i != 4])  # S0004 has no key, S0012 neither
    host, port = nox.address

    def doctor(name, healthy=None):
        done = nox.ctl("doctor", name, "-o", "json", check=False)
        answer = json.loads(done.stdout)
        assert done.returncode == (0 if answer["healthy"] else 1), done
        if healthy is not None:
            assert answer["healthy"] is healthy, answer["findings"]
        return answer

    def finding(name, code, *words, severity=None):
        answer = doctor(name)
        found = [f for f in answer["findings"] if f["code"] == code]
        assert found, f"{name}: no {code} in {json.dumps(answer['findings'], indent=1)}"
        text = found[0]["text"] + " -> " + (found[0]["next"] or "")
        for word in words:
            assert word in text, f"{name} {code}: {word!r} is not in: {text}"
        assert severity is None or found[0]["severity"] == severity, found
        ranks = [("bad", "warning", "note").index(f["severity"]) for f in answer["findings"]]
        assert ranks == sorted(ranks), "the worst must come first"
        return found[0]

    def refused(path, user, key, protocols=("ocpp1.6",), source=None):
        try:
            WsClient(host, port, path, protocols, user, key, source=source)
        except Refused:
            time.sleep(0.15)
            return
        raise AssertionError("was let in")

    # --- healthy ---
    well = Station(nox.address, "S0001", nox.keys["S0001"])
    well.boot()
    well.status()
    end = threading.Event()

    def serve():
        while not end.is_set():
            well.serve(0.1)  # answers requests, and pings on the way

    thread = threading.Thread(target=serve)
    thread.start()
    answer = doctor("S0001", healthy=True)
    facts = answer["facts"]
    assert facts["path"] == "/ocpp/S0001" and facts["subprotocol"] == "ocpp1.6" and facts["transport"] == "ws", facts
    assert 0 <= facts["ping_ms"] < 5000 and facts["has_key"] and facts["registration"] == "Accepted", facts
    assert facts["boots_24h"] == 1 and facts["vendor"] == "NoxTest" and facts["open_calls"] == 0, facts
    assert [c["address"] for c in answer["connections"]] == ["127.0.0.1"] and answer["connections"][0]["closed_at"] is None
    text = nox.ctl("doctor", "S0001")
    assert "S0001: healthy" in text and "ping [ms]" in text and "security profile" in text, text

    # --- not known ---
    finding("NOPE", "unknown", "no station NOPE", "noxctl station add NOPE", severity="bad")
    finding("s0001", "unknown", "there is S0001", "noxctl doctor S0001")
    refused("/ocpp/s0001", "s0001", nox.keys["S0001"])
    finding("s0001", "unknown-station", "is not known: refused once", "noxctl doctor S0001")

    # --- never connected: nobody came, or somebody was refused ---
    finding("S0002", "never-connected", "power and a network", f"ws://127.0.0.1:{port}/ocpp/S0002", severity="bad")
    refused("/ocpp/s0003", "s0003", nox.keys["S0003"])
    finding("S0003", "similar-identity", "'s0003'", "set its identity to S0003", "127.0.0.1", severity="bad")
    refused("/ocpp/S0004", "S0004", "x")
    finding("S0004", "no-key-set", "it has no key here", "noxctl station key S0004", severity="bad")
    finding("S0004", "no-key", "no key was made")
    refused("/ocpp/S0005", "S0005", "wrong", source="127.0.0.5")
    refused("/ocpp/S0005", "S0005", "wrong", source="127.0.0.5")
    finding("S0005", "bad-key", "its key is wrong", "2 times", "127.0.0.5", "noxctl station key S0005", severity="bad")
    refused("/steve/S0006", "S0006", nox.keys["S0006"])
    finding("S0006", "wrong-path", "wrong path", "/steve/S0006", "ws://HOST:PORT/ocpp", severity="bad")
    refused("/ocpp/S0007", "S0007", nox.keys["S0007"], protocols=("ocpp2.0.1",))
    finding("S0007", "wrong-subprotocol", "another version of OCPP", "ocpp2.0.1", severity="bad")
    refused("/ocpp/S0007", "S0007", nox.keys["S0007"], protocols=())
    finding("S0007", "no-subprotocol", "lax_subprotocol", severity="bad")
    refused("/other/", None, None, source="127.0.0.77")
    finding("S0002", "perhaps-this-one", "127.0.0.77", "before it said who it is", severity="warning")

    # --- was connected, and how it ended; then refused with a changed key ---
    gone = Station(nox.address, "S0008", nox.keys["S0008"])
    gone.boot()
    gone.ws.close(1001)
    eventually("S0008 is offline", lambda: not nox.ctl_json("station", "show", "S0008")["online"])
    finding("S0008", "offline", "not connected since", "(1001)", "by the station", "noxctl frames tail S0008", severity="bad")
    cut = Station(nox.address, "S0008", nox.keys["S0008"])
    cut.boot()
    cut.ws.close_hard()
    eventually("S0008 is offline", lambda: not nox.ctl_json("station", "show", "S0008")["online"])
    finding("S0008", "offline", "cut")
    refused("/ocpp/S0008", "S0008", "old key")
    answer = doctor("S0008", healthy=False)
    assert answer["findings"][0]["code"] == "bad-key", answer["findings"]
    assert len(answer["connections"]) == 2 and answer["connections"][1]["code"] == 1001, answer["connections"]
    assert answer["connections"][1]["seconds"] >= 0

    # --- somebody tries a wrong key while the true one is connected ---
    refused("/ocpp/S0001", "S0001", "guess", source="127.0.0.66")
    finding("S0001", "bad-key", "somebody else", "127.0.0.66", severity="warning")

    # --- a link that is dead: no pong ---
    dead = Station(nox.address, "S0009", nox.keys["S0009"])
    dead.boot()
    found = finding("S0009", "no-pong", "does not answer a websocket ping", severity="bad")
    assert "frames tail -f S0009" in found["next"]
    dead.ws.close_hard()

    # --- clock, faults, boots, deviations, requests without answer ---
    odd = Station(nox.address, "S0010", nox.keys["S0010"])
    for _ in range(5):
        odd.boot()
    odd.call("StatusNotification", {"connectorId": 1, "errorCode": "GroundFailure", "status": "Faulted",
                                    "timestamp": now_text(-3600), "extraMember": 1})
    odd.answers["Reset"] = None  # never answers

    odd_end = threading.Event()

    def serve_odd():
        while not odd_end.is_set():
            odd.serve(0.1)

    other = threading.Thread(target=serve_odd)
    other.start()
    nox.ctl("station", "call", "S0010", "Reset", '{"type":"Soft"}', check=False)
    finding("S0010", "faulted", "connector 1 is Faulted: GroundFailure", severity="bad")
    finding("S0010", "clock", "behind", "s behind", severity="bad")
    finding("S0010", "boots", "5 times in 24 h", severity="warning")
    finding("S0010", "violations", "extraMember", "noxctl frames search S0010 --errors", severity="note")
    finding("S0010", "timeouts", "1 requests", "noxctl station calls S0010")
    odd_end.set()
    other.join()

    # --- restless ---
    for _ in range(6):
        restless = Station(nox.address, "S0011", nox.keys["S0011"])
        restless.boot()
        restless.ws.close_hard()
        time.sleep(0.05)
    finding("S0011", "reconnects", "6 times within the last hour", severity="warning")

    # --- a pending one, and an alarm ---
    nox.ctl("station", "registration", "S0001", "Pending")
    finding("S0001", "pending", "noxctl station approve S0001", severity="bad")
    nox.ctl("station", "approve", "S0001")
    end.set()
    thread.join()
    well.call("SecurityEventNotification", {"type": "TamperDetectionActivated", "timestamp": now_text()})
    end = threading.Event()
    thread = threading.Thread(target=serve)
    thread.start()
    finding("S0001", "alarm", "TamperDetectionActivated", severity="bad")
    finding("S0001", "security", "security events in 24 h, the last: TamperDetectionActivated", severity="note")

    # --- needs wss where there is none (not one of those that are counted below) ---
    said = nox.ctl("station", "add", "Z9", "--profile", "2")
    assert "ws://" not in said, said
    finding("Z9", "no-listener", "no wss listener", severity="bad")
    nox.ctl("station", "remove", "Z9", "--yes")

    # --- all of them ---
    done = nox.ctl("doctor", "-o", "json", check=False)
    everything = json.loads(done.stdout)
    assert done.returncode == 1 and everything["stations"] == STATIONS
    lines = {item["station"]: item for item in everything["items"]}
    assert set(lines) == {f"S{i:04d}" for i in range(1, STATIONS + 1)}, sorted(lines)
    assert lines["S0003"]["code"] == "similar-identity" and lines["S0005"]["code"] == "bad-key", lines
    assert any(f["code"] == "local-only" for f in everything["noxd"]["findings"]), everything["noxd"]
    table = nox.ctl("doctor", check=False).stdout
    assert "S0005" in table and "noxctl doctor STATION" in table and f"of {STATIONS} have problems" in table, table

    # how connections ended is there after kill -9, and the open ones are told as what they are
    end.set()
    thread.join()
    nox.process.kill()
    nox.process.wait()
    nox.start()
    answer = doctor("S0001", healthy=False)
    assert "noxd ended without closing" in answer["connections"][0]["ended"], answer["connections"]
    assert len(doctor("S0011")["connections"]) == 6
    for _ in range(12):
        Station(nox.address, "S0011", nox.keys["S0011"]).ws.close_hard()
    eventually("ten connections are kept", lambda: len(doctor("S0011")["connections"]) == 10)
print("doctor finds each cause and says what to do")
