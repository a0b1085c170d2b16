/* From a frame to its handler, and back to an answer. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ocpp/central/state.h"

/* What stations may send and who handles it.  Everything else is NotImplemented or NotSupported. */
static const struct handler {
    void (*handle)(const struct request *r, const void *req);
    bool urgent_before_boot; /* may be sent by a station that is not accepted yet */
    bool replayed;           /* the same frame again gets the same answer */
} handlers[OCPP_ACTION_END] = {
    [OCPP_AUTHORIZE] = { on_authorize, false, false },
    [OCPP_BOOT_NOTIFICATION] = { on_boot_notification, true, false },
    [OCPP_DATA_TRANSFER] = { on_data_transfer, false, false },
    [OCPP_DIAGNOSTICS_STATUS_NOTIFICATION] = { on_notice, false, false },
    [OCPP_FIRMWARE_STATUS_NOTIFICATION] = { on_notice, false, false },
    [OCPP_HEARTBEAT] = { on_heartbeat, false, false },
    [OCPP_LOG_STATUS_NOTIFICATION] = { on_notice, false, false },
    [OCPP_METER_VALUES] = { on_meter_values, false, false },
    [OCPP_SECURITY_EVENT_NOTIFICATION] = { on_security_event, false, false },
    [OCPP_SIGNED_FIRMWARE_STATUS_NOTIFICATION] = { on_notice, false, false },
    [OCPP_SIGN_CERTIFICATE] = { on_sign_certificate, false, false },
    [OCPP_START_TRANSACTION] = { on_start_transaction, false, true },
    [OCPP_STATUS_NOTIFICATION] = { on_status_notification, false, false },
    [OCPP_STOP_TRANSACTION] = { on_stop_transaction, false, true },
};

/* Not for secrets: two different frames of one station with one hash would need an attack on
 * itself. */
static uint64_t frame_hash(const char *text, size_t len)
{
    uint64_t h = UINT64_C(0x9E3779B97F4A7C15) ^ len;
    for (; len >= 8; text += 8, len -= 8) {
        uint64_t word;
        memcpy(&word, text, 8);
        h = (h ^ word) * UINT64_C(0xFF51AFD7ED558CCD);
        h ^= h >> 32;
    }
    for (; len > 0; text++, len--)
        h = (h ^ (unsigned char)*text) * UINT64_C(0xC4CEB9FE1A85EC53);
    return h ^ (h >> 29);
}

/* --- answers --- */

static void remember_answer(struct station *s, uint64_t hash, const struct ocpp_text *text)
{
    s->answered_hash = hash;
    text_replace(&s->answered, text->data);
}

void answer(const struct request *r, const void *conf)
{
    ocpp_text_reset(&r->c->out);
    r->c->out.short_times = r->station->quirks.short_times;
    if (ocpp_rpc_result(&r->c->out, r->frame, r->action->conf, conf))
        station_send(r->station, r->c->out.data, r->c->out.len);
    else
        answer_error(r, OCPP_INTERNAL_ERROR, "the answer could not be built");
}

bool station_may_tell(struct station *s, struct instant now)
{
    return s->registration == STORE_REG_ACCEPTED ? rate_within(&s->told, TOLD_MAX, 60000, now)
                                                 : rate_within(&s->told, 5, 600000, now);
}

void answer_error(const struct request *r, enum ocpp_error_code code, const char *text)
{
    r->c->counters.callerrors_out++;
    if (station_may_tell(r->station, r->now))
        central_event(r->c, "call.refused", STORE_WARNING, r->station->id, -1, r->now, "%s: %s: %s",
                      r->frame->action != NULL ? r->frame->action : "message",
                      ocpp_error_text(code), text);
    ocpp_text_reset(&r->c->out);
    if (ocpp_rpc_error(&r->c->out, r->frame, code, text))
        station_send(r->station, r->c->out.data, r->c->out.len);
}

/* --- answers that wait for a commit --- */

struct pending {
    struct station *station;
    uint64_t session; /* number */
    uint64_t hash;
    const struct ocpp_action *action;
    bool replayed, id_is_number;
    char *id;
    max_align_t extra[];
};

