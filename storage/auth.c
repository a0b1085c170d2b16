/* Tags: tokens that may start a session. */
#include "storage/conn.h"

enum store_rc tag_remove_run(struct store_conn *db, const char *id_tag, union store_result *ret)
{
    char key[TAG_KEY];
    tag_key_of(id_tag, key);
    sqlite3_stmt *q = conn_stmt(db, STMT_TAG_DELETE);
    sqlite3_bind_text(q, 1, key, -1, SQLITE_STATIC);
    enum store_rc rc = store_step_done(db, q);
    ret->count.n = rc == STORE_OK ? sqlite3_changes64(db->handle) : 0;
    return rc == STORE_OK && ret->count.n == 0 ? STORE_MISSING : rc;
}
