#include "tests/scheduler/street.h"

#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    QUEUE = 8,
    OUTBOX = 64,
    COMMANDS = 32,
    CALL_TIMEOUT_MS = 10000,
    REACTION_MS = 12500, /* station and car together; less than react_ms by a step of the clock */
    START_MS = 1000000,
};

/* --- stations --- */

struct profile {
    bool there;
    int64_t tx_id, end_ms; /* of the station's clock */
    int32_t limit_ma, safe_ma;
};

struct call {
    struct sched_command cmd;
    uint32_t epoch; /* of the balancer that decided */
};

struct message {
    bool is_stop;
    int64_t tx_id;
};

struct station {
    struct sched_point_conf conf;
    uint8_t wired;

    /* The station itself. */
    int64_t skew_ms;
    bool live_default; /* a new TxDefaultProfile acts on the running transaction, too */
    bool has_default;
    int32_t default_ma;
    int64_t tx_id;
    int32_t start_ma; /* default at the start of the transaction */
    struct profile profile;
    int32_t lag_ma; /* the car has not followed yet */
    int64_t lag_until_ms;
    bool lag_free; /* it had no limit of ours before */
    bool known;    /* has been connected once */

    /* Its car. */
    uint8_t car_phases;
    int32_t car_ma;
    bool car_wants;
    int64_t since_ms, got_ma_ms, at_ms;
    bool was_on;

    /* Link. */
    bool link;       /* frames get through */
    bool central_up; /* the back end believes so */
    uint32_t generation;
    int64_t down_order_ms, up_order_ms; /* frames keep their order */
    struct message outbox[OUTBOX];
    size_t n_outbox;
    bool outbox_busy;

    /* The back end's view of it. */
    struct call queue[QUEUE];
    size_t n_queue;
    bool in_flight;
    struct call flight;
    int64_t open_tx, closed_tx; /* by the messages that came */
};

enum kind {
    EV_REQUEST,
    EV_ANSWER,
    EV_TIMEOUT,
    EV_OUTBOX,
    EV_REPEAT,
    EV_STATUS,
    EV_SAMPLE,
    EV_METER,
    EV_ARRIVE,
    EV_LEAVE,
    EV_PAUSE,
    EV_CUT,
    EV_NOTICE,
    EV_CONNECT,
    EV_REBOOT,
    EV_RESTART,
    EV_REBUILD,
    EV_CAP,
    EV_CLOCK,
    EV_LAPSE,
};

struct event {
    int64_t at_ms;
    uint64_t order;
    enum kind kind;
    size_t station;
    uint32_t generation;
    struct call call;
    struct message message;
    enum sched_answer answer;
    int32_t ma[3];
    bool flag;
};

struct lease_row {
    size_t point;
    int64_t tx_id, end_ms;
    int32_t limit_ma;
};

struct street {
    struct sched_node_conf *node;
    size_t n_nodes;
    struct station *station;
    size_t n_stations;
    struct sched_tuning tuning;
    struct street_faults faults;
    struct street_life life;
    uint64_t random;
    int64_t now_ms, clock_ms; /* clock_ms: how far our clock was set back */
    int64_t next_tx;

    struct sched *sched;
    uint32_t epoch;
    struct lease_row *row; /* the store */
    size_t n_rows, rows_size;

    struct event *heap;
    size_t n_events, heap_size;
    uint64_t order;

    int64_t *excused_ma; /* per node and phase: unavoidable, may only fall */
    bool *excused;
    bool stays;
    char text[400];
    bool failed;

    int64_t measure_since_ms, allowed_since_ms;
    double allowed_ma_ms, capacity_ma_ms;
    struct street_stats stats;
    double sum_x, sum_xx;
    double least_x;
    int64_t n_x;
};

