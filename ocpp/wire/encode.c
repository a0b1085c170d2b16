/*
 * Struct to JSON, and the check before it.
 */
#include <string.h>

#include "ocpp/wire/iso8601.h"
#include "ocpp/wire/walk.h"

#define UTC_MS_MIN (-62135596800000LL) /* year 1 */
#define UTC_MS_END (253402300800000LL) /* year 10000 */

static int32_t get_int(const struct ocpp_field *field, const char *base)
{
    int32_t value;
    memcpy(&value, base + field->offset, sizeof(value));
    return value;
}

static int8_t get_bool(const struct ocpp_field *field, const char *base)
{
    int8_t value;
    memcpy(&value, base + field->offset, sizeof(value));
    return value;
}

static int64_t get_time(const struct ocpp_field *field, const char *base)
{
    int64_t value;
    memcpy(&value, base + field->offset, sizeof(value));
    return value;
}

static const void *get_pointer(const struct ocpp_field *field, const char *base)
{
    const void *value;
    memcpy(&value, base + field->offset, sizeof(value));
    return value;
}

static size_t get_count(const struct ocpp_field *field, const char *base)
{
    size_t n;
    memcpy(&n, base + field->offset_extra, sizeof(n));
    return n;
}

static const char *string_entry(const void *entries, size_t i)
{
    const char *text;
    memcpy(&text, (const char *)entries + i * sizeof(text), sizeof(text));
    return text;
}

static const void *object_entry(const struct ocpp_field *field, const void *entries, size_t i)
{
    return (const char *)entries + i * field->object->size;
}

static void set_absent(const struct ocpp_field *field, char *base)
{
    const void *none = NULL;
    const size_t zero = 0;
    const int32_t no_int = field->type == OCPP_TYPE_ENUM ? 0 : OCPP_INT_ABSENT;
    const int8_t no_bool = OCPP_BOOL_ABSENT;
    const int64_t no_time = OCPP_TIME_ABSENT;
    char *at = base + field->offset;
    switch (field->type) {
    case OCPP_TYPE_BOOL:
        memcpy(at, &no_bool, sizeof(no_bool));
        return;
    case OCPP_TYPE_TIME:
        memcpy(at, &no_time, sizeof(no_time));
        return;
    case OCPP_TYPE_INT:
    case OCPP_TYPE_TENTHS:
        memcpy(at, &no_int, sizeof(no_int));
        return;
    case OCPP_TYPE_ENUM:
        memcpy(at, &no_int, sizeof(no_int));
        if (field->offset_extra)
            memcpy(base + field->offset_extra, &none, sizeof(none));
        return;
    case OCPP_TYPE_LIST:
    case OCPP_TYPE_STRING_LIST:
        memcpy(base + field->offset_extra, &zero, sizeof(zero));
        memcpy(at, &none, sizeof(none));
        return;
    case OCPP_TYPE_STRING:
    case OCPP_TYPE_ANY_TEXT:
    case OCPP_TYPE_OBJECT:
        memcpy(at, &none, sizeof(none));
        return;
    }
}

void ocpp_clear(const struct ocpp_object *object, void *ret_struct)
{
    for (size_t i = 0; i < object->n_fields; i++)
        set_absent(&object->fields[i], ret_struct);
}

static bool is_absent(const struct ocpp_field *field, const char *base)
{
    switch (field->type) {
    case OCPP_TYPE_BOOL:
        return get_bool(field, base) == OCPP_BOOL_ABSENT;
    case OCPP_TYPE_TIME:
        return get_time(field, base) == OCPP_TIME_ABSENT;
    case OCPP_TYPE_INT:
    case OCPP_TYPE_TENTHS:
        return get_int(field, base) == OCPP_INT_ABSENT;
    case OCPP_TYPE_ENUM:
        return get_int(field, base) == 0;
    case OCPP_TYPE_LIST:
    case OCPP_TYPE_STRING_LIST: /* a required list may be empty, unless it has a minimum */
        return !field->required && get_count(field, base) == 0 && !get_pointer(field, base);
    case OCPP_TYPE_STRING:
    case OCPP_TYPE_ANY_TEXT:
    case OCPP_TYPE_OBJECT:
        return !get_pointer(field, base);
    }
    return true;
}

/* Check */

static enum ocpp_error_code check_object(struct ocpp_report *report, const struct ocpp_path *path,
                                         const struct ocpp_object *object, const char *base);

__attribute__((format(printf, 4, 5))) static enum ocpp_error_code fail(struct ocpp_report *report,
                                                                       const struct ocpp_path *path,
                                                                       enum ocpp_error_code code,
                                                                       const char *format, ...)
{
    va_list args;
    va_start(args, format);
    ocpp_report_fail(report, path, code, format, args);
    va_end(args);
    return code;
}

