/* Stories in virtual time: what the balancer decides, when, and why. */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "scheduler/plan.h"

enum {
    T0 = 10000000,
    SECOND = 1000,
    MINUTE = 60000,
    HOUR = 3600000,
    LEASE = 15 * MINUTE,
    REACT = 15000,
    MOST_POINTS = 12,
    MOST_LOG = 4096,
};

/* One connection with some lamps, and a desk where all commands are noted and answered. */
struct desk {
    struct sched_node_conf node[2];
    struct sched_point_conf point[MOST_POINTS];
    struct sched_conf conf;
    struct sched *s;
    int64_t now_ms;
    enum sched_answer answer; /* to everything */
    bool silent;              /* answer nothing */
    struct sched_command log[MOST_LOG];
    size_t n_log;
    struct sched_incident incident[16];
    size_t n_incidents;
};

static struct sched_point_conf lamp(int32_t safe_ma)
{
    return (struct sched_point_conf){ .n_phases = 3,
                                      .wiring = { 0, 1, 2 },
                                      .rating_ma = 16000,
                                      .safe_ma = safe_ma,
                                      .min_ma = 6000,
                                      .weight = 1,
                                      .commissioned = true,
                                      .safe_confirmed = true };
}

static struct desk *desk_of(int32_t limit_ma, size_t n_points, int32_t safe_ma)
{
    struct desk *d = calloc(1, sizeof(*d));
    assert_non_null(d);
    d->node[0] =
        (struct sched_node_conf){ .parent = -1, .limit_ma = { limit_ma, limit_ma, limit_ma } };
    for (size_t i = 0; i < n_points; i++)
        d->point[i] = lamp(safe_ma);
    d->conf = (struct sched_conf){ .node = d->node,
                                   .n_nodes = 1,
                                   .point = d->point,
                                   .n_points = n_points,
                                   .tuning = sched_default_tuning() };
    d->now_ms = T0;
    return d;
}

static void open_desk(struct desk *d)
{
    char text[200];
    if (!sched_check(&d->conf, text, sizeof(text)))
        fail_msg("%s", text);
    d->s = sched_new(&d->conf, d->now_ms);
    assert_non_null(d->s);
    for (size_t i = 0; i < d->conf.n_points; i++) {
        sched_skew(d->s, i, 0);
        sched_link(d->s, i, true, d->now_ms);
    }
}

static struct desk *desk(int32_t limit_ma, size_t n_points, int32_t safe_ma)
{
    struct desk *d = desk_of(limit_ma, n_points, safe_ma);
    open_desk(d);
    return d;
}

static void desk_free(struct desk *d)
{
    sched_free(d->s);
    free(d);
}

