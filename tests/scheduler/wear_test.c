/* Few writes for memories that bear few, and renewals that do not come together. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "scheduler/plan.h"

enum {
    SECOND = 1000,
    MINUTE = 60000,
    HOUR = 3600000,
    MOST_POINTS = 320,
    MOST_LOG = 20000,
};
static const int64_t T0 = 1800000000000;

/* One connection; every command is accepted at once. */
struct desk {
    struct sched_node_conf node;
    struct sched_point_conf point[MOST_POINTS];
    struct sched *s;
    int64_t now_ms;
    struct sched_command log[MOST_LOG];
    int64_t at_ms[MOST_LOG];
    size_t n_points, n_log;
};

static struct desk *desk(int32_t limit_ma, size_t n_points, int32_t writes_per_day,
                         const struct sched_window *window)
{
    struct desk *d = calloc(1, sizeof(*d));
    assert_non_null(d);
    d->node = (struct sched_node_conf){ .parent = -1,
                                        .limit_ma = { limit_ma, limit_ma, limit_ma },
                                        .window = window,
                                        .n_windows = window != NULL };
    for (size_t i = 0; i < n_points; i++)
        d->point[i] = (struct sched_point_conf){ .n_phases = 3,
                                                 .wiring = { 0, 1, 2 },
                                                 .rating_ma = 16000,
                                                 .min_ma = 6000,
                                                 .weight = 1,
                                                 .commissioned = true,
                                                 .safe_confirmed = true,
                                                 .writes_per_day = writes_per_day };
    struct sched_conf conf = { .node = &d->node,
                               .n_nodes = 1,
                               .point = d->point,
                               .n_points = n_points,
                               .tuning = sched_default_tuning() };
    d->n_points = n_points;
    d->now_ms = T0;
    d->s = sched_new(&conf, T0);
    assert_non_null(d->s);
    for (size_t i = 0; i < n_points; i++) {
        sched_skew(d->s, i, 0);
        sched_link(d->s, i, true, T0);
    }
    return d;
}

static void desk_free(struct desk *d)
{
    sched_free(d->s);
    free(d);
}

static void run_round(struct desk *d)
{
    struct sched_command cmd[64];
    size_t n;
    do {
        n = sched_round(d->s, d->now_ms, cmd, 64);
        for (size_t k = 0; k < n; k++) {
            assert_true(d->n_log < MOST_LOG);
            d->log[d->n_log] = cmd[k];
            d->at_ms[d->n_log++] = d->now_ms;
            sched_answer(d->s, cmd[k].point, cmd[k].seq, SCHED_ACCEPTED, d->now_ms);
        }
    } while (n == 64);
}

static void go(struct desk *d, int64_t for_ms)
{
    int64_t end_ms = d->now_ms + for_ms;
    while (sched_next_ms(d->s) <= end_ms) {
        d->now_ms = sched_next_ms(d->s) > d->now_ms ? sched_next_ms(d->s) : d->now_ms;
        run_round(d);
    }
    d->now_ms = end_ms;
}

static void arrive(struct desk *d, size_t i)
{
    sched_session_start(d->s, i, 100 + (int64_t)i, d->now_ms);
}

static struct sched_point_view view(const struct desk *d, size_t i)
{
    struct sched_point_view v;
    sched_point_view(d->s, i, d->now_ms, &v);
    return v;
}

static void set_limit(struct desk *d, int32_t ma)
{
    int32_t limit_ma[3] = { ma, ma, ma }, none[3] = { 0, 0, 0 };
    sched_set_limit(d->s, 0, limit_ma, none, d->now_ms);
}

static void test_writes_are_counted_for_a_day(void **state)
{
    (void)state;
    struct desk *d = desk(20000, 2, 100, NULL);
    arrive(d, 0);
    go(d, 2 * HOUR);
    int32_t sent = (int32_t)d->n_log;
    assert_in_range(sent, 12, 17);
    assert_int_equal(view(d, 0).writes, sent);
    assert_int_equal(view(d, 1).writes, 0);
    sched_note_writes(d->s, 0, 30, d->now_ms - 20 * HOUR, d->now_ms);
    sched_note_writes(d->s, 0, 1000, d->now_ms - 25 * HOUR, d->now_ms);
    sched_note_writes(d->s, 9, 1000, d->now_ms, d->now_ms);
    assert_int_equal(view(d, 0).writes, sent + 30);
    assert_false(view(d, 0).is_spared);
    sched_note_writes(d->s, 0, 20, d->now_ms, d->now_ms);
    assert_true(view(d, 0).is_spared);
    sched_session_stop(d->s, 0, 100, d->now_ms);
    go(d, 5 * HOUR);
    assert_int_equal(view(d, 0).writes, sent + 20);
    go(d, 19 * HOUR);
    assert_int_equal(view(d, 0).writes, 0);
    desk_free(d);
}

