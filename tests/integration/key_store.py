"""Simulated stations with a key store of their own, from a password by ws to client certificates by wss: new keys, profile 2,
certificate requests, the CA's root installed, profile 3, a renewal, restarts, a certificate that ends, one that is revoked.
"""
import datetime
import json
import os
import signal
import subprocess
import sys
import tempfile
import time

from noxd import BIN, ROOT, running, site

NAMES = ["S0001", "S0002", "S0003"]
GRID = [{"id": "N", "limit_a": 63}]
LIFE_S = 25  # of a certificate that is to end within the test


def eventually(what, test, seconds=40):
    deadline = time.monotonic() + seconds
    while not (got := test()):
        assert time.monotonic() < deadline, what
        time.sleep(0.1)
    return got


class Street:
    """noxsim run with the same key store every time."""

    def __init__(self, nox, folder, ca):
        self.nox, self.folder, self.store = nox, folder, os.path.join(folder, "store")
        self.words = ["--site", os.path.join(folder, "site.json"), "--keys", os.path.join(folder, "keys.csv"), "--key-store",
                      self.store, "--ca", ca, "--arrivals-per-hour", "0"]
        self.errors = os.path.join(folder, "sim.log")

    def __enter__(self):
        urls = [url.rstrip("/") for url in self.nox.urls]
        words = [word for url in urls for word in ("--url", url.replace("127.0.0.1", "localhost"))]
        with open(self.errors, "ab") as errors:
            self.process = subprocess.Popen([os.path.join(BIN, "noxsim"), "run", *words, *self.words],
                                            stdout=subprocess.DEVNULL, stderr=errors)
        return self

    def __exit__(self, kind, *_):
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(30)
        with open(self.errors, encoding="utf-8") as file:
            text = file.read()
        if kind is not None:
            print(text[-4000:], file=sys.stderr)
        assert "Sanitizer" not in text and "runtime error" not in text, text
        assert kind is not None or code == 0, text


def online(nox, name):
    return nox.ctl_json("station", "show", name)["online"]


def pending(nox):
    return nox.ctl_json("cert", "pending")["items"]


def raise_profile(nox, number):
    nox.ctl("station", "security-profile", *NAMES, str(number), "--yes", "--why", "a test")
    for name in NAMES:
        eventually(f"{name} comes by profile {number}",
                   lambda: nox.sql("SELECT security_profile FROM station WHERE id = ?", name)[0][0] == number and online(nox, name))


def first_certificates(nox):
    """The first one of a station is approved by a person."""
    nox.ctl("cert", "renew", *NAMES)
    rows = eventually("requests of all", lambda: (r := pending(nox)) if len(pending(nox)) == len(NAMES) else None)
    nox.ctl("cert", "approve", *[str(row["id"]) for row in rows])
    eventually("all are decided", lambda: not pending(nox))


def from_password_to_certificate(nox, street):
    for name in NAMES:
        eventually(f"{name} is there", lambda: online(nox, name))
    nox.ctl("station", "key", *NAMES, "--push", "--yes")
    for name in NAMES:
        path = os.path.join(street.store, name, "password")
        eventually("the new key is in use", lambda: os.path.exists(path) and online(nox, name))
        assert os.stat(path).st_mode & 0o777 == 0o600
    raise_profile(nox, 2)
    nox.ctl("cert", "install", *NAMES, "--type", "central", "--file", os.path.join(nox.data, "pki", "ca.pem"), "--yes")
    first_certificates(nox)
    raise_profile(nox, 3)


def own_certificate(street, name):
    with open(os.path.join(street.store, name, "chain.pem"), encoding="ascii") as file:
        done = subprocess.run(["openssl", "x509", "-noout", "-fingerprint", "-sha256", "-subject"], input=file.read(),
                              capture_output=True, text=True, check=True)
    assert f"CN = {name}" in done.stdout and "O = DEW21" in done.stdout, done.stdout
    return done.stdout.partition("=")[2].partition("\n")[0].replace(":", "").lower()


def refused(nox, name, word):
    return [r for r in nox.ctl_json("station", "refused")["items"] if name in json.dumps(r) and word in json.dumps(r).lower()]


