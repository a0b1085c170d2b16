/*
 * From a site to the scheduler: its grid tree and points, checked, proven, and taken over with all
 * that is in force and has been learnt.
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ocpp/central/state.h"

enum { LEASES_CARRIED = 8 };

/* Where an id stands in its list of the site. */
struct named {
    const char *id;
    size_t place;
};

struct build {
    struct sched_node_conf *node;
    struct sched_point_conf *point;
    struct connector **connector;       /* of each point; NULL when only checking */
    size_t *place;                      /* of each point among the site's connectors */
    struct named *node_id, *station_id; /* in order of their ids */
    size_t n_nodes, n_points, n_stations;
};

static void build_done(struct build *b)
{
    free(b->node);
    free(b->point);
    free(b->connector);
    free(b->place);
    free(b->node_id);
    free(b->station_id);
}

static int named_compare(const void *a, const void *b)
{
    return strcmp(((const struct named *)a)->id, ((const struct named *)b)->id);
}

/* @return its place in the site, SIZE_MAX if it is not there */
static size_t place_of(const struct named *list, size_t n, const char *id)
{
    struct named wanted = { .id = id };
    const struct named *found =
        n > 0 ? bsearch(&wanted, list, n, sizeof(*list), named_compare) : NULL;
    return found != NULL ? found->place : SIZE_MAX;
}

/* The lists of the site come sorted and parents first from the store; neither is relied on. */
static bool build_names(struct build *b, const struct store_site *site)
{
    b->n_nodes = site->n_grid;
    b->n_stations = site->n_stations;
    b->node_id = calloc(site->n_grid + 1, sizeof(*b->node_id));
    b->station_id = calloc(site->n_stations + 1, sizeof(*b->station_id));
    if (b->node_id == NULL || b->station_id == NULL)
        return false;
    for (size_t i = 0; i < site->n_grid; i++)
        b->node_id[i] = (struct named){ .id = site->grid[i].id, .place = i };
    for (size_t i = 0; i < site->n_stations; i++)
        b->station_id[i] = (struct named){ .id = site->station[i].id, .place = i };
    qsort(b->node_id, site->n_grid, sizeof(*b->node_id), named_compare);
    qsort(b->station_id, site->n_stations, sizeof(*b->station_id), named_compare);
    return true;
}

static size_t node_place(const struct build *b, const char *id)
{
    return place_of(b->node_id, b->n_nodes, id);
}

/* "RST" -> terminals 1..3 on grid phases 0..2. */
static void wiring_of(const char *wiring, struct sched_point_conf *ret_point)
{
    const char *phases = wiring != NULL && wiring[0] != '\0' ? wiring : "RST";
    ret_point->n_phases = 0;
    for (; *phases != '\0' && ret_point->n_phases < 3; phases++)
        ret_point->wiring[ret_point->n_phases++] = (int8_t)(*phases - 'R');
}

static struct sched_point_conf point_of(const struct store_station *s,
                                        const struct store_connector *k, int32_t node)
{
    struct sched_point_conf p = { .node = node,
                                  .rating_ma = s->rating_ma,
                                  .safe_ma = s->safe_ma,
                                  .min_ma = s->min_ma > 0 ? s->min_ma : 6000,
                                  .weight = s->weight > 0 ? s->weight : 1,
                                  .class = (enum sched_class)s->class,
                                  .commissioned = k->commissioned,
                                  .safe_confirmed = k->safe_confirmed_ma == s->safe_ma };
    wiring_of(s->wiring, &p);
    return p;
}

static bool build_nodes(struct build *b, const struct store_site *site, char *ret_text, size_t size)
{
    b->node = calloc(site->n_grid + 1, sizeof(*b->node));
    if (b->node == NULL)
        return false;
    for (size_t i = 0; i < site->n_grid; i++) {
        const struct store_grid_node *in = &site->grid[i];
        struct sched_node_conf *out = &b->node[i];
        size_t parent = in->parent != NULL ? node_place(b, in->parent) : SIZE_MAX;
        out->parent = parent < i ? (int32_t)parent : -1;
        if (in->parent != NULL && out->parent < 0) {
            snprintf(ret_text, size, "grid node %.48s comes before its parent %.48s", in->id,
                     in->parent);
            return false;
        }
        memcpy(out->limit_ma, in->limit_ma, sizeof(out->limit_ma));
        memcpy(out->foreign_ma, in->foreign_ma, sizeof(out->foreign_ma));
        out->single_max_ma = in->single_max_ma;
    }
    return true;
}

