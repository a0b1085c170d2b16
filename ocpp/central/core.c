/* Core profile: what stations say in the course of a day, handled as OCPP 1.6 chapter 4 says. */
#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ocpp/central/state.h"
#include "ocpp/wire/redact.h"

/* --- BootNotification, section 4.2 --- */

struct boot_extra {
    int32_t registration;
};

static void boot_durable(void *arg, enum store_rc rc, const union store_result *result)
{
    struct pending *p = arg;
    struct station *s = pending_station(p);
    struct central *c = s->central;
    const struct boot_extra *extra = pending_extra(p);
    (void)result;
    if (rc != STORE_OK) {
        pending_refuse(p, rc);
        return;
    }
    struct session *session = s->session;
    int32_t registration = extra->registration;
    struct ocpp_boot_notification_conf conf = {
        .current_time_ms = c->now.utc_ms,
        .interval = registration != STORE_REG_ACCEPTED ? c->options.boot_retry_s
                    : s->quirks.heartbeat_s > 0        ? s->quirks.heartbeat_s
                                                       : c->options.heartbeat_s,
        .status = registration,
    };
    s->n_pending++; /* the station is still needed below */
    s->boot_answered_mono_ms = c->now.mono_ms;
    pending_answer(p, &conf);
    if (s->session != NULL && s->session == session) {
        station_is_ready(s, c->now);
        if (registration == STORE_REG_ACCEPTED && s->session != NULL)
            balance_boot(s, c->now);
        if (registration == STORE_REG_ACCEPTED && s->session != NULL)
            keys_boot(s);
        reserve_boot(s);
    }
    s->n_pending--;
    station_free_if_gone(s);
    balance_touch(c, c->now);
}

void on_boot_notification(const struct request *r, const void *msg)
{
    const struct ocpp_boot_notification_req *req = msg;
    struct station *s = r->station;
    s->session->booted = true;
    s->skew_known = false;
    s->skew_ms = 0;
    s->booted_at_ms = r->now.utc_ms;
    bool other = text_replace(&s->vendor, req->charge_point_vendor);
    other = text_replace(&s->model, req->charge_point_model) || other;
    text_replace(&s->serial, req->charge_point_serial_number);
    bool updated = text_replace(&s->firmware, req->firmware_version);
    if (updated)
        s->keys_known = false;
    evidence_booted(s, updated || other, r->now);
    quirks_find(s);
    transfers_booted(s, r->now);
    struct pending *p = pending_new(r, sizeof(struct boot_extra));
    if (p == NULL)
        return;
    ((struct boot_extra *)pending_extra(p))->registration = s->registration;
    struct store_boot boot = {
        .station = s->id,
        .vendor = req->charge_point_vendor,
        .model = req->charge_point_model,
        .serial = req->charge_point_serial_number != NULL ? req->charge_point_serial_number
                                                          : req->charge_box_serial_number,
        .firmware = req->firmware_version,
        .iccid = req->iccid,
        .imsi = req->imsi,
        .meter_type = req->meter_type,
        .meter_serial = req->meter_serial_number,
        .address = s->session->address,
        .registration = s->registration,
        .at_ms = r->now.utc_ms,
    };
    struct store_done done = { .fn = boot_durable, .arg = p };
    if (!store_boot(r->c->options.store, &boot, done)) {
        pending_refuse(p, STORE_FULL);
        return;
    }
    if (station_may_tell(s, r->now))
        central_event(r->c, "station.boot", STORE_INFO, s->id, -1, r->now, "%s %s, firmware %s: %s",
                      s->vendor != NULL ? s->vendor : "?", s->model != NULL ? s->model : "?",
                      s->firmware != NULL ? s->firmware : "?",
                      ocpp_enum_text(&ocpp_enum_registration, s->registration));
}

/* --- Heartbeat, section 4.6 --- */

