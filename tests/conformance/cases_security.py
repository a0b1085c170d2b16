"""The security extension: connection, keys, certificates, events, logs, signed firmware."""
import hashlib
import os
import ssl
import subprocess
import tempfile

import ws
from tool import Point, at, case

SUITES = {  # the four of the white paper, and the kind of certificate each needs
    "ECDHE-ECDSA-AES128-GCM-SHA256": "ec",
    "ECDHE-ECDSA-AES256-GCM-SHA384": "ec",
    "AES128-GCM-SHA256": "rsa",
    "AES256-GCM-SHA384": "rsa",
}


def tls_context(t, suite=None, certificate=None):
    context = ssl.create_default_context(cafile=os.path.join(t.pki, "ca.pem"))
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if suite:
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        context.set_ciphers(suite)
    if certificate:
        context.load_cert_chain(os.path.join(t.pki, certificate + ".pem"), os.path.join(t.pki, certificate + ".key"))
    return context


def over_tls(t, booted=True, **more):
    p = Point(t, t.name, t.nox.keys.get(t.name), tls=tls_context(t, **more), address=t.tls_address)
    t.points.append(p)
    return p.booted() if booted else p


def status_of(t, **more):
    """HTTP status of an upgrade on the plain listener; 101 when it is let in."""
    try:
        client = ws.WsClient(*t.address, f"/ocpp/{t.name}", **more)
    except ws.Refused as refused:
        return refused.status
    client.close()
    return 101


# --- connection set-up ---

@case("TC_085_CSMS")
def basic_authentication(t):
    key = t.nox.keys[t.name]
    assert status_of(t) == 401
    assert status_of(t, user=t.name, password="wrong" * 4) == 401
    assert status_of(t, user=t.name, password=bytes.fromhex(key)) == 101
    t.point(key=bytes.fromhex(key))


@case("TC_086_CSMS", security_profile=2)
def server_certificate(t):
    for suite, kind in SUITES.items():
        cp = over_tls(t, booted=False, suite=suite)
        assert cp.ws.sock.version() == "TLSv1.2" and cp.ws.sock.cipher()[0] == suite, cp.ws.sock.cipher()
        seen = subprocess.run(["openssl", "x509", "-inform", "DER", "-noout", "-text"], capture_output=True, check=True,
                              input=cp.ws.sock.getpeercert(binary_form=True)).stdout.decode()
        assert ("2048 bit" if kind == "rsa" else "256 bit") in seen, seen
        assert "CN = localhost" in seen and "Serial Number" in seen, seen
        cp.close()
    cp = over_tls(t)
    assert cp.ws.sock.version() == "TLSv1.3"


@case("TC_087_CSMS", security_profile=3)
def client_certificate(t):
    cp = over_tls(t, certificate="station-TC-087")
    assert cp.call("Heartbeat", {})["currentTime"]
    cp.close()
    for certificate in (None, "station-rogue", "station-expired", "station-wrong-usage", "station-self-signed"):
        try:
            over_tls(t, booted=False, certificate=certificate)
        except (ws.Refused, ws.Closed, OSError):
            continue
        raise AssertionError(f"let in with {certificate}")


@case("TC_088_CSMS", security_profile=0)
def subprotocol(t):
    assert status_of(t, protocols=("ocpp0.1",)) in (400, 404)
    client = ws.WsClient(*t.address, f"/ocpp/{t.name}", protocols=("ocpp0.1", "ocpp1.6"))
    assert client.header("Sec-WebSocket-Protocol") == "ocpp1.6", client.head
    client.close()


# --- keys and profiles ---

@case("TC_073_CSMS")
def new_key(t):
    old = bytes.fromhex(t.nox.keys[t.name])
    cp = t.point(key=old)
    t.run("station", "key", t.name, "--push")
    asked = cp.wait_asked("ChangeConfiguration", match=lambda a: a["key"] == "AuthorizationKey")
    new = bytes.fromhex(asked["value"])
    assert 16 <= len(new) <= 20 and len(asked["value"]) <= 40, "a key has 16 to 20 bytes"
    cp.close()
    t.eventually("the old key is refused", lambda: status_of(t, user=t.name, password=old) == 401)
    t.point(key=new)
    assert status_of(t, user=t.name, password=old) == 401


def let_in(t, profile):
    """Is a connection of this profile let in?"""
    try:
        if profile == 1:
            return status_of(t, user=t.name, password=bytes.fromhex(t.nox.keys[t.name])) == 101
        cp = over_tls(t, booted=False, certificate="station-TC-083" if profile == 3 else None)
        cp.close()
        return True
    except (ws.Refused, ws.Closed, OSError):
        return False


@case("TC_083_CSMS")
def higher_profile(t):
    for profile in (2, 3):
        cp = t.point() if profile == 2 else over_tls(t)
        raised = t.in_background("station", "security-profile", t.name, profile, *(["--force"] if profile == 3 else []))
        asked = cp.wait_asked("ChangeConfiguration", match=lambda a: a["key"] == "SecurityProfile")
        assert asked["value"] == str(profile), asked
        assert cp.wait_asked("Reset") == {"type": "Hard"}
        cp.close()
        raised()
        cp = over_tls(t, certificate="station-TC-083" if profile == 3 else None)
        cp.close()
        assert not let_in(t, profile - 1), f"profile {profile - 1} is still let in"
        assert let_in(t, profile), f"profile {profile} is not let in"


# --- certificates ---

def openssl(*words, data=None):
    return subprocess.run(["openssl", *words], input=data, capture_output=True, check=True).stdout


