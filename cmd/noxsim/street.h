/*
 * A street: the fleet of stations, cars that arrive, recorded sessions, samples of the grid, the
 * end, and the summary.
 */
#ifndef CMD_NOXSIM_STREET_H
#define CMD_NOXSIM_STREET_H

#include "cmd/noxsim/options.h"

/* @return the exit code of the program */
int street_run(const struct options *options);

#endif
