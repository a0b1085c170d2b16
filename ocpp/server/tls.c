/* TLS of station listeners: one vhost, certificates that can be exchanged, why handshakes fail. */
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ocpp/pki/certificate.h"
#include "ocpp/server/ws_state.h"

enum { JUDGE_EVERY_MS = 86400000 };

/* --- the vhost --- */

static struct lws_vhost *vhost_new(struct ws_server *w)
{
    static const lws_retry_bo_t no_keepalive = { .secs_since_valid_ping = 0 };
    struct lws_context_creation_info info = { 0 };
    info.port = CONTEXT_PORT_NO_LISTEN_SERVER;
    info.vhost_name = "tls";
    info.protocols = ws_server_protocols();
    info.retry_and_idle_policy = &no_keepalive;
    info.user = w;
    /* Client certificates are asked for or not by tls_files_use(); this makes libwebsockets hand on
     * what OpenSSL says of them. */
    info.options = LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT |
                   LWS_SERVER_OPTION_REQUIRE_VALID_OPENSSL_CLIENT_CERT |
                   LWS_SERVER_OPTION_PEER_CERT_NOT_REQUIRED;
    info.alpn = "http/1.1"; /* else HTTP/2 is offered */
    /* It wants one pair; ws_tls_setup() puts all of them in its place. */
    info.ssl_cert_filepath = w->options.tls.cert[0];
    info.ssl_private_key_filepath = w->options.tls.key[0];
    return lws_create_vhost(loop_context(w->options.loop), &info);
}

static void say_remark(void *arg, bool bad, const char *text)
{
    ws_event(arg, "tls.certificate", bad ? STORE_ALARM : STORE_WARNING, NULL, "%s", text);
}

int64_t ws_tls_tick(struct ws_server *w, int64_t now_mono_ms)
{
    if (w->tls_vhost == NULL)
        return INT64_MAX;
    if (w->tls_judge_mono_ms <= now_mono_ms) {
        w->tls_judge_mono_ms = now_mono_ms + JUDGE_EVERY_MS;
        tls_files_judge(w->tls_files, time(NULL), say_remark, w);
    }
    return w->tls_judge_mono_ms;
}

bool ws_tls_start(struct ws_server *w, char *ret_text, size_t size)
{
    if (w->tls_vhost != NULL)
        return true;
    if (w->options.tls.n_pairs == 0) {
        snprintf(ret_text, size, "wss needs a certificate and its private key");
        return false;
    }
    w->tls_files = tls_files_load(&w->options.tls, ret_text, size);
    if (w->tls_files == NULL)
        return false;
    w->tls_vhost = vhost_new(w);
    if (w->tls_vhost == NULL || w->tls_ctx == NULL) {
        snprintf(ret_text, size,
                 "the certificate %s and the key %s cannot be used (the log names the reason)",
                 w->options.tls.cert[0], w->options.tls.key[0]);
        return false;
    }
    w->tls_judge_mono_ms = loop_now(w->options.loop).mono_ms; /* at the first tick */
    return true;
}

struct remarks {
    char *text;
    size_t size;
};

static void first_bad(void *arg, bool bad, const char *text)
{
    struct remarks *r = arg;
    if (bad && r->text[0] == '\0')
        snprintf(r->text, r->size, "%s", text);
}

/* Open connections stay, but not of those whose certificate is revoked: they might stay for weeks.
 */
static void close_revoked(struct ws_server *w)
{
    for (struct ws_link *link = w->list[WS_ALIVE].first; link != NULL;) {
        SSL *ssl = link->tls && link->wsi != NULL ? lws_get_ssl(link->wsi) : NULL;
        X509 *certificate = ssl != NULL ? SSL_get0_peer_certificate(ssl) : NULL;
        if (certificate == NULL || !tls_files_revoke(w->tls_files, certificate)) {
            link = link->next;
            continue;
        }
        ws_event(w, "security.revoked", STORE_WARNING,
                 link->session != NULL ? central_session_station(link->session) : NULL,
                 "closed: the client certificate of this connection has been revoked");
        ws_link_lost(link, LWS_CLOSE_STATUS_POLICY_VIOLATION,
                     "by noxd: its certificate has been revoked");
        ws_link_close(link, LWS_CLOSE_STATUS_POLICY_VIOLATION, "certificate revoked");
        link = w->list[WS_ALIVE].first; /* what follows a lost link may move others */
    }
}

bool ws_server_use_tls(struct ws_server *w, struct tls_files *files, char *ret_text, size_t size)
{
    struct remarks bad = { .text = ret_text, .size = size };
    if (size > 0)
        ret_text[0] = '\0';
    if (w->tls_vhost == NULL) {
        tls_files_free(files);
        return true;
    }
    if (tls_files_judge(files, time(NULL), first_bad, &bad) > 0 ||
        !tls_files_same_kinds(w->tls_files, files, ret_text, size) ||
        !tls_files_use(files, w->tls_ctx, ret_text, size)) {
        tls_files_free(files);
        return false;
    }
    tls_files_free(w->tls_files);
    w->tls_files = files;
    w->tls_judge_mono_ms = loop_now(w->options.loop).mono_ms;
    close_revoked(w);
    loop_run_due(w->options.loop);
    return true;
}

