"""npm `ocpp-ts` as a charge point: it charges although it refuses half of what it is asked."""
import json
import os
import shutil
import subprocess

from noxd import ROOT, running, site, skip

modules = os.environ.get("NOX_NODE_MODULES", "")
if not os.path.isdir(os.path.join(modules, "ocpp-ts")) or not shutil.which("node"):
    skip("npm package ocpp-ts is not there (tests/run fetches it)")

SCRIPT = os.path.join(ROOT, "tests", "integration", "interop_ocpp_ts.js")

with running() as nox:
    nox.apply(site(stations=1, safe_a=6, rating_a=16, grid=[{"id": "N", "name": "Netz", "limit_a": 63}]))
    nox.make_keys(["S0001"])
    done = subprocess.run(["node", SCRIPT, nox.url, "S0001", nox.keys["S0001"]], capture_output=True, text=True,
                          timeout=90, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    seen = json.loads(done.stdout.strip().splitlines()[-1])
    assert seen["authorize"]["idTagInfo"]["status"] == "Accepted", seen["authorize"]  # a1 is A1
    assert seen["start"]["idTagInfo"]["status"] == "Accepted" and seen["start"]["transactionId"] > 0, seen["start"]
    assert seen["unknown"] == "NotImplemented", seen["unknown"]
    limits = [p["csChargingProfiles"]["chargingSchedule"]["chargingSchedulePeriod"][0]["limit"]
              for p in seen["profiles"] if p["csChargingProfiles"]["chargingProfilePurpose"] == "TxProfile"]
    assert limits and limits[-1] == 16, seen["profiles"]  # alone on 63 A: its rating
    rows = nox.ctl_json("session", "list")["items"]
    assert [(row["energy_wh"], row["state"]) for row in rows] == [(2345, "finished")], rows
print("ocpp-ts charged 2,345 Wh")