static void run_round(struct desk *d)
{
    struct sched_command cmd[4];
    size_t n;
    do {
        n = sched_round(d->s, d->now_ms, cmd, 4);
        for (size_t k = 0; k < n; k++) {
            assert_true(d->n_log < MOST_LOG);
            d->log[d->n_log++] = cmd[k];
        }
        for (size_t k = 0; k < n && !d->silent; k++)
            sched_answer(d->s, cmd[k].point, cmd[k].seq, d->answer, d->now_ms);
    } while (n == 4);
    while (d->n_incidents < 16 && sched_take_incident(d->s, &d->incident[d->n_incidents]))
        d->n_incidents++;
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

/* By a store that knows whether it was accepted. */
static void restore_answered(struct desk *d, size_t i, int64_t tx_id, int32_t ma, int64_t end_ms,
                             bool accepted)
{
    struct sched_lease lease = { .tx_id = tx_id,
                                 .limit_ma = ma,
                                 .end_ms = end_ms,
                                 .accepted = accepted };
    sched_restore(d->s, i, &lease, d->now_ms);
}

static void restore(struct desk *d, size_t i, int64_t tx_id, int32_t ma, int64_t end_ms)
{
    restore_answered(d, i, tx_id, ma, end_ms, false);
}

static void arrive(struct desk *d, size_t i)
{
    sched_session_start(d->s, i, 100 + (int64_t)i, d->now_ms);
}

static void measure(struct desk *d, size_t i, int32_t a, int32_t b, int32_t c)
{
    int32_t ma[3] = { a, b, c };
    sched_measured(d->s, i, ma, d->now_ms, d->now_ms);
}

/* Runs on, with a sample of what each car with a session takes, at most most_ma. */
static void charge(struct desk *d, int64_t for_ms, int32_t most_ma)
{
    for (int64_t end_ms = d->now_ms + for_ms; d->now_ms < end_ms;) {
        go(d, 30 * SECOND);
        for (size_t i = 0; i < d->conf.n_points; i++) {
            struct sched_point_view v;
            sched_point_view(d->s, i, d->now_ms, &v);
            int32_t ma = v.confirmed_ma < most_ma ? v.confirmed_ma : most_ma;
            if (v.tx_id != 0 && v.confirmed_ma >= 0)
                measure(d, i, ma, ma, ma);
        }
    }
}

static int32_t granted(const struct desk *d, size_t i)
{
    struct sched_point_view v;
    sched_point_view(d->s, i, d->now_ms, &v);
    return v.granted_ma;
}

static int32_t reserve(const struct desk *d, size_t i)
{
    struct sched_point_view v;
    sched_point_view(d->s, i, d->now_ms, &v);
    return v.reserve_ma;
}

static const char *reason(const struct desk *d, size_t i)
{
    struct sched_point_view v;
    sched_point_view(d->s, i, d->now_ms, &v);
    return v.reason;
}

static size_t count(const struct desk *d, enum sched_kind kind, size_t from)
{
    size_t n = 0;
    for (size_t k = from; k < d->n_log; k++)
        n += d->log[k].kind == kind;
    return n;
}

static size_t count_incidents(const struct desk *d, enum sched_incident_kind kind)
{
    size_t n = 0;
    for (size_t k = 0; k < d->n_incidents; k++)
        n += d->incident[k].kind == kind;
    return n;
}

static void check_excess_free(const struct desk *d)
{
    struct sched_node_view v;
    sched_node_view(d->s, 0, d->now_ms, &v);
    for (int p = 0; p < 3; p++)
        assert_true(v.reserved_ma[p] <= v.limit_ma[p] - v.foreign_ma[p]);
}

/* --- giving --- */

static void test_alone_with_room_gets_all_without_end(void **state)
{
    (void)state;
    struct desk *d = desk(63000, 3, 0);
    arrive(d, 0);
    go(d, 999);
    assert_int_equal(d->n_log, 0); /* debounce */
    go(d, 1);
    assert_int_equal(d->n_log, 1);
    assert_int_equal(d->log[0].kind, SCHED_RAISE);
    assert_int_equal(d->log[0].limit_ma, 16000);
    assert_int_equal(d->log[0].tx_id, 100);
    assert_true(d->log[0].end_ms == INT64_MAX);
    go(d, 5 * HOUR);
    assert_int_equal(d->n_log, 1); /* nothing to renew */
    desk_free(d);
}

static void test_tight_grid_gives_leases_and_renews(void **state)
{
    (void)state;
    struct desk *d = desk(40000, 4, 0);
    arrive(d, 0);
    go(d, SECOND);
    assert_int_equal(d->log[0].end_ms, d->log[0].start_ms + LEASE);
    go(d, HOUR);
    assert_in_range(d->n_log, 6, 9);
    for (size_t k = 1; k < d->n_log; k++) {
        assert_int_equal(d->log[k].kind, SCHED_RENEW);
        int64_t age_ms = d->log[k].start_ms - d->log[k - 1].start_ms;
        assert_in_range(age_ms, 7 * MINUTE, 10 * MINUTE);
    }
    desk_free(d);
}

static void test_renewals_are_spread(void **state)
{
    (void)state;
    struct desk *d = desk(100000, 12, 0);
    for (size_t i = 0; i < 12; i++)
        arrive(d, i);
    go(d, 3 * MINUTE);
    size_t before = d->n_log, together = 0;
    go(d, 12 * MINUTE);
    for (size_t k = before; k < d->n_log; k++)
        together += d->log[k].start_ms == d->log[before].start_ms;
    assert_true(d->n_log - before >= 12);
    assert_true(together <= 4);
    desk_free(d);
}

static void test_newcomer_waits_until_others_are_lower(void **state)
{
    (void)state;
    struct desk *d = desk(20000, 2, 0);
    arrive(d, 0);
    go(d, MINUTE);
    assert_int_equal(granted(d, 0), 16000);
    arrive(d, 1);
    go(d, SECOND);
    assert_int_equal(granted(d, 0), 10000);
    assert_int_equal(d->log[d->n_log - 1].kind, SCHED_LOWER);
    assert_int_equal(granted(d, 1), 0);
    go(d, REACT - 1);
    assert_int_equal(granted(d, 1), 0);
    go(d, SECOND);
    assert_int_equal(granted(d, 1), 10000);
    check_excess_free(d);
    desk_free(d);
}

static void test_sample_shortens_the_wait(void **state)
{
    (void)state;
    struct desk *d = desk(20000, 2, 0);
    arrive(d, 0);
    go(d, MINUTE);
    arrive(d, 1);
    go(d, 3 * SECOND);
    measure(d, 0, 10000, 10000, 10000);
    go(d, 2 * SECOND);
    assert_int_equal(granted(d, 1), 10000);
    desk_free(d);
}

static void test_raises_are_a_minute_apart(void **state)
{
    (void)state;
    struct desk *d = desk(20000, 3, 0);
    for (size_t i = 0; i < 3; i++)
        arrive(d, i);
    go(d, MINUTE);
    size_t before = d->n_log;
    sched_session_stop(d->s, 2, 102, d->now_ms);
    go(d, 2 * SECOND);
    size_t raised = count(d, SCHED_RAISE, before);
    sched_session_stop(d->s, 1, 101, d->now_ms);
    go(d, 30 * SECOND);
    assert_int_equal(count(d, SCHED_RAISE, before), raised);
    go(d, MINUTE);
    assert_int_equal(granted(d, 0), 16000);
    desk_free(d);
}

static void test_weights(void **state)
{
    (void)state;
    struct desk *d = desk_of(30000, 3, 0);
    d->point[0].weight = 2;
    open_desk(d);
    for (size_t i = 0; i < 3; i++)
        arrive(d, i);
    go(d, 3 * MINUTE);
    assert_int_equal(granted(d, 0), 12000);
    assert_int_equal(granted(d, 1), 9000);
    desk_free(d);
}

/* --- lost, late, refused --- */

static void test_refused_lowering_raises_nobody(void **state)
{
    (void)state;
    struct desk *d = desk(20000, 2, 0);
    arrive(d, 0);
    go(d, MINUTE);
    d->answer = SCHED_REJECTED;
    arrive(d, 1);
    go(d, 5 * MINUTE);
    assert_int_equal(reserve(d, 0), 16000);
    assert_int_equal(granted(d, 1), 0);
    assert_in_range(count(d, SCHED_LOWER, 0), 3, 8); /* retried, not hammered */
    d->answer = SCHED_ACCEPTED;
    go(d, 10 * MINUTE);
    assert_int_equal(granted(d, 0), 10000);
    assert_int_equal(granted(d, 1), 10000);
    desk_free(d);
}

static void test_lost_lowering_counts_until_it_is_confirmed(void **state)
{
    (void)state;
    struct desk *d = desk(20000, 2, 0);
    arrive(d, 0);
    go(d, MINUTE);
    d->answer = SCHED_UNKNOWN;
    arrive(d, 1);
    go(d, 10 * SECOND);
    assert_int_equal(reserve(d, 0), 16000);
    assert_int_equal(granted(d, 1), 0);
    d->answer = SCHED_ACCEPTED;
    go(d, MINUTE);
    assert_int_equal(granted(d, 1), 10000);
    check_excess_free(d);
    desk_free(d);
}

static void test_out_of_reach_counts_until_its_lease_ends(void **state)
{
    (void)state;
    struct desk *d = desk(20000, 2, 0);
    arrive(d, 0);
    go(d, MINUTE);
    sched_link(d->s, 0, false, d->now_ms);
    arrive(d, 1);
    go(d, 13 * MINUTE);
    assert_int_equal(reserve(d, 0), 16000);
    assert_int_equal(granted(d, 1), 0);
    go(d, 2 * MINUTE);
    assert_int_equal(reserve(d, 0), 0);
    assert_int_equal(granted(d, 1), 16000);
    assert_string_equal(reason(d, 0), "out of reach: lease until its end, then safe current");
    desk_free(d);
}

static void test_not_sent_is_not_in_force(void **state)
{
    (void)state;
    struct desk *d = desk(40000, 4, 0);
    d->answer = SCHED_NOT_SENT;
    arrive(d, 0);
    go(d, SECOND);
    assert_int_equal(reserve(d, 0), 0);
    d->answer = SCHED_ACCEPTED;
    go(d, MINUTE);
    assert_int_equal(granted(d, 0), 16000);
    desk_free(d);
}

static void test_answer_that_never_comes_is_given_up(void **state)
{
    (void)state;
    struct desk *d = desk(40000, 4, 0);
    d->silent = true;
    arrive(d, 0);
    go(d, SECOND);
    d->silent = false;
    go(d, 5 * MINUTE);
    struct sched_point_view v;
    sched_point_view(d->s, 0, d->now_ms, &v);
    assert_int_equal(v.confirmed_ma, 16000);
    desk_free(d);
}

static void test_repeated_and_unknown_events_are_harmless(void **state)
{
    (void)state;
    struct desk *d = desk(40000, 4, 0);
    arrive(d, 0);
    go(d, MINUTE);
    size_t before = d->n_log;
    arrive(d, 0);
    sched_session_start(d->s, 99, 1, d->now_ms);
    sched_session_start(d->s, 1, 0, d->now_ms);
    sched_session_stop(d->s, 0, 55, d->now_ms);
    sched_session_stop(d->s, 99, 55, d->now_ms);
    sched_session_wants(d->s, 3, true, d->now_ms);
    sched_session_wants(d->s, 99, true, d->now_ms);
    sched_answer(d->s, 0, 4711, SCHED_ACCEPTED, d->now_ms);
    sched_answer(d->s, 99, 1, SCHED_REJECTED, d->now_ms);
    sched_answer(d->s, 0, 0, SCHED_REJECTED, d->now_ms);
    sched_link(d->s, 99, true, d->now_ms);
    sched_boot(d->s, 99, d->now_ms);
    sched_skew(d->s, 99, 1);
    sched_set_class(d->s, 99, SCHED_STICKY, d->now_ms);
    sched_set_limit(d->s, 9, d->node[0].limit_ma, d->node[0].foreign_ma, d->now_ms);
    restore(d, 99, 1, 16000, INT64_MAX);
    go(d, MINUTE);
    assert_int_equal(d->n_log, before);
    assert_int_equal(granted(d, 0), 16000);
    sched_session_stop(d->s, 0, 100, d->now_ms);
    arrive(d, 0); /* the start once more, after the end */
    go(d, MINUTE);
    assert_int_equal(d->n_log, before);
    assert_int_equal(reserve(d, 0), 0);
    desk_free(d);
}

static void test_nothing_to_balance(void **state)
{
    (void)state;
    struct sched_conf conf = { .tuning = sched_default_tuning() };
    struct sched *s = sched_new(&conf, T0);
    struct sched_command cmd[1];
    struct sched_node_view node;
    struct sched_point_view point;
    assert_non_null(s);
    assert_int_equal(sched_round(s, T0 + HOUR, cmd, 1), 0);
    assert_true(sched_next_ms(s) == INT64_MAX);
    sched_node_view(s, 0, T0, &node);
    sched_point_view(s, 0, T0, &point);
    assert_int_equal(node.n_points, 0);
    assert_int_equal(point.tx_id, 0);
    sched_free(s);
}

static void test_clock_set_back_a_little(void **state)
{
    (void)state;
    struct desk *d = desk(20000, 2, 0);
    arrive(d, 0);
    go(d, MINUTE);
    d->now_ms -= 5 * SECOND;
    arrive(d, 1);
    go(d, MINUTE);
    assert_int_equal(granted(d, 0), 10000);
    assert_int_equal(granted(d, 1), 10000);
    desk_free(d);
}

static void test_commands_are_handed_out_in_portions(void **state)
{
    (void)state;
    struct desk *d = desk(200000, 12, 0);
    struct sched_command cmd[5];
    for (size_t i = 0; i < 12; i++)
        arrive(d, i);
    d->now_ms += SECOND;
    assert_int_equal(sched_round(d->s, d->now_ms, cmd, 5), 5);
    assert_true(sched_next_ms(d->s) <= d->now_ms);
    sched_session_stop(d->s, 11, 111, d->now_ms); /* decided, but over before it is sent */
    assert_int_equal(sched_round(d->s, d->now_ms, cmd, 5), 5);
    assert_int_equal(sched_round(d->s, d->now_ms, cmd, 5), 1);
    assert_int_equal(sched_round(d->s, d->now_ms, cmd, 5), 0);
    desk_free(d);
}

/* --- limits --- */

static void test_lowered_limit_lowers_all_at_once(void **state)
{
    (void)state;
    struct desk *d = desk(40000, 4, 0);
    const int32_t limit_ma[3] = { 20000, 20000, 20000 }, none[3] = { 0, 0, 0 };
    for (size_t i = 0; i < 3; i++)
        arrive(d, i);
    go(d, 3 * MINUTE);
    size_t before = d->n_log;
    sched_set_limit(d->s, 0, limit_ma, none, d->now_ms);
    go(d, 0);
    assert_int_equal(count(d, SCHED_LOWER, before), 3);
    assert_int_equal(granted(d, 0) + granted(d, 1) + granted(d, 2), 20000);
    assert_int_equal(count_incidents(d, SCHED_EXCESS), 1);
    assert_int_equal(d->incident[0].node, 0);
    assert_int_equal(d->incident[0].allowed_ma, 20000);
    arrive(d, 3);
    go(d, 5 * SECOND);
    assert_int_equal(count(d, SCHED_RAISE, before), 0); /* nobody is raised in an excess */
    go(d, 30 * SECOND);
    check_excess_free(d);
    assert_int_equal(count_incidents(d, SCHED_EXCESS), 1);
    desk_free(d);
}

/* A lowering without an answer: the sum fits all the same, by what others give. */
static void test_others_give_for_who_does_not_follow(void **state)
{
    (void)state;
    struct desk *d = desk(47000, 3, 0);
    const int32_t limit_ma[3] = { 30000, 30000, 30000 }, none[3] = { 0, 0, 0 };
    for (size_t i = 0; i < 3; i++)
        arrive(d, i);
    charge(d, 5 * MINUTE, 16000);
    sched_set_limit(d->s, 0, limit_ma, none, d->now_ms);
    d->silent = true;
    run_round(d);
    size_t first = d->n_log - 3;
    for (size_t k = first; k < d->n_log; k++) {
        assert_int_equal(d->log[k].limit_ma, 10000);
        if (d->log[k].point != 1)
            sched_answer(d->s, d->log[k].point, d->log[k].seq, SCHED_ACCEPTED, d->now_ms);
    }
    d->silent = false;
    size_t before = d->n_log;
    go(d, 9 * SECOND);
    assert_int_equal(d->n_log, before);
    go(d, 2 * SECOND);
    assert_int_equal(count(d, SCHED_LOWER, before), 2);
    assert_true(reserve(d, 1) >= 15000);
    assert_int_equal(granted(d, 0) + granted(d, 2), 30000 - reserve(d, 1));
    go(d, 16 * SECOND);
    check_excess_free(d);
    desk_free(d);
}

/* What the station may still have from before makes no room to raise into. */
static void test_nobody_is_raised_in_an_excess(void **state)
{
    (void)state;
    struct desk *d = desk(16000, 2, 0);
    const int32_t limit_ma[3] = { 15000, 15000, 15000 }, none[3] = { 0, 0, 0 };
    arrive(d, 0);
    go(d, MINUTE);
    d->answer = SCHED_UNKNOWN;
    arrive(d, 1);
    go(d, SECOND);
    assert_int_equal(granted(d, 0), 8000);
    assert_int_equal(reserve(d, 0), 16000);
    sched_set_limit(d->s, 0, limit_ma, none, d->now_ms);
    sched_session_stop(d->s, 1, 101, d->now_ms);
    go(d, 10 * MINUTE);
    assert_int_equal(count(d, SCHED_RAISE, 1), 0);
    d->answer = SCHED_ACCEPTED;
    go(d, 5 * MINUTE);
    assert_int_equal(granted(d, 0), 15000);
    desk_free(d);
}

/* Who dies now must not find it written that the safe current holds: the car runs on without it. */
static void test_a_safe_current_accepted_after_a_car_came_is_not_confirmed(void **state)
{
    (void)state;
    struct sched_point_view v;
    struct desk *d = desk_of(40000, 1, 0);
    d->point[0].safe_confirmed = false;
    d->silent = true;
    open_desk(d);
    go(d, 2 * SECOND);
    assert_int_equal(d->log[0].kind, SCHED_SET_SAFE);
    arrive(d, 0);
    sched_answer(d->s, 0, d->log[0].seq, SCHED_ACCEPTED, d->now_ms);
    sched_point_view(d->s, 0, d->now_ms, &v);
    assert_false(v.safe_confirmed);
    assert_int_equal(v.reserve_ma, 16000);
    d->silent = false;
    go(d, 5 * MINUTE); /* first a limit of its own, then once more the safe current */
    sched_point_view(d->s, 0, d->now_ms, &v);
    assert_true(v.safe_confirmed);
    desk_free(d);
}

/* Else it would go on with its safe current until its clock comes to the start. */
static void test_a_clock_behind_has_its_limits_begin_earlier(void **state)
{
    (void)state;
    struct desk *d = desk(20000, 2, 0);
    sched_skew(d->s, 0, -5 * MINUTE);
    arrive(d, 0);
    arrive(d, 1);
    go(d, 5 * SECOND);
    assert_true(d->n_log >= 2);
    for (size_t k = 0; k < d->n_log; k++) {
        int64_t wanted_ms = d->log[k].point == 0 ? T0 + SECOND - 5 * MINUTE : T0 + SECOND;
        assert_true(d->log[k].start_ms == wanted_ms);
    }
    desk_free(d);
}

static void test_limit_below_the_safe_currents(void **state)
{
    (void)state;
    struct desk *d = desk(40000, 3, 6000);
    const int32_t limit_ma[3] = { 10000, 10000, 10000 }, none[3] = { 0, 0, 0 };
    for (size_t i = 0; i < 3; i++)
        arrive(d, i);
    go(d, 3 * MINUTE);
    size_t before = d->n_log;
    sched_set_limit(d->s, 0, limit_ma, none, d->now_ms);
    go(d, 10 * MINUTE);
    assert_int_equal(count(d, SCHED_RAISE, before), 0);
    assert_int_equal(count_incidents(d, SCHED_EXCESS), 1); /* it stays: cannot be proven */
    int32_t sum_ma = granted(d, 0) + granted(d, 1) + granted(d, 2);
    assert_true(sum_ma <= 10000); /* still the best that limits can do */
    desk_free(d);
}

static void test_no_room_for_all_any_more_gives_leases_an_end(void **state)
{
    (void)state;
    struct desk *d = desk(63000, 3, 0);
    const int32_t limit_ma[3] = { 40000, 40000, 40000 }, none[3] = { 0, 0, 0 };
    arrive(d, 0);
    go(d, MINUTE);
    assert_true(d->log[0].end_ms == INT64_MAX);
    sched_set_limit(d->s, 0, limit_ma, none, d->now_ms);
    go(d, SECOND);
    assert_int_equal(d->n_log, 2);
    assert_int_equal(d->log[1].limit_ma, 16000);
    assert_int_equal(d->log[1].end_ms, d->log[1].start_ms + LEASE);
    desk_free(d);
}

static void test_single_phase_rule(void **state)
{
    (void)state;
    struct desk *d = desk_of(63000, 3, 0);
    d->node[0].single_max_ma = 20000;
    for (size_t i = 0; i < 3; i++)
        d->point[i].n_phases = 1;
    open_desk(d);
    arrive(d, 0);
    arrive(d, 1);
    go(d, 3 * MINUTE);
    assert_int_equal(granted(d, 0) + granted(d, 1), 20000);
    desk_free(d);
}

/* --- safe currents --- */

static void test_safe_current_is_installed_first(void **state)
{
    (void)state;
    struct desk *d = desk_of(63000, 2, 6000);
    d->point[0].commissioned = d->point[0].safe_confirmed = false;
    open_desk(d);
    assert_int_equal(reserve(d, 0), 16000);
    go(d, SECOND);
    assert_int_equal(d->n_log, 1);
    assert_int_equal(d->log[0].kind, SCHED_SET_SAFE);
    assert_int_equal(d->log[0].safe_ma, 6000);
    assert_int_equal(d->log[0].tx_id, 0);
    assert_int_equal(reserve(d, 0), 6000);
    arrive(d, 0);
    go(d, SECOND);
    assert_int_equal(granted(d, 0), 16000);
    desk_free(d);
}

static void test_running_transaction_gets_its_limit_before(void **state)
{
    (void)state;
    struct desk *d = desk_of(63000, 2, 0);
    d->point[0].safe_confirmed = false;
    open_desk(d);
    arrive(d, 0);
    go(d, 2 * SECOND);
    assert_int_equal(d->log[0].kind, SCHED_LOWER);
    assert_int_equal(d->log[0].tx_id, 100);
    assert_int_equal(d->log[1].kind, SCHED_SET_SAFE);
    assert_int_equal(reserve(d, 0), 16000); /* the car takes its time */
    go(d, MINUTE);
    assert_int_equal(granted(d, 0), 16000);
    desk_free(d);
}

static void test_new_lamp_lowers_nobody_if_all_goes_well(void **state)
{
    (void)state;
    struct desk *d = desk_of(20000, 2, 0);
    d->point[1].commissioned = d->point[1].safe_confirmed = false;
    d->s = sched_new(&d->conf, d->now_ms);
    sched_link(d->s, 0, true, d->now_ms);
    arrive(d, 0);
    go(d, MINUTE);
    assert_int_equal(granted(d, 0), 16000);
    sched_link(d->s, 1, true, d->now_ms);
    go(d, MINUTE);
    assert_int_equal(granted(d, 0), 16000);
    assert_int_equal(count(d, SCHED_LOWER, 0), 0);
    assert_int_equal(d->n_incidents, 0);
    desk_free(d);
}

static void test_lamp_without_safe_current_counts_at_its_rating(void **state)
{
    (void)state;
    struct desk *d = desk_of(25000, 2, 0);
    d->point[1].commissioned = d->point[1].safe_confirmed = false;
    d->s = sched_new(&d->conf, d->now_ms);
    sched_link(d->s, 0, true, d->now_ms);
    arrive(d, 0);
    go(d, MINUTE);
    d->silent = true; /* of the new one */
    sched_link(d->s, 1, true, d->now_ms);
    go(d, SECOND);
    sched_answer(d->s, 1, d->log[d->n_log - 1].seq, SCHED_REJECTED, d->now_ms);
    d->silent = false;
    d->answer = SCHED_ACCEPTED;
    size_t before = d->n_log;
    sched_set_class(d->s, 1, SCHED_UNMANAGED, d->now_ms);
    go(d, MINUTE);
    assert_int_equal(count_incidents(d, SCHED_EXCESS), 1);
    assert_int_equal(d->log[before].kind, SCHED_LOWER);
    assert_int_equal(granted(d, 0), 9000);
    assert_int_equal(reserve(d, 1), 16000);
    desk_free(d);
}

static void test_boot_sends_both_again(void **state)
{
    (void)state;
    struct desk *d = desk(63000, 3, 6000);
    arrive(d, 0);
    go(d, MINUTE);
    size_t before = d->n_log;
    sched_link(d->s, 0, false, d->now_ms);
    sched_boot(d->s, 0, d->now_ms);
    sched_link(d->s, 0, true, d->now_ms);
    assert_int_equal(reserve(d, 0), 16000); /* profiles outlive a reboot, or not */
    go(d, SECOND);
    assert_int_equal(d->n_log, before + 2);
    assert_int_equal(d->log[before].kind, SCHED_SET_SAFE);
    assert_int_equal(d->log[before + 1].kind, SCHED_RENEW);
    assert_int_equal(d->log[before + 1].limit_ma, 16000);
    desk_free(d);
}

static void test_station_that_lost_smart_charging_is_believed(void **state)
{
    (void)state;
    struct desk *d = desk(63000, 3, 6000);
    go(d, MINUTE);
    d->answer = SCHED_REJECTED;
    sched_boot(d->s, 0, d->now_ms);
    go(d, 20 * SECOND);
    assert_int_equal(reserve(d, 0), 6000);
    go(d, 2 * MINUTE);
    assert_int_equal(reserve(d, 0), 16000);
    assert_string_equal(reason(d, 0), "safe current not installed yet: counted at its rating");
    desk_free(d);
}

/* --- cars --- */

static void test_full_car_makes_room_and_is_left_alone(void **state)
{
    (void)state;
    struct desk *d = desk(20000, 2, 0);
    arrive(d, 0);
    arrive(d, 1);
    go(d, 2 * MINUTE);
    assert_int_equal(granted(d, 0), 10000);
    sched_session_wants(d->s, 0, false, d->now_ms);
    go(d, 2 * MINUTE);
    assert_int_equal(granted(d, 0), 0);
    assert_int_equal(granted(d, 1), 16000);
    size_t before = d->n_log;
    go(d, 3 * HOUR);
    for (size_t k = before; k < d->n_log; k++)
        assert_int_equal(d->log[k].point, 1);
    sched_session_wants(d->s, 0, true, d->now_ms);
    go(d, MINUTE);
    assert_int_equal(granted(d, 0), 10000);
    desk_free(d);
}

/* 0 A makes a station say SuspendedEVSE, which reads as "wants": no ping-pong. */
static void test_car_that_refuses_is_asked_less_and_less(void **state)
{
    (void)state;
    struct desk *d = desk(20000, 2, 0);
    arrive(d, 0);
    arrive(d, 1);
    for (int64_t end_ms = d->now_ms + 6 * HOUR; d->now_ms < end_ms;) {
        go(d, 10 * SECOND);
        sched_session_wants(d->s, 0, granted(d, 0) == 0, d->now_ms);
    }
    size_t offers = 0;
    for (size_t k = 0; k < d->n_log; k++)
        offers += d->log[k].point == 0 && d->log[k].limit_ma > 0;
    assert_in_range(offers, 3, 9);
    desk_free(d);
}

static void test_unused_current_goes_to_others(void **state)
{
    (void)state;
    struct desk *d = desk(24000, 2, 0);
    arrive(d, 0);
    arrive(d, 1);
    go(d, MINUTE);
    for (int k = 0; k < 10; k++) {
        measure(d, 0, 7200, 7200, 7200);
        measure(d, 1, granted(d, 1), granted(d, 1), granted(d, 1));
        go(d, 30 * SECOND);
    }
    assert_int_equal(granted(d, 0), 9000); /* 7.2, rounded up, and one more */
    assert_int_equal(granted(d, 1), 15000);
    assert_string_equal(reason(d, 0), "as much as the car uses");
    for (int k = 0; k < 20; k++) {
        int32_t ma = granted(d, 0);
        measure(d, 0, ma, ma, ma);
        go(d, 30 * SECOND);
    }
    assert_int_equal(granted(d, 0), 12000); /* takes all it gets: its share again */
    desk_free(d);
}

static void test_car_that_takes_a_part_of_its_offer_is_not_driven_down(void **state)
{
    (void)state;
    struct desk *d = desk(24000, 2, 0);
    int32_t most_ma = 0;
    arrive(d, 0);
    for (int k = 0; k < 120; k++) {
        go(d, 30 * SECOND);
        int32_t ma = granted(d, 0) / 10 * 6;
        measure(d, 0, ma, ma, ma);
        assert_true(granted(d, 0) >= 6000);
        most_ma = k >= 60 && granted(d, 0) > most_ma ? granted(d, 0) : most_ma;
    }
    assert_true(most_ma >= 8000); /* asked again now and then */
    desk_free(d);
}

static void test_car_that_takes_all_it_has_gets_all_there_is_at_once(void **state)
{
    (void)state;
    struct desk *d = desk(24000, 2, 0);
    arrive(d, 0);
    for (int k = 0; k < 10; k++) {
        go(d, 30 * SECOND);
        measure(d, 0, 14000, 14000, 14000);
    }
    assert_int_equal(granted(d, 0), 16000); /* an eighth is not worth a change */
    charge(d, 4 * MINUTE, 7000);
    assert_int_equal(granted(d, 0), 8000);
    charge(d, 2 * MINUTE, 16000);
    assert_int_equal(granted(d, 0), 16000);
    desk_free(d);
}

static void test_car_that_draws_nothing_is_full(void **state)
{
    (void)state;
    struct desk *d = desk(20000, 2, 0);
    arrive(d, 0);
    arrive(d, 1);
    for (int k = 0; k < 30; k++) {
        go(d, 30 * SECOND);
        measure(d, 0, 100, 100, 100);
    }
    assert_int_equal(granted(d, 0), 0);
    assert_int_equal(granted(d, 1), 16000);
    assert_string_equal(reason(d, 0), "car takes no current");
    desk_free(d);
}

/* A car that takes nothing below its own least; its station says so in words and in samples. */
struct picky {
    int32_t least_ma; /* INT32_MAX: full */
    bool word, samples;
    int64_t zero_ms;
    bool suspended;
    int32_t most_offered_ma;
    int64_t got_ma_ms;
};

static void live(struct desk *d, size_t i, struct picky *car, int64_t for_ms)
{
    int32_t ma = granted(d, i), drawn_ma = ma >= car->least_ma ? ma : 0;
    car->most_offered_ma = ma > car->most_offered_ma ? ma : car->most_offered_ma;
    car->got_ma_ms += (int64_t)drawn_ma * for_ms;
    car->zero_ms = ma >= 6000 && drawn_ma == 0 ? car->zero_ms + for_ms : 0;
    bool suspended = car->zero_ms >= 30 * SECOND || (car->suspended && drawn_ma == 0 && ma > 0);
    if (car->word && suspended != car->suspended)
        sched_session_wants(d->s, i, !suspended, d->now_ms);
    car->suspended = suspended;
    if (car->samples)
        measure(d, i, drawn_ma, drawn_ma, drawn_ma);
}

static void live_all(struct desk *d, struct picky *car, int64_t for_ms)
{
    for (int64_t end_ms = d->now_ms + for_ms; d->now_ms < end_ms;) {
        go(d, 10 * SECOND);
        for (size_t i = 0; i < d->conf.n_points; i++)
            live(d, i, &car[i], 10 * SECOND);
    }
}

static const struct {
    const char *why;
    int32_t limit_ma, safe_ma, rating_ma, least_ma;
    bool word, samples;
    int32_t least_part_percent; /* of what each of three cars can have */
} needs[] = {
    { "8 A, turns, words and samples", 14000, 0, 16000, 8000, true, true, 75 },
    { "8 A, turns, words only", 14000, 0, 16000, 8000, true, false, 75 },
    { "8 A, turns, samples only", 14000, 0, 16000, 8000, false, true, 75 },
    { "10 A, turns", 14000, 0, 16000, 10000, true, true, 75 },
    { "10 A, turns, samples only", 14000, 0, 16000, 10000, false, true, 75 },
    { "8 A above a safe current", 21000, 6000, 16000, 8000, true, true, 75 },
    { "8 A above a safe current, words only", 21000, 6000, 16000, 8000, true, false, 75 },
    { "9 A, all the point has", 14000, 0, 9000, 9000, true, true, 60 },
};

static void test_car_that_needs_more_gets_its_turns(void **state)
{
    (void)state;
    for (size_t k = 0; k < sizeof(needs) / sizeof(needs[0]); k++) {
        struct desk *d = desk_of(needs[k].limit_ma, 3, needs[k].safe_ma);
        struct picky car[3];
        for (size_t i = 0; i < 3; i++) {
            d->point[i].rating_ma = needs[k].rating_ma;
            car[i] = (struct picky){ .least_ma = i == 0 ? needs[k].least_ma : 6000,
                                     .word = needs[k].word,
                                     .samples = needs[k].samples };
        }
        open_desk(d);
        for (size_t i = 0; i < 3; i++)
            arrive(d, i);
        live_all(d, car, 12 * HOUR);
        int64_t share_ma_ms = (int64_t)needs[k].limit_ma / 3 * 12 * HOUR;
        for (size_t i = 0; i < 3; i++)
            if (car[i].got_ma_ms < share_ma_ms / 100 * needs[k].least_part_percent)
                fail_msg("%s: car %zu got %d %% of its share", needs[k].why, i,
                         (int)(car[i].got_ma_ms * 100 / share_ma_ms));
        if (count_incidents(d, SCHED_NO_RESUME) == 0)
            fail_msg("%s: nobody is told", needs[k].why);
        check_excess_free(d);
        desk_free(d);
    }
}

static void test_reason_says_that_more_is_offered(void **state)
{
    (void)state;
    struct desk *d = desk(12000, 3, 0);
    struct picky car[3];
    for (size_t i = 0; i < 3; i++) {
        car[i] = (struct picky){ .least_ma = i == 0 ? 10000 : 6000, .word = true, .samples = true };
        arrive(d, i);
    }
    live_all(d, car, 2 * MINUTE);
    assert_int_equal(car[0].most_offered_ma, 6000);
    assert_string_equal(reason(d, 0), "took nothing at 6 A: offered 8 A at its next turn");
    assert_int_equal(granted(d, 1) + granted(d, 2), 12000); /* they do not wait for it */
    assert_int_equal(count_incidents(d, SCHED_NO_RESUME), 1);
    assert_int_equal(d->incident[0].allowed_ma, 6000);
    live_all(d, car, 3 * HOUR);
    assert_in_range(car[0].most_offered_ma, 10000, 12000);
    assert_true(car[0].got_ma_ms >= (int64_t)3000 * 3 * HOUR);
    assert_int_equal(count_incidents(d, SCHED_NO_RESUME), 1);
    desk_free(d);
}

/* While only one of the others is confirmed lower, 7 A are free: no use. */
static void test_more_is_not_offered_by_halves(void **state)
{
    (void)state;
    static const int32_t more_ma[3] = { 19000, 19000, 19000 }, most_ma[3] = { 23000, 23000, 23000 },
                         none_ma[3] = { 0, 0, 0 };
    struct desk *d = desk(12000, 3, 0);
    struct picky car[3];
    for (size_t i = 0; i < 3; i++) {
        car[i] = (struct picky){ .least_ma = i == 0 ? 8000 : 6000, .word = true };
        arrive(d, i);
    }
    live_all(d, car, 2 * MINUTE);
    sched_set_limit(d->s, 0, more_ma, none_ma, d->now_ms);
    live_all(d, car, 2 * MINUTE);
    assert_int_equal(granted(d, 0), 0);
    assert_int_equal(granted(d, 1) + granted(d, 2), 19000);
    size_t before = d->n_log;
    d->silent = true;
    sched_set_limit(d->s, 0, most_ma, none_ma, d->now_ms);
    go(d, 2 * SECOND);
    assert_int_equal(count(d, SCHED_LOWER, before), 2);
    size_t large = d->log[before].limit_ma >= d->log[before + 1].limit_ma ? before : before + 1;
    const struct sched_command *first = &d->log[large], *second = &d->log[2 * before + 1 - large];
    sched_answer(d->s, first->point, first->seq, SCHED_ACCEPTED, d->now_ms);
    go(d, 20 * SECOND);
    assert_int_equal(granted(d, 0), 0);
    assert_string_equal(reason(d, 0), "waits until others are confirmed lower");
    sched_answer(d->s, second->point, second->seq, SCHED_ACCEPTED, d->now_ms);
    d->silent = false;
    go(d, 20 * SECOND);
    assert_in_range(granted(d, 0), 8000, 9000);
    desk_free(d);
}

/* At a safe current the station has said SuspendedEV once and has no reason to say it again. */
static void test_silence_at_a_larger_offer_is_a_refusal(void **state)
{
    (void)state;
    static const int32_t more_ma[3] = { 16000, 16000, 16000 }, none_ma[3] = { 0, 0, 0 };
    struct desk *d = desk(12000, 2, 6000);
    struct picky car[2] = { { .least_ma = 10000, .word = true },
                            { .least_ma = 6000, .word = true } };
    arrive(d, 0);
    arrive(d, 1);
    live_all(d, car, 5 * MINUTE);
    assert_int_equal(granted(d, 0), 6000);
    assert_string_equal(reason(d, 0), "took nothing at 6 A: offered 8 A at its next turn");
    sched_set_limit(d->s, 0, more_ma, none_ma, d->now_ms);
    live_all(d, car, MINUTE);
    assert_in_range(granted(d, 0), 8000, 9000);
    live_all(d, car, 5 * MINUTE);
    assert_in_range(granted(d, 0), 10000, 10000);
    assert_true(car[0].got_ma_ms > 0);
    desk_free(d);
}

/* It slept too long; more than 7 A are never to be had. */
static void test_late_riser_on_a_small_connection_is_not_forgotten(void **state)
{
    (void)state;
    struct desk *d = desk(7000, 1, 0);
    struct picky car = { .least_ma = INT32_MAX, .word = true, .samples = true };
    arrive(d, 0);
    live_all(d, &car, 5 * MINUTE);
    car.least_ma = 6000;
    live_all(d, &car, 3 * HOUR);
    assert_true(car.got_ma_ms >= (int64_t)7000 * 2 * HOUR);
    desk_free(d);
}

/* In words, in samples, or both: a few offers, then less and less often. */
static void test_full_car_is_not_offered_more_for_ever(void **state)
{
    (void)state;
    for (int ways = 1; ways <= 3; ways++) {
        struct desk *d = desk(13000, 3, 0);
        struct picky car[3];
        for (size_t i = 0; i < 3; i++)
            car[i] = (struct picky){ .least_ma = i == 0 ? INT32_MAX : 6000,
                                     .word = ways & 1,
                                     .samples = ways & 2 };
        for (size_t i = 0; i < 3; i++)
            arrive(d, i);
        live_all(d, car, 12 * HOUR);
        size_t offers = 0;
        for (size_t k = 0; k < d->n_log; k++)
            offers += d->log[k].point == 0 && d->log[k].kind == SCHED_RAISE;
        assert_in_range(offers, 3, 14);
        assert_in_range(count_incidents(d, SCHED_NO_RESUME), 1, 1);
        assert_true(car[1].got_ma_ms + car[2].got_ma_ms >= (int64_t)12000 * 12 * HOUR);
        check_excess_free(d);
        desk_free(d);
    }
}

/* It has charged with what it now refuses: full, and no news. */
static void test_car_that_has_charged_with_less_is_full(void **state)
{
    (void)state;
    struct desk *d = desk(12000, 2, 0);
    struct picky car[2] = { { .least_ma = 6000, .word = true, .samples = true },
                            { .least_ma = 6000, .word = true, .samples = true } };
    arrive(d, 0);
    arrive(d, 1);
    live_all(d, car, HOUR);
    car[0].least_ma = INT32_MAX;
    car[0].most_offered_ma = 0;
    live_all(d, car, HOUR);
    assert_int_equal(car[0].most_offered_ma, 6000);
    assert_int_equal(count_incidents(d, SCHED_NO_RESUME), 0);
    desk_free(d);
}

/* Charged, waited while it was the other one's turn, and is offered current again. */
static struct desk *desk_after_a_pause(void)
{
    struct desk *d = desk_of(10000, 2, 0);
    d->conf.tuning.hold_ms = MINUTE;
    d->conf.tuning.credit_mas = 600 * 1000;
    open_desk(d);
    arrive(d, 0);
    charge(d, 3 * MINUTE, 16000);
    arrive(d, 1);
    charge(d, 3 * MINUTE, 16000);
    assert_int_equal(granted(d, 0), 0);
    sched_session_stop(d->s, 1, 101, d->now_ms);
    go(d, 20 * SECOND);
    assert_int_equal(granted(d, 0), 10000);
    return d;
}

/* @return times it was turned off while it slept */
static size_t sleep_for(struct desk *d, int64_t for_ms)
{
    size_t n_off = 0;
    for (int64_t end_ms = d->now_ms + for_ms; d->now_ms < end_ms;) {
        int32_t before_ma = granted(d, 0);
        go(d, 10 * SECOND);
        measure(d, 0, 0, 0, 0);
        n_off += before_ma > 0 && granted(d, 0) == 0;
    }
    return n_off;
}

static void test_car_that_sleeps_after_a_pause_is_tried_again_and_told(void **state)
{
    (void)state;
    struct desk *d = desk_after_a_pause();
    assert_int_equal(sleep_for(d, 2 * MINUTE), 0);
    assert_int_equal(sleep_for(d, MINUTE), 1);
    assert_int_equal(sleep_for(d, MINUTE), 0);
    assert_int_equal(granted(d, 0), 10000);
    assert_int_equal(count_incidents(d, SCHED_NO_RESUME), 0);
    assert_int_equal(sleep_for(d, 3 * MINUTE), 0);
    assert_int_equal(count_incidents(d, SCHED_NO_RESUME), 1);
    assert_int_equal(sleep_for(d, 4 * MINUTE), 0); /* once */
    assert_int_equal(granted(d, 0), 6000);         /* the rest is for others */
    assert_int_equal(count_incidents(d, SCHED_NO_RESUME), 1);
    desk_free(d);
}

static void test_car_that_wakes_at_the_second_try_is_not_told(void **state)
{
    (void)state;
    struct desk *d = desk_after_a_pause();
    assert_int_equal(sleep_for(d, 4 * MINUTE), 1);
    charge(d, 20 * MINUTE, 16000);
    assert_int_equal(granted(d, 0), 10000);
    assert_int_equal(count_incidents(d, SCHED_NO_RESUME), 0);
    desk_free(d);
}

static void test_phases_are_learnt_and_unlearnt(void **state)
{
    (void)state;
    struct desk *d = desk_of(20000, 2, 0);
    d->point[1].wiring[0] = 1;
    d->point[1].wiring[1] = 2;
    d->point[1].wiring[2] = 0;
    open_desk(d);
    arrive(d, 0);
    arrive(d, 1);
    go(d, MINUTE);
    assert_int_equal(granted(d, 0), 10000);
    for (int k = 0; k < 6; k++) {
        measure(d, 0, granted(d, 0), 0, 0); /* both draw on their terminal L1 only */
        measure(d, 1, granted(d, 1), 0, 0);
        go(d, 30 * SECOND);
    }
    struct sched_point_view v;
    sched_point_view(d->s, 0, d->now_ms, &v);
    assert_int_equal(v.phases, 1);
    sched_point_view(d->s, 1, d->now_ms, &v);
    assert_int_equal(v.phases, 2);
    assert_int_equal(granted(d, 0), 16000); /* on different phases: no need to share */
    assert_int_equal(granted(d, 1), 16000);
    measure(d, 0, 16000, 16000, 16000);
    go(d, 30 * SECOND);
    assert_int_equal(count_incidents(d, SCHED_PHASE_RETURNED), 1);
    sched_point_view(d->s, 0, d->now_ms, &v);
    assert_int_equal(v.phases, 7);
    assert_int_equal(granted(d, 0) + granted(d, 1), 20000);
    desk_free(d);
}

/* numberPhases goes with the limit: one phase below the rating says nothing of the car. */
static void test_phases_that_follow_the_limit_are_learnt_at_the_rating(void **state)
{
    (void)state;
    struct sched_point_view v;
    struct desk *d = desk(20000, 2, 0);
    sched_phases_follow(d->s, 0, true);
    arrive(d, 0);
    arrive(d, 1);
    go(d, MINUTE);
    for (int k = 0; k < 12; k++) {
        measure(d, 0, granted(d, 0), 0, 0);
        measure(d, 1, granted(d, 1), granted(d, 1), granted(d, 1));
        go(d, 30 * SECOND);
    }
    sched_point_view(d->s, 0, d->now_ms, &v);
    assert_int_equal(v.phases, 7);
    assert_int_equal(granted(d, 0), 10000);
    sched_session_stop(d->s, 1, 101, d->now_ms);
    go(d, 2 * MINUTE);
    assert_int_equal(granted(d, 0), 16000);
    for (int k = 0; k < 12; k++) {
        measure(d, 0, granted(d, 0), 0, 0); /* a car of one phase after all */
        go(d, 30 * SECOND);
        sched_point_view(d->s, 0, d->now_ms, &v);
        if (k == 1)
            assert_int_equal(v.phases, 7); /* the station may still be switching */
    }
    assert_int_equal(v.phases, 1);
    desk_free(d);
}

static void test_disobedient_point_counts_at_its_rating(void **state)
{
    (void)state;
    struct desk *d = desk(20000, 2, 0);
    arrive(d, 0);
    arrive(d, 1);
    go(d, 2 * MINUTE);
    measure(d, 0, 15000, 15000, 15000);
    go(d, SECOND);
    measure(d, 0, 15000, 15000, 15000);
    go(d, 29 * SECOND);
    assert_int_equal(d->n_incidents, 0); /* once is not enough, nor a burst of what was kept */
    measure(d, 0, 15000, 15000, 15000);
    go(d, SECOND);
    assert_int_equal(count_incidents(d, SCHED_DISOBEYS), 1);
    assert_int_equal(reserve(d, 0), 16000);
    assert_int_equal(granted(d, 1), 0);                 /* 4 A are left */
    sched_set_class(d->s, 0, SCHED_LEASING, d->now_ms); /* repaired */
    go(d, 10 * MINUTE);
    assert_int_equal(granted(d, 0) + granted(d, 1), 20000);
    desk_free(d);
}

/* Kept at the station while nobody listened: what it might draw then is not known any more. */
static void test_samples_from_before_the_start_are_no_evidence(void **state)
{
    (void)state;
    const int32_t ma[3] = { 15000, 15000, 15000 };
    struct desk *d = desk(20000, 1, 0);
    arrive(d, 0);
    for (int64_t ago_ms = 15 * MINUTE; ago_ms >= 0; ago_ms -= MINUTE)
        sched_measured(d->s, 0, ma, T0 - ago_ms, d->now_ms);
    run_round(d);
    assert_int_equal(d->n_incidents, 0);
    for (int64_t at_ms = T0 + 30 * SECOND; at_ms <= T0 + MINUTE; at_ms += 30 * SECOND) {
        d->now_ms = at_ms;
        sched_measured(d->s, 0, ma, at_ms, at_ms);
    }
    run_round(d);
    assert_int_equal(count_incidents(d, SCHED_DISOBEYS), 1);
    desk_free(d);
}

/* Unless it is known which lease was the last. */
static void test_samples_from_after_the_last_lease_are_evidence(void **state)
{
    (void)state;
    const int32_t ma[3] = { 15000, 15000, 15000 };
    const struct sched_lease last = { .tx_id = 100, .limit_ma = 16000, .end_ms = T0 - 5 * MINUTE };
    struct desk *d = desk(20000, 1, 0);
    sched_restore(d->s, 0, &last, d->now_ms);
    arrive(d, 0);
    for (int64_t ago_ms = 15 * MINUTE; ago_ms > 4 * MINUTE; ago_ms -= MINUTE)
        sched_measured(d->s, 0, ma, T0 - ago_ms, d->now_ms);
    run_round(d);
    assert_int_equal(d->n_incidents, 0);
    for (int64_t ago_ms = 3 * MINUTE; ago_ms > MINUTE; ago_ms -= MINUTE)
        sched_measured(d->s, 0, ma, T0 - ago_ms, d->now_ms);
    run_round(d);
    assert_int_equal(count_incidents(d, SCHED_OUTLIVES), 1);
    assert_int_equal(reserve(d, 0), 16000);
    desk_free(d);
}

static void test_samples_without_a_time_need_to_go_on(void **state)
{
    (void)state;
    struct desk *d = desk(20000, 2, 0);
    arrive(d, 0);
    arrive(d, 1);
    go(d, 2 * MINUTE);
    sched_samples_undated(d->s, 0, true);
    for (int minute = 0; minute < 15; minute++) {
        measure(d, 0, 15000, 15000, 15000);
        go(d, MINUTE);
    }
    assert_int_equal(d->n_incidents, 0);
    measure(d, 0, 15000, 15000, 15000);
    go(d, SECOND);
    assert_int_equal(count_incidents(d, SCHED_DISOBEYS), 1);
    desk_free(d);
}

/* Its lease has ended, as it refused to renew it; the car goes on with what it had. */
static struct desk *lapsed_desk(void)
{
    struct desk *d = desk(20000, 2, 0);
    arrive(d, 0);
    go(d, MINUTE);
    assert_int_equal(granted(d, 0), 16000);
    d->answer = SCHED_REJECTED;
    go(d, 16 * MINUTE);
    d->answer = SCHED_ACCEPTED;
    assert_int_equal(reserve(d, 0), 0);
    return d;
}

static void test_who_outlives_its_lease_is_sticky(void **state)
{
    (void)state;
    struct desk *d = lapsed_desk();
    measure(d, 0, 15000, 15000, 15000);
    assert_int_equal(reserve(d, 0), 0); /* once is not enough */
    d->now_ms += 30 * SECOND;
    measure(d, 0, 15000, 15000, 15000);
    assert_int_equal(reserve(d, 0), 16000); /* what it may have, not what it takes */
    run_round(d);
    assert_int_equal(count_incidents(d, SCHED_OUTLIVES), 1);
    assert_int_equal(count_incidents(d, SCHED_DISOBEYS), 0);
    struct sched_point_view v;
    sched_point_view(d->s, 0, d->now_ms, &v);
    assert_int_equal(v.class, SCHED_STICKY);
    sched_link(d->s, 0, false, d->now_ms);
    arrive(d, 1);
    go(d, 2 * HOUR);
    assert_int_equal(reserve(d, 0), 16000); /* to stay */
    assert_int_equal(granted(d, 1), 0);
    sched_session_stop(d->s, 0, 100, d->now_ms);
    go(d, MINUTE);
    assert_int_equal(granted(d, 1), 16000);
    desk_free(d);
}

/* Samples come late, when there is another lease: what counts is what might be drawn then. */
static void test_late_samples_are_judged_by_their_own_time(void **state)
{
    (void)state;
    const int32_t ma[3] = { 15000, 15000, 15000 };
    struct desk *d = desk(20000, 2, 0);
    arrive(d, 0);
    go(d, MINUTE);
    sched_link(d->s, 0, false, d->now_ms);
    go(d, 18 * MINUTE);
    int64_t gap_ms = d->now_ms - MINUTE;
    assert_int_equal(reserve(d, 0), 0);
    sched_link(d->s, 0, true, d->now_ms);
    go(d, MINUTE);
    assert_int_equal(granted(d, 0), 16000);
    for (int64_t at_ms = gap_ms - 10 * MINUTE; at_ms < gap_ms - MINUTE; at_ms += MINUTE)
        sched_measured(d->s, 0, ma, at_ms, d->now_ms);
    run_round(d);
    assert_int_equal(d->n_incidents, 0);
    sched_measured(d->s, 0, ma, gap_ms, d->now_ms);
    sched_measured(d->s, 0, ma, gap_ms + 20 * SECOND, d->now_ms);
    run_round(d);
    assert_int_equal(count_incidents(d, SCHED_DISOBEYS), 1);
    desk_free(d);
}

static void test_more_than_the_lapsed_lease_is_disobedience(void **state)
{
    (void)state;
    struct desk *d = desk(20000, 2, 0);
    arrive(d, 0);
    arrive(d, 1);
    go(d, 2 * MINUTE);
    assert_int_equal(granted(d, 0), 10000);
    d->answer = SCHED_REJECTED;
    go(d, 16 * MINUTE);
    measure(d, 0, 14000, 14000, 14000);
    d->now_ms += 30 * SECOND;
    measure(d, 0, 14000, 14000, 14000);
    run_round(d);
    assert_int_equal(count_incidents(d, SCHED_OUTLIVES), 0);
    assert_int_equal(count_incidents(d, SCHED_DISOBEYS), 1);
    assert_int_equal(reserve(d, 0), 16000);
    desk_free(d);
}

/* --- turns --- */

static void test_turns_are_long_and_even(void **state)
{
    (void)state;
    struct desk *d = desk(13000, 4, 0);
    int64_t on_ms[4] = { 0 };
    int switches = 0;
    int32_t before_ma[4] = { 0 };
    for (size_t i = 0; i < 4; i++)
        arrive(d, i);
    for (int k = 0; k < 8 * 120; k++) {
        charge(d, 30 * SECOND, 16000);
        for (size_t i = 0; i < 4; i++) {
            on_ms[i] += granted(d, i) > 0 ? 30 * SECOND : 0;
            switches += (granted(d, i) > 0) != (before_ma[i] > 0);
            before_ma[i] = granted(d, i);
        }
    }
    for (size_t i = 0; i < 4; i++)
        assert_in_range(on_ms[i], 7 * HOUR / 2, 9 * HOUR / 2); /* half of eight hours each */
    assert_in_range(switches, 16, 66);
    check_excess_free(d);
    desk_free(d);
}

static void test_waiting_car_is_seen(void **state)
{
    (void)state;
    struct desk *d = desk(13000, 4, 0);
    struct sched_node_view v;
    for (size_t i = 0; i < 3; i++)
        arrive(d, i);
    go(d, MINUTE);
    sched_node_view(d->s, 0, d->now_ms, &v);
    assert_int_equal(v.n_points, 4);
    assert_int_equal(v.n_up, 4);
    assert_int_equal(v.n_sessions, 3);
    assert_int_equal(v.n_waiting, 1);
    assert_int_equal(v.granted_ma[0], 13000);
    assert_int_equal(v.reserved_ma[2], 13000);
    assert_string_equal(reason(d, 2), "waits for its turn");
    assert_string_equal(reason(d, 3), "no car: safe current");
    desk_free(d);
}

static void test_who_is_on_is_held_for_a_while(void **state)
{
    (void)state;
    struct desk *d = desk_of(6000, 2, 0);
    d->conf.tuning.credit_mas = 0;
    open_desk(d);
    arrive(d, 0);
    arrive(d, 1);
    charge(d, 14 * MINUTE, 16000);
    assert_int_equal(granted(d, 0), 6000);
    charge(d, 3 * MINUTE, 16000);
    assert_int_equal(granted(d, 0), 0);
    assert_int_equal(granted(d, 1), 6000);
    charge(d, 13 * MINUTE, 16000);
    assert_int_equal(granted(d, 1), 6000);
    desk_free(d);
}

/* --- classes --- */

static void test_unmanaged_point_gets_no_commands(void **state)
{
    (void)state;
    struct desk *d = desk_of(63000, 2, 0);
    d->point[0].class = SCHED_UNMANAGED;
    d->point[0].safe_confirmed = false;
    open_desk(d);
    arrive(d, 0);
    go(d, HOUR);
    assert_int_equal(d->n_log, 0);
    assert_int_equal(reserve(d, 0), 16000);
    desk_free(d);
}

static void test_forgetful_point_is_given_what_it_counts(void **state)
{
    (void)state;
    struct desk *d = desk_of(20000, 2, 0);
    d->point[0].class = SCHED_FORGETFUL;
    open_desk(d);
    arrive(d, 0);
    arrive(d, 1);
    go(d, MINUTE);
    assert_int_equal(granted(d, 0), 16000);
    assert_int_equal(granted(d, 1), 0);
    desk_free(d);
}

static void test_wild_clock_gets_no_end(void **state)
{
    (void)state;
    struct desk *d = desk(40000, 4, 0);
    sched_skew(d->s, 0, 120 * SECOND);
    arrive(d, 0);
    go(d, SECOND);
    assert_true(d->log[0].end_ms == INT64_MAX);
    sched_link(d->s, 0, false, d->now_ms);
    go(d, 5 * HOUR);
    assert_int_equal(reserve(d, 0), 16000);
    desk_free(d);
}

/* --- restart --- */

static void test_restart_counts_what_was_written(void **state)
{
    (void)state;
    struct desk *d = desk_of(20000, 2, 0);
    d->s = sched_new(&d->conf, d->now_ms);
    restore(d, 0, 100, 16000, d->now_ms + 10 * MINUTE);
    restore(d, 0, 100, 12000, d->now_ms + 12 * MINUTE);
    sched_link(d->s, 1, true, d->now_ms);
    arrive(d, 1);
    go(d, 9 * MINUTE);
    assert_int_equal(reserve(d, 0), 16000);
    assert_int_equal(granted(d, 1), 0);
    arrive(d, 0); /* the session is told, the station comes back */
    sched_skew(d->s, 0, 0);
    sched_link(d->s, 0, true, d->now_ms);
    go(d, SECOND);
    assert_int_equal(d->log[0].point, 0);
    assert_int_equal(d->log[0].limit_ma, 10000); /* goes on from the newest lease */
    go(d, MINUTE);
    assert_int_equal(granted(d, 1), 10000);
    check_excess_free(d);
    desk_free(d);
}

/* A refused raise looks like one in force after a restart, and others may use its room. */
static void test_restart_makes_no_refused_raise_true(void **state)
{
    (void)state;
    struct desk *d = desk_of(20000, 3, 0);
    d->s = sched_new(&d->conf, d->now_ms);
    restore(d, 0, 100, 8000, d->now_ms + 8 * MINUTE);
    restore(d, 0, 100, 12000, d->now_ms + 9 * MINUTE); /* was refused */
    restore(d, 1, 101, 12000, d->now_ms + 10 * MINUTE);
    for (size_t i = 0; i < 2; i++) {
        arrive(d, i);
        sched_skew(d->s, i, 0);
        sched_link(d->s, i, true, d->now_ms);
    }
    go(d, 8 * MINUTE);
    assert_int_equal(d->n_log, 0); /* neither turned off nor raised */
    go(d, 5 * MINUTE);
    assert_int_equal(granted(d, 0) + granted(d, 1), 20000);
    check_excess_free(d);
    desk_free(d);
}

/* The connection falls while the back end restarts: no doubt explains that.  A lowering that nobody
 * wrote may have followed what was accepted, so all fall to what cannot be more, and come back. */
static void test_cap_falls_at_a_restart(void **state)
{
    (void)state;
    struct desk *d = desk_of(20000, 2, 0);
    d->s = sched_new(&d->conf, d->now_ms);
    for (size_t i = 0; i < 2; i++) {
        restore_answered(d, i, 100 + (int64_t)i, 16000, d->now_ms + 12 * MINUTE, true);
        arrive(d, i);
        sched_skew(d->s, i, 0);
        sched_link(d->s, i, true, d->now_ms);
    }
    go(d, SECOND);
    assert_int_equal(d->n_log, 2);
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(d->log[i].limit_ma, 0);
    assert_true(d->log[0].covered); /* by what was accepted: it need not wait for the disk */
    go(d, MINUTE);
    assert_int_equal(granted(d, 0), 10000);
    assert_int_equal(granted(d, 1), 10000);
    check_excess_free(d);
    desk_free(d);
}

/* A configuration is applied: within a process it is sure what was accepted. */
static void test_cap_falls_when_leases_are_carried_over(void **state)
{
    (void)state;
    struct desk *d = desk(32000, 2, 0);
    arrive(d, 0);
    arrive(d, 1);
    go(d, 5 * MINUTE);
    struct sched *old = d->s;
    struct sched_lease lease[8];
    d->node[0].limit_ma[0] = d->node[0].limit_ma[1] = d->node[0].limit_ma[2] = 20000;
    d->s = sched_new(&d->conf, d->now_ms);
    for (size_t i = 0; i < 2; i++) {
        size_t n = sched_leases(old, i, lease, 8);
        assert_int_equal(n, 1);
        sched_restore(d->s, i, &lease[0], d->now_ms);
        arrive(d, i);
        sched_skew(d->s, i, 0);
        sched_link(d->s, i, true, d->now_ms);
    }
    sched_free(old);
    d->n_log = 0;
    go(d, SECOND);
    assert_int_equal(d->n_log, 2);
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(d->log[i].limit_ma, 10000);
    desk_free(d);
}

/* A car is told of while its point's safe current is under way, on a grid without room. */
static void test_car_without_a_limit_gets_one_in_an_excess(void **state)
{
    (void)state;
    struct desk *d = desk_of(10000, 2, 6000);
    d->point[0].commissioned = d->point[0].safe_confirmed = false;
    d->point[1].safe_ma = 0;
    open_desk(d);
    d->silent = true;
    go(d, SECOND);
    arrive(d, 0);
    d->silent = false;
    sched_answer(d->s, 0, d->log[0].seq, SCHED_ACCEPTED, d->now_ms);
    assert_int_equal(reserve(d, 0), 16000);
    go(d, MINUTE);
    assert_int_equal(d->log[1].kind, SCHED_LOWER);
    assert_true(reserve(d, 0) <= 10000);
    desk_free(d);
}

static void test_leases_are_carried_over(void **state)
{
    (void)state;
    struct desk *d = desk(20000, 2, 0);
    struct sched_lease lease[8];
    arrive(d, 0);
    go(d, MINUTE);
    d->answer = SCHED_UNKNOWN;
    arrive(d, 1);
    go(d, SECOND);
    size_t n = sched_leases(d->s, 0, lease, 8);
    assert_int_equal(n, 2);
    assert_int_equal(lease[0].limit_ma, 16000);
    assert_int_equal(lease[1].limit_ma, 10000);
    assert_int_equal(lease[1].tx_id, 100);
    assert_int_equal(sched_leases(d->s, 0, lease, 1), 1);
    assert_int_equal(sched_leases(d->s, 77, lease, 8), 0);
    desk_free(d);
}

/* --- configurations --- */

static void bad_parent(struct desk *d)
{
    d->node[0].parent = 0;
}

static void bad_limit(struct desk *d)
{
    d->node[0].limit_ma[1] = -1;
}

static void bad_node(struct desk *d)
{
    d->point[0].node = 1;
}

static void bad_phases(struct desk *d)
{
    d->point[0].n_phases = 4;
}

static void bad_wiring(struct desk *d)
{
    d->point[0].wiring[1] = 0;
}

static void bad_safe(struct desk *d)
{
    d->point[0].safe_ma = 5000;
}

static void bad_rating(struct desk *d)
{
    d->point[0].rating_ma = 5000;
}

static void bad_weight(struct desk *d)
{
    d->point[0].weight = 0;
}

static void bad_class(struct desk *d)
{
    d->point[0].class = (enum sched_class)17;
}

static void bad_lease(struct desk *d)
{
    d->conf.tuning.renew_after_ms = d->conf.tuning.lease_ms;
}

static void bad_time(struct desk *d)
{
    d->conf.tuning.retry_ms = 0;
}

static void bad_credit_percent(struct desk *d)
{
    d->conf.tuning.credit_percent = 100;
}

static void bad_credit(struct desk *d)
{
    d->conf.tuning.credit_mas = -1;
}

static void bad_step(struct desk *d)
{
    d->conf.tuning.step_ma = 0;
}

static const struct {
    void (*spoil)(struct desk *);
    const char *text;
} mistakes[] = {
    { bad_parent, "grid node 0: its parent must stand before it in the list" },
    { bad_limit, "grid node 0, L2: the limit must be 0 to 100000 A" },
    { bad_node, "point 0: it must hang on a grid node of the list" },
    { bad_phases, "point 0: it must have 1, 2 or 3 phases" },
    { bad_wiring, "point 0: wire each terminal to a grid phase of its own" },
    { bad_safe, "point 0: the safe current must be 0 or from its least current to its rating" },
    { bad_rating, "point 0: the rating must be from its least current to 1000 A" },
    { bad_weight, "point 0: the weight must be 1 to 10000" },
    { bad_class, "point 0: unknown class" },
    { bad_lease, "tuning: a lease must last a second or more and be renewed before its end" },
    { bad_time, "tuning: times must be 0 (tick and retry 1 ms) to a week" },
    { bad_credit, "tuning: the credit must be 0 to 1000 Ah" },
    { bad_credit_percent, "tuning: the credit by service must be 0 to 90 percent" },
    { bad_step, "tuning: the step must be 0.1 to 10 A" },
};

static void test_mistakes_are_named(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(mistakes) / sizeof(mistakes[0]); i++) {
        struct desk *d = desk_of(63000, 2, 0);
        char text[200] = "";
        mistakes[i].spoil(d);
        assert_false(sched_check(&d->conf, text, sizeof(text)));
        assert_string_equal(text, mistakes[i].text);
        assert_null(sched_new(&d->conf, T0));
        desk_free(d);
    }
}

