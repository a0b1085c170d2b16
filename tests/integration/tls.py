"""Doors of TLS: suites and versions, RSA and ECDSA, client certificates, revocation, new files without dropping anybody."""
import os
import shutil
import signal
import ssl
import subprocess
import tempfile
import threading
import time

from noxd import BIN, ROOT, Noxd, running
from ws import Closed, Refused, Station, WsClient, connect_tcp, upgrade_request

KEY = ""  # of CP-2, made by noxd
NAME = "DO-L0001"
FAILED = (ssl.SSLError, Closed, OSError)


def make_pki(folder, *words):
    subprocess.run([os.path.join(ROOT, "certs", "make-pki"), *words, folder], check=True, stdout=subprocess.DEVNULL)
    return folder


class Pki:
    def __init__(self, folder):
        self.dir = make_pki(folder, "--test", "--station", NAME)

    def file(self, name):
        return os.path.join(self.dir, name)

    def context(self, cert=None, suite=None, version=None, ca="ca.pem"):
        context = ssl.create_default_context(cafile=self.file(ca))
        if version:
            context.minimum_version = context.maximum_version = version
        if suite:
            context.set_ciphers(suite)
        if cert:
            context.load_cert_chain(self.file(cert + ".pem"), self.file(cert + ".key"))
        return context

    def flags(self, *names):
        out = ["--tls-listen", "127.0.0.1:0"]
        for name in names or ("server-rsa", "server-ec"):
            out += ["--tls-cert", self.file(name + ".pem"), "--tls-key", self.file(name + ".key")]
        return out


def address_of(nox):
    url = next(u for u in nox.urls if u.startswith("wss://"))
    return "localhost", int(url[len("wss://"):].split("/")[0].rpartition(":")[2])


def status(nox, context, name=NAME, **more):
    """101 when let in, the HTTP status when refused, 0 when the handshake fails."""
    try:
        WsClient(*address_of(nox), f"/ocpp/{name}", tls=context, **more).close()
        return 101
    except Refused as refusal:
        return refusal.status
    except FAILED:
        return 0


def eventually(what, test, seconds=10):
    deadline = time.monotonic() + seconds
    while not (got := test()):
        assert time.monotonic() < deadline, what
        time.sleep(0.05)
    return got


def refused(nox, reason, word):
    """The operator reads why, in `noxctl station refused` and as an event of security."""
    def found():
        return [row for row in nox.ctl_json("station", "refused")["items"] if row["reason"] == reason and word in row["detail"]]
    eventually(f"no refusal {reason} with '{word}'", found)
    eventually(f"no event of {reason} with '{word}'", lambda: any(
        reason in text and word in text for text, in nox.sql("SELECT text FROM event WHERE name = 'security.refused'")))


def resumed(nox, pki, version):
    """Does a second connection go on with the session of the first?"""
    context = pki.context(version=version)
    sessions = []
    for _ in range(2):
        with context.wrap_socket(connect_tcp(*address_of(nox)), server_hostname="localhost",
                                 session=sessions[0] if sessions else None) as sock:
            sock.sendall(upgrade_request("localhost", "/ocpp/CP-2", user="CP-2", password=KEY))
            assert sock.recv(100).startswith(b"HTTP/1.1 101")
            sessions.append(sock.session)
            reused = sock.session_reused
    return reused


