#!/usr/bin/env python3
"""The admin API of a real noxd, by raw HTTP on its Unix socket: every route, and what must not hurt.

usage: admin_test.py NOXD [unittest arguments]
"""
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import urllib.parse

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from live_station import LiveStation as Station  # noqa: E402

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "../../.."))
SITE = json.load(open(os.path.join(ROOT, "cmd/example/site.json"), encoding="utf-8"))
FACTORS = [
    {"kind": "grid_location", "year": 2024, "value": 363, "unit": "g/kWh", "state": "estimated", "source": "UBA"},
    {"kind": "consumption", "year": 2024, "low": 15, "mid": 18.5, "high": 22, "unit": "kWh/100km",
     "state": "assumed", "source": "test"},
    {"kind": "nox_tailpipe", "year": 2024, "low": 0.05, "mid": 0.175, "high": 0.45, "unit": "g/km",
     "state": "assumed", "source": "test"},
    {"kind": "co2_tailpipe", "year": 2024, "low": 120, "mid": 150, "high": 180, "unit": "g/km",
     "state": "assumed", "source": "test", "revised": "2025-04-15"},
]
INSTANT = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")


class Daemon:
    def __init__(self, program):
        self.data = tempfile.mkdtemp(prefix="nox")
        self.socket_path = os.path.join(self.data, "admin.sock")
        self.log = open(os.path.join(self.data, "log"), "w+", encoding="utf-8")
        self.process = subprocess.Popen([program, "--data", self.data, "--listen", "127.0.0.1:0"],
                                        stdout=self.log, stderr=subprocess.STDOUT)
        for _ in range(300):
            ready = re.search(r"ready ws://127.0.0.1:(\d+)/", self.text())
            if ready:
                self.port = int(ready.group(1))
                return
            if self.process.poll() is not None:
                break
            time.sleep(0.05)
        raise SystemExit("noxd did not become ready:\n" + self.text())

    def text(self):
        with open(self.log.name, encoding="utf-8") as log:
            return log.read()

    def resident_kb(self):
        with open(f"/proc/{self.process.pid}/status", encoding="utf-8") as status:
            return int(re.search(r"VmRSS:\s+(\d+)", status.read()).group(1))

    def cpu_ticks(self):
        with open(f"/proc/{self.process.pid}/stat", encoding="utf-8") as stat:
            return sum(int(ticks) for ticks in stat.read().split()[13:15])

    def end(self):
        self.process.terminate()
        code = self.process.wait(timeout=60)
        text = self.text()
        shutil.rmtree(self.data, ignore_errors=True)
        return code, text


class Connection:
    """One connection; answers are read by their framing, so that keep-alive can be tried."""

    def __init__(self, timeout=30):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(timeout)
        self.socket.connect(daemon.socket_path)
        self.buffer = b""

    def send(self, method, path, body=None, headers=()):
        head = f"{method} {path} HTTP/1.1\r\nHost: localhost\r\n"
        if body is not None:
            head += f"Content-Length: {len(body)}\r\n"
        head += "".join(line + "\r\n" for line in headers)
        self.socket.sendall(head.encode() + b"\r\n" + (body or b""))

    def _fill(self):
        piece = self.socket.recv(65536)
        if not piece:
            raise ConnectionError("closed")
        self.buffer += piece

    def _line(self):
        while b"\r\n" not in self.buffer:
            self._fill()
        line, self.buffer = self.buffer.split(b"\r\n", 1)
        return line.decode()

    def _bytes(self, n):
        while len(self.buffer) < n:
            self._fill()
        taken, self.buffer = self.buffer[:n], self.buffer[n:]
        return taken

    def head(self):
        status = int(self._line().split()[1])
        headers = {}
        while True:
            line = self._line()
            if not line:
                return status, headers
            name, value = line.split(":", 1)
            headers[name.lower()] = value.strip()

    def answer(self, is_head=False):
        status, headers = self.head()
        if is_head:
            return status, headers, b""
        if headers.get("transfer-encoding") != "chunked":
            return status, headers, self._bytes(int(headers["content-length"]))
        body = b""
        while True:
            n = int(self._line(), 16)
            body += self._bytes(n)
            self._bytes(2)
            if n == 0:
                return status, headers, body

    def close(self):
        self.socket.close()


def ask(method, path, body=None, headers=(), timeout=30):
    """@return status, parsed JSON or text"""
    connection = Connection(timeout)
    if isinstance(body, (dict, list)):
        body = json.dumps(body).encode()
    connection.send(method, path, body, headers)
    status, head, data = connection.answer()
    connection.close()
    return status, json.loads(data) if "json" in head["content-type"] else data.decode()


def get(path):
    status, answer = ask("GET", path)
    assert status == 200, (path, status, answer)
    return answer


def quoted(text):
    return urllib.parse.quote(text, safe="")


