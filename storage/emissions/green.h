/*
 * What green hours saved in a month: the factor that the sessions which waited met, against the one
 * they would have met by charging from the beginning.
 *
 * Actual: the register's samples give the energy of each quarter of an hour (between two samples
 * evenly), times its factor.  Compared with: the same energy from the start of the session on, with
 * the power the scheduler knew the car for.  Factors are those known now, of each quarter the
 * newest edition.  Integers: Wh x thousandths, summed exactly, rounded once in each figure.
 */
#ifndef STORAGE_EMISSIONS_GREEN_H
#define STORAGE_EMISSIONS_GREEN_H

#include "storage/billing/export.h"
#include "storage/emissions/report.h"

/* --- one session, pure --- */

/* Of the register; by rising time, not falling. */
struct green_point {
    int64_t at_ms, wh;
};
/* Quarters that are known, in order. */
struct green_series {
    const struct store_quarter *quarter;
    size_t n;
};
struct green_result {
    int64_t energy_wh;
    bool known;                 /* is every quarter that is needed? */
    int64_t actual, from_start; /* Wh x value_e3 */
};

/**
 * @param point  n >= 1, from the start of the session to its end
 * @param power_w  > 0
 */
struct green_result green_compare(const struct green_point *point, size_t n, int64_t power_w,
                                  struct green_series series);

/* --- the report --- */

struct green_report_result {
    int64_t rows, sessions;
    int64_t saved_co2_g, saved_minor; /* sums of the rows */
    char sha256[65];
};

/**
 * Write the report of a month (local month of the end of a session), by node and district.
 * @return STORE_CONFLICT: it is no month; STORE_STOPPED: the sink said stop
 */
enum store_rc green_report(struct reader *r, const char *month, enum co2_format format,
                           struct export_sink sink, struct green_report_result *ret_result);

#endif
