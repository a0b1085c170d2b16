#include "cmd/noxd/simulate.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/noxd/jout.h"
#include "ocpp/central/central.h"
#include "scheduler/replay.h"
#include "storage/billing/calendar.h"

enum {
    AROUND_MS = 3600000, /* samples may carry a time beside their session's */
    MAX_WH = 1000000,    /* of a session that is believed */
    NOMINAL_V = 230,
    NOISE_MA = 1000, /* less is no charging */
    MET_PERCENT = 1,
    MET_WH = 50,
    TAG_SIZE = 24,
};

/* What is known of a session. */
struct record {
    int64_t tx_id, received_wh;
    struct replay_session play;
    char tag[TAG_SIZE];
    bool told; /* by its driver, then */
};

struct recorded {
    const struct sched_conf *conf;
    const struct central_model *model;
    struct record *list;
    size_t n, room;
    size_t n_running, n_unbalanced, n_unusable; /* left out */
    bool failed;
};

/* One run, and what came of it. */
struct variant {
    const char *name;
    struct sched_node_conf *node; /* owned */
    struct replay_result result;
    bool played;
};

struct simulation {
    const struct simulate_wish *wish;
    const struct store_site *site;
    struct recorded recorded;
    struct replay_session *session; /* as they are played */
    struct replay_cap *cap;         /* of that time */
    size_t n_caps;
    struct export_sink sink;
    struct ocpp_text out;
    int64_t first_ms, last_ms; /* of all stays */
    size_t n_variants, variant;
    bool stopped;
};

/* --- sessions --- */

static bool has_need(const struct store_need *n)
{
    return n->tx_id != 0 && n->depart_at_ms != STORE_ABSENT && n->energy_wh > 0;
}

static struct record *record_new(struct recorded *r)
{
    if (r->n == r->room) {
        size_t room = r->room > 0 ? 2 * r->room : 256;
        struct record *list = realloc(r->list, room * sizeof(*list));
        if (list == NULL) {
            r->failed = true;
            return NULL;
        }
        r->list = list;
        r->room = room;
    }
    return &r->list[r->n++];
}

static bool take_session(void *arg, const struct store_session *s)
{
    struct recorded *r = arg;
    size_t point = central_model_point(r->model, s->station, s->connector);
    bool running = s->state == STORE_SESSION_ACTIVE || s->stopped_at_ms == STORE_ABSENT;
    bool usable = running || (s->stopped_at_ms > s->started_at_ms && s->energy_wh >= 0 &&
                              s->energy_wh <= MAX_WH);
    r->n_running += running;
    r->n_unbalanced += !running && point == SIZE_MAX;
    r->n_unusable += point != SIZE_MAX && !usable;
    if (running || point == SIZE_MAX || !usable)
        return true;
    struct record *x = record_new(r);
    if (x == NULL)
        return false;
    int64_t need_wh = s->need.tx_id != 0 ? s->need.energy_wh : 0;
    int32_t rating_ma = r->conf->point[point].rating_ma;
    *x =
        (struct record){ .tx_id = s->tx_id,
                         .received_wh = s->energy_wh,
                         .told = has_need(&s->need),
                         .play = { .point = point,
                                   .arrive_ms = s->started_at_ms,
                                   .leave_ms = s->stopped_at_ms,
                                   .energy_wh = s->energy_wh > need_wh ? s->energy_wh : need_wh } };
    if (s->need.tx_id != 0 && s->need.min_ma <= rating_ma)
        x->play.min_ma = s->need.min_ma;
    snprintf(x->tag, sizeof(x->tag), "%s", s->id_tag != NULL ? s->id_tag : "");
    return true;
}

static int by_tx(const void *a, const void *b)
{
    const struct record *x = a, *y = b;
    return (x->tx_id > y->tx_id) - (x->tx_id < y->tx_id);
}

static int by_tag(const void *a, const void *b)
{
    const struct record *x = a, *y = b;
    int order = strcmp(x->tag, y->tag);
    return order != 0 ? order : by_tx(a, b);
}

/* --- what the samples tell of the cars --- */

static int32_t highest(const int32_t ma[3])
{
    int32_t most = -1;
    for (int t = 0; t < 3; t++)
        most = ma[t] > most ? ma[t] : most;
    return most;
}

