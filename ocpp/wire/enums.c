/*
 * Texts of the enumerations and the other spellings that stations use.
 */
#include "ocpp/wire/enums.h"

#define ENUM_SIZE(texts) ((int32_t)(sizeof(texts) / sizeof((texts)[0])))

static const char *const auth_texts[] = {
    [OCPP_AUTH_ACCEPTED - 1] = "Accepted",
    [OCPP_AUTH_BLOCKED - 1] = "Blocked",
    [OCPP_AUTH_EXPIRED - 1] = "Expired",
    [OCPP_AUTH_INVALID - 1] = "Invalid",
    [OCPP_AUTH_CONCURRENT_TX - 1] = "ConcurrentTx",
};
const struct ocpp_enum ocpp_enum_auth = {
    .name = "AuthorizationStatus",
    .texts = auth_texts,
    .n = ENUM_SIZE(auth_texts),
    .n_known = ENUM_SIZE(auth_texts),
};

static const char *const registration_texts[] = {
    [OCPP_REGISTRATION_ACCEPTED - 1] = "Accepted",
    [OCPP_REGISTRATION_PENDING - 1] = "Pending",
    [OCPP_REGISTRATION_REJECTED - 1] = "Rejected",
};
const struct ocpp_enum ocpp_enum_registration = {
    .name = "RegistrationStatus",
    .texts = registration_texts,
    .n = ENUM_SIZE(registration_texts),
    .n_known = ENUM_SIZE(registration_texts),
};

static const char *const availability_type_texts[] = {
    [OCPP_AVAILABILITY_TYPE_INOPERATIVE - 1] = "Inoperative",
    [OCPP_AVAILABILITY_TYPE_OPERATIVE - 1] = "Operative",
};
const struct ocpp_enum ocpp_enum_availability_type = {
    .name = "AvailabilityType",
    .texts = availability_type_texts,
    .n = ENUM_SIZE(availability_type_texts),
    .n_known = ENUM_SIZE(availability_type_texts),
};

static const char *const availability_status_texts[] = {
    [OCPP_AVAILABILITY_STATUS_ACCEPTED - 1] = "Accepted",
    [OCPP_AVAILABILITY_STATUS_REJECTED - 1] = "Rejected",
    [OCPP_AVAILABILITY_STATUS_SCHEDULED - 1] = "Scheduled",
};
const struct ocpp_enum ocpp_enum_availability_status = {
    .name = "AvailabilityStatus",
    .texts = availability_status_texts,
    .n = ENUM_SIZE(availability_status_texts),
    .n_known = ENUM_SIZE(availability_status_texts),
};

static const char *const configuration_status_texts[] = {
    [OCPP_CONFIGURATION_STATUS_ACCEPTED - 1] = "Accepted",
    [OCPP_CONFIGURATION_STATUS_REJECTED - 1] = "Rejected",
    [OCPP_CONFIGURATION_STATUS_REBOOT_REQUIRED - 1] = "RebootRequired",
    [OCPP_CONFIGURATION_STATUS_NOT_SUPPORTED - 1] = "NotSupported",
};
const struct ocpp_enum ocpp_enum_configuration_status = {
    .name = "ConfigurationStatus",
    .texts = configuration_status_texts,
    .n = ENUM_SIZE(configuration_status_texts),
    .n_known = ENUM_SIZE(configuration_status_texts),
};

static const char *const clear_cache_status_texts[] = {
    [OCPP_CLEAR_CACHE_STATUS_ACCEPTED - 1] = "Accepted",
    [OCPP_CLEAR_CACHE_STATUS_REJECTED - 1] = "Rejected",
};
const struct ocpp_enum ocpp_enum_clear_cache_status = {
    .name = "ClearCacheStatus",
    .texts = clear_cache_status_texts,
    .n = ENUM_SIZE(clear_cache_status_texts),
    .n_known = ENUM_SIZE(clear_cache_status_texts),
};

static const char *const data_transfer_status_texts[] = {
    [OCPP_DATA_TRANSFER_STATUS_ACCEPTED - 1] = "Accepted",
    [OCPP_DATA_TRANSFER_STATUS_REJECTED - 1] = "Rejected",
    [OCPP_DATA_TRANSFER_STATUS_UNKNOWN_MESSAGE_ID - 1] = "UnknownMessageId",
    [OCPP_DATA_TRANSFER_STATUS_UNKNOWN_VENDOR_ID - 1] = "UnknownVendorId",
};
static const struct ocpp_alias data_transfer_status_aliases[] = {
    { "UnknownVendor", OCPP_DATA_TRANSFER_STATUS_UNKNOWN_VENDOR_ID, false },
    { "UnknownMessage", OCPP_DATA_TRANSFER_STATUS_UNKNOWN_MESSAGE_ID, false },
};
const struct ocpp_enum ocpp_enum_data_transfer_status = {
    .name = "DataTransferStatus",
    .texts = data_transfer_status_texts,
    .n = ENUM_SIZE(data_transfer_status_texts),
    .n_known = ENUM_SIZE(data_transfer_status_texts),
    .aliases = data_transfer_status_aliases,
    .n_aliases = sizeof(data_transfer_status_aliases) / sizeof(data_transfer_status_aliases[0]),
};

