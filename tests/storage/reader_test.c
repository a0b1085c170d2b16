/* What readers give back, in which order; that they hold one picture; that hot statements use an
 * index. */
#include <sqlite3.h>
#include <unistd.h>

#include "storage/conn.h"
#include "storage/queries.h"
#include "tests/storage/street.h"

/* --- the site --- */

static void site_is_in_order(void **state)
{
    (void)state;
    static const char *const want_nodes[] = { "Z", "N", "Y", "A", "B" }; /* parents first */
    static const char *const want_stations[] = { "A-1", "B-2", "CP1", "CP2", "a-0" };
    struct street s;
    struct answer a;
    street_open(&s, 2);
    struct store_grid_node grid[] = {
        { .id = "A", .parent = "Y", .name = "a", .limit_ma = { 1, 1, 1 } },
        { .id = "B", .parent = "Y", .name = "b", .limit_ma = { 1, 1, 1 } },
        { .id = "Y",
          .parent = "Z",
          .name = "y",
          .limit_ma = { 1, 2, 3 },
          .foreign_ma = { 0, 1, 2 },
          .single_max_ma = 7 },
        { .id = "Z", .parent = NULL, .name = "z", .limit_ma = { 1, 1, 1 } },
    };
    struct store_grid_node n = { .id = "N", .parent = "Z", .name = "n", .limit_ma = { 1, 1, 1 } };
    struct store_station station[] = { a_station("B-2"), a_station("a-0"), a_station("A-1") };
    struct store_connector connector[] = { { .station = "B-2", .connector = 2 },
                                           { .station = "A-1", .connector = 1 },
                                           { .station = "B-2", .connector = 1, .max_w = 3680 } };
    struct store_site more = { .grid = grid,
                               .n_grid = 4,
                               .station = station,
                               .n_stations = 3,
                               .connector = connector,
                               .n_connectors = 3 };
    assert_int_equal(street_apply(&s, &more, false).rc, STORE_OK);
    more = (struct store_site){ .grid = &n, .n_grid = 1 };
    assert_int_equal(street_apply(&s, &more, false).rc, STORE_OK);
    struct store_tx_start tx = a_start("CP2", 0, NOON);
    street_start(&s, &tx);
    assert_true(store_station_remove(s.store, "CP2", answer_to(&a)));
    street_wait(&s, &a);

    struct reader *r = street_reader(&s);
    const struct store_site *site, *again;
    assert_int_equal(reader_site(r, &site), STORE_OK);
    check_int("nodes", (int64_t)site->n_grid, ARRAY_SIZE(want_nodes));
    for (size_t i = 0; i < site->n_grid; i++)
        check_text("node", site->grid[i].id, want_nodes[i]);
    check_int("L3", site->grid[2].limit_ma[2], 3);
    check_int("foreign L3", site->grid[2].foreign_ma[2], 2);
    check_int("single", site->grid[2].single_max_ma, 7);
    check_int("stations", (int64_t)site->n_stations, ARRAY_SIZE(want_stations));
    for (size_t i = 0; i < site->n_stations; i++) {
        check_text("station", site->station[i].id, want_stations[i]);
        check_int("gone", site->station[i].decommissioned, i == 3);
    }
    check_int("connectors", (int64_t)site->n_connectors, 7);
    check_text("of the first", site->connector[0].station, "A-1");
    check_int("B-2/1", site->connector[1].max_w, 3680);
    check_int("B-2/2", site->connector[2].connector, 2);
    check_text("tariff", site->tariff[0].id, "T");
    check_int("price", site->tariff[0].price_e4_per_kwh, 10000);
    check_int("never booted", site->station[0].booted_at_ms, STORE_ABSENT);
    assert_int_equal(reader_site(r, &again), STORE_OK);
    assert_ptr_equal(site, again);
    reader_close(r);

    /* what was read is accepted as it is: reading and applying are inverse */
    r = street_reader(&s);
    assert_int_equal(reader_site(r, &site), STORE_OK);
    struct store_site copy = *site;
    struct store_station live[5];
    for (size_t i = 0, n_live = 0; i < site->n_stations; i++)
        if (!site->station[i].decommissioned) {
            live[n_live++] = site->station[i];
            copy.n_stations = n_live;
        }
    copy.station = live;
    struct answer same = street_apply(&s, &copy, false);
    assert_int_equal(same.rc, STORE_OK);
    assert_int_equal(strncmp(same.changes, "unchanged ", 10), 0);
    assert_null(strstr(same.changes, ";changed"));
    assert_null(strstr(same.changes, ";added"));
    reader_close(r);
    street_close(&s);
}

