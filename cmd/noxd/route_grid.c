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
static bool read_amps3(struct request *r, const char *name, int32_t ma[3])
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

static bool find_node(struct request *r, struct central_node_view *ret_node)
{
    const struct admin *a = r->admin;
    for (size_t i = 0; central_node_view(a->options.central, i, admin_now(a), ret_node); i++)
        if (strcmp(ret_node->id, r->param[0]) == 0)
            return true;
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

/* --- the proof: on the configuration as it is stored, and with the limits in force now --- */

/* "grid node X, L2: ..." names the node after these words. */
static const char *const node_words = "grid node ";

static void put_node(const struct store_site *site, const char *text, struct ocpp_text *out)
{
    size_t words = strlen(node_words);
    for (size_t i = 0; i < site->n_grid; i++) {
        size_t len = strlen(site->grid[i].id);
        if (strncmp(text, node_words, words) == 0 &&
            strncmp(text + words, site->grid[i].id, len) == 0 && text[words + len] == ',') {
            jout_text(out, "node", site->grid[i].id);
            return;
        }
    }
    jout_null(out, "node");
}

/* The limits in force, for a worker. */
struct live_node {
    char id[64];
    int32_t limit_ma[3], foreign_ma[3];
};
struct live {
    size_t n;
    struct live_node node[];
};

/* @return NULL after an answer; free() */
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
    for (; live->n < n; live->n++) {
        struct live_node *node = &live->node[live->n];
        if (!central_node_view(a->options.central, live->n, admin_now(a), &view))
            break;
        snprintf(node->id, sizeof(node->id), "%s", view.id);
        memcpy(node->limit_ma, view.load.limit_ma, sizeof(node->limit_ma));
        memcpy(node->foreign_ma, view.load.foreign_ma, sizeof(node->foreign_ma));
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

static bool prove_live(const struct store_site *stored, const struct live *live, char *ret_text,
                       size_t size)
{
    struct store_site site = *stored;
    struct store_grid_node *grid = calloc(stored->n_grid + 1, sizeof(*grid));
    if (grid == NULL) {
        snprintf(ret_text, size, "out of memory; try again");
        return false;
    }
    for (size_t i = 0; i < stored->n_grid; i++) {
        const struct live_node *node = live_find(live, stored->grid[i].id);
        grid[i] = stored->grid[i];
        if (node == NULL)
            continue;
        memcpy(grid[i].limit_ma, node->limit_ma, sizeof(node->limit_ma));
        memcpy(grid[i].foreign_ma, node->foreign_ma, sizeof(node->foreign_ma));
    }
    site.grid = grid;
    bool holds = central_prove(&site, ret_text, size);
    free(grid);
    return holds;
}

/* Members of the answer: what does not hold is the stored site first, then the limits of now. */
static enum store_rc read_proof(struct question *q, struct reader *db)
{
    static const char *const by[] = {
        "all safe currents fit below every node, whatever happens", "",
        "as configured it holds, but not with the limits in force now ('noxctl grid limit'): "
    };
    const struct store_site *site;
    char text[300];
    enum store_rc rc = reader_site_but_tags(db, &site);
    if (rc != STORE_OK)
        return rc;
    bool stored = central_prove(site, text, sizeof(text));
    bool live = stored && prove_live(site, q->state, text, sizeof(text));
    const char *what = by[!stored ? 1 : !live ? 2 : 0];
    jout_bool(&q->out, "holds", stored && live);
    jout_bool(&q->out, "holds_as_configured", stored);
    char whole[500];
    snprintf(whole, sizeof(whole), "%s%s", what, live ? "" : text);
    jout_text(&q->out, "text", whole);
    if (!live)
        put_node(site, text, &q->out);
    return STORE_OK;
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
    if (!find_node(r, &node))
        return;
    memcpy(limit_ma, node.load.limit_ma, sizeof(limit_ma));
    memcpy(foreign_ma, node.load.foreign_ma, sizeof(foreign_ma));
    if (!only_limits(r) || !read_amps3(r, "limit_a", limit_ma) ||
        !read_amps3(r, "foreign_a", foreign_ma))
        return;
    central_node_limit(a->options.central, r->param[0], limit_ma, foreign_ma, admin_now(a));
    loop_run_due(a->options.loop);
    struct live *live = live_limits(r);
    if (live != NULL)
        request_ask(r, read_proof, answer_limit, live);
}