static const char *const context_texts[] = {
    [OCPP_CONTEXT_INTERRUPTION_BEGIN - 1] = "Interruption.Begin",
    [OCPP_CONTEXT_INTERRUPTION_END - 1] = "Interruption.End",
    [OCPP_CONTEXT_SAMPLE_CLOCK - 1] = "Sample.Clock",
    [OCPP_CONTEXT_SAMPLE_PERIODIC - 1] = "Sample.Periodic",
    [OCPP_CONTEXT_TRANSACTION_BEGIN - 1] = "Transaction.Begin",
    [OCPP_CONTEXT_TRANSACTION_END - 1] = "Transaction.End",
    [OCPP_CONTEXT_TRIGGER - 1] = "Trigger",
    [OCPP_CONTEXT_OTHER - 1] = "Other",
};
const struct ocpp_enum ocpp_enum_context = {
    .name = "ReadingContext",
    .texts = context_texts,
    .n = ENUM_SIZE(context_texts),
    .n_known = ENUM_SIZE(context_texts),
};

static const char *const format_texts[] = {
    [OCPP_FORMAT_RAW - 1] = "Raw",
    [OCPP_FORMAT_SIGNED_DATA - 1] = "SignedData",
};
const struct ocpp_enum ocpp_enum_format = {
    .name = "ValueFormat",
    .texts = format_texts,
    .n = ENUM_SIZE(format_texts),
    .n_known = ENUM_SIZE(format_texts),
};

static const char *const measurand_texts[] = {
    [OCPP_MEASURAND_ENERGY_ACTIVE_EXPORT_REGISTER - 1] = "Energy.Active.Export.Register",
    [OCPP_MEASURAND_ENERGY_ACTIVE_IMPORT_REGISTER - 1] = "Energy.Active.Import.Register",
    [OCPP_MEASURAND_ENERGY_REACTIVE_EXPORT_REGISTER - 1] = "Energy.Reactive.Export.Register",
    [OCPP_MEASURAND_ENERGY_REACTIVE_IMPORT_REGISTER - 1] = "Energy.Reactive.Import.Register",
    [OCPP_MEASURAND_ENERGY_ACTIVE_EXPORT_INTERVAL - 1] = "Energy.Active.Export.Interval",
    [OCPP_MEASURAND_ENERGY_ACTIVE_IMPORT_INTERVAL - 1] = "Energy.Active.Import.Interval",
    [OCPP_MEASURAND_ENERGY_REACTIVE_EXPORT_INTERVAL - 1] = "Energy.Reactive.Export.Interval",
    [OCPP_MEASURAND_ENERGY_REACTIVE_IMPORT_INTERVAL - 1] = "Energy.Reactive.Import.Interval",
    [OCPP_MEASURAND_POWER_ACTIVE_EXPORT - 1] = "Power.Active.Export",
    [OCPP_MEASURAND_POWER_ACTIVE_IMPORT - 1] = "Power.Active.Import",
    [OCPP_MEASURAND_POWER_OFFERED - 1] = "Power.Offered",
    [OCPP_MEASURAND_POWER_REACTIVE_EXPORT - 1] = "Power.Reactive.Export",
    [OCPP_MEASURAND_POWER_REACTIVE_IMPORT - 1] = "Power.Reactive.Import",
    [OCPP_MEASURAND_POWER_FACTOR - 1] = "Power.Factor",
    [OCPP_MEASURAND_CURRENT_IMPORT - 1] = "Current.Import",
    [OCPP_MEASURAND_CURRENT_EXPORT - 1] = "Current.Export",
    [OCPP_MEASURAND_CURRENT_OFFERED - 1] = "Current.Offered",
    [OCPP_MEASURAND_VOLTAGE - 1] = "Voltage",
    [OCPP_MEASURAND_FREQUENCY - 1] = "Frequency",
    [OCPP_MEASURAND_TEMPERATURE - 1] = "Temperature",
    [OCPP_MEASURAND_SOC - 1] = "SoC",
    [OCPP_MEASURAND_RPM - 1] = "RPM",
};
const struct ocpp_enum ocpp_enum_measurand = {
    .name = "Measurand",
    .texts = measurand_texts,
    .n = ENUM_SIZE(measurand_texts),
    .n_known = ENUM_SIZE(measurand_texts),
};

static const char *const phase_texts[] = {
    [OCPP_PHASE_L1 - 1] = "L1",       [OCPP_PHASE_L2 - 1] = "L2",
    [OCPP_PHASE_L3 - 1] = "L3",       [OCPP_PHASE_N - 1] = "N",
    [OCPP_PHASE_L1_N - 1] = "L1-N",   [OCPP_PHASE_L2_N - 1] = "L2-N",
    [OCPP_PHASE_L3_N - 1] = "L3-N",   [OCPP_PHASE_L1_L2 - 1] = "L1-L2",
    [OCPP_PHASE_L2_L3 - 1] = "L2-L3", [OCPP_PHASE_L3_L1 - 1] = "L3-L1",
};
const struct ocpp_enum ocpp_enum_phase = {
    .name = "Phase",
    .texts = phase_texts,
    .n = ENUM_SIZE(phase_texts),
    .n_known = ENUM_SIZE(phase_texts),
};

static const char *const location_texts[] = {
    [OCPP_LOCATION_CABLE - 1] = "Cable", [OCPP_LOCATION_EV - 1] = "EV",
    [OCPP_LOCATION_INLET - 1] = "Inlet", [OCPP_LOCATION_OUTLET - 1] = "Outlet",
    [OCPP_LOCATION_BODY - 1] = "Body",
};
const struct ocpp_enum ocpp_enum_location = {
    .name = "Location",
    .texts = location_texts,
    .n = ENUM_SIZE(location_texts),
    .n_known = ENUM_SIZE(location_texts),
};

