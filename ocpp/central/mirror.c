/*
 * The charging profiles that a station holds, as far as its answers tell: ours and those of
 * operators, by the replace rules of OCPP 1.6 section 3.13.2.  The details are in the store.
 */
#include <stdlib.h>
#include <string.h>

#include "ocpp/central/state.h"

struct installed {
    struct installed *next;
    int32_t id, connector, level, purpose; /* enum ocpp_purpose */
    int64_t tx_id;
    bool allows; /* more than nothing */
};

static bool is_replaced(const struct installed *old, const struct installed *by)
{
    return old->id == by->id || (old->connector == by->connector && old->purpose == by->purpose &&
                                 old->level == by->level &&
                                 (by->tx_id == 0 || old->tx_id == 0 || old->tx_id == by->tx_id));
}

static void put(struct station *s, const struct installed *profile)
{
    struct installed *copy = malloc(sizeof(*copy));
    if (copy == NULL)
        return;
    for (struct installed **at = &s->profiles; *at != NULL;) {
        struct installed *old = *at;
        if (!is_replaced(old, profile)) {
            at = &old->next;
            continue;
        }
        *at = old->next;
        free(old);
    }
    *copy = *profile;
    copy->next = s->profiles;
    s->profiles = copy;
}

static const char *purpose_text(int32_t purpose)
{
    const char *text = ocpp_enum_text(&ocpp_enum_purpose, purpose);
    return text != NULL ? text : "?";
}

static int32_t int_of(const json_t *object, const char *member, int32_t fallback)
{
    const json_t *value = json_object_get(object, member);
    return json_is_number(value) ? (int32_t)json_number_value(value) : fallback;
}

static int32_t purpose_of(const json_t *object)
{
    const char *text = json_string_value(json_object_get(object, "chargingProfilePurpose"));
    for (int32_t i = OCPP_PURPOSE_CHARGE_POINT_MAX_PROFILE;
         text != NULL && i <= OCPP_PURPOSE_TX_PROFILE; i++)
        if (ocpp_ci_equal(text, purpose_text(i)))
            return i;
    return 0;
}

static bool allows_any(const json_t *profile)
{
    const json_t *schedule = json_object_get(profile, "chargingSchedule");
    const json_t *period;
    size_t i;
    json_array_foreach(json_object_get(schedule, "chargingSchedulePeriod"), i, period)
    {
        const json_t *limit = json_object_get(period, "limit");
        if (!json_is_number(limit) || json_number_value(limit) > 0)
            return true;
    }
    return false;
}

/* --- answers --- */

static void note(struct station *s, int32_t connector, const json_t *profile, int64_t tx_id)
{
    struct central *c = s->central;
    struct store_done nobody = { .fn = NULL };
    struct installed in = { .id = int_of(profile, "chargingProfileId", 0),
                            .connector = connector,
                            .level = int_of(profile, "stackLevel", 0),
                            .purpose = purpose_of(profile),
                            .tx_id = tx_id,
                            .allows = allows_any(profile) };
    char *json = json_dumps(profile, JSON_COMPACT);
    if (json != NULL && in.purpose != 0) {
        struct store_profile row = { .station = s->id,
                                     .connector = connector,
                                     .id = in.id,
                                     .stack_level = in.level,
                                     .purpose = purpose_text(in.purpose),
                                     .tx_id = tx_id,
                                     .json = json,
                                     .at_ms = c->now.utc_ms };
        put(s, &in);
        store_profile(c->options.store, &row, nobody);
    }
    free(json);
}

void profile_set_answered(struct station *s, const json_t *payload,
                          const struct central_reply *reply)
{
    const json_t *profile = json_object_get(payload, "csChargingProfiles");
    if (reply_is(reply, "Accepted") && json_is_object(profile))
        note(s, int_of(payload, "connectorId", 0), profile, int_of(profile, "transactionId", 0));
}

/* Its transaction gets its id later (errata 3.41). */
void profile_start_answered(struct station *s, const json_t *payload,
                            const struct central_reply *reply)
{
    const json_t *profile = json_object_get(payload, "chargingProfile");
    int32_t connector = int_of(payload, "connectorId", s->n_connectors == 1 ? 1 : 0);
    if (reply_is(reply, "Accepted") && json_is_object(profile) && connector > 0)
        note(s, connector, profile, 0);
}

