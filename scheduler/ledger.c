#include "scheduler/ledger.h"

#include <stdlib.h>
#include <string.h>

#include "scheduler/units.h"

enum {
    SKEW_TO_LEASE_MS = GRID_SKEW_TO_LEASE_MS,
};

static const int64_t NEVER_MS = INT64_MAX - 1; /* only what has no end lasts until then */

static void point_init(struct ledger_point *p, const struct sched_point_conf *conf, int64_t now_ms)
{
    uint8_t wired = grid_wired(conf);
    *p = (struct ledger_point){ .node = conf->node,
                                .rating_ma = conf->rating_ma,
                                .safe_ma = conf->safe_ma,
                                .wired = wired,
                                .class = conf->class,
                                .commissioned = conf->commissioned,
                                .safe_confirmed = conf->safe_confirmed,
                                .phases = wired,
                                .skew_ms = SKEW_TO_LEASE_MS, /* until told: the worst */
                                .known_ms = now_ms };
}

bool ledger_init(struct ledger *l, const struct grid *grid, const struct sched_conf *conf,
                 int64_t now_ms)
{
    *l = (struct ledger){ .grid = grid,
                          .point = calloc(conf->n_points + 1, sizeof(struct ledger_point)),
                          .n_points = conf->n_points,
                          .sum_ma = calloc((grid->n + 1) * GRID_RESOURCES, sizeof(int64_t)),
                          .clock_slack_ms = conf->tuning.clock_slack_ms,
                          .react_ms = conf->tuning.react_ms };
    for (int part = 0; part < GRID_LATER_PARTS; part++)
        l->later_sum_ma[part] = calloc((grid->n + 1) * GRID_RESOURCES, sizeof(int64_t));
    if (l->point == NULL || l->sum_ma == NULL || l->later_sum_ma[GRID_SOON] == NULL ||
        l->later_sum_ma[GRID_EVER] == NULL)
        return false;
    for (size_t i = 0; i < l->n_points; i++) {
        point_init(&l->point[i], &conf->point[i], now_ms);
        ledger_refresh(l, i, now_ms);
        l->point[i].n_past = 0;
    }
    return true;
}

void ledger_done(struct ledger *l)
{
    free(l->point);
    free(l->sum_ma);
    for (int part = 0; part < GRID_LATER_PARTS; part++)
        free(l->later_sum_ma[part]);
    *l = (struct ledger){ .n_points = 0 };
}

/* --- what a point may draw --- */

bool ledger_is_timed(const struct ledger_point *p)
{
    return p->class == SCHED_LEASING && p->skew_ms <= SKEW_TO_LEASE_MS &&
           p->skew_ms >= -SKEW_TO_LEASE_MS;
}

int32_t ledger_base_ma(const struct ledger_point *p)
{
    if (!p->commissioned)
        return 0;
    if (p->class == SCHED_FORGETFUL || p->class == SCHED_UNMANAGED || !p->safe_confirmed)
        return p->rating_ma;
    return p->safe_ma;
}

/* From this instant on, in our clock, the entry does not count any more. */
static int64_t over_ms(const struct ledger *l, const struct ledger_point *p,
                       const struct ledger_entry *e)
{
    if (!ledger_is_timed(p))
        return e->drop_ms;
    int64_t skew_ms = p->skew_ms < 0 ? -p->skew_ms : p->skew_ms;
    return ms_min(e->drop_ms, ms_after(e->end_ms, l->clock_slack_ms + skew_ms));
}

static bool is_used(const struct ledger_point *p, const struct ledger_entry *e, int phase)
{
    uint8_t phases = e->tx_id == p->phases_tx ? p->phases : p->wired;
    return phases >> phase & 1;
}

static int32_t worst_on_phase(const struct ledger *l, const struct ledger_point *p, int phase,
                              int64_t at_ms)
{
    if (!(p->wired >> phase & 1))
        return 0;
    int32_t worst_ma = ledger_base_ma(p);
    for (size_t i = 0; i < p->n_entries; i++)
        if (at_ms < over_ms(l, p, &p->entry[i]) && is_used(p, &p->entry[i], phase))
            worst_ma = ma_max(worst_ma, p->entry[i].limit_ma);
    return worst_ma;
}

/* A car on one phase of three counts as single-phase load where it is. */
static bool is_single_on(const struct ledger_point *p, int phase)
{
    return grid_uses(p->phases) >> (GRID_PHASES + phase) & 1;
}

