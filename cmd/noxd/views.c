#include "cmd/noxd/views.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/noxd/jout.h"

/* --- words --- */

static const char *word(const char *const *words, size_t n, int32_t value)
{
    return value >= 0 && (size_t)value < n ? words[value] : NULL;
}
#define WORD(words, value) word(words, sizeof(words) / sizeof((words)[0]), value)

const char *view_registration(int32_t registration)
{
    static const char *const words[] = { [STORE_REG_ACCEPTED] = "Accepted",
                                         [STORE_REG_PENDING] = "Pending",
                                         [STORE_REG_REJECTED] = "Rejected" };
    return WORD(words, registration);
}

static const char *auth_word(int32_t auth)
{
    static const char *const words[] = { [STORE_AUTH_ACCEPTED] = "Accepted",
                                         [STORE_AUTH_BLOCKED] = "Blocked",
                                         [STORE_AUTH_EXPIRED] = "Expired",
                                         [STORE_AUTH_INVALID] = "Invalid",
                                         [STORE_AUTH_CONCURRENT_TX] = "ConcurrentTx" };
    return WORD(words, auth);
}

static const char *state_word(int32_t state)
{
    static const char *const words[] = { [STORE_SESSION_ACTIVE] = "active",
                                         [STORE_SESSION_FINISHED] = "finished",
                                         [STORE_SESSION_PROVISIONAL] = "provisional" };
    return WORD(words, state);
}

static const char *severity_word(int32_t severity)
{
    static const char *const
        words[] = { [STORE_INFO] = "info", [STORE_WARNING] = "warning", [STORE_ALARM] = "alarm" };
    return WORD(words, severity);
}

static const char *class_word(int32_t class)
{
    static const char *const words[] = { [SCHED_LEASING] = "leasing",
                                         [SCHED_STICKY] = "sticky",
                                         [SCHED_FORGETFUL] = "forgetful",
                                         [SCHED_UNMANAGED] = "unmanaged" };
    return WORD(words, class);
}

/* --- the whole --- */

void view_storage(const struct admin *a, struct ocpp_text *out)
{
    struct store_health health;
    store_health(a->options.store, &health);
    jout_open(out, "storage", '{');
    jout_bool(out, "ok", health.state == STORE_OK);
    jout_text(out, "text", health.state == STORE_OK ? "ok" : health.text);
    jout_time(out, "failing_since",
              health.failing_since_ms != 0 ? health.failing_since_ms : STORE_ABSENT);
    jout_int(out, "queued", (int64_t)health.queued);
    jout_int(out, "commits", (int64_t)health.commits);
    jout_int(out, "jobs", (int64_t)health.jobs);
    jout_int(out, "commit_us_p50", health.commit_us_p50);
    jout_int(out, "commit_us_p99", health.commit_us_p99);
    jout_close(out, '}');
}

void view_counters(const struct admin *a, struct ocpp_text *out)
{
    struct central_counters n;
    central_counters(a->options.central, &n);
    jout_open(out, "counters", '{');
    jout_int(out, "stations", (int64_t)n.stations);
    jout_int(out, "online", (int64_t)n.online);
    jout_int(out, "sessions", (int64_t)n.sessions);
    jout_int(out, "frames_in", (int64_t)n.frames_in);
    jout_int(out, "frames_out", (int64_t)n.frames_out);
    jout_int(out, "calls_in", (int64_t)n.calls_in);
    jout_int(out, "callerrors_out", (int64_t)n.callerrors_out);
    jout_int(out, "calls_out", (int64_t)n.calls_out);
    jout_int(out, "timeouts", (int64_t)n.timeouts);
    jout_int(out, "violations", (int64_t)n.violations);
    jout_int(out, "garbage", (int64_t)n.garbage);
    jout_close(out, '}');
}

enum { ALARM_FORGOTTEN_MS = 24 * 60 * 60 * 1000 };

/* What the grid needs in the worst case fits again, or the node is gone. */
static bool node_is_well(const struct admin *a, const char *id)
{
    struct central_node_view n;
    size_t i;
    if (!central_node_find(a->options.central, id, &i) ||
        !central_node_view(a->options.central, i, admin_now(a), &n))
        return true;
    for (size_t p = 0; p < 3; p++)
        if (n.load.reserved_ma[p] > n.load.limit_ma[p] - n.load.foreign_ma[p])
            return false;
    return true;
}

