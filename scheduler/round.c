/*
 * One round: bring the ledger up to date, share what is free, order what changes.
 *
 * Lowering goes out at once; raising waits for room in the ledger, that is until the lowering was
 * confirmed.  A swap of turns thus costs one answer and one reaction time of one car's current.
 */
#include <string.h>

#include "scheduler/state.h"
#include "scheduler/units.h"

enum {
    REFUSALS_BELIEVED = 2, /* rejected in a row: the plan counts with what is in force */
    ANSWER_RETRIES = 4,    /* an answer that is missing for so many retry times will not come */
    RAISES_AT_ONCE = 20,   /* cars must not ramp up in lock-step ... */
    RAISES_PART = 50,      /* ... but a big street still gets going */
    RAISES_GAP_MS = 1000,
    CREDIT_GROWS = 2, /* at most by so many times itself */
    SHORTEST_LEASE_MS = 10000,
    WORTH_A_WRITE_MA = 2000, /* a raise by less waits, where writes are few (wear.c) */
    FIRST_HOUR_MS = 3600000, /* a clock that was never set begins in 1970: no earlier start */
    LATE_MS = 10000,         /* SCHEDULER section 4, T_call */
};

/* --- what a point is for the plan --- */

static bool is_managed(const struct sched *s, size_t i)
{
    enum sched_class class = s->ledger.point[i].class;
    return class == SCHED_LEASING || class == SCHED_STICKY;
}

static bool takes_profiles(const struct sched *s, size_t i)
{
    return s->point[i].up && s->point[i].session.tx_id != 0 && is_managed(s, i) &&
           s->ledger.point[i].safe_confirmed;
}

static bool asks(const struct point *p, int64_t now_ms)
{
    const struct session *c = &p->session;
    return c->tx_id != 0 && (c->wants || c->tries_more) && !c->finished && now_ms >= c->resume_ms;
}

static bool refuses_profiles(const struct point *p)
{
    return p->offer.n_rejected >= REFUSALS_BELIEVED;
}

/* Its lowering was not confirmed in time while a sum is too large: others are lowered for it. */
static bool is_late(const struct sched *s, size_t i, int64_t now_ms)
{
    const struct offer *o = &s->point[i].offer;
    return o->seq != 0 && o->confirmed_ma != o->granted_ma && now_ms - o->changed_ms >= LATE_MS &&
           ledger_counted_ma(&s->ledger, i) > o->granted_ma && ledger_exceeds_above(&s->ledger, i);
}

/* Follows the plan: takes limits and obeys them. */
static bool follows(const struct sched *s, size_t i, int64_t now_ms)
{
    return takes_profiles(s, i) && !refuses_profiles(&s->point[i]) && !is_late(s, i, now_ms);
}

static bool is_shared(const struct sched *s, size_t i, int64_t now_ms)
{
    return asks(&s->point[i], now_ms) && !s->point[i].session.held && follows(s, i, now_ms);
}

/* For better hours (green.c). */
static bool waits(const struct sched *s, size_t i, int64_t now_ms)
{
    const struct point *p = &s->point[i];
    return p->session.held && asks(p, now_ms) && follows(s, i, now_ms);
}

/* Falls back to its safe current, because the car takes nothing. */
static bool is_released(const struct sched *s, size_t i, int64_t now_ms)
{
    const struct point *p = &s->point[i];
    return !asks(p, now_ms) && !point_is_roomy(s, p) && follows(s, i, now_ms);
}

/* A new lamp before its safe current is installed: nobody is lowered for the second it takes. */
static bool is_settling(const struct sched *s, size_t i, int64_t now_ms)
{
    return !s->ledger.point[i].safe_confirmed && now_ms < s->point[i].safe.settle_ms;
}

/* --- up to date --- */

/* The clock was set back: nothing has happened in the future. */
static void clamp_times(struct point *p, int64_t now_ms)
{
    int64_t *past[] = { &p->session.on_since_ms, &p->session.accounted_ms, &p->session.bound_at_ms,
                        &p->offer.at_ms,         &p->offer.changed_ms,     &p->offer.raised_ms,
                        &p->safe.at_ms,          &p->measured_at_ms };
    for (size_t i = 0; i < sizeof(past) / sizeof(past[0]); i++)
        *past[i] = ms_min(*past[i], now_ms);
}

static void give_up_answers(struct sched *s, struct point *p, int64_t now_ms)
{
    int64_t patience_ms = ANSWER_RETRIES * s->tuning.retry_ms;
    if (p->offer.pending && now_ms - p->offer.at_ms >= patience_ms) {
        p->offer.pending = false;
        p->offer.unsure = true;
        p->offer.retry_ms = now_ms;
    }
    if (p->safe.seq != 0 && now_ms - p->safe.at_ms >= patience_ms) {
        p->safe.seq = 0;
        p->safe.wanted = true;
        p->safe.retry_ms = now_ms;
    }
}

