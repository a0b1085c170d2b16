/*
 * Sessions played in virtual time: figures that can be worked out by hand.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "scheduler/replay.h"

enum { LAMPS = 4, MAX_SESSIONS = 4, MIN_MS = 60000, H_MS = 3600000 };
static const int64_t T0 = 1700000000000;

/* Four lamps of 3 x 16 A on one cabinet; safe current 0. */
static struct sched_conf cabinet(int32_t cap_ma, enum sched_class class)
{
    static struct sched_node_conf node;
    static struct sched_point_conf point[LAMPS];
    node = (struct sched_node_conf){ .parent = -1, .limit_ma = { cap_ma, cap_ma, cap_ma } };
    for (size_t i = 0; i < LAMPS; i++)
        point[i] = (struct sched_point_conf){ .n_phases = 3,
                                              .wiring = { (int8_t)(i % 3), (int8_t)((i + 1) % 3),
                                                          (int8_t)((i + 2) % 3) },
                                              .rating_ma = 16000,
                                              .min_ma = 6000,
                                              .weight = 1,
                                              .class = class };
    return (struct sched_conf){ .node = &node,
                                .n_nodes = 1,
                                .point = point,
                                .n_points = LAMPS,
                                .tuning = sched_default_tuning() };
}

static struct replay_result run(const struct sched_conf *conf, const struct replay_session *session,
                                size_t n, const struct replay_options *o)
{
    struct replay_result res;
    assert_true(replay_run(conf, session, n, o, &res));
    assert_true(res.complete);
    return res;
}

static const struct {
    const char *why;
    int32_t cap_ma;
    size_t n;
    struct replay_session session[MAX_SESSIONS];
    int64_t least_wh[MAX_SESSIONS], most_wh[MAX_SESSIONS];
    size_t met;
} cases[] = {
    { "alone, three phases: 11.04 kW but for the first second",
      40000,
      1,
      { { 0, 0, H_MS, 50000, .phases = 0 } },
      { 11030 },
      { 11040 },
      0 },
    { "alone, one phase", 40000, 1, { { 1, 0, H_MS, 50000, .phases = 2 } }, { 3675 }, { 3680 }, 0 },
    { "full before it leaves",
      40000,
      1,
      { { 0, 0, 2 * H_MS, 7000, .phases = 0 } },
      { 7000 },
      { 7000 },
      1 },
    { "a car of 10 A",
      40000,
      1,
      { { 0, 0, H_MS, 50000, .car_ma = 10000 } },
      { 6890 },
      { 6900 },
      0 },
    { "two cars share 20 A",
      20000,
      2,
      { { 0, 0, 4 * H_MS, 90000, .phases = 0 }, { 1, 0, 4 * H_MS, 90000, .phases = 0 } },
      { 27100, 27100 },
      { 27700, 27700 },
      0 },
    { "three cars on 12 A take turns",
      12000,
      3,
      { { 0, 0, 12 * H_MS, 90000, .phases = 0 },
        { 1, 0, 12 * H_MS, 90000, .phases = 0 },
        { 2, 0, 12 * H_MS, 90000, .phases = 0 } },
      { 30000, 30000, 30000 },
      { 36000, 36000, 36000 },
      0 },
    { "a car that needs 8 A gets nothing of 7",
      7000,
      1,
      { { 0, 0, H_MS, 50000, .min_ma = 8000 } },
      { 0 },
      { 0 },
      0 },
    { "who comes later ends who is there",
      40000,
      2,
      { { 0, 0, 2 * H_MS, 90000, .phases = 0 }, { 0, H_MS, 2 * H_MS, 90000, .phases = 0 } },
      { 11030, 11030 },
      { 11040, 11040 },
      0 },
    { "a falling end takes longer",
      40000,
      1,
      { { 0, 0, H_MS, 11000, .tail_wh = 4000 } },
      { 9000 },
      { 10500 },
      0 },
};

