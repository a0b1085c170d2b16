/*
 * Looking at frames: what a message is, which answer belongs to which call, which records are
 * wanted, and how one is written as a line.
 *
 * Runs on a worker over the files, or on the loop over what comes in (one scan each).
 */
#ifndef CMD_NOXD_FRAMES_SCAN_H
#define CMD_NOXD_FRAMES_SCAN_H

#include <regex.h>

#include "cmd/noxd/frames_file.h"
#include "ocpp/wire/text.h"

enum frame_message { FRAME_NO_MESSAGE, FRAME_CALL, FRAME_RESULT, FRAME_ERROR };

/* What a look at the first members of a message shows. */
struct frame_look {
    enum frame_message message;
    struct frame_span id;     /* as written between its quotes */
    struct frame_span action; /* of a CALL */
};
void frame_look(struct frame_span text, struct frame_look *ret_look);

struct frames_filter {
    const char *station[16]; /* any of them; n_stations 0 = all */
    size_t n_stations;
    int64_t from_ms, to_ms; /* half open; INT64_MIN, INT64_MAX = open */
    const char *action;     /* calls of this action and their answers; NULL = all */
    const char *text;       /* must be in the message, as it is; NULL = any */
    const char *regex;      /* POSIX extended; NULL = any */
    uint32_t kinds;         /* bit per enum frame_kind; 0 = all */
    bool errors;            /* only what went wrong */
};

/* A call whose answer may come. */
struct frame_open_call {
    char station[64], id[48], action[48];
    uint64_t connection;
    int64_t at_ms;
    uint8_t kind;
};
enum { FRAME_OPEN_CALLS = 4096 };

struct frames_scan {
    struct frames_filter filter; /* lent texts */
    regex_t regex;
    bool has_regex;
    struct ocpp_text scratch;
    struct frame_open_call *open; /* by hash of station and direction; the newest stays */
};

/** @return false with one sentence: the regular expression is none */
bool frames_scan_begin(struct frames_scan *s, const struct frames_filter *filter, char *ret_text,
                       size_t size);
void frames_scan_done(struct frames_scan *s);

/* What a scan knows of a wanted record. */
struct frame_seen {
    struct frame_look look;
    const char *action; /* of the call, or of the call it answers; NULL unknown; until the next */
    int64_t latency_ms; /* of an answer; -1 unknown */
};
/* All records of interest must pass, in order. @return true if it is wanted */
bool frames_scan_take(struct frames_scan *s, const struct frame_record *r,
                      struct frame_seen *ret_seen);

enum frames_format { FRAMES_JSON, FRAMES_TEXT };
void frames_write_line(struct ocpp_text *out, const struct frame_record *r,
                       const struct frame_seen *seen, enum frames_format format);

/* What a walk over the files gives out. */
struct frames_walk {
    struct frames_scan *scan;
    enum frames_format format;
    int64_t last; /* only the last so many, 0 = all; at most FRAMES_LAST_MAX */
    bool (*write)(void *arg, const char *bytes, size_t n); /* false: stop */
    void *arg;
};
enum { FRAMES_LAST_MAX = 10000 };
/** Oldest first. @return lines written */
int64_t frames_walk(const char *dir, const struct frames_walk *walk);

#endif
