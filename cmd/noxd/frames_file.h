/*
 * Frames on disk: records in blocks, blocks in segment files, one index beside each segment.
 *
 * A block is what had gathered when the writer came by; its head has a check sum, so that a torn
 * tail (kill -9, power cut: nothing here is synced) or a damaged block is skipped and what comes
 * after it is found again.  The index names the time range and the stations of a closed segment;
 * without one, or with a damaged one, the segment is read.
 *
 *   DIR/0000000017.frames   blocks: head of 56 bytes, records
 *   DIR/0000000017.index    first and last instant, station ids in order
 *
 * Numbers are little endian; varints have seven bits a byte.  A record is: varint of the
 * milliseconds since the one before (zigzag; the first: since 1970), kind, connection, station,
 * code, address, text.
 */
#ifndef CMD_NOXD_FRAMES_FILE_H
#define CMD_NOXD_FRAMES_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum frame_kind {
    FRAME_IN = 1, /* from the station */
    FRAME_OUT,
    FRAME_OPENED,  /* a connection begins: address; text = by what transport */
    FRAME_CLOSED,  /* code of the websocket, 0 = none; text = who ended it and why */
    FRAME_REFUSED, /* code of HTTP; station = identity as tried; text = reason: what to change */
    FRAME_KINDS,
};
/* "in", "out", "opened", "closed", "refused" */
const char *frame_kind_text(int kind);

/* Text that is not terminated. */
struct frame_span {
    const char *at;
    size_t len;
};

struct frame_record {
    uint64_t no; /* rises with every record, also over restarts */
    int64_t at_ms;
    uint64_t connection; /* number since noxd's start; 0 = none */
    struct frame_span station, address, text;
    uint16_t code;
    uint8_t kind; /* enum frame_kind */
};

enum {
    FRAMES_BLOCK_HEAD = 56,
    FRAMES_NAME_MAX = 255,               /* longest station or address that is kept */
    FRAMES_BLOCK_MAX = 64 * 1024 * 1024, /* a longer one is none of ours */
};

/* --- writing: a block being filled --- */

struct frames_block {
    char *bytes; /* of the owner; the head's room comes first */
    size_t room, len;
    uint64_t first_no;
    int64_t first_ms, last_ms, before_ms;
    uint32_t n;
};

/* Empty, over memory of the caller; room > FRAMES_BLOCK_HEAD. */
void frames_block_begin(struct frames_block *b, char *bytes, size_t room);
/* @return false when it does not fit: the block stays as it was */
bool frames_block_add(struct frames_block *b, const struct frame_record *r);
/* Writes the head. @return bytes of the whole block, 0 = it is empty */
size_t frames_block_end(struct frames_block *b);

/* --- reading --- */

/* Where the next block of a segment begins. */
struct frames_cursor {
    const char *bytes; /* the segment */
    size_t len, at;
};

struct frames_view {
    const char *at, *end;
    uint64_t no;
    int64_t at_ms, first_ms, last_ms;
    uint32_t left;
};

/* The next block whose check sum holds. @return false at the end */
bool frames_next_block(struct frames_cursor *c, struct frames_view *ret_view);
/* The next record of it; spans point into the segment. @return false at the end */
bool frames_next(struct frames_view *v, struct frame_record *ret_record);

/* --- index --- */

struct frames_index {
    int64_t first_ms, last_ms;
    char *memory;         /* owned */
    const char **station; /* sorted */
    size_t n_stations;
};

/** @return false when there is none that can be used */
bool frames_index_read(const char *path, struct frames_index *ret_index);
bool frames_index_write(const char *path, const struct frames_index *index);
bool frames_index_has(const struct frames_index *index, const char *station);
void frames_index_done(struct frames_index *index);

/* The stations of a segment while it grows. */
struct frames_names {
    char **slot; /* open hash */
    size_t n_slots, n;
};
bool frames_names_add(struct frames_names *names, struct frame_span name);
void frames_names_done(struct frames_names *names);
/* Index with the names in order; lends them. */
bool frames_names_index(const struct frames_names *names, struct frames_index *ret_index);

/* --- the folder --- */

struct frames_segment {
    uint64_t number;
    int64_t bytes; /* with its index */
};
/** Segments of a folder in order. @return NULL and 0 when there are none; free() */
struct frames_segment *frames_list(const char *dir, size_t *ret_n);
/* Path of a segment or its index: ext "frames" or "index". */
void frames_path(const char *dir, uint64_t number, const char *ext, char *buf, size_t size);

/* A whole file in memory, a NUL behind it.  Read, not mapped: a disk that fails under a mapping
 * ends the process. */
struct frames_bytes {
    char *at;
    size_t len;
};
bool frames_load(const char *path, struct frames_bytes *ret_bytes);
void frames_bytes_done(struct frames_bytes *bytes);

#endif
