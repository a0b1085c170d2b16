#include "tests/ocpp/pki/maker.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdlib.h>

static EVP_PKEY *key_of(const char *plan)
{
    if (strncmp(plan, "EC:", 3) == 0)
        return EVP_PKEY_Q_keygen(NULL, NULL, "EC", plan + 3);
    if (strncmp(plan, "RSA:", 4) == 0)
        return EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)strtoul(plan + 4, NULL, 10));
    return EVP_PKEY_Q_keygen(NULL, NULL, plan);
}

static void add(X509_NAME *name, int nid, const char *value, size_t len)
{
    if (value != NULL)
        X509_NAME_add_entry_by_NID(name, nid, MBSTRING_UTF8, (const unsigned char *)value, (int)len,
                                   -1, 0);
}

char *maker_csr(const struct maker_plan *plan)
{
    EVP_PKEY *key = key_of(plan->key);
    X509_REQ *req = X509_REQ_new();
    X509_NAME *name = X509_REQ_get_subject_name(req);
    const EVP_MD *md = plan->hash != NULL ? EVP_get_digestbyname(plan->hash) : NULL;
    assert_non_null(key);
    add(name, NID_organizationName, plan->organization,
        plan->organization != NULL ? strlen(plan->organization) : 0);
    for (size_t i = 0; i < 2 && plan->cn[i] != NULL; i++)
        add(name, NID_commonName, plan->cn[i],
            i == 0 && plan->cn_len > 0 ? plan->cn_len : strlen(plan->cn[i]));
    X509_REQ_set_pubkey(req, key);
    assert_true(X509_REQ_sign(req, key, md) > 0);
    BIO *bio = BIO_new(BIO_s_mem());
    PEM_write_bio_X509_REQ(bio, req);
    char *data, *pem;
    long n = BIO_get_mem_data(bio, &data);
    pem = calloc(1, (size_t)n + 1);
    memcpy(pem, data, (size_t)n);
    BIO_free(bio);
    X509_REQ_free(req);
    EVP_PKEY_free(key);
    return pem;
}

struct pki_authority *maker_authority(int64_t now_ms, char **ret_cert, char **ret_key)
{
    char text[300] = "";
    struct pki_authority_plan plan = { .cn = "Test CA", .organization = "DEW21", .days = 3650 };
    if (!pki_authority_make(&plan, now_ms, ret_cert, ret_key, text, sizeof(text)))
        fail_msg("%s", text);
    struct pki_authority *a = pki_authority_new(*ret_cert, strlen(*ret_cert), *ret_key,
                                                strlen(*ret_key), text, sizeof(text));
    if (a == NULL)
        fail_msg("%s", text);
    return a;
}

unsigned char *maker_der(const char *pem, size_t *ret_len)
{
    BIO *bio = BIO_new_mem_buf(pem, -1);
    char *name = NULL, *header = NULL;
    unsigned char *data = NULL, *copy;
    long n = 0;
    assert_int_equal(PEM_read_bio(bio, &name, &header, &data, &n), 1);
    copy = malloc((size_t)n);
    memcpy(copy, data, (size_t)n);
    *ret_len = (size_t)n;
    OPENSSL_free(name);
    OPENSSL_free(header);
    OPENSSL_free(data);
    BIO_free(bio);
    return copy;
}

char *maker_pem(const unsigned char *der, size_t len, const char *label)
{
    BIO *bio = BIO_new(BIO_s_mem());
    char *data, *pem;
    PEM_write_bio(bio, label, "", der, (long)len);
    long n = BIO_get_mem_data(bio, &data);
    pem = calloc(1, (size_t)n + 1);
    memcpy(pem, data, (size_t)n);
    BIO_free(bio);
    return pem;
}
