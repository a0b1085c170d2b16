/*
 * The promise itself (DESIGN section 5.3): random trees, wirings, classes, cars and faults in
 * virtual time; nothing that stations have really installed may ever add up to more than the grid
 * has.
 *
 *   invariant_test                            as in CI: 1,000 station-days, then every write
 *   invariant_test --station-days 100000      the long run, with progress
 *   invariant_test --every-write              the back end dies at each write of a day in turn
 *   invariant_test [--seeds N] [--first SEED] [--hours N] [--expect-failure]
 *
 * A failure names its seed; --first SEED --seeds 1 repeats it.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tests/scheduler/street_site.h"

enum {
    HOURS = 3,       /* of a seed */
    CI_DAYS = 1000,  /* station-days */
    CI_SITES = 1,    /* of which every write is the last once */
    SMALL_HOURS = 2, /* of such a site */
    PROGRESS_S = 10,
    STATION_DAY_MS = 86400000,
};

struct options {
    uint64_t first, seeds;
    int64_t hours, station_days;
    bool every_write, expect_failure, in_ci;
};

/* --- one seed --- */

static void add_counts(struct street_stats *to, const struct street_stats *from)
{
    int64_t *const sum[] = { &to->n_events,        &to->n_commands,  &to->n_sessions,
                             &to->n_cuts,          &to->n_half_open, &to->n_reboots,
                             &to->n_restarts,      &to->n_rebuilds,  &to->n_caps,
                             &to->n_clocks,        &to->n_jumps,     &to->n_lost,
                             &to->n_late,          &to->n_rejected,  &to->n_repeated,
                             &to->n_deaths,        &to->n_writes,    &to->n_slept,
                             &to->n_checks,        &to->station_ms,  &to->n_changed_phases,
                             &to->n_steps_in_time, &to->n_unwritten };
    const int64_t one[] = { from->n_events,        from->n_commands,  from->n_sessions,
                            from->n_cuts,          from->n_half_open, from->n_reboots,
                            from->n_restarts,      from->n_rebuilds,  from->n_caps,
                            from->n_clocks,        from->n_jumps,     from->n_lost,
                            from->n_late,          from->n_rejected,  from->n_repeated,
                            from->n_deaths,        from->n_writes,    from->n_slept,
                            from->n_checks,        from->station_ms,  from->n_changed_phases,
                            from->n_steps_in_time, from->n_unwritten };
    for (size_t i = 0; i < sizeof(one) / sizeof(one[0]); i++)
        *sum[i] += one[i];
    if (from->worst_allowed > to->worst_allowed)
        to->worst_allowed = from->worst_allowed;
}

/* @return did it hold? */
static bool run_site(const struct street_site *site, const char *name, uint64_t seed, int64_t hours,
                     struct street_stats *total, bool quiet)
{
    struct street *street = street_new(&site->conf, &site->faults, &site->life, seed ^ 0xabcdef);
    const char *wrong = street_run(street, hours * 3600000);
    struct street_stats stats;
    street_stats(street, &stats);
    add_counts(total, &stats);
    if (wrong != NULL && !quiet) {
        printf("%s %" PRIu64 ": %s\n", name, seed, wrong);
        fflush(stdout);
    }
    street_free(street);
    return wrong == NULL;
}

static bool run_seed(uint64_t seed, int64_t hours, struct street_stats *total, bool quiet)
{
    struct street_site site;
    street_site_random(&site, seed);
    return run_site(&site, "seed", seed, hours, total, quiet);
}

/* --- every write --- */

static int64_t writes_of(const struct street_site *site, uint64_t seed)
{
    struct street_stats stats = { .n_events = 0 };
    (void)run_site(site, "small site", seed, SMALL_HOURS, &stats, true);
    return stats.n_writes;
}

/* @return number of deaths that it did not survive */
static uint64_t die_at_every_write(uint64_t seed, struct street_stats *total, bool quiet)
{
    static const char *const death[] = { "before write", "after write", "after sending, write" };
    struct street_site site;
    uint64_t failed = 0;
    char name[64];
    street_site_small(&site, seed);
    int64_t n_writes = writes_of(&site, seed);
    for (int64_t k = 1; k <= n_writes; k++)
        for (int d = 0; d < STREET_DEATHS; d++) {
            site.faults.dies_at = k;
            site.faults.death = (enum street_death)d;
            snprintf(name, sizeof(name), "small site, dies %s %" PRId64 ", seed", death[d], k);
            failed += !run_site(&site, name, seed, SMALL_HOURS, total, quiet && failed > 0);
        }
    return failed;
}

/* --- all of them --- */

