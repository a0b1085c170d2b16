/* Stations and connectors: lists, registration, keys, configuration, any call. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/noxctl/call.h"
#include "cmd/noxctl/commands.h"
#include "cmd/noxctl/filter.h"
#include "cmd/noxctl/member.h"
#include "cmd/noxctl/place.h"

/* --- lists --- */

static const struct table_column list_columns[] = {
    { "STATION", "id", CELL_TEXT, 0 },
    { "ONLINE", "online", CELL_YES_NO, 0 },
    { "REGISTRATION", "registration", CELL_STATUS, 0 },
    { "SEEN", "seen_at", CELL_TIME_S, 0 },
    { "NODE", "grid_node", CELL_TEXT, 0 },
    { "DISTRICT", "district", CELL_TEXT, TABLE_WIDE },
    { "KEY", "has_key", CELL_YES_NO, TABLE_WIDE },
    { "VENDOR", "vendor", CELL_TEXT, TABLE_WIDE },
    { "MODEL", "model", CELL_TEXT, TABLE_WIDE },
    { "FIRMWARE", "firmware", CELL_TEXT, TABLE_WIDE },
    { "DEVIATIONS", "violations", CELL_NUMBER, TABLE_WIDE },
    { "", "security_profile", CELL_NUMBER, TABLE_CSV },
    { "", "address", CELL_TEXT, TABLE_CSV },
    { "", "connected_at", CELL_TEXT, TABLE_CSV },
    { "", "booted_at", CELL_TEXT, TABLE_CSV },
};
static const struct table list_table = TABLE(list_columns);

static bool station_is_wanted(const struct ctl *ctl, const json_t *station)
{
    bool online = member_true(station, "online");
    if ((ctl_flag(ctl, "online") && !online) || (ctl_flag(ctl, "offline") && online))
        return false;
    return filter_text(ctl, "district", station, "district") &&
           filter_text(ctl, "grid", station, "grid_node");
}

static enum ctl_exit run_list(struct ctl *ctl)
{
    json_t *answer = NULL;
    enum ctl_exit rc = client_get(ctl, &answer, "/v1/stations");
    if (rc == CTL_OK)
        rc = filter_places(ctl, answer);
    if (rc == CTL_OK) {
        filter_items(ctl, answer, station_is_wanted);
        rc =
            table_print(ctl, &list_table, answer,
                        "No stations. 'noxctl apply -f FILE' or 'noxctl station add' brings some.");
    }
    json_decref(answer);
    return rc;
}

static const struct table_column show_columns[] = {
    { "station", "id", CELL_TEXT, 0 },
    { "online", "online", CELL_YES_NO, 0 },
    { "registration", "registration", CELL_STATUS, 0 },
    { "connected", "connected_at", CELL_TIME_S, 0 },
    { "last seen", "seen_at", CELL_TIME_S, 0 },
    { "booted", "booted_at", CELL_TIME_S, 0 },
    { "address", "address", CELL_TEXT, 0 },
    { "vendor", "vendor", CELL_TEXT, 0 },
    { "model", "model", CELL_TEXT, 0 },
    { "serial", "serial", CELL_TEXT, 0 },
    { "firmware", "firmware", CELL_TEXT, 0 },
    { "meter", "meter_serial", CELL_TEXT, 0 },
    { "clock off by", "clock_skew_ms", CELL_MS, 0 },
    { "deviations", "violations", CELL_NUMBER, 0 },
    { "the last one", "last_violation", CELL_TEXT, 0 },
    { "security profile", "security_profile", CELL_NUMBER, 0 },
    { "being raised to", "pending_profile", CELL_NUMBER, 0 },
    { "CN of certificate", "certificate_cn", CELL_TEXT, 0 },
    { "has a key", "has_key", CELL_YES_NO, 0 },
    { "new key unconfirmed", "key_pending", CELL_YES_NO, 0 },
    { "grid node", "grid_node", CELL_TEXT, 0 },
    { "wiring", "wiring", CELL_TEXT, 0 },
    { "rating [A]", "rating_a", CELL_AMPS, 0 },
    { "safe current [A]", "safe_a", CELL_AMPS, 0 },
    { "least current [A]", "min_a", CELL_AMPS, 0 },
    { "weight", "weight", CELL_NUMBER, 0 },
    { "class", "class", CELL_TEXT, 0 },
    { "counts as", "counts_as", CELL_TEXT, 0 },
    { "because", "evidence", CELL_TEXT, 0 },
    { "profiles in 24 hours", "profile_writes_24h", CELL_NUMBER, 0 },
    { "... and it bears", "profile_writes_most", CELL_NUMBER, 0 },
    { "tariff", "tariff", CELL_TEXT, 0 },
    { "operator", "operator", CELL_TEXT, 0 },
    { "district", "district", CELL_TEXT, 0 },
    { "street", "street", CELL_TEXT, 0 },
    { "house no.", "house_no", CELL_TEXT, 0 },
    { "postcode", "postcode", CELL_TEXT, 0 },
    { "city", "city", CELL_TEXT, 0 },
    { "lat", "lat", CELL_NUMBER, 0 },
    { "lon", "lon", CELL_NUMBER, 0 },
};
static const struct table show_table = TABLE(show_columns);

