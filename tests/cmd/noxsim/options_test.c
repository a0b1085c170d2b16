/* The command line: what is understood, and what a mistake is answered with. */
#include "tests/cmd/noxsim/check_sim.h"

#include "cmd/noxsim/options.h"
#include "cmd/noxsim/ws_client.h"

#define RUN "run", "--url", "ws://h:1/ocpp", "--site", "s.json"

static const struct {
    const char *words[16];
    const char *names; /* NULL = good */
} lines[] = {
    { { RUN }, NULL },
    { { RUN, "--time-warp", "30", "--fault", "link=4", "--fault=slow" }, NULL },
    { { RUN, "--arrivals-per-hour=0.5", "--quiet" }, NULL },
    { { "generate", "--month", "2026-10" }, NULL },
    { { "replay", "x.csv", "--url", "ws://h/ocpp", "--site", "s" }, NULL },
    { { "connect", "--url", "ws://h/ocpp", "--stations", "2000" }, NULL },
    { { "station", "--url", "ws://h/ocpp", "--url", "wss://h/ocpp", "--id", "X" }, NULL },
    { { "station", "--url", "ws://h/ocpp" }, "--id ID" },
    { { RUN, "--url", "wss://h/ocpp", "--url", "ws://h/ocpp" }, "twice" },
    { { RUN, "--quirk", "kwh", "--quirk", "no-boot" }, NULL },
    { { RUN, "--quirk", "noboot" }, "did you mean no-boot?" },
    { { RUN, "--csr-key", "dsa" }, "rsa" },
    { { RUN, "--security-profile", "4" }, "from 0 to 3" },
    { { NULL }, "noxsim --help" },
    { { "runn" }, "did you mean run?" },
    { { "dance" }, "noxsim --help lists them" },
    { { "run" }, "--url" },
    { { "run", "--url", "ws://h/ocpp" }, "--site FILE" },
    { { "generate" }, "--month" },
    { { "replay", "--url", "ws://h/ocpp", "--site", "s" }, "CSV file" },
    { { RUN, "--time-wrap", "3" }, "did you mean --time-warp" },
    { { RUN, "--time-warp", "0" }, "from 1 to" },
    { { RUN, "--time-warp", "fast" }, "no whole number" },
    { { RUN, "--time-warp" }, "--time-warp N" },
    { { RUN, "--month", "2019-11" }, "noxsim run has no --month" },
    { { RUN, "--quiet=yes" }, "takes no value" },
    { { RUN, "--fault", "lnk" }, "did you mean link?" },
    { { RUN, "--fault", "lost-answers=2" }, "from 0 to 1" },
    { { RUN, "--fault", "lost-answers=2@L001" }, "from 0 to 1" },
    { { RUN, "--fault", "link=@L001" }, "from 0 to" },
    { { RUN, "--fault", "link=" }, "from 0 to" },
    { { RUN, "--arrivals-per-hour", "-1" }, "no number from 0" },
    { { RUN, "--cars", "red" }, "three-phase" },
    { { RUN, "--cars", "three-phase" }, NULL },
    { { RUN, "surplus" }, "does not know what to do with \"surplus\"" },
};

static void test_lines(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
        char *argv[18] = { "noxsim" }, text[200] = "";
        struct options o;
        int argc = 1;
        for (; lines[i].words[argc - 1] != NULL; argc++)
            argv[argc] = (char *)(uintptr_t)lines[i].words[argc - 1];
        enum options_rc rc = options_parse(argc, argv, &o, text, sizeof(text));
        if ((rc == OPTIONS_OK) != (lines[i].names == NULL))
            fail_msg("line %zu: %d %s", i, rc, text);
        if (lines[i].names != NULL)
            check_names("what is wrong", text, lines[i].names);
    }
}

static void test_values(void **state)
{
    (void)state;
    char *argv[] = { "noxsim",         RUN,      "--fault", "link=4", "--fault", "slow",
                     "--time-warp=30", "--seed", "9" };
    char text[200];
    struct options o;
    assert_int_equal(options_parse((int)ARRAY_SIZE(argv), argv, &o, text, sizeof(text)),
                     OPTIONS_OK);
    check_int("warp", o.time_warp, 30);
    check_int("seed", o.seed, 9);
    assert_true(o.faults.rate[FAULT_LINK] == 4.0 && o.faults.rate[FAULT_SLOW] > 0 &&
                o.faults.rate[FAULT_REBOOT] == 0);
}

static void test_some_stations(void **state)
{
    (void)state;
    char *argv[] = { "noxsim", RUN, "--fault", "forgetful@L001,L0021", "--fault", "link=4@L002" };
    char text[200];
    struct options o;
    static const struct {
        enum fault fault;
        const char *station;
        double rate;
    } cases[] = { { FAULT_FORGETFUL, "L001", 1 }, { FAULT_FORGETFUL, "L0021", 1 },
                  { FAULT_FORGETFUL, "L002", 0 }, { FAULT_FORGETFUL, "L00", 0 },
                  { FAULT_LINK, "L002", 4 },      { FAULT_LINK, "L0021", 0 },
                  { FAULT_SLOW, "L001", 0 } };
    assert_int_equal(options_parse((int)ARRAY_SIZE(argv), argv, &o, text, sizeof(text)),
                     OPTIONS_OK);
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
        if (fault_rate(&o.faults, cases[i].fault, cases[i].station) != cases[i].rate)
            fail_msg("case %zu", i);
}

static const struct {
    const char *text; /* NULL host = refused */
    bool tls;
    const char *host;
    int port;
    const char *path;
} urls[] = {
    { "ws://127.0.0.1:9016/ocpp", false, "127.0.0.1", 9016, "/ocpp" },
    { "ws://127.0.0.1:9016/ocpp/", false, "127.0.0.1", 9016, "/ocpp" },
    { "ws://example.org/ocpp", false, "example.org", 80, "/ocpp" },
    { "wss://example.org/a/b", true, "example.org", 443, "/a/b" },
    { "wss://[::1]:9017/ocpp", true, "::1", 9017, "/ocpp" },
    { "ws://h:1", false, "h", 1, "" },
    { "http://h/ocpp", false, NULL, 0, NULL },
    { "h:9016", false, NULL, 0, NULL },
    { "ws://:9016/ocpp", false, NULL, 0, NULL },
    { "ws://h:0/ocpp", false, NULL, 0, NULL },
    { "ws://h:x/ocpp", false, NULL, 0, NULL },
    { "ws://[::1/ocpp", false, NULL, 0, NULL },
};

static void test_urls(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(urls); i++) {
        struct ws_url u;
        char text[200];
        bool good = ws_url_parse(urls[i].text, &u, text, sizeof(text));
        check_int(urls[i].text, good, urls[i].host != NULL);
        if (!good) {
            check_names(urls[i].text, text, "ws://127.0.0.1:9016/ocpp");
            continue;
        }
        check_text(urls[i].text, u.host, urls[i].host);
        check_text(urls[i].text, u.path, urls[i].path);
        check_int(urls[i].text, u.port, urls[i].port);
        check_int(urls[i].text, u.tls, urls[i].tls);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_lines), cmocka_unit_test(test_values),
                                        cmocka_unit_test(test_some_stations),
                                        cmocka_unit_test(test_urls) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
