/*
 * Any bytes as a certificate request of a station, and as a certificate: what is accepted can be
 * written as PEM and is then read as the same.
 */
#include "ocpp/pki/csr.h"
#include "tests/fuzz/fuzz.h"

static void check_request(const char *text, size_t len)
{
    struct pki_csr first, second;
    char why[400];
    if (!pki_csr_read(text, len, &first, why, sizeof(why)))
        return;
    char *pem = pki_csr_pem(text, len, why, sizeof(why));
    if (pem == NULL || !pki_csr_read(pem, strlen(pem), &second, why, sizeof(why)) ||
        strcmp(first.cn, second.cn) != 0 ||
        strcmp(first.key_fingerprint, second.key_fingerprint) != 0)
        abort();
    free(pem);
}

static void check_certificate(const char *text, size_t len)
{
    struct pki_certificate facts;
    struct pki_hash_data hash;
    char why[400];
    size_t n = pki_count(text, len, why, sizeof(why));
    for (size_t i = 0; i < n; i++)
        pki_read(text, len, i, &facts, why, sizeof(why));
    if (n > 0)
        pki_hash_data(text, len, NULL, 0, PKI_SHA384, &hash, why, sizeof(why));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    check_request((const char *)data, size);
    check_certificate((const char *)data, size);
    return 0;
}

static const char *const seeds[] = {
    "-----BEGIN CERTIFICATE REQUEST-----\nMA==\n-----END CERTIFICATE REQUEST-----\n",
    "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n",
    "MAA=",
};
FUZZ_MAIN(seeds)
