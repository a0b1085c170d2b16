/*
 * The database has lost leases, or may have (storage/store.h, store_trust()): stations may still
 * draw by what nobody here knows.  Until the longest lease has passed every point of the grid
 * counts at its rating, as if it held a lease of an unknown transaction.  That ends earlier where
 *
 *   a limit is accepted            it takes the place of whatever was there before
 *   a transaction ends, or         a TxProfile dies with its transaction
 *   the connector is Available
 *
 * and later, only by one of these, at stations that are not known to end leases.  These leases are
 * written like others, so a restart goes on with them.
 */
#include <string.h>

#include "ocpp/central/state.h"

static void doubt_point(struct central *c, struct connector *k, struct instant now)
{
    const struct station *s = k->station;
    struct store_done nobody = { .fn = NULL };
    bool ends = station_class(s) == SCHED_LEASING || !k->commissioned;
    struct store_lease lease = { .station = s->id,
                                 .connector = k->number,
                                 .tx_id = STORE_TX_UNKNOWN,
                                 .limit_ma = s->rating_ma,
                                 .safe_ma = s->safe_ma,
                                 .start_at_ms = now.utc_ms,
                                 .end_at_ms = ends ? c->doubt_until_ms : INT64_MAX,
                                 .at_ms = now.utc_ms };
    const struct sched_lease unknown = { .tx_id = lease.tx_id,
                                         .limit_ma = lease.limit_ma,
                                         .end_ms = lease.end_at_ms };
    sched_restore(c->sched, k->point, &unknown, now.utc_ms);
    k->doubt_at_ms = now.utc_ms;
    store_lease(c->options.store, &lease, nobody);
}

/* Takes the place of the row with an end. */
void doubt_lasts(const struct connector *k, struct instant now)
{
    const struct station *s = k->station;
    struct store_done nobody = { .fn = NULL };
    struct store_lease lease = { .station = s->id,
                                 .connector = k->number,
                                 .tx_id = STORE_TX_UNKNOWN,
                                 .limit_ma = s->rating_ma,
                                 .safe_ma = s->safe_ma,
                                 .start_at_ms = now.utc_ms,
                                 .end_at_ms = INT64_MAX,
                                 .at_ms = k->doubt_at_ms };
    if (k->doubt_at_ms != STORE_ABSENT)
        store_lease(s->central->options.store, &lease, nobody);
}

void doubt_new_points(struct central *c, struct instant now)
{
    for (size_t i = 0; i < c->n_points && now.utc_ms < c->doubt_until_ms; i++) {
        struct connector *k = c->point[i];
        if (k->is_judged)
            continue;
        k->is_judged = true;
        doubt_point(c, k, now);
    }
}

void central_doubt(struct central *c, int64_t until_ms, bool all, struct instant now)
{
    c->now = now;
    c->doubt_until_ms = until_ms;
    for (size_t i = 0; i < c->n_points; i++)
        c->point[i]->is_judged = !all;
    doubt_new_points(c, now);
    balance_touch(c, now);
}

void doubt_over(struct connector *k, struct instant now)
{
    struct central *c = k->station->central;
    struct store_done nobody = { .fn = NULL };
    if (k->doubt_at_ms == STORE_ABSENT)
        return;
    struct store_lease_outcome gone = { .station = k->station->id,
                                        .connector = k->number,
                                        .tx_id = STORE_TX_UNKNOWN,
                                        .at_ms = k->doubt_at_ms,
                                        .answer = STORE_DECISION_OPEN };
    k->doubt_at_ms = STORE_ABSENT;
    store_lease_outcome(c->options.store, &gone, nobody);
    if (k->point != SIZE_MAX)
        sched_session_stop(c->sched, k->point, STORE_TX_UNKNOWN, now.utc_ms);
}

/* A station that has never spoken cannot say that it is Available: after the longest lease the
 * grid does not wait for it. */
void doubt_tick(struct central *c, struct instant now)
{
    if (c->doubt_until_ms == STORE_ABSENT || now.utc_ms < c->doubt_until_ms)
        return;
    c->doubt_until_ms = STORE_ABSENT;
    size_t n_left = 0;
    for (size_t i = 0; i < c->n_points; i++) {
        struct connector *k = c->point[i];
        if (!k->commissioned)
            doubt_over(k, now);
        else if (k->doubt_at_ms != STORE_ABSENT && station_class(k->station) != SCHED_LEASING)
            n_left++;
    }
    central_event(c, "storage.trusted", STORE_INFO, NULL, -1, now,
                  "the longest lease that the database may have lost has ended; %zu point%s of "
                  "stations that are not known to end leases may count at the rating until a limit "
                  "is accepted or the connector is Available",
                  n_left, n_left == 1 ? "" : "s");
}
