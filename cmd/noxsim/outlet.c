/* One socket of a charge point: the car in it, its session, its meter, its limit, its status. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/noxsim/point_state.h"

enum {
    SWIPE_MIN_MS = 5000,
    SWIPE_MAX_MS = 20000,
    AGAIN_MS = 30000,
    SWIPES_MAX = 20,
    CACHE_MAX = 50,             /* tags that a station remembers */
    SUSPENDED_AFTER_MS = 30000, /* a car that takes nothing for so long is called SuspendedEV */
    REPLUG_MIN_MS = 300000,     /* the driver looks after a session that was interrupted */
    REPLUG_MAX_MS = 900000,
};

void outlet_init(struct outlet *o, struct point *p, int32_t number)
{
    *o = (struct outlet){ .point = p,
                          .number = number,
                          .leave_ms = TIME_NEVER,
                          .unplug_ms = TIME_NEVER,
                          .swipe_ms = TIME_NEVER,
                          .limit_next_ms = TIME_NEVER,
                          .sample_ms = TIME_NEVER,
                          .aligned_ms = TIME_NEVER };
    o->car.obey_ms = TIME_NEVER;
}

void outlet_done(struct outlet *o)
{
    if (o->tx != NULL)
        tx_unref(o->tx);
    o->tx = NULL;
}

struct outlet *point_outlet(struct point *p, int32_t connector)
{
    for (size_t i = 0; i < p->n_outlets; i++)
        if (p->outlet[i].number == connector)
            return &p->outlet[i];
    return NULL;
}

/* --- limit and load --- */

static int32_t active_outlets(const struct point *p)
{
    int32_t n = 0;
    for (size_t i = 0; i < p->n_outlets; i++)
        n += p->outlet[i].tx != NULL;
    return n;
}

/* What the car and the outlet have, whatever is used of it now. */
static int32_t car_phases(const struct outlet *o)
{
    int32_t wired = o->point->site->n_phases, has = o->car.model->n_phases;
    return has < wired ? has : wired;
}

struct profile_use outlet_use(const struct outlet *o)
{
    const struct point *p = o->point;
    struct profile_use use = { .connector = o->number,
                               .has_tx = o->tx != NULL,
                               .n_active = active_outlets(p),
                               .n_phases = p->site->n_phases };
    if (o->tx != NULL) {
        use.tx_id = o->tx->id;
        use.tx_started_ms = o->tx->started_ms;
    }
    if (o->tx != NULL && o->recorded == NULL)
        use.n_phases = car_phases(o);
    return use;
}

/* What may be drawn here by the installed profiles.  An empty outlet without any profile draws
 * nothing; a session without any profile may draw the rating. */
static int32_t may_ma(const struct outlet *o)
{
    int32_t rating_ma = o->point->site->rating_ma;
    if (o->limit_ma == PROFILE_NO_LIMIT)
        return o->is_plugged ? rating_ma : 0;
    return o->limit_ma < rating_ma ? o->limit_ma : rating_ma;
}

static int32_t recorded_draw_ma(const struct outlet *o)
{
    const struct recorded *r = o->recorded;
    int64_t utc_ms = point_utc_of(o->point, o->point->env->now_ms);
    if (o->tx == NULL || recorded_energy_wh(r, utc_ms) >= r->energy_wh)
        return 0;
    return (int32_t)(recorded_power_w(r) * 1000 / (MAINS_V * o->point->site->n_phases));
}

static int32_t smaller(int32_t a, int32_t b)
{
    return a < b ? a : b;
}

static void update_load(struct outlet *o)
{
    const struct point *p = o->point;
    struct grid_load fresh = { .ma = { { 0 } } };
    bool has_car = o->tx != NULL && o->recorded == NULL;
    int32_t n = has_car ? o->car.n_phases : p->site->n_phases;
    for (int32_t t = 0; t < n; t++) {
        int8_t phase = p->site->wiring[t];
        fresh.ma[GRID_MAY][phase] = may_ma(o);
        if (has_car) {
            fresh.ma[GRID_DRAW][phase] = o->car.draw_ma;
            fresh.ma[GRID_WANT][phase] = smaller(vehicle_wants_ma(&o->car), p->site->rating_ma);
        } else if (o->recorded != NULL) {
            fresh.ma[GRID_DRAW][phase] = fresh.ma[GRID_WANT][phase] = recorded_draw_ma(o);
        }
    }
    grid_change(&p->env->grid, p->site->node, &o->load, &fresh, p->site->id,
                point_utc_of(p, p->env->now_ms));
}

