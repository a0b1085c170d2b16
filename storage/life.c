/* Which database this is, and how many leases were written to it. */
#include <string.h>

#include "storage/conn.h"

enum store_rc life_read(struct store_conn *db, struct life *ret_life)
{
    sqlite3_stmt *q = conn_stmt(db, STMT_LIFE_READ);
    enum store_rc rc = store_step_row(db, q);
    *ret_life = (struct life){ .number = 0 };
    if (rc != STORE_OK)
        return rc == STORE_MISSING ? STORE_IO : rc;
    const char *identity = column_text(q, 0);
    size_t len = strlen(identity);
    memcpy(ret_life->identity, identity, len < 32 ? len : 32);
    ret_life->number = column_int(q, 1);
    ret_life->doubt_until_ms = column_int(q, 2);
    store_reset(q);
    return STORE_OK;
}

enum store_rc life_has_history(struct store_conn *db, bool *ret_has)
{
    sqlite3_stmt *q = conn_stmt(db, STMT_LIFE_HISTORY);
    enum store_rc rc = store_step_row(db, q);
    if (rc != STORE_OK)
        return rc;
    *ret_has = column_int(q, 0) != 0;
    store_reset(q);
    return STORE_OK;
}

enum store_rc life_leased(struct store_conn *db, const struct store_lease *lease)
{
    int64_t length_ms = lease->end_at_ms != INT64_MAX ? lease->end_at_ms - lease->at_ms : 0;
    if (length_ms > db->longest_ms)
        db->longest_ms = length_ms;
    db->leased = true;
    return store_step_done(db, conn_stmt(db, STMT_LIFE_NEXT));
}

enum store_rc life_renew_run(struct store_conn *db, int64_t doubt_until_ms)
{
    sqlite3_stmt *q = conn_stmt(db, STMT_LIFE_RENEW);
    bind_int(q, 1, doubt_until_ms);
    db->leased = db->renewed = true;
    return store_step_done(db, q);
}
