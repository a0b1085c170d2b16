/* Reading, judging and using PEM files of TLS listeners. */
#include "ocpp/server/tls_files.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    PATH_SIZE = 512,
    RSA_MIN_BITS = 2048, /* A00.FR.501 */
    EC_MIN_BITS = 224,   /* A00.FR.502 */
    SOON_DAYS = 30,
    DAY_S = 86400,
};

struct pair {
    char cert_path[PATH_SIZE], key_path[PATH_SIZE];
    X509 *leaf;
    STACK_OF(X509) * chain; /* without the leaf; may be empty */
    EVP_PKEY *key;
};

/* What is trusted for clients: one file of CAs and one of their lists. */
struct trust {
    char ca_path[PATH_SIZE], crl_path[PATH_SIZE]; /* "" = none */
    STACK_OF(X509) * ca;
    STACK_OF(X509_CRL) * crl;
};

struct tls_files {
    struct pair pair[TLS_PAIRS_MAX];
    size_t n_pairs;
    struct trust trust[2]; /* named by flags, and of the local CA */
};
enum { N_TRUST = 2 };

/* --- reading --- */

static bool cannot(const char *what, const char *path, const char *why, char *ret_text, size_t size)
{
    snprintf(ret_text, size, "%s %s %s", what, path, why);
    ERR_clear_error();
    return false;
}

static FILE *open_pem(const char *what, const char *path, char *ret_text, size_t size)
{
    FILE *in = fopen(path, "re");
    char why[160];
    if (in == NULL) {
        snprintf(why, sizeof(why),
                 "cannot be read: %s (it must be a PEM file noxd's user may read)",
                 strerror(errno));
        cannot(what, path, why, ret_text, size);
    }
    return in;
}

/* Never asks on a terminal. */
static int no_password(char *buf, int size, int writing, void *arg)
{
    (void)buf;
    (void)size;
    (void)writing;
    (void)arg;
    return -1;
}

static STACK_OF(X509) *
    read_certificates(const char *path, const char *what, char *ret_text, size_t size)
{
    FILE *in = open_pem(what, path, ret_text, size);
    if (in == NULL)
        return NULL;
    STACK_OF(X509) *list = sk_X509_new_null();
    for (X509 *x; list != NULL && (x = PEM_read_X509(in, NULL, no_password, NULL)) != NULL;)
        if (sk_X509_push(list, x) == 0)
            X509_free(x);
    fclose(in);
    /* The end of the file is no error; a certificate that cannot be read is. */
    bool good =
        sk_X509_num(list) > 0 && ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
    if (good) {
        ERR_clear_error();
        return list;
    }
    sk_X509_pop_free(list, X509_free);
    cannot(what, path,
           "holds no certificate that can be read: it must begin with -----BEGIN CERTIFICATE-----",
           ret_text, size);
    return NULL;
}

static STACK_OF(X509_CRL) * read_lists(const char *path, char *ret_text, size_t size)
{
    FILE *in = open_pem("the revocation list", path, ret_text, size);
    if (in == NULL)
        return NULL;
    STACK_OF(X509_CRL) *list = sk_X509_CRL_new_null();
    for (X509_CRL *crl;
         list != NULL && (crl = PEM_read_X509_CRL(in, NULL, no_password, NULL)) != NULL;)
        if (sk_X509_CRL_push(list, crl) == 0)
            X509_CRL_free(crl);
    fclose(in);
    bool good =
        sk_X509_CRL_num(list) > 0 && ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
    if (good) {
        ERR_clear_error();
        return list;
    }
    sk_X509_CRL_pop_free(list, X509_CRL_free);
    cannot("the revocation list", path,
           "holds no list that can be read: it must begin with -----BEGIN X509 CRL-----", ret_text,
           size);
    return NULL;
}

static EVP_PKEY *read_key(const char *path, char *ret_text, size_t size)
{
    FILE *in = open_pem("the private key", path, ret_text, size);
    if (in == NULL)
        return NULL;
    EVP_PKEY *key = PEM_read_PrivateKey(in, NULL, no_password, NULL);
    fclose(in);
    if (key == NULL)
        cannot(
            "the private key", path,
            "cannot be read: it must be PEM and without a pass phrase (openssl pkey -in OLD -out NEW)",
            ret_text, size);
    return key;
}

