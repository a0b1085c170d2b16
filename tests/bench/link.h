/*
 * One simulated station of the load: a websocket of its own on a non-blocking socket, at most one
 * CALL outstanding, the server's CALLs answered at once.
 *
 * No clock and no waiting inside: who owns the epoll set calls in when the socket is ready.
 */
#ifndef TESTS_BENCH_LINK_H
#define TESTS_BENCH_LINK_H

#include <stdbool.h>
#include <stdint.h>

#include "tests/bench/message.h"

#define LINK_NAME_MAX 48
#define LINK_KEY_MAX  48
#define LINK_IN_MAX   4096 /* one message of the server, or the head of its answer to the upgrade */

enum link_state {
    LINK_DOWN,
    LINK_CONNECTING, /* TCP */
    LINK_UPGRADING,
    LINK_OPEN,
};

struct link {
    int fd; /* -1 when down */
    enum link_state state;
    char name[LINK_NAME_MAX], key[LINK_KEY_MAX]; /* key "" = no authentication */
    struct message_source source;
    bool is_waiting, is_error; /* for an answer to the last CALL; it was a CALLERROR */
    uint64_t served;           /* CALLs of the server that were answered */
    size_t in_len;
    char in[LINK_IN_MAX];
};

enum link_news {
    LINK_NOTHING,
    LINK_UPGRADED, /* may send now */
    LINK_ANSWERED, /* the outstanding CALL has its answer */
    LINK_BROKEN,   /* closed, refused or not understood; is down now */
};

/**
 * Start to connect.
 * @param source_host  127.0.0.source_host is the local address, so that ports last for many
 * @return false when the system has no socket for it
 */
bool link_connect(struct link *l, int port, uint8_t source_host);
/* Cut at once with a reset, as a lost network looks to the server's kernel after a while. */
void link_cut(struct link *l);

/* The socket has become writable: sends the upgrade request. */
enum link_news link_on_writable(struct link *l, int port);
/* The socket is readable.  Returns at the first news; call again until LINK_NOTHING. */
enum link_news link_on_readable(struct link *l);

/* Send the next CALL; false: the link has broken.  Only when open and not waiting. */
bool link_call(struct link *l, enum message_kind kind, int64_t now_ms);

#endif
