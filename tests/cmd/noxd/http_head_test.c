#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cmd/noxd/http_head.h"

#define N(array)      (sizeof(array) / sizeof((array)[0]))
#define GET(target)   "GET " target " HTTP/1.1\r\nHost: x\r\n\r\n"
#define WITH(headers) "POST /v1/apply HTTP/1.1\r\n" headers "\r\n"

static const struct {
    const char *why, *head;
    const char *want; /* METHOD PATH name=value ... length keep */
} good[] = {
    { "plain", GET("/v1/status"), "GET /v1/status 0 keep" },
    { "lone line feeds", "GET / HTTP/1.1\nHost: x\n\n", "GET / 0 keep" },
    { "empty lines first", "\r\n\r\nGET / HTTP/1.1\r\n\r\n", "GET / 0 keep" },
    { "escapes", GET("/v1/tags/%C3%84%2F%25%2b?a=%20&b=%26%3D"),
      "GET /v1/tags/Ä/%+ a=  b=&= 0 keep" },
    { "a plus is a plus", GET("/a+b?t=1+2"), "GET /a+b t=1+2 0 keep" },
    { "slashes stay", GET("//a/../b/"), "GET //a/../b/ 0 keep" },
    { "flags", GET("/?a&b=&&c=d=e"), "GET / a=1 b= c=d=e 0 keep" },
    { "empty query", GET("/a?"), "GET /a 0 keep" },
    { "length", WITH("Content-Length: 12\r\n"), "POST /v1/apply 12 keep" },
    { "headers in any case", WITH("cOnTeNt-LeNgTh:\t 12 \t\r\n"), "POST /v1/apply 12 keep" },
    { "length twice, the same", WITH("Content-Length: 12\r\nContent-Length: 12\r\n"),
      "POST /v1/apply 12 keep" },
    { "length beyond all bounds", WITH("Content-Length: 99999999999999999999999\r\n"),
      "POST /v1/apply 18446744073709551615 keep" },
    { "close", WITH("Connection: close\r\n"), "POST /v1/apply 0 close" },
    { "old version", "GET / HTTP/1.0\r\n\r\n", "GET / 0 close" },
    { "old version that stays", "GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n",
      "GET / 0 keep" },
    { "chunks", WITH("Transfer-Encoding: chunked\r\n"), "POST /v1/apply 0 keep chunked" },
    { "waits", WITH("Expect: 100-continue\r\nContent-Length: 1\r\n"),
      "POST /v1/apply 1 keep continue" },
};

static const struct {
    const char *why, *header, *want;
} whys[] = {
    { "not said", "Host: x\r\n", "" },
    { "plain", "x-nox-why: tenant asked\r\n", "tenant asked" },
    { "escaped", "X-Nox-Why: T%C3%BCr%20offen%2C%20100%25\r\n", "Tür offen, 100%" },
    { "not escaped", "X-Nox-Why: Tür, 100%\r\n", "Tür, 100%" },
    { "lines become one", "X-Nox-Why: a%0d%0ab%00\r\n", "a%0d%0ab%00" },
    { "lines become one", "X-Nox-Why: a%0d%0ab%1bc%C2%85d\r\n", "a  b c d" },
    { "no UTF-8", "X-Nox-Why: %C3%28 %ED%A0%80 %F5 %E2%82\r\n", "?( ??? ? ??" },
};

static const struct {
    const char *why, *header, *want;
} bearers[] = {
    { "none", "Host: x\r\n", "" },
    { "as RFC 6750 has it", "Authorization: Bearer 0123abc\r\n", "0123abc" },
    { "schemes know no case", "authorization: bearer  0123abc \r\n", "0123abc" },
    { "another scheme", "Authorization: Basic MDEyMzphYmM=\r\n", "" },
    { "scheme alone", "Authorization: Bearer\r\n", "" },
    { "scheme alone", "Authorization: Bearer \r\n", "" },
    { "glued", "Authorization: Bearer0123\r\n", "" },
    { "the last counts", "Authorization: Bearer a\r\nAuthorization: Bearer b\r\n", "b" },
};

static void token_is_read(void **state)
{
    (void)state;
    static struct http_head head;
    struct http_fault fault;
    char bytes[2000];
    size_t used;
    for (size_t i = 0; i < N(bearers); i++) {
        snprintf(bytes, sizeof(bytes), "GET / HTTP/1.1\r\n%s\r\n", bearers[i].header);
        assert_int_equal(http_head_read(bytes, strlen(bytes), &head, &used, &fault), HTTP_OK);
        if (strcmp(head.bearer, bearers[i].want) != 0)
            fail_msg("%s: \"%s\", not \"%s\"", bearers[i].why, head.bearer, bearers[i].want);
    }
    snprintf(bytes, sizeof(bytes), "GET / HTTP/1.1\r\nAuthorization: Bearer %0*d\r\n\r\n",
             HTTP_BEARER_MAX + 1, 7);
    assert_int_equal(http_head_read(bytes, strlen(bytes), &head, &used, &fault), HTTP_OK);
    assert_string_equal(head.bearer, ""); /* too long is none, not the beginning of one */
}

