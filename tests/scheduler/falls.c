/*
 * The promise at a fall of capacity, one fall at a time: two lamps with clocks that are behind, of
 * which one, the other or both fall silent at any time before the fall.
 *
 *   falls [--expect-failure]
 *
 * A planned fall excuses nothing.  Of a cap that is told too late only those leases are excused
 * that had been given before: none that is given afterwards may add to an excess there.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scheduler/plan.h"

enum {
    LAMPS = 2,
    SECOND = 1000,
    MINUTE = 60000,
    HOUR = 3600000,
    FALL = 30 * MINUTE,
    END = 48 * MINUTE,
    SLACK = 5 * SECOND,
    LATE = 10 * MINUTE, /* just before the first lamp is renewed */
    STEP = 5 * SECOND,
    COMMANDS = 8,
    BOTH = 3,
};
static const int64_t MONDAY = 1764547200000; /* 2025-12-01 0:00 UTC */

enum fall { BY_CAP, BY_LATE_CAP, BY_WINDOW, BY_METERED_WINDOW, FALLS };
static const char *const fall_name[] = {
    [BY_CAP] = "a cap",
    [BY_LATE_CAP] = "a cap told late",
    [BY_WINDOW] = "the limit of a window",
    [BY_METERED_WINDOW] = "the reserve of a window with a meter",
};

struct lease {
    int32_t limit_ma;
    int64_t end_ms; /* in the lamp's clock */
};

struct story {
    enum fall fall;
    int silent; /* bits of lamps, from silent_ms on */
    int64_t silent_ms, second_ms, skew_ms;
    bool all_later;   /* silent: ten seconds after a late cap was told */
    int32_t least_ma; /* from the fall on */
};

struct scene {
    const struct story *story;
    struct sched *s;
    int64_t now_ms;
    struct lease lease[LAMPS], before[LAMPS]; /* before: when the late cap was told */
};

enum { LIMIT = 20000 };

static int32_t in_force(const struct scene *c, const struct lease *l)
{
    return c->now_ms + c->story->skew_ms < l->end_ms ? l->limit_ma : 0;
}

/* Leases of before that lived to see the fall, as far as a ledger can know, until the last ends. */
static int32_t excused_ma(const struct scene *c)
{
    int64_t wide_ms = SLACK - 2 * c->story->skew_ms;
    int64_t last_ms = 0;
    int32_t sum_ma = 0;
    for (size_t i = 0; i < LAMPS; i++) {
        int64_t end_ms = c->before[i].end_ms + wide_ms;
        sum_ma += end_ms > MONDAY + FALL ? c->before[i].limit_ma : 0;
        last_ms = end_ms > last_ms ? end_ms : last_ms;
    }
    return c->now_ms < last_ms ? sum_ma : 0;
}

static struct sched *balancer(const struct story *y, int64_t now_ms)
{
    int32_t least_ma = y->least_ma;
    struct sched_window window = { .days = 127,
                                   .from = { SCHED_AT_CLOCK, FALL / MINUTE },
                                   .to = { SCHED_AT_CLOCK, END / MINUTE },
                                   .limit_ma = { least_ma, least_ma, least_ma } };
    struct sched_node_conf node = { .parent = -1,
                                    .limit_ma = { LIMIT, LIMIT, LIMIT },
                                    .window = &window,
                                    .n_windows = y->fall >= BY_WINDOW };
    if (y->fall == BY_METERED_WINDOW) {
        node.meter = (struct sched_meter_conf){ .present = true, .silent_after_ms = 5 * MINUTE };
        for (int p = 0; p < 3; p++) {
            window.limit_ma[p] = -1;
            window.reserve_ma[p] = LIMIT - least_ma;
        }
    }
    /* What the second gets changes nothing for the first. */
    static const int32_t rating_ma[] = { 6000, 16000 };
    struct sched_point_conf point[LAMPS];
    for (size_t i = 0; i < LAMPS; i++)
        point[i] = (struct sched_point_conf){ .n_phases = 3,
                                              .wiring = { 0, 1, 2 },
                                              .rating_ma = rating_ma[i],
                                              .min_ma = 6000,
                                              .weight = 1,
                                              .commissioned = true,
                                              .safe_confirmed = true };
    struct sched_conf conf = { .node = &node,
                               .n_nodes = 1,
                               .point = point,
                               .n_points = LAMPS,
                               .tuning = sched_default_tuning() };
    struct sched *s = sched_new(&conf, now_ms);
    if (s == NULL)
        abort();
    return s;
}

