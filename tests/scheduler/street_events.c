/* Chance and the queue of what is going to happen. */
#include "tests/scheduler/street_state.h"

#include <assert.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

uint64_t street_random(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

int64_t street_below(struct street *t, int64_t n)
{
    return n <= 0 ? 0 : (int64_t)(street_random(&t->random) % (uint64_t)n);
}

bool street_chance(struct street *t, int32_t per_mille)
{
    return street_below(t, 1000) < per_mille;
}

/* Between nothing and twice the mean. */
int64_t street_about(struct street *t, int64_t mean_ms)
{
    return 1 + street_below(t, 2 * mean_ms);
}

int64_t street_our_clock(const struct street *t)
{
    return t->now_ms - t->clock_ms;
}

void street_fail(struct street *t, const char *format, ...)
{
    va_list args;
    if (t->failed)
        return;
    int n =
        snprintf(t->text, sizeof(t->text), "at %.3f s: ", (double)(t->now_ms - START_MS) / 1000.0);
    va_start(args, format);
    vsnprintf(t->text + n, sizeof(t->text) - (size_t)n, format, args);
    va_end(args);
    t->failed = true;
}

static bool earlier(const struct event *a, const struct event *b)
{
    return a->at_ms != b->at_ms ? a->at_ms < b->at_ms : a->order < b->order;
}

void street_push(struct street *t, struct event e)
{
    if (t->n_events == t->heap_size) {
        t->heap_size = t->heap_size * 2 + 64;
        t->heap = realloc(t->heap, t->heap_size * sizeof(*t->heap));
        assert(t->heap != NULL);
    }
    e.order = t->order++;
    size_t at = t->n_events++;
    for (; at > 0 && earlier(&e, &t->heap[(at - 1) / 2]); at = (at - 1) / 2)
        t->heap[at] = t->heap[(at - 1) / 2];
    t->heap[at] = e;
}

struct event street_pop(struct street *t)
{
    struct event top = t->heap[0], last = t->heap[--t->n_events];
    size_t at = 0;
    for (size_t child; (child = 2 * at + 1) < t->n_events; at = child) {
        if (child + 1 < t->n_events && earlier(&t->heap[child + 1], &t->heap[child]))
            child++;
        if (!earlier(&t->heap[child], &last))
            break;
        t->heap[at] = t->heap[child];
    }
    if (t->n_events > 0)
        t->heap[at] = last;
    return top;
}

void street_later(struct street *t, enum kind kind, size_t station, int64_t after_ms)
{
    street_push(t,
                (struct event){ .at_ms = t->now_ms + after_ms,
                                .kind = kind,
                                .station = station,
                                .generation =
                                    station < t->n_stations ? t->station[station].generation : 0 });
}

void street_every(struct street *t, enum kind kind, size_t station, int64_t mean_ms)
{
    if (mean_ms > 0)
        street_later(t, kind, station, street_about(t, mean_ms));
}

/* By Box and Muller. */
static double normal(struct street *t)
{
    double u = (double)(1 + street_below(t, 1000000)) / 1000000.0;
    double v = (double)street_below(t, 1000000) / 1000000.0;
    return sqrt(-2.0 * log(u)) * cos(6.283185307179586 * v);
}

int64_t street_transit_ms(struct street *t, struct station *st)
{
    int64_t median_ms = t->faults.delay_ms > 0 ? t->faults.delay_ms : 20;
    if (t->faults.spread_e2 == 0)
        return street_about(t, median_ms);
    double ms = (double)median_ms * exp(normal(t) * (double)t->faults.spread_e2 / 100.0);
    int64_t in_ms = ms > LATEST_MS ? LATEST_MS : 1 + (int64_t)ms;
    if (in_ms > LATE_MS) {
        st->dirty_ms = t->now_ms + in_ms;
        t->stats.n_late++;
    }
    return in_ms;
}

bool street_loses(struct street *t, struct station *st, int32_t per_mille)
{
    if (!street_chance(t, per_mille))
        return false;
    st->dirty_ms = t->now_ms;
    t->stats.n_lost++;
    return true;
}
