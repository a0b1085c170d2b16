/* Requests to stations in everyday use: configuration, reset, start and stop, ... */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cmd/noxctl/call.h"
#include "cmd/noxctl/commands.h"
#include "cmd/noxctl/member.h"

/* --- configuration keys --- */

static const struct table_column reported_columns[] = {
    { "KEY", "key", CELL_TEXT, 0 },
    { "VALUE", "value", CELL_TEXT, TABLE_CUT },
    { "READONLY", "readonly", CELL_YES_NO, 0 },
    { "KNOWN", "known", CELL_YES_NO, TABLE_WIDE },
};
static const struct table reported_table = TABLE(reported_columns);

static enum ctl_exit run_config_list(struct ctl *ctl)
{
    json_t *answer = NULL;
    enum ctl_exit rc = client_get(ctl, &answer, "/v1/stations/%s/config", ctl->arg[0]);
    if (rc == CTL_OK)
        rc = table_print(ctl, &reported_table, answer,
                         "The station has reported no keys yet; ask it: noxctl station config get");
    if (rc == CTL_OK && *member_text(answer, "at") && ctl->terminal)
        ctl_note(ctl, "As reported at %s.", member_text(answer, "at"));
    json_decref(answer);
    return rc;
}

static const struct table_column key_columns[] = {
    { "KEY", "key", CELL_TEXT, 0 },
    { "VALUE", "value", CELL_TEXT, TABLE_CUT },
    { "READONLY", "readonly", CELL_YES_NO, 0 },
};
static const struct table key_table = TABLE(key_columns);

static enum ctl_exit show_keys(const struct ctl *ctl, const json_t *item)
{
    struct ocpp_text out;
    struct paint p = table_paint_begin(ctl, &out);
    table_paint(&p, &key_table, member_at(item, "payload.configurationKey"));
    enum ctl_exit rc = table_paint_out(&p);
    const json_t *unknown = member_at(item, "payload.unknownKey");
    for (size_t i = 0; i < json_array_size(unknown); i++)
        ctl_note(ctl, "%s: the station does not know this key",
                 json_string_value(json_array_get(unknown, i)));
    return rc;
}

static void name_unknown(json_t *item, const json_t *unknown)
{
    char text[200] = "the station does not know";
    for (size_t i = 0, used = strlen(text); i < json_array_size(unknown); i++) {
        const char *key = json_string_value(json_array_get(unknown, i));
        int n =
            snprintf(text + used, sizeof(text) - used, "%s %s", i > 0 ? "," : "", key ? key : "");
        used = used + (size_t)n < sizeof(text) ? used + (size_t)n : sizeof(text) - 1;
    }
    json_object_set_new(item, "message", json_string(text));
    json_object_set_new(item, "result", json_string("unknown-key"));
}

static enum ctl_exit judge_keys(const json_t *answer, json_t *item)
{
    const json_t *payload = member_at(answer, "payload");
    const json_t *known = member_at(payload, "configurationKey");
    const json_t *unknown = member_at(payload, "unknownKey");
    char text[32];
    json_object_set_new(item, "payload", payload ? json_deep_copy(payload) : json_object());
    if (json_array_size(known) == 0 && json_array_size(unknown) > 0) {
        name_unknown(item, unknown);
        return CTL_NOT_FOUND;
    }
    snprintf(text, sizeof(text), "%zu keys", json_array_size(known));
    const json_t *only = json_array_size(known) == 1 ? json_array_get(known, 0) : NULL;
    if (only) {
        json_object_set_new(item, "key", json_string(member_text(only, "key")));
        json_object_set_new(item, "value", json_string(member_text(only, "value")));
    }
    json_object_set_new(item, "result", json_string(only ? member_text(only, "value") : text));
    return CTL_OK;
}

