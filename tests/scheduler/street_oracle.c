/* What stations may really draw, and whether that holds. */
#include "tests/scheduler/street_state.h"

#include <inttypes.h>
#include <string.h>

int32_t street_default_now(const struct station *st)
{
    return st->has_default ? st->default_ma : st->conf.rating_ma;
}

int32_t street_limit_now(const struct street *t, const struct station *st)
{
    const struct profile *p = &st->profile;
    if (st->conf.class == SCHED_UNMANAGED)
        return st->conf.rating_ma;
    if (st->tx_id == 0)
        return street_default_now(st);
    if (!p->there || p->tx_id != st->tx_id)
        return st->live_default ? street_default_now(st) : st->start_ma;
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

int32_t street_drawn_ma(const struct street *t, const struct station *st)
{
    int32_t ma = street_limit_now(t, st), lag_ma = lagging_ma(t, st);
    if (st->tx_id == 0 || !st->car_wants)
        return 0;
    ma = ma < 6000 ? 0 : ma < st->car_ma ? ma : st->car_ma;
    return ma > lag_ma ? ma : lag_ma;
}

/* Worst of what is installed and what the car has not followed yet. */
static int32_t legal_ma(const struct street *t, const struct station *st)
{
    int32_t ma = street_limit_now(t, st);
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
void street_excuse(struct street *t)
{
    for (size_t v = 0; v < t->n_nodes; v++) {
        struct sched_node_view view;
        sched_node_view(t->sched, v, street_our_clock(t), &view);
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
    sched_node_view(t->sched, v, street_our_clock(t), &view);
    for (int phase = 0; phase < 3; phase++) {
        int64_t *ma = &t->excused_ma[v * 3 + (size_t)phase];
        if (*ma > view.reserved_ma[phase])
            *ma = view.reserved_ma[phase];
        any = any || *ma > capacity(t, v, phase);
    }
    t->excused[v] = any;
}

void street_check_sums(struct street *t)
{
    for (size_t v = 0; v < t->n_nodes; v++) {
        int64_t sum_ma[3];
        sum_legal(t, v, sum_ma);
        for (int phase = 0; phase < 3; phase++) {
            int64_t most_ma = capacity(t, v, phase);
            if (t->excused[v] && t->excused_ma[v * 3 + (size_t)phase] > most_ma)
                most_ma = t->excused_ma[v * 3 + (size_t)phase];
            if (sum_ma[phase] > most_ma)
                street_fail(t,
                            "node %zu L%d: stations may draw %" PRId64
                            " mA, limit less foreign load %" PRId64 " mA%s",
                            v, phase + 1, sum_ma[phase], most_ma,
                            t->excused[v] ? " (excused)" : "");
        }
        if (t->excused[v])
            fade_excuse(t, v);
    }
}

void street_check_stations(struct street *t)
{
    for (size_t i = 0; i < t->n_stations; i++) {
        struct sched_point_view view;
        sched_point_view(t->sched, i, street_our_clock(t), &view);
        if (legal_ma(t, &t->station[i]) > view.reserve_ma)
            street_fail(t, "station %zu may draw %d mA, the ledger counts %d mA (%s)", i,
                        (int)legal_ma(t, &t->station[i]), (int)view.reserve_ma, view.reason);
    }
}

/* Limits in force at node 0 while somebody there wants more. */
void street_measure_allowed(struct street *t)
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
        int32_t ma = street_limit_now(t, st);
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
