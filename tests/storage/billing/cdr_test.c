/* The ledger: numbers, months, corrections, the chain of hashes, and what is not billed. */
#include "tests/storage/billing/ledger.h"

#include "storage/billing/cdr.h"

static int open_ledger(void **state)
{
    struct ledger *l = calloc(1, sizeof(*l));
    assert_non_null(l);
    ledger_open(l);
    *state = l;
    return 0;
}

static int close_ledger(void **state)
{
    ledger_close(*state);
    free(*state);
    return 0;
}

static void check_sum(struct ledger *l, const char *why, const char *where, int64_t wh,
                      int64_t cents)
{
    char sql[200];
    snprintf(sql, sizeof(sql), "SELECT coalesce(sum(energy_wh), 0) FROM cdr WHERE %s", where);
    check_int(why, ledger_number(l, sql), wh);
    snprintf(sql, sizeof(sql), "SELECT coalesce(sum(gross_cents), 0) FROM cdr WHERE %s", where);
    check_int(why, ledger_number(l, sql), cents);
}

static void check_chain(struct ledger *l, const char *why, int64_t want_bad)
{
    int64_t bad = -1;
    check_int(why, cdr_verify(&l->db, &bad), STORE_OK);
    check_int(why, bad, want_bad);
}

static void close_month(struct ledger *l, const char *month)
{
    char sql[100];
    snprintf(sql, sizeof(sql), "INSERT INTO period VALUES ('%s', 'closed')", month);
    ledger_sql(l, sql);
}

/* D and E in August, which is closed; in September F arrives, and E's true end. */
static int64_t tell_the_month_ledger(struct ledger *l)
{
    union store_result ignored;
    struct visit e = { .from = "2026-08-12T18:00:00", .begin_wh = 8000 };
    ledger_visit(l, (struct visit){ .from = "2026-08-10T18:00:00",
                                    .to = "2026-08-10T20:00:00",
                                    .end_wh = 8000 });
    int64_t tx_id = ledger_visit(l, e);
    struct store_meter sample = { .station = "L0017",
                                  .connector = 1,
                                  .tx_id = tx_id,
                                  .sampled_at_ms = utc("2026-08-12T20:00:00"),
                                  .received_at_ms = utc("2026-08-12T20:00:00"),
                                  .register_uwh = INT64_C(20000) * 1000000,
                                  .power_mw = STORE_ABSENT,
                                  .current_ma = { -1, -1, -1 },
                                  .soc_pct = -1,
                                  .raw = "[]" };
    check_int("sample", meter_run(&l->db, &sample, 1, &ignored), STORE_OK);
    check_int("close",
              tx_close_run(&l->db, tx_id, "clerk", "no news", utc("2026-08-31T12:00:00"), &ignored),
              STORE_OK);
    close_month(l, "2026-08");
    ledger_visit(l, (struct visit){ .from = "2026-08-30T18:00:00",
                                    .to = "2026-08-30T20:00:00",
                                    .begin_wh = 20000,
                                    .end_wh = 35000 });
    e.to = "2026-08-12T19:55:00";
    e.end_wh = 19500;
    ledger_stop(l, tx_id, &e);
    return tx_id;
}

static void the_month_ledger(void **state)
{
    struct ledger *l = *state;
    char kinds[200];
    tell_the_month_ledger(l);
    check_sum(l, "August", "booking_period = '2026-08'", 20000, 980);
    check_sum(l, "September", "booking_period = '2026-09'", 14500, 711);
    check_sum(l, "all", "1", 34500, 1691);
    check_sum(l, "service", "service_period = '2026-08'", 34500, 1691);
    ledger_text(l,
                "SELECT group_concat(no || ' ' || kind || ' ' || ref_no || ' ' || energy_wh || ' '"
                " || gross_cents, ', ') FROM (SELECT * FROM cdr ORDER BY no)",
                kinds, sizeof(kinds));
    check_text("rows", kinds,
               "1 normal 0 8000 392, 2 normal 0 12000 588, 3 late 0 15000 735,"
               " 4 credit 2 -12000 -588, 5 replacement 2 11500 564");
    check_chain(l, "chain", 0);
}

