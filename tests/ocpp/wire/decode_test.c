#include "tests/ocpp/wire/check_wire.h"

#include "ocpp/wire/action.h"

/* A payload, decoded both ways.  want_code and want_text are the outcome when lenient. */
static const struct {
    const char *why, *action, *payload;
    enum ocpp_error_code want_code;
    unsigned want_violations;
    const char *want_text; /* the error, or the first violation */
} cases[] = {
    { "as it should be", "Authorize", "{\"idTag\":\"ABC\"}", OCPP_OK, 0, "" },
    { "required member missing", "Authorize", "{}", OCPP_OCCURENCE_CONSTRAINT_VIOLATION, 0,
      "idTag is missing" },
    { "null is absent", "Authorize", "{\"idTag\":null}", OCPP_OCCURENCE_CONSTRAINT_VIOLATION, 0,
      "idTag is missing" },
    { "wrong type", "Authorize", "{\"idTag\":{}}", OCPP_TYPE_CONSTRAINT_VIOLATION, 0,
      "idTag must be a string" },
    { "number for text", "Authorize", "{\"idTag\":123}", OCPP_OK, 1, "idTag must be a string" },
    { "payload is a list", "Authorize", "[]", OCPP_FORMATION_VIOLATION, 0,
      "the payload must be an object" },
    { "payload is text", "BootNotification", "\"x\"", OCPP_FORMATION_VIOLATION, 0,
      "the payload must be an object" },
    { "null payload", "Heartbeat", "null", OCPP_OK, 0, "" },
    { "unknown member", "Heartbeat", "{\"x\":1}", OCPP_OK, 1, "x is not known" },
    { "too long a text is kept", "Authorize", "{\"idTag\":\"123456789012345678901\"}", OCPP_OK, 1,
      "idTag has 21 characters, at most 20 are allowed" },
    { "characters count, not bytes", "Authorize",
      "{\"idTag\":\"\\u00e4\\u00e42345678901234567890\"}", OCPP_OK, 1,
      "idTag has 21 characters, at most 20 are allowed" },
    { "twenty of two bytes each fit", "Authorize",
      "{\"idTag\":\"\\u00e4\\u00e4\\u00e4\\u00e4\\u00e4\\u00e4\\u00e4\\u00e4\\u00e4\\u00e4"
      "\\u00e4\\u00e4\\u00e4\\u00e4\\u00e4\\u00e4\\u00e4\\u00e4\\u00e4\\u00e4\"}",
      OCPP_OK, 0, "" },
    { "NUL in a text", "Authorize", "{\"idTag\":\"A\\u0000B\"}", OCPP_OK, 1,
      "idTag is cut at a NUL character" },
    { "soft: everything missing", "BootNotification", "{}", OCPP_OK, 2,
      "chargePointVendor is missing" },
    { "soft: wrong type left absent", "BootNotification",
      "{\"chargePointVendor\":[],\"chargePointModel\":\"M\"}", OCPP_OK, 1,
      "chargePointVendor must be a string" },
    { "soft: start without time", "StartTransaction",
      "{\"connectorId\":1,\"idTag\":\"A\",\"meterStart\":0}", OCPP_OK, 1, "timestamp is missing" },
    { "soft reaches nested objects", "MeterValues",
      "{\"connectorId\":1,\"meterValue\":[{\"sampledValue\":[{}]},7]}", OCPP_OK, 3,
      "meterValue[0].sampledValue[0].value is missing" },
    { "object for list", "MeterValues",
      "{\"connectorId\":1,\"meterValue\":{\"timestamp\":\"2024-01-01T00:00:00Z\","
      "\"sampledValue\":[{\"value\":\"1\"}]}}",
      OCPP_OK, 1, "meterValue must be a list" },
    { "empty list", "MeterValues", "{\"connectorId\":1,\"meterValue\":[]}", OCPP_OK, 1,
      "meterValue must have at least 1 entry" },
    { "connector below 0", "MeterValues", "{\"connectorId\":-3,\"meterValue\":[]}", OCPP_OK, 2,
      "connectorId must be at least 0" },
    { "enum in other case", "StatusNotification",
      "{\"connectorId\":1,\"errorCode\":\"NoError\",\"status\":\"available\"}", OCPP_OK, 1,
      "status must not be \"available\" but one of Available, Preparing, Charging, SuspendedEVSE, "
      "SuspendedEV, Finishing, Reserved, Unavailable, Faulted" },
    { "enum of another type", "StatusNotification",
      "{\"connectorId\":1,\"errorCode\":\"NoError\",\"status\":7}", OCPP_TYPE_CONSTRAINT_VIOLATION,
      0, "status must be a string" },
    { "optional time that is none", "StatusNotification",
      "{\"connectorId\":1,\"errorCode\":\"NoError\",\"status\":\"Available\",\"timestamp\":\"x\"}",
      OCPP_OK, 1, "timestamp must be a time like 2026-01-31T12:00:00Z" },
    { "required time that is none", "SecurityEventNotification",
      "{\"type\":\"T\",\"timestamp\":\"x\"}", OCPP_PROPERTY_CONSTRAINT_VIOLATION, 0,
      "timestamp must be a time like 2026-01-31T12:00:00Z" },
    { "time without zone", "SecurityEventNotification",
      "{\"type\":\"T\",\"timestamp\":\"2024-01-01T00:00:00\"}", OCPP_OK, 1,
      "timestamp has no time zone (Z is missing); taken as UTC" },
    { "optional member null", "SecurityEventNotification",
      "{\"type\":\"T\",\"timestamp\":\"2024-01-01T00:00:00Z\",\"techInfo\":null}", OCPP_OK, 1,
      "techInfo must not be null but left out" },
    { "object as data", "DataTransfer", "{\"vendorId\":\"v\",\"data\":{\"a\":[1,2.5]}}", OCPP_OK, 1,
      "data must be a string" },
};

