"""One simulated station against a central system of a few lines: each function tells one story.

   station_test.py [STORY...]
"""
import json
import os
import socket
import subprocess
import sys
import tempfile
import time

from fake_csms import BIN, Closed, Fake, Sim, tell, write_site

WARP = 60
FOLDER = tempfile.mkdtemp(prefix="noxsim-test-")
SITE = write_site(FOLDER)


def run(fake, *words, site=SITE):
    return Sim("run", "--url", fake.url, "--site", site, "--time-warp", str(WARP), "--seed", "3", *words)


def busy(fake, *words):
    """A street in which a car comes within a few simulated seconds."""
    return run(fake, "--arrivals-per-hour", "2000", "--settle", "120", *words)


def idle(fake, *words):
    return run(fake, "--arrivals-per-hour", "0", *words)


def profile(tx=None, amps=10.0, purpose="TxProfile", ident=1, level=0, start=None, then=None):
    periods = [{"startPeriod": 0, "limit": amps}]
    if then:
        periods.append({"startPeriod": then[0], "limit": then[1]})
    schedule = {"chargingRateUnit": "A", "chargingSchedulePeriod": periods}
    if start:
        schedule["startSchedule"] = start
    out = {"chargingProfileId": ident, "stackLevel": level, "chargingProfilePurpose": purpose,
           "chargingProfileKind": "Absolute", "chargingSchedule": schedule}
    if tx is not None:
        out["transactionId"] = tx
    return out


def values(payload):
    """Sampled values of the first reading, by measurand and phase."""
    return {(v["measurand"], v.get("phase")): float(v["value"]) for v in payload["meterValue"][0]["sampledValue"]}


def boots_and_tells():
    fake = Fake(WARP)
    keys = os.path.join(FOLDER, "keys.csv")
    with open(keys, "w", encoding="utf-8") as out:
        out.write("station,key\nL001,open sesame\n")
    with idle(fake, "--keys", keys):
        station = fake.accept()
        assert station.path == "/ocpp/L001", station.path
        assert station.headers["sec-websocket-protocol"] == "ocpp1.6"
        assert station.headers["host"] == f"127.0.0.1:{fake.port}", station.headers
        assert station.headers["authorization"] == "Basic TDAwMTpvcGVuIHNlc2FtZQ==", station.headers
        fake.wait("StatusNotification", connectorId=0, status="Available")
        fake.wait("StatusNotification", connectorId=1, status="Available")
        assert fake.seen[0][0] == "BootNotification"
        fake.wait("Heartbeat")


def waits_while_pending_and_rejected():
    fake = Fake(WARP)
    verdicts = ["Rejected", "Pending", "Accepted"]
    fake.answers["BootNotification"] = lambda p: {"status": verdicts.pop(0), "currentTime": fake.now_text(),
                                                  "interval": 90}
    with idle(fake):
        fake.accept()
        fake.wait("BootNotification")
        first = time.monotonic()
        second = fake.wait("BootNotification", since=1)
        assert time.monotonic() - first > 1.2, "the interval of a rejected boot is 90 s simulated, 1.5 s real"
        assert second == 1, f"a rejected station sends nothing: {fake.seen}"
        assert fake.call("TriggerMessage", {"requestedMessage": "StatusNotification", "connectorId": 1}) == \
            {"status": "Accepted"}
        asked = fake.wait("StatusNotification", since=2)
        assert asked == 2, "a pending station sends what was triggered, and nothing else"
        fake.wait("BootNotification", since=3)
        fake.wait("StatusNotification", since=4, connectorId=0)


