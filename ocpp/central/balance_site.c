/*
 * From a site to the scheduler: what balance_build.c made is taken over with all that is in force
 * and has been learnt.
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ocpp/central/balance_build.h"
#include "storage/windows.h"

enum { LEASES_CARRIED = 8 };

static void nodes_free(struct node *node, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        free(node[i].id);
        free(node[i].parent);
        free(node[i].name);
        free(node[i].kind);
        free(node[i].meter.device);
        free(node[i].meter.fields);
        free(node[i].meter.unit);
    }
    free(node);
}

static bool same_limits(const struct sched_node_conf *a, const struct sched_node_conf *b)
{
    return memcmp(a->limit_ma, b->limit_ma, sizeof(a->limit_ma)) == 0 &&
           memcmp(a->foreign_ma, b->foreign_ma, sizeof(a->foreign_ma)) == 0;
}

/* An operator's limit stays until the file says something else about this node. */
static void carry_override(struct central *c, struct node *n, const struct sched_node_conf *conf)
{
    for (size_t j = 0; j < c->n_nodes; j++) {
        const struct node *old = &c->node[j];
        if (strcmp(old->id, n->id) != 0 || !old->overridden)
            continue;
        n->overridden = same_limits(&c->node_conf[j], conf);
        memcpy(n->limit_ma, old->limit_ma, sizeof(n->limit_ma));
        memcpy(n->foreign_ma, old->foreign_ma, sizeof(n->foreign_ma));
        if (!n->overridden)
            central_event(c, "grid.limit", STORE_INFO, NULL, -1, c->now,
                          "%s: the limit set by hand has ended, the new configuration counts",
                          n->id);
        return;
    }
}

static void take_meter(const struct central *c, struct node *n, const struct store_grid_node *in)
{
    n->meter = (struct node_meter){ .present = in->meter_silent_after_s > 0,
                                    .silent_after_s = in->meter_silent_after_s,
                                    .received_at_ms = STORE_ABSENT };
    text_replace(&n->meter.device, in->meter_device);
    text_replace(&n->meter.fields, in->meter_fields);
    text_replace(&n->meter.unit, in->meter_unit);
    for (size_t j = 0; j < c->n_nodes; j++) {
        const struct node_meter *old = &c->node[j].meter;
        if (!n->meter.present || !old->present || strcmp(c->node[j].id, n->id) != 0)
            continue;
        n->meter.has_reading = sched_meter_last(c->sched, j, &n->meter.reading);
        n->meter.received_at_ms = old->received_at_ms;
    }
}

static bool nodes_take(struct central *c, const struct build *b, const struct store_site *site)
{
    struct node *node = calloc(site->n_grid + 1, sizeof(*node));
    if (node == NULL)
        return false;
    for (size_t i = 0; i < site->n_grid; i++) {
        text_replace(&node[i].id, site->grid[i].id);
        text_replace(&node[i].parent, site->grid[i].parent);
        text_replace(&node[i].name, site->grid[i].name);
        text_replace(&node[i].kind, site->grid[i].kind);
        take_meter(c, &node[i], &site->grid[i]);
        carry_override(c, &node[i], &b->node[i]);
        node[i].green = site->grid[i].green;
    }
    nodes_free(c->node, c->n_nodes);
    c->node = node;
    c->n_nodes = site->n_grid;
    return true;
}

/* Points in the order build_points() made them. */
static void connectors_of_points(const struct central *c, const struct store_site *site,
                                 struct build *b)
{
    size_t n = 0;
    for (size_t i = 0; i < site->n_connectors; i++) {
        const struct store_connector *in = &site->connector[i];
        const struct station *s = station_find(c, in->station);
        if (s == NULL || !s->present || s->grid_node == NULL ||
            build_node(b, s->grid_node) == SIZE_MAX)
            continue;
        struct connector *k = connector_find(s, in->connector);
        /* What has been learnt since the site was read counts. */
        b->point[n].class = station_class(s);
        b->point[n].writes_per_day = writes_of_point(s);
        b->point[n].commissioned = k->commissioned;
        b->point[n].safe_confirmed = k->safe_confirmed_ma == s->safe_ma;
        b->connector[n++] = k;
    }
    assert(n == b->n_points);
}

