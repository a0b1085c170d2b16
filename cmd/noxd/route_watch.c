/* Security events and refused connections. */
#include <string.h>

#include "cmd/noxd/jout.h"
#include "cmd/noxd/route.h"
#include "ocpp/central/security.h"

enum { LIST_DEFAULT = 100, LIST_MAX = 100000 };

static const char *origin_text(int32_t origin)
{
    return origin == STORE_OF_CENTRAL ? "central" : "station";
}

/* --- security events --- */

struct security_list {
    struct ocpp_text *out;
    int64_t n, last_id;
};

static bool take_security(void *arg, const struct store_security_event *s)
{
    struct security_list *l = arg;
    jout_open(l->out, NULL, '{');
    jout_int(l->out, "id", s->id);
    jout_time(l->out, "at", s->at_ms);
    jout_time(l->out, "received_at", s->received_at_ms);
    jout_text(l->out, "station", s->station);
    jout_text(l->out, "type", s->type);
    jout_bool(l->out, "critical", s->critical);
    jout_text(l->out, "origin", origin_text(s->origin));
    jout_text_or_null(l->out, "info", s->info);
    jout_text(l->out, "meaning", security_type(s->type)->meaning);
    jout_close(l->out, '}');
    l->n++;
    l->last_id = s->id;
    return true;
}

static bool read_filter(struct request *r, struct reader_security_filter *f)
{
    *f = (struct reader_security_filter){ .station = request_query(r, "station"),
                                          .type = request_query(r, "type") };
    return request_query_flag(r, "critical", &f->critical) &&
           request_query_time(r, "since", &f->since_ms) &&
           request_query_int(r, "before", 0, INT64_MAX, 0, &f->before_id) &&
           request_query_int(r, "limit", 1, LIST_MAX, LIST_DEFAULT, &f->limit);
}

static enum store_rc read_security(struct question *q, struct reader *db)
{
    struct security_list list = { .out = &q->out };
    struct reader_security_filter f;
    read_filter(q->request, &f);
    jout_open(&q->out, NULL, '{');
    jout_open(&q->out, "items", '[');
    enum store_rc rc = reader_security(db, &f, take_security, &list);
    jout_close(&q->out, ']');
    if (list.n == f.limit)
        jout_int(&q->out, "next_before", list.last_id);
    jout_close(&q->out, '}');
    return rc;
}

void route_security(struct request *r)
{
    struct reader_security_filter f;
    if (read_filter(r, &f))
        request_ask(r, read_security, NULL, NULL);
}

static bool take_count(void *arg, const struct store_security_count *c)
{
    struct ocpp_text *out = arg;
    jout_open(out, NULL, '{');
    jout_text(out, "station", c->station);
    jout_text(out, "type", c->type);
    jout_bool(out, "critical", c->critical);
    jout_text(out, "origin", origin_text(c->origin));
    jout_int(out, "count", c->n);
    jout_time(out, "first_at", c->first_at_ms);
    jout_time(out, "last_at", c->last_at_ms);
    jout_text(out, "meaning", security_type(c->type)->meaning);
    jout_close(out, '}');
    return true;
}

static enum store_rc read_counts(struct question *q, struct reader *db)
{
    struct reader_security_filter f;
    read_filter(q->request, &f);
    jout_open(&q->out, NULL, '{');
    jout_open(&q->out, "items", '[');
    enum store_rc rc = reader_security_counts(db, &f, take_count, &q->out);
    jout_close(&q->out, ']');
    jout_close(&q->out, '}');
    return rc;
}

void route_security_counts(struct request *r)
{
    struct reader_security_filter f;
    if (read_filter(r, &f))
        request_ask(r, read_counts, NULL, NULL);
}

/* --- refused connections --- */

void route_refused_clear(struct request *r)
{
    const char *identity = request_query(r, "identity");
    if (!admin_can_write(r))
        return;
    struct store_done done = admin_written(r, "refused connection", false);
    if (!store_refused_clear(r->admin->options.store, identity, done))
        admin_not_taken(r);
}
