/*
 * What the station sends: one CALL outstanding, notes that die with the link, and the queue of
 * transaction-related messages, which keeps its order and repeats until answered (OCPP 1.6
 * section 3.7, OCPP-J section 4.1).
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/noxsim/point_state.h"

enum {
    ANSWER_WITHIN_MS = 30000,
    ANSWER_WITHIN_REAL_MS = 2000, /* not less, however fast simulated time runs */
    RETRY_REAL_MS = 200,
    BOOT_AGAIN_MS = 60000,
    NOTE_ATTEMPTS = 3, /* of one that is kept, while the link stands */
};

/* --- lists --- */

void tx_unref(struct tx *tx)
{
    if (tx != NULL && --tx->refs == 0)
        free(tx);
}

static void append(struct point *p, struct note *note)
{
    note->next = NULL;
    note->order = ++p->next_order;
    *p->notes_last = note;
    p->notes_last = &note->next;
}

void calls_note(struct point *p, const struct note *note)
{
    struct note *copy = malloc(sizeof(*copy));
    if (copy == NULL)
        abort();
    *copy = *note;
    append(p, copy);
}

void calls_tx_message(struct point *p, const struct tx_message *message)
{
    struct tx_message *copy = malloc(sizeof(*copy));
    if (copy == NULL)
        abort();
    *copy = *message;
    copy->next = NULL;
    copy->order = ++p->next_order;
    if (copy->tx != NULL)
        copy->tx->refs++;
    *p->queue_last = copy;
    p->queue_last = &copy->next;
    p->n_queue++;
}

void note_free(struct note *note)
{
    if (note == NULL)
        return;
    free(note->text);
    free(note);
}

/* In front of the others: it was the first of them before. */
static void put_back(struct point *p, struct note *note)
{
    note->next = p->notes;
    if (p->notes == NULL)
        p->notes_last = &note->next;
    p->notes = note;
}

static void drop_first_message(struct point *p)
{
    struct tx_message *m = p->queue;
    p->queue = m->next;
    if (p->queue == NULL)
        p->queue_last = &p->queue;
    p->n_queue--;
    tx_unref(m->tx);
    free(m);
}

static struct note *take_note(struct point *p, struct note **at)
{
    struct note *note = *at;
    *at = note->next;
    if (*at == NULL)
        p->notes_last = at;
    return note;
}

/* --- sending --- */

static const struct ocpp_boot_notification_req *boot_req(struct point *p)
{
    struct ocpp_boot_notification_req *req = ocpp_arena_alloc(&p->arena, sizeof(*req));
    char *serial = ocpp_arena_alloc(&p->arena, 26);
    if (req == NULL || serial == NULL)
        return NULL;
    security_serial(p, serial);
    *req = (struct ocpp_boot_notification_req){ .charge_point_vendor = p->env->vendor,
                                                .charge_point_model = p->env->model,
                                                .charge_point_serial_number = serial,
                                                .firmware_version = p->firmware_version != NULL
                                                                        ? p->firmware_version
                                                                        : p->env->firmware,
                                                .meter_type = "SIM-3",
                                                .meter_serial_number = serial };
    return req;
}

static const void *meter_req(struct point *p, int32_t connector, const struct tx *tx,
                             const struct sample *sample)
{
    struct ocpp_meter_values_req *req = ocpp_arena_alloc(&p->arena, sizeof(*req));
    struct ocpp_meter_value *value = ocpp_arena_alloc(&p->arena, sizeof(*value));
    if (req == NULL || value == NULL || !meter_value(&p->arena, sample, value))
        return NULL;
    *req = (struct ocpp_meter_values_req){ .connector_id = connector,
                                           .transaction_id = tx != NULL ? tx->id : OCPP_INT_ABSENT,
                                           .meter_value = value,
                                           .n_meter_value = 1 };
    return req;
}

static const void *start_req(struct point *p, const struct tx_message *m)
{
    struct ocpp_start_transaction_req *req = ocpp_arena_alloc(&p->arena, sizeof(*req));
    if (req != NULL)
        *req = (struct ocpp_start_transaction_req){ .connector_id = m->connector,
                                                    .id_tag = m->tx->id_tag,
                                                    .meter_start_wh = m->tx->meter_start_wh,
                                                    .reservation_id = m->tx->reservation_id,
                                                    .timestamp_ms = m->tx->started_ms };
    return req;
}

