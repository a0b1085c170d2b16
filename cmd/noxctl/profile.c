/* Charging profiles: set, clear, and what a station makes of them. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "cmd/noxctl/call.h"
#include "cmd/noxctl/commands.h"
#include "cmd/noxctl/instant.h"
#include "cmd/noxctl/member.h"
#include "cmd/noxctl/profile.h"
#include "ocpp/wire/text.h"

static json_t *tenths_value(int64_t tenths)
{
    return tenths % 10 ? json_real((double)tenths / 10) : json_integer((json_int_t)tenths / 10);
}

/* --- set --- */

/* Flags of `set` in numbers. */
struct wanted {
    const char *purpose, *kind, *recurrency;
    int64_t connector, id, stack_level, duration_s, phases, tx, limit_tenths;
    char start[32], valid_from[32], valid_to[32]; /* "" = not given */
};

static bool take_time(const struct ctl *ctl, const char *flag, char ret_utc[32])
{
    const char *text = ctl_flag(ctl, flag);
    ret_utc[0] = '\0';
    return !text || instant_read(ctl, flag, text, INSTANT_NEXT, ret_utc);
}

/* A word of OCPP in any case: "daily" for "Daily". @return false after a complaint */
static bool take_word(const struct ctl *ctl, const char *flag, const char *const *words, size_t n,
                      const char **ret)
{
    const char *text = ctl_flag(ctl, flag);
    for (size_t i = 0; text && i < n; i++)
        if (strcasecmp(words[i], text) == 0) {
            *ret = words[i];
            return true;
        }
    if (!text)
        return true;
    struct ocpp_text list;
    ocpp_text_init(&list);
    for (size_t i = 0; i < n; i++)
        ocpp_text_append_format(&list, "%s%s", i > 0 ? ", " : "", words[i]);
    ctl_fail(CTL_USAGE, "--%s %s: it is one of %s", flag, text, list.data);
    ocpp_text_done(&list);
    return false;
}

static bool read_words(const struct ctl *ctl, struct wanted *ret)
{
    static const char *const purposes[] = { "ChargePointMaxProfile", "TxDefaultProfile",
                                            "TxProfile" };
    static const char *const kinds[] = { "Absolute", "Recurring", "Relative" };
    static const char *const every[] = { "Daily", "Weekly" };
    *ret = (struct wanted){ .purpose = purposes[0] };
    if (!take_word(ctl, "purpose", purposes, ARRAY_SIZE(purposes), &ret->purpose) ||
        !take_word(ctl, "kind", kinds, ARRAY_SIZE(kinds), &ret->kind) ||
        !take_word(ctl, "recurrency", every, ARRAY_SIZE(every), &ret->recurrency) ||
        !take_time(ctl, "start", ret->start) || !take_time(ctl, "valid-from", ret->valid_from) ||
        !take_time(ctl, "valid-to", ret->valid_to))
        return false;
    if (!ret->kind) /* a limit of the station begins now, one of transactions with them */
        ret->kind = ret->recurrency                                           ? kinds[1]
                    : ret->start[0] || strcmp(ret->purpose, purposes[0]) == 0 ? kinds[0]
                                                                              : kinds[2];
    return true;
}

static bool read_wanted(const struct ctl *ctl, struct wanted *ret)
{
    const char *limit = ctl_flag(ctl, "limit");
    if (!read_words(ctl, ret))
        return false;
    bool whole = strcmp(ret->purpose, "ChargePointMaxProfile") == 0;
    if (!ctl_flag(ctl, "periods") && (!limit || !ctl_parse_tenths(limit, &ret->limit_tenths))) {
        ctl_fail(CTL_USAGE,
                 limit ? "--limit %s: amperes or watts with at most one decimal"
                       : "which limit? --limit 10%s",
                 limit ? limit : "");
        return false;
    }
    return ctl_flag_int(ctl, "connector", 0, INT32_MAX, whole ? 0 : 1, &ret->connector) &&
           ctl_flag_int(ctl, "id", 0, INT32_MAX, 1, &ret->id) &&
           ctl_flag_int(ctl, "stack-level", 0, INT32_MAX, 0, &ret->stack_level) &&
           ctl_flag_int(ctl, "duration", 1, INT32_MAX, 0, &ret->duration_s) &&
           ctl_flag_int(ctl, "phases", 1, 3, 0, &ret->phases) &&
           ctl_flag_int(ctl, "tx", INT32_MIN, INT32_MAX, 0, &ret->tx);
}

