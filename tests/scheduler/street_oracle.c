/* What stations may really draw, and whether that holds. */
#include "tests/scheduler/street_state.h"

#include <inttypes.h>
#include <string.h>

#include "scheduler/state.h"

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
    if (t->now_ms + st->skew_ms < p->start_ms) /* by a clock that is far behind */
        return street_default_now(st);
    if (st->conf.class == SCHED_STICKY || t->now_ms + st->skew_ms < p->end_ms)
        return p->limit_ma;
    return p->safe_ma;
}

/* What the car still draws although less is installed. */
static int32_t lagging_ma(const struct street *t, const struct station *st)
{
    if (st->tx_id == 0 || !st->car_wants || st->car_sleeps || t->now_ms >= st->lag_until_ms)
        return 0;
    return st->lag_ma < st->car_ma ? st->lag_ma : st->car_ma;
}

int32_t street_drawn_ma(const struct street *t, const struct station *st)
{
    int32_t ma = street_limit_now(t, st), lag_ma = lagging_ma(t, st);
    if (st->tx_id == 0 || !st->car_wants || st->car_sleeps)
        return 0;
    int32_t part_ma = (int32_t)((int64_t)ma * st->car_part / 1000);
    ma = ma < st->car_least_ma ? 0 : part_ma < st->car_ma ? part_ma : st->car_ma;
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

/* Current on a phase that a car has only now begun to use is outside the promise until it is
 * measured (SCHEDULER section 4, "Learning phases"). */
static uint8_t phases_promised(const struct station *st, uint8_t counted)
{
    uint8_t phases = phases_now(st);
    return st->grown ? (uint8_t)(phases & counted) : phases;
}

static bool is_single(uint8_t phases)
{
    return phases == 1 || phases == 2 || phases == 4;
}

/* Limits that may still arrive there. */
static void find_on_the_wire(struct street *t)
{
    for (size_t i = 0; i < t->n_stations; i++) {
        struct station *st = &t->station[i];
        st->wire_ma = st->in_flight ? st->flight.cmd.limit_ma : 0;
        for (size_t k = 0; k < st->n_queue; k++)
            if (st->queue[k].cmd.limit_ma > st->wire_ma)
                st->wire_ma = st->queue[k].cmd.limit_ma;
    }
    for (size_t k = 0; k < t->n_events; k++) {
        const struct event *e = &t->heap[k];
        struct station *st = &t->station[e->station];
        if (e->kind == EV_REQUEST && e->generation == st->generation &&
            e->call.cmd.limit_ma > st->wire_ma)
            st->wire_ma = e->call.cmd.limit_ma;
    }
}

/* What it may come to draw by itself and by what is on its way, on a phase. */
static int32_t potential_ma(const struct street *t, size_t i, int phase, int32_t legal)
{
    const struct station *st = &t->station[i];
    const struct ledger_point *lp = &t->sched->ledger.point[i];
    int32_t base_ma = lp->wired >> phase & 1 ? ledger_base_ma(lp) : 0;
    int32_t most_ma = legal > st->wire_ma ? legal : st->wire_ma;
    return !(lp->phases >> phase & 1) || most_ma < base_ma ? base_ma : most_ma;
}

static void add_station(const struct street *t, size_t i, struct sums *sums)
{
    const struct station *st = &t->station[i];
    uint8_t phases = phases_promised(st, st->counted_phases);
    int32_t legal = legal_ma(t, st), drawn = street_drawn_ma(t, st);
    for (int phase = 0; phase < 3; phase++) {
        bool used = phases >> phase & 1;
        int32_t counted = ledger_worst_ma(&t->sched->ledger, i, phase, street_our_clock(t));
        sums->potential_ma[phase] += potential_ma(t, i, phase, legal);
        sums->legal_ma[phase] += used ? legal : 0;
        sums->drawn_ma[phase] += used ? drawn : 0;
        if (is_single(st->counted_phases) && (st->counted_phases >> phase & 1)) {
            sums->single_ma[phase] += used ? legal : 0;
            sums->single_counted_ma[phase] += counted;
        }
    }
}

static void add_up(struct sums *to, const struct sums *from)
{
    for (int phase = 0; phase < 3; phase++) {
        to->potential_ma[phase] += from->potential_ma[phase];
        to->legal_ma[phase] += from->legal_ma[phase];
        to->drawn_ma[phase] += from->drawn_ma[phase];
        to->single_ma[phase] += from->single_ma[phase];
        to->single_counted_ma[phase] += from->single_counted_ma[phase];
    }
}

/* @return has something been learnt that makes sums larger: a phase that is used after all, or
 * single-phase load */
static bool note_phases(struct street *t, size_t i)
{
    struct station *st = &t->station[i];
    const struct ledger_point *lp = &t->sched->ledger.point[i];
    bool was_grown = st->grown, was_single = is_single(st->counted_phases);
    bool more = st->tx_id != 0 && (st->car_phases & ~(unsigned)lp->phases) != 0;
    /* An older transaction came back: all phases count again, though there may be no room. */
    bool forgotten = st->car_changes && (lp->phases & ~(unsigned)st->counted_phases) != 0;
    st->counted_phases = lp->phases;
    st->grown = more && (st->car_changes || was_grown);
    return forgotten || (was_grown && !st->grown) || (is_single(lp->phases) && !was_single);
}

void street_take_stock(struct street *t)
{
    bool learnt = false;
    find_on_the_wire(t);
    memset(t->sums, 0, t->n_nodes * sizeof(*t->sums));
    for (size_t i = 0; i < t->n_stations; i++) {
        learnt = note_phases(t, i) || learnt;
        add_station(t, i, &t->sums[t->station[i].conf.node]);
    }
    for (size_t v = t->n_nodes; v-- > 0;)
        if (t->node[v].parent >= 0)
            add_up(&t->sums[t->node[v].parent], &t->sums[v]);
    if (learnt)
        t->excuse_now = true;
    if (t->excuse_now)
        street_excuse(t);
}

/* Something that no message could prevent: from here on the excess may only fall, but for what is
 * on its way. */
void street_excuse(struct street *t)
{
    t->excuse_now = false;
    for (size_t v = 0; v < t->n_nodes; v++) {
        t->excused[v] = true;
        t->step_ms[v] = t->now_ms;
        for (size_t phase = 0; phase < 3; phase++) {
            t->excused_ma[v * 3 + phase] = t->sums[v].potential_ma[phase];
            t->excused_single_ma[v * 3 + phase] = t->sums[v].single_counted_ma[phase];
        }
    }
}

static void fade(int64_t *excused_ma, int64_t now_ma)
{
    if (*excused_ma > now_ma)
        *excused_ma = now_ma;
}

static void fade_excuse(struct street *t, size_t v)
{
    bool any = false;
    for (int phase = 0; phase < 3; phase++) {
        int64_t *ma = &t->excused_ma[v * 3 + (size_t)phase];
        fade(ma, t->sums[v].potential_ma[phase]);
        any = any || *ma > capacity(t, v, phase);
    }
    t->excused[v] = any;
}

static void check_single(struct street *t, size_t v)
{
    const struct sums *sums = &t->sums[v];
    for (int phase = 0; phase < 3; phase++) {
        int64_t *excused_ma = &t->excused_single_ma[v * 3 + (size_t)phase];
        int64_t most_ma = t->node[v].single_max_ma;
        most_ma = *excused_ma > most_ma ? *excused_ma : most_ma;
        if (sums->single_ma[phase] > most_ma)
            street_fail(t,
                        "node %zu L%d: cars on one phase may draw %" PRId64 " mA of %" PRId64 " mA",
                        v, phase + 1, sums->single_ma[phase], most_ma);
        fade(excused_ma, sums->single_counted_ma[phase]);
    }
}

static void check_phase(struct street *t, size_t v, int phase)
{
    int64_t sum_ma = t->sums[v].legal_ma[phase], most_ma = capacity(t, v, phase);
    bool excused = t->excused[v] && t->excused_ma[v * 3 + (size_t)phase] > most_ma;
    double part = most_ma > 0 ? (double)sum_ma / (double)most_ma : 0;
    t->stats.n_checks++;
    if (excused)
        most_ma = t->excused_ma[v * 3 + (size_t)phase];
    else if (part > t->stats.worst_allowed)
        t->stats.worst_allowed = part;
    if (sum_ma > most_ma)
        street_fail(t,
                    "node %zu L%d: stations may draw %" PRId64
                    " mA, limit less foreign load %" PRId64 " mA%s",
                    v, phase + 1, sum_ma, most_ma, excused ? " (excused)" : "");
}

void street_check_sums(struct street *t)
{
    for (size_t v = 0; v < t->n_nodes; v++) {
        for (int phase = 0; phase < 3; phase++)
            check_phase(t, v, phase);
        if (t->node[v].single_max_ma > 0)
            check_single(t, v);
        if (t->excused[v])
            fade_excuse(t, v);
    }
}

static void check_station(struct street *t, size_t i)
{
    const struct station *st = &t->station[i];
    uint8_t phases = phases_promised(st, st->counted_phases);
    int32_t legal = legal_ma(t, st);
    for (int phase = 0; phase < 3 && legal > 0; phase++) {
        int32_t counted_ma = ledger_worst_ma(&t->sched->ledger, i, phase, street_our_clock(t));
        if ((phases >> phase & 1) && legal > counted_ma)
            street_fail(t, "station %zu may draw %d mA on L%d, the ledger counts %d mA", i,
                        (int)legal, phase + 1, (int)counted_ma);
    }
}

void street_check_stations(struct street *t)
{
    for (size_t i = 0; i < t->n_stations; i++)
        check_station(t, i);
}

/* --- after a step without notice --- */

static bool is_below(const struct street *t, const struct station *st, size_t v)
{
    int32_t at = st->conf.node;
    while (at > (int32_t)v)
        at = t->node[at].parent;
    return at == (int32_t)v;
}

/* Its link and its answers were good for long: it must have followed. */
static bool must_have_followed(const struct street *t, const struct station *st)
{
    return st->link && st->central_up && st->conf.safe_confirmed &&
           (st->conf.class == SCHED_LEASING || st->conf.class == SCHED_STICKY) &&
           t->now_ms - st->dirty_ms >= TROUBLE_MS && t->now_ms - st->restarted_ms >= BACK_MS &&
           st->open_tx == st->tx_id && !st->grown && t->now_ms - st->since_ms >= TROUBLE_MS;
}

/* After a restart an answer is missing, or a lease may be over: what it draws is in doubt, and so
 * is the excess. */
static bool is_doubtful(const struct street *t, const struct station *st)
{
    size_t i = (size_t)(st - t->station);
    const struct ledger *l = &t->sched->ledger;
    const struct ledger_entry *e = ledger_newest(l, i, st->open_tx);
    return e != NULL && e->restored &&
           ledger_likely_ma(l, i, street_our_clock(t)) < street_drawn_ma(t, st);
}

static bool is_any_doubtful(const struct street *t, size_t v)
{
    for (size_t i = 0; i < t->n_stations; i++)
        if (is_below(t, &t->station[i], v) && is_doubtful(t, &t->station[i]))
            return true;
    return false;
}

/* What is drawn is above the limit only by stations that no message reaches, and then everybody
 * else is at the least: the safe current. */
static void check_followed(struct street *t, size_t v, int phase)
{
    for (size_t i = 0; i < t->n_stations; i++) {
        const struct station *st = &t->station[i];
        int32_t drawn_ma = street_drawn_ma(t, st);
        if ((st->car_phases >> phase & 1) && drawn_ma > st->conf.safe_ma && is_below(t, st, v) &&
            must_have_followed(t, st) && !is_any_doubtful(t, v))
            street_fail(t,
                        "node %zu L%d: %" PRId64 " mA drawn of %" PRId64 " mA, %" PRId64
                        " ms after the step, and station %zu in reach draws %d mA",
                        v, phase + 1, t->sums[v].drawn_ma[phase], capacity(t, v, phase),
                        t->now_ms - t->step_ms[v], i, (int)drawn_ma);
    }
}

void street_check_drawn(struct street *t)
{
    for (size_t v = 0; v < t->n_nodes; v++) {
        if (t->step_ms[v] == 0 || t->now_ms < t->step_ms[v] + IN_TIME_MS)
            continue;
        t->stats.n_steps_in_time++;
        for (int phase = 0; phase < 3; phase++)
            if (t->sums[v].drawn_ma[phase] > capacity(t, v, phase))
                check_followed(t, v, phase);
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
