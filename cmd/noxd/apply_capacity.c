/* Values of the apply file that say how capacity changes with time, and where a meter's values are.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/noxd/apply_kind.h"
#include "cmd/noxd/jout.h"
#include "ocpp/wire/field.h"
#include "storage/windows.h"

enum { PATH_MAX_CHARACTERS = 120 };

/* A current per phase, in the words of limit_a. */
static const struct apply_field amps = { .name = "a",
                                         .type = APPLY_AMPS3,
                                         .required = true,
                                         .max = STORE_WINDOW_MAX_MA };

/* The same where it may be left out. */
static const struct apply_field maybe_amps = { .name = "a",
                                               .type = APPLY_AMPS3,
                                               .max = STORE_WINDOW_MAX_MA };

/* The text is kept in the list or object itself, which lives as long as the file. */
static bool keep_in_list(json_t *list, const char *text, const char **ret_text)
{
    json_t *kept = json_string(text);
    if (json_array_clear(list) != 0 || json_array_append_new(list, kept) != 0)
        return false;
    *ret_text = json_string_value(kept);
    return true;
}

static bool keep_in_object(json_t *object, const char *text, const char **ret_text)
{
    json_t *kept = json_string(text);
    if (json_object_clear(object) != 0 || json_object_set_new(object, "", kept) != 0)
        return false;
    *ret_text = json_string_value(kept);
    return true;
}

static void write_amps(const int32_t ma[3], struct ocpp_text *out)
{
    if (ma[0] == ma[1] && ma[0] == ma[2])
        jout_decimal(out, NULL, ma[0], 3);
    else
        apply_kind_amps3.write(&amps, ma, out);
}

/* --- windows of a week --- */

static bool read_days(json_t *json, uint8_t *ret_days)
{
    size_t i;
    json_t *day;
    *ret_days = 0;
    if (json == NULL || json_is_null(json))
        *ret_days = 0x7F;
    if (json_is_string(json))
        *ret_days = window_days_read(json_string_value(json));
    json_array_foreach(json, i, day)
    {
        uint8_t more = json_is_string(day) ? window_days_read(json_string_value(day)) : 0;
        if (more == 0)
            return false;
        *ret_days |= more;
    }
    return *ret_days != 0;
}

static bool read_edge(json_t *json, struct store_edge *ret_edge)
{
    return json_is_string(json) && window_edge_read(json_string_value(json), ret_edge);
}

/* @param ret_text  what is wrong, beginning with the member */
static bool read_currents(json_t *json, struct store_window *w, char *ret_text, size_t size)
{
    static const char *const member[] = { "limit_a", "reserve_a" };
    bool any = false;
    for (size_t i = 0; i < 2; i++) {
        char text[120];
        json_t *value = json_object_get(json, member[i]);
        if (value == NULL || json_is_null(value))
            continue;
        any = true;
        if (!apply_kind_amps3.read(&amps, value, i == 0 ? w->limit_ma : w->reserve_ma, text,
                                   sizeof(text))) {
            snprintf(ret_text, size, "%s %s", member[i], text);
            return false;
        }
    }
    return any || apply_fail(ret_text, size, "has neither limit_a nor reserve_a");
}

static const char *const window_members[] = { "days", "from", "to", "limit_a", "reserve_a" };

static bool has_known_members(json_t *json, char *ret_text, size_t size)
{
    const char *key;
    json_t *value;
    json_object_foreach(json, key, value)
    {
        bool known = false;
        for (size_t i = 0; i < sizeof(window_members) / sizeof(window_members[0]); i++)
            known = known || strcmp(key, window_members[i]) == 0;
        if (known)
            continue;
        snprintf(ret_text, size,
                 "%.40s is not known here; a window has days, from, to, limit_a, reserve_a", key);
        return false;
    }
    return true;
}