/* --- sessions --- */

struct ids {
    int64_t id[32];
    size_t n, stop_after;
};

static bool take_id(void *arg, const struct store_session *session)
{
    struct ids *ids = arg;
    ids->id[ids->n++] = session->tx_id;
    return ids->n != ids->stop_after;
}

/* 1 finished by CP1, 2 provisional by CP1, 3 active by CP1, 4 finished with a doubt by CP2. */
static void four_sessions(struct street *s)
{
    static const struct {
        const char *station, *id_tag;
        int64_t at_ms;
        int32_t stop_wh;
    } told[] = {
        { "CP1", "04A1", NOON, 500 },
        { "CP1", "04B2", NOON + 2 * HOUR, -1 },
        { "CP1", "04A1", NOON + 4 * HOUR, -1 },
        { "CP2", "04c3", NOON + 5 * HOUR, 0 },
    };
    for (size_t i = 0; i < ARRAY_SIZE(told); i++) {
        struct store_tx_start tx = a_start(told[i].station, i == 3 ? 100 : 0, told[i].at_ms);
        tx.id_tag = told[i].id_tag;
        int64_t id = street_start(s, &tx).result.tx_start.tx_id;
        check_int("id", id, (int64_t)i + 1);
        struct store_tx_stop stop =
            a_stop(told[i].station, id, told[i].stop_wh, told[i].at_ms + HOUR);
        if (told[i].stop_wh >= 0)
            street_stop(s, &stop);
    }
}

static void sessions_are_filtered(void **state)
{
    (void)state;
    enum { NONE = 0 };
    static const struct {
        const char *why;
        struct reader_session_filter filter;
        size_t stop_after;
        int64_t want[5];
    } cases[] = {
        { "all, newest first",
          { .from_ms = STORE_ABSENT, .to_ms = STORE_ABSENT },
          0,
          { 4, 3, 2, 1 } },
        { "station",
          { .station = "CP1", .from_ms = STORE_ABSENT, .to_ms = STORE_ABSENT },
          0,
          { 3, 2, 1 } },
        { "unknown station",
          { .station = "X", .from_ms = STORE_ABSENT, .to_ms = STORE_ABSENT },
          0,
          { NONE } },
        { "tag in another case",
          { .id_tag = "04C3", .from_ms = STORE_ABSENT, .to_ms = STORE_ABSENT },
          0,
          { 4 } },
        { "active",
          { .state = STORE_SESSION_ACTIVE, .from_ms = STORE_ABSENT, .to_ms = STORE_ABSENT },
          0,
          { 3 } },
        { "provisional",
          { .state = STORE_SESSION_PROVISIONAL, .from_ms = STORE_ABSENT, .to_ms = STORE_ABSENT },
          0,
          { 2 } },
        { "problems",
          { .problems = true, .from_ms = STORE_ABSENT, .to_ms = STORE_ABSENT },
          0,
          { 4, 2 } },
        { "from", { .from_ms = NOON + 2 * HOUR, .to_ms = STORE_ABSENT }, 0, { 4, 3, 2 } },
        { "half open: an end at from counts",
          { .from_ms = NOON + HOUR, .to_ms = STORE_ABSENT },
          0,
          { 4, 3, 2, 1 } },
        { "half open: an end at to does not",
          { .from_ms = STORE_ABSENT, .to_ms = NOON + HOUR },
          0,
          { NONE } },
        { "active counts by its start",
          { .from_ms = NOON + 4 * HOUR, .to_ms = NOON + 4 * HOUR + 1 },
          0,
          { 3 } },
        { "page",
          { .from_ms = STORE_ABSENT, .to_ms = STORE_ABSENT, .before_tx_id = 4, .limit = 2 },
          0,
          { 3, 2 } },
        { "stopped by the caller", { .from_ms = STORE_ABSENT, .to_ms = STORE_ABSENT }, 1, { 4 } },
        { "all at once",
          { .station = "CP1",
            .id_tag = "04a1",
            .state = STORE_SESSION_FINISHED,
            .from_ms = NOON,
            .to_ms = NOON + 2 * HOUR,
            .before_tx_id = 99,
            .limit = 9 },
          0,
          { 1 } },
    };
    struct street s;
    street_open(&s, 2);
    four_sessions(&s);
    struct reader *r = street_reader(&s);
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct ids got = { .stop_after = cases[i].stop_after };
        assert_int_equal(reader_sessions(r, &cases[i].filter, take_id, &got), STORE_OK);
        size_t want = 0;
        while (cases[i].want[want] != NONE)
            want++;
        check_int(cases[i].why, (int64_t)got.n, (int64_t)want);
        for (size_t k = 0; k < want; k++)
            check_int(cases[i].why, got.id[k], cases[i].want[k]);
    }
    reader_close(r);
    street_close(&s);
}

