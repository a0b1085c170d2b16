/* "What if this feeder had 80 A?": recorded sessions once more through the scheduler. */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/noxctl/client.h"
#include "cmd/noxctl/commands.h"
#include "cmd/noxctl/instant.h"
#include "cmd/noxctl/member.h"
#include "cmd/noxctl/table.h"

enum { LINE_MAX_BYTES = 16 * 1024 * 1024, LEAST_WAIT_MS = 120000 };

/* --- the question --- */

/* "NODE=80" or "NODE=80,80,63" */
static bool take_limit(const char *text, json_t *limits)
{
    const char *equals = strrchr(text, '=');
    char node[64], amps[64];
    int64_t tenths[3];
    size_t n = 0;
    if (!equals || equals == text || (size_t)(equals - text) >= sizeof(node))
        return false;
    snprintf(node, sizeof(node), "%.*s", (int)(equals - text), text);
    snprintf(amps, sizeof(amps), "%s", equals + 1);
    char *rest = NULL;
    for (char *part = strtok_r(amps, ",", &rest); part; part = strtok_r(NULL, ",", &rest))
        if (n == 3 || !ctl_parse_tenths(part, &tenths[n++]))
            return false;
    if (n == 1)
        json_object_set_new(limits, node, json_real((double)tenths[0] / 10));
    else if (n == 3)
        json_object_set_new(limits, node,
                            json_pack("[fff]", (double)tenths[0] / 10, (double)tenths[1] / 10,
                                      (double)tenths[2] / 10));
    return n == 1 || n == 3;
}

static bool take_limits(const struct ctl *ctl, json_t *body)
{
    json_t *limits = json_object();
    bool good = true;
    for (size_t i = 0; good && i < ctl->n_flags; i++) {
        if (strcmp(ctl->flag[i].name, "limit") != 0)
            continue;
        good = take_limit(ctl->flag[i].value, limits);
        if (!good)
            ctl_fail(CTL_USAGE, "--limit %s: NODE=80, or NODE=80,80,63 by phase, is needed",
                     ctl->flag[i].value);
    }
    json_object_set_new(body, "limits", limits);
    return good;
}

static bool take_time(const struct ctl *ctl, const char *flag, json_t *body)
{
    char utc[32];
    const char *text = ctl_flag(ctl, flag);
    if (!text) {
        ctl_fail(CTL_USAGE,
                 "--%s is missing: noxctl grid simulate --from 2026-10-01 --to 2026-11-01", flag);
        return false;
    }
    if (!instant_read(ctl, flag, text, INSTANT_LAST, utc))
        return false;
    json_object_set_new(body, flag, json_string(utc));
    return true;
}

static bool take_told(const struct ctl *ctl, json_t *body)
{
    const char *told = ctl_flag(ctl, "told");
    if (!told)
        return true;
    if (strcmp(told, "all") != 0 && strcmp(told, "recorded") != 0 && strcmp(told, "none") != 0) {
        ctl_fail(CTL_USAGE, "--told %s: it is all, recorded or none", told);
        return false;
    }
    json_object_set_new(body, "told", json_string(told));
    return true;
}

/* --- the answer: lines, the last one is the result --- */

struct lines {
    struct ocpp_text line;
    json_t *result;
    int64_t percent;
    bool terminal, failed;
};

static void show_progress(struct lines *l, int64_t percent)
{
    if (percent == l->percent)
        return;
    if (l->terminal)
        fprintf(stderr, "\rplaying the sessions: %3" PRId64 " %%", percent);
    else if (percent / 25 > l->percent / 25)
        fprintf(stderr, "playing the sessions: %" PRId64 " %%\n", percent);
    l->percent = percent;
}

static void take_line(struct lines *l)
{
    json_t *json = json_loadb(l->line.data, l->line.len, 0, NULL);
    const json_t *result = member_at(json, "result");
    int64_t percent = member_int(json, "progress_percent");
    if (percent != MEMBER_UNKNOWN)
        show_progress(l, percent);
    if (result)
        l->result = json_incref((json_t *)result);
    json_decref(json);
    ocpp_text_truncate(&l->line, 0);
}

static bool take_bytes(void *arg, const char *data, size_t len)
{
    struct lines *l = arg;
    while (len > 0) {
        const char *end = memchr(data, '\n', len);
        size_t n = end ? (size_t)(end - data) : len;
        ocpp_text_append(&l->line, data, n);
        if (l->line.failed || l->line.len > LINE_MAX_BYTES)
            return false;
        if (end)
            take_line(l);
        data += n + (end != NULL);
        len -= n + (end != NULL);
    }
    return true;
}

/* --- for people --- */

