#include "scheduler/capacity.h"

#include <stdlib.h>
#include <string.h>

#include "scheduler/units.h"

enum {
    PHASES = 3,
    DAY_MS = 86400000,
    WEEK_DAYS = 8, /* with the windows that began before */
    YEAR_DAYS = 367,
};

enum limit_source { BY_NODE, BY_WINDOW, BY_CAP };
enum foreign_source { BY_RESERVE, BY_HOUR, BY_METER, BY_SILENCE };

static const char *const limit_phrase[] = {
    [BY_NODE] = "limit of the node",
    [BY_WINDOW] = "limit of a window of the week",
    [BY_CAP] = "cap from outside",
};
static const char *const foreign_phrase[][2] = {
    [BY_RESERVE] = { "fixed reserve", "fixed reserve and reserve of a window" },
    [BY_HOUR] = { "usual load of this hour", "usual load of this hour and reserve of a window" },
    [BY_METER] = { "meter and guard", "meter, guard and reserve of a window" },
    [BY_SILENCE] = { "no reading of the meter: its safe assumption",
                     "no reading of the meter: its safe assumption, and reserve of a window" },
};

/* --- at an instant --- */

bool capacity_is_fresh(const struct capacity *c, int64_t now_ms)
{
    return c->meter.present && c->reading.at_ms != INT64_MIN &&
           now_ms < ms_after(c->reading.at_ms, c->meter.silent_after_ms);
}

bool capacity_varies(const struct capacity *c)
{
    return c->calendar.n_windows > 0 || c->hour_ma != NULL || c->meter.present || c->n_caps > 0;
}

static int32_t add(int32_t a, int32_t b)
{
    return ma_narrow((int64_t)a + b);
}

struct look {
    int64_t at_ms, now_ms;
    enum capacity_view view;
    enum limit_source limit_source[PHASES];
    int64_t cap_id[PHASES];
    bool reserve[PHASES];
};

static bool is_metered(const struct capacity *c, const struct look *l)
{
    switch (l->view) {
    case CAPACITY_HELD:
        return capacity_is_fresh(c, l->now_ms);
    case CAPACITY_FORECAST:
        return capacity_is_fresh(c, l->now_ms) && capacity_is_fresh(c, l->at_ms);
    case CAPACITY_WORST:
        break;
    }
    return false;
}

/* A meter that speaks now is only unknown in the future, not silent. */
static enum foreign_source foreign_source(const struct capacity *c, const struct look *l)
{
    if (is_metered(c, l))
        return BY_METER;
    bool expected = l->view == CAPACITY_FORECAST && l->at_ms > l->now_ms &&
                    capacity_is_fresh(c, l->now_ms) && c->hour_ma != NULL;
    if (c->meter.present && !expected)
        return BY_SILENCE;
    return c->hour_ma != NULL ? BY_HOUR : BY_RESERVE;
}

static enum foreign_source find_foreign(const struct capacity *c, const struct look *l,
                                        struct sched_capacity *ret)
{
    int64_t hour_until_ms;
    enum foreign_source source = foreign_source(c, l);
    int hour = source == BY_HOUR ? calendar_hour(&c->calendar, l->at_ms, &hour_until_ms) : 0;
    for (int p = 0; p < PHASES; p++)
        switch (source) {
        case BY_RESERVE:
            ret->foreign_ma[p] = c->foreign_ma[p];
            break;
        case BY_HOUR:
            ret->foreign_ma[p] = c->hour_ma[hour][p];
            break;
        case BY_METER:
            ret->foreign_ma[p] = add(ma_max(ma_max(c->reading.ma[p], 0) - c->reading.own_ma[p], 0),
                                     c->meter.guard_ma[p]);
            break;
        case BY_SILENCE:
            ret->foreign_ma[p] = c->meter.silent_ma[p];
            break;
        }
    if (source == BY_HOUR)
        ret->until_ms = ms_min(ret->until_ms, hour_until_ms);
    if (source == BY_METER && l->view == CAPACITY_FORECAST)
        ret->until_ms = ms_min(ret->until_ms, ms_after(c->reading.at_ms, c->meter.silent_after_ms));
    return source;
}

static void lower_limit(struct look *l, const int32_t limit_ma[PHASES], enum limit_source source,
                        int64_t cap_id, struct sched_capacity *ret)
{
    for (int p = 0; p < PHASES; p++) {
        if (limit_ma[p] < 0 || limit_ma[p] >= ret->limit_ma[p])
            continue;
        ret->limit_ma[p] = limit_ma[p];
        l->limit_source[p] = source;
        l->cap_id[p] = cap_id;
    }
}

