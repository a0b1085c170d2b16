#include "cmd/noxctl/explain.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cmd/noxctl/client.h"
#include "cmd/noxctl/grid_rows.h"
#include "cmd/noxctl/instant.h"
#include "cmd/noxctl/member.h"
#include "cmd/noxctl/place.h"
#include "cmd/noxctl/table.h"

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

static void paint_path(struct paint *p, const json_t *answer)
{
    json_t *rows = json_array();
    const json_t *path = member_at(answer, "path");
    size_t n = json_array_size(path);
    for (size_t i = n; i > 0; i--)
        grid_append_rows(rows, json_array_get(path, i - 1), n - i, true);
    paint_end(p);
    table_paint(p, &grid_table, rows);
    json_decref(rows);
}

/* What is not simply configured: "DO-KAISER: limit by cap 3, foreign load by the meter". */
static void paint_whys(struct paint *p, const json_t *answer)
{
    const json_t *path = member_at(answer, "path");
    for (size_t i = 0; i < json_array_size(path); i++) {
        const json_t *node = json_array_get(path, i);
        const char *limit = member_text(node, "limit_why");
        const char *foreign = member_text(node, "foreign_why");
        if (!member_at(node, "next") && !member_at(node, "cap") && !member_at(node, "meter"))
            continue;
        paint_format(p, PAINT_DIM, "  %s: limit: %s; other load: %s", member_text(node, "id"),
                     *limit ? limit : "-", *foreign ? foreign : "-");
        if (member_at(node, "cap"))
            paint_format(p, PAINT_DIM, "; cap %" PRId64, member_int(node, "cap"));
        paint_end(p);
    }
}

static void paint_binding(struct paint *p, const json_t *answer)
{
    const json_t *sharers = member_at(answer, "sharers"), *binding = member_at(answer, "binding");
    size_t n = json_array_size(sharers);
    paint_end(p);
    paint_format(p, PAINT_HEAD, "Least room: %s, %s", member_text(binding, "node"),
                 member_text(binding, "phase"));
    paint_amps(p, ", ", member_tenths(binding, "free_a"), " free; ");
    if (n == 0)
        paint_text(p, NULL, "no other car shares it");
    else
        paint_format(p, NULL, "%zu other %s", n, n == 1 ? "car shares it:" : "cars share it:");
    paint_end(p);
    if (n > 0)
        table_paint(p, &place_table, sharers);
}

/* "  class      leasing: by 3 leases that it let end" */
static void paint_class(struct paint *p, const json_t *answer)
{
    if (!*member_text(answer, "connector.class"))
        return;
    paint_format(p, NULL, "  class      %s", member_text(answer, "connector.class"));
    if (*member_text(answer, "evidence"))
        paint_format(p, NULL, ": %s", member_text(answer, "evidence"));
    paint_end(p);
}

/* "  command    raise to 9.0 A at 12:00:01: accepted; no more was free at DO-KAISER, L2" */
static void paint_command(struct paint *p, const json_t *answer)
{
    const json_t *all = member_at(answer, "decisions"), *d = json_array_get(all, 0);
    for (size_t i = json_array_size(all); i > 0; i--)
        if (member_at(json_array_get(all, i - 1), "tx_id")) /* rather than of the safe current */
            d = json_array_get(all, i - 1);
    if (!d)
        return;
    paint_format(p, NULL, "  command    %s to ", member_text(d, "kind"));
    paint_amps(p, "", member_tenths(d, "limit_a"), "");
    paint_member(p, " at ", d, "at", CELL_TIME_S, ": ");
    paint_text(p, strcmp(member_text(d, "answer"), "accepted") == 0 ? NULL : PAINT_CARE,
               member_text(d, "answer"));
    if (member_at(d, "held_back_by"))
        paint_format(p, NULL, "; no more was free at %s, %s", member_text(d, "held_back_by"),
                     member_text(d, "on_phase"));
    paint_end(p);
}