class Case(unittest.TestCase):
    def refused(self, status, code, word, method, path, body=None, headers=()):
        got, answer = ask(method, path, body, headers)
        self.assertEqual((got, answer["error"]["code"]), (status, code), answer)
        self.assertIn(word, answer["error"]["message"])
        return answer["error"]

    def setUp(self):
        status, answer = ask("POST", "/v1/apply?force=1", dict(SITE, factors=FACTORS))
        self.assertEqual(status, 200, answer)


class Reading(Case):
    def test_index_and_every_simple_route(self):
        index = get("/v1")["items"]
        self.assertGreater(len(index), 25)
        for route in index:
            self.assertTrue(route["summary"], route)
        for path in ("status", "top", "stations", "connectors", "refused", "sessions", "orphans", "tags",
                     "tariffs", "factors", "grid", "events", "apply/schema"):
            self.assertIsInstance(get("/v1/" + path), dict, path)

    def test_status(self):
        status = get("/v1/status")
        self.assertRegex(status["now"], INSTANT)
        self.assertEqual(status["listen"], [f"ws://127.0.0.1:{daemon.port}/ocpp/"])
        self.assertTrue(status["storage"]["ok"])
        self.assertGreater(status["schema_version"], 0)
        self.assertEqual(status["counters"]["stations"], len(get("/v1/stations")["items"]))

    def test_stations(self):
        items = {s["id"]: s for s in get("/v1/stations")["items"]}
        self.assertEqual(len([i for i in items if i.startswith("DO-L")]), 24)
        one = get("/v1/stations/DO-L0004")
        self.assertEqual({k: one[k] for k in ("wiring", "rating_a", "safe_a", "lat", "lon", "grid_node", "tariff")},
                         {"wiring": "R", "rating_a": 16, "safe_a": 6, "lat": 51.51483, "lon": 7.47722,
                          "grid_node": "DO-KAISER", "tariff": "LATERNE-2026"})
        self.assertEqual(one["connectors"][0]["phases"], ["L1"])
        self.assertEqual(items["DO-L0004"]["wiring"], "R")
        self.refused(404, "not-found", "did you mean DO-L0004", "GET", "/v1/stations/do-l0004")

    def test_lists_of_the_file(self):
        tags = {t["id_tag"]: t for t in get("/v1/tags")["items"]}
        self.assertEqual(tags["04D039A7C3E143"]["status"], "Blocked")
        self.assertEqual(tags["04D040A7C3E180"]["expires"], "2025-12-31")
        tariff = get("/v1/tariffs")["items"][0]
        self.assertEqual(tariff["price_per_kwh"], "0.49")
        self.assertEqual(tariff["blocking"]["cap"], "12.00")
        factors = get("/v1/factors")["items"]
        self.assertEqual([f["value"] for f in factors if f["kind"] == "consumption"], [18.5])

    def test_grid(self):
        nodes = {n["id"]: n for n in get("/v1/grid")["items"]}
        self.assertEqual(nodes["DO-ONS-KAISER"]["limit_a"], [100, 100, 100])
        self.assertIn(nodes["DO-ONS-KAISER"]["foreign_a"][0], range(10, 31))  # by the hour, with the lamps at night
        self.assertTrue(nodes["DO-ONS-KAISER"]["foreign_why"].startswith("usual load"))
        self.assertEqual(nodes["DO-KAISER-ENDE"]["n_points"], 3)
        self.assertEqual(len(nodes["DO-KAISER-ENDE"]["points"]), 3)

    def test_metrics(self):
        text = get("/v1/metrics")
        self.assertIn("\nnox_storage_ok 1\n", text)
        self.assertIn('nox_grid_limit_amperes{node="DO-KAISER",phase="L2"} 63.000', text)

    def test_head_answers_without_a_body(self):
        connection = Connection()
        connection.send("HEAD", "/v1/status")
        status, headers, _ = connection.answer(is_head=True)
        self.assertEqual(status, 200)
        self.assertGreater(int(headers["content-length"]), 100)
        connection.send("GET", "/v1")
        self.assertEqual(connection.answer()[0], 200)
        connection.close()


