/*
 * Enumerations of OCPP 1.6 and of the security white paper.
 *
 * In the structs an enum is an int32_t: 0 = absent, 1..n = member, OCPP_ENUM_UNKNOWN = text that is
 * no member (received messages only).
 */
#ifndef OCPP_WIRE_ENUMS_H
#define OCPP_WIRE_ENUMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { OCPP_ENUM_UNKNOWN = -1 };

/* Another spelling seen on the wire. */
struct ocpp_alias {
    const char *text;
    int32_t value;
    bool legal; /* in the schemas too, so not counted as a deviation */
};

struct ocpp_enum {
    const char *name;         /* of the type in the standard */
    const char *const *texts; /* texts[value - 1] */
    int32_t n;                /* members of the standard: these may be sent */
    int32_t n_known;          /* >= n: members after n are only received */
    const struct ocpp_alias *aliases;
    size_t n_aliases;
};

/** @return the text of the standard; NULL if value is no member (0, OCPP_ENUM_UNKNOWN, ...) */
const char *ocpp_enum_text(const struct ocpp_enum *members, int32_t value);

/** @return the member with exactly this text or OCPP_ENUM_UNKNOWN; 0 for NULL */
int32_t ocpp_enum_value(const struct ocpp_enum *members, const char *text);

/**
 * The same for text of stations: without regard to case, surrounding blanks, known misspellings.
 *
 * @param ret_exact  true if the text was a legal spelling
 */
int32_t ocpp_enum_read(const struct ocpp_enum *members, const char *text, bool *ret_exact);

/* AuthorizationStatus */
enum ocpp_auth {
    OCPP_AUTH_ACCEPTED = 1,
    OCPP_AUTH_BLOCKED,
    OCPP_AUTH_EXPIRED,
    OCPP_AUTH_INVALID,
    OCPP_AUTH_CONCURRENT_TX,
};

/* RegistrationStatus */
enum ocpp_registration {
    OCPP_REGISTRATION_ACCEPTED = 1,
    OCPP_REGISTRATION_PENDING,
    OCPP_REGISTRATION_REJECTED,
};

/* AvailabilityType */
enum ocpp_availability_type {
    OCPP_AVAILABILITY_TYPE_INOPERATIVE = 1,
    OCPP_AVAILABILITY_TYPE_OPERATIVE,
};

/* AvailabilityStatus */
enum ocpp_availability_status {
    OCPP_AVAILABILITY_STATUS_ACCEPTED = 1,
    OCPP_AVAILABILITY_STATUS_REJECTED,
    OCPP_AVAILABILITY_STATUS_SCHEDULED,
};

/* ConfigurationStatus */
enum ocpp_configuration_status {
    OCPP_CONFIGURATION_STATUS_ACCEPTED = 1,
    OCPP_CONFIGURATION_STATUS_REJECTED,
    OCPP_CONFIGURATION_STATUS_REBOOT_REQUIRED,
    OCPP_CONFIGURATION_STATUS_NOT_SUPPORTED,
};

/* ClearCacheStatus */
enum ocpp_clear_cache_status {
    OCPP_CLEAR_CACHE_STATUS_ACCEPTED = 1,
    OCPP_CLEAR_CACHE_STATUS_REJECTED,
};

/* DataTransferStatus */
enum ocpp_data_transfer_status {
    OCPP_DATA_TRANSFER_STATUS_ACCEPTED = 1,
    OCPP_DATA_TRANSFER_STATUS_REJECTED,
    OCPP_DATA_TRANSFER_STATUS_UNKNOWN_MESSAGE_ID,
    OCPP_DATA_TRANSFER_STATUS_UNKNOWN_VENDOR_ID,
};

/* ReadingContext */
enum ocpp_context {
    OCPP_CONTEXT_INTERRUPTION_BEGIN = 1,
    OCPP_CONTEXT_INTERRUPTION_END,
    OCPP_CONTEXT_SAMPLE_CLOCK,
    OCPP_CONTEXT_SAMPLE_PERIODIC,
    OCPP_CONTEXT_TRANSACTION_BEGIN,
    OCPP_CONTEXT_TRANSACTION_END,
    OCPP_CONTEXT_TRIGGER,
    OCPP_CONTEXT_OTHER,
};

