/* Which factor applies, and the arithmetic. */
#include "tests/storage/billing/check_billing.h"

#include "storage/emissions/factor.h"

#define E6 INT64_C(1000000)

static struct co2_factors built_in(int32_t year)
{
    struct co2_factors factors;
    char missing[160] = "";
    if (!co2_choose(NULL, 0, year, &factors, missing, sizeof(missing)))
        fail_msg("%d: %s", (int)year, missing);
    return factors;
}

/* The month of the specification: two districts, grid factor 363 g/kWh of 2024. */
static const struct {
    const char *why;
    int64_t wh, location_g;
    int64_t km[3], nox_g[3], tailpipe_g[3], net_g[3];
} example[] = {
    { "Innenstadt-West",
      12345678,
      4481481,
      { 51440, 61728, 77160 },
      { 3086, 11728, 34722 },
      { 7201600, 9259300, 12345700 },
      { 2720200, 4777800, 7864200 } },
    { "Innenstadt-Nord",
      8765432,
      3181852,
      { 36523, 43827, 54784 },
      { 2191, 8327, 24653 },
      { 5113200, 6574100, 8765400 },
      { 1931300, 3392200, 5583600 } },
    { "nothing", 0, 0, { 0, 0, 0 }, { 0, 0, 0 }, { 0, 0, 0 }, { 0, 0, 0 } },
    { "one kWh", 1000, 363, { 4, 5, 6 }, { 0, 1, 3 }, { 600, 800, 1000 }, { 200, 400, 600 } },
    { "net is 72.981 kg, rounded; 141.4 kg less 68.455 kg would be 72.9 kg",
      188582,
      68455,
      { 786, 943, 1179 },
      { 47, 179, 530 },
      { 110000, 141400, 188600 },
      { 41600, 73000, 120100 } },
    { "taken back",
      -1000,
      -363,
      { -4, -5, -6 },
      { 0, -1, -3 },
      { -600, -800, -1000 },
      { -200, -400, -600 } },
};

static void the_example_month(void **state)
{
    (void)state;
    struct co2_factors factors = built_in(2026);
    for (size_t i = 0; i < ARRAY_SIZE(example); i++) {
        struct co2_amounts a;
        co2_compute(&factors, example[i].wh, &a);
        check_int(example[i].why, a.location_g, example[i].location_g);
        check_int(example[i].why, a.market_g, STORE_ABSENT);
        for (int c = 0; c < 3; c++) {
            check_int(example[i].why, a.km[c], example[i].km[c]);
            check_int(example[i].why, a.nox_g[c], example[i].nox_g[c]);
            check_int(example[i].why, a.tailpipe_g[c], example[i].tailpipe_g[c]);
            check_int(example[i].why, a.net_g[c], example[i].net_g[c]);
        }
    }
}

/* Per 100 kWh: 0.25 / 0.95 / 2.81 g NOx and 583 / 750 / 1000 g CO2 per kWh. */
static void per_kwh(void **state)
{
    static const int64_t nox_g[] = { 25, 95, 281 }, tailpipe_g[] = { 58300, 75000, 100000 };
    struct co2_factors factors = built_in(2026);
    struct co2_amounts a;
    (void)state;
    co2_compute(&factors, 100000, &a);
    for (int c = 0; c < 3; c++) {
        check_int("NOx", a.nox_g[c], nox_g[c]);
        check_int("CO2", a.tailpipe_g[c], tailpipe_g[c]);
    }
    check_int("grid", a.location_g, 36300);
}

static const struct {
    int32_t year, grid_year, grid, nox_year, nox_mid_mg;
} years[] = {
    { 2017, 2017, 485, 2016, 440 }, { 2019, 2019, 401, 2016, 440 }, { 2020, 2020, 366, 2016, 440 },
    { 2023, 2023, 386, 2023, 250 }, { 2024, 2024, 363, 2023, 250 }, { 2025, 2024, 363, 2023, 250 },
    { 2026, 2024, 363, 2026, 190 }, { 2031, 2024, 363, 2026, 190 },
};

static void the_latest_year_applies(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(years); i++) {
        struct co2_factors f = built_in(years[i].year);
        char why[16];
        snprintf(why, sizeof(why), "%d", (int)years[i].year);
        check_int(why, f.of[CO2_GRID_LOCATION]->year, years[i].grid_year);
        check_int(why, f.of[CO2_GRID_LOCATION]->mid_e6, years[i].grid * E6);
        check_int(why, f.of[CO2_NOX_TAILPIPE]->year, years[i].nox_year);
        check_int(why, f.of[CO2_NOX_TAILPIPE]->mid_e6, years[i].nox_mid_mg * 1000);
        assert_null(f.of[CO2_GRID_MARKET]);
    }
}

static void each_default_names_its_source(void **state)
{
    size_t n;
    const struct store_factor *f = co2_default_factors(&n);
    (void)state;
    for (size_t i = 0; i < n; i++) {
        assert_true(f[i].source != NULL && strlen(f[i].source) > 10);
        assert_true(f[i].revised != NULL && strlen(f[i].revised) == 10);
        assert_true(strstr("final preliminary estimated assumed", f[i].state) != NULL);
    }
}

/* Coal for thrifty cars: the net is below zero, rounded like any other. */
static void net_below_zero(void **state)
{
    static const struct store_factor own = {
        "grid_location", 2026,    863 * E6, 863 * E6,     863 * E6,
        "g/kWh",         "final", "a test", "2027-04-01",
    };
    struct co2_factors f;
    struct co2_amounts a;
    char text[160];
    (void)state;
    assert_true(co2_choose(&own, 1, 2026, &f, text, sizeof(text)));
    co2_compute(&f, 188582, &a);
    check_int("net of 110.006 kg less 162.746 kg", a.net_g[0], -52700);
    check_int("net of 141.437 kg less 162.746 kg", a.net_g[1], -21300);
    check_int("net of 188.582 kg less 162.746 kg", a.net_g[2], 25800);
    co2_compute(&f, -188582, &a);
    check_int("taken back", a.net_g[1], 21300);
}

