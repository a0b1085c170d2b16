/* The CA: made, loaded, signs, revokes; facts and hash data of certificates. */
#include "ocpp/pki/authority.h"

#include <openssl/pem.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>
#include <stdlib.h>

#include "tests/ocpp/pki/maker.h"

static const int64_t now_ms = INT64_C(1794000000000), day_ms = 86400000;
static const struct maker_plan usual = { "EC:P-256", { "SN-1" }, "DEW21", 0, "SHA256" };

struct given {
    struct pki_authority *a;
    char *cert, *key, *csr, *leaf;
};

static int give(void **state)
{
    static struct given g;
    char text[300] = "";
    struct pki_profile profile = { .days = 365, .back_date_s = 3600 };
    g.a = maker_authority(now_ms, &g.cert, &g.key);
    g.csr = maker_csr(&usual);
    if (!pki_sign(g.a, g.csr, strlen(g.csr), &profile, now_ms, &g.leaf, text, sizeof(text)))
        fail_msg("%s", text);
    *state = &g;
    return 0;
}

static int take(void **state)
{
    struct given *g = *state;
    pki_authority_free(g->a);
    free(g->cert);
    pki_secret_free(g->key);
    free(g->csr);
    free(g->leaf);
    return 0;
}

static struct pki_certificate facts(const char *pem)
{
    struct pki_certificate c;
    char text[300] = "";
    if (!pki_read(pem, strlen(pem), 0, &c, text, sizeof(text)))
        fail_msg("%s", text);
    return c;
}

static void signs_for_clients(void **state)
{
    struct given *g = *state;
    struct pki_certificate c = facts(g->leaf), ca = facts(g->cert);
    check_text("cn", c.cn, "SN-1");
    check_text("subject", c.subject, "O=DEW21, CN=SN-1");
    check_text("issuer", c.issuer, ca.subject);
    check_int("from", c.not_before_ms, now_ms - 3600000);
    check_int("until", c.not_after_ms, now_ms + 365 * day_ms);
    check_int("clients", c.for_clients, true);
    check_int("servers", c.for_servers, false);
    check_int("ca", c.is_ca, false);
    check_int("serial of 16 bytes", (int64_t)strlen(c.serial), 32);
    check_int("the ca is one", ca.is_ca && ca.is_self_issued, true);
    check_int("fits its request",
              pki_chain_fits(g->a, g->leaf, strlen(g->leaf), g->csr, strlen(g->csr), now_ms,
                             (char[300]){ 0 }, 300),
              true);
    check_int("issued by", pki_is_issued_by(g->leaf, strlen(g->leaf), g->cert, strlen(g->cert)),
              true);
}

static X509 *x509(const char *pem)
{
    BIO *bio = BIO_new_mem_buf(pem, -1);
    X509 *x = PEM_read_bio_X509(bio, NULL, NULL, NULL);
    BIO_free(bio);
    return x;
}

/* As a TLS server would look at it, strictly. */
static int verify(const struct given *g, int64_t at_ms, const char *crl_pem)
{
    X509_STORE *store = X509_STORE_new();
    X509_STORE_CTX *ctx = X509_STORE_CTX_new();
    X509 *ca = x509(g->cert), *leaf = x509(g->leaf);
    X509_VERIFY_PARAM *param = X509_VERIFY_PARAM_new();
    X509_STORE_add_cert(store, ca);
    X509_VERIFY_PARAM_set_time(param, at_ms / 1000);
    X509_VERIFY_PARAM_set_purpose(param, X509_PURPOSE_SSL_CLIENT);
    X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_X509_STRICT);
    if (crl_pem != NULL) {
        BIO *bio = BIO_new_mem_buf(crl_pem, -1);
        X509_CRL *crl = PEM_read_bio_X509_CRL(bio, NULL, NULL, NULL);
        X509_STORE_add_crl(store, crl);
        X509_CRL_free(crl);
        BIO_free(bio);
        X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_CRL_CHECK);
    }
    X509_STORE_set1_param(store, param);
    X509_STORE_CTX_init(ctx, store, leaf, NULL);
    int error = X509_verify_cert(ctx) == 1 ? X509_V_OK : X509_STORE_CTX_get_error(ctx);
    X509_VERIFY_PARAM_free(param);
    X509_STORE_CTX_free(ctx);
    X509_STORE_free(store);
    X509_free(ca);
    X509_free(leaf);
    return error;
}