static const void *stop_req(struct point *p, const struct tx_message *m)
{
    struct ocpp_stop_transaction_req *req = ocpp_arena_alloc(&p->arena, sizeof(*req));
    struct ocpp_meter_value *data = ocpp_arena_alloc(&p->arena, 2 * sizeof(*data));
    if (req == NULL || data == NULL)
        return NULL;
    *req =
        (struct ocpp_stop_transaction_req){ .id_tag = !m->has_id_tag               ? NULL
                                                      : m->tx->stop_tag[0] != '\0' ? m->tx->stop_tag
                                                                                   : m->tx->id_tag,
                                            .meter_stop_wh = (int32_t)m->sample.register_wh,
                                            .timestamp_ms = m->sample.at_ms,
                                            .transaction_id = m->tx->id,
                                            .reason = m->reason };
    if (m->has_data && meter_value(&p->arena, &m->begin, &data[0]) &&
        meter_value(&p->arena, &m->sample, &data[1])) {
        req->transaction_data = data;
        req->n_transaction_data = 2;
    }
    return req;
}

static const void *note_req(struct point *p, const struct note *n)
{
    union {
        struct ocpp_status_notification_req status;
        struct ocpp_authorize_req authorize;
        struct ocpp_heartbeat_req heartbeat;
        struct ocpp_diagnostics_status_notification_req diagnostics;
        struct ocpp_firmware_status_notification_req firmware;
        struct ocpp_signed_firmware_status_notification_req signed_firmware;
        struct ocpp_log_status_notification_req log;
        struct ocpp_security_event_notification_req event;
        struct ocpp_sign_certificate_req sign;
    } *req = ocpp_arena_alloc(&p->arena, sizeof(*req));
    if (req == NULL)
        return NULL;
    switch (n->action) {
    case OCPP_BOOT_NOTIFICATION:
        return boot_req(p);
    case OCPP_STATUS_NOTIFICATION:
        req->status = (struct ocpp_status_notification_req){
            .connector_id = n->connector,
            .error_code = n->error_code != 0 ? n->error_code : OCPP_ERROR_CODE_NO_ERROR,
            .status = n->status,
            .timestamp_ms = p->env->status_has_time ? n->at_ms : OCPP_TIME_ABSENT
        };
        return req;
    case OCPP_AUTHORIZE:
        req->authorize = (struct ocpp_authorize_req){ .id_tag = n->id_tag };
        return req;
    case OCPP_METER_VALUES:
        return meter_req(p, n->connector, NULL, &n->sample);
    case OCPP_DIAGNOSTICS_STATUS_NOTIFICATION:
        req->diagnostics.status = n->status;
        return req;
    case OCPP_FIRMWARE_STATUS_NOTIFICATION:
        req->firmware.status = n->status;
        return req;
    case OCPP_SIGNED_FIRMWARE_STATUS_NOTIFICATION:
        req->signed_firmware =
            (struct ocpp_signed_firmware_status_notification_req){ .status = n->status,
                                                                   .request_id = n->request_id };
        return req;
    case OCPP_LOG_STATUS_NOTIFICATION:
        req->log = (struct ocpp_log_status_notification_req){ .status = n->status,
                                                              .request_id = n->request_id };
        return req;
    case OCPP_SECURITY_EVENT_NOTIFICATION:
        req->event = (struct ocpp_security_event_notification_req){ .type = n->type,
                                                                    .timestamp_ms = n->at_ms,
                                                                    .tech_info = n->text };
        return req;
    case OCPP_SIGN_CERTIFICATE:
        req->sign.csr = n->text;
        return req;
    case OCPP_ACTION_END:
    default:
        req->heartbeat.unused = 0;
        return req;
    }
}

static enum ocpp_action_id message_action(const struct tx_message *m)
{
    static const enum ocpp_action_id actions[] = { [MESSAGE_START] = OCPP_START_TRANSACTION,
                                                   [MESSAGE_METER] = OCPP_METER_VALUES,
                                                   [MESSAGE_STOP] = OCPP_STOP_TRANSACTION };
    return actions[m->kind];
}

