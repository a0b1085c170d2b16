"""A firmware rollout to 50 lamps of noxsim with 3 bad ones, while noxd is killed again and again: it stops where it should, goes
on from where it was, ends; no lamp is told twice, none is forgotten.

    rollout_street.py plain   # http: two bad lamps among the first after the canaries, one late
    rollout_street.py signed  # https, security profile 2, signed firmware: the canaries are bad
"""
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time

from noxd import BIN, ROOT, running, site

STATIONS, CANARIES, AT_ONCE, STOP_AFTER = 50, 3, 10, 2
BAD = {"plain": ["S0020", "S0021", "S0040"], "signed": ["S0001", "S0002", "S0003"]}
WARP = "10"
NAMES = [f"S{i:04d}" for i in range(1, STATIONS + 1)]


def free_port():
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


def openssl(*words):
    subprocess.run(["openssl", *words], check=True, capture_output=True)


class Street:
    """noxsim run; its own count of what it was told is the witness."""

    def __init__(self, nox, folder, plan, bad, flags):
        self.report, self.errors = os.path.join(folder, "report.json"), os.path.join(folder, "sim.log")
        rows = sorted(plan["stations"], key=lambda row: row["id"] not in bad)  # --bad-firmware takes the first
        with open(os.path.join(folder, "site.json"), "w", encoding="utf-8") as out:
            json.dump({**plan, "stations": rows}, out)
        nox.write_keys(os.path.join(folder, "keys.csv"))
        with open(self.errors, "wb") as errors:
            self.process = subprocess.Popen(
                [os.path.join(BIN, "noxsim"), "run", "--site", os.path.join(folder, "site.json"), "--keys",
                 os.path.join(folder, "keys.csv"), "--bad-firmware", str(len(bad)), "--arrivals-per-hour", "0", "--time-warp", WARP,
                 "--report", self.report, *flags], stdout=subprocess.DEVNULL, stderr=errors)

    def ends(self):
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(30)
        with open(self.errors, encoding="utf-8") as file:
            text = file.read()
        assert code == 0 and "Sanitizer" not in text and "runtime error" not in text, text[-4000:]
        with open(self.report, encoding="utf-8") as file:
            return json.load(file)


def rollout(nox):
    return nox.api("GET", "/v1/rollouts/1")[1]


class Watch:
    """Looks at the rollout; kills noxd at the next of some moments."""

    def __init__(self, nox, port):
        self.nox, self.port, self.kills, self.ended = nox, port, 0, set()

    def look(self):
        state = rollout(self.nox)
        assert state["running"] <= AT_ONCE, state
        assert sum(state[k] for k in ("done", "failed", "running", "waiting")) == STATIONS, state
        over = {t["station"] for t in state["targets"] if t["state"] in ("done", "failed")}
        assert self.ended <= over, f"begun anew: {self.ended - over}"
        self.ended = over
        return state

    def until(self, what, check, timeout=100):
        deadline = time.monotonic() + timeout
        while not check(state := self.look()):
            assert time.monotonic() < deadline, (what, {k: v for k, v in state.items() if k != "targets"})
            time.sleep(0.05)
        return state

    def kill(self):
        self.nox.kill()
        self.nox.start(self.port)
        self.kills += 1


def online(nox):
    return sum(1 for s in nox.api("GET", "/v1/stations")[1]["items"] if s["online"])


def add_firmware(nox, folder, is_signed):
    image, key, cert, sig = (os.path.join(folder, name) for name in ("lamp.bin", "maker.key", "maker.pem", "lamp.sig"))
    with open(image, "wb") as file:
        file.write(b"version: 2.0\n" + os.urandom(200_000))
    words = []
    if is_signed:
        openssl("dgst", "-sha256", "-sign", key, "-out", sig, image)
        words = ["--signature", sig, "--cert", cert]
    assert nox.ctl_json("firmware", "add", image, "--version", "2.0", *words)["id"] == 1


def waits_for_answer(nox):
    return any(j["state"] in ("waiting", "sending") for j in nox.api("GET", "/v1/file-jobs?limit=1000")[1]["items"])


