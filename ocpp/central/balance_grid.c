/*
 * Caps on grid nodes that come from outside (the grid operator, a dimming order after section 14a
 * EnWG, an operator's hand), and the readings of live meters.
 *
 * A cap counts for the scheduler the moment it is set; it is confirmed when it is on the disk.  It
 * begins and ends by itself; each step is an event and stays in its record.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ocpp/central/state.h"

enum {
    CAP_SPAN_MAX_DAYS = 3660,
    UNAVAILABLE_MS = 30000,
    CLOCK_UNKNOWN_MS = 60000,
    LEASES_LOOKED_AT = 16
};

static const int64_t day_ms = 86400000;

struct grid_cap {
    struct grid_cap *next;
    struct store_cap row; /* texts owned */
    char *node, *said, *who, *why;
};

/* --- records --- */

static void cap_free(struct grid_cap *cap)
{
    free(cap->node);
    free(cap->said);
    free(cap->who);
    free(cap->why);
    free(cap);
}

void balance_grid_done(struct central *c)
{
    timer_cancel(&c->timers, &c->cap_timer);
    while (c->grid_caps != NULL) {
        struct grid_cap *cap = c->grid_caps;
        c->grid_caps = cap->next;
        cap_free(cap);
    }
}

static size_t node_find(const struct central *c, const char *id)
{
    for (size_t i = 0; i < c->n_nodes; i++)
        if (strcmp(c->node[i].id, id) == 0)
            return i;
    return SIZE_MAX;
}

/* At the end of the list: in order of their ids. */
static struct grid_cap *cap_add(struct central *c, const struct store_cap *row)
{
    struct grid_cap *cap = calloc(1, sizeof(*cap)), **end = &c->grid_caps;
    if (cap == NULL)
        return NULL;
    text_replace(&cap->node, row->node);
    text_replace(&cap->said, row->said);
    text_replace(&cap->who, row->who != NULL ? row->who : "");
    text_replace(&cap->why, row->why != NULL ? row->why : "");
    cap->row = *row;
    cap->row.node = cap->node;
    cap->row.said = cap->said;
    cap->row.who = cap->who;
    cap->row.why = cap->why;
    while (*end != NULL)
        end = &(*end)->next;
    *end = cap;
    return cap;
}

static void cap_forget(struct central *c, struct grid_cap *cap)
{
    struct grid_cap **at = &c->grid_caps;
    while (*at != cap)
        at = &(*at)->next;
    *at = cap->next;
    cap_free(cap);
}

static bool cap_keep(struct central *c, const struct grid_cap *cap, struct store_done done)
{
    return !c->closing && store_cap(c->options.store, &cap->row, done);
}

/* "DO-KAISER: at most 40/40/32 A" */
static void cap_event(struct central *c, const char *name, enum store_severity severity,
                      const struct grid_cap *cap, const char *what, const char *who)
{
    const int32_t *ma = cap->row.limit_ma;
    const char *why = cap->why;
    central_event(c, name, severity, NULL, -1, c->now,
                  "%s: cap %" PRId64 " %s: at most %.1f/%.1f/%.1f A (%s)%s%s%s%s", cap->node,
                  cap->row.id, what, ma[0] / 1000.0, ma[1] / 1000.0, ma[2] / 1000.0, cap->said,
                  who[0] != '\0' ? ", by " : "", who, why[0] != '\0' ? ": " : "", why);
}

/* --- to the scheduler --- */

/* One that is over, or of a node that has gone, needs nothing. */
static bool cap_apply(struct central *c, struct sched *sched, const struct grid_cap *cap)
{
    size_t node = node_find(c, cap->node);
    struct sched_cap order = { .id = cap->row.id,
                               .from_ms = cap->row.from_ms,
                               .until_ms = cap->row.until_ms };
    memcpy(order.limit_ma, cap->row.limit_ma, sizeof(order.limit_ma));
    return sched == NULL || node == SIZE_MAX || cap->row.until_ms <= c->now.utc_ms ||
           sched_cap_set(sched, node, &order, c->now.utc_ms);
}

static void cap_apply_again(struct central *c, struct sched *sched, const struct grid_cap *cap)
{
    if (!cap_apply(c, sched, cap))
        central_event(c, "grid.cap-lost", STORE_ALARM, NULL, -1, c->now,
                      "%s: cap %" PRId64 " is not in force; lower the node by 'noxctl grid limit'",
                      cap->node, cap->row.id);
}

