/*
 * Green hours: who told departure and energy waits, if the better hours are enough.
 *
 * A plan is made at each quarter of an hour, and when something has changed that it was made for.
 * Whom it does not move charges at once: a wrong forecast costs factors, not the need.
 */
#include <stdlib.h>
#include <string.h>

#include "scheduler/state.h"
#include "scheduler/units.h"

enum {
    SLOTS = 144,           /* 36 h */
    KNOWN_MS = 60000,      /* two samples so far apart tell what a car can */
    LESS_MA = 700,         /* so much below its offer: the car takes no more */
    FREE_MS = 3600000,     /* the plan failed: not again so soon */
    DWELL_MS = 900000,     /* on at least so long between two waits */
    PLAN_MS = 60000,       /* at most so often, and for each session ... */
    PLAN_MS_PER_LOAD = 20, /* ... a bit less often */
};

/* --- factors --- */

/* The nearest node upwards that has some. */
static void find_sources(struct sched *s)
{
    struct green *g = &s->green;
    g->n_on = 0;
    for (size_t v = 0; v < s->grid.n; v++) {
        int32_t parent = s->grid.node[v].parent;
        g->n_on += g->node[v].factor != NULL;
        g->node[v].source = g->node[v].factor != NULL ? (int32_t)v
                            : parent >= 0             ? g->node[parent].source
                                                      : -1;
    }
}

static void node_clear(struct green_node *node)
{
    free(node->factor);
    free(node->cost);
    *node = (struct green_node){ .source = -1 };
}

static bool first_time(struct sched *s)
{
    struct green *g = &s->green;
    if (g->node != NULL)
        return true;
    g->node = calloc(s->grid.n + 1, sizeof(*g->node));
    if (g->node != NULL && outlook_alloc(&g->plan, s->grid.n, s->n_points, SLOTS))
        return true;
    outlook_release(&g->plan);
    free(g->node);
    g->node = NULL;
    return false;
}

static bool node_set(struct green_node *node, const struct sched_factor *factor, size_t n)
{
    struct green_node fresh = { .factor = calloc(n, sizeof(*factor)),
                                .n = n,
                                .cost = calloc(1, sizeof(*fresh.cost)) };
    if (fresh.factor == NULL || fresh.cost == NULL) {
        node_clear(&fresh);
        return false;
    }
    memcpy(fresh.factor, factor, n * sizeof(*factor));
    node_clear(node);
    *node = fresh;
    return true;
}

bool sched_factors_set(struct sched *s, size_t node, const struct sched_factor *factor, size_t n,
                       int64_t now_ms)
{
    if (node >= s->grid.n || (n == 0 && s->green.node == NULL))
        return true;
    if (!first_time(s) || (n > 0 && !node_set(&s->green.node[node], factor, n)))
        return false;
    if (n == 0)
        node_clear(&s->green.node[node]);
    find_sources(s);
    s->green.due_ms = now_ms;
    sched_due(s, ms_after(now_ms, s->tuning.debounce_ms));
    return true;
}

void green_done(struct sched *s)
{
    for (size_t v = 0; s->green.node != NULL && v < s->grid.n; v++)
        node_clear(&s->green.node[v]);
    free(s->green.node);
    outlook_release(&s->green.plan);
    s->green.node = NULL;
}

/* --- what a car can --- */

bool green_seen(struct point *p, uint8_t phases, int32_t most_ma, int64_t at_ms)
{
    struct session *c = &p->session;
    int32_t n = (phases & 1) + (phases >> 1 & 1) + (phases >> 2 & 1);
    bool was_known = c->charge_known;
    if (n == 0)
        return false;
    if (n != c->n_charged || c->charged_ms == 0) {
        c->n_charged = n;
        c->charged_ms = at_ms;
        c->charge_known = false;
    }
    c->charge_known = c->charge_known || at_ms - c->charged_ms >= KNOWN_MS;
    c->takes_ma = most_ma + LESS_MA < p->offer.granted_ma ? most_ma : 0;
    return c->charge_known && !was_known;
}

void sched_carry_green(const struct sched *from, size_t from_point, struct sched *to,
                       size_t to_point)
{
    if (from_point >= from->n_points || to_point >= to->n_points)
        return;
    const struct session *was = &from->point[from_point].session;
    struct session *is = &to->point[to_point].session;
    if (was->tx_id == 0 || was->tx_id != is->tx_id)
        return;
    is->held = was->held;
    is->wait_until_ms = was->wait_until_ms;
    is->n_waits = was->n_waits;
    is->free_until_ms = was->free_until_ms;
    is->charged_ms = was->charged_ms;
    is->n_charged = was->n_charged;
    is->takes_ma = was->takes_ma;
    is->charge_known = was->charge_known;
}