static enum ctl_exit run_show(struct ctl *ctl)
{
    json_t *station = NULL;
    enum ctl_exit rc = client_get(ctl, &station, "/v1/stations/%s", ctl->arg[0]);
    if (rc == CTL_OK)
        rc = table_print_one(ctl, &show_table, station);
    if (rc == CTL_OK && ctl->output == CTL_TABLE) {
        struct ocpp_text out;
        struct paint p = table_paint_begin(ctl, &out);
        paint_end(&p);
        table_paint(&p, &place_table, member_at(station, "connectors"));
        rc = table_paint_out(&p);
    }
    json_decref(station);
    return rc;
}

static const struct table_column refused_columns[] = {
    { "IDENTITY", "identity", CELL_TEXT, TABLE_CUT },
    { "REASON", "reason", CELL_TEXT, 0 },
    { "COUNT", "count", CELL_NUMBER, 0 },
    { "LAST", "last_at", CELL_TIME, 0 },
    { "ADDRESS", "address", CELL_TEXT, TABLE_WIDE },
    { "FIRST", "first_at", CELL_TIME, TABLE_WIDE },
    { "WHAT TO CHANGE", "detail", CELL_TEXT, TABLE_BELOW },
};
static const struct table refused_table = TABLE(refused_columns);

static enum ctl_exit clear_refused(const struct ctl *ctl)
{
    struct client_answer answer;
    char *path = ctl->n_args > 0 ? client_path("/v1/refused?identity=%s", ctl->arg[0]) : NULL;
    client_ask(ctl, "DELETE", path ? path : "/v1/refused", NULL, &answer);
    free(path);
    enum ctl_exit rc = answer.exit;
    if (rc == CTL_OK)
        ctl_note(ctl, "Forgotten; who is refused again is shown again.");
    else if (rc == CTL_NOT_FOUND && ctl->n_args == 0)
        rc = CTL_OK; /* nothing was there */
    else
        ctl_fail(rc, "%s", answer.message);
    client_answer_done(&answer);
    return rc;
}

static bool refused_is_wanted(const struct ctl *ctl, const json_t *item)
{
    return ctl->n_args == 0 || strcmp(member_text(item, "identity"), ctl->arg[0]) == 0;
}

static enum ctl_exit run_refused(struct ctl *ctl)
{
    json_t *answer = NULL;
    if (ctl_flag(ctl, "clear"))
        return clear_refused(ctl);
    enum ctl_exit rc = client_get(ctl, &answer, "/v1/refused");
    if (rc == CTL_OK) {
        filter_items(ctl, answer, refused_is_wanted);
        rc = table_print(ctl, &refused_table, answer, "No connection was refused.");
    }
    json_decref(answer);
    return rc;
}

/* --- add, remove, keys --- */

/* Flags of `add` and the members of a station they set. */
static const struct {
    const char *flag, *member;
    char kind; /* t text, i whole number, a amperes */
} add_members[] = {
    { "grid", "grid_node", 't' },
    { "wiring", "wiring", 't' },
    { "rating", "rating_a", 'a' },
    { "safe", "safe_a", 'a' },
    { "tariff", "tariff", 't' },
    { "operator", "operator", 't' },
    { "district", "district", 't' },
    { "street", "street", 't' },
    { "house-no", "house_no", 't' },
    { "postcode", "postcode", 't' },
    { "city", "city", 't' },
    { "security-profile", "security_profile", 'i' },
    { "profile", "security_profile", 'i' },
    { "certificate-cn", "certificate_cn", 't' },
};

static json_t *member_value(const char *flag, const char *text, char kind)
{
    int64_t number;
    if (kind == 't')
        return json_string(text);
    if (kind == 'i' && ctl_parse_int(text, &number))
        return json_integer((json_int_t)number);
    if (kind == 'a' && ctl_parse_tenths(text, &number))
        return number % 10 ? json_real((double)number / 10) : json_integer((json_int_t)number / 10);
    ctl_fail(CTL_USAGE, "--%s %s: a number is needed", flag, text);
    return NULL;
}

static json_t *connectors_of_flags(const struct ctl *ctl)
{
    int64_t n, max_w;
    const char *evse = ctl_flag(ctl, "evse");
    if (!ctl_flag_int(ctl, "connectors", 1, 8, 1, &n) ||
        !ctl_flag_int(ctl, "max-w", 1, 1000000, 11040, &max_w))
        return NULL;
    json_t *list = json_array();
    for (int64_t i = 1; i <= n; i++)
        json_array_append_new(list, json_pack("{sI sI ss*}", "id", (json_int_t)i, "max_w",
                                              (json_int_t)max_w, "evse_id",
                                              evse && n == 1 ? evse : NULL));
    return list;
}

