/* Times as people write them in flags, by the clock of Berlin. */
#include "cmd/noxctl/instant.h"

#include <stdlib.h>
#include <time.h>

#include "ocpp/wire/iso8601.h"
#include "tests/ocpp/wire/check_wire.h"

/* 2026-11-25, a Wednesday in winter, 18:43:10 in Berlin */
#define NOW "2026-11-25T17:43:10Z"

static const struct {
    const char *why, *text;
    enum instant_side side;
    const char *want; /* NULL = refused */
} times[] = {
    { "today, to come", "19:05", INSTANT_NEXT, "2026-11-25T18:05:00Z" },
    { "tomorrow, for it has been", "07:00", INSTANT_NEXT, "2026-11-26T06:00:00Z" },
    { "today, it has been", "07:00", INSTANT_LAST, "2026-11-25T06:00:00Z" },
    { "yesterday, for it is to come", "19:05", INSTANT_LAST, "2026-11-24T18:05:00Z" },
    { "this very second is past", "18:43:10", INSTANT_LAST, "2026-11-25T17:43:10Z" },
    { "this very second is not to come", "18:43:10", INSTANT_NEXT, "2026-11-26T17:43:10Z" },
    { "midnight", "00:00", INSTANT_NEXT, "2026-11-25T23:00:00Z" },
    { "now", "now", INSTANT_NEXT, NOW },
    { "a span", "+8h", INSTANT_NEXT, "2026-11-26T01:43:10Z" },
    { "a span back", "-2h", INSTANT_LAST, "2026-11-25T15:43:10Z" },
    { "back where the coming is meant", "-30m", INSTANT_NEXT, "2026-11-25T17:13:10Z" },
    { "a span of two parts", "+1h30m", INSTANT_NEXT, "2026-11-25T19:13:10Z" },
    { "days", "-7d", INSTANT_LAST, "2026-11-18T17:43:10Z" },
    { "a date in summer", "2026-10-24", INSTANT_LAST, "2026-10-23T22:00:00Z" },
    { "a date and time", "2026-12-01 20:15", INSTANT_LAST, "2026-12-01T19:15:00Z" },
    { "the same with T", "2026-12-01T20:15:30", INSTANT_LAST, "2026-12-01T19:15:30Z" },
    { "with its zone", "2026-12-01T20:15:00Z", INSTANT_LAST, "2026-12-01T20:15:00Z" },
    { "with another zone", "2026-12-01T20:15:00+03:00", INSTANT_NEXT, "2026-12-01T17:15:00Z" },
    { "nothing", "", INSTANT_NEXT, NULL },
    { "a word", "soon", INSTANT_NEXT, NULL },
    { "a span without its unit", "+8", INSTANT_NEXT, NULL },
    { "a unit alone", "+h", INSTANT_NEXT, NULL },
    { "a sign alone", "-", INSTANT_LAST, NULL },
    { "a span without its sign", "8h", INSTANT_NEXT, NULL },
    { "too long a span", "+99999999999999999999h", INSTANT_NEXT, NULL },
    { "longer than a year", "+367d", INSTANT_NEXT, NULL },
    { "rest behind a span", "+8h!", INSTANT_NEXT, NULL },
    { "no such hour", "24:00", INSTANT_NEXT, NULL },
    { "no such minute", "12:60", INSTANT_NEXT, NULL },
    { "an hour of one digit", "7:00", INSTANT_NEXT, NULL },
    { "no such day", "2026-06-31", INSTANT_NEXT, NULL },
    { "no such month", "2026-13-01", INSTANT_NEXT, NULL },
    { "rest behind a date", "2026-10-24x", INSTANT_NEXT, NULL },
};

static void reads_times(void **state)
{
    (void)state;
    int64_t now_ms, at_ms;
    bool zone;
    assert_true(ocpp_time_parse(NOW, &now_ms, &zone));
    for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
        char got[32] = "refused";
        int64_t want_ms = 0;
        bool good = instant_parse(times[i].text, times[i].side, now_ms, now_ms, &at_ms);
        if (good)
            ocpp_time_format(at_ms, got);
        if (good != (times[i].want != NULL))
            fail_msg("%s: '%s' is %s", times[i].why, times[i].text, got);
        if (good && (!ocpp_time_parse(times[i].want, &want_ms, &zone) || want_ms != at_ms))
            fail_msg("%s: '%s' is %s", times[i].why, times[i].text, got);
    }
}

/* The end of a cap at 07:00 is the first 07:00 after its beginning. */
static void counts_a_time_of_day_from_where_it_is_told_to(void **state)
{
    (void)state;
    int64_t now_ms, begin_ms, at_ms, want_ms;
    bool zone;
    ocpp_time_parse(NOW, &now_ms, &zone);
    ocpp_time_parse("2026-12-01T17:00:00Z", &begin_ms, &zone);
    ocpp_time_parse("2026-12-02T06:00:00Z", &want_ms, &zone);
    assert_true(instant_parse("07:00", INSTANT_NEXT, now_ms, begin_ms, &at_ms));
    assert_true(at_ms == want_ms);
    assert_true(instant_parse("+1h", INSTANT_NEXT, now_ms, begin_ms, &at_ms));
    assert_true(at_ms == now_ms + 3600000);
}

static void knows_what_depends_on_the_clock(void **state)
{
    (void)state;
    assert_true(instant_is_relative("07:00") && instant_is_relative("+8h") &&
                instant_is_relative("now") && instant_is_relative("-1d"));
    assert_false(instant_is_relative("2026-10-24") || instant_is_relative("soon") ||
                 instant_is_relative("2026-10-24T18:15:00Z"));
}

static void reads_lengths(void **state)
{
    (void)state;
    int64_t s;
    assert_true(instant_duration("for", "90", 60, &s) && s == 5400);
    assert_true(instant_duration("for", "90s", 60, &s) && s == 90);
    assert_true(instant_duration("for", "1h30m", 60, &s) && s == 5400);
    assert_true(instant_duration("for", "366d", 60, &s) && s == 366 * 86400);
    assert_false(instant_duration("for", "367d", 60, &s));
    assert_false(instant_duration("for", "0", 60, &s));
    assert_false(instant_duration("for", "-2h", 60, &s));
    assert_false(instant_duration("for", "1h30", 60, &s));
    assert_false(instant_duration("for", "", 60, &s));
}

int main(void)
{
    setenv("TZ", "Europe/Berlin", 1);
    tzset();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_times),
        cmocka_unit_test(counts_a_time_of_day_from_where_it_is_told_to),
        cmocka_unit_test(knows_what_depends_on_the_clock),
        cmocka_unit_test(reads_lengths),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
