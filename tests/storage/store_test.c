/* What the store makes of the words of stations: DESIGN section 5.2, FIELD_LESSONS section 1. */
#include "tests/storage/street.h"

struct found {
    struct store_session session;
    char station[64], reason[64];
    size_t n;
};

static bool keep_session(void *arg, const struct store_session *session)
{
    struct found *f = arg;
    f->session = *session;
    snprintf(f->station, sizeof(f->station), "%s", session->station);
    snprintf(f->reason, sizeof(f->reason), "%s", session->reason != NULL ? session->reason : "");
    f->n++;
    return true;
}

static struct found session_of(struct street *s, int64_t tx_id)
{
    struct found f = { .n = 0 };
    struct reader *r = street_reader(s);
    assert_int_equal(reader_session(r, tx_id, keep_session, &f), STORE_OK);
    reader_close(r);
    if (f.n != 1)
        fail_msg("%zu sessions have the id %lld", f.n, (long long)tx_id);
    return f;
}

static void check_session(struct street *s, const char *why, int64_t tx_id, int32_t state,
                          int64_t energy_wh, uint32_t flags)
{
    struct found f = session_of(s, tx_id);
    check_int(why, f.session.state, state);
    check_int(why, f.session.energy_wh, energy_wh);
    check_int(why, f.session.flags, flags);
}

/* --- starts --- */

static void start_is_stored_once(void **state)
{
    (void)state;
    struct street s;
    street_open(&s, 2);
    struct store_tx_start tx = a_start("CP1", 100, NOON);
    struct answer first = street_start(&s, &tx);
    assert_int_equal(first.rc, STORE_OK);
    assert_false(first.result.tx_start.duplicate);
    assert_true(first.result.tx_start.tx_id > 0);

    tx.auth_status = STORE_AUTH_BLOCKED; /* the tag was blocked since: the answer stays */
    tx.received_at_ms += HOUR;
    tx.started_at_ms += 2000; /* the measured clock offset may change, the station's words do not */
    for (int i = 0; i < 3; i++) {
        struct answer again = street_start(&s, &tx);
        assert_true(again.result.tx_start.duplicate);
        check_int("id", again.result.tx_start.tx_id, first.result.tx_start.tx_id);
        check_int("verdict", again.result.tx_start.auth_status, STORE_AUTH_ACCEPTED);
        street_reopen(&s);
    }
    check_int("sessions", street_number(&s, "SELECT count(*) FROM session"), 1);
    street_close(&s);
}

static void each_part_of_the_key_counts(void **state)
{
    (void)state;
    struct store_tx_start other[5];
    for (size_t i = 0; i < ARRAY_SIZE(other); i++)
        other[i] = a_start("CP1", 100, NOON);
    other[0].station = "CP2";
    other[1].connector = 2;
    other[2].station_at_ms++;
    other[3].id_tag = "04A2";
    other[4].meter_start_wh++;
    struct street s;
    street_open(&s, 2);
    struct store_tx_start first = a_start("CP1", 100, NOON);
    int64_t last = street_start(&s, &first).result.tx_start.tx_id;
    for (size_t i = 0; i < ARRAY_SIZE(other); i++) {
        struct answer a = street_start(&s, &other[i]);
        assert_false(a.result.tx_start.duplicate);
        assert_true(a.result.tx_start.tx_id > last);
        last = a.result.tx_start.tx_id;
    }
    street_close(&s);
}

static void starts_in_one_batch(void **state)
{
    (void)state;
    struct street s;
    struct answer a[4];
    street_open(&s, 1);
    struct store_tx_start one = a_start("CP1", 0, NOON), two = a_start("CP1", 0, NOON);
    two.connector = 2;
    assert_true(store_tx_start(s.store, &one, answer_to(&a[0])));
    assert_true(store_tx_start(s.store, &two, answer_to(&a[1])));
    assert_true(store_tx_start(s.store, &one, answer_to(&a[2])));
    assert_true(store_tx_start(s.store, &two, answer_to(&a[3])));
    street_wait(&s, &a[3]);
    assert_int_not_equal(a[0].result.tx_start.tx_id, a[1].result.tx_start.tx_id);
    check_int("first again", a[2].result.tx_start.tx_id, a[0].result.tx_start.tx_id);
    check_int("second again", a[3].result.tx_start.tx_id, a[1].result.tx_start.tx_id);
    street_close(&s);
}

static void ids_are_never_given_twice(void **state)
{
    (void)state;
    struct street s;
    street_open(&s, 2);
    int64_t last = 0;
    for (int i = 0; i < 6; i++) {
        struct store_tx_start tx = a_start(i % 2 ? "CP1" : "CP2", i, NOON + i * MINUTE);
        int64_t id = street_start(&s, &tx).result.tx_start.tx_id;
        assert_true(id > last);
        last = id;
        street_reopen(&s);
    }
    street_close(&s);
}

static void newer_start_closes_the_open_session(void **state)
{
    (void)state;
    struct street s;
    street_open(&s, 1);
    struct store_tx_start old = a_start("CP1", 1000, NOON);
    int64_t id = street_start(&s, &old).result.tx_start.tx_id;
    struct store_tx_start new = a_start("CP1", 4000, NOON + HOUR);
    struct answer a = street_start(&s, &new);
    check_int("closed", a.result.tx_start.closed_tx_id, id);
    /* no register was heard: the next start shows where it must have ended */
    check_session(&s, "old", id, STORE_SESSION_PROVISIONAL, 3000, STORE_FLAG_PROVISIONAL);
    check_session(&s, "new", a.result.tx_start.tx_id, STORE_SESSION_ACTIVE, 0, 0);
    street_close(&s);
}