void balance_grid_carry(struct central *c, struct sched *fresh, struct instant now)
{
    for (const struct grid_cap *cap = c->grid_caps; cap != NULL; cap = cap->next)
        cap_apply_again(c, fresh, cap);
    for (size_t i = 0; fresh != NULL && i < c->n_nodes; i++) {
        const struct node *n = &c->node[i];
        if (n->meter.present && n->meter.has_reading)
            sched_meter_restore(fresh, i, &n->meter.reading, now.utc_ms);
    }
}

/* --- caps over time --- */

static int64_t cap_next_ms(const struct grid_cap *cap)
{
    return cap->row.began_at_ms == STORE_ABSENT ? cap->row.from_ms : cap->row.until_ms;
}

static void caps_arm(struct central *c, struct instant now)
{
    int64_t next_ms = INT64_MAX;
    int64_t factor = c->options.time_factor > 0 ? c->options.time_factor : 1;
    for (const struct grid_cap *cap = c->grid_caps; cap != NULL; cap = cap->next)
        next_ms = cap_next_ms(cap) < next_ms ? cap_next_ms(cap) : next_ms;
    if (next_ms == INT64_MAX) {
        timer_cancel(&c->timers, &c->cap_timer);
        return;
    }
    int64_t wait_ms = next_ms > now.utc_ms ? (next_ms - now.utc_ms + factor - 1) / factor : 0;
    timer_set(&c->timers, &c->cap_timer, now.mono_ms + (wait_ms > 0 ? wait_ms : 1));
}

static void cap_begins(struct central *c, struct grid_cap *cap)
{
    struct store_done nobody = { .fn = NULL };
    cap->row.began_at_ms = c->now.utc_ms;
    cap_keep(c, cap, nobody);
    cap_event(c, "grid.cap-begins", STORE_WARNING, cap, "is in force", "");
}

/* Over for good: by its time, or by who took it back. */
static bool cap_ends(struct central *c, struct grid_cap *cap, const char *who,
                     struct store_done done)
{
    bool by_itself = who == NULL;
    cap->row.ended_at_ms = c->now.utc_ms;
    cap->row.ended_by = by_itself ? "its end" : who;
    bool kept = cap_keep(c, cap, done);
    if (c->sched != NULL)
        sched_cap_end(c->sched, cap->row.id, c->now.utc_ms);
    cap_event(c, "grid.cap-ends", STORE_INFO, cap, by_itself ? "has ended" : "was taken back",
              by_itself ? "" : who);
    cap_forget(c, cap);
    return kept;
}

static void caps_on_timer(struct timer *timer, struct instant now)
{
    struct central *c = timer->owner;
    struct store_done nobody = { .fn = NULL };
    struct grid_cap *next;
    c->now = now;
    for (struct grid_cap *cap = c->grid_caps; cap != NULL; cap = next) {
        next = cap->next;
        if (cap->row.began_at_ms == STORE_ABSENT && cap->row.from_ms <= now.utc_ms)
            cap_begins(c, cap);
        if (cap->row.until_ms <= now.utc_ms)
            cap_ends(c, cap, NULL, nobody);
    }
    caps_arm(c, now);
    balance_touch(c, now);
}

static void caps_changed(struct central *c, struct instant now)
{
    c->cap_timer.fire = caps_on_timer;
    c->cap_timer.owner = c;
    caps_arm(c, now);
    balance_touch(c, now);
}

static bool refuse(char *ret_text, size_t size, const char *text)
{
    snprintf(ret_text, size, "%s", text);
    return false;
}

