/*
 * Local Auth List Management, OCPP 1.6 sections 3.5, 5.10 and 5.15: a desired state.
 *
 * Due is a station after its connection, after changes of tags or groups, and when an operator
 * says so.  Then: its keys, its version, the next message.  What is about to be sent is written
 * down first: a station that took it and whose answer was lost is believed afterwards.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ocpp/central/state.h"

enum {
    AT_ONCE = 20,               /* stations that are served at the same time */
    AFTER_READY_MS = 10000,     /* after a connection other things come first */
    SPREAD_MS = 5000,           /* ... and not all stations at one moment */
    SETTLE_MS = 3000,           /* changes of tags come in swarms */
    SETTLE_MAX_MS = 15000,      /* ... but do not wait for their end */
    BUSY_MS = 500,              /* look again when other requests wait */
    RETRY_MS = 60000,           /* after a failure, doubled each time */
    RETRY_MAX_MS = 6 * 3600000, /* ... up to this */
    CONFLICT_EVERY_MS = 600000, /* a station that reports conflicts gets a full list */
    ENTRIES_MAX = 500,          /* of a message, whatever the station allows */
    ENTRIES_UNKNOWN = 50,       /* where it does not say */
    BYTES_MAX = 40000,          /* of a message */
    WALK = 5000,                /* changes looked at before the loop has its turn */
    CUT_WALK = 500,
};

static void run(struct local_list *l, struct instant now);

static struct list_scope scope_of(const struct local_list *l)
{
    const struct station *s = l->station;
    return (struct list_scope){ s->groups, s->groups_only, l->cut };
}

static void again(struct local_list *l, int64_t in_ms, struct instant now)
{
    timer_set(&l->station->central->timers, &l->timer, now.mono_ms + in_ms);
}

static void want_full(struct local_list *l)
{
    l->want_full = true;
    l->begun = false;
}

/* --- its record --- */

static void list_stored(void *arg, enum store_rc rc, const union store_result *result);

static bool keep(struct local_list *l, bool tell)
{
    struct station *s = l->station;
    struct store_local_list row = { .station = s->id,
                                    .version = l->version,
                                    .offered = l->offered,
                                    .upto = l->upto,
                                    .base = l->base,
                                    .entries = l->entries,
                                    .max_entries = l->max_entries,
                                    .scope = l->scope,
                                    .cut = l->cut,
                                    .unable = l->unable,
                                    .firmware = l->firmware,
                                    .result = l->result,
                                    .asked_at_ms = l->asked_at_ms,
                                    .at_ms = l->at_ms,
                                    .n_full = l->n_full,
                                    .n_differential = l->n_differential,
                                    .n_failed = l->n_failed };
    struct store_done done = { .fn = tell ? list_stored : NULL, .arg = s };
    s->n_pending += tell;
    if (store_local_list(s->central->options.store, &row, done))
        return true;
    s->n_pending -= tell;
    return false;
}

static void on_timer(struct timer *timer, struct instant now)
{
    run(timer->owner, now);
}

static struct local_list *list_of(struct station *s)
{
    if (s->list != NULL)
        return s->list;
    struct local_list *l = calloc(1, sizeof(*l));
    if (l == NULL)
        return NULL;
    *l = (struct local_list){ .station = s, .asked_at_ms = STORE_ABSENT, .at_ms = STORE_ABSENT };
    l->timer = (struct timer){ .fire = on_timer, .owner = l };
    return s->list = l;
}

void central_restore_local_list(struct central *c, const struct store_local_list *row)
{
    struct station *s = station_find(c, row->station);
    struct local_list *l = s != NULL ? list_of(s) : NULL;
    if (l == NULL)
        return;
    l->version = row->version;
    l->offered = row->offered;
    l->upto = row->upto;
    l->base = row->base;
    l->entries = row->entries;
    l->max_entries = row->max_entries;
    l->scope = row->scope;
    l->asked_at_ms = row->asked_at_ms;
    l->at_ms = row->at_ms;
    l->n_full = row->n_full;
    l->n_differential = row->n_differential;
    l->n_failed = row->n_failed;
    text_replace(&l->cut, row->cut);
    text_replace(&l->unable, row->unable);
    text_replace(&l->firmware, row->firmware);
    text_replace(&l->result, row->result);
}

