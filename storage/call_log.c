/* What operators asked of stations, and what came of it. */
#include "storage/conn.h"

const char *store_call_outcome_text(int32_t outcome)
{
    static const char *const text[] = {
        [STORE_CALL_QUEUED] = "queued",     [STORE_CALL_OPEN] = "open",
        [STORE_CALL_ANSWERED] = "answered", [STORE_CALL_CALLERROR] = "callerror",
        [STORE_CALL_TIMEOUT] = "timeout",   [STORE_CALL_LOST] = "lost",
        [STORE_CALL_OFFLINE] = "offline",   [STORE_CALL_QUEUE_FULL] = "queue-full",
        [STORE_CALL_REPLACED] = "replaced", [STORE_CALL_REFUSED] = "refused",
        [STORE_CALL_EXPIRED] = "expired",
    };
    return outcome >= STORE_CALL_QUEUED && outcome <= STORE_CALL_EXPIRED ? text[outcome] : "?";
}

enum store_rc call_asked_run(struct store_conn *db, const struct store_call *call,
                             union store_result *ret)
{
    sqlite3_stmt *q = conn_stmt(db, STMT_CALL_INSERT);
    bind_text(q, 1, call->station);
    bind_text(q, 2, call->action);
    bind_text(q, 3, call->payload);
    bind_int(q, 4, call->is_whole);
    bind_text(q, 5, call->who);
    bind_text(q, 6, call->why);
    bind_int(q, 7, call->asked_at_ms);
    bind_int(q, 8, call->until_ms);
    bind_int(q, 9, call->timeout_ms);
    bind_int(q, 10, call->sent_at_ms);
    bind_int(q, 11, call->finished_at_ms);
    bind_int(q, 12, call->outcome);
    bind_text(q, 13, call->answer);
    enum store_rc rc = store_step_done(db, q);
    if (rc == STORE_OK)
        ret->count.n = sqlite3_last_insert_rowid(db->handle);
    return rc;
}

enum store_rc call_begun_run(struct store_conn *db, int64_t id)
{
    sqlite3_stmt *q = conn_stmt(db, STMT_CALL_BEGIN);
    bind_int(q, 1, id);
    return store_step_done(db, q);
}

enum store_rc call_ended_run(struct store_conn *db, const struct store_call *call)
{
    sqlite3_stmt *q = conn_stmt(db, STMT_CALL_END);
    bind_int(q, 1, call->id);
    bind_int(q, 2, call->outcome);
    bind_int(q, 3, call->sent_at_ms);
    bind_int(q, 4, call->finished_at_ms);
    bind_text(q, 5, call->answer);
    return store_step_done(db, q);
}

enum store_rc calls_lost_run(struct store_conn *db, int64_t at_ms)
{
    sqlite3_stmt *q = conn_stmt(db, STMT_CALLS_LOST);
    bind_int(q, 1, at_ms);
    return store_step_done(db, q);
}