/* The lease has ended: the station is back at its safe current. */
static void note_lapse(struct sched *s, size_t i)
{
    struct point *p = &s->point[i];
    if (p->offer.seq == 0 || ledger_find(&s->ledger, i, p->offer.seq) != NULL)
        return;
    bool was_on = point_is_on(p);
    p->lapsed_ma = ma_max(p->offer.granted_ma, p->offer.confirmed_ma);
    p->offer = (struct offer){ .granted_ma = p->conf.safe_ma,
                               .confirmed_ma = -1,
                               .at_ms = p->offer.at_ms,
                               .changed_ms = p->offer.changed_ms,
                               .n_rejected = p->offer.n_rejected };
    if (was_on && !point_is_on(p) && p->session.drew)
        p->session.paused = true;
}

static void refresh(struct sched *s, int64_t now_ms)
{
    grid_refresh(&s->grid, now_ms);
    meter_refresh(s, now_ms);
    for (size_t i = 0; i < s->n_points; i++) {
        struct point *p = &s->point[i];
        if (now_ms < s->latest_ms)
            clamp_times(p, now_ms);
        give_up_answers(s, p, now_ms);
        ledger_refresh(&s->ledger, i, now_ms);
        note_lapse(s, i);
        if (p->session.tx_id != 0)
            session_advance(p, now_ms);
        tell_no_resume(s, i);
    }
    s->latest_ms = now_ms;
}

/* --- what is there to share --- */

/* Current that the point holds whatever the share says. */
static int32_t held_ma(const struct sched *s, size_t i, int resource, int64_t now_ms)
{
    const struct ledger_point *lp = &s->ledger.point[i];
    int32_t counted_ma = lp->counted_ma[resource];
    if (is_shared(s, i, now_ms))
        return grid_uses(lp->phases) >> resource & 1 ? 0 : counted_ma;
    if (is_released(s, i, now_ms) || is_settling(s, i, now_ms) || waits(s, i, now_ms))
        return ma_min(counted_ma, lp->safe_ma);
    return counted_ma;
}

static void push_up(const struct grid *g, int64_t *ma)
{
    for (size_t v = g->n; v-- > 0;)
        if (g->node[v].parent >= 0)
            for (size_t r = 0; r < GRID_RESOURCES; r++)
                ma[(size_t)g->node[v].parent * GRID_RESOURCES + r] += ma[v * GRID_RESOURCES + r];
}

/* A planned fall counts as soon as a new lease would live to see it. */
int64_t round_ahead_ma(const struct grid *g, size_t node, int resource)
{
    int64_t now_ma = grid_capacity_ma(&g->node[node], resource);
    return g->soon_ms == INT64_MAX
               ? now_ma
               : ms_min(now_ma, grid_later_ma(&g->node[node], GRID_SOON, resource));
}

static void find_room(struct sched *s, int64_t now_ms)
{
    size_t n = s->grid.n * GRID_RESOURCES;
    memset(s->room_ma, 0, n * sizeof(*s->room_ma));
    memset(s->grace_ma, 0, n * sizeof(*s->grace_ma));
    for (size_t i = 0; i < s->n_points; i++) {
        const struct ledger_point *lp = &s->ledger.point[i];
        size_t at = (size_t)lp->node * GRID_RESOURCES;
        bool settles = is_settling(s, i, now_ms);
        for (int r = 0; r < GRID_RESOURCES; r++) {
            if (lp->counted_ma[r] == 0)
                continue;
            int32_t held = held_ma(s, i, r, now_ms);
            s->room_ma[at + (size_t)r] += held;
            s->grace_ma[at + (size_t)r] += settles ? lp->counted_ma[r] - held : 0;
        }
    }
    push_up(&s->grid, s->room_ma);
    push_up(&s->grid, s->grace_ma);
    for (size_t k = 0; k < n; k++)
        s->room_ma[k] =
            round_ahead_ma(&s->grid, k / GRID_RESOURCES, (int)(k % GRID_RESOURCES)) - s->room_ma[k];
}

/* Who is on goes on until another has received so much less.  The more it has received itself, the
 * less fairness another turn buys, and the longer turns may be, within limits. */
static int64_t turn_credit(const struct sched *s, int64_t key)
{
    int64_t credit = s->tuning.credit_mas * 1000;
    return credit + ms_min(key / 100 * s->tuning.credit_percent, CREDIT_GROWS * credit);
}

/* First who was turned on lately, then who has received least; who is on has a credit, so that
 * turns are long. */
int64_t round_key(const struct sched *s, const struct point *p, int64_t now_ms)
{
    int64_t key = p->session.service_ma_ms / p->conf.weight;
    if (p->session.claim_ma >= 0)
        return p->session.claim_ma >= p->least_ma ? key - turn_credit(s, key) : key;
    if (!point_is_offered(p))
        return key;
    bool held = now_ms - p->session.on_since_ms < s->tuning.hold_ms;
    return held ? key - INT64_MAX / 4 : key - turn_credit(s, key);
}