static bool read_window(json_t *json, struct store_window *w, char *ret_text, size_t size)
{
    static const char *const edge_words =
        "must be a local time \"17:00\", or sunrise, sunset, dawn or dusk, with an offset of up "
        "to 720 minutes: \"dusk-15\"";
    *w = (struct store_window){ .limit_ma = { -1, -1, -1 } };
    if (!json_is_object(json))
        return apply_fail(ret_text, size, "must be an object {...}");
    if (!has_known_members(json, ret_text, size))
        return false;
    if (!read_days(json_object_get(json, "days"), &w->days))
        return apply_fail(ret_text, size,
                          "days must name days: \"Mo-Fr\", \"Sat,Sun\", or a list of names");
    struct store_edge *const edge[] = { &w->from, &w->to };
    for (size_t i = 0; i < 2; i++)
        if (!read_edge(json_object_get(json, window_members[1 + i]), edge[i])) {
            snprintf(ret_text, size, "%s %s", window_members[1 + i], edge_words);
            return false;
        }
    if (w->from.kind == w->to.kind && w->from.minute == w->to.minute)
        return apply_fail(ret_text, size,
                          "from and to are the same; a whole day is from 00:00 to 24:00");
    return read_currents(json, w, ret_text, size);
}

static bool fail_window(size_t i, const char *text, char *ret_text, size_t size)
{
    snprintf(ret_text, size, "window %zu: %s", i + 1, text);
    return false;
}

static bool read_calendar(const struct apply_field *f, json_t *json, void *at, char *ret_text,
                          size_t size)
{
    struct ocpp_text lines;
    size_t i;
    json_t *value;
    bool good = true;
    (void)f;
    if (!json_is_array(json))
        return apply_fail(ret_text, size, "must be a list of windows [{...}]");
    if (json_array_size(json) > STORE_WINDOWS_MAX)
        return apply_fail(ret_text, size, "has more than 64 windows; use fewer, longer ones");
    *(const char **)at = NULL;
    if (json_array_size(json) == 0)
        return true;
    ocpp_text_init(&lines);
    json_array_foreach(json, i, value)
    {
        struct store_window w;
        char text[200], line[STORE_WINDOW_TEXT];
        good = read_window(value, &w, text, sizeof(text)) || fail_window(i, text, ret_text, size);
        if (!good)
            break;
        window_write(&w, line);
        ocpp_text_append_format(&lines, "%s\n", line);
    }
    if (good && (lines.failed || !keep_in_list(json, lines.data, at)))
        good = apply_fail(ret_text, size, "out of memory");
    ocpp_text_done(&lines);
    return good;
}

static void write_window(const struct store_window *w, struct ocpp_text *out)
{
    char line[STORE_WINDOW_TEXT], from[16], to[16];
    window_write(w, line);
    line[strcspn(line, " ")] = '\0';
    window_edge_write(&w->from, from);
    window_edge_write(&w->to, to);
    jout_open(out, NULL, '{');
    jout_text(out, "days", line);
    jout_text(out, "from", from);
    jout_text(out, "to", to);
    if (w->limit_ma[0] >= 0) {
        jout_key(out, "limit_a");
        write_amps(w->limit_ma, out);
    }
    if (w->reserve_ma[0] > 0 || w->reserve_ma[1] > 0 || w->reserve_ma[2] > 0) {
        jout_key(out, "reserve_a");
        write_amps(w->reserve_ma, out);
    }
    jout_close(out, '}');
}

static void write_calendar(const struct apply_field *f, const void *at, struct ocpp_text *out)
{
    struct store_window w[STORE_WINDOWS_MAX];
    const char *calendar = *(const char *const *)at;
    size_t n = windows_read(calendar, w, STORE_WINDOWS_MAX);
    (void)f;
    if (calendar == NULL || n == SIZE_MAX) {
        jout_null(out, NULL);
        return;
    }
    jout_open(out, NULL, '[');
    for (size_t i = 0; i < n; i++)
        write_window(&w[i], out);
    jout_close(out, ']');
}

static void schema_edge(const char *name, struct ocpp_text *out)
{
    jout_open(out, name, '{');
    jout_text(out, "type", "string");
    jout_text(out, "pattern",
              "^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00|(sunrise|sunset|dawn|dusk)"
              "([+-]([0-9]{1,2}|[1-6][0-9]{2}|7[01][0-9]|720))?)$");
    jout_close(out, '}');
}

