#include "cmd/noxsim/timers.h"

#include <stdlib.h>

static void put(struct timers *t, size_t place, struct timer *timer)
{
    t->heap[place] = timer;
    timer->place = place;
}

static void rise(struct timers *t, size_t place, struct timer *timer)
{
    for (; place > 1 && t->heap[place / 2]->due_ms > timer->due_ms; place /= 2)
        put(t, place, t->heap[place / 2]);
    put(t, place, timer);
}

static void sink(struct timers *t, size_t place, struct timer *timer)
{
    for (size_t child = 2 * place; child <= t->n; child = 2 * place) {
        if (child < t->n && t->heap[child + 1]->due_ms < t->heap[child]->due_ms)
            child++;
        if (t->heap[child]->due_ms >= timer->due_ms)
            break;
        put(t, place, t->heap[child]);
        place = child;
    }
    put(t, place, timer);
}

static void place_anew(struct timers *t, size_t place, struct timer *timer)
{
    if (place > 1 && t->heap[place / 2]->due_ms > timer->due_ms)
        rise(t, place, timer);
    else
        sink(t, place, timer);
}

void timer_set(struct timers *t, struct timer *timer, int64_t due_ms)
{
    if (due_ms >= TIME_NEVER) {
        timer_cancel(t, timer);
        return;
    }
    timer->due_ms = due_ms;
    if (timer->place != 0) {
        place_anew(t, timer->place, timer);
        return;
    }
    if (t->n + 1 >= t->room) {
        t->room = t->room > 0 ? 2 * t->room : 64;
        t->heap = realloc(t->heap, t->room * sizeof(struct timer *));
        if (t->heap == NULL)
            abort();
    }
    rise(t, ++t->n, timer);
}

void timer_cancel(struct timers *t, struct timer *timer)
{
    size_t place = timer->place;
    if (place == 0)
        return;
    timer->place = 0;
    struct timer *last = t->heap[t->n--];
    if (last != timer)
        place_anew(t, place, last);
}

int64_t timers_next(const struct timers *t)
{
    return t->n > 0 ? t->heap[1]->due_ms : TIME_NEVER;
}

void timers_fire_first(struct timers *t)
{
    struct timer *timer = t->heap[1];
    int64_t due_ms = timer->due_ms;
    timer_cancel(t, timer);
    timer->fire(timer, due_ms);
}

void timers_done(struct timers *t)
{
    for (size_t i = 1; i <= t->n; i++)
        t->heap[i]->place = 0;
    free(t->heap);
    *t = (struct timers){ .heap = NULL };
}
