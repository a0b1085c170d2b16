/* The station as a whole: power, link, registration, clock, faults, and its one timer. */
#include "cmd/noxsim/point.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/noxsim/point_state.h"

enum {
    ARENA_CHUNK_BYTES = 2048,
    ARENA_LIMIT_BYTES = 1 << 20,
    HEARTBEAT_REAL_MS = 1000, /* not more often, however fast simulated time runs */
    BACKOFF_MAX_MS = 300000,  /* between attempts to connect */
    BACKOFF_MIN_REAL_MS = 200,
    BACKOFF_MAX_REAL_MS = 10000,
    MUTED_HOLD_REAL_MS = 90000, /* how long a half-open socket stays on the other side */
    CLOCK_ERROR_MAX_MS = 3600000,
    SLOW_MIN_MS = 2000,
    SLOW_MAX_MS = 40000,
    WARP_CHECK_MS = 60000,
};

/* --- clock --- */

int64_t point_utc_of(const struct point *p, int64_t simulated_ms)
{
    return simulated_ms + p->utc_offset_ms + p->clock_error_ms;
}

int64_t point_utc_ms(const struct point *p)
{
    return point_utc_of(p, p->env->now_ms);
}

/* Both programs must be told the same warp; say so when they were not. */
static void check_warp(struct point *p, int64_t current_time_ms, int64_t delay_ms)
{
    int64_t here_ms = p->env->now_ms - p->synced_at_ms;
    int64_t there_ms = current_time_ms - p->synced_utc_ms;
    if (p->clock_is_set && here_ms > WARP_CHECK_MS && here_ms > 20 * delay_ms &&
        (there_ms < here_ms / 2 || there_ms > here_ms * 2) && p->env->warning[0] == '\0')
        snprintf(p->env->warning, sizeof(p->env->warning),
                 "the central system's clock went on by %lld s while %lld s were simulated here: "
                 "give noxd and noxsim the same --time-warp",
                 (long long)(there_ms / 1000), (long long)(here_ms / 1000));
    p->synced_at_ms = p->env->now_ms;
    p->synced_utc_ms = current_time_ms;
}

/* Follows it as a station does that hears every answer: also when it goes back after a restart. */
static void take_street_clock(struct env *env, int64_t low_ms, int64_t high_ms)
{
    if (!env->utc_known || env->utc_offset_ms < low_ms)
        env->utc_offset_ms = low_ms;
    else if (env->utc_offset_ms > high_ms)
        env->utc_offset_ms = high_ms;
    env->utc_known = true;
}

/* The central system wrote currentTime at some moment between our call and its answer: the clock
 * is moved only as far as that demands, and is never ahead of the central system's. */
void point_take_clock(struct point *p, int64_t current_time_ms, int64_t sent_ms)
{
    int64_t low_ms = current_time_ms - p->env->now_ms, high_ms = current_time_ms - sent_ms;
    if (current_time_ms == OCPP_TIME_ABSENT)
        return;
    check_warp(p, current_time_ms, p->env->now_ms - sent_ms);
    if (p->clock_is_set && (p->utc_offset_ms < low_ms || p->utc_offset_ms > high_ms))
        security_clock_moved(p, low_ms - p->utc_offset_ms);
    if (!p->clock_is_set || p->utc_offset_ms < low_ms)
        p->utc_offset_ms = low_ms;
    else if (p->utc_offset_ms > high_ms)
        p->utc_offset_ms = high_ms;
    p->clock_is_set = true;
    take_street_clock(p->env, low_ms, high_ms);
}

/* --- registration --- */

bool point_is_accepted(const struct point *p)
{
    return p->registration == OCPP_REGISTRATION_ACCEPTED;
}

static int64_t heartbeat_after_ms(const struct point *p)
{
    int64_t interval_ms = INT64_C(1000) * keys_int(&p->keys, KEY_HEARTBEAT_INTERVAL);
    return env_at_least_ms(p->env, interval_ms, HEARTBEAT_REAL_MS);
}

