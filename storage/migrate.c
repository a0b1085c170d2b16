/*
 * The schema, as numbered migrations.  A file is brought to the newest version at open, each step
 * in a transaction of its own.  Steps are never edited once released: add one at the end.
 *
 * Units stand in column names: _ms UTC milliseconds, _ma milliampere, _wh, _uwh, _e4, _e6, _bp.
 */
#include <stdio.h>
#include <string.h>

#include "storage/conn.h"

/* 1: what the operator configures, what stations say */
static const char *const version_1[] = {
    "CREATE TABLE grid_node (id TEXT PRIMARY KEY, parent TEXT REFERENCES grid_node(id), name TEXT"
    " NOT NULL, limit1_ma INTEGER NOT NULL, limit2_ma INTEGER NOT NULL, limit3_ma INTEGER NOT"
    " NULL, foreign1_ma INTEGER NOT NULL, foreign2_ma INTEGER NOT NULL, foreign3_ma INTEGER NOT"
    " NULL, single_max_ma INTEGER NOT NULL, place INTEGER NOT NULL) STRICT",
    "CREATE TABLE station (num INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE,"
    " security_profile INTEGER NOT NULL CHECK (security_profile BETWEEN 0 AND 3), grid_node TEXT"
    " REFERENCES grid_node(id), wiring TEXT NOT NULL, rating_ma INTEGER NOT NULL, safe_ma INTEGER"
    " NOT NULL, min_ma INTEGER NOT NULL, weight INTEGER NOT NULL, class INTEGER NOT NULL, tariff"
    " TEXT, operator_id TEXT, district TEXT, street TEXT, house_no TEXT, postcode TEXT, city"
    " TEXT, lat_e7 INTEGER, lon_e7 INTEGER, meter_serial TEXT, strict INTEGER NOT NULL,"
    " lax_subprotocol INTEGER NOT NULL, registration INTEGER NOT NULL DEFAULT 1 CHECK"
    " (registration BETWEEN 1 AND 3), decommissioned INTEGER NOT NULL DEFAULT 0, key_salt BLOB,"
    " key_hash BLOB, vendor TEXT, model TEXT, serial TEXT, firmware TEXT, iccid TEXT, imsi TEXT,"
    " booted_at_ms INTEGER, seen_at_ms INTEGER) STRICT",
    "CREATE TABLE connector (station INTEGER NOT NULL REFERENCES station(num), connector INTEGER"
    " NOT NULL, evse_id TEXT, max_w INTEGER NOT NULL DEFAULT 0, status TEXT, error_code TEXT,"
    " info TEXT, vendor_error TEXT, status_at_ms INTEGER, PRIMARY KEY (station, connector))"
    " STRICT, WITHOUT ROWID",
    "CREATE TABLE tag (key TEXT PRIMARY KEY, id_tag TEXT NOT NULL, parent TEXT, customer TEXT,"
    " auth_kind TEXT, status INTEGER NOT NULL CHECK (status BETWEEN 1 AND 2), expires_at_ms"
    " INTEGER, single_session INTEGER NOT NULL) STRICT, WITHOUT ROWID",
    "CREATE TABLE tariff (id TEXT NOT NULL, version INTEGER NOT NULL, valid_from_ms INTEGER NOT"
    " NULL, currency TEXT NOT NULL, tax_included INTEGER NOT NULL, vat_bp INTEGER NOT NULL,"
    " price_e4_per_kwh INTEGER NOT NULL, flat_cents INTEGER NOT NULL, blocking_after_s INTEGER"
    " NOT NULL, blocking_e4_per_min INTEGER NOT NULL, blocking_from_min INTEGER NOT NULL,"
    " blocking_to_min INTEGER NOT NULL, blocking_cap_cents INTEGER NOT NULL, alt_text_de TEXT,"
    " alt_text_en TEXT, PRIMARY KEY (id, version)) STRICT, WITHOUT ROWID",
    "CREATE TABLE session (tx_id INTEGER PRIMARY KEY AUTOINCREMENT, station INTEGER NOT NULL"
    " REFERENCES station(num), connector INTEGER NOT NULL, id_tag TEXT NOT NULL, tag_key TEXT NOT"
    " NULL, auth_status INTEGER NOT NULL, auth_kind TEXT, customer TEXT, reservation_id INTEGER,"
    " meter_start_wh INTEGER NOT NULL, start_station_ms INTEGER NOT NULL, started_at_ms INTEGER"
    " NOT NULL, received_start_ms INTEGER NOT NULL, meter_stop_wh INTEGER, stop_station_ms"
    " INTEGER, stopped_at_ms INTEGER, received_stop_ms INTEGER, stop_tag TEXT, reason TEXT, state"
    " INTEGER NOT NULL CHECK (state BETWEEN 1 AND 3), flags INTEGER NOT NULL, tariff TEXT,"
    " tariff_version INTEGER, last_register_uwh INTEGER, last_sample_ms INTEGER, close_note TEXT)"
    " STRICT",
    "CREATE UNIQUE INDEX session_natural ON session (station, connector, start_station_ms,"
    " id_tag, meter_start_wh)",
    "CREATE INDEX session_active ON session (station, connector, started_at_ms) WHERE state = 1",
    "CREATE INDEX session_by_end ON session (stopped_at_ms)",
    "CREATE INDEX session_of_connector ON session (station, connector, stopped_at_ms)",
    "CREATE TABLE orphan_stop (id INTEGER PRIMARY KEY AUTOINCREMENT, station INTEGER NOT NULL"
    " REFERENCES station(num), tx_id INTEGER NOT NULL, id_tag TEXT, tag_key TEXT, meter_stop_wh"
    " INTEGER NOT NULL, station_ms INTEGER NOT NULL, stopped_at_ms INTEGER NOT NULL, received_ms"
    " INTEGER NOT NULL, reason TEXT, flags INTEGER NOT NULL) STRICT",
    "CREATE UNIQUE INDEX orphan_once ON orphan_stop (station, tx_id, station_ms, meter_stop_wh)",
    "CREATE TABLE meter (station INTEGER NOT NULL, sampled_at_ms INTEGER NOT NULL, connector"
    " INTEGER NOT NULL, tx_id INTEGER NOT NULL, digest INTEGER NOT NULL, session INTEGER NOT"
    " NULL, received_at_ms INTEGER NOT NULL, register_uwh INTEGER, power_mw INTEGER, current1_ma"
    " INTEGER, current2_ma INTEGER, current3_ma INTEGER, soc_pct INTEGER, raw TEXT NOT NULL,"
    " PRIMARY KEY (station, sampled_at_ms, connector, tx_id, digest)) STRICT, WITHOUT ROWID",
    "CREATE TABLE event (seq INTEGER PRIMARY KEY AUTOINCREMENT, at_ms INTEGER NOT NULL, name TEXT"
    " NOT NULL, severity INTEGER NOT NULL, station TEXT, connector INTEGER NOT NULL, text TEXT"
    " NOT NULL) STRICT",
    "CREATE TABLE refused (identity TEXT NOT NULL, reason TEXT NOT NULL, detail TEXT NOT NULL,"
    " address TEXT NOT NULL, count INTEGER NOT NULL, first_at_ms INTEGER NOT NULL, last_at_ms"
    " INTEGER NOT NULL, PRIMARY KEY (identity, reason)) STRICT, WITHOUT ROWID",
    "CREATE TABLE station_config (station INTEGER NOT NULL REFERENCES station(num), key TEXT NOT"
    " NULL COLLATE NOCASE, value TEXT, readonly INTEGER NOT NULL, known INTEGER NOT NULL, at_ms"
    " INTEGER NOT NULL, PRIMARY KEY (station, key)) STRICT, WITHOUT ROWID",
    NULL,
};

