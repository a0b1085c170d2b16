/* Caps on grid nodes: set, begun, ended, found again; and the capacity of a node over time. */
#include "tests/storage/street.h"

#include "storage/windows.h"

static void put_cap(struct street *s, const struct store_cap *cap)
{
    struct answer a = { .came = false };
    assert_true(store_cap(s->store, cap, answer_to(&a)));
    street_wait(s, &a);
    assert_int_equal(a.rc, STORE_OK);
}

/* Ids in the order in which they come, and the last cap. */
struct found {
    int64_t order;
    struct store_cap last;
    char said[40], ended_by[40];
};

static bool take(void *arg, const struct store_cap *cap)
{
    struct found *f = arg;
    f->order = f->order * 10 + cap->id;
    f->last = *cap;
    snprintf(f->said, sizeof(f->said), "%s", cap->said);
    snprintf(f->ended_by, sizeof(f->ended_by), "%s", cap->ended_by != NULL ? cap->ended_by : "-");
    return true;
}

static struct found find(struct street *s, bool live, int64_t before_id, int64_t limit)
{
    struct found f = { .order = 0 };
    struct reader *r = street_reader(s);
    assert_int_equal(reader_caps(r, live, before_id, limit, take, &f), STORE_OK);
    reader_close(r);
    return f;
}

static int64_t largest(struct street *s)
{
    int64_t id = -1;
    struct reader *r = street_reader(s);
    assert_int_equal(reader_cap_max(r, &id), STORE_OK);
    reader_close(r);
    return id;
}

static void caps_are_kept_for_good(void **state)
{
    (void)state;
    struct street s;
    struct store_cap cap = { .node = "N",
                             .limit_ma = { 40000, 30000, 20000 },
                             .from_ms = NOON,
                             .until_ms = NOON + HOUR,
                             .said = "40 A",
                             .who = "grid operator",
                             .why = "peak",
                             .asked_at_ms = NOON - MINUTE,
                             .began_at_ms = STORE_ABSENT,
                             .ended_at_ms = STORE_ABSENT };
    street_open(&s, 1);
    check_int("none yet", largest(&s), 0);
    for (cap.id = 1; cap.id <= 3; cap.id++)
        put_cap(&s, &cap);
    cap.id = 2;
    cap.began_at_ms = NOON;
    put_cap(&s, &cap); /* has begun */
    cap.id = 1;
    cap.began_at_ms = NOON;
    cap.ended_at_ms = NOON + HOUR;
    cap.ended_by = "its end";
    cap.said = "not what was said";
    put_cap(&s, &cap); /* has ended */
    street_reopen(&s);
    check_int("largest", largest(&s), 3);
    struct found live = find(&s, true, 0, 0);
    check_int("live, as they were set", live.order, 23);
    check_int("phases", live.last.limit_ma[1], 30000);
    check_int("not begun", live.last.began_at_ms == STORE_ABSENT, 1);
    check_int("all, newest first", find(&s, false, 0, 0).order, 321);
    check_int("older ones", find(&s, false, 3, 0).order, 21);
    check_int("some", find(&s, false, 0, 2).order, 32);
    struct found first = find(&s, false, 2, 0);
    assert_string_equal(first.said, "40 A"); /* what was ordered does not change */
    assert_string_equal(first.ended_by, "its end");
    check_int("ended", first.last.ended_at_ms, NOON + HOUR);
    street_close(&s);
}

static const struct store_grid_node full_node = {
    .id = "N",
    .name = "N",
    .limit_ma = { 63000, 63000, 63000 },
    .kind = "feeder",
    .lat_e7 = 515000000,
    .lon_e7 = 75000000,
    .calendar = "Mo-Fr 17:00 22:00 limit 40\nMo-Su dusk dawn reserve 6/6/0\n",
    .foreign_by_hour = "1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1/2/3",
    .meter_silent_after_s = 300,
    .meter_guard_ma = { 6000, 6000, 6000 },
    .meter_silent_ma = { 20000, 21000, 22000 },
    .meter_includes = true,
    .meter_device = "A84041",
    .meter_fields = "l1=a.b\n",
    .meter_unit = "W",
    .green = STORE_GREEN_PRICE,
};

static void a_node_comes_back_as_it_was_applied(void **state)
{
    (void)state;
    struct street s;
    struct store_grid_node node = full_node;
    struct store_site file = { .grid = &node, .n_grid = 1 };
    const struct store_site *site;
    street_open(&s, 1);
    struct answer a = street_apply(&s, &file, false);
    assert_non_null(strstr(a.changes, "calendar none -> Mo-Fr 17:00 22:00 limit 40;Mo-Su dusk dawn"
                                      " reserve 6/6/0"));
    assert_non_null(strstr(a.changes, "meter.guard_a 0 -> 6"));
    assert_non_null(strstr(a.changes, "green off -> price"));
    a = street_apply(&s, &file, false);
    assert_string_equal(a.changes, "unchanged grid N;");
    street_reopen(&s);
    struct reader *r = street_reader(&s);
    assert_int_equal(reader_site(r, &site), STORE_OK);
    const struct store_grid_node *n = &site->grid[0];
    assert_string_equal(n->calendar, node.calendar);
    assert_string_equal(n->foreign_by_hour, node.foreign_by_hour);
    assert_string_equal(n->meter_fields, node.meter_fields);
    assert_string_equal(n->meter_device, node.meter_device);
    assert_string_equal(n->meter_unit, node.meter_unit);
    assert_string_equal(n->kind, node.kind);
    assert_memory_equal(n->meter_silent_ma, node.meter_silent_ma, sizeof(node.meter_silent_ma));
    check_int("latitude", n->lat_e7, node.lat_e7);
    check_int("includes", n->meter_includes, 1);
    check_int("green", n->green, STORE_GREEN_PRICE);
    check_int("priority", site->station[0].priority, 0);
    reader_close(r);
    street_close(&s);
}

static const char week[] = "Mo 17:00 18:00 limit 1\nMo 17:00 18:00 limits 1\n";

static void what_cannot_be_is_refused(void **state)
{
    (void)state;
    struct street s;
    struct store_grid_node node[6];
    static const char *const word[6] = { "calendar",       "foreign_by_hour_a", "latitude",
                                         "silent_after_s", "guard_a",           "unit" };
    street_open(&s, 1);
    for (size_t i = 0; i < 6; i++)
        node[i] = full_node;
    node[0].calendar = week;
    node[1].foreign_by_hour = "1 2 3";
    node[2].lat_e7 = 910000000;
    node[3].meter_silent_after_s = -1;
    node[4].meter_guard_ma[1] = -1;
    node[5].meter_unit = "PS";
    for (size_t i = 0; i < 6; i++) {
        struct store_site file = { .grid = &node[i], .n_grid = 1 };
        struct answer a = street_apply(&s, &file, false);
        assert_int_equal(a.rc, STORE_CONFLICT);
        if (strstr(a.error, word[i]) == NULL)
            fail_msg("'%s' does not say %s", a.error, word[i]);
    }
    struct store_station station = a_station("CP1");
    struct store_site file = { .station = &station, .n_stations = 1 };
    station.priority = 10;
    assert_int_equal(street_apply(&s, &file, false).rc, STORE_CONFLICT);
    station.priority = 9;
    struct answer a = street_apply(&s, &file, false);
    assert_non_null(strstr(a.changes, "priority 0 -> 9"));
    street_close(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(caps_are_kept_for_good),
        cmocka_unit_test(a_node_comes_back_as_it_was_applied),
        cmocka_unit_test(what_cannot_be_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
