/* Samples: one row per instant, stored as received, once. */
#include "storage/conn.h"

static int64_t or_absent(int32_t value)
{
    return value < 0 ? STORE_ABSENT : value;
}

/* Without a transaction id: the session that runs on the connector at that time. */
static int64_t session_at(struct store_conn *db, int64_t station, const struct store_meter *row)
{
    if (row->tx_id > 0)
        return row->tx_id;
    if (row->connector <= 0)
        return 0;
    sqlite3_stmt *q = conn_stmt(db, STMT_TX_AT);
    bind_int(q, 1, station);
    bind_int(q, 2, row->connector);
    bind_int(q, 3, row->sampled_at_ms);
    if (store_step_row(db, q) != STORE_OK)
        return 0;
    int64_t tx_id = sqlite3_column_int64(q, 0);
    store_reset(q);
    return tx_id;
}

static enum store_rc insert(struct store_conn *db, int64_t station, int64_t session,
                            const struct store_meter *row)
{
    sqlite3_stmt *q = conn_stmt(db, STMT_METER_INSERT);
    bind_int(q, 1, station);
    bind_int(q, 2, row->sampled_at_ms);
    bind_int(q, 3, row->connector);
    bind_int(q, 4, row->tx_id);
    bind_int(q, 5, digest64(row->raw));
    bind_int(q, 6, session);
    bind_int(q, 7, row->received_at_ms);
    bind_int(q, 8, row->register_uwh);
    bind_int(q, 9, row->power_mw);
    bind_int(q, 10, or_absent(row->current_ma[0]));
    bind_int(q, 11, or_absent(row->current_ma[1]));
    bind_int(q, 12, or_absent(row->current_ma[2]));
    bind_int(q, 13, or_absent(row->soc_pct));
    bind_text(q, 14, row->raw);
    return store_step_done(db, q);
}

static enum store_rc update_session(struct store_conn *db, int64_t session,
                                    const struct store_meter *row)
{
    sqlite3_stmt *q = conn_stmt(db, STMT_TX_REGISTER);
    bind_int(q, 1, session);
    bind_int(q, 2, row->register_uwh);
    bind_int(q, 3, row->sampled_at_ms);
    return store_step_done(db, q);
}

enum store_rc meter_run(struct store_conn *db, const struct store_meter *row, size_t n,
                        union store_result *ret)
{
    int64_t station = 0;
    enum store_rc rc = n > 0 ? station_spoke(db, row[0].station, &station) : STORE_OK;
    ret->count.n = 0;
    for (size_t i = 0; i < n && rc == STORE_OK; i++) {
        int64_t session = session_at(db, station, &row[i]);
        rc = insert(db, station, session, &row[i]);
        if (rc != STORE_OK || sqlite3_changes(db->handle) == 0)
            continue;
        ret->count.n++;
        if (session != 0)
            rc = update_session(db, session, &row[i]);
    }
    return rc;
}
