/* Why has this lamp its limit: the path of limits, who shares, the last commands; now, or then. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/noxd/jout.h"
#include "cmd/noxd/limit_then.h"
#include "cmd/noxd/route.h"
#include "cmd/noxd/views.h"

enum { DEPTH_MAX = 64, DECISIONS = 8, EVENTS = 10 };

/* --- the live tree --- */

struct named {
    const char *id;
    size_t node;
};

struct tree {
    size_t n;
    struct named *name;             /* in order of the ids */
    struct central_node_view *node; /* in the order of the configuration */
    size_t *parent;                 /* SIZE_MAX = none */
};

static int by_id(const void *a, const void *b)
{
    return strcmp(((const struct named *)a)->id, ((const struct named *)b)->id);
}

static size_t tree_find(const struct tree *t, const char *id)
{
    struct named wanted = { id, 0 };
    const struct named *found =
        id != NULL && t->n > 0 ? bsearch(&wanted, t->name, t->n, sizeof(*t->name), by_id) : NULL;
    return found != NULL ? found->node : SIZE_MAX;
}

static void tree_done(struct tree *t)
{
    free(t->name);
    free(t->node);
    free(t->parent);
}

static bool tree_read(const struct admin *a, struct tree *t)
{
    size_t n = central_node_count(a->options.central);
    *t = (struct tree){ .name = calloc(n + 1, sizeof(*t->name)),
                        .node = calloc(n + 1, sizeof(*t->node)),
                        .parent = calloc(n + 1, sizeof(*t->parent)) };
    if (t->name == NULL || t->node == NULL || t->parent == NULL)
        return false;
    while (t->n < n && central_node_view(a->options.central, t->n, admin_now(a), &t->node[t->n])) {
        t->name[t->n] = (struct named){ t->node[t->n].id, t->n };
        t->n++;
    }
    qsort(t->name, t->n, sizeof(*t->name), by_id);
    for (size_t i = 0; i < t->n; i++)
        t->parent[i] = tree_find(t, t->node[i].parent);
    return true;
}

/* --- the connector --- */

struct subject {
    size_t i, k;
    struct central_connector_view view;
    const char *grid_node;
};

/* The wanted connector, else the one with a session, else the first. */
static bool find_subject(struct request *r, int64_t connector, struct subject *ret)
{
    const struct central *c = r->admin->options.central;
    struct central_station_view s;
    struct central_connector_view v;
    size_t i;
    bool found = false;
    if (!central_station_find(c, r->param[0], &i) || !central_station_view(c, i, &s)) {
        request_fail_no_station(r);
        return false;
    }
    for (size_t k = 0; k < s.n_connectors; k++) {
        if (!central_connector_view(c, i, k, admin_now(r->admin), &v) ||
            (connector > 0 && v.connector != connector) ||
            (found && (ret->view.tx_id != 0 || v.tx_id == 0)))
            continue;
        *ret = (struct subject){ i, k, v, s.grid_node };
        found = true;
    }
    if (!found)
        request_fail(r, 404, "not-found", NULL,
                     "station %s has no such connector; 'noxctl station show %s' lists them",
                     r->param[0], r->param[0]);
    return found;
}

/* --- where the least is left --- */

struct binding {
    size_t node; /* SIZE_MAX = none */
    int phase;
    int64_t free_ma;
};

static int64_t free_ma(const struct central_node_view *n, int phase)
{
    return (int64_t)n->load.limit_ma[phase] - n->load.foreign_ma[phase] -
           n->load.reserved_ma[phase];
}

/* Of equals the one nearest to the connector. */
static struct binding find_binding(const struct tree *t, const struct subject *s)
{
    struct binding b = { .node = SIZE_MAX, .free_ma = INT64_MAX };
    size_t node = tree_find(t, s->grid_node);
    for (int depth = 0; node != SIZE_MAX && depth < DEPTH_MAX; depth++, node = t->parent[node])
        for (int p = 0; p < 3; p++)
            if ((s->view.point.phases == 0 || (s->view.point.phases >> p & 1) != 0) &&
                free_ma(&t->node[node], p) < b.free_ma)
                b = (struct binding){ node, p, free_ma(&t->node[node], p) };
    return b;
}

static bool is_below(const struct tree *t, size_t node, size_t above)
{
    for (int depth = 0; node != SIZE_MAX && depth < DEPTH_MAX; depth++, node = t->parent[node])
        if (node == above)
            return true;
    return false;
}

/* --- the answer: live members here, the rest by a worker --- */

/* How the station counts when nobody talks to it, and what that is known by. */
static void put_class(const struct request *r, const struct subject *s, struct ocpp_text *out)
{
    struct central_station_view v;
    if (!central_station_view(r->admin->options.central, s->i, &v))
        return;
    jout_text(out, "evidence", v.evidence);
    jout_time(out, "evidence_at", v.evidence_at_ms);
}

static void put_path(const struct request *r, const struct tree *t, const struct subject *s,
                     struct ocpp_text *out)
{
    size_t node = tree_find(t, s->grid_node);
    jout_open(out, "path", '[');
    for (int depth = 0; node != SIZE_MAX && depth < DEPTH_MAX; depth++, node = t->parent[node]) {
        jout_open(out, NULL, '{');
        view_node(r->admin, &t->node[node], out);
        jout_close(out, '}');
    }
    jout_close(out, ']');
}

