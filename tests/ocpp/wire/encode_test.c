#include "tests/ocpp/wire/check_wire.h"

#include "ocpp/wire/action.h"

/* Round trips: structs are filled from the tables, so every member of every message takes part. */
struct filler {
    struct ocpp_arena *arena;
    bool with_optional;
    uint32_t seed;
};

static uint32_t next_random(struct filler *f)
{
    f->seed = f->seed * 1664525u + 1013904223u;
    return f->seed >> 8;
}

static const char *some_text(struct filler *f, int32_t max)
{
    static const char *const pieces[] = {
        "a", "Z", "7", "\"", "\\", "\n", " ", "\xc3\xa4", "\xe2\x82\xac", "\xf0\x9f\x9a\x97"
    };
    size_t n = max > 0 && max < 60 ? (size_t)max : 60;
    char *text = ocpp_arena_alloc(f->arena, n * 4 + 1);
    assert_non_null(text);
    text[0] = '\0';
    for (size_t i = 0; i < n; i++)
        strcat(text, pieces[next_random(f) % ARRAY_SIZE(pieces)]);
    return text;
}

static void fill_object(struct filler *f, const struct ocpp_object *object, char *base);

static void put(char *base, size_t offset, const void *value, size_t size)
{
    memcpy(base + offset, value, size);
}

static void fill_list(struct filler *f, const struct ocpp_field *field, char *base)
{
    size_t n = 1 + next_random(f) % 3;
    bool is_text = field->type == OCPP_TYPE_STRING_LIST;
    size_t size = is_text ? sizeof(char *) : field->object->size;
    char *entries = ocpp_arena_alloc(f->arena, n * size);
    assert_non_null(entries);
    for (size_t i = 0; i < n; i++) {
        const char *text = is_text ? some_text(f, field->max) : NULL;
        if (is_text)
            memcpy(entries + i * size, &text, sizeof(text));
        else
            fill_object(f, field->object, entries + i * size);
    }
    put(base, field->offset, &entries, sizeof(entries));
    put(base, field->offset_extra, &n, sizeof(n));
}

static int32_t some_number(struct filler *f, const struct ocpp_field *field)
{
    const uint32_t r = next_random(f);
    if (r % 7 == 0)
        return field->min;
    if (r % 7 == 1)
        return field->max;
    if (field->min == -INT32_MAX)
        return (int32_t)r - 1000000;
    const int32_t range = field->max < 100000 ? field->max - field->min + 1 : 100000;
    return field->min + (int32_t)(r % (uint32_t)range);
}

static void fill_field(struct filler *f, const struct ocpp_field *field, char *base)
{
    const uint32_t r = next_random(f);
    const int8_t flag = (int8_t)(r & 1);
    const int64_t time_ms = (int64_t)r * 123457 + r % 1000;
    const void *pointer = NULL;
    int32_t number;
    switch (field->type) {
    case OCPP_TYPE_STRING:
    case OCPP_TYPE_ANY_TEXT:
        pointer = some_text(f, field->max);
        put(base, field->offset, &pointer, sizeof(pointer));
        return;
    case OCPP_TYPE_INT:
    case OCPP_TYPE_TENTHS:
        number = some_number(f, field);
        put(base, field->offset, &number, sizeof(number));
        return;
    case OCPP_TYPE_BOOL:
        put(base, field->offset, &flag, sizeof(flag));
        return;
    case OCPP_TYPE_TIME:
        put(base, field->offset, &time_ms, sizeof(time_ms));
        return;
    case OCPP_TYPE_ENUM:
        number = 1 + (int32_t)(r % (uint32_t)field->members->n);
        put(base, field->offset, &number, sizeof(number));
        return;
    case OCPP_TYPE_OBJECT: {
        char *nested = ocpp_arena_alloc(f->arena, field->object->size);
        assert_non_null(nested);
        fill_object(f, field->object, nested);
        put(base, field->offset, &nested, sizeof(nested));
        return;
    }
    case OCPP_TYPE_LIST:
    case OCPP_TYPE_STRING_LIST:
        fill_list(f, field, base);
        return;
    }
}

static void fill_object(struct filler *f, const struct ocpp_object *object, char *base)
{
    ocpp_clear(object, base);
    for (size_t i = 0; i < object->n_fields; i++)
        if (object->fields[i].required || f->with_optional)
            fill_field(f, &object->fields[i], base);
}

