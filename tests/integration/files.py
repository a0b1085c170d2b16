"""The file server on the listeners of stations: curl and wget, ranges, forms, hostile, slow and vanishing peers."""
import hashlib
import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time

from noxd import ROOT, running, site
from ws import Station, connect_tcp

PIECE = "0123456789abcdef"
MIB = 1 << 20


def run(*words, ok=(0,), **more):
    done = subprocess.run(words, capture_output=True, timeout=60, **more)
    assert done.returncode in ok, (words, done.returncode, done.stderr[-500:])
    return done.stdout


def sha(data):
    return hashlib.sha256(data).hexdigest()


def add_firmware(nox, blob, version="2.0"):
    for offset in range(0, len(blob), 4 * MIB):
        status, answer = nox.api("PUT", f"/v1/firmware/pieces/{PIECE}?offset={offset}", raw=blob[offset:offset + 4 * MIB])
        assert status == 200, answer
    status, answer = nox.api("POST", "/v1/firmware", {"upload": PIECE, "version": version, "name": "../a b.bin",
                                                      "sha256": sha(blob)})
    assert status == 200, answer
    return answer["id"]


def ask(nox, station, path, body, action):
    """Begin a transfer; the station's request, and noxd's answer."""
    out, before = [], len(station.asked)
    thread = threading.Thread(target=lambda: out.append(nox.api("POST", f"/v1/stations/{station.name}/{path}", body)))
    thread.start()
    deadline = time.monotonic() + 20
    while not any(name == action for name, _ in station.asked[before:]):
        assert time.monotonic() < deadline and thread.is_alive() or out == [], out
        station.serve(0.05)
    while thread.is_alive():
        station.serve(0.05)
    status, answer = out[0]
    assert status == 200, answer
    return [payload for name, payload in station.asked[before:] if name == action][-1], answer


def job(nox, number):
    status, answer = nox.api("GET", f"/v1/file-jobs/{number}")
    assert status == 200, answer
    return answer["items"][0] if "items" in answer else answer


def wait_job(nox, number, check, timeout=20):
    deadline = time.monotonic() + timeout
    while not check(job(nox, number)):
        assert time.monotonic() < deadline, job(nox, number)
        time.sleep(0.05)
    return job(nox, number)


def code(*words):
    return int(run("curl", "-s", "-o", os.devnull, "-w", "%{http_code}", *words, ok=(0, 18, 22, 55, 56)))


