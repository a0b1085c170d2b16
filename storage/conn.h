/*
 * The write side's connection, for the files of this folder: prepared statements from one list,
 * errors mapped, nothing of SQLite beyond it.
 *
 * Writer thread only (in inline mode: the caller's).  Statements are found by name (enum stmt),
 * were prepared at open, and are reset by store_step_done() or store_reset().
 */
#ifndef STORAGE_CONN_H
#define STORAGE_CONN_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

#include "storage/store.h"

/* One row per statement of statements.c, in the same order. */
enum stmt {
    STMT_BEGIN,
    STMT_COMMIT,
    STMT_SAVEPOINT,
    STMT_RELEASE,
    STMT_BACK_TO_SAVEPOINT,
    STMT_PROBE_FILL,
    STMT_PROBE_EVENT,
    STMT_PROBE_CLEAR,
    STMT_STATION_NUM,
    STMT_STATION_GET,
    STMT_STATION_PUT,
    STMT_STATION_LIKE,
    STMT_STATION_KEY,
    STMT_KEY_PENDING,
    STMT_KEY_DROPPED,
    STMT_KEY_BACK,
    STMT_PROFILE_PENDING,
    STMT_PROFILE_RAISED,
    STMT_PROFILE_DROPPED,
    STMT_STATION_REGISTRATION,
    STMT_STATION_PROVISION,
    STMT_CONNECTOR_PROVISION,
    STMT_STATION_SESSIONS,
    STMT_STATION_DECOMMISSION,
    STMT_STATION_DELETE,
    STMT_STATION_BOOT,
    STMT_STATION_SPOKE,
    STMT_STATION_GONE,
    STMT_CONNECTOR_GET,
    STMT_CONNECTOR_PUT,
    STMT_CONNECTOR_STATUS,
    STMT_CONNECTOR_POINT,
    STMT_CONNECTOR_DELETE,
    STMT_EVSE_TWICE,
    STMT_NODE_GET,
    STMT_NODE_PUT,
    STMT_CAP_PUT,
    STMT_SERIES_EDITION,
    STMT_SERIES_QUARTER,
    STMT_GREEN_PUT,
    STMT_TAG_GET,
    STMT_TAG_PUT,
    STMT_TAG_DELETE,
    STMT_TAG_STATE,
    STMT_TAG_STATE_PUT,
    STMT_TAG_GONE_PUT,
    STMT_TAG_GONE_DELETE,
    STMT_TAG_GONE_OLDEST,
    STMT_TAG_GONE_PRUNE,
    STMT_TAG_RENUMBER,
    STMT_TAG_COUNT,
    STMT_LOCAL_LIST_PUT,
    STMT_LOCAL_LIST_DELETE,
    STMT_LOCAL_LISTS_FORGET,
    STMT_TARIFF_GET,
    STMT_TARIFF_PUT,
    STMT_TARIFF_KNOWN,
    STMT_TARIFF_VERSION,
    STMT_FACTOR_GET,
    STMT_FACTOR_PUT,
    STMT_TX_FIND,
    STMT_TX_INSERT,
    STMT_TX_LIVE,
    STMT_TX_OPEN_ON,
    STMT_TX_GET,
    STMT_TX_BY_TAG,
    STMT_TX_ENDED_BY,
    STMT_TX_END,
    STMT_TX_NOT_LIVE,
    STMT_TX_PREVIOUS_END,
    STMT_TX_STALE,
    STMT_TX_AT,
    STMT_TX_REGISTER,
    STMT_ORPHAN_INSERT,
    STMT_ORPHAN_MATCH,
    STMT_ORPHAN_DELETE,
    STMT_ORPHAN_BACK,
    STMT_METER_INSERT,
    STMT_METER_ATTACH,
    STMT_EVENT_INSERT,
    STMT_EVENT_PRUNE,
    STMT_EVENT_PRUNE_STATION,
    STMT_REFUSED_PUT,
    STMT_CONFIG_PUT,
    STMT_CONFIG_PRUNE,
    STMT_CONFIG_DELETE,
    STMT_LEASE_PUT,
    STMT_LEASE_PRUNE,
    STMT_LEASE_DELETE,
    STMT_LEASE_ACCEPTED,
    STMT_LEASE_REFUSED,
    STMT_LIFE_NEXT,
    STMT_LIFE_READ,
    STMT_LIFE_RENEW,
    STMT_LIFE_HISTORY,
    STMT_STATION_CLASS,
    STMT_EVIDENCE_PUT,
    STMT_EVIDENCE_CLEAR,
    STMT_DECISION_PUT,
    STMT_DECISION_ANSWER,
    STMT_DECISION_DELETE,
    STMT_DECISION_PRUNE,
    STMT_TX_PHASES,
    STMT_NEED_PUT,
    STMT_NEED_DELETE,
    STMT_TX_FIND_UNTIMED,
    STMT_REFUSED_PRUNE,
    STMT_EXPORT_INSERT,
    STMT_CDR_LAST,
    STMT_CDR_INSERT,
    STMT_CDR_LIVE,
    STMT_CDR_ALL,
    STMT_CDR_SESSION,
    STMT_PERIOD_LAST_CLOSED,
    STMT_CALL_INSERT,
    STMT_CALL_BEGIN,
    STMT_CALL_END,
    STMT_CALLS_LOST,
    STMT_CALL_PRUNE,
    STMT_RESERVATION_PUT,
    STMT_RESERVATION_USE,
    STMT_RESERVATION_USE_LATE,
    STMT_RESERVATION_PRUNE,
    STMT_PROFILE_PUT,
    STMT_PROFILE_REPLACED,
    STMT_PROFILE_FORGET,
    STMT_CERT_REQUEST_REPLACED,
    STMT_CERT_REQUEST_INSERT,
    STMT_CERT_REQUEST_PRUNE,
    STMT_CERT_REQUEST_CHANGE,
    STMT_CERT_REQUEST_SIGNED,
    STMT_CERT_PUT,
    STMT_CERT_SEEN,
    STMT_CERT_OLDER,
    STMT_CERT_STANDING,
    STMT_CERT_REVOKE,
    STMT_CERT_WARNED,
    STMT_CERT_INSTALLED_DELETE,
    STMT_CERT_INSTALLED_PUT,
    /* watch.c */
    STMT_SECURITY_SAME,
    STMT_SECURITY_INSERT,
    STMT_SECURITY_PRUNE,
    STMT_SECURITY_PRUNE_STATION,
    STMT_CONNECTION_OPEN,
    STMT_CONNECTION_PRUNE,
    STMT_CONNECTION_CLOSE,
    STMT_CONNECTIONS_LOST,
    STMT_REFUSED_CLEAR,
    STMT_TOKEN_PUT,
    STMT_TOKEN_DELETE,
    STMT_TEMPLATE_GET,
    STMT_TEMPLATE_PUT,
    STMT_TEMPLATE_DELETE,
    STMT_WISHES_DELETE,
    STMT_WISH_PUT,
    STMT_VIOLATION_ADD,
    STMT_VIOLATION_PRUNE,
    STMT_WAITING_PUT,
    STMT_WAITING_DELETE,
    /* files */
    STMT_FIRMWARE_PUT,
    STMT_FILE_JOB_PUT,
    STMT_FILE_JOB_PRUNE,
    STMT_FILE_FORGET,
    STMT_ROLLOUT_PUT,
    STMT_ROLLOUT_TARGET_PUT,
    STMT_COUNT /* one more than the last */
};

