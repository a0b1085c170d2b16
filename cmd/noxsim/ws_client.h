/*
 * The sockets of the street: one libwebsockets context on libev, hundreds to thousands of client
 * connections, signals, and one timer.  Only ws_client.c and http_client.c know libwebsockets.
 *
 * Everything happens in callbacks on the thread that calls ws_run().
 */
#ifndef CMD_NOXSIM_WS_CLIENT_H
#define CMD_NOXSIM_WS_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ws;
struct ws_link;

/* Taken apart from ws://HOST[:PORT]/PATH or wss://...; IPv6 hosts stand in brackets. */
struct ws_url {
    bool tls;
    int port;
    char host[128];
    char path[200]; /* without a slash at the end */
};

/** @return false with one sentence that says how a URL looks */
bool ws_url_parse(const char *text, struct ws_url *ret_url, char *ret_text, size_t size);

/* Take HOST[:PORT] apart, the text from..to. @param ret_port  untouched when there is none */
bool ws_url_host(const char *from, const char *to, char *ret_host, size_t size, int *ret_port);

/* What stands in the Host header: with the port unless it is the usual one (RFC 9110 7.2). */
enum { WS_HOST_HEADER = 144 };
void ws_host_header(const char *host, int port, bool tls, char ret[WS_HOST_HEADER]);

struct vault;

/* How a station connects. */
struct ws_login {
    const struct ws_url *url; /* the id is appended */
    const char *id;           /* percent-encoded in the path; also the user of the authentication */
    const char *key;          /* password, key_len bytes of any value; NULL = none */
    size_t key_len;
    struct vault *vault;    /* for wss: trusts its roots; NULL = those of ws_options */
    bool shows_certificate; /* for wss: the vault's certificate is offered */
    bool offers_nothing;    /* no subprotocol */
    bool adds_slash;        /* behind the id */
};

struct ws_options {
    struct ws_url url[2]; /* of the station's central system: one of ws and one of wss, or one */
    size_t n_urls;
    /* UTC milliseconds by which certificates are judged. */
    int64_t (*utc_ms)(void *arg);
    const char *ca_file; /* trusted for wss; NULL = the system's */
    void *arg;
    /* Called before any of the callbacks below and when the timer is due: run what is due, answer
     * the real monotonic microsecond at which to come back. */
    int64_t (*on_due)(void *arg);
    /* Standard input can be read, or has ended; NULL = it is left alone. */
    void (*on_input)(void *arg);
    /* INT or TERM arrived. */
    void (*on_signal)(void *arg, int signal);
    /* A link can be used. */
    void (*on_up)(void *owner);
    /* One complete message. */
    void (*on_text)(void *owner, const char *text, size_t len);
    /* The link is gone; why is for people. */
    void (*on_down)(void *owner, const char *why);
};

/* Block INT and TERM before anything else; raise the limit of open files. */
void ws_prepare(void);

/** @return NULL with one sentence */
struct ws *ws_new(const struct ws_options *options, char *ret_text, size_t size);
void ws_free(struct ws *ws);
/* Returns after ws_stop(). */
void ws_run(struct ws *ws);
/* From any callback: ws_run() returns soon after it. */
void ws_stop(struct ws *ws);

/* Standard input has ended: it is looked at no more. */
void ws_forget_input(struct ws *ws);

/* Real monotonic clock. */
int64_t ws_now_us(void);
/* After things were armed outside of callbacks: ask on_due again. */
void ws_wake(struct ws *ws);

/**
 * Begin to connect as a station.
 *
 * @param login  lent for the call, its vault until the link is gone
 * @param owner  for the callbacks
 * @return NULL when it failed at once, without a callback
 */
struct ws_link *ws_connect(struct ws *ws, const struct ws_login *login, void *owner);

/* Queue one message; it is copied. */
void ws_send(struct ws_link *link, const char *text, size_t len);
/* Without any callback more: close with a close frame, or cut the connection. */
void ws_close(struct ws_link *link);
void ws_cut(struct ws_link *link);
/* Half-open: nothing is read and nothing written any more, no callback comes; the socket stays
 * open for hold_ms of real time. */
void ws_mute(struct ws_link *link, int64_t hold_ms);

#endif
