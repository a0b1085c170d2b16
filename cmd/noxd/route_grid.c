/* The grid tree: who draws what, limits that change at once, the proof. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/noxd/jout.h"
#include "cmd/noxd/route.h"
#include "cmd/noxd/views.h"

enum { LIMIT_MAX_A = 10000 };

void route_grid(struct request *r)
{
    jout_open(&r->out, NULL, '{');
    jout_open(&r->out, "items", '[');
    view_grid(r->admin, true, &r->out);
    jout_close(&r->out, ']');
    jout_close(&r->out, '}');
    request_answer(r, 200);
}

static bool read_amps(json_t *json, int32_t *ret_ma)
{
    double amps = json_number_value(json);
    if (!json_is_number(json) || !(amps >= 0 && amps <= LIMIT_MAX_A))
        return false;
    *ret_ma = (int32_t)lround(amps * 1000);
    return true;
}

/* A number for all phases, or a list of three; what is not named stays. */
bool route_member_amps3(struct request *r, const char *name, int32_t ma[3])
{
    json_t *json = json_object_get(r->json, name);
    bool good = json == NULL;
    if (json_is_number(json)) {
        good = read_amps(json, &ma[0]);
        ma[1] = ma[2] = ma[0];
    } else if (json_is_array(json) && json_array_size(json) == 3) {
        good = true;
        for (size_t p = 0; p < 3; p++)
            good = good && read_amps(json_array_get(json, p), &ma[p]);
    }
    if (!good)
        request_fail(r, 422, "invalid-data", name,
                     "%s: must be amperes from 0 to %d, or a list of three: [L1, L2, L3]", name,
                     LIMIT_MAX_A);
    return good;
}

bool route_grid_node(struct request *r, struct central_node_view *ret_node)
{
    const struct admin *a = r->admin;
    size_t i;
    if (central_node_find(a->options.central, r->param[0], &i))
        return central_node_view(a->options.central, i, admin_now(a), ret_node);
    request_fail(r, 404, "not-found", NULL,
                 "there is no grid node %s; 'noxctl grid show' names all", r->param[0]);
    return false;
}

static bool only_limits(struct request *r)
{
    const char *key;
    json_t *value;
    json_object_foreach(r->json, key, value)
    {
        if (strcmp(key, "limit_a") == 0 || strcmp(key, "foreign_a") == 0)
            continue;
        request_fail(r, 422, "invalid-data", key,
                     "%s: is not known here; this takes limit_a and foreign_a", key);
        return false;
    }
    if (json_object_size(r->json) > 0)
        return true;
    request_fail(r, 422, "invalid-data", "limit_a", "limit_a: is missing");
    return false;
}

/* --- the proof: on the configuration as it is stored, and with what was set since --- */

/* A limit that was set until the next restart, for a worker. */
struct live_node {
    char id[64];
    int32_t limit_ma[3], foreign_ma[3];
};
struct live {
    void *rest; /* of who asks */
    int64_t now_ms;
    size_t n;
    struct live_node node[];
};

static struct live *live_limits(struct request *r)
{
    const struct admin *a = r->admin;
    size_t n = central_node_count(a->options.central);
    struct live *live = calloc(1, sizeof(*live) + n * sizeof(live->node[0]));
    struct central_node_view view;
    if (live == NULL) {
        request_fail(r, 503, "overloaded", NULL, "out of memory; try again");
        return NULL;
    }
    live->now_ms = admin_now(a).utc_ms;
    for (size_t i = 0; i < n && central_node_view(a->options.central, i, admin_now(a), &view);
         i++) {
        struct live_node *node = &live->node[live->n];
        if (!view.overridden)
            continue;
        live->n++;
        snprintf(node->id, sizeof(node->id), "%s", view.id);
        memcpy(node->limit_ma, view.set_limit_ma, sizeof(node->limit_ma));
        memcpy(node->foreign_ma, view.set_foreign_ma, sizeof(node->foreign_ma));
    }
    return live;
}

static const struct live_node *live_find(const struct live *live, const char *id)
{
    for (size_t i = 0; i < live->n; i++)
        if (strcmp(live->node[i].id, id) == 0)
            return &live->node[i];
    return NULL;
}

/* --- what does not fit --- */