static json_t *load(const char *text)
{
    json_error_t error;
    json_t *json = json_loads(text, JSON_DECODE_ANY | JSON_ALLOW_NUL, &error);
    if (!json)
        fail_msg("%s: %s", text, error.text);
    return json;
}

static void lenient(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        const struct ocpp_action *action = ocpp_action_find(cases[i].action);
        struct ocpp_arena arena;
        struct ocpp_report report;
        json_t *json = load(cases[i].payload);
        ocpp_arena_init(&arena, 1024, 65536);
        ocpp_report_init(&report);
        void *req = ocpp_arena_alloc(&arena, action->req_size);
        enum ocpp_error_code code =
            ocpp_decode(action->req, json, OCPP_LENIENT, &arena, req, &report);
        check_text(cases[i].why, code ? report.text : report.first_violation, cases[i].want_text);
        check_int(cases[i].why, code, cases[i].want_code);
        check_int(cases[i].why, report.code, code);
        check_int(cases[i].why, report.violations, cases[i].want_violations);
        check_int(cases[i].why, ocpp_decode(action->req, json, OCPP_LENIENT, &arena, req, NULL),
                  code);
        ocpp_arena_done(&arena);
        json_decref(json);
    }
}

/* What is tolerated is still found: strict refuses exactly the payloads with a deviation. */
static void strict_refuses_what_lenient_counts(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct ocpp_report report;
        json_t *json = load(cases[i].payload);
        ocpp_report_init(&report);
        enum ocpp_error_code code =
            ocpp_validate(ocpp_action_find(cases[i].action)->req, json, &report);
        check_int(cases[i].why, code != OCPP_OK, cases[i].want_text[0] != '\0');
        check_int(cases[i].why, report.text[0] != '\0', code != OCPP_OK);
        json_decref(json);
    }
}

