/*
 * What a round costs: 320 and 10,000 points, all with cars, on a tree of depth 4.
 * Targets (release build): 0.2 ms and 10 ms (SCHEDULER section 4).
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tests/scheduler/street.h"

enum { ROUNDS = 200, START_MS = 1000000 };

/* Of this process: the machine may be busy. */
static int64_t now_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static int compare(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* Connections of 320 points: 4 feeders of 8 circuits of 10 lamps; not all fit at their least. */
static struct sched *make(size_t n_points, uint64_t *random)
{
    size_t per_tree = 1 + 4 + 32, trees = (n_points + 319) / 320, n_nodes = trees * per_tree;
    struct sched_node_conf *node = calloc(n_nodes, sizeof(*node));
    struct sched_point_conf *point = calloc(n_points, sizeof(*point));
    if (node == NULL || point == NULL)
        abort();
    for (size_t v = 0; v < n_nodes; v++) {
        size_t base = v / per_tree * per_tree, at = v % per_tree;
        int32_t limit_ma = at == 0 ? 630000 : at <= 4 ? 200000 : 63000;
        node[v].parent = at == 0   ? -1
                         : at <= 4 ? (int32_t)base
                                   : (int32_t)(base + 1 + (at - 5) / 8);
        for (int p = 0; p < 3; p++)
            node[v].limit_ma[p] = limit_ma;
    }
    for (size_t i = 0; i < n_points; i++) {
        bool single = street_random(random) % 10 < 3;
        point[i] = (struct sched_point_conf){ .node = (int32_t)(i / 320 * per_tree + 5 + i % 32),
                                              .n_phases = single ? 1 : 3,
                                              .wiring = { (int8_t)(i % 3), (int8_t)((i + 1) % 3),
                                                          (int8_t)((i + 2) % 3) },
                                              .rating_ma = 16000,
                                              .min_ma = 6000,
                                              .weight = 1 + (int32_t)(street_random(random) % 3),
                                              .commissioned = true,
                                              .safe_confirmed = true };
    }
    struct sched_conf conf = { .node = node,
                               .n_nodes = n_nodes,
                               .point = point,
                               .n_points = n_points,
                               .tuning = sched_default_tuning() };
    struct sched *s = sched_new(&conf, START_MS);
    free(node);
    free(point);
    return s;
}

/* Everything is answered, and something happens before each round. */
static int64_t round_us(struct sched *s, int64_t now_ms, size_t *n_commands)
{
    static struct sched_command cmd[40000];
    int64_t begin_us = now_us();
    size_t n = sched_round(s, now_ms, cmd, 40000);
    int64_t us = now_us() - begin_us;
    for (size_t k = 0; k < n; k++)
        sched_answer(s, cmd[k].point, cmd[k].seq, SCHED_ACCEPTED, now_ms);
    *n_commands += n;
    return us;
}

static void bench(size_t n_points)
{
    static int64_t us[ROUNDS];
    uint64_t random = 1;
    size_t n_commands = 0, rounds = 0;
    struct sched *s = make(n_points, &random);
    if (s == NULL)
        abort();
    for (size_t i = 0; i < n_points; i++) {
        sched_link(s, i, true, START_MS);
        sched_session_start(s, i, (int64_t)i + 1, START_MS);
    }
    for (int64_t now_ms = START_MS; rounds < ROUNDS; rounds++) {
        size_t i = (size_t)(street_random(&random) % n_points);
        now_ms += 20000;
        sched_session_wants(s, i, rounds % 2 == 0, now_ms);
        now_ms = sched_next_ms(s) > now_ms ? sched_next_ms(s) : now_ms;
        us[rounds] = round_us(s, now_ms, &n_commands);
    }
    qsort(us, rounds, sizeof(us[0]), compare);
    printf("%6zu points: a round takes %.3f ms (median), %.3f ms (worst of %zu); %zu commands\n",
           n_points, (double)us[rounds / 2] / 1000, (double)us[rounds - 1] / 1000, rounds,
           n_commands);
    sched_free(s);
}

int main(void)
{
    bench(320);
    bench(10000);
    return 0;
}
