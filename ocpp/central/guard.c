/*
 * The one local veto on operator commands: charging profiles of a balanced connector belong to the
 * scheduler, because its ledger must know what a station may draw (DESIGN section 5.3).
 *
 * A ChargePointMaxProfile only lowers and stays free.
 */
#include <stdio.h>
#include <string.h>

#include "ocpp/central/state.h"

/* Ids of our own profiles (balance.c): the same id replaces, whatever its purpose. */
static bool is_our_id(const struct station *s, const json_t *id)
{
    json_int_t n = json_is_number(id) ? (json_int_t)json_number_value(id) : -1;
    for (size_t i = 0; i < s->n_connectors; i++)
        if (s->connector[i]->point != SIZE_MAX && n / 10 == s->connector[i]->number &&
            (n % 10 == 1 || n % 10 == 2))
            return true;
    return false;
}

static bool is_max_profile(const struct station *s, json_t *payload, bool set)
{
    json_t *profile = set ? json_object_get(payload, "csChargingProfiles") : payload;
    const char *purpose = json_string_value(json_object_get(profile, "chargingProfilePurpose"));
    return purpose != NULL && ocpp_ci_equal(purpose, "ChargePointMaxProfile") &&
           !is_our_id(s, json_object_get(profile, set ? "chargingProfileId" : "id"));
}

bool guard_allows(const struct station *s, const char *action, const char *payload_json,
                  char *ret_text, size_t size)
{
    /* Stations may read names without regard to case; so does this guard. */
    bool set = ocpp_ci_equal(action, "SetChargingProfile");
    bool clear = ocpp_ci_equal(action, "ClearChargingProfile");
    bool start = ocpp_ci_equal(action, "RemoteStartTransaction");
    if ((!set && !clear && !start) || !balance_has(s))
        return true;
    json_t *payload = json_loads(payload_json, 0, NULL);
    bool allowed = start ? json_object_get(payload, "chargingProfile") == NULL
                         : is_max_profile(s, payload, set);
    json_decref(payload);
    if (!allowed)
        snprintf(
            ret_text, size,
            "station %.48s is balanced on grid node %.48s: its charging profiles belong to the scheduler. "
            "Send a ChargePointMaxProfile (ids 11, 12, 21, 22, ... are taken), or change the node's limit with 'noxctl grid limit'",
            s->id, s->grid_node != NULL ? s->grid_node : "?");
    return allowed;
}
