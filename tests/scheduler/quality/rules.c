#include "tests/scheduler/quality/rules.h"

#include <stdlib.h>

enum { PHASES = 3 };
static const int64_t UNITS_PER_WH = 3600000000; /* mA x ms x V */
static const int64_t HOLD_MS = 900000;
static const int64_t URGENT_MS = 300000; /* so little to spare goes before all others */
static const int64_t STAY_ON_MS =
    5400000; /* who is on keeps his turn from who leaves so much earlier */
static const int64_t CREDIT_MA_MS = 3 * 1000 * (int64_t)3600000; /* 3 Ah */

const char *const rule_name[N_RULES] = {
    [RULE_UNCONTROLLED] = "uncontrolled",
    [RULE_FCFS] = "first-come",
    [RULE_ROUND_ROBIN] = "round-robin",
    [RULE_EDF] = "edf",
    [RULE_LLF] = "llf",
    [RULE_MAXMIN] = "maxmin-plain",
    [RULE_EDF6] = "edf6-plain",
    [RULE_EDZL] = "edzl-plain",
};

struct car {
    const struct replay_session *s;
    struct replay_session_result *res;
    int n_phases;
    int64_t left; /* mA x ms x V */
    int32_t ma, limit_ma;
    int64_t key;
    int32_t lent_ma; /* working memory of lend() */
    int64_t service_ma_ms, on_since_ms;
    bool was_on;
};

struct run {
    enum rule rule;
    const struct rule_input *in;
    struct rule_result *result;
    struct car *car;     /* in order of arrival */
    struct car **active; /* there and not full */
    size_t n_active, next;
    int64_t now_ms, room_ma[PHASES];
};

/* --- giving --- */

static bool fits(const struct run *r, const struct car *c, int32_t ma)
{
    for (int p = 0; p < PHASES; p++)
        if ((c->s->phases >> p & 1) && r->room_ma[p] < ma)
            return false;
    return true;
}

static bool give(struct run *r, struct car *c, int32_t more_ma)
{
    if (c->ma + more_ma > c->s->car_ma || !fits(r, c, more_ma))
        return false;
    c->ma += more_ma;
    for (int p = 0; p < PHASES; p++)
        if (c->s->phases >> p & 1)
            r->room_ma[p] -= more_ma;
    return true;
}

static bool give_step(struct run *r, struct car *c)
{
    return give(r, c, c->ma == 0 ? c->s->min_ma : r->in->step_ma);
}

static void give_most(struct run *r, struct car *c)
{
    while (give_step(r, c))
        continue;
}

static void give_all(struct run *r)
{
    for (size_t k = 0; k < r->n_active; k++)
        r->active[k]->ma = r->active[k]->s->car_ma;
}

static void give_in_order(struct run *r)
{
    for (size_t k = 0; k < r->n_active; k++)
        give_most(r, r->active[k]);
}

static void give_minima(struct run *r)
{
    for (size_t k = 0; k < r->n_active; k++)
        give(r, r->active[k], r->active[k]->s->min_ma);
}

static void give_in_turn(struct run *r)
{
    for (bool given = true; given;) {
        given = false;
        for (size_t k = 0; k < r->n_active; k++)
            given = give_step(r, r->active[k]) || given;
    }
}

/* Who was not admitted gets nothing of the rest either. */
static void give_equally(struct run *r)
{
    give_minima(r);
    for (bool given = true; given;) {
        given = false;
        for (size_t k = 0; k < r->n_active; k++)
            if (r->active[k]->ma > 0)
                given = give_step(r, r->active[k]) || given;
    }
}

static void give_minima_then_in_order(struct run *r)
{
    give_minima(r);
    give_in_order(r);
}

/* --- the strict order, packed: no current is left because it is less than a minimum --- */

static void take_back(struct run *r, struct car *c, int32_t ma)
{
    c->ma -= ma;
    for (int p = 0; p < PHASES; p++)
        if (c->s->phases >> p & 1)
            r->room_ma[p] += ma;
}

static bool may_lend(const struct car *from, const struct car *to, int phase, bool narrow)
{
    return from != to && (from->s->phases >> phase & 1) &&
           (from->n_phases <= to->n_phases) == narrow;
}

