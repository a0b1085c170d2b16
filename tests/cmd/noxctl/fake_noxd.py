"""A noxd made of canned answers: HTTP on a Unix socket, the same every time.

    python3 fake_noxd.py DIR        serves DIR/admin.sock until it is ended; cars move, for looking at the live view
"""
import json
import math
import os
import socketserver
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit

NOW = "2026-10-24T20:15:00.000Z"
WIRING = {"RST": "123", "STR": "231", "TRS": "312", "R": "1", "S": "2", "T": "3"}
NODES = (("DO-ONS-KAISER", None, "Netzanschluss Kaiserstraßenviertel", 100, 10),
         ("DO-KAISER", "DO-ONS-KAISER", "Abgang Kaiserstraße", 63, 0),
         ("DO-LIPPE", "DO-ONS-KAISER", "Abgang Lippestraße", 50, 0),
         ("DO-SCHMIED", "DO-ONS-KAISER", "Abgang Schmiedingstraße", 50, 0),
         ("DO-KAISER-ENDE", "DO-KAISER", "Leitungsende Kaiserstraße (Spannungsfall)", 32, 0))
STREET = (("DO-KAISER", 5, "Innenstadt-Ost"), ("DO-KAISER-ENDE", 3, "Innenstadt-Ost"),
          ("DO-LIPPE", 8, "Innenstadt-West"), ("DO-SCHMIED", 8, "Innenstadt-West"))
STATUSES = ("Charging", "Available", "SuspendedEV", "Available", "Charging", "Charging", "Available", "Preparing",
            "Charging", "Finishing", "Available", "SuspendedEVSE")


def clock(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(1792872900 + seconds))