int32_t ledger_worst_ma(const struct ledger *l, size_t point, int resource, int64_t at_ms)
{
    const struct ledger_point *p = &l->point[point];
    if (resource < GRID_PHASES)
        return worst_on_phase(l, p, resource, at_ms);
    int phase = resource - GRID_PHASES;
    return is_single_on(p, phase) ? worst_on_phase(l, p, phase, at_ms) : 0;
}

int32_t ledger_counted_ma(const struct ledger *l, size_t point)
{
    const struct ledger_point *p = &l->point[point];
    return ma_max(p->counted_ma[0], ma_max(p->counted_ma[1], p->counted_ma[2]));
}

int32_t ledger_could_ma(const struct ledger *l, size_t point, int64_t from_ms, int64_t until_ms)
{
    const struct ledger_point *p = &l->point[point];
    int32_t most_ma = 0;
    int64_t since_ms = p->known_ms;
    if (from_ms < p->known_ms)
        return INT32_MAX;
    for (size_t k = 0; k < p->n_past; k++) {
        if (since_ms <= until_ms && p->past[k].until_ms >= from_ms)
            most_ma = ma_max(most_ma, p->past[k].ma);
        since_ms = p->past[k].until_ms;
    }
    return since_ms <= until_ms ? ma_max(most_ma, ledger_counted_ma(l, point)) : most_ma;
}

/* Newest entry that is in force unless a younger one is; NULL = none: it or a younger one may have
 * ended by the station's clock. */
static const struct ledger_entry *newest_accepted(const struct ledger *l,
                                                  const struct ledger_point *p, bool by_store,
                                                  int64_t now_ms)
{
    int64_t skew_ms = p->skew_ms < 0 ? -p->skew_ms : p->skew_ms;
    for (size_t i = p->n_entries; i-- > 0;) {
        const struct ledger_entry *e = &p->entry[i];
        if (e->end_ms <= ms_after(now_ms, l->clock_slack_ms + skew_ms))
            return NULL;
        if (e->accepted || (by_store && e->answered))
            return e;
    }
    return NULL;
}

/* What is in force is that entry, a younger one, or, where there is none, any or the safe current:
 * at least the smallest of them. */
static int32_t least_since(const struct ledger_point *p, const struct ledger_entry *sure)
{
    int32_t least_ma = sure != NULL ? sure->limit_ma : p->safe_confirmed ? p->safe_ma : 0;
    for (size_t i = 0; i < p->n_entries; i++)
        if (sure == NULL || &p->entry[i] > sure)
            least_ma = ma_min(least_ma, p->entry[i].limit_ma);
    return least_ma;
}

int32_t ledger_surely_ma(const struct ledger *l, size_t point, int64_t now_ms)
{
    const struct ledger_point *p = &l->point[point];
    return least_since(p, newest_accepted(l, p, false, now_ms));
}

int32_t ledger_likely_ma(const struct ledger *l, size_t point, int64_t now_ms)
{
    const struct ledger_point *p = &l->point[point];
    return ma_max(least_since(p, newest_accepted(l, p, true, now_ms)), ledger_base_ma(p));
}

/* An accepted entry was written before, or was covered itself; it stays written until another one
 * that was written takes its place. */
int64_t ledger_covered_ms(const struct ledger *l, size_t point, int64_t tx_id, int32_t limit_ma)
{
    const struct ledger_point *p = &l->point[point];
    int64_t until_ms = INT64_MIN;
    for (size_t i = 0; i < p->n_entries; i++) {
        const struct ledger_entry *e = &p->entry[i];
        if (e->kept && e->drop_ms == INT64_MAX && e->tx_id == tx_id && e->limit_ma >= limit_ma)
            until_ms = ms_max(until_ms, e->end_ms);
    }
    return until_ms;
}

/* --- sums --- */

static void add_to_sums(const struct ledger *l, int64_t *sum_ma, int32_t node, int resource,
                        int32_t ma)
{
    for (int32_t v = node; v >= 0; v = l->grid->node[v].parent)
        sum_ma[(size_t)v * GRID_RESOURCES + (size_t)resource] += ma;
}

/* What is still there at a later time, if nobody decides anything more. */
static void count_later(struct ledger *l, size_t point, enum grid_part part, int64_t at_ms)
{
    struct ledger_point *p = &l->point[point];
    for (int r = 0; r < GRID_RESOURCES; r++) {
        int32_t ma = ledger_worst_ma(l, point, r, at_ms);
        if (ma == p->later_ma[part][r])
            continue;
        add_to_sums(l, l->later_sum_ma[part], p->node, r, ma - p->later_ma[part][r]);
        p->later_ma[part][r] = ma;
    }
}

