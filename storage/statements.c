/* All SQL of the write side, prepared at open: a misspelt column fails every test. */
#include "storage/conn.h"

const char *const store_sql[STMT_COUNT] = {
    [STMT_BEGIN] = "BEGIN IMMEDIATE",
    [STMT_COMMIT] = "COMMIT",
    [STMT_SAVEPOINT] = "SAVEPOINT job",
    [STMT_RELEASE] = "RELEASE job",
    [STMT_BACK_TO_SAVEPOINT] = "ROLLBACK TO job",
    /* as much as a busy moment may need, so that "recovered" is not said for the last free page */
    [STMT_PROBE_FILL] = "INSERT OR REPLACE INTO probe (id, filler) VALUES (1, zeroblob(262144))",
    [STMT_PROBE_EVENT] = "INSERT INTO event (at_ms, name, severity, station, connector, text)"
                         " VALUES (?, 'storage.recovered', 2, NULL, -1, ?)",
    [STMT_PROBE_CLEAR] = "DELETE FROM probe",

    [STMT_STATION_NUM] = "SELECT num FROM station WHERE id = ?",
    [STMT_STATION_GET] =
        "SELECT security_profile, grid_node, wiring, rating_ma, safe_ma, min_ma, weight, class,"
        " tariff, operator_id, district, street, house_no, postcode, city, lat_e7, lon_e7,"
        " meter_serial, strict, lax_subprotocol, certificate_cn, groups, groups_only, local_list,"
        " priority"
        " FROM station WHERE id = ?",
    [STMT_STATION_PUT] =
        "INSERT INTO station (security_profile, grid_node, wiring, rating_ma, safe_ma, min_ma,"
        " weight, class, tariff, operator_id, district, street, house_no, postcode, city,"
        " lat_e7, lon_e7, meter_serial, strict, lax_subprotocol, certificate_cn, groups,"
        " groups_only, local_list, priority, id) VALUES (?, ?, ?, ?, ?, ?, ?,"
        " ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET"
        " security_profile = excluded.security_profile, grid_node = excluded.grid_node, wiring"
        " = excluded.wiring, rating_ma = excluded.rating_ma, safe_ma = excluded.safe_ma, min_ma"
        " = excluded.min_ma, weight = excluded.weight, class = excluded.class, tariff ="
        " excluded.tariff, operator_id = excluded.operator_id, district = excluded.district,"
        " street = excluded.street, house_no = excluded.house_no, postcode = excluded.postcode,"
        " city = excluded.city, lat_e7 = excluded.lat_e7, lon_e7 = excluded.lon_e7,"
        " meter_serial = excluded.meter_serial, strict = excluded.strict, lax_subprotocol ="
        " excluded.lax_subprotocol, decommissioned = 0, certificate_cn = excluded.certificate_cn,"
        " groups = excluded.groups, groups_only = excluded.groups_only, local_list ="
        " excluded.local_list, priority = excluded.priority,"
        " pending_profile = CASE WHEN security_profile = excluded.security_profile"
        " THEN pending_profile ELSE 0 END",
    [STMT_STATION_GONE] = "SELECT 1 FROM station WHERE id = ? AND decommissioned = 1",
    [STMT_STATION_LIKE] = "SELECT id FROM station WHERE id = ?1 COLLATE NOCASE AND id <> ?1",
    [STMT_STATION_KEY] =
        "UPDATE station SET key_salt = ?2, key_hash = ?3, pending_salt = NULL,"
        " pending_hash = NULL, old_salt = CASE WHEN key_hash IS ?3 THEN old_salt ELSE"
        " key_salt END, old_hash = CASE WHEN key_hash IS ?3 THEN old_hash ELSE key_hash"
        " END WHERE id = ?1",
    [STMT_KEY_BACK] =
        "UPDATE station SET key_salt = old_salt, key_hash = old_hash, old_salt = key_salt,"
        " old_hash = key_hash, pending_salt = NULL, pending_hash = NULL"
        " WHERE id = ?1 AND old_hash IS NOT NULL",
    [STMT_KEY_PENDING] = "UPDATE station SET pending_salt = ?2, pending_hash = ?3 WHERE id = ?1",
    [STMT_KEY_DROPPED] = "UPDATE station SET pending_salt = NULL, pending_hash = NULL"
                         " WHERE id = ?1 AND pending_salt = ?2 AND pending_hash = ?3",
    [STMT_PROFILE_PENDING] = "UPDATE station SET pending_profile = ?2 WHERE id = ?1",
    [STMT_PROFILE_RAISED] = "UPDATE station SET security_profile = ?2, pending_profile = 0"
                            " WHERE id = ?1 AND security_profile < ?2",
    [STMT_PROFILE_DROPPED] = "UPDATE station SET pending_profile = 0"
                             " WHERE id = ?1 AND pending_profile = ?2",
    [STMT_STATION_PROVISION] =
        "INSERT INTO station (id, security_profile, wiring, rating_ma, safe_ma, min_ma, weight,"
        " class, strict, lax_subprotocol, registration)"
        " VALUES (?1, 0, 'RST', 16000, 0, 6000, 1, 4, 0, 0, 2) ON CONFLICT DO NOTHING",
    [STMT_CONNECTOR_PROVISION] = "INSERT INTO connector (station, connector, max_w)"
                                 " SELECT num, 1, 11040 FROM station WHERE id = ?1",
    [STMT_STATION_REGISTRATION] = "UPDATE station SET registration = ?2 WHERE id = ?1",
    [STMT_STATION_SESSIONS] = "SELECT 1 FROM session WHERE station = ?1 UNION ALL"
                              " SELECT 1 FROM orphan_stop WHERE station = ?1 LIMIT 1",
    [STMT_STATION_DECOMMISSION] =
        "UPDATE station SET decommissioned = 1, key_salt = NULL, key_hash = NULL, pending_salt ="
        " NULL, pending_hash = NULL, pending_profile = 0, old_salt = NULL, old_hash = NULL"
        " WHERE num = ?",
    [STMT_STATION_DELETE] = "DELETE FROM station WHERE num = ?",
    [STMT_STATION_BOOT] =
        "UPDATE station SET vendor = ?2, model = ?3, serial = ?4, firmware = ?5, iccid = ?6,"
        " imsi = ?7, meter_type = ?8, told_meter_serial = coalesce(?9, told_meter_serial),"
        " booted_at_ms = ?10, seen_at_ms = ?10 WHERE num = ?1",
    [STMT_STATION_SPOKE] = "UPDATE connector SET commissioned = 1"
                           " WHERE station = ?1 AND connector > 0 AND commissioned = 0",
    [STMT_CONNECTOR_GET] =
        "SELECT evse_id, max_w FROM connector"
        " WHERE station = (SELECT num FROM station WHERE id = ?1) AND connector = ?2",
    [STMT_CONNECTOR_PUT] =
        "INSERT INTO connector (evse_id, max_w, station, connector)"
        " SELECT ?1, ?2, num, ?4 FROM station WHERE id = ?3"
        " ON CONFLICT DO UPDATE SET evse_id = excluded.evse_id, max_w = excluded.max_w",
    [STMT_CONNECTOR_STATUS] =
        "INSERT INTO connector (station, connector, status, error_code, info, vendor_error,"
        " status_at_ms, commissioned) VALUES (?, ?, ?, ?, ?, ?, ?, 1) ON CONFLICT DO UPDATE SET"
        " status = excluded.status, error_code = excluded.error_code, info = excluded.info,"
        " vendor_error = excluded.vendor_error, status_at_ms = excluded.status_at_ms WHERE"
        " status_at_ms IS NULL OR excluded.status_at_ms >= status_at_ms",
    [STMT_CONNECTOR_POINT] =
        "UPDATE connector SET safe_confirmed_ma = ?3, learnt_class = ?4, commissioned = 1"
        " WHERE station = ?1 AND connector = ?2",
    [STMT_CONNECTOR_DELETE] = "DELETE FROM connector WHERE station = ?",
    [STMT_EVSE_TWICE] = "SELECT k.evse_id, max(s.id), min(s.id) FROM connector AS k"
                        " JOIN station AS s ON s.num = k.station"
                        " WHERE k.evse_id IS NOT NULL AND s.decommissioned = 0"
                        " GROUP BY k.evse_id HAVING count(*) > 1 LIMIT 1",

    [STMT_NODE_GET] =
        "SELECT parent, name, limit1_ma, limit2_ma, limit3_ma, foreign1_ma, foreign2_ma,"
        " foreign3_ma, single_max_ma, kind, lat_e7, lon_e7, calendar, foreign_by_hour,"
        " meter_silent_after_s, meter_guard1_ma, meter_guard2_ma, meter_guard3_ma,"
        " meter_silent1_ma, meter_silent2_ma, meter_silent3_ma, meter_includes, meter_device,"
        " meter_fields, meter_unit, green FROM grid_node WHERE id = ?",
    [STMT_NODE_PUT] =
        "INSERT INTO grid_node (parent, name, limit1_ma, limit2_ma, limit3_ma, foreign1_ma,"
        " foreign2_ma, foreign3_ma, single_max_ma, kind, lat_e7, lon_e7, calendar,"
        " foreign_by_hour, meter_silent_after_s, meter_guard1_ma, meter_guard2_ma,"
        " meter_guard3_ma, meter_silent1_ma, meter_silent2_ma, meter_silent3_ma, meter_includes,"
        " meter_device, meter_fields, meter_unit, green, id, place) VALUES (?, ?, ?, ?, ?, ?, ?,"
        " ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,"
        " ?, (SELECT coalesce(max(place), 0) + 1 FROM grid_node)) ON CONFLICT (id) DO UPDATE"
        " SET parent = excluded.parent, name = excluded.name, limit1_ma = excluded.limit1_ma,"
        " limit2_ma = excluded.limit2_ma, limit3_ma = excluded.limit3_ma, foreign1_ma ="
        " excluded.foreign1_ma, foreign2_ma = excluded.foreign2_ma, foreign3_ma ="
        " excluded.foreign3_ma, single_max_ma = excluded.single_max_ma, kind = excluded.kind,"
        " lat_e7 = excluded.lat_e7, lon_e7 = excluded.lon_e7, calendar = excluded.calendar,"
        " foreign_by_hour = excluded.foreign_by_hour, meter_silent_after_s ="
        " excluded.meter_silent_after_s, meter_guard1_ma = excluded.meter_guard1_ma,"
        " meter_guard2_ma = excluded.meter_guard2_ma, meter_guard3_ma = excluded.meter_guard3_ma,"
        " meter_silent1_ma = excluded.meter_silent1_ma, meter_silent2_ma ="
        " excluded.meter_silent2_ma, meter_silent3_ma = excluded.meter_silent3_ma,"
        " meter_includes = excluded.meter_includes, meter_device = excluded.meter_device,"
        " meter_fields = excluded.meter_fields, meter_unit = excluded.meter_unit, green ="
        " excluded.green",
    [STMT_SERIES_EDITION] =
        "INSERT INTO series_edition (kind, from_ms, until_ms, source, who, at_ms)"
        " VALUES (?, ?, ?, ?, ?, ?)",
    [STMT_SERIES_QUARTER] =
        "INSERT INTO series_quarter (kind, from_ms, edition, value_e3) VALUES (?, ?, ?, ?)",
    [STMT_GREEN_PUT] =
        "INSERT INTO green_session (tx_id, kind, node, power_w, at_ms) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (tx_id) DO NOTHING",
    [STMT_CAP_PUT] =
        "INSERT INTO grid_cap (id, node, limit1_ma, limit2_ma, limit3_ma, from_ms, until_ms, said,"
        " who, why, asked_at_ms, began_at_ms, ended_at_ms, ended_by) VALUES (?, ?, ?, ?, ?, ?, ?,"
        " ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET began_at_ms = excluded.began_at_ms,"
        " ended_at_ms = excluded.ended_at_ms, ended_by = excluded.ended_by",

    [STMT_TAG_GET] =
        "SELECT parent, customer, auth_kind, status, expires_at_ms, single_session, groups, id_tag"
        " FROM tag WHERE key = ?",
    /* A tag that comes back after it was deleted may have left lists meanwhile. */
    [STMT_TAG_PUT] =
        "INSERT INTO tag (parent, customer, auth_kind, status, expires_at_ms, single_session,"
        " groups, id_tag, key, revision, moved) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10,"
        " iif(EXISTS (SELECT 1 FROM tag_gone WHERE key = ?9), ?10, 0)) ON CONFLICT (key) DO UPDATE"
        " SET id_tag = excluded.id_tag, parent = excluded.parent, customer = excluded.customer,"
        " auth_kind = excluded.auth_kind, status = excluded.status, expires_at_ms ="
        " excluded.expires_at_ms, single_session = excluded.single_session, moved ="
        " iif(groups IS excluded.groups, moved, excluded.revision), groups = excluded.groups,"
        " revision = excluded.revision",
    [STMT_TAG_DELETE] = "DELETE FROM tag WHERE key = ?",
    [STMT_TAG_STATE] = "SELECT revision, floor FROM tag_state",
    [STMT_TAG_STATE_PUT] = "UPDATE tag_state SET revision = ?1, floor = ?2",
    [STMT_TAG_GONE_PUT] = "INSERT OR REPLACE INTO tag_gone (key, id_tag, groups, revision, moved)"
                          " SELECT key, id_tag, groups, ?2, moved FROM tag WHERE key = ?1",
    [STMT_TAG_GONE_DELETE] = "DELETE FROM tag_gone WHERE key = ?",
    [STMT_TAG_GONE_OLDEST] = "SELECT revision FROM tag_gone ORDER BY revision DESC"
                             " LIMIT 1 OFFSET ?",
    [STMT_TAG_GONE_PRUNE] = "DELETE FROM tag_gone WHERE revision <= ?",
    [STMT_TAG_RENUMBER] =
        "/*scan*/ UPDATE tag SET moved = 0, revision = o.n FROM (SELECT key AS k, row_number()"
        " OVER (ORDER BY revision, key) AS n FROM tag) AS o WHERE o.k = tag.key",
    [STMT_TAG_COUNT] = "/*scan*/ SELECT count(*) FROM tag",
    [STMT_LOCAL_LIST_PUT] =
        "INSERT OR REPLACE INTO local_list (station, version, offered, upto, base, entries,"
        " max_entries, scope, cut, unable, firmware, result, asked_at_ms, at_ms, n_full,"
        " n_differential, n_failed) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    [STMT_LOCAL_LIST_DELETE] = "DELETE FROM local_list WHERE station = ?",
    [STMT_LOCAL_LISTS_FORGET] = "/*scan*/ UPDATE local_list SET version = 0, offered = 0, upto = 0,"
                                " base = 0",

    [STMT_TARIFF_GET] =
        "SELECT valid_from_ms, currency, tax_included, vat_bp, price_e4_per_kwh, flat_cents,"
        " blocking_after_s, blocking_e4_per_min, blocking_from_min, blocking_to_min,"
        " blocking_cap_cents, alt_text_de, alt_text_en FROM tariff WHERE id = ? AND version = ?",
    [STMT_TARIFF_PUT] =
        "INSERT INTO tariff (valid_from_ms, currency, tax_included, vat_bp, price_e4_per_kwh,"
        " flat_cents, blocking_after_s, blocking_e4_per_min, blocking_from_min,"
        " blocking_to_min, blocking_cap_cents, alt_text_de, alt_text_en, id, version) VALUES"
        " (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    [STMT_TARIFF_KNOWN] = "SELECT 1 FROM tariff WHERE id = ? LIMIT 1",
    [STMT_TARIFF_VERSION] =
        "SELECT id, version, valid_from_ms, currency, tax_included, vat_bp, price_e4_per_kwh,"
        " flat_cents, blocking_after_s, blocking_e4_per_min, blocking_from_min,"
        " blocking_to_min, blocking_cap_cents FROM tariff WHERE id = ? AND version = ?",

    [STMT_FACTOR_GET] = "SELECT low_e6, mid_e6, high_e6, unit, state, source, revised FROM factor"
                        " WHERE kind = ? AND year = ?",
    [STMT_FACTOR_PUT] =
        "INSERT INTO factor (low_e6, mid_e6, high_e6, unit, state, source, revised, kind, year)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (kind, year) DO UPDATE SET"
        " low_e6 = excluded.low_e6, mid_e6 = excluded.mid_e6, high_e6 = excluded.high_e6,"
        " unit = excluded.unit, state = excluded.state, source = excluded.source,"
        " revised = excluded.revised",

    [STMT_TX_FIND] = "SELECT tx_id, auth_status FROM session WHERE station = ? AND connector = ?"
                     " AND start_station_ms = ? AND id_tag = ? AND meter_start_wh = ?",
    [STMT_TX_INSERT] =
        "INSERT INTO session (station, connector, id_tag, tag_key, auth_status, auth_kind,"
        " customer, reservation_id, meter_start_wh, start_station_ms, started_at_ms,"
        " received_start_ms, state, flags, tariff, tariff_version) VALUES (?1, ?2, ?3, ?4, ?5,"
        " ?6, ?7, ?8, ?9, ?10, ?11, ?12, 1, ?13, (SELECT tariff FROM station WHERE num = ?1),"
        " (SELECT version FROM tariff WHERE id = (SELECT tariff FROM station WHERE num = ?1)"
        " AND valid_from_ms <= ?11 ORDER BY valid_from_ms DESC, version DESC LIMIT 1))",
    [STMT_TX_LIVE] = "INSERT INTO session_live (tx_id, station) VALUES (?, ?)",
    [STMT_TX_OPEN_ON] = "SELECT tx_id, started_at_ms FROM session WHERE station = ?"
                        " AND connector = ? AND state = 1 ORDER BY started_at_ms",
    [STMT_TX_GET] =
        "SELECT s.station, s.connector, s.started_at_ms, s.meter_start_wh, s.meter_stop_wh,"
        " s.state, s.flags, coalesce(l.register_uwh, s.last_register_uwh),"
        " coalesce(l.sample_ms, s.last_sample_ms)"
        " FROM session AS s LEFT JOIN session_live AS l ON l.tx_id = s.tx_id WHERE s.tx_id = ?",
    /* Without a tag only the connector of a station that has one can be meant. */
    [STMT_TX_BY_TAG] =
        "SELECT tx_id FROM session WHERE station = ?1 AND state = 1 AND started_at_ms <= ?2"
        " AND meter_start_wh <= ?4 AND (tag_key = ?3 OR ?3 IS NULL AND 1 ="
        " (SELECT count(*) FROM connector WHERE station = ?1 AND connector > 0))",
    [STMT_TX_ENDED_BY] = "SELECT tx_id FROM session WHERE station = ? AND stop_station_ms = ?"
                         " AND meter_stop_wh = ? AND state = 2 ORDER BY tx_id DESC LIMIT 1",
    [STMT_TX_END] =
        "UPDATE session SET meter_stop_wh = ?2, stop_station_ms = ?3, stopped_at_ms = ?4,"
        " received_stop_ms = ?5, stop_tag = ?6, reason = ?7, state = ?8, flags = ?9,"
        " close_note = coalesce(?10, close_note), last_register_uwh = ?11, last_sample_ms = ?12"
        " WHERE tx_id = ?1",
    [STMT_TX_NOT_LIVE] = "DELETE FROM session_live WHERE tx_id = ?",
    [STMT_TX_PREVIOUS_END] = "SELECT meter_stop_wh FROM session WHERE station = ? AND connector = ?"
                             " AND stopped_at_ms <= ? AND tx_id <> ? AND meter_stop_wh IS NOT NULL"
                             " ORDER BY stopped_at_ms DESC LIMIT 1",
    [STMT_TX_STALE] =
        "SELECT s.tx_id FROM session AS s LEFT JOIN session_live AS l ON l.tx_id = s.tx_id"
        " WHERE s.state = 1 AND s.started_at_ms < ?1 AND s.received_start_ms < ?1"
        " AND coalesce(l.sample_ms, 0) < ?1",
    [STMT_TX_AT] =
        "SELECT tx_id FROM (SELECT tx_id, started_at_ms FROM session WHERE station = ?1"
        " AND connector = ?2 AND state = 1 AND started_at_ms <= ?3 UNION ALL"
        " SELECT tx_id, started_at_ms FROM session WHERE station = ?1 AND connector = ?2"
        " AND stopped_at_ms >= ?3 AND started_at_ms <= ?3) ORDER BY started_at_ms DESC LIMIT 1",
    [STMT_TX_REGISTER] =
        "UPDATE session_live SET register_uwh = coalesce(?2, register_uwh), sample_ms = ?3"
        " WHERE tx_id = ?1 AND station = ?4 AND (sample_ms IS NULL OR sample_ms <= ?3)",
    [STMT_ORPHAN_INSERT] =
        "INSERT OR IGNORE INTO orphan_stop (station, tx_id, id_tag, tag_key, meter_stop_wh,"
        " station_ms, stopped_at_ms, received_ms, reason, flags) VALUES (?, ?, ?, ?, ?, ?, ?,"
        " ?, ?, ?)",
    [STMT_ORPHAN_MATCH] =
        "SELECT id, id_tag, meter_stop_wh, station_ms, stopped_at_ms, received_ms, reason,"
        " flags FROM orphan_stop WHERE station = ?1 AND stopped_at_ms >= ?2 AND meter_stop_wh"
        " >= ?3 AND (tag_key IS NULL OR tag_key = ?4) AND tx_id <= 0 ORDER BY stopped_at_ms",
    [STMT_ORPHAN_DELETE] = "DELETE FROM orphan_stop WHERE id = ?",
    [STMT_ORPHAN_BACK] =
        "INSERT OR IGNORE INTO orphan_stop (station, tx_id, id_tag, tag_key, meter_stop_wh,"
        " station_ms, stopped_at_ms, received_ms, reason, flags) SELECT station, 0, stop_tag,"
        " iif(stop_tag IS NULL, NULL, tag_key), meter_stop_wh, stop_station_ms, stopped_at_ms,"
        " received_stop_ms, reason, 0 FROM session WHERE tx_id = ?",

    [STMT_METER_INSERT] =
        "INSERT OR IGNORE INTO meter (station, sampled_at_ms, connector, tx_id, digest,"
        " session, received_at_ms, register_uwh, power_mw, current1_ma, current2_ma,"
        " current3_ma, soc_pct, raw) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",

    [STMT_METER_ATTACH] =
        "UPDATE meter SET session = ?1 WHERE sampled_at_ms >= ?3 AND sampled_at_ms <= ?4"
        " AND station = ?2 AND session = 0 AND connector IN (0, ?5)",

    [STMT_EVENT_INSERT] = "INSERT INTO event (at_ms, name, severity, station, connector, text)"
                          " VALUES (?, ?, ?, ?, ?, ?)",
    [STMT_EVENT_PRUNE] = "DELETE FROM event WHERE seq <= (SELECT max(seq) FROM event) - 200000"
                         " AND seq < (SELECT min(seq) FROM event) + 2000",
    /* One station that floods does not push out the events of the others. */
    [STMT_EVENT_PRUNE_STATION] =
        "DELETE FROM event WHERE station = ?1 AND seq <= (SELECT seq FROM event WHERE station = ?1"
        " ORDER BY seq DESC LIMIT 1 OFFSET 10000)",
    [STMT_REFUSED_PUT] =
        "INSERT INTO refused (identity, reason, detail, address, count, first_at_ms, last_at_ms)"
        " VALUES (?1, ?2, ?3, ?4, 1, ?5, ?5) ON CONFLICT DO UPDATE SET detail = excluded.detail,"
        " address = excluded.address, count = count + 1, last_at_ms = excluded.last_at_ms",
    [STMT_CONFIG_PUT] =
        "INSERT INTO station_config (station, key, value, readonly, known, at_ms)"
        " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET value = excluded.value,"
        " readonly = excluded.readonly, known = excluded.known, at_ms = excluded.at_ms",

    /* What a station goes on inventing: the most recent ones stay. */
    [STMT_CONFIG_PRUNE] =
        "DELETE FROM station_config WHERE station = ?1 AND key IN (SELECT key FROM station_config"
        " WHERE station = ?1 ORDER BY at_ms DESC LIMIT -1 OFFSET 2000)",
    [STMT_CONFIG_DELETE] = "DELETE FROM station_config WHERE station = ?",

    [STMT_LEASE_PUT] =
        "INSERT OR REPLACE INTO lease (station, connector, seq, tx_id, limit_ma, safe_ma,"
        " start_at_ms, end_at_ms, at_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
    [STMT_LEASE_PRUNE] = "DELETE FROM lease WHERE station = ?1 AND connector = ?2 AND"
                         " (end_at_ms < ?3 - 3600000 OR (tx_id <> ?4 AND tx_id >= 0 AND ?4 >= 0))",
    [STMT_LEASE_DELETE] = "DELETE FROM lease WHERE station = ?",
    /* the one that was accepted, and those it has replaced */
    [STMT_LEASE_ACCEPTED] = "UPDATE lease SET accepted = accepted OR (at_ms = ?4 AND seq = ?5),"
                            " replaced = iif(at_ms = ?4 AND seq = ?5, replaced,"
                            " replaced OR end_at_ms > ?6),"
                            " end_at_ms = iif(at_ms = ?4 AND seq = ?5, end_at_ms,"
                            " min(end_at_ms, ?6)) WHERE station = ?1"
                            " AND connector = ?2 AND tx_id IN (?3, -1)"
                            " AND (at_ms < ?4 OR (at_ms = ?4 AND seq <= ?5))"
                            /* one that was not written does not outlive a crash as they do */
                            " AND EXISTS (SELECT 1 FROM lease WHERE station = ?1 AND connector = ?2"
                            " AND at_ms = ?4 AND seq = ?5)",
    [STMT_LEASE_REFUSED] = "DELETE FROM lease WHERE station = ? AND connector = ? AND at_ms = ?"
                           " AND seq = ?",
    [STMT_LIFE_NEXT] = "UPDATE life SET number = number + 1",
    [STMT_LIFE_READ] = "SELECT identity, number, doubt_until_ms FROM life WHERE one = 1",
    [STMT_LIFE_RENEW] =
        "UPDATE life SET identity = lower(hex(randomblob(16))), number = number + 1,"
        " doubt_until_ms = ?1",
    [STMT_LIFE_HISTORY] =
        "SELECT EXISTS (SELECT 1 FROM session /*scan*/) OR EXISTS (SELECT 1 FROM connector"
        " WHERE commissioned = 1)",
    [STMT_STATION_CLASS] = "UPDATE station SET class = ?2 WHERE num = ?1",
    [STMT_EVIDENCE_PUT] =
        "INSERT OR REPLACE INTO evidence (station, vendor, model, firmware, class,"
        " demoted, why, at_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
    [STMT_EVIDENCE_CLEAR] = "DELETE FROM evidence WHERE station = ?1 AND (?1 <> '' OR (vendor = ?2"
                            " AND model = ?3 AND firmware = ?4))",
    [STMT_DECISION_PUT] =
        "INSERT INTO decision (station, connector, seq, tx_id, at_ms, kind, limit_ma, safe_ma,"
        " end_at_ms, reason, node, phase) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    [STMT_DECISION_ANSWER] = "UPDATE decision SET answer = ?5, answered_at_ms = ?6 WHERE"
                             " station = ?1 AND at_ms = ?2 AND connector = ?3 AND seq = ?4",
    [STMT_DECISION_DELETE] = "DELETE FROM decision WHERE station = ?",
    /* ids come in the order of time: the oldest ones, a slice at a time, when 90 days old */
    [STMT_DECISION_PRUNE] =
        "DELETE FROM decision WHERE id IN (SELECT id FROM decision ORDER BY id LIMIT 2000)"
        " AND at_ms < (SELECT at_ms FROM decision ORDER BY id DESC LIMIT 1) - 7776000000",
    [STMT_NEED_PUT] =
        "INSERT INTO session_need (tx_id, depart_ms, energy_wh, min_ma, priority, told_ms, who,"
        " why) SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8 FROM session_live WHERE tx_id = ?1"
        " ON CONFLICT (tx_id) DO UPDATE SET depart_ms = excluded.depart_ms, energy_wh ="
        " excluded.energy_wh, min_ma = excluded.min_ma, priority = excluded.priority, told_ms ="
        " excluded.told_ms, who = excluded.who, why = excluded.why",
    [STMT_NEED_DELETE] = "DELETE FROM session_need WHERE tx_id = ?",
    [STMT_TX_PHASES] = "UPDATE session_live SET phases = ?2 WHERE tx_id = ?1",
    /* A start without a time stamp is known by the rest while its session runs. */
    [STMT_TX_FIND_UNTIMED] =
        "SELECT tx_id, auth_status FROM session WHERE state = 1 AND station = ? AND connector = ?"
        " AND id_tag = ? AND meter_start_wh = ? AND flags & 8 <> 0",
    [STMT_REFUSED_PRUNE] = "DELETE FROM refused WHERE last_at_ms < (SELECT last_at_ms FROM refused"
                           " ORDER BY last_at_ms DESC LIMIT 1 OFFSET 10000)",
    [STMT_EXPORT_INSERT] =
        "INSERT INTO export_run (kind, period, sha256, rows, at_ms) VALUES (?, ?, ?, ?, ?)",

    /* configuration as wanted, deviations by model, stations that wait for approval */
    [STMT_TEMPLATE_GET] = "SELECT vendor, model, firmware, stations, groups, priority, reboot, keys"
                          " FROM config_template WHERE id = ?",
    [STMT_TEMPLATE_PUT] =
        "INSERT INTO config_template (vendor, model, firmware, stations, groups, priority, reboot,"
        " keys, id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET vendor ="
        " excluded.vendor, model = excluded.model, firmware = excluded.firmware, stations ="
        " excluded.stations, groups = excluded.groups, priority = excluded.priority, reboot = excluded.reboot, keys ="
        " excluded.keys",
    [STMT_TEMPLATE_DELETE] = "DELETE FROM config_template WHERE id = ?",
    [STMT_WISHES_DELETE] = "DELETE FROM config_wish WHERE station = ?",
    [STMT_WISH_PUT] =
        "INSERT OR REPLACE INTO config_wish (station, key, wanted, reported, source, note,"
        " firmware, who, why, state, at_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    [STMT_VIOLATION_ADD] =
        "INSERT INTO violation (vendor, model, firmware, kind, station, example, count,"
        " first_at_ms, last_at_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET"
        " station = excluded.station, example = excluded.example, count = count + excluded.count,"
        " last_at_ms = max(last_at_ms, excluded.last_at_ms)",
    [STMT_VIOLATION_PRUNE] =
        "DELETE FROM violation WHERE last_at_ms < (SELECT last_at_ms FROM violation /*scan*/"
        " ORDER BY last_at_ms DESC LIMIT 1 OFFSET 5000)",
    [STMT_WAITING_PUT] =
        "INSERT INTO waiting_station (station, address, first_at_ms, last_at_ms, n_boots)"
        " VALUES (?1, ?2, ?3, ?3, ?4) ON CONFLICT DO UPDATE SET address = coalesce("
        "excluded.address, address), last_at_ms = excluded.last_at_ms, n_boots = n_boots +"
        " excluded.n_boots",
    [STMT_WAITING_DELETE] = "DELETE FROM waiting_station WHERE station = ?",

/* the ledger: storage/billing/cdr.c; the columns stand in the order of its table */
#define CDR_COLUMNS                                                                                \
    "tx_id, kind, ref_no, booking_period, service_period, started_at_ms, stopped_at_ms,"           \
    " meter_start_wh, meter_stop_wh, energy_wh, energy_cents, blocking_min, blocking_cents,"       \
    " other_cents, gross_cents, net_cents, vat_cents, vat_bp, price_e4_per_kwh, currency, tariff," \
    " tariff_version, value_state, meter_serial, flags, evse_id, district, operator_id, reason,"   \
    " created_at_ms, no, id"
    [STMT_CDR_LAST] = "SELECT no, hash FROM cdr ORDER BY no DESC LIMIT 1",
    [STMT_CDR_INSERT] = "INSERT INTO cdr (" CDR_COLUMNS
                        ", prev_hash, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,"
                        " ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    /* ref_no > 0: the condition of the partial index, without which all records are read */
    [STMT_CDR_LIVE] =
        "SELECT " CDR_COLUMNS " FROM cdr AS c WHERE tx_id = ? AND kind <> 'credit' AND NOT EXISTS"
        " (SELECT 1 FROM cdr AS x WHERE x.ref_no = c.no AND x.ref_no > 0 AND x.kind = 'credit')",
    [STMT_CDR_ALL] = "SELECT " CDR_COLUMNS ", prev_hash, hash FROM cdr ORDER BY no",
    [STMT_CDR_SESSION] =
        "SELECT s.state, s.flags, s.started_at_ms, s.stopped_at_ms, s.meter_start_wh,"
        " s.meter_stop_wh, s.tariff, s.tariff_version, coalesce(t.meter_serial,"
        " t.told_meter_serial), k.evse_id, t.district, t.operator_id FROM session AS s JOIN"
        " station AS t ON t.num = s.station LEFT JOIN connector AS k ON k.station = s.station"
        " AND k.connector = s.connector WHERE s.tx_id = ?",
    [STMT_PERIOD_LAST_CLOSED] = "SELECT max(month) FROM period WHERE state <> 'open'",

    /* --- what operators ask of stations --- */
    [STMT_CALL_INSERT] =
        "INSERT INTO call_log (station, action, payload, is_whole, who, why, asked_at_ms,"
        " until_ms, timeout_ms, sent_at_ms, finished_at_ms, outcome, answer)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    [STMT_CALL_BEGIN] = "UPDATE call_log SET outcome = 2 WHERE id = ?",
    [STMT_CALL_END] = "UPDATE call_log SET outcome = ?2, sent_at_ms = ?3, finished_at_ms = ?4,"
                      " answer = ?5 WHERE id = ?1",
    [STMT_CALLS_LOST] = "UPDATE call_log SET outcome = iif(outcome = 2, 6, 11), finished_at_ms = ?1"
                        " WHERE outcome <= 2 AND (outcome = 2 OR is_whole = 0 OR until_ms <= ?1)",
    [STMT_CALL_PRUNE] = "DELETE FROM call_log WHERE id <= (SELECT max(id) FROM call_log) - 100000"
                        " AND id < (SELECT min(id) FROM call_log) + 2000",
    [STMT_RESERVATION_PUT] =
        "INSERT INTO reservation (num, station, id, connector, id_tag, parent, expires_at_ms,"
        " state, who, why, note, asked_at_ms, changed_at_ms, tx_id)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (num) DO UPDATE SET"
        " expires_at_ms = excluded.expires_at_ms, state = excluded.state, note = excluded.note,"
        " changed_at_ms = excluded.changed_at_ms, tx_id = excluded.tx_id",
    [STMT_RESERVATION_USE] = "UPDATE reservation SET state = 3, tx_id = ?2, changed_at_ms = ?3,"
                             " note = '' WHERE num = ?1 AND state <= 2",
    [STMT_RESERVATION_USE_LATE] =
        "UPDATE reservation SET state = 3, tx_id = ?3, changed_at_ms = ?4, note = '' WHERE num ="
        " (SELECT max(num) FROM reservation WHERE station = ?1 AND id = ?2 AND state = 4"
        "  AND asked_at_ms <= ?4 AND expires_at_ms >= ?4)",
    [STMT_RESERVATION_PRUNE] =
        "DELETE FROM reservation WHERE num <= (SELECT max(num) FROM reservation) - 100000"
        " AND num < (SELECT min(num) FROM reservation) + 2000 AND state > 2",
    [STMT_PROFILE_REPLACED] =
        "DELETE FROM installed_profile WHERE station = ?1 AND (id = ?2 OR (connector = ?3"
        " AND purpose = ?4 AND stack_level = ?5 AND (?6 = 0 OR tx_id IN (0, ?6))))",
    [STMT_PROFILE_PUT] = "INSERT INTO installed_profile (station, id, connector, purpose,"
                         " stack_level, tx_id, json, at_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
    [STMT_PROFILE_FORGET] =
        "DELETE FROM installed_profile WHERE station = ?1 AND (?2 < 0 OR id = ?2)"
        " AND (?3 < 0 OR connector = ?3) AND (?4 < 0 OR stack_level = ?4)"
        " AND (?5 IS NULL OR purpose = ?5) AND (?6 = 0 OR tx_id = ?6)",

    /* --- certificates --- */
    [STMT_CERT_REQUEST_REPLACED] = "UPDATE cert_request SET state = 7, changed_at_ms = ?2"
                                   " WHERE station = ?1 AND state <= 3",
    [STMT_CERT_REQUEST_INSERT] =
        "INSERT INTO cert_request (station, csr, subject, cn, key, state, renewal, asked_at_ms,"
        " changed_at_ms, who, why, note) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    [STMT_CERT_REQUEST_PRUNE] =
        "DELETE FROM cert_request WHERE station = ?1 AND state > 3 AND id <= (SELECT id FROM"
        " cert_request WHERE station = ?1 ORDER BY id DESC LIMIT 1 OFFSET 50)",
    [STMT_CERT_REQUEST_CHANGE] =
        "UPDATE cert_request SET state = ?3, who = coalesce(?4, who), why = coalesce(?5, why),"
        " note = coalesce(?6, note), changed_at_ms = ?7 WHERE id = ?1 AND (?2 >> state) & 1",
    [STMT_CERT_REQUEST_SIGNED] =
        "UPDATE cert_request SET state = 3, chain = ?2, fingerprint = ?3, changed_at_ms = ?4"
        " WHERE id = ?1 AND state <= 3",
    [STMT_CERT_PUT] =
        "INSERT INTO certificate (fingerprint, kind, station, subject, issuer, cn, serial, key,"
        " not_before_ms, not_after_ms, pem, request, added_at_ms, note)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET"
        " kind = min(kind, excluded.kind), station = coalesce(station, excluded.station)",
    [STMT_CERT_SEEN] = "UPDATE certificate SET seen_at_ms = coalesce(seen_at_ms, ?2), station = ?3"
                       " WHERE fingerprint = ?1",
    [STMT_CERT_OLDER] = "UPDATE certificate SET replaced_at_ms = ?4 WHERE station = ?1 AND kind = 2"
                        " AND fingerprint <> ?2 AND not_before_ms <= ?3 AND replaced_at_ms IS NULL",
    [STMT_CERT_STANDING] =
        "SELECT revoked_at_ms IS NOT NULL, replaced_at_ms IS NOT NULL FROM certificate"
        " WHERE fingerprint = ?1",
    [STMT_CERT_REVOKE] = "UPDATE certificate SET revoked_at_ms = coalesce(revoked_at_ms, ?2),"
                         " note = iif(revoked_at_ms IS NULL, ?3, note) WHERE fingerprint = ?1",
    [STMT_CERT_WARNED] = "UPDATE certificate SET warned_days = ?2 WHERE fingerprint = ?1",
    [STMT_CERT_INSTALLED_DELETE] = "DELETE FROM cert_installed WHERE station = ?1 AND type = ?2",
    [STMT_CERT_INSTALLED_PUT] =
        "INSERT INTO cert_installed (station, type, hash, issuer_name_hash, issuer_key_hash,"
        " serial, at_ms) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",

    /* --- watch.c --- */
    [STMT_SECURITY_INSERT] = "INSERT INTO security_event (station, type, origin, critical, at_ms,"
                             " received_at_ms, info) VALUES (?, ?, ?, ?, ?, ?, ?)",
    /* What is repeated is among the last of its station. */
    [STMT_SECURITY_SAME] =
        "SELECT id FROM (SELECT * FROM security_event WHERE station = ?1 ORDER BY id DESC LIMIT"
        " 100) WHERE received_at_ms < ?2 AND type = ?3 AND origin = ?4 AND at_ms = ?5 AND info ="
        " ?6",
    [STMT_SECURITY_PRUNE] =
        "DELETE FROM security_event WHERE id <= (SELECT max(id) FROM security_event) - 500000",
    [STMT_SECURITY_PRUNE_STATION] =
        "DELETE FROM security_event WHERE station = ?1 AND id <= (SELECT id FROM security_event"
        " WHERE station = ?1 ORDER BY id DESC LIMIT 1 OFFSET 20000)",
    [STMT_CONNECTION_OPEN] =
        "INSERT INTO connection (station, no, link, address, transport, opened_at_ms) VALUES (?1,"
        " coalesce((SELECT max(no) FROM connection WHERE station = ?1), 0) + 1, ?2, ?3, ?4, ?5)",
    [STMT_CONNECTION_PRUNE] =
        "DELETE FROM connection WHERE station = ?1 AND no <= (SELECT max(no) FROM connection WHERE"
        " station = ?1) - ?2",
    [STMT_CONNECTION_CLOSE] =
        "UPDATE connection SET closed_at_ms = ?3, code = ?4, reason = ?5 WHERE station = ?1"
        " AND closed_at_ms IS NULL AND link = ?2",
    [STMT_CONNECTIONS_LOST] =
        "UPDATE connection SET closed_at_ms = ?1, code = 0, reason = 'noxd ended without closing it'"
        " WHERE closed_at_ms IS NULL",
    [STMT_TOKEN_PUT] = "INSERT OR REPLACE INTO api_token (name, role, node, hash, made_at_ms, who)"
                       " VALUES (?, ?, ?, ?, ?, ?)",
    [STMT_TOKEN_DELETE] = "DELETE FROM api_token WHERE name = ?",
    [STMT_REFUSED_CLEAR] = "DELETE FROM refused WHERE ?1 IS NULL OR identity = ?1 /*scan*/",
    /* --- files --- */
    [STMT_FIRMWARE_PUT] =
        "INSERT INTO firmware (num, sha256, name, version, vendor, model, size, signature,"
        " certificate, who, why, at_ms, removed) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,"
        " ?) ON CONFLICT (num) DO UPDATE SET sha256 = excluded.sha256, name = excluded.name,"
        " version = excluded.version, vendor = excluded.vendor, model = excluded.model, size"
        " = excluded.size, signature = excluded.signature, certificate ="
        " excluded.certificate, who = excluded.who, why = excluded.why, at_ms ="
        " excluded.at_ms, removed = excluded.removed",
    [STMT_FILE_JOB_PUT] =
        "INSERT INTO file_job (id, kind, state, station, firmware, rollout, url, token,"
        " version, status, note, file, sha256, size, start_at_ms, install_at_ms, from_ms,"
        " to_ms, retries, retry_s, wrong_signature, who, why, asked_at_ms, changed_at_ms,"
        " until_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,"
        " ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET kind = excluded.kind, state ="
        " excluded.state, station = excluded.station, firmware = excluded.firmware, rollout"
        " = excluded.rollout, url = excluded.url, token = excluded.token, version ="
        " excluded.version, status = excluded.status, note = excluded.note, file ="
        " excluded.file, sha256 = excluded.sha256, size = excluded.size, start_at_ms ="
        " excluded.start_at_ms, install_at_ms = excluded.install_at_ms, from_ms ="
        " excluded.from_ms, to_ms = excluded.to_ms, retries = excluded.retries, retry_s ="
        " excluded.retry_s, wrong_signature = excluded.wrong_signature, who = excluded.who,"
        " why = excluded.why, asked_at_ms = excluded.asked_at_ms, changed_at_ms ="
        " excluded.changed_at_ms, until_ms = excluded.until_ms",
    [STMT_FILE_JOB_PRUNE] =
        "DELETE FROM file_job WHERE id <= (SELECT max(id) FROM file_job) - 100000 AND id <"
        " (SELECT min(id) FROM file_job) + 2000 AND state > 3 AND file IS NULL AND rollout ="
        " 0",
    [STMT_FILE_FORGET] =
        "UPDATE file_job SET file = NULL, sha256 = NULL, size = -1 WHERE file = ?1 AND file"
        " IS NOT NULL",
    [STMT_ROLLOUT_PUT] =
        "INSERT INTO rollout (num, firmware, state, canary, max_parallel, stop_after,"
        " from_min, to_min, force, is_signed, retries, retry_s, note, who, why, at_ms,"
        " changed_at_ms, forgiven) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON"
        " CONFLICT (num) DO UPDATE SET firmware = excluded.firmware, state = excluded.state,"
        " canary = excluded.canary, max_parallel = excluded.max_parallel, stop_after ="
        " excluded.stop_after, from_min = excluded.from_min, to_min = excluded.to_min, force"
        " = excluded.force, is_signed = excluded.is_signed, retries = excluded.retries,"
        " retry_s = excluded.retry_s, note = excluded.note, who = excluded.who, why ="
        " excluded.why, at_ms = excluded.at_ms, changed_at_ms = excluded.changed_at_ms, forgiven = excluded.forgiven",
    [STMT_ROLLOUT_TARGET_PUT] =
        "INSERT INTO rollout_target (rollout, place, state, station, job, tries, note,"
        " changed_at_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (rollout, place) DO"
        " UPDATE SET state = excluded.state, station = excluded.station, job = excluded.job,"
        " tries = excluded.tries, note = excluded.note, changed_at_ms ="
        " excluded.changed_at_ms",
};
