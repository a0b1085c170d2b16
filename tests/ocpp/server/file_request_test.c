/* Paths, names, ranges and forms of file requests. */
#include "ocpp/server/file_request.h"

#include <stdio.h>
#include <string.h>

#include "tests/ocpp/wire/check_wire.h"

static void ranges(void **state)
{
    static const struct {
        const char *text;
        uint64_t size;
        enum file_range want;
        uint64_t first, last;
    } cases[] = {
        { NULL, 10, FILE_WHOLE, 0, 0 },
        { "bytes=0-3", 10, FILE_PART, 0, 3 },
        { "bytes=3-", 10, FILE_PART, 3, 9 },
        { "bytes=-3", 10, FILE_PART, 7, 9 },
        { "bytes=-30", 10, FILE_PART, 0, 9 },
        { "bytes=0-99", 10, FILE_PART, 0, 9 },
        { "bytes=9-9", 10, FILE_PART, 9, 9 },
        { "Bytes= 1-2", 10, FILE_PART, 1, 2 },
        { "bytes=10-", 10, FILE_NOT_THERE, 0, 0 },
        { "bytes=-0", 10, FILE_NOT_THERE, 0, 0 },
        { "bytes=0-", 0, FILE_NOT_THERE, 0, 0 },
        { "bytes=3-1", 10, FILE_WHOLE, 0, 0 },
        { "bytes=0-1,4-5", 10, FILE_WHOLE, 0, 0 },
        { "bytes=-", 10, FILE_WHOLE, 0, 0 },
        { "bytes=a-b", 10, FILE_WHOLE, 0, 0 },
        { "lines=0-3", 10, FILE_WHOLE, 0, 0 },
        { "bytes=99999999999999999999-", 10, FILE_WHOLE, 0, 0 },
        { "", 10, FILE_WHOLE, 0, 0 },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        uint64_t first = 0, last = 0;
        enum file_range got = file_range_read(cases[i].text, cases[i].size, &first, &last);
        if (got != cases[i].want || first != cases[i].first || last != cases[i].last)
            fail_msg("%s of %d: %d, %d-%d", cases[i].text != NULL ? cases[i].text : "none",
                     (int)cases[i].size, (int)got, (int)first, (int)last);
    }
}

static void content_ranges(void **state)
{
    static const struct {
        const char *text;
        bool want;
    } cases[] = {
        { "bytes 0-4/10", true },  { "bytes 9-9/10", true },   { "bytes 0-4/*", false },
        { "bytes 4-0/10", false }, { "bytes 0-10/10", false }, { "bytes 0-4", false },
        { "0-4/10", false },       { "bytes0-4/10", false },   { "bytes 0-4/10x", false },
    };
    uint64_t first, last, total;
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        if (file_content_range_read(cases[i].text, &first, &last, &total) != cases[i].want)
            fail_msg("%s", cases[i].text);
}

static void paths_and_names(void **state)
{
    static const struct {
        const char *path, *token, *name;
        bool want;
    } cases[] = {
        { "/files/abc/lamp.bin", "abc", "lamp.bin", true },
        { "/files/abc", "abc", "", true },
        { "/files/abc/", "abc", "", true },
        { "/files/abc/../../etc/passwd", "abc", "passwd", true },
        { "/files/abc/..", "abc", "", true },
        { "/files/abc/a\\b\r\nc d", "abc", "b__c_d", true },
        { "/files/a%b/x", "", "", true },
        { "/files/", "", "", true },
        { "/ocpp/abc", "", "", false },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char token[FILE_TOKEN_CHARS + 1] = "", name[FILE_NAME_SIZE] = "";
        if (file_path_split(cases[i].path, token, name) != cases[i].want ||
            strcmp(token, cases[i].token) != 0 || strcmp(name, cases[i].name) != 0)
            fail_msg("%s: '%s' '%s'", cases[i].path, token, name);
    }
}

