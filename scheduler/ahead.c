#include "scheduler/ahead.h"

#include <string.h>

#include "scheduler/units.h"

enum { PASSES = 4, HOUR_SLOTS = 3600000 / AHEAD_SLOT_MS };

/* mA x ms x V of a Wh */
static const int64_t UNIT_PER_WH = (int64_t)1000 * 3600 * 1000;

/* --- time --- */

static int64_t floor_to(int64_t ms, int64_t step_ms)
{
    int64_t rest = ms % step_ms;
    return ms - (rest < 0 ? rest + step_ms : rest);
}

int64_t ahead_from_ms(const struct ahead_time *time, size_t slot)
{
    return slot == 0 ? time->now_ms
                     : floor_to(time->now_ms, AHEAD_SLOT_MS) + (int64_t)slot * AHEAD_SLOT_MS;
}

int64_t ahead_until_ms(const struct ahead_time *time, size_t slot)
{
    return floor_to(time->now_ms, AHEAD_SLOT_MS) + (int64_t)(slot + 1) * AHEAD_SLOT_MS;
}

/* --- costs --- */

/* Mean over the hour, of what is known of it. */
static int64_t cost_of_hour(int64_t hour_ms, const struct sched_factor *factor, size_t n)
{
    int64_t sum = 0, known_ms = 0, end_ms = hour_ms + HOUR_SLOTS * AHEAD_SLOT_MS;
    for (size_t i = 0; i < n && factor[i].from_ms < end_ms; i++) {
        int64_t part_ms = ms_min(factor[i].until_ms, end_ms) - ms_max(factor[i].from_ms, hour_ms);
        if (part_ms <= 0)
            continue;
        sum += factor[i].value * part_ms;
        known_ms += part_ms;
    }
    return known_ms == 0 ? AHEAD_NO_COST : sum / known_ms;
}

static bool is_known(int64_t from_ms, int64_t until_ms, const struct sched_factor *factor, size_t n)
{
    for (size_t i = 0; i < n && factor[i].from_ms <= from_ms; i++)
        if (factor[i].until_ms > from_ms)
            return factor[i].until_ms >= until_ms ||
                   is_known(factor[i].until_ms, until_ms, factor + i + 1, n - i - 1);
    return false;
}

/* From the front: hours share their cost, so what is moved is moved a few times only. */
static void sort_by_cost(struct ahead_cost *cost, size_t n_slots)
{
    cost->n_known = 0;
    for (size_t k = 0; k < n_slots; k++) {
        if (cost->value[k] == AHEAD_NO_COST)
            continue;
        size_t at = cost->n_known++;
        for (; at > 0 && cost->value[cost->by_cost[at - 1]] > cost->value[k]; at--)
            cost->by_cost[at] = cost->by_cost[at - 1];
        cost->by_cost[at] = (uint16_t)k;
    }
}

void ahead_cost_set(struct ahead_cost *cost, const struct ahead_time *time,
                    const struct sched_factor *factor, size_t n)
{
    int64_t hour_ms = INT64_MIN, value = AHEAD_NO_COST;
    for (size_t k = 0; k < time->n_slots; k++) {
        int64_t from_ms = ahead_from_ms(time, k), until_ms = ahead_until_ms(time, k);
        if (floor_to(from_ms, HOUR_SLOTS * AHEAD_SLOT_MS) != hour_ms) {
            hour_ms = floor_to(from_ms, HOUR_SLOTS * AHEAD_SLOT_MS);
            value = cost_of_hour(hour_ms, factor, n);
        }
        cost->value[k] = is_known(from_ms, until_ms, factor, n) ? value : AHEAD_NO_COST;
    }
    sort_by_cost(cost, time->n_slots);
}

/* --- rooms --- */

int32_t *ahead_room(const struct ahead *a, size_t slot, size_t node)
{
    return &a->room_ma[(slot * a->grid->n + node) * GRID_RESOURCES];
}

static int32_t *plan_of(const struct ahead *a, size_t load)
{
    return &a->plan_ma[load * a->time.n_slots];
}

static int32_t path_room_ma(const struct ahead *a, const struct ahead_load *load, size_t slot)
{
    int32_t least_ma = load->max_ma;
    for (int32_t v = load->node; v >= 0; v = a->grid->node[v].parent) {
        const int32_t *room_ma = ahead_room(a, slot, (size_t)v);
        for (int r = 0; r < GRID_RESOURCES; r++)
            if (load->uses >> r & 1)
                least_ma = ma_min(least_ma, room_ma[r]);
    }
    return least_ma;
}

static void take(const struct ahead *a, size_t i, size_t slot, int32_t ma)
{
    const struct ahead_load *load = &a->load[i];
    for (int32_t v = load->node; v >= 0; v = a->grid->node[v].parent) {
        int32_t *room_ma = ahead_room(a, slot, (size_t)v);
        for (int r = 0; r < GRID_RESOURCES; r++)
            if (load->uses >> r & 1)
                room_ma[r] -= ma;
    }
    plan_of(a, i)[slot] += ma;
}

static int64_t energy_wh(const struct ahead_load *load, int32_t ma, int64_t ms)
{
    return (int64_t)ma * load->n_phases * AHEAD_VOLT * ms / UNIT_PER_WH;
}

static int64_t need_of(const struct ahead_load *load)
{
    return load->how == AHEAD_MOVED ? load->moved_wh : load->need_wh;
}

