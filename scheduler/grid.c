#include "scheduler/grid.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scheduler/units.h"

enum {
    MOST_NODE_MA = 100 * 1000 * 1000, /* 100 kA: beyond every low-voltage transformer */
    MOST_POINT_MA = 1000 * 1000,
    MOST_WEIGHT = 10000,
    MOST_TIME_MS = 7 * 24 * 3600 * 1000,
    DAY_MIN = 1440,
    MOST_OFFSET_MIN = 720,
    ALL_DAYS = 0x7f,
    MOST_LIKE = 16, /* nodes before it that a node is compared with */
};

static const int64_t MOST_CREDIT_MAS = (int64_t)1000 * 1000 * 3600;
static const int32_t MOST_CREDIT_PERCENT = 90;

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

int64_t grid_later_ma(const struct grid_node *node, enum grid_part part, int resource)
{
    if (resource >= GRID_PHASES)
        return grid_capacity_ma(node, resource);
    return part == GRID_SOON ? node->soon_ma[resource] : node->ever_ma[resource];
}

static bool all_ratings_fit(const struct grid_node *node)
{
    for (int p = 0; p < GRID_PHASES; p++)
        if (node->rating_ma[p] > grid_capacity_ma(node, p) ||
            node->rating_ma[p] > grid_capacity_ma(node, p + GRID_PHASES) ||
            node->rating_ma[p] > node->soon_ma[p] || node->rating_ma[p] > node->ever_ma[p])
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

/* --- capacity over time --- */

static int64_t capacity_ma(const struct sched_capacity *c, int phase)
{
    return (int64_t)c->limit_ma[phase] - c->foreign_ma[phase];
}

static bool has_less(const struct sched_capacity *a, const struct sched_capacity *b)
{
    for (int p = 0; p < GRID_PHASES; p++)
        if (capacity_ma(a, p) < capacity_ma(b, p))
            return true;
    return false;
}

static void take_least(int64_t ma[GRID_PHASES], const struct sched_capacity *c)
{
    for (int p = 0; p < GRID_PHASES; p++)
        ma[p] = ms_min(ma[p], capacity_ma(c, p));
}

/* What counts now, and how long the same is found. */
static void find_now(struct grid *g, size_t v, int64_t now_ms)
{
    struct grid_node *node = &g->node[v];
    const struct capacity *c = &g->capacity[v];
    struct sched_capacity now, later;
    int64_t horizon_ms = ms_after(now_ms, g->horizon_ms);
    capacity_at(c, now_ms, now_ms, CAPACITY_HELD, &now);
    memcpy(node->limit_ma, now.limit_ma, sizeof(node->limit_ma));
    memcpy(node->foreign_ma, now.foreign_ma, sizeof(node->foreign_ma));
    node->fall_ms = INT64_MAX;
    later = now;
    while (later.until_ms <= horizon_ms) {
        int64_t at_ms = later.until_ms;
        capacity_at(c, at_ms, now_ms, CAPACITY_HELD, &later);
        if (node->fall_ms == INT64_MAX && has_less(&later, &now))
            node->fall_ms = at_ms;
    }
    node->since_ms = now_ms;
    node->until_ms = now.until_ms;
    if (later.until_ms != INT64_MAX) /* the next change comes within the horizon */
        node->until_ms = ms_min(node->until_ms, later.until_ms - g->horizon_ms);
    if (capacity_is_fresh(c, now_ms))
        node->until_ms =
            ms_min(node->until_ms, ms_after(c->reading.at_ms, c->meter.silent_after_ms));
    node->stale = false;
}

static void find_later(struct grid *g, size_t v, int64_t now_ms)
{
    struct grid_node *node = &g->node[v];
    const struct capacity *c = &g->capacity[v];
    int64_t horizon_ms = ms_after(now_ms, g->horizon_ms);
    capacity_least(c, horizon_ms, node->ever_ma);
    for (int p = 0; p < GRID_PHASES; p++)
        node->soon_ma[p] = INT64_MAX;
    for (int64_t at_ms = ms_min(g->soon_ms, horizon_ms); at_ms <= horizon_ms;) {
        struct sched_capacity soon;
        capacity_at(c, at_ms, now_ms, CAPACITY_HELD, &soon);
        take_least(node->soon_ma, &soon);
        if (soon.until_ms == INT64_MAX)
            break;
        at_ms = soon.until_ms;
    }
}

/* A meter tells of a change by itself: only calendars and caps make a node look at its capacity. */
void grid_refresh(struct grid *g, int64_t now_ms)
{
    int64_t soon_ms = INT64_MAX, until_ms = INT64_MAX;
    bool changed = false;
    if (!g->varies)
        return;
    for (size_t v = 0; v < g->n; v++) {
        struct grid_node *node = &g->node[v];
        if (node->stale || now_ms < node->since_ms || now_ms >= node->until_ms) {
            find_now(g, v, now_ms);
            changed = true;
            node->stale = true; /* until find_later() */
        }
        soon_ms = ms_min(soon_ms, node->fall_ms);
        until_ms = ms_min(until_ms, node->until_ms);
    }
    bool all = soon_ms != g->soon_ms;
    g->soon_ms = soon_ms;
    g->until_ms = until_ms;
    for (size_t v = 0; v < g->n && (all || changed); v++)
        if (all || g->node[v].stale) {
            find_later(g, v, now_ms);
            g->node[v].stale = false;
        }
    if (all || changed)
        grid_find_roomy(g);
}

void grid_touch(struct grid *g, size_t node, int64_t now_ms)
{
    g->varies = g->varies || capacity_varies(&g->capacity[node]);
    g->node[node].stale = true;
    if (g->varies) {
        grid_refresh(g, now_ms);
        return;
    }
    const struct capacity *c = &g->capacity[node];
    memcpy(g->node[node].limit_ma, c->limit_ma, sizeof(c->limit_ma));
    memcpy(g->node[node].foreign_ma, c->foreign_ma, sizeof(c->foreign_ma));
    memcpy(g->node[node].soon_ma, c->least_ma, sizeof(c->least_ma));
    memcpy(g->node[node].ever_ma, c->least_ma, sizeof(c->least_ma));
    grid_find_roomy(g);
}

static int64_t longest_life_ms(const struct sched_tuning *t)
{
    return t->lease_ms + t->clock_slack_ms + GRID_SKEW_TO_LEASE_MS + t->react_ms;
}

static bool init_nodes(struct grid *g, const struct sched_conf *conf, int64_t now_ms)
{
    for (size_t i = 0; i < g->n; i++) {
        const struct sched_node_conf *in = &conf->node[i];
        struct grid_node *node = &g->node[i];
        struct capacity *c = &g->capacity[i];
        node->parent = in->parent;
        node->single_max_ma = in->single_max_ma;
        size_t n_like = i < MOST_LIKE ? i : MOST_LIKE;
        if (!capacity_init(c, in, conf->local_ms, now_ms, c - n_like, n_like))
            return false;
        memcpy(node->limit_ma, in->limit_ma, sizeof(node->limit_ma));
        memcpy(node->foreign_ma, in->foreign_ma, sizeof(node->foreign_ma));
        memcpy(node->soon_ma, c->least_ma, sizeof(node->soon_ma));
        memcpy(node->ever_ma, c->least_ma, sizeof(node->ever_ma));
        node->fall_ms = INT64_MAX;
        node->stale = true;
    }
    for (size_t i = 0; i < conf->n_caps; i++)
        if (!capacity_cap_set(&g->capacity[conf->cap[i].node], &conf->cap[i].cap, now_ms))
            return false;
    for (size_t i = 0; i < g->n; i++)
        g->varies = g->varies || capacity_varies(&g->capacity[i]);
    return true;
}

bool grid_init(struct grid *g, const struct sched_conf *conf, int64_t now_ms)
{
    *g = (struct grid){ .node = calloc(conf->n_nodes + 1, sizeof(struct grid_node)),
                        .n = conf->n_nodes,
                        .capacity = calloc(conf->n_nodes + 1, sizeof(struct capacity)),
                        .horizon_ms = longest_life_ms(&conf->tuning),
                        .soon_ms = INT64_MAX,
                        .until_ms = INT64_MAX };
    if (g->node == NULL || g->capacity == NULL || !init_nodes(g, conf, now_ms))
        return false;
    for (size_t i = 0; i < conf->n_points; i++)
        add_rating(g, &conf->point[i]);
    grid_find_roomy(g);
    grid_refresh(g, now_ms);
    return true;
}

void grid_done(struct grid *g)
{
    for (size_t i = 0; i < g->n && g->capacity != NULL; i++)
        capacity_done(&g->capacity[i]);
    free(g->node);
    free(g->capacity);
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

bool grid_is_cap(const struct sched_cap *cap)
{
    return cap->until_ms > cap->from_ms && cap->limit_ma[0] >= 0 && cap->limit_ma[1] >= 0 &&
           cap->limit_ma[2] >= 0;
}

static bool check_edge(const struct sched_node_conf *node, const struct sched_edge *edge, size_t i,
                       size_t w, struct complaint *c)
{
    if ((unsigned)edge->kind > SCHED_AT_DUSK)
        return complain(c, "grid node %zu, window %zu: unknown kind of edge", i, w);
    if (edge->kind == SCHED_AT_CLOCK && (edge->minute < 0 || edge->minute > DAY_MIN))
        return complain(c, "grid node %zu, window %zu: the time must be 0:00 to 24:00", i, w);
    if (edge->kind != SCHED_AT_CLOCK &&
        (edge->minute < -MOST_OFFSET_MIN || edge->minute > MOST_OFFSET_MIN))
        return complain(c, "grid node %zu, window %zu: at most 12 hours before or after the sun", i,
                        w);
    if (edge->kind != SCHED_AT_CLOCK && !node->has_place)
        return complain(c, "grid node %zu, window %zu: give the node's latitude and longitude", i,
                        w);
    return true;
}

static bool check_window(const struct sched_node_conf *node, size_t i, size_t w,
                         struct complaint *c)
{
    const struct sched_window *window = &node->window[w];
    if (window->days == 0 || window->days > ALL_DAYS)
        return complain(c, "grid node %zu, window %zu: name at least one day of the week", i, w);
    if (window->from.kind == SCHED_AT_CLOCK && window->from.minute == DAY_MIN)
        return complain(c, "grid node %zu, window %zu: begin at 0:00 of the next day", i, w);
    for (int p = 0; p < GRID_PHASES; p++) {
        if (window->limit_ma[p] < -1 || window->limit_ma[p] > MOST_NODE_MA)
            return complain(c, "grid node %zu, window %zu, L%d: the limit must be 0 to %d A", i, w,
                            p + 1, MOST_NODE_MA / 1000);
        if (window->limit_ma[p] > node->limit_ma[p])
            return complain(c,
                            "grid node %zu, window %zu, L%d: the limit is above the node's own; a "
                            "window can only lower it",
                            i, w, p + 1);
        if (window->reserve_ma[p] < 0 || window->reserve_ma[p] > MOST_NODE_MA)
            return complain(c, "grid node %zu, window %zu, L%d: the reserve must be 0 to %d A", i,
                            w, p + 1, MOST_NODE_MA / 1000);
    }
    return check_edge(node, &window->from, i, w, c) && check_edge(node, &window->to, i, w, c);
}

static bool check_hours(const struct sched_node_conf *node, size_t i, struct complaint *c)
{
    for (int h = 0; node->foreign_hour_ma != NULL && h < SCHED_HOURS; h++)
        for (int p = 0; p < GRID_PHASES; p++)
            if (node->foreign_hour_ma[h][p] < 0 || node->foreign_hour_ma[h][p] > MOST_NODE_MA)
                return complain(c, "grid node %zu, L%d: foreign load by hour must be 0 to %d A", i,
                                p + 1, MOST_NODE_MA / 1000);
    return true;
}

static bool check_meter(const struct sched_node_conf *node, size_t i, struct complaint *c)
{
    const struct sched_meter_conf *m = &node->meter;
    if (!m->present)
        return true;
    if (m->silent_after_ms < 1000 || m->silent_after_ms > MOST_TIME_MS)
        return complain(c, "grid node %zu: its meter must be silent after a second to a week", i);
    for (int p = 0; p < GRID_PHASES; p++) {
        if (m->guard_ma[p] < 0 || m->guard_ma[p] > MOST_NODE_MA)
            return complain(c, "grid node %zu, L%d: the meter's guard must be 0 to %d A", i, p + 1,
                            MOST_NODE_MA / 1000);
        if (m->silent_ma[p] < 0 || m->silent_ma[p] > MOST_NODE_MA)
            return complain(c,
                            "grid node %zu, L%d: the load assumed of a silent meter must be 0 "
                            "to %d A",
                            i, p + 1, MOST_NODE_MA / 1000);
    }
    return true;
}

static bool check_place(const struct sched_node_conf *node, size_t i, struct complaint *c)
{
    if (!node->has_place)
        return true;
    if (!(node->lat_deg >= -90 && node->lat_deg <= 90))
        return complain(c, "grid node %zu: the latitude must be -90 to 90 degrees", i);
    if (!(node->lon_deg >= -180 && node->lon_deg <= 180))
        return complain(c, "grid node %zu: the longitude must be -180 to 180 degrees", i);
    return true;
}

static bool check_over_time(const struct sched_node_conf *node, size_t i, struct complaint *c)
{
    if (node->n_windows > SCHED_WINDOWS || (node->n_windows > 0 && node->window == NULL))
        return complain(c, "grid node %zu: at most %d windows", i, SCHED_WINDOWS);
    for (size_t w = 0; w < node->n_windows; w++)
        if (!check_window(node, i, w, c))
            return false;
    return check_hours(node, i, c) && check_meter(node, i, c) && check_place(node, i, c);
}

static bool check_caps(const struct sched_conf *conf, struct complaint *c)
{
    for (size_t i = 0; i < conf->n_caps; i++) {
        const struct sched_node_cap *cap = &conf->cap[i];
        size_t n = 0;
        if (cap->node >= conf->n_nodes)
            return complain(c, "cap %zu: it must be of a grid node of the list", i);
        if (!grid_is_cap(&cap->cap))
            return complain(c, "cap %zu: it must end after it begins, and be 0 A or more", i);
        for (size_t k = 0; k < conf->n_caps; k++)
            n += conf->cap[k].node == cap->node;
        if (n > SCHED_NODE_CAPS)
            return complain(c, "grid node %zu: at most %d caps at a time", cap->node,
                            SCHED_NODE_CAPS);
    }
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
    if (t->credit_percent < 0 || t->credit_percent > MOST_CREDIT_PERCENT)
        return complain(c, "tuning: the credit by service must be 0 to 90 percent");
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
        if (!check_node(&conf->node[i], i, &c) || !check_over_time(&conf->node[i], i, &c))
            return false;
    for (size_t i = 0; i < conf->n_points; i++)
        if (!check_point(conf, i, &c))
            return false;
    return check_caps(conf, &c) && check_tuning(&conf->tuning, &c);
}
