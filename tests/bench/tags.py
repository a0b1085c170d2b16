#!/usr/bin/env python3
"""Many tags: what Authorize costs with 100 and with 100,000 of them, the longest wait of a station while 100,000 are
imported, and 10,000 entries of local lists brought to 200 stations.

Figures and ratios are printed; slow is no failure.  tests/bench/tags.py --build DIR (of a release build)
"""
import argparse
import json
import multiprocessing
import os
import selectors
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.abspath(os.path.join(HERE, "..", ".."))
sys.path.insert(0, os.path.join(ROOT, "tests", "integration"))


def percentile(values, share):
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def authorize(station, tags, n):
    """Seconds of each of n calls, tags in a scattered order."""
    out = []
    for i in range(n):
        begin = time.perf_counter()
        station.call("Authorize", {"idTag": f"T{i * 7919 % tags:06d}"})
        out.append(time.perf_counter() - begin)
    return out


def show(name, values):
    print(f"{name:<42} p50 {percentile(values, .5) * 1e6:7.0f} us  p99 {percentile(values, .99) * 1e6:7.0f} us  "
          f"max {max(values) * 1e3:6.1f} ms")


class Watch:
    """One station that authorizes all the time, in a process of its own: its longest wait shows what the loop was kept from."""

    def __init__(self, station):
        context = multiprocessing.get_context("fork")
        self.ours, theirs = context.Pipe()
        self.process = context.Process(target=self._run, args=(station, theirs), daemon=True)
        self.process.start()

    @staticmethod
    def _run(station, pipe):
        values = []
        while not pipe.poll():
            values += authorize(station, 100, 20)
        pipe.send(values)

    def stop(self):
        self.ours.send(True)
        values = self.ours.recv()
        self.process.join()
        return values


def table(first, n):
    rows = "".join(f"T{i:06d},C-{i},{'P' if i % 9 == 0 else ''}\r\n" for i in range(first, first + n))
    return ("id_tag,customer,parent_id_tag\r\n" + rows).encode()


def load(nox, first, n):
    begin = time.perf_counter()
    status, answer = nox.api("POST", "/v1/tags/import", raw=table(first, n))
    assert status == 200 and answer["added"] == n, answer
    return time.perf_counter() - begin


def rss_kb(nox):
    with open(f"/proc/{nox.process.pid}/status", encoding="ascii") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))


def many_tags(nox, ws, tags, calls):
    station = ws.Station(nox.address, "S0001")
    station.boot()
    load(nox, 0, 100)
    authorize(station, 100, 200)
    few = authorize(station, 100, calls)
    show("Authorize, 100 tags", few)
    before = rss_kb(nox)
    watch = Watch(station)
    seconds = load(nox, 100, tags - 100)
    during = watch.stop()
    print(f"import of {tags - 100:,} tags: {seconds:.1f} s; memory {(rss_kb(nox) - before) * 1024 / tags:.0f} bytes per tag "
          "(with all buffers)")
    show("Authorize, while they are imported", during)
    many = authorize(station, tags, calls)
    show(f"Authorize, {tags:,} tags", many)
    print(f"ratio of the medians, {tags:,} to 100 tags: {percentile(many, .5) / percentile(few, .5):.2f}")
    begin = time.perf_counter()
    nox.api("PUT", "/v1/tags/T000050", {"status": "Blocked"})
    print(f"one tag blocked: {(time.perf_counter() - begin) * 1e3:.1f} ms")
    station.close()


def lists(nox, ws, stations, entries):
    """All stations on one thread; each takes whatever it is sent."""
    watched = ws.Station(nox.address, "S0001")
    watched.boot()
    watch = Watch(watched)
    some, chosen, messages, size, got = [], selectors.DefaultSelector(), 0, 0, {}
    for i in range(2, stations + 2):
        s = ws.Station(nox.address, f"S{i:04d}", answers={
            "GetLocalListVersion": {"listVersion": 0},
            "GetConfiguration": {"configurationKey": [{"key": "SendLocalListMaxLength", "readonly": True, "value": "200"}]}})
        s.boot()
        some.append(s)
        got[s.name] = 0
        chosen.register(s.ws.sock, selectors.EVENT_READ, s)
    begin = time.perf_counter()
    subprocess.run([os.path.join(os.environ["NOX_BIN"], "noxctl"), "--data", nox.data, "-o", "json", "local-list", "sync", "--all",
                    "--yes"], check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while min(got.values()) < entries and time.perf_counter() - begin < 300:
        left = [s for s in some if s.ws.buffer]  # read from the socket already
        for s in left + [key.data for key, _ in chosen.select(0 if left else 1) if key.data not in left]:
            s.asked.clear()
            s.serve(0.0005)
            for action, payload in s.asked:
                if action == "SendLocalList":
                    messages += 1
                    size += len(json.dumps(payload))
                    got[s.name] += len(payload.get("localAuthorizationList", []))
    seconds = time.perf_counter() - begin
    print(f"{entries:,} entries to {stations} stations: {seconds:.1f} s, {messages} messages, {size / 1e6:.0f} MB, "
          f"{entries * stations / seconds:,.0f} entries/s; least at a station {min(got.values()):,}")
    show("Authorize, while lists are sent", watch.stop())
    for s in some:
        s.close()


def main():
    p = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    p.add_argument("--build", metavar="DIR", default=os.path.join(ROOT, "build"), help="build tree (a release build)")
    p.add_argument("--tags", type=int, default=100000)
    p.add_argument("--calls", type=int, default=5000)
    p.add_argument("--stations", type=int, default=200)
    p.add_argument("--entries", type=int, default=10000)
    a = p.parse_args()
    os.environ["NOX_BIN"] = os.path.join(a.build, "bin")
    import noxd
    import ws
    with noxd.running("--local-lists", "on") as nox:
        nox.apply(noxd.site(stations=1, profile=0, tariff=False, tags=(), local_list=False))
        many_tags(nox, ws, a.tags, a.calls)
    with noxd.running("--local-lists", "on") as nox:
        nox.apply(noxd.site(stations=1, profile=0, tariff=False, tags=(), local_list=False))
        nox.apply(noxd.site(stations=a.stations, first=2, profile=0, tariff=False, tags=()))
        load(nox, 0, a.entries)
        lists(nox, ws, a.stations, a.entries)


if __name__ == "__main__":
    main()
