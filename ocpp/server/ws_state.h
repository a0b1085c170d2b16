/*
 * What the files of the station server share, and nobody else sees.
 *
 * A link is one accepted socket from accept() to the end of its life in libwebsockets.  It is in
 * exactly one list at a time; each list is in order of entry and has one duration, so that the next
 * deadline is always at its head: nothing here costs O(connections).
 */
#ifndef OCPP_SERVER_WS_STATE_H
#define OCPP_SERVER_WS_STATE_H

#include <libwebsockets.h>
#include <netinet/in.h>

#include "ocpp/server/handshake.h"
#include "ocpp/server/limits.h"
#include "ocpp/server/tls_files.h"
#include "ocpp/server/ws_server.h"

enum {
    LISTENERS_MAX = 16,
    RX_BYTES = 2048,       /* read at once, and kept per connection by libwebsockets */
    SCRATCH_BYTES = 65536, /* the longest frame that is written without a buffer of its own */
};

enum ws_list_id { WS_HANDSHAKE, WS_ALIVE, WS_CLOSING, WS_FILES, WS_LISTS };

struct ws_frame {
    struct ws_frame *next;
    size_t len;
    unsigned char room[]; /* LWS_PRE bytes, then the text */
};

struct ws_link {
    struct ws_server *server;
    struct lws *wsi;
    struct session *session; /* NULL before the upgrade and from the moment it is to be closed */
    struct ws_link *prev, *next;               /* of the list */
    struct ws_link *paused_prev, *paused_next; /* of those not read from */
    int64_t listed_mono_ms, heard_mono_ms;
    struct ws_frame *first, *last; /* waiting to be sent */
    size_t n_frames, n_bytes;
    char *part; /* a message that came in pieces; NULL = none */
    size_t part_len, part_room;
    struct ws_file *file; /* it transfers one (ws_files.c); else NULL */
    char *base;           /* of URLs for this station, as it named us; NULL = unknown */
    char *close_text;
    struct in6_addr peer; /* IPv4 as ::ffff:a.b.c.d */
    char *station;        /* once it is a websocket */
    uint64_t number;      /* of the connection, 0 before */
    int64_t opened_at_ms;
    uint32_t turn, turn_frames;
    uint16_t close_code; /* not 0: to be closed with it */
    uint8_t list;        /* enum ws_list_id */
    bool tls, paused, asked, decided, said_goodbye;
    uint16_t alert; /* of TLS, the first one; 0 = none */
    bool alert_sent, tls_began;
    bool is_open;        /* OPENED was told, CLOSED not yet */
    bool no_subprotocol; /* named */
};

/* A round trip that is being measured. */
struct ws_ping {
    struct ws_ping *next;
    struct ws_link *link; /* NULL: it has ended */
    uint64_t number;
    int64_t sent_us, until_mono_ms;
    void (*done)(void *arg, int64_t rtt_us);
    void *arg;
};

struct ws_list {
    struct ws_link *first, *last;
    size_t n;
};

struct ws_listener {
    struct ws_server *server;
    struct loop_watch watch;
    struct lws_vhost *vhost;
    int fd;
    bool tls;
};

struct ws_server {
    struct ws_options options;
    struct central *central;
    struct lws_vhost *tls_vhost; /* NULL before the first wss listener */
    SSL_CTX *tls_ctx;            /* of libwebsockets */
    struct tls_files *tls_files; /* in use */
    int64_t tls_judge_mono_ms;   /* when they are looked at again */
    struct ws_listener listener[LISTENERS_MAX];
    size_t n_listeners;
    struct ws_list list[WS_LISTS];
    struct ws_link *paused_first;
    struct ws_link *adopting; /* taken back if libwebsockets does not want it */
    struct bucket accepts;
    struct limiter *by_identity, *by_address, *by_record;
    struct bucket records, provisions, likes, security;
    struct handshake_verdict verdict; /* of the upgrade being answered */
    uint32_t turn;
    int64_t accept_again_mono_ms, read_again_mono_ms; /* INT64_MAX = nothing waits */
    bool pressed, quiet, accept_paused;
    struct ws_counters counters;
    uint64_t n_opened, n_pings;
    struct ws_ping *pings; /* the oldest first */
    /* ws_files.c */
    uint64_t tickets;
    size_t n_files; /* transfers that are under way */
    int64_t files_look_mono_ms;
    struct loop_watch files_watch;
    int files_epoll;
    unsigned char *scratch; /* LWS_PRE + SCRATCH_BYTES */
};

