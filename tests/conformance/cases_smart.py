"""Reservation and Smart charging."""
import time

from tool import at, case, instant

# --- reservation ---


def reserve(t, cp, connector=1, id_tag="VALID", flags=("--for", "10m"), expect=0):
    t.run("reservation", "create", t.name, connector, id_tag, *flags, expect=expect)
    asked = cp.wait_asked("ReserveNow")
    assert (asked["connectorId"], asked["idTag"]) == (connector, id_tag) and asked["reservationId"] > 0, asked
    return asked


def state_of(t, reservation_id):
    for row in t.json("reservation", "list", "--all", "--station", t.name)["items"]:
        if row["id"] == reservation_id:
            return row["state"]
    return None


def comes_to(t, reservation_id, state):
    t.eventually(f"reservation {reservation_id} is {state}", lambda: state_of(t, reservation_id) == state)


@case("TC_046_CSMS")
def reserve_and_use(t):
    cp = t.point()
    asked = reserve(t, cp)
    assert 500 < (instant(asked["expiryDate"]) - instant(at())).total_seconds() < 700, asked
    cp.status("Reserved")
    comes_to(t, asked["reservationId"], "active")
    cp.authorized()
    cp.started(reservationId=asked["reservationId"])
    cp.status("Charging")
    comes_to(t, asked["reservationId"], "used")


@case("TC_047_CSMS")
def reservation_expires(t):
    cp = t.point()
    asked = reserve(t, cp, flags=("--for", "2s"))
    cp.status("Reserved")
    time.sleep(2.1)
    cp.status("Available")
    comes_to(t, asked["reservationId"], "expired")


def refused(t, status):
    cp = t.point(answers={"ReserveNow": {"status": status}})
    return cp


@case("TC_048_1_CSMS")
def reserve_faulted(t):
    cp = refused(t, "Faulted")
    comes_to(t, reserve(t, cp, expect=8)["reservationId"], "refused")


@case("TC_048_2_CSMS")
def reserve_occupied(t):
    cp = refused(t, "Occupied")
    cp.status("Preparing")
    comes_to(t, reserve(t, cp, expect=8)["reservationId"], "refused")


@case("TC_048_3_CSMS")
def reserve_unavailable(t):
    cp = refused(t, "Unavailable")
    t.run("station", "availability", t.name, "inoperative", "--connector", 1)
    assert cp.wait_asked("ChangeAvailability") == {"connectorId": 1, "type": "Inoperative"}
    cp.status("Unavailable")
    comes_to(t, reserve(t, cp, expect=8)["reservationId"], "refused")


@case("TC_048_4_CSMS")
def reserve_rejected(t):
    cp = refused(t, "Rejected")
    comes_to(t, reserve(t, cp, expect=8)["reservationId"], "refused")


@case("TC_049_CSMS")
def reserve_charge_point(t):
    cp = t.point()
    asked = reserve(t, cp, connector=0)
    cp.authorized()
    cp.started(reservationId=asked["reservationId"])
    comes_to(t, asked["reservationId"], "used")


@case("TC_051_CSMS")
def cancel(t):
    cp = t.point()
    asked = reserve(t, cp)
    cp.status("Reserved")
    t.run("reservation", "cancel", asked["reservationId"], "--station", t.name)
    assert cp.wait_asked("CancelReservation") == {"reservationId": asked["reservationId"]}
    cp.status("Available")
    comes_to(t, asked["reservationId"], "cancelled")


@case("TC_052_CSMS")
def cancel_rejected(t):
    cp = t.point(answers={"CancelReservation": {"status": "Rejected"}})
    t.run("reservation", "cancel", 4711, "--station", t.name, expect=8)
    assert cp.wait_asked("CancelReservation") == {"reservationId": 4711}


@case("TC_053_CSMS")
def reserve_for_a_family(t):
    cp = t.point()
    asked = reserve(t, cp, id_tag="FAMILY1")
    assert asked["parentIdTag"] == "FAMILY", asked
    cp.status("Reserved")
    assert cp.authorized("FAMILY2")["parentIdTag"] == "FAMILY"
    cp.started("FAMILY2", reservationId=asked["reservationId"])
    comes_to(t, asked["reservationId"], "used")


# --- smart charging ---

def profile_set(t, cp, *flags, expect=0):
    t.run("profile", "set", t.name, *flags, expect=expect)
    asked = cp.wait_asked("SetChargingProfile")
    return asked["connectorId"], asked["csChargingProfiles"]


