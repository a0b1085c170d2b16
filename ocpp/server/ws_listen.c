/*
 * Listening and accepting.
 *
 * The descriptors are ours, not libwebsockets': so the backlog is as long as the kernel allows,
 * sockets are accepted at a steady rate (those that wait lose nothing), an address is named in
 * errors, and at the end the door closes before the stations are told.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ocpp/server/ws_state.h"

enum {
    BACKLOG = 65535,            /* the kernel cuts it to net.core.somaxconn */
    ACCEPTS_AT_ONCE = 32,       /* then others have their turn */
    HANDSHAKES_MAX = 2048,      /* sockets that have not upgraded yet */
    HANDSHAKE_SPARED_MS = 2000, /* younger ones are never given up for newcomers */
    PAUSE_MS = 10,
    TLS_COST = 16, /* accepts that one TLS handshake counts for */
    ACCEPT_BURST = 256,
};

/* --- opening --- */

static bool explain_bind(const struct ws_listen *listen, int error, char *ret_text, size_t size)
{
    const char *hint =
        error == EADDRINUSE ? "another program (another noxd?) listens there: end it, or choose "
                              "another port"
        : error == EACCES   ? "ports below 1024 need CAP_NET_BIND_SERVICE: choose a higher one"
        : error == EADDRNOTAVAIL ? "this machine has no such address: choose one of its own, or "
                                   "0.0.0.0 for all"
                                 : "choose another address";
    snprintf(ret_text, size, "cannot listen on %s:%d: %s (%s)", listen->address, listen->port,
             strerror(error), hint);
    return false;
}

static int socket_of(const struct addrinfo *to)
{
    int one = 1;
    int fd = socket(to->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
    /* Inherited by what is accepted: answers are short and must not wait for an acknowledgement. */
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    if (to->ai_family == AF_INET6)
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof(one));
    if (bind(fd, to->ai_addr, to->ai_addrlen) == 0 && listen(fd, BACKLOG) == 0)
        return fd;
    int error = errno;
    close(fd);
    errno = error;
    return -1;
}

static bool bind_and_listen(const struct ws_listen *listen, int *ret_fd, char *ret_text,
                            size_t size)
{
    struct addrinfo wanted = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE };
    struct addrinfo *found = NULL;
    char port[16];
    snprintf(port, sizeof(port), "%d", listen->port);
    int failed = getaddrinfo(listen->address, port, &wanted, &found);
    if (failed != 0) {
        snprintf(ret_text, size, "cannot listen on %s: %s (give an address of this machine)",
                 listen->address, gai_strerror(failed));
        return false;
    }
    int fd = socket_of(found);
    int error = errno;
    freeaddrinfo(found);
    if (fd < 0)
        return explain_bind(listen, error, ret_text, size);
    *ret_fd = fd;
    return true;
}

static void url_of(const struct ws_listener *l, const char *address, char *ret_url, size_t size)
{
    struct sockaddr_storage bound;
    socklen_t len = sizeof(bound);
    int port = 0;
    if (getsockname(l->fd, (struct sockaddr *)&bound, &len) == 0)
        port = bound.ss_family == AF_INET6 ? ntohs(((const struct sockaddr_in6 *)&bound)->sin6_port)
                                           : ntohs(((const struct sockaddr_in *)&bound)->sin_port);
    bool bracketed = strchr(address, ':') != NULL;
    snprintf(ret_url, size, "%s://%s%s%s:%d/ocpp/", l->tls ? "wss" : "ws", bracketed ? "[" : "",
             address, bracketed ? "]" : "", port);
}

static void accept_some(void *arg);

bool ws_server_listen(struct ws_server *w, const struct ws_listen *listen, char *ret_url,
                      size_t url_size, char *ret_text, size_t size)
{
    struct ws_listener *l = &w->listener[w->n_listeners];
    if (w->n_listeners == LISTENERS_MAX) {
        snprintf(ret_text, size, "at most %d listeners", LISTENERS_MAX);
        return false;
    }
    if (listen->tls && !ws_tls_start(w, ret_text, size))
        return false;
    *l = (struct ws_listener){ .server = w,
                               .watch = { .on_readable = accept_some, .arg = l },
                               .vhost = listen->tls ? w->tls_vhost : loop_vhost(w->options.loop),
                               .tls = listen->tls,
                               .fd = -1 };
    if (!bind_and_listen(listen, &l->fd, ret_text, size))
        return false;
    if (!loop_watch(w->options.loop, l->fd, &l->watch)) {
        close(l->fd);
        snprintf(ret_text, size, "out of memory");
        return false;
    }
    w->n_listeners++;
    url_of(l, listen->address, ret_url, url_size);
    return true;
}

/* --- accepting --- */

