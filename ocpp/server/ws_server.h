/*
 * Where libwebsockets meets the central system: station listeners, the decision on an upgrade,
 * reassembly of messages, bounded send queues, take-over by the newest socket.
 *
 * Everything runs on the loop's thread.  The central system's port (send, close) is filled by
 * ws_server_port(); who owns the central gives it to central_new() before ws_server_start().
 */
#ifndef OCPP_SERVER_WS_SERVER_H
#define OCPP_SERVER_WS_SERVER_H

#include "ocpp/central/central.h"
#include "ocpp/server/loop.h"

struct ws_server;

struct ws_listen {
    const char *address; /* "127.0.0.1", "::1", "0.0.0.0"; lent during the call */
    int port;            /* 0 = any free one */
    /* NULL = ws; else PEM files of wss */
    const char *tls_cert, *tls_key, *tls_client_ca;
};

struct ws_options {
    struct loop *loop;
    struct store *store;      /* refused connections are recorded there */
    bool accept_unknown;      /* --unknown-stations pending */
    size_t message_max;       /* bytes of one message, 0 = 256 KiB */
    size_t queue_max_frames;  /* per station, 0 = 256 */
    size_t queue_max_bytes;   /* per station, 0 = 1 MiB */
    int32_t ping_s, hangup_s; /* 0 = 45 s, 75 s */
    int32_t handshakes_per_s; /* steady rate at which upgrades are admitted, 0 = 2,000 */
    /* A frame came or went, for an operator's eyes; may be NULL. */
    void (*trace)(void *arg, const char *station, bool incoming, const char *text, size_t len);
    void *trace_arg;
};

/** @return NULL with one sentence in ret_text */
struct ws_server *ws_server_new(const struct ws_options *options, char *ret_text, size_t size);
void ws_server_free(struct ws_server *w); /* before loop_free(); NULL is fine */

/* The way out for central_new(); its `event` and `random` are left to the caller. */
void ws_server_port(struct ws_server *w, struct central_port *ret_port);

/**
 * Open one listener.  To be called after ws_server_start().
 * @param ret_url  "ws://127.0.0.1:9016/ocpp/", with the port that was really bound
 * @return false with one sentence that says what is wrong and what to do
 */
bool ws_server_listen(struct ws_server *w, const struct ws_listen *listen, char *ret_url,
                      size_t url_size, char *ret_text, size_t size);

/* From now on upgrades are decided by this central. */
void ws_server_start(struct ws_server *w, struct central *central);

/* No new stations; close all with 1001 ("going away"); true when none is left. */
bool ws_server_drain(struct ws_server *w);

/* Above the store's high-water mark stop reading from stations, below it go on (seconds at most).
 * Cheap: to be called after each store_pump(). */
void ws_server_press(struct ws_server *w, bool pressed);

/* Certificates have been replaced on disk: new handshakes get the new ones. */
bool ws_server_reload_tls(struct ws_server *w, char *ret_text, size_t size);

#endif
