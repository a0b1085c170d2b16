/*
 * JSON to struct, by table.
 *
 * Two kinds of trouble: a deviation whose meaning is clear (deviate) is an error only when strict;
 * a value without meaning (refuse) is left absent in soft objects and an error otherwise.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ocpp/wire/decimal.h"
#include "ocpp/wire/iso8601.h"
#include "ocpp/wire/walk.h"

enum { VALIDATE_LIMIT_BYTES = 16 * 1024 * 1024 };

struct decoder {
    enum ocpp_mode mode;
    bool soft;
    struct ocpp_arena *arena;
    struct ocpp_report *report;
};

/* Where a value goes: the member of a struct, or an entry of a list. */
struct target {
    const struct ocpp_field *field;
    const struct ocpp_path *path;
    char *base; /* the struct */
};

static enum ocpp_error_code decode_object(struct decoder *d, const struct ocpp_path *path,
                                          const struct ocpp_object *object, json_t *json,
                                          void *out);

/* A tolerable deviation: OCPP_OK means go on. */
__attribute__((format(printf, 4, 5))) static enum ocpp_error_code deviate(
    struct decoder *d, const struct ocpp_path *path, enum ocpp_error_code code, const char *format,
    ...)
{
    va_list args;
    va_start(args, format);
    if (d->mode == OCPP_STRICT) {
        ocpp_report_fail(d->report, path, code, format, args);
    } else {
        ocpp_report_violation(d->report, path, format, args);
        code = OCPP_OK;
    }
    va_end(args);
    return code;
}

/* A value that cannot be understood: OCPP_OK means leave it absent and go on. */
__attribute__((format(printf, 4, 5))) static enum ocpp_error_code refuse(
    struct decoder *d, const struct ocpp_path *path, enum ocpp_error_code code, const char *format,
    ...)
{
    va_list args;
    va_start(args, format);
    if (d->mode == OCPP_STRICT || !d->soft) {
        ocpp_report_fail(d->report, path, code, format, args);
    } else {
        ocpp_report_violation(d->report, path, format, args);
        code = OCPP_OK;
    }
    va_end(args);
    return code;
}

__attribute__((format(printf, 4, 5))) static enum ocpp_error_code fail(struct decoder *d,
                                                                       const struct ocpp_path *path,
                                                                       enum ocpp_error_code code,
                                                                       const char *format, ...)
{
    va_list args;
    va_start(args, format);
    ocpp_report_fail(d->report, path, code, format, args);
    va_end(args);
    return code;
}

static enum ocpp_error_code out_of_memory(struct decoder *d, const struct ocpp_path *path)
{
    return fail(d, path, OCPP_INTERNAL_ERROR, "needs more memory than a message may take");
}

static enum ocpp_error_code wrong_type(struct decoder *d, const struct ocpp_path *path,
                                       const char *expected)
{
    return refuse(d, path, OCPP_TYPE_CONSTRAINT_VIOLATION, "must be %s", expected);
}

static void put(const struct target *t, const void *value, size_t size)
{
    memcpy(t->base + t->field->offset, value, size);
}

static void put_pointer(char *base, size_t offset, const void *pointer)
{
    memcpy(base + offset, &pointer, sizeof(pointer));
}

static void put_count(const struct target *t, size_t n)
{
    memcpy(t->base + t->field->offset_extra, &n, sizeof(n));
}

/* Strings */

/* Shortest decimal text that reads back as the same number. */
static const char *number_text(struct ocpp_arena *arena, const json_t *json)
{
    char buf[40];
    if (json_is_integer(json)) {
        snprintf(buf, sizeof(buf), "%" JSON_INTEGER_FORMAT, json_integer_value(json));
    } else {
        double value = json_real_value(json);
        snprintf(buf, sizeof(buf), "%.15g", value);
        if (strtod(buf, NULL) != value)
            snprintf(buf, sizeof(buf), "%.17g", value);
    }
    return ocpp_arena_strdup(arena, buf);
}

static const char *json_text(struct ocpp_arena *arena, const json_t *json)
{
    const size_t flags = JSON_COMPACT | JSON_REAL_PRECISION(15) | JSON_ENCODE_ANY;
    size_t size = json_dumpb(json, NULL, 0, flags);
    char *text = ocpp_arena_alloc(arena, size + 1);
    if (!text)
        return NULL;
    json_dumpb(json, text, size, flags);
    text[size] = '\0';
    return text;
}

