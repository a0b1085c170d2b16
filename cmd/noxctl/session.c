/* Charging sessions: lists, doubts, stops without a start, closing by hand. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/noxctl/client.h"
#include "cmd/noxctl/commands.h"
#include "cmd/noxctl/filter.h"
#include "cmd/noxctl/instant.h"
#include "cmd/noxctl/member.h"
#include "cmd/noxctl/need.h"
#include "cmd/noxctl/table.h"
#include "ocpp/wire/text.h"

static const struct table_column list_columns[] = {
    { "SESSION", "tx_id", CELL_NUMBER, 0 },
    { "STATION", "station", CELL_TEXT, 0 },
    { "NO", "connector", CELL_NUMBER, 0 },
    { "STARTED", "started_at", CELL_TIME, 0 },
    { "STOPPED", "stopped_at", CELL_TIME, 0 },
    { "kWh", "energy_wh", CELL_KWH, 0 },
    { "STATE", "state", CELL_STATUS, 0 },
    { "TAG", "id_tag", CELL_TEXT, TABLE_WIDE },
    { "CUSTOMER", "customer", CELL_TEXT, TABLE_WIDE },
    { "LEAVES", "need.depart", CELL_TIME, TABLE_WIDE },
    { "NEEDS", "need.energy_wh", CELL_KWH, TABLE_WIDE },
    { "REASON", "reason", CELL_TEXT, TABLE_WIDE },
    { "DISTRICT", "district", CELL_TEXT, TABLE_WIDE },
    { "TARIFF", "tariff", CELL_TEXT, TABLE_WIDE },
    { "FLAGS", "flags", CELL_LIST, TABLE_WIDE | TABLE_CUT },
    { "", "evse_id", CELL_TEXT, TABLE_CSV },
    { "", "operator", CELL_TEXT, TABLE_CSV },
    { "", "auth_kind", CELL_TEXT, TABLE_CSV },
    { "", "auth_status", CELL_TEXT, TABLE_CSV },
    { "", "meter_start_wh", CELL_NUMBER, TABLE_CSV },
    { "", "meter_stop_wh", CELL_NUMBER, TABLE_CSV },
    { "", "tariff_version", CELL_NUMBER, TABLE_CSV },
    { "", "cdr_no", CELL_NUMBER, TABLE_CSV },
};
static const struct table list_table = TABLE(list_columns);

/* Doubts first: what is wrong must be seen on a narrow terminal too. */
static const struct table_column problem_columns[] = {
    { "SESSION", "tx_id", CELL_NUMBER, 0 },
    { "STATION", "station", CELL_TEXT, 0 },
    { "STARTED", "started_at", CELL_TIME, 0 },
    { "kWh", "energy_wh", CELL_KWH, 0 },
    { "STATE", "state", CELL_STATUS, 0 },
    { "TAG", "id_tag", CELL_TEXT, TABLE_WIDE },
    { "STOPPED", "stopped_at", CELL_TIME, TABLE_WIDE },
    { "FLAGS", "flags", CELL_LIST, TABLE_WRAP },
};
static const struct table problem_table = TABLE(problem_columns);

/* Flags that are handed on as they are. */
static const struct {
    const char *flag, *query;
} passed[] = {
    { "station", "station" }, { "tag", "id_tag" },    { "state", "state" },
    { "limit", "limit" },     { "before", "before" },
};

static bool state_is_known(const char *state)
{
    static const char *const states[] = { "active", "finished", "provisional" };
    for (size_t i = 0; i < ARRAY_SIZE(states); i++)
        if (!state || strcmp(states[i], state) == 0)
            return true;
    ctl_fail(CTL_USAGE, "--state %s: the states are active, finished and provisional", state);
    return false;
}

static bool take_times(const struct ctl *ctl, struct ocpp_text *path)
{
    static const char *const flags[] = { "from", "to" };
    for (size_t i = 0; i < ARRAY_SIZE(flags); i++) {
        const char *text = ctl_flag(ctl, flags[i]);
        char utc[32];
        if (text && !instant_read(ctl, flags[i], text, INSTANT_LAST, utc))
            return false;
        if (text)
            filter_query(path, flags[i], utc);
    }
    return true;
}

