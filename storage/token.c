/* Tokens of the admin API over https: only their hashes are kept. */
#include "storage/conn.h"

enum store_rc token_run(struct store_conn *db, const struct store_token *token)
{
    sqlite3_stmt *q = conn_stmt(db, STMT_TOKEN_PUT);
    bind_text(q, 1, token->name);
    bind_text(q, 2, token->role);
    bind_text(q, 3, token->node);
    sqlite3_bind_blob(q, 4, token->hash, sizeof(token->hash), SQLITE_STATIC);
    bind_int(q, 5, token->made_at_ms);
    bind_text(q, 6, token->who);
    return store_step_done(db, q);
}

enum store_rc token_remove_run(struct store_conn *db, const char *name, union store_result *ret)
{
    sqlite3_stmt *q = conn_stmt(db, STMT_TOKEN_DELETE);
    bind_text(q, 1, name);
    enum store_rc rc = store_step_done(db, q);
    ret->count.n = rc == STORE_OK ? sqlite3_changes64(db->handle) : 0;
    return rc;
}