def suites(nox, pki):
    for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
        assert not resumed(nox, pki, version), "a resumed session is not verified again"
    for suite, cert in [("ECDHE-ECDSA-AES128-GCM-SHA256", "EC"), ("ECDHE-ECDSA-AES256-GCM-SHA384", "EC"),
                        ("AES128-GCM-SHA256", "RSA"), ("AES256-GCM-SHA384", "RSA"),
                        ("ECDHE-RSA-AES128-GCM-SHA256", "RSA"), ("ECDHE-RSA-AES256-GCM-SHA384", "RSA")]:
        context = pki.context(suite=suite, version=ssl.TLSVersion.TLSv1_2)
        client = WsClient(*address_of(nox), "/ocpp/CP-2", tls=context, user="CP-2", password=KEY)
        assert client.sock.cipher()[0] == suite and client.sock.version() == "TLSv1.2", client.sock.cipher()
        assert client.sock.compression() is None
        der = client.sock.getpeercert(binary_form=True)
        other = "server-ec.pem" if cert == "EC" else "server-rsa.pem"
        with open(pki.file(other), encoding="ascii") as file:
            assert der == ssl.PEM_cert_to_DER_cert(file.read()), suite
        client.close()
    client = WsClient(*address_of(nox), "/ocpp/CP-2", tls=pki.context(version=ssl.TLSVersion.TLSv1_3), user="CP-2", password=KEY)
    assert client.sock.version() == "TLSv1.3"
    assert client.sock.session is None or not client.sock.session.has_ticket, "sessions are not resumed"
    client.close()
    for suite in ("ECDHE-ECDSA-AES128-SHA256", "AES128-SHA", "AES256-SHA256", "ECDHE-RSA-AES256-SHA384"):
        assert status(nox, pki.context(suite=suite, version=ssl.TLSVersion.TLSv1_2), "CP-2", user="CP-2", password=KEY) == 0, suite
    refused(nox, "tls-failed", "no cipher suite in common")
    old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    old.check_hostname, old.verify_mode = False, ssl.CERT_NONE
    old.minimum_version, old.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
    old.set_ciphers("ALL:@SECLEVEL=0")
    assert status(nox, old, "CP-2", user="CP-2", password=KEY) == 0, "TLS 1.1 was accepted"
    refused(nox, "tls-failed", "TLS 1.1 or older")
    assert status(nox, pki.context(ca="rogue-ca.pem"), "CP-2", user="CP-2", password=KEY) == 0
    refused(nox, "tls-failed", "install that root")