/* --- taking turns --- */

static bool is_active(const struct local_list *l)
{
    return l->step > LIST_QUEUED;
}

static void next_of_queue(struct central *c, struct instant now)
{
    struct local_lists *all = &c->lists;
    while (all->first != NULL && all->n_active < AT_ONCE) {
        struct local_list *l = all->first;
        all->first = l->next;
        if (all->first == NULL)
            all->last = NULL;
        l->step = LIST_IDLE;
        run(l, now);
    }
}

static void leave_queue(struct local_list *l)
{
    struct local_lists *all = &l->station->central->lists;
    struct local_list **at = &all->first, *before = NULL;
    while (*at != l) {
        before = *at;
        at = &(*at)->next;
    }
    *at = l->next;
    if (all->last == l)
        all->last = before;
}

/* Nothing more for now; the next one has its turn. */
static void rest(struct local_list *l, struct instant now)
{
    struct central *c = l->station->central;
    if (l->step == LIST_QUEUED)
        leave_queue(l);
    bool was_active = is_active(l);
    l->step = LIST_IDLE;
    l->is_forced = false;
    l->cutting = false;
    free(l->payload);
    l->payload = NULL;
    timer_cancel(&c->timers, &l->timer);
    if (!was_active)
        return;
    c->lists.n_active--;
    next_of_queue(c, now);
}

static bool take_turn(struct local_list *l)
{
    struct local_lists *all = &l->station->central->lists;
    if (all->n_active < AT_ONCE) {
        all->n_active++;
        return true;
    }
    l->step = LIST_QUEUED;
    l->next = NULL;
    if (all->last != NULL)
        all->last->next = l;
    else
        all->first = l;
    all->last = l;
    return false;
}

static void retry_later(struct local_list *l, struct instant now)
{
    int64_t in_ms = RETRY_MS;
    for (unsigned i = 0; i < l->failures && in_ms < RETRY_MAX_MS; i++)
        in_ms *= 2;
    l->failures++;
    rest(l, now);
    again(l, in_ms < RETRY_MAX_MS ? in_ms : RETRY_MAX_MS, now);
}

static void unable(struct local_list *l, const char *why, struct instant now)
{
    struct station *s = l->station;
    text_replace(&l->unable, why);
    text_replace(&l->firmware, s->firmware);
    l->version = l->offered = l->upto = l->entries = 0;
    keep(l, false);
    central_event(s->central, "local_list.unable", STORE_INFO, s->id, -1, now,
                  "gets no local list: %s; 'noxctl local-list sync %s' tries again", why, s->id);
    rest(l, now);
}

/* --- what a station says --- */

static bool is_unknown_action(const struct central_reply *reply)
{
    return reply->outcome == CENTRAL_CALLERROR &&
           (ocpp_ci_equal(reply->error_code, "NotSupported") ||
            ocpp_ci_equal(reply->error_code, "NotImplemented"));
}

/* No answer: it is asked for its version before anything else. */
static void unanswered(struct local_list *l, const struct central_reply *reply, struct instant now)
{
    l->version_known = false;
    text_replace(&l->result, reply->text);
    if (reply->outcome == CENTRAL_LOST || reply->outcome == CENTRAL_OFFLINE)
        rest(l, now); /* the next connection begins anew */
    else
        retry_later(l, now);
}

static const char *key_value(const json_t *payload, const char *wanted)
{
    const json_t *list = json_object_get(payload, "configurationKey");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *in = json_array_get(list, i);
        const char *name = json_string_value(json_object_get(in, "key"));
        if (name != NULL && ocpp_ci_equal(name, wanted))
            return json_string_value(json_object_get(in, "value"));
    }
    return NULL;
}

static int32_t key_number(const json_t *payload, const char *wanted)
{
    const char *text = key_value(payload, wanted);
    char *end;
    long n = text != NULL ? strtol(text, &end, 10) : 0;
    return text != NULL && end != text && n > 0 && n < INT32_MAX ? (int32_t)n : 0;
}

