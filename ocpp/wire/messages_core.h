/*
 * Messages of the feature profile Core.
 *
 * See messages.h for how values are represented.
 */
#ifndef OCPP_WIRE_MESSAGES_CORE_H
#define OCPP_WIRE_MESSAGES_CORE_H

#include "ocpp/wire/field.h"

/* IdTagInfo, OCPP 1.6 chapter 7. */
struct ocpp_id_tag_info {
    int64_t expiry_date_ms;
    const char *parent_id_tag; /* CiString20 */
    int32_t status;            /* OCPP_AUTH_* */
};

/* SampledValue, OCPP 1.6 chapter 7. */
struct ocpp_sampled_value {
    const char *value;          /* any length */
    int32_t context;            /* OCPP_CONTEXT_* */
    int32_t format;             /* OCPP_FORMAT_* */
    int32_t measurand;          /* OCPP_MEASURAND_* */
    const char *measurand_text; /* as received; not used for sending */
    int32_t phase;              /* OCPP_PHASE_* */
    int32_t location;           /* OCPP_LOCATION_* */
    int32_t unit;               /* OCPP_UNIT_* */
    const char *unit_text;      /* as received; not used for sending */
};

/* MeterValue, OCPP 1.6 chapter 7. */
struct ocpp_meter_value {
    int64_t timestamp_ms;
    const struct ocpp_sampled_value *sampled_value;
    size_t n_sampled_value;
};

/* KeyValue, OCPP 1.6 chapter 7. */
struct ocpp_configuration_key {
    const char *key; /* CiString50 */
    int8_t readonly;
    const char *value; /* CiString500 */
};

/* ChargingSchedulePeriod, OCPP 1.6 chapter 7. */
struct ocpp_charging_schedule_period {
    int32_t start_period;  /* >= 0 */
    int32_t limit_tenths;  /* >= 0 */
    int32_t number_phases; /* 1 to 3 */
};

/* ChargingSchedule, OCPP 1.6 chapter 7. */
struct ocpp_charging_schedule {
    int32_t duration; /* >= 0 */
    int64_t start_schedule_ms;
    int32_t charging_rate_unit; /* OCPP_RATE_UNIT_* */
    const struct ocpp_charging_schedule_period *charging_schedule_period;
    size_t n_charging_schedule_period;
    int32_t min_charging_rate_tenths; /* >= 0 */
};

/* ChargingProfile, OCPP 1.6 chapter 7. */
struct ocpp_charging_profile {
    int32_t charging_profile_id;
    int32_t transaction_id;
    int32_t stack_level;              /* >= 0 */
    int32_t charging_profile_purpose; /* OCPP_PURPOSE_* */
    int32_t charging_profile_kind;    /* OCPP_KIND_* */
    int32_t recurrency_kind;          /* OCPP_RECURRENCY_* */
    int64_t valid_from_ms;
    int64_t valid_to_ms;
    const struct ocpp_charging_schedule *charging_schedule;
};

/* Authorize.req, OCPP 1.6 section 6.1. */
struct ocpp_authorize_req {
    const char *id_tag; /* CiString20 */
};

/* Authorize.conf, OCPP 1.6 section 6.2. */
struct ocpp_authorize_conf {
    const struct ocpp_id_tag_info *id_tag_info;
};

/* BootNotification.req, OCPP 1.6 section 6.3. */
struct ocpp_boot_notification_req {
    const char *charge_point_vendor;        /* CiString20 */
    const char *charge_point_model;         /* CiString20 */
    const char *charge_point_serial_number; /* CiString25 */
    const char *charge_box_serial_number;   /* CiString25 */
    const char *firmware_version;           /* CiString50 */
    const char *iccid;                      /* CiString20 */
    const char *imsi;                       /* CiString20 */
    const char *meter_type;                 /* CiString25 */
    const char *meter_serial_number;        /* CiString25 */
};

/* BootNotification.conf, OCPP 1.6 section 6.4. */
struct ocpp_boot_notification_conf {
    int32_t status; /* OCPP_REGISTRATION_* */
    int64_t current_time_ms;
    int32_t interval; /* >= 0 */
};

/* ChangeAvailability.req, OCPP 1.6 section 6.7. */
struct ocpp_change_availability_req {
    int32_t connector_id; /* >= 0 */
    int32_t type;         /* OCPP_AVAILABILITY_TYPE_* */
};

