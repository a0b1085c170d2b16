#include "ocpp/wire/iso8601.h"

#include <stdio.h>

#include "ocpp/wire/errors.h"

#include <stddef.h>

#define MS_PER_DAY 86400000LL
#define MIN_MS     (-719162LL * MS_PER_DAY)                  /* 0001-01-01T00:00:00.000Z */
#define MAX_MS     (2932896LL * MS_PER_DAY + MS_PER_DAY - 1) /* 9999-12-31T23:59:59.999Z */

/* Days from 1970-01-01.  Years begin in March here, so the leap day is the last of its year. */
static int64_t days_from_civil(int64_t year, int64_t month, int64_t day)
{
    int64_t shifted_year = year - (month <= 2);
    int64_t era = shifted_year / 400; /* year >= 0 in all callers */
    int64_t year_of_era = shifted_year - era * 400;
    int64_t day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

static void civil_from_days(int64_t days, int *ret_year, int *ret_month, int *ret_day)
{
    int64_t shifted = days + 719468; /* > 0 from year 1 on */
    int64_t era = shifted / 146097;
    int64_t day_of_era = shifted - era * 146097;
    int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t month_from_march = (5 * day_of_year + 2) / 153;
    *ret_day = (int)(day_of_year - (153 * month_from_march + 2) / 5 + 1);
    *ret_month = (int)(month_from_march < 10 ? month_from_march + 3 : month_from_march - 9);
    *ret_year = (int)(year_of_era + era * 400 + (*ret_month <= 2));
}

static int days_in_month(int year, int month)
{
    static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return days[month - 1] + (month == 2 && leap);
}

/* Each reader moves *at behind what it read, and leaves it alone when it returns false. */

static bool read_digits(const char **at, int n, int *ret_value)
{
    int value = 0;
    for (int i = 0; i < n; i++) {
        char c = (*at)[i];
        if (c < '0' || c > '9')
            return false;
        value = value * 10 + (c - '0');
    }
    *at += n;
    *ret_value = value;
    return true;
}

static bool read_char(const char **at, char c)
{
    if (**at != c)
        return false;
    (*at)++;
    return true;
}

static void skip_blanks(const char **at)
{
    while (**at == ' ' || **at == '\t' || **at == '\r' || **at == '\n')
        (*at)++;
}

static bool read_date(const char **at, int64_t *ret_days)
{
    int year, month, day;
    if (!read_digits(at, 4, &year) || !read_char(at, '-') || !read_digits(at, 2, &month) ||
        !read_char(at, '-') || !read_digits(at, 2, &day))
        return false;
    if (year < 1 || month < 1 || month > 12 || day < 1 || day > days_in_month(year, month))
        return false;
    *ret_days = days_from_civil(year, month, day);
    return true;
}

static int read_fraction_ms(const char **at)
{
    int ms = 0;
    for (int weight = 100; **at >= '0' && **at <= '9'; (*at)++, weight /= 10)
        ms += (**at - '0') * weight; /* weight is 0 from the fourth digit on */
    return ms;
}

static bool read_clock(const char **at, int64_t *ret_ms)
{
    int hour, minute, second = 0, ms = 0;
    if (!read_digits(at, 2, &hour) || !read_char(at, ':') || !read_digits(at, 2, &minute))
        return false;
    if (read_char(at, ':')) {
        if (!read_digits(at, 2, &second))
            return false;
        if (read_char(at, '.') || read_char(at, ','))
            ms = read_fraction_ms(at);
    }
    bool end_of_day = hour == 24 && minute == 0 && second == 0 && ms == 0;
    if ((hour > 23 && !end_of_day) || minute > 59 || second > 60)
        return false;
    *ret_ms = (((int64_t)hour * 60 + minute) * 60 + second) * 1000 + ms;
    return true;
}

/* Z, +hh, +hhmm, +hh:mm or nothing. */
static bool read_zone(const char **at, int64_t *ret_offset_ms, bool *ret_had_zone)
{
    *ret_offset_ms = 0;
    *ret_had_zone = true;
    skip_blanks(at);
    if (read_char(at, 'Z') || read_char(at, 'z'))
        return true;
    int sign = read_char(at, '+') ? 1 : read_char(at, '-') ? -1 : 0;
    if (sign == 0) {
        *ret_had_zone = false;
        return true;
    }
    int hour, minute = 0;
    if (!read_digits(at, 2, &hour))
        return false;
    bool has_colon = read_char(at, ':');
    if (!read_digits(at, 2, &minute) && has_colon)
        return false;
    if (hour > 23 || minute > 59)
        return false;
    *ret_offset_ms = sign * ((int64_t)hour * 60 + minute) * 60000;
    return true;
}

bool ocpp_time_parse(const char *text, int64_t *ret_utc_ms, bool *ret_had_zone)
{
    const char *at = text;
    int64_t days, clock_ms, offset_ms;
    bool had_zone;
    skip_blanks(&at);
    if (!read_date(&at, &days))
        return false;
    if (!read_char(&at, 'T') && !read_char(&at, 't') && !read_char(&at, ' '))
        return false;
    if (!read_clock(&at, &clock_ms) || !read_zone(&at, &offset_ms, &had_zone))
        return false;
    skip_blanks(&at);
    if (*at)
        return false;
    int64_t utc_ms = days * MS_PER_DAY + clock_ms - offset_ms;
    if (utc_ms < MIN_MS || utc_ms > MAX_MS)
        return false;
    *ret_utc_ms = utc_ms;
    if (ret_had_zone)
        *ret_had_zone = had_zone;
    return true;
}

static char *put_digits(char *at, int value, int n)
{
    for (int i = n - 1; i >= 0; i--) {
        at[i] = (char)('0' + value % 10);
        value /= 10;
    }
    return at + n;
}

void ocpp_time_format(int64_t utc_ms, char buf[OCPP_TIME_TEXT_SIZE])
{
    if (utc_ms < MIN_MS)
        utc_ms = MIN_MS;
    if (utc_ms > MAX_MS)
        utc_ms = MAX_MS;
    int64_t days = utc_ms >= 0 ? utc_ms / MS_PER_DAY : -((-utc_ms + MS_PER_DAY - 1) / MS_PER_DAY);
    int ms = (int)(utc_ms - days * MS_PER_DAY);
    int part[7];
    civil_from_days(days, &part[0], &part[1], &part[2]);
    part[3] = ms / 3600000;
    part[4] = ms / 60000 % 60;
    part[5] = ms / 1000 % 60;
    part[6] = ms % 1000;
    char *at = put_digits(buf, part[0], 4);
    static const char before[] = "--T::.";
    for (int i = 1; i < 7; i++) {
        *at++ = before[i - 1];
        at = put_digits(at, part[i], i == 6 ? 3 : 2);
    }
    *at++ = 'Z';
    *at = '\0';
}

/* --- local time --- */

/* 01:00 UTC of the last Sunday of a month of 31 days; `text` is its last day, "2026-03-31". */
static int64_t last_sunday_ms(int year, const char *month_day)
{
    char text[40];
    int64_t ms = 0;
    snprintf(text, sizeof(text), "%04d-%sT01:00:00Z", year, month_day);
    ocpp_time_parse(text, &ms, NULL);
    int64_t days = ms / MS_PER_DAY;
    return ms - (days + 4) % 7 * MS_PER_DAY; /* 1970-01-01 was a Thursday */
}

static bool is_summer(int64_t utc_ms)
{
    char text[OCPP_TIME_TEXT_SIZE];
    ocpp_time_format(utc_ms, text);
    int year =
        (text[0] - '0') * 1000 + (text[1] - '0') * 100 + (text[2] - '0') * 10 + text[3] - '0';
    return year >= 1996 && utc_ms >= last_sunday_ms(year, "03-31") &&
           utc_ms < last_sunday_ms(year, "10-31");
}

int64_t ocpp_time_of_local(int64_t local_ms, int32_t zone_min)
{
    if (zone_min != OCPP_ZONE_CET)
        return local_ms - (int64_t)zone_min * 60000;
    int64_t summer_ms = local_ms - 2 * 3600000;
    return is_summer(summer_ms) ? summer_ms : local_ms - 3600000;
}