static void on_keys(void *arg, const struct central_reply *reply)
{
    struct station *s = arg;
    struct local_list *l = s->list;
    struct instant now = s->central->now;
    if (reply->outcome != CENTRAL_ANSWERED && reply->outcome != CENTRAL_CALLERROR) {
        unanswered(l, reply, now);
        return;
    }
    l->keys_known = true;
    l->max_reported = key_number(reply->payload, "LocalAuthListMaxLength");
    l->per_message = key_number(reply->payload, "SendLocalListMaxLength");
    const char *profiles = key_value(reply->payload, "SupportedFeatureProfiles");
    const char *enabled = key_value(reply->payload, "LocalAuthListEnabled");
    if (profiles != NULL && strstr(profiles, "LocalAuthListManagement") == NULL)
        unable(l, "its SupportedFeatureProfiles lack LocalAuthListManagement", now);
    else if (enabled != NULL && ocpp_ci_equal(enabled, "false"))
        unable(l, "its LocalAuthListEnabled is false", now);
    else
        run(l, now);
}

static void ask_keys(struct local_list *l, struct instant now)
{
    static const char *const keys[] = { "SupportedFeatureProfiles", "LocalAuthListEnabled",
                                        "LocalAuthListMaxLength", "SendLocalListMaxLength" };
    struct ocpp_get_configuration_req req = { .key = keys, .n_key = 4 };
    l->step = LIST_KEYS;
    station_request(l->station, OCPP_GET_CONFIGURATION, &req, 0, false, on_keys, l->station, now);
}

/* What it has is what we wrote down, or what we sent last, or something else. */
static void version_is(struct local_list *l, int32_t version, struct instant now)
{
    l->version_known = true;
    if (version == l->offered && version > 0) {
        l->version = l->upto = version;
    } else if (version != l->version) {
        l->version = 0;
        want_full(l);
    }
    l->offered = 0;
    text_replace(&l->unable, NULL);
    run(l, now);
}

static void on_version(void *arg, const struct central_reply *reply)
{
    struct station *s = arg;
    struct local_list *l = s->list;
    struct instant now = s->central->now;
    const json_t *version =
        reply->outcome == CENTRAL_ANSWERED ? json_object_get(reply->payload, "listVersion") : NULL;
    if (is_unknown_action(reply))
        unable(l, "it does not know GetLocalListVersion", now);
    else if (reply->outcome == CENTRAL_CALLERROR)
        retry_later(l, now);
    else if (reply->outcome != CENTRAL_ANSWERED)
        unanswered(l, reply, now);
    else if (json_integer_value(version) == -1)
        unable(l, "its listVersion is -1: it has no local list", now);
    else
        version_is(l, (int32_t)json_integer_value(version), now);
}

static void ask_version(struct local_list *l, struct instant now)
{
    struct ocpp_get_local_list_version_req req = { .unused = 0 };
    l->step = LIST_VERSION;
    station_request(l->station, OCPP_GET_LOCAL_LIST_VERSION, &req, 0, false, on_version, l->station,
                    now);
}

/* --- messages --- */

/* The answer to SendLocalList was Accepted. */
static void taken(struct local_list *l, struct instant now)
{
    l->failures = 0;
    l->version = l->upto = l->next_upto;
    l->offered = 0;
    l->entries = l->next_entries;
    if (l->next_is_full)
        l->n_full++;
    else
        l->n_differential++;
    if (l->next_is_last)
        keep(l, false); /* else with the next message */
    l->step = LIST_WORKING;
    again(l, 0, now);
}

static void refused(struct local_list *l, const char *status, struct instant now)
{
    struct station *s = l->station;
    l->n_failed++;
    l->offered = 0;
    bool was_full = l->next_is_full;
    want_full(l);
    keep(l, false);
    central_event(s->central, "local_list.failed", STORE_WARNING, s->id, -1, now,
                  "SendLocalList version %" PRId32 " was answered %s: %s", l->next_upto, status,
                  was_full ? "tried again later" : "the full list is sent");
    if (was_full) {
        retry_later(l, now);
    } else {
        l->step = LIST_WORKING;
        again(l, 0, now);
    }
}