static int32_t offer_ma(const struct outlet *o)
{
    const struct point *p = o->point;
    int32_t ma = p->site->rating_ma;
    if (o->tx == NULL || !p->is_powered)
        return 0;
    if (p->ignores_leases)
        ma = o->kept_ma;
    else if (o->limit_ma != PROFILE_NO_LIMIT && o->limit_ma < ma && !p->ignores_profiles)
        ma = o->limit_ma;
    return ma < PILOT_MIN_MA ? 0 : ma;
}

/* What the driver of a contactor keeps that knows no end of a period: the most since the last
 * profile or the beginning of the transaction. */
static void keep_limit(struct outlet *o)
{
    int32_t rating_ma = o->point->site->rating_ma;
    int32_t ma = o->limit_ma == PROFILE_NO_LIMIT ? rating_ma : smaller(o->limit_ma, rating_ma);
    if (o->kept_tx == o->tx && o->kept_since == o->point->profiles_taken && ma < o->kept_ma)
        return;
    o->kept_ma = ma;
    o->kept_tx = o->tx;
    o->kept_since = o->point->profiles_taken;
}

void outlet_update(struct outlet *o)
{
    struct point *p = o->point;
    int64_t now_ms = p->env->now_ms, next_utc_ms;
    if (o->is_plugged && o->recorded == NULL)
        o->register_uj += vehicle_advance(&o->car, now_ms);
    struct profile_use use = outlet_use(o);
    o->limit_ma = profiles_limit_ma(&p->profiles, &use, point_utc_of(p, now_ms), &next_utc_ms);
    keep_limit(o);
    o->limit_next_ms = next_utc_ms == INT64_MAX ? TIME_NEVER : next_utc_ms - point_utc_of(p, 0);
    if (p->profiles.limits.switches_phases && o->tx != NULL && o->recorded == NULL)
        o->car.n_phases =
            smaller(car_phases(o), profiles_phases(&p->profiles, &use, point_utc_of(p, now_ms)));
    int32_t offered_ma = offer_ma(o);
    if (offered_ma != o->offered_ma) {
        o->offered_ma = offered_ma;
        o->offered_since_ms = now_ms;
    }
    if (o->is_plugged && o->recorded == NULL)
        vehicle_offer(&o->car, offered_ma);
    update_load(o);
}

/* --- status, OCPP 1.6 section 4.9 --- */

static int32_t status_in_session(const struct outlet *o)
{
    if (o->recorded != NULL)
        return recorded_draw_ma(o) > 0 ? OCPP_STATUS_CHARGING : OCPP_STATUS_SUSPENDED_EV;
    if (o->car.is_full)
        return OCPP_STATUS_SUSPENDED_EV; /* the car itself has ended it */
    if (o->offered_ma < PILOT_MIN_MA)
        return OCPP_STATUS_SUSPENDED_EVSE;
    if (o->car.draw_ma == 0 && o->point->env->now_ms >= o->offered_since_ms + SUSPENDED_AFTER_MS)
        return OCPP_STATUS_SUSPENDED_EV;
    return OCPP_STATUS_CHARGING;
}

/* --- reservations, section 5.13 --- */

enum reservable outlet_reservable(const struct outlet *o)
{
    if (o->error_code != 0)
        return RESERVABLE_FAULTED;
    if (o->tx != NULL || o->is_plugged)
        return RESERVABLE_OCCUPIED;
    if (o->is_inoperative || o->becomes_inoperative || o->point->is_updating)
        return RESERVABLE_UNAVAILABLE;
    return o->recorded != NULL ? RESERVABLE_OCCUPIED : RESERVABLE_FREE;
}

/* Held for somebody, as a driver at this outlet finds it. */
bool outlet_is_held(const struct outlet *o)
{
    const struct point *p = o->point;
    size_t n_free = outlet_reservable(o) != RESERVABLE_FREE;
    if (p->reservations.n == 0)
        return false;
    for (size_t i = 0; i < p->n_outlets; i++)
        n_free += outlet_reservable(&p->outlet[i]) == RESERVABLE_FREE;
    return reservations_hold(&p->reservations, o->number, n_free);
}

static bool may_use(const struct outlet *o, const char *tag, const char *parent)
{
    return !outlet_is_held(o) ||
           reservations_of(&o->point->reservations, o->number, tag, parent) != NULL;
}

