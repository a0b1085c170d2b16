/* Values of the apply file that are numbers, currents, money, truths. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cmd/noxd/apply_kind.h"
#include "cmd/noxd/jout.h"

/* --- numbers --- */

/* "must be from 6 to 500" in the unit that people write; scale = 10^decimals. */
static bool fail_range(const struct apply_field *f, int decimals, const char *unit, char *ret_text,
                       size_t size)
{
    struct ocpp_text text;
    ocpp_text_init(&text);
    ocpp_text_append_str(&text, "must be from ");
    jout_append_decimal(&text, f->min, decimals, 0);
    ocpp_text_append_str(&text, " to ");
    jout_append_decimal(&text, f->max, decimals, 0);
    ocpp_text_append_str(&text, unit);
    apply_fail(ret_text, size, text.data);
    ocpp_text_done(&text);
    return false;
}

static bool read_int(const struct apply_field *f, json_t *json, void *at, char *ret_text,
                     size_t size)
{
    if (!json_is_integer(json))
        return apply_fail(ret_text, size, "must be a whole number without quotes");
    if (json_integer_value(json) < f->min || json_integer_value(json) > f->max)
        return fail_range(f, 0, "", ret_text, size);
    *(int32_t *)at = (int32_t)json_integer_value(json);
    return true;
}

static void write_int(const struct apply_field *f, const void *at, struct ocpp_text *out)
{
    (void)f;
    jout_int(out, NULL, *(const int32_t *)at);
}

static void schema_limits(const struct apply_field *f, int decimals, struct ocpp_text *out)
{
    jout_decimal(out, "minimum", f->min, decimals);
    jout_decimal(out, "maximum", f->max, decimals);
}

static void schema_int(const struct apply_field *f, struct ocpp_text *out)
{
    apply_schema_type(f, "integer", out);
    schema_limits(f, 0, out);
}

static bool read_minutes(const struct apply_field *f, json_t *json, void *at, char *ret_text,
                         size_t size)
{
    struct apply_field minutes = *f;
    minutes.max = f->max / 60;
    if (!read_int(&minutes, json, at, ret_text, size))
        return false;
    *(int32_t *)at *= 60;
    return true;
}

static void write_minutes(const struct apply_field *f, const void *at, struct ocpp_text *out)
{
    (void)f;
    jout_int(out, NULL, *(const int32_t *)at / 60);
}

static void schema_minutes(const struct apply_field *f, struct ocpp_text *out)
{
    struct apply_field minutes = *f;
    minutes.max = f->max / 60;
    schema_int(&minutes, out);
}

/* A JSON number as an integer of 10^-decimals; what lies below the last place is refused. */
static bool read_scaled(const struct apply_field *f, json_t *json, int decimals,
                        int stored_decimals, const char *unit, int64_t *ret_value, char *ret_text,
                        size_t size)
{
    int64_t stored = 1, written = 1;
    if (!json_is_number(json))
        return apply_fail(ret_text, size, "must be a number without quotes");
    for (int i = 0; i < stored_decimals; i++)
        stored *= 10;
    for (int i = 0; i < decimals; i++)
        written *= 10;
    double value = json_number_value(json);
    if (!(value * (double)stored >= (double)f->min - 0.4 &&
          value * (double)stored <= (double)f->max + 0.4))
        return fail_range(f, stored_decimals, unit, ret_text, size);
    double places = value * (double)written;
    if (fabs(places - round(places)) > 1e-6 + fabs(places) * 4e-16) {
        snprintf(ret_text, size, "has more than %d decimal%s; round it", decimals,
                 decimals == 1 ? "" : "s");
        return false;
    }
    *ret_value = (int64_t)llround(places) * (stored / written);
    return true;
}

static bool read_amps(const struct apply_field *f, json_t *json, void *at, char *ret_text,
                      size_t size)
{
    int64_t ma;
    if (!read_scaled(f, json, 1, 3, " A", &ma, ret_text, size))
        return false;
    *(int32_t *)at = (int32_t)ma;
    return true;
}

static void write_amps(const struct apply_field *f, const void *at, struct ocpp_text *out)
{
    (void)f;
    jout_decimal(out, NULL, *(const int32_t *)at, 3);
}

static void schema_amps(const struct apply_field *f, struct ocpp_text *out)
{
    apply_schema_type(f, "number", out);
    schema_limits(f, 3, out);
}