static void is_verified(void **state)
{
    struct given *g = *state;
    char text[300] = "";
    struct pki_revoked revoked[2] = { { .at_ms = now_ms }, { .serial = "1234", .at_ms = now_ms } };
    snprintf(revoked[0].serial, sizeof(revoked[0].serial), "%s", facts(g->leaf).serial);
    char *none = pki_crl(g->a, revoked, 0, 1, now_ms, now_ms + 7 * day_ms, text, sizeof(text));
    char *both = pki_crl(g->a, revoked, 2, 2, now_ms, now_ms + 7 * day_ms, text, sizeof(text));
    if (none == NULL || both == NULL)
        fail_msg("%s", text);
    check_int("now", verify(g, now_ms, NULL), X509_V_OK);
    check_int("a station's clock is half an hour late", verify(g, now_ms - 1800000, NULL),
              X509_V_OK);
    check_int("a day later than its end", verify(g, now_ms + 366 * day_ms, NULL),
              X509_V_ERR_CERT_HAS_EXPIRED);
    check_int("empty list", verify(g, now_ms + 1000, none), X509_V_OK);
    check_int("revoked", verify(g, now_ms + 1000, both), X509_V_ERR_CERT_REVOKED);
    free(none);
    free(both);
}

static void never_outlives_the_ca(void **state)
{
    struct given *g = *state;
    char text[300] = "", *leaf = NULL;
    struct pki_profile profile = { .days = 30000, .back_date_s = 3600 };
    check_int("signs",
              pki_sign(g->a, g->csr, strlen(g->csr), &profile, now_ms, &leaf, text, sizeof(text)),
              true);
    check_int("cut", facts(leaf).not_after_ms, facts(g->cert).not_after_ms);
    free(leaf);
    check_int("after the ca's end",
              pki_sign(g->a, g->csr, strlen(g->csr), &profile, now_ms + 4000 * day_ms, &leaf, text,
                       sizeof(text)),
              false);
    check_int("says so", strstr(text, "not valid now") != NULL, true);
}

static void serials_never_repeat(void **state)
{
    struct given *g = *state;
    char text[300] = "", *leaf = NULL, last[PKI_SERIAL_SIZE] = "";
    struct pki_profile profile = { .days = 1 };
    for (size_t i = 0; i < 20; i++) {
        pki_sign(g->a, g->csr, strlen(g->csr), &profile, now_ms, &leaf, text, sizeof(text));
        struct pki_certificate c = facts(leaf);
        check_int("16 bytes", (int64_t)strlen(c.serial), 32);
        check_int("another", strcmp(c.serial, last) != 0, true);
        snprintf(last, sizeof(last), "%s", c.serial);
        free(leaf);
    }
}

static void makes_all_kinds(void **state)
{
    (void)state;
    static const struct {
        enum pki_key_kind kind;
        const char *key;
    } kinds[] = { { PKI_EC_P256, "EC 256" },
                  { PKI_EC_P384, "EC 384" },
                  { PKI_RSA_2048, "RSA 2048" } };
    for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
        struct pki_authority_plan plan = { .cn = "CA", .key = kinds[i].kind, .days = 10 };
        char *cert = NULL, *key = NULL, text[300] = "";
        check_int(kinds[i].key, pki_authority_make(&plan, now_ms, &cert, &key, text, sizeof(text)),
                  true);
        check_text("key", facts(cert).key, kinds[i].key);
        free(cert);
        pki_secret_free(key);
    }
}

