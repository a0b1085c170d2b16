#include "cmd/noxsim/pki.h"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>
#include <string.h>
#include <time.h>

enum { RSA_BITS = 2048 };

EVP_PKEY *pki_key_new(bool rsa)
{
    return rsa ? EVP_RSA_gen(RSA_BITS) : EVP_EC_gen("P-256");
}

static BIO *bio_of(const char *pem)
{
    return BIO_new_mem_buf(pem, -1);
}

/* The text of a memory BIO, which ends here. */
static char *text_of(BIO *bio, bool good)
{
    char *data, *text = NULL;
    long len = bio != NULL ? BIO_get_mem_data(bio, &data) : 0;
    if (good && len > 0)
        text = strndup(data, (size_t)len);
    BIO_free(bio);
    ERR_clear_error();
    return text;
}

EVP_PKEY *pki_key_read(const char *pem)
{
    BIO *bio = bio_of(pem);
    EVP_PKEY *key = bio != NULL ? PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL) : NULL;
    BIO_free(bio);
    ERR_clear_error();
    return key;
}

char *pki_key_write(EVP_PKEY *key)
{
    BIO *bio = BIO_new(BIO_s_mem());
    return text_of(bio,
                   bio != NULL && PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL));
}

static bool name_add(X509_NAME *name, const char *field, const char *text)
{
    return text == NULL || text[0] == '\0' ||
           X509_NAME_add_entry_by_txt(name, field, MBSTRING_UTF8, (const unsigned char *)text, -1,
                                      -1, 0) == 1;
}

char *pki_csr(EVP_PKEY *key, const char *common_name, const char *organization)
{
    X509_REQ *req = X509_REQ_new();
    BIO *bio = BIO_new(BIO_s_mem());
    bool good = req != NULL && bio != NULL && X509_REQ_set_version(req, 0) &&
                name_add(X509_REQ_get_subject_name(req), "O", organization) &&
                name_add(X509_REQ_get_subject_name(req), "CN", common_name) &&
                X509_REQ_set_pubkey(req, key) && X509_REQ_sign(req, key, EVP_sha256()) > 0 &&
                PEM_write_bio_X509_REQ(bio, req);
    X509_REQ_free(req);
    return text_of(bio, good);
}

X509 *pki_certificate_read(const char *pem)
{
    BIO *bio = bio_of(pem);
    X509 *certificate = bio != NULL ? PEM_read_bio_X509(bio, NULL, NULL, NULL) : NULL;
    BIO_free(bio);
    ERR_clear_error();
    return certificate;
}

char *pki_certificate_write(X509 *certificate)
{
    BIO *bio = BIO_new(BIO_s_mem());
    return text_of(bio, bio != NULL && PEM_write_bio_X509(bio, certificate));
}

STACK_OF(X509) * pki_chain_read(const char *pem)
{
    BIO *bio = bio_of(pem);
    STACK_OF(X509) *chain = sk_X509_new_null();
    X509 *next = NULL;
    while (bio != NULL && chain != NULL &&
           (next = PEM_read_bio_X509(bio, NULL, NULL, NULL)) != NULL)
        if (!sk_X509_push(chain, next)) {
            X509_free(next);
            break;
        }
    /* The end of the text is the only good reason to stop. */
    bool good = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
    BIO_free(bio);
    ERR_clear_error();
    if (good && sk_X509_num(chain) > 0)
        return chain;
    sk_X509_pop_free(chain, X509_free);
    return NULL;
}

char *pki_chain_write(STACK_OF(X509) * chain)
{
    BIO *bio = BIO_new(BIO_s_mem());
    bool good = bio != NULL;
    for (int i = 0; good && i < sk_X509_num(chain); i++)
        good = PEM_write_bio_X509(bio, sk_X509_value(chain, i));
    return text_of(bio, good);
}

bool pki_common_name_is(X509 *certificate, const char *name)
{
    char text[128];
    int len = X509_NAME_get_text_by_NID(X509_get_subject_name(certificate), NID_commonName, text,
                                        sizeof(text));
    return len > 0 && (size_t)len == strlen(name) && strcmp(text, name) == 0;
}

static int64_t time_ms(const ASN1_TIME *at, int64_t otherwise)
{
    struct tm tm;
    return ASN1_TIME_to_tm(at, &tm) == 1 ? (int64_t)timegm(&tm) * 1000 : otherwise;
}

int64_t pki_not_before_ms(X509 *certificate)
{
    return time_ms(X509_get0_notBefore(certificate), INT64_MAX);
}

int64_t pki_not_after_ms(X509 *certificate)
{
    return time_ms(X509_get0_notAfter(certificate), INT64_MIN);
}

const char pki_revoked[] = "it is revoked";

