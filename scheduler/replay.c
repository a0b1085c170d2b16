/*
 * Sessions against the balancer, event by event.
 *
 * A lamp is a point with its station and its car.  Between two events every current is constant.
 */
#include "scheduler/replay.h"

#include <stdlib.h>
#include <string.h>

#include "scheduler/grid.h"
#include "scheduler/units.h"

enum {
    COMMANDS = 64,    /* taken from a round at a time */
    UNDER_WAY = 8,    /* commands on their way to a station */
    MAX_WH = 1000000, /* keeps products within 64 bits */
    MAX_MA = 1000000,
    MAX_VOLT = 1000,
    DAY_MS = 86400000,
    BRIEF_MS = 5 * 60000, /* see n_tries in replay.h */
    MET_WH = 50,
    MET_PERCENT = 1,
    RATIO = 1000, /* received/asked in thousandths, for Jain's index */
};
static const int64_t UNITS_PER_WH = 3600000000; /* mA x ms x V */

struct car {
    size_t session; /* index; SIZE_MAX = none */
    uint8_t phases;
    int n_phases;
    int32_t most_ma, min_ma;
    int64_t left, tail; /* mA x ms x V */
    bool full_told, was_on;
    int64_t switched_ms; /* last turned on or off */
};

struct under_way {
    struct sched_command cmd;
    int64_t at_ms;
};

struct lamp {
    const struct sched_point_conf *conf;
    size_t next, end; /* of its sessions in order[] */
    struct car car;
    int32_t limit_ma; /* in force */
    int32_t after_ma; /* from after_ms on */
    int64_t after_ms; /* INT64_MAX = no end */
    int32_t drawn_ma; /* per phase of the car */
    struct under_way way[UNDER_WAY];
    size_t n_way;
    int64_t due_ms; /* something happens by itself */
};

struct node {
    int32_t parent;
    int64_t capacity_ma[GRID_PHASES], capacity_until_ms;
    int64_t allowed_ma[GRID_PHASES], drawn_ma[GRID_PHASES];
    int64_t over_since_ms[GRID_PHASES], drawn_since_ms[GRID_PHASES]; /* INT64_MAX = not over */
};

struct run {
    const struct replay_session *session;
    size_t n_sessions;
    const struct replay_options *o;
    struct sched *sched;
    struct sched_point_conf *conf; /* ours: everybody is connected */
    struct lamp *lamp;
    size_t n_lamps;
    struct node *node;
    size_t n_nodes;
    size_t *order; /* sessions by point and arrival */
    size_t n_left; /* sessions that have not left */
    size_t next_change, next_factor, next_cap;
    int64_t now_ms, meter_ms, ask_ms;
    int64_t capacity_ms; /* a node's capacity changes by itself */
    bool changed;        /* a limit in force or a current drawn */
    struct replay_result result;
};

struct replay_options replay_default_options(void)
{
    return (struct replay_options){ .meter_ms = 60000, .volt = 230 };
}

uint8_t replay_car_phases(const struct sched_point_conf *point, int n_phases)
{
    unsigned phases = 0;
    for (int t = 0; t < n_phases && t < point->n_phases; t++)
        phases |= 1u << point->wiring[t];
    return (uint8_t)phases;
}

/* --- the car --- */

static bool has_car(const struct lamp *l)
{
    return l->car.session != SIZE_MAX;
}

static bool is_on(const struct lamp *l)
{
    return has_car(l) && l->car.left > 0 && l->limit_ma >= l->car.min_ma;
}

/* At the end of its charge a car takes less and less, here in whole amperes. */
static int32_t tail_step(const struct car *c)
{
    if (c->tail == 0 || c->left >= c->tail)
        return c->most_ma;
    int32_t steps = (c->most_ma + 999) / 1000;
    return (int32_t)((c->left * steps + c->tail - 1) / c->tail) * 1000;
}

/* @return energy left when the car takes less by itself */
static int64_t next_mark(const struct car *c)
{
    if (c->tail == 0)
        return 0;
    if (c->left > c->tail)
        return c->tail;
    int32_t steps = (c->most_ma + 999) / 1000;
    return c->tail * (tail_step(c) / 1000 - 1) / steps;
}

