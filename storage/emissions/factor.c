#include "storage/emissions/factor.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

static const struct {
    const char *text, *unit;
    int32_t least, most; /* of the unit; a factor in another unit would pass for one otherwise */
    bool only_its_year, is_optional;
} kinds[CO2_KINDS] = {
    [CO2_GRID_LOCATION] = { "grid_location", "g/kWh", 0, 2000, false, false },
    [CO2_GRID_MARKET] = { "grid_market", "g/kWh", 0, 2000, true, true },
    [CO2_CONSUMPTION] = { "consumption", "kWh/100km", 1, 200, false, false },
    [CO2_NOX_TAILPIPE] = { "nox_tailpipe", "g/km", 0, 10, false, false },
    [CO2_CO2_TAILPIPE] = { "co2_tailpipe", "g/km", 0, 2000, false, false },
};

const char *co2_kind_text(enum co2_kind kind)
{
    return kinds[kind].text;
}

const char *co2_kind_unit(enum co2_kind kind)
{
    return kinds[kind].unit;
}

/*
 * Direct CO2 of the German consumption mix.  The agency revises the last two years each spring; its
 * series with upstream chains and CO2 equivalents is another one and must not be mixed in.
 */
#define E6   INT64_C(1000000)
#define READ "2026-11-23"
#define GRID(year, g, state, source)                                                \
    {                                                                               \
        "grid_location", year, (g)*E6, (g)*E6, (g)*E6, "g/kWh", state, source, READ \
    }
static const struct store_factor defaults[] = {
    GRID(2017, 485, "final", "UBA, CO2 of the German power mix, as cited by tga-fachplaner.de"),
    GRID(2018, 468, "preliminary",
         "UBA, CO2 of the German power mix, as cited by tga-fachplaner.de (2020)"),
    GRID(2019, 401, "estimated",
         "UBA, CO2 of the German power mix, as cited by tga-fachplaner.de (2020)"),
    GRID(2020, 366, "estimated", "UBA Climate Change 45/2021"),
    GRID(2021, 410, "assumed", "order of magnitude; replace by the value of UBA Climate Change"),
    GRID(2022, 433, "final", "UBA Climate Change 13/2025"),
    GRID(2023, 386, "preliminary", "UBA Climate Change 13/2025"),
    GRID(2024, 363, "estimated", "UBA Climate Change 13/2025, p. 21"),
    { "consumption", 2016, 24 * E6, 20 * E6, 16 * E6, "kWh/100km", "assumed",
      "choice within ADAC Ecotest 15.5 to 29.7 kWh/100km and charging losses of 10 to 25 %", READ },
    { "nox_tailpipe", 2016, 60000, 440000, 767000, "g/km", "assumed",
      "low: limit of Euro 6; mid: German car fleet 2016, derived from UBA totals; high: diesel cars "
      "2016 (UBA 2017, HBEFA 3.3)",
      READ },
    { "nox_tailpipe", 2023, 60000, 250000, 450000, "g/km", "assumed",
      "low: limit of Euro 6; mid: German car fleet 2023, derived from UBA totals; high: car fleet "
      "2016",
      READ },
    { "nox_tailpipe", 2026, 60000, 190000, 450000, "g/km", "assumed",
      "low: limit of Euro 6; mid: car fleet 2026, from the trend of UBA Texte 101/2025; high: car "
      "fleet 2016",
      READ },
    { "co2_tailpipe", 2016, 140 * E6, 150 * E6, 160 * E6, "g/km", "assumed",
      "about 150 g/km: fuel of cars 2018 (TREMOD, UBA) by their distance (KBA)", READ },
};

const struct store_factor *co2_default_factors(size_t *ret_n)
{
    *ret_n = sizeof(defaults) / sizeof(defaults[0]);
    return defaults;
}

/* --- choosing --- */

static bool applies(const struct store_factor *factor, enum co2_kind kind, int32_t year)
{
    return strcmp(factor->kind, kinds[kind].text) == 0 &&
           (kinds[kind].only_its_year ? factor->year == year : factor->year <= year);
}

static const struct store_factor *latest(const struct store_factor *factor, size_t n,
                                         enum co2_kind kind, int32_t year)
{
    const struct store_factor *best = NULL;
    for (size_t i = 0; i < n; i++)
        if (applies(&factor[i], kind, year) && (best == NULL || factor[i].year > best->year))
            best = &factor[i];
    return best;
}

static bool is_usable(const struct store_factor *factor, enum co2_kind kind)
{
    const int64_t value[] = { factor->low_e6, factor->mid_e6, factor->high_e6 };
    for (size_t i = 0; i < 3; i++)
        if (value[i] < kinds[kind].least * E6 || value[i] > kinds[kind].most * E6)
            return false;
    return factor->unit != NULL && strcmp(factor->unit, kinds[kind].unit) == 0;
}

bool co2_choose(const struct store_factor *own, size_t n, int32_t year,
                struct co2_factors *ret_factors, char *ret_missing, size_t size)
{
    struct co2_factors found;
    size_t n_defaults;
    const struct store_factor *built_in = co2_default_factors(&n_defaults);
    for (enum co2_kind kind = 0; kind < CO2_KINDS; kind++) {
        found.of[kind] = latest(own, n, kind, year);
        if (found.of[kind] == NULL)
            found.of[kind] = latest(built_in, n_defaults, kind, year);
        if (found.of[kind] == NULL && !kinds[kind].is_optional) {
            snprintf(ret_missing, size, "no factor %s for %d or before: apply one in %s",
                     kinds[kind].text, (int)year, kinds[kind].unit);
            return false;
        }
        if (found.of[kind] != NULL && !is_usable(found.of[kind], kind)) {
            snprintf(ret_missing, size,
                     "factor %s of %d cannot be used: apply it again in %s, from %d to %d",
                     kinds[kind].text, (int)found.of[kind]->year, kinds[kind].unit,
                     (int)kinds[kind].least, (int)kinds[kind].most);
            return false;
        }
    }
    *ret_factors = found;
    return true;
}

