/*
 * HTTP on the Unix socket: requests are put together here, and answers written piece by piece.
 *
 * The one place of libwebsockets in this folder.  All on the loop's thread; everything is written
 * from its callback, one write each, so that a reader that is slow or gone harms nobody.
 */
#include "cmd/noxd/admin.h"

#include <errno.h>
#include <libwebsockets.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "cmd/noxd/admin_state.h"
#include "cmd/noxd/route.h"

enum {
    QUESTION_THREADS = 2,
    STREAM_THREADS = 4,
    LINKS_MAX = 1000,
    PIECE_BYTES = 65536,
    HEAD_ROOM = 512,
    QUERY_BYTES_MAX = 1024,
    BODY_MAX = 256 * 1024,
    FILE_MAX = 64 * 1024 * 1024,
    BODIES_MAX = 160 * 1024 * 1024, /* all that are being received */
    WRITE_TIMEOUT_S = 120,
    STALL_MAX_S = 10, /* while others wait for a thread */
    KEEP_ALIVE_S = 60,
    TICK_US = 1000000,
};

struct link {
    struct lws *wsi; /* NULL: not in the list */
    struct link *prev, *next;
    struct request *request;
    size_t body_expected, body_room;
    size_t written;                 /* of request->out */
    uint64_t bytes_out, bytes_seen; /* of all; the second as of the last look */
    int stalled_s;
    bool head_sent, must_close;
};

struct server {
    struct admin admin; /* first, so that one is the other */
    lws_sorted_usec_list_t tick;
    unsigned char *buffer; /* LWS_PRE, head, one piece, chunk framing */
};

static struct server *server_of(struct admin *a)
{
    return (struct server *)a;
}

void admin_unref(struct admin *a)
{
    if (--a->refs > 0)
        return;
    free(server_of(a)->buffer);
    free(a);
}

struct instant admin_now(const struct admin *a)
{
    return loop_now(a->options.loop);
}

/* libwebsockets reads nothing between a request and the end of its answer, but is woken for what
 * could be read all the time (the next request, the end of the connection).  So while an answer
 * takes its time the socket is not listened to; look_at_links() sees who has left. */
static void link_rest(struct link *link)
{
    lws_set_timeout(link->wsi, NO_PENDING_TIMEOUT, 0);
    lws_rx_flow_control(link->wsi, 0);
}

/* It writes nothing, either, while it does not listen. */
void link_wake(struct link *link)
{
    lws_rx_flow_control(link->wsi, 1);
    lws_callback_on_writable(link->wsi);
}

static void link_attach(struct admin *a, struct link *link, struct lws *wsi)
{
    if (link->wsi != NULL)
        return;
    *link = (struct link){ .wsi = wsi, .next = a->links };
    if (a->links != NULL)
        a->links->prev = link;
    a->links = link;
    a->n_links++;
}

static void end_request(struct admin *a, struct link *link)
{
    struct request *r = link->request;
    if (r == NULL)
        return;
    a->body_bytes -= link->body_room;
    link->body_room = link->body_expected = link->written = 0;
    link->stalled_s = 0;
    link->head_sent = false;
    link->request = NULL;
    request_leave(r);
}

static void link_detach(struct admin *a, struct link *link)
{
    if (link->wsi == NULL)
        return;
    end_request(a, link);
    if (link->prev != NULL)
        link->prev->next = link->next;
    else
        a->links = link->next;
    if (link->next != NULL)
        link->next->prev = link->prev;
    a->n_links--;
    *link = (struct link){ .wsi = NULL };
}

/* The rest of the body is to come. */
static bool is_receiving(const struct link *link)
{
    return link->request->status == 0 && link->request->body_len < link->body_expected;
}

/* --- the answer's way out --- */

