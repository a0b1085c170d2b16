/*
 * Signatures of firmware (OCPP security white paper, L01 and section 6): SHA-256 over the file, by
 * RSA (PSS or PKCS#1 v1.5) or ECDSA.
 */
#ifndef OCPP_PKI_SIGNATURE_H
#define OCPP_PKI_SIGNATURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    PKI_SIGNATURE_TEXT_MAX = 800, /* of SignedUpdateFirmware.req */
    PKI_SIGNING_CERTIFICATE_MAX = 5500,
};

/**
 * Would a station accept it?
 *
 * @param certificate  PEM of who signed; the first one counts, what follows is its chain
 * @param signature    base64
 * @param digest       SHA-256 of the file
 * @param now_s        UTC seconds; the certificate must be valid then
 * @return false with one sentence
 */
bool pki_signature_check(const char *certificate, const char *signature, const uint8_t digest[32],
                         int64_t now_s, char *ret_text, size_t size);

#endif
