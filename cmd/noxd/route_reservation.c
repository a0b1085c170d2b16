/* Reservations: the list, and making one. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/noxd/jout.h"
#include "cmd/noxd/route.h"
#include "ocpp/wire/iso8601.h"

enum { RESERVATIONS_DEFAULT = 100, RESERVATIONS_MAX = 10000, ANSWER_TIMEOUT_MAX_S = 600 };

static const char *const state_words[] = { "all",      "requested", "active", "used",
                                           "expired",  "cancelled", "ended",  "refused",
                                           "replaced", NULL };

/* --- the list --- */

struct reservation_list {
    struct ocpp_text *out;
    int64_t n, last_num;
};

static bool take_reservation(void *arg, const struct store_reservation *r)
{
    struct reservation_list *l = arg;
    jout_open(l->out, NULL, '{');
    jout_int(l->out, "num", r->num);
    jout_int(l->out, "id", r->id);
    jout_text(l->out, "station", r->station);
    jout_int(l->out, "connector", r->connector);
    jout_text(l->out, "id_tag", r->id_tag);
    jout_text(l->out, "parent", r->parent);
    jout_text(l->out, "state", store_reservation_state_text(r->state));
    jout_text_or_null(l->out, "note", r->note);
    jout_time(l->out, "asked_at", r->asked_at_ms);
    jout_time(l->out, "expires_at", r->expires_at_ms);
    jout_time(l->out, "changed_at", r->changed_at_ms);
    jout_int(l->out, "tx_id", r->tx_id != 0 ? r->tx_id : STORE_ABSENT);
    jout_text(l->out, "who", r->who);
    jout_text_or_null(l->out, "why", r->why);
    jout_close(l->out, '}');
    l->n++;
    l->last_num = r->num;
    return true;
}

static bool read_filter(struct request *r, struct reader_reservation_filter *f)
{
    size_t state;
    int64_t id;
    *f = (struct reader_reservation_filter){ .station = request_query(r, "station") };
    if (!request_query_int(r, "before", 0, INT64_MAX, 0, &f->before_num) ||
        !request_query_int(r, "limit", 1, RESERVATIONS_MAX, RESERVATIONS_DEFAULT, &f->limit) ||
        !request_query_int(r, "id", 1, INT32_MAX, 0, &id) ||
        !request_query_word(r, "state", state_words, 0, &state) ||
        !request_query_flag(r, "live", &f->live))
        return false;
    f->state = (int32_t)state;
    f->id = (int32_t)id;
    return true;
}

static enum store_rc read_reservations(struct question *q, struct reader *db)
{
    struct reservation_list list = { .out = &q->out };
    struct reader_reservation_filter f;
    read_filter(q->request, &f);
    jout_open(&q->out, NULL, '{');
    jout_open(&q->out, "items", '[');
    enum store_rc rc = reader_reservations(db, &f, take_reservation, &list);
    jout_close(&q->out, ']');
    if (list.n == f.limit)
        jout_int(&q->out, "next_before", list.last_num);
    else
        jout_null(&q->out, "next_before");
    jout_close(&q->out, '}');
    return rc;
}

void route_reservations(struct request *r)
{
    struct reader_reservation_filter filter;
    if (read_filter(r, &filter))
        request_ask(r, read_reservations, NULL, NULL);
}

/* --- making one --- */

struct reserving {
    struct request *request;
    int32_t id;
    int64_t expires_at_ms;
};

static void on_reserved(void *arg, const struct central_reply *reply)
{
    struct reserving *wish = arg;
    struct request *r = wish->request;
    char *payload = json_dumps(reply->payload, JSON_COMPACT);
    if (reply->outcome == CENTRAL_ANSWERED) {
        jout_open(&r->out, NULL, '{');
        jout_text(&r->out, "outcome", "answered");
        jout_raw(&r->out, "payload", payload);
        jout_int(&r->out, "id", wish->id);
        jout_time(&r->out, "expires_at", wish->expires_at_ms);
        jout_close(&r->out, '}');
        request_answer(r, 200);
        request_unref(r);
    } else {
        route_call_reply(r, reply);
    }
    free(payload);
    free(wish);
}

static bool bad(struct request *r, const char *member, const char *what)
{
    request_fail(r, 422, "invalid-data", member, "%s: %s", member, what);
    return false;
}

static bool read_int(struct request *r, const char *member, int64_t min, int64_t max,
                     int64_t fallback, int64_t *ret)
{
    const json_t *value = json_object_get(r->json, member);
    *ret = json_is_integer(value) ? json_integer_value(value) : fallback;
    if ((value == NULL || json_is_integer(value)) && *ret >= min && *ret <= max)
        return true;
    request_fail(r, 422, "invalid-data", member,
                 "%s: must be a whole number from %" PRId64 " to %" PRId64, member, min, max);
    return false;
}

static bool read_wish(struct request *r, struct central_reservation *wish, struct central_ask *rest)
{
    static const char *const names[] = { "station", "connector", "id_tag",   "expires_at",
                                         "parent",  "id",        "timeout_s" };
    const char *expires = json_string_value(json_object_get(r->json, "expires_at"));
    int64_t connector, id, timeout_s;
    bool had_zone;
    if (!route_only_members(r, names, sizeof(names) / sizeof(names[0])))
        return false;
    *rest = (struct central_ask){ .station = json_string_value(json_object_get(r->json, "station")),
                                  .who = request_who(r),
                                  .why = request_why(r) };
    wish->id_tag = json_string_value(json_object_get(r->json, "id_tag"));
    wish->parent = json_string_value(json_object_get(r->json, "parent"));
    if (rest->station == NULL)
        return bad(r, "station", "is missing");
    if (wish->id_tag == NULL || wish->id_tag[0] == '\0')
        return bad(r, "id_tag", "must be the tag that the place is kept for");
    if (expires == NULL || !ocpp_time_parse(expires, &wish->expires_at_ms, &had_zone) || !had_zone)
        return bad(r, "expires_at", "must be an instant like 2026-10-31T08:00:00Z");
    if (!read_int(r, "connector", 0, INT32_MAX, 0, &connector) ||
        !read_int(r, "id", 0, INT32_MAX, 0, &id) ||
        !read_int(r, "timeout_s", 1, ANSWER_TIMEOUT_MAX_S, 30, &timeout_s))
        return false;
    wish->connector = (int32_t)connector;
    wish->id = (int32_t)id;
    rest->timeout_ms = timeout_s * 1000;
    return true;
}

void route_reservation_create(struct request *r)
{
    struct admin *a = r->admin;
    struct central_reservation wish = { 0 };
    struct central_ask rest;
    size_t i;
    if (!read_wish(r, &wish, &rest))
        return;
    if (!central_station_find(a->options.central, rest.station, &i)) {
        request_fail(r, 404, "not-found", "station",
                     "there is no station %.48s; 'noxctl station list' names all", rest.station);
        return;
    }
    struct reserving *reserving = calloc(1, sizeof(*reserving));
    if (reserving == NULL) {
        request_fail(r, 503, "overloaded", NULL, "out of memory; try again");
        return;
    }
    *reserving = (struct reserving){ .request = r, .expires_at_ms = wish.expires_at_ms };
    wish.id = wish.id > 0 ? wish.id : central_next_reservation(a->options.central);
    reserving->id = wish.id;
    request_ref(r);
    central_reserve(a->options.central, &wish, &rest, on_reserved, reserving, admin_now(a));
    loop_run_due(a->options.loop);
}
