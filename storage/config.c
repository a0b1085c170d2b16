/* Configuration as wanted and deviations of models: templates are part of apply (apply.c). */
#include "storage/conn.h"

const char *store_key_state_text(int32_t state)
{
    static const char *const text[STORE_KEY_STATE_END] = {
        [STORE_KEY_UNREAD] = "unread",
        [STORE_KEY_SAME] = "same",
        [STORE_KEY_DIFFERS] = "differs",
        [STORE_KEY_READONLY] = "read-only",
        [STORE_KEY_UNKNOWN] = "not supported",
        [STORE_KEY_REJECTED] = "rejected",
        [STORE_KEY_NEEDS_REBOOT] = "reboot required",
        [STORE_KEY_IGNORED] = "ignored",
        [STORE_KEY_PARTLY] = "in part",
        [STORE_KEY_UNANSWERED] = "unanswered",
    };
    return state > 0 && state < STORE_KEY_STATE_END ? text[state] : "?";
}

enum store_rc template_remove_run(struct store_conn *db, const char *id, union store_result *ret)
{
    sqlite3_stmt *q = conn_stmt(db, STMT_TEMPLATE_DELETE);
    bind_text(q, 1, id);
    enum store_rc rc = store_step_done(db, q);
    ret->count.n = rc == STORE_OK ? sqlite3_changes64(db->handle) : 0;
    return rc == STORE_OK && ret->count.n == 0 ? STORE_MISSING : rc;
}

static enum store_rc put_wish(struct store_conn *db, int64_t station,
                              const struct store_key_wish *w)
{
    sqlite3_stmt *q = conn_stmt(db, STMT_WISH_PUT);
    bind_int(q, 1, station);
    bind_text(q, 2, w->key);
    bind_text(q, 3, w->wanted);
    bind_text(q, 4, w->reported);
    bind_text(q, 5, w->source);
    bind_text(q, 6, w->note != NULL ? w->note : "");
    bind_text(q, 7, w->firmware);
    bind_text(q, 8, w->who != NULL ? w->who : "");
    bind_text(q, 9, w->why != NULL ? w->why : "");
    bind_int(q, 10, w->state);
    bind_int(q, 11, w->at_ms);
    return store_step_done(db, q);
}

enum store_rc wishes_run(struct store_conn *db, const char *station,
                         const struct store_key_wish *wish, size_t n)
{
    int64_t num;
    enum store_rc rc = conn_station_find(db, station, &num);
    if (rc != STORE_OK)
        return rc;
    sqlite3_stmt *q = conn_stmt(db, STMT_WISHES_DELETE);
    bind_int(q, 1, num);
    rc = store_step_done(db, q);
    for (size_t i = 0; i < n && rc == STORE_OK; i++)
        rc = put_wish(db, num, &wish[i]);
    return rc;
}

static enum store_rc add_violation(struct store_conn *db, const struct store_violation *v)
{
    sqlite3_stmt *q = conn_stmt(db, STMT_VIOLATION_ADD);
    bind_text(q, 1, v->vendor);
    bind_text(q, 2, v->model);
    bind_text(q, 3, v->firmware);
    bind_text(q, 4, v->kind);
    bind_text(q, 5, v->station);
    bind_text(q, 6, v->example);
    bind_int(q, 7, v->count);
    bind_int(q, 8, v->first_at_ms);
    bind_int(q, 9, v->last_at_ms);
    return store_step_done(db, q);
}

enum store_rc violations_run(struct store_conn *db, const struct store_violation *list, size_t n)
{
    enum store_rc rc = STORE_OK;
    for (size_t i = 0; i < n && rc == STORE_OK; i++)
        rc = add_violation(db, &list[i]);
    return rc == STORE_OK ? store_step_done(db, conn_stmt(db, STMT_VIOLATION_PRUNE)) : rc;
}
