/*
 * The promise while capacity changes: windows of the week by clock and sun, hours, caps with and
 * without notice, meters that speak, jump and fall silent, below random trees with lost messages,
 * cut links and restarts.
 *
 *   capacity_street [--seeds N] [--first SEED] [--hours N] [--expect-failure]
 *
 * The oracle finds the true capacity of each instant by itself, from what the windows, the caps and
 * the other users of the grid really are.  A planned change excuses nothing; what comes without
 * notice excuses what the ledger counted then, and that may only fall.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scheduler/sun.h"
#include "tests/scheduler/street.h"

enum {
    NODES = 4,
    POINTS = 8,
    WINDOWS = 3,
    CAPS = 6,
    ROWS = 4000,
    COMMANDS = 64,
    MINUTE_MS = 60000,
    HOUR_MS = 3600000,
    DAY_MS = 86400000,
    TIMEOUT_MS = 10000,
    REACTION_MS = 12500,
    SEEN_FOR_MS = 300000,
};
static const int64_t MONDAY_MS = 1764547200000; /* 2025-12-01 0:00 UTC */

struct lamp {
    bool up, car, told;     /* told: the session is known to the back end */
    int64_t tx, stopped_tx; /* stopped_tx: to be told */
    int64_t skew_ms;
    int32_t car_ma;
    bool has_profile;
    int32_t limit_ma, lag_ma;
    int64_t end_ms, lag_until_ms; /* of the station's clock; of ours */
    bool busy, waits;
    struct sched_command flight, next;
    enum sched_answer answer;
    int64_t answer_ms, sample_ms;
    int32_t drew_ma;
};

struct other { /* users of a node with a meter */
    int32_t real_ma[3], told_ma[3];
    int64_t told_ms, next_ms, silent_until_ms;
};

struct world {
    uint64_t random;
    struct sched_node_conf node[NODES];
    struct sched_window window[NODES][WINDOWS];
    int32_t hour[SCHED_HOURS][3];
    struct sched_point_conf point[POINTS];
    struct sched_conf conf;
    struct lamp lamp[POINTS];
    struct other other[NODES];
    struct sched_node_cap cap[CAPS];
    struct sched *s;
    int64_t now_ms, horizon_ms, next_tx, next_cap;
    struct {
        size_t point;
        int64_t tx, end_ms;
        int32_t limit_ma;
    } row[ROWS];
    size_t n_rows;
    int64_t excused_ma[NODES][3], excused_until_ms[NODES], lasting_ma[NODES][3];
    int64_t lasting_fell_ms[NODES][3];  /* 0 = all have followed */
    bool excused[NODES], untold[NODES]; /* untold: no reading since others drew more */
    bool restarts, rough;
    int64_t n_planned, n_checks;
    char wrong[300];
};

static int64_t below(struct world *w, int64_t n)
{
    return n <= 0 ? 0 : (int64_t)(street_random(&w->random) % (uint64_t)n);
}

static bool chance(struct world *w, int per_mille)
{
    return below(w, 1000) < per_mille;
}

/* A mean time between, seen from a step of step_ms. */
static bool happens(struct world *w, int64_t step_ms, int64_t every_ms)
{
    return below(w, every_ms) < step_ms;
}

/* Our wall clock: one hour ahead, and it jumps once. */
static int64_t jump_at_ms, jump_ms;
static int64_t wall_ms(int64_t utc_ms)
{
    return utc_ms + HOUR_MS + (utc_ms >= jump_at_ms ? jump_ms : 0);
}

/* --- the truth --- */

static bool is_on_day(const struct sched_window *win, int64_t day)
{
    return win->days >> ((day + 3) % 7) & 1;
}

static bool lasts_by_clock(const struct sched_window *win, int64_t now_ms)
{
    int64_t local_ms = wall_ms(now_ms), day = local_ms / DAY_MS;
    int64_t minute = local_ms % DAY_MS / MINUTE_MS;
    if (win->to.minute > win->from.minute)
        return is_on_day(win, day) && minute >= win->from.minute && minute < win->to.minute;
    return (is_on_day(win, day) && minute >= win->from.minute) ||
           (is_on_day(win, day - 1) && minute < win->to.minute);
}