static const struct {
    const char *action, *payload;
    enum ocpp_error_code want_code;
    const char *want_path, *want_text;
} remedies[] = {
    { "Reset", "{\"type\":\"Warm\"}", OCPP_PROPERTY_CONSTRAINT_VIOLATION, "type",
      "type must not be \"Warm\" but one of Hard, Soft" },
    { "Reset", "{\"typ\":\"Hard\"}", OCPP_FORMATION_VIOLATION, "typ",
      "typ is no member of Reset.req; did you mean type?" },
    { "Reset", "{\"colour\":\"Hard\"}", OCPP_FORMATION_VIOLATION, "colour",
      "colour is no member of Reset.req" },
    { "UnlockConnector", "{\"connectorId\":0}", OCPP_PROPERTY_CONSTRAINT_VIOLATION, "connectorId",
      "connectorId must be at least 1" },
    { "UnlockConnector", "{\"connectorId\":1.0}", OCPP_TYPE_CONSTRAINT_VIOLATION, "connectorId",
      "connectorId must be an integer" },
    { "GetConfiguration", "{\"key\":[\"a\",5]}", OCPP_TYPE_CONSTRAINT_VIOLATION, "key[1]",
      "key[1] must be a string" },
    { "SetChargingProfile",
      "{\"connectorId\":1,\"csChargingProfiles\":{\"chargingProfileId\":1,\"stackLevel\":0,"
      "\"chargingProfilePurpose\":\"TxProfile\",\"chargingProfileKind\":\"Absolute\","
      "\"chargingSchedule\":{\"chargingRateUnit\":\"A\",\"chargingSchedulePeriod\":["
      "{\"startPeriod\":0,\"limit\":8.15}]}}}",
      OCPP_PROPERTY_CONSTRAINT_VIOLATION,
      "csChargingProfiles.chargingSchedule.chargingSchedulePeriod[0].limit",
      "csChargingProfiles.chargingSchedule.chargingSchedulePeriod[0].limit must have at most one "
      "decimal" },
};

static void validate_names_path_and_remedy(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(remedies); i++) {
        struct ocpp_report report;
        json_t *json = load(remedies[i].payload);
        ocpp_report_init(&report);
        enum ocpp_error_code code =
            ocpp_validate(ocpp_action_find(remedies[i].action)->req, json, &report);
        check_text(remedies[i].payload, report.text, remedies[i].want_text);
        check_text(remedies[i].payload, report.path, remedies[i].want_path);
        check_int(remedies[i].payload, code, remedies[i].want_code);
        json_decref(json);
    }
}

/* meterStart as stations write it. */
static const struct {
    const char *json;
    int32_t want_wh;
    unsigned want_violations;
} meters[] = {
    { "12", 12, 0 },
    { "-5", -5, 0 },
    { "12.0", 12, 1 },
    { "12.4", 12, 1 },
    { "12.5", 13, 1 },
    { "-12.5", -13, 1 },
    { "\"12\"", 12, 1 },
    { "\" 12.5 \"", 13, 1 },
    { "\"1e3\"", 1000, 1 },
    { "\"\"", OCPP_INT_ABSENT, 1 },
    { "\"NaN\"", OCPP_INT_ABSENT, 1 },
    { "true", OCPP_INT_ABSENT, 1 },
    { "[12]", OCPP_INT_ABSENT, 1 },
    { "2147483647", INT32_MAX, 0 },
    { "2147483648", INT32_MAX, 1 },
    { "-2147483648", -INT32_MAX, 1 }, /* the least int32 means absent */
    { "-9223372036854775808", -INT32_MAX, 1 },
    { "1e300", INT32_MAX, 2 },
    { "-1e300", -INT32_MAX, 2 },
};

