/* The grid: the tree with its loads, the proof, limits for now. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cmd/noxctl/client.h"
#include "cmd/noxctl/commands.h"
#include "cmd/noxctl/explain.h"
#include "cmd/noxctl/grid_cap.h"
#include "cmd/noxctl/grid_rows.h"
#include "cmd/noxctl/instant.h"
#include "cmd/noxctl/member.h"
#include "cmd/noxctl/place.h"

static enum ctl_exit print_points(const struct ctl *ctl, const json_t *nodes)
{
    json_t *points = json_array();
    for (size_t i = 0; i < json_array_size(nodes); i++) {
        const json_t *node = json_array_get(nodes, i);
        const json_t *own = member_at(node, "points");
        for (size_t k = 0; k < json_array_size(own); k++) {
            json_t *point = json_copy(json_array_get(own, k));
            if (!member_at(point, "grid_node"))
                json_object_set(point, "grid_node", json_object_get(node, "id"));
            json_array_append_new(points, point);
        }
    }
    struct ocpp_text out;
    struct paint p = table_paint_begin(ctl, &out);
    paint_end(&p);
    table_paint(&p, &place_table, points);
    json_decref(points);
    return table_paint_out(&p);
}

/* In a file nobody misses the columns that do not fit. */
static enum ctl_exit print_readable(const struct ctl *ctl, const json_t *rows)
{
    struct ctl readable = table_readable(ctl);
    struct ocpp_text out;
    struct paint p = table_paint_begin(&readable, &out);
    table_paint(&p, &grid_table, rows);
    return table_paint_out(&p);
}

static enum ctl_exit run_show(struct ctl *ctl)
{
    json_t *grid = NULL;
    enum ctl_exit rc = client_get(ctl, &grid, "/v1/grid");
    const json_t *nodes = member_items(grid);
    const char *only = ctl->n_args > 0 ? ctl->arg[0] : NULL;
    if (rc == CTL_OK && only && !member_find(nodes, "id", only))
        rc = ctl_fail(CTL_NOT_FOUND, "the grid has no node '%s'; 'noxctl grid show' lists them",
                      only);
    if (rc == CTL_OK && ctl->output == CTL_JSON) {
        rc = ctl_print_json(ctl, only ? member_find(nodes, "id", only) : grid);
    } else if (rc == CTL_OK) {
        json_t *rows = grid_rows(nodes, only, ctl->output == CTL_TABLE);
        json_t *answer = json_pack("{so}", "items", rows);
        rc = ctl->columns == 0 && ctl->output == CTL_TABLE && json_array_size(rows) > 0
                 ? print_readable(ctl, rows)
                 : table_print(ctl, &grid_table, answer,
                               "No grid. 'noxctl apply -f FILE' brings one (list `grid`).");
        json_decref(answer);
    }
    if (rc == CTL_OK && ctl_flag(ctl, "points") && ctl->output == CTL_TABLE)
        rc = print_points(ctl, nodes);
    json_decref(grid);
    return rc;
}

static const struct table_column culprit_columns[] = {
    { "NODE", "node", CELL_TEXT, TABLE_CUT },
    { "PHASE", "phase", CELL_TEXT, 0 },
    { "FROM", "from", CELL_TIME, 0 },
    { "SUM", "sum_a", CELL_AMPS, 0 },
    { "CAPACITY", "capacity_a", CELL_AMPS, 0 },
    { "LIMIT", "limit_a", CELL_AMPS, TABLE_WIDE },
    { "FOREIGN", "foreign_a", CELL_AMPS, TABLE_WIDE },
    { "WHO", "who", CELL_TEXT, TABLE_WRAP },
    { "", "limit_why", CELL_TEXT, TABLE_CSV },
    { "", "foreign_why", CELL_TEXT, TABLE_CSV },
    { "", "worst_at", CELL_TIME_S, TABLE_CSV },
};
static const struct table culprit_table = TABLE(culprit_columns);

enum { WHO_SHOWN = 8 };

/* "DO-L0001 6.0, DO-L0002 16.0 (rating), ..., 24 more" */
static json_t *who_of(const json_t *culprit)
{
    const json_t *points = member_at(culprit, "points");
    size_t n = json_array_size(points);
    struct ocpp_text who;
    ocpp_text_init(&who);
    for (size_t i = 0; i < n && i < WHO_SHOWN; i++) {
        const json_t *point = json_array_get(points, i);
        bool at_rating = strcmp(member_text(point, "counts_at"), "rating") == 0;
        ocpp_text_append_format(&who, "%s%s ", i > 0 ? ", " : "", member_text(point, "station"));
        cell_append_tenths(&who, member_tenths(point, "current_a"));
        ocpp_text_append_str(&who, at_rating ? " (rating)" : "");
    }
    if (n > WHO_SHOWN)
        ocpp_text_append_format(&who, ", %zu more", n - WHO_SHOWN);
    json_t *text = json_string(who.data);
    ocpp_text_done(&who);
    return text;
}