static int64_t utc_of(int64_t wall)
{
    int64_t ms = wall - HOUR_MS;
    return ms >= jump_at_ms ? ms - jump_ms : ms;
}

static int64_t edge_ms(const struct sched_node_conf *n, const struct sched_edge *e, int64_t day)
{
    if (e->kind == SCHED_AT_CLOCK)
        return utc_of(day * DAY_MS + (int64_t)e->minute * MINUTE_MS);
    return sun_event_ms(e->kind, n->lat_deg, n->lon_deg, utc_of(day * DAY_MS + DAY_MS / 2)) +
           (int64_t)e->minute * MINUTE_MS;
}

static bool lasts(const struct sched_node_conf *n, const struct sched_window *win, int64_t now_ms)
{
    if (win->from.kind == SCHED_AT_CLOCK && win->to.kind == SCHED_AT_CLOCK)
        return lasts_by_clock(win, now_ms);
    int64_t today = wall_ms(now_ms) / DAY_MS;
    for (int64_t day = today - 2; day <= today + 1; day++) {
        int64_t from_ms = edge_ms(n, &win->from, day), to_ms = edge_ms(n, &win->to, day);
        if (to_ms <= from_ms)
            to_ms = edge_ms(n, &win->to, day + 1);
        if (is_on_day(win, day) && now_ms >= from_ms && now_ms < to_ms)
            return true;
    }
    return false;
}

static int32_t reserve_now(const struct world *w, size_t v, int phase)
{
    int32_t ma = 0;
    for (size_t k = 0; k < w->node[v].n_windows; k++)
        if (lasts(&w->node[v], &w->window[v][k], w->now_ms))
            ma += w->window[v][k].reserve_ma[phase];
    return ma;
}

static int64_t true_capacity(const struct world *w, size_t v, int phase, bool *ret_capped)
{
    const struct sched_node_conf *n = &w->node[v];
    int32_t limit_ma = n->limit_ma[phase], foreign_ma = n->foreign_ma[phase];
    for (size_t k = 0; k < n->n_windows; k++) {
        int32_t ma = w->window[v][k].limit_ma[phase];
        if (ma >= 0 && ma < limit_ma && lasts(n, &w->window[v][k], w->now_ms))
            limit_ma = ma;
    }
    *ret_capped = false;
    for (size_t k = 0; k < CAPS; k++) {
        const struct sched_node_cap *c = &w->cap[k];
        if (c->cap.id == 0 || c->node != v || w->now_ms < c->cap.from_ms ||
            w->now_ms >= c->cap.until_ms)
            continue;
        *ret_capped = true;
        if (c->cap.limit_ma[phase] < limit_ma)
            limit_ma = c->cap.limit_ma[phase];
    }
    if (n->foreign_hour_ma != NULL) {
        int64_t hour = wall_ms(w->now_ms) / HOUR_MS;
        foreign_ma = w->hour[(hour / 24 + 3) % 7 * 24 + hour % 24][phase];
    }
    if (n->meter.present)
        foreign_ma = w->other[v].real_ma[phase];
    return (int64_t)limit_ma - foreign_ma - reserve_now(w, v, phase);
}

static int32_t in_force(const struct world *w, size_t i)
{
    const struct lamp *l = &w->lamp[i];
    const struct sched_point_conf *p = &w->point[i];
    int32_t ma = p->safe_ma;
    if (p->class == SCHED_UNMANAGED)
        return p->rating_ma;
    if (p->class == SCHED_FORGETFUL && (!l->car || !l->has_profile))
        return p->rating_ma;
    bool counts = p->class == SCHED_STICKY || w->now_ms + l->skew_ms < l->end_ms;
    if (l->car && l->has_profile && counts)
        ma = l->limit_ma;
    int32_t lag_ma = l->lag_ma < l->car_ma ? l->lag_ma : l->car_ma; /* what it still draws */
    if (l->car && w->now_ms < l->lag_until_ms && lag_ma > ma)
        ma = lag_ma;
    return ma;
}

static int32_t drawn(const struct world *w, size_t i)
{
    int32_t ma = in_force(w, i);
    if (!w->lamp[i].car || ma < 6000)
        return 0;
    return ma < w->lamp[i].car_ma ? ma : w->lamp[i].car_ma;
}

