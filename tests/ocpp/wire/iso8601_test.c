#include "tests/ocpp/wire/check_wire.h"

#include "ocpp/wire/iso8601.h"

#define NOON_MS 1709200800000LL /* 2024-02-29T10:00:00Z */

static const struct {
    const char *text;
    int64_t want_ms;
    bool had_zone;
} good[] = {
    { "1970-01-01T00:00:00Z", 0, true },
    { "1969-12-31T23:59:59.999Z", -1, true },
    { "2024-02-29T10:00:00Z", NOON_MS, true },
    { "2024-02-29T10:00:00.000Z", NOON_MS, true },
    { "2024-02-29t10:00:00z", NOON_MS, true },
    { "2024-02-29 10:00:00Z", NOON_MS, true },
    { "2024-02-29T10:00:00", NOON_MS, false },
    { "2024-02-29 10:00:00.5", NOON_MS + 500, false },
    { "2024-02-29T10:00Z", NOON_MS, true },
    { "2024-02-29T12:00:00+02", NOON_MS, true },
    { "2024-02-29T12:00:00+0200", NOON_MS, true },
    { "2024-02-29T12:00:00+02:00", NOON_MS, true },
    { "2024-02-29T12:00:00 +02:00", NOON_MS, true },
    { "2024-02-29T04:30:00-05:30", NOON_MS, true },
    { "2024-02-29T10:00:00-00:00", NOON_MS, true },
    { "2024-02-29T10:00:00.1Z", NOON_MS + 100, true },
    { "2024-02-29T10:00:00.12Z", NOON_MS + 120, true },
    { "2024-02-29T10:00:00.123456789Z", NOON_MS + 123, true },
    { "2024-02-29T10:00:00.9999Z", NOON_MS + 999, true }, /* cut, not rounded */
    { "2024-02-29T10:00:00.Z", NOON_MS, true },
    { "2024-02-29T10:00:00,250Z", NOON_MS + 250, true },
    { "2024-02-29T09:59:60Z", NOON_MS, true },
    { "2024-02-28T24:00:00Z", NOON_MS - 36000000, true },
    { "  2024-02-29T10:00:00Z \r\n", NOON_MS, true },
    { "0001-01-01T00:00:00Z", -62135596800000LL, true },
    { "9999-12-31T23:59:59.999Z", 253402300799999LL, true },
    { "2000-02-29T00:00:00Z", 951782400000LL, true },
    { "2000-03-01T00:00:00Z", 951868800000LL, true },
};

static const char *const bad[] = {
    "",
    " ",
    "now",
    "2024-02-29",
    "2023-02-29T10:00:00Z",
    "1900-02-29T10:00:00Z",
    "2024-13-01T10:00:00Z",
    "2024-00-01T10:00:00Z",
    "2024-01-00T10:00:00Z",
    "2024-04-31T10:00:00Z",
    "2024-01-01T24:00:01Z",
    "2024-01-01T25:00:00Z",
    "2024-01-01T10:60:00Z",
    "2024-01-01T10:00:61Z",
    "2024-01-01T10Z",
    "2024-01-01T10:00:00X",
    "2024-01-01T10:00:00+",
    "2024-01-01T10:00:00+2",
    "2024-01-01T10:00:00+02:",
    "2024-01-01T10:00:00+24:00",
    "2024-01-01T10:00:00+02:60",
    "2024-01-01T10:00:00ZZ",
    "2024-01-01T10:00:00Z and more",
    "24-01-01T10:00:00Z",
    "0000-01-01T10:00:00Z",
    "-001-01-01T10:00:00Z",
    "0001-01-01T00:00:00+01:00",
    "9999-12-31T23:59:59-01:00",
    "1709200800",
};

static void forms_of_stations(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
        int64_t got_ms = 42;
        bool had_zone = !good[i].had_zone;
        if (!ocpp_time_parse(good[i].text, &got_ms, &had_zone))
            fail_msg("%s: refused", good[i].text);
        check_int(good[i].text, got_ms, good[i].want_ms);
        check_int(good[i].text, had_zone, good[i].had_zone);
        assert_true(ocpp_time_parse(good[i].text, &got_ms, NULL));
    }
}

static void what_is_no_time(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
        int64_t got_ms = 42;
        if (ocpp_time_parse(bad[i], &got_ms, NULL))
            fail_msg("%s: accepted as %lld", bad[i], (long long)got_ms);
        check_int(bad[i], got_ms, 42);
    }
}

static const struct {
    int64_t utc_ms;
    const char *want;
} formats[] = {
    { 0, "1970-01-01T00:00:00.000Z" },           { -1, "1969-12-31T23:59:59.999Z" },
    { NOON_MS + 7, "2024-02-29T10:00:00.007Z" }, { -62135596800000LL, "0001-01-01T00:00:00.000Z" },
    { INT64_MIN, "0001-01-01T00:00:00.000Z" },   { INT64_MAX, "9999-12-31T23:59:59.999Z" },
};

static void the_form_we_send(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(formats); i++) {
        char buf[OCPP_TIME_TEXT_SIZE];
        ocpp_time_format(formats[i].utc_ms, buf);
        check_text("format", buf, formats[i].want);
    }
}

/* A calendar of its own: counting day by day from year 1 to 9999. */
static void every_day_there_is(void **state)
{
    (void)state;
    static const int month_days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    int64_t day_ms = -62135596800000LL;
    for (int year = 1; year <= 9999; year++) {
        bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        for (int month = 1; month <= 12; month++) {
            int n = month_days[month - 1] + (month == 2 && leap);
            for (int day = 1; day <= n; day++, day_ms += 86400000) {
                char want[64], got[OCPP_TIME_TEXT_SIZE];
                int64_t back_ms;
                if (day != 1 && day != n)
                    continue; /* the ends of each month show every mistake */
                snprintf(want, sizeof(want), "%04d-%02d-%02dT12:34:56.789Z", year, month, day);
                ocpp_time_format(day_ms + 45296789, got);
                check_text("day", got, want);
                assert_true(ocpp_time_parse(got, &back_ms, NULL));
                check_int(want, back_ms, day_ms + 45296789);
            }
        }
    }
    assert_int_equal(day_ms, 253402300800000LL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(forms_of_stations),
        cmocka_unit_test(what_is_no_time),
        cmocka_unit_test(the_form_we_send),
        cmocka_unit_test(every_day_there_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
