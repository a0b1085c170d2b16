/* Flags: values, errors that name the remedy, and the two texts made from the table. */
#include "cmd/noxd/config.h"

#include <stdlib.h>

#include "cmd/noxd/log.h"
#include "storage/records.h"
#include "tests/ocpp/wire/check_wire.h"

static const char *environment[2]; /* STATE_DIRECTORY, NOX_DATA */

static const char *getenv_of(const char *name)
{
    return strcmp(name, "STATE_DIRECTORY") == 0 ? environment[0] : environment[1];
}

/* Words separated by blanks. */
static bool parse(const char *line, struct config *c, char *text, size_t size)
{
    static char words[512];
    static char *argv[32];
    int argc = 1;
    snprintf(words, sizeof(words), "%s", line);
    argv[0] = "noxd";
    for (char *w = strtok(words, " "); w != NULL; w = strtok(NULL, " "))
        argv[argc++] = w;
    return config_parse(argc, argv, getenv_of, c, text, size);
}

static const struct {
    const char *line, *want; /* a word of the sentence */
} wrong[] = {
    { "--listne 127.0.0.1:1", "did you mean --listen?" },
    { "--tls-listen 127.0.0.1:1", "--tls-cert" },
    { "--tls-cert x --tls-key y", "--tls-listen" },
    { "--tls-client-crl x", "--tls-listen" },
    { "--tls-listen 127.0.0.1:1 --tls-cert a --tls-key a --tls-cert b", "same order" },
    { "--tls-cert 1 --tls-cert 2 --tls-cert 3 --tls-cert 4 --tls-cert 5", "4 times at most" },
    { "--listen", "--listen ADDR:PORT" },
    { "--listen 9016", "127.0.0.1:9016" },
    { "--listen 127.0.0.1:99999", "127.0.0.1:9016" },
    { "--listen 127.0.0.1:", "127.0.0.1:9016" },
    { "--listen ::1:9016", "[::1]:9016" },
    { "--listen 127.0.0.1:1x", "127.0.0.1:9016" },
    { "--unknown-stations maybe", "reject|pending" },
    { "--log-format xml", "text|json" },
    { "--heartbeat-s 0", "from 1 to 86400" },
    { "--heartbeat-s 5x", "whole number" },
    { "--heartbeat-s 99999999999999999999", "whole number" },
    { "--time-start yesterday", "2026-10-01T00:00:00Z" },
    { "--time-start 2026-10-01T00:00:00", "2026-10-01T00:00:00Z" }, /* no zone */
    { "--check=yes", "takes no value" },
    { "start", "unexpected word 'start'" },
    { "--zzzzzzzz", "noxd --help" },
    { "--data=", "--data" },
};

static void says_what_is_wrong(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
        struct config c;
        char text[400] = "";
        check_int(wrong[i].line, parse(wrong[i].line, &c, text, sizeof(text)), false);
        if (strstr(text, wrong[i].want) == NULL)
            fail_msg("%s: \"%s\" does not say %s", wrong[i].line, text, wrong[i].want);
    }
}

static void has_defaults(void **state)
{
    (void)state;
    struct config c;
    char text[400];
    environment[0] = environment[1] = NULL;
    assert_true(parse("", &c, text, sizeof(text)));
    check_text("data", c.data, "./nox-data");
    check_int("one listener", (int64_t)c.listen.n, 1);
    check_text("of this machine only", c.listen.at[0].host, "127.0.0.1");
    check_int("port", c.listen.at[0].port, 9016);
    check_int("real time", c.time_warp, 1);
    assert_true(c.time_start_ms == STORE_ABSENT);
    check_int("heartbeat", c.heartbeat_s, 300);
    check_int("level", c.log_level, LOG_INFO);
    check_int("reject", c.unknown_stations, 0);
    environment[1] = "/b";
    parse("", &c, text, sizeof(text));
    check_text("NOX_DATA", c.data, "/b");
    environment[0] = "/a";
    parse("", &c, text, sizeof(text));
    check_text("STATE_DIRECTORY first", c.data, "/a");
    parse("--data /c", &c, text, sizeof(text));
    check_text("the flag above all", c.data, "/c");
}

