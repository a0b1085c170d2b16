/*
 * What measurements teach: service received, current left unused, phases, obedience.
 *
 * Measurements only ever shrink what is counted by way of a new limit that the station confirms;
 * the one exception is a phase that a car's charger does not use (SCHEDULER section 4, "Learning
 * phases").
 */
#include "scheduler/state.h"
#include "scheduler/units.h"

enum {
    FRESH_MS = 10 * 60000,     /* an older sample says nothing about now */
    SETTLED_MS = 30000,        /* after a change, until samples are believed */
    LOW_FOR_MS = 60000,        /* between two samples that make a bound */
    PHASES_FOR_MS = 20000,     /* between two samples that teach phases */
    PROBE_MS = 15 * 60000,     /* a bound rises once in this time: some cars take a part of all */
    RESUME_FOR_MS = 2 * 60000, /* without current after a pause: told */
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

/* --- service --- */

void session_refuses(struct point *p, bool finished, int64_t now_ms)
{
    struct session *c = &p->session;
    if (!point_is_on(p))
        return;
    c->n_refusals++;
    c->finished = finished;
    int32_t doublings = ma_min(c->n_refusals - (finished ? 1 : 2), MOST_DOUBLINGS);
    c->resume_ms = doublings >= 0 ? now_ms + ((int64_t)REFUSED_MS << doublings) : 0;
}

void session_advance(struct point *p, int64_t now_ms)
{
    struct session *c = &p->session;
    int64_t passed_ms = ms_max(now_ms - c->accounted_ms, 0);
    int32_t ma = p->offer.granted_ma;
    if (most_of(p) >= 0 && now_ms - p->measured_at_ms <= FRESH_MS)
        ma = ma_min(ma, most_of(p));
    c->service_ma_ms += ma * passed_ms;
    c->accounted_ms = now_ms;
    if (c->finished && now_ms >= c->resume_ms) {
        c->finished = false;
        c->zero_ms = 0;
    }
    if (c->bound_ma < p->conf.rating_ma && now_ms - c->bound_at_ms >= PROBE_MS) {
        c->bound_ma = ma_min(c->bound_ma + BOUND_STEP_MA, p->conf.rating_ma);
        c->bound_at_ms = now_ms;
    }
}

/* --- current left unused --- */

static void set_bound(struct point *p, int32_t bound_ma, int64_t now_ms)
{
    p->session.bound_ma = ma_min(ma_max(bound_ma, p->conf.min_ma), p->conf.rating_ma);
    p->session.bound_at_ms = now_ms;
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
        else if (at_ms - c->low_ms >= LOW_FOR_MS)
            set_bound(p, whole_amperes(most_ma) + BOUND_MARGIN_MA, now_ms);
    } else {
        c->low_ms = 0;
        bool alone = ledger_room_ma(&s->ledger, i, p->conf.rating_ma) >= p->conf.rating_ma;
        if (unused_ma < TOLERANCE_MA && c->bound_ma < p->conf.rating_ma)
            set_bound(p, alone ? p->conf.rating_ma : c->bound_ma + BOUND_STEP_MA, now_ms);
    }
    return c->bound_ma != before_ma;
}

/* --- cars that do not draw --- */

static bool find_idle(struct sched *s, size_t i, int32_t most_ma, int64_t at_ms, int64_t now_ms)
{
    struct session *c = &s->point[i].session;
    if (c->zero_ms == 0)
        c->zero_ms = at_ms;
    if (c->paused && !c->told_no_resume && at_ms - c->zero_ms >= RESUME_FOR_MS) {
        c->told_no_resume = true;
        sched_report(s, &(struct sched_incident){ .kind = SCHED_NO_RESUME,
                                                  .point = i,
                                                  .node = SIZE_MAX,
                                                  .measured_ma = most_ma,
                                                  .allowed_ma = s->point[i].offer.granted_ma });
    }
    if (at_ms - c->zero_ms < FINISHED_MS || c->finished)
        return false;
    session_refuses(&s->point[i], true, now_ms);
    return true;
}

static bool find_drawing(struct session *c)
{
    bool was_finished = c->finished;
    c->zero_ms = 0;
    c->drew = true;
    c->paused = c->told_no_resume = c->finished = false;
    c->n_refusals = 0;
    c->resume_ms = 0;
    return was_finished;
}

static bool find_use(struct sched *s, size_t i, int32_t most_ma, int64_t at_ms, int64_t now_ms)
{
    struct point *p = &s->point[i];
    if (most_ma >= NO_CURRENT_MA && find_drawing(&p->session))
        return true;
    bool settled = point_is_on(p) && !p->offer.pending && !p->offer.unsure &&
                   at_ms >= ms_after(p->offer.changed_ms, SETTLED_MS);
    if (!settled || !p->session.wants) {
        p->session.low_ms = p->session.zero_ms = 0;
        return false;
    }
    bool changed = most_ma < NO_CURRENT_MA && find_idle(s, i, most_ma, at_ms, now_ms);
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

static bool find_phases(struct sched *s, size_t i, int32_t most_ma, int64_t at_ms, int64_t now_ms)
{
    struct point *p = &s->point[i];
    if (!s->tuning.phase_learning || !p->up || most_ma < SURE_CURRENT_MA)
        return false;
    uint8_t phases = phases_seen(p, most_ma);
    return phase_returned(s, i, phases, most_ma, now_ms) ||
           learn_phases(s, i, phases, at_ms, now_ms);
}

/* --- obedience --- */

static void find_disobedience(struct sched *s, size_t i, int32_t most_ma, int64_t at_ms,
                              int64_t now_ms)
{
    struct point *p = &s->point[i];
    const struct ledger_point *lp = &s->ledger.point[i];
    int32_t allowed_ma = ledger_counted_ma(&s->ledger, i);
    bool reacted = at_ms >= lp->fell_ms + s->tuning.react_ms + s->tuning.clock_slack_ms;
    if (p->disobeys || !reacted || allowed_ma >= p->conf.rating_ma ||
        most_ma <= allowed_ma + TOLERANCE_MA) {
        p->excess_ms = 0;
        return;
    }
    if (p->excess_ms == 0) {
        p->excess_ms = at_ms;
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
    }
    if (changed || s->ledger.point[point].n_entries != n_entries)
        sched_due(s, ms_after(now_ms, s->tuning.debounce_ms));
}
