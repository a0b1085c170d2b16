/* The charge points, their cars, and what they say. */
#include "tests/scheduler/street_state.h"

#include <string.h>

void street_count_energy(struct street *t, struct station *st)
{
    int32_t ma = st->tx_id != 0 ? street_limit_now(t, st) : 0;
    bool on = st->tx_id != 0 && ma >= st->conf.min_ma;
    if (st->tx_id != 0)
        st->got_ma_ms += street_drawn_ma(t, st) * (t->now_ms - st->at_ms);
    street_follow_offer(t, st);
    st->at_ms = t->now_ms;
    if (on != st->was_on && st->tx_id != 0)
        t->stats.n_switches++;
    st->was_on = on;
}

static void install(struct street *t, struct station *st, const struct sched_command *cmd)
{
    int32_t before_ma = street_limit_now(t, st);
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
                                        .start_ms = cmd->start_ms - 60000,
                                        .end_ms = cmd->end_ms,
                                        .limit_ma = cmd->limit_ma,
                                        .safe_ma = cmd->safe_ma };
    }
    if (street_limit_now(t, st) < before_ma && st->tx_id != 0) {
        if (t->now_ms >= st->lag_until_ms) { /* else the first change goes on */
            st->lag_ma = before_ma;
            st->lag_free = !limited;
            st->lag_until_ms = t->now_ms + street_below(t, REACTION_MS);
            if (st->lag_until_ms > before_end_ms)
                st->lag_until_ms = before_end_ms;
        }
        street_later(t, EV_LAPSE, (size_t)(st - t->station), st->lag_until_ms - t->now_ms);
    }
    if (cmd->kind != SCHED_SET_SAFE && cmd->end_ms != INT64_MAX)
        street_later(t, EV_LAPSE, (size_t)(st - t->station), cmd->end_ms - st->skew_ms - t->now_ms);
}

/* --- messages --- */

void street_deliver_next(struct street *t, size_t i)
{
    struct station *st = &t->station[i];
    if (!st->link || st->outbox_busy || st->n_outbox == 0)
        return;
    st->outbox_busy = true;
    int64_t ms = street_transit_ms(t, st);
    if (t->now_ms + ms < st->up_order_ms)
        ms = st->up_order_ms - t->now_ms;
    st->up_order_ms = t->now_ms + ms;
    street_later(t, EV_OUTBOX, i, ms);
}

static void post(struct street *t, size_t i, bool is_stop, int64_t tx_id)
{
    struct station *st = &t->station[i];
    if (st->n_outbox == OUTBOX)
        return; /* a full memory loses the newest */
    st->outbox[st->n_outbox++] = (struct message){ .is_stop = is_stop, .tx_id = tx_id };
    street_deliver_next(t, i);
}

/* The station is answered only when it is written. */
static bool told(struct street *t, size_t i, const struct message *m)
{
    struct station *st = &t->station[i];
    if (!street_write(t))
        return false;
    if (m->is_stop) {
        if (!t->dead)
            sched_session_stop(t->sched, i, m->tx_id, street_our_clock(t));
        st->closed_tx = m->tx_id > st->closed_tx ? m->tx_id : st->closed_tx;
        if (st->open_tx == m->tx_id)
            st->open_tx = 0;
        return !t->dead;
    }
    if (!t->dead)
        sched_session_start(t->sched, i, m->tx_id, street_our_clock(t));
    if (m->tx_id > st->closed_tx)
        st->open_tx = m->tx_id;
    return !t->dead;
}

void street_told(struct street *t, size_t i, const struct message *m)
{
    (void)told(t, i, m);
}

