/*
 * Charging profiles in a charge point, OCPP 1.6 section 3.13 with its errata: what is accepted,
 * what replaces what, which limit holds at an instant, the composite schedule.
 *
 * Pure: no clock, no I/O.  Instants are UTC milliseconds of the station's clock, limits mA per
 * phase.  Within a purpose the highest stack level that has a value wins; a TxProfile goes before a
 * TxDefaultProfile; the ChargePointMaxProfile is a ceiling over everything.
 */
#ifndef CMD_NOXSIM_PROFILES_H
#define CMD_NOXSIM_PROFILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ocpp/wire/messages_smart_charging.h"

enum {
    PROFILES_MAX = 12,         /* MaxChargingProfilesInstalled */
    PROFILE_PERIODS_MAX = 24,  /* ChargingScheduleMaxPeriods */
    PROFILE_LEVEL_MAX = 8,     /* ChargeProfileMaxStackLevel */
    PROFILE_NO_LIMIT = -1,     /* no profile says anything */
    PROFILE_DURATION_NONE = -1 /* goes on until the transaction ends */
};

struct profile_period {
    int32_t start_s;
    int32_t limit_tenths; /* A or W */
    int32_t n_phases;     /* 0 = not said */
};

struct profile {
    int32_t id, stack_level, connector;
    int32_t purpose, kind, recurrency, unit; /* OCPP_PURPOSE_* ... OCPP_RATE_UNIT_* */
    int64_t valid_from_ms, valid_to_ms;      /* OCPP_TIME_ABSENT = open */
    int64_t start_ms;                        /* of the schedule; OCPP_TIME_ABSENT when relative */
    int32_t duration_s;
    int32_t n_periods;
    struct profile_period period[PROFILE_PERIODS_MAX];
};

/* What a station takes; 0 = as much as this file can hold. */
struct profile_limits {
    int32_t max_profiles, max_periods;
    bool refuses_amperes, refuses_watts;
    bool switches_phases; /* numberPhases 1 is obeyed (ConnectorSwitch3to1PhaseSupported) */
};

/* All profiles of a station; zeroed = none.  They survive reboots and lost links. */
struct profiles {
    struct profile *list[PROFILES_MAX];
    size_t n;
    struct profile_limits limits;
};

/* What a connector is doing. */
struct profile_use {
    int32_t connector;     /* >= 1 */
    bool has_tx;           /* a transaction runs */
    int32_t tx_id;         /* 0 = its id is not known yet */
    int64_t tx_started_ms; /* base of relative schedules */
    int32_t n_active;      /* connectors with a transaction: they share the station's ceiling */
    int32_t n_phases;      /* to convert watts, 1 to 3 */
};

enum profile_rc { PROFILE_ACCEPTED, PROFILE_REJECTED };

/**
 * Install a profile (SetChargingProfile, or one that came with RemoteStartTransaction).
 *
 * @param use           of the connector; NULL for connector 0
 * @param n_connectors  of the station
 * @param now_ms        start of an Absolute schedule that names none
 * @param ret_why       a static phrase for the log when it is not accepted
 */
enum profile_rc profiles_set(struct profiles *profiles, int32_t connector,
                             const struct ocpp_charging_profile *profile,
                             const struct profile_use *use, int32_t n_connectors, int64_t now_ms,
                             const char **ret_why);

/** Could this profile ride in a RemoteStartTransaction (section 5.11)? */
bool profiles_check_remote(const struct profiles *profiles,
                           const struct ocpp_charging_profile *profile, const char **ret_why);

/** ClearChargingProfile: an id alone, or all that match the criteria given. @return how many */
size_t profiles_clear(struct profiles *profiles, const struct ocpp_clear_charging_profile_req *req);

/** The transaction of a connector is over: its TxProfiles are gone. */
void profiles_end_tx(struct profiles *profiles, int32_t connector);
void profiles_done(struct profiles *profiles);

/**
 * The limit that holds on a connector.
 *
 * Without a transaction: what a transaction that began now would be given.
 * @param ret_next_ms  the limit cannot change before, unless a profile is set; INT64_MAX = never.
 *                     May be NULL
 * @return mA per phase, or PROFILE_NO_LIMIT
 */
int32_t profiles_limit_ma(const struct profiles *profiles, const struct profile_use *use,
                          int64_t at_ms, int64_t *ret_next_ms);

/** @return the phases on which the limit that holds may be drawn: 1 while a period says so and the
 *          station can switch, else 3 */
int32_t profiles_phases(const struct profiles *profiles, const struct profile_use *use,
                        int64_t at_ms);

/** Of one connector, or the sum of n of them (GetCompositeSchedule on connector 0). */
struct profile_step {
    int32_t start_s;
    int32_t limit_ma; /* rating_ma where there is no limit */
};
/**
 * @param ret_step  at most max, neighbours differ
 * @return number of steps, >= 1 when duration_s > 0
 */
size_t profiles_composite(const struct profiles *profiles, const struct profile_use *use, size_t n,
                          int64_t from_ms, int32_t duration_s, int32_t rating_ma,
                          struct profile_step *ret_step, size_t max);

#endif
