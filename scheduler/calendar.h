/*
 * Windows of the week on a place's own clock and sun: when do they last?
 *
 * Pure computation.  A window begins on a local day (struct sched_window); its occurrences of some
 * days around are kept, so that the sun is asked once a day.
 */
#ifndef SCHEDULER_CALENDAR_H
#define SCHEDULER_CALENDAR_H

#include "scheduler/plan.h"

enum { CALENDAR_KEPT = 12 }; /* days per window */

struct calendar_span {
    int64_t day;               /* local day on which it begins, from 1970-01-01 */
    int64_t from_ms, until_ms; /* UTC; equal = not on this day */
};

struct calendar {
    const struct sched_window *window; /* lent */
    size_t n_windows;
    struct calendar_span *kept; /* CALENDAR_KEPT for each window, lent; calendar_reset() first */
    double lat_deg, lon_deg;
    int64_t (*local_ms)(int64_t utc_ms); /* NULL = UTC */
};

void calendar_reset(struct calendar *c);

/** @return the place's wall clock, ms since 1970-01-01 0:00 of that clock */
int64_t calendar_local_ms(const struct calendar *c, int64_t utc_ms);
/** @return instant at which the wall clock shows local_ms; shown twice: the later one if asked,
 *          never shown: the earlier or later one around the jump */
int64_t calendar_utc_ms(const struct calendar *c, int64_t local_ms, bool later);
/** @return hour of the local week, 0 = Monday 0:00; ret_until_ms: its end */
int calendar_hour(const struct calendar *c, int64_t utc_ms, int64_t *ret_until_ms);

/** @return does the window last at that instant?  ret_from_ms: since when (the latest beginning) */
bool calendar_lasts(const struct calendar *c, size_t window, int64_t utc_ms, int64_t *ret_from_ms);
/** @return next instant after utc_ms at which the window begins or ends, within a week;
 *          INT64_MAX = none */
int64_t calendar_next_ms(const struct calendar *c, size_t window, int64_t utc_ms);

#endif
