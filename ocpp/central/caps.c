/*
 * What a station can do, by the configuration keys it has reported: at its boot, or, after a
 * restart of the server, as they were stored.
 */
#include <stdlib.h>
#include <string.h>

#include "ocpp/central/state.h"
#include "ocpp/wire/config_keys.h"

static int32_t number_of(const char *value)
{
    char *end;
    long n = value != NULL ? strtol(value, &end, 10) : -1;
    return value != NULL && end != value && n >= 0 && n <= INT32_MAX ? (int32_t)n : -1;
}

void caps_init(struct station *s)
{
    s->room = (struct ocpp_profile_room){ .max_stack_level = -1,
                                          .max_periods = -1,
                                          .max_profiles = -1,
                                          .switches_phases = -1 };
    s->connection_time_out_s = 0;
}

void caps_take(struct station *s, const char *key, const char *value)
{
    s->keys_known = true;
    if (ocpp_ci_equal(key, "ChargeProfileMaxStackLevel"))
        s->room.max_stack_level = number_of(value);
    else if (ocpp_ci_equal(key, "ChargingScheduleMaxPeriods"))
        s->room.max_periods = number_of(value);
    else if (ocpp_ci_equal(key, "MaxChargingProfilesInstalled"))
        s->room.max_profiles = number_of(value);
    else if (ocpp_ci_equal(key, "ChargingScheduleAllowedChargingRateUnit"))
        ocpp_profile_units(value, &s->room);
    else if (ocpp_ci_equal(key, "ConnectorSwitch3to1PhaseSupported"))
        s->room.switches_phases = value == NULL ? -1 : ocpp_ci_equal(value, "true");
    else if (ocpp_ci_equal(key, "SupportedFeatureProfiles"))
        s->room.lacks_feature = value != NULL && !ocpp_list_has(value, "SmartCharging", 13);
    else if (ocpp_ci_equal(key, "ConnectionTimeOut"))
        s->connection_time_out_s = number_of(value) > 0 ? number_of(value) : 0;
}

void central_restore_key(struct central *c, const char *station, const char *key, const char *value)
{
    struct station *s = station_find(c, station);
    if (s != NULL)
        caps_take(s, key, value);
}

/* Ours are two for each connector: the safe current and the lease. */
void caps_judge(struct station *s)
{
    size_t balanced = 0;
    for (size_t i = 0; i < s->n_connectors; i++)
        balanced += s->connector[i]->point != SIZE_MAX;
    if (balanced > 0 && s->room.max_profiles >= 0 && (size_t)s->room.max_profiles < 2 * balanced)
        central_event(s->central, "station.profiles", STORE_WARNING, s->id, -1, s->central->now,
                      "MaxChargingProfilesInstalled is %d, load balancing needs %zu: some of its "
                      "limits may not be taken",
                      (int)s->room.max_profiles, 2 * balanced);
}
