/*
 * What the sharing costs: 320, 10,000 and 100,000 points, all with cars, on trees of depth 4.
 *
 * Goals (release build): a full re-solve within 0.2, 5 and 80 ms.  Beside it the whole round, which
 * also looks after ledger and leases; sessions with deadlines; and qsort() of as many keys, since
 * machines differ.  A round allocates nothing: fails when one does, or when a solve costs more than
 * MOST_SORTS such sorts.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "scheduler/share.h"
#include "tests/scheduler/street.h"

enum { START_MS = 1000000, MOST_SORTS = 60, MOST_TIMES = 200 };

/* --- allocations are counted (--wrap) --- */

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *old, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *old, size_t size);
static size_t n_allocations;

void *__wrap_malloc(size_t size)
{
    n_allocations++;
    return __real_malloc(size);
}

void *__wrap_calloc(size_t n, size_t size)
{
    n_allocations++;
    return __real_calloc(n, size);
}

void *__wrap_realloc(void *old, size_t size)
{
    n_allocations++;
    return __real_realloc(old, size);
}

/* --- time --- */

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

static double median_ms(int64_t *us, size_t n)
{
    qsort(us, n, sizeof(us[0]), compare);
    return (double)us[n / 2] / 1000;
}

/* --- the site --- */

static void *must(void *memory)
{
    if (memory == NULL)
        abort();
    return memory;
}

/* Connections of 320 points: 4 feeders of 8 circuits of 10 lamps; not all fit at their least. */
enum { PER_TREE = 1 + 4 + 32, TREE_POINTS = 320 };

static size_t count_nodes(size_t n_points)
{
    return (n_points + TREE_POINTS - 1) / TREE_POINTS * PER_TREE;
}

static void fill_nodes(struct sched_node_conf *node, size_t n_nodes)
{
    for (size_t v = 0; v < n_nodes; v++) {
        size_t base = v / PER_TREE * PER_TREE, at = v % PER_TREE;
        int32_t limit_ma = at == 0 ? 630000 : at <= 4 ? 200000 : 63000;
        node[v].parent = at == 0   ? -1
                         : at <= 4 ? (int32_t)base
                                   : (int32_t)(base + 1 + (at - 5) / 8);
        for (int p = 0; p < 3; p++)
            node[v].limit_ma[p] = limit_ma;
    }
}

static void fill_points(struct sched_point_conf *point, size_t n_points, uint64_t *random)
{
    for (size_t i = 0; i < n_points; i++) {
        bool single = street_random(random) % 10 < 3;
        point[i] =
            (struct sched_point_conf){ .node = (int32_t)(i / TREE_POINTS * PER_TREE + 5 + i % 32),
                                       .n_phases = single ? 1 : 3,
                                       .wiring = { (int8_t)(i % 3), (int8_t)((i + 1) % 3),
                                                   (int8_t)((i + 2) % 3) },
                                       .rating_ma = 16000,
                                       .min_ma = 6000,
                                       .weight = 1 + (int32_t)(street_random(random) % 3),
                                       .commissioned = true,
                                       .safe_confirmed = true,
                                       .priority = street_random(random) % 20 == 0 };
    }
}

static struct sched_conf make_conf(size_t n_points)
{
    uint64_t random = 1;
    size_t n_nodes = count_nodes(n_points);
    struct sched_node_conf *node = must(calloc(n_nodes, sizeof(*node)));
    struct sched_point_conf *point = must(calloc(n_points, sizeof(*point)));
    fill_nodes(node, n_nodes);
    fill_points(point, n_points, &random);
    return (struct sched_conf){ .node = node,
                                .n_nodes = n_nodes,
                                .point = point,
                                .n_points = n_points,
                                .tuning = sched_default_tuning() };
}

static void free_conf(struct sched_conf *conf)
{
    free((void *)conf->node);
    free((void *)conf->point);
}

/* --- the solver alone --- */

struct cost {
    double solve_ms, told_ms, round_ms, worst_ms, sort_ms;
    size_t n_allocations, n_commands;
};

static void fill_demands(struct share_demand *demand, const struct sched_conf *conf, bool told)
{
    uint64_t random = 2;
    for (size_t i = 0; i < conf->n_points; i++) {
        const struct sched_point_conf *p = &conf->point[i];
        demand[i] = (struct share_demand){ .node = p->node,
                                           .uses = grid_uses(grid_wired(p)),
                                           .min_ma = p->min_ma,
                                           .max_ma = p->rating_ma,
                                           .first_ma = p->rating_ma,
                                           .weight = p->weight,
                                           .class = p->priority,
                                           .key = (int64_t)(street_random(&random) % 100000000),
                                           .due_ms = (int64_t)(street_random(&random) % 40000000),
                                           .has_deadline = told,
                                           .pressed = street_random(&random) % 4 == 0,
                                           .id = (uint32_t)i };
    }
}

