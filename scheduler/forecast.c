/*
 * The coming hours as they will be: in each slot a round is played with what the cars will have
 * received by then.
 *
 * Turns, shares, classes and deadlines are those of the balancer, as it is its code that is asked;
 * only time passes in quarters of an hour.  The points that are played are put back afterwards.
 * Checked against sessions that were played event by event (tests/scheduler/forecast_test.c).
 */
#include <stdlib.h>
#include <string.h>

#include "scheduler/state.h"
#include "scheduler/units.h"

/* Of a car whose driver told nothing: what it takes in all, and at least from now on. */
enum { USUAL_WH = 15000, USUAL_MORE_WH = 3000 };

/* mA x ms in a Wh, at the voltage of plans */
static const int64_t MA_MS_PER_WH = (int64_t)1000 * 3600 * 1000 / AHEAD_VOLT;

struct forecast {
    struct sched *s;
    struct ahead *a;
    size_t n;
    struct share_demand *demand; /* of all loads, as outlook_build() found them */
    size_t *point;
    struct point *saved;
    int64_t *left; /* mA x ms of all phases until it has what it wants */
    int64_t *room_ma;
    size_t *load; /* of each demand of the slot */
};

static bool forecast_init(struct forecast *f, struct sched *s, struct ahead *a)
{
    size_t n = a->n_loads;
    *f = (struct forecast){ .s = s,
                            .a = a,
                            .n = n,
                            .demand = calloc(n + 1, sizeof(*f->demand)),
                            .point = calloc(n + 1, sizeof(*f->point)),
                            .saved = calloc(n + 1, sizeof(*f->saved)),
                            .left = calloc(n + 1, sizeof(*f->left)),
                            .room_ma = calloc(s->grid.n * GRID_RESOURCES + 1, sizeof(*f->room_ma)),
                            .load = calloc(n + 1, sizeof(*f->load)) };
    return f->demand != NULL && f->point != NULL && f->saved != NULL && f->left != NULL &&
           f->room_ma != NULL && f->load != NULL;
}

static void forecast_done(struct forecast *f)
{
    free(f->demand);
    free(f->point);
    free(f->saved);
    free(f->left);
    free(f->room_ma);
    free(f->load);
}

static int64_t wanted_wh(const struct ahead_load *load, const struct session *c)
{
    if (load->need_wh != INT64_MAX)
        return load->need_wh;
    return ms_max(USUAL_WH - session_received_wh(c), USUAL_MORE_WH);
}

static void begin(struct forecast *f)
{
    for (size_t i = 0; i < f->n; i++) {
        struct ahead_load *load = &f->a->load[i];
        f->demand[i] = f->s->demand[i];
        f->point[i] = f->s->demand_point[i];
        f->saved[i] = f->s->point[f->point[i]];
        f->left[i] = wanted_wh(load, &f->saved[i].session) * MA_MS_PER_WH;
        load->planned_wh = 0;
        load->done_ms = f->left[i] > 0 ? INT64_MAX : f->a->time.now_ms;
    }
}

/* All but the plan is as before. */
static void end(struct forecast *f)
{
    for (size_t i = 0; i < f->n; i++) {
        struct ahead_load *load = &f->a->load[i];
        int64_t wanted = wanted_wh(load, &f->saved[i].session);
        load->planned_wh = wanted - f->left[i] / MA_MS_PER_WH;
        f->s->demand[i] = f->demand[i];
        f->s->demand_point[i] = f->point[i];
        f->s->point[f->point[i]] = f->saved[i];
    }
}

static int32_t *plan_of(const struct forecast *f, size_t load, size_t slot)
{
    return &f->a->plan_ma[load * f->a->time.n_slots + slot];
}

static bool takes_part(const struct forecast *f, size_t i, size_t slot)
{
    const struct ahead_load *load = &f->a->load[i];
    return f->left[i] > 0 && ahead_from_ms(&f->a->time, slot) < load->until_ms &&
           (load->how != AHEAD_MOVED || *plan_of(f, i, slot) > 0);
}

static size_t find_demands(struct forecast *f, size_t slot)
{
    struct sched *s = f->s;
    int64_t now_ms = ahead_from_ms(&f->a->time, slot);
    size_t n = 0;
    for (size_t i = 0; i < f->n; i++) {
        struct point *p = &s->point[f->point[i]];
        if (!takes_part(f, i, slot)) {
            p->offer.granted_ma = p->conf.safe_ma;
            *plan_of(f, i, slot) = 0;
            continue;
        }
        struct share_demand *d = &s->demand[n];
        *d = f->demand[i];
        d->max_ma = ma_min(d->max_ma, f->a->load[i].max_ma);
        d->had_ma = p->offer.granted_ma;
        d->key = round_key(s, p, now_ms);
        d->has_deadline = session_has_deadline(&p->session, now_ms);
        s->demand_point[n] = f->point[i];
        f->load[n++] = i;
    }
    return n;
}

static void find_room(struct forecast *f, size_t slot)
{
    for (size_t v = 0; v < f->s->grid.n; v++)
        for (size_t r = 0; r < GRID_RESOURCES; r++)
            f->room_ma[v * GRID_RESOURCES + r] = ahead_room(f->a, slot, v)[r];
}

static void receive(struct forecast *f, size_t i, int32_t ma, int64_t from_ms, int64_t until_ms)
{
    struct ahead_load *load = &f->a->load[i];
    struct session *c = &f->s->point[f->point[i]].session;
    int64_t all_ma = (int64_t)ma * load->n_phases;
    int64_t sum = all_ma * (ms_min(until_ms, load->until_ms) - from_ms);
    if (sum >= f->left[i]) {
        sum = f->left[i];
        load->done_ms = from_ms + sum / all_ma;
    }
    f->left[i] -= sum;
    c->since_ma_ms += sum;
}

/* What a round would note of the session, and what flows until the next one. */
static void pass(struct forecast *f, size_t k, size_t slot)
{
    struct sched *s = f->s;
    size_t i = f->load[k];
    struct point *p = &s->point[f->point[i]];
    struct session *c = &p->session;
    int64_t from_ms = ahead_from_ms(&f->a->time, slot);
    int64_t until_ms = ahead_until_ms(&f->a->time, slot);
    int32_t ma = s->grant_ma[k];
    bool on = ma >= s->demand[k].min_ma;
    if (on && p->offer.granted_ma < s->demand[k].min_ma)
        c->on_since_ms = from_ms;
    p->offer.granted_ma = ma;
    p->least_ma = s->demand[k].min_ma;
    c->claim_ma = s->demand[k].has_deadline ? s->scratch.claim_ma[k] : -1;
    c->service_ma_ms += (c->claim_ma >= 0 ? c->claim_ma : ma) * (until_ms - from_ms);
    *plan_of(f, i, slot) = ma;
    c->phases_known = c->phases_known || on; /* they are learnt within minutes */
    if (on)
        receive(f, i, ma, from_ms, until_ms);
}

bool forecast_run(struct sched *s, struct ahead *a)
{
    struct forecast f;
    bool good = forecast_init(&f, s, a);
    if (good) {
        begin(&f);
        for (size_t slot = 0; slot < a->time.n_slots; slot++) {
            size_t n = find_demands(&f, slot);
            find_room(&f, slot);
            deadline_order(s, n, ahead_from_ms(&a->time, slot));
            share_split(&s->grid, f.room_ma, s->demand, n, s->tuning.step_ma, &s->scratch,
                        s->grant_ma);
            for (size_t k = 0; k < n; k++)
                pass(&f, k, slot);
        }
        end(&f);
    }
    forecast_done(&f);
    return good;
}
