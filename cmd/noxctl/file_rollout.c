/* Rollouts: a firmware to many stations. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cmd/noxctl/file.h"
#include "cmd/noxctl/member.h"
#include "cmd/noxctl/targets.h"

static const struct table_column rollout_columns[] = {
    { "ID", "id", CELL_NUMBER, 0 },           { "STATE", "state", CELL_STATUS, 0 },
    { "FW", "firmware", CELL_NUMBER, 0 },     { "WAIT", "waiting", CELL_NUMBER, 0 },
    { "RUN", "running", CELL_NUMBER, 0 },     { "DONE", "done", CELL_NUMBER, 0 },
    { "FAIL", "failed", CELL_NUMBER, 0 },     { "SKIP", "skipped", CELL_NUMBER, 0 },
    { "NOTE", "note", CELL_TEXT, TABLE_CUT }, { "BEGUN", "begun_at", CELL_TIME, TABLE_WIDE },
    { "WHO", "who", CELL_TEXT, TABLE_WIDE },  { "WHY", "why", CELL_TEXT, TABLE_CSV },
};
static const struct table rollout_table = TABLE(rollout_columns);

static const struct table_column target_columns[] = {
    { "STATION", "station", CELL_TEXT, 0 },    { "STATE", "state", CELL_STATUS, 0 },
    { "TRIES", "tries", CELL_NUMBER, 0 },      { "JOB", "job", CELL_NUMBER, 0 },
    { "SINCE", "changed_at", CELL_TIME_S, 0 }, { "NOTE", "note", CELL_TEXT, TABLE_WRAP },
};
static const struct table target_table = TABLE(target_columns);

bool file_number(const char *text, const char *what, int64_t *ret_number)
{
    if (ctl_parse_int(text, ret_number) && *ret_number > 0)
        return true;
    ctl_fail(CTL_USAGE, "'%s' is no number of a %s", text, what);
    return false;
}

bool file_put_int(const struct ctl *ctl, json_t *body, const char *flag, const char *member,
                  int64_t min, int64_t max)
{
    int64_t value;
    if (!ctl_flag(ctl, flag))
        return true;
    if (!ctl_flag_int(ctl, flag, min, max, min, &value))
        return false;
    json_object_set_new(body, member, json_integer((json_int_t)value));
    return true;
}

static bool has_session(const json_t *station)
{
    const json_t *connectors = json_object_get(station, "connectors");
    for (size_t i = 0; i < json_array_size(connectors); i++)
        if (json_is_integer(json_object_get(json_array_get(connectors, i), "tx_id")))
            return true;
    return false;
}

/* Where there is no note: what a station that has not begun waits for. */
static void tell_waits(const struct ctl *ctl, json_t *targets)
{
    json_t *answer = NULL;
    if (client_get(ctl, &answer, "/v1/stations") != CTL_OK)
        return;
    for (size_t i = 0; i < json_array_size(targets); i++) {
        json_t *target = json_array_get(targets, i);
        const json_t *station =
            member_find(member_items(answer), "id", member_text(target, "station"));
        bool waits = strcmp(member_text(target, "state"), "waiting") == 0;
        if (!waits || !station || *member_text(target, "note"))
            continue;
        const char *why = !json_is_true(json_object_get(station, "online")) ? "is offline"
                          : has_session(station)                            ? "a session runs"
                                                                            : NULL;
        if (why)
            json_object_set_new(target, "note", json_string(why));
    }
    json_decref(answer);
}

static enum ctl_exit show_rollout(struct ctl *ctl)
{
    json_t *answer = NULL, *list = json_array(), *top = json_object();
    enum ctl_exit rc = client_get(ctl, &answer, "/v1/rollouts/%s", ctl->arg[0]);
    if (rc == CTL_OK && ctl->output == CTL_TABLE) {
        json_array_append(list, answer);
        json_object_set(top, "items", list);
        rc = table_print(ctl, &rollout_table, top, NULL);
        if (strcmp(member_text(answer, "state"), "running") == 0)
            tell_waits(ctl, json_object_get(answer, "targets"));
        json_object_set(top, "items", json_object_get(answer, "targets"));
        puts("");
        rc = rc == CTL_OK ? table_print(ctl, &target_table, top, NULL) : rc;
    } else if (rc == CTL_OK && ctl->output == CTL_CSV) {
        json_object_set(top, "items", json_object_get(answer, "targets"));
        rc = table_print(ctl, &target_table, top, NULL);
    } else if (rc == CTL_OK) {
        rc = ctl_print_json(ctl, answer);
    }
    json_decref(answer);
    json_decref(list);
    json_decref(top);
    return rc;
}

enum ctl_exit file_rollouts(struct ctl *ctl)
{
    json_t *answer = NULL;
    if (ctl->n_args > 0)
        return show_rollout(ctl);
    enum ctl_exit rc = client_get(ctl, &answer, "/v1/rollouts");
    if (rc == CTL_OK)
        rc = table_print(ctl, &rollout_table, answer,
                         "No rollouts yet; begin one: noxctl firmware rollout --help");
    json_decref(answer);
    return rc;
}