/* --- when to plan --- */

static uint64_t mix(uint64_t mark, uint64_t value)
{
    return (mark ^ value) * UINT64_C(1099511628211);
}

/* Of all that a plan is made for, but time and energy, which flow as planned. */
static uint64_t mark_of(const struct sched *s, int64_t now_ms)
{
    uint64_t mark = UINT64_C(14695981039346656037);
    for (size_t i = 0; i < s->n_points; i++) {
        const struct point *p = &s->point[i];
        const struct session *c = &p->session;
        mark = mix(mark, (uint64_t)c->tx_id);
        mark = mix(mark, session_is_told(c, now_ms) ? (uint64_t)c->need.depart_ms : 0);
        mark = mix(mark, (uint64_t)c->need.energy_wh);
        const bool flag[] = { p->up, c->charge_known, c->told_no_resume, c->wants, c->finished };
        for (size_t k = 0; k < sizeof(flag) / sizeof(flag[0]); k++)
            mark = mix(mark, flag[k]);
    }
    for (size_t v = 0; v < s->grid.n; v++)
        for (int p = 0; p < GRID_PHASES; p++)
            mark = mix(mark, (uint64_t)grid_capacity_ma(&s->grid.node[v], p));
    return mark;
}

static bool is_due(struct sched *s, int64_t now_ms)
{
    struct green *g = &s->green;
    uint64_t mark = mark_of(s, now_ms);
    bool changed = mark != g->mark, early = now_ms < g->planned_ms;
    int64_t rest_ms = PLAN_MS_PER_LOAD * (int64_t)g->plan.n_loads;
    if (!early && now_ms < g->due_ms && !(changed && now_ms >= g->planned_ms + rest_ms))
        return false;
    g->mark = mark;
    g->planned_ms = now_ms;
    return true;
}

/* At the next edge of a slot; and now and then before, as what is left to charge is not what was
 * planned. */
static void find_due(struct green *g, int64_t now_ms)
{
    int64_t rest_ms = PLAN_MS_PER_LOAD * (int64_t)g->plan.n_loads;
    g->due_ms = ms_min(ahead_until_ms(&g->plan.time, 0), now_ms + ms_max(PLAN_MS, rest_ms));
}

/* --- decisions --- */

static void report_wait(struct sched *s, size_t i, const struct ahead_load *load)
{
    sched_report(s, &(struct sched_incident){ .kind = SCHED_WAITS,
                                              .point = i,
                                              .node = SIZE_MAX,
                                              .measured_ma = load->max_ma,
                                              .allowed_ma = load->n_phases });
}

static int64_t next_start_ms(const struct ahead *a, size_t load)
{
    for (size_t k = 0; k < a->time.n_slots; k++)
        if (a->plan_ma[load * a->time.n_slots + k] > 0)
            return ahead_from_ms(&a->time, k);
    return 0;
}

/* @return begins it to wait? */
static bool decide(struct session *c, const struct ahead *a, size_t k, int64_t now_ms)
{
    const struct ahead_load *load = &a->load[k];
    int64_t start_ms = next_start_ms(a, k);
    bool wait = load->how == AHEAD_MOVED && start_ms > now_ms;
    if (wait && !c->was_held && c->n_waits > 0 && now_ms - c->on_since_ms < DWELL_MS)
        wait = false;
    if (!wait && c->was_held && load->how != AHEAD_MOVED)
        c->free_until_ms = now_ms + FREE_MS;
    c->held = wait;
    c->wait_until_ms = start_ms;
    if (!wait || c->was_held)
        return false;
    c->n_waits++;
    return true;
}

static void plan(struct sched *s, int64_t now_ms)
{
    struct ahead *a = &s->green.plan;
    outlook_build(s, a, now_ms);
    ahead_run(a);
    for (size_t i = 0; i < s->n_points; i++)
        s->point[i].session.held = false;
    for (size_t k = 0; k < a->n_loads; k++) {
        size_t i = s->demand_point[k];
        struct session *c = &s->point[i].session;
        if (session_is_told(c, now_ms) && decide(c, a, k, now_ms) && c->n_waits == 1)
            report_wait(s, i, &a->load[k]);
    }
    find_due(&s->green, now_ms);
}

void green_decide(struct sched *s, int64_t now_ms)
{
    if (s->green.n_on > 0) {
        if (is_due(s, now_ms))
            plan(s, now_ms);
        return;
    }
    for (size_t i = 0; i < s->n_points; i++)
        s->point[i].session.held = false;
}
