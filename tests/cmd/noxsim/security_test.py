"""A station with a key store: profiles 0 to 3, the password, certificates, security events, signed firmware.

   security_test.py [STORY...]
"""
import base64
import os
import ssl
import subprocess
import sys
import tempfile
import time

from fake_csms import Closed, Fake, Sim, tell, utc, write_site
from features_test import Files

WARP = 60
FOLDER = tempfile.mkdtemp(prefix="noxsim-test-")
SITE = write_site(FOLDER)
KEY = "00112233445566778899aabbccddeeff"
NOW = time.time()


def openssl(*words, text=None):
    done = subprocess.run(["openssl", *words], input=text, capture_output=True, check=False)
    assert done.returncode == 0, (words, done.stderr.decode())
    return done.stdout


def path(name):
    return os.path.join(FOLDER, name)


def read(name):
    with open(path(name), encoding="utf-8") as file:
        return file.read()


def make_root(name, subject, days="4000", signer=None):
    words = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", path(name + ".key"),
             "-out", path(name + ".pem"), "-subj", subject, "-days", days, "-addext", "basicConstraints=critical,CA:TRUE"]
    if signer:
        words += ["-CA", path(signer + ".pem"), "-CAkey", path(signer + ".key")]
    openssl(*words)


def sign(csr, root, days, extensions="basicConstraints=CA:FALSE\n"):
    folder = tempfile.mkdtemp(dir=FOLDER)
    for name, text in (("csr", csr), ("ext", extensions)):
        with open(os.path.join(folder, name), "w", encoding="utf-8") as out:
            out.write(text)
    return openssl("x509", "-req", "-in", os.path.join(folder, "csr"), "-CA", path(root + ".pem"), "-CAkey", path(root + ".key"),
                   "-set_serial", "0x" + os.urandom(8).hex(), "-days", str(days), "-extfile",
                   os.path.join(folder, "ext")).decode()


def make_leaf(name, root, subject, extensions, kind=("ec", "ec_paramgen_curve:P-256")):
    csr = openssl("req", "-new", "-newkey", kind[0], "-pkeyopt", kind[1], "-nodes", "-keyout", path(name + ".key"),
                  "-subj", subject).decode()
    with open(path(name + ".pem"), "w", encoding="utf-8") as out:
        out.write(sign(csr, root, 3000, extensions))


make_root("root", "/O=City/CN=Central root")
make_root("other", "/O=Else/CN=Other root")
make_root("maker", "/O=Maker/CN=Maker root")
make_leaf("server", "root", "/O=City/CN=localhost", "subjectAltName=DNS:localhost\n")
make_leaf("stranger", "other", "/O=Else/CN=localhost", "subjectAltName=DNS:localhost\n")
make_leaf("signer", "maker", "/O=Maker/CN=Firmware", "basicConstraints=CA:FALSE\n")
make_leaf("rsa-signer", "maker", "/O=Maker/CN=Firmware", "basicConstraints=CA:FALSE\n", ("rsa", "rsa_keygen_bits:2048"))


def tls(name="server", client_root=None):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path(name + ".pem"), path(name + ".key"))
    if client_root:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(path(client_root + ".pem"))
    return context


def fake_now(**more):
    """Certificates are made now, so the central system's clock says now."""
    return Fake(WARP, start=NOW, **more)


def run(fake, *words, urls=None):
    flags = []
    for url in urls or [fake.url]:
        flags += ["--url", url]
    return Sim("run", *flags, "--site", SITE, "--time-warp", str(WARP), "--arrivals-per-hour", "0", *words)


def ready(fake, **more):
    station = fake.accept(**more)
    fake.wait("StatusNotification", connectorId=1, status="Available")
    return station


def change(fake, key, value):
    return fake.call("ChangeConfiguration", {"key": key, "value": value})["status"]


def left(fake, timeout=20):
    try:
        fake.pump(timeout)
        raise AssertionError("the station keeps its connection")
    except Closed:
        pass


def basic(key):
    return "Basic " + base64.b64encode(b"L001:" + key).decode()


def store():
    return tempfile.mkdtemp(prefix="noxsim-store-")