static void reason_is_one_line_of_text(void **state)
{
    (void)state;
    static struct http_head head;
    struct http_fault fault;
    char bytes[2000];
    size_t used;
    for (size_t i = 0; i < N(whys); i++) {
        snprintf(bytes, sizeof(bytes), "GET / HTTP/1.1\r\n%s\r\n", whys[i].header);
        assert_int_equal(http_head_read(bytes, strlen(bytes), &head, &used, &fault), HTTP_OK);
        if (strcmp(head.why, whys[i].want) != 0)
            fail_msg("%s: \"%s\", not \"%s\"", whys[i].why, head.why, whys[i].want);
    }
    size_t n = (size_t)snprintf(bytes, sizeof(bytes), "GET / HTTP/1.1\r\nX-Nox-Why: x");
    for (size_t i = 0; i < 500; i++)
        n += (size_t)snprintf(bytes + n, sizeof(bytes) - n, "\xc3\xa4");
    n += (size_t)snprintf(bytes + n, sizeof(bytes) - n, "\r\n\r\n");
    assert_int_equal(http_head_read(bytes, n, &head, &used, &fault), HTTP_OK);
    assert_int_equal(strlen(head.why), HTTP_WHY_MAX - 1); /* whole characters only */
}

static void show(const struct http_head *h, char *out, size_t size)
{
    size_t n = (size_t)snprintf(out, size, "%s %s", h->method, h->path);
    for (size_t i = 0; i < h->n_query; i++)
        n += (size_t)snprintf(out + n, size - n, " %s=%s", h->query[i].name, h->query[i].value);
    snprintf(out + n, size - n, " %llu %s%s%s", (unsigned long long)h->length,
             h->keep_alive ? "keep" : "close", h->is_chunked ? " chunked" : "",
             h->is_continued ? " continue" : "");
}

static void heads_are_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < N(good); i++) {
        static struct http_head head; /* not empty at the second time */
        struct http_fault fault = { 0, "", "" };
        char shown[300], bytes[600];
        size_t used = 0, len = strlen(good[i].head);
        snprintf(bytes, sizeof(bytes), "%sREST", good[i].head);
        for (size_t n = 0; n < len; n++)
            if (http_head_read(bytes, n, &head, &used, &fault) != HTTP_MORE)
                fail_msg("%s: not HTTP_MORE at %zu", good[i].why, n);
        if (http_head_read(bytes, len + 4, &head, &used, &fault) != HTTP_OK)
            fail_msg("%s: %s", good[i].why, fault.text);
        show(&head, shown, sizeof(shown));
        if (strcmp(shown, good[i].want) != 0)
            fail_msg("%s: got \"%s\", want \"%s\"", good[i].why, shown, good[i].want);
        if (used != len)
            fail_msg("%s: used %zu of %zu", good[i].why, used, len);
    }
}

static const struct {
    const char *why, *head;
    int status;
    const char *word;
} bad[] = {
    { "no request", "hello\r\n\r\n", 400, "first line" },
    { "no version", "GET /\r\n\r\n", 400, "first line" },
    { "a blank too many", "GET  / HTTP/1.1\r\n\r\n", 400, "first line" },
    { "HTTP/2", "PRI * HTTP/2.0\r\n\r\n", 505, "HTTP/1.1" },
    { "method without end", "GETGETGETGETGETGETGET / HTTP/1.1\r\n\r\n", 400, "first line" },
    { "no path", "GET http://x/ HTTP/1.1\r\n\r\n", 400, "begin with '/'" },
    { "star", "OPTIONS * HTTP/1.1\r\n\r\n", 400, "begin with '/'" },
    { "bad escape", GET("/%zz"), 400, "hex" },
    { "cut escape", GET("/%4"), 400, "hex" },
    { "NUL", GET("/a%00b"), 400, "hex" },
    { "bad escape in the query", GET("/?a=%"), 400, "query" },
    { "too many parameters", GET("/?a&a&a&a&a&a&a&a&a&a&a&a&a&a&a&a&a"), 400, "16" },
    { "header without colon", WITH("Nonsense\r\n"), 400, "Name: value" },
    { "header without name", WITH(": value\r\n"), 400, "Name: value" },
    { "folded header", WITH("A: b\r\n  c: d\r\n"), 400, "Name: value" },
    { "length in words", WITH("Content-Length: many\r\n"), 400, "number" },
    { "length below 0", WITH("Content-Length: -1\r\n"), 400, "number" },
    { "length empty", WITH("Content-Length:\r\n"), 400, "number" },
    { "two lengths", WITH("Content-Length: 1\r\nContent-Length: 2\r\n"), 400, "one number" },
};

static void faults_are_named(void **state)
{
    (void)state;
    for (size_t i = 0; i < N(bad); i++) {
        struct http_head head;
        struct http_fault fault;
        size_t used;
        if (http_head_read(bad[i].head, strlen(bad[i].head), &head, &used, &fault) != HTTP_BAD)
            fail_msg("%s: was taken", bad[i].why);
        if (fault.status != bad[i].status || strstr(fault.text, bad[i].word) == NULL)
            fail_msg("%s: %d %s", bad[i].why, fault.status, fault.text);
    }
}

static void heads_end(void **state)
{
    static char bytes[40000];
    struct http_head head;
    struct http_fault fault = { 0, "", "" };
    size_t used;
    (void)state;
    memset(bytes, 'a', sizeof(bytes));
    assert_int_equal(http_head_read(bytes, HTTP_HEAD_MAX - 1, &head, &used, &fault), HTTP_MORE);
    assert_int_equal(http_head_read(bytes, HTTP_HEAD_MAX, &head, &used, &fault), HTTP_BAD);
    assert_int_equal(fault.status, 431);
    memcpy(bytes, "GET /", 5);
    memcpy(bytes + 5000, " HTTP/1.1\r\n\r\n", 13);
    assert_int_equal(http_head_read(bytes, 6000, &head, &used, &fault), HTTP_BAD);
    assert_int_equal(fault.status, 414);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(heads_are_read), cmocka_unit_test(reason_is_one_line_of_text),
        cmocka_unit_test(token_is_read),  cmocka_unit_test(faults_are_named),
        cmocka_unit_test(heads_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
