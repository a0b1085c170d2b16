/* Cars at the plug: energy to the microjoule, reaction times, pauses, taper. */
#include "tests/cmd/noxsim/check_sim.h"

#include "cmd/noxsim/timers.h"
#include "cmd/noxsim/vehicle.h"

enum { MINUTE = 60000 };

static const struct vehicle_model plain = {
    "plain", 100, 3, 16000, 6000, 50000, 80, 2000, 8000, 100
};
static const struct vehicle_model hybrid = { "hybrid", 100, 1,    16000, 6000,
                                             10000,    80,  2000, 8000,  100 };
static const struct vehicle_model fussy = {
    "fussy", 100, 3, 16000, 8000, 50000, 80, 2000, 8000, 100
};
static const struct vehicle_model modest = { "modest", 100, 3,    16000, 6000,
                                             50000,    80,  2000, 8000,  95 };

/* A car that has been offered so much for a minute, far from its taper. */
static const struct {
    const char *why;
    const struct vehicle_model *model;
    int32_t outlet_phases, offer_ma, draw_ma, phases;
} steady[] = {
    { "takes what is offered", &plain, 3, 10000, 10000, 3 },
    { "never more than its charger", &plain, 3, 32000, 16000, 3 },
    { "6 A is enough", &plain, 3, 6000, 6000, 3 },
    { "below 6 A it pauses", &plain, 3, 5900, 0, 3 },
    { "nothing offered", &plain, 3, 0, 0, 3 },
    { "a three-phase car at a single-phase lamp", &plain, 1, 16000, 16000, 1 },
    { "a single-phase car at a three-phase lamp", &hybrid, 3, 16000, 16000, 1 },
    { "one that pauses below 8 A", &fussy, 3, 7000, 0, 3 },
    { "and charges at 8 A", &fussy, 3, 8000, 8000, 3 },
    { "one that takes its share of the offer", &modest, 3, 10000, 9500, 3 },
};

static void test_steady(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(steady); i++) {
        struct vehicle v;
        vehicle_init(&v, steady[i].model, steady[i].outlet_phases, 1000, 9000, 0);
        vehicle_offer(&v, steady[i].offer_ma);
        vehicle_advance(&v, MINUTE);
        check_int(steady[i].why, v.draw_ma, steady[i].draw_ma);
        check_int(steady[i].why, v.n_phases, steady[i].phases);
        int64_t taken_uj = vehicle_advance(&v, 2 * MINUTE);
        check_int(steady[i].why, taken_uj, MAINS_V * steady[i].draw_ma * steady[i].phases * MINUTE);
        check_int(steady[i].why, vehicle_wants_ma(&v), 16000);
    }
}

/* At these instants, one after the other, an offer is made (or -1: none) and the draw looked at. */
struct moment {
    int64_t at_ms;
    int32_t offer_ma, draw_ma;
};
static const struct {
    const char *why;
    struct moment moment[8];
} stories[] = {
    { "wakes slowly, turns down within its reaction time",
      { { 0, 16000, 0 },
        { 7999, -1, 0 },
        { 8000, -1, 16000 },
        { 20000, 6000, 16000 },
        { 21999, -1, 16000 },
        { 22000, -1, 6000 } } },
    { "stops within its reaction time and comes back later",
      { { 0, 16000, 0 },
        { 10000, 0, 16000 },
        { 12000, 16000, 0 },
        { 19999, -1, 0 },
        { 20000, -1, 16000 } } },
    { "a second offer while it wakes does not make it begin anew",
      { { 0, 16000, 0 }, { 6000, 8000, 0 }, { 8000, -1, 8000 } } },
    { "an offer that is taken back while it wakes",
      { { 0, 16000, 0 }, { 6000, 0, 0 }, { 8000, -1, 0 }, { 30000, -1, 0 } } },
    { "a lower offer is not put off by another lower one",
      { { 0, 16000, 0 }, { 10000, 12000, 16000 }, { 11000, 6000, 16000 }, { 12000, -1, 6000 } } },
};

static void test_stories(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(stories); i++) {
        struct vehicle v;
        vehicle_init(&v, &plain, 3, 10000, 40000, 0);
        for (size_t k = 0; k < 8 && (k == 0 || stories[i].moment[k].at_ms > 0); k++) {
            const struct moment *m = &stories[i].moment[k];
            vehicle_advance(&v, m->at_ms);
            check_int(stories[i].why, v.draw_ma, m->draw_ma);
            if (m->offer_ma >= 0)
                vehicle_offer(&v, m->offer_ma);
        }
    }
}

