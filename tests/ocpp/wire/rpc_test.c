#include "tests/ocpp/wire/check_wire.h"

#include "ocpp/wire/rpc.h"

#define ID36  "123456789012345678901234567890123456"
#define ID255 ID36 ID36 ID36 ID36 ID36 ID36 ID36 "abc"

static const struct {
    const char *why, *text;
    enum ocpp_rpc_rc rc;
    int type;
    const char *id, *action;
    unsigned violations;
} cases[] = {
    { "a call", "[2,\"1\",\"Heartbeat\",{}]", OCPP_RPC_OK, 2, "1", "Heartbeat", 0 },
    { "white space", " [ 2 , \"1\" , \"Heartbeat\" , { } ]\r\n", OCPP_RPC_OK, 2, "1", "Heartbeat",
      0 },
    { "null payload is legal", "[2,\"1\",\"Heartbeat\",null]", OCPP_RPC_OK, 2, "1", "Heartbeat",
      0 },
    { "payload left out", "[2,\"1\",\"Heartbeat\"]", OCPP_RPC_OK, 2, "1", "Heartbeat", 1 },
    { "surplus element", "[2,\"1\",\"Heartbeat\",{},{}]", OCPP_RPC_OK, 2, "1", "Heartbeat", 1 },
    { "numeric id", "[2,1,\"Heartbeat\",{}]", OCPP_RPC_OK, 2, "1", "Heartbeat", 1 },
    { "odd numeric id", "[2 , -1.50e+2 ,\"Heartbeat\",{}]", OCPP_RPC_OK, 2, "-1.50e+2", "Heartbeat",
      1 },
    { "id beyond int64", "[2,123456789012345678901234567890,\"Heartbeat\",{}]", OCPP_RPC_OK, 2,
      "123456789012345678901234567890", "Heartbeat", 1 },
    { "message type as text", "[\"2\",7,\"Heartbeat\",{}]", OCPP_RPC_OK, 2, "7", "Heartbeat", 2 },
    { "empty id", "[2,\"\",\"Heartbeat\",{}]", OCPP_RPC_OK, 2, "", "Heartbeat", 0 },
    { "id of 36", "[2,\"" ID36 "\",\"Heartbeat\",{}]", OCPP_RPC_OK, 2, ID36, "Heartbeat", 0 },
    { "id of 255", "[2,\"" ID255 "\",\"Heartbeat\",{}]", OCPP_RPC_OK, 2, ID255, "Heartbeat", 1 },
    { "id of 256", "[2,\"" ID255 "x\",\"Heartbeat\",{}]", OCPP_RPC_GARBAGE, 2, "", NULL, 0 },
    { "id with NUL", "[2,\"a\\u0000b\",\"Heartbeat\",{}]", OCPP_RPC_GARBAGE, 2, "", NULL, 0 },
    { "id of another type", "[2,true,\"Heartbeat\",{}]", OCPP_RPC_GARBAGE, 2, "", NULL, 0 },
    { "id null", "[2,null,\"Heartbeat\",{}]", OCPP_RPC_GARBAGE, 2, "", NULL, 0 },
    { "nothing but a type", "[2]", OCPP_RPC_GARBAGE, 2, "", NULL, 0 },
    { "action missing", "[2,\"1\"]", OCPP_RPC_ERROR, 2, "1", NULL, 0 },
    { "action is no text", "[2,\"1\",{},{}]", OCPP_RPC_ERROR, 2, "1", NULL, 0 },
    { "a result", "[3,\"1\",{}]", OCPP_RPC_OK, 3, "1", NULL, 0 },
    { "result without payload", "[3,\"1\"]", OCPP_RPC_OK, 3, "1", NULL, 1 },
    { "message type 1", "[1,\"1\",\"Heartbeat\",{}]", OCPP_RPC_IGNORE, 0, "", NULL, 0 },
    { "message type 5", "[5,\"1\",\"Heartbeat\",{}]", OCPP_RPC_IGNORE, 0, "", NULL, 0 },
    { "message type missing", "[{}]", OCPP_RPC_IGNORE, 0, "", NULL, 0 },
    { "huge message type", "[99999999999,\"1\"]", OCPP_RPC_IGNORE, 0, "", NULL, 0 },
    { "nothing", "", OCPP_RPC_GARBAGE, 0, "", NULL, 0 },
    { "an object", "{}", OCPP_RPC_GARBAGE, 0, "", NULL, 0 },
    { "an empty array", "[]", OCPP_RPC_GARBAGE, 0, "", NULL, 0 },
    { "cut off", "[2,\"1\",\"Heartbeat\",{", OCPP_RPC_GARBAGE, 0, "", NULL, 0 },
    { "two messages", "[2,\"1\",\"Heartbeat\",{}][]", OCPP_RPC_GARBAGE, 0, "", NULL, 0 },
    { "not UTF-8", "[2,\"\xff\",\"Heartbeat\",{}]", OCPP_RPC_GARBAGE, 0, "", NULL, 0 },
};