static const struct table_column decision_columns[] = {
    { "AT", "at", CELL_TIME_S, 0 },
    { "COMMAND", "kind", CELL_TEXT, 0 },
    { "LIMIT", "limit_a", CELL_AMPS, 0 },
    { "UNTIL", "until", CELL_TIME_S, TABLE_WIDE },
    { "ANSWER", "answer", CELL_TEXT, 0 },
    { "NODE", "held_back_by", CELL_TEXT, TABLE_WIDE },
    { "REASON", "reason", CELL_TEXT, TABLE_WRAP },
};
static const struct table decision_table = TABLE(decision_columns);

static void paint_decisions(struct paint *p, const json_t *answer, const char *title)
{
    if (json_array_size(member_at(answer, "decisions")) == 0)
        return;
    paint_end(p);
    paint_text(p, PAINT_HEAD, title);
    paint_end(p);
    table_paint(p, &decision_table, member_at(answer, "decisions"));
}

static const struct table_column event_columns[] = {
    { "AT", "at", CELL_TIME_S, 0 },
    { "EVENT", "name", CELL_TEXT, 0 },
    { "TEXT", "text", CELL_TEXT, TABLE_WRAP },
};
static const struct table event_table = TABLE(event_columns);

static enum ctl_exit print_now(const struct ctl *ctl, const json_t *answer)
{
    struct ocpp_text out;
    const json_t *place = member_at(answer, "connector");
    struct paint p = table_paint_begin(ctl, &out);
    paint_state(&p, place);
    if (json_array_size(member_at(answer, "path")) == 0) {
        paint_text(&p, NULL,
                   "  It hangs on no node of the grid: nothing limits it but its rating.");
        paint_end(&p);
    } else {
        paint_limit(&p, place);
        paint_class(&p, answer);
        paint_command(&p, answer);
        paint_path(&p, answer);
        paint_whys(&p, answer);
    }
    if (member_at(answer, "binding"))
        paint_binding(&p, answer);
    paint_decisions(&p, answer, "Last commands to it");
    if (json_array_size(member_at(answer, "events")) > 0) {
        paint_end(&p);
        paint_text(&p, PAINT_HEAD, "Last events of the station");
        paint_end(&p);
        table_paint(&p, &event_table, member_at(answer, "events"));
    }
    return table_paint_out(&p);
}

/* --- then --- */

static void paint_then(struct paint *p, const json_t *answer)
{
    const json_t *force = member_at(answer, "in_force");
    paint_format(p, PAINT_HEAD, "%s connector %" PRId64, member_text(answer, "station"),
                 member_int(answer, "connector"));
    paint_member(p, " at ", answer, "at", CELL_TIME_S, "");
    if (member_at(answer, "tx_id"))
        paint_member(p, ", session ", answer, "tx_id", CELL_NUMBER, "");
    paint_end(p);
    paint_amps(p, "  in force   ", member_tenths(force, "limit_a"), "");
    if (member_at(force, "until")) {
        paint_member(p, " until ", force, "until", CELL_TIME_S, "");
        paint_amps(p, ", then ", member_tenths(force, "then_a"), "");
    }
    paint_format(p, NULL, ": %s", member_text(force, "because"));
    paint_end(p);
    paint_amps(p, "  could draw ", member_tenths(force, "could_draw_a"), "");
    if (member_true(force, "change_under_way"))
        paint_text(p, NULL, ": a newer command was not confirmed yet");
    paint_end(p);
}

static const struct table_column then_columns[] = {
    { "NODE", "id", CELL_TEXT, 0 },
    { "LIMIT", "limit_a", CELL_AMPS3, 0 },
    { "OTHERS", "foreign_a", CELL_AMPS3, 0 },
    { "COULD DRAW", "could_draw_a", CELL_AMPS3, 0 },
    { "CARS", "n_sessions", CELL_NUMBER, 0 },
    { "LIMIT BY", "limit_why", CELL_TEXT, TABLE_WRAP },
    { "OTHERS BY", "foreign_why", CELL_TEXT, TABLE_WIDE },
};
static const struct table then_table = TABLE(then_columns);