static int64_t units_per_ms(const struct run *r, const struct lamp *l)
{
    return (int64_t)l->drawn_ma * l->car.n_phases * r->o->volt;
}

static int64_t leave_ms(const struct run *r, size_t session)
{
    int64_t at_ms = r->session[session].leave_ms;
    return r->o->until_ms != 0 ? ms_min(at_ms, r->o->until_ms) : at_ms;
}

static int64_t arrive_ms(const struct run *r, size_t session)
{
    int64_t at_ms = r->session[session].arrive_ms;
    return r->o->from_ms != 0 ? ms_max(at_ms, r->o->from_ms) : at_ms;
}

/* When something happens here that nobody else causes. */
static void find_due(const struct run *r, struct lamp *l)
{
    l->due_ms = ms_min(l->after_ms, l->n_way > 0 ? l->way[0].at_ms : INT64_MAX);
    if (l->next < l->end)
        l->due_ms = ms_min(l->due_ms, arrive_ms(r, r->order[l->next]));
    if (!has_car(l))
        return;
    l->due_ms = ms_min(l->due_ms, leave_ms(r, l->car.session));
    int64_t rate = units_per_ms(r, l);
    if (rate > 0)
        l->due_ms =
            ms_min(l->due_ms, r->now_ms + (l->car.left - next_mark(&l->car) + rate - 1) / rate);
}

static void count_kind(struct run *r, const struct car *c, bool on)
{
    bool brief = r->now_ms - c->switched_ms < BRIEF_MS;
    r->result.n_switches++;
    r->result.n_tries += !on && brief;
    r->result.n_turns += !on && !brief;
    r->result.n_pauses += on && brief;
}

static void count_switch(struct run *r, struct lamp *l)
{
    struct car *c = &l->car;
    struct replay_session_result *res = &r->result.session[c->session];
    bool on = is_on(l);
    if (c->left > 0 && on != c->was_on && (c->was_on || res->on_ms > 0)) {
        res->n_switches++;
        count_kind(r, c, on);
    }
    if (on != c->was_on)
        c->switched_ms = r->now_ms;
    c->was_on = on;
}

/* The limit, the car or what it still wants is another: what does it draw? */
static void settle(struct run *r, struct lamp *l)
{
    int32_t before_ma = l->drawn_ma;
    l->drawn_ma = is_on(l) ? ma_min(ma_min(l->limit_ma, l->car.most_ma), tail_step(&l->car)) : 0;
    if (l->drawn_ma != before_ma)
        r->changed = true;
    if (!has_car(l))
        return;
    count_switch(r, l);
    if (l->car.left == 0 && !l->car.full_told && !r->o->silent_cars) {
        l->car.full_told = true;
        sched_session_wants(r->sched, (size_t)(l - r->lamp), false, r->now_ms);
    }
}

/* Factor times time of what is known until then. */
static int64_t factor_ms(struct run *r, int64_t to_ms)
{
    int64_t sum = 0;
    while (r->next_factor < r->o->n_factors && r->o->factor[r->next_factor].until_ms <= r->now_ms)
        r->next_factor++;
    for (size_t k = r->next_factor; k < r->o->n_factors && r->o->factor[k].from_ms < to_ms; k++)
        sum += r->o->factor[k].value * (ms_min(r->o->factor[k].until_ms, to_ms) -
                                        ms_max(r->o->factor[k].from_ms, r->now_ms));
    return sum;
}

static void advance(struct run *r, int64_t to_ms)
{
    int64_t passed_ms = to_ms - r->now_ms, cost_ms = factor_ms(r, to_ms);
    for (size_t i = 0; i < r->n_lamps && passed_ms > 0; i++) {
        struct lamp *l = &r->lamp[i];
        if (!has_car(l))
            continue;
        struct replay_session_result *res = &r->result.session[l->car.session];
        res->on_ms += is_on(l) ? passed_ms : 0;
        res->plugged_ms += passed_ms;
        res->cost += units_per_ms(r, l) / 1000 * cost_ms / (UNITS_PER_WH / 1000);
        l->car.left = ms_max(l->car.left - units_per_ms(r, l) * passed_ms, 0);
    }
    r->now_ms = to_ms;
}

