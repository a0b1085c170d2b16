/* The coming hours of the grid, and the factors by the hour that move charging. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/noxctl/cell.h"
#include "cmd/noxctl/client.h"
#include "cmd/noxctl/commands.h"
#include "cmd/noxctl/filter.h"
#include "cmd/noxctl/member.h"
#include "cmd/noxctl/table.h"

/* --- the plan --- */

enum { BAR_CELLS = 18, HOURS_MAX = 48, PICTURE_CELLS = 48, HOUR_MS = 3600000 };

/* Tenths of amperes of a slot, on the phase with the least room. */
struct load {
    int64_t limit, foreign, held, planned, room, sessions;
};

static int64_t phase(const json_t *slot, const char *member, size_t p)
{
    int64_t tenths = member_value_tenths(json_array_get(json_object_get(slot, member), p));
    return tenths == MEMBER_UNKNOWN ? 0 : tenths;
}

static struct load load_of(const json_t *slot)
{
    struct load l = { .room = INT64_MAX };
    for (size_t p = 0; p < 3; p++) {
        if (phase(slot, "room_a", p) >= l.room)
            continue;
        l = (struct load){ phase(slot, "limit_a", p), phase(slot, "foreign_a", p),
                           phase(slot, "held_a", p),  phase(slot, "planned_a", p),
                           phase(slot, "room_a", p),  member_int(slot, "sessions") };
    }
    return l;
}

/* The fullest of n slots; NULL if there is none. */
static const json_t *fullest(const json_t *slots, size_t from, size_t n)
{
    const json_t *worst = NULL;
    for (size_t i = from; i < from + n && i < json_array_size(slots); i++) {
        const json_t *slot = json_array_get(slots, i);
        if (worst == NULL || load_of(slot).room < load_of(worst).room)
            worst = slot;
    }
    return worst;
}

static void append_cells(struct ocpp_text *bar, const char *cell, int64_t n)
{
    for (; n > 0; n--)
        ocpp_text_append_str(bar, cell);
}

static int64_t cells(int64_t tenths, int64_t limit)
{
    int64_t n = limit > 0 ? (tenths * BAR_CELLS + limit / 2) / limit : 0;
    return n < 0 ? 0 : n > BAR_CELLS ? BAR_CELLS : n;
}

/* "####====......": others and held, planned, free. */
static void append_bar(struct ocpp_text *bar, const struct load *l)
{
    int64_t others = cells(l->foreign + l->held, l->limit);
    int64_t all = cells(l->foreign + l->held + l->planned, l->limit);
    append_cells(bar, "#", others);
    append_cells(bar, "=", all - others);
    append_cells(bar, ".", BAR_CELLS - all);
}

static json_t *tenths_json(int64_t tenths)
{
    return json_real((double)tenths / 10);
}

static void set_time(json_t *row, const json_t *slot)
{
    char text[CELL_TIME_SIZE];
    cell_time(member_time_ms(slot, "from"), CELL_CLOCK_MINUTE, text);
    json_object_set_new(row, "time", json_string(text));
}

static json_t *row_of(const json_t *slot)
{
    struct load l = load_of(slot);
    struct ocpp_text bar;
    json_t *row = json_object();
    ocpp_text_init(&bar);
    append_bar(&bar, &l);
    set_time(row, slot);
    json_object_set(row, "from", json_object_get(slot, "from"));
    json_object_set_new(row, "limit_a", tenths_json(l.limit));
    json_object_set_new(row, "others_a", tenths_json(l.foreign + l.held));
    json_object_set_new(row, "planned_a", tenths_json(l.planned));
    json_object_set_new(row, "room_a", tenths_json(l.room));
    json_object_set_new(row, "sessions", json_integer(l.sessions));
    json_object_set(row, "factor", json_object_get(slot, "factor"));
    json_object_set_new(row, "bar", json_string(bar.data != NULL ? bar.data : ""));
    ocpp_text_done(&bar);
    return row;
}

static const struct table_column hour_columns[] = {
    { "FROM", "time", CELL_TEXT, TABLE_PLAIN },
    { "", "from", CELL_TEXT, TABLE_CSV },
    { "LIMIT", "limit_a", CELL_AMPS, 0 },
    { "OTHERS", "others_a", CELL_AMPS, 0 },
    { "CARS A", "planned_a", CELL_AMPS, 0 },
    { "ROOM", "room_a", CELL_AMPS, 0 },
    { "CARS", "sessions", CELL_NUMBER, 0 },
    { "FACTOR", "factor", CELL_AMPS, TABLE_WIDE },
    { "LOAD", "bar", CELL_TEXT, TABLE_PLAIN | TABLE_CUT },
};
static const struct table hour_table = TABLE(hour_columns);