static const char *kind_of(EVP_PKEY *key)
{
    switch (EVP_PKEY_get_base_id(key)) {
    case EVP_PKEY_RSA:
        return "RSA";
    case EVP_PKEY_EC:
        return "ECDSA";
    case EVP_PKEY_ED25519:
        return "Ed25519";
    default:
        return NULL;
    }
}

static bool keys_fit(struct pair *p, char *ret_text, size_t size)
{
    if (X509_check_private_key(p->leaf, p->key) != 1) {
        snprintf(
            ret_text, size,
            "the key %s does not belong to the certificate %s: give --tls-cert and --tls-key in the "
            "same order, the server's own certificate first in its file",
            p->key_path, p->cert_path);
        ERR_clear_error();
        return false;
    }
    if (kind_of(p->key) != NULL)
        return true;
    return cannot("the private key", p->key_path, "is neither RSA nor ECDSA nor Ed25519", ret_text,
                  size);
}

static bool load_pair(struct pair *p, const char *cert, const char *key, char *ret_text,
                      size_t size)
{
    snprintf(p->cert_path, sizeof(p->cert_path), "%s", cert);
    snprintf(p->key_path, sizeof(p->key_path), "%s", key);
    p->chain = read_certificates(cert, "the certificate", ret_text, size);
    if (p->chain == NULL)
        return false;
    p->leaf = sk_X509_shift(p->chain);
    p->key = read_key(key, ret_text, size);
    return p->key != NULL && keys_fit(p, ret_text, size);
}

static bool load_pairs(struct tls_files *f, const struct tls_paths *paths, char *ret_text,
                       size_t size)
{
    for (size_t i = 0; i < paths->n_pairs; i++) {
        struct pair *p = &f->pair[f->n_pairs++];
        if (!load_pair(p, paths->cert[i], paths->key[i], ret_text, size))
            return false;
        for (size_t k = 0; k < i; k++)
            if (strcmp(kind_of(f->pair[k].key), kind_of(p->key)) == 0) {
                snprintf(
                    ret_text, size,
                    "%s and %s are both %s: one certificate of each kind can be used, so leave "
                    "one of them out",
                    f->pair[k].cert_path, p->cert_path, kind_of(p->key));
                return false;
            }
    }
    return true;
}

static bool is_ca(X509 *x)
{
    return X509_check_ca(x) > 0;
}

static bool load_trust(struct trust *t, const char *ca, const char *crl, char *ret_text,
                       size_t size)
{
    if (ca != NULL) {
        snprintf(t->ca_path, sizeof(t->ca_path), "%s", ca);
        t->ca = read_certificates(ca, "the client CA", ret_text, size);
        if (t->ca == NULL)
            return false;
        for (int i = 0; i < sk_X509_num(t->ca); i++)
            if (!is_ca(sk_X509_value(t->ca, i)))
                return cannot("the client CA", ca,
                              "holds a certificate that is no CA's: name the root that signs the "
                              "stations' certificates",
                              ret_text, size);
    }
    if (crl == NULL)
        return true;
    snprintf(t->crl_path, sizeof(t->crl_path), "%s", crl);
    t->crl = read_lists(crl, ret_text, size);
    return t->crl != NULL;
}

static bool signed_by(X509_CRL *crl, STACK_OF(X509) * cas)
{
    for (int i = 0; i < sk_X509_num(cas); i++) {
        X509 *ca = sk_X509_value(cas, i);
        EVP_PKEY *key = X509_get0_pubkey(ca);
        if (X509_NAME_cmp(X509_CRL_get_issuer(crl), X509_get_subject_name(ca)) == 0 &&
            key != NULL && X509_CRL_verify(crl, key) == 1)
            return true;
    }
    ERR_clear_error();
    return false;
}

/* A list of some other CA would be taken and never looked at. */
static bool lists_fit(const struct tls_files *f, char *ret_text, size_t size)
{
    for (size_t t = 0; t < N_TRUST; t++)
        for (int i = 0; i < sk_X509_CRL_num(f->trust[t].crl); i++) {
            X509_CRL *crl = sk_X509_CRL_value(f->trust[t].crl, i);
            if (!signed_by(crl, f->trust[0].ca) && !signed_by(crl, f->trust[1].ca))
                return cannot(
                    "the revocation list", f->trust[t].crl_path,
                    "is not signed by any CA that is trusted for clients: name its CA with "
                    "--tls-client-ca",
                    ret_text, size);
        }
    return true;
}

