#include "ocpp/pki/signature.h"

#include <openssl/ec.h>
#include <openssl/rsa.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "ocpp/pki/internal.h"

/* padding 0: a key that knows only one way. */
static bool verify(EVP_PKEY *key, int padding, const unsigned char *signature, size_t len,
                   const uint8_t digest[32])
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key, NULL);
    bool good = ctx != NULL && EVP_PKEY_verify_init(ctx) == 1 &&
                (padding == 0 || EVP_PKEY_CTX_set_rsa_padding(ctx, padding) == 1) &&
                EVP_PKEY_CTX_set_signature_md(ctx, EVP_sha256()) == 1 &&
                (padding != RSA_PKCS1_PSS_PADDING ||
                 EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, RSA_PSS_SALTLEN_AUTO) == 1) &&
                EVP_PKEY_verify(ctx, signature, len, digest, 32) == 1;
    EVP_PKEY_CTX_free(ctx);
    return good;
}

static bool is_by(EVP_PKEY *key, const unsigned char *signature, size_t len,
                  const uint8_t digest[32])
{
    if (EVP_PKEY_get_base_id(key) != EVP_PKEY_RSA)
        return verify(key, 0, signature, len, digest);
    return verify(key, RSA_PKCS1_PSS_PADDING, signature, len, digest) ||
           verify(key, RSA_PKCS1_PADDING, signature, len, digest);
}

static bool is_usable(X509 *x509, int64_t now_s, char *ret_text, size_t size)
{
    time_t now = (time_t)now_s;
    char kind[120];
    if (X509_cmp_time(X509_get0_notBefore(x509), &now) > 0)
        return pki_say(ret_text, size, "the signing certificate is not valid yet");
    if (X509_cmp_time(X509_get0_notAfter(x509), &now) < 0)
        return pki_say(ret_text, size, "the signing certificate has expired");
    if (!pki_key_is_good(X509_get0_pubkey(x509), kind, sizeof(kind)))
        return pki_say(ret_text, size, "the signing certificate: %s", kind);
    return true;
}

bool pki_signature_check(const char *certificate, const char *signature, const uint8_t digest[32],
                         int64_t now_s, char *ret_text, size_t size)
{
    long len = 0;
    if (strlen(certificate) > PKI_SIGNING_CERTIFICATE_MAX)
        return pki_say(ret_text, size, "the signing certificate is longer than %d characters",
                       (int)PKI_SIGNING_CERTIFICATE_MAX);
    if (strlen(signature) > PKI_SIGNATURE_TEXT_MAX)
        return pki_say(ret_text, size, "the signature is longer than %d characters in base64",
                       (int)PKI_SIGNATURE_TEXT_MAX);
    X509 *x509 = pki_x509(certificate, strlen(certificate), 0, ret_text, size);
    if (x509 == NULL)
        return false;
    unsigned char *bytes = pki_base64(signature, strlen(signature), &len);
    bool good = is_usable(x509, now_s, ret_text, size);
    if (good && (bytes == NULL || !is_by(X509_get0_pubkey(x509), bytes, (size_t)len, digest)))
        good = pki_say(ret_text, size,
                       "the signature does not fit the file and the certificate (SHA-256 with RSA "
                       "or ECDSA is expected)");
    free(bytes);
    X509_free(x509);
    return good;
}
