#include "cmd/noxsim/keys.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ocpp/wire/enums.h"
#include "ocpp/wire/text.h"

static const char all_measurands[] =
    "Energy.Active.Import.Register,Power.Active.Import,Current.Import,Current.Offered,SoC";

/* The limits of profiles.h as text are checked by a test. */
static const struct key_row rows[KEY_END] = {
    [KEY_ADDITIONAL_ROOT_CHECK] = { "AdditionalRootCertificateCheck", KEY_BOOL, .readonly = true,
                                    .value = "false" },
    [KEY_ALLOW_OFFLINE_TX_FOR_UNKNOWN_ID] = { "AllowOfflineTxForUnknownId", KEY_BOOL,
                                              .value = "true" },
    [KEY_AUTHORIZATION_CACHE_ENABLED] = { "AuthorizationCacheEnabled", KEY_BOOL, .value = "false" },
    [KEY_AUTHORIZATION_KEY] = { "AuthorizationKey", KEY_TEXT, .value = "", .writeonly = true },
    [KEY_AUTHORIZE_REMOTE_TX_REQUESTS] = { "AuthorizeRemoteTxRequests", KEY_BOOL, .readonly = true,
                                           .value = "false" },
    [KEY_CERTIFICATE_SIGNED_MAX] = { "CertificateSignedMaxChainSize", KEY_INT, .readonly = true,
                                     .value = "10000" },
    [KEY_CERTIFICATE_STORE_MAX] = { "CertificateStoreMaxLength", KEY_INT, .readonly = true,
                                    .value = "20" },
    [KEY_CHARGE_PROFILE_MAX_STACK_LEVEL] = { "ChargeProfileMaxStackLevel", KEY_INT,
                                             .readonly = true, .value = "8" },
    [KEY_CHARGING_SCHEDULE_ALLOWED_RATE_UNIT] = { "ChargingScheduleAllowedChargingRateUnit",
                                                  KEY_TEXT, .readonly = true,
                                                  .value = "Current,Power" },
    [KEY_CHARGING_SCHEDULE_MAX_PERIODS] = { "ChargingScheduleMaxPeriods", KEY_INT, .readonly = true,
                                            .value = "24" },
    [KEY_CLOCK_ALIGNED_DATA_INTERVAL] = { "ClockAlignedDataInterval", KEY_INT, .value = "0",
                                          .max = 86400 },
    [KEY_CONNECTION_TIME_OUT] = { "ConnectionTimeOut", KEY_INT, .value = "60", .max = 3600 },
    [KEY_CONNECTOR_PHASE_ROTATION] = { "ConnectorPhaseRotation", KEY_TEXT, .value = "" },
    [KEY_CONNECTOR_SWITCH_3_TO_1] = { "ConnectorSwitch3to1PhaseSupported", KEY_BOOL,
                                      .readonly = true, .value = "false" },
    [KEY_CPO_NAME] = { "CpoName", KEY_TEXT, .value = "" },
    [KEY_GET_CONFIGURATION_MAX_KEYS] = { "GetConfigurationMaxKeys", KEY_INT, .readonly = true,
                                         .value = "100" },
    [KEY_HEARTBEAT_INTERVAL] = { "HeartbeatInterval", KEY_INT, .value = "300", .min = 1,
                                 .max = 86400 },
    [KEY_LOCAL_AUTH_LIST_ENABLED] = { "LocalAuthListEnabled", KEY_BOOL, .value = "true" },
    [KEY_LOCAL_LIST_MAX] = { "LocalAuthListMaxLength", KEY_INT, .readonly = true,
                             .value = "10000" },
    [KEY_LOCAL_AUTHORIZE_OFFLINE] = { "LocalAuthorizeOffline", KEY_BOOL, .value = "true" },
    [KEY_LOCAL_PRE_AUTHORIZE] = { "LocalPreAuthorize", KEY_BOOL, .value = "false" },
    [KEY_MAX_CHARGING_PROFILES_INSTALLED] = { "MaxChargingProfilesInstalled", KEY_INT,
                                              .readonly = true, .value = "12" },
    [KEY_METER_VALUES_ALIGNED_DATA] = { "MeterValuesAlignedData", KEY_MEASURANDS,
                                        .value = all_measurands },
    [KEY_METER_VALUES_SAMPLED_DATA] = { "MeterValuesSampledData", KEY_MEASURANDS,
                                        .value = all_measurands },
    [KEY_METER_VALUE_SAMPLE_INTERVAL] = { "MeterValueSampleInterval", KEY_INT, .value = "60",
                                          .max = 86400 },
    [KEY_NUMBER_OF_CONNECTORS] = { "NumberOfConnectors", KEY_INT, .readonly = true, .value = "1" },
    [KEY_RESERVE_CONNECTOR_ZERO] = { "ReserveConnectorZeroSupported", KEY_BOOL, .readonly = true,
                                     .value = "true" },
    [KEY_SECURITY_PROFILE] = { "SecurityProfile", KEY_INT, .value = "0", .max = 3 },
    [KEY_SEND_LOCAL_LIST_MAX] = { "SendLocalListMaxLength", KEY_INT, .readonly = true,
                                  .value = "1000" },
    [KEY_RESET_RETRIES] = { "ResetRetries", KEY_INT, .value = "3", .max = 100 },
    [KEY_STOP_TRANSACTION_ON_EV_SIDE_DISCONNECT] = { "StopTransactionOnEVSideDisconnect", KEY_BOOL,
                                                     .readonly = true, .value = "true" },
    [KEY_STOP_TRANSACTION_ON_INVALID_ID] = { "StopTransactionOnInvalidId", KEY_BOOL,
                                             .value = "true" },
    [KEY_STOP_TXN_ALIGNED_DATA] = { "StopTxnAlignedData", KEY_MEASURANDS, .value = "" },
    [KEY_STOP_TXN_SAMPLED_DATA] = { "StopTxnSampledData", KEY_MEASURANDS, .value = "" },
    [KEY_SUPPORTED_FEATURE_PROFILES] = { "SupportedFeatureProfiles", KEY_TEXT, .readonly = true,
                                         .value = "Core,FirmwareManagement,"
                                                  "LocalAuthListManagement,Reservation,"
                                                  "SmartCharging,RemoteTrigger" },
    [KEY_SUPPORTED_FILE_TRANSFER] = { "SupportedFileTransferProtocols", KEY_TEXT, .readonly = true,
                                      .value = "HTTP,HTTPS" },
    [KEY_TRANSACTION_MESSAGE_ATTEMPTS] = { "TransactionMessageAttempts", KEY_INT, .value = "5",
                                           .min = 1, .max = 1000 },
    [KEY_TRANSACTION_MESSAGE_RETRY_INTERVAL] = { "TransactionMessageRetryInterval", KEY_INT,
                                                 .value = "10", .max = 3600 },
    [KEY_UNLOCK_CONNECTOR_ON_EV_SIDE_DISCONNECT] = { "UnlockConnectorOnEVSideDisconnect", KEY_BOOL,
                                                     .readonly = true, .value = "true" },
    [KEY_WEB_SOCKET_PING_INTERVAL] = { "WebSocketPingInterval", KEY_INT, .value = "240",
                                       .max = 3600, .needs_reboot = true },
};