def sign_elsewhere(nox, folder, csr, seconds):
    """By openssl with the key of the CA: such a short life is no option of noxd's.  Returns the chain's file."""
    files = {part: os.path.join(folder, part) for part in ("ca.cnf", "index", "short.csr", "short.pem", "chain.pem")}
    ca, key = (os.path.join(nox.data, "pki", part) for part in ("ca.pem", "ca.key"))
    with open(files["ca.cnf"], "w", encoding="ascii") as out:
        out.write(f"[ca]\ndefault_ca=d\n[d]\ndatabase={files['index']}\nnew_certs_dir={folder}\nrand_serial=yes\n"
                  "default_md=sha256\npolicy=p\nx509_extensions=x\n[p]\norganizationName=supplied\ncommonName=supplied\n"
                  "[x]\nextendedKeyUsage=clientAuth\nkeyUsage=digitalSignature\n")
    with open(files["index"], "w", encoding="ascii"), open(files["short.csr"], "w", encoding="ascii") as out:
        out.write(csr)
    begin = datetime.datetime.now(datetime.timezone.utc)
    end = begin + datetime.timedelta(seconds=seconds)
    subprocess.run(["openssl", "ca", "-batch", "-config", files["ca.cnf"], "-cert", ca, "-keyfile", key, "-in", files["short.csr"],
                    "-out", files["short.pem"], "-startdate", begin.strftime("%y%m%d%H%M%SZ"), "-enddate",
                    end.strftime("%y%m%d%H%M%SZ"), "-notext"], check=True, capture_output=True)
    with open(files["chain.pem"], "w", encoding="ascii") as out:
        for part in (files["short.pem"], ca):
            with open(part, encoding="ascii") as file:
                out.write(file.read())
    return files["chain.pem"], end.timestamp()


def short_one(nox, street, folder, name):
    """By the whole flow, too: asked for, signed, taken.  Returns when it ends."""
    before = own_certificate(street, name)
    nox.ctl("cert", "renew", name)
    (row, ) = eventually("its request waits", lambda: [r for r in pending(nox) if r["station"] == name])
    chain, end = sign_elsewhere(nox, folder, nox.ctl("cert", "csr", str(row["id"])), LIFE_S)
    nox.ctl("cert", "sign", str(row["id"]), "--cert", chain)
    eventually("the short one is installed", lambda: own_certificate(street, name) != before)
    return end


def main():
    with tempfile.TemporaryDirectory() as folder:
        pki = os.path.join(folder, "server")
        subprocess.run([os.path.join(ROOT, "certs", "make-pki"), pki], check=True, stdout=subprocess.DEVNULL)
        flags = ["--tls-listen", "127.0.0.1:0", "--tls-cert", os.path.join(pki, "server-ec.pem"), "--tls-key",
                 os.path.join(pki, "server-ec.key"), "--cpo-name", "DEW21"]
        with running(*flags) as nox:
            plan = site(stations=3, grid=GRID, wiring="RST", rating_a=16, safe_a=0)
            nox.apply(plan)
            with open(os.path.join(folder, "site.json"), "w", encoding="utf-8") as out:
                json.dump(plan, out)
            nox.make_keys(NAMES)
            nox.write_keys(os.path.join(folder, "keys.csv"))
            nox.ctl("cert", "ca", "init")
            street = Street(nox, folder, os.path.join(pki, "ca.pem"))
            with street:
                from_password_to_certificate(nox, street)
                before = {name: own_certificate(street, name) for name in NAMES}
                nox.ctl("cert", "renew", "S0001")  # signed without asking
                eventually("a new one", lambda: own_certificate(street, "S0001") != before["S0001"])
            nox.stop()
            nox.flags += ["--cert-policy", "manual"]
            nox.start()
            with street:  # what they were given outlasts restarts
                for name in NAMES:
                    eventually(f"{name} comes with its certificate", lambda: online(nox, name))
                    assert own_certificate(street, name)
                end = short_one(nox, street, folder, "S0003")
            with street:
                for name in NAMES:
                    eventually(f"{name} comes with its certificate", lambda: online(nox, name))
                assert time.time() < end and not refused(nox, "S0003", "expired"), "too slow for a life of so few seconds"
                nox.ctl("cert", "revoke", before["S0002"], "--yes", "--why", "the lamp was stolen")
                eventually("S0002 is refused", lambda: not online(nox, "S0002") and refused(nox, "S0002", "revoked"))
            time.sleep(max(0, end + 1 - time.time()))
            with street:
                eventually("S0001 comes", lambda: online(nox, "S0001"))
                eventually("S0003 is refused", lambda: refused(nox, "S0003", "expired"))
                assert online(nox, "S0001") and not online(nox, "S0002") and not online(nox, "S0003")
                assert "expired" in nox.ctl("doctor", "S0003", check=False).stdout, "doctor knows why"
    print("from a password to a client certificate, by wss, through restarts; what has ended or was revoked is refused")


main()
