/* Charging profiles: set, clear, and what a station makes of them. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/noxctl/call.h"
#include "cmd/noxctl/commands.h"
#include "cmd/noxctl/member.h"

static json_t *tenths_value(int64_t tenths)
{
    return tenths % 10 ? json_real((double)tenths / 10) : json_integer((json_int_t)tenths / 10);
}

/* Flags of `set` in numbers. */
struct wanted {
    const char *purpose;
    int64_t connector, id, stack_level, duration_s, phases, tx, limit_tenths;
};

static bool read_wanted(const struct ctl *ctl, struct wanted *ret)
{
    const char *limit = ctl_flag(ctl, "limit");
    const char *purpose = ctl_flag(ctl, "purpose");
    *ret = (struct wanted){ .purpose = purpose ? purpose : "ChargePointMaxProfile" };
    bool whole = strcmp(ret->purpose, "ChargePointMaxProfile") == 0;
    if (!limit || !ctl_parse_tenths(limit, &ret->limit_tenths)) {
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

/* @param start  instant from which on it holds; NULL = from the start of each transaction */
static json_t *profile_of(const struct ctl *ctl, const struct wanted *w, const char *start)
{
    const char *unit = ctl_flag(ctl, "unit");
    json_t *period = json_pack("{siso}", "startPeriod", 0, "limit", tenths_value(w->limit_tenths));
    if (w->phases > 0)
        json_object_set_new(period, "numberPhases", json_integer((json_int_t)w->phases));
    json_t *schedule = json_pack("{sss[o]}", "chargingRateUnit", unit ? unit : "A",
                                 "chargingSchedulePeriod", period);
    if (w->duration_s > 0)
        json_object_set_new(schedule, "duration", json_integer((json_int_t)w->duration_s));
    if (start)
        json_object_set_new(schedule, "startSchedule", json_string(start));
    json_t *profile = json_pack("{sIsIsssssO}", "chargingProfileId", (json_int_t)w->id,
                                "stackLevel", (json_int_t)w->stack_level, "chargingProfilePurpose",
                                w->purpose, "chargingProfileKind", start ? "Absolute" : "Relative",
                                "chargingSchedule", schedule);
    json_decref(schedule);
    if (ctl_flag(ctl, "tx"))
        json_object_set_new(profile, "transactionId", json_integer((json_int_t)w->tx));
    return profile;
}

/* A whole ChargingProfile from --file. @return NULL after a complaint */
static json_t *profile_from_file(const char *path)
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

/* A limit of the whole station begins now, by noxd's clock; those of transactions with them. */
static enum ctl_exit profile_from_flags(const struct ctl *ctl, const struct wanted *wanted,
                                        json_t **ret_profile)
{
    json_t *status = NULL;
    if (strcmp(wanted->purpose, "ChargePointMaxProfile") == 0) {
        enum ctl_exit rc = client_get(ctl, &status, "/v1/status");
        if (rc != CTL_OK)
            return rc;
    }
    const char *now = member_text(status, "now");
    *ret_profile = profile_of(ctl, wanted, *now ? now : NULL);
    json_decref(status);
    return CTL_OK;
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
    if (!ctl_flag_int(ctl, "connector", 0, INT32_MAX, 0, ret_connector))
        return CTL_USAGE;
    *ret_profile = profile_from_file(ctl_flag(ctl, "file"));
    return *ret_profile ? CTL_OK : CTL_FAILED;
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
    return call_targets(
        ctl, n_names, "SetChargingProfile",
        json_pack("{sIso}", "connectorId", (json_int_t)connector, "csChargingProfiles", profile),
        NULL);
}

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

static const struct ctl_flag set_flags[] = {
    { "limit", "A", 0, "current for each phase (or power with --unit W)" },
    { "purpose", "PURPOSE", 0, "ChargePointMaxProfile (default), TxDefaultProfile or TxProfile" },
    { "connector", "N", 0, "default: 0 for ChargePointMaxProfile, else 1" },
    { "duration", "SECONDS", 0, "how long it holds (default: for good)" },
    { "unit", "UNIT", 0, "A (default) or W" },
    { "phases", "N", 0, "number of phases" },
    { "stack-level", "N", 0, "precedence, higher wins (default 0)" },
    { "id", "N", 0, "id of the profile (default 1)" },
    { "tx", "ID", 0, "transaction of a TxProfile" },
    { "file", "FILE", 0, "a whole ChargingProfile as JSON instead" },
};
static const struct ctl_flag clear_flags[] = {
    { "id", "N", 0, "only this profile" },
    { "connector", "N", 0, "only of this connector" },
    { "purpose", "PURPOSE", 0, "only of this purpose" },
    { "stack-level", "N", 0, "only of this level" },
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
                  "profile set --grid DO-KAISER --limit 8 --duration 3600 --yes",
      .more = "On a balanced connector noxd shares the current by TxProfiles of its own and "
              "refuses foreign ones; a ChargePointMaxProfile is always possible.",
      .run = run_set },
    { .name = "profile clear",
      .args = "STATION...",
      .traits = CTL_TARGETS | CTL_CHANGES,
      .summary = "Remove charging profiles (ClearChargingProfile)",
      .flags = clear_flags,
      .n_flags = ARRAY_SIZE(clear_flags),
      .examples = "profile clear DO-L0001 --purpose ChargePointMaxProfile",
      .run = run_clear },
    { .name = "profile show",
      .args = "STATION...",
      .traits = CTL_TARGETS,
      .summary = "Ask what limits result from all profiles (GetCompositeSchedule)",
      .flags = show_flags,
      .n_flags = ARRAY_SIZE(show_flags),
      .examples = "profile show DO-L0001 --duration 7200",
      .run = run_show },
};
const struct ctl_group ctl_group_profile = { "Charging profiles", commands, ARRAY_SIZE(commands) };