#define TAG_KEY 84 /* bytes of the key of an idTag: 20 characters and a NUL */

/* A station whose number is known; messages name it by its id. */
struct station_slot {
    char id[56];
    int64_t num; /* 0 = empty */
    bool spoke;  /* its connectors are marked as commissioned */
};

struct store_conn {
    sqlite3 *handle;
    sqlite3_stmt *stmt[STMT_COUNT];
    int lock_fd;
    char error[100]; /* SQLite's words for the last failure */
    struct station_slot *slot;
    bool leased;        /* the transaction gives leases, or renews the life: the mark follows */
    bool renewed;       /* it renews the life */
    int64_t longest_ms; /* of the leases given */
};

/* Open read-write, set pragmas, migrate, prepare.  On failure nothing stays open. */
enum store_rc conn_open(struct store_conn *db, const char *path, int64_t max_bytes, char *ret_text,
                        size_t size);
void conn_close(struct store_conn *db);
enum store_rc conn_map(int sqlite_rc);

sqlite3_stmt *conn_stmt(struct store_conn *db, enum stmt which);
/* NULL and STORE_ABSENT become SQL NULL. */
void bind_text(sqlite3_stmt *q, int i, const char *text);
void bind_int(sqlite3_stmt *q, int i, int64_t value);
int64_t column_int(sqlite3_stmt *q, int i);      /* STORE_ABSENT for SQL NULL */
const char *column_text(sqlite3_stmt *q, int i); /* NULL for SQL NULL; valid until the next step */

/* Run a statement that gives no row; resets and clears. */
enum store_rc store_step_done(struct store_conn *db, sqlite3_stmt *q);
/* STORE_OK: a row stands in q (reset it yourself); STORE_MISSING: none, q is reset. */
enum store_rc store_step_row(struct store_conn *db, sqlite3_stmt *q);
void store_reset(sqlite3_stmt *q);

