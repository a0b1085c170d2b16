"""Every command of the real noxctl against a noxd of canned answers: exit code, standard output, standard error.

    python3 noxctl_test.py [--golden]     --golden writes the picture of `top` anew, to be read before it is committed
"""
import csv
import fcntl
import io
import json
import os
import pty
import re
import select
import signal
import ssl
import struct
import subprocess
import sys
import tempfile
import termios
import time

import fake_noxd

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(HERE)))
NOXCTL = os.path.join(os.environ.get("NOX_BIN", os.path.join(ROOT, "build", "bin")), "noxctl")
GOLDEN = os.path.join(HERE, "top_80.txt")
HINT = "Connect a station: noxctl station add MY-LAMP, then ws://127.0.0.1:9016/ocpp/MY-LAMP   Try: noxctl status"
failures = []


def environment(**more):
    env = {k: v for k, v in os.environ.items() if k not in ("STATE_DIRECTORY", "NOX_DATA", "NOX_TOKEN", "COLUMNS", "LINES")}
    return {**env, "TZ": "Europe/Berlin", "TERM": "xterm", **more}


def run(data, *words, stdin="", timeout=30, **env):
    return subprocess.run([NOXCTL, "--data", data, *words], input=stdin, capture_output=True, text=True, timeout=timeout,
                          env=environment(**env), check=False)


def check(good, why):
    if not good:
        failures.append(why)
        print("FAILED:", why)


