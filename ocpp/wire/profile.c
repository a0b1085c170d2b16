#include "ocpp/wire/profile.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "ocpp/wire/enums.h"

enum { DAY_S = 86400, WEEK_S = 7 * 86400, PHASES_STANDARD = 3 };

static bool no(char *ret_text, size_t size, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static bool no(char *ret_text, size_t size, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(ret_text, size, format, args);
    va_end(args);
    return false;
}

/* --- what a station takes --- */

void ocpp_profile_units(const char *value, struct ocpp_profile_room *ret_room)
{
    ret_room->amps = ret_room->watts = false;
    while (value != NULL && *value != '\0') {
        size_t len = strcspn(value, ", ;");
        if ((len == 1 && strncasecmp(value, "A", 1) == 0) ||
            (len >= 7 && strncasecmp(value, "Current", 7) == 0))
            ret_room->amps = true;
        else if ((len == 1 && strncasecmp(value, "W", 1) == 0) ||
                 (len >= 5 && strncasecmp(value, "Power", 5) == 0))
            ret_room->watts = true;
        value += len;
        value += strspn(value, ", ;");
    }
}

static int32_t phases_of(const struct ocpp_charging_schedule_period *period)
{
    return period->number_phases != OCPP_INT_ABSENT ? period->number_phases : PHASES_STANDARD;
}

bool ocpp_profile_fits(const struct ocpp_charging_profile *p, const struct ocpp_profile_room *room,
                       char *ret_text, size_t size)
{
    const struct ocpp_charging_schedule *s = p->charging_schedule;
    bool in_watts = s->charging_rate_unit == OCPP_RATE_UNIT_W;
    if (room->max_stack_level >= 0 && p->stack_level > room->max_stack_level)
        return no(ret_text, size, "stackLevel: the station takes at most %" PRId32,
                  room->max_stack_level);
    if (room->max_periods >= 0 && s->n_charging_schedule_period > (size_t)room->max_periods)
        return no(ret_text, size, "chargingSchedulePeriod: the station takes at most %" PRId32,
                  room->max_periods);
    if ((room->amps || room->watts) && !(in_watts ? room->watts : room->amps))
        return no(ret_text, size, "chargingRateUnit: the station takes %s only",
                  in_watts ? "A" : "W");
    for (size_t i = 1; i < s->n_charging_schedule_period && room->switches_phases == 0; i++)
        if (phases_of(&s->charging_schedule_period[i]) != phases_of(s->charging_schedule_period))
            return no(ret_text, size,
                      "chargingSchedulePeriod[%zu].numberPhases: the station cannot change the "
                      "number of phases while it charges",
                      i);
    return true;
}

/* --- what the standard says --- */

static bool purpose_fits(const struct ocpp_charging_profile *p, int32_t connector, char *ret_text,
                         size_t size)
{
    bool is_tx = p->charging_profile_purpose == OCPP_PURPOSE_TX_PROFILE;
    bool has_tx = p->transaction_id != OCPP_INT_ABSENT;
    if (connector < 0 && !is_tx)
        return no(ret_text, size,
                  "chargingProfilePurpose: a remote start takes a TxProfile only (section 5.16.2)");
    if (connector < 0 && has_tx)
        return no(ret_text, size,
                  "transactionId: is left out with a remote start, there is no transaction yet");
    if (connector < 0)
        return true;
    if (p->charging_profile_purpose == OCPP_PURPOSE_CHARGE_POINT_MAX_PROFILE && connector != 0)
        return no(ret_text, size,
                  "connectorId: a ChargePointMaxProfile is for connector 0, the whole station");
    if (is_tx && connector == 0)
        return no(ret_text, size, "connectorId: a TxProfile is for one connector, not 0");
    if (is_tx && !has_tx)
        return no(ret_text, size,
                  "transactionId: a TxProfile needs that of the running transaction");
    if (!is_tx && has_tx)
        return no(ret_text, size, "transactionId: only a TxProfile has one");
    return true;
}

static bool kind_fits(const struct ocpp_charging_profile *p, char *ret_text, size_t size)
{
    bool has_start = p->charging_schedule->start_schedule_ms != OCPP_TIME_ABSENT;
    bool recurs = p->charging_profile_kind == OCPP_KIND_RECURRING;
    bool relative = p->charging_profile_kind == OCPP_KIND_RELATIVE;
    if (recurs && p->recurrency_kind <= 0)
        return no(ret_text, size, "recurrencyKind: Recurring needs Daily or Weekly");
    if (!recurs && p->recurrency_kind > 0)
        return no(ret_text, size, "recurrencyKind: only a Recurring profile has one");
    if (relative && has_start)
        return no(ret_text, size,
                  "startSchedule: a Relative profile starts with the transaction, leave it out");
    if (!relative && !has_start)
        return no(ret_text, size, "startSchedule: is needed unless the profile is Relative");
    if (relative && p->charging_profile_purpose == OCPP_PURPOSE_CHARGE_POINT_MAX_PROFILE)
        return no(ret_text, size,
                  "chargingProfileKind: a ChargePointMaxProfile belongs to no transaction, so it "
                  "cannot be Relative");
    return true;
}

/* Seconds after which it begins anew; 0 = never. */
static int64_t recurs_s(const struct ocpp_charging_profile *p)
{
    if (p->charging_profile_kind != OCPP_KIND_RECURRING)
        return 0;
    return p->recurrency_kind == OCPP_RECURRENCY_WEEKLY ? WEEK_S : DAY_S;
}

static bool periods_fit(const struct ocpp_charging_profile *p, char *ret_text, size_t size)
{
    const struct ocpp_charging_schedule *s = p->charging_schedule;
    int64_t end_s = s->duration != OCPP_INT_ABSENT ? s->duration : INT64_MAX;
    if (recurs_s(p) > 0 && recurs_s(p) < end_s)
        end_s = recurs_s(p);
    if (s->n_charging_schedule_period == 0)
        return no(ret_text, size, "chargingSchedulePeriod: there must be one");
    for (size_t i = 0; i < s->n_charging_schedule_period; i++) {
        int32_t start_s = s->charging_schedule_period[i].start_period;
        if (i == 0 && start_s != 0)
            return no(ret_text, size, "chargingSchedulePeriod[0].startPeriod: must be 0");
        if (i > 0 && start_s <= s->charging_schedule_period[i - 1].start_period)
            return no(ret_text, size,
                      "chargingSchedulePeriod[%zu].startPeriod: must be later than the one before",
                      i);
        if (start_s >= end_s && start_s > 0)
            return no(ret_text, size,
                      "chargingSchedulePeriod[%zu].startPeriod: begins after the schedule has "
                      "ended, it would never hold",
                      i);
    }
    return true;
}

bool ocpp_profile_check(const struct ocpp_charging_profile *p, int32_t connector, char *ret_text,
                        size_t size)
{
    if (p->charging_schedule == NULL)
        return no(ret_text, size, "chargingSchedule: is missing");
    if (p->charging_schedule->duration == 0)
        return no(ret_text, size, "duration: 0 seconds hold nothing; leave it out for no end");
    if (p->valid_from_ms != OCPP_TIME_ABSENT && p->valid_to_ms != OCPP_TIME_ABSENT &&
        p->valid_to_ms <= p->valid_from_ms)
        return no(ret_text, size, "validTo: must be later than validFrom");
    return purpose_fits(p, connector, ret_text, size) && kind_fits(p, ret_text, size) &&
           periods_fit(p, ret_text, size);
}

int64_t ocpp_profile_worst_ma(const struct ocpp_charging_profile *p)
{
    const struct ocpp_charging_schedule *s = p->charging_schedule;
    int64_t worst_ma = 0;
    for (size_t i = 0; i < s->n_charging_schedule_period; i++) {
        int64_t ma = (int64_t)s->charging_schedule_period[i].limit_tenths * 100;
        if (s->charging_rate_unit == OCPP_RATE_UNIT_W)
            ma = (ma + OCPP_NOMINAL_V - 1) / OCPP_NOMINAL_V;
        worst_ma = ma > worst_ma ? ma : worst_ma;
    }
    return worst_ma;
}

/* --- what results --- */

static void sooner(int64_t *next_ms, int64_t at_ms, int64_t candidate_ms)
{
    if (candidate_ms > at_ms && candidate_ms < *next_ms)
        *next_ms = candidate_ms;
}

static int64_t period_ma(const struct ocpp_charging_schedule *s, size_t i)
{
    const struct ocpp_charging_schedule_period *period = &s->charging_schedule_period[i];
    int64_t ma = (int64_t)period->limit_tenths * 100;
    return s->charging_rate_unit == OCPP_RATE_UNIT_W ? ma / OCPP_NOMINAL_V / phases_of(period) : ma;
}

/* -1 = it has no value then. */
static int64_t value_at(const struct ocpp_charging_profile *p, const struct ocpp_profile_moment *m,
                        int64_t at_ms, int64_t *next_ms)
{
    const struct ocpp_charging_schedule *s = p->charging_schedule;
    int64_t start_ms =
        p->charging_profile_kind == OCPP_KIND_RELATIVE || s->start_schedule_ms == OCPP_TIME_ABSENT
            ? m->tx_started_ms
            : s->start_schedule_ms;
    int64_t every_ms = recurs_s(p) * 1000, value = -1;
    if (p->valid_from_ms != OCPP_TIME_ABSENT)
        sooner(next_ms, at_ms, p->valid_from_ms);
    if (p->valid_to_ms != OCPP_TIME_ABSENT)
        sooner(next_ms, at_ms, p->valid_to_ms);
    sooner(next_ms, at_ms, start_ms);
    if ((p->valid_from_ms != OCPP_TIME_ABSENT && at_ms < p->valid_from_ms) ||
        (p->valid_to_ms != OCPP_TIME_ABSENT && at_ms >= p->valid_to_ms) || at_ms < start_ms)
        return -1;
    if (every_ms > 0) {
        start_ms += (at_ms - start_ms) / every_ms * every_ms;
        sooner(next_ms, at_ms, start_ms + every_ms);
    }
    if (s->duration != OCPP_INT_ABSENT) {
        sooner(next_ms, at_ms, start_ms + (int64_t)s->duration * 1000);
        if (at_ms >= start_ms + (int64_t)s->duration * 1000)
            return -1;
    }
    for (size_t i = 0; i < s->n_charging_schedule_period; i++) {
        int64_t begin_ms = start_ms + (int64_t)s->charging_schedule_period[i].start_period * 1000;
        sooner(next_ms, at_ms, begin_ms);
        if (at_ms >= begin_ms)
            value = period_ma(s, i);
    }
    return value;
}

/* The highest stack level of one purpose that has a value. */
static int64_t of_purpose(const struct ocpp_profile_held *held, size_t n, int32_t purpose,
                          int32_t connector, const struct ocpp_profile_moment *m, int64_t at_ms,
                          int64_t *next_ms)
{
    int64_t best = -1;
    int32_t level = -1;
    for (size_t i = 0; i < n; i++) {
        const struct ocpp_charging_profile *p = held[i].profile;
        if (p->charging_profile_purpose != purpose || held[i].connector != connector ||
            (purpose == OCPP_PURPOSE_TX_PROFILE && p->transaction_id != OCPP_INT_ABSENT &&
             p->transaction_id != m->tx_id))
            continue;
        int64_t value = value_at(p, m, at_ms, next_ms);
        if (value >= 0 && p->stack_level > level) {
            best = value;
            level = p->stack_level;
        }
    }
    return best;
}

int64_t ocpp_profile_limit(const struct ocpp_profile_held *held, size_t n,
                           const struct ocpp_profile_moment *m, int64_t at_ms, int64_t *ret_next_ms)
{
    int64_t limit = -1;
    *ret_next_ms = INT64_MAX;
    int64_t ceiling =
        of_purpose(held, n, OCPP_PURPOSE_CHARGE_POINT_MAX_PROFILE, 0, m, at_ms, ret_next_ms);
    if (m->connector > 0) {
        int64_t own = of_purpose(held, n, OCPP_PURPOSE_TX_DEFAULT_PROFILE, m->connector, m, at_ms,
                                 ret_next_ms);
        int64_t all =
            of_purpose(held, n, OCPP_PURPOSE_TX_DEFAULT_PROFILE, 0, m, at_ms, ret_next_ms);
        int64_t tx = m->tx_id != 0 ? of_purpose(held, n, OCPP_PURPOSE_TX_PROFILE, m->connector, m,
                                                at_ms, ret_next_ms)
                                   : -1;
        limit = tx >= 0 ? tx : own >= 0 ? own : all;
    }
    return limit < 0 || (ceiling >= 0 && ceiling < limit) ? ceiling : limit;
}
