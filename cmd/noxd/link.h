/*
 * One connection of the admin API: bytes in become requests, answers become bytes out.
 *
 * HTTP/1.1 with keep-alive and pipelining, one request at a time.  Knows no sockets: who owns one
 * feeds link_take() and asks link_fill() for what to write.  What a peer can grow has a limit: head
 * 16 KiB, body 256 KiB (64 MiB for a file), 64 KiB of further requests while one is answered.
 */
#ifndef CMD_NOXD_LINK_H
#define CMD_NOXD_LINK_H

#include "cmd/noxd/admin_state.h"
#include "cmd/noxd/http_head.h"

enum { LINK_PIECE_BYTES = 65536, LINK_FILL_BYTES = LINK_PIECE_BYTES + 1024 };

struct link {
    void *socket; /* of the owner; NULL: not in use */
    struct admin *admin;
    struct link *prev, *next;
    const char *who;         /* user at the other end, lent; NULL: each request shows a token */
    struct ocpp_text in;     /* received and not looked at yet */
    struct http_head head;   /* of the request in hand */
    struct request *request; /* NULL: between two */
    size_t body_expected, body_room;
    bool is_running;      /* the route has it */
    bool head_sent;       /* of the answer */
    bool all_sent;        /* the answer is complete */
    bool must_close;      /* after it */
    bool is_over;         /* all is said: hang up when it is written */
    bool owes_continue;   /* "100 Continue" */
    size_t written;       /* of request->out */
    uint64_t moved, seen; /* bytes in and out; the second as of the last tick */
    int still_s;          /* ticks without any */
};

/** @param who  for request_who(), lent for as long as the admin lives; NULL: it is the name of the
 *              token that each request must show */
void link_open(struct link *link, struct admin *admin, void *socket, const char *who);
void link_close(struct link *link);

/** Bytes came. @return false: end the connection */
bool link_take(struct link *link, const char *bytes, size_t n);

/**
 * What is to be written next.
 * @param buffer  room for LINK_FILL_BYTES
 * @param ret_n   0 = nothing now; link_wake() will say when
 * @return false: end the connection without writing
 */
bool link_fill(struct link *link, char *buffer, size_t *ret_n);
/** What link_fill() gave is on its way. @return false: end the connection */
bool link_wrote(struct link *link);

/** Once a second. @return false: end the connection, nothing has moved for too long */
bool link_tick(struct link *link);
/* A worker has written: is it for this one? */
bool link_has_news(const struct link *link);

#endif