void on_heartbeat(const struct request *r, const void *msg)
{
    (void)msg;
    struct ocpp_heartbeat_conf conf = { .current_time_ms = r->now.utc_ms };
    clock_beat(r->station);
    answer(r, &conf);
}

/* --- Authorize, section 4.1 --- */

bool tag_is_in_scope(const struct tag *tag, const struct station *s)
{
    return groups_allow(tag->groups, s->groups, s->groups_only);
}

/* Blocked stands before Expired, and both before a station that is not the tag's: to a station all
 * that it must not charge is Blocked ("not allowed for charging", section 7.2). */
static int32_t tag_verdict(const struct station *s, const struct tag *tag, struct instant now)
{
    if (tag->status != STORE_AUTH_ACCEPTED)
        return tag->status;
    if (tag->expires_at_ms != STORE_ABSENT && tag->expires_at_ms <= now.utc_ms)
        return OCPP_AUTH_EXPIRED;
    return tag_is_in_scope(tag, s) ? OCPP_AUTH_ACCEPTED : OCPP_AUTH_BLOCKED;
}

void id_tag_verdict(const struct station *s, const char *id_tag, struct instant now,
                    struct ocpp_id_tag_info *ret_info)
{
    const struct tag *tag = id_tag != NULL ? tag_find(s->central, id_tag) : NULL;
    *ret_info = (struct ocpp_id_tag_info){ .status = OCPP_AUTH_INVALID,
                                           .expiry_date_ms = OCPP_TIME_ABSENT };
    if (tag == NULL)
        return;
    ret_info->parent_id_tag = tag->parent;
    if (tag->expires_at_ms != STORE_ABSENT)
        ret_info->expiry_date_ms = tag->expires_at_ms;
    ret_info->status = tag_verdict(s, tag, now);
}

/* Why a tag is not accepted, in one sentence. */
static void say_refused(const struct station *s, const char *id_tag, int32_t verdict, char *ret_why,
                        size_t size)
{
    const struct tag *tag = tag_find(s->central, id_tag);
    if (tag == NULL)
        snprintf(ret_why, size, "tag %.40s is unknown; 'noxctl tag add' adds it", id_tag);
    else if (verdict == OCPP_AUTH_BLOCKED && tag->status == STORE_AUTH_ACCEPTED)
        snprintf(ret_why, size, "tag %.40s may charge in: %.120s; %s is in: %.120s%s", tag->id_tag,
                 tag->groups != NULL ? tag->groups : "all stations", s->id,
                 s->groups != NULL ? s->groups : "no group",
                 s->groups_only ? ", and accepts only tags of its groups" : "");
    else
        snprintf(ret_why, size, "tag %.40s is %s", tag->id_tag,
                 ocpp_enum_text(&ocpp_enum_auth, verdict));
}

int32_t central_authorize(const struct central *c, const char *station, const char *id_tag,
                          struct instant now, char *ret_why, size_t size)
{
    struct ocpp_id_tag_info info;
    const struct station *s = station_find(c, station);
    if (s == NULL) {
        snprintf(ret_why, size, "station %.60s is unknown", station);
        return STORE_AUTH_INVALID;
    }
    id_tag_verdict(s, id_tag, now, &info);
    if (info.status == OCPP_AUTH_ACCEPTED)
        snprintf(ret_why, size, "tag %.40s may charge at %s", id_tag, s->id);
    else
        say_refused(s, id_tag, info.status, ret_why, size);
    return info.status;
}

void on_authorize(const struct request *r, const void *msg)
{
    const struct ocpp_authorize_req *req = msg;
    struct ocpp_id_tag_info info;
    char why[400];
    id_tag_verdict(r->station, req->id_tag, r->now, &info);
    struct ocpp_authorize_conf conf = { .id_tag_info = &info };
    if (info.status != OCPP_AUTH_ACCEPTED && station_may_tell(r->station, r->now)) {
        say_refused(r->station, req->id_tag != NULL ? req->id_tag : "(none)", info.status, why,
                    sizeof(why));
        central_event(r->c, "tag.refused", STORE_INFO, r->station->id, -1, r->now, "%s", why);
    }
    answer(r, &conf);
}