static void put_point(struct ocpp_text *out, const struct central_culprit_point *point)
{
    jout_open(out, NULL, '{');
    jout_text(out, "station", point->station);
    jout_int(out, "connector", point->connector);
    jout_amps(out, "current_a", point->ma);
    jout_text(out, "counts_at", point->at_rating ? "rating" : "safe current");
    jout_close(out, '}');
}

struct culprits {
    struct ocpp_text *out;
    char node[64]; /* of the first */
};

static void put_culprit(void *arg, const struct central_culprit *culprit)
{
    struct culprits *all = arg;
    static const char *const phases[] = { "L1", "L2", "L3" };
    const struct sched_culprit *what = culprit->what;
    struct ocpp_text *out = all->out;
    if (all->node[0] == '\0')
        snprintf(all->node, sizeof(all->node), "%s", culprit->node);
    jout_open(out, NULL, '{');
    jout_text(out, "node", culprit->node);
    jout_text(out, "phase", phases[what->phase]);
    jout_time(out, "from", what->first_ms);
    jout_time(out, "worst_at", what->at_ms);
    jout_amps(out, "sum_a", what->sum_ma);
    jout_decimal(out, "capacity_a", what->capacity_ma, 3);
    jout_amps(out, "limit_a", what->limit_ma);
    jout_text(out, "limit_why", what->limit_why);
    jout_amps(out, "foreign_a", what->foreign_ma);
    jout_text(out, "foreign_why", what->foreign_why);
    jout_amps(out, "safe_a", what->safe_ma);
    jout_amps(out, "rating_a", what->rating_ma);
    jout_int(out, "n_points", (int64_t)culprit->n_points);
    jout_open(out, "points", '[');
    for (size_t i = 0; i < culprit->n_points; i++)
        put_point(out, &culprit->point[i]);
    jout_close(out, ']');
    jout_close(out, '}');
}

/* --- the question --- */

/* Caps that have not ended. */
struct cap_list {
    struct store_cap *cap;
    char (*node)[64];
    size_t n, room;
};

static bool take_cap(void *arg, const struct store_cap *cap)
{
    struct cap_list *list = arg;
    if (list->n == list->room) {
        size_t room = list->room > 0 ? 2 * list->room : 16;
        void *grown = realloc(list->cap, room * sizeof(*list->cap));
        list->cap = grown != NULL ? grown : list->cap;
        void *nodes = grown != NULL ? realloc(list->node, room * sizeof(*list->node)) : NULL;
        list->node = nodes != NULL ? nodes : list->node;
        if (nodes == NULL)
            return false;
        list->room = room;
    }
    list->cap[list->n] = *cap;
    snprintf(list->node[list->n++], sizeof(*list->node), "%s", cap->node);
    return true;
}

static void cap_list_done(struct cap_list *list)
{
    free(list->cap);
    free(list->node);
}

/* The site with the limits that were set since. */
static bool with_limits(const struct store_site *stored, const struct live *live,
                        struct store_site *ret_site, struct store_grid_node **ret_grid)
{
    struct store_grid_node *grid = calloc(stored->n_grid + 1, sizeof(*grid));
    if (grid == NULL)
        return false;
    for (size_t i = 0; i < stored->n_grid; i++) {
        const struct live_node *node = live_find(live, stored->grid[i].id);
        grid[i] = stored->grid[i];
        if (node == NULL)
            continue;
        memcpy(grid[i].limit_ma, node->limit_ma, sizeof(node->limit_ma));
        memcpy(grid[i].foreign_ma, node->foreign_ma, sizeof(node->foreign_ma));
    }
    *ret_site = *stored;
    ret_site->grid = *ret_grid = grid;
    return true;
}

/* @param same  nothing was set since: the proof of what is stored says all */
static void put_verdict(struct question *q, const struct central_proof *proof, bool stored,
                        bool same)
{
    static const char *const holds = "all safe currents fit below every node, whatever happens";
    static const char *const since = "as configured it holds, but not with the caps and limits "
                                     "in force now or planned: ";
    char text[400], whole[500];
    jout_open(&q->out, "culprits", '[');
    struct culprits all = { .out = &q->out };
    size_t n =
        stored && same ? 0 : central_prove_each(proof, put_culprit, &all, text, sizeof(text));
    jout_close(&q->out, ']');
    snprintf(whole, sizeof(whole), "%s%s", stored && n > 0 ? since : "", n > 0 ? text : holds);
    jout_bool(&q->out, "holds", n == 0);
    jout_bool(&q->out, "holds_as_configured", stored);
    jout_text(&q->out, "text", whole);
    jout_text_or_null(&q->out, "node", all.node);
}