def charges_as_it_may():
    fake = Fake(WARP)
    with busy(fake) as sim:
        fake.accept()
        fake.wait("StatusNotification", connectorId=1, status="Available")
        assert fake.call("SetChargingProfile", {"connectorId": 1, "csChargingProfiles":
                                                profile(purpose="TxDefaultProfile", amps=6.0, ident=11)})["status"] == "Accepted"
        begun = fake.wait("StartTransaction")
        order = [name for name, _ in fake.seen[:begun]]
        assert "Authorize" in order and fake.seen[begun][1]["idTag"] == "TAG1"
        fake.wait("StatusNotification", status="Charging", since=begun)
        tx = fake.next_tx
        reading = values(fake.seen[fake.wait("MeterValues", transactionId=tx)][1])
        phases = [reading[("Current.Import", phase)] for phase in ("L1", "L2", "L3")]
        assert phases[0] == 6.0 and all(amps in (0.0, 6.0) for amps in phases), reading
        assert reading[("Current.Offered", None)] == 6.0
        assert abs(reading[("Power.Active.Import", None)] - 230 * sum(phases)) <= 1
        # The lease: 10 A for 150 s, then nothing.
        start = fake.now_text()
        assert fake.call("SetChargingProfile", {"connectorId": 1, "csChargingProfiles": profile(
            tx, 10.0, start=start, then=(150, 0.0))})["status"] == "Accepted"
        composite = fake.call("GetCompositeSchedule", {"connectorId": 1, "duration": 600})
        limits = [p["limit"] for p in composite["chargingSchedule"]["chargingSchedulePeriod"]]
        assert limits == [10, 0], composite
        at = len(fake.seen)
        fake.wait("StatusNotification", status="SuspendedEVSE", since=at)
        ten = [values(p) for name, p in fake.seen[at:] if name == "MeterValues"]
        assert any(v[("Current.Import", "L1")] == 10.0 for v in ten), ten
        at = len(fake.seen)
        last = values(fake.seen[fake.wait("MeterValues", since=at)][1])
        assert last[("Current.Import", "L1")] == 0.0
        # A profile for another transaction is none of its business.
        assert fake.call("SetChargingProfile", {"connectorId": 1, "csChargingProfiles": profile(tx + 1)}) == \
            {"status": "Rejected"}
        assert fake.call("ClearChargingProfile", {"id": 1}) == {"status": "Accepted"}
        assert fake.call("ClearChargingProfile", {"id": 1}) == {"status": "Unknown"}
        fake.wait("StatusNotification", status="Charging", since=at)
        assert fake.call("RemoteStopTransaction", {"transactionId": tx + 5}) == {"status": "Rejected"}
        assert fake.call("RemoteStopTransaction", {"transactionId": tx}) == {"status": "Accepted"}
        stop = fake.seen[fake.wait("StopTransaction")][1]
        assert stop["reason"] == "Remote" and stop["transactionId"] == tx
        assert stop["meterStop"] >= reading[("Energy.Active.Import.Register", None)]
        fake.wait("StatusNotification", status="Finishing", since=at)
    summary = json.loads(sim.out)
    assert summary["sessions_started"] == 1 and summary["energy_wh"] == stop["meterStop"], summary


def keeps_its_queue_while_offline():
    fake = Fake(WARP)
    with busy(fake):
        station = fake.accept()
        start = fake.seen[fake.wait("StartTransaction")][1]
        tx = fake.next_tx
        fake.wait("MeterValues")
        station.cut()
        time.sleep(4)  # 240 s simulated
        fake.accept()
        at = len(fake.seen)
        for _ in range(3):
            at = fake.wait("MeterValues", since=at, transactionId=tx) + 1
        stamps = [p["meterValue"][0]["timestamp"] for name, p in fake.seen if name == "MeterValues"]
        assert stamps == sorted(stamps), "the queue keeps its order"
        assert len(set(stamps)) == len(stamps), "nothing is sent twice without need"
        boots = sum(name == "BootNotification" for name, _ in fake.seen)
        assert boots == 1, "a mere reconnect needs no boot (OCPP-J 5.4)"
        gaps = {stamps[i][:19] for i in range(len(stamps))}
        assert len(gaps) >= 4, stamps
        assert start["meterStart"] == 0