static const char *if_there(const char *path)
{
    return path != NULL && access(path, F_OK) == 0 ? path : NULL;
}

struct tls_files *tls_files_load(const struct tls_paths *paths, char *ret_text, size_t size)
{
    struct tls_files *f = calloc(1, sizeof(*f));
    snprintf(ret_text, size, "out of memory");
    if (f == NULL)
        return NULL;
    ERR_clear_error();
    if (load_pairs(f, paths, ret_text, size) &&
        load_trust(&f->trust[0], paths->client_ca, paths->client_crl, ret_text, size) &&
        load_trust(&f->trust[1], if_there(paths->local_ca), if_there(paths->local_crl), ret_text,
                   size) &&
        lists_fit(f, ret_text, size))
        return f;
    tls_files_free(f);
    return NULL;
}

void tls_files_free(struct tls_files *f)
{
    if (f == NULL)
        return;
    for (size_t i = 0; i < f->n_pairs; i++) {
        X509_free(f->pair[i].leaf);
        sk_X509_pop_free(f->pair[i].chain, X509_free);
        EVP_PKEY_free(f->pair[i].key);
    }
    for (size_t i = 0; i < N_TRUST; i++) {
        sk_X509_pop_free(f->trust[i].ca, X509_free);
        sk_X509_CRL_pop_free(f->trust[i].crl, X509_CRL_free);
    }
    free(f);
}

bool tls_files_has_client_ca(const struct tls_files *f)
{
    return f->trust[0].ca != NULL || f->trust[1].ca != NULL;
}

bool tls_files_revoke(const struct tls_files *f, X509 *certificate)
{
    X509_REVOKED *entry = NULL;
    for (size_t t = 0; t < N_TRUST; t++)
        for (int i = 0; i < sk_X509_CRL_num(f->trust[t].crl); i++) {
            X509_CRL *crl = sk_X509_CRL_value(f->trust[t].crl, i);
            if (X509_NAME_cmp(X509_CRL_get_issuer(crl), X509_get_issuer_name(certificate)) == 0 &&
                X509_CRL_get0_by_cert(crl, &entry, certificate) == 1)
                return true;
        }
    return false;
}

bool tls_files_same_kinds(const struct tls_files *a, const struct tls_files *b, char *ret_text,
                          size_t size)
{
    for (size_t i = 0; i < a->n_pairs; i++) {
        bool found = false;
        for (size_t k = 0; k < b->n_pairs; k++)
            found = found || strcmp(kind_of(a->pair[i].key), kind_of(b->pair[k].key)) == 0;
        if (!found) {
            snprintf(
                ret_text, size,
                "there is no %s certificate any more (%s): another kind of key needs a restart",
                kind_of(a->pair[i].key), a->pair[i].cert_path);
            return false;
        }
    }
    return true;
}

/* --- judging --- */

struct judge {
    void (*say)(void *arg, bool bad, const char *text);
    void *arg;
    time_t now;
    size_t n_bad;
};

static void judge_say(struct judge *j, bool bad, const char *what, const char *path,
                      const char *why)
{
    char text[PATH_SIZE + 400];
    snprintf(text, sizeof(text), "%s %s %s", what, path, why);
    j->n_bad += bad;
    if (j->say != NULL)
        j->say(j->arg, bad, text);
}

static void date_text(const ASN1_TIME *at, char *buf, size_t size)
{
    struct tm day = { 0 };
    if (ASN1_TIME_to_tm(at, &day) != 1 || strftime(buf, size, "%Y-%m-%d", &day) == 0)
        snprintf(buf, size, "an unreadable date");
}

static void judge_dates(struct judge *j, X509 *x, const char *what, const char *path, bool bad)
{
    char day[40], why[200];
    time_t now = j->now, soon = j->now + (time_t)SOON_DAYS * DAY_S;
    date_text(X509_get0_notAfter(x), day, sizeof(day));
    if (X509_cmp_time(X509_get0_notAfter(x), &now) <= 0) {
        snprintf(why, sizeof(why), "expired on %s: replace it", day);
        judge_say(j, bad, what, path, why);
    } else if (X509_cmp_time(X509_get0_notAfter(x), &soon) <= 0) {
        snprintf(why, sizeof(why), "expires on %s: replace it soon", day);
        judge_say(j, false, what, path, why);
    }
    date_text(X509_get0_notBefore(x), day, sizeof(day));
    if (X509_cmp_time(X509_get0_notBefore(x), &now) > 0) {
        snprintf(why, sizeof(why), "is valid only from %s on: is this machine's clock right?", day);
        judge_say(j, bad, what, path, why);
    }
}

