/*
 * The balancer's life: made, told what happens, asked for decisions.
 *
 * Events only note what they say and when the next round is due; round.c decides.
 */
#include "scheduler/plan.h"

#include <stdlib.h>
#include <string.h>

#include "scheduler/state.h"
#include "scheduler/units.h"

enum {
    SAFE_REJECTIONS_BELIEVED = 3, /* then a station that once took its safe current has lost it */
    SLOWEST_RETRY = 5,            /* doublings */
    QUICK_RETRY_MS = 2000, /* once: the transaction may not have existed at the station yet */
};

struct sched_tuning sched_default_tuning(void)
{
    return (struct sched_tuning){ .lease_ms = 900000,
                                  .renew_after_ms = 600000,
                                  .clock_slack_ms = 5000,
                                  .react_ms = 15000,
                                  .debounce_ms = 1000,
                                  .tick_ms = 60000,
                                  .min_raise_gap_ms = 60000,
                                  .hold_ms = 900000,
                                  .credit_mas = 7200000, /* 2 Ah */
                                  .credit_percent = 25,
                                  .retry_ms = 30000,
                                  .step_ma = 1000,
                                  .phase_learning = true,
                                  .reclaim = true };
}

/* --- life --- */

static void point_init(struct point *p, const struct sched_point_conf *conf)
{
    *p = (struct point){ .conf = *conf,
                         .measured_ma = { -1, -1, -1 },
                         .measured_at_ms = INT64_MIN,
                         .session = { .need = { .priority = -1 } },
                         .offer = { .granted_ma = conf->safe_ma, .confirmed_ma = -1 } };
    p->safe.wanted = !conf->safe_confirmed;
}

static bool alloc(struct sched *s, size_t n_nodes, size_t n_points)
{
    s->point = calloc(n_points + 1, sizeof(*s->point));
    s->in_excess = calloc(n_nodes + 1, sizeof(*s->in_excess));
    s->told_silent = calloc(n_nodes + 1, sizeof(*s->told_silent));
    s->lasting = calloc(n_points + 1, sizeof(*s->lasting));
    s->lasting_place = calloc(n_points + 1, sizeof(*s->lasting_place));
    s->room_ma = calloc((n_nodes + 1) * GRID_RESOURCES, sizeof(*s->room_ma));
    s->grace_ma = calloc((n_nodes + 1) * GRID_RESOURCES, sizeof(*s->grace_ma));
    s->demand = calloc(n_points + 1, sizeof(*s->demand));
    s->grant_ma = calloc(n_points + 1, sizeof(*s->grant_ma));
    s->demand_point = calloc(n_points + 1, sizeof(*s->demand_point));
    s->mix = calloc(n_nodes + 1, sizeof(*s->mix));
    s->out = calloc(2 * n_points + 1, sizeof(*s->out)); /* a safe current and a limit each */
    s->incident_size = 2 * n_points + 3 * n_nodes + 1;
    s->incident = calloc(s->incident_size, sizeof(*s->incident));
    return s->point && s->in_excess && s->told_silent && s->lasting && s->lasting_place &&
           s->room_ma && s->grace_ma && s->demand && s->grant_ma && s->demand_point && s->mix &&
           s->out && s->incident && share_scratch_init(&s->scratch, n_points);
}

struct sched *sched_new(const struct sched_conf *conf, int64_t now_ms)
{
    if (!sched_check(conf, NULL, 0))
        return NULL;
    struct sched *s = calloc(1, sizeof(*s));
    if (s == NULL)
        return NULL;
    s->tuning = conf->tuning;
    s->n_points = conf->n_points;
    s->due_ms = INT64_MAX;
    s->latest_ms = s->made_ms = now_ms;
    if (!alloc(s, conf->n_nodes, conf->n_points) || !grid_init(&s->grid, conf, now_ms) ||
        !ledger_init(&s->ledger, &s->grid, conf, now_ms)) {
        sched_free(s);
        return NULL;
    }
    for (size_t i = 0; i < s->n_points; i++)
        point_init(&s->point[i], &conf->point[i]);
    sched_due(s, ms_after(now_ms, s->tuning.debounce_ms));
    return s;
}