# Words, exit code, what standard output says, what standard error says ("" = it must be silent, None = anything).
CASES = (
    ("status", 0, "commit p50", ""),
    ("version", 0, "noxd    0.1.0", ""),
    ("api GET /v1/status", 0, '"version"', ""),
    ("api GET status", 2, "", "begins with /"),
    ("api POST /v1/apply {", 2, "", "no JSON"),
    ("api GET /v1/nothing", 3, "", "nothing at /v1/nothing"),
    ("completion bash", 0, "complete -F _noxctl noxctl", ""),
    ("completion fish", 2, "", "bash"),
    ("man", 0, ".Sh EXIT STATUS", ""),
    ("top", 2, "", "--once"),
    ("top --once -o csv", 2, "", "connector list"),
    ("station list", 0, "DO-L0024", ""),
    ("station list --offline", 0, "DO-L0010", ""),
    ("station list --district Nowhere", 3, "", "--district Nowhere: there is no such district"),
    ("station list --grid NOPE", 3, "", "--grid NOPE: there is no such grid node; 'noxctl grid show'"),
    ("station list --grid DO-ONS-KAISER", 0, "", "No stations"),
    ("connector list --grid NOPE", 3, "", "no such grid node"),
    ("connector list --station NOPE", 3, "", "no such station"),
    ("connector list --status Foo", 2, "", "--status Foo: it is Available, Preparing"),
    ("session list --station NOPE --state active", 3, "", "--station NOPE: there is no such station"),
    ("session list --tag NOPE --state active", 3, "", "--tag NOPE: there is no such tag"),
    ("station add PLAIN --profile 0", 0, "connects to", "Without --grid it stands outside the cap"),
    ("station add PLAIN2 --profile 0 --grid DO-KAISER", 0, "connects to", "Without --tariff its sessions are not billed"),
    ("billing export 2026-09 -O /nonexistent/x/m.csv", 1, "", "there is no folder /nonexistent/x;"),
    ("top --help", 0, "\n  COLUMNS=120 noxctl top --once", ""),
    ("apply --schema", 0, "{\n  ", ""),
    ("status", 0, "up                     2:00:00 (real time)", ""),
    ("station add A/B", 2, "", "an id has no blanks and no '/'"),
    ("station show DO-L0006", 0, "shared below DO-KAISER-ENDE", ""),
    ("station show NOBODY", 3, "", "there is no station NOBODY"),
    ("station add MY-LAMP --grid DO-KAISER --wiring STR --rating 16 --safe 6", 0, "key (hexadecimal)  new0123", "once"),
    ("station add DO-L0001", 5, "", "there already"),
    ("station add X --rating many", 2, "", "--rating many"),
    ("station remove DO-L0001", 2, "", "needs --yes"),
    ("station remove DO-L0001 --yes", 0, "DO-L0001  removed", ""),
    ("station key DO-L0001", 0, "DO-L0001  key-of-DO-L0001", "this once"),
    ("station key --all", 2, "", "24 stations"),
    ("station key --all DO-L0001 --yes", 2, "", "one too many"),
    ("station refused", 0, "did you mean DO-L0001?", ""),
    ("station approve DO-L0003", 0, "DO-L0003  Accepted", ""),
    ("station registration DO-L0003 Pending", 0, "DO-L0003  Pending", ""),
    ("station registration DO-L0003 Perhaps", 2, "", "Accepted, Pending or Rejected"),
    ("station config get DO-L0001", 0, "HeartbeatInterval         300", ""),
    ("station config get DO-L0001 Nope", 3, "", "does not know Nope"),
    ("station config get --grid DO-KAISER HeartbeatInterval", 0, "DO-L0008  300", ""),
    ("station config set DO-L0001 HeartbeatInterval 60", 0, "DO-L0001  Accepted", ""),
    ("station config set --all HeartbeatInterval 60", 2, "", "needs --yes"),
    ("station config list DO-L0001", 0, "HeartbeatInterval", ""),
    ("station call DO-L0001 GetConfiguration", 0, '"configurationKey"', ""),
    ('station call DO-L0001 Reset {"type":"Soft"}', 0, '"Accepted"', ""),
    ('station call DO-L0001 Reset {"type":"Warm"}', 2, "", "type"),
    ("station call DO-L0001 Reset {", 2, "", "JSON"),
    ("station call DO-L0001 Reset [1]", 2, "", "object"),
    ("station call DO-L0001 Rest", 2, "", "did you mean Reset?"),
    ("station call DO-L0001 Heartbeat", 2, "", "--no-check"),
    ("station call DO-L0001 Heartbeat --no-check", 0, '"Accepted"', ""),
    ('station call NOBODY Reset {"type":"Soft"}', 3, "", "NOBODY"),
    ("station reset DO-L0001", 0, "DO-L0001  Accepted", ""),
    ("station reset DO-L0010", 7, "", "not connected"),
    ("station reset DO-L0011", 9, "", "did not answer"),
    ("station reset DO-L0012", 8, "", "NotSupported"),
    ("station reset DO-L0013", 8, "DO-L0013  Rejected", ""),
    ("station reset DO-L0001 DO-L0010", 6, "station-offline", "1 of 2 stations failed"),
    ("station reset --grid NOWHERE --yes", 3, "", "grid show"),
    ("station reset --district Nowhere --yes", 3, "", "station list"),
    ("station unlock DO-L0001", 0, "Unlocked", ""),
    ("station unlock DO-L0001 --connector x", 2, "", "whole number"),
    ("station availability DO-L0001 inoperative", 0, "Accepted", ""),
    ("station availability DO-L0001 broken", 2, "", "operative or inoperative"),
    ("station clear-cache DO-L0001", 0, "Accepted", ""),
    ("station trigger DO-L0001 Heartbeat", 8, "NotImplemented", ""),
    ("station trigger DO-L0001 Nonsense", 2, "", "requestedMessage"),
    ("station start DO-L0001 04D001A7C3E137", 0, "Accepted", ""),
    ("station stop DO-L0001", 0, "Accepted", ""),
    ("station stop DO-L0002", 3, "", "no session to stop"),
    ("station stop --grid DO-KAISER --yes", 0, "DO-L0002  no-session", ""),
    ("station stop DO-L0002 --tx 7", 0, "Accepted", ""),
    ("station stop DO-L0001 DO-L0002 --tx 7", 2, "", "--tx belongs to one station"),
    ("connector list", 0, "DO-L0024", ""),
    ("connector list --busy --status Charging", 0, "1005", ""),
    ("connector show DO-L0006", 0, "DE*DOX*E0006*1", ""),
    ("connector show DO-L0006 2", 3, "", "no connector 2"),
    ("profile set DO-L0001 --limit 10", 0, "Accepted", ""),
    ("profile set DO-L0001", 2, "", "--limit"),
    ("profile set DO-L0001 --limit 10 --purpose Nonsense", 2, "", "ChargePointMaxProfile"),
    ("profile clear DO-L0001", 3, "Unknown", ""),
    ("profile show DO-L0001", 0, "840", ""),
    ("grid show", 0, "DO-KAISER-ENDE", ""),
    ("grid show DO-LIPPE --points", 0, "DO-L0016", ""),
    ("grid show NOWHERE", 3, "", "NOWHERE"),
    ("grid prove", 0, "all safe currents fit", ""),
    ("grid limit DO-KAISER 40", 0, "", "DO-KAISER: limit 40.0 A, in force now; it holds until the next apply"),
    ("grid limit DO-KAISER 40 40 3", 0, "", "DO-KAISER: limit 40.0 40.0 3.0 A"),
    ("grid limit DO-KAISER 3", 0, "", "warning: lamps that lose their connection may exceed it: grid node DO-KAISER, L1: the safe"),
    ("grid limit DO-KAISER 40 40", 2, "", "one limit for all phases or three"),
    ("grid limit DO-KAISER much", 2, "", "amperes"),
    ("grid limit NOWHERE 40", 3, "", "NOWHERE"),
    ("explain limit DO-L0006", 0, "Least room: DO-ONS-KAISER, L3", ""),
    ("explain limit DO-L0006", 0, "raise to 9.0 A at", ""),
    ("explain limit DO-L0006 --at someday", 2, "", "a time is needed"),
    ("explain limit DO-L0006 --at 19:05", 0, "DO-L0006", ""),
    ("session list --from -2h --to now", 0, "DO-L0001", ""),
    ("grid cap DO-KAISER --amps 40 --from 8h --for 2h", 2, "", "18:30 (the next one), +8h"),
    ("grid cap DO-KAISER --amps 40 --until 25:00", 2, "", "18:30 (the next one), +8h"),
    ("grid meter DO-KAISER --amps 40 --at 8h", 2, "", "18:30 (the last one), -2h"),
    ("explain limit NOBODY", 3, "", "NOBODY"),
    ("session list", 0, "31.207", ""),
    ("session list --state active", 0, "", "No sessions"),
    ("session list --state strange", 2, "", "provisional"),
    ("session list --month 2026-13", 2, "", "2026-13"),
    ("session list --from yesterday", 2, "", "2026-10-24"),
    ("session list --to 2026-10-24:20", 2, "", "2026-10-24"),
    ("session list --to 2026-10-24T20:15x", 2, "", "2026-10-24"),
    ("session show 41", 0, "15.9 15.8 15.9", ""),
    ("session show x", 2, "", "no session"),
    ("session show 99", 3, "", "no session 99"),
    ("session problems", 0, "tag-not-accepted", ""),
    ("session orphans", 0, "PowerLoss", ""),
    ("session need 41", 2, "", "nothing is told: give --depart"),
    ("session need 41 --energy much", 2, "", "an energy like 20"),
    ("session need 41 --depart soon --energy 20", 2, "", "a time is needed"),
    ("session need 41 --min-amps x", 2, "", "amperes"),
    ("session need 41 --clear --energy 20", 2, "", "leave the other flags out"),
    ("grid simulate", 2, "", "--from is missing"),
    ("grid simulate --from 2026-10-01 --to 2026-11-01 --limit DO-KAISER", 2, "", "NODE=80"),
    ("session close 41", 2, "", "needs --yes"),
    ("session close 41 --yes --reason gone", 0, "", "provisionally"),
    ("tag list", 0, "Müller", ""),
    ("tag show 04d001a7c3e137", 0, "C-1001", ""),
    ("tag show NONE", 3, "", "NONE"),
    ("tag add NEW1 --customer C-9", 0, "", "NEW1: may charge"),
    ("tag add new1", 5, "", "NEW1 is there already (Accepted)"),
    ("tag block NEW1", 0, "", "NEW1: is blocked"),
    ("tag add NEW1", 5, "", "NEW1 is there already (Blocked); 'noxctl tag unblock NEW1'"),
    ("tag block NOPE NEW1", 6, "", "1 of 2 tags failed"),
    ("tag block NOPE", 3, "", "no tag 'NOPE'"),
    ("tag show NEW1", 0, "Blocked", ""),
    ("tag unblock NEW1", 0, "", "again"),
    ("tag remove NEW1", 2, "", "needs --yes"),
    ("tag remove NEW1 --yes", 0, "", "is removed"),
    ("tag remove NEW1 --yes", 3, "", "NEW1"),
    ("tariff list", 0, "LATERNE-2026", ""),
    ("tariff show LATERNE-2026", 0, "höchstens 12,00 EUR", ""),
    ("tariff show NONE", 3, "", "NONE"),
    ("billing export 2026-10", 0, "csv-de,2026-10", "the month is still open: 12 sessions run"),
    ("billing export 2026-10 --format machine", 0, "csv,2026-10", "still open"),
    ("billing export 2026-10 --format xml", 2, "", "de, machine and json"),
    ("billing export 2026-13", 2, "", "2026-13"),
    ("emissions report 2026-10", 0, "table district 2026-10", ""),
    ("emissions report 2026-10 --by lamp", 2, "", "district or by station"),
    ("emissions report 2026-10 --german", 2, "", "-o csv"),
    ("-o csv emissions report 2026-10 --german --by station", 0, "csv-de station 2026-10", ""),
    ("event list --severity alarm", 0, "storage.full", ""),
    ("event list --severity loud", 2, "", "info, warning or alarm"),
    ("ocpp list", 0, "SetChargingProfile", ""),
    ("ocpp describe Reset", 0, "Hard", ""),
    ("ocpp describe Rest", 3, "", "did you mean Reset?"),
    ("apply", 2, "", "apply -f"),
    ("apply -f /nonexistent", 1, "", "/nonexistent"),
    ("apply --schema", 0, "$schema", ""),
    ("statoin list", 2, "", "did you mean 'station list'?"),
    ("station", 2, "", "station list"),
    ("station --help", 0, "station list", ""),
    ("--help", 0, "First steps", ""),
    ("station reset --help", 0, "Examples:", ""),
)


