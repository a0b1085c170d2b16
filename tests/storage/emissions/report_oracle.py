#!/usr/bin/env python3
"""Compute the emissions of a month again, from its bills and the printed factors, in fractions.

report_oracle.py REPORT_DUMP
"""
import csv
import json
import subprocess
import sys
import tempfile
from fractions import Fraction
from pathlib import Path

CASES = ("low", "mid", "high")


def half_away(x):
    n = (2 * abs(x).numerator + x.denominator) // (2 * x.denominator)
    return n if x >= 0 else -n


def compute(wh, factors):
    def value(kind, case):
        return Fraction(str(factors[kind].get(case, factors[kind].get("value"))))
    grid_g = Fraction(wh, 1000) * value("grid_location", "mid")
    row = {"energy_wh": wh, "co2_location_g": half_away(grid_g)}
    for case in CASES:
        km = Fraction(wh, 1000) / (value("consumption", case) / 100)
        tailpipe_g = km * value("co2_tailpipe", case)
        row["km_" + case] = half_away(km)
        row["nox_avoided_g_" + case] = half_away(km * value("nox_tailpipe", case))
        row["co2_tailpipe_g_" + case] = 100 * half_away(tailpipe_g / 100)
        row["co2_net_g_" + case] = 100 * half_away((tailpipe_g - grid_g) / 100)
    return row


def check(bills, report, by):
    factors = {f["kind"]: f for f in report["factors"]}
    groups = {}
    for bill in bills:
        key = bill["district"] if by == "district" else bill["station_id"]
        group = groups.setdefault(key, {"wh": 0, "live": {}})
        group["wh"] += bill["energy_wh"]
        live = group["live"].setdefault(bill["transaction_id"], 0)
        group["live"][bill["transaction_id"]] = live + bill["energy_wh"]
    assert {row[by] for row in report["rows"]} == set(groups), (by, groups.keys())
    sums = {}
    for row in report["rows"]:
        group = groups[row[by]]
        want = compute(group["wh"], factors)
        want["sessions"] = sum(wh > 0 for wh in group["live"].values())
        for member, value in want.items():
            assert row[member] == value, f"{row[by]}: {member} is {row[member]}, not {value}"
            sums[member] = sums.get(member, 0) + value
    for member, value in sums.items():
        assert report["totals"][member] == value, f"total of {member}"
    assert len(report["limits"]) >= 6 and all(f["source"] and f["state"] for f in factors.values())


def check_csv(path, delimiter, mark, report):
    rows = list(csv.reader(path.read_text("utf-8-sig").splitlines(), delimiter=delimiter))
    assert len(rows) == len(report["rows"]) + 1, path.name
    for cells, row in zip(rows[1:], report["rows"]):
        for cell, (member, value) in zip(cells, row.items(), strict=True):
            if value is None:
                assert cell == "", (path.name, row)
            elif isinstance(value, int):
                value //= 100 if member.startswith(("co2_tailpipe", "co2_net")) else 1
                assert int(cell.replace(mark, "")) == value, (path.name, cell, value)
            else:
                assert cell == value, (path.name, cell, value)


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        subprocess.run([sys.argv[1], name], check=True)
        bills = [row for month in ("2026-10", "2026-11")
                 for row in json.loads((folder / month).read_text("utf-8"))["rows"]
                 if row["service_period"] == "2026-10"]
        assert any(bill["booking_period"] == "2026-11" for bill in bills)
        district = json.loads((folder / "district.json").read_text("utf-8"))
        station = json.loads((folder / "station.json").read_text("utf-8"))
        check(bills, district, "district")
        check(bills, station, "station")
        check_csv(folder / "district.csv", ",", ".", district)
        check_csv(folder / "station.csv", ";", ",", station)
    print(f"{len(bills)} records: both reports agree")


main()