/* Struct -> text -> strict decode -> text: both texts must be equal. */
static void round_trip(const struct ocpp_object *object, bool with_optional, uint32_t seed)
{
    struct ocpp_arena arena;
    struct ocpp_report report;
    struct ocpp_text first, second;
    ocpp_arena_init(&arena, 4096, 1 << 20);
    ocpp_report_init(&report);
    ocpp_text_init(&first);
    ocpp_text_init(&second);
    struct filler filler = { .arena = &arena, .with_optional = with_optional, .seed = seed };
    void *in = ocpp_arena_alloc(&arena, object->size);
    void *back = ocpp_arena_alloc(&arena, object->size);
    fill_object(&filler, object, in);
    if (ocpp_check(object, in, &report) != OCPP_OK)
        fail_msg("%s: %s", object->name, report.text);
    assert_true(ocpp_encode(object, in, &first));
    json_error_t error;
    json_t *json = json_loadb(first.data, first.len, JSON_REJECT_DUPLICATES, &error);
    if (!json)
        fail_msg("%s: %s in %s", object->name, error.text, first.data);
    if (ocpp_decode(object, json, OCPP_STRICT, &arena, back, &report) != OCPP_OK)
        fail_msg("%s: %s in %s", object->name, report.text, first.data);
    check_int(object->name, ocpp_validate(object, json, &report), OCPP_OK);
    assert_true(ocpp_encode(object, back, &second));
    check_text(object->name, second.data, first.data);
    json_decref(json);
    ocpp_text_done(&first);
    ocpp_text_done(&second);
    ocpp_arena_done(&arena);
}

static void every_message_survives(void **state)
{
    (void)state;
    size_t n;
    const struct ocpp_action *actions = ocpp_actions(&n);
    assert_int_equal(n, 39);
    for (size_t i = 0; i < n; i++) {
        for (uint32_t seed = 1; seed <= 40; seed++) {
            round_trip(actions[i].req, seed % 4 != 0, seed);
            round_trip(actions[i].conf, seed % 4 != 0, seed);
        }
    }
}

/* Each required member left out must be refused, by name. */
static void every_required_member_is_missed(void **state)
{
    (void)state;
    size_t n;
    const struct ocpp_action *actions = ocpp_actions(&n);
    for (size_t i = 0; i < n * 2; i++) {
        const struct ocpp_object *object = i < n ? actions[i].req : actions[i - n].conf;
        for (size_t k = 0; k < object->n_fields; k++) {
            const struct ocpp_field *field = &object->fields[k];
            if (!field->required || field->type == OCPP_TYPE_LIST)
                continue;
            struct ocpp_object one = *object;
            struct ocpp_arena arena;
            struct ocpp_report report;
            struct ocpp_text text;
            ocpp_arena_init(&arena, 4096, 1 << 20);
            struct filler filler = { .arena = &arena, .seed = 5 };
            char *in = ocpp_arena_alloc(&arena, object->size);
            char *empty = ocpp_arena_alloc(&arena, object->size);
            fill_object(&filler, object, in);
            ocpp_clear(object, empty);
            one.fields = field;
            one.n_fields = 1;
            ocpp_report_init(&report);
            check_int(field->name, ocpp_check(&one, empty, &report),
                      OCPP_OCCURENCE_CONSTRAINT_VIOLATION);
            check_text(field->name, report.path, field->name);
            ocpp_text_init(&text);
            assert_false(ocpp_encode(&one, empty, &text));
            assert_int_equal(text.len, 0);
            assert_true(ocpp_encode(&one, in, &text));
            ocpp_text_done(&text);
            ocpp_arena_done(&arena);
        }
    }
}

static void expect(const struct ocpp_object *object, const void *in, const char *want_json,
                   const char *want_error)
{
    struct ocpp_text text;
    struct ocpp_report report;
    ocpp_text_init(&text);
    ocpp_report_init(&report);
    enum ocpp_error_code code = ocpp_check(object, in, &report);
    check_int(object->name, ocpp_encode(object, in, &text), code == OCPP_OK);
    check_text(object->name, text.data, want_json);
    check_text(object->name, report.text, want_error);
    ocpp_text_done(&text);
}