/* ValueFormat */
enum ocpp_format {
    OCPP_FORMAT_RAW = 1,
    OCPP_FORMAT_SIGNED_DATA,
};

/* Measurand */
enum ocpp_measurand {
    OCPP_MEASURAND_ENERGY_ACTIVE_EXPORT_REGISTER = 1,
    OCPP_MEASURAND_ENERGY_ACTIVE_IMPORT_REGISTER,
    OCPP_MEASURAND_ENERGY_REACTIVE_EXPORT_REGISTER,
    OCPP_MEASURAND_ENERGY_REACTIVE_IMPORT_REGISTER,
    OCPP_MEASURAND_ENERGY_ACTIVE_EXPORT_INTERVAL,
    OCPP_MEASURAND_ENERGY_ACTIVE_IMPORT_INTERVAL,
    OCPP_MEASURAND_ENERGY_REACTIVE_EXPORT_INTERVAL,
    OCPP_MEASURAND_ENERGY_REACTIVE_IMPORT_INTERVAL,
    OCPP_MEASURAND_POWER_ACTIVE_EXPORT,
    OCPP_MEASURAND_POWER_ACTIVE_IMPORT,
    OCPP_MEASURAND_POWER_OFFERED,
    OCPP_MEASURAND_POWER_REACTIVE_EXPORT,
    OCPP_MEASURAND_POWER_REACTIVE_IMPORT,
    OCPP_MEASURAND_POWER_FACTOR,
    OCPP_MEASURAND_CURRENT_IMPORT,
    OCPP_MEASURAND_CURRENT_EXPORT,
    OCPP_MEASURAND_CURRENT_OFFERED,
    OCPP_MEASURAND_VOLTAGE,
    OCPP_MEASURAND_FREQUENCY,
    OCPP_MEASURAND_TEMPERATURE,
    OCPP_MEASURAND_SOC,
    OCPP_MEASURAND_RPM,
};

/* Phase */
enum ocpp_phase {
    OCPP_PHASE_L1 = 1,
    OCPP_PHASE_L2,
    OCPP_PHASE_L3,
    OCPP_PHASE_N,
    OCPP_PHASE_L1_N,
    OCPP_PHASE_L2_N,
    OCPP_PHASE_L3_N,
    OCPP_PHASE_L1_L2,
    OCPP_PHASE_L2_L3,
    OCPP_PHASE_L3_L1,
};

/* Location */
enum ocpp_location {
    OCPP_LOCATION_CABLE = 1,
    OCPP_LOCATION_EV,
    OCPP_LOCATION_INLET,
    OCPP_LOCATION_OUTLET,
    OCPP_LOCATION_BODY,
};

/* UnitOfMeasure */
enum ocpp_unit {
    OCPP_UNIT_WH = 1,
    OCPP_UNIT_KWH,
    OCPP_UNIT_VARH,
    OCPP_UNIT_KVARH,
    OCPP_UNIT_W,
    OCPP_UNIT_KW,
    OCPP_UNIT_VA,
    OCPP_UNIT_KVA,
    OCPP_UNIT_VAR,
    OCPP_UNIT_KVAR,
    OCPP_UNIT_A,
    OCPP_UNIT_V,
    OCPP_UNIT_K,
    OCPP_UNIT_CELSIUS,
    OCPP_UNIT_FAHRENHEIT,
    OCPP_UNIT_PERCENT,
    OCPP_UNIT_HERTZ, /* received only */
};

/* ChargingProfilePurposeType */
enum ocpp_purpose {
    OCPP_PURPOSE_CHARGE_POINT_MAX_PROFILE = 1,
    OCPP_PURPOSE_TX_DEFAULT_PROFILE,
    OCPP_PURPOSE_TX_PROFILE,
};

/* ChargingProfileKindType */
enum ocpp_kind {
    OCPP_KIND_ABSOLUTE = 1,
    OCPP_KIND_RECURRING,
    OCPP_KIND_RELATIVE,
};

/* RecurrencyKindType */
enum ocpp_recurrency {
    OCPP_RECURRENCY_DAILY = 1,
    OCPP_RECURRENCY_WEEKLY,
};

/* ChargingRateUnitType */
enum ocpp_rate_unit {
    OCPP_RATE_UNIT_A = 1,
    OCPP_RATE_UNIT_W,
};