/* --- ws_server.c --- */
void ws_list_move(struct ws_link *link, enum ws_list_id to, int64_t now_mono_ms);
void ws_event(struct ws_server *w, const char *name, enum store_severity severity,
              const char *station, const char *format, ...) __attribute__((format(printf, 5, 6)));

/* --- ws_listen.c --- */
void ws_accept_pause(struct ws_server *w, bool pause);
void ws_listeners_close(struct ws_server *w);

/* --- ws_upgrade.c --- */
/* Decides; when refused the answer has been written. @return false: hang up */
bool ws_upgrade(struct ws_link *link, bool is_upgrade);
void ws_record_refused(struct ws_link *link, enum handshake_reason reason, const char *identity,
                       const char *detail);
void ws_peer_text(const struct ws_link *link, char *buf, size_t size);

/* --- ws_link.c --- */
/* Callbacks of libwebsockets; a result other than 0 closes. */
int ws_link_established(struct ws_link *link);
int ws_link_receive(struct ws_link *link, const char *bytes, size_t len);
int ws_link_writeable(struct ws_link *link);
void ws_link_end(struct ws_link *link); /* the socket is gone: frees it */
bool ws_link_send(struct ws_link *link, const char *text, size_t len);
/* Frames of it are dead at once; the close frame goes out when the socket can take it. */
void ws_link_close(struct ws_link *link, uint16_t code, const char *text);
/* It has ended, by whom and why: the central is told. */
void ws_link_lost(struct ws_link *link, uint16_t code, const char *why);
void ws_link_pause(struct ws_link *link, bool pause);
void ws_link_ping(struct ws_link *link);
void ws_link_kill(struct ws_link *link);

/* --- ws_look.c --- */
void ws_trace_opened(struct ws_link *link, const char *address);
void ws_trace_frame(struct ws_link *link, enum ws_trace_kind kind, const char *text, size_t len);
/* Once per connection, at the first sign of its end. */
void ws_trace_closed(struct ws_link *link, uint16_t code, const char *why);
void ws_pong(struct ws_link *link, const void *payload, size_t len);
void ws_pings_forget(struct ws_link *link);
int64_t ws_pings_tick(struct ws_server *w, int64_t now_mono_ms);
/* --- ws_files.c --- */
bool ws_files_is(struct ws_link *link); /* a request for a file? */
/* Callbacks of libwebsockets; a result other than 0 closes. */
int ws_files_begin(struct ws_link *link);
int ws_files_body(struct ws_link *link, const char *bytes, size_t n);
void ws_files_end(struct ws_link *link);
int64_t ws_files_tick(struct ws_server *w, int64_t now_mono_ms);

/* --- tls.c --- */
/* The vhost of all TLS listeners, made for the first one; false with one sentence. */
bool ws_tls_start(struct ws_server *w, char *ret_text, size_t size);
/* Once a day: what has expired or will soon is told. @return when to come back, or INT64_MAX */
int64_t ws_tls_tick(struct ws_server *w, int64_t now_mono_ms);
/* libwebsockets has made its context. @return 0 = it can be used */
int ws_tls_setup(struct ws_server *w, SSL_CTX *ctx);
/* The socket has become a TLS one of this link; NULL: the link goes before it. */
void ws_tls_adopted(struct ws_link *link, struct lws *wsi);
/* Why a handshake came to nothing, for the operator. */
void ws_tls_failure(const struct ws_link *link, char *buf, size_t size);
/* @return 0 = accepted; else records what is wrong with a certificate */
int ws_tls_verify(struct ws_link *link, X509_STORE_CTX *store, bool verified);
/* Of the verified client certificate; nothing is there when there is none. */
struct ws_peer_certificate {
    char cn[HANDSHAKE_ID_SIZE], organisation[HANDSHAKE_ID_SIZE];
    bool has_cn, has_organisation;
};
void ws_tls_peer(struct lws *wsi, struct ws_peer_certificate *ret_peer);
/* Tell the central system which verified certificate the station of this link has shown. */
void ws_tls_show(struct ws_link *link, struct instant now);

#endif
