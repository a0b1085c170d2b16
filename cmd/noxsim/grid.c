#include "cmd/noxsim/grid.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "ocpp/wire/iso8601.h"

bool grid_init(struct grid *grid, const struct site *site)
{
    *grid = (struct grid){ .n = site->n_nodes };
    grid->node = calloc(site->n_nodes + 1, sizeof(*grid->node));
    for (size_t i = 0; grid->node != NULL && i < grid->n; i++) {
        grid->node[i].site = &site->node[i];
        for (int p = 0; p < 3; p++)
            grid->node[i].phase[p].limit_ma =
                (int64_t)site->node[i].limit_ma[p] - site->node[i].foreign_ma[p];
    }
    return grid->node != NULL;
}

void grid_done(struct grid *grid)
{
    free(grid->node);
    *grid = (struct grid){ .node = NULL };
}

static void note_excess(struct grid *grid, const struct grid_node *n, int p, const char *who,
                        int64_t at_ms)
{
    char at[OCPP_TIME_TEXT_SIZE];
    if (grid->first_excess[0] != '\0')
        return;
    ocpp_time_format(at_ms, at);
    snprintf(grid->first_excess, sizeof(grid->first_excess),
             "%s %.40s L%d: %" PRId64 " mA allowed of %" PRId64 " mA, after a change at %.40s", at,
             n->site->id, p + 1, n->phase[p].now_ma[GRID_MAY], n->phase[p].limit_ma, who);
}

static void change_phase(struct grid *grid, struct grid_node *n, int p, const int64_t delta_ma[],
                         const char *who, int64_t at_ms)
{
    struct grid_phase *phase = &n->phase[p];
    for (int q = 0; q < GRID_QUANTITIES; q++) {
        phase->now_ma[q] += delta_ma[q];
        if (phase->now_ma[q] > phase->max_ma[q])
            phase->max_ma[q] = phase->now_ma[q];
    }
    if (phase->now_ma[GRID_MAY] > phase->peak_may_ma)
        phase->peak_may_ma = phase->now_ma[GRID_MAY];
    if (delta_ma[GRID_MAY] > 0 && phase->now_ma[GRID_MAY] > phase->limit_ma) {
        phase->times_over++;
        note_excess(grid, n, p, who, at_ms);
    }
}

void grid_change(struct grid *grid, int32_t node, struct grid_load *load,
                 const struct grid_load *fresh, const char *who, int64_t at_ms)
{
    if (memcmp(load, fresh, sizeof(*load)) == 0)
        return;
    for (int p = 0; p < 3; p++) {
        int64_t delta_ma[GRID_QUANTITIES];
        for (int q = 0; q < GRID_QUANTITIES; q++)
            delta_ma[q] = (int64_t)fresh->ma[q][p] - load->ma[q][p];
        for (int32_t i = node; i >= 0; i = grid->node[i].site->parent)
            change_phase(grid, &grid->node[i], p, delta_ma, who, at_ms);
    }
    *load = *fresh;
}

static void sample_phase(struct grid_phase *phase)
{
    phase->samples++;
    phase->samples_over += phase->now_ma[GRID_MAY] > phase->limit_ma;
    if (phase->now_ma[GRID_WANT] < phase->limit_ma)
        return;
    phase->tight++;
    phase->tight_may_ma += phase->now_ma[GRID_MAY];
    phase->tight_draw_ma += phase->now_ma[GRID_DRAW];
}

void grid_trace_header(FILE *trace)
{
    fputs("at,node,phase,may_ma,draw_ma,want_ma,limit_ma,peak_may_ma\n", trace);
}

void grid_sample(struct grid *grid, int64_t at_ms, FILE *trace)
{
    char at[OCPP_TIME_TEXT_SIZE];
    ocpp_time_format(at_ms, at);
    for (size_t i = 0; i < grid->n; i++)
        for (int p = 0; p < 3; p++) {
            struct grid_phase *phase = &grid->node[i].phase[p];
            sample_phase(phase);
            if (trace != NULL)
                fprintf(trace,
                        "%s,%s,L%d,%" PRId64 ",%" PRId64 ",%" PRId64 ",%" PRId64 ",%" PRId64 "\n",
                        at, grid->node[i].site->id, p + 1, phase->now_ma[GRID_MAY],
                        phase->now_ma[GRID_DRAW], phase->now_ma[GRID_WANT], phase->limit_ma,
                        phase->peak_may_ma);
            phase->peak_may_ma = phase->now_ma[GRID_MAY];
        }
}
