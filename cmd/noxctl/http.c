#include "cmd/noxctl/http.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

void http_append_escaped(struct ocpp_text *out, const char *text)
{
    for (const unsigned char *p = (const unsigned char *)text; *p; p++) {
        if (isalnum(*p) || strchr("-._~", *p))
            ocpp_text_append(out, (const char *)p, 1);
        else
            ocpp_text_append_format(out, "%%%02X", *p);
    }
}

static void build(const struct stream_address *address, const struct http_request *request,
                  struct ocpp_text *out)
{
    const char *host = address->kind == STREAM_UNIX ? "localhost" : address->host;
    ocpp_text_append_format(out, "%s %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n",
                            request->method, request->path, host);
    ocpp_text_append_str(out, "User-Agent: noxctl\r\nAccept: */*\r\n");
    if (request->token)
        ocpp_text_append_format(out, "Authorization: Bearer %s\r\n", request->token);
    if (request->why) {
        ocpp_text_append_str(out, "X-Nox-Why: ");
        http_append_escaped(out, request->why);
        ocpp_text_append_str(out, "\r\n");
    }
    if (request->body)
        ocpp_text_append_str(out, "Content-Type: application/json\r\n");
    if (request->body || strcmp(request->method, "GET") != 0)
        ocpp_text_append_format(out, "Content-Length: %zu\r\n", request->body_len);
    ocpp_text_append_str(out, "\r\n");
    if (request->body)
        ocpp_text_append(out, request->body, request->body_len);
}

enum stream_rc http_send(const struct stream_address *address, const struct http_request *request,
                         int64_t deadline_mono_ms, struct http_call *ret_call, char *ret_text,
                         size_t size)
{
    *ret_call = (struct http_call){ .deadline_mono_ms = deadline_mono_ms };
    ocpp_text_init(&ret_call->in);
    enum stream_rc rc = stream_open(address, deadline_mono_ms, &ret_call->stream, ret_text, size);
    if (rc != STREAM_OK)
        return rc;
    struct ocpp_text out;
    ocpp_text_init(&out);
    build(address, request, &out);
    rc = out.failed ? STREAM_FAILED
                    : stream_write(ret_call->stream, out.data, out.len, deadline_mono_ms);
    ocpp_text_done(&out);
    if (rc == STREAM_CLOSED)
        rc = STREAM_OK; /* refused before all was read: the answer says why */
    if (rc != STREAM_OK)
        snprintf(ret_text, size, "the request could not be sent");
    return rc;
}

/* Read more bytes behind those that wait. */
static enum stream_rc fill(struct http_call *call)
{
    char block[16384];
    size_t n;
    enum stream_rc rc = stream_read(call->stream, block, sizeof(block), call->deadline_mono_ms, &n);
    if (rc == STREAM_OK)
        ocpp_text_append(&call->in, block, n);
    return call->in.failed ? STREAM_FAILED : rc;
}

static void drop(struct http_call *call, size_t n)
{
    memmove(call->in.data, call->in.data + n, call->in.len - n);
    ocpp_text_truncate(&call->in, call->in.len - n);
}

/* A line with its end cut off; it stays in `in` and *ret_len is what to drop. */
static enum stream_rc read_line(struct http_call *call, char *ret_line, size_t size,
                                size_t max_wait)
{
    for (;;) {
        char *end = memchr(call->in.data, '\n', call->in.len);
        if (end) {
            size_t len = (size_t)(end - call->in.data);
            size_t used = len + 1;
            if (len > 0 && call->in.data[len - 1] == '\r')
                len--;
            if (len >= size)
                len = size - 1;
            memcpy(ret_line, call->in.data, len);
            ret_line[len] = '\0';
            drop(call, used);
            return STREAM_OK;
        }
        if (call->in.len > max_wait)
            return STREAM_FAILED;
        enum stream_rc rc = fill(call);
        if (rc != STREAM_OK)
            return rc;
    }
}

struct head {
    int status;
    long long length; /* -1 = not said */
    bool chunked;
    char content_type[80];
};

static const char *header_value(const char *line, const char *name)
{
    size_t len = strlen(name);
    if (strncasecmp(line, name, len) != 0 || line[len] != ':')
        return NULL;
    const char *value = line + len + 1;
    return value + strspn(value, " \t");
}