/* Slots from this one to the end of its hour. */
static size_t rest_of_hour(const json_t *slots, size_t from)
{
    int64_t hour = member_time_ms(json_array_get(slots, from), "from") / HOUR_MS;
    size_t n = 1;
    while (from + n < json_array_size(slots) &&
           member_time_ms(json_array_get(slots, from + n), "from") / HOUR_MS == hour)
        n++;
    return n;
}

/* A row for each hour, or in CSV for each slot; of the phase with the least room. */
static json_t *hour_rows(const json_t *node, bool by_hour)
{
    const json_t *slots = json_object_get(node, "slots");
    json_t *rows = json_array();
    for (size_t i = 0, n; i < json_array_size(slots); i += n) {
        n = by_hour ? rest_of_hour(slots, i) : 1;
        json_t *row = row_of(fullest(slots, i, n));
        set_time(row, json_array_get(slots, i));
        json_array_append_new(rows, row);
    }
    return rows;
}

/* A digit for each part of the time: tenths of the limit in use; '*' above it. */
static json_t *picture_of(const json_t *node)
{
    const json_t *slots = json_object_get(node, "slots");
    size_t n = json_array_size(slots), step = (n + PICTURE_CELLS - 1) / PICTURE_CELLS;
    char text[PICTURE_CELLS + 1];
    size_t at = 0;
    for (size_t i = 0; i < n && at < PICTURE_CELLS; i += step) {
        struct load l = load_of(fullest(slots, i, step));
        int64_t used = l.limit - l.room;
        text[at++] =
            (char)(l.room < 0     ? '*'
                   : used <= 0    ? '.'
                   : l.limit <= 0 ? '9'
                                  : '0' + (used * 10 / l.limit > 9 ? 9 : used * 10 / l.limit));
    }
    text[at] = '\0';
    return json_string(text);
}

static const struct table_column node_columns[] = {
    { "NODE", "id", CELL_TEXT, TABLE_CUT },
    { "LEAST ROOM", "room_a", CELL_AMPS, 0 },
    { "TENTHS OF THE LIMIT IN USE", "picture", CELL_TEXT, 0 },
};
static const struct table node_table = TABLE(node_columns);

static json_t *node_rows(const json_t *nodes)
{
    json_t *rows = json_array();
    for (size_t i = 0; i < json_array_size(nodes); i++) {
        const json_t *node = json_array_get(nodes, i);
        const json_t *slots = json_object_get(node, "slots");
        json_t *row = json_object();
        json_object_set(row, "id", json_object_get(node, "id"));
        const json_t *worst = fullest(slots, 0, json_array_size(slots));
        json_object_set_new(row, "room_a", tenths_json(worst != NULL ? load_of(worst).room : 0));
        json_object_set_new(row, "picture", picture_of(node));
        json_array_append_new(rows, row);
    }
    return rows;
}

static void append_kwh(struct ocpp_text *text, const json_t *session, const char *member)
{
    cell_append(text, json_object_get(session, member), CELL_KWH);
    ocpp_text_append_str(text, " kWh");
}

/* "transaction 7 at DO-1 leaves 2026-11-26 07:00, needs 6.200 kWh, will get 4.100 kWh" */
static void tell_risk(const json_t *session)
{
    char depart[CELL_TIME_SIZE];
    struct ocpp_text text;
    ocpp_text_init(&text);
    cell_time(member_time_ms(session, "depart"), CELL_CLOCK_MINUTE, depart);
    ocpp_text_append_format(&text, "transaction %" PRId64 " at %s leaves %s, needs ",
                            member_int(session, "tx_id"), member_text(session, "station"), depart);
    append_kwh(&text, session, "need_wh");
    ocpp_text_append_str(&text, ", will get ");
    append_kwh(&text, session, "will_get_wh");
    printf("%s\n", text.data != NULL ? text.data : "");
    ocpp_text_done(&text);
}

static void tell_sessions(const json_t *answer)
{
    const json_t *sessions = json_object_get(answer, "sessions");
    size_t risks = 0, waits = 0;
    for (size_t i = 0; i < json_array_size(sessions); i++) {
        const json_t *session = json_array_get(sessions, i);
        waits += member_true(session, "waits");
        if (!member_true(session, "at_risk"))
            continue;
        if (risks++ == 0)
            puts("\nAt risk:");
        tell_risk(session);
    }
    printf("%s%zu sessions, %zu of them wait for better hours; %s\n", risks == 0 ? "\n" : "",
           json_array_size(sessions), waits,
           risks == 0 ? "all needs that were told can be met" : "the needs above will not be met");
}

