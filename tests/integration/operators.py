"""Triggers, data of makers, remote starts with a profile, keys in portions: the comfortable commands, by their words."""
import threading

from noxd import running, site
from ws import Station

GRID = [{"id": "N1", "name": "N1", "limit_a": 32}]


def asking(station, nox, *words):
    """noxctl in the background, the station answering."""
    out = []
    thread = threading.Thread(target=lambda: out.append(nox.ctl(*words, check=False)))
    thread.start()
    while thread.is_alive():
        station.serve(0.05)
    return out[0]


def last(station, action):
    return [payload for name, payload in station.asked if name == action][-1]


with running() as nox:
    nox.apply(site(stations=1))
    nox.apply(site(stations=1, first=2, grid=GRID, safe_a=6, rating_a=16))
    nox.make_keys(["S0001", "S0002"])
    keys = [{"key": f"K{i}", "readonly": True, "value": str(i)} for i in range(5)]

    def configuration(payload):
        known = [*keys, {"key": "GetConfigurationMaxKeys", "readonly": True, "value": "2"}]
        wanted = payload.get("key")
        return {"configurationKey": [k for k in known if not wanted or k["key"] in wanted][:6 if not wanted else 2],
                "unknownKey": [w for w in wanted or [] if w not in [k["key"] for k in known]]}

    lamp = Station(nox.address, "S0001", nox.keys["S0001"], answers={"GetConfiguration": configuration})
    lamp.boot()
    lamp.wait_asked("GetConfiguration")
    lamp.serve(0.3)

    # TC_054, TC_055 and the extended ones
    for words, action, payload in (
            (("MeterValues", "--connector", "1"), "TriggerMessage", {"requestedMessage": "MeterValues", "connectorId": 1}),
            (("Heartbeat",), "TriggerMessage", {"requestedMessage": "Heartbeat"}),
            (("StatusNotification", "--connector", "1"), "TriggerMessage",
             {"requestedMessage": "StatusNotification", "connectorId": 1}),
            (("DiagnosticsStatusNotification",), "TriggerMessage", {"requestedMessage": "DiagnosticsStatusNotification"}),
            (("FirmwareStatusNotification",), "TriggerMessage", {"requestedMessage": "FirmwareStatusNotification"}),
            (("BootNotification", "--force"), "TriggerMessage", {"requestedMessage": "BootNotification"}),
            (("FirmwareStatusNotification", "--extended"), "ExtendedTriggerMessage",
             {"requestedMessage": "FirmwareStatusNotification"}),
            (("LogStatusNotification",), "ExtendedTriggerMessage", {"requestedMessage": "LogStatusNotification"}),
            (("SignChargePointCertificate",), "ExtendedTriggerMessage",
             {"requestedMessage": "SignChargePointCertificate"})):
        done = asking(lamp, nox, "station", "trigger", "S0001", *words)
        assert done.returncode == 0 and last(lamp, action) == payload, (words, done, lamp.asked[-1])
    done = nox.ctl("station", "trigger", "S0001", "BootNotification", check=False)
    assert done.returncode == 2 and "--force" in done.stderr, done
    lamp.answers["TriggerMessage"] = {"status": "Rejected"}
    assert asking(lamp, nox, "station", "trigger", "S0001", "MeterValues").returncode == 8

    # data of makers, both ways
    lamp.answers["DataTransfer"] = {"status": "Accepted", "data": "grün"}
    done = asking(lamp, nox, "station", "data", "S0001", "com.example", "--message", "led", "--text", "farbe?")
    assert done.stdout == "Accepted: grün\n", done
    assert last(lamp, "DataTransfer") == {"vendorId": "com.example", "messageId": "led", "data": "farbe?"}
    assert lamp.call("DataTransfer", {"vendorId": "com.example", "data": "x=1"}) == {"status": "UnknownVendorId"}
    assert "x=1" in nox.ctl("event", "list", "--name", "station.data")

    # TC_059: a remote start with a limit; not where the scheduler decides
    assert asking(lamp, nox, "station", "start", "S0001", "A1", "--limit", "10").returncode == 0
    profile = last(lamp, "RemoteStartTransaction")["chargingProfile"]
    assert profile["chargingProfilePurpose"] == "TxProfile" and "transactionId" not in profile, profile
    assert profile["chargingSchedule"]["chargingSchedulePeriod"] == [{"startPeriod": 0, "limit": 10.0}], profile
    place = nox.ctl_json("station", "show", "S0001")["connectors"][0]
    assert place["start_pending_for"] == "A1", place
    lamp.start("A1")
    assert nox.ctl_json("station", "show", "S0001")["connectors"][0]["start_pending_for"] is None
    other = Station(nox.address, "S0002", nox.keys["S0002"])
    other.boot()
    done = asking(other, nox, "station", "start", "S0002", "A1", "--limit", "10")
    assert done.returncode == 5 and "ChargePointMaxProfile" in done.stderr, done
    assert asking(other, nox, "station", "start", "S0002", "A1").returncode == 0

    # more keys than the station answers at once
    done = asking(lamp, nox, "-o", "json", "station", "config", "get", "S0001", "K0", "K1", "K2", "K3", "Nix")
    assert all(f'"K{i}"' in done.stdout for i in range(4)) and "Nix" in done.stdout, done
    assert max(len(p.get("key", [])) for a, p in lamp.asked if a == "GetConfiguration") == 2
print("the words of operators become requests")
