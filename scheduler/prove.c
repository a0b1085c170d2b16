/* Do the safe currents fit, whatever happens?  Asked before a configuration is taken. */
#include <stdlib.h>

#include "scheduler/ledger.h"
#include "scheduler/units.h"

static bool holds(const struct ledger *l, size_t *ret_node, int *ret_phase, int64_t *ret_sum_ma)
{
    for (size_t v = 0; v < l->grid->n; v++)
        for (int p = 0; p < GRID_PHASES; p++) {
            int64_t sum_ma = l->sum_ma[v * GRID_RESOURCES + (size_t)p];
            if (sum_ma > l->grid->node[v].ever_ma[p]) {
                *ret_node = v;
                *ret_phase = p;
                *ret_sum_ma = sum_ma;
                return false;
            }
        }
    return true;
}

/* A ledger without any lease says it. */
bool sched_prove(const struct sched_conf *conf, size_t *ret_node, int *ret_phase,
                 int64_t *ret_sum_ma)
{
    struct grid grid;
    struct ledger ledger = { .n_points = 0 };
    size_t node = 0;
    int phase = 0;
    int64_t sum_ma = 0;
    bool good = grid_init(&grid, conf, 0) && ledger_init(&ledger, &grid, conf, 0) &&
                holds(&ledger, &node, &phase, &sum_ma);
    if (!good && ret_node != NULL)
        *ret_node = node;
    if (!good && ret_phase != NULL)
        *ret_phase = phase;
    if (!good && ret_sum_ma != NULL)
        *ret_sum_ma = sum_ma;
    ledger_done(&ledger);
    grid_done(&grid);
    return good;
}

/* --- at all times of a year --- */

static const int64_t YEAR_MS = (int64_t)366 * 24 * 3600 * 1000;

struct proof {
    const struct grid *grid;
    const struct ledger *ledger;
    int64_t *rating_ma; /* part of the sums, GRID_PHASES for each node */
    int64_t from_ms;
    struct sched_culprit *ret;
    size_t n, max;
};

static void find_ratings(const struct ledger *l, int64_t *rating_ma)
{
    for (size_t i = 0; i < l->n_points; i++) {
        const struct ledger_point *p = &l->point[i];
        bool managed = p->class == SCHED_LEASING || p->class == SCHED_STICKY;
        if (!p->commissioned || (managed && p->safe_confirmed))
            continue;
        for (int32_t v = p->node; v >= 0; v = l->grid->node[v].parent)
            for (int phase = 0; phase < GRID_PHASES; phase++)
                if (p->wired >> phase & 1)
                    rating_ma[v * GRID_PHASES + phase] += p->rating_ma;
    }
}

static void look_at(const struct proof *proof, size_t v, int phase, int64_t at_ms,
                    const struct sched_capacity *c, struct sched_culprit *ret)
{
    int64_t sum_ma = proof->ledger->sum_ma[v * GRID_RESOURCES + (size_t)phase];
    int64_t rating_ma = proof->rating_ma[v * GRID_PHASES + (size_t)phase];
    int64_t capacity_ma = (int64_t)c->limit_ma[phase] - c->foreign_ma[phase];
    bool first = ret->limit_why == NULL;
    if (sum_ma <= capacity_ma || (!first && capacity_ma >= ret->capacity_ma))
        return;
    *ret = (struct sched_culprit){ .node = v,
                                   .phase = phase,
                                   .at_ms = at_ms,
                                   .until_ms = c->until_ms,
                                   .first_ms = first ? at_ms : ret->first_ms,
                                   .sum_ma = sum_ma,
                                   .safe_ma = sum_ma - rating_ma,
                                   .rating_ma = rating_ma,
                                   .capacity_ma = capacity_ma,
                                   .limit_ma = c->limit_ma[phase],
                                   .foreign_ma = c->foreign_ma[phase],
                                   .limit_why = c->limit_why,
                                   .foreign_why = c->foreign_why };
}

/* The least of all times is known: most nodes need no closer look. */
static bool is_suspect(const struct proof *proof, size_t v)
{
    int64_t least_ma[GRID_PHASES];
    capacity_least(&proof->grid->capacity[v], proof->from_ms, least_ma);
    for (int p = 0; p < GRID_PHASES; p++)
        if (proof->ledger->sum_ma[v * GRID_RESOURCES + (size_t)p] > least_ma[p])
            return true;
    return false;
}

static void prove_node(struct proof *proof, size_t v)
{
    const struct capacity *c = &proof->grid->capacity[v];
    struct sched_culprit found[GRID_PHASES] = { { .limit_why = NULL } };
    struct sched_capacity now;
    int64_t end_ms = ms_after(proof->from_ms, YEAR_MS);
    for (int64_t at_ms = proof->from_ms; at_ms < end_ms; at_ms = now.until_ms) {
        capacity_at(c, at_ms, at_ms, CAPACITY_WORST, &now);
        for (int phase = 0; phase < GRID_PHASES; phase++)
            look_at(proof, v, phase, at_ms, &now, &found[phase]);
    }
    for (size_t k = 0; k < c->n_caps; k++) { /* of later years */
        int64_t at_ms = ms_max(c->cap[k].from_ms, end_ms);
        capacity_at(c, at_ms, at_ms, CAPACITY_WORST, &now);
        for (int phase = 0; phase < GRID_PHASES; phase++)
            look_at(proof, v, phase, at_ms, &now, &found[phase]);
    }
    for (int phase = 0; phase < GRID_PHASES; phase++)
        if (found[phase].limit_why != NULL && proof->n++ < proof->max)
            proof->ret[proof->n - 1] = found[phase];
}

size_t sched_prove_all(const struct sched_conf *conf, int64_t from_ms, struct sched_culprit *ret,
                       size_t max)
{
    struct grid grid;
    struct ledger ledger = { .n_points = 0 };
    struct proof proof = { .grid = &grid,
                           .ledger = &ledger,
                           .rating_ma = calloc(conf->n_nodes * GRID_PHASES + 1, sizeof(int64_t)),
                           .from_ms = from_ms,
                           .ret = ret,
                           .max = max };
    bool good = grid_init(&grid, conf, from_ms) && ledger_init(&ledger, &grid, conf, from_ms) &&
                proof.rating_ma != NULL;
    if (good)
        find_ratings(&ledger, proof.rating_ma);
    for (size_t v = 0; good && v < grid.n; v++)
        if (is_suspect(&proof, v))
            prove_node(&proof, v);
    free(proof.rating_ma);
    ledger_done(&ledger);
    grid_done(&grid);
    return good ? proof.n : SIZE_MAX;
}
