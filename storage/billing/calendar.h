/*
 * The civil calendar of Europe/Berlin (EU summer time rule, last Sundays of March and October,
 * 01:00 UTC), without libc's time zone state.  Correct for instants from 1996 on.
 */
#ifndef STORAGE_BILLING_CALENDAR_H
#define STORAGE_BILLING_CALENDAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Seconds to add to UTC: 3600 or 7200. */
int32_t cal_offset_s(int64_t utc_ms);
/* "2026-10-25T02:30:00+02:00" (+ NUL: 26 bytes). */
void cal_format_local(int64_t utc_ms, char ret_text[26]);
/* Local month of an instant, "2026-10" (8 bytes with NUL). */
void cal_month(int64_t utc_ms, char ret_month[8]);
/* "2026-10" -> half-open UTC range of the local month; false when it is no month. */
bool cal_month_range(const char *month, int64_t *ret_from_ms, int64_t *ret_to_ms);
/* Local midnight of "2026-10-25" in UTC; false when it is no date. */
bool cal_date(const char *date, int64_t *ret_utc_ms);
/* Seconds of [from, to) whose local wall clock lies in [from_min, to_min) of the day; a window with
 * to <= from goes over midnight; equal = whole day. */
int64_t cal_window_s(int64_t from_ms, int64_t to_ms, int32_t from_min, int32_t to_min);

#endif
