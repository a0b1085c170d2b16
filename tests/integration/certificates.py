"""Certificates: a request is approved, signed, delivered and used by profile 3; roots of stations; revoked and expired
ones are refused.  The cases TC_074 .. TC_078 of the OCA by name."""
import contextlib
import getpass
import hashlib
import json
import os
import re
import ssl
import subprocess
import tempfile
import threading
import time

from noxd import ROOT, running, site
from ws import Closed, Refused, Station, WsClient

FAILED = (ssl.SSLError, Closed, Refused, OSError)
CENTRAL, MANUFACTURER = "CentralSystemRootCertificate", "ManufacturerRootCertificate"


def openssl(*words, stdin=None, binary=False):
    done = subprocess.run(["openssl", *words], input=stdin, capture_output=True, text=not binary)
    assert done.returncode == 0, (words, done.stderr)
    return done.stdout


def eventually(what, test, seconds=15):
    deadline = time.monotonic() + seconds
    while not (got := test()):
        assert time.monotonic() < deadline, what
        time.sleep(0.05)
    return got


def wss(nox):
    url = next(u for u in nox.urls if u.startswith("wss://"))
    return "localhost", int(url[len("wss://"):].split("/")[0].rpartition(":")[2])


class Keys:
    """The key store of a station: a new key for each request."""

    def __init__(self, folder, name, ca):
        self.folder, self.name, self.ca = folder, name, ca
        self.n = 0

    def file(self, suffix):
        return os.path.join(self.folder, f"{self.name}-{self.n}.{suffix}")

    def csr(self, subject=None, key=("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"), digest="-sha256"):
        self.n += 1
        openssl("req", "-new", *key, digest, "-nodes", "-keyout", self.file("key"), "-subj",
                subject or f"/O=DEW21/CN={self.name}", "-out", self.file("csr"))
        return open(self.file("csr"), encoding="ascii").read()

    def take(self, chain):
        """CertificateSigned: is it what was asked for?"""
        with open(self.file("pem"), "w", encoding="ascii") as out:
            out.write(chain)
        mine = openssl("pkey", "-in", self.file("key"), "-pubout")
        assert openssl("x509", "-in", self.file("pem"), "-noout", "-pubkey") == mine, "another key"
        text = openssl("x509", "-in", self.file("pem"), "-noout", "-text")
        assert "TLS Web Client Authentication" in text and "CA:FALSE" in text, text
        assert f"CN = {self.name}" in openssl("x509", "-in", self.file("pem"), "-noout", "-subject"), text
        return {"status": "Accepted"}

    def context(self, pem=None, key=None):
        context = ssl.create_default_context(cafile=self.ca)
        context.load_cert_chain(pem or self.file("pem"), key or self.file("key"))
        return context


def fingerprint(pem_file):
    with open(pem_file, encoding="ascii") as file:
        first = file.read().split("-----END CERTIFICATE-----")[0] + "-----END CERTIFICATE-----\n"
    return hashlib.sha256(ssl.PEM_cert_to_DER_cert(first)).hexdigest()


def pending(nox, station):
    return [r for r in nox.ctl_json("cert", "pending")["items"] if r["station"] == station]


def profile(nox, name, number):
    nox.apply({"stations": [{"id": name, "security_profile": number}]})


def let_in(nox, name, context):
    """True when the station gets through the door with this certificate and without a key."""
    try:
        client = WsClient(*wss(nox), f"/ocpp/{name}", tls=context)
    except FAILED:
        return False
    client.close()
    return True


def ask_for_certificate(nox, station, keys, **more):
    assert station.call("SignCertificate", {"csr": keys.csr(**more)}) == {"status": "Accepted"}
    station.answers["CertificateSigned"] = lambda payload: keys.take(payload["certificateChain"])


class Serving:
    """Answers requests in the background while noxctl waits."""

    def __init__(self, station):
        self.station, self.end = station, False
        self.thread = threading.Thread(target=self.run)

    def run(self):
        while not self.end:
            self.station.serve(0.05)

    def __enter__(self):
        self.thread.start()
        return self.station

    def __exit__(self, *_):
        self.end = True
        self.thread.join()


# --- TC_074: by request of the central system, then profile 3 ---