struct pending *pending_new(const struct request *r, size_t extra)
{
    size_t id_len = strlen(r->frame->id);
    extra = (extra + sizeof(max_align_t) - 1) / sizeof(max_align_t) * sizeof(max_align_t);
    struct pending *p = calloc(1, sizeof(*p) + extra + id_len + 1);
    if (p == NULL) {
        station_drop(r->station, 1011, "out of memory", r->now);
        return NULL;
    }
    p->station = r->station;
    p->session = r->station->session->number;
    p->hash = r->hash;
    p->action = r->action;
    p->replayed = handlers[r->action->id].replayed;
    p->id_is_number = r->frame->id_is_number;
    p->id = (char *)p->extra + extra;
    memcpy(p->id, r->frame->id, id_len + 1);
    p->station->n_pending++;
    return p;
}

void *pending_extra(struct pending *p)
{
    return p->extra;
}

struct station *pending_station(const struct pending *p)
{
    return p->station;
}

static bool still_there(const struct pending *p)
{
    return p->station->session != NULL && p->station->session->number == p->session;
}

static void pending_free(struct pending *p)
{
    struct station *s = p->station;
    free(p);
    s->n_pending--;
    station_free_if_gone(s);
}

void pending_answer(struct pending *p, const void *conf)
{
    struct ocpp_text *out = &p->station->central->out;
    struct ocpp_frame to = { .type = OCPP_CALL, .id_is_number = p->id_is_number };
    text_copy(to.id, sizeof(to.id), p->id);
    ocpp_text_reset(out);
    out->short_times = p->station->quirks.short_times;
    if (ocpp_rpc_result(out, &to, p->action->conf, conf)) {
        if (p->replayed)
            remember_answer(p->station, p->hash, out);
        if (still_there(p))
            station_send(p->station, out->data, out->len);
    }
    pending_free(p);
}

void pending_refuse(struct pending *p, enum store_rc rc)
{
    struct station *s = p->station;
    if (still_there(p))
        station_drop(s, 1011, store_rc_text(rc), s->central->now);
    pending_free(p);
}

void pending_done_empty(void *arg, enum store_rc rc, const union store_result *result)
{
    static const struct ocpp_meter_values_conf nothing = { 0 };
    (void)result;
    if (rc == STORE_OK)
        pending_answer(arg, &nothing);
    else
        pending_refuse(arg, rc);
}

/* --- frames in --- */

static void note_violations(struct station *s, const char *action, unsigned n, const char *first,
                            struct instant now)
{
    struct central *c = s->central;
    if (n == 0)
        return;
    deviation_count(s, action != NULL ? action : "answer", first, now);
    s->violations += n;
    c->counters.violations += n;
    bool news = strcmp(s->last_violation, first) != 0;
    text_copy(s->last_violation, sizeof(s->last_violation), first);
    if (!news ||
        (s->violation_event_mono_ms != 0 && now.mono_ms - s->violation_event_mono_ms < 60000))
        return;
    s->violation_event_mono_ms = now.mono_ms != 0 ? now.mono_ms : 1;
    central_event(c, "station.violation", STORE_INFO, s->id, -1, now, "tolerated: %s", first);
}

static void on_garbage(struct session *session, const struct ocpp_report *report,
                       struct instant now)
{
    struct station *s = session->station;
    s->central->counters.garbage++;
    if (session->garbage++ == 0)
        central_event(s->central, "station.garbage", STORE_WARNING, s->id, -1, now,
                      "message ignored: %s", report->text);
    if (session->garbage < GARBAGE_MAX)
        return;
    central_security(s->central, s->id, "InvalidMessages", "too many unreadable messages in a row",
                     true, now);
    station_drop(s, 1008, "too many unreadable messages in a row", now);
}

/* OCPP 1.6 section 4.2: before it is accepted a station sends BootNotification and what we trigger.
 */
static bool may_speak(struct station *s, const struct ocpp_action *action)
{
    if (s->registration == STORE_REG_ACCEPTED || handlers[action->id].urgent_before_boot)
        return true;
    uint64_t bit = UINT64_C(1) << action->id;
    return s->registration == STORE_REG_PENDING && (s->triggered & bit) != 0;
}