static void older_start_leaves_the_open_session(void **state)
{
    (void)state;
    struct street s;
    street_open(&s, 1);
    struct store_tx_start new = a_start("CP1", 4000, NOON + HOUR);
    int64_t id = street_start(&s, &new).result.tx_start.tx_id;
    struct store_tx_start old = a_start("CP1", 1000, NOON);
    struct answer a = street_start(&s, &old);
    check_int("closed", a.result.tx_start.closed_tx_id, 0);
    check_session(&s, "new", id, STORE_SESSION_ACTIVE, 0, 0);
    street_close(&s);
}

/* --- stops --- */

static void stop_twice(void **state)
{
    (void)state;
    struct street s;
    street_open(&s, 1);
    struct store_tx_start tx = a_start("CP1", 1000, NOON);
    int64_t id = street_start(&s, &tx).result.tx_start.tx_id;
    struct store_tx_stop stop = a_stop("CP1", id, 8000, NOON + HOUR);
    stop.reason = "EVDisconnected";
    struct answer first = street_stop(&s, &stop);
    assert_false(first.result.tx_stop.duplicate);
    check_int("connector", first.result.tx_stop.connector, 1);
    street_reopen(&s);
    struct answer again = street_stop(&s, &stop);
    assert_int_equal(again.rc, STORE_OK);
    assert_true(again.result.tx_stop.duplicate);
    check_int("same session", again.result.tx_stop.tx_id, id);
    check_session(&s, "session", id, STORE_SESSION_FINISHED, 7000, 0);
    check_text("reason", session_of(&s, id).reason, "EVDisconnected");
    check_int("records", street_number(&s, "SELECT count(*) FROM cdr"), 1);
    check_int("orphans", street_number(&s, "SELECT count(*) FROM orphan_stop"), 0);

    stop.meter_stop_wh = 9999; /* a contradiction changes nothing and is kept */
    again = street_stop(&s, &stop);
    assert_true(again.result.tx_stop.duplicate);
    check_session(&s, "session", id, STORE_SESSION_FINISHED, 7000, 0);
    check_int("kept", street_number(&s, "SELECT meter_stop_wh FROM orphan_stop"), 9999);
    street_close(&s);
}

static void stop_of_others_is_an_orphan(void **state)
{
    (void)state;
    static const int64_t ids[] = { 0, -1, 4711, INT32_MAX };
    struct street s;
    street_open(&s, 2);
    struct store_tx_start tx = a_start("CP1", 1000, NOON);
    int64_t id = street_start(&s, &tx).result.tx_start.tx_id;
    for (size_t i = 0; i < ARRAY_SIZE(ids) + 1; i++) {
        struct store_tx_stop stop =
            a_stop("CP2", i < ARRAY_SIZE(ids) ? ids[i] : id, 5000, NOON + HOUR);
        for (int twice = 0; twice < 2; twice++) {
            struct answer a = street_stop(&s, &stop);
            assert_int_equal(a.rc, STORE_OK);
            check_int("orphan", a.result.tx_stop.tx_id, 0);
        }
        check_int("kept once", street_number(&s, "SELECT count(*) FROM orphan_stop"),
                  (int64_t)i + 1);
    }
    check_session(&s, "untouched", id, STORE_SESSION_ACTIVE, 0, 0);
    street_close(&s);
}

static void stop_before_its_start(void **state)
{
    (void)state;
    struct street s;
    street_open(&s, 1);
    struct store_meter data = a_sample("CP1", -1, 5000, NOON + 30 * MINUTE, "[]");
    struct store_tx_stop stop = a_stop("CP1", -1, 8000, NOON + HOUR);
    stop.data = &data;
    stop.n_data = 1;
    street_stop(&s, &stop);
    street_reopen(&s);
    struct store_tx_start tx = a_start("CP1", 1000, NOON);
    int64_t id = street_start(&s, &tx).result.tx_start.tx_id;
    check_session(&s, "matched", id, STORE_SESSION_FINISHED, 7000, STORE_FLAG_MATCHED_ORPHAN);
    check_int("orphans", street_number(&s, "SELECT count(*) FROM orphan_stop"), 0);
    check_int("record", street_number(&s, "SELECT energy_wh FROM cdr"), 7000);
    check_int("its samples", street_number(&s, "SELECT session FROM meter"), id);
    /* both once more, as after a reboot of the station */
    street_stop(&s, &stop);
    check_int("same start", street_start(&s, &tx).result.tx_start.tx_id, id);
    check_int("orphans", street_number(&s, "SELECT count(*) FROM orphan_stop"), 0);
    check_int("records", street_number(&s, "SELECT count(*) FROM cdr"), 1);
    street_close(&s);
}

