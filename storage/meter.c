/*
 * Samples: one row per instant, stored as received, once.
 *
 * Rows lie in the order of their arrival and the index that finds repetitions is in the order of
 * time, so that a commit touches few pages however many stations speak in it.
 */
#include "storage/conn.h"

static int64_t or_absent(int32_t value)
{
    return value < 0 ? STORE_ABSENT : value;
}

/* Without a transaction id: the session that ran on the connector at that time; 0 = none. */
static enum store_rc session_at(struct store_conn *db, int64_t station,
                                const struct store_meter *row, int64_t *ret_session)
{
    *ret_session = row->tx_id > 0 ? row->tx_id : 0;
    if (row->tx_id > 0 || row->connector <= 0)
        return STORE_OK;
    sqlite3_stmt *q = conn_stmt(db, STMT_TX_AT);
    bind_int(q, 1, station);
    bind_int(q, 2, row->connector);
    bind_int(q, 3, row->sampled_at_ms);
    enum store_rc rc = store_step_row(db, q);
    if (rc != STORE_OK)
        return rc == STORE_MISSING ? STORE_OK : rc;
    *ret_session = sqlite3_column_int64(q, 0);
    store_reset(q);
    return STORE_OK;
}

static enum store_rc insert(struct store_conn *db, int64_t station, int64_t session,
                            const struct store_meter *row, bool *ret_new)
{
    const char *raw = row->raw != NULL ? row->raw : "[]";
    sqlite3_stmt *q = conn_stmt(db, STMT_METER_INSERT);
    bind_int(q, 1, station);
    bind_int(q, 2, row->sampled_at_ms);
    bind_int(q, 3, row->connector);
    bind_int(q, 4, row->tx_id);
    bind_int(q, 5, digest64(raw));
    bind_int(q, 6, session);
    bind_int(q, 7, row->received_at_ms);
    bind_int(q, 8, row->register_uwh);
    bind_int(q, 9, row->power_mw);
    bind_int(q, 10, or_absent(row->current_ma[0]));
    bind_int(q, 11, or_absent(row->current_ma[1]));
    bind_int(q, 12, or_absent(row->current_ma[2]));
    bind_int(q, 13, or_absent(row->soc_pct));
    bind_text(q, 14, raw);
    enum store_rc rc = store_step_done(db, q);
    *ret_new = rc == STORE_OK && sqlite3_changes(db->handle) > 0;
    return rc;
}

/* The newest a message says about one session. */
struct news {
    int64_t session, register_uwh, at_ms;
};

static enum store_rc tell_session(struct store_conn *db, int64_t station, const struct news *news)
{
    if (news->session == 0)
        return STORE_OK;
    sqlite3_stmt *q = conn_stmt(db, STMT_TX_REGISTER);
    bind_int(q, 1, news->session);
    bind_int(q, 2, news->register_uwh);
    bind_int(q, 3, news->at_ms);
    bind_int(q, 4, station);
    return store_step_done(db, q);
}

/* Rows of one message mostly belong to one session: it is written once. */
static enum store_rc gather(struct store_conn *db, int64_t station, int64_t session,
                            const struct store_meter *row, struct news *news)
{
    enum store_rc rc = STORE_OK;
    if (session != news->session) {
        rc = tell_session(db, station, news);
        *news = (struct news){ session, STORE_ABSENT, STORE_ABSENT };
    }
    if (row->sampled_at_ms < news->at_ms)
        return rc;
    news->at_ms = row->sampled_at_ms;
    if (row->register_uwh != STORE_ABSENT)
        news->register_uwh = row->register_uwh;
    return rc;
}

enum store_rc meter_run(struct store_conn *db, const struct store_meter *row, size_t n,
                        union store_result *ret)
{
    int64_t station = 0, session;
    struct news news = { 0, STORE_ABSENT, STORE_ABSENT };
    enum store_rc rc = n > 0 ? station_spoke(db, row[0].station, &station) : STORE_OK;
    ret->count.n = 0;
    for (size_t i = 0; i < n && rc == STORE_OK; i++) {
        bool is_new = false;
        rc = session_at(db, station, &row[i], &session);
        if (rc == STORE_OK)
            rc = insert(db, station, session, &row[i], &is_new);
        if (rc != STORE_OK || !is_new)
            continue;
        ret->count.n++;
        rc = gather(db, station, session, &row[i], &news);
    }
    return rc == STORE_OK ? tell_session(db, station, &news) : rc;
}