bool ws_server_reload_tls(struct ws_server *w, char *ret_text, size_t size)
{
    if (w->tls_vhost == NULL)
        return true;
    struct tls_files *files = tls_files_load(&w->options.tls, ret_text, size);
    return files != NULL && ws_server_use_tls(w, files, ret_text, size);
}

/* --- why a handshake failed --- */

/* On the loop's thread, within the handshake: the link is that of the context's server which is
 * being adopted or served. */
static void on_tls_info(const SSL *ssl, int where, int value)
{
    struct ws_server *w = SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl));
    struct ws_link *link = SSL_get_app_data(ssl);
    if (link == NULL && w != NULL)
        link = w->adopting;
    if (link == NULL)
        return;
    if ((where & SSL_CB_ALERT) != 0 && (value & 0xFF) != SSL_AD_CLOSE_NOTIFY && link->alert == 0) {
        link->alert = (uint16_t)(value & 0xFF);
        link->alert_sent = (where & SSL_CB_WRITE) != 0;
    }
    if ((where & SSL_CB_LOOP) != 0 && SSL_get_state(ssl) == TLS_ST_SR_CLNT_HELLO)
        link->tls_began = true;
}

int ws_tls_setup(struct ws_server *w, SSL_CTX *ctx)
{
    char text[400] = "OpenSSL lacks a version or suite that is wanted";
    SSL_CTX_set_app_data(ctx, w);
    SSL_CTX_set_info_callback(ctx, on_tls_info);
    if (!tls_rules(ctx) || !tls_files_use(w->tls_files, ctx, text, sizeof(text))) {
        ws_event(w, "tls.certificate", STORE_ALARM, NULL, "%s", text);
        return 1;
    }
    w->tls_ctx = ctx;
    return 0;
}

void ws_tls_adopted(struct ws_link *link, struct lws *wsi)
{
    SSL *ssl = lws_get_ssl(wsi);
    if (ssl != NULL)
        SSL_set_app_data(ssl, link);
}

/* Alerts of RFC 8446 section 6.2. */
static const struct {
    int alert;
    bool sent; /* by us */
    const char *text;
} alert_words[] = {
    { SSL_AD_PROTOCOL_VERSION, true,
      "the station offers only TLS 1.1 or older: TLS 1.2 is the least, look for newer firmware" },
    { SSL_AD_HANDSHAKE_FAILURE, true,
      "the station and noxd have no cipher suite in common: see certs/README.md for the suites, and give "
      "noxd a certificate of each kind (RSA and ECDSA)" },
    { SSL_AD_NO_RENEGOTIATION, true, "the station wanted to renegotiate, which is not allowed" },
    { SSL_AD_UNKNOWN_CA, false,
      "the station does not know the CA of noxd's certificate: install that root in the station" },
    { SSL_AD_CERTIFICATE_EXPIRED, false,
      "the station says that noxd's certificate has expired: renew it, or set the station's clock" },
    { SSL_AD_BAD_CERTIFICATE, false,
      "the station does not accept noxd's certificate: does its name match the URL, and its key the "
      "station's demands?" },
    { SSL_AD_CERTIFICATE_UNKNOWN, false,
      "the station does not accept noxd's certificate: does its name match the URL, and does the station "
      "know the root?" },
    { SSL_AD_UNSUPPORTED_CERTIFICATE, false,
      "the station cannot use noxd's kind of certificate: give noxd both, RSA and ECDSA" },
    { SSL_AD_HANDSHAKE_FAILURE, false,
      "the station found no cipher suite or version it could use" },
    { SSL_AD_PROTOCOL_VERSION, false, "the station found no TLS version it could use" },
};

void ws_tls_failure(const struct ws_link *link, char *buf, size_t size)
{
    for (size_t i = 0; i < sizeof(alert_words) / sizeof(alert_words[0]); i++)
        if (alert_words[i].alert == link->alert && alert_words[i].sent == link->alert_sent) {
            snprintf(buf, size, "TLS: %s", alert_words[i].text);
            return;
        }
    if (link->alert != 0)
        snprintf(buf, size, "TLS: the handshake ended with '%s' from %s",
                 SSL_alert_desc_string_long(link->alert),
                 link->alert_sent ? "noxd" : "the station");
    else if (link->tls_began)
        snprintf(
            buf, size,
            "TLS: the handshake was not finished, or nothing was asked after it: does the station "
            "know the root certificate, is its clock right, does it connect to wss://?");
    else
        snprintf(
            buf, size,
            "connected to a TLS port and did not begin TLS: is the station's URL wss:// (and not a "
            "port check of some monitor)?");
}