const struct key_row *key_row(enum key key)
{
    return &rows[key];
}

enum key key_find(const char *name)
{
    int i = 0;
    while (i < KEY_END && !ocpp_ci_equal(rows[i].name, name))
        i++;
    return (enum key)i;
}

const char *keys_text(const struct keys *keys, enum key key)
{
    return keys->value[key] != NULL ? keys->value[key] : rows[key].value;
}

int32_t keys_int(const struct keys *keys, enum key key)
{
    return (int32_t)strtol(keys_text(keys, key), NULL, 10);
}

bool keys_bool(const struct keys *keys, enum key key)
{
    return ocpp_ci_equal(keys_text(keys, key), "true");
}

void keys_set(struct keys *keys, enum key key, const char *text)
{
    char *copy = strdup(text);
    if (copy == NULL)
        return;
    free(keys->value[key]);
    keys->value[key] = copy;
}

static bool is_int(const char *text, int32_t min, int32_t max)
{
    char *end;
    errno = 0;
    long value = strtol(text, &end, 10);
    return text[0] != '\0' && *end == '\0' && errno == 0 && value >= min && value <= max;
}

static bool fits(const struct keys *keys, enum key key, const char *text)
{
    unsigned bits;
    switch (rows[key].type) {
    case KEY_BOOL:
        return ocpp_ci_equal(text, "true") || ocpp_ci_equal(text, "false");
    case KEY_INT:
        if (!is_int(text, rows[key].min, rows[key].max))
            return false;
        /* 0 switches sampling off; a station may refuse intervals it cannot keep up with. */
        return key != KEY_METER_VALUE_SAMPLE_INTERVAL || strtol(text, NULL, 10) == 0 ||
               strtol(text, NULL, 10) >= keys->min_sample_interval_s;
    case KEY_MEASURANDS:
        return keys_measurands(text, &bits);
    case KEY_TEXT:
        return true;
    }
    return false;
}

int32_t keys_change(struct keys *keys, const char *name, const char *text)
{
    enum key key = key_find(name);
    if (key == KEY_END)
        return OCPP_CONFIGURATION_STATUS_NOT_SUPPORTED;
    if (rows[key].readonly || !fits(keys, key, text))
        return OCPP_CONFIGURATION_STATUS_REJECTED;
    keys_set(keys, key, text);
    return rows[key].needs_reboot ? OCPP_CONFIGURATION_STATUS_REBOOT_REQUIRED
                                  : OCPP_CONFIGURATION_STATUS_ACCEPTED;
}

void keys_done(struct keys *keys)
{
    for (int i = 0; i < KEY_END; i++) {
        free(keys->value[i]);
        keys->value[i] = NULL;
    }
}

static const struct {
    const char *name;
    unsigned bit;
} measurands[] = {
    { "Energy.Active.Import.Register", METER_ENERGY },
    { "Power.Active.Import", METER_POWER },
    { "Current.Import", METER_CURRENT },
    { "Current.Offered", METER_OFFERED },
    { "SoC", METER_SOC },
    { "Voltage", METER_VOLTAGE },
};

static unsigned measurand_bit(const char *name, size_t len)
{
    for (size_t i = 0; i < sizeof(measurands) / sizeof(measurands[0]); i++)
        if (strlen(measurands[i].name) == len && strncmp(measurands[i].name, name, len) == 0)
            return measurands[i].bit;
    return 0;
}

bool keys_measurands(const char *list, unsigned *ret_bits)
{
    unsigned bits = 0;
    for (const char *at = list + strspn(list, " ,"); *at != '\0';) {
        size_t len = strcspn(at, " ,");
        unsigned bit = measurand_bit(at, len);
        if (bit == 0)
            return false;
        bits |= bit;
        at += len;
        at += strspn(at, " ,");
    }
    *ret_bits = bits;
    return true;
}