/* 2: the ledger of charge detail records, emission factors, exports */
static const char *const version_2[] = {
    "CREATE TABLE cdr (no INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL CHECK"
    " (kind IN ('normal', 'late', 'credit', 'replacement')), ref_no INTEGER NOT NULL, tx_id"
    " INTEGER NOT NULL REFERENCES session(tx_id), booking_period TEXT NOT NULL, service_period"
    " TEXT NOT NULL, started_at_ms INTEGER NOT NULL, stopped_at_ms INTEGER NOT NULL,"
    " meter_start_wh INTEGER, meter_stop_wh INTEGER, energy_wh INTEGER NOT NULL, energy_cents"
    " INTEGER NOT NULL, blocking_min INTEGER NOT NULL, blocking_cents INTEGER NOT NULL,"
    " other_cents INTEGER NOT NULL, gross_cents INTEGER NOT NULL, net_cents INTEGER NOT NULL,"
    " vat_cents INTEGER NOT NULL, vat_bp INTEGER NOT NULL, price_e4_per_kwh INTEGER NOT NULL,"
    " currency TEXT NOT NULL, tariff TEXT, tariff_version INTEGER, value_state TEXT NOT NULL,"
    " meter_serial TEXT, flags INTEGER NOT NULL,"
    /* Copied, as a closed month must not change when the configuration does. */
    " evse_id TEXT, district TEXT, operator_id TEXT, reason TEXT, created_at_ms INTEGER NOT NULL,"
    " prev_hash TEXT NOT NULL, hash TEXT NOT NULL, CHECK (gross_cents = net_cents + vat_cents))"
    " STRICT",
    "CREATE INDEX cdr_period ON cdr (booking_period, no)",
    "CREATE INDEX cdr_service ON cdr (service_period)",
    "CREATE INDEX cdr_session ON cdr (tx_id, no)",
    "CREATE TRIGGER cdr_never_changes BEFORE UPDATE ON cdr BEGIN SELECT RAISE(ABORT, 'a CDR never"
    " changes'); END",
    "CREATE TRIGGER cdr_never_goes BEFORE DELETE ON cdr BEGIN SELECT RAISE(ABORT, 'a CDR never"
    " goes'); END",
    /* No gaps; nothing enters a closed month; one first record per session, one credit and one
       replacement per record: so at most one record of a session is live. */
    "CREATE UNIQUE INDEX cdr_first ON cdr (tx_id) WHERE kind IN ('normal', 'late')",
    "CREATE UNIQUE INDEX cdr_reference ON cdr (ref_no, kind) WHERE ref_no > 0",
    "CREATE TRIGGER cdr_has_next_number BEFORE INSERT ON cdr WHEN NEW.no <> (SELECT"
    " coalesce(max(no), 0) + 1 FROM cdr) BEGIN SELECT RAISE(ABORT, 'numbers have no gaps'); END",
    "CREATE TRIGGER cdr_month_is_open BEFORE INSERT ON cdr WHEN EXISTS (SELECT 1 FROM period"
    " WHERE month = NEW.booking_period AND state <> 'open') BEGIN SELECT RAISE(ABORT, 'the month"
    " is closed'); END",
    "CREATE TABLE period (month TEXT PRIMARY KEY, state TEXT NOT NULL CHECK (state IN ('open',"
    " 'closed'))) STRICT, WITHOUT ROWID",
    "CREATE TABLE factor (kind TEXT NOT NULL, year INTEGER NOT NULL, low_e6 INTEGER NOT NULL,"
    " mid_e6 INTEGER NOT NULL, high_e6 INTEGER NOT NULL, unit TEXT NOT NULL, state TEXT NOT NULL,"
    " source TEXT NOT NULL, revised TEXT, PRIMARY KEY (kind, year)) STRICT, WITHOUT ROWID",
    "CREATE TABLE export_run (id INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, period"
    " TEXT NOT NULL, sha256 TEXT NOT NULL, rows INTEGER NOT NULL, at_ms INTEGER NOT NULL) STRICT",
    NULL,
};