def repeats_what_was_not_answered():
    fake = Fake(WARP)
    fake.silent = {"StartTransaction"}
    with busy(fake):
        fake.accept()
        first = fake.wait("StartTransaction", timeout=30)
        second = fake.wait("StartTransaction", since=first + 1, timeout=30)
        assert fake.seen[first] == fake.seen[second], "the same payload"
        assert fake.ids[first] != fake.ids[second], "another message id"
        early = [name for name, _ in fake.seen[first:second] if name in ("MeterValues", "StopTransaction")]
        assert not early, "nothing overtakes the start"
        fake.silent = set()
        third = fake.wait("StartTransaction", since=second + 1, timeout=30)
        assert fake.seen[third] == fake.seen[first]
        fake.wait("MeterValues", since=third, transactionId=fake.next_tx)


def gives_up_after_attempts():
    fake = Fake(WARP)
    refused = []

    def refuse(payload):
        refused.append(payload)
        return [4, fake.ids[-1], "InternalError", "no", {}]

    fake.answers["StartTransaction"] = refuse
    with busy(fake):
        fake.accept()
        fake.wait("StatusNotification", connectorId=1, status="Available")
        assert fake.call("ChangeConfiguration", {"key": "TransactionMessageAttempts", "value": "3"})["status"] == "Accepted"
        lost = fake.wait("MeterValues", timeout=40)
        assert len(refused) == 3 and refused[0] == refused[2], refused
        assert fake.seen[lost][1]["transactionId"] == -1, "errata 3.18"


def stops_when_the_tag_is_refused():
    fake = Fake(WARP)
    fake.answers["StartTransaction"] = lambda p: {"transactionId": 77, "idTagInfo": {"status": "Blocked"}}
    with busy(fake):
        fake.accept()
        stop = fake.seen[fake.wait("StopTransaction")][1]
        assert stop["reason"] == "DeAuthorized" and stop["transactionId"] == 77, stop
        fake.wait("StatusNotification", status="Finishing")


def turns_away_unknown_tags():
    fake = Fake(WARP)
    fake.answers["Authorize"] = lambda p: {"idTagInfo": {"status": "Invalid"}}
    with busy(fake):
        fake.accept()
        asked = fake.wait("Authorize")
        fake.wait("StatusNotification", since=asked, status="Available")
        assert not any(name == "StartTransaction" for name, _ in fake.seen)


def answers_the_operator():
    fake = Fake(WARP)
    with idle(fake):
        fake.accept()
        fake.wait("StatusNotification", connectorId=1, status="Available")
        told = fake.call("GetConfiguration", {})
        names = [row["key"] for row in told["configurationKey"]]
        assert "SupportedFeatureProfiles" in names and "MeterValueSampleInterval" in names and len(names) > 25
        told = fake.call("GetConfiguration", {"key": ["NumberOfConnectors", "Nonsense"]})
        assert [row["value"] for row in told["configurationKey"]] == ["1"] and told["unknownKey"] == ["Nonsense"]
        for key, value, status in (("HeartbeatInterval", "60", "Accepted"), ("HeartbeatInterval", "x", "Rejected"),
                                   ("NumberOfConnectors", "2", "Rejected"), ("Nonsense", "1", "NotSupported")):
            assert fake.call("ChangeConfiguration", {"key": key, "value": value}) == {"status": status}, key
        for what, seen in (("Heartbeat", "Heartbeat"), ("StatusNotification", "StatusNotification"),
                           ("MeterValues", "MeterValues"), ("BootNotification", "BootNotification"),
                           ("DiagnosticsStatusNotification", "DiagnosticsStatusNotification"),
                           ("FirmwareStatusNotification", "FirmwareStatusNotification")):
            at = len(fake.seen)
            assert fake.call("TriggerMessage", {"requestedMessage": what}) == {"status": "Accepted"}, what
            fake.wait(seen, since=at)
        assert fake.call("TriggerMessage", {"requestedMessage": "MeterValues", "connectorId": 9}) == \
            {"status": "Rejected"}
        for action, payload, status in (("ClearCache", {}, "Rejected"), ("DataTransfer", {"vendorId": "x"}, "UnknownVendorId"),
                                        ("RemoteStopTransaction", {"transactionId": 1}, "Rejected"),
                                        ("UnlockConnector", {"connectorId": 1}, "Unlocked"),
                                        ("UnlockConnector", {"connectorId": 7}, "NotSupported")):
            assert fake.call(action, payload) == {"status": status}, action
        assert fake.call("ChangeConfiguration", {"key": "WebSocketPingInterval", "value": "30"}) == \
            {"status": "RebootRequired"}
        assert fake.call("Dance", {})[2] == "NotImplemented"
        assert fake.call("StartTransaction", {})[2] == "NotSupported"
        at = len(fake.seen)
        assert fake.call("ChangeAvailability", {"connectorId": 0, "type": "Inoperative"}) == {"status": "Accepted"}
        fake.wait("StatusNotification", since=at, connectorId=1, status="Unavailable")
        fake.wait("StatusNotification", since=at, connectorId=0, status="Unavailable")
        assert fake.call("RemoteStartTransaction", {"idTag": "APP", "connectorId": 1}) == {"status": "Rejected"}
        at = len(fake.seen)
        assert fake.call("ChangeAvailability", {"connectorId": 0, "type": "Operative"}) == {"status": "Accepted"}
        fake.wait("StatusNotification", since=at, connectorId=1, status="Available")