static void test_energy(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct sched_conf conf = cabinet(cases[i].cap_ma, SCHED_LEASING);
        struct replay_session session[MAX_SESSIONS];
        struct replay_options o = replay_default_options();
        for (size_t k = 0; k < cases[i].n; k++) {
            session[k] = cases[i].session[k];
            session[k].arrive_ms += T0;
            session[k].leave_ms += T0;
        }
        struct replay_result res = run(&conf, session, cases[i].n, &o);
        for (size_t k = 0; k < cases[i].n; k++) {
            int64_t wh = res.session[k].received_wh;
            if (wh < cases[i].least_wh[k] || wh > cases[i].most_wh[k])
                fail_msg("%s: session %zu received %lld Wh", cases[i].why, k, (long long)wh);
        }
        if (res.n_fully_met != cases[i].met || res.n_played != cases[i].n)
            fail_msg("%s: %zu of %zu fully met", cases[i].why, res.n_fully_met, res.n_played);
        for (int p = 0; p < 3; p++)
            if (res.node[0].over_ma[p] != 0 || res.node[0].drawn_ma[p] > cases[i].cap_ma)
                fail_msg("%s: above the limit", cases[i].why);
        replay_result_done(&res);
    }
}

static void test_turns_are_counted(void **state)
{
    (void)state;
    struct sched_conf conf = cabinet(6000, SCHED_LEASING);
    struct replay_session session[2] = { { 0, T0, T0 + 12 * H_MS, 90000, .phases = 0 },
                                         { 1, T0, T0 + 12 * H_MS, 90000, .phases = 0 } };
    struct replay_options o = replay_default_options();
    struct replay_result res = run(&conf, session, 2, &o);
    assert_in_range(res.n_switches, 10, 60);
    assert_int_equal(res.n_switches, res.session[0].n_switches + res.session[1].n_switches);
    assert_true(res.jain_e4 > 9800);
    assert_int_equal(res.node[0].allowed_ma[0], 6000);
    replay_result_done(&res);
}

/* The cabinet falls from 32 to 12 A without notice while two cars charge with 16: the stations that
 * answer after two seconds are above the limit for no longer than that and the round's delay. */
static void test_change_of_limit(void **state)
{
    (void)state;
    struct sched_conf conf = cabinet(32000, SCHED_LEASING);
    struct replay_session session[2] = { { 0, T0, T0 + 2 * H_MS, 90000, .phases = 0 },
                                         { 1, T0, T0 + 2 * H_MS, 90000, .phases = 0 } };
    struct replay_change change = { T0 + H_MS, 0, { 12000, 12000, 12000 }, { 0 } };
    struct replay_options o = replay_default_options();
    o.change = &change;
    o.n_changes = 1;
    o.answer_ms = 2000;
    struct replay_result res = run(&conf, session, 2, &o);
    assert_in_range(res.session[0].received_wh, 15000, 15180);
    assert_int_equal(res.node[0].over_ma[0], 20000);
    assert_in_range(res.node[0].excess_ms[0], 1999, 4000);
    assert_in_range(res.node[0].drawn_excess_ms[2], 1999, 4000);
    replay_result_done(&res);
}