static void integers(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(meters); i++) {
        char text[200];
        snprintf(text, sizeof(text),
                 "{\"connectorId\":1,\"idTag\":\"A\",\"meterStart\":%s,"
                 "\"timestamp\":\"2024-01-01T00:00:00Z\"}",
                 meters[i].json);
        struct ocpp_arena arena;
        struct ocpp_report report;
        struct ocpp_start_transaction_req req;
        json_t *json = load(text);
        ocpp_arena_init(&arena, 1024, 65536);
        ocpp_report_init(&report);
        check_int(text,
                  ocpp_decode(&ocpp_start_transaction_req_object, json, OCPP_LENIENT, &arena, &req,
                              &report),
                  OCPP_OK);
        check_int(text, req.meter_start_wh, meters[i].want_wh);
        check_int(text, report.violations, meters[i].want_violations);
        check_int(text, req.reservation_id, OCPP_INT_ABSENT);
        ocpp_arena_done(&arena);
        json_decref(json);
    }
}

static void every_tenth_is_read_exactly(void **state)
{
    (void)state;
    for (int32_t tenths = 0; tenths < 10000; tenths++) {
        char text[120];
        snprintf(text, sizeof(text), "{\"startPeriod\":0,\"limit\":%d.%d}", tenths / 10,
                 tenths % 10);
        struct ocpp_arena arena;
        struct ocpp_report report;
        struct ocpp_charging_schedule_period period;
        json_t *json = load(text);
        ocpp_arena_init(&arena, 1024, 65536);
        ocpp_report_init(&report);
        check_int(text,
                  ocpp_decode(&ocpp_charging_schedule_period_object, json, OCPP_STRICT, &arena,
                              &period, &report),
                  OCPP_OK);
        check_int(text, period.limit_tenths, tenths);
        ocpp_arena_done(&arena);
        json_decref(json);
    }
}

static void meter_values_of_an_odd_station(void **state)
{
    (void)state;
    static const char text[] =
        "{\"connectorId\":\"2\",\"transactionId\":-1,\"meterValue\":[{\"timestamp\":"
        "\"2024-02-29 12:00:00+02\",\"sampledValue\":[{\"value\":604.213,\"unit\":\"kwh\","
        "\"context\":\"sample.periodic\"},{\"value\":\"16\",\"measurand\":\"Current.Import.L1\","
        "\"unit\":\"mA\"},{\"value\":\"21\",\"measurand\":\"Temperature\",\"unit\":\"Celcius\"},"
        "{\"value\":\"OCMF|{\\\"x\\\"}|\\u00e4 \",\"format\":\"SignedData\"},"
        "{\"value\":1234567890123}]}]}";
    struct ocpp_arena arena;
    struct ocpp_report report;
    struct ocpp_meter_values_req req;
    json_t *json = load(text);
    ocpp_arena_init(&arena, 1024, 65536);
    ocpp_report_init(&report);
    assert_int_equal(
        ocpp_decode(&ocpp_meter_values_req_object, json, OCPP_LENIENT, &arena, &req, &report),
        OCPP_OK);
    assert_int_equal(req.connector_id, 2);
    assert_int_equal(req.transaction_id, -1);
    assert_int_equal(req.n_meter_value, 1);
    assert_int_equal(req.meter_value[0].timestamp_ms, 1709200800000LL);
    const struct ocpp_sampled_value *v = req.meter_value[0].sampled_value;
    assert_int_equal(req.meter_value[0].n_sampled_value, 5);
    assert_string_equal(v[0].value, "604.213");
    assert_int_equal(v[0].unit, OCPP_UNIT_KWH);
    assert_int_equal(v[0].context, OCPP_CONTEXT_SAMPLE_PERIODIC);
    assert_int_equal(v[0].measurand, 0);
    assert_null(v[0].measurand_text);
    assert_int_equal(v[1].measurand, OCPP_ENUM_UNKNOWN);
    assert_string_equal(v[1].measurand_text, "Current.Import.L1");
    assert_int_equal(v[1].unit, OCPP_ENUM_UNKNOWN);
    assert_string_equal(v[1].unit_text, "mA");
    assert_int_equal(v[2].unit, OCPP_UNIT_CELSIUS);
    assert_string_equal(v[3].value, "OCMF|{\"x\"}|\xc3\xa4 ");
    assert_string_equal(v[4].value, "1234567890123");
    /* connectorId, value, unit, context; measurand, unit; value.  Celcius is legal. */
    assert_int_equal(report.violations, 7);
    ocpp_arena_done(&arena);
    json_decref(json);
}

