/* The mark beside the database: is this the database to which the last lease was written? */
#include <stdio.h>
#include <unistd.h>

#include "tests/storage/street.h"

static char mark_path[200], copy_path[210];

static void open_marked(struct street *s, size_t n_stations)
{
    snprintf(mark_path, sizeof(mark_path), "/tmp/nox-mark-%ld", (long)getpid());
    snprintf(copy_path, sizeof(copy_path), "%s.copy", mark_path);
    unlink(mark_path);
    struct store_options options = { .inline_mode = true, .mark_path = mark_path };
    street_open_with(s, n_stations, options);
}

static void close_marked(struct street *s)
{
    street_close(s);
    unlink(mark_path);
    unlink(copy_path);
}

static void give_lease(struct street *s, int64_t at_ms)
{
    struct answer a = { .came = false };
    struct store_lease lease = { .station = "CP1",
                                 .connector = 1,
                                 .tx_id = 7,
                                 .seq = 1,
                                 .limit_ma = 16000,
                                 .start_at_ms = at_ms,
                                 .end_at_ms = at_ms + 20 * MINUTE,
                                 .at_ms = at_ms };
    assert_true(store_lease(s->store, &lease, answer_to(&a)));
    street_wait(s, &a);
    assert_int_equal(a.rc, STORE_OK);
}

static void renew(struct street *s, int64_t until_ms)
{
    struct answer a = { .came = false };
    assert_true(store_life_renew(s->store, until_ms, answer_to(&a)));
    street_wait(s, &a);
    assert_int_equal(a.rc, STORE_OK);
}

static struct store_trust trust(struct street *s)
{
    struct store_trust t;
    store_trust(s->store, &t);
    assert_null(t.mark_failed);
    return t;
}

static void copy_mark(const char *from, const char *to)
{
    char text[512];
    FILE *in = fopen(from, "rb"), *out = fopen(to, "wb");
    assert_true(in != NULL && out != NULL);
    size_t n = fread(text, 1, sizeof(text), in);
    assert_int_equal(fwrite(text, 1, n, out), n);
    fclose(in);
    fclose(out);
}

static void a_database_in_use_is_trusted(void **state)
{
    (void)state;
    struct street s;
    open_marked(&s, 1);
    assert_int_equal(trust(&s).state, STORE_TRUSTED); /* new: nobody can have lost anything */
    give_lease(&s, NOON);
    street_reopen(&s);
    assert_int_equal(trust(&s).state, STORE_TRUSTED);
    assert_int_equal(trust(&s).number, 1);
    assert_int_equal(trust(&s).marked, 1);
    assert_int_equal(trust(&s).longest_ms, 20 * MINUTE);
    assert_int_equal(trust(&s).doubt_until_ms, STORE_ABSENT);
    /* written, but the mark was not: nobody was told of the lease */
    street_sql(&s, "UPDATE life SET number = 2");
    street_reopen(&s);
    assert_int_equal(trust(&s).state, STORE_TRUSTED);
    close_marked(&s);
}

static void an_older_one_is_noticed_until_it_is_renewed(void **state)
{
    (void)state;
    struct street s;
    open_marked(&s, 1);
    give_lease(&s, NOON);
    give_lease(&s, NOON + MINUTE);
    street_sql(&s, "UPDATE life SET number = 1");
    for (int i = 0; i < 2; i++) {
        street_reopen(&s);
        assert_int_equal(trust(&s).state, STORE_TRUST_OLDER);
        assert_int_equal(trust(&s).marked, 2);
        give_lease(&s, NOON + 2 * MINUTE); /* it stands in the database, not in the mark */
        give_lease(&s, NOON + 2 * MINUTE);
        street_sql(&s, "UPDATE life SET number = 1");
    }
    renew(&s, NOON + HOUR);
    street_reopen(&s);
    assert_int_equal(trust(&s).state, STORE_TRUSTED);
    assert_int_equal(trust(&s).doubt_until_ms, NOON + HOUR);
    close_marked(&s);
}

static void another_one_is_noticed(void **state)
{
    (void)state;
    struct street s, other;
    open_marked(&s, 1);
    give_lease(&s, NOON);
    street_close(&s);
    street_open_with(&other, 0,
                     (struct store_options){ .inline_mode = true, .mark_path = mark_path });
    assert_int_equal(trust(&other).state, STORE_TRUST_OTHER);
    close_marked(&other);
}

static void history_without_a_mark_is_not_trusted(void **state)
{
    (void)state;
    struct street s;
    struct store_tx_start tx = a_start("CP1", 0, NOON);
    open_marked(&s, 1);
    unlink(mark_path);
    street_reopen(&s);
    assert_int_equal(trust(&s).state, STORE_TRUSTED); /* no station has ever spoken */
    street_start(&s, &tx);
    unlink(mark_path);
    street_reopen(&s);
    assert_int_equal(trust(&s).state, STORE_TRUST_NO_MARK);
    close_marked(&s);
}

static void a_copied_mark_and_a_damaged_one_are_noticed(void **state)
{
    (void)state;
    struct street s;
    open_marked(&s, 1);
    give_lease(&s, NOON);
    copy_mark(mark_path, copy_path);
    assert_int_equal(rename(copy_path, mark_path), 0);
    street_reopen(&s);
    assert_int_equal(trust(&s).state, STORE_TRUST_MOVED);
    assert_int_equal(trust(&s).longest_ms, 20 * MINUTE);
    FILE *out = fopen(mark_path, "r+b");
    assert_non_null(out);
    fseek(out, 60, SEEK_SET);
    fputc('9', out);
    fclose(out);
    street_reopen(&s);
    assert_int_equal(trust(&s).state, STORE_TRUST_DAMAGED);
    renew(&s, NOON);
    street_reopen(&s);
    assert_int_equal(trust(&s).state, STORE_TRUSTED);
    close_marked(&s);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_database_in_use_is_trusted),
        cmocka_unit_test(an_older_one_is_noticed_until_it_is_renewed),
        cmocka_unit_test(another_one_is_noticed),
        cmocka_unit_test(history_without_a_mark_is_not_trusted),
        cmocka_unit_test(a_copied_mark_and_a_damaged_one_are_noticed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
