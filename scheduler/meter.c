/* Capacity over time as events: caps from outside, meters of foreign load. */
#include <string.h>

#include "scheduler/state.h"
#include "scheduler/units.h"

enum {
    AROUND_MS = 90000,      /* a sample of a point this near to a reading says what it drew then */
    BEFORE_THAT_MS = 300000 /* and the one before, how steady that is */
};

/* --- caps --- */

static void end_cap(struct sched *s, int64_t id, int64_t now_ms)
{
    for (size_t v = 0; v < s->grid.n; v++)
        if (capacity_cap_end(&s->grid.capacity[v], id))
            grid_touch(&s->grid, v, now_ms);
}

bool sched_cap_set(struct sched *s, size_t node, const struct sched_cap *cap, int64_t now_ms)
{
    if (node >= s->grid.n || !grid_is_cap(cap))
        return false;
    struct sched_cap kept;
    bool replaces = capacity_cap_find(&s->grid.capacity[node], cap->id, &kept);
    if (replaces)
        capacity_cap_end(&s->grid.capacity[node], cap->id);
    if (!capacity_cap_set(&s->grid.capacity[node], cap, now_ms))
        return false;
    for (size_t v = 0; v < s->grid.n; v++)
        if (v != node && capacity_cap_end(&s->grid.capacity[v], cap->id))
            grid_touch(&s->grid, v, now_ms);
    grid_touch(&s->grid, node, now_ms);
    sched_due(s, now_ms);
    return true;
}

void sched_cap_end(struct sched *s, int64_t id, int64_t now_ms)
{
    end_cap(s, id, now_ms);
    sched_due(s, ms_after(now_ms, s->tuning.debounce_ms));
}

/* --- our own part of a reading --- */

static bool is_below(const struct grid *g, int32_t v, size_t node)
{
    while (v > (int32_t)node)
        v = g->node[v].parent;
    return v == (int32_t)node;
}

/* Least limit that may be in force: a sample from before it was lowered, or from before a lease
 * ended, says too much. */
static int32_t least_limit_ma(const struct sched *s, size_t i, int64_t at_ms)
{
    const struct ledger_point *lp = &s->ledger.point[i];
    bool managed = lp->class == SCHED_LEASING || lp->class == SCHED_STICKY;
    int64_t off_ms = s->tuning.clock_slack_ms + (lp->skew_ms < 0 ? -lp->skew_ms : lp->skew_ms);
    int32_t least_ma =
        lp->n_entries == 0 && managed && lp->safe_confirmed ? lp->safe_ma : INT32_MAX;
    for (size_t k = 0; k < lp->n_entries; k++) {
        const struct ledger_entry *e = &lp->entry[k];
        bool over = e->end_ms <= ms_after(at_ms, off_ms);
        least_ma = ma_min(least_ma, over ? ma_min(e->limit_ma, lp->safe_ma) : e->limit_ma);
    }
    return least_ma;
}

static int32_t least_drawn_ma(const struct sched *s, size_t i, int phase, int64_t at_ms)
{
    const struct point *p = &s->point[i];
    if (!p->up || p->session.tx_id == 0 || p->measured_ma[phase] <= 0 ||
        p->measured_at_ms < at_ms - AROUND_MS || p->measured_at_ms > at_ms + AROUND_MS)
        return 0;
    int32_t ma = ma_min(p->measured_ma[phase], least_limit_ma(s, i, at_ms));
    if (p->earlier_ma[phase] >= 0 && p->earlier_at_ms >= at_ms - BEFORE_THAT_MS)
        ma = ma_min(ma, p->earlier_ma[phase]);
    return ma;
}

static void find_own(const struct sched *s, size_t node, struct sched_reading *ret)
{
    for (size_t i = 0; i < s->n_points; i++) {
        if (!is_below(&s->grid, s->point[i].conf.node, node))
            continue;
        for (int phase = 0; phase < GRID_PHASES; phase++)
            ret->own_ma[phase] += least_drawn_ma(s, i, phase, ret->at_ms);
    }
}

/* --- readings --- */

static void report_meter(struct sched *s, size_t node, enum sched_incident_kind kind)
{
    s->told_silent[node] = kind == SCHED_METER_SILENT;
    sched_report(s, &(struct sched_incident){ .kind = kind, .point = SIZE_MAX, .node = node });
}