/* @return false after a complaint */
static bool append_query(const struct ctl *ctl, struct ocpp_text *path)
{
    int64_t number;
    const char *month = ctl_flag(ctl, "month");
    if (!state_is_known(ctl_flag(ctl, "state")) || (month && !filter_month(month)) ||
        !ctl_flag_int(ctl, "limit", 1, 1000000, 1, &number) ||
        !ctl_flag_int(ctl, "before", 1, INT64_MAX, 1, &number))
        return false;
    for (size_t i = 0; i < ARRAY_SIZE(passed); i++)
        filter_query(path, passed[i].query, ctl_flag(ctl, passed[i].flag));
    filter_query(path, "month", month);
    return take_times(ctl, path);
}

/* An empty list may come of a name that does not exist; sessions of removed stations stay. */
static enum ctl_exit names_are_known(const struct ctl *ctl)
{
    static const struct {
        const char *flag, *path, *member, *where;
    } names[] = { { "station", "/v1/stations", "id", "noxctl station list" },
                  { "tag", "/v1/tags", "id_tag", "noxctl tag list" } };
    enum ctl_exit rc = CTL_OK;
    for (size_t i = 0; rc == CTL_OK && i < ARRAY_SIZE(names); i++) {
        json_t *answer = NULL;
        if (!ctl_flag(ctl, names[i].flag))
            continue;
        rc = client_get(ctl, &answer, names[i].path);
        if (rc == CTL_OK)
            rc = filter_known(ctl, names[i].flag, answer, names[i].member, names[i].flag,
                              names[i].where);
        json_decref(answer);
    }
    return rc;
}

static enum ctl_exit list_sessions(const struct ctl *ctl, const char *base,
                                   const struct table *table, const char *nothing)
{
    struct ocpp_text path;
    ocpp_text_init(&path);
    ocpp_text_append_str(&path, base);
    enum ctl_exit rc = CTL_USAGE;
    if (append_query(ctl, &path)) {
        struct client_answer answer;
        client_ask(ctl, "GET", path.data, NULL, &answer);
        rc = answer.exit;
        if (rc != CTL_OK)
            ctl_fail(rc, "%s", answer.message);
        else if (json_array_size(member_items(answer.json)) == 0)
            rc = names_are_known(ctl);
        if (rc == CTL_OK)
            rc = table_print(ctl, table, answer.json, nothing);
        client_answer_done(&answer);
    }
    ocpp_text_done(&path);
    return rc;
}

static enum ctl_exit run_list(struct ctl *ctl)
{
    return list_sessions(ctl, "/v1/sessions", &list_table, "No sessions.");
}

static enum ctl_exit run_problems(struct ctl *ctl)
{
    return list_sessions(ctl, "/v1/sessions?problems=1", &problem_table,
                         "No session is in doubt. Stops without a start: noxctl session orphans");
}

/* --- one session --- */

static const struct table_column show_columns[] = {
    { "session", "tx_id", CELL_NUMBER, 0 },
    { "state", "state", CELL_STATUS, 0 },
    { "station", "station", CELL_TEXT, 0 },
    { "connector", "connector", CELL_NUMBER, 0 },
    { "EVSE id", "evse_id", CELL_TEXT, 0 },
    { "district", "district", CELL_TEXT, 0 },
    { "tag", "id_tag", CELL_TEXT, 0 },
    { "verdict on the tag", "auth_status", CELL_STATUS, 0 },
    { "customer", "customer", CELL_TEXT, 0 },
    { "started", "started_at", CELL_TIME_S, 0 },
    { "stopped", "stopped_at", CELL_TIME_S, 0 },
    { "reason", "reason", CELL_TEXT, 0 },
    { "meter start [kWh]", "meter_start_wh", CELL_KWH, 0 },
    { "meter stop [kWh]", "meter_stop_wh", CELL_KWH, 0 },
    { "energy [kWh]", "energy_wh", CELL_KWH, 0 },
    { "last register [kWh]", "last_register_wh", CELL_KWH, 0 },
    { "last sample", "last_sample_at", CELL_TIME_S, 0 },
    { "leaves", "need.depart", CELL_TIME, 0 },
    { "needs [kWh]", "need.energy_wh", CELL_KWH, 0 },
    { "least current [A]", "need.min_a", CELL_AMPS, 0 },
    { "priority", "need.priority", CELL_NUMBER, 0 },
    { "told by", "need.told_by", CELL_TEXT, 0 },
    { "told", "need.told_at", CELL_TIME_S, 0 },
    { "tariff", "tariff", CELL_TEXT, 0 },
    { "tariff version", "tariff_version", CELL_NUMBER, 0 },
    { "billing record", "cdr_no", CELL_NUMBER, 0 },
    { "flags", "flags", CELL_LIST, 0 },
};
static const struct table show_table = TABLE(show_columns);

