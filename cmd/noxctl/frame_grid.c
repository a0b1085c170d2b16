#include "cmd/noxctl/frame_grid.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cmd/noxctl/cell.h"
#include "cmd/noxctl/member.h"
#include "cmd/noxctl/tree.h"
#include "cmd/noxctl/width.h"

enum {
    ROOT_LINES = 4,
    FEEDER_NAME = 22,
    MEASURED = 9,
    GRANTED = 8,
    RESERVED = 9,
    LIMIT = 8,
    FOREIGN_ROOM = 25
};

/* One phase of a node in tenths of amperes; what is not known counts as 0. */
struct load {
    int64_t limit, foreign, reserved, granted, measured;
};

static int64_t tenths_of(const json_t *node, const char *member, size_t phase)
{
    const json_t *value = member_at(node, member);
    if (json_is_array(value))
        value = json_array_get(value, phase);
    int64_t tenths = member_value_tenths(value);
    return tenths == MEMBER_UNKNOWN ? 0 : tenths;
}

static struct load load_of(const json_t *node, size_t phase)
{
    return (struct load){
        .limit = tenths_of(node, "limit_a", phase),
        .foreign = tenths_of(node, "foreign_a", phase),
        .reserved = tenths_of(node, "reserved_a", phase),
        .granted = tenths_of(node, "granted_a", phase),
        .measured = tenths_of(node, "measured_a", phase),
    };
}

/* Signs of the bar up to a value, never less than those already painted. */
static size_t cells_up_to(int64_t value, int64_t limit, size_t width, size_t done)
{
    if (limit <= 0 || value <= 0)
        return done;
    int64_t cells = (value * (int64_t)width * 2 + limit) / (limit * 2);
    if (cells > (int64_t)width)
        cells = (int64_t)width;
    return (size_t)cells > done ? (size_t)cells : done;
}

/* From the left: measured, granted, reserved, free; at the right end what is kept for others. */
static void paint_bar(struct paint *p, const struct load *load, size_t width)
{
    int64_t room = load->limit - load->foreign;
    const struct {
        int64_t up_to;
        const char *sign, *color;
    } part[] = {
        { load->measured, "█", load->measured > room ? PAINT_BAD : PAINT_GOOD },
        { load->granted, "▓", load->granted > room ? PAINT_BAD : PAINT_NOTE },
        { load->reserved, "░", load->reserved > room ? PAINT_BAD : PAINT_SECOND },
        { room, "·", PAINT_DIM },
        { load->limit, "╱", PAINT_DIM },
    };
    size_t done = 0;
    for (size_t i = 0; i < sizeof(part) / sizeof(part[0]); i++) {
        size_t end = cells_up_to(part[i].up_to, load->limit, width, done);
        paint_repeat(p, part[i].color, part[i].sign, end - done);
        done = end;
    }
    paint_repeat(p, NULL, " ", width - done);
}

static void amps(int64_t tenths, char *ret_text, size_t size)
{
    if (tenths % 10 == 0)
        snprintf(ret_text, size, "%" PRId64, tenths / 10);
    else
        snprintf(ret_text, size, "%" PRId64 ".%" PRId64, tenths / 10, tenths % 10);
}

static void paint_amps(struct paint *p, const char *color, int64_t tenths, size_t width)
{
    char text[24];
    amps(tenths, text, sizeof(text));
    paint_cell(p, color, text, width, true);
}

static bool is_root(const json_t *node)
{
    return *member_text(node, "parent") == '\0';
}

static void paint_root_heading(struct paint *p, const json_t *node)
{
    size_t numbers = MEASURED + GRANTED + RESERVED + LIMIT + 3;
    size_t left = p->columns > numbers ? p->columns - numbers : 20;
    static const char foreign[] = "╱foreign ";
    char title[256], cap[32] = "";
    if (member_int(node, "cap") > 0)
        snprintf(cap, sizeof(cap), "  [cap %" PRId64 "]", member_int(node, "cap"));
    snprintf(title, sizeof(title), "%.80s%s  %.140s", member_text(node, "id"), cap,
             member_text(node, "name"));
    size_t legend = left > FOREIGN_ROOM ? width_of(foreign) : 0;
    paint_cell(p, PAINT_HEAD, title, left - legend - 1, false);
    paint_to(p, left - legend);
    if (legend > 0)
        paint_text(p, PAINT_DIM, foreign);
    paint_text(p, PAINT_GOOD, "█measured");
    paint_text(p, PAINT_NOTE, " ▓granted");
    paint_text(p, PAINT_SECOND, " ░reserved");
    paint_cell(p, PAINT_HEAD, "limit", LIMIT, true);
    paint_end(p);
}