static json_t *period_of(int64_t start_s, int64_t tenths, int64_t phases)
{
    json_t *period =
        json_pack("{sIso}", "startPeriod", (json_int_t)start_s, "limit", tenths_value(tenths));
    if (phases > 0)
        json_object_set_new(period, "numberPhases", json_integer((json_int_t)phases));
    return period;
}

/* "0:16,3600:10,7200:6:1": seconds from the start, limit, and phases. @return NULL after a
 * complaint */
static json_t *periods_of(const char *text)
{
    json_t *list = json_array();
    for (const char *p = text; *p;) {
        char limit[24];
        char *end;
        long long start_s = strtoll(p, &end, 10), phases = 0;
        int64_t tenths;
        size_t len = *end == ':' ? strcspn(end + 1, ":,") : 0;
        snprintf(limit, sizeof(limit), "%.*s", (int)len, end + 1);
        bool good = end != p && len > 0 && len < sizeof(limit) && ctl_parse_tenths(limit, &tenths);
        if (good && end[1 + len] == ':') {
            phases = strtoll(end + 2 + len, &end, 10);
            good = phases >= 1 && phases <= 3;
        } else if (good) {
            end += 1 + len;
        }
        if (!good || (*end != ',' && *end != '\0')) {
            ctl_fail(CTL_USAGE,
                     "--periods %s: START:LIMIT or START:LIMIT:PHASES with commas "
                     "between, like 0:16,3600:10",
                     text);
            json_decref(list);
            return NULL;
        }
        json_array_append_new(list, period_of(start_s, tenths, phases));
        p = *end ? end + 1 : end;
    }
    return list;
}

static void set_text(json_t *object, const char *name, const char *text)
{
    if (text && *text)
        json_object_set_new(object, name, json_string(text));
}

/* @param now  of noxd, for a profile that begins at once */
static json_t *profile_of(const struct ctl *ctl, const struct wanted *w, const char *now)
{
    const char *unit = ctl_flag(ctl, "unit"), *periods = ctl_flag(ctl, "periods");
    json_t *list = periods ? periods_of(periods) : json_array();
    if (!list)
        return NULL;
    if (!periods)
        json_array_append_new(list, period_of(0, w->limit_tenths, w->phases));
    json_t *schedule =
        json_pack("{ssso}", "chargingRateUnit", unit ? unit : "A", "chargingSchedulePeriod", list);
    if (w->duration_s > 0)
        json_object_set_new(schedule, "duration", json_integer((json_int_t)w->duration_s));
    if (strcmp(w->kind, "Relative") != 0)
        set_text(schedule, "startSchedule", w->start[0] ? w->start : now);
    json_t *profile =
        json_pack("{sIsIssssso}", "chargingProfileId", (json_int_t)w->id, "stackLevel",
                  (json_int_t)w->stack_level, "chargingProfilePurpose", w->purpose,
                  "chargingProfileKind", w->kind, "chargingSchedule", schedule);
    set_text(profile, "recurrencyKind", w->recurrency);
    set_text(profile, "validFrom", w->valid_from);
    set_text(profile, "validTo", w->valid_to);
    if (ctl_flag(ctl, "tx"))
        json_object_set_new(profile, "transactionId", json_integer((json_int_t)w->tx));
    return profile;
}

