"""Charging profiles by hand: every field, checked before sending, mirrored over a kill -9, the schedule compared."""
import threading
import time

from noxd import running, site
from ws import Station, now_text

KEYS = {"configurationKey": [
    {"key": "ChargeProfileMaxStackLevel", "readonly": True, "value": "3"},
    {"key": "ChargingScheduleAllowedChargingRateUnit", "readonly": True, "value": "Current"},
    {"key": "ChargingScheduleMaxPeriods", "readonly": True, "value": "3"},
    {"key": "MaxChargingProfilesInstalled", "readonly": True, "value": "3"}]}


def asking(station, call, *words, **more):
    """noxctl in the background, the station answering."""
    out = []
    thread = threading.Thread(target=lambda: out.append(call(*words, **more)))
    thread.start()
    while thread.is_alive():
        station.serve(0.05)
    return out[0]


def installed(nox):
    return [(p["id"], p["connector"], p["purpose"], p["owner"]) for p in
            nox.ctl_json("profile", "installed", "S0001")["items"]]


with running() as nox:
    nox.apply(site(stations=1))
    nox.make_keys(["S0001"])
    lamp = Station(nox.address, "S0001", nox.keys["S0001"], answers={"GetConfiguration": KEYS})
    lamp.boot()
    lamp.wait_asked("GetConfiguration")
    tx = lamp.start("A1")["transactionId"]

    def profile(*words):
        return asking(lamp, nox.ctl, "profile", *words, check=False)

    # TC_056: every field can be told, and what is not told is not there
    done = profile("set", "S0001", "--purpose", "TxDefaultProfile", "--connector", "1", "--id", "20", "--limit", "6.0",
                   "--phases", "3", "--start", "2026-01-01", "--duration", "300000000", "--valid-from",
                   "2026-01-01T00:00:00Z", "--valid-to", "2036-01-01T00:00:00Z", "--why", "TC_056")
    assert done.returncode == 0, done
    sent = lamp.wait_asked("SetChargingProfile")["csChargingProfiles"]
    assert sent["chargingProfileKind"] == "Absolute" and sent["stackLevel"] == 0, sent
    assert not {"transactionId", "recurrencyKind"} & set(sent), sent
    assert {"validFrom", "validTo"} <= set(sent) and {"startSchedule", "duration"} <= set(sent["chargingSchedule"]), sent
    assert sent["chargingSchedule"]["chargingSchedulePeriod"] == [{"startPeriod": 0, "limit": 6, "numberPhases": 3}], sent
    # TC_057 and TC_067: of the session that runs, and a ceiling, all at one level
    assert profile("set", "S0001", "--purpose", "TxProfile", "--session", "--id", "21",
                   "--periods", "0:10,600:8:1").returncode == 0
    sent = lamp.wait_asked("SetChargingProfile", match=lambda p: p["csChargingProfiles"]["chargingProfileId"] == 21)
    assert sent["csChargingProfiles"]["transactionId"] == tx and sent["connectorId"] == 1, sent
    assert profile("set", "S0001", "--limit", "16", "--id", "22").returncode == 0
    want = [(20, 1, "TxDefaultProfile", "operator"), (21, 1, "TxProfile", "operator"),
            (22, 0, "ChargePointMaxProfile", "operator")]
    assert installed(nox) == want, installed(nox)

    # what the standard or the station does not take is not sent, unless it is wanted so
    for words, why in ((("--purpose", "TxProfile", "--limit", "6"), "transactionId"),
                       (("--limit", "6", "--connector", "1"), "connector 0"),
                       (("--limit", "6", "--unit", "W"), "A only"),
                       (("--limit", "6", "--stack-level", "4"), "at most 3"),
                       (("--periods", "0:6,60:7,120:8,180:9",), "at most 3"),
                       (("--periods", "0:6,60:7,60:8",), "later than the one before"),
                       (("--limit", "6", "--id", "23", "--stack-level", "1"), "at most 3 profiles"),
                       (("--limit", "6", "--kind", "Recurring"), "recurrencyKind")):
        done = nox.ctl("profile", "set", "S0001", *words, check=False)
        assert done.returncode in (1, 2) and why in done.stderr, (words, done)
    lamp.answers["SetChargingProfile"] = {"status": "Rejected"}
    assert profile("set", "S0001", "--limit", "6", "--unit", "W", "--no-check").returncode == 8
    assert installed(nox) == want

    # TC_066: asked, drawn, compared; noxd is killed in between and still knows
    nox.kill()
    lamp.ws.close_hard()
    nox.start()
    start = now_text()
    answer = {"status": "Accepted", "connectorId": 1, "scheduleStart": start, "chargingSchedule": {
        "chargingRateUnit": "A", "duration": 3600, "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 10},
                                                                             {"startPeriod": 600, "limit": 8}]}}
    lamp = Station(nox.address, "S0001", nox.keys["S0001"],
                   answers={"GetConfiguration": KEYS, "GetCompositeSchedule": answer})
    lamp.status("Charging")
    assert installed(nox) == want
    done = profile("schedule", "S0001", "1", "--duration", "1h", "--unit", "A")
    assert done.returncode == 0 and "10.0 A" in done.stdout and "As expected" in done.stdout, done
    assert lamp.wait_asked("GetCompositeSchedule") == {"connectorId": 1, "duration": 3600, "chargingRateUnit": "A"}
    answer["chargingSchedule"]["chargingSchedulePeriod"][1]["limit"] = 16
    done = asking(lamp, nox.ctl_json, "profile", "schedule", "S0001", "1")
    assert [d["expected_a"] for d in done["differences"]] == [8.0], done["differences"]

    # TC_067: three ways; the end of the transaction is a fourth
    assert profile("clear", "S0001", "--id", "22").returncode == 0
    assert lamp.wait_asked("ClearChargingProfile") == {"id": 22}
    assert profile("clear", "S0001", "--connector", "1", "--purpose", "TxDefaultProfile", "--stack-level", "0").returncode == 0
    assert installed(nox) == [(21, 1, "TxProfile", "operator")], installed(nox)
    lamp.stop(tx, 100)
    time.sleep(0.2)
    assert installed(nox) == [], installed(nox)
    assert profile("clear", "S0001").returncode == 0
    lamp.wait_asked("ClearChargingProfile", match=lambda p: p == {})
print("charging profiles by hand: every field, checked, mirrored, compared")
