/* What was told of sessions: classes, least currents, energy, deadlines; in virtual time. */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "scheduler/plan.h"

enum { T0 = 10000000, MINUTE = 60000, HOUR = 3600000, LAMPS = 4 };

/* Lamps of 3 x 16 A on one connection; their cars take all they get; the meter is told. */
struct site {
    struct sched *s;
    int64_t now_ms;
    size_t n;
    int64_t received_wms[LAMPS]; /* W x ms */
    int n_switches[LAMPS];
    int32_t had_ma[LAMPS];
};

static void site_init(struct site *site, int32_t limit_ma, size_t n, const int32_t *priority)
{
    struct sched_node_conf node = { .parent = -1, .limit_ma = { limit_ma, limit_ma, limit_ma } };
    struct sched_point_conf point[LAMPS];
    for (size_t i = 0; i < n; i++)
        point[i] = (struct sched_point_conf){ .n_phases = 3,
                                              .wiring = { 0, 1, 2 },
                                              .rating_ma = 16000,
                                              .min_ma = 6000,
                                              .weight = 1,
                                              .commissioned = true,
                                              .safe_confirmed = true,
                                              .priority = priority != NULL ? priority[i] : 0 };
    struct sched_conf conf = { .node = &node,
                               .n_nodes = 1,
                               .point = point,
                               .n_points = n,
                               .tuning = sched_default_tuning() };
    *site = (struct site){ .s = sched_new(&conf, T0), .now_ms = T0, .n = n };
    assert_non_null(site->s);
    for (size_t i = 0; i < n; i++) {
        sched_skew(site->s, i, 0);
        sched_link(site->s, i, true, T0);
        sched_session_start(site->s, i, 1 + (int64_t)i, T0);
    }
}

static int32_t granted_ma(const struct site *site, size_t i)
{
    struct sched_point_view v;
    sched_point_view(site->s, i, site->now_ms, &v);
    return v.granted_ma;
}

static void rounds(struct site *site)
{
    struct sched_command cmd[2 * LAMPS];
    while (sched_next_ms(site->s) <= site->now_ms) {
        size_t n = sched_round(site->s, site->now_ms, cmd, 2 * LAMPS);
        for (size_t k = 0; k < n; k++)
            sched_answer(site->s, cmd[k].point, cmd[k].seq, SCHED_ACCEPTED, site->now_ms);
    }
}

static void meter(struct site *site, size_t i, int64_t passed_ms)
{
    int32_t ma = granted_ma(site, i), sample[3] = { ma, ma, ma };
    site->received_wms[i] += (int64_t)ma * 3 * 230 / 1000 * passed_ms;
    site->n_switches[i] += (ma > 0) != (site->had_ma[i] > 0);
    site->had_ma[i] = ma;
    sched_measured(site->s, i, sample, site->now_ms, site->now_ms);
    sched_session_energy(site->s, i, 1 + (int64_t)i, site->received_wms[i] / HOUR, site->now_ms,
                         site->now_ms);
}

static void run(struct site *site, int64_t for_ms)
{
    enum { STEP_MS = 30000 };
    for (int64_t end_ms = site->now_ms + for_ms; site->now_ms < end_ms;) {
        rounds(site);
        site->now_ms += STEP_MS;
        for (size_t i = 0; i < site->n; i++)
            meter(site, i, STEP_MS);
    }
    rounds(site);
}

static void check_granted(const struct site *site, const char *why, const int32_t *want_ma)
{
    for (size_t i = 0; i < site->n; i++)
        if (granted_ma(site, i) != want_ma[i])
            fail_msg("%s: point %zu has %d mA, not %d", why, i, (int)granted_ma(site, i),
                     (int)want_ma[i]);
}

static void tell(struct site *site, size_t i, struct sched_need need)
{
    sched_session_need(site->s, i, 1 + (int64_t)i, &need, site->now_ms);
}

/* --- classes and least currents --- */

static void test_a_higher_class_is_served_first(void **state)
{
    (void)state;
    struct site site;
    site_init(&site, 30000, 3, (const int32_t[]){ 0, 0, 2 });
    run(&site, 5 * MINUTE);
    check_granted(&site, "the point's class", (const int32_t[]){ 7000, 7000, 16000 });
    tell(&site, 0, (struct sched_need){ .priority = 3 });
    run(&site, 5 * MINUTE);
    check_granted(&site, "the session's own", (const int32_t[]){ 16000, 0, 14000 });
    tell(&site, 0, (struct sched_need){ .priority = -1 });
    run(&site, 5 * MINUTE);
    check_granted(&site, "taken back", (const int32_t[]){ 7000, 7000, 16000 });
    sched_free(site.s);
}

