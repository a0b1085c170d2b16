/* Requests of the central system and our answers, OCPP 1.6 chapter 5. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/noxsim/serve.h"

enum { STEPS_MAX = PROFILE_PERIODS_MAX, RESET_AFTER_MS = 2000, RESET_REAL_MS = 300 };

void serve_answer(const struct request *r, const void *conf)
{
    struct point *p = r->point;
    ocpp_text_reset(&p->out);
    if (ocpp_rpc_result(&p->out, r->frame, r->action->conf, conf))
        point_send_answer(p, p->out.data, p->out.len);
}

void serve_refuse(struct point *p, const struct ocpp_frame *frame, enum ocpp_error_code code,
                  const char *text)
{
    ocpp_text_reset(&p->out);
    p->env->counters.requests_refused++;
    if (ocpp_rpc_error(&p->out, frame, code, text))
        point_send_answer(p, p->out.data, p->out.len);
}

void serve_status(const struct request *r, int32_t status)
{
    struct ocpp_reset_conf conf = { .status = status }; /* they all look like this one */
    serve_answer(r, &conf);
}

/* --- configuration, sections 5.3 and 5.8 --- */

static struct ocpp_configuration_key told_key(const struct point *p, enum key key)
{
    return (struct ocpp_configuration_key){ .key = key_row(key)->name,
                                            .readonly = key_row(key)->readonly,
                                            .value = key_row(key)->writeonly
                                                         ? NULL
                                                         : keys_text(&p->keys, key) };
}

static void on_get_configuration(const struct request *r, const void *msg)
{
    const struct ocpp_get_configuration_req *req = msg;
    struct point *p = r->point;
    size_t room = req->n_key + KEY_END;
    struct ocpp_configuration_key *known = ocpp_arena_alloc(&p->arena, room * sizeof(*known));
    const char **unknown = ocpp_arena_alloc(&p->arena, room * sizeof(*unknown));
    struct ocpp_get_configuration_conf conf = { .configuration_key = known,
                                                .unknown_key = unknown };
    if (known == NULL || unknown == NULL)
        return;
    for (int i = 0; req->n_key == 0 && i < KEY_END; i++)
        known[conf.n_configuration_key++] = told_key(p, (enum key)i);
    for (size_t i = 0; i < req->n_key; i++) {
        enum key key = key_find(req->key[i]);
        if (key == KEY_END)
            unknown[conf.n_unknown_key++] = req->key[i];
        else
            known[conf.n_configuration_key++] = told_key(p, key);
    }
    serve_answer(r, &conf);
}

static void on_change_configuration(const struct request *r, const void *msg)
{
    const struct ocpp_change_configuration_req *req = msg;
    int32_t status;
    if (req->key != NULL && req->value != NULL &&
        security_change(r->point, req->key, req->value, &status)) {
        serve_status(r, status);
        return;
    }
    serve_status(r, keys_change(&r->point->keys, req->key != NULL ? req->key : "",
                                req->value != NULL ? req->value : ""));
    /* New intervals hold from the next sample on; a heartbeat is not put off. */
}

/* --- charging profiles, sections 5.5, 5.7, 5.16 --- */

static void on_set_charging_profile(const struct request *r, const void *msg)
{
    const struct ocpp_set_charging_profile_req *req = msg;
    struct point *p = r->point;
    struct outlet *o = point_outlet(p, req->connector_id);
    struct profile_use use = { .has_tx = false };
    enum profile_rc rc = PROFILE_REJECTED;
    const char *why = "the station rejects every profile";
    if (o != NULL)
        use = outlet_use(o);
    if (o == NULL && req->connector_id != 0)
        why = "there is no such connector";
    else if (req->cs_charging_profiles != NULL && !p->rejects_profiles)
        rc = profiles_set(&p->profiles, req->connector_id, req->cs_charging_profiles,
                          o != NULL ? &use : NULL, INT32_MAX, point_utc_ms(p), &why);
    p->profiles_taken += rc == PROFILE_ACCEPTED;
    if (rc == PROFILE_ACCEPTED)
        p->env->counters.profiles_accepted++;
    else
        p->env->counters.profiles_rejected++;
    serve_status(r, rc == PROFILE_ACCEPTED ? OCPP_CHARGING_PROFILE_STATUS_ACCEPTED
                                           : OCPP_CHARGING_PROFILE_STATUS_REJECTED);
}

static void on_clear_charging_profile(const struct request *r, const void *msg)
{
    size_t n = profiles_clear(&r->point->profiles, msg);
    serve_status(r, n > 0 ? OCPP_CLEAR_CHARGING_PROFILE_STATUS_ACCEPTED
                          : OCPP_CLEAR_CHARGING_PROFILE_STATUS_UNKNOWN);
}

