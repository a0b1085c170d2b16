/*
 * Tables of the feature profile Security (white paper, edition 2).
 */
#include "ocpp/wire/messages.h"
#include "ocpp/wire/rows.h"

#define T struct ocpp_certificate_hash_data
static const struct ocpp_field certificate_hash_data_fields[] = {
    OCPP_ENUM(T, hash_algorithm, "hashAlgorithm", hash_algorithm),
    OCPP_STR(T, issuer_name_hash, "issuerNameHash", 128),
    OCPP_STR(T, issuer_key_hash, "issuerKeyHash", 128),
    OCPP_STR(T, serial_number, "serialNumber", 40),
};
#undef T
OCPP_OBJECT_TABLE(certificate_hash_data, "CertificateHashDataType", certificate_hash_data_fields,
                  false);

#define T struct ocpp_log_parameters
static const struct ocpp_field log_parameters_fields[] = {
    OCPP_STR(T, remote_location, "remoteLocation", 512),
    OCPP_OPT_TIME(T, oldest_timestamp_ms, "oldestTimestamp"),
    OCPP_OPT_TIME(T, latest_timestamp_ms, "latestTimestamp"),
};
#undef T
OCPP_OBJECT_TABLE(log_parameters, "LogParametersType", log_parameters_fields, false);

#define T struct ocpp_firmware
static const struct ocpp_field firmware_fields[] = {
    OCPP_STR(T, location, "location", 512),
    OCPP_TIME(T, retrieve_date_time_ms, "retrieveDateTime"),
    OCPP_OPT_TIME(T, install_date_time_ms, "installDateTime"),
    OCPP_STR(T, signing_certificate, "signingCertificate", 5500),
    OCPP_STR(T, signature, "signature", 800),
};
#undef T
OCPP_OBJECT_TABLE(firmware, "FirmwareType", firmware_fields, false);

#define T struct ocpp_certificate_signed_req
static const struct ocpp_field certificate_signed_req_fields[] = {
    OCPP_STR(T, certificate_chain, "certificateChain", 10000),
};
#undef T
OCPP_OBJECT_TABLE(certificate_signed_req, "CertificateSigned.req", certificate_signed_req_fields,
                  false);

#define T struct ocpp_certificate_signed_conf
static const struct ocpp_field certificate_signed_conf_fields[] = {
    OCPP_ENUM(T, status, "status", certificate_signed_status),
};
#undef T
OCPP_OBJECT_TABLE(certificate_signed_conf, "CertificateSigned.conf", certificate_signed_conf_fields,
                  true);

#define T struct ocpp_delete_certificate_req
static const struct ocpp_field delete_certificate_req_fields[] = {
    OCPP_OBJECT(T, certificate_hash_data, "certificateHashData", certificate_hash_data),
};
#undef T
OCPP_OBJECT_TABLE(delete_certificate_req, "DeleteCertificate.req", delete_certificate_req_fields,
                  false);

#define T struct ocpp_delete_certificate_conf
static const struct ocpp_field delete_certificate_conf_fields[] = {
    OCPP_ENUM(T, status, "status", delete_certificate_status),
};
#undef T
OCPP_OBJECT_TABLE(delete_certificate_conf, "DeleteCertificate.conf", delete_certificate_conf_fields,
                  true);

#define T struct ocpp_extended_trigger_message_req
static const struct ocpp_field extended_trigger_message_req_fields[] = {
    OCPP_ENUM(T, requested_message, "requestedMessage", extended_message_trigger),
    OCPP_OPT_INT(T, connector_id, "connectorId", 1, INT32_MAX),
};
#undef T
OCPP_OBJECT_TABLE(extended_trigger_message_req, "ExtendedTriggerMessage.req",
                  extended_trigger_message_req_fields, false);

#define T struct ocpp_extended_trigger_message_conf
static const struct ocpp_field extended_trigger_message_conf_fields[] = {
    OCPP_ENUM(T, status, "status", extended_trigger_message_status),
};
#undef T
OCPP_OBJECT_TABLE(extended_trigger_message_conf, "ExtendedTriggerMessage.conf",
                  extended_trigger_message_conf_fields, true);

#define T struct ocpp_get_installed_certificate_ids_req
static const struct ocpp_field get_installed_certificate_ids_req_fields[] = {
    OCPP_ENUM(T, certificate_type, "certificateType", certificate_use),
};
#undef T
OCPP_OBJECT_TABLE(get_installed_certificate_ids_req, "GetInstalledCertificateIds.req",
                  get_installed_certificate_ids_req_fields, false);

#define T struct ocpp_get_installed_certificate_ids_conf
static const struct ocpp_field get_installed_certificate_ids_conf_fields[] = {
    OCPP_OPT_LIST(T, certificate_hash_data, n_certificate_hash_data, "certificateHashData",
                  certificate_hash_data, 1),
    OCPP_ENUM(T, status, "status", get_installed_certificate_status),
};
#undef T
OCPP_OBJECT_TABLE(get_installed_certificate_ids_conf, "GetInstalledCertificateIds.conf",
                  get_installed_certificate_ids_conf_fields, true);