int32_t point_station_status(const struct point *p)
{
    bool usable = false;
    for (size_t i = 0; i < p->n_outlets; i++)
        usable = usable || !(p->outlet[i].is_inoperative || p->is_updating);
    return usable ? OCPP_STATUS_AVAILABLE : OCPP_STATUS_UNAVAILABLE;
}

static void note_station_status(struct point *p)
{
    struct note note = { .action = OCPP_STATUS_NOTIFICATION,
                         .connector = 0,
                         .status = point_station_status(p),
                         .at_ms = point_utc_ms(p) };
    if (p->station_status_told == note.status)
        return;
    p->station_status_told = note.status;
    calls_note(p, &note);
}

/* BootNotification.conf, section 4.2. */
void point_accept(struct point *p, const struct ocpp_boot_notification_conf *conf, int64_t sent_ms)
{
    int64_t interval_ms = INT64_C(1000) * (conf->interval > 0 ? conf->interval : 60);
    char text[16];
    point_take_clock(p, conf->current_time_ms, sent_ms);
    p->registration =
        conf->status > 0 ? conf->status : OCPP_REGISTRATION_REJECTED; /* unreadable: try again */
    if (!point_is_accepted(p)) {
        p->boot_ms = p->env->now_ms + env_at_least_ms(p->env, interval_ms, HEARTBEAT_REAL_MS);
        return;
    }
    if (p->needs_boot)
        security_event_if_told(p, "StartupOfTheDevice", NULL);
    p->needs_boot = false;
    p->env->counters.boots++;
    snprintf(text, sizeof(text), "%d", (int)(interval_ms / 1000));
    keys_set(&p->keys, KEY_HEARTBEAT_INTERVAL, text);
    p->heartbeat_ms = p->env->now_ms + heartbeat_after_ms(p);
    p->station_status_told = 0; /* errata 3.22: connector 0 and all others */
    for (size_t i = 0; i < p->n_outlets; i++)
        p->outlet[i].status_told = 0;
}

/* --- link --- */

static void drop_late(struct point *p)
{
    while (p->late != NULL) {
        struct late *late = p->late;
        p->late = late->next;
        free(late);
    }
    p->late_last = &p->late;
}

static void link_is_down(struct point *p, int64_t back_in_ms)
{
    p->link = NULL;
    p->link_state = LINK_DOWN;
    p->is_muted = false;
    p->connect_ms = p->env->now_ms + back_in_ms;
    drop_late(p);
    calls_link_lost(p);
    if (p->is_forgetful)
        profiles_done(&p->profiles);
}

/* Twice as long after each failure, within bounds that also hold in real time. */
static int64_t backoff_ms(struct point *p)
{
    int32_t doubled = p->failures < 8 ? p->failures : 8;
    int64_t wait_ms = rng_range(&p->rng, 1000, 3000) << doubled;
    wait_ms = wait_ms < BACKOFF_MAX_MS ? wait_ms : BACKOFF_MAX_MS;
    wait_ms = env_at_least_ms(p->env, wait_ms, BACKOFF_MIN_REAL_MS + rng_range(&p->rng, 0, 200));
    int64_t most_ms = BACKOFF_MAX_REAL_MS * p->env->warp;
    return wait_ms < most_ms ? wait_ms : most_ms;
}

static void connect_now(struct point *p)
{
    p->link_state = LINK_CONNECTING;
    struct ws_login login;
    char secret[SECURITY_SECRET_MAX];
    security_login(p, &login, secret);
    p->link = ws_connect(p->env->ws, &login, p);
    if (p->link == NULL)
        point_on_down(p, "the connection could not be begun; is the host of --url right?");
}

/* As if it had been accepted. */
static void skip_boot(struct point *p)
{
    struct ocpp_boot_notification_conf conf = { .status = OCPP_REGISTRATION_ACCEPTED,
                                                .current_time_ms = OCPP_TIME_ABSENT,
                                                .interval = 300 };
    if (p->needs_boot)
        point_accept(p, &conf, p->env->now_ms);
}