/* What the connection cannot give even to it alone it need not wait for. */
static int32_t least_of(const struct sched *s, size_t i)
{
    const struct point *p = &s->point[i];
    uint8_t uses = grid_uses(s->ledger.point[i].phases);
    int32_t told_ma = session_min_ma(p);
    int32_t least_ma = ma_max(told_ma, p->session.raised_ma);
    for (int32_t v = p->conf.node; v >= 0; v = s->grid.node[v].parent)
        for (int r = 0; r < GRID_RESOURCES; r++)
            if ((uses >> r & 1) && s->room_ma[v * GRID_RESOURCES + r] < least_ma)
                return told_ma;
    return least_ma;
}

static size_t find_demands(struct sched *s, int64_t now_ms)
{
    size_t n = 0;
    for (size_t i = 0; i < s->n_points; i++) {
        const struct point *p = &s->point[i];
        if (!is_shared(s, i, now_ms))
            continue;
        int32_t least_ma = least_of(s, i);
        s->demand_point[n] = i;
        s->demand[n++] =
            (struct share_demand){ .node = p->conf.node,
                                   .uses = grid_uses(s->ledger.point[i].phases),
                                   .floor_ma = p->conf.safe_ma,
                                   .min_ma = least_ma,
                                   .max_ma = ma_min(ma_max(p->session.bound_ma, least_ma),
                                                    p->conf.rating_ma),
                                   .weight = p->conf.weight,
                                   .class = session_priority(p),
                                   .had_ma = p->offer.granted_ma,
                                   .key = round_key(s, p, now_ms),
                                   .has_deadline = session_has_deadline(&p->session, now_ms),
                                   .since_ms = p->session.since_ms,
                                   .id = (uint32_t)i };
    }
    return n;
}

/* --- limits that have no end --- */

static bool is_lasting(const struct sched *s, size_t i)
{
    return ledger_is_lasting(&s->ledger, i) && !point_is_roomy(s, &s->point[i]);
}

static int32_t lasting_ma(const struct sched *s, size_t i, int resource, int64_t now_ms)
{
    const struct ledger_point *lp = &s->ledger.point[i];
    int32_t ma = lp->later_ma[GRID_EVER][resource];
    if (is_lasting(s, i) && is_shared(s, i, now_ms) && (grid_uses(lp->phases) >> resource & 1))
        return 0;
    bool will_fall = is_released(s, i, now_ms) || is_settling(s, i, now_ms);
    return will_fall ? ma_min(ma, lp->safe_ma) : ma;
}

static void find_lasting_room(struct sched *s, int64_t *room_ma, int64_t now_ms)
{
    size_t n = s->grid.n * GRID_RESOURCES;
    memset(room_ma, 0, n * sizeof(*room_ma));
    for (size_t i = 0; i < s->n_points; i++)
        for (int r = 0; r < GRID_RESOURCES; r++)
            room_ma[(size_t)s->point[i].conf.node * GRID_RESOURCES + (size_t)r] +=
                lasting_ma(s, i, r, now_ms);
    push_up(&s->grid, room_ma);
    for (size_t k = 0; k < n; k++)
        room_ma[k] =
            grid_later_ma(&s->grid.node[k / GRID_RESOURCES], GRID_EVER, (int)(k % GRID_RESOURCES)) -
            room_ma[k];
}

/* They get no more than would be their share at the least capacity that will ever come. */
static void bound_lasting(struct sched *s, size_t n_demands, int64_t now_ms)
{
    size_t n = 0;
    for (size_t k = 0; k < n_demands && s->grid.varies; k++)
        if (is_lasting(s, s->demand_point[k])) {
            s->lasting_place[n] = k;
            s->lasting[n++] = s->demand[k];
        }
    if (n == 0)
        return;
    int64_t *room_ma = s->grace_ma; /* not needed any more */
    find_lasting_room(s, room_ma, now_ms);
    share_split(&s->grid, room_ma, s->lasting, n, s->tuning.step_ma, &s->scratch, s->grant_ma);
    for (size_t k = 0; k < n; k++) {
        struct share_demand *d = &s->demand[s->lasting_place[k]];
        d->max_ma = ma_min(d->max_ma, s->grant_ma[k]);
    }
}

/* --- excess --- */

static void report_excess(struct sched *s, size_t node, int phase)
{
    sched_report(
        s, &(struct sched_incident){
               .kind = SCHED_EXCESS,
               .point = SIZE_MAX,
               .node = node,
               .measured_ma = ma_narrow(s->ledger.sum_ma[node * GRID_RESOURCES + (size_t)phase]),
               .allowed_ma = ma_narrow(grid_capacity_ma(&s->grid.node[node], phase)) });
}