/* RemoteStartStopStatus */
enum ocpp_remote_start_stop_status {
    OCPP_REMOTE_START_STOP_STATUS_ACCEPTED = 1,
    OCPP_REMOTE_START_STOP_STATUS_REJECTED,
};

/* ResetType */
enum ocpp_reset_type {
    OCPP_RESET_TYPE_HARD = 1,
    OCPP_RESET_TYPE_SOFT,
};

/* ResetStatus */
enum ocpp_reset_status {
    OCPP_RESET_STATUS_ACCEPTED = 1,
    OCPP_RESET_STATUS_REJECTED,
};

/* ChargePointErrorCode */
enum ocpp_charge_point_error_code {
    OCPP_ERROR_CODE_CONNECTOR_LOCK_FAILURE = 1,
    OCPP_ERROR_CODE_EV_COMMUNICATION_ERROR,
    OCPP_ERROR_CODE_GROUND_FAILURE,
    OCPP_ERROR_CODE_HIGH_TEMPERATURE,
    OCPP_ERROR_CODE_INTERNAL_ERROR,
    OCPP_ERROR_CODE_LOCAL_LIST_CONFLICT,
    OCPP_ERROR_CODE_NO_ERROR,
    OCPP_ERROR_CODE_OTHER_ERROR,
    OCPP_ERROR_CODE_OVER_CURRENT_FAILURE,
    OCPP_ERROR_CODE_POWER_METER_FAILURE,
    OCPP_ERROR_CODE_POWER_SWITCH_FAILURE,
    OCPP_ERROR_CODE_READER_FAILURE,
    OCPP_ERROR_CODE_RESET_FAILURE,
    OCPP_ERROR_CODE_UNDER_VOLTAGE,
    OCPP_ERROR_CODE_OVER_VOLTAGE,
    OCPP_ERROR_CODE_WEAK_SIGNAL,
};

/* ChargePointStatus */
enum ocpp_status {
    OCPP_STATUS_AVAILABLE = 1,
    OCPP_STATUS_PREPARING,
    OCPP_STATUS_CHARGING,
    OCPP_STATUS_SUSPENDED_EVSE,
    OCPP_STATUS_SUSPENDED_EV,
    OCPP_STATUS_FINISHING,
    OCPP_STATUS_RESERVED,
    OCPP_STATUS_UNAVAILABLE,
    OCPP_STATUS_FAULTED,
};

/* Reason */
enum ocpp_reason {
    OCPP_REASON_EMERGENCY_STOP = 1,
    OCPP_REASON_EV_DISCONNECTED,
    OCPP_REASON_HARD_RESET,
    OCPP_REASON_LOCAL,
    OCPP_REASON_OTHER,
    OCPP_REASON_POWER_LOSS,
    OCPP_REASON_REBOOT,
    OCPP_REASON_REMOTE,
    OCPP_REASON_SOFT_RESET,
    OCPP_REASON_UNLOCK_COMMAND,
    OCPP_REASON_DE_AUTHORIZED,
};

/* UnlockStatus */
enum ocpp_unlock_status {
    OCPP_UNLOCK_STATUS_UNLOCKED = 1,
    OCPP_UNLOCK_STATUS_UNLOCK_FAILED,
    OCPP_UNLOCK_STATUS_NOT_SUPPORTED,
};

/* ClearChargingProfileStatus */
enum ocpp_clear_charging_profile_status {
    OCPP_CLEAR_CHARGING_PROFILE_STATUS_ACCEPTED = 1,
    OCPP_CLEAR_CHARGING_PROFILE_STATUS_UNKNOWN,
};

/* GetCompositeScheduleStatus */
enum ocpp_get_composite_schedule_status {
    OCPP_GET_COMPOSITE_SCHEDULE_STATUS_ACCEPTED = 1,
    OCPP_GET_COMPOSITE_SCHEDULE_STATUS_REJECTED,
};

/* ChargingProfileStatus */
enum ocpp_charging_profile_status {
    OCPP_CHARGING_PROFILE_STATUS_ACCEPTED = 1,
    OCPP_CHARGING_PROFILE_STATUS_REJECTED,
    OCPP_CHARGING_PROFILE_STATUS_NOT_SUPPORTED,
};

/* UpdateType */
enum ocpp_update_type {
    OCPP_UPDATE_TYPE_DIFFERENTIAL = 1,
    OCPP_UPDATE_TYPE_FULL,
};

