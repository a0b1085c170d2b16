/* Cars: what they take of what they are offered, on which phases, and how their meter tells it. */
#include "tests/scheduler/street_state.h"

void street_new_car(struct street *t, struct station *st)
{
    static const int32_t most_ma[] = { 5000, 8000, 10000, 16000, 16000, 16000, 32000 };
    const struct street_life *life = &t->life;
    st->car_ma = life->car_ma > 0 ? life->car_ma : most_ma[street_below(t, 7)];
    st->car_phases = st->wired;
    st->car_changes = street_chance(t, life->phase_changer);
    if (street_chance(t, life->single_phase) || (st->car_changes && street_chance(t, 500)))
        st->car_phases = (uint8_t)(1u << st->conf.wiring[0]);
    else if (st->conf.n_phases == 3 && street_chance(t, life->two_phase))
        st->car_phases = (uint8_t)(1u << st->conf.wiring[0] | 1u << st->conf.wiring[1]);
    st->car_least_ma = street_chance(t, life->stops_early) ? 8000 : st->conf.min_ma;
    st->car_part = street_chance(t, life->part_taker) ? 600 + (int32_t)street_below(t, 401) : 1000;
    st->car_sleepy = street_chance(t, life->sleepy);
    st->car_wants = true;
    st->car_sleeps = st->drew = st->grown = false;
    st->since_ms = st->at_ms = t->now_ms;
    st->got_ma_ms = 0;
    st->was_on = false;
}

/* A sleepy car that was turned off takes nothing more until it is plugged in again. */
void street_follow_offer(struct street *t, struct station *st)
{
    if (st->tx_id == 0 || !st->car_sleepy)
        return;
    bool offered = street_limit_now(t, st) >= st->car_least_ma;
    st->drew = st->drew || (offered && st->car_wants);
    if (st->drew && !offered && !st->car_sleeps && t->now_ms >= st->lag_until_ms) {
        st->car_sleeps = true;
        t->stats.n_slept++;
    }
}

void street_on_pause(struct street *t, size_t i)
{
    struct station *st = &t->station[i];
    if (st->tx_id == 0)
        return;
    st->car_wants = !st->car_wants;
    st->lag_until_ms = 0;
    if (st->link && !street_loses(t, st, t->faults.told_lost)) {
        struct event e = { .at_ms = t->now_ms + street_transit_ms(t, st),
                           .kind = EV_STATUS,
                           .station = i,
                           .generation = st->generation,
                           .flag = st->car_wants };
        street_push(t, e);
    }
    street_later(t, EV_PAUSE, i, street_about(t, t->life.stay_ms));
}

/* One phase now, all of them later, and back. */
void street_on_phases(struct street *t, size_t i)
{
    struct station *st = &t->station[i];
    if (st->tx_id == 0 || !st->car_changes)
        return;
    uint8_t one = (uint8_t)(1u << st->conf.wiring[0]);
    st->car_phases = st->car_phases == one ? st->wired : one;
    t->stats.n_changed_phases++;
    street_later(t, EV_PHASES, i, street_about(t, t->life.stay_ms / 4));
}

void street_on_meter(struct street *t, size_t i)
{
    struct station *st = &t->station[i];
    street_later(t, EV_METER, i, t->life.meter_every_ms);
    if (!st->link || st->tx_id == 0 || street_loses(t, st, t->faults.told_lost))
        return;
    struct event e = { .at_ms = t->now_ms + street_transit_ms(t, st),
                       .kind = EV_SAMPLE,
                       .station = i,
                       .generation = st->generation,
                       .call = { .cmd = { .start_ms = street_our_clock(t) } } };
    for (int32_t k = 0; k < 3; k++)
        e.ma[k] = k >= st->conf.n_phases                     ? -1
                  : st->car_phases >> st->conf.wiring[k] & 1 ? street_drawn_ma(t, st)
                                                             : 0;
    street_push(t, e);
}

/* Current that was told on a phase is counted there from then on. */
static void check_phases(struct street *t, const struct event *e)
{
    const struct station *st = &t->station[e->station];
    struct sched_point_view view;
    sched_point_view(t->sched, e->station, street_our_clock(t), &view);
    for (int32_t k = 0; k < st->conf.n_phases; k++)
        if (e->ma[k] > 2000 && !(view.phases >> st->conf.wiring[k] & 1))
            street_fail(t, "station %zu told of %d mA on L%d, which the ledger does not count",
                        e->station, (int)e->ma[k], st->conf.wiring[k] + 1);
}

void street_on_sample(struct street *t, const struct event *e)
{
    struct station *st = &t->station[e->station];
    int64_t at_ms = e->call.cmd.start_ms;
    bool newest = at_ms > st->sampled_ms && at_ms <= street_our_clock(t);
    sched_measured(t->sched, e->station, e->ma, at_ms, street_our_clock(t));
    if (newest) {
        st->sampled_ms = at_ms;
        if (st->open_tx != 0 && st->open_tx == st->tx_id)
            check_phases(t, e);
    }
    street_write_phases(t, e->station);
}
