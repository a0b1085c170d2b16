"""Many stations at once, exchanging messages: everything answered and stored, memory bounded, all back after a cut.

   two_thousand.py STATIONS [CALLS_PER_S]

The stations are those of tests/bench (bench_load); figures are the business of tests/bench/run.
"""
import json
import os
import subprocess
import sys

from noxd import BIN, running, skip

STATIONS, RATE, SECONDS = int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 1000, 4
# What a station may cost in all: its records, its scheduler entries, its socket and what the last commits held.
RSS_KB_PER_STATION = 40
LOAD = os.path.join(os.path.dirname(BIN), "tests", "bench_load")
if not os.access(LOAD, os.X_OK):
    skip("bench_load is not built (libev-dev)")


def street(n):
    nodes = [{"id": "ROOT", "limit_a": min(4 * n, 10000)}]
    nodes += [{"id": f"F{i}", "parent": "ROOT", "limit_a": 160} for i in range((n + 24) // 25)]
    tags = [{"id_tag": f"TBENCH-{i + 1:05}"} for i in range(n)]
    return {"grid": nodes, "tags": tags, "stations": [
        {"id": f"BENCH-{i + 1:05}", "security_profile": 0, "grid_node": f"F{i // 25}", "wiring": ("RST", "STR", "TRS")[i % 3],
         "rating_a": 16, "safe_a": 0, "connectors": [{"id": 1}]} for i in range(n)]}


def rss_kb(pid):
    with open(f"/proc/{pid}/status", encoding="utf-8") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("VmRSS"))


def load(nox, phases):
    """Figures by phase; bench_load keeps its connections until it ends."""
    done = subprocess.run([LOAD, "--port", str(nox.address[1]), "--pid", str(nox.process.pid), "--stations", str(STATIONS),
                           "--phases", phases, "--seconds", str(SECONDS), "--rate", str(RATE)],
                          capture_output=True, text=True, timeout=280, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    print(done.stdout, end="")
    return {row["phase"]: row for row in map(json.loads, done.stdout.splitlines())}


with running() as nox:
    nox.apply(street(STATIONS))
    before = rss_kb(nox.process.pid)
    figures = load(nox, "connect,start,open,closed,cut")
    for row in figures.values():
        assert row.get("broken", 0) == 0 and row.get("callerrors", 0) == 0, row
    assert figures["open"]["calls"] >= 0.9 * RATE * SECONDS, figures["open"]
    status = nox.ctl_json("status")
    assert status["counters"]["stations"] == STATIONS, status
    assert status["counters"]["garbage"] == 0 and status["counters"]["callerrors_out"] == 0, status["counters"]
    assert status["storage"]["ok"], status["storage"]
    assert nox.sql("SELECT count(*), count(DISTINCT station) FROM session") == [(STATIONS, STATIONS)]
    answered = figures["open"]["calls"] + figures["closed"]["calls"]
    meters = nox.sql("SELECT count(DISTINCT tx_id || ' ' || sampled_at_ms) FROM meter")[0][0]
    assert meters >= 0.75 * answered, (meters, answered)  # 80 % of the calls are MeterValues
    grown = rss_kb(nox.process.pid) - before
    if "NOX_SANITIZE" not in os.environ:
        assert grown <= RSS_KB_PER_STATION * STATIONS + 65536, f"{grown} kB more than before"
print(f"{STATIONS} stations: everything answered and stored, {grown} kB of memory")