static bool is_below(const struct world *w, size_t i, size_t v)
{
    int32_t at = w->point[i].node;
    while (at > (int32_t)v)
        at = w->node[at].parent;
    return at == (int32_t)v;
}

/* --- excuses --- */

static void excuse(struct world *w, size_t v)
{
    struct sched_node_view view;
    sched_node_view(w->s, v, w->now_ms, &view);
    for (int p = 0; p < 3; p++)
        w->excused_ma[v][p] = view.reserved_ma[p];
    w->excused[v] = true;
    w->excused_until_ms[v] = w->now_ms + w->horizon_ms;
}

/* A car that draws less than at its last samples, which nobody could know yet: the guard may not
 * cover what is then taken for ours. */
static void excuse_drops(struct world *w)
{
    for (size_t i = 0; i < w->conf.n_points; i++) {
        struct lamp *l = &w->lamp[i];
        int32_t ma = drawn(w, i);
        for (size_t v = 0; v < w->conf.n_nodes && ma < l->drew_ma; v++)
            if (w->node[v].meter.includes_points && is_below(w, i, v)) {
                excuse(w, v);
                w->excused_until_ms[v] += SEEN_FOR_MS;
            }
        l->drew_ma = ma;
    }
}

/* What lasts has fallen: cars take their time to follow. */
static void follow_lasting(struct world *w, size_t v, int p, int64_t lasting_ma)
{
    if (lasting_ma >= w->lasting_ma[v][p])
        w->lasting_fell_ms[v][p] = 0;
    else if (w->lasting_fell_ms[v][p] == 0)
        w->lasting_fell_ms[v][p] = w->now_ms;
    else if (w->now_ms >= w->lasting_fell_ms[v][p] + w->conf.tuning.react_ms)
        w->lasting_ma[v][p] = lasting_ma;
}

static void check(struct world *w, size_t v)
{
    struct sched_node_view view;
    bool over = false;
    sched_node_view(w->s, v, w->now_ms, &view);
    for (int p = 0; p < 3; p++) {
        int64_t sum_ma = 0, most_ma, least_ma;
        bool capped;
        for (size_t i = 0; i < w->conf.n_points; i++)
            for (int t = 0; t < w->point[i].n_phases; t++)
                if (w->point[i].wiring[t] == p && is_below(w, i, v))
                    sum_ma += in_force(w, i);
        least_ma = most_ma = true_capacity(w, v, p, &capped);
        if (view.reserved_ma[p] < w->excused_ma[v][p])
            w->excused_ma[v][p] = view.reserved_ma[p];
        if (w->untold[v] && view.reserved_ma[p] > w->excused_ma[v][p])
            w->excused_ma[v][p] = view.reserved_ma[p];
        follow_lasting(w, v, p, view.lasting_ma[p]);
        if (w->excused[v] && w->excused_ma[v][p] > most_ma)
            most_ma = w->excused_ma[v][p];
        if (capped && w->lasting_ma[v][p] > most_ma)
            most_ma = w->lasting_ma[v][p];
        over = over || w->excused_ma[v][p] > least_ma;
        w->n_checks++;
        if (sum_ma > most_ma && w->wrong[0] == '\0')
            snprintf(w->wrong, sizeof(w->wrong),
                     "after %.1f s, node %zu L%d: may draw %" PRId64 " mA of %" PRId64
                     " mA%s; ledger: %" PRId64 " of %d less %d mA (%s, %s)",
                     (double)(w->now_ms % DAY_MS) / 1000, v, p + 1, sum_ma, most_ma,
                     w->excused[v] ? " (excused)" : "", view.reserved_ma[p], view.limit_ma[p],
                     view.foreign_ma[p], view.limit_why, view.foreign_why);
    }
    if (w->excused[v] && !over && w->now_ms >= w->excused_until_ms[v])
        w->excused[v] = false;
}

/* --- the back end --- */

static void answer(struct world *w, size_t i, enum sched_answer a)
{
    struct lamp *l = &w->lamp[i];
    l->busy = false;
    sched_answer(w->s, i, l->flight.seq, a, w->now_ms);
}

