/*
 * Where libwebsockets meets the central system: station listeners, the decision on an upgrade,
 * reassembly of messages, bounded send queues, take-over by the newest socket.
 *
 * Everything runs on the loop's thread.  The central system's port (send, close) is filled by
 * ws_server_port(); who owns the central gives it to central_new() before ws_server_start().
 *
 * Order: loop_new, ws_server_new, central_new (with the port), ws_server_start, ws_server_listen,
 * loop_run; then ws_server_free and central_free after loop_run() has returned.
 */
#ifndef OCPP_SERVER_WS_SERVER_H
#define OCPP_SERVER_WS_SERVER_H

#include "ocpp/central/central.h"
#include "ocpp/server/loop.h"
#include "ocpp/server/tls_files.h"
#include "ocpp/server/ws_files.h"

struct ws_server;
struct lws_protocols;

/* For loop_options.protocols: without them there is no listener for ws. */
const struct lws_protocols *ws_server_protocols(void);

struct ws_listen {
    const char *address; /* "127.0.0.1", "::1", "0.0.0.0", a host name; lent during the call */
    int port;            /* 0 = any free one */
    bool tls;            /* wss, with the files of ws_options.tls */
};

enum ws_trace_kind { WS_TRACE_IN, WS_TRACE_OUT, WS_TRACE_OPENED, WS_TRACE_CLOSED };

/* All lent for the call. */
struct ws_trace {
    enum ws_trace_kind kind;
    uint64_t connection; /* 1.. since the start, one for each open websocket */
    const char *station, *address;
    const char *text; /* the message; OPENED: by what transport; CLOSED: who ended it and why */
    size_t len;
    uint16_t code;        /* CLOSED: of the websocket, 0 = it was cut */
    int64_t opened_at_ms; /* of the connection */
    struct instant now;
};

struct ws_options {
    struct loop *loop;
    struct store *store; /* refused connections and events are recorded there */
    /* Of all wss listeners.  With a client CA stations may show a certificate; those of security
     * profile 3 must.  The paths are lent as long as the server lives. */
    struct tls_paths tls;
    const char *organisation; /* --cpo-name: O of client certificates; NULL = not looked at */
    bool accept_unknown;      /* --unknown-stations pending */
    size_t message_max;       /* bytes of one message, 0 = 256 KiB */
    size_t queue_max_frames;  /* per station, 0 = 256 */
    size_t queue_max_bytes;   /* per station, 0 = 1 MiB */
    int32_t ping_s, hangup_s; /* of silence, 0 = 45 s, 75 s */
    int32_t handshakes_per_s; /* steady rate at which sockets are accepted, 0 = 12,000; a TLS
                                 handshake counts as sixteen */
    void *arg;                /* of the functions below; each may be NULL */
    /* What happens on the wire, for an operator's eyes. */
    void (*trace)(void *arg, const struct ws_trace *trace);
    /* A refused connection; already submitted to the store, at a limited rate per identity.
     * status: of HTTP, 0 = none could be sent. */
    void (*refused)(void *arg, const struct store_refused *refused, int status);
    /* Something went wrong on a socket; already submitted to the store's event list. */
    void (*event)(void *arg, const struct store_event *event);
    struct ws_file_port files; /* with an arg of its own */
};

/** @return NULL with one sentence in ret_text */
struct ws_server *ws_server_new(const struct ws_options *options, char *ret_text, size_t size);
/* After loop_run() has returned (no socket is left then); NULL is fine. */
void ws_server_free(struct ws_server *w);

/* How a station reaches us by HTTP, from what it said at its upgrade and the listener it came to:
 * "http://HOST:PORT" or "https://...".  link: of central_port.  NULL = it named no host. */
const char *ws_server_base(void *link);

/* The way out for central_new(): sets `send`, `close` and `key_hash`; `arg`, `event` and `random`
 * are the caller's. */
void ws_server_port(struct ws_server *w, struct central_port *ret_port);

/* From now on upgrades are decided by this central. */
void ws_server_start(struct ws_server *w, struct central *central);

/**
 * Open one listener.  To be called after ws_server_start().
 * @param ret_url  "ws://127.0.0.1:9016/ocpp/", with the port that was really bound
 * @return false with one sentence that says what is wrong and what to do
 */
bool ws_server_listen(struct ws_server *w, const struct ws_listen *listen, char *ret_url,
                      size_t url_size, char *ret_text, size_t size);

/* Pings, deadlines and the rate of handshakes: from loop_options.on_due.
 * @return when to come back (mono_ms) */
int64_t ws_server_tick(struct ws_server *w, struct instant now);

/* Above the store's high-water mark stop reading from stations, below it go on (seconds at most).
 * To be called after each store_pump(): it also begins a new turn, in which every station may send
 * its share of messages again. */
void ws_server_press(struct ws_server *w, bool pressed);

/* First step of the end: no new stations, no more messages; answers still go out. */
void ws_server_quiet(struct ws_server *w);
/* Second step: close all with 1001 ("going away"); true when none is left. */
bool ws_server_drain(struct ws_server *w);

/**
 * The files of ws_options.tls have changed: certificates, keys, client CAs and revocation lists are
 * read again.  New handshakes use them; open connections stay, except of revoked certificates.
 * @return false with one sentence when something is wrong; then the old ones stay in use
 */
bool ws_server_reload_tls(struct ws_server *w, char *ret_text, size_t size);
/* The same with files that were loaded elsewhere (a worker's thread); takes them over. */
bool ws_server_use_tls(struct ws_server *w, struct tls_files *files, char *ret_text, size_t size);

/* --- a closer look at one connection; `link` is that of central_link() --- */

struct ws_link_info {
    uint64_t connection;
    bool tls, no_subprotocol; /* none was named, and the station is allowed that */
    char tls_version[16], tls_suite[64];
    char server_subject[160], peer_subject[160]; /* of certificates in use, "" = none */
    int64_t server_until_s, peer_until_s;        /* UTC seconds */
    size_t waiting_frames, waiting_bytes;        /* not taken by the socket yet */
    int64_t silent_ms;                           /* since it was heard last */
};
void ws_server_info(struct ws_server *w, void *link, struct ws_link_info *ret_info);

/**
 * Measure a round trip by a websocket ping.
 * @param done  called once, later, on the loop: microseconds, or -1 when no pong came within 5 s or
 *              the connection has ended
 * @return false: nothing was sent, done is not called
 */
bool ws_server_ping(struct ws_server *w, void *link, void (*done)(void *arg, int64_t rtt_us),
                    void *arg);

struct ws_counters {
    size_t links, handshakes; /* open websockets; sockets that have not upgraded yet */
    uint64_t accepted, upgraded, refused;
};
void ws_server_counters(const struct ws_server *w, struct ws_counters *ret_counters);

#endif
