/*
 * From a session and a tariff version to amounts.  Pure: integers in, integers out.
 *
 * Rules R1-R3, R5, R6 of the project's billing rules: each part exact, rounded once to a cent, half
 * away from zero, in the basis of the tariff; total = sum of the rounded parts; blocking seconds in
 * the local window are summed and rounded up once to minutes, then capped.  Local = Europe/Berlin.
 */
#ifndef STORAGE_BILLING_TARIFF_H
#define STORAGE_BILLING_TARIFF_H

#include "storage/records.h"

struct bill_amounts {
    int64_t energy_cents, blocking_min, blocking_cents, flat_cents;
    int64_t gross_cents, net_cents, vat_cents; /* gross = net + vat */
};

/**
 * @param energy_wh  >= 0
 * @param stopped_at_ms  >= started_at_ms, else no blocking fee
 * @param clock_is_good  false: the times are doubtful, no blocking fee
 */
void bill_rate(const struct store_tariff *tariff, int64_t energy_wh, int64_t started_at_ms,
               int64_t stopped_at_ms, bool clock_is_good, struct bill_amounts *ret_amounts);

#endif
