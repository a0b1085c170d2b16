#include "ocpp/wire/config_keys.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define R    OCPP_KEY_READ
#define RW   OCPP_KEY_READ_WRITE
#define W    OCPP_KEY_WRITE
#define RX   OCPP_KEY_EITHER
#define INT  OCPP_KEY_INT
#define BOOL OCPP_KEY_BOOL
#define TEXT OCPP_KEY_TEXT
#define LIST OCPP_KEY_LIST

static const struct ocpp_config_key keys[] = {
    /* 9.1 Core */
    { "AllowOfflineTxForUnknownId", "Core", BOOL, RW, false, "", "false",
      "offline: start also for tags that the station does not know" },
    { "AuthorizationCacheEnabled", "Core", BOOL, RW, false, "", "true",
      "keep a cache of tags that were authorized" },
    { "AuthorizeRemoteTxRequests", "Core", BOOL, RX, true, "", "false",
      "ask Authorize before a remote start" },
    { "BlinkRepeat", "Core", INT, RW, false, "times", "", "blinks of the lamp when it signals" },
    { "ClockAlignedDataInterval", "Core", INT, RW, true, "s", "900",
      "meter values at full intervals of the clock; 0 = none" },
    { "ConnectionTimeOut", "Core", INT, RW, true, "s", "60",
      "from the tag until the cable must be plugged in" },
    { "ConnectorPhaseRotation", "Core", LIST, RW, true, "", "1.RST",
      "grid phases of each connector" },
    { "ConnectorPhaseRotationMaxLength", "Core", INT, R, false, "entries", "",
      "most entries of ConnectorPhaseRotation" },
    { "GetConfigurationMaxKeys", "Core", INT, R, true, "keys", "",
      "most keys of one GetConfiguration" },
    { "HeartbeatInterval", "Core", INT, RW, true, "s", "300", "between Heartbeats" },
    { "LightIntensity", "Core", INT, RW, false, "%", "", "brightness of the station's lights" },
    { "LocalAuthorizeOffline", "Core", BOOL, RW, true, "", "true",
      "offline: start for tags of the list or the cache" },
    { "LocalPreAuthorize", "Core", BOOL, RW, true, "", "false",
      "online: start for tags of the list or the cache before the answer" },
    { "MaxEnergyOnInvalidId", "Core", INT, RW, false, "Wh", "0",
      "energy that may still flow after a tag was refused" },
    { "MeterValuesAlignedData", "Core", LIST, RW, true, "", "Energy.Active.Import.Register",
      "what is sent at intervals of the clock" },
    { "MeterValuesAlignedDataMaxLength", "Core", INT, R, false, "entries", "",
      "most entries of MeterValuesAlignedData" },
    { "MeterValuesSampledData", "Core", LIST, RW, true, "", "Energy.Active.Import.Register",
      "what is sent at intervals of a session" },
    { "MeterValuesSampledDataMaxLength", "Core", INT, R, false, "entries", "",
      "most entries of MeterValuesSampledData" },
    { "MeterValueSampleInterval", "Core", INT, RW, true, "s", "60",
      "between meter values of a session; 0 = none" },
    { "MinimumStatusDuration", "Core", INT, RW, false, "s", "",
      "how long a status must last to be told" },
    { "NumberOfConnectors", "Core", INT, R, true, "", "1", "physical connectors" },
    { "ResetRetries", "Core", INT, RW, true, "times", "3", "tries of a reset" },
    { "StopTransactionOnEVSideDisconnect", "Core", BOOL, RX, true, "", "true",
      "end the session when the cable is pulled at the car" },
    { "StopTransactionOnInvalidId", "Core", BOOL, RW, true, "", "true",
      "end the session when its tag turns out refused" },
    { "StopTxnAlignedData", "Core", LIST, RW, true, "", "",
      "values at intervals of the clock that come with the end of a session" },
    { "StopTxnAlignedDataMaxLength", "Core", INT, R, false, "entries", "",
      "most entries of StopTxnAlignedData" },
    { "StopTxnSampledData", "Core", LIST, RW, true, "", "",
      "samples that come with the end of a session" },
    { "StopTxnSampledDataMaxLength", "Core", INT, R, false, "entries", "",
      "most entries of StopTxnSampledData" },
    { "StopTransactionMaxMeterValues", "Core", INT, R, false, "entries", "",
      "most meter values with the end of a session" },
    { "SupportedFeatureProfiles", "Core", LIST, R, true, "",
      "Core,FirmwareManagement,LocalAuthListManagement,Reservation,SmartCharging,RemoteTrigger",
      "what the station can do" },
    { "SupportedFeatureProfilesMaxLength", "Core", INT, R, false, "entries", "",
      "most entries of SupportedFeatureProfiles" },
    { "TransactionMessageAttempts", "Core", INT, RW, true, "times", "3",
      "how often a message of a session is sent that is refused" },
    { "TransactionMessageRetryInterval", "Core", INT, RW, true, "s", "60",
      "between these attempts, times the number of attempts" },
    { "UnlockConnectorOnEVSideDisconnect", "Core", BOOL, RW, true, "", "true",
      "unlock the station's socket when the cable is pulled at the car" },
    { "WebSocketPingInterval", "Core", INT, RW, false, "s", "60",
      "between websocket pings of the station; 0 = none" },
    { "MessageTimeout", "Core", INT, RW, false, "s", "30", "until a message counts as lost" },
    /* 9.2 Local list */
    { "LocalAuthListEnabled", "LocalAuthListManagement", BOOL, RW, true, "", "true",
      "use the local list" },
    { "LocalAuthListMaxLength", "LocalAuthListManagement", INT, R, true, "entries", "",
      "most tags in the list" },
    { "SendLocalListMaxLength", "LocalAuthListManagement", INT, R, true, "entries", "",
      "most tags in one SendLocalList" },
    /* 9.3 Reservation */
    { "ReserveConnectorZeroSupported", "Reservation", BOOL, R, false, "", "",
      "can reserve without naming a connector" },
    /* 9.4 Smart charging */
    { "ChargeProfileMaxStackLevel", "SmartCharging", INT, R, true, "", "",
      "highest stack level of a charging profile" },
    { "ChargingScheduleAllowedChargingRateUnit", "SmartCharging", LIST, R, true, "",
      "Current,Power", "units that a schedule may have" },
    { "ChargingScheduleMaxPeriods", "SmartCharging", INT, R, true, "periods", "",
      "most periods of a schedule" },
    { "ConnectorSwitch3to1PhaseSupported", "SmartCharging", BOOL, R, false, "", "",
      "can go from three phases to one in a session" },
    { "MaxChargingProfilesInstalled", "SmartCharging", INT, R, true, "profiles", "",
      "most charging profiles at a time" },
    /* errata */
    { "SupportedFileTransferProtocols", "FirmwareManagement", LIST, R, false, "", "FTP,HTTP,HTTPS",
      "how it fetches firmware and delivers files" },
    /* security white paper */
    { "AdditionalRootCertificateCheck", "Security", BOOL, R, false, "", "false",
      "only one root of the central system, a new one must be signed by the old" },
    { "AuthorizationKey", "Security", TEXT, W, false, "", "",
      "password of the station; set by 'noxctl station key --push'" },
    { "CertificateSignedMaxChainSize", "Security", INT, R, false, "bytes", "10000",
      "most bytes of a certificate chain" },
    { "CertificateStoreMaxLength", "Security", INT, R, false, "certificates", "",
      "most certificates it can keep" },
    { "CpoName", "Security", TEXT, RW, false, "", "",
      "organisation in certificates (noxd --cpo-name)" },
    { "SecurityProfile", "Security", INT, RW, false, "", "1",
      "0 to 3; raised by 'noxctl station security-profile'" },
};

