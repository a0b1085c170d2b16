#include "storage/queries.h"

#define SESSION_COLUMNS                                                                           \
    "s.tx_id, t.id, s.connector, k.evse_id, t.district, t.operator_id, s.id_tag, s.auth_kind,"    \
    " s.customer, s.auth_status, s.state, s.started_at_ms, s.received_start_ms, s.stopped_at_ms," \
    " s.received_stop_ms, s.meter_start_wh, s.meter_stop_wh, s.reason, s.tariff,"                 \
    " s.tariff_version, s.flags, coalesce(l.register_uwh, s.last_register_uwh),"                  \
    " coalesce(l.sample_ms, s.last_sample_ms),"                                                   \
    " (SELECT c.no FROM cdr AS c WHERE c.tx_id = s.tx_id AND c.kind <> 'credit' AND NOT EXISTS"   \
    "  (SELECT 1 FROM cdr AS x WHERE x.ref_no = c.no AND x.ref_no > 0 AND x.kind = 'credit')),"   \
    " l.phases, n.depart_ms, n.energy_wh, n.min_ma, n.priority, n.told_ms, n.who, n.why"
#define SESSION_TABLES                                                                 \
    " FROM session AS s JOIN station AS t ON t.num = s.station"                        \
    " LEFT JOIN connector AS k ON k.station = s.station AND k.connector = s.connector" \
    " LEFT JOIN session_live AS l ON l.tx_id = s.tx_id"                                \
    " LEFT JOIN session_need AS n ON n.tx_id = s.tx_id"

/* What may change later (place, tag of the station, ...) comes from the record, not from the
 * session: a closed month reads the same for ever. */
#define CDR_COLUMNS                                                                              \
    "c.no, c.id, c.kind, c.ref_no, c.booking_period, c.service_period, c.tx_id, t.id,"           \
    " s.connector, c.evse_id, c.district, c.operator_id, s.id_tag, s.auth_kind, s.customer,"     \
    " s.auth_status, c.started_at_ms, s.received_start_ms, c.stopped_at_ms, c.meter_start_wh,"   \
    " c.meter_stop_wh, c.reason, c.tariff, c.tariff_version, c.energy_wh, c.energy_cents,"       \
    " c.blocking_min, c.blocking_cents, c.other_cents, c.gross_cents, c.net_cents, c.vat_cents," \
    " c.vat_bp, c.price_e4_per_kwh, c.currency, c.value_state, c.meter_serial, c.flags,"         \
    " c.created_at_ms"
#define CDR_TABLES \
    " FROM cdr AS c JOIN session AS s ON s.tx_id = c.tx_id JOIN station AS t ON t.num = s.station"

#define METER_COLUMNS                                                                \
    "t.id, m.connector, m.tx_id, m.sampled_at_ms, m.received_at_ms, m.register_uwh," \
    " m.power_mw, m.current1_ma, m.current2_ma, m.current3_ma, m.soc_pct, m.raw"

#define EVENT_COLUMNS "seq, at_ms, name, severity, station, connector, text"
#define EVENT_CONDITIONS                                                                     \
    " AND (?2 IS NULL OR station = ?2) AND (?3 IS NULL OR substr(name, 1, length(?3)) = ?3)" \
    " AND severity >= ?4"

#define SECURITY_COLUMNS "id, station, type, origin, critical, at_ms, received_at_ms, info"
#define SECURITY_CONDITIONS                                                                \
    " AND (?2 IS NULL OR type = ?2) AND (?3 = 0 OR critical = 1) AND received_at_ms >= ?4" \
    " AND (?5 = 0 OR id < ?5)"

#define CALL_COLUMNS                                                                       \
    "id, station, action, payload, is_whole, who, why, asked_at_ms, until_ms, timeout_ms," \
    " sent_at_ms, finished_at_ms, outcome, answer"
#define CALL_CONDITIONS \
    " AND (?2 IS NULL OR action = ?2) AND (?3 = 0 OR outcome = ?3) AND (?4 = 0 OR id < ?4)"
