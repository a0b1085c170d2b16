/*
 * Who may charge: tags by idTag, and in the order of their changes.
 *
 * A tag is one block of memory (about 130 bytes and its texts).  It is found by a hash table, so
 * that a station's question costs the same however many there are, and stands in a treap by its
 * key: "the next one in order" costs O(log n) and needs no iterator that a change could break.
 * Beside them a log in the order of revisions, from which differential local lists are made: an
 * entry moves to its end with each change.  Deletions stay in the log.
 */
#ifndef OCPP_CENTRAL_TAGS_H
#define OCPP_CENTRAL_TAGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "storage/records.h"

enum { TAG_COMPARED = 20 /* characters of an idTag that count (CiString20) */ };
#define TAG_KEY_SIZE (TAG_COMPARED * 4 + 1)

struct tag {
    struct tag *left, *right;
    struct tag *chain; /* the next of its bucket */
    const char *key;   /* upper-cased, at most 20 characters */
    const char *id_tag, *parent, *customer, *auth_kind, *groups; /* all but id_tag may be NULL */
    int64_t expires_at_ms;                                       /* STORE_ABSENT = never */
    uint32_t priority;
    int32_t revision, moved; /* as in store_tag */
    int8_t status;
    bool single_session, gone; /* gone: deleted, only in the log */
};

/* Tags of one set of groups. */
struct tag_set {
    char *groups; /* NULL = none */
    size_t n;
};

struct tag_log_entry {
    int32_t revision;
    struct tag *tag; /* NULL: it has changed again since */
};

struct tags {
    struct tag *root;
    struct tag **bucket;
    size_t n_buckets; /* a power of two, 0 = none yet */
    size_t n;
    struct tag_log_entry *log; /* by revision */
    size_t n_log, room_log, n_holes;
    struct tag *gone; /* treap of deletions */
    size_t n_gone;
    struct tag_set *set; /* sorted by groups */
    size_t n_sets, room_sets;
    struct store_tag_state state;
};

/* Replace all.  false when out of memory. */
bool tags_load(struct tags *t, const struct store_site *site);
void tags_done(struct tags *t);
/* One change; a revision that is not newer than the last changes nothing.  false: no memory. */
bool tags_put(struct tags *t, const struct store_tag *tag);
bool tags_gone(struct tags *t, const char *id_tag, int32_t revision);

const struct tag *tags_find(const struct tags *t, const char *id_tag);
/* The first tag whose key is greater; NULL = none.  "" is before all. */
const struct tag *tags_next(const struct tags *t, const char *key);
/* Place in the log of the first change after `revision`; entries may be holes (tag NULL). */
size_t tags_log_after(const struct tags *t, int32_t revision);

/**
 * May a tag of these groups charge at a station of those?  A tag without groups may everywhere,
 * unless the station takes only tags of its own; one with groups where one of them is the
 * station's. Lists are names with blanks between, NULL = none.
 */
bool groups_allow(const char *tag_groups, const char *station_groups, bool station_only);

/* Upper-case ASCII, at most 20 characters (not bytes). */
void tag_key(const char *id_tag, char key[TAG_KEY_SIZE]);

#endif