/* 3: what the scheduler must not forget */
static const char *const version_3[] = {
    "ALTER TABLE connector ADD COLUMN commissioned INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE connector ADD COLUMN safe_confirmed_ma INTEGER NOT NULL DEFAULT -1",
    "CREATE TABLE lease (station INTEGER NOT NULL REFERENCES station(num), connector INTEGER NOT"
    " NULL, seq INTEGER NOT NULL, tx_id INTEGER NOT NULL, limit_ma INTEGER NOT NULL, safe_ma"
    " INTEGER NOT NULL, start_at_ms INTEGER NOT NULL, end_at_ms INTEGER NOT NULL, at_ms INTEGER"
    " NOT NULL, PRIMARY KEY (station, connector, at_ms, seq)) STRICT, WITHOUT ROWID",
    NULL,
};

/*
 * 4: ways to sessions and nodes for readers; what stations say of their meters, apart from what
 * the operator says; room that is written to see whether a full disk has recovered
 */
static const char *const version_4[] = {
    "ALTER TABLE station ADD COLUMN meter_type TEXT",
    "ALTER TABLE station ADD COLUMN told_meter_serial TEXT",
    "ALTER TABLE connector ADD COLUMN learnt_class INTEGER NOT NULL DEFAULT -1",
    "DROP INDEX session_by_end",
    "CREATE INDEX session_by_time ON session (coalesce(stopped_at_ms, started_at_ms))",
    "CREATE INDEX session_by_station ON session (station)",
    "CREATE INDEX session_by_tag ON session (tag_key)",
    "CREATE INDEX session_doubtful ON session (tx_id) WHERE flags <> 0",
    "CREATE INDEX grid_node_below ON grid_node (parent, place)",
    "CREATE TABLE probe (id INTEGER PRIMARY KEY, filler BLOB NOT NULL) STRICT",
    /* What changes with every sample, apart from what does not: 13 pages for 2,000 sessions, not
     * 130. */
    "CREATE TABLE session_live (tx_id INTEGER PRIMARY KEY REFERENCES session(tx_id), station"
    " INTEGER NOT NULL, register_uwh INTEGER, sample_ms INTEGER, phases INTEGER NOT NULL"
    " DEFAULT 0) STRICT",
    "INSERT INTO session_live (tx_id, station, register_uwh, sample_ms) SELECT tx_id, station, last_register_uwh, last_sample_ms"
    " FROM session WHERE state = 1",
    /* Columns in the order of the key: integrity_check of SQLite 3.40 sees NULLs otherwise. */
    "CREATE TABLE lease_by_key (station INTEGER NOT NULL REFERENCES station(num), connector"
    " INTEGER NOT NULL, at_ms INTEGER NOT NULL, seq INTEGER NOT NULL, tx_id INTEGER NOT NULL,"
    " limit_ma INTEGER NOT NULL, safe_ma INTEGER NOT NULL, start_at_ms INTEGER NOT NULL, end_at_ms"
    " INTEGER NOT NULL, PRIMARY KEY (station, connector, at_ms, seq)) STRICT, WITHOUT ROWID",
    "INSERT INTO lease_by_key SELECT station, connector, at_ms, seq, tx_id, limit_ma, safe_ma,"
    " start_at_ms, end_at_ms FROM lease",
    "DROP TABLE lease",
    "ALTER TABLE lease_by_key RENAME TO lease",
    /* Samples in the order of their arrival: a commit that holds samples of many stations then
     * touches few pages (2 us per row instead of 25 with a page per station). */
    "ALTER TABLE meter RENAME TO meter_by_station",
    "CREATE TABLE meter (id INTEGER PRIMARY KEY, station INTEGER NOT NULL, sampled_at_ms INTEGER"
    " NOT NULL, connector INTEGER NOT NULL, tx_id INTEGER NOT NULL, digest INTEGER NOT NULL,"
    " session INTEGER NOT NULL, received_at_ms INTEGER NOT NULL, register_uwh INTEGER, power_mw"
    " INTEGER, current1_ma INTEGER, current2_ma INTEGER, current3_ma INTEGER, soc_pct INTEGER,"
    " raw TEXT NOT NULL) STRICT",
    "INSERT INTO meter (station, sampled_at_ms, connector, tx_id, digest, session,"
    " received_at_ms, register_uwh, power_mw, current1_ma, current2_ma, current3_ma, soc_pct,"
    " raw) SELECT station, sampled_at_ms, connector, tx_id, digest, session, received_at_ms,"
    " register_uwh, power_mw, current1_ma, current2_ma, current3_ma, soc_pct, raw"
    " FROM meter_by_station ORDER BY received_at_ms, station",
    "DROP TABLE meter_by_station",
    "CREATE UNIQUE INDEX meter_once ON meter (sampled_at_ms, station, connector, tx_id, digest)",
    NULL,
};