static void install(struct world *w, size_t i)
{
    struct lamp *l = &w->lamp[i];
    const struct sched_command *c = &l->flight;
    int32_t before_ma = in_force(w, i);
    if (c->kind == SCHED_SET_SAFE)
        return;
    /* A lease that ends needs no reaction time. */
    int64_t before_end_ms =
        l->has_profile && w->point[i].class != SCHED_STICKY && l->end_ms != INT64_MAX
            ? l->end_ms - l->skew_ms
            : INT64_MAX;
    l->has_profile = true;
    l->limit_ma = c->limit_ma;
    l->end_ms = c->end_ms;
    if (in_force(w, i) < before_ma && w->now_ms >= l->lag_until_ms) { /* else the first goes on */
        l->lag_ma = before_ma;
        l->lag_until_ms = w->now_ms + below(w, REACTION_MS);
        if (l->lag_until_ms > before_end_ms)
            l->lag_until_ms = before_end_ms;
    }
}

static void send(struct world *w, size_t i, const struct sched_command *cmd)
{
    struct lamp *l = &w->lamp[i];
    if (!l->up) {
        sched_answer(w->s, i, cmd->seq, SCHED_NOT_SENT, w->now_ms);
        return;
    }
    if (l->busy) {
        if (l->waits)
            sched_answer(w->s, i, l->next.seq, SCHED_NOT_SENT, w->now_ms);
        l->waits = true;
        l->next = *cmd;
        return;
    }
    bool takes = cmd->kind == SCHED_SET_SAFE || (l->car && cmd->tx_id == l->tx);
    bool lost = chance(w, w->rough ? 200 : 20), silent = chance(w, w->rough ? 200 : 20);
    l->busy = true;
    l->flight = *cmd;
    takes = takes && w->point[i].class != SCHED_UNMANAGED && !chance(w, w->rough ? 100 : 10);
    l->answer = lost || silent ? SCHED_UNKNOWN : takes ? SCHED_ACCEPTED : SCHED_REJECTED;
    l->answer_ms = w->now_ms + (lost || silent ? TIMEOUT_MS : below(w, 2000));
    if (takes && !lost)
        install(w, i);
}

static void write_row(struct world *w, const struct sched_command *c)
{
    if (c->kind == SCHED_SET_SAFE)
        return;
    if (w->n_rows == ROWS) {
        memmove(&w->row[0], &w->row[ROWS / 2], ROWS / 2 * sizeof(w->row[0]));
        w->n_rows = ROWS / 2;
    }
    w->row[w->n_rows].point = c->point;
    w->row[w->n_rows].tx = c->tx_id;
    w->row[w->n_rows].end_ms = c->counts_ms;
    w->row[w->n_rows++].limit_ma = c->limit_ma;
}

static void run_rounds(struct world *w)
{
    struct sched_command cmd[COMMANDS];
    struct sched_incident incident;
    size_t n = COMMANDS;
    while (n == COMMANDS && sched_next_ms(w->s) <= w->now_ms) {
        n = sched_round(w->s, w->now_ms, cmd, COMMANDS);
        for (size_t k = 0; k < n; k++)
            write_row(w, &cmd[k]);
        for (size_t k = 0; k < n; k++)
            send(w, cmd[k].point, &cmd[k]);
    }
    while (sched_take_incident(w->s, &incident))
        ;
}

static void read_meter(struct world *w, size_t v)
{
    struct other *o = &w->other[v];
    struct sched_node_view view;
    int32_t ma[3];
    for (int p = 0; p < 3; p++) {
        ma[p] = o->real_ma[p] + reserve_now(w, v, p);
        o->told_ma[p] = o->real_ma[p];
    }
    o->told_ms = w->now_ms;
    w->untold[v] = false;
    for (size_t i = 0; i < w->conf.n_points && w->node[v].meter.includes_points; i++)
        for (int t = 0; t < w->point[i].n_phases && is_below(w, i, v); t++)
            ma[w->point[i].wiring[t]] += drawn(w, i);
    sched_meter(w->s, v, ma, w->now_ms, w->now_ms);
    sched_node_view(w->s, v, w->now_ms, &view);
    for (int p = 0; p < 3; p++)
        if (view.reserved_ma[p] > view.limit_ma[p] - view.foreign_ma[p] ||
            view.reserved_ma[p] > view.ahead_ma[p]) {
            excuse(w, v);
            break;
        }
}

