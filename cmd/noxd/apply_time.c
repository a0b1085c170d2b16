/* Values of the apply file that are days and times of day. */
#include <stdio.h>
#include <string.h>

#include "cmd/noxd/apply_kind.h"
#include "cmd/noxd/jout.h"
#include "ocpp/wire/iso8601.h"
#include "storage/billing/calendar.h"

enum { HOUR_MS = 3600000, DATE_LEN = 10 };
#define YEAR_1996_MS INT64_C(820454400000) /* local time is known from here on */
#define YEAR_2200_MS INT64_C(7258118400000)

/* --- times --- */

static bool read_clock(const struct apply_field *f, json_t *json, void *at, char *ret_text,
                       size_t size)
{
    const char *t = json_string_value(json);
    (void)f;
    bool good = t != NULL && strlen(t) == 5 && strspn(t, "0123456789") == 2 && t[2] == ':' &&
                strspn(t + 3, "0123456789") == 2;
    int32_t hour = good ? (t[0] - '0') * 10 + (t[1] - '0') : 0;
    int32_t minute = good ? (t[3] - '0') * 10 + (t[4] - '0') : 0;
    if (!good || minute > 59 || hour * 60 + minute > 1440)
        return apply_fail(ret_text, size,
                          "must be a time of day like \"08:00\", at most \"24:00\"");
    *(int32_t *)at = hour * 60 + minute;
    return true;
}

static void write_clock(const struct apply_field *f, const void *at, struct ocpp_text *out)
{
    char text[16];
    int32_t minutes = *(const int32_t *)at;
    (void)f;
    snprintf(text, sizeof(text), "%02d:%02d", minutes / 60, minutes % 60);
    jout_text(out, NULL, text);
}

static void schema_clock(const struct apply_field *f, struct ocpp_text *out)
{
    apply_schema_type(f, "string", out);
    jout_text(out, "pattern", "^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$");
}

/* The local midnight after one: six hours into the next day, whatever the clocks do. */
static int64_t next_midnight(int64_t midnight_ms)
{
    char local[26];
    int64_t next = midnight_ms;
    cal_format_local(midnight_ms + 30 * (int64_t)HOUR_MS, local);
    local[DATE_LEN] = '\0';
    cal_date(local, &next);
    return next;
}

static bool read_day(json_t *json, bool end, int64_t *ret_ms, char *ret_text, size_t size)
{
    const char *text = json_string_value(json);
    bool had_zone = false;
    int64_t ms = 0;
    bool good = text != NULL && strlen(text) == DATE_LEN && cal_date(text, &ms);
    if (good && end)
        ms = next_midnight(ms);
    if (!good)
        good = text != NULL && ocpp_time_parse(text, &ms, &had_zone) && had_zone;
    if (!good)
        return apply_fail(ret_text, size,
                          "must be a date like \"2026-10-31\", or an instant with time and zone");
    if (ms < YEAR_1996_MS || ms >= YEAR_2200_MS)
        return apply_fail(ret_text, size, "must lie between the years 1996 and 2199");
    *ret_ms = ms;
    return true;
}

static bool read_day_begin(const struct apply_field *f, json_t *json, void *at, char *ret_text,
                           size_t size)
{
    (void)f;
    return read_day(json, false, at, ret_text, size);
}

static bool read_day_end(const struct apply_field *f, json_t *json, void *at, char *ret_text,
                         size_t size)
{
    (void)f;
    return read_day(json, true, at, ret_text, size);
}

/* As a date if it is a local midnight, else as an instant. */
static void write_day(int64_t ms, bool end, struct ocpp_text *out)
{
    char local[26];
    int64_t day;
    if (ms == STORE_ABSENT) {
        jout_null(out, NULL);
        return;
    }
    cal_format_local(end ? ms - HOUR_MS : ms, local);
    local[DATE_LEN] = '\0';
    if (cal_date(local, &day) && (end ? next_midnight(day) : day) == ms)
        jout_text(out, NULL, local);
    else
        jout_time(out, NULL, ms);
}

static void write_day_begin(const struct apply_field *f, const void *at, struct ocpp_text *out)
{
    (void)f;
    write_day(*(const int64_t *)at, false, out);
}

static void write_day_end(const struct apply_field *f, const void *at, struct ocpp_text *out)
{
    (void)f;
    write_day(*(const int64_t *)at, true, out);
}

#define DATE_PATTERN "[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"

static void schema_day(const struct apply_field *f, struct ocpp_text *out)
{
    apply_schema_type(f, "string", out);
    jout_text(out, "pattern",
              "^" DATE_PATTERN "([Tt ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\\.[0-9]+)?)?"
              "([Zz]|[+-][0-9]{2}(:?[0-9]{2})?))?$");
}

static bool read_date_text(const struct apply_field *f, json_t *json, void *at, char *ret_text,
                           size_t size)
{
    const char *text = json_string_value(json);
    int64_t ms;
    (void)f;
    if (text == NULL || strlen(text) != DATE_LEN || !cal_date(text, &ms))
        return apply_fail(ret_text, size, "must be a date like \"2025-04-15\"");
    *(const char **)at = text;
    return true;
}

static void schema_date_text(const struct apply_field *f, struct ocpp_text *out)
{
    apply_schema_type(f, "string", out);
    jout_text(out, "pattern", "^" DATE_PATTERN "$");
}

/* --- the types --- */

#define TEXT_SIZE sizeof(const char *), true

const struct apply_kind apply_kind_clock = { read_clock, write_clock, schema_clock, sizeof(int32_t),
                                             false };
const struct apply_kind apply_kind_day_begin = { read_day_begin, write_day_begin, schema_day,
                                                 sizeof(int64_t), false };
const struct apply_kind apply_kind_day_end = { read_day_end, write_day_end, schema_day,
                                               sizeof(int64_t), false };
const struct apply_kind apply_kind_date_text = { read_date_text, apply_write_text, schema_date_text,
                                                 TEXT_SIZE };
