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
from decimal import Decimal
from fractions import Fraction

from noxd import BIN, ROOT, running, site, skip

BERLIN = zoneinfo.ZoneInfo("Europe/Berlin")
DATA = os.path.join(ROOT, "..", "shared", "data", "trondheim_residential_2018_2020.csv")
LAMPS = 60
WARP = 100000  # a month in half a minute


def read_times(path, month):
    """(begin, end, kWh) of each session as the file has them, to the minute, in local time."""
    with open(path, encoding="utf-8", newline="") as file:
        return sorted((row["plugin_time"][:16].replace("T", " "), row["plugout_time"][:16].replace("T", " "),
                       Decimal(row["energy_kwh"])) for row in csv.DictReader(file) if row["plugout_time"].startswith(month))


def half_up(value):
    """To the nearest integer, half away from zero."""
    return (abs(value) + Fraction(1, 2)).__floor__() * (1 if value >= 0 else -1)


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


# What must apply to sessions of a year: (year of the factor, low, mid, high), in the units of the heading.
FACTORS = {
    "2019": {"grid_location": (2019, 401, 401, 401), "consumption": (2016, 24, 20, 16),
             "nox_tailpipe": (2016, "0.06", "0.44", "0.767"), "co2_tailpipe": (2016, 140, 150, 160)},
    "2026": {"grid_location": (2024, 363, 363, 363), "consumption": (2016, 24, 20, 16),
             "nox_tailpipe": (2026, "0.06", "0.19", "0.45"), "co2_tailpipe": (2016, 140, 150, 160)},
}


def check_factors(report, factors):
    """Each factor stands below the table with its year, unit, source and state."""
    shown = {f["kind"]: f for f in report["factors"]}
    assert set(shown) == set(factors), shown
    for kind, (year, *values) in factors.items():
        row = shown[kind]
        assert row["source"] and row["state"] and row["unit"], row
        got = [row.get(case, row.get("value")) for case in ("low", "mid", "high")]
        assert row["year"] == year and [Decimal(str(v)) for v in got] == [Decimal(str(v)) for v in values], (row, values)


def emissions_of(wh, factors):
    """The amounts of one row, in exact fractions, each rounded once."""
    part = {kind: [Fraction(str(v)) for v in values] for kind, (_, *values) in factors.items()}
    location_g = Fraction(wh, 1000) * part["grid_location"][1]
    expected = {"energy_kwh": Decimal(wh) / 1000, "co2_location_kg": Decimal(half_up(location_g)) / 1000}
    for i, case in enumerate(("low", "mid", "high")):
        km = Fraction(wh, 1000) / part["consumption"][i] * 100
        tailpipe_g = km * part["co2_tailpipe"][i]
        expected[f"km_{case}"] = Decimal(half_up(km))
        expected[f"nox_avoided_kg_{case}"] = Decimal(half_up(km * part["nox_tailpipe"][i])) / 1000
        expected[f"co2_tailpipe_kg_{case}"] = Decimal(half_up(tailpipe_g / 100)) / 10
        expected[f"co2_net_kg_{case}"] = Decimal(half_up((tailpipe_g - location_g) / 100)) / 10
    return expected


def check_emissions(nox, month, by_district):
    """by_district: {district: (sessions with energy, Wh)}"""
    factors = FACTORS[month[:4]]
    report = json.loads(nox.ctl("-o", "json", "emissions", "report", month))
    check_factors(report, factors)
    rows = {row["district"]: row for row in
            csv.DictReader(io.StringIO(nox.ctl("-o", "csv", "emissions", "report", month)))}
    assert set(rows) == set(by_district), (set(rows), set(by_district))
    for district, (sessions, wh) in by_district.items():
        expected = {**emissions_of(wh, factors), "sessions": Decimal(sessions)}
        got = {name: Decimal(rows[district][name]) for name in expected}
        assert got == expected, (district, got, expected)
    assert report["totals"]["energy_wh"] == sum(wh for _, wh in by_district.values()), report["totals"]
    for case in ("low", "mid", "high"):
        total = sum(Decimal(row[f"nox_avoided_kg_{case}"]) for row in rows.values())
        assert report["totals"][f"nox_avoided_g_{case}"] == total * 1000, (case, report["totals"], total)


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
        times = sorted((row["start_local"][:16].replace("T", " "), row["end_local"][:16].replace("T", " "),
                        Decimal(row["energy_kwh"])) for row in rows)
        assert times == read_times(path, month), "begin and end are not those of the input"
        assert export == nox.ctl("billing", "export", month, "--format", "machine"), "the export is not stable"
        german = nox.ctl("billing", "export", month, "--format", "de").lstrip("\ufeff")
        total = sum(int(Decimal(row["Brutto [EUR]"].replace(",", ".")) * 100)
                    for row in csv.DictReader(io.StringIO(german), delimiter=";"))
        assert total == sum(cents for _, cents in checked)
        by_district = {}
        for row in rows:
            energy = int(Decimal(row["energy_kwh"]) * 1000)
            n_old, wh_old = by_district.get(row["district"], (0, 0))
            by_district[row["district"]] = n_old + (energy > 0), wh_old + energy
        check_emissions(nox, month, by_district)
        assert nox.ctl_json("session", "orphans")["items"] == []
        print(f"{month}: {n} sessions, {wh} Wh, {total / 100:.2f} EUR: export, bills and emissions agree with the input")


if __name__ == "__main__":
    kind = sys.argv[1] if len(sys.argv) > 1 else "generated"
    if kind == "real":
        if not os.path.exists(DATA):
            skip("the public data set is not beside the sources")
        replay(DATA, "2019-10", WARP)  # a month with a night of 25 hours
    else:
        made = subprocess.run([os.path.join(BIN, "noxsim"), "generate", "--month", "2026-10", "--stations", "20", "--seed", "7"],
                              capture_output=True, text=True, check=True).stdout
        with open("generated.csv", "w", encoding="utf-8") as out:
            out.write(made)
        replay(os.path.abspath("generated.csv"), "2026-10", WARP)
