/* How the whole is doing. */
#include <stdio.h>
#include <string.h>

#include "cmd/noxd/jout.h"
#include "cmd/noxd/route.h"
#include "cmd/noxd/views.h"

enum { EVENTS_IN_TOP = 20 };

void route_index(struct request *r)
{
    jout_open(&r->out, NULL, '{');
    jout_open(&r->out, "items", '[');
    for (size_t i = 0; route_at(i) != NULL; i++) {
        const struct route *route = route_at(i);
        jout_open(&r->out, NULL, '{');
        jout_text(&r->out, "method", route->method);
        jout_text(&r->out, "path", route->path);
        jout_text(&r->out, "query", route->query);
        jout_text(&r->out, "summary", route->summary);
        jout_close(&r->out, '}');
    }
    jout_close(&r->out, ']');
    jout_close(&r->out, '}');
    request_answer(r, 200);
}

static void put_clock(const struct admin *a, struct ocpp_text *out)
{
    jout_text(out, "version", a->options.version);
    jout_time(out, "now", admin_now(a).utc_ms);
    jout_int(out, "time_warp", a->options.time_warp);
}

void route_status(struct request *r)
{
    struct admin *a = r->admin;
    struct ocpp_text *out = &r->out;
    jout_open(out, NULL, '{');
    put_clock(a, out);
    jout_time(out, "started_at", a->started_at_ms);
    jout_int(out, "uptime_s", (admin_now(a).mono_ms - a->started_mono_ms) / 1000);
    jout_open(out, "listen", '[');
    for (size_t i = 0; i < a->options.n_urls; i++)
        jout_text(out, NULL, a->options.url[i]);
    jout_close(out, ']');
    jout_int(out, "schema_version", a->schema_version > 0 ? a->schema_version : STORE_ABSENT);
    view_storage(a, out);
    view_counters(a, out);
    view_alarms(a, out);
    jout_close(out, '}');
    request_answer(r, 200);
}

/* --- top: the live state, and the last events from the database --- */

static bool take_event(void *arg, int64_t seq, const struct store_event *event)
{
    struct ocpp_text *out = arg;
    jout_open(out, NULL, '{');
    view_event(seq, event, out);
    jout_close(out, '}');
    return true;
}

static enum store_rc read_last_events(struct question *q, struct reader *db)
{
    struct reader_event_filter filter = { .limit = EVENTS_IN_TOP };
    return reader_events(db, &filter, take_event, &q->out);
}

/* The live state is shown even if the database cannot be read. */
static void answer_top(struct request *r, struct question *q)
{
    struct admin *a = r->admin;
    struct ocpp_text *out = &r->out;
    if (a->closing)
        return;
    jout_open(out, NULL, '{');
    put_clock(a, out);
    view_storage(a, out);
    view_counters(a, out);
    view_alarms(a, out);
    jout_open(out, "grid", '[');
    view_grid(a, false, out);
    jout_close(out, ']');
    jout_open(out, "connectors", '[');
    view_connectors(a, out);
    jout_close(out, ']');
    jout_open(out, "events", '[');
    if (q->rc == STORE_OK)
        ocpp_text_append(out, q->out.data, q->out.len);
    jout_close(out, ']');
    jout_close(out, '}');
    request_answer(r, 200);
}

void route_top(struct request *r)
{
    request_ask(r, read_last_events, answer_top, NULL);
}