static const struct {
    const char *what, *member;
    enum cell_kind kind;
    bool decimal; /* as noxd wrote it */
} figures[] = {
    { "asked for [kWh]", "asked_wh", CELL_KWH, false },
    { "received [kWh]", "received_wh", CELL_KWH, false },
    { "received of asked [%]", "met_percent", CELL_NUMBER, true },
    { "fully met", "n_fully_met", CELL_NUMBER, false },
    { "fairness (Jain)", "jain", CELL_NUMBER, true },
    { "switched off and on, per session", "switches_per_session", CELL_NUMBER, true },
    { "limits sent", "commands", CELL_NUMBER, false },
    { "excess allowed [A]", "excess_a", CELL_AMPS, false },
};

static json_t *figure_text(const json_t *variant, size_t i)
{
    const json_t *value = member_at(variant, figures[i].member);
    struct ocpp_text text;
    ocpp_text_init(&text);
    if (figures[i].decimal && json_is_number(value))
        ocpp_text_append_format(&text, "%.*f",
                                i == 4   ? 4
                                : i == 2 ? 1
                                         : 3,
                                json_number_value(value));
    else
        cell_append(&text, value, figures[i].kind);
    json_t *json = json_string(text.data);
    ocpp_text_done(&text);
    return json;
}

static json_t *figure_rows(const json_t *variants)
{
    json_t *rows = json_array();
    for (size_t i = 0; i < ARRAY_SIZE(figures); i++) {
        json_t *row = json_pack("{ss}", "what", figures[i].what);
        for (size_t v = 0; v < json_array_size(variants); v++) {
            const json_t *variant = json_array_get(variants, v);
            json_object_set_new(row, member_text(variant, "name"), figure_text(variant, i));
        }
        json_array_append_new(rows, row);
    }
    return rows;
}

static const struct table_column figure_columns[] = {
    { "", "what", CELL_TEXT, 0 },
    { "RECORDED", "recorded", CELL_NUMBER, 0 },
    { "CONFIGURED", "configured", CELL_NUMBER, 0 },
    { "WITH LIMITS", "limits", CELL_NUMBER, 0 },
};

/* Of each node and variant the worst. */
static const struct table_column node_columns[] = {
    { "NODE", "id", CELL_TEXT, 0 },        { "VARIANT", "variant", CELL_TEXT, 0 },
    { "LIMIT", "limit_a", CELL_AMPS3, 0 }, { "ALLOWED", "allowed_a", CELL_AMPS3, 0 },
    { "DRAWN", "drawn_a", CELL_AMPS3, 0 }, { "EXCESS", "excess_a", CELL_AMPS3, 0 },
};
static const struct table node_table = TABLE(node_columns);

static json_t *node_rows(const json_t *variants)
{
    json_t *rows = json_array();
    const json_t *first = member_at(json_array_get(variants, 1), "nodes");
    for (size_t i = 0; i < json_array_size(first); i++)
        for (size_t v = 1; v < json_array_size(variants); v++) {
            const json_t *variant = json_array_get(variants, v);
            json_t *row = json_copy(json_array_get(member_at(variant, "nodes"), i));
            json_object_set(row, "variant", json_object_get(variant, "name"));
            json_array_append_new(rows, row);
        }
    return rows;
}

/* "left out: 3 that still run, 1 at a station on no grid node" */
static void paint_left_out(struct paint *p, const json_t *left_out)
{
    static const struct {
        const char *member, *text;
    } why[] = { { "running", "that still run" },
                { "on_no_grid_node", "at stations on no grid node" },
                { "without_sound_figures", "without sound figures" } };
    const char *before = "left out: ";
    for (size_t i = 0; i < ARRAY_SIZE(why); i++) {
        int64_t n = member_int(left_out, why[i].member);
        if (n <= 0)
            continue;
        paint_format(p, PAINT_DIM, "%s%" PRId64 " %s", before, n, why[i].text);
        before = ", ";
    }
    if (*before == ',')
        paint_end(p);
}

static enum ctl_exit print_people(const struct ctl *ctl, const json_t *result)
{
    const json_t *variants = member_at(result, "variants");
    struct table figure_table = { figure_columns, json_array_size(variants) + 1 };
    json_t *figure = figure_rows(variants), *nodes = node_rows(variants);
    struct ocpp_text out;
    struct paint p = table_paint_begin(ctl, &out);
    paint_format(&p, PAINT_HEAD, "%" PRId64 " sessions, %" PRId64 " with departure and energy told",
                 member_int(result, "sessions"), member_int(result, "told"));
    paint_end(&p);
    paint_left_out(&p, member_at(result, "left_out"));
    table_paint(&p, &figure_table, figure);
    paint_end(&p);
    paint_text(&p, PAINT_HEAD, "Worst of each node, amperes by phase");
    paint_end(&p);
    table_paint(&p, &node_table, nodes);
    json_decref(figure);
    json_decref(nodes);
    enum ctl_exit rc = table_paint_out(&p);
    ctl_note(ctl, "What a car received, or its driver told, is taken for what it wanted: it may "
                  "have wanted more.\nOf a tag the highest current ever seen is the car's.");
    if (member_int(result, "meters") > 0)
        ctl_note(ctl, "What meters read then is not kept: the usual load of the hour counts "
                      "(foreign_by_hour_a), or silent_a where there is none.");
    return rc;
}

