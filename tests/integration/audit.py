"""Every change by the admin API is an event with who and why; what only looks is none, and no key is in it."""
from noxd import running, site

with running() as nox:
    nox.apply(site(stations=1))
    nox.make_keys(["S0001"])
    nox.ctl("--why", "ticket 7", "station", "registration", "S0001", "Pending")
    nox.ctl("tag", "block", "A1")
    nox.ctl("tag", "list")
    nox.ctl("grid", "prove")
    before = len(nox.ctl_json("event", "list", "--name", "admin.change")["items"])
    nox.api("POST", "/v1/apply?dry_run=1", site(stations=2))
    nox.api("POST", "/v1/stations/NOBODY/key")
    rows = nox.ctl_json("event", "list", "--name", "admin.change")["items"]
    assert len(rows) == before == 4, rows
    apply, key, registration, tag = rows
    assert apply["text"].endswith("POST /v1/apply"), apply
    assert key["station"] == "S0001" and nox.keys["S0001"] not in str(rows), key
    assert registration["text"].endswith('/registration {"status":"Pending"}; why: ticket 7'), registration
    assert "PUT /v1/tags/A1" in tag["text"] and '"Blocked"' in tag["text"], tag
print("who changed what is kept")