static enum ctl_exit print_culprits(const struct ctl *ctl, const json_t *answer)
{
    json_t *rows = json_array();
    const json_t *culprits = member_at(answer, "culprits");
    for (size_t i = 0; i < json_array_size(culprits); i++) {
        json_t *row = json_copy(json_array_get(culprits, i));
        json_object_set_new(row, "who", who_of(row));
        json_array_append_new(rows, row);
    }
    json_t *list = json_pack("{so}", "items", rows);
    enum ctl_exit rc = table_print(ctl, &culprit_table, list, NULL);
    json_decref(list);
    return rc;
}

static enum ctl_exit run_prove(struct ctl *ctl)
{
    json_t *answer = NULL;
    enum ctl_exit rc = client_do(ctl, "POST", NULL, &answer, "/v1/grid/prove");
    if (rc != CTL_OK)
        return rc;
    bool holds = member_true(answer, "holds");
    const char *text = member_text(answer, "text");
    if (ctl->output == CTL_JSON)
        rc = ctl_print_json(ctl, answer);
    else if (!holds || ctl->output == CTL_CSV)
        rc = print_culprits(ctl, answer);
    else
        puts(*text ? text : "All safe currents fit below every node, whatever happens.");
    if (!holds)
        rc = ctl_fail(CTL_CONFLICT, "%s",
                      *text ? text : "the safe currents do not fit: lower safe_a or raise a limit");
    json_decref(answer);
    return rc;
}

static json_t *amps_of(const char *text)
{
    int64_t tenths;
    if (!ctl_parse_tenths(text, &tenths)) {
        ctl_fail(CTL_USAGE, "'%s': amperes with at most one decimal are needed", text);
        return NULL;
    }
    return tenths % 10 ? json_real((double)tenths / 10) : json_integer((json_int_t)tenths / 10);
}

static bool is_zero(const json_t *amps)
{
    for (size_t i = 0; i < json_array_size(amps); i++)
        if (member_value_tenths(json_array_get(amps, i)) != 0)
            return false;
    return true;
}

/* "X: limit 40.0 A, ..." or "X: limit 40.0 40.0 32.0 A, of which 10.0 A are kept for others, ..."
 */
static void tell_limit(const char *node, const json_t *answer)
{
    const json_t *foreign = member_at(answer, "foreign_a");
    struct ocpp_text text;
    ocpp_text_init(&text);
    ocpp_text_append_format(&text, "%s: limit ", node);
    cell_append(&text, member_at(answer, "limit_a"), CELL_AMPS3);
    ocpp_text_append_str(&text, " A");
    if (!is_zero(foreign)) {
        ocpp_text_append_str(&text, ", of which kept for other users ");
        cell_append(&text, foreign, CELL_AMPS3);
        ocpp_text_append_str(&text, " A");
    }
    fprintf(stderr, "%s, in force now; it holds until the next apply or restart of noxd\n",
            text.data);
    ocpp_text_done(&text);
}

/* The limit is sent all the same: it is for emergencies. */
static void warn_of_limit(const char *node, const json_t *answer)
{
    if (!json_is_false(member_at(answer, "holds")))
        return;
    fprintf(stderr,
            "warning: lamps that lose their connection may exceed it: %s\n"
            "  Nobody is raised until it fits. To make it hold: raise it (noxctl grid limit %s A), "
            "lower safe_a\n  (noxctl apply -f FILE), or switch lamps off; 'noxctl grid prove' "
            "checks it again.\n",
            member_text(answer, "text"), node);
}

static enum ctl_exit run_limit(struct ctl *ctl)
{
    if (ctl->n_args == 3)
        return ctl_fail(CTL_USAGE,
                        "one limit for all phases or three: noxctl grid limit %s 40 "
                        "or 40 40 32",
                        ctl->arg[0]);
    json_t *limits = json_array();
    for (size_t phase = 0; phase < 3; phase++) {
        json_t *amps = amps_of(ctl->arg[ctl->n_args > 2 ? phase + 1 : 1]);
        if (!amps) {
            json_decref(limits);
            return CTL_USAGE;
        }
        json_array_append_new(limits, amps);
    }
    json_t *body = json_pack("{so}", "limit_a", limits), *answer = NULL;
    enum ctl_exit rc = client_do(ctl, "POST", body, &answer, "/v1/grid/%s/limit", ctl->arg[0]);
    if (rc == CTL_OK && ctl->output == CTL_JSON)
        rc = ctl_print_json(ctl, answer);
    if (rc == CTL_OK) {
        tell_limit(ctl->arg[0], answer);
        warn_of_limit(ctl->arg[0], answer);
    }
    json_decref(answer);
    json_decref(body);
    return rc;
}

static const struct ctl_flag show_flags[] = {
    { "points", NULL, 0, "list the connectors below as well" },
};
static const struct ctl_flag explain_flags[] = {
    { "connector", "N", 0, "which connector (default: the one with a session, else 1)" },
    { "at", "TIME", 0, "why it was so at " INSTANT_LAST_HELP "; decisions are kept 90 days" },
};

