/* Opening, pragmas, prepared statements, error mapping. */
#include "storage/conn.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

enum {
    BUSY_MS = 5000,       /* another program may hold the file for a moment */
    STATION_SLOTS = 4096, /* a station whose slot is taken by another is looked up again */
};

enum store_rc conn_map(int rc)
{
    switch (rc & 0xFF) {
    case SQLITE_OK:
    case SQLITE_DONE:
    case SQLITE_ROW:
        return STORE_OK;
    case SQLITE_FULL:
        return STORE_FULL;
    case SQLITE_CONSTRAINT:
    case SQLITE_MISMATCH:
    case SQLITE_RANGE:
    case SQLITE_TOOBIG:
        return STORE_CONFLICT;
    default:
        return STORE_IO;
    }
}

const char *store_rc_text(enum store_rc rc)
{
    static const char *const text[] = {
        [STORE_OK] = "done",
        [STORE_FULL] = "the disk or the quota of the database is full",
        [STORE_IO] = "the database cannot be read or written",
        [STORE_CONFLICT] = "the data violate a rule",
        [STORE_MISSING] = "there is no such record",
        [STORE_STOPPED] = "the store was closed",
    };
    return text[rc];
}

const char *store_flag_text(uint32_t one_flag)
{
    static const char *const text[] = {
        "tag-not-accepted",  "clock-offset",      "clock-wrong",
        "time-missing",      "stop-before-start", "meter-backwards",
        "meter-missing",     "meter-gap",         "late",
        "provisional",       "corrected",         "matched-orphan",
        "power-implausible", "unknown-connector", "zone-missing",
    };
    for (size_t i = 0; i < sizeof(text) / sizeof(text[0]); i++)
        if (one_flag == UINT32_C(1) << i)
            return text[i];
    return "unknown";
}

/* WAL with synchronous=FULL: a commit that returned survives a power cut. */
static int set_pragmas(sqlite3 *handle)
{
    static const char *const pragmas[] = {
        "PRAGMA journal_mode = WAL",
        "PRAGMA synchronous = FULL",
        "PRAGMA foreign_keys = ON",
        "PRAGMA wal_autocheckpoint = 4000",
        "PRAGMA journal_size_limit = 67108864",
        "PRAGMA cache_size = -32768",
        "PRAGMA temp_store = MEMORY",
    };
    sqlite3_busy_timeout(handle, BUSY_MS);
    for (size_t i = 0; i < sizeof(pragmas) / sizeof(pragmas[0]); i++) {
        int rc = sqlite3_exec(handle, pragmas[i], NULL, NULL, NULL);
        if (rc != SQLITE_OK)
            return rc;
    }
    return SQLITE_OK;
}

static int64_t pragma_int(sqlite3 *handle, const char *sql)
{
    sqlite3_stmt *q;
    int64_t value = -1;
    if (sqlite3_prepare_v2(handle, sql, -1, &q, NULL) == SQLITE_OK && sqlite3_step(q) == SQLITE_ROW)
        value = sqlite3_column_int64(q, 0);
    sqlite3_finalize(q);
    return value;
}

static int set_quota(sqlite3 *handle, int64_t max_bytes)
{
    char text[64];
    int64_t page_size = pragma_int(handle, "PRAGMA page_size");
    if (max_bytes <= 0 || page_size <= 0)
        return SQLITE_OK;
    snprintf(text, sizeof(text), "PRAGMA max_page_count = %" PRId64, max_bytes / page_size);
    return sqlite3_exec(handle, text, NULL, NULL, NULL);
}

static int prepare_all(struct store_conn *db)
{
    for (int i = 0; i < STMT_COUNT; i++) {
        int rc = sqlite3_prepare_v3(db->handle, store_sql[i], -1, SQLITE_PREPARE_PERSISTENT,
                                    &db->stmt[i], NULL);
        if (rc != SQLITE_OK)
            return rc;
    }
    return SQLITE_OK;
}

/*
 * Creates the file (SQLite would create it readable for others) and locks it: two noxd on one file
 * would each believe to know it.  SQLite's own locks are of another kind (fcntl), so readers are
 * not disturbed.  The lock ends with the process, however that ends.
 */
