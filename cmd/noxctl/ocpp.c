/* The message catalogue, without asking noxd. */
#include <stdio.h>

#include "cmd/noxctl/commands.h"
#include "cmd/noxctl/table.h"
#include "ocpp/wire/action.h"
#include "ocpp/wire/config_keys.h"

static const struct table_column columns[] = {
    { "ACTION", "action", CELL_TEXT, 0 },
    { "SENT BY", "sent_by", CELL_TEXT, 0 },
    { "PROFILE", "profile", CELL_TEXT, TABLE_WIDE },
    { "SECTION", "section", CELL_TEXT, TABLE_WIDE },
    { "SUMMARY", "summary", CELL_TEXT, TABLE_WRAP },
};
static const struct table table = TABLE(columns);

static const char *sent_by(const struct ocpp_action *action)
{
    if (action->direction == OCPP_FROM_STATION)
        return "station";
    return action->direction == OCPP_TO_STATION ? "central" : "both";
}

static enum ctl_exit run_list(struct ctl *ctl)
{
    size_t n;
    const struct ocpp_action *action = ocpp_actions(&n);
    json_t *items = json_array();
    for (size_t i = 0; i < n; i++)
        json_array_append_new(items, json_pack("{ssssssssss}", "action", action[i].name, "sent_by",
                                               sent_by(&action[i]), "profile", action[i].profile,
                                               "summary", action[i].summary, "section",
                                               action[i].section));
    json_t *answer = json_pack("{so}", "items", items);
    enum ctl_exit rc = table_print(ctl, &table, answer, NULL);
    json_decref(answer);
    return rc;
}

static enum ctl_exit print_description(const struct ctl *ctl, const struct ocpp_action *action)
{
    struct ocpp_text out;
    ocpp_text_init(&out);
    enum ctl_exit rc = CTL_OK;
    if (ctl->output == CTL_JSON) {
        json_t *json = ocpp_describe_json(action, &out) ? json_loads(out.data, 0, NULL) : NULL;
        rc = json ? ctl_print_json(ctl, json) : ctl_fail(CTL_FAILED, "out of memory");
        json_decref(json);
    } else {
        ocpp_describe(action, &out);
        fputs(out.data, stdout);
    }
    ocpp_text_done(&out);
    return rc;
}

static enum ctl_exit run_describe(struct ctl *ctl)
{
    const struct ocpp_action *action = ocpp_action_find(ctl->arg[0]);
    if (ctl->output == CTL_CSV)
        return ctl_fail(CTL_USAGE, "a description has no CSV; take -o json");
    if (action)
        return print_description(ctl, action);
    const char *near = ocpp_action_nearest(ctl->arg[0]);
    if (near)
        return ctl_fail(CTL_NOT_FOUND, "'%s' is no action of OCPP 1.6; did you mean %s?",
                        ctl->arg[0], near);
    return ctl_fail(CTL_NOT_FOUND, "'%s' is no action of OCPP 1.6; 'noxctl ocpp list' lists them",
                    ctl->arg[0]);
}

static const struct table_column key_columns[] = {
    { "KEY", "key", CELL_TEXT, 0 },
    { "TYPE", "type", CELL_TEXT, 0 },
    { "ACCESS", "access", CELL_TEXT, TABLE_WIDE },
    { "UNIT", "unit", CELL_TEXT, TABLE_WIDE },
    { "USUAL", "usual", CELL_TEXT, TABLE_WIDE | TABLE_CUT },
    { "PROFILE", "profile", CELL_TEXT, TABLE_WIDE },
    { "MEANING", "meaning", CELL_TEXT, TABLE_WRAP },
};
static const struct table key_table = TABLE(key_columns);

static enum ctl_exit run_keys(struct ctl *ctl)
{
    size_t n;
    const struct ocpp_config_key *key = ocpp_config_keys(&n);
    json_t *items = json_array();
    for (size_t i = 0; i < n; i++)
        json_array_append_new(items,
                              json_pack("{ssssssssssssss sb}", "key", key[i].name, "type",
                                        ocpp_key_type_text(key[i].type), "access",
                                        ocpp_key_access_text(key[i].access), "unit", key[i].unit,
                                        "usual", key[i].usual, "profile", key[i].profile, "meaning",
                                        key[i].meaning, "required", key[i].required));
    json_t *answer = json_pack("{so}", "items", items);
    enum ctl_exit rc = table_print(ctl, &key_table, answer, NULL);
    json_decref(answer);
    return rc;
}

static const struct ctl_command commands[] = {
    { .name = "ocpp list",
      .args = "",
      .summary = "List all OCPP 1.6 messages",
      .examples = "ocpp list",
      .run = run_list },
    { .name = "ocpp describe",
      .args = "ACTION",
      .summary = "Describe a message: members, types, limits",
      .examples = "ocpp describe SetChargingProfile\nocpp describe Reset -o json",
      .run = run_describe },
    { .name = "ocpp keys",
      .args = "",
      .summary = "List the configuration keys of the standard: type, usual value, meaning",
      .examples = "ocpp keys\nocpp keys -o json | jq -r '.items[].key'",
      .more = "For hints, not vetoes: makers add keys of their own, and any key may be asked for "
              "and set by 'noxctl station config'.",
      .run = run_keys },
};
const struct ctl_group ctl_group_ocpp = { "OCPP reference", commands, ARRAY_SIZE(commands) };
