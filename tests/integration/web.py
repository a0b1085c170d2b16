"""The admin API over https: tokens and roles, new certificates, kill -9, who sends rubbish or nothing."""
import http.client
import json
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import time

from noxd import BIN, ROOT, Noxd, site

FOLDER = tempfile.mkdtemp(prefix="nox-web-")
PKI = os.path.join(FOLDER, "pki")
subprocess.run([os.path.join(ROOT, "certs", "make-pki"), "--test", PKI], check=True, stdout=subprocess.DEVNULL)
CONTEXT = ssl.create_default_context(cafile=os.path.join(PKI, "ca.pem"))
CONTEXT.set_alpn_protocols(["h2", "http/1.1"])  # as curl and browsers do


def file(name):
    return os.path.join(PKI, name)


def port_of(nox):
    return int(re.search(r"admin=https://127\.0\.0\.1:(\d+)", nox.ready).group(1))


def ask(nox, method, path, token=None, body=None, headers=()):
    link = http.client.HTTPSConnection("localhost", port_of(nox), timeout=20, context=CONTEXT)
    head = dict(headers)
    if token:
        head["Authorization"] = f"Bearer {token}"
    link.request(method, path, json.dumps(body) if body is not None else None, head)
    answer = link.getresponse()
    text = answer.read().decode()
    link.close()
    return answer.status, json.loads(text) if text else None


def add(nox, *words):
    return nox.ctl_json("token", "add", *words)["token"]


def roles(nox, admin, read, grid, meter):
    assert ask(nox, "GET", "/v1/grid")[0] == 401
    assert ask(nox, "GET", "/v1/grid", "0" * 64)[0] == 401
    assert ask(nox, "GET", "/v1/no-such-path")[0] == 401, "nobody learns which paths there are"
    status, answer = ask(nox, "GET", "/v1/grid", read)
    assert status == 200 and answer["items"][0]["id"] == "NETZ", answer
    expected = (("read", read, "POST", "/v1/grid/NETZ/limit", 403), ("read", read, "GET", "/v1/stations", 200),
                ("grid", grid, "GET", "/v1/grid", 200), ("grid", grid, "POST", "/v1/grid/prove", 200),
                ("grid", grid, "GET", "/v1/stations", 403), ("grid", grid, "POST", "/v1/tokens", 403),
                ("grid", grid, "POST", "/v1/grid/NETZ/limit", 403),
                ("meter", meter, "GET", "/v1/grid", 403), ("meter", meter, "POST", "/v1/grid/NETZ/limit", 403),
                ("admin", admin, "GET", "/v1/tokens", 200), ("admin", admin, "GET", "/v1/no-such-path", 404))
    for name, token, method, path, wanted in expected:
        status, answer = ask(nox, method, path, token, {} if method == "POST" else None)
        assert status == wanted, (name, method, path, status, answer)
    status, answer = ask(nox, "POST", "/v1/grid/NETZ/limit", admin, {"limit_a": 50}, {"X-Nox-Why": "storm"})
    assert status == 200, answer
    deadline = time.monotonic() + 10
    while not [text for text, in nox.sql("SELECT text FROM event WHERE name = 'admin.change'")
               if text.startswith("chief: POST /v1/grid/NETZ/limit") and "storm" in text]:
        assert time.monotonic() < deadline, "no event says who changed the limit, and why"
        time.sleep(0.05)
    assert nox.sql("SELECT count(*) FROM event WHERE name = 'admin.refused'")[0][0] == 1, "once a minute"


def refused(nox):
    for words, code, hint in ((("add", "x", "--role", "boss"), 1, "admin, read, grid, meter"), (("add", "x"), 2, "--role"),
                              (("add", "a b", "--role", "read"), 1, "letters"), (("add", "chief", "--role", "read"), 5, "token remove"),
                              (("add", "x", "--role", "meter", "--node", "NOWHERE"), 3, "grid show"),
                              (("add", "x", "--role", "grid", "--node", "NETZ"), 1, "leave node out"), (("remove", "x"), 3, "no token")):
        done = nox.ctl("token", *words, check=False)
        assert done.returncode == code and hint in done.stderr, (words, done.returncode, done.stderr)