/* Or there is none any more. */
static bool meter_speaks(const struct admin *a, const char *id)
{
    struct central_node_view n;
    size_t i;
    return !central_node_find(a->options.central, id, &i) ||
           !central_node_view(a->options.central, i, admin_now(a), &n) || !n.meter.present ||
           !n.meter.silent;
}

static bool alarm_is_over(void *arg, const struct alarm *alarm)
{
    const struct admin *a = arg;
    struct store_health health;
    if (strcmp(alarm->name, "grid.meter-silent") == 0)
        return meter_speaks(a, alarm->node);
    if (alarm->node[0] != '\0')
        return node_is_well(a, alarm->node);
    store_health(a->options.store, &health);
    if (strcmp(alarm->name, "storage.failing") == 0)
        return health.state == STORE_OK;
    return admin_now(a).utc_ms - alarm->last_at_ms > ALARM_FORGOTTEN_MS;
}

/* The daemon looks at the storage every few ms only: nobody shall see it fail without its alarm. */
static void note_storage(struct admin *a)
{
    struct store_health health;
    store_health(a->options.store, &health);
    for (size_t i = 0; i < a->alarms.n; i++)
        if (strcmp(a->alarms.item[i].name, "storage.failing") == 0)
            return;
    if (health.state != STORE_OK)
        alarms_note(&a->alarms, &(struct store_event){ .at_ms = health.failing_since_ms,
                                                       .name = "storage.failing",
                                                       .severity = STORE_ALARM,
                                                       .connector = -1,
                                                       .text = health.text });
}

void view_alarms_forget(struct admin *a)
{
    alarms_forget(&a->alarms, alarm_is_over, a);
}

void view_alarms(struct admin *a, struct ocpp_text *out)
{
    note_storage(a);
    alarms_forget(&a->alarms, alarm_is_over, a);
    jout_open(out, "alarms", '[');
    for (size_t i = 0; i < a->alarms.n; i++) {
        const struct alarm *alarm = &a->alarms.item[i];
        jout_open(out, NULL, '{');
        jout_time(out, "at", alarm->last_at_ms);
        jout_time(out, "since", alarm->first_at_ms);
        jout_int(out, "count", alarm->count);
        jout_text(out, "name", alarm->name);
        jout_text_or_null(out, "node", alarm->node);
        jout_text_or_null(out, "station", alarm->station);
        jout_int(out, "connector", alarm->connector >= 0 ? alarm->connector : STORE_ABSENT);
        jout_text(out, "text", alarm->text);
        jout_close(out, '}');
    }
    jout_close(out, ']');
}

/* --- connectors --- */

static void view_phases(uint8_t phases, struct ocpp_text *out)
{
    static const char *const names[] = { "L1", "L2", "L3" };
    jout_open(out, "phases", '[');
    for (int p = 0; p < 3; p++)
        if ((phases & (1u << p)) != 0)
            jout_text(out, NULL, names[p]);
    jout_close(out, ']');
}

static void view_point(const struct central_connector_view *k, struct ocpp_text *out)
{
    const struct sched_point_view *p = &k->point;
    if (!k->balanced)
        return;
    jout_bool(out, "wants", p->wants);
    jout_amps(out, "limit_a", p->tx_id != 0 ? p->granted_ma : -1);
    jout_amps(out, "confirmed_a", p->confirmed_ma);
    jout_amps(out, "reserve_a", p->reserve_ma);
    jout_amps3_of32(out, "measured_a", p->measured_ma);
    view_phases(p->phases, out);
    jout_time(out, "lease_end",
              p->lease_end_ms > 0 && p->lease_end_ms != INT64_MAX ? p->lease_end_ms : STORE_ABSENT);
    jout_text(out, "reason", p->reason);
    jout_text(out, "class", class_word((int32_t)p->class));
    jout_amps(out, "min_a", p->tx_id != 0 ? p->need.min_ma : -1);
    jout_int(out, "priority", p->tx_id != 0 ? p->need.priority : STORE_ABSENT);
}