static void find_excess(struct sched *s)
{
    for (size_t v = 0; v < s->grid.n; v++) {
        int phase = 0;
        while (phase < GRID_PHASES && s->ledger.sum_ma[v * GRID_RESOURCES + (size_t)phase] -
                                              s->grace_ma[v * GRID_RESOURCES + (size_t)phase] <=
                                          grid_capacity_ma(&s->grid.node[v], phase))
            phase++;
        if (phase < GRID_PHASES && !s->in_excess[v])
            report_excess(s, v, phase);
        s->in_excess[v] = phase < GRID_PHASES;
    }
}

/* --- targets --- */

static enum reason reason_of_share(const struct point *p)
{
    bool by_deadline = p->session.claim_ma >= 0;
    if (by_deadline && p->target_ma < p->least_ma && !p->session.tries_more)
        return REASON_CAN_WAIT;
    if (p->target_ma < p->least_ma)
        return p->session.tries_more ? REASON_MORE_AT_TURN : REASON_TURN;
    if (p->target_ma >= p->conf.rating_ma)
        return REASON_FULL_SHARE;
    if (p->target_ma >= p->session.bound_ma)
        return REASON_RECLAIMED;
    return by_deadline ? REASON_DEADLINE : REASON_SHARE;
}

static enum reason reason_unshared(const struct sched *s, size_t i, int64_t now_ms)
{
    const struct point *p = &s->point[i];
    const struct ledger_point *lp = &s->ledger.point[i];
    if (!lp->commissioned)
        return REASON_NOT_COMMISSIONED;
    if (!p->up)
        return REASON_OFFLINE;
    if (lp->class == SCHED_FORGETFUL || lp->class == SCHED_UNMANAGED)
        return REASON_AT_RATING;
    if (!lp->safe_confirmed)
        return REASON_SAFE_UNCONFIRMED;
    if (p->session.tx_id == 0)
        return REASON_NO_SESSION;
    return asks(p, now_ms) ? REASON_REFUSES : REASON_DONE;
}

/* Who refuses profiles keeps its last target: it is tried again. */
static void target_unshared(struct sched *s, size_t i, int64_t now_ms)
{
    struct point *p = &s->point[i];
    p->reason = reason_unshared(s, i, now_ms);
    p->session.claim_ma = -1;
    p->bound_node = -1;
    p->least_ma = p->conf.min_ma;
    if (waits(s, i, now_ms)) {
        p->reason = REASON_WAITS;
        p->target_ma = 0;
    } else if (is_released(s, i, now_ms))
        p->target_ma = p->conf.safe_ma;
    else if (s->ledger.point[i].class == SCHED_FORGETFUL && asks(p, now_ms))
        p->target_ma = p->conf.rating_ma;
    else if (!takes_profiles(s, i) || !refuses_profiles(p))
        p->target_ma = p->offer.granted_ma;
}

/* After the share: the nearest node that has no further step left for it. */
static void find_bound(const struct sched *s, const struct share_demand *d, struct point *p)
{
    bool wants_more = p->target_ma < d->max_ma;
    int32_t step_ma = p->target_ma < d->min_ma ? d->min_ma - p->target_ma : s->tuning.step_ma;
    for (int32_t v = d->node; wants_more && v >= 0; v = s->grid.node[v].parent)
        for (int r = 0; d->uses >> r != 0; r++)
            if ((d->uses >> r & 1) && s->room_ma[v * GRID_RESOURCES + r] < step_ma) {
                p->bound_node = v;
                p->bound_phase = r % GRID_PHASES;
                return;
            }
}

size_t round_contest(struct sched *s, int64_t now_ms)
{
    find_room(s, now_ms);
    size_t n = find_demands(s, now_ms);
    share_split(&s->grid, s->room_ma, s->demand, n, s->tuning.step_ma, &s->scratch, s->grant_ma);
    find_room(s, now_ms);
    return n;
}

static size_t find_targets(struct sched *s, int64_t now_ms)
{
    green_decide(s, now_ms);
    find_room(s, now_ms);
    find_excess(s);
    size_t n = find_demands(s, now_ms);
    deadline_order(s, n, now_ms);
    bound_lasting(s, n, now_ms);
    share_split(&s->grid, s->room_ma, s->demand, n, s->tuning.step_ma, &s->scratch, s->grant_ma);
    for (size_t i = 0; i < s->n_points; i++)
        target_unshared(s, i, now_ms);
    for (size_t k = 0; k < n; k++) {
        struct point *p = &s->point[s->demand_point[k]];
        p->least_ma = s->demand[k].min_ma;
        p->target_ma = s->grant_ma[k];
        p->session.claim_ma = s->demand[k].has_deadline ? s->scratch.claim_ma[k] : -1;
        p->reason = reason_of_share(p);
        find_bound(s, &s->demand[k], p);
    }
    return n;
}

/* --- orders --- */

