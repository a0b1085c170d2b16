/*
 * A certification authority: made here, or brought from elsewhere with or without its key.
 *
 * Holds a private key: who uses it keeps it off the loop's thread.  An authority is not changed
 * after it was made, so several threads may sign with one.
 */
#ifndef OCPP_PKI_AUTHORITY_H
#define OCPP_PKI_AUTHORITY_H

#include "ocpp/pki/certificate.h"

struct pki_authority;

enum pki_key_kind { PKI_EC_P256, PKI_EC_P384, PKI_RSA_2048, PKI_RSA_3072, PKI_RSA_4096 };

struct pki_authority_plan {
    const char *cn, *organization; /* O may be NULL */
    enum pki_key_kind key;
    int32_t days;
};

/**
 * A new self-signed CA.
 * @param ret_cert_pem  free() it
 * @param ret_key_pem   unencrypted PKCS #8; pki_secret_free() it
 * @return false with one sentence
 */
bool pki_authority_make(const struct pki_authority_plan *plan, int64_t now_ms, char **ret_cert_pem,
                        char **ret_key_pem, char *ret_text, size_t size);
/* Wipes and frees a text with a key. */
void pki_secret_free(char *text);

/**
 * @param cert_pem  the CA first, then what is above it, if it is not a root
 * @param key_pem   NULL: only the certificate; requests are then signed elsewhere
 * @return NULL with one sentence: no CA certificate, a key that does not belong to it, ...
 */
struct pki_authority *pki_authority_new(const char *cert_pem, size_t cert_len, const char *key_pem,
                                        size_t key_len, char *ret_text, size_t size);
void pki_authority_free(struct pki_authority *a);
bool pki_authority_can_sign(const struct pki_authority *a);
/* Valid as long as the authority. */
const struct pki_certificate *pki_authority_certificate(const struct pki_authority *a);

struct pki_profile {
    int32_t days;        /* of validity; cut at the CA's own end */
    int32_t back_date_s; /* not before now minus this: station clocks are late */
};

/**
 * Sign a station's request for TLS client authentication: subject of the request (C, ST, L, O, OU,
 * CN, serialNumber, DC), random serial number of 16 bytes, clientAuth, key identifiers.  The
 * request is judged again as in pki_csr_read().
 * @param ret_pem  the certificate alone; free() it
 */
bool pki_sign(const struct pki_authority *a, const char *csr, size_t csr_len,
              const struct pki_profile *profile, int64_t now_ms, char **ret_pem, char *ret_text,
              size_t size);

/**
 * The chain a station gets: the certificate, then the CA and what is above it.  A root is left out:
 * the station holds it, or does not need it to present itself.
 * @param max_bytes  what the station takes (CertificateSignedMaxChainSize); the CAs are left out
 *                   from the top until it fits
 * @return NULL with one sentence when not even the certificate fits; free() it
 */
char *pki_chain(const struct pki_authority *a, const char *leaf_pem, size_t max_bytes,
                char *ret_text, size_t size);

/**
 * Does a chain that was signed elsewhere answer this request?  First certificate: key and CN of the
 * request, issued by `a`, valid at `now_ms`, good for clients.
 */
bool pki_chain_fits(const struct pki_authority *a, const char *chain_pem, size_t len,
                    const char *csr, size_t csr_len, int64_t now_ms, char *ret_text, size_t size);

struct pki_revoked {
    char serial[PKI_SERIAL_SIZE];
    int64_t at_ms;
};

/**
 * A revocation list, signed by the CA.
 * @param number  grows with each list
 * @return PEM, free() it; NULL with one sentence
 */
char *pki_crl(const struct pki_authority *a, const struct pki_revoked *revoked, size_t n,
              int64_t number, int64_t now_ms, int64_t next_ms, char *ret_text, size_t size);

#endif