/* What an entry replaced at the station does not come back when its lease ends: the safe current
 * does. */
static void doubt_before(struct ledger_point *p, size_t i)
{
    while (i-- > 0)
        p->entry[i].accepted = false;
}

static void drop_ended(struct ledger *l, struct ledger_point *p, int64_t now_ms)
{
    size_t kept = 0;
    for (size_t i = 0; i < p->n_entries; i++)
        if (now_ms < over_ms(l, p, &p->entry[i]))
            p->entry[kept++] = p->entry[i];
        else if (now_ms < p->entry[i].drop_ms)
            doubt_before(p, kept);
    p->n_entries = kept;
}

/* It might draw so much until now.  The oldest is forgotten. */
static void note_past(struct ledger_point *p, int32_t ma, int64_t now_ms)
{
    if (p->n_past == LEDGER_PAST) {
        p->known_ms = p->past[0].until_ms;
        memmove(&p->past[0], &p->past[1], --p->n_past * sizeof(p->past[0]));
    }
    p->past[p->n_past++] = (struct ledger_past){ .until_ms = now_ms, .ma = ma };
}

void ledger_refresh(struct ledger *l, size_t point, int64_t now_ms)
{
    struct ledger_point *p = &l->point[point];
    int32_t before_ma = ledger_counted_ma(l, point);
    drop_ended(l, p, now_ms);
    for (int r = 0; r < GRID_RESOURCES; r++) {
        int32_t ma = ledger_worst_ma(l, point, r, now_ms);
        if (ma == p->counted_ma[r])
            continue;
        add_to_sums(l, l->sum_ma, p->node, r, ma - p->counted_ma[r]);
        p->counted_ma[r] = ma;
    }
    if (ledger_counted_ma(l, point) != before_ma)
        note_past(p, before_ma, now_ms);
    if (!l->grid->varies)
        return;
    count_later(l, point, GRID_SOON, ms_min(l->grid->soon_ms, NEVER_MS));
    count_later(l, point, GRID_EVER, ms_after(now_ms, l->grid->horizon_ms));
}

bool ledger_exceeds(const struct ledger *l, size_t node, int resource)
{
    return l->sum_ma[node * GRID_RESOURCES + (size_t)resource] >
           grid_capacity_ma(&l->grid->node[node], resource);
}

static bool later_exceeds(const struct ledger *l, size_t node, enum grid_part part, int resource)
{
    return l->later_sum_ma[part][node * GRID_RESOURCES + (size_t)resource] >
           grid_later_ma(&l->grid->node[node], part, resource);
}

bool ledger_is_lasting(const struct ledger *l, size_t point)
{
    const struct ledger_point *p = &l->point[point];
    return !ledger_is_timed(p) || l->grid->node[p->node].roomy;
}

/* What limits a new entry: always the capacity until it might end, and what comes after that if it
 * has no end. */
static bool concerns(const struct ledger *l, size_t point, enum grid_part part)
{
    if (!l->grid->varies)
        return false;
    return part == GRID_SOON ? l->grid->soon_ms != INT64_MAX : ledger_is_lasting(l, point);
}

/* A new limit counts on the phases in use and leaves the others as they are. */
static int32_t room_now_ma(const struct ledger *l, size_t point, int32_t most_ma)
{
    const struct ledger_point *p = &l->point[point];
    unsigned uses = grid_uses(p->phases);
    int64_t room_ma = most_ma;
    for (int32_t v = p->node; v >= 0; v = l->grid->node[v].parent) {
        const int64_t *sum_ma = &l->sum_ma[(size_t)v * GRID_RESOURCES];
        for (int r = 0; uses >> r != 0; r++)
            if (uses >> r & 1)
                room_ma = ms_min(room_ma, grid_capacity_ma(&l->grid->node[v], r) - sum_ma[r] +
                                              p->counted_ma[r]);
    }
    return ma_narrow(room_ma);
}

