/* What drivers and operators tell of a session, and what it has received: to the scheduler. */
#include <stdlib.h>
#include <string.h>

#include "ocpp/central/state.h"

struct central_need need_of(const struct store_need *stored)
{
    bool has_depart = stored->depart_at_ms != STORE_ABSENT;
    struct central_need n = { .told = true,
                              .need = { .depart_ms = has_depart ? stored->depart_at_ms : 0,
                                        .energy_wh = stored->energy_wh,
                                        .min_ma = stored->min_ma,
                                        .priority = stored->priority },
                              .told_at_ms = stored->told_at_ms };
    text_copy(n.who, sizeof(n.who), stored->who != NULL ? stored->who : "");
    return n;
}

void balance_need(const struct connector *k, struct sched *sched, size_t point, struct instant now)
{
    if (point != SIZE_MAX && k->tx.id != 0 && k->tx.need.told)
        sched_session_need(sched, point, k->tx.id, &k->tx.need.need, now.utc_ms);
}

void balance_energy(const struct connector *k, struct sched *sched, size_t point, int64_t at_ms,
                    struct instant now)
{
    if (point == SIZE_MAX || k->tx.id == 0 || k->register_uwh == STORE_ABSENT ||
        k->tx.meter_start_wh == STORE_ABSENT || at_ms < k->tx.started_at_ms)
        return;
    sched_session_energy(sched, point, k->tx.id, k->register_uwh / 1000000 - k->tx.meter_start_wh,
                         at_ms, now.utc_ms);
}

size_t central_session_find(const struct central *c, const char *station, int64_t tx_id,
                            size_t *ret_i, size_t *ret_k)
{
    size_t n = 0;
    for (size_t i = 0; i < c->n_stations; i++) {
        const struct station *s = c->station[i];
        if (station != NULL && strcmp(s->id, station) != 0)
            continue;
        for (size_t k = 0; k < s->n_connectors; k++) {
            int64_t open = s->connector[k]->tx.id;
            if (open == 0 || (tx_id != 0 && open != tx_id))
                continue;
            if (n++ == 0) {
                *ret_i = i;
                *ret_k = k;
            }
        }
    }
    return n;
}

void central_session_need(struct central *c, const struct store_need *need, bool cleared,
                          struct instant now)
{
    size_t i, k;
    struct sched_need nothing = { .priority = -1 };
    c->now = now;
    if (need->tx_id == 0 || central_session_find(c, NULL, need->tx_id, &i, &k) == 0)
        return;
    struct connector *at = c->station[i]->connector[k];
    at->tx.need = cleared ? (struct central_need){ .told = false } : need_of(need);
    if (cleared && at->point != SIZE_MAX)
        sched_session_need(c->sched, at->point, at->tx.id, &nothing, now.utc_ms);
    balance_need(at, c->sched, at->point, now);
    balance_touch(c, now);
}

bool central_next_need(struct central *c, const char *station, int32_t connector,
                       const struct store_need *need)
{
    const struct station *s = station_find(c, station);
    struct connector *k = s != NULL ? connector_find(s, connector) : NULL;
    if (k == NULL || k->start_tag[0] == '\0')
        return false;
    k->next_need = *need;
    k->next_need.who = k->next_need.why = "";
    text_copy(k->next_who, sizeof(k->next_who), need->who);
    return true;
}

struct told_before {
    struct central *central;
    struct store_need need;
    char who[40];
};

static void told_before_written(void *arg, enum store_rc rc, const union store_result *result)
{
    struct told_before *t = arg;
    if (rc == STORE_OK && result->count.n > 0 && !t->central->closing)
        central_session_need(t->central, &t->need, false, t->central->now);
    free(t);
}

void need_of_start(struct central *c, const struct store_need *told, const char *who, int64_t tx_id)
{
    struct told_before *t = told->told_at_ms != 0 ? malloc(sizeof(*t)) : NULL;
    if (t == NULL)
        return;
    *t = (struct told_before){ .central = c, .need = *told };
    text_copy(t->who, sizeof(t->who), who);
    t->need.tx_id = tx_id;
    t->need.who = t->who;
    t->need.why = "told with its start";
    struct store_done done = { told_before_written, t };
    if (!store_need(c->options.store, &t->need, done))
        free(t);
}
