/*
 * The head of an HTTP/1.1 request: request line, target with query, the headers that matter here.
 *
 * Pure: bytes in, a struct or a fault out; nothing is allocated.
 */
#ifndef CMD_NOXD_HTTP_HEAD_H
#define CMD_NOXD_HTTP_HEAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    HTTP_HEAD_MAX = 16 * 1024, /* bytes of a whole head */
    HTTP_TARGET_MAX = 4096,    /* bytes of the target as sent */
    HTTP_QUERY_MAX = 16,
    HTTP_WHY_MAX = 200, /* bytes of X-Nox-Why as kept */
    HTTP_BEARER_MAX = 128,
};

struct http_head {
    char method[16];
    char text[HTTP_TARGET_MAX + 1]; /* what path and query point into */
    const char *path;               /* percent-decoded, begins with '/'; '+' stays '+' */
    struct {
        const char *name, *value; /* percent-decoded; value "1" if there was none */
    } query[HTTP_QUERY_MAX];
    size_t n_query;
    bool has_length;
    uint64_t length;   /* of the body; larger ones than fit count as UINT64_MAX */
    bool is_chunked;   /* any transfer coding */
    bool keep_alive;   /* another request may follow */
    bool is_continued; /* Expect: 100-continue */
    /* X-Nox-Why, percent-decoded where that gives text: UTF-8 on one line; the rest is cut off and
     * bytes that are no text become '?' or blanks */
    char why[HTTP_WHY_MAX + 1];
    /* token of "Authorization: Bearer TOKEN" (RFC 6750); "" if there is none, or a longer one */
    char bearer[HTTP_BEARER_MAX + 1];
};

enum http_rc { HTTP_OK, HTTP_MORE, HTTP_BAD };

/* What is wrong: an HTTP status, a stable word, a sentence for people. */
struct http_fault {
    int status;
    const char *code, *text;
};

/**
 * @param ret_used   bytes of the head with its empty line; written with HTTP_OK
 * @param ret_fault  written with HTTP_BAD
 * @return HTTP_MORE: so far it is the beginning of a head
 */
enum http_rc http_head_read(const char *bytes, size_t n, struct http_head *ret_head,
                            size_t *ret_used, struct http_fault *ret_fault);

#endif