static void restart(struct world *w)
{
    struct sched_node_cap cap[CAPS];
    w->conf.n_caps = 0;
    for (size_t k = 0; k < CAPS; k++)
        if (w->cap[k].cap.id != 0)
            cap[w->conf.n_caps++] = w->cap[k];
    w->conf.cap = cap;
    sched_free(w->s);
    w->s = sched_new(&w->conf, w->now_ms);
    if (w->s == NULL)
        abort();
    w->conf.cap = NULL;
    w->conf.n_caps = 0;
    for (size_t i = 0; i < w->conf.n_points; i++) {
        struct lamp *l = &w->lamp[i];
        l->up = l->busy = l->waits = false;
        if (w->point[i].class == SCHED_FORGETFUL)
            l->has_profile = false;
    }
    for (size_t k = 0; k < w->n_rows; k++) {
        const struct lamp *l = &w->lamp[w->row[k].point];
        bool open = (l->told && l->tx == w->row[k].tx) || l->stopped_tx == w->row[k].tx;
        if (open)
            sched_restore(w->s, w->row[k].point,
                          &(struct sched_lease){ .tx_id = w->row[k].tx,
                                                 .limit_ma = w->row[k].limit_ma,
                                                 .end_ms = w->row[k].end_ms },
                          w->now_ms);
    }
    for (size_t i = 0; i < w->conf.n_points; i++)
        if (w->lamp[i].car && w->lamp[i].told)
            sched_session_start(w->s, i, w->lamp[i].tx, w->now_ms);
}

/* --- what happens --- */

static void stop_car(struct world *w, size_t i)
{
    struct lamp *l = &w->lamp[i];
    l->car = l->has_profile = false;
    l->lag_until_ms = 0;
    if (l->told && l->up)
        sched_session_stop(w->s, i, l->tx, w->now_ms);
    else if (l->told)
        l->stopped_tx = l->tx;
    l->told = false;
}

static void move_lamp(struct world *w, size_t i, int64_t step_ms)
{
    struct lamp *l = &w->lamp[i];
    if (l->up && happens(w, step_ms, (w->rough ? 10 : 60) * MINUTE_MS)) {
        l->up = false;
        if (w->point[i].class == SCHED_FORGETFUL)
            l->has_profile = false;
        if (l->busy)
            answer(w, i, SCHED_UNKNOWN);
        if (l->waits)
            sched_answer(w->s, i, l->next.seq, SCHED_NOT_SENT, w->now_ms);
        l->waits = false;
        sched_link(w->s, i, false, w->now_ms);
    } else if (!l->up && happens(w, step_ms, (w->rough ? 10 : 1) * MINUTE_MS)) {
        l->up = true;
        sched_skew(w->s, i, l->skew_ms);
        sched_link(w->s, i, true, w->now_ms);
        if (l->stopped_tx != 0)
            sched_session_stop(w->s, i, l->stopped_tx, w->now_ms);
        l->stopped_tx = 0;
    }
    if (!l->car && l->stopped_tx == 0 && happens(w, step_ms, 8 * MINUTE_MS)) {
        l->car = true;
        l->car_ma = 6000 + (int32_t)below(w, 20000);
        l->tx = ++w->next_tx;
        l->told = l->has_profile = false;
    } else if (l->car && happens(w, step_ms, 60 * MINUTE_MS)) {
        stop_car(w, i);
    }
    if (l->car && l->up && !l->told) {
        l->told = true;
        sched_session_start(w->s, i, l->tx, w->now_ms);
    }
    if (l->busy && w->now_ms >= l->answer_ms) {
        answer(w, i, l->answer);
        if (l->waits) {
            l->waits = false;
            send(w, i, &l->next);
        }
    }
    if (l->car && l->up && w->now_ms >= l->sample_ms) {
        int32_t ma[3] = { drawn(w, i), drawn(w, i), drawn(w, i) };
        l->sample_ms = w->now_ms + 30000;
        for (int t = w->point[i].n_phases; t < 3; t++)
            ma[t] = -1;
        sched_measured(w->s, i, ma, w->now_ms, w->now_ms);
    }
}

/* Within the guard since the last reading, or far beyond; after a long silence up to all that is
 * assumed of a silent meter. */
