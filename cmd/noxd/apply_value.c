#include "cmd/noxd/apply_value.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "cmd/noxd/jout.h"
#include "ocpp/wire/field.h"
#include "ocpp/wire/iso8601.h"
#include "ocpp/wire/redact.h"
#include "storage/billing/calendar.h"

enum { HOUR_MS = 3600000, DATE_LEN = 10 };
#define YEAR_1996_MS INT64_C(820454400000) /* local time is known from here on */
#define YEAR_2200_MS INT64_C(7258118400000)

/* What is to be written to `at` and read from it: a type's five sides. */
struct kind {
    bool (*read)(const struct apply_field *f, json_t *json, void *at, char *ret_text, size_t size);
    void (*write)(const struct apply_field *f, const void *at, struct ocpp_text *out);
    void (*schema)(const struct apply_field *f, struct ocpp_text *out);
    size_t size;
    bool is_text;
};

static bool fail(char *ret_text, size_t size, const char *text)
{
    snprintf(ret_text, size, "%s", text);
    return false;
}

/* --- texts --- */

static bool has_control(const char *text)
{
    for (const unsigned char *c = (const unsigned char *)text; *c != '\0'; c++)
        if (*c < 0x20 || *c == 0x7F)
            return true;
    return false;
}

static bool read_text(const struct apply_field *f, json_t *json, void *at, char *ret_text,
                      size_t size)
{
    const char *text = json_string_value(json);
    if (text == NULL)
        return fail(ret_text, size, "must be text in quotes");
    if (text[0] == '\0')
        return fail(ret_text, size, "is empty; write null or leave it out if there is none");
    if (has_control(text))
        return fail(ret_text, size, "has control characters in it; remove them");
    if (ocpp_utf8_length(text) > (size_t)f->max) {
        snprintf(ret_text, size, "is longer than %" PRId64 " characters; shorten it", f->max);
        return false;
    }
    *(const char **)at = text;
    return true;
}

static bool read_id(const struct apply_field *f, json_t *json, void *at, char *ret_text,
                    size_t size)
{
    const char *id = NULL;
    if (!read_text(f, json, &id, ret_text, size))
        return false;
    if (strchr(id, '/') != NULL)
        return fail(ret_text, size, "has a '/' in it, which would end it in a URL; remove it");
    if (id[0] == ' ' || id[strlen(id) - 1] == ' ')
        return fail(ret_text, size, "has a blank at one end; remove it");
    *(const char **)at = id;
    return true;
}

static void write_text(const struct apply_field *f, const void *at, struct ocpp_text *out)
{
    (void)f;
    jout_text(out, NULL, *(const char *const *)at);
}

static void schema_type(const struct apply_field *f, const char *type, struct ocpp_text *out)
{
    if (f->required) {
        jout_text(out, "type", type);
        return;
    }
    jout_open(out, "type", '[');
    jout_text(out, NULL, type);
    jout_text(out, NULL, "null");
    jout_close(out, ']');
}

static void schema_text(const struct apply_field *f, struct ocpp_text *out)
{
    schema_type(f, "string", out);
    jout_int(out, "minLength", 1);
    jout_int(out, "maxLength", f->max);
    jout_text(out, "pattern", "^[^\\u0000-\\u001f\\u007f]*$");
}

static void schema_id(const struct apply_field *f, struct ocpp_text *out)
{
    schema_type(f, "string", out);
    jout_int(out, "minLength", 1);
    jout_int(out, "maxLength", f->max);
    jout_text(out, "pattern",
              "^[^\\u0000-\\u0020\\u007f/]([^\\u0000-\\u001f\\u007f/]*"
              "[^\\u0000-\\u0020\\u007f/])?$");
}

/* --- names --- */

enum { NAMES_MAX = 32, NAMES_BYTES = 2000 };

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool read_name(const struct apply_field *f, json_t *json, const char **ret_name,
                      char *ret_text, size_t size)
{
    if (!read_text(f, json, ret_name, ret_text, size))
        return false;
    if (strpbrk(*ret_name, " ,;|\"") != NULL)
        return fail(ret_text, size,
                    "has a blank, comma, semicolon, bar or quote in a name; use - or _");
    return true;
}

