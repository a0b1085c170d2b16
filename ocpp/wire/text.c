#include "ocpp/wire/text.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void ocpp_text_init(struct ocpp_text *text)
{
    *text = (struct ocpp_text){ .data = "" }; /* never written to while cap is 0 */
}

void ocpp_text_done(struct ocpp_text *text)
{
    if (!text)
        return;
    if (text->cap > 0)
        free(text->data);
    ocpp_text_init(text);
}

void ocpp_text_reset(struct ocpp_text *text)
{
    text->len = 0;
    text->failed = false;
    if (text->cap > 0)
        text->data[0] = '\0';
}

void ocpp_text_truncate(struct ocpp_text *text, size_t len)
{
    if (len >= text->len)
        return;
    text->len = len;
    text->data[len] = '\0';
}

/* Make room for n more bytes and the NUL. */
static bool reserve(struct ocpp_text *text, size_t n)
{
    if (text->failed)
        return false;
    if (n < text->cap - text->len && text->cap > 0)
        return true;
    if (n >= SIZE_MAX / 4 || text->cap >= SIZE_MAX / 4) {
        text->failed = true;
        return false;
    }
    size_t cap = text->cap ? text->cap : 256;
    while (cap - text->len <= n)
        cap *= 2;
    char *data = realloc(text->cap ? text->data : NULL, cap);
    if (!data) {
        text->failed = true;
        return false;
    }
    text->data = data;
    text->cap = cap;
    return true;
}

void ocpp_text_append(struct ocpp_text *text, const char *bytes, size_t n_bytes)
{
    if (!reserve(text, n_bytes))
        return;
    memcpy(text->data + text->len, bytes, n_bytes);
    text->len += n_bytes;
    text->data[text->len] = '\0';
}

void ocpp_text_append_str(struct ocpp_text *text, const char *str)
{
    ocpp_text_append(text, str, strlen(str));
}

void ocpp_text_append_int(struct ocpp_text *text, int64_t value)
{
    char buf[24];
    int n = snprintf(buf, sizeof(buf), "%" PRId64, value);
    ocpp_text_append(text, buf, (size_t)n);
}

void ocpp_text_append_format(struct ocpp_text *text, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int n = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (n < 0 || !reserve(text, (size_t)n))
        return;
    va_start(args, format);
    vsnprintf(text->data + text->len, (size_t)n + 1, format, args);
    va_end(args);
    text->len += (size_t)n;
}

/* The number of bytes of the UTF-8 sequence at s (terminated by NUL), 0 if it is not valid. */
static size_t utf8_sequence(const unsigned char *s)
{
    if (s[0] < 0x80)
        return 1;
    size_t n = s[0] >= 0xf0 ? 4 : s[0] >= 0xe0 ? 3 : 2;
    if (s[0] < 0xc2 || s[0] > 0xf4)
        return 0;
    for (size_t i = 1; i < n; i++)
        if ((s[i] & 0xc0) != 0x80) /* stops at the NUL, too */
            return 0;
    if (s[0] == 0xe0 && s[1] < 0xa0)
        return 0; /* overlong */
    if (s[0] == 0xed && s[1] > 0x9f)
        return 0; /* surrogate */
    if ((s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f))
        return 0;
    return n;
}

static void append_escape(struct ocpp_text *text, unsigned char c)
{
    char buf[8] = { '\\' };
    size_t n = 2;
    switch (c) {
    case '"':
    case '\\':
        buf[1] = (char)c;
        break;
    case '\n':
        buf[1] = 'n';
        break;
    case '\r':
        buf[1] = 'r';
        break;
    case '\t':
        buf[1] = 't';
        break;
    default:
        n = (size_t)snprintf(buf, sizeof(buf), "\\u%04x", c);
    }
    ocpp_text_append(text, buf, n);
}

void ocpp_text_append_json_string(struct ocpp_text *text, const char *str)
{
    ocpp_text_append(text, "\"", 1);
    const char *run = str; /* start of bytes that need no change */
    const char *at = str;
    while (*at) {
        unsigned char c = (unsigned char)*at;
        size_t n = c < 0x80 ? 1 : utf8_sequence((const unsigned char *)at);
        if (n > 0 && c >= 0x20 && c != '"' && c != '\\') {
            at += n;
            continue;
        }
        ocpp_text_append(text, run, (size_t)(at - run));
        if (n == 0)
            ocpp_text_append_str(text, "\xef\xbf\xbd");
        else
            append_escape(text, c);
        run = ++at;
    }
    ocpp_text_append(text, run, (size_t)(at - run));
    ocpp_text_append(text, "\"", 1);
}

static unsigned char ascii_lower(char c)
{
    return (unsigned char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

bool ocpp_ci_equal(const char *a, const char *b)
{
    if (!a || !b)
        return a == b;
    while (*a && ascii_lower(*a) == ascii_lower(*b)) {
        a++;
        b++;
    }
    return *a == *b;
}
