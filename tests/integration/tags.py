"""Tags at scale through the real programs: tables in and out, rights by groups, local lists that survive kill -9."""
import contextlib
import os
import sqlite3
import tempfile

import noxd
import ws


class ListStation(ws.Station):
    """Keeps a local list as OCPP 1.6 section 5.15 says."""

    def __init__(self, address, name, held=None, per_message=100, **more):
        self.version, self.list, self.sent, self.before_answer = *(held or (0, {})), [], None
        super().__init__(address, name, **more)
        self.answers.update({
            "GetConfiguration": {"configurationKey": [
                {"key": "SendLocalListMaxLength", "readonly": True, "value": str(per_message)},
                {"key": "SupportedFeatureProfiles", "readonly": True, "value": "Core,LocalAuthListManagement"}]},
            "GetLocalListVersion": lambda _: {"listVersion": self.version},
            "SendLocalList": self.take})

    def take(self, payload):
        entries = payload.get("localAuthorizationList", [])
        self.sent.append((payload["updateType"], payload["listVersion"], len(entries)))
        assert len({e["idTag"] for e in entries}) == len(entries), "an idTag twice in one message"
        if payload["updateType"] == "Full":
            assert all("idTagInfo" in e for e in entries), "a full list without idTagInfo"
            self.list = {}
        elif payload["listVersion"] <= self.version:
            return {"status": "VersionMismatch"}
        for e in entries:
            if "idTagInfo" in e:
                self.list[e["idTag"]] = e["idTagInfo"]["status"]
            else:
                self.list.pop(e["idTag"], None)
        self.version = payload["listVersion"]
        return self.before_answer() if self.before_answer else {"status": "Accepted"}


def in_step(nox, name):
    return nox.api("GET", f"/v1/local-lists?station={name}")[1]["items"][0]


def wanted(nox, name):
    return {e["id_tag"]: e["status"] for e in nox.api("GET", f"/v1/local-lists/{name}")[1]["items"]}


def until_in_step(nox, station, seconds=20):
    for _ in range(int(seconds / 0.2)):
        station.serve(0.2)
        view = in_step(nox, station.name)
        if view["state"] == "in step":
            return view
    raise AssertionError(f"not in step: {view}, sent {station.sent}")


def tables(nox, folder):
    path = os.path.join(folder, "tags.csv")
    with open(path, "w", encoding="utf-8", newline="") as out:
        out.write("\ufeffID_TAG;customer;status;expires_at;single_session;groups\r\n")
        for i in range(3000):
            out.write(f'T{i:05d};"C;{i}";{"blocked" if i % 7 == 0 else "Accepted"};;no;'
                      f'{"nord sued" if i % 3 == 0 else ""}\r\n')
    dry = nox.ctl_json("tag", "import", path, "--dry-run")
    assert (dry["added"], dry["dry_run"]) == (3000, True), dry
    assert nox.api("GET", "/v1/tags")[1]["items"] == [], "a dry run writes nothing"
    done = nox.ctl_json("tag", "import", path)
    assert done["added"] == 3000 and len(done["changes"]) == 20, done
    again = os.path.join(folder, "again.csv")
    text = nox.ctl("tag", "export")
    with open(again, "w", encoding="utf-8", newline="") as out:
        out.write(text)
    same = nox.ctl_json("tag", "import", again, "--delete-missing", "--yes")
    assert [same[k] for k in ("added", "changed", "removed", "unchanged")] == [0, 0, 0, 3000], same
    page = nox.api("GET", "/v1/tags?limit=10&after=T00099&group=sued&status=Accepted")[1]
    assert len(page["items"]) == 10 and page["items"][0]["id_tag"] == "T00102" and page["next"], page
    assert len(nox.api("GET", "/v1/tags?search=t0299")[1]["items"]) == 10
    with open(again, "w", encoding="utf-8") as out:
        out.write("id_tag,status,expires\nA,Accepted,\nB,Blokked,\na,Accepted,tomorrow\nA,Accepted,\n")
    bad = nox.ctl("tag", "import", again, check=False)
    assert bad.returncode == 1, bad
    for part in ("again.csv:3: status", "did you mean Blocked", "again.csv:4: expires", "again.csv:5: id_tag", "line 2"):
        assert part in bad.stderr, (part, bad.stderr)
    assert nox.api("GET", "/v1/tags/B")[0] == 404, "nothing is written when a line is wrong"