static bool check_full_session(void *arg, const struct store_session *x)
{
    ++*(int *)arg;
    check_text("station", x->station, "CP1");
    check_text("evse", x->evse_id, NULL);
    check_text("district", x->district, "Mitte");
    check_text("tag as received", x->id_tag, "04a1");
    check_text("kind", x->auth_kind, "rfid");
    check_text("customer", x->customer, "c-7");
    check_int("connector", x->connector, 2);
    check_int("start", x->started_at_ms, NOON);
    check_int("stop", x->stopped_at_ms, NOON + HOUR);
    check_int("heard", x->received_stop_at_ms, NOON + HOUR + 5);
    check_int("from", x->meter_start_wh, 10);
    check_int("to", x->meter_stop_wh, 6010);
    check_int("energy", x->energy_wh, 6000);
    check_text("reason", x->reason, "Remote");
    check_text("tariff", x->tariff, "T");
    check_int("version", x->tariff_version, 1);
    check_int("last register", x->last_register_wh, 3000);
    check_int("last sample", x->last_sample_at_ms, NOON + MINUTE);
    check_int("record", x->cdr_no, 1);
    return true;
}

static void a_session_has_everything(void **state)
{
    (void)state;
    struct street s;
    int n = 0;
    street_open(&s, 1);
    struct store_tx_start tx = a_start("CP1", 10, NOON);
    tx.connector = 2;
    tx.id_tag = "04a1";
    tx.auth_kind = "rfid";
    tx.customer = "c-7";
    int64_t id = street_start(&s, &tx).result.tx_start.tx_id;
    struct store_meter row = a_sample("CP1", id, 3000, NOON + MINUTE, "[]");
    street_meter(&s, &row, 1);
    struct store_tx_stop stop = a_stop("CP1", id, 6010, NOON + HOUR);
    stop.received_at_ms += 5;
    stop.reason = "Remote";
    street_stop(&s, &stop);
    struct reader *r = street_reader(&s);
    assert_int_equal(reader_session(r, id, check_full_session, &n), STORE_OK);
    assert_int_equal(reader_session(r, 99, check_full_session, &n), STORE_OK);
    check_int("rows", n, 1);
    reader_close(r);
    street_close(&s);
}

/* --- samples, events, and the rest --- */

struct texts {
    char text[32][64];
    int64_t number[32];
    size_t n;
};

static void keep(struct texts *t, const char *text, int64_t number)
{
    snprintf(t->text[t->n], sizeof(t->text[0]), "%s", text != NULL ? text : "(none)");
    t->number[t->n++] = number;
}

static bool take_meter(void *arg, const struct store_meter *m)
{
    keep(arg, m->raw, m->current_ma[1] == 7 && m->current_ma[0] == -1 ? m->sampled_at_ms : -1);
    return true;
}

static void samples_of_a_session(void **state)
{
    (void)state;
    struct street s;
    street_open(&s, 2);
    struct store_tx_start tx = a_start("CP1", 0, NOON);
    int64_t id = street_start(&s, &tx).result.tx_start.tx_id;
    static const struct {
        const char *station, *raw;
        int64_t minute;
        bool of_session;
    } told[] = {
        { "CP1", "second", 2, true },
        { "CP1", "first", 1, true },
        { "CP2", "other", 1, true },
        { "CP1", "idle", -30, false },
    };
    for (size_t i = 0; i < ARRAY_SIZE(told); i++) {
        struct store_meter row = a_sample(told[i].station, told[i].of_session ? id : 0, 1,
                                          NOON + told[i].minute * MINUTE, told[i].raw);
        row.current_ma[1] = 7;
        street_meter(&s, &row, 1);
    }
    static const struct {
        const char *station;
        bool of_session;
        int64_t limit;
        const char *want;
    } cases[] = {
        { "CP1", true, 0, "first second " },
        { NULL, true, 0, "first second " },
        { NULL, true, 1, "first " },
        { "CP2", true, 0, "other " },
        { "CP1", false, 0, "idle first second " },
        { NULL, false, 0, "idle first other second " },
    };
    struct reader *r = street_reader(&s);
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct texts got = { .n = 0 };
        char all[200] = "";
        assert_int_equal(reader_meter(r, cases[i].station, cases[i].of_session ? id : 0,
                                      cases[i].limit, take_meter, &got),
                         STORE_OK);
        for (size_t k = 0; k < got.n; k++) {
            snprintf(all + strlen(all), sizeof(all) - strlen(all), "%s ", got.text[k]);
            assert_true(got.number[k] > 0);
        }
        check_text("samples", all, cases[i].want);
    }
    reader_close(r);
    street_close(&s);
}

