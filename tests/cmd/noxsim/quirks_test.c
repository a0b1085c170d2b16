/* What a quirk makes of a message. */
#include "tests/cmd/noxsim/check_sim.h"

#include <stdlib.h>

#include "cmd/noxsim/quirks.h"

static const struct {
    const char *quirk, *in, *out;
} cases[] = {
    { "numeric-ids", "[2,\"17\",\"Heartbeat\",{}]", "[2,17,\"Heartbeat\",{}]" },
    { "null-fields", "[2,\"1\",\"DataTransfer\",{\"vendorId\":\"x\"}]",
      "[2,\"1\",\"DataTransfer\",{\"vendorId\":\"x\",\"messageId\":null,\"data\":null}]" },
    { "extra-fields", "[2,\"1\",\"Heartbeat\",{}]",
      "[2,\"1\",\"Heartbeat\",{\"vendorSpecific\":{\"isExtra\":true}}]" },
    { "no-zone", "[2,\"1\",\"X\",{\"timestamp\":\"2026-11-25T12:00:00.000Z\"}]",
      "[2,\"1\",\"X\",{\"timestamp\":\"2026-11-25T12:00:00.000\"}]" },
    { "no-zone", "[3,\"1\",{\"value\":\"Z\"}]", "[3,\"1\",{\"value\":\"Z\"}]" },
    { "kwh", "[2,\"1\",\"X\",{\"meterValue\":[{\"value\":\"12034\",\"unit\":\"Wh\"}]}]",
      "[2,\"1\",\"X\",{\"meterValue\":[{\"value\":\"12.034\",\"unit\":\"kWh\"}]}]" },
    { "kwh", "[2,\"1\",\"X\",{\"v\":[{\"value\":\"5\",\"unit\":\"A\"}]}]",
      "[2,\"1\",\"X\",{\"v\":[{\"value\":\"5\",\"unit\":\"A\"}]}]" },
    { "bare-values",
      "[2,\"1\",\"X\",{\"v\":[{\"value\":\"5\",\"context\":\"Trigger\",\"unit\":\"Wh\"}]}]",
      "[2,\"1\",\"X\",{\"v\":[{\"value\":\"5\"}]}]" },
    { "lower-case", "[2,\"1\",\"X\",{\"status\":\"SuspendedEVSE\",\"info\":\"A\"}]",
      "[2,\"1\",\"X\",{\"status\":\"suspendedevse\",\"info\":\"A\"}]" },
    { "no-tx-id", "[2,\"1\",\"MeterValues\",{\"transactionId\":7,\"meterValue\":[]}]",
      "[2,\"1\",\"MeterValues\",{\"meterValue\":[]}]" },
    { "no-tx-id", "[2,\"1\",\"StopTransaction\",{\"transactionId\":7}]",
      "[2,\"1\",\"StopTransaction\",{\"transactionId\":7}]" },
    { "odd-errors", "[4,\"1\",\"NotSupported\",\"no\",{}]", "[4,\"1\",\"NotSupported\"]" },
    { "empty-vendor", "[2,\"1\",\"BootNotification\",{\"chargePointVendor\":\"ACME\"}]",
      "[2,\"1\",\"BootNotification\",{\"chargePointVendor\":\"\"}]" },
};

static void test_messages(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        char text[200] = "";
        uint32_t set = 0;
        assert_true(quirks_parse(&set, cases[i].quirk, text, sizeof(text)));
        assert_true(quirks_touch(set));
        char *out = quirks_apply(set, cases[i].in, strlen(cases[i].in));
        if (out == NULL || strcmp(out, cases[i].out) != 0)
            fail_msg("%s: %s became %s", cases[i].quirk, cases[i].in, out);
        free(out);
    }
}

static void test_names(void **state)
{
    char text[200];
    uint32_t set = 0;
    (void)state;
    for (int i = 0; i < QUIRK_END; i++) {
        assert_non_null(quirk_summary((enum quirk)i));
        assert_true(quirks_parse(&set, quirk_name((enum quirk)i), text, sizeof(text)));
    }
    assert_int_equal(set, (1U << QUIRK_END) - 1);
    assert_false(quirks_parse(&set, "kWh", text, sizeof(text)));
    check_names("a proposal", text, "kwh");
    set = 0;
    quirks_parse(&set, "no-boot", text, sizeof(text));
    assert_false(quirks_touch(set));
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_messages),
                                        cmocka_unit_test(test_names) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
