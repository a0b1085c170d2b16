/* A CA: its key, and what it signs. */
#include "ocpp/pki/authority.h"

#include <openssl/bn.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/objects.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "ocpp/pki/internal.h"

enum { SERIAL_BYTES = 16, DAY_S = 86400, CA_BACK_DATE_S = DAY_S, DAYS_MAX = 36500 };

struct pki_authority {
    X509 *certificate;
    EVP_PKEY *key; /* NULL: signs elsewhere */
    struct pki_certificate facts;
    char *above[PKI_CERTIFICATES_MAX]; /* PEM of the CA and what is above it; no root */
    size_t n_above;
};

/* --- parts of a certificate --- */

/* 126 random bits, always 16 bytes: positive, and no leading zeros that some stations drop. */
static bool set_serial(X509 *x)
{
    unsigned char bytes[SERIAL_BYTES];
    if (RAND_bytes(bytes, sizeof(bytes)) != 1)
        return false;
    bytes[0] = (unsigned char)((bytes[0] & 0x3F) | 0x40);
    BIGNUM *number = BN_bin2bn(bytes, sizeof(bytes), NULL);
    bool good = number != NULL && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(x)) != NULL;
    BN_free(number);
    return good;
}

static bool set_times(X509 *x, int64_t from_s, int64_t until_s)
{
    return ASN1_TIME_set(X509_getm_notBefore(x), (time_t)from_s) != NULL &&
           ASN1_TIME_set(X509_getm_notAfter(x), (time_t)until_s) != NULL;
}

static bool add_extension(X509V3_CTX *ctx, X509 *x, int nid, const char *value)
{
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, ctx, nid, value);
    bool good = extension != NULL && X509_add_ext(x, extension, -1) == 1;
    X509_EXTENSION_free(extension);
    return good;
}

struct extension {
    int nid;
    const char *value;
};

static const struct extension ca_extensions[] = {
    { NID_basic_constraints, "critical,CA:TRUE" },
    { NID_key_usage, "critical,keyCertSign,cRLSign" },
    { NID_subject_key_identifier, "hash" },
};
static const struct extension station_extensions[] = {
    { NID_basic_constraints, "critical,CA:FALSE" },
    { NID_key_usage, "critical,digitalSignature" },
    { NID_ext_key_usage, "clientAuth" },
    { NID_subject_key_identifier, "hash" },
    { NID_authority_key_identifier, "keyid:always" },
};

static bool add_extensions(X509 *x, X509 *issuer, const struct extension *list, size_t n)
{
    X509V3_CTX ctx;
    X509V3_set_ctx_nodb(&ctx);
    X509V3_set_ctx(&ctx, issuer, x, NULL, NULL, 0);
    for (size_t i = 0; i < n; i++)
        if (!add_extension(&ctx, x, list[i].nid, list[i].value))
            return false;
    return true;
}

static const EVP_MD *digest_for(const EVP_PKEY *key)
{
    return EVP_PKEY_is_a(key, "EC") && EVP_PKEY_get_bits(key) > 256 ? EVP_sha384() : EVP_sha256();
}

/* --- a new one --- */

static EVP_PKEY *make_key(enum pki_key_kind kind)
{
    static const struct {
        const char *curve;
        size_t bits;
    } of[] = {
        [PKI_EC_P256] = { "P-256", 0 },  [PKI_EC_P384] = { "P-384", 0 },
        [PKI_RSA_2048] = { NULL, 2048 }, [PKI_RSA_3072] = { NULL, 3072 },
        [PKI_RSA_4096] = { NULL, 4096 },
    };
    return of[kind].curve != NULL ? EVP_PKEY_Q_keygen(NULL, NULL, "EC", of[kind].curve)
                                  : EVP_PKEY_Q_keygen(NULL, NULL, "RSA", of[kind].bits);
}

static bool add_part(X509_NAME *name, int nid, const char *value)
{
    return value == NULL || value[0] == '\0' ||
           X509_NAME_add_entry_by_NID(name, nid, MBSTRING_UTF8, (const unsigned char *)value, -1,
                                      -1, 0) == 1;
}

static X509 *self_signed(const struct pki_authority_plan *plan, EVP_PKEY *key, int64_t now_s)
{
    X509 *x = X509_new();
    if (x == NULL)
        return NULL;
    X509_NAME *name = X509_get_subject_name(x);
    bool good =
        X509_set_version(x, X509_VERSION_3) == 1 && set_serial(x) &&
        set_times(x, now_s - CA_BACK_DATE_S, now_s + (int64_t)plan->days * DAY_S) &&
        add_part(name, NID_organizationName, plan->organization) &&
        add_part(name, NID_commonName, plan->cn) && X509_set_issuer_name(x, name) == 1 &&
        X509_set_pubkey(x, key) == 1 &&
        add_extensions(x, x, ca_extensions, sizeof(ca_extensions) / sizeof(ca_extensions[0])) &&
        X509_sign(x, key, digest_for(key)) > 0;
    if (good)
        return x;
    X509_free(x);
    return NULL;
}