static void a_credit_is_the_exact_negative(void **state)
{
    static const char *const columns[] = { "energy_wh",      "energy_cents", "blocking_min",
                                           "blocking_cents", "other_cents",  "gross_cents",
                                           "net_cents",      "vat_cents" };
    struct ledger *l = *state;
    int64_t tx_id = ledger_visit(l, (struct visit){ .from = "2026-10-24T20:15:00",
                                                    .to = "2026-10-25T08:25:00",
                                                    .begin_wh = 1000000,
                                                    .end_wh = 1031207 });
    close_month(l, "2026-10");
    ledger_sql(l, "UPDATE session SET meter_stop_wh = 1020000");
    check_int("correct", cdr_correct(&l->db, tx_id, utc("2026-11-02T08:00:00"), "a person"),
              STORE_OK);
    for (size_t i = 0; i < ARRAY_SIZE(columns); i++) {
        char sql[120];
        snprintf(sql, sizeof(sql), "SELECT sum(%s) FROM cdr WHERE no < 3", columns[i]);
        check_int(columns[i], ledger_number(l, sql), 0);
        snprintf(sql, sizeof(sql), "SELECT %s FROM cdr WHERE no = 1", columns[i]);
        assert_true(strcmp(columns[i], "other_cents") == 0 || ledger_number(l, sql) > 0);
    }
    check_sum(l, "October stays", "booking_period = '2026-10'", 31207, 2379);
    check_sum(l, "November", "booking_period = '2026-11'", -11207, -549);
    check_int("a second correction corrects the replacement",
              cdr_correct(&l->db, tx_id, utc("2026-11-03T08:00:00"), NULL), STORE_OK);
    check_int("reference", ledger_number(l, "SELECT ref_no FROM cdr WHERE no = 4"), 3);
    check_sum(l, "all", "1", 20000, 980 + 850);
    check_chain(l, "chain", 0);
}

static void numbers_have_no_gaps(void **state)
{
    struct ledger *l = *state;
    struct visit visit = { .from = "2026-10-01T08:00:00", .to = "2026-10-01T09:00:00" };
    for (int i = 0; i < 5; i++) {
        char from[32], to[32];
        snprintf(from, sizeof(from), "2026-10-%02dT08:00:00", i + 1);
        snprintf(to, sizeof(to), "2026-10-%02dT09:00:00", i + 1);
        visit.from = from;
        visit.to = to;
        visit.begin_wh = visit.end_wh;
        visit.end_wh += 1000;
        int64_t tx_id = ledger_visit(l, visit);
        ledger_sql(l, "BEGIN IMMEDIATE");
        check_int("correct", cdr_correct(&l->db, tx_id, utc(to), "taken back"), STORE_OK);
        ledger_sql(l, "ROLLBACK");
    }
    check_int("rows", ledger_number(l, "SELECT count(*) FROM cdr"), 5);
    check_int("last", ledger_number(l, "SELECT max(no) FROM cdr"), 5);
    check_chain(l, "chain", 0);
}

static void made_once(void **state)
{
    struct ledger *l = *state;
    struct visit visit = { .from = "2026-10-01T08:00:00",
                           .to = "2026-10-01T09:00:00",
                           .end_wh = 1000 };
    int64_t tx_id = ledger_visit(l, visit);
    ledger_stop(l, tx_id, &visit);
    check_int("again", cdr_make(&l->db, tx_id, utc("2026-10-02T08:00:00")), STORE_OK);
    check_int("rows", ledger_number(l, "SELECT count(*) FROM cdr"), 1);
    check_int("unknown", cdr_make(&l->db, 99, 0), STORE_MISSING);
    tx_id = ledger_visit(l, (struct visit){ .from = "2026-10-03T08:00:00", .begin_wh = 1000 });
    check_int("active", cdr_make(&l->db, tx_id, 0), STORE_CONFLICT);
    check_int("active", cdr_correct(&l->db, tx_id, 0, NULL), STORE_CONFLICT);
    check_int("rows", ledger_number(l, "SELECT count(*) FROM cdr"), 1);
}

#define OTHER_COLUMNS                                                                            \
    "tx_id, booking_period, service_period, started_at_ms, stopped_at_ms, meter_start_wh,"       \
    " meter_stop_wh, energy_wh, energy_cents, blocking_min, blocking_cents, other_cents,"        \
    " gross_cents, net_cents, vat_cents, vat_bp, price_e4_per_kwh, currency, tariff,"            \
    " tariff_version, value_state, meter_serial, flags, evse_id, district, operator_id, reason," \
    " created_at_ms, prev_hash, hash"
#define COPY(no, kind, ref, from)                                                               \
    "INSERT INTO cdr (no, id, kind, ref_no, " OTHER_COLUMNS ") SELECT " no ", 'X" no "', " kind \
    ", " ref ", " OTHER_COLUMNS " FROM cdr WHERE no = " from

