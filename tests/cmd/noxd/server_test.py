"""noxd's station server over real sockets: doors, frames, floods, TLS, the end.

Stations are written into the database that noxd made, so that the test needs neither noxctl nor the admin API.
"""
import contextlib
import hashlib
import json
import os
import signal
import socket
import sqlite3
import ssl
import subprocess
import sys
import tempfile
import time

from noxd import BIN, ROOT, Noxd, running, skip
from ws import BINARY, TEXT, Closed, Refused, Station, WsClient, connect_tcp, upgrade_request

KEY = "0123456789abcdef0123"


def add_stations(nox, rows):
    """rows: (id, profile, key or None, lax)"""
    with contextlib.closing(sqlite3.connect(os.path.join(nox.data, "nox.db"))) as db:
        for name, profile, key, lax in rows:
            salt = os.urandom(16) if key else None
            db.execute(
                "INSERT INTO station (id, security_profile, wiring, rating_ma, safe_ma, min_ma, weight, class, strict,"
                " lax_subprotocol, key_salt, key_hash) VALUES (?,?,'RST',16000,6000,6000,1,0,0,?,?,?)",
                (name, profile, lax, salt, hashlib.sha256(salt + key.encode()).digest() if key else None))
        db.commit()


@contextlib.contextmanager
def prepared(rows, *flags):
    """A noxd that knows these stations."""
    with tempfile.TemporaryDirectory(prefix="nox-test-") as data:
        first = Noxd(data=data)
        first.start()
        first.stop()
        add_stations(first, rows)
        with running(*flags, data=data) as nox:
            yield nox


STATIONS = [("CP-0", 0, None, 0), ("CP-1", 1, KEY, 0), ("CP-2", 2, KEY, 0), ("DO-L0001", 3, None, 0),
            ("LAX", 0, None, 1), ("A+B", 0, None, 0)]


def eventually(nox, query, wanted, seconds=5):
    """Waits until the rows of the query contain what is wanted (the writer commits beside us)."""
    deadline = time.monotonic() + seconds
    while True:
        rows = {row if len(row) > 1 else row[0] for row in nox.sql(query)}
        if wanted <= rows:
            return
        assert time.monotonic() < deadline, f"{query}: {sorted(wanted - rows)} is missing in {sorted(rows)}"
        time.sleep(0.05)


def status_of(nox, path, address=None, **more):
    """HTTP status of an upgrade; 101 when it is let in."""
    try:
        WsClient(*(address or nox.address), path, **more).close()
        return 101
    except Refused as refusal:
        assert refusal.head.startswith("HTTP/1.1 "), refusal.head
        assert len(refusal.body) > 10 and "connection: close" in refusal.head.lower(), refusal.head
        if refusal.status == 401:
            assert "www-authenticate: basic" in refusal.head.lower(), refusal.head
        return refusal.status


DOORS = [
    ("profile 0", "/ocpp/CP-0", {}, 101, None),
    ("right key", "/ocpp/CP-1", {"user": "CP-1", "password": KEY}, 101, None),
    ("trailing slash", "/ocpp/CP-1/", {"user": "CP-1", "password": KEY}, 101, None),
    ("percent-encoded", "/ocpp/%43P-1", {"user": "CP-1", "password": KEY}, 101, None),
    ("with a query", "/ocpp/CP-0?x=1", {}, 101, None),
    ("a plus", "/ocpp/A+B", {}, 101, None),
    ("an encoded plus", "/ocpp/A%2BB", {}, 101, None),
    ("two protocols", "/ocpp/CP-0", {"protocols": ("ocpp2.0.1", "ocpp1.6")}, 101, None),
    ("no protocol, allowed", "/ocpp/LAX", {"protocols": ()}, 101, None),
    ("wrong key", "/ocpp/CP-1", {"user": "CP-1", "password": "x" * 20}, 401, ("CP-1", "bad-key")),
    ("no key", "/ocpp/CP-1", {}, 401, ("CP-1", "no-credentials")),
    ("another user", "/ocpp/CP-1", {"user": "CP-2", "password": KEY}, 401, ("CP-1", "wrong-user")),
    ("unknown", "/ocpp/NOBODY", {"user": "NOBODY", "password": KEY}, 404, ("NOBODY", "unknown-station")),
    ("other case", "/ocpp/cp-1", {"user": "cp-1", "password": KEY}, 404, ("cp-1", "unknown-station")),
    ("wrong path", "/CP-1", {"user": "CP-1", "password": KEY}, 404, ("CP-1", "wrong-path")),
    ("no identity", "/ocpp/", {"user": "CP-1", "password": KEY}, 404, ("CP-1", "no-identity")),
    ("a slash", "/ocpp/A%2FB", {}, 404, ("A/B", "bad-identity")),
    ("too long", "/ocpp/" + "x" * 49, {}, 404, None),
    ("no protocol", "/ocpp/CP-0", {"protocols": ()}, 400, ("CP-0", "no-subprotocol")),
    ("wrong protocol", "/ocpp/CP-0", {"protocols": ("ocpp2.0.1",)}, 400, ("CP-0", "wrong-subprotocol")),
    ("profile 2 without TLS", "/ocpp/CP-2", {"user": "CP-2", "password": KEY}, 401, ("CP-2", "needs-tls")),
    ("profile 3 without TLS", "/ocpp/DO-L0001", {}, 401, ("DO-L0001", "needs-tls")),
]


