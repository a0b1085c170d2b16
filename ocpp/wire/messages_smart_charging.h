/*
 * Messages of the feature profile Smart Charging.
 *
 * See messages.h for how values are represented.
 */
#ifndef OCPP_WIRE_MESSAGES_SMART_CHARGING_H
#define OCPP_WIRE_MESSAGES_SMART_CHARGING_H

#include "ocpp/wire/field.h"
#include "ocpp/wire/messages_core.h"

/* ClearChargingProfile.req, OCPP 1.6 section 6.13. */
struct ocpp_clear_charging_profile_req {
    int32_t id;
    int32_t connector_id;             /* >= 0 */
    int32_t charging_profile_purpose; /* OCPP_PURPOSE_* */
    int32_t stack_level;              /* >= 0 */
};

/* ClearChargingProfile.conf, OCPP 1.6 section 6.14. */
struct ocpp_clear_charging_profile_conf {
    int32_t status; /* OCPP_CLEAR_CHARGING_PROFILE_STATUS_* */
};

/* GetCompositeSchedule.req, OCPP 1.6 section 6.21. */
struct ocpp_get_composite_schedule_req {
    int32_t connector_id;       /* >= 0 */
    int32_t duration;           /* >= 0 */
    int32_t charging_rate_unit; /* OCPP_RATE_UNIT_* */
};

/* GetCompositeSchedule.conf, OCPP 1.6 section 6.22. */
struct ocpp_get_composite_schedule_conf {
    int32_t status;       /* OCPP_GET_COMPOSITE_SCHEDULE_STATUS_* */
    int32_t connector_id; /* >= 0 */
    int64_t schedule_start_ms;
    const struct ocpp_charging_schedule *charging_schedule;
};

/* SetChargingProfile.req, OCPP 1.6 section 6.43. */
struct ocpp_set_charging_profile_req {
    int32_t connector_id; /* >= 0 */
    const struct ocpp_charging_profile *cs_charging_profiles;
};

/* SetChargingProfile.conf, OCPP 1.6 section 6.44. */
struct ocpp_set_charging_profile_conf {
    int32_t status; /* OCPP_CHARGING_PROFILE_STATUS_* */
};

extern const struct ocpp_object ocpp_clear_charging_profile_req_object;
extern const struct ocpp_object ocpp_clear_charging_profile_conf_object;
extern const struct ocpp_object ocpp_get_composite_schedule_req_object;
extern const struct ocpp_object ocpp_get_composite_schedule_conf_object;
extern const struct ocpp_object ocpp_set_charging_profile_req_object;
extern const struct ocpp_object ocpp_set_charging_profile_conf_object;

#endif
