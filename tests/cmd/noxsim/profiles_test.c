/* Charging profiles as OCPP 1.6 section 3.13 and its errata say. */
#include "tests/cmd/noxsim/check_sim.h"

#include <jansson.h>

#include "cmd/noxsim/keys.h"
#include "cmd/noxsim/profiles.h"
#include "ocpp/wire/action.h"
#include "ocpp/wire/iso8601.h"

#define NONE PROFILE_NO_LIMIT

/* A SetChargingProfile in short: TEXT is a profile in JSON without quotes around names, see
 * set(). */
struct set {
    int32_t connector;
    const char *profile;
    bool refused;
};

struct look {
    const char *at; /* 2026-11-25T.. is left out: "18:00:00" or "26T18:00:00" for the next day */
    int32_t ma;
};

static int64_t instant(const char *text)
{
    char whole[40];
    int64_t ms;
    snprintf(whole, sizeof(whole), "2026-11-%s%sZ", strchr(text, 'T') != NULL ? "" : "25T", text);
    assert_true(ocpp_time_parse(whole, &ms, NULL));
    return ms;
}

/* Single quotes stand for double ones: the tables stay readable. */
static json_t *load(const char *text)
{
    char buf[1200];
    json_error_t error;
    snprintf(buf, sizeof(buf), "%s", text);
    for (char *c = buf; *c != '\0'; c++)
        if (*c == '\'')
            *c = '"';
    json_t *json = json_loads(buf, 0, &error);
    if (json == NULL)
        fail_msg("%s: %s", buf, error.text);
    return json;
}

static enum profile_rc set(struct profiles *profiles, int32_t connector, const char *text,
                           const struct profile_use *use, const char **why)
{
    struct ocpp_arena arena;
    struct ocpp_charging_profile profile;
    json_t *json = load(text);
    ocpp_arena_init(&arena, 4096, 1 << 20);
    assert_int_equal(
        ocpp_decode(&ocpp_charging_profile_object, json, OCPP_LENIENT, &arena, &profile, NULL),
        OCPP_OK);
    enum profile_rc rc =
        profiles_set(profiles, connector, &profile, use, 2, instant("17:00:00"), why);
    ocpp_arena_done(&arena);
    json_decref(json);
    return rc;
}

#define A(limit) \
    "{'chargingRateUnit':'A','chargingSchedulePeriod':[{'startPeriod':0,'limit':" limit "}]}"
#define MAX(level, schedule)                                                              \
    "{'chargingProfileId':1" level ",'stackLevel':" level                                 \
    ",'chargingProfilePurpose':'ChargePointMaxProfile','chargingProfileKind':'Absolute'," \
    "'chargingSchedule':" schedule "}"
#define DEFAULT(id, level, schedule)                                                 \
    "{'chargingProfileId':" id ",'stackLevel':" level                                \
    ",'chargingProfilePurpose':'TxDefaultProfile','chargingProfileKind':'Absolute'," \
    "'chargingSchedule':" schedule "}"
#define TX(id, level, schedule)                                                                 \
    "{'chargingProfileId':" id ",'stackLevel':" level                                           \
    ",'transactionId':7,'chargingProfilePurpose':'TxProfile','chargingProfileKind':'Absolute'," \
    "'chargingSchedule':" schedule "}"
#define KIND(purpose, kind, more, schedule)                                    \
    "{'chargingProfileId':9,'stackLevel':0,'chargingProfilePurpose':'" purpose \
    "','chargingProfileKind':'" kind "'" more ",'chargingSchedule':" schedule "}"
/* Granted until the lease ends, then the safe current. */
#define LEASE(start, amps, seconds, safe)                                                     \
    "{'chargingRateUnit':'A','startSchedule':'2026-11-25T" start                              \
    "Z','chargingSchedulePeriod':[{'startPeriod':0,'limit':" amps "},{'startPeriod':" seconds \
    ",'limit':" safe "}]}"
