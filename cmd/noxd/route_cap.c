/* Caps on grid nodes: set, listed, taken back (grid operator, section 14a EnWG). */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/noxd/jout.h"
#include "cmd/noxd/route.h"

enum {
    MAINS_V = 230,
    LIST_MAX = 10000,
    SAID_MAX = 80,
    CONTROLLABLE_W = 4200, /* BK6-22-300: least for one device */
};

/* --- what is ordered --- */

struct wish {
    int32_t limit_ma[3];
    int64_t from_ms, until_ms;
    char said[SAID_MAX];
};

static bool bad(struct request *r, const char *member, const char *what)
{
    request_fail(r, 422, "invalid-data", member, "%s: %s", member, what);
    return false;
}

/* Three phases at 230 V, rounded down to a tenth of an ampere. */
static void limit_of_watts(int64_t power_w, int32_t ret_ma[3])
{
    int64_t tenths = power_w * 10 / (3 * MAINS_V);
    for (int p = 0; p < 3; p++)
        ret_ma[p] = (int32_t)(tenths * 100);
}

static bool read_kw(struct request *r, struct wish *w)
{
    const json_t *json = json_object_get(r->json, "kw");
    double kw = json_number_value(json);
    if (!json_is_number(json) || !(kw >= 0 && kw <= 6900))
        return bad(r, "kw", "must be the power of all three phases, from 0 to 6900");
    int64_t power_w = (int64_t)floor(kw * 1000 + 1e-6);
    limit_of_watts(power_w, w->limit_ma);
    snprintf(w->said, sizeof(w->said), "%g kW", (double)power_w / 1000);
    return true;
}

/* Simultaneity of n controllable devices behind one energy management, in hundredths. */
static int64_t simultaneity(int32_t n)
{
    static const int64_t of[] = { 0, 100, 80, 75, 70, 65, 60, 55, 50 };
    return n < 9 ? of[n] : 45;
}

/* BK6-22-300: P_min = 4.2 kW + (n - 1) x simultaneity x 4.2 kW. */
static bool read_section_14a(struct request *r, struct wish *w)
{
    int32_t n = central_controllable(r->admin->options.central, r->param[0]);
    if (!json_is_true(json_object_get(r->json, "section_14a")))
        return bad(r, "section_14a", "must be true; without it name limit_a or kw");
    if (n == 0) {
        request_fail(r, 409, "conflict", "section_14a",
                     "%s has no charging point of more than 4.2 kW below it: section 14a EnWG does "
                     "not reach it; name limit_a or kw",
                     r->param[0]);
        return false;
    }
    int64_t power_w = CONTROLLABLE_W + (n - 1) * simultaneity(n) * CONTROLLABLE_W / 100;
    limit_of_watts(power_w, w->limit_ma);
    snprintf(w->said, sizeof(w->said), "section 14a: %g kW for %d points", (double)power_w / 1000,
             (int)n);
    return true;
}

static bool read_amps(struct request *r, struct wish *w)
{
    if (!route_member_amps3(r, "limit_a", w->limit_ma))
        return false;
    const int32_t *ma = w->limit_ma;
    if (ma[0] == ma[1] && ma[0] == ma[2])
        snprintf(w->said, sizeof(w->said), "%g A", ma[0] / 1000.0);
    else
        snprintf(w->said, sizeof(w->said), "%g/%g/%g A", ma[0] / 1000.0, ma[1] / 1000.0,
                 ma[2] / 1000.0);
    return true;
}

static bool read_limit(struct request *r, struct wish *w)
{
    static const struct {
        const char *name;
        bool (*read)(struct request *r, struct wish *w);
    } ways[] = { { "limit_a", read_amps }, { "kw", read_kw }, { "section_14a", read_section_14a } };
    size_t way = SIZE_MAX;
    for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
        if (json_object_get(r->json, ways[i].name) == NULL)
            continue;
        if (way != SIZE_MAX)
            return bad(r, ways[i].name, "name one of limit_a, kw, section_14a");
        way = i;
    }
    if (way == SIZE_MAX)
        return bad(r, "limit_a", "is missing: name limit_a (amperes), kw or section_14a");
    return ways[way].read(r, w);
}

static bool read_wish(struct request *r, struct wish *w, const char **ret_why)
{
    static const char *const names[] = {
        "limit_a", "kw", "section_14a", "from", "until", "reason"
    };
    const char *reason = NULL;
    *w = (struct wish){ .said = "" };
    if (!route_only_members(r, names, sizeof(names) / sizeof(names[0])) || !read_limit(r, w) ||
        !route_member_time(r, "from", &w->from_ms) ||
        !route_member_time(r, "until", &w->until_ms) || !route_member_text(r, "reason", &reason))
        return false;
    if (w->until_ms == STORE_ABSENT)
        return bad(r, "until",
                   "is missing: a cap has an end; limits without one are limit_a of "
                   "the node ('noxctl apply -f FILE')");
    *ret_why = reason != NULL ? reason : request_why(r);
    return true;
}

