/*
 * A growing text for output, and comparison of CiStrings.
 *
 * Appending never fails half-way: when memory runs out, `failed` is set, the text stays as it was
 * and all later calls do nothing, so a caller checks once at the end.  `data` is always terminated
 * by NUL, also before the first append.
 */
#ifndef OCPP_WIRE_TEXT_H
#define OCPP_WIRE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ocpp_text {
    char *data; /* never NULL after init; do not free, ocpp_text_done() does */
    size_t len; /* without the NUL */
    size_t cap; /* 0 = nothing allocated yet */
    bool failed;
    bool short_times; /* times are encoded without milliseconds */
};

void ocpp_text_init(struct ocpp_text *text);

/** Free the buffer and start again as after init.  Accepts NULL and a zeroed text. */
void ocpp_text_done(struct ocpp_text *text);

/** Empty the text and clear `failed`; the buffer is kept. */
void ocpp_text_reset(struct ocpp_text *text);

/** Cut the text to len bytes; `failed` stays as it is. */
void ocpp_text_truncate(struct ocpp_text *text, size_t len);

void ocpp_text_append(struct ocpp_text *text, const char *bytes, size_t n_bytes);
void ocpp_text_append_str(struct ocpp_text *text, const char *str);
void ocpp_text_append_int(struct ocpp_text *text, int64_t value);

/** Append a JSON string with quotes.  Bytes that are not UTF-8 become U+FFFD. */
void ocpp_text_append_json_string(struct ocpp_text *text, const char *str);

/** Append by printf rules. */
void ocpp_text_append_format(struct ocpp_text *text, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/**
 * Compare two CiStrings (OCPP 1.6 section 7: text without regard to ASCII case).
 *
 * @return true if equal; NULL equals only NULL
 */
bool ocpp_ci_equal(const char *a, const char *b);

#endif