static void print_table(const struct street_stats *t, double seconds)
{
    const struct {
        const char *what;
        int64_t n;
    } row[] = {
        { "events", t->n_events },
        { "sums compared with a limit", t->n_checks },
        { "sessions", t->n_sessions },
        { "limits ordered", t->n_commands },
        { "messages lost", t->n_lost },
        { "messages late by 2.5 s to a minute", t->n_late },
        { "messages repeated", t->n_repeated },
        { "limits refused", t->n_rejected },
        { "limits sent and never written", t->n_unwritten },
        { "links cut", t->n_cuts },
        { "  of which half open for 1 to 10 min", t->n_half_open },
        { "stations rebooted", t->n_reboots },
        { "  of which with another clock", t->n_jumps },
        { "cars changed phases", t->n_changed_phases },
        { "cars fell asleep", t->n_slept },
        { "limits stepped without notice", t->n_caps },
        { "  looks at what is drawn 30 s later", t->n_steps_in_time },
        { "own clock set", t->n_clocks },
        { "configurations applied", t->n_rebuilds },
        { "back end restarted", t->n_restarts },
        { "  of which killed at a write", t->n_deaths },
    };
    printf("%-40s %14.1f\n", "station-days", (double)t->station_ms / STATION_DAY_MS);
    for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++)
        printf("%-40s %14" PRId64 "\n", row[i].what, row[i].n);
    printf("%-40s %13.2f%%\n", "most that was allowed, of a limit", 100 * t->worst_allowed);
    printf("%-40s %14.1f\n", "seconds", seconds);
}

static void print_progress(const struct street_stats *t, uint64_t failed, time_t *ret_last)
{
    time_t now = time(NULL);
    if (now - *ret_last < PROGRESS_S)
        return;
    *ret_last = now;
    fprintf(stderr, "%.0f station-days, %" PRIu64 " failures\n",
            (double)t->station_ms / STATION_DAY_MS, failed);
}

/* @return number of seeds that failed */
static uint64_t run_seeds(const struct options *o, struct street_stats *total)
{
    uint64_t failed = 0;
    time_t last = time(NULL);
    for (uint64_t seed = o->first; seed < o->first + o->seeds; seed++) {
        if (o->station_days > 0 && total->station_ms >= o->station_days * STATION_DAY_MS)
            break;
        failed += !run_seed(seed, o->hours, total, o->expect_failure && failed > 0);
        if (failed > 0 && o->expect_failure)
            break;
        print_progress(total, failed, &last);
    }
    return failed;
}

static uint64_t run(const struct options *o, struct street_stats *total)
{
    uint64_t failed = 0;
    if (!o->every_write || o->in_ci)
        failed += run_seeds(o, total);
    for (uint64_t seed = 1; o->every_write && seed <= CI_SITES; seed++)
        if (failed == 0 || !o->expect_failure)
            failed += die_at_every_write(seed, total, o->expect_failure);
    return failed;
}

static bool read_number(int argc, char **argv, int *i, struct options *o)
{
    const char *name = argv[*i];
    if (*i + 1 >= argc)
        return false;
    uint64_t value = strtoull(argv[++*i], NULL, 10);
    if (strcmp(name, "--seeds") == 0)
        o->seeds = value;
    else if (strcmp(name, "--first") == 0)
        o->first = value;
    else if (strcmp(name, "--hours") == 0)
        o->hours = (int64_t)value;
    else if (strcmp(name, "--station-days") == 0)
        o->station_days = (int64_t)value;
    else
        return false;
    return true;
}

static bool read_options(int argc, char **argv, struct options *o)
{
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--expect-failure") == 0)
            o->expect_failure = true;
        else if (strcmp(argv[i], "--every-write") == 0)
            o->every_write = true;
        else if (!read_number(argc, argv, &i, o))
            return false;
    }
    return true;
}

int main(int argc, char **argv)
{
    struct options o = { .first = 1, .seeds = UINT32_MAX, .hours = HOURS };
    struct street_stats stats = { .n_events = 0 };
    struct timespec began, ended;
    if (!read_options(argc, argv, &o)) {
        fprintf(stderr,
                "usage: %s [--station-days N] [--every-write] [--seeds N] [--first SEED]"
                " [--hours N] [--expect-failure]\n",
                argv[0]);
        return 2;
    }
    if (argc == 1) {
        o.in_ci = o.every_write = true;
        o.station_days = CI_DAYS;
    }
    clock_gettime(CLOCK_MONOTONIC, &began);
    uint64_t failed = run(&o, &stats);
    clock_gettime(CLOCK_MONOTONIC, &ended);
    print_table(&stats, (double)(ended.tv_sec - began.tv_sec) +
                            (double)(ended.tv_nsec - began.tv_nsec) / 1e9);
    printf("%-40s %14" PRIu64 "\n", "runs in which the promise was broken", failed);
    return (failed > 0) != o.expect_failure;
}
