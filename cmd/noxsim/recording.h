/*
 * Recorded charging sessions: read from CSV, spread over lamps, and the course of a meter that ends
 * exactly at the recorded energy.
 *
 * Columns: plugin_time, plugout_time (local time of Berlin and Oslo), energy_kwh; optional user_id,
 * session_id, connection_h.  The course between begin and end is not recorded: the meter runs at
 * the least of 3,680, 7,360 and 11,040 W that suffices, then stands still.
 */
#ifndef CMD_NOXSIM_RECORDING_H
#define CMD_NOXSIM_RECORDING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct recorded {
    int64_t begin_ms, end_ms; /* UTC, begin <= end */
    int64_t energy_wh;
    uint64_t user;               /* hash of user_id; sessions of one user have one tag */
    size_t line;                 /* in the file */
    size_t lamp;                 /* after recording_assign() */
    const struct recorded *next; /* on the same lamp, after recording_assign() */
    const char *tag;             /* lent; set by who replays it */
};

struct recording {
    struct recorded *session; /* in order of begin */
    size_t n;
    size_t n_without_end; /* lines left out because plugout_time is missing */
    size_t n_elsewhere;   /* left out because they end in another month */
    int64_t energy_wh;    /* of all sessions */
};

/**
 * @param month     `2019-11`: only sessions whose end lies in this local month; NULL = all
 * @param max       keep the first so many sessions by their begin; 0 = all
 * @param ret_text  one sentence with file, line, column on failure
 */
bool recording_read(const char *path, const char *month, size_t max, struct recording *ret,
                    char *ret_text, size_t size);
void recording_done(struct recording *recording);

/**
 * Give every session the first lamp that is free.
 *
 * @param gap_ms       between two sessions of one lamp at least this
 * @param ret_n_lamps  lamps needed
 */
bool recording_assign(struct recording *recording, int64_t gap_ms, size_t *ret_n_lamps);

/** Exactly kWh with decimals to Wh. @return false if it is no number or has a fraction of a Wh */
bool recording_wh(const char *kwh, int64_t *ret_wh);

int64_t recorded_power_w(const struct recorded *session);
/** Wh since the begin, 0 before it and energy_wh at the end and after. */
int64_t recorded_energy_wh(const struct recorded *session, int64_t utc_ms);

#endif