/* --- StatusNotification, section 4.9 --- */

static const char *status_text(const struct request *r,
                               const struct ocpp_status_notification_req *req)
{
    const char *text = req->status > 0
                           ? ocpp_enum_text(&ocpp_enum_status, req->status)
                           : json_string_value(json_object_get(r->frame->payload, "status"));
    return text != NULL ? text : "";
}

static const char *error_text(const struct request *r,
                              const struct ocpp_status_notification_req *req)
{
    const char *text = req->error_code > 0
                           ? ocpp_enum_text(&ocpp_enum_error_code, req->error_code)
                           : json_string_value(json_object_get(r->frame->payload, "errorCode"));
    return text != NULL ? text : "NoError";
}

/* Notifications may come late and out of order: only the newest makes the picture. */
static void status_observe(struct connector *k, const struct store_status *row, int32_t status,
                           struct instant now)
{
    if (k->status_at_ms != STORE_ABSENT && row->status_at_ms < k->status_at_ms &&
        k->status_at_ms <= now.utc_ms)
        return;
    if (strcmp(row->error_code, "NoError") != 0 && strcmp(k->error_code, row->error_code) != 0)
        central_event(k->station->central, "connector.fault", STORE_WARNING, k->station->id,
                      k->number, now, "%s: %s %s", row->status, row->error_code,
                      row->info != NULL ? row->info : "");
    char before[sizeof(k->status)];
    text_copy(before, sizeof(before), k->status);
    text_copy(k->status, sizeof(k->status), row->status);
    text_copy(k->error_code, sizeof(k->error_code), row->error_code);
    text_copy(k->info, sizeof(k->info), row->info);
    k->status_at_ms = row->status_at_ms;
    if (now.utc_ms - row->status_at_ms < LATE_START_MS)
        balance_status(k, status, now);
    remote_start_status(k, before);
    reserve_status(k->station, k->number, before, k->status, k->status_at_ms);
}

void on_status_notification(const struct request *r, const void *msg)
{
    const struct ocpp_status_notification_req *req = msg;
    struct station *s = r->station;
    bool just_booted =
        s->boot_answered_mono_ms != INT64_MIN && r->now.mono_ms - s->boot_answered_mono_ms < 30000;
    clock_observe(s, req->timestamp_ms, just_booted && !s->session->heard_status, r->now);
    s->session->heard_status = true;
    struct told_time t = clock_correct(s, req->timestamp_ms, r->now);
    struct store_status row = {
        .station = s->id,
        .connector = req->connector_id,
        .status = status_text(r, req),
        .error_code = error_text(r, req),
        .info = req->info,
        .vendor_id = req->vendor_id,
        .vendor_error_code = req->vendor_error_code,
        .status_at_ms = t.at_ms,
        .received_at_ms = r->now.utc_ms,
    };
    struct connector *k = connector_get(s, req->connector_id);
    if (req->connector_id == 0)
        reserve_status(s, 0, "", row.status, row.status_at_ms);
    if (k != NULL)
        status_observe(k, &row, req->status, r->now);
    else if (strcmp(row.error_code, "NoError") != 0 && station_may_tell(s, r->now))
        central_event(r->c, "station.fault", STORE_WARNING, s->id, 0, r->now, "%s: %s %s",
                      row.status, row.error_code, row.info != NULL ? row.info : "");
    if (req->error_code == OCPP_ERROR_CODE_LOCAL_LIST_CONFLICT)
        local_list_conflict(s, r->now);
    struct pending *p = pending_new(r, 0);
    struct store_done done = { .fn = pending_done_empty, .arg = p };
    if (p != NULL && !store_status(r->c->options.store, &row, done))
        pending_refuse(p, STORE_FULL);
}

