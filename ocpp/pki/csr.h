/*
 * Certificate requests of stations (SignCertificate, white paper A02, A03): read and judged.
 */
#ifndef OCPP_PKI_CSR_H
#define OCPP_PKI_CSR_H

#include "ocpp/pki/certificate.h"

struct pki_csr {
    char subject[PKI_NAME_SIZE], cn[PKI_PART_SIZE], organization[PKI_PART_SIZE];
    char key[16];                               /* "RSA 2048", "EC 256" */
    char key_fingerprint[PKI_FINGERPRINT_SIZE]; /* SHA-256 of the public key (SPKI), hex */
};

/**
 * Read a request and check what does not depend on who sent it: size, form, its signature (it
 * proves that the sender holds the key), RSA of 2048..8192 or a named EC curve of 224 bits or more,
 * a hash of SHA-224 or better, exactly one CN, at most one O.
 *
 * Tolerated, because stations send it: CRLF or no line breaks, "\n" written as two characters,
 * "NEW CERTIFICATE REQUEST", and base64 without the lines around it.
 * @param text  need not be NUL-terminated
 * @return false with one sentence
 */
bool pki_csr_read(const char *text, size_t len, struct pki_csr *ret_csr, char *ret_text,
                  size_t size);

/** The request as PEM that every tool reads; free() it. @return NULL with one sentence */
char *pki_csr_pem(const char *text, size_t len, char *ret_text, size_t size);

#endif
