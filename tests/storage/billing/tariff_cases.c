/*
 * Rates random sessions and prints each with its result, for tariff_oracle.py to check:
 *
 *   tariff_cases SEED COUNT
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "storage/billing/calendar.h"
#include "storage/billing/tariff.h"

static int64_t below(int64_t n)
{
    return ((int64_t)random() << 31 | random()) % n;
}

static bool once_in(int n)
{
    return below(n) == 0;
}

static struct store_tariff random_tariff(void)
{
    return (struct store_tariff){
        .tax_included = !once_in(3),
        .vat_bp = once_in(4) ? (int32_t)below(3000) : 1900,
        .price_e4_per_kwh = (int32_t)below(once_in(10) ? INT32_MAX : 10000),
        .flat_cents = once_in(2) ? 0 : (int32_t)below(500),
        .blocking_after_s = once_in(5) ? -1 : (int32_t)below(6 * 3600),
        .blocking_e4_per_min = (int32_t)below(3000),
        .blocking_from_min = (int32_t)below(1440),
        .blocking_to_min = (int32_t)below(1440),
        .blocking_cap_cents = once_in(2) ? -1 : (int32_t)below(3000),
    };
}

/* Half of the sessions lie around a change of the clock. */
static int64_t random_start_ms(void)
{
    static const char *const nights[] = { "2026-03-29", "2026-10-25", "2027-03-28", "2027-10-31" };
    int64_t at_ms = INT64_C(1767222000000) + below(INT64_C(2) * 366 * 86400000);
    if (once_in(2) && cal_date(nights[below(4)], &at_ms))
        at_ms += below(2 * 86400000) - 86400000;
    return once_in(2) ? at_ms / 1000 * 1000 : at_ms;
}

int main(int argc, char **argv)
{
    srandom(argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 1);
    long count = argc > 2 ? strtol(argv[2], NULL, 10) : 1000;
    for (long i = 0; i < count; i++) {
        struct store_tariff t = random_tariff();
        struct bill_amounts a;
        char month[8];
        int64_t from = random_start_ms(), to = from + below(3 * INT64_C(86400000)) - 60000;
        int64_t wh = once_in(8) ? 0 : below(once_in(20) ? INT32_MAX : 100000);
        bool is_good = !once_in(10);
        bill_rate(&t, wh, from, to, is_good, &a);
        cal_month(to, month);
        printf("%d %d %d %d %d %d %d %d %d %" PRId64 " %" PRId64 " %" PRId64 " %d", t.tax_included,
               (int)t.vat_bp, (int)t.price_e4_per_kwh, (int)t.flat_cents, (int)t.blocking_after_s,
               (int)t.blocking_e4_per_min, (int)t.blocking_from_min, (int)t.blocking_to_min,
               (int)t.blocking_cap_cents, wh, from, to, is_good);
        printf(" %" PRId64 " %" PRId64 " %" PRId64 " %" PRId64 " %" PRId64 " %" PRId64 " %" PRId64
               " %s\n",
               a.energy_cents, a.blocking_min, a.blocking_cents, a.flat_cents, a.gross_cents,
               a.net_cents, a.vat_cents, month);
    }
    return 0;
}