/* @return body of PUT /v1/stations/{id}; NULL after a complaint */
static json_t *station_of_flags(const struct ctl *ctl)
{
    json_t *station = json_pack("{ss si}", "id", ctl->arg[0], "security_profile", 1);
    json_t *connectors = connectors_of_flags(ctl);
    bool good = connectors != NULL;
    for (size_t i = 0; good && i < ARRAY_SIZE(add_members); i++) {
        const char *text = ctl_flag(ctl, add_members[i].flag);
        json_t *value = text ? member_value(add_members[i].flag, text, add_members[i].kind) : NULL;
        if (value)
            json_object_set_new(station, add_members[i].member, value);
        good = !text || value;
    }
    json_object_set_new(station, "connectors", connectors ? connectors : json_array());
    if (good)
        return station;
    json_decref(station);
    return NULL;
}

static const struct table_column key_columns[] = {
    { "STATION", "station", CELL_TEXT, 0 },
    { "KEY", "key", CELL_TEXT, 0 },
};
static const struct table key_table = TABLE(key_columns);

static const struct table_column new_columns[] = {
    { "station", "station", CELL_TEXT, 0 },
    { "key (hexadecimal)", "key", CELL_TEXT, 0 },
    { "connects to", "url", CELL_TEXT, TABLE_PLAIN },
};
static const struct table new_table = TABLE(new_columns);

/* From security profile 2 on by wss, if there is such a listener. */
static const char *listener_for(const json_t *urls, int64_t profile)
{
    const char *scheme = profile >= 2 ? "wss:" : "ws:";
    for (size_t i = 0; i < json_array_size(urls); i++) {
        const char *url = json_string_value(json_array_get(urls, i));
        if (url && strncmp(url, scheme, strlen(scheme)) == 0)
            return url;
    }
    return profile >= 2 ? NULL : json_string_value(json_array_get(urls, 0));
}

/* Where the new station has to connect to, from noxd's listeners. */
static void add_url(const struct ctl *ctl, json_t *item, const char *id, int64_t profile)
{
    struct client_answer answer;
    client_ask(ctl, "GET", "/v1/status", NULL, &answer);
    const char *base = listener_for(member_at(answer.json, "listen"), profile);
    char *path = client_path("%s", id);
    char url[512];
    if (base && path) {
        bool slash = *base && base[strlen(base) - 1] == '/';
        snprintf(url, sizeof(url), "%s%s%s", base, slash ? "" : "/", path);
        json_object_set_new(item, "url", json_string(url));
    }
    free(path);
    client_answer_done(&answer);
}

static enum ctl_exit check_new(const struct ctl *ctl, const char *id)
{
    struct client_answer answer;
    char *path = client_path("/v1/stations/%s", id);
    client_ask(ctl, "GET", path, NULL, &answer);
    free(path);
    enum ctl_exit rc = answer.exit == CTL_NOT_FOUND ? CTL_OK : answer.exit;
    if (answer.exit == CTL_OK)
        rc = ctl_fail(CTL_CONFLICT,
                      "%s is there already; change it by 'noxctl apply', give it a new key by "
                      "'noxctl station key %s'",
                      id, id);
    else if (rc != CTL_OK)
        ctl_fail(rc, "%s", answer.message);
    client_answer_done(&answer);
    return rc;
}

/* It becomes the last segment of the URL that is typed into the station. */
static bool id_is_good(const char *id)
{
    if (*id && !strpbrk(id, " /\t\r\n"))
        return true;
    ctl_fail(CTL_USAGE,
             "'%s': an id has no blanks and no '/', it is the end of the URL that the station "
             "connects to; like DO-L0042",
             id);
    return false;
}

/* What a station does without. */
static void tell_new(const struct ctl *ctl, const char *id, bool has_key, bool lacks_tls)
{
    if (lacks_tls)
        ctl_note(ctl, "It needs wss, and noxd has no such listener: start it with --tls-listen.");
    if (has_key)
        ctl_note(ctl, "The key is the password of HTTP Basic (user %s). It is shown this once.",
                 id);
    if (!ctl_flag(ctl, "grid"))
        ctl_note(ctl, "Without --grid it stands outside the cap: nothing limits its current.");
    if (!ctl_flag(ctl, "tariff"))
        ctl_note(ctl, "Without --tariff its sessions are not billed.");
}

static enum ctl_exit run_add(struct ctl *ctl)
{
    const char *id = ctl->arg[0];
    if (!id_is_good(id))
        return CTL_USAGE;
    json_t *station = station_of_flags(ctl), *key = NULL;
    if (!station)
        return CTL_USAGE;
    enum ctl_exit rc = check_new(ctl, id);
    if (rc == CTL_OK)
        rc = client_do(ctl, "PUT", station, NULL, "/v1/stations/%s", id);
    bool needs_key = member_int(station, "security_profile") != 0 &&
                     member_int(station, "security_profile") != 3 && !ctl_flag(ctl, "no-key");
    if (rc == CTL_OK && needs_key)
        rc = client_do(ctl, "POST", NULL, &key, "/v1/stations/%s/key", id);
    if (rc == CTL_OK) {
        json_t *item = key ? json_incref(key) : json_object();
        json_object_set_new(item, "station", json_string(id));
        add_url(ctl, item, id, member_int(station, "security_profile"));
        rc = table_print_one(ctl, &new_table, item);
        if (rc == CTL_OK)
            tell_new(ctl, id, key != NULL,
                     member_int(station, "security_profile") >= 2 && !*member_text(item, "url"));
        json_decref(item);
    }
    json_decref(key);
    json_decref(station);
    return rc;
}

