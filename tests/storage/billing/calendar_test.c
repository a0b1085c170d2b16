/* The calendar against the C library with tzdata, and tables for what people read. */
#include "tests/storage/billing/check_billing.h"

#include <time.h>
#include <unistd.h>

#include "storage/billing/calendar.h"

static struct tm local(int64_t utc_s)
{
    struct tm tm;
    time_t t = (time_t)utc_s;
    if (localtime_r(&t, &tm) == NULL)
        fail_msg("localtime_r");
    return tm;
}

static void format_by_libc(int64_t utc_s, char ret_text[26])
{
    struct tm tm = local(utc_s);
    char offset[8], text[24];
    strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm);
    strftime(offset, sizeof(offset), "%z", &tm);
    snprintf(ret_text, 26, "%.19s%.3s:%.2s", text, offset, offset + 3);
}

static void check_instant(int64_t utc_s)
{
    char got[26], want[26], month[8];
    format_by_libc(utc_s, want);
    cal_format_local(utc_s * 1000, got);
    check_text("local time", got, want);
    cal_month(utc_s * 1000, month);
    want[7] = '\0';
    check_text("local month", month, want);
    check_int(want, cal_offset_s(utc_s * 1000), local(utc_s).tm_gmtoff);
}

static void every_hour_from_1996_to_2037(void **state)
{
    (void)state;
    int64_t from = utc("1996-01-01T00:00:00") / 1000, to = utc("2037-12-31T23:00:00") / 1000;
    for (int64_t hour = from; hour <= to; hour += 3600) {
        check_int("offset", cal_offset_s(hour * 1000), local(hour).tm_gmtoff);
        check_int("offset", cal_offset_s(hour * 1000 - 1), local(hour - 1).tm_gmtoff);
    }
}

/* Every second around each change of the clock, and every minute of the two days around it. */
static void every_change_of_the_clock(void **state)
{
    (void)state;
    int changes = 0;
    int64_t to = utc("2037-12-31T23:00:00") / 1000;
    for (int64_t at = utc("1996-01-01T00:00:00") / 1000; at <= to; at += 3600) {
        if (local(at).tm_gmtoff == local(at - 1).tm_gmtoff)
            continue;
        changes++;
        for (int64_t s = at - 90; s <= at + 90; s++)
            check_instant(s);
        for (int64_t s = at - 86400; s <= at + 86400; s += 60)
            check_instant(s);
    }
    check_int("changes of the clock", changes, 2 * 42);
}

static int64_t midnight(int year, int month)
{
    struct tm tm = { .tm_year = year - 1900, .tm_mon = month - 1, .tm_mday = 1, .tm_isdst = -1 };
    return (int64_t)mktime(&tm) * 1000;
}

static void check_bounds(const char *text, int64_t from_ms, int64_t to_ms)
{
    char month[8];
    cal_month(from_ms, month);
    check_text("first millisecond", month, text);
    cal_month(from_ms - 1, month);
    assert_true(strcmp(month, text) < 0);
    cal_month(to_ms - 1, month);
    check_text("last millisecond", month, text);
    cal_month(to_ms, month);
    assert_true(strcmp(month, text) > 0);
}

static void every_month_from_1996_to_2037(void **state)
{
    (void)state;
    int64_t before_ms = midnight(1996, 1);
    for (int i = 0; i < 42 * 12; i++) {
        int year = 1996 + i / 12, month = 1 + i % 12;
        char text[16];
        int64_t from_ms, to_ms;
        snprintf(text, sizeof(text), "%04d-%02d", year, month);
        assert_true(cal_month_range(text, &from_ms, &to_ms));
        check_int(text, from_ms, midnight(year, month));
        check_int(text, from_ms, before_ms);
        check_bounds(text, from_ms, to_ms);
        before_ms = to_ms;
    }
    check_int("end", before_ms, midnight(2038, 1));
}

