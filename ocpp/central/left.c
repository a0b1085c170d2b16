/*
 * Leases of connectors that have left the balancer (their station was removed, or taken from its
 * grid node) while they may still be in force: they count again when the connector comes back.
 */
#include <stdlib.h>
#include <string.h>

#include "ocpp/central/state.h"

enum { LEFT_MAX = 4096, LEASES_CARRIED = 8, AFTERLIFE_MS = 600000 };

struct left {
    char station[64];
    int32_t connector;
    struct sched_lease lease;
};

static void prune(struct central *c, struct instant now)
{
    size_t kept = 0;
    for (size_t i = 0; i < c->n_left; i++)
        if (c->left[i].lease.end_ms == INT64_MAX ||
            c->left[i].lease.end_ms + AFTERLIFE_MS > now.utc_ms)
            c->left[kept++] = c->left[i];
    c->n_left = kept;
}

void left_add(struct central *c, const char *station, int32_t connector,
              const struct sched_lease *lease, struct instant now)
{
    prune(c, now);
    if (c->n_left == LEFT_MAX) /* the oldest */
        memmove(&c->left[0], &c->left[1], --c->n_left * sizeof(*c->left));
    struct left *list = realloc(c->left, (c->n_left + 1) * sizeof(*list));
    if (list == NULL)
        return;
    c->left = list;
    list[c->n_left] = (struct left){ .connector = connector, .lease = *lease };
    list[c->n_left].lease.complete = false; /* nobody looks after it */
    text_copy(list[c->n_left].station, sizeof(list[0].station), station);
    c->n_left++;
}

void left_keep(struct central *c, const struct connector *k, struct instant now)
{
    struct sched_lease lease[LEASES_CARRIED];
    size_t n = sched_leases(c->sched, k->point, lease, LEASES_CARRIED);
    for (size_t i = 0; i < n; i++)
        left_add(c, k->station->id, k->number, &lease[i], now);
}

void left_return(struct central *c, struct sched *fresh, const struct connector *k, size_t point,
                 struct instant now)
{
    size_t kept = 0;
    for (size_t i = 0; i < c->n_left; i++) {
        const struct left *l = &c->left[i];
        if (l->connector == k->number && strcmp(l->station, k->station->id) == 0)
            sched_restore(fresh, point, &l->lease, now.utc_ms);
        else
            c->left[kept++] = *l;
    }
    c->n_left = kept;
}
