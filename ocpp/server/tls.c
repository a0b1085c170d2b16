/* TLS of station listeners: versions, client certificates. */
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>

#include "ocpp/server/ws_state.h"

struct lws_vhost *ws_tls_vhost(struct ws_server *w, const struct ws_listen *listen)
{
    struct lws_context_creation_info info = { 0 };
    char name[32];
    snprintf(name, sizeof(name), "stations-tls-%zu", w->n_listeners);
    info.port = CONTEXT_PORT_NO_LISTEN_SERVER;
    info.vhost_name = name;
    info.protocols = ws_station_protocols;
    info.user = w;
    info.retry_and_idle_policy = &ws_no_keepalive;
    info.options = LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
    info.alpn = "http/1.1"; /* else HTTP/2 is offered */
    info.ssl_cert_filepath = listen->tls_cert;
    info.ssl_private_key_filepath = listen->tls_key;
    if (listen->tls_client_ca != NULL) {
        info.ssl_ca_filepath = listen->tls_client_ca;
        /* Asked for, not required: the upgrade decides, and can then say who came without. */
        info.options |= LWS_SERVER_OPTION_REQUIRE_VALID_OPENSSL_CLIENT_CERT |
                        LWS_SERVER_OPTION_PEER_CERT_NOT_REQUIRED;
    }
    return lws_create_vhost(loop_context(w->options.loop), &info);
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
