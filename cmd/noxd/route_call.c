/* What operators asked of stations: the call log. */
#include <stdlib.h>
#include <string.h>

#include "cmd/noxd/jout.h"
#include "cmd/noxd/route.h"

enum { CALLS_DEFAULT = 100, CALLS_MAX = 10000 };

static const char *const outcome_words[] = { "all",        "queued",   "open",    "answered",
                                             "callerror",  "timeout",  "lost",    "offline",
                                             "queue-full", "replaced", "refused", "expired",
                                             NULL };

struct call_list {
    struct ocpp_text *out;
    int64_t n, last_id;
};

/* As JSON where it is whole, else as text: "...". */
static void put_json(struct ocpp_text *out, const char *key, const char *text)
{
    json_t *json = text != NULL ? json_loads(text, JSON_DECODE_ANY, NULL) : NULL;
    if (json_is_object(json))
        jout_raw(out, key, text);
    else
        jout_text_or_null(out, key, text);
    json_decref(json);
}

static const char *status_of(const json_t *answer)
{
    return json_string_value(json_object_get(answer, "status"));
}

static bool take_call(void *arg, const struct store_call *call)
{
    struct call_list *l = arg;
    json_t *answer = call->answer != NULL ? json_loads(call->answer, 0, NULL) : NULL;
    jout_open(l->out, NULL, '{');
    jout_int(l->out, "id", call->id);
    jout_text(l->out, "station", call->station);
    jout_text(l->out, "action", call->action);
    put_json(l->out, "payload", call->payload);
    jout_text(l->out, "who", call->who);
    jout_text_or_null(l->out, "why", call->why);
    jout_time(l->out, "asked_at", call->asked_at_ms);
    jout_time(l->out, "waits_until", call->until_ms);
    jout_time(l->out, "sent_at", call->sent_at_ms);
    jout_time(l->out, "finished_at", call->finished_at_ms);
    jout_text(l->out, "outcome", store_call_outcome_text(call->outcome));
    jout_text_or_null(l->out, "status", status_of(answer));
    put_json(l->out, "answer", call->answer);
    jout_close(l->out, '}');
    json_decref(answer);
    l->n++;
    l->last_id = call->id;
    return true;
}

static bool read_filter(struct request *r, struct reader_call_filter *f)
{
    size_t outcome;
    *f = (struct reader_call_filter){ .station = request_query(r, "station"),
                                      .action = request_query(r, "action") };
    if (!request_query_int(r, "before", 0, INT64_MAX, 0, &f->before_id) ||
        !request_query_int(r, "limit", 1, CALLS_MAX, CALLS_DEFAULT, &f->limit) ||
        !request_query_word(r, "outcome", outcome_words, 0, &outcome))
        return false;
    f->outcome = (int32_t)outcome;
    return true;
}

static enum store_rc read_calls(struct question *q, struct reader *db)
{
    struct call_list list = { .out = &q->out };
    struct reader_call_filter f;
    read_filter(q->request, &f);
    jout_open(&q->out, NULL, '{');
    jout_open(&q->out, "items", '[');
    enum store_rc rc = reader_calls(db, &f, take_call, &list);
    jout_close(&q->out, ']');
    if (list.n == f.limit)
        jout_int(&q->out, "next_before", list.last_id);
    else
        jout_null(&q->out, "next_before");
    jout_close(&q->out, '}');
    return rc;
}

/* --- charging profiles that a station holds --- */

struct profile_list {
    struct ocpp_text *out;
    const struct balanced *balanced;
};

/* Connectors whose profiles 10k+1 and 10k+2 are the scheduler's. */
struct balanced {
    bool connector[128];
};

static bool is_ours(const struct balanced *b, int32_t id)
{
    return id > 0 && id / 10 < (int32_t)(sizeof(b->connector) / sizeof(b->connector[0])) &&
           b->connector[id / 10] && (id % 10 == 1 || id % 10 == 2);
}

static bool take_profile(void *arg, const struct store_profile *profile)
{
    struct profile_list *l = arg;
    jout_open(l->out, NULL, '{');
    jout_int(l->out, "id", profile->id);
    jout_int(l->out, "connector", profile->connector);
    jout_text(l->out, "purpose", profile->purpose);
    jout_int(l->out, "stack_level", profile->stack_level);
    jout_int(l->out, "tx_id", profile->tx_id != 0 ? profile->tx_id : STORE_ABSENT);
    jout_text(l->out, "owner", is_ours(l->balanced, profile->id) ? "scheduler" : "operator");
    jout_time(l->out, "at", profile->at_ms);
    jout_raw(l->out, "profile", profile->json);
    jout_close(l->out, '}');
    return true;
}

static enum store_rc read_profiles(struct question *q, struct reader *db)
{
    struct profile_list list = { &q->out, q->state };
    jout_open(&q->out, NULL, '{');
    jout_open(&q->out, "items", '[');
    enum store_rc rc = reader_profiles(db, q->request->param[0], take_profile, &list);
    jout_close(&q->out, ']');
    jout_close(&q->out, '}');
    return rc;
}

static void answer_profiles(struct request *r, struct question *q)
{
    free(q->state);
    question_answer(r, q);
}

void route_station_profiles(struct request *r)
{
    const struct central *c = r->admin->options.central;
    struct balanced *balanced = calloc(1, sizeof(*balanced));
    struct central_connector_view v;
    size_t i;
    if (balanced == NULL) {
        request_fail(r, 503, "overloaded", NULL, "out of memory; try again");
        return;
    }
    if (!central_station_find(c, r->param[0], &i)) {
        free(balanced);
        request_fail(r, 404, "not-found", NULL,
                     "there is no station %.48s; 'noxctl station list' names all", r->param[0]);
        return;
    }
    for (size_t k = 0; central_connector_view(c, i, k, admin_now(r->admin), &v); k++)
        if (v.connector > 0 && v.connector < 128)
            balanced->connector[v.connector] = v.balanced;
    request_ask(r, read_profiles, answer_profiles, balanced);
}

/* --- the log --- */

void route_calls(struct request *r)
{
    struct reader_call_filter filter;
    if (read_filter(r, &filter))
        request_ask(r, read_calls, NULL, NULL);
}