static void own_stop_outranks_a_matched_one(void **state)
{
    (void)state;
    struct street s;
    street_open(&s, 1);
    struct store_tx_stop guessed = a_stop("CP1", 0, 8000, NOON + HOUR);
    street_stop(&s, &guessed);
    struct store_tx_start tx = a_start("CP1", 1000, NOON);
    int64_t id = street_start(&s, &tx).result.tx_start.tx_id;
    check_session(&s, "matched", id, STORE_SESSION_FINISHED, 7000, STORE_FLAG_MATCHED_ORPHAN);
    struct store_tx_stop own = a_stop("CP1", id, 3000, NOON + 2 * HOUR);
    for (int twice = 0; twice < 2; twice++) {
        struct answer a = street_stop(&s, &own);
        check_int("its own", a.result.tx_stop.tx_id, id);
        check_session(&s, "corrected", id, STORE_SESSION_FINISHED, 2000, STORE_FLAG_CORRECTED);
        check_int("given back",
                  street_number(&s, "SELECT meter_stop_wh FROM orphan_stop WHERE tx_id = 0"), 8000);
        check_int("orphans", street_number(&s, "SELECT count(*) FROM orphan_stop"), 1);
        check_int("credit and replacement", street_number(&s, "SELECT count(*) FROM cdr"), 3);
        check_int("billed", street_number(&s, "SELECT sum(energy_wh) FROM cdr"), 2000);
    }
    street_close(&s);
}

static void stop_without_id_finds_its_session(void **state)
{
    (void)state;
    static const struct {
        const char *why;
        const char *id_tag;
        int32_t meter_wh;
        int64_t after_ms;
        bool second_connector, fits;
    } cases[] = {
        { "same tag, other case", "04a1", 8000, HOUR, false, true },
        { "another tag", "04FF", 8000, HOUR, false, false },
        { "before the start", "04A1", 8000, -HOUR, false, false },
        { "register below the start", "04A1", 10, HOUR, false, false },
        { "no tag, but two connectors", NULL, 8000, HOUR, false, false },
        { "two sessions it may be", "04A1", 8000, HOUR, true, false },
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct street s;
        street_open(&s, 1);
        struct store_tx_start tx = a_start("CP1", 1000, NOON);
        int64_t id = street_start(&s, &tx).result.tx_start.tx_id;
        tx.connector = 2;
        if (cases[i].second_connector)
            street_start(&s, &tx);
        struct store_tx_stop stop = a_stop("CP1", -1, cases[i].meter_wh, NOON + cases[i].after_ms);
        stop.id_tag = cases[i].id_tag;
        for (int twice = 0; twice < 2; twice++) {
            struct answer a = street_stop(&s, &stop);
            check_int(cases[i].why, a.result.tx_stop.tx_id, cases[i].fits ? id : 0);
        }
        check_int(cases[i].why, street_number(&s, "SELECT count(*) FROM orphan_stop"),
                  cases[i].fits ? 0 : 1);
        street_close(&s);
    }
}

/* A lamp has one connector: a stop without id and tag can mean but one session. */
static void stop_without_tag_at_a_lamp(void **state)
{
    (void)state;
    struct street s;
    street_open(&s, 1);
    street_sql(&s, "DELETE FROM connector WHERE connector = 2");
    struct store_tx_start tx = a_start("CP1", 1000, NOON);
    int64_t id = street_start(&s, &tx).result.tx_start.tx_id;
    struct store_tx_stop stop = a_stop("CP1", 0, 2000, NOON + HOUR);
    stop.id_tag = NULL;
    check_int("found", street_stop(&s, &stop).result.tx_stop.tx_id, id);
    street_close(&s);
}

static void doubts_become_flags(void **state)
{
    (void)state;
    static const struct {
        const char *why;
        int32_t start_wh, stop_wh;
        int64_t stopped_after_ms, received_after_ms;
        uint32_t told, want;
        int64_t want_wh;
    } cases[] = {
        { "a good session", 0, 7000, HOUR, HOUR, 0, 0, 7000 },
        { "meter runs backwards", 5000, 4999, HOUR, HOUR, 0, STORE_FLAG_METER_BACKWARDS, 0 },
        { "stop before start in time", 0, 500, -HOUR, 0, 0, STORE_FLAG_STOP_BEFORE_START, 500 },
        { "told two hours later", 0, 500, HOUR, 3 * HOUR, 0, STORE_FLAG_LATE, 500 },
        { "40 kWh in an hour from a lamp", 0, 40000, HOUR, HOUR, 0, STORE_FLAG_POWER_IMPLAUSIBLE,
          40000 },
        { "no register at the end", 900, 0, HOUR, HOUR, STORE_FLAG_METER_MISSING,
          STORE_FLAG_METER_MISSING, 0 },
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct street s;
        street_open(&s, 1);
        struct store_tx_start tx = a_start("CP1", cases[i].start_wh, NOON);
        int64_t id = street_start(&s, &tx).result.tx_start.tx_id;
        struct store_tx_stop stop =
            a_stop("CP1", id, cases[i].stop_wh, NOON + cases[i].stopped_after_ms);
        stop.received_at_ms = NOON + cases[i].received_after_ms;
        stop.flags = cases[i].told;
        street_stop(&s, &stop);
        check_session(&s, cases[i].why, id, STORE_SESSION_FINISHED, cases[i].want_wh,
                      cases[i].want);
        street_close(&s);
    }
}

static void register_must_continue(void **state)
{
    (void)state;
    struct street s;
    street_open(&s, 1);
    int64_t id[3];
    static const int32_t start_wh[] = { 0, 1000, 2500 }, stop_wh[] = { 1000, 2000, 3000 };
    for (int i = 0; i < 3; i++) {
        struct store_tx_start tx = a_start("CP1", start_wh[i], NOON + i * 2 * HOUR);
        id[i] = street_start(&s, &tx).result.tx_start.tx_id;
        struct store_tx_stop stop = a_stop("CP1", id[i], stop_wh[i], NOON + i * 2 * HOUR + HOUR);
        street_stop(&s, &stop);
    }
    check_session(&s, "continues", id[1], STORE_SESSION_FINISHED, 1000, 0);
    check_session(&s, "500 Wh by nobody", id[2], STORE_SESSION_FINISHED, 500, STORE_FLAG_METER_GAP);
    street_close(&s);
}