static void test_a_session_has_its_own_least_current(void **state)
{
    (void)state;
    struct site site;
    struct sched_point_view v;
    site_init(&site, 14000, 2, NULL);
    tell(&site, 0, (struct sched_need){ .min_ma = 8000, .priority = -1 });
    run(&site, 5 * MINUTE);
    check_granted(&site, "8 A and 6 A", (const int32_t[]){ 8000, 6000 });
    tell(&site, 0, (struct sched_need){ .min_ma = 50000, .priority = -1 });
    sched_point_view(site.s, 0, site.now_ms, &v);
    assert_int_equal(v.need.min_ma, 16000); /* at most the rating */
    run(&site, 5 * MINUTE);
    check_granted(&site, "more than there is", (const int32_t[]){ 0, 14000 });
    tell(&site, 0, (struct sched_need){ .min_ma = 1000, .priority = -1 });
    sched_point_view(site.s, 0, site.now_ms, &v);
    assert_int_equal(v.need.min_ma, 6000); /* at least the point's */
    sched_free(site.s);
}

static void test_what_is_told_of_another_transaction_is_passed_over(void **state)
{
    (void)state;
    struct site site;
    struct sched_point_view v;
    site_init(&site, 14000, 1, NULL);
    sched_session_need(site.s, 0, 77, &(struct sched_need){ .priority = 5 }, site.now_ms);
    sched_session_energy(site.s, 0, 77, 5000, site.now_ms, site.now_ms);
    sched_point_view(site.s, 0, site.now_ms, &v);
    assert_int_equal(v.need.priority, 0);
    assert_int_equal(v.received_wh, 0);
    tell(&site, 0, (struct sched_need){ .priority = 5 });
    sched_session_stop(site.s, 0, 1, site.now_ms);
    sched_session_start(site.s, 0, 2, site.now_ms);
    sched_point_view(site.s, 0, site.now_ms, &v);
    assert_int_equal(v.need.priority, 0); /* it ends with the transaction */
    sched_free(site.s);
}

static void test_energy_is_summed_up_between_meter_values(void **state)
{
    (void)state;
    struct site site;
    struct sched_point_view v;
    const int32_t sample[3] = { 10000, 10000, 0 };
    site_init(&site, 32000, 1, NULL);
    sched_session_energy(site.s, 0, 1, 2000, T0, T0);
    for (int i = 0; i <= 60; i++) /* 2 phases x 10 A x 230 V, an hour */
        sched_measured(site.s, 0, sample, T0 + 1 + i * MINUTE, T0 + 1 + i * MINUTE);
    sched_point_view(site.s, 0, T0 + HOUR, &v);
    assert_in_range(v.received_wh, 6590, 6600);
    sched_session_energy(site.s, 0, 1, 6000, T0 + HOUR, T0 + HOUR + MINUTE);
    sched_point_view(site.s, 0, T0 + HOUR + MINUTE, &v);
    assert_in_range(v.received_wh, 6070, 6080); /* the minute since it was counted */
    sched_session_energy(site.s, 0, 1, 100, T0, T0 + HOUR + MINUTE); /* late */
    sched_point_view(site.s, 0, T0 + HOUR + MINUTE, &v);
    assert_in_range(v.received_wh, 6070, 6080);
    sched_free(site.s);
}

/* A balancer in the place of another, after a restart or a new configuration: what was counted
 * before it came is not passed over. */
static void test_energy_of_before_it_began_counts(void **state)
{
    (void)state;
    struct site site;
    struct sched_point_view v;
    site_init(&site, 32000, 1, NULL);
    sched_session_energy(site.s, 0, 1, 5000, T0 - HOUR, T0);
    sched_point_view(site.s, 0, T0, &v);
    assert_int_equal(v.received_wh, 5000);
    sched_session_energy(site.s, 0, 1, 4000, T0 - 2 * HOUR, T0); /* older than that */
    sched_point_view(site.s, 0, T0, &v);
    assert_int_equal(v.received_wh, 5000);
    sched_free(site.s);
}

