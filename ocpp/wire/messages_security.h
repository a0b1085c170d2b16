/*
 * Messages of the feature profile Security (white paper, edition 2).
 *
 * See messages.h for how values are represented.
 */
#ifndef OCPP_WIRE_MESSAGES_SECURITY_H
#define OCPP_WIRE_MESSAGES_SECURITY_H

#include "ocpp/wire/field.h"

/* CertificateHashDataType. */
struct ocpp_certificate_hash_data {
    int32_t hash_algorithm;       /* OCPP_HASH_ALGORITHM_* */
    const char *issuer_name_hash; /* at most 128 */
    const char *issuer_key_hash;  /* at most 128 */
    const char *serial_number;    /* at most 40 */
};

/* LogParametersType. */
struct ocpp_log_parameters {
    const char *remote_location; /* at most 512 */
    int64_t oldest_timestamp_ms;
    int64_t latest_timestamp_ms;
};

/* FirmwareType. */
struct ocpp_firmware {
    const char *location; /* at most 512 */
    int64_t retrieve_date_time_ms;
    int64_t install_date_time_ms;
    const char *signing_certificate; /* at most 5500 */
    const char *signature;           /* at most 800 */
};

/* CertificateSigned.req, white paper A02. */
struct ocpp_certificate_signed_req {
    const char *certificate_chain; /* at most 10000 */
};

/* CertificateSigned.conf, white paper A02. */
struct ocpp_certificate_signed_conf {
    int32_t status; /* OCPP_CERTIFICATE_SIGNED_STATUS_* */
};

/* DeleteCertificate.req, white paper M04. */
struct ocpp_delete_certificate_req {
    const struct ocpp_certificate_hash_data *certificate_hash_data;
};

/* DeleteCertificate.conf, white paper M04. */
struct ocpp_delete_certificate_conf {
    int32_t status; /* OCPP_DELETE_CERTIFICATE_STATUS_* */
};

/* ExtendedTriggerMessage.req, white paper A02. */
struct ocpp_extended_trigger_message_req {
    int32_t requested_message; /* OCPP_EXTENDED_MESSAGE_TRIGGER_* */
    int32_t connector_id;      /* >= 1 */
};

/* ExtendedTriggerMessage.conf, white paper A02. */
struct ocpp_extended_trigger_message_conf {
    int32_t status; /* OCPP_EXTENDED_TRIGGER_MESSAGE_STATUS_* */
};

/* GetInstalledCertificateIds.req, white paper M03. */
struct ocpp_get_installed_certificate_ids_req {
    int32_t certificate_type; /* OCPP_CERTIFICATE_USE_* */
};

/* GetInstalledCertificateIds.conf, white paper M03. */
struct ocpp_get_installed_certificate_ids_conf {
    const struct ocpp_certificate_hash_data *certificate_hash_data;
    size_t n_certificate_hash_data;
    int32_t status; /* OCPP_GET_INSTALLED_CERTIFICATE_STATUS_* */
};

/* GetLog.req, white paper N01. */
struct ocpp_get_log_req {
    const struct ocpp_log_parameters *log;
    int32_t log_type; /* OCPP_LOG_TYPE_* */
    int32_t request_id;
    int32_t retries;        /* >= 0 */
    int32_t retry_interval; /* >= 0 */
};

/* GetLog.conf, white paper N01. */
struct ocpp_get_log_conf {
    int32_t status;       /* OCPP_LOG_STATUS_* */
    const char *filename; /* at most 255 */
};

/* InstallCertificate.req, white paper M05. */
struct ocpp_install_certificate_req {
    int32_t certificate_type; /* OCPP_CERTIFICATE_USE_* */
    const char *certificate;  /* at most 5500 */
};

/* InstallCertificate.conf, white paper M05. */
struct ocpp_install_certificate_conf {
    int32_t status; /* OCPP_CERTIFICATE_STATUS_* */
};

/* LogStatusNotification.req, white paper N01. */
struct ocpp_log_status_notification_req {
    int32_t status; /* OCPP_UPLOAD_LOG_STATUS_* */
    int32_t request_id;
};

/* LogStatusNotification.conf, white paper N01. */
struct ocpp_log_status_notification_conf {
    char unused; /* the object has no members */
};

/* SecurityEventNotification.req, white paper A04. */
struct ocpp_security_event_notification_req {
    const char *type; /* at most 50 */
    int64_t timestamp_ms;
    const char *tech_info; /* at most 255 */
};

/* SecurityEventNotification.conf, white paper A04. */
struct ocpp_security_event_notification_conf {
    char unused; /* the object has no members */
};

/* SignCertificate.req, white paper A02. */
struct ocpp_sign_certificate_req {
    const char *csr; /* at most 5500 */
};

/* SignCertificate.conf, white paper A02. */
struct ocpp_sign_certificate_conf {
    int32_t status; /* OCPP_GENERIC_STATUS_* */
};

/* SignedFirmwareStatusNotification.req, white paper L01. */
struct ocpp_signed_firmware_status_notification_req {
    int32_t status; /* OCPP_SIGNED_FIRMWARE_STATUS_* */
    int32_t request_id;
};

/* SignedFirmwareStatusNotification.conf, white paper L01. */
struct ocpp_signed_firmware_status_notification_conf {
    char unused; /* the object has no members */
};

/* SignedUpdateFirmware.req, white paper L01. */
struct ocpp_signed_update_firmware_req {
    int32_t retries;        /* >= 0 */
    int32_t retry_interval; /* >= 0 */
    int32_t request_id;
    const struct ocpp_firmware *firmware;
};

/* SignedUpdateFirmware.conf, white paper L01. */
struct ocpp_signed_update_firmware_conf {
    int32_t status; /* OCPP_UPDATE_FIRMWARE_STATUS_* */
};

extern const struct ocpp_object ocpp_certificate_hash_data_object;
extern const struct ocpp_object ocpp_log_parameters_object;
extern const struct ocpp_object ocpp_firmware_object;
extern const struct ocpp_object ocpp_certificate_signed_req_object;
extern const struct ocpp_object ocpp_certificate_signed_conf_object;
extern const struct ocpp_object ocpp_delete_certificate_req_object;
extern const struct ocpp_object ocpp_delete_certificate_conf_object;
extern const struct ocpp_object ocpp_extended_trigger_message_req_object;
extern const struct ocpp_object ocpp_extended_trigger_message_conf_object;
extern const struct ocpp_object ocpp_get_installed_certificate_ids_req_object;
extern const struct ocpp_object ocpp_get_installed_certificate_ids_conf_object;
extern const struct ocpp_object ocpp_get_log_req_object;
extern const struct ocpp_object ocpp_get_log_conf_object;
extern const struct ocpp_object ocpp_install_certificate_req_object;
extern const struct ocpp_object ocpp_install_certificate_conf_object;
extern const struct ocpp_object ocpp_log_status_notification_req_object;
extern const struct ocpp_object ocpp_log_status_notification_conf_object;
extern const struct ocpp_object ocpp_security_event_notification_req_object;
extern const struct ocpp_object ocpp_security_event_notification_conf_object;
extern const struct ocpp_object ocpp_sign_certificate_req_object;
extern const struct ocpp_object ocpp_sign_certificate_conf_object;
extern const struct ocpp_object ocpp_signed_firmware_status_notification_req_object;
extern const struct ocpp_object ocpp_signed_firmware_status_notification_conf_object;
extern const struct ocpp_object ocpp_signed_update_firmware_req_object;
extern const struct ocpp_object ocpp_signed_update_firmware_conf_object;

#endif
