/* Files of each older version are brought to the newest and keep what they hold; others are
 * refused with a sentence that helps. */
#include <inttypes.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include "storage/conn.h"
#include "tests/storage/street.h"

/* Rows as noxd wrote them at each version; one list per version, each adds to those before. */
static const char *const rows_of[] = {
    /* 1 */
    "INSERT INTO grid_node (id, parent, name, limit1_ma, limit2_ma, limit3_ma, foreign1_ma,"
    " foreign2_ma, foreign3_ma, single_max_ma, place) VALUES ('N', NULL, 'N', 63000, 63000, 63000, 0, 0, 0, 0, 1);"
    "INSERT INTO station (id, security_profile, grid_node, wiring, rating_ma, safe_ma, min_ma,"
    " weight, class, tariff, meter_serial, strict, lax_subprotocol) VALUES"
    " ('CP1', 1, 'N', 'RST', 16000, 6000, 6000, 1, 0, 'T', 'M-7', 0, 0),"
    " ('CP2', 1, 'N', 'RST', 16000, 6000, 6000, 1, 0, 'T', NULL, 0, 0);"
    "INSERT INTO connector (station, connector, evse_id, max_w) VALUES (1, 1, 'E1', 11040);"
    "INSERT INTO tag (key, id_tag, parent, customer, auth_kind, status, expires_at_ms,"
    " single_session) VALUES ('04A1', '04a1', NULL, 'c', 'rfid', 1, NULL, 0);"
    "INSERT INTO tariff VALUES ('T', 1, 0, 'EUR', 1, 1900, 4900, 0, -1, 0, 0, 0, -1, NULL, NULL);"
    "INSERT INTO session (station, connector, id_tag, tag_key, auth_status, meter_start_wh,"
    " start_station_ms, started_at_ms, received_start_ms, meter_stop_wh, stop_station_ms,"
    " stopped_at_ms, received_stop_ms, state, flags, tariff, tariff_version) VALUES"
    " (1, 1, '04a1', '04A1', 1, 0, 1000, 1000, 1000, 5000, 7200000, 7200000, 7200000, 2, 0, 'T',"
    "  1);"
    "INSERT INTO session (station, connector, id_tag, tag_key, auth_status, meter_start_wh,"
    " start_station_ms, started_at_ms, received_start_ms, state, flags, tariff, tariff_version)"
    " VALUES (1, 1, '04a1', '04A1', 1, 5000, 8000000, 8000000, 8000000, 1, 1, 'T', 1);"
    "INSERT INTO orphan_stop (station, tx_id, meter_stop_wh, station_ms, stopped_at_ms,"
    " received_ms, flags) VALUES (2, -1, 77, 5, 5, 5, 0);"
    "INSERT INTO event (at_ms, name, severity, station, connector, text) VALUES (1, 'x', 1, 'CP1',"
    " 1, 'y');"
    "INSERT INTO refused VALUES ('CP9', 'unknown-station', 'd', 'a', 3, 1, 2);"
    "INSERT INTO station_config VALUES (1, 'HeartbeatInterval', '300', 0, 1, 1);",
    /* 2 */
    "INSERT INTO factor VALUES ('grid_location', 2026, 1, 2, 3, 'g/kWh', 'final', 'UBA', NULL);"
    "INSERT INTO cdr VALUES (1, 'C-1970-000001', 'normal', 0, 1, '1970-01', '1970-01', 1000,"
    " 7200000, 0, 5000, 5000, 245, 0, 0, 0, 245, 206, 39, 1900, 4900, 'EUR', 'T', 1, 'unsigned',"
    " 'M-7', 0, 'E1', NULL, NULL, NULL, 7200000, '', 'h');"
    "INSERT INTO period VALUES ('1970-01', 'closed');"
    "INSERT INTO export_run (kind, period, sha256, rows, at_ms) VALUES ('csv', '1970-01', 's', 1,"
    " 1);",
    /* 3 */
    ("UPDATE connector SET commissioned = 1, safe_confirmed_ma = 6000;"
     "INSERT INTO lease (station, connector, seq, tx_id, limit_ma, safe_ma, start_at_ms,"
     " end_at_ms, at_ms) VALUES (1, 1, 9, 2, 10000, 6000, 1, 4102444800000, 1);"),
    /* 4 */
    "UPDATE station SET meter_type = 'MT-1' WHERE id = 'CP1';",
    /* 5 */
    "UPDATE station SET groups = 'north' WHERE id = 'CP1';",
};

