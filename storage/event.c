/* What an operator may look for: events, refused connections, reported configuration, exports. */
#include "storage/conn.h"

enum { PRUNE_EVERY = 256 };

enum store_rc event_prune(struct store_conn *db, enum stmt old, const char *station)
{
    /* Who writes most meets it most. */
    if (station == NULL || station[0] == '\0' ||
        sqlite3_last_insert_rowid(db->handle) % PRUNE_EVERY != 0)
        return STORE_OK;
    sqlite3_stmt *q = conn_stmt(db, old);
    bind_text(q, 1, station);
    return store_step_done(db, q);
}

enum store_rc event_run(struct store_conn *db, const struct store_event *event)
{
    sqlite3_stmt *q = conn_stmt(db, STMT_EVENT_INSERT);
    bind_int(q, 1, event->at_ms);
    bind_text(q, 2, event->name);
    bind_int(q, 3, event->severity);
    bind_text(q, 4, event->station);
    bind_int(q, 5, event->connector);
    bind_text(q, 6, event->text != NULL ? event->text : "");
    enum store_rc rc = store_step_done(db, q);
    return rc == STORE_OK ? event_prune(db, STMT_EVENT_PRUNE_STATION, event->station) : rc;
}

enum store_rc refused_run(struct store_conn *db, const struct store_refused *refused)
{
    sqlite3_stmt *q = conn_stmt(db, STMT_REFUSED_PUT);
    bind_text(q, 1, refused->identity);
    bind_text(q, 2, refused->reason);
    bind_text(q, 3, refused->detail != NULL ? refused->detail : "");
    bind_text(q, 4, refused->address != NULL ? refused->address : "");
    bind_int(q, 5, refused->at_ms);
    return store_step_done(db, q);
}

enum store_rc config_run(struct store_conn *db, const char *station,
                         const struct store_config_key *key, size_t n, int64_t at_ms)
{
    int64_t num;
    enum store_rc rc = conn_station_find(db, station, &num);
    for (size_t i = 0; i < n && rc == STORE_OK; i++) {
        sqlite3_stmt *q = conn_stmt(db, STMT_CONFIG_PUT);
        bind_int(q, 1, num);
        bind_text(q, 2, key[i].key);
        bind_text(q, 3, key[i].value);
        bind_int(q, 4, key[i].readonly);
        bind_int(q, 5, key[i].known);
        bind_int(q, 6, at_ms);
        rc = store_step_done(db, q);
    }
    if (rc != STORE_OK)
        return rc;
    sqlite3_stmt *q = conn_stmt(db, STMT_CONFIG_PRUNE);
    bind_int(q, 1, num);
    return store_step_done(db, q);
}

enum store_rc export_run_run(struct store_conn *db, const char *kind, const char *period,
                             const char *sha256, int64_t rows, int64_t at_ms)
{
    sqlite3_stmt *q = conn_stmt(db, STMT_EXPORT_INSERT);
    bind_text(q, 1, kind);
    bind_text(q, 2, period);
    bind_text(q, 3, sha256);
    bind_int(q, 4, rows);
    bind_int(q, 5, at_ms);
    return store_step_done(db, q);
}
