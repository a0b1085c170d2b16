/* Local authorization lists: how each station's stands, what belongs into it, bringing it there. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/noxd/apply_file.h"
#include "cmd/noxd/jout.h"
#include "cmd/noxd/route.h"
#include "ocpp/central/central.h"

static void put_time(struct ocpp_text *out, const char *name, int64_t at_ms)
{
    if (at_ms != STORE_ABSENT)
        jout_time(out, name, at_ms);
    else
        jout_null(out, name);
}

static void put_list(struct ocpp_text *out, const struct central_local_list *l)
{
    jout_text(out, "station", l->station);
    jout_text(out, "state", l->state);
    jout_int(out, "wanted", l->wanted);
    jout_int(out, "installed", l->installed);
    jout_int(out, "entries", l->entries);
    jout_int(out, "entries_wanted", (int64_t)l->entries_wanted);
    jout_int(out, "max_entries", l->max_entries);
    jout_bool(out, "truncated", l->cut != NULL);
    jout_text_or_null(out, "result", l->result);
    jout_text_or_null(out, "unable", l->unable);
    put_time(out, "asked_at", l->asked_at_ms);
    put_time(out, "at", l->at_ms);
    jout_int(out, "full", l->n_full);
    jout_int(out, "differential", l->n_differential);
    jout_int(out, "failed", l->n_failed);
}

void route_local_lists(struct request *r)
{
    struct central_local_list l;
    const char *only = request_query(r, "station");
    size_t place = 0;
    if (only != NULL && !central_station_find(r->admin->options.central, only, &place)) {
        request_fail(r, 404, "not-found", "station", "there is no station %.60s", only);
        return;
    }
    jout_open(&r->out, NULL, '{');
    jout_open(&r->out, "items", '[');
    for (size_t i = place; central_local_list_view(r->admin->options.central, i, &l); i++) {
        jout_open(&r->out, NULL, '{');
        put_list(&r->out, &l);
        jout_close(&r->out, '}');
        if (only != NULL)
            break;
    }
    jout_close(&r->out, ']');
    jout_close(&r->out, '}');
    request_answer(r, 200);
}

/* --- the entries of one --- */

struct entries {
    struct question *q;
    char *groups, *cut; /* NULL = none */
    bool groups_only;
    char head[1000];
};

static bool take_entry(void *arg, const struct store_tag *tag)
{
    struct entries *e = arg;
    struct ocpp_text *out = &e->q->out;
    if (!central_local_list_wants(e->groups, e->groups_only, e->cut, tag))
        return true;
    jout_open(out, NULL, '{');
    jout_text(out, "id_tag", tag->id_tag);
    jout_text(out, "status", tag->status == STORE_AUTH_BLOCKED ? "Blocked" : "Accepted");
    jout_text_or_null(out, "parent_id_tag", tag->parent_id_tag);
    put_time(out, "expires", tag->expires_at_ms);
    jout_int(out, "revision", tag->revision);
    jout_close(out, '}');
    return !out->failed;
}

static enum store_rc read_entries(struct question *q, struct reader *db)
{
    struct entries *e = q->state;
    struct reader_tag_filter all = { .status = 0 };
    e->q = q;
    jout_open(&q->out, NULL, '{');
    ocpp_text_append_str(&q->out, e->head);
    jout_open(&q->out, "items", '[');
    enum store_rc rc = reader_tags(db, &all, take_entry, e);
    jout_close(&q->out, ']');
    jout_close(&q->out, '}');
    return rc;
}

static void then_entries(struct request *r, struct question *q)
{
    struct entries *e = q->state;
    question_answer(r, q);
    free(e->groups);
    free(e->cut);
    free(e);
}

void route_local_list(struct request *r)
{
    struct central_local_list l;
    size_t place;
    if (!central_station_find(r->admin->options.central, r->param[0], &place) ||
        !central_local_list_view(r->admin->options.central, place, &l)) {
        request_fail(r, 404, "not-found", NULL, "there is no station %.60s", r->param[0]);
        return;
    }
    struct entries *e = calloc(1, sizeof(*e));
    if (e == NULL) {
        request_fail(r, 503, "overloaded", NULL, "out of memory; try again");
        return;
    }
    struct ocpp_text head;
    ocpp_text_init(&head);
    put_list(&head, &l);
    snprintf(e->head, sizeof(e->head), "%s", head.data);
    ocpp_text_done(&head);
    e->groups = l.groups != NULL ? strdup(l.groups) : NULL;
    e->cut = l.cut != NULL ? strdup(l.cut) : NULL;
    e->groups_only = l.groups_only;
    request_ask(r, read_entries, then_entries, e);
}

/* --- now --- */

void route_local_list_sync(struct request *r)
{
    static const char
        *const said[] = { [CENTRAL_LIST_ASKED] = "asked", [CENTRAL_LIST_UNDER_WAY] = "under way" };
    const json_t *full = json_object_get(r->json, "full");
    const char *station = r->param[0];
    if (full != NULL && !json_is_boolean(full)) {
        request_fail(r, 422, "invalid-data", "full", "full: must be true or false");
        return;
    }
    enum central_list_asked asked = central_local_list_sync(
        r->admin->options.central, station, json_is_true(full), admin_now(r->admin));
    switch (asked) {
    case CENTRAL_LIST_NO_STATION:
        request_fail(r, 404, "not-found", NULL, "there is no station %.60s", station);
        return;
    case CENTRAL_LIST_OFFLINE:
        request_fail(r, 409, "station-offline", NULL,
                     "%.60s is not connected; its list follows when it is", station);
        return;
    case CENTRAL_LIST_OFF:
        request_fail(r, 409, "conflict", NULL,
                     "the list of %.60s is not kept: local_list of the station is false, or noxd "
                     "runs with --local-lists off",
                     station);
        return;
    default:
        break;
    }
    jout_open(&r->out, NULL, '{');
    jout_text(&r->out, "station", station);
    jout_text(&r->out, "result", said[asked]);
    jout_close(&r->out, '}');
    request_answer(r, 200);
}
