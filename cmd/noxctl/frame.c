#include "cmd/noxctl/frame.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/noxctl/cell.h"
#include "cmd/noxctl/ctl.h"
#include "cmd/noxctl/frame_grid.h"
#include "cmd/noxctl/member.h"
#include "cmd/noxctl/width.h"

enum { HINT_LINES = 3, HINT_LINES_SMALL = 2, SMALL_ROWS = 30 };

/* --- the first line --- */

static void paint_count(struct paint *p, const json_t *top, const char *title, const char *member,
                        const char *of)
{
    int64_t n = member_int(top, member), total = of ? member_int(top, of) : MEMBER_UNKNOWN;
    paint_format(p, PAINT_TITLE, "  %s ", title);
    if (n == MEMBER_UNKNOWN)
        paint_text(p, PAINT_TITLE, "-");
    else
        paint_format(p, PAINT_TITLE, "%" PRId64, n);
    if (total != MEMBER_UNKNOWN)
        paint_format(p, PAINT_TITLE, "/%" PRId64, total);
}

static const json_t *alarms_of(const json_t *top)
{
    const json_t *alarms = member_at(top, "alarms");
    return json_array_size(alarms) > 0 ? alarms : NULL;
}

static void paint_storage(struct paint *p, const json_t *top)
{
    const json_t *ok = member_at(top, "storage.ok");
    const char *text = member_text(top, "storage.text");
    bool failing = json_is_false(ok);
    if (alarms_of(top) && !failing)
        return; /* the room is needed for the number of alarms */
    paint_text(p, PAINT_TITLE, "  storage ");
    if (!failing)
        text = ok ? "ok" : *text ? text : "-";
    paint_text(p, failing ? PAINT_ALARM : PAINT_TITLE, *text ? text : "failing");
}

static void paint_alarm_count(struct paint *p, const json_t *top)
{
    if (alarms_of(top))
        paint_format(p, PAINT_ALARM, "  ALARMS %zu", json_array_size(alarms_of(top)));
}

/* The newest; noxd lists it first. */
static void paint_alarm(struct paint *p, const json_t *top)
{
    const json_t *alarm = json_array_get(alarms_of(top), 0);
    const char *station = member_text(alarm, "station");
    if (!alarm)
        return;
    paint_format(p, PAINT_BAD, "%s  %s%s%s", member_text(alarm, "name"), station,
                 *station ? "  " : "", member_text(alarm, "text"));
    paint_end(p);
}

static void paint_header(struct paint *p, const json_t *top, const struct frame_view *view)
{
    char clock[CELL_TIME_SIZE];
    cell_time(member_time_ms(top, "now"), CELL_CLOCK_SECOND, clock);
    int64_t warp = member_int(top, "time_warp");
    paint_format(p, PAINT_TITLE, "NOX-Block  %s", clock);
    if (warp > 1)
        paint_format(p, PAINT_TITLE, " ×%" PRId64, warp);
    paint_alarm_count(p, top);
    paint_count(p, top, "stations", "counters.online", "counters.stations");
    paint_count(p, top, "sessions", "counters.sessions", NULL);
    paint_storage(p, top);
    if (view->color && p->columns > p->used)
        paint_repeat(p, PAINT_TITLE, " ", p->columns - p->used);
    paint_end(p);
    paint_alarm(p, top);
    if (!view->trouble)
        return;
    paint_text(p, PAINT_BAD, view->trouble);
    paint_end(p);
}

/* --- connectors --- */

struct row {
    const json_t *connector;
    size_t position; /* in the answer */
};

static bool has_car(const json_t *connector)
{
    const char *status = member_text(connector, "status");
    return member_at(connector, "tx_id") ||
           (*status && strcmp(status, "Available") != 0 && strcmp(status, "Unavailable") != 0);
}

/* Cars first, else as noxd lists them. */
static int by_interest(const void *a, const void *b)
{
    const struct row *x = a, *y = b;
    bool car_x = has_car(x->connector), car_y = has_car(y->connector);
    if (car_x != car_y)
        return car_x ? -1 : 1;
    return x->position < y->position ? -1 : x->position > y->position;
}

