/*
 * What measurements teach: service received, current left unused, phases, obedience.
 *
 * Measurements only ever shrink what is counted by way of a new limit that the station confirms;
 * the one exception is a phase that a car's charger does not use (SCHEDULER section 4, "Learning
 * phases").
 */
#include <string.h>

#include "scheduler/state.h"
#include "scheduler/units.h"

enum {
    FRESH_MS = 10 * 60000,     /* an older sample says nothing about now */
    SETTLED_MS = 30000,        /* after a change, until samples are believed */
    LOW_FOR_MS = 60000,        /* between two samples that make a bound */
    PHASES_FOR_MS = 20000,     /* between two samples that teach phases */
    ALL_PHASES_MS = 3 * 60000, /* until a station that switches phases has surely done so */
    EXCESS_FOR_MS = 20000,     /* between two samples above the allowed: old ones come in a burst */
    UNDATED_FOR_MS = 900000,   /* the same when nobody knows how old they are */
    PROBE_MS = 15 * 60000,     /* a bound rises once in this time: some cars take a part of all */
    RESUME_FOR_MS = 2 * 60000, /* without current after a pause: tried once more, then told */
    AGAIN_MS = 30000,          /* off before that */
    FINISHED_MS = 10 * 60000,  /* without current: full */
    REFUSED_MS = 15 * 60000,   /* until a car that refused is asked again, doubled each time */
    MOST_DOUBLINGS = 3,        /* two hours */
    NO_CURRENT_MA = 1000,      /* below: standby */
    SURE_CURRENT_MA = 2000,    /* the fullest phase, for learning phases */
    TOLERANCE_MA = 1000,       /* of meters */
    UNUSED_MA = 1500,          /* at least this much less than granted, */
    UNUSED_PERCENT = 15,       /* and this part of it, is given to others */
    BOUND_STEP_MA = 2000,
    BOUND_MARGIN_MA = 1000,
};

static int32_t most_of(const struct point *p)
{
    return ma_max(p->measured_ma[0], ma_max(p->measured_ma[1], p->measured_ma[2]));
}

static bool is_fresh(const struct point *p, int64_t now_ms)
{
    return most_of(p) >= 0 && now_ms - p->measured_at_ms <= FRESH_MS;
}

int64_t point_drawn_ma(const struct point *p, int64_t now_ms)
{
    int64_t sum_ma = 0;
    for (int phase = 0; phase < GRID_PHASES && is_fresh(p, now_ms); phase++)
        sum_ma += ma_max(p->measured_ma[phase], 0);
    return sum_ma;
}

/* --- cars that need more than the least --- */

bool point_is_offered(const struct point *p)
{
    bool needs_more = p->session.raised_ma > 0 || session_min_ma(p) > p->conf.min_ma;
    return point_is_on(p) && (!needs_more || p->offer.granted_ma >= p->least_ma);
}

/* @return what is worth a try after `refused_ma`, 0 = nothing */
static int32_t next_least(const struct point *p, int32_t refused_ma)
{
    static const int32_t rung_ma[] = { 8000, 10000 };
    int32_t most_ma = p->conf.rating_ma / 1000 * 1000;
    for (size_t k = 0; k < sizeof(rung_ma) / sizeof(rung_ma[0]); k++) {
        int32_t next_ma = ma_min(rung_ma[k], most_ma);
        if (next_ma > refused_ma)
            return next_ma > p->session.raised_ma ? next_ma : 0;
    }
    return 0;
}

static bool raise_least(struct point *p, int32_t refused_ma)
{
    struct session *c = &p->session;
    int32_t next_ma = next_least(p, refused_ma);
    if (next_ma == 0)
        return false;
    c->refused_ma = refused_ma;
    c->raised_ma = p->least_ma = next_ma;
    c->bound_ma = ma_max(c->bound_ma, next_ma);
    c->tries_more = true;
    c->finished = false;
    c->resume_ms = c->zero_ms = c->low_ms = 0;
    return true;
}

/* Half of it: who takes less is about to stop. */
static void note_drawn(struct session *c, int32_t granted_ma, int32_t most_ma)
{
    if (most_ma < granted_ma / 2)
        return;
    c->drawn_ma = c->drawn_ma == 0 ? granted_ma : ma_min(c->drawn_ma, granted_ma);
    if (granted_ma < c->raised_ma)
        c->raised_ma = 0; /* it had other reasons */
}

/* A station that has said SuspendedEV does not say so again at the larger offer. */
static bool is_tried_in_vain(const struct point *p, int64_t now_ms)
{
    return p->session.tries_more && !p->session.wants && p->up && point_is_offered(p) &&
           !p->offer.pending && !p->offer.unsure &&
           now_ms >= ms_after(p->offer.changed_ms, RESUME_FOR_MS);
}

