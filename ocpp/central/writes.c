/*
 * Wear: many stations write each charging profile to flash memory, which bears some hundred
 * thousand of them (SCHEDULER section 3, "T_L and wear").  Counted by day since the start of the
 * server; a model that bears less, or more, says so by the quirk max_profile_writes_per_day.
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

int32_t writes_today(const struct station *s, struct instant now)
{
    return s->writes.day == now.utc_ms / day_ms ? s->writes.n : 0;
}

static void count(struct station *s, struct instant now)
{
    int32_t most = writes_most(s);
    s->writes.n = writes_today(s, now) + 1;
    s->writes.day = now.utc_ms / day_ms;
    if (s->writes.n == most + 1)
        central_event(s->central, "station.writes", STORE_WARNING, s->id, -1, now,
                      "more than %d charging profiles today: its flash memory may wear out; a "
                      "larger limit of its grid node, or fewer stations below it, need fewer; what "
                      "the model bears is its quirk max_profile_writes_per_day",
                      (int)most);
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
