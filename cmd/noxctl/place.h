/*
 * The columns of connectors, used by lists of connectors, of one station, and of the grid.
 */
#ifndef CMD_NOXCTL_PLACE_H
#define CMD_NOXCTL_PLACE_H

#include "cmd/noxctl/table.h"

extern const struct table place_table;

#endif
