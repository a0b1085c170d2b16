"""Bad peers and bad input: each gets a clear refusal that is recorded, and a good station charges on meanwhile."""
import json
import os
import socket
import subprocess
import time

from noxd import BIN, running, site
from ws import BINARY, TEXT, Closed, Refused, Station, WsClient, connect_tcp


def refused(nox, name, status, words, path=None, **more):
    try:
        WsClient(*nox.address, path or f"/ocpp/{name}", **more)
    except Refused as refusal:
        assert refusal.status == status, (name, path, refusal)
        text = refusal.body.lower()
        assert all(word.lower() in text for word in words), (name, path, text)
        return refusal
    raise AssertionError(f"{name} {path} was let in")


def wrong_doors(nox):
    key = nox.keys["S0001"]
    refused(nox, "NOBODY", 404, ["nobody"], user="NOBODY", password="x" * 20)
    refused(nox, "s0001", 404, ["S0001"], user="s0001", password=key)  # only the case differs: it says so
    challenge = refused(nox, "S0001", 401, [], user="S0001", password="wrong" * 5)
    assert "www-authenticate: basic" in challenge.head.lower(), challenge.head
    refused(nox, "S0001", 401, [])  # no key at all
    refused(nox, "S0001", 401, [], user="S0002", password=key)  # somebody else's name
    refused(nox, "S0001", 400, ["ocpp1.6"], user="S0001", password=key, protocols=("ocpp2.0.1",))
    refused(nox, "S0001", 400, ["ocpp1.6"], user="S0001", password=key, protocols=())
    refused(nox, "S0001", 404, ["/ocpp/"], path="/S0001", user="S0001", password=key)
    refused(nox, "S0001", 404, [], path="/ocpp/", user="S0001", password=key)
    refused(nox, "S0001", 404, [], path="/ocpp/" + "x" * 200, user="S0001", password=key)
    deadline = time.monotonic() + 20  # they are written beside us
    while True:
        known = {(row["identity"], row["reason"]) for row in nox.ctl_json("station", "refused")["items"]}
        if {name for name, _ in known} >= {"NOBODY", "s0001", "S0001"}:
            break
        assert time.monotonic() < deadline, known
        time.sleep(0.05)
    assert len({reason for _, reason in known}) >= 3, known
    for row in nox.ctl_json("station", "refused")["items"]:
        assert row["detail"] and row["count"] >= 1, row


def tolerated_doors(nox):
    """A trailing slash and percent-encoding are not worth a site visit."""
    for path in ("/ocpp/S0002/", "/ocpp/S%30002"):
        station = WsClient(*nox.address, path, user="S0002", password=nox.keys["S0002"])
        assert station.header("Sec-WebSocket-Protocol") == "ocpp1.6"
        station.close()
    both = WsClient(*nox.address, "/ocpp/S0002", user="S0002", password=nox.keys["S0002"],
                    protocols=("ocpp2.0.1", "ocpp1.6"))
    assert both.header("Sec-WebSocket-Protocol") == "ocpp1.6"
    both.close()


def wrong_frames(nox):
    """Nothing of this may end noxd; what can be answered gets a CALLERROR with the path of the field."""
    def fresh():
        return Station(nox.address, "S0002", nox.keys["S0002"])

    station = fresh()
    station.boot()
    for text in ("", "{", "[]", "[2]", "null", "[9,\"x\",{}]", "[2,\"1\",\"Heartbeat\"", "\x00", "[" * 5000):
        station.ws.send_text(text)
    assert "currentTime" in station.call("Heartbeat", {})
    for action, payload, code in (("Nonsense", {}, "NotImplemented"), ("Reset", {"type": "Soft"}, "NotSupported"),
                                  ("Heartbeat", [], None)):
        message_id = station.send_call(action, payload)
        try:
            answer = station.wait_answer(message_id)
            assert code is None, (action, answer)
        except Exception as error:
            assert code is None or getattr(error, "code", None) == code, (action, error)
    station.close()

    station = fresh()
    for _ in range(50):
        try:
            station.ws.send_text("garbage")
        except OSError:
            break
    assert station.ws.wait_closed().code in (1008, None)

    station = fresh()
    big = json.dumps([2, "big", "DataTransfer", {"vendorId": "x", "data": "y" * 3_000_000}])
    try:
        station.ws.send_text(big)
    except OSError:
        pass
    assert station.ws.wait_closed().code in (1009, None)

    station = fresh()
    station.ws.send_frame(BINARY, b"\x01\x02")
    assert station.ws.wait_closed().code in (1003, None)

    station = fresh()
    whole = json.dumps([2, "parts", "Heartbeat", {}]).encode()
    station.ws.send_frame(TEXT, whole[:7], final=False)
    station.ws.send_frame(9, b"ping between")
    station.ws.send_frame(0, whole[7:], final=True)
    assert "currentTime" in station.wait_answer("parts")
    station.ws.send_frame(TEXT, b"[2,\"u\",\"Heartbeat\",{\"x\":\"\xff\xfe\"}]")
    station.ws.sock.settimeout(5)
    try:
        station.serve(0.5)
    except (Closed, OSError):
        pass
    station.ws.close_hard()


