#include "cmd/noxd/link.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/noxd/route.h"
#include "ocpp/server/http_status.h"

enum {
    LINKS_MAX = 1000,
    HEAD_ROOM = 600,
    AHEAD_MAX = 64 * 1024, /* of requests that wait for the one in hand */
    BODY_MAX = 256 * 1024,
    FILE_MAX = 64 * 1024 * 1024,
    BODIES_MAX = 160 * 1024 * 1024, /* all that are being received */
    /* seconds in which nothing moves */
    IDLE_MAX_S = 60,    /* between two requests */
    RECEIVE_MAX_S = 10, /* in the middle of a request */
    WRITE_MAX_S = 120,  /* the reader does not read */
    HOLD_MAX_S = 10,    /* ... and holds a thread that others wait for */
};

void link_open(struct link *link, struct admin *admin, void *socket, const char *who)
{
    *link = (struct link){ .socket = socket, .admin = admin, .next = admin->links, .who = who };
    ocpp_text_init(&link->in);
    if (admin->links != NULL)
        admin->links->prev = link;
    admin->links = link;
    admin->n_links++;
}

static void end_request(struct link *link)
{
    struct request *r = link->request;
    if (r == NULL)
        return;
    link->admin->body_bytes -= link->body_room;
    link->body_room = link->body_expected = link->written = 0;
    link->is_running = link->head_sent = link->all_sent = link->owes_continue = false;
    link->request = NULL;
    request_leave(r);
}

void link_close(struct link *link)
{
    struct admin *a = link->admin;
    end_request(link);
    if (link->prev != NULL)
        link->prev->next = link->next;
    else
        a->links = link->next;
    if (link->next != NULL)
        link->next->prev = link->prev;
    a->n_links--;
    ocpp_text_done(&link->in);
    link->socket = NULL;
}

static bool is_receiving(const struct link *link)
{
    return link->request != NULL && !link->is_running;
}

/* --- a request comes in --- */

static bool read_query(struct request *r, const struct http_head *head)
{
    char nearest[32];
    for (size_t i = 0; i < head->n_query; i++) {
        const char *name = head->query[i].name;
        if (!route_takes_query(r->route, name)) {
            bool similar = route_query_nearest(r->route, name, nearest);
            request_fail(r, 400, "bad-query", name, "%.60s is no parameter of this path%s%s%s%s",
                         name, similar ? "; did you mean " : "", similar ? nearest : "",
                         !similar && r->route->query[0] != '\0' ? "; it takes: " : "",
                         !similar ? r->route->query : "");
            return false;
        }
        struct query_item *item = &r->query[r->n_query++];
        item->name = strdup(name);
        item->value = strdup(head->query[i].value);
        if (item->name == NULL || item->value == NULL)
            return false;
    }
    return true;
}

static bool find_route(struct request *r, const struct http_head *head)
{
    const char *method = head->method;
    char path[HTTP_TARGET_MAX + 1];
    if (strcmp(method, "HEAD") == 0) {
        r->head_only = true;
        method = "GET";
    }
    snprintf(path, sizeof(path), "%s", head->path);
    size_t len = strlen(path);
    if (len > 1 && path[len - 1] == '/')
        path[len - 1] = '\0'; /* a slash at the end is tolerated */
    enum route_match match = route_find(method, path, &r->route, r->param, r->allow);
    if (match == ROUTE_FOUND)
        return true;
    const char *nearest = route_nearest(path);
    if (match == ROUTE_NO_METHOD)
        request_fail(r, 405, "method-not-allowed", NULL, "%.100s takes %s, not %s", path, r->allow,
                     method);
    else if (nearest != NULL)
        request_fail(r, 404, "no-such-path", NULL, "there is no %.100s; did you mean %s?", path,
                     nearest);
    else
        request_fail(r, 404, "no-such-path", NULL,
                     "there is no %.100s; GET /v1 lists what there is", path);
    return false;
}

/* Answer now and hang up: what follows on this connection is not understood or not wanted. */
static void refuse(struct link *link, int status, const char *code, const char *text)
{
    link->must_close = link->is_running = true;
    request_fail(link->request, status, code, NULL, "%s", text);
}

