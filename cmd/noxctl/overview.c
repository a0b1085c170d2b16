/* Commands about the whole: status, live view, plain requests, help for the shell. */
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "cmd/noxctl/client.h"
#include "cmd/noxctl/commands.h"
#include "cmd/noxctl/help.h"
#include "cmd/noxctl/member.h"
#include "cmd/noxctl/table.h"
#include "cmd/noxctl/top.h"

static const struct table_column status_columns[] = {
    { "noxd", "version", CELL_TEXT, 0 },
    { "clock", "now", CELL_TIME_S, 0 },
    { "running since", "started_at", CELL_TIME_S, 0 },
    { "", "uptime_s", CELL_SECONDS, TABLE_CSV },
    { "up", "up", CELL_TEXT, TABLE_PLAIN },
    { "time factor", "time_warp", CELL_NUMBER, 0 },
    { "stations connect to", "listen", CELL_LIST, 0 },
    { "schema", "schema_version", CELL_NUMBER, 0 },
    { "storage", "storage.text", CELL_STATUS, 0 },
    { "", "storage.ok", CELL_YES_NO, TABLE_CSV },
    { "failing since", "storage.failing_since", CELL_TIME_S, 0 },
    { "waiting to be stored", "storage.queued", CELL_NUMBER, 0 },
    { "commits", "storage.commits", CELL_NUMBER, 0 },
    { "commit p50 [us]", "storage.commit_us_p50", CELL_NUMBER, 0 },
    { "commit p99 [us]", "storage.commit_us_p99", CELL_NUMBER, 0 },
    { "stations", "counters.stations", CELL_NUMBER, 0 },
    { "online", "counters.online", CELL_NUMBER, 0 },
    { "sessions", "counters.sessions", CELL_NUMBER, 0 },
    { "calls from stations", "counters.calls_in", CELL_NUMBER, 0 },
    { "refused with an error", "counters.callerrors_out", CELL_NUMBER, 0 },
    { "calls to stations", "counters.calls_out", CELL_NUMBER, 0 },
    { "without answer", "counters.timeouts", CELL_NUMBER, 0 },
    { "deviations", "counters.violations", CELL_NUMBER, 0 },
    { "unreadable frames", "counters.garbage", CELL_NUMBER, 0 },
};
static const struct table status_table = TABLE(status_columns);

static const struct table_column alarm_columns[] = {
    { "SINCE", "since", CELL_TIME_S, 0 },      { "COUNT", "count", CELL_NUMBER, 0 },
    { "ALARM", "name", CELL_TEXT, 0 },         { "STATION", "station", CELL_TEXT, 0 },
    { "LAST", "at", CELL_TIME_S, TABLE_WIDE }, { "TEXT", "text", CELL_TEXT, TABLE_WRAP },
};
static const struct table alarm_table = TABLE(alarm_columns);

static enum ctl_exit print_alarms(const struct ctl *ctl, const json_t *alarms)
{
    struct ocpp_text out;
    struct paint p = table_paint_begin(ctl, &out);
    if (json_array_size(alarms) == 0) {
        paint_cell(&p, PAINT_HEAD, "alarms", 23, false);
        paint_text(&p, PAINT_GOOD, "none");
        paint_end(&p);
    } else {
        paint_end(&p);
        table_paint(&p, &alarm_table, alarms);
    }
    return table_paint_out(&p);
}

/* The clock may be faster than real time; how long noxd runs is not. */
static void add_up(json_t *status)
{
    char text[CELL_TIME_SIZE];
    cell_duration(member_int(status, "uptime_s"), text);
    bool fast = member_int(status, "time_warp") > 1;
    json_object_set_new(status, "up", json_sprintf("%s%s", text, fast ? " (real time)" : ""));
}

static enum ctl_exit run_status(struct ctl *ctl)
{
    json_t *status = NULL;
    enum ctl_exit rc = client_get(ctl, &status, "/v1/status");
    if (rc == CTL_OK && ctl->output == CTL_TABLE)
        add_up(status);
    if (rc == CTL_OK)
        rc = table_print_one(ctl, &status_table, status);
    if (rc == CTL_OK && ctl->output == CTL_TABLE)
        rc = print_alarms(ctl, member_at(status, "alarms"));
    json_decref(status);
    return rc;
}

static const struct table_column version_columns[] = {
    { "noxctl", "noxctl", CELL_TEXT, 0 },
    { "noxd", "noxd", CELL_TEXT, 0 },
};
static const struct table version_table = TABLE(version_columns);

static enum ctl_exit run_version(struct ctl *ctl)
{
    struct client_answer answer;
    client_ask(ctl, "GET", "/v1/status", NULL, &answer);
    const char *noxd = member_text(answer.json, "version");
    json_t *versions = json_pack("{ss ss*}", "noxctl", NOX_VERSION, "noxd", *noxd ? noxd : NULL);
    enum ctl_exit rc = table_print_one(ctl, &version_table, versions);
    if (answer.exit != CTL_OK && answer.message[0])
        ctl_note(ctl, "%s", answer.message);
    json_decref(versions);
    client_answer_done(&answer);
    return rc;
}

/* --- any request --- */

static bool to_stdout(void *unused, const char *data, size_t len)
{
    (void)unused;
    return fwrite(data, 1, len, stdout) == len;
}