static void booleans_and_string_lists(void **state)
{
    (void)state;
    static const char text[] =
        "{\"configurationKey\":[{\"key\":\"a\",\"readonly\":\"TRUE\",\"value\":5},"
        "{\"key\":\"b\",\"readonly\":0},{\"key\":\"c\"},7],\"unknownKey\":\"d\"}";
    struct ocpp_arena arena;
    struct ocpp_report report;
    struct ocpp_get_configuration_conf conf;
    json_t *json = load(text);
    ocpp_arena_init(&arena, 1024, 65536);
    ocpp_report_init(&report);
    assert_int_equal(ocpp_decode(&ocpp_get_configuration_conf_object, json, OCPP_LENIENT, &arena,
                                 &conf, &report),
                     OCPP_OK);
    assert_int_equal(conf.n_configuration_key, 3);
    assert_int_equal(conf.configuration_key[0].readonly, 1);
    assert_string_equal(conf.configuration_key[0].value, "5");
    assert_int_equal(conf.configuration_key[1].readonly, 0);
    assert_int_equal(conf.configuration_key[2].readonly, OCPP_BOOL_ABSENT);
    assert_int_equal(conf.n_unknown_key, 1);
    assert_string_equal(conf.unknown_key[0], "d");
    assert_int_equal(report.violations, 6);
    ocpp_arena_done(&arena);
    json_decref(json);
}

static void data_of_any_type_becomes_text(void **state)
{
    (void)state;
    struct ocpp_arena arena;
    struct ocpp_data_transfer_req req;
    json_t *json = load("{\"vendorId\":\"v\",\"data\":{\"a\":[1,0.1,\"x\",null]}}");
    ocpp_arena_init(&arena, 1024, 65536);
    assert_int_equal(
        ocpp_decode(&ocpp_data_transfer_req_object, json, OCPP_LENIENT, &arena, &req, NULL),
        OCPP_OK);
    assert_string_equal(req.data, "{\"a\":[1,0.1,\"x\",null]}");
    ocpp_arena_done(&arena);
    json_decref(json);
}

static void hostile_lists_stay_bounded(void **state)
{
    (void)state;
    json_t *json = json_pack("{s:i, s:[]}", "connectorId", 1, "meterValue");
    for (int i = 0; i < OCPP_LIST_MAX + 5; i++)
        json_array_append_new(json_object_get(json, "meterValue"), json_object());
    struct ocpp_arena arena;
    struct ocpp_report report;
    struct ocpp_meter_values_req req;
    ocpp_report_init(&report);
    ocpp_arena_init(&arena, 1024, 4 * 1024 * 1024);
    assert_int_equal(
        ocpp_decode(&ocpp_meter_values_req_object, json, OCPP_LENIENT, &arena, &req, &report),
        OCPP_OK);
    assert_int_equal(req.n_meter_value, OCPP_LIST_MAX);
    ocpp_arena_done(&arena);
    ocpp_arena_init(&arena, 1024, 4096);
    ocpp_report_init(&report);
    assert_int_equal(
        ocpp_decode(&ocpp_meter_values_req_object, json, OCPP_LENIENT, &arena, &req, &report),
        OCPP_INTERNAL_ERROR);
    assert_string_equal(report.text, "meterValue needs more memory than a message may take");
    ocpp_arena_done(&arena);
    json_decref(json);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lenient),
        cmocka_unit_test(strict_refuses_what_lenient_counts),
        cmocka_unit_test(validate_names_path_and_remedy),
        cmocka_unit_test(integers),
        cmocka_unit_test(every_tenth_is_read_exactly),
        cmocka_unit_test(meter_values_of_an_odd_station),
        cmocka_unit_test(booleans_and_string_lists),
        cmocka_unit_test(data_of_any_type_becomes_text),
        cmocka_unit_test(hostile_lists_stay_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
