#include "tests/storage/billing/ledger.h"

#include <unistd.h>

#include "storage/billing/cdr.h"

static const char street[] =
    "INSERT INTO tariff VALUES ('T-2026', 1, 0, 'EUR', 1, 1900, 4900, 0, 14400, 1000, 480, 1320, 1200,"
    " NULL, NULL);"
    "INSERT INTO station (id, security_profile, wiring, rating_ma, safe_ma, min_ma, weight, class,"
    " tariff, operator_id, district, meter_serial, strict, lax_subprotocol) VALUES"
    " ('L0017', 1, 'RST', 16000, 6000, 6000, 1, 0, 'T-2026', 'DE*XYZ', 'Innenstadt-West',"
    "  '000044010001', 0, 0),"
    " ('L0018', 1, 'RST', 16000, 6000, 6000, 1, 0, 'T-2026', 'DE*XYZ', 'Innenstadt-Nord',"
    "  '000044010002', 0, 0),"
    " ('L0019', 1, 'RST', 16000, 6000, 6000, 1, 0, NULL, NULL, NULL, NULL, 0, 0);"
    "INSERT INTO connector (station, connector, evse_id) VALUES (1, 1, 'DE*XYZ*E0017*1'),"
    " (2, 1, 'DE*XYZ*E0018*1');";

void ledger_open(struct ledger *l)
{
    char text[256] = "";
    snprintf(l->path, sizeof(l->path), "/tmp/nox-ledger-XXXXXX");
    int fd = mkstemp(l->path);
    assert_true(fd >= 0);
    close(fd);
    if (conn_open(&l->db, l->path, 0, text, sizeof(text)) != STORE_OK)
        fail_msg("%s", text);
    ledger_sql(l, street);
}

void ledger_close(struct ledger *l)
{
    char side[80];
    conn_close(&l->db);
    unlink(l->path);
    snprintf(side, sizeof(side), "%s-wal", l->path);
    unlink(side);
    snprintf(side, sizeof(side), "%s-shm", l->path);
    unlink(side);
}

void ledger_sql(struct ledger *l, const char *sql)
{
    if (sqlite3_exec(l->db.handle, sql, NULL, NULL, NULL) != SQLITE_OK)
        fail_msg("%s: %s", sql, sqlite3_errmsg(l->db.handle));
}

void ledger_refuses(struct ledger *l, const char *why, const char *sql)
{
    int rc = sqlite3_exec(l->db.handle, sql, NULL, NULL, NULL);
    if (conn_map(rc) != STORE_CONFLICT)
        fail_msg("%s: not refused: %s", why, sqlite3_errmsg(l->db.handle));
}

void ledger_text(struct ledger *l, const char *sql, char *ret_text, size_t size)
{
    sqlite3_stmt *q = NULL;
    if (sqlite3_prepare_v2(l->db.handle, sql, -1, &q, NULL) != SQLITE_OK ||
        sqlite3_step(q) != SQLITE_ROW)
        fail_msg("%s: %s", sql, sqlite3_errmsg(l->db.handle));
    const char *text = column_text(q, 0);
    snprintf(ret_text, size, "%s", text != NULL ? text : "(null)");
    sqlite3_finalize(q);
}

int64_t ledger_number(struct ledger *l, const char *sql)
{
    char text[32];
    ledger_text(l, sql, text, sizeof(text));
    return strtoll(text, NULL, 10);
}

static void must(struct ledger *l, enum store_rc rc)
{
    if (rc != STORE_OK)
        fail_msg("%s: %s", store_rc_text(rc), sqlite3_errmsg(l->db.handle));
}

static int64_t start(struct ledger *l, const struct visit *visit)
{
    union store_result result;
    struct store_tx_start tx = {
        .station = visit->station != NULL ? visit->station : "L0017",
        .connector = 1,
        .id_tag = "04A1B2C3",
        .meter_start_wh = (int32_t)visit->begin_wh,
        .station_at_ms = utc(visit->from),
        .started_at_ms = utc(visit->from),
        .received_at_ms = utc(visit->from),
        .reservation_id = INT32_MIN,
        .auth_status = STORE_AUTH_ACCEPTED,
        .auth_kind = "rfid",
        .customer = visit->customer != NULL ? visit->customer : "k-17",
        .flags = visit->start_flags,
    };
    ledger_sql(l, "BEGIN IMMEDIATE");
    must(l, tx_start_run(&l->db, &tx, &result));
    ledger_sql(l, "COMMIT");
    return result.tx_start.tx_id;
}

void ledger_stop(struct ledger *l, int64_t tx_id, const struct visit *visit)
{
    union store_result result;
    struct store_tx_stop tx = {
        .station = visit->station != NULL ? visit->station : "L0017",
        .tx_id = tx_id,
        .meter_stop_wh = (int32_t)visit->end_wh,
        .station_at_ms = utc(visit->to),
        .stopped_at_ms = utc(visit->to),
        .received_at_ms = utc(visit->to),
        .flags = visit->stop_flags,
    };
    ledger_sql(l, "BEGIN IMMEDIATE");
    must(l, tx_stop_run(&l->db, &tx, &result));
    ledger_sql(l, "COMMIT");
}

int64_t ledger_visit(struct ledger *l, struct visit visit)
{
    int64_t tx_id = start(l, &visit);
    if (visit.to != NULL)
        ledger_stop(l, tx_id, &visit);
    return tx_id;
}

static void visit_of_day(struct ledger *l, int i, int64_t begin_wh, int64_t end_wh)
{
    char from[32], to[32];
    int day = i % 28 + 1, hour = i % 7 * 2;
    snprintf(from, sizeof(from), "2026-10-%02dT%02d:00:00", day, hour);
    snprintf(to, sizeof(to), "2026-10-%02dT%02d:00:00", day, hour + 6);
    ledger_visit(l, (struct visit){ .station = i % 3 ? "L0017" : "L0018",
                                    .from = from,
                                    .to = to,
                                    .begin_wh = begin_wh,
                                    .end_wh = end_wh,
                                    .start_flags = i % 5 ? 0 : STORE_FLAG_CLOCK_OFFSET });
}

void ledger_fill_month(struct ledger *l)
{
    int64_t wh = 0;
    for (int i = 0; i < 60; i++) {
        int64_t begin_wh = wh;
        wh += 977 * (i % 11);
        visit_of_day(l, i, begin_wh, wh);
    }
    ledger_sql(l, "UPDATE session SET meter_stop_wh = meter_stop_wh + 250 WHERE tx_id % 7 = 0");
    for (int64_t tx_id = 7; tx_id <= 56; tx_id += 7)
        must(l, cdr_correct(&l->db, tx_id, utc("2026-10-30T12:00:00"), "register read again"));
}
