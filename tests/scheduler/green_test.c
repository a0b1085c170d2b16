/*
 * Green hours: sessions wait for better ones, and have what they need when they leave.
 *
 * The property is checked on random evenings: the same sessions with and without green hours.
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

enum { HOUR = 3600000, MINUTE = 60000, LAMPS = 12, SESSIONS = 24, DAYS = 2, SEEDS = 8 };
static const int64_t T0 = (int64_t)1700000 * 1000000 / HOUR * HOUR;

/* --- one connection, lamps of 3 x 16 A --- */

static struct sched_conf cabinet(int32_t cap_ma, size_t n)
{
    static struct sched_node_conf node[2];
    static struct sched_point_conf point[LAMPS];
    node[0] = (struct sched_node_conf){ .parent = -1, .limit_ma = { cap_ma, cap_ma, cap_ma } };
    node[1] = (struct sched_node_conf){ .parent = 0, .limit_ma = { cap_ma, cap_ma, cap_ma } };
    for (size_t i = 0; i < n; i++)
        point[i] = (struct sched_point_conf){ .node = 1,
                                              .n_phases = 3,
                                              .wiring = { (int8_t)(i % 3), (int8_t)((i + 1) % 3),
                                                          (int8_t)((i + 2) % 3) },
                                              .rating_ma = 16000,
                                              .min_ma = 6000,
                                              .weight = 1,
                                              .commissioned = true,
                                              .safe_confirmed = true };
    return (struct sched_conf){ .node = node,
                                .n_nodes = 2,
                                .point = point,
                                .n_points = n,
                                .tuning = sched_default_tuning() };
}

/* --- one lamp, step by step --- */

struct lamp {
    struct sched *s;
    int64_t now_ms;
    int32_t limit_ma;
    int64_t received; /* W x ms */
    int n_waits;
};

static void lamp_rounds(struct lamp *l)
{
    struct sched_command cmd[4];
    struct sched_incident incident;
    while (sched_next_ms(l->s) <= l->now_ms) {
        size_t n = sched_round(l->s, l->now_ms, cmd, 4);
        for (size_t i = 0; i < n; i++) {
            if (cmd[i].kind != SCHED_SET_SAFE)
                l->limit_ma = cmd[i].limit_ma;
            sched_answer(l->s, 0, cmd[i].seq, SCHED_ACCEPTED, l->now_ms);
        }
        while (sched_take_incident(l->s, &incident))
            l->n_waits += incident.kind == SCHED_WAITS;
    }
}

static void lamp_pass(struct lamp *l, int minutes)
{
    for (int i = 0; i < 2 * minutes; i++) {
        int32_t ma[3] = { l->limit_ma, l->limit_ma, l->limit_ma };
        l->now_ms += MINUTE / 2;
        l->received += (int64_t)l->limit_ma / 1000 * 3 * 230 * MINUTE / 2;
        sched_measured(l->s, 0, ma, l->now_ms, l->now_ms);
        sched_session_energy(l->s, 0, 7, l->received / HOUR, l->now_ms, l->now_ms);
        lamp_rounds(l);
    }
}

static const int64_t night[12] = { 400, 380, 360, 340, 320, 200, 100, 100, 150, 200, 300, 400 };

static void lamp_begin(struct lamp *l, const struct sched_need *need)
{
    struct sched_conf conf = cabinet(32000, 1);
    struct sched_factor factor[12];
    for (int h = 0; h < 12; h++)
        factor[h] = (struct sched_factor){ T0 + h * HOUR, T0 + (h + 1) * HOUR, night[h] };
    *l = (struct lamp){ .s = sched_new(&conf, T0), .now_ms = T0 };
    assert_non_null(l->s);
    assert_true(sched_factors_set(l->s, 0, factor, 12, T0));
    sched_skew(l->s, 0, 0);
    sched_link(l->s, 0, true, T0);
    sched_session_start(l->s, 0, 7, T0);
    sched_session_need(l->s, 0, 7, need, T0);
    lamp_pass(l, 1);
}

static struct sched_point_view view_of(const struct lamp *l)
{
    struct sched_point_view v;
    sched_point_view(l->s, 0, l->now_ms, &v);
    return v;
}

/* 16 kWh and 10 % to spare by half past nine: the two cheapest hours begin at six. */
static const struct sched_need overnight = { .depart_ms = (int64_t)1700000 * 1000000 / HOUR * HOUR +
                                                          10 * HOUR,
                                             .energy_wh = 16000,
                                             .priority = -1 };

