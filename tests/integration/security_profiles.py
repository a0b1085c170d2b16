"""Keys and security profiles changed through the station (white paper A01, A05; TC_073, TC_083), also by a kill -9 between.

Every way the station may come by is tried at the door: what ought to be open is open, everything else is refused.
"""
import base64
import contextlib
import json
import os
import ssl
import subprocess
import tempfile
import threading
import time

from noxd import BIN, ROOT, running
from ws import Closed, Refused, Station, WsClient

NAME = "S0001"


class Pki:
    def __init__(self, folder):
        self.dir = folder
        subprocess.run([os.path.join(ROOT, "certs", "make-pki"), "--station", NAME, folder], check=True,
                       stdout=subprocess.DEVNULL)

    def file(self, name):
        return os.path.join(self.dir, name)

    def tls(self, cert=False):
        context = ssl.create_default_context(cafile=self.file("ca.pem"))
        if cert:
            context.load_cert_chain(self.file(f"station-{NAME}.pem"), self.file(f"station-{NAME}.key"))
        return context

    def flags(self):
        return ["--tls-listen", "127.0.0.1:0", "--tls-cert", self.file("server-rsa.pem"), "--tls-key", self.file("server-rsa.key"),
                "--tls-cert", self.file("server-ec.pem"), "--tls-key", self.file("server-ec.key"),
                "--tls-client-ca", self.file("ca.pem"), "--call-timeout-s", "2"]


class Door:
    """The ways in: by profile, with a key (bytes as in OCPP-J section 6.2.2)."""

    def __init__(self, nox, pki):
        self.nox, self.pki = nox, pki

    def wss(self):
        url = next(u for u in self.nox.urls if u.startswith("wss://"))
        return "localhost", int(url[len("wss://"):].split("/")[0].rpartition(":")[2])

    def how(self, profile, key=None):
        address = self.nox.address if profile < 2 else self.wss()
        more = {} if profile < 2 else {"tls": self.pki.tls(profile == 3)}
        return address, bytes.fromhex(key) if key else None, more

    def status(self, profile, key=None):
        address, password, more = self.how(profile, key)
        if password is not None:
            more = {**more, "user": NAME, "password": password}
        try:
            WsClient(*address, f"/ocpp/{NAME}", **more).close()
            return 101
        except Refused as refusal:
            return refusal.status
        except (ssl.SSLError, Closed, OSError):
            return 0

    def station(self, profile, key=None, answers=None):
        address, password, more = self.how(profile, key)
        station = Station(address, NAME, password, answers=answers, **more)
        station.boot()
        return station


def while_serving(station, command):
    """Run a command of noxctl while the station answers."""
    out = {}
    thread = threading.Thread(target=lambda: out.update(done=command()))
    thread.start()
    while thread.is_alive():
        try:
            station.serve(0.05)
        except (Closed, OSError):
            break
    thread.join()
    return out["done"]


def push(nox, station, *words):
    return while_serving(station, lambda: nox.ctl("-o", "json", "station", "key", NAME, "--push", *words, check=False))


def shown(nox):
    return nox.ctl_json("station", "security-profile", NAME)


def eventually(what, test, seconds=10):
    deadline = time.monotonic() + seconds
    while not test():
        assert time.monotonic() < deadline, what
        time.sleep(0.05)


def key_changes(nox, door, old):
    """TC_073: after Accepted the new key opens and the old one does not; refused by the station the old one stays."""
    station = door.station(1, old)
    done = push(nox, station)
    assert done.returncode == 0, (done.stdout, done.stderr)
    request = station.wait_asked("ChangeConfiguration", match=lambda p: p["key"] == "AuthorizationKey")
    new = request["value"]
    assert len(new) == 40 and bytes.fromhex(new) and new in done.stdout, request
    station.close()
    assert door.status(1, old) == 401 and door.status(1, new) == 101
    assert door.status(1) == 401

    station = door.station(1, new, {"ChangeConfiguration": {"status": "Rejected"}})
    done = push(nox, station, "--key", "00112233445566778899aabbccddeeff")
    assert done.returncode == 8, (done.returncode, done.stdout, done.stderr)
    station.close()
    assert door.status(1, "00112233445566778899aabbccddeeff") == 401 and door.status(1, new) == 101

    # By the other commands the hash that is kept follows just the same.
    station = door.station(1, new)
    chosen = "000102030405060708090a0b0c0d0e0f10111213"
    done = while_serving(station, lambda: nox.ctl("station", "call", NAME, "ChangeConfiguration",
                                                  '{"key": "AuthorizationKey", "value": "%s"}' % chosen, check=False))
    assert done.returncode == 0, done.stderr
    station.close()
    assert door.status(1, new) == 401 and door.status(1, chosen) == 101
    for wrong in ("0011", "zz" * 16, "00" * 21):
        done = nox.ctl("station", "key", NAME, "--push", "--key", wrong, check=False)
        assert done.returncode in (1, 2) and "hexadecimal" in done.stderr, (done.returncode, done.stderr)
    return chosen


