/*
 * Tables of the feature profile Smart Charging.
 */
#include "ocpp/wire/messages.h"
#include "ocpp/wire/rows.h"

#define T struct ocpp_clear_charging_profile_req
static const struct ocpp_field clear_charging_profile_req_fields[] = {
    OCPP_OPT_INT(T, id, "id", -INT32_MAX, INT32_MAX),
    OCPP_OPT_INT(T, connector_id, "connectorId", 0, INT32_MAX),
    OCPP_OPT_ENUM(T, charging_profile_purpose, "chargingProfilePurpose", purpose),
    OCPP_OPT_INT(T, stack_level, "stackLevel", 0, INT32_MAX),
};
#undef T
OCPP_OBJECT_TABLE(clear_charging_profile_req, "ClearChargingProfile.req",
                  clear_charging_profile_req_fields, false);

#define T struct ocpp_clear_charging_profile_conf
static const struct ocpp_field clear_charging_profile_conf_fields[] = {
    OCPP_ENUM(T, status, "status", clear_charging_profile_status),
};
#undef T
OCPP_OBJECT_TABLE(clear_charging_profile_conf, "ClearChargingProfile.conf",
                  clear_charging_profile_conf_fields, true);

#define T struct ocpp_get_composite_schedule_req
static const struct ocpp_field get_composite_schedule_req_fields[] = {
    OCPP_INT(T, connector_id, "connectorId", 0, INT32_MAX),
    OCPP_INT(T, duration, "duration", 0, INT32_MAX),
    OCPP_OPT_ENUM(T, charging_rate_unit, "chargingRateUnit", rate_unit),
};
#undef T
OCPP_OBJECT_TABLE(get_composite_schedule_req, "GetCompositeSchedule.req",
                  get_composite_schedule_req_fields, false);

#define T struct ocpp_get_composite_schedule_conf
static const struct ocpp_field get_composite_schedule_conf_fields[] = {
    OCPP_ENUM(T, status, "status", get_composite_schedule_status),
    OCPP_OPT_INT(T, connector_id, "connectorId", 0, INT32_MAX),
    OCPP_OPT_TIME(T, schedule_start_ms, "scheduleStart"),
    OCPP_OPT_OBJECT(T, charging_schedule, "chargingSchedule", charging_schedule),
};
#undef T
OCPP_OBJECT_TABLE(get_composite_schedule_conf, "GetCompositeSchedule.conf",
                  get_composite_schedule_conf_fields, true);

#define T struct ocpp_set_charging_profile_req
static const struct ocpp_field set_charging_profile_req_fields[] = {
    OCPP_INT(T, connector_id, "connectorId", 0, INT32_MAX),
    OCPP_OBJECT(T, cs_charging_profiles, "csChargingProfiles", charging_profile),
};
#undef T
OCPP_OBJECT_TABLE(set_charging_profile_req, "SetChargingProfile.req",
                  set_charging_profile_req_fields, false);

#define T struct ocpp_set_charging_profile_conf
static const struct ocpp_field set_charging_profile_conf_fields[] = {
    OCPP_ENUM(T, status, "status", charging_profile_status),
};
#undef T
OCPP_OBJECT_TABLE(set_charging_profile_conf, "SetChargingProfile.conf",
                  set_charging_profile_conf_fields, true);
