/*
 * A remote start that the station has accepted: "will try" (OCPP 1.6 section 5.11).  It is pending
 * until a transaction begins, the driver has let the time go by, or the connector is free again.
 */
#include <string.h>

#include "ocpp/central/state.h"

enum { CONNECTION_TIME_OUT_S = 120 }; /* where the station's ConnectionTimeOut is not known */

static void forget(struct connector *k)
{
    timer_cancel(&k->station->central->timers, &k->start_timer);
    k->start_tag[0] = '\0';
    k->start_until_ms = STORE_ABSENT;
    k->next_need = (struct store_need){ .told_at_ms = 0 };
}

static void on_start_time_out(struct timer *timer, struct instant now)
{
    struct connector *k = timer->owner;
    char tag[sizeof(k->start_tag)];
    text_copy(tag, sizeof(tag), k->start_tag);
    forget(k);
    central_event(k->station->central, "start.timed-out", STORE_INFO, k->station->id, k->number,
                  now, "remote start for tag %s: no transaction has begun in time", tag);
}

void remote_start_answered(struct station *s, const json_t *payload,
                           const struct central_reply *reply)
{
    struct central *c = s->central;
    const char *tag = json_string_value(json_object_get(payload, "idTag"));
    const json_t *number = json_object_get(payload, "connectorId");
    struct connector *k = number != NULL ? connector_find(s, (int32_t)json_integer_value(number))
                          : s->n_connectors == 1 ? s->connector[0]
                                                 : NULL;
    if (k == NULL || tag == NULL || !reply_is(reply, "Accepted"))
        return;
    if (k->tx.id != 0 && k->tx.started_at_ms >= reply->sent_at_ms - s->skew_ms)
        return; /* it was quicker than its answer */
    int32_t wait_s =
        s->connection_time_out_s > 0 ? s->connection_time_out_s : CONNECTION_TIME_OUT_S;
    text_copy(k->start_tag, sizeof(k->start_tag), tag);
    k->start_until_ms = c->now.utc_ms + (int64_t)wait_s * 1000;
    k->start_timer.fire = on_start_time_out;
    k->start_timer.owner = k;
    timer_set(&c->timers, &k->start_timer, central_mono_of(c, k->start_until_ms));
}

void remote_start_began(struct connector *k)
{
    forget(k);
}

void remote_start_status(struct connector *k, const char *before)
{
    if (k->start_tag[0] != '\0' && strcmp(k->status, "Available") == 0 &&
        strcmp(before, "Preparing") == 0)
        on_start_time_out(&k->start_timer, k->station->central->now);
}