def renegotiation(nox, pki):
    """TLS 1.2: who asks for it is told no; openssl s_client asks when it reads a line R."""
    done = subprocess.Popen(["openssl", "s_client", "-connect", "localhost:%d" % address_of(nox)[1], "-tls1_2", "-CAfile", pki.file("ca.pem")],
                            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    watchdog = threading.Timer(20, done.kill)
    watchdog.start()
    out = ""
    while "Verify return code" not in out and (line := done.stdout.readline()):
        out += line
    done.stdin.write("R\n")
    done.stdin.flush()
    out += done.stdout.read()  # until it gives up
    watchdog.cancel()
    done.wait()
    assert "Verify return code: 0 (ok)" in out and "RENEGOTIATING" in out and "no renegotiation" in out, out
    assert "Compression: NONE" in out, out


def certificates(nox, pki):
    good = pki.context("station-" + NAME)
    assert status(nox, good) == 101
    assert status(nox, pki.context("station-rsa")) == 101, "an RSA certificate of a station"
    assert status(nox, pki.context("station-" + NAME, version=ssl.TLSVersion.TLSv1_2)) == 101
    assert status(nox, pki.context("station-other-cn"), "CP-SN") == 101, "the CN is the serial number, mapped to the id"
    for cert, want, reason, word in [
            (None, 401, "no-certificate", "shows no client certificate"),
            ("station-other-cn", 401, "wrong-certificate", "SOMEBODY"),
            ("station-other-org", 401, "wrong-organisation", "A maker of lamps"),
            ("station-rogue", 0, "bad-certificate", "not trusted"),
            ("station-self-signed", 0, "bad-certificate", "self-signed"),
            ("station-expired", 0, "bad-certificate", "expired"),
            ("station-wrong-usage", 0, "bad-certificate", "clientAuth"),
            ("station-revoked", 0, "bad-certificate", "revoked")]:
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            got = status(nox, pki.context(cert, version=version))
            assert got == want, f"{cert} by {version.name}: {got}, not {want}"
        refused(nox, reason, word)
        time.sleep(0.2)
    assert status(nox, pki.context("station-revoked"), "CP-2", user="CP-2", password=KEY) == 0, "revoked, though profile 2"
    assert status(nox, good, "CP-2") == 401, "a certificate is no key"
    with connect_tcp(*address_of(nox)) as plain:
        plain.sendall(upgrade_request("x", "/ocpp/CP-2"))
        plain.settimeout(5)
        try:
            assert not plain.recv(100).startswith(b"HTTP")
        except OSError:
            pass
    refused(nox, "tls-failed", "did not begin TLS")


def reload(nox, name="noxd.reloaded"):
    before = nox.log().count(name)
    nox.process.send_signal(signal.SIGHUP)
    eventually(f"no {name} in the log", lambda: nox.log().count(name) > before)


def server_certificate(nox, pki, suite):
    context = pki.context(suite=suite, version=ssl.TLSVersion.TLSv1_2)
    with context.wrap_socket(connect_tcp(*address_of(nox)), server_hostname="localhost") as sock:
        return sock.getpeercert(binary_form=True)


EC, RSA = "ECDHE-ECDSA-AES128-GCM-SHA256", "AES128-GCM-SHA256"


def reloads(nox, pki):
    """Both certificates and the list are replaced while stations are connected; a bad file changes nothing."""
    by_key = Station(address_of(nox), "CP-2", KEY, tls=pki.context())
    by_cert = Station(address_of(nox), "CP-SN", tls=pki.context("station-other-cn"))
    revoked = Station(address_of(nox), NAME, tls=pki.context("station-" + NAME))
    before = [server_certificate(nox, pki, suite) for suite in (EC, RSA)]
    for name in ("server-ec", "server-rsa"):
        os.remove(pki.file(name + ".pem"))
    make_pki(pki.dir, "--revoke", NAME)
    reload(nox)
    after = [server_certificate(nox, pki, suite) for suite in (EC, RSA)]
    assert before[0] != after[0] and before[1] != after[1], "new certificates are not served"
    assert status(nox, pki.context("station-" + NAME)) == 0, "revoked by the new list"
    assert revoked.ws.wait_closed(5).code == 1008, "an open connection of a revoked certificate"
    assert status(nox, pki.context("station-rsa")) == 101
    assert by_key.call("Heartbeat", {}) and by_cert.call("Heartbeat", {}), "open connections stay"
    for name, text, word in [("server-ec.key", "nonsense", "server-ec.key"), ("server-rsa.pem", None, "server-rsa.pem"),
                             ("crl.pem", "nonsense", "revocation list"),
                             ("server-rsa.pem", pki.file("server-ec.pem"), "does not belong"),
                             ("ca.pem", pki.file("server-ec.pem"), "no CA's")]:
        path = pki.file(name)
        shutil.copy(path, path + ".keep")
        if text is None:
            os.remove(path)
        elif os.path.exists(text):
            shutil.copy(text, path)
        else:
            with open(path, "w", encoding="ascii") as out:
                out.write(text)
        reload(nox, "noxd.reload_failed")
        line = [line for line in nox.log().splitlines() if "noxd.reload_failed" in line][-1]
        assert word in line and "old ones stay" in line, line
        shutil.move(path + ".keep", path)
        assert [server_certificate(nox, pki, suite) for suite in (EC, RSA)] == after, name
        assert status(nox, pki.context("station-rsa")) == 101
        assert status(nox, pki.context("station-" + NAME)) == 0
    by_key.close()
    by_cert.close()


def local_ca(nox, pki):
    """DIR/pki/ca.pem appears while noxd runs: from the next reload on its certificates count."""
    assert status(nox, pki.context("station-rsa")) == 401, "no client CA yet: none is asked for"
    shutil.copy(pki.file("ca.pem"), os.path.join(nox.data, "pki", "ca.pem"))
    reload(nox)
    assert status(nox, pki.context("station-rsa")) == 101
    assert status(nox, pki.context("station-revoked")) == 101, "nothing is known to be revoked"
    shutil.copy(pki.file("crl.pem"), os.path.join(nox.data, "pki", "crl.pem"))
    reload(nox)
    assert status(nox, pki.context("station-revoked")) == 0
    assert status(nox, pki.context("station-rsa")) == 101
    # The chain is sent as it stands in the file.
    assert status(nox, pki.context(), "CP-2", user="CP-2", password=KEY) == 101


def checks(pki, folder):
    def check(*flags):
        done = subprocess.run([os.path.join(BIN, "noxd"), "--data", folder + "-data", "--check", "--tls-listen", "127.0.0.1:0", *flags],
                              capture_output=True, text=True, timeout=30)
        return done.returncode, done.stdout + done.stderr

    def pair(cert, key=None):
        return ["--tls-cert", pki.file(cert + ".pem"), "--tls-key", pki.file((key or cert) + ".key")]

    code, text = check(*pair("server-rsa"), *pair("server-ec"), "--tls-client-ca", pki.file("ca.pem"), "--tls-client-crl", pki.file("crl.pem"))
    assert code == 0 and "RSA 2048 bit" in text and "ECDSA 256 bit" in text and "revoked" in text, text
    for flags, word in [(pair("server-rsa", "server-ec"), "does not belong"), (pair("station-expired"), "expired"),
                        (pair("station-rsa"), "serverAuth"), ([*pair("server-ec"), *pair("server-chain")], "both ECDSA"),
                        ([*pair("server-ec"), "--tls-client-ca", pki.file("station-rsa.pem")], "no CA's"),
                        ([*pair("server-ec"), "--tls-client-ca", pki.file("rogue-ca.pem"), "--tls-client-crl", pki.file("crl.pem")],
                         "not signed by any CA"),
                        (["--tls-cert", "/nowhere.pem", "--tls-key", "/nowhere.key"], "/nowhere.pem")]:
        code, text = check(*flags)
        assert code == 1 and word in text, (code, text)
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:1024", "-nodes", "-subj", "/CN=x", "-days", "9", "-addext", "extendedKeyUsage=serverAuth",
                    "-keyout", pki.file("weak.key"), "-out", pki.file("weak.pem")], check=True, stderr=subprocess.DEVNULL)
    code, text = check(*pair("weak"))
    assert code == 1 and "1024 bit, 2048 are the least" in text and "expires on" in text, text
    with open(pki.file("wrong-order.pem"), "w", encoding="ascii") as out:
        for name in ("intermediate.pem", "server-chain.pem"):
            with open(pki.file(name), encoding="ascii") as part:
                out.write(part.read())
    code, text = check("--tls-cert", pki.file("wrong-order.pem"), "--tls-key", pki.file("server-chain.key"))
    assert code == 1 and "own certificate first" in text, text