static const char *const unit_texts[] = {
    [OCPP_UNIT_WH - 1] = "Wh",
    [OCPP_UNIT_KWH - 1] = "kWh",
    [OCPP_UNIT_VARH - 1] = "varh",
    [OCPP_UNIT_KVARH - 1] = "kvarh",
    [OCPP_UNIT_W - 1] = "W",
    [OCPP_UNIT_KW - 1] = "kW",
    [OCPP_UNIT_VA - 1] = "VA",
    [OCPP_UNIT_KVA - 1] = "kVA",
    [OCPP_UNIT_VAR - 1] = "var",
    [OCPP_UNIT_KVAR - 1] = "kvar",
    [OCPP_UNIT_A - 1] = "A",
    [OCPP_UNIT_V - 1] = "V",
    [OCPP_UNIT_K - 1] = "K",
    [OCPP_UNIT_CELSIUS - 1] = "Celsius",
    [OCPP_UNIT_FAHRENHEIT - 1] = "Fahrenheit",
    [OCPP_UNIT_PERCENT - 1] = "Percent",
    [OCPP_UNIT_HERTZ - 1] = "Hertz",
};
static const struct ocpp_alias unit_aliases[] = {
    { "Celcius", OCPP_UNIT_CELSIUS, true }, { "C", OCPP_UNIT_CELSIUS, false },
    { "degC", OCPP_UNIT_CELSIUS, false },   { "Hz", OCPP_UNIT_HERTZ, false },
    { "%", OCPP_UNIT_PERCENT, false },      { "F", OCPP_UNIT_FAHRENHEIT, false },
    { "Kelvin", OCPP_UNIT_K, false },       { "Amp", OCPP_UNIT_A, false },
    { "Volt", OCPP_UNIT_V, false },
};
const struct ocpp_enum ocpp_enum_unit = {
    .name = "UnitOfMeasure",
    .texts = unit_texts,
    .n = OCPP_UNIT_HERTZ - 1,
    .n_known = ENUM_SIZE(unit_texts),
    .aliases = unit_aliases,
    .n_aliases = sizeof(unit_aliases) / sizeof(unit_aliases[0]),
};

static const char *const purpose_texts[] = {
    [OCPP_PURPOSE_CHARGE_POINT_MAX_PROFILE - 1] = "ChargePointMaxProfile",
    [OCPP_PURPOSE_TX_DEFAULT_PROFILE - 1] = "TxDefaultProfile",
    [OCPP_PURPOSE_TX_PROFILE - 1] = "TxProfile",
};
const struct ocpp_enum ocpp_enum_purpose = {
    .name = "ChargingProfilePurposeType",
    .texts = purpose_texts,
    .n = ENUM_SIZE(purpose_texts),
    .n_known = ENUM_SIZE(purpose_texts),
};

static const char *const kind_texts[] = {
    [OCPP_KIND_ABSOLUTE - 1] = "Absolute",
    [OCPP_KIND_RECURRING - 1] = "Recurring",
    [OCPP_KIND_RELATIVE - 1] = "Relative",
};
const struct ocpp_enum ocpp_enum_kind = {
    .name = "ChargingProfileKindType",
    .texts = kind_texts,
    .n = ENUM_SIZE(kind_texts),
    .n_known = ENUM_SIZE(kind_texts),
};

static const char *const recurrency_texts[] = {
    [OCPP_RECURRENCY_DAILY - 1] = "Daily",
    [OCPP_RECURRENCY_WEEKLY - 1] = "Weekly",
};
const struct ocpp_enum ocpp_enum_recurrency = {
    .name = "RecurrencyKindType",
    .texts = recurrency_texts,
    .n = ENUM_SIZE(recurrency_texts),
    .n_known = ENUM_SIZE(recurrency_texts),
};

static const char *const rate_unit_texts[] = {
    [OCPP_RATE_UNIT_A - 1] = "A",
    [OCPP_RATE_UNIT_W - 1] = "W",
};
const struct ocpp_enum ocpp_enum_rate_unit = {
    .name = "ChargingRateUnitType",
    .texts = rate_unit_texts,
    .n = ENUM_SIZE(rate_unit_texts),
    .n_known = ENUM_SIZE(rate_unit_texts),
};

static const char *const remote_start_stop_status_texts[] = {
    [OCPP_REMOTE_START_STOP_STATUS_ACCEPTED - 1] = "Accepted",
    [OCPP_REMOTE_START_STOP_STATUS_REJECTED - 1] = "Rejected",
};
const struct ocpp_enum ocpp_enum_remote_start_stop_status = {
    .name = "RemoteStartStopStatus",
    .texts = remote_start_stop_status_texts,
    .n = ENUM_SIZE(remote_start_stop_status_texts),
    .n_known = ENUM_SIZE(remote_start_stop_status_texts),
};

static const char *const reset_type_texts[] = {
    [OCPP_RESET_TYPE_HARD - 1] = "Hard",
    [OCPP_RESET_TYPE_SOFT - 1] = "Soft",
};
const struct ocpp_enum ocpp_enum_reset_type = {
    .name = "ResetType",
    .texts = reset_type_texts,
    .n = ENUM_SIZE(reset_type_texts),
    .n_known = ENUM_SIZE(reset_type_texts),
};

static const char *const reset_status_texts[] = {
    [OCPP_RESET_STATUS_ACCEPTED - 1] = "Accepted",
    [OCPP_RESET_STATUS_REJECTED - 1] = "Rejected",
};
const struct ocpp_enum ocpp_enum_reset_status = {
    .name = "ResetStatus",
    .texts = reset_status_texts,
    .n = ENUM_SIZE(reset_status_texts),
    .n_known = ENUM_SIZE(reset_status_texts),
};