class Refusals(Case):
    def test_paths_methods_and_parameters(self):
        self.refused(404, "no-such-path", "did you mean /v1/stations", "GET", "/v1/station")
        self.refused(404, "no-such-path", "GET /v1 lists", "GET", "/")
        self.refused(404, "no-such-path", "there is no", "GET", "/v1/stations/A/B/C")
        self.refused(405, "method-not-allowed", "takes GET, not POST", "POST", "/v1/status", b"")
        self.refused(405, "method-not-allowed", "takes GET, PUT, DELETE", "PATCH", "/v1/stations/A", b"{}")
        self.refused(400, "bad-query", "did you mean limit", "GET", "/v1/sessions?limt=3")
        self.refused(400, "bad-query", "takes: ", "GET", "/v1/emissions/2026-10?zzz=1")
        self.refused(400, "bad-query", "whole number", "GET", "/v1/sessions?limit=x")
        self.refused(400, "bad-query", "must be one of", "GET", "/v1/sessions?state=open")
        self.refused(400, "bad-query", "month like", "GET", "/v1/sessions?month=2026-13")
        self.refused(400, "bad-query", "must be a date", "GET", "/v1/sessions?from=yesterday")
        self.refused(400, "bad-query", "from 0 to 60", "GET", "/v1/events?wait_s=61")

    def test_bodies(self):
        self.refused(400, "bad-json", "line 1, column", "PUT", "/v1/stations/X", b'{"id" "X"}')
        self.refused(400, "bad-json", "object", "PUT", "/v1/stations/X", b"[1]")
        self.refused(400, "bad-json", "line 3", "POST", "/v1/apply", b'{\n"grid": [\n}')
        self.refused(400, "bad-json", "duplicate", "POST", "/v1/apply", b'{"grid": [], "grid": []}')
        self.refused(422, "invalid-data", "must be an object", "POST", "/v1/apply", b"[]")
        self.refused(400, "bad-json", "line 1", "POST", "/v1/apply", b"")
        self.refused(411, "length-required", "Content-Length", "POST", "/v1/apply", None, ["Transfer-Encoding: chunked"])
        self.refused(400, "bad-request", "number", "POST", "/v1/apply", None, ["Content-Length: many"])

    def test_too_large_is_refused_before_it_is_sent(self):
        for path, size in (("/v1/apply", 64 * 1024 * 1024 + 1), ("/v1/stations/X/calls", 256 * 1024 + 1)):
            error = self.refused(413, "too-large", "at most", "POST", path, None, [f"Content-Length: {size}"])
            self.assertIn("bytes", error["message"])
        self.refused(413, "too-large", "at most", "POST", "/v1/apply", None,
                     ["Content-Length: 99999999999999999999999999"])

    def test_heads(self):
        self.refused(431, "too-large", "16 KiB", "GET", "/v1/status", None, ["X-Long: " + "a" * 20000])
        self.refused(414, "too-large", "4096", "GET", "/v1/" + "a" * 5000)
        self.refused(400, "bad-request", "hex", "GET", "/v1/stations/%zz")
        connection = Connection()
        for piece in (b"GET /v1/sta", b"tus HTTP/1.1\r\nHo", b"st: x\r\n\r", b"\nGET /v1 HTTP/1.0\r\n\r\n"):
            connection.socket.sendall(piece)
            time.sleep(0.05)
        self.assertEqual(connection.answer()[0], 200)
        status, headers, _ = connection.answer()
        self.assertEqual((status, headers["connection"]), (200, "close"))
        self.assertEqual(connection.socket.recv(1), b"")
        connection.close()

    def test_expect_100_continue(self):
        body = json.dumps({"tags": []}).encode()
        connection = Connection()
        connection.send("POST", "/v1/apply", None, [f"Content-Length: {len(body)}", "Expect: 100-continue"])
        self.assertEqual(connection.head()[0], 100)
        connection.socket.sendall(body)
        self.assertEqual(connection.answer()[0], 200)
        connection.close()

    def test_who_says_nothing_is_cut_off(self):
        silent = Connection(timeout=30)
        silent.socket.sendall(b"POST /v1/apply HTTP/1.1\r\nContent-Length: 10\r\n\r\n{")
        begin = time.time()
        self.assertEqual(silent.socket.recv(1), b"")
        self.assertGreater(time.time() - begin, 5)
        silent.close()

    def test_garbage_instead_of_http(self):
        for garbage in (b"\x00\xff" * 100, b"GET\r\n\r\n", b"\r\n" * 50, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
                        b"GET / HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                        b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n"):
            connection = Connection(timeout=1)
            try:
                connection.socket.sendall(garbage)
                connection.socket.recv(10)
            except OSError:
                pass
            connection.close()
        get("/v1/status")


