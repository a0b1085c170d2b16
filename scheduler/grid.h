/*
 * The forest of grid nodes: what may flow through each.
 *
 * A node offers six resources: its three phases, and for each phase the sum of those who are on
 * this phase alone (unbalance rule of the connection point, SCHEDULER section 2).  Who draws
 * current names the resources it uses by bits, and uses them in its own node and all above.
 */
#ifndef SCHEDULER_GRID_H
#define SCHEDULER_GRID_H

#include "scheduler/capacity.h"

enum {
    GRID_PHASES = 3,
    GRID_RESOURCES = 6,            /* phases 0..2, then the same for single-phase load */
    GRID_ALL_PHASES = 7,           /* as bits */
    GRID_SKEW_TO_LEASE_MS = 60000, /* worse clocks are not trusted with the end of a lease */
};

struct grid_node {
    int32_t parent; /* -1 = root; else smaller than the own index */
    int32_t limit_ma[GRID_PHASES], foreign_ma[GRID_PHASES];
    int32_t single_max_ma;
    int64_t rating_ma[GRID_PHASES]; /* sum over all points below */
    bool roomy;                     /* here and everywhere above, all points at their rating fit */

    /* Capacity (limit less foreign load) to come; limit_ma and foreign_ma are those of now. */
    int64_t soon_ma[GRID_PHASES]; /* least from grid.soon_ms until now + horizon */
    int64_t ever_ma[GRID_PHASES]; /* least of all times */
    bool stale;                   /* something was told: look again */
    int64_t since_ms, until_ms;   /* what is found here holds for these times */
    int64_t fall_ms;              /* first time it becomes less, within the horizon */
};

/*
 * Capacity over time is seen in three parts: from now until soon_ms no node has less than now;
 * from then until the end of the longest lease, soon_ma; and ever, ever_ma.
 */
struct grid {
    struct grid_node *node;
    size_t n;

    struct capacity *capacity; /* of each node */
    bool varies;               /* else all three parts are the same, and only the first is kept */
    int64_t horizon_ms;        /* a lease given now does not count any longer */
    int64_t soon_ms;           /* INT64_MAX = no node falls within the horizon */
    int64_t until_ms;          /* look again then */
};

/** @return false when out of memory; conf has passed sched_check() */
bool grid_init(struct grid *g, const struct sched_conf *conf, int64_t now_ms);
void grid_done(struct grid *g);

/* Find the capacity of now, soon and ever. */
void grid_refresh(struct grid *g, int64_t now_ms);
/* What is known of the node's capacity has changed. */
void grid_touch(struct grid *g, size_t node, int64_t now_ms);

/** @return does it end after it begins, and limit? */
bool grid_is_cap(const struct sched_cap *cap);

enum grid_part { GRID_SOON, GRID_EVER, GRID_LATER_PARTS };
/** @return the least capacity of that part, as grid_capacity_ma() for now */
int64_t grid_later_ma(const struct grid_node *node, enum grid_part part, int resource);

/** @return current for points through the resource, may be < 0; huge when there is no rule */
int64_t grid_capacity_ma(const struct grid_node *node, int resource);

/* limit_ma or foreign_ma was changed: find out again who has room for everybody. */
void grid_find_roomy(struct grid *g);

/** @return bits of the resources that a point on these phases uses */
uint8_t grid_uses(uint8_t phases);

/** @return bits of the grid phases that the point's terminals are wired to */
uint8_t grid_wired(const struct sched_point_conf *point);

#endif
