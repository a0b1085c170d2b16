/*
 * Tables of the feature profile Firmware Management.
 */
#include "ocpp/wire/messages.h"
#include "ocpp/wire/rows.h"

#define T struct ocpp_diagnostics_status_notification_req
static const struct ocpp_field diagnostics_status_notification_req_fields[] = {
    OCPP_ENUM(T, status, "status", diagnostics_status),
};
#undef T
OCPP_OBJECT_TABLE(diagnostics_status_notification_req, "DiagnosticsStatusNotification.req",
                  diagnostics_status_notification_req_fields, false);

OCPP_EMPTY_TABLE(diagnostics_status_notification_conf, "DiagnosticsStatusNotification.conf", false);

#define T struct ocpp_firmware_status_notification_req
static const struct ocpp_field firmware_status_notification_req_fields[] = {
    OCPP_ENUM(T, status, "status", firmware_status),
};
#undef T
OCPP_OBJECT_TABLE(firmware_status_notification_req, "FirmwareStatusNotification.req",
                  firmware_status_notification_req_fields, false);

OCPP_EMPTY_TABLE(firmware_status_notification_conf, "FirmwareStatusNotification.conf", false);

#define T struct ocpp_get_diagnostics_req
static const struct ocpp_field get_diagnostics_req_fields[] = {
    OCPP_STR(T, location, "location", 0),
    OCPP_OPT_INT(T, retries, "retries", 0, INT32_MAX),
    OCPP_OPT_INT(T, retry_interval, "retryInterval", 0, INT32_MAX),
    OCPP_OPT_TIME(T, start_time_ms, "startTime"),
    OCPP_OPT_TIME(T, stop_time_ms, "stopTime"),
};
#undef T
OCPP_OBJECT_TABLE(get_diagnostics_req, "GetDiagnostics.req", get_diagnostics_req_fields, false);

#define T struct ocpp_get_diagnostics_conf
static const struct ocpp_field get_diagnostics_conf_fields[] = {
    OCPP_OPT_STR(T, file_name, "fileName", 255),
};
#undef T
OCPP_OBJECT_TABLE(get_diagnostics_conf, "GetDiagnostics.conf", get_diagnostics_conf_fields, true);

#define T struct ocpp_update_firmware_req
static const struct ocpp_field update_firmware_req_fields[] = {
    OCPP_STR(T, location, "location", 0),
    OCPP_OPT_INT(T, retries, "retries", 0, INT32_MAX),
    OCPP_TIME(T, retrieve_date_ms, "retrieveDate"),
    OCPP_OPT_INT(T, retry_interval, "retryInterval", 0, INT32_MAX),
};
#undef T
OCPP_OBJECT_TABLE(update_firmware_req, "UpdateFirmware.req", update_firmware_req_fields, false);

OCPP_EMPTY_TABLE(update_firmware_conf, "UpdateFirmware.conf", true);
