/*
 * Energy of a month of service, summed by charge point from its CDRs.
 *
 * A credit takes away what its original gave, so that a corrected session counts once and right.
 */
#ifndef STORAGE_EMISSIONS_SUMS_H
#define STORAGE_EMISSIONS_SUMS_H

#include "storage/records.h"

struct co2_sum {
    const char *operator_id, *district, *station; /* "" if unknown */
    int32_t connector;
    int64_t points;       /* charge points that gave energy */
    int64_t sessions;     /* with energy > 0 */
    int64_t energy_wh;    /* all */
    int64_t estimated_wh; /* of it: ends that no station confirmed */
};

/* Sorted by operator, district, station, connector (bytes). */
struct co2_sums {
    struct co2_sum *sum;
    size_t n, room;
};

/* Strings are copied.  @return false: no memory, nothing was added */
bool co2_sums_add(struct co2_sums *sums, const struct store_cdr *cdr);
/* Merge neighbours: connectors of a station, or (is_by_station false) also stations of a district;
 * what was merged has no connector, or no station ("") any more. */
void co2_sums_merge(struct co2_sums *sums, bool is_by_station);
void co2_sums_done(struct co2_sums *sums);

#endif