static void refuses_bad_authorities(void **state)
{
    struct given *g = *state;
    char text[300], *cert, *key;
    struct pki_authority *other = maker_authority(now_ms, &cert, &key);
    const struct {
        const char *why, *cert, *key, *want;
    } bad[] = {
        { "no certificate", "hello", NULL, "no certificate" },
        { "a station's certificate", g->leaf, NULL, "is no CA" },
        { "a stranger's key", g->cert, key, "does not belong" },
        { "no key in it", g->cert, g->cert, "cannot be read" },
    };
    for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
        struct pki_authority *a =
            pki_authority_new(bad[i].cert, strlen(bad[i].cert), bad[i].key,
                              bad[i].key != NULL ? strlen(bad[i].key) : 0, text, sizeof(text));
        if (a != NULL || strstr(text, bad[i].want) == NULL)
            fail_msg("%s: \"%s\"", bad[i].why, text);
    }
    pki_authority_free(other);
    free(cert);
    pki_secret_free(key);
}

/* Only the certificate is here: requests are signed elsewhere, the result is checked. */
static void works_without_its_key(void **state)
{
    struct given *g = *state;
    char text[300] = "", *pem = NULL, *cert, *key;
    struct pki_profile profile = { .days = 1 };
    struct maker_plan plan = usual;
    struct pki_authority *a =
        pki_authority_new(g->cert, strlen(g->cert), NULL, 0, text, sizeof(text));
    struct pki_authority *other = maker_authority(now_ms, &cert, &key);
    check_int("cannot sign", pki_authority_can_sign(a), false);
    check_int("says what to do",
              !pki_sign(a, g->csr, strlen(g->csr), &profile, now_ms, &pem, text, sizeof(text)) &&
                  strstr(text, "cert sign") != NULL,
              true);
    check_int("takes what its owner signed",
              pki_chain_fits(a, g->leaf, strlen(g->leaf), g->csr, strlen(g->csr), now_ms, text,
                             sizeof(text)),
              true);
    check_int("not a stranger's",
              pki_chain_fits(other, g->leaf, strlen(g->leaf), g->csr, strlen(g->csr), now_ms, text,
                             sizeof(text)),
              false);
    check_int("not an expired one",
              pki_chain_fits(a, g->leaf, strlen(g->leaf), g->csr, strlen(g->csr),
                             now_ms + 366 * day_ms, text, sizeof(text)),
              false);
    char *csr = maker_csr(&plan);
    check_int(
        "not for another key",
        pki_chain_fits(a, g->leaf, strlen(g->leaf), csr, strlen(csr), now_ms, text, sizeof(text)),
        false);
    check_int("names the key", strstr(text, "another key") != NULL, true);
    free(csr);
    pki_authority_free(a);
    pki_authority_free(other);
    free(cert);
    pki_secret_free(key);
}

static void chains_as_much_as_fits(void **state)
{
    struct given *g = *state;
    char text[300] = "";
    char *chain = pki_chain(g->a, g->leaf, PKI_CHAIN_MAX, text, sizeof(text));
    check_text("a root is not sent", chain, g->leaf);
    check_int("too small",
              pki_chain(g->a, g->leaf, strlen(g->leaf) - 1, text, sizeof(text)) == NULL, true);
    check_int("names the key", strstr(text, "CertificateSignedMaxChainSize") != NULL, true);
    free(chain);
}