/* --model narrows what --all and the like have chosen. */
static enum ctl_exit keep_model(const struct ctl *ctl, json_t *names)
{
    const char *model = ctl_flag(ctl, "model");
    json_t *answer = NULL;
    if (!model)
        return CTL_OK;
    enum ctl_exit rc = client_get(ctl, &answer, "/v1/stations");
    for (size_t i = json_array_size(names); rc == CTL_OK && i > 0; i--) {
        const json_t *station = member_find(member_items(answer), "id",
                                            json_string_value(json_array_get(names, i - 1)));
        if (!station || strcmp(member_text(station, "model"), model) != 0)
            json_array_remove(names, i - 1);
    }
    if (rc == CTL_OK && json_array_size(names) == 0)
        rc = ctl_fail(CTL_NOT_FOUND, "none of these stations reports the model '%s'", model);
    json_decref(answer);
    return rc;
}

static bool put_window(const struct ctl *ctl, json_t *body)
{
    const char *window = ctl_flag(ctl, "window");
    char from[6], to[6];
    if (!window)
        return true;
    if (strlen(window) != 11 || window[5] != '-' || window[2] != ':' || window[8] != ':') {
        ctl_fail(CTL_USAGE, "--window %s: write it as 22:00-05:00 (local time)", window);
        return false;
    }
    snprintf(from, sizeof(from), "%.5s", window);
    snprintf(to, sizeof(to), "%.5s", window + 6);
    json_object_set_new(body, "from", json_string(from));
    json_object_set_new(body, "to", json_string(to));
    return true;
}

static bool put_conditions(const struct ctl *ctl, json_t *body)
{
    json_object_set_new(body, "force", json_boolean(ctl_flag(ctl, "force") != NULL));
    json_object_set_new(body, "signed", json_boolean(ctl_flag(ctl, "signed") != NULL));
    return file_put_int(ctl, body, "canary", "canary", 0, 100000) &&
           file_put_int(ctl, body, "max-parallel", "max_parallel", 1, 100000) &&
           file_put_int(ctl, body, "stop-after-failures", "stop_after_failures", 1, 100000) &&
           file_put_int(ctl, body, "retries", "retries", 0, 100) &&
           file_put_int(ctl, body, "retry-interval", "retry_interval_s", 0, 86400) &&
           put_window(ctl, body);
}

enum ctl_exit file_rollout_start(struct ctl *ctl)
{
    size_t n_names;
    int64_t firmware;
    json_t *answer = NULL;
    enum ctl_exit rc = targets_count(ctl, 1, &n_names);
    if (rc != CTL_OK)
        return rc;
    if (!file_number(ctl->arg[ctl->n_args - 1], "firmware (noxctl firmware list)", &firmware))
        return CTL_USAGE;
    json_t *names = json_array();
    json_t *body = json_pack("{sIsO}", "firmware", (json_int_t)firmware, "stations", names);
    rc = put_conditions(ctl, body) ? targets_names(ctl, n_names, names) : CTL_USAGE;
    if (rc == CTL_OK)
        rc = keep_model(ctl, names);
    if (rc == CTL_OK)
        rc = client_do(ctl, "POST", body, &answer, "/v1/rollouts");
    if (rc == CTL_OK && ctl->output == CTL_TABLE)
        printf("rollout %" PRId64 " has begun: %zu stations\n", member_int(answer, "id"),
               json_array_size(names));
    else if (rc == CTL_OK)
        rc = ctl_print_json(ctl, answer);
    if (rc == CTL_OK)
        ctl_note(ctl, "See how it goes: noxctl firmware rollouts %" PRId64,
                 member_int(answer, "id"));
    json_decref(answer);
    json_decref(body);
    json_decref(names);
    return rc;
}

static enum ctl_exit control(struct ctl *ctl, const char *verb)
{
    json_t *answer = NULL;
    enum ctl_exit rc =
        client_do(ctl, "POST", NULL, &answer, "/v1/rollouts/%s/%s", ctl->arg[0], verb);
    if (rc == CTL_OK && ctl->output == CTL_JSON)
        rc = ctl_print_json(ctl, answer);
    else if (rc == CTL_OK)
        ctl_note(ctl, "rollout %s: %s", ctl->arg[0], verb);
    json_decref(answer);
    return rc;
}

enum ctl_exit file_rollout_pause(struct ctl *ctl)
{
    return control(ctl, "pause");
}

enum ctl_exit file_rollout_resume(struct ctl *ctl)
{
    return control(ctl, "resume");
}

enum ctl_exit file_rollout_abort(struct ctl *ctl)
{
    return control(ctl, "abort");
}

enum ctl_exit file_rollout_retry(struct ctl *ctl)
{
    return control(ctl, "retry");
}
