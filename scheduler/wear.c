/*
 * The write budget of a point: each charging profile may be a write to flash memory, which bears
 * some hundred thousand of them (SCHEDULER section 3, "T_L and wear").
 *
 * From half of the budget on the point is spared: renewals come late in the life of a lease, and a
 * raise by little comes along with one.  What lowers, what is a session's first, and what has to be
 * sent again, never waits.
 */
#include "scheduler/wear.h"

#include <string.h>

#include "scheduler/state.h"
#include "scheduler/units.h"

static const int64_t hour_ms = 3600000;

static int64_t hour_of(int64_t at_ms)
{
    return ms_max(at_ms, 0) / hour_ms;
}

/* The hours up to now begin with nothing; after a clock that was far ahead all do. */
static void advance(struct wear *w, int64_t hour)
{
    bool far_off = hour - w->hour >= WEAR_HOURS || w->hour - hour >= WEAR_HOURS;
    if (far_off)
        memset(w->n, 0, sizeof(w->n));
    for (int64_t h = w->hour + 1; h <= hour && !far_off; h++)
        w->n[h % WEAR_HOURS] = 0;
    w->hour = far_off ? hour : ms_max(w->hour, hour);
}

void wear_note(struct wear *w, int32_t n, int64_t at_ms, int64_t now_ms)
{
    int64_t hour = hour_of(at_ms);
    advance(w, hour_of(now_ms));
    if (hour > w->hour || w->hour - hour >= WEAR_HOURS)
        return;
    int32_t *at = &w->n[hour % WEAR_HOURS];
    *at = ma_narrow(ms_max((int64_t)*at + n, 0));
}

int32_t wear_sum(const struct wear *w, int64_t now_ms)
{
    int64_t sum = 0;
    for (int64_t h = ms_max(w->hour - WEAR_HOURS + 1, 0); h <= w->hour; h++)
        if (hour_of(now_ms) - h < WEAR_HOURS)
            sum += w->n[h % WEAR_HOURS];
    return ma_narrow(sum);
}

bool point_is_spared(const struct point *p, int64_t now_ms)
{
    return p->conf.writes_per_day > 0 && wear_sum(&p->wear, now_ms) >= p->conf.writes_per_day / 2;
}

void sched_set_writes(struct sched *s, size_t point, int32_t writes_per_day)
{
    if (point < s->n_points)
        s->point[point].conf.writes_per_day = writes_per_day;
}

void sched_note_writes(struct sched *s, size_t point, int32_t n, int64_t at_ms, int64_t now_ms)
{
    if (point < s->n_points)
        wear_note(&s->point[point].wear, n, at_ms, now_ms);
}

void sched_carry_writes(const struct sched *from, size_t from_point, struct sched *to,
                        size_t to_point)
{
    if (from_point < from->n_points && to_point < to->n_points)
        to->point[to_point].wear = from->point[from_point].wear;
}
