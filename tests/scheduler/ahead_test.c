/* The coming hours: who is put where.  Figures that can be worked out by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "scheduler/ahead.h"

enum { SLOTS = 16, LOADS = 3, NODES = 2, HOUR = 3600000 };
static const int64_t T0 = (int64_t)1700000 * 1000000 / HOUR * HOUR; /* a whole hour */

/* A feeder of 32 A with a branch of 16 A. */
struct bench {
    struct grid grid;
    struct grid_node node[NODES];
    struct ahead a;
    int32_t room_ma[SLOTS * NODES * GRID_RESOURCES], plan_ma[LOADS * SLOTS];
    struct ahead_load load[LOADS];
    uint32_t order[LOADS];
    struct ahead_cost cost;
};

static void bench_init(struct bench *b, const int64_t value[4])
{
    static const int32_t limit_ma[NODES] = { 32000, 16000 };
    struct sched_factor factor[4];
    memset(b, 0, sizeof(*b));
    b->node[0].parent = -1;
    b->grid = (struct grid){ .node = b->node, .n = NODES };
    b->a = (struct ahead){ .grid = &b->grid,
                           .time = { .now_ms = T0, .n_slots = SLOTS },
                           .room_ma = b->room_ma,
                           .load = b->load,
                           .order = b->order,
                           .plan_ma = b->plan_ma };
    for (size_t k = 0; k < SLOTS; k++)
        for (size_t v = 0; v < NODES; v++)
            for (size_t r = 0; r < GRID_RESOURCES; r++)
                ahead_room(&b->a, k, v)[r] = r < 3 ? limit_ma[v] : INT32_MAX;
    for (int h = 0; h < 4; h++)
        factor[h] = (struct sched_factor){ T0 + h * HOUR, T0 + (h + 1) * HOUR, value[h] };
    ahead_cost_set(&b->cost, &b->a.time, factor, 4);
}

/* Three phases, 16 A: 11.04 kW, 2.76 kWh in a slot. */
static struct ahead_load *add(struct bench *b, enum ahead_how how, int32_t node, int hours,
                              int64_t need_wh)
{
    struct ahead_load *load = &b->load[b->a.n_loads++];
    *load = (struct ahead_load){ .node = node,
                                 .uses = 7,
                                 .n_phases = 3,
                                 .min_ma = 6000,
                                 .max_ma = 16000,
                                 .share_ma = 16000,
                                 .until_ms = hours > 0 ? T0 + hours * HOUR : INT64_MAX,
                                 .need_wh = need_wh > 0 ? need_wh : INT64_MAX,
                                 .cost = &b->cost,
                                 .how = how };
    load->moved_until_ms = load->until_ms;
    load->moved_wh = load->need_wh;
    return load;
}

/* Amperes of each slot as letters: a = 1 A; '.' = none. */
static const char *picture(const struct bench *b, size_t load)
{
    static char text[LOADS][SLOTS + 1];
    for (size_t k = 0; k < SLOTS; k++) {
        int32_t ma = b->plan_ma[load * SLOTS + k];
        text[load][k] = (char)(ma == 0 ? '.' : 'a' - 1 + ma / 1000);
    }
    return text[load];
}

static const int64_t falling[4] = { 400, 300, 200, 100 }, valley[4] = { 300, 100, 200, 400 };

static void the_cheapest_hours_first(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b, valley);
    struct ahead_load *load = add(&b, AHEAD_MOVED, 0, 4, 5 * 2760);
    ahead_run(&b.a);
    assert_string_equal(picture(&b, 0), "....ppppp.......");
    assert_int_equal(load->how, AHEAD_MOVED);
    assert_int_equal(load->planned_wh, 5 * 2760);
    assert_int_equal(load->done_ms, T0 + 2 * HOUR + HOUR / 4);
}