/* The later in order lend first, and before them those on no more phases. */
static int64_t lend(struct run *r, struct car *to, int phase, int64_t room_ma[PHASES])
{
    int64_t cost_ma = 0;
    for (int pass = 0; pass < 2; pass++)
        for (size_t j = r->n_active; j-- > 0 && room_ma[phase] < to->s->min_ma;) {
            struct car *from = r->active[j];
            int64_t ma = to->s->min_ma - room_ma[phase];
            if (!may_lend(from, to, phase, pass == 0) ||
                from->ma - from->lent_ma <= from->s->min_ma)
                continue;
            if (ma > from->ma - from->lent_ma - from->s->min_ma)
                ma = from->ma - from->lent_ma - from->s->min_ma;
            from->lent_ma += (int32_t)ma;
            cost_ma += ma * from->n_phases;
            for (int p = 0; p < PHASES; p++)
                room_ma[p] += from->s->phases >> p & 1 ? ma : 0;
        }
    return cost_ma;
}

/* A car without current gets its minimum from others, where more flows with it than without. */
static void squeeze_in(struct run *r, struct car *c)
{
    int64_t room_ma[PHASES] = { r->room_ma[0], r->room_ma[1], r->room_ma[2] }, cost_ma = 0;
    bool enough = c->ma == 0;
    for (int p = 0; p < PHASES && enough; p++)
        if (c->s->phases >> p & 1) {
            cost_ma += lend(r, c, p, room_ma);
            enough = room_ma[p] >= c->s->min_ma;
        }
    enough = enough && cost_ma < (int64_t)c->s->min_ma * c->n_phases;
    for (size_t j = 0; j < r->n_active; j++) {
        if (enough && r->active[j]->lent_ma > 0)
            take_back(r, r->active[j], r->active[j]->lent_ma);
        r->active[j]->lent_ma = 0;
    }
    if (enough)
        give(r, c, c->s->min_ma);
}

static void give_packed(struct run *r)
{
    give_in_order(r);
    for (size_t k = 0; k < r->n_active; k++)
        squeeze_in(r, r->active[k]);
    give_in_order(r);
}

/* --- orders --- */

static int64_t by_arrival(const struct run *r, const struct car *c)
{
    (void)r;
    return c->s->arrive_ms;
}

static int64_t by_departure(const struct run *r, const struct car *c)
{
    (void)r;
    return c->s->leave_ms;
}

static int64_t by_laxity(const struct run *r, const struct car *c)
{
    int64_t rate = (int64_t)c->s->car_ma * c->n_phases * r->in->volt;
    return c->s->leave_ms - r->now_ms - c->left / rate;
}

/* Who has no time to spare goes first (EDZL); who is on is not turned off for a little. */
static int64_t by_urgency(const struct run *r, const struct car *c)
{
    bool urgent = by_laxity(r, c) <= URGENT_MS;
    return c->s->leave_ms - (c->was_on ? STAY_ON_MS : 0) - (urgent ? INT64_MAX / 4 : 0);
}

static int64_t by_service(const struct run *r, const struct car *c)
{
    if (!c->was_on)
        return c->service_ma_ms;
    bool held = r->now_ms - c->on_since_ms < HOLD_MS;
    return c->service_ma_ms - (held ? INT64_MAX / 4 : CREDIT_MA_MS);
}

static const struct {
    int64_t (*key)(const struct run *r, const struct car *c);
    void (*give)(struct run *r);
} how[N_RULES] = {
    [RULE_UNCONTROLLED] = { by_arrival, give_all },
    [RULE_FCFS] = { by_arrival, give_in_order },
    [RULE_ROUND_ROBIN] = { by_arrival, give_in_turn },
    [RULE_EDF] = { by_departure, give_in_order },
    [RULE_LLF] = { by_laxity, give_in_order },
    [RULE_MAXMIN] = { by_service, give_equally },
    [RULE_EDF6] = { by_departure, give_minima_then_in_order },
    [RULE_EDZL] = { by_urgency, give_packed },
};

static int compare_keys(const void *a, const void *b)
{
    const struct car *x = *(struct car *const *)a, *y = *(struct car *const *)b;
    if (x->key != y->key)
        return x->key < y->key ? -1 : 1;
    return x < y ? -1 : x > y;
}

/* --- time --- */

static void count(struct run *r, struct car *c, int32_t before_ma)
{
    bool on = c->ma > 0;
    r->result->n_commands += c->ma != before_ma;
    if (on != c->was_on && (c->was_on || c->res->on_ms > 0))
        c->res->n_switches++;
    if (on && !c->was_on)
        c->on_since_ms = r->now_ms;
    c->was_on = on;
}

