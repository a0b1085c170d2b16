/* Certificate requests: what is accepted, what is refused and why, hostile bytes. */
#include "ocpp/pki/csr.h"

#include <stdlib.h>

#include "tests/ocpp/pki/maker.h"

static const struct {
    const char *why;
    struct maker_plan plan;
    const char *want; /* the sentence has this in it; NULL = accepted */
} cases[] = {
    { "P-256", { "EC:P-256", { "SN-1" }, "DEW21", 0, "SHA256" }, NULL },
    { "no O", { "EC:P-256", { "SN-1" }, NULL, 0, "SHA256" }, NULL },
    { "P-224 is the least", { "EC:P-224", { "SN-1" }, "DEW21", 0, "SHA256" }, NULL },
    { "P-384", { "EC:P-384", { "SN-1" }, "DEW21", 0, "SHA384" }, NULL },
    { "RSA 2048 is the least", { "RSA:2048", { "SN-1" }, "DEW21", 0, "SHA256" }, NULL },
    { "RSA 3072", { "RSA:3072", { "SN-1" }, "DEW21", 0, "SHA512" }, NULL },
    { "umlauts", { "EC:P-256", { "Schw\xC3\xA4n-1" }, "DEW21", 0, "SHA256" }, NULL },
    { "RSA 1024", { "RSA:1024", { "SN-1" }, "DEW21", 0, "SHA256" }, "1024 bits" },
    { "P-192", { "EC:P-192", { "SN-1" }, "DEW21", 0, "SHA256" }, "192 bits" },
    { "Ed25519", { "ED25519", { "SN-1" }, "DEW21", 0, NULL }, "neither RSA nor EC" },
    { "SHA-1", { "EC:P-256", { "SN-1" }, "DEW21", 0, "SHA1" }, "SHA-256 or better" },
    { "MD5", { "RSA:2048", { "SN-1" }, "DEW21", 0, "MD5" }, "SHA-256 or better" },
    { "no CN", { "EC:P-256", { NULL }, "DEW21", 0, "SHA256" }, "exactly one CN" },
    { "two CN", { "EC:P-256", { "SN-1", "SN-2" }, "DEW21", 0, "SHA256" }, "exactly one CN" },
    { "NUL in the CN", { "EC:P-256", { "SN-1\0.evil" }, "DEW21", 10, "SHA256" }, "exactly one CN" },
    { "line break in the CN", { "EC:P-256", { "a\nb" }, "DEW21", 0, "SHA256" }, "exactly one CN" },
};

static void judges(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        char *pem = maker_csr(&cases[i].plan), text[300] = "";
        struct pki_csr csr;
        bool good = pki_csr_read(pem, strlen(pem), &csr, text, sizeof(text));
        if (good != (cases[i].want == NULL) ||
            (cases[i].want != NULL && strstr(text, cases[i].want) == NULL))
            fail_msg("%s: %s \"%s\"", cases[i].why, good ? "accepted" : "refused", text);
        if (good)
            check_text(cases[i].why, csr.cn, cases[i].plan.cn[0]);
        free(pem);
    }
}

static const struct maker_plan usual = { "EC:P-256", { "SN-1" }, "DEW21", 0, "SHA256" };

static void tells_its_facts(void **state)
{
    (void)state;
    char *pem = maker_csr(&usual), text[300] = "";
    struct pki_csr csr;
    check_int(text, pki_csr_read(pem, strlen(pem), &csr, text, sizeof(text)), true);
    check_text("subject", csr.subject, "O=DEW21, CN=SN-1");
    check_text("O", csr.organization, "DEW21");
    check_text("key", csr.key, "EC 256");
    check_int("fingerprint", (int64_t)strlen(csr.key_fingerprint), 64);
    free(pem);
}

