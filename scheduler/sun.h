/*
 * Where the sun is: sunrise, sunset and civil twilight (NOAA's solar calculations after Meeus,
 * Astronomical Algorithms, ch. 25).  Within a minute of published tables between the polar circles,
 * for 1950 to 2100.
 *
 * Pure computation.
 */
#ifndef SCHEDULER_SUN_H
#define SCHEDULER_SUN_H

#include "scheduler/plan.h"

/**
 * @param noon_ms  UTC, some time around noon of the day at the place: the solar day whose noon is
 *                 nearest counts
 * @param kind     not SCHED_AT_CLOCK
 * @return UTC of the event.  When the sun does not cross that height on this day: true noon if it
 *         stays below it, true midnight (before noon for sunrise and dawn, after it for sunset and
 *         dusk) if it stays above.
 */
int64_t sun_event_ms(enum sched_edge_kind kind, double lat_deg, double lon_deg, int64_t noon_ms);

#endif
