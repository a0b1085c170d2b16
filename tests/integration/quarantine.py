"""--unknown-stations pending: an unknown station waits for approval; one taken out of service does not come back so."""
import json
import time

from noxd import running, site
from ws import Closed, Refused, Station

with running("--unknown-stations", "pending") as nox:
    nox.apply(site(stations=1))
    nox.make_keys(["S0001"])
    station = Station(nox.address, "NEWBIE")
    assert station.boot()["status"] == "Pending"
    assert nox.ctl_json("station", "show", "NEWBIE")["registration"] == "Pending"
    (row,) = nox.ctl_json("station", "pending")["items"]
    assert (row["station"], row["registration"], row["address"], row["boots"]) == ("NEWBIE", "Pending", "127.0.0.1", 1), row
    assert row["vendor"] and row["model"] and row["first_at"] <= row["last_at"], row
    before = nox.sql("SELECT count(*) FROM event")[0][0]
    answers = []
    try:
        for _ in range(300):
            for action in ("DataTransfer", "SignCertificate", "BootNotification"):
                station.send_call(action, {"vendorId": "x", "chargePointVendor": "x", "chargePointModel": "y"})
        while len(answers) < 900:
            answers.append(json.loads(station.ws.recv_text()))
    except (Closed, OSError):
        pass
    assert len(answers) <= 100 and all(a[2] == "SecurityError" for a in answers if a[0] == 4), answers[:5]
    time.sleep(1.2)
    station = Station(nox.address, "NEWBIE")
    assert station.boot()["status"] == "Pending", "one that goes on too fast is cut off, not banned"
    time.sleep(0.2)
    assert nox.sql("SELECT count(*) FROM event")[0][0] <= before + 10, "who is not let in yet fills the list of events"
    assert nox.ctl("station", "start", "NEWBIE", "--tag", "A1", check=False).returncode != 0
    nox.ctl("station", "approve", "NEWBIE")
    assert station.wait_asked("TriggerMessage")["requestedMessage"] == "BootNotification"
    assert station.boot()["status"] == "Accepted"
    assert nox.ctl_json("station", "pending")["items"] == []
    tx = station.start("A1", 0)["transactionId"]
    station.stop(tx, 5)
    station.close()
    nox.ctl("station", "remove", "NEWBIE", "--yes")
    record = "SELECT decommissioned, security_profile FROM station WHERE id = 'NEWBIE'"
    assert nox.sql(record) == [(1, 0)], nox.sql(record)
    try:
        station = Station(nox.address, "NEWBIE")
        station.boot()
        raise AssertionError("a station taken out of service was taken in again")
    except (Closed, Refused, OSError):
        pass
    assert nox.sql(record) == [(1, 0)], nox.sql(record)
    try:
        Station(nox.address, "S0001")
        raise AssertionError("a known station came in without its key")
    except Refused as refusal:
        assert refusal.status == 401, refusal
    time.sleep(0.2)
print("unknown stations wait for approval")