static void reads_values(void **state)
{
    (void)state;
    struct config c;
    char text[400];
    if (!parse("--listen [::1]:0 --listen=0.0.0.0:9016 --tls-listen localhost:9017 --tls-cert c "
               "--tls-key k --unknown-stations pending --log-format json --log-level debug "
               "--time-warp 60 --time-start 2026-10-01T00:00:00Z --max-db-bytes 100000000000",
               &c, text, sizeof(text)))
        fail_msg("%s", text);
    check_int("listeners", (int64_t)c.listen.n, 2);
    check_text("IPv6", c.listen.at[0].host, "::1");
    check_int("any port", c.listen.at[0].port, 0);
    check_text("second", c.listen.at[1].host, "0.0.0.0");
    check_text("a name", c.tls_listen.at[0].host, "localhost");
    check_int("pending", c.unknown_stations, 1);
    check_int("json", c.log_format, 1);
    check_int("debug", c.log_level, LOG_DEBUG);
    check_int("warp", c.time_warp, 60);
    check_int("start", c.time_start_ms, INT64_C(1790812800000));
    check_int("quota", c.max_db_bytes, INT64_C(100000000000));
}

static void tls_alone_opens_no_plain_listener(void **state)
{
    (void)state;
    struct config c;
    char text[400];
    assert_true(
        parse("--tls-listen 0.0.0.0:9017 --tls-cert c --tls-key k", &c, text, sizeof(text)));
    check_int("none", (int64_t)c.listen.n, 0);
    assert_true(
        parse("--tls-listen 0.0.0.0:9017 --tls-cert rsa --tls-key k1 --tls-key k2 --tls-cert ec "
              "--tls-client-crl crl --cpo-name Operator",
              &c, text, sizeof(text)));
    check_int("pairs", (int64_t)c.tls_cert.n, 2);
    check_text("in order", c.tls_cert.at[1], "ec");
    check_text("with its key", c.tls_key.at[1], "k2");
    check_text("revoked", c.tls_client_crl, "crl");
    check_text("operator", c.cpo_name, "Operator");
}

static void listeners_are_counted(void **state)
{
    (void)state;
    struct config c;
    char text[400], line[400] = "";
    for (int i = 0; i < CONFIG_LISTENERS_MAX + 1; i++)
        strcat(line, "--listen 127.0.0.1:1 ");
    check_int("too many", parse(line, &c, text, sizeof(text)), false);
    assert_non_null(strstr(text, "at most"));
}

static char *printed(void (*print)(FILE *out))
{
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    print(out);
    fclose(out);
    return text;
}

static void print_man(FILE *out)
{
    config_print_man(out, "1.2.3");
}

/* Every flag stands in both texts, and no text names a flag that is none. */
static void texts_and_table_agree(void **state)
{
    (void)state;
    char *help = printed(config_print_help), *man = printed(print_man);
    char roff[64];
    for (size_t i = 0; config_flag_name(i) != NULL; i++) {
        const char *name = config_flag_name(i);
        snprintf(roff, sizeof(roff), ".B \\-\\-%s", name + 2);
        for (char *p = roff + 7; *p != '\0'; p++)
            if (*p == '-') {
                memmove(p + 1, p, strlen(p) + 1);
                *p++ = '\\';
            }
        if (strstr(help, name) == NULL)
            fail_msg("--help does not name %s", name);
        if (strstr(man, roff) == NULL)
            fail_msg("the man page has no %s", roff);
    }
    for (const char *p = help; (p = strstr(p, "--")) != NULL; p += 2) {
        size_t len = 2 + strspn(p + 2, "abcdefghijklmnopqrstuvwxyz-"), i = 0;
        bool foreign = strncmp(p, "--help", len) == 0; /* of noxctl */
        while (config_flag_name(i) != NULL &&
               (strlen(config_flag_name(i)) != len || strncmp(config_flag_name(i), p, len) != 0))
            i++;
        if (config_flag_name(i) == NULL && !foreign)
            fail_msg("--help names %.*s, which is no flag", (int)len, p);
    }
    for (const char *p = help; *p != '\0';) {
        size_t width = strcspn(p, "\n");
        if (width > 132)
            fail_msg("a line of --help is %zu wide: %.60s", width, p);
        p += width + 1;
    }
    free(help);
    free(man);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(says_what_is_wrong),
        cmocka_unit_test(has_defaults),
        cmocka_unit_test(reads_values),
        cmocka_unit_test(tls_alone_opens_no_plain_listener),
        cmocka_unit_test(listeners_are_counted),
        cmocka_unit_test(texts_and_table_agree),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