static const struct ctl_flag cap_flags[] = {
    { "amps", "A[,B,C]", 0, "most that may flow per phase: one number, or three for L1, L2, L3" },
    { "kw", "KW", 0, "the same as the power of all three phases at 230 V" },
    { "section-14a", NULL, 0, "the legal minimum of section 14a EnWG for the points below" },
    { "from", "TIME", 0, "begin (default: now): " INSTANT_NEXT_HELP },
    { "until", "TIME", 0, "end, as --from; 18:30 is the first one after the begin" },
    { "for", "SPAN", 0, "length in place of --until: 30m, 2h, 1d" },
    { "reason", "TEXT", 0, "why, kept with it" },
};
static const struct ctl_flag caps_flags[] = {
    { "all", NULL, 0, "also those that have ended, newest first" },
};
static const struct ctl_flag meter_flags[] = {
    { "amps", "A[,B,C]", 0, "feed a reading by hand" },
    { "at", "TIME", 0, "when it was taken (default: now): " INSTANT_LAST_HELP },
};

static const struct ctl_command commands[] = {
    { .name = "grid show",
      .args = "[NODE]",
      .summary = "Show the tree: limits, other load, reserved and measured current",
      .flags = show_flags,
      .n_flags = ARRAY_SIZE(show_flags),
      .examples = "grid show\ngrid show DO-KAISER --points",
      .more =
          "Currents are amperes. Others is kept for other users of the connection; reserved "
          "is the worst that all points may draw whatever fails, granted what sessions were "
          "given, free is limit less others less reserved. Phases that are alike share a "
          "line. In brackets: cars that wait. By says what decides where that is no fixed value (cap, calendar, hour, "
          "meter); next when it changes and what will be left of the limit for charging.",
      .run = run_show },
    { .name = "grid prove",
      .args = "",
      .summary = "Check that all safe currents fit below every node",
      .examples = "grid prove",
      .more = "Proved is the configuration as it is stored, and the same with the caps that have "
              "not ended and with limits set by hand ('noxctl grid limit'): for every node, phase "
              "and instant of the year to come, the sum of what everybody may draw when all links "
              "are cut. What does not fit is listed, with who makes up the sum; exit code 5.",
      .run = run_prove },
    { .name = "grid limit",
      .args = "NODE A [L2 L3]",
      .summary = "Change the limit of a node now, until the next apply or restart",
      .examples = "grid limit DO-KAISER 40\ngrid limit DO-KAISER 40 40 32",
      .run = run_limit },
    { .name = "grid cap",
      .args = "NODE",
      .summary = "Cap a node until an instant: kept over restarts, logged, ends by itself",
      .flags = cap_flags,
      .n_flags = ARRAY_SIZE(cap_flags),
      .examples = "grid cap DO-KAISER --amps 40 --until 21:00 --reason 'works at the cable'\n"
                  "grid cap DO-KAISER --kw 20 --from '2026-12-01 17:00' --for 2h\n"
                  "grid cap DO-KAISER --section-14a --for 1h",
      .more = "A cap is the most that may flow at the node, other load included; it only lowers: "
              "the least of limit_a, calendar and caps counts. A planned one is honoured before "
              "it begins, whatever is lost on the way. --section-14a is 4.2 kW for the first "
              "point of more than 4.2 kW and, for each further one, 4.2 kW times the factor of "
              "simultaneity (0.80 for two, 0.45 from nine on).",
      .run = grid_cap_run },
    { .name = "grid caps",
      .args = "",
      .summary = "List the caps that are in force or planned, or all that ever were",
      .flags = caps_flags,
      .n_flags = ARRAY_SIZE(caps_flags),
      .examples = "grid caps\ngrid caps --all -o csv",
      .run = grid_caps_run },
    { .name = "grid uncap",
      .args = "ID",
      .summary = "Take a cap back before its end",
      .examples = "grid uncap 3",
      .run = grid_uncap_run },
    { .name = "grid meter",
      .args = "NODE",
      .summary = "Show the last reading of a node's live meter and what is assumed, or feed one",
      .flags = meter_flags,
      .n_flags = ARRAY_SIZE(meter_flags),
      .examples = "grid meter DO-ONS\ngrid meter DO-ONS --amps 12,13.5,9",
      .run = grid_meter_run },
    { .name = "explain limit",
      .args = "STATION",
      .summary = "Say why a lamp has its limit: path, sharers, binding rule, last command",
      .flags = explain_flags,
      .n_flags = ARRAY_SIZE(explain_flags),
      .examples = "explain limit DO-L0006\nexplain limit DO-L0006 --at '2026-10-24 20:15'",
      .more =
          "With --at: which limit was in force then, by which command and for what reason, what "
          "the station had answered, and what all lamps below each node could draw together, "
          "with the caps of then. The grid and the stations are shown as they are now.",
      .run = run_explain_limit },
};
const struct ctl_group ctl_group_grid = { "Grid", commands, ARRAY_SIZE(commands) };
