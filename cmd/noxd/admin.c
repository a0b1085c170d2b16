/*
 * The Unix socket, the workers, and the tick of the admin API.
 *
 * With web.c the place of libwebsockets in this folder.  It gives bytes and takes bytes; link.h
 * makes HTTP of them, because libwebsockets' own server neither reads nor lets go of a connection
 * between a request and the end of its answer, and keeps the loop awake all that time if there is
 * something to read.
 *
 * All on the loop's thread; everything is written from its callback, one write each, so that a
 * reader that is slow or gone harms nobody.
 */
#include "cmd/noxd/admin.h"

#include <errno.h>
#include <libwebsockets.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "cmd/noxd/admin_state.h"
#include "cmd/noxd/link.h"
#include "cmd/noxd/web.h"

enum { QUESTION_THREADS = 2, STREAM_THREADS = 4, TICK_US = 1000000 };

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

void link_wake(struct link *link)
{
    lws_callback_on_writable(link->socket);
}

/* --- who is there --- */

static void read_name(uid_t uid, char ret_name[WHO_MAX + 1])
{
    char bytes[4096];
    struct passwd entry, *found = NULL;
    if (getpwuid_r(uid, &entry, bytes, sizeof(bytes), &found) != 0 || found == NULL)
        snprintf(ret_name, WHO_MAX + 1, "uid %lu", (unsigned long)uid);
    else
        snprintf(ret_name, WHO_MAX + 1, "%.*s", WHO_MAX, found->pw_name);
}

/* What SO_PEERCRED gives, unix(7); its own name for it is not in POSIX. */
struct peer_credentials {
    pid_t pid;
    uid_t uid;
    gid_t gid;
};

/* The kernel's word for it; the name is looked up at the first connection of a user. */
static const char *peer_name(struct admin *a, struct lws *wsi)
{
    struct peer_credentials peer;
    socklen_t size = sizeof(peer);
    if (getsockopt(lws_get_socket_fd(wsi), SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0)
        return "unknown";
    for (size_t i = 0; i < a->n_users; i++)
        if (a->user[i].uid == peer.uid)
            return a->user[i].name;
    if (a->n_users == USERS_MAX)
        return "one of many users";
    struct admin_user *user = &a->user[a->n_users++];
    user->uid = peer.uid;
    read_name(peer.uid, user->name);
    return user->name;
}

/* --- bytes in, bytes out --- */

bool admin_write(struct link *link)
{
    unsigned char *bytes = server_of(link->admin)->buffer + LWS_PRE;
    size_t n;
    if (!link_fill(link, (char *)bytes, &n))
        return false;
    if (n == 0)
        return true;
    return lws_write(link->socket, bytes, n, LWS_WRITE_RAW) >= 0 && link_wrote(link);
}

static int on_bytes(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
                    size_t len)
{
    struct lws_vhost *vhost = wsi != NULL ? lws_get_vhost(wsi) : NULL;
    struct admin *a = vhost != NULL ? lws_vhost_user(vhost) : NULL;
    struct link *link = user;
    bool is_open = link != NULL && link->socket != NULL;
    switch (reason) {
    case LWS_CALLBACK_RAW_ADOPT:
        link_open(link, a, wsi, peer_name(a, wsi));
        return 0;
    case LWS_CALLBACK_RAW_RX:
        return is_open && link_take(link, in, len) ? 0 : -1;
    case LWS_CALLBACK_RAW_WRITEABLE:
        return is_open && admin_write(link) ? 0 : -1;
    case LWS_CALLBACK_RAW_CLOSE:
        if (is_open)
            link_close(link);
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
    { .name = "nox-admin",
      .callback = on_bytes,
      .per_session_data_size = sizeof(struct link),
      .rx_buffer_size = 16384,
      .tx_packet_size = LINK_FILL_BYTES },
    { .name = NULL },
};

/* --- begin and end --- */

static void cut(struct link *link)
{
    lws_set_timeout(link->socket, PENDING_TIMEOUT_USER_OK, LWS_TO_KILL_ASYNC);
}

static void on_tick(lws_sorted_usec_list_t *tick)
{
    struct server *server = lws_container_of(tick, struct server, tick);
    for (struct link *link = server->admin.links; link != NULL; link = link->next)
        if (!link_tick(link))
            cut(link);
    admin_waiters_tick(&server->admin);
    admin_lives_tick(&server->admin);
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
    info.options = LWS_SERVER_OPTION_UNIX_SOCK | LWS_SERVER_OPTION_FAIL_UPON_UNABLE_TO_BIND |
                   LWS_SERVER_OPTION_ADOPT_APPLY_LISTEN_ACCEPT_CONFIG;
    info.listen_accept_role = "raw-skt";
    info.listen_accept_protocol = protocols[0].name;
    info.iface = path;
    info.vhost_name = "admin";
    info.protocols = protocols;
    info.user = a;
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

/* --- tokens --- */

static bool keep_token(void *arg, const struct store_token *token)
{
    return tokens_put(arg, token);
}

static enum store_rc read_tokens(struct question *q, struct reader *db)
{
    return reader_tokens(db, keep_token, q->state);
}

static void keep_tokens(struct request *r, struct question *q)
{
    struct tokens *tokens = q->state;
    if (q->rc == STORE_OK)
        r->admin->tokens = *tokens; /* nobody can have made one yet: it is the first question */
    else
        tokens_done(tokens);
    free(tokens);
}

static void ask_tokens(struct admin *a)
{
    struct request *r = request_new(a, NULL);
    struct tokens *tokens = calloc(1, sizeof(*tokens));
    if (r != NULL && tokens != NULL)
        request_ask(r, read_tokens, keep_tokens, tokens);
    else
        free(tokens);
    if (r != NULL)
        request_unref(r);
}

const char *admin_web_url(const struct admin *a, size_t i)
{
    return web_url(a->web, i);
}

bool admin_reload(struct admin *a, char *ret_text, size_t size)
{
    return web_reload(a->web, ret_text, size);
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
    server->buffer = malloc(LWS_PRE + LINK_FILL_BYTES);
    a->questions = work_new(QUESTION_THREADS, wake, a);
    a->streams = work_new(STREAM_THREADS, wake, a);
    snprintf(ret_text, size, "out of memory or threads");
    if (server->buffer == NULL || a->questions == NULL || a->streams == NULL ||
        !vhost_new(a, ret_text, size)) {
        admin_free(a);
        return NULL;
    }
    if (options->web.n > 0) {
        a->web = web_new(a, &a->options.web, ret_text, size);
        if (a->web == NULL) {
            admin_free(a);
            return NULL;
        }
    }
    ask_tokens(a);
    lws_sul_schedule(loop_context(options->loop), 0, &server->tick, on_tick, TICK_US);
    ask_schema_version(a);
    return a;
}

void admin_free(struct admin *a)
{
    if (a == NULL)
        return;
    a->closing = true;
    while (a->links != NULL) {
        cut(a->links);
        link_close(a->links);
    }
    work_free(a->streams);
    work_free(a->questions);
    a->streams = a->questions = NULL;
    admin_changes_done(a);
    web_free(a->web);
    a->web = NULL;
    tokens_done(&a->tokens);
    admin_unref(a);
}

void admin_on_wake(struct admin *a)
{
    if (a->closing)
        return;
    work_pump(a->questions);
    work_pump(a->streams);
    for (struct link *link = a->links; link != NULL; link = link->next)
        if (link_has_news(link))
            link_wake(link);
}