json_t *profile_from_file(const char *path)
{
    size_t len;
    json_error_t error;
    char *text = ctl_read_file(path, &len);
    json_t *profile = text ? json_loadb(text, len, 0, &error) : NULL;
    if (text && !profile)
        ctl_fail(CTL_FAILED, "%s:%d:%d: %s", path, error.line, error.column, error.text);
    free(text);
    return profile;
}

/* A profile that begins now does so by noxd's clock, which may be a simulated one. */
static enum ctl_exit profile_from_flags(const struct ctl *ctl, const struct wanted *wanted,
                                        json_t **ret_profile)
{
    json_t *status = NULL;
    if (strcmp(wanted->kind, "Relative") != 0 && !wanted->start[0]) {
        enum ctl_exit rc = client_get(ctl, &status, "/v1/status");
        if (rc != CTL_OK)
            return rc;
    }
    *ret_profile = profile_of(ctl, wanted, member_text(status, "now"));
    json_decref(status);
    return *ret_profile ? CTL_OK : CTL_USAGE;
}

static enum ctl_exit make_profile(const struct ctl *ctl, int64_t *ret_connector,
                                  json_t **ret_profile)
{
    struct wanted wanted;
    if (!ctl_flag(ctl, "file")) {
        if (!read_wanted(ctl, &wanted))
            return CTL_USAGE;
        *ret_connector = wanted.connector;
        return profile_from_flags(ctl, &wanted, ret_profile);
    }
    *ret_profile = profile_from_file(ctl_flag(ctl, "file"));
    if (!*ret_profile)
        return CTL_FAILED;
    bool whole =
        strcmp(member_text(*ret_profile, "chargingProfilePurpose"), "ChargePointMaxProfile") == 0;
    if (!ctl_flag_int(ctl, "connector", 0, INT32_MAX, whole ? 0 : 1, ret_connector)) {
        json_decref(*ret_profile);
        return CTL_USAGE;
    }
    return CTL_OK;
}

/* --session: the transaction that runs on the connector. */
struct of_session {
    const struct ctl *ctl;
    json_t *connectors, *payload;
    int64_t connector;
};

static json_t *make_of_session(void *arg, const char *station, struct client_answer *ret_trouble)
{
    const struct of_session *of = arg;
    const json_t *items = member_items(of->connectors);
    for (size_t i = 0; i < json_array_size(items); i++) {
        const json_t *place = json_array_get(items, i);
        int64_t tx_id = member_int(place, "tx_id");
        if (strcmp(member_text(place, "station"), station) != 0 || tx_id == MEMBER_UNKNOWN ||
            member_int(place, "connector") != of->connector)
            continue;
        json_object_set_new(json_object_get(of->payload, "csChargingProfiles"), "transactionId",
                            json_integer((json_int_t)tx_id));
        return call_body(of->ctl, "SetChargingProfile", of->payload,
                         !ctl_flag(of->ctl, "no-check"));
    }
    ret_trouble->exit = CTL_NOT_FOUND;
    snprintf(ret_trouble->message, sizeof(ret_trouble->message), "has no session on connector %lld",
             (long long)of->connector);
    return NULL;
}

static enum ctl_exit set_of_sessions(struct ctl *ctl, size_t n_names, struct of_session *of)
{
    enum ctl_exit rc = client_get(ctl, &of->connectors, "/v1/connectors");
    if (rc == CTL_OK) {
        struct target_work work = call_work();
        work.make_body = make_of_session;
        work.arg = of;
        rc = targets_run(ctl, n_names, &work);
    }
    json_decref(of->connectors);
    json_decref(of->payload);
    return rc;
}