/* @return rows to show, free(); *ret_n of them */
static struct row *sorted_rows(const json_t *connectors, bool only_cars, size_t *ret_n)
{
    size_t n = json_array_size(connectors), used = 0;
    struct row *rows = calloc(n + 1, sizeof(*rows));
    *ret_n = 0;
    if (!rows)
        return NULL;
    for (size_t i = 0; i < n; i++) {
        const json_t *connector = json_array_get(connectors, i);
        if (!only_cars || has_car(connector))
            rows[used++] = (struct row){ connector, i };
    }
    qsort(rows, used, sizeof(*rows), by_interest);
    *ret_n = used;
    return rows;
}

static void place_text(const json_t *c, struct ocpp_text *out)
{
    int64_t number = member_int(c, "connector");
    width_append_clean(out, member_text(c, "station"));
    if (number > 1)
        ocpp_text_append_format(out, "/%" PRId64, number);
}

static void status_text(const json_t *c, struct ocpp_text *out)
{
    const char *status = member_text(c, "status");
    bool offline = json_is_false(member_at(c, "online"));
    width_append_clean(out, offline ? "offline" : *status ? status : "-");
}

/* Grid phases that the car uses, "1 3". */
static void phases_text(const json_t *c, struct ocpp_text *out)
{
    const json_t *phases = member_at(c, "phases");
    if (!member_at(c, "tx_id"))
        return;
    for (int phase = '1'; phase <= '3'; phase++) {
        bool used = false;
        for (size_t i = 0; i < json_array_size(phases); i++) {
            const char *name = json_string_value(json_array_get(phases, i));
            used = used || (name && strchr(name, phase));
        }
        ocpp_text_append_format(out, "%c", used ? phase : ' ');
    }
}

static void limit_text(const json_t *c, struct ocpp_text *out)
{
    if (member_at(c, "tx_id"))
        cell_append_tenths(out, member_tenths(c, "limit_a"));
}

static void measured_text(const json_t *c, struct ocpp_text *out)
{
    const json_t *list = member_at(c, "measured_a");
    int64_t most = MEMBER_UNKNOWN;
    for (size_t i = 0; i < json_array_size(list); i++) {
        int64_t tenths = member_value_tenths(json_array_get(list, i));
        most = tenths > most ? tenths : most;
    }
    if (member_at(c, "tx_id") || most > 0)
        cell_append_tenths(out, most);
}

static void power_text(const json_t *c, struct ocpp_text *out)
{
    if (member_at(c, "tx_id"))
        cell_append(out, member_at(c, "power_w"), CELL_KW);
}

static void energy_text(const json_t *c, struct ocpp_text *out)
{
    int64_t wh = member_int(c, "energy_wh");
    if (!member_at(c, "tx_id"))
        return;
    if (wh == MEMBER_UNKNOWN)
        ocpp_text_append_str(out, "-");
    else
        ocpp_text_append_format(out, "%" PRId64 ".%02" PRId64, wh / 1000, wh % 1000 / 10);
}

static void soc_text(const json_t *c, struct ocpp_text *out)
{
    int64_t soc = member_int(c, "soc_pct");
    if (member_at(c, "tx_id") && soc >= 0)
        ocpp_text_append_format(out, "%" PRId64 " %%", soc);
}

static void tag_text(const json_t *c, struct ocpp_text *out)
{
    width_append_clean(out, member_text(c, "id_tag"));
}

static void node_text(const json_t *c, struct ocpp_text *out)
{
    width_append_clean(out, member_text(c, "grid_node"));
}

static void reason_text(const json_t *c, struct ocpp_text *out)
{
    const char *error = member_text(c, "error_code"), *info = member_text(c, "info");
    bool faulty = *error && strcmp(error, "NoError") != 0;
    if (!faulty) {
        width_append_clean(out, member_text(c, "reason"));
        return;
    }
    width_append_clean(out, error);
    if (*info) {
        ocpp_text_append_str(out, ": ");
        width_append_clean(out, info);
    }
}

struct field {
    const char *title;
    size_t width; /* the last one takes the rest of the line */
    bool right;
    size_t from_columns; /* shown on terminals at least so wide */
    void (*text)(const json_t *connector, struct ocpp_text *out); /* NULL = since */
};

static const struct field fields[] = {
    { "STATION", 8, false, 0, place_text }, { "STATUS", 13, false, 0, status_text },
    { "CAR", 3, false, 0, phases_text },    { "LIMIT", 5, true, 0, limit_text },
    { "AMPS", 5, true, 0, measured_text },  { "kW", 5, true, 0, power_text },
    { "kWh", 6, true, 0, energy_text },     { "SoC", 5, true, 110, soc_text },
    { "SINCE", 6, true, 0, NULL },          { "TAG", 16, false, 110, tag_text },
    { "NODE", 16, false, 130, node_text },  { "REASON", 0, false, 0, reason_text },
};

