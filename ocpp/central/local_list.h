/*
 * The local authorization lists of all stations, kept as they should be: which station is due, one
 * message after the other, what came of it.  What a message holds says list_plan.h.
 */
#ifndef OCPP_CENTRAL_LOCAL_LIST_H
#define OCPP_CENTRAL_LOCAL_LIST_H

#include "ocpp/central/list_plan.h"
#include "ocpp/central/timer.h"

enum list_step {
    LIST_IDLE,
    LIST_QUEUED,  /* others are served first */
    LIST_KEYS,    /* GetConfiguration is under way */
    LIST_VERSION, /* GetLocalListVersion */
    LIST_WORKING, /* the next message is being made */
    LIST_WRITING, /* ... is being written down */
    LIST_SENT,    /* SendLocalList */
};

struct local_list {
    struct station *station;
    /* as in store_local_list */
    int32_t version, offered, upto, base, entries, max_entries;
    int64_t scope, asked_at_ms, at_ms, n_full, n_differential, n_failed;
    char *cut, *unable, *firmware, *result;
    /* since the connection */
    enum list_step step;
    bool want_full;     /* the next message is the first of a full list */
    bool begun;         /* ... and what belongs into it has been decided */
    bool version_known; /* the station has named the version that we know */
    bool keys_known;
    bool cutting, is_forced; /* is_forced: although it was unable */
    int32_t max_reported, per_message;
    unsigned failures; /* in a row */
    /* the message under way */
    char *payload;
    int32_t next_upto, next_entries;
    bool next_is_full, next_is_last;
    struct list_cutter cutter;
    struct timer timer;
    struct local_list *next; /* of the queue */
    int64_t conflict_mono_ms;
    bool had_conflict;
};

struct local_lists {
    size_t n_active;
    struct local_list *first, *last; /* that wait */
    struct timer settle;             /* after changes of tags */
    int64_t changed_mono_ms;         /* the first of them */
};

#endif