/* --- service --- */

void session_refuses(struct point *p, bool finished, int64_t now_ms)
{
    struct session *c = &p->session;
    if (!point_is_offered(p))
        return;
    int32_t refused_ma = ma_max(p->offer.granted_ma, c->idle_ma);
    bool has_drawn = c->drawn_ma > 0 && c->drawn_ma <= refused_ma;
    c->n_refusals++;
    c->finished = finished;
    c->tries_more = false;
    c->idle_ma = 0;
    if (!has_drawn && !c->told_no_resume)
        c->untold_ma = refused_ma;
    if (!has_drawn && raise_least(p, refused_ma))
        return;
    int32_t doublings = ma_min(c->n_refusals - (finished ? 1 : 2), MOST_DOUBLINGS);
    c->resume_ms = doublings >= 0 ? now_ms + ((int64_t)REFUSED_MS << doublings) : 0;
}

void session_advance(struct point *p, int64_t now_ms)
{
    struct session *c = &p->session;
    int64_t passed_ms = ms_max(now_ms - c->accounted_ms, 0);
    int32_t ma = p->offer.granted_ma;
    if (is_fresh(p, now_ms))
        ma = ma_min(ma, most_of(p));
    if (c->claim_ma >= 0)
        ma = c->claim_ma; /* it may be served later than its turn, or sooner */
    c->service_ma_ms += ma * passed_ms;
    c->since_ma_ms += point_drawn_ma(p, now_ms) * passed_ms;
    c->accounted_ms = now_ms;
    if (c->finished && now_ms >= c->resume_ms) {
        c->finished = false;
        c->zero_ms = 0;
    }
    if (is_tried_in_vain(p, now_ms))
        session_refuses(p, false, now_ms);
    if (c->bound_ma < p->conf.rating_ma && now_ms - c->bound_at_ms >= PROBE_MS) {
        c->bound_ma = ma_min(c->bound_ma + BOUND_STEP_MA, p->conf.rating_ma);
        c->bound_at_ms = now_ms;
    }
}

/* --- current left unused --- */

static void set_bound(struct point *p, int32_t bound_ma, int64_t now_ms)
{
    int32_t least_ma = ma_max(session_min_ma(p), p->session.raised_ma);
    bound_ma = ma_min(ma_max(bound_ma, least_ma), p->conf.rating_ma);
    if (bound_ma != p->session.bound_ma) /* else the next probe would never come */
        p->session.bound_at_ms = now_ms;
    p->session.bound_ma = bound_ma;
    p->session.low_ms = 0;
}

static int32_t whole_amperes(int32_t ma)
{
    return (ma + 999) / 1000 * 1000;
}

static bool find_bound(struct sched *s, size_t i, int32_t most_ma, int64_t at_ms, int64_t now_ms)
{
    struct point *p = &s->point[i];
    struct session *c = &p->session;
    int32_t granted_ma = p->offer.granted_ma, before_ma = c->bound_ma;
    int32_t unused_ma = granted_ma - most_ma;
    if (unused_ma > ma_max(UNUSED_MA, granted_ma / 100 * UNUSED_PERCENT)) {
        if (c->low_ms == 0)
            c->low_ms = at_ms;
        else if (at_ms - c->low_ms >= LOW_FOR_MS) {
            c->idle_ma = most_ma < NO_CURRENT_MA ? ma_max(c->idle_ma, granted_ma) : 0;
            set_bound(p, whole_amperes(most_ma) + BOUND_MARGIN_MA, now_ms);
        }
    } else {
        c->low_ms = 0;
        bool alone = ledger_room_ma(&s->ledger, i, p->conf.rating_ma) >= p->conf.rating_ma;
        if (unused_ma < TOLERANCE_MA && c->bound_ma < p->conf.rating_ma)
            set_bound(p, alone ? p->conf.rating_ma : c->bound_ma + BOUND_STEP_MA, now_ms);
    }
    return c->bound_ma != before_ma;
}

/* --- cars that do not draw --- */

void tell_no_resume(struct sched *s, size_t i)
{
    struct session *c = &s->point[i].session;
    if (c->untold_ma == 0)
        return;
    sched_report(s, &(struct sched_incident){ .kind = SCHED_NO_RESUME,
                                              .point = i,
                                              .node = SIZE_MAX,
                                              .measured_ma = ma_max(most_of(&s->point[i]), 0),
                                              .allowed_ma = c->untold_ma });
    c->untold_ma = 0;
    c->told_no_resume = true;
}