static enum ocpp_error_code check_int(struct ocpp_report *report, const struct ocpp_path *path,
                                      const struct ocpp_field *field, int32_t value)
{
    if (value >= field->min && value <= field->max)
        return OCPP_OK;
    const char *unit = field->type == OCPP_TYPE_TENTHS ? " tenths" : "";
    return fail(report, path, OCPP_PROPERTY_CONSTRAINT_VIOLATION, "must be from %d to %d%s",
                field->min, field->max, unit);
}

static enum ocpp_error_code check_string(struct ocpp_report *report, const struct ocpp_path *path,
                                         const struct ocpp_field *field, const char *text)
{
    if (!text)
        return fail(report, path, OCPP_OCCURENCE_CONSTRAINT_VIOLATION, "is missing");
    if (field->max == 0)
        return OCPP_OK;
    size_t n = ocpp_utf8_length(text);
    if (n <= (size_t)field->max)
        return OCPP_OK;
    return fail(report, path, OCPP_PROPERTY_CONSTRAINT_VIOLATION,
                "has %zu characters, at most %d are allowed", n, field->max);
}

static enum ocpp_error_code check_enum(struct ocpp_report *report, const struct ocpp_path *path,
                                       const struct ocpp_field *field, int32_t value)
{
    if (value >= 1 && value <= field->members->n)
        return OCPP_OK;
    char allowed[150];
    ocpp_enum_list(field->members, allowed, sizeof(allowed));
    return fail(report, path, OCPP_PROPERTY_CONSTRAINT_VIOLATION, "must be one of %s", allowed);
}

static enum ocpp_error_code check_list(struct ocpp_report *report, const struct ocpp_path *path,
                                       const struct ocpp_field *field, const char *base)
{
    const void *entries = get_pointer(field, base);
    size_t n = get_count(field, base);
    if (n < (size_t)field->min)
        return fail(report, path, OCPP_OCCURENCE_CONSTRAINT_VIOLATION,
                    "must have at least %d entry", field->min);
    if (n > OCPP_LIST_MAX || (n > 0 && !entries))
        return fail(report, path, OCPP_OCCURENCE_CONSTRAINT_VIOLATION,
                    "must have at most %d entries", entries ? OCPP_LIST_MAX : 0);
    for (size_t i = 0; i < n; i++) {
        struct ocpp_path here = { .up = path, .index = i };
        enum ocpp_error_code code =
            field->type == OCPP_TYPE_STRING_LIST
                ? check_string(report, &here, field, string_entry(entries, i))
                : check_object(report, &here, field->object, object_entry(field, entries, i));
        if (code)
            return code;
    }
    return OCPP_OK;
}

static enum ocpp_error_code check_member(struct ocpp_report *report, const struct ocpp_path *path,
                                         const struct ocpp_field *field, const char *base)
{
    switch (field->type) {
    case OCPP_TYPE_STRING:
    case OCPP_TYPE_ANY_TEXT:
        return check_string(report, path, field, get_pointer(field, base));
    case OCPP_TYPE_INT:
    case OCPP_TYPE_TENTHS:
        return check_int(report, path, field, get_int(field, base));
    case OCPP_TYPE_BOOL:
        if (get_bool(field, base) == 0 || get_bool(field, base) == 1)
            return OCPP_OK;
        return fail(report, path, OCPP_PROPERTY_CONSTRAINT_VIOLATION, "must be true or false");
    case OCPP_TYPE_TIME:
        if (get_time(field, base) >= UTC_MS_MIN && get_time(field, base) < UTC_MS_END)
            return OCPP_OK;
        return fail(report, path, OCPP_PROPERTY_CONSTRAINT_VIOLATION,
                    "must be in the years 1 to 9999");
    case OCPP_TYPE_ENUM:
        return check_enum(report, path, field, get_int(field, base));
    case OCPP_TYPE_OBJECT:
        return check_object(report, path, field->object, get_pointer(field, base));
    case OCPP_TYPE_LIST:
    case OCPP_TYPE_STRING_LIST:
        return check_list(report, path, field, base);
    }
    return OCPP_INTERNAL_ERROR;
}

static enum ocpp_error_code check_object(struct ocpp_report *report, const struct ocpp_path *path,
                                         const struct ocpp_object *object, const char *base)
{
    for (size_t i = 0; i < object->n_fields; i++) {
        const struct ocpp_field *field = &object->fields[i];
        struct ocpp_path here = { .up = path, .name = field->name };
        enum ocpp_error_code code = OCPP_OK;
        if (!is_absent(field, base))
            code = check_member(report, &here, field, base);
        else if (field->required)
            code = fail(report, &here, OCPP_OCCURENCE_CONSTRAINT_VIOLATION, "is missing");
        if (code)
            return code;
    }
    return OCPP_OK;
}

