#include "cmd/noxd/redact.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "ocpp/wire/redact.h"

/* --- is it worth a closer look? --- */

/* The word in any case; its letter at `rare` is searched for by memchr(). */
static bool names(const char *text, size_t len, const char *word, size_t rare)
{
    const char first[] = { word[rare], (char)(word[rare] - 'a' + 'A') };
    const char *end = text + len;
    size_t word_len = strlen(word);
    for (size_t i = 0; i < sizeof(first); i++) {
        const char *at = text;
        while ((at = memchr(at, first[i], (size_t)(end - at))) != NULL) {
            if ((size_t)(at - text) >= rare && (size_t)(end - at) >= word_len - rare &&
                strncasecmp(at - rare, word, word_len) == 0)
                return true;
            at++;
        }
    }
    return false;
}

/* "key": ChangeConfiguration, GetConfiguration, "AuthorizationKey" wherever it stands; "password"
 * in vendors' data.  'k' and 'w' are rare in OCPP messages. */
static bool names_secret(const char *text, size_t len)
{
    return names(text, len, "key", 0) || names(text, len, "password", 4);
}

static bool has_url(const char *text, size_t len)
{
    return memchr(text, '/', len) != NULL;
}

/* --- URLs --- */

/* A slash, as JSON may write it. @return bytes, 0 = none */
static size_t slash(const char *at, const char *end)
{
    if (at < end && *at == '/')
        return 1;
    return end - at >= 2 && at[0] == '\\' && at[1] == '/' ? 2 : 0;
}

/* The bytes of a URL's next character, as JSON may write it: 1, or 2 with a backslash; 0 = it ends
 * here.  A quote within a string that holds JSON ends it, too, and keeps its backslash. */
static size_t url_char(const char *at, const char *end)
{
    if (at == end || strchr("\" <>", *at) != NULL || (unsigned char)*at < 0x20)
        return 0;
    if (*at != '\\')
        return 1;
    return end - at < 2 || at[1] == '"' ? 0 : 2;
}

/* Where the next slash or the end of the URL is. */
static const char *part_end(const char *at, const char *end)
{
    for (size_t n; (n = url_char(at, end)) > 0 && slash(at, end) == 0;)
        at += n;
    return at;
}

/* "files/" behind a slash. @return bytes of it, 0 = something else */
static size_t files_folder(const char *at, const char *end)
{
    if (end - at < 6 || memcmp(at, "files", 5) != 0)
        return 0;
    size_t n = slash(at + 5, end);
    return n > 0 ? 5 + n : 0;
}

/* "//user:password@": where the host begins, or NULL. */
static const char *behind_user(const char *at, const char *end)
{
    for (size_t n; (n = url_char(at, end)) > 0 && slash(at, end) == 0; at += n)
        if (*at == '@')
            return at;
    return NULL;
}

/* Copies, and leaves out what is secret in URLs. @return true if there was something */
static bool hide_urls(const char *text, size_t len, struct ocpp_text *out)
{
    const char *at = text, *end = text + len, *copied = text;
    bool found = false;
    while (at < end) {
        size_t n = slash(at, end);
        if (n == 0) {
            at++;
            continue;
        }
        at += n;
        size_t folder = files_folder(at, end), second = slash(at, end);
        const char *host = second > 0 ? behind_user(at + second, end) : NULL;
        const char *secret = NULL, *behind = NULL;
        if (folder > 0) {
            secret = at + folder;
            behind = part_end(secret, end);
        } else if (host != NULL) {
            secret = at + second;
            behind = host;
        }
        if (secret == NULL || secret == behind)
            continue;
        ocpp_text_append(out, copied, (size_t)(secret - copied));
        ocpp_text_append_str(out, REDACTED);
        copied = at = behind;
        found = true;
    }
    if (found)
        ocpp_text_append(out, copied, (size_t)(end - copied));
    return found;
}

/* --- configuration --- */

static bool hide_in(json_t *json);

static void set_secret(json_t *object, const char *member, bool *found)
{
    json_object_set_new(object, member, json_string(REDACTED));
    *found = true;
}

static bool hide_in_object(json_t *object)
{
    bool found = false;
    const char *member;
    json_t *value;
    void *next;
    const char *key = json_string_value(json_object_get(object, "key"));
    bool names_secret = key != NULL && ocpp_key_is_secret(key);
    json_object_foreach_safe(object, next, member, value)
    {
        /* {"key": "AuthorizationKey", "value": ...}, and {"AuthorizationKey": ...} */
        bool is_value = names_secret && strcasecmp(member, "key") != 0 && json_is_string(value);
        if (is_value || (ocpp_key_is_secret(member) && !json_is_boolean(value)))
            set_secret(object, member, &found);
        else if (json_is_string(value) && strcasecmp(member, "key") != 0 &&
                 ocpp_text_has_secret(json_string_value(value)))
            set_secret(object, member, &found);
        else
            found = hide_in(value) || found;
    }
    return found;
}

static bool hide_in(json_t *json)
{
    bool found = false;
    if (json_is_object(json))
        return hide_in_object(json);
    for (size_t i = 0; json_is_array(json) && i < json_array_size(json); i++)
        found = hide_in(json_array_get(json, i)) || found;
    return found;
}

/* Is there a secret's name in the bytes?  Else "key" was just a key. */
static bool may_be_secret(const char *text, size_t len)
{
    char *copy = malloc(len + 1);
    if (copy == NULL)
        return true;
    for (size_t i = 0; i < len; i++)
        copy[i] = text[i] != '\0' ? text[i] : '?';
    copy[len] = '\0';
    bool may = ocpp_key_is_secret(copy) || strchr(copy, '\\') != NULL;
    free(copy);
    return may;
}

static bool hide_keys(const char *text, size_t len, struct ocpp_text *out)
{
    if (!may_be_secret(text, len))
        return false;
    json_t *json = json_loadb(text, len, 0, NULL);
    if (json == NULL) {
        ocpp_text_append_str(out, "(a message that cannot be read and names a secret)");
        return true;
    }
    bool found = hide_in(json);
    char *clean = found ? json_dumps(json, JSON_COMPACT) : NULL;
    if (found)
        ocpp_text_append_str(out, clean != NULL ? clean : REDACTED);
    free(clean);
    json_decref(json);
    return found;
}

bool redact(const char *text, size_t len, struct ocpp_text *scratch)
{
    struct ocpp_text clean;
    ocpp_text_reset(scratch);
    bool found = names_secret(text, len) && hide_keys(text, len, scratch);
    const char *now = found ? scratch->data : text;
    size_t now_len = found ? scratch->len : len;
    if (!has_url(now, now_len))
        return found;
    ocpp_text_init(&clean);
    if (hide_urls(now, now_len, &clean)) {
        ocpp_text_reset(scratch);
        ocpp_text_append(scratch, clean.data, clean.len);
        found = true;
    }
    ocpp_text_done(&clean);
    return found;
}