static enum ctl_exit print_csv(const struct ctl *ctl, const json_t *result)
{
    static const struct table_column columns[] = {
        { "", "name", CELL_TEXT, 0 },
        { "", "asked_wh", CELL_NUMBER, 0 },
        { "", "received_wh", CELL_NUMBER, 0 },
        { "", "met_percent", CELL_NUMBER, 0 },
        { "", "n_fully_met", CELL_NUMBER, 0 },
        { "", "jain", CELL_NUMBER, 0 },
        { "", "switches_per_session", CELL_NUMBER, 0 },
        { "", "commands", CELL_NUMBER, 0 },
        { "", "excess_a", CELL_NUMBER, 0 },
    };
    static const struct table table = TABLE(columns);
    json_t *answer = json_pack("{sO}", "items", member_at(result, "variants"));
    enum ctl_exit rc = table_print(ctl, &table, answer, NULL);
    json_decref(answer);
    return rc;
}

static enum ctl_exit ask(const struct ctl *ctl, const json_t *body, struct lines *l)
{
    struct ctl patient = *ctl; /* the first line may take a while: all samples are read before it */
    patient.timeout_ms = patient.timeout_ms > LEAST_WAIT_MS ? patient.timeout_ms : LEAST_WAIT_MS;
    char *text = json_dumps(body, JSON_COMPACT);
    enum ctl_exit rc = client_stream(&patient, "POST", "/v1/grid/simulate", text, take_bytes, l);
    free(text);
    if (l->terminal && l->percent >= 0)
        fprintf(stderr, "\r%40s\r", "");
    if (rc == CTL_OK && !l->result)
        rc = ctl_fail(CTL_FAILED, "noxd ended before the result came; try again");
    return rc;
}

static enum ctl_exit run_simulate(struct ctl *ctl)
{
    struct lines lines = { .percent = -1, .terminal = isatty(STDERR_FILENO) == 1 };
    json_t *body = json_object();
    enum ctl_exit rc = CTL_USAGE;
    ocpp_text_init(&lines.line);
    if (take_time(ctl, "from", body) && take_time(ctl, "to", body) && take_told(ctl, body) &&
        take_limits(ctl, body))
        rc = ask(ctl, body, &lines);
    if (rc == CTL_OK && ctl->output == CTL_JSON)
        rc = ctl_print_json(ctl, lines.result);
    else if (rc == CTL_OK && ctl->output == CTL_CSV)
        rc = print_csv(ctl, lines.result);
    else if (rc == CTL_OK)
        rc = print_people(ctl, lines.result);
    json_decref(lines.result);
    json_decref(body);
    ocpp_text_done(&lines.line);
    return rc;
}

static const struct ctl_flag simulate_flags[] = {
    { "from", "TIME", 0, "sessions that ended from then on: " INSTANT_LAST_HELP },
    { "to", "TIME", 0, "and before then, as --from" },
    { "limit", "NODE=A", 0, "with this limit instead, or NODE=L1,L2,L3; may be given again" },
    { "told", "WHOSE", 0, "departure and energy known of: recorded (default), all, none" },
};

static const struct ctl_command commands[] = {
    { .name = "grid simulate",
      .args = "",
      .summary = "Play recorded sessions again, as configured and with other limits",
      .flags = simulate_flags,
      .n_flags = ARRAY_SIZE(simulate_flags),
      .examples = "grid simulate --from 2026-10-01 --to 2026-11-01\n"
                  "grid simulate --from 2026-10-01 --to 2026-11-01 --limit DO-KAISER=80\n"
                  "grid simulate --from 2026-10-01 --to 2026-11-01 --told all -o json",
      .more =
          "The same scheduler decides, in virtual time, with stations that are always in reach, "
          "and with the calendars and caps of that time. What a car received, or its driver "
          "told, is taken for what it wanted: a lower bound, so more capacity may give more than "
          "is shown here. Excess must be 0. With --told all the scheduler knows of each session "
          "when it will leave.",
      .run = run_simulate },
};
const struct ctl_group ctl_group_simulate = { "What if", commands, ARRAY_SIZE(commands) };