static void peer_of(const struct sockaddr_storage *from, struct in6_addr *ret_peer)
{
    memset(ret_peer, 0, sizeof(*ret_peer));
    if (from->ss_family == AF_INET6) {
        *ret_peer = ((const struct sockaddr_in6 *)from)->sin6_addr;
    } else if (from->ss_family == AF_INET) {
        ret_peer->s6_addr[10] = ret_peer->s6_addr[11] = 0xFF;
        memcpy(&ret_peer->s6_addr[12], &((const struct sockaddr_in *)from)->sin_addr, 4);
    }
}

void ws_accept_pause(struct ws_server *w, bool pause)
{
    if (w->accept_paused == pause || w->quiet)
        return;
    w->accept_paused = pause;
    w->accept_again_mono_ms = pause ? loop_now(w->options.loop).mono_ms + PAUSE_MS : INT64_MAX;
    for (size_t i = 0; i < w->n_listeners; i++)
        loop_watch_pause(&w->listener[i].watch, pause);
    if (pause)
        loop_run_due(w->options.loop); /* sets the timer that goes on */
}

/* Too many unfinished handshakes: the oldest goes if it has had its time, else newcomers wait. */
static bool has_room(struct ws_server *w, int64_t now_mono_ms)
{
    struct ws_list *list = &w->list[WS_HANDSHAKE];
    if (list->n < HANDSHAKES_MAX)
        return true;
    if (list->first->listed_mono_ms + HANDSHAKE_SPARED_MS > now_mono_ms)
        return false;
    ws_link_kill(list->first);
    return true;
}

static bool may_accept(struct ws_listener *l, int64_t now_mono_ms)
{
    struct ws_server *w = l->server;
    return !w->quiet && has_room(w, now_mono_ms) &&
           bucket_take(&w->accepts, l->tls ? TLS_COST : 1, ACCEPT_BURST,
                       w->options.handshakes_per_s, now_mono_ms);
}

static void adopt(struct ws_listener *l, int fd, const struct in6_addr *peer, int64_t now_mono_ms)
{
    struct ws_server *w = l->server;
    struct ws_link *link = calloc(1, sizeof(*link));
    if (link == NULL) {
        close(fd);
        return;
    }
    link->server = w;
    link->tls = l->tls;
    link->list = WS_LISTS;
    link->peer = *peer;
    ws_list_move(link, WS_HANDSHAKE, now_mono_ms);
    lws_sock_file_fd_type descriptor = { .sockfd = fd };
    lws_adopt_desc_t adopted = { .vh = l->vhost,
                                 .type = LWS_ADOPT_SOCKET | LWS_ADOPT_HTTP |
                                         (l->tls ? LWS_ADOPT_ALLOW_SSL : 0),
                                 .fd = descriptor,
                                 .opaque = link };
    w->adopting = link;
    w->counters.accepted++;
    struct lws *wsi = lws_adopt_descriptor_vhost_via_info(&adopted);
    /* Ended inside: libwebsockets says so (WSI_DESTROY) only if it got far enough. */
    if (wsi == NULL && w->adopting != NULL)
        ws_link_end(link);
    else if (wsi != NULL && l->tls)
        ws_tls_adopted(link, wsi);
    w->adopting = NULL;
}

static void accept_some(void *arg)
{
    struct ws_listener *l = arg;
    struct ws_server *w = l->server;
    int64_t now_mono_ms = loop_now(w->options.loop).mono_ms;
    for (int n = 0; n < ACCEPTS_AT_ONCE; n++) {
        struct sockaddr_storage from;
        socklen_t len = sizeof(from);
        if (!may_accept(l, now_mono_ms)) {
            ws_accept_pause(w, true);
            return;
        }
        int fd = accept(l->fd, (struct sockaddr *)&from, &len);
        if (fd < 0) {
            /* Without a free descriptor the waiting socket would wake us without end. */
            if (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS) {
                ws_event(w, "server.descriptors", STORE_ALARM, NULL,
                         "no socket can be accepted: %s; raise the limit of open files "
                         "(LimitNOFILE)",
                         strerror(errno));
                ws_accept_pause(w, true);
            }
            return;
        }
        struct in6_addr peer;
        peer_of(&from, &peer);
        fcntl(fd, F_SETFD, FD_CLOEXEC);
        /* Only an address that was refused hundreds of times a second is not listened to: a whole
         * town may stand behind one carrier's address. */
        if (limiter_has(w->by_address, &peer, sizeof(peer), now_mono_ms))
            adopt(l, fd, &peer, now_mono_ms);
        else
            close(fd);
    }
}

void ws_listeners_close(struct ws_server *w)
{
    for (size_t i = 0; i < w->n_listeners; i++)
        if (w->listener[i].watch.wsi != NULL) {
            shutdown(w->listener[i].fd, SHUT_RDWR); /* refused from now on, not ignored */
            loop_watch_pause(&w->listener[i].watch, true);
            loop_unwatch(&w->listener[i].watch);
        }
}