/* Rows of -o csv: station, key, value. */
static const struct table_column value_columns[] = {
    { "STATION", "station", CELL_TEXT, 0 }, { "RESULT", "result", CELL_TEXT, 0 },
    { "KEY", "key", CELL_TEXT, 0 },         { "VALUE", "value", CELL_TEXT, 0 },
    { "EXIT", "exit", CELL_NUMBER, 0 },     { "MESSAGE", "message", CELL_TEXT, 0 },
};
static const struct table value_table = TABLE(value_columns);

static enum ctl_exit run_config_get(struct ctl *ctl)
{
    size_t n_names = targets_selected(ctl) ? 0 : 1;
    json_t *payload = json_object();
    if (ctl->n_args > n_names) {
        json_t *keys = json_array();
        for (size_t i = n_names; i < ctl->n_args; i++)
            json_array_append_new(keys, json_string(ctl->arg[i]));
        json_object_set_new(payload, "key", keys);
    }
    enum ctl_exit rc = call_check("GetConfiguration", payload);
    if (rc == CTL_OK) {
        json_t *body = call_body(ctl, "GetConfiguration", payload, true);
        struct target_work work = call_work();
        work.body = body;
        work.judge = judge_keys;
        work.table = &value_table;
        work.show = show_keys;
        rc = targets_run(ctl, n_names, &work);
        json_decref(body);
    }
    json_decref(payload);
    return rc;
}

/* Count the names, then send; owns the payload. */
static enum ctl_exit send_all(struct ctl *ctl, size_t n_others, const char *action, json_t *payload)
{
    size_t n_names;
    enum ctl_exit rc = targets_count(ctl, n_others, &n_names);
    if (rc == CTL_OK)
        return call_targets(ctl, n_names, action, payload, NULL);
    json_decref(payload);
    return rc;
}

static enum ctl_exit run_config_set(struct ctl *ctl)
{
    const char *key = ctl->arg[ctl->n_args - 2], *value = ctl->arg[ctl->n_args - 1];
    return send_all(ctl, 2, "ChangeConfiguration", json_pack("{ssss}", "key", key, "value", value));
}

/* --- one request each --- */

static enum ctl_exit run_reset(struct ctl *ctl)
{
    const char *type = ctl_flag(ctl, "hard") ? "Hard" : "Soft";
    return send_all(ctl, 0, "Reset", json_pack("{ss}", "type", type));
}

static enum ctl_exit run_clear_cache(struct ctl *ctl)
{
    return send_all(ctl, 0, "ClearCache", json_object());
}

static enum ctl_exit run_unlock(struct ctl *ctl)
{
    int64_t connector;
    if (!ctl_flag_int(ctl, "connector", 1, INT32_MAX, 1, &connector))
        return CTL_USAGE;
    return send_all(ctl, 0, "UnlockConnector",
                    json_pack("{sI}", "connectorId", (json_int_t)connector));
}

static enum ctl_exit run_availability(struct ctl *ctl)
{
    const char *word = ctl->arg[ctl->n_args - 1];
    bool operative = strcmp(word, "operative") == 0 || strcmp(word, "Operative") == 0;
    int64_t connector;
    if (!operative && strcmp(word, "inoperative") != 0 && strcmp(word, "Inoperative") != 0)
        return ctl_fail(CTL_USAGE, "'%s': an availability is operative or inoperative", word);
    if (!ctl_flag_int(ctl, "connector", 0, INT32_MAX, 0, &connector))
        return CTL_USAGE;
    return send_all(ctl, 1, "ChangeAvailability",
                    json_pack("{sIss}", "connectorId", (json_int_t)connector, "type",
                              operative ? "Operative" : "Inoperative"));
}

static enum ctl_exit run_trigger(struct ctl *ctl)
{
    const char *message = ctl->arg[ctl->n_args - 1];
    json_t *payload = json_pack("{ss}", "requestedMessage", message);
    int64_t connector;
    if (!ctl_flag_int(ctl, "connector", 1, INT32_MAX, 0, &connector)) {
        json_decref(payload);
        return CTL_USAGE;
    }
    if (connector > 0)
        json_object_set_new(payload, "connectorId", json_integer((json_int_t)connector));
    return send_all(ctl, 1, "TriggerMessage", payload);
}

