/*
 * The grid as rows for a table: one for each node and phase.
 */
#ifndef CMD_NOXCTL_GRID_ROWS_H
#define CMD_NOXCTL_GRID_ROWS_H

#include "cmd/noxctl/table.h"

extern const struct table grid_table;

/**
 * @param nodes   items of /v1/grid
 * @param only    this node and those below it; NULL = all
 * @param people  indent names by depth, say them once, put phases that are alike into one row
 * @return list of rows, owned by the caller
 */
json_t *grid_rows(const json_t *nodes, const char *only, bool people);

/** Append the rows of one node. */
void grid_append_rows(json_t *rows, const json_t *node, size_t depth, bool people);

/** Room that is left on a phase 0..2: limit - foreign - `what`; MEMBER_UNKNOWN if unknown. */
int64_t grid_free_tenths(const json_t *node, const char *what, size_t phase);

#endif
