/*
 * The words of a simulated station: OCPP 1.6 CALLs as text, each different from all before.
 */
#ifndef TESTS_BENCH_MESSAGE_H
#define TESTS_BENCH_MESSAGE_H

#include <stddef.h>
#include <stdint.h>

#define MESSAGE_MAX 768

enum message_kind {
    MESSAGE_BOOT,
    MESSAGE_START,  /* StartTransaction */
    MESSAGE_METER,  /* MeterValues with energy register and power */
    MESSAGE_STATUS, /* StatusNotification */
    MESSAGE_HEARTBEAT,
};

/* What changes from message to message of one station. */
struct message_source {
    uint32_t last_id;    /* messages are numbered 1, 2, ... */
    int64_t last_at_ms;  /* time stamps rise strictly, and follow the clock where they can */
    int64_t register_wh; /* rises with each meter value */
    int32_t transaction; /* 0 = none */
};

/**
 * Write the next message.
 * @param station  for serial numbers and idTags
 * @param now_ms  wall clock
 * @return length of the text, without terminating NUL, at most MESSAGE_MAX
 */
size_t message_write(struct message_source *source, enum message_kind kind, const char *station,
                     int64_t now_ms, char ret_text[MESSAGE_MAX]);

/* Shares of a mix in percent; the rest is MeterValues. */
struct message_mix {
    uint32_t status_percent, heartbeat_percent;
};
/* @param dice  any random number */
enum message_kind message_pick(const struct message_mix *mix, uint32_t dice);

#endif