/* --- client certificates --- */

/* The only part of its kind in a subject, as UTF-8; false if it is not there, too long, twice
 * there, or has a NUL inside, which would end a comparison early. */
static bool subject_part(X509 *certificate, int nid, char *buf, size_t size)
{
    X509_NAME *subject = X509_get_subject_name(certificate);
    int at = subject != NULL ? X509_NAME_get_index_by_NID(subject, nid, -1) : -1;
    if (at >= 0 && X509_NAME_get_index_by_NID(subject, nid, at) >= 0)
        return false; /* which one is meant? */
    X509_NAME_ENTRY *entry = at >= 0 ? X509_NAME_get_entry(subject, at) : NULL;
    unsigned char *utf8 = NULL;
    int len = entry != NULL ? ASN1_STRING_to_UTF8(&utf8, X509_NAME_ENTRY_get_data(entry)) : -1;
    bool good = len > 0 && (size_t)len < size && memchr(utf8, '\0', (size_t)len) == NULL;
    if (good) {
        memcpy(buf, utf8, (size_t)len);
        buf[len] = '\0';
    }
    OPENSSL_free(utf8);
    return good;
}

int ws_tls_verify(struct ws_link *link, X509_STORE_CTX *store, bool verified)
{
    int error = X509_STORE_CTX_get_error(store);
    if (verified)
        return 0;
    if (tls_error_is_tolerable(error)) {
        X509_STORE_CTX_set_error(store, X509_V_OK);
        return 0;
    }
    X509 *certificate = X509_STORE_CTX_get0_cert(store);
    char cn[HANDSHAKE_ID_SIZE] = "-", shown[HANDSHAKE_ID_SIZE], detail[HANDSHAKE_DETAIL_SIZE];
    if (certificate != NULL)
        subject_part(certificate, NID_commonName, cn, sizeof(cn));
    handshake_printable(shown, sizeof(shown), cn, strlen(cn));
    snprintf(detail, sizeof(detail), "the client certificate with CN \"%.60s\" is not accepted: %s",
             shown, tls_error_text(error));
    if (link != NULL && !link->decided) {
        link->decided = true;
        ws_record_refused(link, HANDSHAKE_BAD_CERTIFICATE, shown, detail);
    }
    return 1;
}

void ws_tls_peer(struct lws *wsi, struct ws_peer_certificate *ret_peer)
{
    SSL *ssl = lws_get_ssl(wsi);
    X509 *certificate = ssl != NULL ? SSL_get1_peer_certificate(ssl) : NULL;
    ret_peer->has_cn = ret_peer->has_organisation = false;
    if (certificate == NULL)
        return;
    if (SSL_get_verify_result(ssl) == X509_V_OK) {
        ret_peer->has_cn =
            subject_part(certificate, NID_commonName, ret_peer->cn, sizeof(ret_peer->cn));
        ret_peer->has_organisation =
            subject_part(certificate, NID_organizationName, ret_peer->organisation,
                         sizeof(ret_peer->organisation));
    }
    X509_free(certificate);
}

/* --- what a station has shown --- */

/* As PEM; the BIO's text, NULL when memory is out. */
static BIO *peer_pem(SSL *ssl)
{
    X509 *certificate = ssl != NULL ? SSL_get1_peer_certificate(ssl) : NULL;
    BIO *bio = certificate != NULL && SSL_get_verify_result(ssl) == X509_V_OK ? BIO_new(BIO_s_mem())
                                                                              : NULL;
    if (bio != NULL && (PEM_write_bio_X509(bio, certificate) != 1 || BIO_write(bio, "", 1) != 1)) {
        BIO_free(bio);
        bio = NULL;
    }
    X509_free(certificate);
    return bio;
}

void ws_tls_show(struct ws_link *link, struct instant now)
{
    char *pem, none[200];
    struct pki_certificate c;
    BIO *bio = peer_pem(lws_get_ssl(link->wsi));
    if (bio == NULL)
        return;
    BIO_get_mem_data(bio, &pem); /* NUL-terminated by peer_pem() */
    if (pki_read(pem, strlen(pem), 0, &c, none, sizeof(none))) {
        struct store_certificate shown = { .fingerprint = c.fingerprint,
                                           .subject = c.subject,
                                           .issuer = c.issuer,
                                           .cn = c.cn,
                                           .serial = c.serial,
                                           .key = c.key,
                                           .pem = pem,
                                           .not_before_ms = c.not_before_ms,
                                           .not_after_ms = c.not_after_ms,
                                           .note = "" };
        central_certificate(link->server->central, link->session, &shown, now);
    }
    BIO_free(bio);
}
