/*
 * Emission factors: which of them apply to a year, and from Wh to grams.
 *
 * Pure: integers in, integers out.  Factors of the store go before the built-in ones; of each kind
 * the one of the latest year that is not after the year of the report applies.  Three cases, low,
 * mid and high effect, are computed side by side.
 */
#ifndef STORAGE_EMISSIONS_FACTOR_H
#define STORAGE_EMISSIONS_FACTOR_H

#include "storage/records.h"

enum co2_kind {
    CO2_GRID_LOCATION, /* g CO2 per kWh of the grid's mix */
    CO2_GRID_MARKET,  /* g CO2 per kWh as contracted; applies to its own year only, may be absent */
    CO2_CONSUMPTION,  /* kWh per 100 km with charging losses; low effect = thirsty car */
    CO2_NOX_TAILPIPE, /* g NOx per km of the replaced car */
    CO2_CO2_TAILPIPE, /* g CO2 per km of the replaced car */
    CO2_KINDS,        /* number of kinds */
};
/* As in struct store_factor: "grid_location", and the unit a factor of the kind must have. */
const char *co2_kind_text(enum co2_kind kind);
const char *co2_kind_unit(enum co2_kind kind);

/* Used where the store has no factor of a kind for a year; with sources. */
const struct store_factor *co2_default_factors(size_t *ret_n);

struct co2_factors {
    const struct store_factor *of[CO2_KINDS]; /* NULL = none applies */
};

/**
 * @param own  factors of the store, in any order
 * @param ret_factors  lent from `own` and the built-in ones
 * @param ret_missing  one sentence that says what is missing or unusable and what to do
 * @return false: a kind that the report cannot do without is missing or unusable
 */
bool co2_choose(const struct store_factor *own, size_t n, int32_t year,
                struct co2_factors *ret_factors, char *ret_missing, size_t size);

struct co2_amounts {
    int64_t location_g;
    int64_t market_g; /* STORE_ABSENT without a factor */
    /* low, mid, high */
    int64_t km[3];
    int64_t nox_g[3];
    int64_t tailpipe_g[3]; /* to 100 g: more digits would promise what a model cannot hold */
    int64_t net_g[3];      /* tailpipe - location, to 100 g: > 0 is a saving */
};

/* Each amount is rounded once, half away from zero, from exact values: net is not the difference of
 * two rounded ones. */
void co2_compute(const struct co2_factors *factors, int64_t energy_wh,
                 struct co2_amounts *ret_amounts);

/* round(a x b / d), half away from zero, exact for all values; b >= 0, d > 0.  A result that does
 * not fit is held at +-INT64_MAX. */
int64_t co2_scale(int64_t a, int64_t b, int64_t d);

#endif
