#include "cmd/noxsim/profiles.h"

#include <stdlib.h>

#include "cmd/noxsim/vehicle.h"

#define DAY_MS INT64_C(86400000)

static int64_t earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* --- what is accepted --- */

static const char *check_unit(const struct profile_limits *limits, int32_t unit)
{
    if (unit != OCPP_RATE_UNIT_A && unit != OCPP_RATE_UNIT_W)
        return "the unit must be A or W";
    if (unit == OCPP_RATE_UNIT_A ? limits->refuses_amperes : limits->refuses_watts)
        return "ChargingScheduleAllowedChargingRateUnit does not name the unit";
    return NULL;
}

static const char *check_schedule(const struct profile_limits *limits,
                                  const struct ocpp_charging_schedule *s)
{
    int32_t most = limits->max_periods > 0 ? limits->max_periods : PROFILE_PERIODS_MAX;
    if (s == NULL || s->n_charging_schedule_period == 0)
        return "the schedule has no periods";
    if (s->n_charging_schedule_period > (size_t)most)
        return "more periods than ChargingScheduleMaxPeriods";
    if (s->charging_schedule_period[0].start_period != 0)
        return "the first period must start at 0";
    for (size_t i = 0; i < s->n_charging_schedule_period; i++) {
        const struct ocpp_charging_schedule_period *p = &s->charging_schedule_period[i];
        if (p->limit_tenths == OCPP_INT_ABSENT || p->limit_tenths < 0)
            return "a limit is missing or negative";
        if (i > 0 && p->start_period <= p[-1].start_period)
            return "the periods must follow each other";
    }
    return check_unit(limits, s->charging_rate_unit);
}

static const char *check_kind(const struct ocpp_charging_profile *p)
{
    if (p->stack_level < 0 || p->stack_level > PROFILE_LEVEL_MAX)
        return "the stack level is above ChargeProfileMaxStackLevel";
    if (p->charging_profile_kind == OCPP_KIND_RECURRING &&
        (p->recurrency_kind <= 0 || p->charging_schedule->start_schedule_ms == OCPP_TIME_ABSENT))
        return "a recurring profile needs recurrencyKind and startSchedule";
    if (p->charging_profile_kind == OCPP_KIND_RELATIVE &&
        p->charging_profile_purpose == OCPP_PURPOSE_CHARGE_POINT_MAX_PROFILE)
        return "a ChargePointMaxProfile cannot be relative to a transaction";
    if (p->charging_profile_kind <= 0)
        return "the kind must be Absolute, Recurring or Relative";
    return NULL;
}

static const char *check_tx(const struct ocpp_charging_profile *p, const struct profile_use *use)
{
    if (use == NULL)
        return "a TxProfile needs a connector";
    if (!use->has_tx)
        return "no transaction is running on the connector";
    if (p->transaction_id != OCPP_INT_ABSENT && p->transaction_id != use->tx_id)
        return "another transaction is running on the connector";
    return NULL;
}

static const char *check_purpose(int32_t connector, const struct ocpp_charging_profile *p,
                                 const struct profile_use *use, int32_t n_connectors)
{
    if (connector < 0 || connector > n_connectors)
        return "there is no such connector";
    switch (p->charging_profile_purpose) {
    case OCPP_PURPOSE_CHARGE_POINT_MAX_PROFILE:
        return connector == 0 ? NULL : "a ChargePointMaxProfile belongs to connector 0";
    case OCPP_PURPOSE_TX_DEFAULT_PROFILE:
        return NULL;
    case OCPP_PURPOSE_TX_PROFILE:
        return check_tx(p, use);
    default:
        return "the purpose is unknown";
    }
}

bool profiles_check_remote(const struct profiles *profiles, const struct ocpp_charging_profile *p,
                           const char **ret_why)
{
    *ret_why = check_schedule(&profiles->limits, p->charging_schedule);
    if (*ret_why == NULL)
        *ret_why = check_kind(p);
    if (*ret_why == NULL && p->charging_profile_purpose != OCPP_PURPOSE_TX_PROFILE)
        *ret_why = "only a TxProfile can come with a remote start";
    if (*ret_why == NULL && p->transaction_id != OCPP_INT_ABSENT)
        *ret_why = "there is no transaction yet that the profile could name";
    return *ret_why == NULL;
}

/* --- the list --- */

