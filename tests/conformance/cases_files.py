"""Firmware and diagnostics, plain and signed: the station really fetches and delivers the files."""
import os
import tempfile
import urllib.request

from cases_security import openssl, security_event
from tool import case

IMAGE = b"version: 2.0\n" + bytes(range(256)) * 64


def fetched(url):
    with urllib.request.urlopen(url, timeout=30) as answer:
        return answer.read()


def delivered(url, body, name):
    """PUT to the folder or file that the location names."""
    target = url + name if url.endswith("/") else url
    request = urllib.request.Request(target, data=body, method="PUT")
    with urllib.request.urlopen(request, timeout=30) as answer:
        return answer.status


class Firmware:
    """A firmware in the central system, signed by a maker's key of its own."""

    def __init__(self, t, version):
        self.folder = tempfile.TemporaryDirectory(prefix="nox-firmware-")
        path, key, cert, signature = (os.path.join(self.folder.name, n) for n in ("image", "key", "cert", "signature"))
        with open(path, "wb") as file:
            file.write(version.encode() + IMAGE)
        openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", cert, "-days", "30",
                "-subj", "/O=Maker/CN=Firmware")
        openssl("dgst", "-sha256", "-sign", key, "-out", signature, path)
        self.image, self.key, self.cert = version.encode() + IMAGE, key, cert
        self.id = t.run("firmware", "add", path, "--version", version, "--signature", signature, "--cert", cert)["id"]

    def verified(self, asked, folder):
        """Is the signature in the request that of the image by the certificate in the request?"""
        cert, signature, image = (os.path.join(folder, n) for n in ("c", "s", "i"))
        with open(cert, "w", encoding="ascii") as file:
            file.write(asked["firmware"]["signingCertificate"])
        with open(signature, "wb") as file:
            file.write(openssl("base64", "-d", "-A", data=asked["firmware"]["signature"].encode()))
        with open(image, "wb") as file:
            file.write(self.image)
        with open(cert + ".pub", "wb") as file:
            file.write(openssl("x509", "-in", cert, "-noout", "-pubkey"))
        try:
            openssl("dgst", "-sha256", "-verify", cert + ".pub", "-signature", signature, image)
            return True
        except Exception:  # openssl says no by its exit code
            return False


def job_state(t):
    return t.json("file", "jobs", t.name)["items"][0]["state"]


def update(t, cp, *flags):
    firmware = Firmware(t, t.name)
    t.run("firmware", "update", t.name, firmware.id, *flags)
    asked = cp.wait_asked("SignedUpdateFirmware" if "--signed" in flags else "UpdateFirmware")
    return firmware, asked


def told(cp, *states):
    for state in states:
        assert cp.call("FirmwareStatusNotification", {"status": state}) == {}


def ends(t, *words):
    t.eventually(f"the job is {words}", lambda: job_state(t) in words)


@case("TC_044_1_CSMS")
def install(t):
    cp = t.point(answers={"UpdateFirmware": {}})
    firmware, asked = update(t, cp)
    told(cp, "Downloading")
    assert fetched(asked["location"]) == firmware.image
    told(cp, "Downloaded")
    cp.status("Unavailable")
    told(cp, "Installing")
    cp.close()
    cp = t.point(booted=False)
    cp.call("BootNotification", {"chargePointVendor": "NoxTest", "chargePointModel": "Test", "firmwareVersion": t.name})
    cp.status("Available")
    told(cp, "Installed")
    ends(t, "done")


@case("TC_044_2_CSMS")
def download_fails(t):
    cp = t.point(answers={"UpdateFirmware": {}})
    update(t, cp)
    told(cp, "Downloading", "DownloadFailed")
    ends(t, "failed")


@case("TC_044_3_CSMS")
def installation_fails(t):
    cp = t.point(answers={"UpdateFirmware": {}})
    update(t, cp)
    told(cp, "Downloading", "Downloaded")
    cp.status("Unavailable")
    told(cp, "Installing")
    cp.close()
    cp = t.point()
    told(cp, "InstallationFailed")
    ends(t, "failed")


def diagnostics(t, *states):
    cp = t.point(answers={"GetDiagnostics": {"fileName": "diagnostics.txt"}})
    t.run("diagnostics", "get", t.name)
    asked = cp.wait_asked("GetDiagnostics")
    for state in states:
        if state == "Uploaded":
            assert delivered(asked["location"], b"all is well\n", "diagnostics.txt") in (200, 201, 204)
        assert cp.call("DiagnosticsStatusNotification", {"status": state}) == {}


@case("TC_045_1_CSMS")
def diagnostics_uploaded(t):
    diagnostics(t, "Uploading", "Uploaded")
    ends(t, "done")
    name = t.json("file", "jobs", t.name)["items"][0]["file"]
    target = tempfile.mkdtemp(prefix="nox-got-")
    t.run("file", "get", name, os.path.join(target, "got"))
    with open(os.path.join(target, "got"), "rb") as file:
        assert file.read() == b"all is well\n"


@case("TC_045_2_CSMS")
def diagnostics_upload_fails(t):
    diagnostics(t, "Uploading", "UploadFailed")
    ends(t, "failed")


@case("TC_079_CSMS")
def security_log(t):
    cp = t.point(answers={"GetLog": {"status": "Accepted", "filename": "security.log"}})
    t.run("log", "get", t.name, "--type", "security")
    asked = cp.wait_asked("GetLog")
    assert asked["logType"] == "SecurityLog" and asked["log"]["remoteLocation"], asked
    request = {"requestId": asked["requestId"]}
    assert cp.call("LogStatusNotification", {"status": "Uploading", **request}) == {}
    assert delivered(asked["log"]["remoteLocation"], b"tamper: none\n", "security.log") in (200, 201, 204)
    assert cp.call("LogStatusNotification", {"status": "Uploaded", **request}) == {}
    ends(t, "done")


def signed(cp, asked, *states):
    for state in states:
        assert cp.call("SignedFirmwareStatusNotification", {"status": state, "requestId": asked["requestId"]}) == {}


@case("TC_080_CSMS")
def signed_firmware(t):
    cp = t.point()
    firmware, asked = update(t, cp, "--signed")
    with tempfile.TemporaryDirectory(prefix="nox-verify-") as folder:
        assert firmware.verified(asked, folder), "the signature does not fit"
    signed(cp, asked, "Downloading")
    cp.status("Unavailable")
    assert fetched(asked["firmware"]["location"]) == firmware.image
    signed(cp, asked, "Downloaded", "SignatureVerified", "Installing", "InstallRebooting")
    cp.close()
    cp = t.point(booted=False)
    cp.call("BootNotification", {"chargePointVendor": "NoxTest", "chargePointModel": "Test", "firmwareVersion": t.name})
    security_event(t, cp, "FirmwareUpdated")
    cp.status("Available")
    signed(cp, asked, "Installed")
    ends(t, "done")


@case("TC_081_CSMS")
def wrong_signature(t):
    cp = t.point()
    firmware, asked = update(t, cp, "--signed", "--no-check")
    with tempfile.TemporaryDirectory(prefix="nox-verify-") as folder:
        assert not firmware.verified(asked, folder), "the signature was to be wrong"
    signed(cp, asked, "Downloading", "Downloaded", "InvalidSignature")
    security_event(t, cp, "InvalidFirmwareSignature")
    ends(t, "failed")
