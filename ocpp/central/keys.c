/*
 * A station's configuration brought to what is wanted (wish.c): read all keys, ask for those that
 * are missing in portions, set what differs one by one, read back, write down how it stands.
 *
 * A run begins at a boot, after a reconnect when something is open, some minutes after one that the
 * station did not answer, after a change of the wishes and when an operator asks.  At most
 * KEYS_RUNS stations are at it at a time; the others wait in order. What a station will not take is
 * remembered with its firmware and not tried again until that, or the wish, changes or an operator
 * asks.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ocpp/central/state.h"
#include "ocpp/wire/config_keys.h"
#include "ocpp/wire/redact.h"

enum {
    KEYS_RUNS = 50,
    PORTION_MAX = 50,
    PORTION_UNKNOWN = 10, /* where GetConfigurationMaxKeys is not known */
    REPORTED_MAX = 1000,
    NAME_MAX_BYTES = 200,   /* longer ones are no key's name */
    VALUE_MAX_BYTES = 4000, /* longer ones are told by their length */
    REBOOT_LOOK_MS = 60000,
    AGAIN_MS = 10 * 60000,      /* after a run that was not answered, doubled each time ... */
    AGAIN_MAX_MS = 6 * 3600000, /* ... up to this */
};

struct waiter {
    struct waiter *next;
    void (*done)(void *arg, const struct central_config_result *result);
    void *arg;
};

/* Of a run whose turn it is: after an outage thousands wait. */
struct turn {
    size_t asked[PORTION_MAX], n_asked;
    char goal[CONFIG_VALUE_MAX + 1]; /* value being set, all of it */
    char kept[CONFIG_VALUE_MAX + 1]; /* entries of it that were taken one by one */
    const char *rest;                /* of goal, NULL = as a whole */
    char trying[CONFIG_VALUE_MAX + 1];
};

struct keys_run {
    struct keys_run *next; /* of those that wait for their turn */
    struct station *station;
    bool waits, force, reading_back;
    bool again; /* the station has booted, or the wishes may have changed, in the meantime */
    char *who, *why;
    size_t at; /* wish that is being asked or set */
    struct turn *turn;
    size_t n_set;
    struct waiter *waiters;
};

static void run_next(struct keys_run *run);
static void run_end(struct keys_run *run, const char *trouble);

static bool is_settled(int32_t state)
{
    return state == STORE_KEY_REJECTED || state == STORE_KEY_IGNORED || state == STORE_KEY_PARTLY ||
           state == STORE_KEY_UNKNOWN;
}

static void settle(struct keys_run *run, struct wish *w, int32_t state, const char *note)
{
    w->state = state;
    w->at_ms = run->station->central->now.utc_ms;
    text_replace(&w->note, note);
    text_replace(&w->firmware, run->station->firmware);
    text_replace(&w->who, run->who);
    text_replace(&w->why, run->why);
}