static void judge_strength(struct judge *j, X509 *x, const char *what, const char *path)
{
    EVP_PKEY *key = X509_get0_pubkey(x);
    int bits = key != NULL ? EVP_PKEY_get_bits(key) : 0;
    int id = key != NULL ? EVP_PKEY_get_base_id(key) : 0;
    char why[200];
    int least = id == EVP_PKEY_RSA ? RSA_MIN_BITS : id == EVP_PKEY_EC ? EC_MIN_BITS : 0;
    if (bits < least) {
        snprintf(why, sizeof(why), "has a key of %d bit, %d are the least", bits, least);
        judge_say(j, true, what, path, why);
    }
    int digest = 0;
    if (X509_get_signature_info(x, &digest, NULL, NULL, NULL) == 1 &&
        (digest == NID_sha1 || digest == NID_md5))
        judge_say(j, true, what, path, "is signed with SHA-1 or MD5: stations refuse that");
}

static bool has_name(X509 *x)
{
    return X509_NAME_get_index_by_NID(X509_get_subject_name(x), NID_commonName, -1) >= 0;
}

static void judge_chain(struct judge *j, const struct pair *p)
{
    X509 *below = p->leaf;
    for (int i = 0; i < sk_X509_num(p->chain); i++) {
        X509 *above = sk_X509_value(p->chain, i);
        if (X509_check_issued(above, below) != X509_V_OK) {
            judge_say(
                j, true, "the chain in", p->cert_path,
                "is out of order: first the server's own certificate, then each one that signed "
                "the one before it");
            return;
        }
        judge_dates(j, above, "a CA certificate in", p->cert_path, true);
        judge_strength(j, above, "a CA certificate in", p->cert_path);
        below = above;
    }
}

static void judge_pair(struct judge *j, const struct pair *p)
{
    static const char what[] = "the server certificate";
    judge_dates(j, p->leaf, what, p->cert_path, true);
    judge_strength(j, p->leaf, what, p->cert_path);
    if (X509_check_purpose(p->leaf, X509_PURPOSE_SSL_SERVER, 0) != 1)
        judge_say(
            j, true, what, p->cert_path,
            "was not made for servers (extendedKeyUsage serverAuth is missing): stations refuse it");
    if (!has_name(p->leaf))
        judge_say(j, false, what, p->cert_path,
                  "has no CN: the security white paper wants the server's host name there");
    if (X509_get_ext_by_NID(p->leaf, NID_subject_alt_name, -1) < 0)
        judge_say(j, false, what, p->cert_path,
                  "has no subjectAltName: many TLS clients look for the host name only there");
    judge_chain(j, p);
    ERR_clear_error();
}

static void judge_trust(struct judge *j, const struct trust *t)
{
    for (int i = 0; i < sk_X509_num(t->ca); i++) {
        judge_dates(j, sk_X509_value(t->ca, i), "the client CA", t->ca_path, false);
        judge_strength(j, sk_X509_value(t->ca, i), "the client CA", t->ca_path);
    }
    for (int i = 0; i < sk_X509_CRL_num(t->crl); i++) {
        const ASN1_TIME *next = X509_CRL_get0_nextUpdate(sk_X509_CRL_value(t->crl, i));
        time_t now = j->now;
        if (next != NULL && X509_cmp_time(next, &now) <= 0)
            judge_say(
                j, false, "the revocation list", t->crl_path,
                "is out of date: what it names stays refused, newer revocations are missing; fetch "
                "the present one");
    }
}

size_t tls_files_judge(const struct tls_files *f, time_t now,
                       void (*say)(void *arg, bool bad, const char *text), void *arg)
{
    struct judge j = { .say = say, .arg = arg, .now = now };
    for (size_t i = 0; i < f->n_pairs; i++)
        judge_pair(&j, &f->pair[i]);
    for (size_t i = 0; i < N_TRUST; i++)
        judge_trust(&j, &f->trust[i]);
    return j.n_bad;
}