/* All that goes out; a half-open link takes everything and carries nothing. */
void point_send(struct point *p, const char *text, size_t len)
{
    char *odd = p->env->quirks != 0 && quirks_touch(p->env->quirks)
                    ? quirks_apply(p->env->quirks, text, len)
                    : NULL;
    if (odd != NULL) {
        text = odd;
        len = strlen(odd);
    }
    if (p->link != NULL)
        ws_send(p->link, text, len);
    if (p->env->shows_frames && p->link != NULL) {
        printf("> %.*s\n", (int)len, text);
        fflush(stdout);
    }
    free(odd);
}

void point_on_up(struct point *p)
{
    p->link_state = LINK_UP;
    p->failures = 0;
    p->env->counters.connects++;
    security_connected(p);
    if (env_has_quirk(p->env, QUIRK_SAME_IDS))
        p->next_id = 0;
    if (env_has_quirk(p->env, QUIRK_ALWAYS_BOOT))
        p->registration = 0;
    if (env_has_quirk(p->env, QUIRK_NO_BOOT))
        skip_boot(p);
    if (p->needs_boot || !point_is_accepted(p))
        p->boot_ms = p->env->now_ms;
    /* OCPP-J section 5.4: no boot for a mere reconnect; a heartbeat shows that we are back. */
    p->heartbeat_ms = p->env->now_ms;
    point_settle(p);
}

void point_on_down(struct point *p, const char *why)
{
    bool was_up = p->link_state == LINK_UP;
    if (was_up) {
        p->env->counters.disconnects++;
    } else {
        p->env->counters.connect_failures++;
        security_refused(p, why);
        if (p->env->warning[0] == '\0')
            snprintf(p->env->warning, sizeof(p->env->warning), "%.40s cannot connect: %.300s",
                     p->site->id, why);
    }
    link_is_down(p, backoff_ms(p));
    p->failures++;
    point_settle(p);
}

/* With a close frame, if the station has the time for it. */
static void leave_link(struct point *p, bool says_goodbye)
{
    if (p->link != NULL && says_goodbye)
        ws_close(p->link);
    else if (p->link != NULL)
        ws_cut(p->link);
    p->link = NULL;
}

void point_relogin(struct point *p)
{
    if (p->link_state != LINK_UP)
        return; /* the next attempt uses them anyway */
    leave_link(p, true);
    p->env->counters.disconnects++;
    link_is_down(p, 1000);
}

void point_break_link(struct point *p, int64_t back_in_ms)
{
    leave_link(p, false);
    if (p->link_state == LINK_UP)
        p->env->counters.disconnects++;
    link_is_down(p, back_in_ms);
}

/* --- power --- */

void point_power_off(struct point *p, int64_t for_ms, int32_t stop_reason)
{
    bool ends = stop_reason != OCPP_REASON_POWER_LOSS || !p->resumes;
    for (size_t i = 0; i < p->n_outlets; i++)
        if (ends && p->outlet[i].tx != NULL && p->outlet[i].recorded == NULL)
            outlet_stop(&p->outlet[i], stop_reason, false);
    leave_link(p, stop_reason != OCPP_REASON_POWER_LOSS);
    point_break_link(p, TIME_NEVER);
    p->is_powered = false;
    p->power_on_ms = p->env->now_ms + for_ms;
    if (p->is_forgetful)
        profiles_done(&p->profiles);
    for (size_t i = 0; i < p->n_outlets; i++)
        outlet_power_lost(&p->outlet[i]);
    files_power_lost(p);
}

static void power_on(struct point *p)
{
    p->is_powered = p->needs_boot = true;
    p->power_on_ms = TIME_NEVER;
    p->registration = 0;
    p->connect_ms = p->env->now_ms;
}

/* The stops of a reset should reach the central system before the restart, if they can. */
static void reset_on_due(struct point *p)
{
    if (p->env->now_ms < p->reset_ms)
        return;
    p->reset_ms = TIME_NEVER;
    point_power_off(p, p->reset_is_hard ? 5000 : 15000,
                    p->reset_is_hard ? OCPP_REASON_HARD_RESET : OCPP_REASON_SOFT_RESET);
}

/* --- faults --- */

static int64_t next_fault_ms(struct point *p, enum fault fault)
{
    double per_hour = fault_rate(&p->env->faults, fault, p->site->id);
    return per_hour > 0 ? p->env->now_ms + rng_wait_ms(&p->rng, per_hour) : TIME_NEVER;
}