def doors(nox):
    for why, path, more, want, _ in DOORS:
        got = status_of(nox, path, **more)
        assert got == want, f"{why}: {got}, not {want}"
    eventually(nox, "SELECT identity, reason FROM refused", {door[4] for door in DOORS if door[4]})
    detail = nox.sql("SELECT detail FROM refused WHERE identity = 'cp-1'")[0][0]
    assert "CP-1" in detail, detail
    assert KEY not in nox.log(), "a key in the log"


def raw_request(nox, text):
    with connect_tcp(*nox.address) as sock:
        sock.sendall(text)
        sock.settimeout(10)
        answer = b""
        with contextlib.suppress(OSError):
            while chunk := sock.recv(4096):
                answer += chunk
        return answer


def odd_requests(nox):
    plain = raw_request(nox, b"GET /ocpp/CP-0 HTTP/1.1\r\nHost: x\r\n\r\n")
    assert plain.startswith(b"HTTP/1.1 400 "), plain
    post = raw_request(nox, b"POST /ocpp/CP-0 HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n")
    assert b" 400 " in post[:20], post
    h2c = raw_request(nox, b"GET /ocpp/CP-0 HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"
                           b"HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n\r\n")
    assert h2c.startswith(b"HTTP/1.1 400 "), h2c
    no_upgrade = raw_request(nox, upgrade_request("x", "/ocpp/CP-0").replace(b"Connection: Upgrade", b"Connection: close"))
    assert no_upgrade.startswith(b"HTTP/1.1 400 "), no_upgrade
    # A Host header must not choose another vhost, a subprotocol must not choose another protocol.
    for host in ("", "plain", "tls", "l", "nox descriptor"):
        request = upgrade_request(host or "x", "/ocpp/CP-0")
        if not host:
            request = request.replace(b"Host: x\r\n", b"Host: :\r\n")
        with connect_tcp(*nox.address) as sock:
            sock.sendall(request)
            assert sock.recv(4096).startswith(b"HTTP/1.1 101 "), host
    assert status_of(nox, "/ocpp/CP-0", protocols=("nox descriptor", "ocpp1.6")) == 400
    # A first frame in the same packet as the request is not lost.
    both = WsClient.__new__(WsClient)
    both.sock, both.buffer, both.closed = connect_tcp(*nox.address), b"", False
    frame = b'[2,"1","Heartbeat",{}]'
    both.sock.sendall(upgrade_request("x", "/ocpp/CP-0") + bytes([0x81, 0x80 | len(frame), 0, 0, 0, 0]) + frame)
    both._read_answer(10)
    assert json.loads(both.recv_text(5))[1] == "1"
    both.close()