static void test_safe_currents_are_proven(void **state)
{
    (void)state;
    struct desk *d = desk_of(20000, 4, 6000);
    size_t node = 9;
    int phase = 9;
    int64_t sum_ma = 0;
    assert_false(sched_prove(&d->conf, &node, &phase, &sum_ma));
    assert_int_equal(node, 0);
    assert_int_equal(phase, 0);
    assert_int_equal(sum_ma, 24000);
    d->point[3].safe_ma = 0;
    assert_true(sched_prove(&d->conf, &node, &phase, &sum_ma));
    d->point[3].class = SCHED_UNMANAGED;
    assert_false(sched_prove(&d->conf, &node, &phase, &sum_ma));
    assert_int_equal(sum_ma, 34000);
    d->point[3].commissioned = false;
    assert_true(sched_prove(&d->conf, &node, &phase, &sum_ma));
    d->node[0].foreign_ma[2] = 3000;
    assert_false(sched_prove(&d->conf, &node, &phase, &sum_ma));
    assert_int_equal(phase, 2);
    desk_free(d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_alone_with_room_gets_all_without_end),
        cmocka_unit_test(test_tight_grid_gives_leases_and_renews),
        cmocka_unit_test(test_renewals_are_spread),
        cmocka_unit_test(test_newcomer_waits_until_others_are_lower),
        cmocka_unit_test(test_sample_shortens_the_wait),
        cmocka_unit_test(test_raises_are_a_minute_apart),
        cmocka_unit_test(test_weights),
        cmocka_unit_test(test_refused_lowering_raises_nobody),
        cmocka_unit_test(test_lost_lowering_counts_until_it_is_confirmed),
        cmocka_unit_test(test_out_of_reach_counts_until_its_lease_ends),
        cmocka_unit_test(test_not_sent_is_not_in_force),
        cmocka_unit_test(test_answer_that_never_comes_is_given_up),
        cmocka_unit_test(test_repeated_and_unknown_events_are_harmless),
        cmocka_unit_test(test_nothing_to_balance),
        cmocka_unit_test(test_clock_set_back_a_little),
        cmocka_unit_test(test_commands_are_handed_out_in_portions),
        cmocka_unit_test(test_lowered_limit_lowers_all_at_once),
        cmocka_unit_test(test_others_give_for_who_does_not_follow),
        cmocka_unit_test(test_nobody_is_raised_in_an_excess),
        cmocka_unit_test(test_limit_below_the_safe_currents),
        cmocka_unit_test(test_a_clock_behind_has_its_limits_begin_earlier),
        cmocka_unit_test(test_a_safe_current_accepted_after_a_car_came_is_not_confirmed),
        cmocka_unit_test(test_no_room_for_all_any_more_gives_leases_an_end),
        cmocka_unit_test(test_single_phase_rule),
        cmocka_unit_test(test_safe_current_is_installed_first),
        cmocka_unit_test(test_running_transaction_gets_its_limit_before),
        cmocka_unit_test(test_new_lamp_lowers_nobody_if_all_goes_well),
        cmocka_unit_test(test_lamp_without_safe_current_counts_at_its_rating),
        cmocka_unit_test(test_boot_sends_both_again),
        cmocka_unit_test(test_station_that_lost_smart_charging_is_believed),
        cmocka_unit_test(test_full_car_makes_room_and_is_left_alone),
        cmocka_unit_test(test_car_that_refuses_is_asked_less_and_less),
        cmocka_unit_test(test_unused_current_goes_to_others),
        cmocka_unit_test(test_car_that_takes_a_part_of_its_offer_is_not_driven_down),
        cmocka_unit_test(test_car_that_takes_all_it_has_gets_all_there_is_at_once),
        cmocka_unit_test(test_car_that_draws_nothing_is_full),
        cmocka_unit_test(test_car_that_needs_more_gets_its_turns),
        cmocka_unit_test(test_reason_says_that_more_is_offered),
        cmocka_unit_test(test_full_car_is_not_offered_more_for_ever),
        cmocka_unit_test(test_more_is_not_offered_by_halves),
        cmocka_unit_test(test_silence_at_a_larger_offer_is_a_refusal),
        cmocka_unit_test(test_late_riser_on_a_small_connection_is_not_forgotten),
        cmocka_unit_test(test_car_that_has_charged_with_less_is_full),
        cmocka_unit_test(test_car_that_sleeps_after_a_pause_is_tried_again_and_told),
        cmocka_unit_test(test_car_that_wakes_at_the_second_try_is_not_told),
        cmocka_unit_test(test_phases_are_learnt_and_unlearnt),
        cmocka_unit_test(test_phases_that_follow_the_limit_are_learnt_at_the_rating),
        cmocka_unit_test(test_disobedient_point_counts_at_its_rating),
        cmocka_unit_test(test_samples_from_before_the_start_are_no_evidence),
        cmocka_unit_test(test_samples_from_after_the_last_lease_are_evidence),
        cmocka_unit_test(test_samples_without_a_time_need_to_go_on),
        cmocka_unit_test(test_who_outlives_its_lease_is_sticky),
        cmocka_unit_test(test_late_samples_are_judged_by_their_own_time),
        cmocka_unit_test(test_more_than_the_lapsed_lease_is_disobedience),
        cmocka_unit_test(test_turns_are_long_and_even),
        cmocka_unit_test(test_waiting_car_is_seen),
        cmocka_unit_test(test_who_is_on_is_held_for_a_while),
        cmocka_unit_test(test_unmanaged_point_gets_no_commands),
        cmocka_unit_test(test_forgetful_point_is_given_what_it_counts),
        cmocka_unit_test(test_wild_clock_gets_no_end),
        cmocka_unit_test(test_restart_counts_what_was_written),
        cmocka_unit_test(test_restart_makes_no_refused_raise_true),
        cmocka_unit_test(test_cap_falls_at_a_restart),
        cmocka_unit_test(test_cap_falls_when_leases_are_carried_over),
        cmocka_unit_test(test_car_without_a_limit_gets_one_in_an_excess),
        cmocka_unit_test(test_leases_are_carried_over),
        cmocka_unit_test(test_mistakes_are_named),
        cmocka_unit_test(test_safe_currents_are_proven),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