int32_t outlet_status(const struct outlet *o)
{
    if (o->error_code != 0)
        return OCPP_STATUS_FAULTED;
    if (o->tx != NULL)
        return status_in_session(o);
    if (o->point->is_updating)
        return OCPP_STATUS_UNAVAILABLE;
    if (o->is_plugged)
        return o->had_tx ? OCPP_STATUS_FINISHING : OCPP_STATUS_PREPARING;
    if (o->is_inoperative)
        return OCPP_STATUS_UNAVAILABLE;
    return outlet_is_held(o) ? OCPP_STATUS_RESERVED : OCPP_STATUS_AVAILABLE;
}

void outlet_tell_status(struct outlet *o)
{
    struct point *p = o->point;
    int32_t status = outlet_status(o);
    if (status == o->status_told || !point_is_accepted(p) || p->link_state != LINK_UP)
        return;
    o->status_told = status;
    struct note note = { .action = OCPP_STATUS_NOTIFICATION,
                         .connector = o->number,
                         .status = status,
                         .error_code = o->error_code,
                         .at_ms = point_utc_of(p, p->env->now_ms) };
    calls_note(p, &note);
}

/* --- the meter --- */

static struct sample sample_at(const struct outlet *o, int64_t utc_ms, int32_t context,
                               enum key measurands)
{
    const struct point *p = o->point;
    struct sample s = { .at_ms = utc_ms,
                        .register_wh = o->register_uj / UJ_PER_WH,
                        .wired_phases = p->site->n_phases,
                        .offered_ma = o->offered_ma,
                        .soc_percent = -1,
                        .context = context };
    keys_measurands(keys_text(&p->keys, measurands), &s.measurands);
    if (o->recorded != NULL && o->tx != NULL) {
        int64_t wh = recorded_energy_wh(o->recorded, utc_ms);
        bool flows = wh < o->recorded->energy_wh && utc_ms >= o->recorded->begin_ms;
        s.register_wh += wh;
        s.power_w = flows ? (int32_t)recorded_power_w(o->recorded) : 0;
        s.n_phases = p->site->n_phases;
        s.current_ma = (int32_t)(INT64_C(1000) * s.power_w / (MAINS_V * s.n_phases));
    } else if (o->is_plugged && o->tx != NULL) {
        s.n_phases = o->car.n_phases;
        s.current_ma = o->car.draw_ma;
        s.power_w = (int32_t)((int64_t)s.current_ma * MAINS_V * s.n_phases / 1000);
        s.soc_percent = vehicle_soc_percent(&o->car);
    }
    return s;
}

struct sample outlet_sample(struct outlet *o, int32_t context, enum key measurands)
{
    outlet_update(o);
    return sample_at(o, point_utc_of(o->point, o->point->env->now_ms), context, measurands);
}

static void send_sample(struct outlet *o, const struct sample *sample)
{
    struct tx_message m = { .kind = MESSAGE_METER,
                            .tx = o->tx,
                            .connector = o->number,
                            .sample = *sample };
    if (sample->measurands != 0)
        calls_tx_message(o->point, &m);
}

static int64_t interval_ms(const struct outlet *o, enum key key)
{
    return INT64_C(1000) * keys_int(&o->point->keys, key);
}

static void plan_samples(struct outlet *o)
{
    int64_t now_ms = o->point->env->now_ms, utc_ms = point_utc_of(o->point, now_ms);
    int64_t sample_ms = interval_ms(o, KEY_METER_VALUE_SAMPLE_INTERVAL);
    int64_t aligned_ms = interval_ms(o, KEY_CLOCK_ALIGNED_DATA_INTERVAL);
    o->sample_ms = sample_ms > 0 ? now_ms + sample_ms : TIME_NEVER;
    o->aligned_ms = aligned_ms > 0 ? now_ms + aligned_ms - utc_ms % aligned_ms : TIME_NEVER;
}

static void take_samples(struct outlet *o)
{
    int64_t now_ms = o->point->env->now_ms;
    bool by_interval = now_ms >= o->sample_ms, by_clock = now_ms >= o->aligned_ms;
    if (!by_interval && !by_clock)
        return;
    struct sample s =
        outlet_sample(o, by_interval ? OCPP_CONTEXT_SAMPLE_PERIODIC : OCPP_CONTEXT_SAMPLE_CLOCK,
                      by_interval ? KEY_METER_VALUES_SAMPLED_DATA : KEY_METER_VALUES_ALIGNED_DATA);
    int64_t sample_ms = o->sample_ms;
    send_sample(o, &s);
    plan_samples(o);
    if (!by_interval) /* the other rhythm goes on as it was */
        o->sample_ms = sample_ms;
}