static const struct table_column meter_columns[] = {
    { "AT", "at", CELL_TIME_S, 0 },       { "REGISTER [kWh]", "register_wh", CELL_KWH, 0 },
    { "kW", "power_w", CELL_KW, 0 },      { "CURRENT [A]", "current_a", CELL_AMPS3, 0 },
    { "SoC [%]", "soc", CELL_NUMBER, 0 },
};
static const struct table meter_table = TABLE(meter_columns);

static enum ctl_exit print_meter(const struct ctl *ctl, const json_t *rows)
{
    struct ocpp_text out;
    struct paint p = table_paint_begin(ctl, &out);
    paint_end(&p);
    if (json_array_size(rows) == 0) {
        paint_text(&p, PAINT_DIM, "No meter values have come.");
        paint_end(&p);
    } else {
        table_paint(&p, &meter_table, rows);
    }
    return table_paint_out(&p);
}

static bool parse_tx(const char *text)
{
    int64_t tx_id;
    if (ctl_parse_int(text, &tx_id))
        return true;
    ctl_fail(CTL_USAGE, "'%s' is no session; 'noxctl session list' shows their numbers", text);
    return false;
}

/* What the scheduler plans for a session that was told of, as member "plan". */
static void add_plan(const struct ctl *ctl, json_t *session)
{
    struct client_answer answer;
    if (!member_at(session, "need.depart") || strcmp(member_text(session, "state"), "active") != 0)
        return;
    client_ask(ctl, "GET", "/v1/grid/plan?hours=48", NULL, &answer);
    const json_t *all = answer.exit == CTL_OK ? member_at(answer.json, "sessions") : NULL;
    for (size_t i = 0; i < json_array_size(all); i++) {
        json_t *plan = json_array_get(all, i);
        if (member_int(plan, "tx_id") == member_int(session, "tx_id"))
            json_object_set(session, "plan", plan);
    }
    client_answer_done(&answer);
}

static void print_plan(const json_t *plan)
{
    struct ocpp_text text;
    bool at_risk = member_true(plan, "at_risk");
    if (!plan || !member_true(plan, "told"))
        return;
    ocpp_text_init(&text);
    ocpp_text_append_str(&text,
                         at_risk ? "  plan: it will not be met: " : "  plan: it will be met: ");
    cell_append(&text, member_at(plan, "will_get_wh"), CELL_KWH);
    ocpp_text_append_str(&text, " of ");
    cell_append(&text, member_at(plan, "need_wh"), CELL_KWH);
    ocpp_text_append_str(&text, " kWh that are left");
    if (member_at(plan, "done")) {
        ocpp_text_append_str(&text, ", done at ");
        cell_append(&text, member_at(plan, "done"), CELL_TIME);
    }
    if (member_true(plan, "waits"))
        ocpp_text_append_str(&text, "; it waits for better hours now");
    puts(text.data);
    ocpp_text_done(&text);
}

static enum ctl_exit run_show(struct ctl *ctl)
{
    json_t *session = NULL;
    if (!parse_tx(ctl->arg[0]))
        return CTL_USAGE;
    enum ctl_exit rc = client_get(ctl, &session, "/v1/sessions/%s", ctl->arg[0]);
    if (rc == CTL_OK)
        add_plan(ctl, session);
    if (rc == CTL_OK)
        rc = table_print_one(ctl, &show_table, session);
    if (rc == CTL_OK && ctl->output == CTL_TABLE)
        print_plan(member_at(session, "plan"));
    if (rc == CTL_OK && ctl->output == CTL_TABLE)
        rc = print_meter(ctl, member_at(session, "meter"));
    json_decref(session);
    return rc;
}

static const struct table_column orphan_columns[] = {
    { "ORPHAN", "orphan_id", CELL_NUMBER, 0 },
    { "STATION", "station", CELL_TEXT, 0 },
    { "AS SESSION", "tx_id", CELL_NUMBER, 0 },
    { "STOPPED", "stopped_at", CELL_TIME, 0 },
    { "METER [kWh]", "meter_stop_wh", CELL_KWH, 0 },
    { "TAG", "id_tag", CELL_TEXT, 0 },
    { "REASON", "reason", CELL_TEXT, TABLE_WIDE },
    { "RECEIVED", "received_at", CELL_TIME, TABLE_WIDE },
};
static const struct table orphan_table = TABLE(orphan_columns);