void sched_free(struct sched *s)
{
    if (s == NULL)
        return;
    green_done(s);
    ledger_done(&s->ledger);
    grid_done(&s->grid);
    share_scratch_done(&s->scratch);
    free(s->point);
    free(s->in_excess);
    free(s->told_silent);
    free(s->lasting);
    free(s->lasting_place);
    free(s->room_ma);
    free(s->grace_ma);
    free(s->demand);
    free(s->grant_ma);
    free(s->demand_point);
    free(s->mix);
    free(s->out);
    free(s->incident);
    free(s);
}

/* --- helpers of all events --- */

void sched_due(struct sched *s, int64_t at_ms)
{
    s->due_ms = ms_min(s->due_ms, at_ms);
}

static void due_soon(struct sched *s, int64_t now_ms)
{
    sched_due(s, ms_after(now_ms, s->tuning.debounce_ms));
}

void sched_report(struct sched *s, const struct sched_incident *incident)
{
    if (s->n_incidents == s->incident_size)
        return; /* nobody takes them; the state is in the views as well */
    s->incident[(s->incident_first + s->n_incidents++) % s->incident_size] = *incident;
}

bool sched_take_incident(struct sched *s, struct sched_incident *ret_incident)
{
    if (s->n_incidents == 0)
        return false;
    *ret_incident = s->incident[s->incident_first];
    s->incident_first = (s->incident_first + 1) % s->incident_size;
    s->n_incidents--;
    return true;
}

bool point_is_on(const struct point *p)
{
    return p->session.tx_id != 0 && p->offer.granted_ma >= p->conf.min_ma;
}

bool point_is_roomy(const struct sched *s, const struct point *p)
{
    return s->grid.node[p->conf.node].roomy;
}

static int64_t retry_after(const struct sched *s, int32_t n_failed)
{
    if (n_failed == 1)
        return ms_min(QUICK_RETRY_MS, s->tuning.retry_ms);
    int32_t doublings = ma_min(ma_max(n_failed - 2, 0), SLOWEST_RETRY);
    return s->tuning.retry_ms << doublings;
}

/* --- leases over a restart --- */

/* The limit of the newest lease of its transaction is what a session was granted before. */
static void adopt_lease(struct sched *s, size_t i, int64_t now_ms)
{
    struct point *p = &s->point[i];
    const struct ledger_entry *e = ledger_newest(&s->ledger, i, p->session.tx_id);
    if (e == NULL)
        return;
    p->offer.granted_ma = e->limit_ma;
    p->offer.seq = e->seq;
    p->offer.at_ms = now_ms;
    p->offer.end_ms = e->end_ms;
    p->offer.unsure = true;
    p->offer.retry_ms = now_ms;
    if (point_is_on(p))
        p->session.on_since_ms = now_ms;
}

uint32_t sched_next_seq(struct sched *s)
{
    if (++s->seq == 0)
        ++s->seq;
    return s->seq;
}

void sched_restore(struct sched *s, size_t point, const struct sched_lease *lease, int64_t now_ms)
{
    if (point >= s->n_points || lease->limit_ma < 0)
        return;
    struct ledger_entry e = { .tx_id = lease->tx_id,
                              .end_ms = lease->end_ms,
                              .drop_ms = INT64_MAX,
                              .accepted_ms = now_ms,
                              .seq = sched_next_seq(s),
                              .limit_ma = lease->limit_ma,
                              .accepted = lease->accepted && lease->complete,
                              .kept = lease->accepted,
                              .firm = true,
                              .restored = true,
                              .answered = lease->accepted };
    bool lives = ledger_restore(&s->ledger, point, &e, now_ms);
    s->point[point].lapsed_ma = lives ? 0 : lease->limit_ma;
    if (s->point[point].session.tx_id == lease->tx_id && lease->tx_id != 0)
        adopt_lease(s, point, now_ms);
    due_soon(s, now_ms);
}