static void begin_half_open(struct point *p)
{
    p->half_open_ms = next_fault_ms(p, FAULT_HALF_OPEN);
    if (p->link_state != LINK_UP || p->is_muted)
        return;
    p->env->counters.fault[FAULT_HALF_OPEN]++;
    ws_mute(p->link, MUTED_HOLD_REAL_MS);
    p->link = NULL;
    p->is_muted = true;
    drop_late(p);
    p->unmute_ms = p->env->now_ms + rng_range(&p->rng, 60000, 300000);
}

static void faults_on_due(struct point *p)
{
    int64_t now_ms = p->env->now_ms;
    if (now_ms >= p->cut_ms) {
        p->cut_ms = next_fault_ms(p, FAULT_LINK);
        if (p->link_state == LINK_UP) {
            p->env->counters.fault[FAULT_LINK]++;
            point_break_link(p, rng_range(&p->rng, 5000, 300000));
        }
    }
    if (p->is_muted && now_ms >= p->unmute_ms)
        point_break_link(p, 1000);
    if (now_ms >= p->half_open_ms)
        begin_half_open(p);
    if (now_ms >= p->reboot_ms) {
        p->reboot_ms = next_fault_ms(p, FAULT_REBOOT);
        if (p->is_powered) {
            p->env->counters.fault[FAULT_REBOOT]++;
            point_power_off(p, rng_range(&p->rng, 20000, 120000), OCPP_REASON_POWER_LOSS);
        }
    }
}

static bool strikes(struct point *p, enum fault fault, double part)
{
    return p->env->now_ms >= p->calm_ms &&
           rng_chance(&p->rng, fault_rate(&p->env->faults, fault, p->site->id) * part);
}

/* --- messages, some of them late --- */

static void put_late(struct point *p, const char *text, size_t len, bool is_answer)
{
    struct late *late = malloc(sizeof(*late) + len);
    if (late == NULL)
        return;
    *late = (struct late){ .len = len, .is_answer = is_answer };
    memcpy(late->text, text, len);
    late->due_ms = p->env->now_ms + rng_range(&p->rng, SLOW_MIN_MS, SLOW_MAX_MS);
    *p->late_last = late;
    p->late_last = &late->next;
    p->env->counters.fault[FAULT_SLOW]++;
}

/* One after the other: what came later is not worked off earlier. */
static void late_on_due(struct point *p)
{
    while (p->late != NULL && p->late->due_ms <= p->env->now_ms) {
        struct late *late = p->late;
        p->late = late->next;
        if (p->late == NULL)
            p->late_last = &p->late;
        if (!late->is_answer)
            serve_call(p, late->text, late->len);
        else
            point_send(p, late->text, late->len);
        free(late);
    }
}

void point_send_answer(struct point *p, const char *text, size_t len)
{
    if (strikes(p, FAULT_LOST_ANSWERS, 0.5)) {
        p->env->counters.fault[FAULT_LOST_ANSWERS]++;
        return;
    }
    if (strikes(p, FAULT_SLOW, 0.5)) {
        put_late(p, text, len, true);
        return;
    }
    p->env->counters.requests_answered++;
    point_send(p, text, len);
}

static void on_call(struct point *p, const char *text, size_t len)
{
    p->env->counters.requests_received++;
    if (strikes(p, FAULT_LOST_ANSWERS, 0.5)) {
        p->env->counters.fault[FAULT_LOST_ANSWERS]++;
        return;
    }
    if (p->late != NULL || strikes(p, FAULT_SLOW, 0.5))
        put_late(p, text, len, false);
    else
        serve_call(p, text, len);
}

static void on_answer(struct point *p, const struct ocpp_frame *frame)
{
    if (strikes(p, FAULT_LOST_ANSWERS, 1))
        p->env->counters.fault[FAULT_LOST_ANSWERS]++;
    else
        calls_on_answer(p, frame);
}