static bool read_amps3(const struct apply_field *f, json_t *json, void *at, char *ret_text,
                       size_t size)
{
    int32_t *ma = at;
    if (json_is_number(json)) {
        if (!read_amps(f, json, &ma[0], ret_text, size))
            return false;
        ma[1] = ma[2] = ma[0];
        return true;
    }
    if (!json_is_array(json) || json_array_size(json) != 3)
        return apply_fail(ret_text, size,
                          "must be a number of amperes, or a list of three: [L1, L2, L3]");
    for (size_t phase = 0; phase < 3; phase++) {
        char text[160];
        if (!read_amps(f, json_array_get(json, phase), &ma[phase], text, sizeof(text))) {
            snprintf(ret_text, size, "L%zu %s", phase + 1, text);
            return false;
        }
    }
    return true;
}

static void write_amps3(const struct apply_field *f, const void *at, struct ocpp_text *out)
{
    const int32_t *ma = at;
    jout_open(out, NULL, '[');
    for (int phase = 0; phase < 3; phase++)
        write_amps(f, &ma[phase], out);
    jout_close(out, ']');
}

static void schema_amps3(const struct apply_field *f, struct ocpp_text *out)
{
    jout_open(out, "anyOf", '[');
    jout_open(out, NULL, '{');
    schema_amps(f, out);
    jout_close(out, '}');
    jout_open(out, NULL, '{');
    jout_text(out, "type", "array");
    jout_int(out, "minItems", 3);
    jout_int(out, "maxItems", 3);
    jout_open(out, "items", '{');
    jout_text(out, "type", "number");
    schema_limits(f, 3, out);
    jout_close(out, '}');
    jout_close(out, '}');
    jout_close(out, ']');
}

static bool read_percent(const struct apply_field *f, json_t *json, void *at, char *ret_text,
                         size_t size)
{
    int64_t bp = 0;
    if (!read_scaled(f, json, 2, 2, " %", &bp, ret_text, size))
        return false;
    *(int32_t *)at = (int32_t)bp;
    return true;
}

static void write_percent(const struct apply_field *f, const void *at, struct ocpp_text *out)
{
    (void)f;
    jout_decimal(out, NULL, *(const int32_t *)at, 2);
}

static void schema_percent(const struct apply_field *f, struct ocpp_text *out)
{
    apply_schema_type(f, "number", out);
    schema_limits(f, 2, out);
}

static bool read_degrees(const struct apply_field *f, json_t *json, void *at, char *ret_text,
                         size_t size)
{
    /* More decimals than a centimetre needs are common in copied coordinates: rounded. */
    if (!json_is_number(json))
        return apply_fail(ret_text, size, "must be a number of degrees without quotes");
    double e7 = json_number_value(json) * 1e7;
    if (!(e7 >= (double)f->min && e7 <= (double)f->max))
        return fail_range(f, 7, " degrees", ret_text, size);
    *(int64_t *)at = (int64_t)llround(e7);
    return true;
}

static void write_degrees(const struct apply_field *f, const void *at, struct ocpp_text *out)
{
    (void)f;
    jout_decimal(out, NULL, *(const int64_t *)at, 7);
}

static void schema_degrees(const struct apply_field *f, struct ocpp_text *out)
{
    apply_schema_type(f, "number", out);
    schema_limits(f, 7, out);
}

static bool read_micro(const struct apply_field *f, json_t *json, void *at, char *ret_text,
                       size_t size)
{
    return read_scaled(f, json, 6, 6, "", at, ret_text, size);
}

static void write_micro(const struct apply_field *f, const void *at, struct ocpp_text *out)
{
    (void)f;
    jout_decimal(out, NULL, *(const int64_t *)at, 6);
}

static void schema_micro(const struct apply_field *f, struct ocpp_text *out)
{
    apply_schema_type(f, "number", out);
    schema_limits(f, 6, out);
}

static bool read_bool(const struct apply_field *f, json_t *json, void *at, char *ret_text,
                      size_t size)
{
    (void)f;
    if (!json_is_boolean(json))
        return apply_fail(ret_text, size, "must be true or false without quotes");
    *(bool *)at = json_is_true(json);
    return true;
}

static void write_bool(const struct apply_field *f, const void *at, struct ocpp_text *out)
{
    (void)f;
    jout_bool(out, NULL, *(const bool *)at);
}

static void schema_bool(const struct apply_field *f, struct ocpp_text *out)
{
    apply_schema_type(f, "boolean", out);
}