#define SPAN(start, duration, amps)                                                        \
    "{'chargingRateUnit':'A','startSchedule':'2026-11-25T" start "Z','duration':" duration \
    ",'chargingSchedulePeriod':[{'startPeriod':0,'limit':" amps "}]}"

enum { NO_TX = 1, UNKNOWN_ID = 2, TWO_ACTIVE = 4, ONE_PHASE = 8, SECOND = 16, ENDED = 32 };

/* Everything happens on connector 1 with transaction 7, begun at 18:00:00, unless flags say
 * otherwise; profiles are set at 17:00:00. */
static const struct {
    const char *why;
    int flags;
    struct set set[4];
    struct look look[5];
} cases[] = {
    { "no profile, no limit", 0, { { 0 } }, { { "18:00:00", NONE } } },
    { "a default holds in a transaction",
      0,
      { { 1, DEFAULT("1", "0", A("6")), 0 } },
      { { "18:00:00", 6000 } } },
    { "a default holds without one",
      NO_TX,
      { { 1, DEFAULT("1", "0", A("6")), 0 } },
      { { "18:00:00", 6000 } } },
    { "a default of 0 A", 0, { { 1, DEFAULT("1", "0", A("0")), 0 } }, { { "18:00:00", 0 } } },
    { "a default of connector 0 is for all",
      0,
      { { 0, DEFAULT("1", "0", A("8")), 0 } },
      { { "18:00:00", 8000 } } },
    { "that of the connector goes before that of connector 0",
      0,
      { { 0, DEFAULT("1", "0", A("8")), 0 }, { 1, DEFAULT("2", "0", A("10")), 0 } },
      { { "18:00:00", 10000 } } },
    { "but not before a higher level of connector 0",
      0,
      { { 0, DEFAULT("1", "3", A("8")), 0 }, { 1, DEFAULT("2", "0", A("10")), 0 } },
      { { "18:00:00", 8000 } } },
    { "a default of another connector is none of ours",
      0,
      { { 2, DEFAULT("1", "0", A("6")), 0 } },
      { { "18:00:00", NONE } } },
    { "the TxProfile goes before the default, even when it is higher",
      0,
      { { 1, DEFAULT("1", "5", A("6")), 0 }, { 1, TX("2", "0", A("13")), 0 } },
      { { "18:00:00", 13000 } } },
    { "a TxProfile needs a transaction",
      NO_TX,
      { { 1, TX("2", "0", A("13")), 1 } },
      { { "18:00:00", NONE } } },
    { "a TxProfile for another transaction is refused",
      UNKNOWN_ID,
      { { 1, TX("2", "0", A("13")), 1 } },
      { { "18:00:00", NONE } } },
    { "a TxProfile without transactionId is for the one that runs",
      0,
      { { 1, KIND("TxProfile", "Absolute", "", A("11")), 0 } },
      { { "18:00:00", 11000 } } },
    { "a TxProfile on connector 0 is refused",
      0,
      { { 0, TX("2", "0", A("13")), 1 } },
      { { "18:00:00", NONE } } },
    { "a TxProfile ends with its transaction",
      ENDED,
      { { 1, DEFAULT("1", "0", A("6")), 0 }, { 1, TX("2", "0", A("13")), 0 } },
      { { "18:00:00", 6000 } } },
    { "a lease falls to the safe current",
      0,
      { { 1, TX("2", "0", LEASE("18:00:00", "16", "900", "6")), 0 } },
      { { "18:00:00", 16000 },
        { "18:14:59", 16000 },
        { "18:15:00", 6000 },
        { "23:00:00", 6000 } } },
    { "a lease that falls to nothing",
      0,
      { { 1, TX("2", "0", LEASE("18:00:00", "16", "900", "0")), 0 } },
      { { "18:14:59", 16000 }, { "18:15:00", 0 } } },
    { "before its start a schedule has no value",
      0,
      { { 1, DEFAULT("1", "0", A("6")), 0 },
        { 1, TX("2", "0", LEASE("18:30:00", "16", "900", "0")), 0 } },
      { { "18:29:59", 6000 }, { "18:30:00", 16000 } } },
    { "after its duration the default applies again",
      0,
      { { 1, DEFAULT("1", "0", A("6")), 0 },
        { 1, TX("2", "0", SPAN("18:00:00", "600", "16")), 0 } },
      { { "18:09:59", 16000 }, { "18:10:00", 6000 } } },
    { "after its duration, without a default, there is no limit",
      0,
      { { 1, TX("2", "0", SPAN("18:00:00", "600", "16")), 0 } },
      { { "18:09:59", 16000 }, { "18:10:00", NONE } } },
    { "a duration of 0 says nothing at all",
      0,
      { { 1, TX("2", "0", SPAN("18:00:00", "0", "16")), 0 } },
      { { "18:00:00", NONE } } },
    { "the highest level that has a value wins",
      0,
      { { 1, TX("2", "0", A("6")), 0 }, { 1, TX("3", "2", SPAN("18:00:00", "600", "16")), 0 } },
      { { "17:59:59", 6000 }, { "18:05:00", 16000 }, { "18:10:00", 6000 } } },
    { "the same level replaces",
      0,
      { { 1, TX("2", "0", A("6")), 0 }, { 1, TX("3", "0", A("9")), 0 } },
      { { "18:00:00", 9000 } } },
    { "the same id replaces, on another level too",
      0,
      { { 1, TX("2", "4", A("6")), 0 }, { 1, TX("2", "0", A("9")), 0 } },
      { { "18:00:00", 9000 } } },
    { "a refused profile replaces nothing",
      0,
      { { 1, TX("2", "0", A("6")), 0 },
        { 1, TX("2", "0", "{'chargingRateUnit':'A','chargingSchedulePeriod':[]}"), 1 } },
      { { "18:00:00", 6000 } } },
    { "the station's ceiling is over everything",
      0,
      { { 0, MAX("0", A("10")), 0 }, { 1, TX("2", "0", A("16")), 0 } },
      { { "18:00:00", 10000 } } },
    { "the station's ceiling does not raise",
      0,
      { { 0, MAX("0", A("10")), 0 }, { 1, TX("2", "0", A("7")), 0 } },
      { { "18:00:00", 7000 } } },
    { "the ceiling alone is a limit too",
      0,
      { { 0, MAX("0", A("10")), 0 } },
      { { "18:00:00", 10000 } } },
    { "the higher ceiling level wins, not the lower current",
      0,
      { { 0, MAX("0", A("10")), 0 }, { 0, MAX("1", A("14")), 0 } },
      { { "18:00:00", 14000 } } },
    { "two sessions share the ceiling",
      TWO_ACTIVE,
      { { 0, MAX("0", A("20")), 0 } },
      { { "18:00:00", 10000 } } },
    { "a ceiling on a connector is refused",
      0,
      { { 1, MAX("0", A("10")), 1 } },
      { { "18:00:00", NONE } } },
    { "a ceiling relative to a transaction is refused",
      0,
      { { 0, KIND("ChargePointMaxProfile", "Relative", "", A("10")), 1 } },
      { { "18:00:00", NONE } } },
    { "a relative schedule begins with the transaction",
      0,
      { { 1,
          KIND("TxProfile", "Relative", "",
               "{'chargingRateUnit':'A','chargingSchedulePeriod':[{'startPeriod':0,'limit':16},"
               "{'startPeriod':60,'limit':6}]}"),
          0 } },
      { { "18:00:59", 16000 }, { "18:01:00", 6000 } } },
    { "startSchedule means nothing in a relative schedule",
      0,
      { { 1, KIND("TxProfile", "Relative", "", LEASE("20:00:00", "16", "60", "6")), 0 } },
      { { "18:00:59", 16000 }, { "18:01:00", 6000 } } },
    { "relative without a transaction: as if one began",
      NO_TX,
      { { 1, KIND("TxDefaultProfile", "Relative", "", LEASE("20:00:00", "16", "60", "6")), 0 } },
      { { "18:00:00", 16000 }, { "23:00:00", 16000 } } },
    { "an absolute schedule without a start begins when it comes",
      0,
      { { 1,
          KIND("TxProfile", "Absolute", "",
               "{'chargingRateUnit':'A','duration':7200,'chargingSchedulePeriod':[{'startPeriod':0,"
               "'limit':16}]}"),
          0 } },
      { { "18:59:59", 16000 }, { "19:00:00", NONE } } },
    { "a daily schedule comes again",
      0,
      { { 1,
          KIND("TxDefaultProfile", "Recurring", ",'recurrencyKind':'Daily'",
               "{'chargingRateUnit':'A','startSchedule':'2026-11-20T22:00:00Z',"
               "'chargingSchedulePeriod':[{'startPeriod':0,'limit':16},{'startPeriod':28800,"
               "'limit':6}]}"),
          0 } },
      { { "21:59:59", 6000 },
        { "22:00:00", 16000 },
        { "26T05:59:59", 16000 },
        { "26T06:00:00", 6000 } } },
    { "a daily schedule with a duration",
      0,
      { { 1,
          KIND("TxDefaultProfile", "Recurring", ",'recurrencyKind':'Daily'",
               SPAN("10:00:00", "3600", "6")),
          0 } },
      { { "10:30:00", 6000 }, { "11:00:00", NONE }, { "26T10:30:00", 6000 } } },
    { "a weekly schedule",
      0,
      { { 1,
          KIND("TxDefaultProfile", "Recurring", ",'recurrencyKind':'Weekly'",
               "{'chargingRateUnit':'A','startSchedule':'2026-11-17T18:00:00Z','duration':3600,"
               "'chargingSchedulePeriod':[{'startPeriod':0,'limit':6}]}"),
          0 } },
      { { "24T18:30:00", 6000 }, { "18:30:00", NONE } } },
    { "a recurring schedule has no value before its first start",
      0,
      { { 1,
          KIND("TxDefaultProfile", "Recurring", ",'recurrencyKind':'Daily'",
               SPAN("20:00:00", "3600", "6")),
          0 } },
      { { "18:00:00", NONE }, { "20:00:00", 6000 } } },
    { "recurring needs a recurrencyKind",
      0,
      { { 1, KIND("TxDefaultProfile", "Recurring", "", SPAN("20:00:00", "3600", "6")), 1 } },
      { { "18:00:00", NONE } } },
    { "recurring needs a start",
      0,
      { { 1, KIND("TxDefaultProfile", "Recurring", ",'recurrencyKind':'Daily'", A("6")), 1 } },
      { { "18:00:00", NONE } } },
    { "validFrom and validTo bound it",
      0,
      { { 1,
          KIND("TxDefaultProfile", "Absolute",
               ",'validFrom':'2026-11-25T18:00:00Z','validTo':'2026-11-25T19:00:00Z'", A("6")),
          0 } },
      { { "17:59:59", NONE }, { "18:00:00", 6000 }, { "18:59:59", 6000 }, { "19:00:00", NONE } } },
    { "watts on three phases",
      0,
      { { 1,
          KIND(
              "TxProfile", "Absolute", "",
              "{'chargingRateUnit':'W','chargingSchedulePeriod':[{'startPeriod':0,'limit':6900}]}"),
          0 } },
      { { "18:00:00", 10000 } } },
    { "watts on the one phase that the car has",
      ONE_PHASE,
      { { 1,
          KIND(
              "TxProfile", "Absolute", "",
              "{'chargingRateUnit':'W','chargingSchedulePeriod':[{'startPeriod':0,'limit':2300}]}"),
          0 } },
      { { "18:00:00", 10000 } } },
    { "watts on as many phases as the schedule says",
      0,
      { { 1,
          KIND("TxProfile", "Absolute", "",
               "{'chargingRateUnit':'W','chargingSchedulePeriod':[{'startPeriod':0,'limit':2300,"
               "'numberPhases':1}]}"),
          0 } },
      { { "18:00:00", 10000 } } },
    { "amperes hold per phase whatever numberPhases says (errata 3.34)",
      0,
      { { 1,
          KIND("TxProfile", "Absolute", "",
               "{'chargingRateUnit':'A','chargingSchedulePeriod':[{'startPeriod':0,'limit':16,"
               "'numberPhases':1}]}"),
          0 } },
      { { "18:00:00", 16000 } } },
    { "one decimal", 0, { { 1, TX("2", "0", A("6.5")), 0 } }, { { "18:00:00", 6500 } } },
    { "the first period must start at 0 (errata 3.70)",
      0,
      { { 1,
          TX("2", "0",
             "{'chargingRateUnit':'A','chargingSchedulePeriod':[{'startPeriod':60,'limit':16}]}"),
          1 } },
      { { "18:00:00", NONE } } },
    { "periods must follow each other",
      0,
      { { 1,
          TX("2", "0",
             "{'chargingRateUnit':'A','chargingSchedulePeriod':[{'startPeriod':0,'limit':16},"
             "{'startPeriod':0,'limit':6}]}"),
          1 } },
      { { "18:00:00", NONE } } },
    { "a level above the station's is refused",
      0,
      { { 1, TX("2", "9", A("6")), 1 } },
      { { "18:00:00", NONE } } },
    { "a connector that is not there",
      0,
      { { 5, DEFAULT("1", "0", A("6")), 1 } },
      { { "18:00:00", NONE } } },
    { "period beyond the duration never comes",
      0,
      { { 1,
          KIND(
              "TxProfile", "Absolute", "",
              "{'chargingRateUnit':'A','startSchedule':'2026-11-25T18:00:00Z','duration':60,"
              "'chargingSchedulePeriod':[{'startPeriod':0,'limit':16},{'startPeriod':90,'limit':6}]}"),
          0 } },
      { { "18:00:30", 16000 }, { "18:01:45", NONE } } },
};