void view_need(const struct central_need *n, struct ocpp_text *out)
{
    if (!n->told) {
        jout_null(out, "need");
        return;
    }
    jout_open(out, "need", '{');
    jout_time(out, "depart", n->need.depart_ms > 0 ? n->need.depart_ms : STORE_ABSENT);
    jout_int(out, "energy_wh", n->need.energy_wh > 0 ? n->need.energy_wh : STORE_ABSENT);
    jout_amps(out, "min_a", n->need.min_ma > 0 ? n->need.min_ma : -1);
    jout_int(out, "priority", n->need.priority >= 0 ? n->need.priority : STORE_ABSENT);
    jout_time(out, "told_at", n->told_at_ms);
    jout_text(out, "told_by", n->who);
    jout_close(out, '}');
}

void view_connector(const struct admin *a, size_t i, size_t n, struct ocpp_text *out)
{
    struct central_station_view s;
    struct central_connector_view k;
    if (!central_station_view(a->options.central, i, &s) ||
        !central_connector_view(a->options.central, i, n, admin_now(a), &k))
        return;
    jout_open(out, NULL, '{');
    jout_text(out, "station", s.id);
    jout_int(out, "connector", k.connector);
    jout_text(out, "evse_id", k.evse_id);
    jout_int(out, "max_w", k.max_w);
    jout_text(out, "district", s.district);
    jout_text(out, "grid_node", s.grid_node);
    jout_bool(out, "online", s.online);
    jout_text_or_null(out, "status", k.status);
    jout_text_or_null(out, "error_code", k.error_code);
    jout_text_or_null(out, "info", k.info);
    jout_time(out, "status_at", k.status_at_ms);
    jout_int(out, "tx_id", k.tx_id != 0 ? k.tx_id : STORE_ABSENT);
    jout_text(out, "id_tag", k.id_tag);
    jout_time(out, "started_at", k.started_at_ms);
    jout_int(out, "energy_wh", k.energy_wh);
    if (k.need.told)
        view_need(&k.need, out);
    jout_int(out, "power_w", k.power_mw != STORE_ABSENT ? (k.power_mw + 500) / 1000 : STORE_ABSENT);
    jout_int(out, "soc_pct", k.soc_pct >= 0 ? k.soc_pct : STORE_ABSENT);
    jout_text(out, "reserved_for", k.reserved_for);
    jout_int(out, "reservation_id", k.reserved_for != NULL ? k.reservation_id : STORE_ABSENT);
    jout_time(out, "reserved_until", k.reserved_until_ms);
    jout_text(out, "start_pending_for", k.start_tag);
    jout_time(out, "start_pending_until", k.start_until_ms);
    jout_bool(out, "balanced", k.balanced);
    view_point(&k, out);
    jout_amps(out, "rating_a", k.rating_ma);
    jout_amps(out, "safe_a", k.safe_ma);
    jout_close(out, '}');
}

void view_connectors(const struct admin *a, struct ocpp_text *out)
{
    struct central_station_view s;
    for (size_t i = 0; central_station_view(a->options.central, i, &s); i++)
        for (size_t k = 0; k < s.n_connectors; k++)
            view_connector(a, i, k, out);
}

/* --- stations --- */

void view_station_live(const struct admin *a, size_t i, struct ocpp_text *out)
{
    struct central_station_view s;
    if (!central_station_view(a->options.central, i, &s))
        return;
    jout_bool(out, "online", s.online);
    jout_text(out, "registration", view_registration(s.registration));
    jout_text(out, "vendor", s.vendor);
    jout_text(out, "model", s.model);
    jout_text(out, "serial", s.serial);
    jout_text(out, "firmware", s.firmware);
    jout_bool(out, "has_key", s.has_key);
    jout_bool(out, "key_pending", s.has_pending_key);
    jout_int(out, "pending_profile", s.pending_profile != 0 ? s.pending_profile : STORE_ABSENT);
    jout_int(out, "connected_by_profile", s.proved_profile >= 0 ? s.proved_profile : STORE_ABSENT);
    jout_time(out, "connected_at", s.connected_at_ms);
    jout_time(out, "seen_at", s.seen_at_ms);
    jout_time(out, "booted_at", s.booted_at_ms);
    jout_text(out, "address", s.address);
    jout_int(out, "frames_in", (int64_t)s.frames_in);
    jout_int(out, "frames_out", (int64_t)s.frames_out);
    jout_int(out, "violations", (int64_t)s.violations);
    jout_text_or_null(out, "last_violation", s.last_violation);
    jout_int(out, "clock_skew_ms", s.clock_skew_ms);
    jout_int(out, "queued_calls", (int64_t)s.queued_calls);
    jout_int(out, "profile_writes_24h", s.profile_writes);
    jout_int(out, "profile_writes_most", s.profile_writes_most);
    jout_text(out, "counts_as", class_word((int32_t)s.counts));
    jout_text(out, "evidence", s.evidence);
    jout_time(out, "evidence_at", s.evidence_at_ms);
    jout_bool(out, "demoted", s.demoted);
    jout_open(out, "connectors", '[');
    for (size_t k = 0; k < s.n_connectors; k++)
        view_connector(a, i, k, out);
    jout_close(out, ']');
}

