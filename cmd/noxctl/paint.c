#include "cmd/noxctl/paint.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "cmd/noxctl/ctl.h"
#include "cmd/noxctl/width.h"

size_t paint_room(const struct paint *p)
{
    if (p->columns == 0)
        return SIZE_MAX;
    return p->used < p->columns ? p->columns - p->used : 0;
}

static void put(struct paint *p, const char *color, const char *text, size_t room)
{
    struct ocpp_text clean;
    ocpp_text_init(&clean);
    width_append_clean(&clean, text);
    size_t start = p->out->len;
    bool colored = color && p->color && clean.len > 0;
    if (colored)
        ocpp_text_append_format(p->out, "\033[%sm", color);
    size_t before = p->out->len;
    width_append_cut(p->out, clean.data, room);
    p->used += p->out->failed ? 0 : width_of(p->out->data + before);
    if (colored && p->out->len == before)
        ocpp_text_truncate(p->out, start);
    else if (colored)
        ocpp_text_append_str(p->out, "\033[0m");
    ocpp_text_done(&clean);
}

void paint_text(struct paint *p, const char *color, const char *text)
{
    put(p, color, text, paint_room(p));
}

void paint_format(struct paint *p, const char *color, const char *format, ...)
{
    char text[1024];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    paint_text(p, color, text);
}

void paint_repeat(struct paint *p, const char *color, const char *sign, size_t n)
{
    size_t room = paint_room(p);
    if (n > room)
        n = room;
    if (n == 0)
        return;
    if (color && p->color)
        ocpp_text_append_format(p->out, "\033[%sm", color);
    for (size_t i = 0; i < n; i++)
        ocpp_text_append_str(p->out, sign);
    if (color && p->color)
        ocpp_text_append_str(p->out, "\033[0m");
    p->used += n;
}

void paint_to(struct paint *p, size_t column)
{
    if (column > p->used)
        paint_repeat(p, NULL, " ", column - p->used);
}

void paint_cell(struct paint *p, const char *color, const char *text, size_t width, bool right)
{
    size_t room = paint_room(p);
    size_t end = p->used + (width < room ? width : room);
    size_t own = width_of(text);
    if (right && own < width)
        paint_to(p, p->used + width - own);
    room = end - p->used;
    put(p, color, text, room);
    paint_to(p, end);
}

void paint_end(struct paint *p)
{
    while (p->out->len > 0 && p->out->data[p->out->len - 1] == ' ')
        ocpp_text_truncate(p->out, p->out->len - 1);
    ocpp_text_append(p->out, "\n", 1);
    p->used = 0;
    p->lines++;
}

static const struct {
    const char *word, *color;
} colors[] = {
    { "Accepted", PAINT_GOOD },    { "Charging", PAINT_GOOD },
    { "yes", PAINT_GOOD },         { "ok", PAINT_GOOD },
    { "active", PAINT_GOOD },      { "added", PAINT_GOOD },
    { "Unlocked", PAINT_GOOD },    { "Preparing", PAINT_NOTE },
    { "Finishing", PAINT_NOTE },   { "Reserved", PAINT_NOTE },
    { "Scheduled", PAINT_NOTE },   { "RebootRequired", PAINT_CARE },
    { "SuspendedEV", PAINT_NOTE }, { "SuspendedEVSE", PAINT_CARE },
    { "Pending", PAINT_CARE },     { "Unavailable", PAINT_CARE },
    { "warning", PAINT_CARE },     { "provisional", PAINT_CARE },
    { "changed", PAINT_CARE },     { "Faulted", PAINT_BAD },
    { "Rejected", PAINT_BAD },     { "Blocked", PAINT_BAD },
    { "Invalid", PAINT_BAD },      { "Expired", PAINT_BAD },
    { "NotSupported", PAINT_BAD }, { "no", PAINT_BAD },
    { "alarm", PAINT_BAD },        { "offline", PAINT_BAD },
    { "Available", PAINT_DIM },    { "-", PAINT_DIM },
};

const char *paint_color_of(const char *word)
{
    for (size_t i = 0; i < ARRAY_SIZE(colors); i++)
        if (strcmp(colors[i].word, word) == 0)
            return colors[i].color;
    return NULL;
}