/* The text is kept in the list itself, which lives as long as the file. */
static bool keep_names(json_t *list, const char *const *name, size_t n, const char **ret_names)
{
    char text[NAMES_BYTES];
    size_t used = 0;
    for (size_t i = 0; i < n; i++) {
        if (i > 0 && strcmp(name[i], name[i - 1]) == 0)
            continue;
        used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%s", used > 0 ? " " : "",
                                 name[i]);
        if (used >= sizeof(text))
            return false;
    }
    json_t *kept = json_string(text);
    if (json_array_clear(list) != 0 || json_array_append_new(list, kept) != 0)
        return false;
    *ret_names = json_string_value(kept);
    return true;
}

static bool read_names(const struct apply_field *f, json_t *json, void *at, char *ret_text,
                       size_t size)
{
    const char *name[NAMES_MAX];
    size_t n = json_array_size(json);
    if (!json_is_array(json))
        return fail(ret_text, size, "must be a list of names: [\"nord\", \"sued\"]");
    if (n > NAMES_MAX)
        return fail(ret_text, size, "has more than 32 names; use fewer, larger groups");
    for (size_t i = 0; i < n; i++)
        if (!read_name(f, json_array_get(json, i), &name[i], ret_text, size))
            return false;
    *(const char **)at = NULL;
    if (n == 0)
        return true;
    qsort(name, n, sizeof(*name), by_name);
    return keep_names(json, name, n, at) || fail(ret_text, size, "is too long; use fewer names");
}

static void write_names(const struct apply_field *f, const void *at, struct ocpp_text *out)
{
    const char *names = *(const char *const *)at;
    char name[200];
    (void)f;
    if (names == NULL) {
        jout_null(out, NULL);
        return;
    }
    jout_open(out, NULL, '[');
    while (*names != '\0') {
        size_t n = strcspn(names, " ");
        snprintf(name, sizeof(name), "%.*s", (int)n, names);
        jout_text(out, NULL, name);
        names += n;
        names += strspn(names, " ");
    }
    jout_close(out, ']');
}

static void schema_names(const struct apply_field *f, struct ocpp_text *out)
{
    schema_type(f, "array", out);
    jout_int(out, "maxItems", NAMES_MAX);
    jout_open(out, "items", '{');
    jout_text(out, "type", "string");
    jout_int(out, "minLength", 1);
    jout_int(out, "maxLength", f->max);
    jout_text(out, "pattern", "^[^\\u0000-\\u0020\\u007f,;|\"]*$");
    jout_close(out, '}');
}

/* --- configuration keys --- */

enum { KEYS_MAX = 100, KEY_CHARACTERS = 50, VALUE_CHARACTERS = 500 };

/* Set by commands of their own, which see to it that the station is not locked out. */
static const struct {
    const char *key, *remedy;
} own_commands[] = {
    { "AuthorizationKey", "is a secret of each station; 'noxctl station key --push' sets it" },
    { "SecurityProfile", "is raised by 'noxctl station security-profile STATION N'" },
};

static int by_key(const void *a, const void *b)
{
    return strcasecmp(*(const char *const *)a, *(const char *const *)b);
}

static bool is_plain(const char *text)
{
    for (; *text != '\0'; text++)
        if ((unsigned char)*text < 0x20 || *text == 0x7F)
            return false;
    return true;
}

static bool check_key(const char *key, char *ret_text, size_t size)
{
    for (size_t i = 0; i < sizeof(own_commands) / sizeof(own_commands[0]); i++)
        if (strcasecmp(key, own_commands[i].key) == 0) {
            snprintf(ret_text, size, "%s %s", own_commands[i].key, own_commands[i].remedy);
            return false;
        }
    if (ocpp_key_is_secret(key)) {
        snprintf(ret_text, size, "%.50s holds a secret; set it by 'noxctl station config set'",
                 key);
        return false;
    }
    if (key[0] == '\0' || !is_plain(key) || strchr(key, '=') != NULL ||
        ocpp_utf8_length(key) > KEY_CHARACTERS)
        return fail(ret_text, size, "must have names of 1 to 50 characters without '='");
    return true;
}

