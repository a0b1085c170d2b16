/*
 * Times and lengths of time in flags: one way to write them for all commands.
 */
#ifndef CMD_NOXCTL_INSTANT_H
#define CMD_NOXCTL_INSTANT_H

#include "cmd/noxctl/ctl.h"

/* What a time of day without a date means. */
enum instant_side {
    INSTANT_LAST, /* the last time that the clock showed it: what is looked for is past */
    INSTANT_NEXT, /* the next time that it will */
};

/* How flags with a TIME explain it; behind "18:30". */
#define INSTANT_LAST_HELP "18:30 (the last one), -2h, now, a date, 'DATE hh:mm' or with zone"
#define INSTANT_NEXT_HELP "18:30 (the next one), +2h, now, a date, 'DATE hh:mm' or with zone"

/**
 * "18:30[:15]", "now", "+8h", "-2h", "+1h30m", "2026-10-24", "2026-10-24 20:15[:00]" (local time),
 * or RFC 3339 with its zone.
 *
 * @param now_ms   what spans count from
 * @param from_ms  what a time of day is the next after, or the last at or before; mostly now_ms
 * @return false if it is none of these
 */
bool instant_parse(const char *text, enum instant_side side, int64_t now_ms, int64_t from_ms,
                   int64_t *ret_utc_ms);

/** Does the meaning depend on noxd's clock? */
bool instant_is_relative(const char *text);

/** noxd's clock, which may be a simulated one. */
enum ctl_exit instant_now(const struct ctl *ctl, int64_t *ret_now_ms);

/**
 * The time of a flag; noxd is asked what time it is where that matters.
 *
 * @param text  what was given
 * @return false after a complaint
 */
bool instant_read(const struct ctl *ctl, const char *flag, const char *text, enum instant_side side,
                  char ret_utc[32]);

/** As instant_read(), by a clock that is known. */
bool instant_read_from(const char *flag, const char *text, enum instant_side side, int64_t now_ms,
                       int64_t from_ms, int64_t *ret_utc_ms);

/** "90", "90s", "30m", "2h", "1h30m", "1d" in seconds, at most a year.
 * @param standard_s  of a number without a letter: seconds it stands for
 * @return false after a complaint about the flag */
bool instant_duration(const char *flag, const char *text, int64_t standard_s, int64_t *ret_s);

#endif