static bool cap_check(const struct central *c, const struct central_cap_order *o, int64_t now_ms,
                      char *ret_text, size_t size)
{
    if (node_find(c, o->node) == SIZE_MAX)
        return refuse(ret_text, size, "there is no such grid node; 'noxctl grid show' names all");
    if (o->until_ms <= now_ms || o->until_ms <= o->from_ms)
        return refuse(ret_text, size, "the end of a cap must lie in the future, behind its begin");
    if (o->until_ms > now_ms + CAP_SPAN_MAX_DAYS * day_ms)
        return refuse(ret_text, size,
                      "a cap may last ten years; what is for good belongs into limit_a "
                      "('noxctl apply -f FILE')");
    size_t here = 0;
    for (const struct grid_cap *cap = c->grid_caps; cap != NULL; cap = cap->next)
        here += strcmp(cap->node, o->node) == 0;
    if (here >= SCHED_NODE_CAPS)
        return refuse(ret_text, size,
                      "it has 16 caps already that have not ended; take some back ('noxctl grid "
                      "caps', 'noxctl grid uncap ID'), or write a calendar ('noxctl apply -f "
                      "FILE')");
    for (int p = 0; p < 3; p++)
        if (o->limit_ma[p] < 0)
            return refuse(ret_text, size, "a cap is 0 A or more");
    return true;
}

int64_t central_cap_set(struct central *c, const struct central_cap_order *o,
                        struct store_done done, struct instant now, char *ret_text, size_t size)
{
    c->now = now;
    if (!cap_check(c, o, now.utc_ms, ret_text, size))
        return 0;
    struct store_cap row = { .id = c->last_cap_id + 1,
                             .node = o->node,
                             .from_ms = o->from_ms > now.utc_ms ? o->from_ms : now.utc_ms,
                             .until_ms = o->until_ms,
                             .said = o->said,
                             .who = o->who,
                             .why = o->why,
                             .asked_at_ms = now.utc_ms,
                             .began_at_ms = STORE_ABSENT,
                             .ended_at_ms = STORE_ABSENT };
    memcpy(row.limit_ma, o->limit_ma, sizeof(row.limit_ma));
    struct grid_cap *cap = cap_add(c, &row);
    if (cap == NULL) {
        refuse(ret_text, size, "out of memory; try again");
        return 0;
    }
    if (!cap_apply(c, c->sched, cap)) {
        cap_forget(c, cap);
        refuse(ret_text, size, "the scheduler takes no more caps there; take some back");
        return 0;
    }
    c->last_cap_id++;
    cap_event(c, "grid.cap", STORE_WARNING, cap, row.from_ms > now.utc_ms ? "is planned" : "is set",
              cap->who);
    bool taken = cap_keep(c, cap, done);
    caps_changed(c, now);
    if (taken)
        return row.id;
    refuse(ret_text, size,
           "the cap is in force, but the store takes nothing now ('noxctl status' tells why): it "
           "would be lost by a restart; set it again when the store is well");
    return -1;
}

bool central_cap_end(struct central *c, int64_t id, const char *who, struct store_done done,
                     struct instant now)
{
    c->now = now;
    for (struct grid_cap *cap = c->grid_caps; cap != NULL; cap = cap->next) {
        if (cap->row.id != id)
            continue;
        bool kept = cap_ends(c, cap, who, done);
        caps_changed(c, now);
        if (!kept && done.fn != NULL)
            done.fn(done.arg, STORE_IO, NULL);
        return true;
    }
    return false;
}

void central_cap_number(struct central *c, int64_t last_id)
{
    c->last_cap_id = last_id > c->last_cap_id ? last_id : c->last_cap_id;
}

void central_restore_cap(struct central *c, const struct store_cap *row, struct instant now)
{
    struct grid_cap *cap = cap_add(c, row);
    c->now = now;
    central_cap_number(c, row->id);
    if (cap == NULL)
        return;
    cap_apply_again(c, c->sched, cap);
    caps_changed(c, now);
}

bool central_cap_view(const struct central *c, size_t i, struct store_cap *ret_cap)
{
    for (const struct grid_cap *cap = c->grid_caps; cap != NULL; cap = cap->next)
        if (i-- == 0) {
            *ret_cap = cap->row;
            return true;
        }
    return false;
}

/* --- what a cap will do --- */

static bool is_below(const struct central *c, size_t node, size_t top)
{
    for (int32_t at = (int32_t)node; at >= 0; at = c->node_conf[at].parent)
        if ((size_t)at == top)
            return true;
    return false;
}

/* The least that stays of a point once all has been sent and every lease is over. */
static int32_t residue_ma(const struct sched_point_conf *conf, const struct sched_point_view *v)
{
    bool leased = v->lease_end_ms > 0 && v->lease_end_ms != INT64_MAX;
    if (v->up && v->tx_id != 0 && v->class <= SCHED_STICKY)
        return 0;
    return leased && v->reserve_ma > conf->safe_ma ? conf->safe_ma : v->reserve_ma;
}

