#include "cmd/noxsim/generate.h"

#include <inttypes.h>
#include <stdlib.h>

#include "cmd/noxsim/berlin.h"
#include "cmd/noxsim/rng.h"

#define MINUTE_MS INT64_C(60000)
#define HOUR_MS   (60 * MINUTE_MS)
#define DAY_MS    (24 * HOUR_MS)

enum { TRIES_PER_SESSION = 20, ENERGY_MIN_WH = 3000, ENERGY_MAX_WH = 40000 };

/* When cars come, and how long they stay, in hours: weights are per cent of a weekday. */
static const struct habit {
    int weekday_weight, weekend_weight;
    double arrive_h, arrive_dev_h, stay_h, stay_dev_h;
} habits[] = {
    { 58, 38, 18.2, 1.6, 13.0, 1.8 }, /* home from work, gone in the morning */
    { 12, 16, 21.3, 1.1, 10.5, 1.6 }, /* late home */
    { 16, 28, 11.5, 2.4, 3.0, 1.2 },  /* shopping, visiting */
    { 14, 18, 14.8, 2.0, 2.2, 0.9 },  /* short stop in the afternoon */
};

struct made {
    int64_t begin_ms, end_ms, energy_wh;
    size_t user;
};

static const struct habit *pick_habit(struct rng *rng, bool weekend)
{
    int64_t at = rng_range(rng, 0, 99);
    for (size_t i = 0; i < sizeof(habits) / sizeof(habits[0]); i++) {
        at -= weekend ? habits[i].weekend_weight : habits[i].weekday_weight;
        if (at < 0)
            return &habits[i];
    }
    return &habits[0];
}

static bool is_weekend(int64_t local_ms)
{
    int64_t weekday = (local_ms / DAY_MS + 4) % 7; /* 0 = Sunday */
    return weekday == 0 || weekday == 6;
}

static double at_least(double value, double least)
{
    return value > least ? value : least;
}

/* What fits into the stay at the car's power, rarely all of it. */
static int64_t make_energy(struct rng *rng, int64_t stay_ms)
{
    static const int64_t power_w[] = { 3680, 7360, 11040, 11040 };
    int64_t most = power_w[rng_range(rng, 0, 3)] * stay_ms / HOUR_MS;
    int64_t wh = (int64_t)at_least(rng_normal(rng, 13000, 7500), ENERGY_MIN_WH);
    wh = wh > ENERGY_MAX_WH ? ENERGY_MAX_WH : wh;
    return (wh < most ? wh : most) / 10 * 10;
}

static struct made make_session(struct rng *rng, int64_t first_local_ms, int64_t days, size_t users)
{
    int64_t day = first_local_ms + rng_range(rng, 0, days - 1) * DAY_MS;
    const struct habit *h = pick_habit(rng, is_weekend(day));
    double arrive_h = at_least(rng_normal(rng, h->arrive_h, h->arrive_dev_h), 0);
    double stay_h = at_least(rng_normal(rng, h->stay_h, h->stay_dev_h), 0.4);
    int64_t local = day + (int64_t)(arrive_h * 60) * MINUTE_MS;
    struct made m = { .begin_ms = berlin_to_utc_ms(local, false),
                      .user = (size_t)rng_range(rng, 1, (int64_t)users) };
    m.end_ms = m.begin_ms + (int64_t)(stay_h * 60) * MINUTE_MS;
    m.energy_wh = make_energy(rng, m.end_ms - m.begin_ms);
    return m;
}

/* Cars there in each minute, from a day before the month on. */
struct occupancy {
    int64_t from_ms;
    size_t n_minutes;
    size_t *cars;
};

static bool take_place(struct occupancy *o, const struct made *m, size_t stations)
{
    size_t from = (size_t)((m->begin_ms - o->from_ms) / MINUTE_MS);
    size_t to = (size_t)((m->end_ms - o->from_ms) / MINUTE_MS);
    if (m->begin_ms < o->from_ms || to >= o->n_minutes)
        return false;
    for (size_t i = from; i <= to; i++)
        if (o->cars[i] >= stations)
            return false;
    for (size_t i = from; i <= to; i++)
        o->cars[i]++;
    return true;
}

static int by_begin(const void *a, const void *b)
{
    const struct made *x = a, *y = b;
    if (x->begin_ms != y->begin_ms)
        return x->begin_ms < y->begin_ms ? -1 : 1;
    if (x->end_ms != y->end_ms)
        return x->end_ms < y->end_ms ? -1 : 1;
    return x->user < y->user ? -1 : x->user > y->user;
}

static void write_rows(const struct made *list, size_t n, FILE *out)
{
    char begin[20], end[20];
    fputs("session_id,garage_id,user_id,user_type,shared_id,plugin_time,plugout_time,energy_kwh,"
          "connection_h\n",
          out);
    for (size_t i = 0; i < n; i++) {
        int64_t minutes = (list[i].end_ms - list[i].begin_ms) / MINUTE_MS;
        int64_t milli_h = (minutes * 1000 + 30) / 60;
        berlin_format(list[i].begin_ms, begin, sizeof(begin));
        berlin_format(list[i].end_ms, end, sizeof(end));
        fprintf(out,
                "%zu,SIM,SIM-%03zu,Private,,%s,%s,%" PRId64 ".%02" PRId64 ",%" PRId64 ".%03" PRId64
                "\n",
                i + 1, list[i].user, begin, end, list[i].energy_wh / 1000,
                list[i].energy_wh % 1000 / 10, milli_h / 1000, milli_h % 1000);
    }
}

bool generate_csv(const struct generate_options *o, FILE *out, size_t *ret_n, char *ret_text,
                  size_t size)
{
    int64_t begin_ms, end_ms;
    struct rng rng;
    if (!berlin_month(o->month, &begin_ms, &end_ms)) {
        snprintf(ret_text, size, "\"%.20s\" is no month; write it like 2026-10", o->month);
        return false;
    }
    int64_t local_ms = begin_ms + berlin_offset_h(begin_ms) * HOUR_MS;
    int64_t days = (end_ms - begin_ms + HOUR_MS) / DAY_MS;
    size_t wanted = o->sessions > 0 ? o->sessions : o->stations * (size_t)days, n = 0;
    size_t users = o->stations + o->stations / 2 + 1;
    struct made *list = calloc(wanted + 1, sizeof(*list));
    struct occupancy places = { .from_ms = begin_ms - 2 * DAY_MS,
                                .n_minutes =
                                    (size_t)((end_ms - begin_ms + 3 * DAY_MS) / MINUTE_MS) };
    places.cars = calloc(places.n_minutes, sizeof(*places.cars));
    if (list == NULL || places.cars == NULL) {
        snprintf(ret_text, size, "out of memory");
        free(list);
        free(places.cars);
        return false;
    }
    rng_init(&rng, o->seed, o->month);
    for (size_t tries = 0; n < wanted && tries < wanted * TRIES_PER_SESSION; tries++) {
        struct made m = make_session(&rng, local_ms - DAY_MS, days + 1, users);
        if (m.end_ms >= begin_ms && m.end_ms < end_ms && take_place(&places, &m, o->stations))
            list[n++] = m;
    }
    free(places.cars);
    qsort(list, n, sizeof(*list), by_begin);
    write_rows(list, n, out);
    free(list);
    *ret_n = n;
    return true;
}