#define T struct ocpp_get_log_req
static const struct ocpp_field get_log_req_fields[] = {
    OCPP_OBJECT(T, log, "log", log_parameters),
    OCPP_ENUM(T, log_type, "logType", log_type),
    OCPP_INT(T, request_id, "requestId", -INT32_MAX, INT32_MAX),
    OCPP_OPT_INT(T, retries, "retries", 0, INT32_MAX),
    OCPP_OPT_INT(T, retry_interval, "retryInterval", 0, INT32_MAX),
};
#undef T
OCPP_OBJECT_TABLE(get_log_req, "GetLog.req", get_log_req_fields, false);

#define T struct ocpp_get_log_conf
static const struct ocpp_field get_log_conf_fields[] = {
    OCPP_ENUM(T, status, "status", log_status),
    OCPP_OPT_STR(T, filename, "filename", 255),
};
#undef T
OCPP_OBJECT_TABLE(get_log_conf, "GetLog.conf", get_log_conf_fields, true);

#define T struct ocpp_install_certificate_req
static const struct ocpp_field install_certificate_req_fields[] = {
    OCPP_ENUM(T, certificate_type, "certificateType", certificate_use),
    OCPP_STR(T, certificate, "certificate", 5500),
};
#undef T
OCPP_OBJECT_TABLE(install_certificate_req, "InstallCertificate.req", install_certificate_req_fields,
                  false);

#define T struct ocpp_install_certificate_conf
static const struct ocpp_field install_certificate_conf_fields[] = {
    OCPP_ENUM(T, status, "status", certificate_status),
};
#undef T
OCPP_OBJECT_TABLE(install_certificate_conf, "InstallCertificate.conf",
                  install_certificate_conf_fields, true);

#define T struct ocpp_log_status_notification_req
static const struct ocpp_field log_status_notification_req_fields[] = {
    OCPP_ENUM(T, status, "status", upload_log_status),
    OCPP_OPT_INT(T, request_id, "requestId", -INT32_MAX, INT32_MAX),
};
#undef T
OCPP_OBJECT_TABLE(log_status_notification_req, "LogStatusNotification.req",
                  log_status_notification_req_fields, false);

OCPP_EMPTY_TABLE(log_status_notification_conf, "LogStatusNotification.conf", false);

#define T struct ocpp_security_event_notification_req
static const struct ocpp_field security_event_notification_req_fields[] = {
    OCPP_STR(T, type, "type", 50),
    OCPP_TIME(T, timestamp_ms, "timestamp"),
    OCPP_OPT_STR(T, tech_info, "techInfo", 255),
};
#undef T
OCPP_OBJECT_TABLE(security_event_notification_req, "SecurityEventNotification.req",
                  security_event_notification_req_fields, false);

OCPP_EMPTY_TABLE(security_event_notification_conf, "SecurityEventNotification.conf", false);

#define T struct ocpp_sign_certificate_req
static const struct ocpp_field sign_certificate_req_fields[] = {
    OCPP_STR(T, csr, "csr", 5500),
};
#undef T
OCPP_OBJECT_TABLE(sign_certificate_req, "SignCertificate.req", sign_certificate_req_fields, false);

#define T struct ocpp_sign_certificate_conf
static const struct ocpp_field sign_certificate_conf_fields[] = {
    OCPP_ENUM(T, status, "status", generic_status),
};
#undef T
OCPP_OBJECT_TABLE(sign_certificate_conf, "SignCertificate.conf", sign_certificate_conf_fields,
                  false);

#define T struct ocpp_signed_firmware_status_notification_req
static const struct ocpp_field signed_firmware_status_notification_req_fields[] = {
    OCPP_ENUM(T, status, "status", signed_firmware_status),
    OCPP_OPT_INT(T, request_id, "requestId", -INT32_MAX, INT32_MAX),
};
#undef T
OCPP_OBJECT_TABLE(signed_firmware_status_notification_req, "SignedFirmwareStatusNotification.req",
                  signed_firmware_status_notification_req_fields, false);

OCPP_EMPTY_TABLE(signed_firmware_status_notification_conf, "SignedFirmwareStatusNotification.conf",
                 false);

#define T struct ocpp_signed_update_firmware_req
static const struct ocpp_field signed_update_firmware_req_fields[] = {
    OCPP_OPT_INT(T, retries, "retries", 0, INT32_MAX),
    OCPP_OPT_INT(T, retry_interval, "retryInterval", 0, INT32_MAX),
    OCPP_INT(T, request_id, "requestId", -INT32_MAX, INT32_MAX),
    OCPP_OBJECT(T, firmware, "firmware", firmware),
};
#undef T
OCPP_OBJECT_TABLE(signed_update_firmware_req, "SignedUpdateFirmware.req",
                  signed_update_firmware_req_fields, false);

#define T struct ocpp_signed_update_firmware_conf
static const struct ocpp_field signed_update_firmware_conf_fields[] = {
    OCPP_ENUM(T, status, "status", update_firmware_status),
};
#undef T
OCPP_OBJECT_TABLE(signed_update_firmware_conf, "SignedUpdateFirmware.conf",
                  signed_update_firmware_conf_fields, true);