def over_noxctl(nox, read):
    path = os.path.join(FOLDER, "token")
    with open(path, "w", encoding="utf-8") as out:
        out.write(read + "\n")
    words = [os.path.join(BIN, "noxctl"), "--server", f"https://localhost:{port_of(nox)}", "--ca", file("ca.pem")]
    done = subprocess.run([*words, "--token-file", path, "grid", "show"], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0 and "NETZ" in done.stdout, done
    done = subprocess.run([*words, "--token-file", path, "grid", "limit", "NETZ", "40"], capture_output=True, text=True, timeout=60)
    assert done.returncode == 4 and "may not" in done.stderr, done
    done = subprocess.run([*words, "grid", "show"], capture_output=True, text=True, timeout=60)
    assert done.returncode == 4 and "token" in done.stderr, done


def strangers(nox, read):
    """Rubbish, silence, plain HTTP and many sockets harm neither the others nor the Unix socket."""
    address = ("127.0.0.1", port_of(nox))
    silent = [socket.create_connection(address, timeout=10) for _ in range(230)]
    silent[0].sendall(b"GET /v1 HTTP/1.1\r\n\r\n")
    silent[1].sendall(os.urandom(2000))
    assert nox.ctl_json("grid", "show")
    for sock in silent:
        sock.close()
    deadline = time.monotonic() + 20
    while True:
        try:
            assert ask(nox, "GET", "/v1/grid", read)[0] == 200
            return
        except (OSError, http.client.HTTPException):
            assert time.monotonic() < deadline, "nobody gets in any more"
            time.sleep(0.2)


def certificate_of(nox):
    with socket.create_connection(("127.0.0.1", port_of(nox)), timeout=10) as plain:
        with CONTEXT.wrap_socket(plain, server_hostname="localhost") as sock:
            return sock.getpeercert()["serialNumber"]


def new_certificate(nox, live):
    before = certificate_of(nox)
    for kind in ("pem", "key"):
        os.remove(file(f"server-ec.{kind}"))
    subprocess.run([os.path.join(ROOT, "certs", "make-pki"), PKI], check=True, stdout=subprocess.DEVNULL)
    os.kill(nox.process.pid, signal.SIGHUP)
    deadline = time.monotonic() + 10
    while "noxd.reloaded" not in nox.log():
        assert time.monotonic() < deadline, "SIGHUP was not heard"
        time.sleep(0.05)
    live.request("GET", "/v1/grid", headers={"Authorization": f"Bearer {READ}"})
    assert live.getresponse().status == 200, "open connections stay"
    assert certificate_of(nox) != before


nox = Noxd("--admin-listen", "127.0.0.1:0", "--tls-cert", file("server-ec.pem"), "--tls-key", file("server-ec.key"))
try:
    nox.start()
    nox.apply(site(stations=1, grid=[{"id": "NETZ", "name": "Netz", "limit_a": 63}]))
    admin, READ = add(nox, "chief", "--role", "admin"), add(nox, "eye", "--role", "read")
    grid, meter = add(nox, "netz", "--role", "grid"), add(nox, "kaiser", "--role", "meter", "--node", "NETZ")
    assert not any(token in nox.log() for token in (admin, READ, grid, meter))
    roles(nox, admin, READ, grid, meter)
    refused(nox)
    over_noxctl(nox, READ)
    strangers(nox, READ)
    live = http.client.HTTPSConnection("localhost", port_of(nox), timeout=20, context=CONTEXT)
    new_certificate(nox, live)
    live.close()
    nox.ctl("token", "remove", "netz")
    assert ask(nox, "GET", "/v1/grid", grid)[0] == 401, "removed: at once"
    nox.kill()
    nox.start()
    assert ask(nox, "GET", "/v1/grid", READ)[0] == 200 and ask(nox, "GET", "/v1/grid", grid)[0] == 401
    rows = nox.ctl_json("token", "list")["items"]
    assert [row["name"] for row in rows] == ["chief", "eye", "kaiser"] and rows[2]["node"] == "NETZ", rows
    database = open(os.path.join(nox.data, "nox.db"), "rb").read()
    assert READ.encode() not in database and bytes.fromhex(READ) not in database, "only hashes are kept"
    nox.stop()
finally:
    if nox.process and nox.process.poll() is None:
        nox.kill()
    nox.remove()
    shutil.rmtree(FOLDER, ignore_errors=True)
done = subprocess.run([os.path.join(BIN, "noxd"), "--admin-listen", "127.0.0.1:0"], capture_output=True, text=True, timeout=60)
assert done.returncode == 2 and "--tls-cert" in done.stderr, done
print("tokens, roles, renewal, kill -9 and strangers: as told")