void sched_restore_phases(struct sched *s, size_t point, int64_t tx_id, uint8_t phases,
                          int64_t now_ms)
{
    if (point >= s->n_points || tx_id == 0 || !s->tuning.phase_learning)
        return;
    struct ledger_point *p = &s->ledger.point[point];
    if ((phases & p->wired) == 0)
        return;
    p->phases = phases & p->wired;
    p->phases_tx = tx_id;
    if (s->point[point].session.tx_id == tx_id)
        s->point[point].session.phases_known = true;
    ledger_refresh(&s->ledger, point, now_ms);
}

size_t sched_leases(const struct sched *s, size_t point, struct sched_lease *ret_lease, size_t max)
{
    if (point >= s->n_points)
        return 0;
    const struct ledger_point *p = &s->ledger.point[point];
    size_t n = 0;
    for (; n < p->n_entries && n < max; n++)
        ret_lease[n] = (struct sched_lease){ .tx_id = p->entry[n].tx_id,
                                             .limit_ma = p->entry[n].limit_ma,
                                             .end_ms = p->entry[n].end_ms,
                                             .accepted = p->entry[n].accepted,
                                             .complete = true };
    return n;
}

/* --- stations --- */

void sched_link(struct sched *s, size_t point, bool up, int64_t now_ms)
{
    if (point >= s->n_points)
        return;
    struct point *p = &s->point[point];
    struct ledger_point *lp = &s->ledger.point[point];
    if (up && !p->up) {
        lp->commissioned = true;
        p->offer.retry_ms = now_ms;
        p->safe.retry_ms = now_ms;
        p->safe.n_failed = 0;
        if (!lp->safe_confirmed)
            p->safe.settle_ms = ms_after(now_ms, s->tuning.react_ms);
    }
    p->up = up;
    ledger_refresh(&s->ledger, point, now_ms);
    due_soon(s, now_ms);
}

/* Profiles outlive a reboot (OCPP 1.6 errata 3.37), but that is a promise: both are sent again. */
void sched_boot(struct sched *s, size_t point, int64_t now_ms)
{
    if (point >= s->n_points)
        return;
    struct point *p = &s->point[point];
    p->safe.wanted = true;
    p->safe.retry_ms = now_ms;
    p->offer.retry_ms = now_ms;
    p->offer.n_rejected = 0;
    p->offer.confirmed_ma = -1;
    ledger_doubt(&s->ledger, point);
    if (p->offer.seq != 0)
        p->offer.unsure = true;
    due_soon(s, now_ms);
}

void sched_safe_lost(struct sched *s, size_t point, int64_t now_ms)
{
    if (point >= s->n_points)
        return;
    struct point *p = &s->point[point];
    s->ledger.point[point].safe_confirmed = false;
    p->safe.wanted = true;
    p->safe.retry_ms = now_ms;
    p->safe.settle_ms = p->up ? ms_after(now_ms, s->tuning.react_ms) : 0;
    ledger_refresh(&s->ledger, point, now_ms);
    due_soon(s, now_ms);
}

void sched_skew(struct sched *s, size_t point, int64_t skew_ms)
{
    if (point < s->n_points)
        s->ledger.point[point].skew_ms = ms_max(ms_min(skew_ms, INT32_MAX), -INT32_MAX);
}

void sched_clock_set(struct sched *s, int64_t by_ms, int64_t now_ms)
{
    int64_t off_ms = ms_min(by_ms < 0 ? -by_ms : by_ms, INT32_MAX);
    for (size_t i = 0; i < s->n_points; i++) {
        int64_t *skew_ms = &s->ledger.point[i].skew_ms;
        *skew_ms = ms_min((*skew_ms < 0 ? -*skew_ms : *skew_ms) + off_ms, INT32_MAX);
    }
    sched_due(s, now_ms);
}

void sched_samples_undated(struct sched *s, size_t point, bool undated)
{
    if (point < s->n_points)
        s->point[point].undated = undated;
}

