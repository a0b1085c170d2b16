/*
 * An electric car at the plug: battery, constant current then taper, and its manners.
 *
 * Current is per phase and the same on all phases the car uses.  A car follows a changed offer
 * within 5 s (IEC 61851-1), pauses below 6 A (some below 8 A), and may need longer to come back.
 * Energy is exact: the sum of voltage x current x time, in microjoules.
 */
#ifndef CMD_NOXSIM_VEHICLE_H
#define CMD_NOXSIM_VEHICLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cmd/noxsim/rng.h"

#define MAINS_V   INT64_C(230)
#define UJ_PER_WH INT64_C(3600000000) /* 1 mW x ms = 1 uJ */

struct vehicle_model {
    const char *name;
    int32_t share_percent; /* of all cars in the street */
    int32_t n_phases;      /* 1, 2 or 3 */
    int32_t max_ma;        /* of the charger, per phase */
    int32_t min_ma;        /* below this offer it pauses */
    int32_t battery_wh;
    int32_t taper_percent; /* state of charge from which the current falls */
    int32_t react_ms;      /* until a changed offer is obeyed, <= 5000 */
    int32_t wake_ms;       /* from the offer until current flows, at the start and after a pause */
    int32_t takes_percent; /* of the offer, 100 for most */
};

struct vehicle {
    const struct vehicle_model *model;
    int32_t n_phases;  /* used here: fewer when the outlet has fewer */
    int64_t stored_uj; /* in the battery */
    int64_t goal_uj;   /* where the car stops */
    int64_t at_ms;     /* everything is known until here */
    int32_t offer_ma;  /* what the pilot says, 0 = none */
    int32_t obeyed_ma; /* the offer that the car follows by now */
    int64_t obey_ms;   /* when it follows offer_ma; TIME_NEVER when it does */
    int32_t draw_ma;   /* per phase, now */
    bool is_full;
};

/* Which cars come. */
enum vehicle_mix { VEHICLE_MIXED, VEHICLE_THREE_PHASE, VEHICLE_ONE_PHASE, VEHICLE_MIX_END };
/* As on the command line; NULL beyond the last. */
const char *vehicle_mix_name(enum vehicle_mix mix);

const struct vehicle_model *vehicle_models(size_t *ret_n);
/* By the shares of the models that belong to the mix. */
const struct vehicle_model *vehicle_pick(struct rng *rng, enum vehicle_mix mix);

/**
 * @param n_phases  of the outlet
 * @param soc_wh    in the battery on arrival, less than goal_wh
 * @param goal_wh   where charging ends, at most the battery
 */
void vehicle_init(struct vehicle *v, const struct vehicle_model *model, int32_t n_phases,
                  int64_t soc_wh, int64_t goal_wh, int64_t now_ms);

/* Go on to now_ms, which never runs backwards.  @return energy taken meanwhile, in uJ */
int64_t vehicle_advance(struct vehicle *v, int64_t now_ms);

/* The pilot now offers so much; the car must be advanced to now before. */
void vehicle_offer(struct vehicle *v, int32_t offer_ma);

/* What it would draw per phase if the offer were unlimited; 0 when full. */
int32_t vehicle_wants_ma(const struct vehicle *v);

/* When to look again: draw_ma or wants may have changed then; TIME_NEVER when nothing will. */
int64_t vehicle_next_ms(const struct vehicle *v);

int32_t vehicle_soc_percent(const struct vehicle *v);

#endif