static void a_session_waits_and_has_its_need(void **state)
{
    (void)state;
    struct lamp l;
    lamp_begin(&l, &overnight);
    assert_int_equal(l.limit_ma, 16000); /* first its car is seen charging */
    lamp_pass(&l, 5);
    assert_int_equal(l.limit_ma, 0);
    assert_string_equal(view_of(&l).reason, "waits for better hours");
    assert_true(view_of(&l).waits_until_ms == T0 + 6 * HOUR);
    lamp_pass(&l, 5 * 60 + 50);
    assert_int_equal(l.limit_ma, 0);
    lamp_pass(&l, 6);
    assert_int_equal(l.limit_ma, 16000);
    assert_true(view_of(&l).waits_until_ms == 0);
    lamp_pass(&l, 100);
    assert_true(l.received / HOUR >= 16000);
    assert_int_equal(l.n_waits, 1);
    sched_free(l.s);
}

static void nobody_waits_who_has_not_told(void **state)
{
    (void)state;
    static const struct sched_need none[] = {
        { .depart_ms = 0, .energy_wh = 16000, .priority = -1 },
        { .depart_ms = T0 + 10 * HOUR, .energy_wh = 0, .priority = -1 },
        { .depart_ms = T0 + 2 * HOUR, .energy_wh = 40000, .priority = -1 }, /* not enough time */
    };
    for (size_t i = 0; i < 3; i++) {
        struct lamp l;
        lamp_begin(&l, &none[i]);
        lamp_pass(&l, 20);
        assert_int_equal(l.limit_ma, 16000);
        sched_free(l.s);
    }
}

static void the_limit_falls_and_it_charges_at_once(void **state)
{
    (void)state;
    struct lamp l;
    int32_t low_ma[3] = { 6000, 6000, 6000 }, none_ma[3] = { 0 };
    struct sched_need need = overnight;
    need.energy_wh = 40000;
    lamp_begin(&l, &need);
    lamp_pass(&l, 5);
    assert_int_equal(l.limit_ma, 0);
    sched_set_limit(l.s, 0, low_ma, none_ma, l.now_ms);
    lamp_pass(&l, 2);
    assert_int_equal(l.limit_ma, 6000);
    sched_free(l.s);
}

static void what_changes_its_mind_is_let_go(void **state)
{
    (void)state;
    struct sched_need none = { .priority = -1 };
    for (int how = 0; how < 2; how++) {
        struct lamp l;
        lamp_begin(&l, &overnight);
        lamp_pass(&l, 5);
        assert_int_equal(l.limit_ma, 0);
        if (how == 0)
            sched_session_need(l.s, 0, 7, &none, l.now_ms);
        else
            sched_factors_set(l.s, 0, NULL, 0, l.now_ms);
        lamp_pass(&l, 2);
        assert_int_equal(l.limit_ma, 16000);
        sched_free(l.s);
    }
}

static void the_outlook_shows_it(void **state)
{
    (void)state;
    struct lamp l;
    struct sched_slot slot;
    struct sched_forecast f;
    lamp_begin(&l, &overnight);
    lamp_pass(&l, 5);
    struct sched_outlook *o = sched_plan_ahead(l.s, l.now_ms, 48);
    assert_non_null(o);
    assert_true(sched_outlook_session(o, 0, &f));
    assert_true(f.told && f.green && f.waits);
    assert_true(f.will_get_wh == f.need_wh && f.need_wh > 14000);
    assert_true(f.done_ms > T0 + 7 * HOUR && f.done_ms < T0 + 8 * HOUR);
    assert_true(sched_outlook_slot(o, 1, 24, &slot));
    assert_int_equal(slot.planned_ma[2], 16000);
    assert_int_equal(slot.room_ma[2], 16000);
    assert_int_equal(slot.n_sessions, 1);
    assert_true(slot.has_factor && slot.factor == 100);
    assert_true(sched_outlook_slot(o, 0, 4, &slot));
    assert_int_equal(slot.n_sessions, 0);
    assert_false(sched_outlook_slot(o, 2, 0, &slot));
    assert_false(sched_outlook_session(o, 1, &f));
    assert_string_equal(view_of(&l).reason, "waits for better hours");
    sched_outlook_free(o);
    sched_free(l.s);
}

