#include "tests/ocpp/wire/check_wire.h"

#include "ocpp/wire/action.h"

static void table_is_sorted_and_complete(void **state)
{
    (void)state;
    size_t n;
    const struct ocpp_action *actions = ocpp_actions(&n);
    assert_int_equal(n, OCPP_ACTION_END - 1);
    for (size_t i = 0; i < n; i++) {
        const struct ocpp_action *a = &actions[i];
        assert_int_equal(a->id, i + 1);
        assert_ptr_equal(ocpp_action_find(a->name), a);
        assert_ptr_equal(ocpp_action_get(a->id), a);
        if (i > 0)
            assert_true(strcmp(actions[i - 1].name, a->name) < 0);
        assert_true(a->direction >= OCPP_FROM_STATION && a->direction <= 3);
        assert_int_equal(a->req_size, a->req->size);
        assert_int_equal(a->conf_size, a->conf->size);
        assert_true(a->summary[0] && a->section[0] && a->profile[0]);
        assert_true(strncmp(a->req->name, a->name, strlen(a->name)) == 0);
        assert_string_equal(a->req->name + strlen(a->name), ".req");
        assert_string_equal(a->conf->name + strlen(a->name), ".conf");
    }
}

static const struct {
    const char *name, *nearest;
} names[] = {
    { "heartbeat", "Heartbeat" },
    { "Bootnotification", "BootNotification" },
    { "MeterValue", "MeterValues" },
    { "StartTransactions", "StartTransaction" },
    { "RemoteStart", NULL },
    { "", NULL },
    { "Xyzzy", NULL },
    { "AnActionNameThatIsFarTooLongToBeComparedWithAnythingAtAll", NULL },
};

static void wrong_names(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
        assert_null(ocpp_action_find(names[i].name));
        check_text(names[i].name, ocpp_action_nearest(names[i].name), names[i].nearest);
    }
    assert_null(ocpp_action_get((enum ocpp_action_id)0));
    assert_null(ocpp_action_get(OCPP_ACTION_END));
}

static const struct {
    const char *why;
    const struct ocpp_enum *members;
    const char *text;
    int32_t want;
    bool want_exact;
} spellings[] = {
    { "exact", &ocpp_enum_status, "SuspendedEV", OCPP_STATUS_SUSPENDED_EV, true },
    { "other case", &ocpp_enum_status, "suspendedev", OCPP_STATUS_SUSPENDED_EV, false },
    { "blanks", &ocpp_enum_status, " Charging\n", OCPP_STATUS_CHARGING, false },
    { "unknown", &ocpp_enum_status, "Occupied", OCPP_ENUM_UNKNOWN, false },
    { "empty", &ocpp_enum_status, "", OCPP_ENUM_UNKNOWN, false },
    { "legal misspelling", &ocpp_enum_unit, "Celcius", OCPP_UNIT_CELSIUS, true },
    { "short unit", &ocpp_enum_unit, "C", OCPP_UNIT_CELSIUS, false },
    { "Hertz is in no schema", &ocpp_enum_unit, "Hertz", OCPP_UNIT_HERTZ, false },
    { "Hz", &ocpp_enum_unit, "hz", OCPP_UNIT_HERTZ, false },
    { "percent sign", &ocpp_enum_unit, "%", OCPP_UNIT_PERCENT, false },
    { "log, word of core", &ocpp_enum_upload_log_status, "UploadFailed",
      OCPP_UPLOAD_LOG_STATUS_UPLOAD_FAILURE, false },
    { "diagnostics, word of logs", &ocpp_enum_diagnostics_status, "UploadFailure",
      OCPP_DIAGNOSTICS_STATUS_UPLOAD_FAILED, false },
    { "vendor", &ocpp_enum_data_transfer_status, "UnknownVendor",
      OCPP_DATA_TRANSFER_STATUS_UNKNOWN_VENDOR_ID, false },
    { "white paper text", &ocpp_enum_delete_certificate_status, "Success",
      OCPP_DELETE_CERTIFICATE_STATUS_ACCEPTED, false },
};

static void enum_spellings(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(spellings); i++) {
        bool exact;
        check_int(spellings[i].why, ocpp_enum_read(spellings[i].members, spellings[i].text, &exact),
                  spellings[i].want);
        check_int(spellings[i].why, exact, spellings[i].want_exact);
    }
    assert_int_equal(ocpp_enum_value(&ocpp_enum_auth, "Blocked"), OCPP_AUTH_BLOCKED);
    assert_int_equal(ocpp_enum_value(&ocpp_enum_auth, "blocked"), OCPP_ENUM_UNKNOWN);
    assert_int_equal(ocpp_enum_value(&ocpp_enum_auth, NULL), 0);
    assert_string_equal(ocpp_enum_text(&ocpp_enum_auth, OCPP_AUTH_CONCURRENT_TX), "ConcurrentTx");
    assert_null(ocpp_enum_text(&ocpp_enum_auth, 0));
    assert_null(ocpp_enum_text(&ocpp_enum_auth, OCPP_ENUM_UNKNOWN));
    assert_null(ocpp_enum_text(&ocpp_enum_auth, 6));
}

/* The reference must fit a terminal, and its JSON form must be JSON. */
static void references(void **state)
{
    (void)state;
    size_t n;
    const struct ocpp_action *actions = ocpp_actions(&n);
    for (size_t i = 0; i < n; i++) {
        struct ocpp_text text;
        ocpp_text_init(&text);
        ocpp_describe(&actions[i], &text);
        for (char *line = text.data; *line; line += strcspn(line, "\n") + 1)
            if (strcspn(line, "\n") > 100)
                fail_msg("too wide: %.*s", (int)strcspn(line, "\n"), line);
        for (size_t k = 0; k < actions[i].req->n_fields; k++)
            assert_non_null(strstr(text.data, actions[i].req->fields[k].name));
        ocpp_text_reset(&text);
        assert_true(ocpp_describe_json(&actions[i], &text));
        json_t *json = json_loads(text.data, JSON_REJECT_DUPLICATES, NULL);
        assert_non_null(json);
        assert_string_equal(json_string_value(json_object_get(json, "action")), actions[i].name);
        json_decref(json);
        ocpp_text_done(&text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(table_is_sorted_and_complete),
        cmocka_unit_test(wrong_names),
        cmocka_unit_test(enum_spellings),
        cmocka_unit_test(references),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
