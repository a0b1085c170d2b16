/*
 * A disk that fails: at every single write and sync, when it is full, and by a power cut.  What was
 * confirmed is there, what was not is not told, and the store goes on when the disk does.
 */
#include <sqlite3.h>
#include <unistd.h>

#include "tests/storage/faulty_vfs.h"
#include "tests/storage/street.h"

/* --- a little history, told again until it is confirmed --- */

enum { STEPS = 9 };

struct history {
    struct answer answer[STEPS];
    bool confirmed[STEPS];
    int64_t tx_id[2]; /* as confirmed */
};

static bool submit_step(struct store *store, struct history *h, int step)
{
    struct store_done done = answer_to(&h->answer[step]);
    struct store_tx_start first = a_start("CP1", 0, NOON), second = a_start("CP2", 50, NOON + 1);
    struct store_tx_stop stop = a_stop("CP1", h->tx_id[0], 4000, NOON + HOUR);
    struct store_meter row = a_sample("CP1", h->tx_id[0], 1000, NOON + step * MINUTE, "[1]");
    struct store_event event = { NOON, "x", STORE_INFO, "CP1", 1, "told" };
    struct store_boot boot = { .station = "CP1", .vendor = "V", .at_ms = NOON };
    switch (step) {
    case 0:
        return store_boot(store, &boot, done);
    case 1:
        return store_tx_start(store, &first, done);
    case 2:
    case 3:
    case 5:
        return store_meter(store, &row, 1, done);
    case 4:
        return store_tx_start(store, &second, done);
    case 6:
        return store_event(store, &event, done);
    case 7:
        return store_tx_stop(store, &stop, done);
    default:
        return store_close_stale(store, NOON - 1, NOON, done);
    }
}

/* One step; @return whether it is confirmed. */
static bool tell(struct store *store, struct history *h, int step)
{
    if (!submit_step(store, h, step)) {
        store_pump(store); /* the store probes */
        return false;
    }
    store_pump(store);
    assert_true(h->answer[step].came);
    if (h->answer[step].rc != STORE_OK) {
        assert_true(h->answer[step].rc == STORE_IO || h->answer[step].rc == STORE_FULL);
        return false;
    }
    if (step == 1 || step == 4) {
        int64_t *id = &h->tx_id[step == 4];
        if (*id != 0)
            check_int("same id again", h->answer[step].result.tx_start.tx_id, *id);
        *id = h->answer[step].result.tx_start.tx_id;
    }
    h->confirmed[step] = true;
    return true;
}

/* What stands in the database, by another connection; what is confirmed must. */
static void check_history(struct street *s, const struct history *h)
{
    static const struct {
        int step;
        const char *sql;
    } facts[] = {
        { 0, "SELECT count(*) FROM station WHERE vendor = 'V'" },
        { 1, "SELECT count(*) FROM session JOIN station ON num = station WHERE id = 'CP1'" },
        { 2, "SELECT count(*) FROM meter WHERE sampled_at_ms % 3600000 = 120000" },
        { 3, "SELECT count(*) FROM meter WHERE sampled_at_ms % 3600000 = 180000" },
        { 4, "SELECT count(*) FROM session JOIN station ON num = station WHERE id = 'CP2'" },
        { 5, "SELECT count(*) FROM meter WHERE sampled_at_ms % 3600000 = 300000" },
        { 7, "SELECT count(*) FROM cdr WHERE energy_wh = 4000" },
    };
    for (size_t i = 0; i < ARRAY_SIZE(facts); i++) {
        int64_t n = street_number(s, facts[i].sql);
        if (n > 1 || (h->confirmed[facts[i].step] && n != 1))
            fail_msg("%lld rows, confirmed %d: %s", (long long)n, h->confirmed[facts[i].step],
                     facts[i].sql);
    }
    if (h->confirmed[6])
        assert_true(street_number(s, "SELECT count(*) FROM event WHERE text = 'told'") >= 1);
    check_int("integrity",
              street_number(s, "SELECT count(*) FROM pragma_integrity_check"
                               " WHERE integrity_check <> 'ok'"),
              0);
}

