#include "cmd/noxsim/http_client.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/noxsim/vault.h"
#include "cmd/noxsim/ws_loop.h"

enum { PIECE_BYTES = 4096, STALL_S = 60 };

struct http {
    struct ws *ws;
    struct lws *wsi;
    struct http_request request; /* owner NULL: nobody wants to hear of it any more */
    int status;
    size_t sent;
    bool is_connecting, is_whole;
    char why[160];
    struct http *next, **at; /* of all; *at is this one */
};

struct location {
    bool tls;
    int port;
    char host[128], path[800];
};

/* With userinfo, ftp, or a host without a path: not for us. */
static bool take_apart(const char *text, struct location *ret)
{
    struct location l = { .port = 80 };
    if (strncmp(text, "https://", 8) == 0) {
        l.tls = true;
        l.port = 443;
    } else if (strncmp(text, "http://", 7) != 0) {
        return false;
    }
    const char *host = text + (l.tls ? 8 : 7), *path = host + strcspn(host, "/?#");
    size_t path_len = strcspn(path, "#");
    if (!ws_url_host(host, path, l.host, sizeof(l.host), &l.port) ||
        path_len + 2 > sizeof(l.path) || strcspn(path, " \r\n\t") < path_len)
        return false;
    snprintf(l.path, sizeof(l.path), "%s%.*s", *path == '/' ? "" : "/", (int)path_len, path);
    *ret = l;
    return true;
}

bool http_can(const char *location, char *ret_text, size_t size)
{
    struct location l;
    if (take_apart(location, &l))
        return true;
    snprintf(ret_text, size, "\"%.60s\" is no http:// or https:// location", location);
    return false;
}

static void http_free(struct http *http)
{
    *http->at = http->next;
    if (http->next != NULL)
        http->next->at = http->at;
    free(http);
}

void http_free_all(struct ws *ws)
{
    while (ws->https != NULL)
        http_free(ws->https);
}

struct http *http_begin(struct ws *ws, const struct http_request *request)
{
    struct location l;
    char host[WS_HOST_HEADER];
    struct http *http = take_apart(request->location, &l) ? calloc(1, sizeof(*http)) : NULL;
    if (http == NULL)
        return NULL;
    http->ws = ws;
    http->request = *request;
    http->next = ws->https;
    http->at = &ws->https;
    if (ws->https != NULL)
        ws->https->at = &http->next;
    ws->https = http;
    ws_host_header(l.host, l.port, l.tls, host);
    http->is_connecting = true;
    struct lws_client_connect_info info = { .context = ws->context,
                                            .vhost = ws->vhost,
                                            .address = l.host,
                                            .port = l.port,
                                            .path = l.path,
                                            .host = host,
                                            .origin = l.host,
                                            .method = request->method,
                                            .local_protocol_name = "noxsim-http",
                                            .alpn = "http/1.1",
                                            .opaque_user_data = http,
                                            .pwsi = &http->wsi };
    info.ssl_connection = l.tls ? LCCSCF_USE_SSL : 0;
    struct lws *wsi = lws_client_connect_via_info(&info);
    http->is_connecting = false;
    if (wsi == NULL || http->request.owner == NULL) {
        http_free(http);
        return NULL;
    }
    return http;
}

void http_arm(struct ws *ws, const void *ssl)
{
    for (struct http *http = ws->https; http != NULL; http = http->next)
        if (http->wsi != NULL && lws_get_ssl(http->wsi) == ssl) {
            if (http->request.vault != NULL)
                vault_arm(http->request.vault, lws_get_ssl(http->wsi),
                          http->request.shows_certificate, ws->options.utc_ms(ws->options.arg));
            return;
        }
}

void http_cancel(struct http *http)
{
    http->request.owner = NULL;
    if (http->wsi != NULL)
        lws_set_timeout(http->wsi, PENDING_TIMEOUT_CLOSE_SEND, LWS_TO_KILL_ASYNC);
}

/* --- events --- */

static int add_header(struct lws *wsi, const char *name, const char *value, unsigned char **at,
                      unsigned char *end)
{
    return lws_add_http_header_by_name(wsi, (const unsigned char *)name,
                                       (const unsigned char *)value, (int)strlen(value), at, end);
}

static int append_head(struct http *http, struct lws *wsi, unsigned char **at, size_t room)
{
    char text[48];
    unsigned char *end = *at + room;
    if (http->request.from > 0) {
        snprintf(text, sizeof(text), "bytes=%lld-", (long long)http->request.from);
        if (add_header(wsi, "range:", text, at, end) != 0)
            return -1;
    }
    if (http->request.body == NULL)
        return 0;
    snprintf(text, sizeof(text), "%zu", http->request.body_len);
    if (add_header(wsi, "content-length:", text, at, end) != 0 ||
        add_header(wsi, "content-type:", "text/plain", at, end) != 0)
        return -1;
    lws_client_http_body_pending(wsi, 1);
    lws_callback_on_writable(wsi);
    return 0;
}

