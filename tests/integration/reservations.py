"""Reservations through real sockets: made, used, cancelled, replaced; a kill -9 loses none and makes none twice."""
import threading

from noxd import running, site
from ws import Station


def listed(nox, *words):
    return nox.ctl_json("reservation", "list", *words)["items"]


def state(nox, number):
    return nox.ctl_json("reservation", "show", str(number))["state"]


def asking(nox, station, *words):
    """noxctl in the background, the station answering."""
    out = []
    thread = threading.Thread(target=lambda: out.append(nox.ctl(*words, check=False)))
    thread.start()
    while thread.is_alive():
        station.serve(0.05)
    return out[0]


with running() as nox:
    data = site(stations=2)
    data["tags"].append({"id_tag": "B1", "parent_id_tag": "FAM", "customer": "C"})
    data["tags"].append({"id_tag": "B2", "parent_id_tag": "FAM", "customer": "C"})
    nox.apply(data)
    nox.make_keys(["S0001", "S0002"])
    lamp = Station(nox.address, "S0001", nox.keys["S0001"])
    lamp.boot()
    lamp.status("Available")
    done = asking(nox, lamp, "reservation", "create", "S0001", "1", "B1", "--for", "20m", "--why", "Anruf")
    assert done.returncode == 0 and "Reserved until" in done.stdout, done
    asked = lamp.wait_asked("ReserveNow")
    assert asked["parentIdTag"] == "FAM" and asked["connectorId"] == 1 and asked["reservationId"] == 1, asked
    lamp.status("Reserved")
    place = nox.ctl_json("station", "show", "S0001")["connectors"][0]
    assert (place["reserved_for"], place["reservation_id"]) == ("B1", 1), place
    assert listed(nox)[0]["why"] == "Anruf"

    # a restart by kill -9; the number goes on, the reservation holds and is used by the parent
    nox.kill()
    lamp.ws.close_hard()
    nox.start()
    lamp = Station(nox.address, "S0001", nox.keys["S0001"])
    lamp.boot()
    lamp.status("Reserved")
    assert state(nox, 1) == "active"
    tx = lamp.start("B2")["transactionId"]
    assert state(nox, 1) == "used"
    assert nox.ctl_json("reservation", "show", "1")["tx_id"] == tx
    lamp.stop(tx, 10)
    asking(nox, lamp, "reservation", "create", "S0001", "0", "A1")
    assert lamp.wait_asked("ReserveNow", match=lambda p: p["idTag"] == "A1")["reservationId"] == 2
    asking(nox, lamp, "reservation", "create", "S0001", "1", "A2", "--id", "2")
    assert [r["state"] for r in listed(nox, "--all")] == ["active", "replaced", "used"]
    done = asking(nox, lamp, "reservation", "cancel", "2")
    assert done.returncode == 0 and state(nox, 2) == "cancelled", done

    # killed between request and answer: it may hold; the station is asked once
    lamp.answers["ReserveNow"] = lambda payload: None
    thread = threading.Thread(target=nox.ctl, args=("reservation", "create", "S0001", "1", "A1"), kwargs={"check": False})
    thread.start()
    lamp.wait_asked("ReserveNow", match=lambda p: p["reservationId"] == 3)
    nox.kill()
    thread.join()
    lamp.ws.close_hard()
    nox.start()
    assert [(r["id"], r["state"]) for r in listed(nox)] == [(3, "requested")]
    lamp = Station(nox.address, "S0001", nox.keys["S0001"], answers={"CancelReservation": {"status": "Rejected"}})
    lamp.boot()
    done = asking(nox, lamp, "reservation", "cancel", "3")
    assert done.returncode == 8 and state(nox, 3) == "ended", done
    assert not any(action == "ReserveNow" for action, _ in lamp.asked)

    # the station's no, an unknown id, an offline station
    lamp.answers["ReserveNow"] = {"status": "Occupied"}
    done = asking(nox, lamp, "reservation", "create", "S0001", "1", "A1")
    assert done.returncode == 8 and "Occupied" in done.stderr, done
    assert state(nox, 4) == "refused"
    assert nox.ctl("reservation", "cancel", "99", check=False).returncode == 3
    assert asking(nox, lamp, "reservation", "cancel", "99", "--station", "S0001").returncode == 8
    assert nox.ctl("reservation", "create", "S0002", "1", "A1", check=False).returncode == 7
    assert nox.ctl("reservation", "create", "S0009", "1", "A1", check=False).returncode == 3
    assert listed(nox) == []
print("reservations live their lives")
