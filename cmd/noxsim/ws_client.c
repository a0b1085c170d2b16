#include "cmd/noxsim/ws_client.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "cmd/noxsim/vault.h"
#include "cmd/noxsim/ws_loop.h"

enum {
    PULSE_US = 1000000, /* libwebsockets looks at its own timers when any descriptor is served */
    FILES_MAX = 65536,
    MESSAGE_MAX = 1 << 20,
    RX_BYTES = 2048,
    HTTP_BYTES = 4096,
    PATH_MAX_BYTES = 512,
};

/* One message to send, with the room in front that libwebsockets wants. */
struct message {
    struct message *next;
    size_t len;
    unsigned char room[LWS_PRE];
    char text[];
};

struct ws_link {
    struct ws *ws;
    struct lws *wsi;
    void *owner; /* NULL: nobody wants to hear of it any more */
    bool is_up, is_connecting, is_closing, is_muted;
    struct vault *vault; /* NULL = none; lent */
    bool shows_certificate;
    char *user; /* id:key, NULL = no authentication */
    size_t user_len;
    struct message *first, **last;
    char *in;
    size_t in_len, in_room;
    struct ws_link *next_muted;
    int64_t muted_until_us;
    struct ws_link *next, **at; /* of all; *at is this one */
};

int64_t ws_now_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* --- the URL --- */

static bool bad_url(char *ret_text, size_t size)
{
    snprintf(ret_text, size, "a URL looks like ws://127.0.0.1:9016/ocpp or wss://host:9017/ocpp");
    return false;
}

bool ws_url_host(const char *from, const char *to, char *ret_host, size_t size, int *ret_port)
{
    const char *end = from, *skip = from;
    if (from < to && *from == '[') {
        skip = from + 1;
        end = memchr(from, ']', (size_t)(to - from));
        if (end == NULL)
            return false;
    } else {
        end = memchr(from, ':', (size_t)(to - from));
        end = end != NULL ? end : to;
    }
    if (end == skip || (size_t)(end - skip) >= size)
        return false;
    memcpy(ret_host, skip, (size_t)(end - skip));
    ret_host[end - skip] = '\0';
    end += *end == ']';
    if (end == to)
        return true;
    char *stop;
    long port = *end == ':' ? strtol(end + 1, &stop, 10) : 0;
    *ret_port = (int)port;
    return port > 0 && port < 65536 && stop == to;
}

void ws_host_header(const char *host, int port, bool tls, char ret[WS_HOST_HEADER])
{
    bool is_v6 = strchr(host, ':') != NULL;
    int len = snprintf(ret, WS_HOST_HEADER, "%s%.127s%s", is_v6 ? "[" : "", host, is_v6 ? "]" : "");
    if (port != (tls ? 443 : 80))
        snprintf(ret + len, WS_HOST_HEADER - (size_t)len, ":%d", port);
}

bool ws_url_parse(const char *text, struct ws_url *ret_url, char *ret_text, size_t size)
{
    struct ws_url u = { .port = 80 };
    if (strncmp(text, "wss://", 6) == 0) {
        u.tls = true;
        u.port = 443;
    } else if (strncmp(text, "ws://", 5) != 0) {
        return bad_url(ret_text, size);
    }
    const char *host = text + (u.tls ? 6 : 5), *path = host + strcspn(host, "/");
    size_t path_len = strlen(path);
    while (path_len > 0 && path[path_len - 1] == '/')
        path_len--;
    if (!ws_url_host(host, path, u.host, sizeof(u.host), &u.port) || path_len >= sizeof(u.path))
        return bad_url(ret_text, size);
    memcpy(u.path, path, path_len);
    *ret_url = u;
    return true;
}

/* --- time --- */

static void arm(struct ws *ws, int64_t at_us)
{
    struct itimerspec spec = { .it_value = { .tv_sec = at_us / 1000000,
                                             .tv_nsec = at_us % 1000000 * 1000 } };
    if (timerfd_settime(ws->timer_fd, TFD_TIMER_ABSTIME, &spec, NULL) == 0)
        ws->armed_us = at_us;
}