static char *key_pem(EVP_PKEY *key)
{
    BIO *bio = BIO_new(BIO_s_secmem());
    if (bio != NULL && PEM_write_bio_PKCS8PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL) == 1)
        return pki_bio_text(bio);
    BIO_free(bio);
    return NULL;
}

void pki_secret_free(char *text)
{
    if (text != NULL)
        OPENSSL_cleanse(text, strlen(text));
    free(text);
}

static bool plan_is_good(const struct pki_authority_plan *plan, char *ret_text, size_t size)
{
    size_t cn = plan->cn != NULL ? strlen(plan->cn) : 0;
    if (cn == 0 || cn >= PKI_PART_SIZE ||
        (plan->organization != NULL && strlen(plan->organization) >= PKI_PART_SIZE))
        return pki_say(ret_text, size, "the CA's name must have 1 to 64 bytes, its O at most 64");
    return (plan->days > 0 && plan->days <= DAYS_MAX) ||
           pki_say(ret_text, size, "a CA is valid for 1 to %d days", DAYS_MAX);
}

bool pki_authority_make(const struct pki_authority_plan *plan, int64_t now_ms, char **ret_cert_pem,
                        char **ret_key_pem, char *ret_text, size_t size)
{
    if (!plan_is_good(plan, ret_text, size))
        return false;
    EVP_PKEY *key = make_key(plan->key);
    X509 *x = key != NULL ? self_signed(plan, key, now_ms / 1000) : NULL;
    char *cert = x != NULL ? pki_x509_pem(x) : NULL;
    char *secret = cert != NULL ? key_pem(key) : NULL;
    X509_free(x);
    EVP_PKEY_free(key);
    if (secret == NULL) {
        free(cert);
        return pki_say(ret_text, size, "OpenSSL could not make the CA (is its name valid UTF-8?)");
    }
    *ret_cert_pem = cert;
    *ret_key_pem = secret;
    return true;
}

/* --- one that is there --- */

static int no_password(char *buf, int size, int rwflag, void *arg)
{
    (void)buf, (void)size, (void)rwflag, (void)arg;
    return -1; /* never ask at a terminal */
}

static bool take_key(struct pki_authority *a, const char *pem, size_t len, char *ret_text,
                     size_t size)
{
    if (len > PKI_PEM_MAX)
        return pki_say(ret_text, size, "the key is too long");
    BIO *bio = BIO_new_mem_buf(pem, (int)len);
    a->key = bio != NULL ? PEM_read_bio_PrivateKey(bio, NULL, no_password, NULL) : NULL;
    BIO_free(bio);
    if (a->key == NULL)
        return pki_say(ret_text, size,
                       "the private key cannot be read: it must be PEM without a "
                       "password ('openssl pkey -in KEY -out PLAIN' removes it)");
    return X509_check_private_key(a->certificate, a->key) == 1 ||
           pki_say(ret_text, size, "the private key does not belong to the certificate");
}

static bool take_above(struct pki_authority *a, const char *pem, size_t len, char *ret_text,
                       size_t size)
{
    size_t n = pki_count(pem, len, ret_text, size);
    for (size_t i = 0; i < n; i++) {
        struct pki_certificate c;
        if (!pki_read(pem, len, i, &c, ret_text, size))
            return false;
        if (c.is_self_issued)
            continue;
        a->above[a->n_above] = pki_one(pem, len, i, ret_text, size);
        if (a->above[a->n_above++] == NULL)
            return false;
    }
    return n > 0;
}

static bool take_certificate(struct pki_authority *a, const char *pem, size_t len, char *ret_text,
                             size_t size)
{
    char why[160];
    a->certificate = pki_x509(pem, len, 0, ret_text, size);
    if (a->certificate == NULL || !pki_read(pem, len, 0, &a->facts, ret_text, size))
        return false;
    if (X509_check_ca(a->certificate) != 1)
        return pki_say(ret_text, size,
                       "%.200s is no CA: it has no basicConstraints CA:TRUE, or may not sign "
                       "certificates",
                       a->facts.subject);
    if (!pki_key_is_good(X509_get0_pubkey(a->certificate), why, sizeof(why)))
        return pki_say(ret_text, size, "%.200s cannot be used: %s", a->facts.subject, why);
    return take_above(a, pem, len, ret_text, size);
}

