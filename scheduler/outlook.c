/* The coming hours: what is known now, slot by slot. */
#include <stdlib.h>
#include <string.h>

#include "scheduler/state.h"
#include "scheduler/units.h"

enum {
    SPARE_PCT = 10,        /* of the energy, and ... */
    EARLY_MS = 30 * 60000, /* ... of the time, in which nobody is moved */
    ARRIVALS_PCT = 50,     /* of the free points get a car */
    PROBE_MA = 1000,       /* a bound is that much above what the car takes */
    MOST_WAITS = 4,        /* of one session: cars do not like pauses */
    NEARLY_WH = 50,        /* and 1 % less is not at risk */
};

struct sched_outlook {
    struct ahead plan;
    struct grid grid;                /* only what plan looks at: parents */
    size_t n_slots;                  /* that are shown; the plan may go further */
    struct sched_slot *slot;         /* [slot][node] */
    struct sched_forecast *forecast; /* of each load */
};

/* --- memory --- */

bool outlook_alloc(struct ahead *a, size_t n_nodes, size_t n_points, size_t n_slots)
{
    a->time.n_slots = n_slots;
    a->room_ma = calloc(n_nodes * n_slots * GRID_RESOURCES + 1, sizeof(*a->room_ma));
    a->load = calloc(n_points + 1, sizeof(*a->load));
    a->order = calloc(n_points + 1, sizeof(*a->order));
    a->plan_ma = calloc(n_points * n_slots + 1, sizeof(*a->plan_ma));
    return a->room_ma != NULL && a->load != NULL && a->order != NULL && a->plan_ma != NULL;
}

void outlook_release(struct ahead *a)
{
    free(a->room_ma);
    free(a->load);
    free(a->order);
    free(a->plan_ma);
    *a = (struct ahead){ .grid = NULL };
}

/* --- rooms --- */

/* The least of a slot; `known` is what was found for the slot before, and goes on while it lasts.
 */
static void least_of_slot(const struct sched *s, const struct ahead_time *time, size_t node,
                          size_t slot, struct sched_capacity *known)
{
    int64_t at_ms = ahead_from_ms(time, slot), until_ms = ahead_until_ms(time, slot);
    if (slot > 0 && known->until_ms >= until_ms)
        return;
    sched_capacity_at(s, node, at_ms, time->now_ms, known);
    while (known->until_ms < until_ms && known->until_ms > at_ms) {
        struct sched_capacity next;
        at_ms = known->until_ms;
        sched_capacity_at(s, node, at_ms, time->now_ms, &next);
        for (int p = 0; p < GRID_PHASES; p++)
            if (next.limit_ma[p] - next.foreign_ma[p] < known->limit_ma[p] - known->foreign_ma[p]) {
                known->limit_ma[p] = next.limit_ma[p];
                known->foreign_ma[p] = next.foreign_ma[p];
            }
        known->until_ms = next.until_ms;
    }
}

/* Safe currents of who is not decided, and who does not obey. */
static int64_t held_at(const struct sched *s, size_t node, int resource)
{
    return round_ahead_ma(&s->grid, node, resource) -
           s->room_ma[node * GRID_RESOURCES + (size_t)resource];
}

static void build_room(const struct sched *s, const struct ahead *a, size_t slot, size_t node,
                       const struct sched_capacity *capacity)
{
    int32_t *room_ma = ahead_room(a, slot, node);
    for (int r = 0; r < GRID_RESOURCES; r++)
        room_ma[r] = r < GRID_PHASES ? ma_narrow((int64_t)capacity->limit_ma[r] -
                                                 capacity->foreign_ma[r] - held_at(s, node, r))
                                     : ma_narrow(s->room_ma[node * GRID_RESOURCES + (size_t)r]);
}

static void build_rooms(const struct sched *s, struct ahead *a)
{
    for (size_t v = 0; v < s->grid.n; v++) {
        struct sched_capacity known;
        for (size_t k = 0; k < a->time.n_slots; k++) {
            least_of_slot(s, &a->time, v, k, &known);
            build_room(s, a, k, v, &known);
        }
    }
}

