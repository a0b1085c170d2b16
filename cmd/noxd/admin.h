/*
 * The admin API (API.md): HTTP + JSON on the Unix socket and, with tokens, over https; served by
 * the station loop.
 *
 * Questions about live state are answered at once on the loop; whatever reads the database runs on
 * a worker (work.h) and streams; whatever writes is answered after its commit.
 */
#ifndef CMD_NOXD_ADMIN_H
#define CMD_NOXD_ADMIN_H

#include "ocpp/central/central.h"
#include "ocpp/server/loop.h"

struct admin;
struct frame_record;
struct frames;
struct ws_server;
struct cert_desk;
struct files;

struct tls_paths;

/* Where the API is served over https as well (web.h). */
enum { ADMIN_WEB_MAX = 8 };
struct admin_address {
    const char *host; /* without brackets; lent */
    int port;         /* 0 = any free one */
};
struct admin_web {
    struct admin_address at[ADMIN_WEB_MAX];
    size_t n;                    /* 0 = nowhere */
    const struct tls_paths *tls; /* pairs only: clients show no certificate; lent */
};

struct admin_options {
    struct loop *loop;
    struct central *central;
    struct store *store;
    struct frames *frames;
    struct ws_server *ws;    /* for pings */
    const char *db_path;     /* for readers; lent for the life of the admin */
    const char *socket_path; /* made with mode 0600 */
    struct admin_web web;
    const char *version;
    int64_t time_warp;
    struct files *files;
    const char *const *url; /* station listeners, for status */
    size_t n_urls;
    struct cert_desk *certs; /* cert_desk.h; lent */
    int64_t cert_policy;     /* enum central_cert_policy, for people */
    void *arg;
    /* Something to be recorded, logged and shown. */
    void (*tell)(void *arg, const struct store_event *event);
};

/** @return NULL with one sentence in ret_text */
struct admin *admin_new(const struct admin_options *options, char *ret_text, size_t size);
/* No new requests; running ones are ended.  Before loop_free(). */
void admin_free(struct admin *a);

/** Where https listens: "https://127.0.0.1:9443", NULL behind the last. */
const char *admin_web_url(const struct admin *a, size_t i);
/* Read the certificates of https again. @return false with one sentence: the old ones stay */
bool admin_reload(struct admin *a, char *ret_text, size_t size);

/* From loop_options.on_wake: hand finished work of the workers to their requests. */
void admin_on_wake(struct admin *a);

/* From central_port.event: wakes who waits for news. */
void admin_on_event(struct admin *a, const struct store_event *event);

/* What passed on the wire, secrets taken out: for who watches. */
void admin_on_frame(struct admin *a, const struct frame_record *record);

#endif
