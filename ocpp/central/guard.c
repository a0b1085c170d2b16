/*
 * The one local veto on operator commands: charging profiles of a balanced connector belong to the
 * scheduler, because its ledger must know what a station may draw (DESIGN section 5.3).
 *
 * A ChargePointMaxProfile only lowers and stays free.
 */
#include <stdio.h>
#include <string.h>

#include "ocpp/central/state.h"

static bool is_balanced(const struct station *s)
{
    for (size_t i = 0; i < s->n_connectors; i++)
        if (s->connector[i]->point != SIZE_MAX)
            return true;
    return false;
}

static bool is_max_profile(json_t *payload, enum ocpp_action_id action)
{
    json_t *profile = action == OCPP_SET_CHARGING_PROFILE
                          ? json_object_get(payload, "csChargingProfiles")
                          : payload;
    const char *purpose = json_string_value(json_object_get(profile, "chargingProfilePurpose"));
    return purpose != NULL && strcmp(purpose, "ChargePointMaxProfile") == 0;
}

bool guard_allows(const struct station *s, const char *action, const char *payload_json,
                  char *ret_text, size_t size)
{
    const struct ocpp_action *row = ocpp_action_find(action);
    if (row == NULL || !is_balanced(s))
        return true;
    json_t *payload = json_loads(payload_json, 0, NULL);
    bool allowed = true;
    if (row->id == OCPP_SET_CHARGING_PROFILE || row->id == OCPP_CLEAR_CHARGING_PROFILE)
        allowed = is_max_profile(payload, row->id);
    else if (row->id == OCPP_REMOTE_START_TRANSACTION)
        allowed = json_object_get(payload, "chargingProfile") == NULL;
    json_decref(payload);
    if (!allowed)
        snprintf(
            ret_text, size,
            "station %.48s is balanced on grid node %.48s: its charging profiles belong to the scheduler. "
            "Send a ChargePointMaxProfile, or change the node's limit with 'noxctl grid limit'",
            s->id, s->grid_node != NULL ? s->grid_node : "?");
    return allowed;
}
