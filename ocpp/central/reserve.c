/*
 * Reservations (OCPP 1.6 sections 5.1 and 5.13): each is written before it is asked for and lives
 * until it is used, cancelled, refused, replaced, ended by the station, or over.
 *
 * Nothing is refused here: whether a place can be reserved is the station's word.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ocpp/central/state.h"
#include "ocpp/wire/iso8601.h"

enum {
    EXPIRY_GRACE_MS = 60000, /* the station's clock says when a reservation is over */
    ASKED_GRACE_MS = 300000, /* a start so much before it was asked for may be its use */
    BOOT_CHECK_MS = 30000,   /* after a boot, until then the connectors have told their status */
    STATUS_LIVE_MS = 60000,  /* an older StatusNotification is history */
};

struct reservation {
    struct reservation *next;
    struct station *station;
    int64_t num;
    int32_t id, connector, state;
    char id_tag[64], parent[64]; /* parent "" = none */
    char *who, *why;
    bool unclear; /* asked, and no answer came: it may hold */
    int64_t asked_at_ms, expires_at_ms;
    struct timer expiry;
};

static void on_expiry(struct timer *timer, struct instant now);

/* --- records --- */

static void keep(const struct reservation *r, const char *note)
{
    struct central *c = r->station->central;
    struct store_done nobody = { .fn = NULL };
    struct store_reservation row = { .num = r->num,
                                     .station = r->station->id,
                                     .id = r->id,
                                     .connector = r->connector,
                                     .id_tag = r->id_tag,
                                     .parent = r->parent[0] != '\0' ? r->parent : NULL,
                                     .expires_at_ms = r->expires_at_ms,
                                     .state = r->state,
                                     .who = r->who != NULL ? r->who : "",
                                     .why = r->why != NULL ? r->why : "",
                                     .note = note,
                                     .asked_at_ms = r->asked_at_ms,
                                     .changed_at_ms = c->now.utc_ms };
    if (!c->closing)
        store_reservation(c->options.store, &row, nobody);
}

static void tell(const struct reservation *r, const char *note)
{
    static const struct {
        const char *name;
        enum store_severity severity;
    } events[] = {
        [STORE_RES_REQUESTED] = { "reservation.unclear", STORE_WARNING },
        [STORE_RES_ACTIVE] = { "reservation.active", STORE_INFO },
        [STORE_RES_USED] = { "reservation.used", STORE_INFO },
        [STORE_RES_EXPIRED] = { "reservation.expired", STORE_INFO },
        [STORE_RES_CANCELLED] = { "reservation.cancelled", STORE_INFO },
        [STORE_RES_ENDED] = { "reservation.ended", STORE_WARNING },
        [STORE_RES_REFUSED] = { "reservation.refused", STORE_WARNING },
        [STORE_RES_REPLACED] = { "reservation.replaced", STORE_INFO },
    };
    struct central *c = r->station->central;
    if (!c->closing)
        central_event(c, events[r->state].name, events[r->state].severity, r->station->id,
                      r->connector, c->now, "reservation %" PRId32 " for tag %s%s%s", r->id,
                      r->id_tag, note[0] != '\0' ? ": " : "", note);
}

static void drop(struct reservation *r)
{
    for (struct reservation **at = &r->station->reservations; *at != NULL; at = &(*at)->next)
        if (*at == r) {
            *at = r->next;
            break;
        }
    timer_cancel(&r->station->central->timers, &r->expiry);
    free(r->who);
    free(r->why);
    free(r);
}

/* Its end, in every state but active. */
static void end(struct reservation *r, int32_t state, const char *note)
{
    r->state = state;
    keep(r, note);
    tell(r, note);
    drop(r);
}

void reservations_done(struct station *s)
{
    while (s->reservations != NULL)
        drop(s->reservations);
}

/* --- expiry --- */

/* By the station's clock, where it is known to be behind. */
static int64_t over_at_ms(const struct reservation *r)
{
    int64_t behind_ms = r->station->skew_ms < 0 ? -r->station->skew_ms : 0;
    return r->expires_at_ms + behind_ms;
}

static void arm(struct reservation *r)
{
    struct central *c = r->station->central;
    r->expiry = (struct timer){ .fire = on_expiry, .owner = r };
    timer_set(&c->timers, &r->expiry, central_mono_of(c, over_at_ms(r) + EXPIRY_GRACE_MS));
}

