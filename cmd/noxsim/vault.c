#include "cmd/noxsim/vault.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/rsa.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/noxsim/pki.h"

enum { FILE_MAX = 1 << 16, SETTINGS_MAX = 3, SIGNATURE_MAX = 1024 };

static const char *const settings[SETTINGS_MAX] = { "password", "profile", "cpo-name" };

/* A key and the certificates of it, the leaf first. */
struct identity {
    EVP_PKEY *key;
    STACK_OF(X509) * chain; /* NULL = none yet */
};

struct vault {
    char *folder;
    bool uses_rsa;
    struct identity now, next; /* next: asked for, or not valid yet */
    STACK_OF(X509) * central, *manufacturer;
    X509_CRL *manufacturer_crl; /* NULL = none */
    bool has_roots;             /* trust is its own matter: without roots it trusts nobody */
    X509 *connected;            /* root of the present connection; one of central */
    X509 *superseded;           /* root that goes when the one after it has proved itself */
    char *text[SETTINGS_MAX];
};

/* --- files --- */

static char *read_file(const char *path)
{
    FILE *in = fopen(path, "r");
    char *text = in != NULL ? calloc(1, FILE_MAX) : NULL;
    size_t len = text != NULL ? fread(text, 1, FILE_MAX - 1, in) : 0;
    if (in != NULL)
        fclose(in);
    if (len > 0)
        return text;
    free(text);
    return NULL;
}

static bool path_of(const struct vault *v, const char *name, char *ret, size_t size)
{
    int len = snprintf(ret, size, "%s/%s", v->folder, name);
    return len > 0 && (size_t)len < size;
}

/* All secrets: only the owner may read them.  The file is replaced at once. */
static void keep(const struct vault *v, const char *name, const char *text)
{
    char path[4096], fresh[4100];
    if (v->folder == NULL || !path_of(v, name, path, sizeof(path)))
        return;
    if (text == NULL) {
        unlink(path);
        return;
    }
    mkdir(v->folder, 0700);
    snprintf(fresh, sizeof(fresh), "%s.new", path);
    int fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    FILE *out = fd >= 0 ? fdopen(fd, "w") : NULL;
    bool good = out != NULL && fputs(text, out) >= 0;
    if (out != NULL)
        good = fclose(out) == 0 && good;
    if (!good || rename(fresh, path) != 0)
        fprintf(stderr, "noxsim: --key-store: %s cannot be written: %s\n", path, strerror(errno));
}

static char *kept(const struct vault *v, const char *name)
{
    char path[4096];
    return v->folder != NULL && path_of(v, name, path, sizeof(path)) ? read_file(path) : NULL;
}

static void keep_roots(const struct vault *v)
{
    char *central = sk_X509_num(v->central) > 0 ? pki_chain_write(v->central) : NULL;
    char *manufacturer = sk_X509_num(v->manufacturer) > 0 ? pki_chain_write(v->manufacturer) : NULL;
    keep(v, "central-roots.pem", central != NULL ? central : "\n");
    keep(v, "manufacturer-roots.pem", manufacturer != NULL ? manufacturer : "\n");
    free(central);
    free(manufacturer);
}

static void keep_identity(const struct vault *v, const struct identity *i, const char *key_name,
                          const char *chain_name)
{
    char *key = i->key != NULL ? pki_key_write(i->key) : NULL;
    char *chain = i->chain != NULL ? pki_chain_write(i->chain) : NULL;
    keep(v, key_name, key);
    keep(v, chain_name, chain);
    if (key != NULL)
        OPENSSL_cleanse(key, strlen(key));
    free(key);
    free(chain);
}

static void keep_identities(const struct vault *v)
{
    keep_identity(v, &v->now, "key.pem", "chain.pem");
    keep_identity(v, &v->next, "next-key.pem", "next-chain.pem");
}

/* --- life --- */

static void identity_done(struct identity *i)
{
    EVP_PKEY_free(i->key);
    sk_X509_pop_free(i->chain, X509_free);
    *i = (struct identity){ .key = NULL };
}

static void load_identity(const struct vault *v, struct identity *ret, const char *key_name,
                          const char *chain_name)
{
    char *key = kept(v, key_name), *chain = kept(v, chain_name);
    if (key != NULL)
        ret->key = pki_key_read(key);
    if (chain != NULL && ret->key != NULL)
        ret->chain = pki_chain_read(chain);
    free(key);
    free(chain);
}

