/*
 * Just enough of RFC 6455 for a client: the opening handshake, masked frames out, frames in.
 */
#ifndef TESTS_BENCH_FRAME_H
#define TESTS_BENCH_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FRAME_HEAD_MAX 8 /* of what we send: text below 64 KiB, masked */

enum frame_opcode { FRAME_TEXT = 1, FRAME_CLOSE = 8, FRAME_PING = 9, FRAME_PONG = 10 };

struct frame {
    uint8_t opcode;
    bool is_final;
    const char *payload; /* within the bytes given */
    size_t len;
};

/**
 * The upgrade request for one station.
 * @param key  password of HTTP Basic authentication, NULL = none
 * @return its length; 0 when it does not fit
 */
size_t frame_upgrade_request(const char *host, int port, const char *station, const char *key,
                             char *ret_text, size_t size);

/* @return bytes of a complete answer's head, 0 = more to come; *ret_ok: it is a 101. */
size_t frame_upgrade_answer(const char *in, size_t len, bool *ret_ok);

/**
 * Put a header in front of the payload and mask the payload in place.
 * @param payload  with FRAME_HEAD_MAX writable bytes in front
 * @return the first byte to send; *ret_len bytes
 */
char *frame_seal(enum frame_opcode opcode, char *payload, size_t len, uint32_t mask,
                 size_t *ret_len);

/* @return bytes the first frame takes, 0 = incomplete. */
size_t frame_read(const char *in, size_t len, struct frame *ret_frame);

#endif
