/* The grid: the tree with its loads, the proof, limits for now. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cmd/noxctl/client.h"
#include "cmd/noxctl/commands.h"
#include "cmd/noxctl/explain.h"
#include "cmd/noxctl/grid_rows.h"
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
        rc = table_print(ctl, &grid_table, answer,
                         "No grid. 'noxctl apply -f FILE' brings one (list `grid`).");
        json_decref(answer);
    }
    if (rc == CTL_OK && ctl_flag(ctl, "points") && ctl->output == CTL_TABLE)
        rc = print_points(ctl, nodes);
    json_decref(grid);
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
    if (ctl->output != CTL_TABLE) {
        static const struct table_column columns[] = { { "", "holds", CELL_YES_NO, 0 },
                                                       { "", "node", CELL_TEXT, 0 },
                                                       { "", "text", CELL_TEXT, 0 } };
        static const struct table table = TABLE(columns);
        rc = table_print_one(ctl, &table, answer);
    } else if (holds) {
        puts(*text ? text : "All safe currents fit below every node, whatever happens.");
    }
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
    { "at", "TIME", 0, "why it was so then: '2026-10-24 20:15' (decisions are kept 90 days)" },
};

static const struct ctl_command commands[] = {
    { .name = "grid show",
      .args = "[NODE]",
      .summary = "Show the tree: limits, reserved, granted and measured current",
      .flags = show_flags,
      .n_flags = ARRAY_SIZE(show_flags),
      .examples = "grid show\ngrid show DO-KAISER --points",
      .more = "Currents are amperes. Foreign is kept for other users of the connection; reserved "
              "is the worst that all points may draw whatever fails, granted what sessions were "
              "given, free is limit less foreign less reserved. Phases that are alike share a "
              "line.",
      .run = run_show },
    { .name = "grid prove",
      .args = "",
      .summary = "Check that all safe currents fit below every node",
      .examples = "grid prove",
      .more = "Proved is the configuration as it is stored, and the same with the limits in force "
              "now ('noxctl grid limit').",
      .run = run_prove },
    { .name = "grid limit",
      .args = "NODE A [L2 L3]",
      .summary = "Change the limit of a node now, until the next apply or restart",
      .examples = "grid limit DO-KAISER 40\ngrid limit DO-KAISER 40 40 32",
      .run = run_limit },
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