/* UpdateStatus */
enum ocpp_update_status {
    OCPP_UPDATE_STATUS_ACCEPTED = 1,
    OCPP_UPDATE_STATUS_FAILED,
    OCPP_UPDATE_STATUS_NOT_SUPPORTED,
    OCPP_UPDATE_STATUS_VERSION_MISMATCH,
};

/* DiagnosticsStatus */
enum ocpp_diagnostics_status {
    OCPP_DIAGNOSTICS_STATUS_IDLE = 1,
    OCPP_DIAGNOSTICS_STATUS_UPLOADED,
    OCPP_DIAGNOSTICS_STATUS_UPLOAD_FAILED,
    OCPP_DIAGNOSTICS_STATUS_UPLOADING,
};

/* FirmwareStatus */
enum ocpp_firmware_status {
    OCPP_FIRMWARE_STATUS_DOWNLOADED = 1,
    OCPP_FIRMWARE_STATUS_DOWNLOAD_FAILED,
    OCPP_FIRMWARE_STATUS_DOWNLOADING,
    OCPP_FIRMWARE_STATUS_IDLE,
    OCPP_FIRMWARE_STATUS_INSTALLATION_FAILED,
    OCPP_FIRMWARE_STATUS_INSTALLING,
    OCPP_FIRMWARE_STATUS_INSTALLED,
};

/* CancelReservationStatus */
enum ocpp_cancel_reservation_status {
    OCPP_CANCEL_RESERVATION_STATUS_ACCEPTED = 1,
    OCPP_CANCEL_RESERVATION_STATUS_REJECTED,
};

/* ReservationStatus */
enum ocpp_reservation_status {
    OCPP_RESERVATION_STATUS_ACCEPTED = 1,
    OCPP_RESERVATION_STATUS_FAULTED,
    OCPP_RESERVATION_STATUS_OCCUPIED,
    OCPP_RESERVATION_STATUS_REJECTED,
    OCPP_RESERVATION_STATUS_UNAVAILABLE,
};

/* MessageTrigger */
enum ocpp_message_trigger {
    OCPP_MESSAGE_TRIGGER_BOOT_NOTIFICATION = 1,
    OCPP_MESSAGE_TRIGGER_DIAGNOSTICS_STATUS_NOTIFICATION,
    OCPP_MESSAGE_TRIGGER_FIRMWARE_STATUS_NOTIFICATION,
    OCPP_MESSAGE_TRIGGER_HEARTBEAT,
    OCPP_MESSAGE_TRIGGER_METER_VALUES,
    OCPP_MESSAGE_TRIGGER_STATUS_NOTIFICATION,
};

/* TriggerMessageStatus */
enum ocpp_trigger_message_status {
    OCPP_TRIGGER_MESSAGE_STATUS_ACCEPTED = 1,
    OCPP_TRIGGER_MESSAGE_STATUS_REJECTED,
    OCPP_TRIGGER_MESSAGE_STATUS_NOT_IMPLEMENTED,
};

/* CertificateSignedStatusEnumType */
enum ocpp_certificate_signed_status {
    OCPP_CERTIFICATE_SIGNED_STATUS_ACCEPTED = 1,
    OCPP_CERTIFICATE_SIGNED_STATUS_REJECTED,
};

/* HashAlgorithmEnumType */
enum ocpp_hash_algorithm {
    OCPP_HASH_ALGORITHM_SHA256 = 1,
    OCPP_HASH_ALGORITHM_SHA384,
    OCPP_HASH_ALGORITHM_SHA512,
};

/* DeleteCertificateStatusEnumType */
enum ocpp_delete_certificate_status {
    OCPP_DELETE_CERTIFICATE_STATUS_ACCEPTED = 1,
    OCPP_DELETE_CERTIFICATE_STATUS_FAILED,
    OCPP_DELETE_CERTIFICATE_STATUS_NOT_FOUND,
};

