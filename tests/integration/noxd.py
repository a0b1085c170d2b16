"""A noxd of one's own for a test: started in an empty folder on free ports, asked over its admin
socket, stopped with every check that belongs to a clean end.

    with Noxd() as noxd:
        noxd.apply(site)
        keys = noxd.keys()
        ...

Leaving the block stops it by SIGTERM and fails the test when the exit code is not 0 or when a
sanitizer has complained.  The programs come from $NOX_BIN (the build's bin folder).
"""

import csv
import http.client
import io
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

SKIPPED = 77  # what ctest takes as "not run here"
ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
BIN = os.environ.get("NOX_BIN", os.path.join(ROOT, "build", "bin"))
REPORTS = ("ERROR: AddressSanitizer", "ERROR: LeakSanitizer", "WARNING: ThreadSanitizer", "runtime error:",
           "SUMMARY: UndefinedBehaviorSanitizer", "Assertion `")


def skip(why):
    print(f"skipped: {why}")
    sys.exit(SKIPPED)


def program(name):
    path = os.path.join(BIN, name)
    if not os.access(path, os.X_OK):
        skip(f"{path} is not built (set NOX_BIN to the build's bin folder)")
    return path


def slowness():
    """How many times slower than a release build the programs are, for time limits of tests."""
    return int(os.environ.get("NOX_SLOWNESS", "1"))


def check(condition, text):
    if not condition:
        raise AssertionError(text)


def wait_for(condition, text, seconds=10.0, step=0.05):
    """Until condition() is true; its last value is returned."""
    until = time.monotonic() + seconds * max(1, slowness())
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > until:
            raise AssertionError(f"not within {seconds} s: {text}")
        time.sleep(step)


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path, timeout):
        super().__init__("localhost", timeout=timeout)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


class ApiError(Exception):
    def __init__(self, status, body):
        super().__init__(f"{status}: {body}")
        self.status = status
        self.body = body