static void cut_old_muted(struct ws *ws, int64_t now_us)
{
    struct ws_link **p = &ws->muted;
    while (*p != NULL) {
        struct ws_link *link = *p;
        if (link->muted_until_us > now_us) {
            p = &link->next_muted;
            continue;
        }
        *p = link->next_muted;
        link->is_muted = false;
        ws_cut(link);
    }
}

static void run_due(struct ws *ws)
{
    if (ws->in_due || ws->stop_wanted || ws->stopping)
        return;
    ws->in_due = true;
    int64_t next_us = ws->options.on_due(ws->options.arg);
    ws->in_due = false;
    if (ws->stop_wanted)
        return;
    int64_t now_us = ws_now_us();
    if (next_us > now_us + PULSE_US)
        next_us = now_us + PULSE_US;
    if (next_us <= now_us)
        next_us = now_us + 1;
    if (ws->armed_us <= now_us || next_us < ws->armed_us)
        arm(ws, next_us);
}

void ws_wake(struct ws *ws)
{
    run_due(ws);
}

void ws_before(struct ws *ws)
{
    ws->options.on_due(ws->options.arg);
}

void ws_after(struct ws *ws)
{
    run_due(ws);
}

/* --- sending --- */

void ws_send(struct ws_link *link, const char *text, size_t len)
{
    if (link->is_closing || link->is_muted)
        return;
    struct message *m = malloc(sizeof(*m) + len);
    if (m == NULL)
        return;
    m->next = NULL;
    m->len = len;
    memcpy(m->text, text, len);
    *link->last = m;
    link->last = &m->next;
    lws_callback_on_writable(link->wsi);
}

static int write_one(struct ws_link *link)
{
    struct message *m = link->first;
    if (link->is_closing && m == NULL) {
        lws_close_reason(link->wsi, LWS_CLOSE_STATUS_GOINGAWAY, NULL, 0);
        return -1;
    }
    if (m == NULL || link->is_muted)
        return 0;
    link->first = m->next;
    if (link->first == NULL)
        link->last = &link->first;
    int written = lws_write(link->wsi, (unsigned char *)m->text, m->len, LWS_WRITE_TEXT);
    free(m);
    if (written < 0)
        return -1;
    if (link->first != NULL || link->is_closing)
        lws_callback_on_writable(link->wsi);
    return 0;
}

void ws_close(struct ws_link *link)
{
    link->owner = NULL;
    if (!link->is_up) {
        ws_cut(link);
        return;
    }
    link->is_closing = true;
    lws_callback_on_writable(link->wsi);
}

/* The peer sees the end of the stream at once; libwebsockets notices in the next round. */
void ws_cut(struct ws_link *link)
{
    link->owner = NULL;
    link->is_closing = true;
    int fd = link->wsi != NULL ? (int)lws_get_socket_fd(link->wsi) : -1;
    if (link->is_up)
        lws_rx_flow_control(link->wsi, 1);
    if (fd >= 0)
        shutdown(fd, SHUT_RDWR);
    else
        lws_set_timeout(link->wsi, PENDING_TIMEOUT_CLOSE_SEND, LWS_TO_KILL_ASYNC);
}

void ws_mute(struct ws_link *link, int64_t hold_ms)
{
    if (!link->is_up) {
        ws_cut(link);
        return;
    }
    link->owner = NULL;
    link->is_muted = true;
    link->muted_until_us = ws_now_us() + hold_ms * 1000;
    link->next_muted = link->ws->muted;
    link->ws->muted = link;
    lws_rx_flow_control(link->wsi, 0);
}

/* --- links --- */

static void link_free(struct ws_link *link)
{
    for (struct ws_link **p = &link->ws->muted; *p != NULL; p = &(*p)->next_muted)
        if (*p == link) {
            *p = link->next_muted;
            break;
        }
    *link->at = link->next;
    if (link->next != NULL)
        link->next->at = link->at;
    while (link->first != NULL) {
        struct message *m = link->first;
        link->first = m->next;
        free(m);
    }
    free(link->in);
    free(link->user);
    free(link);
}