static const struct {
    const char *why, *sql;
} forbidden[] = {
    { "change an amount", "UPDATE cdr SET gross_cents = 0, net_cents = 0, vat_cents = 0" },
    { "change a flag", "UPDATE cdr SET flags = 0 WHERE no = 5" },
    { "take one away", "DELETE FROM cdr WHERE no = 5" },
    { "into a closed month", COPY("6", "'credit'", "1", "1") },
    { "a gap", COPY("7", "'credit'", "3", "3") },
    { "a number twice", COPY("5", "'credit'", "3", "3") },
    { "a second first record", COPY("6", "'normal'", "0", "3") },
    { "a second credit", COPY("6", "'credit'", "2", "4") },
    { "a second replacement", COPY("6", "'replacement'", "2", "5") },
    { "a kind of its own", COPY("6", "'gift'", "0", "5") },
    { "sums that do not add up",
      "INSERT INTO cdr SELECT 6, 'X6', 'credit', 3, tx_id, booking_period, service_period,"
      " started_at_ms, stopped_at_ms, meter_start_wh, meter_stop_wh, energy_wh, energy_cents,"
      " blocking_min, blocking_cents, other_cents, gross_cents + 1, net_cents, vat_cents, vat_bp,"
      " price_e4_per_kwh, currency, tariff, tariff_version, value_state, meter_serial, flags,"
      " evse_id, district, operator_id, reason, created_at_ms, prev_hash, hash FROM cdr WHERE no = 3" },
};

static void the_database_refuses(void **state)
{
    struct ledger *l = *state;
    tell_the_month_ledger(l);
    for (size_t i = 0; i < ARRAY_SIZE(forbidden); i++)
        ledger_refuses(l, forbidden[i].why, forbidden[i].sql);
    check_int("rows", ledger_number(l, "SELECT count(*) FROM cdr"), 5);
    ledger_sql(l, COPY("6", "'credit'", "3", "3")); /* the shape itself is legal */
}

static const struct {
    const char *why, *sql;
    int64_t bad;
} tampered[] = {
    { "an amount",
      "UPDATE cdr SET net_cents = net_cents - 1, vat_cents = vat_cents + 1 WHERE no = 3", 3 },
    { "a text", "UPDATE cdr SET district = 'Innenstadt-Ost' WHERE no = 2", 2 },
    { "a text that became absent", "UPDATE cdr SET meter_serial = NULL WHERE no = 1", 1 },
    { "a hash", "UPDATE cdr SET hash = 'x' || substr(hash, 2) WHERE no = 5", 5 },
    { "the last hash of the predecessor", "UPDATE cdr SET prev_hash = '' WHERE no = 2", 2 },
    { "a row taken out", "DELETE FROM cdr WHERE no = 2", 2 },
    { "the first row taken out", "DELETE FROM cdr WHERE no = 1", 1 },
};

static void the_chain_shows_changes(void **state)
{
    struct ledger *l = *state;
    tell_the_month_ledger(l);
    ledger_sql(l, "DROP TRIGGER cdr_never_changes; DROP TRIGGER cdr_never_goes;"
                  "PRAGMA foreign_keys = OFF");
    for (size_t i = 0; i < ARRAY_SIZE(tampered); i++) {
        ledger_sql(l, "BEGIN");
        ledger_sql(l, tampered[i].sql);
        check_chain(l, tampered[i].why, tampered[i].bad);
        ledger_sql(l, "ROLLBACK");
    }
    check_chain(l, "as it was", 0);
}

static const struct {
    const char *why, *to;
    const char *closed; /* a month */
    const char *booking, *service, *kind;
} ends[] = {
    { "last second of October", "2026-10-31T22:59:59", NULL, "2026-10", "2026-10", "normal" },
    { "first second of November", "2026-10-31T23:00:00", NULL, "2026-11", "2026-11", "normal" },
    { "last second of August", "2026-08-31T21:59:59", NULL, "2026-08", "2026-08", "normal" },
    { "late by one month", "2026-10-31T22:59:59", "2026-10", "2026-11", "2026-10", "late" },
    { "late by a year and more", "2026-10-31T22:59:59", "2027-12", "2028-01", "2026-10", "late" },
    { "in an open month after a closed one", "2026-11-15T12:00:00", "2026-10", "2026-11", "2026-11",
      "normal" },
    { "into the new year", "2026-12-31T22:59:59", "2026-12", "2027-01", "2026-12", "late" },
};