static enum ctl_exit print_plan(const struct ctl *ctl, const json_t *answer, const char *only)
{
    const json_t *nodes = member_items(answer);
    if (ctl->output == CTL_JSON)
        return ctl_print_json(ctl, answer);
    json_t *rows = only != NULL ? hour_rows(json_array_get(nodes, 0), ctl->output == CTL_TABLE)
                                : node_rows(nodes);
    json_t *list = json_pack("{so}", "items", rows);
    enum ctl_exit rc = table_print(ctl, only != NULL ? &hour_table : &node_table, list,
                                   "No grid. 'noxctl apply -f FILE' brings one (list `grid`).");
    json_decref(list);
    if (ctl->output == CTL_TABLE && json_array_size(nodes) > 0)
        tell_sessions(answer);
    return rc;
}

static enum ctl_exit run_plan(struct ctl *ctl)
{
    const char *only = ctl->n_args > 0 ? ctl->arg[0] : NULL;
    char hours_text[24];
    int64_t hours;
    struct ocpp_text path;
    struct client_answer answer;
    if (!ctl_flag_int(ctl, "hours", 1, HOURS_MAX, 24, &hours))
        return CTL_USAGE;
    snprintf(hours_text, sizeof(hours_text), "%" PRId64, hours);
    ocpp_text_init(&path);
    ocpp_text_append_str(&path, "/v1/grid/plan");
    filter_query(&path, "hours", hours_text);
    filter_query(&path, "node", only);
    client_ask(ctl, "GET", path.data, NULL, &answer);
    enum ctl_exit rc = answer.exit == CTL_OK ? print_plan(ctl, answer.json, only)
                                             : ctl_fail(answer.exit, "%s", answer.message);
    client_answer_done(&answer);
    ocpp_text_done(&path);
    return rc;
}

/* --- factors by the hour --- */

static bool kind_is_good(const char *kind)
{
    if (kind != NULL && (strcmp(kind, "co2") == 0 || strcmp(kind, "price") == 0))
        return true;
    ctl_fail(CTL_USAGE, "say which series: --kind co2 or --kind price");
    return false;
}

static enum ctl_exit complain(const struct client_answer *answer, const char *file)
{
    const json_t *lines = json_object_get(json_object_get(answer->json, "error"), "lines");
    for (size_t i = 0; i < json_array_size(lines); i++) {
        const json_t *line = json_array_get(lines, i);
        ctl_fail(CTL_FAILED, "%s:%d: %s", file, (int)member_int(line, "line"),
                 member_text(line, "text"));
    }
    return ctl_fail(answer->exit, "%s", answer->message);
}

static enum ctl_exit print_import(const struct ctl *ctl, const json_t *answer)
{
    char from[CELL_TIME_SIZE], until[CELL_TIME_SIZE];
    if (ctl->output == CTL_JSON)
        return ctl_print_json(ctl, answer);
    cell_time(member_time_ms(answer, "from"), CELL_CLOCK_MINUTE, from);
    cell_time(member_time_ms(answer, "until"), CELL_CLOCK_MINUTE, until);
    ctl_note(ctl, "%s%s from %s until %s: %d quarters of an hour",
             member_true(answer, "dry_run") ? "Dry run, nothing done: " : "",
             member_text(answer, "kind"), from, until, (int)member_int(answer, "quarters"));
    return CTL_OK;
}

static enum ctl_exit run_import(struct ctl *ctl)
{
    size_t len;
    const char *file = ctl->arg[0], *kind = ctl_flag(ctl, "kind");
    if (!kind_is_good(kind))
        return CTL_USAGE;
    char *text = ctl_read_file(file, &len);
    if (text == NULL)
        return CTL_FAILED;
    struct ocpp_text path;
    struct client_answer answer;
    ocpp_text_init(&path);
    ocpp_text_append_format(&path, "/v1/series/%s", kind);
    filter_query(&path, "unit", ctl_flag(ctl, "unit"));
    filter_query(&path, "source", ctl_flag(ctl, "source"));
    filter_query(&path, "dry_run", ctl_flag(ctl, "dry-run") ? "1" : NULL);
    client_post(ctl, path.data, text, len, &answer);
    enum ctl_exit rc =
        answer.exit == CTL_OK ? print_import(ctl, answer.json) : complain(&answer, file);
    client_answer_done(&answer);
    ocpp_text_done(&path);
    free(text);
    return rc;
}