static void parse(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        const char *why = cases[i].why;
        struct ocpp_frame frame;
        struct ocpp_report report;
        enum ocpp_rpc_rc rc = ocpp_rpc_parse(cases[i].text, strlen(cases[i].text), &frame, &report);
        check_int(why, rc, cases[i].rc);
        check_int(why, frame.type, cases[i].type);
        check_text(why, frame.id, cases[i].id);
        check_text(why, frame.action, cases[i].action);
        check_int(why, frame.violations, cases[i].violations);
        check_int(why, report.violations, cases[i].violations);
        check_int(why, frame.first_violation[0] != '\0', cases[i].violations > 0);
        check_int(why, report.code != OCPP_OK, rc != OCPP_RPC_OK);
        check_int(why, report.text[0] != '\0', rc != OCPP_RPC_OK);
        ocpp_frame_done(&frame);
    }
}

static void trailing_nul_is_cut(void **state)
{
    (void)state;
    static const char text[] = "[3,\"1\",{}]";
    struct ocpp_frame frame;
    struct ocpp_report report;
    assert_int_equal(ocpp_rpc_parse(text, sizeof(text), &frame, &report), OCPP_RPC_OK);
    ocpp_frame_done(&frame);
    ocpp_frame_done(&frame);
    ocpp_frame_done(NULL);
}

static const struct {
    const char *text, *code_text, *description;
    enum ocpp_error_code code;
    unsigned violations;
} errors[] = {
    { "[4,\"1\",\"NotSupported\",\"no\",{}]", "NotSupported", "no", OCPP_NOT_SUPPORTED, 0 },
    { "[4,\"1\",\"OccurrenceConstraintViolation\",\"\",{}]", "OccurrenceConstraintViolation", "",
      OCPP_OCCURENCE_CONSTRAINT_VIOLATION, 0 },
    { "[4,\"1\",\"FormatViolation\",\"\",{}]", "FormatViolation", "", OCPP_FORMATION_VIOLATION, 0 },
    { "[4,\"1\",\"Strange\",\"\",{}]", "Strange", "", OCPP_GENERIC_ERROR, 0 },
    { "[4,\"1\",\"InternalError\",\"\"]", "InternalError", "", OCPP_INTERNAL_ERROR, 1 },
    { "[4,\"1\",\"InternalError\"]", "InternalError", "", OCPP_INTERNAL_ERROR, 2 },
    { "[4,\"1\"]", "", "", OCPP_GENERIC_ERROR, 3 },
    { "[4,\"1\",7,null,{},{}]", "", "", OCPP_GENERIC_ERROR, 3 },
};

static void call_errors(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(errors); i++) {
        const char *text = errors[i].text;
        struct ocpp_frame frame;
        struct ocpp_report report;
        check_int(text, ocpp_rpc_parse(text, strlen(text), &frame, &report), OCPP_RPC_OK);
        check_int(text, frame.error_code, errors[i].code);
        check_text(text, frame.error_code_text, errors[i].code_text);
        check_text(text, frame.error_description, errors[i].description);
        check_int(text, frame.violations, errors[i].violations);
        ocpp_frame_done(&frame);
    }
}

static void error_codes_are_spelt_like_the_wire(void **state)
{
    (void)state;
    static const char *const want[] = {
        "",
        "NotImplemented",
        "NotSupported",
        "InternalError",
        "ProtocolError",
        "SecurityError",
        "FormationViolation",
        "PropertyConstraintViolation",
        "OccurenceConstraintViolation",
        "TypeConstraintViolation",
        "GenericError",
    };
    for (int code = OCPP_OK; code <= OCPP_GENERIC_ERROR; code++) {
        check_text("code", ocpp_error_text((enum ocpp_error_code)code), want[code]);
        if (code != OCPP_OK)
            check_int(want[code], ocpp_error_from_text(want[code]), code);
    }
}

