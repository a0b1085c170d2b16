/* The rules of the ledger one by one: what a point may draw, and whether the sums agree. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "scheduler/ledger.h"
#include "tests/scheduler/street.h"

enum { T0 = 1000000, MINUTE = 60000, SLACK = 5000, REACT = 15000, LEASE = 15 * MINUTE };

struct bench {
    struct sched_node_conf node[2];
    struct sched_point_conf point[2];
    struct sched_conf conf;
    struct grid grid;
    struct ledger l;
};

static void set_up(struct bench *b, const struct sched_point_conf *first)
{
    *b = (struct bench){
        .node = { { .parent = -1, .limit_ma = { 40000, 40000, 40000 } },
                  { .parent = 0, .limit_ma = { 20000, 20000, 20000 } } },
        .point = { *first, *first },
    };
    b->point[1].node = 0;
    b->conf = (struct sched_conf){ .node = b->node,
                                   .n_nodes = 2,
                                   .point = b->point,
                                   .n_points = 2,
                                   .tuning = sched_default_tuning() };
    char text[200];
    if (!sched_check(&b->conf, text, sizeof(text)))
        fail_msg("%s", text);
    assert_true(grid_init(&b->grid, &b->conf, T0));
    assert_true(ledger_init(&b->l, &b->grid, &b->conf, T0));
    b->l.point[0].skew_ms = b->l.point[1].skew_ms = 0;
}

static void tear_down(struct bench *b)
{
    ledger_done(&b->l);
    grid_done(&b->grid);
}

static struct sched_point_conf lamp(void)
{
    return (struct sched_point_conf){ .node = 1,
                                      .n_phases = 3,
                                      .wiring = { 0, 1, 2 },
                                      .rating_ma = 16000,
                                      .safe_ma = 6000,
                                      .min_ma = 6000,
                                      .weight = 1,
                                      .commissioned = true,
                                      .safe_confirmed = true };
}

static void enter(struct bench *b, uint32_t seq, int32_t limit_ma, int64_t at_ms)
{
    struct ledger_entry e = { .tx_id = 7,
                              .end_ms = at_ms + LEASE,
                              .drop_ms = INT64_MAX,
                              .seq = seq,
                              .limit_ma = limit_ma };
    ledger_enter(&b->l, 0, &e, at_ms);
}

/* Also: the sums are those of the points. */
static int32_t counted(struct bench *b, int64_t at_ms)
{
    ledger_refresh(&b->l, 0, at_ms);
    for (size_t v = 0; v < 2; v++)
        for (int r = 0; r < GRID_RESOURCES; r++) {
            int64_t sum_ma = ledger_worst_ma(&b->l, 0, r, at_ms);
            if (v == 0)
                sum_ma += ledger_worst_ma(&b->l, 1, r, at_ms);
            assert_int_equal(b->l.sum_ma[v * GRID_RESOURCES + (size_t)r], sum_ma);
        }
    return ledger_counted_ma(&b->l, 0);
}

/* --- without a lease --- */

static void change_nothing(struct sched_point_conf *p)
{
    (void)p;
}

static void is_new(struct sched_point_conf *p)
{
    p->commissioned = p->safe_confirmed = false;
}

static void is_unconfirmed(struct sched_point_conf *p)
{
    p->safe_confirmed = false;
}

static void is_sticky(struct sched_point_conf *p)
{
    p->class = SCHED_STICKY;
}

static void is_forgetful(struct sched_point_conf *p)
{
    p->class = SCHED_FORGETFUL;
}

static void is_unmanaged(struct sched_point_conf *p)
{
    p->class = SCHED_UNMANAGED;
}

static void is_safe_at_zero(struct sched_point_conf *p)
{
    p->safe_ma = 0;
}

static const struct {
    const char *why;
    void (*change)(struct sched_point_conf *);
    int32_t idle_ma, granted_ma, lapsed_ma;
} classes[] = {
    { "leasing", change_nothing, 6000, 10000, 6000 },
    { "leasing, safe at zero", is_safe_at_zero, 0, 10000, 0 },
    { "never connected", is_new, 0, 10000, 0 },
    { "safe current not confirmed", is_unconfirmed, 16000, 16000, 16000 },
    { "sticky", is_sticky, 6000, 10000, 10000 },
    { "forgetful", is_forgetful, 16000, 16000, 16000 },
    { "unmanaged", is_unmanaged, 16000, 16000, 16000 },
};