/* Terminals with current; where only one value came, the power tells one phase from more. */
static uint8_t phases_of(const struct sched_point_conf *p, const struct reader_peak *k)
{
    int32_t most = highest(k->current_ma), least = most / 5 > NOISE_MA ? most / 5 : NOISE_MA;
    unsigned phases = 0;
    bool one_value = k->current_ma[1] < 0 && k->current_ma[2] < 0;
    if (most <= NOISE_MA)
        return 0;
    if (one_value && k->power_mw != STORE_ABSENT && k->power_mw > 0)
        return k->power_mw * 2 < (int64_t)most * NOMINAL_V * 3 ? replay_car_phases(p, 1) : 0;
    if (one_value)
        return 0;
    for (int t = 0; t < p->n_phases; t++)
        if (k->current_ma[t] > least)
            phases |= 1u << p->wiring[t];
    return (uint8_t)phases;
}

static bool take_peak(void *arg, const struct reader_peak *k)
{
    struct recorded *r = arg;
    struct record wanted = { .tx_id = k->tx_id };
    struct record *x = bsearch(&wanted, r->list, r->n, sizeof(*r->list), by_tx);
    if (x == NULL)
        return true;
    const struct sched_point_conf *p = &r->conf->point[x->play.point];
    int32_t most = (highest(k->current_ma) + 999) / 1000 * 1000;
    x->play.phases = phases_of(p, k);
    if (most > NOISE_MA)
        x->play.car_ma = most;
    return true;
}

/* The same tag is taken for the same car: the most that it was ever seen to take. */
static void share_by_tag(struct recorded *r)
{
    qsort(r->list, r->n, sizeof(*r->list), by_tag);
    for (size_t i = 0, end; i < r->n; i = end) {
        int32_t most = 0;
        for (end = i; end < r->n && strcmp(r->list[end].tag, r->list[i].tag) == 0; end++)
            most = r->list[end].play.car_ma > most ? r->list[end].play.car_ma : most;
        for (size_t k = i; k < end; k++) {
            struct replay_session *s = &r->list[k].play;
            const struct sched_point_conf *p = &r->conf->point[s->point];
            int32_t least = s->min_ma > p->min_ma ? s->min_ma : p->min_ma;
            s->car_ma = most < least && most > 0 ? least : most;
            s->car_ma = s->car_ma > p->rating_ma ? p->rating_ma : s->car_ma;
        }
    }
}

static void no_sessions(const struct simulation *s, char *ret_text, size_t size)
{
    char from[26], to[26];
    const struct recorded *r = &s->recorded;
    cal_format_local(s->wish->from_ms, from);
    cal_format_local(s->wish->to_ms, to);
    if (r->n_unbalanced > 0)
        snprintf(ret_text, size,
                 "the %zu sessions that ended from %.16s to %.16s were at stations that hang on no "
                 "grid node: set grid_node ('noxctl apply')",
                 r->n_unbalanced, from, to);
    else if (r->n_running > 0)
        snprintf(ret_text, size,
                 "no session ended from %.16s to %.16s; %zu still run and can be played when they "
                 "have ended; 'noxctl session list --state finished' shows those that have",
                 from, to, r->n_running);
    else
        snprintf(
            ret_text, size,
            "no session ended from %.16s to %.16s; 'noxctl session list' shows when there were "
            "some",
            from, to);
}

static enum store_rc read_sessions(struct simulation *s, struct reader *db, char *ret_text,
                                   size_t size)
{
    struct recorded *r = &s->recorded;
    struct reader_session_filter filter = { .from_ms = s->wish->from_ms, .to_ms = s->wish->to_ms };
    enum store_rc rc = reader_sessions(db, &filter, take_session, r);
    if (rc != STORE_OK || r->failed) {
        snprintf(ret_text, size, "the sessions cannot be read%s",
                 r->failed ? ": out of memory" : "");
        return rc != STORE_OK ? rc : STORE_IO;
    }
    if (r->n == 0) {
        no_sessions(s, ret_text, size);
        return STORE_MISSING;
    }
    s->first_ms = INT64_MAX;
    for (size_t i = 0; i < r->n; i++) {
        const struct replay_session *p = &r->list[i].play;
        s->first_ms = p->arrive_ms < s->first_ms ? p->arrive_ms : s->first_ms;
        s->last_ms = p->leave_ms > s->last_ms ? p->leave_ms : s->last_ms;
    }
    qsort(r->list, r->n, sizeof(*r->list), by_tx);
    rc = reader_meter_peaks(db, s->first_ms - AROUND_MS, s->last_ms + AROUND_MS, take_peak, r);
    if (rc != STORE_OK)
        snprintf(ret_text, size, "the meter values cannot be read");
    share_by_tag(r);
    return rc;
}