/* --- grid --- */

/* Where a station hangs; in order of nodes, so that each node finds its own at once. */
struct place {
    const char *node;
    size_t station, n_connectors;
};

static int by_node(const void *a, const void *b)
{
    const struct place *x = a, *y = b;
    int order = strcmp(x->node, y->node);
    return order != 0 ? order : (x->station > y->station) - (x->station < y->station);
}

/* @return the number of places; *ret_places is to be freed */
static size_t find_places(const struct admin *a, struct place **ret_places)
{
    struct central_station_view s;
    size_t n = 0;
    struct place *place = calloc(central_station_count(a->options.central) + 1, sizeof(*place));
    *ret_places = place;
    for (size_t i = 0; place != NULL && central_station_view(a->options.central, i, &s); i++)
        if (s.grid_node != NULL)
            place[n++] = (struct place){ s.grid_node, i, s.n_connectors };
    if (n > 0)
        qsort(place, n, sizeof(*place), by_node);
    return n;
}

static void view_points(const struct admin *a, const char *node, const struct place *place,
                        size_t n, struct ocpp_text *out)
{
    size_t low = 0, high = n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(place[middle].node, node) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    jout_open(out, "points", '[');
    for (; low < n && strcmp(place[low].node, node) == 0; low++)
        for (size_t k = 0; k < place[low].n_connectors; k++)
            view_connector(a, place[low].station, k, out);
    jout_close(out, ']');
}

/* What may flow now and why, and what comes next. */
static void view_capacity(const struct central_node_view *n, struct ocpp_text *out)
{
    const struct sched_capacity *now = &n->capacity, *next = &n->next;
    jout_text(out, "kind", n->kind);
    jout_text(out, "limit_why", now->limit_why);
    jout_text(out, "foreign_why", now->foreign_why);
    jout_int(out, "cap", now->cap_id != 0 ? now->cap_id : STORE_ABSENT);
    if (now->until_ms == INT64_MAX) {
        jout_null(out, "next");
        return;
    }
    jout_open(out, "next", '{');
    jout_time(out, "at", now->until_ms);
    jout_amps3_of32(out, "limit_a", next->limit_ma);
    jout_amps3_of32(out, "foreign_a", next->foreign_ma);
    jout_text(out, "limit_why", next->limit_why);
    jout_text(out, "foreign_why", next->foreign_why);
    jout_close(out, '}');
}

static void view_meter(const struct central_node_view *n, int64_t now_ms, struct ocpp_text *out)
{
    const struct central_meter_view *m = &n->meter;
    if (!m->present) {
        jout_null(out, "meter");
        return;
    }
    bool read = m->at_ms != STORE_ABSENT;
    jout_open(out, "meter", '{');
    jout_text(out, "device", m->device);
    jout_bool(out, "includes_charging", m->includes_points);
    jout_amps3_of32(out, "guard_a", m->guard_ma);
    jout_amps3_of32(out, "silent_a", m->silent_ma);
    jout_int(out, "silent_after_s", m->silent_after_s);
    if (read)
        jout_amps3_of32(out, "reading_a", m->ma);
    else
        jout_null(out, "reading_a");
    jout_time(out, "at", m->at_ms);
    jout_time(out, "received_at", m->received_at_ms);
    jout_int(out, "age_s", read ? (now_ms - m->at_ms) / 1000 : STORE_ABSENT);
    jout_bool(out, "silent", m->silent);
    jout_close(out, '}');
}

