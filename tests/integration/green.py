"""Green hours through real sockets: a series is imported, a told session waits for the better hours, noxd is killed and goes on."""
import datetime
import os
import time

from noxd import running, site
from ws import Station, now_text

HOUR = 3600


def csv_file(nox, name, lines):
    path = os.path.join(nox.data, name)
    with open(path, "w") as out:
        out.write("\n".join(lines) + "\n")
    return path


def hours(values, first=0):
    start = int(time.time()) // HOUR * HOUR
    return [f"{datetime.datetime.fromtimestamp(start + (first + i) * HOUR, datetime.timezone.utc).isoformat()},{value}"
            for i, value in enumerate(values)]


def sample(lamp, tx, wh, amps, at):
    lamp.call("MeterValues", {"connectorId": 1, "transactionId": tx, "meterValue": [{"timestamp": at, "sampledValue": [
        {"value": str(wh), "measurand": "Energy.Active.Import.Register", "unit": "Wh"}] + [
        {"value": amps, "measurand": "Current.Import", "phase": phase, "unit": "A"} for phase in ("L1", "L2", "L3")]}]})


def limit_of(lamp):
    profiles = [payload["csChargingProfiles"] for action, payload in lamp.asked if action == "SetChargingProfile"]
    periods = [p["chargingSchedule"]["chargingSchedulePeriod"] for p in profiles if p["chargingProfilePurpose"] == "TxProfile"]
    return periods[-1][0]["limit"] if periods else None


def wait_for(lamp, limit, what):
    deadline = time.monotonic() + 20
    while limit_of(lamp) != limit and time.monotonic() < deadline:
        lamp.serve(0.2)
    assert limit_of(lamp) == limit, (what, limit_of(lamp))


def comes(nox):
    lamp = Station(nox.address, "S0001", nox.keys["S0001"])
    lamp.boot()
    return lamp


