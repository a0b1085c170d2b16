"""npm `ocpp-rpc` as a charge point, strict mode: boots, authorises, charges, is limited, is stopped from afar.

The session then stands in `noxctl session list` and in the billing export with the right Wh and cents.
"""
import csv
import io
import json
import os
import shutil
import subprocess
import tempfile
import time

from noxd import ROOT, running, site, skip

modules = os.environ.get("NOX_NODE_MODULES", "")
if not os.path.isdir(os.path.join(modules, "ocpp-rpc")) or not shutil.which("node"):
    skip("npm package ocpp-rpc is not there (tests/run fetches it)")

SCRIPT = os.path.join(ROOT, "tests", "integration", "interop_ocpp_rpc.js")


def client(nox, name):
    return subprocess.Popen(["node", SCRIPT, nox.url, name, nox.keys[name]], stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, text=True)


def wrong_key(nox):
    done = subprocess.run(["node", SCRIPT, nox.url, "S0001", "0" * 40], capture_output=True, text=True, timeout=60)
    assert done.returncode == 1 and "401" in done.stderr, done.stderr
    done = subprocess.run(["node", SCRIPT, nox.url, "NOBODY", "0" * 40], capture_output=True, text=True, timeout=60)
    assert done.returncode == 1 and "404" in done.stderr, done.stderr