/* Others may come: half of the free points get a car with its least current.  Not in the slot under
 * way: who comes now is in the next plan. */
static void expect_arrivals(const struct sched *s, struct ahead *a)
{
    for (size_t i = 0; i < s->n_points; i++) {
        const struct point *p = &s->point[i];
        const struct ledger_point *lp = &s->ledger.point[i];
        int32_t more_ma = p->conf.min_ma * ARRIVALS_PCT / 100 - p->conf.safe_ma;
        if (p->session.tx_id != 0 || !p->up || more_ma <= 0 || lp->class > SCHED_STICKY)
            continue;
        for (size_t k = 1; k < a->time.n_slots; k++)
            for (int32_t v = p->conf.node; v >= 0; v = s->grid.node[v].parent)
                for (int r = 0; r < GRID_PHASES; r++)
                    if (lp->wired >> r & 1)
                        ahead_room(a, k, (size_t)v)[r] -= more_ma;
    }
}

/* --- loads --- */

bool session_is_told(const struct session *c, int64_t now_ms)
{
    return c->tx_id != 0 && c->need.depart_ms > now_ms && c->need.energy_wh > 0;
}

static const struct green_node *factors_of(const struct sched *s, const struct point *p)
{
    if (s->green.n_on == 0)
        return NULL;
    int32_t source = s->green.node[p->conf.node].source;
    return source >= 0 ? &s->green.node[source] : NULL;
}

static bool may_wait(const struct sched *s, const struct point *p, int64_t now_ms)
{
    const struct session *c = &p->session;
    return factors_of(s, p) != NULL && c->charge_known && !c->told_no_resume &&
           now_ms >= c->free_until_ms && (c->was_held || c->n_waits < MOST_WAITS) &&
           c->need.depart_ms - EARLY_MS > now_ms;
}

static void tell_need(const struct sched *s, const struct point *p, struct ahead_load *load,
                      int64_t now_ms)
{
    const struct session *c = &p->session;
    load->how = AHEAD_AT_ONCE;
    load->until_ms = c->need.depart_ms;
    load->need_wh = ms_max(c->need.energy_wh - session_received_wh(c), 0);
    load->moved_until_ms = c->need.depart_ms - EARLY_MS;
    load->moved_wh = load->need_wh + load->need_wh * SPARE_PCT / 100;
    if (!may_wait(s, p, now_ms))
        return;
    load->how = AHEAD_MOVED;
    load->cost = factors_of(s, p)->cost;
}

static int32_t phases_of(const struct ledger_point *lp)
{
    int32_t n = 0;
    for (int phase = 0; phase < GRID_PHASES; phase++)
        n += lp->phases >> phase & 1;
    return n;
}

static void build_load(const struct sched *s, size_t k, struct ahead_load *load, int64_t now_ms)
{
    const struct share_demand *d = &s->demand[k];
    const struct point *p = &s->point[s->demand_point[k]];
    int32_t most_ma = d->max_ma < p->conf.rating_ma ? d->max_ma - PROBE_MA : d->max_ma;
    *load = (struct ahead_load){ .node = d->node,
                                 .uses = d->uses,
                                 .n_phases = phases_of(&s->ledger.point[s->demand_point[k]]),
                                 .min_ma = d->min_ma,
                                 .max_ma = ma_max(most_ma, d->min_ma),
                                 .share_ma = s->grant_ma[k],
                                 .until_ms = INT64_MAX,
                                 .need_wh = INT64_MAX,
                                 .how = AHEAD_SHARE };
    if (p->session.charge_known)
        load->n_phases = p->session.n_charged;
    if (p->session.takes_ma > 0)
        load->max_ma = ma_max(ma_min(load->max_ma, p->session.takes_ma), d->min_ma);
    if (session_is_told(&p->session, now_ms))
        tell_need(s, p, load, now_ms);
}

static void set_costs(struct sched *s, const struct ahead_time *time)
{
    for (size_t v = 0; s->green.n_on > 0 && v < s->grid.n; v++)
        if (s->green.node[v].factor != NULL)
            ahead_cost_set(s->green.node[v].cost, time, s->green.node[v].factor,
                           s->green.node[v].n);
}

