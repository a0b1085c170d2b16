/*
 * What both reference servers share: a libwebsockets server on libev for the subprotocol ocpp1.6.
 */
#ifndef TESTS_BENCH_REF_H
#define TESTS_BENCH_REF_H

#include <ev.h>
#include <libwebsockets.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define REF_ID_MAX 64

/* One incoming message; grows only when a message comes in pieces. */
struct ref_input {
    char *text;
    size_t len;
};

/**
 * Collect what LWS_CALLBACK_RECEIVE brings.
 * @param ret_text  the whole message, not NUL-terminated: either `in` itself or the collected text
 * @return true when the message is complete; ref_input_done() after it was used
 */
bool ref_input_add(struct ref_input *input, struct lws *wsi, const char *in, size_t len,
                   const char **ret_text, size_t *ret_len);
void ref_input_done(struct ref_input *input);

/* The unique id of `[2,"id",...]`; false when the text does not look like that. */
bool ref_message_id(const char *text, size_t len, char ret_id[REF_ID_MAX]);

/* Write `[3,"id",{}]` now; false when the connection is broken. */
bool ref_answer(struct lws *wsi, const char *id);

/**
 * Listen on 127.0.0.1, say "ready 127.0.0.1:PORT" and serve until SIGTERM or SIGINT.
 * @param port  0 = any free one
 * @return exit code
 */
int ref_serve(struct ev_loop *loop, lws_callback_function *callback, size_t session_size,
              size_t rx_buffer_size, int port);

#endif