static void decide(struct run *r)
{
    for (int p = 0; p < PHASES; p++)
        r->room_ma[p] = r->in->cap_ma[p];
    for (size_t k = 0; k < r->n_active; k++) {
        struct car *c = r->active[k];
        c->key = how[r->rule].key(r, c);
        c->limit_ma = c->ma;
        c->ma = 0;
    }
    qsort(r->active, r->n_active, sizeof(struct car *), compare_keys);
    how[r->rule].give(r);
    for (size_t k = 0; k < r->n_active; k++)
        count(r, r->active[k], r->active[k]->limit_ma);
    for (int p = 0; p < PHASES; p++) {
        int64_t drawn_ma = 0;
        for (size_t k = 0; k < r->n_active; k++)
            drawn_ma += r->active[k]->s->phases >> p & 1 ? r->active[k]->ma : 0;
        if (drawn_ma > r->result->drawn_ma[p])
            r->result->drawn_ma[p] = drawn_ma;
    }
}

static int64_t rate(const struct run *r, const struct car *c)
{
    return (int64_t)c->ma * c->n_phases * r->in->volt;
}

static int64_t next_ms(const struct run *r)
{
    int64_t at_ms = INT64_MAX;
    if (r->n_active > 0)
        at_ms = r->now_ms - r->now_ms % r->in->period_ms + r->in->period_ms;
    if (r->next < r->in->n && r->car[r->next].s->arrive_ms < at_ms)
        at_ms = r->car[r->next].s->arrive_ms;
    for (size_t k = 0; k < r->n_active; k++) {
        const struct car *c = r->active[k];
        int64_t per_ms = rate(r, c);
        if (c->s->leave_ms < at_ms)
            at_ms = c->s->leave_ms;
        if (per_ms > 0 && r->now_ms + (c->left + per_ms - 1) / per_ms < at_ms)
            at_ms = r->now_ms + (c->left + per_ms - 1) / per_ms;
    }
    return at_ms;
}

static void advance(struct run *r, int64_t to_ms)
{
    int64_t passed_ms = to_ms - r->now_ms;
    size_t n = 0;
    for (size_t k = 0; k < r->n_active; k++) {
        struct car *c = r->active[k];
        int64_t left = c->left - rate(r, c) * passed_ms;
        c->left = left > 0 ? left : 0;
        c->service_ma_ms += c->ma * passed_ms;
        c->res->on_ms += c->ma > 0 ? passed_ms : 0;
        c->res->received_wh = c->s->energy_wh - (c->left + UNITS_PER_WH - 1) / UNITS_PER_WH;
        if (c->left > 0 && c->s->leave_ms > to_ms)
            r->active[n++] = c;
    }
    r->n_active = n;
    r->now_ms = to_ms;
}

static void arrive(struct run *r)
{
    for (; r->next < r->in->n && r->car[r->next].s->arrive_ms <= r->now_ms; r->next++)
        if (r->car[r->next].left > 0)
            r->active[r->n_active++] = &r->car[r->next];
}

static int compare_arrivals(const void *a, const void *b)
{
    const struct car *x = a, *y = b;
    if (x->s->arrive_ms != y->s->arrive_ms)
        return x->s->arrive_ms < y->s->arrive_ms ? -1 : 1;
    return x->s < y->s ? -1 : x->s > y->s;
}

static void prepare(struct run *r)
{
    for (size_t k = 0; k < r->in->n; k++) {
        const struct replay_session *s = &r->in->session[k];
        struct replay_session_result *res = &r->result->session[k];
        *res = (struct replay_session_result){ .played = true,
                                               .plugged_ms = s->leave_ms - s->arrive_ms };
        r->car[k] =
            (struct car){ .s = s,
                          .res = res,
                          .n_phases = (s->phases & 1) + (s->phases >> 1 & 1) + (s->phases >> 2 & 1),
                          .left = s->energy_wh * UNITS_PER_WH };
    }
    qsort(r->car, r->in->n, sizeof(*r->car), compare_arrivals);
}

bool rule_run(enum rule rule, const struct rule_input *in, struct rule_result *ret)
{
    struct run r = { .rule = rule, .in = in, .result = ret };
    r.car = calloc(in->n + 1, sizeof(*r.car));
    r.active = calloc(in->n + 1, sizeof(struct car *));
    bool ok = r.car != NULL && r.active != NULL;
    if (ok) {
        prepare(&r);
        for (int64_t at_ms; (at_ms = next_ms(&r)) != INT64_MAX; decide(&r)) {
            advance(&r, at_ms);
            arrive(&r);
        }
    }
    free(r.car);
    free(r.active);
    return ok;
}
