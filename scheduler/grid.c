#include "scheduler/grid.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    MOST_NODE_MA = 100 * 1000 * 1000, /* 100 kA: beyond every low-voltage transformer */
    MOST_POINT_MA = 1000 * 1000,
    MOST_WEIGHT = 10000,
    MOST_TIME_MS = 7 * 24 * 3600 * 1000,
};

static const int64_t MOST_CREDIT_MAS = (int64_t)1000 * 1000 * 3600;

uint8_t grid_wired(const struct sched_point_conf *point)
{
    uint8_t phases = 0;
    for (int32_t i = 0; i < point->n_phases; i++)
        phases = (uint8_t)(phases | 1u << point->wiring[i]);
    return phases;
}

uint8_t grid_uses(uint8_t phases)
{
    bool single = phases == 1 || phases == 2 || phases == 4;
    return (uint8_t)(phases | (single ? phases << GRID_PHASES : 0));
}

int64_t grid_capacity_ma(const struct grid_node *node, int resource)
{
    if (resource < GRID_PHASES)
        return (int64_t)node->limit_ma[resource] - node->foreign_ma[resource];
    return node->single_max_ma > 0 ? node->single_max_ma : INT64_MAX / 4;
}

static bool all_ratings_fit(const struct grid_node *node)
{
    for (int p = 0; p < GRID_PHASES; p++)
        if (node->rating_ma[p] > grid_capacity_ma(node, p) ||
            node->rating_ma[p] > grid_capacity_ma(node, p + GRID_PHASES))
            return false;
    return true;
}

void grid_find_roomy(struct grid *g)
{
    for (size_t i = 0; i < g->n; i++) {
        struct grid_node *node = &g->node[i];
        node->roomy = all_ratings_fit(node) && (node->parent < 0 || g->node[node->parent].roomy);
    }
}

static void add_rating(struct grid *g, const struct sched_point_conf *point)
{
    uint8_t phases = grid_wired(point);
    for (int32_t v = point->node; v >= 0; v = g->node[v].parent)
        for (int p = 0; p < GRID_PHASES; p++)
            if (phases >> p & 1)
                g->node[v].rating_ma[p] += point->rating_ma;
}

bool grid_init(struct grid *g, const struct sched_conf *conf)
{
    *g = (struct grid){ .node = calloc(conf->n_nodes + 1, sizeof(struct grid_node)),
                        .n = conf->n_nodes };
    if (g->node == NULL)
        return false;
    for (size_t i = 0; i < g->n; i++) {
        const struct sched_node_conf *in = &conf->node[i];
        struct grid_node *node = &g->node[i];
        node->parent = in->parent;
        node->single_max_ma = in->single_max_ma;
        memcpy(node->limit_ma, in->limit_ma, sizeof(node->limit_ma));
        memcpy(node->foreign_ma, in->foreign_ma, sizeof(node->foreign_ma));
    }
    for (size_t i = 0; i < conf->n_points; i++)
        add_rating(g, &conf->point[i]);
    grid_find_roomy(g);
    return true;
}

void grid_done(struct grid *g)
{
    free(g->node);
    *g = (struct grid){ .node = NULL };
}

/* --- sched_check() --- */

struct complaint {
    char *text;
    size_t size;
};