def starts_by_remote_with_a_profile():
    fake = Fake(WARP)
    with idle(fake):
        fake.accept()
        fake.wait("StatusNotification", connectorId=1, status="Available")
        at = len(fake.seen)
        assert fake.call("RemoteStartTransaction", {"idTag": "APP-1", "connectorId": 1, "chargingProfile": profile(amps=8.0)}) == \
            {"status": "Accepted"}
        assert fake.seen[fake.wait("StartTransaction", since=at)][1]["idTag"] == "APP-1"
        composite = fake.call("GetCompositeSchedule", {"connectorId": 1, "duration": 60})
        assert composite["chargingSchedule"]["chargingSchedulePeriod"][0]["limit"] == 8, composite
        assert fake.call("RemoteStartTransaction", {"idTag": "APP-2", "connectorId": 1}) == {"status": "Rejected"}
        at = len(fake.seen)
        assert fake.call("ChangeAvailability", {"connectorId": 1, "type": "Inoperative"}) == {"status": "Scheduled"}
        assert fake.call("UnlockConnector", {"connectorId": 1}) == {"status": "Unlocked"}
        assert fake.seen[fake.wait("StopTransaction", since=at)][1]["reason"] == "UnlockCommand"
        fake.wait("StatusNotification", since=at, connectorId=1, status="Unavailable")


def resets_and_keeps_its_profiles():
    fake = Fake(WARP)
    with busy(fake):
        station = fake.accept()
        fake.wait("StatusNotification", connectorId=1, status="Available")
        fake.call("SetChargingProfile", {"connectorId": 1, "csChargingProfiles":
                                         profile(purpose="TxDefaultProfile", amps=7.0, ident=11)})
        fake.wait("StartTransaction")
        at = len(fake.seen)
        assert fake.call("Reset", {"type": "Hard"}) == {"status": "Accepted"}
        try:
            stop = fake.seen[fake.wait("StopTransaction", since=at)][1]
            assert stop["reason"] == "HardReset", stop
            fake.pump(20)
            raise AssertionError("it did not restart")
        except Closed:
            pass
        station.cut()
        fake.accept()
        at = fake.wait("BootNotification", since=at)
        fake.wait("StatusNotification", since=at, connectorId=0)
        composite = fake.call("GetCompositeSchedule", {"connectorId": 1, "duration": 60})
        assert composite["chargingSchedule"]["chargingSchedulePeriod"][0]["limit"] == 7, "errata 3.37"


def takes_its_clock():
    fake = Fake(WARP, start=1000000000.0)  # 2001
    with idle(fake):
        fake.accept()
        at = fake.wait("StatusNotification", connectorId=1)
        assert fake.seen[at][1]["timestamp"].startswith("2001-09-09T01:4"), fake.seen[at]


