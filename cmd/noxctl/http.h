/*
 * One HTTP/1.1 request on a connection of its own.
 *
 * Sending and receiving are two steps, so that many requests can be under way at once from one
 * thread: send them all, then receive one after the other.
 */
#ifndef CMD_NOXCTL_HTTP_H
#define CMD_NOXCTL_HTTP_H

#include "cmd/noxctl/stream.h"
#include "ocpp/wire/text.h"

enum { HTTP_HEAD_MAX = 16 * 1024, HTTP_BODY_MAX = 256 * 1024 * 1024 };

struct http_request {
    const char *method, *path;
    const char *body;  /* NULL = none */
    size_t body_len;   /* sent as Content-Length, also when 0 */
    const char *token; /* of Authorization: Bearer, NULL = none */
    const char *why;   /* for noxd's records, NULL = not said */
};

struct http_call {
    struct stream *stream;
    int64_t deadline_mono_ms;
    struct ocpp_text in; /* bytes received and not yet used */
};

/* Where the body goes; NULL sink = into the response. @return false to stop */
typedef bool http_sink(void *arg, const char *data, size_t len);

struct http_response {
    int status;
    char content_type[80];
    struct ocpp_text body;
};

/**
 * Connect and send.
 *
 * @param ret_call  http_call_done() ends it, also after an error
 * @param ret_text  one sentence when the result is not STREAM_OK
 */
enum stream_rc http_send(const struct stream_address *address, const struct http_request *request,
                         int64_t deadline_mono_ms, struct http_call *ret_call, char *ret_text,
                         size_t size);

/**
 * Receive the response: Content-Length, chunked, or up to the end of the stream.
 *
 * @param sink  takes the body of a 2xx piece by piece; NULL: all bodies go to ret_response
 * @param ret_response  http_response_done() ends it, also after an error
 */
enum stream_rc http_receive(struct http_call *call, http_sink *sink, void *arg,
                            struct http_response *ret_response, char *ret_text, size_t size);

void http_call_done(struct http_call *call);
void http_response_done(struct http_response *response);

/** Append a path segment or query value, percent-encoded. */
void http_append_escaped(struct ocpp_text *out, const char *text);

#endif