static bool build_points(struct build *b, const struct store_site *site)
{
    const struct store_station *s = NULL;
    b->point = calloc(site->n_connectors + 1, sizeof(*b->point));
    b->connector = calloc(site->n_connectors + 1, sizeof(struct connector *));
    b->place = calloc(site->n_connectors + 1, sizeof(*b->place));
    if (b->point == NULL || b->connector == NULL || b->place == NULL)
        return false;
    for (size_t i = 0; i < site->n_connectors; i++) {
        const struct store_connector *k = &site->connector[i];
        if (s == NULL || strcmp(s->id, k->station) != 0) {
            size_t place = place_of(b->station_id, b->n_stations, k->station);
            s = place != SIZE_MAX ? &site->station[place] : NULL;
        }
        if (s == NULL || s->decommissioned || s->grid_node == NULL)
            continue;
        size_t node = node_place(b, s->grid_node);
        if (node == SIZE_MAX)
            continue;
        b->place[b->n_points] = i;
        b->point[b->n_points++] = point_of(s, k, (int32_t)node);
    }
    return true;
}

static bool build(struct build *b, const struct store_site *site, char *ret_text, size_t size)
{
    *b = (struct build){ .node = NULL };
    snprintf(ret_text, size, "out of memory");
    return build_names(b, site) && build_nodes(b, site, ret_text, size) && build_points(b, site);
}

static struct sched_conf conf_of(const struct build *b, struct sched_tuning tuning)
{
    return (struct sched_conf){ .node = b->node,
                                .n_nodes = b->n_nodes,
                                .point = b->point,
                                .n_points = b->n_points,
                                .tuning = tuning };
}

bool balance_check(const struct store_site *site, char *ret_text, size_t size)
{
    struct build b;
    bool good = build(&b, site, ret_text, size);
    struct sched_conf conf = conf_of(&b, sched_default_tuning());
    good = good && (b.n_nodes == 0 || sched_check(&conf, ret_text, size));
    build_done(&b);
    return good;
}

bool central_check(const struct store_site *site, char *ret_text, size_t size)
{
    return balance_check(site, ret_text, size);
}

bool central_prove(const struct store_site *site, char *ret_text, size_t size)
{
    struct build b;
    size_t node;
    int phase;
    int64_t sum_ma;
    bool holds = build(&b, site, ret_text, size);
    for (size_t i = 0; holds && i < b.n_points; i++)
        b.point[i].commissioned = b.point[i].safe_confirmed = true;
    struct sched_conf conf = conf_of(&b, sched_default_tuning());
    if (holds && b.n_nodes > 0) {
        holds = sched_check(&conf, ret_text, size);
        if (holds && !sched_prove(&conf, &node, &phase, &sum_ma)) {
            holds = false;
            snprintf(
                ret_text, size,
                "grid node %.48s, L%d: the safe currents below it add up to %.1f A, more than %.1f A "
                "(limit %.1f A less foreign load %.1f A); lower safe_a of some stations to 0 or 6 A",
                site->grid[node].id, phase + 1, (double)sum_ma / 1000.0,
                (double)(b.node[node].limit_ma[phase] - b.node[node].foreign_ma[phase]) / 1000.0,
                (double)b.node[node].limit_ma[phase] / 1000.0,
                (double)b.node[node].foreign_ma[phase] / 1000.0);
        }
    }
    build_done(&b);
    return holds;
}

static void nodes_free(struct node *node, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        free(node[i].id);
        free(node[i].parent);
        free(node[i].name);
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

static bool nodes_take(struct central *c, const struct build *b, const struct store_site *site)
{
    struct node *node = calloc(site->n_grid + 1, sizeof(*node));
    if (node == NULL)
        return false;
    for (size_t i = 0; i < site->n_grid; i++) {
        text_replace(&node[i].id, site->grid[i].id);
        text_replace(&node[i].parent, site->grid[i].parent);
        text_replace(&node[i].name, site->grid[i].name);
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
            node_place(b, s->grid_node) == SIZE_MAX)
            continue;
        struct connector *k = connector_find(s, in->connector);
        /* What has been learnt since the site was read counts. */
        b->point[n].commissioned = k->commissioned;
        b->point[n].safe_confirmed = k->safe_confirmed_ma == s->safe_ma;
        b->connector[n++] = k;
    }
    assert(n == b->n_points);
}

static bool same_node(const struct sched_node_conf *a, const struct sched_node_conf *b)
{
    return a->parent == b->parent && same_limits(a, b) && a->single_max_ma == b->single_max_ma;
}