static int32_t room_later_ma(const struct ledger *l, size_t point, enum grid_part part,
                             int32_t most_ma)
{
    const struct ledger_point *p = &l->point[point];
    unsigned uses = grid_uses(p->phases);
    int64_t room_ma = most_ma;
    for (int32_t v = p->node; v >= 0; v = l->grid->node[v].parent) {
        const int64_t *sum_ma = &l->later_sum_ma[part][(size_t)v * GRID_RESOURCES];
        for (int r = 0; uses >> r != 0; r++)
            if (uses >> r & 1)
                room_ma = ms_min(room_ma, grid_later_ma(&l->grid->node[v], part, r) - sum_ma[r] +
                                              p->later_ma[part][r]);
    }
    return ma_narrow(room_ma);
}

int32_t ledger_room_ma(const struct ledger *l, size_t point, int32_t most_ma)
{
    int32_t room_ma = room_now_ma(l, point, most_ma);
    for (enum grid_part part = 0; part < GRID_LATER_PARTS; part++)
        if (concerns(l, point, part))
            room_ma = ma_min(room_ma, room_later_ma(l, point, part, most_ma));
    return room_ma;
}

static bool raises_no_sum(const struct ledger_point *p, const int32_t counted_ma[GRID_RESOURCES],
                          int32_t limit_ma)
{
    for (int phase = 0; phase < GRID_PHASES; phase++)
        if ((p->phases >> phase & 1) && limit_ma > counted_ma[phase])
            return false;
    return true;
}

bool ledger_fits_later(const struct ledger *l, size_t point, int32_t limit_ma)
{
    const struct ledger_point *p = &l->point[point];
    for (enum grid_part part = 0; part < GRID_LATER_PARTS; part++)
        if (concerns(l, point, part) && !raises_no_sum(p, p->later_ma[part], limit_ma) &&
            room_later_ma(l, point, part, limit_ma) < limit_ma)
            return false;
    return true;
}

bool ledger_fits(const struct ledger *l, size_t point, int32_t limit_ma)
{
    const struct ledger_point *p = &l->point[point];
    return raises_no_sum(p, p->counted_ma, limit_ma) || room_now_ma(l, point, limit_ma) >= limit_ma;
}

int32_t ledger_later_ma(const struct ledger *l, size_t point)
{
    const struct ledger_point *p = &l->point[point];
    int32_t least_ma = INT32_MAX;
    for (enum grid_part part = 0; part < GRID_LATER_PARTS; part++)
        for (int phase = 0; phase < GRID_PHASES && concerns(l, point, part); phase++)
            if (p->phases >> phase & 1)
                least_ma = ma_min(least_ma, p->later_ma[part][phase]);
    return least_ma;
}

static bool exceeds_at(const struct ledger *l, size_t point, size_t node, int resource)
{
    bool exceeds = ledger_exceeds(l, node, resource);
    for (enum grid_part part = 0; part < GRID_LATER_PARTS && !exceeds; part++)
        exceeds = concerns(l, point, part) && later_exceeds(l, node, part, resource);
    return exceeds;
}

bool ledger_exceeds_above(const struct ledger *l, size_t point)
{
    unsigned uses = grid_uses(l->point[point].wired) | grid_uses(l->point[point].phases);
    for (int32_t v = l->point[point].node; v >= 0; v = l->grid->node[v].parent)
        for (int r = 0; uses >> r != 0; r++)
            if ((uses >> r & 1) && exceeds_at(l, point, (size_t)v, r))
                return true;
    return false;
}

/* --- entries --- */

static bool is_endless(const struct ledger_entry *e)
{
    return e->end_ms == INT64_MAX;
}

/* a's limit and time into the younger b, which then covers both. */
static void merge_into(struct ledger_entry *b, const struct ledger_entry *a)
{
    if (a->tx_id != b->tx_id)
        b->tx_id = 0; /* of neither: counts on all wired phases, ends with the session */
    b->limit_ma = ma_max(a->limit_ma, b->limit_ma);
    b->end_ms = ms_max(a->end_ms, b->end_ms);
    b->drop_ms = ms_max(a->drop_ms, b->drop_ms);
    b->accepted = false;
    b->firm = true;
    b->restored = a->restored || b->restored;
    b->kept = false;
    b->answered = false;
}

/* Full: the two oldest become one; a current without end is not mixed with one that ends. */
static void merge_oldest(struct ledger_point *p)
{
    size_t a = 0, b = 1;
    if (is_endless(&p->entry[0]) != is_endless(&p->entry[1])) {
        a = is_endless(&p->entry[2]) == is_endless(&p->entry[0]) ? 0 : 1;
        b = 2;
    }
    merge_into(&p->entry[b], &p->entry[a]);
    p->n_entries--;
    memmove(&p->entry[a], &p->entry[a + 1], (p->n_entries - a) * sizeof(p->entry[0]));
}