void street_on_outbox(struct street *t, const struct event *e)
{
    struct station *st = &t->station[e->station];
    struct message m = st->outbox[0];
    st->outbox_busy = false;
    if (st->n_outbox == 0)
        return;
    if (street_loses(t, st, t->faults.told_lost)) { /* the way there */
        st->outbox_busy = true;
        street_later(t, EV_OUTBOX, e->station, TELL_AGAIN_MS);
        return;
    }
    bool repeats = street_chance(t, t->faults.repeated);
    if (told(t, e->station, &m) && !repeats)
        memmove(&st->outbox[0], &st->outbox[1], --st->n_outbox * sizeof(st->outbox[0]));
    t->stats.n_repeated += repeats;
    if (street_chance(t, t->faults.repeated)) /* once more, late */
        street_push(t, (struct event){ .at_ms = t->now_ms + street_below(t, 600000),
                                       .kind = EV_REPEAT,
                                       .station = e->station,
                                       .generation = st->generation,
                                       .message = m });
    street_deliver_next(t, e->station);
}

void street_on_request(struct street *t, const struct event *e)
{
    struct station *st = &t->station[e->station];
    const struct sched_command *cmd = &e->call.cmd;
    bool takes = st->conf.class != SCHED_UNMANAGED &&
                 (cmd->kind == SCHED_SET_SAFE || (st->tx_id != 0 && st->tx_id == cmd->tx_id)) &&
                 !street_chance(t, t->faults.rejected);
    if (takes) {
        install(t, st, cmd);
    } else {
        t->stats.n_rejected++;
        st->dirty_ms = t->now_ms;
    }
    struct event back = *e;
    back.kind = EV_ANSWER;
    back.answer = takes ? SCHED_ACCEPTED : SCHED_REJECTED;
    back.at_ms = t->now_ms + street_transit_ms(t, st);
    if (back.at_ms < st->up_order_ms)
        back.at_ms = st->up_order_ms;
    st->up_order_ms = back.at_ms;
    if (!street_loses(t, st, t->faults.answer_lost))
        street_push(t, back);
}

void street_on_answer(struct street *t, const struct event *e)
{
    struct station *st = &t->station[e->station];
    street_answer(t, e->station, &e->call, e->answer);
    if (st->in_flight && st->flight.cmd.seq == e->call.cmd.seq &&
        st->flight.epoch == e->call.epoch) {
        st->in_flight = false;
        street_send_next(t, e->station);
    }
}

void street_on_timeout(struct street *t, const struct event *e)
{
    struct station *st = &t->station[e->station];
    if (!st->in_flight || st->flight.cmd.seq != e->call.cmd.seq ||
        st->flight.epoch != e->call.epoch)
        return;
    st->in_flight = false;
    street_answer(t, e->station, &e->call, SCHED_UNKNOWN);
    street_send_next(t, e->station);
}

/* --- cars --- */

void street_on_arrive(struct street *t, size_t i)
{
    struct station *st = &t->station[i];
    if (st->tx_id != 0)
        return;
    street_new_car(t, st);
    st->tx_id = ++t->next_tx;
    st->start_ma = street_default_now(st);
    st->lag_until_ms = 0;
    t->stats.n_sessions++;
    post(t, i, false, st->tx_id);
    if (!t->stays)
        street_later(t, EV_LEAVE, i, street_about(t, t->life.stay_ms));
    if (street_chance(t, t->life.pausing))
        street_later(t, EV_PAUSE, i, street_about(t, t->life.stay_ms / 2));
    if (st->car_changes)
        street_later(t, EV_PHASES, i, street_about(t, t->life.stay_ms / 4));
}

void street_note_energy(struct street *t, const struct station *st)
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

void street_end_tx(struct street *t, size_t i)
{
    struct station *st = &t->station[i];
    if (st->tx_id == 0)
        return;
    street_note_energy(t, st);
    post(t, i, true, st->tx_id);
    st->tx_id = 0;
    st->profile.there = false; /* dies with the transaction */
}

void street_on_leave(struct street *t, size_t i)
{
    street_end_tx(t, i);
    street_later(t, EV_ARRIVE, i, street_about(t, t->life.gone_ms));
}
