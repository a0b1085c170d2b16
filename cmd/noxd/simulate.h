/*
 * Recorded sessions through the scheduler again: what would other limits have meant?
 *
 * For a worker: reads the database, computes, and writes lines of JSON: now and then
 * {"progress_percent":..}, at the end {"result":{..}}.  What a car got is all that is known of what
 * it wanted, unless its driver told: a lower bound.
 */
#ifndef CMD_NOXD_SIMULATE_H
#define CMD_NOXD_SIMULATE_H

#include "storage/billing/export.h"
#include "storage/reader.h"

/* Whose departure and energy the scheduler knows in the simulation. */
enum simulate_told { SIMULATE_AS_RECORDED, SIMULATE_ALL, SIMULATE_NONE };

enum { SIMULATE_LIMITS_MAX = 32 };

struct simulate_wish {
    int64_t from_ms, to_ms; /* sessions that ended in this time */
    enum simulate_told told;
    struct {
        const char *node;
        int32_t limit_ma[3];
    } limit[SIMULATE_LIMITS_MAX]; /* instead of the configured ones, in a variant of its own */
    size_t n_limits;
};

/**
 * @return STORE_OK; STORE_MISSING (no sessions, unknown node), STORE_CONFLICT (the scheduler does
 *         not take it) or another error with one sentence, nothing written; STORE_STOPPED: the sink
 *         wants no more
 */
enum store_rc simulate_run(struct reader *db, const struct simulate_wish *wish,
                           struct export_sink sink, char *ret_text, size_t size);

#endif