def frames(nox):
    def fresh():
        return Station(nox.address, "CP-0")

    def heartbeat(station, payload):
        return [2, str(len(payload)), "Heartbeat", {"x": payload}]

    station = fresh()
    # Sizes around the borders of frames and read buffers, in one piece and in many.
    for size in (0, 50, 99, 100, 101, 1990, 2000, 2020, 2047, 2048, 2049, 2100, 4096, 65400, 65536, 200_000):
        whole = json.dumps(heartbeat(station, "y" * size)).encode()
        station.ws.send_frame(TEXT, whole)
        assert "currentTime" in station.wait_answer(str(size)), size
        third = max(1, len(whole) // 3)
        station.ws.send_frame(TEXT, whole[:third], final=False)
        station.ws.send_frame(9, b"ping")
        station.ws.send_frame(0, whole[third:2 * third], final=False)
        station.ws.send_frame(0, b"", final=False)
        station.ws.send_frame(0, whole[2 * third:], final=False)
        station.ws.send_frame(0, b"", final=True)
        assert "currentTime" in station.wait_answer(str(size)), f"{size} in pieces"
    # Byte by byte.
    whole = json.dumps([2, "slow", "Heartbeat", {}]).encode()
    raw = bytes([0x81, 0x80 | len(whole), 0, 0, 0, 0]) + whole
    for i in range(len(raw)):
        station.ws.sock.sendall(raw[i:i + 1])
    assert "currentTime" in station.wait_answer("slow")
    # Many at once, answered in order.
    n = 2000
    for i in range(n):
        station.ws.send_text(json.dumps([2, f"m{i}", "Heartbeat", {}]))
    for i in range(n):
        assert json.loads(station.ws.recv_text(20))[1] == f"m{i}", i
    station.close()

    def closes(code, *sent):
        station = fresh()
        for opcode, payload, final in sent:
            with contextlib.suppress(OSError):
                station.ws.send_frame(opcode, payload, final)
        got = station.ws.wait_closed(10).code
        assert got == code, (got, code, sent[0][0], len(sent[0][1]))

    closes(1009, (TEXT, b"x" * 300_000, True))
    closes(1009, (TEXT, b"x" * 200_000, False), (0, b"y" * 200_000, True))
    closes(1003, (BINARY, b"[2,\"1\",\"Heartbeat\",{}]", True))
    closes(1007, (TEXT, b"[2,\"u\",\"Heartbeat\",{\"x\":\"\xff\xfe\"}]", True))
    closes(1007, (TEXT, b"\xed\xa0\x80", True))
    closes(1002, (3, b"", True))
    # A length that is announced and never comes: cut as soon as it is announced.
    station = fresh()
    station.ws.sock.sendall(bytes([0x81, 0xFF]) + (1 << 40).to_bytes(8, "big") + b"\0\0\0\0x")
    assert station.ws.wait_closed(10).code == 1009
    eventually(nox, "SELECT DISTINCT name FROM event", {"ws.too_long", "ws.binary", "ws.not_utf8"})


def takeover(nox):
    old = Station(nox.address, "CP-0")
    old.boot()
    new = Station(nox.address, "CP-0")
    closed = old.ws.wait_closed(5)
    assert closed.code == 1000, closed
    assert "currentTime" in new.call("Heartbeat", {})
    # The old one does not answer the close frame: it is cut, the new one lives on.
    dead = new
    newest = Station(nox.address, "CP-0")
    time.sleep(0.2)
    assert "currentTime" in newest.call("Heartbeat", {})
    begin = time.monotonic()
    dead.ws.sock.settimeout(15)
    while dead.ws.sock.recv(4096):
        pass
    assert time.monotonic() - begin < 12, "a stuck socket stays"
    assert "currentTime" in newest.call("Heartbeat", {})
    newest.close()


def slow_reader(nox):
    """A station that asks without end and never reads: bounded, then cut; others are served meanwhile."""
    greedy = WsClient(*nox.address, "/ocpp/CP-0")
    greedy.sock.settimeout(5)
    other = Station(nox.address, "LAX")
    worst = 0.0
    begin = time.monotonic()
    text = json.dumps([2, "i" * 200, "Heartbeat", {}])
    cut = False
    while not cut and time.monotonic() - begin < 90:
        try:
            for _ in range(200):
                greedy.send_text(text)
        except ConnectionError:
            cut = True
        at = time.monotonic()
        other.call("Heartbeat", {})
        worst = max(worst, time.monotonic() - at)
    assert cut, "a peer that never reads is not cut"
    assert worst < 2, f"another station waited {worst:.1f} s"
    greedy.close_hard()
    other.close()


def half_connections(nox):
    """Silent and dripping peers are cut after 10 s; a good one gets in meanwhile."""
    silent = [connect_tcp(*nox.address) for _ in range(100)]
    drip = connect_tcp(*nox.address)
    begin = time.monotonic()
    cut = None
    request = upgrade_request("x", "/ocpp/CP-0")
    for i in range(40):
        try:
            drip.sendall(request[i:i + 1])
            drip.settimeout(0.5)
            if drip.recv(10) == b"":
                cut = time.monotonic() - begin
                break
        except socket.timeout:
            pass
        except OSError:
            cut = time.monotonic() - begin
            break
        if i == 5:
            Station(nox.address, "LAX").close()
    assert cut is not None and 5 < cut < 14, cut
    for peer in silent:
        peer.settimeout(5)
        with contextlib.suppress(ConnectionResetError):
            assert peer.recv(10) == b""
        peer.close()


def too_often(nox):
    """A station that connects without pause is asked to wait; others are not touched."""
    got = [status_of(nox, "/ocpp/A%2BB") for _ in range(80)]
    assert 503 in got and got.index(503) >= 50, got
    assert status_of(nox, "/ocpp/CP-0") == 101


def tls_context(pki, cert=None):
    context = ssl.create_default_context(cafile=os.path.join(pki, "ca.pem"))
    if cert:
        context.load_cert_chain(os.path.join(pki, cert + ".pem"), os.path.join(pki, cert + ".key"))
    return context


def tls(nox, pki):
    url = next(u for u in nox.urls if u.startswith("wss://"))
    host, _, port = url[len("wss://"):].split("/")[0].rpartition(":")
    address = ("localhost", int(port))

    def by(cert=None):
        return {"address": address, "tls": tls_context(pki, cert)}

    assert status_of(nox, "/ocpp/CP-2", user="CP-2", password=KEY, **by()) == 101
    assert status_of(nox, "/ocpp/CP-2", user="CP-2", password="x" * 20, **by()) == 401
    assert status_of(nox, "/ocpp/CP-1", user="CP-1", password=KEY, **by()) == 101
    assert status_of(nox, "/ocpp/DO-L0001", **by("station-DO-L0001")) == 101
    assert status_of(nox, "/ocpp/DO-L0001", **by()) == 401, "profile 3 without a certificate"
    assert status_of(nox, "/ocpp/CP-2", **by("station-DO-L0001")) == 401, "a certificate is no key"
    for bad in ("station-rogue", "station-self-signed", "station-expired", "station-wrong-usage"):
        try:
            got = status_of(nox, "/ocpp/DO-L0001", **by(bad))
        except (ssl.SSLError, Closed, OSError):
            continue
        raise AssertionError(f"{bad} was answered {got}")
    old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    old.check_hostname, old.verify_mode = False, ssl.CERT_NONE
    old.minimum_version = ssl.TLSVersion.TLSv1
    old.maximum_version = ssl.TLSVersion.TLSv1_1
    old.set_ciphers("ALL:@SECLEVEL=0")
    try:
        status_of(nox, "/ocpp/CP-2", user="CP-2", password=KEY, address=address, tls=old)
        raise AssertionError("TLS 1.1 was accepted")
    except (ssl.SSLError, Closed, OSError):
        pass
    with connect_tcp(*address) as plain:
        plain.sendall(upgrade_request("x", "/ocpp/CP-0"))
        plain.settimeout(5)
        with contextlib.suppress(OSError):
            assert not plain.recv(100).startswith(b"HTTP/1.1 101")
    # A big answer and a big message through TLS.
    station = Station(address, "CP-2", KEY, tls=tls_context(pki))
    assert "currentTime" in station.call("Heartbeat", {"x": "y" * 150_000})
    eventually(nox, "SELECT reason FROM refused", {"bad-certificate", "no-certificate", "tls-failed"})
    # New certificate files, old connections stay.
    before = peer_certificate(address, pki)
    subprocess.run(["rm", "-f", os.path.join(pki, "server-ec.pem"), os.path.join(pki, "server-ec.key")], check=True)
    subprocess.run([os.path.join(ROOT, "certs", "make-pki"), pki], check=True, stdout=subprocess.DEVNULL)
    nox.process.send_signal(signal.SIGHUP)
    deadline = time.monotonic() + 10
    while peer_certificate(address, pki) == before:
        assert time.monotonic() < deadline, "the new certificate is not served"
        time.sleep(0.1)
    assert "currentTime" in station.call("Heartbeat", {})
    station.close()


def peer_certificate(address, pki):
    with tls_context(pki).wrap_socket(connect_tcp(*address), server_hostname="localhost") as sock:
        return sock.getpeercert(binary_form=True)


def ends():
    """TERM: stations are told, the exit is clean; a second TERM ends at once; one noxd per folder."""
    with prepared(STATIONS) as nox:
        stations = [Station(nox.address, name) for name in ("CP-0", "LAX")]
        for station in stations:
            station.boot()
        again = subprocess.run([os.path.join(BIN, "noxd"), "--data", nox.data, "--listen", "127.0.0.1:0"],
                               capture_output=True, text=True, timeout=20)
        assert again.returncode == 1 and nox.data in again.stderr and "--data" in again.stderr, again.stderr
        taken = subprocess.run([os.path.join(BIN, "noxd"), "--data", nox.data + "/x", "--listen", ":".join(map(str, nox.address))],
                               capture_output=True, text=True, timeout=20)
        assert taken.returncode == 1 and "another port" in taken.stderr, taken.stderr
        check = subprocess.run([os.path.join(BIN, "noxd"), "--data", nox.data, "--check"], capture_output=True, text=True,
                               timeout=20)
        assert check.returncode == 0 and "6 stations" in check.stdout, (check.stdout, check.stderr)
        begin = time.monotonic()
        nox.stop()
        assert time.monotonic() - begin < 6, "the end takes too long"
        assert all(station.ws.wait_closed(5).code == 1001 for station in stations)
    with prepared(STATIONS) as nox:
        # A peer that answers no close frame holds nothing up.
        stuck = WsClient(*nox.address, "/ocpp/CP-0")
        begin = time.monotonic()
        nox.stop()
        assert time.monotonic() - begin < 8, "a stuck peer holds up the end"
        stuck.close_hard()
    with prepared(STATIONS) as nox:
        stuck = WsClient(*nox.address, "/ocpp/CP-0")
        nox.process.send_signal(signal.SIGTERM)
        time.sleep(0.3)
        nox.process.send_signal(signal.SIGTERM)
        begin = time.monotonic()
        assert nox.process.wait(10) == 1 and time.monotonic() - begin < 2
        stuck.close_hard()
        nox.start()  # it comes back as it was


def notifies():
    """systemd is told when noxd is ready and when it stops."""
    with tempfile.TemporaryDirectory(prefix="nox-test-") as folder, \
            socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as told:
        told.bind(os.path.join(folder, "notify"))
        os.mkdir(os.path.join(folder, "data"))
        told.settimeout(20)
        with running(data=os.path.join(folder, "data"), env={"NOTIFY_SOCKET": os.path.join(folder, "notify")}):
            assert told.recv(100) == b"READY=1"
        assert told.recv(100) == b"STOPPING=1"


def pending():
    with running("--unknown-stations", "pending") as nox:
        station = Station(nox.address, "NEW-1")
        assert station.boot()["status"] == "Pending"
        station.close()
        eventually(nox, "SELECT registration FROM station WHERE id = 'NEW-1'", {2})
        nox.kill()
        nox.start()
        assert Station(nox.address, "NEW-1").boot()["status"] == "Pending"


def simulated_time():
    """Time runs N times as fast, and never back between two runs."""
    with tempfile.TemporaryDirectory(prefix="nox-test-") as data:
        with running("--time-warp", "3600", "--time-start", "2030-01-01T00:00:00Z", "--unknown-stations", "pending",
                     data=data) as nox:
            station = Station(nox.address, "CP-0")
            first = station.boot()["currentTime"]
            time.sleep(1.2)
            second = station.boot()["currentTime"]
            assert first.startswith("2030-01-01T") and second >= "2030-01-01T01", (first, second)
        with running("--time-warp", "10", data=data) as nox:
            third = Station(nox.address, "CP-0").boot()["currentTime"]
            assert third >= second, (second, third)


def pki_of(folder):
    pki = os.path.join(folder, "pki")
    subprocess.run([os.path.join(ROOT, "certs", "make-pki"), "--test", "--station", "DO-L0001", pki], check=True,
                   stdout=subprocess.DEVNULL)
    return pki


def main():
    which = sys.argv[1] if len(sys.argv) > 1 else "all"
    if which in ("all", "doors"):
        with prepared(STATIONS) as nox:
            for part in (doors, odd_requests, takeover, too_often):
                part(nox)
        pending()
    if which in ("all", "frames"):
        with prepared(STATIONS) as nox:
            for part in (frames, slow_reader, half_connections):
                part(nox)
    if which in ("all", "tls"):
        with tempfile.TemporaryDirectory(prefix="nox-test-") as folder:
            pki = pki_of(folder)
            with prepared(STATIONS, "--tls-listen", "127.0.0.1:0", "--tls-cert", f"{pki}/server-ec.pem", "--tls-key",
                          f"{pki}/server-ec.key", "--tls-client-ca", f"{pki}/ca.pem") as nox:
                tls(nox, pki)
    if which in ("all", "ends"):
        ends()
        notifies()
        simulated_time()


if not os.path.exists(os.path.join(BIN, "noxd")):
    skip("noxd is not built")
main()
