"""40 lamps of 11 kW on a connection of 3 x 63 A.

With links cut, answers lost, slow stations and reboots the sum of what the stations may draw, by their own installed
profiles, never exceeds 63 A on any phase; without faults at least 97 % is used while cars want more.  Nor with stations
that take only watts and give a car one phase or three as the limit says.  Last the storm of cap_storm.py: the cap of every
instant while caps, windows, meters, kills and lying lamps come and go.

    cap.py                       # what the tests do
    cap.py --hours 24 --seed 7   # the storm alone, for so many simulated hours (12 minutes for 24)
"""
import argparse
import csv
import json
import os
import subprocess
import sys

from cap_storm import CYCLE, storm
from noxd import BIN, Noxd

WARP = 120


def street():
    wiring = ("RST", "STR", "TRS")
    return {"grid": [{"id": "NETZ", "name": "Netzanschluss", "limit_a": 63}],
            "tags": [{"id_tag": f"TAG{i:03d}"} for i in range(60)],
            "stations": [{"id": f"L{i:03d}", "security_profile": 1, "grid_node": "NETZ", "wiring": wiring[i % 3],
                          "rating_a": 16, "safe_a": 0,
                          "connectors": [{"id": 1, "evse_id": f"DE*NOX*E{i:04d}*1", "max_w": 11040}]}
                         for i in range(1, 41)]}


def run(hours, arrivals, cars, faults, seed, *more):
    nox = Noxd("--time-warp", str(WARP), "--call-timeout-s", "5")
    try:
        nox.start()
        nox.apply(street())
        nox.make_keys([row["id"] for row in street()["stations"]])
        files = {name: os.path.join(nox.data, name) for name in ("site.json", "keys.csv", "trace.csv", "report.json")}
        with open(files["site.json"], "w", encoding="utf-8") as out:
            json.dump(street(), out)
        nox.write_keys(files["keys.csv"])
        words = [os.path.join(BIN, "noxsim"), "run", "--url", nox.url, "--site", files["site.json"], "--keys",
                 files["keys.csv"], "--time-warp", str(WARP), "--arrivals-per-hour", str(arrivals), "--cars", cars,
                 "--seed", str(seed),
                 "--duration", str(int(hours * 3600)), "--settle", "300", "--trace", files["trace.csv"], "--report",
                 files["report.json"], *more]
        for fault in faults:
            words += ["--fault", fault]
        done = subprocess.run(words, capture_output=True, text=True, timeout=400, check=False)
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
        with open(files["report.json"], encoding="utf-8") as file:
            report = json.load(file)
        with open(files["trace.csv"], encoding="utf-8", newline="") as file:
            trace = list(csv.DictReader(file))
        nox.stop()
        return report, trace
    except BaseException:
        print(nox.log()[-4000:], file=sys.stderr)
        raise
    finally:
        if nox.process and nox.process.poll() is None:
            nox.kill()
        nox.remove()


def check_cap(report, trace, what):
    assert len(trace) > 1000, f"only {len(trace)} samples"
    worst = max(int(row["may_ma"]) for row in trace)
    assert worst <= 63000, f"{what}: {worst} mA allowed on a phase"
    assert max(int(row["draw_ma"]) for row in trace) <= 63000
    for node in report["nodes"]:
        assert node["max_may_ma"] <= node["limit_ma"] == 63000, node
    assert max(int(row["want_ma"]) for row in trace) > 126000, "too few cars to try the cap"
    return worst


def settled_use(trace):
    """Share of the capacity that may be drawn, in samples in which cars want at least all of it, without the first
    half hour (the street fills up)."""
    rows = trace[len(trace) // 4:]
    rows = [row for row in rows if int(row["want_ma"]) >= 63000]
    assert len(rows) > 500, len(rows)
    return sum(int(row["may_ma"]) for row in rows) / (63000 * len(rows))


parser = argparse.ArgumentParser()
parser.add_argument("--hours", type=float)
parser.add_argument("--seed", type=int, default=1)
words = parser.parse_args()
if words.hours is not None:
    storm(max(1, round(words.hours * 60 / CYCLE)), words.seed)
    sys.exit(0)

report, trace = run(1.5, 90, "three-phase", [], 1)
worst = check_cap(report, trace, "without faults")
use = settled_use(trace)
print(f"without faults: at most {worst / 1000:.1f} A allowed, {use:.1%} used while cars want more, {report['sessions_started']} sessions")
assert use >= 0.97, f"only {use:.1%} used"

report, trace = run(1.5, 90, "mixed", ["link=4", "lost-answers=0.05", "reboot=1", "slow=0.1"], 2)
worst = check_cap(report, trace, "with faults")
print(f"with faults: at most {worst / 1000:.1f} A allowed, {settled_use(trace):.1%} used, {report['sessions_started']} sessions")

report, trace = run(0.75, 120, "three-phase", [], 3, "--rate-unit", "W", "--switch-3to1")
worst = check_cap(report, trace, "in watts, with phases that follow the limit")
print(f"in watts: at most {worst / 1000:.1f} A allowed, {report['sessions_started']} sessions")

storm(1, words.seed)
