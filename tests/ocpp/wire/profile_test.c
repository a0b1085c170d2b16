/* Charging profiles: what the standard and a station take, and what limit results from several. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "ocpp/wire/arena.h"
#include "ocpp/wire/messages.h"
#include "ocpp/wire/profile.h"

#define N(array) (sizeof(array) / sizeof((array)[0]))
#define SCHEDULE(more, periods)                              \
    "\"chargingSchedule\":{\"chargingRateUnit\":\"A\"," more \
    "\"chargingSchedulePeriod\":[" periods "]}"
#define START "\"startSchedule\":\"2026-10-24T12:00:00Z\","
#define FIRST "{\"startPeriod\":0,\"limit\":10}"
#define HEAD(purpose, kind)                                                           \
    "{\"chargingProfileId\":1,\"stackLevel\":2,\"chargingProfilePurpose\":\"" purpose \
    "\",\"chargingProfileKind\":\"" kind "\","

static struct ocpp_arena arena;

static const struct ocpp_charging_profile *read(const char *text)
{
    static struct ocpp_set_charging_profile_req req[8];
    static json_t *json[8];
    static size_t next;
    struct ocpp_report report;
    char whole[2000];
    size_t i = next++ % N(req);
    snprintf(whole, sizeof(whole), "{\"connectorId\":1,\"csChargingProfiles\":%s}", text);
    json_decref(json[i]);
    json[i] = json_loads(whole, 0, NULL);
    assert_non_null(json[i]);
    ocpp_report_init(&report);
    if (ocpp_decode(&ocpp_set_charging_profile_req_object, json[i], OCPP_STRICT, &arena, &req[i],
                    &report) != OCPP_OK)
        fail_msg("%s: %s", text, report.text);
    return req[i].cs_charging_profiles;
}

static const struct {
    const char *why;
    int connector;                 /* -1 = remote start */
    const char *profile, *trouble; /* NULL = good */
} cases[] = {
    { "a ceiling", 0, HEAD("ChargePointMaxProfile", "Absolute") SCHEDULE(START, FIRST) "}", NULL },
    { "a ceiling of a connector", 1,
      HEAD("ChargePointMaxProfile", "Absolute") SCHEDULE(START, FIRST) "}", "connectorId" },
    { "a ceiling by a transaction", 0,
      HEAD("ChargePointMaxProfile", "Relative") SCHEDULE("", FIRST) "}", "chargingProfileKind" },
    { "a default of all", 0, HEAD("TxDefaultProfile", "Relative") SCHEDULE("", FIRST) "}", NULL },
    { "a default of one", 2, HEAD("TxDefaultProfile", "Relative") SCHEDULE("", FIRST) "}", NULL },
    { "a default with a transaction", 1,
      HEAD("TxDefaultProfile", "Relative") "\"transactionId\":5," SCHEDULE("", FIRST) "}",
      "transactionId" },
    { "of a transaction", 1,
      HEAD("TxProfile", "Relative") "\"transactionId\":5," SCHEDULE("", FIRST) "}", NULL },
    { "of a transaction without it", 1, HEAD("TxProfile", "Relative") SCHEDULE("", FIRST) "}",
      "transactionId" },
    { "of a transaction on connector 0", 0,
      HEAD("TxProfile", "Relative") "\"transactionId\":5," SCHEDULE("", FIRST) "}", "connectorId" },
    { "with a remote start", -1, HEAD("TxProfile", "Relative") SCHEDULE("", FIRST) "}", NULL },
    { "with a remote start and a transaction", -1,
      HEAD("TxProfile", "Relative") "\"transactionId\":5," SCHEDULE("", FIRST) "}",
      "transactionId" },
    { "a default with a remote start", -1,
      HEAD("TxDefaultProfile", "Relative") SCHEDULE("", FIRST) "}", "TxProfile only" },
    { "absolute without a start", 1, HEAD("TxDefaultProfile", "Absolute") SCHEDULE("", FIRST) "}",
      "startSchedule" },
    { "relative with a start", 1, HEAD("TxDefaultProfile", "Relative") SCHEDULE(START, FIRST) "}",
      "startSchedule" },
    { "daily", 1,
      HEAD("TxDefaultProfile", "Recurring") "\"recurrencyKind\":\"Daily\"," SCHEDULE(START,
                                                                                     FIRST) "}",
      NULL },
    { "recurring, how?", 1, HEAD("TxDefaultProfile", "Recurring") SCHEDULE(START, FIRST) "}",
      "recurrencyKind" },
    { "absolute, daily", 1,
      HEAD("TxDefaultProfile", "Absolute") "\"recurrencyKind\":\"Daily\"," SCHEDULE(START,
                                                                                    FIRST) "}",
      "recurrencyKind" },
    { "begins late", 1,
      HEAD("TxDefaultProfile", "Relative") SCHEDULE("", "{\"startPeriod\":1,\"limit\":10}") "}",
      "[0].startPeriod" },
    { "backwards", 1,
      HEAD("TxDefaultProfile", "Relative") SCHEDULE(
          "", FIRST ",{\"startPeriod\":9,\"limit\":1},{\"startPeriod\":9,\"limit\":2}") "}",
      "[2].startPeriod" },
    { "after its end", 1,
      HEAD("TxDefaultProfile", "Relative")
          SCHEDULE("\"duration\":60,", FIRST ",{\"startPeriod\":60,\"limit\":1}") "}",
      "[1].startPeriod" },
    { "after the day", 1,
      HEAD("TxDefaultProfile", "Recurring") "\"recurrencyKind\":\"Daily\"," SCHEDULE(
          START, FIRST ",{\"startPeriod\":86400,\"limit\":1}") "}",
      "[1].startPeriod" },
    { "no duration", 1, HEAD("TxDefaultProfile", "Relative") SCHEDULE("\"duration\":0,", FIRST) "}",
      "duration" },
    { "valid never", 1,
      HEAD("TxDefaultProfile", "Relative") "\"validFrom\":\"2026-10-24T12:00:00Z\",\"validTo\":"
                                           "\"2026-10-24T12:00:00Z\"," SCHEDULE("", FIRST) "}",
      "validTo" },
};

