/* A back end that carries out decisions: calls in order, a store of leases, restarts. */
#include "tests/scheduler/street_state.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

void street_send_next(struct street *t, size_t i)
{
    struct station *st = &t->station[i];
    if (t->dead || st->in_flight || st->n_queue == 0 || !st->central_up)
        return;
    st->flight = st->queue[0];
    st->in_flight = true;
    memmove(&st->queue[0], &st->queue[1], --st->n_queue * sizeof(st->queue[0]));
    struct event e = { .kind = EV_REQUEST,
                       .station = i,
                       .generation = st->generation,
                       .call = st->flight };
    st->down_order_ms += 1;
    e.at_ms = t->now_ms + street_transit_ms(t, st);
    if (e.at_ms < st->down_order_ms)
        e.at_ms = st->down_order_ms;
    st->down_order_ms = e.at_ms;
    if (st->link && !street_loses(t, st, t->faults.request_lost))
        street_push(t, e);
    e.kind = EV_TIMEOUT;
    e.at_ms = t->now_ms + CALL_TIMEOUT_MS;
    street_push(t, e);
}

static void write_safe_confirmed(struct street *t, size_t i)
{
    struct station *st = &t->station[i];
    struct sched_point_view view;
    sched_point_view(t->sched, i, street_our_clock(t), &view);
    if (view.safe_confirmed && !st->conf.safe_confirmed)
        st->conf.safe_confirmed = street_write(t);
}

void street_answer(struct street *t, size_t i, const struct call *call, enum sched_answer a)
{
    if (t->dead)
        return;
    if (a == SCHED_UNKNOWN)
        t->station[i].dirty_ms = t->now_ms;
    if (call->cmd.kind != SCHED_SET_SAFE)
        street_write_outcome(t, i, call, a);
    if (call->epoch != t->epoch || t->dead)
        return;
    sched_answer(t->sched, i, call->cmd.seq, a, street_our_clock(t));
    if (a == SCHED_ACCEPTED && call->cmd.kind == SCHED_SET_SAFE)
        write_safe_confirmed(t, i);
}

/* A newer limit takes the place of one that waits. */
static void enqueue(struct street *t, const struct sched_command *cmd)
{
    struct station *st = &t->station[cmd->point];
    struct call call = { .cmd = *cmd, .epoch = t->epoch };
    bool is_safe = cmd->kind == SCHED_SET_SAFE;
    if (!st->central_up) {
        street_answer(t, cmd->point, &call, SCHED_NOT_SENT);
        return;
    }
    for (size_t k = 0; k < st->n_queue; k++)
        if ((st->queue[k].cmd.kind == SCHED_SET_SAFE) == is_safe) {
            struct call old = st->queue[k];
            st->queue[k] = call;
            street_answer(t, cmd->point, &old, SCHED_NOT_SENT);
            return;
        }
    assert(st->n_queue < QUEUE);
    st->queue[st->n_queue++] = call;
    street_send_next(t, cmd->point);
}

static void check_command(struct street *t, const struct sched_command *cmd)
{
    const struct station *st = &t->station[cmd->point];
    bool whole = cmd->limit_ma == 0 ||
                 (cmd->limit_ma >= st->conf.min_ma && cmd->limit_ma <= st->conf.rating_ma);
    if (cmd->seq == 0 || !whole || cmd->safe_ma != st->conf.safe_ma || cmd->end_ms <= cmd->start_ms)
        street_fail(t, "station %zu: odd command %d: %d mA", cmd->point, (int)cmd->kind,
                    (int)cmd->limit_ma);
}

/* The last limit that was written and let go: it arrives, and nobody hears the answer. */
static void arrive_after_death(struct street *t, const struct sched_command *cmd)
{
    struct station *st = &t->station[cmd->point];
    bool free_line = st->link && st->central_up && !st->in_flight && st->n_queue == 0;
    if (free_line)
        street_on_request(t, &(struct event){ .kind = EV_REQUEST,
                                              .station = cmd->point,
                                              .generation = st->generation,
                                              .call = { .cmd = *cmd, .epoch = t->epoch } });
}

/* @return number of commands that may be sent */
static size_t write_all(struct street *t, const struct sched_command *cmd, size_t n)
{
    for (size_t k = 0; k < n; k++) {
        t->stats.n_commands++;
        check_command(t, &cmd[k]);
        bool unwritten =
            cmd[k].covered && t->faults.unwritten > 0 && street_chance(t, t->faults.unwritten);
        t->stats.n_unwritten += unwritten;
        if (cmd[k].kind != SCHED_SET_SAFE && !unwritten)
            street_write_lease(t, &cmd[k]);
        if (t->dead && (t->sent || cmd[k].covered))
            arrive_after_death(t, &cmd[k]);
        if (t->dead)
            return 0;
    }
    return n;
}

void street_run_rounds(struct street *t)
{
    struct sched_command cmd[COMMANDS];
    struct sched_incident incident;
    size_t n;
    do {
        n = sched_round(t->sched, street_our_clock(t), cmd, COMMANDS);
        size_t n_written = write_all(t, cmd, n);
        for (size_t k = 0; k < n_written && !t->dead; k++)
            enqueue(t, &cmd[k]);
    } while (n == COMMANDS && !t->dead);
    while (sched_take_incident(t->sched, &incident))
        if (incident.kind == SCHED_DISOBEYS)
            street_fail(t, "station %zu obeys but is said to disobey: %d mA against %d mA",
                        incident.point, (int)incident.measured_ma, (int)incident.allowed_ma);
    t->stats.n_rounds++;
}