static void tags(void **state)
{
    (void)state;
    assert_true(file_etag_in("\"a\"", "\"a\"", true));
    assert_true(file_etag_in("\"b\", W/\"a\"", "\"a\"", false));
    assert_false(file_etag_in("W/\"a\"", "\"a\"", true));
    assert_true(file_etag_in("*", "\"a\"", false));
    assert_false(file_etag_in("\"ab\"", "\"a\"", true));
    assert_false(file_etag_in("", "\"a\"", false));
}

struct taken {
    char bytes[400];
    size_t n;
};

static bool take(void *arg, const char *bytes, size_t n)
{
    struct taken *t = arg;
    if (t->n + n > sizeof(t->bytes))
        return false;
    memcpy(t->bytes + t->n, bytes, n);
    t->n += n;
    return true;
}

#define HEAD "Content-Disposition: form-data; name=\"f\"; filename=\"a;b \\\"c\\\".log\"\r\n\r\n"

static void forms(void **state)
{
    static const struct {
        const char *why, *body, *want; /* want NULL: no file */
    } cases[] = {
        { "a file", "--B\r\n" HEAD "hello\r\n--B--\r\n", "hello" },
        { "an empty file", "--B\r\n" HEAD "\r\n--B--\r\n", "" },
        { "what looks like the mark", "--B\r\n" HEAD "\r\n--\r\n--A\r\n--\r\n-\r\n--B--",
          "\r\n--\r\n--A\r\n--\r\n-" },
        { "line ends before the mark", "--B\r\n" HEAD "x\r\n\r\n\r\n--B--", "x\r\n\r\n" },
        { "a field before it",
          "--B\r\nContent-Disposition: form-data; name=\"who\"\r\n\r\nme\r\n--B\r\n" HEAD
          "y\r\n--B--",
          "y" },
        { "words before the first mark", "preamble\r\n--B  \r\n" HEAD "z\r\n--B\r\n", "z" },
        { "the first of two", "--B\r\n" HEAD "1\r\n--B\r\n" HEAD "2\r\n--B--", "1" },
        { "no file", "--B\r\nContent-Disposition: form-data; name=\"who\"\r\n\r\nme\r\n--B--\r\n",
          NULL },
        { "cut", "--B\r\n" HEAD "hello\r\n--", NULL },
        { "no form", "hello", NULL },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        for (size_t step = 1; step <= strlen(cases[i].body); step++) { /* in pieces of any size */
            struct file_form form;
            struct taken t = { .n = 0 };
            enum file_form_rc rc = FILE_FORM_MORE;
            size_t len = strlen(cases[i].body);
            assert_true(file_form_init(&form, "multipart/form-data; boundary=B"));
            for (size_t at = 0; at < len && rc == FILE_FORM_MORE; at += step)
                rc = file_form_take(&form, cases[i].body + at, len - at < step ? len - at : step,
                                    take, &t);
            bool good = cases[i].want == NULL
                            ? rc != FILE_FORM_DONE
                            : rc == FILE_FORM_DONE && t.n == strlen(cases[i].want) &&
                                  memcmp(t.bytes, cases[i].want, t.n) == 0 &&
                                  strcmp(form.name, "a_b__c_.log") == 0;
            if (!good)
                fail_msg("%s in pieces of %d: %d, '%.*s', %s", cases[i].why, (int)step, (int)rc,
                         (int)t.n, t.bytes, form.name);
        }
}

static void boundaries(void **state)
{
    struct file_form form;
    (void)state;
    assert_true(file_form_init(&form, "Multipart/Form-Data; charset=utf-8; boundary=\"a b\""));
    assert_memory_equal(form.mark, "\r\n--a b", 7);
    assert_false(file_form_init(&form, "multipart/form-data"));
    assert_false(file_form_init(&form, "multipart/form-data; boundary="));
    assert_false(file_form_init(&form, "text/plain; boundary=x"));
    char text[200];
    snprintf(text, sizeof(text), "multipart/form-data; boundary=%071d", 1);
    assert_false(file_form_init(&form, text));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ranges),          cmocka_unit_test(content_ranges),
        cmocka_unit_test(paths_and_names), cmocka_unit_test(tags),
        cmocka_unit_test(forms),           cmocka_unit_test(boundaries),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
