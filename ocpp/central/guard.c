/*
 * The one local veto on operator commands: on a balanced connector nothing may raise what the
 * scheduler's ledger counts (DESIGN section 5.3).  What can only lower is free:
 *
 *   a ChargePointMaxProfile of all phases: the station takes the least of it and all else (section
 *   3.13.3);
 *   a TxDefaultProfile or TxProfile above our stack level 0 that allows nothing (a pause): whatever
 *   the station makes of it, lost or not, no more flows than by ours.  One that allows something,
 *   be it the safe current, would go on when the safe current is lowered;
 *   to clear a profile that is not ours: then ours holds.
 *
 * And what the catalogue cannot say of charging profiles, for who wants it checked before sending.
 */
#include <stdio.h>
#include <string.h>

#include "ocpp/central/state.h"

enum { PROFILE_CHUNK_BYTES = 4096, PROFILE_LIMIT_BYTES = 1024 * 1024 };

bool profile_is_ours(const struct station *s, int64_t n)
{
    for (size_t i = 0; i < s->n_connectors; i++)
        if (s->connector[i]->point != SIZE_MAX && n / 10 == s->connector[i]->number &&
            (n % 10 == 1 || n % 10 == 2))
            return true;
    return false;
}

/* The same id replaces, whatever its purpose. */
static bool is_our_id(const struct station *s, const json_t *id)
{
    return json_is_number(id) && profile_is_ours(s, (int64_t)json_number_value(id));
}

static bool is_max_profile(const struct station *s, const json_t *profile, const char *id)
{
    const char *purpose = json_string_value(json_object_get(profile, "chargingProfilePurpose"));
    return purpose != NULL && ocpp_ci_equal(purpose, "ChargePointMaxProfile") &&
           !is_our_id(s, json_object_get(profile, id));
}

/* --- a profile, read to the letter --- */

struct reading {
    struct ocpp_arena arena;
    struct ocpp_set_charging_profile_req set;
    struct ocpp_remote_start_transaction_req start;
    const struct ocpp_charging_profile *profile; /* NULL = there is none to judge */
    int32_t connector;                           /* -1: of a remote start */
};

/* @return false: it is not what the catalogue says */
static bool reading_begin(struct reading *r, bool set, json_t *payload)
{
    struct ocpp_report report;
    const struct ocpp_action *action =
        ocpp_action_get(set ? OCPP_SET_CHARGING_PROFILE : OCPP_REMOTE_START_TRANSACTION);
    ocpp_arena_init(&r->arena, PROFILE_CHUNK_BYTES, PROFILE_LIMIT_BYTES);
    ocpp_report_init(&report);
    r->profile = NULL;
    if (payload == NULL ||
        ocpp_decode(action->req, payload, OCPP_STRICT, &r->arena,
                    set ? (void *)&r->set : (void *)&r->start, &report) != OCPP_OK)
        return false;
    r->profile = set ? r->set.cs_charging_profiles : r->start.charging_profile;
    r->connector = set ? r->set.connector_id : -1;
    return true;
}

static void reading_end(struct reading *r)
{
    ocpp_arena_done(&r->arena);
}

/* --- the veto --- */

/* Above ours, and nothing. */
static bool only_pauses(const struct station *s, bool set, json_t *payload)
{
    struct reading r;
    char text[160];
    const json_t *profile =
        json_object_get(payload, set ? "csChargingProfiles" : "chargingProfile");
    bool good = reading_begin(&r, set, payload) && r.profile != NULL &&
                ocpp_profile_check(r.profile, r.connector, text, sizeof(text)) &&
                !is_our_id(s, json_object_get(profile, "chargingProfileId")) &&
                r.profile->stack_level >= 1 && ocpp_profile_worst_ma(r.profile) == 0;
    reading_end(&r);
    return good;
}

/* By an id, or by a stack level, that is not ours. */
static bool clears_no_ours(const struct station *s, const json_t *payload)
{
    const json_t *id = json_object_get(payload, "id");
    const json_t *level = json_object_get(payload, "stackLevel");
    if (id != NULL)
        return json_is_integer(id) && !is_our_id(s, id);
    return is_max_profile(s, payload, "id") ||
           (json_is_integer(level) && json_integer_value(level) >= 1);
}

/* A station that switches phases would give all of them again when it ends: then the ledger has
 * only the fewer ones, as the car was seen to use. */
