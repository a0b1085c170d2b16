/*
 * Certificates, keys, client CA and revocation lists of the TLS listeners: read from PEM files,
 * judged, given to OpenSSL.
 *
 * Knows no sockets.  Reading and judging may run on any thread.  The times are the machine's own,
 * as OpenSSL's are: simulated time does not apply.  Security white paper A00.FR.501-511, 702.
 */
#ifndef OCPP_SERVER_TLS_FILES_H
#define OCPP_SERVER_TLS_FILES_H

#include <openssl/ssl.h>
#include <stdbool.h>
#include <stddef.h>
#include <time.h>

enum { TLS_PAIRS_MAX = 4 };

/* All lent; files of PEM. */
struct tls_paths {
    /* A server certificate with its chain and the key of it; one pair of each kind of key. */
    const char *cert[TLS_PAIRS_MAX], *key[TLS_PAIRS_MAX];
    size_t n_pairs;
    /* CAs whose client certificates are trusted, and what they have revoked; NULL = none. */
    const char *client_ca, *client_crl;
    /* The same of the local CA: used when the files exist; NULL = none. */
    const char *local_ca, *local_crl;
};

struct tls_files;

/**
 * Read everything and put it together.
 * @return NULL with one sentence that names the file and what to do
 */
struct tls_files *tls_files_load(const struct tls_paths *paths, char *ret_text, size_t size);
void tls_files_free(struct tls_files *files); /* NULL is fine */

/* Is any CA trusted for client certificates? */
bool tls_files_has_client_ca(const struct tls_files *files);
/* Is this certificate on one of the lists? */
bool tls_files_revoke(const struct tls_files *files, X509 *certificate);
/* Does each pair stand in for one of the other files, by its kind of key?  false with one sentence:
 * OpenSSL would go on offering a kind that is no more. */
bool tls_files_same_kinds(const struct tls_files *a, const struct tls_files *b, char *ret_text,
                          size_t size);

/**
 * What is wrong or soon will be: expired, wrong usage, weak, chain out of order.
 * @param say  called for each with one sentence; `bad`: stations will refuse us or be refused
 * @return how many were bad
 */
size_t tls_files_judge(const struct tls_files *files, time_t now,
                       void (*say)(void *arg, bool bad, const char *text), void *arg);

/* Calls back with one line per file for people ("server certificate F: ECDSA 256 bit, CN ..."). */
void tls_files_describe(const struct tls_files *files, void (*say)(void *arg, const char *text),
                        void *arg);

/**
 * Give them to a context whose rules are set by tls_rules().  New handshakes use them, open
 * connections are not touched.
 * @return false with one sentence; the context is then as it was
 */
bool tls_files_use(const struct tls_files *files, SSL_CTX *ctx, char *ret_text, size_t size);

/* Versions, suites and options of every TLS listener. @return false: OpenSSL lacks one of them */
bool tls_rules(SSL_CTX *ctx);

/* May this error of a certificate's verification be passed over?  Where a CA has published no list
 * nothing can be said, and an outdated list still tells who was revoked. */
bool tls_error_is_tolerable(int x509_error);
/* "the certificate has expired: ..." in plain words with what to do. */
const char *tls_error_text(int x509_error);

#endif
