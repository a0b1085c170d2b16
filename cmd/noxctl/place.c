/* Connectors: the places where cars stand. */
#include "cmd/noxctl/place.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cmd/noxctl/client.h"
#include "cmd/noxctl/commands.h"
#include "cmd/noxctl/filter.h"
#include "cmd/noxctl/member.h"

static const struct table_column place_columns[] = {
    { "STATION", "station", CELL_TEXT, 0 },
    { "NO", "connector", CELL_NUMBER, 0 },
    { "STATUS", "status", CELL_STATUS, 0 },
    { "SESSION", "tx_id", CELL_NUMBER, 0 },
    { "LIMIT", "limit_a", CELL_AMPS, 0 },
    { "MEASURED", "measured_a", CELL_AMPS3, 0 },
    { "kW", "power_w", CELL_KW, TABLE_WIDE },
    { "kWh", "energy_wh", CELL_KWH, TABLE_WIDE },
    { "REASON", "reason", CELL_TEXT, TABLE_CUT },
    { "TAG", "id_tag", CELL_TEXT, TABLE_WIDE },
    { "NODE", "grid_node", CELL_TEXT, TABLE_WIDE },
    { "SINCE", "started_at", CELL_TIME, TABLE_WIDE },
    { "LEAVES", "need.depart", CELL_TIME, TABLE_WIDE },
    { "NEEDS", "need.energy_wh", CELL_KWH, TABLE_WIDE },
    { "EVSE", "evse_id", CELL_TEXT, TABLE_WIDE },
    { "", "reserved_for", CELL_TEXT, TABLE_CSV },
    { "", "online", CELL_YES_NO, TABLE_CSV },
    { "", "district", CELL_TEXT, TABLE_CSV },
    { "", "error_code", CELL_TEXT, TABLE_CSV },
    { "", "status_at", CELL_TEXT, TABLE_CSV },
    { "", "soc_pct", CELL_NUMBER, TABLE_CSV },
    { "", "phases", CELL_LIST, TABLE_CSV },
    { "", "reserve_a", CELL_AMPS, TABLE_CSV },
    { "", "confirmed_a", CELL_AMPS, TABLE_CSV },
};
const struct table place_table = TABLE(place_columns);

static bool is_wanted(const struct ctl *ctl, const json_t *place)
{
    if (ctl_flag(ctl, "busy") && !member_at(place, "tx_id"))
        return false;
    return filter_text(ctl, "station", place, "station") &&
           filter_text(ctl, "district", place, "district") &&
           filter_text(ctl, "grid", place, "grid_node") &&
           filter_text(ctl, "status", place, "status");
}

/* ChargePointStatus, OCPP 1.6 section 7.7. */
static bool status_is_known(const char *status)
{
    static const char *const known[] = { "Available",     "Preparing",   "Charging",
                                         "SuspendedEVSE", "SuspendedEV", "Finishing",
                                         "Reserved",      "Unavailable", "Faulted" };
    for (size_t i = 0; i < ARRAY_SIZE(known); i++)
        if (!status || strcmp(known[i], status) == 0)
            return true;
    ctl_fail(CTL_USAGE,
             "--status %s: it is Available, Preparing, Charging, SuspendedEVSE, SuspendedEV, "
             "Finishing, Reserved, Unavailable or Faulted",
             status);
    return false;
}

static enum ctl_exit run_list(struct ctl *ctl)
{
    json_t *answer = NULL;
    if (!status_is_known(ctl_flag(ctl, "status")))
        return CTL_USAGE;
    enum ctl_exit rc = client_get(ctl, &answer, "/v1/connectors");
    if (rc == CTL_OK)
        rc = filter_places(ctl, answer);
    if (rc == CTL_OK)
        rc = filter_known(ctl, "station", answer, "station", "station", "noxctl station list");
    if (rc == CTL_OK) {
        filter_items(ctl, answer, is_wanted);
        rc = table_print(ctl, &place_table, answer, "No connectors.");
    }
    json_decref(answer);
    return rc;
}