static double time_solve(const struct sched_conf *conf, bool told, size_t times, struct cost *cost)
{
    static int64_t us[MOST_TIMES];
    struct grid grid;
    struct share_scratch scratch;
    size_t n = conf->n_points, n_room = conf->n_nodes * GRID_RESOURCES;
    struct share_demand *demand = must(calloc(n, sizeof(*demand)));
    int32_t *grant_ma = must(calloc(n, sizeof(*grant_ma)));
    int64_t *room_ma = must(calloc(n_room, sizeof(*room_ma)));
    if (!grid_init(&grid, conf, START_MS) || !share_scratch_init(&scratch, n))
        abort();
    fill_demands(demand, conf, told);
    for (size_t k = 0; k < times; k++) {
        for (size_t v = 0; v < n_room; v++)
            room_ma[v] = v % GRID_RESOURCES < GRID_PHASES
                             ? conf->node[v / GRID_RESOURCES].limit_ma[v % GRID_RESOURCES]
                             : INT64_MAX / 4;
        size_t before = n_allocations;
        int64_t begin_us = now_us();
        share_split(&grid, room_ma, demand, n, 1000, &scratch, grant_ma);
        us[k] = now_us() - begin_us;
        cost->n_allocations += n_allocations - before;
    }
    share_scratch_done(&scratch);
    grid_done(&grid);
    free(demand);
    free(grant_ma);
    free(room_ma);
    return median_ms(us, times);
}

static double time_sort(size_t n, size_t times)
{
    static int64_t us[MOST_TIMES];
    uint64_t random = 3;
    int64_t *key = must(calloc(n, sizeof(*key)));
    for (size_t k = 0; k < times; k++) {
        for (size_t i = 0; i < n; i++)
            key[i] = (int64_t)(street_random(&random) >> 1);
        int64_t begin_us = now_us();
        qsort(key, n, sizeof(key[0]), compare);
        us[k] = now_us() - begin_us;
    }
    free(key);
    return median_ms(us, times);
}

/* --- whole rounds --- */

/* Everything is answered. */
static int64_t round_us(struct sched *s, int64_t now_ms, struct sched_command *cmd, size_t max,
                        struct cost *cost)
{
    size_t before = n_allocations;
    int64_t begin_us = now_us();
    size_t n = sched_round(s, now_ms, cmd, max);
    int64_t us = now_us() - begin_us;
    cost->n_allocations += n_allocations - before;
    for (size_t k = 0; k < n; k++)
        sched_answer(s, cmd[k].point, cmd[k].seq, SCHED_ACCEPTED, now_ms);
    cost->n_commands += n;
    return us;
}

/* Something happens before each round. */
static void time_rounds(const struct sched_conf *conf, size_t times, struct cost *cost)
{
    static int64_t us[MOST_TIMES];
    uint64_t random = 1;
    size_t n = conf->n_points;
    struct sched *s = must(sched_new(conf, START_MS));
    struct sched_command *cmd = must(calloc(2 * n, sizeof(*cmd)));
    for (size_t i = 0; i < n; i++) {
        sched_link(s, i, true, START_MS);
        sched_session_start(s, i, (int64_t)i + 1, START_MS);
    }
    int64_t now_ms = START_MS;
    for (size_t k = 0; k < times; k++) {
        now_ms += 20000;
        sched_session_wants(s, (size_t)(street_random(&random) % n), k % 2 == 0, now_ms);
        now_ms = sched_next_ms(s) > now_ms ? sched_next_ms(s) : now_ms;
        us[k] = round_us(s, now_ms, cmd, 2 * n, cost);
    }
    cost->round_ms = median_ms(us, times);
    cost->worst_ms = (double)us[times - 1] / 1000;
    free(cmd);
    sched_free(s);
}

static struct cost bench(size_t n_points, size_t times)
{
    struct cost cost = { .n_commands = 0 };
    struct sched_conf conf = make_conf(n_points);
    cost.solve_ms = time_solve(&conf, false, times, &cost);
    cost.told_ms = time_solve(&conf, true, times, &cost);
    cost.sort_ms = time_sort(n_points, times);
    time_rounds(&conf, times, &cost);
    free_conf(&conf);
    printf("%6zu | %8.3f %7.0f %6.1f | %8.3f | %8.3f %8.3f | %8.3f | %zu\n", n_points,
           cost.solve_ms, cost.solve_ms * 1e6 / (double)n_points, cost.solve_ms / cost.sort_ms,
           cost.told_ms, cost.round_ms, cost.worst_ms, cost.sort_ms, cost.n_allocations);
    return cost;
}

/* @return e of growth = times^e */
static double exponent(double times, double growth)
{
    return log(growth) / log(times);
}

int main(void)
{
    static const struct {
        size_t n_points, times;
    } size[] = { { 320, 200 }, { 10000, 50 }, { 100000, 9 } };
    struct cost cost[3];
    bool fails = false;
    printf("points | solve ms  ns each  sorts | told, ms | round ms    worst | qsort ms | "
           "allocations\n");
    for (size_t k = 0; k < 3; k++) {
        cost[k] = bench(size[k].n_points, size[k].times);
        fails =
            fails || cost[k].n_allocations > 0 || cost[k].solve_ms > MOST_SORTS * cost[k].sort_ms;
    }
    printf("growth of a solve from 320 to 10,000 points: n^%.2f, from there to 100,000: n^%.2f\n",
           exponent(10000.0 / 320, cost[1].solve_ms / cost[0].solve_ms),
           exponent(10, cost[2].solve_ms / cost[1].solve_ms));
    return fails;
}