def cpu_s(nox):
    with open(f"/proc/{nox.process.pid}/stat", encoding="ascii") as stat:
        fields = stat.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def downloads(nox, station, blob, folder, tls=()):
    number = add_firmware(nox, blob)
    request, answer = ask(nox, station, "firmware", {"firmware": number}, "UpdateFirmware")
    url, to = request["location"], os.path.join(folder, "got")
    assert run("curl", "-sS", *tls, url) == blob
    assert run("curl", "-sS", "-0", *tls, url) == blob, "HTTP/1.0"
    head = run("curl", "-sSI", *tls, url).decode()
    assert f"Content-Length: {len(blob)}" in head and "Accept-Ranges: bytes" in head, head
    etag = f'"{sha(blob)}"'
    assert f"ETag: {etag}" in head, head
    date = next(line.split(": ", 1)[1] for line in head.splitlines() if line.startswith("Last-Modified"))
    for text, want in (("0-9", blob[:10]), ("100-", blob[100:]), ("-7", blob[-7:]), ("5-5", blob[5:6]),
                       ("0-999999999", blob), ("0-1,5-6", blob), ("9-3", blob)):
        assert run("curl", "-sS", *tls, "-r", text, url) == want, text
    assert code(*tls, "-r", f"{len(blob)}-", url) == 416
    assert code(*tls, "-H", f"If-None-Match: {etag}", url) == 304
    assert code(*tls, "-H", f"If-Modified-Since: {date}", url) == 304
    for same, want in ((etag, 206), (date, 206), ('"other"', 200), (f"W/{etag}", 200)):
        assert code(*tls, "-r", "0-5", "-H", f"If-Range: {same}", url) == want, same
    with open(to, "wb") as part:  # half of it is there
        part.write(blob[:len(blob) // 2])
    run("curl", "-sS", *tls, "-C", "-", "-o", to, url)
    assert sha(open(to, "rb").read()) == sha(blob)
    with open(to, "wb") as part:
        part.write(blob[:len(blob) // 3])
    run("wget", "-q", "-c", "--no-check-certificate", "-O", to, url)
    assert sha(open(to, "rb").read()) == sha(blob)
    assert code(*tls, "-T", to, url) == 405
    return url, answer["id"]


def log_job(nox, station):
    request, answer = ask(nox, station, "log", {"type": "security"}, "GetLog")
    assert request["requestId"] == answer["id"], (request, answer)
    return request["log"]["remoteLocation"], answer["id"]


def kept(nox, number):
    done = wait_job(nox, number, lambda j: j["file"] is not None)
    with open(os.path.join(nox.data, "files", "uploads", done["file"]), "rb") as file:
        return file.read(), done


def uploads(nox, station, folder, tls=()):
    blob, path = os.urandom(700_001), os.path.join(folder, "log.txt")
    with open(path, "wb") as file:
        file.write(blob)
    url, number = log_job(nox, station)
    assert code(*tls, "-T", path, url) == 201
    data, done = kept(nox, number)
    assert data == blob and done["sha256"] == sha(blob) and done["bytes"] == len(blob), done
    assert code(*tls, "-T", path, url) == 404, "an address is good once"
    station.call("LogStatusNotification", {"status": "Uploaded", "requestId": number})
    assert wait_job(nox, number, lambda j: j["state"] == "done")["status"] == "Uploaded"
    status, text = nox.api("GET", f"/v1/files/{done['file']}")
    assert status == 200 and len(text) > 0

    url, number = log_job(nox, station)  # a form, with other fields before and a name that wants out
    assert code(*tls, "-F", "who=me", "-F", f"file=@{path};filename=../../x y.log", url) == 201
    data, done = kept(nox, number)
    assert data == blob and done["file"] == f"{number}-x_y.log", done

    url, number = log_job(nox, station)  # a form as small as it gets: --\r\n inside the file
    small = os.path.join(folder, "small")
    with open(small, "wb") as file:
        file.write(b"\r\n--\r\n\r\n----")
    assert code(*tls, "-F", f"f=@{small}", url) == 201
    assert kept(nox, number)[0] == b"\r\n--\r\n\r\n----"

    url, number = log_job(nox, station)  # in parts, with one lost in between
    third = len(blob) // 3
    for first, last, want in ((0, third, 200), (2 * third, len(blob), 409), (third, len(blob), 201)):
        with open(small, "wb") as file:
            file.write(blob[first:last])
        got = code(*tls, "-T", small, "-H", f"Content-Range: bytes {first}-{last - 1}/{len(blob)}", url)
        assert got == want, (first, got)
    assert kept(nox, number)[0] == blob

    url, number = log_job(nox, station)
    assert code(*tls, "-X", "PUT", "-H", "Transfer-Encoding: chunked", "--data-binary", f"@{path}", url) == 411
    big = os.path.join(folder, "big")
    with open(big, "wb") as file:
        file.truncate(6_000_000)
    assert code(*tls, "-T", big, url) == 413
    assert code(*tls, url) == 405, "an upload's address gives nothing away"
    with open(small, "wb"):
        pass
    assert code(*tls, "-T", small, url) == 201, "an empty file is one"
    assert kept(nox, number)[0] == b""


def hostile(nox, url):
    host, port = nox.address
    token = url.split("/files/")[1].split("/")[0]
    base = f"http://{host}:{port}"
    for path in ("/files/", "/files/x", "/files/" + token[:-1], "/files/" + token + "x/a", "/files/../../etc/passwd",
                 "/files/" + "A" * 43 + "/..%2f..%2fnox.db"):
        assert code("--path-as-is", base + path) in ((404,) if ".." not in path else (400, 404)), path
    assert code("-X", "DELETE", url) == 405 and code("-X", "POST", "-d", "x=1", url) == 405
    assert token not in nox.log() and "file.refused" in nox.log(), nox.log()[-2000:]
    assert nox.log().count("file.refused") <= 6, "recorded at a limited rate"
    dump = "\n".join(str(row) for table in ("call_log", "event", "file_job") for row in nox.sql(f"SELECT * FROM {table}"))
    assert token not in dump, "a token is no business of the database"
    # Two requests in one go: the first is answered, the connection ends.
    with connect_tcp(host, port) as sock:
        line = f"GET /files/{token}/f HTTP/1.1\r\nHost: x\r\nRange: bytes=0-3\r\n\r\n".encode()
        sock.sendall(line + line)
        got = b""
        while chunk := sock.recv(65536):
            got += chunk
        assert got.count(b"HTTP/1.1 206") == 1, got[:300]


def crowded(nox, url):
    """Those that know no token do not take the places of those that do; nor does one job take all."""
    host, port = nox.address
    path = url[url.index("/files/"):]
    socks = []
    for _ in range(300):  # told no, and they stay
        sock = connect_tcp(host, port)
        sock.sendall(b"GET /files/none HTTP/1.1\r\nHost: x\r\n\r\n")
        socks.append(sock)
    assert code("-r", "0-9", url) == 206, "refused for a crowd of strangers"
    for _ in range(30):  # of one job, and they do not read
        sock = connect_tcp(host, port)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        sock.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        socks.append(sock)
    assert code("-r", "0-9", url) == 503, "one job has as many places as it likes"
    for sock in socks:
        sock.close()
    deadline = time.monotonic() + 20
    while code("-r", "0-9", url) != 206:
        assert time.monotonic() < deadline, "places are not given back"
        time.sleep(0.2)


def elsewhere(nox, station):
    """The password of a server that is not ours is forgotten when the job is over."""
    request, answer = ask(nox, station, "diagnostics", {"url": "ftp://joe:open-sesame@files.example/in/"}, "GetDiagnostics")
    assert request["location"] == "ftp://joe:open-sesame@files.example/in/", request
    station.call("DiagnosticsStatusNotification", {"status": "Uploaded"})
    wait_job(nox, answer["id"], lambda j: j["state"] == "done")
    assert nox.sql("SELECT url FROM file_job WHERE id = ?", answer["id"]) == [("ftp://***@files.example/in/",)]


def put(nox, path, data, length=None, part=None):
    """The status of a PUT, None when noxd hangs up."""
    head = f"PUT {path} HTTP/1.1\r\nHost: x\r\nContent-Length: {length or len(data)}\r\n"
    with connect_tcp(*nox.address) as sock:
        try:
            sock.sendall((head + (f"Content-Range: {part}\r\n" if part else "") + "\r\n").encode() + data)
            got = sock.recv(1000)
        except OSError:
            return None
    return int(got.split()[1]) if got else None


def untouched(nox, station):
    """What is refused leaves what is here as it is: a part, and a file that is just being stored."""
    url, number = log_job(nox, station)
    path = url[url.index("/files/"):]
    assert put(nox, path, b"a" * 1000, part="bytes 0-999/2000") == 200
    assert put(nox, path, b"", length=6_000_000) == 413
    assert put(nox, path, b"b" * 1000, part="bytes 1000-1999/2000") == 201, "the part has gone"
    assert kept(nox, number)[0] == b"a" * 1000 + b"b" * 1000
    seen = set()
    for _ in range(6):
        url, number = log_job(nox, station)
        path, blob, out = url[url.index("/files/"):], os.urandom(4_900_000), []
        first = threading.Thread(target=lambda: out.append(put(nox, path, blob)))
        first.start()
        tmp = os.path.join(nox.data, "files", "tmp", f"{number}.part")
        while first.is_alive() and not (os.path.exists(tmp) and os.path.getsize(tmp) == len(blob)):
            pass
        while first.is_alive():
            seen.add(put(nox, path, b"EVIL", length=10))
        first.join()
        if out == [201]:
            data, done = kept(nox, number)
            assert data == blob and done["sha256"] == sha(blob), done
    assert 503 in seen, seen


def quiet(nox, seconds=2.0):
    """What noxd burns while nothing should happen."""
    begin = cpu_s(nox)
    time.sleep(seconds)
    return (cpu_s(nox) - begin) / seconds


def stalled(nox, station, url):
    """Peers that stop in the middle of an answer or of a body, or go: no processor time, no harm to the others."""
    host, port = nox.address
    path = url[url.index("/files/"):]
    upload, _ = log_job(nox, station)
    upload = upload[upload.index("/files/"):]
    idle = quiet(nox)
    socks = []
    for _ in range(10):  # do not read
        sock = connect_tcp(host, port)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        sock.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\nGET {path} HTTP/1.1\r\n".encode())
        socks.append(sock)
    for _ in range(5):  # ask and are through with speaking
        sock = connect_tcp(host, port)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        sock.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        sock.shutdown(socket.SHUT_WR)
        socks.append(sock)
    sock = connect_tcp(host, port)  # promises more than it sends
    sock.sendall(f"PUT {upload} HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\nabc".encode())
    socks.append(sock)
    time.sleep(0.5)
    busy = quiet(nox)
    assert busy < idle + 0.15, f"{busy:.2f} of a processor while 16 peers stall ({idle:.2f} before)"
    begin = time.monotonic()
    assert station.call("Heartbeat", {})["currentTime"]
    assert time.monotonic() - begin < 2
    for i, sock in enumerate(socks):  # some go with a reset, some in peace
        if i % 2:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        sock.close()
    time.sleep(0.5)
    busy = quiet(nox)
    assert busy < idle + 0.15, f"{busy:.2f} of a processor after they went"
    deadline = time.monotonic() + 20
    while nox.api("GET", "/v1/files")[1]["transfers"] > 0:
        assert time.monotonic() < deadline, "sockets of peers that went are kept"
        time.sleep(0.2)


def fair(nox, station, url, blob):
    """Twelve downloads at once: all arrive, and a heartbeat does not wait for them."""
    processes = [subprocess.Popen(["curl", "-sS", "-o", os.devnull, "-w", "%{size_download}", url],
                                  stdout=subprocess.PIPE) for _ in range(12)]
    worst = 0.0
    while any(process.poll() is None for process in processes):
        begin = time.monotonic()
        station.call("Heartbeat", {})
        worst = max(worst, time.monotonic() - begin)
    assert [int(process.communicate()[0]) for process in processes] == [len(blob)] * 12
    assert worst < 2, worst
    print(f"worst heartbeat beside 12 downloads: {worst * 1000:.0f} ms")


def quota(nox, station, folder):
    """The oldest uploads make way, firmware does not."""
    path = os.path.join(folder, "four")
    with open(path, "wb") as file:
        file.write(os.urandom(4_000_000))
    names = []
    for _ in range(4):
        url, number = log_job(nox, station)
        assert code("-T", path, url) == 201
        names.append(kept(nox, number)[1]["file"])
    status, files = nox.api("GET", "/v1/files")
    assert files["used_bytes"] <= files["max_bytes"], files
    there = {item["file"] for item in files["items"]}
    assert names[-1] in there and names[0] not in there, (names, there)
    assert "file.pruned" in nox.log()
    status, answer = nox.api("PUT", f"/v1/firmware/pieces/{PIECE}?offset=100000000", raw=b"x")
    assert status == 503 and "--files-max-bytes" in answer["error"]["message"], answer


def restart(nox, station, url, blob):
    """kill -9: addresses that were given go on being good."""
    port = nox.address[1]
    nox.kill()
    nox.start(port)
    assert run("curl", "-sS", "-r", "0-99", url) == blob[:100]
    again = Station(nox.address, station.name, nox.keys[station.name], answers=station.answers)
    again.boot()
    return again


def https(folder):
    pki = os.path.join(folder, "pki")
    run(os.path.join(ROOT, "certs", "make-pki"), "--test", pki)
    flags = ["--tls-listen", "127.0.0.1:0", "--tls-cert", f"{pki}/server-ec.pem", "--tls-key", f"{pki}/server-ec.key",
             "--upload-max-bytes", "5000000"]
    import ssl
    with running(*flags) as nox:
        nox.apply(site(stations=1, profile=2))
        nox.make_keys(["S0001"])
        url = next(u for u in nox.urls if u.startswith("wss://"))
        address = ("localhost", int(url.split("/")[2].rpartition(":")[2]))
        station = Station(address, "S0001", nox.keys["S0001"], answers={"UpdateFirmware": {}},
                          tls=ssl.create_default_context(cafile=f"{pki}/ca.pem"))
        station.boot()
        blob = os.urandom(2_345_678)
        url, _ = downloads(nox, station, blob, folder, ("--cacert", f"{pki}/ca.pem"))
        assert url.startswith(f"https://localhost:{address[1]}/files/"), url
        uploads(nox, station, folder, ("--cacert", f"{pki}/ca.pem"))
        sock = ssl.create_default_context(cafile=f"{pki}/ca.pem").wrap_socket(connect_tcp(*address), server_hostname="localhost")
        sock.sendall(f"GET {url[url.index('/files/'):]} HTTP/1.1\r\nHost: x\r\n\r\nmore".encode())
        time.sleep(0.3)
        assert quiet(nox) < 0.2, "a TLS peer that does not read"
        sock.close()


def public_url(folder):
    with running("--public-url", "http://files.example:8080/", "--public-url", "https://files.example") as nox:
        nox.apply(site(stations=1))
        nox.make_keys(["S0001"])
        station = Station(nox.address, "S0001", nox.keys["S0001"])
        station.boot()
        url, _ = log_job(nox, station)
        assert url.startswith("http://files.example:8080/files/"), url


def commands(nox, station, folder):
    """noxctl: signed firmware is checked before it is taken; a log is asked for, waited for and fetched."""
    image, key, cert, sig = (os.path.join(folder, name) for name in ("lamp.bin", "key.pem", "cert.pem", "lamp.sig"))
    with open(image, "wb") as file:
        file.write(os.urandom(50_000))
    for kind in (("rsa:2048",), ("ec", "-pkeyopt", "ec_paramgen_curve:prime256v1")):
        run("openssl", "req", "-x509", "-newkey", *kind, "-nodes", "-keyout", key, "-out", cert, "-days", "2", "-subj", "/CN=maker")
        run("openssl", "dgst", "-sha256", "-sign", key, "-out", sig, image)
        words = ("firmware", "add", image, "--version", "3.0", "--signature", sig, "--cert", cert)
        number = nox.ctl_json(*words)["id"]
    with open(image, "ab") as file:
        file.write(b"x")
    refused = nox.ctl(*words, check=False)
    assert refused.returncode != 0 and "signature does not fit" in refused.stderr, refused
    assert nox.ctl(*words, "--no-check")
    assert "3.0" in nox.ctl("firmware", "list")

    station.answers["SignedUpdateFirmware"] = {"status": "Accepted"}
    out, before = [], len(station.asked)
    thread = threading.Thread(target=lambda: out.append(nox.ctl("firmware", "update", station.name, str(number), "--signed")))
    thread.start()
    while thread.is_alive():
        station.serve(0.05)
    request = [p for a, p in station.asked[before:] if a == "SignedUpdateFirmware"][-1]["firmware"]
    assert request["signingCertificate"].startswith("-----BEGIN CERT") and "job" in out[0], (request, out)

    before = len(station.asked)
    thread = threading.Thread(target=lambda: out.append(nox.ctl("log", "get", station.name, "--out", folder)))
    thread.start()
    while not any(a == "GetLog" for a, _ in station.asked[before:]):
        station.serve(0.05)
    log = station.asked[-1][1]
    assert code("-T", image, log["log"]["remoteLocation"]) == 201
    station.call("LogStatusNotification", {"status": "Uploaded", "requestId": log["requestId"]})
    while thread.is_alive():
        station.serve(0.05)
    name = f"{log['requestId']}-security-log"
    with open(os.path.join(folder, name), "rb") as got, open(image, "rb") as want:
        assert got.read() == want.read(), out
    assert name in nox.ctl("file", "list") and "security-log" in nox.ctl("file", "jobs", station.name)
    nox.ctl("file", "remove", name, "--yes")
    assert nox.ctl("file", "get", name, "-", check=False).returncode == 3
    offline = nox.ctl("diagnostics", "get", "S0002", check=False)
    assert offline.returncode == 7, offline


def main():
    with tempfile.TemporaryDirectory() as folder:
        with running("--upload-max-bytes", "5000000", "--files-max-bytes", "24000000") as nox:
            nox.apply(site(stations=2))
            nox.make_keys(["S0001"])
            station = Station(nox.address, "S0001", nox.keys["S0001"], answers={"UpdateFirmware": {}})
            station.boot()
            commands(nox, station, folder)
            blob = os.urandom(9 * MIB + 1)
            url, _ = downloads(nox, station, blob, folder)
            uploads(nox, station, folder)
            hostile(nox, url)
            stalled(nox, station, url)
            fair(nox, station, url, blob)
            elsewhere(nox, station)
            crowded(nox, url)
            quota(nox, station, folder)
            untouched(nox, station)
            restart(nox, station, url, blob)
        https(folder)
        public_url(folder)


if __name__ == "__main__":
    main()