static const struct {
    const char *month, *from, *to;
    int hours;
} months[] = {
    { "2026-01", "2025-12-31T23:00:00", "2026-01-31T23:00:00", 744 },
    { "2026-02", "2026-01-31T23:00:00", "2026-02-28T23:00:00", 672 },
    { "2026-03", "2026-02-28T23:00:00", "2026-03-31T22:00:00", 743 },
    { "2026-07", "2026-06-30T22:00:00", "2026-07-31T22:00:00", 744 },
    { "2026-10", "2026-09-30T22:00:00", "2026-10-31T23:00:00", 745 },
    { "2026-12", "2026-11-30T23:00:00", "2026-12-31T23:00:00", 744 },
    { "2027-03", "2027-02-28T23:00:00", "2027-03-31T22:00:00", 743 },
    { "2027-10", "2027-09-30T22:00:00", "2027-10-31T23:00:00", 745 },
    { "2028-02", "2028-01-31T23:00:00", "2028-02-29T23:00:00", 696 },
};

static void months_by_hand(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(months); i++) {
        int64_t from_ms, to_ms;
        assert_true(cal_month_range(months[i].month, &from_ms, &to_ms));
        check_int(months[i].month, from_ms, utc(months[i].from));
        check_int(months[i].month, to_ms, utc(months[i].to));
        check_int(months[i].month, (to_ms - from_ms) / 3600000, months[i].hours);
    }
}

static const char *const no_months[] = {
    "",        "2026",     "2026-",   "2026-1",  "2026-00", "2026-13",    "2026-10 ", "2026-1x",
    "2026/10", " 2026-10", "-026-10", "0000-01", "9999-12", "2026-10-01", "26-10",
};
static const char *const no_dates[] = {
    "",           "2026-10",     "2026-10-",   "2026-02-29", "2026-04-31", "2026-10-00",
    "2026-10-32", "2026-10-25T", "2026-13-01", "2026-10-1",  "2026-10-2x",
};

static void what_is_no_month_or_date(void **state)
{
    (void)state;
    int64_t a = 7, b = 7;
    for (size_t i = 0; i < ARRAY_SIZE(no_months); i++)
        check_int(no_months[i], cal_month_range(no_months[i], &a, &b), false);
    for (size_t i = 0; i < ARRAY_SIZE(no_dates); i++)
        check_int(no_dates[i], cal_date(no_dates[i], &a), false);
    check_int("results stay untouched", a + b, 14);
}

static const struct {
    const char *date, *want;
} dates[] = {
    { "2026-10-25", "2026-10-24T22:00:00" }, { "2026-10-26", "2026-10-25T23:00:00" },
    { "2026-03-29", "2026-03-28T23:00:00" }, { "2026-03-30", "2026-03-29T22:00:00" },
    { "2028-02-29", "2028-02-28T23:00:00" }, { "2027-01-01", "2026-12-31T23:00:00" },
};

static void dates_begin_at_local_midnight(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(dates); i++) {
        int64_t at_ms;
        assert_true(cal_date(dates[i].date, &at_ms));
        check_int(dates[i].date, at_ms, utc(dates[i].want));
    }
}

static const struct {
    const char *utc, *want;
} texts[] = {
    { "2026-10-25T00:59:59", "2026-10-25T02:59:59+02:00" },
    { "2026-10-25T01:00:00", "2026-10-25T02:00:00+01:00" },
    { "2026-03-29T00:59:59", "2026-03-29T01:59:59+01:00" },
    { "2026-03-29T01:00:00", "2026-03-29T03:00:00+02:00" },
    { "2026-10-31T22:59:59", "2026-10-31T23:59:59+01:00" },
    { "2026-10-31T23:00:00", "2026-11-01T00:00:00+01:00" },
    { "2026-12-31T23:00:00", "2027-01-01T00:00:00+01:00" },
};

static void local_texts(void **state)
{
    (void)state;
    char text[26];
    for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
        cal_format_local(utc(texts[i].utc), text);
        check_text(texts[i].utc, text, texts[i].want);
    }
    cal_format_local(INT64_MIN, text);
    check_text("before all time", text, "0001-01-01T01:00:00+01:00");
    cal_format_local(INT64_MAX, text);
    check_text("after all time", text, "9999-12-31T19:00:00+01:00");
}