static bool complain(struct complaint *c, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static bool complain(struct complaint *c, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    if (c->text != NULL && c->size > 0)
        vsnprintf(c->text, c->size, format, args);
    va_end(args);
    return false;
}

static bool check_node(const struct sched_node_conf *node, size_t i, struct complaint *c)
{
    if (node->parent < -1 || node->parent >= (int64_t)i)
        return complain(c, "grid node %zu: its parent must stand before it in the list", i);
    for (int p = 0; p < GRID_PHASES; p++) {
        if (node->limit_ma[p] < 0 || node->limit_ma[p] > MOST_NODE_MA)
            return complain(c, "grid node %zu, L%d: the limit must be 0 to %d A", i, p + 1,
                            MOST_NODE_MA / 1000);
        if (node->foreign_ma[p] < 0 || node->foreign_ma[p] > MOST_NODE_MA)
            return complain(c, "grid node %zu, L%d: the foreign load must be 0 to %d A", i, p + 1,
                            MOST_NODE_MA / 1000);
    }
    if (node->single_max_ma < 0 || node->single_max_ma > MOST_NODE_MA)
        return complain(c, "grid node %zu: the single-phase limit must be 0 (no rule) to %d A", i,
                        MOST_NODE_MA / 1000);
    return true;
}

static bool check_wiring(const struct sched_point_conf *point, size_t i, struct complaint *c)
{
    uint8_t seen = 0;
    if (point->n_phases < 1 || point->n_phases > GRID_PHASES)
        return complain(c, "point %zu: it must have 1, 2 or 3 phases", i);
    for (int32_t t = 0; t < point->n_phases; t++) {
        int8_t phase = point->wiring[t];
        if (phase < 0 || phase >= GRID_PHASES || (seen >> phase & 1))
            return complain(c, "point %zu: wire each terminal to a grid phase of its own", i);
        seen = (uint8_t)(seen | 1u << phase);
    }
    return true;
}

static bool check_currents(const struct sched_point_conf *point, size_t i, struct complaint *c)
{
    if (point->min_ma <= 0 || point->rating_ma < point->min_ma || point->rating_ma > MOST_POINT_MA)
        return complain(c, "point %zu: the rating must be from its least current to %d A", i,
                        MOST_POINT_MA / 1000);
    if (point->safe_ma != 0 &&
        (point->safe_ma < point->min_ma || point->safe_ma > point->rating_ma))
        return complain(c,
                        "point %zu: the safe current must be 0 or from its least current "
                        "to its rating",
                        i);
    return true;
}

static bool check_point(const struct sched_conf *conf, size_t i, struct complaint *c)
{
    const struct sched_point_conf *point = &conf->point[i];
    if (point->node < 0 || (size_t)point->node >= conf->n_nodes)
        return complain(c, "point %zu: it must hang on a grid node of the list", i);
    if (point->weight < 1 || point->weight > MOST_WEIGHT)
        return complain(c, "point %zu: the weight must be 1 to %d", i, MOST_WEIGHT);
    if (point->priority < 0 || point->priority > SCHED_PRIORITY_MAX)
        return complain(c, "point %zu: the priority must be 0 to %d", i, SCHED_PRIORITY_MAX);
    if ((unsigned)point->class > SCHED_UNMANAGED)
        return complain(c, "point %zu: unknown class", i);
    return check_wiring(point, i, c) && check_currents(point, i, c);
}

static bool is_time(int64_t ms, int64_t least_ms)
{
    return ms >= least_ms && ms <= MOST_TIME_MS;
}

static bool check_tuning(const struct sched_tuning *t, struct complaint *c)
{
    if (t->step_ma < 100 || t->step_ma > 10000)
        return complain(c, "tuning: the step must be 0.1 to 10 A");
    if (!is_time(t->lease_ms, 1000) || t->renew_after_ms <= 0 || t->renew_after_ms >= t->lease_ms)
        return complain(c, "tuning: a lease must last a second or more and be renewed before its "
                           "end");
    if (!is_time(t->clock_slack_ms, 0) || !is_time(t->react_ms, 0) || !is_time(t->debounce_ms, 0) ||
        !is_time(t->tick_ms, 1) || !is_time(t->min_raise_gap_ms, 0) || !is_time(t->hold_ms, 0) ||
        !is_time(t->retry_ms, 1))
        return complain(c, "tuning: times must be 0 (tick and retry 1 ms) to a week");
    if (t->credit_mas < 0 || t->credit_mas > MOST_CREDIT_MAS)
        return complain(c, "tuning: the credit must be 0 to 1000 Ah");
    return true;
}

bool sched_check(const struct sched_conf *conf, char *ret_text, size_t size)
{
    struct complaint c = { ret_text, size };
    if ((conf->n_nodes > 0 && conf->node == NULL) || (conf->n_points > 0 && conf->point == NULL))
        return complain(&c, "the list of grid nodes or points is missing");
    if (conf->n_nodes > INT32_MAX || conf->n_points > INT32_MAX)
        return complain(&c, "too many grid nodes or points");
    for (size_t i = 0; i < conf->n_nodes; i++)
        if (!check_node(&conf->node[i], i, &c))
            return false;
    for (size_t i = 0; i < conf->n_points; i++)
        if (!check_point(conf, i, &c))
            return false;
    return check_tuning(&conf->tuning, &c);
}
