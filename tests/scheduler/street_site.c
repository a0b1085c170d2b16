/* Sites to let go wrong: random ones, and a small one. */
#include "tests/scheduler/street_site.h"

#include <string.h>

enum { SMALL_POINTS = 4 };

static int64_t below(uint64_t *random, int64_t n)
{
    return (int64_t)(street_random(random) % (uint64_t)n);
}

static bool chance(uint64_t *random, int per_mille)
{
    return below(random, 1000) < per_mille;
}

static void make_point(struct sched_point_conf *p, size_t n_nodes, uint64_t *random)
{
    static const int8_t wiring[][3] = { { 0, 1, 2 }, { 1, 2, 0 }, { 2, 0, 1 }, { 0, 2, 1 } };
    static const int32_t rating_ma[] = { 10000, 16000, 16000, 32000 };
    static const enum sched_class class[] = { SCHED_STICKY, SCHED_FORGETFUL, SCHED_UNMANAGED };
    bool known = chance(random, 700);
    *p = (struct sched_point_conf){ .node = (int32_t)below(random, (int64_t)n_nodes),
                                    .n_phases = chance(random, 700) ? 3 : 1,
                                    .rating_ma = rating_ma[below(random, 4)],
                                    .safe_ma = chance(random, 350) ? 6000 : 0,
                                    .min_ma = 6000,
                                    .weight = 1 + (int32_t)below(random, 3),
                                    .class = chance(random, 800) ? SCHED_LEASING
                                                                 : class[below(random, 3)],
                                    .commissioned = known,
                                    .safe_confirmed = known && chance(random, 700) };
    memcpy(p->wiring, wiring[below(random, 4)], sizeof(p->wiring));
    if (p->class == SCHED_FORGETFUL || p->class == SCHED_UNMANAGED)
        p->safe_ma = 0;
}

/* Enough for what is counted without any lease, and some for cars. */
static void make_limits(struct street_site *site, uint64_t *random)
{
    size_t node;
    int phase;
    int64_t sum_ma;
    struct sched_point_conf proved[STREET_SITE_POINTS];
    struct sched_conf conf = site->conf;
    memcpy(proved, site->point, sizeof(proved));
    for (size_t i = 0; i < conf.n_points; i++)
        proved[i].commissioned = proved[i].safe_confirmed = true;
    conf.point = proved;
    while (!sched_prove(&conf, &node, &phase, &sum_ma))
        site->node[node].limit_ma[phase] = (int32_t)sum_ma + site->node[node].foreign_ma[phase];
    for (size_t v = 0; v < site->conf.n_nodes; v++)
        for (int p = 0; p < 3; p++)
            site->node[v].limit_ma[p] += (int32_t)below(random, 30000);
}

static int64_t one_of(uint64_t *random, const int64_t *list, size_t n)
{
    return list[below(random, (int64_t)n)];
}

/* The ranges of SCHEDULER section 4, "Tests". */
static void make_faults(struct street_site *site, uint64_t *random)
{
    static const int64_t loss[] = { 0, 0, 10, 10, 100, 500 }, spread[] = { 0, 100, 250 };
    static const int64_t cut_min[] = { 600, 120, 60, 20, 6 };
    static const int64_t skew_ms[] = { 1000, 20000, 50000, 60000, 600000 };
    bool restless = chance(random, 150); /* a back end that dies often, stations that say no */
    int64_t minute_ms = 60000;
    int32_t lost = (int32_t)one_of(random, loss, 6);
    site->faults = (struct street_faults){
        .cut_every_ms = one_of(random, cut_min, 5) * minute_ms,
        .down_ms = (chance(random, 500) ? 1 : 15) * minute_ms,
        .half_open = 300,
        .reboot_every_ms = chance(random, 500) ? 60 * minute_ms : 0,
        .restart_every_ms = restless              ? 6 * minute_ms
                            : chance(random, 600) ? 40 * minute_ms
                                                  : 0,
        .rebuild_every_ms = chance(random, 400) ? 40 * minute_ms : 0,
        .cap_every_ms = chance(random, 400) ? 20 * minute_ms : 0,
        .clock_back_every_ms = chance(random, 300) ? 10 * minute_ms : 0,
        .delay_ms = 1 + below(random, 400),
        .spread_e2 = (int32_t)one_of(random, spread, 3),
        .request_lost = lost,
        .answer_lost = lost,
        .told_lost = lost,
        .rejected = restless              ? 300
                    : chance(random, 300) ? 100
                                          : 10,
        .repeated = 50,
        .unwritten = chance(random, 500) ? 1000 : 20,
        .skew_ms = one_of(random, skew_ms, 5),
        .clock_jumps = chance(random, 500),
        .dies_at_write = restless              ? 10
                         : chance(random, 300) ? 2
                                               : 0,
    };
}