static bool same_windows(const struct sched_node_conf *a, const struct sched_node_conf *b)
{
    bool same = a->n_windows == b->n_windows;
    for (size_t i = 0; same && i < a->n_windows; i++) {
        const struct sched_window *x = &a->window[i], *y = &b->window[i];
        same = x->days == y->days && x->from.kind == y->from.kind &&
               x->from.minute == y->from.minute && x->to.kind == y->to.kind &&
               x->to.minute == y->to.minute &&
               memcmp(x->limit_ma, y->limit_ma, sizeof(x->limit_ma)) == 0 &&
               memcmp(x->reserve_ma, y->reserve_ma, sizeof(x->reserve_ma)) == 0;
    }
    return same;
}

static bool same_hours(const struct sched_node_conf *a, const struct sched_node_conf *b)
{
    if (a->foreign_hour_ma == NULL || b->foreign_hour_ma == NULL)
        return a->foreign_hour_ma == b->foreign_hour_ma;
    return memcmp(a->foreign_hour_ma, b->foreign_hour_ma,
                  STORE_HOURS * sizeof(*a->foreign_hour_ma)) == 0;
}

static bool same_meter(const struct sched_meter_conf *a, const struct sched_meter_conf *b)
{
    return a->present == b->present && a->includes_points == b->includes_points &&
           a->silent_after_ms == b->silent_after_ms &&
           memcmp(a->guard_ma, b->guard_ma, sizeof(a->guard_ma)) == 0 &&
           memcmp(a->silent_ma, b->silent_ma, sizeof(a->silent_ma)) == 0;
}

static bool same_place(const struct sched_node_conf *a, const struct sched_node_conf *b)
{
    return a->has_place == b->has_place && !(a->lat_deg < b->lat_deg) &&
           !(a->lat_deg > b->lat_deg) && !(a->lon_deg < b->lon_deg) && !(a->lon_deg > b->lon_deg);
}

static bool same_node(const struct sched_node_conf *a, const struct sched_node_conf *b)
{
    return a->parent == b->parent && same_limits(a, b) && a->single_max_ma == b->single_max_ma &&
           same_windows(a, b) && same_hours(a, b) && same_meter(&a->meter, &b->meter) &&
           same_place(a, b) && a->green == b->green;
}

static bool same_wiring(const struct sched_point_conf *a, const struct sched_point_conf *b)
{
    return a->n_phases == b->n_phases && memcmp(a->wiring, b->wiring, sizeof(a->wiring)) == 0;
}

/* As configured; what is learnt is not compared. */
static bool same_point(const struct sched_point_conf *a, const struct sched_point_conf *b)
{
    return a->node == b->node && same_wiring(a, b) && a->rating_ma == b->rating_ma &&
           a->safe_ma == b->safe_ma && a->min_ma == b->min_ma && a->weight == b->weight &&
           a->priority == b->priority && a->class == b->class;
}

/* Nothing that concerns the balancer has changed: it goes on with all it knows. */
static bool is_unchanged(const struct central *c, const struct build *b)
{
    bool same = c->sched != NULL && c->n_nodes == b->n_nodes && c->n_points == b->n_points;
    for (size_t i = 0; same && i < b->n_nodes; i++)
        same = same_node(&c->node_conf[i], &b->node[i]);
    for (size_t i = 0; same && i < b->n_points; i++)
        same = c->point[i] == b->connector[i] && same_point(&c->point_conf[i], &b->point[i]);
    return same;
}

/* They were found by the wrong wiring. */
static void forget_phases(struct central *c, struct connector *k)
{
    struct store_done nobody = { .fn = NULL };
    if (k->tx.id == 0 || k->tx.phases == 0)
        return;
    k->tx.phases = 0;
    store_tx_phases(c->options.store, k->tx.id, 0, nobody);
}

/* What is in force, and what was learnt, goes with the point. */
static void carry_point(struct central *c, struct sched *fresh, struct connector *k, size_t point,
                        const struct sched_point_conf *conf, struct instant now)
{
    struct sched_lease lease[LEASES_CARRIED];
    struct sched_point_view view;
    if (k->point == SIZE_MAX || c->sched == NULL) {
        left_return(c, fresh, k, point, now);
        return;
    }
    size_t n = sched_leases(c->sched, k->point, lease, LEASES_CARRIED);
    for (size_t i = 0; i < n; i++)
        sched_restore(fresh, point, &lease[i], now.utc_ms);
    sched_point_view(c->sched, k->point, now.utc_ms, &view);
    if (conf->class == SCHED_STICKY && c->point_conf[k->point].class == SCHED_LEASING)
        evidence_lasts(k, lease, n, now);
    if (same_wiring(&c->point_conf[k->point], conf))
        sched_restore_phases(fresh, point, view.tx_id, view.phases, now.utc_ms);
    else
        forget_phases(c, k);
    if (view.class > conf->class && c->point_conf[k->point].class == conf->class)
        sched_set_class(fresh, point, view.class, now.utc_ms);
}