/* Looked at often or seldom, the same energy has flowed, and nothing happens between two of the
 * instants that vehicle_next_ms() names. */
static void test_steps_do_not_matter(void **state)
{
    (void)state;
    struct vehicle seldom, often, led;
    int64_t energy[3] = { 0, 0, 0 };
    struct vehicle *v[] = { &seldom, &often, &led };
    for (size_t i = 0; i < 3; i++) {
        vehicle_init(v[i], &plain, 3, 20000, 30000, 0);
        vehicle_offer(v[i], 16000);
    }
    energy[0] = vehicle_advance(&seldom, 30 * MINUTE);
    for (int64_t t = 10000; t <= 30 * MINUTE; t += 10000)
        energy[1] += vehicle_advance(&often, t);
    for (int64_t t; (t = vehicle_next_ms(&led)) < 30 * MINUTE;)
        energy[2] += vehicle_advance(&led, t);
    energy[2] += vehicle_advance(&led, 30 * MINUTE);
    check_int("often", energy[1], energy[0]);
    check_int("at the instants named", energy[2], energy[0]);
    check_int("after 8 s of waking", energy[0], INT64_C(230) * 16000 * 3 * (30 * MINUTE - 8000));
}

static void test_fills_up(void **state)
{
    (void)state;
    struct vehicle v;
    int64_t t = 0, taken_uj = 0;
    int32_t last_ma = 16000, lowest_ma = 16000;
    vehicle_init(&v, &plain, 3, 35000, 50000, 0);
    vehicle_offer(&v, 16000);
    while (!v.is_full && t < 24 * 60 * MINUTE) {
        int64_t next = vehicle_next_ms(&v);
        assert_true(next > t && next < TIME_NEVER);
        t = next;
        taken_uj += vehicle_advance(&v, t);
        if (t > 8000 && !v.is_full) {
            assert_true(v.draw_ma <= last_ma); /* it only falls */
            last_ma = lowest_ma = v.draw_ma;
        }
    }
    check_int("exactly what was missing", taken_uj, 15000 * UJ_PER_WH);
    assert_true(v.is_full && lowest_ma < 3000);
    check_int("draws nothing", v.draw_ma, 0);
    check_int("wants nothing", vehicle_wants_ma(&v), 0);
    check_int("nothing will change", vehicle_next_ms(&v), TIME_NEVER);
    check_int("state of charge", vehicle_soc_percent(&v), 100);
    assert_true(t > 2 * 60 * MINUTE && t < 5 * 60 * MINUTE);
}

static void test_models(void **state)
{
    (void)state;
    size_t n;
    int32_t sum = 0;
    const struct vehicle_model *m = vehicle_models(&n);
    for (size_t i = 0; i < n; i++) {
        sum += m[i].share_percent;
        assert_true(m[i].react_ms <= 5000); /* IEC 61851-1 */
        assert_true(m[i].n_phases >= 1 && m[i].n_phases <= 3 && m[i].min_ma >= 6000);
        assert_true(m[i].max_ma >= m[i].min_ma && m[i].max_ma <= 16000);
    }
    check_int("shares", sum, 100);
    struct rng rng;
    size_t seen[32] = { 0 };
    rng_init(&rng, 1, "cars");
    for (int i = 0; i < 10000; i++)
        seen[vehicle_pick(&rng, VEHICLE_MIXED) - m]++;
    for (int i = 0; i < 1000; i++) {
        check_int("three-phase cars only", vehicle_pick(&rng, VEHICLE_THREE_PHASE)->n_phases, 3);
        check_int("single-phase cars only", vehicle_pick(&rng, VEHICLE_ONE_PHASE)->n_phases, 1);
    }
    for (size_t i = 0; i < n; i++)
        assert_in_range(seen[i], (unsigned)m[i].share_percent * 70,
                        (unsigned)m[i].share_percent * 130);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_steady),
        cmocka_unit_test(test_stories),
        cmocka_unit_test(test_steps_do_not_matter),
        cmocka_unit_test(test_fills_up),
        cmocka_unit_test(test_models),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