/* From 18 to 20 o'clock the calendar leaves 12 A: known in advance, never exceeded, then undone. */
static void test_calendar(void **state)
{
    (void)state;
    const int64_t midnight = T0 / (24 * H_MS) * (24 * H_MS);
    struct sched_window evening = { .days = 127,
                                    .from = { SCHED_AT_CLOCK, 18 * 60 },
                                    .to = { SCHED_AT_CLOCK, 20 * 60 },
                                    .limit_ma = { 12000, 12000, 12000 } };
    struct sched_conf conf = cabinet(32000, SCHED_LEASING);
    struct sched_node_conf node = conf.node[0];
    node.window = &evening;
    node.n_windows = 1;
    conf.node = &node;
    struct replay_session session[2] = {
        { 0, midnight + 17 * H_MS, midnight + 22 * H_MS, 900000, .phases = 0 },
        { 1, midnight + 17 * H_MS, midnight + 22 * H_MS, 900000, .phases = 0 }
    };
    struct replay_options o = replay_default_options();
    struct replay_result res = run(&conf, session, 2, &o);
    assert_int_equal(res.node[0].over_ma[0], 0);
    assert_int_equal(res.node[0].drawn_ma[0], 32000);
    /* 3 h at 11.04 kW and 2 h at 4.14 kW, less the time of a lease and a reaction */
    for (int k = 0; k < 2; k++)
        assert_in_range(res.session[k].received_wh, 38500, 41400);
    replay_result_done(&res);
}

/* A cap with notice is never exceeded; one without is met as soon as the station has answered. */
static void test_caps(void **state)
{
    (void)state;
    struct sched_conf conf = cabinet(40000, SCHED_LEASING);
    struct replay_session session[2] = { { 0, T0, T0 + 3 * H_MS, 50000, .phases = 0 },
                                         { 1, T0, T0 + 3 * H_MS, 50000, .phases = 0 } };
    struct replay_options o = replay_default_options();
    struct replay_cap cap = { .told_ms = T0,
                              .cap = { 7, { 12000, 12000, 12000 }, T0 + H_MS, T0 + 2 * H_MS } };
    const int64_t whole_wh = 2 * 22080 + 8280; /* two hours at 32 A, one at 12 A */
    o.cap = &cap;
    o.n_caps = 1;
    struct replay_result res = run(&conf, session, 2, &o);
    assert_int_equal(res.node[0].over_ma[0], 0);
    assert_int_equal(res.node[0].allowed_ma[0], 32000);
    assert_in_range(res.received_wh, whole_wh - 6000, whole_wh);
    replay_result_done(&res);

    cap.told_ms = T0 + H_MS;
    o.answer_ms = 2000;
    res = run(&conf, session, 2, &o);
    assert_int_equal(res.node[0].over_ma[0], 20000);
    assert_in_range(res.node[0].excess_ms[0], 2000, 5000);
    replay_result_done(&res);

    cap.node = 1;
    assert_false(replay_run(&conf, session, 2, &o, &res));
}

/* Three cars of one phase fit on 6 A from the first second, if it is known which phases they use;
 * else each needs room on all three to begin with, and waits for a turn. */
static void test_phases_known(void **state)
{
    (void)state;
    struct sched_conf conf = cabinet(6000, SCHED_LEASING);
    struct replay_session session[3];
    for (size_t i = 0; i < 3; i++)
        session[i] =
            (struct replay_session){ i, T0, T0 + H_MS, 90000, .phases = (uint8_t)(1u << i) };
    struct replay_options o = replay_default_options();
    struct replay_result learnt = run(&conf, session, 3, &o);
    o.phases_known = true;
    struct replay_result known = run(&conf, session, 3, &o);
    assert_in_range(known.received_wh, 3 * 1375, 3 * 1380);
    assert_in_range(learnt.received_wh, 1380, 3000);
    replay_result_done(&learnt);
    replay_result_done(&known);
}

static void test_stays_are_cut(void **state)
{
    (void)state;
    struct sched_conf conf = cabinet(32000, SCHED_LEASING);
    struct replay_session session[3] = { { 0, T0, T0 + 5 * H_MS, 90000, .phases = 0 },
                                         { 1, T0, T0 + H_MS, 90000, .phases = 0 },
                                         { 2, T0 + 3 * H_MS, T0 + 9 * H_MS, 90000, .phases = 0 } };
    struct replay_options o = replay_default_options();
    o.from_ms = T0 + 2 * H_MS;
    o.until_ms = T0 + 4 * H_MS;
    struct replay_result res = run(&conf, session, 3, &o);
    assert_int_equal(res.n_played, 2);
    assert_false(res.session[1].played);
    assert_int_equal(res.plugged_ms, 3 * H_MS);
    assert_int_equal(res.from_ms, o.from_ms);
    assert_int_equal(res.until_ms, o.until_ms);
    replay_result_done(&res);
}

