"""What a station does beyond the Core profile, against a central system of a few lines: the local authorization list,
reservations, firmware, diagnostics.  Each function tells one story.

   features_test.py [STORY...]
"""
import http.server
import os
import re
import sys
import tempfile
import threading
import time

from fake_csms import Closed, Fake, Sim, tell, utc, write_site

WARP = 60
FOLDER = tempfile.mkdtemp(prefix="noxsim-test-")
SITE = write_site(FOLDER)


def run(fake, *words, site=SITE):
    return Sim("run", "--url", fake.url, "--site", site, "--time-warp", str(WARP), "--seed", "3", *words)


def busy(fake, *words):
    return run(fake, "--arrivals-per-hour", "2000", "--settle", "120", *words)


def idle(fake, *words, **more):
    return run(fake, "--arrivals-per-hour", "0", *words, **more)


def ready(fake, connector=1):
    fake.accept()
    return fake.wait("StatusNotification", connectorId=connector, status="Available")


def entries(*tags, status="Accepted", **info):
    return [{"idTag": tag, "idTagInfo": {"status": status, **info}} for tag in tags]


def send_list(fake, version, kind, rows=None):
    payload = {"listVersion": version, "updateType": kind}
    if rows is not None:
        payload["localAuthorizationList"] = rows
    return fake.call("SendLocalList", payload)["status"]


def keeps_a_local_list():
    fake = Fake(WARP)
    state = os.path.join(FOLDER, "meters.csv")
    words = ("--state", state, "--list-per-message", "3", "--list-max", "4")
    with idle(fake, *words):
        ready(fake)
        assert fake.call("GetLocalListVersion", {}) == {"listVersion": 0}
        keys = fake.call("GetConfiguration", {"key": ["LocalAuthListMaxLength", "SendLocalListMaxLength",
                                                      "LocalAuthListEnabled", "SupportedFeatureProfiles"]})
        told = {row["key"]: row["value"] for row in keys["configurationKey"]}
        assert told["LocalAuthListMaxLength"] == "4" and told["SendLocalListMaxLength"] == "3", told
        assert "LocalAuthListManagement" in told["SupportedFeatureProfiles"]
        assert send_list(fake, 5, "Full", entries("A", "B")) == "Accepted"
        assert fake.call("GetLocalListVersion", {}) == {"listVersion": 5}
        assert send_list(fake, 5, "Differential", entries("C")) == "VersionMismatch"
        assert send_list(fake, 6, "Differential", entries("C", "c")) == "Failed"
        assert send_list(fake, 6, "Full", [{"idTag": "X"}]) == "Failed", "a full list needs idTagInfo"
        assert send_list(fake, 6, "Differential", entries("1", "2", "3", "4")) == "Failed", "too many in a message"
        assert send_list(fake, 6, "Differential", entries("1", "2", "3")) == "Failed", "too many in the list"
        assert send_list(fake, 6, "Differential", [{"idTag": "A"}] + entries("C")) == "Accepted"
    lists = os.listdir(state + ".lists")
    assert lists == ["L001.list"], lists
    with open(os.path.join(state + ".lists", "L001.list"), encoding="utf-8") as file:
        assert [line.split(",")[1] for line in file.read().splitlines()] == ["6", "B", "C"]
    with idle(fake, *words):
        ready(fake)
        assert fake.call("GetLocalListVersion", {}) == {"listVersion": 6}, "the list outlasts the run"
        assert send_list(fake, 7, "Full") == "Accepted"
        assert fake.call("GetLocalListVersion", {}) == {"listVersion": 0}, "an empty list"


def ten_thousand_entries():
    fake = Fake(WARP)
    with idle(fake):
        ready(fake)
        for part in range(10):
            rows = entries(*[f"T{part:02d}{i:03d}" for i in range(1000)], parentIdTag="FLEET",
                           expiryDate="2030-01-01T00:00:00Z")
            assert send_list(fake, part + 1, "Full" if part == 0 else "Differential", rows) == "Accepted"
        assert fake.call("GetLocalListVersion", {}) == {"listVersion": 10}
        assert send_list(fake, 11, "Differential", entries("ONE-TOO-MANY")) == "Failed"


