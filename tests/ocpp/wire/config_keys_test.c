#include "tests/ocpp/wire/check_wire.h"

#include <string.h>

#include "ocpp/wire/action.h"
#include "ocpp/wire/config_keys.h"
#include "ocpp/wire/errors.h"
#include "ocpp/wire/iso8601.h"
#include "ocpp/wire/messages.h"

static void values_that_mean_the_same(void **state)
{
    (void)state;
    static const struct {
        const char *key, *a, *b;
        bool same;
    } cases[] = {
        { "HeartbeatInterval", "300", "300", true },
        { "HeartbeatInterval", "300", " 0300 ", true },
        { "HeartbeatInterval", "300", "301", false },
        { "HeartbeatInterval", "300", "", false },
        { "LocalAuthorizeOffline", "true", "TRUE", true },
        { "localauthorizeoffline", "True ", "true", true },
        { "LocalAuthorizeOffline", "true", "false", false },
        { "LocalAuthorizeOffline", "true", "1", false },
        { "MeterValuesSampledData", "Voltage,SoC", "SoC, Voltage", true },
        { "MeterValuesSampledData", "Voltage,SoC", "voltage,soc,", true },
        { "MeterValuesSampledData", "Voltage,SoC", "Voltage", false },
        { "VendorList", "b, a", "b,a", true },
        { "VendorList", "b,a", "a,b", false },
        { "VendorText", "Hello", "hello", false },
        { "VendorText", "Hello", " Hello ", true },
        { "VendorText", "true", "TRUE", true },
        { "VendorText", "", "", true },
        { "VendorText", "", " ", true },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        if (ocpp_config_equal(cases[i].key, cases[i].a, cases[i].b) != cases[i].same ||
            ocpp_config_equal(cases[i].key, cases[i].b, cases[i].a) != cases[i].same)
            fail_msg("%s: '%s' and '%s'", cases[i].key, cases[i].a, cases[i].b);
    assert_true(ocpp_config_equal("X", NULL, NULL));
    assert_false(ocpp_config_equal("X", NULL, ""));
}

static void patterns(void **state)
{
    (void)state;
    static const struct {
        const char *pattern, *text;
        bool fits;
    } cases[] = {
        { NULL, "anything", true }, { "*", "", true },
        { "*", NULL, true },        { "Lamp", "lamp", true },
        { "Lamp", "Lamp2", false }, { "L*", "Lamp", true },
        { "*amp", "Lamp", true },   { "L*p*", "Lamp-11", true },
        { "L?mp", "Lamp", true },   { "L?mp", "Lmp", false },
        { "*a*a*a", "aaa", true },  { "*a*a*a*b", "aaaaaaaaaa", false },
        { "", "", true },           { "", "x", false },
        { "?*", "", false },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        if (ocpp_pattern_fits(cases[i].pattern, cases[i].text) != cases[i].fits)
            fail_msg("%s / %s", cases[i].pattern, cases[i].text);
}

static void keys_of_the_standard(void **state)
{
    (void)state;
    size_t n;
    const struct ocpp_config_key *key = ocpp_config_keys(&n);
    for (size_t i = 0; i < n; i++) {
        assert_ptr_equal(ocpp_config_key(key[i].name), &key[i]); /* none stands twice */
        assert_true(strlen(key[i].name) <= 50 && key[i].meaning[0] != '\0');
    }
    assert_non_null(ocpp_config_key("authorizationkey"));
    assert_null(ocpp_config_key("VendorKey"));
    assert_null(ocpp_config_hint("HeartbeatInterval", "300"));
    assert_non_null(ocpp_config_hint("HeartbeatInterval", "often"));
    assert_non_null(ocpp_config_hint("NumberOfConnectors", "2"));
    assert_non_null(ocpp_config_hint("LocalAuthListEnabled", "yes"));
    assert_null(ocpp_config_hint("VendorKey", "yes"));
}

static void local_times(void **state)
{
    (void)state;
    static const struct {
        const char *local, *utc;
        int32_t zone_min;
    } cases[] = {
        { "2026-01-21T14:00:00Z", "2026-01-21T13:00:00.000Z", OCPP_ZONE_CET },
        { "2026-07-21T14:00:00Z", "2026-07-21T12:00:00.000Z", OCPP_ZONE_CET },
        { "2026-03-29T01:59:59Z", "2026-03-29T00:59:59.000Z", OCPP_ZONE_CET },
        { "2026-03-29T03:00:00Z", "2026-03-29T01:00:00.000Z", OCPP_ZONE_CET },
        { "2026-10-25T01:30:00Z", "2026-10-24T23:30:00.000Z", OCPP_ZONE_CET },
        { "2026-10-25T03:30:00Z", "2026-10-25T02:30:00.000Z", OCPP_ZONE_CET },
        { "1970-01-01T01:00:00Z", "1970-01-01T00:00:00.000Z", OCPP_ZONE_CET },
        { "2026-01-21T14:00:00Z", "2026-01-21T19:30:00.000Z", -330 },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        int64_t ms;
        char text[OCPP_TIME_TEXT_SIZE];
        assert_true(ocpp_time_parse(cases[i].local, &ms, NULL));
        ocpp_time_format(ocpp_time_of_local(ms, cases[i].zone_min), text);
        assert_string_equal(text, cases[i].utc);
    }
}

static void short_times(void **state)
{
    (void)state;
    struct ocpp_text out;
    struct ocpp_heartbeat_conf conf = { .current_time_ms = 1709200800123 };
    ocpp_text_init(&out);
    out.short_times = true;
    assert_true(ocpp_encode(ocpp_action_get(OCPP_HEARTBEAT)->conf, &conf, &out));
    assert_string_equal(out.data, "{\"currentTime\":\"2024-02-29T10:00:00Z\"}");
    ocpp_text_done(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_that_mean_the_same),
        cmocka_unit_test(patterns),
        cmocka_unit_test(keys_of_the_standard),
        cmocka_unit_test(local_times),
        cmocka_unit_test(short_times),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
