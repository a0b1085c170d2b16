/*
 * Any bytes as a message: parse, decode by the action it names (leniently and strictly), answer,
 * and normalise the sampled values.  What we write must be readable again.
 */
#include <stdlib.h>

#include "ocpp/wire/decimal.h"
#include "ocpp/wire/rpc.h"
#include "tests/fuzz/fuzz.h"

static void check_readable(const struct ocpp_text *text, const char *id)
{
    struct ocpp_frame frame;
    struct ocpp_report report;
    if (ocpp_rpc_parse(text->data, text->len, &frame, &report) != OCPP_RPC_OK ||
        strcmp(frame.id, id) != 0)
        abort();
    ocpp_frame_done(&frame);
}

static void use_sampled_values(const struct ocpp_meter_values_req *req)
{
    for (size_t i = 0; i < req->n_meter_value; i++) {
        const struct ocpp_meter_value *value = &req->meter_value[i];
        for (size_t k = 0; k < value->n_sampled_value; k++) {
            struct ocpp_quantity quantity;
            ocpp_sampled_normalize(&value->sampled_value[k], &quantity);
        }
    }
}

static void use_object(const struct ocpp_object *object, json_t *payload)
{
    struct ocpp_arena arena;
    struct ocpp_report report;
    struct ocpp_text text;
    ocpp_arena_init(&arena, 4096, 1 << 20);
    ocpp_report_init(&report);
    ocpp_text_init(&text);
    void *decoded = ocpp_arena_alloc(&arena, object->size);
    if (ocpp_decode(object, payload, OCPP_LENIENT, &arena, decoded, &report) == OCPP_OK) {
        if (object == &ocpp_meter_values_req_object)
            use_sampled_values(decoded);
        ocpp_encode(object, decoded, &text);
    }
    ocpp_report_init(&report);
    /* What passes the strict rules must be encodable. */
    if (ocpp_decode(object, payload, OCPP_STRICT, &arena, decoded, &report) == OCPP_OK &&
        !ocpp_encode(object, decoded, &text))
        abort();
    ocpp_validate(object, payload, &report);
    ocpp_text_done(&text);
    ocpp_arena_done(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ocpp_frame frame;
    struct ocpp_report report;
    struct ocpp_text text;
    ocpp_text_init(&text);
    enum ocpp_rpc_rc rc = ocpp_rpc_parse((const char *)data, size, &frame, &report);
    if (rc == OCPP_RPC_OK || rc == OCPP_RPC_ERROR) {
        if (!ocpp_rpc_error(&text, &frame, OCPP_GENERIC_ERROR, report.text))
            abort();
        check_readable(&text, frame.id);
    }
    const struct ocpp_action *action = frame.action ? ocpp_action_find(frame.action) : NULL;
    if (frame.action && !action)
        ocpp_action_nearest(frame.action);
    if (action) {
        use_object(action->req, frame.payload);
        use_object(action->conf, frame.payload);
    }
    ocpp_text_done(&text);
    ocpp_frame_done(&frame);
    return 0;
}

static const char *const seeds[] = {
    "[2,\"1\",\"BootNotification\",{\"chargePointVendor\":\"V\",\"chargePointModel\":\"M\"}]",
    "[2,\"2\",\"MeterValues\",{\"connectorId\":1,\"transactionId\":7,\"meterValue\":[{"
    "\"timestamp\":\"2026-01-31T12:00:00Z\",\"sampledValue\":[{\"value\":\"1.5\",\"unit\":\"kWh\","
    "\"measurand\":\"Current.Import.L1\"}]}]}]",
    "[2,3,\"SetChargingProfile\",{\"connectorId\":1,\"csChargingProfiles\":{\"chargingProfileId\":"
    "1,\"stackLevel\":0,\"chargingProfilePurpose\":\"TxProfile\",\"chargingProfileKind\":"
    "\"Absolute\",\"chargingSchedule\":{\"chargingRateUnit\":\"A\",\"chargingSchedulePeriod\":[{"
    "\"startPeriod\":0,\"limit\":8.1}]}}}]",
    "[2,\"4\",\"DataTransfer\",{\"vendorId\":\"v\",\"data\":{\"a\":[1,2.5,null]}}]",
    ("[2,\"5\",\"StatusNotification\",{\"connectorId\":0,\"errorCode\":\"NoError\",\"status\":"
     "\"Available\",\"info\":\"\\u00e4\\u0000\"}]"),
    "[2,\"6\",\"GetConfiguration\",{\"key\":[\"a\",\"b\"]}]",
    "[3,\"7\",{\"status\":\"Accepted\"}]",
    "[4,\"8\",\"NotSupported\",\"\",{}]",
    "[2,-1.5e3,\"Heartbeat\",null,1]",
};
FUZZ_MAIN(seeds)
