/* A reader's connection and its one read transaction; what it reads stands in reader_*.c. */
#include <stdio.h>
#include <stdlib.h>

#include "storage/reader_state.h"

enum { READER_BUSY_MS = 10000 };

/* --- opening --- */

static enum store_rc refuse(struct reader *r, const char *path, const char *why, char *ret_text,
                            size_t size)
{
    snprintf(ret_text, size, "database %s: %s", path, why);
    reader_close(r);
    return STORE_IO;
}

static int user_version(sqlite3 *handle)
{
    sqlite3_stmt *q = NULL;
    int version = -1;
    if (sqlite3_prepare_v2(handle, "PRAGMA user_version", -1, &q, NULL) == SQLITE_OK &&
        sqlite3_step(q) == SQLITE_ROW)
        version = sqlite3_column_int(q, 0);
    sqlite3_finalize(q);
    return version;
}

enum store_rc reader_open(const char *path, struct reader **ret_reader, char *ret_text, size_t size)
{
    struct reader *r = calloc(1, sizeof(*r));
    if (r == NULL)
        return refuse(NULL, path, "out of memory", ret_text, size);
    int rc = sqlite3_open_v2(path, &r->handle, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, NULL);
    if (rc == SQLITE_OK) {
        sqlite3_busy_timeout(r->handle, READER_BUSY_MS);
        rc = sqlite3_exec(r->handle, "PRAGMA query_only = ON; BEGIN", NULL, NULL, NULL);
    }
    if (rc != SQLITE_OK)
        return refuse(r, path, sqlite3_errmsg(r->handle), ret_text, size);
    int version = user_version(r->handle); /* the first read: from here on the picture stands */
    if (version < 0)
        return refuse(r, path, sqlite3_errmsg(r->handle), ret_text, size);
    if (version != store_schema_version)
        return refuse(r, path, "its schema is of another version; let noxd open it first", ret_text,
                      size);
    *ret_reader = r;
    return STORE_OK;
}

void reader_close(struct reader *r)
{
    if (r == NULL)
        return;
    for (size_t i = 0; i < sizeof(r->list) / sizeof(r->list[0]); i++)
        free(r->list[i]);
    free(r->gone);
    for (struct block *b = r->block, *next; b != NULL; b = next) {
        next = b->next;
        free(b);
    }
    sqlite3_close(r->handle);
    free(r);
}

/* --- asking --- */

enum store_rc reader_ask(struct reader *r, enum query which, sqlite3_stmt **ret_q)
{
    return conn_map(sqlite3_prepare_v2(r->handle, query_sql[which], -1, ret_q, NULL));
}

enum store_rc reader_walk(sqlite3_stmt *q, bool (*take)(sqlite3_stmt *q, void *arg), void *arg)
{
    int rc;
    while ((rc = sqlite3_step(q)) == SQLITE_ROW)
        if (!take(q, arg)) {
            rc = SQLITE_DONE;
            break;
        }
    sqlite3_finalize(q);
    return conn_map(rc);
}