#define RESERVATION_COLUMNS                                                              \
    "num, station, id, connector, id_tag, parent, expires_at_ms, state, who, why, note," \
    " asked_at_ms, changed_at_ms, tx_id"
#define RESERVATION_CONDITIONS \
    " AND (?2 = 0 OR state = ?2) AND (?3 = 0 OR id = ?3) AND (?4 = 0 OR num < ?4)"
#define PROFILE_COLUMNS "station, connector, id, stack_level, purpose, tx_id, json, at_ms"

#define CAP_COLUMNS                                                                              \
    "id, node, limit1_ma, limit2_ma, limit3_ma, from_ms, until_ms, said, who, why, asked_at_ms," \
    " began_at_ms, ended_at_ms, ended_by"

#define CERT_REQUEST_COLUMNS                                                                    \
    "id, station, csr, subject, cn, key, state, renewal, asked_at_ms, changed_at_ms, who, why," \
    " note, chain, fingerprint"
#define CERTIFICATE_COLUMNS                                                                      \
    "fingerprint, kind, station, subject, issuer, cn, serial, key, not_before_ms, not_after_ms," \
    " pem, request, added_at_ms, seen_at_ms, replaced_at_ms, revoked_at_ms, note, warned_days"
#define INSTALLED_COLUMNS "station, type, hash, issuer_name_hash, issuer_key_hash, serial, at_ms"
/* files */
#define FIRMWARE_COLUMNS                                                                 \
    "num, sha256, name, version, vendor, model, size, signature, certificate, who, why," \
    " at_ms, removed"
#define FILE_JOB_COLUMNS                                                                    \
    "id, kind, state, station, firmware, rollout, url, token, version, status, note, file," \
    " sha256, size, start_at_ms, install_at_ms, from_ms, to_ms, retries, retry_s,"          \
    " wrong_signature, who, why, asked_at_ms, changed_at_ms, until_ms"
#define ROLLOUT_COLUMNS                                                                \
    "num, firmware, state, canary, max_parallel, stop_after, from_min, to_min, force," \
    " is_signed, retries, retry_s, note, who, why, at_ms, changed_at_ms, forgiven"
#define TARGET_COLUMNS "rollout, place, state, station, job, tries, note, changed_at_ms"

