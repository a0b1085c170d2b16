#include "tests/storage/billing/check_billing.h"

#include "storage/billing/tariff.h"

/* The lamp's tariff of the worked example: 0.49 EUR/kWh gross, 0.10 EUR/min after 4 h, 8 to 22 h.
 */
static const struct store_tariff lamp = {
    .tax_included = true,
    .vat_bp = 1900,
    .price_e4_per_kwh = 4900,
    .blocking_after_s = 4 * 3600,
    .blocking_e4_per_min = 1000,
    .blocking_from_min = 480,
    .blocking_to_min = 1320,
    .blocking_cap_cents = 1200,
};

static const struct {
    const char *why, *from, *to;
    int64_t wh;
    bool clock_is_good;
    struct bill_amounts want; /* energy, blocking min, blocking, flat, gross, net, vat */
} sessions[] = {
    { "a night across the end of summer time",
      "2026-10-24T20:15:00",
      "2026-10-25T08:25:00",
      31207,
      true,
      { 1529, 85, 850, 0, 2379, 1999, 380 } },
    { "the same with a clock in doubt",
      "2026-10-24T20:15:00",
      "2026-10-25T08:25:00",
      31207,
      false,
      { 1529, 0, 0, 0, 1529, 1285, 244 } },
    { "four hours to the second",
      "2026-06-01T08:00:00",
      "2026-06-01T12:00:00",
      1000,
      true,
      { 49, 0, 0, 0, 49, 41, 8 } },
    { "one second more is a minute",
      "2026-06-01T08:00:00",
      "2026-06-01T12:00:01",
      1000,
      true,
      { 49, 1, 10, 0, 59, 50, 9 } },
    { "60 s are one minute, 61 s two",
      "2026-06-01T08:00:00",
      "2026-06-01T12:01:01",
      1000,
      true,
      { 49, 2, 20, 0, 69, 58, 11 } },
    { "the cap is reached at 120 minutes",
      "2026-06-01T06:00:00",
      "2026-06-01T12:00:00",
      0,
      true,
      { 0, 120, 1200, 0, 1200, 1008, 192 } },
    { "above the cap the minutes go on",
      "2026-06-01T06:00:00",
      "2026-06-01T14:00:00",
      0,
      true,
      { 0, 240, 1200, 0, 1200, 1008, 192 } },
    { "a whole night is free",
      "2026-06-01T16:00:00",
      "2026-06-02T06:00:00",
      40000,
      true,
      { 1960, 0, 0, 0, 1960, 1647, 313 } },
    { "two pieces of a window are rounded up once",
      "2026-05-31T15:59:30",
      "2026-06-01T06:00:45",
      0,
      true,
      { 0, 2, 20, 0, 20, 17, 3 } },
    { "stop before start",
      "2026-06-01T12:00:00",
      "2026-06-01T06:00:00",
      5000,
      true,
      { 245, 0, 0, 0, 245, 206, 39 } },
    { "nothing", "2026-06-01T12:00:00", "2026-06-01T12:00:00", 0, true, { 0, 0, 0, 0, 0, 0, 0 } },
    { "half a cent is rounded up",
      "2026-06-01T12:00:00",
      "2026-06-01T13:00:00",
      11500,
      true,
      { 564, 0, 0, 0, 564, 474, 90 } },
};

static void check_amounts(const char *why, const struct bill_amounts *got,
                          const struct bill_amounts *want)
{
    char a[160], b[160];
    const struct bill_amounts *amounts[] = { got, want };
    char *text[] = { a, b };
    for (int i = 0; i < 2; i++)
        snprintf(text[i], sizeof(a),
                 "energy %lld, blocking %lld min %lld, flat %lld, gross %lld, net %lld, vat %lld",
                 (long long)amounts[i]->energy_cents, (long long)amounts[i]->blocking_min,
                 (long long)amounts[i]->blocking_cents, (long long)amounts[i]->flat_cents,
                 (long long)amounts[i]->gross_cents, (long long)amounts[i]->net_cents,
                 (long long)amounts[i]->vat_cents);
    check_text(why, a, b);
}

static void the_lamps_tariff(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(sessions); i++) {
        struct bill_amounts got;
        bill_rate(&lamp, sessions[i].wh, utc(sessions[i].from), utc(sessions[i].to),
                  sessions[i].clock_is_good, &got);
        check_amounts(sessions[i].why, &got, &sessions[i].want);
    }
}

static const struct {
    const char *why;
    struct store_tariff tariff;
    int64_t wh;
    struct bill_amounts want;
} tariffs[] = {
    { "52.5 cents are 53",
      { .tax_included = true, .price_e4_per_kwh = 3500 },
      1500,
      { 53, 0, 0, 0, 53, 53, 0 } },
    { "52.4965 cents are 52",
      { .tax_included = true, .price_e4_per_kwh = 3501 },
      1499,
      { 52, 0, 0, 0, 52, 52, 0 } },
    { "net prices: VAT on top",
      { .vat_bp = 1900, .price_e4_per_kwh = 4118 },
      50000,
      { 2059, 0, 0, 0, 2450, 2059, 391 } },
    { "net prices: half a cent of VAT",
      { .vat_bp = 1900, .flat_cents = 50 },
      0,
      { 0, 0, 0, 50, 60, 50, 10 } },
    { "flat and energy, gross",
      { .tax_included = true, .vat_bp = 1900, .price_e4_per_kwh = 4900, .flat_cents = 119 },
      1000,
      { 49, 0, 0, 119, 168, 141, 27 } },
    { "seven per cent",
      { .tax_included = true, .vat_bp = 700, .flat_cents = 107 },
      0,
      { 0, 0, 0, 107, 107, 100, 7 } },
    { "the largest register and price stay within int64",
      { .tax_included = true, .vat_bp = 1900, .price_e4_per_kwh = INT32_MAX },
      INT64_MAX,
      { 1000000000000, 0, 0, 0, 1000000000000, 840336134454, 159663865546 } },
    { "a negative price is none",
      { .tax_included = true, .price_e4_per_kwh = -1, .flat_cents = -5 },
      1000000,
      { 0, 0, 0, 0, 0, 0, 0 } },
};

static void other_tariffs(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(tariffs); i++) {
        struct store_tariff tariff = tariffs[i].tariff;
        struct bill_amounts got;
        tariff.blocking_after_s = -1;
        tariff.blocking_cap_cents = -1;
        bill_rate(&tariff, tariffs[i].wh, 0, 86400000, true, &got);
        check_amounts(tariffs[i].why, &got, &tariffs[i].want);
    }
}

static void blocking_without_cap_or_free_time(void **state)
{
    (void)state;
    struct store_tariff tariff = lamp;
    struct bill_amounts got;
    tariff.blocking_cap_cents = -1;
    tariff.blocking_after_s = 0;
    tariff.blocking_from_min = tariff.blocking_to_min = 0;
    bill_rate(&tariff, 0, utc("2026-10-24T22:00:00"), utc("2026-10-25T23:00:00"), true, &got);
    check_int("25 hours", got.blocking_min, 1500);
    check_int("25 hours", got.blocking_cents, 15000);
    bill_rate(&tariff, 0, INT64_MAX - 5, INT64_MAX, true, &got);
    check_int("the end of time", got.gross_cents, got.net_cents + got.vat_cents);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_lamps_tariff),
        cmocka_unit_test(other_tariffs),
        cmocka_unit_test(blocking_without_cap_or_free_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
