/* Requests to stations in everyday use: configuration, reset, start and stop, ... */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/noxctl/call.h"
#include "cmd/noxctl/commands.h"
#include "cmd/noxctl/member.h"
#include "cmd/noxctl/need.h"
#include "cmd/noxctl/profile.h"

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

/* GetConfigurationMaxKeys as the station reported it; 0 = it has not said. */
static size_t most_keys(const struct ctl *ctl)
{
    json_t *answer = NULL;
    const json_t *key = NULL;
    int64_t most = 0;
    if (client_get(ctl, &answer, "/v1/stations/%s/config", ctl->arg[0]) == CTL_OK)
        key = member_find(member_items(answer), "key", "GetConfigurationMaxKeys");
    if (key)
        most = strtoll(member_text(key, "value"), NULL, 10);
    json_decref(answer);
    return most > 0 && most < 1000 ? (size_t)most : 0;
}

static enum ctl_exit get_portion(struct ctl *ctl, size_t from, size_t n, json_t *all)
{
    json_t *payload = json_pack("{s[]}", "key"), *answer = NULL;
    struct ctl patient = *ctl;
    for (size_t i = 0; i < n; i++)
        json_array_append_new(json_object_get(payload, "key"), json_string(ctl->arg[from + i]));
    json_t *body = call_body(ctl, "GetConfiguration", payload, true);
    patient.timeout_ms += 5000; /* noxd tells that the station has not answered */
    enum ctl_exit rc =
        client_do(&patient, "POST", body, &answer, "/v1/stations/%s/calls", ctl->arg[0]);
    static const char *const lists[] = { "configurationKey", "unknownKey" };
    for (size_t i = 0; rc == CTL_OK && i < ARRAY_SIZE(lists); i++) {
        json_t *more = json_object_get(json_object_get(answer, "payload"), lists[i]);
        if (more)
            json_array_extend(json_object_get(all, lists[i]), more);
    }
    json_decref(answer);
    json_decref(body);
    json_decref(payload);
    return rc;
}

/* More keys than the station answers at once: in portions. */
static enum ctl_exit get_in_portions(struct ctl *ctl, size_t most)
{
    json_t *all = json_pack("{s[]s[]}", "configurationKey", "unknownKey");
    enum ctl_exit rc = CTL_OK;
    for (size_t i = 1; rc == CTL_OK && i < ctl->n_args; i += most)
        rc = get_portion(ctl, i, ctl->n_args - i < most ? ctl->n_args - i : most, all);
    if (rc == CTL_OK && ctl->output == CTL_JSON) {
        rc = ctl_print_json(ctl, all);
    } else if (rc == CTL_OK) {
        json_t *item = json_pack("{sO}", "payload", all);
        rc = show_keys(ctl, item);
        json_decref(item);
    }
    json_decref(all);
    return rc;
}