static void run(sqlite3 *handle, const char *sql)
{
    if (sqlite3_exec(handle, sql, NULL, NULL, NULL) != SQLITE_OK)
        fail_msg("%s: %s", sql, sqlite3_errmsg(handle));
}

/* In the order of their arrival, which versions 1 to 3 did not keep. */
static void add_samples(sqlite3 *handle)
{
    char sql[300];
    for (int i = 2; i >= 0; i--) {
        snprintf(sql, sizeof(sql),
                 "INSERT INTO meter (station, sampled_at_ms, connector, tx_id, digest, session,"
                 " received_at_ms, register_uwh, raw) VALUES (1, %d, 1, 2, %" PRId64
                 ", 2, %d, 5100000000, '[1]')",
                 9000000 + i, digest64("[1]"), 9000100 - i);
        run(handle, sql);
    }
}

static void make_old(const char *path, int version)
{
    sqlite3 *handle;
    char text[300] = "";
    assert_int_equal(sqlite3_open(path, &handle), SQLITE_OK);
    run(handle, "PRAGMA foreign_keys = ON");
    if (migrate_to(handle, version, text, sizeof(text)) != STORE_OK)
        fail_msg("%s", text);
    for (int v = 1; v <= version; v++)
        run(handle, rows_of[v - 1]);
    add_samples(handle);
    sqlite3_close(handle);
}

static bool count_session(void *arg, const struct store_session *session)
{
    (void)session;
    ++*(size_t *)arg;
    return true;
}

static void check_content(struct street *s, int version)
{
    static const struct {
        int since;
        const char *sql;
        int64_t want;
    } figures[] = {
        { 1, "SELECT count(*) FROM station", 2 },
        { 1, "SELECT count(*) FROM session WHERE state = 2 AND meter_stop_wh = 5000", 1 },
        { 1, "SELECT count(*) FROM orphan_stop", 1 },
        { 1, "SELECT count(*) FROM event", 1 },
        { 1, "SELECT count FROM refused", 3 },
        { 1, "SELECT count(*) FROM station_config", 1 },
        { 1, "SELECT meter_serial = 'M-7' FROM station WHERE id = 'CP1'", 1 },
        { 1, "SELECT count(*) FROM meter", 3 },
        { 1, "SELECT sampled_at_ms FROM meter ORDER BY id LIMIT 1", 9000002 }, /* by arrival */
        { 2, "SELECT gross_cents FROM cdr", 245 },
        { 2, "SELECT count(*) FROM factor", 1 },
        { 3, "SELECT limit_ma FROM lease", 10000 },
        { 4, "SELECT count(*) FROM station WHERE meter_type = 'MT-1'", 1 },
        { 3, "SELECT safe_confirmed_ma FROM connector", 6000 },
        { 5, "SELECT count(*) FROM station WHERE groups = 'north'", 1 },
    };
    for (size_t i = 0; i < ARRAY_SIZE(figures); i++)
        if (version >= figures[i].since)
            check_int(figures[i].sql, street_number(s, figures[i].sql), figures[i].want);
    check_int("version", street_number(s, "PRAGMA user_version"), store_schema_version);
    check_int("integrity",
              street_number(s, "SELECT count(*) FROM pragma_integrity_check"
                               " WHERE integrity_check <> 'ok'"),
              0);
    check_int("references", street_number(s, "SELECT count(*) FROM pragma_foreign_key_check"), 0);
}