/* A cap that is known to come takes the best hours: the plan goes around it. */
static void a_planned_cap_is_planned_around(void **state)
{
    (void)state;
    struct lamp l;
    struct sched_slot slot;
    struct sched_cap cap = { .id = 1,
                             .limit_ma = { 0, 0, 0 },
                             .from_ms = T0 + 6 * HOUR,
                             .until_ms = T0 + 8 * HOUR };
    lamp_begin(&l, &overnight);
    assert_true(sched_cap_set(l.s, 0, &cap, l.now_ms));
    lamp_pass(&l, 5);
    assert_int_equal(l.limit_ma, 0);
    assert_true(view_of(&l).waits_until_ms == T0 + 5 * HOUR); /* 200, then 150 at eight */
    struct sched_outlook *o = sched_plan_ahead(l.s, l.now_ms, 48);
    assert_true(sched_outlook_slot(o, 0, 25, &slot));
    assert_int_equal(slot.limit_ma[0], 0);
    assert_int_equal(slot.planned_ma[0], 0);
    assert_true(sched_outlook_slot(o, 1, 33, &slot));
    assert_int_equal(slot.planned_ma[0], 16000);
    sched_outlook_free(o);
    sched_free(l.s);
}

/* A new balancer in its place: it goes on to wait, with its lease and what its car can. */
static void a_new_balancer_goes_on(void **state)
{
    (void)state;
    struct lamp l, fresh;
    lamp_begin(&l, &overnight);
    lamp_pass(&l, 5);
    assert_int_equal(l.limit_ma, 0);
    struct sched_conf conf = cabinet(40000, 1);
    struct sched_factor factor[12];
    for (int h = 0; h < 12; h++)
        factor[h] = (struct sched_factor){ T0 + h * HOUR, T0 + (h + 1) * HOUR, night[h] };
    fresh = l;
    fresh.s = sched_new(&conf, l.now_ms);
    assert_non_null(fresh.s);
    assert_true(sched_factors_set(fresh.s, 0, factor, 12, l.now_ms));
    sched_skew(fresh.s, 0, 0);
    sched_link(fresh.s, 0, true, l.now_ms);
    sched_session_start(fresh.s, 0, 7, l.now_ms);
    sched_session_need(fresh.s, 0, 7, &overnight, l.now_ms);
    sched_carry_green(l.s, 0, fresh.s, 0);
    sched_free(l.s);
    for (int i = 0; i < 20; i++) {
        lamp_pass(&fresh, 1);
        assert_int_equal(fresh.limit_ma, 0);
    }
    assert_string_equal(view_of(&fresh).reason, "waits for better hours");
    assert_int_equal(fresh.n_waits, 1); /* told before */
    sched_free(fresh.s);
}

/* --- the property --- */

static uint64_t rng;
static int64_t roll(int64_t below)
{
    rng = rng * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (int64_t)((rng >> 33) % (uint64_t)below);
}

/* Evenings and nights; a third of the drivers says nothing, as others do. */
static size_t make_evenings(struct replay_session *session)
{
    size_t n = 0;
    for (size_t i = 0; i < LAMPS; i++)
        for (int64_t day = 0; day < DAYS; day++) {
            int64_t arrive_ms = T0 + day * 24 * HOUR + roll(6 * HOUR);
            session[n++] =
                (struct replay_session){ .point = i,
                                         .arrive_ms = arrive_ms,
                                         .leave_ms = arrive_ms + 2 * HOUR + roll(13 * HOUR),
                                         .energy_wh = 3000 + roll(25000),
                                         .phases = 0,
                                         .car_ma = 8000 + 1000 * (int32_t)roll(9),
                                         .told = roll(3) > 0 };
            if (roll(3) == 0)
                session[n - 1].phases = (uint8_t)(1 << roll(3));
        }
    return n;
}

static void make_factors(struct sched_factor *factor, size_t n)
{
    for (size_t h = 0; h < n; h++)
        factor[h] = (struct sched_factor){ T0 + (int64_t)h * HOUR, T0 + (int64_t)(h + 1) * HOUR,
                                           200 + roll(300) };
}

struct outcome {
    int64_t n_met, n_lost, most_lost_wh, cost, received_wh, n_switches, n_told;
};

