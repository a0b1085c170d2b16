"""The end of certificates is told in time, once; stations are asked to renew theirs, each in its own hour."""
import os
import tempfile
import time

from certificates import Keys, eventually, pending
from noxd import running, site
from ws import Station


def hour_of(name):
    """As noxd spreads them over the day."""
    code = 2166136261
    for byte in name.encode():
        code = ((code ^ byte) * 16777619) & 0xFFFFFFFF
    return code % 24


def names_of_this_hour(n):
    """Also of the next one, if it begins while the test runs."""
    now = time.time()
    hours = {int(now // 3600) % 24, int((now + 60) // 3600) % 24}
    return [i for i in range(1, 2000) if hour_of(f"S{i:04d}") in hours][:n]


def events(nox, name):
    return nox.sql("SELECT severity, station, text FROM event WHERE name = ? ORDER BY seq", name)


def main():
    with tempfile.TemporaryDirectory() as folder, running("--cert-policy", "auto", "--cert-days", "20") as nox:
        number = names_of_this_hour(1)[0]
        name = f"S{number:04d}"
        nox.apply(site(stations=1, first=number))
        nox.make_keys([name])
        nox.ctl("cert", "ca", "init", "--days", "6", "--key", "rsa2048", "--name", "Short CA")
        assert events(nox, "cert.ending") == []
        keys = Keys(folder, name, None)
        station = Station(nox.address, name, nox.keys[name])
        station.boot()
        assert station.call("SignCertificate", {"csr": keys.csr(f"/CN={name}")}) == {"status": "Accepted"}
        station.answers["CertificateSigned"] = lambda payload: keys.take(payload["certificateChain"])
        station.wait_asked("CertificateSigned")
        eventually("accepted", lambda: nox.sql("SELECT state FROM cert_request") == [(4,)])
        assert pending(nox, name) == []
        station.close()
        listed = nox.ctl_json("cert", "list", "--expiring", "7d")["items"]
        assert sorted(r["kind"] for r in listed) == ["ca", "station"], "a certificate ends with its CA at the latest"
        assert nox.ctl_json("cert", "list", "--expiring", "3d")["items"] == []

        nox.stop()
        nox.start()
        told = eventually("told", lambda: len(events(nox, "cert.ending")) == 2 and events(nox, "cert.ending"))
        assert all(severity == 3 for severity, _, _ in told), told
        assert any("Short CA" in text and "cert ca init --replace" in text for _, _, text in told), told
        assert any(of == name for _, of, _ in told), told

        station = Station(nox.address, name, nox.keys[name])
        station.boot()
        asked = station.wait_asked("ExtendedTriggerMessage", timeout=25)
        assert asked == {"requestedMessage": "SignChargePointCertificate"}, asked
        rows = nox.sql("SELECT who, why FROM call_log WHERE action = 'ExtendedTriggerMessage'")
        assert rows == [("noxd", "its certificate ends soon")], rows
        assert len(events(nox, "cert.ending")) == 2, "said once"
        station.close()

        # a new CA: the older one is trusted on, its end still comes
        nox.ctl("cert", "ca", "init", "--replace", "--name", "Long CA")
        with open(os.path.join(nox.data, "pki", "ca.pem"), encoding="ascii") as file:
            assert file.read().count("BEGIN CERTIFICATE") == 2
        assert "Long CA" in nox.ctl("cert", "ca", "show")


if __name__ == "__main__":
    main()