def by_tls():
    """Over wss: with a key (profile 2), with a client certificate (profile 3), by TLS 1.2 and 1.3; without, it is refused."""
    with tempfile.TemporaryDirectory(prefix="nox-test-") as pki:
        subprocess.run([os.path.join(ROOT, "certs", "make-pki"), "--station", "S0002", pki], check=True, stdout=subprocess.DEVNULL)
        pairs = [word for kind in ("rsa", "ec") for word in ("--tls-cert", f"{pki}/server-{kind}.pem", "--tls-key", f"{pki}/server-{kind}.key")]
        with running("--tls-listen", "127.0.0.1:0", *pairs, "--tls-client-ca", f"{pki}/ca.pem") as nox:
            nox.apply({"stations": [{"id": "S0001", "security_profile": 2, "connectors": [{"id": 1}]},
                                    {"id": "S0002", "security_profile": 3, "connectors": [{"id": 1}]}]})
            key = nox.make_keys(["S0001"])["S0001"]
            wss = next(url for url in nox.urls if url.startswith("wss://")).rstrip("/")
            own = [f"{pki}/station-S0002.pem", f"{pki}/station-S0002.key"]

            def run(*words):
                return subprocess.run(["node", SCRIPT, wss, *words], capture_output=True, text=True, timeout=90)

            for words, profile in [(("S0001", key, f"{pki}/ca.pem"), 2), (("S0002", "-", f"{pki}/ca.pem", *own), 3),
                                   (("S0002", "-", f"{pki}/ca.pem", *own, "TLSv1.2"), 3)]:
                process = subprocess.Popen(["node", SCRIPT, wss, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
                assert process.stdout.readline(), process.stderr.read()
                assert nox.ctl_json("station", "show", words[0])["connected_by_profile"] == profile
                assert "HeartbeatInterval" in nox.ctl("station", "call", words[0], "GetConfiguration")
                nox.ctl("station", "clear-cache", words[0])  # after which the client ends
                out, err = process.communicate(timeout=60)
                assert process.returncode == 0 and "currentTime" in json.loads(out)["heartbeat"], (words, out, err)
            for words in [("S0001", "0" * 40, f"{pki}/ca.pem"), ("S0002", key, f"{pki}/ca.pem")]:
                done = run(*words)
                assert done.returncode == 1 and "401" in done.stderr, (words, done.stderr)


def month_of(nox, tx):
    """Local month in which the session ended, from noxd's own record."""
    return nox.sql("SELECT service_period FROM cdr WHERE tx_id = ?", tx)[0][0]


def operator_commands(nox):
    """What an operator sends arrives and its answer comes back; a profile that would break the cap does not go out."""
    assert nox.ctl("station", "config", "get", "S0001")
    assert nox.ctl("station", "clear-cache", "S0001") is not None
    done = nox.ctl("station", "call", "S0001", "SetChargingProfile", json.dumps({
        "connectorId": 1, "csChargingProfiles": {
            "chargingProfileId": 7, "stackLevel": 3, "transactionId": 1, "chargingProfilePurpose": "TxProfile",
            "chargingProfileKind": "Absolute", "chargingSchedule": {
                "startSchedule": "2026-01-01T00:00:00Z", "chargingRateUnit": "A", "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 32}]}}}), check=False)
    assert done.returncode != 0 and "scheduler" in done.stderr, (done.returncode, done.stdout, done.stderr)
    nox.ctl("station", "call", "S0001", "SetChargingProfile", json.dumps({
        "connectorId": 0, "csChargingProfiles": {
            "chargingProfileId": 8, "stackLevel": 0, "chargingProfilePurpose": "ChargePointMaxProfile",
            "chargingProfileKind": "Absolute", "chargingSchedule": {
                "startSchedule": "2026-01-01T00:00:00Z", "chargingRateUnit": "A", "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 13}]}}}))
    done = nox.ctl("station", "call", "S0001", "Reset", '{"type": "Warm"}', check=False)
    assert done.returncode == 2 or done.returncode == 1, (done.returncode, done.stderr)
    assert "type" in done.stderr, done.stderr


with running() as nox:
    nox.apply(site(stations=1, safe_a=6, rating_a=16, grid=[{"id": "N", "name": "Netz", "limit_a": 63}]))
    nox.make_keys(["S0001"])
    wrong_key(nox)
    process = client(nox, "S0001")
    try:
        line = process.stdout.readline()
        assert line, process.stderr.read()
        tx = json.loads(line)["transactionId"]
        live = nox.ctl_json("session", "show", str(tx))
        assert live["state"] == "active", live
        operator_commands(nox)
        nox.ctl("station", "stop", "S0001")
        out, err = process.communicate(timeout=90)
    finally:
        process.kill()
    assert process.returncode == 0, err
    seen = json.loads(out.strip().splitlines()[-1])
    assert seen["authorize"]["idTagInfo"]["status"] == "Accepted" and seen["stranger"]["idTagInfo"]["status"] == "Invalid"
    assert seen["start"]["idTagInfo"]["status"] == "Accepted" and tx > 0
    profile = next(p["csChargingProfiles"] for p in seen["profiles"] if p["csChargingProfiles"].get("transactionId") == tx)
    assert profile["chargingProfilePurpose"] == "TxProfile", profile
    limits = [period["limit"] for period in profile["chargingSchedule"]["chargingSchedulePeriod"]]
    assert limits[0] == 16, limits  # alone on 63 A: its rating
    assert any(p["csChargingProfiles"]["chargingProfilePurpose"] == "ChargePointMaxProfile" for p in seen["profiles"])
    assert {"GetConfiguration", "RemoteStopTransaction", "ClearCache"} <= set(seen["requests"]), seen["requests"]

    rows = nox.ctl_json("session", "list")["items"]
    assert len(rows) == 1 and rows[0]["energy_wh"] == 1231552 - 1200345 == 31207, rows
    assert rows[0]["state"] == "finished" and rows[0]["reason"] == "Remote", rows
    bill = list(csv.DictReader(io.StringIO(nox.ctl("billing", "export", month_of(nox, tx), "--format", "machine"))))
    assert len(bill) == 1 and bill[0]["energy_kwh"] == "31.207", bill
    # 31.207 kWh x 0.49 = 15.29143 EUR gross; net 15.29 / 1.19 = 12.8487
    got = [bill[0][k] for k in ("energy_amount", "gross_amount", "net_amount", "vat_amount")]
    assert got == ["15.29", "15.29", "12.85", "2.44"], got
    deadline = time.monotonic() + 10
    while nox.ctl_json("station", "show", "S0001")["online"] and time.monotonic() < deadline:
        time.sleep(0.1)
by_tls()
print("ocpp-rpc in strict mode, also by wss with key and certificate, charged 31,207 Wh for 15.29 EUR")
