#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "cmd/noxd/alarms.h"

static void note(struct alarms *a, int64_t at_ms, const char *name, const char *station,
                 const char *text)
{
    bool boot = strcmp(name, "station.boot") == 0;
    struct store_event event = { .at_ms = at_ms,
                                 .name = name,
                                 .severity = boot ? STORE_INFO : STORE_ALARM,
                                 .station = station,
                                 .connector = station != NULL && !boot ? 1 : -1,
                                 .text = text };
    alarms_note(a, &event);
}

static void the_same_trouble_is_counted(void **state)
{
    (void)state;
    struct alarms a = { .n = 0 };
    note(&a, 10, "grid.excess", NULL, "TR: 1: the worst case is above the limit");
    note(&a, 20, "grid.excess", NULL, "K1: the worst case is above the limit");
    note(&a, 30, "station.disobeys", "CP1", "draws more than it may");
    note(&a, 40, "grid.excess", NULL, "TR: 1: the worst case is far above the limit");
    assert_int_equal(a.n, 3);
    assert_string_equal(a.item[0].node, "TR: 1");
    assert_string_equal(a.item[0].text, "TR: 1: the worst case is far above the limit");
    assert_int_equal(a.item[0].count, 2);
    assert_int_equal(a.item[0].first_at_ms, 10);
    assert_int_equal(a.item[0].last_at_ms, 40);
    assert_string_equal(a.item[1].station, "CP1");
    assert_string_equal(a.item[1].node, "");
    assert_string_equal(a.item[2].node, "K1");
}

static void a_boot_ends_the_alarms_of_its_station(void **state)
{
    (void)state;
    struct alarms a = { .n = 0 };
    note(&a, 10, "station.disobeys", "CP1", "x");
    note(&a, 20, "station.disobeys", "CP2", "x");
    note(&a, 30, "storage.failing", NULL, "x");
    note(&a, 40, "station.boot", "CP1", "x");
    assert_int_equal(a.n, 2);
    assert_string_equal(a.item[0].name, "storage.failing");
    assert_string_equal(a.item[1].station, "CP2");
}

static void the_silent_one_goes_when_it_is_full(void **state)
{
    (void)state;
    struct alarms a = { .n = 0 };
    char station[16];
    for (int i = 0; i < ALARMS_MAX; i++) {
        snprintf(station, sizeof(station), "CP%d", i);
        note(&a, i, "station.disobeys", station, "x");
    }
    note(&a, 100, "station.disobeys", "CP0", "x");
    note(&a, 101, "station.disobeys", "CP999", "x");
    assert_int_equal(a.n, ALARMS_MAX);
    assert_string_equal(a.item[0].station, "CP999");
    assert_string_equal(a.item[1].station, "CP0");
    assert_int_equal(a.item[1].count, 2);
    assert_string_equal(a.item[ALARMS_MAX - 1].station, "CP2");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_trouble_is_counted),
        cmocka_unit_test(a_boot_ends_the_alarms_of_its_station),
        cmocka_unit_test(the_silent_one_goes_when_it_is_full),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