static enum ctl_exit run_start(struct ctl *ctl)
{
    const char *tag = ctl->arg[ctl->n_args - 1];
    int64_t connector;
    if (!ctl_flag_int(ctl, "connector", 1, INT32_MAX, 1, &connector))
        return CTL_USAGE;
    return send_all(ctl, 1, "RemoteStartTransaction",
                    json_pack("{sIss}", "connectorId", (json_int_t)connector, "idTag", tag));
}

/* --- stop: the transaction is looked up for each station --- */

struct stop {
    const struct ctl *ctl;
    json_t *connectors; /* answer of /v1/connectors */
    int64_t connector;  /* 0 = the only one with a session */
};

static json_t *stop_body(const struct ctl *ctl, int64_t tx_id)
{
    json_t *payload = json_pack("{sI}", "transactionId", (json_int_t)tx_id);
    json_t *body = call_body(ctl, "RemoteStopTransaction", payload, true);
    json_decref(payload);
    return body;
}

static json_t *make_stop(void *arg, const char *station, struct client_answer *ret_trouble)
{
    const struct stop *stop = arg;
    const json_t *items = member_items(stop->connectors);
    int64_t found = MEMBER_UNKNOWN;
    for (size_t i = 0; i < json_array_size(items); i++) {
        const json_t *place = json_array_get(items, i);
        int64_t tx_id = member_int(place, "tx_id");
        if (strcmp(member_text(place, "station"), station) != 0 || tx_id == MEMBER_UNKNOWN ||
            (stop->connector > 0 && member_int(place, "connector") != stop->connector))
            continue;
        if (found != MEMBER_UNKNOWN) {
            ret_trouble->exit = CTL_CONFLICT;
            snprintf(ret_trouble->message, sizeof(ret_trouble->message),
                     "has several sessions; say which with --connector N");
            return NULL;
        }
        found = tx_id;
    }
    if (found != MEMBER_UNKNOWN)
        return stop_body(stop->ctl, found);
    if (targets_selected(stop->ctl)) { /* of all lamps most are idle: nothing is wrong with that */
        snprintf(ret_trouble->code, sizeof(ret_trouble->code), "no-session");
        return NULL;
    }
    ret_trouble->exit = CTL_NOT_FOUND;
    snprintf(ret_trouble->message, sizeof(ret_trouble->message), "has no session to stop");
    return NULL;
}

static enum ctl_exit run_stop(struct ctl *ctl)
{
    struct stop stop = { .ctl = ctl };
    size_t n_names;
    int64_t tx_id;
    json_t *body = NULL;
    if (!ctl_flag_int(ctl, "connector", 1, INT32_MAX, 0, &stop.connector) ||
        !ctl_flag_int(ctl, "tx", INT32_MIN, INT32_MAX, 0, &tx_id))
        return CTL_USAGE;
    enum ctl_exit rc = targets_count(ctl, 0, &n_names);
    if (rc == CTL_OK && ctl_flag(ctl, "tx") && (targets_selected(ctl) || n_names != 1))
        return ctl_fail(CTL_USAGE,
                        "--tx belongs to one station: noxctl station stop STATION --tx N");
    if (rc == CTL_OK && !ctl_flag(ctl, "tx"))
        rc = client_get(ctl, &stop.connectors, "/v1/connectors");
    if (rc == CTL_OK) {
        struct target_work work = call_work();
        body = ctl_flag(ctl, "tx") ? stop_body(ctl, tx_id) : NULL;
        work.body = body;
        work.make_body = body ? NULL : make_stop;
        work.arg = &stop;
        rc = targets_run(ctl, n_names, &work);
    }
    json_decref(body);
    json_decref(stop.connectors);
    return rc;
}

/* --- rows --- */

