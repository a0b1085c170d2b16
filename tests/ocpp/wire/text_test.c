#include "tests/ocpp/wire/check_wire.h"

#include "ocpp/wire/text.h"

static const struct {
    const char *why, *in, *want;
} escapes[] = {
    { "plain", "abc", "\"abc\"" },
    { "empty", "", "\"\"" },
    { "quote and backslash", "a\"b\\c", "\"a\\\"b\\\\c\"" },
    { "short escapes", "\n\r\t", "\"\\n\\r\\t\"" },
    { "control", "\x01\x1f", "\"\\u0001\\u001f\"" },
    { "DEL needs none", "\x7f", "\"\x7f\"" },
    { "two to four bytes", "\xc3\xa4\xe2\x82\xac\xf0\x9f\x9a\x97",
      "\"\xc3\xa4\xe2\x82\xac\xf0\x9f\x9a\x97\"" },
    { "lone continuation", "a\x80z", "\"a\xef\xbf\xbdz\"" },
    { "cut sequence at the end", "a\xe2\x82", "\"a\xef\xbf\xbd\xef\xbf\xbd\"" },
    { "overlong slash", "\xc0\xaf", "\"\xef\xbf\xbd\xef\xbf\xbd\"" },
    { "surrogate", "\xed\xa0\x80", "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"" },
    { "beyond Unicode", "\xf4\x90\x80\x80",
      "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"" },
};

static void json_strings(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(escapes); i++) {
        struct ocpp_text text;
        ocpp_text_init(&text);
        ocpp_text_append_json_string(&text, escapes[i].in);
        check_text(escapes[i].why, text.data, escapes[i].want);
        check_int(escapes[i].why, (int64_t)text.len, (int64_t)strlen(escapes[i].want));
        ocpp_text_done(&text);
    }
}

static const struct {
    const char *a, *b;
    bool want;
} comparisons[] = {
    { "ABC", "abc", true },   { "abc", "abcd", false },
    { "abcd", "abc", false }, { "", "", true },
    { NULL, NULL, true },     { NULL, "", false },
    { "a", NULL, false },     { "@", "`", false },
    { "[", "{", false },      { "\xc3\x84", "\xc3\xa4", false }, /* only ASCII folds */
};

static void ci_strings(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(comparisons); i++)
        check_int(comparisons[i].a ? comparisons[i].a : "(none)",
                  ocpp_ci_equal(comparisons[i].a, comparisons[i].b), comparisons[i].want);
}

static void text_is_always_terminated(void **state)
{
    (void)state;
    struct ocpp_text text;
    ocpp_text_init(&text);
    assert_string_equal(text.data, "");
    ocpp_text_truncate(&text, 0);
    ocpp_text_reset(&text);
    for (int i = 0; i < 1000; i++) {
        ocpp_text_append(&text, "xy", 2);
        assert_int_equal(strlen(text.data), text.len);
    }
    ocpp_text_truncate(&text, 3);
    assert_string_equal(text.data, "xyx");
    ocpp_text_append_int(&text, INT64_MIN);
    assert_string_equal(text.data, "xyx-9223372036854775808");
    ocpp_text_reset(&text);
    assert_string_equal(text.data, "");
    ocpp_text_append_format(&text, "%s=%d", "a", 1);
    assert_string_equal(text.data, "a=1");
    ocpp_text_done(&text);
    assert_string_equal(text.data, "");
    ocpp_text_done(&text);
    ocpp_text_done(NULL);
}

static void impossible_size_fails_and_stays(void **state)
{
    (void)state;
    struct ocpp_text text;
    ocpp_text_init(&text);
    ocpp_text_append_str(&text, "kept");
    ocpp_text_append(&text, "x", SIZE_MAX / 2);
    assert_true(text.failed);
    ocpp_text_append_str(&text, "ignored");
    assert_string_equal(text.data, "kept");
    ocpp_text_reset(&text);
    assert_false(text.failed);
    ocpp_text_done(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(json_strings),
        cmocka_unit_test(ci_strings),
        cmocka_unit_test(text_is_always_terminated),
        cmocka_unit_test(impossible_size_fails_and_stays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