def half_connections(nox):
    """Silent, dripping and rude peers are cut off; each is one line here."""
    silent = [connect_tcp(*nox.address) for _ in range(50)]
    rude = connect_tcp(*nox.address)
    rude.sendall(os.urandom(4096))
    long_head = connect_tcp(*nox.address)
    long_head.sendall(b"GET /ocpp/S0001 HTTP/1.1\r\n" + b"X-Filler: " + b"a" * 60000)
    http = connect_tcp(*nox.address)
    http.sendall(b"GET /ocpp/S0001 HTTP/1.1\r\nHost: x\r\n\r\n")
    http.settimeout(10)
    assert http.recv(100).startswith(b"HTTP/1."), "a plain GET deserves an answer"
    return silent + [rude, long_head, http]


def bad_files(nox):
    """An apply file that is wrong is refused whole, with the path of the field."""
    good = site(stations=1)
    cases = (("stations", {"id": "X", "rating": 16}, "rating"), ("stations", {"id": "X", "rating_a": "16"}, "rating_a"),
             ("stations", {"id": "X", "grid_node": "NONE"}, "NONE"), ("stations", {"id": ""}, "id"),
             ("tariffs", {"id": "Q", "version": 1}, "tariffs"), ("tags", {"id_tag": ""}, "id_tag"),
             ("stations", {"id": "X", "safe_a": 3}, "safe_a"), ("stations", {"id": "X", "wiring": "ABC"}, "wiring"))
    for name, row, word in cases:
        status, answer = nox.api("POST", "/v1/apply", {**good, name: good.get(name, []) + [row]})
        assert 400 <= status < 500 and word in json.dumps(answer), (row, status, answer)
    status, answer = nox.api("POST", "/v1/apply", raw=b'{"stations": [}')
    assert status in (400, 422) and answer["error"]["message"], answer
    assert [row["id"] for row in nox.ctl_json("station", "list")["items"]] == ["S0001", "S0002"]


def bad_words(nox):
    """Wrong arguments end with 2, name the word and point to help; unknown things with 3."""
    for words, code, said in ((["statoin", "list"], 2, "station"), (["station", "show"], 2, "STATION"),
                              (["station", "show", "NOBODY"], 3, "NOBODY"), (["--nonsense"], 2, "nonsense"),
                              (["billing", "export", "2026-13"], 2, "2026-13"),
                              (["station", "call", "S0001", "Reset", "{"], 2, "JSON")):
        done = nox.ctl(*words, check=False)
        assert done.returncode == code, (words, done.returncode, done.stdout, done.stderr)
        assert said.lower() in done.stderr.lower() and not done.stdout, (words, done.stdout, done.stderr)
    for words in (["--listne", "x"], ["--listen", "nowhere"], ["--listen"], ["--data"]):
        done = subprocess.run([os.path.join(BIN, "noxd"), *words], capture_output=True, text=True, timeout=20)
        assert done.returncode == 2 and "--" in done.stderr, (words, done.returncode, done.stderr)
    again = subprocess.run([os.path.join(BIN, "noxd"), "--data", nox.data, "--listen", "127.0.0.1:0"],
                           capture_output=True, text=True, timeout=20)
    assert again.returncode == 1 and nox.data in again.stderr, again.stderr


with running() as nox:
    nox.apply(site(stations=2))
    nox.make_keys(["S0001", "S0002"])
    good = Station(nox.address, "S0001", nox.keys["S0001"])
    good.boot()
    tx = good.start("A1", 0)["transactionId"]
    peers = half_connections(nox)
    for i, attack in enumerate((wrong_doors, tolerated_doors, wrong_frames, bad_files, bad_words)):
        attack(nox)
        begin = time.monotonic()
        assert good.meter(tx, 100 * (i + 1)) == {}
        assert time.monotonic() - begin < 5, "the good station had to wait"
    good.stop(tx, 600)
    assert nox.ctl_json("session", "show", str(tx))["energy_wh"] == 600
    for peer in peers:
        peer.settimeout(20)
        try:
            while peer.recv(4096):
                pass
        except (ConnectionResetError, BrokenPipeError):
            pass
        except socket.timeout:
            raise AssertionError("a silent peer was not cut off")
    good.close()
print("bad peers and bad input are refused, recorded, and harm nobody")
