"""Every frame is kept, found again, exported whole, watched as it passes; secrets are not; kill -9 loses next to nothing."""
import csv
import glob
import json
import os
import signal
import subprocess
import time

from noxd import BIN, running, site
from ws import Refused, Station

KEY = "00112233445566778899aabbccddeeff00112233"
TOKEN = "t0k3n-that-nobody-may-read"


def follow(nox, *words):
    return subprocess.Popen([os.path.join(BIN, "noxctl"), "--data", nox.data, "frames", "tail", "-f", "-o", "json", *words],
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def frames(nox, *words):
    return nox.ctl_json("frames", *words)["items"]


def on_disk(nox):
    files = glob.glob(os.path.join(nox.data, "frames", "*"))
    return b"".join(open(name, "rb").read() for name in files)


with running() as nox:
    nox.apply(site(stations=3))
    nox.make_keys(["S0001", "S0002", "S0003"])
    watcher = follow(nox)
    watcher_of_one = follow(nox, "S0002", "--action", "Heartbeat")
    station = Station(nox.address, "S0001", nox.keys["S0001"])
    station.boot()
    other = Station(nox.address, "S0002", nox.keys["S0002"])
    other.boot()
    time.sleep(0.5)  # the watchers are there
    for _ in range(3):
        other.call("Heartbeat", {})
    tx = station.start("A1", 5)["transactionId"]
    station.stop(tx, 9)

    # our own requests, with a secret and a one-time address
    for payload in ({"key": "AuthorizationKey", "value": KEY}, {"key": "WifiPassword", "value": KEY}):
        asked = subprocess.Popen([os.path.join(BIN, "noxctl"), "--data", nox.data, "station", "call", "S0001",
                                  "ChangeConfiguration", json.dumps(payload)], stdout=subprocess.DEVNULL)
        station.wait_asked("ChangeConfiguration", match=lambda p, want=payload: p["key"] == want["key"])
        asked.wait(20)
    location = f"http://user:{TOKEN}@127.0.0.1/files/{TOKEN}/fw.bin"
    asked = subprocess.Popen([os.path.join(BIN, "noxctl"), "--data", nox.data, "station", "call", "S0001", "GetDiagnostics",
                              json.dumps({"location": location})], stdout=subprocess.DEVNULL)
    assert station.wait_asked("GetDiagnostics")["location"] == location, "the station gets what it needs"
    asked.wait(20)

    # errors: an unknown action, a message that cannot be read, a refused and a cut connection
    try:
        station.call("Nonsense", {})
    except Exception as error:  # CALLERROR
        assert "NotImplemented" in str(error)
    station.ws.send_text("{not a message")
    station.call("Heartbeat", {})
    for name, key in (("NOBODY", "x"), ("S0003", "wrong")):
        try:
            Station(nox.address, name, key)
            raise AssertionError("was let in")
        except Refused:
            pass
    station.ws.close_hard()
    time.sleep(0.5)

    found = frames(nox, "search", "S0001")
    kinds = [frame["kind"] for frame in found]
    assert kinds[0] == "opened" and kinds[-1] == "closed", kinds
    assert "cut" in found[-1]["text"] and found[0]["address"] == "127.0.0.1"
    calls = {frame["id"]: frame for frame in found if frame.get("message") == "call"}
    answers = [frame for frame in found if frame.get("message") in ("result", "error")]
    assert all(answer["action"] == calls[answer["id"]]["action"] and answer["latency_ms"] >= 0 for answer in answers)
    assert len(answers) == len(calls), (len(answers), len(calls))
    assert [frame["no"] for frame in found] == sorted({frame["no"] for frame in found})

    starts = frames(nox, "search", "S0001", "--action", "StartTransaction")
    assert [frame.get("message") for frame in starts] == ["call", "result"], starts
    assert [frame["kind"] for frame in frames(nox, "search", "--direction", "refused")] == ["refused"] * 2
    errors = frames(nox, "search", "--errors")
    assert {frame["kind"] for frame in errors} == {"in", "out", "closed", "refused"}, errors
    assert any("wrong-path" not in frame["text"] and frame["station"] == "S0003" and frame["code"] == 401 for frame in errors)
    assert len(frames(nox, "search", "--regex", '"meterStart": ?5')) == 1
    assert len(frames(nox, "search", "--text", '"meterStart": 5')) == 1
    assert len(frames(nox, "tail", "--limit", "2")) == 2
    assert frames(nox, "search", "--from", "2099-01-01") == []
    assert nox.ctl("frames", "search", "--regex", "(", check=False).returncode == 2
    table = list(csv.DictReader(nox.ctl("frames", "search", "S0001", "-o", "csv").splitlines()))
    assert len(table) == len(frames(nox, "search", "S0001")) and all(
        json.loads(row["text"]) for row in table if row["message"] == "call"), table
    assert nox.ctl("frames", "tail", "-f", "-o", "csv", check=False).returncode == 2

    # secrets: in no answer, no file, no log
    everything = nox.ctl("frames", "export", "S0001").encode() + on_disk(nox) + nox.log().encode()
    for secret in (KEY, TOKEN):
        assert secret.encode() not in everything, "a secret was kept"
    assert b"AuthorizationKey" in everything and b"/files/***/fw.bin" in everything

    exported = [json.loads(line) for line in nox.ctl("frames", "export", "S0001").splitlines()]
    assert [frame["no"] for frame in exported] == [frame["no"] for frame in found]
    text = nox.ctl("frames", "export", "S0001", "--format", "text")
    assert text.count("\n") == len(exported) and "(StartTransaction, " in text

    time.sleep(0.3)
    watcher.kill()
    watcher_of_one.kill()
    seen = [json.loads(line) for line in watcher.stdout.read().splitlines() if line.startswith("{")]
    of_one = [json.loads(line) for line in watcher_of_one.stdout.read().splitlines() if line.startswith("{")]
    assert [frame["no"] for frame in seen if frame["station"] == "S0001"][-len(found):] == [frame["no"] for frame in found]
    assert len({frame["no"] for frame in seen}) == len(seen), "a frame was shown twice"
    assert [frame.get("message") for frame in of_one] == ["call", "result"] * 3, of_one

    # the status and the metrics count them
    metrics = nox.api("GET", "/v1/metrics")[1]
    assert "nox_frames_kept_total" in metrics, metrics[:200]

    # kill -9: what is older than a moment is there again, and it goes on
    other.call("Heartbeat", {})
    time.sleep(0.3)
    before = len(frames(nox, "search"))
    nox.process.send_signal(signal.SIGKILL)
    nox.process.wait()
    newest = sorted(glob.glob(os.path.join(nox.data, "frames", "*.frames")))[-1]
    with open(newest, "ab") as torn:
        torn.write(b"NXF1 half a block")
    nox.start()
    Station(nox.address, "S0002", nox.keys["S0002"]).boot()
    again = frames(nox, "search")
    assert len(again) >= before + 3, (len(again), before)

with running("--frames-keep-days", "0") as nox:
    nox.apply(site(stations=1))
    nox.make_keys(["S0001"])
    Station(nox.address, "S0001", nox.keys["S0001"]).boot()
    assert nox.ctl("frames", "search", check=False).returncode == 5
    assert not os.path.exists(os.path.join(nox.data, "frames")), "a folder although nothing is kept"
    watcher = follow(nox)
    time.sleep(0.5)
    Station(nox.address, "S0001", nox.keys["S0001"]).call("Heartbeat", {})
    time.sleep(0.3)
    watcher.kill()
    assert "Heartbeat" in watcher.stdout.read(), "watching works all the same"
print("frames are kept, found, watched, without secrets")
