/* An operator's eyes on one connection: what is told of it, its particulars, its round trip. */
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "ocpp/server/ws_state.h"

enum { PING_MS = 5000, PING_BYTES = 11 };

/* --- traces --- */

static void tell(struct ws_link *link, struct ws_trace *trace)
{
    struct ws_server *w = link->server;
    trace->connection = link->number;
    trace->station = link->station != NULL ? link->station : "";
    trace->opened_at_ms = link->opened_at_ms;
    trace->now = loop_now(w->options.loop);
    if (w->options.trace != NULL)
        w->options.trace(w->options.arg, trace);
}

void ws_trace_opened(struct ws_link *link, const char *address)
{
    struct ws_server *w = link->server;
    const char *text = "ws";
    SSL *ssl = link->tls ? lws_get_ssl(link->wsi) : NULL;
    char shown[120];
    if (ssl != NULL) {
        snprintf(shown, sizeof(shown), "wss, %s, %s", SSL_get_version(ssl),
                 SSL_CIPHER_get_name(SSL_get_current_cipher(ssl)));
        text = shown;
    }
    link->station = strdup(w->verdict.id);
    link->number = ++w->n_opened;
    link->opened_at_ms = loop_now(w->options.loop).utc_ms;
    link->is_open = true;
    tell(link, &(struct ws_trace){ .kind = WS_TRACE_OPENED,
                                   .address = address,
                                   .text = text,
                                   .len = strlen(text) });
}

void ws_trace_frame(struct ws_link *link, enum ws_trace_kind kind, const char *text, size_t len)
{
    if (link->server->options.trace != NULL)
        tell(link, &(struct ws_trace){ .kind = kind, .address = "", .text = text, .len = len });
}

void ws_trace_closed(struct ws_link *link, uint16_t code, const char *why)
{
    char text[200];
    if (!link->is_open)
        return;
    link->is_open = false;
    bool says_who = why != NULL && (strncmp(why, "by ", 3) == 0 || strncmp(why, "cut", 3) == 0);
    snprintf(text, sizeof(text), "%s%s", says_who ? "" : "by noxd: ", why != NULL ? why : "");
    tell(link, &(struct ws_trace){ .kind = WS_TRACE_CLOSED,
                                   .address = "",
                                   .text = text,
                                   .len = strlen(text),
                                   .code = code });
}

/* --- particulars --- */

static void describe(X509 *certificate, char *subject, size_t size, int64_t *ret_until_s)
{
    struct tm until;
    char text[256] = "";
    if (certificate == NULL)
        return;
    X509_NAME_oneline(X509_get_subject_name(certificate), text, sizeof(text));
    handshake_printable(subject, size, text, strlen(text));
    if (ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &until) == 1)
        *ret_until_s = (int64_t)timegm(&until);
}

static void describe_tls(const struct ws_link *link, struct ws_link_info *info)
{
    SSL *ssl = link->wsi != NULL ? lws_get_ssl(link->wsi) : NULL;
    if (ssl == NULL)
        return;
    snprintf(info->tls_version, sizeof(info->tls_version), "%s", SSL_get_version(ssl));
    snprintf(info->tls_suite, sizeof(info->tls_suite), "%s",
             SSL_CIPHER_get_name(SSL_get_current_cipher(ssl)));
    describe(SSL_get_certificate(ssl), info->server_subject, sizeof(info->server_subject),
             &info->server_until_s);
    X509 *peer = SSL_get1_peer_certificate(ssl);
    describe(peer, info->peer_subject, sizeof(info->peer_subject), &info->peer_until_s);
    X509_free(peer);
}

void ws_server_info(struct ws_server *w, void *of, struct ws_link_info *ret_info)
{
    const struct ws_link *link = of;
    *ret_info = (struct ws_link_info){
        .connection = link->number,
        .tls = link->tls,
        .no_subprotocol = link->no_subprotocol,
        .waiting_frames = link->n_frames,
        .waiting_bytes = link->n_bytes,
        .silent_ms = loop_now(w->options.loop).mono_ms - link->heard_mono_ms,
    };
    if (link->tls)
        describe_tls(link, ret_info);
}

/* --- round trips --- */

static int64_t now_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static void put_number(unsigned char *to, uint64_t number)
{
    memcpy(to, "nox", 3);
    for (size_t i = 0; i < 8; i++)
        to[3 + i] = (unsigned char)(number >> (8 * i));
}

bool ws_server_ping(struct ws_server *w, void *to, void (*done)(void *arg, int64_t rtt_us),
                    void *arg)
{
    struct ws_link *link = to;
    unsigned char bytes[LWS_PRE + PING_BYTES];
    struct ws_ping *ping = calloc(1, sizeof(*ping));
    if (ping == NULL || link->wsi == NULL || link->close_code != 0 ||
        lws_partial_buffered(link->wsi)) {
        free(ping);
        return false;
    }
    *ping = (struct ws_ping){ .link = link, .number = ++w->n_pings, .done = done, .arg = arg };
    ping->until_mono_ms = loop_now(w->options.loop).mono_ms + PING_MS;
    ping->sent_us = now_us();
    put_number(bytes + LWS_PRE, ping->number);
    if (lws_write(link->wsi, bytes + LWS_PRE, PING_BYTES, LWS_WRITE_PING) < 0) {
        free(ping);
        ws_link_kill(link);
        return false;
    }
    struct ws_ping **at = &w->pings;
    while (*at != NULL)
        at = &(*at)->next;
    *at = ping;
    loop_run_due(w->options.loop);
    return true;
}

static void end_ping(struct ws_ping **at, int64_t rtt_us)
{
    struct ws_ping *ping = *at;
    *at = ping->next;
    ping->done(ping->arg, rtt_us);
    free(ping);
}

void ws_pong(struct ws_link *link, const void *payload, size_t len)
{
    unsigned char expected[PING_BYTES];
    for (struct ws_ping **at = &link->server->pings; *at != NULL; at = &(*at)->next) {
        if ((*at)->link != link)
            continue;
        put_number(expected, (*at)->number);
        if (len == PING_BYTES && memcmp(payload, expected, PING_BYTES) == 0) {
            end_ping(at, now_us() - (*at)->sent_us);
            return;
        }
    }
}

void ws_pings_forget(struct ws_link *link)
{
    for (struct ws_ping *ping = link->server->pings; ping != NULL; ping = ping->next) {
        if (ping->link != link)
            continue;
        ping->link = NULL;
        ping->until_mono_ms = 0; /* told by the next tick */
    }
}

int64_t ws_pings_tick(struct ws_server *w, int64_t now_mono_ms)
{
    int64_t next = INT64_MAX;
    struct ws_ping **at = &w->pings;
    while (*at != NULL) {
        if ((*at)->until_mono_ms <= now_mono_ms) {
            end_ping(at, -1);
            continue;
        }
        next = (*at)->until_mono_ms < next ? (*at)->until_mono_ms : next;
        at = &(*at)->next;
    }
    return next;
}