def boots_again_when_asked_by_security_error():
    fake = Fake(WARP)
    with idle(fake):
        fake.accept()
        fake.wait("StatusNotification", connectorId=1)
        fake.answers["Heartbeat"] = lambda p: [4, fake.ids[-1], "SecurityError", "who are you?", {}]
        at = fake.wait("Heartbeat")
        fake.wait("BootNotification", since=at)


def sees_what_is_allowed():
    """The oracle: the largest sum of what is allowed is kept with its cause, from the first millisecond on."""
    folder = tempfile.mkdtemp(prefix="noxsim-test-")
    site = write_site(folder, limit=10)
    fake = Fake(WARP)
    trace = os.path.join(folder, "trace.csv")
    with run(fake, "--arrivals-per-hour", "2000", "--settle", "120", "--cars", "three-phase", "--trace", trace, site=site) as sim:
        fake.accept()
        fake.wait("StatusNotification", connectorId=1, status="Available")
        fake.call("SetChargingProfile", {"connectorId": 1, "csChargingProfiles":
                                         profile(purpose="TxDefaultProfile", amps=6.0, ident=11)})
        fake.wait("StatusNotification", status="Charging")
        fake.pump(1)
        fake.call("SetChargingProfile", {"connectorId": 1, "csChargingProfiles": profile(fake.next_tx, 14.0)})
        fake.call("SetChargingProfile", {"connectorId": 1, "csChargingProfiles": profile(fake.next_tx, 8.0)})
        fake.pump(2)
    nodes = json.loads(sim.out)["nodes"]
    assert [n["max_may_ma"] for n in nodes] == [14000] * 3, nodes
    assert all(n["times_over_limit"] == 1 and n["limit_ma"] == 10000 for n in nodes), nodes
    assert "N L1: 14000 mA allowed of 10000 mA, after a change at L001" in json.loads(sim.out)["first_excess"]
    with open(trace, encoding="utf-8") as file:
        lines = file.read().splitlines()
    assert lines[0] == "at,node,phase,may_ma,draw_ma,want_ma,limit_ma,peak_may_ma"
    may = [int(line.split(",")[3]) for line in lines[1:]]
    draw = [int(line.split(",")[4]) for line in lines[1:]]
    assert {6000, 8000} <= set(may), set(may)
    assert 6000 in draw and draw[-1] == 8000 and lines[-1].split(",")[5] == "16000", lines[-3:]


def has_two_outlets():
    folder = tempfile.mkdtemp(prefix="noxsim-test-")
    site = write_site(folder, connectors=[{"id": 1}, {"id": 2}])
    fake = Fake(WARP)
    with run(fake, "--arrivals-per-hour", "2000", "--settle", "120", site=site):
        fake.accept()
        fake.wait("StatusNotification", connectorId=2, status="Available")
        ceiling = profile(purpose="ChargePointMaxProfile", amps=20.0, ident=5)
        assert fake.call("SetChargingProfile", {"connectorId": 0, "csChargingProfiles": ceiling})["status"] == "Accepted"
        for key, value in (("MeterValueSampleInterval", "0"), ("ClockAlignedDataInterval", "120"),
                           ("StopTxnSampledData", "Energy.Active.Import.Register")):
            assert fake.call("ChangeConfiguration", {"key": key, "value": value})["status"] == "Accepted"
        fake.wait("StartTransaction", connectorId=1)
        fake.wait("StartTransaction", connectorId=2)
        both = fake.call("GetCompositeSchedule", {"connectorId": 0, "duration": 60})
        one = fake.call("GetCompositeSchedule", {"connectorId": 2, "duration": 60})
        assert both["chargingSchedule"]["chargingSchedulePeriod"][0]["limit"] == 20, both
        assert one["chargingSchedule"]["chargingSchedulePeriod"][0]["limit"] == 10, one
        aligned = fake.seen[fake.wait("MeterValues")][1]["meterValue"][0]
        assert aligned["sampledValue"][0]["context"] == "Sample.Clock", aligned
        assert int(aligned["timestamp"][14:16]) % 2 == 0 and aligned["timestamp"][17:19] == "00", aligned["timestamp"]
        assert fake.call("RemoteStopTransaction", {"transactionId": fake.next_tx})["status"] == "Accepted"
        data = fake.seen[fake.wait("StopTransaction")][1]["transactionData"]
        contexts = [d["sampledValue"][0]["context"] for d in data]
        assert contexts == ["Transaction.Begin", "Transaction.End"], data
        left = fake.call("GetCompositeSchedule", {"connectorId": 0, "duration": 60})
        assert left["chargingSchedule"]["chargingSchedulePeriod"][0]["limit"] == 20, left


