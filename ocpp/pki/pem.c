/* Text to DER and back. */
#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ocpp/pki/internal.h"

bool pki_say(char *ret_text, size_t size, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(ret_text, size, format, args);
    va_end(args);
    ERR_clear_error();
    return false;
}

static const char *find(const char *text, size_t len, const char *what)
{
    size_t n = strlen(what);
    for (size_t i = 0; i + n <= len; i++)
        if (text[i] == what[0] && memcmp(text + i, what, n) == 0)
            return text + i;
    return NULL;
}

static int base64_digit(char c)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *at = c != '\0' ? strchr(digits, c) : NULL;
    return at != NULL ? (int)(at - digits) : -1;
}

/* A blank, a line break, or one that is written as backslash and letter. */
static size_t gap(const char *text, size_t len)
{
    if (strchr(" \t\r\n", text[0]) != NULL && text[0] != '\0')
        return 1;
    return len > 1 && text[0] == '\\' && (text[1] == 'n' || text[1] == 'r') ? 2 : 0;
}

unsigned char *pki_base64(const char *text, size_t len, long *ret_len)
{
    unsigned char *der = malloc(len / 4 * 3 + 3);
    uint32_t bits = 0;
    size_t n = 0, digits = 0, skip;
    bool padded = false;
    for (size_t i = 0; der != NULL && i < len; i += skip) {
        skip = gap(text + i, len - i);
        if (skip > 0)
            continue;
        skip = 1;
        int digit = base64_digit(text[i]);
        if (text[i] == '=') {
            padded = true;
        } else if (digit < 0 || padded) {
            free(der);
            return NULL;
        } else {
            bits = (bits << 6 | (uint32_t)digit) & 0xFFFFFF;
            digits++;
            if (digits % 4 != 1)
                der[n++] = (unsigned char)(bits >> (6 - 2 * ((digits - 1) % 4)));
        }
    }
    if (der == NULL || n == 0 || digits % 4 == 1) {
        free(der);
        return NULL;
    }
    *ret_len = (long)n;
    return der;
}

unsigned char *pki_block(const char *text, size_t len, const char *label, size_t i, long *ret_len,
                         size_t *ret_count)
{
    char begin[64], end[64];
    unsigned char *der = NULL;
    size_t count = 0;
    snprintf(begin, sizeof(begin), "-----BEGIN %s-----", label);
    snprintf(end, sizeof(end), "-----END %s-----", label);
    for (const char *at = text, *stop = text + len; count <= PKI_CERTIFICATES_MAX; count++) {
        const char *from = find(at, (size_t)(stop - at), begin);
        if (from == NULL)
            break;
        from += strlen(begin);
        const char *to = find(from, (size_t)(stop - from), end);
        if (to == NULL)
            break;
        if (count == i)
            der = pki_base64(from, (size_t)(to - from), ret_len);
        at = to + strlen(end);
    }
    if (ret_count != NULL)
        *ret_count = count;
    return der;
}

X509 *pki_x509(const char *pem, size_t len, size_t i, char *ret_text, size_t size)
{
    long der_len = 0;
    size_t count = 0;
    if (len > PKI_PEM_MAX) {
        pki_say(ret_text, size, "the text has more than %d bytes", PKI_PEM_MAX);
        return NULL;
    }
    unsigned char *der = pki_block(pem, len, "CERTIFICATE", i, &der_len, &count);
    const unsigned char *at = der;
    X509 *certificate = der != NULL ? d2i_X509(NULL, &at, der_len) : NULL;
    if (certificate != NULL && at != der + der_len) {
        X509_free(certificate);
        certificate = NULL;
    }
    free(der);
    if (certificate == NULL && count == 0)
        pki_say(ret_text, size,
                "there is no certificate in it: PEM text with '-----BEGIN CERTIFICATE-----' is "
                "expected");
    else if (certificate == NULL)
        pki_say(ret_text, size, "certificate %zu in it cannot be read: it is damaged", i + 1);
    return certificate;
}

char *pki_bio_text(BIO *bio)
{
    char *data = NULL, *text = NULL;
    long n = bio != NULL ? BIO_get_mem_data(bio, &data) : 0;
    if (n > 0 && (text = malloc((size_t)n + 1)) != NULL) {
        memcpy(text, data, (size_t)n);
        text[n] = '\0';
    }
    BIO_free(bio);
    return text;
}

char *pki_x509_pem(X509 *certificate)
{
    BIO *bio = BIO_new(BIO_s_mem());
    if (bio == NULL || PEM_write_bio_X509(bio, certificate) != 1) {
        BIO_free(bio);
        return NULL;
    }
    return pki_bio_text(bio);
}

