"""A central system of the simplest kind, to drive simulated stations in tests: raw sockets, standard library only.

It answers every call at once with the usual confirmation (see `Fake.answers`), keeps everything in `seen`, and lets a
test wait for calls and send its own.  Answers can be held back or replaced per action.
"""
import base64
import concurrent.futures
import datetime
import hashlib
import json
import os
import socket
import struct
import subprocess
import sys
import tempfile
import time
import traceback

GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
BIN = os.environ.get("NOX_BIN", "build/bin")


def utc(seconds):
    stamp = datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc)
    return stamp.strftime("%Y-%m-%dT%H:%M:%S.") + f"{stamp.microsecond // 1000:03d}Z"


class Closed(Exception):
    pass


class Station:
    """One connection of a station."""

    def __init__(self, sock):
        self.sock = sock
        self.buffer = b""
        head = self._read_head()
        lines = head.decode().split("\r\n")
        self.path = lines[0].split()[1]
        self.headers = {k.strip().lower(): v.strip() for k, _, v in (line.partition(":") for line in lines[1:])}
        accept = base64.b64encode(hashlib.sha1((self.headers["sec-websocket-key"] + GUID).encode()).digest()).decode()
        sock.sendall(("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                      f"Sec-WebSocket-Accept: {accept}\r\n" +
                      ("Sec-WebSocket-Protocol: ocpp1.6\r\n" if "sec-websocket-protocol" in self.headers else "") +
                      "\r\n").encode())

    def _fill(self):
        chunk = self.sock.recv(65536)
        if not chunk:
            raise Closed
        self.buffer += chunk

    def _read_head(self):
        while b"\r\n\r\n" not in self.buffer:
            self._fill()
        head, _, self.buffer = self.buffer.partition(b"\r\n\r\n")
        return head

    def _take(self, n):
        while len(self.buffer) < n:
            self._fill()
        out, self.buffer = self.buffer[:n], self.buffer[n:]
        return out

    def receive(self, timeout):
        """The next message, None after timeout seconds."""
        self.sock.settimeout(timeout)
        try:
            while True:
                if len(self.buffer) < 2:
                    self._fill()
                    continue
                first, second = self._take(2)
                length = second & 127
                if length == 126:
                    length = struct.unpack(">H", self._take(2))[0]
                elif length == 127:
                    length = struct.unpack(">Q", self._take(8))[0]
                mask = self._take(4) if second & 128 else b"\0\0\0\0"
                data = bytes(b ^ mask[i % 4] for i, b in enumerate(self._take(length)))
                if first & 15 == 1:
                    return json.loads(data)
                if first & 15 == 8:
                    raise Closed
        except socket.timeout:
            return None
        except ConnectionError as error:
            raise Closed from error

    def send(self, message):
        data = json.dumps(message).encode()
        length = (bytes([len(data)]) if len(data) < 126 else
                  struct.pack(">BH", 126, len(data)) if len(data) < 65536 else struct.pack(">BQ", 127, len(data)))
        self.sock.sendall(b"\x81" + length + data)

    def cut(self):
        self.sock.close()


