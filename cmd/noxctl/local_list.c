/* Local authorization lists of stations. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/noxctl/client.h"
#include "cmd/noxctl/commands.h"
#include "cmd/noxctl/filter.h"
#include "cmd/noxctl/member.h"
#include "cmd/noxctl/table.h"
#include "cmd/noxctl/targets.h"
#include "ocpp/wire/text.h"

static const struct table_column columns[] = {
    { "STATION", "station", CELL_TEXT, 0 },
    { "STATE", "state", CELL_STATUS, 0 },
    { "WANTED", "wanted", CELL_NUMBER, 0 },
    { "INSTALLED", "installed", CELL_NUMBER, 0 },
    { "ENTRIES", "entries", CELL_NUMBER, 0 },
    { "RESULT", "result", CELL_TEXT, TABLE_CUT },
    { "AT", "at", CELL_TIME, 0 },
    { "OF", "entries_wanted", CELL_NUMBER, TABLE_WIDE },
    { "MOST", "max_entries", CELL_NUMBER, TABLE_WIDE },
    { "TRUNCATED", "truncated", CELL_YES_NO, TABLE_WIDE },
    { "UNABLE", "unable", CELL_TEXT, TABLE_WIDE },
    { "FULL", "full", CELL_NUMBER, TABLE_WIDE },
    { "DIFFERENTIAL", "differential", CELL_NUMBER, TABLE_WIDE },
    { "FAILED", "failed", CELL_NUMBER, TABLE_WIDE },
};
static const struct table table = TABLE(columns);

static bool is_in_state(const struct ctl *ctl, const json_t *item)
{
    return filter_text(ctl, "state", item, "state");
}

static enum ctl_exit run_status(struct ctl *ctl)
{
    json_t *answer = NULL;
    struct ocpp_text path;
    ocpp_text_init(&path);
    ocpp_text_append_str(&path, "/v1/local-lists");
    filter_query(&path, "station", ctl->n_args > 0 ? ctl->arg[0] : NULL);
    enum ctl_exit rc = client_get(ctl, &answer, path.data);
    ocpp_text_done(&path);
    if (rc == CTL_OK) {
        filter_items(ctl, answer, is_in_state);
        const json_t *items = member_items(answer);
        if (ctl->n_args > 0 && ctl->output == CTL_TABLE && json_array_size(items) == 1)
            rc = table_print_one(ctl, &table, json_array_get(items, 0));
        else
            rc = table_print(ctl, &table, answer, "No stations.");
    }
    json_decref(answer);
    return rc;
}

static const struct table_column entry_columns[] = {
    { "TAG", "id_tag", CELL_TEXT, 0 },          { "STATUS", "status", CELL_STATUS, 0 },
    { "EXPIRES", "expires", CELL_TIME, 0 },     { "PARENT", "parent_id_tag", CELL_TEXT, 0 },
    { "REVISION", "revision", CELL_NUMBER, 0 },
};
static const struct table entry_table = TABLE(entry_columns);

static enum ctl_exit run_show(struct ctl *ctl)
{
    json_t *answer = NULL;
    enum ctl_exit rc = client_get(ctl, &answer, "/v1/local-lists/%s", ctl->arg[0]);
    if (rc == CTL_OK && ctl->output == CTL_JSON)
        rc = ctl_print_json(ctl, answer);
    else if (rc == CTL_OK)
        rc = table_print(ctl, &entry_table, answer, "No tag may charge there.");
    json_decref(answer);
    return rc;
}

static enum ctl_exit judge(const json_t *answer, json_t *item)
{
    json_object_set(item, "result", json_object_get(answer, "result"));
    return CTL_OK;
}

static const struct table_column sync_columns[] = {
    { "STATION", "station", CELL_TEXT, 0 },
    { "RESULT", "result", CELL_TEXT, 0 },
    { "MESSAGE", "message", CELL_TEXT, 0 },
};
static const struct table sync_table = TABLE(sync_columns);

static enum ctl_exit run_sync(struct ctl *ctl)
{
    size_t n_names;
    enum ctl_exit rc = targets_count(ctl, 0, &n_names);
    if (rc != CTL_OK)
        return rc;
    json_t *body = json_pack("{s:b}", "full", ctl_flag(ctl, "full") != NULL);
    struct target_work work = { .method = "POST",
                                .path = "/v1/local-lists/%s/sync",
                                .body = body,
                                .judge = judge,
                                .line = "result",
                                .table = &sync_table };
    rc = targets_run(ctl, n_names, &work);
    json_decref(body);
    return rc;
}

static const struct ctl_flag status_flags[] = {
    { "state", "STATE", 0, "only: in step, under way, waits, offline, failed, unable, off" },
};
static const struct ctl_flag sync_flags[] = {
    { "full", NULL, 0, "send the whole list, whatever the station has" },
};

static const struct ctl_command commands[] = {
    { .name = "local-list status",
      .args = "[STATION]",
      .summary = "Show wanted and installed local authorization lists",
      .flags = status_flags,
      .n_flags = ARRAY_SIZE(status_flags),
      .examples = "local-list status\nlocal-list status --state failed\nlocal-list status DO-L0001",
      .more = "noxd keeps the lists by itself: after a connection, and after changes of tags. "
              "Versions count the changes of tags. Stations whose local_list is false are left "
              "alone, and all with noxd --local-lists off.",
      .run = run_status },
    { .name = "local-list show",
      .args = "STATION",
      .summary = "Show the entries that belong into a station's list",
      .examples = "local-list show DO-L0001",
      .run = run_show },
    { .name = "local-list sync",
      .args = "STATION...",
      .traits = CTL_TARGETS | CTL_CHANGES,
      .summary = "Bring lists into step now, also where a station was unable before",
      .flags = sync_flags,
      .n_flags = ARRAY_SIZE(sync_flags),
      .examples = "local-list sync DO-L0001\nlocal-list sync --all --full --yes",
      .run = run_sync },
};
const struct ctl_group ctl_group_local_list = { "Local authorization lists", commands,
                                                ARRAY_SIZE(commands) };
