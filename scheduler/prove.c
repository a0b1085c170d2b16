/* Do the safe currents fit, whatever happens?  Asked before a configuration is taken. */
#include <stdlib.h>

#include "scheduler/ledger.h"

static bool holds(const struct ledger *l, size_t *ret_node, int *ret_phase, int64_t *ret_sum_ma)
{
    for (size_t v = 0; v < l->grid->n; v++)
        for (int p = 0; p < GRID_PHASES; p++)
            if (ledger_exceeds(l, v, p)) {
                *ret_node = v;
                *ret_phase = p;
                *ret_sum_ma = l->sum_ma[v * GRID_RESOURCES + (size_t)p];
                return false;
            }
    return true;
}

/* A ledger without any lease says it. */
bool sched_prove(const struct sched_conf *conf, size_t *ret_node, int *ret_phase,
                 int64_t *ret_sum_ma)
{
    struct grid grid;
    struct ledger ledger = { .n_points = 0 };
    size_t node = 0;
    int phase = 0;
    int64_t sum_ma = 0;
    bool good = grid_init(&grid, conf) && ledger_init(&ledger, &grid, conf, 0) &&
                holds(&ledger, &node, &phase, &sum_ma);
    if (!good && ret_node != NULL)
        *ret_node = node;
    if (!good && ret_phase != NULL)
        *ret_phase = phase;
    if (!good && ret_sum_ma != NULL)
        *ret_sum_ma = sum_ma;
    ledger_done(&ledger);
    grid_done(&grid);
    return good;
}
