/* The call log: what operators asked of stations, and what came of it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/noxctl/client.h"
#include "cmd/noxctl/commands.h"
#include "cmd/noxctl/filter.h"
#include "cmd/noxctl/member.h"
#include "cmd/noxctl/table.h"
#include "ocpp/wire/text.h"

static const struct table_column columns[] = {
    { "ID", "id", CELL_NUMBER, 0 },
    { "ASKED", "asked_at", CELL_TIME_S, 0 },
    { "STATION", "station", CELL_TEXT, 0 },
    { "ACTION", "action", CELL_TEXT, TABLE_CUT },
    { "OUTCOME", "outcome", CELL_STATUS, 0 },
    { "STATUS", "status", CELL_STATUS, 0 },
    { "WHO", "who", CELL_TEXT, 0 },
    { "WHY", "why", CELL_TEXT, TABLE_WIDE | TABLE_CUT },
    { "", "sent_at", CELL_TIME_S, TABLE_CSV },
    { "", "finished_at", CELL_TIME_S, TABLE_CSV },
    { "", "waits_until", CELL_TIME_S, TABLE_CSV },
};
static const struct table table = TABLE(columns);

static enum ctl_exit run_calls(struct ctl *ctl)
{
    static const char *const flags[] = { "action", "outcome", "limit", "before" };
    struct client_answer answer;
    struct ocpp_text path;
    int64_t limit, before;
    if (!ctl_flag_int(ctl, "limit", 1, 10000, 100, &limit) ||
        !ctl_flag_int(ctl, "before", 1, INT64_MAX, 1, &before))
        return CTL_USAGE;
    ocpp_text_init(&path);
    ocpp_text_append_str(&path, "/v1/calls");
    filter_query(&path, "station", ctl->n_args > 0 ? ctl->arg[0] : NULL);
    for (size_t i = 0; i < ARRAY_SIZE(flags); i++)
        filter_query(&path, flags[i], ctl_flag(ctl, flags[i]));
    client_ask(ctl, "GET", path.data, NULL, &answer);
    ocpp_text_done(&path);
    enum ctl_exit rc = answer.exit;
    if (rc == CTL_OK)
        rc = table_print(ctl, &table, answer.json, "No requests are on record.");
    else
        ctl_fail(rc, "%s", answer.message);
    int64_t next = rc == CTL_OK ? member_int(answer.json, "next_before") : MEMBER_UNKNOWN;
    if (next != MEMBER_UNKNOWN)
        ctl_note(ctl, "There are older ones: --before %lld", (long long)next);
    client_answer_done(&answer);
    return rc;
}

static const struct ctl_flag flags[] = {
    { "action", "ACTION", 0, "only this request: Reset" },
    { "outcome", "WORD", 0, "only with this outcome: answered, timeout, lost, queued, ..." },
    { "limit", "N", 0, "at most the newest N (default 100)" },
    { "before", "ID", 0, "only older ones" },
};

static const struct ctl_command commands[] = {
    { .name = "station calls",
      .args = "[STATION]",
      .summary = "List what operators asked of stations: who, why, and what came of it",
      .flags = flags,
      .n_flags = ARRAY_SIZE(flags),
      .examples = "station calls DO-L0001\n"
                  "station calls --outcome lost\n"
                  "station calls --action ChangeConfiguration -o json",
      .more = "Outcomes: answered (STATUS is the station's word), callerror, timeout, lost (the "
              "connection broke, or noxd was restarted: whether it was carried out is unknown), "
              "offline, queue-full, replaced and refused (nothing was sent), queued (waits for "
              "the station), expired (it did not come in time), open. -o json shows payload and "
              "answer; secrets are never kept.",
      .run = run_calls },
};
const struct ctl_group ctl_group_calls = { "Requests on record", commands, ARRAY_SIZE(commands) };
