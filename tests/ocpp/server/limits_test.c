/* Token buckets by key. */
#include "ocpp/server/limits.h"

#include "tests/ocpp/wire/check_wire.h"

static void a_key_has_its_burst_then_its_rate(void **state)
{
    (void)state;
    struct limiter *l = limiter_new(64, 3, 2);
    for (int i = 0; i < 3; i++)
        check_int("burst", limiter_take(l, "a", 1, 1000), true);
    check_int("no more", limiter_take(l, "a", 1, 1000), false);
    check_int("none is left", limiter_has(l, "a", 1, 1400), false);
    check_int("half a second is one", limiter_take(l, "a", 1, 1500), true);
    check_int("and not two", limiter_take(l, "a", 1, 1500), false);
    for (int i = 0; i < 3; i++)
        check_int("never more than the burst", limiter_take(l, "a", 1, 1000000), true);
    check_int("whatever the pause", limiter_take(l, "a", 1, 1000000), false);
    limiter_free(l);
}

static void keys_do_not_touch_each_other(void **state)
{
    (void)state;
    struct limiter *l = limiter_new(64, 1, 1);
    check_int("first", limiter_take(l, "a", 1, 0), true);
    check_int("again", limiter_take(l, "a", 1, 0), false);
    check_int("another", limiter_take(l, "b", 1, 0), true);
    check_int("one never seen", limiter_has(l, "c", 1, 0), true);
    limiter_free(l);
}

/* A flood of new keys makes room at the cost of the fullest buckets: who is at his limit stays. */
static void a_flood_of_keys_frees_nobody(void **state)
{
    (void)state;
    struct limiter *l = limiter_new(16, 5, 0.001);
    for (int i = 0; i < 5; i++)
        limiter_take(l, "bad", 3, 0);
    for (int i = 0; i < 1000; i++)
        limiter_take(l, &i, sizeof(i), 0);
    check_int("still at his limit", limiter_take(l, "bad", 3, 0), false);
    limiter_free(l);
}

static void a_clock_set_back_gives_nothing(void **state)
{
    (void)state;
    struct bucket b = { .tokens = 1, .at_ms = 100000 };
    check_int("has one", bucket_take(&b, 1, 10, 10, 5000), true);
    check_int("no time has passed", bucket_take(&b, 1, 10, 10, 5000), false);
    check_int("from the new time on", bucket_take(&b, 1, 10, 10, 5100), true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_key_has_its_burst_then_its_rate),
        cmocka_unit_test(keys_do_not_touch_each_other),
        cmocka_unit_test(a_flood_of_keys_frees_nobody),
        cmocka_unit_test(a_clock_set_back_gives_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