/* --- closing without the station --- */

static void stale_session_is_closed_and_corrected(void **state)
{
    (void)state;
    struct street s;
    struct answer a;
    street_open(&s, 2);
    struct store_tx_start tx = a_start("CP1", 1000, NOON), fresh = a_start("CP2", 0, NOON);
    int64_t id = street_start(&s, &tx).result.tx_start.tx_id;
    int64_t alive = street_start(&s, &fresh).result.tx_start.tx_id;
    struct store_meter row = a_sample("CP1", id, 4000, NOON + HOUR, "[1]");
    street_meter(&s, &row, 1);
    row = a_sample("CP2", alive, 4000, NOON + 30 * HOUR, "[1]");
    street_meter(&s, &row, 1);
    assert_true(store_close_stale(s.store, NOON + 24 * HOUR, NOON + 30 * HOUR, answer_to(&a)));
    street_wait(&s, &a);
    check_int("closed", a.result.count.n, 1);
    check_session(&s, "provisional", id, STORE_SESSION_PROVISIONAL, 3000, STORE_FLAG_PROVISIONAL);
    check_session(&s, "alive", alive, STORE_SESSION_ACTIVE, 4000, 0);
    check_int("record", street_number(&s, "SELECT energy_wh FROM cdr WHERE no = 1"), 3000);

    struct store_tx_stop stop = a_stop("CP1", id, 6000, NOON + 2 * HOUR);
    stop.received_at_ms = NOON + 40 * HOUR;
    assert_false(street_stop(&s, &stop).result.tx_stop.duplicate);
    check_session(&s, "corrected", id, STORE_SESSION_FINISHED, 5000,
                  STORE_FLAG_CORRECTED | STORE_FLAG_LATE);
    assert_true(street_stop(&s, &stop).result.tx_stop.duplicate);
    check_int("first record, credit, replacement", street_number(&s, "SELECT count(*) FROM cdr"),
              3);
    check_int("sum", street_number(&s, "SELECT sum(energy_wh) FROM cdr"), 5000);
    street_close(&s);
}

static void closed_by_a_person(void **state)
{
    (void)state;
    struct street s;
    struct answer a;
    street_open(&s, 1);
    struct store_tx_start tx = a_start("CP1", 1000, NOON);
    int64_t id = street_start(&s, &tx).result.tx_start.tx_id;
    assert_true(store_tx_close(s.store, 99, "anna", "lamp replaced", NOON, answer_to(&a)));
    street_wait(&s, &a);
    assert_int_equal(a.rc, STORE_MISSING);
    for (int twice = 0; twice < 2; twice++) {
        assert_true(
            store_tx_close(s.store, id, "anna", "lamp replaced", NOON + HOUR, answer_to(&a)));
        street_wait(&s, &a);
        assert_int_equal(a.rc, STORE_OK);
        check_int("duplicate", a.result.tx_stop.duplicate, twice);
    }
    check_session(&s, "closed", id, STORE_SESSION_PROVISIONAL, 0, STORE_FLAG_PROVISIONAL);
    check_int("who and why",
              street_number(&s, "SELECT close_note = 'anna: lamp replaced' FROM session"), 1);
    street_close(&s);
}

/* --- samples --- */

static void samples_are_stored_once(void **state)
{
    (void)state;
    struct street s;
    street_open(&s, 2);
    struct store_tx_start tx = a_start("CP1", 0, NOON);
    int64_t id = street_start(&s, &tx).result.tx_start.tx_id;
    struct store_meter row[4] = {
        a_sample("CP1", id, 100, NOON + MINUTE, "[1]"),
        a_sample("CP1", id, 200, NOON + 2 * MINUTE, "[1]"), /* another time */
        a_sample("CP1", id, 200, NOON + 2 * MINUTE, "[2]"), /* another content */
        a_sample("CP1", id, 0, NOON + MINUTE, "[3]")        /* no register in it */
    };
    row[3].register_uwh = STORE_ABSENT;
    check_int("new", street_meter(&s, row, 4).result.count.n, 4);
    street_reopen(&s);
    check_int("again", street_meter(&s, row, 4).result.count.n, 0);
    for (size_t i = 0; i < 4; i++)
        row[i].station = "CP2";
    check_int("another station", street_meter(&s, row, 4).result.count.n, 4);
    check_int("register of the session", street_number(&s, "SELECT register_uwh FROM session_live"),
              200000000);
    street_close(&s);
}

