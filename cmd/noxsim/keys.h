/*
 * Configuration keys of a simulated charge point (OCPP 1.6 chapter 9): one table with type, limits
 * and default of each.
 */
#ifndef CMD_NOXSIM_KEYS_H
#define CMD_NOXSIM_KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum key {
    KEY_ADDITIONAL_ROOT_CHECK,
    KEY_ALLOW_OFFLINE_TX_FOR_UNKNOWN_ID,
    KEY_AUTHORIZATION_CACHE_ENABLED,
    KEY_AUTHORIZATION_KEY,
    KEY_AUTHORIZE_REMOTE_TX_REQUESTS,
    KEY_CERTIFICATE_SIGNED_MAX,
    KEY_CERTIFICATE_STORE_MAX,
    KEY_CHARGE_PROFILE_MAX_STACK_LEVEL,
    KEY_CHARGING_SCHEDULE_ALLOWED_RATE_UNIT,
    KEY_CHARGING_SCHEDULE_MAX_PERIODS,
    KEY_CLOCK_ALIGNED_DATA_INTERVAL,
    KEY_CONNECTION_TIME_OUT,
    KEY_CONNECTOR_PHASE_ROTATION,
    KEY_CONNECTOR_SWITCH_3_TO_1,
    KEY_CPO_NAME,
    KEY_GET_CONFIGURATION_MAX_KEYS,
    KEY_HEARTBEAT_INTERVAL,
    KEY_LOCAL_AUTH_LIST_ENABLED,
    KEY_LOCAL_LIST_MAX,
    KEY_LOCAL_AUTHORIZE_OFFLINE,
    KEY_LOCAL_PRE_AUTHORIZE,
    KEY_MAX_CHARGING_PROFILES_INSTALLED,
    KEY_METER_VALUES_ALIGNED_DATA,
    KEY_METER_VALUES_SAMPLED_DATA,
    KEY_METER_VALUE_SAMPLE_INTERVAL,
    KEY_NUMBER_OF_CONNECTORS,
    KEY_RESERVE_CONNECTOR_ZERO,
    KEY_RESET_RETRIES,
    KEY_SECURITY_PROFILE,
    KEY_SEND_LOCAL_LIST_MAX,
    KEY_STOP_TRANSACTION_ON_EV_SIDE_DISCONNECT,
    KEY_STOP_TRANSACTION_ON_INVALID_ID,
    KEY_STOP_TXN_ALIGNED_DATA,
    KEY_STOP_TXN_SAMPLED_DATA,
    KEY_SUPPORTED_FEATURE_PROFILES,
    KEY_SUPPORTED_FILE_TRANSFER,
    KEY_TRANSACTION_MESSAGE_ATTEMPTS,
    KEY_TRANSACTION_MESSAGE_RETRY_INTERVAL,
    KEY_UNLOCK_CONNECTOR_ON_EV_SIDE_DISCONNECT,
    KEY_WEB_SOCKET_PING_INTERVAL,
    KEY_END
};

enum key_type { KEY_BOOL, KEY_INT, KEY_TEXT, KEY_MEASURANDS };

struct key_row {
    const char *name;
    enum key_type type;
    bool readonly;
    const char *value; /* default */
    int32_t min, max;  /* of KEY_INT */
    bool writeonly;    /* GetConfiguration names it without its value */
    bool needs_reboot; /* a change is answered RebootRequired */
};

/* Values of one station; zeroed = all defaults. */
struct keys {
    char *value[KEY_END]; /* NULL = default; owned */
    int32_t min_sample_interval_s;
};

const struct key_row *key_row(enum key key);
/** @return KEY_END if there is no such key; names match without regard to case */
enum key key_find(const char *name);

const char *keys_text(const struct keys *keys, enum key key);
int32_t keys_int(const struct keys *keys, enum key key);
bool keys_bool(const struct keys *keys, enum key key);

/** Set a value without any check (the station itself does). */
void keys_set(struct keys *keys, enum key key, const char *text);
/** ChangeConfiguration. @return OCPP_CONFIGURATION_STATUS_* */
int32_t keys_change(struct keys *keys, const char *name, const char *text);
void keys_done(struct keys *keys);

/* What the meter can say; bits of a set. */
enum measurand_bit {
    METER_ENERGY = 1 << 0,
    METER_POWER = 1 << 1,
    METER_CURRENT = 1 << 2,
    METER_OFFERED = 1 << 3,
    METER_SOC = 1 << 4,
    METER_VOLTAGE = 1 << 5,
};

/** Read a list of measurands. @return false at one that this meter does not have */
bool keys_measurands(const char *list, unsigned *ret_bits);

#endif
