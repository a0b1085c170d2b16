#include "cmd/noxsim/vehicle.h"

#include "cmd/noxsim/timers.h"

enum {
    STEP_MS = 10000,   /* in the taper the current is set anew this often */
    TRICKLE_MA = 1500, /* where the taper ends */
};

/* The shares are a guess at a street of mixed households; every kind of manners occurs. */
static const struct vehicle_model models[] = {
    { "small 3 x 16 A", 26, 3, 16000, 6000, 45000, 85, 2000, 8000, 100 },
    { "sedan 3 x 16 A", 22, 3, 16000, 6000, 77000, 88, 1000, 12000, 100 },
    { "van 3 x 16 A", 7, 3, 16000, 6000, 90000, 80, 3000, 15000, 100 },
    { "careful 3 x 16 A, takes 95 %", 5, 3, 16000, 6000, 58000, 85, 4000, 20000, 95 },
    { "two phases 2 x 16 A", 9, 2, 16000, 6000, 38000, 85, 2000, 10000, 100 },
    { "one phase 16 A", 7, 1, 16000, 6000, 40000, 85, 2000, 10000, 100 },
    { "plug-in hybrid 16 A", 13, 1, 16000, 6000, 12000, 80, 1500, 9000, 100 },
    { "plug-in hybrid 10 A", 4, 1, 10000, 6000, 9000, 75, 1500, 9000, 100 },
    { "likes 8 A or more, 3 x 16 A", 4, 3, 16000, 8000, 50000, 85, 3000, 25000, 100 },
    { "late riser 3 x 16 A", 3, 3, 16000, 6000, 64000, 85, 5000, 90000, 100 },
};

const struct vehicle_model *vehicle_models(size_t *ret_n)
{
    *ret_n = sizeof(models) / sizeof(models[0]);
    return models;
}

const char *vehicle_mix_name(enum vehicle_mix mix)
{
    static const char *const names[VEHICLE_MIX_END] = { "mixed", "three-phase", "one-phase" };
    return mix < VEHICLE_MIX_END ? names[mix] : NULL;
}

static bool is_in_mix(const struct vehicle_model *model, enum vehicle_mix mix)
{
    return mix == VEHICLE_MIXED || model->n_phases == (mix == VEHICLE_THREE_PHASE ? 3 : 1);
}

const struct vehicle_model *vehicle_pick(struct rng *rng, enum vehicle_mix mix)
{
    const struct vehicle_model *last = models, *end = models + sizeof(models) / sizeof(models[0]);
    int64_t shares = 0;
    for (const struct vehicle_model *m = models; m < end; m++)
        shares += is_in_mix(m, mix) ? m->share_percent : 0;
    int64_t at = rng_range(rng, 0, shares - 1);
    for (const struct vehicle_model *m = models; m < end && at >= 0; m++)
        if (is_in_mix(m, mix)) {
            at -= m->share_percent;
            last = m;
        }
    return last;
}

void vehicle_init(struct vehicle *v, const struct vehicle_model *model, int32_t n_phases,
                  int64_t soc_wh, int64_t goal_wh, int64_t now_ms)
{
    *v = (struct vehicle){ .model = model,
                           .n_phases = model->n_phases < n_phases ? model->n_phases : n_phases,
                           .stored_uj = soc_wh * UJ_PER_WH,
                           .goal_uj = goal_wh * UJ_PER_WH,
                           .at_ms = now_ms,
                           .obey_ms = TIME_NEVER,
                           .is_full = soc_wh >= goal_wh };
}

/* Constant up to the taper, then straight down to a trickle at the full battery. */
static int32_t battery_takes_ma(const struct vehicle *v)
{
    int64_t full_uj = v->model->battery_wh * UJ_PER_WH;
    int64_t taper_uj = full_uj / 100 * v->model->taper_percent;
    if (v->is_full)
        return 0;
    if (v->stored_uj <= taper_uj || v->model->max_ma <= TRICKLE_MA)
        return v->model->max_ma;
    int64_t left_wh = (full_uj - v->stored_uj) / UJ_PER_WH;
    int64_t span_wh = (full_uj - taper_uj) / UJ_PER_WH + 1;
    return TRICKLE_MA + (int32_t)((v->model->max_ma - TRICKLE_MA) * left_wh / span_wh);
}

static void set_draw(struct vehicle *v)
{
    int32_t may_ma = 0, takes_ma = battery_takes_ma(v);
    if (v->obeyed_ma >= v->model->min_ma)
        may_ma = v->obeyed_ma / 100 * v->model->takes_percent;
    v->draw_ma = may_ma < takes_ma ? may_ma : takes_ma;
}

static int64_t power_mw(const struct vehicle *v)
{
    return MAINS_V * v->draw_ma * v->n_phases;
}

/* With the draw as it is, until to_ms or until the goal is reached. */
static int64_t flow(struct vehicle *v, int64_t to_ms)
{
    int64_t left_uj = v->goal_uj - v->stored_uj, power = power_mw(v);
    int64_t ms = to_ms - v->at_ms, taken_uj = power * ms;
    if (power > 0 && taken_uj >= left_uj) {
        taken_uj = left_uj;
        v->is_full = true;
    }
    v->stored_uj += taken_uj;
    v->at_ms = to_ms;
    return taken_uj;
}

int64_t vehicle_advance(struct vehicle *v, int64_t now_ms)
{
    int64_t taken_uj = 0;
    while (v->at_ms < now_ms) {
        int64_t to_ms = v->draw_ma > 0 && now_ms - v->at_ms > STEP_MS ? v->at_ms + STEP_MS : now_ms;
        if (v->obey_ms > v->at_ms && v->obey_ms < to_ms)
            to_ms = v->obey_ms;
        taken_uj += flow(v, to_ms);
        if (v->obey_ms <= v->at_ms) {
            v->obeyed_ma = v->offer_ma;
            v->obey_ms = TIME_NEVER;
        }
        set_draw(v);
    }
    return taken_uj;
}

/* Coming back takes a car longer than turning down. */
void vehicle_offer(struct vehicle *v, int32_t offer_ma)
{
    if (offer_ma == v->offer_ma)
        return;
    bool wakes = v->obeyed_ma < v->model->min_ma && offer_ma >= v->model->min_ma;
    bool is_waking = v->obey_ms < TIME_NEVER && v->offer_ma >= v->model->min_ma;
    v->offer_ma = offer_ma;
    if (wakes && is_waking)
        return; /* it is on its way already and will find the newer offer */
    int64_t obey_ms = v->at_ms + (wakes ? v->model->wake_ms : v->model->react_ms);
    if (wakes || obey_ms < v->obey_ms)
        v->obey_ms = obey_ms;
}

int32_t vehicle_wants_ma(const struct vehicle *v)
{
    return battery_takes_ma(v);
}

int64_t vehicle_next_ms(const struct vehicle *v)
{
    int64_t next_ms = v->obey_ms, power = power_mw(v);
    if (power > 0) {
        int64_t full_ms = v->at_ms + (v->goal_uj - v->stored_uj + power - 1) / power;
        next_ms = next_ms < v->at_ms + STEP_MS ? next_ms : v->at_ms + STEP_MS;
        next_ms = next_ms < full_ms ? next_ms : full_ms;
    }
    return next_ms;
}

int32_t vehicle_soc_percent(const struct vehicle *v)
{
    return (int32_t)(v->stored_uj * 100 / (v->model->battery_wh * UJ_PER_WH));
}