/* --- the station --- */

static void put_in_force(struct run *r, struct lamp *l, int32_t limit_ma, int32_t after_ma,
                         int64_t after_ms)
{
    if (l->conf->class == SCHED_UNMANAGED)
        limit_ma = after_ma = l->conf->rating_ma;
    r->changed = r->changed || l->limit_ma != limit_ma;
    l->limit_ma = limit_ma;
    l->after_ma = after_ma;
    l->after_ms = after_ms;
}

static int64_t tx_of(size_t session)
{
    return (int64_t)session + 1;
}

static enum sched_answer obey(struct run *r, struct lamp *l, const struct sched_command *cmd)
{
    if (l->conf->class == SCHED_UNMANAGED)
        return SCHED_REJECTED;
    if (cmd->kind == SCHED_SET_SAFE)
        return SCHED_ACCEPTED;
    if (!has_car(l) || tx_of(l->car.session) != cmd->tx_id)
        return SCHED_REJECTED; /* left in the meantime */
    bool ends = l->conf->class == SCHED_LEASING;
    put_in_force(r, l, cmd->limit_ma, cmd->safe_ma, ends ? cmd->end_ms : INT64_MAX);
    settle(r, l);
    return SCHED_ACCEPTED;
}

static void answer(struct run *r, const struct sched_command *cmd)
{
    struct lamp *l = &r->lamp[cmd->point];
    sched_answer(r->sched, cmd->point, cmd->seq, obey(r, l, cmd), r->now_ms);
}

static void send(struct run *r, const struct sched_command *cmd)
{
    struct lamp *l = &r->lamp[cmd->point];
    r->result.n_commands += cmd->kind != SCHED_SET_SAFE;
    if (r->o->answer_ms == 0)
        answer(r, cmd);
    else if (l->n_way == UNDER_WAY)
        sched_answer(r->sched, cmd->point, cmd->seq, SCHED_NOT_SENT, r->now_ms);
    else
        l->way[l->n_way++] =
            (struct under_way){ .cmd = *cmd, .at_ms = r->now_ms + r->o->answer_ms };
    find_due(r, l);
}

/* --- coming and going --- */

static int64_t received_wh(const struct run *r, const struct lamp *l)
{
    return r->session[l->car.session].energy_wh - (l->car.left + UNITS_PER_WH - 1) / UNITS_PER_WH;
}

static void leave(struct run *r, struct lamp *l)
{
    size_t session = l->car.session;
    r->result.session[session].received_wh = received_wh(r, l);
    l->car = (struct car){ .session = SIZE_MAX };
    r->n_left--;
    put_in_force(r, l, l->conf->safe_ma, 0, INT64_MAX);
    settle(r, l);
    sched_session_stop(r->sched, (size_t)(l - r->lamp), tx_of(session), r->now_ms);
}

static int count_phases(uint8_t phases)
{
    return (phases & 1) + (phases >> 1 & 1) + (phases >> 2 & 1);
}

static void tell(struct run *r, const struct lamp *l)
{
    const struct replay_session *in = &r->session[l->car.session];
    const struct sched_need need = { .depart_ms = in->leave_ms,
                                     .energy_wh = in->energy_wh,
                                     .min_ma = in->min_ma,
                                     .priority = -1 };
    sched_session_need(r->sched, (size_t)(l - r->lamp), tx_of(l->car.session), &need, r->now_ms);
}

