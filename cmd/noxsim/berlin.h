/*
 * Local time of Berlin (the same as in Oslo) and UTC: the rule of the European Union, summer time
 * from the last Sunday of March to the last Sunday of October, 01:00 UTC.
 *
 * Pure arithmetic for the years 1980 to 9999; earlier years had other rules.
 */
#ifndef CMD_NOXSIM_BERLIN_H
#define CMD_NOXSIM_BERLIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Hours that local time is ahead of UTC at this instant: 1 or 2. */
int berlin_offset_h(int64_t utc_ms);

/**
 * @param local_ms  local wall time, counted as if it were UTC
 * @param second    of the two instants in the night when the clock goes back, take the later
 */
int64_t berlin_to_utc_ms(int64_t local_ms, bool second);

/** Is this wall time there twice? */
bool berlin_is_ambiguous(int64_t local_ms);

/** Read `YYYY-MM-DD hh:mm[:ss]` (also with T) as wall time. @return false if it is none */
bool berlin_parse_local(const char *text, int64_t *ret_local_ms);

/** Write the wall time as `YYYY-MM-DD hh:mm`. @param size  >= 17 */
void berlin_format(int64_t utc_ms, char *buf, size_t size);

/** Read `YYYY-MM`; the month begins at *ret_begin_ms (UTC) and ends before *ret_end_ms. */
bool berlin_month(const char *text, int64_t *ret_begin_ms, int64_t *ret_end_ms);

#endif