enum { KEYS = sizeof(keys) / sizeof(keys[0]) };

const struct ocpp_config_key *ocpp_config_keys(size_t *ret_n)
{
    *ret_n = KEYS;
    return keys;
}

const struct ocpp_config_key *ocpp_config_key(const char *name)
{
    for (size_t i = 0; i < KEYS; i++)
        if (strcasecmp(keys[i].name, name) == 0)
            return &keys[i];
    return NULL;
}

const char *ocpp_key_type_text(enum ocpp_key_type type)
{
    static const char *const text[] = { "text", "number", "boolean", "list" };
    return text[type];
}

const char *ocpp_key_access_text(enum ocpp_key_access access)
{
    static const char *const text[] = { "read", "read/write", "write", "either" };
    return text[access];
}

/* --- values --- */

size_t ocpp_list_next(const char **at, const char **ret_entry)
{
    const char *p = *at + strspn(*at, " \t,");
    size_t len = strcspn(p, ",");
    *ret_entry = p;
    *at = p + len;
    while (len > 0 && (p[len - 1] == ' ' || p[len - 1] == '\t'))
        len--;
    return len;
}

bool ocpp_list_has(const char *list, const char *entry, size_t entry_len)
{
    const char *one;
    size_t len;
    while ((len = ocpp_list_next(&list, &one)) > 0)
        if (len == entry_len && strncasecmp(one, entry, len) == 0)
            return true;
    return false;
}

