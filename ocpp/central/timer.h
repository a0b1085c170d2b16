/*
 * Deadlines on the monotonic clock: a binary heap of timers embedded in their owners.
 *
 * Arming, moving and cancelling cost O(log n); nothing is allocated per timer except the heap's
 * array of pointers.
 */
#ifndef OCPP_CENTRAL_TIMER_H
#define OCPP_CENTRAL_TIMER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ocpp/central/central.h"

struct timer {
    int64_t due_mono_ms;
    size_t place; /* in the heap, counted from 1; 0 = not armed */
    void (*fire)(struct timer *timer, struct instant now);
    void *owner;
};

struct timers {
    struct timer **heap; /* heap[1..n] */
    size_t n, room;
};

/* Arm or move.  Running out of memory is fatal here: the process could keep no promise after it. */
void timer_set(struct timers *timers, struct timer *timer, int64_t due_mono_ms);
void timer_cancel(struct timers *timers, struct timer *timer);
/* Fire all that are due; each is disarmed before it fires and may be armed again in it. */
void timers_run(struct timers *timers, struct instant now);
/* INT64_MAX when none is armed. */
int64_t timers_next(const struct timers *timers);
void timers_done(struct timers *timers);

#endif
