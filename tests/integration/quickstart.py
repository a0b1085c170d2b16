"""cmd/quickstart: builds, shows a frame of the live view, ends everything it started; a second run is quick and keeps
its data; Ctrl-C ends it all as well."""
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time

from noxd import ROOT

QUICKSTART = os.path.join(ROOT, "cmd", "quickstart")


def free_port():
    """A port that is free together with the next one (ws and wss)."""
    while True:
        with socket.socket() as one, socket.socket() as two:
            one.bind(("127.0.0.1", 0))
            try:
                two.bind(("127.0.0.1", one.getsockname()[1] + 1))
            except OSError:
                continue
            return one.getsockname()[1]


def left_over(data):
    """Processes whose command line names the folder."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/cmdline", "rb") as file:
                words = file.read().decode("utf-8", "replace").split("\0")
        except OSError:
            continue
        if data in words and int(pid) != os.getpid():
            found.append(" ".join(words))
    return found


def quickstart(data, port, *words):
    begin = time.monotonic()
    done = subprocess.run([QUICKSTART, "--no-install", "--data", data, "--port", str(port), *words], capture_output=True,
                          text=True, timeout=580, check=False, stdin=subprocess.DEVNULL)
    assert done.returncode == 0, done.stdout + done.stderr
    assert left_over(data) == [], left_over(data)
    for word in ("DO-ONS-KAISER", "DO-L00", "L1", "L3", f"ws://127.0.0.1:{port}/ocpp/", "noxctl"):
        assert word in done.stdout, (word, done.stdout)
    return time.monotonic() - begin, done.stdout


def sessions(data):
    import sqlite3
    db = sqlite3.connect(f"file:{data}/nox.db?mode=ro", uri=True)
    try:
        return db.execute("SELECT count(*) FROM session").fetchone()[0]
    finally:
        db.close()


def ctrl_c(data, port):
    """The signal goes to the whole group, as from a terminal."""
    process = subprocess.Popen([QUICKSTART, "--no-install", "--data", data, "--port", str(port), "--seconds", "60"],
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, stdin=subprocess.DEVNULL,
                               start_new_session=True)
    try:
        for line in process.stdout:
            if "live view" in line:
                break
        time.sleep(0.5)
        begin = time.monotonic()
        os.killpg(process.pid, signal.SIGINT)
        process.wait(30)
        assert time.monotonic() - begin < 20
        assert left_over(data) == [], left_over(data)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)


data = tempfile.mkdtemp(prefix="nox-quickstart-")
try:
    port = free_port()
    took, shown = quickstart(data, port, "--seconds", "12", "--warp", "120")
    first = sessions(data)
    assert first > 0, "no car has come"
    again, _ = quickstart(data, port, "--seconds", "1")
    assert again < 30, f"the second run took {again:.1f} s"
    assert sessions(data) >= first, "the second run has lost sessions"
    ctrl_c(data, port)
    usage = subprocess.run([QUICKSTART, "--help"], capture_output=True, text=True, check=True).stdout
    assert "--no-install" in usage and "--data" in usage
    assert subprocess.run([QUICKSTART, "--nonsense"], capture_output=True, check=False).returncode == 2
    print(shown[-3000:])
    print(f"quickstart: {took:.0f} s with the build, {first} sessions in 12 s, again within {again:.1f} s")
finally:
    shutil.rmtree(data, ignore_errors=True)