static void move_others(struct world *w, size_t v, int64_t step_ms)
{
    struct other *o = &w->other[v];
    const struct sched_meter_conf *m = &w->node[v].meter;
    if (!m->present)
        return;
    bool long_silent = w->now_ms > o->told_ms + m->silent_after_ms + w->horizon_ms;
    if (happens(w, step_ms, 20000))
        for (int p = 0; p < 3; p++) {
            int32_t most_ma = long_silent ? m->silent_ma[p] : o->told_ma[p] + m->guard_ma[p];
            most_ma = most_ma > m->silent_ma[p] ? m->silent_ma[p] : most_ma;
            o->real_ma[p] = most_ma - (int32_t)below(w, chance(w, 700) ? 1 : most_ma + 1);
        }
    if (happens(w, step_ms, 90 * MINUTE_MS)) { /* nobody could know */
        for (int p = 0; p < 3; p++)
            o->real_ma[p] = (int32_t)below(w, m->silent_ma[p] + 1);
        excuse(w, v);
        w->untold[v] = true;
        w->excused_until_ms[v] = w->now_ms + 2 * w->horizon_ms + m->silent_after_ms;
        memcpy(o->told_ma, o->real_ma, sizeof(o->told_ma));
    }
    w->untold[v] = w->untold[v] && w->now_ms < o->told_ms + m->silent_after_ms;
    if (happens(w, step_ms, 60 * MINUTE_MS))
        o->silent_until_ms = w->now_ms + below(w, 60 * MINUTE_MS);
    if (w->now_ms >= o->next_ms && w->now_ms >= o->silent_until_ms) {
        o->next_ms = w->now_ms + 10000 + below(w, 20000);
        read_meter(w, v);
    }
}

static void move_caps(struct world *w, int64_t step_ms)
{
    size_t k = (size_t)below(w, CAPS);
    struct sched_node_cap *c = &w->cap[k];
    if (!happens(w, step_ms, 15 * MINUTE_MS))
        return;
    if (c->cap.id != 0) {
        sched_cap_end(w->s, c->cap.id, w->now_ms);
        c->cap.id = 0;
        return;
    }
    bool planned = chance(w, 700);
    int64_t notice_ms =
        planned ? w->horizon_ms + 3000 + below(w, 30 * MINUTE_MS) : below(w, w->horizon_ms);
    c->node = (size_t)below(w, (int64_t)w->conf.n_nodes);
    c->cap = (struct sched_cap){ .id = ++w->next_cap, .from_ms = w->now_ms + notice_ms };
    c->cap.until_ms = c->cap.from_ms + 60000 + below(w, 60 * MINUTE_MS);
    for (int p = 0; p < 3; p++)
        c->cap.limit_ma[p] = (int32_t)below(w, w->node[c->node].limit_ma[p] + 1);
    struct sched_node_view view;
    sched_node_view(w->s, c->node, w->now_ms, &view);
    memcpy(w->lasting_ma[c->node], view.lasting_ma, sizeof(view.lasting_ma));
    if (!sched_cap_set(w->s, c->node, &c->cap, w->now_ms))
        snprintf(w->wrong, sizeof(w->wrong), "a cap was refused");
    w->n_planned += planned;
    if (!planned)
        excuse(w, c->node);
}

/* --- sites --- */

static void make_window(struct world *w, struct sched_window *win, int64_t minute)
{
    static const enum sched_edge_kind kind[] = { SCHED_AT_SUNRISE, SCHED_AT_SUNSET, SCHED_AT_DAWN,
                                                 SCHED_AT_DUSK };
    bool limits = chance(w, 500);
    *win = (struct sched_window){ .days = (uint8_t)(1 + below(w, 127)) };
    win->from = (struct sched_edge){ SCHED_AT_CLOCK, (int32_t)((minute + below(w, 240)) % 1440) };
    win->to = (struct sched_edge){ SCHED_AT_CLOCK,
                                   (int32_t)((win->from.minute + 10 + below(w, 200)) % 1440) };
    if (chance(w, 300))
        win->from = (struct sched_edge){ kind[below(w, 4)], (int32_t)below(w, 121) - 60 };
    if (chance(w, 300))
        win->to = (struct sched_edge){ kind[below(w, 4)], (int32_t)below(w, 121) - 60 };
    if (chance(w, 500))
        win->days = 127;
    for (int p = 0; p < 3; p++) {
        win->limit_ma[p] = limits ? (int32_t)below(w, 40000) : -1;
        win->reserve_ma[p] = limits ? 0 : (int32_t)below(w, 15000);
    }
}