static enum ctl_exit run_config_get(struct ctl *ctl)
{
    size_t n_names = targets_selected(ctl) ? 0 : 1;
    size_t most = n_names == 1 && ctl->n_args > 2 && ctl->output != CTL_CSV ? most_keys(ctl) : 0;
    if (most > 0 && ctl->n_args - 1 > most)
        return get_in_portions(ctl, most);
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

/* --- triggers --- */

enum { OF_CORE = 1, OF_SECURITY = 2 };

static const struct {
    const char *message;
    int of; /* TriggerMessage, ExtendedTriggerMessage */
} messages[] = {
    { "BootNotification", OF_CORE | OF_SECURITY },
    { "DiagnosticsStatusNotification", OF_CORE },
    { "FirmwareStatusNotification", OF_CORE | OF_SECURITY },
    { "Heartbeat", OF_CORE | OF_SECURITY },
    { "LogStatusNotification", OF_SECURITY },
    { "MeterValues", OF_CORE | OF_SECURITY },
    { "SignChargePointCertificate", OF_SECURITY },
    { "StatusNotification", OF_CORE | OF_SECURITY },
};

/* What only the security extension has is asked for by its own request. */
static bool is_extended(const struct ctl *ctl, const char *message)
{
    for (size_t i = 0; i < ARRAY_SIZE(messages); i++)
        if (strcmp(messages[i].message, message) == 0 && messages[i].of == OF_SECURITY)
            return true;
    return ctl_flag(ctl, "extended") != NULL;
}

/* Errata 3.40: of a station that is accepted a BootNotification tells nothing new, and some take it
 * for a restart. */
static enum ctl_exit boot_is_meant(const struct ctl *ctl, const char *message, size_t n_names)
{
    json_t *station = NULL;
    if (strcmp(message, "BootNotification") != 0 || ctl_flag(ctl, "force"))
        return CTL_OK;
    if (n_names != 1)
        return ctl_fail(CTL_USAGE, "a BootNotification of many stations needs --force: those that "
                                   "are accepted have nothing new to say");
    enum ctl_exit rc = client_get(ctl, &station, "/v1/stations/%s", ctl->arg[0]);
    if (rc == CTL_OK && strcmp(member_text(station, "registration"), "Accepted") == 0)
        rc = ctl_fail(CTL_USAGE,
                      "%s is accepted: its BootNotification tells nothing new, and some take the "
                      "answer for a restart; to ask all the same: --force",
                      ctl->arg[0]);
    json_decref(station);
    return rc;
}

static enum ctl_exit run_trigger(struct ctl *ctl)
{
    const char *message = ctl->arg[ctl->n_args - 1];
    int64_t connector;
    size_t n_names;
    if (!ctl_flag_int(ctl, "connector", 0, INT32_MAX, 0, &connector))
        return CTL_USAGE;
    enum ctl_exit rc = targets_count(ctl, 1, &n_names);
    if (rc == CTL_OK)
        rc = boot_is_meant(ctl, message, n_names);
    if (rc != CTL_OK)
        return rc;
    json_t *payload = json_pack("{ss}", "requestedMessage", message);
    if (ctl_flag(ctl, "connector"))
        json_object_set_new(payload, "connectorId", json_integer((json_int_t)connector));
    return call_targets(ctl, n_names,
                        is_extended(ctl, message) ? "ExtendedTriggerMessage" : "TriggerMessage",
                        payload, NULL);
}

/* --- data of makers --- */

static enum ctl_exit show_data(const struct ctl *ctl, const json_t *item)
{
    const char *data = member_text(item, "payload.data");
    (void)ctl;
    printf("%s%s%s\n", member_text(item, "payload.status"), *data ? ": " : "", data);
    return CTL_OK;
}

static enum ctl_exit run_data(struct ctl *ctl)
{
    size_t n_names;
    enum ctl_exit rc = targets_count(ctl, 1, &n_names);
    if (rc != CTL_OK)
        return rc;
    json_t *payload = json_pack("{ssss*ss*}", "vendorId", ctl->arg[ctl->n_args - 1], "messageId",
                                ctl_flag(ctl, "message"), "data", ctl_flag(ctl, "text"));
    return call_targets(ctl, n_names, "DataTransfer", payload, show_data);
}

/* --- remote start --- */

/* The profile that rides along: of a file, or one limit. */
static enum ctl_exit take_profile(const struct ctl *ctl, json_t *payload)
{
    const char *file = ctl_flag(ctl, "profile"), *limit = ctl_flag(ctl, "limit");
    int64_t tenths;
    json_t *profile = NULL;
    if (file && limit)
        return ctl_fail(CTL_USAGE, "--profile or --limit, not both");
    if (file && !(profile = profile_from_file(file)))
        return CTL_FAILED;
    if (limit && !ctl_parse_tenths(limit, &tenths))
        return ctl_fail(CTL_USAGE, "--limit %s: amperes with at most one decimal", limit);
    if (limit)
        profile =
            json_pack("{sisisssss{sss[{sisf}]}}", "chargingProfileId", 1, "stackLevel", 0,
                      "chargingProfilePurpose", "TxProfile", "chargingProfileKind", "Relative",
                      "chargingSchedule", "chargingRateUnit", "A", "chargingSchedulePeriod",
                      "startPeriod", 0, "limit", (double)tenths / 10);
    if (profile)
        json_object_set_new(payload, "chargingProfile", profile);
    return CTL_OK;
}

static enum ctl_exit start(struct ctl *ctl)
{
    const char *tag = ctl->arg[ctl->n_args - 1];
    int64_t connector;
    if (!ctl_flag_int(ctl, "connector", 1, INT32_MAX, 1, &connector))
        return CTL_USAGE;
    json_t *payload = json_pack("{sIss}", "connectorId", (json_int_t)connector, "idTag", tag);
    enum ctl_exit rc = take_profile(ctl, payload);
    if (rc == CTL_OK)
        return send_all(ctl, 1, "RemoteStartTransaction", payload);
    json_decref(payload);
    return rc;
}

/* What the driver told with it counts from its beginning; it is of one car. */
static enum ctl_exit run_start(struct ctl *ctl)
{
    json_t *need = json_object();
    enum ctl_exit rc = need_take(ctl, need) ? CTL_OK : CTL_USAGE;
    bool told = json_object_size(need) > 0;
    if (rc == CTL_OK && told && ctl->n_args != 2)
        rc = ctl_fail(CTL_USAGE, "a need is told of one session: name one station");
    if (rc == CTL_OK)
        rc = start(ctl);
    if (rc == CTL_OK && told)
        rc = need_tell(ctl, ctl->arg[0], need);
    json_decref(need);
    return rc;
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
    { "extended", NULL, 0, "by ExtendedTriggerMessage of the security extension" },
    { "force", NULL, 0, "a BootNotification also of stations that are accepted" },
    { "no-check", NULL, 0, "send it even if the catalogue says it is wrong" },
};
static const struct ctl_flag data_flags[] = {
    { "message", "ID", 0, "id of the message" },
    { "text", "TEXT", 0, "the data" },
};
static const struct ctl_flag start_flags[] = {
    { "connector", "N", 0, "which connector (default 1)" },
    { "limit", "A", 0, "current for each phase of this session (a TxProfile that rides along)" },
    { "profile", "FILE", 0, "the same, a whole ChargingProfile as JSON" },
    NEED_FLAGS,
    { "no-check", NULL, 0, "send it even if the catalogue says it is wrong" },
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
      .summary = "Ask for a message, like Heartbeat, MeterValues or StatusNotification",
      .flags = trigger_flags,
      .n_flags = ARRAY_SIZE(trigger_flags),
      .examples = "station trigger DO-L0001 StatusNotification --connector 1\n"
                  "station trigger DO-L0001 SignChargePointCertificate\n"
                  "station trigger DO-L0001 LogStatusNotification",
      .more = "MESSAGE: BootNotification, DiagnosticsStatusNotification, "
              "FirmwareStatusNotification, Heartbeat, MeterValues, StatusNotification; with the "
              "security extension LogStatusNotification and SignChargePointCertificate, too. Some "
              "stations answer for connector 0 only unless --connector names one. The message "
              "itself comes afterwards: 'noxctl event follow', 'noxctl station show'.",
      .run = run_trigger },
    { .name = "station data",
      .args = "STATION... VENDOR",
      .traits = MANY,
      .summary = "Send data of a maker (DataTransfer) and print the answer",
      .flags = data_flags,
      .n_flags = ARRAY_SIZE(data_flags),
      .examples = "station data DO-L0001 com.example --message ledColour --text green",
      .more = "What stations send by themselves is among the events (station.data).",
      .run = run_data },
    { .name = "station start",
      .args = "STATION... IDTAG",
      .traits = MANY,
      .summary = "Start a session for a tag (RemoteStartTransaction)",
      .flags = start_flags,
      .n_flags = ARRAY_SIZE(start_flags),
      .examples = "station start DO-L0001 04D001A7C3E137\n"
                  "station start DO-L0001 04D001A7C3E137 --depart 07:00 --energy 20\n"
                  "station start DO-L0001 04D001A7C3E137 --limit 10",
      .more = "Accepted means that the station will try: 'noxctl station show' has the start as "
              "pending until a transaction begins or the driver has let the time go by. On a "
              "balanced connector the limit belongs to the scheduler: --limit and --profile are "
              "refused there.",
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
