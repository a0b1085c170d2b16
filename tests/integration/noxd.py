"""Runs the real programs for a test: noxd in a folder of its own, noxctl, the admin API, the database.

Programs come from $NOX_BIN (set by ctest).  A test is a script: it exits 0 (passed), 77 (skipped), else failed.
"""
import contextlib
import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BIN = os.environ.get("NOX_BIN", os.path.join(ROOT, "build", "bin"))


def skip(why):
    print(f"skipped: {why}")
    sys.exit(77)


def site(stations=2, profile=1, grid=None, tariff=True, tags=("A1", "A2"), first=1, **station):
    """An apply file: stations S0001.., one connector each."""
    rows = []
    for i in range(first, first + stations):
        row = {"id": f"S{i:04d}", "security_profile": profile, "district": "Mitte",
               "connectors": [{"id": 1, "evse_id": f"DE*NOX*E{i:04d}*1", "max_w": 11040}], **station}
        if grid:
            row["grid_node"] = grid[0]["id"]
        if tariff:
            row["tariff"] = "T"
        rows.append(row)
    out = {"stations": rows, "tags": [{"id_tag": tag, "customer": f"C-{tag}"} for tag in tags]}
    if grid:
        out["grid"] = grid
    if tariff:
        out["tariffs"] = [{"id": "T", "version": 1, "valid_from": "2015-01-01", "currency": "EUR",
                           "prices_include_vat": True, "vat_percent": 19, "price_per_kwh": "0.4900",
                           "blocking": {"after_min": 240, "per_min": "0.10", "from": "08:00", "to": "22:00",
                                        "cap": "12.00"}}]
    return out


class Noxd:
    def __init__(self, *flags, data=None, env=None):
        self.own = data is None
        self.data = data or tempfile.mkdtemp(prefix="nox-test-")
        self.flags = list(flags)
        self.env = {**os.environ, **(env or {})}
        self.log_path = os.path.join(self.data, "test.log")
        self.keys = {}
        self.wrapper = ()  # words in front of noxd's command, such as a debugger's
        self.process = None

    def start(self, port=0, timeout=60):
        out = open(self.log_path, "ab")
        begin = out.tell()
        self.process = subprocess.Popen(
            [*self.wrapper, os.path.join(BIN, "noxd"), "--data", self.data, "--listen", f"127.0.0.1:{port}",
             "--local-lists", "off", *self.flags],  # lists are asked for where a test is about them
            stdout=out, stderr=subprocess.STDOUT, env=self.env)
        out.close()
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            with open(self.log_path, "rb") as log:
                log.seek(begin)
                for line in log.read().decode("utf-8", "replace").splitlines(True):
                    if line.startswith("noxd: ready") and line.endswith("\n"):
                        self.ready = line.strip()
                        self._take_ready()
                        return self
            if self.process.poll() is not None:
                raise AssertionError(f"noxd ended with {self.process.returncode}:\n{self.log()}")
            time.sleep(0.02)
        raise AssertionError(f"noxd did not become ready:\n{self.log()}")

    def _take_ready(self):
        self.urls = [word for word in self.ready.split() if word.startswith(("ws://", "wss://"))]
        plain = next((u for u in self.urls if u.startswith("ws://")), None)
        if plain:
            host, _, port = plain[len("ws://"):].split("/")[0].rpartition(":")
            self.address = (host, int(port))
            self.url = f"ws://{host}:{port}/ocpp"

    def log(self):
        with open(self.log_path, encoding="utf-8", errors="replace") as log:
            return log.read()

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self, timeout=60):
        """SIGTERM; it must end with 0 and without complaints of a sanitizer."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(timeout)
        log = self.log()
        assert "Sanitizer" not in log and "runtime error" not in log, log[-6000:]
        assert code == 0, f"noxd ended with {code}:\n{log[-4000:]}"

    def remove(self):
        if self.own:
            shutil.rmtree(self.data, ignore_errors=True)

    # --- noxctl and the API ---

    def ctl(self, *words, stdin=None, check=True):
        done = subprocess.run([os.path.join(BIN, "noxctl"), "--data", self.data, *words], input=stdin,
                              capture_output=True, text=True, timeout=120, env=self.env)
        if check and done.returncode != 0:
            raise AssertionError(f"noxctl {' '.join(words)} -> {done.returncode}\n{done.stdout}{done.stderr}")
        return done if not check else done.stdout

    def ctl_json(self, *words):
        return json.loads(self.ctl("-o", "json", *words))

    def api(self, method, path, body=None, raw=None):
        """(status, parsed body or text) over the admin socket."""
        data = raw if raw is not None else (json.dumps(body).encode() if body is not None else b"")
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as sock:
            sock.settimeout(60)
            sock.connect(os.path.join(self.data, "admin.sock"))
            sock.sendall(f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                         f"Content-Length: {len(data)}\r\n\r\n".encode() + data)
            answer = b""
            while chunk := sock.recv(65536):
                answer += chunk
                if complete(answer):
                    break
        head, _, rest = answer.partition(b"\r\n\r\n")
        status = int(head.split()[1])
        text = body_of(head, rest).decode("utf-8", "replace")
        try:
            return status, json.loads(text)
        except ValueError:
            return status, text

    def apply(self, site_data, force=False):
        status, answer = self.api("POST", "/v1/apply" + ("?force=1" if force else ""), site_data)
        assert status == 200, (status, answer)
        return answer

    def make_keys(self, names):
        for name in names:
            status, answer = self.api("POST", f"/v1/stations/{name}/key")
            assert status == 200, (status, answer)
            self.keys[name] = answer["key"]
        return self.keys

    def write_keys(self, path):
        with open(path, "w", encoding="utf-8") as out:
            out.write("station,key\n")
            for name, key in self.keys.items():
                out.write(f"{name},{key}\n")

    def sql(self, query, *values):
        """Rows of the database, read-only and beside the running noxd."""
        with contextlib.closing(sqlite3.connect(f"file:{self.data}/nox.db?mode=ro", uri=True, timeout=10)) as db:
            return db.execute(query, values).fetchall()


def header_of(head, name):
    for line in head.split(b"\r\n")[1:]:
        key, _, value = line.partition(b":")
        if key.strip().lower() == name:
            return value.strip().lower()
    return None


def complete(answer):
    head, separator, rest = answer.partition(b"\r\n\r\n")
    if not separator:
        return False
    if header_of(head, b"transfer-encoding") == b"chunked":
        return rest.endswith(b"0\r\n\r\n")
    length = header_of(head, b"content-length")
    return length is not None and len(rest) >= int(length)


def body_of(head, rest):
    if header_of(head, b"transfer-encoding") != b"chunked":
        return rest
    out = b""
    while rest:
        size, _, rest = rest.partition(b"\r\n")
        n = int(size, 16)
        if n == 0:
            break
        out, rest = out + rest[:n], rest[n + 2:]
    return out


@contextlib.contextmanager
def running(*flags, **more):
    """A started noxd; stopped and checked at the end, its log shown when the test fails."""
    nox = Noxd(*flags, **more)
    try:
        nox.start()
        yield nox
        nox.stop()
    except BaseException:
        with contextlib.suppress(OSError):
            print(nox.log()[-5000:], file=sys.stderr)
        if nox.process and nox.process.poll() is None:
            nox.kill()
        raise
    finally:
        nox.remove()
