/*
 * The promise itself (DESIGN section 5.3): random trees, wirings, classes, cars and faults in
 * virtual time; nothing that stations have really installed may ever add up to more than the grid
 * has.
 *
 *   invariant_test [--seeds N] [--first SEED] [--hours N] [--expect-failure]
 *
 * A failure names its seed; --first SEED --seeds 1 repeats it.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/scheduler/street.h"

enum { MOST_NODES = 7, MOST_POINTS = 14 };

struct site {
    struct sched_node_conf node[MOST_NODES];
    struct sched_point_conf point[MOST_POINTS];
    struct sched_conf conf;
    struct street_faults faults;
    struct street_life life;
};

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
    bool known = chance(random, 850);
    *p = (struct sched_point_conf){ .node = (int32_t)below(random, (int64_t)n_nodes),
                                    .n_phases = chance(random, 700) ? 3 : 1,
                                    .rating_ma = rating_ma[below(random, 4)],
                                    .safe_ma = chance(random, 350) ? 6000 : 0,
                                    .min_ma = 6000,
                                    .weight = 1 + (int32_t)below(random, 3),
                                    .class = chance(random, 800) ? SCHED_LEASING
                                                                 : class[below(random, 3)],
                                    .commissioned = known,
                                    .safe_confirmed = known && chance(random, 900) };
    memcpy(p->wiring, wiring[below(random, 4)], sizeof(p->wiring));
    if (p->class == SCHED_FORGETFUL || p->class == SCHED_UNMANAGED)
        p->safe_ma = 0;
}

/* Enough for what is counted without any lease, and some for cars. */
static void make_limits(struct site *site, uint64_t *random)
{
    size_t node;
    int phase;
    int64_t sum_ma;
    struct sched_point_conf proved[MOST_POINTS];
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

static void make_faults(struct site *site, uint64_t *random)
{
    bool rough = chance(random, 300);
    bool restless = chance(random, 150); /* a back end that dies often, stations that say no */
    int64_t minute_ms = 60000;
    site->faults = (struct street_faults){
        .cut_every_ms = (rough ? 10 : 60) * minute_ms,
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
        .slow = rough ? 200 : 20,
        .request_lost = rough ? 100 : 10,
        .answer_lost = rough ? 200 : 20,
        .rejected = restless ? 300
                    : rough  ? 100
                             : 10,
        .repeated = 50,
        .unwritten = chance(random, 500) ? 1000 : 20,
        .skew_ms = below(random, 50000),
    };
}

static void make_site(struct site *site, uint64_t seed)
{
    uint64_t random = seed;
    memset(site, 0, sizeof(*site));
    site->conf = (struct sched_conf){ .node = site->node,
                                      .n_nodes = 1 + (size_t)below(&random, MOST_NODES),
                                      .point = site->point,
                                      .n_points = 1 + (size_t)below(&random, MOST_POINTS),
                                      .tuning = sched_default_tuning() };
    for (size_t v = 0; v < site->conf.n_nodes; v++) {
        site->node[v].parent =
            v == 0 || chance(&random, 100) ? -1 : (int32_t)below(&random, (int64_t)v);
        site->node[v].foreign_ma[below(&random, 3)] = (int32_t)below(&random, 10000);
        site->node[v].single_max_ma = chance(&random, 200) ? 20000 : 0;
    }
    for (size_t i = 0; i < site->conf.n_points; i++)
        make_point(&site->point[i], site->conf.n_nodes, &random);
    make_limits(site, &random);
    make_faults(site, &random);
    site->life = (struct street_life){ .gone_ms = 60000 + below(&random, 1200000),
                                       .stay_ms = 600000 + below(&random, 4000000),
                                       .meter_every_ms = 30000 + below(&random, 60000),
                                       .single_phase = chance(&random, 500) ? 500 : 0,
                                       .pausing = 200 };
    site->conf.tuning.phase_learning = chance(&random, 700);
    site->conf.tuning.reclaim = chance(&random, 700);
    if (chance(&random, 500)) { /* many turns */
        site->conf.tuning.hold_ms = 120000;
        site->conf.tuning.credit_mas = 300 * 1000;
    }
    if (chance(&random, 300)) {
        site->conf.tuning.lease_ms = 180000;
        site->conf.tuning.renew_after_ms = 120000;
    }
}

/* @return did it hold? */
static bool run_seed(uint64_t seed, int64_t hours, struct street_stats *ret_stats, bool quiet)
{
    struct site site;
    make_site(&site, seed);
    struct street *street = street_new(&site.conf, &site.faults, &site.life, seed ^ 0xabcdef);
    const char *wrong = street_run(street, hours * 3600000);
    struct street_stats stats;
    street_stats(street, &stats);
    ret_stats->n_events += stats.n_events;
    ret_stats->n_commands += stats.n_commands;
    ret_stats->n_sessions += stats.n_sessions;
    if (wrong != NULL && !quiet)
        printf("seed %" PRIu64 ": %s\n", seed, wrong);
    street_free(street);
    return wrong == NULL;
}

struct options {
    uint64_t first, seeds;
    int64_t hours;
    bool expect_failure;
};

static bool read_options(int argc, char **argv, struct options *o)
{
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--expect-failure") == 0)
            o->expect_failure = true;
        else if (i + 1 < argc && strcmp(argv[i], "--seeds") == 0)
            o->seeds = strtoull(argv[++i], NULL, 10);
        else if (i + 1 < argc && strcmp(argv[i], "--first") == 0)
            o->first = strtoull(argv[++i], NULL, 10);
        else if (i + 1 < argc && strcmp(argv[i], "--hours") == 0)
            o->hours = strtoll(argv[++i], NULL, 10);
        else
            return false;
    }
    return true;
}

int main(int argc, char **argv)
{
    struct options o = { .first = 1, .seeds = 600, .hours = 3 };
    struct street_stats stats = { .n_events = 0 };
    uint64_t failed = 0;
    if (!read_options(argc, argv, &o)) {
        fprintf(stderr, "usage: %s [--seeds N] [--first SEED] [--hours N] [--expect-failure]\n",
                argv[0]);
        return 2;
    }
    for (uint64_t seed = o.first; seed < o.first + o.seeds; seed++) {
        failed += !run_seed(seed, o.hours, &stats, o.expect_failure && failed > 0);
        if (failed > 0 && o.expect_failure)
            break;
    }
    printf("%" PRIu64 " of %" PRIu64 " seeds failed; %" PRId64 " events, %" PRId64
           " sessions, %" PRId64 " commands\n",
           failed, o.seeds, stats.n_events, stats.n_sessions, stats.n_commands);
    return (failed > 0) != o.expect_failure;
}