static bool prepare_sessions(struct simulation *s)
{
    const struct recorded *r = &s->recorded;
    s->session = calloc(r->n, sizeof(*s->session));
    for (size_t i = 0; s->session != NULL && i < r->n; i++) {
        s->session[i] = r->list[i].play;
        s->session[i].told = s->wish->told == SIMULATE_ALL ||
                             (s->wish->told == SIMULATE_AS_RECORDED && r->list[i].told);
    }
    return s->session != NULL;
}

/* --- nodes: limits, and caps of that time --- */

static size_t node_of(const struct store_site *site, const char *id)
{
    for (size_t i = 0; i < site->n_grid; i++)
        if (strcmp(site->grid[i].id, id) == 0)
            return i;
    return SIZE_MAX;
}

/* As it was ordered: the scheduler knows it from then on. */
static bool take_cap(void *arg, const struct store_cap *cap)
{
    struct simulation *s = arg;
    struct replay_cap c = {
        .told_ms = cap->asked_at_ms,
        .node = node_of(s->site, cap->node),
        .cap = { .id = cap->id, .from_ms = cap->from_ms, .until_ms = cap->until_ms }
    };
    memcpy(c.cap.limit_ma, cap->limit_ma, sizeof(c.cap.limit_ma));
    if (cap->ended_at_ms != STORE_ABSENT && cap->ended_at_ms < cap->until_ms)
        c.cap.until_ms = cap->ended_at_ms;
    if (c.node == SIZE_MAX || c.cap.until_ms <= s->first_ms || c.cap.from_ms >= s->last_ms ||
        c.cap.until_ms <= c.cap.from_ms)
        return true;
    struct replay_cap *list = realloc(s->cap, (s->n_caps + 1) * sizeof(*list));
    s->recorded.failed = list == NULL;
    if (list == NULL)
        return false;
    s->cap = list;
    s->cap[s->n_caps++] = c;
    return true;
}

static int by_told(const void *a, const void *b)
{
    const struct replay_cap *x = a, *y = b;
    return (x->told_ms > y->told_ms) - (x->told_ms < y->told_ms);
}

/* Readings of then are not kept: the usual load of the hour counts, or what is assumed without the
 * meter. */
static void leave_meter_out(struct sched_node_conf *node)
{
    if (!node->meter.present)
        return;
    if (node->foreign_hour_ma == NULL)
        memcpy(node->foreign_ma, node->meter.silent_ma, sizeof(node->foreign_ma));
    node->meter.present = false;
}

static bool variant_begin(const struct simulation *s, struct variant *v, const char *name,
                          bool with_limits)
{
    const struct sched_conf *conf = s->recorded.conf;
    v->name = name;
    v->node = calloc(conf->n_nodes + 1, sizeof(*v->node));
    if (v->node == NULL)
        return false;
    memcpy(v->node, conf->node, conf->n_nodes * sizeof(*v->node));
    for (size_t i = 0; i < conf->n_nodes; i++)
        leave_meter_out(&v->node[i]);
    for (size_t i = 0; with_limits && i < s->wish->n_limits; i++)
        memcpy(v->node[node_of(s->site, s->wish->limit[i].node)].limit_ma,
               s->wish->limit[i].limit_ma, sizeof(v->node->limit_ma));
    return true;
}

static void variant_done(struct variant *v)
{
    free(v->node);
    if (v->played)
        replay_result_done(&v->result);
}

/* --- playing --- */

static bool write_line(struct simulation *s)
{
    ocpp_text_append(&s->out, "\n", 1);
    bool good = !s->out.failed && s->sink.write(s->sink.arg, s->out.data, s->out.len);
    ocpp_text_truncate(&s->out, 0);
    s->stopped = s->stopped || !good;
    return good;
}

static int64_t count_meters(const struct sched_conf *conf)
{
    int64_t n = 0;
    for (size_t i = 0; i < conf->n_nodes; i++)
        n += conf->node[i].meter.present;
    return n;
}

static bool go_on(void *arg, int64_t at_ms)
{
    struct simulation *s = arg;
    int64_t span_ms = s->last_ms - s->first_ms, done_ms = at_ms - s->first_ms;
    done_ms = done_ms < 0 ? 0 : done_ms > span_ms ? span_ms : done_ms;
    int64_t percent = span_ms > 0 ? done_ms * 100 / span_ms : 100;
    jout_open(&s->out, NULL, '{');
    jout_int(&s->out, "progress_percent",
             ((int64_t)s->variant * 100 + percent) / (int64_t)s->n_variants);
    jout_close(&s->out, '}');
    return write_line(s);
}

