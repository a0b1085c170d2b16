/*
 * Messages of the feature profile Firmware Management.
 *
 * See messages.h for how values are represented.
 */
#ifndef OCPP_WIRE_MESSAGES_FIRMWARE_H
#define OCPP_WIRE_MESSAGES_FIRMWARE_H

#include "ocpp/wire/field.h"

/* DiagnosticsStatusNotification.req, OCPP 1.6 section 6.17. */
struct ocpp_diagnostics_status_notification_req {
    int32_t status; /* OCPP_DIAGNOSTICS_STATUS_* */
};

/* DiagnosticsStatusNotification.conf, OCPP 1.6 section 6.18. */
struct ocpp_diagnostics_status_notification_conf {
    char unused; /* the object has no members */
};

/* FirmwareStatusNotification.req, OCPP 1.6 section 6.19. */
struct ocpp_firmware_status_notification_req {
    int32_t status; /* OCPP_FIRMWARE_STATUS_* */
};

/* FirmwareStatusNotification.conf, OCPP 1.6 section 6.20. */
struct ocpp_firmware_status_notification_conf {
    char unused; /* the object has no members */
};

/* GetDiagnostics.req, OCPP 1.6 section 6.25. */
struct ocpp_get_diagnostics_req {
    const char *location;   /* any length */
    int32_t retries;        /* >= 0 */
    int32_t retry_interval; /* >= 0 */
    int64_t start_time_ms;
    int64_t stop_time_ms;
};

/* GetDiagnostics.conf, OCPP 1.6 section 6.26. */
struct ocpp_get_diagnostics_conf {
    const char *file_name; /* CiString255 */
};

/* UpdateFirmware.req, OCPP 1.6 section 6.55. */
struct ocpp_update_firmware_req {
    const char *location; /* any length */
    int32_t retries;      /* >= 0 */
    int64_t retrieve_date_ms;
    int32_t retry_interval; /* >= 0 */
};

/* UpdateFirmware.conf, OCPP 1.6 section 6.56. */
struct ocpp_update_firmware_conf {
    char unused; /* the object has no members */
};

extern const struct ocpp_object ocpp_diagnostics_status_notification_req_object;
extern const struct ocpp_object ocpp_diagnostics_status_notification_conf_object;
extern const struct ocpp_object ocpp_firmware_status_notification_req_object;
extern const struct ocpp_object ocpp_firmware_status_notification_conf_object;
extern const struct ocpp_object ocpp_get_diagnostics_req_object;
extern const struct ocpp_object ocpp_get_diagnostics_conf_object;
extern const struct ocpp_object ocpp_update_firmware_req_object;
extern const struct ocpp_object ocpp_update_firmware_conf_object;

#endif
