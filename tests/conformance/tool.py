"""The test tool: a charge point in the background, an operator at the terminal, and a list of cases.

A case is a function of Tool with the id of the catalogue.  Whatever the central system sends, requests and
confirmations, is checked against the official schemas; a CALLERROR or silence fails the case.
"""
import datetime
import json
import os
import subprocess
import sys
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../integration"))
import schema  # noqa: E402
import ws  # noqa: E402
from noxd import BIN  # noqa: E402

CASES = {}
WAIT_S = 30


def case(case_id, **station):
    """Registers a case; `station` are members of its station in the apply file."""
    def register(function):
        assert case_id not in CASES, f"{case_id} is there twice"
        CASES[case_id] = (function, station)
        return function
    return register


def at(offset_s=0):
    return ws.now_text(offset_s)


def instant(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


class OneAtATime:
    """A TLS socket that two threads use: OpenSSL takes one of them at a time."""

    def __init__(self, sock):
        self.sock, self.lock = sock, threading.Lock()

    def recv(self, n):
        with self.lock:
            return self.sock.recv(n)

    def sendall(self, data):
        with self.lock:
            self.sock.sendall(data)

    def __getattr__(self, name):
        return getattr(self.sock, name)


class Point(ws.Station):
    """One charge point that answers in the background; `answers` maps an action to a payload or a function of it."""

    def __init__(self, tool, name, key=None, answers=None, tls=None, address=None):
        self.tool, self.problems, self.replies = tool, [], {}
        self.arrived = threading.Condition()
        super().__init__(address or tool.address, name, key, answers, **({"tls": tls} if tls else {}))
        if tls:
            self.ws.sock = OneAtATime(self.ws.sock)
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()

    def _check(self, name, payload):
        schemas = self.tool.schemas
        if name in schemas:
            self.problems += [f"{name}{text}" for text in schema.check(payload, schemas[name], schemas[name])]

    def _read(self):
        try:
            while True:
                text = self.ws.recv_text(60)
                if text is not None:
                    self._take(json.loads(text))
        except (OSError, ValueError, ws.Closed):
            with self.arrived:
                self.arrived.notify_all()

    def _take(self, frame):
        if frame[0] == 2:
            self._check(f"{frame[2]}.req", frame[3])
            self._serve(frame)
        with self.arrived:
            if frame[0] != 2:
                self.replies[frame[1]] = frame
            self.arrived.notify_all()

    def wait_answer(self, message_id, timeout=WAIT_S):
        with self.arrived:
            self.arrived.wait_for(lambda: message_id in self.replies, timeout)
            reply = self.replies.pop(message_id, None)
        if reply is not None and reply[0] == 4:
            raise ws.CallError(*reply[2:5])
        return reply and reply[2]

    def call(self, action, payload, timeout=WAIT_S):
        answer = super().call(action, payload, timeout)
        self._check(f"{action}.conf", answer)
        return answer

    def wait_asked(self, action, timeout=WAIT_S, match=lambda payload: True):
        """The payload of the next request of that name; each is given once."""
        def take():
            for i, (name, payload) in enumerate(self.asked):
                if name == action and match(payload):
                    del self.asked[i]
                    return payload
            return None
        deadline = time.monotonic() + timeout
        with self.arrived:
            while True:
                payload = take()
                left = deadline - time.monotonic()
                if payload is not None:
                    return payload
                assert left > 0, f"no {action} within {timeout} s, only {[name for name, _ in self.asked]}"
                self.arrived.wait(left)

    # --- the reusable states of the catalogue ---

    def booted(self):
        answer = self.boot()
        assert answer["status"] == "Accepted", answer
        assert answer["interval"] > 0 and answer["currentTime"].endswith("Z"), answer
        for connector in (0, 1):
            self.status("Available", connector)
        return self

    def authorized(self, id_tag="VALID"):
        info = self.call("Authorize", {"idTag": id_tag})["idTagInfo"]
        assert info["status"] == "Accepted", info
        return info

    def started(self, id_tag="VALID", meter=1000, **more):
        answer = self.call("StartTransaction", {"connectorId": 1, "idTag": id_tag, "meterStart": meter,
                                                "timestamp": at(), **more})
        assert answer["idTagInfo"]["status"] == "Accepted", answer
        assert answer["transactionId"] > 0, answer
        return answer["transactionId"]

    def charging(self, id_tag="VALID"):
        """Authorized, plugged in, started, Charging; its transactionId."""
        self.authorized(id_tag)
        self.status("Preparing")
        tx = self.started(id_tag)
        self.status("Charging")
        return tx

    def stopped(self, tx, reason, meter=2000, **more):
        return self.stop(tx, meter, reason=reason, **more)

    def session(self, tx):
        return self.tool.json("session", "show", str(tx))


class Tool:
    def __init__(self, nox, schemas, pki):
        self.nox, self.schemas, self.pki = nox, schemas, pki
        self.address = nox.address
        wss = next(url for url in nox.urls if url.startswith("wss://"))
        host, _, port = wss[len("wss://"):].split("/")[0].rpartition(":")
        self.tls_address = (host, int(port))
        self.points, self.name = [], None

    # --- the charge point of the case ---

    def point(self, booted=True, answers=None, key=None, **more):
        """Connects the case's charge point (again)."""
        p = Point(self, self.name, self.nox.keys.get(self.name) if key is None else key, answers, **more)
        self.points.append(p)
        return p.booted() if booted else p

    def end_case(self):
        """Closes what the case has left open; sentences on what the central system did wrong."""
        problems = [text for p in self.points for text in p.problems]
        for p in self.points:
            p.close()
        self.points = []
        return problems

    # --- the operator ---

    def run(self, *words, expect=0, timeout=60):
        """noxctl -o json WORDS; the parsed answer, or None when there is none."""
        done = subprocess.run([os.path.join(BIN, "noxctl"), "--data", self.nox.data, "-o", "json",
                               *[str(word) for word in words]], capture_output=True, text=True, timeout=timeout)
        codes = expect if isinstance(expect, tuple) else (expect,)
        assert done.returncode in codes, f"noxctl {' '.join(map(str, words))} -> {done.returncode}: " \
                                         f"{done.stdout.strip()} {done.stderr.strip()}"
        return json.loads(done.stdout) if done.stdout.strip() else None

    json = run

    def in_background(self, *words, **more):
        """The same, while the case goes on; call the result to wait for the end."""
        box = {}

        def work():
            try:
                box["value"] = self.run(*words, **more)
            except BaseException as error:  # handed to the waiting case
                box["error"] = error
        thread = threading.Thread(target=work, daemon=True)
        thread.start()

        def result():
            thread.join(60)
            assert not thread.is_alive(), f"noxctl {' '.join(map(str, words))} does not end"
            if "error" in box:
                raise box["error"]
            return box["value"]
        return result

    def eventually(self, what, check, timeout=WAIT_S):
        deadline = time.monotonic() + timeout
        while True:
            value = check()
            if value:
                return value
            assert time.monotonic() < deadline, f"{what} did not come true within {timeout} s"
            time.sleep(0.1)