static bool take_event(void *arg, int64_t seq, const struct store_event *event)
{
    keep(arg, event->text, seq);
    return true;
}

static void events_are_paged(void **state)
{
    (void)state;
    struct street s;
    struct answer a;
    street_open(&s, 1);
    static const struct store_event told[] = {
        { 1, "station.boot", STORE_INFO, "CP1", -1, "a" },
        { 2, "security.login", STORE_ALARM, "CP1", -1, "b" },
        { 3, "securityx", STORE_WARNING, NULL, -1, "c" },
        { 4, "security.other", STORE_INFO, "CP2", 1, "d" },
        { 5, "station.boot", STORE_WARNING, "CP2", 1, "e" },
    };
    for (size_t i = 0; i < ARRAY_SIZE(told); i++) {
        assert_true(store_event(s.store, &told[i], answer_to(&a)));
        street_wait(&s, &a);
    }
    static const struct {
        const char *why;
        struct reader_event_filter filter;
        const char *want;
    } cases[] = {
        { "all", { .limit = 0 }, "abcde" },
        { "the newest two, oldest first", { .limit = 2 }, "de" },
        { "after the second", { .after_seq = 2 }, "cde" },
        { "after the second, a page", { .after_seq = 2, .limit = 2 }, "cd" },
        { "nothing new", { .after_seq = 5 }, "" },
        { "station", { .station = "CP1" }, "ab" },
        { "name", { .name_prefix = "security." }, "bd" },
        { "severity", { .min_severity = STORE_WARNING }, "bce" },
        { "newest of a kind", { .name_prefix = "station.", .limit = 1 }, "e" },
    };
    struct reader *r = street_reader(&s);
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct texts got = { .n = 0 };
        char all[40] = "";
        assert_int_equal(reader_events(r, &cases[i].filter, take_event, &got), STORE_OK);
        for (size_t k = 0; k < got.n; k++)
            snprintf(all + k, sizeof(all) - k, "%s", got.text[k]);
        check_text(cases[i].why, all, cases[i].want);
    }
    reader_close(r);
    street_close(&s);
}

static bool take_refused(void *arg, const struct store_refused *last, int64_t count, int64_t first)
{
    char text[64];
    snprintf(text, sizeof(text), "%s %s %s %lld-%lld", last->identity, last->reason, last->detail,
             (long long)first, (long long)last->at_ms);
    keep(arg, text, count);
    return true;
}

static bool take_config(void *arg, const struct store_config_key *key, int64_t at_ms)
{
    (void)at_ms;
    char text[64];
    snprintf(text, sizeof(text), "%s=%s", key->key, key->value != NULL ? key->value : "(none)");
    keep(arg, text, key->readonly * 2 + key->known);
    return true;
}

