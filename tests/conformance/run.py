#!/usr/bin/env python3
"""Runs the central-system cases of the OCA compliance test through real sockets and writes the table of results.

usage: run.py [--only REGEX] [--jobs N] [--out FILE.md] [--schemas DIR_OR_FILE]...

Exit 0: every case of the catalogue passed.  The table is written in any case, as Markdown and beside it as JSON.
"""
import argparse
import concurrent.futures
import json
import os
import re
import subprocess
import sys
import tempfile
import time
import traceback

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../integration"))
sys.path.insert(0, HERE)
import cases_core  # noqa: E402,F401
import cases_files  # noqa: E402,F401
import cases_lists  # noqa: E402,F401
import cases_security  # noqa: E402,F401
import cases_smart  # noqa: E402,F401
import schema  # noqa: E402
from catalogue import ROWS  # noqa: E402
from noxd import ROOT, running  # noqa: E402
from tool import CASES, Tool  # noqa: E402

TAGS = [
    {"id_tag": "VALID", "customer": "C1"},
    {"id_tag": "FAMILY1", "parent_id_tag": "FAMILY", "customer": "C2"},
    {"id_tag": "FAMILY2", "parent_id_tag": "FAMILY", "customer": "C2"},
    {"id_tag": "EXPIRED", "expires": "2020-01-01T00:00:00Z"},
    {"id_tag": "BLOCKED", "status": "Blocked"},
]


def name_of(case_id):
    return case_id.removesuffix("_CSMS").replace("_", "-")


def site():
    stations = []
    for _, case_id, _ in ROWS:
        members = CASES[case_id][1] if case_id in CASES else {}
        stations.append({"id": name_of(case_id), "security_profile": 1, "connectors": [{"id": 1}], **members})
    return {"stations": stations, "tags": TAGS}


def run_case(nox, schemas, pki, row):
    profile, case_id, title = row
    out = {"id": case_id, "profile": profile, "title": title, "result": "failed", "note": "", "seconds": 0}
    begin = time.monotonic()
    tool = Tool(nox, schemas, pki)
    tool.name = name_of(case_id)
    try:
        if case_id not in CASES:
            raise AssertionError("there is no such case yet")
        CASES[case_id][0](tool)
        problems = tool.end_case()
        assert not problems, "not by the schema: " + "; ".join(problems[:3])
        out["result"] = "passed"
    except Exception as error:  # a failed case must not end the others
        out["note"] = f"{type(error).__name__}: {error}".replace("\n", " ")[:400]
        out["trace"] = traceback.format_exc()
        tool.end_case()
    out["seconds"] = round(time.monotonic() - begin, 1)
    return out


def write_table(path, results, source):
    passed = sum(r["result"] == "passed" for r in results)
    with open(path, "w", encoding="utf-8") as out:
        out.write("# OCPP 1.6-J: cases of the OCA compliance test for central systems\n\n"
                  f"{passed} of {len(results)} passed, each through real sockets. Requests and confirmations of the "
                  f"central system were {'checked against ' + source if source else 'NOT checked against schemas'}.\n\n"
                  "| case | profile | what | result | s | note |\n|---|---|---|---|---|---|\n")
        for r in results:
            note = r["note"].replace("|", "\\|")
            out.write(f"| {r['id']} | {r['profile']} | {r['title']} | {r['result']} | {r['seconds']} | {note} |\n")
    with open(os.path.splitext(path)[0] + ".json", "w", encoding="utf-8") as out:
        json.dump({"passed": passed, "cases": [{k: v for k, v in r.items() if k != "trace"} for r in results]}, out, indent=1)


def make_pki(folder):
    subprocess.run([os.path.join(ROOT, "certs/make-pki"), "--test", "--station", "TC-083", "--station", "TC-087", folder],
                   check=True, stdout=subprocess.DEVNULL)
    return folder


def schemas_of(sources):
    """What the first source that is there has, and what it is."""
    for source in sources:
        found = schema.load(source)
        if found:
            return found, "the official schemas" if os.path.isdir(source) else "the schemas of a package"
    return {}, None


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--only", default="")
    options.add_argument("--jobs", type=int, default=6)
    options.add_argument("--out", default="conformance.md")
    options.add_argument("--schemas", action="append", default=[])
    options = options.parse_args()
    rows = [row for row in ROWS if re.search(options.only, row[1])]
    schemas, source = schemas_of(options.schemas)
    with tempfile.TemporaryDirectory(prefix="nox-pki-") as folder:
        pki = make_pki(folder)
        flags = ["--local-lists", "on", "--tls-listen", "127.0.0.1:0", "--tls-client-ca", f"{pki}/ca.pem"]
        for kind in ("rsa", "ec"):
            flags += ["--tls-cert", f"{pki}/server-{kind}.pem", "--tls-key", f"{pki}/server-{kind}.key"]
        with running(*flags) as nox:
            nox.apply(site())
            nox.ctl("cert", "ca", "init", "--name", "Conformance CA", "--organization", "NOX-Block")
            nox.make_keys([s["id"] for s in site()["stations"] if s["security_profile"] in (1, 2)])
            with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
                results = list(pool.map(lambda row: run_case(nox, schemas, pki, row), rows))
    write_table(options.out, results, source)
    for r in results:
        if r["result"] != "passed":
            print(f"{r['id']} {r['title']}: {r['note']}\n{r.get('trace', '')}")
    passed = sum(r["result"] == "passed" for r in results)
    print(f"{passed} of {len(results)} cases passed; the table is {os.path.abspath(options.out)}")
    return 0 if passed == len(results) else 1


if __name__ == "__main__":
    sys.exit(main())