def one_case(data, line, code, out, err):
    done = run(data, *line.split(" "))
    check(done.returncode == code, f"noxctl {line}: exit {done.returncode}, wanted {code}\n{done.stdout}{done.stderr}")
    check(out in done.stdout if out else not done.stdout, f"noxctl {line}: on stdout, wanted '{out}':\n{done.stdout}")
    if err == "":
        check(not done.stderr, f"noxctl {line}: stderr should be silent:\n{done.stderr}")
    else:
        check(err in done.stderr, f"noxctl {line}: on stderr, wanted '{err}':\n{done.stderr}")
    check("Sanitizer" not in done.stderr, done.stderr)
    check("\033" not in done.stdout + done.stderr, f"noxctl {line}: control sequences without a terminal")


def all_cases(data):
    for line, code, out, err in CASES:
        one_case(data, line, code, out, err)


# What -o json and -o csv promise: one document, a heading and rows of the same length, nothing else on stdout.
LISTS = ("station list", "connector list", "session list", "session problems", "session orphans", "tag list", "tariff list",
         "grid show", "event list", "station refused", "ocpp list", "station key --all --yes", "station reset --all --yes",
         "station config list DO-L0001", "station show DO-L0001", "session show 41", "status", "version", "tag show 04D001A7C3E137",
         "connector show DO-L0001", "station config get DO-L0001 HeartbeatInterval", "station add FORMS --no-key", "grid prove")