static int write_body(struct http *http)
{
    unsigned char piece[LWS_PRE + PIECE_BYTES];
    size_t left = http->request.body_len - http->sent;
    size_t len = left < PIECE_BYTES ? left : PIECE_BYTES;
    if (http->request.body == NULL || http->request.owner == NULL)
        return 0;
    bool is_last = len == left;
    if (is_last)
        lws_client_http_body_pending(http->wsi, 0);
    memcpy(piece + LWS_PRE, http->request.body + http->sent, len);
    if (len > 0 && lws_write(http->wsi, piece + LWS_PRE, len,
                             is_last ? LWS_WRITE_HTTP_FINAL : LWS_WRITE_HTTP) < 0)
        return -1;
    http->sent += len;
    if (is_last)
        http->request.body = NULL;
    else
        lws_callback_on_writable(http->wsi);
    lws_set_timeout(http->wsi, PENDING_TIMEOUT_AWAITING_SERVER_RESPONSE, STALL_S);
    return 0;
}

static void on_head(struct http *http)
{
    char text[64];
    long long first = 0;
    http->status = (int)lws_http_client_http_response(http->wsi);
    int64_t length = -1;
    if (lws_hdr_copy(http->wsi, text, sizeof(text), WSI_TOKEN_HTTP_CONTENT_LENGTH) > 0)
        length = strtoll(text, NULL, 10);
    if (http->status == 206 &&
        (lws_hdr_copy(http->wsi, text, sizeof(text), WSI_TOKEN_HTTP_CONTENT_RANGE) <= 0 ||
         sscanf(text, " bytes %lld-", &first) != 1))
        first = -1;
    if (http->request.owner == NULL || http->request.on_head == NULL)
        return;
    ws_before(http->ws);
    http->request.on_head(http->request.owner, http->status, first, length);
    ws_after(http->ws);
}

static int on_readable(struct http *http)
{
    char room[LWS_PRE + PIECE_BYTES], *at = room + LWS_PRE;
    int len = PIECE_BYTES;
    lws_set_timeout(http->wsi, PENDING_TIMEOUT_HTTP_CONTENT, STALL_S);
    return lws_http_client_read(http->wsi, &at, &len) < 0 ? -1 : 0;
}

static int on_data(struct http *http, const char *data, size_t len)
{
    struct ws *ws = http->ws;
    if (ws->stopping)
        return -1;
    if (http->request.owner != NULL)
        ws_before(ws);
    if (http->request.owner != NULL && http->request.on_data != NULL) {
        http->request.on_data(http->request.owner, data, len);
        ws_after(ws);
    }
    return http->request.owner == NULL ? -1 : 0;
}

static void ended(struct http *http)
{
    struct http_request request = http->request;
    struct ws *ws = http->ws;
    int status = http->status;
    bool is_whole = http->is_whole;
    char why[sizeof(http->why)];
    http->wsi = NULL;
    if (http->is_connecting) { /* http_begin() is still on the stack and frees it */
        http->request.owner = NULL;
        return;
    }
    memcpy(why, http->why, sizeof(why));
    http_free(http);
    if (request.owner == NULL || ws->stopping)
        return;
    ws_before(ws);
    request.on_end(request.owner, status, is_whole, why);
    ws_after(ws);
}

int http_on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
                  size_t len)
{
    struct http *http = lws_get_opaque_user_data(wsi);
    (void)user;
    if (http == NULL)
        return 0;
    switch (reason) {
    case LWS_CALLBACK_CLIENT_APPEND_HANDSHAKE_HEADER:
        return append_head(http, wsi, in, len);
    case LWS_CALLBACK_CLIENT_HTTP_WRITEABLE:
        return write_body(http);
    case LWS_CALLBACK_ESTABLISHED_CLIENT_HTTP:
        on_head(http);
        return 0;
    case LWS_CALLBACK_RECEIVE_CLIENT_HTTP:
        return on_readable(http);
    case LWS_CALLBACK_RECEIVE_CLIENT_HTTP_READ:
        return on_data(http, in, len);
    case LWS_CALLBACK_COMPLETED_CLIENT_HTTP:
        http->is_whole = true;
        return -1; /* one request for each connection */
    case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
        snprintf(http->why, sizeof(http->why), "%.150s",
                 in != NULL ? (const char *)in : "the connection failed");
        lws_set_opaque_user_data(wsi, NULL);
        ended(http);
        return 0;
    case LWS_CALLBACK_CLOSED_CLIENT_HTTP:
        lws_set_opaque_user_data(wsi, NULL);
        ended(http);
        return 0;
    default:
        return 0;
    }
}