def fields_of(pem):
    """Subject, public key and signature algorithm of the first certificate."""
    text = pem.encode()
    return (openssl("x509", "-noout", "-subject", "-nameopt", "RFC2253", data=text).decode().strip(),
            openssl("x509", "-noout", "-pubkey", data=text), openssl("x509", "-noout", "-text", data=text).decode())


def new_certificate(t, folder, answer):
    """The central system asks for a request, gets it, and sends what it has signed; (station, its key, the chain)."""
    key, csr = os.path.join(folder, "key.pem"), os.path.join(folder, "csr.pem")
    openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", key)
    openssl("req", "-new", "-key", key, "-subj", f"/O=NOX-Block/CN={t.name}", "-out", csr)
    cp = over_tls(t)
    cp.answers["CertificateSigned"] = {"status": answer}
    t.run("cert", "renew", t.name)
    asked = cp.wait_asked("ExtendedTriggerMessage")
    assert asked == {"requestedMessage": "SignChargePointCertificate"}, asked
    with open(csr, encoding="ascii") as file:
        assert cp.call("SignCertificate", {"csr": file.read()})["status"] == "Accepted"
    pending = t.eventually("the request is shown", lambda: [
        row for row in t.json("cert", "pending")["items"] if row["station"] == t.name])
    t.run("cert", "approve", pending[0]["id"])
    return cp, key, cp.wait_asked("CertificateSigned")["certificateChain"]


@case("TC_074_CSMS", security_profile=2)
def sign_certificate(t):
    with tempfile.TemporaryDirectory(prefix="nox-key-") as folder:
        cp, key, chain = new_certificate(t, folder, "Accepted")
        subject, public, text = fields_of(chain)
        assert f"CN={t.name}" in subject, subject
        assert public == openssl("pkey", "-in", key, "-pubout"), "another key than that of the request"
        assert "256 bit" in text and ("ecdsa-with-SHA256" in text or "sha256WithRSA" in text), text
        with open(os.path.join(folder, "chain.pem"), "w", encoding="ascii") as file:
            file.write(chain)
        raised = t.in_background("station", "security-profile", t.name, 3, "--force", "--no-reset")
        cp.wait_asked("ChangeConfiguration", match=lambda a: a["key"] == "SecurityProfile")
        raised()
        cp.close()
        context = tls_context(t)
        context.load_cert_chain(os.path.join(folder, "chain.pem"), key)
        again = Point(t, t.name, tls=context, address=t.tls_address)
        t.points.append(again)
        again.booted()


@case("TC_077_CSMS", security_profile=2)
def certificate_rejected(t):
    with tempfile.TemporaryDirectory(prefix="nox-key-") as folder:
        cp, _, _ = new_certificate(t, folder, "Rejected")
    security_event(t, cp, "InvalidChargePointCertificate")


def security_event(t, cp, kind):
    assert cp.call("SecurityEventNotification", {"type": kind, "timestamp": at()}) == {}
    t.eventually("the event is shown", lambda: kind in str(t.json("security", "list", "--station", t.name)["items"]))


def hash_data(pem, algorithm):
    """CertificateHashDataType as a station reports it; the hashes are those of RFC 6960."""
    name = openssl("x509", "-noout", "-subject", "-nameopt", "RFC2253", data=pem.encode())
    serial = openssl("x509", "-noout", "-serial", data=pem.encode()).decode().strip().split("=")[1]
    return {"hashAlgorithm": algorithm, "issuerNameHash": hashlib.new(algorithm, name).hexdigest(),
            "issuerKeyHash": hashlib.new(algorithm, b"key" + name).hexdigest(), "serialNumber": serial}


def root_of(t):
    with open(os.path.join(t.pki, "ca.pem"), encoding="ascii") as file:
        return os.path.join(t.pki, "ca.pem"), file.read()


def install(t, kind, status="Accepted", expect=0):
    path, pem = root_of(t)
    cp = t.point(answers={"InstallCertificate": {"status": status}})
    t.run("cert", "install", t.name, "--type", kind, "--file", path, expect=expect)
    asked = cp.wait_asked("InstallCertificate")
    assert asked["certificateType"] == kind and asked["certificate"].split() == pem.split(), asked
    return cp, pem


def install_and_list(t, kind):
    cp, pem = install(t, kind)
    cp.answers["GetInstalledCertificateIds"] = {"status": "Accepted", "certificateHashData": [hash_data(pem, "SHA256")]}
    t.run("cert", "installed", t.name, "--type", kind)
    assert cp.wait_asked("GetInstalledCertificateIds") == {"certificateType": kind}


@case("TC_075_1_CSMS")
def install_manufacturer_root(t):
    install_and_list(t, "ManufacturerRootCertificate")


@case("TC_075_2_CSMS")
def install_central_root(t):
    install_and_list(t, "CentralSystemRootCertificate")


@case("TC_076_CSMS")
def delete_certificate(t):
    cp, pem = install(t, "ManufacturerRootCertificate")
    for algorithm in ("SHA256", "SHA384", "SHA512"):
        data = hash_data(pem, algorithm)
        cp.answers["GetInstalledCertificateIds"] = {"status": "Accepted", "certificateHashData": [data]}
        t.run("cert", "installed", t.name, "--type", "ManufacturerRootCertificate")
        cp.wait_asked("GetInstalledCertificateIds")
        t.run("cert", "delete", t.name, data["serialNumber"])
        assert cp.wait_asked("DeleteCertificate") == {"certificateHashData": data}


@case("TC_078_CSMS")
def root_rejected(t):
    cp, _ = install(t, "CentralSystemRootCertificate", "Rejected", expect=8)
    security_event(t, cp, "InvalidCentralSystemCertificate")
