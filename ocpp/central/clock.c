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
