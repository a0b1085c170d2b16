"""Every connection that is refused is listed: who, why, how often, when, from where, and what to change; and forgotten on
demand.  Who could not prove himself is a security event as well."""
import time

from noxd import running, site
from ws import Refused, WsClient

NO_PROTOCOL, OTHER_PROTOCOL = (), ("ocpp2.0.1", "ocpp1.5")

# what happened, path, subprotocols, user, key; then status, identity, reason, what the text must say
CASES = (
    ("unknown station", "/ocpp/LAMP-9", ("ocpp1.6",), "LAMP-9", "x", 404, "LAMP-9", "unknown-station", "station add LAMP-9"),
    ("wrong path", "/steve/websocket/CentralSystemService/S0001", ("ocpp1.6",), "S0001", "KEY", 404, "S0001", "wrong-path",
     "ws://HOST:PORT/ocpp"),
    ("no identity", "/ocpp/", ("ocpp1.6",), "S0002", "x", 404, "S0002", "no-identity", "append"),
    ("wrong subprotocol", "/ocpp/S0001", OTHER_PROTOCOL, "S0001", "KEY", 400, "S0001", "wrong-subprotocol", "ocpp2.0.1, ocpp1.5"),
    ("no subprotocol", "/ocpp/S0001", NO_PROTOCOL, "S0001", "KEY", 400, "S0001", "no-subprotocol", "lax_subprotocol"),
    ("wrong case of the identity", "/ocpp/s0001", ("ocpp1.6",), "s0001", "KEY", 404, "s0001", "unknown-station",
     "S0001 is: identities count upper and lower case"),
    ("wrong key", "/ocpp/S0001", ("ocpp1.6",), "S0001", "wrong", 401, "S0001", "bad-key", "station key S0001"),
    ("another user name", "/ocpp/S0001", ("ocpp1.6",), "S0002", "KEY", 401, "S0001", "wrong-user", "must be the identity"),
    ("no key sent", "/ocpp/S0001", ("ocpp1.6",), None, None, 401, "S0001", "no-credentials", "AuthorizationKey"),
    ("no key made", "/ocpp/S0002", ("ocpp1.6",), "S0002", "x", 401, "S0002", "no-key-set", "station key S0002"),
)

with running() as nox:
    nox.apply(site(stations=2))
    nox.make_keys(["S0001"])
    host, port = nox.address

    def attempt(path, protocols, user, key, source=None):
        try:
            WsClient(host, port, path, protocols, user, nox.keys["S0001"] if key == "KEY" else key, source=source)
        except Refused as refusal:
            return refusal.status
        raise AssertionError(f"{path} was let in")

    began = time.strftime("%Y-%m-%dT%H:%M", time.gmtime())
    for what, path, protocols, user, key, status, *_ in CASES:
        assert attempt(path, protocols, user, key) == status, what
    time.sleep(0.05)
    for what, path, protocols, user, key, status, *_ in CASES:  # a second time, from elsewhere
        assert attempt(path, protocols, user, key, "127.0.0.7") == status, what
    time.sleep(0.5)
    rows = {(row["identity"], row["reason"]): row for row in nox.ctl_json("station", "refused")["items"]}
    assert len(rows) == len(CASES), sorted(rows)
    for what, *_, identity, reason, words in CASES:
        row = rows[identity, reason]
        assert row["count"] == 2 and row["address"] == "127.0.0.7", (what, row)
        assert began <= row["first_at"] < row["last_at"], (what, row)
        assert words in row["detail"], (what, row["detail"])
    table = nox.ctl("station", "refused")
    assert all(words.split()[0] in table for *_, words in CASES), table
    one = nox.ctl_json("station", "refused", "s0001")["items"]
    assert [row["reason"] for row in one] == ["unknown-station"], one

    # who could not prove himself: also a security event, noticed by noxd
    counts = {(row["station"], row["type"]): row for row in nox.ctl_json("security", "count")["items"]}
    of_lamp = counts["S0001", "FailedToAuthenticateAtCentralSystem"]
    assert of_lamp["count"] == 6 and of_lamp["origin"] == "central" and of_lamp["critical"] is False, counts
    listed = nox.ctl_json("security", "list", "--station", "S0001")["items"]
    assert len(listed) == 6 and "127.0.0.7" in listed[0]["info"], listed
    assert 'type="FailedToAuthenticateAtCentralSystem",critical="no"} 6' in nox.api("GET", "/v1/metrics")[1]

    nox.ctl("station", "refused", "--clear", "s0001")
    left = {row["identity"] for row in nox.ctl_json("station", "refused")["items"]}
    assert "s0001" not in left and "S0001" in left, left
    assert nox.ctl("station", "refused", "nobody", "--clear", check=False).returncode == 3
    nox.ctl("station", "refused", "--clear")
    assert nox.ctl_json("station", "refused")["items"] == []
    nox.ctl("station", "refused", "--clear")
    assert attempt("/ocpp/LAMP-9", ("ocpp1.6",), "LAMP-9", "x") == 404
    time.sleep(0.3)
    assert [row["count"] for row in nox.ctl_json("station", "refused")["items"]] == [1]
print(f"{len(CASES)} ways to be refused are shown and explained")