static const char *const error_code_texts[] = {
    [OCPP_ERROR_CODE_CONNECTOR_LOCK_FAILURE - 1] = "ConnectorLockFailure",
    [OCPP_ERROR_CODE_EV_COMMUNICATION_ERROR - 1] = "EVCommunicationError",
    [OCPP_ERROR_CODE_GROUND_FAILURE - 1] = "GroundFailure",
    [OCPP_ERROR_CODE_HIGH_TEMPERATURE - 1] = "HighTemperature",
    [OCPP_ERROR_CODE_INTERNAL_ERROR - 1] = "InternalError",
    [OCPP_ERROR_CODE_LOCAL_LIST_CONFLICT - 1] = "LocalListConflict",
    [OCPP_ERROR_CODE_NO_ERROR - 1] = "NoError",
    [OCPP_ERROR_CODE_OTHER_ERROR - 1] = "OtherError",
    [OCPP_ERROR_CODE_OVER_CURRENT_FAILURE - 1] = "OverCurrentFailure",
    [OCPP_ERROR_CODE_POWER_METER_FAILURE - 1] = "PowerMeterFailure",
    [OCPP_ERROR_CODE_POWER_SWITCH_FAILURE - 1] = "PowerSwitchFailure",
    [OCPP_ERROR_CODE_READER_FAILURE - 1] = "ReaderFailure",
    [OCPP_ERROR_CODE_RESET_FAILURE - 1] = "ResetFailure",
    [OCPP_ERROR_CODE_UNDER_VOLTAGE - 1] = "UnderVoltage",
    [OCPP_ERROR_CODE_OVER_VOLTAGE - 1] = "OverVoltage",
    [OCPP_ERROR_CODE_WEAK_SIGNAL - 1] = "WeakSignal",
};
static const struct ocpp_alias error_code_aliases[] = {
    { "NoErrors", OCPP_ERROR_CODE_NO_ERROR, false },
    { "None", OCPP_ERROR_CODE_NO_ERROR, false },
    { "Error", OCPP_ERROR_CODE_OTHER_ERROR, false },
    { "Mode3Error", OCPP_ERROR_CODE_OTHER_ERROR, false },
};
const struct ocpp_enum ocpp_enum_error_code = {
    .name = "ChargePointErrorCode",
    .texts = error_code_texts,
    .n = ENUM_SIZE(error_code_texts),
    .n_known = ENUM_SIZE(error_code_texts),
    .aliases = error_code_aliases,
    .n_aliases = sizeof(error_code_aliases) / sizeof(error_code_aliases[0]),
};

static const char *const status_texts[] = {
    [OCPP_STATUS_AVAILABLE - 1] = "Available",
    [OCPP_STATUS_PREPARING - 1] = "Preparing",
    [OCPP_STATUS_CHARGING - 1] = "Charging",
    [OCPP_STATUS_SUSPENDED_EVSE - 1] = "SuspendedEVSE",
    [OCPP_STATUS_SUSPENDED_EV - 1] = "SuspendedEV",
    [OCPP_STATUS_FINISHING - 1] = "Finishing",
    [OCPP_STATUS_RESERVED - 1] = "Reserved",
    [OCPP_STATUS_UNAVAILABLE - 1] = "Unavailable",
    [OCPP_STATUS_FAULTED - 1] = "Faulted",
};
const struct ocpp_enum ocpp_enum_status = {
    .name = "ChargePointStatus",
    .texts = status_texts,
    .n = ENUM_SIZE(status_texts),
    .n_known = ENUM_SIZE(status_texts),
};

static const char *const reason_texts[] = {
    [OCPP_REASON_EMERGENCY_STOP - 1] = "EmergencyStop",
    [OCPP_REASON_EV_DISCONNECTED - 1] = "EVDisconnected",
    [OCPP_REASON_HARD_RESET - 1] = "HardReset",
    [OCPP_REASON_LOCAL - 1] = "Local",
    [OCPP_REASON_OTHER - 1] = "Other",
    [OCPP_REASON_POWER_LOSS - 1] = "PowerLoss",
    [OCPP_REASON_REBOOT - 1] = "Reboot",
    [OCPP_REASON_REMOTE - 1] = "Remote",
    [OCPP_REASON_SOFT_RESET - 1] = "SoftReset",
    [OCPP_REASON_UNLOCK_COMMAND - 1] = "UnlockCommand",
    [OCPP_REASON_DE_AUTHORIZED - 1] = "DeAuthorized",
};
const struct ocpp_enum ocpp_enum_reason = {
    .name = "Reason",
    .texts = reason_texts,
    .n = ENUM_SIZE(reason_texts),
    .n_known = ENUM_SIZE(reason_texts),
};

static const char *const unlock_status_texts[] = {
    [OCPP_UNLOCK_STATUS_UNLOCKED - 1] = "Unlocked",
    [OCPP_UNLOCK_STATUS_UNLOCK_FAILED - 1] = "UnlockFailed",
    [OCPP_UNLOCK_STATUS_NOT_SUPPORTED - 1] = "NotSupported",
};
static const struct ocpp_alias unlock_status_aliases[] = {
    { "UnlockFailure", OCPP_UNLOCK_STATUS_UNLOCK_FAILED, false },
};
const struct ocpp_enum ocpp_enum_unlock_status = {
    .name = "UnlockStatus",
    .texts = unlock_status_texts,
    .n = ENUM_SIZE(unlock_status_texts),
    .n_known = ENUM_SIZE(unlock_status_texts),
    .aliases = unlock_status_aliases,
    .n_aliases = sizeof(unlock_status_aliases) / sizeof(unlock_status_aliases[0]),
};