static const struct table_column edition_columns[] = {
    { "EDITION", "edition", CELL_NUMBER, 0 },
    { "KIND", "kind", CELL_TEXT, 0 },
    { "FROM", "from", CELL_TIME, 0 },
    { "UNTIL", "until", CELL_TIME, 0 },
    { "BY", "who", CELL_TEXT, 0 },
    { "IMPORTED", "at", CELL_TIME, TABLE_WIDE },
    { "SOURCE", "source", CELL_TEXT, TABLE_CUT },
};
static const struct table edition_table = TABLE(edition_columns);

static enum ctl_exit run_editions(struct ctl *ctl)
{
    json_t *answer = NULL;
    enum ctl_exit rc = client_get(ctl, &answer, "/v1/series");
    if (rc == CTL_OK)
        rc = table_print(ctl, &edition_table, answer,
                         "None. 'noxctl factor import --kind co2 FILE' brings one.");
    json_decref(answer);
    return rc;
}

static const struct table_column co2_columns[] = {
    { "FROM", "from", CELL_TIME, 0 },
    { "G/KWH", "g_per_kwh", CELL_TEXT, 0 },
};
static const struct table_column price_columns[] = {
    { "FROM", "from", CELL_TIME, 0 },
    { "CT/KWH", "ct_per_kwh", CELL_TEXT, 0 },
};
static const struct table co2_table = TABLE(co2_columns), price_table = TABLE(price_columns);

static enum ctl_exit run_hours(struct ctl *ctl)
{
    json_t *answer = NULL;
    const char *kind = ctl_flag(ctl, "kind");
    if (!kind_is_good(kind))
        return CTL_USAGE;
    enum ctl_exit rc = client_get(ctl, &answer, "/v1/series/%s", kind);
    if (rc == CTL_OK)
        rc = table_print(ctl, strcmp(kind, "co2") == 0 ? &co2_table : &price_table, answer,
                         "Nothing is known of the coming two days.");
    json_decref(answer);
    return rc;
}

/* --- the commands --- */

static const struct ctl_flag plan_flags[] = {
    { "hours", "N", 0, "how far ahead, 1 to 48 (default 24)" },
};
static const struct ctl_flag import_flags[] = {
    { "kind", "KIND", 0, "co2 (g/kWh) or price (ct/kWh)" },
    { "unit", "UNIT", 0, "of co2: g/kWh, kg/MWh, kg/kWh; of price: ct/kWh, EUR/MWh, EUR/kWh" },
    { "source", "TEXT", 0, "where the figures are from; kept with them" },
    { "dry-run", NULL, 0, "only check the file" },
};
static const struct ctl_flag hours_flags[] = {
    { "kind", "KIND", 0, "co2 or price" },
};

static const struct ctl_command commands[] = {
    { .name = "grid plan",
      .args = "[NODE]",
      .summary = "Show the coming hours: limits, other load, planned charging, needs at risk",
      .flags = plan_flags,
      .n_flags = ARRAY_SIZE(plan_flags),
      .examples = "grid plan\ngrid plan ORTSNETZ-1 --hours 36\ngrid plan -o json",
      .more =
          "A forecast with what is known now: shares, turns and departures as the scheduler will "
          "handle them. Nobody new comes, nobody leaves untold; who told no energy is taken to "
          "want 15 kWh, and at least 3 more. Needs are judged up to their departure, whatever "
          "--hours says. Figures "
          "are of the phase with the least room; in the bar # is other load and what is kept "
          "for those who are not decided, = is charging. Without NODE each node has a digit "
          "for each part of the time: 7 means 70 to 79 % of the limit in use, * more than all.",
      .run = run_plan },
    { .name = "factor import",
      .args = "FILE",
      .summary = "Take over CO2 or prices by the hour from a CSV file",
      .flags = import_flags,
      .n_flags = ARRAY_SIZE(import_flags),
      .examples = "factor import --kind co2 co2.csv --source 'grid agency, forecast'\n"
                  "factor import --kind price day-ahead.csv --unit EUR/MWh --dry-run",
      .more = "Each line has a time (ISO 8601 with its zone, the beginning) and a value; lines "
              "follow each other at 15, 30 or 60 minutes without gaps. What was imported before "
              "stays on record; of each quarter of an hour the newest value counts. Nodes with "
              "`green` set to co2 or price move charging by it.",
      .run = run_import },
    { .name = "factor editions",
      .args = "",
      .summary = "List what was imported",
      .examples = "factor editions",
      .run = run_editions },
    { .name = "factor hours",
      .args = "",
      .summary = "Show CO2 or prices of the coming two days",
      .flags = hours_flags,
      .n_flags = ARRAY_SIZE(hours_flags),
      .examples = "factor hours --kind co2\nfactor hours --kind price -o csv",
      .run = run_hours },
};
const struct ctl_group ctl_group_plan = { "Coming hours", commands, ARRAY_SIZE(commands) };