void point_on_text(struct point *p, const char *text, size_t len)
{
    struct ocpp_frame frame;
    struct ocpp_report report;
    if (p->env->shows_frames) {
        printf("< %.*s\n", (int)len, text);
        fflush(stdout);
    }
    enum ocpp_rpc_rc rc = ocpp_rpc_parse(text, len, &frame, &report);
    if (rc == OCPP_RPC_OK && frame.type != OCPP_CALL)
        on_answer(p, &frame);
    else if (rc == OCPP_RPC_OK || rc == OCPP_RPC_ERROR)
        on_call(p, text, len);
    if (rc == OCPP_RPC_OK && frame.type == OCPP_CALL && p->env->on_request != NULL)
        p->env->on_request(p->env->on_request_arg, frame.action);
    ocpp_frame_done(&frame);
    point_settle(p);
}

/* --- time --- */

static int64_t earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int64_t next_ms(const struct point *p)
{
    int64_t next = earlier(calls_next_ms(p), earlier(p->power_on_ms, p->reset_ms));
    next = earlier(next, earlier(p->cut_ms, earlier(p->half_open_ms, p->reboot_ms)));
    if (p->is_muted)
        next = earlier(next, p->unmute_ms);
    if (p->late != NULL)
        next = earlier(next, p->late->due_ms);
    if (p->is_powered && p->link_state == LINK_DOWN)
        next = earlier(next, p->connect_ms);
    if (p->link_state == LINK_UP && point_is_accepted(p))
        next = earlier(next, p->heartbeat_ms);
    next = earlier(next, security_next_ms(p));
    if (p->files != NULL)
        next = earlier(next, files_next_ms(p));
    if (p->reservations.n > 0)
        next = earlier(next, reservations_next_ms(&p->reservations) - point_utc_of(p, 0));
    for (size_t i = 0; i < p->n_outlets; i++)
        next = earlier(next, outlet_next_ms(&p->outlet[i]));
    return next;
}

void point_settle(struct point *p)
{
    bool tells = p->link_state == LINK_UP && point_is_accepted(p);
    if (tells)
        note_station_status(p);
    for (size_t i = 0; i < p->n_outlets; i++) {
        outlet_update(&p->outlet[i]);
        outlet_tell_status(&p->outlet[i]);
    }
    calls_pump(p);
    int64_t next = next_ms(p);
    timer_set(&p->env->timers, &p->timer, next > p->env->now_ms ? next : p->env->now_ms + 1);
}

static void heartbeat_on_due(struct point *p)
{
    if (p->link_state != LINK_UP || !point_is_accepted(p) || p->env->now_ms < p->heartbeat_ms)
        return;
    struct note note = { .action = OCPP_HEARTBEAT };
    calls_note(p, &note);
    p->heartbeat_ms = p->env->now_ms + heartbeat_after_ms(p);
}

static void on_timer(struct timer *timer, int64_t due_ms)
{
    struct point *p = timer->owner;
    (void)due_ms;
    if (p->env->now_ms >= p->power_on_ms)
        power_on(p);
    faults_on_due(p);
    reset_on_due(p);
    if (p->is_powered && p->link_state == LINK_DOWN && p->env->now_ms >= p->connect_ms)
        connect_now(p);
    late_on_due(p);
    calls_on_due(p);
    heartbeat_on_due(p);
    security_on_due(p);
    if (p->files != NULL)
        files_on_due(p);
    if (p->reservations.n > 0)
        reservations_expire(&p->reservations, point_utc_ms(p));
    for (size_t i = 0; i < p->n_outlets; i++) {
        outlet_update(&p->outlet[i]);
        outlet_on_due(&p->outlet[i]);
    }
    point_settle(p);
}

/* --- life --- */

static bool has_trait(struct point *p, enum fault fault)
{
    return rng_chance(&p->rng, fault_rate(&p->env->faults, fault, p->site->id));
}