/* Number of a station; STORE_MISSING if unknown. */
enum store_rc conn_station_find(struct store_conn *db, const char *id, int64_t *ret_num);
/* The same for what a station says: from its first word on it counts as commissioned. */
enum store_rc station_spoke(struct store_conn *db, const char *id, int64_t *ret_num);
/* After a rollback, and when stations or connectors were changed. */
void station_forget_cache(struct store_conn *db);

/* migrate.c */
extern const int store_schema_version;
/* Bring an empty or older database to a version (tests: to an old one). */
enum store_rc migrate_to(sqlite3 *handle, int version, char *ret_text, size_t size);

/* statements.c */
extern const char *const store_sql[STMT_COUNT];

/*
 * What a job does in the writer's transaction; one file per family.  STORE_MISSING promises that
 * nothing was written; after any other failure the job is rolled back.
 */
enum store_rc apply_run(struct store_conn *db, const struct store_site *site,
                        union store_result *ret_result, char **ret_memory);
enum store_rc station_remove_run(struct store_conn *db, const char *id,
                                 union store_result *ret_result);
enum store_rc station_key_run(struct store_conn *db, const char *id, const uint8_t salt[16],
                              const uint8_t hash[32], union store_result *ret_result);
enum store_rc security_run(struct store_conn *db, const char *id, enum store_security step,
                           int32_t profile, const uint8_t salt[16], const uint8_t hash[32],
                           union store_result *ret_result);
enum store_rc registration_run(struct store_conn *db, const char *id, int32_t registration,
                               union store_result *ret_result);
enum store_rc provision_run(struct store_conn *db, const char *id, int64_t now_ms,
                            union store_result *ret);
enum store_rc boot_run(struct store_conn *db, const struct store_boot *boot);
enum store_rc status_run(struct store_conn *db, const struct store_status *status);
enum store_rc tag_remove_run(struct store_conn *db, const char *id_tag,
                             union store_result *ret_result);
enum store_rc tag_state_read(struct store_conn *db, struct store_tag_state *ret_state);
enum store_rc tag_state_write(struct store_conn *db, const struct store_tag_state *state);
/* At open: when half of the numbers are used, tags are numbered anew and lists begin again. */
enum store_rc tag_renumber(struct store_conn *db);
enum store_rc local_list_run(struct store_conn *db, const struct store_local_list *list);
enum store_rc tx_start_run(struct store_conn *db, const struct store_tx_start *tx,
                           union store_result *ret_result);
enum store_rc tx_stop_run(struct store_conn *db, const struct store_tx_stop *tx,
                          union store_result *ret_result);
enum store_rc tx_close_run(struct store_conn *db, int64_t tx_id, const char *who,
                           const char *reason, int64_t at_ms, union store_result *ret_result);
enum store_rc close_stale_run(struct store_conn *db, int64_t before_ms, int64_t now_ms,
                              union store_result *ret_result);
enum store_rc meter_run(struct store_conn *db, const struct store_meter *row, size_t n,
                        union store_result *ret_result);
enum store_rc event_run(struct store_conn *db, const struct store_event *event);
/** Behind an insert, now and then: what the station has too much of goes, by the statement. */
enum store_rc event_prune(struct store_conn *db, enum stmt old, const char *station);
enum store_rc refused_run(struct store_conn *db, const struct store_refused *refused);
enum store_rc config_run(struct store_conn *db, const char *station,
                         const struct store_config_key *key, size_t n, int64_t at_ms);
enum store_rc lease_run(struct store_conn *db, const struct store_lease *lease);
enum store_rc station_class_run(struct store_conn *db, const char *station, int32_t class);
enum store_rc evidence_run(struct store_conn *db, const struct store_evidence *evidence);
enum store_rc decision_run(struct store_conn *db, const struct store_decision *decision);
enum store_rc lease_outcome_run(struct store_conn *db, const struct store_lease_outcome *outcome);
enum store_rc need_run(struct store_conn *db, const struct store_need *need,
                       union store_result *ret_result);
enum store_rc need_clear_run(struct store_conn *db, int64_t tx_id, union store_result *ret_result);
enum store_rc tx_phases_run(struct store_conn *db, int64_t tx_id, int64_t phases);
enum store_rc point_run(struct store_conn *db, const char *station, int32_t connector,
                        int32_t safe_confirmed_ma, int32_t class);
enum store_rc export_run_run(struct store_conn *db, const char *kind, const char *period,
                             const char *sha256, int64_t rows, int64_t at_ms);