static void arrive(struct run *r, struct lamp *l)
{
    size_t session = r->order[l->next++];
    const struct replay_session *in = &r->session[session];
    uint8_t wired = grid_wired(l->conf);
    uint8_t phases = (in->phases & wired) != 0 ? in->phases & wired : wired;
    l->car = (struct car){ .session = session,
                           .phases = phases,
                           .n_phases = count_phases(phases),
                           .most_ma = in->car_ma > 0 ? in->car_ma : l->conf->rating_ma,
                           .min_ma = in->min_ma > 0 ? in->min_ma : l->conf->min_ma,
                           .left = in->energy_wh * UNITS_PER_WH,
                           .tail = ms_min(in->tail_wh, in->energy_wh) * UNITS_PER_WH };
    r->result.session[session].played = true;
    put_in_force(r, l, l->conf->safe_ma, 0, INT64_MAX);
    sched_session_start(r->sched, (size_t)(l - r->lamp), tx_of(session), r->now_ms);
    if (r->o->phases_known)
        sched_restore_phases(r->sched, (size_t)(l - r->lamp), tx_of(session), phases, r->now_ms);
    if (in->told)
        tell(r, l);
    settle(r, l);
}

static void lapse(struct run *r, struct lamp *l)
{
    put_in_force(r, l, l->after_ma, l->after_ma, INT64_MAX);
    settle(r, l);
}

static void first_answer(struct run *r, struct lamp *l)
{
    struct sched_command cmd = l->way[0].cmd;
    memmove(l->way, l->way + 1, --l->n_way * sizeof(l->way[0]));
    answer(r, &cmd);
}

/* What is due at a lamp, one after the other. */
static void happen(struct run *r, struct lamp *l)
{
    if (l->after_ms <= r->now_ms)
        lapse(r, l);
    while (l->n_way > 0 && l->way[0].at_ms <= r->now_ms)
        first_answer(r, l);
    bool comes = l->next < l->end && arrive_ms(r, r->order[l->next]) <= r->now_ms;
    if (has_car(l) && (comes || leave_ms(r, l->car.session) <= r->now_ms))
        leave(r, l);
    if (comes)
        arrive(r, l);
    settle(r, l);
    find_due(r, l);
}

static void measure(struct run *r)
{
    for (size_t i = 0; i < r->n_lamps; i++) {
        const struct lamp *l = &r->lamp[i];
        int32_t ma[GRID_PHASES] = { -1, -1, -1 };
        if (!has_car(l))
            continue;
        for (int32_t t = 0; t < l->conf->n_phases; t++)
            ma[t] = l->car.phases >> l->conf->wiring[t] & 1 ? l->drawn_ma : 0;
        sched_measured(r->sched, i, ma, r->now_ms, r->now_ms);
        sched_session_energy(r->sched, i, tx_of(l->car.session), received_wh(r, l), r->now_ms,
                             r->now_ms);
    }
}

/* --- the grid --- */

/* Calendars, hours and planned caps: what the balancer itself takes for true. */
static void find_capacity(struct run *r, size_t node)
{
    struct sched_capacity c;
    struct node *v = &r->node[node];
    sched_capacity_at(r->sched, node, r->now_ms, r->now_ms, &c);
    for (int p = 0; p < GRID_PHASES; p++)
        v->capacity_ma[p] = (int64_t)c.limit_ma[p] - c.foreign_ma[p];
    v->capacity_until_ms = c.until_ms > r->now_ms ? c.until_ms : INT64_MAX;
    r->changed = true;
}

static void follow_capacity(struct run *r)
{
    r->capacity_ms = INT64_MAX;
    for (size_t v = 0; v < r->n_nodes; v++) {
        if (r->node[v].capacity_until_ms <= r->now_ms)
            find_capacity(r, v);
        r->capacity_ms = ms_min(r->capacity_ms, r->node[v].capacity_until_ms);
    }
}

static void change_limits(struct run *r)
{
    for (; r->next_change < r->o->n_changes && r->o->change[r->next_change].at_ms <= r->now_ms;
         r->next_change++) {
        const struct replay_change *c = &r->o->change[r->next_change];
        sched_set_limit(r->sched, c->node, c->limit_ma, c->foreign_ma, r->now_ms);
        find_capacity(r, c->node);
    }
    for (; r->next_cap < r->o->n_caps && r->o->cap[r->next_cap].told_ms <= r->now_ms;
         r->next_cap++) {
        const struct replay_cap *c = &r->o->cap[r->next_cap];
        if (c->cap.until_ms > r->now_ms)
            sched_cap_set(r->sched, c->node, &c->cap, r->now_ms);
        find_capacity(r, c->node);
        r->capacity_ms = r->now_ms; /* ... and when it changes next */
    }
}

