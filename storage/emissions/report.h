/*
 * The monthly emissions report: energy by district or station, CO2 of the electricity
 * (location-based, GHG Protocol scope 2) and avoided tailpipe CO2 and NOx as a modelled range.
 *
 * Computed in integers from the Wh of the CDRs of the service month and the factors of the store;
 * each row is rounded once, totals are sums of rows, so that the table adds up.  Every factor is
 * printed with its year, unit, source and state.
 */
#ifndef STORAGE_EMISSIONS_REPORT_H
#define STORAGE_EMISSIONS_REPORT_H

#include "storage/billing/export.h"

enum co2_format { CO2_TABLE, CO2_CSV_MACHINE, CO2_CSV_GERMAN, CO2_JSON };
enum co2_by { CO2_BY_DISTRICT, CO2_BY_STATION };

struct co2_report_result {
    int64_t rows, sessions, energy_wh;
    int64_t co2_location_g;                  /* sum of the rows */
    int64_t nox_avoided_g[3], tailpipe_g[3]; /* low, mid, high: sums of the rows */
    char sha256[65];                         /* hex, of all bytes written */
    char missing[160]; /* a factor that is not known for the year, in words; "" = none */
};

/**
 * Write the report of a month of service (local month of the end of a session).
 * @return STORE_CONFLICT: it is no month; STORE_MISSING: a factor is missing (ret_result->missing
 *         says which and what to apply); STORE_STOPPED: the sink said stop
 */
enum store_rc co2_report(struct reader *r, const char *month, enum co2_by by,
                         enum co2_format format, struct export_sink sink,
                         struct co2_report_result *ret_result);

#endif