/* --- arithmetic --- */

struct wide {
    uint64_t high, low;
};

static struct wide multiply(uint64_t a, uint64_t b)
{
    uint64_t a1 = a >> 32, a0 = a & UINT32_MAX, b1 = b >> 32, b0 = b & UINT32_MAX;
    uint64_t middle = a1 * b0 + (a0 * b0 >> 32), other = a0 * b1 + (middle & UINT32_MAX);
    return (struct wide){ a1 * b1 + (middle >> 32) + (other >> 32), a * b };
}

/* Bit by bit; n.high < d < 2^63, so that the remainder never overflows. */
static uint64_t divide(struct wide n, uint64_t d, uint64_t *ret_rest)
{
    uint64_t quotient = 0, rest = n.high;
    for (int bit = 63; bit >= 0; bit--) {
        rest = rest << 1 | (n.low >> bit & 1);
        quotient <<= 1;
        if (rest >= d) {
            rest -= d;
            quotient |= 1;
        }
    }
    *ret_rest = rest;
    return quotient;
}

/* |a| x b / d, whole part, and what is left of d; too large ones are held at INT64_MAX. */
static uint64_t whole_part(int64_t a, int64_t b, int64_t d, uint64_t *ret_rest)
{
    assert(b >= 0 && d > 0);
    uint64_t magnitude = a < 0 ? 0 - (uint64_t)a : (uint64_t)a;
    struct wide product = multiply(magnitude, (uint64_t)b);
    *ret_rest = 0;
    return product.high < (uint64_t)d ? divide(product, (uint64_t)d, ret_rest) : INT64_MAX;
}

static int64_t with_sign(bool is_negative, uint64_t magnitude)
{
    int64_t value = magnitude > INT64_MAX ? INT64_MAX : (int64_t)magnitude;
    return is_negative ? -value : value;
}

int64_t co2_scale(int64_t a, int64_t b, int64_t d)
{
    uint64_t rest, quotient = whole_part(a, b, d, &rest);
    if (rest >= (uint64_t)d - rest)
        quotient++;
    return with_sign(a < 0, quotient);
}

/* The same, rounded to hundreds.  The whole part is enough: 49 and any fraction is below half. */
static int64_t scale_to_hundreds(int64_t a, int64_t b, int64_t d)
{
    uint64_t rest, quotient = whole_part(a, b, d, &rest);
    return with_sign(a < 0, (quotient + 50) / 100 * 100);
}

static void values_of(const struct store_factor *factor, int64_t ret_e6[3])
{
    ret_e6[0] = factor->low_e6;
    ret_e6[1] = factor->mid_e6;
    ret_e6[2] = factor->high_e6;
}

/* Wh / 1000 x g/kWh */
static int64_t from_grid(const struct store_factor *factor, int64_t energy_wh)
{
    return factor != NULL ? co2_scale(energy_wh, factor->mid_e6, 1000 * E6) : STORE_ABSENT;
}

/* Tailpipe less grid per Wh, before any of them is rounded:
 * co2 / (10 x consumption) - grid / 10^9 = (10^8 x co2 - grid x consumption) / (10^9 x
 * consumption); the bounds of the kinds keep all products below 10^18. */
static int64_t net_of(int64_t energy_wh, int64_t co2_e6, int64_t consumption_e6, int64_t grid_e6)
{
    int64_t rate = 100 * E6 * co2_e6 - grid_e6 * consumption_e6, unit = 1000 * E6 * consumption_e6;
    return rate >= 0 ? scale_to_hundreds(energy_wh, rate, unit)
                     : -scale_to_hundreds(energy_wh, -rate, unit);
}

void co2_compute(const struct co2_factors *factors, int64_t energy_wh,
                 struct co2_amounts *ret_amounts)
{
    int64_t consumption[3], nox[3], co2[3];
    values_of(factors->of[CO2_CONSUMPTION], consumption);
    values_of(factors->of[CO2_NOX_TAILPIPE], nox);
    values_of(factors->of[CO2_CO2_TAILPIPE], co2);
    struct co2_amounts a = {
        .location_g = from_grid(factors->of[CO2_GRID_LOCATION], energy_wh),
        .market_g = from_grid(factors->of[CO2_GRID_MARKET], energy_wh),
    };
    for (int i = 0; i < 3; i++) {
        /* km = Wh / 1000 / (kWh per 100 km) x 100 = Wh x 10^5 / e6; g = km x g/km */
        a.km[i] = co2_scale(energy_wh, E6 / 10, consumption[i]);
        a.nox_g[i] = co2_scale(energy_wh, nox[i], 10 * consumption[i]);
        a.tailpipe_g[i] = scale_to_hundreds(energy_wh, co2[i], 10 * consumption[i]);
        a.net_g[i] =
            net_of(energy_wh, co2[i], consumption[i], factors->of[CO2_GRID_LOCATION]->mid_e6);
    }
    *ret_amounts = a;
}