/* 5: all of OCPP 1.6 */
static const char *const version_5[] = {
    /* what operators ask of stations */
    "CREATE TABLE call_log (id INTEGER PRIMARY KEY AUTOINCREMENT, station TEXT NOT NULL, action"
    " TEXT NOT NULL, payload TEXT NOT NULL, is_whole INTEGER NOT NULL, who TEXT NOT NULL, why TEXT"
    " NOT NULL, asked_at_ms INTEGER NOT NULL, until_ms INTEGER, timeout_ms INTEGER NOT NULL,"
    " sent_at_ms INTEGER, finished_at_ms INTEGER, outcome INTEGER NOT NULL, answer TEXT) STRICT",
    "CREATE INDEX call_log_of_station ON call_log (station, id)",
    "CREATE INDEX call_log_open ON call_log (id) WHERE outcome <= 2",
    "CREATE TABLE reservation (num INTEGER PRIMARY KEY, station TEXT NOT NULL, id INTEGER NOT"
    " NULL, connector INTEGER NOT NULL, id_tag TEXT NOT NULL, parent TEXT, expires_at_ms INTEGER"
    " NOT NULL, state INTEGER NOT NULL, who TEXT NOT NULL, why TEXT NOT NULL, note TEXT NOT NULL,"
    " asked_at_ms INTEGER NOT NULL, changed_at_ms INTEGER NOT NULL, tx_id INTEGER NOT NULL) STRICT",
    "CREATE INDEX reservation_live ON reservation (num) WHERE state <= 2",
    "CREATE INDEX reservation_of_station ON reservation (station, num)",
    "CREATE TABLE installed_profile (station TEXT NOT NULL, id INTEGER NOT NULL, connector INTEGER"
    " NOT NULL, purpose TEXT NOT NULL, stack_level INTEGER NOT NULL, tx_id INTEGER NOT NULL, json"
    " TEXT NOT NULL, at_ms INTEGER NOT NULL, PRIMARY KEY (station, id)) STRICT, WITHOUT ROWID",
    /* certificates */
    "CREATE TABLE cert_request (id INTEGER PRIMARY KEY AUTOINCREMENT, station TEXT NOT NULL, csr"
    " TEXT NOT NULL, subject TEXT NOT NULL, cn TEXT NOT NULL, key TEXT NOT NULL, state INTEGER NOT"
    " NULL, renewal INTEGER NOT NULL, asked_at_ms INTEGER NOT NULL, changed_at_ms INTEGER NOT"
    " NULL, who TEXT NOT NULL, why TEXT NOT NULL, note TEXT NOT NULL, chain TEXT, fingerprint"
    " TEXT) STRICT",
    "CREATE INDEX cert_request_open ON cert_request (station) WHERE state <= 3",
    "CREATE INDEX cert_request_of_station ON cert_request (station, id)",
    "CREATE TABLE certificate (fingerprint TEXT PRIMARY KEY, kind INTEGER NOT NULL, station TEXT,"
    " subject TEXT NOT NULL, issuer TEXT NOT NULL, cn TEXT NOT NULL, serial TEXT NOT NULL, key"
    " TEXT NOT NULL, not_before_ms INTEGER NOT NULL, not_after_ms INTEGER NOT NULL, pem TEXT NOT"
    " NULL, request INTEGER NOT NULL, added_at_ms INTEGER NOT NULL, seen_at_ms INTEGER,"
    " replaced_at_ms INTEGER, revoked_at_ms INTEGER, note TEXT NOT NULL, warned_days INTEGER NOT"
    " NULL DEFAULT 1000) STRICT, WITHOUT ROWID",
    "CREATE INDEX certificate_of_station ON certificate (station)",
    "CREATE INDEX certificate_by_end ON certificate (not_after_ms)",
    "CREATE INDEX certificate_revoked ON certificate (revoked_at_ms) WHERE revoked_at_ms IS NOT"
    " NULL",
    "CREATE TABLE cert_installed (station TEXT NOT NULL, type TEXT NOT NULL, hash TEXT NOT NULL,"
    " issuer_name_hash TEXT NOT NULL, issuer_key_hash TEXT NOT NULL, serial TEXT NOT NULL, at_ms"
    " INTEGER NOT NULL, PRIMARY KEY (station, type, hash, issuer_name_hash, issuer_key_hash,"
    " serial)) STRICT, WITHOUT ROWID",
    /* a change of key or profile that was sent and not seen at work; whose certificate it shows */
    "ALTER TABLE station ADD COLUMN pending_profile INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE station ADD COLUMN pending_salt BLOB",
    "ALTER TABLE station ADD COLUMN pending_hash BLOB",
    "ALTER TABLE station ADD COLUMN certificate_cn TEXT",
    /* security events; how connections began and ended; events of a station */
    "CREATE TABLE security_event (id INTEGER PRIMARY KEY AUTOINCREMENT, station TEXT NOT NULL, type"
    " TEXT NOT NULL, origin INTEGER NOT NULL CHECK (origin BETWEEN 1 AND 2), critical INTEGER NOT"
    " NULL, at_ms INTEGER NOT NULL, received_at_ms INTEGER NOT NULL, info TEXT NOT NULL) STRICT",
    "CREATE INDEX security_event_of_station ON security_event (station, id)",
    "CREATE INDEX security_event_by_time ON security_event (received_at_ms)",
    "CREATE TABLE connection (station TEXT NOT NULL, no INTEGER NOT NULL, link INTEGER NOT NULL,"
    " address TEXT NOT NULL, transport TEXT NOT NULL, opened_at_ms INTEGER NOT NULL, closed_at_ms"
    " INTEGER, code INTEGER, reason TEXT, PRIMARY KEY (station, no)) STRICT, WITHOUT ROWID",
    "CREATE INDEX connection_open ON connection (station) WHERE closed_at_ms IS NULL",
    "CREATE INDEX event_of_station ON event (station, seq) WHERE station IS NOT NULL",
    /* the key before, for a roll-back */
    "ALTER TABLE station ADD COLUMN old_salt BLOB",
    "ALTER TABLE station ADD COLUMN old_hash BLOB",
    /* tags: who may charge where; revisions for local authorization lists */
    "ALTER TABLE station ADD COLUMN groups TEXT",
    "ALTER TABLE station ADD COLUMN groups_only INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE station ADD COLUMN local_list INTEGER NOT NULL DEFAULT 1",
    "ALTER TABLE tag ADD COLUMN groups TEXT",
    "ALTER TABLE tag ADD COLUMN revision INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE tag ADD COLUMN moved INTEGER NOT NULL DEFAULT 0",
    "UPDATE tag SET revision = o.n FROM (SELECT key AS k, row_number() OVER (ORDER BY key) AS n"
    " FROM tag) AS o WHERE o.k = tag.key",
    "CREATE INDEX tag_by_revision ON tag (revision)",
    "CREATE TABLE tag_gone (key TEXT PRIMARY KEY, id_tag TEXT NOT NULL, groups TEXT, revision"
    " INTEGER NOT NULL, moved INTEGER NOT NULL) STRICT, WITHOUT ROWID",
    "CREATE INDEX tag_gone_by_revision ON tag_gone (revision)",
    "CREATE TABLE tag_state (one INTEGER PRIMARY KEY CHECK (one = 1), revision INTEGER NOT NULL,"
    " floor INTEGER NOT NULL) STRICT",
    "INSERT INTO tag_state SELECT 1, max(1, (SELECT count(*) FROM tag)), 0",
    "CREATE TABLE local_list (station TEXT PRIMARY KEY, version INTEGER NOT NULL, offered INTEGER"
    " NOT NULL, upto INTEGER NOT NULL, base INTEGER NOT NULL, entries INTEGER NOT NULL,"
    " max_entries INTEGER NOT NULL, scope INTEGER NOT NULL, cut TEXT, unable TEXT, firmware TEXT,"
    " result TEXT, asked_at_ms INTEGER, at_ms INTEGER, n_full INTEGER NOT NULL, n_differential"
    " INTEGER NOT NULL, n_failed INTEGER NOT NULL) STRICT, WITHOUT ROWID",
    /* configuration as wanted, deviations by model, stations that wait for approval */
    "CREATE TABLE config_template (id TEXT PRIMARY KEY, vendor TEXT, model TEXT, firmware TEXT,"
    " stations TEXT, groups TEXT, priority INTEGER NOT NULL, reboot INTEGER NOT NULL, keys TEXT NOT NULL)"
    " STRICT, WITHOUT ROWID",
    "CREATE TABLE config_wish (station INTEGER NOT NULL REFERENCES station(num), key TEXT NOT NULL"
    " COLLATE NOCASE, wanted TEXT NOT NULL, reported TEXT, source TEXT NOT NULL, note TEXT NOT"
    " NULL, firmware TEXT, who TEXT NOT NULL, why TEXT NOT NULL, state INTEGER NOT NULL, at_ms"
    " INTEGER NOT NULL, PRIMARY KEY (station, key)) STRICT, WITHOUT ROWID",
    "CREATE TABLE violation (vendor TEXT NOT NULL, model TEXT NOT NULL, firmware TEXT NOT NULL,"
    " kind TEXT NOT NULL, station TEXT NOT NULL, example TEXT NOT NULL, count INTEGER NOT NULL,"
    " first_at_ms INTEGER NOT NULL, last_at_ms INTEGER NOT NULL, PRIMARY KEY (vendor, model,"
    " firmware, kind)) STRICT, WITHOUT ROWID",
    "CREATE TABLE waiting_station (station TEXT PRIMARY KEY, address TEXT, first_at_ms INTEGER NOT"
    " NULL, last_at_ms INTEGER NOT NULL, n_boots INTEGER NOT NULL) STRICT, WITHOUT ROWID",
    /* files: firmware, one-time transfers, rollouts */
    "CREATE TABLE firmware (num INTEGER PRIMARY KEY, sha256 TEXT NOT NULL, name TEXT NOT"
    " NULL, version TEXT NOT NULL, vendor TEXT NOT NULL, model TEXT NOT NULL, size INTEGER"
    " NOT NULL, signature TEXT, certificate TEXT, who TEXT NOT NULL, why TEXT NOT NULL,"
    " at_ms INTEGER NOT NULL, removed INTEGER NOT NULL) STRICT",
    "CREATE TABLE file_job (id INTEGER PRIMARY KEY, kind INTEGER NOT NULL, state INTEGER"
    " NOT NULL, station TEXT NOT NULL, firmware INTEGER NOT NULL, rollout INTEGER NOT NULL,"
    " url TEXT, token TEXT, version TEXT NOT NULL, status TEXT NOT NULL, note TEXT NOT NULL,"
    " file TEXT, sha256 TEXT, size INTEGER NOT NULL, start_at_ms INTEGER NOT NULL,"
    " install_at_ms INTEGER, from_ms INTEGER, to_ms INTEGER, retries INTEGER NOT NULL,"
    " retry_s INTEGER NOT NULL, wrong_signature INTEGER NOT NULL, who TEXT NOT NULL, why"
    " TEXT NOT NULL, asked_at_ms INTEGER NOT NULL, changed_at_ms INTEGER NOT NULL, until_ms"
    " INTEGER NOT NULL) STRICT",
    "CREATE INDEX file_job_open ON file_job (id) WHERE state <= 3",
    "CREATE INDEX file_job_of_station ON file_job (station, id)",
    "CREATE INDEX file_job_of_rollout ON file_job (rollout, id) WHERE rollout > 0",
    "CREATE INDEX file_job_kept ON file_job (file) WHERE file IS NOT NULL",
    "CREATE TABLE rollout (num INTEGER PRIMARY KEY, firmware INTEGER NOT NULL, state"
    " INTEGER NOT NULL, canary INTEGER NOT NULL, max_parallel INTEGER NOT NULL, stop_after"
    " INTEGER NOT NULL, from_min INTEGER NOT NULL, to_min INTEGER NOT NULL, force INTEGER"
    " NOT NULL, is_signed INTEGER NOT NULL, retries INTEGER NOT NULL, retry_s INTEGER NOT"
    " NULL, note TEXT NOT NULL, who TEXT NOT NULL, why TEXT NOT NULL, at_ms INTEGER NOT"
    " NULL, changed_at_ms INTEGER NOT NULL, forgiven INTEGER NOT NULL) STRICT",
    "CREATE TABLE rollout_target (rollout INTEGER NOT NULL, place INTEGER NOT NULL, state"
    " INTEGER NOT NULL, station TEXT NOT NULL, job INTEGER NOT NULL, tries INTEGER NOT NULL,"
    " note TEXT NOT NULL, changed_at_ms INTEGER NOT NULL, PRIMARY KEY (rollout, place))"
    " STRICT, WITHOUT ROWID",
    NULL,
};