static void on_sent(void *arg, const struct central_reply *reply)
{
    struct station *s = arg;
    struct local_list *l = s->list;
    struct instant now = s->central->now;
    free(l->payload);
    l->payload = NULL;
    if (reply->outcome != CENTRAL_ANSWERED && reply->outcome != CENTRAL_CALLERROR) {
        unanswered(l, reply, now);
        return;
    }
    const char *status = json_string_value(json_object_get(reply->payload, "status"));
    if (reply->outcome == CENTRAL_CALLERROR)
        status = reply->error_code;
    status = status != NULL ? status : "without a status";
    l->at_ms = now.utc_ms;
    text_replace(&l->result, status);
    if (is_unknown_action(reply) || reply_is(reply, "NotSupported"))
        unable(l, "it answers SendLocalList with NotSupported", now);
    else if (reply_is(reply, "Accepted"))
        taken(l, now);
    else
        refused(l, status, now);
}

static bool is_ready(const struct local_list *l)
{
    const struct station *s = l->station;
    return s->session != NULL && s->session->ready && s->registration == STORE_REG_ACCEPTED;
}

/* Other requests go first: a list is never urgent. */
static bool is_busy(const struct station *s)
{
    return s->in_flight != NULL || s->n_waiting > 0;
}

static void send_it(struct local_list *l, struct instant now)
{
    struct station *s = l->station;
    if (!is_ready(l) || !l->version_known) { /* another connection than it was made for */
        l->version_known = false;
        rest(l, now);
        if (is_ready(l))
            again(l, AFTER_READY_MS, now);
        return;
    }
    if (is_busy(s)) {
        again(l, BUSY_MS, now);
        return;
    }
    l->step = LIST_SENT;
    l->asked_at_ms = now.utc_ms;
    if (l->next_is_full)
        l->want_full = l->begun = false;
    station_call(s, ocpp_action_get(OCPP_SEND_LOCAL_LIST)->name, l->payload, 0, false, 0, on_sent,
                 s, now);
}

static void list_stored(void *arg, enum store_rc rc, const union store_result *result)
{
    struct station *s = arg;
    struct local_list *l = s->list;
    (void)result;
    s->n_pending--;
    if (!s->gone && l != NULL && l->step == LIST_WRITING) {
        if (rc == STORE_OK)
            send_it(l, s->central->now);
        else
            retry_later(l, s->central->now);
    }
    station_free_if_gone(s);
}

static void info_of(const struct tag *tag, struct instant now, struct ocpp_id_tag_info *ret_info)
{
    bool over = tag->expires_at_ms != STORE_ABSENT && tag->expires_at_ms <= now.utc_ms;
    *ret_info = (struct ocpp_id_tag_info){
        .status = tag->status != STORE_AUTH_ACCEPTED ? tag->status
                  : over                             ? OCPP_AUTH_EXPIRED
                                                     : OCPP_AUTH_ACCEPTED,
        .parent_id_tag = tag->parent,
        .expiry_date_ms =
            tag->expires_at_ms != STORE_ABSENT ? tag->expires_at_ms : OCPP_TIME_ABSENT,
    };
}

/* @return the payload, NULL when memory is out */
static char *encode(const struct list_part *part, bool full, struct instant now)
{
    struct ocpp_authorization_data *data = calloc(part->n + 1, sizeof(*data));
    struct ocpp_id_tag_info *info = calloc(part->n + 1, sizeof(*info));
    struct ocpp_text text;
    ocpp_text_init(&text);
    for (size_t i = 0; data != NULL && info != NULL && i < part->n; i++) {
        const struct list_entry *e = &part->entry[i];
        info_of(e->tag, now, &info[i]);
        data[i] = (struct ocpp_authorization_data){ .id_tag = e->tag->id_tag,
                                                    .id_tag_info = e->remove ? NULL : &info[i] };
    }
    struct ocpp_send_local_list_req req = {
        .list_version = part->upto,
        .local_authorization_list = data,
        .n_local_authorization_list = part->n,
        .update_type = full ? OCPP_UPDATE_TYPE_FULL : OCPP_UPDATE_TYPE_DIFFERENTIAL,
    };
    char *payload = NULL;
    if (data != NULL && info != NULL &&
        ocpp_encode(ocpp_action_get(OCPP_SEND_LOCAL_LIST)->req, &req, &text))
        payload = strdup(text.data);
    ocpp_text_done(&text);
    free(data);
    free(info);
    return payload;
}

