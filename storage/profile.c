/* Charging profiles that stations hold, as far as they have told us. */
#include "storage/conn.h"

static enum store_rc replaced(struct store_conn *db, const struct store_profile *p)
{
    sqlite3_stmt *q = conn_stmt(db, STMT_PROFILE_REPLACED);
    bind_text(q, 1, p->station);
    bind_int(q, 2, p->id);
    bind_int(q, 3, p->connector);
    bind_text(q, 4, p->purpose);
    bind_int(q, 5, p->stack_level);
    bind_int(q, 6, p->tx_id);
    return store_step_done(db, q);
}

enum store_rc profile_run(struct store_conn *db, const struct store_profile *p)
{
    enum store_rc rc = replaced(db, p);
    if (rc != STORE_OK)
        return rc;
    sqlite3_stmt *q = conn_stmt(db, STMT_PROFILE_PUT);
    bind_text(q, 1, p->station);
    bind_int(q, 2, p->id);
    bind_int(q, 3, p->connector);
    bind_text(q, 4, p->purpose);
    bind_int(q, 5, p->stack_level);
    bind_int(q, 6, p->tx_id);
    bind_text(q, 7, p->json);
    bind_int(q, 8, p->at_ms);
    return store_step_done(db, q);
}

enum store_rc profile_forget_run(struct store_conn *db, const struct store_profile_filter *f)
{
    sqlite3_stmt *q = conn_stmt(db, STMT_PROFILE_FORGET);
    bind_text(q, 1, f->station);
    bind_int(q, 2, f->id);
    bind_int(q, 3, f->connector);
    bind_int(q, 4, f->stack_level);
    bind_text(q, 5, f->purpose);
    bind_int(q, 6, f->tx_id);
    return store_step_done(db, q);
}
