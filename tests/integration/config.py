"""Configuration as desired state: templates by apply, drift, kill -9 in between, by hand; deviations by model."""
import json

from noxd import Noxd
from ws import Station

KEYS = {"HeartbeatInterval": ["86400", False], "LocalAuthorizeOffline": ["True", False], "NumberOfConnectors": ["1", True],
        "ConnectionTimeOut": ["60", False], "GetConfigurationMaxKeys": ["2", True]}


def get_configuration(request):
    asked = request.get("key") or list(KEYS)
    known = [name for name in KEYS if name.lower() in [a.lower() for a in asked]]
    return {"configurationKey": [{"key": k, "value": KEYS[k][0], "readonly": KEYS[k][1]} for k in known],
            "unknownKey": [a for a in asked if a.lower() not in [k.lower() for k in KEYS]]}


def change_configuration(request):
    if request["key"] == "ConnectionTimeOut":
        return {"status": "RebootRequired"}
    if request["key"] not in KEYS:
        return {"status": "NotSupported"}
    KEYS[request["key"]][0] = request["value"]
    return {"status": "Accepted"}


ANSWERS = {"GetConfiguration": get_configuration, "ChangeConfiguration": change_configuration}
TEMPLATE = {"id": "lamps", "match": {"model": "Te*"}, "keys": {
    "HeartbeatInterval": 300, "LocalAuthorizeOffline": True, "NumberOfConnectors": "2", "ConnectionTimeOut": 90,
    "VendorThing": "x"}}


def drift(nox, *words):
    return {row["key"]: row for row in nox.ctl_json("config", "drift", *words)["items"]}


def until(station, what):
    for _ in range(100):
        if what():
            return
        station.serve(0.1)
    raise AssertionError(f"it did not come so far: {station.asked} {drift(nox, '--all')}")


nox = Noxd("--unknown-stations", "pending").start()
try:
    nox.apply({"stations": [{"id": "S1", "security_profile": 0}]})
    for name in ("AuthorizationKey", "securityprofile"):
        status, answer = nox.api("POST", "/v1/apply", {"templates": [{"id": "bad", "keys": {name: "1"}}]})
        assert status == 422 and "noxctl station" in answer["error"]["message"], answer
    assert nox.apply({"templates": [TEMPLATE]})["changes"][0]["change"] == "added"
    assert nox.apply({"templates": [TEMPLATE]})["changes"][0]["change"] == "unchanged"
    assert nox.ctl_json("config", "template", "list")["items"][0]["match"]["model"] == "Te*"
    assert nox.ctl_json("config", "template", "show", "lamps")["keys"]["HeartbeatInterval"] == "300"
    station = Station(nox.address, "S1", answers=ANSWERS)
    station.boot()
    until(station, lambda: drift(nox).get("ConnectionTimeOut", {}).get("state") == "reboot required")
    states = {key: row["state"] for key, row in drift(nox, "S1", "--all").items()}
    assert states == {"HeartbeatInterval": "same", "LocalAuthorizeOffline": "same", "NumberOfConnectors": "read-only",
                      "ConnectionTimeOut": "reboot required", "VendorThing": "not supported"}, states
    assert KEYS["HeartbeatInterval"][0] == "300"
    assert all(len(p.get("key", [])) <= 2 for a, p in station.asked if a == "GetConfiguration"), station.asked
    assert "station reset S1" in nox.ctl("config", "drift", check=False).stderr
    row = next(r for r in nox.ctl_json("config", "show", "S1")["items"] if r["key"] == "HeartbeatInterval")
    assert row["wanted"] == "300" and row["value"] == "300" and row["meaning"], row

    # a crash forgets nothing: what the station said no to is not asked again
    nox.kill()
    nox.start()
    assert drift(nox)["VendorThing"]["state"] == "not supported"
    station = Station(nox.address, "S1", answers=ANSWERS)
    KEYS["ConnectionTimeOut"][0] = "90"
    station.boot()
    until(station, lambda: "ConnectionTimeOut" not in drift(nox))
    assert not [p for a, p in station.asked if a == "ChangeConfiguration"], station.asked

    # a changed template goes out at once
    TEMPLATE["keys"]["HeartbeatInterval"] = 200
    nox.apply({"templates": [TEMPLATE]})
    until(station, lambda: KEYS["HeartbeatInterval"][0] == "200")
    until(station, lambda: "HeartbeatInterval" not in drift(nox))

    # deviations by model
    station.call("Heartbeat", {"surplus": 1})
    (row,) = [v for v in nox.ctl_json("violations", "--model", "Test")["items"] if "surplus" in v["kind"]]
    assert row["count"] == 1 and row["station"] == "S1", row
    nox.ctl("config", "template", "remove", "lamps", "--yes")
    assert drift(nox, "S1", "--all") == {}
    station.close()
    nox.stop()
    nox.start()
    assert [v["count"] for v in nox.ctl_json("violations")["items"] if "surplus" in v["kind"]] == [1]
    assert json.loads(nox.ctl("-o", "json", "ocpp", "keys"))["items"]
    nox.stop()
except BaseException:
    print(nox.log()[-6000:])
    raise
finally:
    if nox.process.poll() is None:
        nox.kill()
    nox.remove()
print("configuration follows its templates")