static struct list_limits limits_of(const struct local_list *l)
{
    size_t n = l->per_message > 0 ? (size_t)l->per_message : ENTRIES_UNKNOWN;
    return (struct list_limits){ n < ENTRIES_MAX ? n : ENTRIES_MAX, BYTES_MAX, WALK };
}

static void begin_full(struct local_list *l)
{
    l->upto = 0;
    l->base = l->station->central->tags.state.revision;
    l->entries = 0;
    l->want_full = l->begun = true;
}

/* All that is in step, or what is left in a list whose exact count is known. */
static int32_t count_entries(const struct local_list *l, const struct list_part *part)
{
    struct list_scope scope = scope_of(l);
    if (part->is_last && l->cut == NULL)
        return (int32_t)list_count(&l->station->central->tags, &scope);
    return l->entries + (int32_t)part->n_put;
}

static void in_step(struct local_list *l, struct instant now)
{
    l->failures = 0;
    keep(l, false);
    rest(l, now);
}

static void make_message(struct local_list *l, struct instant now)
{
    struct list_scope scope = scope_of(l);
    struct list_limits limits = limits_of(l);
    struct list_part part = { .entry = calloc(limits.entries, sizeof(struct list_entry)) };
    if (part.entry == NULL) {
        retry_later(l, now);
        return;
    }
    const struct tags *tags = &l->station->central->tags;
    list_next(tags, &scope, l->upto, l->base, &limits, &part);
    bool full = l->want_full;
    if (part.n > 0 || (full && part.is_last)) {
        l->payload = encode(&part, full, now);
        l->next_upto = part.upto;
        l->next_entries = count_entries(l, &part);
        l->next_is_full = full;
        l->next_is_last = part.is_last;
    }
    free(part.entry);
    if (l->payload != NULL) {
        l->offered = part.upto;
        l->step = LIST_WRITING;
        if (!keep(l, true))
            retry_later(l, now);
    } else if (part.n > 0 || (full && part.is_last)) {
        retry_later(l, now); /* memory */
    } else if (part.is_last) {
        l->upto = part.upto;
        in_step(l, now);
    } else {
        l->upto = part.upto; /* nothing for this station so far */
        again(l, 0, now);
    }
}

/* --- full or differential --- */

static void cut_step(struct local_list *l, struct instant now)
{
    char cut[LIST_CUT_SIZE];
    struct list_scope scope = scope_of(l);
    scope.cut = NULL;
    if (!list_cut_step(&l->station->central->tags, &scope, CUT_WALK, &l->cutter, cut)) {
        again(l, 0, now);
        return;
    }
    l->cutting = false;
    text_replace(&l->cut, cut);
    begin_full(l);
    again(l, 0, now);
}

/* Is it made for another scope, or for tags of which deletions are forgotten? */
static bool is_outdated(const struct local_list *l)
{
    const struct tags *tags = &l->station->central->tags;
    struct list_scope scope = scope_of(l);
    size_t n = list_count(tags, &scope), max = (size_t)l->max_reported;
    bool fits = max == 0 || n <= max;
    return l->scope != list_digest(&scope, l->max_reported) || fits != (l->cut == NULL) ||
           (l->cut != NULL && (size_t)l->entries > max) ||
           (l->upto < tags->state.floor && l->base < tags->state.floor) ||
           l->upto > tags->state.revision;
}

/* A full list that is on its way (upto < base) goes on as it is. */
static bool needs_full(const struct local_list *l)
{
    const struct tags *tags = &l->station->central->tags;
    struct list_scope scope = scope_of(l);
    if (l->want_full || is_outdated(l))
        return !l->begun || is_outdated(l);
    return l->version == 0 ||
           (l->upto >= l->base && list_is_shorter_full(tags, &scope, l->upto, l->base, WALK));
}