static void link_ended(struct ws_link *link, const char *why)
{
    struct ws *ws = link->ws;
    void *owner = link->owner;
    link->wsi = NULL;
    if (link->is_connecting) { /* ws_connect() is still on the stack and frees it */
        link->owner = NULL;
        return;
    }
    link_free(link);
    if (owner == NULL || ws->stopping)
        return;
    ws->options.on_due(ws->options.arg);
    ws->options.on_down(owner, why);
    run_due(ws);
}

/* Percent-encoded (RFC 3986). */
static void encode_id(const char *id, char *to, size_t size)
{
    static const char plain[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
    char *end = to + size - 4;
    for (; *id != '\0' && to < end; id++)
        if (strchr(plain, *id) != NULL)
            *to++ = *id;
        else
            to += snprintf(to, 4, "%%%02X", (unsigned)(unsigned char)*id);
    *to = '\0';
}

static bool keep_user(struct ws_link *link, const struct ws_login *login)
{
    size_t id_len = strlen(login->id);
    if (login->key == NULL)
        return true;
    link->user_len = id_len + 1 + login->key_len;
    link->user = malloc(link->user_len);
    if (link->user == NULL)
        return false;
    memcpy(link->user, login->id, id_len);
    link->user[id_len] = ':';
    memcpy(link->user + id_len + 1, login->key, login->key_len);
    return true;
}

struct ws_link *ws_connect(struct ws *ws, const struct ws_login *login, void *owner)
{
    char path[PATH_MAX_BYTES], host[WS_HOST_HEADER];
    struct ws_link *link = calloc(1, sizeof(*link));
    if (link == NULL)
        return NULL;
    size_t len = (size_t)snprintf(path, sizeof(path), "%s/", login->url->path);
    ws_host_header(login->url->host, login->url->port, login->url->tls, host);
    encode_id(login->id, path + len, sizeof(path) - len - 1);
    if (login->adds_slash)
        memcpy(path + strlen(path), "/", 2);
    link->ws = ws;
    link->next = ws->links;
    link->at = &ws->links;
    if (ws->links != NULL)
        ws->links->at = &link->next;
    ws->links = link;
    link->owner = owner;
    link->last = &link->first;
    link->vault = login->vault;
    link->shows_certificate = login->shows_certificate;
    link->is_connecting = true;
    struct lws_client_connect_info info = { .context = ws->context,
                                            .vhost = ws->vhost,
                                            .address = login->url->host,
                                            .port = login->url->port,
                                            .path = path,
                                            .host = host,
                                            .origin = login->url->host,
                                            .protocol = login->offers_nothing ? NULL : "ocpp1.6",
                                            .local_protocol_name = "ocpp1.6",
                                            .ietf_version_or_minus_one = -1,
                                            .opaque_user_data = link,
                                            .pwsi = &link->wsi };
    info.ssl_connection = login->url->tls ? LCCSCF_USE_SSL : 0;
    struct lws *wsi = keep_user(link, login) ? lws_client_connect_via_info(&info) : NULL;
    link->is_connecting = false;
    if (wsi == NULL || link->owner == NULL) { /* no callback knows the link any more */
        link_free(link);
        return NULL;
    }
    return link;
}

static int append_authorization(struct ws_link *link, struct lws *wsi, unsigned char **at,
                                size_t room)
{
    char value[400];
    if (link->user == NULL)
        return 0;
    int scheme = snprintf(value, sizeof(value), "Basic ");
    int n = lws_b64_encode_string(link->user, (int)link->user_len, value + scheme,
                                  (int)sizeof(value) - scheme);
    return n < 0 || lws_add_http_header_by_token(wsi, WSI_TOKEN_HTTP_AUTHORIZATION,
                                                 (unsigned char *)value, n + scheme, at, *at + room)
               ? -1
               : 0;
}

static bool append_received(struct ws_link *link, const char *part, size_t len)
{
    if (link->in_len + len > MESSAGE_MAX)
        return false;
    if (link->in_len + len > link->in_room) {
        size_t room = link->in_room > 0 ? link->in_room : RX_BYTES;
        while (room < link->in_len + len)
            room *= 2;
        char *in = realloc(link->in, room);
        if (in == NULL)
            return false;
        link->in = in;
        link->in_room = room;
    }
    memcpy(link->in + link->in_len, part, len);
    link->in_len += len;
    return true;
}

static int on_received(struct ws_link *link, const char *part, size_t len)
{
    struct ws *ws = link->ws;
    if (!append_received(link, part, len))
        return -1;
    if (lws_remaining_packet_payload(link->wsi) > 0 || !lws_is_final_fragment(link->wsi))
        return 0;
    size_t message_len = link->in_len;
    link->in_len = 0;
    if (link->owner == NULL || ws->stopping)
        return 0;
    ws->options.on_due(ws->options.arg); /* what was due before the message comes first */
    if (link->owner != NULL)
        ws->options.on_text(link->owner, link->in, message_len);
    run_due(ws);
    return 0;
}

static void on_established(struct ws_link *link)
{
    struct ws *ws = link->ws;
    link->is_up = true;
    if (link->vault != NULL)
        vault_connected(link->vault, lws_get_ssl(link->wsi));
    if (link->owner == NULL) {
        ws_cut(link);
        return;
    }
    ws->options.on_due(ws->options.arg);
    if (link->owner != NULL)
        ws->options.on_up(link->owner);
    run_due(ws);
}

/* libwebsockets' log function has no argument: the sink is one for the process. */
static char last_error[120];

static void on_lws_log(int level, const char *line)
{
    (void)level;
    snprintf(last_error, sizeof(last_error), "%.*s", (int)strcspn(line, "\n"), line);
}

/* What can be done about it, for what happens most. */
static const char *remedy_of(const char *why)
{
    static const struct {
        const char *part, *remedy;
    } table[] = {
        { "unauthorized", "; is its key right (--keys)?" },
        { "not 101", "; is the station known there, does the path of --url end in /ocpp?" },
        { "SSL", "; is the server's certificate signed by one of --ca?" },
        { "Unable to connect", "; is the central system running at --url?" },
    };
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
        if (strstr(why, table[i].part) != NULL)
            return table[i].remedy;
    return "";
}

static void connection_failed(struct ws_link *link, const char *why)
{
    char text[400];
    why = why != NULL ? why : "the connection failed";
    snprintf(text, sizeof(text), "%.120s%s%s%s%s", why, last_error[0] != '\0' ? " (" : "",
             last_error, last_error[0] != '\0' ? ")" : "", remedy_of(why));
    last_error[0] = '\0';
    link_ended(link, text);
}

static int on_client(struct lws *wsi, enum lws_callback_reasons reason, void *in, size_t len)
{
    struct ws_link *link = lws_get_opaque_user_data(wsi);
    if (link == NULL)
        return 0;
    switch (reason) {
    case LWS_CALLBACK_CLIENT_APPEND_HANDSHAKE_HEADER:
        return append_authorization(link, wsi, in, len);
    case LWS_CALLBACK_CLIENT_ESTABLISHED:
        on_established(link);
        return 0;
    case LWS_CALLBACK_CLIENT_RECEIVE:
        return on_received(link, in, len);
    case LWS_CALLBACK_CLIENT_WRITEABLE:
        return write_one(link);
    case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
        lws_set_opaque_user_data(wsi, NULL);
        connection_failed(link, in);
        return 0;
    case LWS_CALLBACK_CLIENT_CLOSED:
        lws_set_opaque_user_data(wsi, NULL);
        link_ended(link, "the connection was closed");
        return 0;
    default:
        return 0;
    }
}

/* --- TLS of a station's own --- */

/* libwebsockets has one OpenSSL context for all clients.  What a station trusts and shows is its
 * own matter: it is set on the connection when its handshake begins. */
static void on_ssl_info(const SSL *ssl, int where, int ret)
{
    struct ws *ws = SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl));
    (void)ret;
    if ((where & SSL_CB_HANDSHAKE_START) == 0 || ws == NULL || ws->stopping)
        return;
    for (struct ws_link *link = ws->links; link != NULL; link = link->next)
        if (!link->is_up && link->wsi != NULL && lws_get_ssl(link->wsi) == ssl) {
            if (link->vault != NULL)
                vault_arm(link->vault, lws_get_ssl(link->wsi), link->shows_certificate,
                          ws->options.utc_ms(ws->options.arg));
            return;
        }
    http_arm(ws, ssl);
}