def stops(watch, kind):
    """After the second failure nothing begins any more: not while it ends, not after a kill."""
    if kind == "plain":
        watch.until("the canaries are told", lambda s: s["running"] > 0)
        watch.kill()
        state = watch.until("ten at once", lambda s: s["running"] == AT_ONCE)
        first = [t["state"] for t in state["targets"][:CANARIES]]
        assert first == ["done"] * CANARIES, f"the others begin when the canaries are done: {first}"
        watch.kill()
    else:
        watch.until("the canaries have it", lambda s: s["running"] > 0 and not waits_for_answer(watch.nox))
        watch.kill()
    state = watch.until("stopped", lambda s: s["state"] == "paused")
    over = state["done"] + state["failed"] + state["running"]
    watch.kill()
    state = watch.until("those under way end", lambda s: s["running"] == 0)
    assert state["done"] + state["failed"] == over, state
    late = CANARIES if kind == "signed" else NAMES.index("S0040")  # not reached before the second has failed
    assert all(t["state"] == "waiting" for t in state["targets"][late:]), state
    time.sleep(0.5)
    state = watch.look()
    assert state["state"] == "paused" and state["running"] == 0 and state["done"] + state["failed"] == over, state
    why = "the canary S000" if kind == "signed" else "2 stations failed"
    assert (1 if kind == "signed" else STOP_AFTER) <= state["failed"] <= len(BAD[kind]) and why in state["note"], state
    return state["done"] + state["failed"]


def goes_on(watch):
    watch.nox.ctl("firmware", "resume", "1")
    watch.kill()
    watch.until("in the middle", lambda s: s["running"] > 3 and s["done"] > 30)
    watch.kill()
    return watch.until("done", lambda s: s["state"] == "done")


def check_end(nox, state, bad, report):
    assert (state["done"], state["failed"]) == (STATIONS - len(bad), len(bad)), state
    assert {t["station"] for t in state["targets"] if t["state"] == "failed"} == set(bad), state
    seen = {s["id"]: s["firmware"] for s in nox.api("GET", "/v1/stations")[1]["items"]}
    assert all((seen[name] == "2.0") == (name not in bad) for name in NAMES), seen
    assert nox.sql("SELECT count(*), count(DISTINCT station) FROM file_job") == [(STATIONS, STATIONS)]
    counted = [report[k] for k in ("firmware_asked", "firmware_failed")]
    assert counted == [STATIONS, len(bad)], f"told twice, or forgotten: {counted}"


def main():
    kind = sys.argv[1]
    bad, begin = BAD[kind], time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        flags, sim = ["--time-warp", WARP], []
        if kind == "signed":
            pki = os.path.join(folder, "pki")
            subprocess.run([os.path.join(ROOT, "certs", "make-pki"), "--test", pki], check=True, stdout=subprocess.DEVNULL)
            openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout",
                    os.path.join(folder, "maker.key"), "-out", os.path.join(folder, "maker.pem"), "-days", "2", "-subj", "/CN=maker")
            tls_port = free_port()
            flags += ["--tls-listen", f"127.0.0.1:{tls_port}", "--tls-cert", f"{pki}/server-ec.pem", "--tls-key",
                      f"{pki}/server-ec.key"]
            sim += ["--url", f"wss://localhost:{tls_port}/ocpp", "--ca", f"{pki}/ca.pem", "--manufacturer-ca",
                    os.path.join(folder, "maker.pem")]
        with running(*flags) as nox:
            if kind == "plain":
                sim += ["--url", nox.url]
            plan = site(stations=STATIONS, profile=2 if kind == "signed" else 1)
            nox.apply(plan)
            nox.make_keys(NAMES)
            street, watch = Street(nox, folder, plan, bad, sim), Watch(nox, nox.address[1])
            deadline = time.monotonic() + 40
            while online(nox) < STATIONS:
                assert time.monotonic() < deadline, "not all stations came"
                time.sleep(0.2)
            add_firmware(nox, folder, kind == "signed")
            nox.ctl("firmware", "rollout", "1", "--all", "--canary", str(CANARIES), "--max-parallel", str(AT_ONCE),
                    "--stop-after-failures", str(STOP_AFTER), "--retries", "9", "--retry-interval", "15", "--yes", *(["--signed"] if kind == "signed" else []))
            if kind == "plain":  # at once: when the first requests may be out or not, they wait 60 s for a sign of them
                watch.kill()
            told = stops(watch, kind)
            state = goes_on(watch)
            check_end(nox, state, bad, street.ends())
    print(f"{kind}: stopped after {told} of {STATIONS}, {watch.kills} kills, each told once; {time.monotonic() - begin:.0f} s")


main()