static void standard_is_checked(void **state)
{
    (void)state;
    for (size_t i = 0; i < N(cases); i++) {
        char text[200] = "";
        bool good =
            ocpp_profile_check(read(cases[i].profile), cases[i].connector, text, sizeof(text));
        if (good != (cases[i].trouble == NULL) || (!good && strstr(text, cases[i].trouble) == NULL))
            fail_msg("%s: %s", cases[i].why, good ? "taken" : text);
    }
}

static const struct {
    const char *value;
    bool amps, watts;
} units[] = {
    { "Current", true, false },
    { "Power", false, true },
    { "Current,Power", true, true },
    { "Power, Current", true, true },
    { "A", true, false },
    { "W", false, true },
    { "A,W", true, true },
    { "current", true, false },
    { "", false, false },
    { NULL, false, false },
    { "Amps", false, false },
};

static void room_is_respected(void **state)
{
    (void)state;
    char text[200];
    const struct ocpp_charging_profile *p = read(HEAD("TxDefaultProfile", "Relative") SCHEDULE(
        "", FIRST ",{\"startPeriod\":9,\"limit\":1}") "}");
    struct ocpp_profile_room room = { .max_stack_level = -1,
                                      .max_periods = -1,
                                      .max_profiles = -1,
                                      .switches_phases = -1 };
    assert_true(ocpp_profile_fits(p, &room, text, sizeof(text)));
    room = (struct ocpp_profile_room){ .max_stack_level = 2,
                                       .max_periods = 2,
                                       .max_profiles = -1,
                                       .amps = true,
                                       .switches_phases = 0 };
    assert_true(ocpp_profile_fits(p, &room, text, sizeof(text)));
    room.max_stack_level = 1;
    assert_false(ocpp_profile_fits(p, &room, text, sizeof(text)));
    room = (struct ocpp_profile_room){ .max_stack_level = 2,
                                       .max_periods = 1,
                                       .max_profiles = -1,
                                       .amps = true,
                                       .switches_phases = 0 };
    assert_false(ocpp_profile_fits(p, &room, text, sizeof(text)));
    room = (struct ocpp_profile_room){ .max_stack_level = 2,
                                       .max_periods = 2,
                                       .max_profiles = -1,
                                       .watts = true,
                                       .switches_phases = 0 };
    assert_false(ocpp_profile_fits(p, &room, text, sizeof(text)));
    assert_non_null(strstr(text, "W only"));
    const struct ocpp_charging_profile *fewer = read(HEAD("TxDefaultProfile", "Relative") SCHEDULE(
        "", FIRST ",{\"startPeriod\":9,\"limit\":1,\"numberPhases\":1}") "}");
    room = (struct ocpp_profile_room){ .max_stack_level = -1,
                                       .max_periods = -1,
                                       .max_profiles = -1,
                                       .switches_phases = 0 };
    assert_false(ocpp_profile_fits(fewer, &room, text, sizeof(text)));
    assert_non_null(strstr(text, "numberPhases"));
    room.switches_phases = 1;
    assert_true(ocpp_profile_fits(fewer, &room, text, sizeof(text)));
    for (size_t i = 0; i < N(units); i++) {
        ocpp_profile_units(units[i].value, &room);
        if (room.amps != units[i].amps || room.watts != units[i].watts)
            fail_msg("%s", units[i].value != NULL ? units[i].value : "NULL");
    }
}

