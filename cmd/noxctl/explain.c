#include "cmd/noxctl/explain.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cmd/noxctl/client.h"
#include "cmd/noxctl/grid_rows.h"
#include "cmd/noxctl/member.h"
#include "cmd/noxctl/place.h"
#include "cmd/noxctl/table.h"

/* The facts; JSON documents are owned, the rest is lent by them. */
struct facts {
    json_t *connectors, *grid, *events;
    const json_t *place;
    json_t *path;          /* nodes from the connector up to the root */
    const json_t *binding; /* the node with the least room; NULL = none known */
    size_t phase;          /* of the binding node */
    int64_t free_tenths;
    json_t *sharers; /* connectors with a session below the binding node, without this one */
};

static void facts_done(struct facts *f)
{
    json_decref(f->connectors);
    json_decref(f->grid);
    json_decref(f->events);
    json_decref(f->path);
    json_decref(f->sharers);
}

/* The wanted connector, else the one with a session, else the first. */
static const json_t *choose_place(const json_t *items, const char *station, int64_t connector)
{
    const json_t *best = NULL;
    for (size_t i = 0; i < json_array_size(items); i++) {
        const json_t *place = json_array_get(items, i);
        if (strcmp(member_text(place, "station"), station) != 0)
            continue;
        if (connector > 0 && member_int(place, "connector") != connector)
            continue;
        if (!best || (!member_at(best, "tx_id") && member_at(place, "tx_id")))
            best = place;
    }
    return best;
}

static json_t *path_of(const json_t *nodes, const char *id)
{
    json_t *path = json_array();
    const json_t *node;
    while (*id && json_array_size(path) < 64 && (node = member_find(nodes, "id", id))) {
        json_array_append(path, (json_t *)node);
        id = member_text(node, "parent");
    }
    return path;
}

/* Is a grid phase used by the connector?  All count when nothing is known. */
static bool uses_phase(const json_t *place, size_t phase)
{
    const json_t *phases = member_at(place, "phases");
    for (size_t i = 0; i < json_array_size(phases); i++) {
        const char *name = json_string_value(json_array_get(phases, i));
        if (name && strchr(name, (int)('1' + phase)))
            return true;
    }
    return json_array_size(phases) == 0;
}

/* The node and phase where the least is left; of equals the one nearest to the connector. */
static void find_binding(struct facts *f)
{
    f->free_tenths = INT64_MAX;
    for (size_t i = 0; i < json_array_size(f->path); i++) {
        const json_t *node = json_array_get(f->path, i);
        for (size_t phase = 0; phase < 3; phase++) {
            int64_t left = grid_free_tenths(node, "reserved_a", phase);
            if (left == MEMBER_UNKNOWN || left >= f->free_tenths || !uses_phase(f->place, phase))
                continue;
            f->free_tenths = left;
            f->binding = node;
            f->phase = phase;
        }
    }
}

static bool is_below(const json_t *nodes, const char *id, const char *above)
{
    for (size_t depth = 0; *id && depth < 64; depth++) {
        if (strcmp(id, above) == 0)
            return true;
        id = member_text(member_find(nodes, "id", id), "parent");
    }
    return false;
}

static void find_sharers(struct facts *f)
{
    const json_t *items = member_items(f->connectors), *nodes = member_items(f->grid);
    f->sharers = json_array();
    for (size_t i = 0; f->binding && i < json_array_size(items); i++) {
        json_t *place = json_array_get(items, i);
        if (place != f->place && member_at(place, "tx_id") &&
            is_below(nodes, member_text(place, "grid_node"), member_text(f->binding, "id")))
            json_array_append(f->sharers, place);
    }
}

