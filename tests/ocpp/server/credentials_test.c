/* Basic authentication: what is read, what is not. */
#include "ocpp/server/credentials.h"

#include "tests/ocpp/wire/check_wire.h"

static const struct {
    const char *why, *header, *want; /* NULL = not readable */
} cases[] = {
    { "usual", "Basic Q1AtMTprZXk=", "CP-1:key" },
    { "scheme in other case", "basic Q1AtMTprZXk=", "CP-1:key" },
    { "no padding", "Basic Q1AtMTprZXk", "CP-1:key" },
    { "more blanks", "Basic   Q1AtMTprZXk= ", "CP-1:key" },
    { "no colon", "Basic Q1AtMQ==", NULL },
    { "another scheme", "Digest Q1AtMTprZXk=", NULL },
    { "no blank", "BasicQ1AtMTprZXk=", NULL },
    { "nothing", "Basic ", NULL },
    { "empty", "", NULL },
    { "not base64", "Basic Q1At!TprZXk=", NULL },
    { "one letter too many", "Basic Q1AtMTprZXkxY", NULL },
    { "empty key", "Basic Q1AtMTo=", "CP-1:" },
};

static void reads_headers(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct credentials c;
        bool read = credentials_parse(cases[i].header, &c);
        check_int(cases[i].why, read, cases[i].want != NULL);
        if (read) {
            check_int(cases[i].why, (int64_t)c.len, (int64_t)strlen(cases[i].want));
            assert_memory_equal(c.bytes, cases[i].want, c.len);
        }
    }
}

static void takes_no_more_than_fits(void **state)
{
    (void)state;
    char header[1000];
    struct credentials c;
    size_t letters = CREDENTIALS_MAX / 3 * 4;
    memcpy(header, "Basic Og", 8); /* begins with a colon */
    memset(header + 8, 'Q', letters + 10);
    header[6 + letters] = '\0';
    check_int("just fits", credentials_parse(header, &c), true);
    header[6 + letters] = 'Q';
    header[6 + letters + 8] = '\0';
    check_int("too long", credentials_parse(header, &c), false);
}

static void splits_behind_the_identity(void **state)
{
    (void)state;
    struct credentials c = { .bytes = "A:B:key", .len = 7 };
    const uint8_t *key;
    size_t len;
    check_int("an identity with a colon", credentials_user_is(&c, "A:B", &key, &len), true);
    check_int("its key", len == 3 && memcmp(key, "key", 3) == 0, true);
    check_int("the shorter one", credentials_user_is(&c, "A", &key, &len), true);
    check_int("its key is longer", (int64_t)len, 5);
    check_int("not a part", credentials_user_is(&c, "A:", &key, &len), false);
    check_int("not more", credentials_user_is(&c, "A:B:key", &key, &len), false);
    check_int("not another", credentials_user_is(&c, "a:B", &key, &len), false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_headers),
        cmocka_unit_test(takes_no_more_than_fits),
        cmocka_unit_test(splits_behind_the_identity),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