/* A clock that is off by more than a minute cannot end a lease: SCHEDULER section 3. */
static int64_t lease_end(const struct sched *s, size_t i, int64_t now_ms)
{
    const struct ledger_point *lp = &s->ledger.point[i];
    bool clock_is_bad = lp->class == SCHED_LEASING && !ledger_is_timed(lp);
    return point_is_roomy(s, &s->point[i]) || clock_is_bad ? INT64_MAX
                                                           : now_ms + s->tuning.lease_ms;
}

static void note_change(struct point *p, int32_t limit_ma, int64_t now_ms)
{
    bool was_on = point_is_offered(p), raised = limit_ma > p->offer.granted_ma;
    if (limit_ma != p->offer.granted_ma) {
        p->offer.changed_ms = now_ms;
        p->session.low_ms = p->session.zero_ms = 0;
    }
    if (raised)
        p->offer.raised_ms = now_ms;
    p->offer.granted_ma = limit_ma;
    if (!was_on && point_is_offered(p))
        p->session.on_since_ms = now_ms;
    if (was_on && !point_is_offered(p) && p->session.drew)
        p->session.paused = true;
}

/* Lowering does not wait.  What does not fit later ends before that, or is less. */
static int64_t fit_later(const struct sched *s, size_t i, int32_t *limit_ma, int64_t now_ms)
{
    const struct ledger_point *lp = &s->ledger.point[i];
    int64_t end_ms = lease_end(s, i, now_ms);
    if (ledger_fits_later(&s->ledger, i, *limit_ma))
        return end_ms;
    int64_t skew_ms = lp->skew_ms < 0 ? -lp->skew_ms : lp->skew_ms;
    int64_t before_ms = s->grid.soon_ms - s->tuning.clock_slack_ms - skew_ms;
    if (!ledger_is_lasting(&s->ledger, i) && before_ms >= now_ms + SHORTEST_LEASE_MS)
        return before_ms;
    *limit_ma = ma_min(*limit_ma, ledger_later_ma(&s->ledger, i));
    return end_ms;
}

/* Nothing above it is found in the store by whoever comes after a crash: @return is it so until
 * *end_ms, perhaps made earlier? */
static bool is_covered(const struct sched *s, size_t i, int32_t limit_ma, int64_t now_ms,
                       int64_t *end_ms)
{
    const struct point *p = &s->point[i];
    int64_t until_ms = ledger_covered_ms(&s->ledger, i, p->session.tx_id, limit_ma);
    if (until_ms < ms_after(now_ms, s->tuning.tick_ms))
        return false;
    *end_ms = ms_min(*end_ms, until_ms);
    return true;
}

/* By a clock that is behind it must have begun, too: else the safe current holds until then. */
static int64_t start_of(const struct sched *s, size_t i, int64_t now_ms)
{
    int64_t skew_ms = s->ledger.point[i].skew_ms;
    return skew_ms < 0 ? ms_max(now_ms + skew_ms, ms_min(now_ms, FIRST_HOUR_MS)) : now_ms;
}

static void order(struct sched *s, size_t i, enum sched_kind kind, int32_t limit_ma, int64_t now_ms)
{
    struct point *p = &s->point[i];
    int64_t end_ms = fit_later(s, i, &limit_ma, now_ms);
    bool covered = kind == SCHED_LOWER && is_covered(s, i, limit_ma, now_ms, &end_ms);
    struct ledger_entry e = { .tx_id = p->session.tx_id,
                              .end_ms = end_ms,
                              .drop_ms = INT64_MAX,
                              .seq = sched_next_seq(s),
                              .limit_ma = limit_ma };
    ledger_enter(&s->ledger, i, &e, now_ms);
    note_change(p, limit_ma, now_ms);
    p->offer.seq = e.seq;
    p->offer.at_ms = now_ms;
    p->offer.end_ms = e.end_ms;
    p->offer.pending = true;
    p->offer.unsure = p->offer.failed = false;
    wear_note(&p->wear, 1, now_ms, now_ms);
    s->out[s->n_out++] =
        (struct sched_command){ .point = i,
                                .kind = kind,
                                .seq = e.seq,
                                .tx_id = e.tx_id,
                                .limit_ma = limit_ma,
                                .safe_ma = p->conf.safe_ma,
                                .start_ms = start_of(s, i, now_ms),
                                .end_ms = e.end_ms,
                                .covered = covered,
                                .counts_ms =
                                    ledger_is_timed(&s->ledger.point[i]) ? e.end_ms : INT64_MAX,
                                .reason = point_reason(p),
                                .bound_node = p->bound_node,
                                .bound_phase = p->bound_phase };
}

/* A running transaction may not care for a new default ("for new transactions", OCPP 1.6 section
 * 3.13.1), or go on with an older, higher safe current: it gets a limit of its own first.  Thus
 * whoever reads later that the safe current was confirmed, may rely on it. */
static bool runs_free(const struct sched *s, size_t i)
{
    const struct point *p = &s->point[i];
    return p->session.tx_id != 0 && !s->ledger.point[i].safe_confirmed && p->offer.confirmed_ma < 0;
}