def tc_074(nox, keys, station):
    with Serving(station):
        nox.ctl("cert", "renew", station.name, "--why", "TC_074")
    asked = station.wait_asked("ExtendedTriggerMessage")
    assert asked == {"requestedMessage": "SignChargePointCertificate"}, asked
    assert ("ChangeConfiguration", {"key": "CpoName", "value": "DEW21"}) in station.asked, station.asked
    ask_for_certificate(nox, station, keys)
    began = time.monotonic()
    (request,) = pending(nox, station.name)
    assert request["state"] == "pending" and request["cn"] == station.name and request["key"] == "EC 256", request
    assert not any(a == "CertificateSigned" for a, _ in station.asked)
    nox.ctl("cert", "approve", str(request["id"]), "--why", "known lamp")
    assert nox.ctl("cert", "approve", str(request["id"]), check=False).returncode == 5
    station.wait_asked("CertificateSigned")
    assert time.monotonic() - began > 3, "stations are not ready so soon"
    rows = eventually("accepted", lambda: nox.sql("SELECT who, why FROM cert_request WHERE state = 4 AND station = ?", station.name))
    assert rows == [(getpass.getuser(), "known lamp")], rows
    openssl("verify", "-CAfile", os.path.join(nox.data, "pki", "ca.pem"), "-purpose", "sslclient", keys.file("pem"))
    station.close()
    profile(nox, station.name, 3)
    again = Station(wss(nox), station.name, tls=keys.context())
    assert again.boot()["status"] == "Accepted"
    (row,) = [r for r in nox.ctl_json("cert", "list", "--station", station.name)["items"]]
    assert row["state"] == "in use" and row["kind"] == "station" and row["fingerprint"] == fingerprint(keys.file("pem")), row
    return again


def renewal(nox, keys, station):
    """A station that shows a valid certificate of ours needs nobody; both work until the new one is seen."""
    old = keys.context()
    ask_for_certificate(nox, station, keys, key=("-newkey", "rsa:2048"))
    station.asked.clear()
    station.wait_asked("CertificateSigned")
    assert nox.sql("SELECT who FROM cert_request ORDER BY id DESC LIMIT 1") == [("policy",)]
    station.close()
    assert let_in(nox, station.name, old), "the old one before the new one was seen"
    again = Station(wss(nox), station.name, tls=keys.context())
    assert again.boot()["status"] == "Accepted"
    states = eventually("the old one is replaced", lambda: sorted(
        r["state"] for r in nox.ctl_json("cert", "list", "--station", station.name)["items"]) == ["in use", "replaced"])
    assert states
    return again


def refused_requests(nox, keys, station):
    for why, more in [("wrong CN", {"subject": "/O=DEW21/CN=S0002"}), ("wrong O", {"subject": f"/O=Mallory/CN={station.name}"}),
                      ("weak", {"key": ("-newkey", "rsa:1024")}), ("SHA-1", {"digest": "-sha1"})]:
        assert station.call("SignCertificate", {"csr": keys.csr(**more)}) == {"status": "Rejected"}, why
    good = keys.csr()
    body = good.split("\n")
    last = body[-3]  # of the signature
    body[-3] = last[:10] + ("A" if last[10] != "A" else "B") + last[11:]
    for bad in ("", "x" * 5000, "\n".join(body), good.replace("-----END", "")):
        assert station.call("SignCertificate", {"csr": bad})["status"] == "Rejected", bad
    eventually("events", lambda: nox.sql("SELECT count(*) FROM event WHERE name = 'cert.unusable'") == [(8,)])
    assert pending(nox, station.name) == []


def flood(nox, keys, station, other):
    """Requests without a pause: no more than two are looked at, so those of others do not wait behind them."""
    csr = keys.csr(subject="/O=DEW21/CN=NOBODY", key=("-newkey", "rsa:3072"))
    sent = [station.send_call("SignCertificate", {"csr": csr}) for _ in range(2000)]
    began = time.monotonic()
    assert other.call("SignCertificate", {"csr": "x"}) == {"status": "Rejected"}
    assert time.monotonic() - began < 2, "a station waits for the requests of another"
    for _ in sent:
        answer = json.loads(station.ws.recv_text())
        assert answer[0] == 3 and answer[2] == {"status": "Rejected"}, answer


# --- TC_077: the station does not take it ---

def tc_077_begins(nox, keys, station):
    station.answers["CertificateSigned"] = {"status": "Rejected"}
    assert station.call("SignCertificate", {"csr": keys.csr()}) == {"status": "Accepted"}
    nox.ctl("cert", "approve", str(pending(nox, station.name)[0]["id"]))


def tc_077(nox, station):
    station.wait_asked("CertificateSigned")
    event = {"type": "InvalidChargePointCertificate", "timestamp": "2026-11-25T12:00:00Z"}
    assert station.call("SecurityEventNotification", event) == {}
    eventually("rejected", lambda: nox.sql("SELECT state FROM cert_request WHERE station = ? ORDER BY id DESC", station.name)[0] == (5,))
    eventually("alarm", lambda: nox.sql("SELECT severity FROM event WHERE name = 'cert.rejected' AND station = ?", station.name)
               == [(3,)])


