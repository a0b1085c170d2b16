/*
 * Sessions whose driver told departure and energy: in which order they are served.
 *
 * What counts is the time a car can still wait: until its departure, less the time it needs at its
 * most current.  Where all cars use equally many phases, who can wait least comes first.  Where
 * they do not, that order would prefer single-phase cars, which need three times as long for the
 * same energy and leave two phases empty.  There cars that need nearly all of their time come
 * first, in the order of how long a car of all phases could wait in their place; then the others,
 * as they leave.  Cars of more phases count as leaving a little earlier, which keeps phases even.
 *
 * A car whose phases are not known yet is let charge first, at its least if it has time, for the
 * minute or two it takes to see them: until then it counts on all, and would wait for room that it
 * does not need.
 *
 * Found by trial (tests/scheduler/quality): the bare rule delivers no less than strict orders by
 * departure or by the time to wait do, at any limit tried; with leases, messages and phases to be
 * learnt it stays within a tenth of a point of them where nearly all is met, and above them where
 * current is short.
 */
#include <string.h>

#include "scheduler/state.h"
#include "scheduler/units.h"

enum {
    FIRST_PERCENT = 90,   /* needs this part of its time: comes first, */
    STAYS_PERCENT = 60,   /* and that until this part, or turns would be short */
    PRESSED_PERCENT = 70, /* gives nothing to who needs less, */
    FREE_PERCENT = 50,    /* until this part */
    EVEN_MS = 60 * 60000, /* who has all phases leaves so much earlier than who has one */
    KEEP_MS = 45 * 60000, /* who is on keeps its place until another waits for so long */
    HOLD_MS =
        15 * 60000, /* who was turned on is turned off for a better use only, not for another */
    MIXED = 1 << GRID_PHASES, /* of the numbers of phases below a root: there are several */
};

static const int64_t FIRST_MS = INT64_MAX / 8;

/* @return phases that the demand's car uses, 1 to 3 */
static int32_t phases_of(const struct share_demand *d)
{
    return (d->uses & 1) + (d->uses >> 1 & 1) + (d->uses >> 2 & 1);
}

static int32_t root_of(const struct grid *g, int32_t node)
{
    while (g->node[node].parent >= 0)
        node = g->node[node].parent;
    return node;
}

/* Its phases will be learnt as soon as it charges. */
static bool is_unknown(const struct sched *s, const struct point *p)
{
    return s->tuning.phase_learning && p->conf.n_phases > 1 && !p->session.phases_known &&
           !p->session.phases_vary && !p->phases_follow && !point_is_roomy(s, p);
}

static void find_mixed(struct sched *s, size_t n)
{
    memset(s->mix, 0, s->grid.n * sizeof(*s->mix));
    for (size_t k = 0; k < n; k++) {
        const struct share_demand *d = &s->demand[k];
        if (!d->has_deadline || is_unknown(s, &s->point[s->demand_point[k]]))
            continue;
        uint8_t *mix = &s->mix[root_of(&s->grid, d->node)];
        uint8_t bit = (uint8_t)(1u << (phases_of(d) - 1));
        *mix = (uint8_t)(*mix | bit | ((*mix & ~(unsigned)bit) != 0 ? MIXED : 0));
    }
}

static void go_first(const struct sched *s, struct share_demand *d)
{
    int32_t step_ma = s->tuning.step_ma;
    d->due_ms -= 2 * FIRST_MS;
    if (!d->pressed)
        d->first_ma = ma_min(d->max_ma, (d->min_ma + step_ma - 1) / step_ma * step_ma);
}

/* Above the upper part it is so, below the lower one it is not, in between it stays as it was. */
static bool is_above(bool was, int64_t need_ms, int64_t stay_ms, int32_t upper, int32_t lower)
{
    return need_ms >= stay_ms / 100 * (was ? lower : upper);
}

static void set_due(const struct sched *s, struct share_demand *d, struct point *p, int64_t now_ms)
{
    int32_t phases = phases_of(d);
    int64_t stay_ms = ms_min(p->session.need.depart_ms - now_ms, LONGEST_STAY_MS);
    int64_t need_ms = session_need_ms(&p->session, phases, d->max_ma);
    bool mixed = (s->mix[root_of(&s->grid, d->node)] & MIXED) != 0;
    struct session *c = &p->session;
    c->first = is_above(c->first, need_ms, stay_ms, FIRST_PERCENT, STAYS_PERCENT);
    c->pressed = is_above(c->pressed, need_ms, stay_ms, PRESSED_PERCENT, FREE_PERCENT);
    d->pressed = c->pressed;
    d->keeps = point_is_offered(p) && now_ms - c->on_since_ms < HOLD_MS;
    d->due_ms = stay_ms;
    d->first_ma = d->max_ma;
    if (mixed)
        d->due_ms -= (phases - 1) * (EVEN_MS / (GRID_PHASES - 1));
    if (c->first || !mixed)
        d->due_ms -= FIRST_MS + (mixed ? need_ms / GRID_PHASES * phases : need_ms);
    if (point_is_offered(p))
        d->due_ms -= KEEP_MS;
    if (is_unknown(s, p))
        go_first(s, d);
}

void deadline_order(struct sched *s, size_t n_demands, int64_t now_ms)
{
    find_mixed(s, n_demands);
    for (size_t k = 0; k < n_demands; k++)
        if (s->demand[k].has_deadline)
            set_due(s, &s->demand[k], &s->point[s->demand_point[k]], now_ms);
}
