#include "cmd/noxd/limit_then.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/noxd/jout.h"
#include "ocpp/central/central.h"

enum {
    DECISIONS = 12,         /* looked at, and shown, of one connector */
    CLOCK_SLACK_MS = 65000, /* a lease may last so much longer by the station's clock */
    REACT_MS = 15000,       /* from the answer until a lower current is real */
};

/* A connector then. */
struct place {
    const char *station;
    int32_t connector;
    size_t node; /* SIZE_MAX = on none */
    const struct sched_point_conf *conf;
    int64_t tx_id, started_at_ms; /* 0 = no session then */
    int32_t worst_ma;             /* the most that it could draw on a phase */
    int32_t sure_ma;              /* confirmed and not over; -1 = none */
    int64_t sure_until_ms;
    int32_t safe_ma;
    bool open; /* something newer was under way */
};

struct then {
    struct reader *db;
    const struct store_site *site;
    const struct sched_conf *conf;
    struct central_model *model;
    struct sched *sched; /* for the capacity of then */
    int64_t at_ms;
    struct place *place; /* as the points of the model */
    size_t subject;      /* of place; SIZE_MAX = it hangs on no node */
    const char *station;
    int32_t connector;
};

/* --- who charged --- */

static bool take_session(void *arg, const struct store_session *s)
{
    struct then *t = arg;
    size_t point = central_model_point(t->model, s->station, s->connector);
    bool over = s->stopped_at_ms != STORE_ABSENT && s->stopped_at_ms <= t->at_ms;
    if (point == SIZE_MAX || over || s->started_at_ms > t->at_ms)
        return true;
    struct place *p = &t->place[point];
    if (p->tx_id == 0 || s->started_at_ms > p->started_at_ms) {
        p->tx_id = s->tx_id;
        p->started_at_ms = s->started_at_ms;
    }
    return true;
}

/* Those that ended later, and those that still run. */
static enum store_rc read_sessions(struct then *t)
{
    struct reader_session_filter later = { .from_ms = t->at_ms, .to_ms = STORE_ABSENT };
    struct reader_session_filter active = { .state = STORE_SESSION_ACTIVE,
                                            .from_ms = STORE_ABSENT,
                                            .to_ms = STORE_ABSENT };
    enum store_rc rc = reader_sessions(t->db, &later, take_session, t);
    return rc == STORE_OK ? reader_sessions(t->db, &active, take_session, t) : rc;
}

/* --- what could be drawn: newest decision first, until one that is known to be in force --- */

struct walk {
    const struct then *t;
    struct place *p;
    bool settled, safe_known;
};

static bool take_lease(void *arg, const struct store_decision *d)
{
    struct walk *w = arg;
    struct place *p = w->p;
    int64_t at_ms = w->t->at_ms;
    bool answered = d->answered_at_ms != STORE_ABSENT && d->answered_at_ms <= at_ms;
    bool accepted = answered && d->answer == STORE_DECISION_ACCEPTED;
    bool refused =
        d->answer == STORE_DECISION_NOT_SENT || (answered && d->answer == STORE_DECISION_REJECTED);
    if (d->kind == STORE_DECISION_SAFE) {
        if (accepted && !w->safe_known)
            p->safe_ma = d->safe_ma;
        w->safe_known = w->safe_known || accepted;
        return true;
    }
    if (w->settled || refused || p->tx_id == 0 || d->tx_id != p->tx_id)
        return true;
    bool runs = p->conf->class != SCHED_LEASING || d->end_at_ms == INT64_MAX ||
                at_ms < d->end_at_ms + CLOCK_SLACK_MS;
    if (runs && d->limit_ma > p->worst_ma)
        p->worst_ma = d->limit_ma;
    p->open = p->open || !accepted;
    w->settled = accepted && d->answered_at_ms + REACT_MS <= at_ms;
    if (accepted && p->sure_ma < 0 && (at_ms < d->end_at_ms || p->conf->class != SCHED_LEASING)) {
        p->sure_ma = d->limit_ma;
        p->sure_until_ms = d->end_at_ms;
    }
    return true;
}