static enum ctl_exit run_set(struct ctl *ctl)
{
    size_t n_names;
    int64_t connector;
    json_t *profile = NULL;
    enum ctl_exit rc = targets_count(ctl, 0, &n_names);
    if (rc == CTL_OK)
        rc = make_profile(ctl, &connector, &profile);
    if (rc != CTL_OK)
        return rc;
    json_t *payload =
        json_pack("{sIso}", "connectorId", (json_int_t)connector, "csChargingProfiles", profile);
    if (ctl_flag(ctl, "session")) {
        struct of_session of = { .ctl = ctl, .payload = payload, .connector = connector };
        return set_of_sessions(ctl, n_names, &of);
    }
    return call_targets(ctl, n_names, "SetChargingProfile", payload, NULL);
}

/* --- clear --- */

static bool take_number(const struct ctl *ctl, const char *flag, const char *member,
                        json_t *payload)
{
    int64_t value;
    if (!ctl_flag(ctl, flag))
        return true;
    if (!ctl_flag_int(ctl, flag, 0, INT32_MAX, 0, &value))
        return false;
    json_object_set_new(payload, member, json_integer((json_int_t)value));
    return true;
}

static enum ctl_exit run_clear(struct ctl *ctl)
{
    size_t n_names;
    enum ctl_exit rc = targets_count(ctl, 0, &n_names);
    json_t *payload = json_object();
    if (ctl_flag(ctl, "purpose"))
        json_object_set_new(payload, "chargingProfilePurpose",
                            json_string(ctl_flag(ctl, "purpose")));
    if (rc == CTL_OK && (!take_number(ctl, "id", "id", payload) ||
                         !take_number(ctl, "connector", "connectorId", payload) ||
                         !take_number(ctl, "stack-level", "stackLevel", payload)))
        rc = CTL_USAGE;
    if (rc == CTL_OK)
        return call_targets(ctl, n_names, "ClearChargingProfile", payload, NULL);
    json_decref(payload);
    return rc;
}

/* --- what results --- */

static const struct table_column period_columns[] = {
    { "FROM [s]", "startPeriod", CELL_NUMBER, 0 },
    { "LIMIT", "limit", CELL_AMPS, 0 },
    { "PHASES", "numberPhases", CELL_NUMBER, 0 },
};
static const struct table period_table = TABLE(period_columns);

static const struct table_column schedule_columns[] = {
    { "connector", "connectorId", CELL_NUMBER, 0 },
    { "from", "scheduleStart", CELL_TIME_S, 0 },
    { "for [s]", "chargingSchedule.duration", CELL_NUMBER, 0 },
    { "unit", "chargingSchedule.chargingRateUnit", CELL_TEXT, 0 },
};
static const struct table schedule_table = TABLE(schedule_columns);

static enum ctl_exit show_schedule(const struct ctl *ctl, const json_t *item)
{
    const json_t *payload = member_at(item, "payload");
    struct ocpp_text out;
    struct paint p = table_paint_begin(ctl, &out);
    table_paint_one(&p, &schedule_table, payload);
    paint_end(&p);
    table_paint(&p, &period_table, member_at(payload, "chargingSchedule.chargingSchedulePeriod"));
    return table_paint_out(&p);
}

static enum ctl_exit run_show(struct ctl *ctl)
{
    int64_t connector, duration_s;
    size_t n_names;
    enum ctl_exit rc = targets_count(ctl, 0, &n_names);
    if (rc != CTL_OK)
        return rc;
    if (!ctl_flag_int(ctl, "connector", 0, INT32_MAX, 1, &connector) ||
        !ctl_flag_int(ctl, "duration", 1, INT32_MAX, 3600, &duration_s))
        return CTL_USAGE;
    json_t *payload = json_pack("{sIsIss*}", "connectorId", (json_int_t)connector, "duration",
                                (json_int_t)duration_s, "chargingRateUnit", ctl_flag(ctl, "unit"));
    return call_targets(ctl, n_names, "GetCompositeSchedule", payload, show_schedule);
}