static void on_expiry(struct timer *timer, struct instant now)
{
    struct reservation *r = timer->owner;
    r->station->central->now = now;
    if (over_at_ms(r) + EXPIRY_GRACE_MS > now.utc_ms)
        arm(r); /* the station's clock was measured meanwhile */
    else
        end(r, STORE_RES_EXPIRED, "");
}

/* --- asked for --- */

static struct reservation *reservation_new(struct station *s)
{
    struct reservation *r = calloc(1, sizeof(*r));
    struct reservation **at = &s->reservations;
    if (r == NULL)
        return NULL;
    while (*at != NULL)
        at = &(*at)->next;
    *at = r;
    r->station = s;
    return r;
}

void reserve_asked(struct station *s, const json_t *payload, const char *who, const char *why)
{
    struct central *c = s->central;
    const char *id_tag = json_string_value(json_object_get(payload, "idTag"));
    const char *parent = json_string_value(json_object_get(payload, "parentIdTag"));
    const char *expiry = json_string_value(json_object_get(payload, "expiryDate"));
    const json_t *id = json_object_get(payload, "reservationId");
    bool had_zone;
    int64_t expires_at_ms;
    if (id_tag == NULL || expiry == NULL || !json_is_integer(id) ||
        !ocpp_time_parse(expiry, &expires_at_ms, &had_zone))
        return; /* sent unchecked: the station will say what it makes of it */
    struct reservation *r = reservation_new(s);
    if (r == NULL)
        return;
    r->num = c->next_reservation_num++;
    r->id = (int32_t)json_integer_value(id);
    r->connector = (int32_t)json_integer_value(json_object_get(payload, "connectorId"));
    r->state = STORE_RES_REQUESTED;
    r->asked_at_ms = c->now.utc_ms;
    r->expires_at_ms = expires_at_ms;
    text_copy(r->id_tag, sizeof(r->id_tag), id_tag);
    text_copy(r->parent, sizeof(r->parent), parent);
    text_replace(&r->who, who);
    text_replace(&r->why, why);
    keep(r, "");
}

/* The one that was asked for last. */
static struct reservation *asked_last(const struct station *s, int32_t id)
{
    struct reservation *found = NULL;
    for (struct reservation *r = s->reservations; r != NULL; r = r->next)
        if (r->id == id && r->state == STORE_RES_REQUESTED && !r->unclear)
            found = r;
    return found;
}

/* The same id again replaces (section 5.13). */
static void replace_older(const struct reservation *newer)
{
    struct reservation *next;
    for (struct reservation *r = newer->station->reservations; r != NULL; r = next) {
        next = r->next;
        if (r != newer && r->id == newer->id && (r->state == STORE_RES_ACTIVE || r->unclear))
            end(r, STORE_RES_REPLACED, "");
    }
}

static int32_t id_in(const json_t *payload)
{
    return (int32_t)json_integer_value(json_object_get(payload, "reservationId"));
}

void reserve_answered(struct station *s, const json_t *payload, const struct central_reply *reply)
{
    struct reservation *r = asked_last(s, id_in(payload));
    const char *status = json_string_value(json_object_get(reply->payload, "status"));
    if (r == NULL)
        return;
    if (reply_is(reply, "Accepted")) {
        replace_older(r);
        r->state = STORE_RES_ACTIVE;
        keep(r, "");
        tell(r, "");
        arm(r);
    } else if (reply->outcome == CENTRAL_TIMEOUT || reply->outcome == CENTRAL_LOST) {
        r->unclear = true;
        keep(r, "the station has not answered: it may hold");
        tell(r, "the station has not answered: it may hold");
        arm(r);
    } else {
        end(r, STORE_RES_REFUSED,
            status != NULL              ? status
            : reply->error_code != NULL ? reply->error_code
                                        : reply->text);
    }
}

void cancel_answered(struct station *s, const json_t *payload, const struct central_reply *reply)
{
    int32_t id = id_in(payload);
    bool cancelled = reply_is(reply, "Accepted"), unknown = reply_is(reply, "Rejected");
    struct reservation *next;
    for (struct reservation *r = s->reservations; r != NULL; r = next) {
        next = r->next;
        if (r->id != id || (r->state != STORE_RES_ACTIVE && !r->unclear))
            continue;
        if (cancelled)
            end(r, STORE_RES_CANCELLED, "");
        else if (unknown) /* used or over already: no reason to try again */
            end(r, STORE_RES_ENDED, "the station does not know it any more");
    }
}