class Fake:
    def __init__(self, warp=1, start=1767225600.0):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.url = f"ws://127.0.0.1:{self.port}/ocpp"
        self.warp, self.start, self.began = warp, start, time.monotonic()
        self.seen = []  # [action, payload] of every call of the station, in order
        self.ids = []   # its message ids
        self.next_tx = 100
        self.next_id = 0
        self.results = {}
        self.silent = set()  # actions that get no answer
        self.answers = {
            "BootNotification": lambda p: {"status": "Accepted", "currentTime": self.now_text(), "interval": 300},
            "Heartbeat": lambda p: {"currentTime": self.now_text()},
            "Authorize": lambda p: {"idTagInfo": {"status": "Accepted"}},
            "StartTransaction": self._start,
            "StopTransaction": lambda p: {"idTagInfo": {"status": "Accepted"}},
        }
        self.station = None
        self.tls = None  # a second listener

    def listen_tls(self, context):
        """A second listener, for wss; accept(tls=True) takes from it."""
        self.tls = socket.create_server(("127.0.0.1", 0)), context
        self.tls_url = f"wss://localhost:{self.tls[0].getsockname()[1]}/ocpp"

    def now(self):
        return self.start + (time.monotonic() - self.began) * self.warp

    def now_text(self):
        return utc(self.now())

    def _start(self, _):
        self.next_tx += 1
        return {"transactionId": self.next_tx, "idTagInfo": {"status": "Accepted"}}

    def raw(self, timeout=20, tls=False):
        listener = self.tls[0] if tls else self.listener
        listener.settimeout(timeout)
        sock, _ = listener.accept()
        sock.settimeout(timeout)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return self.tls[1].wrap_socket(sock, server_side=True) if tls else sock

    def accept(self, timeout=20, tls=False):
        self.station = Station(self.raw(timeout, tls))
        return self.station

    def refuse(self, timeout=20, tls=False):
        """401 to one attempt; its Authorization header."""
        sock = self.raw(timeout, tls)
        head = b""
        while b"\r\n\r\n" not in head:
            head += sock.recv(4096)
        sock.sendall(b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        sock.close()
        return next((line.partition(": ")[2] for line in head.decode().split("\r\n")
                     if line.lower().startswith("authorization:")), None)

    def _take(self, message):
        kind, ident = message[0], message[1]
        if kind != 2:
            self.results[ident] = message
            return
        action, payload = message[2], message[3]
        self.seen.append([action, payload])
        self.ids.append(ident)
        if action not in self.silent:
            answer = self.answers.get(action, lambda p: {})(payload)
            self.station.send(answer if isinstance(answer, list) else [3, ident, answer])

    def pump(self, seconds):
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            if (message := self.station.receive(left)) is not None:
                self._take(message)

    def wait(self, action, timeout=20, since=0, **match):
        """Index in `seen` of the first such call at or after since."""
        deadline = time.monotonic() + timeout
        at = since
        while True:
            for at in range(at, len(self.seen)):
                name, payload = self.seen[at]
                if name == action and all(payload.get(k) == v for k, v in match.items()):
                    return at
            at = len(self.seen)
            left = deadline - time.monotonic()
            assert left > 0, f"no {action} {match or ''} within {timeout} s; seen: {self.seen[-12:]}"
            if (message := self.station.receive(left)) is not None:
                self._take(message)

    def call(self, action, payload, timeout=20):
        """The payload of the answer, or the whole CALLERROR."""
        self.next_id += 1
        ident = f"c{self.next_id}"
        self.station.send([2, ident, action, payload])
        deadline = time.monotonic() + timeout
        while ident not in self.results:
            left = deadline - time.monotonic()
            assert left > 0, f"{action} was not answered"
            if (message := self.station.receive(left)) is not None:
                self._take(message)
        result = self.results.pop(ident)
        return result[2] if result[0] == 3 else result


def tell(stories, wanted, at_once=4):
    """Run the stories, or those wanted, some at once: most of the time they wait.  Exit code 1 if one fails."""
    def one(story):
        began = time.monotonic()
        try:
            story()
            print(f"{story.__name__}: {time.monotonic() - began:.1f} s", flush=True)
            return True
        except BaseException:  # also what a story's own threads raise
            print(f"{story.__name__} FAILED\n{traceback.format_exc()}", flush=True)
            return False

    chosen = [story for story in stories if not wanted or story.__name__ in wanted]
    with concurrent.futures.ThreadPoolExecutor(at_once) as pool:
        good = list(pool.map(one, chosen))
    sys.exit(0 if good and all(good) else 1)


def write_site(folder, stations=1, limit=63, **station):
    rows = [{"id": f"L{i:03d}", "grid_node": "N", "wiring": "RST", "rating_a": 16, "safe_a": 0,
             "connectors": [{"id": 1}], **station} for i in range(1, stations + 1)]
    path = os.path.join(folder, "site.json")
    with open(path, "w", encoding="utf-8") as out:
        json.dump({"grid": [{"id": "N", "limit_a": limit}], "stations": rows, "tags": [{"id_tag": "TAG1"}]}, out)
    return path


class Sim:
    """noxsim under test; `with` ends it by SIGTERM and expects exit code 0 and no complaint of a sanitizer."""

    def __init__(self, *words, expect=0, lines=None):
        """lines: what is written to its standard input, which then ends."""
        self.folder = tempfile.mkdtemp(prefix="noxsim-test-")
        self.words, self.expect, self.lines = list(words), expect, lines

    def __enter__(self):
        self.errors = open(os.path.join(self.folder, "stderr"), "w+b")
        self.process = subprocess.Popen([os.path.join(BIN, "noxsim"), *self.words], stdout=subprocess.PIPE,
                                        stderr=self.errors, stdin=None if self.lines is None else subprocess.PIPE)
        if self.lines is not None:
            self.process.stdin.write("".join(line + "\n" for line in self.lines).encode())
            self.process.stdin.close()
            self.process.stdin = None
        return self

    def finish(self, timeout=30):
        out, _ = self.process.communicate(timeout=timeout)
        self.errors.seek(0)
        text = self.errors.read().decode("utf-8", "replace")
        assert "Sanitizer" not in text and "runtime error" not in text, text
        assert self.process.returncode == self.expect, (self.process.returncode, text, out[-2000:].decode())
        self.text = text
        return out.decode()

    def __exit__(self, kind, *_):
        if self.process.poll() is None:
            self.process.terminate()
        try:
            self.out = self.finish()
        except Exception:
            if kind is None:
                raise
        finally:
            self.errors.close()
            if self.process.poll() is None:
                self.process.kill()