enum store_rc call_asked_run(struct store_conn *db, const struct store_call *call,
                             union store_result *ret_result);
enum store_rc call_begun_run(struct store_conn *db, int64_t id);
enum store_rc call_ended_run(struct store_conn *db, const struct store_call *call);
enum store_rc calls_lost_run(struct store_conn *db, int64_t at_ms);
enum store_rc reservation_run(struct store_conn *db, const struct store_reservation *r);
/* A session has begun with it; part of its start. */
enum store_rc reservation_use(struct store_conn *db, int64_t num, int64_t tx_id, int64_t at_ms);
/* The same for a start that comes so late that it was taken for expired. */
enum store_rc reservation_use_late(struct store_conn *db, const struct store_tx_start *tx,
                                   int64_t tx_id);
enum store_rc cap_run(struct store_conn *db, const struct store_cap *cap);
enum store_rc series_run(struct store_conn *db, const struct store_edition *edition,
                         const struct store_quarter *quarter, size_t n, int64_t *ret_edition);
enum store_rc green_run(struct store_conn *db, const struct store_green_session *green);
enum store_rc profile_run(struct store_conn *db, const struct store_profile *profile);
enum store_rc profile_forget_run(struct store_conn *db, const struct store_profile_filter *filter);
/* files */
enum store_rc firmware_run(struct store_conn *db, const struct store_firmware *f);
enum store_rc file_job_run(struct store_conn *db, const struct store_file_job *j);
enum store_rc file_forget_run(struct store_conn *db, const char *file, union store_result *ret);
enum store_rc rollout_run(struct store_conn *db, const struct store_rollout *row,
                          const struct store_rollout_target *target, size_t n);

/* certificates */
enum store_rc cert_request_run(struct store_conn *db, const struct store_cert_request *request,
                               union store_result *ret_result);
/* number: request, from, to, at_ms; text: who, why, note. */
enum store_rc cert_change_run(struct store_conn *db, const int64_t number[4],
                              const char *const text[3], union store_result *ret_result);
enum store_rc cert_signed_run(struct store_conn *db, const struct store_certificate *certificate,
                              const char *chain, union store_result *ret_result);
enum store_rc certificate_run(struct store_conn *db, const struct store_certificate *certificate,
                              union store_result *ret_result);
enum store_rc cert_seen_run(struct store_conn *db, const struct store_certificate *certificate,
                            int64_t at_ms, union store_result *ret_result);
enum store_rc cert_revoke_run(struct store_conn *db, const char *fingerprint, const char *note,
                              int64_t at_ms, union store_result *ret_result);
enum store_rc cert_warned_run(struct store_conn *db, const char *fingerprint, int64_t days,
                              union store_result *ret_result);
enum store_rc cert_installed_run(struct store_conn *db, const char *station, const char *type,
                                 const struct store_installed *list, size_t n, int64_t at_ms);

/* life.c */
struct life {
    char identity[33];
    int64_t number; /* of leases given */
    int64_t doubt_until_ms;
};
enum store_rc life_read(struct store_conn *db, struct life *ret_life);
/* Has somebody charged, has a station spoken? */
enum store_rc life_has_history(struct store_conn *db, bool *ret_has);
enum store_rc life_leased(struct store_conn *db, const struct store_lease *lease);
enum store_rc life_renew_run(struct store_conn *db, int64_t doubt_until_ms);

/* watch.c */
enum store_rc security_event_run(struct store_conn *db, const struct store_security_event *security,
                                 union store_result *ret_result);
enum store_rc connection_opened_run(struct store_conn *db, const struct store_connection *c);
enum store_rc connection_closed_run(struct store_conn *db, const struct store_connection *c);
enum store_rc connections_lost_run(struct store_conn *db, int64_t at_ms);
enum store_rc token_run(struct store_conn *db, const struct store_token *token);
enum store_rc token_remove_run(struct store_conn *db, const char *name, union store_result *ret);
enum store_rc refused_clear_run(struct store_conn *db, const char *identity,
                                union store_result *ret_result);
/* configuration as wanted, deviations by model */
enum store_rc template_remove_run(struct store_conn *db, const char *id, union store_result *ret);
enum store_rc wishes_run(struct store_conn *db, const char *station,
                         const struct store_key_wish *wish, size_t n);
enum store_rc violations_run(struct store_conn *db, const struct store_violation *list, size_t n);

/* Upper-cased key of an idTag: tags match without regard to case, the first 20 characters count. */
void tag_key_of(const char *id_tag, char key[TAG_KEY]);
int64_t digest64(const char *text);

#endif