void street_lose_calls(struct street *t, size_t i)
{
    struct station *st = &t->station[i];
    if (st->in_flight) {
        st->in_flight = false;
        street_answer(t, i, &st->flight, SCHED_UNKNOWN);
    }
    while (st->n_queue > 0) {
        struct call call = st->queue[--st->n_queue];
        street_answer(t, i, &call, SCHED_NOT_SENT);
    }
}

struct sched *street_make_sched(const struct street *t)
{
    struct sched_point_conf *point = calloc(t->n_stations + 1, sizeof(*point));
    assert(point != NULL);
    for (size_t i = 0; i < t->n_stations; i++)
        point[i] = t->station[i].conf;
    struct sched_conf conf = { .node = t->node,
                               .n_nodes = t->n_nodes,
                               .point = point,
                               .n_points = t->n_stations,
                               .tuning = t->tuning };
    struct sched *s = sched_new(&conf, street_our_clock(t));
    assert(s != NULL);
    free(point);
    return s;
}

/* --- its life --- */

/* The process dies with all sockets; what was written is there again. */
void street_on_restart(struct street *t, bool once)
{
    if (!once)
        street_every(t, EV_RESTART, 0, t->faults.restart_every_ms);
    t->dead = t->sent = false;
    t->stats.n_restarts++;
    for (size_t i = 0; i < t->n_stations; i++) {
        struct station *st = &t->station[i];
        bool asked = st->in_flight;
        int64_t dirty_ms = st->dirty_ms;
        st->in_flight = false;
        st->n_queue = 0;
        st->central_up = false;
        if (st->lag_free) /* what was no lease is not written */
            st->lag_until_ms = 0;
        if (st->link) {
            street_cut(t, i);
            street_later(t, EV_CONNECT, i, street_about(t, 30000));
            st->by_restart = true;
        }
        st->dirty_ms = asked ? t->now_ms : dirty_ms;
    }
    if (t->faults.cap_every_ms > 0 && street_chance(t, 300)) /* before all are back */
        street_push(t, (struct event){ .at_ms = t->now_ms + street_below(t, 30000),
                                       .kind = EV_CAP,
                                       .flag = true });
    sched_free(t->sched);
    t->epoch++;
    t->sched = street_make_sched(t);
    bool sessions_first = street_chance(t, 500);
    if (!sessions_first)
        street_restore(t);
    for (size_t i = 0; i < t->n_stations; i++) {
        const struct station *st = &t->station[i];
        if (st->open_tx == 0)
            continue;
        sched_session_start(t->sched, i, st->open_tx, street_our_clock(t));
        if (st->phases_tx == st->open_tx)
            sched_restore_phases(t->sched, i, st->open_tx, st->phases, street_our_clock(t));
    }
    if (sessions_first)
        street_restore(t);
}

static bool proves(const struct street *t)
{
    struct sched_point_conf *point = calloc(t->n_stations + 1, sizeof(*point));
    assert(point != NULL);
    for (size_t i = 0; i < t->n_stations; i++) {
        point[i] = t->station[i].conf;
        point[i].commissioned = point[i].safe_confirmed = true;
    }
    struct sched_conf conf = { .node = t->node,
                               .n_nodes = t->n_nodes,
                               .point = point,
                               .n_points = t->n_stations,
                               .tuning = t->tuning };
    size_t node;
    int phase;
    int64_t sum_ma;
    bool good = sched_prove(&conf, &node, &phase, &sum_ma);
    free(point);
    return good;
}

static void change_safe(struct street *t, size_t i)
{
    struct station *st = &t->station[i];
    int32_t before_ma = st->conf.safe_ma;
    bool confirmed = st->conf.safe_confirmed;
    st->conf.safe_ma = before_ma == 0 ? st->conf.min_ma : 0;
    st->conf.safe_confirmed = false;
    if (!proves(t)) {
        st->conf.safe_ma = before_ma;
        st->conf.safe_confirmed = confirmed;
    }
}

/* The operator applies a configuration: a new balancer takes over from the old one. */
void street_on_rebuild(struct street *t)
{
    street_every(t, EV_REBUILD, 0, t->faults.rebuild_every_ms);
    t->stats.n_rebuilds++;
    if (t->faults.restart_every_ms > 0 && street_chance(t, 300))
        street_push(t, (struct event){ .at_ms = t->now_ms + 1000 + street_below(t, 2000),
                                       .kind = EV_RESTART,
                                       .flag = true });
    if (t->n_stations > 0 && street_chance(t, 500))
        change_safe(t, (size_t)street_below(t, (int64_t)t->n_stations));
    struct sched *old = t->sched;
    t->sched = street_make_sched(t);
    t->epoch++;
    for (size_t i = 0; i < t->n_stations; i++) {
        struct station *st = &t->station[i];
        struct sched_lease lease[8];
        struct sched_point_view view;
        size_t n = sched_leases(old, i, lease, 8);
        for (size_t k = 0; k < n; k++)
            sched_restore(t->sched, i, &lease[k], street_our_clock(t));
        sched_point_view(old, i, street_our_clock(t), &view);
        sched_skew(t->sched, i, st->skew_ms + street_below(t, 8001) - 4000);
        if (st->central_up)
            sched_link(t->sched, i, true, street_our_clock(t));
        if (st->open_tx != 0)
            sched_session_start(t->sched, i, st->open_tx, street_our_clock(t));
        if (street_chance(t, 500))
            sched_restore_phases(t->sched, i, view.tx_id, view.phases, street_our_clock(t));
    }
    sched_free(old);
    t->excuse_now = true;
}
