/* Log lines: form, escaping of hostile text, limits. */
#include "cmd/noxd/log.h"

#include <stdlib.h>

#include "tests/ocpp/wire/check_wire.h"

#define AT_MS INT64_C(1767323045678) /* 2026-01-02T03:04:05.678Z */

struct sink {
    FILE *out;
    char *text;
    size_t len;
    struct log *log;
};

static void sink_open(struct sink *s, bool json, enum log_level least)
{
    memset(s, 0, sizeof(*s));
    s->out = open_memstream(&s->text, &s->len);
    s->log = log_new(s->out, json, least);
}

static void sink_close(struct sink *s)
{
    log_free(s->log);
    fclose(s->out);
    free(s->text);
}

static const struct {
    const char *why, *value, *text, *json;
} cases[] = {
    { "plain", "CP-7", "CP-7", "\"CP-7\"" },
    { "blanks are quoted", "a b", "\"a b\"", "\"a b\"" },
    { "empty", "", "\"\"", "\"\"" },
    { "an equals sign", "a=b", "\"a=b\"", "\"a=b\"" },
    { "quotes and backslashes", "a\"\\b", "\"a\\\"\\\\b\"", "\"a\\\"\\\\b\"" },
    { "a line break cannot begin a new line", "x\n2026-01-01T00:00:00.000Z info fake",
      "\"x\\n2026-01-01T00:00:00.000Z info fake\"", "\"x\\n2026-01-01T00:00:00.000Z info fake\"" },
    { "colours of a terminal", "\x1B[31mred", "\"\\x1b[31mred\"", "\"\\u001b[31mred\"" },
    { "letters of other alphabets stay",
      "Stra\xC3\x9F"
      "e",
      "\"Stra\xC3\x9F"
      "e\"",
      "\"Stra\xC3\x9F"
      "e\"" },
    { "a dash of typographers stays", "a \xE2\x80\x93 b", "\"a \xE2\x80\x93 b\"", NULL },
    { "not UTF-8", "a\xFF", "\"a\\xff\"", "\"a\xEF\xBF\xBD\"" },
    { "C1 control",
      "a\xC2\x9B"
      "1m",
      "\"a\\xc2\\x9b1m\"", NULL },
    { "a mark that turns the direction",
      "a\xE2\x80\xAE"
      "b",
      "\"a\\xe2\\x80\\xaeb\"", NULL },
    { "a cut character", "a\xE2\x80", "\"a\\xe2\\x80\"", NULL },
};

static void escapes_values(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
        for (int json = 0; json < 2; json++) {
            const char *want = json ? cases[i].json : cases[i].text;
            struct log_field fields[] = { { "station", cases[i].value }, { "none", NULL } };
            struct sink s;
            char line[400];
            sink_open(&s, json == 1, LOG_INFO);
            log_event(s.log, AT_MS, LOG_INFO, "station.boot", fields, 2);
            snprintf(line, sizeof(line),
                     json ? "{\"at\":\"2026-01-02T03:04:05.678Z\",\"level\":\"info\",\"event\":"
                            "\"station.boot\",\"station\":%s}\n"
                          : "2026-01-02T03:04:05.678Z info station.boot station=%s\n",
                     want != NULL ? want : "");
            if (want != NULL)
                check_text(cases[i].why, s.text, line);
            sink_close(&s);
        }
}

static size_t lines_of(const struct sink *s)
{
    size_t n = 0;
    for (const char *p = s->text; *p != '\0'; p++)
        n += *p == '\n';
    return n;
}

static void limits_each_event(void **state)
{
    (void)state;
    struct sink s;
    sink_open(&s, false, LOG_INFO);
    for (int i = 0; i < 1000; i++)
        log_event(s.log, AT_MS, LOG_INFO, "station.refused", NULL, 0);
    check_int("a burst", (int64_t)lines_of(&s), 50);
    log_event(s.log, AT_MS, LOG_INFO, "station.boot", NULL, 0);
    check_int("others are not touched", (int64_t)lines_of(&s), 51);
    log_event(s.log, AT_MS + 100, LOG_INFO, "station.refused", NULL, 0);
    check_int("it goes on", (int64_t)lines_of(&s), 52);
    assert_non_null(strstr(s.text, "left_out_before=950\n"));
    sink_close(&s);
}

static void leaves_out_what_is_less_important(void **state)
{
    (void)state;
    struct sink s;
    sink_open(&s, false, LOG_WARNING);
    log_text(s.log, AT_MS, LOG_INFO, "a", "x");
    log_text(s.log, AT_MS, LOG_DEBUG, "a", "x");
    log_text(s.log, AT_MS, LOG_WARNING, "b", "%d", 7);
    check_text("only the warning", s.text, "2026-01-02T03:04:05.678Z warning b text=7\n");
    check_int("asked", log_wants(s.log, LOG_INFO), false);
    sink_close(&s);
}

static void a_long_value_is_cut(void **state)
{
    (void)state;
    static char value[100001];
    struct log_field field = { "text", value };
    struct sink s;
    memset(value, ' ', sizeof(value) - 1);
    sink_open(&s, false, LOG_INFO);
    log_event(s.log, AT_MS, LOG_INFO, "frame", &field, 1);
    assert_true(strlen(s.text) < 3000);
    assert_non_null(strstr(s.text, "...\""));
    sink_close(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(escapes_values),
        cmocka_unit_test(limits_each_event),
        cmocka_unit_test(leaves_out_what_is_less_important),
        cmocka_unit_test(a_long_value_is_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
