"""A full disk: no acknowledgement, a clear alarm, recovery without a restart.

A small tmpfs when mounting is allowed (real ENOSPC), and in any case the quota of --max-db-bytes.
"""
import contextlib
import os
import subprocess
import tempfile
import threading
import time

from noxd import Noxd, site
from ws import Closed, Refused, Station, connect_tcp, now_text


def fill(nox, name, limit_s=120):
    """Talk until the disk is full: the last word must stay unanswered and the socket be closed."""
    station = Station(nox.address, name, nox.keys[name])
    station.boot()
    tx = station.start("A1", 0)["transactionId"]
    acknowledged = []
    deadline = time.monotonic() + limit_s
    filler = "x" * 3000
    while time.monotonic() < deadline:
        at = now_text(len(acknowledged) * 1e-3 - 3000)
        payload = {"connectorId": 1, "transactionId": tx, "meterValue": [
            {"timestamp": at, "sampledValue": [{"value": str(len(acknowledged))},
                                               {"value": filler, "format": "SignedData"}]}]}
        try:
            answer = station.wait_answer(station.send_call("MeterValues", payload), 20)
        except (Closed, OSError):
            return tx, acknowledged
        assert answer == {}, f"neither stored nor closed: {answer}"
        acknowledged.append(at)
    raise AssertionError("the disk did not become full")


def stored(nox, tx):
    return nox.sql("SELECT count(*) FROM meter WHERE tx_id = ?", tx)[0][0]


def check_alarm(nox):
    status = nox.ctl_json("status")
    assert status["storage"]["ok"] is False and "full" in status["storage"]["text"], status["storage"]
    assert "room" in status["storage"]["text"], "the text must say what to do"
    deadline = time.monotonic() + 10
    while "storage.failing" not in nox.log():
        assert time.monotonic() < deadline, nox.log()[-2000:]
        time.sleep(0.05)
    assert any(alarm["name"] == "storage.failing" for alarm in status["alarms"]), status["alarms"]


def no_acknowledgement(nox, name):
    """Whatever a station says while nothing can be stored, it is not confirmed."""
    try:
        station = Station(nox.address, name, nox.keys[name])
        answer = station.wait_answer(station.send_call("StartTransaction", {
            "connectorId": 1, "idTag": "A1", "meterStart": 1, "timestamp": now_text()}), 5)
        assert answer is None, f"confirmed although nothing can be stored: {answer}"
    except (Closed, OSError, Refused):
        pass


def recovered(nox, name, timeout=30):
    deadline = time.monotonic() + timeout
    while True:
        try:
            station = Station(nox.address, name, nox.keys[name])
            station.boot()
            tx = station.start("A1", 77, at=now_text())["transactionId"]
            station.stop(tx, 177)
            return
        except (Closed, OSError, Refused, AssertionError):
            if time.monotonic() > deadline:
                raise
            time.sleep(0.5)


def upload_leaves_room(nox, name):
    """An upload does not take the room that the database needs: a station could silence the whole street."""
    station = Station(nox.address, name, nox.keys[name])
    station.boot()
    asking = threading.Thread(target=lambda: nox.api("POST", f"/v1/stations/{name}/log", {"type": "security"}))
    asking.start()
    url = station.wait_asked("GetLog")["log"]["remoteLocation"]
    asking.join()
    with connect_tcp(*nox.address) as sock:
        path = url[url.index("/files/"):]
        sock.sendall(f"PUT {path} HTTP/1.1\r\nHost: x\r\nContent-Length: 20000000\r\n\r\n".encode())
        answer = sock.recv(1000)
        assert b" 507 " in answer and b"left to the database" in answer, answer
    assert station.call("SecurityEventNotification", {"type": "x", "timestamp": "2026-11-25T10:00:00Z"}) == {}
    station.close()


def on_tmpfs():
    folder = tempfile.mkdtemp(prefix="nox-full-")
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", folder], capture_output=True, check=False)
    if mounted.returncode != 0:
        os.rmdir(folder)
        print("a tmpfs cannot be mounted: only the quota is tried")
        return
    ballast = os.path.join(folder, "ballast")
    nox = Noxd(data=folder)
    try:
        with open(ballast, "wb") as out:
            out.write(b"\0" * 1_500_000)
        nox.start()
        nox.apply(site(stations=2))
        nox.make_keys(["S0001", "S0002"])
        upload_leaves_room(nox, "S0001")
        tx, acknowledged = fill(nox, "S0001")
        check_alarm(nox)
        no_acknowledgement(nox, "S0002")
        assert stored(nox, tx) >= len(acknowledged), "acknowledged and lost"
        os.remove(ballast)
        recovered(nox, "S0002")
        assert nox.ctl_json("status")["storage"]["ok"] is True
        assert stored(nox, tx) >= len(acknowledged)
        nox.stop()
        print(f"tmpfs: {len(acknowledged)} meter values acknowledged and there; recovered by itself")
    except BaseException:
        print(nox.log()[-4000:])
        raise
    finally:
        if nox.process and nox.process.poll() is None:
            nox.kill()
        with contextlib.suppress(OSError):
            subprocess.run(["umount", folder], check=False)
            os.rmdir(folder)


def on_quota():
    nox = Noxd("--max-db-bytes", "1500000")
    try:
        nox.start()
        nox.apply(site(stations=2))
        nox.make_keys(["S0001", "S0002"])
        tx, acknowledged = fill(nox, "S0001")
        check_alarm(nox)
        no_acknowledgement(nox, "S0002")
        assert stored(nox, tx) >= len(acknowledged), "acknowledged and lost"
        nox.stop()
        nox.flags = []
        nox.start()
        recovered(nox, "S0002")
        nox.stop()
        print(f"quota: {len(acknowledged)} meter values acknowledged and there")
    except BaseException:
        print(nox.log()[-4000:])
        raise
    finally:
        if nox.process and nox.process.poll() is None:
            nox.kill()
        nox.remove()


on_quota()
on_tmpfs()