static void stop_now(struct ws *ws)
{
    ws->stopping = true;
    if (ws->uses_libev)
        lws_context_destroy(ws->context); /* the only way out of its loop; pcontext makes it NULL */
}

/* While stopping, too, what is ready is read: libwebsockets ends in an idle callback of libev,
 * which never comes while a descriptor stays ready. */
static void on_timer(struct ws *ws)
{
    uint64_t n;
    if (read(ws->timer_fd, &n, sizeof(n)) == (ssize_t)sizeof(n))
        ws->armed_us = 0;
    if (ws->stopping)
        return;
    cut_old_muted(ws, ws_now_us());
    if (!ws->stop_wanted)
        run_due(ws);
    if (ws->stop_wanted)
        stop_now(ws);
}

static void on_signal_fd(struct ws *ws)
{
    struct signalfd_siginfo info;
    while (read(ws->signal_fd, &info, sizeof(info)) == (ssize_t)sizeof(info))
        if (!ws->stopping)
            ws->options.on_signal(ws->options.arg, (int)info.ssi_signo);
}

static void on_input(struct ws *ws)
{
    if (ws->stopping)
        return;
    ws_before(ws);
    ws->options.on_input(ws->options.arg);
    ws_after(ws);
}

void ws_forget_input(struct ws *ws)
{
    if (ws->input != NULL)
        lws_rx_flow_control(ws->input, 0);
}