/* --- the session --- */

/* A reservation that the driver may use is used up by it. */
static int32_t take_reservation(struct outlet *o, const char *tag, const char *parent)
{
    struct reservations *r = &o->point->reservations;
    const struct reservation *used = reservations_of(r, o->number, tag, parent);
    if (used == NULL)
        return OCPP_INT_ABSENT;
    int32_t id = used->id;
    reservations_cancel(r, id);
    return id;
}

static void begin_tx(struct outlet *o, const char *tag, const char *parent, int64_t utc_ms)
{
    struct point *p = o->point;
    struct tx *tx = calloc(1, sizeof(*tx));
    if (tx == NULL)
        abort();
    tx->started_ms = utc_ms;
    tx->meter_start_wh = (int32_t)(o->register_uj / UJ_PER_WH);
    tx->reservation_id = take_reservation(o, tag, parent);
    tx->refs = 1;
    strncat(tx->id_tag, tag, sizeof(tx->id_tag) - 1);
    o->tx = tx;
    o->had_tx = true;
    o->swipe_ms = TIME_NEVER;
    o->begin = sample_at(o, utc_ms, OCPP_CONTEXT_TRANSACTION_BEGIN, KEY_STOP_TXN_SAMPLED_DATA);
    struct tx_message m = { .kind = MESSAGE_START, .tx = tx, .connector = o->number };
    calls_tx_message(p, &m);
    p->env->counters.sessions_started++;
}

void outlet_start(struct outlet *o, const char *tag, const char *parent)
{
    outlet_update(o);
    begin_tx(o, tag, parent, point_utc_of(o->point, o->point->env->now_ms));
    plan_samples(o);
    outlet_update(o);
}

/* The meter stands at register_uj; a recorded session has been added to it. */
static void end_tx(struct outlet *o, struct sample end, int32_t reason, bool by_tag)
{
    struct point *p = o->point;
    struct tx_message m = { .kind = MESSAGE_STOP,
                            .tx = o->tx,
                            .connector = o->number,
                            .sample = end,
                            .begin = o->begin,
                            .has_data = end.measurands != 0,
                            .reason = reason,
                            .has_id_tag = by_tag };
    calls_tx_message(p, &m);
    p->env->counters.sessions_stopped++;
    p->env->counters.energy_wh += end.register_wh - o->tx->meter_start_wh;
    profiles_end_tx(&p->profiles, o->number); /* a TxProfile dies with its transaction */
    tx_unref(o->tx);
    o->tx = NULL;
    o->sample_ms = o->aligned_ms = TIME_NEVER;
}

/* Like a real outlet: the contactor opens with the session, the register stands still until the
 * next one. */
static void open_contactor(struct outlet *o)
{
    o->car.obeyed_ma = o->car.offer_ma = o->car.draw_ma = 0;
    o->car.obey_ms = TIME_NEVER;
}

void outlet_stop(struct outlet *o, int32_t reason, bool by_tag)
{
    struct sample end = outlet_sample(o, OCPP_CONTEXT_TRANSACTION_END, KEY_STOP_TXN_SAMPLED_DATA);
    end_tx(o, end, reason, by_tag);
    open_contactor(o);
    outlet_update(o);
}

void outlet_plug(struct outlet *o, const struct point_arrival *a)
{
    struct point *p = o->point;
    int64_t now_ms = p->env->now_ms;
    o->is_plugged = true;
    o->had_tx = false;
    o->failed_swipes = 0;
    o->parent[0] = '\0';
    o->tag = a->tag;
    vehicle_init(&o->car, a->model, p->site->n_phases, a->soc_wh, a->goal_wh, now_ms);
    o->leave_ms = now_ms + a->stay_ms;
    o->swipe_ms = now_ms + rng_range(&p->rng, SWIPE_MIN_MS, SWIPE_MAX_MS);
    p->env->counters.cars++;
}