static const struct {
    const char *why, *from, *to;
    int from_min, to_min, want_s;
} windows[] = {
    { "whole day of 25 hours", "2026-10-24T22:00:00", "2026-10-25T23:00:00", 0, 0, 90000 },
    { "whole day of 23 hours", "2026-03-28T23:00:00", "2026-03-29T22:00:00", 0, 1440, 82800 },
    { "8 to 22 over two nights", "2026-10-23T20:00:00", "2026-10-25T21:00:00", 480, 1320,
      2 * 14 * 3600 },
    { "over midnight", "2026-10-23T22:00:00", "2026-10-24T22:00:00", 1320, 480, 10 * 3600 },
    { "over midnight, 2A and 2B count both", "2026-10-24T20:00:00", "2026-10-25T07:00:00", 1320,
      480, 11 * 3600 },
    { "over midnight, the lost hour does not", "2026-03-28T21:00:00", "2026-03-29T06:00:00", 1320,
      480, 9 * 3600 },
    { "2A and 2B in a window of one hour", "2026-10-24T22:00:00", "2026-10-25T23:00:00", 120, 180,
      7200 },
    { "the hour that is left out", "2026-03-28T23:00:00", "2026-03-29T22:00:00", 120, 180, 0 },
    { "empty", "2026-10-24T22:00:00", "2026-10-24T22:00:00", 0, 0, 0 },
    { "backwards", "2026-10-24T22:00:01", "2026-10-24T22:00:00", 0, 0, 0 },
    { "from is in", "2026-06-01T06:00:00", "2026-06-01T06:00:01", 480, 1320, 1 },
    { "to is out", "2026-06-01T20:00:00", "2026-06-01T20:00:01", 480, 1320, 0 },
};

static void windows_by_hand(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(windows); i++)
        check_int(windows[i].why,
                  cal_window_s(utc(windows[i].from), utc(windows[i].to), windows[i].from_min,
                               windows[i].to_min),
                  windows[i].want_s);
}

static int64_t count_window(int64_t from_s, int64_t to_s, int from_min, int to_min)
{
    int64_t sum = 0;
    for (int64_t s = from_s; s < to_s; s += 60) {
        struct tm tm = local(s);
        int minute = tm.tm_hour * 60 + tm.tm_min;
        bool in = from_min < to_min ? minute >= from_min && minute < to_min
                                    : minute >= from_min || minute < to_min;
        sum += in ? 60 : 0;
    }
    return sum;
}

/* Minute by minute with the C library, around the change of the clock of a random half-year. */
static void windows_counted(void **state)
{
    (void)state;
    srandom(20261025);
    for (int i = 0; i < 400; i++) {
        int64_t day = utc(i % 2 ? "2026-10-25T00:00:00" : "2027-03-28T00:00:00") / 1000;
        int64_t from = day - 86400 + random() % 2880 * 60, to = from + random() % 4320 * 60;
        int a = (int)(random() % 1440), b = (int)(random() % 1440);
        int64_t got = cal_window_s(from * 1000, to * 1000, a, b);
        if (got != count_window(from, to, a, b))
            fail_msg("from %lld to %lld, window %d to %d: got %lld, want %lld", (long long)from,
                     (long long)to, a, b, (long long)got, (long long)count_window(from, to, a, b));
    }
}

int main(void)
{
    setenv("TZ", "Europe/Berlin", 1);
    tzset();
    if (local(1787788800).tm_gmtoff != 7200) { /* August 2026 */
        puts("skipped: no time zone data (package tzdata)");
        return 77;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_hour_from_1996_to_2037),
        cmocka_unit_test(every_change_of_the_clock),
        cmocka_unit_test(every_month_from_1996_to_2037),
        cmocka_unit_test(months_by_hand),
        cmocka_unit_test(what_is_no_month_or_date),
        cmocka_unit_test(dates_begin_at_local_midnight),
        cmocka_unit_test(local_texts),
        cmocka_unit_test(windows_by_hand),
        cmocka_unit_test(windows_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