@case("TC_056_CSMS")
def tx_default_profile(t):
    cp = t.point()
    connector, profile = profile_set(t, cp, "--connector", 1, "--purpose", "TxDefaultProfile", "--kind", "Absolute",
                                     "--stack-level", 0, "--limit", "6.0", "--phases", 3, "--start", at(),
                                     "--duration", 3600, "--valid-from", at(), "--valid-to", at(7200))
    schedule = profile["chargingSchedule"]
    assert (connector, profile["chargingProfilePurpose"], profile["stackLevel"]) == (1, "TxDefaultProfile", 0), profile
    assert profile["chargingProfileKind"] == "Absolute" and {"validFrom", "validTo"} <= set(profile), profile
    assert {"startSchedule", "duration"} <= set(schedule) and schedule["chargingRateUnit"] == "A", schedule
    assert not {"transactionId", "recurrencyKind"} & set(profile), profile
    period = schedule["chargingSchedulePeriod"][0]
    assert (period["startPeriod"], period["limit"]) == (0, 6.0) and period.get("numberPhases", 3) == 3, period
    connector, profile = profile_set(t, cp, "--connector", 1, "--purpose", "TxDefaultProfile", "--unit", "W",
                                     "--limit", "6000")
    assert profile["chargingSchedule"]["chargingRateUnit"] == "W", profile
    assert profile["chargingSchedule"]["chargingSchedulePeriod"][0]["limit"] == 6000, profile


@case("TC_057_CSMS")
def tx_profile(t):
    cp = t.point()
    tx = cp.charging()
    connector, profile = profile_set(t, cp, "--connector", 1, "--purpose", "TxProfile", "--tx", tx, "--kind", "Relative",
                                     "--limit", "6", "--duration", 3600)
    assert (connector, profile["transactionId"], profile["chargingProfileKind"]) == (1, tx, "Relative"), profile
    assert "startSchedule" not in profile["chargingSchedule"] and "recurrencyKind" not in profile, profile


@case("TC_059_CSMS")
def remote_start_with_profile(t):
    cp = t.point()
    t.run("station", "start", t.name, "VALID", "--limit", 6)
    asked = cp.wait_asked("RemoteStartTransaction")
    profile = asked["chargingProfile"]
    assert profile["chargingProfilePurpose"] == "TxProfile" and "transactionId" not in profile, profile
    assert "recurrencyKind" not in profile, profile
    assert profile["chargingSchedule"]["chargingSchedulePeriod"][0] in ({"startPeriod": 0, "limit": 6},
                                                                       {"startPeriod": 0, "limit": 6.0}), profile
    cp.authorized()
    cp.status("Preparing")
    cp.started()


@case("TC_066_CSMS")
def composite_schedule(t):
    schedule = {"chargingRateUnit": "A", "duration": 300, "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 8.1}]}
    cp = t.point(answers={"GetCompositeSchedule": lambda asked: {
        "status": "Accepted", "connectorId": asked["connectorId"], "scheduleStart": at(), "chargingSchedule": schedule}})
    t.run("profile", "schedule", t.name, 1, "--duration", "300", "--unit", "A")
    assert cp.wait_asked("GetCompositeSchedule") == {"connectorId": 1, "duration": 300, "chargingRateUnit": "A"}


@case("TC_067_CSMS")
def clear_profiles(t):
    cp = t.point()
    tx = cp.charging()
    profile_set(t, cp, "--purpose", "ChargePointMaxProfile", "--id", 1, "--limit", 16, "--stack-level", 0)
    profile_set(t, cp, "--purpose", "TxDefaultProfile", "--connector", 1, "--id", 2, "--limit", 10, "--stack-level", 0)
    profile_set(t, cp, "--purpose", "TxProfile", "--connector", 1, "--id", 3, "--limit", 8, "--tx", tx, "--stack-level", 0)
    for flags, wanted in (
            (("--id", 1), {"id": 1}),
            (("--connector", 1, "--purpose", "TxDefaultProfile", "--stack-level", 0),
             {"connectorId": 1, "chargingProfilePurpose": "TxDefaultProfile", "stackLevel": 0}),
            ((), {})):
        t.run("profile", "clear", t.name, *flags)
        assert cp.wait_asked("ClearChargingProfile") == wanted
