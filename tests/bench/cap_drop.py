#!/usr/bin/env python3
"""From a cap drop to the last lowered lamp: 320 lamps of one connection charge over loopback, its limit falls again and again.

Times are noxd's own: from the instant before the request to the answer of each lamp that was lowered, by the record of
decisions.  The limit falls step by step, then all that charge are lowered at once by caps from outside.  For comparison the
same lamps answer one plain request each over the same sockets: what remains is the price of the ledger and of the disk.
Run it with NOX_BIN=build/bin of a release build; prints the distribution of each drop.
"""
import concurrent.futures
import datetime
import json
import os
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "integration"))
from noxd import BIN, Noxd  # noqa: E402

LAMPS = 320
DROPS = (2880, 2560, 2240, 1920, 1600, 1300, 1000, 800, 600, 400)


def part(values, percent):
    return sorted(values)[min(len(values) - 1, len(values) * percent // 100)]


def line(what, values):
    print(f"{what:24} n {len(values):4}  p50 {part(values, 50):5}  p90 {part(values, 90):5}  p99 {part(values, 99):5}"
          f"  last {max(values):5} ms", flush=True)


def lowered_since(nox, began_ms):
    return [row[0] - began_ms for row in nox.sql(
        "SELECT answered_at_ms FROM decision WHERE kind = 1 AND at_ms >= ? AND answered_at_ms NOTNULL", began_ms)]


def all_at_once(nox):
    """Caps of 0 A: everybody who has current is lowered.  In between the cap is taken back and all are raised again."""
    lasts = []
    for _ in range(3):
        charging = nox.sql("SELECT count(*) FROM session WHERE state < 2")[0][0]
        until = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=1)
        began_ms = int(time.time() * 1000)
        status, cap = nox.api("POST", "/v1/grid/NETZ/cap", {"limit_a": 0, "until": until.strftime("%Y-%m-%dT%H:%M:%SZ")})
        assert status == 200, cap
        time.sleep(4)
        took = lowered_since(nox, began_ms)
        line(f"cap of 0 A, {charging} sessions", took)
        lasts.append(max(took))
        nox.api("DELETE", f"/v1/grid/caps/{cap['id']}")
        time.sleep(30)
    line("last lamp of each cap", lasts)
    return lasts


def plain_calls(nox, names):
    """One GetConfiguration to each lamp, asked for by 32 clients of the API at once."""
    began = time.monotonic()

    def ask(name):
        status, answer = nox.api("POST", f"/v1/stations/{name}/calls", {"action": "GetConfiguration", "payload": {
            "key": ["HeartbeatInterval"]}})
        assert status == 200, answer
        return (time.monotonic() - began) * 1000

    with concurrent.futures.ThreadPoolExecutor(32) as pool:
        took = [round(ms) for ms in pool.map(ask, names)]
    line("plain calls", took)
    return max(took)


def main():
    nox = Noxd()
    try:
        nox.start()
        street = {"grid": [{"id": "NETZ", "limit_a": 3200}], "tags": [{"id_tag": f"TAG{i:03d}"} for i in range(60)],
                  "stations": [{"id": f"L{i:03d}", "security_profile": 1, "grid_node": "NETZ", "rating_a": 16, "safe_a": 0,
                                "connectors": [{"id": 1, "max_w": 11040}]} for i in range(LAMPS)]}
        nox.apply(street)
        nox.make_keys([row["id"] for row in street["stations"]])
        site, keys = os.path.join(nox.data, "site.json"), os.path.join(nox.data, "keys.csv")
        with open(site, "w", encoding="utf-8") as out:
            json.dump(street, out)
        nox.write_keys(keys)
        with subprocess.Popen([os.path.join(BIN, "noxsim"), "run", "--url", nox.url, "--site", site, "--keys", keys,
                               "--plugged", str(LAMPS), "--cars", "three-phase", "--duration", "3600"],
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as sim:
            try:
                time.sleep(float(os.environ.get("NOX_SETTLE_S", "60")))
                lasts = []
                for amperes in DROPS:
                    began_ms = int(time.time() * 1000)
                    nox.api("POST", "/v1/grid/NETZ/limit", {"limit_a": [amperes] * 3})
                    time.sleep(4)
                    took = lowered_since(nox, began_ms)
                    if took:
                        line(f"limit falls to {amperes} A", took)
                        lasts.append(max(took))
                line("last of each drop", lasts)
                nox.api("POST", "/v1/grid/NETZ/limit", {"limit_a": [LAMPS * 16] * 3})
                time.sleep(45)
                last = max(all_at_once(nox))
                plain = min(plain_calls(nox, [row["id"] for row in street["stations"]]) for _ in range(3))
                print(f"reference: {LAMPS} plain calls take {plain} ms; the slowest cap {last} ms: {last / plain:.1f} times as long")
            finally:
                sim.terminate()
    finally:
        nox.stop()
        nox.remove()


main()
