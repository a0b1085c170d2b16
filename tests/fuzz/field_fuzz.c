/*
 * The first byte picks a message, the rest is its payload.  A payload that was decoded leniently
 * and can be encoded must come out the same when it is read strictly.
 */
#include <stdlib.h>

#include "ocpp/wire/action.h"
#include "tests/fuzz/fuzz.h"

static json_t *load(const char *text, size_t len)
{
    return json_loadb(text, len, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
}

static void check_stable(const struct ocpp_object *object, const struct ocpp_text *first,
                         struct ocpp_arena *arena)
{
    struct ocpp_text second;
    struct ocpp_report report;
    ocpp_text_init(&second);
    ocpp_report_init(&report);
    json_t *json = load(first->data, first->len);
    void *decoded = ocpp_arena_alloc(arena, object->size);
    if (!json || !decoded ||
        ocpp_decode(object, json, OCPP_STRICT, arena, decoded, &report) != OCPP_OK ||
        !ocpp_encode(object, decoded, &second) || strcmp(first->data, second.data) != 0)
        abort();
    json_decref(json);
    ocpp_text_done(&second);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t n;
    const struct ocpp_action *actions = ocpp_actions(&n);
    if (size < 1)
        return 0;
    size_t which = data[0] % (2 * n);
    const struct ocpp_object *object = which < n ? actions[which].req : actions[which - n].conf;
    json_t *json = load((const char *)data + 1, size - 1);
    struct ocpp_arena arena;
    struct ocpp_report report;
    struct ocpp_text text;
    ocpp_arena_init(&arena, 4096, 8 << 20);
    ocpp_report_init(&report);
    ocpp_text_init(&text);
    void *decoded = ocpp_arena_alloc(&arena, object->size);
    if (json && ocpp_decode(object, json, OCPP_LENIENT, &arena, decoded, &report) == OCPP_OK &&
        ocpp_encode(object, decoded, &text))
        check_stable(object, &text, &arena);
    ocpp_text_done(&text);
    ocpp_arena_done(&arena);
    json_decref(json);
    return 0;
}

static const char *const seeds[] = {
    "\x01{\"chargePointVendor\":\"V\",\"chargePointModel\":17}",
    "\x16{\"connectorId\":\"1\",\"meterValue\":{\"timestamp\":\"2026-01-31 12:00:00\","
    "\"sampledValue\":[{\"value\":1.5,\"unit\":\"kwh\",\"phase\":\"L1-N\"}]}}",
    "\x1d{\"connectorId\":1,\"csChargingProfiles\":{\"chargingProfileId\":1,\"stackLevel\":0,"
    "\"chargingProfilePurpose\":\"TxProfile\",\"chargingProfileKind\":\"Absolute\","
    "\"chargingSchedule\":{\"chargingRateUnit\":\"A\",\"chargingSchedulePeriod\":[{"
    "\"startPeriod\":0,\"limit\":8.1}]}}}",
    "\x35{\"configurationKey\":[{\"key\":\"k\",\"readonly\":true}],\"unknownKey\":[\"u\"]}",
    "\x08{\"vendorId\":\"v\",\"data\":{\"a\":[1,2.5,null]}}",
    "\x1c{\"listVersion\":2,\"updateType\":\"Full\",\"localAuthorizationList\":[{\"idTag\":\"A\","
    "\"idTagInfo\":{\"status\":\"Accepted\"}}]}",
    "\x21{\"connectorId\":1,\"idTag\":\"A\",\"meterStart\":1e3,\"timestamp\":"
    "\"2026-01-31T12:00:00+02\"}",
};
FUZZ_MAIN(seeds)