/* Four unmanaged points on 40 A: the replay shows what the grid would see. */
static void test_unmanaged(void **state)
{
    (void)state;
    struct sched_conf conf = cabinet(40000, SCHED_UNMANAGED);
    struct replay_session session[4];
    for (size_t i = 0; i < 4; i++)
        session[i] = (struct replay_session){ i, T0, T0 + H_MS, 90000, .phases = 0 };
    struct replay_options o = replay_default_options();
    struct replay_result res = run(&conf, session, 4, &o);
    assert_int_equal(res.node[0].drawn_over_ma[1], 24000);
    assert_int_equal(res.node[0].drawn_excess_ms[1], H_MS);
    replay_result_done(&res);
}

/* A car that says nothing is found full by its meter, and the next one gets its current. */
static void test_silent_cars(void **state)
{
    (void)state;
    struct sched_conf conf = cabinet(6000, SCHED_LEASING);
    struct replay_session session[2] = { { 0, T0, T0 + 10 * H_MS, 1000, .phases = 0 },
                                         { 1, T0 + MIN_MS, T0 + 10 * H_MS, 8000, .phases = 0 } };
    struct replay_options o = replay_default_options();
    o.silent_cars = true;
    struct replay_result res = run(&conf, session, 2, &o);
    assert_int_equal(res.n_fully_met, 2);
    replay_result_done(&res);
}

static bool count_days(void *arg, int64_t at_ms)
{
    (void)at_ms;
    return ++*(int *)arg < 3;
}

static void test_can_be_ended(void **state)
{
    (void)state;
    struct sched_conf conf = cabinet(32000, SCHED_LEASING);
    struct replay_session session = { 0, T0, T0 + 240 * (int64_t)H_MS, 900000, .phases = 0 };
    struct replay_options o = replay_default_options();
    struct replay_result res;
    int days = 0;
    o.go_on = count_days;
    o.arg = &days;
    assert_true(replay_run(&conf, &session, 1, &o, &res));
    assert_false(res.complete);
    assert_in_range(res.plugged_ms, 47 * H_MS, 49 * H_MS);
    replay_result_done(&res);
}

static void test_what_is_wrong_is_refused(void **state)
{
    (void)state;
    struct sched_conf conf = cabinet(32000, SCHED_LEASING);
    struct replay_options o = replay_default_options();
    struct replay_result res;
    struct replay_session nowhere = { LAMPS, T0, T0 + H_MS, 1000, .phases = 0 };
    struct replay_session negative = { 0, T0, T0 + H_MS, -1, .phases = 0 };
    struct replay_change change = { .node = 1 };
    assert_false(replay_run(&conf, &nowhere, 1, &o, &res));
    assert_false(replay_run(&conf, &negative, 1, &o, &res));
    o.change = &change;
    o.n_changes = 1;
    assert_false(replay_run(&conf, NULL, 0, &o, &res));
    o.n_changes = 0;
    assert_true(replay_run(&conf, NULL, 0, &o, &res));
    assert_int_equal(res.n_played, 0);
    replay_result_done(&res);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_energy),
        cmocka_unit_test(test_turns_are_counted),
        cmocka_unit_test(test_change_of_limit),
        cmocka_unit_test(test_phases_known),
        cmocka_unit_test(test_stays_are_cut),
        cmocka_unit_test(test_calendar),
        cmocka_unit_test(test_caps),
        cmocka_unit_test(test_unmanaged),
        cmocka_unit_test(test_silent_cars),
        cmocka_unit_test(test_can_be_ended),
        cmocka_unit_test(test_what_is_wrong_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
