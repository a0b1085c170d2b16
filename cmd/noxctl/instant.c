#include "cmd/noxctl/instant.h"

#include <string.h>
#include <time.h>

#include "cmd/noxctl/client.h"
#include "cmd/noxctl/member.h"
#include "ocpp/wire/iso8601.h"

enum { YEAR_S = 366 * 86400 };

/* --- lengths --- */

/* One number and its letter. @return false if there is none */
static bool read_part(const char **p, int64_t standard_s, int64_t *ret_s)
{
    const struct {
        char letter;
        int64_t seconds;
    } units[] = { { 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 }, { '\0', standard_s } };
    int64_t n = 0;
    const char *begin = *p;
    for (; **p >= '0' && **p <= '9' && n <= YEAR_S; (*p)++)
        n = n * 10 + (**p - '0');
    for (size_t i = 0; *p != begin && i < ARRAY_SIZE(units); i++)
        if (**p == units[i].letter && units[i].seconds > 0) {
            *p += **p != '\0';
            *ret_s = n * units[i].seconds;
            return n <= YEAR_S;
        }
    return false;
}

/* @param standard_s  of a number alone; 0 = a letter is needed */
static bool parse_span(const char *p, int64_t standard_s, int64_t *ret_s)
{
    int64_t part_s, sum_s = 0;
    for (bool first = true; first || *p != '\0'; first = false) {
        if (!read_part(&p, first ? standard_s : 0, &part_s))
            return false;
        sum_s += part_s;
        if (sum_s > YEAR_S)
            return false;
    }
    *ret_s = sum_s;
    return true;
}

bool instant_duration(const char *flag, const char *text, int64_t standard_s, int64_t *ret_s)
{
    if (parse_span(text, standard_s, ret_s) && *ret_s > 0)
        return true;
    ctl_fail(CTL_USAGE, "--%s %s: a time like 30m, 2h or 1d", flag, text);
    return false;
}

/* --- instants --- */

/* Read exactly n digits and then, unless it is '\0', the sign behind them. */
static bool read_digits(const char **p, int n, char behind, int *ret_value)
{
    int value = 0;
    for (int i = 0; i < n; i++, (*p)++) {
        if (**p < '0' || **p > '9')
            return false;
        value = value * 10 + (**p - '0');
    }
    *ret_value = value;
    return behind == '\0' || *(*p)++ == behind;
}

/* "20:15[:00]" to the end of the text; 24:00 is no time of day. */
static bool read_clock(const char *p, struct tm *ret)
{
    ret->tm_sec = 0;
    if (!read_digits(&p, 2, ':', &ret->tm_hour) || !read_digits(&p, 2, '\0', &ret->tm_min))
        return false;
    if (*p == ':' && (p++, !read_digits(&p, 2, '\0', &ret->tm_sec)))
        return false;
    return *p == '\0' && ret->tm_hour <= 23 && ret->tm_min <= 59 && ret->tm_sec <= 60;
}

static bool make(struct tm tm, int64_t *ret_utc_ms)
{
    tm.tm_isdst = -1;
    time_t at_s = mktime(&tm);
    *ret_utc_ms = (int64_t)at_s * 1000;
    return at_s != (time_t)-1;
}

/* "2026-10-24" or "2026-10-24 20:15[:00]" in local time; no 31st of June. */
static bool parse_local(const char *p, int64_t *ret_utc_ms)
{
    struct tm local = { .tm_isdst = -1 };
    if (!read_digits(&p, 4, '-', &local.tm_year) || !read_digits(&p, 2, '-', &local.tm_mon) ||
        !read_digits(&p, 2, '\0', &local.tm_mday) || local.tm_mon < 1 || local.tm_mon > 12)
        return false;
    if (*p != '\0' && ((*p != ' ' && *p != 'T') || !read_clock(p + 1, &local)))
        return false;
    local.tm_year -= 1900;
    local.tm_mon -= 1;
    struct tm noon = { .tm_year = local.tm_year, .tm_mon = local.tm_mon, .tm_mday = local.tm_mday };
    noon.tm_hour = 12;
    noon.tm_isdst = -1;
    return mktime(&noon) != (time_t)-1 && noon.tm_mday == local.tm_mday && make(local, ret_utc_ms);
}

static bool parse_clock(const char *text, enum instant_side side, int64_t from_ms,
                        int64_t *ret_utc_ms)
{
    time_t from_s = (time_t)(from_ms / 1000);
    struct tm tm;
    if (localtime_r(&from_s, &tm) == NULL || !read_clock(text, &tm) || !make(tm, ret_utc_ms))
        return false;
    if (side == INSTANT_NEXT && *ret_utc_ms <= from_ms)
        tm.tm_mday++;
    else if (side == INSTANT_LAST && *ret_utc_ms > from_ms)
        tm.tm_mday--;
    return make(tm, ret_utc_ms);
}

static bool parse_relative(const char *text, int64_t now_ms, int64_t *ret_utc_ms)
{
    int64_t span_s = 0;
    if (strcmp(text, "now") != 0 &&
        ((text[0] != '+' && text[0] != '-') || !parse_span(text + 1, 0, &span_s)))
        return false;
    *ret_utc_ms = now_ms / 1000 * 1000 + (text[0] == '-' ? -span_s : span_s) * 1000;
    return true;
}

bool instant_is_relative(const char *text)
{
    int64_t at_ms;
    struct tm tm;
    return parse_relative(text, 0, &at_ms) || read_clock(text, &tm);
}

bool instant_parse(const char *text, enum instant_side side, int64_t now_ms, int64_t from_ms,
                   int64_t *ret_utc_ms)
{
    bool zone = false;
    return parse_relative(text, now_ms, ret_utc_ms) ||
           parse_clock(text, side, from_ms, ret_utc_ms) ||
           (ocpp_time_parse(text, ret_utc_ms, &zone) && zone) || parse_local(text, ret_utc_ms);
}

bool instant_read_from(const char *flag, const char *text, enum instant_side side, int64_t now_ms,
                       int64_t from_ms, int64_t *ret_utc_ms)
{
    if (instant_parse(text, side, now_ms, from_ms, ret_utc_ms))
        return true;
    ctl_fail(CTL_USAGE,
             "--%s %s: a time is needed: 18:30 (the %s one), %s, now, 2026-10-24, "
             "'2026-10-24 20:15' (local) or 2026-10-24T18:15:00Z",
             flag, text, side == INSTANT_NEXT ? "next" : "last",
             side == INSTANT_NEXT ? "+8h" : "-2h");
    return false;
}

enum ctl_exit instant_now(const struct ctl *ctl, int64_t *ret_now_ms)
{
    json_t *status = NULL;
    enum ctl_exit rc = client_get(ctl, &status, "/v1/status");
    *ret_now_ms = rc == CTL_OK ? member_time_ms(status, "now") : 0;
    json_decref(status);
    return rc;
}

bool instant_read(const struct ctl *ctl, const char *flag, const char *text, enum instant_side side,
                  char ret_utc[32])
{
    int64_t at_ms, now_ms = 0;
    if (instant_is_relative(text) && instant_now(ctl, &now_ms) != CTL_OK)
        return false;
    if (!instant_read_from(flag, text, side, now_ms, now_ms, &at_ms))
        return false;
    ocpp_time_format(at_ms, ret_utc);
    return true;
}