/* W = A x 230 V x wired phases. */
static int32_t step_tenths(const struct point *p, const struct profile_step *step, int32_t unit)
{
    return unit == OCPP_RATE_UNIT_W
               ? (int32_t)((int64_t)step->limit_ma * MAINS_V * p->site->n_phases / 100)
               : step->limit_ma / 100;
}

static void on_get_composite_schedule(const struct request *r, const void *msg)
{
    const struct ocpp_get_composite_schedule_req *req = msg;
    struct point *p = r->point;
    struct profile_use use[SITE_CONNECTORS_MAX];
    struct profile_step step[STEPS_MAX];
    struct ocpp_charging_schedule_period period[STEPS_MAX];
    size_t n_use = 0;
    for (size_t i = 0; i < p->n_outlets; i++)
        if (req->connector_id == 0 || p->outlet[i].number == req->connector_id)
            use[n_use++] = outlet_use(&p->outlet[i]);
    int64_t from_ms = point_utc_ms(p);
    size_t n = n_use > 0 ? profiles_composite(&p->profiles, use, n_use, from_ms, req->duration,
                                              p->site->rating_ma, step, STEPS_MAX)
                         : 0;
    int32_t unit = req->charging_rate_unit > 0 ? req->charging_rate_unit : OCPP_RATE_UNIT_A;
    for (size_t i = 0; i < n; i++)
        period[i] =
            (struct ocpp_charging_schedule_period){ .start_period = step[i].start_s,
                                                    .limit_tenths = step_tenths(p, &step[i], unit),
                                                    .number_phases = p->site->n_phases };
    struct ocpp_charging_schedule schedule = { .duration = req->duration,
                                               .start_schedule_ms = from_ms,
                                               .charging_rate_unit = unit,
                                               .charging_schedule_period = period,
                                               .n_charging_schedule_period = n,
                                               .min_charging_rate_tenths = OCPP_INT_ABSENT };
    struct ocpp_get_composite_schedule_conf conf = {
        .status = OCPP_GET_COMPOSITE_SCHEDULE_STATUS_ACCEPTED,
        .connector_id = req->connector_id,
        .schedule_start_ms = from_ms,
        .charging_schedule = &schedule
    };
    if (n == 0)
        conf = (struct ocpp_get_composite_schedule_conf){
            .status = OCPP_GET_COMPOSITE_SCHEDULE_STATUS_REJECTED,
            .connector_id = OCPP_INT_ABSENT,
            .schedule_start_ms = OCPP_TIME_ABSENT
        };
    serve_answer(r, &conf);
}

/* --- remote control, sections 5.2, 5.4, 5.11 to 5.14, 5.18 --- */

static struct outlet *outlet_for_remote(struct point *p, int32_t connector, const char *tag,
                                        const char *parent)
{
    for (size_t i = 0; i < p->n_outlets; i++) {
        struct outlet *o = &p->outlet[i];
        if ((connector == OCPP_INT_ABSENT || o->number == connector) && o->tx == NULL &&
            o->recorded == NULL && !o->is_inoperative && !o->becomes_inoperative &&
            o->error_code == 0 && !p->is_updating &&
            (!outlet_is_held(o) || reservations_of(&p->reservations, o->number, tag, parent)))
            return o;
    }
    return NULL;
}

/* The driver who pressed "start" in the app plugs in at the same moment. */
static void plug_for_remote(struct outlet *o)
{
    struct rng *rng = &o->point->rng;
    const struct vehicle_model *model = vehicle_pick(rng, VEHICLE_MIXED);
    struct point_arrival arrival = { .model = model,
                                     .soc_wh = (int64_t)model->battery_wh / 5,
                                     .goal_wh = model->battery_wh,
                                     .stay_ms = rng_range(rng, 3600000, 3 * 3600000),
                                     .tag = "" };
    if (!o->is_plugged)
        outlet_plug(o, &arrival);
}

static void on_remote_start(const struct request *r, const void *msg)
{
    const struct ocpp_remote_start_transaction_req *req = msg;
    struct point *p = r->point;
    const struct ocpp_charging_profile *profile = req->charging_profile;
    const struct local_entry *entry = req->id_tag != NULL ? point_known(p, req->id_tag) : NULL;
    const char *parent = entry != NULL ? entry->parent : NULL;
    struct outlet *o =
        req->id_tag != NULL ? outlet_for_remote(p, req->connector_id, req->id_tag, parent) : NULL;
    const char *why;
    if (o == NULL || !point_is_accepted(p) || p->is_ending ||
        (profile != NULL && !profiles_check_remote(&p->profiles, profile, &why))) {
        serve_status(r, OCPP_REMOTE_START_STOP_STATUS_REJECTED);
        return;
    }
    serve_status(r, OCPP_REMOTE_START_STOP_STATUS_ACCEPTED);
    plug_for_remote(o);
    outlet_tell_status(o);
    outlet_start(o, req->id_tag, parent);
    if (profile == NULL)
        return;
    struct profile_use use = outlet_use(o);
    profiles_set(&p->profiles, o->number, profile, &use, INT32_MAX, point_utc_ms(p), &why);
}