static void make_node(struct world *w, size_t v)
{
    struct sched_node_conf *n = &w->node[v];
    int64_t minute = wall_ms(w->now_ms) % DAY_MS / MINUTE_MS;
    n->parent = v == 0 || chance(w, 200) ? -1 : (int32_t)below(w, (int64_t)v);
    n->window = w->window[v];
    n->n_windows = (size_t)below(w, WINDOWS + 1);
    n->has_place = true;
    n->lat_deg = (double)below(w, 140) - 70;
    n->lon_deg = (double)below(w, 360) - 180;
    for (size_t k = 0; k < n->n_windows; k++)
        make_window(w, &w->window[v][k], minute);
    for (int p = 0; p < 3; p++) {
        n->limit_ma[p] = 50000 + (int32_t)below(w, 40000);
        n->foreign_ma[p] = (int32_t)below(w, 10000);
        n->meter.guard_ma[p] = 1000 + (int32_t)below(w, 8000);
        n->meter.silent_ma[p] = (int32_t)below(w, 30000);
    }
    if (chance(w, 300))
        n->foreign_hour_ma = (const int32_t(*)[3])w->hour;
    n->meter.present = chance(w, 300);
    n->meter.includes_points = chance(w, 400);
    n->meter.silent_after_ms = 60000 + below(w, 240000);
}

static void make_point(struct world *w, size_t i)
{
    static const int8_t wiring[][3] = { { 0, 1, 2 }, { 1, 2, 0 }, { 2, 0, 1 } };
    enum sched_class class = chance(w, 750)   ? SCHED_LEASING
                             : chance(w, 600) ? SCHED_STICKY
                             : chance(w, 500) ? SCHED_FORGETFUL
                                              : SCHED_UNMANAGED;
    w->point[i] =
        (struct sched_point_conf){ .node = (int32_t)below(w, (int64_t)w->conf.n_nodes),
                                   .n_phases = chance(w, 700) ? 3 : 1,
                                   .rating_ma = chance(w, 700) ? 16000 : 32000,
                                   .safe_ma = class <= SCHED_STICKY && chance(w, 300) ? 6000 : 0,
                                   .min_ma = 6000,
                                   .weight = 1,
                                   .class = class,
                                   .commissioned = true,
                                   .safe_confirmed = true };
    memcpy(w->point[i].wiring, wiring[below(w, 3)], sizeof(w->point[i].wiring));
    w->lamp[i].skew_ms = below(w, 100001) - 50000;
}

/* Room for what is counted without any lease, at all times. */
static void make_limits(struct world *w)
{
    struct sched_culprit c[NODES * 3];
    size_t n;
    while ((n = sched_prove_all(&w->conf, w->now_ms, c, NODES * 3)) > 0) {
        if (n == SIZE_MAX)
            abort();
        for (size_t k = 0; k < n; k++) {
            struct sched_node_conf *node = &w->node[c[k].node];
            int32_t more_ma = (int32_t)(c[k].sum_ma - c[k].capacity_ma);
            node->limit_ma[c[k].phase] += more_ma;
            for (size_t i = 0; i < node->n_windows; i++)
                if (w->window[c[k].node][i].limit_ma[c[k].phase] >= 0)
                    w->window[c[k].node][i].limit_ma[c[k].phase] += more_ma;
        }
    }
}