/* Roots of the folder; those delivered where nothing was ever kept. */
static bool load_roots(const struct vault *v, const char *name, const char *delivered,
                       STACK_OF(X509) * *ret, char *text, size_t size)
{
    char *pem = kept(v, name);
    bool is_kept = pem != NULL;
    if (!is_kept && delivered != NULL)
        pem = read_file(delivered);
    if (pem != NULL)
        *ret = pki_chain_read(pem);
    bool good = *ret != NULL || is_kept || delivered == NULL;
    free(pem);
    if (*ret == NULL)
        *ret = sk_X509_new_null();
    if (!good)
        snprintf(text, size, "%s holds no certificates in PEM", delivered);
    return good && *ret != NULL;
}

static bool load_crl(struct vault *v, const char *path, char *text, size_t size)
{
    char *pem = path != NULL ? read_file(path) : NULL;
    v->manufacturer_crl = pem != NULL ? pki_crl_read(pem) : NULL;
    free(pem);
    if (path != NULL && v->manufacturer_crl == NULL)
        snprintf(text, size, "%s holds no revocation list in PEM", path);
    return path == NULL || v->manufacturer_crl != NULL;
}

struct vault *vault_open(const struct vault_options *options, char *ret_text, size_t size)
{
    struct vault *v = calloc(1, sizeof(*v));
    if (v == NULL)
        return NULL;
    v->uses_rsa = options->uses_rsa;
    v->folder = options->folder != NULL ? strdup(options->folder) : NULL;
    if (!load_roots(v, "central-roots.pem", options->ca_file, &v->central, ret_text, size) ||
        !load_roots(v, "manufacturer-roots.pem", options->manufacturer_file, &v->manufacturer,
                    ret_text, size)) {
        vault_free(v);
        return NULL;
    }
    if (!load_crl(v, options->manufacturer_crl_file, ret_text, size)) {
        vault_free(v);
        return NULL;
    }
    v->has_roots = sk_X509_num(v->central) > 0;
    load_identity(v, &v->now, "key.pem", "chain.pem");
    load_identity(v, &v->next, "next-key.pem", "next-chain.pem");
    for (int i = 0; i < SETTINGS_MAX; i++) {
        v->text[i] = kept(v, settings[i]);
        if (v->text[i] != NULL)
            v->text[i][strcspn(v->text[i], "\n")] = '\0';
    }
    return v;
}

void vault_free(struct vault *v)
{
    if (v == NULL)
        return;
    identity_done(&v->now);
    identity_done(&v->next);
    sk_X509_pop_free(v->central, X509_free);
    sk_X509_pop_free(v->manufacturer, X509_free);
    X509_CRL_free(v->manufacturer_crl);
    for (int i = 0; i < SETTINGS_MAX; i++)
        free(v->text[i]);
    free(v->folder);
    free(v);
}

static int setting_of(const char *name)
{
    int i = 0;
    while (i < SETTINGS_MAX - 1 && strcmp(settings[i], name) != 0)
        i++;
    return i;
}

const char *vault_text(const struct vault *v, const char *name)
{
    return v->text[setting_of(name)];
}

void vault_set_text(struct vault *v, const char *name, const char *text)
{
    int i = setting_of(name);
    free(v->text[i]);
    v->text[i] = strdup(text);
    keep(v, name, text);
}

/* --- roots --- */

static STACK_OF(X509) * roots_of(const struct vault *v, int32_t use)
{
    return use == OCPP_CERTIFICATE_USE_MANUFACTURER_ROOT_CERTIFICATE ? v->manufacturer : v->central;
}

static bool has_same(STACK_OF(X509) * list, X509 *certificate)
{
    for (int i = 0; i < sk_X509_num(list); i++)
        if (X509_cmp(sk_X509_value(list, i), certificate) == 0)
            return true;
    return false;
}

static X509 *signed_by(STACK_OF(X509) * list, X509 *certificate)
{
    for (int i = 0; i < sk_X509_num(list); i++) {
        X509 *old = sk_X509_value(list, i);
        if (X509_check_issued(old, certificate) == X509_V_OK &&
            X509_verify(certificate, X509_get0_pubkey(old)) == 1)
            return old;
    }
    ERR_clear_error();
    return NULL;
}

static const char *judge_root(const struct vault *v, int32_t use, X509 *root, bool check,
                              size_t max, int64_t at_ms)
{
    if (root == NULL)
        return "it is no certificate in PEM";
    if (X509_check_ca(root) == 0)
        return "it is no CA certificate";
    if (pki_not_after_ms(root) <= at_ms)
        return "it is expired";
    if ((size_t)(sk_X509_num(v->central) + sk_X509_num(v->manufacturer)) >= max)
        return "the store is full";
    if (check && use == OCPP_CERTIFICATE_USE_CENTRAL_SYSTEM_ROOT_CERTIFICATE &&
        sk_X509_num(v->central) > 0 && signed_by(v->central, root) == NULL)
        return "it is not signed by the root before it";
    return NULL;
}

