/*
 * Live state -> scheduler -> charging profiles.
 *
 * The scheduler decides, this file carries out: each lease is committed to the store before the
 * SetChargingProfile that grants it goes out; the station's answer goes back into the ledger.  What
 * the station holds (SCHEDULER section 3):
 *
 *   TxDefaultProfile  id 10k+1, stack level 0, Absolute, no end      safe current
 *   TxProfile         id 10k+2, stack level 0, of the transaction    granted until the lease ends,
 *                                                                    then the safe current
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ocpp/central/state.h"

enum {
    COMMANDS_PER_ROUND = 256,
    LEASES_CARRIED = 8,
    START_IN_PAST_MS = 60000, /* a station whose clock is a little behind obeys at once */
    KEY_PROFILE = 1 << 16,    /* + connector: queued profiles of one connector replace each other */
    KEY_DEFAULT = 2 << 16,
};

/* --- configuration --- */

/* Where an id stands in its list of the site. */
struct named {
    const char *id;
    size_t place;
};

struct build {
    struct sched_node_conf *node;
    struct sched_point_conf *point;
    struct connector **connector;       /* of each point; NULL when only checking */
    struct named *node_id, *station_id; /* in order of their ids */
    size_t n_nodes, n_points, n_stations;
};

static void build_done(struct build *b)
{
    free(b->node);
    free(b->point);
    free(b->connector);
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
    if (b->point == NULL || b->connector == NULL)
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
        if (node != SIZE_MAX)
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

static void on_balance_timer(struct timer *timer, struct instant now);

bool balance_configure(struct central *c, const struct store_site *site, struct instant now,
                       char *ret_text, size_t size)
{
    struct build b;
    bool good = build(&b, site, ret_text, size);
    if (good) {
        connectors_of_points(c, site, &b);
        bool unchanged = is_unchanged(c, &b);
        c->balance_timer.fire = on_balance_timer;
        c->balance_timer.owner = c;
        good = nodes_take(c, &b, site) && (unchanged || rebuild(c, &b, now));
    }
    if (good) {
        keep_build(c, &b);
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

void central_restore_lease(struct central *c, const struct store_lease *lease, struct instant now)
{
    const struct station *s = station_find(c, lease->station);
    const struct connector *k = s != NULL ? connector_find(s, lease->connector) : NULL;
    if (k != NULL && k->point != SIZE_MAX)
        sched_restore(c->sched, k->point, lease->tx_id, lease->limit_ma, lease->end_at_ms,
                      now.utc_ms);
}

/* --- events --- */

void balance_link(struct station *s, bool up, struct instant now)
{
    for (size_t i = 0; i < s->n_connectors; i++) {
        struct connector *k = s->connector[i];
        if (k->point == SIZE_MAX)
            continue;
        sched_link(s->central->sched, k->point, up, now.utc_ms);
        k->commissioned = true;
    }
    balance_touch(s->central, now);
}

static void read_configuration(struct station *s, struct instant now);

void balance_boot(struct station *s, struct instant now)
{
    bool any = false;
    for (size_t i = 0; i < s->n_connectors; i++)
        if (s->connector[i]->point != SIZE_MAX) {
            sched_boot(s->central->sched, s->connector[i]->point, now.utc_ms);
            any = true;
        }
    if (any)
        read_configuration(s, now);
}

void balance_session_start(struct connector *k, struct instant now)
{
    struct sched *sched = k->station->central->sched;
    k->tx.balanced = true;
    if (k->point == SIZE_MAX)
        return;
    sched_session_start(sched, k->point, k->tx.id, now.utc_ms);
    if (k->tx.phases != 0)
        sched_restore_phases(sched, k->point, k->tx.id, k->tx.phases, now.utc_ms);
}

void balance_session_stop(struct connector *k, bool ended, struct instant now)
{
    struct sched *sched = k->station->central->sched;
    if (k->point != SIZE_MAX && ended)
        sched_session_stop(sched, k->point, k->tx.id, now.utc_ms);
    else if (k->point != SIZE_MAX)
        sched_session_forget(sched, k->point, k->tx.id, now.utc_ms);
    k->tx.balanced = false;
}

void balance_tx_over(struct connector *k, int64_t tx_id, struct instant now)
{
    if (k->point != SIZE_MAX)
        sched_session_stop(k->station->central->sched, k->point, tx_id, now.utc_ms);
}

/* OCPP 1.6 section 4.9.  SuspendedEVSE is our own doing: the car still wants. */
void balance_status(struct connector *k, int32_t status, struct instant now)
{
    struct sched *sched = k->station->central->sched;
    if (k->point == SIZE_MAX)
        return;
    if (status == OCPP_STATUS_CHARGING || status == OCPP_STATUS_SUSPENDED_EVSE)
        sched_session_wants(sched, k->point, true, now.utc_ms);
    else if (status == OCPP_STATUS_SUSPENDED_EV || status == OCPP_STATUS_FINISHING ||
             status == OCPP_STATUS_AVAILABLE)
        sched_session_wants(sched, k->point, false, now.utc_ms);
}

void balance_measured(struct connector *k, int64_t at_ms, struct instant now)
{
    struct central *c = k->station->central;
    struct sched_point_view view;
    struct store_done nobody = { .fn = NULL };
    if (k->point == SIZE_MAX)
        return;
    sched_measured(c->sched, k->point, k->current_ma, at_ms, now.utc_ms);
    sched_point_view(c->sched, k->point, now.utc_ms, &view);
    if (view.tx_id == 0 || view.tx_id != k->tx.id || view.phases == k->tx.phases)
        return;
    k->tx.phases = view.phases;
    store_tx_phases(c->options.store, k->tx.id, view.phases, nobody);
}

void balance_skew(struct station *s)
{
    for (size_t i = 0; i < s->n_connectors; i++)
        if (s->connector[i]->point != SIZE_MAX)
            sched_skew(s->central->sched, s->connector[i]->point, s->skew_ms);
}

/* --- decisions --- */

/* A decision under way: kept from the commit of its lease until the station's answer. */
struct order {
    struct central *central;
    struct station *station;
    int32_t connector;
    uint64_t generation; /* of the balancer that decided: another one does not know the number */
    int64_t lease_at_ms; /* as written; 0 = no lease */
    size_t point;
    struct sched_command command;
};

/* So that a restart counts only what may still be in force. */
static void note_lease_outcome(const struct order *o, bool installed)
{
    struct central *c = o->central;
    struct store_done nobody = { .fn = NULL };
    struct store_lease_outcome outcome = { .station = o->station->id,
                                           .connector = o->connector,
                                           .tx_id = o->command.tx_id,
                                           .seq = o->command.seq,
                                           .at_ms = o->lease_at_ms,
                                           .installed = installed,
                                           .older_end_ms =
                                               c->now.utc_ms + c->options.tuning.react_ms };
    store_lease_outcome(c->options.store, &outcome, nobody);
}

static void order_end(struct order *o, enum sched_answer answer)
{
    struct central *c = o->central;
    struct station *s = o->station;
    if (o->lease_at_ms != 0 && answer != SCHED_UNKNOWN)
        note_lease_outcome(o, answer == SCHED_ACCEPTED);
    if (c->generation == o->generation && c->sched != NULL)
        sched_answer(c->sched, o->point, o->command.seq, answer, c->now.utc_ms);
    free(o);
    s->n_pending--;
    station_free_if_gone(s);
    balance_touch(c, c->now);
}

/* Only a clear no means that nothing was installed. */
static enum sched_answer answer_of(const struct central_reply *reply)
{
    static const char *const refusals[] = { "NotImplemented",
                                            "NotSupported",
                                            "FormationViolation",
                                            "FormatViolation",
                                            "PropertyConstraintViolation",
                                            "OccurenceConstraintViolation",
                                            "OccurrenceConstraintViolation",
                                            "TypeConstraintViolation",
                                            "SecurityError" };
    switch (reply->outcome) {
    case CENTRAL_ANSWERED:
        if (reply_is(reply, "Accepted"))
            return SCHED_ACCEPTED;
        return reply_is(reply, "Rejected") || reply_is(reply, "NotSupported") ? SCHED_REJECTED
                                                                              : SCHED_UNKNOWN;
    case CENTRAL_CALLERROR:
        for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++)
            if (ocpp_ci_equal(reply->error_code, refusals[i]))
                return SCHED_REJECTED;
        return SCHED_UNKNOWN;
    case CENTRAL_TIMEOUT:
    case CENTRAL_LOST:
        return SCHED_UNKNOWN;
    default:
        return SCHED_NOT_SENT;
    }
}

static void note_safe_confirmed(const struct order *o)
{
    struct connector *k = connector_find(o->station, o->connector);
    struct store_done nobody = { .fn = NULL };
    if (k == NULL)
        return;
    k->safe_confirmed_ma = o->command.safe_ma;
    store_point(o->central->options.store, o->station->id, k->number, k->safe_confirmed_ma,
                o->station->class, nobody);
}

static void on_profile_reply(void *arg, const struct central_reply *reply)
{
    struct order *o = arg;
    enum sched_answer answer = answer_of(reply);
    if (answer == SCHED_ACCEPTED && o->command.kind == SCHED_SET_SAFE)
        note_safe_confirmed(o);
    if (answer == SCHED_REJECTED)
        central_event(o->central, "profile.rejected", STORE_WARNING, o->station->id, o->connector,
                      o->central->now, "the station did not take a charging profile of %d A: %s",
                      (int)(o->command.limit_ma / 1000),
                      reply->outcome == CENTRAL_CALLERROR ? reply->error_code : "Rejected");
    order_end(o, answer);
}

static int32_t tenths(int32_t ma)
{
    return ma / 100;
}

static void send_default_profile(struct order *o)
{
    struct ocpp_charging_schedule_period period = { .start_period = 0,
                                                    .limit_tenths = tenths(o->command.safe_ma),
                                                    .number_phases = OCPP_INT_ABSENT };
    struct ocpp_charging_schedule schedule = { .duration = OCPP_INT_ABSENT,
                                               .start_schedule_ms =
                                                   o->command.start_ms - START_IN_PAST_MS,
                                               .charging_rate_unit = OCPP_RATE_UNIT_A,
                                               .charging_schedule_period = &period,
                                               .n_charging_schedule_period = 1,
                                               .min_charging_rate_tenths = OCPP_INT_ABSENT };
    struct ocpp_charging_profile profile = { .charging_profile_id = o->connector * 10 + 1,
                                             .transaction_id = OCPP_INT_ABSENT,
                                             .stack_level = 0,
                                             .charging_profile_purpose =
                                                 OCPP_PURPOSE_TX_DEFAULT_PROFILE,
                                             .charging_profile_kind = OCPP_KIND_ABSOLUTE,
                                             .valid_from_ms = OCPP_TIME_ABSENT,
                                             .valid_to_ms = OCPP_TIME_ABSENT,
                                             .charging_schedule = &schedule };
    struct ocpp_set_charging_profile_req req = { .connector_id = o->connector,
                                                 .cs_charging_profiles = &profile };
    station_request(o->station, OCPP_SET_CHARGING_PROFILE, &req,
                    KEY_DEFAULT + (uint32_t)o->connector, true, on_profile_reply, o,
                    o->central->now);
}

/* Granted until the lease ends, then the safe current: expires by its period even where a station
 * ignores durations. */
static void send_tx_profile(struct order *o)
{
    const struct sched_command *cmd = &o->command;
    int64_t start_ms = cmd->start_ms - START_IN_PAST_MS;
    bool has_end = cmd->end_ms != INT64_MAX;
    struct ocpp_charging_schedule_period period[2] = {
        { .start_period = 0,
          .limit_tenths = tenths(cmd->limit_ma),
          .number_phases = OCPP_INT_ABSENT },
        { .start_period = has_end ? (int32_t)((cmd->end_ms - start_ms) / 1000) : 0,
          .limit_tenths = tenths(cmd->safe_ma),
          .number_phases = OCPP_INT_ABSENT },
    };
    struct ocpp_charging_schedule schedule = { .duration = OCPP_INT_ABSENT,
                                               .start_schedule_ms = start_ms,
                                               .charging_rate_unit = OCPP_RATE_UNIT_A,
                                               .charging_schedule_period = period,
                                               .n_charging_schedule_period = has_end ? 2 : 1,
                                               .min_charging_rate_tenths = OCPP_INT_ABSENT };
    struct ocpp_charging_profile profile = { .charging_profile_id = o->connector * 10 + 2,
                                             .transaction_id = (int32_t)cmd->tx_id,
                                             .stack_level = 0,
                                             .charging_profile_purpose = OCPP_PURPOSE_TX_PROFILE,
                                             .charging_profile_kind = OCPP_KIND_ABSOLUTE,
                                             .valid_from_ms = OCPP_TIME_ABSENT,
                                             .valid_to_ms = OCPP_TIME_ABSENT,
                                             .charging_schedule = &schedule };
    struct ocpp_set_charging_profile_req req = { .connector_id = o->connector,
                                                 .cs_charging_profiles = &profile };
    station_request(o->station, OCPP_SET_CHARGING_PROFILE, &req,
                    KEY_PROFILE + (uint32_t)o->connector, cmd->kind == SCHED_LOWER,
                    on_profile_reply, o, o->central->now);
}

static void lease_durable(void *arg, enum store_rc rc, const union store_result *result)
{
    struct order *o = arg;
    const struct connector *k = connector_find(o->station, o->connector);
    (void)result;
    if (rc != STORE_OK || o->station->gone || k == NULL || k->tx.id != o->command.tx_id)
        order_end(o, SCHED_NOT_SENT);
    else
        send_tx_profile(o);
}

/* Other back ends may have left profiles of a higher stack level, which would outrank ours.  Urgent
 * like ours, which must not overtake and be cleared with them. */
static void clear_foreign(const struct order *o)
{
    const int32_t connectors[] = { 0, o->connector };
    for (size_t i = 0; i < sizeof(connectors) / sizeof(connectors[0]); i++) {
        struct ocpp_clear_charging_profile_req req = {
            .id = OCPP_INT_ABSENT,
            .connector_id = connectors[i],
            .charging_profile_purpose = OCPP_PURPOSE_TX_DEFAULT_PROFILE,
            .stack_level = OCPP_INT_ABSENT,
        };
        station_request(o->station, OCPP_CLEAR_CHARGING_PROFILE, &req, 0, true, NULL, NULL,
                        o->central->now);
    }
}

static void doubt_durable(void *arg, enum store_rc rc, const union store_result *result)
{
    struct order *o = arg;
    (void)result;
    if (rc != STORE_OK || o->station->gone)
        order_end(o, SCHED_NOT_SENT);
    else
        send_default_profile(o);
}

/* While another safe current than the confirmed one is under way, none is certain: that is written
 * first, so that neither a restart nor a new configuration believes the old one. */
static void install_safe(struct order *o, struct connector *k)
{
    struct central *c = o->central;
    struct store_done done = { .fn = doubt_durable, .arg = o };
    if (k->safe_confirmed_ma == o->command.safe_ma) {
        send_default_profile(o);
        return;
    }
    if (k->safe_confirmed_ma < 0 && k->tx.id == 0)
        clear_foreign(o);
    k->safe_confirmed_ma = -1;
    if (!store_point(c->options.store, k->station->id, k->number, -1, k->station->class, done))
        order_end(o, SCHED_NOT_SENT);
}

static void carry_out(struct central *c, const struct sched_command *cmd)
{
    struct connector *k = c->point[cmd->point];
    struct order *o = calloc(1, sizeof(*o));
    if (o == NULL) {
        sched_answer(c->sched, cmd->point, cmd->seq, SCHED_NOT_SENT, c->now.utc_ms);
        return;
    }
    *o = (struct order){ .central = c,
                         .station = k->station,
                         .connector = k->number,
                         .generation = c->generation,
                         .point = cmd->point,
                         .command = *cmd };
    k->station->n_pending++;
    if (cmd->kind == SCHED_SET_SAFE) {
        install_safe(o, k);
        return;
    }
    o->lease_at_ms = c->now.utc_ms;
    struct store_lease lease = { .station = k->station->id,
                                 .connector = k->number,
                                 .tx_id = cmd->tx_id,
                                 .seq = cmd->seq,
                                 .limit_ma = cmd->limit_ma,
                                 .safe_ma = cmd->safe_ma,
                                 .start_at_ms = cmd->start_ms,
                                 .end_at_ms = cmd->end_ms,
                                 .at_ms = c->now.utc_ms };
    struct store_done done = { .fn = lease_durable, .arg = o };
    if (!store_lease(c->options.store, &lease, done))
        order_end(o, SCHED_NOT_SENT);
}

static void report_incident(struct central *c, const struct sched_incident *incident)
{
    static const struct {
        const char *name, *text;
        enum store_severity severity;
    } table[] = {
        [SCHED_DISOBEYS] = { "station.disobeys",
                             "draws more than it may: counted at its rating from now on",
                             STORE_ALARM },
        [SCHED_NO_RESUME] = { "car.no-resume", "is offered current, the car does not take it",
                              STORE_INFO },
        [SCHED_EXCESS] = { "grid.excess", "the worst case of all points is above the limit",
                           STORE_ALARM },
        [SCHED_PHASE_RETURNED] = { "car.phase-returned",
                                   "current on a phase that was unused so far", STORE_WARNING },
    };
    const struct connector *k = incident->point != SIZE_MAX ? c->point[incident->point] : NULL;
    const char *node = incident->node != SIZE_MAX ? c->node[incident->node].id : "";
    central_event(c, table[incident->kind].name, table[incident->kind].severity,
                  k != NULL ? k->station->id : NULL, k != NULL ? k->number : -1, c->now,
                  "%s%s%s (%d.%d A against %d.%d A)", node, node[0] != '\0' ? ": " : "",
                  table[incident->kind].text, (int)(incident->measured_ma / 1000),
                  (int)(incident->measured_ma % 1000 / 100), (int)(incident->allowed_ma / 1000),
                  (int)(incident->allowed_ma % 1000 / 100));
}

static void run_round(struct central *c)
{
    struct sched_command command[COMMANDS_PER_ROUND];
    struct sched_incident incident;
    size_t n;
    do {
        n = sched_round(c->sched, c->now.utc_ms, command, COMMANDS_PER_ROUND);
        for (size_t i = 0; i < n; i++)
            carry_out(c, &command[i]);
    } while (n == COMMANDS_PER_ROUND);
    while (sched_take_incident(c->sched, &incident))
        report_incident(c, &incident);
}

static void on_balance_timer(struct timer *timer, struct instant now)
{
    struct central *c = timer->owner;
    if (c->sched == NULL)
        return;
    c->now = now;
    if (sched_next_ms(c->sched) <= now.utc_ms)
        run_round(c);
    balance_touch(c, now);
}

void balance_touch(struct central *c, struct instant now)
{
    if (c->sched == NULL)
        return;
    int64_t next_ms = sched_next_ms(c->sched);
    if (next_ms == INT64_MAX) {
        timer_cancel(&c->timers, &c->balance_timer);
        return;
    }
    int64_t factor = c->options.time_factor > 0 ? c->options.time_factor : 1;
    int64_t wait_ms = next_ms > now.utc_ms ? (next_ms - now.utc_ms + factor - 1) / factor : 0;
    int64_t due_mono_ms = now.mono_ms + (wait_ms > 0 ? wait_ms : 1);
    if (c->balance_timer.place == 0 || c->balance_timer.due_mono_ms != due_mono_ms)
        timer_set(&c->timers, &c->balance_timer, due_mono_ms);
}

bool central_node_limit(struct central *c, const char *node, const int32_t limit_ma[3],
                        const int32_t foreign_ma[3], struct instant now)
{
    c->now = now;
    for (size_t i = 0; i < c->n_nodes; i++) {
        if (strcmp(c->node[i].id, node) != 0)
            continue;
        sched_set_limit(c->sched, i, limit_ma, foreign_ma, now.utc_ms);
        c->node[i].overridden = true;
        memcpy(c->node[i].limit_ma, limit_ma, sizeof(c->node[i].limit_ma));
        memcpy(c->node[i].foreign_ma, foreign_ma, sizeof(c->node[i].foreign_ma));
        central_event(c, "grid.limit", STORE_WARNING, NULL, -1, now, "%s: limit set to %d/%d/%d A",
                      node, (int)(limit_ma[0] / 1000), (int)(limit_ma[1] / 1000),
                      (int)(limit_ma[2] / 1000));
        balance_touch(c, now);
        return true;
    }
    return false;
}

/* --- what a balanced station must report --- */

static const char *const wanted_measurands =
    "Energy.Active.Import.Register,Power.Active.Import,Current.Import";

static void change_key(struct station *s, const char *key, const char *value, struct instant now)
{
    struct ocpp_change_configuration_req req = { .key = key, .value = value };
    station_request(s, OCPP_CHANGE_CONFIGURATION, &req, 0, false, NULL, NULL, now);
}

static void improve_key(struct station *s, const char *key, const char *value, struct instant now)
{
    char text[16];
    int32_t wanted_s = s->central->options.meter_interval_s;
    if (ocpp_ci_equal(key, "MeterValueSampleInterval")) {
        long seconds = value != NULL ? strtol(value, NULL, 10) : 0;
        if (seconds <= 0 || seconds > wanted_s) {
            snprintf(text, sizeof(text), "%d", (int)wanted_s);
            change_key(s, key, text, now);
        }
    } else if (ocpp_ci_equal(key, "MeterValuesSampledData")) {
        if (value == NULL || strstr(value, "Current.Import") == NULL ||
            strstr(value, "Energy.Active.Import.Register") == NULL)
            change_key(s, key, wanted_measurands, now);
    }
}

static void on_configuration(void *arg, const struct central_reply *reply)
{
    struct station *s = arg;
    struct central *c = s->central;
    json_t *list = reply->outcome == CENTRAL_ANSWERED
                       ? json_object_get(reply->payload, "configurationKey")
                       : NULL;
    size_t n = json_array_size(list);
    struct store_config_key *key = n > 0 && n <= 1000 ? calloc(n, sizeof(*key)) : NULL;
    for (size_t i = 0; key != NULL && i < n; i++) {
        json_t *in = json_array_get(list, i);
        const char *name = json_string_value(json_object_get(in, "key"));
        key[i] =
            (struct store_config_key){ .key = name != NULL ? name : "",
                                       .value = json_string_value(json_object_get(in, "value")),
                                       .readonly = json_is_true(json_object_get(in, "readonly")),
                                       .known = true };
        if (!key[i].readonly)
            improve_key(s, key[i].key, key[i].value, c->now);
    }
    struct store_done nobody = { .fn = NULL };
    if (key != NULL)
        store_station_config(c->options.store, s->id, key, n, c->now.utc_ms, nobody);
    free(key);
    s->n_pending--;
    station_free_if_gone(s);
}

static void read_configuration(struct station *s, struct instant now)
{
    struct ocpp_get_configuration_req req = { .n_key = 0 };
    s->n_pending++;
    station_request(s, OCPP_GET_CONFIGURATION, &req, 0, false, on_configuration, s, now);
}