static bool to_text(void *text, const char *data, size_t len)
{
    ocpp_text_append(text, data, len);
    return !((struct ocpp_text *)text)->failed;
}

/* JSON is made readable on a terminal; everything else is passed on. */
static enum ctl_exit print_body(const struct ctl *ctl, const struct ocpp_text *body)
{
    json_t *json = json_loadb(body->data, body->len, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
    enum ctl_exit rc = CTL_OK;
    if (json)
        rc = ctl_print_json(ctl, json);
    else if (!to_stdout(NULL, body->data, body->len))
        rc = ctl_fail(CTL_FAILED, "cannot write to standard output");
    json_decref(json);
    return rc;
}

static bool is_json(const char *text)
{
    json_error_t error;
    json_t *json = json_loads(text, JSON_DECODE_ANY, &error);
    if (!json)
        ctl_fail(CTL_USAGE, "the body is no JSON: %s (line %d, column %d)", error.text, error.line,
                 error.column);
    json_decref(json);
    return json != NULL;
}

static enum ctl_exit run_api(struct ctl *ctl)
{
    const char *path = ctl->arg[1];
    const char *body = ctl->n_args > 2 ? ctl->arg[2] : NULL;
    size_t len;
    if (path[0] != '/' || strpbrk(path, " \r\n"))
        return ctl_fail(CTL_USAGE, "a path begins with / and has no blanks: /v1/status");
    bool from_file = body && (strcmp(body, "-") == 0 || body[0] == '@');
    char *read = from_file ? ctl_read_file(body[0] == '@' ? body + 1 : body, &len) : NULL;
    if (from_file && !read)
        return CTL_FAILED;
    body = from_file ? read : body;
    struct ocpp_text out;
    ocpp_text_init(&out);
    enum ctl_exit rc = CTL_USAGE;
    if (!body || is_json(body))
        rc = client_stream(ctl, ctl->arg[0], path, body, to_text, &out);
    if (rc == CTL_OK)
        rc = print_body(ctl, &out);
    ocpp_text_done(&out);
    free(read);
    return rc;
}

/* --- for the shell --- */

static enum ctl_exit print_text(struct ocpp_text *text)
{
    struct paint p = { .out = text };
    return table_paint_out(&p);
}

static enum ctl_exit run_completion(struct ctl *ctl)
{
    if (strcmp(ctl->arg[0], "bash") != 0)
        return ctl_fail(CTL_USAGE, "completions exist for bash: noxctl completion bash");
    struct ocpp_text out;
    ocpp_text_init(&out);
    help_append_bash(&out);
    return print_text(&out);
}

/* @return false if there is no man to show it */
static bool show_page(const struct ocpp_text *page)
{
    FILE *man = popen("command -v man >/dev/null || exit 127; exec man -l -", "w");
    if (!man)
        return false;
    signal(SIGPIPE, SIG_IGN); /* man may be left before it has read all */
    fwrite(page->data, 1, page->len, man);
    int status = pclose(man);
    return !(WIFEXITED(status) && WEXITSTATUS(status) == 127);
}

static enum ctl_exit run_man(struct ctl *ctl)
{
    struct ocpp_text out;
    ocpp_text_init(&out);
    help_append_manual(&out);
    if (ctl->terminal && show_page(&out)) {
        ocpp_text_done(&out);
        return CTL_OK;
    }
    return print_text(&out);
}

static const struct ctl_flag top_flags[] = {
    { "once", NULL, 0, "print one picture and end; no control of the screen" },
    { "interval", "SECONDS", 0, "time between two pictures (default 1)" },
    { "hint", "TEXT", 0, "a line at the bottom" },
};

static const struct ctl_command commands[] = {
    { .name = "status",
      .args = "",
      .summary = "Show health, counters and alarms of noxd",
      .examples = "status\nstatus -o json | jq .storage",
      .run = run_status },
    { .name = "top",
      .args = "",
      .summary = "Watch the street live: grid, lamps, cars, events",
      .flags = top_flags,
      .n_flags = ARRAY_SIZE(top_flags),
      .examples = "top\ntop --once\nCOLUMNS=120 noxctl top --once",
      .more = "Keys: q ends, arrows and page keys scroll, a shows connectors without a car or "
              "hides them.",
      .run = run_top },
    { .name = "api",
      .args = "METHOD PATH [BODY]",
      .summary = "Send any request to noxd and print the answer",
      .examples = "api GET /v1/status\n"
                  "api POST /v1/grid/DO-KAISER/limit '{\"limit_a\":[40,40,40]}'\n"
                  "api PUT /v1/tags/04A1 @tag.json",
      .more = "BODY is JSON, @FILE, or - for standard input.",
      .run = run_api },
    { .name = "version",
      .args = "",
      .summary = "Print the versions of noxctl and of the running noxd",
      .examples = "version",
      .run = run_version },
    { .name = "completion",
      .args = "SHELL",
      .summary = "Print a completion script (SHELL: bash)",
      .examples = "completion bash > /etc/bash_completion.d/noxctl",
      .run = run_completion },
    { .name = "man",
      .args = "",
      .summary = "Show the manual page, or print it when the output is no terminal",
      .examples = "man\nman > noxctl.1",
      .run = run_man },
};
const struct ctl_group ctl_group_overview = { "Overview", commands, ARRAY_SIZE(commands) };
