/*
 * What operators ask of stations: each request is written to the call log before it goes out, and
 * again when its end is known.  One that may wait for its station is kept over a restart.
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ocpp/central/state.h"
#include "ocpp/wire/redact.h"

enum {
    PAYLOAD_KEPT = 4000, /* bytes of the log; what is longer is cut */
    ANSWER_KEPT = 4000,
};

struct ask {
    struct ask *next; /* of those that wait for their station */
    struct station *station;
    int64_t id; /* of the log; 0 = it could not be written */
    int32_t outcome;
    char *action, *payload, *who, *why;
    int64_t timeout_ms, until_ms;
    struct timer deadline;
    void (*done)(void *arg, const struct central_reply *reply);
    void *arg;
};

static void ask_free(struct ask *a)
{
    struct station *s = a->station;
    timer_cancel(&s->central->timers, &a->deadline);
    free(a->action);
    free(a->payload);
    free(a->who);
    free(a->why);
    free(a);
    s->n_pending--;
    station_free_if_gone(s);
}

static void tell(struct ask *a, const struct central_reply *reply)
{
    struct central_reply known = *reply;
    known.call_id = a->id;
    if (a->done != NULL)
        a->done(a->arg, &known);
    a->done = NULL;
}

/* --- what is written --- */

static int32_t outcome_kept(enum central_outcome outcome)
{
    static const int32_t kept[] = {
        [CENTRAL_ANSWERED] = STORE_CALL_ANSWERED, [CENTRAL_CALLERROR] = STORE_CALL_CALLERROR,
        [CENTRAL_TIMEOUT] = STORE_CALL_TIMEOUT,   [CENTRAL_LOST] = STORE_CALL_LOST,
        [CENTRAL_OFFLINE] = STORE_CALL_OFFLINE,   [CENTRAL_QUEUE_FULL] = STORE_CALL_QUEUE_FULL,
        [CENTRAL_REPLACED] = STORE_CALL_REPLACED, [CENTRAL_REFUSED] = STORE_CALL_REFUSED,
        [CENTRAL_QUEUED] = STORE_CALL_QUEUED,
    };
    return kept[outcome];
}

/* JSON text without secrets, cut.  @return false if it is no longer all */
static bool text_kept(json_t *json, size_t max, struct ocpp_text *ret_text)
{
    json_t *copy = json_deep_copy(json);
    bool is_whole = !ocpp_redact(copy);
    char *text = json_dumps(copy, JSON_COMPACT | JSON_ENCODE_ANY);
    ocpp_text_init(ret_text);
    if (text != NULL)
        ocpp_text_append_str(ret_text, text);
    free(text);
    json_decref(copy);
    if (ret_text->len <= max)
        return is_whole && !ret_text->failed;
    while (max > 0 && ((unsigned char)ret_text->data[max] & 0xC0) == 0x80)
        max--;
    ocpp_text_truncate(ret_text, max);
    return false;
}

static bool write_asked(struct ask *a, const struct central_ask *ask, const char *answer,
                        struct store_done done)
{
    struct central *c = a->station->central;
    json_t *payload = json_loads(a->payload, 0, NULL);
    struct ocpp_text kept;
    bool over = a->outcome >= STORE_CALL_ANSWERED;
    struct store_call row = { .station = a->station->id,
                              .action = a->action,
                              .who = ask->who != NULL ? ask->who : "",
                              .why = ask->why != NULL ? ask->why : "",
                              .asked_at_ms = c->now.utc_ms,
                              .until_ms = a->until_ms,
                              .timeout_ms = a->timeout_ms,
                              .sent_at_ms = STORE_ABSENT,
                              .finished_at_ms = over ? c->now.utc_ms : STORE_ABSENT,
                              .outcome = a->outcome,
                              .answer = answer };
    row.is_whole = text_kept(payload, PAYLOAD_KEPT, &kept);
    row.payload = kept.data;
    bool taken = store_call_asked(c->options.store, &row, done);
    ocpp_text_done(&kept);
    json_decref(payload);
    return taken;
}

static bool write_ended(const struct ask *a, int32_t outcome, const struct central_reply *reply,
                        struct store_done done)
{
    struct central *c = a->station->central;
    struct ocpp_text answer;
    if (a->id == 0 || c->closing)
        return false;
    if (reply->outcome == CENTRAL_ANSWERED) {
        text_kept(reply->payload, ANSWER_KEPT, &answer);
    } else {
        ocpp_text_init(&answer);
        ocpp_text_append_format(
            &answer, "%s%s%.500s", reply->error_code != NULL ? reply->error_code : "",
            reply->error_code != NULL && reply->text[0] != '\0' ? ": " : "", reply->text);
    }
    struct store_call row = { .id = a->id,
                              .outcome = outcome,
                              .sent_at_ms =
                                  reply->sent_at_ms != 0 ? reply->sent_at_ms : STORE_ABSENT,
                              .finished_at_ms = c->now.utc_ms,
                              .answer = answer.data };
    bool taken = store_call_ended(c->options.store, &row, done);
    ocpp_text_done(&answer);
    return taken;
}

