#include "ocpp/central/timer.h"

#include <assert.h>
#include <stdlib.h>

static void put(struct timers *t, size_t place, struct timer *timer)
{
    t->heap[place] = timer;
    timer->place = place;
}

static void sift_up(struct timers *t, size_t place, struct timer *timer)
{
    while (place > 1 && t->heap[place / 2]->due_mono_ms > timer->due_mono_ms) {
        put(t, place, t->heap[place / 2]);
        place /= 2;
    }
    put(t, place, timer);
}

static void sift_down(struct timers *t, size_t place, struct timer *timer)
{
    for (size_t child; (child = 2 * place) <= t->n; place = child) {
        if (child < t->n && t->heap[child + 1]->due_mono_ms < t->heap[child]->due_mono_ms)
            child++;
        if (t->heap[child]->due_mono_ms >= timer->due_mono_ms)
            break;
        put(t, place, t->heap[child]);
    }
    put(t, place, timer);
}

static void settle(struct timers *t, size_t place, struct timer *timer)
{
    if (place > 1 && t->heap[place / 2]->due_mono_ms > timer->due_mono_ms)
        sift_up(t, place, timer);
    else
        sift_down(t, place, timer);
}

void timer_set(struct timers *t, struct timer *timer, int64_t due_mono_ms)
{
    timer->due_mono_ms = due_mono_ms;
    if (timer->place != 0) {
        settle(t, timer->place, timer);
        return;
    }
    if (t->n + 1 >= t->room) {
        t->room = t->room ? 2 * t->room : 64;
        t->heap = realloc(t->heap, t->room * sizeof(*t->heap));
        if (t->heap == NULL)
            abort();
    }
    sift_up(t, ++t->n, timer);
}

void timer_cancel(struct timers *t, struct timer *timer)
{
    size_t place = timer->place;
    if (place == 0)
        return;
    assert(t->heap[place] == timer);
    timer->place = 0;
    struct timer *last = t->heap[t->n--];
    if (last != timer)
        settle(t, place, last);
}

void timers_run(struct timers *t, struct instant now)
{
    while (t->n > 0 && t->heap[1]->due_mono_ms <= now.mono_ms) {
        struct timer *timer = t->heap[1];
        timer_cancel(t, timer);
        timer->fire(timer, now);
    }
}

int64_t timers_next(const struct timers *t)
{
    return t->n > 0 ? t->heap[1]->due_mono_ms : INT64_MAX;
}

void timers_done(struct timers *t)
{
    for (size_t i = 1; i <= t->n; i++)
        t->heap[i]->place = 0;
    free(t->heap);
    *t = (struct timers){ .heap = NULL };
}