static const void *message_req(struct point *p, const struct tx_message *m)
{
    if (m->kind == MESSAGE_START)
        return start_req(p, m);
    return m->kind == MESSAGE_STOP ? stop_req(p, m) : meter_req(p, m->connector, m->tx, &m->sample);
}

static bool send_call(struct point *p, enum ocpp_action_id action, const void *req)
{
    struct env *env = p->env;
    struct flying *f = &p->flying;
    if (env_has_quirk(env, QUIRK_SAME_IDS) || env_has_quirk(env, QUIRK_NUMERIC_IDS))
        snprintf(f->id, sizeof(f->id), "%" PRIu64, ++p->next_id);
    else
        snprintf(f->id, sizeof(f->id), "%08" PRIx32 "-%" PRIu64,
                 (uint32_t)(rng_hash(p->site->id) >> 16), ++p->next_id);
    ocpp_text_reset(&p->out);
    if (action == OCPP_ACTION_END
            ? !ocpp_rpc_call_raw(&p->out, f->id, f->note->type, f->note->text)
            : req == NULL || !ocpp_rpc_call(&p->out, f->id, ocpp_action_get(action), req))
        return false;
    f->active = true;
    f->action = action;
    f->sent_ms = env->now_ms;
    f->timeout_ms = env->now_ms + env_at_least_ms(env, ANSWER_WITHIN_MS, ANSWER_WITHIN_REAL_MS);
    point_send(p, p->out.data, p->out.len);
    env->counters.calls_sent++;
    return true;
}

static void send_note(struct point *p, struct note *note)
{
    ocpp_arena_reset(&p->arena);
    p->flying = (struct flying){ .note = note };
    if (!send_call(p, note->action, note_req(p, note))) {
        note_free(note);
        p->flying = (struct flying){ .note = NULL };
    }
}

static void send_message(struct point *p, struct tx_message *m)
{
    ocpp_arena_reset(&p->arena);
    p->flying = (struct flying){ .message = m };
    p->env->counters.retries += m->attempts > 0;
    m->attempts++;
    if (!send_call(p, message_action(m), message_req(p, m))) {
        p->flying = (struct flying){ .message = NULL };
        p->env->counters.given_up++;
        drop_first_message(p);
    }
}

static struct note **first_triggered(struct point *p)
{
    struct note **at = &p->notes;
    while (*at != NULL && !(*at)->was_triggered)
        at = &(*at)->next;
    return at;
}

/* Before it is accepted a station sends nothing but the boot and, while Pending, what the central
 * system asked for (section 4.2). */
static void pump_unaccepted(struct point *p)
{
    struct note boot = { .action = OCPP_BOOT_NOTIFICATION };
    struct note **triggered = first_triggered(p);
    if (p->env->now_ms >= p->boot_ms) {
        struct note *copy = malloc(sizeof(*copy));
        if (copy == NULL)
            abort();
        *copy = boot;
        p->boot_ms = p->env->now_ms + env_at_least_ms(p->env, BOOT_AGAIN_MS, ANSWER_WITHIN_REAL_MS);
        send_note(p, copy);
    } else if (p->registration == OCPP_REGISTRATION_PENDING && *triggered != NULL) {
        send_note(p, take_note(p, triggered));
    }
}

void calls_pump(struct point *p)
{
    while (p->link_state == LINK_UP && p->is_powered && !p->flying.active) {
        bool has_message = p->queue != NULL && p->queue->not_before_ms <= p->env->now_ms;
        uint64_t before = p->next_id;
        if (p->registration != OCPP_REGISTRATION_ACCEPTED)
            pump_unaccepted(p);
        else if (p->notes != NULL && (!has_message || p->notes->order < p->queue->order))
            send_note(p, take_note(p, &p->notes));
        else if (has_message)
            send_message(p, p->queue);
        if (p->next_id == before)
            return;
    }
}

/* --- answers --- */

/* Conf structs of everything we call. */
union conf {
    struct ocpp_boot_notification_conf boot;
    struct ocpp_heartbeat_conf heartbeat;
    struct ocpp_authorize_conf authorize;
    struct ocpp_start_transaction_conf start;
    struct ocpp_stop_transaction_conf stop;
    struct ocpp_data_transfer_conf data;
    struct ocpp_sign_certificate_conf sign;
};