static void compare(const struct replay_session *session, size_t n,
                    const struct replay_result *base, const struct replay_result *green,
                    struct outcome base_out[1], struct outcome *out)
{
    for (size_t k = 0; k < n; k++) {
        const struct replay_session_result *b = &base->session[k], *g = &green->session[k];
        bool was_met = b->received_wh >= session[k].energy_wh - session[k].energy_wh / 100 - 50;
        int64_t lost_wh = b->received_wh - g->received_wh;
        out->n_told += session[k].told;
        out->n_met += session[k].told && was_met;
        if (session[k].told && was_met && lost_wh > session[k].energy_wh / 100 + 50) {
            out->n_lost++;
            out->most_lost_wh = lost_wh > out->most_lost_wh ? lost_wh : out->most_lost_wh;
        }
        base_out->cost += b->cost;
        base_out->received_wh += b->received_wh;
        base_out->n_switches += b->n_switches;
        out->cost += g->cost;
        out->received_wh += g->received_wh;
        out->n_switches += g->n_switches;
    }
}

static void run_seed(uint64_t seed, int32_t cap_ma, struct outcome *base, struct outcome *green)
{
    struct replay_session session[SESSIONS];
    struct sched_factor factor[DAYS * 24 + 24];
    struct replay_result result[2];
    struct sched_conf conf = cabinet(cap_ma, LAMPS);
    rng = seed;
    size_t n = make_evenings(session);
    make_factors(factor, DAYS * 24 + 24);
    for (int g = 0; g < 2; g++) {
        struct replay_options o = replay_default_options();
        o.factor = factor;
        o.n_factors = DAYS * 24 + 24;
        o.green = g == 1;
        assert_true(replay_run(&conf, session, n, &o, &result[g]));
        for (int p = 0; p < 3; p++)
            assert_true(result[g].node[0].over_ma[p] == 0);
    }
    compare(session, n, &result[0], &result[1], base, green);
    replay_result_done(&result[0]);
    replay_result_done(&result[1]);
}

/* Tolerances: of those who told and whose need was met without green hours at most so many in a
 * thousand miss it by more than 1 % and 50 Wh; the factors of the energy fall by so much. */
static const struct {
    const char *why;
    int32_t cap_ma;
    int64_t most_lost_e3, least_saved_pct;
} streets[] = {
    { "room for all", 12 * 16000, 0, 8 },
    { "room for half", 96000, 0, 8 },
    { "a third", 63000, 5, 5 },
    { "tight", 35000, 15, 0 },
};

static void the_need_is_met_and_the_factors_are_better(void **state)
{
    (void)state;
    const char *seeds = getenv("GREEN_SEEDS");
    uint64_t n_seeds = seeds != NULL ? strtoull(seeds, NULL, 10) : SEEDS;
    for (size_t i = 0; i < sizeof(streets) / sizeof(streets[0]); i++) {
        struct outcome base = { 0 }, green = { 0 };
        for (uint64_t seed = 1; seed <= n_seeds; seed++)
            run_seed(seed, streets[i].cap_ma, &base, &green);
        int64_t was = base.cost / (base.received_wh / 1000),
                is = green.cost / (green.received_wh / 1000);
        int64_t saved_e2 = (was - is) * 10000 / was;
        print_message(
            "%-14s %" PRId64 " of %" PRId64 " told met; %" PRId64
            " miss it with green hours, by %" PRId64 " Wh at most; factor %" PRId64 ".%03" PRId64
            " -> %" PRId64 ".%03" PRId64 " (%" PRId64 ".%02" PRId64 " %%); energy %" PRId64
            " -> %" PRId64 " kWh; switches %" PRId64 " -> %" PRId64 "\n",
            streets[i].why, green.n_met, green.n_told, green.n_lost, green.most_lost_wh, was / 1000,
            was % 1000, is / 1000, is % 1000, saved_e2 / 100, saved_e2 % 100,
            base.received_wh / 1000, green.received_wh / 1000, base.n_switches, green.n_switches);
        assert_true(green.n_lost * 1000 <= green.n_met * streets[i].most_lost_e3);
        assert_true(saved_e2 >= streets[i].least_saved_pct * 100);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_session_waits_and_has_its_need),
        cmocka_unit_test(nobody_waits_who_has_not_told),
        cmocka_unit_test(the_limit_falls_and_it_charges_at_once),
        cmocka_unit_test(what_changes_its_mind_is_let_go),
        cmocka_unit_test(the_outlook_shows_it),
        cmocka_unit_test(a_planned_cap_is_planned_around),
        cmocka_unit_test(a_new_balancer_goes_on),
        cmocka_unit_test(the_need_is_met_and_the_factors_are_better),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
