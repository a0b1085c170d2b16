/*
 * One decision of the scheduler, carried out: the lease is committed to the store before the
 * SetChargingProfile that grants it goes out; the station's answer goes back into the ledger.  A
 * lowering that older leases cover is sent at once and written meanwhile: a full disk, or one that
 * is slow, does not keep anybody from less.  What the station holds (SCHEDULER section 3):
 *
 *   TxDefaultProfile  id 10k+1, stack level 0, Absolute, no end      safe current
 *   TxProfile         id 10k+2, stack level 0, of the transaction    granted until the lease ends,
 *                                                                    then the safe current
 *
 * A station that takes no amperes gets watts.  What it makes of them is its own affair: it may give
 * them all to one phase, or divide by the phases of the car, or by numberPhases.  So a limit below
 * its rating is that of one phase, 230 V x A, with numberPhases 1: in every reading no phase gets
 * more than the lease.  At its rating it may have all phases: more than that it cannot give.  So a
 * station may switch phases with its limit, and only at its rating it shows which ones a car uses.
 */
#include <stdlib.h>
#include <string.h>

#include "ocpp/central/state.h"

enum {
    SAFE_SINCE_MS = 0,        /* 1970 */
    START_IN_PAST_MS = 60000, /* a station whose clock is a little behind obeys at once */
    KEY_PROFILE = 1 << 16,    /* + connector: queued profiles of one connector replace each other */
    KEY_DEFAULT = 2 << 16,
};

/* A decision under way: kept from the commit of its lease until the station's answer. */
struct order {
    struct central *central;
    struct station *station;
    int32_t connector;
    uint64_t generation; /* of the balancer that decided: another one does not know the number */
    int64_t at_ms;       /* of the decision, as written */
    bool leased;         /* a lease was written, or is under way */
    size_t point;
    struct sched_command command;
};

/* So that a restart counts only what may still be in force, and people find what was said to it. */
static void note_outcome(const struct order *o, enum sched_answer answer)
{
    static const int32_t answers[] = { [SCHED_ACCEPTED] = STORE_DECISION_ACCEPTED,
                                       [SCHED_REJECTED] = STORE_DECISION_REJECTED,
                                       [SCHED_UNKNOWN] = STORE_DECISION_UNKNOWN,
                                       [SCHED_NOT_SENT] = STORE_DECISION_NOT_SENT };
    struct central *c = o->central;
    struct store_done nobody = { .fn = NULL };
    struct store_lease_outcome outcome = { .station = o->station->id,
                                           .connector = o->connector,
                                           .tx_id = o->command.tx_id,
                                           .seq = o->command.seq,
                                           .at_ms = o->at_ms,
                                           .installed = answer == SCHED_ACCEPTED,
                                           .older_end_ms =
                                               c->now.utc_ms + c->options.tuning.react_ms,
                                           .answer = answers[answer],
                                           .answered_at_ms = c->now.utc_ms,
                                           .no_lease = !o->leased };
    store_lease_outcome(c->options.store, &outcome, nobody);
}

/* For whoever asks later why the station had its limit. */
static struct store_decision decision_of(const struct order *o)
{
    static const int32_t kinds[] = { [SCHED_SET_SAFE] = STORE_DECISION_SAFE,
                                     [SCHED_LOWER] = STORE_DECISION_LOWER,
                                     [SCHED_RAISE] = STORE_DECISION_RAISE,
                                     [SCHED_RENEW] = STORE_DECISION_RENEW };
    const struct sched_command *cmd = &o->command;
    const struct central *c = o->central;
    bool bound = cmd->bound_node >= 0 && (size_t)cmd->bound_node < c->n_nodes;
    return (struct store_decision){ .station = o->station->id,
                                    .connector = o->connector,
                                    .seq = cmd->seq,
                                    .tx_id = cmd->tx_id,
                                    .at_ms = o->at_ms,
                                    .kind = kinds[cmd->kind],
                                    .limit_ma = cmd->limit_ma,
                                    .safe_ma = cmd->safe_ma,
                                    .end_at_ms = cmd->end_ms,
                                    .reason = cmd->reason,
                                    .node = bound ? c->node[cmd->bound_node].id : NULL,
                                    .phase = bound ? cmd->bound_phase : -1 };
}