void outlook_build(struct sched *s, struct ahead *a, int64_t now_ms)
{
    for (size_t i = 0; i < s->n_points; i++) {
        s->point[i].session.was_held = s->point[i].session.held;
        s->point[i].session.held = false;
    }
    a->grid = &s->grid;
    a->time.now_ms = now_ms;
    a->n_loads = round_contest(s, now_ms);
    build_rooms(s, a);
    expect_arrivals(s, a);
    set_costs(s, &a->time);
    for (size_t k = 0; k < a->n_loads; k++)
        build_load(s, k, &a->load[k], now_ms);
    for (size_t i = 0; i < s->n_points; i++)
        s->point[i].session.held = s->point[i].session.was_held;
}

/* --- for people --- */

static size_t slot_at(const struct sched_outlook *o, size_t slot, size_t node)
{
    return slot * o->grid.n + node;
}

static void describe_slot(const struct sched *s, const struct sched_outlook *o, size_t k, size_t v,
                          const struct sched_capacity *capacity)
{
    struct sched_slot *slot = &o->slot[slot_at(o, k, v)];
    int32_t source = s->green.n_on > 0 ? s->green.node[v].source : -1;
    slot->from_ms = ahead_from_ms(&o->plan.time, k);
    slot->until_ms = ahead_until_ms(&o->plan.time, k);
    slot->factor = source >= 0 ? s->green.node[source].cost->value[k] : AHEAD_NO_COST;
    slot->has_factor = slot->factor != AHEAD_NO_COST;
    for (int p = 0; p < GRID_PHASES; p++) {
        slot->limit_ma[p] = capacity->limit_ma[p];
        slot->foreign_ma[p] = capacity->foreign_ma[p];
        slot->held_ma[p] = held_at(s, v, p);
    }
}

static void describe_slots(const struct sched *s, const struct sched_outlook *o)
{
    for (size_t v = 0; v < s->grid.n; v++) {
        struct sched_capacity known;
        for (size_t k = 0; k < o->n_slots; k++) {
            least_of_slot(s, &o->plan.time, v, k, &known);
            describe_slot(s, o, k, v, &known);
        }
    }
}

/* With safe currents that are of no use to a car. */
static int32_t given_ma(const struct sched_outlook *o, size_t load, size_t slot)
{
    return o->plan.plan_ma[load * o->plan.time.n_slots + slot];
}

static void add_load(const struct sched *s, struct sched_outlook *o, size_t i, size_t k)
{
    const struct ahead_load *load = &o->plan.load[i];
    int32_t ma = given_ma(o, i, k);
    for (int32_t v = load->node; v >= 0 && ma > 0; v = s->grid.node[v].parent) {
        struct sched_slot *slot = &o->slot[slot_at(o, k, (size_t)v)];
        slot->n_sessions += ma >= load->min_ma;
        for (int p = 0; p < GRID_PHASES; p++)
            if (load->uses >> p & 1)
                slot->planned_ma[p] += ma;
    }
}

static void add_loads(const struct sched *s, struct sched_outlook *o)
{
    for (size_t i = 0; i < o->plan.n_loads; i++)
        for (size_t k = 0; k < o->n_slots; k++)
            add_load(s, o, i, k);
    for (size_t n = 0; n < o->n_slots * o->grid.n; n++)
        for (int p = 0; p < GRID_PHASES; p++)
            o->slot[n].room_ma[p] = (int64_t)o->slot[n].limit_ma[p] - o->slot[n].foreign_ma[p] -
                                    o->slot[n].held_ma[p] - o->slot[n].planned_ma[p];
}

/* What is beyond the plan may still come. */
static bool is_at_risk(const struct sched_outlook *o, const struct ahead_load *load)
{
    size_t last = o->plan.time.n_slots - 1;
    int64_t slack_wh = load->need_wh / 100 + NEARLY_WH;
    return load->planned_wh + slack_wh < load->need_wh &&
           load->until_ms <= ahead_until_ms(&o->plan.time, last);
}

