/* CSV tables of factors over time: what is taken, and what is said of what is wrong. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "cmd/noxd/series_csv.h"

#define T0 INT64_C(1792929600000) /* 2026-10-25T12:00:00Z */

static const struct {
    const char *why, *text;
    enum store_series kind;
    size_t unit, n;
    int64_t from_ms, first_e3, last_e3;
} good[] = {
    { "an hour is four quarters", "2026-10-25T12:00Z,300\n2026-10-25T13:00Z,200.5\n",
      STORE_SERIES_CO2, 0, 8, T0, 300000, 200500 },
    { "one line alone is an hour", "2026-10-25T12:00:00Z,300", STORE_SERIES_CO2, 0, 4, T0, 300000,
      300000 },
    { "names, a mark, CRLF, more cells",
      "\xEF\xBB\xBFtime,g,note\r\n2026-10-25T12:00Z,1,x\r\n2026-10-25T12:15Z,2,y\r\n",
      STORE_SERIES_CO2, 0, 2, T0, 1000, 2000 },
    { "decimal comma, quotes, summer time ends",
      "\"2026-10-25T02:00+02:00\";\"1,5\"\n\"2026-10-25T02:00+01:00\";\"-2,25\"\n",
      STORE_SERIES_PRICE, 0, 8, T0 - 12 * INT64_C(3600000), 1500, -2250 },
    { "exchange prices", "2026-10-25T12:00Z,85.127\n2026-10-25T12:30Z,-0.04\n", STORE_SERIES_PRICE,
      1, 4, T0, 8513, -4 },
    { "in the main unit", "2026-10-25T12:00Z,0.31234\n", STORE_SERIES_PRICE, 2, 4, T0, 31234,
      31234 },
    { "in kg", "2026-10-25T12:00Z,0.3634567\n", STORE_SERIES_CO2, 2, 4, T0, 363457, 363457 },
};

static void what_is_good_is_taken(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        struct series_csv csv;
        if (!series_csv_read(good[i].text, strlen(good[i].text), good[i].kind, good[i].unit, &csv))
            fail_msg("%s: line %zu: %s", good[i].why, csv.fault[0].line, csv.fault[0].text);
        if (csv.n != good[i].n || csv.quarter[0].from_ms != good[i].from_ms ||
            csv.quarter[0].value_e3 != good[i].first_e3 ||
            csv.quarter[csv.n - 1].value_e3 != good[i].last_e3 ||
            csv.quarter[csv.n - 1].from_ms !=
                good[i].from_ms + (int64_t)(csv.n - 1) * STORE_QUARTER_MS)
            fail_msg("%s: %zu quarters, %lld to %lld", good[i].why, csv.n,
                     (long long)csv.quarter[0].value_e3,
                     (long long)csv.quarter[csv.n - 1].value_e3);
        series_csv_done(&csv);
    }
}

static const struct {
    const char *text;
    size_t line;
    const char *words;
} bad[] = {
    { "", 0, "no line with a time" },
    { "time,value\n", 1, "no line with a time" },
    { "2026-10-25T12:00,3\n", 1, "says no zone" },
    { "2026-10-25T12:07Z,3\n", 1, "full quarter" },
    { "2026-10-25T12:00Z,3\nsoon,4\n", 2, "is no time" },
    { "2026-10-25T12:00Z,much\n", 1, "is no number" },
    { "2026-10-25T12:00Z,\n", 1, "is no number" },
    { "2026-10-25T12:00Z,1.2.3\n", 1, "is no number" },
    { "2026-10-25T12:00Z,99999999999999999999999999\n", 1, "is no number" },
    { "2026-10-25T12:00Z,6000\n", 1, "unit right" },
    { "2026-10-25T12:00Z,-1\n", 1, "unit right" },
    { "2026-10-25T12:00Z,1\n2026-10-25T12:00Z,1\n", 2, "comes again" },
    { "2026-10-25T12:00Z,1\n2026-10-25T11:00Z,1\n", 2, "before" },
    { "2026-10-25T12:00Z,1\n2026-10-25T14:00Z,1\n", 2, "120 minutes apart" },
    { "2026-10-25T12:00Z,1\n2026-10-25T13:00Z,1\n\n2026-10-25T15:00Z,1\n", 4, "a gap" },
};

static void what_is_wrong_is_named_with_its_line(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct series_csv csv;
        if (series_csv_read(bad[i].text, strlen(bad[i].text), STORE_SERIES_CO2, 0, &csv))
            fail_msg("taken: %s", bad[i].text);
        if (csv.fault[0].line != bad[i].line || strstr(csv.fault[0].text, bad[i].words) == NULL)
            fail_msg("%s: line %zu: %s", bad[i].text, csv.fault[0].line, csv.fault[0].text);
        series_csv_done(&csv);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_good_is_taken),
        cmocka_unit_test(what_is_wrong_is_named_with_its_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
