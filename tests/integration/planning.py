"""What drivers tell of their sessions, through real sockets: told, planned with, explained; a kill -9 loses nothing."""
import threading
import time

from noxd import running, site
from ws import Station, now_text


def told(nox, tx):
    return nox.ctl_json("session", "show", str(tx))["need"]


def place(nox):
    return nox.ctl_json("station", "show", "S0001")["connectors"][0]


def comes_back(nox):
    lamp = Station(nox.address, "S0001", nox.keys["S0001"])
    lamp.boot()
    lamp.status("Charging")
    lamp.serve(0.3)
    return lamp


with running() as nox:
    nox.apply(site(stations=2, grid=[{"id": "NETZ", "limit_a": 20}], rating_a=16, safe_a=0))
    nox.make_keys(["S0001", "S0002"])
    lamp = Station(nox.address, "S0001", nox.keys["S0001"])
    lamp.boot()
    lamp.status("Available")

    # words that cannot be meant name the next step
    for words, code, text in ((("session", "need", "S0001", "--depart", "+8h", "--energy", "20"), 5, "no session runs"),
                              (("session", "need", "S9999", "--energy", "20"), 3, "no session and no station"),
                              (("session", "need", "77", "--energy", "20"), 3, "there is no session 77")):
        done = nox.ctl(*words, check=False)
        assert done.returncode == code and text in done.stderr, (words, done)
    lamp.status("Preparing")
    tx = lamp.start("A1", meter=1000, at=now_text(-30))["transactionId"]
    lamp.status("Charging")
    for words, text in ((("--depart", "2020-01-01T07:00:00Z"), "in the past"), (("--depart", "+8d"), "7 days"),
                        (("--energy", "0"), "from 1 to"), (("--min-amps", "5"), "from 6"), (("--min-amps", "17"), "rating"),
                        ((), "nothing is told"), (("--depart", "soon"), "a time is needed")):
        done = nox.ctl("session", "need", str(tx), *words, check=False)
        assert done.returncode != 0 and text in done.stderr, (words, done)
    assert told(nox, tx) is None

    # by the station, then more of it by its number; half of it is said to be of no use
    done = nox.ctl("session", "need", "S0001", "--energy", "20kWh", check=False)
    assert done.returncode == 0 and "without a departure" in done.stderr, done
    nox.ctl("session", "need", str(tx), "--depart", "+8h", "--min-amps", "8", "--priority", "5", "--why", "QR page")
    need = told(nox, tx)
    assert (need["energy_wh"], need["min_a"], need["priority"]) == (20000, 8, 5) and need["told_by"], need
    assert place(nox)["need"]["depart"] == need["depart"]

    for _ in range(20):  # first a limit, then the safe current, then its share
        lamp.serve(0.5)
        text = nox.ctl("session", "show", str(tx))
        if "plan: it will" in text:
            break
    assert "plan: it will be met" in text or "plan: it will not be met" in text, text
    lamp.meter(tx, 1500)
    lamp.serve(0.3)
    nox.kill()
    lamp.ws.close_hard()
    nox.start()
    lamp = comes_back(nox)
    assert told(nox, tx) == need and place(nox)["need"]["depart"] == need["depart"], place(nox)
    assert (place(nox)["min_a"], place(nox)["priority"]) == (8, 5), "the scheduler was not told again"
    text = nox.ctl("explain", "limit", "S0001")
    assert "0.500 of 20.000 kWh by" in text and "priority 5" in text and "class      " in text, text

    # a limit is explained, now and as it was then
    lamp.serve(2)
    now = nox.ctl_json("explain", "limit", "S0001")
    command = next(d for d in now["decisions"] if d["tx_id"] == tx)
    assert command["answer"] == "accepted" and command["limit_a"] >= 6 and command["reason"], now["decisions"]
    assert [node["id"] for node in now["path"]] == ["NETZ"] and now["binding"]["node"] == "NETZ", now
    then = nox.ctl_json("explain", "limit", "S0001", "--at", command["answered_at"])
    assert then["in_force"]["limit_a"] == command["limit_a"] and then["tx_id"] == tx, then["in_force"]
    assert then["path"][0]["could_draw_a"][0] >= command["limit_a"] and then["path"][0]["limit_a"] == [20, 20, 20], then["path"]
    before = nox.ctl_json("explain", "limit", "S0001", "--at", now_text(-20))
    assert before["in_force"]["limit_a"] == 0 and before["decisions"] == [], before
    text = nox.ctl("explain", "limit", "S0001", "--at", command["answered_at"])
    assert "in force   " in text and "COULD DRAW" in text and "Commands to it until then" in text, text
    print(nox.ctl("explain", "limit", "S0001"), text, sep="\n")
    for words, code, text in ((("S0001", "--at", now_text(3600)), 2, "future"), (("S0002", "--at", "2020-01-01"), 0, ""),
                              (("S0001", "--connector", "7"), 3, "no such connector"), (("NONE",), 3, "no station")):
        done = nox.ctl("explain", "limit", *words, check=False)
        assert done.returncode == code and text in done.stderr, (words, done)

    # the balancer is made anew when the grid changes: what was told goes on
    nox.apply({"grid": [{"id": "NETZ", "limit_a": 24}]})
    assert place(nox)["need"]["energy_wh"] == 20000 and place(nox)["priority"] == 5

    nox.ctl("session", "need", str(tx), "--clear")
    assert told(nox, tx) is None and "need" not in place(nox)
    assert (place(nox)["min_a"], place(nox)["priority"]) == (6, 0)
    done = nox.ctl("session", "need", str(tx), "--depart", "+1h", "--energy", "500", check=False)
    assert done.returncode == 0 and "more than the station can give" in done.stderr, done

    # a session that has ended keeps what was told, and takes nothing new
    lamp.stop(tx, 5000)
    deadline = time.monotonic() + 10
    while nox.ctl_json("session", "show", str(tx))["state"] == "active" and time.monotonic() < deadline:
        time.sleep(0.05)
    done = nox.ctl("session", "need", str(tx), "--energy", "3", check=False)
    assert done.returncode == 5 and "ended at" in done.stderr, done
    assert told(nox, tx)["energy_wh"] == 500000

    # told with a remote start, it counts when that has begun
    lamp.status("Available")
    out = []
    thread = threading.Thread(target=lambda: out.append(nox.ctl("station", "start", "S0001", "A1", "--depart", "+5h", "--energy",
                                                                "7", check=False)))
    thread.start()
    while thread.is_alive():
        lamp.serve(0.05)
    assert out[0].returncode == 0 and "The next session at S0001: 7.000 kWh" in out[0].stderr, out
    tx = lamp.start("A1", meter=5000)["transactionId"]
    lamp.serve(0.3)
    assert told(nox, tx)["energy_wh"] == 7000 and place(nox)["need"]["energy_wh"] == 7000, place(nox)
    lamp.stop(tx, 5010)

    # --- what if: two cars of 16 A for two hours on 24 A, recorded as history that arrives now ---

    other = Station(nox.address, "S0002", nox.keys["S0002"])
    other.boot()
    for station, tag, wh in ((lamp, "A1", 11040), (other, "A2", 5520)):
        tx = station.start(tag, meter=0, at=now_text(-7300))["transactionId"]
        station.call("MeterValues", {"connectorId": 1, "transactionId": tx, "meterValue": [
            {"timestamp": now_text(-3600), "sampledValue": [
                {"value": value, "measurand": "Current.Import", "phase": phase, "unit": "A"}
                for phase, value in (("L1", "16.0"), ("L2", "0.0"), ("L3", "0.0"))]}]})
        station.stop(tx, wh, at=now_text(-100))
    nox.kill()
    nox.start()
    span = ("--from", now_text(-86400), "--to", now_text(-30))  # without the session above
    for words, code, text in ((("--from", "2020-01-01", "--to", "2020-02-01"), 3, "no session ended from 2020-01-01"),
                              ((*span, "--limit", "NOWHERE=80"), 3, "no grid node NOWHERE"),
                              ((*span, "--limit", "NETZ"), 2, "NODE=80"), (("--from", "2020-01-01"), 2, "--to is missing"),
                              (("--from", "2020-01-02", "--to", "2020-01-01"), 1, "later than"),
                              ((*span, "--told", "some"), 2, "all, recorded or none")):
        done = nox.ctl("grid", "simulate", *words, check=False)
        assert done.returncode == code and text in done.stderr, (words, done)
    result = nox.ctl_json("grid", "simulate", *span, "--limit", "NETZ=10", "--told", "none")
    recorded, configured, limits = result["variants"]
    assert result["sessions"] == 2 and result["told"] == 0, result
    # 7200 s at 24 A on one phase are 11 kWh; the two asked for 16.6
    assert recorded["met_percent"] == 100 and recorded["switches_per_session"] is None, recorded
    node = configured["nodes"][0]
    assert node["drawn_a"] == [24, 0, 0] and configured["excess_a"] == 0, configured
    assert limits["nodes"][0]["limit_a"] == [10, 10, 10] and limits["nodes"][0]["allowed_a"][0] <= 10, limits
    assert limits["received_wh"] < configured["received_wh"] < configured["asked_wh"], result
    assert nox.ctl_json("grid", "simulate", *span, "--told", "all")["told"] == 2
    done = nox.ctl("grid", "simulate", *span, "--limit", "NETZ=10", check=False)
    assert done.returncode == 0 and "WITH LIMITS" in done.stdout and "lower" not in done.stdout, done
    assert "progress" in done.stderr or "may have wanted more" in done.stderr, done
    print(done.stdout)