static const char *const clear_charging_profile_status_texts[] = {
    [OCPP_CLEAR_CHARGING_PROFILE_STATUS_ACCEPTED - 1] = "Accepted",
    [OCPP_CLEAR_CHARGING_PROFILE_STATUS_UNKNOWN - 1] = "Unknown",
};
const struct ocpp_enum ocpp_enum_clear_charging_profile_status = {
    .name = "ClearChargingProfileStatus",
    .texts = clear_charging_profile_status_texts,
    .n = ENUM_SIZE(clear_charging_profile_status_texts),
    .n_known = ENUM_SIZE(clear_charging_profile_status_texts),
};

static const char *const get_composite_schedule_status_texts[] = {
    [OCPP_GET_COMPOSITE_SCHEDULE_STATUS_ACCEPTED - 1] = "Accepted",
    [OCPP_GET_COMPOSITE_SCHEDULE_STATUS_REJECTED - 1] = "Rejected",
};
const struct ocpp_enum ocpp_enum_get_composite_schedule_status = {
    .name = "GetCompositeScheduleStatus",
    .texts = get_composite_schedule_status_texts,
    .n = ENUM_SIZE(get_composite_schedule_status_texts),
    .n_known = ENUM_SIZE(get_composite_schedule_status_texts),
};

static const char *const charging_profile_status_texts[] = {
    [OCPP_CHARGING_PROFILE_STATUS_ACCEPTED - 1] = "Accepted",
    [OCPP_CHARGING_PROFILE_STATUS_REJECTED - 1] = "Rejected",
    [OCPP_CHARGING_PROFILE_STATUS_NOT_SUPPORTED - 1] = "NotSupported",
};
const struct ocpp_enum ocpp_enum_charging_profile_status = {
    .name = "ChargingProfileStatus",
    .texts = charging_profile_status_texts,
    .n = ENUM_SIZE(charging_profile_status_texts),
    .n_known = ENUM_SIZE(charging_profile_status_texts),
};

static const char *const update_type_texts[] = {
    [OCPP_UPDATE_TYPE_DIFFERENTIAL - 1] = "Differential",
    [OCPP_UPDATE_TYPE_FULL - 1] = "Full",
};
const struct ocpp_enum ocpp_enum_update_type = {
    .name = "UpdateType",
    .texts = update_type_texts,
    .n = ENUM_SIZE(update_type_texts),
    .n_known = ENUM_SIZE(update_type_texts),
};

static const char *const update_status_texts[] = {
    [OCPP_UPDATE_STATUS_ACCEPTED - 1] = "Accepted",
    [OCPP_UPDATE_STATUS_FAILED - 1] = "Failed",
    [OCPP_UPDATE_STATUS_NOT_SUPPORTED - 1] = "NotSupported",
    [OCPP_UPDATE_STATUS_VERSION_MISMATCH - 1] = "VersionMismatch",
};
const struct ocpp_enum ocpp_enum_update_status = {
    .name = "UpdateStatus",
    .texts = update_status_texts,
    .n = ENUM_SIZE(update_status_texts),
    .n_known = ENUM_SIZE(update_status_texts),
};

static const char *const diagnostics_status_texts[] = {
    [OCPP_DIAGNOSTICS_STATUS_IDLE - 1] = "Idle",
    [OCPP_DIAGNOSTICS_STATUS_UPLOADED - 1] = "Uploaded",
    [OCPP_DIAGNOSTICS_STATUS_UPLOAD_FAILED - 1] = "UploadFailed",
    [OCPP_DIAGNOSTICS_STATUS_UPLOADING - 1] = "Uploading",
};
static const struct ocpp_alias diagnostics_status_aliases[] = {
    { "UploadFailure", OCPP_DIAGNOSTICS_STATUS_UPLOAD_FAILED, false },
};
const struct ocpp_enum ocpp_enum_diagnostics_status = {
    .name = "DiagnosticsStatus",
    .texts = diagnostics_status_texts,
    .n = ENUM_SIZE(diagnostics_status_texts),
    .n_known = ENUM_SIZE(diagnostics_status_texts),
    .aliases = diagnostics_status_aliases,
    .n_aliases = sizeof(diagnostics_status_aliases) / sizeof(diagnostics_status_aliases[0]),
};

static const char *const firmware_status_texts[] = {
    [OCPP_FIRMWARE_STATUS_DOWNLOADED - 1] = "Downloaded",
    [OCPP_FIRMWARE_STATUS_DOWNLOAD_FAILED - 1] = "DownloadFailed",
    [OCPP_FIRMWARE_STATUS_DOWNLOADING - 1] = "Downloading",
    [OCPP_FIRMWARE_STATUS_IDLE - 1] = "Idle",
    [OCPP_FIRMWARE_STATUS_INSTALLATION_FAILED - 1] = "InstallationFailed",
    [OCPP_FIRMWARE_STATUS_INSTALLING - 1] = "Installing",
    [OCPP_FIRMWARE_STATUS_INSTALLED - 1] = "Installed",
};
static const struct ocpp_alias firmware_status_aliases[] = {
    { "InstallationFailure", OCPP_FIRMWARE_STATUS_INSTALLATION_FAILED, false },
    { "DownloadFailure", OCPP_FIRMWARE_STATUS_DOWNLOAD_FAILED, false },
};
const struct ocpp_enum ocpp_enum_firmware_status = {
    .name = "FirmwareStatus",
    .texts = firmware_status_texts,
    .n = ENUM_SIZE(firmware_status_texts),
    .n_known = ENUM_SIZE(firmware_status_texts),
    .aliases = firmware_status_aliases,
    .n_aliases = sizeof(firmware_status_aliases) / sizeof(firmware_status_aliases[0]),
};