def replays_exactly():
    fake = Fake(20000, start=1793487600.0)
    path = os.path.join(FOLDER, "recorded.csv")
    with open(path, "w", encoding="utf-8") as out:
        out.write("plugin_time,plugout_time,energy_kwh\n2026-11-01 01:00,2026-11-01 05:00,12.34\n"
                  "2026-11-01 05:00,2026-11-01 05:00,0.01\n2026-11-01 06:00,2026-11-02 05:01,7.001\n"
                  "2026-10-30 06:00,2026-10-31 05:01,7.001\n2026-11-01 08:00,,1\n")
    report = os.path.join(FOLDER, "report.json")
    with Sim("replay", path, "--url", fake.url, "--site", SITE, "--time-warp", "20000", "--month", "2026-11", "--report",
             report) as sim:
        fake.accept()
        try:
            fake.pump(40)
        except Closed:
            pass
    starts = [p for name, p in fake.seen if name == "StartTransaction"]
    stops = [p for name, p in fake.seen if name == "StopTransaction"]
    assert [p["timestamp"] for p in starts] == ["2026-11-01T00:00:00.000Z", "2026-11-01T04:00:00.000Z", "2026-11-01T05:00:00.000Z"]
    assert [p["timestamp"] for p in stops] == ["2026-11-01T04:00:00.000Z", "2026-11-01T04:00:00.000Z", "2026-11-02T04:01:00.000Z"]
    assert [b["meterStop"] - a["meterStart"] for a, b in zip(starts, stops)] == [12340, 10, 7001]
    meters = [p["meterValue"][0]["timestamp"] for name, p in fake.seen if name == "MeterValues"]
    assert len(meters) == 15 + 92 and all(stamp[14:16] in ("00", "15", "30", "45") for stamp in meters), len(meters)
    summary = json.loads(sim.out)
    assert summary["stops_confirmed"] == 3 and summary["energy_wh"] == 19351
    with open(report, encoding="utf-8") as file:
        assert json.load(file) == summary


def says_what_is_wrong():
    for words, code, text in ((["replay", "/nowhere.csv", "--url", "ws://127.0.0.1:1/ocpp", "--site", SITE], 1, "/nowhere.csv"),
                              (["run", "--url", "ws://127.0.0.1:1/ocpp", "--site", "/nowhere.json"], 1, "/nowhere.json"),
                              (["run", "--url", "http://x", "--site", SITE], 1, "ws://"),
                              (["run", "--url", "ws://x", "--site", SITE, "--keys", SITE], 1, "station,key"),
                              (["run", "--frobnicate"], 2, "--frobnicate"), ([], 2, "--help")):
        done = subprocess.run([os.path.join(BIN, "noxsim"), *words], capture_output=True, text=True, timeout=20, check=False)
        assert done.returncode == code and text in done.stderr and "Sanitizer" not in done.stderr, (words, done)
    # Nobody listens: it says so and goes on trying.
    fake = Fake()
    fake.listener.close()
    with Sim("connect", "--url", fake.url, "--stations", "1", "--duration", "2", expect=1) as sim:
        sim.process.wait(20)
    assert "SIM-0001 cannot connect" in sim.text and "running at --url?" in sim.text, sim.text
    assert "accepted no station" in sim.text