static bool play(struct simulation *s, struct variant *v)
{
    struct sched_conf conf = *s->recorded.conf;
    struct replay_options options = replay_default_options();
    conf.node = v->node;
    options.cap = s->cap;
    options.n_caps = s->n_caps;
    options.go_on = go_on;
    options.arg = s;
    v->played = replay_run(&conf, s->session, s->recorded.n, &options, &v->result);
    s->variant++;
    return v->played;
}

/* --- the answer --- */

static bool is_met(int64_t asked_wh, int64_t received_wh)
{
    return received_wh * 100 >= asked_wh * (100 - MET_PERCENT) - MET_WH * 100;
}

static void put_energy(struct ocpp_text *out, int64_t asked_wh, int64_t received_wh, size_t n_met)
{
    jout_int(out, "asked_wh", asked_wh);
    jout_int(out, "received_wh", received_wh);
    if (asked_wh > 0)
        jout_decimal(out, "met_percent", received_wh * 1000 / asked_wh, 1);
    else
        jout_null(out, "met_percent");
    jout_int(out, "n_fully_met", (int64_t)n_met);
}

/* As it was. */
static void put_recorded(struct simulation *s)
{
    const struct recorded *r = &s->recorded;
    int64_t asked_wh = 0, received_wh = 0;
    size_t n_met = 0;
    double sum = 0, squares = 0;
    size_t n = 0;
    for (size_t i = 0; i < r->n; i++) {
        const struct record *x = &r->list[i];
        asked_wh += x->play.energy_wh;
        received_wh += x->received_wh;
        n_met += is_met(x->play.energy_wh, x->received_wh);
        if (x->play.energy_wh <= 0)
            continue;
        double share = (double)x->received_wh / (double)x->play.energy_wh;
        sum += share;
        squares += share * share;
        n++;
    }
    jout_open(&s->out, NULL, '{');
    jout_text(&s->out, "name", "recorded");
    put_energy(&s->out, asked_wh, received_wh, n_met);
    if (squares > 0)
        jout_decimal(&s->out, "jain", (int64_t)(sum * sum / ((double)n * squares) * 1e4), 4);
    else
        jout_null(&s->out, "jain");
    jout_null(&s->out, "switches_per_session");
    jout_null(&s->out, "commands");
    jout_null(&s->out, "excess_a");
    jout_close(&s->out, '}');
}

static void put_node(struct ocpp_text *out, const char *id, const struct sched_node_conf *conf,
                     const struct replay_node_result *n)
{
    int64_t over_ms = 0;
    for (int p = 0; p < 3; p++)
        over_ms = n->excess_ms[p] > over_ms ? n->excess_ms[p] : over_ms;
    jout_open(out, NULL, '{');
    jout_text(out, "id", id);
    jout_amps3_of32(out, "limit_a", conf->limit_ma);
    jout_amps3(out, "allowed_a", n->allowed_ma);
    jout_amps3(out, "drawn_a", n->drawn_ma);
    jout_amps3(out, "excess_a", n->over_ma);
    jout_int(out, "excess_ms", over_ms);
    jout_close(out, '}');
}

static void put_variant(struct simulation *s, const struct variant *v)
{
    const struct replay_result *r = &v->result;
    int64_t over_ma = 0;
    size_t n_nodes = s->recorded.conf->n_nodes;
    for (size_t i = 0; i < n_nodes; i++)
        for (int p = 0; p < 3; p++)
            over_ma = r->node[i].over_ma[p] > over_ma ? r->node[i].over_ma[p] : over_ma;
    jout_open(&s->out, NULL, '{');
    jout_text(&s->out, "name", v->name);
    put_energy(&s->out, r->asked_wh, r->received_wh, r->n_fully_met);
    jout_decimal(&s->out, "jain", r->jain_e4, 4);
    jout_decimal(&s->out, "switches_per_session",
                 r->n_played > 0 ? r->n_switches * 1000 / (int64_t)r->n_played : 0, 3);
    jout_int(&s->out, "commands", r->n_commands);
    jout_amps(&s->out, "excess_a", over_ma);
    jout_open(&s->out, "nodes", '[');
    for (size_t i = 0; i < n_nodes; i++)
        put_node(&s->out, s->site->grid[i].id, &v->node[i], &r->node[i]);
    jout_close(&s->out, ']');
    jout_close(&s->out, '}');
}

