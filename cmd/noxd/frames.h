/*
 * Keeps every frame for a while: the recorder.
 *
 * The loop only copies into a bounded buffer; a thread of its own writes blocks to segment files
 * (frames_file.h), begins new segments and removes old ones.  When the disk is slow, full, or has
 * less room than the reserve, frames are dropped and counted; nobody ever waits for them.
 */
#ifndef CMD_NOXD_FRAMES_H
#define CMD_NOXD_FRAMES_H

#include "cmd/noxd/frames_file.h"

struct frames;

struct frames_options {
    const char *dir;       /* made with mode 0700 if it is missing; copied */
    int64_t keep_ms;       /* by the instants of the records; 0 = nothing is kept */
    int64_t max_bytes;     /* of all files; 0 = nothing is kept */
    int64_t reserve_bytes; /* of the disk: left to others; 0 = 256 MiB */
    size_t buffer_bytes;   /* twice; 0 = 2 MiB */
};

/** @return NULL with one sentence in ret_text */
struct frames *frames_open(const struct frames_options *options, char *ret_text, size_t size);
/* Writes what is in the buffer, ends the thread.  NULL is fine. */
void frames_close(struct frames *f);

/* Loop only: copy; sets r->no.  Secrets have been taken out (redact.h). */
void frames_add(struct frames *f, struct frame_record *r);

/* Any thread but the loop's and the writer's: until what was added before can be read, a second at
 * most. */
void frames_sync(struct frames *f);

struct frames_counters {
    bool is_on;
    uint64_t kept, dropped; /* records since the start */
    int64_t bytes, segments;
    char trouble[160]; /* why frames are dropped now; "" = they are kept */
};
void frames_counters(struct frames *f, struct frames_counters *ret_counters);
/* Where the files lie. */
const char *frames_dir(const struct frames *f);

#endif
