/* Configuration as wanted, quirks and deviations of models. */
#include <stdio.h>
#include <string.h>

#include "cmd/noxctl/client.h"
#include "cmd/noxctl/commands.h"
#include "cmd/noxctl/filter.h"
#include "cmd/noxctl/member.h"
#include "cmd/noxctl/table.h"
#include "cmd/noxctl/targets.h"

/* --- deviations by model --- */

static const struct table_column violation_columns[] = {
    { "VENDOR", "vendor", CELL_TEXT, TABLE_CUT },
    { "MODEL", "model", CELL_TEXT, TABLE_CUT },
    { "FIRMWARE", "firmware", CELL_TEXT, TABLE_WIDE },
    { "COUNT", "count", CELL_NUMBER, 0 },
    { "LAST", "last_at", CELL_TIME, 0 },
    { "FIRST", "first_at", CELL_TIME, TABLE_WIDE },
    { "STATION", "station", CELL_TEXT, TABLE_WIDE },
    { "KIND", "kind", CELL_TEXT, TABLE_BELOW },
    { "", "example", CELL_TEXT, TABLE_CSV },
};
static const struct table violation_table = TABLE(violation_columns);

static bool violation_is_wanted(const struct ctl *ctl, const json_t *item)
{
    return filter_text(ctl, "vendor", item, "vendor") && filter_text(ctl, "model", item, "model");
}

static enum ctl_exit run_violations(struct ctl *ctl)
{
    json_t *answer = NULL;
    enum ctl_exit rc = client_get(ctl, &answer, "/v1/violations");
    if (rc == CTL_OK) {
        filter_items(ctl, answer, violation_is_wanted);
        rc = table_print(ctl, &violation_table, answer, "No deviations from OCPP 1.6 were seen.");
    }
    json_decref(answer);
    return rc;
}

static const struct ctl_flag violation_flags[] = {
    { "model", "NAME", 0, "only this model" },
    { "vendor", "NAME", 0, "only this vendor" },
};

static const struct ctl_command commands[] = {
    { .name = "violations",
      .args = "",
      .summary = "List deviations from OCPP 1.6 by model: how often, since when",
      .flags = violation_flags,
      .n_flags = ARRAY_SIZE(violation_flags),
      .examples = "violations\nviolations --model Lamp -o json",
      .more = "Deviations are tolerated and counted by vendor, model, firmware and kind; numbers "
              "in a kind stand as #. 'station show' has the newest one of a station; a station "
              "with \"strict\" is refused them.",
      .run = run_violations },
};
const struct ctl_group ctl_group_config = { "Configuration as wanted, models", commands,
                                            ARRAY_SIZE(commands) };
