/*
 * How one value of noxd is written for people and in CSV.
 */
#ifndef CMD_NOXCTL_CELL_H
#define CMD_NOXCTL_CELL_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "ocpp/wire/text.h"

enum cell_kind {
    CELL_TEXT,
    CELL_STATUS, /* a word with a colour */
    CELL_NUMBER,
    CELL_AMPS,   /* A with one decimal */
    CELL_AMPS3,  /* list of three; one number when all are equal */
    CELL_KWH,    /* from Wh */
    CELL_KW,     /* from W */
    CELL_CENTS,  /* 12.34 */
    CELL_TIME,   /* local time to the minute */
    CELL_TIME_S, /* to the second */
    CELL_YES_NO,
    CELL_LIST,    /* of words, with commas */
    CELL_SECONDS, /* a duration, "3 d 04:05" */
    CELL_MS,      /* milliseconds as seconds */
};

enum { CELL_TIME_SIZE = 32 };

bool cell_is_number(enum cell_kind kind); /* stands at the right */

/** Append a value for people: "-" when it is unknown. */
void cell_append(struct ocpp_text *out, const json_t *value, enum cell_kind kind);

/** Append a value as it is, quoted after RFC 4180; control characters become "?". */
void cell_append_csv(struct ocpp_text *out, const json_t *value);

/** Append tenths as "12.8"; "-" if unknown. */
void cell_append_tenths(struct ocpp_text *out, int64_t tenths);

enum cell_clock {
    CELL_CLOCK_MINUTE, /* 2026-10-24 22:15 */
    CELL_CLOCK_SECOND, /* 2026-10-24 22:15:03 */
    CELL_CLOCK_TIME,   /* 22:15:03 */
};

/** Local time; "-" if unknown. */
void cell_time(int64_t at_ms, enum cell_clock clock, char ret_text[CELL_TIME_SIZE]);

/** "0:42", "2:05:10", "3 d 04:05"; "-" if unknown. */
void cell_duration(int64_t seconds, char ret_text[CELL_TIME_SIZE]);

#endif