static bool expect_body(struct link *link)
{
    char text[120];
    const struct http_head *head = &link->head;
    const struct request *r = link->request;
    size_t max = r->route != NULL && r->route->body == BODY_FILE ? FILE_MAX : BODY_MAX;
    if (head->is_chunked) {
        refuse(link, 411, "length-required", "say how long the body is: send Content-Length");
        return false;
    }
    if (head->length > max) {
        snprintf(text, sizeof(text), "the body may have at most %zu bytes; %s", max,
                 max == FILE_MAX ? "split the file" : "only POST /v1/apply takes more");
        refuse(link, 413, "too-large", text);
        return false;
    }
    if (head->length > 0 && link->admin->body_bytes + head->length > BODIES_MAX) {
        refuse(link, 503, "overloaded", "too much is being sent at once; try again");
        return false;
    }
    link->body_expected = (size_t)head->length;
    link->owes_continue = head->is_continued && link->body_expected > 0;
    return true;
}

static bool read_json(struct request *r)
{
    json_error_t error;
    r->json = r->body_len > 0 ? json_loadb(r->body, r->body_len, JSON_REJECT_DUPLICATES, &error)
                              : json_object();
    if (r->json == NULL)
        request_fail(r, 400, "bad-json", NULL, "the body is no JSON: line %d, column %d: %s",
                     error.line, error.column, error.text);
    else if (!json_is_object(r->json))
        request_fail(r, 400, "bad-json", NULL, "the body must be a JSON object {...}");
    return json_is_object(r->json);
}

/* It is all there. */
static void run(struct link *link)
{
    struct request *r = link->request;
    link->is_running = true;
    if (r->status == 0 && (r->route->body != BODY_JSON || read_json(r)))
        r->route->run(r);
    if (r->status != 0)
        link_wake(link);
}

/* Over the network: whose token is it?  NULL after an answer. */
static struct token *token_of(struct link *link)
{
    struct admin *a = link->admin;
    struct token *token = tokens_match(&a->tokens, link->head.bearer);
    if (token != NULL) {
        link->request->who = token->name;
        token->used_at_ms = admin_now(a).utc_ms;
        return token;
    }
    refuse(link, 401, "no-token",
           link->head.bearer[0] == '\0'
               ? "a token is needed: Authorization: Bearer TOKEN (noxctl --token-file F or "
                 "$NOX_TOKEN; 'noxctl token add' on the machine of noxd makes one)"
               : "nobody has this token; 'noxctl token list' on the machine of noxd shows who has "
                 "one");
    admin_note_refusal(a, "a request over https without a valid token was refused");
    return NULL;
}

/* Is it this token's business?  false after an answer. */
static bool may_use(struct link *link, const struct token *token)
{
    char text[300];
    const struct request *r = link->request;
    bool names_node = strncmp(r->route->path, "/v1/grid/{node}", 15) == 0;
    if (token_may(token, r->route->method, r->route->path, names_node ? r->param[0] : NULL))
        return true;
    snprintf(text, sizeof(text),
             "the token %s (role %s%s%s) may not %s %.80s; 'noxctl token add' makes one that may",
             token->name, token->role, token->node[0] != '\0' ? ", node " : "", token->node,
             r->route->method, r->route->path);
    refuse(link, 403, "not-allowed", text);
    admin_note_refusal(link->admin, text);
    return false;
}

/* What the head asks for. @return false: out of memory */
static bool look_at_head(struct link *link)
{
    struct request *r = link->request;
    const struct token *token = NULL;
    if (link->who == NULL && (token = token_of(link)) == NULL)
        return true;
    bool good = find_route(r, &link->head) && (token == NULL || may_use(link, token)) &&
                read_query(r, &link->head);
    if (!good && r->status == 0)
        return false;
    expect_body(link);
    return true;
}

static bool begin_request(struct link *link)
{
    struct admin *a = link->admin;
    link->request = request_new(a, link);
    if (link->request == NULL)
        return false;
    snprintf(link->request->why, sizeof(link->request->why), "%s", link->head.why);
    link->must_close = !link->head.keep_alive;
    if (a->closing)
        refuse(link, 503, "stopping", "noxd is stopping");
    else if (a->n_links > LINKS_MAX)
        refuse(link, 503, "overloaded", "too many connections; close some");
    else
        return look_at_head(link);
    return true;
}

static bool body_grow(struct link *link, size_t needed)
{
    struct request *r = link->request;
    if (needed <= link->body_room)
        return true;
    size_t room = 2 * needed < link->body_expected ? 2 * needed : link->body_expected;
    char *grown = realloc(r->body, room);
    if (grown == NULL)
        return false;
    r->body = grown;
    link->admin->body_bytes += room - link->body_room;
    link->body_room = room;
    return true;
}