static const struct table_column installed_columns[] = {
    { "ID", "id", CELL_NUMBER, 0 },
    { "NO", "connector", CELL_NUMBER, 0 },
    { "PURPOSE", "purpose", CELL_TEXT, 0 },
    { "LEVEL", "stack_level", CELL_NUMBER, 0 },
    { "KIND", "profile.chargingProfileKind", CELL_TEXT, TABLE_WIDE },
    { "UNIT", "profile.chargingSchedule.chargingRateUnit", CELL_TEXT, 0 },
    { "LIMITS", "limits", CELL_TEXT, TABLE_CUT },
    { "SESSION", "tx_id", CELL_NUMBER, TABLE_WIDE },
    { "OWNER", "owner", CELL_TEXT, 0 },
    { "SINCE", "at", CELL_TIME, TABLE_WIDE },
};
static const struct table installed_table = TABLE(installed_columns);

/* "16 then 6" */
static void add_limits(json_t *item)
{
    const json_t *periods = member_at(item, "profile.chargingSchedule.chargingSchedulePeriod");
    struct ocpp_text text;
    ocpp_text_init(&text);
    for (size_t i = 0; i < json_array_size(periods); i++) {
        int64_t tenths = member_tenths(json_array_get(periods, i), "limit");
        ocpp_text_append_format(&text, "%s%lld", i > 0 ? " then " : "", (long long)tenths / 10);
        if (tenths % 10 != 0)
            ocpp_text_append_format(&text, ".%lld", (long long)tenths % 10);
    }
    json_object_set_new(item, "limits", json_string(text.data));
    ocpp_text_done(&text);
}

static enum ctl_exit run_installed(struct ctl *ctl)
{
    json_t *answer = NULL;
    enum ctl_exit rc = client_get(ctl, &answer, "/v1/stations/%s/profiles", ctl->arg[0]);
    json_t *items = json_object_get(answer, "items"), *item;
    size_t i;
    json_array_foreach(items, i, item) if (ctl->output != CTL_JSON) add_limits(item);
    if (rc == CTL_OK)
        rc = table_print(ctl, &installed_table, answer,
                         "The station holds no charging profiles as far as its answers tell.");
    json_decref(answer);
    return rc;
}

static const struct ctl_flag set_flags[] = {
    { "limit", "A", 0, "current for each phase (or power with --unit W)" },
    { "periods", "LIST", 0, "several limits: START:LIMIT[:PHASES],... in seconds from the start" },
    { "purpose", "PURPOSE", 0, "ChargePointMaxProfile (default), TxDefaultProfile or TxProfile" },
    { "connector", "N", 0, "default: 0 for ChargePointMaxProfile, else 1" },
    { "kind", "KIND", 0, "Absolute (default of a station), Relative (of transactions), Recurring" },
    { "recurrency", "WORD", 0, "Daily or Weekly, counted from --start" },
    { "start", "TIME", 0, "when the schedule begins (default: now): " INSTANT_NEXT_HELP },
    { "duration", "SECONDS", 0, "how long it holds (default: for good)" },
    { "valid-from", "TIME", 0, "not before, as --start" },
    { "valid-to", "TIME", 0, "not after, as --start" },
    { "unit", "UNIT", 0, "A (default) or W" },
    { "phases", "N", 0, "number of phases" },
    { "stack-level", "N", 0, "precedence, higher wins (default 0)" },
    { "id", "N", 0, "id of the profile (default 1)" },
    { "tx", "ID", 0, "transaction of a TxProfile" },
    { "session", NULL, 0, "of a TxProfile: the session that runs on the connector" },
    { "file", "FILE", 0, "a whole ChargingProfile as JSON instead" },
    { "no-check", NULL, 0, "send it even if the standard or the station's keys forbid it" },
};
static const struct ctl_flag clear_flags[] = {
    { "id", "N", 0, "only this profile" },
    { "connector", "N", 0, "only of this connector" },
    { "purpose", "PURPOSE", 0, "only of this purpose" },
    { "stack-level", "N", 0, "only of this level" },
    { "no-check", NULL, 0, "send it even if the catalogue says it is wrong" },
};
static const struct ctl_flag schedule_flags[] = {
    { "duration", "SPAN", 0, "how far to look ahead: 3600, 1h (default), 24h" },
    { "unit", "UNIT", 0, "A or W (default: the station's)" },
};
static const struct ctl_flag show_flags[] = {
    { "connector", "N", 0, "which connector (default 1)" },
    { "duration", "SECONDS", 0, "how far to look ahead (default 3600)" },
    { "unit", "UNIT", 0, "A or W (default: the station's)" },
};

