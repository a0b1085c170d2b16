/*
 * Tables of the feature profile Core.
 */
#include "ocpp/wire/messages.h"
#include "ocpp/wire/rows.h"

#define T struct ocpp_id_tag_info
static const struct ocpp_field id_tag_info_fields[] = {
    OCPP_OPT_TIME(T, expiry_date_ms, "expiryDate"),
    OCPP_OPT_STR(T, parent_id_tag, "parentIdTag", 20),
    OCPP_ENUM(T, status, "status", auth),
};
#undef T
OCPP_OBJECT_TABLE(id_tag_info, "IdTagInfo", id_tag_info_fields, false);

#define T struct ocpp_sampled_value
static const struct ocpp_field sampled_value_fields[] = {
    /* No limit: signed meter values are the longest texts there are. */
    OCPP_STR(T, value, "value", 0),
    OCPP_OPT_ENUM(T, context, "context", context),
    OCPP_OPT_ENUM(T, format, "format", format),
    OCPP_OPT_ENUM_TEXT(T, measurand, measurand_text, "measurand", measurand),
    OCPP_OPT_ENUM(T, phase, "phase", phase),
    OCPP_OPT_ENUM(T, location, "location", location),
    OCPP_OPT_ENUM_TEXT(T, unit, unit_text, "unit", unit),
};
#undef T
OCPP_OBJECT_TABLE(sampled_value, "SampledValue", sampled_value_fields, false);

#define T struct ocpp_meter_value
static const struct ocpp_field meter_value_fields[] = {
    OCPP_TIME(T, timestamp_ms, "timestamp"),
    OCPP_LIST(T, sampled_value, n_sampled_value, "sampledValue", sampled_value, 1),
};
#undef T
OCPP_OBJECT_TABLE(meter_value, "MeterValue", meter_value_fields, false);

#define T struct ocpp_configuration_key
static const struct ocpp_field configuration_key_fields[] = {
    OCPP_STR(T, key, "key", 50),
    OCPP_BOOL(T, readonly, "readonly"),
    OCPP_OPT_STR(T, value, "value", 500),
};
#undef T
OCPP_OBJECT_TABLE(configuration_key, "KeyValue", configuration_key_fields, false);

#define T struct ocpp_charging_schedule_period
static const struct ocpp_field charging_schedule_period_fields[] = {
    OCPP_INT(T, start_period, "startPeriod", 0, INT32_MAX),
    OCPP_TENTHS(T, limit_tenths, "limit", 0, INT32_MAX),
    OCPP_OPT_INT(T, number_phases, "numberPhases", 1, 3),
};
#undef T
OCPP_OBJECT_TABLE(charging_schedule_period, "ChargingSchedulePeriod",
                  charging_schedule_period_fields, false);

#define T struct ocpp_charging_schedule
static const struct ocpp_field charging_schedule_fields[] = {
    OCPP_OPT_INT(T, duration, "duration", 0, INT32_MAX),
    OCPP_OPT_TIME(T, start_schedule_ms, "startSchedule"),
    OCPP_ENUM(T, charging_rate_unit, "chargingRateUnit", rate_unit),
    OCPP_LIST(T, charging_schedule_period, n_charging_schedule_period, "chargingSchedulePeriod",
              charging_schedule_period, 1),
    OCPP_OPT_TENTHS(T, min_charging_rate_tenths, "minChargingRate", 0, INT32_MAX),
};
#undef T
OCPP_OBJECT_TABLE(charging_schedule, "ChargingSchedule", charging_schedule_fields, false);

#define T struct ocpp_charging_profile
static const struct ocpp_field charging_profile_fields[] = {
    OCPP_INT(T, charging_profile_id, "chargingProfileId", -INT32_MAX, INT32_MAX),
    OCPP_OPT_INT(T, transaction_id, "transactionId", -INT32_MAX, INT32_MAX),
    OCPP_INT(T, stack_level, "stackLevel", 0, INT32_MAX),
    OCPP_ENUM(T, charging_profile_purpose, "chargingProfilePurpose", purpose),
    OCPP_ENUM(T, charging_profile_kind, "chargingProfileKind", kind),
    OCPP_OPT_ENUM(T, recurrency_kind, "recurrencyKind", recurrency),
    OCPP_OPT_TIME(T, valid_from_ms, "validFrom"),
    OCPP_OPT_TIME(T, valid_to_ms, "validTo"),
    OCPP_OBJECT(T, charging_schedule, "chargingSchedule", charging_schedule),
};
#undef T
OCPP_OBJECT_TABLE(charging_profile, "ChargingProfile", charging_profile_fields, false);