static const struct ctl_flag reset_flags[] = {
    { "hard", NULL, 0, "restart at once, without ending sessions properly" },
};
static const struct ctl_flag connector_flag[] = {
    { "connector", "N", 0, "which connector (default 1)" },
};
static const struct ctl_flag availability_flags[] = {
    { "connector", "N", 0, "which connector (default 0, the whole station)" },
};
static const struct ctl_flag trigger_flags[] = {
    { "connector", "N", 0, "only this connector (default: all)" },
};
static const struct ctl_flag stop_flags[] = {
    { "connector", "N", 0, "the session on this connector" },
    { "tx", "ID", 0, "this transaction, whether noxd knows it or not" },
};

enum { MANY = CTL_TARGETS | CTL_CHANGES };

static const struct ctl_command commands[] = {
    { .name = "station config get",
      .args = "STATION [KEY...]",
      .traits = CTL_TARGETS,
      .summary = "Ask a station for configuration keys (without KEY: all)",
      .examples = "station config get DO-L0001\n"
                  "station config get DO-L0001 HeartbeatInterval MeterValueSampleInterval\n"
                  "station config get --all HeartbeatInterval -o csv",
      .run = run_config_get },
    { .name = "station config set",
      .args = "STATION... KEY VALUE",
      .traits = MANY,
      .summary = "Change a configuration key",
      .examples = "station config set DO-L0001 MeterValueSampleInterval 60\n"
                  "station config set --district Innenstadt-West LightIntensity 40 --yes",
      .run = run_config_set },
    { .name = "station config list",
      .args = "STATION",
      .summary = "Show the keys as the station reported them last, without asking it",
      .examples = "station config list DO-L0001",
      .run = run_config_list },
    { .name = "station reset",
      .args = "STATION...",
      .traits = MANY,
      .summary = "Restart stations (Soft, or --hard)",
      .flags = reset_flags,
      .n_flags = ARRAY_SIZE(reset_flags),
      .examples = "station reset DO-L0001\nstation reset --grid DO-KAISER --hard --yes",
      .run = run_reset },
    { .name = "station unlock",
      .args = "STATION...",
      .traits = MANY,
      .summary = "Unlock the plug of a connector",
      .flags = connector_flag,
      .n_flags = ARRAY_SIZE(connector_flag),
      .examples = "station unlock DO-L0001",
      .run = run_unlock },
    { .name = "station availability",
      .args = "STATION... STATE",
      .traits = MANY,
      .summary = "Take stations out of service or back (operative, inoperative)",
      .flags = availability_flags,
      .n_flags = ARRAY_SIZE(availability_flags),
      .examples = "station availability DO-L0001 inoperative\n"
                  "station availability --all operative --yes",
      .run = run_availability },
    { .name = "station clear-cache",
      .args = "STATION...",
      .traits = MANY,
      .summary = "Make stations forget which tags they have seen",
      .examples = "station clear-cache --all --yes",
      .run = run_clear_cache },
    { .name = "station trigger",
      .args = "STATION... MESSAGE",
      .traits = MANY,
      .summary = "Ask for a message: BootNotification, Heartbeat, MeterValues, StatusNotification",
      .flags = trigger_flags,
      .n_flags = ARRAY_SIZE(trigger_flags),
      .examples = "station trigger DO-L0001 StatusNotification",
      .run = run_trigger },
    { .name = "station start",
      .args = "STATION... IDTAG",
      .traits = MANY,
      .summary = "Start a session for a tag (RemoteStartTransaction)",
      .flags = connector_flag,
      .n_flags = ARRAY_SIZE(connector_flag),
      .examples = "station start DO-L0001 04D001A7C3E137",
      .run = run_start },
    { .name = "station stop",
      .args = "STATION...",
      .traits = MANY,
      .summary = "Stop the running session (RemoteStopTransaction)",
      .flags = stop_flags,
      .n_flags = ARRAY_SIZE(stop_flags),
      .examples = "station stop DO-L0001\nstation stop --grid DO-LIPPE --yes",
      .run = run_stop },
};
const struct ctl_group ctl_group_control = { "Requests to stations", commands,
                                             ARRAY_SIZE(commands) };