static enum store_rc read_place(const struct then *t, struct place *p)
{
    struct reader_decision_filter filter = { .station = p->station,
                                             .connector = p->connector,
                                             .until_ms = t->at_ms,
                                             .since_ms = STORE_ABSENT,
                                             .limit = DECISIONS };
    struct walk w = { .t = t, .p = p };
    bool at_rating = p->conf->class == SCHED_UNMANAGED || p->conf->class == SCHED_FORGETFUL;
    p->safe_ma = p->conf->safe_ma;
    p->sure_ma = -1;
    enum store_rc rc = reader_decisions(t->db, &filter, take_lease, &w);
    if (p->safe_ma > p->worst_ma)
        p->worst_ma = p->safe_ma;
    if (at_rating && p->conf->rating_ma > p->worst_ma)
        p->worst_ma = p->conf->rating_ma;
    return rc;
}

/* --- the tree --- */

static bool is_below(const struct then *t, size_t node, size_t above)
{
    for (; node != SIZE_MAX;
         node = t->conf->node[node].parent >= 0 ? (size_t)t->conf->node[node].parent : SIZE_MAX)
        if (node == above)
            return true;
    return false;
}

static size_t root_of(const struct then *t, size_t node)
{
    while (t->conf->node[node].parent >= 0)
        node = (size_t)t->conf->node[node].parent;
    return node;
}

static bool fill_places(struct then *t)
{
    t->place = calloc(t->conf->n_points + 1, sizeof(*t->place));
    for (size_t i = 0; t->place != NULL && i < t->conf->n_points; i++) {
        t->place[i].conf = &t->conf->point[i];
        t->place[i].node = (size_t)t->conf->point[i].node;
        central_model_place(t->model, i, &t->place[i].station, &t->place[i].connector);
    }
    return t->place != NULL;
}

/* The wanted connector, else the one with a session, else the first. */
static void choose(struct then *t)
{
    t->subject = SIZE_MAX;
    for (size_t i = 0; i < t->conf->n_points; i++) {
        const struct place *p = &t->place[i];
        if (strcmp(p->station, t->station) != 0 ||
            (t->connector > 0 && p->connector != t->connector))
            continue;
        if (t->subject == SIZE_MAX || (t->place[t->subject].tx_id == 0 && p->tx_id != 0))
            t->subject = i;
    }
}

static enum store_rc read_sharers(struct then *t)
{
    size_t root = root_of(t, t->place[t->subject].node);
    enum store_rc rc = STORE_OK;
    for (size_t i = 0; rc == STORE_OK && i < t->conf->n_points; i++)
        if (is_below(t, t->place[i].node, root))
            rc = read_place(t, &t->place[i]);
    return rc;
}

/* --- caps, and the capacity they leave --- */

static bool is_in_force(const struct then *t, const struct store_cap *c)
{
    int64_t until_ms = c->ended_at_ms != STORE_ABSENT && c->ended_at_ms < c->until_ms
                           ? c->ended_at_ms
                           : c->until_ms;
    return c->asked_at_ms <= t->at_ms && c->from_ms <= t->at_ms && t->at_ms < until_ms;
}

struct cap_walk {
    struct then *t;
    struct ocpp_text *out; /* NULL: for the capacity */
    size_t node;
};

static size_t node_of(const struct then *t, const char *id)
{
    for (size_t i = 0; i < t->site->n_grid; i++)
        if (strcmp(t->site->grid[i].id, id) == 0)
            return i;
    return SIZE_MAX;
}

static bool take_cap(void *arg, const struct store_cap *c)
{
    struct cap_walk *w = arg;
    size_t node = node_of(w->t, c->node);
    if (node == SIZE_MAX || !is_in_force(w->t, c))
        return true;
    if (w->out == NULL) {
        struct sched_cap cap = { .id = c->id, .from_ms = c->from_ms, .until_ms = c->until_ms };
        memcpy(cap.limit_ma, c->limit_ma, sizeof(cap.limit_ma));
        sched_cap_set(w->t->sched, node, &cap, w->t->at_ms);
        return true;
    }
    if (node != w->node)
        return true;
    jout_open(w->out, NULL, '{');
    jout_int(w->out, "id", c->id);
    jout_amps3_of32(w->out, "limit_a", c->limit_ma);
    jout_time(w->out, "from", c->from_ms);
    jout_time(w->out, "until", c->until_ms);
    jout_text(w->out, "who", c->who);
    jout_text(w->out, "why", c->why);
    jout_close(w->out, '}');
    return true;
}