def keys_file(key):
    with open(path("keys.csv"), "w", encoding="utf-8") as out:
        out.write(f"station,key\nL001,{key}\n")
    return path("keys.csv")


def changes_its_password():
    fake, folder = fake_now(), store()
    words = ("--keys", keys_file("first"), "--key-store", folder)
    with run(fake, *words):
        assert ready(fake).headers["authorization"] == basic(b"first")
        for bad in ("", "xyz", "00112233", KEY + "0", KEY + "001122334455", "g" * 32):
            assert change(fake, "AuthorizationKey", bad) == "Rejected", bad
        assert change(fake, "authorizationkey", KEY) == "Accepted"
        told = fake.call("GetConfiguration", {"key": ["AuthorizationKey", "SecurityProfile"]})["configurationKey"]
        assert told[0] == {"key": "AuthorizationKey", "readonly": False}, "write-only"
        assert told[1]["value"] == "1"
        left(fake)
        assert fake.accept().headers["authorization"] == basic(bytes.fromhex(KEY))
        fake.wait("SecurityEventNotification", type="ReconfigurationOfSecurityParameters")
    kept = os.path.join(folder, "L001", "password")
    assert os.stat(kept).st_mode & 0o777 == 0o600
    with run(fake, *words):
        assert ready(fake).headers["authorization"] == basic(bytes.fromhex(KEY)), "it outlasts a run"


def goes_back_to_the_old_password():
    fake = fake_now()
    with run(fake, "--keys", keys_file("first"), "--security-events"):
        ready(fake)
        assert change(fake, "AuthorizationKey", KEY) == "Accepted"
        left(fake)
        for _ in range(3):
            assert fake.refuse() == basic(bytes.fromhex(KEY))
        assert fake.accept().headers["authorization"] == basic(b"first")
        fake.wait("SecurityEventNotification", type="FailedToAuthenticateAtCentralSystem")


def uses_hex_as_text():
    fake = fake_now()
    with run(fake, "--keys", keys_file("first"), "--quirk", "hex-key"):
        ready(fake)
        assert change(fake, "AuthorizationKey", KEY) == "Accepted"
        left(fake)
        assert fake.accept().headers["authorization"] == basic(KEY.encode())


