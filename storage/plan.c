/* What the scheduler must not forget: leases, what it decided, what stations have confirmed. */
#include "storage/conn.h"

const char *store_decision_kind_text(int32_t kind)
{
    static const char *const text[] = { [STORE_DECISION_SAFE] = "safe",
                                        [STORE_DECISION_LOWER] = "lower",
                                        [STORE_DECISION_RAISE] = "raise",
                                        [STORE_DECISION_RENEW] = "renew" };
    return kind >= 0 && kind < STORE_DECISION_KIND_END ? text[kind] : "?";
}

const char *store_decision_answer_text(int32_t answer)
{
    static const char *const text[] = { [STORE_DECISION_OPEN] = "open",
                                        [STORE_DECISION_ACCEPTED] = "accepted",
                                        [STORE_DECISION_REJECTED] = "rejected",
                                        [STORE_DECISION_UNKNOWN] = "no answer",
                                        [STORE_DECISION_NOT_SENT] = "not sent" };
    return answer >= 0 && answer < STORE_DECISION_ANSWER_END ? text[answer] : "?";
}

static enum store_rc prune(struct store_conn *db, int64_t station, const struct store_lease *lease)
{
    sqlite3_stmt *q = conn_stmt(db, STMT_LEASE_PRUNE);
    bind_int(q, 1, station);
    bind_int(q, 2, lease->connector);
    bind_int(q, 3, lease->at_ms);
    bind_int(q, 4, lease->tx_id);
    return store_step_done(db, q);
}

/* The operator's word: what was found before is not held against the station any more. */
enum store_rc station_class_run(struct store_conn *db, const char *station, int32_t class)
{
    int64_t num;
    struct store_evidence none = { .station = station,
                                   .vendor = "",
                                   .model = "",
                                   .firmware = "",
                                   .class = -1 };
    enum store_rc rc = conn_station_find(db, station, &num);
    if (rc == STORE_OK)
        rc = evidence_run(db, &none);
    if (rc != STORE_OK)
        return rc;
    sqlite3_stmt *q = conn_stmt(db, STMT_STATION_CLASS);
    bind_int(q, 1, num);
    bind_int(q, 2, class);
    return store_step_done(db, q);
}

static enum store_rc decision_put(struct store_conn *db, int64_t station,
                                  const struct store_decision *d)
{
    sqlite3_stmt *q = conn_stmt(db, STMT_DECISION_PUT);
    bind_int(q, 1, station);
    bind_int(q, 2, d->connector);
    bind_int(q, 3, d->seq);
    bind_int(q, 4, d->tx_id);
    bind_int(q, 5, d->at_ms);
    bind_int(q, 6, d->kind);
    bind_int(q, 7, d->limit_ma);
    bind_int(q, 8, d->safe_ma);
    bind_int(q, 9, d->end_at_ms);
    bind_text(q, 10, d->reason != NULL ? d->reason : "");
    bind_text(q, 11, d->node);
    bind_int(q, 12, d->phase);
    return store_step_done(db, q);
}

static enum store_rc evidence_clear(struct store_conn *db, const struct store_evidence *e)
{
    sqlite3_stmt *q = conn_stmt(db, STMT_EVIDENCE_CLEAR);
    bind_text(q, 1, e->station);
    bind_text(q, 2, e->vendor);
    bind_text(q, 3, e->model);
    bind_text(q, 4, e->firmware);
    return store_step_done(db, q);
}

enum store_rc evidence_run(struct store_conn *db, const struct store_evidence *e)
{
    enum store_rc rc = evidence_clear(db, e);
    if (rc != STORE_OK || e->class < 0)
        return rc;
    sqlite3_stmt *q = conn_stmt(db, STMT_EVIDENCE_PUT);
    bind_text(q, 1, e->station);
    bind_text(q, 2, e->vendor);
    bind_text(q, 3, e->model);
    bind_text(q, 4, e->firmware);
    bind_int(q, 5, e->class);
    bind_int(q, 6, e->demoted);
    bind_text(q, 7, e->why);
    bind_int(q, 8, e->at_ms);
    return store_step_done(db, q);
}

