#include "ocpp/wire/action.h"

#include <string.h>

#define BOTH (OCPP_FROM_STATION | OCPP_TO_STATION)
#define ROW(action_id, s, text, directions, feature, where, sentence) \
    [(action_id)-1] = {                                               \
        .id = (action_id),                                            \
        .name = (text),                                               \
        .direction = (directions),                                    \
        .profile = (feature),                                         \
        .section = (where),                                           \
        .summary = (sentence),                                        \
        .req = &ocpp_##s##_req_object,                                \
        .conf = &ocpp_##s##_conf_object,                              \
        .req_size = sizeof(struct ocpp_##s##_req),                    \
        .conf_size = sizeof(struct ocpp_##s##_conf),                  \
    }

/* In alphabetical order, which the search relies on. */
static const struct ocpp_action actions[] = {
    ROW(OCPP_AUTHORIZE, authorize, "Authorize", OCPP_FROM_STATION, "Core", "OCPP 1.6 section 4.1",
        "May this idTag charge?"),
    ROW(OCPP_BOOT_NOTIFICATION, boot_notification, "BootNotification", OCPP_FROM_STATION, "Core",
        "OCPP 1.6 section 4.2", "The station has started and asks to be accepted."),
    ROW(OCPP_CANCEL_RESERVATION, cancel_reservation, "CancelReservation", OCPP_TO_STATION,
        "Reservation", "OCPP 1.6 section 5.1", "End a reservation."),
    ROW(OCPP_CERTIFICATE_SIGNED, certificate_signed, "CertificateSigned", OCPP_TO_STATION,
        "Security", "security white paper A02",
        "Hand the station its new, signed certificate chain."),
    ROW(OCPP_CHANGE_AVAILABILITY, change_availability, "ChangeAvailability", OCPP_TO_STATION,
        "Core", "OCPP 1.6 section 5.2",
        "Put a connector or the whole station in or out of service."),
    ROW(OCPP_CHANGE_CONFIGURATION, change_configuration, "ChangeConfiguration", OCPP_TO_STATION,
        "Core", "OCPP 1.6 section 5.3", "Set one configuration key of the station."),
    ROW(OCPP_CLEAR_CACHE, clear_cache, "ClearCache", OCPP_TO_STATION, "Core",
        "OCPP 1.6 section 5.4", "Forget all cached authorizations."),
    ROW(OCPP_CLEAR_CHARGING_PROFILE, clear_charging_profile, "ClearChargingProfile",
        OCPP_TO_STATION, "SmartCharging", "OCPP 1.6 section 5.5",
        "Remove charging profiles: one by id, or all that match."),
    ROW(OCPP_DATA_TRANSFER, data_transfer, "DataTransfer", BOTH, "Core",
        "OCPP 1.6 section 4.3, 5.6", "Exchange data that only vendor and operator understand."),
    ROW(OCPP_DELETE_CERTIFICATE, delete_certificate, "DeleteCertificate", OCPP_TO_STATION,
        "Security", "security white paper M04", "Remove an installed root certificate."),
    ROW(OCPP_DIAGNOSTICS_STATUS_NOTIFICATION, diagnostics_status_notification,
        "DiagnosticsStatusNotification", OCPP_FROM_STATION, "FirmwareManagement",
        "OCPP 1.6 section 4.4", "How the upload of diagnostics is going."),
    ROW(OCPP_EXTENDED_TRIGGER_MESSAGE, extended_trigger_message, "ExtendedTriggerMessage",
        OCPP_TO_STATION, "Security", "security white paper A02",
        "Ask the station to send a message now, security messages included."),
    ROW(OCPP_FIRMWARE_STATUS_NOTIFICATION, firmware_status_notification,
        "FirmwareStatusNotification", OCPP_FROM_STATION, "FirmwareManagement",
        "OCPP 1.6 section 4.5", "How the firmware update is going."),
    ROW(OCPP_GET_COMPOSITE_SCHEDULE, get_composite_schedule, "GetCompositeSchedule",
        OCPP_TO_STATION, "SmartCharging", "OCPP 1.6 section 5.7",
        "Which limits would apply from now on, all profiles merged?"),
    ROW(OCPP_GET_CONFIGURATION, get_configuration, "GetConfiguration", OCPP_TO_STATION, "Core",
        "OCPP 1.6 section 5.8", "Read configuration keys; without keys, all of them."),
    ROW(OCPP_GET_DIAGNOSTICS, get_diagnostics, "GetDiagnostics", OCPP_TO_STATION,
        "FirmwareManagement", "OCPP 1.6 section 5.9", "Upload diagnostics to the given location."),
    ROW(OCPP_GET_INSTALLED_CERTIFICATE_IDS, get_installed_certificate_ids,
        "GetInstalledCertificateIds", OCPP_TO_STATION, "Security", "security white paper M03",
        "List the root certificates the station has installed."),
    ROW(OCPP_GET_LOCAL_LIST_VERSION, get_local_list_version, "GetLocalListVersion", OCPP_TO_STATION,
        "LocalAuthListManagement", "OCPP 1.6 section 5.10",
        "Which version of the local authorization list is held?"),
    ROW(OCPP_GET_LOG, get_log, "GetLog", OCPP_TO_STATION, "Security", "security white paper N01",
        "Upload a log to the given location."),
    ROW(OCPP_HEARTBEAT, heartbeat, "Heartbeat", OCPP_FROM_STATION, "Core", "OCPP 1.6 section 4.6",
        "The station is alive and asks for the time."),
    ROW(OCPP_INSTALL_CERTIFICATE, install_certificate, "InstallCertificate", OCPP_TO_STATION,
        "Security", "security white paper M05", "Install a root certificate."),
    ROW(OCPP_LOG_STATUS_NOTIFICATION, log_status_notification, "LogStatusNotification",
        OCPP_FROM_STATION, "Security", "security white paper N01",
        "How the upload of a log is going."),
    ROW(OCPP_METER_VALUES, meter_values, "MeterValues", OCPP_FROM_STATION, "Core",
        "OCPP 1.6 section 4.7", "Readings of the meter of a connector or of the station."),
    ROW(OCPP_REMOTE_START_TRANSACTION, remote_start_transaction, "RemoteStartTransaction",
        OCPP_TO_STATION, "Core", "OCPP 1.6 section 5.11",
        "Start charging as if the idTag had been presented."),
    ROW(OCPP_REMOTE_STOP_TRANSACTION, remote_stop_transaction, "RemoteStopTransaction",
        OCPP_TO_STATION, "Core", "OCPP 1.6 section 5.12", "Stop a running transaction."),
    ROW(OCPP_RESERVE_NOW, reserve_now, "ReserveNow", OCPP_TO_STATION, "Reservation",
        "OCPP 1.6 section 5.13", "Reserve a connector for an idTag until a point in time."),
    ROW(OCPP_RESET, reset, "Reset", OCPP_TO_STATION, "Core", "OCPP 1.6 section 5.14",
        "Restart the station."),
    ROW(OCPP_SECURITY_EVENT_NOTIFICATION, security_event_notification, "SecurityEventNotification",
        OCPP_FROM_STATION, "Security", "security white paper A04",
        "Something relevant to security happened in the station."),
    ROW(OCPP_SEND_LOCAL_LIST, send_local_list, "SendLocalList", OCPP_TO_STATION,
        "LocalAuthListManagement", "OCPP 1.6 section 5.15",
        "Replace or change the local authorization list."),
    ROW(OCPP_SET_CHARGING_PROFILE, set_charging_profile, "SetChargingProfile", OCPP_TO_STATION,
        "SmartCharging", "OCPP 1.6 section 5.16",
        "Limit the power or current of a connector over time."),
    ROW(OCPP_SIGN_CERTIFICATE, sign_certificate, "SignCertificate", OCPP_FROM_STATION, "Security",
        "security white paper A02", "The station asks for a certificate to be signed."),
    ROW(OCPP_SIGNED_FIRMWARE_STATUS_NOTIFICATION, signed_firmware_status_notification,
        "SignedFirmwareStatusNotification", OCPP_FROM_STATION, "Security",
        "security white paper L01", "How the signed firmware update is going."),
    ROW(OCPP_SIGNED_UPDATE_FIRMWARE, signed_update_firmware, "SignedUpdateFirmware",
        OCPP_TO_STATION, "Security", "security white paper L01",
        "Download and install firmware whose signature is checked."),
    ROW(OCPP_START_TRANSACTION, start_transaction, "StartTransaction", OCPP_FROM_STATION, "Core",
        "OCPP 1.6 section 4.8", "A transaction has begun."),
    ROW(OCPP_STATUS_NOTIFICATION, status_notification, "StatusNotification", OCPP_FROM_STATION,
        "Core", "OCPP 1.6 section 4.9", "The state of a connector or the station has changed."),
    ROW(OCPP_STOP_TRANSACTION, stop_transaction, "StopTransaction", OCPP_FROM_STATION, "Core",
        "OCPP 1.6 section 4.10", "A transaction has ended."),
    ROW(OCPP_TRIGGER_MESSAGE, trigger_message, "TriggerMessage", OCPP_TO_STATION, "RemoteTrigger",
        "OCPP 1.6 section 5.17", "Ask the station to send a message now."),
    ROW(OCPP_UNLOCK_CONNECTOR, unlock_connector, "UnlockConnector", OCPP_TO_STATION, "Core",
        "OCPP 1.6 section 5.18", "Release the cable lock of a connector."),
    ROW(OCPP_UPDATE_FIRMWARE, update_firmware, "UpdateFirmware", OCPP_TO_STATION,
        "FirmwareManagement", "OCPP 1.6 section 5.19", "Download and install firmware."),
};

enum { N_ACTIONS = sizeof(actions) / sizeof(actions[0]) };

const struct ocpp_action *ocpp_action_find(const char *name)
{
    size_t low = 0, high = N_ACTIONS;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(name, actions[middle].name);
        if (order == 0)
            return &actions[middle];
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}

const struct ocpp_action *ocpp_action_get(enum ocpp_action_id id)
{
    return id >= 1 && id < OCPP_ACTION_END ? &actions[id - 1] : NULL;
}

const struct ocpp_action *ocpp_actions(size_t *ret_n)
{
    *ret_n = N_ACTIONS;
    return actions;
}

static const char *action_name(const void *unused, size_t i)
{
    (void)unused;
    return actions[i].name;
}

const char *ocpp_action_nearest(const char *name)
{
    return ocpp_nearest(name, action_name, NULL, N_ACTIONS);
}
