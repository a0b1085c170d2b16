/* What was told of sessions: told again, taken back, kept when they end. */
#include "tests/storage/street.h"

static int64_t put(struct street *s, const struct store_need *need)
{
    struct answer a = { .came = false };
    assert_true(store_need(s->store, need, answer_to(&a)));
    street_wait(s, &a);
    assert_int_equal(a.rc, STORE_OK);
    return a.result.count.n;
}

static int64_t clear(struct street *s, int64_t tx_id)
{
    struct answer a = { .came = false };
    assert_true(store_need_clear(s->store, tx_id, answer_to(&a)));
    street_wait(s, &a);
    assert_int_equal(a.rc, STORE_OK);
    return a.result.count.n;
}

static bool take(void *arg, const struct store_session *session)
{
    *(struct store_need *)arg = session->need;
    return true;
}

static struct store_need told(struct street *s, int64_t tx_id)
{
    struct store_need need = { .tx_id = -1 };
    struct reader *r = street_reader(s);
    assert_int_equal(reader_session(r, tx_id, take, &need), STORE_OK);
    reader_close(r);
    return need;
}

static void a_need_is_kept_with_its_session(void **state)
{
    (void)state;
    struct street s;
    street_open(&s, 1);
    struct store_tx_start start = a_start("CP1", 1000, NOON);
    int64_t tx = street_start(&s, &start).result.tx_start.tx_id;
    struct store_need need = { .tx_id = tx,
                               .depart_at_ms = STORE_ABSENT,
                               .energy_wh = 20000,
                               .priority = -1,
                               .told_at_ms = NOON,
                               .who = "anna",
                               .why = "" };
    check_int("nothing told", told(&s, tx).tx_id, 0);
    check_int("told", put(&s, &need), 1);
    check_int("no departure", told(&s, tx).depart_at_ms == STORE_ABSENT, 1);
    need.depart_at_ms = NOON + 8 * HOUR;
    need.min_ma = 8000;
    need.priority = 3;
    check_int("told again", put(&s, &need), 1);
    street_reopen(&s);
    struct store_need kept = told(&s, tx);
    check_int("departure", kept.depart_at_ms, NOON + 8 * HOUR);
    check_int("energy", kept.energy_wh, 20000);
    check_int("least", kept.min_ma, 8000);
    check_int("priority", kept.priority, 3);

    struct store_tx_stop stop = a_stop("CP1", tx, 9000, NOON + HOUR);
    street_stop(&s, &stop);
    need.energy_wh = 1;
    check_int("ended", put(&s, &need), 0);
    check_int("kept", told(&s, tx).energy_wh, 20000);
    check_int("taken back", clear(&s, tx), 1);
    check_int("nothing left", told(&s, tx).tx_id, 0);
    check_int("nothing to take back", clear(&s, tx), 0);
    need.tx_id = tx + 1;
    check_int("no such session", put(&s, &need), 0);
    street_close(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(a_need_is_kept_with_its_session) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