static void test_classes(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++) {
        struct sched_point_conf p = lamp();
        struct bench b;
        classes[i].change(&p);
        set_up(&b, &p);
        int32_t idle_ma = counted(&b, T0);
        enter(&b, 1, 10000, T0);
        ledger_accepted(&b.l, 0, 1, T0 + 100);
        int32_t granted_ma = counted(&b, T0 + MINUTE);
        int32_t lapsed_ma = counted(&b, T0 + LEASE + SLACK);
        if (idle_ma != classes[i].idle_ma || granted_ma != classes[i].granted_ma ||
            lapsed_ma != classes[i].lapsed_ma)
            fail_msg("%s: counts %d idle, %d granted, %d after its lease", classes[i].why,
                     (int)idle_ma, (int)granted_ma, (int)lapsed_ma);
        tear_down(&b);
    }
}

/* --- entries --- */

static void test_lowering_counts_when_confirmed_and_followed(void **state)
{
    (void)state;
    struct bench b;
    struct sched_point_conf p = lamp();
    set_up(&b, &p);
    enter(&b, 1, 16000, T0);
    ledger_accepted(&b.l, 0, 1, T0);
    enter(&b, 2, 8000, T0 + 1000);
    assert_int_equal(counted(&b, T0 + 1000), 16000);
    ledger_accepted(&b.l, 0, 2, T0 + 2000);
    assert_int_equal(counted(&b, T0 + 2000 + REACT - 1), 16000);
    assert_int_equal(ledger_next_ms(&b.l, 0), T0 + 2000 + REACT);
    assert_int_equal(counted(&b, T0 + 2000 + REACT), 8000);
    tear_down(&b);
}

static void test_newer_sample_confirms_at_once(void **state)
{
    (void)state;
    struct bench b;
    struct sched_point_conf p = lamp();
    set_up(&b, &p);
    enter(&b, 1, 16000, T0);
    ledger_accepted(&b.l, 0, 1, T0);
    enter(&b, 2, 8000, T0 + 1000);
    ledger_seen(&b.l, 0, 8000, T0 + 1500, T0 + 1600);
    assert_int_equal(counted(&b, T0 + 1600), 16000); /* not accepted yet */
    ledger_accepted(&b.l, 0, 2, T0 + 2000);
    ledger_seen(&b.l, 0, 8000, T0 + 1900, T0 + 2500);
    assert_int_equal(counted(&b, T0 + 2500), 16000); /* older than the answer */
    ledger_seen(&b.l, 0, 8001, T0 + 3000, T0 + 3100);
    assert_int_equal(counted(&b, T0 + 3100), 16000); /* still more */
    ledger_seen(&b.l, 0, 8000, T0 + 4000, T0 + 4100);
    assert_int_equal(counted(&b, T0 + 4100), 8000);
    tear_down(&b);
}

static void test_no_answer_keeps_both(void **state)
{
    (void)state;
    struct bench b;
    struct sched_point_conf p = lamp();
    set_up(&b, &p);
    enter(&b, 1, 8000, T0);
    ledger_accepted(&b.l, 0, 1, T0);
    enter(&b, 2, 16000, T0 + 5 * MINUTE); /* no answer */
    enter(&b, 3, 10000, T0 + 6 * MINUTE); /* no answer */
    assert_int_equal(counted(&b, T0 + 7 * MINUTE), 16000);
    assert_int_equal(counted(&b, T0 + 5 * MINUTE + LEASE + SLACK - 1), 16000);
    assert_int_equal(counted(&b, T0 + 5 * MINUTE + LEASE + SLACK), 10000);
    assert_int_equal(counted(&b, T0 + 6 * MINUTE + LEASE + SLACK), 6000);
    tear_down(&b);
}

static void test_late_acceptance_replaces_what_was_before_it(void **state)
{
    (void)state;
    struct bench b;
    struct sched_point_conf p = lamp();
    set_up(&b, &p);
    enter(&b, 1, 16000, T0);
    ledger_accepted(&b.l, 0, 1, T0);
    enter(&b, 2, 8000, T0 + 1000);
    enter(&b, 3, 9000, T0 + 12000);
    ledger_accepted(&b.l, 0, 2, T0 + 13000); /* late: 3 may be in force as well */
    assert_int_equal(counted(&b, T0 + 13000 + REACT), 9000);
    ledger_accepted(&b.l, 0, 99, T0 + 14000); /* nobody knows it */
    assert_int_equal(counted(&b, T0 + 13000 + REACT), 9000);
    tear_down(&b);
}