void sched_phases_follow(struct sched *s, size_t point, bool follow)
{
    if (point < s->n_points)
        s->point[point].phases_follow = follow;
}

/* A limit may have outlived its lease at a station that turns out to be sticky. */
static void count_granted(struct sched *s, size_t i, int64_t now_ms)
{
    const struct point *p = &s->point[i];
    struct ledger_entry e = { .tx_id = p->session.tx_id,
                              .end_ms = INT64_MAX,
                              .drop_ms = INT64_MAX,
                              .seq = sched_next_seq(s),
                              .limit_ma = ma_max(ma_max(p->offer.granted_ma, p->lapsed_ma),
                                                 p->offer.confirmed_ma),
                              .firm = true };
    if (p->session.tx_id != 0)
        ledger_enter(&s->ledger, i, &e, now_ms);
}

void point_change_class(struct sched *s, size_t i, enum sched_class class, int64_t now_ms)
{
    bool sticky = class == SCHED_STICKY && s->ledger.point[i].class != SCHED_STICKY;
    s->ledger.point[i].class = class;
    if (sticky)
        count_granted(s, i, now_ms);
    ledger_refresh(&s->ledger, i, now_ms);
    sched_due(s, now_ms);
}

void sched_set_class(struct sched *s, size_t point, enum sched_class class, int64_t now_ms)
{
    if (point >= s->n_points || (unsigned)class > SCHED_UNMANAGED)
        return;
    s->point[point].disobeys = false;
    s->point[point].excess_ms = 0;
    point_change_class(s, point, class, now_ms);
}

void sched_set_limit(struct sched *s, size_t node, const int32_t limit_ma[3],
                     const int32_t foreign_ma[3], int64_t now_ms)
{
    if (node >= s->grid.n)
        return;
    int32_t most_ma[GRID_PHASES], other_ma[GRID_PHASES];
    for (int p = 0; p < GRID_PHASES; p++) {
        most_ma[p] = ma_max(limit_ma[p], 0);
        other_ma[p] = ma_max(foreign_ma[p], 0);
    }
    capacity_fix(&s->grid.capacity[node], most_ma, other_ma, now_ms);
    grid_touch(&s->grid, node, now_ms);
    sched_due(s, now_ms);
}

/* --- sessions --- */

/* The ledger stays as it is: a new transaction begins on the TxDefaultProfile, and an older one of
 * which the end was not heard may still be what the station goes on with. */
void sched_session_start(struct sched *s, size_t point, int64_t tx_id, int64_t now_ms)
{
    if (point >= s->n_points || tx_id == 0)
        return;
    struct point *p = &s->point[point];
    struct ledger_point *lp = &s->ledger.point[point];
    if (tx_id == p->session.tx_id || tx_id == p->stopped_tx)
        return; /* repeated, perhaps late */
    p->session = (struct session){ .tx_id = tx_id,
                                   .since_ms = now_ms,
                                   .wants = true,
                                   .accounted_ms = now_ms,
                                   .bound_ma = p->conf.rating_ma,
                                   .bound_at_ms = now_ms,
                                   .need = { .priority = -1 },
                                   .claim_ma = -1,
                                   .meter_at_ms = INT64_MIN };
    p->offer = (struct offer){ .granted_ma = p->conf.safe_ma, .confirmed_ma = -1 };
    if (lp->phases_tx != tx_id) {
        lp->phases = lp->wired;
        lp->phases_tx = 0;
        ledger_refresh(&s->ledger, point, now_ms);
    }
    p->session.phases_known = lp->phases_tx == tx_id;
    adopt_lease(s, point, now_ms);
    due_soon(s, now_ms);
}

static void session_clear(struct point *p)
{
    p->session = (struct session){ .tx_id = 0, .need = { .priority = -1 } };
    p->offer = (struct offer){ .granted_ma = p->conf.safe_ma, .confirmed_ma = -1 };
    p->lapsed_ma = 0;
    for (int phase = 0; phase < GRID_PHASES; phase++)
        p->measured_ma[phase] = -1; /* of the session; idle stations send no further values */
}