uint64_t street_random(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

static int64_t below(struct street *t, int64_t n)
{
    return n <= 0 ? 0 : (int64_t)(street_random(&t->random) % (uint64_t)n);
}

static bool chance(struct street *t, int32_t per_mille)
{
    return below(t, 1000) < per_mille;
}

/* Between nothing and twice the mean. */
static int64_t about(struct street *t, int64_t mean_ms)
{
    return 1 + below(t, 2 * mean_ms);
}

static int64_t our_clock(const struct street *t)
{
    return t->now_ms - t->clock_ms;
}

static void fail(struct street *t, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void fail(struct street *t, const char *format, ...)
{
    va_list args;
    if (t->failed)
        return;
    int n =
        snprintf(t->text, sizeof(t->text), "at %.3f s: ", (double)(t->now_ms - START_MS) / 1000.0);
    va_start(args, format);
    vsnprintf(t->text + n, sizeof(t->text) - (size_t)n, format, args);
    va_end(args);
    t->failed = true;
}

/* --- events --- */

static bool earlier(const struct event *a, const struct event *b)
{
    return a->at_ms != b->at_ms ? a->at_ms < b->at_ms : a->order < b->order;
}

static void push(struct street *t, struct event e)
{
    if (t->n_events == t->heap_size) {
        t->heap_size = t->heap_size * 2 + 64;
        t->heap = realloc(t->heap, t->heap_size * sizeof(*t->heap));
        assert(t->heap != NULL);
    }
    e.order = t->order++;
    size_t at = t->n_events++;
    for (; at > 0 && earlier(&e, &t->heap[(at - 1) / 2]); at = (at - 1) / 2)
        t->heap[at] = t->heap[(at - 1) / 2];
    t->heap[at] = e;
}

static struct event pop(struct street *t)
{
    struct event top = t->heap[0], last = t->heap[--t->n_events];
    size_t at = 0;
    for (size_t child; (child = 2 * at + 1) < t->n_events; at = child) {
        if (child + 1 < t->n_events && earlier(&t->heap[child + 1], &t->heap[child]))
            child++;
        if (!earlier(&t->heap[child], &last))
            break;
        t->heap[at] = t->heap[child];
    }
    if (t->n_events > 0)
        t->heap[at] = last;
    return top;
}

static void later(struct street *t, enum kind kind, size_t station, int64_t after_ms)
{
    push(t, (struct event){ .at_ms = t->now_ms + after_ms,
                            .kind = kind,
                            .station = station,
                            .generation =
                                station < t->n_stations ? t->station[station].generation : 0 });
}

static void every(struct street *t, enum kind kind, size_t station, int64_t mean_ms)
{
    if (mean_ms > 0)
        later(t, kind, station, about(t, mean_ms));
}

static int64_t transit_ms(struct street *t)
{
    int64_t ms = about(t, t->faults.delay_ms > 0 ? t->faults.delay_ms : 20);
    return chance(t, t->faults.slow) ? ms + below(t, 60000) : ms;
}

/* --- what a station may draw --- */

static int32_t default_now(const struct station *st)
{
    return st->has_default ? st->default_ma : st->conf.rating_ma;
}

static int32_t limit_now(const struct street *t, const struct station *st)
{
    const struct profile *p = &st->profile;
    if (st->conf.class == SCHED_UNMANAGED)
        return st->conf.rating_ma;
    if (st->tx_id == 0)
        return default_now(st);
    if (!p->there || p->tx_id != st->tx_id)
        return st->live_default ? default_now(st) : st->start_ma;
    if (st->conf.class == SCHED_STICKY || t->now_ms + st->skew_ms < p->end_ms)
        return p->limit_ma;
    return p->safe_ma;
}

/* What the car still draws although less is installed. */
static int32_t lagging_ma(const struct street *t, const struct station *st)
{
    if (st->tx_id == 0 || !st->car_wants || t->now_ms >= st->lag_until_ms)
        return 0;
    return st->lag_ma < st->car_ma ? st->lag_ma : st->car_ma;
}

static int32_t drawn_ma(const struct street *t, const struct station *st)
{
    int32_t ma = limit_now(t, st), lag_ma = lagging_ma(t, st);
    if (st->tx_id == 0 || !st->car_wants)
        return 0;
    ma = ma < 6000 ? 0 : ma < st->car_ma ? ma : st->car_ma;
    return ma > lag_ma ? ma : lag_ma;
}

/* Worst of what is installed and what the car has not followed yet. */
static int32_t legal_ma(const struct street *t, const struct station *st)
{
    int32_t ma = limit_now(t, st);
    if (ma > st->conf.rating_ma)
        ma = st->conf.rating_ma;
    if (lagging_ma(t, st) > ma)
        ma = lagging_ma(t, st);
    return st->known ? ma : 0;
}

static uint8_t phases_now(const struct station *st)
{
    return st->tx_id != 0 ? st->car_phases : st->wired;
}

static void count_energy(struct street *t, struct station *st)
{
    int32_t ma = st->tx_id != 0 ? limit_now(t, st) : 0;
    bool on = st->tx_id != 0 && ma >= st->conf.min_ma;
    if (st->tx_id != 0)
        st->got_ma_ms += drawn_ma(t, st) * (t->now_ms - st->at_ms);
    st->at_ms = t->now_ms;
    if (on != st->was_on && st->tx_id != 0)
        t->stats.n_switches++;
    st->was_on = on;
}

static void install(struct street *t, struct station *st, const struct sched_command *cmd)
{
    int32_t before_ma = limit_now(t, st);
    bool limited = st->profile.there && st->profile.tx_id == st->tx_id;
    int64_t before_end_ms = INT64_MAX; /* of ours; a lease that ends needs no reaction time */
    if (st->profile.there && st->profile.end_ms != INT64_MAX)
        before_end_ms = st->profile.end_ms - st->skew_ms;
    if (cmd->kind == SCHED_SET_SAFE) {
        st->has_default = true;
        st->default_ma = cmd->safe_ma;
        if (st->open_tx != st->tx_id) /* nobody knows of this car yet: outside the promise */
            st->start_ma = before_ma = cmd->safe_ma;
    } else {
        st->profile = (struct profile){ .there = true,
                                        .tx_id = cmd->tx_id,
                                        .end_ms = cmd->end_ms,
                                        .limit_ma = cmd->limit_ma,
                                        .safe_ma = cmd->safe_ma };
    }
    if (limit_now(t, st) < before_ma && st->tx_id != 0) {
        if (t->now_ms >= st->lag_until_ms) { /* else the first change goes on */
            st->lag_ma = before_ma;
            st->lag_free = !limited;
            st->lag_until_ms = t->now_ms + below(t, REACTION_MS);
            if (st->lag_until_ms > before_end_ms)
                st->lag_until_ms = before_end_ms;
        }
        later(t, EV_LAPSE, (size_t)(st - t->station), st->lag_until_ms - t->now_ms);
    }
    if (cmd->kind != SCHED_SET_SAFE && cmd->end_ms != INT64_MAX)
        later(t, EV_LAPSE, (size_t)(st - t->station), cmd->end_ms - st->skew_ms - t->now_ms);
}

/* --- the oracle --- */

static int64_t capacity(const struct street *t, size_t v, int phase)
{
    return (int64_t)t->node[v].limit_ma[phase] - t->node[v].foreign_ma[phase];
}

static void sum_legal(const struct street *t, size_t v, int64_t ret_ma[3])
{
    memset(ret_ma, 0, 3 * sizeof(*ret_ma));
    for (size_t i = 0; i < t->n_stations; i++) {
        const struct station *st = &t->station[i];
        int32_t at = st->conf.node;
        while (at > (int32_t)v)
            at = t->node[at].parent;
        if (at != (int32_t)v)
            continue;
        for (int phase = 0; phase < 3; phase++)
            if (phases_now(st) >> phase & 1)
                ret_ma[phase] += legal_ma(t, st);
    }
}

/* Something that no message could prevent: from here on the excess may only fall. */
static void excuse(struct street *t)
{
    for (size_t v = 0; v < t->n_nodes; v++) {
        struct sched_node_view view;
        sched_node_view(t->sched, v, our_clock(t), &view);
        for (int phase = 0; phase < 3; phase++) {
            t->excused_ma[v * 3 + (size_t)phase] = view.reserved_ma[phase];
            t->excused[v] = true;
        }
    }
}

static void fade_excuse(struct street *t, size_t v)
{
    struct sched_node_view view;
    bool any = false;
    sched_node_view(t->sched, v, our_clock(t), &view);
    for (int phase = 0; phase < 3; phase++) {
        int64_t *ma = &t->excused_ma[v * 3 + (size_t)phase];
        if (*ma > view.reserved_ma[phase])
            *ma = view.reserved_ma[phase];
        any = any || *ma > capacity(t, v, phase);
    }
    t->excused[v] = any;
}

static void check_sums(struct street *t)
{
    for (size_t v = 0; v < t->n_nodes; v++) {
        int64_t sum_ma[3];
        sum_legal(t, v, sum_ma);
        for (int phase = 0; phase < 3; phase++) {
            int64_t most_ma = capacity(t, v, phase);
            if (t->excused[v] && t->excused_ma[v * 3 + (size_t)phase] > most_ma)
                most_ma = t->excused_ma[v * 3 + (size_t)phase];
            if (sum_ma[phase] > most_ma)
                fail(t,
                     "node %zu L%d: stations may draw %" PRId64
                     " mA, limit less foreign load %" PRId64 " mA%s",
                     v, phase + 1, sum_ma[phase], most_ma, t->excused[v] ? " (excused)" : "");
        }
        if (t->excused[v])
            fade_excuse(t, v);
    }
}

static void check_stations(struct street *t)
{
    for (size_t i = 0; i < t->n_stations; i++) {
        struct sched_point_view view;
        sched_point_view(t->sched, i, our_clock(t), &view);
        if (legal_ma(t, &t->station[i]) > view.reserve_ma)
            fail(t, "station %zu may draw %d mA, the ledger counts %d mA (%s)", i,
                 (int)legal_ma(t, &t->station[i]), (int)view.reserve_ma, view.reason);
    }
}

/* Limits in force at node 0 while somebody there wants more. */
static void measure_allowed(struct street *t)
{
    int64_t ms = t->now_ms - t->allowed_since_ms, sum_ma[3] = { 0, 0, 0 };
    bool wanted = false;
    t->allowed_since_ms = t->now_ms;
    if (t->measure_since_ms == 0 || ms <= 0)
        return;
    for (size_t i = 0; i < t->n_stations; i++) {
        const struct station *st = &t->station[i];
        if (st->tx_id == 0 || !st->car_wants)
            continue;
        int32_t ma = limit_now(t, st);
        wanted = wanted || ma < st->car_ma;
        for (int phase = 0; phase < 3; phase++)
            if (st->car_phases >> phase & 1)
                sum_ma[phase] += ma < st->car_ma ? ma : st->car_ma;
    }
    for (int phase = 0; phase < 3 && wanted; phase++) {
        t->allowed_ma_ms += (double)sum_ma[phase] * (double)ms;
        t->capacity_ma_ms += (double)capacity(t, 0, phase) * (double)ms;
    }
}

/* --- the back end --- */

static void send_next(struct street *t, size_t i)
{
    struct station *st = &t->station[i];
    if (st->in_flight || st->n_queue == 0 || !st->central_up)
        return;
    st->flight = st->queue[0];
    st->in_flight = true;
    memmove(&st->queue[0], &st->queue[1], --st->n_queue * sizeof(st->queue[0]));
    struct event e = { .kind = EV_REQUEST,
                       .station = i,
                       .generation = st->generation,
                       .call = st->flight };
    st->down_order_ms += 1;
    e.at_ms = t->now_ms + transit_ms(t);
    if (e.at_ms < st->down_order_ms)
        e.at_ms = st->down_order_ms;
    st->down_order_ms = e.at_ms;
    if (st->link && !chance(t, t->faults.request_lost))
        push(t, e);
    e.kind = EV_TIMEOUT;
    e.at_ms = t->now_ms + CALL_TIMEOUT_MS;
    push(t, e);
}

static void answer(struct street *t, size_t i, const struct call *call, enum sched_answer a)
{
    if (call->epoch == t->epoch)
        sched_answer(t->sched, i, call->cmd.seq, a, our_clock(t));
    if (a == SCHED_ACCEPTED && call->cmd.kind == SCHED_SET_SAFE &&
        call->cmd.safe_ma == t->station[i].conf.safe_ma)
        t->station[i].conf.safe_confirmed = true;
}

/* A newer limit takes the place of one that waits. */
static void enqueue(struct street *t, const struct sched_command *cmd)
{
    struct station *st = &t->station[cmd->point];
    struct call call = { .cmd = *cmd, .epoch = t->epoch };
    bool is_safe = cmd->kind == SCHED_SET_SAFE;
    if (!st->central_up) {
        answer(t, cmd->point, &call, SCHED_NOT_SENT);
        return;
    }
    for (size_t k = 0; k < st->n_queue; k++)
        if ((st->queue[k].cmd.kind == SCHED_SET_SAFE) == is_safe) {
            struct call old = st->queue[k];
            st->queue[k] = call;
            answer(t, cmd->point, &old, SCHED_NOT_SENT);
            return;
        }
    assert(st->n_queue < QUEUE);
    st->queue[st->n_queue++] = call;
    send_next(t, cmd->point);
}

static void write_lease(struct street *t, const struct sched_command *cmd)
{
    if (t->n_rows == t->rows_size) {
        t->rows_size = t->rows_size * 2 + 64;
        t->row = realloc(t->row, t->rows_size * sizeof(*t->row));
        assert(t->row != NULL);
    }
    t->row[t->n_rows++] = (struct lease_row){ .point = cmd->point,
                                              .tx_id = cmd->tx_id,
                                              .end_ms = cmd->end_ms,
                                              .limit_ma = cmd->limit_ma };
}

static void check_command(struct street *t, const struct sched_command *cmd)
{
    const struct station *st = &t->station[cmd->point];
    bool whole = cmd->limit_ma == 0 ||
                 (cmd->limit_ma >= st->conf.min_ma && cmd->limit_ma <= st->conf.rating_ma);
    if (cmd->seq == 0 || !whole || cmd->safe_ma != st->conf.safe_ma || cmd->end_ms <= cmd->start_ms)
        fail(t, "station %zu: odd command %d: %d mA", cmd->point, (int)cmd->kind,
             (int)cmd->limit_ma);
}

static void run_rounds(struct street *t)
{
    struct sched_command cmd[COMMANDS];
    struct sched_incident incident;
    size_t n;
    do {
        n = sched_round(t->sched, our_clock(t), cmd, COMMANDS);
        for (size_t k = 0; k < n; k++) {
            t->stats.n_commands++;
            check_command(t, &cmd[k]);
            if (cmd[k].kind != SCHED_SET_SAFE)
                write_lease(t, &cmd[k]);
        }
        for (size_t k = 0; k < n; k++)
            enqueue(t, &cmd[k]);
    } while (n == COMMANDS);
    while (sched_take_incident(t->sched, &incident))
        if (incident.kind == SCHED_DISOBEYS)
            fail(t, "station %zu obeys but is said to disobey: %d mA against %d mA", incident.point,
                 (int)incident.measured_ma, (int)incident.allowed_ma);
    t->stats.n_rounds++;
}

static void lose_calls(struct street *t, size_t i)
{
    struct station *st = &t->station[i];
    if (st->in_flight) {
        st->in_flight = false;
        answer(t, i, &st->flight, SCHED_UNKNOWN);
    }
    while (st->n_queue > 0) {
        struct call call = st->queue[--st->n_queue];
        answer(t, i, &call, SCHED_NOT_SENT);
    }
}

static struct sched *make_sched(const struct street *t)
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
    struct sched *s = sched_new(&conf, our_clock(t));
    assert(s != NULL);
    free(point);
    return s;
}

/* --- the station's side of messages --- */

static void deliver_next(struct street *t, size_t i)
{
    struct station *st = &t->station[i];
    if (!st->link || st->outbox_busy || st->n_outbox == 0)
        return;
    st->outbox_busy = true;
    int64_t ms = transit_ms(t);
    if (t->now_ms + ms < st->up_order_ms)
        ms = st->up_order_ms - t->now_ms;
    st->up_order_ms = t->now_ms + ms;
    later(t, EV_OUTBOX, i, ms);
}

static void post(struct street *t, size_t i, bool is_stop, int64_t tx_id)
{
    struct station *st = &t->station[i];
    if (st->n_outbox == OUTBOX)
        return; /* a full memory loses the newest */
    st->outbox[st->n_outbox++] = (struct message){ .is_stop = is_stop, .tx_id = tx_id };
    deliver_next(t, i);
}

static void told(struct street *t, size_t i, const struct message *m)
{
    struct station *st = &t->station[i];
    if (m->is_stop) {
        sched_session_stop(t->sched, i, m->tx_id, our_clock(t));
        st->closed_tx = m->tx_id > st->closed_tx ? m->tx_id : st->closed_tx;
        if (st->open_tx == m->tx_id)
            st->open_tx = 0;
        return;
    }
    sched_session_start(t->sched, i, m->tx_id, our_clock(t));
    if (m->tx_id > st->closed_tx)
        st->open_tx = m->tx_id;
}

static void on_outbox(struct street *t, const struct event *e)
{
    struct station *st = &t->station[e->station];
    struct message m = st->outbox[0];
    st->outbox_busy = false;
    if (st->n_outbox == 0)
        return;
    if (!chance(t, t->faults.repeated))
        memmove(&st->outbox[0], &st->outbox[1], --st->n_outbox * sizeof(st->outbox[0]));
    told(t, e->station, &m);
    if (chance(t, t->faults.repeated)) /* once more, late */
        push(t, (struct event){ .at_ms = t->now_ms + below(t, 600000),
                                .kind = EV_REPEAT,
                                .station = e->station,
                                .generation = st->generation,
                                .message = m });
    deliver_next(t, e->station);
}

static void on_request(struct street *t, const struct event *e)
{
    struct station *st = &t->station[e->station];
    const struct sched_command *cmd = &e->call.cmd;
    bool takes = st->conf.class != SCHED_UNMANAGED &&
                 (cmd->kind == SCHED_SET_SAFE || (st->tx_id != 0 && st->tx_id == cmd->tx_id)) &&
                 !chance(t, t->faults.rejected);
    if (takes)
        install(t, st, cmd);
    struct event back = *e;
    back.kind = EV_ANSWER;
    back.answer = takes ? SCHED_ACCEPTED : SCHED_REJECTED;
    back.at_ms = t->now_ms + transit_ms(t);
    if (back.at_ms < st->up_order_ms)
        back.at_ms = st->up_order_ms;
    st->up_order_ms = back.at_ms;
    if (!chance(t, t->faults.answer_lost))
        push(t, back);
}

static void on_answer(struct street *t, const struct event *e)
{
    struct station *st = &t->station[e->station];
    answer(t, e->station, &e->call, e->answer);
    if (st->in_flight && st->flight.cmd.seq == e->call.cmd.seq &&
        st->flight.epoch == e->call.epoch) {
        st->in_flight = false;
        send_next(t, e->station);
    }
}

static void on_timeout(struct street *t, const struct event *e)
{
    struct station *st = &t->station[e->station];
    if (!st->in_flight || st->flight.cmd.seq != e->call.cmd.seq ||
        st->flight.epoch != e->call.epoch)
        return;
    st->in_flight = false;
    answer(t, e->station, &e->call, SCHED_UNKNOWN);
    send_next(t, e->station);
}

/* --- cars --- */

static void new_car(struct street *t, struct station *st)
{
    static const int32_t most_ma[] = { 5000, 8000, 10000, 16000, 16000, 16000, 32000 };
    st->car_ma = t->life.car_ma > 0 ? t->life.car_ma : most_ma[below(t, 7)];
    st->car_phases = st->wired;
    if (chance(t, t->life.single_phase))
        st->car_phases = (uint8_t)(1u << st->conf.wiring[0]);
    st->car_wants = true;
    st->since_ms = st->at_ms = t->now_ms;
    st->got_ma_ms = 0;
    st->was_on = false;
}

static void on_arrive(struct street *t, size_t i)
{
    struct station *st = &t->station[i];
    if (st->tx_id != 0)
        return;
    new_car(t, st);
    st->tx_id = ++t->next_tx;
    st->start_ma = default_now(st);
    st->lag_until_ms = 0;
    t->stats.n_sessions++;
    post(t, i, false, st->tx_id);
    if (!t->stays)
        later(t, EV_LEAVE, i, about(t, t->life.stay_ms));
    if (chance(t, t->life.pausing))
        later(t, EV_PAUSE, i, about(t, t->life.stay_ms / 2));
}

static void note_energy(struct street *t, const struct station *st)
{
    int64_t there_ms = t->now_ms - st->since_ms;
    if (there_ms < 60000)
        return;
    double x = (double)st->got_ma_ms / (double)there_ms;
    t->sum_x += x;
    t->sum_xx += x * x;
    t->least_x = t->n_x == 0 || x < t->least_x ? x : t->least_x;
    t->n_x++;
}

static void end_tx(struct street *t, size_t i)
{
    struct station *st = &t->station[i];
    if (st->tx_id == 0)
        return;
    note_energy(t, st);
    post(t, i, true, st->tx_id);
    st->tx_id = 0;
    st->profile.there = false; /* dies with the transaction */
}

static void on_leave(struct street *t, size_t i)
{
    end_tx(t, i);
    later(t, EV_ARRIVE, i, about(t, t->life.gone_ms));
}

static void on_pause(struct street *t, size_t i)
{
    struct station *st = &t->station[i];
    if (st->tx_id == 0)
        return;
    st->car_wants = !st->car_wants;
    st->lag_until_ms = 0;
    if (st->link) {
        struct event e = { .at_ms = t->now_ms + transit_ms(t),
                           .kind = EV_STATUS,
                           .station = i,
                           .generation = st->generation,
                           .flag = st->car_wants };
        push(t, e);
    }
    later(t, EV_PAUSE, i, about(t, t->life.stay_ms));
}

static void on_meter(struct street *t, size_t i)
{
    struct station *st = &t->station[i];
    later(t, EV_METER, i, t->life.meter_every_ms);
    if (!st->link || st->tx_id == 0)
        return;
    struct event e = { .at_ms = t->now_ms + transit_ms(t),
                       .kind = EV_SAMPLE,
                       .station = i,
                       .generation = st->generation,
                       .call = { .cmd = { .start_ms = our_clock(t) } } };
    for (int32_t k = 0; k < 3; k++)
        e.ma[k] = k >= st->conf.n_phases                     ? -1
                  : st->car_phases >> st->conf.wiring[k] & 1 ? drawn_ma(t, st)
                                                             : 0;
    push(t, e);
}

/* --- links and faults --- */

static void link_down(struct street *t, size_t i)
{
    struct station *st = &t->station[i];
    if (!st->central_up)
        return;
    st->central_up = false;
    lose_calls(t, i);
    sched_link(t->sched, i, false, our_clock(t));
}

static void cut(struct street *t, size_t i)
{
    struct station *st = &t->station[i];
    st->link = false;
    st->generation++; /* frames under way are dead */
    st->outbox_busy = false;
    if (st->conf.class == SCHED_FORGETFUL)
        st->has_default = st->profile.there = false;
    if (st->conf.class == SCHED_FORGETFUL && st->tx_id != 0)
        st->start_ma = st->conf.rating_ma;
}

static void on_cut(struct street *t, size_t i)
{
    struct station *st = &t->station[i];
    every(t, EV_CUT, i, t->faults.cut_every_ms);
    if (!st->link || t->faults.cut_every_ms == 0)
        return;
    cut(t, i);
    if (chance(t, t->faults.half_open))
        later(t, EV_NOTICE, i, about(t, 120000));
    else
        link_down(t, i);
    later(t, EV_CONNECT, i, about(t, t->faults.down_ms));
}

static void on_connect(struct street *t, size_t i)
{
    struct station *st = &t->station[i];
    bool first = !st->known;
    if (st->link)
        return;
    link_down(t, i); /* a new socket closes the old one */
    st->generation++;
    st->link = st->central_up = st->known = true;
    st->conf.commissioned = true;
    st->outbox_busy = false;
    sched_skew(t->sched, i, st->skew_ms + below(t, 8001) - 4000);
    sched_link(t->sched, i, true, our_clock(t));
    if (first)
        excuse(t);
    deliver_next(t, i);
}

static void on_reboot(struct street *t, size_t i)
{
    struct station *st = &t->station[i];
    every(t, EV_REBOOT, i, t->faults.reboot_every_ms);
    if (!st->known || t->faults.reboot_every_ms == 0)
        return;
    cut(t, i);
    link_down(t, i);
    if (st->conf.class == SCHED_LEASING && chance(t, 500)) {
        st->profile.there = false; /* falls to its default, whether or not it acts live */
        st->start_ma = default_now(st);
    }
    if (chance(t, 500))
        end_tx(t, i);
    later(t, EV_CONNECT, i, about(t, 60000));
    if (st->tx_id == 0 && !t->stays)
        later(t, EV_ARRIVE, i, about(t, t->life.gone_ms));
    sched_boot(t->sched, i, our_clock(t));
}

static void restore(struct street *t)
{
    for (size_t k = 0; k < t->n_rows; k++) {
        const struct lease_row *row = &t->row[k];
        if (row->tx_id != t->station[row->point].open_tx)
            continue;
        sched_restore(t->sched, row->point, row->tx_id, row->limit_ma, row->end_ms, our_clock(t));
    }
}

/* The process dies with all sockets; what was written is there again. */
static void on_restart(struct street *t, bool once)
{
    if (!once)
        every(t, EV_RESTART, 0, t->faults.restart_every_ms);
    for (size_t i = 0; i < t->n_stations; i++) {
        struct station *st = &t->station[i];
        st->in_flight = false;
        st->n_queue = 0;
        st->central_up = false;
        if (st->lag_free) /* what was no lease is not written */
            st->lag_until_ms = 0;
        if (st->link) {
            cut(t, i);
            later(t, EV_CONNECT, i, about(t, 30000));
        }
    }
    sched_free(t->sched);
    t->epoch++;
    t->sched = make_sched(t);
    bool sessions_first = chance(t, 500);
    if (!sessions_first)
        restore(t);
    for (size_t i = 0; i < t->n_stations; i++)
        if (t->station[i].open_tx != 0)
            sched_session_start(t->sched, i, t->station[i].open_tx, our_clock(t));
    if (sessions_first)
        restore(t);
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
static void on_rebuild(struct street *t)
{
    every(t, EV_REBUILD, 0, t->faults.rebuild_every_ms);
    if (t->faults.restart_every_ms > 0 && chance(t, 300))
        push(t, (struct event){ .at_ms = t->now_ms + 1000 + below(t, 2000),
                                .kind = EV_RESTART,
                                .flag = true });
    if (t->n_stations > 0 && chance(t, 500))
        change_safe(t, (size_t)below(t, (int64_t)t->n_stations));
    struct sched *old = t->sched;
    t->sched = make_sched(t);
    t->epoch++;
    for (size_t i = 0; i < t->n_stations; i++) {
        struct station *st = &t->station[i];
        struct sched_lease lease[8];
        struct sched_point_view view;
        size_t n = sched_leases(old, i, lease, 8);
        for (size_t k = 0; k < n; k++)
            sched_restore(t->sched, i, lease[k].tx_id, lease[k].limit_ma, lease[k].end_ms,
                          our_clock(t));
        sched_point_view(old, i, our_clock(t), &view);
        sched_skew(t->sched, i, st->skew_ms + below(t, 8001) - 4000);
        if (st->central_up)
            sched_link(t->sched, i, true, our_clock(t));
        if (st->open_tx != 0)
            sched_session_start(t->sched, i, st->open_tx, our_clock(t));
        if (chance(t, 500))
            sched_restore_phases(t->sched, i, view.tx_id, view.phases, our_clock(t));
    }
    sched_free(old);
    excuse(t);
}

static void on_cap(struct street *t)
{
    every(t, EV_CAP, 0, t->faults.cap_every_ms);
    size_t v = (size_t)below(t, (int64_t)t->n_nodes);
    for (int phase = 0; phase < 3; phase++) {
        int64_t ma = t->node[v].limit_ma[phase] + below(t, 20001) - 10000;
        t->node[v].limit_ma[phase] = ma < 0 ? 0 : (int32_t)ma;
    }
    sched_set_limit(t->sched, v, t->node[v].limit_ma, t->node[v].foreign_ma, our_clock(t));
    excuse(t);
}

static void on_clock(struct street *t)
{
    every(t, EV_CLOCK, 0, t->faults.clock_back_every_ms);
    t->clock_ms = below(t, 2000); /* against true time, so it also jumps forward */
}

/* --- the loop --- */

static bool needs_live_frames(enum kind kind)
{
    return kind == EV_REQUEST || kind == EV_ANSWER || kind == EV_OUTBOX || kind == EV_REPEAT ||
           kind == EV_STATUS || kind == EV_SAMPLE;
}

static void happen(struct street *t, const struct event *e)
{
    if (needs_live_frames(e->kind) && t->station[e->station].generation != e->generation)
        return;
    switch (e->kind) {
    case EV_REQUEST:
        on_request(t, e);
        break;
    case EV_ANSWER:
        on_answer(t, e);
        break;
    case EV_TIMEOUT:
        on_timeout(t, e);
        break;
    case EV_OUTBOX:
        on_outbox(t, e);
        break;
    case EV_REPEAT:
        told(t, e->station, &e->message);
        break;
    case EV_STATUS:
        sched_session_wants(t->sched, e->station, e->flag, our_clock(t));
        break;
    case EV_SAMPLE:
        sched_measured(t->sched, e->station, e->ma, e->call.cmd.start_ms, our_clock(t));
        break;
    case EV_METER:
        on_meter(t, e->station);
        break;
    case EV_ARRIVE:
        on_arrive(t, e->station);
        break;
    case EV_LEAVE:
        on_leave(t, e->station);
        break;
    case EV_PAUSE:
        on_pause(t, e->station);
        break;
    case EV_CUT:
        on_cut(t, e->station);
        break;
    case EV_NOTICE:
        if (t->station[e->station].generation == e->generation)
            link_down(t, e->station);
        break;
    case EV_CONNECT:
        on_connect(t, e->station);
        break;
    case EV_REBOOT:
        on_reboot(t, e->station);
        break;
    case EV_RESTART:
        on_restart(t, e->flag);
        break;
    case EV_REBUILD:
        on_rebuild(t);
        break;
    case EV_CAP:
        on_cap(t);
        break;
    case EV_CLOCK:
        on_clock(t);
        break;
    case EV_LAPSE:
        break; /* only to look */
    }
}

static void look(struct street *t)
{
    for (size_t i = 0; i < t->n_stations; i++)
        count_energy(t, &t->station[i]);
    check_sums(t);
    check_stations(t);
    t->stats.n_events++;
}

const char *street_run(struct street *t, int64_t for_ms)
{
    int64_t end_ms = t->now_ms + for_ms;
    while (!t->failed) {
        int64_t round_ms = sched_next_ms(t->sched);
        round_ms = round_ms == INT64_MAX ? INT64_MAX : round_ms + t->clock_ms;
        if (round_ms < t->now_ms)
            round_ms = t->now_ms;
        bool round_is_next = t->n_events == 0 || round_ms <= t->heap[0].at_ms;
        int64_t next_ms = round_is_next ? round_ms : t->heap[0].at_ms;
        if (next_ms > end_ms)
            break;
        t->now_ms = next_ms > t->now_ms ? next_ms : t->now_ms;
        measure_allowed(t);
        if (round_is_next) {
            run_rounds(t);
        } else {
            struct event e = pop(t);
            happen(t, &e);
        }
        look(t);
    }
    t->now_ms = end_ms > t->now_ms ? end_ms : t->now_ms;
    return t->failed ? t->text : NULL;
}

/* --- making one --- */

static void station_init(struct street *t, size_t i, const struct sched_point_conf *conf)
{
    struct station *st = &t->station[i];
    *st = (struct station){ .conf = *conf,
                            .skew_ms = t->faults.skew_ms > 0
                                           ? below(t, 2 * t->faults.skew_ms + 1) - t->faults.skew_ms
                                           : 0,
                            .live_default = chance(t, 500),
                            .has_default = conf->safe_confirmed,
                            .default_ma = conf->safe_ma,
                            .known = conf->commissioned };
    for (int32_t k = 0; k < conf->n_phases; k++)
        st->wired = (uint8_t)(st->wired | 1u << conf->wiring[k]);
}

static void begin(struct street *t)
{
    for (size_t i = 0; i < t->n_stations; i++) {
        every(t, EV_CONNECT, i, 30000);
        every(t, EV_ARRIVE, i, t->life.gone_ms);
        later(t, EV_METER, i, 60000 + below(t, 60000));
        every(t, EV_CUT, i, t->faults.cut_every_ms);
        every(t, EV_REBOOT, i, t->faults.reboot_every_ms);
    }
    every(t, EV_RESTART, 0, t->faults.restart_every_ms);
    every(t, EV_REBUILD, 0, t->faults.rebuild_every_ms);
    every(t, EV_CAP, 0, t->faults.cap_every_ms);
    every(t, EV_CLOCK, 0, t->faults.clock_back_every_ms);
}

struct street *street_new(const struct sched_conf *conf, const struct street_faults *faults,
                          const struct street_life *life, uint64_t seed)
{
    struct street *t = calloc(1, sizeof(*t));
    assert(t != NULL);
    *t = (struct street){ .n_nodes = conf->n_nodes,
                          .n_stations = conf->n_points,
                          .tuning = conf->tuning,
                          .faults = *faults,
                          .life = *life,
                          .random = seed,
                          .now_ms = START_MS };
    t->node = calloc(conf->n_nodes + 1, sizeof(*t->node));
    t->station = calloc(conf->n_points + 1, sizeof(*t->station));
    t->excused_ma = calloc(conf->n_nodes * 3 + 1, sizeof(*t->excused_ma));
    t->excused = calloc(conf->n_nodes + 1, sizeof(*t->excused));
    assert(t->node && t->station && t->excused_ma && t->excused);
    for (size_t v = 0; v < conf->n_nodes; v++)
        t->node[v] = conf->node[v];
    for (size_t i = 0; i < conf->n_points; i++)
        station_init(t, i, &conf->point[i]);
    t->sched = make_sched(t);
    excuse(t);
    begin(t);
    return t;
}

void street_free(struct street *t)
{
    if (t == NULL)
        return;
    sched_free(t->sched);
    free(t->node);
    free(t->station);
    free(t->row);
    free(t->heap);
    free(t->excused_ma);
    free(t->excused);
    free(t);
}

void street_rush(struct street *t)
{
    t->stays = true;
    for (size_t i = 0; i < t->n_stations; i++)
        later(t, EV_ARRIVE, i, 30000 + below(t, 60000));
}

void street_calm(struct street *t)
{
    int64_t delay_ms = t->faults.delay_ms;
    t->faults = (struct street_faults){ .delay_ms = delay_ms };
}

void street_measure(struct street *t)
{
    t->measure_since_ms = t->allowed_since_ms = t->now_ms;
    t->allowed_ma_ms = t->capacity_ma_ms = 0;
}

void street_stats(const struct street *t, struct street_stats *ret)
{
    struct street copy = *t; /* with the cars that are still there */
    for (size_t i = 0; i < t->n_stations; i++)
        if (t->station[i].tx_id != 0)
            note_energy(&copy, &t->station[i]);
    *ret = t->stats;
    ret->allowed_part = t->capacity_ma_ms > 0 ? t->allowed_ma_ms / t->capacity_ma_ms : 0;
    ret->jain = copy.sum_xx > 0 ? copy.sum_x * copy.sum_x / ((double)copy.n_x * copy.sum_xx) : 1.0;
    ret->jain_least = copy.least_x;
}

const struct sched *street_sched(const struct street *t)
{
    return t->sched;
}