static bool is_restored(const struct sched *s, size_t i)
{
    const struct ledger_entry *e = ledger_newest(&s->ledger, i, s->point[i].session.tx_id);
    return e != NULL && e->restored && ledger_is_timed(&s->ledger.point[i]);
}

/* After a restart: the sums without the doubts, that is with what was accepted last as written. */
static void find_undoubted(const struct sched *s, int64_t *sum_ma, int64_t now_ms)
{
    memset(sum_ma, 0, s->grid.n * GRID_RESOURCES * sizeof(*sum_ma));
    for (size_t i = 0; i < s->n_points; i++) {
        const struct ledger_point *lp = &s->ledger.point[i];
        int32_t most_ma = is_restored(s, i) ? ledger_likely_ma(&s->ledger, i, now_ms) : INT32_MAX;
        for (int r = 0; r < GRID_RESOURCES; r++)
            sum_ma[(size_t)lp->node * GRID_RESOURCES + (size_t)r] +=
                ma_min(lp->counted_ma[r], most_ma);
    }
    push_up(&s->grid, sum_ma);
}

static bool exceeds_undoubted(const struct sched *s, size_t i, const int64_t *sum_ma)
{
    uint8_t uses = grid_uses(s->ledger.point[i].phases);
    for (int32_t v = s->point[i].conf.node; v >= 0; v = s->grid.node[v].parent)
        for (int r = 0; uses >> r != 0; r++)
            if ((uses >> r & 1) && sum_ma[(size_t)v * GRID_RESOURCES + (size_t)r] >
                                       grid_capacity_ma(&s->grid.node[v], r))
                return true;
    return false;
}

/* While a sum is too large, the entries of others may cover what is really in force here and there:
 * then nothing is sent that might raise it.  What was restored is left alone until others have
 * answered or older leases have ended, rather than turned off; where none ends, all wait for this
 * one.
 * @return may a limit be sent, and which */
static bool is_harmless(const struct sched *s, size_t i, int64_t now_ms, int32_t *limit_ma)
{
    if (!ledger_exceeds_above(&s->ledger, i))
        return true;
    int32_t surely_ma = ledger_surely_ma(&s->ledger, i, now_ms);
    if (*limit_ma <= surely_ma)
        return true;
    if (!is_managed(s, i) || is_restored(s, i))
        return false;
    *limit_ma = surely_ma;
    return true;
}

/* An excess that no doubt of ours explains: what was restored goes down at once, to what cannot be
 * more than is in force. */
static bool must_fall(const struct sched *s, size_t i, const int64_t *undoubted_ma, int64_t now_ms,
                      int32_t *limit_ma)
{
    if (undoubted_ma == NULL || !is_restored(s, i) || !exceeds_undoubted(s, i, undoubted_ma))
        return false;
    *limit_ma = ma_min(*limit_ma, ledger_surely_ma(&s->ledger, i, now_ms));
    return true;
}

static bool is_any_in_excess(const struct sched *s)
{
    size_t v = 0;
    while (v < s->grid.n && !s->in_excess[v])
        v++;
    return v < s->grid.n;
}

static void order_first_limit(struct sched *s, int64_t now_ms)
{
    for (size_t i = 0; i < s->n_points; i++) {
        const struct point *p = &s->point[i];
        if (!p->up || !is_managed(s, i) || !runs_free(s, i) || p->offer.pending ||
            now_ms < p->offer.retry_ms)
            continue;
        int32_t limit_ma = ma_max(p->conf.safe_ma, p->conf.min_ma);
        if (p->offer.seq != 0)
            limit_ma = ma_min(p->offer.granted_ma, p->conf.rating_ma);
        if (ledger_exceeds_above(&s->ledger, i))
            limit_ma = ma_min(limit_ma, ledger_surely_ma(&s->ledger, i, now_ms));
        order(s, i, SCHED_LOWER, limit_ma, now_ms);
    }
}

static void order_safe(struct sched *s, int64_t now_ms)
{
    for (size_t i = 0; i < s->n_points; i++) {
        struct point *p = &s->point[i];
        if (!p->up || !p->safe.wanted || p->safe.seq != 0 || now_ms < p->safe.retry_ms ||
            !is_managed(s, i) || runs_free(s, i))
            continue;
        p->safe.wanted = false;
        p->safe.at_ms = now_ms;
        p->safe.seq = sched_next_seq(s);
        wear_note(&p->wear, 1, now_ms, now_ms);
        s->out[s->n_out++] = (struct sched_command){ .point = i,
                                                     .kind = SCHED_SET_SAFE,
                                                     .seq = p->safe.seq,
                                                     .limit_ma = p->conf.safe_ma,
                                                     .safe_ma = p->conf.safe_ma,
                                                     .start_ms = now_ms,
                                                     .end_ms = INT64_MAX,
                                                     .counts_ms = INT64_MAX,
                                                     .reason = "safe current of the station",
                                                     .bound_node = -1 };
    }
}