/* Another balancer than the one that asked installs it again itself. */
static void note_safe_confirmed(const struct order *o)
{
    struct connector *k = connector_find(o->station, o->connector);
    struct store_done nobody = { .fn = NULL };
    struct sched_point_view view;
    sched_point_view(o->central->sched, o->point, o->central->now.utc_ms, &view);
    if (k == NULL || !view.safe_confirmed)
        return;
    k->safe_confirmed_ma = o->command.safe_ma;
    store_point(o->central->options.store, o->station->id, k->number, k->safe_confirmed_ma,
                o->station->class, nobody);
}

static void order_end(struct order *o, enum sched_answer answer)
{
    struct central *c = o->central;
    struct station *s = o->station;
    if (!c->closing)
        note_outcome(o, answer);
    if (c->generation == o->generation && c->sched != NULL) {
        sched_answer(c->sched, o->point, o->command.seq, answer, c->now.utc_ms);
        if (answer == SCHED_ACCEPTED && o->command.kind == SCHED_SET_SAFE)
            note_safe_confirmed(o);
    }
    free(o);
    s->n_pending--;
    station_free_if_gone(s);
    balance_touch(c, c->now);
}

/* Only a clear no means that nothing was installed. */
static enum sched_answer answer_of(const struct central_reply *reply)
{
    static const char *const refusals[] = { "NotImplemented",
                                            "NotSupported",
                                            "FormationViolation",
                                            "FormatViolation",
                                            "PropertyConstraintViolation",
                                            "OccurenceConstraintViolation",
                                            "OccurrenceConstraintViolation",
                                            "TypeConstraintViolation",
                                            "SecurityError" };
    switch (reply->outcome) {
    case CENTRAL_ANSWERED:
        if (reply_is(reply, "Accepted"))
            return SCHED_ACCEPTED;
        return reply_is(reply, "Rejected") || reply_is(reply, "NotSupported") ? SCHED_REJECTED
                                                                              : SCHED_UNKNOWN;
    case CENTRAL_CALLERROR:
        for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++)
            if (ocpp_ci_equal(reply->error_code, refusals[i]))
                return SCHED_REJECTED;
        return SCHED_UNKNOWN;
    case CENTRAL_TIMEOUT:
    case CENTRAL_LOST:
        return SCHED_UNKNOWN;
    default:
        return SCHED_NOT_SENT;
    }
}

static void on_profile_reply(void *arg, const struct central_reply *reply)
{
    struct order *o = arg;
    enum sched_answer answer = answer_of(reply);
    writes_note(o->station, reply, o->central->now);
    if (answer == SCHED_ACCEPTED && o->command.kind != SCHED_SET_SAFE)
        evidence_leased(o->station, o->connector, &o->command, o->central->now);
    evidence_said(o->station,
                  answer == SCHED_REJECTED &&
                      (reply->outcome == CENTRAL_CALLERROR
                           ? ocpp_ci_equal(reply->error_code, "NotImplemented") ||
                                 ocpp_ci_equal(reply->error_code, "NotSupported")
                           : reply_is(reply, "NotSupported")),
                  o->central->now);
    if (answer == SCHED_REJECTED)
        central_event(o->central, "profile.rejected", STORE_WARNING, o->station->id, o->connector,
                      o->central->now, "the station did not take a charging profile of %d A: %s",
                      (int)(o->command.limit_ma / 1000),
                      reply->outcome == CENTRAL_CALLERROR ? reply->error_code : "Rejected");
    order_end(o, answer);
}

bool station_takes_watts(const struct station *s)
{
    return s->room.watts && !s->room.amps;
}

int32_t order_unit(const struct station *s)
{
    return station_takes_watts(s) ? OCPP_RATE_UNIT_W : OCPP_RATE_UNIT_A;
}