static bool fits(const struct installed *p, const struct store_profile_filter *f, int32_t purpose)
{
    return (f->id < 0 || p->id == f->id) && (f->connector < 0 || p->connector == f->connector) &&
           (f->stack_level < 0 || p->level == f->stack_level) &&
           (purpose == 0 || p->purpose == purpose) && (f->tx_id == 0 || p->tx_id == f->tx_id);
}

static void forget(struct station *s, const struct store_profile_filter *f, int32_t purpose)
{
    struct store_done nobody = { .fn = NULL };
    bool any = false;
    for (struct installed **at = &s->profiles; *at != NULL;) {
        struct installed *old = *at;
        if (!fits(old, f, purpose)) {
            at = &old->next;
            continue;
        }
        *at = old->next;
        free(old);
        any = true;
    }
    if (any && !s->central->closing)
        store_profile_forget(s->central->options.store, f, nobody);
}

/* "Unknown" says that none fitted: then none is there, either. */
void profile_clear_answered(struct station *s, const json_t *payload,
                            const struct central_reply *reply)
{
    struct store_profile_filter f = { .station = s->id,
                                      .id = int_of(payload, "id", -1),
                                      .connector = int_of(payload, "connectorId", -1),
                                      .stack_level = int_of(payload, "stackLevel", -1) };
    int32_t purpose = purpose_of(payload);
    if (!reply_is(reply, "Accepted") && !reply_is(reply, "Unknown"))
        return;
    if (f.id >= 0) { /* then nothing else counts */
        f.connector = f.stack_level = -1;
        purpose = 0;
    }
    f.purpose = purpose != 0 ? purpose_text(purpose) : NULL;
    forget(s, &f, purpose);
}

/* Section 3.13.1: a TxProfile dies with its transaction. */
void profiles_of_tx_end(struct station *s, int32_t connector, int64_t tx_id)
{
    struct store_profile_filter f = { .station = s->id,
                                      .id = -1,
                                      .connector = connector,
                                      .stack_level = -1,
                                      .purpose = "TxProfile",
                                      .tx_id = tx_id };
    if (tx_id != 0 || connector > 0)
        forget(s, &f, OCPP_PURPOSE_TX_PROFILE);
}

void profiles_clear_foreign(struct station *s, int32_t connector)
{
    for (const struct installed *p = s->profiles; p != NULL; p = p->next) {
        struct ocpp_clear_charging_profile_req req = { .id = p->id,
                                                       .connector_id = OCPP_INT_ABSENT,
                                                       .stack_level = OCPP_INT_ABSENT };
        if (p->purpose != OCPP_PURPOSE_CHARGE_POINT_MAX_PROFILE && p->allows &&
            (p->connector == connector || p->connector == 0) && !profile_is_ours(s, p->id))
            station_request(s, OCPP_CLEAR_CHARGING_PROFILE, &req, 0, true, NULL, NULL,
                            s->central->now);
    }
}

/* --- */

size_t profiles_after(const struct station *s, const struct ocpp_charging_profile *more,
                      int32_t connector)
{
    struct installed in = { .id = more->charging_profile_id,
                            .connector = connector,
                            .level = more->stack_level,
                            .purpose = more->charging_profile_purpose,
                            .tx_id = more->transaction_id != OCPP_INT_ABSENT ? more->transaction_id
                                                                             : 0 };
    size_t n = 1;
    for (const struct installed *p = s->profiles; p != NULL; p = p->next)
        n += !is_replaced(p, &in);
    return n;
}

void profiles_done(struct station *s)
{
    while (s->profiles != NULL) {
        struct installed *next = s->profiles->next;
        free(s->profiles);
        s->profiles = next;
    }
}

void central_restore_profile(struct central *c, const struct store_profile *row)
{
    struct station *s = station_find(c, row->station);
    struct installed in = { .id = row->id,
                            .connector = row->connector,
                            .level = row->stack_level,
                            .tx_id = row->tx_id };
    json_t *profile = json_loads(row->json, 0, NULL);
    in.allows = allows_any(profile);
    json_decref(profile);
    for (int32_t i = OCPP_PURPOSE_CHARGE_POINT_MAX_PROFILE; i <= OCPP_PURPOSE_TX_PROFILE; i++)
        if (strcmp(row->purpose, purpose_text(i)) == 0)
            in.purpose = i;
    if (s != NULL)
        put(s, &in);
}