#define T struct ocpp_authorize_req
static const struct ocpp_field authorize_req_fields[] = {
    OCPP_STR(T, id_tag, "idTag", 20),
};
#undef T
OCPP_OBJECT_TABLE(authorize_req, "Authorize.req", authorize_req_fields, false);

#define T struct ocpp_authorize_conf
static const struct ocpp_field authorize_conf_fields[] = {
    OCPP_OBJECT(T, id_tag_info, "idTagInfo", id_tag_info),
};
#undef T
OCPP_OBJECT_TABLE(authorize_conf, "Authorize.conf", authorize_conf_fields, false);

#define T struct ocpp_boot_notification_req
static const struct ocpp_field boot_notification_req_fields[] = {
    OCPP_STR(T, charge_point_vendor, "chargePointVendor", 20),
    OCPP_STR(T, charge_point_model, "chargePointModel", 20),
    OCPP_OPT_STR(T, charge_point_serial_number, "chargePointSerialNumber", 25),
    OCPP_OPT_STR(T, charge_box_serial_number, "chargeBoxSerialNumber", 25),
    OCPP_OPT_STR(T, firmware_version, "firmwareVersion", 50),
    OCPP_OPT_STR(T, iccid, "iccid", 20),
    OCPP_OPT_STR(T, imsi, "imsi", 20),
    OCPP_OPT_STR(T, meter_type, "meterType", 25),
    OCPP_OPT_STR(T, meter_serial_number, "meterSerialNumber", 25),
};
#undef T
OCPP_OBJECT_TABLE(boot_notification_req, "BootNotification.req", boot_notification_req_fields,
                  true);

#define T struct ocpp_boot_notification_conf
static const struct ocpp_field boot_notification_conf_fields[] = {
    OCPP_ENUM(T, status, "status", registration),
    OCPP_TIME(T, current_time_ms, "currentTime"),
    OCPP_INT(T, interval, "interval", 0, INT32_MAX),
};
#undef T
OCPP_OBJECT_TABLE(boot_notification_conf, "BootNotification.conf", boot_notification_conf_fields,
                  false);

#define T struct ocpp_change_availability_req
static const struct ocpp_field change_availability_req_fields[] = {
    OCPP_INT(T, connector_id, "connectorId", 0, INT32_MAX),
    OCPP_ENUM(T, type, "type", availability_type),
};
#undef T
OCPP_OBJECT_TABLE(change_availability_req, "ChangeAvailability.req", change_availability_req_fields,
                  false);

#define T struct ocpp_change_availability_conf
static const struct ocpp_field change_availability_conf_fields[] = {
    OCPP_ENUM(T, status, "status", availability_status),
};
#undef T
OCPP_OBJECT_TABLE(change_availability_conf, "ChangeAvailability.conf",
                  change_availability_conf_fields, true);

#define T struct ocpp_change_configuration_req
static const struct ocpp_field change_configuration_req_fields[] = {
    OCPP_STR(T, key, "key", 50),
    OCPP_STR(T, value, "value", 500),
};
#undef T
OCPP_OBJECT_TABLE(change_configuration_req, "ChangeConfiguration.req",
                  change_configuration_req_fields, false);

#define T struct ocpp_change_configuration_conf
static const struct ocpp_field change_configuration_conf_fields[] = {
    OCPP_ENUM(T, status, "status", configuration_status),
};
#undef T
OCPP_OBJECT_TABLE(change_configuration_conf, "ChangeConfiguration.conf",
                  change_configuration_conf_fields, true);

OCPP_EMPTY_TABLE(clear_cache_req, "ClearCache.req", false);

#define T struct ocpp_clear_cache_conf
static const struct ocpp_field clear_cache_conf_fields[] = {
    OCPP_ENUM(T, status, "status", clear_cache_status),
};
#undef T
OCPP_OBJECT_TABLE(clear_cache_conf, "ClearCache.conf", clear_cache_conf_fields, true);

#define T struct ocpp_data_transfer_req
static const struct ocpp_field data_transfer_req_fields[] = {
    OCPP_STR(T, vendor_id, "vendorId", 255),
    OCPP_OPT_STR(T, message_id, "messageId", 50),
    OCPP_OPT_ANY_TEXT(T, data, "data"),
};
#undef T
OCPP_OBJECT_TABLE(data_transfer_req, "DataTransfer.req", data_transfer_req_fields, false);

