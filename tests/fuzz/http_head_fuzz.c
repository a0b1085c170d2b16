/*
 * Any bytes as the head of a request.  More bytes never turn a fault or a whole head into something
 * else, and what was read is terminated text.
 */
#include <stdlib.h>
#include <string.h>

#include "cmd/noxd/http_head.h"
#include "tests/fuzz/fuzz.h"

static void check_head(const struct http_head *head, size_t used, size_t size)
{
    const char *end = head->text + sizeof(head->text);
    if (used > size || head->n_query > HTTP_QUERY_MAX || head->path[0] != '/')
        abort();
    if (head->path + strlen(head->path) >= end)
        abort();
    if (strlen(head->why) > HTTP_WHY_MAX || strpbrk(head->why, "\r\n\033") != NULL)
        abort();
    for (size_t i = 0; i < head->n_query; i++)
        if (strlen(head->query[i].name) + strlen(head->query[i].value) > HTTP_TARGET_MAX + 1)
            abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct http_head head;
    struct http_fault fault;
    size_t used = 0, used_before = 0;
    char *exact = malloc(size > 0 ? size : 1); /* so that reading too far is seen */
    if (exact == NULL)
        abort();
    if (size > 0)
        memcpy(exact, data, size);
    enum http_rc rc = http_head_read(exact, size, &head, &used, &fault);
    if (rc == HTTP_OK)
        check_head(&head, used, size);
    if (rc == HTTP_BAD && (fault.status < 400 || fault.text[0] == '\0'))
        abort();
    for (size_t n = 0; n < size && n < 200; n++) {
        enum http_rc early = http_head_read((const char *)data, n, &head, &used_before, &fault);
        if (early == HTTP_OK && (rc != HTTP_OK || used_before != used))
            abort();
        if (early == HTTP_BAD && rc != HTTP_BAD)
            abort();
    }
    free(exact);
    return 0;
}

static const char *const seeds[] = {
    "GET /v1/stations/A%20B/calls?wait_s=1&x HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "POST /v1/apply?dry_run=1 HTTP/1.1\r\nContent-Length: 10\r\nExpect: 100-continue\r\n\r\n{}",
    "PUT /v1/tags/%C3%84 HTTP/1.0\nConnection: keep-alive\nTransfer-Encoding: chunked\n\n",
    "GET / HTTP/1.1\r\nX-Nox-Why: T%C3%BCr offen%0a, 100%\r\n\r\n",
};
FUZZ_MAIN(seeds)
