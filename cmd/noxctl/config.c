/* Configuration as wanted, quirks and deviations of models. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "cmd/noxctl/client.h"
#include "cmd/noxctl/commands.h"
#include "cmd/noxctl/filter.h"
#include "cmd/noxctl/member.h"
#include "cmd/noxctl/table.h"
#include "cmd/noxctl/targets.h"
#include "ocpp/wire/config_keys.h"

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

/* --- configuration as wanted --- */

static const struct table_column drift_columns[] = {
    { "STATION", "station", CELL_TEXT, 0 },       { "KEY", "key", CELL_TEXT, TABLE_CUT },
    { "WANTED", "wanted", CELL_TEXT, TABLE_CUT }, { "REPORTED", "reported", CELL_TEXT, TABLE_CUT },
    { "STATE", "state", CELL_TEXT, 0 },           { "TEMPLATE", "source", CELL_TEXT, TABLE_WIDE },
    { "SINCE", "at", CELL_TIME, TABLE_WIDE },     { "NOTE", "note", CELL_TEXT, TABLE_WIDE },
    { "", "hint", CELL_TEXT, TABLE_CSV },         { "", "firmware", CELL_TEXT, TABLE_CSV },
    { "", "who", CELL_TEXT, TABLE_CSV },          { "", "why", CELL_TEXT, TABLE_CSV },
};
static const struct table drift_table = TABLE(drift_columns);

static bool is_named(const struct ctl *ctl, const json_t *item)
{
    for (size_t i = 0; i < ctl->n_args; i++)
        if (strcmp(ctl->arg[i], member_text(item, "station")) == 0)
            return true;
    return ctl->n_args == 0;
}

/* What to type next, for the first that needs it. */
static void tell_next(const struct ctl *ctl, const json_t *answer)
{
    const json_t *reboot = member_find(member_items(answer), "state", "reboot required");
    const json_t *differs = member_find(member_items(answer), "state", "differs");
    if (reboot)
        ctl_note(ctl, "New values wait for a reboot: noxctl station reset %s",
                 member_text(reboot, "station"));
    if (differs && member_true(differs, "online"))
        ctl_note(ctl, "To set what differs now: noxctl config apply %s",
                 member_text(differs, "station"));
}

static enum ctl_exit check_stations(const struct ctl *ctl)
{
    for (size_t i = 0; i < ctl->n_args; i++) {
        json_t *one = NULL;
        enum ctl_exit rc = client_get(ctl, &one, "/v1/stations/%s", ctl->arg[i]);
        json_decref(one);
        if (rc != CTL_OK)
            return rc;
    }
    return CTL_OK;
}

static enum ctl_exit run_drift(struct ctl *ctl)
{
    json_t *answer = NULL;
    enum ctl_exit rc = check_stations(ctl);
    if (rc == CTL_OK)
        rc = client_get(ctl, &answer,
                        ctl_flag(ctl, "all") ? "/v1/config/drift?all=1" : "/v1/config/drift");
    if (rc == CTL_OK) {
        filter_items(ctl, answer, is_named);
        rc = table_print(ctl, &drift_table, answer,
                         "Every key that is wanted is as wanted ('noxctl config template list').");
    }
    if (rc == CTL_OK)
        tell_next(ctl, answer);
    json_decref(answer);
    return rc;
}

static enum ctl_exit judge_applied(const json_t *answer, json_t *item)
{
    char text[120];
    int64_t reboot = member_int(answer, "reboot_required");
    snprintf(text, sizeof(text), "%d set, %d of %d as wanted%s", (int)member_int(answer, "set"),
             (int)member_int(answer, "same"), (int)member_int(answer, "wanted"),
             reboot > 0 ? "; wants a reboot: noxctl station reset" : "");
    json_object_set_new(item, "result", json_string(text));
    json_object_update_missing(item, (json_t *)(uintptr_t)answer);
    return CTL_OK;
}

static const struct table_column applied_columns[] = {
    { "STATION", "station", CELL_TEXT, 0 }, { "SET", "set", CELL_NUMBER, 0 },
    { "WANTED", "wanted", CELL_NUMBER, 0 }, { "SAME", "same", CELL_NUMBER, 0 },
    { "EXIT", "exit", CELL_NUMBER, 0 },     { "MESSAGE", "message", CELL_TEXT, 0 },
};
static const struct table applied_table = TABLE(applied_columns);

