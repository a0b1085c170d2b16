/* One station: its socket and the requests to it (one in flight, the rest waits, bounded). */
#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ocpp/central/state.h"

enum { CALL_FRAME_BYTES = 40 /* of a frame beside action and payload */ };

static void send_next(struct station *s, struct instant now);

void station_send(struct station *s, const char *text, size_t len)
{
    struct central *c = s->central;
    if (s->session == NULL)
        return;
    s->frames_out++;
    c->counters.frames_out++;
    if (!c->options.port.send(c->options.port.arg, s->session->link, text, len))
        station_drop(s, 1008, "too many unread messages", c->now);
}

/* --- requests --- */

static void call_end(struct station *s, struct call *call, enum central_outcome outcome,
                     json_t *payload, const char *code, const char *text)
{
    struct central_reply reply = { .outcome = outcome,
                                   .payload = payload,
                                   .error_code = code,
                                   .text = text,
                                   .sent_at_ms = call->sent_at_ms };
    observe_reply(s, call->action, call->payload, &reply);
    if (call->done != NULL)
        call->done(call->arg, &reply);
    free(call->payload);
    free(call);
}

static const char *outcome_text(enum central_outcome outcome)
{
    static const char *const text[] = {
        [CENTRAL_ANSWERED] = "answered",
        [CENTRAL_CALLERROR] = "the station answered with an error",
        [CENTRAL_TIMEOUT] = "the station did not answer in time",
        [CENTRAL_LOST] =
            "the connection broke before the answer: whether it was carried out is unknown",
        [CENTRAL_OFFLINE] = "the station is not connected; nothing was sent",
        [CENTRAL_QUEUE_FULL] = "too many requests wait for this station; nothing was sent",
        [CENTRAL_REPLACED] = "a newer request took its place; nothing was sent",
        [CENTRAL_QUEUED] = "waits for the station to connect",
        [CENTRAL_REFUSED] = "would set current limits on a balanced connector; nothing was sent",
    };
    return text[outcome];
}

static void on_call_timeout(struct timer *timer, struct instant now)
{
    struct station *s = timer->owner;
    struct call *call = s->in_flight;
    assert(call != NULL);
    s->in_flight = NULL;
    s->central->counters.timeouts++;
    central_event(s->central, "call.timeout", STORE_WARNING, s->id, -1, now,
                  "%s was not answered within %" PRId64 " s", call->action,
                  call->timeout_ms / 1000);
    call_end(s, call, CENTRAL_TIMEOUT, NULL, NULL, outcome_text(CENTRAL_TIMEOUT));
    send_next(s, now);
}

static void on_ready_timer(struct timer *timer, struct instant now)
{
    struct station *s = timer->owner;
    if (s->session != NULL)
        station_is_ready(s, now);
}

void station_timers_init(struct station *s)
{
    s->call_timer = (struct timer){ .fire = on_call_timeout, .owner = s };
    s->ready_timer = (struct timer){ .fire = on_ready_timer, .owner = s };
    reserve_init(s);
    caps_init(s);
}

static void send_next(struct station *s, struct instant now)
{
    while (s->session != NULL && s->session->ready && s->in_flight == NULL && s->waiting != NULL) {
        struct central *c = s->central;
        struct call *call = s->waiting;
        s->waiting = call->next;
        s->n_waiting--;
        struct ocpp_text text;
        ocpp_text_init(&text);
        s->in_flight = call;
        call->sent_at_ms = now.utc_ms;
        timer_set(&c->timers, &s->call_timer, now.mono_ms + call->timeout_ms);
        c->counters.calls_out++;
        if (ocpp_rpc_call_raw(&text, call->id, call->action, call->payload))
            station_send(s, text.data, text.len);
        ocpp_text_done(&text);
    }
}

/* A waiting call of the same key is told that it was replaced; nothing of it was sent. */
static void replace_waiting(struct station *s, uint32_t key)
{
    for (struct call **p = &s->waiting; key != 0 && *p != NULL;) {
        struct call *old = *p;
        if (old->key != key) {
            p = &old->next;
            continue;
        }
        *p = old->next;
        s->n_waiting--;
        call_end(s, old, CENTRAL_REPLACED, NULL, NULL, outcome_text(CENTRAL_REPLACED));
        p = &s->waiting; /* the callback may have changed the list */
    }
}