/* Of a model that says kWh. */
static int32_t register_wh(const struct station *s, int32_t told)
{
    bool fits = told >= INT32_MIN / 1000 && told <= INT32_MAX / 1000;
    return s->quirks.register_in_kwh && fits ? told * 1000 : told;
}

/* --- StartTransaction, section 4.8 --- */

struct start_extra {
    int32_t connector;
    char id_tag[64];
    int64_t started_at_ms, meter_start_wh;
    int64_t reservation; /* num, 0 = none */
};

static void on_late_start(struct timer *timer, struct instant now)
{
    struct connector *k = timer->owner;
    if (k->tx.id != 0)
        balance_session_start(k, now);
    balance_touch(k->station->central, now);
}

void connector_init(struct connector *k, struct station *s, int32_t number)
{
    *k = (struct connector){ .station = s,
                             .number = number,
                             .point = SIZE_MAX,
                             .status_at_ms = STORE_ABSENT,
                             .doubt_at_ms = STORE_ABSENT,
                             .safe_confirmed_ma = -1,
                             .register_uwh = STORE_ABSENT,
                             .power_mw = STORE_ABSENT,
                             .measured_at_ms = STORE_ABSENT,
                             .soc_pct = -1,
                             .current_ma = { -1, -1, -1 } };
    k->late_start = (struct timer){ .fire = on_late_start, .owner = k };
    k->start_until_ms = STORE_ABSENT;
}

void tx_forget(struct connector *k, bool ended, struct instant now)
{
    if (k->tx.id == 0)
        return;
    balance_session_stop(k, ended, now);
    timer_cancel(&k->station->central->timers, &k->late_start);
    k->tx = (struct tx){ .id = 0 };
    k->station->central->counters.sessions--;
    k->power_mw = STORE_ABSENT;
    for (int i = 0; i < 3; i++)
        k->current_ma[i] = -1;
}

/* The transaction now runs on the connector as far as we know.  History (a start delivered late)
 * gets current only if its stop does not follow at once. */
static void tx_begin(struct connector *k, int64_t tx_id, const struct start_extra *start,
                     struct instant now)
{
    struct central *c = k->station->central;
    if (k->tx.id == tx_id || (k->tx.id != 0 && k->tx.started_at_ms > start->started_at_ms))
        return;
    tx_forget(k, true, now); /* a connector has one transaction at a time */
    k->tx = (struct tx){ .id = tx_id,
                         .started_at_ms = start->started_at_ms,
                         .meter_start_wh = start->meter_start_wh };
    text_copy(k->tx.id_tag, sizeof(k->tx.id_tag), start->id_tag);
    c->counters.sessions++;
    if (now.utc_ms - start->started_at_ms > LATE_START_MS)
        timer_set(&c->timers, &k->late_start, now.mono_ms + LATE_START_WAIT_MS);
    else
        balance_session_start(k, now);
}