class Noxd:
    def __init__(self, *args, data=None, listen="127.0.0.1:0", wrapper=(), env=None):
        self.args = list(args)
        self.own_data = data is None
        self.data = data or tempfile.mkdtemp(prefix="nox-test-")
        self.listen = listen
        self.wrapper = list(wrapper)
        self.env = env
        self.process = None
        self.port = 0
        self.log_path = os.path.join(self.data, "noxd.log")

    # --- life ---

    def __enter__(self):
        try:
            return self.start()
        except BaseException:
            self.show_log()
            self.end()
            raise

    def __exit__(self, kind, value, trace):
        try:
            if kind is None:
                self.stop()
            else:
                self.show_log()
        finally:
            self.end()

    def start(self, port=None):
        """Start (again); with port, on that one, so that stations find it where it was."""
        listen = self.listen if port is None else f"127.0.0.1:{port}"
        command = [*self.wrapper, program("noxd"), "--data", self.data, "--listen", listen, *self.args]
        with open(self.log_path, "ab") as log:
            self.log_from = log.tell()
            self.process = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL,
                                            env={**os.environ, **(self.env or {})})
        ready = wait_for(self._ready_line, "noxd says it is ready", seconds=20, step=0.01)
        found = re.search(r"wss?://([^ /]+):(\d+)", ready)
        check(found, f"the ready line names an address: {ready}")
        self.ready = ready
        self.host, self.port = found.group(1), int(found.group(2))
        return self

    def _ready_line(self):
        text = self.log()
        found = re.search(r"^noxd: ready.*\n", text, re.M)
        if not found:
            check(self.process.poll() is None, f"noxd ended at once:\n{text}")
        return found and found.group(0)

    def stop(self):
        """SIGTERM; the end must be clean."""
        if self.process is None:
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            code = self.process.wait(20 * slowness())
        except subprocess.TimeoutExpired:
            self.process.send_signal(signal.SIGABRT)
            raise AssertionError("noxd does not end within 20 s after SIGTERM") from None
        self.process = None
        self.check_log()
        check(code == 0, f"exit code {code} after SIGTERM")

    def kill9(self):
        self.process.kill()
        self.process.wait()
        self.process = None

    def end(self):
        if self.process is not None:
            self.process.kill()
            self.process.wait()
        self.process = None
        if self.own_data and "NOX_KEEP" not in os.environ:
            shutil.rmtree(self.data, ignore_errors=True)

    def log(self):
        """What this start has said so far."""
        with open(self.log_path, encoding="utf-8", errors="replace") as f:
            f.seek(self.log_from)
            return f.read()

    def check_log(self):
        with open(self.log_path, encoding="utf-8", errors="replace") as f:
            for line in f:
                check(not any(word in line for word in REPORTS), f"noxd.log: {line.strip()}")

    def show_log(self):
        try:
            with open(self.log_path, encoding="utf-8", errors="replace") as f:
                lines = f.readlines()
        except OSError:
            return
        print(f"--- the end of {self.log_path}:")
        print("".join(lines[-60:]))

    # --- questions ---

    @property
    def url(self):
        return f"ws://127.0.0.1:{self.port}/ocpp"

    @property
    def db(self):
        return os.path.join(self.data, "nox.db")

    def api_text(self, method, path, body=None, timeout=30):
        connection = UnixConnection(os.path.join(self.data, "admin.sock"), timeout * slowness())
        try:
            text = None if body is None else json.dumps(body)
            connection.request(method, path, text, {"Content-Type": "application/json"} if text else {})
            answer = connection.getresponse()
            got = answer.read().decode("utf-8")
        finally:
            connection.close()
        if answer.status >= 300:
            raise ApiError(answer.status, got)
        return got

    def api(self, method, path, body=None, timeout=30):
        return json.loads(self.api_text(method, path, body, timeout))

    def get(self, path, **more):
        return self.api("GET", path, **more)

    def items(self, path, **more):
        return self.get(path, **more)["items"]

    def ctl(self, *args, code=0, text=None):
        """Run noxctl; the exit code must be the one given (None: any)."""
        done = subprocess.run([program("noxctl"), "--data", self.data, *args], capture_output=True,
                              input=text, encoding="utf-8", timeout=120 * slowness())
        said = done.stdout + done.stderr
        check(code is None or done.returncode == code,
              f"noxctl {' '.join(args)}: exit code {done.returncode}, not {code}:\n{said}")
        check(not any(word in said for word in REPORTS), said)
        return done

    def ctl_json(self, *args):
        return json.loads(self.ctl(*args, "-o", "json").stdout)

    def apply(self, site):
        return self.api("POST", "/v1/apply", site, timeout=120)

    def key(self, station):
        return self.api("POST", f"/v1/stations/{station}/key")["key"]

    def keys(self):
        """New keys of all stations: {station: key}."""
        text = self.ctl("station", "key", "--all", "--yes", "-o", "csv").stdout
        rows = list(csv.DictReader(io.StringIO(text)))
        return {row["station"] if "station" in row else row["id"]: row["key"] for row in rows}

    def write_keys(self, path):
        with open(path, "w", encoding="utf-8") as f:
            f.write(self.ctl("station", "key", "--all", "--yes", "-o", "csv").stdout)
        return path

    def sessions(self, query=""):
        return self.items(f"/v1/sessions?limit=100000{query}")

    def station(self, name):
        return self.get(f"/v1/stations/{name}")


def lamp(name, node=None, wiring="RST", **more):
    """A station of the apply file with one connector."""
    station = {"id": name, "security_profile": 1, "wiring": wiring, "rating_a": 16, "safe_a": 0,
               "connectors": [{"id": 1, "evse_id": f"DE*TST*E{name.replace('-', '')}*1", "max_w": 11040}]}
    if node is not None:
        station["grid_node"] = node
    station.update(more)
    return station


TARIFF = {"id": "TEST", "version": 1, "valid_from": "2018-01-01", "currency": "EUR", "prices_include_vat": True,
          "vat_percent": 19, "price_per_kwh": "0.4900",
          "blocking": {"after_min": 240, "per_min": "0.10", "from": "08:00", "to": "22:00", "cap": "12.00"},
          "text_de": "Prüftarif", "text_en": "test tariff"}


def main(*tests):
    """Run the given functions one after the other; the first failure ends the program."""
    for test in tests:
        begin = time.monotonic()
        test()
        print(f"ok   {test.__name__} ({time.monotonic() - begin:.1f} s)", flush=True)
