#include "cmd/noxctl/cell.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cmd/noxctl/member.h"
#include "cmd/noxctl/width.h"
#include "ocpp/wire/iso8601.h"

bool cell_is_number(enum cell_kind kind)
{
    return kind == CELL_NUMBER || kind == CELL_AMPS || kind == CELL_KWH || kind == CELL_KW ||
           kind == CELL_CENTS || kind == CELL_MS;
}

void cell_time(int64_t at_ms, enum cell_clock clock, char ret_text[CELL_TIME_SIZE])
{
    time_t at = (time_t)(at_ms / 1000 - (at_ms % 1000 < 0));
    struct tm t;
    size_t n = 0;
    if (at_ms != MEMBER_UNKNOWN && localtime_r(&at, &t))
        n = clock == CELL_CLOCK_TIME ? strftime(ret_text, CELL_TIME_SIZE, "%H:%M:%S", &t)
            : clock == CELL_CLOCK_MINUTE
                ? strftime(ret_text, CELL_TIME_SIZE, "%Y-%m-%d %H:%M", &t)
                : strftime(ret_text, CELL_TIME_SIZE, "%Y-%m-%d %H:%M:%S", &t);
    if (n == 0)
        snprintf(ret_text, CELL_TIME_SIZE, "-");
}

void cell_duration(int64_t seconds, char ret_text[CELL_TIME_SIZE])
{
    if (seconds == MEMBER_UNKNOWN || seconds < 0) {
        snprintf(ret_text, CELL_TIME_SIZE, "-");
        return;
    }
    int64_t d = seconds / 86400, h = seconds / 3600 % 24, m = seconds / 60 % 60, s = seconds % 60;
    if (d > 0)
        snprintf(ret_text, CELL_TIME_SIZE, "%" PRId64 " d %02d:%02d", d, (int)h, (int)m);
    else if (h > 0)
        snprintf(ret_text, CELL_TIME_SIZE, "%d:%02d:%02d", (int)h, (int)m, (int)s);
    else
        snprintf(ret_text, CELL_TIME_SIZE, "%d:%02d", (int)m, (int)s);
}

/* A whole number as a decimal fraction: 12345 with 3 digits is 12.345. */
static void append_scaled(struct ocpp_text *out, int64_t value, int digits)
{
    int64_t unit = 1;
    for (int i = 0; i < digits; i++)
        unit *= 10;
    int64_t rest = value % unit;
    ocpp_text_append_format(out, "%s%" PRId64 ".%0*" PRId64, value < 0 && value > -unit ? "-" : "",
                            value / unit, digits, rest < 0 ? -rest : rest);
}

void cell_append_tenths(struct ocpp_text *out, int64_t tenths)
{
    if (tenths == MEMBER_UNKNOWN)
        ocpp_text_append_str(out, "-");
    else
        append_scaled(out, tenths, 1);
}

static void append_plain_number(struct ocpp_text *out, const json_t *value)
{
    if (json_is_integer(value))
        ocpp_text_append_int(out, json_integer_value(value));
    else
        ocpp_text_append_format(out, "%.12g", json_real_value(value));
}

static void append_scalar(struct ocpp_text *out, const json_t *value)
{
    if (json_is_string(value)) {
        width_append_clean(out, json_string_value(value));
    } else if (json_is_number(value)) {
        append_plain_number(out, value);
    } else if (json_is_boolean(value)) {
        ocpp_text_append_str(out, json_is_true(value) ? "true" : "false");
    } else if (value && !json_is_null(value)) {
        char *text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
        width_append_clean(out, text ? text : "");
        free(text);
    }
}

static void append_list(struct ocpp_text *out, const json_t *list, const char *between)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        if (i > 0)
            ocpp_text_append_str(out, between);
        append_scalar(out, json_array_get(list, i));
    }
}

static bool all_equal(const json_t *list)
{
    for (size_t i = 1; i < json_array_size(list); i++)
        if (!json_equal(json_array_get(list, 0), json_array_get(list, i)))
            return false;
    return json_array_size(list) > 0;
}

static void append_amps3(struct ocpp_text *out, const json_t *value)
{
    size_t n = all_equal(value) ? 1 : json_array_size(value);
    if (!json_is_array(value)) {
        cell_append_tenths(out, member_value_tenths(value));
        return;
    }
    for (size_t i = 0; i < n; i++) {
        ocpp_text_append_str(out, i > 0 ? " " : "");
        cell_append_tenths(out, member_value_tenths(json_array_get(value, i)));
    }
}

static void append_time(struct ocpp_text *out, const json_t *value, enum cell_clock clock)
{
    int64_t at_ms;
    char text[CELL_TIME_SIZE];
    if (json_is_string(value) && ocpp_time_parse(json_string_value(value), &at_ms, NULL)) {
        cell_time(at_ms, clock, text);
        ocpp_text_append_str(out, text);
    } else {
        append_scalar(out, value); /* shown as it came */
    }
}

static void append_number_kind(struct ocpp_text *out, const json_t *value, enum cell_kind kind)
{
    int64_t number = member_int(value, "");
    char text[CELL_TIME_SIZE];
    switch (kind) {
    case CELL_AMPS:
        cell_append_tenths(out, member_value_tenths(value));
        return;
    case CELL_KWH:
        append_scaled(out, number, 3);
        return;
    case CELL_KW:
        append_scaled(out, (number + (number < 0 ? -5 : 5)) / 10, 2);
        return;
    case CELL_CENTS:
        append_scaled(out, number, 2);
        return;
    case CELL_MS:
        append_scaled(out, number, 3);
        ocpp_text_append_str(out, " s");
        return;
    case CELL_SECONDS:
        cell_duration(number, text);
        ocpp_text_append_str(out, text);
        return;
    default:
        append_plain_number(out, value);
    }
}

void cell_append(struct ocpp_text *out, const json_t *value, enum cell_kind kind)
{
    if (!value || json_is_null(value) || (json_is_array(value) && json_array_size(value) == 0))
        ocpp_text_append_str(out, "-");
    else if (kind == CELL_AMPS3)
        append_amps3(out, value);
    else if (kind == CELL_TIME || kind == CELL_TIME_S)
        append_time(out, value, kind == CELL_TIME ? CELL_CLOCK_MINUTE : CELL_CLOCK_SECOND);
    else if (kind == CELL_YES_NO && json_is_boolean(value))
        ocpp_text_append_str(out, json_is_true(value) ? "yes" : "no");
    else if (json_is_array(value))
        append_list(out, value, ", ");
    else if (json_is_number(value) && kind != CELL_TEXT)
        append_number_kind(out, value, kind);
    else
        append_scalar(out, value);
}

void cell_append_csv(struct ocpp_text *out, const json_t *value)
{
    struct ocpp_text plain;
    ocpp_text_init(&plain);
    if (json_is_array(value))
        append_list(&plain, value, " ");
    else
        append_scalar(&plain, value);
    if (!strpbrk(plain.data, ",\"\r\n")) {
        ocpp_text_append(out, plain.data, plain.len);
    } else {
        ocpp_text_append(out, "\"", 1);
        for (const char *p = plain.data; *p; p++)
            ocpp_text_append(out, *p == '"' ? "\"\"" : p, *p == '"' ? 2 : 1);
        ocpp_text_append(out, "\"", 1);
    }
    ocpp_text_done(&plain);
}
