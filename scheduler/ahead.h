/*
 * The coming hours in slots: how much current whom.  Pure arithmetic in the caller's memory, no
 * clock, no allocation.
 *
 * Whoever has not told when it leaves keeps its share of the present.  Then, in order of departure:
 * who charges at once takes the next slots, who may be moved takes the cheapest.  A load for which
 * the cheapest slots before its departure are not enough is not moved but charges at once, before
 * all that are.
 */
#ifndef SCHEDULER_AHEAD_H
#define SCHEDULER_AHEAD_H

#include "scheduler/grid.h"

enum {
    AHEAD_SLOT_MS = 900000,
    AHEAD_SLOTS = 192, /* at most: 48 h */
    AHEAD_VOLT = 230,
};
#define AHEAD_NO_COST INT64_MAX /* not known: nobody is moved there */

/* Slot 0 begins now, the others at whole quarters of an hour. */
struct ahead_time {
    int64_t now_ms;
    size_t n_slots; /* 1..AHEAD_SLOTS */
};
int64_t ahead_from_ms(const struct ahead_time *time, size_t slot);
int64_t ahead_until_ms(const struct ahead_time *time, size_t slot);

/* Of each slot the mean of its hour, so that a car is not turned on and off by the quarter; and the
 * slots in order of it, then of time. */
struct ahead_cost {
    int64_t value[AHEAD_SLOTS];
    uint16_t by_cost[AHEAD_SLOTS];
    size_t n_known;
};
/** @param factor  in order of time, without overlaps */
void ahead_cost_set(struct ahead_cost *cost, const struct ahead_time *time,
                    const struct sched_factor *factor, size_t n);

enum ahead_how {
    AHEAD_SHARE,   /* share_ma in every slot in which it fits */
    AHEAD_AT_ONCE, /* as much as there is, from now on */
    AHEAD_MOVED,   /* as much as there is in the cheapest slots */
};

struct ahead_load {
    int32_t node;
    uint8_t uses; /* resources, bits as of grid_uses() */
    int32_t n_phases;
    int32_t min_ma, max_ma; /* 0 < min <= max */
    int32_t share_ma;
    int64_t until_ms; /* leaves; INT64_MAX = not known */
    int64_t need_wh;  /* INT64_MAX = not known */
    /* the same while it is moved, with a margin: no later, no less */
    int64_t moved_until_ms, moved_wh;
    const struct ahead_cost *cost; /* AHEAD_MOVED */
    enum ahead_how how;            /* may become AHEAD_AT_ONCE */
    /* result */
    int64_t planned_wh; /* before it leaves; at most what it needs */
    int64_t done_ms;    /* when need_wh is reached, INT64_MAX = not in sight */
};

struct ahead {
    const struct grid *grid;
    struct ahead_time time;
    int32_t *room_ma; /* [slot][node][resource]; what is left on return; may be negative */
    struct ahead_load *load;
    size_t n_loads;
    uint32_t *order;  /* n_loads: working memory */
    int32_t *plan_ma; /* [load][slot]: result */
};

int32_t *ahead_room(const struct ahead *a, size_t slot, size_t node);
void ahead_run(struct ahead *a);

#endif