static void refusals_and_configuration(void **state)
{
    (void)state;
    struct street s;
    struct answer a;
    street_open(&s, 1);
    static const struct store_refused told[] = { { 5, "X", "unknown-station", "one", "::1" },
                                                 { 6, "Y", "bad-key", NULL, NULL },
                                                 { 7, "X", "unknown-station", "two", "::1" } };
    for (size_t i = 0; i < ARRAY_SIZE(told); i++) {
        assert_true(store_refused(s.store, &told[i], answer_to(&a)));
        street_wait(&s, &a);
        assert_int_equal(a.rc, STORE_OK);
    }
    const struct store_config_key key[] = { { "HeartbeatInterval", "300", false, true },
                                            { "Vendor.X", NULL, true, false } };
    assert_true(store_station_config(s.store, "CP1", key, 2, NOON, answer_to(&a)));
    street_wait(&s, &a);
    const struct store_config_key newer = { "heartbeatinterval", "60", false, true };
    assert_true(store_station_config(s.store, "CP1", &newer, 1, NOON + 1, answer_to(&a)));
    street_wait(&s, &a);
    struct texts got = { .n = 0 };
    struct reader *r = street_reader(&s);
    assert_int_equal(reader_refused(r, take_refused, &got), STORE_OK);
    check_int("refused", (int64_t)got.n, 2);
    check_text("newest first", got.text[0], "X unknown-station two 5-7");
    check_int("times", got.number[0], 2);
    check_text("no details", got.text[1], "Y bad-key  6-6");
    got.n = 0;
    assert_int_equal(reader_station_config(r, "CP1", take_config, &got), STORE_OK);
    check_int("keys", (int64_t)got.n, 2);
    check_text("replaced", got.text[0], "HeartbeatInterval=60");
    check_text("without value", got.text[1], "Vendor.X=(none)");
    check_int("readonly, unknown", got.number[1], 2);
    reader_close(r);
    street_close(&s);
}

static bool take_lease(void *arg, const struct store_lease *lease)
{
    keep(arg, lease->station, lease->seq);
    return true;
}

static void leases_in_force(void **state)
{
    (void)state;
    struct street s;
    struct answer a;
    street_open(&s, 2);
    static const struct {
        const char *station;
        uint32_t seq;
        int64_t at_ms, end_ms;
    } told[] = { { "CP1", 1, NOON, NOON + 15 * MINUTE },
                 { "CP1", 2, NOON + 10 * MINUTE, NOON + 25 * MINUTE },
                 { "CP2", 3, NOON, INT64_MAX } };
    for (size_t i = 0; i < ARRAY_SIZE(told); i++) {
        struct store_lease lease = { .station = told[i].station,
                                     .connector = 1,
                                     .tx_id = 5,
                                     .seq = told[i].seq,
                                     .limit_ma = 6000,
                                     .start_at_ms = told[i].at_ms,
                                     .end_at_ms = told[i].end_ms,
                                     .at_ms = told[i].at_ms };
        assert_true(store_lease(s.store, &lease, answer_to(&a)));
        street_wait(&s, &a);
    }
    static const struct {
        int64_t at_ms;
        size_t want;
    } cases[] = { { NOON + 20 * MINUTE, 3 }, /* the station's clock may be behind */
                  { NOON + 27 * MINUTE, 2 },
                  { NOON + 40 * MINUTE, 1 } };
    struct reader *r = street_reader(&s);
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct texts got = { .n = 0 };
        assert_int_equal(reader_leases(r, cases[i].at_ms, take_lease, &got), STORE_OK);
        check_int("leases", (int64_t)got.n, (int64_t)cases[i].want);
        check_int("without end", got.number[got.n - 1], 3);
    }
    reader_close(r);
    street_close(&s);
}

static void counts(void **state)
{
    (void)state;
    struct street s;
    struct reader_counts c;
    street_open(&s, 3);
    four_sessions(&s);
    struct store_tx_stop stop = a_stop("CP3", 77, 1, NOON);
    street_stop(&s, &stop);
    struct reader *r = street_reader(&s);
    assert_int_equal(reader_counts(r, &c), STORE_OK);
    check_int("stations", c.stations, 3);
    check_int("connectors", c.connectors, 6);
    check_int("tariffs", c.tariffs, 1);
    check_int("sessions", c.sessions, 4);
    check_int("active", c.active, 1);
    check_int("problems", c.problems, 2);
    check_int("orphans", c.orphans, 1);
    check_int("records", c.cdrs, 3);
    check_int("schema", c.schema_version, store_schema_version);
    reader_close(r);
    street_close(&s);
}

/* --- one picture --- */

static void a_reader_sees_one_picture(void **state)
{
    (void)state;
    struct street s;
    struct reader_session_filter all = { .from_ms = STORE_ABSENT, .to_ms = STORE_ABSENT };
    street_open(&s, 1);
    struct reader *before = street_reader(&s);
    struct store_tx_start tx = a_start("CP1", 0, NOON);
    street_start(&s, &tx);
    struct reader *after = street_reader(&s);
    struct ids old = { .n = 0 }, new = { .n = 0 };
    assert_int_equal(reader_sessions(before, &all, take_id, &old), STORE_OK);
    assert_int_equal(reader_sessions(after, &all, take_id, &new), STORE_OK);
    check_int("before", (int64_t)old.n, 0);
    check_int("after", (int64_t) new.n, 1);
    reader_close(before);
    reader_close(after);
    reader_close(NULL);
    street_close(&s);
}