/* --- the way of a request --- */

/* Nobody waits any more for what was queued: the events tell. */
static void tell_queued(const struct ask *a, const char *outcome)
{
    struct station *s = a->station;
    if (a->done == NULL && a->until_ms != STORE_ABSENT && !s->central->closing)
        central_event(s->central, "call.queued", STORE_INFO, s->id, -1, s->central->now,
                      "%s of %s, which waited for the station: %s", a->action,
                      a->who[0] != '\0' ? a->who : "noxd", outcome);
}

/* What came, until it is written. */
struct ending {
    struct ask *ask;
    struct central_reply reply;
    char *error_code, *text;
};

static void ended(void *arg, enum store_rc rc, const union store_result *result)
{
    struct ending *e = arg;
    (void)rc; /* if it could not be written, it is told all the same */
    (void)result;
    tell(e->ask, &e->reply);
    ask_free(e->ask);
    json_decref(e->reply.payload);
    free(e->error_code);
    free(e->text);
    free(e);
}

/* Who asked is told when the log has it, too. */
static void ask_end(struct ask *a, int32_t outcome, const struct central_reply *reply)
{
    struct ending *e = calloc(1, sizeof(*e));
    struct store_done done = { .fn = ended, .arg = e };
    tell_queued(a, store_call_outcome_text(outcome));
    if (e != NULL) {
        *e = (struct ending){ .ask = a, .reply = *reply };
        json_incref(reply->payload);
        text_replace(&e->error_code, reply->error_code);
        text_replace(&e->text, reply->text);
        e->reply.error_code = e->error_code;
        e->reply.text = e->text != NULL ? e->text : "";
        if (!write_ended(a, outcome, reply, done))
            ended(e, STORE_STOPPED, NULL);
        return;
    }
    tell(a, reply);
    ask_free(a);
}

static void on_ask_reply(void *arg, const struct central_reply *reply)
{
    ask_end(arg, outcome_kept(reply->outcome), reply);
}

static void ask_offline(struct ask *a, int32_t outcome, const char *text)
{
    struct central_reply reply = { .outcome = CENTRAL_OFFLINE, .text = text };
    ask_end(a, outcome, &reply);
}

static void ask_send(struct ask *a)
{
    struct station *s = a->station;
    char why[400];
    if (s->gone) {
        ask_offline(a, STORE_CALL_OFFLINE, "the station was removed; nothing was sent");
        return;
    }
    /* Once more: while it waited the station may have become a balanced one. */
    if (!guard_allows(s, a->action, a->payload, why, sizeof(why))) {
        struct central_reply refused = { .outcome = CENTRAL_REFUSED, .text = why };
        observe_reply(s, a->action, a->payload, &refused);
        ask_end(a, STORE_CALL_REFUSED, &refused);
        return;
    }
    station_note_trigger(s, ocpp_action_find(a->action), a->payload);
    station_operator_call(s, a->action, a->payload, a->timeout_ms, on_ask_reply, a,
                          s->central->now);
}

/* It is about to be sent: what must be on disk before that. */
static void prepare(const struct ask *a)
{
    const struct ocpp_action *row = ocpp_action_find(a->action);
    json_t *payload = json_loads(a->payload, 0, NULL);
    if (row != NULL && row->id == OCPP_RESERVE_NOW)
        reserve_asked(a->station, payload, a->who, a->why);
    json_decref(payload);
}

static void begun(void *arg, enum store_rc rc, const union store_result *result)
{
    (void)rc;
    (void)result;
    ask_send(arg);
}

/* From waiting to under way: written first, so that a restart does not send it twice. */
static void ask_begin(struct ask *a)
{
    struct store_done done = { .fn = begun, .arg = a };
    timer_cancel(&a->station->central->timers, &a->deadline);
    prepare(a);
    if (a->id == 0 || !store_call_begun(a->station->central->options.store, a->id, done))
        ask_send(a);
}

static void unpark(struct ask *a)
{
    for (struct ask **at = &a->station->parked; *at != NULL; at = &(*at)->next)
        if (*at == a) {
            *at = a->next;
            return;
        }
}

static void on_deadline(struct timer *timer, struct instant now)
{
    struct ask *a = timer->owner;
    (void)now;
    unpark(a);
    ask_offline(a, STORE_CALL_EXPIRED, "the station did not connect in time; nothing was sent");
}