static void add_windows(const struct capacity *c, struct look *l, enum foreign_source source,
                        struct sched_capacity *ret)
{
    for (size_t w = 0; w < c->calendar.n_windows; w++) {
        const struct sched_window *window = &c->calendar.window[w];
        int64_t from_ms;
        ret->until_ms = ms_min(ret->until_ms, calendar_next_ms(&c->calendar, w, l->at_ms));
        if (!calendar_lasts(&c->calendar, w, l->at_ms, &from_ms))
            continue;
        lower_limit(l, window->limit_ma, BY_WINDOW, 0, ret);
        bool is_measured = source == BY_METER && from_ms <= c->reading.at_ms;
        for (int p = 0; p < PHASES && !is_measured; p++) {
            ret->foreign_ma[p] = add(ret->foreign_ma[p], window->reserve_ma[p]);
            l->reserve[p] = l->reserve[p] || window->reserve_ma[p] > 0;
        }
    }
}

static void add_caps(const struct capacity *c, struct look *l, struct sched_capacity *ret)
{
    for (size_t i = 0; i < c->n_caps; i++) {
        const struct sched_cap *cap = &c->cap[i];
        if (l->at_ms < cap->from_ms)
            ret->until_ms = ms_min(ret->until_ms, cap->from_ms);
        else if (l->at_ms < cap->until_ms)
            ret->until_ms = ms_min(ret->until_ms, cap->until_ms);
        if (l->at_ms >= cap->from_ms && l->at_ms < cap->until_ms)
            lower_limit(l, cap->limit_ma, BY_CAP, cap->id, ret);
    }
}

static int fullest_phase(const struct sched_capacity *ret)
{
    int fullest = 0;
    for (int p = 1; p < PHASES; p++)
        if ((int64_t)ret->limit_ma[p] - ret->foreign_ma[p] <
            (int64_t)ret->limit_ma[fullest] - ret->foreign_ma[fullest])
            fullest = p;
    return fullest;
}

void capacity_at(const struct capacity *c, int64_t at_ms, int64_t now_ms, enum capacity_view view,
                 struct sched_capacity *ret)
{
    struct look l = { .at_ms = at_ms, .now_ms = now_ms, .view = view };
    *ret = (struct sched_capacity){ .until_ms = INT64_MAX };
    memcpy(ret->limit_ma, c->limit_ma, sizeof(ret->limit_ma));
    enum foreign_source source = find_foreign(c, &l, ret);
    add_windows(c, &l, source, ret);
    add_caps(c, &l, ret);
    int p = fullest_phase(ret);
    ret->limit_why = limit_phrase[l.limit_source[p]];
    ret->foreign_why = foreign_phrase[source][l.reserve[p]];
    ret->cap_id = l.cap_id[p];
}

/* --- of all times --- */

static bool uses_sun(const struct capacity *c)
{
    for (size_t w = 0; w < c->calendar.n_windows; w++)
        if (c->window[w].from.kind != SCHED_AT_CLOCK || c->window[w].to.kind != SCHED_AT_CLOCK)
            return true;
    return false;
}

static void look_at_least(struct capacity *c, int64_t from_ms, int64_t end_ms)
{
    for (int64_t at_ms = from_ms; at_ms < end_ms;) {
        struct sched_capacity now;
        capacity_at(c, at_ms, at_ms, CAPACITY_WORST, &now);
        for (int p = 0; p < PHASES; p++) {
            c->least_ma[p] = ms_min(c->least_ma[p], (int64_t)now.limit_ma[p] - now.foreign_ma[p]);
            c->most_foreign_ma[p] = ma_max(c->most_foreign_ma[p], now.foreign_ma[p]);
        }
        at_ms = now.until_ms;
    }
}

/* When the wall clock jumps, windows may overlap that never do in another week. */
static void look_at_jumps(struct capacity *c, int64_t now_ms)
{
    int64_t off_ms = calendar_local_ms(&c->calendar, now_ms) - now_ms;
    for (int day = 1; day <= YEAR_DAYS; day++) {
        int64_t at_ms = now_ms + (int64_t)DAY_MS * day;
        int64_t next_ms = calendar_local_ms(&c->calendar, at_ms) - at_ms;
        if (next_ms != off_ms)
            look_at_least(c, at_ms - (int64_t)DAY_MS * 2, at_ms + (int64_t)DAY_MS);
        off_ms = next_ms;
    }
}

/* Clocks repeat every week, but for their jumps; the sun every year. */
static void find_least(struct capacity *c, int64_t now_ms)
{
    size_t n_caps = c->n_caps;
    c->n_caps = 0;
    for (int p = 0; p < PHASES; p++) {
        c->least_ma[p] = INT64_MAX;
        c->most_foreign_ma[p] = 0;
    }
    bool yearly = uses_sun(c);
    look_at_least(c, now_ms, now_ms + (int64_t)DAY_MS * (yearly ? YEAR_DAYS : WEEK_DAYS));
    if (!yearly && c->calendar.n_windows > 0 && c->calendar.local_ms != NULL)
        look_at_jumps(c, now_ms);
    c->n_caps = n_caps;
}

void capacity_least(const struct capacity *c, int64_t after_ms, int64_t ret_ma[3])
{
    memcpy(ret_ma, c->least_ma, sizeof(c->least_ma));
    for (size_t i = 0; i < c->n_caps; i++)
        for (int p = 0; p < PHASES && c->cap[i].until_ms > after_ms; p++)
            ret_ma[p] = ms_min(ret_ma[p], (int64_t)c->cap[i].limit_ma[p] - c->most_foreign_ma[p]);
}