static void on_remote_stop(const struct request *r, const void *msg)
{
    const struct ocpp_remote_stop_transaction_req *req = msg;
    struct point *p = r->point;
    for (size_t i = 0; i < p->n_outlets; i++) {
        struct outlet *o = &p->outlet[i];
        if (o->tx == NULL || o->tx->id != req->transaction_id || o->recorded != NULL)
            continue;
        serve_status(r, OCPP_REMOTE_START_STOP_STATUS_ACCEPTED);
        outlet_stop(o, OCPP_REASON_REMOTE, false);
        return;
    }
    serve_status(r, OCPP_REMOTE_START_STOP_STATUS_REJECTED);
}

static void on_reset(const struct request *r, const void *msg)
{
    const struct ocpp_reset_req *req = msg;
    struct point *p = r->point;
    p->reset_is_hard = req->type == OCPP_RESET_TYPE_HARD;
    security_event_if_told(p, "ResetOrReboot", p->reset_is_hard ? "Hard" : "Soft");
    serve_status(r, OCPP_RESET_STATUS_ACCEPTED);
    for (size_t i = 0; i < p->n_outlets; i++)
        if (p->outlet[i].tx != NULL && p->outlet[i].recorded == NULL)
            outlet_stop(&p->outlet[i],
                        p->reset_is_hard ? OCPP_REASON_HARD_RESET : OCPP_REASON_SOFT_RESET, false);
    p->reset_ms = p->env->now_ms + env_at_least_ms(p->env, RESET_AFTER_MS, RESET_REAL_MS);
}

static void on_unlock_connector(const struct request *r, const void *msg)
{
    const struct ocpp_unlock_connector_req *req = msg;
    struct outlet *o = point_outlet(r->point, req->connector_id);
    if (o == NULL) {
        serve_status(r, OCPP_UNLOCK_STATUS_NOT_SUPPORTED); /* no such connector */
        return;
    }
    if (o->recorded != NULL) {
        serve_status(r, OCPP_UNLOCK_STATUS_UNLOCK_FAILED);
        return;
    }
    serve_status(r, OCPP_UNLOCK_STATUS_UNLOCKED);
    if (o->tx != NULL)
        outlet_stop(o, OCPP_REASON_UNLOCK_COMMAND, false);
    if (o->is_plugged)
        o->unplug_ms = r->point->env->now_ms + 10000;
}

static bool set_availability(struct outlet *o, bool operative)
{
    bool is_busy = o->tx != NULL || o->recorded != NULL;
    if (operative)
        o->is_inoperative = o->becomes_inoperative = false;
    else if (is_busy)
        o->becomes_inoperative = true;
    else
        o->is_inoperative = true;
    if (!operative)
        reservations_end(&o->point->reservations, o->number);
    return operative || !is_busy;
}

static void on_change_availability(const struct request *r, const void *msg)
{
    const struct ocpp_change_availability_req *req = msg;
    struct point *p = r->point;
    bool operative = req->type == OCPP_AVAILABILITY_TYPE_OPERATIVE, at_once = true, any = false;
    for (size_t i = 0; i < p->n_outlets; i++)
        if (req->connector_id == 0 || p->outlet[i].number == req->connector_id) {
            at_once = set_availability(&p->outlet[i], operative) && at_once;
            any = true;
        }
    if (!operative && any && req->connector_id == 0)
        reservations_end(&p->reservations, 0);
    serve_status(r, !any      ? OCPP_AVAILABILITY_STATUS_REJECTED
                    : at_once ? OCPP_AVAILABILITY_STATUS_ACCEPTED
                              : OCPP_AVAILABILITY_STATUS_SCHEDULED);
}

/* --- TriggerMessage, section 5.17 --- */

static void trigger_meter(struct point *p, struct outlet *o)
{
    struct sample s = outlet_sample(o, OCPP_CONTEXT_TRIGGER, KEY_METER_VALUES_SAMPLED_DATA);
    struct tx_message m = { .kind = MESSAGE_METER,
                            .tx = o->tx,
                            .connector = o->number,
                            .sample = s };
    struct note note = { .action = OCPP_METER_VALUES,
                         .connector = o->number,
                         .sample = s,
                         .was_triggered = true };
    if (o->tx != NULL)
        calls_tx_message(p, &m);
    else
        calls_note(p, &note);
}