static enum ctl_exit judge_key(const json_t *answer, json_t *item)
{
    json_object_update(item, (json_t *)answer);
    json_object_set_new(item, "result", json_string("new key"));
    return *member_text(answer, "key") ? CTL_OK : CTL_FAILED;
}

/* Over OCPP: it is the key when the station has taken it. */
static enum ctl_exit judge_pushed(const json_t *answer, json_t *item)
{
    json_object_set_new(item, "result", json_string(member_text(answer, "status")));
    json_object_update(item, (json_t *)answer);
    return call_verdict(answer);
}

static enum ctl_exit run_key_push(struct ctl *ctl)
{
    const char *key = ctl_flag(ctl, "key");
    size_t n_names;
    enum ctl_exit rc = targets_count(ctl, 0, &n_names);
    if (rc != CTL_OK)
        return rc;
    if (key && (n_names != 1 || targets_selected(ctl)))
        return ctl_fail(CTL_USAGE, "--key is for one station: every station has a key of its own");
    json_t *body = json_pack("{ss*}", "key", key);
    struct target_work work = { .method = "POST",
                                .path = "/v1/stations/%s/key/push",
                                .body = body,
                                .judge = judge_pushed,
                                .line = "key",
                                .spare_ms = 5000,
                                .table = &key_table };
    rc = targets_run(ctl, n_names, &work);
    json_decref(body);
    if (rc == CTL_OK)
        ctl_note(ctl, "The station has taken it; the key is shown this once.");
    else if (rc == CTL_TIMED_OUT)
        ctl_note(ctl,
                 "Whether the station has taken it is unknown: the old key and the new one are "
                 "valid until it connects with the new one ('noxctl station show').");
    return rc;
}

static const struct table_column result_columns[] = {
    { "STATION", "station", CELL_TEXT, 0 },
    { "RESULT", "result", CELL_TEXT, 0 },
    { "EXIT", "exit", CELL_NUMBER, 0 },
    { "MESSAGE", "message", CELL_TEXT, 0 },
};
static const struct table result_table = TABLE(result_columns);

static enum ctl_exit judge_back(const json_t *answer, json_t *item)
{
    json_object_set_new(item, "result", json_string(member_text(answer, "status")));
    return CTL_OK;
}

static enum ctl_exit run_key_rollback(struct ctl *ctl)
{
    static const struct target_work work = { .method = "POST",
                                             .path = "/v1/stations/%s/key/rollback",
                                             .judge = judge_back,
                                             .line = "result",
                                             .table = &result_table };
    size_t n_names;
    enum ctl_exit rc = targets_count(ctl, 0, &n_names);
    return rc == CTL_OK ? targets_run(ctl, n_names, &work) : rc;
}

static enum ctl_exit run_key(struct ctl *ctl)
{
    if (ctl_flag(ctl, "rollback"))
        return run_key_rollback(ctl);
    if (ctl_flag(ctl, "push") || ctl_flag(ctl, "key"))
        return run_key_push(ctl);
    static const struct target_work work = { .method = "POST",
                                             .path = "/v1/stations/%s/key",
                                             .judge = judge_key,
                                             .line = "key",
                                             .table = &key_table };
    size_t n_names;
    enum ctl_exit rc = targets_count(ctl, 0, &n_names);
    if (rc == CTL_OK)
        rc = targets_run(ctl, n_names, &work);
    if (rc == CTL_OK)
        ctl_note(ctl, "The keys are shown this once; the old ones are no longer valid.");
    return rc;
}

static enum ctl_exit judge_removed(const json_t *answer, json_t *item)
{
    (void)answer;
    json_object_set_new(item, "result", json_string("removed"));
    return CTL_OK;
}

static enum ctl_exit run_remove(struct ctl *ctl)
{
    static const struct target_work work = { .method = "DELETE",
                                             .path = "/v1/stations/%s",
                                             .judge = judge_removed,
                                             .line = "result",
                                             .table = &result_table };
    size_t n_names;
    enum ctl_exit rc = targets_count(ctl, 0, &n_names);
    return rc == CTL_OK ? targets_run(ctl, n_names, &work) : rc;
}

/* --- security profile --- */