static const struct table_column one_columns[] = {
    { "station", "station", CELL_TEXT, 0 },
    { "connector", "connector", CELL_NUMBER, 0 },
    { "EVSE id", "evse_id", CELL_TEXT, 0 },
    { "online", "online", CELL_YES_NO, 0 },
    { "status", "status", CELL_STATUS, 0 },
    { "since", "status_at", CELL_TIME_S, 0 },
    { "error", "error_code", CELL_TEXT, 0 },
    { "info", "info", CELL_TEXT, 0 },
    { "session", "tx_id", CELL_NUMBER, 0 },
    { "tag", "id_tag", CELL_TEXT, 0 },
    { "started", "started_at", CELL_TIME_S, 0 },
    { "reserved for", "reserved_for", CELL_TEXT, 0 },
    { "reserved until", "reserved_until", CELL_TIME, 0 },
    { "start pending for", "start_pending_for", CELL_TEXT, 0 },
    { "energy [kWh]", "energy_wh", CELL_KWH, 0 },
    { "leaves", "need.depart", CELL_TIME, 0 },
    { "needs [kWh]", "need.energy_wh", CELL_KWH, 0 },
    { "power [kW]", "power_w", CELL_KW, 0 },
    { "battery [%]", "soc_pct", CELL_NUMBER, 0 },
    { "most power [W]", "max_w", CELL_NUMBER, 0 },
    { "grid node", "grid_node", CELL_TEXT, 0 },
    { "district", "district", CELL_TEXT, 0 },
    { "balanced", "balanced", CELL_YES_NO, 0 },
    { "wants current", "wants", CELL_YES_NO, 0 },
    { "phases", "phases", CELL_LIST, 0 },
    { "limit [A]", "limit_a", CELL_AMPS, 0 },
    { "confirmed [A]", "confirmed_a", CELL_AMPS, 0 },
    { "counted [A]", "reserve_a", CELL_AMPS, 0 },
    { "measured [A]", "measured_a", CELL_AMPS3, 0 },
    { "lease ends", "lease_end", CELL_TIME_S, 0 },
    { "reason", "reason", CELL_TEXT, 0 },
    { "class", "class", CELL_TEXT, 0 },
    { "rating [A]", "rating_a", CELL_AMPS, 0 },
    { "safe current [A]", "safe_a", CELL_AMPS, 0 },
};
static const struct table one_table = TABLE(one_columns);

static const json_t *find_place(const json_t *items, const char *station, int64_t connector)
{
    for (size_t i = 0; i < json_array_size(items); i++) {
        const json_t *place = json_array_get(items, i);
        if (strcmp(member_text(place, "station"), station) == 0 &&
            member_int(place, "connector") == connector)
            return place;
    }
    return NULL;
}

static enum ctl_exit run_show(struct ctl *ctl)
{
    int64_t connector = 1;
    if (ctl->n_args > 1 && (!ctl_parse_int(ctl->arg[1], &connector) || connector < 1))
        return ctl_fail(CTL_USAGE, "'%s' is no connector; they are 1, 2, ...", ctl->arg[1]);
    json_t *answer = NULL;
    enum ctl_exit rc = client_get(ctl, &answer, "/v1/connectors");
    const json_t *place =
        rc == CTL_OK ? find_place(member_items(answer), ctl->arg[0], connector) : NULL;
    if (place)
        rc = table_print_one(ctl, &one_table, place);
    else if (rc == CTL_OK)
        rc = ctl_fail(CTL_NOT_FOUND,
                      "station %s has no connector %" PRId64 "; 'noxctl connector list' lists all",
                      ctl->arg[0], connector);
    json_decref(answer);
    return rc;
}

static const struct ctl_flag list_flags[] = {
    { "busy", NULL, 0, "only connectors with a session" },
    { "station", "STATION", 0, "only of this station" },
    { "status", "STATUS", 0, "only with this status: Available, Charging, Faulted, ..." },
    { "district", "NAME", 0, "only of this district" },
    { "grid", "NODE", 0, "only directly on this node" },
};

static const struct ctl_command commands[] = {
    { .name = "connector list",
      .args = "",
      .summary = "List connectors with status, session and currents",
      .flags = list_flags,
      .n_flags = ARRAY_SIZE(list_flags),
      .examples = "connector list --busy\nconnector list --status Faulted -o json",
      .run = run_list },
    { .name = "connector show",
      .args = "STATION [CONNECTOR]",
      .summary = "Show one connector (default: 1)",
      .examples = "connector show DO-L0001",
      .run = run_show },
};
const struct ctl_group ctl_group_connector = { "Connectors", commands, ARRAY_SIZE(commands) };