class Applying(Case):
    def changed(self, answer):
        return [(c["list"], c["id"], c["change"]) for c in answer["changes"] if c["change"] != "unchanged"]

    def test_twice_changes_nothing_and_dry_run_writes_nothing(self):
        status, answer = ask("POST", "/v1/apply", SITE)
        self.assertEqual((status, self.changed(answer), answer["dry_run"]), (200, [], False))
        more = {"tags": [{"id_tag": "DRYRUN"}]}
        status, answer = ask("POST", "/v1/apply?dry_run=1", more)
        self.assertEqual((status, self.changed(answer), answer["dry_run"]), (200, [("tags", "DRYRUN", "added")], True))
        self.assertNotIn("DRYRUN", [t["id_tag"] for t in get("/v1/tags")["items"]])

    def test_what_is_wrong_is_named(self):
        for word, path, file in (
                ("did you mean stations", "station", {"station": []}),
                ("did you mean grid_node", "stations[1].grid_nod", {"stations": [{"id": "A"}, {"id": "B", "grid_nod": "X"}]}),
                ("did you mean DO-KAISER", "stations[0].grid_node", {"stations": [{"id": "A", "grid_node": "DO-KAISR"}]}),
                ("must be text", "tariffs[0].price_per_kwh",
                 {"tariffs": [{"id": "T", "valid_from": "2026-01-01", "price_per_kwh": 0.49}]}),
                ("circle", "grid[0].parent", {"grid": [{"id": "G1", "parent": "G2", "limit_a": 1},
                                                      {"id": "G2", "parent": "G1", "limit_a": 1}]})):
            error = self.refused(422, "invalid-data", word, "POST", "/v1/apply", file)
            self.assertEqual(error["path"], path)

    def test_a_grid_that_is_not_safe_needs_force(self):
        unsafe = {"grid": [{"id": "SMALL", "limit_a": 10}],
                  "stations": [{"id": f"SMALL-{i}", "grid_node": "SMALL", "safe_a": 6} for i in range(2)]}
        before = len(get("/v1/grid")["items"])
        error = self.refused(409, "unsafe-grid", "SMALL", "POST", "/v1/apply", unsafe)
        self.assertIn("safe_a", error["message"])
        self.assertEqual(len(get("/v1/grid")["items"]), before)
        self.assertTrue(ask("POST", "/v1/grid/prove")[1]["holds"])
        self.assertEqual(ask("POST", "/v1/apply?force=1", unsafe)[0], 200)
        status, proof = ask("POST", "/v1/grid/prove", b"")
        self.assertEqual((status, proof["holds"], proof["node"]), (200, False, "SMALL"))
        for i in range(2):
            self.assertEqual(ask("DELETE", f"/v1/stations/SMALL-{i}")[0], 200)
        self.assertTrue(ask("POST", "/v1/grid/prove")[1]["holds"])

    def test_many_at_once_come_one_after_the_other(self):
        results = []

        def apply(i):
            results.append(ask("POST", "/v1/apply", {"tags": [{"id_tag": f"MANY-{i}", "customer": f"C{i}"}]})[0])
        threads = [threading.Thread(target=apply, args=(i,)) for i in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(results, [200] * 20)
        tags = [t["id_tag"] for t in get("/v1/tags")["items"]]
        self.assertEqual(len([t for t in tags if t.startswith("MANY-")]), 20)

    def test_put_keeps_what_it_does_not_name(self):
        self.assertEqual(ask("PUT", "/v1/stations/PUT-1", {"street": "Münsterstraße", "house_no": "1"})[0], 200)
        self.assertEqual(ask("PUT", "/v1/stations/PUT-1", {"house_no": "2", "rating_a": 32})[0], 200)
        one = get("/v1/stations/PUT-1")
        self.assertEqual((one["street"], one["house_no"], one["rating_a"]), ("Münsterstraße", "2", 32))
        self.assertEqual(ask("PUT", "/v1/stations/PUT-1", {"street": None})[0], 200)
        self.assertIsNone(get("/v1/stations/PUT-1")["street"])
        error = self.refused(422, "invalid-data", "rating_a", "PUT", "/v1/stations/PUT-1", {"safe_a": 33})
        self.assertEqual(error["path"], "safe_a")
        error = self.refused(422, "invalid-data", "as in the path", "PUT", "/v1/stations/PUT-1", {"id": "PUT-2"})
        self.assertEqual(ask("DELETE", "/v1/stations/PUT-1")[0], 200)
        self.refused(404, "not-found", "there is no station PUT-1", "DELETE", "/v1/stations/PUT-1")

    def test_tags(self):
        odd = "Ä/%+ß &=?#"
        path = "/v1/tags/" + quoted(odd)
        self.assertEqual(ask("PUT", path, {"customer": "C", "status": "Blocked"})[0], 200)
        tag = [t for t in get("/v1/tags")["items"] if t["id_tag"] == odd]
        self.assertEqual([t["status"] for t in tag], ["Blocked"])
        self.assertEqual(ask("DELETE", path)[0], 200)
        self.refused(404, "not-found", "there is no tag", "DELETE", path)
        self.refused(422, "invalid-data", "Accepted, Blocked", "PUT", "/v1/tags/T", {"status": "No"})
        self.refused(422, "invalid-data", "longer than 20", "PUT", "/v1/tags/" + "T" * 21, {})

    def test_grid_limit(self):
        status, answer = ask("POST", "/v1/grid/DO-LIPPE/limit", {"limit_a": [40, 40, 39.5]})
        self.assertEqual((status, answer["limit_a"]), (200, [40, 40, 39.5]))
        self.assertTrue(answer["holds"], answer)
        nodes = {n["id"]: n for n in get("/v1/grid")["items"]}
        self.assertEqual(nodes["DO-LIPPE"]["limit_a"], [40, 40, 39.5])
        self.assertTrue(ask("POST", "/v1/grid/prove")[1]["holds"])
        status, answer = ask("POST", "/v1/grid/DO-LIPPE/limit", {"limit_a": 1})
        self.assertEqual((status, answer["holds"], answer["node"], answer["limit_a"]), (200, False, "DO-LIPPE", [1, 1, 1]))
        status, proof = ask("POST", "/v1/grid/prove")
        self.assertEqual((status, proof["holds"], proof["holds_as_configured"], proof["node"]), (200, False, True, "DO-LIPPE"))
        self.assertIn("in force now", proof["text"])
        ask("POST", "/v1/grid/DO-LIPPE/limit", {"limit_a": 40})
        self.refused(404, "not-found", "grid show", "POST", "/v1/grid/NONE/limit", {"limit_a": 1})
        self.refused(422, "invalid-data", "limit_a", "POST", "/v1/grid/DO-LIPPE/limit", {"limit_a": "40"})
        self.refused(422, "invalid-data", "limit_a", "POST", "/v1/grid/DO-LIPPE/limit", {"limit_a": [1, 2]})
        self.refused(422, "invalid-data", "limit_a", "POST", "/v1/grid/DO-LIPPE/limit", {})
        self.refused(422, "invalid-data", "not known", "POST", "/v1/grid/DO-LIPPE/limit", {"limit": 40})


def online(identity, answers=None):
    """A booted station with a fresh key."""
    key = ask("POST", f"/v1/stations/{identity}/key")[1]["key"]
    station = Station(daemon.port, identity, key, answers)
    assert station.status == 101, station.status
    station.boot()
    return station


class Stations(Case):
    def test_a_key_works_at_once_and_the_old_one_no_more(self):
        status, first = ask("POST", "/v1/stations/DO-L0001/key")
        self.assertEqual(status, 200)
        self.assertRegex(first["key"], r"^[0-9a-f]{40}$")
        station = Station(daemon.port, "DO-L0001", first["key"])
        self.assertEqual(station.status, 101)
        station.close()
        second = ask("POST", "/v1/stations/DO-L0001/key")[1]["key"]
        self.assertEqual(Station(daemon.port, "DO-L0001", first["key"]).status, 401)
        station = Station(daemon.port, "DO-L0001", second)
        self.assertEqual(station.status, 101)
        station.close()
        for _ in range(100): # written down a moment later
            if "DO-L0001" in [r["identity"] for r in get("/v1/refused")["items"]]:
                break
            time.sleep(0.05)
        self.assertIn("DO-L0001", [r["identity"] for r in get("/v1/refused")["items"]])
        self.refused(404, "not-found", "NONE", "POST", "/v1/stations/NONE/key")

    def test_registration(self):
        self.assertEqual(ask("POST", "/v1/stations/DO-L0002/registration", {"status": "Pending"})[0], 200)
        self.assertEqual(get("/v1/stations/DO-L0002")["registration"], "Pending")
        key = ask("POST", "/v1/stations/DO-L0002/key")[1]["key"]
        station = Station(daemon.port, "DO-L0002", key)
        self.assertEqual(station.boot()["status"], "Pending")
        self.assertEqual(ask("POST", "/v1/stations/DO-L0002/registration", {"status": "Accepted"})[0], 200)
        self.assertEqual(station.boot()["status"], "Accepted")
        station.close()
        self.refused(422, "invalid-data", "Accepted", "POST", "/v1/stations/DO-L0002/registration", {"status": "ok"})
        self.refused(404, "not-found", "NONE", "POST", "/v1/stations/NONE/registration", {"status": "Accepted"})

    def test_calls(self):
        path = "/v1/stations/DO-L0003/calls"
        self.refused(409, "station-offline", "", "POST", path, {"action": "Reset", "payload": {"type": "Soft"}})
        station = online("DO-L0003", {
            "Reset": {"status": "Rejected"}, "ClearCache": ("InternalError", "out of order"), "UnlockConnector": None,
            "GetConfiguration": {"configurationKey": [{"key": "HeartbeatInterval", "readonly": False, "value": "300"}],
                                 "unknownKey": ["Nonsense"]}})
        status, answer = ask("POST", path, {"action": "Reset", "payload": {"type": "Soft"}})
        self.assertEqual((status, answer), (200, {"outcome": "answered", "payload": {"status": "Rejected"}}))
        error = self.refused(502, "callerror", "out of order", "POST", path, {"action": "ClearCache"})
        self.assertEqual(error["ocpp_code"], "InternalError")
        begin = time.time()
        self.refused(504, "timed-out", "", "POST", path,
                     {"action": "UnlockConnector", "payload": {"connectorId": 1}, "timeout_s": 1})
        self.assertLess(time.time() - begin, 8)
        error = self.refused(422, "invalid-data", "type", "POST", path, {"action": "Reset", "payload": {"type": "soft"}})
        self.assertEqual(error["path"], "payload.type")
        self.refused(422, "invalid-data", "did you mean Reset", "POST", path, {"action": "Rset"})
        self.refused(422, "invalid-data", "sent by stations", "POST", path, {"action": "Heartbeat"})
        self.refused(422, "invalid-data", "timeout_s", "POST", path, {"action": "ClearCache", "timeout_s": 0})
        self.refused(422, "invalid-data", "did you mean payload", "POST", path, {"action": "Reset", "paylod": {}})
        status, answer = ask("POST", path, {"action": "Reset", "payload": {"type": "soft"}, "check": False})
        self.assertEqual(status, 200)
        self.assertIn(("Reset", {"type": "soft"}), station.asked)
        self.refused(404, "not-found", "NONE", "POST", "/v1/stations/NONE/calls", {"action": "ClearCache"})
        for _ in range(50):
            config = get("/v1/stations/DO-L0003/config")
            if config["items"]:
                break
            ask("POST", path, {"action": "GetConfiguration"})
            time.sleep(0.05)
        self.assertIn("HeartbeatInterval", [k["key"] for k in config["items"]])
        station.close()

    def test_who_asks_may_go_away_while_the_station_thinks(self):
        station = online("DO-L0005", {"ClearCache": None})
        connections = []
        for _ in range(5):
            connection = Connection()
            connection.send("POST", "/v1/stations/DO-L0005/calls", b'{"action": "ClearCache", "timeout_s": 2}')
            connections.append(connection)
        time.sleep(0.2)
        for connection in connections:
            connection.close()
        time.sleep(0.2)
        get("/v1/status")
        station.close()


class Sessions(Case):
    def test_from_start_to_bill(self):
        station = online("DO-L0006")
        tx = station.charge("04D001A7C3E137", 12345, 0, "2026-10-10T10:00:00Z", "2026-10-10T11:00:00Z")
        open_tx = station.call("StartTransaction", {"connectorId": 1, "idTag": "04D002A7C3E174", "meterStart": 12345,
                                                    "timestamp": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())})["transactionId"]
        station.call("MeterValues", {"connectorId": 1, "transactionId": open_tx, "meterValue": [
            {"timestamp": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), "sampledValue": [
                {"value": "12.445", "unit": "kWh"}, {"value": "3680", "measurand": "Power.Active.Import", "unit": "W"}]}]})
        one = get(f"/v1/sessions/{tx}")
        self.assertEqual((one["energy_wh"], one["state"], one["tariff"], one["customer"]),
                         (12345, "finished", "LATERNE-2026", "C-1001"))
        self.assertRegex(one["started_at"], INSTANT)
        active = get(f"/v1/sessions/{open_tx}")
        self.assertEqual((active["state"], active["stopped_at"], active["energy_wh"]), ("active", None, 100))
        self.assertEqual((active["meter"][0]["register_wh"], active["meter"][0]["power_w"]), (12445, 3680))
        live = [k for k in get("/v1/connectors")["items"] if k["tx_id"] == open_tx]
        self.assertEqual([k["station"] for k in live], ["DO-L0006"])
        ids = [s["tx_id"] for s in get("/v1/sessions?station=DO-L0006")["items"]]
        self.assertEqual(ids[:2], [open_tx, tx])
        self.assertEqual([s["tx_id"] for s in get("/v1/sessions?state=active&station=DO-L0006")["items"]], [open_tx])
        page = get("/v1/sessions?station=DO-L0006&limit=1")
        self.assertEqual(page["next_before"], open_tx)
        self.assertEqual(get(f"/v1/sessions?station=DO-L0006&limit=1&before={open_tx}")["items"][0]["tx_id"], tx)
        self.assertIn(tx, [s["tx_id"] for s in get("/v1/sessions?month=2026-10&id_tag=04d001a7c3e137")["items"]])
        self.refused(422, "invalid-data", "say why", "POST", f"/v1/sessions/{open_tx}/close", {})
        status, answer = ask("POST", f"/v1/sessions/{open_tx}/close", {"reason": "test"})
        self.assertEqual((status, answer["state"]), (200, "provisional"))
        self.assertEqual(get(f"/v1/sessions/{open_tx}")["state"], "provisional")
        self.assertNotIn(open_tx, [k["tx_id"] for k in get("/v1/connectors")["items"]])
        self.refused(409, "already-closed", "ended", "POST", f"/v1/sessions/{open_tx}/close", {"reason": "again"})
        self.refused(404, "not-found", "999999", "POST", "/v1/sessions/999999/close", {"reason": "none"})
        self.refused(404, "not-found", "999999", "GET", "/v1/sessions/999999")
        self.refused(404, "not-found", "numbers", "GET", "/v1/sessions/abc")
        station.call("StopTransaction", {"transactionId": 4711, "meterStop": 5, "timestamp": "2026-10-10T12:00:00Z"})
        self.assertIn(4711, [o["tx_id"] for o in get("/v1/orphans")["items"]])
        station.close()
        self.files(tx)

    def files(self, tx):
        connection = Connection()
        for path, kind, name, word in (
                ("/v1/billing/2026-10", "text/csv", "billing-2026-10-de.csv", "12,345"),
                ("/v1/billing/2026-10?format=csv", "text/csv", "billing-2026-10.csv", "12.345"),
                ("/v1/billing/2026-10?format=json", "application/json", "billing-2026-10.json", "rows"),
                ("/v1/emissions/2026-10", "text/plain", "emissions-2026-10.txt", "Innenstadt"),
                ("/v1/emissions/2026-10?format=csv&by=station", "text/csv", "emissions-2026-10.csv", "DO-L0006"),
                ("/v1/emissions/2026-10?format=csv-de", "text/csv", "emissions-2026-10-de.csv", "Innenstadt"),
                ("/v1/emissions/2026-10?format=json", "application/json", "emissions-2026-10.json", "rows")):
            connection.send("GET", path)
            status, headers, body = connection.answer()
            self.assertEqual(status, 200, (path, body))
            self.assertTrue(headers["content-type"].startswith(kind), path)
            self.assertIn(f'filename="{name}"', headers["content-disposition"])
            self.assertIn(word, body.decode("utf-8-sig"), path)
        connection.close()
        self.refused(422, "invalid-data", "2026-10", "GET", "/v1/billing/october")
        self.refused(400, "bad-query", "csv", "GET", "/v1/billing/2026-10?format=xml")

    def test_a_missing_factor_is_told_before_anything_is_written(self):
        status, answer = ask("GET", "/v1/emissions/1999-10?format=csv")
        if status != 200:
            self.assertEqual(status, 404)
            self.assertTrue(answer["error"]["message"])