static enum ocpp_error_code check_string(struct decoder *d, const struct ocpp_field *field,
                                         const struct ocpp_path *path, const json_t *json)
{
    size_t len = json_string_length(json);
    const char *text = json_string_value(json);
    if (memchr(text, '\0', len)) {
        enum ocpp_error_code code =
            deviate(d, path, OCPP_PROPERTY_CONSTRAINT_VIOLATION, "is cut at a NUL character");
        if (code)
            return code;
    }
    if (field->max > 0 && len > (size_t)field->max) {
        size_t n = ocpp_utf8_length(text);
        if (n > (size_t)field->max)
            return deviate(d, path, OCPP_PROPERTY_CONSTRAINT_VIOLATION,
                           "has %zu characters, at most %d are allowed", n, field->max);
    }
    return OCPP_OK;
}

/* *ret_text stays NULL if the value is to be left absent. */
static enum ocpp_error_code read_string(struct decoder *d, const struct ocpp_field *field,
                                        const struct ocpp_path *path, const json_t *json,
                                        const char **ret_text)
{
    *ret_text = NULL;
    enum ocpp_error_code code;
    if (json_is_string(json)) {
        *ret_text = json_string_value(json);
        return check_string(d, field, path, json);
    }
    if ((json_is_object(json) || json_is_array(json)) && field->type != OCPP_TYPE_ANY_TEXT)
        return wrong_type(d, path, "a string");
    code = deviate(d, path, OCPP_TYPE_CONSTRAINT_VIOLATION, "must be a string");
    if (code)
        return code;
    if (json_is_number(json))
        *ret_text = number_text(d->arena, json);
    else
        *ret_text = json_text(d->arena, json);
    return *ret_text ? OCPP_OK : out_of_memory(d, path);
}

static enum ocpp_error_code decode_string(struct decoder *d, const struct target *t, json_t *json)
{
    const char *text;
    enum ocpp_error_code code = read_string(d, t->field, t->path, json, &text);
    if (!code)
        put_pointer(t->base, t->field->offset, text);
    return code;
}

/* Numbers */

/* Nearest integer, halves away from zero, clamped to what int64 holds. */
static int64_t round_real(double value)
{
    if (value >= 9e18)
        return INT64_MAX;
    if (value <= -9e18)
        return INT64_MIN;
    return (int64_t)(value + (value < 0 ? -0.5 : 0.5));
}

static int64_t round_micro(int64_t micro, int64_t unit)
{
    return (micro + (micro < 0 ? -unit / 2 : unit / 2)) / unit;
}

static enum ocpp_error_code put_int(struct decoder *d, const struct target *t, int64_t value)
{
    const struct ocpp_field *field = t->field;
    int32_t kept = value < field->min   ? field->min
                   : value > field->max ? field->max
                                        : (int32_t)value;
    put(t, &kept, sizeof(kept));
    if (kept == value)
        return OCPP_OK;
    const char *unit = field->type == OCPP_TYPE_TENTHS ? " tenths" : "";
    return deviate(d, t->path, OCPP_PROPERTY_CONSTRAINT_VIOLATION, "must be %s %d%s",
                   value < field->min ? "at least" : "at most", kept, unit);
}

static enum ocpp_error_code decode_int(struct decoder *d, const struct target *t, json_t *json)
{
    if (json_is_integer(json))
        return put_int(d, t, json_integer_value(json));
    int64_t value = 0;
    int64_t micro;
    if (json_is_real(json))
        value = round_real(json_real_value(json));
    else if (json_is_string(json) && ocpp_decimal_micro(json_string_value(json), &micro))
        value = round_micro(micro, 1000000);
    else
        return wrong_type(d, t->path, "an integer");
    enum ocpp_error_code code =
        deviate(d, t->path, OCPP_TYPE_CONSTRAINT_VIOLATION, "must be an integer");
    return code ? code : put_int(d, t, value);
}