static const char *status_text(int status)
{
    static const struct {
        int status;
        const char *text;
    } texts[] = {
        { 200, "OK" },
        { 400, "Bad Request" },
        { 403, "Forbidden" },
        { 404, "Not Found" },
        { 405, "Method Not Allowed" },
        { 409, "Conflict" },
        { 411, "Length Required" },
        { 413, "Content Too Large" },
        { 422, "Unprocessable Content" },
        { 500, "Internal Server Error" },
        { 502, "Bad Gateway" },
        { 503, "Service Unavailable" },
        { 504, "Gateway Timeout" },
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        if (texts[i].status == status)
            return texts[i].text;
    return "";
}

static size_t put_head(const struct link *link, char *out, size_t size)
{
    const struct request *r = link->request;
    size_t n = (size_t)snprintf(out, size,
                                "HTTP/1.1 %d %s\r\nserver: noxd\r\ncontent-type: %s\r\n"
                                "cache-control: no-store\r\n",
                                r->status, status_text(r->status), r->content_type);
    if (r->stream != NULL && r->stream->pipe != NULL && r->status == 200)
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

static int finish(struct admin *a, struct link *link)
{
    struct lws *wsi = link->wsi;
    bool must_close = link->must_close;
    end_request(a, link);
    if (must_close)
        return -1;
    return lws_http_transaction_completed(wsi) ? -1 : 0;
}

/* One write: what stands in the buffer. */
static int write_piece(struct admin *a, struct link *link, size_t n, bool last)
{
    unsigned char *bytes = server_of(a)->buffer + LWS_PRE;
    if (n > 0 && lws_write(link->wsi, bytes, n, last ? LWS_WRITE_HTTP_FINAL : LWS_WRITE_HTTP) < 0)
        return -1;
    link->bytes_out += n;
    lws_set_timeout(link->wsi, PENDING_TIMEOUT_HTTP_CONTENT, WRITE_TIMEOUT_S);
    if (last)
        return finish(a, link);
    return 0;
}

static int write_text(struct admin *a, struct link *link)
{
    struct request *r = link->request;
    char *out = (char *)server_of(a)->buffer + LWS_PRE;
    size_t n = link->head_sent ? 0 : put_head(link, out, HEAD_ROOM);
    size_t rest = r->head_only ? 0 : r->out.len - link->written;
    size_t take = rest < PIECE_BYTES ? rest : PIECE_BYTES;
    memcpy(out + n, r->out.data + link->written, take);
    link->written += take;
    link->head_sent = true;
    if (take < rest)
        lws_callback_on_writable(link->wsi);
    return write_piece(a, link, n + take, take == rest);
}

/* "00ffff\r\n", always 8 bytes, so that the piece can be read to its place at once. */
static void put_size(char out[8], size_t size)
{
    for (int i = 5; i >= 0; i--, size >>= 4)
        out[i] = "0123456789abcdef"[size & 15];
    memcpy(out + 6, "\r\n", 2);
}

/* A piece as a chunk; the one of length 0 ends it, so that a cut can be told from an end. */
static int write_chunk(struct admin *a, struct link *link)
{
    struct request *r = link->request;
    char *out = (char *)server_of(a)->buffer + LWS_PRE;
    size_t n = link->head_sent ? 0 : put_head(link, out, HEAD_ROOM);
    char *framing = out + n;
    bool ended = r->stream->ended; /* asked first: what comes after is in the pipe by then */
    size_t got = r->head_only ? 0 : pipe_read(r->stream->pipe, framing + 8, PIECE_BYTES);
    bool last = r->head_only || (ended && got < PIECE_BYTES);
    if (got > 0) {
        put_size(framing, got);
        memcpy(framing + 8 + got, "\r\n", 2);
        n += 8 + got + 2;
    }
    if (last && ended && r->stream->rc != STORE_OK)
        return -1; /* cut: the reader must not take it for complete */
    if (last && !r->head_only) {
        memcpy(out + n, "0\r\n\r\n", 5);
        n += 5;
    }
    if (n > 0 || last) {
        link->head_sent = true;
        lws_callback_on_writable(link->wsi);
        return write_piece(a, link, n, last);
    }
    link_rest(link); /* the worker is looking for more */
    return 0;
}

static int on_writeable(struct admin *a, struct link *link)
{
    struct request *r = link->request;
    if (r == NULL)
        return 0;
    if (r->stream != NULL && r->status == 0) {
        if (r->stream->ended && r->stream->rc != STORE_OK && !pipe_is_ready(r->stream->pipe))
            request_fail_rc(r, r->stream->rc, NULL, r->stream->text);
        else if (r->stream->ended || pipe_is_ready(r->stream->pipe))
            r->status = 200;
    }
    if (r->status == 0)
        return 0;
    return r->stream != NULL && r->status == 200 ? write_chunk(a, link) : write_text(a, link);
}

/* --- the request's way in --- */

/* For what is wrong before the body has been read: the rest of the stream is not understood. */
static int refuse(struct link *link, int status, const char *code, const char *text)
{
    link->must_close = true;
    request_fail(link->request, status, code, NULL, "%s", text);
    return 0;
}

static int run(struct link *link)
{
    struct request *r = link->request;
    json_error_t error;
    if (r->status != 0) {
        link_wake(link);
        return 0;
    }
    link_rest(link);
    if (r->route->body == BODY_JSON) {
        r->json = r->body_len > 0 ? json_loadb(r->body, r->body_len, JSON_REJECT_DUPLICATES, &error)
                                  : json_object();
        if (r->json == NULL) {
            request_fail(r, 400, "bad-json", NULL, "the body is no JSON: line %d, column %d: %s",
                         error.line, error.column, error.text);
            return 0;
        }
        if (!json_is_object(r->json)) {
            request_fail(r, 400, "bad-json", NULL, "the body must be a JSON object {...}");
            return 0;
        }
    }
    r->route->run(r);
    return 0;
}

static const char *method_of(struct lws *wsi, char **ret_path)
{
    static const struct {
        int id;
        const char *name;
    } methods[] = { { LWSHUMETH_GET, "GET" },        { LWSHUMETH_HEAD, "HEAD" },
                    { LWSHUMETH_POST, "POST" },      { LWSHUMETH_PUT, "PUT" },
                    { LWSHUMETH_PATCH, "PATCH" },    { LWSHUMETH_DELETE, "DELETE" },
                    { LWSHUMETH_OPTIONS, "OPTIONS" } };
    int len;
    int id = lws_http_get_uri_and_method(wsi, ret_path, &len);
    for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
        if (methods[i].id == id)
            return methods[i].name;
    return "";
}

static bool add_query(struct request *r, const char *text)
{
    const char *equals = strchr(text, '=');
    size_t len = equals != NULL ? (size_t)(equals - text) : strlen(text);
    char name[64], nearest[32];
    snprintf(name, sizeof(name), "%.*s", (int)(len < 60 ? len : 60), text);
    if (!route_takes_query(r->route, name) || r->n_query == QUERY_MAX) {
        bool similar = route_query_nearest(r->route, name, nearest);
        request_fail(r, 400, "bad-query", name, "%s is no parameter of this path%s%s%s%s", name,
                     similar ? "; did you mean " : "", similar ? nearest : "",
                     !similar && r->route->query[0] != '\0' ? "; it takes: " : "",
                     !similar ? r->route->query : "");
        return false;
    }
    struct query_item *item = &r->query[r->n_query++];
    item->name = strdup(name);
    item->value = strdup(equals != NULL ? equals + 1 : "1");
    return item->name != NULL && item->value != NULL;
}

static bool read_query(struct lws *wsi, struct request *r)
{
    char text[QUERY_BYTES_MAX];
    for (int i = 0; lws_hdr_fragment_length(wsi, WSI_TOKEN_HTTP_URI_ARGS, i) > 0; i++) {
        int n = lws_hdr_copy_fragment(wsi, text, sizeof(text), WSI_TOKEN_HTTP_URI_ARGS, i);
        if (n < 0) {
            request_fail(r, 400, "bad-query", NULL, "a parameter is longer than %d bytes",
                         QUERY_BYTES_MAX - 1);
            return false;
        }
        if (n > 0 && !add_query(r, text))
            return false;
    }
    return true;
}

static bool find_route(struct request *r, const char *method, const char *path)
{
    if (strcmp(method, "HEAD") == 0) {
        r->head_only = true;
        method = "GET";
    }
    char clean[QUERY_BYTES_MAX];
    size_t len = strlen(path);
    if (len > 1 && path[len - 1] == '/')
        len--; /* a slash at the end is tolerated */
    snprintf(clean, sizeof(clean), "%.*s", (int)(len < sizeof(clean) ? len : sizeof(clean) - 1),
             path);
    enum route_match match = route_find(method, clean, &r->route, r->param, r->allow);
    if (match == ROUTE_FOUND)
        return true;
    const char *nearest = route_nearest(clean);
    if (match == ROUTE_NO_METHOD)
        request_fail(r, 405, "method-not-allowed", NULL, "%.100s takes %s, not %s", clean, r->allow,
                     method);
    else if (nearest != NULL)
        request_fail(r, 404, "no-such-path", NULL, "there is no %.100s; did you mean %s?", clean,
                     nearest);
    else
        request_fail(r, 404, "no-such-path", NULL,
                     "there is no %.100s; GET /v1 lists what there is", clean);
    return false;
}

/* @return false when it is refused */
static bool expect_body(struct admin *a, struct link *link)
{
    char text[40], *end;
    struct request *r = link->request;
    size_t max = r->route != NULL && r->route->body == BODY_FILE ? FILE_MAX : BODY_MAX;
    if (lws_hdr_total_length(link->wsi, WSI_TOKEN_HTTP_TRANSFER_ENCODING) > 0) {
        refuse(link, 411, "length-required", "say how long the body is: send Content-Length");
        return false;
    }
    if (lws_hdr_total_length(link->wsi, WSI_TOKEN_HTTP_CONTENT_LENGTH) == 0)
        return true;
    int n = lws_hdr_copy(link->wsi, text, sizeof(text), WSI_TOKEN_HTTP_CONTENT_LENGTH);
    unsigned long long length = n > 0 ? strtoull(text, &end, 10) : 0;
    if (n <= 0 || *end != '\0' || text[0] == '-') {
        refuse(link, 400, "bad-request", "Content-Length must be a number");
        return false;
    }
    if (length > max) {
        link->must_close = true;
        request_fail(r, 413, "too-large", NULL, "the body may have at most %zu bytes; %s", max,
                     max == FILE_MAX ? "split the file" : "only POST /v1/apply takes more");
        return false;
    }
    if (length > 0 && a->body_bytes + length > BODIES_MAX) {
        refuse(link, 503, "overloaded", "too much is being sent at once; try again");
        return false;
    }
    link->body_expected = (size_t)length;
    return true;
}

static int on_request(struct admin *a, struct link *link)
{
    char *path = NULL;
    const char *method = method_of(link->wsi, &path);
    end_request(a, link);
    link->must_close = false;
    link->request = request_new(a, link);
    if (link->request == NULL || path == NULL)
        return -1;
    struct request *r = link->request;
    if (a->closing)
        return refuse(link, 503, "stopping", "noxd is stopping");
    if (a->n_links > LINKS_MAX)
        return refuse(link, 503, "overloaded", "too many connections; close some");
    bool good = find_route(r, method, path) && read_query(link->wsi, r);
    if (!expect_body(a, link))
        return 0;
    if (!good) /* told already; what follows is read and thrown away */
        link->must_close = link->body_expected > 0;
    return link->body_expected > 0 ? 0 : run(link);
}

static bool body_grow(struct admin *a, struct link *link, size_t needed)
{
    struct request *r = link->request;
    if (needed <= link->body_room)
        return true;
    size_t room = 2 * needed < link->body_expected ? 2 * needed : link->body_expected;
    char *grown = realloc(r->body, room);
    if (grown == NULL)
        return false;
    r->body = grown;
    a->body_bytes += room - link->body_room;
    link->body_room = room;
    return true;
}

static int on_body(struct admin *a, struct link *link, const char *bytes, size_t n)
{
    struct request *r = link->request;
    if (r == NULL || r->status != 0 || n == 0)
        return 0; /* answered: not wanted */
    if (n > link->body_expected - r->body_len)
        return 0; /* more than was announced: belongs to nothing */
    if (!body_grow(a, link, r->body_len + n))
        return -1;
    memcpy(r->body + r->body_len, bytes, n);
    r->body_len += n;
    return 0;
}

static int on_body_end(struct link *link)
{
    struct request *r = link->request;
    if (r == NULL || link->body_expected == 0 || r->body_len != link->body_expected)
        return 0; /* ran at once, or was refused */
    return run(link);
}

static int on_http(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
                   size_t len)
{
    struct lws_vhost *vhost = wsi != NULL ? lws_get_vhost(wsi) : NULL;
    struct admin *a = vhost != NULL ? lws_vhost_user(vhost) : NULL;
    struct link *link = user;
    switch (reason) {
    case LWS_CALLBACK_HTTP:
        link_attach(a, link, wsi);
        return on_request(a, link);
    case LWS_CALLBACK_HTTP_BODY:
        return on_body(a, link, in, len);
    case LWS_CALLBACK_HTTP_BODY_COMPLETION:
        return on_body_end(link);
    case LWS_CALLBACK_HTTP_WRITEABLE:
        return on_writeable(a, link);
    case LWS_CALLBACK_HTTP_CONFIRM_UPGRADE:
        return -1; /* no websockets here */
    case LWS_CALLBACK_HTTP_DROP_PROTOCOL:
    case LWS_CALLBACK_CLOSED_HTTP:
        if (a != NULL && link != NULL)
            link_detach(a, link);
        return 0;
    case LWS_CALLBACK_PROTOCOL_DESTROY:
        if (a != NULL && a->vhost != NULL) {
            lws_sul_schedule(lws_get_context(wsi), 0, &server_of(a)->tick, NULL,
                             LWS_SET_TIMER_USEC_CANCEL);
            a->vhost = NULL;
            admin_unref(a);
        }
        return 0;
    default:
        return 0;
    }
}

static const struct lws_protocols protocols[] = {
    { .name = "http",
      .callback = on_http,
      .per_session_data_size = sizeof(struct link),
      .rx_buffer_size = 16384,
      .tx_packet_size = HEAD_ROOM + PIECE_BYTES + 16 },
    { .name = NULL },
};

/* --- begin and end --- */

/* Once a second: whose answer does not get on? */
static void count_stall(struct link *link)
{
    bool stalled = link->request->status != 0 && link->bytes_out == link->bytes_seen;
    link->stalled_s = stalled ? link->stalled_s + 1 : 0;
    link->bytes_seen = link->bytes_out;
}

/* Who has gone away while the answer takes its time; who sends the next request without taking the
 * answer to the last one (which would keep the loop awake for nothing); who holds a thread that
 * others wait for. */
static bool is_to_end(const struct admin *a, const struct link *link)
{
    struct pollfd fd = { .fd = (int)lws_get_socket_fd(link->wsi), .events = POLLIN };
    if (link->stalled_s >= STALL_MAX_S && link->request->stream != NULL &&
        work_waiting(a->streams) > 0)
        return true;
    if (poll(&fd, 1, 0) != 1)
        return false;
    return (fd.revents & POLLHUP) != 0 || (link->stalled_s > 1 && (fd.revents & POLLIN) != 0);
}

static void look_at_links(struct admin *a)
{
    for (struct link *link = a->links; link != NULL; link = link->next) {
        if (link->request == NULL || is_receiving(link))
            continue;
        count_stall(link);
        if (is_to_end(a, link))
            lws_set_timeout(link->wsi, PENDING_TIMEOUT_HTTP_CONTENT, LWS_TO_KILL_ASYNC);
    }
}

static void on_tick(lws_sorted_usec_list_t *tick)
{
    struct server *server = lws_container_of(tick, struct server, tick);
    look_at_links(&server->admin);
    admin_waiters_tick(&server->admin);
    lws_sul_schedule(loop_context(server->admin.options.loop), 0, tick, on_tick, TICK_US);
}

static void wake(void *arg)
{
    struct admin *a = arg;
    loop_wake(a->options.loop);
}

/* A file may lie there from before; a socket that answers is another noxd. */
static bool socket_is_free(const char *path, char *ret_text, size_t size)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    if (strlen(path) >= sizeof(address.sun_path)) {
        snprintf(ret_text, size,
                 "%s is too long for a socket (%zu characters at most): choose a "
                 "shorter --data",
                 path, sizeof(address.sun_path) - 1);
        return false;
    }
    memcpy(address.sun_path, path, strlen(path) + 1);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool answers = fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0;
    if (fd >= 0)
        close(fd);
    if (answers)
        snprintf(ret_text, size, "%s is in use: another noxd runs with this --data", path);
    return !answers;
}

static bool vhost_new(struct admin *a, char *ret_text, size_t size)
{
    struct lws_context_creation_info info = { 0 };
    const char *path = a->options.socket_path;
    if (!socket_is_free(path, ret_text, size))
        return false;
    info.options = LWS_SERVER_OPTION_UNIX_SOCK | LWS_SERVER_OPTION_FAIL_UPON_UNABLE_TO_BIND;
    info.iface = path;
    info.vhost_name = "admin";
    info.protocols = protocols;
    info.user = a;
    info.keepalive_timeout = KEEP_ALIVE_S;
    mode_t before = umask(0177);
    a->vhost = lws_create_vhost(loop_context(a->options.loop), &info);
    umask(before);
    if (a->vhost == NULL || chmod(path, 0600) != 0) {
        snprintf(ret_text, size, "%s cannot be made: %s", path, strerror(errno));
        return false;
    }
    a->refs++;
    return true;
}

static enum store_rc read_schema_version(struct question *q, struct reader *db)
{
    struct reader_counts counts;
    enum store_rc rc = reader_counts(db, &counts);
    if (rc == STORE_OK)
        ocpp_text_append_int(&q->out, counts.schema_version);
    return rc;
}

static void keep_schema_version(struct request *r, struct question *q)
{
    if (q->rc == STORE_OK)
        r->admin->schema_version = (int32_t)strtol(q->out.data, NULL, 10);
}

/* Nobody's request: what status tells of the database. */
static void ask_schema_version(struct admin *a)
{
    struct request *r = request_new(a, NULL);
    if (r == NULL)
        return;
    request_ask(r, read_schema_version, keep_schema_version, NULL);
    request_unref(r);
}

struct admin *admin_new(const struct admin_options *options, char *ret_text, size_t size)
{
    struct server *server = calloc(1, sizeof(*server));
    struct admin *a = &server->admin;
    if (server == NULL) {
        snprintf(ret_text, size, "out of memory");
        return NULL;
    }
    a->options = *options;
    a->refs = 1;
    a->started_at_ms = admin_now(a).utc_ms;
    a->started_mono_ms = admin_now(a).mono_ms;
    server->buffer = malloc(LWS_PRE + HEAD_ROOM + PIECE_BYTES + 16);
    a->questions = work_new(QUESTION_THREADS, wake, a);
    a->streams = work_new(STREAM_THREADS, wake, a);
    snprintf(ret_text, size, "out of memory or threads");
    if (server->buffer == NULL || a->questions == NULL || a->streams == NULL ||
        !vhost_new(a, ret_text, size)) {
        admin_free(a);
        return NULL;
    }
    lws_sul_schedule(loop_context(options->loop), 0, &server->tick, on_tick, TICK_US);
    ask_schema_version(a);
    return a;
}

void admin_free(struct admin *a)
{
    if (a == NULL)
        return;
    a->closing = true;
    for (struct link *link = a->links; link != NULL; link = link->next) {
        end_request(a, link);
        lws_set_timeout(link->wsi, PENDING_TIMEOUT_CLOSE_SEND, LWS_TO_KILL_ASYNC);
    }
    work_free(a->streams);
    work_free(a->questions);
    a->streams = a->questions = NULL;
    admin_changes_done(a);
    admin_unref(a);
}

void admin_on_wake(struct admin *a)
{
    if (a->closing)
        return;
    work_pump(a->questions);
    work_pump(a->streams);
    for (struct link *link = a->links; link != NULL; link = link->next)
        if (link->request != NULL && link->request->stream != NULL &&
            pipe_is_ready(link->request->stream->pipe))
            link_wake(link);
}
