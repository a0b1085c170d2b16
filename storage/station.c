/* Stations: what they say of themselves, their keys, their registration, their end. */
#include <stdio.h>
#include <string.h>

#include "storage/conn.h"

enum { CONNECTORS_MAX = 64 /* a station naming more is lying */ };

/* Runs an UPDATE or DELETE of one record; nothing touched means there is no such record. */
static enum store_rc touch(struct store_conn *db, sqlite3_stmt *q, union store_result *ret)
{
    enum store_rc rc = store_step_done(db, q);
    if (rc != STORE_OK)
        return rc;
    ret->count.n = sqlite3_changes64(db->handle);
    return ret->count.n > 0 ? STORE_OK : STORE_MISSING;
}

enum store_rc station_key_run(struct store_conn *db, const char *id, const uint8_t salt[16],
                              const uint8_t hash[32], union store_result *ret)
{
    sqlite3_stmt *q = conn_stmt(db, STMT_STATION_KEY);
    bind_text(q, 1, id);
    sqlite3_bind_blob(q, 2, salt, 16, SQLITE_STATIC);
    sqlite3_bind_blob(q, 3, hash, 32, SQLITE_STATIC);
    return touch(db, q, ret);
}

enum store_rc security_run(struct store_conn *db, const char *id, enum store_security step,
                           int32_t profile, const uint8_t salt[16], const uint8_t hash[32],
                           union store_result *ret)
{
    static const enum stmt statements[] = {
        [STORE_KEY_PENDING] = STMT_KEY_PENDING,
        [STORE_KEY_CONFIRMED] = STMT_STATION_KEY,
        [STORE_KEY_DROPPED] = STMT_KEY_DROPPED,
        [STORE_KEY_BACK] = STMT_KEY_BACK,
        [STORE_PROFILE_PENDING] = STMT_PROFILE_PENDING,
        [STORE_PROFILE_RAISED] = STMT_PROFILE_RAISED,
        [STORE_PROFILE_DROPPED] = STMT_PROFILE_DROPPED,
    };
    sqlite3_stmt *q = conn_stmt(db, statements[step]);
    bind_text(q, 1, id);
    if (step >= STORE_PROFILE_PENDING) {
        bind_int(q, 2, profile);
        return touch(db, q, ret);
    }
    if (step != STORE_KEY_BACK) {
        sqlite3_bind_blob(q, 2, salt, 16, SQLITE_STATIC);
        sqlite3_bind_blob(q, 3, hash, 32, SQLITE_STATIC);
    }
    return touch(db, q, ret);
}

/* Taken in unknown: seen again. */
static enum store_rc waiting_put(struct store_conn *db, const char *id, const char *address,
                                 int64_t at_ms, int64_t boots)
{
    sqlite3_stmt *q = conn_stmt(db, STMT_WAITING_PUT);
    bind_text(q, 1, id);
    bind_text(q, 2, address);
    bind_int(q, 3, at_ms);
    bind_int(q, 4, boots);
    return store_step_done(db, q);
}

static enum store_rc waiting_delete(struct store_conn *db, const char *id)
{
    sqlite3_stmt *q = conn_stmt(db, STMT_WAITING_DELETE);
    bind_text(q, 1, id);
    return store_step_done(db, q);
}

enum store_rc registration_run(struct store_conn *db, const char *id, int32_t registration,
                               union store_result *ret)
{
    sqlite3_stmt *q = conn_stmt(db, STMT_STATION_REGISTRATION);
    bind_text(q, 1, id);
    bind_int(q, 2, registration);
    enum store_rc rc = touch(db, q, ret);
    return rc == STORE_OK && registration == STORE_REG_ACCEPTED ? waiting_delete(db, id) : rc;
}

enum store_rc provision_run(struct store_conn *db, const char *id, int64_t now_ms,
                            union store_result *ret)
{
    sqlite3_stmt *q = conn_stmt(db, STMT_STATION_PROVISION);
    bind_text(q, 1, id);
    enum store_rc rc = touch(db, q, ret);
    if (rc != STORE_OK)
        return rc;
    q = conn_stmt(db, STMT_CONNECTOR_PROVISION);
    bind_text(q, 1, id);
    rc = store_step_done(db, q);
    return rc == STORE_OK ? waiting_put(db, id, NULL, now_ms, 0) : rc;
}