void view_node(const struct admin *a, const struct central_node_view *n, struct ocpp_text *out)
{
    jout_text(out, "id", n->id);
    jout_text(out, "parent", n->parent);
    jout_text(out, "name", n->name);
    jout_amps3_of32(out, "limit_a", n->load.limit_ma);
    jout_amps3_of32(out, "foreign_a", n->load.foreign_ma);
    jout_amps3(out, "reserved_a", n->load.reserved_ma);
    jout_amps3(out, "granted_a", n->load.granted_ma);
    jout_amps3(out, "measured_a", n->load.measured_ma);
    view_capacity(n, out);
    view_meter(n, admin_now(a).utc_ms, out);
    jout_int(out, "n_points", (int64_t)n->load.n_points);
    jout_int(out, "n_online", (int64_t)n->load.n_up);
    jout_int(out, "n_sessions", (int64_t)n->load.n_sessions);
    jout_int(out, "n_waiting", (int64_t)n->load.n_waiting);
}

void view_grid(const struct admin *a, bool with_points, struct ocpp_text *out)
{
    struct central_node_view n;
    struct place *places = NULL;
    size_t n_places = with_points ? find_places(a, &places) : 0;
    for (size_t i = 0; central_node_view(a->options.central, i, admin_now(a), &n); i++) {
        jout_open(out, NULL, '{');
        view_node(a, &n, out);
        if (with_points)
            view_points(a, n.id, places, n_places, out);
        jout_close(out, '}');
    }
    free(places);
}

/* --- records --- */

static void view_flags(uint32_t flags, struct ocpp_text *out)
{
    jout_open(out, "flags", '[');
    for (uint32_t flag = 1; flag != 0; flag <<= 1)
        if ((flags & flag) != 0)
            jout_text(out, NULL, store_flag_text(flag));
    jout_close(out, ']');
}

static void view_session_need(const struct store_need *n, struct ocpp_text *out)
{
    bool has_depart = n->depart_at_ms != STORE_ABSENT;
    struct central_need need = { .told = n->tx_id != 0,
                                 .need = { .depart_ms = has_depart ? n->depart_at_ms : 0,
                                           .energy_wh = n->energy_wh,
                                           .min_ma = n->min_ma,
                                           .priority = n->priority },
                                 .told_at_ms = n->told_at_ms };
    snprintf(need.who, sizeof(need.who), "%s", n->who != NULL ? n->who : "");
    view_need(&need, out);
}

void view_session(const struct store_session *s, struct ocpp_text *out)
{
    jout_int(out, "tx_id", s->tx_id);
    jout_text(out, "station", s->station);
    jout_int(out, "connector", s->connector);
    jout_text(out, "evse_id", s->evse_id);
    jout_text(out, "district", s->district);
    jout_text(out, "operator", s->operator_id);
    jout_text(out, "id_tag", s->id_tag);
    jout_text(out, "auth_status", auth_word(s->auth_status));
    jout_text(out, "auth_kind", s->auth_kind);
    jout_text(out, "customer", s->customer);
    jout_text(out, "state", state_word(s->state));
    jout_time(out, "started_at", s->started_at_ms);
    jout_time(out, "stopped_at", s->stopped_at_ms);
    jout_int(out, "meter_start_wh", s->meter_start_wh);
    jout_int(out, "meter_stop_wh", s->meter_stop_wh);
    jout_int(out, "energy_wh", s->energy_wh);
    jout_text(out, "reason", s->reason);
    jout_text(out, "tariff", s->tariff);
    jout_int(out, "tariff_version", s->tariff_version > 0 ? s->tariff_version : STORE_ABSENT);
    view_flags(s->flags, out);
    jout_int(out, "cdr_no", s->cdr_no > 0 ? s->cdr_no : STORE_ABSENT);
    jout_int(out, "last_register_wh", s->last_register_wh);
    jout_time(out, "last_sample_at", s->last_sample_at_ms);
    view_session_need(&s->need, out);
}

void view_event(int64_t seq, const struct store_event *e, struct ocpp_text *out)
{
    jout_int(out, "seq", seq);
    jout_time(out, "at", e->at_ms);
    jout_text(out, "name", e->name);
    jout_text(out, "severity", severity_word((int32_t)e->severity));
    jout_text(out, "station", e->station);
    jout_int(out, "connector", e->connector >= 0 ? e->connector : STORE_ABSENT);
    jout_text(out, "text", e->text);
}