static enum ctl_exit gather(const struct ctl *ctl, struct facts *f)
{
    int64_t connector;
    if (!ctl_flag_int(ctl, "connector", 1, INT32_MAX, 0, &connector))
        return CTL_USAGE;
    const char *station = ctl->arg[0];
    enum ctl_exit rc = client_get(ctl, &f->connectors, "/v1/connectors");
    if (rc == CTL_OK)
        rc = client_get(ctl, &f->grid, "/v1/grid");
    if (rc == CTL_OK)
        rc = client_get(ctl, &f->events, "/v1/events?station=%s&limit=10", station);
    if (rc != CTL_OK)
        return rc;
    f->place = choose_place(member_items(f->connectors), station, connector);
    if (!f->place)
        return ctl_fail(CTL_NOT_FOUND,
                        "no connector of '%s' is known; 'noxctl station list' "
                        "lists the stations",
                        station);
    f->path = path_of(member_items(f->grid), member_text(f->place, "grid_node"));
    find_binding(f);
    find_sharers(f);
    return CTL_OK;
}

/* --- for programs --- */

static enum ctl_exit print_json(const struct ctl *ctl, const struct facts *f)
{
    static const char *const phases[] = { "L1", "L2", "L3" };
    json_t *binding = json_null();
    if (f->binding)
        binding = json_pack("{sssssf}", "node", member_text(f->binding, "id"), "phase",
                            phases[f->phase], "free_a", (double)f->free_tenths / 10);
    const json_t *events = member_items(f->events);
    json_t *all = json_pack("{sOsOsosOsO?}", "connector", f->place, "path", f->path, "binding",
                            binding, "sharers", f->sharers, "events", events);
    enum ctl_exit rc = ctl_print_json(ctl, all);
    json_decref(all);
    return rc;
}

/* --- for people --- */

static void paint_amps(struct paint *p, const char *before, int64_t tenths, const char *after)
{
    struct ocpp_text text;
    ocpp_text_init(&text);
    cell_append_tenths(&text, tenths);
    paint_format(p, NULL, "%s%s A%s", before, text.data, after);
    ocpp_text_done(&text);
}

static void paint_member(struct paint *p, const char *before, const json_t *json,
                         const char *member, enum cell_kind kind, const char *after)
{
    struct ocpp_text text;
    ocpp_text_init(&text);
    cell_append(&text, member_at(json, member), kind);
    paint_format(p, NULL, "%s%s%s", before, text.data, after);
    ocpp_text_done(&text);
}

static void paint_state(struct paint *p, const json_t *place)
{
    const char *status = member_text(place, "status");
    bool offline = json_is_false(member_at(place, "online"));
    paint_format(p, PAINT_HEAD, "%s connector %" PRId64, member_text(place, "station"),
                 member_int(place, "connector"));
    paint_format(p, NULL, " is ");
    paint_text(p, paint_color_of(status), *status ? status : "in an unknown state");
    if (offline)
        paint_text(p, PAINT_BAD, ", offline");
    if (member_at(place, "tx_id"))
        paint_member(p, ", session ", place, "tx_id", CELL_NUMBER, "");
    if (member_at(place, "started_at"))
        paint_member(p, " since ", place, "started_at", CELL_TIME, "");
    paint_end(p);
}

/* "  need       12.0 of 20.0 kWh by 2026-10-25 07:00" */
static void paint_need(struct paint *p, const json_t *place)
{
    const json_t *need = member_at(place, "need");
    if (!need)
        return;
    paint_text(p, NULL, "  need      ");
    if (member_at(need, "energy_wh")) {
        paint_member(p, " ", place, "energy_wh", CELL_KWH, "");
        paint_member(p, " of ", need, "energy_wh", CELL_KWH, " kWh");
    }
    if (member_at(need, "depart"))
        paint_member(p, " by ", need, "depart", CELL_TIME, "");
    if (member_at(need, "min_a"))
        paint_member(p, ", not below ", need, "min_a", CELL_AMPS, " A");
    if (member_at(need, "priority"))
        paint_member(p, ", priority ", need, "priority", CELL_NUMBER, "");
    paint_end(p);
}