static void samples_find_their_session(void **state)
{
    (void)state;
    struct street s;
    street_open(&s, 2);
    struct store_tx_start tx = a_start("CP1", 0, NOON);
    int64_t id = street_start(&s, &tx).result.tx_start.tx_id;
    struct store_tx_stop stop = a_stop("CP1", id, 5000, NOON + HOUR);
    street_stop(&s, &stop);
    tx = a_start("CP1", 5000, NOON + 2 * HOUR);
    int64_t next = street_start(&s, &tx).result.tx_start.tx_id;
    const struct {
        const char *why;
        int32_t connector;
        int64_t tx_id, at_ms, want;
    } cases[] = {
        { "told by its id", 1, id, NOON + MINUTE, id },
        { "by time: in the first", 1, 0, NOON + 2 * MINUTE, id },
        { "by time: in the running one", 1, 0, NOON + 3 * HOUR, next },
        { "by time: between them", 1, 0, NOON + HOUR + MINUTE, 0 },
        { "other connector", 2, 0, NOON + 3 * MINUTE, 0 },
        { "of the station as a whole", 0, 0, NOON + 4 * MINUTE, 0 },
        { "an id that nobody has", 1, 4711, NOON + 5 * MINUTE, 4711 },
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct store_meter row = a_sample("CP1", cases[i].tx_id, 100, cases[i].at_ms, "[]");
        row.connector = cases[i].connector;
        street_meter(&s, &row, 1);
        check_int(cases[i].why,
                  street_number(&s, "SELECT session FROM meter ORDER BY id DESC LIMIT 1"),
                  cases[i].want);
    }
    /* the register of a session is nobody else's business */
    struct store_meter foreign = a_sample("CP2", next, 999999, NOON + 4 * HOUR, "[]");
    street_meter(&s, &foreign, 1);
    check_int("not from another station",
              street_number(&s, "SELECT register_uwh FROM session_live WHERE tx_id = 2"),
              100000000);
    street_close(&s);
}

static void old_samples_do_not_turn_the_register_back(void **state)
{
    (void)state;
    struct street s;
    street_open(&s, 1);
    struct store_tx_start tx = a_start("CP1", 0, NOON);
    int64_t id = street_start(&s, &tx).result.tx_start.tx_id;
    struct store_meter row[2] = { a_sample("CP1", id, 300, NOON + 3 * MINUTE, "[]"),
                                  a_sample("CP1", id, 100, NOON + MINUTE, "[]") };
    street_meter(&s, row, 2);
    check_int("newest", street_number(&s, "SELECT register_uwh FROM session_live"), 300000000);
    row[0] = a_sample("CP1", id, 200, NOON + 2 * MINUTE, "[]");
    street_meter(&s, row, 1);
    check_int("newest", street_number(&s, "SELECT register_uwh FROM session_live"), 300000000);
    street_close(&s);
}

/* --- batches --- */

static void one_bad_job_does_not_hurt_the_others(void **state)
{
    (void)state;
    struct street s;
    struct answer good[3], bad[3];
    street_open(&s, 1);
    struct store_station wrong = a_station("CP9");
    wrong.grid_node = "NOWHERE";
    struct store_site site = { .station = &wrong, .n_stations = 1 };
    struct store_tx_start one = a_start("CP1", 0, NOON), two = a_start("CP1", 0, NOON);
    struct store_tx_start unknown = a_start("CP7", 0, NOON);
    two.connector = 2;
    struct store_event event = { .at_ms = NOON,
                                 .name = "x",
                                 .severity = STORE_INFO,
                                 .connector = -1,
                                 .text = "between" };
    assert_true(store_tx_start(s.store, &one, answer_to(&good[0])));
    assert_true(store_apply(s.store, &site, false, answer_to(&bad[0])));
    assert_true(store_event(s.store, &event, answer_to(&good[1])));
    assert_true(store_tx_start(s.store, &unknown, answer_to(&bad[1])));
    assert_true(store_apply(s.store, &site, true, answer_to(&bad[2])));
    assert_true(store_tx_start(s.store, &two, answer_to(&good[2])));
    street_wait(&s, &good[2]);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(good[i].rc, STORE_OK);
    assert_int_equal(bad[0].rc, STORE_CONFLICT);
    assert_int_equal(bad[1].rc, STORE_MISSING);
    assert_int_equal(bad[2].rc, STORE_CONFLICT);
    check_int("sessions", street_number(&s, "SELECT count(*) FROM session"), 2);
    check_int("event", street_number(&s, "SELECT count(*) FROM event WHERE text = 'between'"), 1);
    check_int("stations", street_number(&s, "SELECT count(*) FROM station"), 1);
    street_close(&s);
}

/* --- what else stations say --- */

static void status_keeps_the_newest(void **state)
{
    (void)state;
    struct street s;
    struct answer a;
    street_open(&s, 1);
    static const struct {
        int32_t connector;
        const char *status;
        int64_t at_ms;
    } told[] = {
        { 1, "Charging", NOON }, { 1, "Preparing", NOON - MINUTE }, { 0, "Available", NOON },
        { -5, "Faulted", NOON }, { 65, "Faulted", NOON },           { 3, "Available", NOON },
    };
    for (size_t i = 0; i < ARRAY_SIZE(told); i++) {
        struct store_status status = { .station = "CP1",
                                       .connector = told[i].connector,
                                       .status = told[i].status,
                                       .error_code = "NoError",
                                       .vendor_id = "v",
                                       .vendor_error_code = "7",
                                       .status_at_ms = told[i].at_ms,
                                       .received_at_ms = NOON };
        assert_true(store_status(s.store, &status, answer_to(&a)));
        street_wait(&s, &a);
        assert_int_equal(a.rc, STORE_OK);
    }
    struct reader *r = street_reader(&s);
    const struct store_site *site;
    assert_int_equal(reader_site(r, &site), STORE_OK);
    check_int("connectors 1, 2 and the one it told of", (int64_t)site->n_connectors, 3);
    check_text("newest", site->connector[0].status, "Charging");
    assert_true(site->connector[0].commissioned);
    reader_close(r);
    check_int("vendor",
              street_number(&s, "SELECT vendor_error = 'v: 7' FROM connector"
                                " WHERE connector = 1"),
              1);
    street_close(&s);
}