static const char *const cancel_reservation_status_texts[] = {
    [OCPP_CANCEL_RESERVATION_STATUS_ACCEPTED - 1] = "Accepted",
    [OCPP_CANCEL_RESERVATION_STATUS_REJECTED - 1] = "Rejected",
};
const struct ocpp_enum ocpp_enum_cancel_reservation_status = {
    .name = "CancelReservationStatus",
    .texts = cancel_reservation_status_texts,
    .n = ENUM_SIZE(cancel_reservation_status_texts),
    .n_known = ENUM_SIZE(cancel_reservation_status_texts),
};

static const char *const reservation_status_texts[] = {
    [OCPP_RESERVATION_STATUS_ACCEPTED - 1] = "Accepted",
    [OCPP_RESERVATION_STATUS_FAULTED - 1] = "Faulted",
    [OCPP_RESERVATION_STATUS_OCCUPIED - 1] = "Occupied",
    [OCPP_RESERVATION_STATUS_REJECTED - 1] = "Rejected",
    [OCPP_RESERVATION_STATUS_UNAVAILABLE - 1] = "Unavailable",
};
const struct ocpp_enum ocpp_enum_reservation_status = {
    .name = "ReservationStatus",
    .texts = reservation_status_texts,
    .n = ENUM_SIZE(reservation_status_texts),
    .n_known = ENUM_SIZE(reservation_status_texts),
};

static const char *const message_trigger_texts[] = {
    [OCPP_MESSAGE_TRIGGER_BOOT_NOTIFICATION - 1] = "BootNotification",
    [OCPP_MESSAGE_TRIGGER_DIAGNOSTICS_STATUS_NOTIFICATION - 1] = "DiagnosticsStatusNotification",
    [OCPP_MESSAGE_TRIGGER_FIRMWARE_STATUS_NOTIFICATION - 1] = "FirmwareStatusNotification",
    [OCPP_MESSAGE_TRIGGER_HEARTBEAT - 1] = "Heartbeat",
    [OCPP_MESSAGE_TRIGGER_METER_VALUES - 1] = "MeterValues",
    [OCPP_MESSAGE_TRIGGER_STATUS_NOTIFICATION - 1] = "StatusNotification",
};
const struct ocpp_enum ocpp_enum_message_trigger = {
    .name = "MessageTrigger",
    .texts = message_trigger_texts,
    .n = ENUM_SIZE(message_trigger_texts),
    .n_known = ENUM_SIZE(message_trigger_texts),
};

static const char *const trigger_message_status_texts[] = {
    [OCPP_TRIGGER_MESSAGE_STATUS_ACCEPTED - 1] = "Accepted",
    [OCPP_TRIGGER_MESSAGE_STATUS_REJECTED - 1] = "Rejected",
    [OCPP_TRIGGER_MESSAGE_STATUS_NOT_IMPLEMENTED - 1] = "NotImplemented",
};
const struct ocpp_enum ocpp_enum_trigger_message_status = {
    .name = "TriggerMessageStatus",
    .texts = trigger_message_status_texts,
    .n = ENUM_SIZE(trigger_message_status_texts),
    .n_known = ENUM_SIZE(trigger_message_status_texts),
};

static const char *const certificate_signed_status_texts[] = {
    [OCPP_CERTIFICATE_SIGNED_STATUS_ACCEPTED - 1] = "Accepted",
    [OCPP_CERTIFICATE_SIGNED_STATUS_REJECTED - 1] = "Rejected",
};
const struct ocpp_enum ocpp_enum_certificate_signed_status = {
    .name = "CertificateSignedStatusEnumType",
    .texts = certificate_signed_status_texts,
    .n = ENUM_SIZE(certificate_signed_status_texts),
    .n_known = ENUM_SIZE(certificate_signed_status_texts),
};

static const char *const hash_algorithm_texts[] = {
    [OCPP_HASH_ALGORITHM_SHA256 - 1] = "SHA256",
    [OCPP_HASH_ALGORITHM_SHA384 - 1] = "SHA384",
    [OCPP_HASH_ALGORITHM_SHA512 - 1] = "SHA512",
};
const struct ocpp_enum ocpp_enum_hash_algorithm = {
    .name = "HashAlgorithmEnumType",
    .texts = hash_algorithm_texts,
    .n = ENUM_SIZE(hash_algorithm_texts),
    .n_known = ENUM_SIZE(hash_algorithm_texts),
};

static const char *const delete_certificate_status_texts[] = {
    [OCPP_DELETE_CERTIFICATE_STATUS_ACCEPTED - 1] = "Accepted",
    [OCPP_DELETE_CERTIFICATE_STATUS_FAILED - 1] = "Failed",
    [OCPP_DELETE_CERTIFICATE_STATUS_NOT_FOUND - 1] = "NotFound",
};
static const struct ocpp_alias delete_certificate_status_aliases[] = {
    { "Success", OCPP_DELETE_CERTIFICATE_STATUS_ACCEPTED, false },
};
const struct ocpp_enum ocpp_enum_delete_certificate_status = {
    .name = "DeleteCertificateStatusEnumType",
    .texts = delete_certificate_status_texts,
    .n = ENUM_SIZE(delete_certificate_status_texts),
    .n_known = ENUM_SIZE(delete_certificate_status_texts),
    .aliases = delete_certificate_status_aliases,
    .n_aliases =
        sizeof(delete_certificate_status_aliases) / sizeof(delete_certificate_status_aliases[0]),
};

