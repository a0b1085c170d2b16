/* What was told of a session, and how far it has come. */
#include "scheduler/state.h"
#include "scheduler/units.h"

enum {
    NOMINAL_V = 230,
    LATE_MS = 10 * 60000, /* a value that is older: the current since is not known */
};

static const int64_t MA_MS_PER_AH = (int64_t)1000 * 3600 * 1000;

int32_t session_min_ma(const struct point *p)
{
    return ma_min(ma_max(p->session.need.min_ma, p->conf.min_ma), p->conf.rating_ma);
}

int32_t session_priority(const struct point *p)
{
    return p->session.need.priority >= 0 ? p->session.need.priority : p->conf.priority;
}

int64_t session_received_wh(const struct session *c)
{
    return c->meter_wh + c->since_ma_ms / (MA_MS_PER_AH / NOMINAL_V);
}

bool session_has_deadline(const struct session *c, int64_t now_ms)
{
    return c->need.depart_ms > now_ms && c->need.energy_wh > session_received_wh(c);
}

int64_t session_need_ms(const struct session *c, int32_t phases, int32_t ma)
{
    int64_t left_wh = c->need.energy_wh - session_received_wh(c);
    int64_t ma_h = ms_max(left_wh, 0) * 1000 / NOMINAL_V / phases;
    return ma > 0 ? ms_min(ma_h * 3600000 / ma, LONGEST_STAY_MS) : LONGEST_STAY_MS;
}

void sched_session_need(struct sched *s, size_t point, int64_t tx_id, const struct sched_need *need,
                        int64_t now_ms)
{
    if (point >= s->n_points || tx_id == 0 || s->point[point].session.tx_id != tx_id)
        return;
    struct sched_need *told = &s->point[point].session.need;
    *told =
        (struct sched_need){ .depart_ms = ms_max(need->depart_ms, 0),
                             .energy_wh = ms_min(ms_max(need->energy_wh, 0), INT32_MAX),
                             .min_ma = ma_max(need->min_ma, 0),
                             .priority = ma_min(ma_max(need->priority, -1), SCHED_PRIORITY_MAX) };
    sched_due(s, ms_after(now_ms, s->tuning.debounce_ms));
}

void sched_session_energy(struct sched *s, size_t point, int64_t tx_id, int64_t received_wh,
                          int64_t at_ms, int64_t now_ms)
{
    if (point >= s->n_points || tx_id == 0 || s->point[point].session.tx_id != tx_id)
        return;
    struct point *p = &s->point[point];
    at_ms = ms_min(at_ms, now_ms); /* a wrong clock must not make all later ones old */
    if (received_wh < 0 || at_ms < p->session.meter_at_ms)
        return;
    session_advance(p, now_ms);
    p->session.meter_wh = ms_min(received_wh, INT32_MAX);
    p->session.meter_at_ms = at_ms;
    p->session.since_ma_ms = point_drawn_ma(p, now_ms) * ms_min(now_ms - at_ms, LATE_MS);
}
