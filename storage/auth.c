/* Tags: tokens that may start a session, numbered by their changes; local lists made of them. */
#include "storage/conn.h"

enum {
    GONE_MAX = 20000,         /* deletions that are remembered */
    RENUMBER_AT = 0x40000000, /* half of the numbers that a listVersion has */
};

enum store_rc tag_state_read(struct store_conn *db, struct store_tag_state *ret_state)
{
    sqlite3_stmt *q = conn_stmt(db, STMT_TAG_STATE);
    enum store_rc rc = store_step_row(db, q);
    if (rc != STORE_OK)
        return rc;
    ret_state->revision = (int32_t)sqlite3_column_int64(q, 0);
    ret_state->floor = (int32_t)sqlite3_column_int64(q, 1);
    store_reset(q);
    return STORE_OK;
}

enum store_rc tag_state_write(struct store_conn *db, const struct store_tag_state *state)
{
    sqlite3_stmt *q = conn_stmt(db, STMT_TAG_STATE_PUT);
    bind_int(q, 1, state->revision);
    bind_int(q, 2, state->floor);
    return store_step_done(db, q);
}

/* Of more deletions than GONE_MAX the oldest are forgotten: the floor rises. */
static enum store_rc prune(struct store_conn *db, struct store_tag_state *state)
{
    sqlite3_stmt *q = conn_stmt(db, STMT_TAG_GONE_OLDEST);
    bind_int(q, 1, GONE_MAX);
    enum store_rc rc = store_step_row(db, q);
    if (rc != STORE_OK)
        return rc == STORE_MISSING ? STORE_OK : rc;
    state->floor = (int32_t)sqlite3_column_int64(q, 0);
    store_reset(q);
    q = conn_stmt(db, STMT_TAG_GONE_PRUNE);
    bind_int(q, 1, state->floor);
    return store_step_done(db, q);
}

static enum store_rc remember(struct store_conn *db, const char *key, int32_t revision)
{
    sqlite3_stmt *q = conn_stmt(db, STMT_TAG_GONE_PUT);
    sqlite3_bind_text(q, 1, key, -1, SQLITE_STATIC);
    bind_int(q, 2, revision);
    return store_step_done(db, q);
}

enum store_rc tag_remove_run(struct store_conn *db, const char *id_tag, union store_result *ret)
{
    char key[TAG_KEY];
    struct store_tag_state state;
    tag_key_of(id_tag, key);
    enum store_rc rc = tag_state_read(db, &state);
    if (rc == STORE_OK && state.revision == INT32_MAX)
        return STORE_CONFLICT;
    if (rc == STORE_OK)
        rc = remember(db, key, state.revision + 1);
    if (rc != STORE_OK)
        return rc;
    if (sqlite3_changes64(db->handle) == 0)
        return STORE_MISSING;
    sqlite3_stmt *q = conn_stmt(db, STMT_TAG_DELETE);
    sqlite3_bind_text(q, 1, key, -1, SQLITE_STATIC);
    rc = store_step_done(db, q);
    state.revision++;
    if (rc == STORE_OK)
        rc = prune(db, &state);
    if (rc == STORE_OK)
        rc = tag_state_write(db, &state);
    ret->count.n = 1;
    ret->count.revision = state.revision;
    return rc;
}

static enum store_rc count_tags(struct store_conn *db, int32_t *ret_n)
{
    sqlite3_stmt *q = conn_stmt(db, STMT_TAG_COUNT);
    enum store_rc rc = store_step_row(db, q);
    if (rc == STORE_OK) {
        *ret_n = (int32_t)sqlite3_column_int64(q, 0);
        store_reset(q);
    }
    return rc;
}

enum store_rc tag_renumber(struct store_conn *db)
{
    struct store_tag_state state;
    int32_t n = 0;
    enum store_rc rc = tag_state_read(db, &state);
    if (rc != STORE_OK || state.revision < RENUMBER_AT)
        return rc;
    rc = store_step_done(db, conn_stmt(db, STMT_BEGIN));
    if (rc == STORE_OK)
        rc = store_step_done(db, conn_stmt(db, STMT_TAG_RENUMBER));
    if (rc == STORE_OK)
        rc = count_tags(db, &n);
    if (rc == STORE_OK) {
        sqlite3_stmt *q = conn_stmt(db, STMT_TAG_GONE_PRUNE);
        bind_int(q, 1, INT32_MAX);
        rc = store_step_done(db, q);
    }
    if (rc == STORE_OK)
        rc = store_step_done(db, conn_stmt(db, STMT_LOCAL_LISTS_FORGET));
    state = (struct store_tag_state){ n > 0 ? n : 1, 0 };
    if (rc == STORE_OK)
        rc = tag_state_write(db, &state);
    if (rc == STORE_OK)
        return store_step_done(db, conn_stmt(db, STMT_COMMIT));
    sqlite3_exec(db->handle, "ROLLBACK", NULL, NULL, NULL);
    return rc;
}

enum store_rc local_list_run(struct store_conn *db, const struct store_local_list *l)
{
    sqlite3_stmt *q = conn_stmt(db, STMT_LOCAL_LIST_PUT);
    bind_text(q, 1, l->station);
    bind_int(q, 2, l->version);
    bind_int(q, 3, l->offered);
    bind_int(q, 4, l->upto);
    bind_int(q, 5, l->base);
    bind_int(q, 6, l->entries);
    bind_int(q, 7, l->max_entries);
    sqlite3_bind_int64(q, 8, l->scope);
    bind_text(q, 9, l->cut);
    bind_text(q, 10, l->unable);
    bind_text(q, 11, l->firmware);
    bind_text(q, 12, l->result);
    bind_int(q, 13, l->asked_at_ms);
    bind_int(q, 14, l->at_ms);
    bind_int(q, 15, l->n_full);
    bind_int(q, 16, l->n_differential);
    bind_int(q, 17, l->n_failed);
    return store_step_done(db, q);
}