static void describe_sessions(const struct sched *s, struct sched_outlook *o, int64_t now_ms)
{
    for (size_t i = 0; i < o->plan.n_loads; i++) {
        const struct ahead_load *load = &o->plan.load[i];
        const struct session *c = &s->point[s->demand_point[i]].session;
        bool told = session_is_told(c, now_ms);
        o->forecast[i] = (struct sched_forecast){
            .point = s->demand_point[i],
            .tx_id = c->tx_id,
            .told = told,
            .green = load->how == AHEAD_MOVED,
            .waits = c->held,
            .depart_ms = c->need.depart_ms,
            .need_wh = told ? load->need_wh : 0,
            .will_get_wh = told ? ms_min(load->planned_wh, load->need_wh) : load->planned_wh,
            .done_ms = load->done_ms,
            .at_risk = told && is_at_risk(o, load),
            .n_phases = load->n_phases,
        };
    }
}

/* A need is at risk or not by what comes until its departure, however little of it is asked for. */
static size_t slots_to_departures(const struct sched *s, int64_t now_ms, size_t n_slots)
{
    int64_t last_ms = now_ms;
    for (size_t i = 0; i < s->n_points; i++)
        if (session_is_told(&s->point[i].session, now_ms))
            last_ms = ms_max(last_ms, s->point[i].session.need.depart_ms);
    int64_t n = ms_min((last_ms - now_ms) / AHEAD_SLOT_MS + 2, SCHED_SLOTS_MAX);
    return (size_t)n > n_slots ? (size_t)n : n_slots;
}

static bool outlook_init(struct sched_outlook *o, const struct sched *s, size_t n_slots,
                         size_t n_played)
{
    o->grid.n = s->grid.n;
    o->n_slots = n_slots;
    o->slot = calloc(n_slots * s->grid.n + 1, sizeof(*o->slot));
    o->forecast = calloc(s->n_points + 1, sizeof(*o->forecast));
    return o->slot != NULL && o->forecast != NULL &&
           outlook_alloc(&o->plan, s->grid.n, s->n_points, n_played);
}

struct sched_outlook *sched_plan_ahead(struct sched *s, int64_t now_ms, size_t n_slots)
{
    struct sched_outlook *o = calloc(1, sizeof(*o));
    n_slots = n_slots < 1 ? 1 : n_slots > SCHED_SLOTS_MAX ? SCHED_SLOTS_MAX : n_slots;
    if (o == NULL || !outlook_init(o, s, n_slots, slots_to_departures(s, now_ms, n_slots))) {
        sched_outlook_free(o);
        return NULL;
    }
    outlook_build(s, &o->plan, now_ms);
    ahead_run(&o->plan); /* whom green hours move, and where to */
    build_rooms(s, &o->plan);
    if (!forecast_run(s, &o->plan)) {
        sched_outlook_free(o);
        return NULL;
    }
    describe_slots(s, o);
    add_loads(s, o);
    describe_sessions(s, o, now_ms);
    o->plan.grid = NULL; /* the balancer may go before the outlook */
    return o;
}

void sched_outlook_free(struct sched_outlook *o)
{
    if (o == NULL)
        return;
    outlook_release(&o->plan);
    free(o->slot);
    free(o->forecast);
    free(o);
}

bool sched_outlook_slot(const struct sched_outlook *o, size_t node, size_t slot,
                        struct sched_slot *ret)
{
    if (node >= o->grid.n || slot >= o->n_slots)
        return false;
    *ret = o->slot[slot_at(o, slot, node)];
    return true;
}

bool sched_outlook_session(const struct sched_outlook *o, size_t i, struct sched_forecast *ret)
{
    if (i >= o->plan.n_loads)
        return false;
    *ret = o->forecast[i];
    return true;
}

int32_t sched_outlook_ma(const struct sched_outlook *o, size_t i, size_t slot)
{
    int32_t ma = i < o->plan.n_loads && slot < o->n_slots ? given_ma(o, i, slot) : 0;
    return ma >= o->plan.load[i].min_ma ? ma : 0;
}