/* --- life --- */

static bool copy(void **ret, const void *from, size_t size)
{
    *ret = size > 0 ? malloc(size) : NULL;
    if (*ret != NULL)
        memcpy(*ret, from, size);
    return *ret != NULL || size == 0;
}

static bool is_equal(const void *a, const void *b, size_t size)
{
    return (a == NULL) == (b == NULL) && (a == NULL || memcmp(a, b, size) == 0);
}

/* Circuits of one street mostly have the same windows, and a year with the sun takes a while. */
static bool take_least(struct capacity *c, const struct capacity *like, size_t n)
{
    for (const struct capacity *o = like; o < like + n; o++) {
        if (c->calendar.n_windows != o->calendar.n_windows ||
            c->calendar.lat_deg != o->calendar.lat_deg ||
            c->calendar.lon_deg != o->calendar.lon_deg || c->meter.present != o->meter.present ||
            !is_equal(c->meter.silent_ma, o->meter.silent_ma, sizeof(c->meter.silent_ma)) ||
            !is_equal(c->limit_ma, o->limit_ma, sizeof(c->limit_ma)) ||
            !is_equal(c->foreign_ma, o->foreign_ma, sizeof(c->foreign_ma)) ||
            !is_equal(c->window, o->window, c->calendar.n_windows * sizeof(*c->window)) ||
            !is_equal(c->hour_ma, o->hour_ma, SCHED_HOURS * sizeof(*c->hour_ma)))
            continue;
        memcpy(c->least_ma, o->least_ma, sizeof(c->least_ma));
        memcpy(c->most_foreign_ma, o->most_foreign_ma, sizeof(c->most_foreign_ma));
        return true;
    }
    return false;
}

bool capacity_init(struct capacity *c, const struct sched_node_conf *conf,
                   int64_t (*local_ms)(int64_t utc_ms), int64_t now_ms, const struct capacity *like,
                   size_t n)
{
    *c = (struct capacity){ .meter = conf->meter, .reading = { .at_ms = INT64_MIN } };
    size_t hours = conf->foreign_hour_ma != NULL ? SCHED_HOURS * sizeof(*c->hour_ma) : 0;
    if (!copy((void **)&c->window, conf->window, conf->n_windows * sizeof(*c->window)) ||
        !copy((void **)&c->hour_ma, conf->foreign_hour_ma, hours))
        return false;
    c->calendar = (struct calendar){ .window = c->window,
                                     .n_windows = conf->n_windows,
                                     .lat_deg = conf->lat_deg,
                                     .lon_deg = conf->lon_deg,
                                     .local_ms = local_ms };
    if (conf->n_windows > 0) {
        c->calendar.kept = calloc(conf->n_windows * CALENDAR_KEPT, sizeof(*c->calendar.kept));
        if (c->calendar.kept == NULL)
            return false;
        calendar_reset(&c->calendar);
    }
    memcpy(c->limit_ma, conf->limit_ma, sizeof(c->limit_ma));
    memcpy(c->foreign_ma, conf->foreign_ma, sizeof(c->foreign_ma));
    if (!take_least(c, like, n))
        find_least(c, now_ms);
    return true;
}

void capacity_done(struct capacity *c)
{
    free(c->window);
    free(c->hour_ma);
    free(c->calendar.kept);
    *c = (struct capacity){ .n_caps = 0 };
}

void capacity_fix(struct capacity *c, const int32_t limit_ma[3], const int32_t foreign_ma[3],
                  int64_t now_ms)
{
    memcpy(c->limit_ma, limit_ma, sizeof(c->limit_ma));
    memcpy(c->foreign_ma, foreign_ma, sizeof(c->foreign_ma));
    find_least(c, now_ms);
}

/* --- caps --- */

bool capacity_cap_find(const struct capacity *c, int64_t id, struct sched_cap *ret)
{
    for (size_t i = 0; i < c->n_caps; i++)
        if (c->cap[i].id == id) {
            *ret = c->cap[i];
            return true;
        }
    return false;
}

bool capacity_cap_end(struct capacity *c, int64_t id)
{
    for (size_t i = 0; i < c->n_caps; i++)
        if (c->cap[i].id == id) {
            c->cap[i] = c->cap[--c->n_caps];
            return true;
        }
    return false;
}

static void drop_ended(struct capacity *c, int64_t now_ms)
{
    size_t kept = 0;
    for (size_t i = 0; i < c->n_caps; i++)
        if (now_ms < c->cap[i].until_ms)
            c->cap[kept++] = c->cap[i];
    c->n_caps = kept;
}

bool capacity_cap_set(struct capacity *c, const struct sched_cap *cap, int64_t now_ms)
{
    drop_ended(c, now_ms);
    if (c->n_caps == SCHED_NODE_CAPS)
        return false;
    c->cap[c->n_caps++] = *cap;
    return true;
}