static enum stream_rc read_head(struct http_call *call, struct head *ret_head)
{
    char line[1024];
    enum stream_rc rc = read_line(call, line, sizeof(line), HTTP_HEAD_MAX);
    if (rc != STREAM_OK)
        return rc;
    *ret_head = (struct head){ .length = -1 };
    if (strncmp(line, "HTTP/1.", 7) != 0 || strlen(line) < 12)
        return STREAM_FAILED;
    ret_head->status = (int)strtol(line + 9, NULL, 10);
    for (size_t total = 0; total < HTTP_HEAD_MAX; total += strlen(line)) {
        rc = read_line(call, line, sizeof(line), HTTP_HEAD_MAX);
        if (rc != STREAM_OK || line[0] == '\0')
            return rc;
        const char *value;
        if ((value = header_value(line, "Content-Length")))
            ret_head->length = strtoll(value, NULL, 10);
        else if ((value = header_value(line, "Transfer-Encoding")))
            ret_head->chunked = strncasecmp(value, "chunked", 7) == 0;
        else if ((value = header_value(line, "Content-Type")))
            snprintf(ret_head->content_type, sizeof(ret_head->content_type), "%.79s", value);
    }
    return STREAM_FAILED;
}

struct body_target {
    http_sink *sink;
    void *arg;
    struct ocpp_text *text;
};

static bool give(const struct body_target *target, const char *data, size_t len)
{
    if (target->sink)
        return target->sink(target->arg, data, len);
    if (len > HTTP_BODY_MAX - target->text->len)
        return false;
    ocpp_text_append(target->text, data, len);
    return !target->text->failed;
}

/* Pass on exactly n bytes; n < 0: all up to the end of the stream. */
static enum stream_rc read_bytes(struct http_call *call, long long n,
                                 const struct body_target *target)
{
    while (n != 0) {
        if (call->in.len == 0) {
            enum stream_rc rc = fill(call);
            if (rc == STREAM_CLOSED && n < 0)
                return STREAM_OK;
            if (rc != STREAM_OK)
                return rc;
        }
        size_t take = call->in.len;
        if (n > 0 && (unsigned long long)n < take)
            take = (size_t)n;
        if (!give(target, call->in.data, take))
            return STREAM_FAILED;
        drop(call, take);
        n = n > 0 ? n - (long long)take : n;
    }
    return STREAM_OK;
}

static enum stream_rc read_chunks(struct http_call *call, const struct body_target *target)
{
    for (;;) {
        char line[256];
        enum stream_rc rc = read_line(call, line, sizeof(line), HTTP_HEAD_MAX);
        if (rc != STREAM_OK)
            return rc;
        char *end;
        long long n = strtoll(line, &end, 16);
        if (end == line || n < 0)
            return STREAM_FAILED;
        if (n > 0)
            rc = read_bytes(call, n, target);
        if (rc != STREAM_OK)
            return rc;
        do { /* the end of the chunk; after the last one trailers up to an empty line */
            rc = read_line(call, line, sizeof(line), HTTP_HEAD_MAX);
        } while (rc == STREAM_OK && n == 0 && line[0]);
        if (rc != STREAM_OK || n == 0)
            return rc;
    }
}

enum stream_rc http_receive(struct http_call *call, http_sink *sink, void *arg,
                            struct http_response *ret_response, char *ret_text, size_t size)
{
    *ret_response = (struct http_response){ 0 };
    ocpp_text_init(&ret_response->body);
    struct head head;
    enum stream_rc rc;
    do {
        rc = read_head(call, &head);
    } while (rc == STREAM_OK && head.status / 100 == 1);
    if (rc == STREAM_OK) {
        ret_response->status = head.status;
        memcpy(ret_response->content_type, head.content_type, sizeof(head.content_type));
        struct body_target target = { head.status / 100 == 2 ? sink : NULL, arg,
                                      &ret_response->body };
        if (head.status != 204)
            rc = head.chunked ? read_chunks(call, &target) : read_bytes(call, head.length, &target);
    }
    if (rc == STREAM_CLOSED)
        snprintf(ret_text, size, "the connection ended before the answer was complete");
    else if (rc == STREAM_TIMED_OUT)
        snprintf(ret_text, size, "no answer in time");
    else if (rc != STREAM_OK)
        snprintf(ret_text, size, "the answer is not understood");
    return rc;
}

void http_call_done(struct http_call *call)
{
    stream_close(call->stream);
    call->stream = NULL;
    ocpp_text_done(&call->in);
}

void http_response_done(struct http_response *response)
{
    ocpp_text_done(&response->body);
}