enum { NOON_S = 1792843200 }; /* 2026-10-24T12:00:00Z */

static void limits_result(void **state)
{
    (void)state;
    const struct ocpp_profile_held held[] = {
        { 0, read(HEAD("ChargePointMaxProfile", "Absolute") SCHEDULE(
                 START "\"duration\":600,", "{\"startPeriod\":0,\"limit\":12.5}") "}") },
        { 0, read(HEAD("TxDefaultProfile", "Relative")
                      SCHEDULE("", "{\"startPeriod\":0,\"limit\":6}") "}") },
        { 1, read("{\"chargingProfileId\":2,\"stackLevel\":0,\"chargingProfilePurpose\":"
                  "\"TxDefaultProfile\",\"chargingProfileKind\":\"Recurring\",\"recurrencyKind\":"
                  "\"Daily\"," SCHEDULE(START "\"duration\":3600,",
                                        FIRST ",{\"startPeriod\":1800,\"limit\":8}") "}") },
        { 1,
          read(HEAD(
              "TxProfile",
              "Absolute") "\"transactionId\":7,"
                          "\"chargingSchedule\":{\"chargingRateUnit\":\"W\"," START
                          "\"duration\":300,\"chargingSchedulePeriod\":[{\"startPeriod\":0,\"limit\":11040}]}}") },
    };
    static const struct {
        const char *why;
        int connector, tx;
        int64_t at_s, want_ma, next_s;
    } want[] = {
        { "the transaction's, under the ceiling", 1, 7, 0, 12500, 300 },
        { "another transaction's does not hold", 1, 8, 0, 10000, 600 },
        { "then the connector's default", 1, 7, 300, 10000, 600 },
        { "in its second period", 1, 7, 1800, 8000, 3600 },
        { "then that of all", 1, 7, 3600, 6000, 86400 },
        { "on the next day again", 1, 7, 86400 + 10, 10000, 86400 + 1800 },
        { "before it began", 1, 7, -10, 6000, 0 },
        { "another connector", 2, 0, 0, 6000, 600 },
        { "the station", 0, 0, 0, 12500, 600 },
        { "the station without a ceiling", 0, 0, 600, -1, INT64_MAX },
    };
    for (size_t i = 0; i < N(want); i++) {
        int64_t next_ms;
        struct ocpp_profile_moment m = { want[i].connector, want[i].tx,
                                         (int64_t)(NOON_S - 7200) * 1000 };
        int64_t ma =
            ocpp_profile_limit(held, N(held), &m, (NOON_S + want[i].at_s) * 1000, &next_ms);
        int64_t next_s = next_ms == INT64_MAX ? INT64_MAX : next_ms / 1000 - NOON_S;
        if (ma != want[i].want_ma || next_s != want[i].next_s)
            fail_msg("%s: %d mA until %lld s", want[i].why, (int)ma, (long long)next_s);
    }
}

static void worst_case_of_watts(void **state)
{
    (void)state;
    assert_int_equal(ocpp_profile_worst_ma(read(HEAD("TxDefaultProfile", "Relative") SCHEDULE(
                         "", FIRST ",{\"startPeriod\":9,\"limit\":16}") "}")),
                     16000);
    assert_int_equal(
        ocpp_profile_worst_ma(read(
            HEAD("TxDefaultProfile", "Relative") "\"chargingSchedule\":{\"chargingRateUnit\":\"W\","
                                                 "\"chargingSchedulePeriod\":[{\"startPeriod\":0,"
                                                 "\"limit\":1380,\"numberPhases\":3}]}}")),
        6000); /* all on one phase */
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(standard_is_checked),
                                        cmocka_unit_test(room_is_respected),
                                        cmocka_unit_test(limits_result),
                                        cmocka_unit_test(worst_case_of_watts) };
    ocpp_arena_init(&arena, 4096, 1024 * 1024);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    ocpp_arena_done(&arena);
    return failed;
}