/* The last end of a lease that ends, as late as a clock that is not known yet may make it. */
static void add_leases(const struct central *c, size_t point, struct central_outlook *ret)
{
    struct sched_lease lease[LEASES_LOOKED_AT];
    size_t n = sched_leases(c->sched, point, lease, LEASES_LOOKED_AT);
    for (size_t i = 0; i < n; i++) {
        if (lease[i].end_ms > INT64_MAX / 2)
            continue; /* among what lasts */
        int64_t over_ms = lease[i].end_ms + c->options.tuning.clock_slack_ms + CLOCK_UNKNOWN_MS;
        if (over_ms > ret->alone_ms)
            ret->alone_ms = over_ms;
    }
}

static void add_point(const struct central *c, size_t point, struct instant now, int64_t residue[3],
                      struct central_outlook *ret)
{
    const struct sched_point_conf *conf = &c->point_conf[point];
    struct sched_point_view v;
    sched_point_view(c->sched, point, now.utc_ms, &v);
    ret->n_points++;
    ret->n_offline += !v.up;
    for (int32_t t = 0; t < conf->n_phases; t++)
        residue[conf->wiring[t]] += residue_ma(conf, &v);
    int64_t lower_ms = now.utc_ms + c->options.tuning.react_ms + UNAVAILABLE_MS;
    if (!v.up && v.lease_end_ms > 0 && v.lease_end_ms != INT64_MAX)
        lower_ms = v.lease_end_ms + c->options.tuning.clock_slack_ms;
    if (v.reserve_ma > residue_ma(conf, &v) && lower_ms > ret->below_ms)
        ret->below_ms = lower_ms;
    add_leases(c, point, ret);
}

bool central_node_outlook(const struct central *c, const char *id, const int32_t limit_ma[3],
                          struct instant now, struct central_outlook *ret)
{
    int64_t residue[3] = { 0, 0, 0 };
    struct sched_node_view load;
    size_t node = node_find(c, id);
    *ret = (struct central_outlook){ .below_ms = now.utc_ms,
                                     .settles = true,
                                     .settles_alone = true,
                                     .alone_ms = now.utc_ms,
                                     .fits_now = true };
    if (node == SIZE_MAX || c->sched == NULL)
        return false;
    sched_node_view(c->sched, node, now.utc_ms, &load);
    for (size_t i = 0; i < c->n_points; i++)
        if (is_below(c, (size_t)c->point_conf[i].node, node))
            add_point(c, i, now, residue, ret);
    for (int p = 0; p < 3; p++) {
        int64_t room = (int64_t)limit_ma[p] - load.foreign_ma[p];
        ret->fits_now = ret->fits_now && load.reserved_ma[p] <= room;
        ret->settles = ret->settles && residue[p] <= room;
        ret->settles_alone = ret->settles_alone && load.lasting_ma[p] <= room;
    }
    if (ret->fits_now)
        ret->below_ms = ret->alone_ms = now.utc_ms;
    return true;
}

int32_t central_controllable(const struct central *c, const char *id)
{
    size_t node = node_find(c, id);
    int32_t n = 0;
    for (size_t i = 0; node != SIZE_MAX && i < c->n_points; i++) {
        const struct sched_point_conf *conf = &c->point_conf[i];
        int64_t power_w = (int64_t)conf->rating_ma * conf->n_phases * 230 / 1000;
        n += power_w > 4200 && is_below(c, (size_t)conf->node, node);
    }
    return n;
}

/* --- live meters --- */

enum central_meter_rc central_meter(struct central *c, const char *id, const int32_t ma[3],
                                    int64_t at_ms, struct instant now)
{
    struct sched_reading last;
    size_t i = node_find(c, id);
    if (i == SIZE_MAX)
        return CENTRAL_METER_NO_NODE;
    struct node_meter *meter = &c->node[i].meter;
    if (!meter->present)
        return CENTRAL_METER_NONE;
    if (sched_meter_last(c->sched, i, &last) && at_ms <= last.at_ms)
        return CENTRAL_METER_LATE;
    c->now = now;
    meter->received_at_ms = now.utc_ms;
    sched_meter(c->sched, i, ma, at_ms, now.utc_ms);
    balance_touch(c, now);
    return CENTRAL_METER_TAKEN;
}