static const char *phrase_of(int error)
{
    switch (error) {
    case X509_V_ERR_CERT_REVOKED:
        return pki_revoked;
    case X509_V_ERR_CERT_HAS_EXPIRED:
        return "expired";
    case X509_V_ERR_CERT_NOT_YET_VALID:
        return "not yet valid";
    case X509_V_ERR_CERT_SIGNATURE_FAILURE:
        return "its signature is wrong";
    default:
        return "it does not lead to a known root";
    }
}

X509_CRL *pki_crl_read(const char *pem)
{
    BIO *bio = bio_of(pem);
    X509_CRL *crl = bio != NULL ? PEM_read_bio_X509_CRL(bio, NULL, NULL, NULL) : NULL;
    BIO_free(bio);
    ERR_clear_error();
    return crl;
}

/* Whoever is on a revocation list is revoked, whatever day the list or this clock is of. */
static int on_verify(int good, X509_STORE_CTX *ctx)
{
    int error = X509_STORE_CTX_get_error(ctx);
    return good || error == X509_V_ERR_CRL_NOT_YET_VALID || error == X509_V_ERR_CRL_HAS_EXPIRED;
}

const char *pki_verify(X509 *leaf, STACK_OF(X509) * others, STACK_OF(X509) * roots, X509_CRL *crl,
                       int64_t at_ms)
{
    STACK_OF(X509_CRL) *crls = crl != NULL ? sk_X509_CRL_new_null() : NULL;
    X509_STORE *store = X509_STORE_new();
    X509_STORE_CTX *ctx = X509_STORE_CTX_new();
    const char *why = "out of memory";
    if (store != NULL && ctx != NULL && X509_STORE_CTX_init(ctx, store, leaf, others)) {
        X509_STORE_CTX_set0_trusted_stack(ctx, roots);
        X509_STORE_CTX_set_time(ctx, 0, (time_t)(at_ms / 1000));
        X509_STORE_CTX_set_flags(ctx, X509_V_FLAG_PARTIAL_CHAIN);
        if (crls != NULL && sk_X509_CRL_push(crls, crl)) {
            X509_STORE_CTX_set0_crls(ctx, crls);
            X509_STORE_CTX_set_flags(ctx, X509_V_FLAG_CRL_CHECK);
            X509_STORE_CTX_set_verify_cb(ctx, on_verify);
        }
        why = X509_verify_cert(ctx) == 1 ? NULL : phrase_of(X509_STORE_CTX_get_error(ctx));
    }
    X509_STORE_CTX_free(ctx);
    X509_STORE_free(store);
    sk_X509_CRL_free(crls);
    ERR_clear_error();
    return why;
}

static void write_hex(const unsigned char *bytes, unsigned n, char *ret)
{
    static const char digits[] = "0123456789abcdef";
    for (unsigned i = 0; i < n; i++) {
        *ret++ = digits[bytes[i] >> 4];
        *ret++ = digits[bytes[i] & 15];
    }
    *ret = '\0';
}

static const EVP_MD *md_of(int32_t hash_algorithm)
{
    switch (hash_algorithm) {
    case OCPP_HASH_ALGORITHM_SHA384:
        return EVP_sha384();
    case OCPP_HASH_ALGORITHM_SHA512:
        return EVP_sha512();
    default:
        return EVP_sha256();
    }
}

bool pki_hash_data(X509 *certificate, X509 *issuer, int32_t hash_algorithm,
                   char name_hash[PKI_HASH_TEXT], char key_hash[PKI_HASH_TEXT],
                   char serial[PKI_SERIAL_TEXT])
{
    unsigned char bytes[EVP_MAX_MD_SIZE];
    unsigned n = 0;
    const EVP_MD *md = md_of(hash_algorithm);
    const ASN1_BIT_STRING *key = X509_get0_pubkey_bitstr(issuer);
    if (!X509_NAME_digest(X509_get_issuer_name(certificate), md, bytes, &n))
        return false;
    write_hex(bytes, n, name_hash);
    if (key == NULL || !EVP_Digest(key->data, (size_t)key->length, bytes, &n, md, NULL))
        return false;
    write_hex(bytes, n, key_hash);
    BIGNUM *number = ASN1_INTEGER_to_BN(X509_get0_serialNumber(certificate), NULL);
    char *hex = number != NULL ? BN_bn2hex(number) : NULL;
    bool good = hex != NULL && strlen(hex) < PKI_SERIAL_TEXT;
    if (good) {
        const char *from = hex + strspn(hex, "0");
        memcpy(serial, from, strlen(from) + 1);
        for (char *at = serial; *at != '\0'; at++)
            *at = (char)(*at >= 'A' && *at <= 'F' ? *at - 'A' + 'a' : *at);
    }
    OPENSSL_free(hex);
    BN_free(number);
    return good;
}