void outlet_unplug(struct outlet *o)
{
    if (o->tx != NULL) /* somebody began another session meanwhile */
        outlet_stop(o, OCPP_REASON_EV_DISCONNECTED, false);
    o->is_plugged = o->had_tx = o->is_authorizing = false;
    o->leave_ms = o->unplug_ms = o->swipe_ms = TIME_NEVER;
    o->car.obey_ms = TIME_NEVER;
    if (o->becomes_inoperative) {
        o->becomes_inoperative = false;
        o->is_inoperative = true;
    }
}

static void leave(struct outlet *o)
{
    struct point *p = o->point;
    o->leave_ms = TIME_NEVER;
    if (o->tx == NULL) {
        outlet_unplug(o);
    } else if (rng_chance(&p->rng, 0.7)) {
        outlet_stop(o, OCPP_REASON_LOCAL, true);
        o->unplug_ms = p->env->now_ms + rng_range(&p->rng, SWIPE_MIN_MS, SWIPE_MAX_MS);
    } else {
        outlet_stop(o, OCPP_REASON_EV_DISCONNECTED, false);
        o->unplug_ms = p->env->now_ms + 1000;
    }
    o->swipe_ms = TIME_NEVER;
}

/* --- the driver --- */

static void swipe_again(struct outlet *o)
{
    o->swipe_ms = o->point->env->now_ms + AGAIN_MS;
    if (++o->failed_swipes > SWIPES_MAX)
        o->leave_ms = o->point->env->now_ms;
}

static void refuse_driver(struct outlet *o)
{
    struct point *p = o->point;
    p->env->counters.tags_refused++;
    o->leave_ms = p->env->now_ms + rng_range(&p->rng, 20000, 60000);
}

const struct local_entry *point_listed(const struct point *p, const char *tag)
{
    return p->local_list.n > 0 && keys_bool(&p->keys, KEY_LOCAL_AUTH_LIST_ENABLED)
               ? local_list_find(&p->local_list, tag)
               : NULL;
}

const struct local_entry *point_known(const struct point *p, const char *tag)
{
    const struct local_entry *entry = point_listed(p, tag);
    return entry == NULL && keys_bool(&p->keys, KEY_AUTHORIZATION_CACHE_ENABLED)
               ? local_list_find(&p->cache, tag)
               : entry;
}

void point_remember(struct point *p, const char *tag, const struct ocpp_id_tag_info *info)
{
    if (info != NULL && info->status > 0 && info->status != OCPP_AUTH_CONCURRENT_TX &&
        keys_bool(&p->keys, KEY_AUTHORIZATION_CACHE_ENABLED))
        local_list_put(&p->cache, tag, info, CACHE_MAX);
}

/* Errata to section 7.6: the list and the central system contradict each other. */
static void tell_conflict(struct outlet *o, const char *tag, int32_t auth_status)
{
    struct point *p = o->point;
    const struct local_entry *entry = point_listed(p, tag);
    if (entry == NULL || auth_status == OCPP_AUTH_CONCURRENT_TX ||
        (local_entry_status(entry, point_utc_ms(p)) == OCPP_AUTH_ACCEPTED) ==
            (auth_status == OCPP_AUTH_ACCEPTED))
        return;
    struct note note = { .action = OCPP_STATUS_NOTIFICATION,
                         .connector = o->number,
                         .status = outlet_status(o),
                         .error_code = OCPP_ERROR_CODE_LOCAL_LIST_CONFLICT,
                         .at_ms = point_utc_ms(p) };
    o->status_told = note.status;
    calls_note(p, &note);
}

static void take_parent(struct outlet *o, const char *parent)
{
    o->parent[0] = '\0';
    if (parent != NULL)
        snprintf(o->parent, sizeof(o->parent), "%.20s", parent);
}

static void start_if_free(struct outlet *o)
{
    if (may_use(o, o->tag, o->parent))
        outlet_start(o, o->tag, o->parent);
    else
        refuse_driver(o);
}

/* Sections 3.5.2 and 4.1: by the list at once when LocalPreAuthorize allows it, else by the central
 * system; offline by the list, and by AllowOfflineTxForUnknownId for those it does not name. */