static void enqueue(struct station *s, struct call *call)
{
    struct call **p = &s->waiting;
    while (*p != NULL && (!call->urgent || (*p)->urgent))
        p = &(*p)->next;
    call->next = *p;
    *p = call;
    s->n_waiting++;
}

static struct call *call_new(struct central *c, const char *action, const char *payload)
{
    size_t action_len = strlen(action);
    struct call *call = calloc(1, sizeof(*call) + action_len + 1);
    if (call == NULL)
        return NULL;
    char *name = (char *)(call + 1);
    memcpy(name, action, action_len + 1);
    call->action = name;
    call->payload = strdup(payload);
    snprintf(call->id, sizeof(call->id), "%s-%" PRIu64, c->call_prefix, ++c->next_call);
    if (call->payload == NULL) {
        free(call);
        return NULL;
    }
    return call;
}

/* Nothing of it was sent. */
static void refuse(struct station *s, const char *action, const char *payload,
                   enum central_outcome outcome, const char *text,
                   void (*done)(void *arg, const struct central_reply *reply), void *arg)
{
    struct central_reply reply = { .outcome = outcome, .text = text };
    observe_reply(s, action, payload, &reply);
    if (done != NULL)
        done(arg, &reply);
}

/* The queue's limit is for operators.  What the server asks by itself is bounded by its nature and
 * gets through: profiles, which keep the cap and use it, local lists, keys, certificates. */
void station_operator_call(struct station *s, const char *action, const char *payload,
                           int64_t timeout_ms,
                           void (*done)(void *arg, const struct central_reply *reply), void *arg,
                           struct instant now)
{
    const struct ocpp_action *row = ocpp_action_find(action);
    bool urgent = row != NULL && row->id == OCPP_REMOTE_STOP_TRANSACTION;
    if (s->session != NULL && s->n_waiting >= s->central->options.call_queue_max * (urgent ? 2 : 1))
        refuse(s, action, payload, CENTRAL_QUEUE_FULL, outcome_text(CENTRAL_QUEUE_FULL), done, arg);
    else
        station_call(s, action, payload, 0, urgent, timeout_ms, done, arg, now);
}

void station_call(struct station *s, const char *action, const char *payload, uint32_t key,
                  bool urgent, int64_t timeout_ms,
                  void (*done)(void *arg, const struct central_reply *reply), void *arg,
                  struct instant now)
{
    static const char too_long[] =
        "longer than the station's model takes ('noxctl quirk show'); nothing was sent";
    char *rewritten = quirks_rewrite(s, action, payload);
    if (rewritten != NULL)
        payload = rewritten;
    size_t most = (size_t)s->quirks.max_message_bytes;
    if (most > 0 && strlen(action) + strlen(payload) + CALL_FRAME_BYTES > most) {
        refuse(s, action, payload, CENTRAL_REFUSED, too_long, done, arg);
    } else if (!secure_call(s, action, payload, key, urgent, timeout_ms, done, arg)) {
        station_send_call(s, action, payload, key, urgent, timeout_ms, done, arg, now);
    }
    free(rewritten);
}

void station_send_call(struct station *s, const char *action, const char *payload, uint32_t key,
                       bool urgent, int64_t timeout_ms,
                       void (*done)(void *arg, const struct central_reply *reply), void *arg,
                       struct instant now)
{
    struct central *c = s->central;
    replace_waiting(s, key);
    struct call *call = s->session != NULL ? call_new(c, action, payload) : NULL;
    if (call == NULL) {
        enum central_outcome outcome =
            s->session == NULL ? CENTRAL_OFFLINE : CENTRAL_QUEUE_FULL; /* no memory */
        refuse(s, action, payload, outcome, outcome_text(outcome), done, arg);
        return;
    }
    call->timeout_ms = timeout_ms > 0                 ? timeout_ms
                       : s->quirks.call_timeout_s > 0 ? (int64_t)s->quirks.call_timeout_s * 1000
                                                      : c->options.call_timeout_ms;
    call->key = key;
    call->urgent = urgent;
    call->done = done;
    call->arg = arg;
    enqueue(s, call);
    send_next(s, now);
}

