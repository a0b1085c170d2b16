/*
 * The forest of grid nodes: what may flow through each.
 *
 * A node offers six resources: its three phases, and for each phase the sum of those who are on
 * this phase alone (unbalance rule of the connection point, SCHEDULER section 2).  Who draws
 * current names the resources it uses by bits, and uses them in its own node and all above.
 */
#ifndef SCHEDULER_GRID_H
#define SCHEDULER_GRID_H

#include "scheduler/plan.h"

enum {
    GRID_PHASES = 3,
    GRID_RESOURCES = 6,  /* phases 0..2, then the same for single-phase load */
    GRID_ALL_PHASES = 7, /* as bits */
};

struct grid_node {
    int32_t parent; /* -1 = root; else smaller than the own index */
    int32_t limit_ma[GRID_PHASES], foreign_ma[GRID_PHASES];
    int32_t single_max_ma;
    int64_t rating_ma[GRID_PHASES]; /* sum over all points below */
    bool roomy;                     /* here and everywhere above, all points at their rating fit */
};

struct grid {
    struct grid_node *node;
    size_t n;
};

/** @return false when out of memory; conf has passed sched_check() */
bool grid_init(struct grid *g, const struct sched_conf *conf);
void grid_done(struct grid *g);

/** @return current for points through the resource, may be < 0; huge when there is no rule */
int64_t grid_capacity_ma(const struct grid_node *node, int resource);

/* limit_ma or foreign_ma was changed: find out again who has room for everybody. */
void grid_find_roomy(struct grid *g);

/** @return bits of the resources that a point on these phases uses */
uint8_t grid_uses(uint8_t phases);

/** @return bits of the grid phases that the point's terminals are wired to */
uint8_t grid_wired(const struct sched_point_conf *point);

#endif
