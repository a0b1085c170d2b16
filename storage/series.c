/* Factors by the quarter of an hour, in editions, and who waited for better ones. */
#include "storage/conn.h"

static enum store_rc put_edition(struct store_conn *db, const struct store_edition *e,
                                 int64_t from_ms, int64_t until_ms)
{
    sqlite3_stmt *q = conn_stmt(db, STMT_SERIES_EDITION);
    bind_int(q, 1, e->kind);
    bind_int(q, 2, from_ms);
    bind_int(q, 3, until_ms);
    bind_text(q, 4, e->source);
    bind_text(q, 5, e->who);
    bind_int(q, 6, e->at_ms);
    return store_step_done(db, q);
}

static enum store_rc put_quarter(struct store_conn *db, int64_t kind, int64_t edition,
                                 const struct store_quarter *quarter)
{
    sqlite3_stmt *q = conn_stmt(db, STMT_SERIES_QUARTER);
    bind_int(q, 1, kind);
    bind_int(q, 2, quarter->from_ms);
    bind_int(q, 3, edition);
    bind_int(q, 4, quarter->value_e3);
    return store_step_done(db, q);
}

enum store_rc series_run(struct store_conn *db, const struct store_edition *edition,
                         const struct store_quarter *quarter, size_t n, int64_t *ret_edition)
{
    if (n == 0)
        return STORE_CONFLICT;
    enum store_rc rc =
        put_edition(db, edition, quarter[0].from_ms, quarter[n - 1].from_ms + STORE_QUARTER_MS);
    int64_t number = sqlite3_last_insert_rowid(db->handle);
    for (size_t i = 0; rc == STORE_OK && i < n; i++)
        rc = put_quarter(db, edition->kind, number, &quarter[i]);
    if (rc == STORE_OK)
        *ret_edition = number;
    return rc;
}

enum store_rc green_run(struct store_conn *db, const struct store_green_session *g)
{
    sqlite3_stmt *q = conn_stmt(db, STMT_GREEN_PUT);
    bind_int(q, 1, g->tx_id);
    bind_int(q, 2, g->kind);
    bind_text(q, 3, g->node);
    bind_int(q, 4, g->power_w);
    bind_int(q, 5, g->at_ms);
    return store_step_done(db, q);
}
