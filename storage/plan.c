/* What the scheduler must not forget: leases, and what stations have confirmed. */
#include "storage/conn.h"

static enum store_rc prune(struct store_conn *db, int64_t station, const struct store_lease *lease)
{
    sqlite3_stmt *q = conn_stmt(db, STMT_LEASE_PRUNE);
    bind_int(q, 1, station);
    bind_int(q, 2, lease->connector);
    bind_int(q, 3, lease->at_ms);
    bind_int(q, 4, lease->tx_id);
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
    return store_step_done(db, q);
}

enum store_rc lease_outcome_run(struct store_conn *db, const struct store_lease_outcome *outcome)
{
    int64_t station;
    enum store_rc rc = conn_station_find(db, outcome->station, &station);
    if (rc != STORE_OK)
        return rc;
    sqlite3_stmt *q = conn_stmt(db, outcome->installed ? STMT_LEASE_REPLACED : STMT_LEASE_REFUSED);
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