static void name_text(X509 *x, char *buf, size_t size)
{
    if (X509_NAME_get_text_by_NID(X509_get_subject_name(x), NID_commonName, buf, (int)size) < 0)
        snprintf(buf, size, "-");
}

void tls_files_describe(const struct tls_files *f, void (*say)(void *arg, const char *text),
                        void *arg)
{
    char text[PATH_SIZE + 400], cn[120], day[40];
    for (size_t i = 0; i < f->n_pairs; i++) {
        const struct pair *p = &f->pair[i];
        name_text(p->leaf, cn, sizeof(cn));
        date_text(X509_get0_notAfter(p->leaf), day, sizeof(day));
        snprintf(text, sizeof(text),
                 "server certificate %s: %s %d bit, CN %s, until %s, chain of %d", p->cert_path,
                 kind_of(p->key), EVP_PKEY_get_bits(p->key), cn, day, 1 + sk_X509_num(p->chain));
        say(arg, text);
    }
    for (size_t t = 0; t < N_TRUST; t++) {
        for (int i = 0; i < sk_X509_num(f->trust[t].ca); i++) {
            name_text(sk_X509_value(f->trust[t].ca, i), cn, sizeof(cn));
            date_text(X509_get0_notAfter(sk_X509_value(f->trust[t].ca, i)), day, sizeof(day));
            snprintf(text, sizeof(text), "client CA %s: CN %s, until %s", f->trust[t].ca_path, cn,
                     day);
            say(arg, text);
        }
        for (int i = 0; i < sk_X509_CRL_num(f->trust[t].crl); i++) {
            X509_CRL *crl = sk_X509_CRL_value(f->trust[t].crl, i);
            int n = sk_X509_REVOKED_num(X509_CRL_get_REVOKED(crl));
            snprintf(text, sizeof(text), "revocation list %s: %d revoked", f->trust[t].crl_path,
                     n > 0 ? n : 0);
            say(arg, text);
        }
    }
}

/* --- using --- */

bool tls_rules(SSL_CTX *ctx)
{
    /* The four suites of A00.FR.421 (the last two need an RSA certificate), the better ones of
     * today before them; TLS 1.3 has its own list. */
    static const char suites[] = "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:"
                                 "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-AES128-GCM-SHA256:"
                                 "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-RSA-CHACHA20-POLY1305:"
                                 "AES128-GCM-SHA256:AES256-GCM-SHA384";
    /* 112 bit: no RSA below 2048, no EC below 224, no SHA-1 in certificates. */
    SSL_CTX_set_security_level(ctx, 2);
    SSL_CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                 SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_NO_TICKET);
    /* A resumed session is not verified again: who is revoked would come in by an old one. */
    SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_num_tickets(ctx, 0);
    /* Else certificates of the client CA would complete the server's chain. */
    SSL_CTX_set_mode(ctx, SSL_MODE_NO_AUTO_CHAIN);
    /* A chain that ends in our CA but was made for servers is not a station's. */
    return SSL_CTX_set_purpose(ctx, X509_PURPOSE_SSL_CLIENT) == 1 &&
           SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION) == 1 && /* A00.FR.416 */
           SSL_CTX_set_cipher_list(ctx, suites) == 1;
}

static X509_STORE *store_new(const struct tls_files *f, STACK_OF(X509_NAME) * names)
{
    X509_STORE *store = X509_STORE_new();
    bool has_list = false;
    for (size_t t = 0; store != NULL && t < N_TRUST; t++) {
        for (int i = 0; i < sk_X509_num(f->trust[t].ca); i++) {
            X509 *ca = sk_X509_value(f->trust[t].ca, i);
            X509_NAME *name = X509_NAME_dup(X509_get_subject_name(ca));
            X509_STORE_add_cert(store, ca);
            if (name != NULL && sk_X509_NAME_push(names, name) == 0)
                X509_NAME_free(name);
        }
        for (int i = 0; i < sk_X509_CRL_num(f->trust[t].crl); i++)
            has_list = X509_STORE_add_crl(store, sk_X509_CRL_value(f->trust[t].crl, i)) == 1;
    }
    if (store != NULL)
        /* An issuing CA may be named without its root. */
        X509_STORE_set_flags(
            store, X509_V_FLAG_PARTIAL_CHAIN |
                       (has_list ? X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL : 0));
    return store;
}