def lamp(i, node, district, step):
    """One connector; `step` moves the cars, 0 is the fixed picture."""
    wiring = list(WIRING)[i % 6]
    status = STATUSES[(i + step // 20) % len(STATUSES)]
    name, online = f"DO-L{i + 1:04d}", i != 9
    if i == 13:
        status = "Faulted"
    car = status in ("Charging", "SuspendedEV", "SuspendedEVSE")
    limit = {"Charging": 6 + i % 11, "SuspendedEV": 6, "SuspendedEVSE": 0}.get(status, 0)
    drawn = limit * (0.93 + 0.05 * math.sin(i + step / 5)) if status == "Charging" else 0
    phases = [f"L{p}" for p in sorted(WIRING[wiring])]
    measured = [round(drawn, 1) if f"L{p}" in phases and car else None for p in (1, 2, 3)]
    return {
        "station": name, "connector": 1, "evse_id": f"DE*DOX*E{i + 1:04d}*1", "max_w": 11040, "district": district,
        "grid_node": node, "online": online, "status": status,
        "error_code": "GroundFailure" if status == "Faulted" else "NoError",
        "info": "RCD tripped\u001b[31m" if status == "Faulted" else None, "status_at": clock(-900 - 61 * i),
        "tx_id": 1000 + i if car else None, "id_tag": f"04D0{i + 1:02d}A7C3E137" if car else None,
        "started_at": clock(-600 * (i + 1)) if car else None, "energy_wh": 730 * (i + 1) + step if car else None,
        "power_w": round(drawn * 230 * len(phases)) if car else None, "soc_pct": 40 + i if status == "Charging" else None,
        "balanced": True, "wants": status != "SuspendedEV", "limit_a": limit if car else 0, "confirmed_a": limit,
        "reserve_a": max(limit, 6 if i % 4 == 0 else 0), "measured_a": measured, "phases": phases,
        "lease_end": clock(840) if car else None,
        "reason": {"Charging": f"shared below {node}", "SuspendedEV": "car is full or pauses",
                   "SuspendedEVSE": "waits for its turn"}.get(status, ""),
        "class": "leasing", "rating_a": 16, "safe_a": 6 if i % 4 == 0 else 0}


def lamps(step=0):
    out, i = [], 0
    for node, n, district in STREET:
        for _ in range(n):
            out.append(lamp(i, node, district, step))
            i += 1
    return out


def below(node, top):
    parents = {n[0]: n[1] for n in NODES}
    while node:
        if node == top:
            return True
        node = parents[node]
    return False


def grid(step=0, points=True):
    out = []
    for name, parent, title, limit, foreign in NODES:
        own = [p for p in lamps(step) if below(p["grid_node"], name)]
        total = {"reserved_a": [0, 0, 0], "granted_a": [0, 0, 0], "measured_a": [0, 0, 0]}
        for p in own:
            for phase in range(3):
                if f"L{phase + 1}" in p["phases"]:
                    total["reserved_a"][phase] += p["reserve_a"]
                    total["granted_a"][phase] += p["limit_a"]
                    total["measured_a"][phase] = round(total["measured_a"][phase] + (p["measured_a"][phase] or 0), 1)
        node = {"id": name, "parent": parent, "name": title, "limit_a": [limit] * 3, "foreign_a": [foreign] * 3, **total,
                "n_points": len(own), "n_online": sum(p["online"] for p in own),
                "n_sessions": sum(p["tx_id"] is not None for p in own),
                "n_waiting": sum(p["status"] == "SuspendedEVSE" for p in own)}
        if points:
            node["points"] = [p for p in lamps(step) if p["grid_node"] == name]
        out.append(node)
    return out


def station(p):
    i = int(p["station"][-4:])
    return {"id": p["station"], "online": p["online"], "registration": "Accepted" if i != 3 else "Pending",
            "vendor": "Laternix", "model": "L11", "firmware": "2.4.1", "security_profile": 1, "has_key": True,
            "district": p["district"], "grid_node": p["grid_node"], "connected_at": clock(-7200), "seen_at": clock(-i),
            "booted_at": clock(-7200), "address": f"10.0.0.{i}", "violations": i % 3,
            "last_violation": "StartTransaction: idTag is longer than 20" if i % 3 else None, "clock_skew_ms": -320,
            "wiring": "RST", "rating_a": 16, "safe_a": p["safe_a"], "min_a": 6, "weight": 1, "class": "leasing",
            "tariff": "LATERNE-2026", "operator": "DE*DOX", "street": "Kaiserstraße", "house_no": "3",
            "postcode": "44135", "city": "Dortmund", "lat": 51.5142, "lon": 7.4762, "meter_serial": None, "strict": False,
            "lax_subprotocol": False, "connectors": [p]}


EVENTS = [{"seq": n, "at": clock(-300 + 10 * n), "name": name, "severity": severity, "station": where, "connector": 1,
           "text": text}
          for n, (name, severity, where, text) in enumerate((
              ("station.boot", "info", "DO-L0001", "Laternix L11 2.4.1 has booted"),
              ("session.start", "info", "DO-L0005", "session 1004 has begun with tag 04D005A7C3E137"),
              ("connector.fault", "warning", "DO-L0014", "GroundFailure: RCD tripped\u001b[31m"),
              ("station.lost", "warning", "DO-L0010", "the connection has ended; its lease lasts until 20:24:10"),
              ("storage.full", "alarm", None, "the disk is full: stations are not acknowledged"),
              ("storage.ok", "info", None, "storage works again"),
              ("profile.sent", "info", "DO-L0006", "limit 11 A until 20:29:00: Accepted")), start=1)]
SESSIONS = [{"tx_id": 41, "station": "DO-L0001", "connector": 1, "evse_id": "DE*DOX*E0001*1", "district": "Innenstadt-Ost",
             "id_tag": "04D001A7C3E137", "auth_status": "Accepted", "customer": "C-1001", "state": "finished",
             "started_at": "2026-10-24T16:00:00.000Z", "stopped_at": "2026-10-24T19:02:11.000Z", "meter_start_wh": 1200345,
             "meter_stop_wh": 1231552, "energy_wh": 31207, "reason": "EVDisconnected", "tariff": "LATERNE-2026",
             "tariff_version": 1, "flags": [], "cdr_no": 17, "last_register_wh": 1231552,
             "last_sample_at": "2026-10-24T19:02:11.000Z"},
            {"tx_id": 40, "station": "DO-L0002", "connector": 1, "evse_id": "DE*DOX*E0002*1", "district": "Innenstadt-Ost",
             "id_tag": "=1+1", "auth_status": "Invalid", "customer": None, "state": "provisional",
             "started_at": "2026-10-24T15:00:00.000Z", "stopped_at": None, "meter_start_wh": 0, "meter_stop_wh": None,
             "energy_wh": 900, "reason": None, "tariff": None, "tariff_version": None,
             "flags": ["tag-not-accepted", "provisional"], "cdr_no": None}]
TAGS = [{"id_tag": "04D001A7C3E137", "customer": "C-1001", "auth_kind": "rfid", "status": "Accepted"},
        {"id_tag": "04D039A7C3E143", "customer": 'Müller, "Söhne"', "auth_kind": "app", "status": "Blocked",
         "expires": "2026-12-31"}]
TARIFFS = [{"id": "LATERNE-2026", "version": 1, "valid_from": "2026-01-01", "currency": "EUR", "prices_include_vat": True,
            "vat_percent": 19, "price_per_kwh": "0.4900",
            "blocking": {"after_min": 240, "per_min": "0.10", "from": "08:00", "to": "22:00", "cap": "12.00"},
            "text_de": "0,49 EUR/kWh; ab 4 Stunden 0,10 EUR/min von 8 bis 22 Uhr, höchstens 12,00 EUR"}]
STORAGE = {"ok": True, "text": "ok", "failing_since": None, "queued": 0, "commits": 812, "jobs": 12345,
           "commit_us_p50": 1400, "commit_us_p99": 3100}


ALARMS = [{"at": clock(-60), "since": clock(-240), "count": 3, "name": "grid.excess", "node": "DO-KAISER", "station": None,
           "connector": None, "text": "DO-KAISER: the worst case of all points is above the limit (66.0 A against 63.0 A)"},
          {"at": clock(-90), "since": clock(-90), "count": 1, "name": "station.disobeys", "node": None, "station": "DO-L0005",
           "connector": 1, "text": "draws more than it may: counted at its rating from now on (16.0 A against 10.0 A)"}]


class Failure(Exception):
    def __init__(self, status, code, message, **more):
        super().__init__(message)
        self.status, self.body = status, {"error": {"code": code, "message": message, **more}}


class Fake:
    """State of the server: what was asked, and what changes answers."""

    def __init__(self, moving=False):
        self.moving, self.asked, self.begin = moving, [], time.monotonic()
        self.events = list(EVENTS)
        self.news = threading.Condition()
        self.tags = {tag["id_tag"]: dict(tag) for tag in TAGS}
        self.added = set()
        self.alarms = []  # ALARMS
        self.raw = None  # bytes that are the answer to everything
        self.token = None  # what Authorization must carry

    def step(self):
        return int(time.monotonic() - self.begin) if self.moving else 0

    def add_event(self, text):
        with self.news:
            seq = self.events[-1]["seq"] + 1
            self.events.append({**EVENTS[0], "seq": seq, "text": text})
            self.news.notify_all()

    def find(self, name):
        for p in lamps(self.step()):
            if p["station"] == name:
                return p
        raise Failure(404, "not-found", f"there is no station {name}; 'noxctl station list' names all")

    # --- answers ---

    def status(self):
        places = lamps(self.step())
        return {"version": "0.1.0", "now": clock(self.step()), "started_at": clock(-7200), "uptime_s": 7200, "time_warp": 30,
                "listen": ["ws://127.0.0.1:9016/ocpp/"], "schema_version": 1, "storage": STORAGE,
                "counters": {"stations": 24, "online": 23, "sessions": sum(p["tx_id"] is not None for p in places),
                             "frames_in": 1000, "calls_in": 900, "callerrors_out": 1, "calls_out": 80, "timeouts": 2,
                             "violations": 8, "garbage": 0},
                "alarms": self.alarms}

    def top(self):
        return {**{k: v for k, v in self.status().items() if k != "listen"},
                "grid": grid(self.step(), points=False), "connectors": lamps(self.step()), "events": self.events[-20:]}

    def call(self, name, body):
        if name in ("DO-L0010",):
            raise Failure(409, "station-offline", "the station is not connected; nothing was sent")
        self.find(name)
        if name == "DO-L0011":
            raise Failure(504, "timed-out", "the station did not answer within 30 s")
        if name == "DO-L0012":
            raise Failure(502, "callerror", "the station answered with the error NotSupported", ocpp_code="NotSupported")
        action, payload = body["action"], body["payload"]
        answer = {"status": "Rejected" if name == "DO-L0013" else "Accepted"}
        if action == "GetConfiguration":
            wanted = payload.get("key")
            known = {"HeartbeatInterval": "300", "MeterValueSampleInterval": "60", "SupportedFeatureProfiles": "Core,SmartCharging"}
            answer = {"configurationKey": [{"key": k, "readonly": k[0] == "S", "value": v} for k, v in known.items()
                                           if not wanted or k in wanted],
                      "unknownKey": [k for k in wanted or [] if k not in known]}
        elif action == "GetCompositeSchedule":
            answer = {"status": "Accepted", "connectorId": 1, "scheduleStart": NOW, "chargingSchedule": {
                "chargingRateUnit": "A", "duration": payload["duration"],
                "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 11.0, "numberPhases": 3}, {"startPeriod": 840, "limit": 0.0}]}}
        elif action == "UnlockConnector":
            answer = {"status": "Unlocked"}
        elif action == "ClearChargingProfile":
            answer = {"status": "Unknown"}
        elif action == "TriggerMessage":
            answer = {"status": "NotImplemented"}
        return {"outcome": "answered", "payload": answer}

    def apply(self, query, body):
        for i, row in enumerate(body.get("stations", [])):
            if not isinstance(row.get("rating_a", 16), (int, float)):
                raise Failure(422, "invalid-data", "must be a number", path=f"stations[{i}].rating_a")
            if row.get("safe_a") == 99 and "force" not in query:
                raise Failure(409, "not-proven", "the safe currents below DO-KAISER need 99 A of 63 A; lower safe_a")
        changes = [{"list": "stations", "id": row["id"], "change": "added" if i == 0 else "changed" if i == 1 else "unchanged",
                    "detail": "" if i != 1 else "rating_a 16 -> 10"} for i, row in enumerate(body.get("stations", []))]
        return {"changes": changes, "dry_run": query.get("dry_run") == "1"}

    def wait_events(self, query):
        after = int(query.get("after", -1))
        with self.news:
            if "wait_s" in query:
                self.news.wait_for(lambda: self.events[-1]["seq"] > after, timeout=float(query["wait_s"]))
            items = [e for e in self.events if e["seq"] > after]
        for name in ("station", "name", "severity"):
            items = [e for e in items if name not in query or e[name] == query[name]]
        return {"items": items[-int(query.get("limit", 1000)):], "last_seq": self.events[-1]["seq"]}

    def limit(self, name):
        """Why a lamp has its limit: live members as noxd finds them, and the last command."""
        nodes, place = grid(self.step(), False), next((p for p in lamps() if p["station"] == name), None)
        if place is None:
            raise Failure(404, "not-found", f"there is no station {name}")
        path = [n for n in reversed(nodes) if below(place["grid_node"], n["id"])]
        free = [(n["limit_a"][i] - n["foreign_a"][i] - n["reserved_a"][i], n["id"], i) for n in path for i in range(3)
                if f"L{i + 1}" in place["phases"]]
        least = min(free, key=lambda f: f[0])
        sharers = [p for p in lamps() if p["tx_id"] and p["station"] != name and below(p["grid_node"], least[1])]
        return {"connector": place, "path": path, "sharers": sharers,
                "binding": {"node": least[1], "phase": f"L{least[2] + 1}", "free_a": least[0]},
                "decisions": [{"at": NOW, "kind": "raise", "limit_a": 9, "until": NOW, "then_a": 0, "reason": "its share",
                               "held_back_by": least[1], "on_phase": "L3", "answer": "accepted", "answered_at": NOW}],
                "events": []}

    def sessions(self, query):
        items = [s for s in SESSIONS if s["state"] == query.get("state", s["state"])]
        return {"items": [s for s in items if s["flags"]] if query.get("problems") == "1" else items}

    def session(self, tx):
        for s in SESSIONS:
            if str(s["tx_id"]) == tx:
                return {**s, "meter": [{"at": NOW, "register_wh": 1210000, "power_w": 10980, "current_a": [15.9, 15.8, 15.9], "soc": 55}]}
        raise Failure(404, "not-found", f"there is no session {tx}")

    def stations(self, method, rest, body):
        if not rest:
            return {"items": [station(p) for p in lamps(self.step())]}
        name, tail = rest[0], rest[1:]
        if method == "PUT":
            self.added.add(name)
            return {"changes": [{"list": "stations", "id": name, "change": "added", "detail": ""}]}
        if tail == ["key"] and name in self.added:
            return {"key": "new0123", "authorization_key_hex": "6e657730313233"}
        if tail == ["calls"]:
            return self.call(name, body)
        p = self.find(name)
        if tail == ["limit"]:
            return self.limit(name)
        if tail == ["key"]:
            return {"key": f"key-of-{name}", "authorization_key_hex": "00"}
        if tail == ["registration"]:
            return {"registration": body["status"]}
        if tail == ["config"]:
            return {"items": [{"key": "HeartbeatInterval", "value": "300", "readonly": False, "known": True}], "at": NOW}
        return {} if method == "DELETE" else station(p)

    def answer(self, method, path, query, body):
        parts = [unquote(part) for part in path.split("/")[2:]]
        head, rest = parts[0], parts[1:]
        if head == "stations":
            return self.stations(method, rest, body)
        if head == "sessions" and rest:
            return self.session(rest[0]) if method == "GET" else {"tx_id": int(rest[0]), "state": "provisional"}
        if head == "tags" and rest:
            if method == "GET":
                found = [tag for tag in self.tags.values() if tag["id_tag"].upper() == rest[0].upper()]
                if not found:
                    raise Failure(404, "not-found", f"there is no tag {rest[0]}")
                return {**found[0], "revision": 7}
            if method == "DELETE" and not self.tags.pop(rest[0], None):
                raise Failure(404, "not-found", f"there is no tag {rest[0]}")
            if method == "PUT":
                self.tags[rest[0]] = body
            return {"changes": []}
        if head == "grid" and rest == ["prove"]:
            return {"holds": True, "text": "all safe currents fit below every node"}
        if head == "grid" and rest:
            if rest[0] not in [n[0] for n in NODES]:
                raise Failure(404, "not-found", f"there is no node {rest[0]}")
            holds = min(body["limit_a"]) >= 6
            return {"id": rest[0], "limit_a": body["limit_a"], "foreign_a": [0, 0, 0], "holds": holds,
                    "text": f"grid node {rest[0]}, L1: the safe currents below it add up to 6.0 A" if not holds else "all fits"}
        if head == "apply":
            return {"$schema": "https://json-schema.org/draft/2020-12/schema"} if rest else self.apply(query, body)
        simple = {
            "status": self.status, "top": self.top, "connectors": lambda: {"items": lamps(self.step())},
            "grid": lambda: {"items": grid(self.step())}, "tags": lambda: {"items": list(self.tags.values())},
            "tariffs": lambda: {"items": TARIFFS}, "events": lambda: self.wait_events(query),
            "sessions": lambda: self.sessions(query),
            "orphans": lambda: {"items": [{"orphan_id": 1, "tx_id": -1, "station": "DO-L0003", "id_tag": None,
                                           "meter_stop_wh": 5000, "stopped_at": NOW, "received_at": NOW, "reason": "PowerLoss"}]},
            "refused": lambda: {"items": [{"identity": "do-l0001", "reason": "unknown-station", "detail": "did you mean DO-L0001?",
                                           "address": "10.1.1.1", "count": 12, "first_at": NOW, "last_at": NOW}]},
            "billing": lambda: ("text/csv", f"{query['format']},{rest[0]}\r\n1,2\r\n"),
            "emissions": lambda: ("text/plain", f"{query['format']} {query['by']} {rest[0]}\n"),
        }
        if head not in simple:
            raise Failure(404, "not-found", f"there is nothing at {path}")
        return simple[head]()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def address_string(self):
        return "socket"

    def log_message(self, *args):
        pass

    def reply(self):
        url = urlsplit(self.path)
        query = {k: v[0] for k, v in parse_qs(url.query).items()}
        text = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        fake = self.server.fake
        if fake.raw is not None:
            self.wfile.write(fake.raw)
            self.close_connection = True
            return
        try:
            body = json.loads(text) if text else None
            fake.asked.append((self.command, self.path, body))
            if fake.token and self.headers.get("Authorization") != f"Bearer {fake.token}":
                raise Failure(401, "unauthorized", "the token is missing or wrong; --token-file names its file")
            status, answer = 200, fake.answer(self.command, url.path, query, body)
        except Failure as failure:
            status, answer = failure.status, failure.body
        kind, data = answer if isinstance(answer, tuple) else ("application/json; charset=utf-8", json.dumps(answer))
        data = data.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        if isinstance(answer, tuple):  # streamed in pieces, as exports are
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            for i in range(0, len(data), 7):
                self.wfile.write(f"{len(data[i:i + 7]):x}\r\n".encode() + data[i:i + 7] + b"\r\n")
            self.wfile.write(b"0\r\n\r\n")
        else:
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)
        self.close_connection = True

    do_GET = do_POST = do_PUT = do_DELETE = reply


class Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True
    request_queue_size = 200

    def handle_error(self, request, client_address):
        pass  # a client that went away


def serve(folder, moving=False):
    """A running server: .fake is its state, .shutdown() and .server_close() end it."""
    path = os.path.join(folder, "admin.sock")
    if os.path.exists(path):
        os.unlink(path)
    server = Server(path, Handler)
    server.fake = Fake(moving)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    return server


def serve_tcp(context=None):
    """The same on 127.0.0.1, with TLS when a context is given; .server_address has the port."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.handle_error = lambda *args: None
    if context:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    server.fake = Fake()
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    return server


if __name__ == "__main__":
    os.makedirs(sys.argv[1], exist_ok=True)
    serve(sys.argv[1], moving=True)
    threading.Event().wait()