static enum ctl_exit run_apply_config(struct ctl *ctl)
{
    static const struct target_work work = { .method = "POST",
                                             .path = "/v1/stations/%s/config/apply",
                                             .judge = judge_applied,
                                             .line = "result",
                                             .table = &applied_table };
    size_t n_names;
    enum ctl_exit rc = targets_count(ctl, 0, &n_names);
    return rc == CTL_OK ? targets_run(ctl, n_names, &work) : rc;
}

static const struct table_column show_columns[] = {
    { "KEY", "key", CELL_TEXT, TABLE_CUT },     { "VALUE", "value", CELL_TEXT, TABLE_CUT },
    { "WRITABLE", "writable", CELL_YES_NO, 0 }, { "WANTED", "wanted", CELL_TEXT, TABLE_CUT },
    { "STATE", "state", CELL_TEXT, 0 },         { "MEANING", "meaning", CELL_TEXT, TABLE_WIDE },
};
static const struct table show_table = TABLE(show_columns);

static void set_text(json_t *item, const char *name, const char *text)
{
    json_object_set_new(item, name, text && *text ? json_string(text) : json_null());
}

static void add_meaning(json_t *item)
{
    const struct ocpp_config_key *key = ocpp_config_key(member_text(item, "key"));
    set_text(item, "meaning", key ? key->meaning : NULL);
    set_text(item, "unit", key ? key->unit : NULL);
}

/* Beside what the station reported stands what is wanted of it. */
static json_t *join(const json_t *reported, const json_t *wished)
{
    size_t i;
    json_t *row, *items = json_array();
    json_array_foreach((json_t *)(uintptr_t)member_items(reported), i, row)
    {
        json_t *item = json_deep_copy(row);
        json_object_set_new(item, "writable", json_boolean(!member_true(row, "readonly")));
        json_array_append_new(items, item);
    }
    json_array_foreach((json_t *)(uintptr_t)member_items(wished), i, row)
    {
        size_t k;
        json_t *item = NULL, *one;
        json_array_foreach(items, k, one) if (strcasecmp(member_text(one, "key"),
                                                         member_text(row, "key")) == 0) item = one;
        if (!item) {
            item = json_pack("{ss}", "key", member_text(row, "key"));
            json_array_append_new(items, item);
        }
        set_text(item, "wanted", member_text(row, "wanted"));
        set_text(item, "state", member_text(row, "state"));
        set_text(item, "source", member_text(row, "source"));
    }
    json_array_foreach(items, i, row) add_meaning(row);
    return json_pack("{so}", "items", items);
}

static enum ctl_exit run_show(struct ctl *ctl)
{
    json_t *reported = NULL, *wished = NULL, *answer = NULL;
    enum ctl_exit rc = client_get(ctl, &reported, "/v1/stations/%s/config", ctl->arg[0]);
    if (rc == CTL_OK)
        rc = client_get(ctl, &wished, "/v1/config/drift?all=1&station=%s", ctl->arg[0]);
    if (rc == CTL_OK) {
        answer = join(reported, wished);
        rc = table_print(ctl, &show_table, answer,
                         "The station has reported no keys yet; ask it: noxctl config apply");
    }
    json_decref(answer);
    json_decref(wished);
    json_decref(reported);
    return rc;
}

/* --- templates --- */

static const struct table_column template_columns[] = {
    { "TEMPLATE", "id", CELL_TEXT, 0 },
    { "PRIORITY", "priority", CELL_NUMBER, 0 },
    { "VENDOR", "match.vendor", CELL_TEXT, TABLE_CUT },
    { "MODEL", "match.model", CELL_TEXT, TABLE_CUT },
    { "FIRMWARE", "match.firmware", CELL_TEXT, TABLE_CUT },
    { "STATIONS", "match.stations", CELL_LIST, TABLE_WIDE },
    { "GROUPS", "match.groups", CELL_LIST, TABLE_WIDE },
    { "REBOOT", "reboot", CELL_YES_NO, TABLE_WIDE },
};
static const struct table template_table = TABLE(template_columns);