def key_survives_kill(nox, door, old):
    """noxd dies between the request and its answer: both keys open, until the new one was used."""
    got = []
    station = door.station(1, old, {"ChangeConfiguration": lambda p: got.append(p["value"])})  # no answer
    thread = threading.Thread(target=lambda: nox.ctl("station", "key", NAME, "--push", check=False))
    thread.start()
    eventually("the key did not come", lambda: station.serve(0.05) or got)
    nox.kill()
    thread.join()
    nox.start()
    new = got[0]
    assert shown(nox)["key_pending"] is True
    assert door.status(1, old) == 101, "the outcome is unknown: the old key is valid"
    assert door.status(1, "ff" * 20) == 401
    assert door.status(1, new) == 101, "and so is the new one"
    eventually("still pending", lambda: shown(nox)["key_pending"] is False)
    assert door.status(1, old) == 401 and door.status(1, new) == 101, "used once, it is the only one"
    nox.kill()
    nox.start()
    assert door.status(1, old) == 401 and door.status(1, new) == 101
    return new


def key_without_answer(nox, door, old):
    station = door.station(1, old, {"ChangeConfiguration": lambda p: None})
    done = push(nox, station)
    assert done.returncode == 9, (done.returncode, done.stdout, done.stderr)
    new = station.wait_asked("ChangeConfiguration")["value"]
    done = push(nox, station)
    assert done.returncode == 5 and "lock" in done.stderr, (done.returncode, done.stderr)
    station.close()
    assert door.status(1, old) == 101 and door.status(1, new) == 101 and door.status(1, old) == 401
    rows = [row["detail"] for row in nox.ctl_json("station", "refused")["items"] if row["reason"] == "bad-key"]
    assert any("--rollback" in detail for detail in rows), rows
    nox.ctl("station", "key", NAME, "--rollback")
    assert door.status(1, old) == 101 and door.status(1, new) == 401, "the operator went back"
    nox.ctl("station", "key", NAME, "--rollback")
    assert door.status(1, old) == 401 and door.status(1, new) == 101, "and forward again"
    return new


def raise_to(nox, station, profile, *words):
    return while_serving(station, lambda: nox.ctl("station", "security-profile", NAME, str(profile), *words, check=False))


def profile_raised(nox, door, key):
    """TC_083: 1 to 2, then 2 to 3: both open until the first connection by the new one, then the old one never again."""
    station = door.station(1, key, {"ChangeConfiguration": {"status": "Rejected"}})
    done = raise_to(nox, station, 2)
    assert done.returncode == 8 and not any(action == "Reset" for action, _ in station.asked), done.stderr
    assert shown(nox)["security_profile"] == 1 and shown(nox)["pending_profile"] is None
    station.close()

    station = door.station(1, key)
    done = raise_to(nox, station, 2)
    assert done.returncode == 0 and "reset: Accepted" in done.stdout, (done.stdout, done.stderr)
    assert ("ChangeConfiguration", {"key": "SecurityProfile", "value": "2"}) in station.asked
    assert ("Reset", {"type": "Hard"}) in station.asked
    station.close()
    assert shown(nox)["pending_profile"] == 2
    assert door.status(1, key) == 101, "until it has come by the new one the old one is open"
    nox.kill()
    nox.start()
    assert shown(nox)["pending_profile"] == 2, "the window survives"
    assert door.status(1, key) == 101
    assert door.status(2, "ee" * 20) == 401, "a wrong key does not raise"
    assert door.status(1, key) == 101
    assert door.status(2, key) == 101
    eventually("not raised", lambda: shown(nox)["security_profile"] == 2)
    assert door.status(1, key) == 401 and door.status(2, key) == 101, "refused for ever"
    nox.kill()
    nox.start()
    assert door.status(1, key) == 401 and door.status(2, key) == 101

    station = door.station(2, key)
    done = raise_to(nox, station, 3, "--no-reset")
    assert done.returncode == 0 and not any(action == "Reset" for action, _ in station.asked), done.stderr
    assert door.status(2, key) == 101 and door.status(1, key) == 401
    assert door.status(3) == 101
    eventually("not raised", lambda: shown(nox)["security_profile"] == 3)
    assert door.status(2, key) == 401 and door.status(1, key) == 401 and door.status(3) == 101

    station = door.station(3)
    for words in (["security-profile", NAME, "2"], ["call", NAME, "ChangeConfiguration", '{"key": "SecurityProfile", "value": "1"}']):
        done = while_serving(station, lambda: nox.ctl("station", *words, check=False))
        assert done.returncode == 5 and "apply" in done.stderr, (words, done.returncode, done.stderr)
    assert not any(action == "ChangeConfiguration" for action, _ in station.asked), station.asked
    assert shown(nox)["security_profile"] == 3
    station.close()


