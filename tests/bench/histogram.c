#include "tests/bench/histogram.h"

#include <string.h>

void histogram_reset(struct histogram *h)
{
    memset(h, 0, sizeof(*h));
}

/* Slots 0..63 are the values themselves; then 32 slots for [64,128), 32 for [128,256), ... */
static uint32_t slot_of(uint64_t value_us)
{
    uint32_t shift = 0;
    while (value_us >> shift >= 2 * HISTOGRAM_STEPS)
        shift++;
    uint64_t slot = (uint64_t)shift * HISTOGRAM_STEPS + (value_us >> shift);
    return slot < HISTOGRAM_SLOTS ? (uint32_t)slot : HISTOGRAM_SLOTS - 1;
}

static int64_t upper_edge_us(uint32_t slot)
{
    if (slot < 2 * HISTOGRAM_STEPS)
        return slot;
    uint32_t shift = slot / HISTOGRAM_STEPS - 1;
    uint64_t step = slot % HISTOGRAM_STEPS + HISTOGRAM_STEPS;
    return (int64_t)(((step + 1) << shift) - 1);
}

void histogram_add(struct histogram *h, int64_t value_us)
{
    if (value_us < 0)
        value_us = 0;
    h->count[slot_of((uint64_t)value_us)]++;
    h->n++;
    if (value_us > h->max_us)
        h->max_us = value_us;
}

int64_t histogram_quantile_us(const struct histogram *h, uint64_t per_mille)
{
    uint64_t want = (h->n * per_mille + 999) / 1000, seen = 0;
    for (uint32_t slot = 0; slot < HISTOGRAM_SLOTS && want > 0; slot++) {
        seen += h->count[slot];
        if (seen >= want) {
            int64_t edge_us = upper_edge_us(slot);
            return edge_us < h->max_us ? edge_us : h->max_us;
        }
    }
    return 0;
}