enum store_rc decision_run(struct store_conn *db, const struct store_decision *decision)
{
    int64_t station;
    enum store_rc rc = conn_station_find(db, decision->station, &station);
    return rc == STORE_OK ? decision_put(db, station, decision) : rc;
}

static enum store_rc decision_answered(struct store_conn *db, int64_t station,
                                       const struct store_lease_outcome *outcome)
{
    sqlite3_stmt *q = conn_stmt(db, STMT_DECISION_ANSWER);
    bind_int(q, 1, station);
    bind_int(q, 2, outcome->at_ms);
    bind_int(q, 3, outcome->connector);
    bind_int(q, 4, outcome->seq);
    bind_int(q, 5, outcome->answer);
    bind_int(q, 6, outcome->answered_at_ms);
    return store_step_done(db, q);
}

enum store_rc lease_run(struct store_conn *db, const struct store_lease *lease)
{
    int64_t station;
    enum store_rc rc = conn_station_find(db, lease->station, &station);
    if (rc == STORE_OK)
        rc = prune(db, station, lease);
    if (rc != STORE_OK)
        return rc;
    sqlite3_stmt *q = conn_stmt(db, STMT_LEASE_PUT);
    bind_int(q, 1, station);
    bind_int(q, 2, lease->connector);
    bind_int(q, 3, lease->seq);
    bind_int(q, 4, lease->tx_id);
    bind_int(q, 5, lease->limit_ma);
    bind_int(q, 6, lease->safe_ma);
    bind_int(q, 7, lease->start_at_ms);
    bind_int(q, 8, lease->end_at_ms);
    bind_int(q, 9, lease->at_ms);
    rc = store_step_done(db, q);
    if (rc == STORE_OK)
        rc = life_leased(db, lease);
    return rc == STORE_OK && lease->decision != NULL ? decision_put(db, station, lease->decision)
                                                     : rc;
}

enum store_rc lease_outcome_run(struct store_conn *db, const struct store_lease_outcome *outcome)
{
    int64_t station;
    enum store_rc rc = conn_station_find(db, outcome->station, &station);
    if (rc == STORE_OK && outcome->answer != STORE_DECISION_OPEN)
        rc = decision_answered(db, station, outcome);
    if (rc != STORE_OK || outcome->answer == STORE_DECISION_UNKNOWN || outcome->no_lease)
        return rc;
    sqlite3_stmt *q = conn_stmt(db, outcome->installed ? STMT_LEASE_ACCEPTED : STMT_LEASE_REFUSED);
    bind_int(q, 1, station);
    bind_int(q, 2, outcome->connector);
    if (outcome->installed) {
        bind_int(q, 3, outcome->tx_id);
        bind_int(q, 4, outcome->at_ms);
        bind_int(q, 5, outcome->seq);
        bind_int(q, 6, outcome->older_end_ms);
    } else {
        bind_int(q, 3, outcome->at_ms);
        bind_int(q, 4, outcome->seq);
    }
    return store_step_done(db, q);
}

enum store_rc tx_phases_run(struct store_conn *db, int64_t tx_id, int64_t phases)
{
    sqlite3_stmt *q = conn_stmt(db, STMT_TX_PHASES);
    bind_int(q, 1, tx_id);
    bind_int(q, 2, phases);
    return store_step_done(db, q);
}

enum store_rc point_run(struct store_conn *db, const char *station, int32_t connector,
                        int32_t safe_confirmed_ma, int32_t class)
{
    int64_t num;
    enum store_rc rc = conn_station_find(db, station, &num);
    if (rc != STORE_OK)
        return rc;
    sqlite3_stmt *q = conn_stmt(db, STMT_CONNECTOR_POINT);
    bind_int(q, 1, num);
    bind_int(q, 2, connector);
    bind_int(q, 3, safe_confirmed_ma);
    bind_int(q, 4, class);
    return store_step_done(db, q);
}
