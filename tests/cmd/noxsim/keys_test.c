/* ChangeConfiguration, key by key. */
#include "tests/cmd/noxsim/check_sim.h"

#include "cmd/noxsim/keys.h"
#include "ocpp/wire/enums.h"

enum {
    OK = OCPP_CONFIGURATION_STATUS_ACCEPTED,
    NO = OCPP_CONFIGURATION_STATUS_REJECTED,
    UNKNOWN = OCPP_CONFIGURATION_STATUS_NOT_SUPPORTED,
};

static const struct {
    const char *key, *value;
    int32_t status;
} changes[] = {
    { "HeartbeatInterval", "60", OK },
    { "heartbeatinterval", "61", OK },
    { "HeartbeatInterval", "0", NO },
    { "HeartbeatInterval", "often", NO },
    { "HeartbeatInterval", "60 ", NO },
    { "HeartbeatInterval", "", NO },
    { "HeartbeatInterval", "99999999999999999999", NO },
    { "MeterValueSampleInterval", "30", NO }, /* below the station's own least */
    { "MeterValueSampleInterval", "60", OK },
    { "MeterValueSampleInterval", "0", OK },
    { "MeterValueSampleInterval", "-1", NO },
    { "LocalAuthorizeOffline", "FALSE", OK },
    { "LocalAuthorizeOffline", "no", NO },
    { "MeterValuesSampledData", "Energy.Active.Import.Register,Current.Import", OK },
    { "MeterValuesSampledData", "Energy.Active.Import.Register, SoC", OK },
    { "MeterValuesSampledData", "", OK },
    { "MeterValuesSampledData", "Energy.Active.Import.Register,Temperature", NO },
    { "MeterValuesSampledData", "Energy.Active.Import", NO },
    { "NumberOfConnectors", "2", NO },
    { "SupportedFeatureProfiles", "Core", NO },
    { "ConnectorPhaseRotation", "1.STR", OK },
    { "NoSuchKey", "1", UNKNOWN },
};

static void test_changes(void **state)
{
    (void)state;
    struct keys keys = { .min_sample_interval_s = 60 };
    char why[120];
    for (size_t i = 0; i < ARRAY_SIZE(changes); i++) {
        snprintf(why, sizeof(why), "%s = \"%s\"", changes[i].key, changes[i].value);
        check_int(why, keys_change(&keys, changes[i].key, changes[i].value), changes[i].status);
        if (changes[i].status == OK)
            check_text(why, keys_text(&keys, key_find(changes[i].key)), changes[i].value);
    }
    check_int("as a number", keys_int(&keys, KEY_HEARTBEAT_INTERVAL), 61);
    check_int("as a switch", keys_bool(&keys, KEY_LOCAL_AUTHORIZE_OFFLINE), 0);
    keys_done(&keys);
    check_int("default again", keys_int(&keys, KEY_HEARTBEAT_INTERVAL), 300);
}

/* Every default is a value that could be set. */
static void test_defaults(void **state)
{
    (void)state;
    struct keys keys = { .min_sample_interval_s = 1 };
    for (int i = 0; i < KEY_END; i++) {
        const struct key_row *row = key_row((enum key)i);
        assert_non_null(row->name);
        check_int(row->name, key_find(row->name), i);
        if (!row->readonly)
            check_int(row->name, keys_change(&keys, row->name, row->value),
                      row->needs_reboot ? OCPP_CONFIGURATION_STATUS_REBOOT_REQUIRED : OK);
    }
    keys_done(&keys);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_changes),
                                        cmocka_unit_test(test_defaults) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
