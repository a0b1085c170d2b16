/*
 * How stations treat limits when nobody talks to them (SCHEDULER section 3, "Classes of stations").
 *
 * The operator's word is the class of the configuration.  Where it is "auto" the class follows what
 * is known of the station, else of its vendor, model and firmware, else it is sticky: no lease is
 * trusted to end before it was seen.
 *
 *   leasing    GetCompositeSchedule after an accepted lease shows its end
 *   sticky     it does not show it; or it drew its limit after the end of a lease
 *   forgetful  it drew more than it was ever allowed
 *   unmanaged  it says twice in a row that it knows no charging profiles
 *
 * What was measured stands above every word, the operator's too, until he looks at it or the
 * firmware is another one.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ocpp/central/state.h"

enum {
    CLASS_AUTO = 4,
    WORDS_BELIEVED = 2,     /* "not supported" in a row */
    LEAST_LEASE_MS = 60000, /* what ends sooner is over before the answer comes */
    BEYOND_S = 180,         /* asked for this much more than the lease */
    TOLERANCE_TENTHS = 5,
    MODELS_MAX = 1000,
    LEASES_MAX = 8,
};

struct model_evidence {
    char vendor[64], model[64], firmware[64];
    int32_t class;
    char why[120];
    int64_t at_ms;
};

/* --- what is known --- */

static const char *text_of(const char *text)
{
    return text != NULL ? text : "";
}

static struct model_evidence *model_find(const struct central *c, const char *vendor,
                                         const char *model, const char *firmware)
{
    for (size_t i = 0; i < c->n_model_evidence; i++) {
        struct model_evidence *m = &c->model_evidence[i];
        if (strcmp(m->vendor, vendor) == 0 && strcmp(m->model, model) == 0 &&
            strcmp(m->firmware, firmware) == 0)
            return m;
    }
    return NULL;
}

static const struct model_evidence *model_of(const struct station *s)
{
    return model_find(s->central, text_of(s->vendor), text_of(s->model), text_of(s->firmware));
}

enum sched_class station_class(const struct station *s)
{
    const struct evidence *e = &s->evidence;
    if (s->class != CLASS_AUTO)
        return (enum sched_class)(e->demoted && e->class > s->class ? e->class : s->class);
    if (e->class >= 0)
        return (enum sched_class)e->class;
    const struct model_evidence *m = model_of(s);
    return m != NULL ? (enum sched_class)m->class : SCHED_STICKY;
}

/* A station without the feature may still know charging profiles: nothing follows from the word. */
static const char *nothing_known(const struct station *s)
{
    return s->room.lacks_feature
               ? "nothing is known yet: no end of a lease is trusted; SmartCharging is not among its "
                 "SupportedFeatureProfiles, it may know it all the same"
               : "nothing is known yet: no end of a lease is trusted";
}

void evidence_view(const struct station *s, struct central_station_view *ret_view)
{
    const struct evidence *e = &s->evidence;
    const struct model_evidence *m = model_of(s);
    ret_view->profile_writes = writes_lately(s, s->central->now);
    ret_view->profile_writes_most = writes_most(s);
    ret_view->class = s->class;
    ret_view->counts = station_class(s);
    ret_view->demoted = e->demoted;
    ret_view->evidence_at_ms = e->class >= 0 ? e->at_ms : STORE_ABSENT;
    if (e->class >= 0 && (e->demoted || s->class == CLASS_AUTO))
        ret_view->evidence = e->why;
    else if (s->class != CLASS_AUTO)
        ret_view->evidence = "by its configuration";
    else
        ret_view->evidence = m != NULL ? m->why : nothing_known(s);
    if (e->class < 0 && s->class == CLASS_AUTO && m != NULL)
        ret_view->evidence_at_ms = m->at_ms;
}

/* --- what follows --- */

/* What may be in force where no lease ends is written without end: over a restart it counts as it
 * does now. */
