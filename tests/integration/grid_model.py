"""Caps with an end and live meters, through the API and noxctl.

A cap counts at once, is honoured before it begins, and survives kill -9; its record stays when it has ended.  Readings
come plain and as uplinks of LoRaWAN network servers; what is wrong with one is named by its path.
"""
import datetime
import json
import time

from noxd import running, site

PLACE = {"latitude": 51.51, "longitude": 7.46}
METER = {"guard_a": 6, "silent_a": 30, "silent_after_s": 60, "device": "A84041B931837A0A"}
GRID = [{"id": "TOP", "limit_a": 63, "foreign_a": 5, **PLACE, "kind": "connection", "meter": METER},
        {"id": "LEG", "parent": "TOP", "limit_a": 40,
         "calendar": [{"from": "dusk-15", "to": "dawn+15", "reserve_a": 6}]}]


def node_of(nox, name):
    return next(node for node in nox.api("GET", "/v1/grid")[1]["items"] if node["id"] == name)


def after(seconds):
    at = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def limits(nox, name):
    return [int(a) for a in node_of(nox, name)["limit_a"]]


def caps(nox):
    status, answer = nox.api("POST", "/v1/grid/TOP/cap", {"limit_a": [40, 40, 32], "until": after(3600), "reason": "peak"})
    assert status == 200 and answer["state"] == "in force" and answer["id"] == 1, (status, answer)
    assert answer["holds"] and answer["fits_now"] and answer["below_by"] and answer["at_the_latest"], answer
    assert limits(nox, "TOP") == [40, 40, 32], node_of(nox, "TOP")
    assert node_of(nox, "TOP")["cap"] == 1
    # as the power of three phases, planned; and by law
    status, answer = nox.api("POST", "/v1/grid/TOP/cap", {"kw": 20, "from": after(1800), "until": after(3600)})
    assert answer["state"] == "planned" and answer["limit_a"] == [28.9, 28.9, 28.9], answer
    told = nox.ctl("grid", "cap", "TOP", "--section-14a", "--for", "2h", "--reason", "dimming order")
    assert "section 14a: 16.8 kW for 6 points" in told.replace("\n", " "), told
    for body, word in [({"limit_a": 10}, "until"), ({"until": after(60)}, "limit_a"),
                       ({"limit_a": 10, "kw": 5, "until": after(60)}, "one of"),
                       ({"limit_a": 10, "until": after(-60)}, "future"), ({"kw": -1, "until": after(60)}, "kw"),
                       ({"limit_a": 10, "until": "tomorrow"}, "instant"), ({"section_14a": False, "until": after(9)}, "true")]:
        status, answer = nox.api("POST", "/v1/grid/TOP/cap", body)
        assert status in (409, 422) and word in answer["error"]["message"], (body, status, answer)
    assert nox.api("POST", "/v1/grid/NONE/cap", {"limit_a": 1, "until": after(9)})[0] == 404
    listed = nox.ctl_json("grid", "caps")["items"]
    assert [cap["id"] for cap in listed] == [1, 2, 3] and listed[0]["reason"] == "peak", listed
    nox.ctl("grid", "uncap", "3")
    assert nox.ctl("grid", "uncap", "3", check=False).returncode == 3
    assert nox.ctl("grid", "cap", "TOP", "--amps", "40", check=False).returncode == 2
    assert nox.ctl("grid", "cap", "TOP", "--amps", "40,40", "--for", "1h", check=False).returncode == 2


def killed(nox):
    nox.kill()
    nox.start()
    assert limits(nox, "TOP") == [40, 40, 32], "the cap went with the process"
    assert [cap["id"] for cap in nox.ctl_json("grid", "caps")["items"]] == [1, 2]
    # one that ends while nobody is there
    status, answer = nox.api("POST", "/v1/grid/LEG/cap", {"limit_a": 11, "until": after(2)})
    assert status == 200 and answer["id"] == 4, answer
    nox.kill()
    time.sleep(2.5)
    nox.start()
    deadline = time.monotonic() + 10
    while len(nox.ctl_json("grid", "caps")["items"]) > 2 and time.monotonic() < deadline:
        time.sleep(0.1)
    everything = nox.ctl_json("grid", "caps", "--all")["items"]
    assert [(cap["id"], cap["state"]) for cap in everything] == [(4, "ended"), (3, "taken back"), (2, "planned"),
                                                                 (1, "in force")], everything
    assert limits(nox, "LEG") == [40, 40, 40]
    names = [row[0] for row in nox.sql("SELECT name FROM event WHERE name LIKE 'grid.cap%' ORDER BY seq")]
    assert names.count("grid.cap") == 4 and "grid.cap-begins" in names and "grid.cap-ends" in names, names