/* MessageTriggerEnumType */
enum ocpp_extended_message_trigger {
    OCPP_EXTENDED_MESSAGE_TRIGGER_BOOT_NOTIFICATION = 1,
    OCPP_EXTENDED_MESSAGE_TRIGGER_LOG_STATUS_NOTIFICATION,
    OCPP_EXTENDED_MESSAGE_TRIGGER_FIRMWARE_STATUS_NOTIFICATION,
    OCPP_EXTENDED_MESSAGE_TRIGGER_HEARTBEAT,
    OCPP_EXTENDED_MESSAGE_TRIGGER_METER_VALUES,
    OCPP_EXTENDED_MESSAGE_TRIGGER_SIGN_CHARGE_POINT_CERTIFICATE,
    OCPP_EXTENDED_MESSAGE_TRIGGER_STATUS_NOTIFICATION,
};

/* TriggerMessageStatusEnumType */
enum ocpp_extended_trigger_message_status {
    OCPP_EXTENDED_TRIGGER_MESSAGE_STATUS_ACCEPTED = 1,
    OCPP_EXTENDED_TRIGGER_MESSAGE_STATUS_REJECTED,
    OCPP_EXTENDED_TRIGGER_MESSAGE_STATUS_NOT_IMPLEMENTED,
};

/* CertificateUseEnumType */
enum ocpp_certificate_use {
    OCPP_CERTIFICATE_USE_CENTRAL_SYSTEM_ROOT_CERTIFICATE = 1,
    OCPP_CERTIFICATE_USE_MANUFACTURER_ROOT_CERTIFICATE,
};

/* GetInstalledCertificateStatusEnumType */
enum ocpp_get_installed_certificate_status {
    OCPP_GET_INSTALLED_CERTIFICATE_STATUS_ACCEPTED = 1,
    OCPP_GET_INSTALLED_CERTIFICATE_STATUS_NOT_FOUND,
};

/* LogEnumType */
enum ocpp_log_type {
    OCPP_LOG_TYPE_DIAGNOSTICS_LOG = 1,
    OCPP_LOG_TYPE_SECURITY_LOG,
};

/* LogStatusEnumType */
enum ocpp_log_status {
    OCPP_LOG_STATUS_ACCEPTED = 1,
    OCPP_LOG_STATUS_REJECTED,
    OCPP_LOG_STATUS_ACCEPTED_CANCELED,
};

/* CertificateStatusEnumType */
enum ocpp_certificate_status {
    OCPP_CERTIFICATE_STATUS_ACCEPTED = 1,
    OCPP_CERTIFICATE_STATUS_FAILED,
    OCPP_CERTIFICATE_STATUS_REJECTED,
};

/* UploadLogStatusEnumType */
enum ocpp_upload_log_status {
    OCPP_UPLOAD_LOG_STATUS_BAD_MESSAGE = 1,
    OCPP_UPLOAD_LOG_STATUS_IDLE,
    OCPP_UPLOAD_LOG_STATUS_NOT_SUPPORTED_OPERATION,
    OCPP_UPLOAD_LOG_STATUS_PERMISSION_DENIED,
    OCPP_UPLOAD_LOG_STATUS_UPLOADED,
    OCPP_UPLOAD_LOG_STATUS_UPLOAD_FAILURE,
    OCPP_UPLOAD_LOG_STATUS_UPLOADING,
};

/* GenericStatusEnumType */
enum ocpp_generic_status {
    OCPP_GENERIC_STATUS_ACCEPTED = 1,
    OCPP_GENERIC_STATUS_REJECTED,
};

/* FirmwareStatusEnumType */
enum ocpp_signed_firmware_status {
    OCPP_SIGNED_FIRMWARE_STATUS_DOWNLOADED = 1,
    OCPP_SIGNED_FIRMWARE_STATUS_DOWNLOAD_FAILED,
    OCPP_SIGNED_FIRMWARE_STATUS_DOWNLOADING,
    OCPP_SIGNED_FIRMWARE_STATUS_DOWNLOAD_SCHEDULED,
    OCPP_SIGNED_FIRMWARE_STATUS_DOWNLOAD_PAUSED,
    OCPP_SIGNED_FIRMWARE_STATUS_IDLE,
    OCPP_SIGNED_FIRMWARE_STATUS_INSTALLATION_FAILED,
    OCPP_SIGNED_FIRMWARE_STATUS_INSTALLING,
    OCPP_SIGNED_FIRMWARE_STATUS_INSTALLED,
    OCPP_SIGNED_FIRMWARE_STATUS_INSTALL_REBOOTING,
    OCPP_SIGNED_FIRMWARE_STATUS_INSTALL_SCHEDULED,
    OCPP_SIGNED_FIRMWARE_STATUS_INSTALL_VERIFICATION_FAILED,
    OCPP_SIGNED_FIRMWARE_STATUS_INVALID_SIGNATURE,
    OCPP_SIGNED_FIRMWARE_STATUS_SIGNATURE_VERIFIED,
};