static struct profile_use use_of(int flags)
{
    return (struct profile_use){ .connector = flags & SECOND ? 2 : 1,
                                 .has_tx = !(flags & NO_TX),
                                 .tx_id = flags & UNKNOWN_ID ? 0 : 7,
                                 .tx_started_ms = instant("18:00:00"),
                                 .n_active = flags & TWO_ACTIVE ? 2 : 1,
                                 .n_phases = flags & ONE_PHASE ? 1 : 3 };
}

/* Whatever next_ms promises must be true: the limit is the same until then. */
static void check_next(const char *why, const struct profiles *profiles,
                       const struct profile_use *use, int64_t at_ms)
{
    int64_t next_ms, unused;
    int32_t ma = profiles_limit_ma(profiles, use, at_ms, &next_ms);
    assert_true(next_ms > at_ms);
    int64_t end_ms = next_ms < at_ms + 7200000 ? next_ms : at_ms + 7200000;
    for (int64_t t = at_ms; t < end_ms; t += 997)
        check_int(why, profiles_limit_ma(profiles, use, t, &unused), ma);
    check_int(why, profiles_limit_ma(profiles, use, end_ms - 1, &unused), ma);
}

static void test_limits(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct profiles profiles = { .n = 0 };
        struct profile_use use = use_of(cases[i].flags);
        for (size_t k = 0; k < 4 && cases[i].set[k].profile != NULL; k++) {
            const struct set *s = &cases[i].set[k];
            const char *why = NULL;
            enum profile_rc rc =
                set(&profiles, s->connector, s->profile, s->connector == 0 ? NULL : &use, &why);
            check_int(cases[i].why, rc, s->refused ? PROFILE_REJECTED : PROFILE_ACCEPTED);
            assert_true((why != NULL) == s->refused);
        }
        if (cases[i].flags & ENDED) {
            profiles_end_tx(&profiles, 1);
            use.has_tx = false;
        }
        for (size_t k = 0; k < 5 && cases[i].look[k].at != NULL; k++) {
            int64_t at_ms = instant(cases[i].look[k].at);
            check_int(cases[i].why, profiles_limit_ma(&profiles, &use, at_ms, NULL),
                      cases[i].look[k].ma);
            check_next(cases[i].why, &profiles, &use, at_ms);
        }
        profiles_done(&profiles);
    }
}

