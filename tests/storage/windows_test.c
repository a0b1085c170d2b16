/* Windows of a calendar and currents by the hour, as text and back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "storage/windows.h"

#define N(array) (sizeof(array) / sizeof((array)[0]))

static void days_have_names(void **state)
{
    static const struct {
        const char *text;
        uint8_t want;
    } cases[] = {
        { "Mo", 0x01 },
        { "mon", 0x01 },
        { "Sunday", 0x40 },
        { "Mo-Fr", 0x1F },
        { "Fr-Mo", 0x71 }, /* over the end of the week */
        { "Mo,We, Sa-Su", 0x65 },
        { "daily", 0x7F },
        { "Mo-Su", 0x7F },
        { "M", 0 },
        { "Mond", 0 },
        { "Mo-", 0 },
        { "-Mo", 0 },
        { "Mo,,Tu", 0 },
        { "Mo,", 0 },
        { "", 0 },
        { "Di", 0 },
    };
    (void)state;
    for (size_t i = 0; i < N(cases); i++)
        if (window_days_read(cases[i].text) != cases[i].want)
            fail_msg("%s is 0x%02x", cases[i].text, window_days_read(cases[i].text));
}

static void edges_are_times_or_the_sun(void **state)
{
    static const struct {
        const char *text;
        int kind, minute; /* kind -1: none */
    } cases[] = {
        { "00:00", STORE_AT_CLOCK, 0 },
        { "24:00", STORE_AT_CLOCK, 1440 },
        { "17:05", STORE_AT_CLOCK, 1025 },
        { "sunset", STORE_AT_SUNSET, 0 },
        { "dusk-15", STORE_AT_DUSK, -15 },
        { "dawn+720", STORE_AT_DAWN, 720 },
        { "sunrise+5", STORE_AT_SUNRISE, 5 },
        { "24:01", -1, 0 },
        { "7:00", -1, 0 },
        { "17:60", -1, 0 },
        { "17:00 ", -1, 0 },
        { "dusk-721", -1, 0 },
        { "dusk 5", -1, 0 },
        { "dusk+ 5", -1, 0 },
        { "dusk+", -1, 0 },
        { "dusk+-5", -1, 0 },
        { "duskx", -1, 0 },
        { "noon", -1, 0 },
        { "-1:30", -1, 0 },
        { "", -1, 0 },
    };
    (void)state;
    for (size_t i = 0; i < N(cases); i++) {
        struct store_edge edge;
        char text[16];
        bool good = window_edge_read(cases[i].text, &edge);
        if (good != (cases[i].kind >= 0))
            fail_msg("'%s' is %s", cases[i].text, good ? "taken" : "refused");
        if (!good)
            continue;
        window_edge_write(&edge, text);
        if ((int)edge.kind != cases[i].kind || edge.minute != cases[i].minute ||
            strcmp(text, cases[i].text) != 0)
            fail_msg("'%s' became '%s'", cases[i].text, text);
    }
}

static void calendars_are_lines(void **state)
{
    static const char calendar[] = "Mo-Fr 17:00 22:00 limit 40 reserve 10/10.5/0\n"
                                   "Sa,Su sunset-15 sunrise reserve 0.125\n";
    static const char *const wrong[] = {
        "Mo 17:00",
        "Mo 17:00 18:00 limit",
        "Mo 17:00 18:00 limit 40/40",
        "Mo 17:00 18:00 limit 40.",
        "Mo 17:00 18:00 limit 40.1234",
        "Mo 17:00 18:00 limit 10001",
        "Mo 17:00 18:00 limit -1",
        "Mo 17:00 18:00 most 40",
        "Mo 17:00 18:00 limit 99999999999999999999",
        "\n",
    };
    struct store_window w[3];
    char line[STORE_WINDOW_TEXT];
    (void)state;
    assert_int_equal(windows_read(calendar, w, N(w)), 2);
    assert_int_equal(w[0].limit_ma[2], 40000);
    assert_int_equal(w[0].reserve_ma[1], 10500);
    assert_int_equal(w[1].limit_ma[0], -1);
    assert_int_equal(w[1].reserve_ma[2], 125);
    assert_true(windows_have_sun(calendar));
    assert_false(windows_have_sun("Mo 17:00 22:00 limit 40\n"));
    assert_int_equal(windows_read(NULL, w, N(w)), 0);
    assert_int_equal(windows_read(calendar, w, 1), SIZE_MAX);
    window_write(&w[0], line);
    assert_string_equal(line, "Mo-Fr 17:00 22:00 limit 40 reserve 10/10.5/0");
    for (size_t i = 0; i < N(wrong); i++)
        if (windows_read(wrong[i], w, N(w)) != SIZE_MAX)
            fail_msg("taken: %s", wrong[i]);
}

static void the_longest_window_fits(void **state)
{
    struct store_window w = { .days = 0x55,
                              .from = { STORE_AT_SUNRISE, -720 },
                              .to = { STORE_AT_SUNRISE, -719 },
                              .limit_ma = { 9999999, 9999998, 9999997 },
                              .reserve_ma = { 9999999, 9999998, 9999997 } };
    char line[STORE_WINDOW_TEXT];
    struct store_window back;
    (void)state;
    window_write(&w, line);
    assert_int_equal(windows_read(line, &back, 1), 1);
    assert_memory_equal(&back, &w, sizeof(w));
}

static void hours_of_a_day_or_a_week(void **state)
{
    static int32_t ma[STORE_HOURS][3], back[STORE_HOURS][3];
    static char text[40 * STORE_HOURS];
    (void)state;
    for (size_t h = 0; h < STORE_HOURS; h++)
        for (size_t p = 0; p < 3; p++)
            ma[h][p] = (int32_t)(h * 100 + p * (h % 3));
    assert_true(hours_write(ma, STORE_HOURS, text, sizeof(text)));
    assert_true(hours_read(text, back));
    assert_memory_equal(ma, back, sizeof(ma));
    assert_true(hours_write(ma, 24, text, sizeof(text)));
    assert_true(hours_read(text, back));
    assert_memory_equal(back[24 * 6 + 5], ma[5], sizeof(ma[5])); /* Sunday like every day */
    assert_false(hours_read("1 2 3", back));
    assert_false(hours_read("", back));
    assert_false(hours_write(ma, 24, text, 30));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(days_have_names),          cmocka_unit_test(edges_are_times_or_the_sun),
        cmocka_unit_test(calendars_are_lines),      cmocka_unit_test(the_longest_window_fits),
        cmocka_unit_test(hours_of_a_day_or_a_week),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