# --- TC_075, TC_076, TC_078: roots ---

def hash_data(pem_file, algorithm):
    """As stations compute it, in upper case and with a leading zero."""
    digest = {"SHA256": "sha256", "SHA384": "sha384", "SHA512": "sha512"}[algorithm]
    ocsp = openssl("ocsp", f"-{digest}", "-issuer", pem_file, "-cert", pem_file, "-reqout", "-", "-no_nonce", binary=True)
    text = openssl("ocsp", "-reqin", "/dev/stdin", "-req_text", stdin=ocsp, binary=True).decode().replace("\\\n", "")
    field = lambda what: re.search(what + r": ([0-9A-F]+)", text).group(1)
    return {"hashAlgorithm": algorithm, "issuerNameHash": field("Issuer Name Hash"), "issuerKeyHash": field("Issuer Key Hash"),
            "serialNumber": "0" + field("Serial Number")}


def tc_075(nox, station, root, kind):
    with open(root, encoding="ascii") as file:
        pem = file.read()
    nox.ctl("cert", "install", station.name, "--type", kind, "--file", root)
    assert ("InstallCertificate", {"certificateType": kind, "certificate": pem}) in station.asked, station.asked


def tc_076(nox, station, root, algorithm, last):
    data = hash_data(root, algorithm)
    other = {**data, "serialNumber": "77"}
    station.answers["GetInstalledCertificateIds"] = lambda payload: (
        {"status": "Accepted", "certificateHashData": [data] if last else [data, other]}
        if payload["certificateType"] == CENTRAL else {"status": "NotFound"})
    rows = nox.ctl_json("cert", "installed", station.name)["items"]
    (named,) = [r for r in rows if r["serial"] == data["serialNumber"]]
    assert "Root" in named["subject"], ("known by its hashes", rows)
    station.asked.clear()
    words = ("cert", "delete", station.name, data["serialNumber"][1:].lower())
    if last:
        done = nox.ctl(*words, check=False)
        assert done.returncode == 2 and "last CentralSystemRootCertificate" in done.stderr, done
        assert not station.asked
        words += ("--yes",)
    nox.ctl(*words)
    assert ("DeleteCertificate", {"certificateHashData": data}) in station.asked, station.asked
    left = nox.ctl_json("cert", "installed", station.name, "--last")["items"]
    assert len(left) == len(rows) - 1, left


def tc_078(nox, station, root):
    station.answers["InstallCertificate"] = {"status": "Rejected"}
    with Serving(station):
        done = nox.ctl("cert", "install", station.name, "--type", "central", "--file", root, check=False)
    assert done.returncode == 8, done
    event = {"type": "InvalidCentralSystemCertificate", "timestamp": "2026-11-25T12:00:00Z"}
    assert station.call("SecurityEventNotification", event) == {}
    eventually("event", lambda: nox.sql("SELECT count(*) FROM event WHERE name = 'cert.install-refused'") == [(1,)])


def roots(nox, folder, station):
    for i, name in enumerate(("Old Root", "New Root")):
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout",
                os.path.join(folder, "r.key"), "-subj", f"/O=DEW21/CN={name}", "-days", "100", "-out",
                os.path.join(folder, f"root{i}.pem"), "-addext", "basicConstraints=critical,CA:TRUE")
    root = os.path.join(folder, "root0.pem")
    with Serving(station):
        tc_075(nox, station, root, MANUFACTURER)
        tc_075(nox, station, root, CENTRAL)
        for algorithm in ("SHA256", "SHA384", "SHA512"):
            tc_076(nox, station, root, algorithm, last=algorithm == "SHA512")
    assert nox.ctl("cert", "delete", station.name, "nothing", check=False).returncode == 3
    assert nox.ctl("cert", "install", station.name, "--type", "central", "--file", "/dev/null", check=False).returncode != 0
    tc_078(nox, station, root)


# --- refused ---