def ends_without_a_ghost():
    """SIGTERM stops the session; the meter stands still between sessions and goes on in the next run."""
    state = os.path.join(tempfile.mkdtemp(prefix="noxsim-test-"), "state.csv")
    registers = []
    for round_ in range(2):
        fake = Fake(WARP)
        with run(fake, "--plugged", "1", "--arrivals-per-hour", "600", "--stay-hours", "0.05", "--state", state) as sim:
            fake.accept()
            at = fake.wait("StatusNotification", connectorId=1, status="Available")
            for _ in range(4):
                at = fake.wait("StopTransaction", since=at + 1, timeout=40)
            start = fake.wait("StartTransaction", since=at, timeout=40)
            sim.process.terminate()
            stop = fake.seen[fake.wait("StopTransaction", since=start, timeout=5)][1]
            assert stop["reason"] == "Reboot" and stop["transactionId"] == fake.next_tx, stop
            try:
                fake.pump(5)
            except Closed:
                pass
            sim.process.wait(2)
        summary = json.loads(sim.out)
        assert summary["sessions_started"] == summary["stops_confirmed"] > 4, summary
        registers += [p.get("meterStart", p.get("meterStop")) for name, p in fake.seen if name.endswith("Transaction")]
        with open(state, encoding="utf-8") as file:
            assert file.read() == f'station,connector,register_wh\n"L001",1,{registers[-1]}\n'
        assert not os.path.exists(state + ".new")
    assert registers[0] == 0 and registers[-1] > 0
    assert registers[1:-1:2] == registers[2::2], registers  # each session begins where the last one ended


def ends_although_nobody_answers():
    """At most 3 s for the last messages; at once with nothing to tell, or when nothing can be connected."""
    fake = Fake(WARP)
    with busy(fake) as sim:
        fake.accept()
        fake.wait("StartTransaction")
        began = time.monotonic()
        sim.process.terminate()
        sim.process.wait(10)
        assert 2.5 < time.monotonic() - began < 6
    deaf = socket.create_server(("127.0.0.1", 0))
    for port in (1, deaf.getsockname()[1]):
        for scheme in ("ws", "wss"):
            with Sim("run", "--url", f"{scheme}://127.0.0.1:{port}/ocpp", "--site", SITE, "--time-warp", str(WARP), "--plugged", "1") as sim:
                time.sleep(1)
                began = time.monotonic()
                sim.process.terminate()
                sim.process.wait(10)
                assert time.monotonic() - began < 2, (scheme, port)


def refuses_a_state_it_cannot_read():
    path = os.path.join(FOLDER, "bad-state.csv")
    for text, part in (("station,register_wh\nL001,5\n", "station,connector,register_wh"),
                       ("station,connector,register_wh\nL001,1,-5\n", "line 2"),
                       ("station,connector,register_wh\nL001,1,\n", "line 2"),
                       ("station,connector,register_wh\nL001,one,7\n", "line 2")):
        with open(path, "w", encoding="utf-8") as out:
            out.write(text)
        done = subprocess.run([os.path.join(BIN, "noxsim"), "run", "--url", "ws://127.0.0.1:1/ocpp", "--site", SITE, "--state", path],
                              capture_output=True, text=True, timeout=20, check=False)
        assert done.returncode == 1 and part in done.stderr and "Sanitizer" not in done.stderr, (text, done)


STORIES = [ends_without_a_ghost,  # the longest first
           boots_and_tells, waits_while_pending_and_rejected, charges_as_it_may, keeps_its_queue_while_offline,
           repeats_what_was_not_answered, gives_up_after_attempts, stops_when_the_tag_is_refused, turns_away_unknown_tags,
           answers_the_operator, starts_by_remote_with_a_profile, resets_and_keeps_its_profiles, takes_its_clock,
           boots_again_when_asked_by_security_error, sees_what_is_allowed,
           has_two_outlets, replays_exactly, ends_although_nobody_answers,
           refuses_a_state_it_cannot_read, says_what_is_wrong]

if __name__ == "__main__":
    tell(STORIES, sys.argv[1:])