void sched_session_stop(struct sched *s, size_t point, int64_t tx_id, int64_t now_ms)
{
    if (point >= s->n_points || tx_id == 0)
        return;
    struct point *p = &s->point[point];
    bool current = p->session.tx_id == tx_id;
    ledger_ended(&s->ledger, point, tx_id, current, now_ms);
    p->stopped_tx = tx_id;
    if (current)
        session_clear(p);
    due_soon(s, now_ms);
}

void sched_session_forget(struct sched *s, size_t point, int64_t tx_id, int64_t now_ms)
{
    if (point >= s->n_points || tx_id == 0 || s->point[point].session.tx_id != tx_id)
        return;
    session_clear(&s->point[point]); /* it may turn out to go on: no stopped_tx */
    due_soon(s, now_ms);
}

/* A car that is offered nothing cannot show what it wants (SuspendedEVSE is our own doing): one
 * that has refused an offer twice is asked again less and less often. */
void sched_session_wants(struct sched *s, size_t point, bool wants, int64_t now_ms)
{
    if (point >= s->n_points || s->point[point].session.tx_id == 0)
        return;
    struct point *p = &s->point[point];
    if (wants == p->session.wants && !(wants && p->session.finished && point_is_on(p)))
        return;
    p->session.wants = wants;
    if (!wants) {
        session_refuses(p, false, now_ms);
    } else if (point_is_on(p)) {
        p->session.finished = false;
        p->session.resume_ms = 0;
    }
    due_soon(s, now_ms);
}

/* --- answers --- */

/* Up to now the point counted at its rating.  A car that is there takes its time to follow. */
static void count_running(struct sched *s, size_t i, int64_t now_ms)
{
    const struct point *p = &s->point[i];
    struct ledger_entry e = { .tx_id = p->session.tx_id,
                              .end_ms = INT64_MAX,
                              .drop_ms = ms_after(now_ms, s->tuning.react_ms),
                              .seq = sched_next_seq(s),
                              .limit_ma = p->conf.rating_ma,
                              .firm = true };
    if (p->session.tx_id != 0)
        ledger_enter(&s->ledger, i, &e, now_ms);
}

/* A car came while it was under way: what was installed may be for new transactions only, and the
 * running one has no limit of ours yet.  It is installed again when it has; who dies before that
 * must not find it confirmed. */
static bool came_too_late(const struct sched *s, size_t i)
{
    const struct point *p = &s->point[i];
    return !s->ledger.point[i].safe_confirmed && p->session.tx_id != 0 && p->offer.confirmed_ma < 0;
}

static void safe_accepted(struct sched *s, size_t i, int64_t now_ms)
{
    struct ledger_point *lp = &s->ledger.point[i];
    bool first = !lp->safe_confirmed;
    s->point[i].safe.n_failed = s->point[i].safe.n_rejected = 0;
    if (came_too_late(s, i)) {
        s->point[i].safe.wanted = true;
        return;
    }
    lp->safe_confirmed = true;
    if (first)
        count_running(s, i, now_ms);
    ledger_refresh(&s->ledger, i, now_ms);
}

static void safe_failed(struct sched *s, size_t i, bool rejected, int64_t now_ms)
{
    struct safe_order *safe = &s->point[i].safe;
    safe->wanted = true;
    safe->settle_ms = 0;
    safe->retry_ms = ms_after(now_ms, retry_after(s, ++safe->n_failed));
    safe->n_rejected = rejected ? safe->n_rejected + 1 : safe->n_rejected;
    if (safe->n_rejected >= SAFE_REJECTIONS_BELIEVED)
        s->ledger.point[i].safe_confirmed = false;
    ledger_refresh(&s->ledger, i, now_ms);
}