static int64_t until_of(const struct ahead_load *load)
{
    return load->how == AHEAD_MOVED ? load->moved_until_ms : load->until_ms;
}

/* Time that the load stays in the slot. */
static int64_t stay_ms(const struct ahead *a, const struct ahead_load *load, size_t slot)
{
    int64_t from_ms = ahead_from_ms(&a->time, slot);
    return ms_max(ms_min(ahead_until_ms(&a->time, slot), until_of(load)) - from_ms, 0);
}

/* --- giving --- */

static void count(const struct ahead *a, struct ahead_load *load, size_t slot, int32_t ma)
{
    int64_t wh = energy_wh(load, ma, stay_ms(a, load, slot));
    load->planned_wh += ms_min(wh, need_of(load) - load->planned_wh);
}

static bool is_met(const struct ahead_load *load)
{
    return load->planned_wh >= need_of(load);
}

static void give(struct ahead *a, size_t i, size_t slot, int32_t most_ma)
{
    struct ahead_load *load = &a->load[i];
    int32_t ma = ma_min(most_ma, path_room_ma(a, load, slot));
    ma -= ma % 1000;
    if (ma < load->min_ma || stay_ms(a, load, slot) == 0)
        return;
    take(a, i, slot, ma);
    count(a, load, slot, ma);
}

static void give_next(struct ahead *a, size_t i, int32_t most_ma)
{
    struct ahead_load *load = &a->load[i];
    for (size_t k = 0; k < a->time.n_slots && !is_met(load); k++)
        give(a, i, k, most_ma);
}

/* Only in whole slots: who leaves in the middle of one has the time before it. */
static void give_cheapest(struct ahead *a, size_t i)
{
    struct ahead_load *load = &a->load[i];
    for (size_t n = 0; n < load->cost->n_known && !is_met(load); n++) {
        size_t k = load->cost->by_cost[n];
        if (ahead_until_ms(&a->time, k) <= load->moved_until_ms)
            give(a, i, k, load->max_ma);
    }
}

static void give_back(struct ahead *a, size_t i)
{
    for (size_t k = 0; k < a->time.n_slots; k++)
        if (plan_of(a, i)[k] != 0)
            take(a, i, k, -plan_of(a, i)[k]);
    a->load[i].planned_wh = 0;
}

/* --- a pass: all who charge at once, then all who are moved --- */

static void pass_at_once(struct ahead *a, size_t n)
{
    for (size_t o = 0; o < n; o++)
        if (a->load[a->order[o]].how == AHEAD_AT_ONCE)
            give_next(a, a->order[o], a->load[a->order[o]].max_ma);
}

/* @return was there enough for all of them? */
static bool pass_moved(struct ahead *a, size_t n)
{
    bool good = true;
    for (size_t o = 0; o < n; o++) {
        struct ahead_load *load = &a->load[a->order[o]];
        if (load->how != AHEAD_MOVED)
            continue;
        give_cheapest(a, a->order[o]);
        if (is_met(load))
            continue;
        load->how = AHEAD_AT_ONCE;
        good = false;
    }
    return good;
}

/* Few: sorted by insertion from the end, as they mostly come in order. */
static size_t order_by_departure(struct ahead *a)
{
    size_t n = 0;
    for (size_t i = 0; i < a->n_loads; i++) {
        if (a->load[i].how == AHEAD_SHARE)
            continue;
        size_t at = n++;
        for (; at > 0 && a->load[a->order[at - 1]].until_ms > a->load[i].until_ms; at--)
            a->order[at] = a->order[at - 1];
        a->order[at] = (uint32_t)i;
    }
    return n;
}

static void find_done(const struct ahead *a, size_t i)
{
    struct ahead_load *load = &a->load[i];
    int64_t left_wh = load->need_wh;
    load->done_ms = INT64_MAX;
    for (size_t k = 0; k < a->time.n_slots; k++) {
        int64_t ms = stay_ms(a, load, k), wh = energy_wh(load, plan_of(a, i)[k], ms);
        if (wh >= left_wh) {
            load->done_ms =
                ahead_from_ms(&a->time, k) + (wh > 0 ? ms * ms_max(left_wh, 0) / wh : 0);
            return;
        }
        left_wh -= wh;
    }
}

void ahead_run(struct ahead *a)
{
    memset(a->plan_ma, 0, a->n_loads * a->time.n_slots * sizeof(*a->plan_ma));
    for (size_t i = 0; i < a->n_loads; i++) {
        a->load[i].planned_wh = 0;
        if (a->load[i].how == AHEAD_SHARE)
            give_next(a, i, a->load[i].share_ma);
    }
    size_t n = order_by_departure(a);
    bool good = false;
    for (int pass = 0; pass < PASSES && !good; pass++) {
        for (size_t o = 0; o < n; o++)
            give_back(a, a->order[o]);
        pass_at_once(a, n);
        good = pass_moved(a, n);
    }
    for (size_t o = 0; o < n; o++) /* who failed in the last pass */
        if (!good && a->load[a->order[o]].how == AHEAD_AT_ONCE && !is_met(&a->load[a->order[o]])) {
            give_back(a, a->order[o]);
            give_next(a, a->order[o], a->load[a->order[o]].max_ma);
        }
    for (size_t i = 0; i < a->n_loads; i++)
        find_done(a, i);
}