static void order_lower(struct sched *s, int64_t now_ms)
{
    int64_t *undoubted_ma = NULL;
    if (is_any_in_excess(s)) {
        undoubted_ma = s->grace_ma; /* not needed any more */
        find_undoubted(s, undoubted_ma, now_ms);
    }
    for (size_t i = 0; i < s->n_points; i++) {
        struct point *p = &s->point[i];
        int32_t limit_ma = p->target_ma;
        bool waits = p->offer.failed && now_ms < p->offer.retry_ms;
        if (takes_profiles(s, i) && limit_ma < p->offer.granted_ma && !waits &&
            (is_harmless(s, i, now_ms, &limit_ma) ||
             must_fall(s, i, undoubted_ma, now_ms, &limit_ma)))
            order(s, i, SCHED_LOWER, limit_ma, now_ms);
    }
}

/* Renewals of many points spread over a quarter of their time.  Where writes are few they come as
 * late as still leaves time to repeat one, and spread over half as much. */
static int64_t renew_at(const struct sched *s, size_t i, int64_t now_ms)
{
    int64_t after_ms = s->tuning.renew_after_ms, spread_ms = after_ms / 4;
    int64_t late_ms = s->tuning.lease_ms - ANSWER_RETRIES * s->tuning.retry_ms;
    if (late_ms > after_ms && point_is_spared(&s->point[i], now_ms)) {
        after_ms = late_ms;
        spread_ms /= 2;
    }
    uint32_t hash = (uint32_t)i * 2654435761u;
    int64_t early_ms = spread_ms > 0 ? (hash >> 8) % spread_ms : 0;
    const struct offer *o = &s->point[i].offer;
    int64_t length_ms = o->end_ms - ms_min(o->at_ms, o->end_ms);
    /* Cut short before a fall, or by what covers it. */
    if (o->end_ms != INT64_MAX && length_ms < s->tuning.lease_ms)
        return o->at_ms + length_ms / 3 * 2 - (hash >> 8) % (length_ms / 6 + 1);
    return s->point[i].offer.at_ms + after_ms - early_ms;
}

static bool is_leased(const struct sched *s, size_t i)
{
    const struct point *p = &s->point[i];
    return p->offer.seq != 0 && p->offer.end_ms != INT64_MAX &&
           (p->offer.granted_ma != p->conf.safe_ma || s->ledger.point[i].class == SCHED_FORGETFUL);
}

/* Something is counted that no command of ours is going to replace. */
static bool is_unsettled(const struct sched *s, size_t i)
{
    const struct point *p = &s->point[i];
    return p->offer.seq == 0 && s->ledger.point[i].n_entries > 0 &&
           ledger_counted_ma(&s->ledger, i) > ma_max(p->offer.granted_ma, p->conf.safe_ma);
}

static bool needs_renewal(const struct sched *s, size_t i, int64_t now_ms)
{
    const struct point *p = &s->point[i];
    if (p->offer.pending || now_ms < p->offer.retry_ms || p->target_ma < p->offer.granted_ma)
        return false;
    if (!asks(p, now_ms) && p->offer.granted_ma > p->conf.safe_ma)
        return false;
    bool without_end = p->offer.seq != 0 && p->offer.end_ms == INT64_MAX &&
                       p->offer.granted_ma > p->conf.safe_ma &&
                       lease_end(s, i, now_ms) != INT64_MAX;
    return p->offer.unsure || without_end || is_unsettled(s, i) ||
           (is_leased(s, i) && now_ms >= renew_at(s, i, now_ms));
}

/* After raising was tried: who could not be raised keeps what it has. */
static void order_renew(struct sched *s, int64_t now_ms)
{
    for (size_t i = 0; i < s->n_points; i++) {
        const struct point *p = &s->point[i];
        bool forgetful = p->up && s->ledger.point[i].class == SCHED_FORGETFUL;
        if (!(takes_profiles(s, i) || forgetful) || !needs_renewal(s, i, now_ms))
            continue;
        int32_t counted_ma = ledger_counted_ma(&s->ledger, i);
        int32_t limit_ma =
            is_unsettled(s, i) ? ma_min(p->target_ma, counted_ma) : p->offer.granted_ma;
        if (!ledger_fits(&s->ledger, i, limit_ma) || !is_harmless(s, i, now_ms, &limit_ma))
            continue;
        bool lowers = limit_ma < counted_ma && !forgetful;
        order(s, i, lowers ? SCHED_LOWER : SCHED_RENEW, limit_ma, now_ms);
    }
}

/* When a raise by little is worth a write: with the next renewal, or after the time of a lease. */
static int64_t small_raise_at(const struct sched *s, size_t i, int64_t now_ms)
{
    const struct offer *o = &s->point[i].offer;
    return is_leased(s, i) ? renew_at(s, i, now_ms) : ms_after(o->at_ms, s->tuning.lease_ms);
}

