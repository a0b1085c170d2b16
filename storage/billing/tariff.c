#include "storage/billing/tariff.h"

#include <assert.h>

#include "storage/billing/calendar.h"

/*
 * A part of a bill that would be larger is held here: ten thousand million euros.  So a register
 * or a price that is absurd cannot overflow, nor can the sum of a million such records.
 */
#define PART_MAX_CENTS INT64_C(1000000000000)

/* round(quantity * price / divisor), half away from zero, exact; nothing is negative.  The whole
 * multiples of the divisor are split off first, so that only their product can be large. */
static int64_t rounded_ratio(int64_t quantity, int64_t price, int64_t divisor)
{
    int64_t whole = quantity / divisor, rest = quantity % divisor;
    return whole * price + (2 * rest * price + divisor) / (2 * divisor);
}

static int64_t part_cents(int64_t quantity, int64_t price, int64_t divisor)
{
    if (price > 0 && quantity / divisor > PART_MAX_CENTS / price)
        return PART_MAX_CENTS;
    int64_t cents = rounded_ratio(quantity, price, divisor);
    return cents < PART_MAX_CENTS ? cents : PART_MAX_CENTS;
}

static int64_t not_negative(int64_t value)
{
    return value > 0 ? value : 0;
}

static int32_t minute_of_day(int32_t minute)
{
    return minute < 0 ? 0 : minute > 1440 ? 1440 : minute;
}

static void rate_blocking(const struct store_tariff *tariff, int64_t started_at_ms,
                          int64_t stopped_at_ms, struct bill_amounts *a)
{
    if (tariff->blocking_after_s < 0 || stopped_at_ms < started_at_ms)
        return;
    int64_t after_ms = (int64_t)tariff->blocking_after_s * 1000;
    if (started_at_ms > INT64_MAX - after_ms)
        return;
    int64_t seconds = cal_window_s(started_at_ms + after_ms, stopped_at_ms,
                                   minute_of_day(tariff->blocking_from_min),
                                   minute_of_day(tariff->blocking_to_min));
    a->blocking_min = (seconds + 59) / 60;
    a->blocking_cents = part_cents(a->blocking_min, not_negative(tariff->blocking_e4_per_min), 100);
    if (tariff->blocking_cap_cents >= 0 && a->blocking_cents > tariff->blocking_cap_cents)
        a->blocking_cents = tariff->blocking_cap_cents;
}

static void add_vat(const struct store_tariff *tariff, int64_t sum_cents, struct bill_amounts *a)
{
    int64_t vat_bp = not_negative(tariff->vat_bp);
    if (tariff->tax_included) {
        a->gross_cents = sum_cents;
        a->net_cents = rounded_ratio(sum_cents, 10000, 10000 + vat_bp);
        a->vat_cents = a->gross_cents - a->net_cents;
    } else {
        a->net_cents = sum_cents;
        a->vat_cents = rounded_ratio(sum_cents, vat_bp, 10000);
        a->gross_cents = a->net_cents + a->vat_cents;
    }
}

void bill_rate(const struct store_tariff *tariff, int64_t energy_wh, int64_t started_at_ms,
               int64_t stopped_at_ms, bool clock_is_good, struct bill_amounts *ret_amounts)
{
    assert(energy_wh >= 0);
    struct bill_amounts a = {
        /* Wh x 0.0001 EUR/kWh = 0.00001 cents */
        .energy_cents = part_cents(energy_wh, not_negative(tariff->price_e4_per_kwh), 100000),
        .flat_cents = not_negative(tariff->flat_cents),
    };
    if (clock_is_good)
        rate_blocking(tariff, started_at_ms, stopped_at_ms, &a);
    add_vat(tariff, a.energy_cents + a.blocking_cents + a.flat_cents, &a);
    assert(a.gross_cents == a.net_cents + a.vat_cents);
    *ret_amounts = a;
}