static void start_durable(void *arg, enum store_rc rc, const union store_result *result)
{
    struct pending *p = arg;
    struct station *s = pending_station(p);
    struct central *c = s->central;
    struct start_extra start = *(const struct start_extra *)pending_extra(p);
    if (rc != STORE_OK) {
        pending_refuse(p, rc);
        return;
    }
    struct ocpp_id_tag_info info;
    id_tag_verdict(s, start.id_tag, c->now, &info);
    info.status = result->tx_start.auth_status; /* a repeated start gets its first verdict */
    struct ocpp_start_transaction_conf conf = { .id_tag_info = &info,
                                                .transaction_id = (int32_t)result->tx_start.tx_id };
    struct connector *k = s->gone ? NULL : connector_get(s, start.connector);
    bool over = result->tx_start.over ||
                (result->tx_start.duplicate && (k == NULL || k->tx.id != result->tx_start.tx_id));
    s->n_pending++;
    pending_answer(p, &conf);
    if (!result->tx_start.duplicate)
        central_event(c, "session.started", STORE_INFO, s->id, start.connector, c->now,
                      "transaction %" PRId32 ", tag %s (%s)", conf.transaction_id, start.id_tag,
                      ocpp_enum_text(&ocpp_enum_auth, info.status));
    if (!result->tx_start.duplicate && info.status == OCPP_AUTH_ACCEPTED)
        reservation_used(s, start.reservation);
    bool told =
        k != NULL && !over && k->start_tag[0] != '\0' && tag_equal(k->start_tag, start.id_tag);
    struct store_need need = { .told_at_ms = told ? k->next_need.told_at_ms : 0 };
    if (told)
        need = k->next_need;
    if (k != NULL && !result->tx_start.duplicate)
        remote_start_began(k);
    if (k != NULL && !over)
        tx_begin(k, conf.transaction_id, &start, c->now);
    if (told)
        need_of_start(c, &need, k->next_who, conf.transaction_id);
    s->n_pending--;
    station_free_if_gone(s);
    balance_touch(c, c->now);
}

/* Is the tag in a session on another connector?  Only asked for tags that forbid it. */
static bool is_in_other_session(const struct central *c, const char *id_tag,
                                const struct connector *here)
{
    char wanted[TAG_KEY_SIZE], key[TAG_KEY_SIZE];
    tag_key(id_tag, wanted);
    for (size_t i = 0; i < c->n_stations; i++)
        for (size_t n = 0; n < c->station[i]->n_connectors; n++) {
            const struct connector *k = c->station[i]->connector[n];
            if (k == here || k->tx.id == 0 || c->station[i]->session == NULL)
                continue;
            tag_key(k->tx.id_tag, key);
            if (strcmp(key, wanted) == 0)
                return true;
        }
    return false;
}

static int32_t start_verdict(const struct request *r, const char *id_tag, const struct connector *k)
{
    struct ocpp_id_tag_info info;
    id_tag_verdict(r->station, id_tag, r->now, &info);
    const struct tag *tag = info.status == OCPP_AUTH_ACCEPTED ? tag_find(r->c, id_tag) : NULL;
    if (tag != NULL && tag->single_session && is_in_other_session(r->c, id_tag, k))
        return OCPP_AUTH_CONCURRENT_TX;
    return info.status;
}

static uint32_t start_flags(const struct ocpp_start_transaction_req *req, const struct told_time *t,
                            int32_t verdict, const struct connector *k)
{
    uint32_t flags = t->flags;
    if (verdict != OCPP_AUTH_ACCEPTED)
        flags |= STORE_FLAG_TAG_NOT_ACCEPTED;
    if (req->meter_start_wh == OCPP_INT_ABSENT)
        flags |= STORE_FLAG_METER_MISSING;
    if (k == NULL || (k->evse_id == NULL && k->max_w == 0))
        flags |= STORE_FLAG_UNKNOWN_CONNECTOR;
    return flags;
}

/* The cap must know every outlet: one that the configuration lacks is neither limited nor counted.
 */
static void warn_unknown_outlet(struct station *s, int32_t connector, const struct connector *k,
                                struct instant now)
{
    if (balance_has(s) && (k == NULL || k->point == SIZE_MAX))
        central_event(s->central, "connector.unknown", STORE_ALARM, s->id, connector, now,
                      "a session on connector %" PRId32 ", which the configuration lacks: it is "
                      "neither limited nor counted on grid node %s; add it to the station's "
                      "connectors with 'noxctl apply'",
                      connector, s->grid_node);
}

/* Always stored, always answered with an id of its own and the verdict on the tag; whatever is odd
 * becomes a flag (section 4.8: sanity checks must not prevent the answer). */