#define T struct ocpp_data_transfer_conf
static const struct ocpp_field data_transfer_conf_fields[] = {
    OCPP_ENUM(T, status, "status", data_transfer_status),
    OCPP_OPT_ANY_TEXT(T, data, "data"),
};
#undef T
OCPP_OBJECT_TABLE(data_transfer_conf, "DataTransfer.conf", data_transfer_conf_fields, true);

#define T struct ocpp_get_configuration_req
static const struct ocpp_field get_configuration_req_fields[] = {
    OCPP_OPT_STR_LIST(T, key, n_key, "key", 50),
};
#undef T
OCPP_OBJECT_TABLE(get_configuration_req, "GetConfiguration.req", get_configuration_req_fields,
                  false);

#define T struct ocpp_get_configuration_conf
static const struct ocpp_field get_configuration_conf_fields[] = {
    OCPP_OPT_LIST(T, configuration_key, n_configuration_key, "configurationKey", configuration_key,
                  0),
    OCPP_OPT_STR_LIST(T, unknown_key, n_unknown_key, "unknownKey", 50),
};
#undef T
OCPP_OBJECT_TABLE(get_configuration_conf, "GetConfiguration.conf", get_configuration_conf_fields,
                  true);

OCPP_EMPTY_TABLE(heartbeat_req, "Heartbeat.req", true);

#define T struct ocpp_heartbeat_conf
static const struct ocpp_field heartbeat_conf_fields[] = {
    OCPP_TIME(T, current_time_ms, "currentTime"),
};
#undef T
OCPP_OBJECT_TABLE(heartbeat_conf, "Heartbeat.conf", heartbeat_conf_fields, false);

#define T struct ocpp_meter_values_req
static const struct ocpp_field meter_values_req_fields[] = {
    OCPP_INT(T, connector_id, "connectorId", 0, INT32_MAX),
    OCPP_OPT_INT(T, transaction_id, "transactionId", -INT32_MAX, INT32_MAX),
    OCPP_LIST(T, meter_value, n_meter_value, "meterValue", meter_value, 1),
};
#undef T
OCPP_OBJECT_TABLE(meter_values_req, "MeterValues.req", meter_values_req_fields, true);

OCPP_EMPTY_TABLE(meter_values_conf, "MeterValues.conf", false);

#define T struct ocpp_remote_start_transaction_req
static const struct ocpp_field remote_start_transaction_req_fields[] = {
    OCPP_OPT_INT(T, connector_id, "connectorId", 1, INT32_MAX),
    OCPP_STR(T, id_tag, "idTag", 20),
    OCPP_OPT_OBJECT(T, charging_profile, "chargingProfile", charging_profile),
};
#undef T
OCPP_OBJECT_TABLE(remote_start_transaction_req, "RemoteStartTransaction.req",
                  remote_start_transaction_req_fields, false);

#define T struct ocpp_remote_start_transaction_conf
static const struct ocpp_field remote_start_transaction_conf_fields[] = {
    OCPP_ENUM(T, status, "status", remote_start_stop_status),
};
#undef T
OCPP_OBJECT_TABLE(remote_start_transaction_conf, "RemoteStartTransaction.conf",
                  remote_start_transaction_conf_fields, true);

#define T struct ocpp_remote_stop_transaction_req
static const struct ocpp_field remote_stop_transaction_req_fields[] = {
    OCPP_INT(T, transaction_id, "transactionId", -INT32_MAX, INT32_MAX),
};
#undef T
OCPP_OBJECT_TABLE(remote_stop_transaction_req, "RemoteStopTransaction.req",
                  remote_stop_transaction_req_fields, false);

#define T struct ocpp_remote_stop_transaction_conf
static const struct ocpp_field remote_stop_transaction_conf_fields[] = {
    OCPP_ENUM(T, status, "status", remote_start_stop_status),
};
#undef T
OCPP_OBJECT_TABLE(remote_stop_transaction_conf, "RemoteStopTransaction.conf",
                  remote_stop_transaction_conf_fields, true);

#define T struct ocpp_reset_req
static const struct ocpp_field reset_req_fields[] = {
    OCPP_ENUM(T, type, "type", reset_type),
};
#undef T
OCPP_OBJECT_TABLE(reset_req, "Reset.req", reset_req_fields, false);