static void make(struct world *w, uint64_t seed)
{
    memset(w, 0, sizeof(*w));
    w->random = seed;
    w->now_ms = MONDAY_MS + below(w, 7 * 24) * HOUR_MS + below(w, HOUR_MS);
    jump_ms = chance(w, 300) ? (chance(w, 500) ? HOUR_MS : -HOUR_MS) : 0;
    jump_at_ms = (w->now_ms / HOUR_MS + 1) * HOUR_MS;
    w->restarts = chance(w, 400);
    w->rough = chance(w, 300);
    w->conf = (struct sched_conf){ .node = w->node,
                                   .n_nodes = 1 + (size_t)below(w, NODES),
                                   .point = w->point,
                                   .n_points = 1 + (size_t)below(w, POINTS),
                                   .tuning = sched_default_tuning(),
                                   .local_ms = wall_ms };
    if (chance(w, 600)) {
        w->conf.tuning.lease_ms = 180000;
        w->conf.tuning.renew_after_ms = 120000;
        w->conf.tuning.hold_ms = 120000;
        w->conf.tuning.credit_mas = 300 * 1000;
        w->conf.tuning.credit_percent = 0;
    }
    w->horizon_ms =
        w->conf.tuning.lease_ms + w->conf.tuning.clock_slack_ms + 60000 + w->conf.tuning.react_ms;
    for (int h = 0; h < SCHED_HOURS; h++)
        for (int p = 0; p < 3; p++)
            w->hour[h][p] = (int32_t)below(w, 20000);
    for (size_t v = 0; v < w->conf.n_nodes; v++)
        make_node(w, v);
    for (size_t i = 0; i < w->conf.n_points; i++)
        make_point(w, i);
    for (size_t i = 0; i < w->conf.n_points; i++)
        w->point[i].writes_per_day = seed % 5 == 4 ? 10 : 0;
    for (size_t v = 0; v < w->conf.n_nodes; v++) /* a window can only lower */
        for (size_t k = 0; k < w->node[v].n_windows; k++)
            for (int p = 0; p < 3; p++)
                if (w->window[v][k].limit_ma[p] > w->node[v].limit_ma[p])
                    w->window[v][k].limit_ma[p] = w->node[v].limit_ma[p];
    make_limits(w);
    w->s = sched_new(&w->conf, w->now_ms);
    if (w->s == NULL)
        abort();
}

/* @return did it hold? */
static bool run_seed(uint64_t seed, int64_t hours, int64_t *n_checks, int64_t *n_planned,
                     bool quiet)
{
    static struct world world;
    struct world *w = &world;
    make(w, seed);
    int64_t end_ms = w->now_ms + hours * HOUR_MS;
    while (w->now_ms < end_ms && w->wrong[0] == '\0') {
        int64_t step_ms = 200 + below(w, 2500);
        w->now_ms += step_ms;
        move_caps(w, step_ms);
        for (size_t v = 0; v < w->conf.n_nodes; v++)
            move_others(w, v, step_ms);
        for (size_t i = 0; i < w->conf.n_points; i++)
            move_lamp(w, i, step_ms);
        if (w->restarts && happens(w, step_ms, 40 * MINUTE_MS))
            restart(w);
        run_rounds(w);
        excuse_drops(w);
        for (size_t v = 0; v < w->conf.n_nodes; v++)
            check(w, v);
    }
    sched_free(w->s);
    *n_checks += w->n_checks;
    *n_planned += w->n_planned;
    if (w->wrong[0] != '\0' && !quiet)
        printf("seed %" PRIu64 ": %s\n", seed, w->wrong);
    return w->wrong[0] == '\0';
}

int main(int argc, char **argv)
{
    uint64_t first = 1, seeds = 200, failed = 0, run = 0;
    int64_t hours = 3, n_checks = 0, n_planned = 0;
    bool expect_failure = false;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--expect-failure") == 0)
            expect_failure = true;
        else if (i + 1 < argc && strcmp(argv[i], "--seeds") == 0)
            seeds = strtoull(argv[++i], NULL, 10);
        else if (i + 1 < argc && strcmp(argv[i], "--first") == 0)
            first = strtoull(argv[++i], NULL, 10);
        else if (i + 1 < argc && strcmp(argv[i], "--hours") == 0)
            hours = strtoll(argv[++i], NULL, 10);
        else
            return 2;
    }
    for (; run < seeds && !(expect_failure && failed > 0); run++)
        failed += !run_seed(first + run, hours, &n_checks, &n_planned, expect_failure);
    printf("%" PRIu64 " of %" PRIu64 " seeds failed; %" PRId64 " comparisons, %" PRId64
           " caps with notice\n",
           failed, run, n_checks, n_planned);
    return (failed > 0) != expect_failure;
}