void evidence_lasts(const struct connector *k, const struct sched_lease *lease, size_t n,
                    struct instant now)
{
    const struct station *s = k->station;
    struct store_done nobody = { .fn = NULL };
    struct store_lease row = { .station = s->id,
                               .connector = k->number,
                               .tx_id = k->tx.id,
                               .safe_ma = s->safe_ma,
                               .start_at_ms = now.utc_ms,
                               .end_at_ms = INT64_MAX,
                               .at_ms = now.utc_ms };
    for (size_t i = 0; i < n; i++)
        if (lease[i].tx_id == k->tx.id && lease[i].limit_ma > row.limit_ma)
            row.limit_ma = lease[i].limit_ma;
    if (k->tx.id != 0 && row.limit_ma > s->safe_ma)
        store_lease(s->central->options.store, &row, nobody);
    for (size_t i = 0; i < n; i++)
        if (lease[i].tx_id == STORE_TX_UNKNOWN)
            doubt_lasts(k, now);
}

/* The scheduler goes on with the class that is right now. */
static void apply_class(struct station *s, struct instant now)
{
    struct central *c = s->central;
    enum sched_class class = station_class(s);
    for (size_t i = 0; i < s->n_connectors; i++) {
        size_t point = s->connector[i]->point;
        struct sched_point_view view;
        if (point == SIZE_MAX)
            continue;
        sched_point_view(c->sched, point, now.utc_ms, &view);
        bool sticks = class == SCHED_STICKY && c->point_conf[point].class == SCHED_LEASING;
        c->point_conf[point].class = class;
        if (view.class != class)
            sched_set_class(c->sched, point, class, now.utc_ms);
        struct sched_lease lease[LEASES_MAX];
        if (sticks)
            evidence_lasts(s->connector[i], lease, sched_leases(c->sched, point, lease, LEASES_MAX),
                           now);
    }
    if (c->sched != NULL)
        balance_touch(c, now);
}

static void write_evidence(const struct station *s)
{
    const struct evidence *e = &s->evidence;
    struct store_done nobody = { .fn = NULL };
    struct store_evidence row = { .station = s->id,
                                  .vendor = text_of(s->vendor),
                                  .model = text_of(s->model),
                                  .firmware = text_of(s->firmware),
                                  .class = e->class,
                                  .demoted = e->demoted,
                                  .why = e->why,
                                  .at_ms = e->at_ms };
    store_evidence(s->central->options.store, &row, nobody);
}

static void set_evidence(struct station *s, enum sched_class class, bool demoted, const char *why,
                         struct instant now)
{
    s->evidence.class = (int32_t) class;
    s->evidence.demoted = demoted;
    s->evidence.at_ms = now.utc_ms;
    text_copy(s->evidence.why, sizeof(s->evidence.why), why);
    apply_class(s, now); /* what lasts from now on is written first */
    write_evidence(s);
}

static struct model_evidence *model_new(struct central *c)
{
    if (c->n_model_evidence >= MODELS_MAX)
        return NULL;
    struct model_evidence *list =
        realloc(c->model_evidence, (c->n_model_evidence + 1) * sizeof(*list));
    if (list == NULL)
        return NULL;
    c->model_evidence = list;
    list[c->n_model_evidence] = (struct model_evidence){ .class = -1 };
    return &list[c->n_model_evidence++];
}

static void model_put(struct central *c, const struct store_evidence *row)
{
    struct model_evidence *m = model_find(c, row->vendor, row->model, row->firmware);
    if (m == NULL && (m = model_new(c)) == NULL)
        return;
    text_copy(m->vendor, sizeof(m->vendor), row->vendor);
    text_copy(m->model, sizeof(m->model), row->model);
    text_copy(m->firmware, sizeof(m->firmware), row->firmware);
    text_copy(m->why, sizeof(m->why), row->why);
    m->class = row->class;
    m->at_ms = row->at_ms;
}