def rights(nox, folder):
    station = ws.Station(nox.address, "S0001")
    station.boot()
    assert station.call("Authorize", {"idTag": "t00001"})["idTagInfo"]["status"] == "Accepted"
    assert station.call("Authorize", {"idTag": "T00003"})["idTagInfo"]["status"] == "Blocked"
    shown = nox.ctl("tag", "show", "T00003", "--station", "S0001")
    assert "T00003 may charge in: nord sued; S0001 is in: west" in shown, shown
    assert "is Blocked" in nox.ctl("tag", "show", "T00007", "--station", "S0001")
    nox.ctl("tag", "groups", "T00003", "west,ost")
    assert station.call("Authorize", {"idTag": "T00003"})["idTagInfo"]["status"] == "Accepted"
    nox.ctl("tag", "block", "T00003")
    assert station.call("Authorize", {"idTag": "T00003"})["idTagInfo"]["status"] == "Blocked"
    nox.ctl("tag", "remove", "T00003", "--yes")
    assert station.call("Authorize", {"idTag": "T00003"})["idTagInfo"]["status"] == "Invalid"
    station.close()


def killed_in_the_middle(nox, folder):
    """The answer to the fifth part is never read; nothing is sent twice, nothing is missing."""
    station = ListStation(nox.address, "S0001")
    station.boot()

    def kill():
        if len(station.sent) == 5:
            nox.kill()
            return None
        return {"status": "Accepted"}

    station.before_answer = kill
    nox.ctl("local-list", "sync", "S0001")
    try:
        station.serve(15)
    except (ws.Closed, OSError):
        pass
    assert len(station.sent) == 5, station.sent
    nox.start()
    assert nox.ctl("local-list", "sync", "S0001", check=False).returncode == 7, "offline is told apart"
    again = ListStation(nox.address, "S0001", (station.version, station.list))
    again.boot()
    nox.ctl("tag", "block", "T00001")
    nox.ctl("tag", "remove", "T00002", "--yes")
    nox.ctl("local-list", "sync", "S0001")
    view = until_in_step(nox, again)
    assert all(kind == "Differential" for kind, _, _ in again.sent), again.sent
    assert again.list == wanted(nox, "S0001"), "the list is not what it should be"
    assert again.list["T00001"] == "Blocked" and "T00002" not in again.list
    assert view["installed"] == again.version and view["entries"] == len(again.list), (view, again.version)
    # a change comes by itself, as one entry
    before = len(again.sent)
    nox.ctl("tag", "unblock", "T00001")
    again.serve(5)
    assert again.list["T00001"] == "Accepted" and again.sent[before:] == [("Differential", again.version, 1)], again.sent[-3:]
    again.close()


def numbers_used_up(nox, folder):
    """Near 2^31 changes the tags are counted anew at the start, and lists begin again with a full one."""
    last = 2**31 - 2
    nox.stop()
    with contextlib.closing(sqlite3.connect(os.path.join(nox.data, "nox.db"))) as db, db:
        db.execute("UPDATE tag SET revision = ? WHERE key = 'T00001'", (last,))
        db.execute("UPDATE tag_state SET revision = ?", (last,))
        db.execute("UPDATE local_list SET version = ?, upto = ?", (last, last))
    nox.start()
    station = ListStation(nox.address, "S0001", (last, {"OLD": "Accepted"}), per_message=2000)
    station.boot()
    nox.ctl("local-list", "sync", "S0001")
    view = until_in_step(nox, station)
    assert station.sent[0][0] == "Full" and 0 < station.version < 10000, station.sent
    assert station.list == wanted(nox, "S0001") and view["installed"] == station.version
    station.close()


def main():
    with tempfile.TemporaryDirectory() as folder, noxd.running("--local-lists", "on") as nox:
        nox.apply(noxd.site(stations=1, profile=0, tariff=False, tags=(), groups=["west"]))
        for part in (tables, rights, killed_in_the_middle, numbers_used_up):
            part(nox, folder)
            print(f"ok   {part.__name__}")


if __name__ == "__main__":
    main()