void on_start_transaction(const struct request *r, const void *msg)
{
    const struct ocpp_start_transaction_req *req = msg;
    struct station *s = r->station;
    int32_t connector = req->connector_id != OCPP_INT_ABSENT ? req->connector_id : 1;
    const char *id_tag = req->id_tag != NULL ? req->id_tag : "";
    struct connector *k = connector_get(s, connector);
    struct told_time t = clock_correct(s, req->timestamp_ms, r->now);
    int32_t verdict = start_verdict(r, id_tag, k);
    warn_unknown_outlet(s, connector, k, r->now);
    const struct tag *tag = tag_find(r->c, id_tag);
    struct store_tx_start tx = {
        .station = s->id,
        .connector = connector,
        .id_tag = id_tag,
        .meter_start_wh =
            req->meter_start_wh != OCPP_INT_ABSENT ? register_wh(s, req->meter_start_wh) : 0,
        .station_at_ms = t.station_at_ms,
        .started_at_ms = t.at_ms,
        .received_at_ms = r->now.utc_ms,
        .reservation_id = req->reservation_id,
        .reservation = reservation_of_start(s, connector, id_tag, req->reservation_id, t.at_ms),
        .auth_status = verdict,
        .auth_kind = tag != NULL ? tag->auth_kind : NULL,
        .customer = tag != NULL ? tag->customer : NULL,
        .flags = start_flags(req, &t, verdict, k),
    };
    struct pending *p = pending_new(r, sizeof(struct start_extra));
    if (p == NULL)
        return;
    struct start_extra *start = pending_extra(p);
    *start = (struct start_extra){ .connector = connector,
                                   .started_at_ms = t.at_ms,
                                   .meter_start_wh = tx.meter_start_wh,
                                   .reservation = tx.reservation };
    text_copy(start->id_tag, sizeof(start->id_tag), id_tag);
    struct store_done done = { .fn = start_durable, .arg = p };
    if (!store_tx_start(r->c->options.store, &tx, done))
        pending_refuse(p, STORE_FULL);
}

/* --- StopTransaction, section 4.10 --- */

struct stop_extra {
    bool has_id_tag;
    int32_t meter_stop_wh;
    int64_t tx_id; /* as the station named it */
    char id_tag[64];
};

/* For the operator's eyes: what came and went.  Transactions that are not live are in the lists. */
static void tell_stopped(struct connector *k, const struct stop_extra *stop, struct instant now)
{
    int64_t wh =
        k->tx.meter_start_wh != STORE_ABSENT ? stop->meter_stop_wh - k->tx.meter_start_wh : 0;
    central_event(k->station->central, "session.stopped", STORE_INFO, k->station->id, k->number,
                  now, "transaction %" PRId64 ", %" PRId64 ".%02" PRId64 " kWh", k->tx.id,
                  (wh > 0 ? wh : 0) / 1000, (wh > 0 ? wh : 0) % 1000 / 10);
}

static void stop_durable(void *arg, enum store_rc rc, const union store_result *result)
{
    struct pending *p = arg;
    struct station *s = pending_station(p);
    struct central *c = s->central;
    const struct stop_extra *stop = pending_extra(p);
    if (rc != STORE_OK) {
        pending_refuse(p, rc);
        return;
    }
    struct connector *k = s->gone ? NULL : connector_find(s, result->tx_stop.connector);
    if (k != NULL && k->tx.id == result->tx_stop.tx_id) {
        tell_stopped(k, stop, c->now);
        profiles_of_tx_end(s, k->number, 0);
        /* A stop that was only guessed to be of this session ends no profile for certain. */
        tx_forget(k, stop->tx_id == k->tx.id, c->now);
    } else if (k != NULL && stop->tx_id == result->tx_stop.tx_id) {
        balance_tx_over(k, stop->tx_id, c->now);
    }
    profiles_of_tx_end(s, -1, stop->tx_id);
    struct ocpp_id_tag_info info;
    id_tag_verdict(s, stop->id_tag, c->now, &info);
    struct ocpp_stop_transaction_conf conf = { .id_tag_info = stop->has_id_tag ? &info : NULL };
    pending_answer(p, &conf);
    balance_touch(c, c->now);
}