def formats(data):
    for line in LISTS:
        done = run(data, "-o", "json", *line.split(" "))
        try:
            json.loads(done.stdout)
        except ValueError as e:
            check(False, f"{line} -o json: {e}: {done.stdout[:200]}")
        done = run(data, "-o", "csv", *line.split(" "))
        rows = list(csv.reader(io.StringIO(done.stdout)))
        check(rows and all(len(row) == len(rows[0]) for row in rows), f"{line} -o csv: {done.stdout[:300]}")
    keys = list(csv.DictReader(io.StringIO(run(data, "station", "key", "--all", "--yes", "-o", "csv").stdout)))
    check(len(keys) == 24 and keys[3] == {"station": "DO-L0004", "key": "key-of-DO-L0004"}, f"keys: {keys[:4]}")
    tags = list(csv.DictReader(io.StringIO(run(data, "tag", "list", "-o", "csv").stdout)))
    check(tags[1]["customer"] == 'Müller, "Söhne"', f"quotes in CSV: {tags}")
    done = run(data, "-o", "json", "station", "reset", "--all", "--yes")
    items = json.loads(done.stdout)["items"]
    exits = {i["station"]: i["exit"] for i in items}
    check(done.returncode == 6 and len(items) == 24 and [exits[f"DO-L00{n}"] for n in (10, 11, 12, 13)] == [7, 9, 8, 8],
          f"many targets: {done.returncode} {exits}")
    explained = json.loads(run(data, "-o", "json", "explain", "limit", "DO-L0006").stdout)
    check([n["id"] for n in explained["path"]] == ["DO-KAISER-ENDE", "DO-KAISER", "DO-ONS-KAISER"]
          and explained["binding"]["node"] == "DO-ONS-KAISER", f"explain: {explained['binding']}")


def http(body, status="200 OK", head=""):
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(body.encode())}\r\n{head}\r\n{body}".encode()


# Another version of noxd, or something else that listens there: never a crash, never silence.
STRANGE = (
    http("{}"), http("[]"), http("null"), http('"text"'), http('{"items":[null,1,"x",{},[]]}'), http('{"items":{}}'),
    http('{"items":[{"id":7,"station":{},"connector":"x","limit_a":"y","measured_a":[1,"z"],"phases":[3],"tx_id":true,'
         '"at":5,"parent":"self","grid_node":"self","flags":"f","text":null}],"changes":7,"listen":{},"counters":[],"last_seq":"x"}'),
    http('{"now":"soon","grid":[{"id":"a","parent":"b","limit_a":[0,0,0]},{"id":"b","parent":"a","measured_a":[1e300,-1,2]}],'
         '"connectors":[{"station":"\\u202e\\u0007"},7,null],"events":[0,{}],"storage":3}'),
    http("not json"), http("{}", "500 Internal Server Error"), http("<html>", "403 Forbidden"), http('{"error":"text"}', "404 Not Found"),
    http('{"error":{"code":5,"message":["x"]}}', "409 Conflict"), http("", "204 No Content"), b"", b"garbage\r\n\r\n", b"HTTP/1.1 \r\n\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{}", b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n{}",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{}",
    b"HTTP/1.1 200 OK\r\n" + b"X: " + b"y" * 100000 + b"\r\n\r\n{}",
)