/* --- used --- */

static bool same_tag(const char *a, const char *b)
{
    return a[0] != '\0' && b != NULL && tag_equal(a, b);
}

static bool is_for(const struct reservation *r, const char *id_tag, const char *parent)
{
    return same_tag(r->id_tag, id_tag) || same_tag(r->parent, parent);
}

static bool may_be_used(const struct reservation *r)
{
    return r->state == STORE_RES_ACTIVE || r->state == STORE_RES_REQUESTED;
}

int64_t reservation_of_start(const struct station *s, int32_t connector, const char *id_tag,
                             int32_t reservation_id, int64_t started_at_ms)
{
    const struct tag *tag = tag_find(s->central, id_tag);
    const char *parent = tag != NULL ? tag->parent : NULL;
    for (const struct reservation *r = s->reservations; r != NULL; r = r->next)
        if (reservation_id != OCPP_INT_ABSENT && r->id == reservation_id && may_be_used(r))
            return r->num;
    /* Some stations do not tell the id: what fits is meant.  A foreign tag leaves it alone. */
    for (const struct reservation *r = s->reservations; r != NULL; r = r->next)
        if (may_be_used(r) && (r->connector == connector || r->connector == 0) &&
            is_for(r, id_tag, parent) && started_at_ms >= r->asked_at_ms - ASKED_GRACE_MS)
            return r->num;
    return 0;
}

void reservation_used(struct station *s, int64_t num)
{
    for (struct reservation *r = s->reservations; r != NULL && num != 0; r = r->next)
        if (r->num == num) {
            r->state = STORE_RES_USED; /* written with the start */
            tell(r, "");
            drop(r);
            return;
        }
}

/* --- ended by the station --- */

static bool is_out(const struct connector *k)
{
    return strcmp(k->status, "Faulted") == 0 || strcmp(k->status, "Unavailable") == 0;
}

static bool all_out(const struct station *s)
{
    for (size_t i = 0; i < s->n_connectors; i++)
        if (!is_out(s->connector[i]))
            return false;
    return s->n_connectors > 0;
}

/* Its place is out of order: of connector 0 when all are. */
static bool has_lost_place(const struct reservation *r, int32_t connector)
{
    return connector == 0 || r->connector == connector ||
           (r->connector == 0 && all_out(r->station));
}

static void place_lost(struct station *s, int32_t connector, const char *status)
{
    struct reservation *next;
    char note[80];
    snprintf(note, sizeof(note), "connector %" PRId32 " is %s", connector, status);
    for (struct reservation *r = s->reservations; r != NULL; r = next) {
        next = r->next;
        if ((r->state == STORE_RES_ACTIVE || r->unclear) && has_lost_place(r, connector))
            end(r, STORE_RES_ENDED, note);
    }
}

/* From Reserved to Available: over, or given up by the station. */
static void place_free(struct station *s, int32_t connector)
{
    struct reservation *next;
    for (struct reservation *r = s->reservations; r != NULL; r = next) {
        next = r->next;
        if (r->connector != connector || r->state != STORE_RES_ACTIVE)
            continue;
        bool over = s->central->now.utc_ms >=
                    r->expires_at_ms - EXPIRY_GRACE_MS - (s->skew_ms > 0 ? s->skew_ms : 0);
        end(r, over ? STORE_RES_EXPIRED : STORE_RES_ENDED,
            over ? "" : "the station has given the connector free");
    }
}

void reserve_status(struct station *s, int32_t connector, const char *before, const char *status,
                    int64_t status_at_ms)
{
    if (s->reservations == NULL || s->central->now.utc_ms - status_at_ms > STATUS_LIVE_MS)
        return;
    if (strcmp(status, "Faulted") == 0 || strcmp(status, "Unavailable") == 0)
        place_lost(s, connector, status);
    else if (strcmp(status, "Available") == 0 && strcmp(before, "Reserved") == 0)
        place_free(s, connector);
}

/* Whether reservations outlive a boot is not specified: the status of the connector tells. */
static void on_boot_check(struct timer *timer, struct instant now)
{
    struct station *s = timer->owner;
    struct reservation *next;
    s->central->now = now;
    for (struct reservation *r = s->reservations; r != NULL; r = next) {
        const struct connector *k = connector_find(s, r->connector);
        next = r->next;
        if (k != NULL && (r->state == STORE_RES_ACTIVE || r->unclear) &&
            k->status_at_ms >= s->booted_at_ms && strcmp(k->status, "Available") == 0 &&
            r->asked_at_ms < s->booted_at_ms)
            end(r, STORE_RES_ENDED, "the station has restarted and does not hold it any more");
    }
}