static void missing_file(void **state)
{
    (void)state;
    struct reader *r = NULL;
    char text[200] = "";
    assert_int_equal(reader_open("/nowhere/nox.db", &r, text, sizeof(text)), STORE_IO);
    assert_non_null(strstr(text, "/nowhere/nox.db"));
    assert_null(r);
}

/* --- what operators asked of stations --- */

struct calls {
    size_t n;
    int64_t id[8];
    int32_t outcome[8];
};

static bool take_call(void *arg, const struct store_call *call)
{
    struct calls *l = arg;
    l->id[l->n] = call->id;
    l->outcome[l->n++] = call->outcome;
    return true;
}

static struct store_call a_call(const char *station, int32_t outcome)
{
    return (struct store_call){ .station = station,
                                .action = "Reset",
                                .payload = "{\"type\":\"Soft\"}",
                                .is_whole = true,
                                .who = "root",
                                .why = "",
                                .asked_at_ms = NOON,
                                .until_ms =
                                    outcome == STORE_CALL_QUEUED ? NOON + 60000 : STORE_ABSENT,
                                .timeout_ms = 30000,
                                .sent_at_ms = STORE_ABSENT,
                                .finished_at_ms = STORE_ABSENT,
                                .outcome = outcome };
}

static int64_t log_call(struct street *s, const struct store_call *call)
{
    struct answer a;
    assert_true(store_call_asked(s->store, call, answer_to(&a)));
    street_wait(s, &a);
    assert_int_equal(a.rc, STORE_OK);
    return a.result.count.n;
}

static void calls_are_kept(void **state)
{
    (void)state;
    struct street s;
    struct answer a;
    struct calls all = { 0 }, one = { 0 }, queued = { 0 }, older = { 0 };
    street_open(&s, 2);
    struct store_call first = a_call("CP1", STORE_CALL_OPEN);
    first.id = log_call(&s, &first);
    struct store_call late = a_call("CP2", STORE_CALL_QUEUED);
    late.until_ms = NOON + 10;
    log_call(&s, &late);
    struct store_call waits = a_call("CP2", STORE_CALL_QUEUED);
    int64_t waiting = log_call(&s, &waits);
    struct store_call secret = waits;
    secret.is_whole = false;
    log_call(&s, &secret);
    struct store_call lost = a_call("CP1", STORE_CALL_OPEN);
    log_call(&s, &lost);
    first.outcome = STORE_CALL_ANSWERED;
    first.finished_at_ms = NOON + 5;
    first.answer = "{\"status\":\"Accepted\"}";
    assert_true(store_call_ended(s.store, &first, answer_to(&a)));
    street_wait(&s, &a);
    assert_true(store_calls_lost(s.store, NOON + 20, answer_to(&a)));
    street_wait(&s, &a);
    struct reader *r = street_reader(&s);
    struct reader_call_filter f = { .limit = 8 };
    assert_int_equal(reader_calls(r, &f, take_call, &all), STORE_OK);
    static const int32_t want[] = { STORE_CALL_LOST, STORE_CALL_EXPIRED, STORE_CALL_QUEUED,
                                    STORE_CALL_EXPIRED, STORE_CALL_ANSWERED };
    check_int("calls", (int64_t)all.n, ARRAY_SIZE(want));
    for (size_t i = 0; i < all.n; i++)
        check_int("outcome", all.outcome[i], want[i]);
    f = (struct reader_call_filter){ .station = "CP1", .outcome = STORE_CALL_ANSWERED };
    assert_int_equal(reader_calls(r, &f, take_call, &one), STORE_OK);
    check_int("of a station", (int64_t)one.n, 1);
    f = (struct reader_call_filter){ .before_id = waiting };
    assert_int_equal(reader_calls(r, &f, take_call, &older), STORE_OK);
    check_int("older", (int64_t)older.n, 2);
    assert_int_equal(reader_queued_calls(r, take_call, &queued), STORE_OK);
    check_int("queued", (int64_t)queued.n, 1);
    check_int("queued", queued.id[0], waiting);
    reader_close(r);
    street_close(&s);
}