static struct store *open_again(const char *path)
{
    struct store *store = NULL;
    char text[300] = "";
    struct store_options options = { .path = path, .inline_mode = true };
    if (store_open(&options, &store, text, sizeof(text)) != STORE_OK)
        fail_msg("%s", text);
    return store;
}

/* --- the n-th call fails --- */

static uint64_t calls_of_a_good_run(void)
{
    struct street s;
    struct history h = { .tx_id = { 0 } };
    struct faulty *faulty = faulty_install();
    street_open(&s, 2);
    uint64_t before = faulty->n_calls;
    for (int step = 0; step < STEPS; step++)
        assert_true(tell(s.store, &h, step));
    check_history(&s, &h);
    uint64_t n = faulty->n_calls - before;
    street_close(&s);
    faulty_remove();
    return n;
}

static void fail_at(uint64_t nth, int error, bool for_ever)
{
    struct street s;
    struct history h = { .tx_id = { 0 } };
    struct faulty *faulty = faulty_install();
    street_open(&s, 2);
    faulty->countdown = (int64_t)nth;
    faulty->error = error;
    faulty->for_ever = for_ever;
    for (int step = 0; step < STEPS; step++) {
        struct store_health health;
        for (int tries = 0; !tell(s.store, &h, step); tries++) {
            store_health(s.store, &health);
            if (health.state != STORE_OK) {
                assert_true(strlen(health.text) > 20);
                assert_true(health.failing_since_ms > 0);
            }
            assert_true(tries < 5);
            if (tries == 2) /* the operator changes the disk */
                faulty->countdown = -1;
        }
        store_health(s.store, &health);
        check_int("well again", health.state, STORE_OK);
    }
    faulty->countdown = -1;
    check_history(&s, &h);
    street_reopen(&s);
    check_history(&s, &h);
    street_close(&s);
    faulty_remove();
}

static void each_call_may_fail(void **state)
{
    (void)state;
    static const struct {
        int error;
        bool for_ever;
    } cases[] = {
        { SQLITE_IOERR_WRITE, false },
        { SQLITE_FULL, false },
        { SQLITE_FULL, true },
        { SQLITE_IOERR_FSYNC, true },
    };
    uint64_t n = calls_of_a_good_run();
    assert_true(n > STEPS);
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
        for (uint64_t nth = 0; nth < n; nth++)
            fail_at(nth, cases[i].error, cases[i].for_ever);
}

/* --- power cuts --- */

/* After each confirmation the power fails: in the files that were synced all is there. */
static void power_cut(void **state)
{
    (void)state;
    struct street s, cut;
    struct faulty *faulty = faulty_install();
    faulty->keep_shadows = true;
    street_open(&s, 2);
    struct history h = { .tx_id = { 0 } };
    for (unsigned seed = 0; seed < 6; seed++) {
        memset(&h, 0, sizeof(h));
        street_sql(&s, "DELETE FROM session_live; DELETE FROM meter; DROP TRIGGER cdr_never_goes;"
                       "DELETE FROM cdr; DELETE FROM session; UPDATE station SET vendor = NULL;"
                       "CREATE TRIGGER cdr_never_goes BEFORE DELETE ON cdr BEGIN"
                       " SELECT RAISE(ABORT, 'a CDR never goes'); END");
        for (int step = 0; step < STEPS; step++) {
            assert_true(tell(s.store, &h, step));
            memset(&cut, 0, sizeof(cut));
            snprintf(cut.dir, sizeof(cut.dir), "/tmp/nox-cut-XXXXXX");
            assert_non_null(mkdtemp(cut.dir));
            snprintf(cut.path, sizeof(cut.path), "%s/nox.db", cut.dir);
            faulty_power_cut(cut.dir, seed * 100 + (unsigned)step);
            faulty->keep_shadows = false;
            cut.store = open_again(cut.path);
            check_history(&cut, &h);
            street_close(&cut);
            faulty->keep_shadows = true;
        }
    }
    street_close(&s);
    faulty_remove();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_call_may_fail),
        cmocka_unit_test(power_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
