"""Local authorisation list: the central system brings it to each station by itself, and at once when told to."""
from tool import case

KEYS = {"SupportedFeatureProfiles": "Core,LocalAuthListManagement", "LocalAuthListEnabled": "true",
        "LocalAuthListMaxLength": "100", "SendLocalListMaxLength": "100"}


def configuration(asked):
    names = asked.get("key") or list(KEYS)
    return {"configurationKey": [{"key": k, "readonly": True, "value": KEYS[k]} for k in names if k in KEYS],
            "unknownKey": [k for k in names if k not in KEYS]}


def lists_point(t, version, send="Accepted"):
    return t.point(answers={"GetConfiguration": configuration, "GetLocalListVersion": {"listVersion": version},
                            "SendLocalList": {"status": send}})


def row(t):
    return t.json("local-list", "status", t.name)["items"][0]


def version_asked(t, version):
    cp = lists_point(t, version)
    t.run("local-list", "sync", t.name, expect=(0, 8))
    assert cp.wait_asked("GetLocalListVersion") == {}
    return cp


@case("TC_042_1_CSMS")
def version_not_supported(t):
    version_asked(t, -1)
    t.eventually("it is shown as unable", lambda: row(t)["state"] == "unable")


@case("TC_042_2_CSMS")
def version_empty(t):
    cp = version_asked(t, 0)
    assert cp.wait_asked("SendLocalList")["updateType"] == "Full"


def full_list(t, cp):
    t.run("local-list", "sync", t.name, "--full", expect=(0, 8))
    asked = cp.wait_asked("SendLocalList", match=lambda a: a["updateType"] == "Full")
    entries = asked["localAuthorizationList"]
    assert asked["listVersion"] > 0 and entries, asked
    assert all("idTagInfo" in entry for entry in entries), entries
    assert len({entry["idTag"] for entry in entries}) == len(entries), entries
    return asked


@case("TC_043_1_CSMS")
def send_not_supported(t):
    full_list(t, lists_point(t, 0, "NotSupported"))
    t.eventually("it is shown as unable", lambda: row(t)["state"] == "unable")


@case("TC_043_3_CSMS")
def send_failed(t):
    full_list(t, lists_point(t, 0, "Failed"))
    t.eventually("the failure is shown", lambda: row(t)["result"] == "Failed")


@case("TC_043_4_CSMS")
def send_full(t):
    asked = full_list(t, lists_point(t, 0))
    t.eventually("it is in step", lambda: row(t)["installed"] >= asked["listVersion"])


@case("TC_043_5_CSMS", groups=["conformance"])
def send_differential(t):
    cp = lists_point(t, 0)
    asked = full_list(t, cp)
    before = asked["listVersion"]
    t.eventually("it is in step", lambda: row(t)["installed"] >= before)
    cp.answers["GetLocalListVersion"] = lambda _: {"listVersion": row(t)["installed"]}
    t.run("tag", "add", "ONLYONE", "--groups", "conformance")
    asked = cp.wait_asked("SendLocalList", match=lambda a: a["updateType"] == "Differential")
    assert asked["listVersion"] > before, asked
    assert [entry["idTag"] for entry in asked["localAuthorizationList"]] == ["ONLYONE"], asked
    assert asked["localAuthorizationList"][0]["idTagInfo"]["status"] == "Accepted", asked
