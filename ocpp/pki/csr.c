/* Certificate requests. */
#include "ocpp/pki/csr.h"

#include <openssl/objects.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ocpp/pki/internal.h"

enum { CSR_MAX = 2 * PKI_ROOT_MAX }; /* stations may exceed the schema a little */

static unsigned char *der_of(const char *text, size_t len, long *ret_len)
{
    static const char *const label[] = { "CERTIFICATE REQUEST", "NEW CERTIFICATE REQUEST" };
    for (size_t i = 0; i < 2; i++) {
        unsigned char *der = pki_block(text, len, label[i], 0, ret_len, NULL);
        if (der != NULL)
            return der;
    }
    return pki_base64(text, len, ret_len);
}

X509_REQ *pki_x509_req(const char *text, size_t len, char *ret_text, size_t size)
{
    long n = 0;
    if (len > CSR_MAX) {
        pki_say(ret_text, size, "the request has %zu characters: at most %d are allowed", len,
                PKI_ROOT_MAX);
        return NULL;
    }
    unsigned char *der = der_of(text, len, &n);
    const unsigned char *at = der;
    X509_REQ *req = der != NULL ? d2i_X509_REQ(NULL, &at, n) : NULL;
    if (req != NULL && at != der + n) {
        X509_REQ_free(req);
        req = NULL;
    }
    if (req == NULL)
        pki_say(ret_text, size, "it is no certificate request (PKCS #10 in PEM)");
    free(der);
    return req;
}

/* MD5 and SHA-1 can be forged. */
static bool hash_is_good(const X509_REQ *req, char *ret_text, size_t size)
{
    int md_nid = NID_undef, key_nid = NID_undef;
    int nid = X509_REQ_get_signature_nid(req);
    const EVP_MD *md = OBJ_find_sigid_algs(nid, &md_nid, &key_nid) == 1 && md_nid != NID_undef
                           ? EVP_get_digestbynid(md_nid)
                           : NULL;
    if (nid == NID_rsassaPss || (md != NULL && EVP_MD_get_size(md) >= 28))
        return true;
    return pki_say(ret_text, size, "it is signed with %s: SHA-256 or better is needed",
                   nid != NID_undef ? OBJ_nid2sn(nid) : "an unknown algorithm");
}

static bool read_name(const X509_REQ *req, struct pki_csr *csr, char *ret_text, size_t size)
{
    const X509_NAME *name = X509_REQ_get_subject_name(req);
    pki_name_text(name, csr->subject, sizeof(csr->subject));
    if (pki_name_part(name, NID_commonName, csr->cn, sizeof(csr->cn)) != 1)
        return pki_say(ret_text, size,
                       "it must name exactly one CN of 1 to 64 characters (the station's serial "
                       "number)");
    int n = pki_name_part(name, NID_organizationName, csr->organization, sizeof(csr->organization));
    return (n == 0 || n == 1) ||
           pki_say(ret_text, size, "it must name one O of 1 to 64 characters, or none");
}

static bool hash_key(EVP_PKEY *key, char *ret_hex)
{
    unsigned char *der = NULL, hash[EVP_MAX_MD_SIZE];
    size_t n = 0;
    int len = i2d_PUBKEY(key, &der);
    bool good = len > 0 && EVP_Q_digest(NULL, "SHA256", NULL, der, (size_t)len, hash, &n) == 1;
    if (good)
        pki_hex(hash, n, ret_hex);
    OPENSSL_free(der);
    return good;
}

static bool judge(X509_REQ *req, struct pki_csr *csr, char *ret_text, size_t size)
{
    EVP_PKEY *key = X509_REQ_get0_pubkey(req);
    if (!pki_key_is_good(key, ret_text, size) || !hash_is_good(req, ret_text, size) ||
        !read_name(req, csr, ret_text, size))
        return false;
    if (X509_REQ_verify(req, key) != 1)
        return pki_say(ret_text, size,
                       "its signature is wrong: it was changed, or signed by "
                       "another key");
    pki_key_name(key, csr->key, sizeof(csr->key));
    return hash_key(key, csr->key_fingerprint) ||
           pki_say(ret_text, size, "its public key cannot be hashed");
}

bool pki_csr_read(const char *text, size_t len, struct pki_csr *ret_csr, char *ret_text,
                  size_t size)
{
    struct pki_csr csr = { .cn = "" };
    X509_REQ *req = pki_x509_req(text, len, ret_text, size);
    bool good = req != NULL && judge(req, &csr, ret_text, size);
    if (good)
        *ret_csr = csr;
    X509_REQ_free(req);
    return good;
}

char *pki_csr_pem(const char *text, size_t len, char *ret_text, size_t size)
{
    X509_REQ *req = pki_x509_req(text, len, ret_text, size);
    BIO *bio = req != NULL ? BIO_new(BIO_s_mem()) : NULL;
    char *pem = NULL;
    if (bio != NULL && PEM_write_bio_X509_REQ(bio, req) == 1) {
        pem = pki_bio_text(bio);
        bio = NULL;
    }
    if (req != NULL && pem == NULL)
        pki_say(ret_text, size, "out of memory");
    BIO_free(bio);
    X509_REQ_free(req);
    return pem;
}
