/*
 * What belongs into a local authorization list, and what to send next (OCPP 1.6 section 3.5).
 *
 * A list is brought to a station in the order of the tags' revisions, and the version of each
 * message is the revision up to which the list is then right.  So a message that ends anywhere
 * leaves a list that is right for its version, a full list is a first message of type Full and
 * then the same differentials as ever, and what changes meanwhile simply comes later.  Whoever
 * knows a station's version knows what to send it, also after a restart.
 *
 * Pure computation: no clock, no station, nothing is sent.
 */
#ifndef OCPP_CENTRAL_LIST_PLAN_H
#define OCPP_CENTRAL_LIST_PLAN_H

#include "ocpp/central/tags.h"

enum { LIST_CUT_SIZE = TAG_KEY_SIZE + 1 };

struct list_scope {
    const char *groups; /* of the station */
    bool groups_only;
    /* Of a list that does not fit: the last tag that does, in the order of choice (first those
     * that are tied to its groups, then the others, by idTag).  NULL = all fit. */
    const char *cut;
};

/* Does a tag belong into the list? */
bool list_wants(const struct list_scope *scope, const char *id_tag, const char *tag_groups);
/* Tags that may charge there, whether they fit or not.  O(number of different sets of groups). */
size_t list_count(const struct tags *t, const struct list_scope *scope);
/* Digest of what a list was made for: another one needs another list. */
int64_t list_digest(const struct list_scope *scope, int32_t max_entries);

struct list_entry {
    const struct tag *tag;
    bool remove;
};
struct list_part {
    struct list_entry *entry; /* the caller's, room for max_entries */
    size_t n, n_put;          /* of them with idTagInfo */
    int32_t upto;             /* the list is right up to this revision afterwards */
    bool is_last;             /* nothing is left to send */
};
struct list_limits {
    size_t entries, bytes, walk; /* each at least 1; walk: changes that are looked at */
};

/**
 * The next message: changes after `upto`.
 * @param base  revision at which the full list was begun: it was empty then.  Tags that left
 *              before need not be taken out
 */
void list_next(const struct tags *t, const struct list_scope *scope, int32_t upto, int32_t base,
               const struct list_limits *limits, struct list_part *part);
/* Would the changes after `upto` be more than the whole list?  Looks at `walk` changes at most. */
bool list_is_shorter_full(const struct tags *t, const struct list_scope *scope, int32_t upto,
                          int32_t base, size_t walk);

/* Finding the cut, in steps. */
struct list_cutter {
    char key[TAG_KEY_SIZE]; /* looked at last */
    char class;             /* '0' tied to its groups, '1' others: where the cut lies */
    size_t left;            /* tags of this class that fit */
};
/* @param max_entries  >= 1; some room is left for tags to come */
void list_cut_begin(const struct tags *t, const struct list_scope *scope, size_t max_entries,
                    struct list_cutter *ret_cutter);
/** @return true: ret_cut is written */
bool list_cut_step(const struct tags *t, const struct list_scope *scope, size_t walk,
                   struct list_cutter *cutter, char ret_cut[LIST_CUT_SIZE]);

#endif