/* An excess that goes on is counted up to now. */
static void count_excess(const struct run *r, int64_t over_ma, int64_t *since_ms,
                         int64_t *ret_over_ma, int64_t *ret_longest_ms)
{
    if (*since_ms != INT64_MAX)
        *ret_longest_ms = ms_max(*ret_longest_ms, r->now_ms - *since_ms);
    if (over_ma <= 0)
        *since_ms = INT64_MAX;
    else if (*since_ms == INT64_MAX)
        *since_ms = r->now_ms;
    *ret_over_ma = ms_max(*ret_over_ma, over_ma);
}

static void sum_up(struct run *r)
{
    for (size_t v = 0; v < r->n_nodes; v++)
        for (int p = 0; p < GRID_PHASES; p++)
            r->node[v].allowed_ma[p] = r->node[v].drawn_ma[p] = 0;
    for (size_t i = 0; i < r->n_lamps; i++) {
        const struct lamp *l = &r->lamp[i];
        uint8_t wired = grid_wired(l->conf);
        uint8_t may = has_car(l) ? l->car.phases : wired;
        for (int32_t v = l->conf->node; v >= 0; v = r->node[v].parent)
            for (int p = 0; p < GRID_PHASES; p++) {
                r->node[v].allowed_ma[p] += may >> p & 1 ? l->limit_ma : 0;
                r->node[v].drawn_ma[p] += has_car(l) && l->car.phases >> p & 1 ? l->drawn_ma : 0;
            }
    }
}

static void account(struct run *r)
{
    sum_up(r);
    for (size_t v = 0; v < r->n_nodes; v++)
        for (int p = 0; p < GRID_PHASES; p++) {
            struct node *n = &r->node[v];
            struct replay_node_result *res = &r->result.node[v];
            res->allowed_ma[p] = ms_max(res->allowed_ma[p], n->allowed_ma[p]);
            res->drawn_ma[p] = ms_max(res->drawn_ma[p], n->drawn_ma[p]);
            count_excess(r, n->allowed_ma[p] - n->capacity_ma[p], &n->over_since_ms[p],
                         &res->over_ma[p], &res->excess_ms[p]);
            count_excess(r, n->drawn_ma[p] - n->capacity_ma[p], &n->drawn_since_ms[p],
                         &res->drawn_over_ma[p], &res->drawn_excess_ms[p]);
        }
    r->changed = false;
}

/* --- the run --- */

static void balance(struct run *r)
{
    struct sched_command cmd[COMMANDS];
    struct sched_incident incident;
    size_t n;
    r->result.n_rounds++;
    do {
        n = sched_round(r->sched, r->now_ms, cmd, COMMANDS);
        for (size_t k = 0; k < n; k++)
            send(r, &cmd[k]);
    } while (n == COMMANDS);
    while (sched_take_incident(r->sched, &incident))
        continue;
}

static int64_t next_ms(const struct run *r)
{
    int64_t at_ms = ms_max(sched_next_ms(r->sched), r->now_ms + 1);
    for (size_t i = 0; i < r->n_lamps; i++)
        at_ms = ms_min(at_ms, r->lamp[i].due_ms);
    if (r->next_change < r->o->n_changes)
        at_ms = ms_min(at_ms, r->o->change[r->next_change].at_ms);
    if (r->next_cap < r->o->n_caps)
        at_ms = ms_min(at_ms, r->o->cap[r->next_cap].told_ms);
    at_ms = ms_min(at_ms, r->capacity_ms);
    return ms_max(ms_min(at_ms, r->meter_ms), r->now_ms);
}

static void step(struct run *r)
{
    advance(r, next_ms(r));
    for (size_t i = 0; i < r->n_lamps; i++)
        if (r->lamp[i].due_ms <= r->now_ms)
            happen(r, &r->lamp[i]);
    change_limits(r);
    if (r->now_ms >= r->capacity_ms)
        follow_capacity(r);
    if (r->now_ms >= r->meter_ms) {
        measure(r);
        r->meter_ms += r->o->meter_ms;
    }
    if (sched_next_ms(r->sched) <= r->now_ms)
        balance(r);
    if (r->changed)
        account(r);
}