static void point_events(struct sched *sched, const struct connector *k, size_t point,
                         struct instant now)
{
    const struct station *s = k->station;
    if (s->skew_known)
        sched_skew(sched, point, s->skew_ms);
    if (s->session != NULL && s->session->ready && s->registration == STORE_REG_ACCEPTED)
        sched_link(sched, point, true, now.utc_ms);
    if (k->tx.id != 0 && k->tx.balanced)
        sched_session_start(sched, point, k->tx.id, now.utc_ms);
    balance_need(k, sched, point, now);
    if (k->measured_at_ms != STORE_ABSENT)
        balance_energy(k, sched, point, k->measured_at_ms, now);
}

/* Only where a station or its node has gone. */
static void keep_left(struct central *c, struct instant now)
{
    for (size_t i = 0; c->sched != NULL && i < c->n_points; i++) {
        const struct station *s = c->point[i]->station;
        if (!s->present || s->grid_node == NULL)
            left_keep(c, c->point[i], now);
    }
}

static void take_over(struct central *c, struct sched *fresh, struct build *b, struct instant now)
{
    keep_left(c, now);
    for (size_t i = 0; i < b->n_points; i++) {
        carry_point(c, fresh, b->connector[i], i, &b->point[i], now);
        point_events(fresh, b->connector[i], i, now);
        if (c->sched != NULL && b->connector[i]->point != SIZE_MAX) {
            sched_carry_green(c->sched, b->connector[i]->point, fresh, i);
            sched_carry_writes(c->sched, b->connector[i]->point, fresh, i);
        }
    }
    for (size_t i = 0; i < c->n_nodes; i++)
        if (c->node[i].overridden)
            sched_set_limit(fresh, i, c->node[i].limit_ma, c->node[i].foreign_ma, now.utc_ms);
    balance_grid_carry(c, fresh, now);
    for (size_t i = 0; i < c->n_stations; i++)
        for (size_t n = 0; n < c->station[i]->n_connectors; n++)
            c->station[i]->connector[n]->point = SIZE_MAX;
    for (size_t i = 0; i < b->n_points; i++)
        b->connector[i]->point = i;
    sched_free(c->sched);
    c->sched = fresh;
    c->generation++;
}

/* The build becomes ours: what the balancer was made from. */
static void keep_build(struct central *c, struct build *b)
{
    free(c->point);
    free(c->point_conf);
    free(c->node_conf);
    free(c->window);
    free(c->hour_ma);
    c->point = b->connector;
    c->point_conf = b->point;
    c->node_conf = b->node;
    c->window = b->window;
    c->hour_ma = b->hour_ma;
    c->n_points = b->n_points;
    b->connector = NULL;
    b->point = NULL;
    b->node = NULL;
    b->window = NULL;
    b->hour_ma = NULL;
}

static bool rebuild(struct central *c, struct build *b, struct instant now)
{
    struct sched *fresh = NULL;
    if (b->n_nodes > 0) {
        struct sched_conf conf = build_conf(b, c->options.tuning);
        fresh = sched_new(&conf, now.utc_ms);
        if (fresh == NULL)
            return false;
    }
    take_over(c, fresh, b, now);
    return true;
}

bool balance_configure(struct central *c, const struct store_site *site, struct instant now,
                       char *ret_text, size_t size)
{
    struct build b;
    bool good = build_make(&b, site, ret_text, size);
    if (good) {
        connectors_of_points(c, site, &b);
        bool unchanged = is_unchanged(c, &b);
        c->balance_timer.fire = balance_on_timer;
        c->balance_timer.owner = c;
        good = nodes_take(c, &b, site) && (unchanged || rebuild(c, &b, now));
    }
    if (good) {
        keep_build(c, &b);
        doubt_new_points(c, now);
        series_apply(c, now);
        balance_touch(c, now);
    }
    build_done(&b);
    return good;
}

void balance_done(struct central *c)
{
    timer_cancel(&c->timers, &c->balance_timer);
    sched_free(c->sched);
    c->sched = NULL;
    series_done(c);
    free(c->point);
    free(c->point_conf);
    free(c->node_conf);
    free(c->window);
    free(c->hour_ma);
    balance_grid_done(c);
    c->point = NULL;
    c->point_conf = NULL;
    c->node_conf = NULL;
    c->window = NULL;
    c->hour_ma = NULL;
    c->n_points = 0;
    nodes_free(c->node, c->n_nodes);
    c->node = NULL;
    c->n_nodes = 0;
}