static void paint_limit(struct paint *p, const json_t *place)
{
    paint_amps(p, "  limit      ", member_tenths(place, "limit_a"), "");
    if (json_array_size(member_at(place, "phases")) > 0)
        paint_member(p, " on ", place, "phases", CELL_LIST, "");
    paint_amps(p, ", confirmed ", member_tenths(place, "confirmed_a"), "");
    paint_amps(p, ", counted ", member_tenths(place, "reserve_a"), "");
    paint_end(p);
    paint_member(p, "  measured   ", place, "measured_a", CELL_AMPS3, " A");
    paint_end(p);
    paint_member(p, "  bounds     rating ", place, "rating_a", CELL_AMPS, " A");
    paint_member(p, ", safe current ", place, "safe_a", CELL_AMPS, " A");
    paint_end(p);
    if (member_at(place, "lease_end")) {
        paint_member(p, "  lease      until ", place, "lease_end", CELL_TIME_S,
                     ", then safe current if nothing is heard");
        paint_end(p);
    }
    paint_need(p, place);
    if (*member_text(place, "reason")) {
        paint_member(p, "  because    ", place, "reason", CELL_TEXT, "");
        paint_end(p);
    }
}

static void paint_path(struct paint *p, const struct facts *f)
{
    json_t *rows = json_array();
    size_t n = json_array_size(f->path);
    for (size_t i = n; i > 0; i--)
        grid_append_rows(rows, json_array_get(f->path, i - 1), n - i, true);
    paint_end(p);
    table_paint(p, &grid_table, rows);
    json_decref(rows);
}

static void paint_binding(struct paint *p, const struct facts *f)
{
    paint_end(p);
    paint_format(p, PAINT_HEAD, "Least room: %s, L%zu", member_text(f->binding, "id"),
                 f->phase + 1);
    paint_amps(p, ", ", f->free_tenths, " free; ");
    size_t n = json_array_size(f->sharers);
    if (n == 0)
        paint_text(p, NULL, "no other car shares it");
    else
        paint_format(p, NULL, "%zu other %s", n, n == 1 ? "car shares it:" : "cars share it:");
    paint_end(p);
    if (n > 0)
        table_paint(p, &place_table, f->sharers);
}

static const struct table_column event_columns[] = {
    { "AT", "at", CELL_TIME_S, 0 },
    { "EVENT", "name", CELL_TEXT, 0 },
    { "TEXT", "text", CELL_TEXT, TABLE_WRAP },
};
static const struct table event_table = TABLE(event_columns);

static enum ctl_exit print_people(const struct ctl *ctl, const struct facts *f)
{
    struct ocpp_text out;
    struct paint p = table_paint_begin(ctl, &out);
    paint_state(&p, f->place);
    if (json_array_size(f->path) == 0) {
        paint_text(&p, NULL,
                   "  It hangs on no node of the grid: nothing limits it but its rating.");
        paint_end(&p);
    } else {
        paint_limit(&p, f->place);
        paint_path(&p, f);
    }
    if (f->binding)
        paint_binding(&p, f);
    if (json_array_size(member_items(f->events)) > 0) {
        paint_end(&p);
        paint_text(&p, PAINT_HEAD, "Last events of the station");
        paint_end(&p);
        table_paint(&p, &event_table, member_items(f->events));
    }
    return table_paint_out(&p);
}

enum ctl_exit run_explain_limit(struct ctl *ctl)
{
    struct facts facts = { 0 };
    enum ctl_exit rc = gather(ctl, &facts);
    if (rc == CTL_OK && ctl->output == CTL_JSON)
        rc = print_json(ctl, &facts);
    else if (rc == CTL_OK && ctl->output == CTL_CSV)
        rc = ctl_fail(CTL_USAGE, "an explanation has no CSV; take -o json");
    else if (rc == CTL_OK)
        rc = print_people(ctl, &facts);
    facts_done(&facts);
    return rc;
}
