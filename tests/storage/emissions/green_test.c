/* What green hours saved: figures that can be worked out by hand. */
#include "storage/emissions/green.h"
#include "tests/storage/street.h"

enum { QUARTERS = 16 };

/* 400 g/kWh for two hours from NOON, then 100 g/kWh. */
static void make_series(struct store_quarter quarter[QUARTERS])
{
    for (int i = 0; i < QUARTERS; i++)
        quarter[i] = (struct store_quarter){ NOON + i * STORE_QUARTER_MS, i < 8 ? 400000 : 100000 };
}

static void a_session_is_compared_with_its_start(void **state)
{
    (void)state;
    struct store_quarter quarter[QUARTERS];
    make_series(quarter);
    struct green_series series = { quarter, QUARTERS };
    /* 1 kWh at once, 7 kWh after two hours; 8 kW from the start would be done after one. */
    const struct green_point point[] = { { NOON, 5000 },
                                         { NOON + 15 * MINUTE, 6000 },
                                         { NOON + 2 * HOUR, 6000 },
                                         { NOON + 3 * HOUR, 13000 } };
    struct green_result r = green_compare(point, 4, 8000, series);
    assert_true(r.known);
    check_int("energy", r.energy_wh, 8000);
    check_int("met: 0.4 + 0.7 kg", r.actual / 1000000, 1100);
    check_int("from the start: 3.2 kg", r.from_start / 1000000, 3200);
    series.n = 8;
    check_int("a factor is missing", green_compare(point, 4, 8000, series).known, 0);
}

struct text {
    char bytes[4000];
    size_t n;
};

static bool to_text(void *arg, const char *bytes, size_t n)
{
    struct text *text = arg;
    memcpy(text->bytes + text->n, bytes, n);
    text->n += n;
    text->bytes[text->n] = '\0';
    return true;
}

static void put_series(struct street *s)
{
    struct store_quarter quarter[QUARTERS];
    struct store_edition edition = { .kind = STORE_SERIES_CO2,
                                     .source = "",
                                     .who = "",
                                     .at_ms = NOON };
    struct answer a = { .came = false };
    make_series(quarter);
    assert_true(store_series(s->store, &edition, quarter, QUARTERS, answer_to(&a)));
    street_wait(s, &a);
    assert_int_equal(a.rc, STORE_OK);
}

static void the_month_adds_up(void **state)
{
    (void)state;
    struct street s;
    struct text text = { .n = 0 };
    struct green_report_result result;
    struct answer a = { .came = false };
    street_open(&s, 1);
    put_series(&s);
    struct store_tx_start start = a_start("CP1", 5000, NOON);
    int64_t tx_id = street_start(&s, &start).result.tx_start.tx_id;
    struct store_meter sample[] = {
        a_sample("CP1", tx_id, 6000, NOON + 15 * MINUTE, "[]"),
        a_sample("CP1", tx_id, 6000, NOON + 2 * HOUR, "[]"),
    };
    street_meter(&s, sample, 2);
    struct store_green_session green = { tx_id, STORE_SERIES_CO2, "N", 8000, NOON + MINUTE };
    assert_true(store_green(s.store, &green, answer_to(&a)));
    street_wait(&s, &a);
    struct store_tx_stop stop = a_stop("CP1", tx_id, 13000, NOON + 3 * HOUR);
    street_stop(&s, &stop);
    struct reader *r = street_reader(&s);
    assert_int_equal(
        green_report(r, "2026-13", CO2_JSON, (struct export_sink){ to_text, &text }, &result),
        STORE_CONFLICT);
    assert_int_equal(green_report(r, "2026-10", CO2_CSV_MACHINE,
                                  (struct export_sink){ to_text, &text }, &result),
                     STORE_OK);
    check_int("sessions", result.sessions, 1);
    check_int("saved", result.saved_co2_g, 2100);
    if (strstr(text.bytes, "co2,1,8.000,8.000,137.500,400.000,g/kWh,2100,g,65.6") == NULL)
        fail_msg("%s", text.bytes);
    text.n = 0;
    assert_int_equal(
        green_report(r, "2026-09", CO2_TABLE, (struct export_sink){ to_text, &text }, &result),
        STORE_OK);
    assert_non_null(strstr(text.bytes, "no session waited"));
    reader_close(r);
    street_close(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_session_is_compared_with_its_start),
        cmocka_unit_test(the_month_adds_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