static void later(struct point *p, struct tx_message *m)
{
    int64_t wait_ms =
        INT64_C(1000) * m->attempts * keys_int(&p->keys, KEY_TRANSACTION_MESSAGE_RETRY_INTERVAL);
    if (wait_ms > 300000)
        wait_ms = 300000;
    m->not_before_ms = p->env->now_ms + env_at_least_ms(p->env, wait_ms, RETRY_REAL_MS);
}

static void on_message_answered(struct point *p, struct tx_message *m, const union conf *conf)
{
    struct counters *c = &p->env->counters;
    struct tx *tx = m->tx;
    struct outlet *o = point_outlet(p, m->connector);
    const struct ocpp_id_tag_info *info = NULL;
    if (m->kind == MESSAGE_START) {
        tx->id = conf->start.transaction_id != OCPP_INT_ABSENT ? conf->start.transaction_id : -1;
        info = conf->start.id_tag_info;
        point_remember(p, tx->id_tag, info);
        c->starts_confirmed++;
    }
    c->stops_confirmed += m->kind == MESSAGE_STOP;
    if (m->kind == MESSAGE_STOP && m->has_id_tag)
        point_remember(p, tx->stop_tag[0] != '\0' ? tx->stop_tag : tx->id_tag,
                       conf->stop.id_tag_info);
    if (m->kind == MESSAGE_START && o != NULL)
        outlet_on_start_answer(o, tx, info);
    drop_first_message(p);
}

static void on_note_answered(struct point *p, const struct note *note, const union conf *conf,
                             int64_t sent_ms)
{
    static const struct ocpp_id_tag_info invalid = { .status = OCPP_AUTH_INVALID };
    struct outlet *o = point_outlet(p, note->connector);
    const struct ocpp_id_tag_info *info = conf->authorize.id_tag_info;
    switch (note->action) {
    case OCPP_BOOT_NOTIFICATION:
        point_accept(p, &conf->boot, sent_ms);
        return;
    case OCPP_HEARTBEAT:
        point_take_clock(p, conf->heartbeat.current_time_ms, sent_ms);
        return;
    case OCPP_AUTHORIZE:
        point_remember(p, note->id_tag, info);
        if (o != NULL)
            outlet_on_authorized(o, info != NULL ? info : &invalid);
        return;
    default:
        return;
    }
}

/* A note without an answer is not repeated as such; what it was about is. */
static void on_note_lost(struct point *p, const struct note *note)
{
    struct outlet *o = point_outlet(p, note->connector);
    if (note->action == OCPP_AUTHORIZE && o != NULL)
        outlet_on_authorized(o, NULL);
    if (note->action == OCPP_STATUS_NOTIFICATION && o != NULL)
        o->status_told = 0;
    if (note->action == OCPP_STATUS_NOTIFICATION && note->connector == 0)
        p->station_status_told = 0;
}

/* Section 3.7.1 and chapter 9: so many attempts that the central system failed to process. */
static void on_message_error(struct point *p, struct tx_message *m)
{
    if (++m->errors < keys_int(&p->keys, KEY_TRANSACTION_MESSAGE_ATTEMPTS)) {
        later(p, m);
        return;
    }
    if (m->kind == MESSAGE_START && m->tx->id == 0)
        m->tx->id = -1;
    p->env->counters.given_up++;
    drop_first_message(p);
}

/* The original, which its caller frees, hands its text over. */
static void keep_copy(struct point *p, struct note *note)
{
    calls_note(p, note);
    note->text = NULL;
}

static const char *action_name(const struct flying *f)
{
    return f->action == OCPP_ACTION_END ? f->note->type : ocpp_action_get(f->action)->name;
}

static void on_error(struct point *p, const struct ocpp_frame *frame, const struct flying *f)
{
    p->env->counters.calls_refused++;
    snprintf(p->env->warning, sizeof(p->env->warning), "%.40s: %s was answered %.40s: %.80s",
             p->site->id, action_name(f), frame->error_code_text, frame->error_description);
    if (frame->error_code == OCPP_SECURITY_ERROR && f->action != OCPP_BOOT_NOTIFICATION) {
        p->registration = 0; /* it does not know us: boot first */
        p->boot_ms = p->env->now_ms;
        if (f->note != NULL && f->note->is_kept)
            keep_copy(p, f->note);
        else if (f->note != NULL)
            on_note_lost(p, f->note);
        return;
    }
    if (f->message != NULL)
        on_message_error(p, f->message);
    else
        on_note_lost(p, f->note);
}

