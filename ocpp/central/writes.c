/*
 * Wear: many stations write each charging profile to flash memory, which bears some hundred
 * thousand of them (SCHEDULER section 3, "T_L and wear").  The last 24 hours are counted, over
 * restarts by what was decided; a model that bears less, or more, says so by the quirk
 * max_profile_writes_per_day.  The balancer keeps below it as far as it can (scheduler/wear.c).
 *
 * And profiles that are longer than a station takes (quirk max_message_bytes): they are never sent,
 * so it would be lowered and raised in vain for ever without anybody knowing.
 */
#include "ocpp/central/state.h"

enum { WRITES_A_DAY = 100 };

static const int64_t day_ms = 86400000;

int32_t writes_most(const struct station *s)
{
    return s->quirks.max_profile_writes_per_day > 0 ? s->quirks.max_profile_writes_per_day
                                                    : WRITES_A_DAY;
}

int32_t writes_of_point(const struct station *s)
{
    int32_t n = 0;
    for (size_t i = 0; i < s->n_connectors; i++)
        n += s->connector[i]->number > 0;
    int32_t each = writes_most(s) / (n > 0 ? n : 1);
    return each > 0 ? each : 1;
}

void writes_apply(const struct station *s)
{
    struct central *c = s->central;
    for (size_t i = 0; i < s->n_connectors; i++) {
        size_t point = s->connector[i]->point;
        if (point == SIZE_MAX || c->sched == NULL)
            continue;
        c->point_conf[point].writes_per_day = writes_of_point(s);
        sched_set_writes(c->sched, point, writes_of_point(s));
    }
}

int32_t writes_lately(const struct station *s, struct instant now)
{
    return wear_sum(&s->writes.wear, now.utc_ms);
}

/* Once a day. */
static void count(struct station *s, struct instant now)
{
    int32_t most = writes_most(s);
    s->central->counters.profile_writes++;
    wear_note(&s->writes.wear, 1, now.utc_ms, now.utc_ms);
    if (writes_lately(s, now) <= most || s->writes.told_day == now.utc_ms / day_ms)
        return;
    s->writes.told_day = now.utc_ms / day_ms;
    central_event(s->central, "station.writes", STORE_WARNING, s->id, -1, now,
                  "more than %d charging profiles in 24 hours: its flash memory may wear out; a "
                  "larger limit of its grid node, or fewer stations below it, need fewer; what "
                  "the model bears is its quirk max_profile_writes_per_day",
                  (int)most);
}

void central_restore_writes(struct central *c, const char *station, int32_t connector, int32_t n,
                            int64_t hour_ms, struct instant now)
{
    struct station *s = station_find(c, station);
    if (s == NULL)
        return;
    wear_note(&s->writes.wear, n, hour_ms, now.utc_ms);
    for (size_t i = 0; i < s->n_connectors; i++)
        if (s->connector[i]->number == connector && s->connector[i]->point != SIZE_MAX)
            sched_note_writes(c->sched, s->connector[i]->point, n, hour_ms, now.utc_ms);
}

static void tell_too_long(struct station *s, struct instant now)
{
    if (s->writes.too_long_day == now.utc_ms / day_ms)
        return;
    s->writes.too_long_day = now.utc_ms / day_ms;
    central_event(s->central, "profile.too-long", STORE_ALARM, s->id, -1, now,
                  "a charging profile is longer than the %d bytes of its quirk max_message_bytes "
                  "and is never sent: the station keeps what it has; enlarge the quirk (600 are "
                  "enough), or 'noxctl station class %s unmanaged' counts it at its rating",
                  (int)s->quirks.max_message_bytes, s->id);
}

void writes_note(struct station *s, const struct central_reply *reply, struct instant now)
{
    bool may_have_written = reply->outcome == CENTRAL_TIMEOUT || reply->outcome == CENTRAL_LOST ||
                            (reply->outcome == CENTRAL_ANSWERED && reply_is(reply, "Accepted"));
    if (may_have_written)
        count(s, now);
    if (reply->outcome == CENTRAL_REFUSED && s->quirks.max_message_bytes > 0)
        tell_too_long(s, now);
}
