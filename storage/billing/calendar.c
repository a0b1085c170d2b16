#include "storage/billing/calendar.h"

#include <assert.h>
#include <string.h>

/*
 * Days are counted from 1970-01-01 in the proleptic Gregorian calendar.  Instants are kept within
 * the years 0001 to 9999, so that nothing overflows and a year has four digits.
 */
#define DAY_MS   INT64_C(86400000)
#define HOUR_MS  INT64_C(3600000)
#define FIRST_MS (INT64_C(-719162) * DAY_MS)                /* 0001-01-01 */
#define LAST_MS  (INT64_C(2932896) * DAY_MS + 18 * HOUR_MS) /* 9999-12-31, also in local time */

struct date {
    int32_t year, month, day;
};

static int64_t clamp_instant(int64_t utc_ms)
{
    return utc_ms < FIRST_MS ? FIRST_MS : utc_ms > LAST_MS ? LAST_MS : utc_ms;
}

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

/* The year is counted from March, so that the leap day is its last; 146,097 days make 400 years. */
static int64_t days_of_date(int32_t year, int32_t month, int32_t day)
{
    int64_t y = month <= 2 ? year - 1 : year;
    int64_t era = floor_div(y, 400);
    int64_t year_of_era = y - era * 400;
    int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year -
           719468;
}

static struct date date_of_days(int64_t days)
{
    int64_t shifted = days + 719468, era = floor_div(shifted, 146097);
    int64_t day_of_era = shifted - era * 146097;
    int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t from_march = (5 * day_of_year + 2) / 153;
    struct date d = {
        .day = (int32_t)(day_of_year - (153 * from_march + 2) / 5 + 1),
        .month = (int32_t)(from_march < 10 ? from_march + 3 : from_march - 9),
    };
    d.year = (int32_t)(year_of_era + era * 400 + (d.month <= 2));
    return d;
}

/* 01:00 UTC of the last Sunday of March or October (both have 31 days); 1970-01-01 was a Thursday.
 */
static int64_t last_sunday_ms(int32_t year, int32_t month)
{
    int64_t last = days_of_date(year, month, 31);
    int64_t weekday = (last + 4) - floor_div(last + 4, 7) * 7; /* 0 = Sunday */
    return (last - weekday) * DAY_MS + HOUR_MS;
}

static int32_t utc_year(int64_t utc_ms)
{
    return date_of_days(floor_div(utc_ms, DAY_MS)).year;
}

int32_t cal_offset_s(int64_t utc_ms)
{
    utc_ms = clamp_instant(utc_ms);
    int32_t year = utc_year(utc_ms);
    bool summer = utc_ms >= last_sunday_ms(year, 3) && utc_ms < last_sunday_ms(year, 10);
    return summer ? 7200 : 3600;
}

static int64_t local_ms(int64_t utc_ms)
{
    return utc_ms + (int64_t)cal_offset_s(utc_ms) * 1000;
}

/* Midnights are never near a change of the offset: the offset an hour before is the right one. */
static int64_t utc_of_midnight(int64_t days)
{
    int64_t as_utc = days * DAY_MS;
    return as_utc - (int64_t)cal_offset_s(as_utc - HOUR_MS) * 1000;
}

static char *put_number(char *at, int64_t value, int digits, char after)
{
    for (int i = digits - 1; i >= 0; i--, value /= 10)
        at[i] = (char)('0' + value % 10);
    at[digits] = after;
    return at + digits + 1;
}

void cal_format_local(int64_t utc_ms, char ret_text[26])
{
    utc_ms = clamp_instant(utc_ms);
    int64_t offset_s = cal_offset_s(utc_ms), local = local_ms(utc_ms);
    int64_t days = floor_div(local, DAY_MS), second = (local - days * DAY_MS) / 1000;
    struct date d = date_of_days(days);
    char *at = put_number(ret_text, d.year, 4, '-');
    at = put_number(at, d.month, 2, '-');
    at = put_number(at, d.day, 2, 'T');
    at = put_number(at, second / 3600, 2, ':');
    at = put_number(at, second / 60 % 60, 2, ':');
    at = put_number(at, second % 60, 2, '+');
    at = put_number(at, offset_s / 3600, 2, ':');
    put_number(at, offset_s / 60 % 60, 2, '\0');
}