static int on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
                    size_t len)
{
    struct ws *ws = lws_context_user(lws_get_context(wsi));
    if (ws == NULL)
        return 0;
    if (reason == LWS_CALLBACK_OPENSSL_LOAD_EXTRA_CLIENT_VERIFY_CERTS) {
        SSL_CTX_set_app_data((SSL_CTX *)user, ws);
        SSL_CTX_set_info_callback((SSL_CTX *)user, on_ssl_info);
        return 0;
    }
    if (reason != LWS_CALLBACK_RAW_RX_FILE)
        return on_client(wsi, reason, in, len);
    if ((int)lws_get_socket_fd(wsi) == ws->signal_fd)
        on_signal_fd(ws);
    else if (ws->input == wsi)
        on_input(ws);
    else
        on_timer(ws);
    return 0;
}

static const struct lws_protocols protocols[] = {
    { .name = "noxsim-loop", .callback = on_event },
    { .name = "ocpp1.6", .callback = on_event, .rx_buffer_size = RX_BYTES },
    { .name = "noxsim-http", .callback = http_on_event, .rx_buffer_size = HTTP_BYTES },
    { .name = NULL },
};

/* --- the loop --- */

static void signals_of_ours(sigset_t *ret_set)
{
    sigemptyset(ret_set);
    sigaddset(ret_set, SIGINT);
    sigaddset(ret_set, SIGTERM);
    sigaddset(ret_set, SIGHUP);
}

void ws_prepare(void)
{
    sigset_t set;
    struct rlimit files;
    signals_of_ours(&set);
    sigprocmask(SIG_BLOCK, &set, NULL);
    signal(SIGPIPE, SIG_IGN);
    unsetenv("http_proxy"); /* libwebsockets would use it: stations connect directly */
    if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
        files.rlim_cur = files.rlim_max < FILES_MAX ? files.rlim_max : FILES_MAX;
        setrlimit(RLIMIT_NOFILE, &files);
    }
}