/* --- the answer --- */

void limit_put_decision(const struct store_decision *d, struct ocpp_text *out)
{
    static const char *const phases[] = { "L1", "L2", "L3" };
    jout_time(out, "at", d->at_ms);
    jout_text(out, "kind", store_decision_kind_text(d->kind));
    jout_int(out, "tx_id", d->tx_id != 0 ? d->tx_id : STORE_ABSENT);
    jout_amps(out, "limit_a", d->limit_ma);
    jout_time(out, "until", d->end_at_ms != INT64_MAX ? d->end_at_ms : STORE_ABSENT);
    jout_amps(out, "then_a", d->safe_ma);
    jout_text(out, "reason", d->reason);
    jout_text(out, "held_back_by", d->node);
    jout_text(out, "on_phase",
              d->node != NULL && d->phase >= 0 && d->phase < 3 ? phases[d->phase] : NULL);
    jout_text(out, "answer", store_decision_answer_text(d->answer));
    jout_time(out, "answered_at", d->answered_at_ms);
}

static bool put_decision(void *arg, const struct store_decision *d)
{
    struct ocpp_text *out = arg;
    jout_open(out, NULL, '{');
    limit_put_decision(d, out);
    jout_close(out, '}');
    return true;
}

static enum store_rc put_decisions(const struct then *t, struct ocpp_text *out)
{
    const struct place *p = &t->place[t->subject];
    struct reader_decision_filter filter = { .station = p->station,
                                             .connector = p->connector,
                                             .until_ms = t->at_ms,
                                             .since_ms = STORE_ABSENT,
                                             .limit = DECISIONS };
    jout_open(out, "decisions", '[');
    enum store_rc rc = reader_decisions(t->db, &filter, put_decision, out);
    jout_close(out, ']');
    return rc;
}

static void put_in_force(const struct then *t, struct ocpp_text *out)
{
    const struct place *p = &t->place[t->subject];
    bool sure = p->sure_ma >= 0;
    const char *because = p->tx_id == 0 ? "no session: the safe current"
                          : sure        ? "the station had confirmed it"
                                        : "no confirmed limit was in force: the safe current";
    jout_open(out, "in_force", '{');
    jout_amps(out, "limit_a", sure ? p->sure_ma : p->safe_ma);
    jout_time(out, "until",
              sure && p->sure_until_ms != INT64_MAX ? p->sure_until_ms : STORE_ABSENT);
    jout_amps(out, "then_a", p->safe_ma);
    jout_text(out, "because", because);
    jout_amps(out, "could_draw_a", p->worst_ma);
    jout_bool(out, "change_under_way", p->open);
    jout_close(out, '}');
}

/* Sum by phase of what all points below could draw, on all wired phases. */
static void sums_of(const struct then *t, size_t node, int64_t ret_ma[3], size_t *ret_sessions)
{
    memset(ret_ma, 0, 3 * sizeof(ret_ma[0]));
    *ret_sessions = 0;
    for (size_t i = 0; i < t->conf->n_points; i++) {
        const struct place *p = &t->place[i];
        if (!is_below(t, p->node, node))
            continue;
        for (int terminal = 0; terminal < p->conf->n_phases; terminal++)
            ret_ma[p->conf->wiring[terminal]] += p->worst_ma;
        *ret_sessions += p->tx_id != 0;
    }
}

static enum store_rc put_node(struct then *t, size_t node, struct ocpp_text *out)
{
    struct sched_capacity c;
    int64_t sum_ma[3];
    size_t n_sessions;
    struct cap_walk w = { t, out, node };
    sched_capacity_at(t->sched, node, t->at_ms, t->at_ms, &c);
    sums_of(t, node, sum_ma, &n_sessions);
    jout_open(out, NULL, '{');
    jout_text(out, "id", t->site->grid[node].id);
    jout_text(out, "parent", t->site->grid[node].parent);
    jout_amps3_of32(out, "limit_a", c.limit_ma);
    jout_text(out, "limit_why", c.limit_why);
    jout_amps3_of32(out, "foreign_a", c.foreign_ma);
    jout_text(out, "foreign_why", c.foreign_why);
    jout_amps3(out, "could_draw_a", sum_ma);
    jout_int(out, "n_sessions", (int64_t)n_sessions);
    jout_open(out, "caps", '[');
    enum store_rc rc = reader_caps(t->db, false, 0, 0, take_cap, &w);
    jout_close(out, ']');
    jout_close(out, '}');
    return rc;
}