static void months_of_records(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(ends); i++) {
        struct ledger l;
        char text[40];
        ledger_open(&l);
        if (ends[i].closed != NULL)
            close_month(&l, ends[i].closed);
        ledger_visit(
            &l, (struct visit){ .from = "2026-08-31T12:00:00", .to = ends[i].to, .end_wh = 1000 });
        ledger_text(&l, "SELECT booking_period FROM cdr", text, sizeof(text));
        check_text(ends[i].why, text, ends[i].booking);
        ledger_text(&l, "SELECT service_period FROM cdr", text, sizeof(text));
        check_text(ends[i].why, text, ends[i].service);
        ledger_text(&l, "SELECT kind FROM cdr", text, sizeof(text));
        check_text(ends[i].why, text, ends[i].kind);
        ledger_close(&l);
    }
}

/* Sessions of six hours in daylight: 120 blocking minutes, if the clocks can be trusted. */
static const struct {
    const char *why;
    struct visit visit;
    int64_t wh, energy_cents, blocking_cents;
    uint32_t flags; /* must be set */
} doubts[] = {
    { "all well", { .end_wh = 10000 }, 10000, 490, 1200, 0 },
    { "tag not accepted: billed by rule",
      { .end_wh = 10000, .start_flags = STORE_FLAG_TAG_NOT_ACCEPTED },
      10000,
      490,
      1200,
      STORE_FLAG_TAG_NOT_ACCEPTED },
    { "clock corrected: times are good",
      { .end_wh = 10000, .start_flags = STORE_FLAG_CLOCK_OFFSET },
      10000,
      490,
      1200,
      STORE_FLAG_CLOCK_OFFSET },
    { "clock wrong at the start",
      { .end_wh = 10000, .start_flags = STORE_FLAG_CLOCK_WRONG },
      10000,
      490,
      0,
      STORE_FLAG_CLOCK_WRONG },
    { "clock wrong at the end",
      { .end_wh = 10000, .stop_flags = STORE_FLAG_CLOCK_WRONG },
      10000,
      490,
      0,
      STORE_FLAG_CLOCK_WRONG },
    { "no time sent",
      { .end_wh = 10000, .stop_flags = STORE_FLAG_TIME_MISSING },
      10000,
      490,
      0,
      STORE_FLAG_TIME_MISSING },
    { "meter backwards",
      { .begin_wh = 5000, .end_wh = 4999 },
      0,
      0,
      0,
      STORE_FLAG_METER_BACKWARDS },
    { "meterStart missing",
      { .end_wh = 10000, .start_flags = STORE_FLAG_METER_MISSING },
      0,
      0,
      0,
      STORE_FLAG_METER_MISSING },
    { "meterStop missing",
      { .end_wh = 10000, .stop_flags = STORE_FLAG_METER_MISSING },
      0,
      0,
      0,
      STORE_FLAG_METER_MISSING },
    { "no energy, no amount", { .begin_wh = 7000, .end_wh = 7000 }, 0, 0, 0, 0 },
    { "no tariff", { .station = "L0019", .end_wh = 10000 }, 10000, 0, 0, 0 },
};

static void what_is_billed_in_doubt(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(doubts); i++) {
        struct ledger l;
        struct visit visit = doubts[i].visit;
        ledger_open(&l);
        visit.from = "2026-06-01T06:00:00";
        visit.to = "2026-06-01T12:00:00";
        ledger_visit(&l, visit);
        check_int(doubts[i].why, ledger_number(&l, "SELECT energy_wh FROM cdr"), doubts[i].wh);
        check_int(doubts[i].why, ledger_number(&l, "SELECT energy_cents FROM cdr"),
                  doubts[i].energy_cents);
        check_int(doubts[i].why, ledger_number(&l, "SELECT blocking_cents FROM cdr"),
                  doubts[i].blocking_cents);
        check_int(doubts[i].why, ledger_number(&l, "SELECT gross_cents FROM cdr"),
                  doubts[i].energy_cents + doubts[i].blocking_cents);
        int64_t flags = ledger_number(&l, "SELECT flags FROM cdr");
        check_int(doubts[i].why, flags & doubts[i].flags, doubts[i].flags);
        ledger_close(&l);
    }
}