static enum ocpp_error_code decode_tenths(struct decoder *d, const struct target *t, json_t *json)
{
    enum ocpp_error_code code = OCPP_OK;
    int64_t tenths;
    int64_t micro;
    if (json_is_integer(json)) {
        json_int_t value = json_integer_value(json);
        bool fits = value >= INT32_MIN && value <= INT32_MAX;
        tenths = fits ? value * 10 : value < 0 ? INT64_MIN : INT64_MAX;
    } else if (json_is_real(json)) {
        /* Not a remainder test: binary fractions fail it for most decimals, also for 8.1. */
        double scaled = json_real_value(json) * 10;
        tenths = round_real(scaled);
        double off = scaled - (double)tenths;
        if (off > 1e-6 || off < -1e-6)
            code = deviate(d, t->path, OCPP_PROPERTY_CONSTRAINT_VIOLATION,
                           "must have at most one decimal");
    } else if (json_is_string(json) && ocpp_decimal_micro(json_string_value(json), &micro)) {
        tenths = round_micro(micro, 100000);
        code = deviate(d, t->path, OCPP_TYPE_CONSTRAINT_VIOLATION, "must be a number");
    } else {
        return wrong_type(d, t->path, "a number");
    }
    return code ? code : put_int(d, t, tenths);
}

static enum ocpp_error_code decode_bool(struct decoder *d, const struct target *t, json_t *json)
{
    int8_t value = json_is_true(json);
    if (!json_is_boolean(json)) {
        const char *text = json_string_value(json); /* NULL if it is none */
        bool is_int = json_is_integer(json);
        if (ocpp_ci_equal(text, "true") || (is_int && json_integer_value(json) == 1))
            value = 1;
        else if (!ocpp_ci_equal(text, "false") && !(is_int && json_integer_value(json) == 0))
            return wrong_type(d, t->path, "true or false");
        enum ocpp_error_code code =
            deviate(d, t->path, OCPP_TYPE_CONSTRAINT_VIOLATION, "must be true or false");
        if (code)
            return code;
    }
    put(t, &value, sizeof(value));
    return OCPP_OK;
}

/* Times and enums */

static enum ocpp_error_code decode_time(struct decoder *d, const struct target *t, json_t *json)
{
    if (!json_is_string(json))
        return wrong_type(d, t->path, "a time like 2026-01-31T12:00:00Z");
    int64_t utc_ms;
    bool had_zone;
    if (!ocpp_time_parse(json_string_value(json), &utc_ms, &had_zone)) {
        const char *sentence = "must be a time like 2026-01-31T12:00:00Z";
        return t->field->required
                   ? refuse(d, t->path, OCPP_PROPERTY_CONSTRAINT_VIOLATION, "%s", sentence)
                   : deviate(d, t->path, OCPP_PROPERTY_CONSTRAINT_VIOLATION, "%s", sentence);
    }
    if (!had_zone && d->report->zone_min != 0)
        utc_ms = ocpp_time_of_local(utc_ms, d->report->zone_min);
    put(t, &utc_ms, sizeof(utc_ms));
    if (had_zone)
        return OCPP_OK;
    if (d->report->zone_min != 0)
        return deviate(d, t->path, OCPP_PROPERTY_CONSTRAINT_VIOLATION,
                       "has no time zone (Z is missing); taken as the station's local time");
    return deviate(d, t->path, OCPP_PROPERTY_CONSTRAINT_VIOLATION,
                   "has no time zone (Z is missing); taken as UTC");
}

static enum ocpp_error_code enum_deviates(struct decoder *d, const struct target *t,
                                          const char *text)
{
    char allowed[150];
    ocpp_enum_list(t->field->members, allowed, sizeof(allowed));
    return deviate(d, t->path, OCPP_PROPERTY_CONSTRAINT_VIOLATION,
                   "must not be \"%.32s\" but one of %s", text, allowed);
}

static enum ocpp_error_code decode_enum(struct decoder *d, const struct target *t, json_t *json)
{
    if (!json_is_string(json))
        return wrong_type(d, t->path, "a string");
    const char *text = json_string_value(json);
    bool exact;
    int32_t value = ocpp_enum_read(t->field->members, text, &exact);
    put(t, &value, sizeof(value));
    if (t->field->offset_extra)
        put_pointer(t->base, t->field->offset_extra, text);
    return exact ? OCPP_OK : enum_deviates(d, t, text);
}

