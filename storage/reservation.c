/* Reservations, one record for each that was ever asked for. */
#include "storage/conn.h"

const char *store_reservation_state_text(int32_t state)
{
    static const char *const text[] = {
        [STORE_RES_REQUESTED] = "requested", [STORE_RES_ACTIVE] = "active",
        [STORE_RES_USED] = "used",           [STORE_RES_EXPIRED] = "expired",
        [STORE_RES_CANCELLED] = "cancelled", [STORE_RES_ENDED] = "ended",
        [STORE_RES_REFUSED] = "refused",     [STORE_RES_REPLACED] = "replaced",
    };
    return state >= STORE_RES_REQUESTED && state <= STORE_RES_REPLACED ? text[state] : "?";
}

enum store_rc reservation_run(struct store_conn *db, const struct store_reservation *r)
{
    sqlite3_stmt *q = conn_stmt(db, STMT_RESERVATION_PUT);
    bind_int(q, 1, r->num);
    bind_text(q, 2, r->station);
    bind_int(q, 3, r->id);
    bind_int(q, 4, r->connector);
    bind_text(q, 5, r->id_tag);
    bind_text(q, 6, r->parent);
    bind_int(q, 7, r->expires_at_ms);
    bind_int(q, 8, r->state);
    bind_text(q, 9, r->who);
    bind_text(q, 10, r->why);
    bind_text(q, 11, r->note);
    bind_int(q, 12, r->asked_at_ms);
    bind_int(q, 13, r->changed_at_ms);
    bind_int(q, 14, r->tx_id);
    return store_step_done(db, q);
}

enum store_rc reservation_use(struct store_conn *db, int64_t num, int64_t tx_id, int64_t at_ms)
{
    sqlite3_stmt *q = conn_stmt(db, STMT_RESERVATION_USE);
    bind_int(q, 1, num);
    bind_int(q, 2, tx_id);
    bind_int(q, 3, at_ms);
    return store_step_done(db, q);
}

enum store_rc reservation_use_late(struct store_conn *db, const struct store_tx_start *tx,
                                   int64_t tx_id)
{
    sqlite3_stmt *q = conn_stmt(db, STMT_RESERVATION_USE_LATE);
    bind_text(q, 1, tx->station);
    bind_int(q, 2, tx->reservation_id);
    bind_int(q, 3, tx_id);
    bind_int(q, 4, tx->started_at_ms);
    return store_step_done(db, q);
}