static struct profile *copy_of(int32_t connector, const struct ocpp_charging_profile *in,
                               int64_t now_ms)
{
    const struct ocpp_charging_schedule *s = in->charging_schedule;
    struct profile *p = calloc(1, sizeof(*p));
    if (p == NULL)
        return NULL;
    *p = (struct profile){ .id = in->charging_profile_id,
                           .stack_level = in->stack_level,
                           .connector = connector,
                           .purpose = in->charging_profile_purpose,
                           .kind = in->charging_profile_kind,
                           .recurrency = in->recurrency_kind,
                           .unit = s->charging_rate_unit,
                           .valid_from_ms = in->valid_from_ms,
                           .valid_to_ms = in->valid_to_ms,
                           .start_ms = s->start_schedule_ms,
                           .duration_s =
                               s->duration == OCPP_INT_ABSENT ? PROFILE_DURATION_NONE : s->duration,
                           .n_periods = (int32_t)s->n_charging_schedule_period };
    if (p->kind == OCPP_KIND_RELATIVE)
        p->start_ms = OCPP_TIME_ABSENT;
    else if (p->start_ms == OCPP_TIME_ABSENT)
        p->start_ms = now_ms;
    for (int32_t i = 0; i < p->n_periods; i++) {
        const struct ocpp_charging_schedule_period *period = &s->charging_schedule_period[i];
        p->period[i] = (struct profile_period){ .start_s = period->start_period,
                                                .limit_tenths = period->limit_tenths };
        if (period->number_phases != OCPP_INT_ABSENT)
            p->period[i].n_phases = period->number_phases;
    }
    return p;
}

static void remove_at(struct profiles *profiles, size_t i)
{
    free(profiles->list[i]);
    profiles->list[i] = profiles->list[--profiles->n];
}

/* Section 5.16: the same id, or the same purpose and level on the same connector. */
static bool replaces(const struct profile *fresh, const struct profile *old)
{
    return fresh->id == old->id ||
           (fresh->purpose == old->purpose && fresh->stack_level == old->stack_level &&
            fresh->connector == old->connector);
}

static bool put(struct profiles *profiles, struct profile *fresh)
{
    size_t n_replaced = 0;
    for (size_t i = 0; i < profiles->n; i++)
        n_replaced += replaces(fresh, profiles->list[i]);
    size_t most =
        profiles->limits.max_profiles > 0 ? (size_t)profiles->limits.max_profiles : PROFILES_MAX;
    if (profiles->n - n_replaced >= most)
        return false;
    for (size_t i = profiles->n; i-- > 0;)
        if (replaces(fresh, profiles->list[i]))
            remove_at(profiles, i);
    profiles->list[profiles->n++] = fresh;
    return true;
}

enum profile_rc profiles_set(struct profiles *profiles, int32_t connector,
                             const struct ocpp_charging_profile *profile,
                             const struct profile_use *use, int32_t n_connectors, int64_t now_ms,
                             const char **ret_why)
{
    *ret_why = check_schedule(&profiles->limits, profile->charging_schedule);
    if (*ret_why == NULL)
        *ret_why = check_kind(profile);
    if (*ret_why == NULL)
        *ret_why = check_purpose(connector, profile, use, n_connectors);
    if (*ret_why != NULL)
        return PROFILE_REJECTED;
    struct profile *fresh = copy_of(connector, profile, now_ms);
    if (fresh == NULL || !put(profiles, fresh)) {
        free(fresh);
        *ret_why = "MaxChargingProfilesInstalled is reached";
        return PROFILE_REJECTED;
    }
    return PROFILE_ACCEPTED;
}

static bool is_meant(const struct profile *p, const struct ocpp_clear_charging_profile_req *req)
{
    if (req->id != OCPP_INT_ABSENT)
        return p->id == req->id;
    return (req->connector_id == OCPP_INT_ABSENT || p->connector == req->connector_id) &&
           (req->charging_profile_purpose <= 0 || p->purpose == req->charging_profile_purpose) &&
           (req->stack_level == OCPP_INT_ABSENT || p->stack_level == req->stack_level);
}

size_t profiles_clear(struct profiles *profiles, const struct ocpp_clear_charging_profile_req *req)
{
    size_t n = 0;
    for (size_t i = profiles->n; i-- > 0;)
        if (is_meant(profiles->list[i], req)) {
            remove_at(profiles, i);
            n++;
        }
    return n;
}

void profiles_end_tx(struct profiles *profiles, int32_t connector)
{
    for (size_t i = profiles->n; i-- > 0;)
        if (profiles->list[i]->purpose == OCPP_PURPOSE_TX_PROFILE &&
            profiles->list[i]->connector == connector)
            remove_at(profiles, i);
}

void profiles_done(struct profiles *profiles)
{
    while (profiles->n > 0)
        remove_at(profiles, profiles->n - 1);
}