static void make_life(struct street_site *site, uint64_t *random)
{
    site->life = (struct street_life){
        .gone_ms = 10000 + below(random, chance(random, 300) ? 60000 : 1200000),
        .stay_ms = 600000 + below(random, 4000000),
        .meter_every_ms = 30000 + below(random, 60000),
        .single_phase = chance(random, 500) ? 500 : 0,
        .pausing = 200,
        .two_phase = 100,
        .sleepy = 100,
        .part_taker = 150,
        .stops_early = 150,
        .phase_changer = chance(random, 300) ? 200 : 0,
    };
}

void street_site_random(struct street_site *site, uint64_t seed)
{
    uint64_t random = seed;
    memset(site, 0, sizeof(*site));
    site->conf = (struct sched_conf){ .node = site->node,
                                      .n_nodes = 1 + (size_t)below(&random, STREET_SITE_NODES),
                                      .point = site->point,
                                      .n_points = 1 + (size_t)below(&random, STREET_SITE_POINTS),
                                      .tuning = sched_default_tuning() };
    for (size_t v = 0; v < site->conf.n_nodes; v++) {
        site->node[v].parent =
            v == 0 || chance(&random, 100) ? -1 : (int32_t)below(&random, (int64_t)v);
        site->node[v].foreign_ma[below(&random, 3)] = (int32_t)below(&random, 10000);
        site->node[v].single_max_ma = chance(&random, 200) ? 20000 : 0;
    }
    for (size_t i = 0; i < site->conf.n_points; i++)
        make_point(&site->point[i], site->conf.n_nodes, &random);
    for (size_t i = 0; i < site->conf.n_points; i++)
        site->point[i].writes_per_day = seed % 5 == 4 ? 10 : 0; /* draws no lot */
    make_limits(site, &random);
    make_faults(site, &random);
    make_life(site, &random);
    site->conf.tuning.phase_learning = chance(&random, 700);
    site->conf.tuning.reclaim = chance(&random, 700);
    if (chance(&random, 500)) { /* many turns */
        site->conf.tuning.hold_ms = 120000;
        site->conf.tuning.credit_mas = 300 * 1000;
        site->conf.tuning.credit_percent = 0;
    }
    if (chance(&random, 300)) {
        site->conf.tuning.lease_ms = 180000;
        site->conf.tuning.renew_after_ms = 120000;
    }
}

/* A busy street of a few lamps that take turns, so that much is written in little time. */
void street_site_small(struct street_site *site, uint64_t seed)
{
    memset(site, 0, sizeof(*site));
    site->node[0] = (struct sched_node_conf){ .parent = -1, .limit_ma = { 20000, 20000, 20000 } };
    for (size_t i = 0; i < SMALL_POINTS; i++)
        site->point[i] = (struct sched_point_conf){ .n_phases = 3,
                                                    .wiring = { 0, 1, 2 },
                                                    .rating_ma = 16000,
                                                    .safe_ma = i == 0 ? 6000 : 0,
                                                    .min_ma = 6000,
                                                    .weight = 1,
                                                    .commissioned = i != 1,
                                                    .safe_confirmed = i > 1 };
    site->conf = (struct sched_conf){ .node = site->node,
                                      .n_nodes = 1,
                                      .point = site->point,
                                      .n_points = SMALL_POINTS,
                                      .tuning = sched_default_tuning() };
    site->conf.tuning.hold_ms = 120000;
    site->conf.tuning.credit_mas = 300 * 1000;
    site->conf.tuning.credit_percent = 0;
    site->conf.tuning.lease_ms = 180000;
    site->conf.tuning.renew_after_ms = 120000;
    site->faults = (struct street_faults){ .delay_ms = 300,
                                           .cut_every_ms = 30 * 60000,
                                           .down_ms = 60000,
                                           .half_open = 300,
                                           .request_lost = 20,
                                           .answer_lost = 20,
                                           .rejected = 20,
                                           .skew_ms = 3000 };
    site->life = (struct street_life){ .gone_ms = 300000 + (int64_t)(seed % 7) * 10000,
                                       .stay_ms = 900000,
                                       .meter_every_ms = 60000,
                                       .single_phase = 300,
                                       .pausing = 200 };
}
