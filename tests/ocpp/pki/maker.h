/*
 * Makes what stations and other CAs would send: requests of any key, name and hash.
 */
#ifndef TESTS_OCPP_PKI_MAKER_H
#define TESTS_OCPP_PKI_MAKER_H

#include <stddef.h>

#include "ocpp/pki/authority.h"
#include "ocpp/pki/csr.h"
#include "tests/ocpp/wire/check_wire.h"

struct maker_plan {
    const char *key; /* "EC:P-256", "RSA:2048", "ED25519" */
    const char *cn[2], *organization;
    size_t cn_len;    /* bytes of cn[0]; 0 = strlen */
    const char *hash; /* "SHA256" */
};
/* PEM; free() it. */
char *maker_csr(const struct maker_plan *plan);
/* A CA of EC P-256, at `now_ms`. */
struct pki_authority *maker_authority(int64_t now_ms, char **ret_cert, char **ret_key);
/* DER of a PEM block and back, for tests that damage bytes; free() them. */
unsigned char *maker_der(const char *pem, size_t *ret_len);
char *maker_pem(const unsigned char *der, size_t len, const char *label);

#endif