static const char *reason_text(const struct request *r, const struct ocpp_stop_transaction_req *req)
{
    return req->reason > 0 ? ocpp_enum_text(&ocpp_enum_reason, req->reason)
                           : json_string_value(json_object_get(r->frame->payload, "reason"));
}

/* Cannot be prevented: stored whatever it says, an unknown transaction as an orphan. */
void on_stop_transaction(const struct request *r, const void *msg)
{
    const struct ocpp_stop_transaction_req *req = msg;
    struct station *s = r->station;
    struct told_time t = clock_correct(s, req->timestamp_ms, r->now);
    int64_t tx_id = req->transaction_id != OCPP_INT_ABSENT ? req->transaction_id : 0;
    bool has_meter = req->meter_stop_wh != OCPP_INT_ABSENT;
    json_t *raw = json_object_get(r->frame->payload, "transactionData");
    struct store_meter *data =
        meter_rows(r, req->transaction_data, req->n_transaction_data, raw, 0, tx_id);
    struct store_tx_stop tx = {
        .station = s->id,
        .tx_id = tx_id,
        .id_tag = req->id_tag,
        .meter_stop_wh = has_meter ? register_wh(r->station, req->meter_stop_wh) : 0,
        .station_at_ms = t.station_at_ms,
        .stopped_at_ms = t.at_ms,
        .received_at_ms = r->now.utc_ms,
        .reason = reason_text(r, req),
        .flags = t.flags | (has_meter ? 0 : (uint32_t)STORE_FLAG_METER_MISSING),
        .data = data,
        .n_data = data != NULL ? req->n_transaction_data : 0,
    };
    struct pending *p = pending_new(r, sizeof(struct stop_extra));
    if (p == NULL)
        return;
    struct stop_extra *stop = pending_extra(p);
    stop->has_id_tag = req->id_tag != NULL;
    stop->meter_stop_wh = tx.meter_stop_wh;
    stop->tx_id = tx_id;
    text_copy(stop->id_tag, sizeof(stop->id_tag), req->id_tag);
    struct store_done done = { .fn = stop_durable, .arg = p };
    if (!store_tx_stop(r->c->options.store, &tx, done))
        pending_refuse(p, STORE_FULL);
}

/* --- DataTransfer, section 4.3 --- */

/* Vendors whose messages we know to exist, though none that a station sends is used here. */
static const char *const known_vendors[] = {
    "org.openchargealliance.costmsg",
    "org.openchargealliance.iso15118pnc",
    "org.openchargealliance.multilanguage",
};

/* Nothing is carried out; an operator reads it among the events. */
void on_data_transfer(const struct request *r, const void *msg)
{
    const struct ocpp_data_transfer_req *req = msg;
    struct ocpp_data_transfer_conf conf = { .status = OCPP_DATA_TRANSFER_STATUS_UNKNOWN_VENDOR_ID };
    const char *vendor = req->vendor_id != NULL ? req->vendor_id : "?";
    for (size_t i = 0; i < sizeof(known_vendors) / sizeof(known_vendors[0]); i++)
        if (ocpp_ci_equal(vendor, known_vendors[i]))
            conf.status = OCPP_DATA_TRANSFER_STATUS_UNKNOWN_MESSAGE_ID;
    const char *id = req->message_id != NULL ? req->message_id : "-";
    const char *data = req->data != NULL ? req->data : "";
    if (ocpp_key_is_secret(id) || ocpp_key_is_secret(data))
        data = "(not shown: it names a secret)";
    if (station_may_tell(r->station, r->now))
        central_event(r->c, "station.data", STORE_INFO, r->station->id, -1, r->now,
                      "DataTransfer of vendor %.80s, message %.50s%s%.300s", vendor, id,
                      data[0] != '\0' ? ": " : "", data);
    answer(r, &conf);
}
