/*
 * Deadlines in simulated milliseconds: a binary heap of timers embedded in their owners.
 */
#ifndef CMD_NOXSIM_TIMERS_H
#define CMD_NOXSIM_TIMERS_H

#include <stddef.h>
#include <stdint.h>

/* Later than everything, and still safe to add an hour to. */
#define TIME_NEVER (INT64_MAX / 2)

struct timer {
    int64_t due_ms;
    size_t place; /* in the heap, counted from 1; 0 = not armed */
    void (*fire)(struct timer *timer, int64_t due_ms);
    void *owner;
};

struct timers {
    struct timer **heap; /* heap[1..n] */
    size_t n, room;
};

/* Arm or move; TIME_NEVER or later disarms.  Running out of memory ends the program. */
void timer_set(struct timers *timers, struct timer *timer, int64_t due_ms);
void timer_cancel(struct timers *timers, struct timer *timer);
/* The earliest deadline; TIME_NEVER when none is armed. */
int64_t timers_next(const struct timers *timers);
/* Fire the earliest, which is disarmed before.  Only when timers_next() is not TIME_NEVER. */
void timers_fire_first(struct timers *timers);
void timers_done(struct timers *timers);

#endif
