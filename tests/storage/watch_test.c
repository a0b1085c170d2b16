/* Security events, how connections began and ended, refused ones that are forgotten. */
#include "tests/storage/street.h"

static struct answer put_security(struct street *s, const char *station, const char *type,
                                  bool critical, int64_t at_ms, const char *event)
{
    struct answer a = { .came = false };
    struct store_security_event security = {
        .station = station,
        .type = type,
        .origin = station != NULL ? STORE_OF_STATION : STORE_OF_CENTRAL,
        .critical = critical,
        .at_ms = at_ms - 10,
        .received_at_ms = at_ms,
        .info = "info",
        .event = { .at_ms = at_ms,
                   .name = event,
                   .severity = STORE_ALARM,
                   .station = station,
                   .connector = -1,
                   .text = "text" },
    };
    assert_true(store_security_event(s->store, &security, answer_to(&a)));
    street_wait(s, &a);
    return a;
}

static bool count_security(void *arg, const struct store_security_event *e)
{
    (void)e;
    ++*(int *)arg;
    return true;
}

static bool sum_counts(void *arg, const struct store_security_count *c)
{
    *(int64_t *)arg = *(int64_t *)arg * 100 + c->n;
    return true;
}

static int find(struct street *s, struct reader_security_filter filter)
{
    int n = 0;
    struct reader *r = street_reader(s);
    assert_int_equal(reader_security(r, &filter, count_security, &n), STORE_OK);
    reader_close(r);
    return n;
}

static void security_events_are_kept_and_counted(void **state)
{
    (void)state;
    struct street s;
    street_open(&s, 1);
    assert_int_equal(put_security(&s, "CP1", "Tamper", true, NOON, "security.event").rc, STORE_OK);
    put_security(&s, "CP1", "Tamper", true, NOON + 1, "security.event");
    put_security(&s, "NOBODY", "Unheard", false, NOON + 2, NULL); /* also of who is not known */
    put_security(&s, NULL, "InvalidTLSVersion", false, NOON + 3, NULL);
    check_int("events beside",
              street_number(&s, "SELECT count(*) FROM event WHERE name = 'security.event'"), 2);
    struct reader_security_filter all = { .since_ms = STORE_ABSENT }, f = all;
    check_int("all", find(&s, all), 4);
    f.station = "CP1";
    check_int("of a station", find(&s, f), 2);
    f = all;
    f.critical = true;
    check_int("critical", find(&s, f), 2);
    f = all;
    f.since_ms = NOON + 2;
    check_int("since", find(&s, f), 2);
    f = all;
    f.before_id = 2;
    check_int("older ones", find(&s, f), 1);
    f = all;
    f.type = "Unheard";
    check_int("of a type", find(&s, f), 1);
    f = all;
    f.limit = 3;
    check_int("limit", find(&s, f), 3);
    int64_t counts = 0;
    struct reader *r = street_reader(&s);
    assert_int_equal(reader_security_counts(r, &all, sum_counts, &counts), STORE_OK);
    check_int("counts, most recent first", counts, 10102);
    reader_close(r);
    street_close(&s);
}

/* Whoever floods pushes out its own history, not that of the others. */
static void flood_of_one_station(void **state)
{
    (void)state;
    struct street s;
    street_open(&s, 2);
    street_sql(&s, "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 25000)"
                   " INSERT INTO event (at_ms, name, severity, station, connector, text)"
                   " SELECT i, 'x', 1, iif(i <= 20, 'CP1', 'CP2'), -1, '' FROM n");
    street_sql(&s, "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 25000)"
                   " INSERT INTO security_event (station, type, origin, critical, at_ms,"
                   " received_at_ms, info) SELECT iif(i <= 20, 'CP1', 'CP2'), 'x', 1, 0, i, i, ''"
                   " FROM n");
    for (int i = 0; i < 300; i++)
        put_security(&s, "CP2", "Flood", false, NOON + i, "security.event");
    int64_t events = street_number(&s, "SELECT count(*) FROM event WHERE station = 'CP2'");
    int64_t security =
        street_number(&s, "SELECT count(*) FROM security_event WHERE station = 'CP2'");
    assert_in_range(events, 10000, 10256);
    assert_in_range(security, 20000, 20256);
    check_int("events of the other",
              street_number(&s, "SELECT count(*) FROM event WHERE station = 'CP1'"), 20);
    check_int("security events of the other",
              street_number(&s, "SELECT count(*) FROM security_event WHERE station = 'CP1'"), 20);
    street_close(&s);
}

