/*
 * A disk that fails when told: a layer between SQLite and the real files.
 *
 * It can run out of room, fail the n-th write or sync, and lose what was not synced, as in a power
 * cut.  Installed as SQLite's default before the store is opened.
 */
#ifndef TESTS_STORAGE_FAULTY_VFS_H
#define TESTS_STORAGE_FAULTY_VFS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum faulty_call { FAULTY_WRITE, FAULTY_SYNC, FAULTY_TRUNCATE };

struct faulty {
    /* Room for files to grow, in bytes; INT64_MAX = endless. */
    int64_t room;
    /* Fails the call after so many good ones, once or from then on; < 0 = never. */
    int64_t countdown;
    bool for_ever;
    int error;         /* SQLITE_IOERR_WRITE, SQLITE_FULL, ... */
    uint64_t n_calls;  /* writes, syncs and truncates so far */
    bool keep_shadows; /* of files opened from now on: what is synced, for faulty_power_cut() */
};

/* May be changed while the store is used by the same thread (inline mode). */
struct faulty *faulty_install(void);
void faulty_remove(void);

/**
 * Writes the files as a power cut would leave them: all that was synced, and of each file some of
 * what was written since.
 * @param to_dir  exists; gets the files under their own names
 * @param seed    which of the unsynced writes happened to reach the disk
 */
void faulty_power_cut(const char *to_dir, unsigned seed);

#endif
