/*
 * Believable charging sessions of a residential street, for those who have no data: most arrive
 * after work and leave in the morning, some stop by in daytime, weekends are later.
 */
#ifndef CMD_NOXSIM_GENERATE_H
#define CMD_NOXSIM_GENERATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct generate_options {
    const char *month; /* "2026-10": sessions end in this local month */
    size_t stations;   /* never more cars at once, > 0 */
    size_t sessions;   /* 0 = one per station and day */
    uint64_t seed;
};

/**
 * Write CSV as `noxsim replay` reads it; the same options give the same bytes.
 *
 * @param ret_n  sessions written, may be less than asked when the stations are full
 * @return false with one sentence
 */
bool generate_csv(const struct generate_options *options, FILE *out, size_t *ret_n, char *ret_text,
                  size_t size);

#endif
