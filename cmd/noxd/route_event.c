/*
 * Events, and waiting for them.
 *
 * Who waits looks again after the commit that holds a new event: an empty write that is queued
 * behind the event comes back when both are on disk.  Events that nobody announces (those the store
 * writes by itself) are found by a look every second while somebody waits.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/noxd/jout.h"
#include "cmd/noxd/route.h"
#include "cmd/noxd/views.h"

enum { EVENTS_DEFAULT = 100, EVENTS_MAX = 10000, WAIT_MAX_S = 60 };

static const char *const severity_words[] = { "all", "info", "warning", "alarm", NULL };

struct event_list {
    struct ocpp_text *out;
    size_t n;
    int64_t last_seq;
};

static bool take_event(void *arg, int64_t seq, const struct store_event *event)
{
    struct event_list *l = arg;
    jout_open(l->out, NULL, '{');
    view_event(seq, event, l->out);
    jout_close(l->out, '}');
    l->n++;
    l->last_seq = seq;
    return true;
}

static bool take_last_seq(void *arg, int64_t seq, const struct store_event *event)
{
    (void)event;
    *(int64_t *)arg = seq;
    return true;
}

static bool read_filter(struct request *r, struct reader_event_filter *f)
{
    size_t severity;
    *f = (struct reader_event_filter){ .station = request_query(r, "station"),
                                       .name_prefix = request_query(r, "name") };
    if (!request_query_int(r, "after", 0, INT64_MAX, -1, &f->after_seq) ||
        !request_query_int(r, "limit", 1, EVENTS_MAX, EVENTS_DEFAULT, &f->limit) ||
        !request_query_word(r, "severity", severity_words, 0, &severity))
        return false;
    f->min_severity = (int32_t)severity;
    return true;
}

/* after=0 is "from the beginning" to who asks, but "the newest" to the reader. */
static enum store_rc read_events(struct question *q, struct reader *db)
{
    struct event_list list = { &q->out, 0, 0 };
    struct reader_event_filter f, newest = { .limit = 1 };
    read_filter(q->request, &f);
    int64_t after = f.after_seq;
    if (after <= 0)
        f.after_seq = 0;
    list.last_seq = f.after_seq;
    jout_open(&q->out, NULL, '{');
    jout_open(&q->out, "items", '[');
    enum store_rc rc = reader_events(db, &f, take_event, &list);
    /* Where to go on when nothing fits the filter. */
    if (rc == STORE_OK && list.n == 0 && after <= 0)
        rc = reader_events(db, &newest, take_last_seq, &list.last_seq);
    jout_close(&q->out, ']');
    jout_int(&q->out, "last_seq", list.last_seq);
    jout_close(&q->out, '}');
    *(size_t *)q->state = list.n;
    return rc;
}

static void wait_on(struct request *r)
{
    struct admin *a = r->admin;
    if (a->closing || r->link == NULL)
        return;
    r->next_waiter = a->waiters;
    a->waiters = r;
}

static void answer_events(struct request *r, struct question *q)
{
    size_t n = *(const size_t *)q->state;
    free(q->state);
    if (q->rc == STORE_OK && n == 0 && admin_now(r->admin).mono_ms < r->wait_until_mono_ms)
        wait_on(r);
    else
        question_answer(r, q);
}

static void look(struct request *r)
{
    size_t *n = calloc(1, sizeof(*n));
    if (n == NULL)
        request_fail(r, 503, "overloaded", NULL, "out of memory; try again");
    else
        request_ask(r, read_events, answer_events, n);
}

void route_events(struct request *r)
{
    struct reader_event_filter filter;
    int64_t wait_s;
    if (!read_filter(r, &filter) || !request_query_int(r, "wait_s", 0, WAIT_MAX_S, 0, &wait_s))
        return;
    r->wait_until_mono_ms = admin_now(r->admin).mono_ms + wait_s * 1000;
    look(r);
}

/* --- who waits --- */

static void look_all(struct admin *a)
{
    struct request *list = a->waiters;
    a->waiters = NULL;
    while (list != NULL) {
        struct request *next = list->next_waiter;
        list->next_waiter = NULL;
        look(list);
        list = next;
    }
}

void admin_waiters_tick(struct admin *a)
{
    if (a->waiters != NULL && !a->closing)
        look_all(a);
}

void admin_waiters_leave(struct request *r)
{
    for (struct request **at = &r->admin->waiters; *at != NULL; at = &(*at)->next_waiter) {
        if (*at == r) {
            *at = r->next_waiter;
            r->next_waiter = NULL;
            return;
        }
    }
}

static void on_barrier(void *arg, enum store_rc rc, const union store_result *result)
{
    struct admin *a = arg;
    (void)rc;
    (void)result;
    a->news_asked = false;
    admin_waiters_tick(a);
    admin_unref(a);
}

void admin_on_event(struct admin *a, const struct store_event *event)
{
    struct store_done done = { on_barrier, a };
    alarms_note(&a->alarms, event);
    if (a->closing || a->waiters == NULL || a->news_asked)
        return;
    a->news_asked = store_meter(a->options.store, NULL, 0, done);
    if (a->news_asked)
        a->refs++;
}