/* The scheduler counts a station from its first word on, also after a restart. */
static void a_word_makes_a_station_commissioned(void **state)
{
    (void)state;
    struct street s;
    street_open(&s, 2);
    struct store_meter row = a_sample("CP1", 0, 1, NOON, "[]");
    street_meter(&s, &row, 1);
    check_int("who spoke", street_number(&s, "SELECT sum(commissioned) FROM connector"), 2);
    /* a connector that is configured later counts from the next word on */
    struct store_connector third = { .station = "CP1", .connector = 3, .max_w = 11040 };
    struct store_site site = { .connector = &third, .n_connectors = 1 };
    assert_int_equal(street_apply(&s, &site, false).rc, STORE_OK);
    row.sampled_at_ms++;
    street_meter(&s, &row, 1);
    check_int("and the third", street_number(&s, "SELECT sum(commissioned) FROM connector"), 3);
    street_close(&s);
}

static void boot_is_kept(void **state)
{
    (void)state;
    struct street s;
    struct answer a;
    street_open(&s, 1);
    struct store_boot boot = { .station = "CP1",
                               .vendor = "V",
                               .model = "M",
                               .serial = "S",
                               .firmware = "1.2",
                               .meter_serial = "M-1",
                               .at_ms = NOON };
    assert_true(store_boot(s.store, &boot, answer_to(&a)));
    street_wait(&s, &a);
    boot.station = "CP9";
    assert_true(store_boot(s.store, &boot, answer_to(&a)));
    street_wait(&s, &a);
    assert_int_equal(a.rc, STORE_MISSING);
    struct reader *r = street_reader(&s);
    const struct store_site *site;
    assert_int_equal(reader_site(r, &site), STORE_OK);
    check_text("vendor", site->station[0].vendor, "V");
    check_text("firmware", site->station[0].firmware, "1.2");
    check_int("booted", site->station[0].booted_at_ms, NOON);
    check_text("the operator's word stays", site->station[0].meter_serial, NULL);
    reader_close(r);
    /* the record of a session names the meter that the station told */
    struct store_tx_start tx = a_start("CP1", 0, NOON);
    struct store_tx_stop stop =
        a_stop("CP1", street_start(&s, &tx).result.tx_start.tx_id, 10, NOON + HOUR);
    street_stop(&s, &stop);
    check_int("meter", street_number(&s, "SELECT meter_serial = 'M-1' FROM cdr"), 1);
    street_close(&s);
}

static void keys_and_registration(void **state)
{
    (void)state;
    static const uint8_t salt[16] = { 1, 2, 3 }, hash[32] = { 9, 8, 7 };
    struct street s;
    struct answer a;
    street_open(&s, 1);
    assert_true(store_station_key(s.store, "CP1", salt, hash, answer_to(&a)));
    street_wait(&s, &a);
    check_int("one", a.result.count.n, 1);
    assert_true(store_station_key(s.store, "CP2", salt, hash, answer_to(&a)));
    street_wait(&s, &a);
    assert_int_equal(a.rc, STORE_MISSING);
    assert_true(store_registration(s.store, "CP1", STORE_REG_PENDING, answer_to(&a)));
    street_wait(&s, &a);
    struct reader *r = street_reader(&s);
    const struct store_site *site;
    assert_int_equal(reader_site(r, &site), STORE_OK);
    assert_true(site->station[0].has_key);
    assert_memory_equal(site->station[0].key_salt, salt, sizeof(salt));
    assert_memory_equal(site->station[0].key_hash, hash, sizeof(hash));
    check_int("registration", site->station[0].registration, STORE_REG_PENDING);
    reader_close(r);
    street_close(&s);
}

/* What is pending is kept beside what holds, until a step ends it; steps that come too late change
 * nothing. */