static bool same_text(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

/* --- what the station reports --- */

static const char *value_text(const json_t *value, char *room, size_t size)
{
    if (json_is_string(value) && json_string_length(value) > VALUE_MAX_BYTES) {
        snprintf(room, size, "(%zu bytes)", json_string_length(value));
        return room;
    }
    if (json_is_string(value))
        return json_string_value(value);
    if (json_is_integer(value))
        snprintf(room, size, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
    else if (json_is_boolean(value))
        snprintf(room, size, "%s", json_is_true(value) ? "true" : "false");
    else
        return NULL;
    return room;
}

static bool true_of(const json_t *value)
{
    return json_is_true(value) ||
           (json_is_string(value) && ocpp_ci_equal(json_string_value(value), "true"));
}

/* MeterValuesSampledDataMaxLength is of MeterValuesSampledData. */
static void note_max_length(struct station *s, const char *key, const char *value)
{
    static const char suffix[] = "MaxLength";
    size_t len = strlen(key), cut = sizeof(suffix) - 1;
    char name[CONFIG_KEY_MAX + 1];
    if (len <= cut || len - cut > CONFIG_KEY_MAX || value == NULL ||
        !ocpp_ci_equal(key + len - cut, suffix))
        return;
    snprintf(name, sizeof(name), "%.*s", (int)(len - cut), key);
    struct wish *w = wish_find(s, name);
    if (w != NULL)
        w->max_entries = (int32_t)strtol(value, NULL, 10);
}

static void take_key(struct station *s, const struct store_config_key *key)
{
    struct wish *w = wish_find(s, key->key);
    caps_take(s, key->key, key->value);
    note_max_length(s, key->key, key->value);
    if (ocpp_ci_equal(key->key, "GetConfigurationMaxKeys") && key->value != NULL)
        s->portion = (int32_t)strtol(key->value, NULL, 10);
    if (w == NULL)
        return;
    w->found = true;
    w->readonly = key->readonly;
    text_replace(&w->reported, key->value);
}

static bool is_key_name(const char *name)
{
    return name != NULL && name[0] != '\0' && strlen(name) <= NAME_MAX_BYTES;
}

static bool take_answer(struct station *s, const json_t *payload)
{
    struct central *c = s->central;
    const json_t *list = json_object_get(payload, "configurationKey");
    const json_t *unknown = json_object_get(payload, "unknownKey");
    size_t n = json_array_size(list), n_unknown = json_array_size(unknown), used = 0;
    n = n < REPORTED_MAX ? n : REPORTED_MAX;
    n_unknown = n_unknown < REPORTED_MAX ? n_unknown : REPORTED_MAX;
    struct store_config_key *key = calloc(n + n_unknown + 1, sizeof(*key));
    char(*room)[32] = calloc(n + 1, sizeof(*room));
    for (size_t i = 0; key != NULL && room != NULL && i < n; i++) {
        const json_t *in = json_array_get(list, i);
        const char *name = json_string_value(json_object_get(in, "key"));
        if (!is_key_name(name))
            continue;
        key[used] =
            (struct store_config_key){ .key = name,
                                       /* Never to be told, and some stations tell it. */
                                       .value = ocpp_key_is_secret(name)
                                                    ? NULL
                                                    : value_text(json_object_get(in, "value"),
                                                                 room[i], sizeof(room[i])),
                                       .readonly = true_of(json_object_get(in, "readonly")),
                                       .known = true };
        take_key(s, &key[used++]);
    }
    size_t known = used;
    for (size_t i = 0; key != NULL && i < n_unknown; i++) {
        const char *name = json_string_value(json_array_get(unknown, i));
        if (is_key_name(name))
            key[used++] = (struct store_config_key){ .key = name };
    }
    struct store_done nobody = { .fn = NULL };
    if (key != NULL && known > 0)
        caps_judge(s);
    if (key != NULL && used > 0)
        store_station_config(c->options.store, s->id, key, used, c->now.utc_ms, nobody);
    free(key);
    free(room);
    return known > 0;
}

/* --- asking --- */

static bool must_ask(const struct keys_run *run, const struct wish *w)
{
    return run->reading_back ? w->verify : !w->found;
}

static void on_portion(void *arg, const struct central_reply *reply)
{
    struct keys_run *run = arg;
    struct station *s = run->station;
    if (reply->outcome != CENTRAL_ANSWERED && reply->outcome != CENTRAL_CALLERROR) {
        run_end(run, reply->text);
        return;
    }
    for (size_t i = 0; i < run->turn->n_asked; i++)
        s->wish[run->turn->asked[i]].asked = true;
    if (reply->outcome == CENTRAL_ANSWERED)
        take_answer(s, reply->payload);
    run_next(run);
}

/* Wishes that are still open, as many as the station takes at a time.  @return false: none */
static bool ask_portion(struct keys_run *run)
{
    struct station *s = run->station;
    const char *name[PORTION_MAX];
    size_t most = s->portion > 0 ? (size_t)s->portion : PORTION_UNKNOWN;
    most = most < PORTION_MAX ? most : PORTION_MAX;
    run->turn->n_asked = 0;
    for (size_t i = 0; i < s->n_wishes && run->turn->n_asked < most; i++)
        if (must_ask(run, &s->wish[i]) && !s->wish[i].asked) {
            name[run->turn->n_asked] = s->wish[i].key;
            run->turn->asked[run->turn->n_asked++] = i;
        }
    if (run->turn->n_asked == 0)
        return false;
    struct ocpp_get_configuration_req req = { .key = name, .n_key = run->turn->n_asked };
    station_request(s, OCPP_GET_CONFIGURATION, &req, 0, false, on_portion, run, s->central->now);
    return true;
}

static void on_all(void *arg, const struct central_reply *reply)
{
    struct keys_run *run = arg;
    if (reply->outcome != CENTRAL_ANSWERED && reply->outcome != CENTRAL_CALLERROR &&
        reply->outcome != CENTRAL_TIMEOUT) {
        run_end(run, reply->text);
        return;
    }
    if (reply->outcome == CENTRAL_ANSWERED)
        take_answer(run->station, reply->payload);
    run_next(run);
}

/* --- judging what was read --- */

static void judge(struct keys_run *run, struct wish *w)
{
    struct station *s = run->station;
    bool same_firmware = same_text(w->firmware, s->firmware);
    bool booted_since = s->booted_at_ms != STORE_ABSENT && s->booted_at_ms > w->at_ms;
    if (w->state == STORE_KEY_NEEDS_REBOOT && !booted_since)
        return;
    if (!w->found && !run->force)
        settle(run, w, STORE_KEY_UNKNOWN, "the station does not report this key");
    else if (w->found && wish_is_met(w, w->reported))
        settle(run, w, STORE_KEY_SAME, NULL);
    else if (w->found && w->readonly)
        settle(run, w, STORE_KEY_READONLY, "the station says that it is read-only");
    else if (w->state == STORE_KEY_NEEDS_REBOOT && !run->force)
        settle(run, w, STORE_KEY_IGNORED, "the value has not changed with the reboot");
    else if (w->state == STORE_KEY_SAME && w->reported == NULL && w->found && !run->force)
        return; /* taken before, and its value is never told */
    else if (!is_settled(w->state) || run->force || !same_firmware)
        w->state = STORE_KEY_DIFFERS;
}

static void judge_back(struct keys_run *run, struct wish *w)
{
    w->verify = false;
    if (!w->found || w->reported == NULL)
        settle(run, w, w->partly ? STORE_KEY_PARTLY : STORE_KEY_SAME,
               w->partly ? w->note : "taken; the station does not tell its value");
    else if (wish_is_met(w, w->reported))
        settle(run, w, STORE_KEY_SAME, NULL);
    else if (w->partly)
        settle(run, w, STORE_KEY_PARTLY, w->note);
    else
        settle(run, w, STORE_KEY_IGNORED, "the station said Accepted, and reports another value");
}

/* --- setting --- */

static void try_value(struct keys_run *run, const char *value);

/* As much of a list as the station has room for. */
static void make_goal(struct keys_run *run, const struct wish *w)
{
    const char *list = w->wanted, *entry;
    size_t len, used = 0, n = 0;
    snprintf(run->turn->goal, sizeof(run->turn->goal), "%s", w->wanted);
    if (w->max_entries <= 0)
        return;
    run->turn->goal[0] = '\0';
    while ((len = ocpp_list_next(&list, &entry)) > 0 && n < (size_t)w->max_entries) {
        used += (size_t)snprintf(run->turn->goal + used, sizeof(run->turn->goal) - used, "%s%.*s",
                                 n++ > 0 ? "," : "", (int)len, entry);
        if (used >= sizeof(run->turn->goal))
            return;
    }
}

static void end_key(struct keys_run *run)
{
    run->at++;
    run_next(run);
}

static void took_some(struct keys_run *run, struct wish *w)
{
    char note[300];
    if (run->turn->kept[0] == '\0') {
        settle(run, w, STORE_KEY_REJECTED, "the station took none of the entries");
        return;
    }
    bool short_list =
        w->max_entries > 0 && ocpp_config_equal(w->key, run->turn->kept, run->turn->goal);
    if (short_list)
        snprintf(note, sizeof(note), "the station has room for %d entries", (int)w->max_entries);
    else
        snprintf(note, sizeof(note), "the station took only %.200s", run->turn->kept);
    run->n_set += run->turn->rest != NULL;
    w->partly = w->verify = true;
    w->asked = w->found = false;
    settle(run, w, STORE_KEY_PARTLY, note);
}

/* The next entry of a list that was refused as a whole. */
static void try_entry(struct keys_run *run)
{
    struct wish *w = &run->station->wish[run->at];
    const char *entry;
    size_t len = ocpp_list_next(&run->turn->rest, &entry);
    if (len == 0) {
        took_some(run, w);
        end_key(run);
        return;
    }
    char value[CONFIG_VALUE_MAX + 1];
    int n = snprintf(value, sizeof(value), "%s%s%.*s", run->turn->kept,
                     run->turn->kept[0] != '\0' ? "," : "", (int)len, entry);
    if (n < 0 || (size_t)n >= sizeof(value)) {
        run->turn->rest += strlen(run->turn->rest);
        took_some(run, w);
        end_key(run);
        return;
    }
    try_value(run, value);
}

static void was_taken(struct keys_run *run, struct wish *w)
{
    if (run->turn->rest != NULL) {
        snprintf(run->turn->kept, sizeof(run->turn->kept), "%s", run->turn->trying);
        try_entry(run);
        return;
    }
    run->n_set++;
    w->partly = !ocpp_config_equal(w->key, run->turn->goal, w->wanted);
    if (w->partly) {
        snprintf(run->turn->kept, sizeof(run->turn->kept), "%s", run->turn->goal);
        took_some(run, w);
    } else {
        w->verify = true;
        w->asked = w->found = false;
    }
    end_key(run);
}

static void was_refused(struct keys_run *run, struct wish *w, const char *status)
{
    char note[120];
    if (run->turn->rest == NULL && strchr(run->turn->goal, ',') != NULL) {
        run->turn->rest = run->turn->goal;
        run->turn->kept[0] = '\0';
    }
    if (run->turn->rest != NULL) {
        try_entry(run);
        return;
    }
    snprintf(note, sizeof(note), "the station answered %.60s", status);
    settle(run, w, ocpp_ci_equal(status, "NotSupported") ? STORE_KEY_UNKNOWN : STORE_KEY_REJECTED,
           note);
    end_key(run);
}

static void on_changed(void *arg, const struct central_reply *reply)
{
    struct keys_run *run = arg;
    struct wish *w = &run->station->wish[run->at];
    const char *status = reply->outcome == CENTRAL_ANSWERED
                             ? json_string_value(json_object_get(reply->payload, "status"))
                             : NULL;
    if (reply->outcome == CENTRAL_CALLERROR) {
        was_refused(run, w, reply->error_code);
    } else if (reply->outcome == CENTRAL_TIMEOUT) {
        settle(run, w, STORE_KEY_UNANSWERED, "the station did not answer");
        end_key(run);
    } else if (reply->outcome != CENTRAL_ANSWERED) {
        run_end(run, reply->text);
    } else if (reply_is(reply, "Accepted")) {
        was_taken(run, w);
    } else if (reply_is(reply, "RebootRequired")) {
        run->n_set++;
        settle(run, w, STORE_KEY_NEEDS_REBOOT, "taken; counts after a reboot");
        end_key(run);
    } else {
        was_refused(run, w, status != NULL ? status : "nothing to go by");
    }
}

static void try_value(struct keys_run *run, const char *value)
{
    struct station *s = run->station;
    snprintf(run->turn->trying, sizeof(run->turn->trying), "%s", value);
    struct ocpp_change_configuration_req req = { .key = s->wish[run->at].key,
                                                 .value = run->turn->trying };
    station_request(s, OCPP_CHANGE_CONFIGURATION, &req, 0, false, on_changed, run, s->central->now);
}

/* @return false: nothing is left to set */
static bool set_next(struct keys_run *run)
{
    struct station *s = run->station;
    while (run->at < s->n_wishes && s->wish[run->at].state != STORE_KEY_DIFFERS)
        run->at++;
    if (run->at >= s->n_wishes)
        return false;
    run->turn->rest = NULL;
    run->turn->kept[0] = '\0';
    make_goal(run, &s->wish[run->at]);
    /* What it holds is as much as it has room for. */
    if (s->wish[run->at].max_entries > 0 && !run->force &&
        ocpp_config_equal(s->wish[run->at].key, run->turn->goal, s->wish[run->at].reported)) {
        snprintf(run->turn->kept, sizeof(run->turn->kept), "%s", run->turn->goal);
        took_some(run, &s->wish[run->at]);
        s->wish[run->at].verify = false;
        run->at++;
        return set_next(run);
    }
    try_value(run, run->turn->goal);
    return true;
}

/* --- the run --- */

static void run_next(struct keys_run *run)
{
    struct station *s = run->station;
    if (s->gone || s->session == NULL) {
        run_end(run, "the connection has ended");
        return;
    }
    if (!run->reading_back && run->at == SIZE_MAX) { /* reading */
        if (ask_portion(run))
            return;
        run->at = 0;
        for (size_t i = 0; i < s->n_wishes; i++)
            judge(run, &s->wish[i]);
    }
    if (!run->reading_back) {
        if (set_next(run))
            return;
        run->reading_back = true;
    }
    if (ask_portion(run))
        return;
    for (size_t i = 0; i < s->n_wishes; i++)
        if (s->wish[i].verify)
            judge_back(run, &s->wish[i]);
    run_end(run, NULL);
}

static void run_start(struct keys_run *run)
{
    struct station *s = run->station;
    struct ocpp_get_configuration_req req = { .n_key = 0 };
    s->central->n_key_runs++;
    run->waits = false;
    run->at = SIZE_MAX;
    wishes_make(s);
    for (size_t i = 0; i < s->n_wishes; i++)
        s->wish[i].found = s->wish[i].asked = s->wish[i].verify = s->wish[i].partly = false;
    s->keys_read_at_ms = s->central->now.utc_ms;
    run->turn = calloc(1, sizeof(*run->turn));
    if (run->turn == NULL) {
        run_end(run, "out of memory; nothing was sent");
        return;
    }
    if (s->quirks.config_by_key)
        run_next(run);
    else
        station_request(s, OCPP_GET_CONFIGURATION, &req, 0, false, on_all, run, s->central->now);
}

static void start_waiting(struct central *c)
{
    while (c->key_run_first != NULL && c->n_key_runs < KEYS_RUNS && !c->closing) {
        struct keys_run *run = c->key_run_first;
        c->key_run_first = run->next;
        if (c->key_run_first == NULL)
            c->key_run_last = NULL;
        if (run->station->gone || run->station->session == NULL) {
            c->n_key_runs++;
            run->waits = false;
            run_end(run, "the connection has ended");
        } else {
            run_start(run);
        }
    }
}

void keys_done(struct central *c)
{
    while (c->key_run_first != NULL) {
        struct keys_run *run = c->key_run_first;
        c->key_run_first = run->next;
        c->n_key_runs++;
        run_end(run, "noxd is stopping");
    }
    c->key_run_last = NULL;
}

static void write_wishes(struct station *s)
{
    struct store_done nobody = { .fn = NULL };
    struct store_key_wish *row = calloc(s->n_wishes + 1, sizeof(*row));
    for (size_t i = 0; row != NULL && i < s->n_wishes; i++)
        wish_record(s, &s->wish[i], &row[i]);
    if (row != NULL)
        store_wishes(s->central->options.store, s->id, row, s->n_wishes, nobody);
    free(row);
}

static void count_states(const struct station *s, struct central_config_result *r)
{
    for (size_t i = 0; i < s->n_wishes; i++) {
        r->n_same += s->wish[i].state == STORE_KEY_SAME;
        r->n_reboot += s->wish[i].state == STORE_KEY_NEEDS_REBOOT;
    }
    r->n_wanted = s->n_wishes;
    r->n_drift = r->n_wanted - r->n_same;
}

/* Quiet while nothing is new: a station that drifts is told once. */
static void tell(struct station *s, const struct keys_run *run,
                 const struct central_config_result *r)
{
    if (run->n_set > 0 || (r->n_drift != s->told_drift && r->n_drift > 0))
        central_event(s->central, "station.configured", r->n_drift > 0 ? STORE_WARNING : STORE_INFO,
                      s->id, -1, s->central->now, "%zu keys set (%s%s%s); %zu of %zu as wanted%s",
                      run->n_set, run->who, run->why[0] != '\0' ? ": " : "", run->why, r->n_same,
                      r->n_wanted,
                      r->n_drift > 0 ? ": 'noxctl config drift' shows the others" : "");
    s->told_drift = r->n_drift;
}

static bool has_open(const struct station *s)
{
    for (size_t i = 0; i < s->n_wishes; i++)
        if (s->wish[i].state == STORE_KEY_UNREAD || s->wish[i].state == STORE_KEY_DIFFERS ||
            s->wish[i].state == STORE_KEY_UNANSWERED)
            return true;
    return false;
}

/* A station that stays connected has no other occasion. */
static void try_again_later(struct station *s)
{
    int64_t in_ms = AGAIN_MS;
    if (s->session == NULL || (!has_open(s) && s->keys_known)) {
        s->keys_failures = 0;
        return;
    }
    for (unsigned i = 0; i < s->keys_failures && in_ms < AGAIN_MAX_MS; i++)
        in_ms *= 2;
    s->keys_failures++;
    timer_set(&s->central->timers, &s->keys_again,
              s->central->now.mono_ms + (in_ms < AGAIN_MAX_MS ? in_ms : AGAIN_MAX_MS));
}

static void on_keys_again(struct timer *timer, struct instant now)
{
    struct station *s = timer->owner;
    if (s->session != NULL && s->session->linked && (has_open(s) || !s->keys_known))
        keys_read(s, now);
}

static void run_end(struct keys_run *run, const char *trouble)
{
    struct station *s = run->station;
    struct central *c = s->central;
    struct central_config_result result = { .trouble = trouble, .n_set = run->n_set };
    bool again = run->again && !s->gone && s->session != NULL;
    c->n_key_runs--;
    s->keys_run = NULL;
    if (!s->gone && !c->closing) {
        count_states(s, &result);
        write_wishes(s);
        if (trouble == NULL)
            tell(s, run, &result);
        keys_reboot_look(s);
        try_again_later(s);
    }
    while (run->waiters != NULL) {
        struct waiter *w = run->waiters;
        run->waiters = w->next;
        w->done(w->arg, &result);
        free(w);
    }
    free(run->who);
    free(run->why);
    free(run->turn);
    free(run);
    start_waiting(c);
    if (again)
        keys_boot(s);
    s->n_pending--;
    station_free_if_gone(s);
}

static bool add_waiter(struct keys_run *run,
                       void (*done)(void *arg, const struct central_config_result *result),
                       void *arg)
{
    struct waiter *w = done != NULL ? malloc(sizeof(*w)) : NULL;
    if (w == NULL)
        return done == NULL;
    *w = (struct waiter){ .next = run->waiters, .done = done, .arg = arg };
    run->waiters = w;
    return true;
}

static struct keys_run *run_new(struct station *s, const char *who, const char *why)
{
    struct keys_run *run = calloc(1, sizeof(*run));
    if (run == NULL)
        return NULL;
    run->station = s;
    run->who = strdup(who);
    run->why = strdup(why);
    if (run->who == NULL || run->why == NULL) {
        free(run->who);
        free(run->why);
        free(run);
        return NULL;
    }
    s->n_pending++;
    s->keys_run = run;
    return run;
}

static void run_enqueue(struct keys_run *run)
{
    struct central *c = run->station->central;
    run->waits = true;
    if (c->key_run_last != NULL)
        c->key_run_last->next = run;
    else
        c->key_run_first = run;
    c->key_run_last = run;
    start_waiting(c);
}

void keys_read(struct station *s, struct instant now)
{
    (void)now;
    if (s->keys_run != NULL || s->session == NULL)
        return;
    struct keys_run *run = run_new(s, "noxd", "");
    if (run != NULL)
        run_enqueue(run);
}

void central_config_apply(struct central *c, const char *station, const char *who, const char *why,
                          void (*done)(void *arg, const struct central_config_result *result),
                          void *arg, struct instant now)
{
    c->now = now;
    struct station *s = station_find(c, station);
    struct central_config_result offline = { .trouble =
                                                 "the station is not connected; nothing was sent" };
    struct central_config_result full = { .trouble = "out of memory; nothing was sent" };
    if (s == NULL || s->session == NULL || s->registration == STORE_REG_REJECTED) {
        done(arg, &offline);
        return;
    }
    bool is_new = s->keys_run == NULL; /* else its end is told, whoever began it */
    struct keys_run *run = is_new ? run_new(s, who, why) : s->keys_run;
    if (run == NULL || !add_waiter(run, done, arg)) {
        done(arg, &full);
        if (run != NULL && is_new)
            run_enqueue(run);
        return;
    }
    run->force = true;
    if (is_new)
        run_enqueue(run);
}

/* --- when --- */

void keys_boot(struct station *s)
{
    if (s->keys_run != NULL && !s->keys_run->waits) {
        s->keys_run->again = true;
        return;
    }
    wishes_make(s);
    if (s->n_wishes > 0 || !s->keys_known)
        keys_read(s, s->central->now);
}

void keys_linked(struct station *s)
{
    bool old = s->central->now.utc_ms - s->keys_read_at_ms >= KEYS_OLD_MS;
    if (s->n_wishes > 0 && (has_open(s) || old))
        keys_read(s, s->central->now);
}

void keys_configured(struct central *c)
{
    for (size_t i = 0; i < c->n_stations; i++) {
        struct station *s = c->station[i];
        size_t before = s->n_wishes;
        if (s->keys_run != NULL && !s->keys_run->waits) {
            s->keys_run->again = true; /* looks again when it ends */
            continue;
        }
        wishes_make(s);
        if (s->session != NULL && s->session->linked && s->n_wishes > 0 && has_open(s))
            keys_read(s, c->now);
        else if (s->n_wishes < before)
            write_wishes(s);
    }
}

/* --- the reboot that a template allows --- */

static bool is_idle(const struct station *s)
{
    for (size_t i = 0; i < s->n_connectors; i++)
        if (s->connector[i]->tx.id != 0 || s->connector[i]->start_tag[0] != '\0')
            return false;
    return true;
}

static bool wants_reboot(const struct station *s)
{
    for (size_t i = 0; i < s->n_wishes; i++)
        if (s->wish[i].reboot && s->wish[i].state == STORE_KEY_NEEDS_REBOOT &&
            (s->booted_at_ms == STORE_ABSENT || s->booted_at_ms <= s->wish[i].at_ms))
            return true;
    return false;
}

void keys_reboot_look(struct station *s)
{
    struct central *c = s->central;
    if (wants_reboot(s) && s->session != NULL && s->keys_timer.place == 0)
        timer_set(&c->timers, &s->keys_timer, c->now.mono_ms + REBOOT_LOOK_MS);
}

static void on_keys_timer(struct timer *timer, struct instant now)
{
    struct station *s = timer->owner;
    struct ocpp_reset_req req = { .type = OCPP_RESET_TYPE_SOFT };
    if (s->session == NULL || !s->session->linked || !wants_reboot(s))
        return;
    if (is_idle(s)) {
        central_event(s->central, "station.reset", STORE_INFO, s->id, -1, now,
                      "idle, and new values of its configuration wait for a reboot: reset");
        station_request(s, OCPP_RESET, &req, 0, false, NULL, NULL, now);
    }
    timer_set(&s->central->timers, timer, now.mono_ms + (is_idle(s) ? 10 : 1) * REBOOT_LOOK_MS);
}

void keys_init(struct station *s)
{
    s->keys_timer = (struct timer){ .fire = on_keys_timer, .owner = s };
    s->keys_again = (struct timer){ .fire = on_keys_again, .owner = s };
    s->keys_read_at_ms = INT64_MIN / 2;
}