/* Errata 3.37 and section 3.13.6: what is installed stays; nothing but time and messages changes
 * it.  A transaction that begins later gets the default, not the old TxProfile. */
static void test_next_transaction(void **state)
{
    (void)state;
    struct profiles profiles = { .n = 0 };
    struct profile_use use = use_of(0);
    const char *why;
    set(&profiles, 1, DEFAULT("1", "0", A("6")), &use, &why);
    set(&profiles, 1, TX("2", "0", A("16")), &use, &why);
    profiles_end_tx(&profiles, 2); /* of another connector */
    check_int("another connector", profiles_limit_ma(&profiles, &use, instant("19:00:00"), NULL),
              16000);
    profiles_end_tx(&profiles, 1);
    use.tx_id = 8;
    check_int("the next one", profiles_limit_ma(&profiles, &use, instant("20:00:00"), NULL), 6000);
    profiles_done(&profiles);
}

static size_t clear(struct profiles *profiles, int32_t id, int32_t connector, int32_t purpose,
                    int32_t level)
{
    struct ocpp_clear_charging_profile_req req = { .id = id,
                                                   .connector_id = connector,
                                                   .charging_profile_purpose = purpose,
                                                   .stack_level = level };
    return profiles_clear(profiles, &req);
}

static void test_clear(void **state)
{
    (void)state;
    static const struct {
        const char *why;
        int32_t id, connector, purpose, level;
        size_t cleared;
    } ways[] = {
        { "by id", 2, OCPP_INT_ABSENT, 0, OCPP_INT_ABSENT, 1 },
        { "an id that is not there", 77, OCPP_INT_ABSENT, 0, OCPP_INT_ABSENT, 0 },
        { "by purpose", OCPP_INT_ABSENT, OCPP_INT_ABSENT, OCPP_PURPOSE_TX_PROFILE, OCPP_INT_ABSENT,
          2 },
        { "by level", OCPP_INT_ABSENT, OCPP_INT_ABSENT, 0, 3, 1 },
        { "by connector", OCPP_INT_ABSENT, 0, 0, OCPP_INT_ABSENT, 1 },
        { "by all three", OCPP_INT_ABSENT, 1, OCPP_PURPOSE_TX_PROFILE, 3, 1 },
        { "everything", OCPP_INT_ABSENT, OCPP_INT_ABSENT, 0, OCPP_INT_ABSENT, 4 },
        { "id 10 is not level 0", 10, OCPP_INT_ABSENT, 0, 0, 1 },
    };
    for (size_t i = 0; i < ARRAY_SIZE(ways); i++) {
        struct profiles profiles = { .n = 0 };
        struct profile_use use = use_of(0);
        const char *why;
        set(&profiles, 0, MAX("0", A("16")), NULL, &why); /* id 10 */
        set(&profiles, 1, DEFAULT("1", "0", A("6")), &use, &why);
        set(&profiles, 1, TX("2", "0", A("16")), &use, &why);
        set(&profiles, 1, TX("3", "3", A("16")), &use, &why);
        check_int(ways[i].why, (int64_t)profiles.n, 4);
        check_int(ways[i].why,
                  (int64_t)clear(&profiles, ways[i].id, ways[i].connector, ways[i].purpose,
                                 ways[i].level),
                  (int64_t)ways[i].cleared);
        check_int(ways[i].why, (int64_t)profiles.n, 4 - (int64_t)ways[i].cleared);
        profiles_done(&profiles);
    }
}