def told_by_the_station(nox, door, key):
    """Some stations tell their key when they are asked (OCPP-J errata 3.10): nobody sees it."""
    station = door.station(1, key, {"GetConfiguration": {"configurationKey": [
        {"key": "AuthorizationKey", "readonly": False, "value": key}, {"key": "HeartbeatInterval", "readonly": False, "value": "300"}]}})
    done = while_serving(station, lambda: nox.ctl("station", "call", NAME, "GetConfiguration", check=False))
    assert done.returncode == 0 and "HeartbeatInterval" in done.stdout and key not in done.stdout, done.stdout
    station.close()
    return key


def secrets_stay_secret(nox, keys):
    rows = str(nox.sql("SELECT * FROM event")) + str(nox.sql("SELECT * FROM call_log")) + nox.log()
    for folder, _, names in os.walk(nox.data):
        for name in names:
            with contextlib.suppress(OSError), open(os.path.join(folder, name), "rb") as file:
                kept = file.read()
                assert not any(key.encode() in kept or bytes.fromhex(key) in kept for key in keys), f"a key in {name}"
    for key in keys:
        assert key not in rows and base64.b64encode(bytes.fromhex(key)).decode() not in rows, "a key where it can be read"


def simulated(nox, pki, folder):
    """The same with noxsim as the station: it boots anew, comes by wss, keeps what it was told."""
    site = {"stations": [{"id": NAME, "security_profile": 1, "connectors": [{"id": 1}]}]}
    nox.apply(site)
    nox.make_keys([NAME])
    nox.write_keys(os.path.join(folder, "keys.csv"))
    with open(os.path.join(folder, "site.json"), "w", encoding="utf-8") as out:
        json.dump(site, out)
    sim = subprocess.Popen([os.path.join(BIN, "noxsim"), "run", "--url", nox.url, "--url", "wss://%s:%d/ocpp" % Door(nox, pki).wss(),
                            "--site", os.path.join(folder, "site.json"), "--keys", os.path.join(folder, "keys.csv"), "--key-store",
                            os.path.join(folder, "store"), "--ca", pki.file("ca.pem"), "--quiet"], stdout=subprocess.DEVNULL)
    try:
        eventually("noxsim does not come", lambda: shown(nox)["online"])
        nox.ctl("station", "key", NAME, "--push")
        nox.ctl("station", "security-profile", NAME, "2")
        eventually("noxsim does not come back", lambda: shown(nox)["connected_by_profile"] == 2, 40)
        assert shown(nox)["security_profile"] == 2 and shown(nox)["key_pending"] is False
        old = bytes.fromhex(nox.keys[NAME])
        address, _, more = Door(nox, pki).how(2)
        try:
            WsClient(*address, f"/ocpp/{NAME}", user=NAME, password=old, **more)
            raise AssertionError("the old key opens")
        except Refused as refusal:
            assert refusal.status == 401
    finally:
        sim.terminate()
        assert sim.wait(20) == 0


with tempfile.TemporaryDirectory(prefix="nox-test-") as folder:
    pki = Pki(folder)
    with running(*pki.flags(), "--log-level", "debug") as nox:
        nox.apply({"stations": [{"id": NAME, "security_profile": 1, "connectors": [{"id": 1}]}]})
        door = Door(nox, pki)
        keys = [nox.make_keys([NAME])[NAME]]
        for step in (key_changes, key_survives_kill, key_without_answer, told_by_the_station):
            keys.append(step(nox, door, keys[-1]))
        profile_raised(nox, door, keys[-1])
        secrets_stay_secret(nox, keys)
    with running(*pki.flags()) as nox:
        simulated(nox, pki, folder)
    with running() as nox:  # no wss listener: a station sent there could not come back
        nox.apply({"stations": [{"id": NAME, "security_profile": 1, "connectors": [{"id": 1}]}]})
        key = nox.make_keys([NAME])[NAME]
        station = Station(nox.address, NAME, bytes.fromhex(key))
        station.boot()
        done = raise_to(nox, station, 2)
        assert done.returncode == 5 and "--tls-listen" in done.stderr and "--force" in done.stderr, done.stderr
        done = raise_to(nox, station, 2, "--force")
        assert done.returncode == 0, done.stderr
        station.close()
print("keys and profiles follow the station, and only upwards")