static void test_rejected_is_dropped_and_nothing_else(void **state)
{
    (void)state;
    struct bench b;
    struct sched_point_conf p = lamp();
    set_up(&b, &p);
    enter(&b, 1, 8000, T0);
    ledger_accepted(&b.l, 0, 1, T0);
    enter(&b, 2, 16000, T0 + 1000);
    assert_int_equal(counted(&b, T0 + 1000), 16000);
    ledger_not_installed(&b.l, 0, 2, T0 + 2000);
    assert_int_equal(counted(&b, T0 + 2000), 8000);
    tear_down(&b);
}

static void test_skew_prolongs_a_lease(void **state)
{
    (void)state;
    static const int64_t skew_ms[] = { 0, 30000, -30000, 60000, -60000 };
    for (size_t i = 0; i < 5; i++) {
        struct bench b;
        struct sched_point_conf p = lamp();
        set_up(&b, &p);
        b.l.point[0].skew_ms = skew_ms[i];
        int64_t off_ms = skew_ms[i] < 0 ? -skew_ms[i] : skew_ms[i];
        enter(&b, 1, 16000, T0);
        assert_int_equal(counted(&b, T0 + LEASE + SLACK + off_ms - 1), 16000);
        assert_int_equal(counted(&b, T0 + LEASE + SLACK + off_ms), 6000);
        tear_down(&b);
    }
}

static void test_wild_clock_ends_no_lease(void **state)
{
    (void)state;
    struct bench b;
    struct sched_point_conf p = lamp();
    set_up(&b, &p);
    b.l.point[0].skew_ms = -61000;
    enter(&b, 1, 16000, T0);
    assert_int_equal(counted(&b, T0 + 100 * LEASE), 16000);
    ledger_ended(&b.l, 0, 7, true, T0 + 100 * LEASE);
    assert_int_equal(counted(&b, T0 + 100 * LEASE), 6000);
    tear_down(&b);
}

static void test_end_of_a_transaction_ends_its_own_entries(void **state)
{
    (void)state;
    struct bench b;
    struct sched_point_conf p = lamp();
    set_up(&b, &p);
    enter(&b, 1, 16000, T0);
    ledger_ended(&b.l, 0, 6, false, T0 + 1); /* another one */
    assert_int_equal(counted(&b, T0 + 1), 16000);
    ledger_ended(&b.l, 0, 7, false, T0 + 2);
    assert_int_equal(counted(&b, T0 + 2), 6000);
    tear_down(&b);
}

static void test_what_is_surely_in_force(void **state)
{
    (void)state;
    struct bench b;
    struct sched_point_conf p = lamp();
    set_up(&b, &p);
    assert_int_equal(ledger_surely_ma(&b.l, 0, T0), 6000); /* the default */
    enter(&b, 1, 16000, T0);
    assert_int_equal(ledger_surely_ma(&b.l, 0, T0), 6000); /* not answered */
    ledger_accepted(&b.l, 0, 1, T0);
    assert_int_equal(ledger_surely_ma(&b.l, 0, T0), 16000);
    enter(&b, 2, 8000, T0 + 1000);
    assert_int_equal(ledger_surely_ma(&b.l, 0, T0 + 1000), 8000); /* this one or the other */
    enter(&b, 3, 12000, T0 + 2000);
    assert_int_equal(ledger_surely_ma(&b.l, 0, T0 + 2000), 8000);
    ledger_accepted(&b.l, 0, 3, T0 + 3000);
    assert_int_equal(ledger_surely_ma(&b.l, 0, T0 + 3000), 12000);
    assert_int_equal(ledger_surely_ma(&b.l, 0, T0 + 2000 + LEASE), 6000); /* perhaps over */
    ledger_doubt(&b.l, 0);
    assert_int_equal(ledger_surely_ma(&b.l, 0, T0 + 3000), 6000); /* perhaps lost */
    tear_down(&b);
}