enum ocpp_error_code ocpp_check(const struct ocpp_object *object, const void *in,
                                struct ocpp_report *report)
{
    struct ocpp_report unused;
    if (!report) {
        ocpp_report_init(&unused);
        report = &unused;
    }
    struct ocpp_path root = { .up = NULL };
    return check_object(report, &root, object, in);
}

/* Write: everything was checked before. */

static void write_object(const struct ocpp_object *object, const char *base, struct ocpp_text *out);

static void write_tenths(int32_t tenths, struct ocpp_text *out)
{
    int64_t size = tenths < 0 ? -(int64_t)tenths : tenths;
    if (tenths < 0)
        ocpp_text_append(out, "-", 1);
    ocpp_text_append_int(out, size / 10);
    if (size % 10) {
        ocpp_text_append(out, ".", 1);
        ocpp_text_append_int(out, size % 10);
    }
}

static void write_time(int64_t utc_ms, struct ocpp_text *out)
{
    char buf[OCPP_TIME_TEXT_SIZE];
    ocpp_time_format(utc_ms, buf);
    ocpp_text_append(out, "\"", 1);
    if (out->short_times)
        ocpp_text_append(out, buf, OCPP_TIME_TEXT_SIZE - 1 - 5); /* .sssZ */
    else
        ocpp_text_append(out, buf, OCPP_TIME_TEXT_SIZE - 1);
    ocpp_text_append_str(out, out->short_times ? "Z\"" : "\"");
}

static void write_list(const struct ocpp_field *field, const char *base, struct ocpp_text *out)
{
    const void *entries = get_pointer(field, base);
    size_t n = get_count(field, base);
    ocpp_text_append(out, "[", 1);
    for (size_t i = 0; i < n; i++) {
        if (i > 0)
            ocpp_text_append(out, ",", 1);
        if (field->type == OCPP_TYPE_STRING_LIST)
            ocpp_text_append_json_string(out, string_entry(entries, i));
        else
            write_object(field->object, object_entry(field, entries, i), out);
    }
    ocpp_text_append(out, "]", 1);
}

static void write_member(const struct ocpp_field *field, const char *base, struct ocpp_text *out)
{
    switch (field->type) {
    case OCPP_TYPE_STRING:
    case OCPP_TYPE_ANY_TEXT:
        ocpp_text_append_json_string(out, get_pointer(field, base));
        return;
    case OCPP_TYPE_INT:
        ocpp_text_append_int(out, get_int(field, base));
        return;
    case OCPP_TYPE_TENTHS:
        write_tenths(get_int(field, base), out);
        return;
    case OCPP_TYPE_BOOL:
        ocpp_text_append_str(out, get_bool(field, base) ? "true" : "false");
        return;
    case OCPP_TYPE_TIME:
        write_time(get_time(field, base), out);
        return;
    case OCPP_TYPE_ENUM:
        ocpp_text_append_json_string(out, ocpp_enum_text(field->members, get_int(field, base)));
        return;
    case OCPP_TYPE_OBJECT:
        write_object(field->object, get_pointer(field, base), out);
        return;
    case OCPP_TYPE_LIST:
    case OCPP_TYPE_STRING_LIST:
        write_list(field, base, out);
        return;
    }
}

static void write_object(const struct ocpp_object *object, const char *base, struct ocpp_text *out)
{
    bool first = true;
    ocpp_text_append(out, "{", 1);
    for (size_t i = 0; i < object->n_fields; i++) {
        const struct ocpp_field *field = &object->fields[i];
        if (is_absent(field, base))
            continue;
        ocpp_text_append_str(out, first ? "\"" : ",\"");
        ocpp_text_append_str(out, field->name);
        ocpp_text_append(out, "\":", 2);
        write_member(field, base, out);
        first = false;
    }
    ocpp_text_append(out, "}", 1);
}

bool ocpp_encode(const struct ocpp_object *object, const void *in, struct ocpp_text *out)
{
    if (out->failed || ocpp_check(object, in, NULL) != OCPP_OK)
        return false;
    size_t old_len = out->len;
    write_object(object, in, out);
    if (out->failed)
        ocpp_text_truncate(out, old_len);
    return !out->failed;
}

size_t ocpp_utf8_length(const char *text)
{
    size_t n = 0;
    for (; *text; text++)
        n += ((unsigned char)*text & 0xc0) != 0x80;
    return n;
}