static const char *const version_6[] = {
    /* tokens of the admin API over https */
    "CREATE TABLE api_token (name TEXT PRIMARY KEY, role TEXT NOT NULL, node TEXT, hash BLOB NOT"
    " NULL, made_at_ms INTEGER NOT NULL, who TEXT NOT NULL) STRICT, WITHOUT ROWID",
    /* the grid model: capacity over time, live meters, priorities, caps with an end */
    "ALTER TABLE grid_node ADD COLUMN kind TEXT",
    "ALTER TABLE grid_node ADD COLUMN lat_e7 INTEGER",
    "ALTER TABLE grid_node ADD COLUMN lon_e7 INTEGER",
    "ALTER TABLE grid_node ADD COLUMN calendar TEXT",
    "ALTER TABLE grid_node ADD COLUMN foreign_by_hour TEXT",
    "ALTER TABLE grid_node ADD COLUMN meter_silent_after_s INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE grid_node ADD COLUMN meter_guard1_ma INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE grid_node ADD COLUMN meter_guard2_ma INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE grid_node ADD COLUMN meter_guard3_ma INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE grid_node ADD COLUMN meter_silent1_ma INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE grid_node ADD COLUMN meter_silent2_ma INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE grid_node ADD COLUMN meter_silent3_ma INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE grid_node ADD COLUMN meter_includes INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE grid_node ADD COLUMN meter_device TEXT",
    "ALTER TABLE grid_node ADD COLUMN meter_fields TEXT",
    "ALTER TABLE grid_node ADD COLUMN meter_unit TEXT",
    "ALTER TABLE grid_node ADD COLUMN green INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE station ADD COLUMN priority INTEGER NOT NULL DEFAULT 0",
    "CREATE TABLE grid_cap (id INTEGER PRIMARY KEY, node TEXT NOT NULL, limit1_ma INTEGER NOT NULL,"
    " limit2_ma INTEGER NOT NULL, limit3_ma INTEGER NOT NULL, from_ms INTEGER NOT NULL, until_ms"
    " INTEGER NOT NULL, said TEXT NOT NULL, who TEXT NOT NULL, why TEXT NOT NULL, asked_at_ms"
    " INTEGER NOT NULL, began_at_ms INTEGER, ended_at_ms INTEGER, ended_by TEXT) STRICT",
    "CREATE INDEX grid_cap_live ON grid_cap (id) WHERE ended_at_ms IS NULL",
    /* what the scheduler decided, why, and what the station said to it */
    "CREATE TABLE decision (id INTEGER PRIMARY KEY, station INTEGER NOT NULL REFERENCES"
    " station(num), connector INTEGER NOT NULL, seq INTEGER NOT NULL, tx_id INTEGER NOT NULL, at_ms"
    " INTEGER NOT NULL, kind INTEGER NOT NULL, limit_ma INTEGER NOT NULL, safe_ma INTEGER NOT NULL,"
    " end_at_ms INTEGER NOT NULL, reason TEXT NOT NULL, node TEXT, phase INTEGER NOT NULL, answer"
    " INTEGER NOT NULL DEFAULT 0, answered_at_ms INTEGER) STRICT",
    "CREATE INDEX decision_of_station ON decision (station, at_ms)",
    /* how stations and models were found to treat limits; station '' = of the model */
    "CREATE TABLE evidence (station TEXT NOT NULL, vendor TEXT NOT NULL, model TEXT NOT NULL,"
    " firmware TEXT NOT NULL, class INTEGER NOT NULL, demoted INTEGER NOT NULL, why TEXT NOT NULL,"
    " at_ms INTEGER NOT NULL, PRIMARY KEY (station, vendor, model, firmware)) STRICT, WITHOUT"
    " ROWID",
    /* what drivers and operators told of sessions */
    "CREATE TABLE session_need (tx_id INTEGER PRIMARY KEY REFERENCES session(tx_id), depart_ms"
    " INTEGER, energy_wh INTEGER NOT NULL, min_ma INTEGER NOT NULL, priority INTEGER NOT NULL,"
    " told_ms INTEGER NOT NULL, who TEXT NOT NULL, why TEXT NOT NULL) STRICT",
    /* green hours: factors by the quarter of an hour, of each the newest edition counts; sessions
     * that waited for better ones */
    "CREATE TABLE series_edition (edition INTEGER PRIMARY KEY, kind INTEGER NOT NULL, from_ms"
    " INTEGER NOT NULL, until_ms INTEGER NOT NULL, source TEXT NOT NULL, who TEXT NOT NULL, at_ms"
    " INTEGER NOT NULL) STRICT",
    "CREATE TABLE series_quarter (kind INTEGER NOT NULL, from_ms INTEGER NOT NULL, edition INTEGER"
    " NOT NULL, value_e3 INTEGER NOT NULL, PRIMARY KEY (kind, from_ms, edition)) STRICT,"
    " WITHOUT ROWID",
    "CREATE TABLE green_session (tx_id INTEGER PRIMARY KEY, kind INTEGER NOT NULL, node TEXT NOT"
    " NULL, power_w INTEGER NOT NULL, at_ms INTEGER NOT NULL) STRICT",
    /* a lease that another one has replaced ends by our clock, not by the station's */
    "ALTER TABLE lease ADD COLUMN replaced INTEGER NOT NULL DEFAULT 0",
    /* which leases the stations have accepted */
    "ALTER TABLE lease ADD COLUMN accepted INTEGER NOT NULL DEFAULT 0",
    /* which database this is and how many leases it has seen: life.c */
    "CREATE TABLE life (one INTEGER PRIMARY KEY CHECK (one = 1), identity TEXT NOT NULL, number"
    " INTEGER NOT NULL, doubt_until_ms INTEGER) STRICT",
    "INSERT INTO life VALUES (1, lower(hex(randomblob(16))), 0, NULL)",
    NULL,
};