static void keys_and_profiles_change_in_steps(void **state)
{
    (void)state;
    static const uint8_t salt[2][16] = { { 1 }, { 2 } }, hash[2][32] = { { 3 }, { 4 } };
    static const struct {
        const char *why;
        enum store_security step;
        int32_t which; /* key, or profile */
        enum store_rc rc;
        int32_t key, new_key; /* which; -1 = none */
        int32_t profile, pending;
    } steps[] = {
        { "the first key", STORE_KEY_CONFIRMED, 0, STORE_OK, 0, -1, 1, 0 },
        { "another is sent", STORE_KEY_PENDING, 1, STORE_OK, 0, 1, 1, 0 },
        { "a third was not taken", STORE_KEY_DROPPED, 0, STORE_MISSING, 0, 1, 1, 0 },
        { "it was not taken", STORE_KEY_DROPPED, 1, STORE_OK, 0, -1, 1, 0 },
        { "sent again", STORE_KEY_PENDING, 1, STORE_OK, 0, 1, 1, 0 },
        { "and taken", STORE_KEY_CONFIRMED, 1, STORE_OK, 1, -1, 1, 0 },
        { "a raise is asked for", STORE_PROFILE_PENDING, 3, STORE_OK, 1, -1, 1, 3 },
        { "another was not taken", STORE_PROFILE_DROPPED, 2, STORE_MISSING, 1, -1, 1, 3 },
        { "it was not taken", STORE_PROFILE_DROPPED, 3, STORE_OK, 1, -1, 1, 0 },
        { "asked for again", STORE_PROFILE_PENDING, 2, STORE_OK, 1, -1, 1, 2 },
        { "and seen", STORE_PROFILE_RAISED, 2, STORE_OK, 1, -1, 2, 0 },
        { "never downwards", STORE_PROFILE_RAISED, 1, STORE_MISSING, 1, -1, 2, 0 },
    };
    struct street s;
    street_open(&s, 1);
    for (size_t i = 0; i < ARRAY_SIZE(steps); i++) {
        struct answer a;
        int32_t k = steps[i].which;
        if (steps[i].step < STORE_PROFILE_PENDING)
            assert_true(
                store_security_key(s.store, "CP1", steps[i].step, salt[k], hash[k], answer_to(&a)));
        else
            assert_true(store_security_profile(s.store, "CP1", steps[i].step, k, answer_to(&a)));
        street_wait(&s, &a);
        check_int(steps[i].why, a.rc, steps[i].rc);
        struct reader *r = street_reader(&s);
        const struct store_site *site;
        assert_int_equal(reader_site(r, &site), STORE_OK);
        const struct store_station *st = &site->station[0];
        check_int(steps[i].why, st->has_key ? st->key_hash[0] - 3 : -1, steps[i].key);
        check_int(steps[i].why, st->has_pending_key ? st->pending_hash[0] - 3 : -1,
                  steps[i].new_key);
        check_int(steps[i].why, st->security_profile, steps[i].profile);
        check_int(steps[i].why, st->pending_profile, steps[i].pending);
        reader_close(r);
    }
    /* The operator's word ends what is pending. */
    struct answer a;
    assert_true(store_security_profile(s.store, "CP1", STORE_PROFILE_PENDING, 3, answer_to(&a)));
    street_wait(&s, &a);
    struct store_station lower = a_station("CP1");
    lower.security_profile = 1;
    lower.certificate_cn = "SN-7";
    struct store_site site_of = { .station = &lower, .n_stations = 1 };
    street_apply(&s, &site_of, false);
    assert_true(
        store_security_key(s.store, "CP1", STORE_KEY_PENDING, salt[0], hash[0], answer_to(&a)));
    street_wait(&s, &a);
    assert_true(store_station_key(s.store, "CP1", salt[1], hash[1], answer_to(&a)));
    street_wait(&s, &a);
    struct reader *r = street_reader(&s);
    const struct store_site *site;
    assert_int_equal(reader_site(r, &site), STORE_OK);
    check_int("applied", site->station[0].security_profile, 1);
    check_int("no raise any more", site->station[0].pending_profile, 0);
    check_int("no new key any more", site->station[0].has_pending_key, false);
    check_text("whose certificate", site->station[0].certificate_cn, "SN-7");
    reader_close(r);
    street_close(&s);
}

static void stations_are_removed_or_retired(void **state)
{
    (void)state;
    static const uint8_t salt[16], hash[32];
    struct street s;
    struct answer a;
    street_open(&s, 2);
    struct store_tx_start tx = a_start("CP1", 0, NOON);
    street_start(&s, &tx);
    assert_true(store_station_key(s.store, "CP1", salt, hash, answer_to(&a)));
    street_wait(&s, &a);
    static const char *const id[] = { "CP1", "CP2", "CP3" };
    for (size_t i = 0; i < ARRAY_SIZE(id); i++) {
        assert_true(store_station_remove(s.store, id[i], answer_to(&a)));
        street_wait(&s, &a);
        assert_int_equal(a.rc, i == 2 ? STORE_MISSING : STORE_OK);
    }
    struct reader *r = street_reader(&s);
    const struct store_site *site;
    assert_int_equal(reader_site(r, &site), STORE_OK);
    check_int("the one with sessions stays", (int64_t)site->n_stations, 1);
    assert_true(site->station[0].decommissioned);
    assert_false(site->station[0].has_key);
    reader_close(r);

    struct store_station back = a_station("CP1");
    struct store_site again = { .station = &back, .n_stations = 1 };
    check_text("comes back", street_apply(&s, &again, false).changes,
               "changed stations CP1 back in service;");
    street_close(&s);
}

static void leases_and_points(void **state)
{
    (void)state;
    struct street s;
    struct answer a;
    street_open(&s, 1);
    struct store_lease lease = { .station = "CP1",
                                 .connector = 1,
                                 .tx_id = 7,
                                 .seq = 1,
                                 .limit_ma = 10000,
                                 .safe_ma = 6000,
                                 .start_at_ms = NOON,
                                 .end_at_ms = NOON + 15 * MINUTE,
                                 .at_ms = NOON };
    assert_true(store_lease(s.store, &lease, answer_to(&a)));
    street_wait(&s, &a);
    lease.seq = 2;
    lease.at_ms = NOON + 10 * MINUTE;
    lease.end_at_ms = NOON + 25 * MINUTE;
    assert_true(store_lease(s.store, &lease, answer_to(&a)));
    street_wait(&s, &a);
    check_int("both may be in force", street_number(&s, "SELECT count(*) FROM lease"), 2);
    lease.seq = 3;
    lease.at_ms = NOON + 3 * HOUR;
    lease.end_at_ms = NOON + 4 * HOUR;
    assert_true(store_lease(s.store, &lease, answer_to(&a)));
    street_wait(&s, &a);
    check_int("ended ones go", street_number(&s, "SELECT count(*) FROM lease"), 1);
    lease.tx_id = 8;
    lease.seq = 4;
    assert_true(store_lease(s.store, &lease, answer_to(&a)));
    street_wait(&s, &a);
    check_int("those of another transaction too", street_number(&s, "SELECT max(seq) FROM lease"),
              4);
    check_int("one", street_number(&s, "SELECT count(*) FROM lease"), 1);

    assert_true(store_point(s.store, "CP1", 1, 6000, 2, answer_to(&a)));
    street_wait(&s, &a);
    struct reader *r = street_reader(&s);
    const struct store_site *site;
    assert_int_equal(reader_site(r, &site), STORE_OK);
    check_int("confirmed", site->connector[0].safe_confirmed_ma, 6000);
    check_int("class", site->connector[0].learnt_class, 2);
    check_int("not confirmed", site->connector[1].safe_confirmed_ma, -1);
    reader_close(r);
    street_close(&s);
}