static void never_after_the_departure(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b, falling);
    add(&b, AHEAD_MOVED, 0, 2, 2 * 2760);
    ahead_run(&b.a);
    assert_string_equal(picture(&b, 0), "....pp..........");
}

static void who_cannot_be_moved_charges_at_once(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b, falling);
    struct ahead_load *load = add(&b, AHEAD_MOVED, 0, 1, 5 * 2760);
    ahead_run(&b.a);
    assert_string_equal(picture(&b, 0), "pppp............");
    assert_int_equal(load->how, AHEAD_AT_ONCE);
    assert_int_equal(load->planned_wh, 4 * 2760);
    assert_int_equal(load->done_ms, INT64_MAX);
}

/* Both want the branch in the last hour: it takes one. */
static void the_path_and_the_departure_decide(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b, falling);
    add(&b, AHEAD_MOVED, 1, 4, 4 * 2760);
    add(&b, AHEAD_MOVED, 1, 4, 2 * 2760);
    add(&b, AHEAD_MOVED, 0, 4, 4 * 2760);
    b.load[1].moved_until_ms -= HOUR / 4;
    b.load[1].until_ms -= HOUR / 4;
    ahead_run(&b.a);
    assert_string_equal(picture(&b, 1), "............pp..");
    assert_string_equal(picture(&b, 0), "........pp....pp");
    assert_string_equal(picture(&b, 2), "............pppp");
}

/* Who keeps its share comes first, who charges at once next; who fails goes before the moved. */
static void the_share_is_left_to_the_others(void **state)
{
    (void)state;
    struct bench b;
    bench_init(&b, falling);
    add(&b, AHEAD_SHARE, 0, 0, 0)->share_ma = 10000;
    add(&b, AHEAD_MOVED, 0, 4, 4 * 2760);
    add(&b, AHEAD_AT_ONCE, 0, 4, 4 * 2760);
    ahead_run(&b.a);
    assert_string_equal(picture(&b, 0), "jjjjjjjjjjjjjjjj");
    assert_string_equal(picture(&b, 2), "pppp............");
    assert_string_equal(picture(&b, 1), "............pppp");
}

static void hours_without_a_factor_are_left_out(void **state)
{
    (void)state;
    struct bench b;
    struct sched_factor part[] = { { T0, T0 + HOUR, 300 },
                                   { T0 + HOUR, T0 + HOUR + HOUR / 2, 100 },
                                   { T0 + HOUR + HOUR / 2, T0 + HOUR + HOUR / 2 + HOUR / 4, 400 } };
    bench_init(&b, falling);
    ahead_cost_set(&b.cost, &b.a.time, part, 3);
    assert_int_equal(b.cost.n_known, 7);
    assert_int_equal(b.cost.value[4], 200); /* the hour's mean: (100 x 2 + 400) / 3 */
    assert_int_equal(b.cost.value[6], 200);
    assert_true(b.cost.value[7] == AHEAD_NO_COST);
    add(&b, AHEAD_MOVED, 0, 4, 2 * 2760);
    ahead_run(&b.a);
    assert_string_equal(picture(&b, 0), "....pp..........");
}

static void slots_are_quarters_of_the_clock(void **state)
{
    (void)state;
    struct ahead_time t = { .now_ms = T0 + 400000, .n_slots = 2 };
    assert_true(ahead_from_ms(&t, 0) == T0 + 400000);
    assert_true(ahead_until_ms(&t, 0) == T0 + 900000);
    assert_true(ahead_from_ms(&t, 1) == T0 + 900000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_cheapest_hours_first),
        cmocka_unit_test(never_after_the_departure),
        cmocka_unit_test(who_cannot_be_moved_charges_at_once),
        cmocka_unit_test(the_path_and_the_departure_decide),
        cmocka_unit_test(the_share_is_left_to_the_others),
        cmocka_unit_test(hours_without_a_factor_are_left_out),
        cmocka_unit_test(slots_are_quarters_of_the_clock),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
