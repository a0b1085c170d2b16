/*
 * What the files of the admin API share: the server, its queues, who is connected.
 */
#ifndef CMD_NOXD_ADMIN_STATE_H
#define CMD_NOXD_ADMIN_STATE_H

#include "cmd/noxd/alarms.h"
#include "cmd/noxd/request.h"
#include "cmd/noxd/tokens.h"

/* Who waits for the live state to follow the database (change.c). */
struct follower {
    struct follower *next;
    void (*done)(void *arg, bool good, const char *text);
    void *arg;
};

/* One run of it; there is never more than one. */
struct follow {
    bool busy;
    struct reader *db;
    const struct store_site *site;
    enum store_rc rc;
    char text[240];
};

/* Names of those who have come so far: looked up once each. */
enum { USERS_MAX = 64 };
struct admin_user {
    uint32_t uid;
    char name[WHO_MAX + 1];
};

struct admin {
    struct admin_options options;
    struct lws_vhost *vhost; /* NULL when gone */
    struct link *links;
    size_t n_links, body_bytes; /* of requests being received */
    unsigned refs;              /* requests and the vhost */
    bool closing;
    struct admin_user user[USERS_MAX];
    size_t n_users;
    struct web *web; /* NULL: no https */
    struct tokens tokens;
    int64_t refusal_told_mono_ms; /* web.c: wrong tokens are told once a minute */
    struct work *questions, *streams;
    int64_t started_at_ms, started_mono_ms;
    int32_t schema_version; /* 0 = not known yet */
    struct alarms alarms;
    /* change.c */
    struct follow follow;
    struct follower *following, *to_follow; /* of the run under way, of the next */
    struct change *change, *last_change;    /* the first is under way */
    size_t n_changes;
    /* route_event.c */
    struct request *waiters;
    /* route_frames.c */
    struct live *lives;
    size_t n_lives;
    bool news_asked; /* a write is under way after which the waiters look again */
};

void admin_unref(struct admin *a);
/* The request has an answer, or more of it: have it written (admin.c). */
void link_wake(struct link *link);
/* Write what the link has to say. @return false: end the connection (admin.c) */
bool admin_write(struct link *link);
/* A request over https whose token is missing, unknown or not enough was refused (web.c). */
void admin_note_refusal(struct admin *a, const char *text);
struct instant admin_now(const struct admin *a);

/* --- change.c --- */

/**
 * Read the site from the database and hand it to the central.  Runs that overlap are joined.
 * @param done  called on the loop; may be NULL.  false with a sentence: the old one stays in force
 */
void admin_follow(struct admin *a, void (*done)(void *arg, bool good, const char *text), void *arg);
/* Is the store able to write?  Else answers 503 and returns false. */
bool admin_can_write(struct request *r);
/* Make the apply file `root` (NULL: the request's body) part of the configuration and answer.
 * strip: the list of one record whose name is left out of error paths, NULL = none. */
void admin_apply(struct request *r, json_t *root, const char *strip, bool dry_run, bool force);
/* The same for the request's body as a table of tags (tag_csv.h).  delete_missing: tags that it
 * does not name are removed. */
void admin_import_tags(struct request *r, bool dry_run, bool delete_missing);
/* At the end: nothing follows any more. */
void admin_changes_done(struct admin *a);
/**
 * For operations whose result is a count: answers with r->out, or {"changed": n} if that is empty,
 * or "there is no WHAT PARAM", or why not.
 * @param what    static text
 * @param follow  before the answer the live state takes it over
 */
struct store_done admin_written(struct request *r, const char *what, bool follow);
/* The store took nothing: answers, and undoes admin_written(). */
void admin_not_taken(struct request *r);

/* --- route_event.c --- */
void admin_news(struct admin *a);
void admin_waiters_tick(struct admin *a);
void admin_waiters_leave(struct request *r);

/* --- route_frames.c --- */
void admin_lives_tick(struct admin *a);
void admin_lives_leave(struct request *r);

#endif
