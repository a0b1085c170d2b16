/* Secrets leave messages before they are kept. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ocpp/wire/redact.h"

static const struct {
    const char *why, *payload, *want; /* want NULL = stays as it is */
} cases[] = {
    { "a key that is set", "{\"key\":\"AuthorizationKey\",\"value\":\"3132\"}",
      "{\"key\":\"AuthorizationKey\",\"value\":\"***\"}" },
    { "without regard to case", "{\"key\":\"authorizationKEY\",\"value\":\"3132\"}",
      "{\"key\":\"authorizationKEY\",\"value\":\"***\"}" },
    { "keys of makers", "{\"key\":\"WifiPassword\",\"value\":\"x\"}",
      "{\"key\":\"WifiPassword\",\"value\":\"***\"}" },
    { "other keys stay", "{\"key\":\"HeartbeatInterval\",\"value\":\"300\"}", NULL },
    { "no value, no secret", "{\"key\":\"AuthorizationKey\",\"readonly\":true}", NULL },
    { "an answer of many keys",
      "{\"configurationKey\":[{\"key\":\"A\",\"value\":\"1\"},{\"key\":\"AuthorizationKey\","
      "\"value\":\"3132\"}]}",
      "{\"configurationKey\":[{\"key\":\"A\",\"value\":\"1\"},{\"key\":\"AuthorizationKey\","
      "\"value\":\"***\"}]}" },
    { "vendors' data", "{\"vendorId\":\"x\",\"data\":\"{\\\"Password\\\":\\\"p\\\"}\"}",
      "{\"vendorId\":\"x\",\"data\":\"***\"}" },
    { "password of a URL", "{\"location\":\"ftp://u:p@h/d\"}", "{\"location\":\"ftp://***@h/d\"}" },
    { "password with an @", "{\"location\":\"ftp://u:p@q@h/d\"}",
      "{\"location\":\"ftp://***@h/d\"}" },
    { "one-time token", "{\"log\":{\"remoteLocation\":\"https://h:1/files/a1b2/x.log\"}}",
      "{\"log\":{\"remoteLocation\":\"https://h:1/files/***/x.log\"}}" },
    { "both", "{\"l\":[\"http://u@h/files/t/x\"]}", "{\"l\":[\"http://***@h/files/***/x\"]}" },
    { "an @ in a path", "{\"location\":\"http://h/a@b\"}", NULL },
    { "certificates stay", "{\"certificate\":\"-----BEGIN CERTIFICATE-----\"}", NULL },
};

static void secrets_are_hidden(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        json_t *payload = json_loads(cases[i].payload, 0, NULL);
        bool any = ocpp_redact(payload);
        char *text = json_dumps(payload, JSON_COMPACT);
        const char *want = cases[i].want != NULL ? cases[i].want : cases[i].payload;
        if (any != (cases[i].want != NULL) || strcmp(text, want) != 0)
            fail_msg("%s: %s, expected %s", cases[i].why, text, want);
        free(text);
        json_decref(payload);
    }
    assert_false(ocpp_redact(NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(secrets_are_hidden) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