static void trigger_status(struct point *p, struct outlet *o)
{
    struct note note = { .action = OCPP_STATUS_NOTIFICATION,
                         .connector = o->number,
                         .status = outlet_status(o),
                         .error_code = o->error_code,
                         .at_ms = point_utc_ms(p),
                         .was_triggered = true };
    o->status_told = note.status;
    calls_note(p, &note);
}

/* Connector 0. */
static void trigger_station_status(struct point *p)
{
    struct note note = { .action = OCPP_STATUS_NOTIFICATION,
                         .status = point_station_status(p),
                         .at_ms = point_utc_ms(p),
                         .was_triggered = true };
    p->station_status_told = note.status;
    calls_note(p, &note);
}

static void trigger_note(struct point *p, enum ocpp_action_id action, int32_t status)
{
    struct note note = { .action = action, .status = status, .was_triggered = true };
    if (action == OCPP_BOOT_NOTIFICATION && !point_is_accepted(p))
        p->boot_ms = p->env->now_ms; /* it is waiting to be sent anyway */
    else
        calls_note(p, &note);
}

void serve_trigger(struct point *p, int32_t what, int32_t connector)
{
    switch (what) {
    case OCPP_MESSAGE_TRIGGER_BOOT_NOTIFICATION:
        trigger_note(p, OCPP_BOOT_NOTIFICATION, 0);
        return;
    case OCPP_MESSAGE_TRIGGER_HEARTBEAT:
        trigger_note(p, OCPP_HEARTBEAT, 0);
        return;
    case OCPP_MESSAGE_TRIGGER_DIAGNOSTICS_STATUS_NOTIFICATION:
        trigger_note(p, OCPP_DIAGNOSTICS_STATUS_NOTIFICATION, files_diagnostics_status(p));
        return;
    case OCPP_MESSAGE_TRIGGER_FIRMWARE_STATUS_NOTIFICATION:
        trigger_note(p, OCPP_FIRMWARE_STATUS_NOTIFICATION, files_firmware_status(p));
        return;
    default:
        break;
    }
    if (what == OCPP_MESSAGE_TRIGGER_STATUS_NOTIFICATION && connector == OCPP_INT_ABSENT)
        trigger_station_status(p);
    for (size_t i = 0; i < p->n_outlets; i++) {
        struct outlet *o = &p->outlet[i];
        if (connector != OCPP_INT_ABSENT && o->number != connector)
            continue;
        if (what == OCPP_MESSAGE_TRIGGER_METER_VALUES)
            trigger_meter(p, o);
        else
            trigger_status(p, o);
    }
}

static void on_trigger_message(const struct request *r, const void *msg)
{
    const struct ocpp_trigger_message_req *req = msg;
    if (req->requested_message <= 0) {
        serve_status(r, OCPP_TRIGGER_MESSAGE_STATUS_NOT_IMPLEMENTED);
    } else if (req->connector_id != OCPP_INT_ABSENT &&
               point_outlet(r->point, req->connector_id) == NULL) {
        serve_status(r, OCPP_TRIGGER_MESSAGE_STATUS_REJECTED);
    } else {
        serve_status(r, OCPP_TRIGGER_MESSAGE_STATUS_ACCEPTED);
        serve_trigger(r->point, req->requested_message, req->connector_id);
    }
}

/* --- the rest --- */

static void on_clear_cache(const struct request *r, const void *msg)
{
    struct point *p = r->point;
    bool has_cache = keys_bool(&p->keys, KEY_AUTHORIZATION_CACHE_ENABLED);
    (void)msg;
    if (has_cache)
        local_list_done(&p->cache);
    serve_status(r, has_cache ? OCPP_CLEAR_CACHE_STATUS_ACCEPTED
                              : OCPP_CLEAR_CACHE_STATUS_REJECTED); /* errata 3.23 */
}

static void on_data_transfer(const struct request *r, const void *msg)
{
    const struct ocpp_data_transfer_req *req = msg;
    struct ocpp_data_transfer_conf conf = { .status = OCPP_DATA_TRANSFER_STATUS_UNKNOWN_VENDOR_ID };
    if (req->vendor_id != NULL && strcmp(req->vendor_id, r->point->env->vendor) == 0) {
        bool is_echo = req->message_id != NULL && strcmp(req->message_id, "echo") == 0;
        conf.status = is_echo ? OCPP_DATA_TRANSFER_STATUS_ACCEPTED
                              : OCPP_DATA_TRANSFER_STATUS_UNKNOWN_MESSAGE_ID;
        conf.data = is_echo ? req->data : NULL;
    }
    serve_answer(r, &conf);
}