static void test_bounds(void **state)
{
    (void)state;
    struct profiles profiles = { .n = 0 };
    struct profile_use use = use_of(0);
    const char *why;
    char text[400];
    int n = 0;
    for (int id = 0; id < PROFILES_MAX + 3; id++) {
        snprintf(text, sizeof(text),
                 "{'chargingProfileId':%d,'stackLevel':%d,'chargingProfilePurpose':"
                 "'TxDefaultProfile','chargingProfileKind':'Absolute','chargingSchedule':%s}",
                 100 + id, id % 9, A("6"));
        n += set(&profiles, id / 9, text, &use, &why) == PROFILE_ACCEPTED;
    }
    check_int("MaxChargingProfilesInstalled", n, PROFILES_MAX);
    check_names("the reason", why, "MaxChargingProfilesInstalled");
    check_int("replacing goes on", set(&profiles, 0, DEFAULT("100", "0", A("7")), &use, &why),
              PROFILE_ACCEPTED);
    profiles_done(&profiles);
}

/* The keys tell what the code does. */
static void test_keys_agree(void **state)
{
    (void)state;
    struct keys keys = { .min_sample_interval_s = 1 };
    check_int("level", keys_int(&keys, KEY_CHARGE_PROFILE_MAX_STACK_LEVEL), PROFILE_LEVEL_MAX);
    check_int("periods", keys_int(&keys, KEY_CHARGING_SCHEDULE_MAX_PERIODS), PROFILE_PERIODS_MAX);
    check_int("profiles", keys_int(&keys, KEY_MAX_CHARGING_PROFILES_INSTALLED), PROFILES_MAX);
}

