/*
 * What the files of the reader share: the connection with its read transaction, and how answers are
 * walked.
 */
#ifndef STORAGE_READER_STATE_H
#define STORAGE_READER_STATE_H

#include "storage/conn.h"
#include "storage/queries.h"
#include "storage/reader.h"

enum { READER_ALL = -1 /* LIMIT of SQLite: none */ };

/* Texts of the site, in one list of blocks. */
struct block {
    struct block *next;
    size_t used, size;
    char bytes[];
};

struct reader {
    sqlite3 *handle;
    struct block *block;
    struct store_site site;
    void *list[7]; /* the arrays of site */
    struct store_tag_gone *gone;
    bool has_site;
};

enum store_rc reader_ask(struct reader *r, enum query which, sqlite3_stmt **ret_q);
/* How every answer is walked: one row after the other until the end, an error or a "stop". */
enum store_rc reader_walk(sqlite3_stmt *q, bool (*take)(sqlite3_stmt *q, void *arg), void *arg);

static inline int32_t column_i32(sqlite3_stmt *q, int i)
{
    return (int32_t)sqlite3_column_int64(q, i);
}

/* 0 for SQL NULL. */
static inline int64_t column_i64(sqlite3_stmt *q, int i)
{
    return sqlite3_column_int64(q, i);
}

#endif