static enum store_rc lock_file(struct store_conn *db, const char *path, char *ret_text, size_t size)
{
    db->lock_fd = open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0600);
    if (db->lock_fd < 0) {
        snprintf(ret_text, size, "database %s: %s; check that the directory exists and is writable",
                 path, strerror(errno));
        return errno == ENOSPC || errno == EDQUOT ? STORE_FULL : STORE_IO;
    }
    if (flock(db->lock_fd, LOCK_EX | LOCK_NB) != 0) {
        snprintf(ret_text, size,
                 "database %s is in use by another noxd; stop that one or name another directory "
                 "with --data",
                 path);
        return STORE_CONFLICT;
    }
    return STORE_OK;
}

/* What can be done about it. */
static const char *remedy(int rc)
{
    switch (rc & 0xFF) {
    case SQLITE_NOTADB:
        return "it is no database of noxd; name another directory with --data";
    case SQLITE_CORRUPT:
        return "it is damaged; put a backup in its place";
    case SQLITE_FULL:
        return "make room on the disk";
    case SQLITE_BUSY:
        return "another program holds it locked; close that one";
    default:
        return "check that the directory exists, is writable and has room";
    }
}

static enum store_rc open_failed(struct store_conn *db, const char *path, int rc, char *ret_text,
                                 size_t size)
{
    snprintf(ret_text, size, "database %s: %s; %s", path,
             db->handle != NULL ? sqlite3_errmsg(db->handle) : "out of memory", remedy(rc));
    return conn_map(rc) == STORE_FULL ? STORE_FULL : STORE_IO;
}

static enum store_rc open_all(struct store_conn *db, const char *path, int64_t max_bytes,
                              char *ret_text, size_t size)
{
    enum store_rc locked = lock_file(db, path, ret_text, size);
    if (locked != STORE_OK)
        return locked;
    int rc = sqlite3_open_v2(
        path, &db->handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL);
    if (rc == SQLITE_OK)
        rc = set_pragmas(db->handle);
    if (rc != SQLITE_OK)
        return open_failed(db, path, rc, ret_text, size);
    enum store_rc migrated = migrate_to(db->handle, store_schema_version, ret_text, size);
    if (migrated != STORE_OK)
        return migrated;
    rc = set_quota(db->handle, max_bytes);
    if (rc == SQLITE_OK)
        rc = prepare_all(db);
    return rc == SQLITE_OK ? STORE_OK : open_failed(db, path, rc, ret_text, size);
}

enum store_rc conn_open(struct store_conn *db, const char *path, int64_t max_bytes, char *ret_text,
                        size_t size)
{
    *db = (struct store_conn){ .lock_fd = -1 };
    /* Counting bytes costs a lock per allocation.  Too late when SQLite is already in use here. */
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    db->slot = calloc(STATION_SLOTS, sizeof(*db->slot));
    if (db->slot == NULL) {
        snprintf(ret_text, size, "out of memory");
        return STORE_IO;
    }
    enum store_rc rc = open_all(db, path, max_bytes, ret_text, size);
    if (rc != STORE_OK)
        conn_close(db);
    return rc;
}

void conn_close(struct store_conn *db)
{
    for (int i = 0; i < STMT_COUNT; i++)
        sqlite3_finalize(db->stmt[i]);
    sqlite3_close(db->handle);
    if (db->lock_fd >= 0)
        close(db->lock_fd);
    free(db->slot);
    *db = (struct store_conn){ .lock_fd = -1 };
}

sqlite3_stmt *conn_stmt(struct store_conn *db, enum stmt which)
{
    return db->stmt[which];
}

void bind_text(sqlite3_stmt *q, int i, const char *text)
{
    if (text == NULL)
        sqlite3_bind_null(q, i);
    else
        sqlite3_bind_text(q, i, text, -1, SQLITE_STATIC);
}

void bind_int(sqlite3_stmt *q, int i, int64_t value)
{
    if (value == STORE_ABSENT)
        sqlite3_bind_null(q, i);
    else
        sqlite3_bind_int64(q, i, value);
}

int64_t column_int(sqlite3_stmt *q, int i)
{
    return sqlite3_column_type(q, i) == SQLITE_NULL ? STORE_ABSENT : sqlite3_column_int64(q, i);
}

const char *column_text(sqlite3_stmt *q, int i)
{
    return (const char *)sqlite3_column_text(q, i);
}

void store_reset(sqlite3_stmt *q)
{
    sqlite3_reset(q);
    sqlite3_clear_bindings(q);
}

/* "No space" comes under several names: from write(), from growing the shared memory, from fsync().
 */