/* A clock that was set back leaves no hour of the future behind. */
static void test_clock_set_back(void **state)
{
    (void)state;
    struct desk *d = desk(20000, 2, 100, NULL);
    sched_note_writes(d->s, 0, 60, T0, T0);
    sched_note_writes(d->s, 0, 1, T0 - 2 * HOUR, T0 - 2 * HOUR);
    d->now_ms = T0 - 2 * HOUR;
    assert_int_equal(view(d, 0).writes, 61);
    sched_note_writes(d->s, 0, 1, T0 - 100 * (int64_t)HOUR, T0 - 100 * (int64_t)HOUR);
    d->now_ms = T0 - 100 * (int64_t)HOUR;
    assert_int_equal(view(d, 0).writes, 1);
    desk_free(d);
}

static size_t sent_in_a_day(int32_t writes_per_day)
{
    struct desk *d = desk(20000, 2, writes_per_day, NULL);
    arrive(d, 0);
    go(d, 24 * HOUR);
    size_t n = d->n_log;
    for (size_t k = 1; k < n; k++)
        assert_true(d->at_ms[k] - d->at_ms[k - 1] <= 13 * MINUTE); /* time to repeat one */
    desk_free(d);
    return n;
}

static void test_renewals_come_late_where_writes_are_few(void **state)
{
    (void)state;
    size_t any = sent_in_a_day(0), few = sent_in_a_day(20);
    assert_in_range(any, 144, 192);
    assert_true(few * 5 <= any * 4);
    assert_in_range(few, 110, 125);
}

static void test_a_small_raise_comes_with_the_renewal(void **state)
{
    (void)state;
    struct desk *d = desk(20000, 2, 20, NULL);
    sched_note_writes(d->s, 0, 10, T0, T0);
    set_limit(d, 10000);
    arrive(d, 0);
    go(d, 2 * SECOND);
    assert_int_equal(view(d, 0).granted_ma, 10000); /* the first is no matter of writes */
    go(d, 2 * MINUTE);
    set_limit(d, 11000);
    go(d, 5 * MINUTE);
    assert_int_equal(view(d, 0).granted_ma, 10000);
    assert_non_null(strstr(view(d, 0).reason, "few writes"));
    assert_int_equal(d->n_log, 1);
    go(d, 6 * MINUTE);
    assert_int_equal(view(d, 0).granted_ma, 11000);
    assert_int_equal(d->n_log, 2); /* the raise was the renewal */
    set_limit(d, 13000);
    go(d, MINUTE);
    assert_int_equal(view(d, 0).granted_ma, 13000); /* enough to be worth it */
    set_limit(d, 12000);
    go(d, 2 * SECOND);
    assert_int_equal(view(d, 0).granted_ma, 12000); /* lowering never waits */
    desk_free(d);
}

static void test_without_a_budget_a_small_raise_goes_out(void **state)
{
    (void)state;
    struct desk *d = desk(20000, 2, 0, NULL);
    sched_note_writes(d->s, 0, 5000, T0, T0);
    set_limit(d, 10000);
    arrive(d, 0);
    go(d, 2 * MINUTE);
    set_limit(d, 11000);
    go(d, 2 * SECOND);
    assert_int_equal(view(d, 0).granted_ma, 11000);
    desk_free(d);
}