int32_t vault_install(struct vault *v, int32_t use, const char *pem, bool check, size_t max,
                      int64_t at_ms, const char **ret_why)
{
    STACK_OF(X509) *list = roots_of(v, use);
    X509 *root = pki_certificate_read(pem);
    *ret_why = NULL;
    if (root != NULL && has_same(list, root)) {
        X509_free(root);
        return OCPP_CERTIFICATE_STATUS_ACCEPTED;
    }
    *ret_why = judge_root(v, use, root, check, max, at_ms);
    if (*ret_why != NULL) {
        X509_free(root);
        return OCPP_CERTIFICATE_STATUS_REJECTED;
    }
    if (check && use == OCPP_CERTIFICATE_USE_CENTRAL_SYSTEM_ROOT_CERTIFICATE)
        v->superseded = signed_by(v->central, root);
    if (!sk_X509_push(list, root)) {
        X509_free(root);
        *ret_why = "out of memory";
        return OCPP_CERTIFICATE_STATUS_FAILED;
    }
    v->has_roots = v->has_roots || list == v->central;
    keep_roots(v);
    return OCPP_CERTIFICATE_STATUS_ACCEPTED;
}

/* A root's issuer is itself, or one of the others. */
static X509 *issuer_of(STACK_OF(X509) * list, X509 *certificate)
{
    X509 *issuer = signed_by(list, certificate);
    return issuer != NULL ? issuer : certificate;
}

static const char *without_zeros(const char *text)
{
    return text + strspn(text, "0");
}

static bool has_hash(STACK_OF(X509) * list, X509 *certificate,
                     const struct ocpp_certificate_hash_data *h)
{
    char name[PKI_HASH_TEXT], key[PKI_HASH_TEXT], serial[PKI_SERIAL_TEXT];
    return pki_hash_data(certificate, issuer_of(list, certificate), h->hash_algorithm, name, key,
                         serial) &&
           ocpp_ci_equal(name, h->issuer_name_hash) && ocpp_ci_equal(key, h->issuer_key_hash) &&
           h->serial_number != NULL && ocpp_ci_equal(serial, without_zeros(h->serial_number));
}

static void forget_root(struct vault *v, STACK_OF(X509) * list, int i)
{
    X509 *root = sk_X509_delete(list, i);
    if (v->connected == root)
        v->connected = NULL;
    if (v->superseded == root)
        v->superseded = NULL;
    X509_free(root);
    keep_roots(v);
}

int32_t vault_delete(struct vault *v, const struct ocpp_certificate_hash_data *h)
{
    STACK_OF(X509) * lists[] = { v->central, v->manufacturer };
    for (size_t k = 0; k < 2; k++)
        for (int i = 0; i < sk_X509_num(lists[k]); i++) {
            X509 *root = sk_X509_value(lists[k], i);
            if (!has_hash(lists[k], root, h))
                continue;
            if (root == v->connected)
                return OCPP_DELETE_CERTIFICATE_STATUS_FAILED;
            forget_root(v, lists[k], i);
            return OCPP_DELETE_CERTIFICATE_STATUS_ACCEPTED;
        }
    for (int i = 0; v->now.chain != NULL && i < sk_X509_num(v->now.chain); i++) {
        STACK_OF(X509) *known = i + 1 < sk_X509_num(v->now.chain) ? v->now.chain : v->central;
        if (has_hash(known, sk_X509_value(v->now.chain, i), h))
            return OCPP_DELETE_CERTIFICATE_STATUS_FAILED;
    }
    return OCPP_DELETE_CERTIFICATE_STATUS_NOT_FOUND;
}

const struct ocpp_certificate_hash_data *vault_list(const struct vault *v, int32_t use,
                                                    int32_t hash_algorithm,
                                                    struct ocpp_arena *arena, size_t *ret_n)
{
    STACK_OF(X509) *list = roots_of(v, use);
    size_t n = (size_t)sk_X509_num(list);
    struct ocpp_certificate_hash_data *out = ocpp_arena_alloc(arena, (n + 1) * sizeof(*out));
    *ret_n = 0;
    for (size_t i = 0; out != NULL && i < n; i++) {
        X509 *root = sk_X509_value(list, (int)i);
        char *text = ocpp_arena_alloc(arena, 2 * PKI_HASH_TEXT + PKI_SERIAL_TEXT);
        if (text == NULL || !pki_hash_data(root, issuer_of(list, root), hash_algorithm, text,
                                           text + PKI_HASH_TEXT, text + 2 * PKI_HASH_TEXT))
            continue;
        out[(*ret_n)++] =
            (struct ocpp_certificate_hash_data){ .hash_algorithm = hash_algorithm,
                                                 .issuer_name_hash = text,
                                                 .issuer_key_hash = text + PKI_HASH_TEXT,
                                                 .serial_number = text + 2 * PKI_HASH_TEXT };
    }
    return *ret_n > 0 ? out : NULL;
}

