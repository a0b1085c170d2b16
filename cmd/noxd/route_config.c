/* Configuration as wanted, quirks, deviations by model, stations that wait for approval. */
#include <stdlib.h>
#include <string.h>

#include "cmd/noxd/apply_file.h"
#include "cmd/noxd/jout.h"
#include "cmd/noxd/route.h"
#include "cmd/noxd/views.h"
#include "ocpp/wire/config_keys.h"

/* --- a list from the database --- */

static enum store_rc put_items(struct ocpp_text *out, struct reader *db,
                               enum store_rc (*read)(struct reader *db, struct ocpp_text *out))
{
    jout_open(out, NULL, '{');
    jout_open(out, "items", '[');
    enum store_rc rc = read(db, out);
    jout_close(out, ']');
    jout_close(out, '}');
    return rc;
}

/* --- deviations by model --- */

static bool take_violation(void *arg, const struct store_violation *v)
{
    struct ocpp_text *out = arg;
    jout_open(out, NULL, '{');
    jout_text(out, "vendor", v->vendor);
    jout_text(out, "model", v->model);
    jout_text(out, "firmware", v->firmware);
    jout_text(out, "kind", v->kind);
    jout_int(out, "count", v->count);
    jout_time(out, "first_at", v->first_at_ms);
    jout_time(out, "last_at", v->last_at_ms);
    jout_text(out, "station", v->station);
    jout_text(out, "example", v->example);
    jout_close(out, '}');
    return true;
}

static enum store_rc list_violations(struct reader *db, struct ocpp_text *out)
{
    return reader_violations(db, take_violation, out);
}

static enum store_rc read_violations(struct question *q, struct reader *db)
{
    return put_items(&q->out, db, list_violations);
}

static void on_flushed(void *arg, enum store_rc rc, const union store_result *result)
{
    struct request *r = arg;
    (void)rc; /* what cannot be written now is not in the list; the rest is */
    (void)result;
    request_ask(r, read_violations, NULL, NULL);
    request_unref(r);
}

void route_violations(struct request *r)
{
    struct store_done done = { on_flushed, r };
    request_ref(r);
    if (central_flush_violations(r->admin->options.central, done))
        return;
    request_ask(r, read_violations, NULL, NULL);
    request_unref(r);
}

/* --- stations that wait for approval --- */

static bool take_waiting(void *arg, const struct store_waiting *w)
{
    struct ocpp_text *out = arg;
    jout_open(out, NULL, '{');
    jout_text(out, "station", w->station);
    jout_text(out, "registration", view_registration(w->registration));
    jout_text(out, "vendor", w->vendor);
    jout_text(out, "model", w->model);
    jout_text(out, "serial", w->serial);
    jout_text(out, "firmware", w->firmware);
    jout_text(out, "address", w->address);
    jout_time(out, "first_at", w->first_at_ms);
    jout_time(out, "last_at", w->last_at_ms);
    jout_int(out, "boots", w->n_boots);
    jout_close(out, '}');
    return true;
}

static enum store_rc list_waiting(struct reader *db, struct ocpp_text *out)
{
    return reader_waiting(db, take_waiting, out);
}

static enum store_rc read_waiting(struct question *q, struct reader *db)
{
    return put_items(&q->out, db, list_waiting);
}

void route_waiting(struct request *r)
{
    request_ask(r, read_waiting, NULL, NULL);
}

/* --- configuration as wanted --- */

static void put_wish(struct ocpp_text *out, const struct store_key_wish *w, bool online)
{
    jout_open(out, NULL, '{');
    jout_text(out, "station", w->station);
    jout_text(out, "key", w->key);
    jout_text(out, "wanted", w->wanted);
    jout_text(out, "reported", w->reported);
    jout_text(out, "state", store_key_state_text(w->state));
    jout_text(out, "source", w->source);
    jout_text_or_null(out, "note", w->note);
    jout_text_or_null(out, "hint", ocpp_config_hint(w->key, w->wanted));
    jout_text(out, "firmware", w->firmware);
    jout_text_or_null(out, "who", w->who);
    jout_text_or_null(out, "why", w->why);
    jout_time(out, "at", w->at_ms);
    jout_bool(out, "online", online);
    jout_close(out, '}');
}

static void put_wishes(struct request *r, size_t i, bool all)
{
    struct central *c = r->admin->options.central;
    struct central_station_view station;
    struct store_key_wish w;
    bool online = central_station_view(c, i, &station) && station.online;
    for (size_t k = 0; central_wish_view(c, i, k, &w); k++)
        if (all || w.state != STORE_KEY_SAME)
            put_wish(&r->out, &w, online);
}