void station_request(struct station *s, enum ocpp_action_id action, const void *req, uint32_t key,
                     bool urgent, void (*done)(void *arg, const struct central_reply *reply),
                     void *arg, struct instant now)
{
    const struct ocpp_action *row = ocpp_action_get(action);
    struct ocpp_text text;
    ocpp_text_init(&text);
    text.short_times = s->quirks.short_times;
    bool encoded = ocpp_encode(row->req, req, &text);
    assert(encoded || text.failed); /* what we build ourselves obeys the catalogue */
    if (encoded) {
        station_call(s, row->name, text.data, key, urgent, 0, done, arg, now);
    } else if (done != NULL) {
        struct central_reply reply = { .outcome = CENTRAL_QUEUE_FULL,
                                       .text = outcome_text(CENTRAL_QUEUE_FULL) };
        done(arg, &reply);
    }
    ocpp_text_done(&text);
}

void station_on_reply(struct station *s, const struct ocpp_frame *frame, struct instant now)
{
    struct call *call = s->in_flight;
    if (call == NULL || strcmp(call->id, frame->id) != 0)
        return; /* a late answer, or an answer to nothing: known by its id, dropped */
    s->in_flight = NULL;
    timer_cancel(&s->central->timers, &s->call_timer);
    json_t *nothing = frame->payload == NULL ? json_object() : NULL;
    if (frame->type == OCPP_CALLRESULT) {
        call_end(s, call, CENTRAL_ANSWERED, nothing != NULL ? nothing : frame->payload, NULL,
                 outcome_text(CENTRAL_ANSWERED));
    } else {
        central_event(s->central, "call.error", STORE_WARNING, s->id, -1, now,
                      "%s was answered %s: %s", call->action, frame->error_code_text,
                      frame->error_description);
        call_end(s, call, CENTRAL_CALLERROR, NULL, frame->error_code_text,
                 frame->error_description);
    }
    json_decref(nothing);
    send_next(s, now);
}

void station_fail_calls(struct station *s, enum central_outcome outcome, bool also_waiting,
                        struct instant now)
{
    (void)now;
    struct call *flying = s->in_flight;
    s->in_flight = NULL;
    timer_cancel(&s->central->timers, &s->call_timer);
    struct call *waiting = also_waiting ? s->waiting : NULL;
    if (also_waiting) {
        s->waiting = NULL;
        s->n_waiting = 0;
    }
    if (flying != NULL)
        call_end(s, flying, outcome, NULL, NULL, outcome_text(outcome));
    while (waiting != NULL) {
        struct call *next = waiting->next;
        call_end(s, waiting, CENTRAL_OFFLINE, NULL, NULL, outcome_text(CENTRAL_OFFLINE));
        waiting = next;
    }
}

bool reply_is(const struct central_reply *reply, const char *status)
{
    const char *got = reply->outcome == CENTRAL_ANSWERED
                          ? json_string_value(json_object_get(reply->payload, "status"))
                          : NULL;
    return got != NULL && ocpp_ci_equal(got, status);
}

void station_note_trigger(struct station *s, const struct ocpp_action *action,
                          const char *payload_json)
{
    if (action == NULL ||
        (action->id != OCPP_TRIGGER_MESSAGE && action->id != OCPP_EXTENDED_TRIGGER_MESSAGE))
        return;
    json_t *payload = json_loads(payload_json, 0, NULL);
    const char *message = json_string_value(json_object_get(payload, "requestedMessage"));
    const struct ocpp_action *asked = message != NULL ? ocpp_action_find(message) : NULL;
    if (asked != NULL)
        s->triggered |= UINT64_C(1) << asked->id;
    if (asked != NULL && asked->id == OCPP_FIRMWARE_STATUS_NOTIFICATION)
        s->triggered |= UINT64_C(1) << OCPP_SIGNED_FIRMWARE_STATUS_NOTIFICATION;
    if (message != NULL && strcmp(message, "SignChargePointCertificate") == 0)
        s->triggered |= UINT64_C(1) << OCPP_SIGN_CERTIFICATE;
    json_decref(payload);
}

void central_call(struct central *c, const char *station, const char *action,
                  const char *payload_json, int64_t timeout_ms,
                  void (*done)(void *arg, const struct central_reply *reply), void *arg,
                  struct instant now)
{
    c->now = now;
    struct station *s = station_find(c, station);
    char why[200];
    struct central_reply refused = { .outcome = CENTRAL_OFFLINE,
                                     .text = outcome_text(CENTRAL_OFFLINE) };
    if (s != NULL && !guard_allows(s, action, payload_json, why, sizeof(why)))
        refused = (struct central_reply){ .outcome = CENTRAL_REFUSED, .text = why };
    else if (s != NULL) {
        station_note_trigger(s, ocpp_action_find(action), payload_json);
        station_operator_call(s, action, payload_json, timeout_ms, done, arg, now);
        return;
    }
    if (done != NULL)
        done(arg, &refused);
}

