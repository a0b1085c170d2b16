/*
 * What the files of this folder share: OpenSSL's objects from text and back.
 */
#ifndef OCPP_PKI_INTERNAL_H
#define OCPP_PKI_INTERNAL_H

#include <openssl/evp.h>
#include <openssl/x509.h>

#include "ocpp/pki/authority.h"
#include "ocpp/pki/csr.h"

/* One sentence into a caller's text; returns false so that it can end a function. */
bool pki_say(char *ret_text, size_t size, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/**
 * The DER of the i-th block with this label ("CERTIFICATE").
 * @param ret_count  blocks of that label, may be NULL; with i = SIZE_MAX they are only counted
 * @return free() it; NULL when there is none or it is no base64
 */
unsigned char *pki_block(const char *text, size_t len, const char *label, size_t i, long *ret_len,
                         size_t *ret_count);
/* Base64 with blanks, line breaks and written "\n" between; NULL if it is none or empty. */
unsigned char *pki_base64(const char *text, size_t len, long *ret_len);

X509 *pki_x509(const char *pem, size_t len, size_t i, char *ret_text, size_t size);
X509_REQ *pki_x509_req(const char *text, size_t len, char *ret_text, size_t size);
/* What is in a memory BIO, as text; frees the BIO.  NULL when out of memory. */
char *pki_bio_text(BIO *bio);
char *pki_x509_pem(X509 *certificate);

/* Is the key of a kind and size we accept?  ret_text names it, or says what is wrong. */
bool pki_key_is_good(const EVP_PKEY *key, char *ret_text, size_t size);
void pki_key_name(const EVP_PKEY *key, char *ret_name, size_t size);

/* One part of a name as UTF-8 text. @return how often it is there; -1: not usable as a text */
int pki_name_part(const X509_NAME *name, int nid, char *ret_part, size_t size);
void pki_name_text(const X509_NAME *name, char *ret_text, size_t size);

/* Issuer, key identifier, signature. */
bool pki_sign_crl(const struct pki_authority *a, X509_CRL *crl);

void pki_hex(const unsigned char *bytes, size_t n, char *ret_hex);
/* Hex of a serial number without leading zeros, upper case; false if it is longer than 20 bytes. */
bool pki_serial_text(const ASN1_INTEGER *serial, char ret_serial[PKI_SERIAL_SIZE]);

#endif
