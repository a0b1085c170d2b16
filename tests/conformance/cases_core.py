"""Core and Remote trigger."""
from tool import at, case

# --- boot, local sessions ---


@case("TC_001_CSMS")
def cold_boot(t):
    cp = t.point()
    assert cp.call("Heartbeat", {})["currentTime"].endswith("Z")


@case("TC_003_CSMS")
def plugged_in_first(t):
    cp = t.point()
    cp.status("Preparing")
    cp.authorized()
    tx = cp.started()
    cp.status("Charging")
    assert cp.session(tx)["state"] == "active"


@case("TC_004_1_CSMS")
def identified_first(t):
    cp = t.point()
    cp.charging()


@case("TC_004_2_CSMS")
def nobody_plugs_in(t):
    cp = t.point()
    cp.authorized()
    cp.status("Preparing")
    cp.status("Available")
    assert t.json("session", "list", "--station", t.name)["items"] == []


@case("TC_005_1_CSMS")
def car_unplugs(t):
    cp = t.point()
    tx = cp.charging()
    cp.status("SuspendedEV")
    cp.stopped(tx, "EVDisconnected")
    cp.status("Finishing")
    cp.status("Available")
    session = cp.session(tx)
    assert (session["state"], session["reason"], session["energy_wh"]) == ("finished", "EVDisconnected", 1000), session


@case("TC_007_CSMS")
def cached_id(t):
    cp = t.point()
    cp.status("Preparing")
    cp.started()
    cp.status("Charging")


@case("TC_061_CSMS")
def clear_cache(t):
    cp = t.point()
    t.run("station", "clear-cache", t.name)
    assert cp.wait_asked("ClearCache") == {}


# --- remote start and stop ---

def remote_start(t, cp, **more):
    t.run("station", "start", t.name, "VALID", **more)
    asked = cp.wait_asked("RemoteStartTransaction")
    assert asked["idTag"] == "VALID" and asked["connectorId"] == 1, asked


@case("TC_010_CSMS")
def remote_start_plugged_in(t):
    cp = t.point()
    cp.status("Preparing")
    remote_start(t, cp)
    cp.authorized()
    cp.started()
    cp.status("Charging")


@case("TC_011_1_CSMS")
def remote_start_first(t):
    cp = t.point()
    remote_start(t, cp)
    cp.authorized()
    cp.status("Preparing")
    cp.started()
    cp.status("Charging")


@case("TC_011_2_CSMS")
def remote_start_nobody(t):
    cp = t.point()
    remote_start(t, cp)
    cp.authorized()
    cp.status("Preparing")
    cp.status("Available")
    assert t.json("session", "list", "--station", t.name)["items"] == []


@case("TC_012_CSMS")
def remote_stop(t):
    cp = t.point()
    tx = cp.charging()
    t.run("station", "stop", t.name)
    assert cp.wait_asked("RemoteStopTransaction") == {"transactionId": tx}
    cp.stopped(tx, "Remote")
    cp.status("Finishing")
    cp.status("Available")
    assert cp.session(tx)["reason"] == "Remote"


@case("TC_026_CSMS")
def remote_start_rejected(t):
    cp = t.point(answers={"RemoteStartTransaction": {"status": "Rejected"}})
    remote_start(t, cp, expect=8)
    assert t.json("session", "list", "--station", t.name)["items"] == []


@case("TC_028_CSMS")
def remote_stop_rejected(t):
    cp = t.point(answers={"RemoteStopTransaction": {"status": "Rejected"}})
    tx = cp.charging()
    t.run("station", "call", t.name, "RemoteStopTransaction", '{"transactionId":123456789}', expect=8)
    assert cp.wait_asked("RemoteStopTransaction") == {"transactionId": 123456789}
    assert cp.session(tx)["state"] == "active"


# --- reset, unlock, configuration ---

def reset(t, kind, *flags):
    cp = t.point()
    t.run("station", "reset", t.name, *flags)
    assert cp.wait_asked("Reset") == {"type": kind}
    cp.close()
    t.point()


@case("TC_013_CSMS")
def hard_reset(t):
    reset(t, "Hard", "--hard")


@case("TC_014_CSMS")
def soft_reset(t):
    reset(t, "Soft")


def unlock(t, status, connector=1, expect=8):
    cp = t.point(answers={"UnlockConnector": {"status": status}})
    t.run("station", "unlock", t.name, "--connector", connector, expect=expect)
    assert cp.wait_asked("UnlockConnector") == {"connectorId": connector}
    return cp


@case("TC_017_1_CSMS")
def unlocked(t):
    unlock(t, "Unlocked", expect=0)


@case("TC_017_2_CSMS")
def unlock_fixed_cable(t):
    unlock(t, "NotSupported")


@case("TC_018_1_CSMS")
def unlock_with_session(t):
    cp = t.point(answers={"UnlockConnector": {"status": "Unlocked"}})
    tx = cp.charging()
    t.run("station", "unlock", t.name)
    cp.wait_asked("UnlockConnector")
    cp.status("Finishing")
    cp.stopped(tx, "UnlockCommand")
    cp.status("Available")
    assert cp.session(tx)["reason"] == "UnlockCommand"


@case("TC_030_CSMS")
def unlock_fails(t):
    unlock(t, "UnlockFailed")


@case("TC_031_CSMS")
def unlock_unknown_connector(t):
    unlock(t, "NotSupported", connector=7)


@case("TC_019_1_CSMS")
def all_keys(t):
    keys = [{"key": f"Key{i}", "readonly": False, "value": str(i)} for i in range(28)]
    cp = t.point(answers={"GetConfiguration": {"configurationKey": keys}})
    t.run("station", "config", "get", t.name)
    asked = cp.wait_asked("GetConfiguration")
    assert not asked.get("key"), asked
    t.eventually("all keys are stored", lambda: len(t.json("station", "config", "list", t.name)["items"]) == 28)