/* Members of the answer: what does not hold is the stored site first, then what was set since. */
static enum store_rc read_proof(struct question *q, struct reader *db)
{
    const struct live *live = q->state;
    const struct store_site *site;
    struct store_site with;
    struct store_grid_node *grid = NULL;
    struct cap_list caps = { .cap = NULL };
    char text[400];
    enum store_rc rc = reader_site_but_tags(db, &site);
    if (rc == STORE_OK)
        rc = reader_caps(db, true, 0, 0, take_cap, &caps);
    if (rc == STORE_OK && !with_limits(site, live, &with, &grid))
        rc = STORE_IO;
    if (rc == STORE_OK) {
        for (size_t i = 0; i < caps.n; i++)
            caps.cap[i].node = caps.node[i];
        bool stored = central_prove(site, live->now_ms, text, sizeof(text));
        struct central_proof proof = { .site = stored ? &with : site,
                                       .cap = caps.cap,
                                       .n_caps = stored ? caps.n : 0,
                                       .from_ms = live->now_ms };
        put_verdict(q, &proof, stored, caps.n == 0 && live->n == 0);
    }
    free(grid);
    cap_list_done(&caps);
    return rc;
}

static void answer_proof(struct request *r, struct question *q)
{
    free(q->state);
    if (q->rc != STORE_OK) {
        question_answer(r, q);
        return;
    }
    jout_open(&r->out, NULL, '{');
    ocpp_text_append(&r->out, q->out.data, q->out.len);
    jout_close(&r->out, '}');
    request_answer(r, 200);
}

void route_grid_prove(struct request *r)
{
    struct live *live = live_limits(r);
    if (live != NULL)
        request_ask(r, read_proof, answer_proof, live);
}

void grid_ask_proof(struct request *r, void (*then)(struct request *r, struct question *q),
                    void *rest)
{
    struct live *live = live_limits(r);
    if (live == NULL) {
        free(rest);
        return;
    }
    live->rest = rest;
    request_ask(r, read_proof, then, live);
}

void *grid_proof_rest(struct question *q)
{
    struct live *live = q->state;
    void *rest = live->rest;
    free(live);
    return rest;
}

/* --- limits that change at once --- */

/* The limit is in force, whether the proof could be made or not. */
static void answer_limit(struct request *r, struct question *q)
{
    const struct live_node *node = live_find(q->state, r->param[0]);
    jout_open(&r->out, NULL, '{');
    jout_text(&r->out, "id", r->param[0]);
    if (node != NULL) {
        jout_amps3_of32(&r->out, "limit_a", node->limit_ma);
        jout_amps3_of32(&r->out, "foreign_a", node->foreign_ma);
    }
    if (q->rc == STORE_OK) {
        ocpp_text_append_str(&r->out, ",");
        ocpp_text_append(&r->out, q->out.data, q->out.len);
    }
    jout_close(&r->out, '}');
    free(q->state);
    request_answer(r, 200);
}

void route_grid_limit(struct request *r)
{
    struct admin *a = r->admin;
    struct central_node_view node;
    int32_t limit_ma[3], foreign_ma[3];
    if (!route_grid_node(r, &node))
        return;
    memcpy(limit_ma, node.set_limit_ma, sizeof(limit_ma));
    memcpy(foreign_ma, node.set_foreign_ma, sizeof(foreign_ma));
    if (!only_limits(r) || !route_member_amps3(r, "limit_a", limit_ma) ||
        !route_member_amps3(r, "foreign_a", foreign_ma))
        return;
    central_node_limit(a->options.central, r->param[0], limit_ma, foreign_ma, admin_now(a));
    loop_run_due(a->options.loop);
    struct live *live = live_limits(r);
    if (live != NULL)
        request_ask(r, read_proof, answer_limit, live);
}