/* Closed by a person: the energy up to the last sample is billed, the minutes are not. */
static void a_provisional_end_has_no_blocking_fee(void **state)
{
    struct ledger *l = *state;
    union store_result ignored;
    char text[80];
    int64_t tx_id = ledger_visit(l, (struct visit){ .from = "2026-06-01T06:00:00" });
    ledger_sql(l, "UPDATE session SET last_register_uwh = 10000000000, last_sample_ms ="
                  " started_at_ms + 21600000");
    check_int("close",
              tx_close_run(&l->db, tx_id, "clerk", "gone", utc("2026-06-03T06:00:00"), &ignored),
              STORE_OK);
    ledger_text(l,
                "SELECT value_state || ' ' || energy_wh || ' ' || blocking_min || ' ' ||"
                " gross_cents FROM cdr",
                text, sizeof(text));
    check_text("provisional", text, "estimated 10000 0 490");
}

/* The same second record after another first one. */
static void each_hash_depends_on_all_before(void **state)
{
    char hash[2][80];
    (void)state;
    for (int i = 0; i < 2; i++) {
        struct ledger l;
        ledger_open(&l);
        ledger_visit(&l, (struct visit){ .from = "2026-06-01T06:00:00",
                                         .to = "2026-06-01T07:00:00",
                                         .end_wh = 1000 + i });
        ledger_visit(&l, (struct visit){ .from = "2026-06-02T06:00:00",
                                         .to = "2026-06-02T07:00:00",
                                         .begin_wh = 5000,
                                         .end_wh = 6000 });
        ledger_text(&l, "SELECT hash FROM cdr WHERE no = 2", hash[i], sizeof(hash[i]));
        check_int("hash", (int64_t)strlen(hash[i]), 64);
        ledger_close(&l);
    }
    assert_string_not_equal(hash[0], hash[1]);
}

/* Each statement of the ledger finds its rows by an index, whatever its size. */
static void no_statement_reads_the_whole_ledger(void **state)
{
    static const enum stmt statements[] = { STMT_CDR_LIVE, STMT_CDR_SESSION,
                                            STMT_PERIOD_LAST_CLOSED };
    struct ledger *l = *state;
    for (size_t i = 0; i < ARRAY_SIZE(statements); i++) {
        char sql[1200];
        sqlite3_stmt *q = NULL;
        snprintf(sql, sizeof(sql), "EXPLAIN QUERY PLAN %s", store_sql[statements[i]]);
        check_int(sql, sqlite3_prepare_v2(l->db.handle, sql, -1, &q, NULL), SQLITE_OK);
        while (sqlite3_step(q) == SQLITE_ROW)
            if (strncmp(column_text(q, 3), "SCAN", 4) == 0)
                fail_msg("%s: %s", sql, column_text(q, 3));
        sqlite3_finalize(q);
    }
}

static void the_record_keeps_what_was_true(void **state)
{
    struct ledger *l = *state;
    char text[80];
    ledger_visit(l, (struct visit){ .from = "2026-10-01T08:00:00",
                                    .to = "2026-10-01T09:00:00",
                                    .end_wh = 1000 });
    ledger_sql(
        l, "UPDATE station SET district = 'Hombruch', operator_id = 'DE*NEW', meter_serial = '9';"
           "UPDATE connector SET evse_id = 'DE*NEW*E1'");
    ledger_text(l,
                "SELECT district || ' ' || operator_id || ' ' || meter_serial || ' ' || evse_id"
                " FROM cdr",
                text, sizeof(text));
    check_text("copied", text, "Innenstadt-West DE*XYZ 000044010001 DE*XYZ*E0017*1");
    check_chain(l, "chain", 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_month_ledger, open_ledger, close_ledger),
        cmocka_unit_test_setup_teardown(a_credit_is_the_exact_negative, open_ledger, close_ledger),
        cmocka_unit_test_setup_teardown(numbers_have_no_gaps, open_ledger, close_ledger),
        cmocka_unit_test_setup_teardown(made_once, open_ledger, close_ledger),
        cmocka_unit_test_setup_teardown(the_database_refuses, open_ledger, close_ledger),
        cmocka_unit_test_setup_teardown(the_chain_shows_changes, open_ledger, close_ledger),
        cmocka_unit_test(months_of_records),
        cmocka_unit_test(what_is_billed_in_doubt),
        cmocka_unit_test_setup_teardown(a_provisional_end_has_no_blocking_fee, open_ledger,
                                        close_ledger),
        cmocka_unit_test(each_hash_depends_on_all_before),
        cmocka_unit_test_setup_teardown(no_statement_reads_the_whole_ledger, open_ledger,
                                        close_ledger),
        cmocka_unit_test_setup_teardown(the_record_keeps_what_was_true, open_ledger, close_ledger),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
