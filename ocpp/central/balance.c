/* Live state -> scheduler: what happens is told, what it decides is carried out (order.c). */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "ocpp/central/state.h"

enum { COMMANDS_PER_ROUND = 256 };

bool balance_has(const struct station *s)
{
    for (size_t i = 0; i < s->n_connectors; i++)
        if (s->connector[i]->point != SIZE_MAX)
            return true;
    return false;
}

/* --- events --- */

void central_restore_lease(struct central *c, const struct store_lease *lease, struct instant now)
{
    const struct station *s = station_find(c, lease->station);
    struct connector *k = s != NULL ? connector_find(s, lease->connector) : NULL;
    if (k != NULL && lease->tx_id == STORE_TX_UNKNOWN)
        k->doubt_at_ms = lease->at_ms;
    const struct sched_lease restored = { .tx_id = lease->tx_id,
                                          .limit_ma = lease->limit_ma,
                                          .end_ms = lease->end_at_ms,
                                          .accepted = lease->accepted };
    if (k != NULL && k->point != SIZE_MAX)
        sched_restore(c->sched, k->point, &restored, now.utc_ms);
    else
        left_add(c, lease->station, lease->connector, &restored, now);
}

void balance_link(struct station *s, bool up, struct instant now)
{
    for (size_t i = 0; i < s->n_connectors; i++) {
        struct connector *k = s->connector[i];
        if (k->point == SIZE_MAX)
            continue;
        sched_link(s->central->sched, k->point, up, now.utc_ms);
        k->commissioned = true;
    }
    balance_touch(s->central, now);
}

void balance_boot(struct station *s, struct instant now)
{
    for (size_t i = 0; i < s->n_connectors; i++)
        if (s->connector[i]->point != SIZE_MAX)
            sched_boot(s->central->sched, s->connector[i]->point, now.utc_ms);
}

/* Written before it is known which firmware runs now. */
void balance_safe_lost(struct station *s, struct instant now)
{
    struct store_done nobody = { .fn = NULL };
    for (size_t i = 0; i < s->n_connectors; i++) {
        struct connector *k = s->connector[i];
        if (k->safe_confirmed_ma < 0)
            continue;
        k->safe_confirmed_ma = -1;
        store_point(s->central->options.store, s->id, k->number, -1, s->class, nobody);
        if (k->point != SIZE_MAX)
            sched_safe_lost(s->central->sched, k->point, now.utc_ms);
    }
}

void balance_session_start(struct connector *k, struct instant now)
{
    struct sched *sched = k->station->central->sched;
    k->tx.balanced = true;
    if (k->point == SIZE_MAX)
        return;
    sched_session_start(sched, k->point, k->tx.id, now.utc_ms);
    if (k->tx.phases != 0)
        sched_restore_phases(sched, k->point, k->tx.id, k->tx.phases, now.utc_ms);
    balance_need(k, sched, k->point, now);
}

void balance_session_stop(struct connector *k, bool ended, struct instant now)
{
    struct sched *sched = k->station->central->sched;
    if (ended)
        doubt_over(k, now);
    if (k->point != SIZE_MAX && ended)
        sched_session_stop(sched, k->point, k->tx.id, now.utc_ms);
    else if (k->point != SIZE_MAX)
        sched_session_forget(sched, k->point, k->tx.id, now.utc_ms);
    k->tx.balanced = false;
}

void balance_tx_over(struct connector *k, int64_t tx_id, struct instant now)
{
    if (k->point != SIZE_MAX)
        sched_session_stop(k->station->central->sched, k->point, tx_id, now.utc_ms);
}

/* No car is connected although a transaction is open (its stop was lost, or comes later): nothing
 * more is decided for it; what may be in force stays in the ledger. */
static void unplugged(struct connector *k, struct instant now)
{
    if (!k->tx.balanced)
        return;
    central_event(k->station->central, "session.unplugged", STORE_WARNING, k->station->id,
                  k->number, now,
                  "the connector is Available while transaction %" PRId64
                  " is open: it gets no current; if no stop comes, end it with 'noxctl session "
                  "close %" PRId64 "'",
                  k->tx.id, k->tx.id);
    balance_session_stop(k, false, now);
}