/* UpdateFirmwareStatusEnumType */
enum ocpp_update_firmware_status {
    OCPP_UPDATE_FIRMWARE_STATUS_ACCEPTED = 1,
    OCPP_UPDATE_FIRMWARE_STATUS_REJECTED,
    OCPP_UPDATE_FIRMWARE_STATUS_ACCEPTED_CANCELED,
    OCPP_UPDATE_FIRMWARE_STATUS_INVALID_CERTIFICATE,
    OCPP_UPDATE_FIRMWARE_STATUS_REVOKED_CERTIFICATE,
};

extern const struct ocpp_enum ocpp_enum_auth;
extern const struct ocpp_enum ocpp_enum_registration;
extern const struct ocpp_enum ocpp_enum_availability_type;
extern const struct ocpp_enum ocpp_enum_availability_status;
extern const struct ocpp_enum ocpp_enum_configuration_status;
extern const struct ocpp_enum ocpp_enum_clear_cache_status;
extern const struct ocpp_enum ocpp_enum_data_transfer_status;
extern const struct ocpp_enum ocpp_enum_context;
extern const struct ocpp_enum ocpp_enum_format;
extern const struct ocpp_enum ocpp_enum_measurand;
extern const struct ocpp_enum ocpp_enum_phase;
extern const struct ocpp_enum ocpp_enum_location;
extern const struct ocpp_enum ocpp_enum_unit;
extern const struct ocpp_enum ocpp_enum_purpose;
extern const struct ocpp_enum ocpp_enum_kind;
extern const struct ocpp_enum ocpp_enum_recurrency;
extern const struct ocpp_enum ocpp_enum_rate_unit;
extern const struct ocpp_enum ocpp_enum_remote_start_stop_status;
extern const struct ocpp_enum ocpp_enum_reset_type;
extern const struct ocpp_enum ocpp_enum_reset_status;
extern const struct ocpp_enum ocpp_enum_error_code;
extern const struct ocpp_enum ocpp_enum_status;
extern const struct ocpp_enum ocpp_enum_reason;
extern const struct ocpp_enum ocpp_enum_unlock_status;
extern const struct ocpp_enum ocpp_enum_clear_charging_profile_status;
extern const struct ocpp_enum ocpp_enum_get_composite_schedule_status;
extern const struct ocpp_enum ocpp_enum_charging_profile_status;
extern const struct ocpp_enum ocpp_enum_update_type;
extern const struct ocpp_enum ocpp_enum_update_status;
extern const struct ocpp_enum ocpp_enum_diagnostics_status;
extern const struct ocpp_enum ocpp_enum_firmware_status;
extern const struct ocpp_enum ocpp_enum_cancel_reservation_status;
extern const struct ocpp_enum ocpp_enum_reservation_status;
extern const struct ocpp_enum ocpp_enum_message_trigger;
extern const struct ocpp_enum ocpp_enum_trigger_message_status;
extern const struct ocpp_enum ocpp_enum_certificate_signed_status;
extern const struct ocpp_enum ocpp_enum_hash_algorithm;
extern const struct ocpp_enum ocpp_enum_delete_certificate_status;
extern const struct ocpp_enum ocpp_enum_extended_message_trigger;
extern const struct ocpp_enum ocpp_enum_extended_trigger_message_status;
extern const struct ocpp_enum ocpp_enum_certificate_use;
extern const struct ocpp_enum ocpp_enum_get_installed_certificate_status;
extern const struct ocpp_enum ocpp_enum_log_type;
extern const struct ocpp_enum ocpp_enum_log_status;
extern const struct ocpp_enum ocpp_enum_certificate_status;
extern const struct ocpp_enum ocpp_enum_upload_log_status;
extern const struct ocpp_enum ocpp_enum_generic_status;
extern const struct ocpp_enum ocpp_enum_signed_firmware_status;
extern const struct ocpp_enum ocpp_enum_update_firmware_status;

#endif