static void hash_data_is_that_of_ocsp(void **state)
{
    struct given *g = *state;
    char text[300] = "";
    X509 *ca = x509(g->cert), *leaf = x509(g->leaf);
    const EVP_MD *md[] = { EVP_sha256(), EVP_sha384(), EVP_sha512() };
    for (int h = 0; h < PKI_HASHES; h++) {
        struct pki_hash_data d, alone;
        unsigned char hash[EVP_MAX_MD_SIZE];
        unsigned n;
        char hex[2 * EVP_MAX_MD_SIZE + 1] = "";
        int key_len;
        const ASN1_BIT_STRING *key = X509_get0_pubkey_bitstr(ca);
        check_int(text,
                  pki_hash_data(g->leaf, strlen(g->leaf), g->cert, strlen(g->cert),
                                (enum pki_hash)h, &d, text, sizeof(text)),
                  true);
        check_int("alone",
                  pki_hash_data(g->leaf, strlen(g->leaf), NULL, 0, (enum pki_hash)h, &alone, text,
                                sizeof(text)),
                  true);
        X509_NAME_digest(X509_get_issuer_name(leaf), md[h], hash, &n);
        for (unsigned i = 0; i < n; i++)
            snprintf(hex + 2 * i, 3, "%02x", hash[i]);
        check_text("name", d.issuer_name_hash, hex);
        key_len = ASN1_STRING_length(key);
        EVP_Digest(ASN1_STRING_get0_data(key), (size_t)key_len, hash, &n, md[h], NULL);
        for (unsigned i = 0; i < n; i++)
            snprintf(hex + 2 * i, 3, "%02x", hash[i]);
        check_text("key", d.issuer_key_hash, hex);
        check_text("its issuer is not known", alone.issuer_key_hash, "");
        check_text("serial", d.serial, facts(g->leaf).serial);
    }
    X509_free(ca);
    X509_free(leaf);
}

static void compares_as_stations_write(void **state)
{
    (void)state;
    static const struct {
        const char *a, *b;
        bool equal;
    } cases[] = { { "0A1B", "a1b", true }, { "000", "0", true }, { "A0", "A", false },
                  { "a1b", "A1B", true },  { "", "0", true },    { "1", "01", true },
                  { "10", "1", false } };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
        check_int(cases[i].a, pki_serial_equal(cases[i].a, cases[i].b), cases[i].equal);
}

static void reads_several(void **state)
{
    struct given *g = *state;
    char both[8000], text[300] = "";
    snprintf(both, sizeof(both), "a comment\n%s%s%s", g->leaf, g->key, g->cert);
    struct pki_certificate c;
    check_int("two", (int64_t)pki_count(both, strlen(both), text, sizeof(text)), 2);
    check_int("second", pki_read(both, strlen(both), 1, &c, text, sizeof(text)) && c.is_ca, true);
    check_int("no third", pki_read(both, strlen(both), 2, &c, text, sizeof(text)), false);
    char *one = pki_one(both, strlen(both), 0, text, sizeof(text));
    check_text("alone", one, g->leaf);
    free(one);
    check_int("none", (int64_t)pki_count("x", 1, text, sizeof(text)), 0);
}

static void survives_hostile_bytes(void **state)
{
    struct given *g = *state;
    size_t n;
    unsigned char *der = maker_der(g->leaf, &n);
    for (size_t i = 0; i < 2 * n; i++) {
        struct pki_certificate c;
        struct pki_hash_data d;
        char text[300];
        unsigned char kept = der[i % n];
        der[i % n] ^= i < n ? 0x01 : 0x80;
        char *pem = maker_pem(der, n, "CERTIFICATE");
        pki_read(pem, strlen(pem), 0, &c, text, sizeof(text));
        pki_hash_data(pem, strlen(pem), g->cert, strlen(g->cert), PKI_SHA256, &d, text,
                      sizeof(text));
        check_int("damaged", pki_is_issued_by(pem, strlen(pem), g->cert, strlen(g->cert)), false);
        free(pem);
        der[i % n] = kept;
    }
    free(der);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, give, take)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(signs_for_clients),
        TEST(is_verified),
        TEST(never_outlives_the_ca),
        TEST(serials_never_repeat),
        cmocka_unit_test(makes_all_kinds),
        TEST(refuses_bad_authorities),
        TEST(works_without_its_key),
        TEST(chains_as_much_as_fits),
        TEST(hash_data_is_that_of_ocsp),
        cmocka_unit_test(compares_as_stations_write),
        TEST(reads_several),
        TEST(survives_hostile_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