static enum ctl_exit run_orphans(struct ctl *ctl)
{
    json_t *answer = NULL;
    enum ctl_exit rc = client_get(ctl, &answer, "/v1/orphans");
    if (rc == CTL_OK)
        rc = table_print(ctl, &orphan_table, answer, "Every stop belongs to a session.");
    json_decref(answer);
    return rc;
}

static enum ctl_exit run_close(struct ctl *ctl)
{
    const char *reason = ctl_flag(ctl, "reason");
    if (!parse_tx(ctl->arg[0]))
        return CTL_USAGE;
    if (!ctl_flag(ctl, "yes"))
        return ctl_fail(CTL_USAGE, "nothing done: closing session %s needs --yes", ctl->arg[0]);
    json_t *body = json_pack("{ss}", "reason", reason ? reason : "closed by hand");
    json_t *answer = NULL;
    enum ctl_exit rc = client_do(ctl, "POST", body, &answer, "/v1/sessions/%s/close", ctl->arg[0]);
    if (rc == CTL_OK && ctl->output == CTL_JSON)
        rc = ctl_print_json(ctl, answer);
    else if (rc == CTL_OK)
        ctl_note(ctl, "Session %s is closed provisionally; a late StopTransaction corrects it.",
                 ctl->arg[0]);
    json_decref(answer);
    json_decref(body);
    return rc;
}

/* --- rows --- */

#define LIST_FLAGS                                                         \
    { "station", "STATION", 0, "only of this station" },                   \
        { "tag", "IDTAG", 0, "only with this tag" },                       \
        { "from", "TIME", 0, "from then on: " INSTANT_LAST_HELP },         \
        { "to", "TIME", 0, "before then, as --from" },                     \
        { "month", "MONTH", 0, "only of this month: 2026-10" },            \
        { "limit", "N", 0, "at most so many" },                            \
    {                                                                      \
        "before", "SESSION", 0, "only older than this session (next page)" \
    }

static const struct ctl_flag list_flags[] = {
    LIST_FLAGS,
    { "state", "STATE", 0, "active, finished or provisional" },
};
static const struct ctl_flag problem_flags[] = { LIST_FLAGS };
static const struct ctl_flag close_flags[] = {
    { "reason", "TEXT", 0, "why, for the record" },
};

static const struct ctl_flag need_flags[] = {
    NEED_FLAGS,
    { "clear", NULL, 0, "take back what was told" },
};

static const struct ctl_command commands[] = {
    { .name = "session list",
      .args = "",
      .summary = "List charging sessions, newest first",
      .flags = list_flags,
      .n_flags = ARRAY_SIZE(list_flags),
      .examples = "session list --state active\nsession list --month 2026-10 -o csv\n"
                  "session list --from 2026-10-24 --station DO-L0001",
      .run = run_list },
    { .name = "session show",
      .args = "SESSION",
      .summary = "Show one session with its meter values",
      .examples = "session show 41",
      .run = run_show },
    { .name = "session problems",
      .args = "",
      .summary = "List sessions in doubt, with what is odd about them",
      .flags = problem_flags,
      .n_flags = ARRAY_SIZE(problem_flags),
      .examples = "session problems --month 2026-10",
      .run = run_problems },
    { .name = "session orphans",
      .args = "",
      .summary = "List stops that belong to no known session",
      .examples = "session orphans",
      .run = run_orphans },
    { .name = "session need",
      .args = "SESSION|STATION",
      .summary = "Tell when the driver leaves and how much is needed",
      .flags = need_flags,
      .n_flags = ARRAY_SIZE(need_flags),
      .examples = "session need 41 --depart 07:00 --energy 20\n"
                  "session need DO-L0001 --depart +8h --energy 12.5kWh --min-amps 8\n"
                  "session need 41 --clear",
      .more = "Departure and energy together are a deadline that the scheduler works towards; one "
              "alone changes nothing. What is not named stays as it was told before. A station "
              "stands for the session that runs there. It is kept with the session.",
      .run = run_session_need },
    { .name = "session close",
      .args = "SESSION",
      .traits = CTL_CONFIRM,
      .summary = "Close an open session without its station (provisional)",
      .flags = close_flags,
      .n_flags = ARRAY_SIZE(close_flags),
      .examples = "session close 41 --reason 'lamp was knocked over' --yes",
      .run = run_close },
};
const struct ctl_group ctl_group_session = { "Sessions", commands, ARRAY_SIZE(commands) };
