/*
 * Whose clock is right: both are kept, the measured offset corrects.
 *
 * A time stamp in the future shows at least that much skew.  A time stamp in the past shows skew
 * only when the message is known to be live (a StatusNotification just after a boot); otherwise it
 * may simply have waited in the station's queue.
 */
#include "ocpp/central/state.h"

enum {
    SKEW_MATTERS_MS = 60000,
    DELAY_REAL_MS = 1000, /* a message may be under way so long, also where time is simulated */
    DAY_MS = 86400000,
    STEP_MS = 2000, /* less is within what leases count longer */
    BEATS_UNTIL_SET = 2,
};

/* Before this nobody had OCPP 1.6: the clock was never set. */
static const int64_t year_2015_ms = INT64_C(1420070400000);

void clock_observe(struct station *s, int64_t timestamp_ms, bool live, struct instant now)
{
    if (timestamp_ms == OCPP_TIME_ABSENT)
        return;
    int64_t ahead_ms = timestamp_ms - now.utc_ms;
    if (live || (ahead_ms > 0 && (!s->skew_known || ahead_ms > s->skew_ms))) {
        s->skew_ms = ahead_ms;
        s->skew_known = true;
        balance_skew(s);
    }
}

/* Leases end by our clock, which was set, and the stations did not follow: theirs count longer, for
 * good if it was more than a minute, until they have set their clocks, too. */
void clock_look(struct central *c, struct instant now)
{
    int64_t factor = c->options.time_factor > 0 ? c->options.time_factor : 1;
    int64_t by_ms = now.utc_ms - c->clock.utc_ms - (now.mono_ms - c->clock.mono_ms) * factor;
    c->clock = now;
    if (by_ms > -STEP_MS && by_ms < STEP_MS)
        return;
    for (size_t i = 0; i < c->n_stations; i++) {
        c->station[i]->skew_known = false;
        c->station[i]->unset = BEATS_UNTIL_SET;
    }
    if (c->sched != NULL)
        sched_clock_set(c->sched, by_ms, now.utc_ms);
    central_event(c, "clock.set", STORE_WARNING, NULL, -1, now,
                  "the clock of this machine was set by %.1f s: leases count longer until the "
                  "stations have set theirs; let NTP keep it",
                  (double)by_ms / 1000);
}

/* A second Heartbeat says that the answer to the first has come. */
void clock_beat(struct station *s)
{
    s->skew_known = false; /* it sets its clock now */
    if (s->unset == 0 || --s->unset > 0)
        return;
    for (size_t i = 0; i < s->n_connectors; i++)
        if (s->connector[i]->point != SIZE_MAX)
            sched_skew(s->central->sched, s->connector[i]->point, SKEW_MATTERS_MS);
}

/* In simulated time a millisecond on the way counts as minutes: no clock is wrong for that. */
static int64_t skew_that_matters_ms(const struct station *s)
{
    int64_t delay_ms = DELAY_REAL_MS * (s->central->options.time_factor - 1);
    return delay_ms > SKEW_MATTERS_MS ? delay_ms : SKEW_MATTERS_MS;
}

struct told_time clock_correct(struct station *s, int64_t timestamp_ms, struct instant now)
{
    struct told_time t = { .station_at_ms = timestamp_ms, .at_ms = timestamp_ms };
    if (timestamp_ms == OCPP_TIME_ABSENT) {
        t.station_at_ms = t.at_ms = now.utc_ms;
        t.flags = STORE_FLAG_TIME_MISSING;
        return t;
    }
    clock_observe(s, timestamp_ms, false, now);
    int64_t matters_ms = skew_that_matters_ms(s);
    if (s->skew_known && (s->skew_ms > matters_ms || s->skew_ms < -matters_ms)) {
        t.at_ms = timestamp_ms - s->skew_ms;
        t.flags = STORE_FLAG_CLOCK_OFFSET;
    }
    if (t.at_ms < year_2015_ms || t.at_ms > now.utc_ms + DAY_MS) {
        t.at_ms = now.utc_ms;
        t.flags = STORE_FLAG_CLOCK_WRONG;
    }
    return t;
}
