"""noxd is killed with SIGKILL at random moments under load: what was acknowledged is there, nothing twice.

Stations work on threads.  Each keeps what it was told; after a kill it comes back and repeats what was not
answered, as real stations do.
"""
import random
import sys
import threading
import time

from noxd import Noxd, site
from ws import Closed, Refused, Station, now_text

STATIONS, KILLS = 24, int(sys.argv[1]) if len(sys.argv) > 1 else 20
rng = random.Random(9)


class Worker(threading.Thread):
    """start, some meter values, stop, again and again; every answer is noted."""

    def __init__(self, nox, name):
        super().__init__(daemon=True)
        self.nox, self.name_, self.ended = nox, name, threading.Event()
        self.station = None
        self.meter = 0
        self.started = {}  # (timestamp, meterStart) -> transactionId told
        self.stopped = {}  # transactionId -> meterStop
        self.metered = set()  # (transactionId, timestamp)
        self.noticed = set()  # texts of security events
        self.error = None
        self.n = 0

    def unique_time(self):
        self.n += 1
        return now_text(self.n * 1e-3 - 5)

    def say(self, action, payload):
        """Until it is answered: reconnect and repeat the same message."""
        while True:
            try:
                if self.station is None:
                    self.station = Station(self.nox.address, self.name_, self.nox.keys[self.name_], timeout=20)
                    self.station.boot()
                return self.station.call(action, payload, timeout=15)
            except (Closed, Refused, OSError, AssertionError, ValueError, IndexError):
                if self.station is not None:
                    self.station.ws.close_hard()
                self.station = None
                if self.ended.is_set():
                    raise SystemExit
                time.sleep(0.05)

    def session(self):
        at, begin = self.unique_time(), self.meter
        answer = self.say("StartTransaction", {"connectorId": 1, "idTag": "A1", "meterStart": begin, "timestamp": at})
        tx = answer["transactionId"]
        assert self.started.setdefault((at, begin), tx) == tx
        for _ in range(3):
            self.meter += 100
            when = self.unique_time()
            self.say("MeterValues", {"connectorId": 1, "transactionId": tx, "meterValue": [
                {"timestamp": when, "sampledValue": [{"value": str(self.meter)}]}]})
            self.metered.add((tx, when))
        text = f"{self.name_} {self.n}"
        self.say("SecurityEventNotification", {"type": "TamperDetectionActivated", "timestamp": self.unique_time(),
                                               "techInfo": text})
        self.noticed.add(text)
        end = self.unique_time()
        self.say("StopTransaction", {"transactionId": tx, "meterStop": self.meter, "timestamp": end})
        self.stopped[tx] = self.meter

    def run(self):
        try:
            while not self.ended.is_set():
                self.session()
        except SystemExit:
            pass
        except Exception as error:  # pylint: disable=broad-except
            self.error = error


def milliseconds(text):
    import datetime
    return round(datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp() * 1000)


def check(nox, workers):
    """Everything acknowledged is in the database; every session is there once."""
    sessions = {tx: (name, at, begin, state, stop) for tx, name, at, begin, state, stop in nox.sql(
        "SELECT tx_id, station.id, start_station_ms, meter_start_wh, state, meter_stop_wh FROM session"
        " JOIN station ON station.num = session.station")}
    told = {}
    for w in workers:
        for (at, begin), tx in list(w.started.items()):
            told[tx] = told.get(tx, 0) + 1
            assert sessions[tx][:3] == (w.name_, milliseconds(at), begin), (tx, sessions.get(tx), at, begin)
        for tx, meter in list(w.stopped.items()):
            assert sessions[tx][3:] == (2, meter), (tx, sessions[tx], meter)
    assert all(n == 1 for n in told.values()), "one id for two sessions"
    rows = {(tx, at) for tx, at in nox.sql("SELECT tx_id, sampled_at_ms FROM meter")}
    for w in workers:
        for tx, at in list(w.metered):
            assert (tx, milliseconds(at)) in rows, f"{w.name_}: a meter value of {tx} is lost"
    assert nox.sql("SELECT 1 FROM session GROUP BY station, connector, start_station_ms, id_tag, meter_start_wh"
                   " HAVING count(*) > 1") == []
    noticed = dict(nox.sql("SELECT info, count(*) FROM security_event WHERE origin = 1 GROUP BY info"))
    for w in workers:
        for text in list(w.noticed):
            assert text in noticed, f"security event {text} is lost"
    twice = [text for text, n in noticed.items() if n > 1]
    assert not twice, f"security events kept twice: {twice}"
    assert nox.sql("PRAGMA integrity_check") == [("ok",)]
    numbers = [no for (no,) in nox.sql("SELECT no FROM cdr ORDER BY no")]
    assert numbers == list(range(1, len(numbers) + 1)), "record numbers have gaps"
    finished = nox.sql("SELECT count(*) FROM session WHERE state = 2")[0][0]
    assert len(numbers) == finished, (len(numbers), finished)
    return len(sessions)


nox = Noxd()
names = [f"S{i:04d}" for i in range(1, STATIONS + 1)]
try:
    nox.start()
    nox.apply(site(stations=STATIONS))
    nox.make_keys(names)
    workers = [Worker(nox, name) for name in names]
    for w in workers:
        w.start()
    port = nox.address[1]
    for _ in range(KILLS):
        time.sleep(rng.uniform(0.1, 0.9))
        nox.kill()
        check(nox, workers)
        nox.start(port)
    time.sleep(1)
    for w in workers:
        w.ended.set()
    for w in workers:
        w.join(60)
    for w in workers:
        if w.error is not None:
            raise w.error
        assert not w.is_alive()
    n = check(nox, workers)
    assert n > KILLS, f"only {n} sessions: no load"
    nox.stop()
    print(f"{KILLS} kills, {n} sessions, {sum(len(w.metered) for w in workers)} meter values acknowledged: all there, none twice")
except BaseException:
    print(nox.log()[-5000:], file=sys.stderr)
    raise
finally:
    if nox.process and nox.process.poll() is None:
        nox.kill()
    nox.remove()
