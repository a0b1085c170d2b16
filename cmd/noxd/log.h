/*
 * The log of noxd: one line per event on stderr.
 *
 *   2026-01-02T03:04:05.678Z info station.boot station=CP-7 connector=1 text="..."
 *
 * The event's name comes first and is stable.  Text of strangers is escaped: no control character,
 * no line break, nothing that is not UTF-8 gets through.  An event that repeats is limited; how
 * many lines were left out is told.
 */
#ifndef CMD_NOXD_LOG_H
#define CMD_NOXD_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARNING, LOG_ERROR };

struct log;

/* @param out  lent; NULL when memory is out */
struct log *log_new(FILE *out, bool json, enum log_level least);
void log_free(struct log *l);

struct log_field {
    const char *name, *value; /* value NULL = left out */
};

/**
 * Write one line, or count it when the event comes too often (a burst of 50, then 10 per second).
 * @param at_ms  UTC, printed and used for the limit
 */
void log_event(struct log *l, int64_t at_ms, enum log_level level, const char *event,
               const struct log_field *field, size_t n_fields);
/* One field `text`. */
void log_text(struct log *l, int64_t at_ms, enum log_level level, const char *event,
              const char *format, ...) __attribute__((format(printf, 5, 6)));

bool log_wants(const struct log *l, enum log_level level);

#endif