struct pki_authority *pki_authority_new(const char *cert_pem, size_t cert_len, const char *key,
                                        size_t key_len, char *ret_text, size_t size)
{
    struct pki_authority *a = calloc(1, sizeof(*a));
    if (a == NULL) {
        pki_say(ret_text, size, "out of memory");
        return NULL;
    }
    if (!take_certificate(a, cert_pem, cert_len, ret_text, size) ||
        (key != NULL && !take_key(a, key, key_len, ret_text, size))) {
        pki_authority_free(a);
        return NULL;
    }
    return a;
}

void pki_authority_free(struct pki_authority *a)
{
    if (a == NULL)
        return;
    X509_free(a->certificate);
    EVP_PKEY_free(a->key);
    for (size_t i = 0; i < a->n_above; i++)
        free(a->above[i]);
    free(a);
}

bool pki_authority_can_sign(const struct pki_authority *a)
{
    return a->key != NULL;
}

const struct pki_certificate *pki_authority_certificate(const struct pki_authority *a)
{
    return &a->facts;
}

/* --- signing --- */

/* What we know how to read; anything else a request may carry stays out. */
static bool copy_subject(X509 *x, const X509_REQ *req)
{
    static const int wanted[] = {
        NID_countryName,      NID_stateOrProvinceName,    NID_localityName,
        NID_organizationName, NID_organizationalUnitName, NID_commonName,
        NID_serialNumber,     NID_domainComponent
    };
    const X509_NAME *from = X509_REQ_get_subject_name(req);
    X509_NAME *to = X509_get_subject_name(x);
    for (int i = 0; i < X509_NAME_entry_count(from); i++) {
        const X509_NAME_ENTRY *entry = X509_NAME_get_entry(from, i);
        int nid = OBJ_obj2nid(X509_NAME_ENTRY_get_object(entry));
        for (size_t k = 0; k < sizeof(wanted) / sizeof(wanted[0]); k++)
            if (nid == wanted[k] && X509_NAME_add_entry(to, entry, -1, 0) != 1)
                return false;
    }
    return true;
}

static bool set_station_times(const struct pki_authority *a, X509 *x,
                              const struct pki_profile *profile, int64_t now_ms, char *ret_text,
                              size_t size)
{
    int64_t from_s = now_ms / 1000 - profile->back_date_s;
    int64_t until_s = now_ms / 1000 + (int64_t)profile->days * DAY_S;
    int64_t ca_from_s = a->facts.not_before_ms / 1000, ca_until_s = a->facts.not_after_ms / 1000;
    if (now_ms / 1000 >= ca_until_s || now_ms / 1000 < ca_from_s)
        return pki_say(ret_text, size,
                       "the CA %.200s is not valid now: renew it with 'noxctl cert "
                       "ca init --replace' or import another one",
                       a->facts.subject);
    return set_times(x, from_s > ca_from_s ? from_s : ca_from_s,
                     until_s < ca_until_s ? until_s : ca_until_s) ||
           pki_say(ret_text, size, "out of memory");
}

static X509 *station_certificate(const struct pki_authority *a, X509_REQ *req,
                                 const struct pki_profile *profile, int64_t now_ms, char *ret_text,
                                 size_t size)
{
    X509 *x = X509_new();
    if (x != NULL && !set_station_times(a, x, profile, now_ms, ret_text, size)) {
        X509_free(x);
        return NULL;
    }
    bool good = x != NULL && X509_set_version(x, X509_VERSION_3) == 1 && set_serial(x) &&
                copy_subject(x, req) &&
                X509_set_issuer_name(x, X509_get_subject_name(a->certificate)) == 1 &&
                X509_set_pubkey(x, X509_REQ_get0_pubkey(req)) == 1 &&
                add_extensions(x, a->certificate, station_extensions,
                               sizeof(station_extensions) / sizeof(station_extensions[0])) &&
                X509_sign(x, a->key, digest_for(a->key)) > 0;
    if (good)
        return x;
    pki_say(ret_text, size, "OpenSSL could not sign the certificate");
    X509_free(x);
    return NULL;
}

bool pki_sign(const struct pki_authority *a, const char *csr, size_t csr_len,
              const struct pki_profile *profile, int64_t now_ms, char **ret_pem, char *ret_text,
              size_t size)
{
    struct pki_csr facts;
    if (a->key == NULL)
        return pki_say(ret_text, size,
                       "the CA's private key is not here: sign the request elsewhere, then 'noxctl "
                       "cert sign REQUEST --cert FILE'");
    if (profile->days <= 0 || profile->days > DAYS_MAX || profile->back_date_s < 0)
        return pki_say(ret_text, size, "a certificate is valid for 1 to %d days", DAYS_MAX);
    if (!pki_csr_read(csr, csr_len, &facts, ret_text, size))
        return false;
    X509_REQ *req = pki_x509_req(csr, csr_len, ret_text, size);
    X509 *x = req != NULL ? station_certificate(a, req, profile, now_ms, ret_text, size) : NULL;
    char *pem = x != NULL ? pki_x509_pem(x) : NULL;
    X509_free(x);
    X509_REQ_free(req);
    if (pem != NULL)
        *ret_pem = pem;
    return pem != NULL;
}

