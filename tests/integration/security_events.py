"""SecurityEventNotification: every name is kept, criticality by the white paper, alarms only where somebody should look;
the answer comes after the commit; ours are beside theirs; kill -9 loses none."""
import datetime
import signal
import time

from noxd import running, site
from ws import Closed, Station, now_text

CRITICAL = ("FirmwareUpdated", "SettingSystemTime", "StartupOfTheDevice", "ResetOrReboot", "SecurityLogWasCleared",
            "MemoryExhaustion", "TamperDetectionActivated")
OTHERS = ("FailedToAuthenticateAtCentralSystem", "CentralSystemFailedToAuthenticate", "ReconfigurationOfSecurityParameters",
          "InvalidMessages", "AttemptedReplayAttacks", "InvalidFirmwareSignature", "InvalidFirmwareSigningCertificate",
          "InvalidCentralSystemCertificate", "InvalidChargePointCertificate", "InvalidTLSVersion", "InvalidTLSCipherSuite")
NO_ALARM = ("FirmwareUpdated", "StartupOfTheDevice", "ResetOrReboot", "SettingSystemTime")

with running() as nox:
    nox.apply(site(stations=2))
    nox.make_keys(["S0001", "S0002"])
    station = Station(nox.address, "S0001", nox.keys["S0001"])
    station.boot()

    def tell(name, **more):
        return station.call("SecurityEventNotification", {"type": name, "timestamp": now_text(), **more})

    for name in CRITICAL + OTHERS + ("MakersOwnEvent",):
        assert tell(name, techInfo=f"about {name}") == {}
        # committed before it was confirmed: another process sees it at once
        assert nox.sql("SELECT count(*) FROM security_event WHERE type = ? AND origin = 1", name) == [(1,)], name
    items = nox.ctl_json("security", "list")["items"]
    assert [item["type"] for item in items] == list(reversed(CRITICAL + OTHERS + ("MakersOwnEvent",)))
    for item in items:
        assert item["critical"] == (item["type"] in CRITICAL), item
        assert item["info"] == f"about {item['type']}" and item["origin"] == "station" and item["station"] == "S0001"
    assert {item["type"] for item in nox.ctl_json("security", "list", "--critical")["items"]} == set(CRITICAL)
    assert len(nox.ctl_json("security", "list", "--limit", "3")["items"]) == 3
    assert nox.ctl_json("security", "list", "--since", "2099-01-01")["items"] == []
    assert nox.ctl_json("security", "list", "--station", "S0002")["items"] == []
    for _ in range(3):
        tell("TamperDetectionActivated")
    counts = {item["type"]: item for item in nox.ctl_json("security", "count", "--critical")["items"]}
    assert counts["TamperDetectionActivated"]["count"] == 4 and set(counts) == set(CRITICAL), counts

    # alarms: a case that was opened, not a start
    alarms = [alarm for alarm in nox.ctl_json("status")["alarms"] if alarm["name"] == "security.event"]
    assert alarms and "TamperDetectionActivated" in alarms[0]["text"], alarms
    events = nox.ctl_json("event", "list", "--name", "security.event", "--limit", "100")["items"]
    by_name = {event["text"].split(":")[0].split(" ")[0]: event["severity"] for event in events}
    assert all(by_name[name] == "info" for name in NO_ALARM), by_name
    assert by_name["MemoryExhaustion"] == "alarm" and by_name["MakersOwnEvent"] == "warning", by_name
    metrics = nox.api("GET", "/v1/metrics")[1]
    assert 'nox_security_events_total{type="TamperDetectionActivated",critical="yes"} 4' in metrics
    assert 'nox_security_events_total{type="other",critical="no"} 1' in metrics

    # a wrong clock is corrected, a wrong frame is answered all the same
    early = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(hours=2)
    station.call("SecurityEventNotification", {"type": "InvalidMessages", "timestamp": "1970-01-01T00:00:00Z"})
    assert nox.ctl_json("security", "list")["items"][0]["at"] > early.strftime("%Y-%m-%dT%H:%M")
    station.call("SecurityEventNotification", {"type": "X" * 200, "timestamp": now_text(), "techInfo": "y" * 5000})
    assert len(nox.ctl_json("security", "list")["items"][0]["info"]) < 1100

    # ours: a station that sends garbage without end
    try:
        for _ in range(20):
            station.ws.send_text("garbage")
        station.ws.wait_closed()
    except (Closed, OSError):
        pass
    time.sleep(0.2)
    ours = nox.ctl_json("security", "list", "--type", "InvalidMessages")["items"][0]
    assert ours["origin"] == "central" and ours["station"] == "S0001", ours

    before = nox.sql("SELECT count(*) FROM security_event")
    other = Station(nox.address, "S0002", nox.keys["S0002"])
    other.boot()
    other.call("SecurityEventNotification", {"type": "SecurityLogWasCleared", "timestamp": now_text()})
    nox.process.send_signal(signal.SIGKILL)
    nox.process.wait()
    nox.start()
    assert nox.sql("SELECT count(*) FROM security_event") == [(before[0][0] + 1,)]
print("security events are kept, judged and counted")