with running() as nox:
    nox.apply(site(stations=1, grid=[{"id": "NETZ", "limit_a": 63, "green": "co2"}], rating_a=16, safe_a=0))
    nox.make_keys(["S0001"])

    # what is wrong in a file is named with its line, and nothing is taken over
    good = hours([400, 390, 380, 100, 100, 300, 400, 400, 400, 400])
    for lines, text in ((good[:3] + good[4:], ":4:"), (good[:2] + [good[1]], "comes again"), (["2026-01-01T00:00,5"], "no zone"),
                        (["time,value", good[0], "yesterday,4"], "is no time"), ([good[0].split(",")[0] + ",much"], "is no number"),
                        ([good[0].split(",")[0] + ",99999"], "unit right"), ([], "no line with a time")):
        done = nox.ctl("factor", "import", "--kind", "co2", csv_file(nox, "bad.csv", lines), check=False)
        assert done.returncode != 0 and text in done.stderr, (lines, done)
    path = csv_file(nox, "co2.csv", ["time,value"] + good)
    done = nox.ctl("factor", "import", "--kind", "co2", path, "--dry-run", check=False)
    assert done.returncode == 0 and "Dry run" in done.stderr, done
    assert nox.ctl("factor", "import", path, check=False).returncode == 2
    nox.ctl("factor", "import", "--kind", "co2", csv_file(nox, "old.csv", hours([1] * 10)))
    nox.ctl("factor", "import", "--kind", "co2", path, "--source", "grid agency", "--unit", "kg/MWh")
    nox.ctl("factor", "import", "--kind", "price", csv_file(nox, "price.csv", [l.replace(",", ";", 1).replace("+00:00", "Z") for l in hours(["-12,5", 80])]),
            "--unit", "EUR/MWh")
    editions = nox.ctl_json("factor", "editions")["items"]
    assert [e["kind"] for e in editions] == ["price", "co2", "co2"] and editions[1]["source"] == "grid agency", editions
    known = nox.ctl_json("factor", "hours", "--kind", "co2")["items"]
    assert 100 in [k["g_per_kwh"] for k in known] and 1 not in [k["g_per_kwh"] for k in known], known
    assert nox.ctl_json("factor", "hours", "--kind", "price")["items"][0]["ct_per_kwh"] in (-1.25, 8)

    # its car is seen charging, then it waits
    lamp = comes(nox)
    lamp.status("Preparing")
    tx = lamp.start("A1", meter=0, at=now_text(-300))["transactionId"]
    lamp.status("Charging")
    wait_for(lamp, 16, "it begins to charge")
    nox.ctl("session", "need", str(tx), "--depart", "+8h", "--energy", "12")
    sample(lamp, tx, 700, "16.0", now_text(-80))
    lamp.serve(2)
    assert limit_of(lamp) == 16, "it waits before its car is known"
    sample(lamp, tx, 900, "16.0", now_text())
    wait_for(lamp, 0, "it waits")
    assert "waits for better hours" in nox.ctl("explain", "limit", "S0001")
    plan = nox.ctl_json("grid", "plan", "NETZ", "--hours", "10")
    [session] = plan["sessions"]
    assert session["waits"] and session["green"] and not session["at_risk"] and session["station"] == "S0001", session
    slots = plan["items"][0]["slots"]
    busy = [s for s in slots if s["sessions"]]
    assert busy and all(s["factor"] == 100 for s in busy) and busy[0]["planned_a"] == [16, 16, 16], busy
    assert nox.sql("SELECT kind, node, power_w FROM green_session WHERE tx_id = ?", tx)[0] == (1, "NETZ", 11040)
    for words in ((), ("NETZ",)):
        text = nox.ctl("grid", "plan", *words)
        assert "1 of them wait" in text and all(len(line) <= 80 for line in text.splitlines()), text
        print(text)
    assert nox.ctl("grid", "plan", "NETZ", "-o", "csv").startswith("from,limit_a")
    assert nox.ctl("grid", "plan", "NOWHERE", check=False).returncode == 3

    # a need that cannot be met is told, and it charges at once
    nox.ctl("session", "need", str(tx), "--depart", "+1h", "--energy", "30")
    wait_for(lamp, 16, "it charges at once")
    assert "needs 29.0" in nox.ctl("grid", "plan"), nox.ctl("grid", "plan")

    # after a kill the series is there, and it waits again when its car has been seen
    nox.ctl("session", "need", str(tx), "--depart", "+8h", "--energy", "12")
    nox.kill()
    lamp.ws.close_hard()
    nox.start()
    lamp = comes(nox)
    lamp.status("Charging")
    wait_for(lamp, 16, "it goes on")
    sample(lamp, tx, 1000, "16.0", now_text(-70))
    sample(lamp, tx, 1100, "16.0", now_text())
    wait_for(lamp, 0, "it waits again")

    # another limit: the balancer is made anew, it goes on to wait; off means off
    asked = len(lamp.asked)
    nox.apply({"grid": [{"id": "NETZ", "limit_a": 50, "green": "co2"}]})
    lamp.serve(3)
    assert limit_of(lamp) == 0 and "waits for better hours" in nox.ctl("explain", "limit", "S0001"), lamp.asked[asked:]
    nox.apply({"grid": [{"id": "NETZ", "limit_a": 63, "green": "off"}]})
    wait_for(lamp, 16, "green hours are off")

    # what was saved: the session is in the report of its month, all of it with known factors
    lamp.stop(tx, 2000)
    month = (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=1)).strftime("%Y-%m")
    deadline = time.monotonic() + 10
    while not nox.ctl_json("report", "green", month)["rows"] and time.monotonic() < deadline:
        time.sleep(0.1)
    [row] = nox.ctl_json("report", "green", month)["rows"]
    assert (row["node"], row["district"], row["kind"], row["sessions"], row["energy_wh"]) == ("NETZ", "Mitte", "co2", 1, 2000), row
    assert row["factor_unit"] == "g/kWh" and row["counted_wh"] in (0, 2000), row  # 0: it began in the hour before
    text = nox.ctl("report", "green", month)
    assert "NETZ" in text and "Mitte" in text, text
    assert nox.ctl("report", "green", month, "-o", "csv").startswith("period,node,district,kind,sessions")
    assert nox.ctl("report", "green", "2026-13", check=False).returncode == 2