static void on_result(struct point *p, const struct ocpp_frame *frame, const struct flying *f)
{
    const struct ocpp_action *action = ocpp_action_get(f->action);
    union conf conf = { .start = { .transaction_id = OCPP_INT_ABSENT } };
    struct ocpp_report report;
    if (action == NULL) { /* what people sent is theirs to read */
        p->env->counters.calls_answered++;
        return;
    }
    ocpp_report_init(&report);
    ocpp_arena_reset(&p->arena);
    if (action->conf_size > sizeof(conf) || ocpp_decode(action->conf, frame->payload, OCPP_LENIENT,
                                                        &p->arena, &conf, &report) != OCPP_OK) {
        snprintf(p->env->warning, sizeof(p->env->warning), "%.40s: %.60s: %.80s", p->site->id,
                 action->conf->name, report.text);
        if (f->message != NULL)
            on_message_error(p, f->message);
        else
            on_note_lost(p, f->note);
        return;
    }
    p->env->counters.calls_answered++;
    if (f->message != NULL)
        on_message_answered(p, f->message, &conf);
    else
        on_note_answered(p, f->note, &conf, f->sent_ms);
}

/* The link is gone: what is kept goes first again, of the others it is noted that they are lost. */
static void note_cut(struct point *p, struct note *note)
{
    if (note->is_kept) {
        put_back(p, note);
        return;
    }
    on_note_lost(p, note);
    note_free(note);
}

/* Nobody answered although the link stands: behind all others, so that nothing starves. */
static void note_unanswered(struct point *p, struct note *note)
{
    if (note->is_kept && ++note->unanswered < NOTE_ATTEMPTS) {
        append(p, note);
        return;
    }
    on_note_lost(p, note);
    note_free(note);
}

void calls_on_answer(struct point *p, const struct ocpp_frame *frame)
{
    struct flying f = p->flying;
    if (!f.active || strcmp(frame->id, f.id) != 0)
        return; /* late: its call was given up */
    p->flying = (struct flying){ .active = false };
    if (frame->type == OCPP_CALLERROR)
        on_error(p, frame, &f);
    else
        on_result(p, frame, &f);
    note_free(f.note);
}

void calls_on_due(struct point *p)
{
    struct flying f = p->flying;
    if (!f.active || p->env->now_ms < f.timeout_ms)
        return;
    p->flying = (struct flying){ .active = false };
    p->env->counters.calls_unanswered++;
    if (f.message != NULL)
        later(p, f.message);
    else
        note_unanswered(p, f.note);
}

int64_t calls_next_ms(const struct point *p)
{
    int64_t next_ms = TIME_NEVER;
    if (p->flying.active)
        return p->flying.timeout_ms;
    if (p->link_state != LINK_UP || !p->is_powered)
        return TIME_NEVER;
    if (p->registration != OCPP_REGISTRATION_ACCEPTED)
        return p->boot_ms;
    if (p->queue != NULL)
        next_ms = p->queue->not_before_ms;
    return next_ms;
}

/* Transaction-related messages stay; the one under way is sent again, with another id. */
void calls_link_lost(struct point *p)
{
    struct flying f = p->flying;
    p->flying = (struct flying){ .active = false };
    struct note *kept = NULL, **last = &kept;
    if (p->queue != NULL)
        p->queue->not_before_ms = 0;
    while (p->notes != NULL) {
        struct note *note = take_note(p, &p->notes);
        if (note->is_kept) {
            note->next = NULL;
            *last = note;
            last = &note->next;
            continue;
        }
        on_note_lost(p, note);
        note_free(note);
    }
    p->notes = kept;
    p->notes_last = kept != NULL ? last : &p->notes;
    if (f.active && f.note != NULL)
        note_cut(p, f.note);
}

void calls_done(struct point *p)
{
    note_free(p->flying.note);
    p->flying = (struct flying){ .active = false };
    while (p->notes != NULL)
        note_free(take_note(p, &p->notes));
    while (p->queue != NULL)
        drop_first_message(p);
}