static enum ctl_exit run_templates(struct ctl *ctl)
{
    json_t *answer = NULL;
    enum ctl_exit rc = client_get(ctl, &answer, "/v1/templates");
    if (rc == CTL_OK)
        rc = table_print(ctl, &template_table, answer,
                         "No templates. 'noxctl apply -f FILE' with a list \"templates\" brings "
                         "some.");
    json_decref(answer);
    return rc;
}

static const struct table_column key_columns[] = {
    { "KEY", "key", CELL_TEXT, 0 },
    { "VALUE", "value", CELL_TEXT, TABLE_CUT },
    { "HINT", "hint", CELL_TEXT, TABLE_WIDE },
};
static const struct table key_table = TABLE(key_columns);

static json_t *keys_of(const json_t *template)
{
    const char *key;
    json_t *value, *items = json_array();
    json_object_foreach(json_object_get(template, "keys"), key, value)
    {
        const char *hint = ocpp_config_hint(key, json_string_value(value));
        json_t *item = json_pack("{sssO}", "key", key, "value", value);
        set_text(item, "hint", hint);
        if (json_is_null(value))
            json_object_set_new(item, "value", json_string("(leave it as it is)"));
        json_array_append_new(items, item);
    }
    return items;
}

static enum ctl_exit print_template(const struct ctl *ctl, const json_t *template)
{
    if (ctl->output == CTL_JSON)
        return ctl_print_json(ctl, template);
    json_t *answer = json_pack("{so}", "items", keys_of(template));
    enum ctl_exit rc = table_print(ctl, &key_table, answer, NULL);
    json_decref(answer);
    return rc;
}

static enum ctl_exit run_template_show(struct ctl *ctl)
{
    json_t *answer = NULL;
    enum ctl_exit rc = client_get(ctl, &answer, "/v1/templates");
    const json_t *found = member_find(member_items(answer), "id", ctl->arg[0]);
    if (rc == CTL_OK)
        rc = found ? print_template(ctl, found)
                   : ctl_fail(CTL_NOT_FOUND,
                              "there is no template %s; 'noxctl config template list' names all",
                              ctl->arg[0]);
    json_decref(answer);
    return rc;
}

static enum ctl_exit run_template_remove(struct ctl *ctl)
{
    enum ctl_exit rc = client_do(ctl, "DELETE", NULL, NULL, "/v1/templates/%s", ctl->arg[0]);
    if (rc == CTL_OK)
        ctl_note(ctl, "Removed; stations keep the values that they have.");
    return rc;
}

/* --- quirks --- */

static const struct table_column quirk_columns[] = {
    { "QUIRK", "id", CELL_TEXT, 0 },
    { "VENDOR", "match.vendor", CELL_TEXT, TABLE_CUT },
    { "MODEL", "match.model", CELL_TEXT, TABLE_CUT },
    { "FIRMWARE", "match.firmware", CELL_TEXT, TABLE_CUT },
    { "SHIPPED", "shipped", CELL_YES_NO, TABLE_WIDE },
    { "SETS", "sets", CELL_TEXT, TABLE_BELOW },
    { "WHY", "why", CELL_TEXT, TABLE_BELOW },
};
static const struct table quirk_table = TABLE(quirk_columns);

static const struct table_column switch_columns[] = {
    { "SWITCH", "switch", CELL_TEXT, 0 },
    { "MEANING", "meaning", CELL_TEXT, TABLE_WRAP },
};
static const struct table switch_table = TABLE(switch_columns);

static enum ctl_exit print_quirks(const struct ctl *ctl, json_t *answer, const char *nothing)
{
    size_t i;
    json_t *item;
    json_array_foreach(json_object_get(answer, "items"), i, item)
    {
        char *sets = json_dumps(json_object_get(item, "set"), 0);
        set_text(item, "sets", sets);
        free(sets);
    }
    return table_print(ctl, &quirk_table, answer, nothing);
}