static const char *const *const migrations[] = { version_1, version_2, version_3,
                                                 version_4, version_5, version_6 };

const int store_schema_version = (int)(sizeof(migrations) / sizeof(migrations[0]));

static int number(sqlite3 *handle, const char *sql)
{
    sqlite3_stmt *q = NULL;
    int value = -1;
    if (sqlite3_prepare_v2(handle, sql, -1, &q, NULL) == SQLITE_OK && sqlite3_step(q) == SQLITE_ROW)
        value = sqlite3_column_int(q, 0);
    sqlite3_finalize(q);
    return value;
}

/* Other programs keep SQLite files too, and number them. */
static bool is_ours(sqlite3 *handle, int version)
{
    if (version == 0)
        return number(handle, "SELECT count(*) FROM sqlite_schema") == 0;
    return number(handle, "SELECT count(*) FROM sqlite_schema WHERE type = 'table'"
                          " AND name IN ('grid_node', 'station', 'session', 'orphan_stop')") == 4;
}

static int step(sqlite3 *handle, int version)
{
    char set_version[48];
    snprintf(set_version, sizeof(set_version), "PRAGMA user_version = %d", version + 1);
    int rc = sqlite3_exec(handle, "BEGIN IMMEDIATE", NULL, NULL, NULL);
    for (const char *const *sql = migrations[version]; rc == SQLITE_OK && *sql != NULL; sql++)
        rc = sqlite3_exec(handle, *sql, NULL, NULL, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_exec(handle, set_version, NULL, NULL, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_exec(handle, "COMMIT", NULL, NULL, NULL);
    if (rc != SQLITE_OK)
        sqlite3_exec(handle, "ROLLBACK", NULL, NULL, NULL);
    return rc;
}

enum store_rc migrate_to(sqlite3 *handle, int wanted, char *ret_text, size_t size)
{
    int version = number(handle, "PRAGMA user_version");
    if (version < 0 || !is_ours(handle, version)) {
        snprintf(ret_text, size,
                 "the database is not one of noxd (%s); name another directory with --data",
                 version < 0 ? sqlite3_errmsg(handle) : "it has other tables");
        return STORE_IO;
    }
    if (version > store_schema_version) {
        snprintf(ret_text, size,
                 "the database has schema %d, this program knows %d: a newer noxd wrote it; "
                 "install that one",
                 version, store_schema_version);
        return STORE_CONFLICT;
    }
    for (; version < wanted; version++) {
        int rc = step(handle, version);
        if (rc != SQLITE_OK) {
            snprintf(ret_text, size, "the database cannot be brought from schema %d to %d: %s",
                     version, version + 1, sqlite3_errmsg(handle));
            return conn_map(rc) == STORE_OK ? STORE_IO : conn_map(rc);
        }
    }
    return STORE_OK;
}
