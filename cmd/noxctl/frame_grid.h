/*
 * The grid in the live view: each connection with a bar for each phase, a line for each feeder.
 */
#ifndef CMD_NOXCTL_FRAME_GRID_H
#define CMD_NOXCTL_FRAME_GRID_H

#include <jansson.h>

#include "cmd/noxctl/paint.h"

/** Paint at most max_lines lines. */
void frame_paint_grid(struct paint *p, const json_t *nodes, size_t max_lines);

#endif
