"""A database that is older than the leases that were given: a backup put back, an empty one, a copied folder.

Two lamps of 32 A share 32 A; each falls to 6 A when its lease ends.  Whatever the database has forgotten, the lamps'
own profiles never allow more than 32 A together; a plain kill -9 costs nothing.
"""
import contextlib
import glob
import os
import shutil
import sqlite3
import sys
import tempfile
import time

from noxd import Noxd, site
from ws import Station

LIMIT, SAFE = 32, 6
PLACE = site(stations=2, grid=[{"id": "N1", "name": "N1", "limit_a": LIMIT}], rating_a=32, safe_a=SAFE, wiring="RST",
             **{"class": "leasing"})


class Lamp(Station):
    """Keeps what it was told, also while noxd is away."""

    def __init__(self, nox, name, available=True):
        self.granted = SAFE
        super().__init__(nox.address, name, nox.keys[name], answers={"SetChargingProfile": self.take})
        self.boot()
        if available:
            self.status("Available")
        self.wait_asked("SetChargingProfile")

    def take(self, payload):
        profile = payload["csChargingProfiles"]
        if profile["chargingProfilePurpose"] == "TxProfile":
            self.granted = profile["chargingSchedule"]["chargingSchedulePeriod"][0]["limit"]
        return {"status": "Accepted"}

    def charge(self, seconds):
        """A car comes; until it may draw more than the safe current, or the time is over. @return after how long"""
        begin = time.monotonic()
        self.status("Preparing")
        self.tx = self.start("A1")["transactionId"]
        self.status("Charging")
        while self.granted <= SAFE and time.monotonic() - begin < seconds:
            self.serve(0.1)
        return time.monotonic() - begin

    def leave(self):
        self.stop(self.tx, 100)
        self.status("Available")
        self.granted = SAFE
        self.serve(0.2)


def put_back(nox, backup):
    for path in glob.glob(os.path.join(nox.data, "nox.db*")):
        os.remove(path)
    if backup:
        shutil.copyfile(backup, os.path.join(nox.data, "nox.db"))


def make_backup(nox, path):
    """What 'sqlite3 nox.db .backup' does."""
    with contextlib.closing(sqlite3.connect(os.path.join(nox.data, "nox.db"))) as db, \
            contextlib.closing(sqlite3.connect(path)) as out:
        db.backup(out)


def older(nox):
    """Alarms about the database in the log."""
    return nox.log().count("storage.older")


def set_up(nox):
    nox.apply(PLACE)
    nox.make_keys(["S0001", "S0002"])


def check_sum(*lamps):
    allowed = [lamp.granted for lamp in lamps]
    assert sum(allowed) <= LIMIT, f"the lamps may draw {allowed} A, together more than {LIMIT} A"


nox = Noxd()
copy = None
try:
    nox.start()
    assert older(nox) == 0, "a new folder is no older than anything"
    set_up(nox)
    a, b = Lamp(nox, "S0001"), Lamp(nox, "S0002")
    backup = os.path.join(nox.data, "backup.db")
    make_backup(nox, backup)

    # a plain kill: leases go on, and a car gets its current at once
    quick = a.charge(20)
    held = a.granted
    assert held > SAFE, a.asked
    nox.kill()
    nox.start()
    assert older(nox) == 0, nox.log()
    a2, b = Lamp(nox, "S0001", available=False), Lamp(nox, "S0002")
    a2.tx, a2.granted = a.tx, held
    a2.leave()
    after_kill = a2.charge(20)
    assert a2.granted > SAFE, "no raise after a kill -9"
    print(f"a car has its current after {quick:.1f} s, after a kill -9 after {after_kill:.1f} s")

    # the backup is put back: the first lamp is away and goes on with a lease that nobody knows
    nox.kill()
    put_back(nox, backup)
    nox.start()
    assert older(nox) == 1, nox.log()
    b = Lamp(nox, "S0002")
    b.charge(3)
    check_sum(a2, b)
    alarms = nox.ctl_json("status")["alarms"]
    assert any(alarm["name"] == "storage.older" for alarm in alarms), alarms

    # a restart on the way does not make it forget again, nor tell it twice
    nox.kill()
    nox.start()
    assert older(nox) == 1, nox.log()
    b2 = Lamp(nox, "S0002", available=False)
    b2.granted = b.granted
    for _ in range(20):
        b2.serve(0.1)
    check_sum(a2, b2)

    # the first lamp is back and has no car: that is the end of what it held
    b2.stop(b.tx, 10)
    a = Lamp(nox, "S0001")
    b2.status("Available")
    b2.charge(20)
    assert b2.granted > SAFE, "both are Available, so nothing is unknown any more"
    check_sum(a, b2)

    # an empty database in the old folder
    nox.kill()
    put_back(nox, None)
    nox.start()
    assert older(nox) == 2, nox.log()
    set_up(nox)
    a = Lamp(nox, "S0001", available=False)
    a.charge(3)
    check_sum(a, b2)

    # no mark, as after an upgrade
    nox.kill()
    os.remove(os.path.join(nox.data, "noxd.mark"))
    nox.start()
    assert older(nox) == 3 and "no noxd.mark" in nox.log(), nox.log()

    # a copy of the whole folder, mark included
    nox.stop()
    folder = tempfile.mkdtemp(prefix="nox-test-")
    shutil.copytree(nox.data, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("admin.sock"))
    os.remove(os.path.join(folder, "test.log"))
    copy = Noxd(data=folder)
    copy.start()
    assert "the data folder is a copy" in copy.log(), copy.log()
    copy.stop()
    copy.start()
    assert older(copy) == 1, copy.log()
    copy.stop()
    print("no lamp was raised into room that another one may still use")
except BaseException:
    print(nox.log()[-6000:], file=sys.stderr)
    raise
finally:
    for one in (nox, copy):
        if one is not None:
            if one.process.poll() is None:
                one.kill()
            shutil.rmtree(one.data, ignore_errors=True)
