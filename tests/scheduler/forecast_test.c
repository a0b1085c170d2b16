/*
 * What is foretold comes: the forecast of a street against the same sessions, played event by
 * event.
 */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "scheduler/replay.h"

enum { HOUR = 3600000, MINUTE = 60000, LAMPS = 24, HOURS_MAX = 12, USUAL_WH = 15000 };
static const int64_t T0 = (int64_t)1700000 * 1000000 / HOUR * HOUR;

/* --- a street with a car at each lamp --- */

struct street {
    struct sched_node_conf node[3];
    struct sched_point_conf point[LAMPS];
    struct replay_session session[LAMPS];
    struct sched_conf conf;
    size_t n;
};

/* One connection and two feeders; each third lamp has a single phase. */
static void street_init(struct street *st, int32_t cap_ma, int32_t feeder_ma, size_t n)
{
    *st = (struct street){ .n = n };
    st->node[0] = (struct sched_node_conf){ .parent = -1, .limit_ma = { cap_ma, cap_ma, cap_ma } };
    for (int i = 1; i < 3; i++)
        st->node[i] = (struct sched_node_conf){ .parent = 0,
                                                .limit_ma = { feeder_ma, feeder_ma, feeder_ma } };
    for (size_t i = 0; i < n; i++) {
        bool single = i % 3 == 2;
        st->point[i] = (struct sched_point_conf){
            .node = 1 + (int32_t)(i % 2),
            .n_phases = single ? 1 : 3,
            .wiring = { (int8_t)(i % 3), (int8_t)((i + 1) % 3), (int8_t)((i + 2) % 3) },
            .rating_ma = 16000,
            .min_ma = 6000,
            .weight = 1,
            .commissioned = true,
            .safe_confirmed = true,
        };
        st->session[i] = (struct replay_session){ .point = i,
                                                  .arrive_ms = T0,
                                                  .leave_ms = T0 + HOURS_MAX * HOUR,
                                                  .energy_wh = USUAL_WH };
    }
    st->conf = (struct sched_conf){ .node = st->node,
                                    .n_nodes = 3,
                                    .point = st->point,
                                    .n_points = n,
                                    .tuning = sched_default_tuning() };
}

static void tell(struct street *st, size_t i, int hours, int64_t energy_wh)
{
    st->session[i].told = true;
    st->session[i].leave_ms = T0 + hours * HOUR;
    st->session[i].energy_wh = energy_wh;
}

static struct sched *balancer_of(const struct street *st)
{
    struct sched_command cmd[LAMPS];
    struct sched *s = sched_new(&st->conf, T0);
    assert_non_null(s);
    for (size_t i = 0; i < st->n; i++) {
        const struct replay_session *p = &st->session[i];
        struct sched_need need = { .depart_ms = p->leave_ms,
                                   .energy_wh = p->energy_wh,
                                   .priority = -1 };
        sched_skew(s, i, 0);
        sched_link(s, i, true, T0);
        sched_session_start(s, i, (int64_t)i + 1, T0);
        if (p->told)
            sched_session_need(s, i, (int64_t)i + 1, &need, T0);
    }
    for (int64_t now_ms = T0; now_ms < T0 + MINUTE; now_ms += 1000) {
        size_t n = sched_round(s, now_ms, cmd, LAMPS);
        for (size_t k = 0; k < n; k++)
            sched_answer(s, cmd[k].point, cmd[k].seq, SCHED_ACCEPTED, now_ms);
    }
    return s;
}

/* --- what is foretold against what comes --- */

/* Nobody is told wrong by more than this: a fifth of its need and a long turn, 6 Ah on three
 * phases. */
static int64_t worst_wh(const struct replay_session *p)
{
    return p->energy_wh / 5 + 4140;
}

/* Three of four are told right within this: half a turn. */
static int64_t mostly_wh(const struct replay_session *p)
{
    return p->energy_wh * 8 / 100 + 2070;
}

static void compare(const char *why, const struct sched_forecast *f, int64_t came_wh,
                    const struct replay_session *p)
{
    bool clear = came_wh + worst_wh(p) < p->energy_wh;
    bool met = came_wh == p->energy_wh && f->will_get_wh + worst_wh(p) < p->energy_wh;
    if (llabs(f->will_get_wh - came_wh) > worst_wh(p))
        fail_msg("%s: point %zu was foretold %" PRId64 " Wh of %" PRId64 ", and got %" PRId64, why,
                 f->point, f->will_get_wh, p->energy_wh, came_wh);
    if (f->at_risk ? met || !p->told : clear && p->told)
        fail_msg("%s: point %zu %s at risk, and got %" PRId64 " Wh of %" PRId64, why, f->point,
                 f->at_risk ? "was" : "was not", came_wh, p->energy_wh);
}