static void authorize(struct outlet *o)
{
    struct point *p = o->point;
    const struct local_entry *entry = point_known(p, o->tag);
    bool online = p->link_state == LINK_UP && point_is_accepted(p);
    bool is_good =
        entry != NULL && local_entry_status(entry, point_utc_ms(p)) == OCPP_AUTH_ACCEPTED;
    if (is_good)
        take_parent(o, entry->parent);
    if (online && is_good && keys_bool(&p->keys, KEY_LOCAL_PRE_AUTHORIZE)) {
        start_if_free(o);
    } else if (online) {
        struct note note = { .action = OCPP_AUTHORIZE, .connector = o->number, .id_tag = o->tag };
        o->is_authorizing = true;
        calls_note(p, &note);
    } else if (!point_is_accepted(p) || !keys_bool(&p->keys, KEY_LOCAL_AUTHORIZE_OFFLINE)) {
        swipe_again(o);
    } else if (is_good ||
               (entry == NULL && keys_bool(&p->keys, KEY_ALLOW_OFFLINE_TX_FOR_UNKNOWN_ID))) {
        start_if_free(o);
    } else if (entry != NULL) {
        refuse_driver(o);
    } else {
        swipe_again(o);
    }
}

static void swipe(struct outlet *o)
{
    o->swipe_ms = TIME_NEVER;
    if (o->tx != NULL || o->is_authorizing)
        return;
    if (o->is_inoperative || o->becomes_inoperative || o->error_code != 0)
        o->leave_ms = o->point->env->now_ms;
    else if (o->point->is_updating)
        swipe_again(o);
    else
        authorize(o);
}

/* Section 3.10: any tag with the same parent may end a session. */
static void stop_by_group(struct outlet *o, const struct ocpp_id_tag_info *info)
{
    if (info->status != OCPP_AUTH_ACCEPTED || o->parent[0] == '\0' ||
        !ocpp_ci_equal(o->parent, info->parent_id_tag))
        return;
    snprintf(o->tx->stop_tag, sizeof(o->tx->stop_tag), "%.20s", o->tag);
    outlet_stop(o, OCPP_REASON_LOCAL, true);
}

bool outlet_tap(struct outlet *o, const char *tag)
{
    struct point *p = o->point;
    if (!o->is_plugged || o->is_authorizing || o->recorded != NULL || o->error_code != 0)
        return false;
    o->tag = tag;
    if (o->tx == NULL) {
        swipe(o);
    } else if (ocpp_ci_equal(o->tx->id_tag, tag)) {
        outlet_stop(o, OCPP_REASON_LOCAL, true);
    } else {
        struct note note = { .action = OCPP_AUTHORIZE, .connector = o->number, .id_tag = tag };
        o->is_authorizing = true;
        calls_note(p, &note);
    }
    return true;
}

void outlet_on_authorized(struct outlet *o, const struct ocpp_id_tag_info *info)
{
    if (o->recorded != NULL || !o->is_authorizing)
        return;
    o->is_authorizing = false;
    if (o->tx != NULL && info != NULL)
        stop_by_group(o, info);
    if (!o->is_plugged || o->tx != NULL)
        return;
    if (info == NULL) {
        swipe_again(o);
        return;
    }
    tell_conflict(o, o->tag, info->status);
    take_parent(o, info->parent_id_tag);
    if (info->status == OCPP_AUTH_ACCEPTED)
        start_if_free(o);
    else
        refuse_driver(o);
}

void outlet_on_start_answer(struct outlet *o, const struct tx *tx,
                            const struct ocpp_id_tag_info *info)
{
    int32_t auth_status = info != NULL ? info->status : 0;
    if (o->recorded == NULL && info != NULL)
        tell_conflict(o, tx->id_tag, auth_status);
    if (o->tx == tx && info != NULL && info->parent_id_tag != NULL)
        take_parent(o, info->parent_id_tag);
    if (auth_status == OCPP_AUTH_ACCEPTED)
        return;
    o->point->env->counters.tags_refused++;
    if (o->tx != tx || o->recorded != NULL ||
        !keys_bool(&o->point->keys, KEY_STOP_TRANSACTION_ON_INVALID_ID))
        return;
    outlet_stop(o, OCPP_REASON_DE_AUTHORIZED, false);
    o->leave_ms = o->point->env->now_ms + rng_range(&o->point->rng, 20000, 60000);
}

void outlet_end(struct outlet *o)
{
    if (o->recorded != NULL || !o->is_plugged)
        return;
    if (o->tx != NULL)
        outlet_stop(o, OCPP_REASON_REBOOT, false);
    outlet_unplug(o);
}