static bool context_new(struct ws *ws, bool libev)
{
    struct lws_context_creation_info info = { 0 };
    info.options = LWS_SERVER_OPTION_EXPLICIT_VHOSTS |
                   LWS_SERVER_OPTION_SKIP_SERVER_CANONICAL_NAME |
                   LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT; /* files come over https, too */
    if (libev)
        info.options |= LWS_SERVER_OPTION_LIBEV;
    info.user = ws;
    info.gid = info.uid = -1;
    info.pcontext = &ws->context;
    info.timeout_secs = 20;
    ws->uses_libev = libev;
    ws->context = lws_create_context(&info);
    return ws->context != NULL;
}

static bool vhost_new(struct ws *ws)
{
    static const lws_retry_bo_t idle = { .secs_since_valid_ping = 240,
                                         .secs_since_valid_hangup = 300 };
    struct lws_context_creation_info info = { 0 };
    info.port = CONTEXT_PORT_NO_LISTEN;
    info.vhost_name = "noxsim";
    info.protocols = protocols;
    info.retry_and_idle_policy = &idle;
    info.options = LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT; /* of the client's context, too */
    info.client_ssl_ca_filepath = ws->options.ca_file;
    info.alpn = "http/1.1";
    ws->vhost = lws_create_vhost(ws->context, &info);
    return ws->vhost != NULL;
}

static struct lws *adopt(struct ws *ws, int fd)
{
    lws_sock_file_fd_type descriptor = { .filefd = fd };
    return fd < 0 ? NULL
                  : lws_adopt_descriptor_vhost(ws->vhost, LWS_ADOPT_RAW_FILE_DESC, descriptor,
                                               "noxsim-loop", NULL);
}

static bool descriptors_new(struct ws *ws)
{
    sigset_t set;
    signals_of_ours(&set);
    ws->signal_fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
    ws->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    if (!adopt(ws, ws->signal_fd) || !adopt(ws, ws->timer_fd))
        return false;
    if (ws->options.on_input != NULL) {
        fcntl(STDIN_FILENO, F_SETFL, fcntl(STDIN_FILENO, F_GETFL) | O_NONBLOCK);
        ws->input = adopt(ws, STDIN_FILENO);
    }
    arm(ws, ws_now_us() + 1);
    return true;
}

/* libwebsockets asks for the name at each attempt to connect and waits for the answer: with a name
 * that nobody knows the loop would stand still, deaf to signals. */
static bool host_is_known(const char *host, char *ret_text, size_t size)
{
    struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *list = NULL;
    int error = getaddrinfo(host, NULL, &hints, &list);
    if (error == 0)
        freeaddrinfo(list);
    else
        snprintf(ret_text, size, "no address is known for %.100s: %s; is the host of --url right?",
                 host, gai_strerror(error));
    return error == 0;
}

struct ws *ws_new(const struct ws_options *options, char *ret_text, size_t size)
{
    for (size_t i = 0; i < options->n_urls; i++)
        if (!host_is_known(options->url[i].host, ret_text, size))
            return NULL;
    struct ws *ws = calloc(1, sizeof(*ws));
    if (ws == NULL) {
        snprintf(ret_text, size, "out of memory");
        return NULL;
    }
    ws->options = *options;
    ws->timer_fd = ws->signal_fd = -1;
    lws_set_log_level(LLL_ERR, on_lws_log);
    if ((!context_new(ws, true) && !context_new(ws, false)) || !vhost_new(ws) ||
        !descriptors_new(ws)) {
        snprintf(ret_text, size, "the event loop could not be made: %s", strerror(errno));
        ws_free(ws);
        return NULL;
    }
    return ws;
}

void ws_free(struct ws *ws)
{
    if (ws == NULL)
        return;
    ws->stopping = true;
    if (ws->context != NULL)
        lws_context_destroy(ws->context);
    http_free_all(ws);
    while (ws->links != NULL) /* in a TLS handshake libwebsockets does not tell of the end */
        link_free(ws->links);
    free(ws);
}

void ws_run(struct ws *ws)
{
    while (!ws->stopping && ws->context != NULL && lws_service(ws->context, 0) >= 0)
        ;
}

/* Not at once: links that are being served now must live until their callbacks return. */
void ws_stop(struct ws *ws)
{
    ws->stop_wanted = true;
    arm(ws, ws_now_us() + 1);
}
