/* From the headers of a request to the decision, and the answer when it is no. */
#include <arpa/inet.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ocpp/server/http_status.h"
#include "ocpp/server/ws_state.h"

enum {
    HEADER_MAX = 4096, /* all headers together have no more room in libwebsockets */
    RETRY_AFTER_S = 30,
};

#define BASE_CHARS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-_:[]"

/* Header values of one request, each behind the other. */
struct headers {
    char text[HEADER_MAX + 64];
    size_t used;
};

/* NULL when the header is absent. */
static const char *header(struct headers *h, struct lws *wsi, enum lws_token_indexes token)
{
    if (lws_hdr_total_length(wsi, token) <= 0)
        return NULL;
    char *value = h->text + h->used;
    int len = lws_hdr_copy(wsi, value, (int)(sizeof(h->text) - h->used), token);
    if (len < 0)
        return ""; /* does not fit: present, but nothing that could be accepted */
    h->used += (size_t)len + 1;
    return value;
}

void ws_peer_text(const struct ws_link *link, char *buf, size_t size)
{
    bool v4 = IN6_IS_ADDR_V4MAPPED(&link->peer);
    if (inet_ntop(v4 ? AF_INET : AF_INET6,
                  v4 ? (const void *)&link->peer.s6_addr[12] : (const void *)&link->peer, buf,
                  (socklen_t)size) == NULL)
        snprintf(buf, size, "?");
}

/* --- refusing --- */

void ws_record_refused(struct ws_link *link, enum handshake_reason reason, const char *identity,
                       const char *detail)
{
    struct ws_server *w = link->server;
    struct instant now = loop_now(w->options.loop);
    char key[HANDSHAKE_DETAIL_SIZE + HANDSHAKE_ID_SIZE], address[INET6_ADDRSTRLEN];
    w->counters.refused++;
    limiter_take(w->by_address, &link->peer, sizeof(link->peer), now.mono_ms);
    ws_peer_text(link, address, sizeof(address));
    /* A station that tries for hours is one line and a count, not a full disk.  Who has got no
     * further than TLS is known by its address and what it did. */
    int len = handshake_status(reason) != 0
                  ? snprintf(key, sizeof(key), "%s %s", handshake_word(reason), identity)
                  : snprintf(key, sizeof(key), "%s %s", address, detail);
    if (!limiter_take(w->by_record, key, (size_t)len, now.mono_ms) ||
        !bucket_take(&w->records, 1, 200, 20, now.mono_ms))
        return;
    struct store_refused refused = { .at_ms = now.utc_ms,
                                     .identity = identity[0] != '\0' ? identity : "-",
                                     .reason = handshake_word(reason),
                                     .detail = detail,
                                     .address = address };
    struct store_done nobody = { .fn = NULL };
    store_refused(w->options.store, &refused, nobody);
    if (w->options.refused != NULL)
        w->options.refused(w->options.arg, &refused, handshake_status(reason));
    /* Who fails to prove himself is a matter of security (A00.FR.302, 406).  Refusals are counted
     * in one row each; events are rows of their own, so at most one a second in the long run. */
    if (handshake_is_security(reason) && bucket_take(&w->security, 1, 50, 1, now.mono_ms))
        ws_event(w, "security.refused", STORE_WARNING,
                 central_identity(w->central, identity) != NULL ? identity : NULL,
                 "%s, from %s: %s", refused.reason, address, detail);
}

/* HTTP/1.1 by hand: at this point libwebsockets would still write HTTP/1.0. */
static void respond(struct ws_link *link)
{
    const struct handshake_verdict *v = &link->server->verdict;
    char response[LWS_PRE + 1024], body[HANDSHAKE_DETAIL_SIZE + 160];
    int status = handshake_status(v->reason);
    handshake_answer(v, body, sizeof(body));
    char extra[96] = "";
    if (status == 401)
        snprintf(extra, sizeof(extra), "WWW-Authenticate: Basic realm=\"charging point\"\r\n");
    else if (status == 503)
        snprintf(extra, sizeof(extra), "Retry-After: %d\r\n", RETRY_AFTER_S);
    else if (v->reason == HANDSHAKE_BAD_UPGRADE)
        snprintf(extra, sizeof(extra), "Sec-WebSocket-Version: 13\r\n");
    int len = snprintf(response + LWS_PRE, sizeof(response) - LWS_PRE,
                       "HTTP/1.1 %d %s\r\n%sContent-Type: text/plain; charset=utf-8\r\n"
                       "Content-Length: %zu\r\nConnection: close\r\n\r\n%s",
                       status, http_status_text(status), extra, strlen(body), body);
    lws_write(link->wsi, (unsigned char *)response + LWS_PRE, (size_t)len, LWS_WRITE_HTTP_HEADERS);
}

