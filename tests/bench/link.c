#include "tests/bench/link.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/bench/frame.h"

bool link_connect(struct link *l, int port, uint8_t source_host)
{
    struct sockaddr_in local = { .sin_family = AF_INET,
                                 .sin_addr.s_addr = htonl(0x7f000000U | source_host) };
    struct sockaddr_in peer = { .sin_family = AF_INET,
                                .sin_port = htons((uint16_t)port),
                                .sin_addr.s_addr = htonl(0x7f000001U) };
    int one = 1;
    l->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (l->fd < 0)
        return false;
    setsockopt(l->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    setsockopt(l->fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof(one));
    if (bind(l->fd, (struct sockaddr *)&local, sizeof(local)) != 0 ||
        (connect(l->fd, (struct sockaddr *)&peer, sizeof(peer)) != 0 && errno != EINPROGRESS)) {
        close(l->fd);
        l->fd = -1;
        return false;
    }
    l->state = LINK_CONNECTING;
    l->in_len = 0;
    l->is_waiting = false;
    return true;
}

static void go_down(struct link *l)
{
    if (l->fd >= 0)
        close(l->fd);
    l->fd = -1;
    l->state = LINK_DOWN;
    l->is_waiting = false;
}

void link_cut(struct link *l)
{
    struct linger reset = { .l_onoff = 1, .l_linger = 0 };
    if (l->fd >= 0)
        setsockopt(l->fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
    go_down(l);
}

static enum link_news broken(struct link *l)
{
    link_cut(l);
    return LINK_BROKEN;
}

/* With one CALL outstanding the socket's buffer is never full: a short write is a broken link. */
static bool send_all(struct link *l, const char *bytes, size_t len)
{
    return send(l->fd, bytes, len, MSG_NOSIGNAL) == (ssize_t)len;
}

static bool send_text(struct link *l, char *payload, size_t len)
{
    size_t frame_len;
    const char *frame = frame_seal(FRAME_TEXT, payload, len, 0x5a17c3e9U, &frame_len);
    return send_all(l, frame, frame_len);
}

enum link_news link_on_writable(struct link *l, int port)
{
    char request[512];
    int error = 0;
    socklen_t size = sizeof(error);
    if (getsockopt(l->fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0 || error != 0)
        return broken(l);
    size_t len = frame_upgrade_request("127.0.0.1", port, l->name,
                                       l->key[0] != '\0' ? l->key : NULL, request, sizeof(request));
    if (len == 0 || !send_all(l, request, len))
        return broken(l);
    l->state = LINK_UPGRADING;
    return LINK_NOTHING;
}

bool link_call(struct link *l, enum message_kind kind, int64_t now_ms)
{
    char buffer[FRAME_HEAD_MAX + MESSAGE_MAX];
    size_t len = message_write(&l->source, kind, l->name, now_ms, buffer + FRAME_HEAD_MAX);
    l->is_waiting = send_text(l, buffer + FRAME_HEAD_MAX, len);
    return l->is_waiting;
}

/* The second element of a frame, `[2,"id",`; false when it is not a string. */
static bool id_of(const char *text, size_t len, const char **ret_id, size_t *ret_len)
{
    const char *start = memchr(text, '"', len);
    if (start == NULL)
        return false;
    start++;
    const char *end = memchr(start, '"', len - (size_t)(start - text));
    if (end == NULL)
        return false;
    *ret_id = start;
    *ret_len = (size_t)(end - start);
    return true;
}

/* GetConfiguration wants lists, everything else is pleased with Accepted. */
static bool serve_call(struct link *l, const char *text, size_t len)
{
    char buffer[FRAME_HEAD_MAX + 160];
    const char *id, *payload = "{\"status\":\"Accepted\"}";
    size_t id_len;
    if (!id_of(text, len, &id, &id_len) || id_len > 64)
        return false;
    if (memmem(text, len, "\"GetConfiguration\"", 18) != NULL)
        payload = "{\"configurationKey\":[],\"unknownKey\":[]}";
    int n = snprintf(buffer + FRAME_HEAD_MAX, 160, "[3,\"%.*s\",%s]", (int)id_len, id, payload);
    l->served++;
    return send_text(l, buffer + FRAME_HEAD_MAX, (size_t)n);
}

/* StartTransaction.conf names the transaction; an empty answer (of an echo) names none. */
static void note_transaction(struct link *l, const char *text, size_t len)
{
    static const char name[] = "\"transactionId\":";
    const char *found = memmem(text, len, name, sizeof(name) - 1);
    if (found != NULL)
        l->source.transaction = (int32_t)strtol(found + sizeof(name) - 1, NULL, 10);
}

static enum link_news on_text(struct link *l, const char *text, size_t len)
{
    const char *id;
    size_t id_len;
    if (len < 5 || text[0] != '[')
        return broken(l);
    if (text[1] == '2')
        return serve_call(l, text, len) ? LINK_NOTHING : broken(l);
    if (!l->is_waiting || !id_of(text, len, &id, &id_len) ||
        (uint32_t)strtoul(id, NULL, 10) != l->source.last_id)
        return broken(l);
    l->is_waiting = false;
    l->is_error = text[1] == '4';
    note_transaction(l, text, len);
    return LINK_ANSWERED;
}

static enum link_news on_frame(struct link *l, const struct frame *f)
{
    if (f->opcode == FRAME_TEXT && f->is_final)
        return on_text(l, f->payload, f->len);
    if (f->opcode != FRAME_PING || f->len > 125)
        return broken(l);
    char buffer[FRAME_HEAD_MAX + 125];
    size_t len;
    memcpy(buffer + FRAME_HEAD_MAX, f->payload, f->len);
    const char *pong = frame_seal(FRAME_PONG, buffer + FRAME_HEAD_MAX, f->len, 1, &len);
    return send_all(l, pong, len) ? LINK_NOTHING : broken(l);
}

static void consume(struct link *l, size_t n)
{
    l->in_len -= n;
    memmove(l->in, l->in + n, l->in_len);
}

/* One piece of what has been read: the head of the upgrade's answer, or a frame. */
static enum link_news next_piece(struct link *l, size_t *ret_used)
{
    struct frame frame;
    bool ok = false;
    if (l->state == LINK_OPEN) {
        *ret_used = frame_read(l->in, l->in_len, &frame);
        return *ret_used > 0 ? on_frame(l, &frame) : LINK_NOTHING;
    }
    *ret_used = frame_upgrade_answer(l->in, l->in_len, &ok);
    if (*ret_used == 0)
        return LINK_NOTHING;
    if (!ok)
        return broken(l);
    l->state = LINK_OPEN;
    return LINK_UPGRADED;
}

enum link_news link_on_readable(struct link *l)
{
    for (;;) {
        size_t used = 0;
        enum link_news news = next_piece(l, &used);
        if (news == LINK_BROKEN)
            return news;
        if (used > 0)
            consume(l, used);
        if (news != LINK_NOTHING)
            return news;
        if (used > 0)
            continue;
        ssize_t n = recv(l->fd, l->in + l->in_len, sizeof(l->in) - l->in_len, 0);
        if (n < 0 && (errno == EAGAIN || errno == EINTR))
            return LINK_NOTHING;
        if (n <= 0)
            return broken(l);
        l->in_len += (size_t)n;
    }
}