def climbs_from_0_to_3():
    """Every step of a station that comes without anything: password, profile 1, 2, certificate, profile 3."""
    fake, folder = fake_now(), store()
    fake.listen_tls(tls())
    urls = [fake.url, fake.tls_url]
    words = ("--key-store", folder, "--ca", path("root.pem"), "--serial-prefix", "SN-")
    with run(fake, *words, urls=urls):
        assert "authorization" not in ready(fake).headers
        assert fake.seen[0][1]["chargePointSerialNumber"] == "SN-L001"
        fake.wait("SecurityEventNotification", type="StartupOfTheDevice")
        for profile in ("1", "2", "3", "0", "4", "x"):
            assert change(fake, "SecurityProfile", profile) == "Rejected", "nothing is there for it"
        assert change(fake, "AuthorizationKey", KEY) == "Accepted"
        assert change(fake, "SecurityProfile", "3") == "Rejected"
        assert change(fake, "SecurityProfile", "1") == "Accepted"
        left(fake)
        assert fake.accept().headers["authorization"] == basic(bytes.fromhex(KEY))
        assert change(fake, "SecurityProfile", "1") == "Rejected"
        assert change(fake, "SecurityProfile", "2") == "Accepted"
        left(fake)
        assert fake.accept(tls=True).headers["authorization"] == basic(bytes.fromhex(KEY))
        # A certificate, by request of the central system.
        trigger = {"requestedMessage": "SignChargePointCertificate"}
        assert fake.call("ExtendedTriggerMessage", trigger) == {"status": "Rejected"}, "no CpoName"
        assert change(fake, "CpoName", "City of Light") == "Accepted"
        fake.answers["SignCertificate"] = lambda p: {"status": "Accepted"}
        assert fake.call("ExtendedTriggerMessage", trigger) == {"status": "Accepted"}
        csr = fake.seen[fake.wait("SignCertificate")][1]["csr"]
        subject = openssl("req", "-verify", "-noout", "-subject", text=csr.encode()).decode()
        assert "O = City of Light" in subject and "CN = SN-L001" in subject, subject
        at = len(fake.seen)
        stolen = openssl("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "/dev/null",
                         "-subj", "/O=City of Light/CN=SN-L001").decode()
        for bad in (sign(stolen, "root", 365), sign(csr, "other", 365), "nonsense", read("root.pem")):
            assert fake.call("CertificateSigned", {"certificateChain": bad}) == {"status": "Rejected"}
            at = fake.wait("SecurityEventNotification", since=at, type="InvalidChargePointCertificate") + 1
        assert change(fake, "SecurityProfile", "3") == "Rejected"
        assert fake.call("CertificateSigned", {"certificateChain": sign(csr, "root", 365) + read("root.pem")}) == \
            {"status": "Accepted"}
        fake.tls = fake.tls[0], tls(client_root="root")
        assert change(fake, "SecurityProfile", "3") == "Accepted"
        left(fake)
        station = fake.accept(tls=True)
        assert "authorization" not in station.headers
        assert dict(p[0] for p in station.sock.getpeercert()["subject"])["commonName"] == "SN-L001"
        assert change(fake, "SecurityProfile", "2") == "Rejected", "never downwards"
        # A new one: used at once at the next connection.
        assert fake.call("ExtendedTriggerMessage", trigger) == {"status": "Accepted"}
        csr = fake.seen[fake.wait("SignCertificate", since=at)][1]["csr"]
        serial = station.sock.getpeercert()["serialNumber"]
        assert fake.call("CertificateSigned", {"certificateChain": sign(csr, "root", 365)}) == {"status": "Accepted"}
        left(fake)
        assert fake.accept(tls=True).sock.getpeercert()["serialNumber"] != serial
    with run(fake, *words, urls=urls):
        station = fake.accept(tls=True)
        assert dict(p[0] for p in station.sock.getpeercert()["subject"])["commonName"] == "SN-L001", "it outlasts a run"
    mode = os.stat(os.path.join(folder, "L001", "key.pem")).st_mode & 0o777
    assert mode == 0o600, oct(mode)


def falls_back_when_a_profile_does_not_work():
    fake = fake_now()
    fake.listen_tls(tls("stranger"))
    with run(fake, "--keys", keys_file("first"), "--ca", path("root.pem"), "--security-events",
             urls=[fake.url, fake.tls_url]):
        ready(fake)
        assert change(fake, "SecurityProfile", "2") == "Accepted"
        left(fake)
        for _ in range(3):
            try:
                fake.accept(tls=True)
                raise AssertionError("a stranger's certificate was trusted")
            except (ssl.SSLError, ConnectionError, Closed):
                pass
        assert fake.accept().headers["authorization"] == basic(b"first")
        fake.wait("SecurityEventNotification", type="InvalidCentralSystemCertificate")


def renews_a_month_before_the_end():
    fake, folder = fake_now(), store()
    with run(fake, "--key-store", folder, "--ca", path("root.pem"), "--cpo-name", "City", "--csr-key", "rsa"):
        ready(fake)
        assert fake.call("ExtendedTriggerMessage", {"requestedMessage": "SignChargePointCertificate"})["status"] == "Accepted"
        csr = fake.seen[fake.wait("SignCertificate")][1]["csr"]
        assert b"2048 bit" in openssl("req", "-noout", "-text", text=csr.encode())
        at = len(fake.seen)
        fake.pump(1)
        assert not any(name == "SignCertificate" for name, _ in fake.seen[at:])
        assert fake.call("CertificateSigned", {"certificateChain": sign(csr, "root", 20)}) == {"status": "Accepted"}
        fake.wait("SignCertificate", since=at)


