/* Who is known: stations with their connectors, and tags. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "ocpp/central/state.h"

bool text_replace(char **text, const char *value)
{
    if (*text == value || (*text != NULL && value != NULL && strcmp(*text, value) == 0))
        return false;
    free(*text);
    *text = value != NULL ? strdup(value) : NULL;
    return true;
}

void text_copy(char *dst, size_t size, const char *src)
{
    size_t len = src != NULL ? strlen(src) : 0;
    if (len >= size) {
        len = size - 1;
        while (len > 0 && ((unsigned char)src[len] & 0xC0) == 0x80)
            len--;
    }
    if (len > 0)
        memcpy(dst, src, len);
    dst[len] = '\0';
}

/* Index of the first station whose id is not before `id`. */
static size_t station_place(const struct central *c, const char *id)
{
    size_t low = 0, high = c->n_stations;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(c->station[middle]->id, id) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

struct station *station_find(const struct central *c, const char *id)
{
    size_t i = station_place(c, id);
    return i < c->n_stations && strcmp(c->station[i]->id, id) == 0 ? c->station[i] : NULL;
}

bool central_station_find(const struct central *c, const char *id, size_t *ret_i)
{
    size_t i = station_place(c, id);
    if (i >= c->n_stations || strcmp(c->station[i]->id, id) != 0)
        return false;
    *ret_i = i;
    return true;
}

const struct central_identity *central_identity(const struct central *c, const char *id)
{
    const struct station *s = station_find(c, id);
    return s != NULL ? &s->identity : NULL;
}

const char *central_identity_like(const struct central *c, const char *id)
{
    for (size_t i = 0; i < c->n_stations; i++)
        if (strcasecmp(c->station[i]->id, id) == 0)
            return c->station[i]->id;
    return NULL;
}

static struct station *station_new(struct central *c, const char *id)
{
    if (c->n_stations == c->room_stations) {
        size_t room = c->room_stations ? 2 * c->room_stations : 64;
        struct station **grown = realloc(c->station, room * sizeof(struct station *));
        if (grown == NULL)
            return NULL;
        c->station = grown;
        c->room_stations = room;
    }
    struct station *s = calloc(1, sizeof(*s));
    if (s == NULL || (s->id = strdup(id)) == NULL) {
        free(s);
        return NULL;
    }
    s->central = c;
    s->evidence = (struct evidence){ .class = -1, .at_ms = STORE_ABSENT };
    s->identity = (struct central_identity){ .id = s->id,
                                             .key_salt = s->key_salt,
                                             .key_hash = s->key_hash,
                                             .pending_salt = s->pending_salt,
                                             .pending_hash = s->pending_hash,
                                             .old_salt = s->old_salt,
                                             .old_hash = s->old_hash };
    s->boot_answered_mono_ms = INT64_MIN;
    s->booted_at_ms = s->seen_at_ms = STORE_ABSENT;
    s->registration = STORE_REG_ACCEPTED;
    station_timers_init(s);
    keys_init(s);
    size_t i = station_place(c, id);
    memmove(&c->station[i + 1], &c->station[i], (c->n_stations - i) * sizeof(struct station *));
    c->station[i] = s;
    c->n_stations++;
    return s;
}

struct connector *connector_find(const struct station *s, int32_t number)
{
    for (size_t i = 0; i < s->n_connectors; i++)
        if (s->connector[i]->number == number)
            return s->connector[i];
    return NULL;
}

struct connector *connector_get(struct station *s, int32_t number)
{
    struct connector *k = connector_find(s, number);
    if (k != NULL || number < 1 || number > CONNECTORS_MAX)
        return k;
    size_t n = s->n_connectors;
    struct connector **grown = realloc(s->connector, (n + 1) * sizeof(struct connector *));
    if (grown == NULL)
        return NULL;
    s->connector = grown;
    k = calloc(1, sizeof(*k));
    if (k == NULL)
        return NULL;
    connector_init(k, s, number);
    while (n > 0 && s->connector[n - 1]->number > number) {
        s->connector[n] = s->connector[n - 1];
        n--;
    }
    s->connector[n] = k;
    s->n_connectors++;
    return k;
}

static void station_free(struct station *s)
{
    struct timers *timers = &s->central->timers;
    timer_cancel(timers, &s->call_timer);
    timer_cancel(timers, &s->ready_timer);
    timer_cancel(timers, &s->reserve_timer);
    timer_cancel(timers, &s->keys_timer);
    timer_cancel(timers, &s->keys_again);
    wishes_done(s);
    reservations_done(s);
    profiles_done(s);
    for (size_t i = 0; i < s->n_connectors; i++) {
        timer_cancel(timers, &s->connector[i]->late_start);
        timer_cancel(timers, &s->connector[i]->start_timer);
        free(s->connector[i]->evse_id);
        free(s->connector[i]);
    }
    char *owned[] = { s->id,     s->grid_node, s->district, s->tariff,         s->vendor, s->model,
                      s->serial, s->firmware,  s->answered, s->certificate_cn, s->groups };
    for (size_t i = 0; i < sizeof(owned) / sizeof(owned[0]); i++)
        free(owned[i]);
    free(s->connector);
    certs_forget(s);
    local_list_free(s);
    free(s);
}

void station_free_if_gone(struct station *s)
{
    if (s->gone && s->n_pending == 0)
        station_free(s);
}

/* Takes a station out of the list; it stays in memory while completions may name it. */
static void station_remove(struct central *c, size_t i, struct instant now)
{
    struct station *s = c->station[i];
    if (s->session != NULL)
        station_drop(s, 1008, "station removed from the configuration", now);
    station_fail_calls(s, CENTRAL_OFFLINE, true, now);
    memmove(&c->station[i], &c->station[i + 1], (c->n_stations - i - 1) * sizeof(struct station *));
    c->n_stations--;
    s->gone = true;
    asks_drop(s);
    transfers_leave(s);
    station_free_if_gone(s);
}

/* While a change of ours is being written the site that was read may be older. */
static void security_take(struct station *s, const struct store_station *in)
{
    struct central_identity *id = &s->identity;
    text_replace(&s->certificate_cn, in->certificate_cn);
    id->certificate_cn = s->certificate_cn;
    s->lax_subprotocol = in->lax_subprotocol;
    quirks_find(s);
    if (s->n_security_writes > 0)
        return;
    memcpy(s->key_salt, in->key_salt, sizeof(s->key_salt));
    memcpy(s->key_hash, in->key_hash, sizeof(s->key_hash));
    memcpy(s->pending_salt, in->pending_salt, sizeof(s->pending_salt));
    memcpy(s->pending_hash, in->pending_hash, sizeof(s->pending_hash));
    id->security_profile = in->security_profile;
    id->pending_profile = in->pending_profile;
    id->has_key = in->has_key;
    id->has_pending_key = in->has_pending_key;
    memcpy(s->old_salt, in->old_salt, sizeof(s->old_salt));
    memcpy(s->old_hash, in->old_hash, sizeof(s->old_hash));
    id->has_old_key = in->has_old_key;
    s->key_shown = s->key_shown && in->has_pending_key;
}

/* Decided while it is connected: an accepted one is asked to boot, so that it need not wait for
 * its interval; a rejected one hears nothing more (OCPP 1.6 section 4.2). */
static void registration_take(struct station *s, int32_t registration)
{
    struct ocpp_trigger_message_req boot = { .requested_message =
                                                 OCPP_MESSAGE_TRIGGER_BOOT_NOTIFICATION,
                                             .connector_id = OCPP_INT_ABSENT };
    int32_t before = s->registration;
    s->registration = registration;
    if (s->session == NULL || before == registration)
        return;
    if (registration == STORE_REG_REJECTED)
        station_drop(s, 1008, "the registration was rejected", s->central->now);
    else if (registration == STORE_REG_ACCEPTED && before == STORE_REG_PENDING)
        station_request(s, OCPP_TRIGGER_MESSAGE, &boot, 0, true, NULL, NULL, s->central->now);
}

static bool station_take(struct central *c, const struct store_station *in)
{
    struct station *s = station_find(c, in->id);
    if (s == NULL && (s = station_new(c, in->id)) == NULL)
        return false;
    s->present = true;
    text_replace(&s->grid_node, in->grid_node);
    text_replace(&s->district, in->district);
    text_replace(&s->tariff, in->tariff);
    text_replace(&s->vendor, in->vendor);
    text_replace(&s->model, in->model);
    text_replace(&s->serial, in->serial);
    text_replace(&s->firmware, in->firmware);
    s->rating_ma = in->rating_ma;
    s->safe_ma = in->safe_ma;
    s->min_ma = in->min_ma;
    s->weight = in->weight;
    s->class = in->class;
    s->strict = in->strict;
    text_replace(&s->groups, in->groups);
    s->groups_only = in->groups_only;
    s->wants_local_list = in->local_list;
    text_copy(s->wiring, sizeof(s->wiring), in->wiring != NULL ? in->wiring : "RST");
    registration_take(s, in->registration != 0 ? in->registration : STORE_REG_ACCEPTED);
    if (in->booted_at_ms != 0)
        s->booted_at_ms = in->booted_at_ms;
    if (s->seen_at_ms == STORE_ABSENT && in->seen_at_ms != 0)
        s->seen_at_ms = in->seen_at_ms;
    security_take(s, in);
    return true;
}

static void connector_take(struct central *c, const struct store_connector *in)
{
    struct station *s = station_find(c, in->station);
    bool known = s != NULL && connector_find(s, in->connector) != NULL;
    struct connector *k = s != NULL ? connector_get(s, in->connector) : NULL;
    if (k == NULL)
        return;
    text_replace(&k->evse_id, in->evse_id);
    k->max_w = in->max_w;
    k->commissioned = k->commissioned || in->commissioned;
    if (!known) /* else we know better than a site that was read a moment ago */
        k->safe_confirmed_ma = in->safe_confirmed_ma;
    if (k->status_at_ms == STORE_ABSENT && in->status != NULL) {
        text_copy(k->status, sizeof(k->status), in->status);
        text_copy(k->error_code, sizeof(k->error_code), in->error_code);
        text_copy(k->info, sizeof(k->info), in->info);
        k->status_at_ms = in->status_at_ms;
    }
}

const struct tag *tag_find(const struct central *c, const char *id_tag)
{
    return tags_find(&c->tags, id_tag);
}

bool tag_equal(const char *a, const char *b)
{
    char key_a[TAG_KEY_SIZE], key_b[TAG_KEY_SIZE];
    tag_key(a, key_a);
    tag_key(b, key_b);
    return strcmp(key_a, key_b) == 0;
}

void central_tag_put(struct central *c, const struct store_tag *tag, struct instant now)
{
    c->now = now;
    bool good = tags_put(&c->tags, tag);
    local_lists_touch(c, now);
    if (!good)
        central_event(c, "noxd.memory", STORE_ALARM, NULL, -1, now,
                      "out of memory: tag %.40s is stored, but not in force until noxd is "
                      "restarted",
                      tag->id_tag);
}

void central_tag_gone(struct central *c, const char *id_tag, int32_t revision, struct instant now)
{
    c->now = now;
    tags_gone(&c->tags, id_tag, revision);
    local_lists_touch(c, now);
}

size_t central_tag_count(const struct central *c)
{
    return c->tags.n;
}

bool central_configure(struct central *c, const struct store_site *site, struct instant now,
                       char *ret_text, size_t size)
{
    c->now = now;
    if (!balance_check(site, ret_text, size))
        return false;
    for (size_t i = 0; i < c->n_stations; i++)
        c->station[i]->present = false;
    bool enough = (site->without_tags || tags_load(&c->tags, site)) && templates_take(c, site);
    for (size_t i = 0; enough && i < site->n_stations; i++)
        if (!site->station[i].decommissioned)
            enough = station_take(c, &site->station[i]);
    if (!enough) {
        text_copy(ret_text, size, "out of memory");
        return false;
    }
    for (size_t i = 0; i < site->n_connectors; i++)
        connector_take(c, &site->connector[i]);
    if (!balance_configure(c, site, now, ret_text, size))
        return false;
    for (size_t i = c->n_stations; i-- > 0;)
        if (!c->station[i]->present)
            station_remove(c, i, now);
    keys_configured(c);
    local_lists_touch(c, now);
    return true;
}

/* The id has a record after all, of a station that was taken out of service or is being applied:
 * that record counts, and the station is as unknown as before. */
static void provision_durable(void *arg, enum store_rc rc, const union store_result *result)
{
    struct station *s = arg;
    struct central *c = s->central;
    size_t place;
    (void)result;
    if (rc != STORE_OK && !s->gone && central_station_find(c, s->id, &place)) {
        central_event(c, "station.refused", STORE_WARNING, s->id, -1, c->now,
                      "not taken in as Pending: its identity has a record already (taken out of "
                      "service?); 'noxctl apply' brings it back");
        station_remove(c, place, c->now);
    }
    s->n_pending--;
    station_free_if_gone(s);
}

/* Nobody has said anything of it but that it waits. */
static bool is_waiting(const struct station *s)
{
    return s->registration != STORE_REG_ACCEPTED && s->grid_node == NULL && s->tariff == NULL &&
           !s->identity.has_key && s->identity.security_profile == 0;
}

static size_t count_waiting(const struct central *c)
{
    size_t n = 0;
    for (size_t i = 0; i < c->n_stations; i++)
        n += is_waiting(c->station[i]);
    return n;
}

void waiting_prune(struct central *c, struct instant now)
{
    struct store_done nobody = { .fn = NULL };
    for (size_t i = c->n_stations; i-- > 0;) {
        struct station *s = c->station[i];
        int64_t seen_ms = s->seen_at_ms != STORE_ABSENT ? s->seen_at_ms : c->started_at_ms;
        if (!is_waiting(s) || s->session != NULL ||
            now.utc_ms - seen_ms < c->options.waiting_keep_ms ||
            !store_station_remove(c->options.store, s->id, nobody))
            continue;
        central_event(c, "station.forgotten", STORE_INFO, s->id, -1, now,
                      "waited for approval and was not seen for %d days: forgotten",
                      (int)(c->options.waiting_keep_ms / 86400000));
        station_remove(c, i, now);
    }
}

const struct central_identity *central_provision(struct central *c, const char *id,
                                                 struct instant now)
{
    c->now = now;
    if (count_waiting(c) >= c->options.waiting_max)
        return NULL;
    struct store_station record = { .id = id,
                                    .wiring = "RST",
                                    .rating_ma = 16000,
                                    .min_ma = 6000,
                                    .weight = 1,
                                    .lat_e7 = STORE_ABSENT,
                                    .lon_e7 = STORE_ABSENT,
                                    .registration = STORE_REG_PENDING };
    struct store_connector connector = { .station = id,
                                         .connector = 1,
                                         .max_w = 11040,
                                         .safe_confirmed_ma = -1 };
    if (!station_take(c, &record))
        return NULL;
    connector_take(c, &connector);
    struct station *s = station_find(c, id);
    struct store_done done = { .fn = provision_durable, .arg = s };
    s->n_pending++;
    if (!store_provision(c->options.store, id, now.utc_ms, done)) {
        size_t place;
        s->n_pending--;
        if (central_station_find(c, id, &place))
            station_remove(c, place, now);
        return NULL;
    }
    central_event(c, "station.provisioned", STORE_WARNING, id, -1, now,
                  "unknown station taken in as Pending: 'noxctl station approve %s' lets it work",
                  id);
    return central_identity(c, id);
}

void registry_done(struct central *c)
{
    while (c->n_stations > 0)
        station_remove(c, c->n_stations - 1, c->now);
    free(c->station);
    c->station = NULL;
    tags_done(&c->tags);
}
