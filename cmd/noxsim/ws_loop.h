/*
 * The libwebsockets context of the street: shared by ws_client.c (WebSockets, time, signals) and
 * http_client.c (files) only.
 */
#ifndef CMD_NOXSIM_WS_LOOP_H
#define CMD_NOXSIM_WS_LOOP_H

#include <libwebsockets.h>

#include "cmd/noxsim/http_client.h"
#include "cmd/noxsim/ws_client.h"

struct ws {
    struct ws_options options;
    struct lws_context *context;
    struct lws_vhost *vhost;
    int timer_fd, signal_fd; /* closed by the context */
    struct lws *input;       /* NULL = standard input is not read */
    bool uses_libev, stop_wanted, stopping, in_due;
    int64_t armed_us;
    struct ws_link *muted, *links;
    struct http *https;
};

/* What was due before an event comes first; what the event made due comes after it. */
void ws_before(struct ws *ws);
void ws_after(struct ws *ws);

/* http_client.c */
int http_on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
                  size_t len);
/* The handshake of one of its connections begins. @param ssl  SSL of OpenSSL */
void http_arm(struct ws *ws, const void *ssl);
/* The context is gone: no callback knows them any more. */
void http_free_all(struct ws *ws);

#endif