/* --- money: text, because JSON's numbers are binary fractions in most programs --- */

/* digits[.digits], at most `decimals` of them. */
static bool exact_decimal(const char *text, int decimals, int64_t *ret_value)
{
    int64_t value = 0;
    int seen = -1; /* places after the point */
    size_t digits = 0;
    for (const char *c = text; *c != '\0'; c++) {
        if (*c == '.' && seen < 0 && digits > 0) {
            seen = 0;
            continue;
        }
        if (*c < '0' || *c > '9' || ++digits > 15 || (seen >= 0 && ++seen > decimals))
            return false;
        value = value * 10 + (*c - '0');
    }
    if (digits == 0 || seen == 0)
        return false;
    for (int i = seen < 0 ? 0 : seen; i < decimals; i++)
        value *= 10;
    *ret_value = value;
    return true;
}

static bool read_money(const struct apply_field *f, json_t *json, int decimals, void *at,
                       char *ret_text, size_t size)
{
    int64_t value;
    if (!json_is_string(json))
        return apply_fail(ret_text, size, "must be text, so that it stays exact: \"0.49\"");
    if (!exact_decimal(json_string_value(json), decimals, &value)) {
        snprintf(ret_text, size,
                 "must be digits with a point and at most %d decimals, like \"0.49\"", decimals);
        return false;
    }
    if (value < f->min || value > f->max)
        return fail_range(f, decimals, "", ret_text, size);
    *(int32_t *)at = (int32_t)value;
    return true;
}

static bool read_e4(const struct apply_field *f, json_t *json, void *at, char *ret_text,
                    size_t size)
{
    return read_money(f, json, 4, at, ret_text, size);
}

static bool read_cents(const struct apply_field *f, json_t *json, void *at, char *ret_text,
                       size_t size)
{
    return read_money(f, json, 2, at, ret_text, size);
}

static void write_money(int32_t value, int decimals, struct ocpp_text *out)
{
    struct ocpp_text text;
    if (value < 0) {
        jout_null(out, NULL);
        return;
    }
    ocpp_text_init(&text);
    jout_append_decimal(&text, value, decimals, 2);
    jout_text(out, NULL, text.data);
    ocpp_text_done(&text);
}

static void write_e4(const struct apply_field *f, const void *at, struct ocpp_text *out)
{
    (void)f;
    write_money(*(const int32_t *)at, 4, out);
}

static void write_cents(const struct apply_field *f, const void *at, struct ocpp_text *out)
{
    (void)f;
    write_money(*(const int32_t *)at, 2, out);
}

static void schema_e4(const struct apply_field *f, struct ocpp_text *out)
{
    apply_schema_type(f, "string", out);
    jout_text(out, "pattern", "^[0-9]{1,11}(\\.[0-9]{1,4})?$");
}

static void schema_cents(const struct apply_field *f, struct ocpp_text *out)
{
    apply_schema_type(f, "string", out);
    jout_text(out, "pattern", "^[0-9]{1,13}(\\.[0-9]{1,2})?$");
}

/* --- the types --- */

const struct apply_kind apply_kind_int = { read_int, write_int, schema_int, sizeof(int32_t),
                                           false };
const struct apply_kind apply_kind_bool = { read_bool, write_bool, schema_bool, sizeof(bool),
                                            false };
const struct apply_kind apply_kind_amps = { read_amps, write_amps, schema_amps, sizeof(int32_t),
                                            false };
const struct apply_kind apply_kind_amps3 = { read_amps3, write_amps3, schema_amps3,
                                             3 * sizeof(int32_t), false };
const struct apply_kind apply_kind_percent = { read_percent, write_percent, schema_percent,
                                               sizeof(int32_t), false };
const struct apply_kind apply_kind_money_e4 = { read_e4, write_e4, schema_e4, sizeof(int32_t),
                                                false };
const struct apply_kind apply_kind_cents = { read_cents, write_cents, schema_cents, sizeof(int32_t),
                                             false };
const struct apply_kind apply_kind_minutes = { read_minutes, write_minutes, schema_minutes,
                                               sizeof(int32_t), false };
const struct apply_kind apply_kind_degrees = { read_degrees, write_degrees, schema_degrees,
                                               sizeof(int64_t), false };
const struct apply_kind apply_kind_micro = { read_micro, write_micro, schema_micro, sizeof(int64_t),
                                             false };