static void test_a_limit_without_end_is_raised_by_little_within_a_lease(void **state)
{
    (void)state;
    struct desk *d = desk(20000, 2, 20, NULL);
    sched_skew(d->s, 0, 10 * MINUTE);
    sched_note_writes(d->s, 0, 10, T0, T0);
    set_limit(d, 10000);
    arrive(d, 0);
    go(d, MINUTE);
    assert_true(d->log[0].end_ms == INT64_MAX);
    set_limit(d, 11000);
    go(d, 10 * MINUTE);
    assert_int_equal(view(d, 0).granted_ma, 10000);
    go(d, 5 * MINUTE);
    assert_int_equal(view(d, 0).granted_ma, 11000);
    desk_free(d);
}

static void test_the_count_goes_along(void **state)
{
    (void)state;
    struct desk *d = desk(20000, 2, 20, NULL), *fresh = desk(20000, 2, 20, NULL);
    sched_note_writes(d->s, 0, 10, T0, T0);
    sched_carry_writes(d->s, 0, fresh->s, 1);
    sched_carry_writes(d->s, 7, fresh->s, 0);
    assert_int_equal(view(fresh, 1).writes, 10);
    assert_int_equal(view(fresh, 0).writes, 0);
    assert_true(view(fresh, 1).is_spared);
    desk_free(d);
    desk_free(fresh);
}

/* Most renewals within a second, from a command on. */
static size_t most_in_a_second(const struct desk *d, size_t first)
{
    size_t most = 0, n = 0;
    for (size_t k = first, from = first; k < d->n_log; k++) {
        n += d->log[k].kind == SCHED_RENEW;
        for (; d->at_ms[k] - d->at_ms[from] >= SECOND; from++)
            n -= d->log[from].kind == SCHED_RENEW;
        most = n > most ? n : most;
    }
    return most;
}

/* All have a lease from the same second, as when a street is taken over. */
static void all_in_a_second(struct desk *d)
{
    for (size_t i = 0; i < d->n_points; i++) {
        struct sched_lease lease = { .tx_id = 100 + (int64_t)i,
                                     .limit_ma = 10000,
                                     .end_ms = T0 + 15 * MINUTE };
        arrive(d, i);
        sched_restore(d->s, i, &lease, T0);
    }
    go(d, MINUTE);
    for (size_t i = 0; i < d->n_points; i++)
        assert_int_equal(view(d, i).granted_ma, 10000);
}

static void check_spread(int32_t writes_per_day, size_t most)
{
    struct desk *d = desk(3200000, MOST_POINTS, writes_per_day, NULL);
    all_in_a_second(d);
    size_t first = d->n_log;
    assert_true(most_in_a_second(d, 0) >= 320);
    go(d, 4 * HOUR);
    assert_true(d->n_log - first >= 15 * MOST_POINTS);
    assert_in_range(most_in_a_second(d, first), 1, most);
    desk_free(d);
}

static void test_no_second_has_many_renewals(void **state)
{
    (void)state;
    check_spread(0, 8);
}

static void test_nor_where_writes_are_few(void **state)
{
    (void)state;
    check_spread(1, 12);
}

/* Nor those of limits that were all lowered at once. */
static void test_nor_before_a_planned_fall(void **state)
{
    (void)state;
    /* T0 is a Friday, 8:00 UTC. */
    struct sched_window window = { .days = 0x7f,
                                   .from = { SCHED_AT_CLOCK, 9 * 60 },
                                   .to = { SCHED_AT_CLOCK, 10 * 60 },
                                   .limit_ma = { 3000000, 3000000, 3000000 } };
    struct desk *d = desk(3200000, MOST_POINTS, 0, &window);
    all_in_a_second(d);
    size_t first = d->n_log;
    go(d, 55 * MINUTE);
    assert_in_range(most_in_a_second(d, first), 1, 12);
    desk_free(d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_writes_are_counted_for_a_day),
        cmocka_unit_test(test_clock_set_back),
        cmocka_unit_test(test_renewals_come_late_where_writes_are_few),
        cmocka_unit_test(test_a_small_raise_comes_with_the_renewal),
        cmocka_unit_test(test_without_a_budget_a_small_raise_goes_out),
        cmocka_unit_test(test_a_limit_without_end_is_raised_by_little_within_a_lease),
        cmocka_unit_test(test_the_count_goes_along),
        cmocka_unit_test(test_no_second_has_many_renewals),
        cmocka_unit_test(test_nor_where_writes_are_few),
        cmocka_unit_test(test_nor_before_a_planned_fall),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