static void answer_safe(struct sched *s, size_t i, enum sched_answer answer, int64_t now_ms)
{
    s->point[i].safe.seq = 0;
    if (answer == SCHED_ACCEPTED)
        safe_accepted(s, i, now_ms);
    else
        safe_failed(s, i, answer == SCHED_REJECTED, now_ms);
}

/* Back to what was in force before, as far as the ledger still knows it. */
static void offer_fell_through(struct sched *s, size_t i, int64_t now_ms)
{
    struct point *p = &s->point[i];
    const struct ledger_entry *e = ledger_newest(&s->ledger, i, p->session.tx_id);
    if (e != NULL && e->drop_ms != INT64_MAX)
        e = NULL; /* about to be forgotten */
    p->offer.granted_ma = e != NULL ? ma_min(e->limit_ma, p->conf.rating_ma) : p->conf.safe_ma;
    p->offer.end_ms = e != NULL ? e->end_ms : 0;
    p->offer.seq = e != NULL ? e->seq : 0;
    p->offer.unsure = e != NULL && !e->accepted;
    p->offer.failed = true;
    p->offer.retry_ms = ms_after(now_ms, retry_after(s, p->offer.n_rejected));
}

static void answer_offer(struct sched *s, size_t i, enum sched_answer answer, int64_t now_ms)
{
    struct offer *o = &s->point[i].offer;
    o->pending = false;
    switch (answer) {
    case SCHED_ACCEPTED:
        o->confirmed_ma = o->granted_ma;
        o->unsure = o->failed = false;
        o->n_rejected = 0;
        break;
    case SCHED_UNKNOWN:
        o->unsure = true;
        o->retry_ms = ms_after(now_ms, s->tuning.retry_ms);
        break;
    case SCHED_REJECTED:
        o->n_rejected++;
        offer_fell_through(s, i, now_ms);
        break;
    case SCHED_NOT_SENT:
        offer_fell_through(s, i, now_ms);
        break;
    }
}

void sched_answer(struct sched *s, size_t point, uint32_t seq, enum sched_answer answer,
                  int64_t now_ms)
{
    if (point >= s->n_points || seq == 0)
        return;
    struct point *p = &s->point[point];
    if (answer == SCHED_NOT_SENT &&
        (seq == p->safe.seq || (seq == p->offer.seq && p->offer.pending)))
        wear_note(&p->wear, -1, now_ms, now_ms);
    if (seq == p->safe.seq) {
        answer_safe(s, point, answer, now_ms);
    } else {
        if (answer == SCHED_ACCEPTED)
            ledger_accepted(&s->ledger, point, seq, now_ms);
        else if (answer != SCHED_UNKNOWN)
            ledger_not_installed(&s->ledger, point, seq, now_ms);
        if (seq == p->offer.seq)
            answer_offer(s, point, answer, now_ms);
    }
    due_soon(s, now_ms);
}

/* --- rounds --- */

int64_t sched_next_ms(const struct sched *s)
{
    return s->n_taken < s->n_out ? INT64_MIN : s->due_ms;
}

/* Between decision and hand-over a transaction may have ended. */
static bool still_holds(const struct sched *s, const struct sched_command *cmd)
{
    const struct point *p = &s->point[cmd->point];
    return cmd->kind == SCHED_SET_SAFE ? p->safe.seq == cmd->seq
                                       : ledger_find(&s->ledger, cmd->point, cmd->seq) != NULL;
}

static size_t hand_out(struct sched *s, struct sched_command *ret_cmd, size_t max)
{
    size_t n = 0;
    while (n < max && s->n_taken < s->n_out) {
        const struct sched_command *cmd = &s->out[s->n_taken++];
        if (still_holds(s, cmd))
            ret_cmd[n++] = *cmd;
    }
    return n;
}

size_t sched_round(struct sched *s, int64_t now_ms, struct sched_command *ret_cmd, size_t max)
{
    if (s->n_taken == s->n_out && now_ms >= s->due_ms) {
        s->n_out = s->n_taken = 0;
        round_decide(s, now_ms);
    }
    return hand_out(s, ret_cmd, max);
}
