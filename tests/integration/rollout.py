"""A firmware rollout to 50 stations with 3 bad ones: canaries first, ten at once, stops, survives kill -9, ends."""
import json
import os
import tempfile
import threading
import time
import urllib.request

from noxd import running, site
from ws import Closed, Refused, Station

STATIONS, BAD = 50, {"S0020", "S0021", "S0040"}
OLD, NEW = "1.0", "2.0"


class Lamp(threading.Thread):
    """Fetches what it is told to, restarts with the new version; keeps on over a restart of the central system."""

    fetching = set()
    most = 0
    lock = threading.Lock()

    def __init__(self, nox, name, gate, bad):
        super().__init__(daemon=True)
        self.nox, self.name_, self.gate, self.bad = nox, name, gate, bad
        self.version, self.updates, self.begun_at, self.ended_at = OLD, [], None, None
        self.quit = False
        self.station = None

    def answer(self, payload):
        self.updates.append(payload["location"])
        self.begun_at = time.monotonic()
        return {}

    def connect(self):
        self.station = Station(self.nox.address, self.name_, self.nox.keys[self.name_],
                               answers={"UpdateFirmware": self.answer})
        self.station.call("BootNotification", {"chargePointVendor": "NoxTest", "chargePointModel": "Lamp",
                                               "firmwareVersion": self.version})

    def say(self, status):
        self.station.call("FirmwareStatusNotification", {"status": status})

    def update(self, url):
        with Lamp.lock:
            Lamp.fetching.add(self.name_)
            Lamp.most = max(Lamp.most, len(Lamp.fetching))
        self.say("Downloading")
        while not self.gate.is_set() and not self.quit:
            self.station.serve(0.1)
        if self.bad:
            self.ends()
            self.say("DownloadFailed")
        else:
            with urllib.request.urlopen(url, timeout=20) as answer:
                assert answer.read() == BLOB
            self.say("Downloaded")
            self.say("Installing")
            self.version = NEW
            self.station.close()
            self.ends()
            self.connect()  # its boot says that it runs the new version
            self.say("Installed")

    def ends(self):
        self.ended_at = time.monotonic()
        with Lamp.lock:
            Lamp.fetching.discard(self.name_)

    def run(self):
        done = 0
        while not self.quit:
            try:
                if self.station is None:
                    self.connect()
                self.station.serve(0.2)
                if len(self.updates) > done:
                    self.update(self.updates[done])
                    done += 1
            except (Closed, Refused, OSError, AssertionError):
                self.station = None  # noxd has gone: come back, and go on where it was
                time.sleep(0.2)


BLOB = os.urandom(200_000)


def rollout(nox):
    return nox.api("GET", "/v1/rollouts/1")[1]


def wait_for(nox, what, check, timeout=60):
    deadline = time.monotonic() + timeout
    while not check(state := rollout(nox)):
        assert time.monotonic() < deadline, (what, {k: v for k, v in state.items() if k != "targets"},
                                             [t for t in state["targets"] if t["state"] == "running"])
        time.sleep(0.1)
    return state


def main():
    gate = threading.Event()
    gate.set()
    with running() as nox, tempfile.TemporaryDirectory() as folder:
        nox.apply(site(stations=STATIONS))
        names = [f"S{i:04d}" for i in range(1, STATIONS + 1)]
        nox.make_keys(names)
        lamps = {name: Lamp(nox, name, gate, name in BAD) for name in names}
        for lamp in lamps.values():
            lamp.start()
        deadline = time.monotonic() + 30
        while sum(
                1 for s in nox.api("GET", "/v1/stations")[1]["items"] if s["online"]) < STATIONS:
            assert time.monotonic() < deadline, "not all stations came"
            time.sleep(0.2)

        image = os.path.join(folder, "lamp.bin")
        with open(image, "wb") as file:
            file.write(BLOB)
        assert nox.ctl_json("firmware", "add", image, "--version", NEW)["id"] == 1
        begun = nox.ctl_json("--why", "ticket 17", "firmware", "rollout", "1", "--all", "--canary", "3",
                             "--max-parallel", "10", "--stop-after-failures", "2", "--yes")
        assert begun["id"] == 1, begun

        state = wait_for(nox, "canaries", lambda s: s["done"] >= 3)
        assert state["why"] == "ticket 17" and state["who"], state
        gate.clear()  # those at it wait: all ten places are taken
        state = wait_for(nox, "ten at once", lambda s: s["running"] == 10)
        deadline = time.monotonic() + 20
        while not all(j["state"] == "running" for j in nox.api("GET", "/v1/file-jobs?limit=1000")[1]["items"]
                      if j["state"] in ("waiting", "sending", "running")):
            assert time.monotonic() < deadline
            time.sleep(0.1)
        time.sleep(0.5)
        assert rollout(nox)["running"] == 10, "no eleventh"
        first = sorted(lamps.values(), key=lambda lamp: lamp.begun_at or 1e18)[:3]
        later = [lamp.begun_at for lamp in lamps.values() if lamp.begun_at and lamp not in first]
        assert max(lamp.ended_at for lamp in first) < min(later), "the others begin when the canaries are done"

        before = rollout(nox)
        nox.kill()
        nox.start(nox.address[1])
        after = rollout(nox)
        assert {t["station"]: t["job"] for t in after["targets"]} == {t["station"]: t["job"] for t in before["targets"]}
        gate.set()

        state = wait_for(nox, "stopped", lambda s: s["state"] == "paused" and s["running"] == 0)
        assert "2 stations failed" in state["note"] and state["failed"] == 2, state["note"]
        assert state["waiting"] > 0 and "rollout.stopped" in nox.log(), state
        listed = nox.ctl("firmware", "rollouts")
        assert "paused" in listed and "2 stations failed" in listed, listed
        time.sleep(0.5)
        assert rollout(nox)["running"] == 0, "nothing begins while it is paused"

        nox.ctl("firmware", "resume", "1")
        state = wait_for(nox, "done", lambda s: s["state"] == "done")
        assert (state["done"], state["failed"]) == (STATIONS - len(BAD), len(BAD)), state
        assert {t["station"] for t in state["targets"] if t["state"] == "failed"} == BAD
        twice = [name for name, lamp in lamps.items() if len(lamp.updates) != 1]
        assert not twice, f"sent more than once, or never: {twice}"
        assert Lamp.most <= 10, Lamp.most

        for name in BAD:
            lamps[name].bad = False
        nox.ctl("firmware", "retry", "1")
        state = wait_for(nox, "retried", lambda s: s["state"] == "done")
        assert state["done"] == STATIONS and state["failed"] == 0, state
        assert nox.ctl("firmware", "remove", "1", "--yes", check=False).returncode == 0
        for lamp in lamps.values():
            lamp.quit = True
        for lamp in lamps.values():
            lamp.join(5)
    print(f"{STATIONS} stations, {len(BAD)} bad: stopped after 2, resumed, retried")


if __name__ == "__main__":
    main()