static const struct handler {
    enum ocpp_action_id action;
    void (*serve)(const struct request *r, const void *msg);
} handlers[] = {
    { OCPP_CERTIFICATE_SIGNED, on_certificate_signed },
    { OCPP_CANCEL_RESERVATION, on_cancel_reservation },
    { OCPP_CHANGE_AVAILABILITY, on_change_availability },
    { OCPP_CHANGE_CONFIGURATION, on_change_configuration },
    { OCPP_CLEAR_CACHE, on_clear_cache },
    { OCPP_CLEAR_CHARGING_PROFILE, on_clear_charging_profile },
    { OCPP_DATA_TRANSFER, on_data_transfer },
    { OCPP_DELETE_CERTIFICATE, on_delete_certificate },
    { OCPP_EXTENDED_TRIGGER_MESSAGE, on_extended_trigger },
    { OCPP_GET_INSTALLED_CERTIFICATE_IDS, on_get_installed_certificate_ids },
    { OCPP_INSTALL_CERTIFICATE, on_install_certificate },
    { OCPP_SIGNED_UPDATE_FIRMWARE, on_signed_update_firmware },
    { OCPP_GET_COMPOSITE_SCHEDULE, on_get_composite_schedule },
    { OCPP_GET_CONFIGURATION, on_get_configuration },
    { OCPP_GET_DIAGNOSTICS, on_get_diagnostics },
    { OCPP_GET_LOCAL_LIST_VERSION, on_get_local_list_version },
    { OCPP_GET_LOG, on_get_log },
    { OCPP_REMOTE_START_TRANSACTION, on_remote_start },
    { OCPP_REMOTE_STOP_TRANSACTION, on_remote_stop },
    { OCPP_RESERVE_NOW, on_reserve_now },
    { OCPP_RESET, on_reset },
    { OCPP_SEND_LOCAL_LIST, on_send_local_list },
    { OCPP_SET_CHARGING_PROFILE, on_set_charging_profile },
    { OCPP_TRIGGER_MESSAGE, on_trigger_message },
    { OCPP_UNLOCK_CONNECTOR, on_unlock_connector },
    { OCPP_UPDATE_FIRMWARE, on_update_firmware },
};

static const struct handler *find_handler(enum ocpp_action_id action)
{
    for (size_t i = 0; i < sizeof(handlers) / sizeof(handlers[0]); i++)
        if (handlers[i].action == action)
            return &handlers[i];
    return NULL;
}

static void serve(struct point *p, const struct ocpp_frame *frame)
{
    struct request r = { .point = p, .action = ocpp_action_find(frame->action), .frame = frame };
    struct ocpp_report report;
    if (r.action == NULL) {
        serve_refuse(p, frame, OCPP_NOT_IMPLEMENTED, "this action is not known");
        return;
    }
    const struct handler *handler = find_handler(r.action->id);
    if (handler == NULL) {
        serve_refuse(p, frame, OCPP_NOT_SUPPORTED, "this station does not support the action");
        return;
    }
    ocpp_report_init(&report);
    ocpp_arena_reset(&p->arena);
    void *req = ocpp_arena_alloc(&p->arena, r.action->req_size);
    enum ocpp_error_code code = req != NULL ? ocpp_decode(r.action->req, frame->payload,
                                                          OCPP_LENIENT, &p->arena, req, &report)
                                            : OCPP_INTERNAL_ERROR;
    if (report.violations > 0 && code == OCPP_OK) {
        p->env->counters.requests_odd++;
        if (p->env->warning[0] == '\0')
            snprintf(p->env->warning, sizeof(p->env->warning),
                     "%.40s: the central system's %.40s is not what the standard says: %.150s",
                     p->site->id, r.action->name, report.first_violation);
    }
    if (code != OCPP_OK)
        serve_refuse(p, frame, code, report.text);
    else
        handler->serve(&r, req);
}

void serve_call(struct point *p, const char *text, size_t len)
{
    struct ocpp_frame frame;
    struct ocpp_report report;
    enum ocpp_rpc_rc rc = ocpp_rpc_parse(text, len, &frame, &report);
    if (rc == OCPP_RPC_OK && frame.type == OCPP_CALL)
        serve(p, &frame);
    else if (rc == OCPP_RPC_ERROR)
        serve_refuse(p, &frame, report.code, report.text);
    ocpp_frame_done(&frame);
}
