#include "cmd/noxctl/member.h"

#include <string.h>

#include "ocpp/wire/iso8601.h"

const json_t *member_at(const json_t *json, const char *path)
{
    while (json && *path) {
        size_t len = strcspn(path, ".");
        char name[64];
        if (len >= sizeof(name))
            return NULL;
        memcpy(name, path, len);
        name[len] = '\0';
        json = json_object_get(json, name);
        path += len + (path[len] == '.');
    }
    return json_is_null(json) ? NULL : json;
}

const char *member_text(const json_t *json, const char *path)
{
    const char *text = json_string_value(member_at(json, path));
    return text ? text : "";
}

static int64_t rounded(double value)
{
    if (!(value > -9e15 && value < 9e15))
        return MEMBER_UNKNOWN;
    return (int64_t)(value < 0 ? value - 0.5 : value + 0.5);
}

int64_t member_int(const json_t *json, const char *path)
{
    const json_t *value = member_at(json, path);
    if (json_is_integer(value))
        return json_integer_value(value);
    return json_is_real(value) ? rounded(json_real_value(value)) : MEMBER_UNKNOWN;
}

int64_t member_value_tenths(const json_t *value)
{
    return json_is_number(value) ? rounded(json_number_value(value) * 10) : MEMBER_UNKNOWN;
}

int64_t member_tenths(const json_t *json, const char *path)
{
    return member_value_tenths(member_at(json, path));
}

int64_t member_time_ms(const json_t *json, const char *path)
{
    int64_t at_ms;
    return ocpp_time_parse(member_text(json, path), &at_ms, NULL) ? at_ms : MEMBER_UNKNOWN;
}

bool member_true(const json_t *json, const char *path)
{
    return json_is_true(member_at(json, path));
}

const json_t *member_items(const json_t *answer)
{
    const json_t *items = json_is_array(answer) ? answer : member_at(answer, "items");
    return json_is_array(items) ? items : NULL;
}

const json_t *member_find(const json_t *items, const char *path, const char *text)
{
    for (size_t i = 0; i < json_array_size(items); i++) {
        const json_t *item = json_array_get(items, i);
        if (strcmp(member_text(item, path), text) == 0)
            return item;
    }
    return NULL;
}