/* "40s", "10m", "1h30", "3d04" */
static void append_age(struct ocpp_text *out, int64_t seconds)
{
    int64_t minutes = seconds / 60, hours = minutes / 60;
    if (hours >= 24)
        ocpp_text_append_format(out, "%" PRId64 "d%02" PRId64, hours / 24, hours % 24);
    else if (hours > 0)
        ocpp_text_append_format(out, "%" PRId64 "h%02" PRId64, hours, minutes % 60);
    else if (minutes > 0)
        ocpp_text_append_format(out, "%" PRId64 "m", minutes);
    else
        ocpp_text_append_format(out, "%" PRId64 "s", seconds > 0 ? seconds : 0);
}

/* How long the session lasts, or the status if there is none. */
static void since_text(const json_t *c, int64_t now_ms, struct ocpp_text *out)
{
    int64_t from_ms = member_time_ms(c, "started_at");
    if (!member_at(c, "tx_id") || from_ms == MEMBER_UNKNOWN)
        from_ms = member_time_ms(c, "status_at");
    if (from_ms != MEMBER_UNKNOWN && now_ms != MEMBER_UNKNOWN)
        append_age(out, (now_ms - from_ms) / 1000);
}

static void paint_heading(struct paint *p, size_t id_width)
{
    for (size_t i = 0; i < ARRAY_SIZE(fields); i++) {
        if (p->columns < fields[i].from_columns)
            continue;
        size_t width = i == 0 ? id_width : fields[i].width;
        paint_cell(p, PAINT_HEAD, fields[i].title, width ? width : paint_room(p), fields[i].right);
        paint_repeat(p, NULL, " ", 1);
    }
    paint_end(p);
}

static const char *color_of(const struct field *field, const char *text, bool car)
{
    if (field->text == status_text)
        return paint_color_of(text);
    if (field->text == reason_text)
        return car ? NULL : PAINT_DIM;
    return car ? NULL : PAINT_DIM;
}

static void paint_connector(struct paint *p, const json_t *c, int64_t now_ms, size_t id_width)
{
    struct ocpp_text text;
    ocpp_text_init(&text);
    bool car = has_car(c);
    for (size_t i = 0; i < ARRAY_SIZE(fields); i++) {
        if (p->columns < fields[i].from_columns)
            continue;
        ocpp_text_reset(&text);
        if (fields[i].text)
            fields[i].text(c, &text);
        else
            since_text(c, now_ms, &text);
        size_t width = i == 0 ? id_width : fields[i].width;
        paint_cell(p, color_of(&fields[i], text.data, car), text.data,
                   width ? width : paint_room(p), fields[i].right);
        paint_repeat(p, NULL, " ", 1);
    }
    paint_end(p);
    ocpp_text_done(&text);
}

static size_t id_width_of(const struct row *rows, size_t n, size_t columns)
{
    size_t width = fields[0].width, most = columns / 5 > width ? columns / 5 : width;
    struct ocpp_text text;
    ocpp_text_init(&text);
    for (size_t i = 0; i < n; i++) {
        ocpp_text_reset(&text);
        place_text(rows[i].connector, &text);
        size_t own = width_of(text.data);
        width = own > width ? own : width;
    }
    ocpp_text_done(&text);
    return width < most ? width : most;
}

/* --- events and hint --- */

static void paint_rule(struct paint *p, const struct frame_view *view, size_t first, size_t shown,
                       size_t n)
{
    char left[64] = "── events ", right[128] = "";
    if (view->keys)
        snprintf(right, sizeof(right), " %zu-%zu of %zu  ↑↓ scroll  a %s  q quit ──",
                 n ? first + 1 : 0, first + shown, n, view->only_cars ? "all" : "cars");
    else if (shown < n)
        snprintf(right, sizeof(right), " %zu-%zu of %zu ──", first + 1, first + shown, n);
    size_t used = width_of(left) + width_of(right);
    paint_text(p, PAINT_DIM, left);
    if (p->columns > used)
        paint_repeat(p, PAINT_DIM, "─", p->columns - used);
    paint_text(p, PAINT_DIM, right);
    paint_end(p);
}