static const struct ctl_command commands[] = {
    { .name = "profile set",
      .args = "STATION...",
      .traits = CTL_TARGETS | CTL_CHANGES,
      .summary = "Set a charging profile by hand (SetChargingProfile)",
      .flags = set_flags,
      .n_flags = ARRAY_SIZE(set_flags),
      .examples = "profile set DO-L0001 --limit 10\n"
                  "profile set --grid DO-KAISER --limit 8 --duration 3600 --yes\n"
                  "profile set DO-L0001 --purpose TxProfile --session --stack-level 1 --id 91 "
                  "--limit 0\n"
                  "profile set DO-L0001 --purpose TxDefaultProfile --recurrency Daily "
                  "--start 2026-11-01 --periods 0:16,21600:8,79200:16",
      .more = "Checked before it is sent: by the standard (which purpose goes with which connector "
              "and kind, periods ascending from 0) and by what the station has reported to take "
              "(stack level, unit, number of periods and of profiles). On a balanced connector "
              "noxd shares the current by profiles of its own (ids 11, 12, 21, 22, ..., stack "
              "level 0); beside them go a ChargePointMaxProfile, and, to pause a session, a "
              "profile of stack level 1 or more with limit 0. All else is refused, because it "
              "could allow more than the scheduler counts.",
      .run = run_set },
    { .name = "profile clear",
      .args = "STATION...",
      .traits = CTL_TARGETS | CTL_CHANGES,
      .summary = "Remove charging profiles (ClearChargingProfile)",
      .flags = clear_flags,
      .n_flags = ARRAY_SIZE(clear_flags),
      .examples = "profile clear DO-L0001 --id 91\n"
                  "profile clear DO-L0001 --purpose ChargePointMaxProfile --connector 0 "
                  "--stack-level 0\n"
                  "profile clear DO-L0001",
      .more = "By --id, or by any of connector, purpose and stack level together, or all. On a "
              "balanced station only what is not the scheduler's.",
      .run = run_clear },
    { .name = "profile show",
      .args = "STATION...",
      .traits = CTL_TARGETS,
      .summary = "Ask what limits result from all profiles (GetCompositeSchedule)",
      .flags = show_flags,
      .n_flags = ARRAY_SIZE(show_flags),
      .examples = "profile show DO-L0001 --duration 7200",
      .run = run_show },
    { .name = "profile schedule",
      .args = "STATION CONNECTOR",
      .summary = "Draw the limits to come, and compare them with the profiles it holds",
      .flags = schedule_flags,
      .n_flags = ARRAY_SIZE(schedule_flags),
      .examples =
          "profile schedule DO-L0001 1\nprofile schedule DO-L0001 0 --duration 24h --unit W",
      .more =
          "Asks the station for its composite schedule and works out the same from the profiles "
          "that it has accepted ('profile installed'); where the two differ the station has "
          "other profiles than noxd knows, or computes otherwise. A limit in W is drawn as A "
          "on each of its phases.",
      .run = profile_schedule_run },
    { .name = "profile installed",
      .args = "STATION",
      .summary = "List the charging profiles it holds, as far as its answers tell",
      .examples = "profile installed DO-L0001",
      .run = run_installed },
};
const struct ctl_group ctl_group_profile = { "Charging profiles", commands, ARRAY_SIZE(commands) };
