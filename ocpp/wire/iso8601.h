/*
 * Time stamps as text (OCPP 1.6 section 3.14) to UTC milliseconds and back.
 *
 * Pure civil-day arithmetic for the years 1 to 9999, no time zone data, no libc.
 */
#ifndef OCPP_WIRE_ISO8601_H
#define OCPP_WIRE_ISO8601_H

#include <stdbool.h>
#include <stdint.h>

enum { OCPP_TIME_TEXT_SIZE = 25 };

/**
 * Read a time stamp as stations write them: date, `T`, `t` or a blank, hh:mm[:ss[.fraction]], then
 * `Z`, `z`, +hh, +hhmm, +hh:mm or nothing.  Blanks around it are ignored, digits of the fraction
 * beyond the third are cut, second 60 counts as the next second.
 *
 * @param ret_utc_ms    written only on success; a time without zone is taken as UTC
 * @param ret_had_zone  may be NULL
 * @return false if the text is no time stamp
 */
bool ocpp_time_parse(const char *text, int64_t *ret_utc_ms, bool *ret_had_zone);

/** A local time (as if it were UTC) to UTC.  @param zone_min  minutes east of UTC, or OCPP_ZONE_CET
 * (errors.h): UTC+1, and +2 from the last Sunday of March to that of October (both 01:00 UTC) */
int64_t ocpp_time_of_local(int64_t local_ms, int32_t zone_min);

/**
 * Write `YYYY-MM-DDThh:mm:ss.sssZ`, the one form all stations understand.  Instants outside the
 * years 1 to 9999 are clamped to them.
 */
void ocpp_time_format(int64_t utc_ms, char buf[OCPP_TIME_TEXT_SIZE]);

#endif
