/*
 * Certificates and keys by OpenSSL, for vault.c only.  Pure.
 */
#ifndef CMD_NOXSIM_PKI_H
#define CMD_NOXSIM_PKI_H

#include <openssl/evp.h>
#include <openssl/x509.h>
#include <stdbool.h>
#include <stdint.h>

#include "ocpp/wire/messages_security.h"

/* All owned by the caller; NULL on failure. */
EVP_PKEY *pki_key_new(bool rsa);
EVP_PKEY *pki_key_read(const char *pem);
char *pki_key_write(EVP_PKEY *key);
char *pki_csr(EVP_PKEY *key, const char *common_name, const char *organization);
X509 *pki_certificate_read(const char *pem);
char *pki_certificate_write(X509 *certificate);
/** @return all certificates of the text in their order, NULL if there is none or one is broken */
STACK_OF(X509) * pki_chain_read(const char *pem);
char *pki_chain_write(STACK_OF(X509) * chain);

bool pki_common_name_is(X509 *certificate, const char *name);
/** @return INT64_MAX or INT64_MIN when it cannot be read */
int64_t pki_not_before_ms(X509 *certificate);
int64_t pki_not_after_ms(X509 *certificate);
/** @return the revocation list of the text */
X509_CRL *pki_crl_read(const char *pem);
extern const char pki_revoked[];
/** Path validation at an instant.
 *  @param crl  of the leaf's issuer; NULL = revocation is not looked at
 *  @return NULL, pki_revoked, or another static phrase */
const char *pki_verify(X509 *leaf, STACK_OF(X509) * others, STACK_OF(X509) * roots, X509_CRL *crl,
                       int64_t at_ms);

enum { PKI_HASH_TEXT = 129, PKI_SERIAL_TEXT = 41 };
/** RFC 6960 CertID in hexadecimal; the serial number without leading zeros. */
bool pki_hash_data(X509 *certificate, X509 *issuer, int32_t hash_algorithm,
                   char name_hash[PKI_HASH_TEXT], char key_hash[PKI_HASH_TEXT],
                   char serial[PKI_SERIAL_TEXT]);

#endif