static const struct table_column cap_columns[] = {
    { "CAP", "id", CELL_NUMBER, 0 },       { "LIMIT", "limit_a", CELL_AMPS3, 0 },
    { "FROM", "from", CELL_TIME, 0 },      { "UNTIL", "until", CELL_TIME, 0 },
    { "BY", "who", CELL_TEXT, TABLE_CUT }, { "REASON", "why", CELL_TEXT, TABLE_WRAP },
};
static const struct table cap_table = TABLE(cap_columns);

static const struct table_column sharer_columns[] = {
    { "STATION", "station", CELL_TEXT, 0 },         { "NO", "connector", CELL_NUMBER, 0 },
    { "SESSION", "tx_id", CELL_NUMBER, 0 },         { "LIMIT", "limit_a", CELL_AMPS, 0 },
    { "COULD DRAW", "could_draw_a", CELL_AMPS, 0 }, { "NODE", "grid_node", CELL_TEXT, 0 },
};
static const struct table sharer_table = TABLE(sharer_columns);

static void paint_list(struct paint *p, const char *title, const struct table *table,
                       const json_t *items)
{
    if (json_array_size(items) == 0)
        return;
    paint_end(p);
    paint_text(p, PAINT_HEAD, title);
    paint_end(p);
    table_paint(p, table, items);
}

static enum ctl_exit print_then(const struct ctl *ctl, const json_t *answer)
{
    struct ocpp_text out;
    const json_t *path = member_at(answer, "path");
    struct paint p = table_paint_begin(ctl, &out);
    paint_then(&p, answer);
    paint_list(&p,
               "Its path up, by the grid of now; what all below could draw, on all wired phases",
               &then_table, path);
    for (size_t i = 0; i < json_array_size(path); i++)
        paint_list(&p, "Caps in force", &cap_table, member_at(json_array_get(path, i), "caps"));
    paint_list(&p, "Who else could draw", &sharer_table, member_at(answer, "sharers"));
    paint_decisions(&p, answer, "Commands to it until then");
    return table_paint_out(&p);
}

static enum ctl_exit ask(const struct ctl *ctl, json_t **ret_answer)
{
    int64_t connector;
    char utc[32], number[24];
    const char *at = ctl_flag(ctl, "at"), *station = ctl->arg[0];
    if (!ctl_flag_int(ctl, "connector", 1, INT32_MAX, 0, &connector) ||
        (at && !instant_read(ctl, "at", at, INSTANT_LAST, utc)))
        return CTL_USAGE;
    snprintf(number, sizeof(number), "%" PRId64, connector);
    if (connector > 0 && at)
        return client_get(ctl, ret_answer, "/v1/stations/%s/limit?connector=%s&at=%s", station,
                          number, utc);
    if (connector > 0)
        return client_get(ctl, ret_answer, "/v1/stations/%s/limit?connector=%s", station, number);
    if (at)
        return client_get(ctl, ret_answer, "/v1/stations/%s/limit?at=%s", station, utc);
    return client_get(ctl, ret_answer, "/v1/stations/%s/limit", station);
}

static enum ctl_exit print_people(const struct ctl *ctl, const json_t *answer)
{
    struct ctl readable = table_readable(ctl);
    return member_at(answer, "in_force") ? print_then(&readable, answer)
                                         : print_now(&readable, answer);
}

enum ctl_exit run_explain_limit(struct ctl *ctl)
{
    json_t *answer = NULL;
    enum ctl_exit rc = CTL_OK;
    if (ctl->output == CTL_CSV)
        return ctl_fail(CTL_USAGE, "an explanation has no CSV; take -o json");
    rc = ask(ctl, &answer);
    if (rc == CTL_OK && ctl->output == CTL_JSON)
        rc = ctl_print_json(ctl, answer);
    else if (rc == CTL_OK)
        rc = print_people(ctl, answer);
    json_decref(answer);
    return rc;
}