static void test_remote(void **state)
{
    (void)state;
    static const struct {
        const char *why, *profile;
        bool good;
    } ways[] = {
        { "a TxProfile without transactionId", KIND("TxProfile", "Relative", "", A("6")), true },
        { "a TxProfile that names one", TX("1", "0", A("6")), false },
        { "a default", DEFAULT("1", "0", A("6")), false },
    };
    for (size_t i = 0; i < ARRAY_SIZE(ways); i++) {
        struct ocpp_arena arena;
        struct ocpp_charging_profile profile;
        struct profiles none = { .n = 0 };
        const char *why;
        json_t *json = load(ways[i].profile);
        ocpp_arena_init(&arena, 4096, 1 << 20);
        ocpp_decode(&ocpp_charging_profile_object, json, OCPP_LENIENT, &arena, &profile, NULL);
        check_int(ways[i].why, profiles_check_remote(&none, &profile, &why), ways[i].good);
        ocpp_arena_done(&arena);
        json_decref(json);
    }
}

static void test_what_is_taken(void **state)
{
    (void)state;
    static const struct {
        const char *why, *profile, *named; /* named: in the refusal, NULL = it is accepted */
        struct profile_limits limits;
    } rows[] = {
        { "amperes only",
          DEFAULT(
              "1", "0",
              "{'chargingRateUnit':'W','chargingSchedulePeriod':[{'startPeriod':0,'limit':6000}]}"),
          "RateUnit",
          { .refuses_watts = true } },
        { "amperes only", DEFAULT("1", "0", A("6")), NULL, { .refuses_watts = true } },
        { "watts only", DEFAULT("1", "0", A("6")), "RateUnit", { .refuses_amperes = true } },
        { "a period too many",
          DEFAULT("1", "0", LEASE("18:00:00", "6", "60", "7")),
          "MaxPeriods",
          { .max_periods = 1 } },
        { "a profile too many",
          DEFAULT("2", "1", A("6")),
          "MaxChargingProfilesInstalled",
          { .max_profiles = 1 } },
        { "one that replaces", DEFAULT("9", "0", A("6")), NULL, { .max_profiles = 1 } },
    };
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct profiles profiles = { .n = 0 };
        const char *why = "";
        check_int("the first one", set(&profiles, 1, DEFAULT("9", "0", A("8")), NULL, &why),
                  PROFILE_ACCEPTED);
        profiles.limits = rows[i].limits;
        enum profile_rc rc = set(&profiles, 1, rows[i].profile, NULL, &why);
        check_int(rows[i].why, rc, rows[i].named == NULL ? PROFILE_ACCEPTED : PROFILE_REJECTED);
        if (rows[i].named != NULL)
            check_names(rows[i].why, why, rows[i].named);
        profiles_done(&profiles);
    }
}