char *pki_chain(const struct pki_authority *a, const char *leaf_pem, size_t max_bytes,
                char *ret_text, size_t size)
{
    size_t used = strlen(leaf_pem), n = 0;
    if (used > max_bytes) {
        pki_say(ret_text, size,
                "the certificate has %zu bytes, the station takes %zu "
                "(CertificateSignedMaxChainSize)",
                used, max_bytes);
        return NULL;
    }
    while (n < a->n_above && used + strlen(a->above[n]) <= max_bytes)
        used += strlen(a->above[n++]);
    char *chain = malloc(used + 1);
    if (chain == NULL) {
        pki_say(ret_text, size, "out of memory");
        return NULL;
    }
    char *at = chain + strlen(leaf_pem);
    memcpy(chain, leaf_pem, strlen(leaf_pem) + 1);
    for (size_t i = 0; i < n; i++) {
        memcpy(at, a->above[i], strlen(a->above[i]) + 1);
        at += strlen(a->above[i]);
    }
    return chain;
}

static bool same_key(const char *pem, size_t len, const char *csr, size_t csr_len)
{
    char none[8];
    X509 *x = pki_x509(pem, len, 0, none, sizeof(none));
    X509_REQ *req = pki_x509_req(csr, csr_len, none, sizeof(none));
    EVP_PKEY *a = x != NULL ? X509_get0_pubkey(x) : NULL;
    EVP_PKEY *b = req != NULL ? X509_REQ_get0_pubkey(req) : NULL;
    bool same = a != NULL && b != NULL && EVP_PKEY_eq(a, b) == 1;
    X509_free(x);
    X509_REQ_free(req);
    ERR_clear_error();
    return same;
}

static bool is_issued_here(const struct pki_authority *a, const char *pem, size_t len)
{
    char none[8];
    X509 *x = pki_x509(pem, len, 0, none, sizeof(none));
    bool good = x != NULL && X509_verify(x, X509_get0_pubkey(a->certificate)) == 1;
    X509_free(x);
    ERR_clear_error();
    return good;
}

bool pki_chain_fits(const struct pki_authority *a, const char *chain_pem, size_t len,
                    const char *csr, size_t csr_len, int64_t now_ms, char *ret_text, size_t size)
{
    struct pki_certificate c;
    struct pki_csr wanted;
    if (pki_count(chain_pem, len, ret_text, size) == 0 ||
        !pki_read(chain_pem, len, 0, &c, ret_text, size) ||
        !pki_csr_read(csr, csr_len, &wanted, ret_text, size))
        return false;
    if (!same_key(chain_pem, len, csr, csr_len))
        return pki_say(ret_text, size,
                       "the first certificate has another key than the request: the "
                       "station's own certificate must come first");
    if (strcmp(c.cn, wanted.cn) != 0)
        return pki_say(ret_text, size, "the certificate is for CN %s, the request for %s", c.cn,
                       wanted.cn);
    if (!is_issued_here(a, chain_pem, len))
        return pki_say(ret_text, size,
                       "the certificate was not issued by the CA noxd trusts (%.200s)",
                       a->facts.subject);
    if (now_ms >= c.not_after_ms)
        return pki_say(ret_text, size, "the certificate has expired");
    return c.for_clients || pki_say(ret_text, size,
                                    "the certificate is not for TLS clients "
                                    "(extended key usage clientAuth)");
}

/* --- revocation lists --- */

bool pki_sign_crl(const struct pki_authority *a, X509_CRL *crl)
{
    X509V3_CTX ctx;
    X509V3_set_ctx_nodb(&ctx);
    X509V3_set_ctx(&ctx, a->certificate, NULL, NULL, crl, 0);
    X509_EXTENSION *id =
        X509V3_EXT_conf_nid(NULL, &ctx, NID_authority_key_identifier, "keyid:always");
    bool good = a->key != NULL && id != NULL && X509_CRL_add_ext(crl, id, -1) == 1 &&
                X509_CRL_set_issuer_name(crl, X509_get_subject_name(a->certificate)) == 1 &&
                X509_CRL_sign(crl, a->key, digest_for(a->key)) > 0;
    X509_EXTENSION_free(id);
    return good;
}