void cal_month(int64_t utc_ms, char ret_month[8])
{
    struct date d = date_of_days(floor_div(local_ms(clamp_instant(utc_ms)), DAY_MS));
    put_number(put_number(ret_month, d.year, 4, '-'), d.month, 2, '\0');
}

/* Exactly n digits. */
static bool read_number(const char *text, int n, int32_t *ret_value)
{
    int32_t value = 0;
    for (int i = 0; i < n; i++) {
        if (text[i] < '0' || text[i] > '9')
            return false;
        value = value * 10 + (text[i] - '0');
    }
    *ret_value = value;
    return true;
}

static bool read_month(const char *text, int32_t *ret_year, int32_t *ret_month)
{
    return read_number(text, 4, ret_year) && text[4] == '-' &&
           read_number(text + 5, 2, ret_month) && *ret_year >= 1 && *ret_year < 9999 &&
           *ret_month >= 1 && *ret_month <= 12;
}

bool cal_month_range(const char *month, int64_t *ret_from_ms, int64_t *ret_to_ms)
{
    int32_t y, m;
    if (!read_month(month, &y, &m) || month[7] != '\0')
        return false;
    *ret_from_ms = utc_of_midnight(days_of_date(y, m, 1));
    *ret_to_ms = utc_of_midnight(m == 12 ? days_of_date(y + 1, 1, 1) : days_of_date(y, m + 1, 1));
    return true;
}

bool cal_date(const char *date, int64_t *ret_utc_ms)
{
    int32_t y, m, d;
    if (!read_month(date, &y, &m) || date[7] != '-' || !read_number(date + 8, 2, &d) ||
        date[10] != '\0')
        return false;
    int64_t days = days_of_date(y, m, d);
    struct date back = date_of_days(days);
    if (back.month != m || back.day != d)
        return false;
    *ret_utc_ms = utc_of_midnight(days);
    return true;
}

/* The first change of the offset after an instant. */
static int64_t next_change_ms(int64_t utc_ms)
{
    int32_t year = utc_year(utc_ms);
    int64_t march = last_sunday_ms(year, 3), october = last_sunday_ms(year, 10);
    return utc_ms < march ? march : utc_ms < october ? october : last_sunday_ms(year + 1, 3);
}

/* Milliseconds of the window [from, to) of each day that lie before a local instant. */
static int64_t window_before_ms(int64_t local, int64_t from, int64_t to)
{
    int64_t days = floor_div(local, DAY_MS), in_day = local - days * DAY_MS;
    int64_t today = in_day <= from ? 0 : in_day >= to ? to - from : in_day - from;
    return days * (to - from) + today;
}

/* As long as the offset stays the same, local time is UTC shifted. */
static int64_t piece_ms(int64_t from_ms, int64_t to_ms, int64_t window_from, int64_t window_to)
{
    int64_t shift = (int64_t)cal_offset_s(from_ms) * 1000;
    if (window_from < window_to)
        return window_before_ms(to_ms + shift, window_from, window_to) -
               window_before_ms(from_ms + shift, window_from, window_to);
    /* Over midnight: everything but the hole between. */
    return (to_ms - from_ms) - (window_before_ms(to_ms + shift, window_to, window_from) -
                                window_before_ms(from_ms + shift, window_to, window_from));
}

int64_t cal_window_s(int64_t from_ms, int64_t to_ms, int32_t from_min, int32_t to_min)
{
    assert(from_min >= 0 && from_min <= 1440 && to_min >= 0 && to_min <= 1440);
    from_ms = clamp_instant(from_ms);
    to_ms = clamp_instant(to_ms);
    int64_t sum_ms = 0;
    while (from_ms < to_ms) {
        int64_t change = next_change_ms(from_ms), end = change < to_ms ? change : to_ms;
        sum_ms += piece_ms(from_ms, end, from_min * INT64_C(60000), to_min * INT64_C(60000));
        from_ms = end;
    }
    return sum_ms / 1000;
}