static void draw_character(struct point *p)
{
    p->resumes = rng_chance(&p->rng, 0.5);
    p->ignores_profiles = has_trait(p, FAULT_IGNORES_PROFILES);
    p->ignores_leases = has_trait(p, FAULT_IGNORES_LEASES);
    p->rejects_profiles = has_trait(p, FAULT_REJECT_PROFILES);
    p->is_forgetful = has_trait(p, FAULT_FORGETFUL);
    if (has_trait(p, FAULT_WRONG_CLOCK))
        p->clock_error_ms = rng_range(&p->rng, -CLOCK_ERROR_MAX_MS, CLOCK_ERROR_MAX_MS);
    p->env->counters.fault[FAULT_IGNORES_PROFILES] += p->ignores_profiles;
    p->env->counters.fault[FAULT_IGNORES_LEASES] += p->ignores_leases;
    p->env->counters.fault[FAULT_REJECT_PROFILES] += p->rejects_profiles;
    p->env->counters.fault[FAULT_FORGETFUL] += p->is_forgetful;
    p->env->counters.fault[FAULT_WRONG_CLOCK] += p->clock_error_ms != 0;
}

static void plan_faults(struct point *p, int64_t calm_ms)
{
    p->calm_ms = calm_ms;
    p->cut_ms = calm_ms + next_fault_ms(p, FAULT_LINK);
    p->half_open_ms = calm_ms + next_fault_ms(p, FAULT_HALF_OPEN);
    p->reboot_ms = calm_ms + next_fault_ms(p, FAULT_REBOOT);
}

/* 0 = the default stands. */
static void set_number(struct point *p, enum key key, int64_t value)
{
    char text[24];
    snprintf(text, sizeof(text), "%lld", (long long)value);
    if (value > 0)
        keys_set(&p->keys, key, text);
}

static void set_profile_keys(struct point *p)
{
    const struct profile_limits *limits = &p->env->profile_limits;
    p->profiles.limits = *limits;
    set_number(p, KEY_MAX_CHARGING_PROFILES_INSTALLED, limits->max_profiles);
    set_number(p, KEY_CHARGING_SCHEDULE_MAX_PERIODS, limits->max_periods);
    if (limits->switches_phases)
        keys_set(&p->keys, KEY_CONNECTOR_SWITCH_3_TO_1, "true");
    if (limits->refuses_amperes || limits->refuses_watts)
        keys_set(&p->keys, KEY_CHARGING_SCHEDULE_ALLOWED_RATE_UNIT,
                 limits->refuses_amperes ? "Power" : "Current");
}

static void set_keys(struct point *p)
{
    char text[64] = "";
    size_t len = 0;
    keys_set(&p->keys, KEY_NUMBER_OF_CONNECTORS,
             (snprintf(text, sizeof(text), "%zu", p->n_outlets), text));
    for (size_t i = 0; i < p->n_outlets && len < sizeof(text) - 12; i++) {
        const int8_t *w = p->site->wiring;
        len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%d.", i > 0 ? "," : "",
                                (int)p->outlet[i].number);
        for (int32_t t = 0; t < p->site->n_phases; t++)
            len += (size_t)snprintf(text + len, sizeof(text) - len, "%c", 'R' + w[t]);
    }
    keys_set(&p->keys, KEY_CONNECTOR_PHASE_ROTATION, text);
    set_profile_keys(p);
    set_number(p, KEY_LOCAL_LIST_MAX, p->env->list_max);
    set_number(p, KEY_SEND_LOCAL_LIST_MAX, p->env->list_per_message);
    p->keys.min_sample_interval_s = p->env->min_sample_interval_s;
    if (p->keys.min_sample_interval_s > keys_int(&p->keys, KEY_METER_VALUE_SAMPLE_INTERVAL)) {
        snprintf(text, sizeof(text), "%d", (int)p->keys.min_sample_interval_s);
        keys_set(&p->keys, KEY_METER_VALUE_SAMPLE_INTERVAL, text);
    }
}