static const char *const extended_message_trigger_texts[] = {
    [OCPP_EXTENDED_MESSAGE_TRIGGER_BOOT_NOTIFICATION - 1] = "BootNotification",
    [OCPP_EXTENDED_MESSAGE_TRIGGER_LOG_STATUS_NOTIFICATION - 1] = "LogStatusNotification",
    [OCPP_EXTENDED_MESSAGE_TRIGGER_FIRMWARE_STATUS_NOTIFICATION - 1] = "FirmwareStatusNotification",
    [OCPP_EXTENDED_MESSAGE_TRIGGER_HEARTBEAT - 1] = "Heartbeat",
    [OCPP_EXTENDED_MESSAGE_TRIGGER_METER_VALUES - 1] = "MeterValues",
    [OCPP_EXTENDED_MESSAGE_TRIGGER_SIGN_CHARGE_POINT_CERTIFICATE - 1] =
        "SignChargePointCertificate",
    [OCPP_EXTENDED_MESSAGE_TRIGGER_STATUS_NOTIFICATION - 1] = "StatusNotification",
};
const struct ocpp_enum ocpp_enum_extended_message_trigger = {
    .name = "MessageTriggerEnumType",
    .texts = extended_message_trigger_texts,
    .n = ENUM_SIZE(extended_message_trigger_texts),
    .n_known = ENUM_SIZE(extended_message_trigger_texts),
};

static const char *const extended_trigger_message_status_texts[] = {
    [OCPP_EXTENDED_TRIGGER_MESSAGE_STATUS_ACCEPTED - 1] = "Accepted",
    [OCPP_EXTENDED_TRIGGER_MESSAGE_STATUS_REJECTED - 1] = "Rejected",
    [OCPP_EXTENDED_TRIGGER_MESSAGE_STATUS_NOT_IMPLEMENTED - 1] = "NotImplemented",
};
const struct ocpp_enum ocpp_enum_extended_trigger_message_status = {
    .name = "TriggerMessageStatusEnumType",
    .texts = extended_trigger_message_status_texts,
    .n = ENUM_SIZE(extended_trigger_message_status_texts),
    .n_known = ENUM_SIZE(extended_trigger_message_status_texts),
};

static const char *const certificate_use_texts[] = {
    [OCPP_CERTIFICATE_USE_CENTRAL_SYSTEM_ROOT_CERTIFICATE - 1] = "CentralSystemRootCertificate",
    [OCPP_CERTIFICATE_USE_MANUFACTURER_ROOT_CERTIFICATE - 1] = "ManufacturerRootCertificate",
};
const struct ocpp_enum ocpp_enum_certificate_use = {
    .name = "CertificateUseEnumType",
    .texts = certificate_use_texts,
    .n = ENUM_SIZE(certificate_use_texts),
    .n_known = ENUM_SIZE(certificate_use_texts),
};

static const char *const get_installed_certificate_status_texts[] = {
    [OCPP_GET_INSTALLED_CERTIFICATE_STATUS_ACCEPTED - 1] = "Accepted",
    [OCPP_GET_INSTALLED_CERTIFICATE_STATUS_NOT_FOUND - 1] = "NotFound",
};
const struct ocpp_enum ocpp_enum_get_installed_certificate_status = {
    .name = "GetInstalledCertificateStatusEnumType",
    .texts = get_installed_certificate_status_texts,
    .n = ENUM_SIZE(get_installed_certificate_status_texts),
    .n_known = ENUM_SIZE(get_installed_certificate_status_texts),
};

static const char *const log_type_texts[] = {
    [OCPP_LOG_TYPE_DIAGNOSTICS_LOG - 1] = "DiagnosticsLog",
    [OCPP_LOG_TYPE_SECURITY_LOG - 1] = "SecurityLog",
};
const struct ocpp_enum ocpp_enum_log_type = {
    .name = "LogEnumType",
    .texts = log_type_texts,
    .n = ENUM_SIZE(log_type_texts),
    .n_known = ENUM_SIZE(log_type_texts),
};

static const char *const log_status_texts[] = {
    [OCPP_LOG_STATUS_ACCEPTED - 1] = "Accepted",
    [OCPP_LOG_STATUS_REJECTED - 1] = "Rejected",
    [OCPP_LOG_STATUS_ACCEPTED_CANCELED - 1] = "AcceptedCanceled",
};
const struct ocpp_enum ocpp_enum_log_status = {
    .name = "LogStatusEnumType",
    .texts = log_status_texts,
    .n = ENUM_SIZE(log_status_texts),
    .n_known = ENUM_SIZE(log_status_texts),
};

static const char *const certificate_status_texts[] = {
    [OCPP_CERTIFICATE_STATUS_ACCEPTED - 1] = "Accepted",
    [OCPP_CERTIFICATE_STATUS_FAILED - 1] = "Failed",
    [OCPP_CERTIFICATE_STATUS_REJECTED - 1] = "Rejected",
};
const struct ocpp_enum ocpp_enum_certificate_status = {
    .name = "CertificateStatusEnumType",
    .texts = certificate_status_texts,
    .n = ENUM_SIZE(certificate_status_texts),
    .n_known = ENUM_SIZE(certificate_status_texts),
};