bool vault_has_root(const struct vault *v, int32_t use)
{
    return sk_X509_num(roots_of(v, use)) > 0;
}

/* --- the station's own certificate --- */

char *vault_request(struct vault *v, const char *common_name, const char *organization)
{
    EVP_PKEY *key = pki_key_new(v->uses_rsa);
    char *csr = key != NULL ? pki_csr(key, common_name, organization) : NULL;
    if (csr == NULL) {
        EVP_PKEY_free(key);
        return NULL;
    }
    identity_done(&v->next);
    v->next.key = key;
    keep_identities(v);
    return csr;
}

static void switch_to_next(struct vault *v)
{
    identity_done(&v->now);
    v->now = v->next;
    v->next = (struct identity){ .key = NULL };
    keep_identities(v);
}

static const char *judge_chain(const struct vault *v, STACK_OF(X509) * chain,
                               const char *common_name, int64_t at_ms)
{
    X509 *leaf = chain != NULL ? sk_X509_value(chain, 0) : NULL;
    if (leaf == NULL)
        return "it is no certificate chain in PEM";
    if (v->next.key == NULL)
        return "no certificate was asked for";
    if (X509_check_private_key(leaf, v->next.key) != 1) {
        ERR_clear_error();
        return "it does not belong to the key of the last request";
    }
    if (!pki_common_name_is(leaf, common_name))
        return "its common name is not the serial number";
    int64_t from_ms = pki_not_before_ms(leaf);
    return pki_verify(leaf, chain, v->central, NULL, at_ms > from_ms ? at_ms : from_ms);
}

bool vault_take(struct vault *v, const char *chain_pem, const char *common_name, int64_t at_ms,
                const char **ret_why)
{
    STACK_OF(X509) *chain = pki_chain_read(chain_pem);
    *ret_why = judge_chain(v, chain, common_name, at_ms);
    if (*ret_why != NULL) {
        sk_X509_pop_free(chain, X509_free);
        return false;
    }
    sk_X509_pop_free(v->next.chain, X509_free);
    v->next.chain = chain;
    if (pki_not_before_ms(sk_X509_value(chain, 0)) <= at_ms)
        switch_to_next(v);
    else
        keep_identities(v); /* it counts from its first day on (A02.FR.08) */
    return true;
}

bool vault_has_certificate(const struct vault *v, int64_t at_ms)
{
    return v->now.chain != NULL && pki_not_after_ms(sk_X509_value(v->now.chain, 0)) > at_ms;
}

int64_t vault_ends_ms(const struct vault *v)
{
    return v->now.chain != NULL ? pki_not_after_ms(sk_X509_value(v->now.chain, 0)) : INT64_MAX;
}

/* --- TLS --- */

static void show_certificate(const struct vault *v, SSL *ssl)
{
    SSL_use_certificate(ssl, sk_X509_value(v->now.chain, 0));
    SSL_use_PrivateKey(ssl, v->now.key);
    for (int i = 1; i < sk_X509_num(v->now.chain); i++)
        SSL_add1_chain_cert(ssl, sk_X509_value(v->now.chain, i));
}

void vault_arm(struct vault *v, void *arg, bool shows_certificate, int64_t at_ms)
{
    SSL *ssl = arg;
    X509_STORE *store = v->has_roots ? X509_STORE_new() : NULL;
    for (int i = 0; store != NULL && i < sk_X509_num(v->central); i++)
        X509_STORE_add_cert(store, sk_X509_value(v->central, i));
    if (store != NULL) /* a root may be signed by the one before it, which is gone */
        X509_STORE_set_flags(store, X509_V_FLAG_PARTIAL_CHAIN);
    if (store != NULL)
        SSL_set0_verify_cert_store(ssl, store);
    if (v->next.chain != NULL && pki_not_before_ms(sk_X509_value(v->next.chain, 0)) <= at_ms)
        switch_to_next(v);
    if (shows_certificate && v->now.chain != NULL)
        show_certificate(v, ssl);
    ERR_clear_error();
}