#define DAY                                                                                       \
    "([Mm]on?|[Tt]ue?|[Ww]ed?|[Tt]hu?|[Ff]ri?|[Ss]at?|[Ss]un?|[Mm]onday|[Tt]uesday|[Ww]ednesday|" \
    "[Tt]hursday|[Ff]riday|[Ss]aturday|[Ss]unday)"
#define DAY_RANGE DAY "(-" DAY ")?"

static void schema_days(struct ocpp_text *out)
{
    static const char pattern[] = "^(daily|" DAY_RANGE "(, ?" DAY_RANGE ")*)$";
    jout_open(out, "days", '{');
    jout_open(out, "type", '[');
    jout_text(out, NULL, "string");
    jout_text(out, NULL, "array");
    jout_text(out, NULL, "null");
    jout_close(out, ']');
    jout_text(out, "pattern", pattern);
    jout_int(out, "minItems", 1);
    jout_open(out, "items", '{');
    jout_text(out, "type", "string");
    jout_text(out, "pattern", pattern);
    jout_close(out, '}');
    jout_close(out, '}');
}

static void schema_currents(const char *name, struct ocpp_text *out)
{
    jout_open(out, name, '{');
    apply_kind_amps3.schema(&maybe_amps, out);
    jout_close(out, '}');
}

static void schema_calendar(const struct apply_field *f, struct ocpp_text *out)
{
    apply_schema_type(f, "array", out);
    jout_int(out, "maxItems", STORE_WINDOWS_MAX);
    jout_open(out, "items", '{');
    jout_text(out, "type", "object");
    jout_open(out, "required", '[');
    jout_text(out, NULL, "from");
    jout_text(out, NULL, "to");
    jout_close(out, ']');
    jout_bool(out, "additionalProperties", false);
    jout_open(out, "properties", '{');
    schema_days(out);
    schema_edge("from", out);
    schema_edge("to", out);
    schema_currents("limit_a", out);
    schema_currents("reserve_a", out);
    jout_close(out, '}');
    jout_close(out, '}');
}

/* --- currents by the hour --- */

static bool read_hours(const struct apply_field *f, json_t *json, void *at, char *ret_text,
                       size_t size)
{
    int32_t ma[STORE_HOURS][3];
    char text[40 * STORE_HOURS];
    size_t i, n = json_array_size(json);
    json_t *value;
    (void)f;
    *(const char **)at = NULL;
    if (json_is_array(json) && n == 0)
        return true;
    if (!json_is_array(json) || (n != 24 && n != STORE_HOURS))
        return apply_fail(ret_text, size,
                          "must be a list of 24 currents (each hour of the day) or 168 (of the "
                          "week from Monday 00:00)");
    json_array_foreach(json, i, value)
    {
        char wrong[160];
        if (apply_kind_amps3.read(&amps, value, ma[i], wrong, sizeof(wrong)))
            continue;
        snprintf(ret_text, size, "[%zu] %s", i, wrong);
        return false;
    }
    return (hours_write(ma, n, text, sizeof(text)) && keep_in_list(json, text, at)) ||
           apply_fail(ret_text, size, "out of memory");
}

/* As many as were given: a day is not blown up to a week. */
static size_t count_hours(const char *text)
{
    size_t n = 1;
    for (; *text != '\0'; text++)
        n += *text == ' ';
    return n;
}

static void write_hours(const struct apply_field *f, const void *at, struct ocpp_text *out)
{
    const char *text = *(const char *const *)at;
    int32_t ma[STORE_HOURS][3];
    (void)f;
    if (text == NULL || !hours_read(text, ma)) {
        jout_null(out, NULL);
        return;
    }
    jout_open(out, NULL, '[');
    for (size_t h = 0; h < count_hours(text); h++)
        write_amps(ma[h], out);
    jout_close(out, ']');
}

static void schema_hours(const struct apply_field *f, struct ocpp_text *out)
{
    static const int lengths[] = { 0, 24, STORE_HOURS };
    (void)f;
    jout_open(out, "anyOf", '[');
    for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
        jout_open(out, NULL, '{');
        jout_text(out, "type", "array");
        jout_int(out, "minItems", lengths[i]);
        jout_int(out, "maxItems", lengths[i]);
        jout_open(out, "items", '{');
        apply_kind_amps3.schema(&amps, out);
        jout_close(out, '}');
        jout_close(out, '}');
    }
    jout_open(out, NULL, '{');
    jout_text(out, "type", "null");
    jout_close(out, '}');
    jout_close(out, ']');
}

