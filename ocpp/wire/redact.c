#include "ocpp/wire/redact.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "ocpp/wire/text.h"

enum { DEPTH_MAX = 32 };

static const char hidden[] = "***";

bool ocpp_key_is_secret(const char *key)
{
    static const char *const words[] = { "authorizationkey", "password",  "passwd",
                                         "secret",           "token",     "psk",
                                         "apikey",           "privatekey" };
    for (; *key != '\0'; key++)
        for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
            if (strncasecmp(key, words[i], strlen(words[i])) == 0)
                return true;
    return false;
}

bool ocpp_text_has_secret(const char *text)
{
    static const char *const words[] = { "authorizationkey", "password" };
    if (strpbrk(text, ":={") == NULL)
        return false;
    for (; *text != '\0'; text++)
        for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
            if (strncasecmp(text, words[i], strlen(words[i])) == 0)
                return true;
    return false;
}

/* {"key": "AuthorizationKey", "value": ...} of ChangeConfiguration and GetConfiguration. */
static bool hide_value(json_t *object)
{
    const char *key = json_string_value(json_object_get(object, "key"));
    json_t *value = json_object_get(object, "value");
    if (key == NULL || value == NULL || json_is_null(value) || !ocpp_key_is_secret(key))
        return false;
    json_object_set_new(object, "value", json_string(hidden));
    return true;
}

static bool replace(struct ocpp_text *text, size_t from, size_t to)
{
    struct ocpp_text out;
    ocpp_text_init(&out);
    ocpp_text_append(&out, text->data, from);
    ocpp_text_append_str(&out, hidden);
    ocpp_text_append(&out, text->data + to, text->len - to);
    ocpp_text_done(text);
    *text = out;
    return true;
}

/* The name and password before '@', and the segment behind "/files/". */
static bool hide_in_url(struct ocpp_text *url)
{
    bool any = false;
    const char *host = strstr(url->data, "://");
    if (host == NULL)
        return false;
    host += 3;
    size_t begin = (size_t)(host - url->data), len = strcspn(host, "/?#");
    for (size_t i = len; i > 0; i--)
        if (host[i - 1] == '@') {
            any = replace(url, begin, begin + i - 1);
            break;
        }
    char *files = strstr(url->data + begin, "/files/");
    if (files != NULL) {
        size_t from = (size_t)(files - url->data) + strlen("/files/");
        size_t token = strcspn(url->data + from, "/?#");
        if (token > 0)
            any = replace(url, from, from + token);
    }
    return any;
}

static json_t *without_secret(json_t *string)
{
    struct ocpp_text url;
    json_t *hidden_one = NULL;
    if (ocpp_text_has_secret(json_string_value(string)))
        return json_string(hidden);
    if (strstr(json_string_value(string), "://") == NULL)
        return NULL;
    ocpp_text_init(&url);
    ocpp_text_append_str(&url, json_string_value(string));
    if (hide_in_url(&url))
        hidden_one = json_string(url.failed ? hidden : url.data);
    ocpp_text_done(&url);
    return hidden_one;
}

static bool redact(json_t *value, int depth)
{
    const char *name;
    json_t *member, *other;
    size_t i;
    void *next;
    bool any = false;
    if (depth == DEPTH_MAX)
        return false;
    if (json_is_object(value)) {
        any = hide_value(value);
        json_object_foreach_safe(value, next, name, member)
        {
            other = json_is_string(member) ? without_secret(member) : NULL;
            any = other != NULL || redact(member, depth + 1) || any;
            if (other != NULL)
                json_object_set_new(value, name, other);
        }
    }
    json_array_foreach(value, i, member)
    {
        other = json_is_string(member) ? without_secret(member) : NULL;
        any = other != NULL || redact(member, depth + 1) || any;
        if (other != NULL)
            json_array_set_new(value, i, other);
    }
    return any;
}

bool ocpp_redact(json_t *payload)
{
    return redact(payload, 0);
}