def keeps_roots():
    fake = fake_now()
    with run(fake, "--security-events", "--hash", "sha384"):
        ready(fake)

        def ids(kind):
            return fake.call("GetInstalledCertificateIds", {"certificateType": kind})

        def install(name, kind="CentralSystemRootCertificate"):
            text = read(name) if name.endswith(".pem") else name
            return fake.call("InstallCertificate", {"certificateType": kind, "certificate": text})["status"]

        assert ids("CentralSystemRootCertificate") == {"status": "NotFound"}
        assert install("root.pem") == "Accepted" and install("other.pem") == "Accepted"
        assert install("maker.pem", "ManufacturerRootCertificate") == "Accepted"
        at = len(fake.seen)
        for bad in ("nonsense", "server.pem"):
            assert install(bad) == "Rejected", bad
            at = fake.wait("SecurityEventNotification", since=at, type="InvalidCentralSystemCertificate") + 1
        told = ids("CentralSystemRootCertificate")
        assert told["status"] == "Accepted" and len(told["certificateHashData"]) == 2, told
        one = told["certificateHashData"][0]
        assert one["hashAlgorithm"] == "SHA384" and len(one["issuerNameHash"]) == 96, one
        serial = openssl("x509", "-in", path("root.pem"), "-noout", "-serial").decode().strip().partition("=")[2]
        assert one["serialNumber"] == serial.lstrip("0").lower(), (one, serial)
        wrong = dict(one, issuerKeyHash="00" * 48)
        assert fake.call("DeleteCertificate", {"certificateHashData": wrong}) == {"status": "NotFound"}
        shout = dict(one, serialNumber="0" + one["serialNumber"].upper())
        assert fake.call("DeleteCertificate", {"certificateHashData": shout}) == {"status": "Accepted"}
        assert fake.call("DeleteCertificate", {"certificateHashData": one}) == {"status": "NotFound"}
        assert len(ids("CentralSystemRootCertificate")["certificateHashData"]) == 1
        assert len(ids("ManufacturerRootCertificate")["certificateHashData"]) == 1


def does_not_saw_off_its_branch():
    """The root of the present connection stays; with AdditionalRootCertificateCheck a new one replaces it when it has
    proved itself."""
    fake = fake_now()
    make_root("next", "/O=City/CN=Next root", signer="root")
    make_leaf("next-server", "next", "/O=City/CN=localhost", "subjectAltName=DNS:localhost\n")
    fake.listen_tls(tls())
    kind = "CentralSystemRootCertificate"
    with run(fake, "--ca", path("root.pem"), "--key-store", store(), "--root-check", urls=[fake.tls_url]):
        ready(fake, tls=True)
        only = fake.call("GetInstalledCertificateIds", {"certificateType": kind})["certificateHashData"]
        fake.station.cut()
        fake.accept(tls=True)
        assert fake.call("DeleteCertificate", {"certificateHashData": only[0]}) == {"status": "Failed"}
        assert fake.call("InstallCertificate", {"certificateType": kind, "certificate": read("other.pem")})["status"] == "Rejected"
        assert fake.call("InstallCertificate", {"certificateType": kind, "certificate": read("next.pem")})["status"] == "Accepted"
        assert len(fake.call("GetInstalledCertificateIds", {"certificateType": kind})["certificateHashData"]) == 2
        fake.tls = fake.tls[0], tls("next-server")
        fake.station.cut()
        fake.accept(tls=True)
        told = fake.call("GetInstalledCertificateIds", {"certificateType": kind})["certificateHashData"]
        assert len(told) == 1 and told[0]["serialNumber"] != only[0]["serialNumber"], told


def signature(name, data, *words):
    with open(path("firmware.bin"), "wb") as out:
        out.write(data)
    return base64.b64encode(openssl("dgst", "-sha256", "-sign", path(name + ".key"), *words, path("firmware.bin"))).decode()


