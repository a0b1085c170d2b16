/* Log lines: formatting, escaping, limits. */
#include "cmd/noxd/log.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "ocpp/wire/iso8601.h"
#include "ocpp/wire/text.h"

enum { EVENTS_MAX = 64, BURST_MILLI = 50 * 1000, PER_S = 10, VALUE_MAX = 2000 };

/* How often one event came. */
struct rate {
    char event[48];
    int64_t tokens_milli, at_ms;
    uint64_t left_out;
};

struct log {
    FILE *out;
    bool json;
    enum log_level least;
    struct ocpp_text line;
    struct rate rate[EVENTS_MAX]; /* the last one is shared by all that find no room */
};

struct log *log_new(FILE *out, bool json, enum log_level least)
{
    struct log *l = calloc(1, sizeof(*l));
    if (l == NULL)
        return NULL;
    l->out = out;
    l->json = json;
    l->least = least;
    ocpp_text_init(&l->line);
    return l;
}

void log_free(struct log *l)
{
    if (l == NULL)
        return;
    ocpp_text_done(&l->line);
    free(l);
}

bool log_wants(const struct log *l, enum log_level level)
{
    return level >= l->least;
}

static struct rate *rate_of(struct log *l, const char *event, int64_t at_ms)
{
    size_t i = 0;
    while (i < EVENTS_MAX - 1 && l->rate[i].event[0] != '\0' &&
           strcmp(l->rate[i].event, event) != 0)
        i++;
    struct rate *r = &l->rate[i];
    if (r->event[0] == '\0') {
        snprintf(r->event, sizeof(r->event), "%s", event);
        r->tokens_milli = BURST_MILLI;
        r->at_ms = at_ms;
    }
    return r;
}

static bool may_write(struct rate *r, int64_t at_ms)
{
    if (at_ms > r->at_ms)
        r->tokens_milli += (at_ms - r->at_ms < 60000 ? at_ms - r->at_ms : 60000) * PER_S;
    if (r->tokens_milli > BURST_MILLI)
        r->tokens_milli = BURST_MILLI;
    r->at_ms = at_ms;
    if (r->tokens_milli < 1000) {
        r->left_out++;
        return false;
    }
    r->tokens_milli -= 1000;
    return true;
}

static const char *const level_text[] = { "debug", "info", "warning", "error" };

static bool is_plain(const char *value)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                  "._:/@+-*,%#";
    return value[0] != '\0' && value[strspn(value, allowed)] == '\0';
}

/* Length of a UTF-8 character that may be shown, else 0. */
static size_t shown_character(const unsigned char *p)
{
    size_t n = p[0] < 0x80 ? 1 : p[0] >> 5 == 6 ? 2 : p[0] >> 4 == 14 ? 3 : p[0] >> 3 == 30 ? 4 : 0;
    if (p[0] < 0x20 || p[0] == 0x7F || n == 0)
        return 0;
    for (size_t i = 1; i < n; i++)
        if ((p[i] & 0xC0) != 0x80)
            return 0;
    /* C1 controls, and marks that turn the direction of what follows. */
    bool control = n == 2 && p[0] == 0xC2 && p[1] < 0xA0;
    bool mark = n == 3 && p[0] == 0xE2 && (p[1] == 0x80 || p[1] == 0x81) && p[2] >= 0x8B &&
                !(p[1] == 0x80 && p[2] >= 0x90 && p[2] < 0xA8) && !(p[1] == 0x80 && p[2] > 0xAE);
    return control || mark ? 0 : n;
}

static void append_quoted(struct ocpp_text *line, const char *value)
{
    size_t len = strnlen(value, VALUE_MAX);
    ocpp_text_append(line, "\"", 1);
    for (size_t i = 0; i < len;) {
        const unsigned char *p = (const unsigned char *)value + i;
        size_t n = shown_character(p);
        if (*p == '"' || *p == '\\')
            ocpp_text_append(line, "\\", 1);
        if (*p == '\n')
            ocpp_text_append_str(line, "\\n");
        else if (n == 0)
            ocpp_text_append_format(line, "\\x%02x", *p);
        else
            ocpp_text_append(line, value + i, n);
        i += n > 0 ? n : 1;
    }
    ocpp_text_append_str(line, len == VALUE_MAX ? "...\"" : "\"");
}

static void append_field(struct log *l, const char *name, const char *value)
{
    struct ocpp_text *line = &l->line;
    if (l->json) {
        ocpp_text_append_format(line, ",\"%s\":", name);
        ocpp_text_append_json_string(line, value);
        return;
    }
    ocpp_text_append_format(line, " %s=", name);
    if (is_plain(value))
        ocpp_text_append_str(line, value);
    else
        append_quoted(line, value);
}

void log_event(struct log *l, int64_t at_ms, enum log_level level, const char *event,
               const struct log_field *field, size_t n_fields)
{
    struct rate *r = rate_of(l, event, at_ms);
    char at[OCPP_TIME_TEXT_SIZE], count[24];
    if (level < l->least || (level != LOG_DEBUG && !may_write(r, at_ms)))
        return;
    ocpp_time_format(at_ms, at);
    ocpp_text_reset(&l->line);
    ocpp_text_append_format(
        &l->line, l->json ? "{\"at\":\"%s\",\"level\":\"%s\",\"event\":\"%s\"" : "%s %s %s", at,
        level_text[level], event);
    for (size_t i = 0; i < n_fields; i++)
        if (field[i].value != NULL)
            append_field(l, field[i].name, field[i].value);
    if (r->left_out > 0) {
        snprintf(count, sizeof(count), "%" PRIu64, r->left_out);
        append_field(l, "left_out_before", count);
        r->left_out = 0;
    }
    ocpp_text_append_str(&l->line, l->json ? "}\n" : "\n");
    fwrite(l->line.data, 1, l->line.len, l->out);
    fflush(l->out);
}

void log_text(struct log *l, int64_t at_ms, enum log_level level, const char *event,
              const char *format, ...)
{
    char text[512];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    struct log_field field = { "text", text };
    log_event(l, at_ms, level, event, &field, 1);
}