static bool may_go_on(struct run *r)
{
    if (r->now_ms < r->ask_ms || r->o->go_on == NULL)
        return true;
    r->ask_ms = r->now_ms + DAY_MS;
    return r->o->go_on(r->o->arg, r->now_ms);
}

static void play(struct run *r)
{
    r->result.complete = true;
    while (r->n_left > 0 && (r->result.complete = may_go_on(r)))
        step(r);
    for (size_t i = 0; i < r->n_lamps; i++)
        if (has_car(&r->lamp[i]))
            leave(r, &r->lamp[i]);
    account(r);
}

/* --- figures --- */

static bool is_met(int64_t asked_wh, int64_t received_wh)
{
    return asked_wh - received_wh <= asked_wh * MET_PERCENT / 100 + MET_WH;
}

static void find_figures(struct run *r)
{
    struct replay_result *res = &r->result;
    int64_t n = 0, sum = 0, squares = 0;
    for (size_t k = 0; k < r->n_sessions; k++) {
        int64_t asked_wh = r->session[k].energy_wh, received_wh = res->session[k].received_wh;
        if (!res->session[k].played)
            continue;
        res->n_played++;
        res->asked_wh += asked_wh;
        res->received_wh += received_wh;
        res->plugged_ms += res->session[k].plugged_ms;
        res->n_fully_met += is_met(asked_wh, received_wh);
        if (asked_wh == 0)
            continue;
        int64_t ratio = received_wh * RATIO / asked_wh;
        n++;
        sum += ratio;
        squares += ratio * ratio;
    }
    res->jain_e4 = squares > 0 ? (int32_t)((sum * sum / n) * 10000 / squares) : 10000;
}

/* --- made and released --- */

static bool is_sane(const struct sched_conf *conf, const struct replay_session *session,
                    size_t n_sessions, const struct replay_options *o)
{
    if (o->volt < 1 || o->volt > MAX_VOLT || o->answer_ms < 0 || o->meter_ms < 0 ||
        !sched_check(conf, NULL, 0))
        return false;
    for (size_t k = 0; k < n_sessions; k++) {
        const struct replay_session *c = &session[k];
        if (c->point >= conf->n_points || c->energy_wh < 0 || c->energy_wh > MAX_WH ||
            c->tail_wh < 0 || c->car_ma < 0 || c->car_ma > MAX_MA || c->min_ma < 0)
            return false;
    }
    for (size_t k = 0; k < o->n_changes; k++)
        if (o->change[k].node >= conf->n_nodes)
            return false;
    for (size_t k = 0; k < o->n_caps; k++)
        if (o->cap[k].node >= conf->n_nodes)
            return false;
    return true;
}

static bool alloc(struct run *r)
{
    r->conf = calloc(r->n_lamps + 1, sizeof(*r->conf));
    r->lamp = calloc(r->n_lamps + 1, sizeof(*r->lamp));
    r->node = calloc(r->n_nodes + 1, sizeof(*r->node));
    r->order = calloc(r->n_sessions + 1, sizeof(*r->order));
    r->result.session = calloc(r->n_sessions + 1, sizeof(*r->result.session));
    r->result.node = calloc(r->n_nodes + 1, sizeof(*r->result.node));
    return r->conf && r->lamp && r->node && r->order && r->result.session && r->result.node;
}

struct place {
    size_t point, session;
    int64_t arrive_ms;
};

static int compare_places(const void *a, const void *b)
{
    const struct place *x = a, *y = b;
    if (x->point != y->point)
        return x->point < y->point ? -1 : 1;
    if (x->arrive_ms != y->arrive_ms)
        return x->arrive_ms < y->arrive_ms ? -1 : 1;
    return x->session < y->session ? -1 : 1;
}