/* One text for another, everywhere. */
static char *replaced(const char *text, const char *from, const char *to)
{
    char *out = calloc(1, 4 * strlen(text) + 1), *at = out;
    while (*text != '\0') {
        if (strncmp(text, from, strlen(from)) == 0) {
            memcpy(at, to, strlen(to));
            at += strlen(to);
            text += strlen(from);
        } else {
            *at++ = *text++;
        }
    }
    return out;
}

static void check_form(const char *why, char *form, bool want)
{
    struct pki_csr csr;
    char text[300] = "";
    bool good = pki_csr_read(form, strlen(form), &csr, text, sizeof(text));
    if (good != want)
        fail_msg("%s: %s %s", why, good ? "accepted" : "refused", text);
    char *pem = pki_csr_pem(form, strlen(form), text, sizeof(text));
    check_int(why, pem != NULL && strstr(pem, "-----BEGIN CERTIFICATE REQUEST-----\n") == pem,
              want);
    free(pem);
    free(form);
}

static void reads_the_forms_of_real_stations(void **state)
{
    (void)state;
    char *pem = maker_csr(&usual);
    check_form("CRLF", replaced(pem, "\n", "\r\n"), true);
    check_form("no line breaks", replaced(pem, "\n", ""), true);
    check_form("written line breaks", replaced(pem, "\n", "\\n"), true);
    check_form("NEW", replaced(pem, "CERTIFICATE REQUEST", "NEW CERTIFICATE REQUEST"), true);
    char *body = replaced(pem, "-----BEGIN CERTIFICATE REQUEST-----\n", "");
    check_form("bare base64", replaced(body, "-----END CERTIFICATE REQUEST-----\n", ""), true);
    free(body);
    check_form("another label", replaced(pem, "CERTIFICATE REQUEST", "CERTIFICATE"), false);
    check_form("no end", replaced(pem, "-----END", "-----FIN"), false);
    check_form("no base64", replaced(pem, "M", "*"), false);
    check_form("nothing", replaced("", "x", "y"), false);
    free(pem);
}

static void refuses_what_is_too_long(void **state)
{
    (void)state;
    size_t n = 2 * PKI_ROOT_MAX + 1;
    char *text = malloc(n), why[300];
    struct pki_csr csr;
    memset(text, 'A', n);
    check_int("too long", pki_csr_read(text, n, &csr, why, sizeof(why)), false);
    check_int("said so", strstr(why, "at most") != NULL, true);
    check_int("long nonsense", pki_csr_read(text, n - 1, &csr, why, sizeof(why)), false);
    free(text);
}

/* Every byte damaged, every length cut: refused each time (a signature covers nearly all of it),
 * without harm. */
static void survives_hostile_bytes(void **state)
{
    (void)state;
    char *pem = maker_csr(&usual);
    size_t n, accepted = 0;
    unsigned char *der = maker_der(pem, &n);
    for (size_t i = 0; i < 2 * n; i++) {
        struct pki_csr csr;
        char text[300];
        unsigned char kept = der[i % n];
        der[i % n] ^= i < n ? 0x01 : 0x80;
        char *damaged = maker_pem(der, n, "CERTIFICATE REQUEST");
        accepted += pki_csr_read(damaged, strlen(damaged), &csr, text, sizeof(text));
        der[i % n] = kept;
        free(damaged);
        damaged = maker_pem(der, i % n, "CERTIFICATE REQUEST");
        check_int("cut", pki_csr_read(damaged, strlen(damaged), &csr, text, sizeof(text)), false);
        free(damaged);
    }
    check_int("damaged", (int64_t)accepted, 0);
    unsigned char *longer = calloc(1, n + 1);
    memcpy(longer, der, n);
    char *trailing = maker_pem(longer, n + 1, "CERTIFICATE REQUEST");
    check_form("bytes behind it", trailing, false);
    free(longer);
    free(der);
    free(pem);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(judges),
        cmocka_unit_test(tells_its_facts),
        cmocka_unit_test(reads_the_forms_of_real_stations),
        cmocka_unit_test(refuses_what_is_too_long),
        cmocka_unit_test(survives_hostile_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
