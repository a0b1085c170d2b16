/* Certificates: requests of stations, what was signed or seen, what stations have installed. */
#include "storage/conn.h"

const char *store_cert_state_text(int32_t state)
{
    static const char *const text[] = {
        [STORE_CERT_PENDING] = "pending",   [STORE_CERT_APPROVED] = "approved",
        [STORE_CERT_SIGNED] = "signed",     [STORE_CERT_ACCEPTED] = "accepted",
        [STORE_CERT_REJECTED] = "rejected", [STORE_CERT_REFUSED] = "refused",
        [STORE_CERT_REPLACED] = "replaced", [STORE_CERT_FAILED] = "failed",
    };
    return state >= STORE_CERT_PENDING && state <= STORE_CERT_FAILED ? text[state] : "?";
}

const char *store_cert_kind_text(int32_t kind)
{
    static const char *const text[] = { [STORE_CERT_CA] = "ca",
                                        [STORE_CERT_STATION] = "station",
                                        [STORE_CERT_SERVER] = "server",
                                        [STORE_CERT_ROOT] = "root" };
    return kind >= STORE_CERT_CA && kind <= STORE_CERT_ROOT ? text[kind] : "?";
}

/* Nothing touched means there is no such record, or not in that state. */
static enum store_rc touch(struct store_conn *db, sqlite3_stmt *q, union store_result *ret)
{
    enum store_rc rc = store_step_done(db, q);
    if (rc != STORE_OK)
        return rc;
    ret->count.n = sqlite3_changes64(db->handle);
    return ret->count.n > 0 ? STORE_OK : STORE_MISSING;
}

enum store_rc cert_request_run(struct store_conn *db, const struct store_cert_request *request,
                               union store_result *ret)
{
    sqlite3_stmt *q = conn_stmt(db, STMT_CERT_REQUEST_REPLACED);
    bind_text(q, 1, request->station);
    bind_int(q, 2, request->asked_at_ms);
    enum store_rc rc = store_step_done(db, q);
    if (rc != STORE_OK)
        return rc;
    q = conn_stmt(db, STMT_CERT_REQUEST_INSERT);
    bind_text(q, 1, request->station);
    bind_text(q, 2, request->csr);
    bind_text(q, 3, request->subject);
    bind_text(q, 4, request->cn);
    bind_text(q, 5, request->key);
    bind_int(q, 6, request->state);
    bind_int(q, 7, request->renewal);
    bind_int(q, 8, request->asked_at_ms);
    bind_int(q, 9, request->changed_at_ms);
    bind_text(q, 10, request->who);
    bind_text(q, 11, request->why);
    bind_text(q, 12, request->note);
    rc = store_step_done(db, q);
    if (rc != STORE_OK)
        return rc;
    ret->count.n = sqlite3_last_insert_rowid(db->handle);
    q = conn_stmt(db, STMT_CERT_REQUEST_PRUNE);
    bind_text(q, 1, request->station);
    return store_step_done(db, q);
}

enum store_rc cert_change_run(struct store_conn *db, const int64_t number[4],
                              const char *const text[3], union store_result *ret)
{
    sqlite3_stmt *q = conn_stmt(db, STMT_CERT_REQUEST_CHANGE);
    bind_int(q, 1, number[0]);
    bind_int(q, 2, number[1]);
    bind_int(q, 3, number[2]);
    bind_text(q, 4, text[0]);
    bind_text(q, 5, text[1]);
    bind_text(q, 6, text[2]);
    bind_int(q, 7, number[3]);
    return touch(db, q, ret);
}

enum store_rc certificate_run(struct store_conn *db, const struct store_certificate *c,
                              union store_result *ret)
{
    sqlite3_stmt *q = conn_stmt(db, STMT_CERT_PUT);
    bind_text(q, 1, c->fingerprint);
    bind_int(q, 2, c->kind);
    bind_text(q, 3, c->station);
    bind_text(q, 4, c->subject);
    bind_text(q, 5, c->issuer);
    bind_text(q, 6, c->cn);
    bind_text(q, 7, c->serial);
    bind_text(q, 8, c->key);
    bind_int(q, 9, c->not_before_ms);
    bind_int(q, 10, c->not_after_ms);
    bind_text(q, 11, c->pem);
    bind_int(q, 12, c->request);
    bind_int(q, 13, c->added_at_ms);
    bind_text(q, 14, c->note != NULL ? c->note : "");
    return touch(db, q, ret);
}