/* @return bytes used; *ret_good false: out of memory */
static size_t take_body(struct link *link, const char *bytes, size_t n, bool *ret_good)
{
    struct request *r = link->request;
    size_t missing = link->body_expected - r->body_len;
    size_t take = n < missing ? n : missing;
    *ret_good = take == 0 || body_grow(link, r->body_len + take);
    if (take > 0 && *ret_good) {
        memcpy(r->body + r->body_len, bytes, take);
        r->body_len += take;
    }
    return take;
}

/* One head out of `in`. @return false: end the connection */
static bool take_head(struct link *link, bool *ret_is_whole)
{
    size_t used = 0;
    struct http_fault fault;
    enum http_rc rc = http_head_read(link->in.data, link->in.len, &link->head, &used, &fault);
    *ret_is_whole = rc == HTTP_OK;
    if (rc == HTTP_MORE)
        return true;
    if (rc == HTTP_BAD) {
        link->request = request_new(link->admin, link);
        if (link->request == NULL)
            return false;
        refuse(link, fault.status, fault.code, fault.text);
        return true;
    }
    memmove(link->in.data, link->in.data + used, link->in.len - used);
    ocpp_text_truncate(&link->in, link->in.len - used);
    return begin_request(link);
}

/* The body, as far as it stands in `in`; then the route. */
static bool take_rest(struct link *link)
{
    bool good;
    size_t used = take_body(link, link->in.data, link->in.len, &good);
    memmove(link->in.data, link->in.data + used, link->in.len - used);
    ocpp_text_truncate(&link->in, link->in.len - used);
    if (good && link->request->body_len == link->body_expected)
        run(link);
    return good;
}

/* As many steps as there are bytes for.  A request is answered before the next is looked at. */
static bool advance(struct link *link)
{
    bool is_whole = true;
    while (is_whole && (link->request == NULL || is_receiving(link))) {
        if (link->request == NULL) {
            if (link->in.len == 0)
                return true;
            if (!take_head(link, &is_whole))
                return false;
        }
        if (is_receiving(link)) {
            if (!take_rest(link))
                return false;
            is_whole = link->is_running;
        }
    }
    if (link->owes_continue && is_receiving(link))
        link_wake(link);
    return true;
}

bool link_take(struct link *link, const char *bytes, size_t n)
{
    bool good = true;
    link->moved += n;
    if (is_receiving(link)) { /* large bodies do not go through `in` */
        size_t used = take_body(link, bytes, n, &good);
        bytes += used;
        n -= used;
    }
    if (link->is_over || (link->must_close && link->is_running))
        return good; /* the last answer is on its way */
    if (link->in.len + n > AHEAD_MAX)
        return false;
    ocpp_text_append(&link->in, bytes, n);
    return good && !link->in.failed && advance(link);
}

/* --- an answer goes out --- */

static bool is_streamed(const struct request *r)
{
    return r->stream != NULL && r->status == 200;
}

static size_t put_head(const struct link *link, char *out, size_t size)
{
    const struct request *r = link->request;
    size_t n = (size_t)snprintf(out, size,
                                "HTTP/1.1 %d %s\r\nserver: noxd\r\ncontent-type: %s\r\n"
                                "cache-control: no-store\r\n",
                                r->status, http_status_text(r->status), r->content_type);
    if (is_streamed(r))
        n += (size_t)snprintf(out + n, size - n, "transfer-encoding: chunked\r\n");
    else
        n += (size_t)snprintf(out + n, size - n, "content-length: %zu\r\n", r->out.len);
    if (r->file_name[0] != '\0')
        n += (size_t)snprintf(out + n, size - n,
                              "content-disposition: attachment; filename=\"%s\"\r\n", r->file_name);
    if (r->allow[0] != '\0')
        n += (size_t)snprintf(out + n, size - n, "allow: %s\r\n", r->allow);
    n += (size_t)snprintf(out + n, size - n, "%s\r\n",
                          link->must_close ? "connection: close\r\n" : "");
    return n;
}