static const struct ocpp_action *known_action(struct request *r)
{
    const char *name = r->frame->action;
    const struct ocpp_action *action = ocpp_action_find(name);
    char text[200];
    if (action == NULL) {
        const char *like = ocpp_action_nearest(name);
        snprintf(text, sizeof(text), "action %.40s is unknown%s%s", name,
                 like != NULL ? "; did you mean " : "", like != NULL ? like : "");
        answer_error(r, OCPP_NOT_IMPLEMENTED, text);
        return NULL;
    }
    if ((action->direction & OCPP_FROM_STATION) == 0 || handlers[action->id].handle == NULL) {
        snprintf(text, sizeof(text), "%s is not supported from a charge point", name);
        answer_error(r, OCPP_NOT_SUPPORTED, text);
        return NULL;
    }
    return action;
}

/* Whoever has not been let in may ask, but not keep us busy. */
static bool keeps_calm(const struct request *r)
{
    struct station *s = r->station;
    if (s->registration == STORE_REG_ACCEPTED ||
        rate_within(&s->session->unheard, UNHEARD_MAX, 60000, r->now))
        return true;
    station_drop(s, 1008, "not accepted yet, and too many messages", r->now);
    return false;
}

static void on_call(struct request *r)
{
    struct station *s = r->station;
    max_align_t req[64]; /* roomy: the largest request struct has about 30 members */
    r->c->counters.calls_in++;
    r->action = known_action(r);
    if (r->action == NULL || !keeps_calm(r))
        return;
    if (!may_speak(s, r->action)) {
        answer_error(r, OCPP_SECURITY_ERROR,
                     "the station is not accepted yet: send BootNotification first");
        return;
    }
    if (handlers[r->action->id].replayed && s->answered != NULL && s->answered_hash == r->hash) {
        station_send(s, s->answered, strlen(s->answered));
        return;
    }
    assert(r->action->req_size <= sizeof(req));
    r->report->zone_min = s->quirks.zone_min;
    enum ocpp_error_code code = ocpp_decode(
        r->action->req, r->frame->payload,
        s->strict || s->quirks.strict ? OCPP_STRICT : OCPP_LENIENT, &r->c->arena, req, r->report);
    if (code != OCPP_OK) {
        answer_error(r, code, r->report->text);
        return;
    }
    handlers[r->action->id].handle(r, req);
}

/* True when the station has shown that it speaks: our own requests may go out. */
static bool shows_ready(const struct request *r)
{
    return r->action != NULL && r->action->id != OCPP_BOOT_NOTIFICATION;
}

void central_on_frame(struct central *c, struct session *session, const char *text, size_t len,
                      struct instant now)
{
    struct station *s = session->station;
    struct ocpp_frame frame;
    struct ocpp_report report;
    struct request r = { .c = c, .station = s, .frame = &frame, .report = &report, .now = now };
    c->now = now;
    clock_look(c, now);
    c->counters.frames_in++;
    s->frames_in++;
    s->seen_at_ms = now.utc_ms;
    enum ocpp_rpc_rc rc = ocpp_rpc_parse(text, len, &frame, &report);
    if (rc == OCPP_RPC_OK || rc == OCPP_RPC_ERROR)
        session->garbage = 0;
    if (rc == OCPP_RPC_GARBAGE || rc == OCPP_RPC_IGNORE) {
        on_garbage(session, &report, now);
    } else if (rc == OCPP_RPC_ERROR) {
        answer_error(&r, report.code, report.text);
    } else if (frame.type == OCPP_CALL) {
        r.hash = frame_hash(text, len);
        on_call(&r);
        note_violations(s, frame.action, report.violations, report.first_violation, now);
        bool waits = s->quirks.wait_for_boot_s > 0 && !session->booted;
        if (s->session == session && !waits && shows_ready(&r))
            station_is_ready(s, now);
    } else {
        station_on_reply(s, &frame, now);
    }
    note_violations(s, frame.action, frame.violations, frame.first_violation, now);
    ocpp_frame_done(&frame);
    ocpp_arena_reset(&c->arena);
    balance_touch(c, now);
}