enum store_rc cert_signed_run(struct store_conn *db, const struct store_certificate *c,
                              const char *chain, union store_result *ret)
{
    sqlite3_stmt *q = conn_stmt(db, STMT_CERT_REQUEST_SIGNED);
    bind_int(q, 1, c->request);
    bind_text(q, 2, chain);
    bind_text(q, 3, c->fingerprint);
    bind_int(q, 4, c->added_at_ms);
    enum store_rc rc = touch(db, q, ret);
    return rc == STORE_OK ? certificate_run(db, c, ret) : rc;
}

static enum store_rc mark_seen(struct store_conn *db, const struct store_certificate *c,
                               int64_t at_ms)
{
    sqlite3_stmt *q = conn_stmt(db, STMT_CERT_SEEN);
    bind_text(q, 1, c->fingerprint);
    bind_int(q, 2, at_ms);
    bind_text(q, 3, c->station);
    enum store_rc rc = store_step_done(db, q);
    if (rc != STORE_OK)
        return rc;
    q = conn_stmt(db, STMT_CERT_OLDER);
    bind_text(q, 1, c->station);
    bind_text(q, 2, c->fingerprint);
    bind_int(q, 3, c->not_before_ms);
    bind_int(q, 4, at_ms);
    return store_step_done(db, q);
}

enum store_rc cert_seen_run(struct store_conn *db, const struct store_certificate *c, int64_t at_ms,
                            union store_result *ret)
{
    union store_result kept;
    enum store_rc rc = certificate_run(db, c, &kept);
    if (rc == STORE_OK)
        rc = mark_seen(db, c, at_ms);
    if (rc != STORE_OK)
        return rc;
    sqlite3_stmt *q = conn_stmt(db, STMT_CERT_STANDING);
    bind_text(q, 1, c->fingerprint);
    rc = store_step_row(db, q);
    if (rc != STORE_OK)
        return rc;
    ret->cert.revoked = column_int(q, 0) != 0;
    ret->cert.replaced = column_int(q, 1) != 0;
    store_reset(q);
    return STORE_OK;
}

enum store_rc cert_revoke_run(struct store_conn *db, const char *fingerprint, const char *note,
                              int64_t at_ms, union store_result *ret)
{
    sqlite3_stmt *q = conn_stmt(db, STMT_CERT_REVOKE);
    bind_text(q, 1, fingerprint);
    bind_int(q, 2, at_ms);
    bind_text(q, 3, note);
    return touch(db, q, ret);
}

enum store_rc cert_warned_run(struct store_conn *db, const char *fingerprint, int64_t days,
                              union store_result *ret)
{
    sqlite3_stmt *q = conn_stmt(db, STMT_CERT_WARNED);
    bind_text(q, 1, fingerprint);
    bind_int(q, 2, days);
    return touch(db, q, ret);
}

enum store_rc cert_installed_run(struct store_conn *db, const char *station, const char *type,
                                 const struct store_installed *list, size_t n, int64_t at_ms)
{
    sqlite3_stmt *q = conn_stmt(db, STMT_CERT_INSTALLED_DELETE);
    bind_text(q, 1, station);
    bind_text(q, 2, type);
    enum store_rc rc = store_step_done(db, q);
    for (size_t i = 0; i < n && rc == STORE_OK; i++) {
        q = conn_stmt(db, STMT_CERT_INSTALLED_PUT);
        bind_text(q, 1, station);
        bind_text(q, 2, type);
        bind_text(q, 3, list[i].hash);
        bind_text(q, 4, list[i].issuer_name_hash);
        bind_text(q, 5, list[i].issuer_key_hash);
        bind_text(q, 6, list[i].serial);
        bind_int(q, 7, at_ms);
        rc = store_step_done(db, q);
    }
    return rc;
}