void pki_hex(const unsigned char *bytes, size_t n, char *ret_hex)
{
    for (size_t i = 0; i < n; i++)
        snprintf(ret_hex + 2 * i, 3, "%02x", bytes[i]);
}

bool pki_serial_text(const ASN1_INTEGER *serial, char ret_serial[PKI_SERIAL_SIZE])
{
    BIGNUM *number = ASN1_INTEGER_to_BN(serial, NULL);
    char *hex = number != NULL ? BN_bn2hex(number) : NULL;
    const char *at = hex;
    while (at != NULL && at[0] == '0' && at[1] != '\0')
        at++;
    bool good = at != NULL && strlen(at) < PKI_SERIAL_SIZE;
    if (good)
        snprintf(ret_serial, PKI_SERIAL_SIZE, "%s", at);
    OPENSSL_free(hex);
    BN_free(number);
    return good;
}

/* --- keys --- */

void pki_key_name(const EVP_PKEY *key, char *ret_name, size_t size)
{
    int bits = key != NULL ? EVP_PKEY_get_bits(key) : 0;
    if (key != NULL && EVP_PKEY_is_a(key, "RSA"))
        snprintf(ret_name, size, "RSA %d", bits);
    else if (key != NULL && EVP_PKEY_is_a(key, "EC"))
        snprintf(ret_name, size, "EC %d", bits);
    else
        snprintf(ret_name, size, "other");
}

bool pki_key_is_good(const EVP_PKEY *key, char *ret_text, size_t size)
{
    char group[64];
    int bits = key != NULL ? EVP_PKEY_get_bits(key) : 0;
    if (key == NULL)
        return pki_say(ret_text, size, "its public key cannot be read");
    if (EVP_PKEY_is_a(key, "RSA"))
        return (bits >= PKI_RSA_MIN_BITS && bits <= PKI_RSA_MAX_BITS) ||
               pki_say(ret_text, size, "its RSA key has %d bits: %d to %d are accepted", bits,
                       PKI_RSA_MIN_BITS, PKI_RSA_MAX_BITS);
    if (!EVP_PKEY_is_a(key, "EC"))
        return pki_say(ret_text, size, "its key is neither RSA nor EC");
    if (EVP_PKEY_get_group_name(key, group, sizeof(group), NULL) != 1)
        return pki_say(ret_text, size, "its EC key names no known curve");
    return bits >= PKI_EC_MIN_BITS ||
           pki_say(ret_text, size, "its EC key has %d bits: at least %d are needed", bits,
                   PKI_EC_MIN_BITS);
}

/* --- names --- */

static bool is_text(const unsigned char *utf8, int len)
{
    for (int i = 0; i < len; i++)
        if (utf8[i] < 0x20 || utf8[i] == 0x7F)
            return false; /* a NUL would end comparisons early, a line break forge a log */
    return len > 0;
}

int pki_name_part(const X509_NAME *name, int nid, char *ret_part, size_t size)
{
    int count = 0, at = -1;
    ret_part[0] = '\0';
    while ((at = X509_NAME_get_index_by_NID(name, nid, at)) >= 0) {
        unsigned char *utf8 = NULL;
        const ASN1_STRING *value = X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at));
        int len = ASN1_STRING_to_UTF8(&utf8, value);
        bool good = is_text(utf8, len) && (size_t)len < size;
        if (good && count == 0) {
            memcpy(ret_part, utf8, (size_t)len);
            ret_part[len] = '\0';
        }
        OPENSSL_free(utf8);
        if (!good)
            return -1;
        count++;
    }
    return count;
}

void pki_name_text(const X509_NAME *name, char *ret_text, size_t size)
{
    BIO *bio = BIO_new(BIO_s_mem());
    unsigned long how = (XN_FLAG_RFC2253 | XN_FLAG_SEP_CPLUS_SPC) & ~XN_FLAG_DN_REV;
    how = (how & ~(unsigned long)XN_FLAG_SEP_MASK) | XN_FLAG_SEP_CPLUS_SPC;
    ret_text[0] = '\0';
    if (bio == NULL ||
        X509_NAME_print_ex(bio, name, 0, how & ~(unsigned long)ASN1_STRFLGS_ESC_MSB) < 0) {
        BIO_free(bio);
        return;
    }
    char *text = pki_bio_text(bio);
    snprintf(ret_text, size, "%s", text != NULL ? text : "");
    free(text);
}