/* --- departure and energy --- */

static struct sched_need until(const struct site *site, int64_t hours, int64_t kwh)
{
    return (struct sched_need){ .depart_ms = site->now_ms + hours * HOUR,
                                .energy_wh = kwh * 1000,
                                .priority = -1 };
}

static int64_t received_wh(const struct site *site, size_t i)
{
    return site->received_wms[i] / HOUR;
}

static void test_both_have_their_energy_when_they_leave(void **state)
{
    (void)state;
    struct site site;
    site_init(&site, 16000, 2, NULL);
    tell(&site, 0, until(&site, 8, 20));
    tell(&site, 1, until(&site, 2, 20)); /* with half of the current it would have 11 */
    run(&site, 2 * HOUR);
    assert_in_range(received_wh(&site, 1), 19500, 22000);
    sched_session_stop(site.s, 1, 2, site.now_ms);
    run(&site, 6 * HOUR);
    assert_true(received_wh(&site, 0) >= 20000);
    sched_free(site.s);
}

static void test_what_cannot_be_met_does_not_stop_the_others(void **state)
{
    (void)state;
    struct site site;
    site_init(&site, 16000, 2, NULL);
    tell(&site, 0, until(&site, 1, 90));
    tell(&site, 1, until(&site, 4, 15));
    run(&site, HOUR);
    assert_in_range(received_wh(&site, 0), 10000, 11100); /* all there was */
    run(&site, 3 * HOUR);
    assert_true(received_wh(&site, 1) >= 15000);
    sched_free(site.s);
}

/* More than told, or longer: from then on it is one that told nothing. */
static void test_who_told_too_little_has_a_fair_share(void **state)
{
    (void)state;
    struct site site;
    site_init(&site, 16000, 2, NULL);
    tell(&site, 0, until(&site, 8, 2));
    run(&site, HOUR);
    assert_true(received_wh(&site, 0) > 2000);
    check_granted(&site, "more than told", (const int32_t[]){ 8000, 8000 });
    sched_free(site.s);
    site_init(&site, 16000, 2, NULL);
    tell(&site, 1, until(&site, 1, 50));
    run(&site, HOUR + 10 * MINUTE);
    check_granted(&site, "longer than told", (const int32_t[]){ 8000, 8000 });
    sched_free(site.s);
}

static void test_who_did_not_tell_does_not_starve(void **state)
{
    (void)state;
    int64_t wh[2];
    for (int told = 0; told < 2; told++) {
        struct site site;
        site_init(&site, 13000, 4, NULL);
        for (size_t i = 0; i < 3 && told; i++)
            tell(&site, i, until(&site, 3 + (int64_t)i, 30));
        run(&site, 12 * HOUR);
        wh[told] = received_wh(&site, 3);
        sched_free(site.s);
    }
    if (wh[1] < wh[0] * 97 / 100)
        fail_msg("%" PRId64 " Wh instead of %" PRId64, wh[1], wh[0]);
}

static void test_turns_stay_long(void **state)
{
    (void)state;
    struct site site;
    site_init(&site, 13000, 4, NULL);
    for (size_t i = 0; i < 4; i++)
        tell(&site, i, until(&site, 10, 18));
    run(&site, 10 * HOUR);
    for (size_t i = 0; i < 4; i++)
        if (site.n_switches[i] > 12 || received_wh(&site, i) < 17500)
            fail_msg("point %zu: %d switches, %" PRId64 " Wh", i, site.n_switches[i],
                     received_wh(&site, i));
    sched_free(site.s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_higher_class_is_served_first),
        cmocka_unit_test(test_a_session_has_its_own_least_current),
        cmocka_unit_test(test_what_is_told_of_another_transaction_is_passed_over),
        cmocka_unit_test(test_energy_is_summed_up_between_meter_values),
        cmocka_unit_test(test_energy_of_before_it_began_counts),
        cmocka_unit_test(test_both_have_their_energy_when_they_leave),
        cmocka_unit_test(test_what_cannot_be_met_does_not_stop_the_others),
        cmocka_unit_test(test_who_told_too_little_has_a_fair_share),
        cmocka_unit_test(test_who_did_not_tell_does_not_starve),
        cmocka_unit_test(test_turns_stay_long),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