static bool take_reservation(void *arg, const struct store_reservation *reservation)
{
    int64_t *states = arg;
    states[0] = states[0] * 10 + reservation->state;
    states[1] = reservation->tx_id;
    return true;
}

static void reservations_are_kept(void **state)
{
    (void)state;
    struct street s;
    struct answer a;
    int64_t live[2] = { 0 }, all[2] = { 0 }, num, id;
    street_open(&s, 1);
    struct store_reservation r = { .num = 1,
                                   .station = "CP1",
                                   .id = 70,
                                   .connector = 1,
                                   .id_tag = "A1",
                                   .expires_at_ms = NOON + 60000,
                                   .state = STORE_RES_ACTIVE,
                                   .who = "root",
                                   .why = "",
                                   .note = "",
                                   .asked_at_ms = NOON,
                                   .changed_at_ms = NOON };
    for (r.num = 1; r.num <= 3; r.num++) {
        assert_true(store_reservation(s.store, &r, answer_to(&a)));
        street_wait(&s, &a);
    }
    r.num = 2;
    r.state = STORE_RES_CANCELLED;
    assert_true(store_reservation(s.store, &r, answer_to(&a)));
    street_wait(&s, &a);
    /* used in the transaction of the start; a refused start uses nothing */
    struct store_tx_start tx = a_start("CP1", 0, NOON);
    tx.reservation = 1;
    struct store_tx_start refused = a_start("CP1", 1000, NOON + 1000);
    refused.reservation = 3;
    refused.auth_status = STORE_AUTH_BLOCKED;
    int64_t tx_id = street_start(&s, &tx).result.tx_start.tx_id;
    street_start(&s, &refused);
    struct reader *db = street_reader(&s);
    struct reader_reservation_filter f = { .live = true, .station = "CP1" };
    assert_int_equal(reader_reservations(db, &f, take_reservation, live), STORE_OK);
    check_int("live", live[0], STORE_RES_ACTIVE);
    f = (struct reader_reservation_filter){ .station = "CP1" };
    assert_int_equal(reader_reservations(db, &f, take_reservation, all), STORE_OK);
    check_int("newest first", all[0],
              STORE_RES_ACTIVE * 100 + STORE_RES_CANCELLED * 10 + STORE_RES_USED);
    check_int("session", all[1], tx_id);
    assert_int_equal(reader_reservation_max(db, &num, &id), STORE_OK);
    check_int("num", num, 3);
    check_int("id", id, 70);
    reader_close(db);
    street_close(&s);
}

static bool take_profile(void *arg, const struct store_profile *profile)
{
    int64_t *ids = arg;
    *ids = *ids * 100 + profile->id;
    return true;
}

static void put_profile(struct street *s, int32_t id, int32_t connector, const char *purpose,
                        int32_t level, int64_t tx_id)
{
    struct answer a;
    struct store_profile p = { .station = "CP1",
                               .connector = connector,
                               .id = id,
                               .stack_level = level,
                               .purpose = purpose,
                               .tx_id = tx_id,
                               .json = "{}",
                               .at_ms = NOON };
    assert_true(store_profile(s->store, &p, answer_to(&a)));
    street_wait(s, &a);
}

static int64_t profiles(struct street *s)
{
    int64_t ids = 0;
    struct reader *db = street_reader(s);
    assert_int_equal(reader_profiles(db, "CP1", take_profile, &ids), STORE_OK);
    reader_close(db);
    return ids;
}

static void profiles_replace_each_other(void **state)
{
    (void)state;
    struct street s;
    struct answer a;
    street_open(&s, 1);
    put_profile(&s, 11, 1, "TxDefaultProfile", 0, 0);
    put_profile(&s, 12, 1, "TxProfile", 0, 5);
    put_profile(&s, 13, 0, "TxDefaultProfile", 0, 0); /* another connector */
    put_profile(&s, 14, 1, "TxDefaultProfile", 1, 0); /* another level */
    check_int("beside each other", profiles(&s), 11121314);
    put_profile(&s, 15, 1, "TxDefaultProfile", 0, 0);
    check_int("same purpose and level", profiles(&s), 12131415);
    put_profile(&s, 14, 2, "TxDefaultProfile", 3, 0);
    put_profile(&s, 16, 2, "TxDefaultProfile", 1, 0);
    check_int("same id, whatever else", profiles(&s), 1213141516);
    struct store_profile_filter f = { "CP1", -1, -1, 1, "TxDefaultProfile", 0 };
    assert_true(store_profile_forget(s.store, &f, answer_to(&a)));
    street_wait(&s, &a);
    check_int("by criteria", profiles(&s), 12131415);
    f = (struct store_profile_filter){ "CP1", -1, -1, -1, NULL, 5 };
    assert_true(store_profile_forget(s.store, &f, answer_to(&a)));
    street_wait(&s, &a);
    check_int("of a transaction", profiles(&s), 131415);
    f = (struct store_profile_filter){ "CP1", -1, -1, -1, NULL, 0 };
    assert_true(store_profile_forget(s.store, &f, answer_to(&a)));
    street_wait(&s, &a);
    check_int("all", profiles(&s), 0);
    street_close(&s);
}