static void test_phases(void **state)
{
    (void)state;
    struct profile_use use = { .connector = 1, .has_tx = true, .tx_id = 7, .n_phases = 3 };
    struct profiles profiles = { .limits = { .switches_phases = true } };
    const char *why;
    set(&profiles, 1,
        DEFAULT("1", "0",
                "{'chargingRateUnit':'A','startSchedule':'2026-11-25T10:00:00Z',"
                "'chargingSchedulePeriod':[{'startPeriod':0,'limit':16,'numberPhases':1},"
                "{'startPeriod':3600,'limit':8}]}"),
        &use, &why);
    check_int("one phase", profiles_phases(&profiles, &use, instant("10:30:00")), 1);
    check_int("all again", profiles_phases(&profiles, &use, instant("11:30:00")), 3);
    check_int("not yet", profiles_phases(&profiles, &use, instant("09:30:00")), 3);
    profiles.limits.switches_phases = false;
    check_int("cannot switch", profiles_phases(&profiles, &use, instant("10:30:00")), 3);
    profiles_done(&profiles);
}

static void test_composite(void **state)
{
    (void)state;
    struct profiles profiles = { .n = 0 };
    struct profile_use use[2] = { use_of(0), use_of(SECOND | NO_TX) };
    struct profile_step step[8];
    const char *why;
    set(&profiles, 1, DEFAULT("1", "0", A("6")), &use[0], &why);
    set(&profiles, 1, TX("2", "0", LEASE("18:00:00", "16", "900", "6")), &use[0], &why);
    size_t n = profiles_composite(&profiles, use, 1, instant("18:10:00"), 600, 16000, step, 8);
    check_int("steps", (int64_t)n, 2);
    check_int("first", step[0].limit_ma, 16000);
    check_int("second", step[1].limit_ma, 6000);
    check_int("second begins", step[1].start_s, 300);
    n = profiles_composite(&profiles, use, 2, instant("18:10:00"), 600, 16000, step, 8);
    check_int("both connectors: without a limit the rating counts", step[0].limit_ma, 32000);
    check_int("both connectors, later", step[1].limit_ma, 22000);
    set(&profiles, 0, MAX("0", A("20")), NULL, &why);
    profiles_composite(&profiles, use, 2, instant("18:10:00"), 600, 16000, step, 8);
    check_int("both connectors under the ceiling", step[0].limit_ma, 20000);
    n = profiles_composite(&profiles, use, 1, instant("18:10:00"), 200, 10000, step, 8);
    check_int("short: one step", (int64_t)n, 1);
    check_int("the rating is a limit too", step[0].limit_ma, 10000);
    profiles_done(&profiles);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_limits),     cmocka_unit_test(test_next_transaction),
        cmocka_unit_test(test_clear),      cmocka_unit_test(test_bounds),
        cmocka_unit_test(test_keys_agree), cmocka_unit_test(test_remote),
        cmocka_unit_test(test_composite),  cmocka_unit_test(test_what_is_taken),
        cmocka_unit_test(test_phases),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
