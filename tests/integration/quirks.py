"""DIR/quirks.json: read at start and on SIGHUP; a known model may come without a subprotocol; a wrong file changes nothing."""
import json
import os
import signal
import time

from noxd import running
from ws import Refused, Station


def write(nox, entries):
    with open(os.path.join(nox.data, "quirks.json"), "w", encoding="utf-8") as out:
        out.write(entries if isinstance(entries, str) else json.dumps(entries))
    nox.process.send_signal(signal.SIGHUP)


def until(what):
    deadline = time.monotonic() + 10
    while not what():
        assert time.monotonic() < deadline, "it did not come so far"
        time.sleep(0.05)


with running() as nox:
    nox.apply({"stations": [{"id": "S1", "security_profile": 0}]})
    station = Station(nox.address, "S1")
    station.boot(model="Mute")
    station.close()
    try:
        Station(nox.address, "S1", protocols=())
        raise AssertionError("came in without a subprotocol")
    except Refused as refusal:
        assert refusal.status == 400, refusal
    assert "grizzl-e" in nox.ctl("quirk", "list")
    assert nox.ctl_json("quirk", "show", "S1")["items"] == []
    write(nox, [{"id": "mute", "match": {"model": "Mute*"}, "set": {"lax_subprotocol": True}, "why": "names none"}])
    until(lambda: [q["id"] for q in nox.ctl_json("quirk", "show", "S1")["items"]] == ["mute"])
    station = Station(nox.address, "S1", protocols=())
    assert station.boot(model="Mute")["status"] == "Accepted"
    station.close()
    write(nox, '[{"id": "mute", "match": {"model": "Mute*"}, "set": {"lax": true}}]')
    until(lambda: "noxd.reload_failed" in nox.log() and "lax" in nox.log())
    assert [q["id"] for q in nox.ctl_json("quirk", "show", "S1")["items"]] == ["mute"]
    assert "wait_for_boot_s" in nox.ctl("quirk", "list", "--switches")
print("known deviations are data")