/* --- the limit --- */

/* Note an instant after which things may be different. */
static void note(int64_t *next_ms, int64_t at_ms, int64_t change_ms)
{
    if (change_ms > at_ms)
        *next_ms = earlier(*next_ms, change_ms);
}

static int64_t schedule_start(const struct profile *p, const struct profile_use *use, int64_t at_ms)
{
    if (p->kind == OCPP_KIND_RELATIVE)
        return use->has_tx ? use->tx_started_ms : at_ms;
    if (p->kind != OCPP_KIND_RECURRING || at_ms < p->start_ms)
        return p->start_ms;
    int64_t every_ms = p->recurrency == OCPP_RECURRENCY_WEEKLY ? 7 * DAY_MS : DAY_MS;
    return at_ms - (at_ms - p->start_ms) % every_ms;
}

static int64_t schedule_end(const struct profile *p, int64_t start_ms)
{
    int64_t end_ms = p->duration_s == PROFILE_DURATION_NONE
                         ? INT64_MAX
                         : start_ms + INT64_C(1000) * p->duration_s;
    if (p->kind == OCPP_KIND_RECURRING)
        end_ms = earlier(
            end_ms, start_ms + (p->recurrency == OCPP_RECURRENCY_WEEKLY ? 7 * DAY_MS : DAY_MS));
    return end_ms;
}

static bool is_valid(const struct profile *p, int64_t at_ms, int64_t *next_ms)
{
    bool valid = true;
    if (p->valid_from_ms != OCPP_TIME_ABSENT) {
        note(next_ms, at_ms, p->valid_from_ms);
        valid = at_ms >= p->valid_from_ms;
    }
    if (p->valid_to_ms != OCPP_TIME_ABSENT) {
        note(next_ms, at_ms, p->valid_to_ms);
        valid = valid && at_ms < p->valid_to_ms;
    }
    return valid;
}

/* @return the period that holds at at_ms, NULL if the profile has no value then */
static const struct profile_period *period_at(const struct profile *p,
                                              const struct profile_use *use, int64_t at_ms,
                                              int64_t *next_ms)
{
    const struct profile_period *found = NULL;
    bool valid = is_valid(p, at_ms, next_ms);
    int64_t start_ms = schedule_start(p, use, at_ms);
    int64_t end_ms = schedule_end(p, start_ms);
    note(next_ms, at_ms, start_ms);
    if (end_ms != INT64_MAX)
        note(next_ms, at_ms, end_ms);
    if (p->kind == OCPP_KIND_RECURRING && start_ms <= at_ms)
        note(next_ms, at_ms,
             start_ms + (p->recurrency == OCPP_RECURRENCY_WEEKLY ? 7 * DAY_MS : DAY_MS));
    for (int32_t i = 0; i < p->n_periods; i++) {
        int64_t from_ms = start_ms + INT64_C(1000) * p->period[i].start_s;
        if (from_ms >= end_ms)
            break;
        note(next_ms, at_ms, from_ms);
        if (from_ms <= at_ms)
            found = &p->period[i];
    }
    return valid && at_ms < end_ms ? found : NULL;
}

static int32_t period_ma(const struct profile *p, const struct profile_period *period,
                         const struct profile_use *use)
{
    if (p->unit == OCPP_RATE_UNIT_A)
        return period->limit_tenths > INT32_MAX / 100 ? INT32_MAX : period->limit_tenths * 100;
    int32_t n = period->n_phases > 0 ? period->n_phases : 3; /* errata 3.34: the phases in use */
    if (use->n_phases > 0 && use->n_phases < n)
        n = use->n_phases;
    int64_t ma = (int64_t)period->limit_tenths * 100 / (MAINS_V * n);
    return ma > INT32_MAX ? INT32_MAX : (int32_t)ma;
}

static bool applies(const struct profile *p, int32_t purpose, const struct profile_use *use)
{
    if (p->purpose != purpose)
        return false;
    if (purpose == OCPP_PURPOSE_TX_PROFILE)
        return use->has_tx && p->connector == use->connector;
    return p->connector == 0 || p->connector == use->connector;
}

/* A profile of the connector itself goes before one of connector 0 at the same level. */
static bool goes_before(const struct profile *a, const struct profile *b)
{
    return b == NULL || a->stack_level > b->stack_level ||
           (a->stack_level == b->stack_level && a->connector > b->connector);
}