/* As configured; what is learnt is not compared. */
static bool same_point(const struct sched_point_conf *a, const struct sched_point_conf *b)
{
    return a->node == b->node && a->n_phases == b->n_phases &&
           memcmp(a->wiring, b->wiring, sizeof(a->wiring)) == 0 && a->rating_ma == b->rating_ma &&
           a->safe_ma == b->safe_ma && a->min_ma == b->min_ma && a->weight == b->weight &&
           a->class == b->class;
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

/* What is in force, and what was learnt, goes with the point. */
static void carry_point(struct central *c, struct sched *fresh, struct connector *k, size_t point,
                        const struct sched_point_conf *conf, struct instant now)
{
    struct sched_lease lease[LEASES_CARRIED];
    struct sched_point_view view;
    if (k->point == SIZE_MAX || c->sched == NULL)
        return;
    size_t n = sched_leases(c->sched, k->point, lease, LEASES_CARRIED);
    for (size_t i = 0; i < n; i++)
        sched_restore(fresh, point, lease[i].tx_id, lease[i].limit_ma, lease[i].end_ms, now.utc_ms);
    sched_point_view(c->sched, k->point, now.utc_ms, &view);
    sched_restore_phases(fresh, point, view.tx_id, view.phases, now.utc_ms);
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

static void take_over(struct central *c, struct sched *fresh, struct build *b, struct instant now)
{
    for (size_t i = 0; i < b->n_points; i++) {
        carry_point(c, fresh, b->connector[i], i, &b->point[i], now);
        point_events(fresh, b->connector[i], i, now);
    }
    for (size_t i = 0; i < c->n_nodes; i++)
        if (c->node[i].overridden)
            sched_set_limit(fresh, i, c->node[i].limit_ma, c->node[i].foreign_ma, now.utc_ms);
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
    c->point = b->connector;
    c->point_conf = b->point;
    c->node_conf = b->node;
    c->n_points = b->n_points;
    b->connector = NULL;
    b->point = NULL;
    b->node = NULL;
}

static bool rebuild(struct central *c, struct build *b, struct instant now)
{
    struct sched *fresh = NULL;
    if (b->n_nodes > 0) {
        struct sched_conf conf = conf_of(b, c->options.tuning);
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
    bool good = build(&b, site, ret_text, size);
    if (good) {
        connectors_of_points(c, site, &b);
        bool unchanged = is_unchanged(c, &b);
        c->balance_timer.fire = balance_on_timer;
        c->balance_timer.owner = c;
        good = nodes_take(c, &b, site) && (unchanged || rebuild(c, &b, now));
    }
    if (good) {
        keep_build(c, &b);
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
    c->point = NULL;
    c->point_conf = NULL;
    c->node_conf = NULL;
    c->n_points = 0;
    nodes_free(c->node, c->n_nodes);
    c->node = NULL;
    c->n_nodes = 0;
}

/* --- a model beside the live state --- */

struct model_point {
    const char *station;
    int32_t connector;
    size_t point;
};

struct central_model {
    struct build b;
    struct sched_conf conf;
    struct model_point *point; /* by station and connector; lends from the site */
    const struct store_site *site;
};

static int model_point_compare(const void *a, const void *b)
{
    const struct model_point *x = a, *y = b;
    int order = strcmp(x->station, y->station);
    return order != 0 ? order : (x->connector > y->connector) - (x->connector < y->connector);
}

static bool model_points(struct central_model *m, const struct store_site *site)
{
    m->point = calloc(m->b.n_points + 1, sizeof(*m->point));
    for (size_t i = 0; m->point != NULL && i < m->b.n_points; i++) {
        const struct store_connector *k = &site->connector[m->b.place[i]];
        m->point[i] = (struct model_point){ k->station, k->connector, i };
    }
    if (m->point != NULL)
        qsort(m->point, m->b.n_points, sizeof(*m->point), model_point_compare);
    return m->point != NULL;
}

struct central_model *central_model_new(const struct store_site *site, char *ret_text, size_t size)
{
    struct central_model *m = calloc(1, sizeof(*m));
    if (m == NULL) {
        snprintf(ret_text, size, "out of memory");
        return NULL;
    }
    bool good = build(&m->b, site, ret_text, size) && model_points(m, site);
    m->conf = conf_of(&m->b, sched_default_tuning());
    m->site = site;
    if (good && sched_check(&m->conf, ret_text, size))
        return m;
    central_model_free(m);
    return NULL;
}

void central_model_free(struct central_model *m)
{
    if (m == NULL)
        return;
    build_done(&m->b);
    free(m->point);
    free(m);
}

const struct sched_conf *central_model_conf(const struct central_model *m)
{
    return &m->conf;
}

size_t central_model_point(const struct central_model *m, const char *station, int32_t connector)
{
    struct model_point wanted = { station, connector, 0 };
    const struct model_point *found =
        bsearch(&wanted, m->point, m->b.n_points, sizeof(*m->point), model_point_compare);
    return found != NULL ? found->point : SIZE_MAX;
}

void central_model_place(const struct central_model *m, size_t point, const char **ret_station,
                         int32_t *ret_connector)
{
    const struct store_connector *k = &m->site->connector[m->b.place[point]];
    *ret_station = k->station;
    *ret_connector = k->connector;
}
