#include "scheduler/calendar.h"

#include "scheduler/sun.h"
#include "scheduler/units.h"

enum {
    HOUR_MS = 3600000,
    DAY_MS = 24 * HOUR_MS,
    DAYS_BACK = 2, /* a window may have begun the day before yesterday (offsets to the sun) */
    DAYS_AHEAD = 8,
    DAYS_OF_WEEK = 7,
    MONDAY = 3, /* 1970-01-01 was a Thursday */
};

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

void calendar_reset(struct calendar *c)
{
    for (size_t k = 0; k < c->n_windows * CALENDAR_KEPT; k++)
        c->kept[k].day = INT64_MIN;
}

int64_t calendar_local_ms(const struct calendar *c, int64_t utc_ms)
{
    return c->local_ms != NULL ? c->local_ms(utc_ms) : utc_ms;
}

static int64_t offset_ms(const struct calendar *c, int64_t utc_ms)
{
    return calendar_local_ms(c, utc_ms) - utc_ms;
}

int64_t calendar_utc_ms(const struct calendar *c, int64_t local_ms, bool later)
{
    int64_t before_ms = offset_ms(c, local_ms - DAY_MS), after_ms = offset_ms(c, local_ms + DAY_MS);
    int64_t a_ms = local_ms - before_ms, b_ms = local_ms - after_ms;
    bool is_a = offset_ms(c, a_ms) == before_ms, is_b = offset_ms(c, b_ms) == after_ms;
    if (is_a != is_b)
        return is_a ? a_ms : b_ms;
    return later ? ms_max(a_ms, b_ms) : ms_min(a_ms, b_ms);
}

static int64_t day_of(const struct calendar *c, int64_t utc_ms)
{
    return floor_div(calendar_local_ms(c, utc_ms), DAY_MS);
}

static int weekday(int64_t day)
{
    return (int)(day + MONDAY - floor_div(day + MONDAY, DAYS_OF_WEEK) * DAYS_OF_WEEK);
}

int calendar_hour(const struct calendar *c, int64_t utc_ms, int64_t *ret_until_ms)
{
    int64_t local_ms = calendar_local_ms(c, utc_ms), hour = floor_div(local_ms, HOUR_MS);
    int64_t day = floor_div(hour, 24);
    *ret_until_ms = utc_ms + (hour + 1) * HOUR_MS - local_ms;
    return weekday(day) * 24 + (int)(hour - day * 24);
}

/* --- occurrences --- */

static int64_t edge_ms(const struct calendar *c, const struct sched_edge *edge, int64_t day,
                       bool later)
{
    int64_t minute_ms = (int64_t)edge->minute * 60000;
    if (edge->kind == SCHED_AT_CLOCK)
        return calendar_utc_ms(c, day * DAY_MS + minute_ms, later);
    int64_t noon_ms = calendar_utc_ms(c, day * DAY_MS + DAY_MS / 2, false);
    return sun_event_ms(edge->kind, c->lat_deg, c->lon_deg, noon_ms) + minute_ms;
}

static struct calendar_span find_span(const struct calendar *c, const struct sched_window *w,
                                      int64_t day)
{
    struct calendar_span span = { .day = day };
    if (!(w->days >> weekday(day) & 1))
        return span;
    span.from_ms = edge_ms(c, &w->from, day, false);
    bool same_clock = w->from.kind == SCHED_AT_CLOCK && w->to.kind == SCHED_AT_CLOCK;
    bool same_day = !same_clock || w->to.minute > w->from.minute;
    span.until_ms = same_day ? edge_ms(c, &w->to, day, true) : INT64_MIN;
    if (span.until_ms <= span.from_ms)
        span.until_ms = edge_ms(c, &w->to, day + 1, true);
    span.until_ms = ms_max(span.until_ms, span.from_ms);
    return span;
}

static const struct calendar_span *span_of(const struct calendar *c, size_t window, int64_t day)
{
    int64_t place = day - floor_div(day, CALENDAR_KEPT) * CALENDAR_KEPT;
    struct calendar_span *kept = &c->kept[window * CALENDAR_KEPT + (size_t)place];
    if (kept->day != day)
        *kept = find_span(c, &c->window[window], day);
    return kept;
}

bool calendar_lasts(const struct calendar *c, size_t window, int64_t utc_ms, int64_t *ret_from_ms)
{
    int64_t today = day_of(c, utc_ms), from_ms = INT64_MIN;
    for (int64_t day = today - DAYS_BACK; day <= today + 1; day++) {
        const struct calendar_span *span = span_of(c, window, day);
        if (span->from_ms <= utc_ms && utc_ms < span->until_ms)
            from_ms = ms_max(from_ms, span->from_ms);
    }
    *ret_from_ms = from_ms;
    return from_ms != INT64_MIN;
}

int64_t calendar_next_ms(const struct calendar *c, size_t window, int64_t utc_ms)
{
    int64_t today = day_of(c, utc_ms), next_ms = INT64_MAX;
    for (int64_t day = today - DAYS_BACK; day <= today + DAYS_AHEAD; day++) {
        const struct calendar_span *span = span_of(c, window, day);
        if (span->from_ms == span->until_ms)
            continue;
        if (span->from_ms > utc_ms)
            return ms_min(next_ms, span->from_ms);
        if (span->until_ms > utc_ms)
            next_ms = ms_min(next_ms, span->until_ms);
    }
    return next_ms;
}