/* The profile of a purpose that counts now, and its period; NULL = none has a value. */
static const struct profile *best_of(const struct profiles *profiles, int32_t purpose,
                                     const struct profile_use *use, int64_t at_ms, int64_t *next_ms,
                                     const struct profile_period **ret_period)
{
    const struct profile *best = NULL;
    for (size_t i = 0; i < profiles->n; i++) {
        const struct profile *p = profiles->list[i];
        if (!applies(p, purpose, use))
            continue;
        const struct profile_period *period = period_at(p, use, at_ms, next_ms);
        if (period != NULL && goes_before(p, best)) {
            best = p;
            *ret_period = period;
        }
    }
    return best;
}

static int32_t limit_of(const struct profiles *profiles, int32_t purpose,
                        const struct profile_use *use, int64_t at_ms, int64_t *next_ms)
{
    const struct profile_period *period = NULL;
    const struct profile *best = best_of(profiles, purpose, use, at_ms, next_ms, &period);
    return best != NULL ? period_ma(best, period, use) : PROFILE_NO_LIMIT;
}

int32_t profiles_phases(const struct profiles *profiles, const struct profile_use *use,
                        int64_t at_ms)
{
    static const int32_t purposes[] = { OCPP_PURPOSE_TX_PROFILE, OCPP_PURPOSE_TX_DEFAULT_PROFILE };
    const struct profile_period *period = NULL;
    int64_t next_ms = INT64_MAX;
    for (size_t i = 0; profiles->limits.switches_phases && i < 2 && period == NULL; i++)
        best_of(profiles, purposes[i], use, at_ms, &next_ms, &period);
    return period != NULL && period->n_phases == 1 ? 1 : 3;
}

int32_t profiles_limit_ma(const struct profiles *profiles, const struct profile_use *use,
                          int64_t at_ms, int64_t *ret_next_ms)
{
    int64_t next_ms = INT64_MAX;
    int32_t limit_ma = limit_of(profiles, OCPP_PURPOSE_TX_PROFILE, use, at_ms, &next_ms);
    int32_t default_ma = limit_of(profiles, OCPP_PURPOSE_TX_DEFAULT_PROFILE, use, at_ms, &next_ms);
    int32_t ceiling_ma =
        limit_of(profiles, OCPP_PURPOSE_CHARGE_POINT_MAX_PROFILE, use, at_ms, &next_ms);
    if (limit_ma == PROFILE_NO_LIMIT)
        limit_ma = default_ma;
    if (ceiling_ma != PROFILE_NO_LIMIT && use->n_active > 1)
        ceiling_ma /= use->n_active;
    if (ceiling_ma != PROFILE_NO_LIMIT && (limit_ma == PROFILE_NO_LIMIT || ceiling_ma < limit_ma))
        limit_ma = ceiling_ma;
    if (ret_next_ms != NULL)
        *ret_next_ms = next_ms;
    return limit_ma;
}

/* --- the composite schedule --- */

static int32_t sum_ma(const struct profiles *profiles, const struct profile_use *use, size_t n,
                      int64_t at_ms, int32_t rating_ma, int64_t *ret_next_ms)
{
    int32_t sum = 0;
    *ret_next_ms = INT64_MAX;
    for (size_t i = 0; i < n; i++) {
        int64_t next_ms;
        int32_t ma = profiles_limit_ma(profiles, &use[i], at_ms, &next_ms);
        sum += ma == PROFILE_NO_LIMIT || ma > rating_ma ? rating_ma : ma;
        *ret_next_ms = earlier(*ret_next_ms, next_ms);
    }
    int32_t ceiling_ma = n > 0 ? limit_of(profiles, OCPP_PURPOSE_CHARGE_POINT_MAX_PROFILE, &use[0],
                                          at_ms, ret_next_ms)
                               : PROFILE_NO_LIMIT;
    return ceiling_ma != PROFILE_NO_LIMIT && ceiling_ma < sum ? ceiling_ma : sum;
}

size_t profiles_composite(const struct profiles *profiles, const struct profile_use *use, size_t n,
                          int64_t from_ms, int32_t duration_s, int32_t rating_ma,
                          struct profile_step *ret_step, size_t max)
{
    int64_t end_ms = from_ms + INT64_C(1000) * duration_s, next_ms;
    size_t n_steps = 0;
    for (int64_t at_ms = from_ms; at_ms < end_ms && n_steps < max; at_ms = next_ms) {
        int32_t ma = sum_ma(profiles, use, n, at_ms, rating_ma, &next_ms);
        if (n_steps == 0 || ret_step[n_steps - 1].limit_ma != ma)
            ret_step[n_steps++] =
                (struct profile_step){ .start_s = (int32_t)((at_ms - from_ms + 999) / 1000),
                                       .limit_ma = ma };
    }
    return n_steps;
}
