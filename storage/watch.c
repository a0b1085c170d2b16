/* What watches over the stations: security events, how connections began and ended. */
#include <string.h>

#include "storage/conn.h"

/* @return STORE_OK: it is there; STORE_MISSING: not yet */
static enum store_rc find_same(struct store_conn *db, const struct store_security_event *s)
{
    sqlite3_stmt *q = conn_stmt(db, STMT_SECURITY_SAME);
    bind_text(q, 1, s->station != NULL ? s->station : "");
    bind_int(q, 2, s->repeats_before_ms);
    bind_text(q, 3, s->type);
    bind_int(q, 4, s->origin);
    bind_int(q, 5, s->at_ms);
    bind_text(q, 6, s->info != NULL ? s->info : "");
    enum store_rc rc = store_step_row(db, q);
    if (rc == STORE_OK)
        store_reset(q);
    return rc;
}

enum store_rc security_event_run(struct store_conn *db, const struct store_security_event *s,
                                 union store_result *ret)
{
    enum store_rc rc = s->repeats_before_ms != 0 ? find_same(db, s) : STORE_MISSING;
    ret->count.n = 0;
    if (rc != STORE_MISSING)
        return rc;
    sqlite3_stmt *q = conn_stmt(db, STMT_SECURITY_INSERT);
    bind_text(q, 1, s->station != NULL ? s->station : "");
    bind_text(q, 2, s->type);
    bind_int(q, 3, s->origin);
    bind_int(q, 4, s->critical);
    bind_int(q, 5, s->at_ms);
    bind_int(q, 6, s->received_at_ms);
    bind_text(q, 7, s->info != NULL ? s->info : "");
    rc = store_step_done(db, q);
    if (rc == STORE_OK) {
        ret->count.n = sqlite3_last_insert_rowid(db->handle);
        rc = event_prune(db, STMT_SECURITY_PRUNE_STATION, s->station);
    }
    return rc == STORE_OK && s->event.name != NULL ? event_run(db, &s->event) : rc;
}

enum store_rc connection_opened_run(struct store_conn *db, const struct store_connection *c)
{
    sqlite3_stmt *q = conn_stmt(db, STMT_CONNECTION_OPEN);
    bind_text(q, 1, c->station);
    bind_int(q, 2, c->link);
    bind_text(q, 3, c->address);
    bind_text(q, 4, c->transport);
    bind_int(q, 5, c->opened_at_ms);
    enum store_rc rc = store_step_done(db, q);
    if (rc != STORE_OK)
        return rc;
    q = conn_stmt(db, STMT_CONNECTION_PRUNE);
    bind_text(q, 1, c->station);
    bind_int(q, 2, STORE_CONNECTIONS_KEPT);
    return store_step_done(db, q);
}

enum store_rc connection_closed_run(struct store_conn *db, const struct store_connection *c)
{
    sqlite3_stmt *q = conn_stmt(db, STMT_CONNECTION_CLOSE);
    bind_text(q, 1, c->station);
    bind_int(q, 2, c->link);
    bind_int(q, 3, c->closed_at_ms);
    bind_int(q, 4, c->code);
    bind_text(q, 5, c->reason);
    return store_step_done(db, q);
}

enum store_rc connections_lost_run(struct store_conn *db, int64_t at_ms)
{
    sqlite3_stmt *q = conn_stmt(db, STMT_CONNECTIONS_LOST);
    bind_int(q, 1, at_ms);
    return store_step_done(db, q);
}

enum store_rc refused_clear_run(struct store_conn *db, const char *identity,
                                union store_result *ret)
{
    sqlite3_stmt *q = conn_stmt(db, STMT_REFUSED_CLEAR);
    bind_text(q, 1, identity);
    enum store_rc rc = store_step_done(db, q);
    ret->count.n = rc == STORE_OK ? sqlite3_changes64(db->handle) : 0;
    return rc;
}
