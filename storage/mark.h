/*
 * A small file beside the database that says what the newest lease in it is.
 *
 * A database is put back from a backup, or replaced by an empty one, without its knowing.  Stations
 * then still hold leases of which it has no record; the mark shows that.  It names the database and
 * counts its leases.  It also names its own inode, so that a copy of the whole folder, mark
 * included, is seen as one.
 *
 * Written in place, in one piece shorter than a sector; made under another name and renamed.
 * After a kill -9 it is exact.  After a power cut it may be as old as its last sync.
 */
#ifndef STORAGE_MARK_H
#define STORAGE_MARK_H

#include <stdbool.h>
#include <stdint.h>

struct mark {
    char identity[33]; /* of the database */
    int64_t number;    /* of leases written to it */
    int64_t longest_ms;
};

enum mark_state {
    MARK_FOUND,
    MARK_NONE,
    MARK_DAMAGED,
    MARK_MOVED, /* readable, but not where it was written */
};

struct mark_file {
    int fd; /* -1 = none: the next write makes it */
    uint64_t inode;
    char path[600];
};

/* @param ret_mark  all zero unless FOUND or MOVED */
enum mark_state mark_open(struct mark_file *f, const char *path, struct mark *ret_mark);
/**
 * @param synced  it outlives a power cut when this returns; a file that is made always does
 * @return NULL, or why it was not written (static text)
 */
const char *mark_write(struct mark_file *f, const struct mark *mark, bool synced);
void mark_close(struct mark_file *f);

#endif