struct point *point_new(const struct point_options *options)
{
    struct point *p = calloc(1, sizeof(*p));
    struct outlet *outlets = calloc((size_t)options->site->n_connectors, sizeof(*outlets));
    if (p == NULL || outlets == NULL) {
        free(p);
        free(outlets);
        return NULL;
    }
    *p = (struct point){ .env = options->env,
                         .site = options->site,
                         .outlet = outlets,
                         .n_outlets = (size_t)options->site->n_connectors,
                         .connect_ms = options->connect_ms,
                         .is_powered = true,
                         .needs_boot = true,
                         .utc_offset_ms = options->env->utc_offset_ms,
                         .fails_install = options->fails_install,
                         .power_on_ms = TIME_NEVER,
                         .reset_ms = TIME_NEVER,
                         .unmute_ms = TIME_NEVER };
    p->timer = (struct timer){ .fire = on_timer, .owner = p };
    p->queue_last = &p->queue;
    p->notes_last = &p->notes;
    p->late_last = &p->late;
    rng_init(&p->rng, options->seed, options->site->id);
    ocpp_arena_init(&p->arena, ARENA_CHUNK_BYTES, ARENA_LIMIT_BYTES);
    ocpp_text_init(&p->out);
    for (size_t i = 0; i < p->n_outlets; i++)
        outlet_init(&p->outlet[i], p, options->site->number[i]);
    draw_character(p);
    plan_faults(p, options->calm_ms);
    set_keys(p);
    security_init(p);
    point_settle(p);
    return p;
}

void point_free(struct point *p)
{
    if (p == NULL)
        return;
    timer_cancel(&p->env->timers, &p->timer);
    calls_done(p);
    files_done(p);
    security_done(p);
    local_list_done(&p->local_list);
    local_list_done(&p->cache);
    reservations_done(&p->reservations);
    free(p->firmware_version);
    drop_late(p);
    for (size_t i = 0; i < p->n_outlets; i++)
        outlet_done(&p->outlet[i]);
    profiles_done(&p->profiles);
    keys_done(&p->keys);
    ocpp_arena_done(&p->arena);
    ocpp_text_done(&p->out);
    free(p->outlet);
    free(p);
}

/* --- from the street --- */

size_t point_outlets(const struct point *p)
{
    return p->n_outlets;
}

bool point_is_free(const struct point *p, size_t outlet)
{
    const struct outlet *o = &p->outlet[outlet];
    return p->is_powered && !p->is_ending && outlet_reservable(o) == RESERVABLE_FREE &&
           !outlet_is_held(o);
}

void point_arrive(struct point *p, size_t outlet, const struct point_arrival *arrival)
{
    outlet_plug(&p->outlet[outlet], arrival);
    point_settle(p);
}

void point_end(struct point *p)
{
    p->is_ending = true;
    for (size_t i = 0; i < p->n_outlets; i++)
        outlet_end(&p->outlet[i]);
    point_settle(p);
}

bool point_has_ended(const struct point *p)
{
    return point_is_quiet(p) || (p->queue == NULL && p->link_state != LINK_UP);
}

int64_t point_register_wh(const struct point *p, size_t outlet)
{
    return p->outlet[outlet].register_uj / UJ_PER_WH;
}

void point_set_register_wh(struct point *p, size_t outlet, int64_t wh)
{
    p->outlet[outlet].register_uj = wh * UJ_PER_WH;
}

void point_replay(struct point *p, size_t outlet, const struct recorded *first)
{
    p->outlet[outlet].recorded = first;
    point_settle(p);
}

bool point_replays(const struct point *p, size_t outlet)
{
    return p->outlet[outlet].recorded != NULL;
}

bool point_is_charging(const struct point *p, size_t outlet)
{
    return p->outlet[outlet].tx != NULL;
}

bool point_is_quiet(const struct point *p)
{
    return p->queue == NULL && p->notes == NULL && !p->flying.active;
}

bool point_has_car(const struct point *p, size_t outlet)
{
    return p->outlet[outlet].is_plugged;
}

bool point_local_list_changed(const struct point *p)
{
    return p->local_list_changed;
}

bool point_read_local_list(struct point *p, const char *path, char *ret_text, size_t size)
{
    return local_list_read(path, &p->local_list, ret_text, size);
}

bool point_write_local_list(struct point *p, const char *path, char *ret_text, size_t size)
{
    if (!p->local_list_changed)
        return true;
    p->local_list_changed = !local_list_write(path, &p->local_list, ret_text, size);
    return !p->local_list_changed;
}

size_t point_waiting(const struct point *p)
{
    return p->n_queue;
}