class Events(Case):
    def test_long_poll(self):
        seq = get("/v1/events")["last_seq"]
        begin = time.time()
        answer = get(f"/v1/events?after={seq}&wait_s=1&name=nothing.like.this")
        self.assertEqual(answer["items"], [])
        self.assertGreater(time.time() - begin, 0.9)
        self.assertLess(time.time() - begin, 5)
        waiting = []
        for _ in range(3):
            connection = Connection()
            connection.send("GET", f"/v1/events?after={seq}&wait_s=30&name=grid.limit")
            waiting.append(connection)
        gone = Connection()
        gone.send("GET", f"/v1/events?after={seq}&wait_s=30&name=grid.limit")
        time.sleep(0.3)
        gone.close()
        begin = time.time()
        self.assertEqual(ask("POST", "/v1/grid/DO-SCHMIED/limit", {"limit_a": 49})[0], 200)
        for connection in waiting:
            status, _, body = connection.answer()
            events = json.loads(body)
            self.assertEqual((status, events["items"][0]["name"]), (200, "grid.limit"))
            self.assertGreater(events["last_seq"], seq)
            connection.close()
        self.assertLess(time.time() - begin, 1)
        newest = get("/v1/events?limit=2")["items"]
        self.assertEqual(len(newest), 2)
        self.assertLess(newest[0]["seq"], newest[1]["seq"])
        for event in get("/v1/events?severity=warning")["items"]:
            self.assertIn(event["severity"], ("warning", "alarm"))