def alarms(nox):
    return [alarm["node"] for alarm in nox.api("GET", "/v1/status")[1]["alarms"] if alarm["name"] == "grid.meter-silent"]


def foreign(nox):
    return [int(a) for a in node_of(nox, "TOP")["foreign_a"]]


def meters(nox):
    assert foreign(nox) == [30, 30, 30], "a meter that has never spoken is silent"
    status, answer = nox.api("POST", "/v1/grid/TOP/meter", {"l1_a": 10, "l2_a": 11, "l3_a": 0})
    assert status == 200 and answer["taken"] and answer["foreign_a"] == [16, 17, 6], answer
    time.sleep(0.01)  # a reading of the same millisecond is no later one
    uplink = {"end_device_ids": {"device_id": "m1", "dev_eui": "A84041B931837A0A"}, "received_at": after(0),
              "uplink_message": {"received_at": after(0), "decoded_payload": {"l1_a": 2, "l2_a": 3, "l3_a": 4}}}
    status, answer = nox.api("POST", "/v1/grid/meters", uplink)
    assert status == 200 and answer["node"] == "TOP" and answer["foreign_a"] == [8, 9, 10], answer
    late = {"deviceInfo": {"devEui": "a84041b931837a0a"}, "time": after(-30), "object": {"i1": 50, "i2": 50, "i3": 50}}
    status, answer = nox.api("POST", "/v1/grid/meters?event=up", late)
    assert status == 200 and not answer["taken"] and foreign(nox) == [8, 9, 10], answer
    for other in ({"end_device_ids": {"device_id": "other"}, "uplink_message": {"decoded_payload": {}}},
                  {"end_device_ids": {"device_id": "m1", "dev_eui": "A84041B931837A0A"}, "join_accept": {}}):
        status, answer = nox.api("POST", "/v1/grid/meters", other)
        assert status == 200 and not answer["taken"], answer
    del uplink["uplink_message"]["decoded_payload"]["l3_a"]
    status, answer = nox.api("POST", "/v1/grid/meters", uplink)
    assert status == 422 and answer["error"]["path"] == "uplink_message.decoded_payload.l3_a", answer
    assert nox.api("POST", "/v1/grid/LEG/meter", {"a_per_phase": [1, 2, 3]})[0] == 409
    time.sleep(0.01)
    nox.ctl("grid", "meter", "TOP", "--amps", "20,21,22")
    shown = nox.ctl_json("grid", "meter", "TOP")
    assert shown["reading_a"] == [20, 21, 22] and not shown["silent"] and shown["foreign_a"] == [26, 27, 28], shown
    # silence is an alarm until the meter speaks again
    nox.apply({"grid": [{"id": "LEG", "meter": {"guard_a": 1, "silent_a": 9, "silent_after_s": 10}}]})
    deadline = time.monotonic() + 20
    while not alarms(nox) and time.monotonic() < deadline:
        time.sleep(0.2)
    assert alarms(nox) == ["LEG"], nox.api("GET", "/v1/status")[1]["alarms"]
    nox.ctl("grid", "meter", "LEG", "--amps", "3")
    assert alarms(nox) == [], nox.api("GET", "/v1/status")[1]["alarms"]
    # the reading goes with the node over a change of the configuration
    nox.apply({"grid": [{"id": "LEG", "limit_a": 32}]})
    assert foreign(nox) == [26, 27, 28]


with running() as nox:
    first = nox.apply(site(stations=6, grid=GRID))
    second = nox.apply(site(stations=6, grid=GRID))
    assert {row["change"] for row in second["changes"]} == {"unchanged"}, second
    status, answer = nox.api("POST", "/v1/apply?dry_run=1",
                             {"grid": [{"id": "LEG", "calendar": [{"days": "Mo-Fr", "from": "17:00", "to": "21:00", "limit_a": 20}]}]})
    assert "Mo-Fr 17:00 21:00 limit 20" in json.dumps(answer), answer
    status, answer = nox.api("POST", "/v1/apply", {"grid": [{"id": "ALONE", "limit_a": 9, "calendar": [
        {"from": "sunset", "to": "sunrise", "limit_a": 5}]}]})
    assert status == 422 and "latitude" in answer["error"]["message"], (status, answer)
    caps(nox)
    killed(nox)
    meters(nox)
    print("caps and meters: as they should be")