static const struct table_column profile_columns[] = {
    { "station", "id", CELL_TEXT, 0 },
    { "security profile", "security_profile", CELL_NUMBER, 0 },
    { "being raised to", "pending_profile", CELL_NUMBER, 0 },
    { "online", "online", CELL_YES_NO, 0 },
    { "connected by profile", "connected_by_profile", CELL_NUMBER, 0 },
    { "has a key", "has_key", CELL_YES_NO, 0 },
    { "new key unconfirmed", "key_pending", CELL_YES_NO, 0 },
    { "CN of certificate", "certificate_cn", CELL_TEXT, 0 },
};
static const struct table profile_table = TABLE(profile_columns);

static enum ctl_exit show_profile(struct ctl *ctl)
{
    json_t *station = NULL;
    enum ctl_exit rc = client_get(ctl, &station, "/v1/stations/%s", ctl->arg[0]);
    if (rc == CTL_OK)
        rc = table_print_one(ctl, &profile_table, station);
    json_decref(station);
    return rc;
}

static enum ctl_exit judge_raised(const json_t *answer, json_t *item)
{
    const char *reset = member_text(answer, "reset");
    char text[300];
    snprintf(text, sizeof(text), "%s%s%s", member_text(answer, "status"), *reset ? ", reset: " : "",
             reset);
    json_object_update(item, (json_t *)answer);
    json_object_set_new(item, "result", json_string(text));
    return call_verdict(answer);
}

static enum ctl_exit run_profile(struct ctl *ctl)
{
    int64_t profile;
    const char *last = ctl->n_args > 0 ? ctl->arg[ctl->n_args - 1] : "";
    bool shows = ctl->n_args == 1 && !targets_selected(ctl);
    size_t n_names;
    if (shows)
        return show_profile(ctl);
    if (!ctl_parse_int(last, &profile) || profile < 0 || profile > 3)
        return ctl_fail(CTL_USAGE, "'%s': a security profile is 0, 1, 2 or 3", last);
    enum ctl_exit rc = targets_count(ctl, 1, &n_names);
    if (rc != CTL_OK)
        return rc;
    json_t *body =
        json_pack("{sI sb sb}", "profile", (json_int_t)profile, "reset",
                  (int)!ctl_flag(ctl, "no-reset"), "force", (int)(ctl_flag(ctl, "force") != NULL));
    struct target_work work = { .method = "POST",
                                .path = "/v1/stations/%s/security-profile",
                                .body = body,
                                .judge = judge_raised,
                                .line = "result",
                                .spare_ms = 35000,
                                .table = &result_table };
    rc = targets_run(ctl, n_names, &work);
    json_decref(body);
    if (rc == CTL_OK)
        ctl_note(ctl,
                 "Old and new profile are open until the station first comes by the new one. Put "
                 "it into your apply file too: an apply with the old one lowers it again.");
    if (rc == CTL_REFUSED && profile >= 2)
        ctl_note(ctl, profile == 3
                          ? "For profile 3 a station needs a certificate that has been delivered: "
                            "'noxctl cert renew STATION', 'noxctl cert pending --all'."
                          : "For profile 2 a station needs the root of noxd's certificate: 'noxctl "
                            "cert installed STATION', 'noxctl cert install STATION --type central "
                            "--file ROOT.pem'.");
    return rc;
}

/* --- registration --- */

static enum ctl_exit judge_registration(const json_t *answer, json_t *item)
{
    const char *status = member_text(answer, "registration");
    if (!*status)
        status = member_text(answer, "status");
    json_object_set_new(item, "result", json_string(*status ? status : "done"));
    return CTL_OK;
}

static enum ctl_exit registration(struct ctl *ctl, size_t n_others, const char *status)
{
    static const char *const known[] = { "Accepted", "Pending", "Rejected" };
    size_t n_names, i = 0;
    while (i < ARRAY_SIZE(known) && strcmp(known[i], status) != 0)
        i++;
    if (i == ARRAY_SIZE(known))
        return ctl_fail(CTL_USAGE, "'%s': a registration is Accepted, Pending or Rejected", status);
    enum ctl_exit rc = targets_count(ctl, n_others, &n_names);
    if (rc != CTL_OK)
        return rc;
    json_t *body = json_pack("{ss}", "status", status);
    struct target_work work = { .method = "POST",
                                .path = "/v1/stations/%s/registration",
                                .body = body,
                                .judge = judge_registration,
                                .line = "result",
                                .table = &result_table };
    rc = targets_run(ctl, n_names, &work);
    json_decref(body);
    return rc;
}

static enum ctl_exit judge_class(const json_t *answer, json_t *item)
{
    (void)answer;
    json_object_set_new(item, "result", json_string("written"));
    return CTL_OK;
}

static enum ctl_exit run_class(struct ctl *ctl)
{
    static const char *const known[] = { "auto", "leasing", "sticky", "forgetful", "unmanaged" };
    const char *class = ctl->arg[ctl->n_args - 1];
    size_t n_names, i = 0;
    while (i < ARRAY_SIZE(known) && strcmp(known[i], class) != 0)
        i++;
    if (i == ARRAY_SIZE(known))
        return ctl_fail(CTL_USAGE, "'%s': a class is auto, leasing, sticky, forgetful or unmanaged",
                        class);
    enum ctl_exit rc = targets_count(ctl, 1, &n_names);
    if (rc != CTL_OK)
        return rc;
    json_t *body = json_pack("{ss}", "class", class);
    struct target_work work = { .method = "POST",
                                .path = "/v1/stations/%s/class",
                                .body = body,
                                .judge = judge_class,
                                .line = "result",
                                .table = &result_table };
    rc = targets_run(ctl, n_names, &work);
    json_decref(body);
    return rc;
}