/* ChangeAvailability.conf, OCPP 1.6 section 6.8. */
struct ocpp_change_availability_conf {
    int32_t status; /* OCPP_AVAILABILITY_STATUS_* */
};

/* ChangeConfiguration.req, OCPP 1.6 section 6.9. */
struct ocpp_change_configuration_req {
    const char *key;   /* CiString50 */
    const char *value; /* CiString500 */
};

/* ChangeConfiguration.conf, OCPP 1.6 section 6.10. */
struct ocpp_change_configuration_conf {
    int32_t status; /* OCPP_CONFIGURATION_STATUS_* */
};

/* ClearCache.req, OCPP 1.6 section 6.11. */
struct ocpp_clear_cache_req {
    char unused; /* the object has no members */
};

/* ClearCache.conf, OCPP 1.6 section 6.12. */
struct ocpp_clear_cache_conf {
    int32_t status; /* OCPP_CLEAR_CACHE_STATUS_* */
};

/* DataTransfer.req, OCPP 1.6 section 6.15. */
struct ocpp_data_transfer_req {
    const char *vendor_id;  /* CiString255 */
    const char *message_id; /* CiString50 */
    const char *data;       /* any length */
};

/* DataTransfer.conf, OCPP 1.6 section 6.16. */
struct ocpp_data_transfer_conf {
    int32_t status;   /* OCPP_DATA_TRANSFER_STATUS_* */
    const char *data; /* any length */
};

/* GetConfiguration.req, OCPP 1.6 section 6.23. */
struct ocpp_get_configuration_req {
    const char *const *key; /* CiString50 each */
    size_t n_key;
};

/* GetConfiguration.conf, OCPP 1.6 section 6.24. */
struct ocpp_get_configuration_conf {
    const struct ocpp_configuration_key *configuration_key;
    size_t n_configuration_key;
    const char *const *unknown_key; /* CiString50 each */
    size_t n_unknown_key;
};

/* Heartbeat.req, OCPP 1.6 section 6.29. */
struct ocpp_heartbeat_req {
    char unused; /* the object has no members */
};

/* Heartbeat.conf, OCPP 1.6 section 6.30. */
struct ocpp_heartbeat_conf {
    int64_t current_time_ms;
};

/* MeterValues.req, OCPP 1.6 section 6.31. */
struct ocpp_meter_values_req {
    int32_t connector_id; /* >= 0 */
    int32_t transaction_id;
    const struct ocpp_meter_value *meter_value;
    size_t n_meter_value;
};

/* MeterValues.conf, OCPP 1.6 section 6.32. */
struct ocpp_meter_values_conf {
    char unused; /* the object has no members */
};

/* RemoteStartTransaction.req, OCPP 1.6 section 6.33. */
struct ocpp_remote_start_transaction_req {
    int32_t connector_id; /* >= 1 */
    const char *id_tag;   /* CiString20 */
    const struct ocpp_charging_profile *charging_profile;
};

/* RemoteStartTransaction.conf, OCPP 1.6 section 6.34. */
struct ocpp_remote_start_transaction_conf {
    int32_t status; /* OCPP_REMOTE_START_STOP_STATUS_* */
};

/* RemoteStopTransaction.req, OCPP 1.6 section 6.35. */
struct ocpp_remote_stop_transaction_req {
    int32_t transaction_id;
};

/* RemoteStopTransaction.conf, OCPP 1.6 section 6.36. */
struct ocpp_remote_stop_transaction_conf {
    int32_t status; /* OCPP_REMOTE_START_STOP_STATUS_* */
};

/* Reset.req, OCPP 1.6 section 6.39. */
struct ocpp_reset_req {
    int32_t type; /* OCPP_RESET_TYPE_* */
};

/* Reset.conf, OCPP 1.6 section 6.40. */
struct ocpp_reset_conf {
    int32_t status; /* OCPP_RESET_STATUS_* */
};

/* StartTransaction.req, OCPP 1.6 section 6.45. */
struct ocpp_start_transaction_req {
    int32_t connector_id; /* >= 0 */
    const char *id_tag;   /* CiString20 */
    int32_t meter_start_wh;
    int32_t reservation_id;
    int64_t timestamp_ms;
};

/* StartTransaction.conf, OCPP 1.6 section 6.46. */
struct ocpp_start_transaction_conf {
    const struct ocpp_id_tag_info *id_tag_info;
    int32_t transaction_id;
};