/* --- the socket --- */

static void session_end(struct station *s, enum central_outcome outcome, struct instant now)
{
    struct session *session = s->session;
    s->session = NULL;
    free(session);
    timer_cancel(&s->central->timers, &s->ready_timer);
    s->central->counters.online--;
    balance_link(s, false, now);
    station_fail_calls(s, outcome, true, now);
    local_list_lost(s, now);
}

void station_drop(struct station *s, uint16_t code, const char *reason, struct instant now)
{
    struct central_port *port = &s->central->options.port;
    if (s->session == NULL)
        return;
    void *link = s->session->link;
    session_end(s, CENTRAL_LOST, now);
    port->close(port->arg, link, code, reason);
}

struct session *central_connected(struct central *c, const char *id, void *link,
                                  const char *address, struct instant now)
{
    c->now = now;
    struct station *s = station_find(c, id);
    struct session *session = s != NULL ? calloc(1, sizeof(*session)) : NULL;
    if (session == NULL)
        return NULL;
    if (s->session != NULL) {
        central_event(
            c, "station.replaced", STORE_INFO, s->id, -1, now,
            "connected again from %s while an older socket was open: the older one was closed",
            address);
        station_drop(s, 1000, "a newer connection of the same station took over", now);
    }
    *session = (struct session){ .station = s,
                                 .link = link,
                                 .number = ++c->next_session,
                                 .profile = -1,
                                 .connected_at_ms = now.utc_ms };
    text_copy(session->address, sizeof(session->address), address);
    s->session = session;
    s->seen_at_ms = now.utc_ms;
    c->counters.online++;
    timer_set(&c->timers, &s->ready_timer,
              now.mono_ms + (s->quirks.wait_for_boot_s > 0
                                 ? (int64_t)s->quirks.wait_for_boot_s * 1000
                                 : READY_WAIT_MS));
    central_event(c, "station.connected", STORE_INFO, s->id, -1, now, "connected from %s",
                  session->address);
    return session;
}

/* Without a boot nothing tells us how the connectors are: ask (a reconnect guarantees no status).
 */
static void ask_for_status(struct station *s, struct instant now)
{
    for (size_t i = 0; i < s->n_connectors; i++) {
        struct ocpp_trigger_message_req req = { .requested_message =
                                                    OCPP_MESSAGE_TRIGGER_STATUS_NOTIFICATION,
                                                .connector_id = s->connector[i]->number };
        station_request(s, OCPP_TRIGGER_MESSAGE, &req, 0, false, NULL, NULL, now);
    }
}

void station_is_ready(struct station *s, struct instant now)
{
    struct session *session = s->session;
    bool pending = s->registration == STORE_REG_PENDING;
    if (session->linked || (session->ready && pending) || s->registration == STORE_REG_REJECTED)
        return;
    session->ready = true;
    if (pending) { /* operators may configure it */
        asks_release(s);
        certs_ready(s, now);
        send_next(s, now);
        return;
    }
    session->linked = true;
    timer_cancel(&s->central->timers, &s->ready_timer);
    balance_link(s, true, now);
    if (!session->booted && !session->heard_status && !s->quirks.no_trigger)
        ask_for_status(s, now);
    asks_release(s);
    transfers_ready(s, now);
    certs_ready(s, now);
    if (!session->booted)
        keys_linked(s);
    local_list_ready(s, now);
    send_next(s, now);
}

void *central_link(const struct central *c, const char *station)
{
    const struct station *s = station_find(c, station);
    return s != NULL && s->session != NULL ? s->session->link : NULL;
}

void central_closed(struct central *c, struct session *session, const char *why, struct instant now)
{
    c->now = now;
    struct station *s = session->station;
    if (s->session != session)
        return;
    central_event(c, "station.disconnected", STORE_INFO, s->id, -1, now,
                  "the connection has ended%s%s", why != NULL ? ": " : "", why != NULL ? why : "");
    session_end(s, CENTRAL_LOST, now);
}

void central_alive(struct central *c, struct session *session, struct instant now)
{
    c->now = now;
    session->station->seen_at_ms = now.utc_ms;
}

const char *central_session_station(const struct session *session)
{
    return session->station->id;
}