static const struct table_column evidence_columns[] = {
    { "station", "id", CELL_TEXT, 0 },
    { "vendor", "vendor", CELL_TEXT, 0 },
    { "model", "model", CELL_TEXT, 0 },
    { "firmware", "firmware", CELL_TEXT, 0 },
    { "class as configured", "class", CELL_TEXT, 0 },
    { "counts as", "counts_as", CELL_TEXT, 0 },
    { "because", "evidence", CELL_TEXT, 0 },
    { "since", "evidence_at", CELL_TIME, 0 },
    { "measured against its class", "demoted", CELL_YES_NO, 0 },
};
static const struct table evidence_table = TABLE(evidence_columns);

static enum ctl_exit run_evidence(struct ctl *ctl)
{
    json_t *station = NULL;
    enum ctl_exit rc = client_get(ctl, &station, "/v1/stations/%s", ctl->arg[0]);
    if (rc == CTL_OK)
        rc = table_print_one(ctl, &evidence_table, station);
    if (rc == CTL_OK && json_is_true(json_object_get(station, "demoted")))
        ctl_note(ctl,
                 "When the cause is found: 'noxctl station class %s auto' lets it show itself "
                 "again.",
                 ctl->arg[0]);
    json_decref(station);
    return rc;
}

static enum ctl_exit run_approve(struct ctl *ctl)
{
    return registration(ctl, 0, "Accepted");
}

static enum ctl_exit run_reject(struct ctl *ctl)
{
    return registration(ctl, 0, "Rejected");
}

static const struct table_column pending_columns[] = {
    { "STATION", "station", CELL_TEXT, TABLE_CUT },
    { "STATUS", "registration", CELL_STATUS, 0 },
    { "VENDOR", "vendor", CELL_TEXT, TABLE_CUT },
    { "MODEL", "model", CELL_TEXT, TABLE_CUT },
    { "ADDRESS", "address", CELL_TEXT, 0 },
    { "LAST SEEN", "last_at", CELL_TIME, 0 },
    { "BOOTS", "boots", CELL_NUMBER, TABLE_WIDE },
    { "FIRMWARE", "firmware", CELL_TEXT, TABLE_WIDE },
    { "FIRST SEEN", "first_at", CELL_TIME, TABLE_WIDE },
    { "SERIAL", "serial", CELL_TEXT, TABLE_WIDE },
};
static const struct table pending_table = TABLE(pending_columns);

static enum ctl_exit run_pending(struct ctl *ctl)
{
    json_t *answer = NULL;
    enum ctl_exit rc = client_get(ctl, &answer, "/v1/waiting");
    if (rc == CTL_OK)
        rc = table_print(ctl, &pending_table, answer,
                         "No station waits for approval. 'noxd --unknown-stations pending' lets "
                         "unknown ones in to wait.");
    if (rc == CTL_OK && json_array_size(member_items(answer)) > 0)
        ctl_note(ctl, "'noxctl station approve STATION' lets it work, 'station reject STATION' "
                      "turns it away.");
    json_decref(answer);
    return rc;
}

static enum ctl_exit run_registration(struct ctl *ctl)
{
    return registration(ctl, 1, ctl->arg[ctl->n_args - 1]);
}

/* --- any call --- */

static enum ctl_exit show_payload(const struct ctl *ctl, const json_t *item)
{
    json_t *payload = json_object_get(item, "payload");
    if (strcmp(member_text(item, "result"), "queued") == 0) {
        printf("The station is offline; the request waits for it as number %lld: 'noxctl station "
               "calls' will tell.\n",
               (long long)member_int(payload, "id"));
        return CTL_OK;
    }
    char *text = json_dumps(payload, JSON_INDENT(2) | JSON_ENCODE_ANY);
    (void)ctl;
    puts(text ? text : "{}");
    free(text);
    return CTL_OK;
}

/* The payload argument: JSON, @FILE, or - for standard input. @return NULL after a complaint */
static json_t *payload_of(const char *word)
{
    json_error_t error;
    size_t len;
    bool from_file = word[0] == '@' || strcmp(word, "-") == 0;
    char *read = from_file ? ctl_read_file(word[0] == '@' ? word + 1 : word, &len) : NULL;
    if (from_file && !read)
        return NULL;
    json_t *payload = json_loads(from_file ? read : word, JSON_REJECT_DUPLICATES, &error);
    free(read);
    if (payload && json_is_object(payload))
        return payload;
    if (payload)
        ctl_fail(CTL_USAGE, "the payload must be a JSON object: {...}");
    else
        ctl_fail(CTL_USAGE, "the payload is no JSON: %s (line %d, column %d)", error.text,
                 error.line, error.column);
    json_decref(payload);
    return NULL;
}

