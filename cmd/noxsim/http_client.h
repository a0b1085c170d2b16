/*
 * Files over HTTP/1.1 and HTTPS on the loop of the street: one request at a time, in pieces.
 */
#ifndef CMD_NOXSIM_HTTP_CLIENT_H
#define CMD_NOXSIM_HTTP_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct http;
struct vault;
struct ws;

struct http_request {
    const char *method;   /* static: GET, PUT or POST */
    const char *location; /* http://... or https://...; copied */
    int64_t from;         /* GET: skip so many bytes (Range), 0 = all */
    const char *body;     /* PUT, POST: lent until the end */
    size_t body_len;
    struct vault *vault; /* https: trusts its roots; NULL = those of --ca; lent until the end */
    bool shows_certificate;
    void *owner;
    /* The head of the answer. first: where a part (206) begins, 0 for the whole; length: of what
     * follows; -1 = not said. */
    void (*on_head)(void *owner, int status, int64_t first, int64_t length);
    void (*on_data)(void *owner, const char *data, size_t len);
    /* The last callback. status 0: nobody answered; is_whole: everything has arrived. */
    void (*on_end)(void *owner, int status, bool is_whole, const char *why);
};

/** Can this be asked at all? @return false with a sentence */
bool http_can(const char *location, char *ret_text, size_t size);

/** @return NULL when it could not even be begun; no callback comes then */
struct http *http_begin(struct ws *ws, const struct http_request *request);

/** Without any callback more. Also from within a callback of the request. */
void http_cancel(struct http *http);

#endif