/* OCPP 1.6 section 4.9.  SuspendedEVSE is our own doing: the car still wants. */
void balance_status(struct connector *k, int32_t status, struct instant now)
{
    struct sched *sched = k->station->central->sched;
    bool charges = status == OCPP_STATUS_CHARGING || status == OCPP_STATUS_SUSPENDED_EVSE ||
                   status == OCPP_STATUS_SUSPENDED_EV;
    if (k->point == SIZE_MAX)
        return;
    if (status == OCPP_STATUS_AVAILABLE && k->tx.id != 0 && k->status_at_ms > k->tx.started_at_ms)
        unplugged(k, now);
    else if (status == OCPP_STATUS_AVAILABLE && k->tx.id == 0)
        doubt_over(k, now);
    else if (charges && k->tx.id != 0 && !k->tx.balanced && k->late_start.place == 0)
        balance_session_start(k, now); /* it goes on after all */
    if (status == OCPP_STATUS_CHARGING || status == OCPP_STATUS_SUSPENDED_EVSE)
        sched_session_wants(sched, k->point, true, now.utc_ms);
    else if (status == OCPP_STATUS_SUSPENDED_EV || status == OCPP_STATUS_FINISHING ||
             status == OCPP_STATUS_AVAILABLE)
        sched_session_wants(sched, k->point, false, now.utc_ms);
}

void balance_measured(struct connector *k, int64_t at_ms, bool undated, struct instant now)
{
    struct central *c = k->station->central;
    struct sched_point_view view;
    struct store_done nobody = { .fn = NULL };
    if (k->point == SIZE_MAX)
        return;
    sched_phases_follow(c->sched, k->point, station_takes_watts(k->station));
    sched_samples_undated(c->sched, k->point, undated);
    sched_measured(c->sched, k->point, k->current_ma, at_ms, now.utc_ms);
    sched_point_view(c->sched, k->point, now.utc_ms, &view);
    if (view.tx_id == 0 || view.tx_id != k->tx.id || view.phases == k->tx.phases)
        return;
    k->tx.phases = view.phases;
    store_tx_phases(c->options.store, k->tx.id, view.phases, nobody);
}

void balance_skew(struct station *s)
{
    for (size_t i = 0; i < s->n_connectors; i++)
        if (s->connector[i]->point != SIZE_MAX)
            sched_skew(s->central->sched, s->connector[i]->point, s->skew_ms);
}

/* --- decisions --- */

static void report_incident(struct central *c, const struct sched_incident *incident)
{
    static const struct {
        const char *name, *text;
        enum store_severity severity;
    } table[] = {
        [SCHED_OUTLIVES] = { "station.outlives-lease",
                             "goes on with its limit after the end of the lease: counted with its "
                             "last limit from now on",
                             STORE_ALARM },
        [SCHED_DISOBEYS] = { "station.disobeys",
                             "draws more than it may: counted at its rating from now on",
                             STORE_ALARM },
        [SCHED_NO_RESUME] = { "car.no-resume", "is offered current, the car does not take it",
                              STORE_INFO },
        [SCHED_EXCESS] = { "grid.excess", "the worst case of all points is above the limit",
                           STORE_ALARM },
        [SCHED_PHASE_RETURNED] = { "car.phase-returned",
                                   "current on a phase that was unused so far", STORE_WARNING },
        [SCHED_METER_SILENT] = { "grid.meter-silent",
                                 "the meter is silent, its safe assumption counts; look after the "
                                 "meter and the network it speaks by",
                                 STORE_ALARM },
        [SCHED_METER_RETURNED] = { "grid.meter-returned", "the meter speaks again", STORE_INFO },
    };
    if (incident->kind == SCHED_WAITS) {
        series_waits(c, incident);
        return;
    }
    const struct connector *k = incident->point != SIZE_MAX ? c->point[incident->point] : NULL;
    const char *node = incident->node != SIZE_MAX ? c->node[incident->node].id : "";
    char figures[64] = "";
    if (incident->kind != SCHED_METER_SILENT && incident->kind != SCHED_METER_RETURNED)
        snprintf(figures, sizeof(figures), " (%d.%d A against %d.%d A)",
                 (int)(incident->measured_ma / 1000), (int)(incident->measured_ma % 1000 / 100),
                 (int)(incident->allowed_ma / 1000), (int)(incident->allowed_ma % 1000 / 100));
    central_event(c, table[incident->kind].name, table[incident->kind].severity,
                  k != NULL ? k->station->id : NULL, k != NULL ? k->number : -1, c->now, "%s%s%s%s",
                  node, node[0] != '\0' ? ": " : "", table[incident->kind].text, figures);
    if (incident->kind == SCHED_OUTLIVES)
        evidence_demote(k->station, SCHED_STICKY, "drew its limit after the end of a lease",
                        c->now);
    if (incident->kind == SCHED_DISOBEYS)
        evidence_demote(k->station, SCHED_FORGETFUL, "drew more than it was ever allowed", c->now);
}

