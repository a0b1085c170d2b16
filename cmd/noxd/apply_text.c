/* Values of the apply file that are texts, names, words, configuration keys. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "cmd/noxd/apply_kind.h"
#include "cmd/noxd/jout.h"
#include "ocpp/wire/field.h"
#include "ocpp/wire/redact.h"

bool apply_fail(char *ret_text, size_t size, const char *text)
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
        return apply_fail(ret_text, size, "must be text in quotes");
    if (text[0] == '\0')
        return apply_fail(ret_text, size, "is empty; write null or leave it out if there is none");
    if (has_control(text))
        return apply_fail(ret_text, size, "has control characters in it; remove them");
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
        return apply_fail(ret_text, size,
                          "has a '/' in it, which would end it in a URL; remove it");
    if (id[0] == ' ' || id[strlen(id) - 1] == ' ')
        return apply_fail(ret_text, size, "has a blank at one end; remove it");
    *(const char **)at = id;
    return true;
}

void apply_write_text(const struct apply_field *f, const void *at, struct ocpp_text *out)
{
    (void)f;
    jout_text(out, NULL, *(const char *const *)at);
}

void apply_schema_type(const struct apply_field *f, const char *type, struct ocpp_text *out)
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
    apply_schema_type(f, "string", out);
    jout_int(out, "minLength", 1);
    jout_int(out, "maxLength", f->max);
    jout_text(out, "pattern", "^[^\\u0000-\\u001f\\u007f]*$");
}

static void schema_id(const struct apply_field *f, struct ocpp_text *out)
{
    apply_schema_type(f, "string", out);
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
        return apply_fail(ret_text, size,
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
        return apply_fail(ret_text, size, "must be a list of names: [\"nord\", \"sued\"]");
    if (n > NAMES_MAX)
        return apply_fail(ret_text, size, "has more than 32 names; use fewer, larger groups");
    for (size_t i = 0; i < n; i++)
        if (!read_name(f, json_array_get(json, i), &name[i], ret_text, size))
            return false;
    *(const char **)at = NULL;
    if (n == 0)
        return true;
    qsort(name, n, sizeof(*name), by_name);
    return keep_names(json, name, n, at) ||
           apply_fail(ret_text, size, "is too long; use fewer names");
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
    apply_schema_type(f, "array", out);
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
        return apply_fail(ret_text, size, "must have names of 1 to 50 characters without '='");
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
        return apply_fail(ret_text, size,
                          "must be an object of names and values: {\"HeartbeatInterval\": 300}");
    if (json_object_size(json) > KEYS_MAX)
        return apply_fail(ret_text, size, "has more than 100 keys; use several templates");
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
    apply_schema_type(f, "object", out);
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

/* --- the types --- */

#define TEXT_SIZE sizeof(const char *), true

const struct apply_kind apply_kind_id = { read_id, apply_write_text, schema_id, TEXT_SIZE };
const struct apply_kind apply_kind_text = { read_text, apply_write_text, schema_text, TEXT_SIZE };
const struct apply_kind apply_kind_word = { read_word, apply_write_text, schema_words, TEXT_SIZE };
const struct apply_kind apply_kind_names = { read_names, write_names, schema_names, TEXT_SIZE };
const struct apply_kind apply_kind_choice = { read_choice, write_choice, schema_words,
                                              sizeof(int32_t), false };
const struct apply_kind apply_kind_keys = { read_keys, write_keys, schema_keys, TEXT_SIZE };