static enum store_rc put_path(struct then *t, struct ocpp_text *out)
{
    enum store_rc rc = STORE_OK;
    int32_t node = (int32_t)t->place[t->subject].node;
    jout_open(out, "path", '[');
    for (; rc == STORE_OK && node >= 0; node = t->conf->node[node].parent)
        rc = put_node(t, (size_t)node, out);
    jout_close(out, ']');
    return rc;
}

static void put_sharers(const struct then *t, struct ocpp_text *out)
{
    size_t root = root_of(t, t->place[t->subject].node);
    jout_open(out, "sharers", '[');
    for (size_t i = 0; i < t->conf->n_points; i++) {
        const struct place *p = &t->place[i];
        if (i == t->subject || p->worst_ma == 0 || !is_below(t, p->node, root))
            continue;
        jout_open(out, NULL, '{');
        jout_text(out, "station", p->station);
        jout_int(out, "connector", p->connector);
        jout_text(out, "grid_node", t->site->grid[p->node].id);
        jout_int(out, "tx_id", p->tx_id != 0 ? p->tx_id : STORE_ABSENT);
        jout_amps(out, "limit_a", p->sure_ma >= 0 ? p->sure_ma : p->safe_ma);
        jout_amps(out, "could_draw_a", p->worst_ma);
        jout_close(out, '}');
    }
    jout_close(out, ']');
}

static enum store_rc put_all(struct then *t, struct ocpp_text *out)
{
    const struct place *p = &t->place[t->subject];
    struct cap_walk w = { t, NULL, 0 };
    enum store_rc rc = reader_caps(t->db, false, 0, 0, take_cap, &w);
    if (rc == STORE_OK)
        rc = read_sharers(t);
    jout_time(out, "at", t->at_ms);
    jout_text(out, "station", p->station);
    jout_int(out, "connector", p->connector);
    jout_int(out, "tx_id", p->tx_id != 0 ? p->tx_id : STORE_ABSENT);
    jout_time(out, "started_at", p->tx_id != 0 ? p->started_at_ms : STORE_ABSENT);
    put_in_force(t, out);
    if (rc == STORE_OK)
        rc = put_decisions(t, out);
    if (rc == STORE_OK)
        rc = put_path(t, out);
    put_sharers(t, out);
    return rc;
}

static enum store_rc explain(struct then *t, struct ocpp_text *out, char *ret_text, size_t size)
{
    if (!fill_places(t) || (t->sched = sched_new(t->conf, t->at_ms)) == NULL) {
        snprintf(ret_text, size, "out of memory; try again");
        return STORE_IO;
    }
    enum store_rc rc = read_sessions(t);
    choose(t);
    if (rc == STORE_OK && t->subject == SIZE_MAX) {
        snprintf(ret_text, size,
                 "station %.48s has no such connector on a grid node: nothing but its rating "
                 "limits it; 'noxctl station show' lists its connectors",
                 t->station);
        return STORE_MISSING;
    }
    return rc == STORE_OK ? put_all(t, out) : rc;
}

enum store_rc limit_then(struct reader *db, const char *station, int32_t connector, int64_t at_ms,
                         struct ocpp_text *out, char *ret_text, size_t size)
{
    struct then t = { .db = db, .at_ms = at_ms, .station = station, .connector = connector };
    enum store_rc rc = reader_site_but_tags(db, &t.site);
    snprintf(ret_text, size, "the database cannot be read");
    if (rc != STORE_OK)
        return rc;
    t.model = central_model_new(t.site, ret_text, size);
    if (t.model == NULL)
        return STORE_CONFLICT;
    t.conf = central_model_conf(t.model);
    rc = explain(&t, out, ret_text, size);
    sched_free(t.sched);
    free(t.place);
    central_model_free(t.model);
    return rc;
}
