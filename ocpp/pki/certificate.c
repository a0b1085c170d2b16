/* Facts of certificates. */
#include "ocpp/pki/certificate.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "ocpp/pki/internal.h"

size_t pki_count(const char *pem, size_t len, char *ret_text, size_t size)
{
    size_t count = 0;
    long none;
    if (len > PKI_PEM_MAX) {
        pki_say(ret_text, size, "the text has more than %d bytes", PKI_PEM_MAX);
        return 0;
    }
    free(pki_block(pem, len, "CERTIFICATE", SIZE_MAX, &none, &count));
    if (count > PKI_CERTIFICATES_MAX) {
        pki_say(ret_text, size, "there are more than %d certificates in it", PKI_CERTIFICATES_MAX);
        return 0;
    }
    for (size_t i = 0; i < (count > 0 ? count : 1); i++) {
        X509 *certificate = pki_x509(pem, len, i, ret_text, size);
        if (certificate == NULL)
            return 0;
        X509_free(certificate);
    }
    return count;
}

/* Days since 1970-01-01 of the proleptic Gregorian calendar. */
static int64_t days_of(int64_t year, int64_t month, int64_t day)
{
    year -= month <= 2;
    int64_t era = (year >= 0 ? year : year - 399) / 400;
    int64_t of_era = year - era * 400;
    int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

/* The end of time for one that cannot be read: RFC 5280 writes 99991231235959Z for "never". */
static int64_t time_ms(const ASN1_TIME *time, int64_t fallback_ms)
{
    struct tm t;
    if (ASN1_TIME_to_tm(time, &t) != 1)
        return fallback_ms;
    int64_t days = days_of(t.tm_year + INT64_C(1900), t.tm_mon + 1, t.tm_mday);
    return (days * 86400 + t.tm_hour * 3600 + t.tm_min * 60 + t.tm_sec) * 1000;
}

static void read_usage(X509 *x, struct pki_certificate *c)
{
    uint32_t flags = X509_get_extension_flags(x);
    uint32_t usage = X509_get_extended_key_usage(x);
    c->is_ca = (flags & EXFLAG_CA) != 0;
    c->is_self_issued = (flags & EXFLAG_SI) != 0;
    c->for_clients = (flags & EXFLAG_XKUSAGE) == 0 || (usage & XKU_SSL_CLIENT) != 0;
    c->for_servers = (flags & EXFLAG_XKUSAGE) == 0 || (usage & XKU_SSL_SERVER) != 0;
}

static bool read_fingerprint(X509 *x, struct pki_certificate *c)
{
    unsigned char hash[EVP_MAX_MD_SIZE];
    unsigned n = 0;
    if (X509_digest(x, EVP_sha256(), hash, &n) != 1)
        return false;
    pki_hex(hash, n, c->fingerprint);
    return true;
}

static void read_key(X509 *x, struct pki_certificate *c)
{
    pki_key_name(X509_get0_pubkey(x), c->key, sizeof(c->key));
}

static bool facts(X509 *x, struct pki_certificate *c, char *ret_text, size_t size)
{
    *c = (struct pki_certificate){ 0 };
    pki_name_text(X509_get_subject_name(x), c->subject, sizeof(c->subject));
    pki_name_text(X509_get_issuer_name(x), c->issuer, sizeof(c->issuer));
    if (pki_name_part(X509_get_subject_name(x), NID_commonName, c->cn, sizeof(c->cn)) < 0)
        c->cn[0] = '\0';
    if (pki_name_part(X509_get_subject_name(x), NID_organizationName, c->organization,
                      sizeof(c->organization)) < 0)
        c->organization[0] = '\0';
    c->not_before_ms = time_ms(X509_get0_notBefore(x), 0);
    c->not_after_ms = time_ms(X509_get0_notAfter(x), 0);
    read_usage(x, c);
    read_key(x, c);
    ERR_clear_error();
    return (pki_serial_text(X509_get0_serialNumber(x), c->serial) && read_fingerprint(x, c)) ||
           pki_say(ret_text, size, "its serial number has more than 20 bytes");
}

bool pki_read(const char *pem, size_t len, size_t i, struct pki_certificate *ret_certificate,
              char *ret_text, size_t size)
{
    X509 *x = pki_x509(pem, len, i, ret_text, size);
    struct pki_certificate c;
    bool good = x != NULL && facts(x, &c, ret_text, size);
    if (good)
        *ret_certificate = c;
    X509_free(x);
    return good;
}

char *pki_one(const char *pem, size_t len, size_t i, char *ret_text, size_t size)
{
    X509 *x = pki_x509(pem, len, i, ret_text, size);
    char *one = x != NULL ? pki_x509_pem(x) : NULL;
    if (x != NULL && one == NULL)
        pki_say(ret_text, size, "out of memory");
    X509_free(x);
    return one;
}

/* --- hash data --- */

static const struct {
    const char *text;
    const EVP_MD *(*md)(void);
} hashes[PKI_HASHES] = {
    [PKI_SHA256] = { "SHA256", EVP_sha256 },
    [PKI_SHA384] = { "SHA384", EVP_sha384 },
    [PKI_SHA512] = { "SHA512", EVP_sha512 },
};

const char *pki_hash_text(enum pki_hash hash)
{
    return hashes[hash].text;
}

/* The certificate in `pem` whose subject is the issuer of x and whose key signed it; NULL if none.
 */
static X509 *issuer_in(X509 *x, const char *pem, size_t len)
{
    char none[8];
    size_t count = 0;
    long n;
    if (pem == NULL || len > PKI_PEM_MAX)
        return NULL;
    free(pki_block(pem, len, "CERTIFICATE", SIZE_MAX, &n, &count));
    for (size_t i = 0; i < count && i < PKI_CERTIFICATES_MAX; i++) {
        X509 *candidate = pki_x509(pem, len, i, none, sizeof(none));
        EVP_PKEY *key = candidate != NULL ? X509_get0_pubkey(candidate) : NULL;
        if (key != NULL &&
            X509_NAME_cmp(X509_get_subject_name(candidate), X509_get_issuer_name(x)) == 0 &&
            X509_verify(x, key) == 1)
            return candidate;
        X509_free(candidate);
    }
    ERR_clear_error();
    return NULL;
}

static bool hash_key_of(X509 *issuer, const EVP_MD *md, char *ret_hex)
{
    unsigned char hash[EVP_MAX_MD_SIZE];
    unsigned n = 0;
    if (X509_pubkey_digest(issuer, md, hash, &n) != 1)
        return false;
    pki_hex(hash, n, ret_hex);
    return true;
}

bool pki_hash_data(const char *pem, size_t len, const char *issuer_pem, size_t issuer_len,
                   enum pki_hash hash, struct pki_hash_data *ret_data, char *ret_text, size_t size)
{
    struct pki_hash_data data = { .hash = hash };
    unsigned char bytes[EVP_MAX_MD_SIZE];
    unsigned n = 0;
    X509 *x = pki_x509(pem, len, 0, ret_text, size);
    if (x == NULL)
        return false;
    X509 *issuer = issuer_in(x, pem, len);
    if (issuer == NULL)
        issuer = issuer_in(x, issuer_pem, issuer_len);
    bool good = X509_NAME_digest(X509_get_issuer_name(x), hashes[hash].md(), bytes, &n) == 1 &&
                pki_serial_text(X509_get0_serialNumber(x), data.serial) &&
                (issuer == NULL || hash_key_of(issuer, hashes[hash].md(), data.issuer_key_hash));
    if (good) {
        pki_hex(bytes, n, data.issuer_name_hash);
        *ret_data = data;
    } else {
        pki_say(ret_text, size, "the certificate cannot be hashed");
    }
    X509_free(issuer);
    X509_free(x);
    return good;
}

bool pki_hex_equal(const char *a, const char *b)
{
    return strcasecmp(a, b) == 0;
}

bool pki_serial_equal(const char *a, const char *b)
{
    while (*a == '0')
        a++;
    while (*b == '0')
        b++;
    return strcasecmp(a, b) == 0;
}

bool pki_is_issued_by(const char *pem, size_t len, const char *ca_pem, size_t ca_len)
{
    char none[8];
    X509 *x = pki_x509(pem, len, 0, none, sizeof(none));
    X509 *ca = pki_x509(ca_pem, ca_len, 0, none, sizeof(none));
    EVP_PKEY *key = ca != NULL ? X509_get0_pubkey(ca) : NULL;
    bool good = x != NULL && key != NULL &&
                X509_NAME_cmp(X509_get_subject_name(ca), X509_get_issuer_name(x)) == 0 &&
                X509_verify(x, key) == 1;
    X509_free(x);
    X509_free(ca);
    ERR_clear_error();
    return good;
}