static void check(const char *why, const struct street *st)
{
    struct replay_options options = replay_default_options();
    struct replay_result result;
    struct sched_forecast f;
    struct sched *s = balancer_of(st);
    options.phases_known = true;
    assert_true(replay_run(&st->conf, st->session, st->n, &options, &result));
    struct sched_outlook *o = sched_plan_ahead(s, T0 + MINUTE, HOURS_MAX * 4);
    assert_non_null(o);
    size_t n = 0, n_near = 0;
    int64_t foretold = 0, came = 0;
    for (; sched_outlook_session(o, n, &f); n++) {
        int64_t got_wh = result.session[f.point].received_wh;
        compare(why, &f, got_wh, &st->session[f.point]);
        n_near += llabs(f.will_get_wh - got_wh) <= mostly_wh(&st->session[f.point]);
        foretold += f.will_get_wh;
        came += got_wh;
    }
    assert_int_equal(n, st->n);
    if (n_near * 4 < n * 3 || llabs(foretold - came) > came / 25)
        fail_msg("%s: %zu of %zu are near; %" PRId64 " Wh in all were foretold, %" PRId64 " came",
                 why, n_near, n, foretold, came);
    sched_outlook_free(o);
    replay_result_done(&result);
    sched_free(s);
}

/* Room for eight at once, and 24 who want: who waits now has its turn later. */
static void turns_are_foreseen(void **state)
{
    (void)state;
    struct street st;
    street_init(&st, 32000, 32000, LAMPS);
    check("turns", &st);
    street_init(&st, 100000, 20000, LAMPS);
    check("turns at the feeders", &st);
}

static void shares_are_foreseen(void **state)
{
    (void)state;
    struct street st;
    street_init(&st, 120000, 80000, 12);
    check("shares", &st);
    st.point[3].weight = 3;
    st.point[4].priority = 2;
    check("a class of its own, and a larger weight", &st);
    street_init(&st, 300000, 300000, LAMPS);
    check("room for all", &st);
}

/* The told by their rule, with the others beside them. */
static void deadlines_are_foreseen(void **state)
{
    (void)state;
    for (int cap_a = 24; cap_a <= 96; cap_a += 24) {
        char why[32];
        struct street st;
        snprintf(why, sizeof(why), "deadlines at %d A", cap_a);
        street_init(&st, cap_a * 1000, cap_a * 1000, LAMPS);
        tell(&st, 0, 10, 12000);
        tell(&st, 1, 3, 8000);
        tell(&st, 5, 6, 10000);
        tell(&st, 8, 12, 9000);
        tell(&st, 9, 2, 20000);
        check(why, &st);
    }
}

static void all_have_told(void **state)
{
    (void)state;
    for (int cap_a = 32; cap_a <= 96; cap_a += 32) {
        char why[32];
        struct street st;
        snprintf(why, sizeof(why), "all told, %d A", cap_a);
        street_init(&st, cap_a * 1000, cap_a * 1000, LAMPS);
        for (size_t i = 0; i < st.n; i++)
            tell(&st, i, 2 + (int)(i * 7 % 11), 3000 + (int64_t)(i * 5 % 9) * 1500);
        check(why, &st);
    }
}

/* Two hours are asked for, it leaves in ten: what comes between counts. */
static void a_departure_beyond_what_is_asked_for(void **state)
{
    (void)state;
    struct street st;
    struct sched_forecast f;
    struct sched_slot slot;
    street_init(&st, 32000, 32000, LAMPS);
    tell(&st, 7, 10, 4000);
    struct sched *s = balancer_of(&st);
    struct sched_outlook *o = sched_plan_ahead(s, T0 + MINUTE, 8);
    assert_non_null(o);
    for (size_t n = 0; sched_outlook_session(o, n, &f); n++)
        assert_false(f.at_risk);
    assert_true(sched_outlook_slot(o, 0, 7, &slot));
    assert_false(sched_outlook_slot(o, 0, 8, &slot));
    assert_int_equal(sched_outlook_ma(o, 0, 8), 0);
    sched_outlook_free(o);
    sched_free(s);
}

/* A forecast changes nothing: the next one is the same, and so is the next round. */
static void it_leaves_no_trace(void **state)
{
    (void)state;
    struct street st;
    struct sched_point_view before[LAMPS], after;
    struct sched_forecast a, b;
    street_init(&st, 32000, 32000, LAMPS);
    tell(&st, 3, 5, 9000);
    struct sched *s = balancer_of(&st);
    for (size_t i = 0; i < st.n; i++)
        sched_point_view(s, i, T0 + MINUTE, &before[i]);
    struct sched_outlook *first = sched_plan_ahead(s, T0 + MINUTE, 40);
    struct sched_outlook *second = sched_plan_ahead(s, T0 + MINUTE, 40);
    for (size_t i = 0; sched_outlook_session(first, i, &a); i++) {
        assert_true(sched_outlook_session(second, i, &b));
        assert_true(a.point == b.point && a.will_get_wh == b.will_get_wh && a.done_ms == b.done_ms);
    }
    for (size_t i = 0; i < st.n; i++) {
        sched_point_view(s, i, T0 + MINUTE, &after);
        assert_int_equal(after.granted_ma, before[i].granted_ma);
        assert_true(after.received_wh == before[i].received_wh);
        assert_string_equal(after.reason, before[i].reason);
    }
    sched_outlook_free(first);
    sched_outlook_free(second);
    sched_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(turns_are_foreseen),
        cmocka_unit_test(shares_are_foreseen),
        cmocka_unit_test(deadlines_are_foreseen),
        cmocka_unit_test(all_have_told),
        cmocka_unit_test(a_departure_beyond_what_is_asked_for),
        cmocka_unit_test(it_leaves_no_trace),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
