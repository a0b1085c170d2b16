/* The back end's store: leases and their outcome, phases; a process may die at any write. */
#include "tests/scheduler/street_state.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

bool street_write(struct street *t)
{
    t->stats.n_writes++;
    bool dies = t->stats.n_writes == t->faults.dies_at || street_chance(t, t->faults.dies_at_write);
    if (t->dead)
        return false; /* nothing happens any more */
    if (!dies)
        return true;
    enum street_death death = t->stats.n_writes == t->faults.dies_at
                                  ? t->faults.death
                                  : (enum street_death)street_below(t, STREET_DEATHS);
    t->dead = true;
    t->sent = death == DIES_SENT;
    t->stats.n_deaths++;
    return death != DIES_BEFORE;
}

bool street_write_lease(struct street *t, const struct sched_command *cmd)
{
    if (!street_write(t))
        return false;
    if (t->n_rows == t->rows_size) {
        t->rows_size = t->rows_size * 2 + 64;
        t->row = realloc(t->row, t->rows_size * sizeof(*t->row));
        assert(t->row != NULL);
    }
    t->row[t->n_rows++] = (struct lease_row){ .point = cmd->point,
                                              .tx_id = cmd->tx_id,
                                              .end_ms = cmd->counts_ms,
                                              .seq = cmd->seq,
                                              .epoch = t->epoch,
                                              .limit_ma = cmd->limit_ma };
    return true;
}

static size_t find_row(const struct street *t, size_t i, const struct call *call)
{
    for (size_t k = t->n_rows; k-- > 0;)
        if (t->row[k].point == i && t->row[k].seq == call->cmd.seq &&
            t->row[k].epoch == call->epoch)
            return k;
    return SIZE_MAX;
}

/* What was replaced ends after the reaction time; what was not installed never was. */
void street_write_outcome(struct street *t, size_t i, const struct call *call, enum sched_answer a)
{
    size_t at = find_row(t, i, call);
    if (a == SCHED_UNKNOWN || at == SIZE_MAX || !street_write(t))
        return;
    int64_t over_ms = street_our_clock(t) + t->tuning.react_ms;
    if (a != SCHED_ACCEPTED) {
        memmove(&t->row[at], &t->row[at + 1], (--t->n_rows - at) * sizeof(*t->row));
        return;
    }
    size_t kept = 0;
    for (size_t k = 0; k < t->n_rows; k++) {
        struct lease_row *row = &t->row[k];
        if (k < at && row->point == i && row->tx_id != call->cmd.tx_id)
            continue; /* of older transactions */
        if (k < at && row->point == i && row->end_ms > over_ms)
            row->end_ms = over_ms;
        row->accepted = row->accepted || k == at;
        t->row[kept++] = *row;
    }
    t->n_rows = kept;
}

void street_write_phases(struct street *t, size_t i)
{
    struct station *st = &t->station[i];
    struct sched_point_view view;
    sched_point_view(t->sched, i, street_our_clock(t), &view);
    if (view.tx_id == 0 || view.tx_id != st->open_tx ||
        (view.tx_id == st->phases_tx && view.phases == st->phases) || !street_write(t))
        return;
    st->phases_tx = view.tx_id;
    st->phases = view.phases;
}

void street_restore(struct street *t)
{
    for (size_t k = 0; k < t->n_rows; k++) {
        const struct lease_row *row = &t->row[k];
        if (row->tx_id != t->station[row->point].open_tx)
            continue;
        sched_restore(t->sched, row->point,
                      &(struct sched_lease){ .tx_id = row->tx_id,
                                             .limit_ma = row->limit_ma,
                                             .end_ms = row->end_ms,
                                             .accepted = row->accepted },
                      street_our_clock(t));
    }
}