/* --- setting one --- */

struct setting {
    struct request *request;
    struct store_cap row; /* texts: here, or static */
    char node[64], said[SAID_MAX];
    struct central_outlook outlook;
};

static const char *state_of(const struct store_cap *cap, int64_t now_ms)
{
    if (cap->ended_at_ms != STORE_ABSENT)
        return cap->ended_at_ms < cap->until_ms ? "taken back" : "ended";
    return cap->began_at_ms != STORE_ABSENT || cap->from_ms <= now_ms ? "in force" : "planned";
}

static void put_cap(struct ocpp_text *out, const struct store_cap *cap, int64_t now_ms)
{
    jout_int(out, "id", cap->id);
    jout_text(out, "node", cap->node);
    jout_text(out, "state", state_of(cap, now_ms));
    jout_amps3_of32(out, "limit_a", cap->limit_ma);
    jout_time(out, "from", cap->from_ms);
    jout_time(out, "until", cap->until_ms);
    jout_text(out, "said", cap->said);
    jout_text_or_null(out, "who", cap->who);
    jout_text_or_null(out, "reason", cap->why);
    jout_time(out, "asked_at", cap->asked_at_ms);
    jout_time(out, "began_at", cap->began_at_ms);
    jout_time(out, "ended_at", cap->ended_at_ms);
    jout_text(out, "ended_by", cap->ended_by);
}

static int64_t later(int64_t a_ms, int64_t b_ms)
{
    return a_ms > b_ms ? a_ms : b_ms;
}

static void put_outlook(struct ocpp_text *out, const struct setting *s)
{
    const struct central_outlook *o = &s->outlook;
    int64_t from_ms = s->row.from_ms > s->row.asked_at_ms ? s->row.from_ms : INT64_MIN;
    int64_t below_ms = later(o->below_ms, from_ms), alone_ms = later(o->alone_ms, from_ms);
    jout_time(out, "below_by", o->settles ? below_ms : STORE_ABSENT);
    jout_time(out, "at_the_latest", o->settles_alone ? alone_ms : STORE_ABSENT);
    jout_bool(out, "fits_now", o->fits_now);
    jout_int(out, "n_points", (int64_t)o->n_points);
    jout_int(out, "n_offline", (int64_t)o->n_offline);
}

/* The cap is in force and kept, whether the proof could be made or not. */
static void answer_cap(struct request *r, struct question *q)
{
    struct setting *s = grid_proof_rest(q);
    s->row.node = s->node;
    s->row.said = s->said;
    s->row.who = request_who(r);
    const char *reason = json_string_value(json_object_get(r->json, "reason"));
    s->row.why = reason != NULL ? reason : request_why(r);
    jout_open(&r->out, NULL, '{');
    put_cap(&r->out, &s->row, s->row.asked_at_ms);
    put_outlook(&r->out, s);
    if (q->rc == STORE_OK) {
        ocpp_text_append_str(&r->out, ",");
        ocpp_text_append(&r->out, q->out.data, q->out.len);
    }
    jout_close(&r->out, '}');
    free(s);
    request_answer(r, 200);
}

static void on_kept(void *arg, enum store_rc rc, const union store_result *result)
{
    struct setting *s = arg;
    struct request *r = s->request;
    (void)result;
    if (rc != STORE_OK) {
        request_fail(r, 503, "storage", NULL,
                     "the cap is in force now, but could not be stored (%s): a restart of noxd "
                     "would forget it; set it again when 'noxctl status' shows the storage well",
                     store_rc_text(rc));
        free(s);
    } else {
        grid_ask_proof(r, answer_cap, s);
    }
    request_unref(r);
}