const char *const query_sql[QUERY_COUNT] = {
    /* --- configuration: columns as in fields.c, then what the store keeps beside --- */
    [QUERY_GRID] =
        "WITH RECURSIVE walk (id, level) AS (SELECT id, 0 FROM grid_node WHERE parent IS NULL"
        " UNION ALL SELECT g.id, level + 1 FROM walk JOIN grid_node AS g ON g.parent = walk.id)"
        " SELECT parent, name, limit1_ma, limit2_ma, limit3_ma, foreign1_ma, foreign2_ma,"
        " foreign3_ma, single_max_ma, kind, lat_e7, lon_e7, calendar, foreign_by_hour,"
        " meter_silent_after_s, meter_guard1_ma, meter_guard2_ma, meter_guard3_ma,"
        " meter_silent1_ma, meter_silent2_ma, meter_silent3_ma, meter_includes, meter_device,"
        " meter_fields, meter_unit, green, g.id FROM walk CROSS JOIN grid_node AS g ON g.id = walk.id"
        " ORDER BY level, place",
    [QUERY_STATIONS] =
        "SELECT security_profile, grid_node, wiring, rating_ma, safe_ma, min_ma, weight, class,"
        " tariff, operator_id, district, street, house_no, postcode, city, lat_e7, lon_e7,"
        " meter_serial, strict, lax_subprotocol, certificate_cn, groups, groups_only, local_list,"
        " priority, id, registration, decommissioned,"
        " key_salt, key_hash, vendor, model, serial, firmware, booted_at_ms, seen_at_ms,"
        " pending_profile, pending_salt, pending_hash, old_salt, old_hash"
        " FROM station ORDER BY id",
    [QUERY_CONNECTORS] =
        "SELECT k.evse_id, k.max_w, t.id, k.connector, k.status, k.error_code, k.info,"
        " k.status_at_ms, k.commissioned, k.safe_confirmed_ma, k.learnt_class"
        " FROM station AS t CROSS JOIN connector AS k ON k.station = t.num"
        " WHERE k.connector > 0 ORDER BY t.id, k.connector",
    [QUERY_TAGS] =
        "SELECT parent, customer, auth_kind, status, expires_at_ms, single_session, groups, id_tag,"
        " revision, moved FROM tag ORDER BY key",
    [QUERY_TAG] =
        "SELECT parent, customer, auth_kind, status, expires_at_ms, single_session, groups, id_tag,"
        " revision, moved FROM tag WHERE key = ?",
    [QUERY_TAGS_FROM] =
        "/*scan*/ SELECT parent, customer, auth_kind, status, expires_at_ms, single_session,"
        " groups, id_tag, revision, moved FROM tag WHERE key > ?1 AND (?2 IS NULL OR instr(key, ?2)"
        " > 0 OR instr(upper(coalesce(customer, '')), ?2) > 0) AND (?3 IS NULL OR customer = ?3)"
        " AND (?4 = 0 OR status = ?4) AND (?5 IS NULL OR instr(' ' || groups || ' ', ?5) > 0)"
        " AND (?6 IS NULL OR upper(parent) = ?6) ORDER BY key LIMIT ?7",
    [QUERY_TAGS_GONE] = "SELECT id_tag, groups, revision, moved FROM tag_gone ORDER BY revision",
    [QUERY_TAG_STATE] = "SELECT revision, floor FROM tag_state",
    [QUERY_LOCAL_LISTS] =
        "SELECT station, version, offered, upto, base, entries, max_entries, scope, cut, unable,"
        " firmware, result, asked_at_ms, at_ms, n_full, n_differential, n_failed FROM local_list"
        " ORDER BY station",
    [QUERY_TARIFFS] =
        "SELECT valid_from_ms, currency, tax_included, vat_bp, price_e4_per_kwh, flat_cents,"
        " blocking_after_s, blocking_e4_per_min, blocking_from_min, blocking_to_min,"
        " blocking_cap_cents, alt_text_de, alt_text_en, id, version FROM tariff"
        " ORDER BY id, version",
    [QUERY_FACTORS] = "SELECT low_e6, mid_e6, high_e6, unit, state, source, revised, kind, year"
                      " FROM factor ORDER BY kind, year",

    /* --- sessions --- */
    [QUERY_SESSIONS] = "SELECT " SESSION_COLUMNS SESSION_TABLES " WHERE 1",
    [QUERY_SESSION] = "SELECT " SESSION_COLUMNS SESSION_TABLES " WHERE s.tx_id = ?1",
    [QUERY_ORPHANS] =
        "SELECT o.id, t.id, o.tx_id, o.id_tag, o.meter_stop_wh, o.station_ms, o.stopped_at_ms,"
        " o.received_ms, o.reason, o.flags FROM orphan_stop AS o JOIN station AS t"
        " ON t.num = o.station ORDER BY o.id",

    /* --- samples --- */
    [QUERY_METER_SPAN] =
        "SELECT s.station, t.id, s.started_at_ms, s.stopped_at_ms, s.flags FROM session AS s"
        " JOIN station AS t ON t.num = s.station WHERE s.tx_id = ?1",
    [QUERY_METER_OF_SESSION] =
        "SELECT " METER_COLUMNS " FROM meter AS m JOIN station AS t ON t.num = ?1"
        " WHERE m.sampled_at_ms >= ?2 AND m.sampled_at_ms <= ?3 AND m.station = ?1"
        " AND m.session = ?4 ORDER BY m.sampled_at_ms LIMIT ?5",
    /* from the first sample to the last: for a look at what a station ever said */
    [QUERY_METER_ALL] =
        "SELECT " METER_COLUMNS " FROM meter AS m JOIN station AS t ON t.num = m.station"
        " WHERE (?1 IS NULL OR t.id = ?1) AND (?2 = 0 OR m.session = ?2)"
        " ORDER BY m.sampled_at_ms, m.station LIMIT ?3",
    [QUERY_METER_PEAKS] =
        "SELECT session, max(current1_ma), max(current2_ma), max(current3_ma), max(power_mw)"
        " FROM meter WHERE sampled_at_ms >= ?1 AND sampled_at_ms <= ?2 AND session > 0"
        " GROUP BY session",

    /* --- the rest --- */
    [QUERY_EVIDENCE] = "SELECT /*scan*/ station, vendor, model, firmware, class, demoted, why,"
                       " at_ms FROM evidence ORDER BY station",
    [QUERY_DECISIONS] =
        "SELECT t.id, d.connector, d.seq, d.tx_id, d.at_ms, d.kind, d.limit_ma, d.safe_ma,"
        " d.end_at_ms, d.reason, d.node, d.phase, d.answer, d.answered_at_ms FROM station AS t"
        " CROSS JOIN decision AS d ON d.station = t.num WHERE t.id = ?1 AND d.at_ms <= ?3"
        " AND d.at_ms >= ?4 AND (?2 = 0 OR d.connector = ?2) ORDER BY d.at_ms DESC, d.id DESC"
        " LIMIT ?5",
    [QUERY_WRITES] = "SELECT t.id, d.connector, d.at_ms / 3600000 * 3600000 AS hour_ms, count(*)"
                     " FROM station AS t /*scan*/ CROSS JOIN decision AS d ON d.station = t.num"
                     " WHERE d.at_ms >= ?1 AND d.answer <> ?2 AND d.answer <> ?3"
                     " GROUP BY t.num, d.connector, hour_ms",
    [QUERY_LEASES] = "SELECT t.id, l.connector, l.tx_id, l.seq, l.limit_ma, l.safe_ma,"
                     " l.start_at_ms, l.end_at_ms, l.at_ms, l.accepted FROM lease AS l"
                     " JOIN station AS t ON t.num = l.station LEFT JOIN session AS s"
                     " ON s.tx_id = l.tx_id WHERE l.end_at_ms >= iif(l.replaced, ?2, ?1)"
                     /* A TxProfile dies with its transaction, if the station ended it. */
                     " AND coalesce(s.state, 1) <> 2"
                     " ORDER BY l.station, l.connector, l.at_ms, l.seq",
    [QUERY_EVENTS_AFTER] = "SELECT " EVENT_COLUMNS " FROM event WHERE seq > ?1" EVENT_CONDITIONS
                           " ORDER BY seq LIMIT ?5",
    [QUERY_EVENTS_NEWEST] =
        "SELECT " EVENT_COLUMNS " FROM (SELECT * FROM event WHERE seq > ?1" EVENT_CONDITIONS
        " ORDER BY seq DESC LIMIT ?5) ORDER BY seq",
    [QUERY_TOKENS] = "SELECT name, role, node, hash, made_at_ms, who FROM api_token /*scan*/"
                     " ORDER BY name",
    [QUERY_REFUSED] = "SELECT identity, reason, detail, address, last_at_ms, count, first_at_ms"
                      " FROM refused ORDER BY last_at_ms DESC",
    [QUERY_CONFIG] =
        "SELECT c.key, c.value, c.readonly, c.known, c.at_ms FROM station AS t"
        " JOIN station_config AS c ON c.station = t.num WHERE t.id = ?1 ORDER BY c.key",
    [QUERY_CDRS_ALL] = "SELECT " CDR_COLUMNS CDR_TABLES " ORDER BY c.no",
    [QUERY_CDRS_BOOKED] =
        "SELECT " CDR_COLUMNS CDR_TABLES " WHERE c.booking_period = ?1 ORDER BY c.no",
    [QUERY_CDRS_OF_SERVICE] =
        "SELECT " CDR_COLUMNS CDR_TABLES " WHERE c.service_period = ?1 ORDER BY c.no",
    [QUERY_COUNTS] =
        "SELECT (SELECT count(*) FROM station WHERE decommissioned = 0),"
        " (SELECT count(*) FROM connector AS k JOIN station AS t ON t.num = k.station"
        "  WHERE k.connector > 0 AND t.decommissioned = 0),"
        " (SELECT count(*) FROM tag), (SELECT count(*) FROM tariff),"
        " (SELECT count(*) FROM session), (SELECT count(*) FROM session WHERE state = 1),"
        " (SELECT count(*) FROM session WHERE flags <> 0), (SELECT count(*) FROM orphan_stop),"
        " (SELECT count(*) FROM cdr), (SELECT count(*) FROM event)",

    /* --- what operators asked of stations --- */
    [QUERY_CALLS] = "SELECT " CALL_COLUMNS " FROM call_log WHERE ?1 IS NULL" CALL_CONDITIONS
                    " ORDER BY id DESC LIMIT ?5",
    [QUERY_CALLS_OF_STATION] =
        "SELECT " CALL_COLUMNS " FROM call_log WHERE station = ?1" CALL_CONDITIONS
        " ORDER BY id DESC LIMIT ?5",
    [QUERY_CALLS_QUEUED] =
        "SELECT " CALL_COLUMNS " FROM call_log WHERE outcome <= 2 AND outcome = 1 ORDER BY id",
    [QUERY_RESERVATIONS] =
        "SELECT " RESERVATION_COLUMNS " FROM reservation WHERE ?1 IS NULL" RESERVATION_CONDITIONS
        " ORDER BY num DESC LIMIT ?5",
    [QUERY_RESERVATIONS_LIVE] =
        "SELECT " RESERVATION_COLUMNS " FROM reservation WHERE state <= 2"
        " AND (?1 IS NULL OR station = ?1)" RESERVATION_CONDITIONS " ORDER BY num DESC LIMIT ?5",
    [QUERY_RESERVATIONS_OF_STATION] =
        "SELECT " RESERVATION_COLUMNS " FROM reservation WHERE station = ?1" RESERVATION_CONDITIONS
        " ORDER BY num DESC LIMIT ?5",
    /* the value beside the largest edition: what SQLite promises of max() */
    [QUERY_SERIES] = "SELECT from_ms, value_e3, max(edition) FROM series_quarter WHERE kind = ?1"
                     " AND from_ms >= ?2 AND from_ms < ?3 GROUP BY from_ms ORDER BY from_ms",
    [QUERY_EDITIONS] = "SELECT edition, kind, from_ms, until_ms, source, who, at_ms FROM"
                       " series_edition WHERE (?1 = 0 OR kind = ?1) ORDER BY edition DESC LIMIT ?2",
    [QUERY_GREEN_SESSIONS] =
        "SELECT g.tx_id, g.kind, g.node, g.power_w, g.at_ms FROM session AS s JOIN green_session"
        " AS g ON g.tx_id = s.tx_id WHERE s.stopped_at_ms >= ?1 AND s.stopped_at_ms < ?2"
        " ORDER BY g.tx_id",
    [QUERY_CAPS] = "SELECT " CAP_COLUMNS " FROM grid_cap WHERE (?1 = 0 OR id < ?1) ORDER BY id DESC"
                   " LIMIT ?2",
    [QUERY_CAPS_LIVE] =
        "SELECT " CAP_COLUMNS " FROM grid_cap WHERE ended_at_ms IS NULL ORDER BY id",
    [QUERY_CAP_MAX] = "SELECT coalesce(max(id), 0) FROM grid_cap",
    [QUERY_RESERVATION_MAX] = "SELECT coalesce((SELECT max(num) FROM reservation), 0),"
                              " coalesce((SELECT max(id) FROM reservation), 0)",
    [QUERY_ROOM_KEYS] =
        "SELECT t.id, c.key, c.value FROM station AS t CROSS JOIN station_config AS c"
        " ON c.station = t.num WHERE c.key IN ('ChargeProfileMaxStackLevel',"
        " 'ChargingScheduleMaxPeriods', 'MaxChargingProfilesInstalled',"
        " 'ChargingScheduleAllowedChargingRateUnit', 'ConnectionTimeOut',"
        " 'SupportedFeatureProfiles',"
        " 'ConnectorSwitch3to1PhaseSupported')",
    [QUERY_PROFILES] = "SELECT " PROFILE_COLUMNS " FROM installed_profile ORDER BY station, id",
    [QUERY_PROFILES_OF_STATION] =
        "SELECT " PROFILE_COLUMNS " FROM installed_profile WHERE station = ?1 ORDER BY id",

    /* --- certificates --- */
    [QUERY_CERT_REQUESTS] =
        "SELECT " CERT_REQUEST_COLUMNS " FROM cert_request ORDER BY id DESC LIMIT ?1",
    [QUERY_CERT_REQUESTS_OF_STATION] = "SELECT " CERT_REQUEST_COLUMNS " FROM cert_request"
                                       " WHERE station = ?2 ORDER BY id DESC LIMIT ?1",
    [QUERY_CERT_REQUESTS_OPEN] = "SELECT " CERT_REQUEST_COLUMNS " FROM cert_request"
                                 " WHERE state <= 3 ORDER BY id",
    [QUERY_CERT_REQUEST] = "SELECT " CERT_REQUEST_COLUMNS " FROM cert_request WHERE id = ?1",
    [QUERY_CERTIFICATES] = "SELECT " CERTIFICATE_COLUMNS " FROM certificate"
                           " ORDER BY kind, station, not_after_ms",
    [QUERY_CERTIFICATES_OF_STATION] = "SELECT " CERTIFICATE_COLUMNS " FROM certificate"
                                      " WHERE station = ?1 ORDER BY not_after_ms",
    [QUERY_CERTIFICATES_ENDING] =
        "SELECT " CERTIFICATE_COLUMNS " FROM certificate WHERE not_after_ms < ?1"
        " AND replaced_at_ms IS NULL AND revoked_at_ms IS NULL ORDER BY not_after_ms",
    [QUERY_CERTIFICATES_REVOKED] = "SELECT " CERTIFICATE_COLUMNS " FROM certificate"
                                   " WHERE revoked_at_ms IS NOT NULL ORDER BY revoked_at_ms",
    [QUERY_CERTIFICATE] = "SELECT " CERTIFICATE_COLUMNS " FROM certificate"
                          " WHERE fingerprint >= ?1 AND fingerprint < ?1 || 'g'",
    [QUERY_INSTALLED] = "SELECT " INSTALLED_COLUMNS " FROM cert_installed",
    [QUERY_INSTALLED_OF_STATION] = "SELECT " INSTALLED_COLUMNS " FROM cert_installed"
                                   " WHERE station = ?1",

    /* --- what watches over the stations --- */
    [QUERY_SECURITY] =
        "SELECT " SECURITY_COLUMNS " FROM security_event WHERE ?1 IS NULL" SECURITY_CONDITIONS
        " ORDER BY id DESC LIMIT ?6",
    [QUERY_SECURITY_OF_STATION] =
        "SELECT " SECURITY_COLUMNS " FROM security_event WHERE station = ?1" SECURITY_CONDITIONS
        " ORDER BY id DESC LIMIT ?6",
    [QUERY_SECURITY_COUNTS] =
        "SELECT station, type, origin, critical, count(*), min(at_ms), max(at_ms), max(id)"
        " FROM security_event WHERE received_at_ms >= ?4 AND (?1 IS NULL OR station = ?1)"
        " AND (?2 IS NULL OR type = ?2) AND (?3 = 0 OR critical = 1)"
        " GROUP BY station, type, origin, critical ORDER BY max(id) DESC",
    [QUERY_CONNECTIONS] = "SELECT station, link, address, transport, opened_at_ms, closed_at_ms,"
                          " code, reason FROM connection WHERE station = ?1 ORDER BY no DESC",
    [QUERY_EVENTS_OF_STATION] =
        "SELECT " EVENT_COLUMNS " FROM event WHERE station = ?1 AND at_ms >= ?2"
        " ORDER BY seq DESC LIMIT ?3",
    /* --- configuration as wanted, deviations by model --- */
    [QUERY_TEMPLATES] =
        "SELECT vendor, model, firmware, stations, groups, priority, reboot, keys, id"
        " FROM config_template ORDER BY priority, id",
    [QUERY_WISHES] =
        "SELECT t.id, w.key, w.wanted, w.reported, w.source, w.note, w.firmware, w.who, w.why,"
        " w.state, w.at_ms FROM config_wish AS w JOIN station AS t ON t.num = w.station",
    [QUERY_VIOLATIONS] =
        "SELECT vendor, model, firmware, kind, station, example, count, first_at_ms, last_at_ms"
        " FROM violation ORDER BY vendor, model, firmware, kind",
    [QUERY_WAITING] =
        "SELECT w.station, t.vendor, t.model, t.serial, t.firmware, w.address, t.registration,"
        " w.first_at_ms, w.last_at_ms, w.n_boots FROM waiting_station AS w"
        " JOIN station AS t ON t.id = w.station ORDER BY w.first_at_ms",
    /* --- files --- */
    [QUERY_FIRMWARE] = "SELECT " FIRMWARE_COLUMNS " FROM firmware WHERE (?1 = 0 OR num = ?1)"
                       " ORDER BY num /*scan*/",
    [QUERY_FILE_JOBS] = "SELECT " FILE_JOB_COLUMNS " FROM file_job WHERE ?1 IS NULL"
                        " AND (?2 = 0 OR id < ?2) AND (?3 = 0 OR id = ?3)"
                        " ORDER BY id DESC LIMIT ?4",
    [QUERY_FILE_JOBS_OF_STATION] =
        "SELECT " FILE_JOB_COLUMNS " FROM file_job WHERE station = ?1 AND (?2 = 0 OR id < ?2)"
        " AND (?3 = 0 OR id = ?3) ORDER BY id DESC LIMIT ?4",
    [QUERY_FILE_JOBS_OPEN] =
        "SELECT " FILE_JOB_COLUMNS " FROM file_job WHERE state <= 3 ORDER BY id",
    [QUERY_FILE_JOBS_KEPT] = "SELECT " FILE_JOB_COLUMNS " FROM file_job WHERE file IS NOT NULL"
                             " AND (?1 IS NULL OR file = ?1) ORDER BY file /*scan*/",
    [QUERY_FILE_JOBS_OF_ROLLOUT] =
        "SELECT " FILE_JOB_COLUMNS " FROM file_job WHERE rollout = ?1 AND rollout > 0 ORDER BY id",
    [QUERY_ROLLOUTS] =
        "SELECT " ROLLOUT_COLUMNS " FROM rollout WHERE (?1 = 0 OR num = ?1) ORDER BY num /*scan*/",
    [QUERY_ROLLOUT_TARGETS] =
        "SELECT " TARGET_COLUMNS " FROM rollout_target WHERE rollout = ?1 ORDER BY place",
    [QUERY_FILE_MAX] = "SELECT coalesce((SELECT max(id) FROM file_job), 0), coalesce((SELECT"
                       " max(num) FROM firmware), 0), coalesce((SELECT max(num) FROM rollout), 0)",
};

const char *const session_condition_sql[WITH_CONDITIONS] = {
    [WITH_STATION] = " AND s.station = (SELECT num FROM station WHERE id = ?1)",
    [WITH_TAG] = " AND s.tag_key = ?2",
    [WITH_ACTIVE] = " AND s.tx_id IN (SELECT tx_id FROM session_live)",
    [WITH_FINISHED] = " AND s.state = 2",
    [WITH_PROVISIONAL] = " AND s.state = 3 AND s.flags <> 0", /* they all have that flag */
    [WITH_PROBLEMS] = " AND s.flags <> 0",
    [WITH_FROM] = " AND coalesce(s.stopped_at_ms, s.started_at_ms) >= ?3",
    [WITH_TO] = " AND coalesce(s.stopped_at_ms, s.started_at_ms) < ?4",
    [WITH_BEFORE] = " AND s.tx_id < ?5",
};

const char session_order_sql[] = " ORDER BY s.tx_id DESC LIMIT ?6";
/* The plus keeps SQLite from walking through all sessions just because they lie in this order. */
const char session_order_by_time_sql[] = " ORDER BY +s.tx_id DESC LIMIT ?6";