static void paint_root(struct paint *p, const json_t *node)
{
    size_t numbers = MEASURED + GRANTED + RESERVED + LIMIT + 3;
    size_t bar = p->columns > numbers + 6 ? p->columns - numbers - 6 : 10;
    paint_root_heading(p, node);
    for (size_t phase = 0; phase < 3; phase++) {
        struct load load = load_of(node, phase);
        bool over = load.measured > load.limit - load.foreign;
        paint_format(p, PAINT_HEAD, "  L%zu ", phase + 1);
        paint_bar(p, &load, bar);
        paint_amps(p, over ? PAINT_BAD : NULL, load.measured, MEASURED + 1);
        paint_amps(p, NULL, load.granted, GRANTED + 1);
        paint_amps(p, NULL, load.reserved, RESERVED + 1);
        paint_amps(p, NULL, load.limit, LIMIT - 2);
        paint_text(p, NULL, " A");
        paint_end(p);
    }
}

/* "L1 █████▓▓░··╱  31/63" in `width` columns. */
static void paint_phase(struct paint *p, const struct load *load, size_t phase, size_t width)
{
    size_t start = p->used;
    char used[24], room[24], text[56];
    amps(load->measured, used, sizeof(used));
    amps(load->limit - load->foreign, room, sizeof(room));
    snprintf(text, sizeof(text), "%s/%s", used, room);
    size_t numbers = width > 30 ? 12 : 9;
    paint_format(p, PAINT_DIM, "L%zu ", phase + 1);
    paint_bar(p, load, width > numbers + 5 ? width - numbers - 5 : 3);
    paint_cell(p, NULL, text, numbers, true);
    paint_to(p, start + width);
}

static void paint_feeder(struct paint *p, const json_t *nodes, const json_t *node)
{
    size_t name = p->columns >= 120 ? 38 : FEEDER_NAME;
    size_t phase_width = p->columns > name + 45 ? (p->columns - name) / 3 : 15;
    char title[256];
    bool capped = member_int(node, "cap") > 0;
    snprintf(title, sizeof(title), "%*s%s%s%s%s", (int)tree_depth(nodes, node) * 2, "",
             member_text(node, "id"), capped ? " [cap]" : "", name > FEEDER_NAME ? "  " : "",
             name > FEEDER_NAME ? member_text(node, "name") : "");
    paint_cell(p, NULL, title, name - 1, false);
    paint_to(p, name);
    for (size_t phase = 0; phase < 3; phase++) {
        struct load load = load_of(node, phase);
        paint_phase(p, &load, phase, phase_width);
    }
    paint_end(p);
}

static void paint_nodes(struct paint *p, const json_t *nodes, size_t max_lines)
{
    size_t n = json_array_size(nodes), end = p->lines + max_lines;
    for (size_t i = 0; i < n && p->lines < end; i++) {
        const json_t *node = json_array_get(nodes, i);
        size_t left = n - i;
        if (p->lines + 1 == end && left > 1) {
            paint_format(p, PAINT_DIM, "  ... and %zu more nodes: noxctl grid show", left);
            paint_end(p);
            return;
        }
        if (is_root(node) && p->lines + ROOT_LINES + (left > 1) <= end)
            paint_root(p, node);
        else
            paint_feeder(p, nodes, node);
    }
}

void frame_paint_grid(struct paint *p, const json_t *nodes, size_t max_lines)
{
    json_t *ordered = tree_ordered(nodes);
    paint_nodes(p, ordered, max_lines);
    json_decref(ordered);
}