/* Objects and lists */

static enum ocpp_error_code decode_nested(struct decoder *d, const struct target *t, json_t *json)
{
    if (!json_is_object(json))
        return wrong_type(d, t->path, "an object");
    void *nested = ocpp_arena_alloc(d->arena, t->field->object->size);
    if (!nested)
        return out_of_memory(d, t->path);
    enum ocpp_error_code code = decode_object(d, t->path, t->field->object, json, nested);
    if (!code)
        put_pointer(t->base, t->field->offset, nested);
    return code;
}

/* One entry; *ret_kept tells whether it takes a place in the list. */
static enum ocpp_error_code decode_entry(struct decoder *d, const struct ocpp_field *field,
                                         const struct ocpp_path *path, json_t *json, void *place,
                                         bool *ret_kept)
{
    if (field->type == OCPP_TYPE_STRING_LIST) {
        const char *text;
        enum ocpp_error_code code = read_string(d, field, path, json, &text);
        memcpy(place, &text, sizeof(text));
        *ret_kept = text != NULL;
        return code;
    }
    *ret_kept = json_is_object(json);
    if (!*ret_kept)
        return wrong_type(d, path, "an object");
    return decode_object(d, path, field->object, json, place);
}

/* json is an array, or the single entry if n is 1. */
static enum ocpp_error_code decode_entries(struct decoder *d, const struct target *t, json_t *json,
                                           size_t n)
{
    size_t entry_size =
        t->field->type == OCPP_TYPE_STRING_LIST ? sizeof(char *) : t->field->object->size;
    char *entries = ocpp_arena_alloc(d->arena, (n ? n : 1) * entry_size);
    if (!entries)
        return out_of_memory(d, t->path);
    size_t n_kept = 0;
    for (size_t i = 0; i < n; i++) {
        struct ocpp_path path = { .up = t->path, .index = i };
        json_t *entry = json_is_array(json) ? json_array_get(json, i) : json;
        bool kept;
        enum ocpp_error_code code =
            decode_entry(d, t->field, &path, entry, entries + n_kept * entry_size, &kept);
        if (code)
            return code;
        n_kept += kept;
    }
    put_pointer(t->base, t->field->offset, entries);
    put_count(t, n_kept);
    return OCPP_OK;
}

static enum ocpp_error_code decode_list(struct decoder *d, const struct target *t, json_t *json)
{
    enum ocpp_error_code code = OCPP_OK;
    size_t n = 1;
    if (json_is_array(json)) {
        n = json_array_size(json);
        if (n > OCPP_LIST_MAX) {
            n = OCPP_LIST_MAX;
            code = deviate(d, t->path, OCPP_OCCURENCE_CONSTRAINT_VIOLATION,
                           "has more than %d entries", OCPP_LIST_MAX);
        } else if (n < (size_t)t->field->min) {
            code = deviate(d, t->path, OCPP_OCCURENCE_CONSTRAINT_VIOLATION,
                           "must have at least %d entry", t->field->min);
        }
    } else if (json_is_object(json) || t->field->type == OCPP_TYPE_STRING_LIST) {
        code = deviate(d, t->path, OCPP_TYPE_CONSTRAINT_VIOLATION, "must be a list");
    } else {
        return wrong_type(d, t->path, "a list");
    }
    return code ? code : decode_entries(d, t, json, n);
}

static enum ocpp_error_code decode_member(struct decoder *d, const struct target *t, json_t *json)
{
    switch (t->field->type) {
    case OCPP_TYPE_STRING:
    case OCPP_TYPE_ANY_TEXT:
        return decode_string(d, t, json);
    case OCPP_TYPE_INT:
        return decode_int(d, t, json);
    case OCPP_TYPE_BOOL:
        return decode_bool(d, t, json);
    case OCPP_TYPE_TIME:
        return decode_time(d, t, json);
    case OCPP_TYPE_ENUM:
        return decode_enum(d, t, json);
    case OCPP_TYPE_TENTHS:
        return decode_tenths(d, t, json);
    case OCPP_TYPE_OBJECT:
        return decode_nested(d, t, json);
    case OCPP_TYPE_LIST:
    case OCPP_TYPE_STRING_LIST:
        return decode_list(d, t, json);
    }
    return OCPP_INTERNAL_ERROR;
}

