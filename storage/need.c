/* What drivers and operators tell of a session: told again and again, kept with it for good. */
#include "storage/conn.h"

/* The statement's own condition: only of a session that is active. */
enum store_rc need_run(struct store_conn *db, const struct store_need *need,
                       union store_result *ret)
{
    sqlite3_stmt *q = conn_stmt(db, STMT_NEED_PUT);
    bind_int(q, 1, need->tx_id);
    bind_int(q, 2, need->depart_at_ms);
    bind_int(q, 3, need->energy_wh);
    bind_int(q, 4, need->min_ma);
    bind_int(q, 5, need->priority);
    bind_int(q, 6, need->told_at_ms);
    bind_text(q, 7, need->who);
    bind_text(q, 8, need->why);
    enum store_rc rc = store_step_done(db, q);
    ret->count.n = rc == STORE_OK ? sqlite3_changes64(db->handle) : 0;
    return rc;
}

enum store_rc need_clear_run(struct store_conn *db, int64_t tx_id, union store_result *ret)
{
    sqlite3_stmt *q = conn_stmt(db, STMT_NEED_DELETE);
    bind_int(q, 1, tx_id);
    enum store_rc rc = store_step_done(db, q);
    ret->count.n = rc == STORE_OK ? sqlite3_changes64(db->handle) : 0;
    return rc;
}