static enum ctl_exit run_quirks(struct ctl *ctl)
{
    json_t *answer = NULL;
    enum ctl_exit rc = client_get(ctl, &answer, "/v1/quirks");
    if (rc == CTL_OK && ctl_flag(ctl, "switches")) {
        json_t *list = json_pack("{sO}", "items", json_object_get(answer, "switches"));
        rc = table_print(ctl, &switch_table, list, NULL);
        json_decref(list);
    } else if (rc == CTL_OK) {
        rc = print_quirks(ctl, answer, "No deviations of models are known.");
    }
    json_decref(answer);
    return rc;
}

static enum ctl_exit run_quirk_show(struct ctl *ctl)
{
    json_t *answer = NULL;
    enum ctl_exit rc = client_get(ctl, &answer, "/v1/quirks?station=%s", ctl->arg[0]);
    if (rc == CTL_OK)
        rc = print_quirks(ctl, answer, "No known deviation fits this station's model.");
    json_decref(answer);
    return rc;
}

static const struct ctl_flag quirk_flags[] = {
    { "switches", NULL, 0, "the switches that an entry may set, instead" },
};

static const struct ctl_flag drift_flags[] = {
    { "all", NULL, 0, "also the keys that are as wanted" },
};

static const struct ctl_flag violation_flags[] = {
    { "model", "NAME", 0, "only this model" },
    { "vendor", "NAME", 0, "only this vendor" },
};

static const struct ctl_command commands[] = {
    { .name = "config drift",
      .args = "[STATION...]",
      .summary = "List configuration keys that are not as wanted, and why",
      .flags = drift_flags,
      .n_flags = ARRAY_SIZE(drift_flags),
      .examples = "config drift\nconfig drift DO-L0001 --all\nconfig drift -o csv",
      .more = "What is wanted comes from templates (apply file) and, for balanced stations, from "
              "noxd. It is set at each boot, after a reconnect and after a change of the "
              "templates; what a station will not take is remembered with its firmware and not "
              "tried again until 'noxctl config apply'.",
      .run = run_drift },
    { .name = "config apply",
      .args = "STATION...",
      .traits = CTL_TARGETS | CTL_CHANGES,
      .summary = "Read the configuration of stations now and set what differs",
      .examples = "config apply DO-L0001\nconfig apply --all --yes --why \"after the update\"",
      .run = run_apply_config },
    { .name = "config show",
      .args = "STATION",
      .summary = "Show what a station reported, what is wanted of it, and what the keys mean",
      .examples = "config show DO-L0001",
      .run = run_show },
    { .name = "config template list",
      .args = "",
      .summary = "List templates of configuration in the order in which they are merged",
      .examples = "config template list",
      .more =
          "noxd's own wishes for balanced stations come first. Templates go over them by rising "
          "priority, and where that is equal by how narrowly they choose: station ids, then "
          "groups, firmware, model, vendor. The last one that names a key decides; null takes "
          "the wish away.",
      .run = run_templates },
    { .name = "config template show",
      .args = "TEMPLATE",
      .summary = "Show the keys and values of a template",
      .examples = "config template show lamp-defaults",
      .run = run_template_show },
    { .name = "config template remove",
      .args = "TEMPLATE",
      .traits = CTL_CONFIRM,
      .summary = "Remove a template; stations keep the values that they have",
      .examples = "config template remove lamp-defaults --yes",
      .run = run_template_remove },
    { .name = "quirk list",
      .args = "",
      .summary = "List known deviations of models and what they switch",
      .flags = quirk_flags,
      .n_flags = ARRAY_SIZE(quirk_flags),
      .examples = "quirk list\nquirk list --switches",
      .more =
          "Entries of DIR/quirks.json come after the shipped ones and replace those of the same "
          "id; noxd reads the file at its start and on SIGHUP: "
          "[{\"id\": \"slow-box\", \"match\": {\"model\": \"Box*\"}, \"set\": "
          "{\"call_timeout_s\": 90}, \"why\": \"answers late\"}].",
      .run = run_quirks },
    { .name = "quirk show",
      .args = "STATION",
      .summary = "Show which known deviations fit a station's model",
      .examples = "quirk show DO-L0001",
      .run = run_quirk_show },
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