def expired(pki):
    """A server certificate that has expired is told at the start and stops nobody's work; what expires soon is told as well."""
    for name, word, severity in [("station-expired", "expired on", 3), ("server-soon", "expires on", 2)]:
        with running(*pki.flags(name)) as nox:
            eventually(word, lambda: any(word in text and level == severity for text, level in nox.sql(
                "SELECT text, severity FROM event WHERE name = 'tls.certificate'")))
            nox.apply({"stations": [{"id": "CP-0", "security_profile": 0, "connectors": [{"id": 1}]}]})
            assert Station(nox.address, "CP-0").call("Heartbeat", {})


def stations(nox):
    nox.apply({"stations": [
        {"id": NAME, "security_profile": 3, "connectors": [{"id": 1}]},
        {"id": "CP-SN", "security_profile": 3, "certificate_cn": "SOMEBODY", "connectors": [{"id": 1}]},
        {"id": "CP-2", "security_profile": 2, "connectors": [{"id": 1}]}]})
    global KEY
    KEY = nox.make_keys(["CP-2"])["CP-2"]


with tempfile.TemporaryDirectory(prefix="nox-test-") as folder:
    pki = Pki(os.path.join(folder, "pki"))
    checks(pki, folder + "/x")
    with running(*pki.flags(), "--tls-client-ca", pki.file("ca.pem"), "--tls-client-crl", pki.file("crl.pem"),
                 "--cpo-name", "NOX-Block development") as nox:
        stations(nox)
        suites(nox, pki)
        renegotiation(nox, pki)
        certificates(nox, pki)
        reloads(nox, pki)
    with running(*pki.flags("server-chain")) as nox:
        stations(nox)
        local_ca(nox, pki)
    expired(pki)
print("TLS doors are as they should be")