static bool is_payload(const char *word)
{
    return word[0] == '{' || word[0] == '[' || word[0] == '@' || strcmp(word, "-") == 0;
}

static enum ctl_exit run_call(struct ctl *ctl)
{
    size_t n_names;
    int64_t wait_s;
    if (!ctl_flag_int(ctl, "wait-online", 0, 7 * 86400, 0, &wait_s))
        return CTL_USAGE;
    bool with_payload = ctl->n_args > 0 && is_payload(ctl->arg[ctl->n_args - 1]);
    size_t n_others = with_payload ? 2 : 1;
    if (ctl->n_args < n_others)
        return ctl_fail(CTL_USAGE, "which action? noxctl station call STATION ACTION [JSON]");
    enum ctl_exit rc = targets_count(ctl, n_others, &n_names);
    if (rc != CTL_OK)
        return rc;
    json_t *payload = with_payload ? payload_of(ctl->arg[ctl->n_args - 1]) : json_object();
    if (!payload)
        return CTL_USAGE;
    return call_targets(ctl, n_names, ctl->arg[ctl->n_args - n_others], payload, show_payload);
}

/* --- rows --- */

static const struct ctl_flag list_flags[] = {
    { "online", NULL, 0, "only stations that are connected" },
    { "offline", NULL, 0, "only stations that are not" },
    { "district", "NAME", 0, "only this district" },
    { "grid", "NODE", 0, "only stations directly on this node" },
};

static const struct ctl_flag add_flags[] = {
    { "grid", "NODE", 0, "node of the grid it hangs on (without: not balanced)" },
    { "wiring", "PHASES", 0, "grid phases of its terminals: RST, STR, TRS, R, S or T" },
    { "rating", "A", 0, "most current for each phase" },
    { "safe", "A", 0, "current without connection to noxd, 0 or at least 6" },
    { "tariff", "ID", 0, "tariff of its sessions" },
    { "operator", "ID", 0, "operator id, DE*DOX" },
    { "district", "NAME", 0, "district, for reports" },
    { "street", "NAME", 0, "address" },
    { "house-no", "NO", 0, "address" },
    { "postcode", "CODE", 0, "address" },
    { "city", "NAME", 0, "address" },
    { "evse", "EVSEID", 0, "EVSE id of its only connector" },
    { "connectors", "N", 0, "number of connectors (default 1)" },
    { "max-w", "W", 0, "most power of a connector (default 11040)" },
    { "security-profile", "N", 0, "0 none, 1 key, 2 key and TLS, 3 certificate (default 1)" },
    { "profile", "N", 0, "the same, shorter" },
    { "certificate-cn", "SERIAL", 0, "CN of its certificate, if that is not its id (profile 3)" },
    { "no-key", NULL, 0, "make no key" },
};

static const struct ctl_flag key_flags[] = {
    { "push", NULL, 0, "give it to the station over OCPP" },
    { "key", "HEX", 0, "this key: 32 to 40 hexadecimal digits; implies --push" },
    { "rollback", NULL, 0, "make the key before the last one valid again, instead of it" },
};

static const struct ctl_flag profile_flags[] = {
    { "no-reset", NULL, 0, "wait until the station connects anew by itself" },
    { "force", NULL, 0, "also where the station may not be able to come back" },
};

static const struct ctl_flag refused_flags[] = {
    { "clear", NULL, 0, "forget them (or those of IDENTITY)" },
};

static const struct ctl_flag call_flags[] = {
    { "no-check", NULL, 0, "send it even if the catalogue says it is wrong" },
    { "wait-online", "SECONDS", 0,
      "if the station is offline, wait so long for it (at most 7 days)" },
};

