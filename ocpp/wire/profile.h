/*
 * Charging profiles judged before they are sent, and what limit results from several of them
 * (OCPP 1.6 sections 3.13 and 5.16, errata 3.x).
 *
 * Pure: typed profiles in (messages_smart_charging.h), a sentence or a limit out.
 */
#ifndef OCPP_WIRE_PROFILE_H
#define OCPP_WIRE_PROFILE_H

#include <stdbool.h>
#include <stddef.h>

#include "ocpp/wire/messages_core.h"

enum { OCPP_NOMINAL_V = 230 }; /* between a phase and neutral */

/* What a station takes, by its configuration keys; -1 = not known. */
struct ocpp_profile_room {
    int32_t max_stack_level; /* ChargeProfileMaxStackLevel */
    int32_t max_periods;     /* ChargingScheduleMaxPeriods */
    int32_t max_profiles;    /* MaxChargingProfilesInstalled */
    bool amps, watts;        /* ChargingScheduleAllowedChargingRateUnit; neither = not known */
    int32_t switches_phases; /* ConnectorSwitch3to1PhaseSupported: 0 no, 1 yes */
    bool lacks_feature;      /* SupportedFeatureProfiles is known and does not name SmartCharging */
};

/* "Current,Power" as the standard has it, or "A" and "W" as some stations do; sets amps, watts. */
void ocpp_profile_units(const char *value, struct ocpp_profile_room *ret_room);

/**
 * Does a profile obey the standard?
 *
 * @param connector       of SetChargingProfile; -1: it rides in RemoteStartTransaction
 * @param ret_text        one sentence that names the member and what to do, when it does not
 */
bool ocpp_profile_check(const struct ocpp_charging_profile *p, int32_t connector, char *ret_text,
                        size_t size);
/* Does the station take it, by what it has told? */
bool ocpp_profile_fits(const struct ocpp_charging_profile *p, const struct ocpp_profile_room *room,
                       char *ret_text, size_t size);

/** The most that any period allows one phase, whatever the station makes of phases: a limit in W
 * may all flow on one.  In mA. */
int64_t ocpp_profile_worst_ma(const struct ocpp_charging_profile *p);

/* A profile that a station holds. */
struct ocpp_profile_held {
    int32_t connector;
    const struct ocpp_charging_profile *profile;
};
struct ocpp_profile_moment {
    int32_t connector;     /* 0 = the ceiling of the station only */
    int32_t tx_id;         /* running there, 0 = none */
    int64_t tx_started_ms; /* of it: what Relative profiles count from */
};

/**
 * The limit of a connector at an instant: TxProfile over TxDefaultProfile (of the connector over
 * connector 0), the highest stack level of each that has a value, and the least of that and
 * ChargePointMaxProfile.
 * @param ret_next_ms  when that may change next; INT64_MAX = never
 * @return mA per phase (W over numberPhases, else 3); -1 = no limit
 */
int64_t ocpp_profile_limit(const struct ocpp_profile_held *held, size_t n,
                           const struct ocpp_profile_moment *moment, int64_t at_ms,
                           int64_t *ret_next_ms);

#endif
