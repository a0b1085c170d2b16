/*
 * One request of the admin API from its first byte to its last: arguments, answer, work under way.
 *
 * A request lives while its connection is interested or work for it is under way; answers to one
 * whose connection has gone are dropped.  Loop's thread only, except what is said otherwise.
 */
#ifndef CMD_NOXD_REQUEST_H
#define CMD_NOXD_REQUEST_H

#include <jansson.h>

#include "cmd/noxd/admin.h"
#include "cmd/noxd/work.h"
#include "ocpp/wire/text.h"
#include "storage/billing/export.h"
#include "storage/reader.h"

struct link; /* one connection (admin.c) */
struct request;
struct route;

enum { QUERY_MAX = 16, PARAMS_MAX = 2, WHO_MAX = 32, WHY_MAX = 200 };

struct query_item {
    char *name, *value;
};

/* A long answer, written by a worker while the connection takes it. */
struct stream {
    struct pipe *pipe;
    enum store_rc (*produce)(struct request *r, struct reader *db, struct export_sink sink);
    void (*done)(struct request *r); /* all was written; may be NULL */
    bool ended;                      /* known to the loop; then rc and text are set */
    enum store_rc rc;
    char text[240];
    /* what was written, set by the worker, for who counts it */
    int64_t rows;
    char sha256[65];
};

struct request {
    struct admin *admin;
    struct link *link; /* NULL: nobody waits any more */
    const struct route *route;
    unsigned refs;
    /* arguments: do not change once the route runs, so workers may read them */
    char *param[PARAMS_MAX]; /* of the path, decoded */
    struct query_item query[QUERY_MAX];
    size_t n_query;
    bool head_only;        /* HEAD: everything but the body */
    const char *who;       /* request_who() */
    char why[WHY_MAX + 1]; /* request_why() */
    char *body;
    size_t body_len;
    json_t *json; /* the body, where the route takes JSON */
    /* the answer */
    int status; /* 0 = none yet */
    const char *content_type;
    char file_name[64]; /* "" = none */
    char allow[64];     /* of a 405, "" = none */
    struct ocpp_text out;
    struct stream *stream;
    struct { /* a write under way (change.c) */
        const char *what;
        bool follow;
    } written;
    /* long poll (route_event.c) */
    struct request *next_waiter;
    int64_t wait_until_mono_ms;
};

struct request *request_new(struct admin *admin, struct link *link);
void request_ref(struct request *r);
void request_unref(struct request *r);
/* The connection has gone or has all it wanted. */
void request_leave(struct request *r);

/* --- who asks, and why --- */

/** The user at the other end of the socket, at most WHO_MAX bytes; "uid 1234" without a name,
 * "noxd" for noxd's own requests.  Never NULL; lives as long as the admin. */
const char *request_who(const struct request *r);
/** What the header X-Nox-Why says (noxctl --why): one line of UTF-8, at most WHY_MAX bytes; "" =
 * not said.  Lives as long as the request. */
const char *request_why(const struct request *r);

/* --- arguments --- */

/** @return NULL if it was not given */
const char *request_query(const struct request *r, const char *name);
/* These answer 400 themselves and return false when the value is none. */
bool request_query_int(struct request *r, const char *name, int64_t min, int64_t max,
                       int64_t fallback, int64_t *ret_value);
bool request_query_flag(struct request *r, const char *name, bool *ret_flag);
/* words ends with NULL; fallback is an index. */
bool request_query_word(struct request *r, const char *name, const char *const *words,
                        size_t fallback, size_t *ret_i);
/* RFC 3339, or a local date (its midnight); STORE_ABSENT if not given. */
bool request_query_time(struct request *r, const char *name, int64_t *ret_at_ms);

/* --- answers: each request gets exactly one; later ones are dropped --- */

/* With what stands in r->out. */
void request_answer(struct request *r, int status);
/* {"error":{"code","message"[,"path"]}}; path NULL = none. */
void request_fail(struct request *r, int status, const char *code, const char *path,
                  const char *format, ...) __attribute__((format(printf, 5, 6)));
/* What the store said about a question or a change, in HTTP's words; `what` begins the sentence. */
void request_fail_rc(struct request *r, enum store_rc rc, const char *what, const char *text);

/* --- work on other threads --- */

/* A question to the database, with a reader of its own. */
struct question {
    struct request *request;
    /* Worker: appends to q->out; a text for people where the result is not STORE_OK. */
    enum store_rc (*read)(struct question *q, struct reader *db);
    /* Loop: answers, and frees q->state. */
    void (*then)(struct request *r, struct question *q);
    struct ocpp_text out;
    enum store_rc rc;
    char text[240];
    void *state;
};

/**
 * Ask; the request is answered with 200 and q->out, or with an error.
 * @param then   NULL, or called instead of that
 * @param state  for both functions; owned by `then`
 */
void request_ask(struct request *r, enum store_rc (*read)(struct question *q, struct reader *db),
                 void (*then)(struct request *r, struct question *q), void *state);
/* What request_ask() does without `then`. */
void question_answer(struct request *r, struct question *q);

/* Answer piece by piece; headers go out with the first piece, so an early error is still told. */
void request_stream(struct request *r, const char *content_type,
                    enum store_rc (*produce)(struct request *r, struct reader *db,
                                             struct export_sink sink),
                    void (*done)(struct request *r));

/* Answer piece by piece from the loop, for as long as the reader stays.  @return false: answered */
bool request_feed_begin(struct request *r, const char *content_type);
/* A whole piece, or nothing when the reader is behind. */
bool request_feed(struct request *r, const char *bytes, size_t n);

#endif