def authorizes_by_the_list():
    """At once when it may, offline, and not whom the list refuses; a contradiction is told."""
    fake = Fake(WARP)
    with busy(fake):
        ready(fake)
        assert send_list(fake, 1, "Full", entries("TAG1")) == "Accepted"
        fake.call("ChangeConfiguration", {"key": "LocalPreAuthorize", "value": "true"})
        fake.answers["StartTransaction"] = lambda p: {"transactionId": 9, "idTagInfo": {"status": "Blocked"}}
        fake.wait("StartTransaction")
        assert not any(name == "Authorize" for name, _ in fake.seen), "the list knows the tag"
        fake.wait("StatusNotification", errorCode="LocalListConflict")
        assert fake.seen[fake.wait("StopTransaction")][1]["reason"] == "DeAuthorized"
        fake.call("ChangeConfiguration", {"key": "LocalPreAuthorize", "value": "false"})
        at = len(fake.seen)
        fake.wait("Authorize", since=at, timeout=40)


def offline_the_list_decides():
    fake = Fake(WARP)
    with busy(fake, "--settle", "400"):
        station = fake.accept()
        fake.wait("StatusNotification", connectorId=1, status="Available")
        assert send_list(fake, 1, "Full", entries("TAG1", status="Blocked")) == "Accepted"
        for key, value in (("AllowOfflineTxForUnknownId", "true"), ("LocalAuthorizeOffline", "true")):
            assert fake.call("ChangeConfiguration", {"key": key, "value": value})["status"] == "Accepted"
        station.cut()
        time.sleep(9)  # a car comes at 400 s; the link is back after some seconds more
        fake.accept()
        fake.pump(1)
        starts = [p for name, p in fake.seen if name == "StartTransaction"]
        begun = fake.start + 400
        assert all(p["timestamp"] > utc(begun + 60) for p in starts), "no offline start with a blocked tag"


def reserves():
    folder = tempfile.mkdtemp(prefix="noxsim-test-")
    site = write_site(folder, connectors=[{"id": 1}, {"id": 2}])
    fake = Fake(WARP)

    def reserve(ident, connector, seconds=3600, tag="TAG1", **more):
        return fake.call("ReserveNow", {"connectorId": connector, "expiryDate": utc(fake.now() + seconds), "idTag": tag,
                                        "reservationId": ident, **more})["status"]

    with idle(fake, site=site):
        ready(fake, 2)
        at = len(fake.seen)
        assert reserve(1, 1, tag="APP", parentIdTag="FLEET") == "Accepted"
        fake.wait("StatusNotification", since=at, connectorId=1, status="Reserved")
        assert reserve(2, 1) == "Occupied"
        assert reserve(2, 9) == "Rejected"
        assert reserve(2, 2, seconds=-5) == "Rejected"
        # Somebody else may not start there, the owner may and says so.
        assert fake.call("RemoteStartTransaction", {"idTag": "OTHER", "connectorId": 1}) == {"status": "Rejected"}
        assert fake.call("RemoteStartTransaction", {"idTag": "app", "connectorId": 1}) == {"status": "Accepted"}
        start = fake.seen[fake.wait("StartTransaction", since=at)][1]
        assert start["reservationId"] == 1, start
        assert fake.call("CancelReservation", {"reservationId": 1}) == {"status": "Rejected"}, "it is used up"
        assert reserve(3, 1) == "Occupied"
        # Expiry.
        at = len(fake.seen)
        assert reserve(4, 2, seconds=90) == "Accepted"
        reserved = fake.wait("StatusNotification", since=at, connectorId=2, status="Reserved")
        fake.wait("StatusNotification", since=reserved, connectorId=2, status="Available")
        # Replaced by the same id, then cancelled.
        assert reserve(5, 2, tag="APP2") == "Accepted" and reserve(5, 2, tag="APP3") == "Accepted"
        assert fake.call("RemoteStartTransaction", {"idTag": "APP2", "connectorId": 2}) == {"status": "Rejected"}
        at = len(fake.seen)
        assert fake.call("CancelReservation", {"reservationId": 5}) == {"status": "Accepted"}
        fake.wait("StatusNotification", since=at, connectorId=2, status="Available")
        # Any connector: the only free one is held.
        assert reserve(6, 0, tag="APP4") == "Accepted"
        assert reserve(7, 0) == "Occupied"
        fake.wait("StatusNotification", since=at, connectorId=2, status="Reserved")
        # Out of order: the reservation is gone.
        assert fake.call("ChangeAvailability", {"connectorId": 0, "type": "Inoperative"})["status"] == "Scheduled"
        assert reserve(8, 2) == "Unavailable"
        assert fake.call("CancelReservation", {"reservationId": 6}) == {"status": "Rejected"}


