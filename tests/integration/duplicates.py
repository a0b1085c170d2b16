"""What a station repeats changes nothing: FIELD_LESSONS 1 and promise 2, through real sockets and a restart."""
import json

from noxd import running, site
from ws import Station, now_text


def count(nox, what, where="1"):
    return nox.sql(f"SELECT count(*) FROM {what} WHERE {where}")[0][0]


def start_repeated(nox, station):
    """On the same socket, on a new one, and after a restart of the central system: the same transaction."""
    at = now_text(-30)
    first = station.start("A1", 1000, at=at)
    assert first["idTagInfo"]["status"] == "Accepted" and first["transactionId"] > 0, first
    again = station.start("A1", 1000, at=at)
    assert again == first, (first, again)
    station.close()
    station = Station(nox.address, "S0001", nox.keys["S0001"])
    station.boot()
    assert station.start("A1", 1000, at=at) == first
    nox.kill()
    nox.start(nox.address[1])
    station = Station(nox.address, "S0001", nox.keys["S0001"])
    assert station.start("A1", 1000, at=at) == first
    assert count(nox, "session") == 1
    return station, first["transactionId"]


def two_connectors(nox, station):
    at = now_text()
    one, two = station.start("A1", 5, connector=1, at=at), station.start("A2", 5, connector=2, at=at)
    assert one["transactionId"] != two["transactionId"], (one, two)
    station.stop(one["transactionId"], 6)
    station.stop(two["transactionId"], 7)


def same_message_id(station):
    """Same id and payload: same answer.  Same id, other payload: another message."""
    payload = {"connectorId": 1, "idTag": "A1", "meterStart": 10, "timestamp": now_text()}
    frame = json.dumps([2, "same-id", "StartTransaction", payload])
    answers = []
    for text in (frame, frame):
        station.ws.send_text(text)
        answers.append(station.wait_answer("same-id"))
    assert answers[0] == answers[1], answers
    station.ws.send_text(json.dumps([2, "same-id", "Heartbeat", {}]))
    beat = station.wait_answer("same-id")
    assert "currentTime" in beat, beat
    station.stop(answers[0]["transactionId"], 11)


def meter_repeated(nox, station, tx):
    at = now_text(-10)
    before = count(nox, "meter")
    for _ in range(3):
        assert station.meter(tx, 1100, at=at) == {}
    assert count(nox, "meter") == before + 1


def stop_repeated(nox, station, tx):
    at = now_text()
    data = [{"timestamp": at, "sampledValue": [{"value": "1500", "context": "Transaction.End"}]}]
    first = station.stop(tx, 1500, at=at, idTag="A1", reason="Local", transactionData=data)
    again = station.stop(tx, 1500, at=at, idTag="A1", reason="Local", transactionData=data)
    assert first == again, (first, again)
    shown = nox.ctl_json("session", "show", str(tx))
    assert (shown["state"], shown["energy_wh"]) == ("finished", 500), shown
    assert count(nox, "cdr", f"tx_id = {tx}") == 1


def strange_stops(nox, station):
    """Unknown, 0 and -1: confirmed, kept, listed; -1 finds its start when that comes."""
    for tx in (999999, 0):
        assert isinstance(station.stop(tx, 2000), dict)
    station.stop(-1, 9100, at=now_text(), idTag="A2")
    assert count(nox, "orphan_stop") == 3
    late = station.start("A2", 9000, at=now_text(-3600))
    shown = nox.ctl_json("session", "show", str(late["transactionId"]))
    assert (shown["state"], shown["energy_wh"]) == ("finished", 100), shown
    assert "matched-orphan" in shown["flags"], shown
    assert count(nox, "orphan_stop") == 2
    assert len(nox.ctl_json("session", "orphans")["items"]) == 2


def refused_tag_is_stored(nox, station):
    """An offline start with a tag nobody knows: real id, Invalid, energy recorded."""
    answer = station.start("NOBODY", 0, at=now_text(-600))
    assert answer["idTagInfo"]["status"] == "Invalid" and answer["transactionId"] > 0, answer
    station.stop(answer["transactionId"], 1234)
    shown = nox.ctl_json("session", "show", str(answer["transactionId"]))
    assert shown["energy_wh"] == 1234 and "tag-not-accepted" in shown["flags"], shown


with running() as nox:
    nox.apply(site(stations=1))
    nox.make_keys(["S0001"])
    station = Station(nox.address, "S0001", nox.keys["S0001"])
    assert station.boot()["status"] == "Accepted"
    station, tx = start_repeated(nox, station)
    meter_repeated(nox, station, tx)
    stop_repeated(nox, station, tx)
    two_connectors(nox, station)
    same_message_id(station)
    strange_stops(nox, station)
    refused_tag_is_stored(nox, station)
    natural = nox.sql("SELECT count(*) FROM session GROUP BY station, connector, start_station_ms, id_tag, meter_start_wh"
                      " HAVING count(*) > 1")
    assert natural == [], natural
    station.close()
print("repeated messages change nothing")