/* A lease that was not answered may have been in force, and have ended to the safe current. */
static void test_what_was_replaced_does_not_come_back(void **state)
{
    (void)state;
    struct bench b;
    struct sched_point_conf p = lamp();
    set_up(&b, &p);
    struct ledger_entry e = { .tx_id = 7,
                              .end_ms = T0 + 5 * MINUTE,
                              .drop_ms = INT64_MAX,
                              .seq = 2,
                              .limit_ma = 12000 };
    enter(&b, 1, 16000, T0);
    ledger_accepted(&b.l, 0, 1, T0);
    ledger_enter(&b.l, 0, &e, T0);
    assert_int_equal(ledger_surely_ma(&b.l, 0, T0), 12000);
    assert_int_equal(ledger_surely_ma(&b.l, 0, T0 + 5 * MINUTE), 6000); /* perhaps over */
    ledger_refresh(&b.l, 0, T0 + 10 * MINUTE);
    assert_int_equal(ledger_counted_ma(&b.l, 0), 16000);
    assert_int_equal(ledger_surely_ma(&b.l, 0, T0 + 10 * MINUTE), 6000);
    tear_down(&b);
}

/* Carried over just before its end is noticed: the older ones are replaced all the same. */
static void test_restored_when_it_is_over(void **state)
{
    (void)state;
    struct bench b;
    struct sched_point_conf p = lamp();
    set_up(&b, &p);
    struct ledger_entry e = { .tx_id = 7,
                              .end_ms = T0 - MINUTE * 10,
                              .drop_ms = INT64_MAX,
                              .seq = 1,
                              .limit_ma = 12000,
                              .accepted = true };
    ledger_restore(&b.l, 0, &e, T0);
    assert_int_equal(ledger_counted_ma(&b.l, 0), 6000);
    enter(&b, 2, 16000, T0);
    e.seq = 3;
    ledger_restore(&b.l, 0, &e, T0);
    assert_int_equal(ledger_counted_ma(&b.l, 0), 16000); /* for the reaction time */
    ledger_refresh(&b.l, 0, T0 + MINUTE);
    assert_int_equal(ledger_counted_ma(&b.l, 0), 6000);
    tear_down(&b);
}

/* What may be sent before it is written: only less than what is written for certain. */
static void test_what_covers_a_lowering(void **state)
{
    (void)state;
    struct bench b;
    struct sched_point_conf p = lamp();
    set_up(&b, &p);
    int64_t end_ms = T0 + LEASE;
    assert_true(ledger_covered_ms(&b.l, 0, 7, 0) == INT64_MIN);
    enter(&b, 1, 10000, T0);
    assert_true(ledger_covered_ms(&b.l, 0, 7, 8000) ==
                INT64_MIN); /* not answered: may be refused */
    ledger_accepted(&b.l, 0, 1, T0 + 1000);
    assert_true(ledger_covered_ms(&b.l, 0, 7, 8000) == end_ms);
    assert_true(ledger_covered_ms(&b.l, 0, 7, 10000) == end_ms);
    assert_true(ledger_covered_ms(&b.l, 0, 7, 11000) == INT64_MIN); /* smaller */
    assert_true(ledger_covered_ms(&b.l, 0, 8, 8000) == INT64_MIN);  /* of another transaction */
    enter(&b, 2, 16000, T0 + MINUTE);
    assert_true(ledger_covered_ms(&b.l, 0, 7, 12000) == INT64_MIN); /* a raise under way */
    assert_true(ledger_covered_ms(&b.l, 0, 7, 8000) == end_ms);
    ledger_doubt(&b.l, 0); /* a reboot takes nothing from what is written */
    assert_true(ledger_covered_ms(&b.l, 0, 7, 8000) == end_ms);
    ledger_accepted(&b.l, 0, 2, T0 + MINUTE + 1000); /* the older one ends by it */
    assert_true(ledger_covered_ms(&b.l, 0, 7, 8000) == end_ms + MINUTE);
    tear_down(&b);
}

static void test_more_entries_than_fit_are_never_forgotten(void **state)
{
    (void)state;
    struct bench b;
    struct sched_point_conf p = lamp();
    set_up(&b, &p);
    enter(&b, 1, 16000, T0);
    for (uint32_t seq = 2; seq < 40; seq++)
        enter(&b, seq, 7000, T0 + 1000 * (int64_t)seq);
    assert_int_equal(counted(&b, T0 + MINUTE), 16000);
    ledger_not_installed(&b.l, 0, 1, T0 + MINUTE);
    ledger_not_installed(&b.l, 0, 2, T0 + MINUTE);
    assert_int_equal(counted(&b, T0 + MINUTE), 16000);
    ledger_accepted(&b.l, 0, 39, T0 + MINUTE);
    assert_int_equal(counted(&b, T0 + MINUTE + REACT), 7000);
    tear_down(&b);
}

/* --- phases --- */