/* @return false: the first step of finding out what fits has been taken */
static bool begin_anew(struct local_list *l, struct instant now)
{
    const struct tags *tags = &l->station->central->tags;
    struct list_scope scope = scope_of(l);
    l->scope = list_digest(&scope, l->max_reported);
    l->max_entries = l->max_reported;
    if (l->max_reported == 0 || list_count(tags, &scope) <= (size_t)l->max_reported) {
        text_replace(&l->cut, NULL);
        begin_full(l);
        return true;
    }
    l->cutting = true;
    list_cut_begin(tags, &scope, (size_t)l->max_reported, &l->cutter);
    again(l, 0, now);
    return false;
}

static void work(struct local_list *l, struct instant now)
{
    l->step = LIST_WORKING;
    if (is_busy(l->station)) {
        again(l, BUSY_MS, now);
    } else if (l->cutting) {
        cut_step(l, now);
    } else if (!needs_full(l) || begin_anew(l, now)) {
        make_message(l, now);
    }
}

/* --- whose turn it is --- */

static bool is_in_step(const struct local_list *l)
{
    const struct tags *tags = &l->station->central->tags;
    struct list_scope scope = scope_of(l);
    return l->version_known && !l->want_full && l->unable == NULL && l->offered == 0 &&
           l->upto == tags->state.revision &&
           (!l->keys_known || l->max_entries == l->max_reported) &&
           l->scope == list_digest(&scope, l->max_entries);
}

static bool is_wanted(const struct local_list *l)
{
    const struct station *s = l->station;
    if (!s->central->options.local_lists || !s->wants_local_list)
        return false;
    if (l->is_forced)
        return true;
    bool same_firmware =
        l->unable != NULL &&
        (l->firmware != NULL ? s->firmware != NULL && strcmp(l->firmware, s->firmware) == 0
                             : s->firmware == NULL);
    bool has_some = s->central->tags.n > 0 || l->version > 0 || l->offered > 0;
    return !same_firmware && has_some;
}

static void run(struct local_list *l, struct instant now)
{
    if (l->step == LIST_QUEUED)
        return;
    if (!is_ready(l) || !is_wanted(l) || is_in_step(l)) {
        rest(l, now);
        return;
    }
    if (!is_active(l) && !take_turn(l))
        return;
    if (l->step == LIST_WRITING && l->payload != NULL)
        send_it(l, now);
    else if (!l->keys_known)
        ask_keys(l, now);
    else if (!l->version_known)
        ask_version(l, now);
    else
        work(l, now);
}

void local_list_ready(struct station *s, struct instant now)
{
    struct central *c = s->central;
    struct local_list *l = c->options.local_lists && s->wants_local_list ? list_of(s) : NULL;
    if (l == NULL)
        return;
    l->version_known = l->keys_known = false;
    l->failures = 0;
    uint64_t spread =
        c->options.port.random != NULL ? c->options.port.random(c->options.port.arg) : 0;
    again(l, AFTER_READY_MS + (int64_t)(spread % SPREAD_MS), now);
}

void local_list_lost(struct station *s, struct instant now)
{
    struct local_list *l = s->list;
    if (l == NULL)
        return;
    l->version_known = false;
    if (l->step != LIST_WRITING) /* its completion will see that nobody is there */
        rest(l, now);
}

void local_list_conflict(struct station *s, struct instant now)
{
    struct local_list *l = s->list;
    central_event(s->central, "local_list.conflict", STORE_WARNING, s->id, -1, now,
                  "LocalListConflict: its local list contradicts what it is answered%s",
                  l != NULL ? "; it gets the full list" : "");
    if (l == NULL || (l->had_conflict && now.mono_ms - l->conflict_mono_ms < CONFLICT_EVERY_MS))
        return;
    l->had_conflict = true;
    l->conflict_mono_ms = now.mono_ms;
    want_full(l);
    if (l->step == LIST_IDLE)
        again(l, BUSY_MS, now);
}

static void on_settled(struct timer *timer, struct instant now)
{
    struct central *c = timer->owner;
    c->lists.changed_mono_ms = 0;
    for (size_t i = 0; i < c->n_stations; i++) {
        struct station *s = c->station[i];
        struct local_list *l =
            s->session != NULL && s->session->ready && s->wants_local_list ? list_of(s) : NULL;
        if (l != NULL && l->step == LIST_IDLE && l->timer.place == 0)
            run(l, now);
    }
}