static bool append_key(struct ocpp_text *out, const char *key, const json_t *value, char *ret_text,
                       size_t size)
{
    ocpp_text_append_str(out, key);
    if (json_is_string(value)) {
        const char *text = json_string_value(value);
        if (!is_plain(text) || ocpp_utf8_length(text) > VALUE_CHARACTERS) {
            snprintf(ret_text, size,
                     "%.50s must have at most 500 characters and no control characters", key);
            return false;
        }
        ocpp_text_append_format(out, "=%s", text);
    } else if (json_is_integer(value)) {
        ocpp_text_append_format(out, "=%" JSON_INTEGER_FORMAT, json_integer_value(value));
    } else if (json_is_boolean(value)) {
        ocpp_text_append_format(out, "=%s", json_is_true(value) ? "true" : "false");
    } else if (!json_is_null(value)) {
        snprintf(ret_text, size,
                 "%.50s must be text, a whole number, true, false, or null (leave it as it is)",
                 key);
        return false;
    }
    ocpp_text_append_str(out, "\n");
    return true;
}

/* The text is kept in the object itself, which lives as long as the file. */
static bool keep_keys(json_t *object, const char *text, const char **ret_keys)
{
    json_t *kept = json_string(text);
    if (json_object_clear(object) != 0 || json_object_set_new(object, "", kept) != 0)
        return false;
    *ret_keys = json_string_value(kept);
    return true;
}

static bool read_keys(const struct apply_field *f, json_t *json, void *at, char *ret_text,
                      size_t size)
{
    const char *name[KEYS_MAX], *key;
    json_t *value;
    size_t n = 0;
    (void)f;
    if (!json_is_object(json) || json_object_size(json) == 0)
        return fail(ret_text, size,
                    "must be an object of names and values: {\"HeartbeatInterval\": 300}");
    if (json_object_size(json) > KEYS_MAX)
        return fail(ret_text, size, "has more than 100 keys; use several templates");
    json_object_foreach(json, key, value)
    {
        if (!check_key(key, ret_text, size))
            return false;
        name[n++] = key;
    }
    qsort(name, n, sizeof(*name), by_key);
    struct ocpp_text text;
    ocpp_text_init(&text);
    bool good = true;
    for (size_t i = 0; good && i < n; i++) {
        if (i > 0 && strcasecmp(name[i], name[i - 1]) == 0) {
            snprintf(ret_text, size, "%.50s is there twice; remove one", name[i]);
            good = false;
        }
        good = good && append_key(&text, name[i], json_object_get(json, name[i]), ret_text, size);
    }
    good = good && !text.failed && keep_keys(json, text.data, at);
    ocpp_text_done(&text);
    return good;
}

static void write_keys(const struct apply_field *f, const void *at, struct ocpp_text *out)
{
    const char *line = *(const char *const *)at;
    char text[4 * (KEY_CHARACTERS + VALUE_CHARACTERS) + 2];
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
        if (equals != NULL)
            *equals = '\0';
        if (equals != NULL)
            jout_text(out, text, equals + 1);
        else
            jout_null(out, text);
        line += len + (line[len] == '\n');
    }
    jout_close(out, '}');
}

static void schema_keys(const struct apply_field *f, struct ocpp_text *out)
{
    schema_type(f, "object", out);
    jout_int(out, "minProperties", 1);
    jout_int(out, "maxProperties", KEYS_MAX);
    jout_open(out, "propertyNames", '{');
    jout_text(out, "pattern", "^[^\\u0000-\\u001f\\u007f=]{1,50}$");
    jout_close(out, '}');
    jout_open(out, "additionalProperties", '{');
    jout_open(out, "type", '[');
    jout_text(out, NULL, "string");
    jout_text(out, NULL, "integer");
    jout_text(out, NULL, "boolean");
    jout_text(out, NULL, "null");
    jout_close(out, ']');
    jout_int(out, "maxLength", VALUE_CHARACTERS);
    jout_close(out, '}');
}

/* --- words --- */

static const char *word_at(const void *words, size_t i)
{
    return ((const char *const *)words)[i];
}

static size_t count_words(const struct apply_field *f)
{
    size_t n = 0;
    while (f->words[n] != NULL)
        n++;
    return n;
}