void ledger_enter(struct ledger *l, size_t point, const struct ledger_entry *entry, int64_t now_ms)
{
    struct ledger_point *p = &l->point[point];
    if (p->n_entries == LEDGER_ENTRIES)
        merge_oldest(p);
    p->entry[p->n_entries++] = *entry;
    ledger_refresh(l, point, now_ms);
}

static struct ledger_entry *find(struct ledger_point *p, uint32_t seq)
{
    for (size_t i = 0; i < p->n_entries; i++)
        if (p->entry[i].seq == seq)
            return &p->entry[i];
    return NULL;
}

const struct ledger_entry *ledger_find(const struct ledger *l, size_t point, uint32_t seq)
{
    return find(&l->point[point], seq);
}

static void replace_before(struct ledger_point *p, const struct ledger_entry *e, int64_t drop_ms)
{
    for (struct ledger_entry *older = p->entry; older < e; older++)
        older->drop_ms = ms_min(older->drop_ms, drop_ms);
}

bool ledger_restore(struct ledger *l, size_t point, const struct ledger_entry *entry,
                    int64_t now_ms)
{
    struct ledger_point *p = &l->point[point];
    bool is_over = over_ms(l, p, entry) <= now_ms;
    if (is_over) /* what was drawn since then is judged by what is there now */
        p->known_ms = over_ms(l, p, entry);
    if (entry->accepted)
        replace_before(p, p->entry + p->n_entries, ms_after(now_ms, l->react_ms));
    ledger_enter(l, point, entry, now_ms);
    p->n_past = 0; /* since when it was in force is not said */
    return !is_over;
}

void ledger_accepted(struct ledger *l, size_t point, uint32_t seq, int64_t now_ms)
{
    struct ledger_point *p = &l->point[point];
    struct ledger_entry *e = find(p, seq);
    if (e == NULL || e->firm)
        return;
    e->accepted = e->kept = true;
    e->accepted_ms = now_ms;
    replace_before(p, e, ms_after(now_ms, l->react_ms));
    ledger_refresh(l, point, now_ms);
}

void ledger_not_installed(struct ledger *l, size_t point, uint32_t seq, int64_t now_ms)
{
    struct ledger_point *p = &l->point[point];
    struct ledger_entry *e = find(p, seq);
    if (e == NULL || e->firm)
        return;
    e->drop_ms = now_ms;
    ledger_refresh(l, point, now_ms);
}

void ledger_seen(struct ledger *l, size_t point, int32_t most_ma, int64_t at_ms, int64_t now_ms)
{
    struct ledger_point *p = &l->point[point];
    for (struct ledger_entry *e = p->entry + p->n_entries; e-- > p->entry;) {
        if (!e->accepted)
            continue;
        if (at_ms > e->accepted_ms && most_ma <= e->limit_ma)
            replace_before(p, e, now_ms);
        break;
    }
    ledger_refresh(l, point, now_ms);
}

void ledger_doubt(struct ledger *l, size_t point)
{
    struct ledger_point *p = &l->point[point];
    for (size_t i = 0; i < p->n_entries; i++)
        p->entry[i].accepted = false;
}

void ledger_ended(struct ledger *l, size_t point, int64_t tx_id, bool current, int64_t now_ms)
{
    struct ledger_point *p = &l->point[point];
    for (size_t i = 0; i < p->n_entries; i++)
        if (p->entry[i].tx_id == tx_id || (current && p->entry[i].tx_id == 0))
            p->entry[i].drop_ms = ms_min(p->entry[i].drop_ms, now_ms);
    if (p->phases_tx == tx_id) {
        p->phases = p->wired;
        p->phases_tx = 0;
    }
    ledger_refresh(l, point, now_ms);
}

const struct ledger_entry *ledger_newest(const struct ledger *l, size_t point, int64_t tx_id)
{
    const struct ledger_point *p = &l->point[point];
    for (size_t i = p->n_entries; i-- > 0;)
        if (p->entry[i].tx_id == tx_id)
            return &p->entry[i];
    return NULL;
}

int64_t ledger_next_ms(const struct ledger *l, size_t point)
{
    const struct ledger_point *p = &l->point[point];
    int64_t next_ms = INT64_MAX;
    for (size_t i = 0; i < p->n_entries; i++)
        next_ms = ms_min(next_ms, over_ms(l, p, &p->entry[i]));
    return next_ms;
}
