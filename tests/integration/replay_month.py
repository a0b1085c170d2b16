"""A month of charging sessions, replayed through sockets in simulated time.

Number of sessions and sum of Wh in the export equal the input exactly; every cent and gram is computed again here,
independently (exact fractions, Python's own time zones).

   replay_month.py real        the public data set beside the sources (skipped where it is not)
   replay_month.py generated   sessions made by `noxsim generate`
"""
import csv
import datetime
import io
import json
import os
import subprocess
import sys
import zoneinfo
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from noxd import BIN, ROOT, running, site, skip

BERLIN = zoneinfo.ZoneInfo("Europe/Berlin")
DATA = os.path.join(ROOT, "..", "shared", "data", "trondheim_residential_2018_2020.csv")
LAMPS = 60


def half_up(value):
    return int(Decimal(value.numerator) / Decimal(value.denominator)
               if value.denominator == 1 else (value + Fraction(1, 2)).__floor__())


def read_input(path, month):
    """(sessions, Wh) of the month of the end, from the file alone."""
    n = wh = 0
    with open(path, encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["plugout_time"].startswith(month):
                n += 1
                exact = Decimal(row["energy_kwh"]) * 1000
                assert exact == exact.to_integral_value(), row
                wh += int(exact)
    return n, wh


def blocking_minutes(begin, end):
    """Seconds after the first four hours that lie between 8 and 22 h local, summed, up to whole minutes."""
    start, total = begin.timestamp() + 4 * 3600, 0
    day = datetime.datetime.fromtimestamp(start, BERLIN).date()
    while True:
        low = datetime.datetime.combine(day, datetime.time(8), BERLIN).timestamp()
        high = datetime.datetime.combine(day, datetime.time(22), BERLIN).timestamp()
        if low >= end.timestamp():
            break
        total += max(0, min(high, end.timestamp()) - max(low, start))
        day += datetime.timedelta(days=1)
    return -int(-total // 60)


def check_row(row):
    """R1-R3, R5, R6 with exact fractions."""
    begin = datetime.datetime.fromisoformat(row["start_local"])
    end = datetime.datetime.fromisoformat(row["end_local"])
    wh = int(Decimal(row["energy_kwh"]) * 1000)
    energy = half_up(Fraction(wh * 49, 1000))
    minutes = blocking_minutes(begin, end)
    blocking = min(minutes * 10, 1200)
    gross = energy + blocking
    net = half_up(Fraction(gross * 100, 119))
    expected = {"energy_amount": energy, "blocking_amount": blocking, "other_amount": 0, "gross_amount": gross,
                "net_amount": net, "vat_amount": gross - net}
    got = {name: int(Decimal(row[name]) * 100) for name in expected}
    assert got == expected, (got, expected, row)
    assert int(row["blocking_min"]) == minutes, (minutes, row)
    assert int(row["duration_s"]) == int(end.timestamp() - begin.timestamp()), row
    assert end.astimezone(BERLIN).strftime("%Y-%m") == row["service_period"], row
    return wh, gross


def check_emissions(nox, month, wh_by_district):
    report = json.loads(nox.ctl("-o", "json", "emissions", "report", month))
    factors = {f["kind"]: f for f in report["factors"]}
    for factor in report["factors"]:
        assert factor["source"] and factor["year"] and factor["state"] and factor["unit"], factor
    rows = {row["district"]: row for row in report["rows"]}
    assert set(rows) == set(wh_by_district), (set(rows), set(wh_by_district))
    grid = Fraction(str(factors["grid_location"]["value"]))  # g/kWh
    for district, wh in wh_by_district.items():
        row = rows[district]
        assert Decimal(str(row["energy_kwh"])) * 1000 == wh, row
        grams = half_up(Fraction(wh) * grid / 1000)
        assert int(Decimal(str(row["co2_location_kg"])) * 1000) == grams, (row, grams)
        for case in ("low", "mid", "high"):
            assert Decimal(str(row[f"nox_avoided_kg_{case}"])) > 0, row
    low, mid, high = (sum(Decimal(str(row[f"nox_avoided_kg_{c}"])) for row in rows.values()) for c in ("low", "mid", "high"))
    kwh = Decimal(sum(wh_by_district.values())) / 1000
    # Modelled range of the factor set: 0.25 / 0.95 / 2.8 g per kWh (each row rounded once).
    for got, per_kwh in ((low, "0.25"), (mid, "0.95"), (high, "2.8")):
        near = kwh * Decimal(per_kwh) / 1000
        assert abs(got - near) <= Decimal("0.0015") * len(rows) + near * Decimal("0.01"), (got, near)


def replay(path, month, warp):
    first = datetime.datetime.fromisoformat(month + "-01").replace(tzinfo=BERLIN) - datetime.timedelta(days=4)
    begin = first.astimezone(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    n, wh = read_input(path, month)
    assert n > 0
    with running("--time-warp", str(warp), "--time-start", begin) as nox:
        street = site(stations=LAMPS, tags=[f"T{i:03d}" for i in range(120)])
        for i, row in enumerate(street["stations"]):
            row["district"] = ("Innenstadt-West", "Innenstadt-Nord", "Hörde")[i % 3]
        nox.apply(street)
        nox.make_keys([row["id"] for row in street["stations"]])
        site_path, keys = os.path.join(nox.data, "site.json"), os.path.join(nox.data, "keys.csv")
        with open(site_path, "w", encoding="utf-8") as out:
            json.dump(street, out)
        nox.write_keys(keys)
        done = subprocess.run([os.path.join(BIN, "noxsim"), "replay", path, "--url", nox.url, "--site", site_path, "--keys",
                               keys, "--time-warp", str(warp), "--month", month], capture_output=True, text=True,
                              timeout=540, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        assert "Sanitizer" not in done.stderr, done.stderr
        export = nox.ctl("billing", "export", month, "--format", "machine")
        rows = list(csv.DictReader(io.StringIO(export)))
        assert len(rows) == n, f"{len(rows)} sessions in the export, {n} in the input"
        checked = [check_row(row) for row in rows]
        assert sum(energy for energy, _ in checked) == wh, (sum(energy for energy, _ in checked), wh)
        assert export == nox.ctl("billing", "export", month, "--format", "machine"), "the export is not stable"
        german = nox.ctl("billing", "export", month, "--format", "de").lstrip("\ufeff")
        total = sum(int(Decimal(row["Brutto [EUR]"].replace(",", ".")) * 100)
                    for row in csv.DictReader(io.StringIO(german), delimiter=";"))
        assert total == sum(cents for _, cents in checked)
        by_district = {}
        for row in rows:
            by_district[row["district"]] = by_district.get(row["district"], 0) + int(Decimal(row["energy_kwh"]) * 1000)
        check_emissions(nox, month, by_district)
        assert nox.ctl_json("session", "orphans")["items"] == []
        print(f"{month}: {n} sessions, {wh} Wh, {total / 100:.2f} EUR: export, bills and emissions agree with the input")


if __name__ == "__main__":
    kind = sys.argv[1] if len(sys.argv) > 1 else "generated"
    if kind == "real":
        if not os.path.exists(DATA):
            skip("the public data set is not beside the sources")
        replay(DATA, "2019-10", 30000)  # a month with a night of 25 hours
    else:
        made = subprocess.run([os.path.join(BIN, "noxsim"), "generate", "--month", "2026-10", "--stations", "20", "--seed", "7"],
                              capture_output=True, text=True, check=True).stdout
        with open("generated.csv", "w", encoding="utf-8") as out:
            out.write(made)
        replay(os.path.abspath("generated.csv"), "2026-10", 30000)
