/*
 * A histogram of latencies with a bounded relative error, of fixed size.
 *
 * Values below 64 us are exact; above, each power of two is cut into 32 equal steps, so that a
 * quantile is at most 3.2 % too high.
 */
#ifndef TESTS_BENCH_HISTOGRAM_H
#define TESTS_BENCH_HISTOGRAM_H

#include <stdint.h>

#define HISTOGRAM_STEPS 32
#define HISTOGRAM_SLOTS (HISTOGRAM_STEPS * 32)

struct histogram {
    uint64_t n;
    int64_t max_us;
    uint64_t count[HISTOGRAM_SLOTS];
};

void histogram_reset(struct histogram *h);
/* Negative values count as 0, values above 2^36 us (19 hours) as the greatest slot. */
void histogram_add(struct histogram *h, int64_t value_us);
/* Upper edge of the slot that holds the quantile; 0 when empty.  per_mille: 500 = median. */
int64_t histogram_quantile_us(const struct histogram *h, uint64_t per_mille);

#endif