static const struct ctl_command commands[] = {
    { .name = "station list",
      .args = "",
      .summary = "List stations with their live state",
      .flags = list_flags,
      .n_flags = ARRAY_SIZE(list_flags),
      .examples = "station list\nstation list --offline\n"
                  "station list -o json | jq -r '.items[].id'",
      .run = run_list },
    { .name = "station show",
      .args = "STATION",
      .summary = "Show one station and its connectors",
      .examples = "station show DO-L0001",
      .run = run_show },
    { .name = "station add",
      .args = "STATION",
      .summary = "Make a station known and give it a key (shown once)",
      .flags = add_flags,
      .n_flags = ARRAY_SIZE(add_flags),
      .examples = "station add MY-LAMP\n"
                  "station add DO-L0042 --grid DO-KAISER --wiring STR --rating 16 --safe 6 "
                  "--tariff LATERNE-2026",
      .run = run_add },
    { .name = "station remove",
      .args = "STATION...",
      .traits = CTL_TARGETS | CTL_CONFIRM,
      .summary = "Remove stations; those with sessions stay on record",
      .examples = "station remove MY-LAMP --yes",
      .run = run_remove },
    { .name = "station key",
      .args = "STATION...",
      .traits = CTL_TARGETS | CTL_CHANGES,
      .summary = "Give stations new keys (shown once)",
      .flags = key_flags,
      .n_flags = ARRAY_SIZE(key_flags),
      .examples = "station key DO-L0001\nstation key DO-L0001 --push\n"
                  "station key --all --yes -o csv > keys.csv",
      .more =
          "Without --push the key counts at once and is typed into the station by hand. With "
          "--push it goes to the station over OCPP (AuthorizationKey); the old one ends when "
          "the station has taken it, and stays when it says no. While that is unknown both are "
          "valid. A station that says it has taken a key and goes on with the old one is let in "
          "again by --rollback.",
      .run = run_key },
    { .name = "station security-profile",
      .args = "STATION... [N]",
      .traits = CTL_TARGETS | CTL_CHANGES,
      .summary = "Show or raise the security profile of stations",
      .flags = profile_flags,
      .n_flags = ARRAY_SIZE(profile_flags),
      .examples = "station security-profile DO-L0001\nstation security-profile DO-L0001 2\n"
                  "station security-profile --district Innenstadt-Ost 3 --no-reset --yes",
      .more = "0 none, 1 key by ws, 2 key by wss, 3 client certificate by wss. The station is told "
              "(SecurityProfile) and reset; the old profile is refused from its first connection "
              "by the new one on. It is never lowered over OCPP: set \"security_profile\" by "
              "'noxctl apply' and change the station on site.",
      .run = run_profile },
    { .name = "station refused",
      .args = "[IDENTITY]",
      .summary = "List refused connections: who, why, what to change",
      .flags = refused_flags,
      .n_flags = ARRAY_SIZE(refused_flags),
      .examples = "station refused\nstation refused do-l0001\nstation refused --clear",
      .run = run_refused },
    { .name = "station approve",
      .args = "STATION...",
      .traits = CTL_TARGETS | CTL_CHANGES,
      .summary = "Accept stations; a pending one that is connected is asked to boot now",
      .examples = "station approve DO-L0001",
      .run = run_approve },
    { .name = "station reject",
      .args = "STATION...",
      .traits = CTL_TARGETS | CTL_CHANGES,
      .summary = "Reject stations: they are told so at their next boot, and hear nothing else",
      .examples = "station reject STRANGER",
      .run = run_reject },
    { .name = "station pending",
      .args = "",
      .summary = "List stations that came unknown and wait for approval",
      .examples = "station pending\nstation pending -o json | jq -r '.items[].station'",
      .more = "With 'noxd --unknown-stations pending' an unknown station may connect and is told "
              "Pending. At most 500 wait; who was not seen for 30 days is forgotten.",
      .run = run_pending },
    { .name = "station registration",
      .args = "STATION... STATUS",
      .traits = CTL_TARGETS | CTL_CHANGES,
      .summary = "Answer the next BootNotification with Accepted, Pending or Rejected",
      .examples = "station registration DO-L0001 Pending",
      .run = run_registration },
    { .name = "station class",
      .args = "STATION... CLASS",
      .traits = CTL_TARGETS | CTL_CHANGES,
      .summary = "Say how stations treat limits: auto, leasing, sticky, forgetful, unmanaged",
      .examples = "station class DO-L0001 auto\nstation class --model Lamp leasing",
      .more = "auto: as evidence shows, and until there is some the last limit counts for the "
              "whole transaction (sticky). What was found of a station before is forgotten, also "
              "that it was measured against its class. 'noxctl station evidence' shows it.",
      .run = run_class },
    { .name = "station evidence",
      .args = "STATION",
      .summary = "Show how a station treats limits, and how that is known",
      .examples = "station evidence DO-L0001\nstation evidence DO-L0001 -o json",
      .run = run_evidence },
    { .name = "station call",
      .args = "STATION... ACTION [JSON]",
      .traits = CTL_TARGETS | CTL_CHANGES,
      .summary = "Send any OCPP request and print the answer",
      .flags = call_flags,
      .n_flags = ARRAY_SIZE(call_flags),
      .examples = "station call DO-L0001 GetConfiguration\n"
                  "station call DO-L0001 Reset '{\"type\":\"Soft\"}'\n"
                  "station call --grid DO-KAISER TriggerMessage "
                  "'{\"requestedMessage\":\"MeterValues\"}' --yes",
      .more = "JSON is the payload, @FILE, or - for standard input; without it {} is sent. It is "
              "checked against the catalogue ('noxctl ocpp describe ACTION') before. With "
              "--wait-online the request is kept, also over a restart of noxd, until the station "
              "connects or the time is over ('noxctl station calls --outcome queued'); remote "
              "starts, stops and unlocking never wait, and one that holds a secret does not "
              "outlive a restart. Stations get 30 s to answer; some take a minute: --timeout 90.",
      .run = run_call },
};
const struct ctl_group ctl_group_station = { "Stations", commands, ARRAY_SIZE(commands) };
