"""A half-open socket: a station that is gone without a word is found by pings, cut, and shown offline; those that answer
or talk stay."""
import threading
import time

from noxd import running, site
from ws import Station


def online(nox, name):
    return nox.ctl_json("station", "show", name)["online"]


def eventually(what, check, timeout=60):
    deadline = time.monotonic() + timeout
    while not check():
        assert time.monotonic() < deadline, f"{what} did not come true"
        time.sleep(0.1)


with running("--ping-s", "1") as nox:
    nox.apply(site(stations=3))
    nox.make_keys(["S0001", "S0002", "S0003"])
    gone, answering, talking = (Station(nox.address, name, nox.keys[name]) for name in ("S0001", "S0002", "S0003"))
    for station in (gone, answering, talking):
        station.boot()
    tx = gone.start("A1", 100)["transactionId"]
    end = threading.Event()

    def answer_pings():
        while not end.is_set():
            answering.ws.recv_text(0.2)  # answers pings on the way

    def talk():
        while not end.is_set():
            talking.call("Heartbeat", {})  # any message is a sign of life
            time.sleep(0.3)

    threads = [threading.Thread(target=work) for work in (answer_pings, talk)]
    for thread in threads:
        thread.start()
    seen = nox.ctl_json("station", "show", "S0001")["seen_at"]
    eventually("S0001 is found to be gone", lambda: not online(nox, "S0001"))
    assert nox.ctl_json("station", "show", "S0001")["seen_at"] == seen, "last seen is when it was last heard"
    time.sleep(4)
    assert online(nox, "S0002") and online(nox, "S0003"), "stations that are there were cut"
    end.set()
    for thread in threads:
        thread.join()
    assert nox.ctl_json("session", "show", str(tx))["state"] == "active", "a lost link ended the session"
    back = Station(nox.address, "S0001", nox.keys["S0001"])
    assert back.stop(tx, 600) is not None
    assert nox.ctl_json("session", "show", str(tx))["energy_wh"] == 500
print("half-open sockets are found, living ones stay")