void vault_connected(struct vault *v, void *arg)
{
    SSL *ssl = arg;
    STACK_OF(X509) *chain = ssl != NULL ? SSL_get0_verified_chain(ssl) : NULL;
    v->connected = NULL;
    for (int i = 0; chain != NULL && v->connected == NULL && i < sk_X509_num(chain); i++)
        for (int k = 0; k < sk_X509_num(v->central); k++)
            if (X509_cmp(sk_X509_value(chain, i), sk_X509_value(v->central, k)) == 0)
                v->connected = sk_X509_value(v->central, k);
    if (v->superseded == NULL || v->connected == NULL || v->connected == v->superseded)
        return;
    for (int k = sk_X509_num(v->central) - 1; k >= 0; k--)
        if (sk_X509_value(v->central, k) == v->superseded) {
            forget_root(v, v->central, k);
            break;
        }
}

/* --- firmware --- */

enum vault_signer vault_check_signer(const struct vault *v, const char *pem, int64_t at_ms)
{
    STACK_OF(X509) *chain = pki_chain_read(pem);
    const char *why = "";
    if (chain != NULL)
        why =
            pki_verify(sk_X509_value(chain, 0), chain, v->manufacturer, v->manufacturer_crl, at_ms);
    sk_X509_pop_free(chain, X509_free);
    if (why == NULL)
        return VAULT_SIGNER_GOOD;
    return why == pki_revoked ? VAULT_SIGNER_REVOKED : VAULT_SIGNER_INVALID;
}

struct vault_digest {
    EVP_MD_CTX *ctx;
};

struct vault_digest *vault_digest_new(void)
{
    struct vault_digest *d = calloc(1, sizeof(*d));
    if (d == NULL)
        return NULL;
    d->ctx = EVP_MD_CTX_new();
    if (d->ctx != NULL && EVP_DigestInit_ex(d->ctx, EVP_sha256(), NULL))
        return d;
    vault_digest_free(d);
    return NULL;
}

void vault_digest_add(struct vault_digest *d, const char *data, size_t len)
{
    EVP_DigestUpdate(d->ctx, data, len);
}

void vault_digest_free(struct vault_digest *d)
{
    if (d == NULL)
        return;
    EVP_MD_CTX_free(d->ctx);
    free(d);
}

static bool verify_once(EVP_PKEY *key, int padding, const unsigned char *hash, size_t hash_len,
                        const unsigned char *signature, size_t len)
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key, NULL);
    bool good = ctx != NULL && EVP_PKEY_verify_init(ctx) == 1 &&
                (padding == 0 || EVP_PKEY_CTX_set_rsa_padding(ctx, padding) == 1) &&
                EVP_PKEY_CTX_set_signature_md(ctx, EVP_sha256()) == 1 &&
                EVP_PKEY_verify(ctx, signature, len, hash, hash_len) == 1;
    EVP_PKEY_CTX_free(ctx);
    ERR_clear_error();
    return good;
}

/* Base64 with line feeds or without. @return length, or -1 */
static int decode_base64(const char *text, unsigned char ret[SIGNATURE_MAX])
{
    EVP_ENCODE_CTX *ctx = EVP_ENCODE_CTX_new();
    int len = 0, more = 0;
    size_t text_len = strlen(text);
    bool good = ctx != NULL && text_len < SIGNATURE_MAX;
    if (good) {
        EVP_DecodeInit(ctx);
        good = EVP_DecodeUpdate(ctx, ret, &len, (const unsigned char *)text, (int)text_len) >= 0 &&
               EVP_DecodeFinal(ctx, ret + len, &more) >= 0;
    }
    EVP_ENCODE_CTX_free(ctx);
    return good ? len + more : -1;
}

bool vault_digest_verify(struct vault_digest *d, const char *signer_pem,
                         const char *signature_base64)
{
    unsigned char hash[EVP_MAX_MD_SIZE], signature[SIGNATURE_MAX];
    unsigned hash_len = 0;
    X509 *signer = pki_certificate_read(signer_pem);
    EVP_PKEY *key = signer != NULL ? X509_get0_pubkey(signer) : NULL;
    int len = decode_base64(signature_base64, signature);
    bool good = key != NULL && len > 0 && EVP_DigestFinal_ex(d->ctx, hash, &hash_len);
    if (good && EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA)
        good = verify_once(key, RSA_PKCS1_PSS_PADDING, hash, hash_len, signature, (size_t)len) ||
               verify_once(key, RSA_PKCS1_PADDING, hash, hash_len, signature, (size_t)len);
    else if (good)
        good = verify_once(key, 0, hash, hash_len, signature, (size_t)len);
    X509_free(signer);
    return good;
}