void route_config_drift(struct request *r)
{
    struct central *c = r->admin->options.central;
    const char *station = request_query(r, "station");
    bool all;
    size_t i = 0;
    if (!request_query_flag(r, "all", &all))
        return;
    if (station != NULL && !central_station_find(c, station, &i)) {
        request_fail(r, 404, "not-found", NULL,
                     "there is no station %s; 'noxctl station list' names all", station);
        return;
    }
    jout_open(&r->out, NULL, '{');
    jout_open(&r->out, "items", '[');
    if (station != NULL)
        put_wishes(r, i, all);
    for (i = 0; station == NULL && i < central_station_count(c); i++)
        put_wishes(r, i, all);
    jout_close(&r->out, ']');
    jout_close(&r->out, '}');
    request_answer(r, 200);
}

static void on_configured(void *arg, const struct central_config_result *result)
{
    struct request *r = arg;
    if (result->trouble != NULL) {
        request_fail(r, 409, "station-offline", NULL, "%s", result->trouble);
    } else {
        jout_open(&r->out, NULL, '{');
        jout_text(&r->out, "station", r->param[0]);
        jout_int(&r->out, "set", (int64_t)result->n_set);
        jout_int(&r->out, "wanted", (int64_t)result->n_wanted);
        jout_int(&r->out, "same", (int64_t)result->n_same);
        jout_int(&r->out, "drift", (int64_t)result->n_drift);
        jout_int(&r->out, "reboot_required", (int64_t)result->n_reboot);
        jout_close(&r->out, '}');
        request_answer(r, 200);
    }
    request_unref(r);
}

void route_config_apply(struct request *r)
{
    struct admin *a = r->admin;
    size_t i;
    if (!central_station_find(a->options.central, r->param[0], &i)) {
        request_fail(r, 404, "not-found", NULL,
                     "there is no station %s; 'noxctl station list' names all", r->param[0]);
        return;
    }
    request_ref(r);
    central_config_apply(a->options.central, r->param[0], request_who(r), request_why(r),
                         on_configured, r, admin_now(a));
    loop_run_due(a->options.loop);
}

/* --- templates --- */

static enum store_rc read_templates(struct question *q, struct reader *db)
{
    const struct store_site *site;
    enum store_rc rc = reader_site(db, &site);
    jout_open(&q->out, NULL, '{');
    jout_open(&q->out, "items", '[');
    for (size_t i = 0; rc == STORE_OK && i < site->n_templates; i++) {
        jout_open(&q->out, NULL, '{');
        apply_write(apply_lists[APPLY_TEMPLATES].object, &site->config_template[i], &q->out);
        jout_close(&q->out, '}');
    }
    jout_close(&q->out, ']');
    jout_close(&q->out, '}');
    return rc;
}

void route_templates(struct request *r)
{
    request_ask(r, read_templates, NULL, NULL);
}

void route_template_put(struct request *r)
{
    bool dry_run;
    if (!request_query_flag(r, "dry_run", &dry_run))
        return;
    json_object_set_new(r->json, "id", json_string(r->param[0]));
    json_t *root = json_pack("{s:[O]}", "templates", r->json);
    if (root == NULL)
        request_fail(r, 422, "invalid-data", "id", "id: is no UTF-8 text");
    else
        admin_apply(r, root, "templates", dry_run, false);
}

void route_template_delete(struct request *r)
{
    if (!admin_can_write(r))
        return;
    struct store_done done = admin_written(r, "template", true);
    if (!store_template_remove(r->admin->options.store, r->param[0], done))
        admin_not_taken(r);
}

/* --- quirks --- */

static void put_quirk(struct ocpp_text *out, const struct central_quirk_view *q)
{
    char *set = json_dumps(q->set, JSON_COMPACT);
    jout_open(out, NULL, '{');
    jout_text(out, "id", q->id);
    jout_open(out, "match", '{');
    jout_text(out, "vendor", q->vendor);
    jout_text(out, "model", q->model);
    jout_text(out, "firmware", q->firmware);
    jout_close(out, '}');
    jout_raw(out, "set", set);
    jout_text(out, "why", q->why);
    jout_bool(out, "shipped", q->shipped);
    jout_close(out, '}');
    free(set);
}

static void put_switches(struct ocpp_text *out)
{
    const char *name, *what;
    jout_open(out, "switches", '[');
    for (size_t i = 0; central_quirk_switch(i, &name, &what); i++) {
        jout_open(out, NULL, '{');
        jout_text(out, "switch", name);
        jout_text(out, "meaning", what);
        jout_close(out, '}');
    }
    jout_close(out, ']');
}

void route_quirks(struct request *r)
{
    struct central *c = r->admin->options.central;
    const char *station = request_query(r, "station");
    struct central_quirk_view q;
    size_t at = 0;
    if (station != NULL && !central_station_find(c, station, &at)) {
        request_fail(r, 404, "not-found", NULL,
                     "there is no station %s; 'noxctl station list' names all", station);
        return;
    }
    jout_open(&r->out, NULL, '{');
    jout_open(&r->out, "items", '[');
    for (size_t i = 0; central_quirk_view(c, i, &q); i++)
        if (station == NULL || central_quirk_fits(c, i, at))
            put_quirk(&r->out, &q);
    jout_close(&r->out, ']');
    put_switches(&r->out);
    jout_close(&r->out, '}');
    request_answer(r, 200);
}