/* StatusNotification.req, OCPP 1.6 section 6.47. */
struct ocpp_status_notification_req {
    int32_t connector_id; /* >= 0 */
    int32_t error_code;   /* OCPP_ERROR_CODE_* */
    const char *info;     /* CiString50 */
    int32_t status;       /* OCPP_STATUS_* */
    int64_t timestamp_ms;
    const char *vendor_id;         /* CiString255 */
    const char *vendor_error_code; /* CiString50 */
};

/* StatusNotification.conf, OCPP 1.6 section 6.48. */
struct ocpp_status_notification_conf {
    char unused; /* the object has no members */
};

/* StopTransaction.req, OCPP 1.6 section 6.49. */
struct ocpp_stop_transaction_req {
    const char *id_tag; /* CiString20 */
    int32_t meter_stop_wh;
    int64_t timestamp_ms;
    int32_t transaction_id;
    int32_t reason; /* OCPP_REASON_* */
    const struct ocpp_meter_value *transaction_data;
    size_t n_transaction_data;
};

/* StopTransaction.conf, OCPP 1.6 section 6.50. */
struct ocpp_stop_transaction_conf {
    const struct ocpp_id_tag_info *id_tag_info;
};

/* UnlockConnector.req, OCPP 1.6 section 6.53. */
struct ocpp_unlock_connector_req {
    int32_t connector_id; /* >= 1 */
};

/* UnlockConnector.conf, OCPP 1.6 section 6.54. */
struct ocpp_unlock_connector_conf {
    int32_t status; /* OCPP_UNLOCK_STATUS_* */
};

extern const struct ocpp_object ocpp_id_tag_info_object;
extern const struct ocpp_object ocpp_sampled_value_object;
extern const struct ocpp_object ocpp_meter_value_object;
extern const struct ocpp_object ocpp_configuration_key_object;
extern const struct ocpp_object ocpp_charging_schedule_period_object;
extern const struct ocpp_object ocpp_charging_schedule_object;
extern const struct ocpp_object ocpp_charging_profile_object;
extern const struct ocpp_object ocpp_authorize_req_object;
extern const struct ocpp_object ocpp_authorize_conf_object;
extern const struct ocpp_object ocpp_boot_notification_req_object;
extern const struct ocpp_object ocpp_boot_notification_conf_object;
extern const struct ocpp_object ocpp_change_availability_req_object;
extern const struct ocpp_object ocpp_change_availability_conf_object;
extern const struct ocpp_object ocpp_change_configuration_req_object;
extern const struct ocpp_object ocpp_change_configuration_conf_object;
extern const struct ocpp_object ocpp_clear_cache_req_object;
extern const struct ocpp_object ocpp_clear_cache_conf_object;
extern const struct ocpp_object ocpp_data_transfer_req_object;
extern const struct ocpp_object ocpp_data_transfer_conf_object;
extern const struct ocpp_object ocpp_get_configuration_req_object;
extern const struct ocpp_object ocpp_get_configuration_conf_object;
extern const struct ocpp_object ocpp_heartbeat_req_object;
extern const struct ocpp_object ocpp_heartbeat_conf_object;
extern const struct ocpp_object ocpp_meter_values_req_object;
extern const struct ocpp_object ocpp_meter_values_conf_object;
extern const struct ocpp_object ocpp_remote_start_transaction_req_object;
extern const struct ocpp_object ocpp_remote_start_transaction_conf_object;
extern const struct ocpp_object ocpp_remote_stop_transaction_req_object;
extern const struct ocpp_object ocpp_remote_stop_transaction_conf_object;
extern const struct ocpp_object ocpp_reset_req_object;
extern const struct ocpp_object ocpp_reset_conf_object;
extern const struct ocpp_object ocpp_start_transaction_req_object;
extern const struct ocpp_object ocpp_start_transaction_conf_object;
extern const struct ocpp_object ocpp_status_notification_req_object;
extern const struct ocpp_object ocpp_status_notification_conf_object;
extern const struct ocpp_object ocpp_stop_transaction_req_object;
extern const struct ocpp_object ocpp_stop_transaction_conf_object;
extern const struct ocpp_object ocpp_unlock_connector_req_object;
extern const struct ocpp_object ocpp_unlock_connector_conf_object;

#endif