def strange_answers(data, fake):
    lines = ("status", "top --once", "station list", "station show A", "station key A", "station reset A", "station stop A",
             "station config get A", "connector list", "grid show", "grid prove", "explain limit A", "session show 1", "tag show A",
             "event list", "apply -f -", "billing export 2026-10", "-o csv session list", "-o json grid show")
    for fake.raw in STRANGE:
        for line in lines:
            done = run(data, *line.split(" "), stdin="{}", COLUMNS="70")
            check(0 <= done.returncode <= 10 and "Sanitizer" not in done.stderr and "runtime error" not in done.stderr
                  and (done.returncode == 0 or done.stderr or done.stdout), f"{line} with {fake.raw[:80]}: {done}")
    fake.raw = None


def what_is_asked(data, fake):
    """Flags become the right requests."""
    def asked(line, method, path, body=None):
        fake.asked.clear()
        done = run(data, *line.split(" "))
        hit = [a for a in fake.asked if a[0] == method and a[1] == path and (body is None or a[2] == body)]
        check(hit, f"{line}: asked {fake.asked} (exit {done.returncode} {done.stderr})")

    asked("session list --station A/B --tag X=1 --limit 5", "GET", "/v1/sessions?station=A%2FB&id_tag=X%3D1&limit=5")
    asked("session list --from 2026-10-24", "GET", "/v1/sessions?from=2026-10-23T22%3A00%3A00.000Z")
    asked("session list --from 2026-10-26 --to 2026-10-27T00:00:00Z", "GET",
          "/v1/sessions?from=2026-10-25T23%3A00%3A00.000Z&to=2026-10-27T00%3A00%3A00.000Z")
    asked("session list --from 2026-10-24T20:15 --limit 1", "GET", "/v1/sessions?limit=1&from=2026-10-24T18%3A15%3A00.000Z")
    asked("station show A/B", "GET", "/v1/stations/A%2FB")
    asked("session problems --month 2026-10", "GET", "/v1/sessions?problems=1&month=2026-10")
    asked("grid cap DO-LIPPE --kw 20 --until 2026-12-01T18:00:00Z --reason x", "POST", "/v1/grid/DO-LIPPE/cap",
          {"kw": 20.0, "until": "2026-12-01T18:00:00.000Z", "reason": "x"})
    asked("grid cap DO-LIPPE --amps 40,40,32.5 --from 2026-12-01T16:00:00Z --for 90m", "POST", "/v1/grid/DO-LIPPE/cap",
          {"limit_a": [40, 40, 32.5], "from": "2026-12-01T16:00:00.000Z", "until": "2026-12-01T17:30:00.000Z"})
    asked("grid caps --all", "GET", "/v1/grid/caps?all=1")
    asked("grid uncap 3", "DELETE", "/v1/grid/caps/3")
    asked("grid meter DO-LIPPE --amps 12,13.5,9", "POST", "/v1/grid/DO-LIPPE/meter", {"a_per_phase": [12, 13.5, 9]})
    asked("grid meter DO-LIPPE --amps 12", "POST", "/v1/grid/DO-LIPPE/meter", {"a_per_phase": [12, 12, 12]})
    asked("grid limit DO-KAISER 40 32.5 6", "POST", "/v1/grid/DO-KAISER/limit", {"limit_a": [40, 32.5, 6]})
    asked("station stop DO-L0001 --timeout 7", "POST", "/v1/stations/DO-L0001/calls",
          {"action": "RemoteStopTransaction", "payload": {"transactionId": 1000}, "timeout_s": 7, "check": True})
    asked("station add Z --grid N --rating 16 --safe 6.5 --evse E*1", "PUT", "/v1/stations/Z",
          {"id": "Z", "security_profile": 1, "grid_node": "N", "rating_a": 16, "safe_a": 6.5,
           "connectors": [{"id": 1, "max_w": 11040, "evse_id": "E*1"}]})
    asked("tag block 04D001A7C3E137", "PUT", "/v1/tags/04D001A7C3E137", {**fake_noxd.TAGS[0], "status": "Blocked"})
    asked("profile set DO-L0001 --limit 8.5 --duration 60", "POST", "/v1/stations/DO-L0001/calls", {
        "action": "SetChargingProfile", "timeout_s": 30, "check": True, "payload": {
            "connectorId": 0, "csChargingProfiles": {
                "chargingProfileId": 1, "stackLevel": 0, "chargingProfilePurpose": "ChargePointMaxProfile",
                "chargingProfileKind": "Absolute", "chargingSchedule": {
                    "chargingRateUnit": "A", "duration": 60, "startSchedule": fake_noxd.NOW, "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 8.5}]}}}})


def files(data):
    """apply reads files and standard input; exports appear complete or not at all."""
    site = {"stations": [{"id": "A"}, {"id": "B"}, {"id": "C"}]}
    done = run(data, "apply", "-f", "-", "--dry-run", stdin=json.dumps(site))
    check(done.returncode == 0 and done.stdout.splitlines()[-1] == "Dry run, nothing done: 1 added, 1 changed, 1 unchanged"
          and "rating_a 16 -> 10" in done.stdout, f"apply: {done.stdout}{done.stderr}")
    done = run(data, "apply", "-f", "-", stdin='{"stations": [}')
    check(done.returncode == 1 and "-:1:15" in done.stderr, f"broken file: {done.returncode} {done.stderr}")
    done = run(data, "apply", "-f", "-", stdin='{"stations": [{"id": "A", "rating_a": "16"}]}')
    check(done.returncode == 1 and "stations[0].rating_a: must be a number" in done.stderr, f"422: {done.stderr}")
    bad = json.dumps({"stations": [{"id": "A", "safe_a": 99}]})
    check(run(data, "apply", "-f", "-", stdin=bad).returncode == 5, "a site that cannot hold is a conflict")
    check(run(data, "apply", "-f", "-", "--force", stdin=bad).returncode == 0, "--force")
    with tempfile.TemporaryDirectory() as folder:
        name = os.path.join(folder, "month.csv")
        done = run(data, "billing", "export", "2026-10", "-O", name)
        with open(name, newline="", encoding="utf-8") as file:
            text = file.read()
        check(done.returncode == 0 and text == "csv-de,2026-10\r\n1,2\r\n" and not done.stdout, f"export: {done} {text!r}")
        done = run("/nonexistent", "billing", "export", "2026-10", "-O", os.path.join(folder, "other.csv"))
        check(done.returncode == 10 and os.listdir(folder) == ["month.csv"], f"a failed export leaves {os.listdir(folder)}")


def unreachable():
    with tempfile.TemporaryDirectory() as folder:
        done = run(folder, "status")
        check(done.returncode == 10 and not done.stdout and f"noxd --data {folder}" in done.stderr, f"{done}")
        done = run(folder, "-o", "json", "station", "reset", "A", "B")
        check(done.returncode == 6 and all(i["exit"] == 10 for i in json.loads(done.stdout)["items"]), f"{done}")
        done = run(folder, "version")
        check(done.returncode == 0 and "noxctl" in done.stdout and folder in done.stderr, f"{done}")
        done = run(folder, "--server", "ftp://x", "status")
        check(done.returncode == 2 and "unix:PATH" in done.stderr, f"{done}")
        done = run(folder, "--server", "http://127.0.0.1:1", "status")
        check(done.returncode == 10 and "--admin-listen" in done.stderr, f"{done}")


def by_network(folder):
    """http and https: trust, name and token are checked."""
    key, cert = os.path.join(folder, "key.pem"), os.path.join(folder, "cert.pem")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", key,
                    "-out", cert, "-days", "2", "-subj", "/CN=noxd", "-addext", "subjectAltName=DNS:localhost"],
                   check=True, capture_output=True)
    plain = fake_noxd.serve_tcp()
    url = f"http://127.0.0.1:{plain.server_address[1]}"
    check(run(folder, "--server", url, "status").returncode == 0, "http")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    tls = fake_noxd.serve_tcp(context)
    tls.fake.token = "secret"
    port = tls.server_address[1]
    token = os.path.join(folder, "token")
    with open(token, "w", encoding="utf-8") as file:
        file.write("secret\n")
    for server, words, code, said, env in (
            (f"https://localhost:{port}", ["--ca", cert, "--token-file", token], 0, "", {}),
            (f"https://localhost:{port}/", ["--ca", cert], 0, "", {"NOX_TOKEN": "secret"}),
            (f"https://localhost:{port}", ["--ca", cert], 4, "token", {"NOX_TOKEN": "wrong"}),
            (f"https://localhost:{port}", ["--ca", cert], 4, "token", {}),
            (f"https://localhost:{port}", ["--ca", cert, "--token-file", "/nonexistent"], 1, "/nonexistent", {}),
            (f"https://localhost:{port}", [], 10, "self", {}),
            (f"https://127.0.0.1:{port}", ["--ca", cert], 10, "mismatch", {}),
            (f"http://localhost:{port}", ["--timeout", "2"], None, "noxd", {})):
        done = run(folder, "--server", server, *words, "status", **env)
        check((done.returncode == code if code is not None else done.returncode != 0) and said in done.stderr,
              f"{server} {words}: {done.returncode} {done.stderr}")
    plain.shutdown()
    tls.shutdown()


def picture(data):
    """`top --once`: the golden picture, and the width is kept on every terminal."""
    done = run(data, "top", "--once", "--hint", HINT, COLUMNS="80", LINES="24")
    check(done.returncode == 0 and not done.stderr, f"top: {done}")
    if "--golden" in sys.argv:
        with open(GOLDEN, "w", encoding="utf-8") as file:
            file.write(done.stdout)
    with open(GOLDEN, encoding="utf-8") as file:
        golden = file.read()
    check(done.stdout == golden, f"the picture differs:\n{done.stdout}\nwanted:\n{golden}")
    for columns, lines in ((80, 24), (60, 20), (120, 40), (200, 60), (33, 12)):
        text = run(data, "top", "--once", "--hint", HINT, COLUMNS=str(columns), LINES=str(lines)).stdout.splitlines()
        check(len(text) <= lines and max(map(len, text)) <= columns,
              f"{columns}x{lines}: {len(text)} lines of {max(map(len, text))}")
    whole = run(data, "top", "--once").stdout
    check(all(f"DO-L{i:04d}" in whole for i in range(1, 25)), "without LINES all connectors are shown")
    for line in ("station list", "connector list", "grid show", "event list", "session list", "tag list", "ocpp list"):
        text = run(data, *line.split(" "), COLUMNS="60").stdout
        check(text and max(map(len, text.splitlines())) <= 60, f"{line} at 60 columns:\n{text}")
    for words, said in (("session list", "not shown for want of width; -o csv has all"), ("-o csv session list", ""), ("connector show DO-L0005", ""),
                        ("emissions report 2026-10", "100 columns wide, the terminal 80"), ("explain limit DO-L0005", "")):
        done = run(data, *words.split(" "), COLUMNS="80")
        check(said in done.stderr and bool(said) == bool(done.stderr) and done.returncode == 0,
              f"{words} at 80 columns: {done.stderr}{done.stdout}")
    text = run(data, "station", "refused", COLUMNS="80").stdout
    check(re.search(r"\n  did you mean DO-L0001\?\n", text), f"advice on a line of its own: {text}")


def alarms(data, fake):
    """Alarms are counted in the head with the newest below it; the picture keeps its size."""
    fake.alarms = fake_noxd.ALARMS
    text = run(data, "top", "--once", COLUMNS="80", LINES="24").stdout.splitlines()
    check("×30  ALARMS 2  stations 23/24  sessions 12" in text[0] and text[1].startswith("grid.excess  DO-KAISER: the worst case")
          and len(text) <= 24 and max(map(len, text)) <= 80, f"top with alarms: {text}")
    done = run(data, "status", COLUMNS="120")
    check("grid.excess" in done.stdout and re.search(r"22:11:00 +3 +grid", done.stdout), f"status with alarms: {done.stdout}")
    fake.alarms = []
    check(re.search(r"alarms +none", run(data, "status").stdout), "status without alarms")


class Terminal:
    """noxctl on a pseudo-terminal."""

    def __init__(self, data, *words, columns=80, rows=24, **env):
        self.master, slave = pty.openpty()
        self.resize(columns, rows)
        self.before = termios.tcgetattr(slave)
        self.slave = slave
        self.process = subprocess.Popen([NOXCTL, "--data", data, *words], stdin=slave, stdout=slave, stderr=subprocess.PIPE,
                                        env=environment(**env), start_new_session=True)
        self.out = b""

    def resize(self, columns, rows):
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def read_until(self, pattern, timeout=10):
        """What was written from now on until the pattern has come."""
        deadline, begin = time.monotonic() + timeout, len(self.out)
        while time.monotonic() < deadline:
            if re.search(pattern, self.out[begin:]):
                return self.out[begin:]
            if select.select([self.master], [], [], 0.1)[0]:
                try:
                    self.out += os.read(self.master, 65536)
                except OSError:
                    break
        check(False, f"nothing like {pattern!r} came; last was {self.out[-800:]!r}")
        return b""

    def key(self, keys):
        os.write(self.master, keys)

    def end(self, code):
        deadline = time.monotonic() + 10
        while self.process.poll() is None and time.monotonic() < deadline:
            if select.select([self.master], [], [], 0.05)[0]:
                self.out += os.read(self.master, 65536)
        if self.process.poll() is None:
            self.process.kill()
            check(False, "it does not end")
        self.process.wait()
        while select.select([self.master], [], [], 0.1)[0]:
            self.out += os.read(self.master, 65536)
        check(self.process.returncode == code, f"ended with {self.process.returncode}, wanted {code}: {self.process.stderr.read()}")
        check(self.out.endswith(b"\033[?1049l"), f"the terminal is not given back: {self.out[-60:]!r}")
        check(termios.tcgetattr(self.slave) == self.before, "the modes of the terminal are not put back")
        self.process.stderr.close()
        os.close(self.master)
        os.close(self.slave)


def live(folder, server):
    top = Terminal(folder, "top", "--hint", "look here")
    top.read_until(rb"look here")
    top.key(b"\033[B\033[B")
    top.read_until(rb" 3-\d+ of 24")
    top.key(b"\033[F")
    top.read_until(rb"-24 of 24")
    top.key(b"a")
    top.read_until(rb" 1-\d+ of 1\d ")
    top.resize(120, 40)
    top.read_until(rb"TAG\b")
    server.shutdown()
    server.server_close()
    top.read_until(rb"No news for")
    server = fake_noxd.serve(folder)
    top.read_until(rb"ok\033\[0m[^\n]*\n\033\[K\033\[1mDO-ONS-KAISER")  # no line about trouble between them
    top.key(b"q")
    top.end(0)
    for number, code in ((signal.SIGINT, 0), (signal.SIGTERM, -signal.SIGTERM)):
        top = Terminal(folder, "top")
        top.read_until(rb"REASON")
        top.process.send_signal(number)
        top.end(code)
    plain = Terminal(folder, "top", NO_COLOR="1")
    seen = plain.read_until(rb"q quit")
    check(not re.search(rb"\033\[\d+(;\d+)*m", seen), "colours in spite of NO_COLOR")
    plain.key(b"q")
    plain.end(0)
    return server


def follow(folder, server):
    """One JSON document per line, news at once, and waiting while noxd restarts."""
    process = subprocess.Popen([NOXCTL, "--data", folder, "-o", "json", "event", "follow", "--limit", "2"], text=True,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment())
    try:
        first = [json.loads(process.stdout.readline()) for _ in range(2)]
        check([e["name"] for e in first] == ["storage.ok", "profile.sent"], f"the last two: {first}")
        server.fake.add_event("hello")
        check(json.loads(process.stdout.readline())["text"] == "hello", "news do not come")
        begin = server.fake.events
        server.shutdown()
        server.server_close()
        server = fake_noxd.serve(folder)
        server.fake.events = list(begin)
        time.sleep(0.3)
        server.fake.add_event("again")
        # The old server's thread still holds the waiting request: it is answered there or asked again here.
        process_says = []
        while not process_says or process_says[-1] != "again":
            if not select.select([process.stdout], [], [], 40)[0]:
                break
            process_says.append(json.loads(process.stdout.readline())["text"])
        check(process_says[-1:] == ["again"], f"after a restart: {process_says}")
    finally:
        process.kill()
        process.communicate()
    return server


def completion(data):
    """The script is good bash and offers what fits."""
    script = run(data, "completion", "bash").stdout
    probe = script + """
complete_words() { COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMPREPLY=(); _noxctl; echo "${COMPREPLY[*]}"; }
"""
    for words, want in ((["sta"], "status station"), (["station", "conf"], "config"), (["station", "config", ""], "get set list"),
                        (["--data", "x", "station", "res"], "reset"), (["station", "reset", "--ha"], "--hard"),
                        (["station", "reset", "DO-L000"], " ".join(f"DO-L000{i}" for i in range(1, 10)))):
        line = f"complete_words {NOXCTL} " + " ".join(f"'{w}'" for w in words)
        done = subprocess.run(["bash", "-c", probe + line], capture_output=True, text=True, timeout=20, check=False,
                              env=environment(NOX_DATA=data))
        check(done.stdout.split() == want.split() and not done.stderr, f"completion of {words}: {done.stdout!r} {done.stderr}")


def main():
    if not os.access(NOXCTL, os.X_OK):
        print("skipped: noxctl is not built")
        sys.exit(77)
    with tempfile.TemporaryDirectory(prefix="noxctl-test-") as folder:
        server = fake_noxd.serve(folder)
        all_cases(folder)
        formats(folder)
        what_is_asked(folder, server.fake)
        strange_answers(folder, server.fake)
        files(folder)
        unreachable()
        by_network(folder)
        picture(folder)
        alarms(folder, server.fake)
        completion(folder)
        server = live(folder, server)
        server = follow(folder, server)
        server.shutdown()
        server.server_close()
    print(f"{len(CASES)} cases, {len(LISTS)} forms; {len(failures)} failures")
    sys.exit(1 if failures else 0)


main()