static bool use_pairs(const struct tls_files *f, SSL_CTX *ctx, char *ret_text, size_t size)
{
    for (size_t i = 0; i < f->n_pairs; i++) {
        const struct pair *p = &f->pair[i];
        if (SSL_CTX_use_cert_and_key(ctx, p->leaf, p->key, p->chain, 1) == 1)
            continue;
        const char *why = ERR_reason_error_string(ERR_peek_last_error());
        snprintf(ret_text, size, "the certificate %s cannot be used: %s", p->cert_path,
                 why != NULL ? why : "OpenSSL does not take it");
        ERR_clear_error();
        return false;
    }
    return true;
}

/* On a context of its own, so that the one in use is never left half changed. */
static bool would_work(const struct tls_files *f, char *ret_text, size_t size)
{
    SSL_CTX *trial = SSL_CTX_new(TLS_server_method());
    snprintf(ret_text, size, "out of memory");
    bool good = trial != NULL && tls_rules(trial) && use_pairs(f, trial, ret_text, size);
    SSL_CTX_free(trial);
    return good;
}

bool tls_files_use(const struct tls_files *f, SSL_CTX *ctx, char *ret_text, size_t size)
{
    if (!would_work(f, ret_text, size))
        return false;
    STACK_OF(X509_NAME) *names = sk_X509_NAME_new_null();
    X509_STORE *store = names != NULL ? store_new(f, names) : NULL;
    ERR_clear_error();
    if (store == NULL || !use_pairs(f, ctx, ret_text, size)) {
        sk_X509_NAME_pop_free(names, X509_NAME_free);
        X509_STORE_free(store);
        return false;
    }
    SSL_CTX_set_cert_store(ctx, store);
    SSL_CTX_set_client_CA_list(ctx, names);
    /* Asked for, not required: the upgrade decides, and can then say who came without. */
    SSL_CTX_set_verify(ctx, tls_files_has_client_ca(f) ? SSL_VERIFY_PEER : SSL_VERIFY_NONE,
                       SSL_CTX_get_verify_callback(ctx));
    return true;
}

/* --- words --- */

bool tls_error_is_tolerable(int error)
{
    return error == X509_V_ERR_UNABLE_TO_GET_CRL || error == X509_V_ERR_CRL_HAS_EXPIRED ||
           error == X509_V_ERR_CRL_NOT_YET_VALID; /* our clock was set back */
}

const char *tls_error_text(int error)
{
    static const struct {
        int error;
        const char *text;
    } words[] = {
        { X509_V_ERR_CERT_HAS_EXPIRED,
          "the certificate has expired: give the station a new one ('noxctl cert renew'), or look at "
          "the clock of this machine" },
        { X509_V_ERR_CERT_NOT_YET_VALID,
          "the certificate is not valid yet: look at the clock of this machine and of the CA" },
        { X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT,
          "the certificate is self-signed: issue one by the CA of --tls-client-ca" },
        { X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN,
          "the certificate was issued by a root that is not trusted: issue one by the CA of "
          "--tls-client-ca, or add that root to its file" },
        { X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY,
          "the certificate was issued by a CA that is not trusted: issue one by the CA of "
          "--tls-client-ca, or add that CA to its file" },
        { X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE,
          "the certificate was issued by a CA that is not trusted: issue one by the CA of "
          "--tls-client-ca, or let the station send its whole chain" },
        { X509_V_ERR_CERT_REVOKED,
          "the certificate is revoked: give the station a new one, or find out who uses it" },
        { X509_V_ERR_INVALID_PURPOSE,
          "the certificate was not made for clients: it needs the extendedKeyUsage clientAuth" },
        { X509_V_ERR_CERT_SIGNATURE_FAILURE,
          "the certificate's signature is wrong: it was damaged or forged" },
        { X509_V_ERR_EE_KEY_TOO_SMALL,
          "the certificate's key is too short: RSA needs 2048 bit, EC 224" },
        { X509_V_ERR_CA_KEY_TOO_SMALL, "the key of its CA is too short: RSA needs 2048 bit" },
        { X509_V_ERR_CA_MD_TOO_WEAK, "it is signed with SHA-1 or MD5: issue one with SHA-256" },
    };
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (words[i].error == error)
            return words[i].text;
    return X509_verify_cert_error_string(error);
}
