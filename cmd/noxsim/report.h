/*
 * What happened in a street: progress for people, the summary as JSON.
 */
#ifndef CMD_NOXSIM_REPORT_H
#define CMD_NOXSIM_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cmd/noxsim/env.h"

struct report_fleet {
    size_t stations, accepted, cars, charging, queued;
    int64_t simulated_s, real_ms;
    uint64_t replay_wanted; /* sessions of a replay, 0 = none */
};

/* Refreshes one line of a terminal, or writes a line when stderr is none. */
void report_progress(const struct env *env, const struct report_fleet *fleet, bool is_terminal);
/* A few lines on stderr. */
void report_people(const struct env *env, const struct report_fleet *fleet);
/**
 * JSON on stdout, unless that is a terminal, and, when path is not NULL, in a file.
 * @return false with errno set when the file could not be written
 */
bool report_json(const struct env *env, const struct report_fleet *fleet, const char *path);

#endif
