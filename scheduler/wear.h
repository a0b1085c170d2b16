/*
 * A count of the last 24 hours, by the hour: charging profiles that a memory had to take (SCHEDULER
 * section 3, "T_L and wear").  All zero = none yet.  Times are UTC milliseconds.
 */
#ifndef SCHEDULER_WEAR_H
#define SCHEDULER_WEAR_H

#include <stdint.h>

enum { WEAR_HOURS = 24 };
struct wear {
    int64_t hour; /* since 1970, newest counted */
    int32_t n[WEAR_HOURS];
};

/* n more, or less, at at_ms, not after now_ms; what is older than 24 hours is passed over. */
void wear_note(struct wear *w, int32_t n, int64_t at_ms, int64_t now_ms);
/** @return in the hour that lasts and the 23 before */
int32_t wear_sum(const struct wear *w, int64_t now_ms);

#endif
