/*
 * How long a MeterValues call with two sampled values takes from text to struct.  Prints only.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "ocpp/wire/rpc.h"

static const char message[] =
    "[2,\"2f1c8c1e-6f35-4b7c-9c39-0a7a2a1f9f42\",\"MeterValues\",{\"connectorId\":1,"
    "\"transactionId\":4711,\"meterValue\":[{\"timestamp\":\"2026-01-31T12:00:00.000Z\","
    "\"sampledValue\":[{\"value\":\"1234567.8\",\"context\":\"Sample.Periodic\","
    "\"measurand\":\"Energy.Active.Import.Register\",\"unit\":\"Wh\"},{\"value\":\"15.9\","
    "\"context\":\"Sample.Periodic\",\"measurand\":\"Current.Import\",\"phase\":\"L1\","
    "\"unit\":\"A\"}]}]}]";

enum { ROUNDS = 50000 };

static double now_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

/* Returns the number of rounds that went wrong. */
static int run(bool with_decode, struct ocpp_arena *arena)
{
    int n_bad = 0;
    for (int i = 0; i < ROUNDS; i++) {
        struct ocpp_frame frame;
        struct ocpp_report report;
        struct ocpp_meter_values_req req;
        n_bad += ocpp_rpc_parse(message, sizeof(message) - 1, &frame, &report) != OCPP_RPC_OK;
        if (with_decode) {
            const struct ocpp_action *action = ocpp_action_find(frame.action);
            n_bad += ocpp_decode(action->req, frame.payload, OCPP_LENIENT, arena, &req, &report) !=
                     OCPP_OK;
            n_bad += report.violations > 0;
            ocpp_arena_reset(arena);
        }
        ocpp_frame_done(&frame);
    }
    return n_bad;
}

int main(void)
{
    struct ocpp_arena arena;
    ocpp_arena_init(&arena, 4096, 1 << 20);
    double start_us = now_us();
    int n_bad = run(false, &arena);
    double parsed_us = now_us();
    n_bad += run(true, &arena);
    double decoded_us = now_us();
    ocpp_arena_done(&arena);
    printf("%zu bytes: parse %.2f us, parse + decode %.2f us\n", sizeof(message) - 1,
           (parsed_us - start_us) / ROUNDS, (decoded_us - parsed_us) / ROUNDS);
    return n_bad == 0 ? 0 : 1;
}