/* --- query plans --- */

/* Fails when a plan walks through a table that grows. */
static void check_plan(sqlite3 *handle, const char *sql)
{
    static const char *const growing[] = { "session", "meter", "event",    "cdr",        "s",
                                           "m",       "c",     "call_log", "reservation" };
    char explain[4000], bad[80];
    sqlite3_stmt *q = NULL;
    snprintf(explain, sizeof(explain), "EXPLAIN QUERY PLAN %s", sql);
    if (sqlite3_prepare_v2(handle, explain, -1, &q, NULL) != SQLITE_OK)
        fail_msg("%s: %s", sql, sqlite3_errmsg(handle));
    while (sqlite3_step(q) == SQLITE_ROW) {
        char step[300];
        snprintf(step, sizeof(step), "%s", (const char *)sqlite3_column_text(q, 3));
        for (size_t i = 0; i < ARRAY_SIZE(growing); i++) {
            snprintf(bad, sizeof(bad), "SCAN %s", growing[i]);
            size_t len = strlen(bad);
            if (strncmp(step, bad, len) == 0 && (step[len] == '\0' || step[len] == ' ') &&
                strstr(step, "USING") == NULL)
                fail_msg("%s: %s", sql, step);
        }
        if (strstr(step, "AUTOMATIC") != NULL)
            fail_msg("%s: %s", sql, step);
    }
    sqlite3_finalize(q);
}

static void hot_statements_use_an_index(void **state)
{
    (void)state;
    static const enum query may_walk[] = {
        QUERY_METER_ALL, QUERY_CDRS_ALL, QUERY_EVENTS_NEWEST, QUERY_SESSIONS,       QUERY_COUNTS,
        QUERY_ORPHANS,   QUERY_CALLS,    QUERY_RESERVATIONS,  QUERY_RESERVATION_MAX
    };
    struct street s;
    sqlite3 *handle;
    street_open(&s, 1);
    assert_int_equal(sqlite3_open(s.path, &handle), SQLITE_OK);
    for (int i = 0; i < STMT_COUNT; i++)
        if (i != STMT_CDR_ALL && i != STMT_CDR_LAST) /* reads them all; ends at the first */
            check_plan(handle, store_sql[i]);
    for (int i = 0; i < QUERY_COUNT; i++) {
        bool may = false;
        for (size_t k = 0; k < ARRAY_SIZE(may_walk); k++)
            may = may || (int)may_walk[k] == i;
        if (!may)
            check_plan(handle, query_sql[i]);
    }
    for (int i = 0; i < WITH_CONDITIONS; i++) {
        char sql[3000];
        if (i == WITH_FINISHED) /* almost all are */
            continue;
        snprintf(sql, sizeof(sql), "%s%s%s", query_sql[QUERY_SESSIONS], session_condition_sql[i],
                 i == WITH_FROM || i == WITH_TO ? session_order_by_time_sql : session_order_sql);
        check_plan(handle, sql);
    }
    sqlite3_close(handle);
    street_close(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(site_is_in_order),
        cmocka_unit_test(sessions_are_filtered),
        cmocka_unit_test(a_session_has_everything),
        cmocka_unit_test(samples_of_a_session),
        cmocka_unit_test(events_are_paged),
        cmocka_unit_test(refusals_and_configuration),
        cmocka_unit_test(leases_in_force),
        cmocka_unit_test(counts),
        cmocka_unit_test(a_reader_sees_one_picture),
        cmocka_unit_test(missing_file),
        cmocka_unit_test(calls_are_kept),
        cmocka_unit_test(reservations_are_kept),
        cmocka_unit_test(profiles_replace_each_other),
        cmocka_unit_test(hot_statements_use_an_index),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
