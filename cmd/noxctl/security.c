/* Security events: what stations and noxd noticed. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cmd/noxctl/client.h"
#include "cmd/noxctl/commands.h"
#include "cmd/noxctl/filter.h"
#include "cmd/noxctl/instant.h"
#include "cmd/noxctl/table.h"
#include "ocpp/wire/text.h"

static const struct table_column list_columns[] = {
    { "AT", "at", CELL_TIME_S, 0 },
    { "STATION", "station", CELL_TEXT, 0 },
    { "TYPE", "type", CELL_TEXT, TABLE_CUT },
    { "CRITICAL", "critical", CELL_YES_NO, 0 },
    { "NOTICED BY", "origin", CELL_TEXT, TABLE_WIDE },
    { "INFO", "info", CELL_TEXT, TABLE_WRAP },
    { "", "received_at", CELL_TEXT, TABLE_CSV },
    { "", "id", CELL_NUMBER, TABLE_CSV },
};
static const struct table list_table = TABLE(list_columns);

static const struct table_column count_columns[] = {
    { "STATION", "station", CELL_TEXT, 0 },
    { "TYPE", "type", CELL_TEXT, TABLE_CUT },
    { "CRITICAL", "critical", CELL_YES_NO, 0 },
    { "COUNT", "count", CELL_NUMBER, 0 },
    { "LAST", "last_at", CELL_TIME, 0 },
    { "FIRST", "first_at", CELL_TIME, TABLE_WIDE },
    { "NOTICED BY", "origin", CELL_TEXT, TABLE_WIDE },
    { "MEANING", "meaning", CELL_TEXT, TABLE_WIDE },
};
static const struct table count_table = TABLE(count_columns);

/* @return false after a complaint */
static bool begin_path(const struct ctl *ctl, const char *base, struct ocpp_text *path)
{
    static const char *const flags[] = { "station", "type" };
    char utc[32];
    const char *since = ctl_flag(ctl, "since");
    ocpp_text_append_str(path, base);
    for (size_t i = 0; i < ARRAY_SIZE(flags); i++)
        if (ctl_flag(ctl, flags[i]))
            filter_query(path, flags[i], ctl_flag(ctl, flags[i]));
    if (ctl_flag(ctl, "critical"))
        filter_query(path, "critical", "1");
    if (since && !instant_read(ctl, "since", since, INSTANT_LAST, utc))
        return false;
    if (since)
        filter_query(path, "since", utc);
    return true;
}

static enum ctl_exit show(struct ctl *ctl, struct ocpp_text *path, const struct table *table)
{
    struct client_answer answer;
    client_ask(ctl, "GET", path->data, NULL, &answer);
    enum ctl_exit rc = answer.exit;
    if (rc == CTL_OK)
        rc = table_print(ctl, table, answer.json, "No security events.");
    else
        ctl_fail(rc, "%s", answer.message);
    client_answer_done(&answer);
    return rc;
}

static enum ctl_exit run_list(struct ctl *ctl)
{
    int64_t limit;
    char text[24];
    struct ocpp_text path;
    if (!ctl_flag_int(ctl, "limit", 1, 100000, 50, &limit))
        return CTL_USAGE;
    ocpp_text_init(&path);
    enum ctl_exit rc = CTL_USAGE;
    if (begin_path(ctl, "/v1/security", &path)) {
        snprintf(text, sizeof(text), "%" PRId64, limit);
        filter_query(&path, "limit", text);
        rc = show(ctl, &path, &list_table);
    }
    ocpp_text_done(&path);
    return rc;
}

static enum ctl_exit run_count(struct ctl *ctl)
{
    struct ocpp_text path;
    ocpp_text_init(&path);
    enum ctl_exit rc = CTL_USAGE;
    if (begin_path(ctl, "/v1/security/counts", &path))
        rc = show(ctl, &path, &count_table);
    ocpp_text_done(&path);
    return rc;
}

#define WHICH                                                                         \
    { "station", "STATION", 0, "only of this station" },                              \
        { "type", "NAME", 0, "only of this type: TamperDetectionActivated" },         \
        { "critical", NULL, 0, "only those that the security white paper calls so" }, \
    {                                                                                 \
        "since", "TIME", 0, "only since " INSTANT_LAST_HELP                           \
    }

static const struct ctl_flag list_flags[] = {
    WHICH,
    { "limit", "N", 0, "at most the last N (default 50)" },
};
static const struct ctl_flag count_flags[] = { WHICH };

static const struct ctl_command commands[] = {
    { .name = "security list",
      .args = "",
      .summary = "List security events, newest first",
      .flags = list_flags,
      .n_flags = ARRAY_SIZE(list_flags),
      .examples = "security list --critical\nsecurity list --station DO-L0001 --since 2026-10-01",
      .run = run_list },
    { .name = "security count",
      .args = "",
      .summary = "Count security events by station and type",
      .flags = count_flags,
      .n_flags = ARRAY_SIZE(count_flags),
      .examples = "security count\nsecurity count --critical --since 2026-10-24",
      .run = run_count },
};
const struct ctl_group ctl_group_security = { "Security events", commands, ARRAY_SIZE(commands) };