/* A limit per phase in the station's unit; whole watts, rounded down. */
struct ocpp_charging_schedule_period order_period(const struct station *s, int32_t start_s,
                                                  int32_t ma)
{
    struct ocpp_charging_schedule_period period = { .start_period = start_s,
                                                    .limit_tenths = ma / 100,
                                                    .number_phases = OCPP_INT_ABSENT };
    if (order_unit(s) == OCPP_RATE_UNIT_W) {
        int32_t wired = (int32_t)strlen(s->wiring);
        period.number_phases = ma >= s->rating_ma && wired > 0 ? wired : 1;
        period.limit_tenths =
            (int32_t)((int64_t)OCPP_NOMINAL_V * ma * period.number_phases / 1000) * 10;
    }
    return period;
}

/* The safe current has no end and begins before every clock, also one that nobody has set: a
 * station whose clock is behind, or that boots out of reach without the time, would be without it
 * until then. */
static void send_default_profile(struct order *o)
{
    struct ocpp_charging_schedule_period period = order_period(o->station, 0, o->command.safe_ma);
    struct ocpp_charging_schedule schedule = { .duration = OCPP_INT_ABSENT,
                                               .start_schedule_ms = SAFE_SINCE_MS,
                                               .charging_rate_unit = order_unit(o->station),
                                               .charging_schedule_period = &period,
                                               .n_charging_schedule_period = 1,
                                               .min_charging_rate_tenths = OCPP_INT_ABSENT };
    struct ocpp_charging_profile profile = { .charging_profile_id = o->connector * 10 + 1,
                                             .transaction_id = OCPP_INT_ABSENT,
                                             .stack_level = 0,
                                             .charging_profile_purpose =
                                                 OCPP_PURPOSE_TX_DEFAULT_PROFILE,
                                             .charging_profile_kind = OCPP_KIND_ABSOLUTE,
                                             .valid_from_ms = OCPP_TIME_ABSENT,
                                             .valid_to_ms = OCPP_TIME_ABSENT,
                                             .charging_schedule = &schedule };
    struct ocpp_set_charging_profile_req req = { .connector_id = o->connector,
                                                 .cs_charging_profiles = &profile };
    station_request(o->station, OCPP_SET_CHARGING_PROFILE, &req,
                    KEY_DEFAULT + (uint32_t)o->connector, true, on_profile_reply, o,
                    o->central->now);
}

/* Granted until the lease ends, then the safe current: expires by its period even where a station
 * ignores durations. */
static void send_tx_profile(struct order *o)
{
    const struct sched_command *cmd = &o->command;
    int64_t start_ms = cmd->start_ms - START_IN_PAST_MS;
    bool has_end = cmd->end_ms != INT64_MAX;
    int32_t length_s = has_end ? (int32_t)((cmd->end_ms - start_ms) / 1000) : 0;
    /* Where one period is the most, the lease ends with the schedule: then the TxDefaultProfile
     * holds, which is the safe current. */
    bool by_duration = has_end && o->station->room.max_periods == 1;
    struct ocpp_charging_schedule_period period[2] = {
        order_period(o->station, 0, cmd->limit_ma),
        order_period(o->station, length_s, cmd->safe_ma),
    };
    struct ocpp_charging_schedule schedule = { .duration = by_duration ? length_s : OCPP_INT_ABSENT,
                                               .start_schedule_ms = start_ms,
                                               .charging_rate_unit = order_unit(o->station),
                                               .charging_schedule_period = period,
                                               .n_charging_schedule_period =
                                                   has_end && !by_duration ? 2 : 1,
                                               .min_charging_rate_tenths = OCPP_INT_ABSENT };
    struct ocpp_charging_profile profile = { .charging_profile_id = o->connector * 10 + 2,
                                             .transaction_id = (int32_t)cmd->tx_id,
                                             .stack_level = 0,
                                             .charging_profile_purpose = OCPP_PURPOSE_TX_PROFILE,
                                             .charging_profile_kind = OCPP_KIND_ABSOLUTE,
                                             .valid_from_ms = OCPP_TIME_ABSENT,
                                             .valid_to_ms = OCPP_TIME_ABSENT,
                                             .charging_schedule = &schedule };
    struct ocpp_set_charging_profile_req req = { .connector_id = o->connector,
                                                 .cs_charging_profiles = &profile };
    station_request(o->station, OCPP_SET_CHARGING_PROFILE, &req,
                    KEY_PROFILE + (uint32_t)o->connector, cmd->kind == SCHED_LOWER,
                    on_profile_reply, o, o->central->now);
}