static const char *const upload_log_status_texts[] = {
    [OCPP_UPLOAD_LOG_STATUS_BAD_MESSAGE - 1] = "BadMessage",
    [OCPP_UPLOAD_LOG_STATUS_IDLE - 1] = "Idle",
    [OCPP_UPLOAD_LOG_STATUS_NOT_SUPPORTED_OPERATION - 1] = "NotSupportedOperation",
    [OCPP_UPLOAD_LOG_STATUS_PERMISSION_DENIED - 1] = "PermissionDenied",
    [OCPP_UPLOAD_LOG_STATUS_UPLOADED - 1] = "Uploaded",
    [OCPP_UPLOAD_LOG_STATUS_UPLOAD_FAILURE - 1] = "UploadFailure",
    [OCPP_UPLOAD_LOG_STATUS_UPLOADING - 1] = "Uploading",
};
static const struct ocpp_alias upload_log_status_aliases[] = {
    { "UploadFailed", OCPP_UPLOAD_LOG_STATUS_UPLOAD_FAILURE, false },
};
const struct ocpp_enum ocpp_enum_upload_log_status = {
    .name = "UploadLogStatusEnumType",
    .texts = upload_log_status_texts,
    .n = ENUM_SIZE(upload_log_status_texts),
    .n_known = ENUM_SIZE(upload_log_status_texts),
    .aliases = upload_log_status_aliases,
    .n_aliases = sizeof(upload_log_status_aliases) / sizeof(upload_log_status_aliases[0]),
};

static const char *const generic_status_texts[] = {
    [OCPP_GENERIC_STATUS_ACCEPTED - 1] = "Accepted",
    [OCPP_GENERIC_STATUS_REJECTED - 1] = "Rejected",
};
const struct ocpp_enum ocpp_enum_generic_status = {
    .name = "GenericStatusEnumType",
    .texts = generic_status_texts,
    .n = ENUM_SIZE(generic_status_texts),
    .n_known = ENUM_SIZE(generic_status_texts),
};

static const char *const signed_firmware_status_texts[] = {
    [OCPP_SIGNED_FIRMWARE_STATUS_DOWNLOADED - 1] = "Downloaded",
    [OCPP_SIGNED_FIRMWARE_STATUS_DOWNLOAD_FAILED - 1] = "DownloadFailed",
    [OCPP_SIGNED_FIRMWARE_STATUS_DOWNLOADING - 1] = "Downloading",
    [OCPP_SIGNED_FIRMWARE_STATUS_DOWNLOAD_SCHEDULED - 1] = "DownloadScheduled",
    [OCPP_SIGNED_FIRMWARE_STATUS_DOWNLOAD_PAUSED - 1] = "DownloadPaused",
    [OCPP_SIGNED_FIRMWARE_STATUS_IDLE - 1] = "Idle",
    [OCPP_SIGNED_FIRMWARE_STATUS_INSTALLATION_FAILED - 1] = "InstallationFailed",
    [OCPP_SIGNED_FIRMWARE_STATUS_INSTALLING - 1] = "Installing",
    [OCPP_SIGNED_FIRMWARE_STATUS_INSTALLED - 1] = "Installed",
    [OCPP_SIGNED_FIRMWARE_STATUS_INSTALL_REBOOTING - 1] = "InstallRebooting",
    [OCPP_SIGNED_FIRMWARE_STATUS_INSTALL_SCHEDULED - 1] = "InstallScheduled",
    [OCPP_SIGNED_FIRMWARE_STATUS_INSTALL_VERIFICATION_FAILED - 1] = "InstallVerificationFailed",
    [OCPP_SIGNED_FIRMWARE_STATUS_INVALID_SIGNATURE - 1] = "InvalidSignature",
    [OCPP_SIGNED_FIRMWARE_STATUS_SIGNATURE_VERIFIED - 1] = "SignatureVerified",
};
static const struct ocpp_alias signed_firmware_status_aliases[] = {
    { "InstallationFailure", OCPP_SIGNED_FIRMWARE_STATUS_INSTALLATION_FAILED, false },
    { "DownloadFailure", OCPP_SIGNED_FIRMWARE_STATUS_DOWNLOAD_FAILED, false },
};
const struct ocpp_enum ocpp_enum_signed_firmware_status = {
    .name = "FirmwareStatusEnumType",
    .texts = signed_firmware_status_texts,
    .n = ENUM_SIZE(signed_firmware_status_texts),
    .n_known = ENUM_SIZE(signed_firmware_status_texts),
    .aliases = signed_firmware_status_aliases,
    .n_aliases = sizeof(signed_firmware_status_aliases) / sizeof(signed_firmware_status_aliases[0]),
};

static const char *const update_firmware_status_texts[] = {
    [OCPP_UPDATE_FIRMWARE_STATUS_ACCEPTED - 1] = "Accepted",
    [OCPP_UPDATE_FIRMWARE_STATUS_REJECTED - 1] = "Rejected",
    [OCPP_UPDATE_FIRMWARE_STATUS_ACCEPTED_CANCELED - 1] = "AcceptedCanceled",
    [OCPP_UPDATE_FIRMWARE_STATUS_INVALID_CERTIFICATE - 1] = "InvalidCertificate",
    [OCPP_UPDATE_FIRMWARE_STATUS_REVOKED_CERTIFICATE - 1] = "RevokedCertificate",
};
const struct ocpp_enum ocpp_enum_update_firmware_status = {
    .name = "UpdateFirmwareStatusEnumType",
    .texts = update_firmware_status_texts,
    .n = ENUM_SIZE(update_firmware_status_texts),
    .n_known = ENUM_SIZE(update_firmware_status_texts),
};