/* Each lamp's sessions in order of arrival; who was never there in the time played is left out. */
static bool line_up(struct run *r)
{
    struct place *place = calloc(r->n_sessions + 1, sizeof(*place));
    if (place == NULL)
        return false;
    for (size_t k = 0; k < r->n_sessions; k++)
        if (arrive_ms(r, k) < leave_ms(r, k))
            place[r->n_left++] = (struct place){ r->session[k].point, k, arrive_ms(r, k) };
    qsort(place, r->n_left, sizeof(*place), compare_places);
    for (size_t k = 0; k < r->n_left; k++) {
        struct lamp *l = &r->lamp[place[k].point];
        if (l->next == l->end)
            l->next = l->end = k;
        l->end++;
        r->order[k] = place[k].session;
    }
    free(place);
    return true;
}

static void find_span(struct run *r)
{
    r->result.from_ms = r->n_left > 0 ? INT64_MAX : r->o->from_ms;
    r->result.until_ms = r->n_left > 0 ? INT64_MIN : r->o->from_ms;
    for (size_t k = 0; k < r->n_left; k++) {
        r->result.from_ms = ms_min(r->result.from_ms, arrive_ms(r, r->order[k]));
        r->result.until_ms = ms_max(r->result.until_ms, leave_ms(r, r->order[k]));
    }
}

static void prepare(struct run *r, const struct sched_conf *conf)
{
    for (size_t v = 0; v < r->n_nodes; v++) {
        r->node[v].parent = conf->node[v].parent;
        for (int p = 0; p < GRID_PHASES; p++)
            r->node[v].over_since_ms[p] = r->node[v].drawn_since_ms[p] = INT64_MAX;
    }
    for (size_t i = 0; i < r->n_lamps; i++) {
        r->conf[i] = conf->point[i];
        r->conf[i].commissioned = r->conf[i].safe_confirmed = true;
        r->lamp[i] = (struct lamp){ .conf = &r->conf[i],
                                    .car.session = SIZE_MAX,
                                    .limit_ma = conf->point[i].class == SCHED_UNMANAGED
                                                    ? conf->point[i].rating_ma
                                                    : conf->point[i].safe_ma,
                                    .after_ms = INT64_MAX };
    }
}

static bool make_green(struct run *r)
{
    bool good = true;
    for (size_t v = 0; v < r->n_nodes && r->o->green; v++)
        if (r->node[v].parent < 0)
            good = sched_factors_set(r->sched, v, r->o->factor, r->o->n_factors, r->now_ms) && good;
    return good;
}

static bool connect_all(struct run *r, const struct sched_conf *conf)
{
    struct sched_conf own = *conf;
    own.point = r->conf;
    r->sched = sched_new(&own, r->now_ms);
    if (r->sched == NULL)
        return false;
    for (size_t i = 0; i < r->n_lamps; i++) {
        sched_link(r->sched, i, true, r->now_ms);
        sched_skew(r->sched, i, 0);
        find_due(r, &r->lamp[i]);
    }
    return make_green(r);
}

/* The first meter value comes a little after the first car. */
static bool start(struct run *r, const struct sched_conf *conf)
{
    if (!alloc(r))
        return false;
    prepare(r, conf);
    if (!line_up(r))
        return false;
    find_span(r);
    r->now_ms = r->ask_ms = r->result.from_ms;
    r->meter_ms = r->o->meter_ms > 0 ? r->now_ms + r->o->meter_ms : INT64_MAX;
    return connect_all(r, conf);
}

static void done(struct run *r)
{
    sched_free(r->sched);
    free(r->conf);
    free(r->lamp);
    free(r->node);
    free(r->order);
}

bool replay_run(const struct sched_conf *conf, const struct replay_session *session,
                size_t n_sessions, const struct replay_options *options, struct replay_result *ret)
{
    if (!is_sane(conf, session, n_sessions, options))
        return false;
    struct run r = { .session = session,
                     .n_sessions = n_sessions,
                     .o = options,
                     .n_lamps = conf->n_points,
                     .n_nodes = conf->n_nodes };
    bool ok = start(&r, conf);
    if (ok) {
        play(&r);
        find_figures(&r);
        *ret = r.result;
    } else {
        replay_result_done(&r.result);
    }
    done(&r);
    return ok;
}

void replay_result_done(struct replay_result *result)
{
    free(result->session);
    free(result->node);
    result->session = NULL;
    result->node = NULL;
}
