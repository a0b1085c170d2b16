/* TLS of station listeners: the vhost, versions, client certificates. */
#include <errno.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ocpp/server/ws_state.h"

static bool readable(const char *what, const char *path, char *ret_text, size_t size)
{
    if (path != NULL && access(path, R_OK) == 0)
        return true;
    if (path == NULL)
        snprintf(ret_text, size, "wss needs %s", what);
    else
        snprintf(ret_text, size, "%s %s cannot be read: %s", what, path, strerror(errno));
    return false;
}

static bool same(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static struct lws_vhost *vhost_new(struct ws_server *w)
{
    static const lws_retry_bo_t no_keepalive = { .secs_since_valid_ping = 0 };
    struct lws_context_creation_info info = { 0 };
    info.port = CONTEXT_PORT_NO_LISTEN_SERVER;
    info.vhost_name = "tls";
    info.protocols = ws_server_protocols();
    info.retry_and_idle_policy = &no_keepalive;
    info.options = LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
    info.alpn = "http/1.1"; /* else HTTP/2 is offered */
    info.ssl_cert_filepath = w->tls_cert;
    info.ssl_private_key_filepath = w->tls_key;
    if (w->tls_client_ca != NULL) {
        info.ssl_ca_filepath = w->tls_client_ca;
        /* Asked for, not required: the upgrade decides, and can then say who came without. */
        info.options |= LWS_SERVER_OPTION_REQUIRE_VALID_OPENSSL_CLIENT_CERT |
                        LWS_SERVER_OPTION_PEER_CERT_NOT_REQUIRED;
    }
    return lws_create_vhost(loop_context(w->options.loop), &info);
}

bool ws_tls_vhost(struct ws_server *w, const struct ws_listen *listen, char *ret_text, size_t size)
{
    if (w->tls_vhost != NULL) {
        snprintf(ret_text, size, "all wss listeners have the same certificate, key and client CA");
        return same(w->tls_cert, listen->tls_cert) && same(w->tls_key, listen->tls_key) &&
               same(w->tls_client_ca, listen->tls_client_ca);
    }
    if (!readable("the certificate", listen->tls_cert, ret_text, size) ||
        !readable("the private key", listen->tls_key, ret_text, size) ||
        (listen->tls_client_ca != NULL &&
         !readable("the client CA", listen->tls_client_ca, ret_text, size)))
        return false;
    w->tls_cert = strdup(listen->tls_cert);
    w->tls_key = strdup(listen->tls_key);
    w->tls_client_ca = listen->tls_client_ca != NULL ? strdup(listen->tls_client_ca) : NULL;
    w->tls_vhost = vhost_new(w);
    if (w->tls_vhost == NULL)
        snprintf(ret_text, size,
                 "the certificate %s and the key %s cannot be used together: they must be PEM "
                 "files that belong to each other (the log names the reason)",
                 listen->tls_cert, listen->tls_key);
    return w->tls_vhost != NULL;
}

int ws_tls_setup(SSL_CTX *ctx)
{
    /* TLS 1.2 is the floor of the security white paper (A00.FR.304). */
    if (SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION) != 1)
        return 1;
    SSL_CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                 SSL_OP_CIPHER_SERVER_PREFERENCE);
    /* A chain that ends in our CA but was made for servers is not a station's. */
    SSL_CTX_set_purpose(ctx, X509_PURPOSE_SSL_CLIENT);
    return 0;
}

static bool common_name(X509 *certificate, char *buf, size_t size)
{
    X509_NAME *subject = X509_get_subject_name(certificate);
    int at = subject != NULL ? X509_NAME_get_index_by_NID(subject, NID_commonName, -1) : -1;
    X509_NAME_ENTRY *entry = at >= 0 ? X509_NAME_get_entry(subject, at) : NULL;
    unsigned char *utf8 = NULL;
    int len = entry != NULL ? ASN1_STRING_to_UTF8(&utf8, X509_NAME_ENTRY_get_data(entry)) : -1;
    /* A NUL inside would end the comparison early. */
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
    if (verified)
        return 0;
    X509 *certificate = X509_STORE_CTX_get_current_cert(store);
    char cn[HANDSHAKE_ID_SIZE] = "-", shown[HANDSHAKE_ID_SIZE], detail[HANDSHAKE_DETAIL_SIZE];
    if (certificate != NULL)
        common_name(certificate, cn, sizeof(cn));
    handshake_printable(shown, sizeof(shown), cn, strlen(cn));
    snprintf(detail, sizeof(detail),
             "the client certificate is not accepted: %s; issue one for clients by the CA of "
             "--tls-client-ca",
             X509_verify_cert_error_string(X509_STORE_CTX_get_error(store)));
    if (link != NULL) {
        link->decided = true;
        ws_record_refused(link, HANDSHAKE_BAD_CERTIFICATE, shown, detail);
    }
    return 1;
}

const char *ws_tls_peer_cn(struct lws *wsi, char *buf, size_t size)
{
    SSL *ssl = lws_get_ssl(wsi);
    X509 *certificate = ssl != NULL ? SSL_get1_peer_certificate(ssl) : NULL;
    if (certificate == NULL)
        return NULL;
    bool good = SSL_get_verify_result(ssl) == X509_V_OK && common_name(certificate, buf, size);
    X509_free(certificate);
    return good ? buf : NULL;
}