/* Without power no current; the driver may find the session ended and start another one. */
void outlet_power_lost(struct outlet *o)
{
    struct point *p = o->point;
    outlet_update(o);
    if (o->is_plugged && o->recorded == NULL) {
        open_contactor(o);
        if (o->tx == NULL && o->had_tx && !o->car.is_full)
            o->swipe_ms = p->env->now_ms + rng_range(&p->rng, REPLUG_MIN_MS, REPLUG_MAX_MS);
    }
    outlet_update(o);
}

/* --- recorded sessions --- */

static void recorded_begin(struct outlet *o)
{
    const struct recorded *r = o->recorded;
    struct note note = { .action = OCPP_AUTHORIZE, .connector = o->number, .id_tag = r->tag };
    o->is_plugged = true;
    outlet_tell_status(o); /* Preparing */
    calls_note(o->point, &note);
    begin_tx(o, r->tag, NULL, r->begin_ms);
    o->next_sample_utc_ms = r->begin_ms + interval_ms(o, KEY_METER_VALUE_SAMPLE_INTERVAL);
    if (o->next_sample_utc_ms == r->begin_ms)
        o->next_sample_utc_ms = INT64_MAX;
    outlet_tell_status(o);
}

static void recorded_end(struct outlet *o)
{
    const struct recorded *r = o->recorded;
    struct sample end =
        sample_at(o, r->end_ms, OCPP_CONTEXT_TRANSACTION_END, KEY_STOP_TXN_SAMPLED_DATA);
    end_tx(o, end, OCPP_REASON_LOCAL, true);
    o->register_uj += r->energy_wh * UJ_PER_WH;
    outlet_tell_status(o); /* Finishing */
    o->recorded = r->next;
    outlet_unplug(o);
    outlet_tell_status(o);
}

/* The next thing that the recording says, on the station's clock. */
static int64_t recorded_next_utc_ms(const struct outlet *o)
{
    const struct recorded *r = o->recorded;
    if (r == NULL || !point_is_accepted(o->point) || !o->point->clock_is_set)
        return INT64_MAX;
    if (o->tx == NULL)
        return r->begin_ms;
    return o->next_sample_utc_ms < r->end_ms ? o->next_sample_utc_ms : r->end_ms;
}

static void recorded_on_due(struct outlet *o)
{
    int64_t utc_ms = point_utc_of(o->point, o->point->env->now_ms);
    for (int64_t next_ms; (next_ms = recorded_next_utc_ms(o)) <= utc_ms;) {
        if (o->tx == NULL) {
            recorded_begin(o);
        } else if (next_ms >= o->recorded->end_ms) {
            recorded_end(o);
        } else {
            struct sample s =
                sample_at(o, next_ms, OCPP_CONTEXT_SAMPLE_PERIODIC, KEY_METER_VALUES_SAMPLED_DATA);
            send_sample(o, &s);
            o->next_sample_utc_ms += interval_ms(o, KEY_METER_VALUE_SAMPLE_INTERVAL);
        }
    }
}

/* --- time --- */

void outlet_on_due(struct outlet *o)
{
    int64_t now_ms = o->point->env->now_ms;
    if (o->recorded != NULL) {
        recorded_on_due(o);
        return;
    }
    if (!o->point->is_powered)
        return;
    if (o->tx != NULL)
        take_samples(o);
    if (now_ms >= o->swipe_ms)
        swipe(o);
    if (now_ms >= o->leave_ms)
        leave(o);
    if (now_ms >= o->unplug_ms)
        outlet_unplug(o);
}

static int64_t earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

int64_t outlet_next_ms(const struct outlet *o)
{
    const struct point *p = o->point;
    int64_t next_ms = o->limit_next_ms;
    if (o->recorded != NULL) {
        int64_t utc_ms = recorded_next_utc_ms(o);
        return earlier(next_ms, utc_ms == INT64_MAX ? TIME_NEVER : utc_ms - point_utc_of(p, 0));
    }
    if (o->is_plugged && o->tx != NULL)
        next_ms = earlier(next_ms, vehicle_next_ms(&o->car));
    if (!p->is_powered)
        return next_ms;
    if (o->tx != NULL) {
        int64_t suspended_ms = o->offered_since_ms + SUSPENDED_AFTER_MS;
        next_ms = earlier(next_ms, earlier(o->sample_ms, o->aligned_ms));
        if (o->offered_ma > 0 && suspended_ms > p->env->now_ms)
            next_ms = earlier(next_ms, suspended_ms);
    }
    return earlier(next_ms, earlier(o->swipe_ms, earlier(o->leave_ms, o->unplug_ms)));
}