@case("TC_019_2_CSMS")
def one_key(t):
    cp = t.point(answers={"GetConfiguration": {"configurationKey": [
        {"key": "SupportedFeatureProfiles", "readonly": True, "value": "Core"}]}})
    t.run("station", "config", "get", t.name, "SupportedFeatureProfiles")
    cp.wait_asked("GetConfiguration", match=lambda asked: asked.get("key") == ["SupportedFeatureProfiles"])


def change(t, key, value, status, expect):
    cp = t.point(answers={"ChangeConfiguration": {"status": status}})
    t.run("station", "config", "set", t.name, key, value, expect=expect)
    cp.wait_asked("ChangeConfiguration", match=lambda asked: asked == {"key": key, "value": value})


@case("TC_021_CSMS")
def change_key(t):
    change(t, "MeterValueSampleInterval", "60", "Accepted", 0)


@case("TC_040_1_CSMS")
def change_unknown_key(t):
    change(t, "NoSuchKey", "whatever", "NotSupported", 8)


@case("TC_040_2_CSMS")
def change_bad_value(t):
    change(t, "MeterValueSampleInterval", "-1", "Rejected", 8)


# --- refusals ---

def refused(t, id_tag, status):
    cp = t.point()
    cp.status("Preparing")
    info = cp.call("Authorize", {"idTag": id_tag})["idTagInfo"]
    assert info["status"] == status, info


@case("TC_023_1_CSMS")
def unknown_tag(t):
    refused(t, "NOBODY", "Invalid")


@case("TC_023_2_CSMS")
def expired_tag(t):
    refused(t, "EXPIRED", "Expired")


@case("TC_023_3_CSMS")
def blocked_tag(t):
    refused(t, "BLOCKED", "Blocked")


@case("TC_024_CSMS")
def lock_failure(t):
    cp = t.point()
    cp.authorized()
    cp.status("Preparing")
    cp.call("StatusNotification", {"connectorId": 1, "status": "Faulted", "errorCode": "ConnectorLockFailure",
                                   "timestamp": at()})
    shown = t.json("connector", "show", t.name)
    assert (shown["status"], shown["error_code"]) == ("Faulted", "ConnectorLockFailure"), shown


# --- power loss, offline ---

@case("TC_032_1_CSMS")
def power_failure(t):
    cp = t.point()
    tx = cp.charging()
    cp.close()
    cp = t.point(booted=False)
    assert cp.boot()["status"] == "Accepted"
    cp.status("Finishing")
    cp.stopped(tx, "PowerLoss")
    cp.status("Available")
    session = cp.session(tx)
    assert (session["state"], session["reason"]) == ("finished", "PowerLoss"), session


@case("TC_037_1_CSMS")
def offline_start(t):
    t.point().close()
    cp = t.point(booted=False)
    answer = cp.start("VALID", 1000, at=at(-600))
    assert answer["idTagInfo"]["status"] == "Accepted", answer
    cp.status("Charging")


@case("TC_037_3_CSMS")
def offline_start_invalid(t):
    t.point().close()
    cp = t.point(booted=False)
    answer = cp.start("NOBODY", 1000, at=at(-600))
    assert answer["idTagInfo"]["status"] == "Invalid" and answer["transactionId"] > 0, answer
    cp.stopped(answer["transactionId"], "DeAuthorized")
    session = cp.session(answer["transactionId"])
    assert session["state"] == "finished" and "tag-not-accepted" in session["flags"], session


@case("TC_039_CSMS")
def offline_transaction(t):
    t.point().close()
    cp = t.point(booted=False)
    answer = cp.start("VALID", 1000, at=at(-3600))
    assert answer["idTagInfo"]["status"] == "Accepted", answer
    cp.stop(answer["transactionId"], 6000, at=at(-600), reason="Local", idTag="VALID")
    session = cp.session(answer["transactionId"])
    assert (session["state"], session["energy_wh"]) == ("finished", 5000), session


@case("TC_064_CSMS")
def data_transfer(t):
    cp = t.point()
    answer = cp.call("DataTransfer", {"vendorId": "org.example.unknown", "messageId": "m", "data": "d"})
    assert answer["status"] in ("Rejected", "UnknownMessageId", "UnknownVendorId"), answer


# --- remote trigger ---

TRIGGERED = [
    ("MeterValues", ["--connector", "1"], {"connectorId": 1, "meterValue": [
        {"timestamp": "2026-01-01T00:00:00Z", "sampledValue": [{"value": "1", "context": "Trigger"}]}]}),
    ("Heartbeat", [], {}),
    ("StatusNotification", ["--connector", "1"], {"connectorId": 1, "status": "Available", "errorCode": "NoError"}),
    ("DiagnosticsStatusNotification", [], {"status": "Idle"}),
    ("FirmwareStatusNotification", [], {"status": "Idle"}),
]


@case("TC_054_CSMS")
def trigger_each(t):
    cp = t.point()
    for message, flags, payload in TRIGGERED:
        t.run("station", "trigger", t.name, message, *flags)
        asked = cp.wait_asked("TriggerMessage", match=lambda a, m=message: a["requestedMessage"] == m)
        assert asked.get("connectorId") == (1 if flags else None), asked
        cp.call(message, payload)


@case("TC_055_CSMS")
def trigger_rejected(t):
    cp = t.point(answers={"TriggerMessage": {"status": "Rejected"}})
    t.run("station", "trigger", t.name, "MeterValues", expect=8)
    cp.wait_asked("TriggerMessage", match=lambda asked: asked["requestedMessage"] == "MeterValues")