def revoked(nox, keys, station):
    context, print_ = keys.context(), fingerprint(keys.file("pem"))
    assert nox.ctl("cert", "revoke", print_[:16], check=False).returncode == 2, "without --yes"
    nox.ctl("cert", "revoke", print_[:16], "--yes", "--why", "stolen")
    station.ws.wait_closed()
    assert not let_in(nox, station.name, context)
    rows = nox.ctl_json("station", "refused")["items"]
    assert any("revoked" in r["detail"] for r in rows), rows
    crl = openssl("crl", "-noout", "-text", stdin=nox.ctl("cert", "crl"))
    serial = openssl("x509", "-in", keys.file("pem"), "-noout", "-serial").strip().partition("=")[2]
    assert serial in crl, crl
    (row,) = [r for r in nox.ctl_json("cert", "list", "--revoked")["items"]]
    assert row["fingerprint"] == print_ and "stolen" in row["note"], row


def expired(nox, folder, keys):
    """Signed by the same CA, over since yesterday."""
    keys.csr()
    pki = os.path.join(nox.data, "pki")
    with open(os.path.join(folder, "ca.cnf"), "w", encoding="ascii") as out:
        out.write(f"[ca]\ndefault_ca=d\n[d]\ndatabase={folder}/index\nnew_certs_dir={folder}\nrand_serial=yes\n"
                  "default_md=sha256\npolicy=p\nx509_extensions=x\n[p]\norganizationName=supplied\ncommonName=supplied\n"
                  "[x]\nextendedKeyUsage=clientAuth\n")
    open(os.path.join(folder, "index"), "w").close()
    for end, want in (("20300101000000Z", True), ("20260102000000Z", False)):
        openssl("ca", "-batch", "-config", os.path.join(folder, "ca.cnf"), "-cert", os.path.join(pki, "ca.pem"), "-keyfile",
                os.path.join(pki, "ca.key"), "-in", keys.file("csr"), "-out", keys.file("pem"), "-startdate",
                "20260101000000Z", "-enddate", end, "-notext")
        open(os.path.join(folder, "index"), "w").close()
        assert let_in(nox, keys.name, keys.context()) == want, end


def survives(nox, folder, ca, flags):
    """kill -9 between the steps: pending, signed and not delivered; delivered once."""
    keys = Keys(folder, "S0003", ca)
    station = Station(nox.address, "S0003", nox.keys["S0003"])
    station.boot()
    csr = keys.csr()
    assert station.call("SignCertificate", {"csr": csr}) == {"status": "Accepted"}
    nox.kill()
    nox.start()
    (request,) = pending(nox, "S0003")
    nox.ctl("cert", "approve", str(request["id"]))
    eventually("signed", lambda: nox.sql("SELECT state FROM cert_request WHERE id = ?", request["id"]) == [(3,)])
    nox.kill()
    nox.start()
    station = Station(nox.address, "S0003", nox.keys["S0003"])
    station.boot()
    station.answers["CertificateSigned"] = lambda payload: keys.take(payload["certificateChain"])
    station.call("Heartbeat", {})
    station.wait_asked("CertificateSigned")
    eventually("accepted", lambda: nox.sql("SELECT state FROM cert_request WHERE id = ?", request["id"]) == [(4,)])
    station.serve(0.5)
    assert sum(a == "CertificateSigned" for a, _ in station.asked) == 1
    station.close()


def killed_while_replaced(nox):
    """noxd ends between the two renames of a new CA: the next start makes it good."""
    pki = os.path.join(nox.data, "pki")
    before = {name: open(os.path.join(pki, name), "rb").read() for name in ("ca.pem", "ca.key")}
    nox.ctl("cert", "ca", "init", "--replace")
    serial = nox.ctl_json("cert", "ca", "show")["serial"]
    port = nox.address[1]
    nox.kill()
    os.rename(os.path.join(pki, "ca.pem"), os.path.join(pki, "ca.pem.new"))
    with open(os.path.join(pki, "ca.pem"), "wb") as out:
        out.write(before["ca.pem"])
    nox.start(port)
    assert nox.ctl_json("cert", "ca", "show")["serial"] == serial, "the CA of before, whose key has gone"
    assert not os.path.exists(os.path.join(pki, "ca.pem.new"))
    nox.kill()
    with open(os.path.join(pki, "ca.pem.new"), "wb") as out:
        out.write(before["ca.pem"][:100])  # it had not come so far: nothing has changed
    nox.start(port)
    assert nox.ctl_json("cert", "ca", "show")["serial"] == serial
    assert not os.path.exists(os.path.join(pki, "ca.pem.new"))