static void check_use(struct street *s)
{
    size_t n = 0;
    struct reader *r = street_reader(s);
    const struct store_site *site;
    struct reader_session_filter all = { .from_ms = STORE_ABSENT, .to_ms = STORE_ABSENT };
    assert_int_equal(reader_sessions(r, &all, count_session, &n), STORE_OK);
    check_int("sessions", (int64_t)n, 2);
    assert_int_equal(reader_site(r, &site), STORE_OK);
    reader_close(r);
    /* repetitions are still found */
    struct store_meter row = a_sample("CP1", 2, 5100, 9000001, "[1]");
    check_int("sample", street_meter(s, &row, 1).result.count.n, 0);
    struct store_tx_start tx = a_start("CP1", 5000, 8000000);
    tx.id_tag = "04a1";
    struct answer a = street_start(s, &tx);
    assert_true(a.result.tx_start.duplicate);
    check_int("session", a.result.tx_start.tx_id, 2);
    struct store_tx_stop stop = a_stop("CP1", 2, 6000, 9900000);
    assert_int_equal(street_stop(s, &stop).rc, STORE_OK);
}

static void each_version_is_brought_to_the_newest(void **state)
{
    (void)state;
    assert_int_equal(ARRAY_SIZE(rows_of), store_schema_version - 1); /* add rows with a version */
    for (int version = 1; version < store_schema_version; version++) {
        struct street s = { .options = { .inline_mode = true } };
        snprintf(s.dir, sizeof(s.dir), "/tmp/nox-migrate-XXXXXX");
        assert_non_null(mkdtemp(s.dir));
        snprintf(s.path, sizeof(s.path), "%s/nox.db", s.dir);
        make_old(s.path, version);
        street_reopen(&s); /* there is none to close yet */
        check_content(&s, version);
        check_use(&s);
        street_reopen(&s);
        street_close(&s);
    }
}

/* --- what is refused --- */

static void sql_file(const char *path, const char *sql)
{
    sqlite3 *handle;
    assert_int_equal(sqlite3_open(path, &handle), SQLITE_OK);
    run(handle, sql);
    sqlite3_close(handle);
}

static void make_newer(const char *path)
{
    make_old(path, 3);
    sql_file(path, "PRAGMA user_version = 99");
}

static void make_garbage(const char *path)
{
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    for (int i = 0; i < 5000; i++)
        fputs("no database ", f);
    fclose(f);
}

static void make_foreign(const char *path)
{
    sql_file(path, "CREATE TABLE songs (title TEXT)");
}

static void make_foreign_numbered(const char *path)
{
    sql_file(path, "CREATE TABLE songs (title TEXT); PRAGMA user_version = 2");
}

static void others_are_refused(void **state)
{
    (void)state;
    static const struct {
        void (*make)(const char *path);
        const char *path, *says, *remedy;
    } cases[] = {
        { make_newer, NULL, "schema 99", "install that one" },
        { make_garbage, NULL, "no database of noxd", "--data" },
        { make_foreign, NULL, "other tables", "--data" },
        { make_foreign_numbered, NULL, "other tables", "--data" },
        { NULL, "/nowhere/at/all/nox.db", "No such file", "check that the directory exists" },
        { NULL, "/tmp", "directory", "check that" },
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        char path[64] = "/tmp/nox-refused-XXXXXX", text[300] = "";
        struct store *s = NULL;
        if (cases[i].make != NULL) {
            close(mkstemp(path));
            cases[i].make(path);
        } else {
            snprintf(path, sizeof(path), "%s", cases[i].path);
        }
        struct store_options options = { .path = path, .inline_mode = true };
        enum store_rc rc = store_open(&options, &s, text, sizeof(text));
        if (rc == STORE_OK)
            fail_msg("case %zu was opened", i);
        if (strstr(text, cases[i].says) == NULL || strstr(text, cases[i].remedy) == NULL)
            fail_msg("case %zu says \"%s\"", i, text);
        struct reader *r = NULL;
        assert_int_not_equal(reader_open(path, &r, text, sizeof(text)), STORE_OK);
        if (cases[i].make != NULL)
            unlink(path);
    }
}

static void file_is_private(void **state)
{
    (void)state;
    struct street s;
    struct stat st;
    street_open(&s, 0);
    assert_int_equal(stat(s.path, &st), 0);
    check_int("mode", st.st_mode & 0777, 0600);
    street_close(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_version_is_brought_to_the_newest),
        cmocka_unit_test(others_are_refused),
        cmocka_unit_test(file_is_private),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