class Crowds(Case):
    def fill(self):
        """About a megabyte of sessions."""
        if get("/v1/sessions?limit=2000&month=2026-09")["items"]:
            return

        def charge(number):
            station = online(f"DO-L00{number:02}")
            for i in range(60):
                station.charge("04D003A7C3E111", 10, 10 * i, f"2026-09-{1 + i % 28:02}T{i // 28:02}:00:00Z",
                               f"2026-09-{1 + i % 28:02}T{i // 28:02}:30:00Z")
            station.close()
        threads = [threading.Thread(target=charge, args=(n,)) for n in range(7, 25)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def test_slow_readers_harm_nobody(self):
        self.fill()
        whole = json.dumps(get("/v1/sessions?limit=0"))
        self.assertGreater(len(whole), 600000)
        before = daemon.resident_kb()
        slow = []
        for _ in range(4):
            connection = Connection(timeout=60)
            connection.send("GET", "/v1/sessions?limit=0")
            slow.append(connection)
        time.sleep(0.5)
        begin = time.time()
        for _ in range(50):
            get("/v1/status")
            get("/v1/stations/DO-L0001")
        self.assertLess(time.time() - begin, 5)
        self.assertLess(daemon.resident_kb() - before, 60000)
        # One goes away at once, one in the middle; the others get all of it, late.
        slow[0].close()
        slow[1].socket.recv(100000)
        slow[1].close()
        for connection in slow[2:]:
            status, _, body = connection.answer()
            self.assertEqual(status, 200)
            self.assertEqual(len(json.loads(body)["items"]), len(json.loads(whole)["items"]))
            connection.close()

    def test_stuck_readers_cannot_hold_all_threads(self):
        self.fill()
        stuck = []
        for _ in range(12):
            connection = Connection(timeout=60)
            connection.send("GET", "/v1/sessions?limit=0")
            stuck.append(connection)
        time.sleep(0.3)
        used = daemon.cpu_ticks()
        begin = time.time()
        for _ in range(3):
            self.assertEqual(ask("GET", "/v1/billing/2026-10?format=csv", timeout=120)[0], 200)
        self.assertLess(time.time() - begin, 60)
        self.assertLess(daemon.cpu_ticks() - used, 100 * (time.time() - begin) / 4)
        for connection in stuck:
            connection.close()

    def test_the_next_request_before_the_answer_was_taken(self):
        """Waiting for a reader must not keep the loop awake, whatever the reader has sent."""
        self.fill()
        greedy = []
        for path in ("/v1/sessions?limit=0", "/v1/events?after=999999999&wait_s=30"):
            connection = Connection(timeout=60)
            for _ in range(3):
                connection.send("GET", path)
            greedy.append(connection)
        time.sleep(5)
        used = daemon.cpu_ticks()
        time.sleep(2)
        self.assertLess(daemon.cpu_ticks() - used, 60)
        for connection in greedy:
            connection.close()
        time.sleep(1.5)
        used = daemon.cpu_ticks()
        time.sleep(1)
        self.assertLess(daemon.cpu_ticks() - used, 30)

    def test_200_at_once_each_many_times(self):
        paths = ["/v1/status", "/v1/top", "/v1/stations", "/v1/grid", "/v1/tags", "/v1/events?limit=5",
                 "/v1/sessions?limit=3", "/v1/none", "/v1/billing/2026-10?format=csv"]
        bad = []

        def client(i):
            try:
                connection = Connection(timeout=60)
                for k in range(5):
                    path = paths[(i + k) % len(paths)]
                    connection.send("GET", path)
                    status, _, body = connection.answer()
                    if status != (404 if path == "/v1/none" else 200):
                        bad.append((path, status, body[:200]))
                connection.close()
            except Exception as error:  # pylint: disable=broad-except
                bad.append((i, repr(error)))
        threads = [threading.Thread(target=client, args=(i,)) for i in range(200)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(bad, [])

    def test_pipelined_requests_are_answered_in_order(self):
        connection = Connection()
        for path in ("/v1/status", "/v1/none", "/v1/tags", "/v1/metrics"):
            connection.send("GET", path)
        self.assertEqual([connection.answer()[0] for _ in range(4)], [200, 404, 200, 200])
        connection.close()

    def test_connections_that_end_in_the_middle(self):
        for _ in range(50):
            connection = Connection()
            connection.socket.sendall(b"POST /v1/apply HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{\"tags\": [")
            connection.close()
            connection = Connection()
            connection.send("GET", "/v1/stations")
            connection.close()
            connection = Connection()
            connection.send("POST", "/v1/apply", json.dumps(SITE).encode())
            connection.close()
            connection = Connection()
            connection.send("GET", "/v1/billing/2026-10")
            connection.close()
        get("/v1/status")
        for _ in range(100): # what they asked for comes to its end
            if ask("POST", "/v1/apply", {"tags": [{"id_tag": "LAST"}]})[0] == 200:
                return
            time.sleep(0.1)
        self.fail("applies are still refused")

    def test_a_body_in_drops_and_a_large_file(self):
        tags = [{"id_tag": f"BIG{i:017}"} for i in range(30000)]
        body = json.dumps({"tags": tags}).encode()
        connection = Connection(timeout=60)
        connection.send("POST", "/v1/apply?dry_run=1", None, [f"Content-Length: {len(body)}"])
        for at in range(0, len(body), 100000):
            connection.socket.sendall(body[at:at + 100000])
        begin = time.time()
        get("/v1/status")
        self.assertLess(time.time() - begin, 2)
        status, _, answer = connection.answer()
        self.assertEqual(status, 200)
        self.assertEqual(len(json.loads(answer)["changes"]), 30000)
        connection.close()


def main():
    global daemon
    daemon = Daemon(sys.argv[1])
    if os.stat(daemon.socket_path).st_mode & 0o777 != 0o600:
        raise SystemExit("the socket is open to others")
    second = subprocess.run([sys.argv[1], "--data", daemon.data, "--listen", "127.0.0.1:0"], capture_output=True,
                            text=True, timeout=60, check=False)
    if second.returncode == 0:
        raise SystemExit("a second noxd took the same folder")
    program = unittest.main(argv=[sys.argv[0]] + sys.argv[2:], exit=False)
    code, text = daemon.end()
    if code != 0 or "ERROR: " in text or "WARNING: ThreadSanitizer" in text or "runtime error" in text:
        print(text[-20000:])
        raise SystemExit(f"noxd ended with {code}")
    raise SystemExit(not program.result.wasSuccessful())


if __name__ == "__main__":
    main()
