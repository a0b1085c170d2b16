/* Opening, pragmas, prepared statements, error mapping. */
#include "storage/conn.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <fcntl.h>
#include <unistd.h>

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
        "tag-not-accepted",  "clock-offset",      "clock-wrong",   "time-missing",   "stop-before-start",
        "meter-backwards",   "meter-missing",     "meter-gap",     "late",           "provisional",
        "corrected",         "matched-orphan",    "power-implausible", "unknown-connector", "zone-missing",
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
        "PRAGMA journal_mode = WAL",        "PRAGMA synchronous = FULL",
        "PRAGMA foreign_keys = ON",         "PRAGMA wal_autocheckpoint = 4000",
        "PRAGMA journal_size_limit = 67108864", "PRAGMA cache_size = -32768",
        "PRAGMA temp_store = MEMORY",
    };
    sqlite3_busy_timeout(handle, 5000);
    for (size_t i = 0; i < sizeof(pragmas) / sizeof(pragmas[0]); i++) {
        int rc = sqlite3_exec(handle, pragmas[i], NULL, NULL, NULL);
        if (rc != SQLITE_OK)
            return rc;
    }
    return SQLITE_OK;
}

static int set_quota(sqlite3 *handle, int64_t max_bytes)
{
    char text[64];
    if (max_bytes <= 0)
        return SQLITE_OK;
    snprintf(text, sizeof(text), "PRAGMA max_page_count = %lld", (long long)(max_bytes / 4096));
    return sqlite3_exec(handle, text, NULL, NULL, NULL);
}

static int prepare_all(struct store_conn *db)
{
    for (int i = 0; i < STMT_COUNT; i++) {
        int rc = sqlite3_prepare_v3(db->handle, store_sql[i], -1, SQLITE_PREPARE_PERSISTENT, &db->stmt[i], NULL);
        if (rc != SQLITE_OK)
            return rc;
    }
    return SQLITE_OK;
}

/* SQLite would create it readable for others. */
static void create_private(const char *path)
{
    int fd = open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0600);
    if (fd >= 0)
        close(fd);
}

enum store_rc conn_open(struct store_conn *db, const char *path, int64_t max_bytes, char *ret_text,
                        size_t size)
{
    *db = (struct store_conn){ .handle = NULL };
    create_private(path);
    int rc = sqlite3_open_v2(path, &db->handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX,
                             NULL);
    if (rc == SQLITE_OK)
        rc = set_pragmas(db->handle);
    if (rc != SQLITE_OK) {
        snprintf(ret_text, size, "database %s: %s; check that the directory exists and is writable", path,
                 db->handle != NULL ? sqlite3_errmsg(db->handle) : "out of memory");
        conn_close(db);
        return STORE_IO;
    }
    enum store_rc migrated = migrate(db->handle, ret_text, size);
    if (migrated != STORE_OK) {
        conn_close(db);
        return migrated;
    }
    rc = set_quota(db->handle, max_bytes);
    if (rc == SQLITE_OK)
        rc = prepare_all(db);
    if (rc != SQLITE_OK) {
        snprintf(ret_text, size, "database %s: %s", path, sqlite3_errmsg(db->handle));
        conn_close(db);
        return STORE_IO;
    }
    return STORE_OK;
}

void conn_close(struct store_conn *db)
{
    for (int i = 0; i < STMT_COUNT; i++)
        sqlite3_finalize(db->stmt[i]);
    sqlite3_close(db->handle);
    *db = (struct store_conn){ .handle = NULL };
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

enum store_rc store_step_done(struct store_conn *db, sqlite3_stmt *q)
{
    int rc = sqlite3_step(q);
    (void)db;
    store_reset(q);
    return conn_map(rc);
}

enum store_rc store_step_row(struct store_conn *db, sqlite3_stmt *q)
{
    int rc = sqlite3_step(q);
    (void)db;
    if (rc == SQLITE_ROW)
        return STORE_OK;
    store_reset(q);
    return rc == SQLITE_DONE ? STORE_MISSING : conn_map(rc);
}

int64_t station_num(struct store_conn *db, const char *id)
{
    if (db->cached_num != 0 && strcmp(db->cached_id, id) == 0)
        return db->cached_num;
    sqlite3_stmt *q = conn_stmt(db, STMT_STATION_NUM);
    int64_t num = 0;
    bind_text(q, 1, id);
    if (store_step_row(db, q) == STORE_OK) {
        num = sqlite3_column_int64(q, 0);
        store_reset(q);
    }
    if (num != 0 && strlen(id) < sizeof(db->cached_id)) {
        snprintf(db->cached_id, sizeof(db->cached_id), "%s", id);
        db->cached_num = num;
    }
    return num;
}

void station_forget_cache(struct store_conn *db)
{
    db->cached_num = 0;
}

void tag_key_of(const char *id_tag, char key[84])
{
    size_t len = 0, characters = 0;
    for (const char *p = id_tag; *p != '\0' && len < 80; p++) {
        if (((unsigned char)*p & 0xC0) != 0x80 && characters++ == 20)
            break;
        key[len++] = (char)(*p >= 'a' && *p <= 'z' ? *p - 'a' + 'A' : *p);
    }
    key[len] = '\0';
}

/* FNV-1a: tells two different samples of one instant apart. */
int64_t digest64(const char *text)
{
    uint64_t h = UINT64_C(14695981039346656037);
    for (; *text != '\0'; text++)
        h = (h ^ (unsigned char)*text) * UINT64_C(1099511628211);
    return (int64_t)(h >> 1);
}
