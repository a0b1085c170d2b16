"""cmd/quickstart: builds, shows a frame of the live view, ends everything it started; a second run is quick and keeps
its data; Ctrl-C ends it all as well."""
import os
import re
import shutil
import signal
import socket
import sqlite3
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
                          text=True, timeout=580, check=False, stdin=subprocess.DEVNULL, cwd=ROOT,
                          env={**os.environ, "COLUMNS": "100"})
    assert done.returncode == 0, done.stdout + done.stderr
    assert left_over(data) == [], left_over(data)
    hint = [line for line in done.stdout.splitlines() if line.startswith("Connect a station: ")]
    assert len(hint) == 1 and f": build/bin/noxctl --data {data} station add" in hint[0] and len(hint[0]) <= 100, hint
    for word in ("DO-ONS-KAISER", "DO-L00", "L1", "L3", f"ws://127.0.0.1:{port}/ocpp/", "noxctl"):
        assert word in done.stdout, (word, done.stdout)
    return time.monotonic() - begin, done.stdout


def sessions(data):
    """How many there are; none is open and no meter went back or on between two of them."""
    db = sqlite3.connect(f"file:{data}/nox.db?mode=ro", uri=True)
    try:
        rows = db.execute("SELECT station, meter_start_wh, meter_stop_wh, flags FROM session ORDER BY station, tx_id").fetchall()
    finally:
        db.close()
    for i, (station, begin, end, flags) in enumerate(rows):
        assert end is not None, f"{station} still charges"
        assert flags == 0, (rows[i - 1:i + 1], flags)
        assert begin == (rows[i - 1][2] if i > 0 and rows[i - 1][0] == station else 0), rows[i - 1:i + 1]
    return len(rows)


def wrong_usage(data):
    """One sentence with the remedy, exit code 2, nothing begun."""
    with socket.create_server(("127.0.0.1", 0)) as used:
        port = str(used.getsockname()[1])
        for words, part in ((["--nonsense"], "--help"), (["--port", "abc"], "from 1 to 65534"), (["--port"], "--port needs a value"),
                            (["--port", "65535"], "from 1 to 65534"), (["--data", ""], "--data needs a value"),
                            (["--warp", "0"], "from 1 to"), (["--seconds", "-1"], "from 1 to"), (["--listen", "a/b"], "0.0.0.0"),
                            (["--port", port], f"port {port} is in use")):
            done = subprocess.run([QUICKSTART, "--no-install", "--data", data, *words], capture_output=True, text=True, timeout=60,
                                  check=False, stdin=subprocess.DEVNULL)
            assert done.returncode == 2 and part in done.stderr and done.stderr.count("\n") == 1 and not done.stdout, (words, done)


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
    again, shown_again = quickstart(data, port, "--seconds", "3")
    seeds = [re.search(r"--seed (\d+)", text).group(1) for text in (shown, shown_again)]
    assert seeds[0] != seeds[1], f"the second run is the same day: {seeds}"
    assert again < 30, f"the second run took {again:.1f} s"
    assert sessions(data) > first, "the second run has lost sessions, or no car was there"
    ctrl_c(data, port)
    sessions(data)
    wrong_usage(data)
    usage = subprocess.run([QUICKSTART, "--help"], capture_output=True, text=True, check=True).stdout
    assert "--no-install" in usage and "--data" in usage and "--warp 1" in usage
    print(shown[-3000:])
    print(f"quickstart: {took:.0f} s with the build, {first} sessions in 12 s, again within {again:.1f} s")
finally:
    shutil.rmtree(data, ignore_errors=True)