static bool is_hardly_worth_it(const struct sched *s, size_t i, int64_t now_ms)
{
    const struct point *p = &s->point[i];
    bool first = p->offer.seq == 0 || !point_is_on(p);
    return !first && p->target_ma - p->offer.granted_ma < WORTH_A_WRITE_MA && !p->offer.unsure &&
           point_is_spared(p, now_ms) && now_ms < small_raise_at(s, i, now_ms);
}

static bool may_raise(const struct sched *s, size_t i, int64_t now_ms)
{
    const struct point *p = &s->point[i];
    bool rested = !point_is_on(p) || now_ms - p->offer.raised_ms >= s->tuning.min_raise_gap_ms;
    return p->up && p->target_ma > p->offer.granted_ma && !p->offer.pending &&
           now_ms >= p->offer.retry_ms && rested;
}

static bool try_raise(struct sched *s, size_t i, int64_t now_ms)
{
    struct point *p = &s->point[i];
    if (!may_raise(s, i, now_ms))
        return false;
    if (is_hardly_worth_it(s, i, now_ms)) {
        p->reason = REASON_SPARED;
        return false;
    }
    int32_t room_ma = ledger_room_ma(&s->ledger, i, p->target_ma);
    int32_t limit_ma =
        room_ma < p->target_ma ? room_ma - room_ma % s->tuning.step_ma : p->target_ma;
    if (ledger_exceeds_above(&s->ledger, i)) {
        p->reason = REASON_EXCESS;
        return false;
    }
    if (limit_ma <= p->offer.granted_ma || limit_ma < p->least_ma) {
        p->reason = REASON_ROOM;
        return false;
    }
    order(s, i, SCHED_RAISE, limit_ma, now_ms);
    return true;
}

static void order_raise(struct sched *s, size_t n_demands, int64_t now_ms)
{
    size_t left = RAISES_AT_ONCE + s->n_points / RAISES_PART;
    for (size_t r = 0; r < n_demands && left > 0; r++)
        left -= try_raise(s, s->demand_point[s->scratch.rank[r].index], now_ms);
    for (size_t i = 0; i < s->n_points && left > 0; i++)
        if (s->ledger.point[i].class == SCHED_FORGETFUL)
            left -= try_raise(s, i, now_ms);
    if (left == 0)
        sched_due(s, ms_after(now_ms, RAISES_GAP_MS));
}

/* --- when to come again --- */

static void due_if_later(struct sched *s, int64_t at_ms, int64_t now_ms)
{
    if (at_ms > now_ms)
        sched_due(s, at_ms);
}

static void due_for_point(struct sched *s, size_t i, int64_t now_ms)
{
    const struct point *p = &s->point[i];
    due_if_later(s, ledger_next_ms(&s->ledger, i), now_ms);
    if (!s->ledger.point[i].safe_confirmed)
        due_if_later(s, p->safe.settle_ms, now_ms);
    if (!p->up)
        return;
    if (p->safe.wanted)
        due_if_later(s, p->safe.retry_ms, now_ms);
    if (p->session.tx_id == 0)
        return;
    due_if_later(s, p->offer.retry_ms, now_ms);
    if (p->offer.pending)
        due_if_later(s, p->offer.changed_ms + LATE_MS, now_ms);
    due_if_later(s, p->session.resume_ms, now_ms);
    if (p->target_ma > p->offer.granted_ma)
        due_if_later(s, p->offer.raised_ms + s->tuning.min_raise_gap_ms, now_ms);
    if (p->reason == REASON_SPARED)
        due_if_later(s, small_raise_at(s, i, now_ms), now_ms);
    if (is_leased(s, i) && !p->offer.pending)
        due_if_later(s, renew_at(s, i, now_ms), now_ms);
}

static void find_due(struct sched *s, int64_t now_ms)
{
    bool busy = false;
    due_if_later(s, s->grid.until_ms, now_ms);
    due_if_later(s, meter_next_ms(s, now_ms), now_ms);
    for (size_t i = 0; i < s->n_points; i++) {
        const struct point *p = &s->point[i];
        due_for_point(s, i, now_ms);
        busy = busy || p->session.tx_id != 0 || p->safe.seq != 0;
    }
    if (busy && s->green.n_on > 0)
        due_if_later(s, s->green.due_ms, now_ms);
    for (size_t v = 0; v < s->grid.n; v++)
        busy = busy || s->in_excess[v];
    if (busy)
        sched_due(s, ms_after(now_ms, s->tuning.tick_ms));
}

void round_decide(struct sched *s, int64_t now_ms)
{
    s->due_ms = INT64_MAX;
    refresh(s, now_ms);
    size_t n_demands = find_targets(s, now_ms);
    order_first_limit(s, now_ms);
    order_safe(s, now_ms);
    order_lower(s, now_ms);
    order_raise(s, n_demands, now_ms);
    order_renew(s, now_ms);
    find_due(s, now_ms);
}
