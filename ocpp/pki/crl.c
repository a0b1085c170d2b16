/* Revocation lists. */
#include <openssl/bn.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "ocpp/pki/internal.h"

static bool add_revoked(X509_CRL *crl, const struct pki_revoked *revoked)
{
    BIGNUM *number = NULL;
    X509_REVOKED *entry = X509_REVOKED_new();
    ASN1_TIME *at = ASN1_TIME_set(NULL, (time_t)(revoked->at_ms / 1000));
    ASN1_INTEGER *serial =
        BN_hex2bn(&number, revoked->serial) > 0 ? BN_to_ASN1_INTEGER(number, NULL) : NULL;
    bool good = entry != NULL && at != NULL && serial != NULL &&
                X509_REVOKED_set_serialNumber(entry, serial) == 1 &&
                X509_REVOKED_set_revocationDate(entry, at) == 1 &&
                X509_CRL_add0_revoked(crl, entry) == 1;
    if (!good)
        X509_REVOKED_free(entry);
    ASN1_TIME_free(at);
    ASN1_INTEGER_free(serial);
    BN_free(number);
    return good;
}

static bool set_number(X509_CRL *crl, int64_t number)
{
    ASN1_INTEGER *value = ASN1_INTEGER_new();
    bool good = value != NULL && ASN1_INTEGER_set_int64(value, number) == 1 &&
                X509_CRL_add1_ext_i2d(crl, NID_crl_number, value, 0, 0) == 1;
    ASN1_INTEGER_free(value);
    return good;
}

static bool set_dates(X509_CRL *crl, int64_t now_ms, int64_t next_ms)
{
    ASN1_TIME *now = ASN1_TIME_set(NULL, (time_t)(now_ms / 1000));
    ASN1_TIME *next = ASN1_TIME_set(NULL, (time_t)(next_ms / 1000));
    bool good = now != NULL && next != NULL && X509_CRL_set1_lastUpdate(crl, now) == 1 &&
                X509_CRL_set1_nextUpdate(crl, next) == 1;
    ASN1_TIME_free(now);
    ASN1_TIME_free(next);
    return good;
}

static char *crl_pem(X509_CRL *crl)
{
    BIO *bio = BIO_new(BIO_s_mem());
    if (bio != NULL && PEM_write_bio_X509_CRL(bio, crl) == 1)
        return pki_bio_text(bio);
    BIO_free(bio);
    return NULL;
}

char *pki_crl(const struct pki_authority *a, const struct pki_revoked *revoked, size_t n,
              int64_t number, int64_t now_ms, int64_t next_ms, char *ret_text, size_t size)
{
    X509_CRL *crl = X509_CRL_new();
    bool good = crl != NULL && X509_CRL_set_version(crl, X509_CRL_VERSION_2) == 1 &&
                set_dates(crl, now_ms, next_ms) && set_number(crl, number);
    for (size_t i = 0; good && i < n; i++)
        good = add_revoked(crl, &revoked[i]);
    if (good)
        X509_CRL_sort(crl);
    char *pem = good && pki_sign_crl(a, crl) ? crl_pem(crl) : NULL;
    X509_CRL_free(crl);
    if (pem == NULL)
        pki_say(ret_text, size,
                pki_authority_can_sign(a)
                    ? "OpenSSL could not make the revocation list"
                    : "the CA's private key is not here: its owner must make the revocation list "
                      "(--tls-client-crl)");
    return pem;
}