#define OWN(kind, year, value, unit)                                                          \
    {                                                                                         \
        kind, year, (value)*E6, (value)*E6, (value)*E6, unit, "final", "a test", "2027-04-01" \
    }

static void the_stores_go_first(void **state)
{
    static const struct store_factor own[] = {
        OWN("grid_location", 2025, 344, "g/kWh"), OWN("grid_location", 2023, 381, "g/kWh"),
        OWN("grid_location", 2027, 300, "g/kWh"), OWN("grid_market", 2026, 0, "g/kWh"),
        OWN("grid_market", 2024, 90, "g/kWh"),    OWN("of another program", 2026, 1, "t"),
    };
    struct co2_factors f;
    struct co2_amounts a;
    char text[160];
    (void)state;
    assert_true(co2_choose(own, ARRAY_SIZE(own), 2026, &f, text, sizeof(text)));
    assert_ptr_equal(f.of[CO2_GRID_LOCATION], &own[0]);
    assert_ptr_equal(f.of[CO2_GRID_MARKET], &own[3]);
    co2_compute(&f, 5000, &a);
    check_int("market", a.market_g, 0);
    check_int("location", a.location_g, 1720);
    assert_true(co2_choose(own, ARRAY_SIZE(own), 2025, &f, text, sizeof(text)));
    assert_null(f.of[CO2_GRID_MARKET]); /* a contract says nothing about another year */
    assert_true(co2_choose(own, ARRAY_SIZE(own), 2024, &f, text, sizeof(text)));
    assert_ptr_equal(f.of[CO2_GRID_LOCATION], &own[1]);
    check_int("own ones are all later: the built-in one", 2022,
              co2_choose(own, ARRAY_SIZE(own), 2022, &f, text, sizeof(text))
                  ? f.of[CO2_GRID_LOCATION]->year
                  : 0);
}

static const struct {
    const char *why;
    struct store_factor own;
    int32_t year;
    const char *want;
} refused[] = {
    { "no factor so early", OWN("grid_location", 2026, 1, "g/kWh"), 2016,
      "no factor grid_location for 2016 or before: apply one in g/kWh" },
    { "another unit", OWN("grid_location", 2025, 363, "kg/MWh"), 2026,
      "factor grid_location of 2025 cannot be used: apply it again in g/kWh, from 0 to 2000" },
    { "division by nothing", OWN("consumption", 2026, 0, "kWh/100km"), 2026,
      "factor consumption of 2026 cannot be used: apply it again in kWh/100km, from 1 to 200" },
    { "below nothing", OWN("co2_tailpipe", 2026, -1, "g/km"), 2026,
      "factor co2_tailpipe of 2026 cannot be used: apply it again in g/km, from 0 to 2000" },
    { "milligrams", OWN("nox_tailpipe", 2026, 190, "g/km"), 2026,
      "factor nox_tailpipe of 2026 cannot be used: apply it again in g/km, from 0 to 10" },
};

static void what_cannot_be_used(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(refused); i++) {
        struct co2_factors f;
        char text[160] = "";
        check_int(refused[i].why,
                  co2_choose(&refused[i].own, 1, refused[i].year, &f, text, sizeof(text)), false);
        check_text(refused[i].why, text, refused[i].want);
    }
}

static const struct {
    int64_t a, b, d, want;
} scales[] = {
    { 0, 5, 7, 0 },
    { 1, 1, 2, 1 },
    { -1, 1, 2, -1 },
    { 1, 1, 3, 0 },
    { 2, 1, 3, 1 },
    { 3, 1, 2, 2 },
    { 5, 1, 2, 3 },
    { INT64_MAX, 1, 1, INT64_MAX },
    { INT64_MAX, INT64_MAX, INT64_MAX, INT64_MAX },
    { INT64_MAX - 1, INT64_MAX, INT64_MAX, INT64_MAX - 1 },
    { INT64_MAX, INT64_MAX, 1, INT64_MAX },
    { INT64_MIN, 1, 1, -INT64_MAX },
    { INT64_MIN, INT64_MAX, 1, -INT64_MAX },
    { INT64_MIN, 1, 2, INT64_MIN / 2 },
    { INT64_MAX, 1, INT64_MAX, 1 },
    { INT64_MAX / 2, 1, INT64_MAX, 0 },
    { INT64_MAX / 2 + 1, 1, INT64_MAX, 1 },
    { INT64_C(1) << 62, 3, 4, INT64_C(3) << 60 },
    { INT64_C(4611686018427387905), 3, 4, INT64_C(3458764513820540929) },
    { INT64_C(9000000000000000001), 2, 4, INT64_C(4500000000000000001) },
};

static void scaling_is_exact(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(scales); i++) {
        char why[100];
        snprintf(why, sizeof(why), "%lld x %lld / %lld", (long long)scales[i].a,
                 (long long)scales[i].b, (long long)scales[i].d);
        check_int(why, co2_scale(scales[i].a, scales[i].b, scales[i].d), scales[i].want);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_example_month),       cmocka_unit_test(per_kwh),
        cmocka_unit_test(the_latest_year_applies), cmocka_unit_test(each_default_names_its_source),
        cmocka_unit_test(the_stores_go_first),     cmocka_unit_test(what_cannot_be_used),
        cmocka_unit_test(scaling_is_exact),        cmocka_unit_test(net_below_zero),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