static void take_reading(struct sched *s, size_t node, const struct sched_reading *reading,
                         int64_t now_ms)
{
    struct capacity *c = &s->grid.capacity[node];
    struct sched_capacity before, after;
    capacity_at(c, now_ms, now_ms, CAPACITY_HELD, &before);
    c->reading = *reading;
    if (s->told_silent[node] && capacity_is_fresh(c, now_ms))
        report_meter(s, node, SCHED_METER_RETURNED);
    grid_touch(&s->grid, node, now_ms);
    capacity_at(c, now_ms, now_ms, CAPACITY_HELD, &after);
    bool less = false, other = false;
    for (int p = 0; p < GRID_PHASES; p++) {
        less = less || after.foreign_ma[p] > before.foreign_ma[p];
        other = other || after.foreign_ma[p] != before.foreign_ma[p];
    }
    if (less)
        sched_due(s, now_ms);
    else if (other)
        sched_due(s, ms_after(now_ms, s->tuning.debounce_ms));
    sched_due(s, ms_max(s->grid.until_ms, now_ms));
}

static bool takes_reading(const struct sched *s, size_t node, int64_t at_ms)
{
    return node < s->grid.n && s->grid.capacity[node].meter.present &&
           at_ms > s->grid.capacity[node].reading.at_ms;
}

void sched_meter(struct sched *s, size_t node, const int32_t ma[3], int64_t at_ms, int64_t now_ms)
{
    struct sched_reading reading = { .at_ms = ms_min(at_ms, now_ms) };
    if (!takes_reading(s, node, reading.at_ms))
        return;
    for (int p = 0; p < GRID_PHASES; p++)
        reading.ma[p] = ma[p];
    if (s->grid.capacity[node].meter.includes_points)
        find_own(s, node, &reading);
    take_reading(s, node, &reading, now_ms);
}

bool sched_meter_last(const struct sched *s, size_t node, struct sched_reading *ret)
{
    if (node >= s->grid.n || s->grid.capacity[node].reading.at_ms == INT64_MIN)
        return false;
    *ret = s->grid.capacity[node].reading;
    return true;
}

void sched_meter_restore(struct sched *s, size_t node, const struct sched_reading *reading,
                         int64_t now_ms)
{
    struct sched_reading kept = *reading;
    kept.at_ms = ms_min(kept.at_ms, now_ms);
    if (!takes_reading(s, node, kept.at_ms))
        return;
    if (!s->grid.capacity[node].meter.includes_points)
        memset(kept.own_ma, 0, sizeof(kept.own_ma));
    take_reading(s, node, &kept, now_ms);
}

/* --- silence --- */

static int64_t silent_ms(const struct sched *s, size_t node)
{
    const struct capacity *c = &s->grid.capacity[node];
    int64_t since_ms = ms_max(c->reading.at_ms, s->made_ms);
    return ms_after(since_ms, c->meter.silent_after_ms);
}

void meter_refresh(struct sched *s, int64_t now_ms)
{
    for (size_t v = 0; v < s->grid.n && s->grid.varies; v++) {
        struct capacity *c = &s->grid.capacity[v];
        if (!c->meter.present)
            continue;
        c->reading.at_ms = ms_min(c->reading.at_ms, now_ms); /* the clock was set back */
        if (!s->told_silent[v] && now_ms >= silent_ms(s, v))
            report_meter(s, v, SCHED_METER_SILENT);
    }
}

int64_t meter_next_ms(const struct sched *s, int64_t now_ms)
{
    int64_t next_ms = INT64_MAX;
    for (size_t v = 0; v < s->grid.n && s->grid.varies; v++)
        if (s->grid.capacity[v].meter.present && !s->told_silent[v] && silent_ms(s, v) > now_ms)
            next_ms = ms_min(next_ms, silent_ms(s, v));
    return next_ms;
}

/* --- for people --- */

void sched_capacity_at(const struct sched *s, size_t node, int64_t at_ms, int64_t now_ms,
                       struct sched_capacity *ret)
{
    *ret = (struct sched_capacity){ .until_ms = INT64_MAX, .limit_why = "", .foreign_why = "" };
    if (node < s->grid.n)
        capacity_at(&s->grid.capacity[node], at_ms, now_ms, CAPACITY_FORECAST, ret);
}
