/* Green hours: series of factors to the balancer, sessions that wait to the records. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "ocpp/central/state.h"

enum { VOLT = 230 };
static const int64_t DAYS_MS = (int64_t)3 * 86400000, APPLY_MS = (int64_t)6 * 3600000;

/* The part of a series that the next days need. */
static void apply_node(struct central *c, size_t node, struct instant now)
{
    const struct series *series = &c->series[c->node[node].green];
    size_t from = 0, to;
    while (from < series->n && series->factor[from].until_ms <= now.utc_ms)
        from++;
    for (to = from; to < series->n && series->factor[to].from_ms < now.utc_ms + DAYS_MS;)
        to++;
    if (!sched_factors_set(c->sched, node, to > from ? series->factor + from : NULL, to - from,
                           now.utc_ms))
        central_event(c, "grid.green", STORE_WARNING, NULL, -1, now,
                      "%s: out of memory: its cars charge at once", c->node[node].id);
}

void series_apply(struct central *c, struct instant now)
{
    c->series_next_ms = now.utc_ms + APPLY_MS;
    for (size_t i = 0; c->sched != NULL && i < c->n_nodes; i++)
        apply_node(c, i, now);
}

void series_done(struct central *c)
{
    for (size_t kind = 0; kind < SERIES_KINDS; kind++) {
        free(c->series[kind].factor);
        c->series[kind] = (struct series){ .factor = NULL };
    }
}

bool central_series(struct central *c, enum store_series kind, const struct store_quarter *quarter,
                    size_t n, struct instant now)
{
    struct sched_factor *factor = calloc(n + 1, sizeof(*factor));
    if (factor == NULL)
        return false;
    c->now = now;
    for (size_t i = 0; i < n; i++)
        factor[i] = (struct sched_factor){ .from_ms = quarter[i].from_ms,
                                           .until_ms = quarter[i].from_ms + STORE_QUARTER_MS,
                                           .value = quarter[i].value_e3 };
    free(c->series[kind].factor);
    c->series[kind] = (struct series){ factor, n };
    series_apply(c, now);
    balance_touch(c, now);
    return true;
}

/* --- sessions that wait --- */

/* The nearest node upwards that is green: its factors count. */
static const struct node *green_node_of(const struct central *c, size_t point)
{
    for (int32_t v = c->point_conf[point].node; v >= 0; v = c->node_conf[v].parent)
        if (c->node[v].green != STORE_GREEN_OFF)
            return &c->node[v];
    return NULL;
}

void series_waits(struct central *c, const struct sched_incident *incident)
{
    struct store_done nobody = { .fn = NULL };
    const struct connector *k = c->point[incident->point];
    const struct node *node = green_node_of(c, incident->point);
    if (node == NULL || k->tx.id == 0)
        return;
    struct store_green_session green = {
        .tx_id = k->tx.id,
        .kind = (enum store_series)node->green,
        .node = node->id,
        .power_w = (int64_t)incident->measured_ma * incident->allowed_ma * VOLT / 1000,
        .at_ms = c->now.utc_ms,
    };
    store_green(c->options.store, &green, nobody);
    central_event(c, "session.green", STORE_INFO, k->station->id, k->number, c->now,
                  "transaction %" PRId64 " waits for hours of %s, with %" PRId64 " W to come",
                  k->tx.id, node->green == STORE_GREEN_CO2 ? "less CO2" : "a better price",
                  green.power_w);
}

/* --- the coming hours --- */

struct sched_outlook *central_plan_ahead(struct central *c, size_t n_slots, struct instant now)
{
    return c->sched != NULL ? sched_plan_ahead(c->sched, now.utc_ms, n_slots) : NULL;
}

bool central_point_at(const struct central *c, size_t point, const char **ret_station,
                      int32_t *ret_connector)
{
    if (point >= c->n_points)
        return false;
    *ret_station = c->point[point]->station->id;
    *ret_connector = c->point[point]->number;
    return true;
}
