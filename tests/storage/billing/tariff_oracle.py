#!/usr/bin/env python3
"""Rate random sessions again with exact fractions and the system's time zone data.

tariff_oracle.py TARIFF_CASES [SEED [COUNT]]
"""
import subprocess
import sys
from datetime import datetime, timedelta, timezone
from fractions import Fraction

try:
    from zoneinfo import ZoneInfo
    BERLIN = ZoneInfo("Europe/Berlin")
except Exception:  # no tzdata
    print("skipped: no time zone data (package tzdata)")
    sys.exit(77)

PART_MAX_CENTS = 10**12  # absurd registers and prices are held here
EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


def half_up(x):
    """Nearest integer of a fraction >= 0, halves upwards."""
    return (2 * x.numerator + x.denominator) // (2 * x.denominator)


def at(ms):
    return EPOCH + timedelta(milliseconds=ms)


def window_ms(start, stop, first, last):
    """Milliseconds of [start, stop) with the wall clock in [first, last): cut where it can change,
    which is at whole minutes of UTC (all offsets are whole hours)."""
    total, now = 0, start
    while now < stop:
        nxt = min(stop, (now // 60000 + 1) * 60000)
        clock = at(now).astimezone(BERLIN)
        minute = clock.hour * 60 + clock.minute
        inside = first <= minute < last if first < last else minute >= first or minute < last
        if inside:
            total += nxt - now
        now = nxt
    return total


def rate(c):
    energy = min(half_up(Fraction(c["wh"] * c["price"], 1000 * 100)), PART_MAX_CENTS)
    minutes = blocking = 0
    if c["good"] and c["after"] >= 0 and c["to"] >= c["from"]:
        ms = window_ms(c["from"] + c["after"] * 1000, c["to"], c["first"], c["last"])
        minutes = -(-(ms // 1000) // 60)
        blocking = half_up(Fraction(minutes * c["fee"], 100))
        if c["cap"] >= 0:
            blocking = min(blocking, c["cap"])
    parts = energy + blocking + c["flat"]
    if c["gross"]:
        gross = parts
        net = half_up(Fraction(gross * 10000, 10000 + c["vat"]))
        vat = gross - net
    else:
        net = parts
        vat = half_up(Fraction(net * c["vat"], 10000))
        gross = net + vat
    month = at(c["to"]).astimezone(BERLIN).strftime("%Y-%m")
    return [energy, minutes, blocking, c["flat"], gross, net, vat, month]


def main():
    seed, count = (sys.argv[2:] + ["4711", "1500"][len(sys.argv) - 2:])[:2]
    names = "gross vat price flat after fee first last cap wh from to good".split()
    text = subprocess.run([sys.argv[1], seed, count], check=True, capture_output=True, text=True)
    lines = text.stdout.splitlines()
    for line in lines:
        words = line.split()
        case = dict(zip(names, map(int, words)))
        got = [int(w) for w in words[13:20]] + [words[20]]
        want = rate(case)
        if got != want:
            sys.exit(f"seed {seed}: {case}\n  got  {got}\n  want {want}")
        if case["from"] > case["to"] and got[1] != 0:
            sys.exit(f"seed {seed}: a session that runs backwards has a blocking fee: {case}")
    if len(lines) != int(count):
        sys.exit(f"{len(lines)} cases instead of {count}")
    print(f"{count} sessions agree")


main()