static bool keeps_phases(const struct station *s, const json_t *profile)
{
    const json_t *schedule = json_object_get(profile, "chargingSchedule");
    const json_t *periods = json_object_get(schedule, "chargingSchedulePeriod");
    for (size_t i = 0; i < json_array_size(periods); i++) {
        const json_t *n = json_object_get(json_array_get(periods, i), "numberPhases");
        if (n != NULL && json_number_value(n) < (double)strlen(s->wiring))
            return false;
    }
    return true;
}

static bool is_free(const struct station *s, bool set, bool clear, json_t *payload)
{
    if (clear)
        return clears_no_ours(s, payload);
    if (!set && json_object_get(payload, "chargingProfile") == NULL)
        return true;
    const json_t *profile = json_object_get(payload, "csChargingProfiles");
    return (set && is_max_profile(s, profile, "chargingProfileId") && keeps_phases(s, profile)) ||
           only_pauses(s, set, payload);
}

/* OCPP 1.6 section 4.2: what a station that is not accepted must not be sent. */
static bool registration_allows(const struct station *s, const char *action, char *ret_text,
                                size_t size)
{
    bool rejected = s->registration == STORE_REG_REJECTED;
    bool remote = ocpp_ci_equal(action, "RemoteStartTransaction") ||
                  ocpp_ci_equal(action, "RemoteStopTransaction");
    if (!rejected && (s->registration == STORE_REG_ACCEPTED || !remote))
        return true;
    snprintf(ret_text, size,
             rejected
                 ? "the registration of station %.48s is Rejected: nothing is sent to it. 'noxctl "
                   "station approve %.48s' accepts it"
                 : "station %.48s is Pending: it is not started or stopped before it is accepted. "
                   "'noxctl station approve %.48s' accepts it",
             s->id, s->id);
    return false;
}

bool guard_allows(const struct station *s, const char *action, const char *payload_json,
                  char *ret_text, size_t size)
{
    if (!registration_allows(s, action, ret_text, size))
        return false;
    /* Stations may read names without regard to case; so does this guard. */
    bool set = ocpp_ci_equal(action, "SetChargingProfile");
    bool clear = ocpp_ci_equal(action, "ClearChargingProfile");
    bool start = ocpp_ci_equal(action, "RemoteStartTransaction");
    if ((!set && !clear && !start) || !balance_has(s))
        return true;
    json_t *payload = json_loads(payload_json, 0, NULL);
    bool allowed = is_free(s, set, clear, payload);
    json_decref(payload);
    if (!allowed && clear)
        snprintf(
            ret_text, size,
            "station %.48s is balanced: clearing these could remove the scheduler's own limits "
            "(ids 11, 12, 21, 22, ..., stack level 0). Clear by another id, by stack level 1 "
            "or more, or the ChargePointMaxProfile",
            s->id);
    else if (!allowed)
        snprintf(
            ret_text, size,
            "station %.48s is balanced on grid node %.48s: what its connectors may draw belongs "
            "to the scheduler. To lower it send a ChargePointMaxProfile of all phases, to pause a session a "
            "profile of stack level 1 or more with limit 0 (ids 11, 12, 21, 22, ... are taken); "
            "to change the node's limit use 'noxctl grid limit'",
            s->id, s->grid_node != NULL ? s->grid_node : "?");
    return allowed;
}

/* --- for who wants it checked --- */

bool central_profile_check(const struct central *c, const char *station, const char *action,
                           json_t *payload, char *ret_text, size_t size)
{
    const struct station *s = station_find(c, station);
    struct reading r;
    bool set = strcmp(action, "SetChargingProfile") == 0, good = true;
    if (s == NULL || (!set && strcmp(action, "RemoteStartTransaction") != 0))
        return true;
    if (reading_begin(&r, set, payload) && r.profile != NULL) {
        good = ocpp_profile_check(r.profile, r.connector, ret_text, size) &&
               ocpp_profile_fits(r.profile, &s->room, ret_text, size);
        size_t after = good ? profiles_after(s, r.profile, r.connector) : 0;
        if (s->room.max_profiles >= 0 && after > (size_t)s->room.max_profiles) {
            good = false;
            snprintf(ret_text, size,
                     "the station holds at most %d profiles, this would be number %zu; 'noxctl "
                     "profile installed %.48s' shows them, clear one",
                     (int)s->room.max_profiles, after, s->id);
        }
    }
    reading_end(&r);
    return good;
}
