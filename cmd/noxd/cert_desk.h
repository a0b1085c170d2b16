/*
 * What noxd does for certificates by itself: judges and signs the requests of stations, and watches
 * the end of every certificate it knows.
 *
 * Keys, files and the database are touched on one worker thread; everything here is called on the
 * loop's.  Order: before store_close() and central_free() comes cert_desk_free().
 */
#ifndef CMD_NOXD_CERT_DESK_H
#define CMD_NOXD_CERT_DESK_H

#include "ocpp/central/central.h"
#include "ocpp/server/loop.h"

struct cert_desk;

struct cert_desk_options {
    struct loop *loop;
    struct store *store;
    const char *db_path, *dir;      /* DIR/pki; lent, like all texts here */
    const char *cpo_name;           /* O that requests must have; NULL = any */
    int32_t days;                   /* of validity */
    const char *const *server_cert; /* files of --tls-cert */
    size_t n_server_certs;
    void *arg;
    void (*wake)(void *arg);                                  /* on the worker's thread */
    void (*tell)(void *arg, const struct store_event *event); /* stores and shows an event */
    /* DIR/pki has changed: new handshakes are to follow it.  false with one sentence. */
    bool (*reload)(void *arg, char *ret_text, size_t size);
};

/* @return NULL when memory or threads are out */
struct cert_desk *cert_desk_new(const struct cert_desk_options *options);
void cert_desk_free(struct cert_desk *desk); /* NULL is fine */
/* For central_new(): sets csr_judge and csr_sign; their arg must be the desk's owner, which calls:
 */
void cert_desk_judge(struct cert_desk *desk, const struct central_csr *csr);
void cert_desk_sign(struct cert_desk *desk, int64_t request, const char *station, const char *csr);
void cert_desk_start(struct cert_desk *desk, struct central *central);

void cert_desk_on_wake(struct cert_desk *desk);
/* Watches once an hour. @return when to come back (mono_ms) */
int64_t cert_desk_tick(struct cert_desk *desk, struct instant now);

const struct cert_desk_options *cert_desk_get(const struct cert_desk *desk);

/* The words of --cert-policy, and when a certificate's end is near. */
enum { CERT_ENDING_DAYS = 30 };

#endif