/* Some cars that slept over the end of their pause notice another one. */
static void wake(struct session *c, int64_t now_ms)
{
    c->woken = true;
    c->resume_ms = now_ms + AGAIN_MS;
    c->zero_ms = 0;
}

static bool find_idle(struct sched *s, size_t i, int64_t at_ms, int64_t now_ms)
{
    struct session *c = &s->point[i].session;
    if (c->zero_ms == 0)
        c->zero_ms = at_ms;
    bool asleep = c->paused && !c->told_no_resume && at_ms - c->zero_ms >= RESUME_FOR_MS;
    if (asleep && !c->woken) {
        wake(c, now_ms);
        return true;
    }
    if (asleep)
        c->untold_ma = s->point[i].offer.granted_ma;
    tell_no_resume(s, i);
    /* a larger offer after a refusal is taken soon or not at all */
    bool refused_before = c->raised_ma > 0 && c->n_refusals > 0;
    if (at_ms - c->zero_ms < (refused_before ? RESUME_FOR_MS : FINISHED_MS) || c->finished)
        return false;
    session_refuses(&s->point[i], true, now_ms);
    return true;
}

static bool find_drawing(struct session *c)
{
    bool was_finished = c->finished;
    c->zero_ms = 0;
    c->drew = true;
    c->paused = c->woken = c->told_no_resume = c->finished = false;
    c->tries_more = false;
    c->idle_ma = 0;
    c->n_refusals = 0;
    c->resume_ms = 0;
    return was_finished;
}

static bool find_use(struct sched *s, size_t i, int32_t most_ma, int64_t at_ms, int64_t now_ms)
{
    struct point *p = &s->point[i];
    bool settled = point_is_on(p) && !p->offer.pending && !p->offer.unsure &&
                   at_ms >= ms_after(p->offer.changed_ms, SETTLED_MS);
    if (most_ma >= NO_CURRENT_MA && settled)
        note_drawn(&p->session, p->offer.granted_ma, most_ma);
    if (most_ma >= NO_CURRENT_MA && find_drawing(&p->session))
        return true;
    if (!settled || !point_is_offered(p) || !p->session.wants) {
        p->session.low_ms = p->session.zero_ms = 0;
        return false;
    }
    bool changed = most_ma < NO_CURRENT_MA && find_idle(s, i, at_ms, now_ms);
    if (p->session.paused && !p->session.told_no_resume) /* it may still wake up */
        return changed;
    return (s->tuning.reclaim && find_bound(s, i, most_ma, at_ms, now_ms)) || changed;
}

/* --- phases --- */

static uint8_t phases_seen(const struct point *p, int32_t most_ma)
{
    uint8_t phases = 0;
    for (int phase = 0; phase < GRID_PHASES; phase++)
        if (p->measured_ma[phase] > ma_max(NO_CURRENT_MA, most_ma / 5))
            phases = (uint8_t)(phases | 1u << phase);
    return phases;
}

static bool phase_returned(struct sched *s, size_t i, uint8_t phases, int32_t most_ma,
                           int64_t now_ms)
{
    struct ledger_point *lp = &s->ledger.point[i];
    if ((phases & ~(unsigned)lp->phases) == 0)
        return false;
    lp->phases = lp->wired;
    s->point[i].session.phases_vary = true;
    ledger_refresh(&s->ledger, i, now_ms);
    sched_report(s, &(struct sched_incident){ .kind = SCHED_PHASE_RETURNED,
                                              .point = i,
                                              .node = SIZE_MAX,
                                              .measured_ma = most_ma,
                                              .allowed_ma = 0 });
    return true;
}

static bool learn_phases(struct sched *s, size_t i, uint8_t phases, int64_t at_ms, int64_t now_ms)
{
    struct session *c = &s->point[i].session;
    struct ledger_point *lp = &s->ledger.point[i];
    if (phases == lp->phases || c->phases_vary)
        return false;
    if (phases != c->seen_phases) {
        c->seen_phases = phases;
        c->seen_at_ms = at_ms;
        return false;
    }
    if (at_ms - c->seen_at_ms < PHASES_FOR_MS)
        return false;
    lp->phases = phases;
    lp->phases_tx = c->tx_id;
    ledger_refresh(&s->ledger, i, now_ms);
    return true;
}

/* What is seen is the car's doing, not that of a limit. */
static bool has_all_phases(const struct point *p, int64_t at_ms)
{
    return !p->phases_follow ||
           (p->offer.granted_ma >= p->conf.rating_ma && !p->offer.pending && !p->offer.unsure &&
            at_ms >= ms_after(p->offer.changed_ms, ALL_PHASES_MS));
}