def elsewhere(nox, folder, ca, lost):
    """A CA whose key is not here: the request goes out, the signed chain comes in."""
    key, cert = os.path.join(folder, "ext.key"), os.path.join(folder, "ext.pem")
    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", key, "-subj",
            "/O=DEW21/CN=Ext CA", "-days", "100", "-out", cert, "-addext", "keyUsage=critical,keyCertSign,cRLSign")
    assert nox.ctl("cert", "ca", "import", "--cert", cert, check=False).returncode == 5, "there is one"
    nox.ctl("cert", "ca", "import", "--cert", cert, "--replace")
    assert not os.path.exists(os.path.join(nox.data, "pki", "ca.key"))
    keys = Keys(folder, "S0002", ca)
    station = Station(nox.address, "S0002", nox.keys["S0002"])
    station.boot()
    assert station.call("SignCertificate", {"csr": keys.csr()}) == {"status": "Accepted"}
    station.answers["CertificateSigned"] = lambda payload: keys.take(payload["certificateChain"])
    (request,) = pending(nox, "S0002")
    given = os.path.join(folder, "given.csr")
    with open(given, "w", encoding="ascii") as out:
        out.write(nox.ctl("cert", "csr", str(request["id"])))
    with open(os.path.join(folder, "x.cnf"), "w", encoding="ascii") as out:
        out.write("extendedKeyUsage=clientAuth\nbasicConstraints=critical,CA:FALSE\n")
    signed = os.path.join(folder, "signed.pem")
    openssl("x509", "-req", "-in", given, "-CA", cert, "-CAkey", key, "-days", "30", "-out", signed, "-extfile",
            os.path.join(folder, "x.cnf"))
    assert nox.ctl("cert", "approve", str(request["id"]), check=False).returncode == 5, "nobody here can sign it"
    assert nox.ctl("cert", "sign", str(request["id"]), "--cert", cert, check=False).returncode == 5, "another key"
    nox.ctl("cert", "sign", str(request["id"]), "--cert", signed)
    station.wait_asked("CertificateSigned")
    station.close()
    profile(nox, "S0002", 3)
    assert eventually("let in with it", lambda: let_in(nox, "S0002", keys.context()))
    # its CA publishes no list: noxd itself closes the door
    nox.ctl("cert", "revoke", fingerprint(signed), "--yes")
    client = WsClient(*wss(nox), "/ocpp/S0002", tls=keys.context())
    assert client.wait_closed().code == 1008
    # what the CA before has revoked stays so
    assert not let_in(nox, "S0001", lost), "revoked by the CA before"
    assert nox.ctl("cert", "revoke", fingerprint(cert)[:20], "--yes", check=False).returncode == 5, "a CA"


def main():
    with tempfile.TemporaryDirectory() as folder:
        pki = os.path.join(folder, "server")
        subprocess.run([os.path.join(ROOT, "certs", "make-pki"), pki], check=True, stdout=subprocess.DEVNULL)
        ca = os.path.join(pki, "ca.pem")
        flags = ["--tls-listen", "127.0.0.1:0", "--tls-cert", os.path.join(pki, "server-ec.pem"), "--tls-key",
                 os.path.join(pki, "server-ec.key"), "--cpo-name", "DEW21"]
        with running(*flags) as nox:
            nox.apply(site(stations=4))
            nox.make_keys(["S0001", "S0002", "S0003", "S0004"])
            assert nox.ctl("cert", "ca", "show", check=False).returncode == 3
            nox.ctl("cert", "ca", "init")
            for name in ("ca.key", "ca.pem", "crl.pem"):
                assert os.stat(os.path.join(nox.data, "pki", name)).st_mode & 0o777 == 0o600, name
            other = Station(nox.address, "S0004", nox.keys["S0004"])
            other.boot()
            refused_requests(nox, Keys(folder, "S0004", ca), other)
            roots(nox, folder, other)
            keys = Keys(folder, "S0001", ca)
            station = Station(nox.address, "S0001", nox.keys["S0001"], answers={"GetConfiguration": {
                "configurationKey": [{"key": "CpoName", "readonly": False, "value": "factory"}], "unknownKey": []}})
            station.boot()
            assert station.wait_asked("ChangeConfiguration") == {"key": "CpoName", "value": "DEW21"}, "at boot"
            flood(nox, keys, station, other)
            tc_077_begins(nox, Keys(folder, "S0004", ca), other)  # some seconds pass until it goes on
            station = tc_074(nox, keys, station)
            tc_077(nox, other)
            other.close()
            station = renewal(nox, keys, station)
            lost = keys.context()
            revoked(nox, keys, station)
            expired(nox, folder, keys)
            survives(nox, folder, ca, flags)
            killed_while_replaced(nox)
            elsewhere(nox, folder, ca, lost)
            assert "ca.key" not in nox.log() and "PRIVATE KEY" not in nox.log()


if __name__ == "__main__":
    main()