static bool list_within(const char *part, const char *whole)
{
    const char *entry;
    size_t len;
    while ((len = ocpp_list_next(&part, &entry)) > 0)
        if (!ocpp_list_has(whole, entry, len))
            return false;
    return true;
}

static bool list_same_order(const char *a, const char *b)
{
    const char *x, *y;
    size_t n;
    do {
        n = ocpp_list_next(&a, &x);
        if (ocpp_list_next(&b, &y) != n || strncasecmp(x, y, n) != 0)
            return false;
    } while (n > 0);
    return true;
}

static bool is_number(const char *text, long long *ret_n)
{
    char *end;
    text += strspn(text, " \t");
    bool begins =
        isdigit((unsigned char)*text) || (*text == '-' && isdigit((unsigned char)text[1]));
    *ret_n = begins ? strtoll(text, &end, 10) : 0;
    return begins && end - text < 19 && end[strspn(end, " \t")] == '\0';
}

static bool is_word(const char *text, const char *word)
{
    const char *entry;
    size_t len = ocpp_list_next(&text, &entry);
    return len == strlen(word) && strncasecmp(entry, word, len) == 0 && *text == '\0';
}

static bool is_boolean(const char *text)
{
    return is_word(text, "true") || is_word(text, "false");
}

bool ocpp_config_equal(const char *key, const char *a, const char *b)
{
    long long x, y;
    const struct ocpp_config_key *known = ocpp_config_key(key);
    if (a == NULL || b == NULL)
        return a == b;
    if (strcmp(a, b) == 0)
        return true;
    if (is_number(a, &x) && is_number(b, &y))
        return x == y;
    if (is_boolean(a) || is_boolean(b))
        return is_word(a, "true") ? is_word(b, "true") : is_word(a, "false") && is_word(b, "false");
    if (known != NULL && known->type == OCPP_KEY_LIST)
        return list_within(a, b) && list_within(b, a);
    if (strchr(a, ',') != NULL || strchr(b, ',') != NULL)
        return list_same_order(a, b);
    const char *p = a + strspn(a, " "), *q = b + strspn(b, " ");
    size_t n = strlen(p), m = strlen(q);
    while (n > 0 && p[n - 1] == ' ')
        n--;
    while (m > 0 && q[m - 1] == ' ')
        m--;
    return n == m && memcmp(p, q, n) == 0;
}

const char *ocpp_config_hint(const char *key, const char *value)
{
    long long n;
    const struct ocpp_config_key *known = ocpp_config_key(key);
    if (known == NULL)
        return NULL;
    if (known->access == OCPP_KEY_READ)
        return "is read-only by the standard";
    if (value != NULL && known->type == OCPP_KEY_INT && !is_number(value, &n))
        return "is a whole number by the standard";
    if (value != NULL && known->type == OCPP_KEY_BOOL && !is_boolean(value))
        return "is true or false by the standard";
    return NULL;
}

/* --- patterns --- */

static int lower(char c)
{
    return tolower((unsigned char)c);
}

bool ocpp_pattern_fits(const char *pattern, const char *text)
{
    const char *star = NULL, *again = NULL;
    if (pattern == NULL)
        return true;
    text = text != NULL ? text : "";
    while (*text != '\0') {
        if (*pattern == '*') {
            star = ++pattern;
            again = text;
        } else if (*pattern != '\0' && (*pattern == '?' || lower(*pattern) == lower(*text))) {
            pattern++;
            text++;
        } else if (star != NULL) { /* the last star takes one more */
            pattern = star;
            text = ++again;
        } else {
            return false;
        }
    }
    return pattern[strspn(pattern, "*")] == '\0';
}