class Files:
    """A web server: gives `content`, cuts and refuses as told, keeps what it is sent."""

    def __init__(self, content=b"", cuts=0, honours_range=True, refuses=(), status=200):
        self.content, self.cuts, self.honours_range = content, cuts, honours_range
        self.refuses, self.status = refuses, status
        self.shift, self.chunked, self.says_length = 0, False, True
        self.asked, self.got = [], {}
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                outer.asked.append(("GET", self.headers.get("Range")))
                if outer.status != 200:
                    self.send_error(outer.status)
                    return
                first = 0
                if outer.honours_range and self.headers.get("Range"):
                    first = int(re.match(r"bytes=(\d+)-", self.headers["Range"]).group(1))
                part = outer.content[first:]
                self.send_response(206 if first else 200)
                if first:
                    told = first + outer.shift
                    self.send_header("Content-Range", f"bytes {told}-{len(outer.content) - 1}/{len(outer.content)}")
                if outer.chunked:
                    self.send_header("Transfer-Encoding", "chunked")
                elif outer.says_length:
                    self.send_header("Content-Length", str(len(part)))
                else:
                    self.close_connection = True
                self.end_headers()
                if outer.chunked:
                    for at in range(0, len(part), 7000):
                        piece = part[at:at + 7000]
                        self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
                    self.wfile.write(b"0\r\n\r\n")
                    return
                if outer.cuts > 0:
                    outer.cuts -= 1
                    self.wfile.write(part[:len(part) // 2])
                    self.close_connection = True
                    return
                self.wfile.write(part)

            def store(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                outer.asked.append((self.command, None))
                refused = self.command in outer.refuses
                if not refused:
                    outer.got[self.path] = body
                self.send_response(405 if refused else 201)
                self.send_header("Content-Length", "0")
                self.end_headers()

            do_PUT = do_POST = store

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


def statuses(fake, action, since=0):
    return [p["status"] for name, p in fake.seen[since:] if name == action]


def update(fake, url, **more):
    assert fake.call("UpdateFirmware", {"location": url, "retrieveDate": fake.now_text(), **more}) == {}


def booted(fake, since, timeout=30):
    """Through the restart of an installation: the payload of the boot."""
    try:
        fake.pump(timeout)
        raise AssertionError(f"it did not restart; seen {fake.seen[since:]}")
    except Closed:
        pass
    fake.accept()
    return fake.seen[fake.wait("BootNotification", since=since)][1]


def installs_firmware():
    fake = Fake(WARP)
    files = Files(b"version: 2.5.1\n" + os.urandom(300000), cuts=2)
    with idle(fake, "--fault", "download-cut=0.5"):
        ready(fake)
        at = len(fake.seen)
        update(fake, files.url + "/files/lamp.bin")
        boot = booted(fake, at)
        assert boot["firmwareVersion"] == "2.5.1", boot
        fake.wait("FirmwareStatusNotification", since=at, status="Installed")
        assert statuses(fake, "FirmwareStatusNotification", at) == ["Downloading", "Downloaded", "Installing", "Installed"]
        names = [(name, p.get("status")) for name, p in fake.seen[at:]]
        assert names.index(("StatusNotification", "Unavailable")) < names.index(("FirmwareStatusNotification", "Installing"))
        fake.wait("StatusNotification", since=at, connectorId=1, status="Available")
        assert len(files.asked) >= 3 and files.asked[1][1], files.asked
        at = len(fake.seen)
        assert fake.call("TriggerMessage", {"requestedMessage": "FirmwareStatusNotification"})["status"] == "Accepted"
        fake.wait("FirmwareStatusNotification", since=at, status="Idle")


def starts_over_where_there_are_no_ranges():
    fake = Fake(WARP)
    files = Files(os.urandom(100000), cuts=1, honours_range=False)
    with idle(fake):
        ready(fake)
        at = len(fake.seen)
        update(fake, files.url + "/x/lamp-7.bin?token=1")
        assert booted(fake, at)["firmwareVersion"] == "lamp-7.bin", "without a version line the name counts"


def takes_what_servers_send():
    """Chunks; a part that is not the one asked for, which is no part of the file; no length at all."""
    fake = Fake(WARP)
    content = b"version: %d\n" + os.urandom(60000)
    with idle(fake):
        ready(fake)
        for number, setting in ((1, {"chunked": True}), (2, {"shift": 5}), (3, {"says_length": False})):
            files = Files(content.replace(b"%d", b"%d" % number), cuts=1 if "shift" in setting else 0)
            for name, value in setting.items():
                setattr(files, name, value)
            at = len(fake.seen)
            update(fake, files.url + "/x", retries=1, retryInterval=1)
            assert booted(fake, at)["firmwareVersion"] == str(number), setting
            fake.wait("FirmwareStatusNotification", since=at, status="Installed")
            if "shift" in setting:
                assert [part for _, part in files.asked][2:] == [None], ("begun anew", files.asked)


def says_when_a_download_fails():
    fake = Fake(WARP)
    gone, endless = Files(status=404), Files(os.urandom(1000), cuts=1000)
    with idle(fake):
        ready(fake)
        for url, attempts in ((gone.url + "/x", 3), (endless.url + "/x", 2), ("ftp://127.0.0.1/x", 0),
                              ("http://127.0.0.1:9/x", 0)):
            at = len(fake.seen)
            update(fake, url, retries=2, retryInterval=1)
            fake.wait("FirmwareStatusNotification", since=at, status="DownloadFailed", timeout=30)
            assert statuses(fake, "FirmwareStatusNotification", at) == ["Downloading", "DownloadFailed"]
            assert attempts in (0, len(gone.asked)) or len(endless.asked) >= attempts, (gone.asked, endless.asked)
        assert not any(name == "BootNotification" for name, _ in fake.seen[1:])


def bad_firmware_does_not_start():
    fake = Fake(WARP)
    files = Files(b"version: 9\n")
    with idle(fake, "--bad-firmware", "1", "--firmware", "1.4", "--vendor", "ACME", "--model", "Lamp 3"):
        ready(fake)
        assert fake.seen[0][1]["chargePointVendor"] == "ACME" and fake.seen[0][1]["chargePointModel"] == "Lamp 3"
        at = len(fake.seen)
        update(fake, files.url + "/x")
        assert booted(fake, at)["firmwareVersion"] == "1.4"
        fake.wait("FirmwareStatusNotification", since=at, status="InstallationFailed")


def a_session_delays_the_installation():
    fake = Fake(WARP)
    files = Files(b"version: 3\n")
    with busy(fake):
        ready(fake)
        fake.wait("StartTransaction")
        at = len(fake.seen)
        update(fake, files.url + "/x")
        fake.wait("FirmwareStatusNotification", since=at, status="Downloaded")
        fake.pump(2)
        assert "Installing" not in statuses(fake, "FirmwareStatusNotification", at)
        fake.call("RemoteStopTransaction", {"transactionId": fake.next_tx})
        fake.wait("StopTransaction", since=at)
        assert booted(fake, at)["firmwareVersion"] == "3"


def delivers_diagnostics():
    fake = Fake(WARP)
    files, old, none = Files(), Files(refuses=("PUT",)), Files(refuses=("PUT", "POST"))
    with idle(fake):
        ready(fake)
        for server, last in ((files, "Uploaded"), (old, "Uploaded"), (none, "UploadFailed")):
            at = len(fake.seen)
            name = fake.call("GetDiagnostics", {"location": server.url + "/in/"})["fileName"]
            assert name == "diagnostics-L001.txt", name
            fake.wait("DiagnosticsStatusNotification", since=at, status=last)
            assert statuses(fake, "DiagnosticsStatusNotification", at) == ["Uploading", last]
        text = files.got["/in/diagnostics-L001.txt"].decode()
        assert "station: L001" in text and "HeartbeatInterval = 300" in text, text
        assert old.asked == [("PUT", None), ("POST", None)], old.asked
        at = len(fake.seen)
        fake.call("GetDiagnostics", {"location": "ftp://127.0.0.1/"})
        fake.wait("DiagnosticsStatusNotification", since=at, status="UploadFailed")
        assert fake.call("GetDiagnostics", {"location": files.url, "startTime": utc(fake.now() + 1e6)}) == {}


def delivers_logs():
    fake = Fake(WARP)
    files = Files()
    with idle(fake):
        ready(fake)

        def get(ident, url, kind="DiagnosticsLog"):
            return fake.call("GetLog", {"log": {"remoteLocation": url}, "logType": kind, "requestId": ident})

        at = len(fake.seen)
        assert get(11, files.url + "/up/a.txt", "SecurityLog") == {"status": "Accepted", "filename": "security-L001.txt"}
        fake.wait("LogStatusNotification", since=at, status="Uploading", requestId=11)
        fake.wait("LogStatusNotification", since=at, status="Uploaded", requestId=11)
        assert "/up/a.txt" in files.got
        assert get(12, files.url + "/up/b.txt")["status"] == "Accepted"
        assert get(13, files.url + "/up/c.txt")["status"] == "AcceptedCanceled"
        fake.wait("LogStatusNotification", since=at, status="Uploaded", requestId=13)
        assert "/up/b.txt" not in files.got and "/up/c.txt" in files.got
        assert get(14, "sftp://x/y")["status"] == "Accepted"
        fake.wait("LogStatusNotification", since=at, status="NotSupportedOperation", requestId=14)


def by_hand(fake, *lines, expect=0, words=()):
    return Sim("station", "--url", fake.url, "--id", "CP 7", "--time-warp", str(WARP), *words, lines=lines, expect=expect)


def gone(fake, timeout=30):
    try:
        fake.pump(timeout)
        raise AssertionError("the station does not end")
    except Closed:
        pass


def is_led_by_hand():
    fake = Fake(WARP)
    fake.answers["Authorize"] = lambda p: {"idTagInfo": {"status": "Accepted", "parentIdTag": "FLEET"}}
    lines = ("plug 2", "tap A 2", "wait TriggerMessage 600", "tap B 2", "sleep 30", "fault GroundFailure 1", "sleep 10",
             "fault NoError", "unplug 2", 'send DataTransfer {"vendorId": "v", "data": "1 2"}', "sleep 20", "# the end")
    with by_hand(fake, *lines, words=("--connectors", "2", "--key", "secret")) as sim:
        station = fake.accept()
        assert station.path == "/ocpp/CP%207" and station.headers["authorization"] == "Basic Q1AgNzpzZWNyZXQ="
        start = fake.seen[fake.wait("StartTransaction", connectorId=2, idTag="A")][1]
        fake.pump(0.3)
        assert not any(name == "StopTransaction" for name, _ in fake.seen), "the next command waits"
        fake.call("TriggerMessage", {"requestedMessage": "Heartbeat"})
        stop = fake.seen[fake.wait("StopTransaction", idTag="B")][1]
        assert stop["reason"] == "Local" and start["idTag"] == "A", "a tag of the same group stops the session"
        at = fake.wait("StatusNotification", connectorId=1, status="Faulted", errorCode="GroundFailure")
        fake.wait("StatusNotification", connectorId=1, status="Available", errorCode="NoError", since=at)
        fake.wait("DataTransfer", vendorId="v", data="1 2")
        gone(fake)
        out = sim.finish()
    assert "> [2," in out and "< [3," in out, out


def nothing_starves_behind_an_event():
    """A central system that never answers some calls gets the others."""
    fake = Fake(WARP)
    fake.silent = {"SecurityEventNotification"}
    with by_hand(fake, "plug", "tap A", "sleep 600", words=("--security-events",)):
        fake.accept()
        fake.wait("StartTransaction", timeout=12)
        fake.silent = set()
        at = len(fake.seen)
        fake.wait("SecurityEventNotification", since=at, timeout=12)
        gone(fake)


def a_wait_in_vain_fails():
    fake = Fake(WARP)
    with by_hand(fake, "dance", "wait Reset 60", "send X nonsense", expect=1) as sim:
        fake.accept()
        gone(fake)
        out = sim.finish()
    for part in ("no such command, try help: dance", "waited in vain for: Reset", "no JSON object: nonsense"):
        assert part in out, out


def reservations_by_hand():
    """TC_053: another tag of the same parent uses the reservation; a stranger does not; a fault ends it."""
    fake = Fake(WARP)
    groups = {"OWNER": "FLEET", "MATE": "FLEET", "STRANGER": "OTHER"}
    fake.answers["Authorize"] = lambda p: {"idTagInfo": {"status": "Accepted", "parentIdTag": groups[p["idTag"]]}}
    lines = ("wait ReserveNow 600", "plug", "tap STRANGER", "sleep 20", "tap MATE", "wait Heartbeat 60")
    with by_hand(fake, *lines, expect=1) as sim:
        ready(fake)
        assert fake.call("ReserveNow", {"connectorId": 1, "expiryDate": utc(fake.now() + 9000), "idTag": "OWNER",
                                        "parentIdTag": "FLEET", "reservationId": 77})["status"] == "Accepted"
        fake.wait("StatusNotification", status="Reserved")
        start = fake.seen[fake.wait("StartTransaction")][1]
        assert start["idTag"] == "MATE" and start["reservationId"] == 77, start
        gone(fake)
        sim.finish()
    fake = Fake(WARP)
    with by_hand(fake, "wait ReserveNow 600", "fault OtherError", "wait CancelReservation 600", "sleep 5"):
        ready(fake)
        assert fake.call("ReserveNow", {"connectorId": 1, "expiryDate": utc(fake.now() + 9000), "idTag": "OWNER",
                                        "reservationId": 78})["status"] == "Accepted"
        fake.wait("StatusNotification", status="Faulted")
        assert fake.call("ReserveNow", {"connectorId": 1, "expiryDate": utc(fake.now() + 9000), "idTag": "OWNER",
                                        "reservationId": 79})["status"] == "Faulted"
        assert fake.call("CancelReservation", {"reservationId": 78}) == {"status": "Rejected"}
        gone(fake)


def has_quirks():
    fake = Fake(WARP)
    quirks = ["no-subprotocol", "trailing-slash", "numeric-ids", "null-fields", "extra-fields", "long-fields", "empty-vendor",
              "no-zone", "kwh", "number-values", "lower-case", "odd-errors", "no-tx-id"]
    words = [word for quirk in quirks for word in ("--quirk", quirk)]
    with by_hand(fake, "plug", "tap A", "sleep 200", "unplug", words=words):
        station = fake.accept()
        assert station.path == "/ocpp/CP%207/" and "sec-websocket-protocol" not in station.headers
        boot = fake.seen[fake.wait("BootNotification")][1]
        assert boot["chargePointVendor"] == "" and len(boot["chargePointSerialNumber"]) > 25, boot
        assert boot["iccid"] is None and boot["vendorSpecific"] == {"isExtra": True}
        assert isinstance(fake.ids[0], int), fake.ids
        status = fake.seen[fake.wait("StatusNotification", connectorId=1, status="available")][1]
        assert status["errorCode"] == "noerror" and not status["timestamp"].endswith("Z"), status
        reading = fake.seen[fake.wait("MeterValues")][1]
        assert reading["transactionId"] is None, "left out, so null"
        energy = reading["meterValue"][0]["sampledValue"][0]
        assert energy["unit"] == "kWh" and isinstance(energy["value"], float), energy
        fake.next_id += 1
        station.send([2, "odd", "Dance", {}])
        while "odd" not in fake.results:
            fake.pump(0.1)
        assert len(fake.results["odd"]) == 3, fake.results
        fake.wait("StopTransaction")
        gone(fake)


def boots_never_or_always():
    for quirk, wanted in (("no-boot", 0), ("always-boot", 2)):
        fake = Fake(WARP)
        with by_hand(fake, "sleep 20", "offline 5", "sleep 60", words=("--quirk", quirk, "--quirk", "same-ids")):
            fake.accept()
            fake.wait("StatusNotification", connectorId=1)
            first = fake.ids[0]
            try:
                fake.pump(20)
            except Closed:
                pass
            at = len(fake.seen)
            fake.accept()
            fake.wait("BootNotification" if wanted else "Heartbeat", since=at)
            assert fake.ids[at] == first == "1", fake.ids
            assert sum(name == "BootNotification" for name, _ in fake.seen) == wanted, (quirk, fake.seen)
            gone(fake)


def takes_the_profiles_it_can():
    fake = Fake(WARP)

    def send(ident, unit, limit, level=0, **more):
        profile = {"chargingProfileId": ident, "stackLevel": level, "chargingProfilePurpose": "TxDefaultProfile",
                   "chargingProfileKind": "Absolute", "chargingSchedule": {
                       "chargingRateUnit": unit, "chargingSchedulePeriod": [{"startPeriod": 0, "limit": limit, **more}]}}
        return fake.call("SetChargingProfile", {"connectorId": 1, "csChargingProfiles": profile})["status"]

    with busy(fake, "--rate-unit", "A", "--max-profiles", "1", "--switch-3to1", "--cars", "three-phase"):
        ready(fake)
        keys = fake.call("GetConfiguration", {"key": [
            "ChargingScheduleAllowedChargingRateUnit", "MaxChargingProfilesInstalled", "ConnectorSwitch3to1PhaseSupported"]})
        assert [row["value"] for row in keys["configurationKey"]] == ["Current", "1", "true"], keys
        assert send(1, "W", 6000) == "Rejected" and send(1, "A", 10) == "Accepted"
        assert send(2, "A", 8, level=1) == "Rejected" and send(2, "A", 8, numberPhases=1) == "Accepted"
        fake.wait("StatusNotification", status="Charging")
        at = len(fake.seen)
        reading = fake.seen[fake.wait("MeterValues", since=at)][1]["meterValue"][0]["sampledValue"]
        amps = {v.get("phase"): float(v["value"]) for v in reading if v["measurand"] == "Current.Import"}
        assert amps["L1"] > 0 and amps["L2"] == amps["L3"] == 0, amps


def remembers_tags():
    fake = Fake(WARP)
    with by_hand(fake, "wait ChangeConfiguration 600", "plug", "tap A", "sleep 30", "unplug", "sleep 10", "offline 120", "plug",
                 "tap A", "sleep 30", "wait ClearCache 600"):
        ready(fake)
        assert fake.call("ClearCache", {}) == {"status": "Rejected"}, "errata 3.23: there is none"
        for key in ("AllowOfflineTxForUnknownId", "AuthorizationCacheEnabled"):
            value = "true" if key.startswith("Auth") else "false"
            assert fake.call("ChangeConfiguration", {"key": key, "value": value}) == {"status": "Accepted"}
        fake.wait("StopTransaction")
        try:
            fake.pump(20)
        except Closed:
            pass
        at = len(fake.seen)
        fake.accept()
        fake.wait("StartTransaction", since=at, idTag="A")
        assert not any(name == "Authorize" for name, _ in fake.seen[at:]), "begun while offline"
        assert fake.call("DataTransfer", {"vendorId": "x"}) == {"status": "UnknownVendorId"}
        assert fake.call("DataTransfer", {"vendorId": "NOX-Block", "messageId": "x"}) == {"status": "UnknownMessageId"}
        assert fake.call("DataTransfer", {"vendorId": "NOX-Block", "messageId": "echo", "data": "hi"}) == \
            {"status": "Accepted", "data": "hi"}
        assert fake.call("ClearCache", {}) == {"status": "Accepted"}
        gone(fake)


STORIES = [keeps_a_local_list, ten_thousand_entries, authorizes_by_the_list, offline_the_list_decides, reserves,
           installs_firmware, takes_what_servers_send, starts_over_where_there_are_no_ranges, says_when_a_download_fails,
           is_led_by_hand, nothing_starves_behind_an_event, a_wait_in_vain_fails, reservations_by_hand, has_quirks, boots_never_or_always,
           takes_the_profiles_it_can, remembers_tags,
           bad_firmware_does_not_start, a_session_delays_the_installation, delivers_diagnostics, delivers_logs]

if __name__ == "__main__":
    tell(STORIES, sys.argv[1:])