def installs_signed_firmware():
    fake = fake_now()
    data = b"version: 4.0\n" + os.urandom(50000)
    files = Files(data, cuts=1)

    def update(ident, signer, sign_text, **more):
        at = len(fake.seen)
        status = fake.call("SignedUpdateFirmware", {"requestId": ident, "firmware": {
            "location": files.url + "/fw.bin", "retrieveDateTime": fake.now_text(), "signingCertificate": signer,
            "signature": sign_text, **more}})["status"]
        return at, status

    def told(at, ident):
        return [p["status"] for name, p in fake.seen[at:] if name == "SignedFirmwareStatusNotification" and
                p.get("requestId") == ident]

    with run(fake, "--manufacturer-ca", path("maker.pem"), "--security-events", "--signed-firmware-only"):
        ready(fake)
        good = signature("signer", data)
        assert fake.call("UpdateFirmware", {"location": "http://x/", "retrieveDate": fake.now_text()})[2] == "NotSupported"
        at, status = update(1, read("server.pem"), good)
        assert status == "InvalidCertificate"
        fake.wait("SecurityEventNotification", since=at, type="InvalidFirmwareSigningCertificate")
        for number, wrong in ((2, signature("signer", data + b"x")), (3, signature("rsa-signer", data)), (4, "!!!"), (5, "")):
            at, status = update(number, read("signer.pem"), wrong)
            assert status == ("Accepted" if wrong else status), (number, status)
            if status == "Accepted":
                fake.wait("SecurityEventNotification", since=at, type="InvalidFirmwareSignature")
                assert told(at, number) == ["Downloading", "Downloaded", "InvalidSignature"], fake.seen[at:]
        at = len(fake.seen)
        assert fake.call("ExtendedTriggerMessage", {"requestedMessage": "FirmwareStatusNotification"})["status"] == "Accepted"
        assert "requestId" not in fake.seen[fake.wait("SignedFirmwareStatusNotification", since=at, status="Idle")][1]
        for number, name, extra in ((6, "signer", ()), (7, "rsa-signer", ()),
                                    (8, "rsa-signer", ("-sigopt", "rsa_padding_mode:pss"))):
            at, status = update(number, read(name + ".pem"), signature(name, data, *extra))
            assert status == "Accepted"
            left(fake)
            fake.accept()
            fake.wait("SecurityEventNotification", since=at, type="FirmwareUpdated")
            assert told(at, number) == ["Downloading", "Downloaded", "SignatureVerified", "Installing", "InstallRebooting",
                                        "Installed"], told(at, number)
            boots = [p for n, p in fake.seen[at:] if n == "BootNotification"]
            assert boots[0]["firmwareVersion"] == "4.0"
            fake.wait("StatusNotification", since=at, connectorId=1, status="Available")
        # Later; replaced by another one meanwhile; installed at its own time.
        later = utc(fake.now() + 600)
        at, status = update(9, read("signer.pem"), good, retrieveDateTime=later)
        fake.wait("SignedFirmwareStatusNotification", since=at, status="DownloadScheduled", requestId=9)
        at, status = update(10, read("signer.pem"), good, installDateTime=utc(fake.now() + 240))
        assert status == "AcceptedCanceled"
        fake.wait("SignedFirmwareStatusNotification", since=at, status="InstallScheduled", requestId=10)
        left(fake)
        fake.accept()
        fake.wait("SignedFirmwareStatusNotification", since=at, status="Installed", requestId=10)


def refuses_a_revoked_signer():
    fake = Fake(WARP, start=time.time())
    config = path("crl.cnf")
    with open(config, "w", encoding="utf-8") as out:
        out.write(f"[ca]\ndefault_ca=maker\n[maker]\ndatabase={path('crl.txt')}\ncrlnumber={path('crl.number')}\n"
                  "default_md=sha256\ndefault_crl_days=30\n")
    open(path("crl.txt"), "w", encoding="utf-8").close()
    with open(path("crl.number"), "w", encoding="utf-8") as out:
        out.write("01\n")
    ca = ["ca", "-config", config, "-cert", path("maker.pem"), "-keyfile", path("maker.key")]
    openssl(*ca, "-revoke", path("signer.pem"))
    day, days = (time.strftime("%Y%m%d%H%M%SZ", time.gmtime(time.time() + n * 86400)) for n in (1, 30))
    # Of tomorrow by the station's clock: who is on it is revoked all the same.
    openssl(*ca, "-gencrl", "-crl_lastupdate", day, "-crl_nextupdate", days, "-out", path("maker.crl"))
    files = Files(b"version: 1\n")
    with run(fake, "--manufacturer-ca", path("maker.pem"), "--manufacturer-crl", path("maker.crl")):
        ready(fake)
        for name, wanted in (("signer", "RevokedCertificate"), ("rsa-signer", "Accepted")):
            status = fake.call("SignedUpdateFirmware", {"requestId": 1, "firmware": {
                "location": files.url + "/x", "retrieveDateTime": fake.now_text(), "signature": "AAAA",
                "signingCertificate": read(name + ".pem")}})["status"]
            assert status == wanted, (name, status)