static void answer(const char *call, const char *want_result, const char *want_error)
{
    struct ocpp_frame frame;
    struct ocpp_report report;
    struct ocpp_text out;
    ocpp_text_init(&out);
    check_int(call, ocpp_rpc_parse(call, strlen(call), &frame, &report), OCPP_RPC_OK);
    struct ocpp_heartbeat_conf conf = { .current_time_ms = 0 };
    assert_true(ocpp_rpc_result(&out, &frame, &ocpp_heartbeat_conf_object, &conf));
    check_text(call, out.data, want_result);
    ocpp_text_reset(&out);
    assert_true(ocpp_rpc_error(&out, &frame, OCPP_SECURITY_ERROR, "say \"please\""));
    check_text(call, out.data, want_error);
    ocpp_text_done(&out);
    ocpp_frame_done(&frame);
}

static void answers_echo_the_id(void **state)
{
    (void)state;
    answer("[2,\"a\\\"\\u00e4\",\"Heartbeat\",{}]",
           "[3,\"a\\\"\xc3\xa4\",{\"currentTime\":\"1970-01-01T00:00:00.000Z\"}]",
           "[4,\"a\\\"\xc3\xa4\",\"SecurityError\",\"say \\\"please\\\"\",{}]");
    answer("[2, 7.0 ,\"Heartbeat\",{}]", "[3,7.0,{\"currentTime\":\"1970-01-01T00:00:00.000Z\"}]",
           "[4,7.0,\"SecurityError\",\"say \\\"please\\\"\",{}]");
}

static void calls(void **state)
{
    (void)state;
    struct ocpp_text out;
    ocpp_text_init(&out);
    const struct ocpp_action *action = ocpp_action_get(OCPP_RESET);
    struct ocpp_reset_req req = { .type = OCPP_RESET_TYPE_SOFT };
    assert_true(ocpp_rpc_call(&out, "17", action, &req));
    assert_string_equal(out.data, "[2,\"17\",\"Reset\",{\"type\":\"Soft\"}]");
    req.type = 99;
    assert_false(ocpp_rpc_call(&out, "18", action, &req));
    assert_string_equal(out.data, "[2,\"17\",\"Reset\",{\"type\":\"Soft\"}]"); /* as before */
    ocpp_text_reset(&out);
    assert_true(ocpp_rpc_call_raw(&out, "19", "ClearCache", NULL));
    assert_string_equal(out.data, "[2,\"19\",\"ClearCache\",{}]");
    ocpp_text_reset(&out);
    assert_true(ocpp_rpc_call_raw(&out, "20", "Reset", "{\"type\":\"Hard\"}"));
    assert_string_equal(out.data, "[2,\"20\",\"Reset\",{\"type\":\"Hard\"}]");
    ocpp_text_done(&out);
}

static void long_description_is_cut_between_characters(void **state)
{
    (void)state;
    char description[400] = { 0 };
    for (size_t i = 0; i + 2 < sizeof(description); i += 2)
        memcpy(description + i, "\xc3\xa4", 2);
    struct ocpp_frame to = { .type = OCPP_CALL, .id = "1" };
    struct ocpp_text out;
    ocpp_text_init(&out);
    assert_true(ocpp_rpc_error(&out, &to, OCPP_GENERIC_ERROR, description));
    struct ocpp_frame back;
    struct ocpp_report report;
    assert_int_equal(ocpp_rpc_parse(out.data, out.len, &back, &report), OCPP_RPC_OK);
    assert_int_equal(strlen(back.error_description), 254);
    assert_memory_equal(back.error_description, description, 254);
    ocpp_frame_done(&back);
    ocpp_text_reset(&out);
    assert_true(ocpp_rpc_error(&out, &to, OCPP_GENERIC_ERROR, NULL));
    assert_string_equal(out.data, "[4,\"1\",\"GenericError\",\"\",{}]");
    ocpp_text_done(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parse),
        cmocka_unit_test(trailing_nul_is_cut),
        cmocka_unit_test(call_errors),
        cmocka_unit_test(error_codes_are_spelt_like_the_wire),
        cmocka_unit_test(answers_echo_the_id),
        cmocka_unit_test(calls),
        cmocka_unit_test(long_description_is_cut_between_characters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
