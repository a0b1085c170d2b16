/*
 * A firmware rollout as arithmetic: who may start now, when it must stop, when it is over.
 *
 * Pure: facts and the time go in, one decision comes out; what is sent and written is the business
 * of rollout_run.c.
 */
#ifndef OCPP_CENTRAL_ROLLOUT_H
#define OCPP_CENTRAL_ROLLOUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "storage/records.h"

struct rollout_target {
    char *station;
    int32_t state; /* enum store_target_state */
    int64_t job;
    int32_t tries;
    char *note;
    int64_t changed_at_ms;
};

struct rollout_counts {
    size_t waiting, running, done, failed, skipped;
    size_t canaries_open; /* of the first `canary` targets: waiting or running */
    size_t canaries_failed;
};
void rollout_count(const struct store_rollout *r, const struct rollout_target *target, size_t n,
                   struct rollout_counts *ret_counts);

/* What is known of a station. */
struct rollout_fact {
    bool known;   /* a station of the configuration */
    bool online;  /* can be sent requests */
    bool busy;    /* a session is running, or another update */
    bool current; /* says that it has the wanted version */
};

enum rollout_move {
    ROLLOUT_WAIT,   /* nothing to do now */
    ROLLOUT_START,  /* target ret_place */
    ROLLOUT_SKIP,   /* target ret_place: not known, or current */
    ROLLOUT_PAUSE,  /* too much has failed: ret_why */
    ROLLOUT_FINISH, /* nothing is open any more */
};

/**
 * The next move of a running rollout; to be asked again after each one until it is ROLLOUT_WAIT.
 *
 * Canaries (the first r->canary targets) go first; the others only when none of them is open and
 * none has failed.  No more than r->max_parallel run at once.  Failures since the last resume
 * (those above r->forgiven) pause it: r->stop_after of them, or one of a canary.
 *
 * @param fact     asked for targets that wait
 * @param ret_why  one sentence, with ROLLOUT_PAUSE
 */
enum rollout_move rollout_next(const struct store_rollout *r, const struct rollout_target *target,
                               size_t n, int64_t utc_ms,
                               struct rollout_fact (*fact)(void *arg, const char *station),
                               void *arg, size_t *ret_place, char *ret_why, size_t size);

/* Is the local time of day within [from_min, to_min)?  Over midnight when to < from; always when
 * they are equal. */
bool rollout_in_window(const struct store_rollout *r, int64_t utc_ms);

#endif