def fetches_over_https():
    fake = fake_now()
    fake.listen_tls(tls())
    good, bad = Files(b"version: 8\n"), Files(b"version: 9\n")
    good.server.socket = tls().wrap_socket(good.server.socket, server_side=True)
    bad.server.socket = tls("stranger").wrap_socket(bad.server.socket, server_side=True)
    local = {server: server.url.replace("http://127.0.0.1", "https://localhost") for server in (good, bad)}
    with run(fake, "--ca", path("root.pem"), urls=[fake.tls_url]):
        ready(fake, tls=True)
        at = len(fake.seen)
        fake.call("UpdateFirmware", {"location": local[bad] + "/x", "retrieveDate": fake.now_text()})
        fake.wait("FirmwareStatusNotification", since=at, status="DownloadFailed")
        fake.call("GetDiagnostics", {"location": local[good] + "/in/"})
        fake.wait("DiagnosticsStatusNotification", since=at, status="Uploaded")
        fake.call("UpdateFirmware", {"location": local[good] + "/x", "retrieveDate": fake.now_text()})
        left(fake)
        at = len(fake.seen)
        fake.accept(tls=True)
        assert fake.seen[fake.wait("BootNotification", since=at)][1]["firmwareVersion"] == "8"


def queues_events_while_offline():
    fake = fake_now()
    with run(fake, "--key-store", store()):
        fake.silent = {"SecurityEventNotification"}
        station = fake.accept()
        fake.wait("SecurityEventNotification", type="StartupOfTheDevice")
        station.cut()
        fake.silent = set()
        at = len(fake.seen)
        fake.accept()
        fake.wait("SecurityEventNotification", since=at, type="StartupOfTheDevice")
        assert fake.call("Reset", {"type": "Soft"}) == {"status": "Accepted"}
        fake.wait("SecurityEventNotification", since=at, type="ResetOrReboot")
        left(fake)
        at = len(fake.seen)
        fake.accept()
        fake.wait("SecurityEventNotification", since=at, type="StartupOfTheDevice")
        files = Files()
        assert fake.call("GetLog", {"log": {"remoteLocation": files.url + "/s"}, "logType": "SecurityLog",
                                    "requestId": 1})["status"] == "Accepted"
        fake.wait("LogStatusNotification", since=at, status="Uploaded")
        assert files.got["/s"].decode().count("StartupOfTheDevice") == 2, files.got


def extended_triggers():
    fake = fake_now()
    with run(fake):
        ready(fake)
        for what, seen in (("BootNotification", "BootNotification"), ("Heartbeat", "Heartbeat"), ("MeterValues", "MeterValues"),
                           ("StatusNotification", "StatusNotification"), ("LogStatusNotification", "LogStatusNotification"),
                           ("FirmwareStatusNotification", "SignedFirmwareStatusNotification")):
            at = len(fake.seen)
            assert fake.call("ExtendedTriggerMessage", {"requestedMessage": what}) == {"status": "Accepted"}, what
            fake.wait(seen, since=at)
        assert fake.call("ExtendedTriggerMessage", {"requestedMessage": "MeterValues", "connectorId": 9}) == \
            {"status": "Rejected"}


STORIES = [changes_its_password, goes_back_to_the_old_password, uses_hex_as_text, climbs_from_0_to_3,
           falls_back_when_a_profile_does_not_work, renews_a_month_before_the_end, keeps_roots,
           does_not_saw_off_its_branch, installs_signed_firmware, refuses_a_revoked_signer, fetches_over_https, queues_events_while_offline,
           extended_triggers]

if __name__ == "__main__":
    tell(STORIES, sys.argv[1:])
