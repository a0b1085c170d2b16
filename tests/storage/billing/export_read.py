#!/usr/bin/env python3
"""Read the exports of a month back with another program's readers and add them up again.

export_read.py EXPORT_DUMP
"""
import csv
import hashlib
import json
import subprocess
import sys
import tempfile
from datetime import datetime
from decimal import Decimal
from pathlib import Path

# machine heading, German heading, JSON member, decimals (None: text)
COLUMNS = [
    ("cdr_no", "Belegnummer", "cdr_no", 0),
    ("ref_cdr_no", "Bezugsbeleg", "ref_cdr_no", 0),
    ("duration_s", "Dauer [s]", "duration_s", 0),
    ("meter_begin_kwh", "Zählerstand Beginn [kWh]", "meter_begin_wh", 3),
    ("meter_end_kwh", "Zählerstand Ende [kWh]", "meter_end_wh", 3),
    ("energy_kwh", "Energie [kWh]", "energy_wh", 3),
    ("energy_price", "Arbeitspreis [EUR/kWh]", "energy_price_e4", 4),
    ("energy_amount", "Energiebetrag [EUR]", "energy_cents", 2),
    ("blocking_min", "Blockierminuten", "blocking_min", 0),
    ("blocking_amount", "Blockierentgelt [EUR]", "blocking_cents", 2),
    ("other_amount", "Sonstiges [EUR]", "other_cents", 2),
    ("gross_amount", "Brutto [EUR]", "gross_cents", 2),
    ("net_amount", "Netto [EUR]", "net_cents", 2),
    ("vat_percent", "USt [%]", "vat_bp", 2),
    ("vat_amount", "USt-Betrag [EUR]", "vat_cents", 2),
    ("cdr_id", "CDR-ID", "cdr_id", None),
    ("start_local", "Beginn", "start_local", None),
    ("end_local", "Ende", "end_local", None),
    ("customer_ref", "Kundenbezug", "customer_ref", None),
]


def number(text, digits, mark):
    if text == "":
        return None
    whole, _, part = text.partition(mark)
    assert len(part) == digits, f"{text}: not {digits} decimals"
    return int(Decimal(whole + "." + part if digits else whole).scaleb(digits))


def read(path, delimiter, mark, heading, bom):
    data = path.read_bytes()
    assert data.startswith(b"\xef\xbb\xbf") == bom, f"{path.name}: byte order mark"
    assert data.count(b"\n") == data.count(b"\r\n"), f"{path.name}: lines do not end with CRLF"
    rows = list(csv.DictReader(data.decode("utf-8-sig").splitlines(True), delimiter=delimiter))
    out = []
    for row in rows:
        assert None not in row and len(row) == 34, f"{path.name}: not 34 cells"
        out.append({c[2]: row[c[heading]] if c[3] is None else number(row[c[heading]], c[3], mark)
                    for c in COLUMNS})
    return out, rows


def check_row(row, kind, flags):
    measured = row["meter_end_wh"] - row["meter_begin_wh"]
    if "meter-backwards" in flags:
        measured = 0
    assert row["energy_wh"] == (-measured if kind == "credit" else measured), row
    assert row["gross_cents"] == row["energy_cents"] + row["blocking_cents"] + row["other_cents"], row
    assert row["gross_cents"] == row["net_cents"] + row["vat_cents"], row
    seconds = (datetime.fromisoformat(row["end_local"]) - datetime.fromisoformat(row["start_local"]))
    assert row["duration_s"] == seconds.total_seconds(), row


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        text = subprocess.run([sys.argv[1], name], check=True, capture_output=True, text=True).stdout
        told = {line.split()[0]: line.split()[1:] for line in text.splitlines()}
        for file, words in told.items():
            digest = hashlib.sha256((folder / file).read_bytes()).hexdigest()
            assert digest == words[5], f"{file}: SHA-256"
        machine, raw = read(folder / "machine.csv", ",", ".", 0, False)
        german, _ = read(folder / "german.csv", ";", ",", 1, True)
        document = json.loads((folder / "month.json").read_text("utf-8"))
    assert machine == german, "the machine and the German file differ"
    plain = [{c[2]: row[c[2]] for c in COLUMNS} for row in document["rows"]]
    assert machine[-1]["customer_ref"] == "'=1+1;\"x\"" and plain[-1]["customer_ref"] == "=1+1;\"x\""
    machine[-1]["customer_ref"] = plain[-1]["customer_ref"]
    assert machine == plain, "CSV and JSON differ"
    for row, text in zip(machine, raw):
        check_row(row, text["kind"], text["flags"])
    assert [row["cdr_no"] for row in machine] == list(range(1, len(machine) + 1)), "numbers"
    by_no = {row["cdr_no"]: row for row in machine}
    credits = [row for row, text in zip(machine, raw) if text["kind"] == "credit"]
    assert len(credits) == 8, "credits"
    for credit in credits:
        original = by_no[credit["ref_cdr_no"]]
        for member in ("energy_wh", "energy_cents", "blocking_min", "blocking_cents", "other_cents",
                       "gross_cents", "net_cents", "vat_cents"):
            assert credit[member] + original[member] == 0, (member, credit)
    sums = [len(machine)] + [sum(row[m] for row in machine)
                             for m in ("energy_wh", "gross_cents", "net_cents", "vat_cents")]
    for file, words in told.items():
        assert sums == [int(w) for w in words[:5]], f"{file}: sums"
    assert list(document["totals"].values()) == sums, "totals of the JSON"
    print(f"{sums[0]} rows, {sums[1]} Wh, {sums[2]} cents: three forms agree")


main()