static void put_binding(const struct tree *t, const struct binding *b, struct ocpp_text *out)
{
    static const char *const phases[] = { "L1", "L2", "L3" };
    if (b->node == SIZE_MAX) {
        jout_null(out, "binding");
        return;
    }
    jout_open(out, "binding", '{');
    jout_text(out, "node", t->node[b->node].id);
    jout_text(out, "phase", phases[b->phase]);
    jout_decimal(out, "free_a", b->free_ma, 3);
    jout_close(out, '}');
}

/* Connectors with a session below the binding node, without this one. */
static void put_sharers(const struct request *r, const struct tree *t, const struct subject *s,
                        size_t above, struct ocpp_text *out)
{
    const struct central *c = r->admin->options.central;
    struct central_station_view station;
    struct central_connector_view v;
    jout_open(out, "sharers", '[');
    for (size_t i = 0; above != SIZE_MAX && central_station_view(c, i, &station); i++) {
        size_t node = tree_find(t, station.grid_node);
        if (node == SIZE_MAX || !is_below(t, node, above))
            continue;
        for (size_t k = 0; k < station.n_connectors; k++)
            if (!(i == s->i && k == s->k) &&
                central_connector_view(c, i, k, admin_now(r->admin), &v) && v.tx_id != 0)
                view_connector(r->admin, i, k, out);
    }
    jout_close(out, ']');
}

/* The members that follow the live ones. */
struct more {
    struct ocpp_text live;
    int32_t connector;
};

static bool take_decision(void *arg, const struct store_decision *d)
{
    struct ocpp_text *out = arg;
    jout_open(out, NULL, '{');
    limit_put_decision(d, out);
    jout_close(out, '}');
    return true;
}

static bool take_event(void *arg, int64_t seq, const struct store_event *event)
{
    struct ocpp_text *out = arg;
    jout_open(out, NULL, '{');
    view_event(seq, event, out);
    jout_close(out, '}');
    return true;
}

static enum store_rc read_more(struct question *q, struct reader *db)
{
    struct more *m = q->state;
    struct reader_decision_filter decisions = { .station = q->request->param[0],
                                                .connector = m->connector,
                                                .until_ms = STORE_ABSENT,
                                                .since_ms = STORE_ABSENT,
                                                .limit = DECISIONS };
    struct reader_event_filter events = { .station = q->request->param[0], .limit = EVENTS };
    ocpp_text_append(&q->out, m->live.data, m->live.len);
    jout_open(&q->out, "decisions", '[');
    enum store_rc rc = reader_decisions(db, &decisions, take_decision, &q->out);
    jout_close(&q->out, ']');
    jout_open(&q->out, "events", '[');
    if (rc == STORE_OK)
        rc = reader_events(db, &events, take_event, &q->out);
    jout_close(&q->out, ']');
    jout_close(&q->out, '}');
    return rc;
}

static void answer_more(struct request *r, struct question *q)
{
    struct more *m = q->state;
    question_answer(r, q);
    ocpp_text_done(&m->live);
    free(m);
}

static void explain_now(struct request *r, int64_t connector)
{
    struct subject s = { .i = 0 };
    struct tree t = { .n = 0 };
    struct more *m = calloc(1, sizeof(*m));
    if (m == NULL || !tree_read(r->admin, &t)) {
        request_fail(r, 503, "overloaded", NULL, "out of memory; try again");
        free(m);
    } else if (!find_subject(r, connector, &s)) {
        free(m);
    } else {
        struct binding b = find_binding(&t, &s);
        ocpp_text_init(&m->live);
        m->connector = s.view.connector;
        jout_open(&m->live, NULL, '{');
        jout_key(&m->live, "connector");
        view_connector(r->admin, s.i, s.k, &m->live);
        put_class(r, &s, &m->live);
        put_path(r, &t, &s, &m->live);
        put_binding(&t, &b, &m->live);
        put_sharers(r, &t, &s, b.node, &m->live);
        request_ask(r, read_more, answer_more, m);
    }
    tree_done(&t);
}

/* --- then --- */

static enum store_rc read_then(struct question *q, struct reader *db)
{
    struct request *r = q->request;
    const char *connector = request_query(r, "connector");
    int64_t at_ms = STORE_ABSENT;
    request_query_time(r, "at", &at_ms);
    jout_open(&q->out, NULL, '{');
    enum store_rc rc = limit_then(db, r->param[0], connector != NULL ? atoi(connector) : 0, at_ms,
                                  &q->out, q->text, sizeof(q->text));
    jout_close(&q->out, '}');
    return rc;
}

void route_station_limit(struct request *r)
{
    int64_t connector, at_ms;
    size_t i;
    if (!request_query_int(r, "connector", 1, INT32_MAX, 0, &connector) ||
        !request_query_time(r, "at", &at_ms))
        return;
    if (at_ms == STORE_ABSENT)
        explain_now(r, connector);
    else if (at_ms > admin_now(r->admin).utc_ms)
        request_fail(r, 400, "bad-query", "at",
                     "at is in the future; 'noxctl grid plan' shows the hours to come");
    else if (!central_station_find(r->admin->options.central, r->param[0], &i))
        request_fail_no_station(r);
    else
        request_ask(r, read_then, NULL, NULL);
}