static void paint_event(struct paint *p, const json_t *event)
{
    char at[CELL_TIME_SIZE];
    const char *severity = member_text(event, "severity");
    const char *color = strcmp(severity, "info") == 0 ? NULL : paint_color_of(severity);
    cell_time(member_time_ms(event, "at"), CELL_CLOCK_TIME, at);
    paint_format(p, PAINT_DIM, "%s  ", at);
    paint_format(p, color, "%s", member_text(event, "name"));
    if (*member_text(event, "station"))
        paint_format(p, PAINT_NOTE, "  %s", member_text(event, "station"));
    paint_format(p, NULL, "  %s", member_text(event, "text"));
    paint_end(p);
}

static void paint_events(struct paint *p, const json_t *events, size_t lines)
{
    size_t n = json_array_size(events);
    for (size_t i = n > lines ? n - lines : 0; i < n; i++)
        paint_event(p, json_array_get(events, i));
}

/* @return lines the hint takes; painted when p is not NULL.  The last line is cut. */
static size_t paint_hint(struct paint *p, const struct frame_view *view)
{
    const char *hint = view->hint;
    size_t lines = 0;
    size_t most = view->rows > 0 && view->rows < SMALL_ROWS ? HINT_LINES_SMALL : HINT_LINES;
    while (hint && *hint && lines < most) {
        size_t n = lines + 1 < most ? width_line(hint, view->columns) : strlen(hint);
        if (p) {
            paint_format(p, PAINT_HEAD, "%.*s", (int)n, hint);
            paint_end(p);
        }
        hint += n;
        hint += strspn(hint, " ");
        lines++;
    }
    return lines;
}

/* --- the whole --- */

/* How the lines of the screen are shared out. */
struct plan {
    size_t grid, connectors, events, hint;
};

static const json_t *nodes_of(const json_t *top)
{
    const json_t *grid = member_at(top, "grid");
    return json_is_array(grid) ? grid : member_items(grid);
}

static struct plan plan_lines(const json_t *top, const struct frame_view *view, size_t n_rows)
{
    struct plan plan = { .hint = paint_hint(NULL, view) };
    size_t n_events = json_array_size(member_at(top, "events"));
    size_t grid = json_array_size(nodes_of(top)) * 4;
    if (view->rows == 0) {
        return (struct plan){ grid, n_rows, n_events < 8 ? n_events : 8, plan.hint };
    }
    /* header, heading, rule */
    size_t fixed = 3 + (view->trouble ? 1U : 0U) + (alarms_of(top) ? 1U : 0U) + plan.hint;
    size_t left = view->rows > fixed ? view->rows - fixed : 0;
    plan.grid = left / 2 > 5 ? left / 2 : 5;
    plan.events = left >= 30 ? 6 : left >= 16 ? 3 : left >= 10 ? 1 : 0;
    plan.events = plan.events < n_events ? plan.events : n_events;
    size_t used = plan.grid + plan.events;
    plan.connectors = left > used ? left - used : 0;
    return plan;
}

static void paint_rows(struct paint *p, const json_t *top, const struct frame_view *view,
                       struct plan plan, const struct row *rows, size_t n)
{
    int64_t now_ms = member_time_ms(top, "now");
    size_t first = view->first, id_width = id_width_of(rows, n, view->columns);
    if (first + plan.connectors > n)
        first = n > plan.connectors ? n - plan.connectors : 0;
    size_t shown = n - first < plan.connectors ? n - first : plan.connectors;
    paint_heading(p, id_width);
    for (size_t i = 0; i < shown; i++)
        paint_connector(p, rows[first + i].connector, now_ms, id_width);
    for (size_t i = shown; i < plan.connectors; i++)
        paint_end(p);
    paint_rule(p, view, first, shown, n);
}

void frame_append(struct ocpp_text *out, const json_t *top, const struct frame_view *view,
                  struct frame_extent *ret_extent)
{
    struct paint p = { .out = out, .columns = view->columns, .color = view->color };
    size_t n;
    struct row *rows = sorted_rows(member_at(top, "connectors"), view->only_cars, &n);
    struct plan plan = plan_lines(top, view, n);
    paint_header(&p, top, view);
    size_t before = p.lines;
    frame_paint_grid(&p, nodes_of(top), plan.grid);
    if (view->rows > 0) /* lines that the grid did not need show connectors */
        plan.connectors += plan.grid - (p.lines - before);
    paint_rows(&p, top, view, plan, rows, n);
    paint_events(&p, member_at(top, "events"), plan.events);
    paint_hint(&p, view);
    *ret_extent = (struct frame_extent){ n, plan.connectors };
    free(rows);
}