void local_lists_touch(struct central *c, struct instant now)
{
    struct local_lists *all = &c->lists;
    if (!c->options.local_lists)
        return;
    if (all->changed_mono_ms == 0)
        all->changed_mono_ms = now.mono_ms;
    int64_t due = now.mono_ms + SETTLE_MS, last = all->changed_mono_ms + SETTLE_MAX_MS;
    all->settle.fire = on_settled;
    all->settle.owner = c;
    timer_set(&c->timers, &all->settle, due < last ? due : last);
}

void local_list_free(struct station *s)
{
    struct local_list *l = s->list;
    if (l == NULL)
        return;
    rest(l, s->central->now);
    char *owned[] = { l->cut, l->unable, l->firmware, l->result };
    for (size_t i = 0; i < sizeof(owned) / sizeof(owned[0]); i++)
        free(owned[i]);
    free(l);
    s->list = NULL;
}

/* --- for people --- */

enum central_list_asked central_local_list_sync(struct central *c, const char *station, bool full,
                                                struct instant now)
{
    c->now = now;
    struct station *s = station_find(c, station);
    if (s == NULL)
        return CENTRAL_LIST_NO_STATION;
    struct local_list *l = list_of(s);
    if (l == NULL || !c->options.local_lists || !s->wants_local_list)
        return CENTRAL_LIST_OFF;
    if (s->session == NULL || !s->session->ready)
        return CENTRAL_LIST_OFFLINE;
    l->is_forced = true;
    l->failures = 0;
    text_replace(&l->unable, NULL);
    if (is_active(l) || l->step == LIST_QUEUED) {
        if (full)
            want_full(l);
        return CENTRAL_LIST_UNDER_WAY;
    }
    l->version_known = l->keys_known = false;
    if (full)
        want_full(l);
    run(l, now);
    return CENTRAL_LIST_ASKED;
}

static const char *state_of(const struct station *s, const struct local_list *l)
{
    if (!s->central->options.local_lists || !s->wants_local_list)
        return "off";
    if (l == NULL)
        return s->session != NULL ? "waits" : "offline";
    if (l->unable != NULL)
        return "unable";
    if (l->step > LIST_QUEUED)
        return "under way";
    struct local_list as_if = *l;
    as_if.version_known = true;
    if (l->version > 0 && is_in_step(&as_if))
        return "in step";
    if (s->session == NULL)
        return "offline";
    return l->failures > 0 ? "failed" : s->central->tags.n == 0 ? "empty" : "waits";
}

bool central_local_list_view(const struct central *c, size_t i, struct central_local_list *ret_view)
{
    if (i >= c->n_stations)
        return false;
    const struct station *s = c->station[i];
    const struct local_list *l = s->list;
    struct list_scope scope = { s->groups, s->groups_only, l != NULL ? l->cut : NULL };
    size_t n = list_count(&c->tags, &scope);
    *ret_view = (struct central_local_list){
        .station = s->id,
        .state = state_of(s, l),
        .groups = s->groups,
        .groups_only = s->groups_only,
        .cut = scope.cut,
        .result = l != NULL ? l->result : NULL,
        .unable = l != NULL ? l->unable : NULL,
        .wanted = c->tags.state.revision,
        .installed = l != NULL ? l->version : 0,
        .entries = l != NULL ? l->entries : 0,
        .entries_wanted = n,
        .max_entries = l != NULL ? l->max_entries : 0,
        .asked_at_ms = l != NULL ? l->asked_at_ms : STORE_ABSENT,
        .at_ms = l != NULL ? l->at_ms : STORE_ABSENT,
        .n_full = l != NULL ? l->n_full : 0,
        .n_differential = l != NULL ? l->n_differential : 0,
        .n_failed = l != NULL ? l->n_failed : 0,
    };
    if (strcmp(ret_view->state, "in step") == 0)
        ret_view->wanted = ret_view->installed;
    return true;
}

bool central_local_list_wants(const char *groups, bool groups_only, const char *cut,
                              const struct store_tag *tag)
{
    struct list_scope scope = { groups, groups_only, cut };
    return list_wants(&scope, tag->id_tag, tag->groups);
}