static bool fail_word(const struct apply_field *f, const char *wrong, char *ret_text, size_t size)
{
    size_t n = count_words(f), used;
    const char *nearest = wrong != NULL ? ocpp_nearest(wrong, word_at, f->words, n) : NULL;
    if (nearest != NULL) {
        snprintf(ret_text, size, "is none of the known words; did you mean %s?", nearest);
        return false;
    }
    used = (size_t)snprintf(ret_text, size, "must be one of");
    for (size_t i = 0; i < n && used < size; i++)
        used +=
            (size_t)snprintf(ret_text + used, size - used, "%s %s", i > 0 ? "," : "", f->words[i]);
    return false;
}

static bool find_word(const struct apply_field *f, json_t *json, size_t *ret_i, char *ret_text,
                      size_t size)
{
    const char *text = json_string_value(json);
    for (size_t i = 0; text != NULL && f->words[i] != NULL; i++) {
        if (strcmp(f->words[i], text) == 0) {
            *ret_i = i;
            return true;
        }
    }
    return fail_word(f, text, ret_text, size);
}

static bool read_word(const struct apply_field *f, json_t *json, void *at, char *ret_text,
                      size_t size)
{
    size_t i;
    if (!find_word(f, json, &i, ret_text, size))
        return false;
    *(const char **)at = f->words[i];
    return true;
}

static bool read_choice(const struct apply_field *f, json_t *json, void *at, char *ret_text,
                        size_t size)
{
    size_t i;
    if (!find_word(f, json, &i, ret_text, size))
        return false;
    *(int32_t *)at = (int32_t)(f->min + (int64_t)i);
    return true;
}

static void write_choice(const struct apply_field *f, const void *at, struct ocpp_text *out)
{
    int64_t i = *(const int32_t *)at - f->min;
    jout_text(out, NULL, i >= 0 && (size_t)i < count_words(f) ? f->words[i] : NULL);
}

static void schema_words(const struct apply_field *f, struct ocpp_text *out)
{
    jout_open(out, "enum", '[');
    for (size_t i = 0; f->words[i] != NULL; i++)
        jout_text(out, NULL, f->words[i]);
    if (!f->required)
        jout_null(out, NULL);
    jout_close(out, ']');
}

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
    fail(ret_text, size, text.data);
    ocpp_text_done(&text);
    return false;
}

static bool read_int(const struct apply_field *f, json_t *json, void *at, char *ret_text,
                     size_t size)
{
    if (!json_is_integer(json))
        return fail(ret_text, size, "must be a whole number without quotes");
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
    schema_type(f, "integer", out);
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
        return fail(ret_text, size, "must be a number without quotes");
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
    schema_type(f, "number", out);
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
        return fail(ret_text, size,
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
    int64_t bp;
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
    schema_type(f, "number", out);
    schema_limits(f, 2, out);
}

static bool read_degrees(const struct apply_field *f, json_t *json, void *at, char *ret_text,
                         size_t size)
{
    /* More decimals than a centimetre needs are common in copied coordinates: rounded. */
    if (!json_is_number(json))
        return fail(ret_text, size, "must be a number of degrees without quotes");
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
    schema_type(f, "number", out);
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
    schema_type(f, "number", out);
    schema_limits(f, 6, out);
}

static bool read_bool(const struct apply_field *f, json_t *json, void *at, char *ret_text,
                      size_t size)
{
    (void)f;
    if (!json_is_boolean(json))
        return fail(ret_text, size, "must be true or false without quotes");
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
    schema_type(f, "boolean", out);
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
        return fail(ret_text, size, "must be text, so that it stays exact: \"0.49\"");
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
    schema_type(f, "string", out);
    jout_text(out, "pattern", "^[0-9]{1,11}(\\.[0-9]{1,4})?$");
}

static void schema_cents(const struct apply_field *f, struct ocpp_text *out)
{
    schema_type(f, "string", out);
    jout_text(out, "pattern", "^[0-9]{1,13}(\\.[0-9]{1,2})?$");
}

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
        return fail(ret_text, size, "must be a time of day like \"08:00\", at most \"24:00\"");
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
    schema_type(f, "string", out);
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
        return fail(ret_text, size,
                    "must be a date like \"2026-10-31\", or an instant with time and zone");
    if (ms < YEAR_1996_MS || ms >= YEAR_2200_MS)
        return fail(ret_text, size, "must lie between the years 1996 and 2199");
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
    schema_type(f, "string", out);
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
        return fail(ret_text, size, "must be a date like \"2025-04-15\"");
    *(const char **)at = text;
    return true;
}