static void run_round(struct central *c)
{
    struct sched_command command[COMMANDS_PER_ROUND];
    struct sched_incident incident;
    size_t n;
    do {
        n = sched_round(c->sched, c->now.utc_ms, command, COMMANDS_PER_ROUND);
        for (size_t i = 0; i < n; i++)
            order_carry_out(c, &command[i]);
    } while (n == COMMANDS_PER_ROUND);
    while (sched_take_incident(c->sched, &incident))
        report_incident(c, &incident);
}

void balance_on_timer(struct timer *timer, struct instant now)
{
    struct central *c = timer->owner;
    if (c->sched == NULL)
        return;
    c->now = now;
    if (now.utc_ms >= c->series_next_ms)
        series_apply(c, now);
    doubt_tick(c, now);
    if (sched_next_ms(c->sched) <= now.utc_ms)
        run_round(c);
    balance_touch(c, now);
}

void balance_touch(struct central *c, struct instant now)
{
    if (c->sched == NULL)
        return;
    int64_t next_ms = sched_next_ms(c->sched);
    if (next_ms == INT64_MAX) {
        timer_cancel(&c->timers, &c->balance_timer);
        return;
    }
    int64_t factor = c->options.time_factor > 0 ? c->options.time_factor : 1;
    int64_t wait_ms = next_ms > now.utc_ms ? (next_ms - now.utc_ms + factor - 1) / factor : 0;
    int64_t due_mono_ms = now.mono_ms + (wait_ms > 0 ? wait_ms : 1);
    if (c->balance_timer.place == 0 || c->balance_timer.due_mono_ms != due_mono_ms)
        timer_set(&c->timers, &c->balance_timer, due_mono_ms);
}

bool central_node_limit(struct central *c, const char *node, const int32_t limit_ma[3],
                        const int32_t foreign_ma[3], struct instant now)
{
    c->now = now;
    for (size_t i = 0; i < c->n_nodes; i++) {
        if (strcmp(c->node[i].id, node) != 0)
            continue;
        sched_set_limit(c->sched, i, limit_ma, foreign_ma, now.utc_ms);
        c->node[i].overridden = true;
        memcpy(c->node[i].limit_ma, limit_ma, sizeof(c->node[i].limit_ma));
        memcpy(c->node[i].foreign_ma, foreign_ma, sizeof(c->node[i].foreign_ma));
        central_event(c, "grid.limit", STORE_WARNING, NULL, -1, now, "%s: limit set to %d/%d/%d A",
                      node, (int)(limit_ma[0] / 1000), (int)(limit_ma[1] / 1000),
                      (int)(limit_ma[2] / 1000));
        balance_touch(c, now);
        return true;
    }
    return false;
}
