/* What people and reports see. */
#include "scheduler/state.h"
#include "scheduler/units.h"

static const char *const phrase[] = {
    [REASON_NO_SESSION] = "no car: safe current",
    [REASON_NOT_COMMISSIONED] = "never connected: not counted",
    [REASON_OFFLINE] = "out of reach: lease until its end, then safe current",
    [REASON_SAFE_UNCONFIRMED] = "safe current not installed yet: counted at its rating",
    [REASON_AT_RATING] = "does not obey leases: counted at its rating",
    [REASON_REFUSES] = "station refuses limits: counted with what is in force",
    [REASON_DONE] = "car takes no current",
    [REASON_TURN] = "waits for its turn",
    [REASON_MORE_AT_TURN] = "took nothing so far: offered more at its next turn",
    [REASON_ROOM] = "waits until others are confirmed lower",
    [REASON_SHARE] = "fair share of the grid connection",
    [REASON_FULL_SHARE] = "all the point can give",
    [REASON_RECLAIMED] = "as much as the car uses",
    [REASON_DEADLINE] = "by its departure and energy",
    [REASON_CAN_WAIT] = "its departure leaves time: waits for others",
    [REASON_EXCESS] = "grid limit exceeded: nobody is raised",
    [REASON_WAITS] = "waits for better hours",
    [REASON_SPARED] = "a little more comes with its next renewal: its memory bears few writes",
    [REASON_ANSWER] = "waits for the station's answer",
};

static const struct {
    int32_t refused_a, raised_a;
    const char *phrase;
} more[] = {
    { 6, 8, "took nothing at 6 A: offered 8 A at its next turn" },
    { 7, 8, "took nothing at 7 A: offered 8 A at its next turn" },
    { 8, 10, "took nothing at 8 A: offered 10 A at its next turn" },
    { 9, 10, "took nothing at 9 A: offered 10 A at its next turn" },
};

const char *point_reason(const struct point *p)
{
    const struct session *c = &p->session;
    for (size_t i = 0; p->reason == REASON_MORE_AT_TURN && i < sizeof(more) / sizeof(more[0]); i++)
        if (c->refused_ma / 1000 == more[i].refused_a && c->raised_ma / 1000 == more[i].raised_a)
            return more[i].phrase;
    return phrase[p->reason];
}

/* By the station's word, or because the car gets another, larger offer. */
static bool wants(const struct session *c)
{
    return (c->wants || c->tries_more) && !c->finished;
}

void sched_point_view(const struct sched *s, size_t point, int64_t now_ms,
                      struct sched_point_view *ret)
{
    if (point >= s->n_points) {
        *ret = (struct sched_point_view){ .reason = "" };
        return;
    }
    const struct point *p = &s->point[point];
    const struct ledger_point *lp = &s->ledger.point[point];
    int32_t worst_ma = 0;
    for (int r = 0; r < GRID_PHASES; r++)
        worst_ma = ma_max(worst_ma, ledger_worst_ma(&s->ledger, point, r, now_ms));
    *ret = (struct sched_point_view){
        .tx_id = p->session.tx_id,
        .up = p->up,
        .wants = wants(&p->session),
        .class = lp->class,
        .safe_confirmed = lp->safe_confirmed,
        .granted_ma = p->offer.granted_ma,
        .confirmed_ma = p->offer.confirmed_ma,
        .reserve_ma = worst_ma,
        .measured_ma = { p->measured_ma[0], p->measured_ma[1], p->measured_ma[2] },
        .lease_end_ms = p->offer.seq != 0 ? p->offer.end_ms : 0,
        .phases = lp->phases,
        .reason = p->offer.pending ? phrase[REASON_ANSWER] : point_reason(p),
        .waits_until_ms = p->session.held ? p->session.wait_until_ms : 0,
        .need = p->session.need,
        .received_wh = session_received_wh(&p->session),
        .writes = wear_sum(&p->wear, now_ms),
        .is_spared = point_is_spared(p, now_ms),
    };
    ret->need.min_ma = session_min_ma(p);
    ret->need.priority = session_priority(p);
}

static bool is_below(const struct grid *g, int32_t v, size_t node)
{
    while (v > (int32_t)node)
        v = g->node[v].parent;
    return v == (int32_t)node;
}

static void add_point(const struct sched *s, size_t i, struct sched_node_view *ret)
{
    const struct point *p = &s->point[i];
    bool session = p->session.tx_id != 0;
    ret->n_points++;
    ret->n_up += p->up;
    ret->n_sessions += session;
    ret->n_waiting += session && wants(&p->session) && p->offer.granted_ma == 0;
    for (int phase = 0; phase < GRID_PHASES; phase++) {
        if (session && (s->ledger.point[i].phases >> phase & 1))
            ret->granted_ma[phase] += p->offer.granted_ma;
        ret->measured_ma[phase] += ma_max(p->measured_ma[phase], 0);
    }
}

static void add_capacity(const struct sched *s, size_t node, int64_t now_ms,
                         struct sched_node_view *ret)
{
    const struct grid_node *n = &s->grid.node[node];
    const struct capacity *c = &s->grid.capacity[node];
    struct sched_capacity now;
    capacity_at(c, now_ms, now_ms, CAPACITY_HELD, &now);
    for (int phase = 0; phase < GRID_PHASES; phase++) {
        int64_t capacity_ma = (int64_t)now.limit_ma[phase] - now.foreign_ma[phase];
        ret->limit_ma[phase] = now.limit_ma[phase];
        ret->foreign_ma[phase] = now.foreign_ma[phase];
        ret->ahead_ma[phase] =
            s->grid.soon_ms == INT64_MAX ? capacity_ma : ms_min(capacity_ma, n->soon_ma[phase]);
        ret->least_ma[phase] = n->ever_ma[phase];
    }
    ret->limit_why = now.limit_why;
    ret->foreign_why = now.foreign_why;
    ret->cap_id = now.cap_id;
    ret->has_meter = c->meter.present;
    ret->meter_silent = c->meter.present && !capacity_is_fresh(c, now_ms);
    ret->meter_at_ms = c->reading.at_ms;
}

void sched_node_view(const struct sched *s, size_t node, int64_t now_ms,
                     struct sched_node_view *ret)
{
    *ret = (struct sched_node_view){ .n_points = 0 };
    if (node >= s->grid.n)
        return;
    add_capacity(s, node, now_ms, ret);
    for (size_t i = 0; i < s->n_points; i++) {
        if (!is_below(&s->grid, s->point[i].conf.node, node))
            continue;
        add_point(s, i, ret);
        for (int phase = 0; phase < GRID_PHASES; phase++) {
            ret->reserved_ma[phase] += ledger_worst_ma(&s->ledger, i, phase, now_ms);
            ret->lasting_ma[phase] +=
                ledger_worst_ma(&s->ledger, i, phase, ms_after(now_ms, s->grid.horizon_ms));
        }
    }
}