static size_t fill_text(struct link *link, char *out)
{
    const struct request *r = link->request;
    size_t n = link->head_sent ? 0 : put_head(link, out, HEAD_ROOM);
    size_t rest = r->head_only ? 0 : r->out.len - link->written;
    size_t take = rest < LINK_PIECE_BYTES ? rest : LINK_PIECE_BYTES;
    if (take > 0)
        memcpy(out + n, r->out.data + link->written, take);
    link->written += take;
    link->all_sent = take == rest;
    return n + take;
}

/* "00ffff\r\n", always 8 bytes, so that the piece can be read to its place at once. */
static void put_size(char out[8], size_t size)
{
    for (int i = 5; i >= 0; i--, size >>= 4)
        out[i] = "0123456789abcdef"[size & 15];
    memcpy(out + 6, "\r\n", 2);
}

/* A piece as a chunk; the one of length 0 ends it, so that a cut can be told from an end. */
static bool fill_chunk(struct link *link, char *out, size_t *ret_n)
{
    const struct request *r = link->request;
    size_t n = link->head_sent ? 0 : put_head(link, out, HEAD_ROOM);
    char *piece = out + n;
    bool ended = r->stream->ended; /* asked first: all that was written is in the pipe by then */
    size_t got = r->head_only ? 0 : pipe_read(r->stream->pipe, piece + 8, LINK_PIECE_BYTES);
    link->all_sent = r->head_only || (ended && got < LINK_PIECE_BYTES);
    if (link->all_sent && ended && r->stream->rc != STORE_OK)
        return false; /* cut: the reader must not take it for complete */
    if (got > 0) {
        put_size(piece, got);
        memcpy(piece + 8 + got, "\r\n", 2);
        n += 8 + got + 2;
    }
    if (link->all_sent && !r->head_only) {
        memcpy(out + n, "0\r\n\r\n", 5);
        n += 5;
    }
    *ret_n = n;
    return true;
}

/* A stream has its status when its first piece comes, or its end. */
static void find_status(struct request *r)
{
    if (r->stream == NULL || r->status != 0)
        return;
    bool has_piece = pipe_is_ready(r->stream->pipe);
    if (has_piece || (r->stream->ended && r->stream->rc == STORE_OK))
        r->status = 200;
    else if (r->stream->ended)
        request_fail_rc(r, r->stream->rc, NULL, r->stream->text);
}

bool link_fill(struct link *link, char *buffer, size_t *ret_n)
{
    struct request *r = link->request;
    *ret_n = 0;
    if (link->is_over)
        return false;
    if (link->owes_continue && is_receiving(link)) {
        link->owes_continue = false;
        *ret_n = (size_t)snprintf(buffer, LINK_FILL_BYTES, "HTTP/1.1 100 Continue\r\n\r\n");
        return true;
    }
    if (r == NULL || !link->is_running)
        return true;
    find_status(r);
    if (r->status == 0)
        return true;
    if (is_streamed(r)) {
        if (link->head_sent && !link_has_news(link))
            return true; /* the worker is looking for more */
        if (!fill_chunk(link, buffer, ret_n))
            return false;
    } else {
        *ret_n = fill_text(link, buffer);
    }
    link->head_sent = true;
    link->moved += *ret_n;
    return true;
}

bool link_wrote(struct link *link)
{
    if (!link->all_sent) {
        if (link->request != NULL && link->is_running)
            link_wake(link);
        return true;
    }
    end_request(link);
    if (!link->must_close)
        return advance(link);
    link->is_over = true;
    link_wake(link); /* comes when the last piece has left this process */
    return true;
}

bool link_has_news(const struct link *link)
{
    const struct request *r = link->request;
    return r != NULL && r->stream != NULL && (r->stream->ended || pipe_is_ready(r->stream->pipe));
}

/* --- time --- */

static int patience_s(const struct link *link)
{
    const struct request *r = link->request;
    if (r == NULL)
        return link->in.len > 0 ? RECEIVE_MAX_S : IDLE_MAX_S;
    if (!link->is_running)
        return RECEIVE_MAX_S;
    if (r->status == 0 || (is_streamed(r) && !link_has_news(link)))
        return INT32_MAX; /* it waits for us */
    return r->stream != NULL && work_waiting(link->admin->streams) > 0 ? HOLD_MAX_S : WRITE_MAX_S;
}

bool link_tick(struct link *link)
{
    link->still_s = link->moved == link->seen ? link->still_s + 1 : 0;
    link->seen = link->moved;
    return link->still_s < patience_s(link);
}