/* --- paths to values --- */

/* Names and places in lists with dots between: no blanks, no empty name. */
static bool is_path(const char *text)
{
    bool name = false;
    if (ocpp_utf8_length(text) > PATH_MAX_CHARACTERS)
        return false;
    for (; *text != '\0'; text++) {
        if ((unsigned char)*text <= ' ' || *text == 0x7F || *text == '=')
            return false;
        if (*text == '.' && !name)
            return false;
        name = *text != '.';
    }
    return name;
}

static bool known_path(const struct apply_field *f, const char *name, char *ret_text, size_t size)
{
    for (size_t i = 0; f->words[i] != NULL; i++)
        if (strcmp(f->words[i], name) == 0)
            return true;
    snprintf(ret_text, size, "%.40s is not known here; it has l1, l2, l3 and at", name);
    return false;
}

static bool read_paths(const struct apply_field *f, json_t *json, void *at, char *ret_text,
                       size_t size)
{
    char text[4 * (PATH_MAX_CHARACTERS * 4 + 8)];
    size_t used = 0;
    const char *key;
    json_t *value;
    if (!json_is_object(json))
        return apply_fail(ret_text, size, "must be an object {\"l1\": \"path.to.value\", ...}");
    json_object_foreach(json, key, value)
    {
        if (!known_path(f, key, ret_text, size))
            return false;
    }
    *(const char **)at = NULL;
    for (size_t i = 0; f->words[i] != NULL; i++) {
        value = json_object_get(json, f->words[i]);
        if (value == NULL || json_is_null(value))
            continue;
        if (!json_is_string(value) || !is_path(json_string_value(value))) {
            snprintf(ret_text, size,
                     "%s must be names with dots between, like decoded_payload.l1_a", f->words[i]);
            return false;
        }
        used += (size_t)snprintf(text + used, sizeof(text) - used, "%s=%s\n", f->words[i],
                                 json_string_value(value));
    }
    return used == 0 || keep_in_object(json, text, at) ||
           apply_fail(ret_text, size, "out of memory");
}

static void write_paths(const struct apply_field *f, const void *at, struct ocpp_text *out)
{
    const char *line = *(const char *const *)at;
    char text[PATH_MAX_CHARACTERS * 4 + 8];
    (void)f;
    if (line == NULL) {
        jout_null(out, NULL);
        return;
    }
    jout_open(out, NULL, '{');
    while (*line != '\0') {
        size_t len = strcspn(line, "\n");
        snprintf(text, sizeof(text), "%.*s", (int)len, line);
        char *equals = strchr(text, '=');
        if (equals != NULL) {
            *equals = '\0';
            jout_text(out, text, equals + 1);
        }
        line += len + (line[len] == '\n');
    }
    jout_close(out, '}');
}

static void schema_paths(const struct apply_field *f, struct ocpp_text *out)
{
    apply_schema_type(f, "object", out);
    jout_bool(out, "additionalProperties", false);
    jout_open(out, "properties", '{');
    for (size_t i = 0; f->words[i] != NULL; i++) {
        jout_open(out, f->words[i], '{');
        jout_open(out, "type", '[');
        jout_text(out, NULL, "string");
        jout_text(out, NULL, "null");
        jout_close(out, ']');
        jout_int(out, "minLength", 1);
        jout_int(out, "maxLength", PATH_MAX_CHARACTERS);
        jout_text(out, "pattern",
                  "^[^\\u0000-\\u0020\\u007f=.]+(\\.[^\\u0000-\\u0020\\u007f=.]+)*$");
        jout_close(out, '}');
    }
    jout_close(out, '}');
}

/* --- the types --- */

#define TEXT_SIZE sizeof(const char *), true

const struct apply_kind apply_kind_calendar = { read_calendar, write_calendar, schema_calendar,
                                                TEXT_SIZE };
const struct apply_kind apply_kind_hours = { read_hours, write_hours, schema_hours, TEXT_SIZE };
const struct apply_kind apply_kind_paths = { read_paths, write_paths, schema_paths, TEXT_SIZE };