static void test_unused_phases_keep_the_safe_current(void **state)
{
    (void)state;
    struct bench b;
    struct sched_point_conf p = lamp();
    p.wiring[0] = 2;
    p.wiring[2] = 0;
    set_up(&b, &p);
    enter(&b, 1, 16000, T0);
    b.l.point[0].phases = 1 << 2;
    b.l.point[0].phases_tx = 7;
    assert_int_equal(counted(&b, T0), 16000);
    assert_int_equal(ledger_worst_ma(&b.l, 0, 0, T0), 6000);
    assert_int_equal(ledger_worst_ma(&b.l, 0, 1, T0), 6000);
    assert_int_equal(ledger_worst_ma(&b.l, 0, 2, T0), 16000);
    assert_int_equal(ledger_worst_ma(&b.l, 0, GRID_PHASES + 2, T0), 16000); /* single-phase load */
    b.l.point[0].phases_tx = 8; /* learnt of another car: says nothing about this one */
    assert_int_equal(counted(&b, T0), 16000);
    assert_int_equal(ledger_worst_ma(&b.l, 0, 1, T0), 16000);
    tear_down(&b);
}

/* --- may it be sent? --- */

static void test_room_is_the_least_of_the_path(void **state)
{
    (void)state;
    struct bench b;
    struct sched_point_conf p = lamp();
    set_up(&b, &p); /* own node 20 A, root 40 A with another point at 6 A */
    assert_int_equal(ledger_room_ma(&b.l, 0, 100000), 20000);
    assert_int_equal(ledger_room_ma(&b.l, 1, 100000), 34000);
    b.grid.node[0].limit_ma[1] = 15000;
    assert_int_equal(ledger_room_ma(&b.l, 0, 100000), 9000);
    assert_true(ledger_fits(&b.l, 0, 9000));
    assert_false(ledger_fits(&b.l, 0, 9001));
    assert_false(ledger_exceeds_above(&b.l, 0));
    b.grid.node[0].limit_ma[1] = 11000;
    assert_true(ledger_exceeds_above(&b.l, 0));
    assert_true(ledger_fits(&b.l, 0, 6000)); /* raises no sum */
    assert_false(ledger_fits(&b.l, 0, 6001));
    tear_down(&b);
}

/* What makes one comparison enough for all the future. */
static void test_sums_only_fall_by_themselves(void **state)
{
    (void)state;
    uint64_t random = 3;
    struct bench b;
    struct sched_point_conf p = lamp();
    set_up(&b, &p);
    int64_t now_ms = T0;
    for (uint32_t seq = 1; seq < 3000; seq++) {
        now_ms += (int64_t)(street_random(&random) % 200000);
        ledger_refresh(&b.l, 0, now_ms);
        enter(&b, seq, (int32_t)(street_random(&random) % 16001), now_ms);
        if (street_random(&random) % 2 == 0)
            ledger_accepted(&b.l, 0, seq, now_ms);
        int32_t before_ma = ledger_worst_ma(&b.l, 0, 0, now_ms);
        for (int64_t at_ms = now_ms; at_ms < now_ms + 2 * LEASE; at_ms += 7000) {
            int32_t ma = ledger_worst_ma(&b.l, 0, 0, at_ms);
            assert_true(ma <= before_ma);
            before_ma = ma;
        }
        assert_true(counted(&b, now_ms) >= 6000);
    }
    tear_down(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_classes),
        cmocka_unit_test(test_lowering_counts_when_confirmed_and_followed),
        cmocka_unit_test(test_newer_sample_confirms_at_once),
        cmocka_unit_test(test_no_answer_keeps_both),
        cmocka_unit_test(test_late_acceptance_replaces_what_was_before_it),
        cmocka_unit_test(test_rejected_is_dropped_and_nothing_else),
        cmocka_unit_test(test_skew_prolongs_a_lease),
        cmocka_unit_test(test_wild_clock_ends_no_lease),
        cmocka_unit_test(test_end_of_a_transaction_ends_its_own_entries),
        cmocka_unit_test(test_what_is_surely_in_force),
        cmocka_unit_test(test_what_was_replaced_does_not_come_back),
        cmocka_unit_test(test_restored_when_it_is_over),
        cmocka_unit_test(test_what_covers_a_lowering),
        cmocka_unit_test(test_more_entries_than_fit_are_never_forgotten),
        cmocka_unit_test(test_unused_phases_keep_the_safe_current),
        cmocka_unit_test(test_room_is_the_least_of_the_path),
        cmocka_unit_test(test_sums_only_fall_by_themselves),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