/* Others of the same make need not show it first.  Two that differ: the worse one counts. */
static void set_model(const struct station *s, enum sched_class class, const char *why,
                      struct instant now)
{
    struct central *c = s->central;
    const struct model_evidence *known = model_of(s);
    struct store_done nobody = { .fn = NULL };
    char text[120];
    if (s->vendor == NULL || s->model == NULL || s->firmware == NULL ||
        (known != NULL && known->class >= (int32_t) class))
        return;
    snprintf(text, sizeof(text), "%.70s (seen at %.36s)", why, s->id);
    struct store_evidence row = { .station = "",
                                  .vendor = s->vendor,
                                  .model = s->model,
                                  .firmware = s->firmware,
                                  .class = (int32_t) class,
                                  .why = text,
                                  .at_ms = now.utc_ms };
    model_put(c, &row);
    store_evidence(c->options.store, &row, nobody);
    for (size_t i = 0; i < c->n_stations; i++)
        if (c->station[i]->evidence.class < 0 && model_of(c->station[i]) == model_of(s))
            apply_class(c->station[i], now);
}

/* --- by its words --- */

void evidence_booted(struct station *s, bool changed, struct instant now)
{
    s->evidence.asked = false;
    s->evidence.n_words = 0;
    if (!changed)
        return;
    balance_safe_lost(s, now);
    bool known = s->evidence.class >= 0;
    s->evidence = (struct evidence){ .class = -1, .at_ms = STORE_ABSENT };
    if (known)
        write_evidence(s);
    apply_class(s, now);
}

void evidence_said(struct station *s, bool unsupported, struct instant now)
{
    s->evidence.n_words = unsupported ? s->evidence.n_words + 1 : 0;
    if (s->evidence.n_words < WORDS_BELIEVED || station_class(s) == SCHED_UNMANAGED ||
        s->class != CLASS_AUTO)
        return;
    set_evidence(s, SCHED_UNMANAGED, s->evidence.demoted, "says that it has no smart charging",
                 now);
    central_event(s->central, "station.unmanaged", STORE_ALARM, s->id, -1, now,
                  "the station says that it knows no charging profiles: counted at its rating from "
                  "now on; if that is wrong: 'noxctl station class %s auto' asks it again",
                  s->id);
}

/* --- by its composite schedule --- */

struct check {
    struct station *station;
    int32_t connector, end_s; /* of the lease, from the moment it was asked */
    struct ocpp_charging_schedule_period granted, safe;
};

/* Limit in force start_s after the beginning, tenths; -1 = it does not say. */
static int64_t limit_at(const json_t *periods, int32_t at_s)
{
    int64_t tenths = -1;
    for (size_t i = 0; i < json_array_size(periods); i++) {
        const json_t *p = json_array_get(periods, i);
        const json_t *start = json_object_get(p, "startPeriod");
        const json_t *limit = json_object_get(p, "limit");
        if (json_is_number(start) && json_is_number(limit) && json_number_value(start) <= at_s)
            tenths = (int64_t)(json_number_value(limit) * 10 + 0.5);
    }
    return tenths;
}

enum shown { SHOWS_NOTHING, SHOWS_END, SHOWS_NO_END };

static enum shown judge(const struct check *q, const json_t *payload)
{
    const json_t *schedule = json_object_get(payload, "chargingSchedule");
    const json_t *periods = json_object_get(schedule, "chargingSchedulePeriod");
    const char *unit = json_string_value(json_object_get(schedule, "chargingRateUnit"));
    const char *ours = order_unit(q->station) == OCPP_RATE_UNIT_W ? "W" : "A";
    const json_t *duration = json_object_get(schedule, "duration");
    bool short_of_it = json_is_number(duration) && json_number_value(duration) <= q->end_s;
    int64_t now_tenths = limit_at(periods, 5);
    int64_t then_tenths = limit_at(periods, q->end_s + BEYOND_S / 3 * 2);
    if (unit == NULL || !ocpp_ci_equal(unit, ours) || now_tenths < 0 || short_of_it ||
        now_tenths <= q->safe.limit_tenths + TOLERANCE_TENTHS ||
        now_tenths > q->granted.limit_tenths + TOLERANCE_TENTHS)
        return SHOWS_NOTHING; /* of something else */
    return then_tenths <= q->safe.limit_tenths + TOLERANCE_TENTHS ? SHOWS_END : SHOWS_NO_END;
}

