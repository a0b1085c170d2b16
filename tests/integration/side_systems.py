"""Whoever reads events, exports or the live picture slowly, or not at all, does not keep a station's answer waiting."""
import contextlib
import os
import socket

from noxd import running, site
from ws import Station

READERS = 12  # more than there are threads for long answers

with running() as nox, contextlib.ExitStack() as open_sockets:
    nox.apply(site(stations=1))
    nox.make_keys(["S0001"])
    station = Station(nox.address, "S0001", nox.keys["S0001"])
    station.boot()
    for i in range(40):
        station.stop(station.start("A1", i * 10)["transactionId"], i * 10 + 10)
    for i in range(READERS):
        reader = open_sockets.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM))
        reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        reader.connect(os.path.join(nox.data, "admin.sock"))
        path = ("/v1/sessions?limit=0", "/v1/events?wait_s=60&after=999999999", "/v1/billing/2026-11", "/v1/top")[i % 4]
        reader.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())  # and never reads the answer
    for i in range(100):
        tx = station.start("A1", 1000 + i)["transactionId"]
        station.meter(tx, 1000 + i)
        station.stop(tx, 1001 + i)
    sessions = nox.sql("SELECT count(*) FROM session WHERE state = 2")
    assert sessions == [(140,)], sessions
print(f"{READERS} readers that do not read delay no station")
