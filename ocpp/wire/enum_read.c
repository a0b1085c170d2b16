/*
 * Look-up in the tables of enums.c.
 */
#include "ocpp/wire/enums.h"

#include <string.h>

#include "ocpp/wire/text.h"

const char *ocpp_enum_text(const struct ocpp_enum *members, int32_t value)
{
    return value >= 1 && value <= members->n_known ? members->texts[value - 1] : NULL;
}

int32_t ocpp_enum_value(const struct ocpp_enum *members, const char *text)
{
    if (!text)
        return 0;
    for (int32_t i = 0; i < members->n_known; i++)
        if (strcmp(members->texts[i], text) == 0)
            return i + 1;
    return OCPP_ENUM_UNKNOWN;
}

/* The same text without blanks around it, in buf; too long a text cannot be a member anyway. */
static const char *trim(const char *text, char *buf, size_t size)
{
    const char *blanks = " \t\r\n";
    text += strspn(text, blanks);
    size_t len = strlen(text);
    while (len > 0 && strchr(blanks, text[len - 1]))
        len--;
    if (len >= size)
        len = 0;
    memcpy(buf, text, len);
    buf[len] = '\0';
    return buf;
}

int32_t ocpp_enum_read(const struct ocpp_enum *members, const char *text, bool *ret_exact)
{
    int32_t value = ocpp_enum_value(members, text);
    *ret_exact = value >= 0 && value <= members->n;
    if (value >= 0)
        return value;
    char buf[64];
    text = trim(text, buf, sizeof(buf));
    for (size_t i = 0; i < members->n_aliases; i++) {
        const struct ocpp_alias *alias = &members->aliases[i];
        if (alias->legal && strcmp(alias->text, text) == 0)
            *ret_exact = true;
        if (ocpp_ci_equal(alias->text, text))
            return alias->value;
    }
    for (int32_t i = 0; i < members->n_known; i++)
        if (ocpp_ci_equal(members->texts[i], text))
            return i + 1;
    return OCPP_ENUM_UNKNOWN;
}