static void park(struct ask *a)
{
    struct central *c = a->station->central;
    struct ask **at = &a->station->parked;
    while (*at != NULL)
        at = &(*at)->next;
    *at = a;
    a->deadline = (struct timer){ .fire = on_deadline, .owner = a };
    timer_set(&c->timers, &a->deadline, central_mono_of(c, a->until_ms));
    if (a->station->session != NULL && a->station->session->ready)
        asks_release(a->station);
}

void asks_release(struct station *s)
{
    while (s->parked != NULL) {
        struct ask *a = s->parked;
        s->parked = a->next;
        ask_begin(a);
    }
}

void asks_drop(struct station *s)
{
    s->n_pending++;
    while (s->parked != NULL) {
        struct ask *a = s->parked;
        s->parked = a->next;
        ask_offline(a, STORE_CALL_OFFLINE, "the station was removed; nothing was sent");
    }
    s->n_pending--;
}

static void go_on(struct ask *a)
{
    struct central_reply queued = { .outcome = CENTRAL_QUEUED,
                                    .text = "the station is not connected; the request waits" };
    switch (a->outcome) {
    case STORE_CALL_OPEN:
        ask_send(a);
        break;
    case STORE_CALL_QUEUED:
        tell(a, &queued);
        park(a);
        break;
    default: /* the log has it as ended */
        a->id = 0;
        ask_offline(a, a->outcome, "the station is not connected; nothing was sent");
    }
}

static void asked(void *arg, enum store_rc rc, const union store_result *result)
{
    struct ask *a = arg;
    a->id = rc == STORE_OK ? result->count.n : 0;
    go_on(a);
}

static struct ask *ask_new(struct station *s, const char *action, const char *payload,
                           const char *who, const char *why)
{
    struct ask *a = calloc(1, sizeof(*a));
    if (a == NULL)
        return NULL;
    s->n_pending++;
    a->station = s;
    a->until_ms = STORE_ABSENT;
    a->action = strdup(action);
    a->payload = strdup(payload);
    a->who = strdup(who != NULL ? who : "");
    a->why = strdup(why != NULL ? why : "");
    if (a->action != NULL && a->payload != NULL && a->who != NULL && a->why != NULL)
        return a;
    ask_free(a);
    return NULL;
}

static void refuse(struct ask *a, const struct central_ask *ask, const char *why)
{
    struct central_reply reply = { .outcome = CENTRAL_REFUSED, .text = why };
    struct store_done nobody = { .fn = NULL };
    a->outcome = STORE_CALL_REFUSED;
    write_asked(a, ask, why, nobody);
    tell(a, &reply);
    ask_free(a);
}

void central_ask(struct central *c, const struct central_ask *ask,
                 void (*done)(void *arg, const struct central_reply *reply), void *arg,
                 struct instant now)
{
    c->now = now;
    char why[400];
    struct station *s = station_find(c, ask->station);
    struct ask *a =
        s != NULL ? ask_new(s, ask->action, ask->payload_json, ask->who, ask->why) : NULL;
    struct store_done written = { .fn = asked, .arg = a };
    if (a == NULL) {
        struct central_reply reply = { .outcome = s == NULL ? CENTRAL_OFFLINE : CENTRAL_QUEUE_FULL,
                                       .text = s == NULL ? "there is no such station"
                                                         : "out of memory; nothing was sent" };
        if (done != NULL)
            done(arg, &reply);
        return;
    }
    a->done = done;
    a->arg = arg;
    a->timeout_ms = ask->timeout_ms;
    if (!guard_allows(s, ask->action, ask->payload_json, why, sizeof(why))) {
        refuse(a, ask, why);
        return;
    }
    a->outcome = s->session != NULL ? STORE_CALL_OPEN
                 : ask->wait_ms > 0 ? STORE_CALL_QUEUED
                                    : STORE_CALL_OFFLINE;
    if (a->outcome == STORE_CALL_QUEUED)
        a->until_ms = now.utc_ms + ask->wait_ms;
    if (a->outcome == STORE_CALL_OPEN)
        prepare(a);
    /* Operators must be able to act on a full disk, too: then it goes out unrecorded. */
    if (!write_asked(a, ask, NULL, written)) {
        central_event(c, "call.unrecorded", STORE_WARNING, s->id, -1, now,
                      "%s of %s could not be written to the call log", ask->action,
                      ask->who != NULL ? ask->who : "noxd");
        go_on(a);
    }
}

void central_restore_call(struct central *c, const struct store_call *call, struct instant now)
{
    c->now = now;
    struct station *s = station_find(c, call->station);
    struct ask *a =
        s != NULL ? ask_new(s, call->action, call->payload, call->who, call->why) : NULL;
    if (a == NULL)
        return;
    a->id = call->id;
    a->outcome = STORE_CALL_QUEUED;
    a->timeout_ms = call->timeout_ms;
    a->until_ms = call->until_ms;
    park(a);
}