/* A station that reports other keys each time. */
static void keys_without_end(void **state)
{
    (void)state;
    struct street s;
    street_open(&s, 1);
    static struct store_config_key key[1000];
    static char name[1000][32];
    for (int round = 0; round < 4; round++) {
        struct answer a = { .came = false };
        for (int i = 0; i < 1000; i++) {
            snprintf(name[i], sizeof(name[i]), "K%d-%d", round, i);
            key[i] = (struct store_config_key){ .key = name[i], .value = "v", .known = true };
        }
        assert_true(store_station_config(s.store, "CP1", key, 1000, NOON + round, answer_to(&a)));
        street_wait(&s, &a);
        assert_int_equal(a.rc, STORE_OK);
    }
    check_int("kept", street_number(&s, "SELECT count(*) FROM station_config"), 2000);
    check_int("the last ones",
              street_number(&s, "SELECT count(*) FROM station_config WHERE key LIKE 'K3-%'"), 1000);
    street_close(&s);
}

static void open_connection(struct street *s, const char *station, int64_t link, int64_t at_ms)
{
    struct store_connection c = { .station = station,
                                  .link = link,
                                  .address = "10.0.0.1",
                                  .transport = "ws",
                                  .opened_at_ms = at_ms };
    assert_true(store_connection_opened(s->store, &c));
}

static bool first_connection(void *arg, const struct store_connection *c)
{
    struct store_connection *found = arg;
    *found = *c;
    found->reason = NULL;
    return false;
}

static struct store_connection newest(struct street *s, const char *station)
{
    struct store_connection found = { .link = 0 };
    struct reader *r = street_reader(s);
    assert_int_equal(reader_connections(r, station, first_connection, &found), STORE_OK);
    reader_close(r);
    return found;
}

static void the_last_connections_are_kept(void **state)
{
    (void)state;
    struct street s;
    street_open(&s, 2);
    for (int i = 1; i <= 25; i++)
        open_connection(&s, "CP1", i, NOON + i);
    open_connection(&s, "CP2", 99, NOON);
    store_pump(s.store);
    check_int("kept", street_number(&s, "SELECT count(*) FROM connection WHERE station = 'CP1'"),
              10);
    struct store_connection end = { .station = "CP1",
                                    .link = 25,
                                    .closed_at_ms = NOON + 100,
                                    .code = 1001,
                                    .reason = "by the station" };
    assert_true(store_connection_closed(s.store, &end));
    store_pump(s.store);
    check_int("newest", newest(&s, "CP1").link, 25);
    check_int("code", newest(&s, "CP1").code, 1001);
    check_int("another's stays open", newest(&s, "CP2").closed_at_ms == STORE_ABSENT, 1);
    assert_true(store_connections_lost(s.store, NOON + 200));
    store_pump(s.store);
    check_int("ended with noxd", newest(&s, "CP2").closed_at_ms, NOON + 200);
    check_int("not again", newest(&s, "CP1").closed_at_ms, NOON + 100);
    street_close(&s);
}

static void refused_ones_are_forgotten(void **state)
{
    (void)state;
    struct street s;
    struct store_done nobody = { .fn = NULL };
    struct answer a = { .came = false }, b = a;
    street_open(&s, 1);
    static const char *const who[] = { "A", "A", "B" };
    static const char *const why[] = { "bad-key", "wrong-path", "bad-key" };
    for (size_t i = 0; i < 3; i++) {
        struct store_refused refused = { .at_ms = NOON, .identity = who[i], .reason = why[i] };
        assert_true(store_refused(s.store, &refused, nobody));
    }
    assert_true(store_refused_clear(s.store, "A", answer_to(&a)));
    street_wait(&s, &a);
    check_int("of one", a.result.count.n, 2);
    assert_true(store_refused_clear(s.store, NULL, answer_to(&b)));
    street_wait(&s, &b);
    check_int("all", b.result.count.n, 1);
    street_close(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(security_events_are_kept_and_counted),
        cmocka_unit_test(flood_of_one_station),
        cmocka_unit_test(keys_without_end),
        cmocka_unit_test(the_last_connections_are_kept),
        cmocka_unit_test(refused_ones_are_forgotten),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