static void happen(struct scene *c, int64_t at_ms)
{
    const struct story *y = c->story;
    static const int32_t nothing_ma[3];
    int64_t told_ms = y->fall == BY_CAP ? 0 : FALL - LATE;
    struct sched_cap cap = { .id = 1,
                             .limit_ma = { y->least_ma, y->least_ma, y->least_ma },
                             .from_ms = MONDAY + FALL,
                             .until_ms = MONDAY + END };
    if (at_ms == 0)
        sched_session_start(c->s, 0, 1, c->now_ms);
    if (at_ms == y->second_ms)
        sched_session_start(c->s, 1, 2, c->now_ms);
    if (y->fall <= BY_LATE_CAP && at_ms == told_ms)
        sched_cap_set(c->s, 0, &cap, c->now_ms);
    if (at_ms == told_ms)
        memcpy(c->before, c->lease, sizeof(c->before));
    if (y->fall == BY_METERED_WINDOW && at_ms % (2 * MINUTE) == 0 && at_ms < FALL)
        sched_meter(c->s, 0, nothing_ma, c->now_ms, c->now_ms);
}

static bool is_silent(const struct story *y, size_t lamp, int64_t at_ms)
{
    return (at_ms >= y->silent_ms && (y->silent >> lamp & 1)) ||
           (at_ms >= FALL - LATE + 10 * SECOND && y->all_later);
}

static void decide(struct scene *c, int64_t at_ms)
{
    struct sched_command cmd[COMMANDS];
    size_t n = sched_next_ms(c->s) <= c->now_ms ? sched_round(c->s, c->now_ms, cmd, COMMANDS) : 0;
    for (size_t k = 0; k < n; k++) {
        if (is_silent(c->story, cmd[k].point, at_ms))
            continue;
        c->lease[cmd[k].point] = (struct lease){ cmd[k].limit_ma, cmd[k].end_ms };
        sched_answer(c->s, cmd[k].point, cmd[k].seq, SCHED_ACCEPTED, c->now_ms);
    }
}

static bool holds(const struct scene *c, int64_t at_ms)
{
    const struct story *y = c->story;
    int32_t sum_ma = 0, capacity_ma = at_ms < FALL ? LIMIT : y->least_ma;
    for (size_t i = 0; i < LAMPS; i++)
        sum_ma += in_force(c, &c->lease[i]);
    if (y->fall == BY_LATE_CAP && excused_ma(c) > capacity_ma)
        capacity_ma = excused_ma(c);
    if (sum_ma <= capacity_ma)
        return true;
    printf("%s, lamps %d silent from %" PRId64 " s, second car at %" PRId64 " s, clocks %" PRId64
           " s: at %" PRId64 " s %d of %d mA\n",
           fall_name[y->fall], y->silent, y->silent_ms / SECOND, y->second_ms / SECOND,
           y->skew_ms / SECOND, at_ms / SECOND, sum_ma, capacity_ma);
    return false;
}

static bool tell(const struct story *y)
{
    struct scene c = { .story = y, .now_ms = MONDAY };
    bool held = true;
    c.s = balancer(y, c.now_ms);
    for (size_t i = 0; i < LAMPS; i++) {
        sched_skew(c.s, i, y->skew_ms);
        sched_link(c.s, i, true, c.now_ms);
    }
    for (int64_t at_ms = 0; at_ms < END && held; at_ms += STEP) {
        c.now_ms = MONDAY + at_ms;
        happen(&c, at_ms);
        decide(&c, at_ms);
        held = holds(&c, at_ms);
    }
    sched_free(c.s);
    return held;
}

int main(int argc, char **argv)
{
    static const int64_t skew_ms[] = { 0, -50 * SECOND };
    static const int64_t after_ms[] = { 20 * SECOND, 2 * MINUTE, 8 * MINUTE, 14 * MINUTE };
    bool expect_failure = argc > 1 && strcmp(argv[1], "--expect-failure") == 0;
    struct story y = { .least_ma = 12000 };
    int run = 0, failed = 0;
    for (y.fall = 0; y.fall < FALLS; y.fall++)
        for (y.silent = 1; y.silent <= BOTH; y.silent++)
            for (y.second_ms = FALL - 25 * MINUTE; y.second_ms < FALL; y.second_ms += 20 * SECOND)
                for (size_t k = 0; k < 16 && !(failed > 0 && expect_failure); k++) {
                    y.skew_ms = skew_ms[k % 2];
                    y.silent_ms = y.second_ms + after_ms[k / 2 % 4];
                    y.all_later = k >= 8;
                    run++;
                    failed += !tell(&y);
                }
    printf("%d of %d stories failed\n", failed, run);
    return (failed > 0) != expect_failure;
}