static bool find_phases(struct sched *s, size_t i, int32_t most_ma, int64_t at_ms, int64_t now_ms)
{
    struct point *p = &s->point[i];
    if (!s->tuning.phase_learning || !p->up || most_ma < SURE_CURRENT_MA)
        return false;
    uint8_t phases = phases_seen(p, most_ma);
    bool changed = phase_returned(s, i, phases, most_ma, now_ms) ||
                   (has_all_phases(p, at_ms) && learn_phases(s, i, phases, at_ms, now_ms));
    p->session.phases_known = p->session.phases_known || phases == s->ledger.point[i].phases;
    return changed;
}

/* --- obedience --- */

static void find_disobedience(struct sched *s, size_t i, int32_t most_ma, int64_t at_ms,
                              int64_t now_ms)
{
    struct point *p = &s->point[i];
    const struct ledger_point *lp = &s->ledger.point[i];
    int64_t slack_ms = s->tuning.clock_slack_ms;
    int32_t allowed_ma =
        ledger_could_ma(&s->ledger, i, at_ms - s->tuning.react_ms - slack_ms, at_ms + slack_ms);
    if (p->disobeys || allowed_ma >= p->conf.rating_ma || most_ma <= allowed_ma + TOLERANCE_MA) {
        p->excess_ms = 0;
        return;
    }
    if (p->excess_ms == 0) {
        p->excess_ms = at_ms;
        return;
    }
    if (at_ms - p->excess_ms < (p->undated ? UNDATED_FOR_MS : EXCESS_FOR_MS))
        return;
    /* It goes on with what it had: obeys, but no lease ends by itself. */
    bool outlives =
        lp->class == SCHED_LEASING && p->offer.seq == 0 && most_ma <= p->lapsed_ma + TOLERANCE_MA;
    if (outlives) {
        p->excess_ms = 0;
        sched_report(s, &(struct sched_incident){ .kind = SCHED_OUTLIVES,
                                                  .point = i,
                                                  .node = SIZE_MAX,
                                                  .measured_ma = most_ma,
                                                  .allowed_ma = allowed_ma });
        point_change_class(s, i, SCHED_STICKY, now_ms);
        return;
    }
    p->disobeys = true;
    sched_report(s, &(struct sched_incident){ .kind = SCHED_DISOBEYS,
                                              .point = i,
                                              .node = SIZE_MAX,
                                              .measured_ma = most_ma,
                                              .allowed_ma = allowed_ma });
    point_change_class(s, i, SCHED_FORGETFUL, now_ms);
}

/* --- the event --- */

/* @return are all wired terminals known? */
static bool take_sample(struct point *p, const int32_t ma[3], int64_t at_ms)
{
    bool complete = true;
    memcpy(p->earlier_ma, p->measured_ma, sizeof(p->earlier_ma));
    p->earlier_at_ms = p->measured_at_ms;
    for (int phase = 0; phase < GRID_PHASES; phase++)
        p->measured_ma[phase] = -1;
    for (int32_t t = 0; t < p->conf.n_phases; t++) {
        p->measured_ma[p->conf.wiring[t]] = ma_max(ma[t], -1);
        complete = complete && ma[t] >= 0;
    }
    p->measured_at_ms = at_ms;
    return complete;
}

void sched_measured(struct sched *s, size_t point, const int32_t ma[3], int64_t at_ms,
                    int64_t now_ms)
{
    at_ms = ms_min(at_ms, now_ms); /* a wrong clock must not make all later samples old */
    if (point >= s->n_points || at_ms <= s->point[point].measured_at_ms)
        return;
    struct point *p = &s->point[point];
    size_t n_entries = s->ledger.point[point].n_entries;
    bool changed = false;
    session_advance(p, now_ms);
    bool complete = take_sample(p, ma, at_ms);
    int32_t most_ma = most_of(p);
    if (most_ma < 0)
        return;
    find_disobedience(s, point, most_ma, at_ms, now_ms);
    if (complete)
        ledger_seen(&s->ledger, point, most_ma, at_ms, now_ms);
    if (complete && p->session.tx_id != 0) {
        changed = find_phases(s, point, most_ma, at_ms, now_ms);
        changed = find_use(s, point, most_ma, at_ms, now_ms) || changed;
        if (most_ma >= SURE_CURRENT_MA)
            changed = green_seen(p, phases_seen(p, most_ma), most_ma, at_ms) || changed;
    }
    if (changed || s->ledger.point[point].n_entries != n_entries)
        sched_due(s, ms_after(now_ms, s->tuning.debounce_ms));
}