#define T struct ocpp_reset_conf
static const struct ocpp_field reset_conf_fields[] = {
    OCPP_ENUM(T, status, "status", reset_status),
};
#undef T
OCPP_OBJECT_TABLE(reset_conf, "Reset.conf", reset_conf_fields, true);

#define T struct ocpp_start_transaction_req
static const struct ocpp_field start_transaction_req_fields[] = {
    /* The standard says > 0; what to do with a station that says 0 is not decided here. */
    OCPP_INT(T, connector_id, "connectorId", 0, INT32_MAX),
    OCPP_STR(T, id_tag, "idTag", 20),
    OCPP_INT(T, meter_start_wh, "meterStart", -INT32_MAX, INT32_MAX),
    OCPP_OPT_INT(T, reservation_id, "reservationId", -INT32_MAX, INT32_MAX),
    OCPP_TIME(T, timestamp_ms, "timestamp"),
};
#undef T
OCPP_OBJECT_TABLE(start_transaction_req, "StartTransaction.req", start_transaction_req_fields,
                  true);

#define T struct ocpp_start_transaction_conf
static const struct ocpp_field start_transaction_conf_fields[] = {
    OCPP_OBJECT(T, id_tag_info, "idTagInfo", id_tag_info),
    OCPP_INT(T, transaction_id, "transactionId", -INT32_MAX, INT32_MAX),
};
#undef T
OCPP_OBJECT_TABLE(start_transaction_conf, "StartTransaction.conf", start_transaction_conf_fields,
                  false);

#define T struct ocpp_status_notification_req
static const struct ocpp_field status_notification_req_fields[] = {
    OCPP_INT(T, connector_id, "connectorId", 0, INT32_MAX),
    OCPP_ENUM(T, error_code, "errorCode", error_code),
    OCPP_OPT_STR(T, info, "info", 50),
    OCPP_ENUM(T, status, "status", status),
    OCPP_OPT_TIME(T, timestamp_ms, "timestamp"),
    OCPP_OPT_STR(T, vendor_id, "vendorId", 255),
    OCPP_OPT_STR(T, vendor_error_code, "vendorErrorCode", 50),
};
#undef T
OCPP_OBJECT_TABLE(status_notification_req, "StatusNotification.req", status_notification_req_fields,
                  false);

OCPP_EMPTY_TABLE(status_notification_conf, "StatusNotification.conf", false);

#define T struct ocpp_stop_transaction_req
static const struct ocpp_field stop_transaction_req_fields[] = {
    OCPP_OPT_STR(T, id_tag, "idTag", 20),
    OCPP_INT(T, meter_stop_wh, "meterStop", -INT32_MAX, INT32_MAX),
    OCPP_TIME(T, timestamp_ms, "timestamp"),
    OCPP_INT(T, transaction_id, "transactionId", -INT32_MAX, INT32_MAX),
    /* Absent means Local (section 4.10). */
    OCPP_OPT_ENUM(T, reason, "reason", reason),
    OCPP_OPT_LIST(T, transaction_data, n_transaction_data, "transactionData", meter_value, 0),
};
#undef T
OCPP_OBJECT_TABLE(stop_transaction_req, "StopTransaction.req", stop_transaction_req_fields, true);

#define T struct ocpp_stop_transaction_conf
static const struct ocpp_field stop_transaction_conf_fields[] = {
    OCPP_OPT_OBJECT(T, id_tag_info, "idTagInfo", id_tag_info),
};
#undef T
OCPP_OBJECT_TABLE(stop_transaction_conf, "StopTransaction.conf", stop_transaction_conf_fields,
                  false);

#define T struct ocpp_unlock_connector_req
static const struct ocpp_field unlock_connector_req_fields[] = {
    OCPP_INT(T, connector_id, "connectorId", 1, INT32_MAX),
};
#undef T
OCPP_OBJECT_TABLE(unlock_connector_req, "UnlockConnector.req", unlock_connector_req_fields, false);

#define T struct ocpp_unlock_connector_conf
static const struct ocpp_field unlock_connector_conf_fields[] = {
    OCPP_ENUM(T, status, "status", unlock_status),
};
#undef T
OCPP_OBJECT_TABLE(unlock_connector_conf, "UnlockConnector.conf", unlock_connector_conf_fields,
                  true);