static void put_result(struct simulation *s, const struct variant *v, size_t n)
{
    const struct recorded *r = &s->recorded;
    size_t n_told = 0;
    for (size_t i = 0; i < r->n; i++)
        n_told += s->session[i].told;
    jout_open(&s->out, NULL, '{');
    jout_open(&s->out, "result", '{');
    jout_time(&s->out, "from", s->wish->from_ms);
    jout_time(&s->out, "to", s->wish->to_ms);
    jout_int(&s->out, "sessions", (int64_t)r->n);
    jout_int(&s->out, "told", (int64_t)n_told);
    jout_int(&s->out, "caps", (int64_t)s->n_caps);
    jout_int(&s->out, "meters", count_meters(r->conf));
    jout_open(&s->out, "left_out", '{');
    jout_int(&s->out, "running", (int64_t)r->n_running);
    jout_int(&s->out, "on_no_grid_node", (int64_t)r->n_unbalanced);
    jout_int(&s->out, "without_sound_figures", (int64_t)r->n_unusable);
    jout_close(&s->out, '}');
    jout_open(&s->out, "variants", '[');
    put_recorded(s);
    for (size_t i = 0; i < n; i++)
        put_variant(s, &v[i]);
    jout_close(&s->out, ']');
    jout_close(&s->out, '}');
    jout_close(&s->out, '}');
    write_line(s);
}

/* --- the whole --- */

static bool nodes_are_known(const struct simulation *s, char *ret_text, size_t size)
{
    for (size_t i = 0; i < s->wish->n_limits; i++) {
        if (node_of(s->site, s->wish->limit[i].node) != SIZE_MAX)
            continue;
        snprintf(ret_text, size, "there is no grid node %.48s; 'noxctl grid show' names all",
                 s->wish->limit[i].node);
        return false;
    }
    return true;
}

static enum store_rc play_all(struct simulation *s, char *ret_text, size_t size)
{
    struct variant v[2] = { { .name = NULL } };
    s->n_variants = s->wish->n_limits > 0 ? 2 : 1;
    bool good = prepare_sessions(s) && variant_begin(s, &v[0], "configured", false) &&
                (s->n_variants == 1 || variant_begin(s, &v[1], "limits", true));
    for (size_t i = 0; good && !s->stopped && i < s->n_variants; i++)
        good = play(s, &v[i]);
    if (good && !s->stopped)
        put_result(s, v, s->n_variants);
    for (size_t i = 0; i < 2; i++)
        variant_done(&v[i]);
    if (good)
        return s->stopped ? STORE_STOPPED : STORE_OK;
    snprintf(ret_text, size,
             "the scheduler does not take these limits or sessions, or memory is out; 'noxctl grid "
             "prove' checks the configuration");
    return STORE_CONFLICT;
}

static enum store_rc with_model(struct simulation *s, struct reader *db, char *ret_text,
                                size_t size)
{
    struct central_model *model = central_model_new(s->site, ret_text, size);
    if (model == NULL)
        return STORE_CONFLICT;
    s->recorded.model = model;
    s->recorded.conf = central_model_conf(model);
    enum store_rc rc = read_sessions(s, db, ret_text, size);
    if (rc == STORE_OK)
        rc = reader_caps(db, false, 0, 0, take_cap, s);
    if (rc == STORE_OK && s->recorded.failed)
        rc = STORE_IO;
    if (s->n_caps > 0)
        qsort(s->cap, s->n_caps, sizeof(*s->cap), by_told);
    if (rc == STORE_OK)
        rc = play_all(s, ret_text, size);
    central_model_free(model);
    return rc;
}

enum store_rc simulate_run(struct reader *db, const struct simulate_wish *wish,
                           struct export_sink sink, char *ret_text, size_t size)
{
    struct simulation s = { .wish = wish, .sink = sink, .last_ms = INT64_MIN };
    enum store_rc rc = reader_site_but_tags(db, &s.site);
    ocpp_text_init(&s.out);
    snprintf(ret_text, size, "the database cannot be read");
    if (rc == STORE_OK && !nodes_are_known(&s, ret_text, size))
        rc = STORE_MISSING;
    if (rc == STORE_OK)
        rc = with_model(&s, db, ret_text, size);
    free(s.recorded.list);
    free(s.session);
    free(s.cap);
    ocpp_text_done(&s.out);
    return rc;
}
