/* Rollouts as arithmetic, in virtual time: who starts, when it stops, when it is over. */
#include "ocpp/central/rollout.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/ocpp/wire/check_wire.h"

enum { N = 20 };

struct street {
    struct store_rollout row;
    struct rollout_target target[N];
    struct rollout_fact fact[N];
    char name[N][12];
    char why[200];
    int most;
};

static struct rollout_fact fact_of(void *arg, const char *station)
{
    const struct street *s = arg;
    return s->fact[atoi(station)];
}

static void open_street(struct street *s, int32_t canary, int32_t parallel, int32_t stop_after)
{
    memset(s, 0, sizeof(*s));
    s->row = (struct store_rollout){ .num = 1,
                                     .state = STORE_ROLLOUT_RUNNING,
                                     .canary = canary,
                                     .max_parallel = parallel,
                                     .stop_after = stop_after };
    for (int i = 0; i < N; i++) {
        snprintf(s->name[i], sizeof(s->name[i]), "%d", i);
        s->target[i] =
            (struct rollout_target){ .station = s->name[i], .state = STORE_TARGET_WAITING };
        s->fact[i] = (struct rollout_fact){ .known = true, .online = true };
    }
}

/* Moves until it waits, pauses or ends. */
static enum rollout_move go(struct street *s, int64_t utc_ms)
{
    enum rollout_move move;
    size_t place;
    for (;;) {
        move =
            rollout_next(&s->row, s->target, N, utc_ms, fact_of, s, &place, s->why, sizeof(s->why));
        if (move == ROLLOUT_START)
            s->target[place].state = STORE_TARGET_RUNNING;
        else if (move == ROLLOUT_SKIP)
            s->target[place].state = STORE_TARGET_SKIPPED;
        else
            break;
    }
    struct rollout_counts c;
    rollout_count(&s->row, s->target, N, &c);
    s->most = (int)c.running > s->most ? (int)c.running : s->most;
    if (move == ROLLOUT_PAUSE)
        s->row.state = STORE_ROLLOUT_PAUSED;
    return move;
}

static int running(const struct street *s)
{
    struct rollout_counts c;
    rollout_count(&s->row, s->target, N, &c);
    return (int)c.running;
}

static void canaries_go_first(void **state)
{
    struct street s;
    (void)state;
    open_street(&s, 3, 10, 2);
    assert_int_equal(go(&s, 0), ROLLOUT_WAIT);
    assert_int_equal(running(&s), 3);
    s.target[0].state = s.target[1].state = STORE_TARGET_DONE;
    go(&s, 0);
    assert_int_equal(running(&s), 1); /* the third is still at it */
    s.target[2].state = STORE_TARGET_DONE;
    go(&s, 0);
    assert_int_equal(running(&s), 10);
}

static void a_canary_that_fails_stops_it(void **state)
{
    struct street s;
    (void)state;
    open_street(&s, 3, 10, 5);
    go(&s, 0);
    s.target[1].state = STORE_TARGET_FAILED;
    assert_int_equal(go(&s, 0), ROLLOUT_PAUSE);
    assert_string_equal(s.why, "the canary 1 failed");
    assert_int_equal(go(&s, 0), ROLLOUT_WAIT); /* paused */
    s.row.state = STORE_ROLLOUT_RUNNING;       /* resumed: forgiven */
    s.row.forgiven = 1;
    s.target[0].state = s.target[2].state = STORE_TARGET_DONE;
    assert_int_equal(go(&s, 0), ROLLOUT_WAIT);
    assert_int_equal(running(&s), 10);
}

static void so_many_failures_stop_it(void **state)
{
    struct street s;
    (void)state;
    open_street(&s, 0, 4, 2);
    go(&s, 0);
    s.target[0].state = STORE_TARGET_FAILED;
    assert_int_equal(go(&s, 0), ROLLOUT_WAIT);
    assert_int_equal(running(&s), 4);
    s.target[2].state = STORE_TARGET_FAILED;
    assert_int_equal(go(&s, 0), ROLLOUT_PAUSE);
    assert_int_equal(running(&s), 3);
    assert_int_equal(s.most, 4);
}

static void who_is_waited_for(void **state)
{
    struct street s;
    (void)state;
    open_street(&s, 0, N, 1);
    s.fact[0].online = false;
    s.fact[1].busy = true;
    s.fact[2].known = false;
    s.fact[3].current = true;
    go(&s, 0);
    assert_int_equal(s.target[0].state, STORE_TARGET_WAITING);
    assert_int_equal(s.target[1].state, STORE_TARGET_WAITING);
    assert_int_equal(s.target[2].state, STORE_TARGET_SKIPPED);
    assert_int_equal(s.target[3].state, STORE_TARGET_SKIPPED);
    s.row.force = true;
    go(&s, 0);
    assert_int_equal(s.target[1].state, STORE_TARGET_RUNNING);
    for (int i = 0; i < N; i++)
        if (s.target[i].state == STORE_TARGET_RUNNING)
            s.target[i].state = STORE_TARGET_DONE;
    assert_int_equal(go(&s, 0), ROLLOUT_WAIT); /* one is offline */
    s.fact[0].online = true;
    go(&s, 0);
    s.target[0].state = STORE_TARGET_DONE;
    assert_int_equal(go(&s, 0), ROLLOUT_FINISH);
}

static void within_the_window(void **state)
{
    static const struct {
        const char *why;
        int32_t from_min, to_min;
        int64_t utc_min;
        bool in;
    } cases[] = {
        { "always", 0, 0, 720, true },
        { "23:00 in Berlin, 22:00 UTC", 22 * 60, 5 * 60, 22 * 60, true },
        { "its first minute", 22 * 60, 5 * 60, 21 * 60, true },
        { "a minute before", 22 * 60, 5 * 60, 21 * 60 - 1, false },
        { "its last minute", 22 * 60, 5 * 60, 4 * 60 - 1, true },
        { "its end", 22 * 60, 5 * 60, 4 * 60, false },
        { "within a day", 9 * 60, 17 * 60, 12 * 60, true },
        { "in the evening", 9 * 60, 17 * 60, 20 * 60, false },
    };
    const int64_t winter_ms = INT64_C(1768435200000); /* 2026-01-15T00:00:00Z */
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct street s;
        open_street(&s, 0, 1, 1);
        s.row.from_min = cases[i].from_min;
        s.row.to_min = cases[i].to_min;
        bool in = rollout_in_window(&s.row, winter_ms + cases[i].utc_min * 60000);
        if (in != cases[i].in)
            fail_msg("%s", cases[i].why);
        go(&s, winter_ms + cases[i].utc_min * 60000);
        assert_int_equal(running(&s), cases[i].in);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(canaries_go_first),        cmocka_unit_test(a_canary_that_fails_stops_it),
        cmocka_unit_test(so_many_failures_stop_it), cmocka_unit_test(who_is_waited_for),
        cmocka_unit_test(within_the_window),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
