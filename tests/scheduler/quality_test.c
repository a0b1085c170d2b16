/*
 * Fair and useful (DESIGN section 5.4): how much of a full connection is used, how evenly, and how
 * quietly; without faults, and with some.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/scheduler/street.h"

enum { LAMPS = 40, HOUR_MS = 3600000, CAP_MA = 63000 };

static const struct street_faults no_faults = { .delay_ms = 100 };
static const struct street_faults some_faults = { .delay_ms = 100,
                                                  .cut_every_ms = HOUR_MS,
                                                  .down_ms = 30000,
                                                  .half_open = 300,
                                                  .request_lost = 10,
                                                  .answer_lost = 10 };
static const struct street_life patient = { .gone_ms = HOUR_MS,
                                            .stay_ms = 8 * HOUR_MS,
                                            .meter_every_ms = 60000,
                                            .car_ma = 16000 };

/* 40 lamps of 3 x 16 A on one connection of 3 x 63 A. */
static struct street *lamps(const struct street_faults *faults, int32_t cap_ma, int32_t single)
{
    static struct sched_point_conf point[LAMPS];
    struct sched_node_conf node = { .parent = -1, .limit_ma = { cap_ma, cap_ma, cap_ma } };
    struct street_life life = patient;
    life.single_phase = single;
    for (size_t i = 0; i < LAMPS; i++)
        point[i] = (struct sched_point_conf){ .n_phases = 3,
                                              .wiring = { (int8_t)(i % 3), (int8_t)((i + 1) % 3),
                                                          (int8_t)((i + 2) % 3) },
                                              .rating_ma = 16000,
                                              .min_ma = 6000,
                                              .weight = 1,
                                              .commissioned = true,
                                              .safe_confirmed = true };
    struct sched_conf conf = { .node = &node,
                               .n_nodes = 1,
                               .point = point,
                               .n_points = LAMPS,
                               .tuning = sched_default_tuning() };
    return street_new(&conf, faults, &life, 7);
}

static struct street_stats run(const char *why, const struct street_faults *faults, int32_t cap_ma,
                               int32_t single, int hours)
{
    struct street_stats stats;
    struct street *street = lamps(faults, cap_ma, single);
    street_rush(street);
    const char *wrong = street_run(street, 10 * 60000);
    street_measure(street);
    wrong = wrong != NULL ? wrong : street_run(street, (int64_t)hours * HOUR_MS);
    if (wrong != NULL)
        fail_msg("%s: %s", why, wrong);
    street_stats(street, &stats);
    printf("%-42s allowed %5.1f %%  Jain %.3f  switches/session/h %.2f  sends/session/h %.1f\n",
           why, 100 * stats.allowed_part, stats.jain,
           (double)stats.n_switches / (double)stats.n_sessions / hours,
           (double)stats.n_commands / (double)stats.n_sessions / hours);
    street_free(street);
    return stats;
}

static const struct {
    const char *why;
    const struct street_faults *faults;
    int32_t cap_ma, single;
    int hours;
    double least_allowed, least_jain, most_switches; /* per session and hour */
} cases[] = {
    { "turns: 40 cars of 16 A on 63 A", &no_faults, CAP_MA, 0, 8, 0.97, 0.95, 1.2 },
    { "no turns: 40 cars on 400 A", &no_faults, 400000, 0, 4, 0.97, 0.99, 0.5 },
    { "half of the cars on one phase", &no_faults, CAP_MA, 500, 8, 0.90, 0.85, 1.2 },
    { "a limit below what all need at least", &no_faults, 30000, 0, 12, 0.97, 0.90, 1.2 },
    { "links cut each hour, messages lost", &some_faults, CAP_MA, 0, 8, 0.93, 0.93, 2.0 },
};

static void test_quality(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct street_stats got =
            run(cases[i].why, cases[i].faults, cases[i].cap_ma, cases[i].single, cases[i].hours);
        double switches = (double)got.n_switches / (double)got.n_sessions / cases[i].hours;
        if (got.allowed_part < cases[i].least_allowed || got.jain < cases[i].least_jain ||
            switches > cases[i].most_switches)
            fail_msg("%s: wanted allowed >= %.2f, Jain >= %.2f, switches <= %.1f", cases[i].why,
                     cases[i].least_allowed, cases[i].least_jain, cases[i].most_switches);
    }
}

/* When the faults stop, a lease later all is as if there had been none. */
static void test_after_a_storm(void **state)
{
    (void)state;
    static const struct street_faults storm = { .delay_ms = 200,
                                                .cut_every_ms = 5 * 60000,
                                                .down_ms = 120000,
                                                .half_open = 500,
                                                .reboot_every_ms = HOUR_MS,
                                                .spread_e2 = 250,
                                                .request_lost = 200,
                                                .answer_lost = 200,
                                                .rejected = 200,
                                                .repeated = 100,
                                                .skew_ms = 40000 };
    struct street_stats stats;
    struct street *street = lamps(&storm, CAP_MA, 0);
    street_rush(street);
    const char *wrong = street_run(street, HOUR_MS);
    street_calm(street);
    wrong = wrong != NULL ? wrong : street_run(street, 16 * 60000 + 40000);
    street_measure(street);
    wrong = wrong != NULL ? wrong : street_run(street, HOUR_MS);
    street_stats(street, &stats);
    if (wrong != NULL || stats.allowed_part < 0.97)
        fail_msg("%s, allowed %.3f", wrong != NULL ? wrong : "holds", stats.allowed_part);
    printf("%-42s allowed %5.1f %%\n", "the hour after a storm", 100 * stats.allowed_part);
    street_free(street);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_quality),
        cmocka_unit_test(test_after_a_storm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