/* Members mostly come in the order of the table: begin at the one after the last hit. */
static size_t find_field(const struct ocpp_object *object, const char *name, size_t hint)
{
    for (size_t k = 0; k < object->n_fields; k++) {
        size_t i = hint + k < object->n_fields ? hint + k : hint + k - object->n_fields;
        if (strcmp(object->fields[i].name, name) == 0)
            return i;
    }
    return object->n_fields;
}

static const char *field_name(const void *fields, size_t i)
{
    return ((const struct ocpp_field *)fields)[i].name;
}

static enum ocpp_error_code unknown_member(struct decoder *d, const struct ocpp_path *path,
                                           const struct ocpp_object *object)
{
    if (d->mode != OCPP_STRICT)
        return deviate(d, path, OCPP_FORMATION_VIOLATION, "is not known");
    const char *near = ocpp_nearest(path->name, field_name, object->fields, object->n_fields);
    return deviate(d, path, OCPP_FORMATION_VIOLATION, "is no member of %s%s%s%s", object->name,
                   near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
}

static enum ocpp_error_code report_missing(struct decoder *d, const struct ocpp_path *path,
                                           const struct ocpp_object *object, uint64_t seen)
{
    for (size_t i = 0; i < object->n_fields; i++) {
        if (!object->fields[i].required || (seen >> i & 1))
            continue;
        struct ocpp_path here = { .up = path, .name = object->fields[i].name };
        enum ocpp_error_code code =
            refuse(d, &here, OCPP_OCCURENCE_CONSTRAINT_VIOLATION, "is missing");
        if (code)
            return code;
    }
    return OCPP_OK;
}

static enum ocpp_error_code decode_object(struct decoder *d, const struct ocpp_path *path,
                                          const struct ocpp_object *object, json_t *json, void *out)
{
    ocpp_clear(object, out);
    uint64_t seen = 0;
    size_t hint = 0;
    for (void *iter = json_object_iter(json); iter; iter = json_object_iter_next(json, iter)) {
        json_t *value = json_object_iter_value(iter);
        struct ocpp_path here = { .up = path, .name = json_object_iter_key(iter) };
        size_t i = find_field(object, here.name, hint);
        enum ocpp_error_code code;
        if (i == object->n_fields) {
            code = unknown_member(d, &here, object);
        } else if (json_is_null(value)) {
            code = object->fields[i].required ? OCPP_OK
                                              : deviate(d, &here, OCPP_TYPE_CONSTRAINT_VIOLATION,
                                                        "must not be null but left out");
        } else {
            struct target target = { .field = &object->fields[i], .path = &here, .base = out };
            seen |= UINT64_C(1) << i;
            hint = i + 1 < object->n_fields ? i + 1 : 0;
            code = decode_member(d, &target, value);
        }
        if (code)
            return code;
    }
    return report_missing(d, path, object, seen);
}

enum ocpp_error_code ocpp_decode(const struct ocpp_object *object, json_t *json,
                                 enum ocpp_mode mode, struct ocpp_arena *arena, void *ret_struct,
                                 struct ocpp_report *report)
{
    struct ocpp_report unused;
    if (!report) {
        ocpp_report_init(&unused);
        report = &unused;
    }
    struct decoder d = { .mode = mode, .soft = object->soft, .arena = arena, .report = report };
    struct ocpp_path root = { .up = NULL };
    if (json && !json_is_object(json) && !json_is_null(json))
        return fail(&d, &root, OCPP_FORMATION_VIOLATION, "must be an object");
    /* jansson's iteration takes NULL and null for an object without members. */
    return decode_object(&d, &root, object, json, ret_struct);
}

enum ocpp_error_code ocpp_validate(const struct ocpp_object *object, json_t *json,
                                   struct ocpp_report *report)
{
    struct ocpp_arena arena;
    ocpp_arena_init(&arena, 4096, VALIDATE_LIMIT_BYTES);
    enum ocpp_error_code code = OCPP_INTERNAL_ERROR;
    void *scratch = ocpp_arena_alloc(&arena, object->size);
    if (scratch)
        code = ocpp_decode(object, json, OCPP_STRICT, &arena, scratch, report);
    ocpp_arena_done(&arena);
    return code;
}
