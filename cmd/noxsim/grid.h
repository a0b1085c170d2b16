/*
 * What the grid sees, as the stations themselves know it: the oracle of tests.
 *
 * For every node and phase the sums of what all outlets below may draw by the charging profiles
 * installed in them, of what they draw, and of what their cars would like to draw.  The sums change
 * with every single event, and the largest are kept, so nothing can hide between two samples.
 */
#ifndef CMD_NOXSIM_GRID_H
#define CMD_NOXSIM_GRID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "cmd/noxsim/site.h"

enum grid_quantity { GRID_MAY, GRID_DRAW, GRID_WANT, GRID_QUANTITIES };

/* Contribution of one outlet, mA by grid phase. */
struct grid_load {
    int32_t ma[GRID_QUANTITIES][3];
};

struct grid_phase {
    int64_t limit_ma; /* of the node less its foreign load */
    int64_t now_ma[GRID_QUANTITIES];
    int64_t max_ma[GRID_QUANTITIES];
    int64_t peak_may_ma;                 /* most since the last sample */
    uint64_t samples, samples_over;      /* over: what may be drawn is above the limit */
    uint64_t times_over;                 /* events that raised it above */
    uint64_t tight;                      /* samples in which cars wanted at least the limit */
    int64_t tight_may_ma, tight_draw_ma; /* sums over them */
};

struct grid_node {
    const struct site_node *site;
    struct grid_phase phase[3];
};

struct grid {
    struct grid_node *node;
    size_t n;
    char first_excess[240]; /* "" = never */
};

/** @param site  lent for the life of the grid */
bool grid_init(struct grid *grid, const struct site *site);
void grid_done(struct grid *grid);

/**
 * An outlet below a node now contributes fresh instead of *load, which is overwritten.
 *
 * @param node   -1 = hangs on none: nothing is summed
 * @param who    for the text of the first excess
 * @param at_ms  UTC
 */
void grid_change(struct grid *grid, int32_t node, struct grid_load *load,
                 const struct grid_load *fresh, const char *who, int64_t at_ms);

/* Count one sample of all nodes; and write it as CSV rows when trace is not NULL. */
void grid_sample(struct grid *grid, int64_t at_ms, FILE *trace);
void grid_trace_header(FILE *trace);

#endif
