/* Factors by the quarter of an hour: editions are kept, of each quarter the newest counts. */
#include "tests/storage/street.h"

enum { QUARTERS = 8 };

static int64_t put_edition(struct street *s, enum store_series kind, int64_t from_ms, size_t n,
                           int64_t value_e3)
{
    struct answer a = { .came = false };
    struct store_quarter quarter[QUARTERS];
    struct store_edition edition = { .kind = kind,
                                     .source = "grid agency",
                                     .who = "climate office",
                                     .at_ms = NOON };
    for (size_t i = 0; i < n; i++)
        quarter[i] = (struct store_quarter){ from_ms + (int64_t)i * STORE_QUARTER_MS,
                                             value_e3 + (int64_t)i };
    assert_true(store_series(s->store, &edition, quarter, n, answer_to(&a)));
    street_wait(s, &a);
    assert_int_equal(a.rc, STORE_OK);
    return a.result.count.n;
}

struct found {
    size_t n;
    struct store_quarter quarter[2 * QUARTERS];
};

static bool take_quarter(void *arg, const struct store_quarter *quarter)
{
    struct found *f = arg;
    f->quarter[f->n++] = *quarter;
    return true;
}

static struct found find(struct street *s, enum store_series kind, int64_t from_ms,
                         int64_t until_ms)
{
    struct found f = { .n = 0 };
    struct reader *r = street_reader(s);
    assert_int_equal(reader_series(r, kind, from_ms, until_ms, take_quarter, &f), STORE_OK);
    reader_close(r);
    return f;
}

static bool take_edition(void *arg, const struct store_edition *edition)
{
    struct store_edition *list = arg;
    while (list->edition != 0)
        list++;
    *list = *edition;
    list->source = list->who = NULL;
    assert_string_equal(edition->source, "grid agency");
    assert_string_equal(edition->who, "climate office");
    return true;
}

static void the_newest_edition_counts(void **state)
{
    (void)state;
    struct street s;
    struct store_edition list[4] = { { 0 } };
    street_open(&s, 1);
    check_int("first", put_edition(&s, STORE_SERIES_CO2, NOON, QUARTERS, 300000), 1);
    check_int("second", put_edition(&s, STORE_SERIES_CO2, NOON + HOUR, 2, 100000), 2);
    check_int("third", put_edition(&s, STORE_SERIES_PRICE, NOON, 1, -5000), 3);
    street_reopen(&s);
    struct found f = find(&s, STORE_SERIES_CO2, NOON, NOON + 2 * HOUR);
    check_int("all", (int64_t)f.n, QUARTERS);
    check_int("of the first", f.quarter[3].value_e3, 300003);
    check_int("of the second", f.quarter[4].value_e3, 100000);
    check_int("of the second", f.quarter[5].value_e3, 100001);
    check_int("of the first again", f.quarter[6].value_e3, 300006);
    check_int("in order", f.quarter[6].from_ms, NOON + 6 * STORE_QUARTER_MS);
    check_int("a part", (int64_t)find(&s, STORE_SERIES_CO2, NOON + HOUR, NOON + HOUR + 1).n, 1);
    check_int("below zero", find(&s, STORE_SERIES_PRICE, NOON, NOON + HOUR).quarter[0].value_e3,
              -5000);
    struct reader *r = street_reader(&s);
    assert_int_equal(reader_editions(r, STORE_SERIES_CO2, 0, take_edition, list), STORE_OK);
    reader_close(r);
    check_int("newest first", list[0].edition, 2);
    check_int("until", list[0].until_ms, NOON + HOUR + 2 * STORE_QUARTER_MS);
    check_int("kept", list[1].from_ms, NOON);
    check_int("no more", list[2].edition, 0);
    street_close(&s);
}

static bool take_green(void *arg, const struct store_green_session *green)
{
    struct store_green_session *found = arg;
    assert_string_equal(green->node, "N");
    *found = *green;
    found->node = NULL;
    return true;
}

static void who_waited_is_found_by_its_end(void **state)
{
    (void)state;
    struct street s;
    street_open(&s, 1);
    struct store_tx_start start = a_start("CP1", 1000, NOON);
    int64_t tx_id = street_start(&s, &start).result.tx_start.tx_id;
    struct store_green_session green = { tx_id, STORE_SERIES_CO2, "N", 11040, NOON + MINUTE };
    for (int i = 0; i < 2; i++) {
        struct answer a = { .came = false };
        assert_true(store_green(s.store, &green, answer_to(&a)));
        street_wait(&s, &a);
        assert_int_equal(a.rc, STORE_OK);
        green.power_w = 1; /* what was said first stays */
    }
    struct store_tx_stop stop = a_stop("CP1", tx_id, 9000, NOON + 2 * HOUR);
    street_stop(&s, &stop);
    struct store_green_session found = { 0 };
    struct reader *r = street_reader(&s);
    assert_int_equal(reader_green_sessions(r, NOON, NOON + 2 * HOUR, take_green, &found), STORE_OK);
    check_int("not yet over", found.tx_id, 0);
    assert_int_equal(reader_green_sessions(r, NOON, NOON + 3 * HOUR, take_green, &found), STORE_OK);
    reader_close(r);
    check_int("found", found.tx_id, tx_id);
    check_int("power", found.power_w, 11040);
    street_close(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_newest_edition_counts),
        cmocka_unit_test(who_waited_is_found_by_its_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