void reserve_init(struct station *s)
{
    s->reserve_timer = (struct timer){ .fire = on_boot_check, .owner = s };
}

void reserve_boot(struct station *s)
{
    if (s->reservations != NULL)
        timer_set(&s->central->timers, &s->reserve_timer, s->central->now.mono_ms + BOOT_CHECK_MS);
}

/* --- for operators --- */

static bool id_is_taken(const struct central *c, int32_t id)
{
    for (size_t i = 0; i < c->n_stations; i++)
        for (const struct reservation *r = c->station[i]->reservations; r != NULL; r = r->next)
            if (r->id == id)
                return true;
    return false;
}

int32_t central_next_reservation(struct central *c)
{
    do {
        if (c->next_reservation_id < 1 || c->next_reservation_id > INT32_MAX)
            c->next_reservation_id = 1;
    } while (id_is_taken(c, (int32_t)c->next_reservation_id++));
    return (int32_t)(c->next_reservation_id - 1);
}

int32_t central_reserve(struct central *c, const struct central_reservation *wish,
                        const struct central_ask *rest,
                        void (*done)(void *arg, const struct central_reply *reply), void *arg,
                        struct instant now)
{
    const struct tag *tag = tag_find(c, wish->id_tag);
    const char *parent = wish->parent != NULL ? wish->parent : tag != NULL ? tag->parent : NULL;
    c->now = now;
    struct ocpp_reserve_now_req req = { .connector_id = wish->connector,
                                        .expiry_date_ms = wish->expires_at_ms,
                                        .id_tag = wish->id_tag,
                                        .parent_id_tag =
                                            parent != NULL && parent[0] != '\0' ? parent : NULL,
                                        .reservation_id =
                                            wish->id > 0 ? wish->id : central_next_reservation(c) };
    struct ocpp_text text;
    struct central_ask ask = *rest;
    ocpp_text_init(&text);
    if (!ocpp_encode(ocpp_action_get(OCPP_RESERVE_NOW)->req, &req, &text)) {
        struct central_reply reply = { .outcome = CENTRAL_QUEUE_FULL,
                                       .text = "the request cannot be built: an idTag has 1 to 20 "
                                               "characters" };
        done(arg, &reply);
        ocpp_text_done(&text);
        return 0;
    }
    ask.action = "ReserveNow";
    ask.payload_json = text.data;
    central_ask(c, &ask, done, arg, now);
    ocpp_text_done(&text);
    return req.reservation_id;
}

void central_restore_reservation(struct central *c, const struct store_reservation *row,
                                 struct instant now)
{
    c->now = now;
    struct station *s = station_find(c, row->station);
    struct reservation *r = s != NULL ? reservation_new(s) : NULL;
    if (r == NULL)
        return;
    r->num = row->num;
    r->id = row->id;
    r->connector = row->connector;
    r->state = row->state;
    r->unclear = row->state == STORE_RES_REQUESTED; /* the answer was lost with the old process */
    r->asked_at_ms = row->asked_at_ms;
    r->expires_at_ms = row->expires_at_ms;
    text_copy(r->id_tag, sizeof(r->id_tag), row->id_tag);
    text_copy(r->parent, sizeof(r->parent), row->parent);
    text_replace(&r->who, row->who);
    text_replace(&r->why, row->why);
    arm(r);
}

void central_reservation_numbers(struct central *c, int64_t max_num, int64_t max_id)
{
    c->next_reservation_num = max_num + 1;
    c->next_reservation_id = max_id + 1;
}

void reservation_view(const struct connector *k, struct central_connector_view *v)
{
    const struct station *s = k->station;
    v->reserved_until_ms = STORE_ABSENT;
    for (const struct reservation *r = s->reservations; r != NULL; r = r->next)
        if (r->state == STORE_RES_ACTIVE &&
            (r->connector == k->number || (r->connector == 0 && s->n_connectors == 1))) {
            v->reserved_for = r->id_tag;
            v->reservation_id = r->id;
            v->reserved_until_ms = r->expires_at_ms;
        }
}