static void on_composite(void *arg, const struct central_reply *reply)
{
    struct check *q = arg;
    struct station *s = q->station;
    struct instant now = s->central->now;
    bool accepted = reply->outcome == CENTRAL_ANSWERED && reply_is(reply, "Accepted");
    enum shown shown = accepted && !s->gone ? judge(q, reply->payload) : SHOWS_NOTHING;
    static const char *const honoured = "its schedule shows the end of a lease";
    static const char *const kept = "its schedule shows no end of a lease";
    free(q);
    s->n_pending--;
    if (shown == SHOWS_END && s->class == CLASS_AUTO && !s->evidence.demoted) {
        bool first = station_class(s) != SCHED_LEASING;
        set_evidence(s, SCHED_LEASING, false, honoured, now);
        set_model(s, SCHED_LEASING, honoured, now);
        if (first)
            central_event(s->central, "station.leasing", STORE_INFO, s->id, -1, now,
                          "the station honours the end of leases: counted with them");
    } else if (shown == SHOWS_NO_END && s->class == CLASS_AUTO && !s->evidence.demoted) {
        set_evidence(s, SCHED_STICKY, false, kept, now);
        set_model(s, SCHED_STICKY, kept, now);
    }
    station_free_if_gone(s);
}

void evidence_leased(struct station *s, int32_t connector, const struct sched_command *cmd,
                     struct instant now)
{
    bool has_end = cmd->end_ms != INT64_MAX && cmd->end_ms >= now.utc_ms + LEAST_LEASE_MS;
    if (s->class != CLASS_AUTO || s->evidence.asked || s->evidence.demoted || !has_end ||
        cmd->limit_ma <= cmd->safe_ma)
        return;
    struct check *q = calloc(1, sizeof(*q));
    if (q == NULL)
        return;
    *q = (struct check){ .station = s,
                         .connector = connector,
                         .end_s = (int32_t)((cmd->end_ms - now.utc_ms) / 1000),
                         .granted = order_period(s, 0, cmd->limit_ma),
                         .safe = order_period(s, 0, cmd->safe_ma) };
    struct ocpp_get_composite_schedule_req req = { .connector_id = connector,
                                                   .duration = q->end_s + BEYOND_S,
                                                   .charging_rate_unit = order_unit(s) };
    s->evidence.asked = true;
    s->n_pending++;
    station_request(s, OCPP_GET_COMPOSITE_SCHEDULE, &req, 0, false, on_composite, q, now);
}

/* --- by what it does --- */

void evidence_demote(struct station *s, enum sched_class class, const char *why, struct instant now)
{
    if (s->evidence.demoted && s->evidence.class >= (int32_t) class)
        return;
    set_evidence(s, class, true, why, now);
    central_event(s->central, "station.demoted", STORE_ALARM, s->id, -1, now,
                  "%s: it counts as %s until its firmware is another one; when the cause is found, "
                  "'noxctl station class %s auto' lets it show itself again",
                  why, class == SCHED_STICKY ? "sticky" : "forgetful", s->id);
}

/* --- over a restart, and the operator --- */

void central_restore_evidence(struct central *c, const struct store_evidence *row,
                              struct instant now)
{
    if (row->station[0] == '\0') {
        model_put(c, row);
        for (size_t i = 0; i < c->n_stations; i++)
            apply_class(c->station[i], now);
        return;
    }
    struct station *s = station_find(c, row->station);
    if (s == NULL || strcmp(row->firmware, text_of(s->firmware)) != 0)
        return;
    s->evidence.class = row->class;
    s->evidence.demoted = row->demoted;
    s->evidence.at_ms = row->at_ms;
    text_copy(s->evidence.why, sizeof(s->evidence.why), row->why);
    apply_class(s, now);
}

bool central_evidence_forget(struct central *c, const char *station, struct instant now)
{
    struct station *s = station_find(c, station);
    c->now = now;
    if (s == NULL)
        return false;
    s->evidence = (struct evidence){ .class = -1, .at_ms = STORE_ABSENT };
    apply_class(s, now);
    return true;
}

void evidence_done(struct central *c)
{
    free(c->model_evidence);
    c->model_evidence = NULL;
    c->n_model_evidence = 0;
    free(c->left);
    c->left = NULL;
    c->n_left = 0;
}
