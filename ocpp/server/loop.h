/*
 * The one event loop: libwebsockets' context on libev, signals, clock and the next deadline.
 *
 * Everything happens in callbacks on the thread that calls loop_run(); only loop_wake() may be
 * called from other threads.
 */
#ifndef OCPP_SERVER_LOOP_H
#define OCPP_SERVER_LOOP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ocpp/central/central.h"

struct loop;
struct lws;
struct lws_context;
struct lws_protocols;
struct lws_vhost;

enum loop_level { LOOP_WARNING = 1, LOOP_ERROR };

struct loop_options {
    int64_t time_factor;  /* simulated milliseconds of utc per real one, 1 = the real clock */
    int64_t start_utc_ms; /* where simulated time begins; STORE_ABSENT = the real clock's now */
    bool force_poll;      /* libwebsockets' own poll() loop instead of libev (tests) */
    /* Served without TLS on sockets adopted by loop_vhost(); ends with a NULL name.  NULL = none.
     */
    const struct lws_protocols *protocols;
    void *arg;
    /* Run what is due; answers when to come back (mono_ms, INT64_MAX = never). */
    int64_t (*on_due)(void *arg, struct instant now);
    /* loop_wake() was called (once for any number of calls). */
    void (*on_wake)(void *arg);
    /* INT, TERM or HUP arrived. */
    void (*on_signal)(void *arg, int signal);
    /* What libwebsockets wants to say, one line without newline. */
    void (*on_log)(void *arg, enum loop_level level, const char *line);
};

/**
 * Block INT, TERM, HUP for the whole process; to be called before any thread is made.  Raises the
 * limit of open files to at most 65,536: libwebsockets sizes its tables from it.
 */
void loop_prepare(void);

/** @return NULL with one sentence in ret_text */
struct loop *loop_new(const struct loop_options *options, char *ret_text, size_t size);
/* NULL is fine.  Destroys the context with everything that hangs on it. */
void loop_free(struct loop *l);

struct lws_context *loop_context(const struct loop *l);
/* The one vhost without TLS.  There is only one, because libwebsockets chooses among vhosts of the
 * same port (for adopted sockets: of none) by the Host header, which is the peer's. */
struct lws_vhost *loop_vhost(const struct loop *l);

/* A descriptor that is watched; the caller's memory, until the loop has ended or fd was closed. */
struct loop_watch {
    void (*on_readable)(void *arg); /* called as long as there is something to read */
    void *arg;
    struct lws *wsi; /* NULL when not watched any more */
};
/* Takes over fd: it is closed by loop_unwatch() or with the loop.  false: out of memory, fd is
 * still the caller's. */
bool loop_watch(struct loop *l, int fd, struct loop_watch *watch);
/* Stop for a while, go on. */
void loop_watch_pause(struct loop_watch *watch, bool pause);
void loop_unwatch(struct loop_watch *watch);

/* "libev", or "poll" when its plugin is not installed. */
const char *loop_backend(const struct loop *l);
struct instant loop_now(const struct loop *l);

/* Have on_wake called on the loop's thread.  From any thread. */
void loop_wake(struct loop *l);
/* After anything that may have changed what is due: runs on_due and arms the timer. */
void loop_run_due(struct loop *l);

/* Returns after loop_stop(); every socket has ended then and no callback comes any more. */
void loop_run(struct loop *l);
/* From a callback: loop_run() returns soon; open connections end without further ado. */
void loop_stop(struct loop *l);

#endif