static void a_charging_profile(void **state)
{
    (void)state;
    struct ocpp_charging_schedule_period periods[] = {
        { .start_period = 0, .limit_tenths = 81, .number_phases = 3 },
        { .start_period = 900, .limit_tenths = 160, .number_phases = OCPP_INT_ABSENT },
    };
    struct ocpp_charging_schedule schedule = {
        .duration = 900,
        .start_schedule_ms = 0,
        .charging_rate_unit = OCPP_RATE_UNIT_A,
        .charging_schedule_period = periods,
        .n_charging_schedule_period = 2,
        .min_charging_rate_tenths = OCPP_INT_ABSENT,
    };
    struct ocpp_charging_profile profile = {
        .charging_profile_id = 1,
        .transaction_id = 7,
        .stack_level = 0,
        .charging_profile_purpose = OCPP_PURPOSE_TX_PROFILE,
        .charging_profile_kind = OCPP_KIND_ABSOLUTE,
        .valid_from_ms = OCPP_TIME_ABSENT,
        .valid_to_ms = OCPP_TIME_ABSENT,
        .charging_schedule = &schedule,
    };
    struct ocpp_set_charging_profile_req req = { .connector_id = 1,
                                                 .cs_charging_profiles = &profile };
    const struct ocpp_object *object = &ocpp_set_charging_profile_req_object;
    expect(object, &req,
           "{\"connectorId\":1,\"csChargingProfiles\":{\"chargingProfileId\":1,"
           "\"transactionId\":7,\"stackLevel\":0,\"chargingProfilePurpose\":\"TxProfile\","
           "\"chargingProfileKind\":\"Absolute\",\"chargingSchedule\":{\"duration\":900,"
           "\"startSchedule\":\"1970-01-01T00:00:00.000Z\",\"chargingRateUnit\":\"A\","
           "\"chargingSchedulePeriod\":[{\"startPeriod\":0,\"limit\":8.1,\"numberPhases\":3},"
           "{\"startPeriod\":900,\"limit\":16}]}}}",
           "");
    periods[1].limit_tenths = -1;
    expect(object, &req, "",
           "csChargingProfiles.chargingSchedule.chargingSchedulePeriod[1].limit must be from 0 to "
           "2147483647 tenths");
    schedule.n_charging_schedule_period = 0;
    expect(object, &req, "",
           "csChargingProfiles.chargingSchedule.chargingSchedulePeriod must have at least 1 entry");
    req.cs_charging_profiles = NULL;
    expect(object, &req, "", "csChargingProfiles is missing");
}

static void limits_of_single_members(void **state)
{
    (void)state;
    struct ocpp_unlock_connector_req unlock = { .connector_id = 0 };
    expect(&ocpp_unlock_connector_req_object, &unlock, "",
           "connectorId must be from 1 to 2147483647");
    struct ocpp_authorize_req authorize = { .id_tag = "123456789012345678901" };
    expect(&ocpp_authorize_req_object, &authorize, "",
           "idTag has 21 characters, at most 20 are allowed");
    struct ocpp_reset_req reset = { .type = OCPP_ENUM_UNKNOWN };
    expect(&ocpp_reset_req_object, &reset, "", "type must be one of Hard, Soft");
    struct ocpp_heartbeat_conf heartbeat = { .current_time_ms = 253402300800000LL };
    expect(&ocpp_heartbeat_conf_object, &heartbeat, "",
           "currentTime must be in the years 1 to 9999");
    struct ocpp_configuration_key key = { .key = "k", .readonly = 2 };
    expect(&ocpp_configuration_key_object, &key, "", "readonly must be true or false");
    /* Hertz is understood, but no schema has it: it is not sent. */
    struct ocpp_sampled_value hertz = { .value = "50", .unit = OCPP_UNIT_HERTZ };
    expect(&ocpp_sampled_value_object, &hertz, "",
           "unit must be one of Wh, kWh, varh, kvarh, W, kW, VA, kVA, var, kvar, A, V, K, Celsius, "
           "Fahrenheit, Percent");
}

static void empty_lists(void **state)
{
    (void)state;
    struct ocpp_get_configuration_req all = { .key = NULL, .n_key = 0 };
    expect(&ocpp_get_configuration_req_object, &all, "{}", "");
    static const char *const keys[] = { "HeartbeatInterval", "X" };
    struct ocpp_get_configuration_req none = { .key = keys, .n_key = 0 };
    expect(&ocpp_get_configuration_req_object, &none, "{\"key\":[]}", "");
    struct ocpp_get_configuration_req two = { .key = keys, .n_key = 2 };
    expect(&ocpp_get_configuration_req_object, &two, "{\"key\":[\"HeartbeatInterval\",\"X\"]}", "");
    struct ocpp_clear_cache_req nothing = { 0 };
    expect(&ocpp_clear_cache_req_object, &nothing, "{}", "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_message_survives),
        cmocka_unit_test(every_required_member_is_missed),
        cmocka_unit_test(a_charging_profile),
        cmocka_unit_test(limits_of_single_members),
        cmocka_unit_test(empty_lists),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
