#include "cmd/noxsim/berlin.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ocpp/wire/iso8601.h"

#define HOUR_MS INT64_C(3600000)
#define DAY_MS  (24 * HOUR_MS)

static int64_t day_ms(int year, int month, int day)
{
    char text[64]; /* as if an int could have all its digits */
    int64_t ms = 0;
    snprintf(text, sizeof(text), "%04d-%02d-%02dT00:00:00Z", year, month, day);
    ocpp_time_parse(text, &ms, NULL);
    return ms;
}

/* 01:00 UTC of the last Sunday of a month with 31 days.  1970-01-01 was a Thursday. */
static int64_t last_sunday_ms(int year, int month)
{
    int64_t last = day_ms(year, month, 31);
    int64_t weekday = (last / DAY_MS + 4) % 7; /* 0 = Sunday */
    return last - weekday * DAY_MS + HOUR_MS;
}

static int year_of(int64_t utc_ms)
{
    char text[OCPP_TIME_TEXT_SIZE];
    ocpp_time_format(utc_ms, text);
    return (int)strtol(text, NULL, 10);
}

int berlin_offset_h(int64_t utc_ms)
{
    int year = year_of(utc_ms);
    return utc_ms >= last_sunday_ms(year, 3) && utc_ms < last_sunday_ms(year, 10) ? 2 : 1;
}

/* A wall time in the hour that the spring night leaves out counts as winter time. */
int64_t berlin_to_utc_ms(int64_t local_ms, bool second)
{
    int64_t summer = local_ms - 2 * HOUR_MS, winter = local_ms - HOUR_MS;
    if (second)
        return berlin_offset_h(winter) == 1 ? winter : summer;
    return berlin_offset_h(summer) == 2 ? summer : winter;
}

bool berlin_is_ambiguous(int64_t local_ms)
{
    return berlin_to_utc_ms(local_ms, false) != berlin_to_utc_ms(local_ms, true) &&
           berlin_offset_h(local_ms - 2 * HOUR_MS) == 2 && berlin_offset_h(local_ms - HOUR_MS) == 1;
}

bool berlin_parse_local(const char *text, int64_t *ret_local_ms)
{
    bool had_zone = false;
    int64_t local_ms;
    if (!ocpp_time_parse(text, &local_ms, &had_zone) || had_zone)
        return false;
    *ret_local_ms = local_ms;
    return true;
}

void berlin_format(int64_t utc_ms, char *buf, size_t size)
{
    char text[OCPP_TIME_TEXT_SIZE];
    ocpp_time_format(utc_ms + berlin_offset_h(utc_ms) * HOUR_MS, text);
    text[10] = ' ';
    text[16] = '\0';
    snprintf(buf, size, "%s", text);
}

bool berlin_month(const char *text, int64_t *ret_begin_ms, int64_t *ret_end_ms)
{
    if (strlen(text) != 7 || strspn(text, "0123456789") != 4 || text[4] != '-' ||
        strspn(text + 5, "0123456789") != 2)
        return false;
    int year = (int)strtol(text, NULL, 10), month = (int)strtol(text + 5, NULL, 10);
    if (month < 1 || month > 12 || year < 1980)
        return false;
    *ret_begin_ms = berlin_to_utc_ms(day_ms(year, month, 1), false);
    *ret_end_ms = berlin_to_utc_ms(
        day_ms(month == 12 ? year + 1 : year, month == 12 ? 1 : month + 1, 1), false);
    return true;
}
