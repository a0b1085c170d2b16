/* The grid tree: who draws what, limits that change at once, the proof. */
#include <math.h>
#include <stdio.h>
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
    jout_open(&r->out, NULL, '{');
    jout_text(&r->out, "id", r->param[0]);
    jout_amps3_of32(&r->out, "limit_a", limit_ma);
    jout_amps3_of32(&r->out, "foreign_a", foreign_ma);
    jout_close(&r->out, '}');
    request_answer(r, 200);
}

/* --- the proof: on the configuration as it is stored --- */

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

static enum store_rc read_proof(struct question *q, struct reader *db)
{
    const struct store_site *site;
    char text[300];
    enum store_rc rc = reader_site(db, &site);
    if (rc != STORE_OK)
        return rc;
    bool holds = central_prove(site, text, sizeof(text));
    jout_open(&q->out, NULL, '{');
    jout_bool(&q->out, "holds", holds);
    jout_text(&q->out, "text",
              holds ? "all safe currents fit below every node, whatever happens" : text);
    if (!holds)
        put_node(site, text, &q->out);
    jout_close(&q->out, '}');
    return STORE_OK;
}

void route_grid_prove(struct request *r)
{
    request_ask(r, read_proof, NULL, NULL);
}