static bool refuse(struct ws_link *link)
{
    struct handshake_verdict *v = &link->server->verdict;
    ws_record_refused(link, v->reason, v->id, v->detail);
    respond(link);
    return false;
}

static bool refuse_by(struct ws_link *link, enum handshake_reason reason, const char *detail)
{
    struct handshake_verdict *v = &link->server->verdict;
    v->reason = reason;
    snprintf(v->detail, sizeof(v->detail), "%s", detail);
    return refuse(link);
}

/* --- deciding --- */

static const struct central_identity *find(void *arg, const char *id)
{
    return central_identity(((const struct ws_server *)arg)->central, id);
}

/* Looks at every station: not for each of a flood of guesses. */
static const char *find_like(void *arg, const char *id)
{
    struct ws_server *w = arg;
    int64_t now_mono_ms = loop_now(w->options.loop).mono_ms;
    return bucket_take(&w->likes, 1, 100, 20, now_mono_ms) ? central_identity_like(w->central, id)
                                                           : NULL;
}

/* Limits that come after the decision: who is refused here has proved who he is. */
static bool within_limits(struct ws_link *link)
{
    struct ws_server *w = link->server;
    const struct handshake_verdict *v = &w->verdict;
    struct instant now = loop_now(w->options.loop);
    if (w->quiet)
        return refuse_by(link, HANDSHAKE_STOPPING, "noxd is stopping");
    if (!limiter_take(w->by_identity, v->id, strlen(v->id), now.utc_ms))
        return refuse_by(link, HANDSHAKE_TOO_OFTEN,
                         "the station connects more than once a second: look at its firmware and "
                         "its link; it is let in again after a pause");
    if (!v->provision)
        return true;
    if (!bucket_take(&w->provisions, 1, 100, 1, now.mono_ms))
        return refuse_by(link, HANDSHAKE_TOO_MANY_UNKNOWN,
                         "more than one unknown station a second: taken in later");
    if (central_provision(w->central, v->id, now) == NULL)
        return refuse_by(link, HANDSHAKE_TOO_MANY_UNKNOWN,
                         "the station cannot be taken in: too many wait for approval ('noxctl "
                         "station pending'), or the database cannot be written now");
    return true;
}

/* Under the name by which the station found us it will find our files too. */
static void keep_base(struct ws_link *link, const char *host)
{
    char base[300];
    if (host == NULL || host[0] == '\0' || host[strspn(host, BASE_CHARS)] != '\0' ||
        strlen(host) > 255)
        return;
    snprintf(base, sizeof(base), "%s://%s", link->tls ? "https" : "http", host);
    free(link->base);
    link->base = strdup(base);
}

const char *ws_server_base(void *link)
{
    return ((const struct ws_link *)link)->base;
}

bool ws_upgrade(struct ws_link *link, bool is_upgrade)
{
    struct ws_server *w = link->server;
    struct lws *wsi = link->wsi;
    struct headers h = { .used = 0 };
    struct ws_peer_certificate peer = { .has_cn = false };
    if (link->tls)
        ws_tls_peer(wsi, &peer);
    struct handshake_request request = {
        .path = header(&h, wsi, WSI_TOKEN_GET_URI),
        .upgrade = is_upgrade ? header(&h, wsi, WSI_TOKEN_UPGRADE) : NULL,
        .connection = header(&h, wsi, WSI_TOKEN_CONNECTION),
        .websocket_key = header(&h, wsi, WSI_TOKEN_KEY),
        .websocket_version = header(&h, wsi, WSI_TOKEN_VERSION),
        .host = header(&h, wsi, WSI_TOKEN_HOST),
        .subprotocols = header(&h, wsi, WSI_TOKEN_PROTOCOL),
        .authorization = header(&h, wsi, WSI_TOKEN_HTTP_AUTHORIZATION),
        .tls = link->tls,
        .certificate_cn = peer.has_cn ? peer.cn : NULL,
        .certificate_organisation = peer.has_organisation ? peer.organisation : NULL,
    };
    struct handshake_lookup lookup = { .arg = w,
                                       .identity = find,
                                       .like = find_like,
                                       .accept_unknown = w->options.accept_unknown,
                                       .organisation = w->options.organisation };
    link->decided = true;
    link->no_subprotocol = request.subprotocols == NULL;
    bool accepted = handshake_decide(&request, &lookup, &w->verdict);
    if (accepted)
        keep_base(link, request.host);
    OPENSSL_cleanse(&h, sizeof(h)); /* passwords do not stay on the stack */
    return accepted ? within_limits(link) : refuse(link);
}