static void send_or_end(struct order *o, bool written)
{
    const struct connector *k = connector_find(o->station, o->connector);
    if (!written || o->station->gone || k == NULL || k->tx.id != o->command.tx_id)
        order_end(o, SCHED_NOT_SENT);
    else
        send_tx_profile(o);
}

static void lease_durable(void *arg, enum store_rc rc, const union store_result *result)
{
    (void)result;
    send_or_end(arg, rc == STORE_OK);
}

/* Other back ends may have left profiles of a higher stack level, which would outrank ours.  Urgent
 * like ours, which must not overtake and be cleared with them. */
static void clear_foreign(const struct order *o)
{
    const int32_t connectors[] = { 0, o->connector };
    for (size_t i = 0; i < sizeof(connectors) / sizeof(connectors[0]); i++) {
        struct ocpp_clear_charging_profile_req req = {
            .id = OCPP_INT_ABSENT,
            .connector_id = connectors[i],
            .charging_profile_purpose = OCPP_PURPOSE_TX_DEFAULT_PROFILE,
            .stack_level = OCPP_INT_ABSENT,
        };
        station_request(o->station, OCPP_CLEAR_CHARGING_PROFILE, &req, 0, true, NULL, NULL,
                        o->central->now);
    }
}

static void doubt_durable(void *arg, enum store_rc rc, const union store_result *result)
{
    struct order *o = arg;
    (void)result;
    if (rc != STORE_OK || o->station->gone)
        order_end(o, SCHED_NOT_SENT);
    else
        send_default_profile(o);
}

/* While another safe current than the confirmed one is under way, none is certain: that is written
 * first, so that neither a restart nor a new configuration believes the old one. */
static void install_safe(struct order *o, struct connector *k)
{
    struct central *c = o->central;
    struct store_done done = { .fn = doubt_durable, .arg = o };
    if (k->safe_confirmed_ma == o->command.safe_ma) {
        send_default_profile(o);
        return;
    }
    if (k->safe_confirmed_ma < 0 && k->tx.id == 0)
        clear_foreign(o);
    if (k->safe_confirmed_ma < 0)
        profiles_clear_foreign(k->station, k->number);
    k->safe_confirmed_ma = -1;
    if (!store_point(c->options.store, k->station->id, k->number, -1, k->station->class, done))
        order_end(o, SCHED_NOT_SENT);
}

void order_carry_out(struct central *c, const struct sched_command *cmd)
{
    struct connector *k = c->point[cmd->point];
    struct order *o = calloc(1, sizeof(*o));
    if (o == NULL) {
        sched_answer(c->sched, cmd->point, cmd->seq, SCHED_NOT_SENT, c->now.utc_ms);
        return;
    }
    *o = (struct order){ .central = c,
                         .station = k->station,
                         .connector = k->number,
                         .generation = c->generation,
                         .at_ms = c->now.utc_ms,
                         .point = cmd->point,
                         .command = *cmd };
    k->station->n_pending++;
    struct store_decision decision = decision_of(o);
    if (cmd->kind == SCHED_SET_SAFE) {
        struct store_done nobody = { .fn = NULL };
        store_decision(c->options.store, &decision, nobody);
        install_safe(o, k);
        return;
    }
    o->leased = true;
    struct store_lease lease = { .station = k->station->id,
                                 .connector = k->number,
                                 .tx_id = cmd->tx_id,
                                 .seq = cmd->seq,
                                 .limit_ma = cmd->limit_ma,
                                 .safe_ma = cmd->safe_ma,
                                 .start_at_ms = cmd->start_ms,
                                 .end_at_ms = cmd->counts_ms,
                                 .at_ms = c->now.utc_ms,
                                 .decision = &decision };
    struct store_done done = { .fn = cmd->covered ? NULL : lease_durable, .arg = o };
    bool taken = store_lease(c->options.store, &lease, done);
    if (cmd->covered)
        send_or_end(o, true);
    else if (!taken)
        order_end(o, SCHED_NOT_SENT);
}