static enum store_rc failure(struct store_conn *db, int rc)
{
    int system = sqlite3_system_errno(db->handle);
    snprintf(db->error, sizeof(db->error), "%s", sqlite3_errmsg(db->handle));
    if ((rc & 0xFF) == SQLITE_IOERR && (system == ENOSPC || system == EDQUOT))
        return STORE_FULL;
    return conn_map(rc);
}

enum store_rc store_step_done(struct store_conn *db, sqlite3_stmt *q)
{
    int rc = sqlite3_step(q);
    enum store_rc mapped = rc == SQLITE_DONE ? STORE_OK : failure(db, rc);
    store_reset(q);
    return mapped;
}

enum store_rc store_step_row(struct store_conn *db, sqlite3_stmt *q)
{
    int rc = sqlite3_step(q);
    if (rc == SQLITE_ROW)
        return STORE_OK;
    enum store_rc mapped = rc == SQLITE_DONE ? STORE_MISSING : failure(db, rc);
    store_reset(q);
    return mapped;
}

/* --- station ids to numbers, remembered --- */

static struct station_slot *slot_of(struct store_conn *db, const char *id)
{
    return &db->slot[(uint64_t)digest64(id) % STATION_SLOTS];
}

enum store_rc conn_station_find(struct store_conn *db, const char *id, int64_t *ret_num)
{
    struct station_slot *slot = slot_of(db, id);
    if (slot->num != 0 && strcmp(slot->id, id) == 0) {
        *ret_num = slot->num;
        return STORE_OK;
    }
    sqlite3_stmt *q = conn_stmt(db, STMT_STATION_NUM);
    bind_text(q, 1, id);
    enum store_rc rc = store_step_row(db, q);
    if (rc != STORE_OK)
        return rc;
    *ret_num = sqlite3_column_int64(q, 0);
    store_reset(q);
    if (strlen(id) < sizeof(slot->id)) {
        *slot = (struct station_slot){ .num = *ret_num };
        memcpy(slot->id, id, strlen(id) + 1);
    }
    return STORE_OK;
}

enum store_rc station_spoke(struct store_conn *db, const char *id, int64_t *ret_num)
{
    enum store_rc rc = conn_station_find(db, id, ret_num);
    struct station_slot *slot = slot_of(db, id);
    bool is_cached = rc == STORE_OK && slot->num == *ret_num;
    if (rc != STORE_OK || (is_cached && slot->spoke))
        return rc;
    sqlite3_stmt *q = conn_stmt(db, STMT_STATION_SPOKE);
    bind_int(q, 1, *ret_num);
    rc = store_step_done(db, q);
    if (rc == STORE_OK && is_cached)
        slot->spoke = true;
    return rc;
}

void station_forget_cache(struct store_conn *db)
{
    memset(db->slot, 0, STATION_SLOTS * sizeof(*db->slot));
}

void tag_key_of(const char *id_tag, char key[TAG_KEY])
{
    size_t len = 0, characters = 0;
    for (const char *p = id_tag; *p != '\0' && len < 80; p++) {
        if (((unsigned char)*p & 0xC0) != 0x80 && characters++ == 20)
            break;
        key[len++] = (char)(*p >= 'a' && *p <= 'z' ? *p - 'a' + 'A' : *p);
    }
    key[len] = '\0';
}

/* Tells two different samples of one instant apart.  Stored: must not depend on the machine. */
int64_t digest64(const char *text)
{
    const unsigned char *at = (const unsigned char *)text;
    size_t left = strlen(text);
    uint64_t hash = UINT64_C(0x9AE16A3B2F90404F) ^ left;
    for (; left > 0; at += 8) {
        uint64_t word = 0;
        size_t n = left < 8 ? left : 8;
        if (n == 8)
            word = (uint64_t)at[0] | (uint64_t)at[1] << 8 | (uint64_t)at[2] << 16 |
                   (uint64_t)at[3] << 24 | (uint64_t)at[4] << 32 | (uint64_t)at[5] << 40 |
                   (uint64_t)at[6] << 48 | (uint64_t)at[7] << 56;
        for (size_t i = 0; i < n && n < 8; i++)
            word |= (uint64_t)at[i] << 8 * i;
        hash = (hash ^ word) * UINT64_C(0xD6E8FEB86659FD93);
        hash ^= hash >> 32;
        left -= n;
    }
    return (int64_t)(hash >> 1);
}