void route_grid_cap(struct request *r)
{
    struct admin *a = r->admin;
    struct central_node_view node;
    struct wish w;
    const char *why;
    char text[300];
    if (!route_grid_node(r, &node) || !read_wish(r, &w, &why))
        return;
    struct setting *s = calloc(1, sizeof(*s));
    if (s == NULL) {
        request_fail(r, 503, "overloaded", NULL, "out of memory; try again");
        return;
    }
    int64_t now_ms = admin_now(a).utc_ms;
    struct central_cap_order order = { .node = r->param[0],
                                       .from_ms = w.from_ms != STORE_ABSENT ? w.from_ms : now_ms,
                                       .until_ms = w.until_ms,
                                       .said = w.said,
                                       .who = request_who(r),
                                       .why = why };
    memcpy(order.limit_ma, w.limit_ma, sizeof(order.limit_ma));
    s->request = r;
    snprintf(s->node, sizeof(s->node), "%s", r->param[0]);
    snprintf(s->said, sizeof(s->said), "%s", w.said);
    s->row = (struct store_cap){ .from_ms = order.from_ms > now_ms ? order.from_ms : now_ms,
                                 .until_ms = order.until_ms,
                                 .asked_at_ms = now_ms,
                                 .began_at_ms = STORE_ABSENT,
                                 .ended_at_ms = STORE_ABSENT };
    memcpy(s->row.limit_ma, w.limit_ma, sizeof(w.limit_ma));
    central_node_outlook(a->options.central, r->param[0], w.limit_ma, admin_now(a), &s->outlook);
    request_ref(r);
    struct store_done done = { .fn = on_kept, .arg = s };
    s->row.id = central_cap_set(a->options.central, &order, done, admin_now(a), text, sizeof(text));
    if (s->row.id <= 0) {
        request_fail(r, s->row.id == 0 ? 409 : 503, s->row.id == 0 ? "conflict" : "storage", NULL,
                     "%s: %s", r->param[0], text);
        free(s);
        request_unref(r);
    }
    loop_run_due(a->options.loop);
}

/* --- listing them --- */

struct list {
    struct ocpp_text *out;
    int64_t now_ms, last_id, n;
};

static bool take_cap(void *arg, const struct store_cap *cap)
{
    struct list *list = arg;
    jout_open(list->out, NULL, '{');
    put_cap(list->out, cap, list->now_ms);
    jout_close(list->out, '}');
    list->last_id = cap->id;
    list->n++;
    return true;
}

struct caps_asked {
    bool all;
    int64_t before_id, limit, now_ms;
};

static enum store_rc read_caps(struct question *q, struct reader *db)
{
    const struct caps_asked *asked = q->state;
    struct list list = { .out = &q->out, .now_ms = asked->now_ms };
    jout_open(&q->out, NULL, '{');
    jout_open(&q->out, "items", '[');
    enum store_rc rc =
        reader_caps(db, !asked->all, asked->before_id, asked->limit, take_cap, &list);
    jout_close(&q->out, ']');
    jout_int(&q->out, "next_before",
             asked->all && list.n == asked->limit ? list.last_id : STORE_ABSENT);
    jout_close(&q->out, '}');
    return rc;
}

static void answer_caps(struct request *r, struct question *q)
{
    free(q->state);
    question_answer(r, q);
}

void route_grid_caps(struct request *r)
{
    struct caps_asked *asked = calloc(1, sizeof(*asked));
    if (asked == NULL) {
        request_fail(r, 503, "overloaded", NULL, "out of memory; try again");
        return;
    }
    asked->now_ms = admin_now(r->admin).utc_ms;
    if (!request_query_flag(r, "all", &asked->all) ||
        !request_query_int(r, "before", 1, INT64_MAX, 0, &asked->before_id) ||
        !request_query_int(r, "limit", 1, LIST_MAX, 1000, &asked->limit)) {
        free(asked);
        return;
    }
    request_ask(r, read_caps, answer_caps, asked);
}

/* --- taking one back --- */

static void on_ended(void *arg, enum store_rc rc, const union store_result *result)
{
    struct request *r = arg;
    (void)result;
    if (rc != STORE_OK) {
        request_fail_rc(r, rc, "the cap has ended, but its end could not be stored", NULL);
    } else {
        jout_open(&r->out, NULL, '{');
        jout_int(&r->out, "id", strtoll(r->param[0], NULL, 10));
        jout_text(&r->out, "state", "taken back");
        jout_close(&r->out, '}');
        request_answer(r, 200);
    }
    request_unref(r);
}

void route_grid_cap_end(struct request *r)
{
    struct admin *a = r->admin;
    int64_t id;
    if (!route_number(r, "cap", &id))
        return;
    request_ref(r);
    struct store_done done = { .fn = on_ended, .arg = r };
    if (!central_cap_end(a->options.central, id, request_who(r), done, admin_now(a))) {
        request_fail(r, 404, "not-found", NULL,
                     "there is no cap %" PRId64 " that has not ended; 'noxctl grid caps --all' "
                     "shows those that have",
                     id);
        request_unref(r);
    }
    loop_run_due(a->options.loop);
}
