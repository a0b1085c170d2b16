"""SIGTERM in the middle of everything: noxd ends with 0, says good-bye to its stations and leaks nothing.

   leaks.py            under the sanitizers of the build (LeakSanitizer, ThreadSanitizer)
   leaks.py valgrind   the release build under valgrind
"""
import os
import shutil
import socket
import subprocess
import sys
import time

import noxd
from noxd import Noxd, site
from ws import Closed, Station

VALGRIND = ["valgrind", "--quiet", "--leak-check=full", "--show-leak-kinds=definite,possible", "--errors-for-leak-kinds=definite,possible",
            "--error-exitcode=99", "--num-callers=30"]


def ask_slowly(nox, path):
    """A request that is still open when the end comes."""
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    sock.connect(os.path.join(nox.data, "admin.sock"))
    sock.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
    return sock


def busy(nox):
    """Stations of every kind: charging, just connected, half connected, one with an unanswered command."""
    stations = []
    for i, name in enumerate(sorted(nox.keys)):
        station = Station(nox.address, name, nox.keys[name], answers={"UnlockConnector": lambda payload: None})
        station.boot()
        station.status("Available")
        if i % 2 == 0:
            station.status("Preparing")
            tx = station.start("A1", 100 * i)["transactionId"]
            station.status("Charging")
            station.meter(tx, 100 * i + 50)
        stations.append(station)
    stations[1].ws.send_text("{")
    half = socket.create_connection(nox.address)
    half.sendall(b"GET /ocpp/S0001 HTTP/1.1\r\nHost: x\r\n")
    return stations, half


def use_everything(nox):
    """Each kind of answer once: live, from the database, an export, a stream, an error."""
    for words in (["status"], ["station", "list"], ["grid", "show"], ["session", "list"], ["station", "refused"],
                  ["billing", "export", "2026-01"], ["emissions", "report", "2026-01"], ["station", "show", "NOBODY"]):
        nox.ctl(*words, check=False)
    nox.apply(site(stations=4, safe_a=6, rating_a=16, grid=[{"id": "N", "name": "Netz", "limit_a": 40}]))


def run(wrapper=()):
    nox = Noxd()
    nox.wrapper = wrapper
    try:
        nox.start()
        nox.apply(site(stations=4, safe_a=6, rating_a=16, grid=[{"id": "N", "name": "Netz", "limit_a": 63}]))
        nox.make_keys([f"S{i:04d}" for i in range(1, 5)])
        stations, half = busy(nox)
        use_everything(nox)
        waiting = [ask_slowly(nox, "/v1/events?wait_s=60"), ask_slowly(nox, "/v1/top")]
        ctl = subprocess.Popen([os.path.join(noxd.BIN, "noxctl"), "--data", nox.data, "station", "call", "S0002",
                                "UnlockConnector", '{"connectorId": 1}'], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        stations[1].serve(1.0)
        begin = time.monotonic()
        nox.stop()
        took = time.monotonic() - begin
        for station in stations:
            closed = station.ws.wait_closed(5)
            assert isinstance(closed, Closed) and closed.code in (1001, 1012), f"{station.name}: {closed}"
        assert ctl.wait(20) != 0, "the command was not answered, noxctl must not say it was"
        for sock in (*waiting, half):
            sock.close()
        assert not os.path.exists(os.path.join(nox.data, "admin.sock")), "the socket stays behind"
        print(f"ended cleanly within {took:.1f} s with {len(stations)} stations connected")
    except BaseException:
        print(nox.log()[-8000:], file=sys.stderr)
        raise
    finally:
        if nox.process and nox.process.poll() is None:
            nox.kill()
        nox.remove()


if sys.argv[1:] == ["valgrind"]:
    noxd.BIN = os.path.join(noxd.ROOT, "build", "bin")
    if not shutil.which("valgrind"):
        noxd.skip("valgrind is not installed")
    if not os.path.exists(os.path.join(noxd.BIN, "noxd")):
        noxd.skip("there is no release build (cmd/quickstart makes it)")
    run(VALGRIND)
else:
    run()