static void old_events_go(void **state)
{
    (void)state;
    struct street s;
    struct answer a;
    street_open(&s, 1);
    street_sql(&s, "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 203000)"
                   " INSERT INTO event (at_ms, name, severity, connector, text)"
                   " SELECT i, 'x', 1, -1, '' FROM n");
    struct store_event event = { .at_ms = NOON,
                                 .name = "y",
                                 .severity = STORE_INFO,
                                 .connector = -1 };
    for (int i = 0; i < 4000; i++) {
        assert_true(store_event(s.store, &event, answer_to(&a)));
        if (i % 100 == 99)
            street_wait(&s, &a);
        else
            assert_true(store_pump(s.store) > 0);
    }
    int64_t left = street_number(&s, "SELECT count(*) FROM event");
    assert_in_range(left, 200000, 201500);
    street_close(&s);
}

static void second_noxd_is_refused(void **state)
{
    (void)state;
    struct street s;
    struct store *second = NULL;
    char text[300] = "";
    street_open(&s, 1);
    struct store_options options = { .path = s.path, .inline_mode = true };
    assert_int_equal(store_open(&options, &second, text, sizeof(text)), STORE_CONFLICT);
    assert_non_null(strstr(text, "in use by another noxd"));
    street_reopen(&s); /* and the first one may come back */
    street_close(&s);
}

static void closing_completes_what_is_queued(void **state)
{
    (void)state;
    struct street s;
    struct answer a[50];
    street_open(&s, 1);
    for (size_t i = 0; i < ARRAY_SIZE(a); i++) {
        struct store_tx_start tx = a_start("CP1", (int32_t)i, NOON + (int64_t)i);
        assert_true(store_tx_start(s.store, &tx, answer_to(&a[i])));
    }
    store_close(s.store);
    for (size_t i = 0; i < ARRAY_SIZE(a); i++) {
        assert_true(a[i].came);
        assert_int_equal(a[i].rc, STORE_OK);
    }
    check_int("stored", street_number(&s, "SELECT count(*) FROM session"), ARRAY_SIZE(a));
    s.store = NULL;
    street_close(&s);
}

static void queue_has_a_limit(void **state)
{
    (void)state;
    struct street s;
    struct answer a[12];
    street_open_with(
        &s, 1, (struct store_options){ .inline_mode = true, .high_water = 4, .hard_limit = 8 });
    struct store_event event = { .at_ms = NOON,
                                 .name = "y",
                                 .severity = STORE_INFO,
                                 .connector = -1 };
    for (size_t i = 0; i < ARRAY_SIZE(a); i++) {
        check_int("taken", store_event(s.store, &event, answer_to(&a[i])), i < 8);
        check_int("pressed", store_is_pressed(s.store), i >= 4);
    }
    struct store_health h;
    store_health(s.store, &h);
    check_int("queued", (int64_t)h.queued, 8);
    check_int("completions", (int64_t)store_pump(s.store), 8);
    assert_false(store_is_pressed(s.store));
    assert_true(store_event(s.store, &event, answer_to(&a[0])));
    street_close(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(start_is_stored_once),
        cmocka_unit_test(each_part_of_the_key_counts),
        cmocka_unit_test(starts_in_one_batch),
        cmocka_unit_test(ids_are_never_given_twice),
        cmocka_unit_test(newer_start_closes_the_open_session),
        cmocka_unit_test(older_start_leaves_the_open_session),
        cmocka_unit_test(stop_twice),
        cmocka_unit_test(stop_of_others_is_an_orphan),
        cmocka_unit_test(stop_before_its_start),
        cmocka_unit_test(own_stop_outranks_a_matched_one),
        cmocka_unit_test(stop_without_id_finds_its_session),
        cmocka_unit_test(stop_without_tag_at_a_lamp),
        cmocka_unit_test(doubts_become_flags),
        cmocka_unit_test(register_must_continue),
        cmocka_unit_test(stale_session_is_closed_and_corrected),
        cmocka_unit_test(closed_by_a_person),
        cmocka_unit_test(samples_are_stored_once),
        cmocka_unit_test(samples_find_their_session),
        cmocka_unit_test(old_samples_do_not_turn_the_register_back),
        cmocka_unit_test(one_bad_job_does_not_hurt_the_others),
        cmocka_unit_test(status_keeps_the_newest),
        cmocka_unit_test(a_word_makes_a_station_commissioned),
        cmocka_unit_test(boot_is_kept),
        cmocka_unit_test(keys_and_registration),
        cmocka_unit_test(keys_and_profiles_change_in_steps),
        cmocka_unit_test(stations_are_removed_or_retired),
        cmocka_unit_test(leases_and_points),
        cmocka_unit_test(old_events_go),
        cmocka_unit_test(second_noxd_is_refused),
        cmocka_unit_test(closing_completes_what_is_queued),
        cmocka_unit_test(queue_has_a_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