enum store_rc boot_run(struct store_conn *db, const struct store_boot *boot)
{
    int64_t station;
    enum store_rc rc = station_spoke(db, boot->station, &station);
    if (rc != STORE_OK)
        return rc;
    sqlite3_stmt *q = conn_stmt(db, STMT_STATION_BOOT);
    bind_int(q, 1, station);
    bind_text(q, 2, boot->vendor);
    bind_text(q, 3, boot->model);
    bind_text(q, 4, boot->serial);
    bind_text(q, 5, boot->firmware);
    bind_text(q, 6, boot->iccid);
    bind_text(q, 7, boot->imsi);
    bind_text(q, 8, boot->meter_type);
    bind_text(q, 9, boot->meter_serial);
    bind_int(q, 10, boot->at_ms);
    rc = store_step_done(db, q);
    return rc == STORE_OK && boot->registration != STORE_REG_ACCEPTED
               ? waiting_put(db, boot->station, boot->address, boot->at_ms, 1)
               : rc;
}

/* "vendor: code", as much as there is. */
static const char *vendor_error(const struct store_status *status, char *text, size_t size)
{
    if (status->vendor_id == NULL)
        return status->vendor_error_code;
    if (status->vendor_error_code == NULL)
        return status->vendor_id;
    snprintf(text, size, "%.250s: %.100s", status->vendor_id, status->vendor_error_code);
    return text;
}

/* Row 0 is the station as a whole.  A number that no station has is heard but not kept. */
enum store_rc status_run(struct store_conn *db, const struct store_status *status)
{
    char vendor[400];
    int64_t station;
    enum store_rc rc = station_spoke(db, status->station, &station);
    if (rc != STORE_OK || status->connector < 0 || status->connector > CONNECTORS_MAX)
        return rc;
    sqlite3_stmt *q = conn_stmt(db, STMT_CONNECTOR_STATUS);
    bind_int(q, 1, station);
    bind_int(q, 2, status->connector);
    bind_text(q, 3, status->status);
    bind_text(q, 4, status->error_code);
    bind_text(q, 5, status->info);
    bind_text(q, 6, vendor_error(status, vendor, sizeof(vendor)));
    bind_int(q, 7, status->status_at_ms);
    return store_step_done(db, q);
}

/* --- the end --- */

static enum store_rc run_for(struct store_conn *db, enum stmt which, int64_t station)
{
    sqlite3_stmt *q = conn_stmt(db, which);
    bind_int(q, 1, station);
    return store_step_done(db, q);
}

static enum store_rc has_sessions(struct store_conn *db, int64_t station, bool *ret_has)
{
    sqlite3_stmt *q = conn_stmt(db, STMT_STATION_SESSIONS);
    bind_int(q, 1, station);
    enum store_rc rc = store_step_row(db, q);
    *ret_has = rc == STORE_OK;
    if (rc == STORE_OK)
        store_reset(q);
    return rc == STORE_MISSING ? STORE_OK : rc;
}

/* Samples stay: they lie by time, and a number is never given to another station. */
static enum store_rc delete_all_of(struct store_conn *db, int64_t station)
{
    static const enum stmt steps[] = { STMT_LEASE_DELETE,     STMT_DECISION_DELETE,
                                       STMT_CONFIG_DELETE,    STMT_WISHES_DELETE,
                                       STMT_CONNECTOR_DELETE, STMT_STATION_DELETE };
    enum store_rc rc = STORE_OK;
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]) && rc == STORE_OK; i++)
        rc = run_for(db, steps[i], station);
    return rc;
}

/* Sessions are evidence: a station that has some stays, without a key. */
enum store_rc station_remove_run(struct store_conn *db, const char *id, union store_result *ret)
{
    int64_t station;
    bool has = false;
    enum store_rc rc = conn_station_find(db, id, &station);
    if (rc == STORE_OK)
        rc = has_sessions(db, station, &has);
    if (rc != STORE_OK)
        return rc;
    rc = has ? run_for(db, STMT_STATION_DECOMMISSION, station) : delete_all_of(db, station);
    /* Its leases stay, too: it may be brought back while they are in force. */
    if (rc == STORE_OK) {
        sqlite3_stmt *q = conn_stmt(db, STMT_LOCAL_LIST_DELETE);
        bind_text(q, 1, id);
        rc = store_step_done(db, q);
    }
    if (rc == STORE_OK)
        rc = waiting_delete(db, id);
    station_forget_cache(db);
    ret->count.n = 1;
    return rc;
}
