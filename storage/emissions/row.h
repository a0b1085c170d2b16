/*
 * What the forms of the emissions report (CSV, JSON, table) have in common.
 */
#ifndef STORAGE_EMISSIONS_ROW_H
#define STORAGE_EMISSIONS_ROW_H

#include "storage/billing/out.h"
#include "storage/emissions/factor.h"
#include "storage/emissions/report.h"
#include "storage/emissions/sums.h"

/* One line; columns without data yet are STORE_ABSENT. */
struct co2_row {
    const char *period;
    struct co2_sum sum;
    struct co2_amounts amounts;
    int64_t hourly_g, hourly_coverage_e2_pct, edition;
    const char *factor_set; /* "grid_location@2024;consumption@2016" */
};

struct co2_page {
    const char *period;
    enum co2_by by;
    const struct co2_row *row;
    size_t n;
    struct co2_row total; /* sum of the rounded rows */
    struct co2_factors factors;
};

/* The table for people, at most 100 columns wide unless the figures need more. */
void co2_write_table(struct out *o, const struct co2_page *page);

/* Sentences that belong below each report; end with NULL. */
extern const char *const co2_method[];
extern const char *const co2_limits[];

#endif
