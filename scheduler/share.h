/*
 * Fair shares of a grid's free current: pure arithmetic, no time, no allocation.
 *
 * A higher class is served first, with all it can use; the rest is for the next one.  In a class
 * each demand gets 0, its floor, or at least its least useful current.  In order of their key as
 * many as fit are admitted; what is left is shared max-min fair by weight, in whole steps
 * (SCHEDULER section 4: integer water-filling).  On return nobody can have a step more without
 * taking it from someone of a higher class, or of the own who has, counted from the least useful
 * current and per weight, no more than he (up to one step).
 *
 * Demands with a deadline share among themselves what all of them together would have had, and what
 * nobody else can use: the others of their class get at least what they would get if nobody had a
 * deadline.  They are served one after the other, in order of `due_ms`, each with all it can use.
 * Who then lacks his least current is given it by those before him, from the last on, down to their
 * least one, if more current flows in all (or as much, if he `keeps` his place); but nobody who is
 * pressed gives to one who is not.
 */
#ifndef SCHEDULER_SHARE_H
#define SCHEDULER_SHARE_H

#include "scheduler/grid.h"

struct share_demand {
    int32_t node;
    uint8_t uses;     /* resources, bits as of grid_uses() */
    int32_t floor_ma; /* safe current: nobody else gets it, though it is held at 0 where that does
                       * not fit; below min_ma it is of no use */
    int32_t min_ma;   /* least useful current, > 0 */
    int32_t max_ma;   /* < min_ma: it gets its floor or nothing */
    int32_t weight;   /* >= 1 */
    int32_t class;    /* larger first, whatever the key */
    int32_t had_ma;   /* has now: who has more keeps the last odd step, so that shares stay */
    int64_t key;      /* admission: smaller first */
    int64_t due_ms;   /* with a deadline: smaller first */
    bool has_deadline, pressed, keeps;
    int32_t first_ma; /* so much in its turn, up to max_ma when all had theirs */
    int64_t since_ms; /* equal keys: who came first */
    uint32_t id;      /* equal in that too: smaller first */
};

struct share_rank {
    int64_t key, since_ms;
    int64_t group; /* larger first: classes, of these those with a deadline also roots */
    uint32_t id, index;
};

/* Working memory for n demands, made once. */
struct share_scratch {
    struct share_rank *rank, *spare, *told;
    int32_t *claim_ma, *gave_ma;
    uint32_t *place; /* of each demand in rank[] */
    uint32_t *heap;
    size_t size;
};
bool share_scratch_init(struct share_scratch *scratch, size_t n);
void share_scratch_done(struct share_scratch *scratch);

/**
 * @param room_ma  current to hand out, GRID_RESOURCES for each node, may be negative; what is left
 *                 on return
 * @param step_ma  shares are whole multiples of it, except at a floor
 * @param ret_grant_ma  n entries: 0, the floor, or from min_ma to max_ma
 * On return scratch->rank[0..n) holds the demands in order of admission, and
 * scratch->claim_ma[0..n) what each would have if nobody had a deadline, or what it has when all of
 * its class have one.
 */
void share_split(const struct grid *grid, int64_t *room_ma, const struct share_demand *demand,
                 size_t n, int32_t step_ma, struct share_scratch *scratch, int32_t *ret_grant_ma);

#endif