static void schema_date_text(const struct apply_field *f, struct ocpp_text *out)
{
    schema_type(f, "string", out);
    jout_text(out, "pattern", "^" DATE_PATTERN "$");
}

/* --- the table --- */

#define TEXT_SIZE sizeof(const char *), true

static const struct kind kinds[] = {
    [APPLY_ID] = { read_id, write_text, schema_id, TEXT_SIZE },
    [APPLY_TEXT] = { read_text, write_text, schema_text, TEXT_SIZE },
    [APPLY_WORD] = { read_word, write_text, schema_words, TEXT_SIZE },
    [APPLY_NAMES] = { read_names, write_names, schema_names, TEXT_SIZE },
    [APPLY_CHOICE] = { read_choice, write_choice, schema_words, sizeof(int32_t), false },
    [APPLY_INT] = { read_int, write_int, schema_int, sizeof(int32_t), false },
    [APPLY_BOOL] = { read_bool, write_bool, schema_bool, sizeof(bool), false },
    [APPLY_AMPS] = { read_amps, write_amps, schema_amps, sizeof(int32_t), false },
    [APPLY_AMPS3] = { read_amps3, write_amps3, schema_amps3, 3 * sizeof(int32_t), false },
    [APPLY_PERCENT] = { read_percent, write_percent, schema_percent, sizeof(int32_t), false },
    [APPLY_MONEY_E4] = { read_e4, write_e4, schema_e4, sizeof(int32_t), false },
    [APPLY_CENTS] = { read_cents, write_cents, schema_cents, sizeof(int32_t), false },
    [APPLY_MINUTES] = { read_minutes, write_minutes, schema_minutes, sizeof(int32_t), false },
    [APPLY_CLOCK] = { read_clock, write_clock, schema_clock, sizeof(int32_t), false },
    [APPLY_DAY_BEGIN] = { read_day_begin, write_day_begin, schema_day, sizeof(int64_t), false },
    [APPLY_DAY_END] = { read_day_end, write_day_end, schema_day, sizeof(int64_t), false },
    [APPLY_DATE_TEXT] = { read_date_text, write_text, schema_date_text, TEXT_SIZE },
    [APPLY_DEGREES] = { read_degrees, write_degrees, schema_degrees, sizeof(int64_t), false },
    [APPLY_KEYS] = { read_keys, write_keys, schema_keys, TEXT_SIZE },
    [APPLY_MICRO] = { read_micro, write_micro, schema_micro, sizeof(int64_t), false },
};

bool apply_value_read(const struct apply_field *f, json_t *json, void *at, char *ret_text,
                      size_t size)
{
    return kinds[f->type].read(f, json, at, ret_text, size);
}

void apply_value_write(const struct apply_field *f, const void *at, struct ocpp_text *out)
{
    kinds[f->type].write(f, at, out);
}

void apply_value_schema(const struct apply_field *f, struct ocpp_text *out)
{
    kinds[f->type].schema(f, out);
}

void apply_value_default(const struct apply_field *f, void *at)
{
    const struct kind *kind = &kinds[f->type];
    if (kind->is_text)
        *(const char **)at = f->fallback_text;
    else if (kind->size == sizeof(int64_t))
        *(int64_t *)at = f->fallback;
    else if (f->type == APPLY_BOOL)
        *(bool *)at = f->fallback != 0;
    else
        for (size_t i = 0; i < kind->size / sizeof(int32_t); i++)
            ((int32_t *)at)[i] = (int32_t)f->fallback;
}

bool apply_value_copy(const struct apply_field *f, void *at, const void *from,
                      struct ocpp_arena *arena)
{
    const struct kind *kind = &kinds[f->type];
    memcpy(at, from, kind->size);
    const char *text = kind->is_text ? *(const char *const *)from : NULL;
    if (text == NULL)
        return true;
    *(const char **)at = ocpp_arena_strdup(arena, text);
    return *(const char **)at != NULL;
}
