#include "scheduler/share.h"

#include <stdlib.h>
#include <string.h>

bool share_scratch_init(struct share_scratch *scratch, size_t n)
{
    *scratch = (struct share_scratch){ .rank = calloc(n + 1, sizeof(struct share_rank)),
                                       .spare = calloc(n + 1, sizeof(struct share_rank)),
                                       .place = calloc(n + 1, sizeof(uint32_t)),
                                       .heap = calloc(n + 1, sizeof(uint32_t)),
                                       .size = n };
    return scratch->rank && scratch->spare && scratch->place && scratch->heap;
}

void share_scratch_done(struct share_scratch *scratch)
{
    free(scratch->rank);
    free(scratch->spare);
    free(scratch->place);
    free(scratch->heap);
    *scratch = (struct share_scratch){ .size = 0 };
}

/* --- order of admission --- */

static bool ranks_before(const struct share_rank *a, const struct share_rank *b)
{
    if (a->class != b->class)
        return a->class > b->class;
    if (a->key != b->key)
        return a->key < b->key;
    if (a->since_ms != b->since_ms)
        return a->since_ms < b->since_ms;
    return a->id < b->id;
}

static void merge(const struct share_rank *in, size_t left, size_t mid, size_t right,
                  struct share_rank *out)
{
    size_t i = left, j = mid;
    for (size_t k = left; k < right; k++)
        out[k] = i < mid && (j >= right || !ranks_before(&in[j], &in[i])) ? in[i++] : in[j++];
}

/* Bottom-up merge sort: qsort() may allocate. */
static void sort_ranks(struct share_scratch *scratch, size_t n)
{
    for (size_t width = 1; width < n; width *= 2) {
        for (size_t left = 0; left < n; left += 2 * width) {
            size_t mid = left + width < n ? left + width : n;
            size_t right = left + 2 * width < n ? left + 2 * width : n;
            merge(scratch->rank, left, mid, right, scratch->spare);
        }
        struct share_rank *sorted = scratch->spare;
        scratch->spare = scratch->rank;
        scratch->rank = sorted;
    }
}

static void rank_all(const struct share_demand *demand, size_t n, struct share_scratch *scratch)
{
    for (size_t i = 0; i < n; i++)
        scratch->rank[i] = (struct share_rank){ .key = demand[i].key,
                                                .since_ms = demand[i].since_ms,
                                                .id = demand[i].id,
                                                .index = (uint32_t)i,
                                                .class = demand[i].class };
    sort_ranks(scratch, n);
    for (size_t i = 0; i < n; i++)
        scratch->place[scratch->rank[i].index] = (uint32_t)i;
}

/* --- taking current along the path to the root --- */

struct split {
    const struct grid *grid;
    int64_t *room_ma;
    const struct share_demand *demand;
    int32_t *grant_ma;
    int32_t step_ma;
    const struct share_scratch *scratch;
};

static bool fits(const struct split *s, const struct share_demand *d, int32_t ma)
{
    for (int32_t v = d->node; v >= 0; v = s->grid->node[v].parent) {
        const int64_t *room = &s->room_ma[(size_t)v * GRID_RESOURCES];
        for (int r = 0; d->uses >> r != 0; r++)
            if ((d->uses >> r & 1) && room[r] < ma)
                return false;
    }
    return true;
}

static bool take(const struct split *s, size_t i, int32_t ma)
{
    const struct share_demand *d = &s->demand[i];
    if (!fits(s, d, ma))
        return false;
    for (int32_t v = d->node; v >= 0; v = s->grid->node[v].parent) {
        int64_t *room = &s->room_ma[(size_t)v * GRID_RESOURCES];
        for (int r = 0; d->uses >> r != 0; r++)
            if (d->uses >> r & 1)
                room[r] -= ma;
    }
    s->grant_ma[i] += ma;
    return true;
}

static int32_t round_up(int32_t ma, int32_t step_ma)
{
    return (ma + step_ma - 1) / step_ma * step_ma;
}

static void give_floors(const struct split *s, size_t n)
{
    for (size_t r = 0; r < n; r++) {
        size_t i = s->scratch->rank[r].index;
        s->grant_ma[i] = 0;
        if (s->demand[i].floor_ma > 0)
            take(s, i, s->demand[i].floor_ma);
    }
}

/* Those in rank[first..end), that is of one class. */
static void admit(const struct split *s, size_t first, size_t end)
{
    for (size_t r = first; r < end; r++) {
        size_t i = s->scratch->rank[r].index;
        int32_t least_ma = round_up(s->demand[i].min_ma, s->step_ma);
        if (s->grant_ma[i] < s->demand[i].min_ma && least_ma <= s->demand[i].max_ma)
            take(s, i, least_ma - s->grant_ma[i]);
    }
}

/* --- water-filling: a heap with the least served on top --- */

static bool sooner(const struct split *s, uint32_t i, uint32_t j)
{
    const struct share_demand *a = &s->demand[i], *b = &s->demand[j];
    int64_t level_a = (int64_t)(s->grant_ma[i] - a->min_ma) * b->weight;
    int64_t level_b = (int64_t)(s->grant_ma[j] - b->min_ma) * a->weight;
    if (level_a != level_b)
        return level_a < level_b;
    bool keeps_a = a->had_ma > s->grant_ma[i], keeps_b = b->had_ma > s->grant_ma[j];
    if (keeps_a != keeps_b)
        return keeps_a;
    return s->scratch->place[i] < s->scratch->place[j];
}

static void sift_down(const struct split *s, uint32_t *heap, size_t n, size_t at)
{
    uint32_t moved = heap[at];
    for (size_t child; (child = 2 * at + 1) < n; at = child) {
        if (child + 1 < n && sooner(s, heap[child + 1], heap[child]))
            child++;
        if (!sooner(s, heap[child], moved))
            break;
        heap[at] = heap[child];
    }
    heap[at] = moved;
}

/* A floor may lie between two steps: the first step ends on a whole one. */
static bool step_up(const struct split *s, size_t i)
{
    int32_t next_ma = s->grant_ma[i] - s->grant_ma[i] % s->step_ma + s->step_ma;
    return next_ma <= s->demand[i].max_ma && take(s, i, next_ma - s->grant_ma[i]);
}

static void fill(const struct split *s, size_t first, size_t end)
{
    uint32_t *heap = s->scratch->heap;
    size_t in_heap = 0;
    for (size_t r = first; r < end; r++) {
        uint32_t i = s->scratch->rank[r].index;
        if (s->grant_ma[i] >= s->demand[i].min_ma)
            heap[in_heap++] = i;
    }
    for (size_t at = in_heap / 2; at-- > 0;)
        sift_down(s, heap, in_heap, at);
    while (in_heap > 0) {
        if (!step_up(s, heap[0]))
            heap[0] = heap[--in_heap];
        if (in_heap > 0)
            sift_down(s, heap, in_heap, 0);
    }
}

static size_t class_end(const struct share_scratch *scratch, size_t first, size_t n)
{
    size_t end = first + 1;
    while (end < n && scratch->rank[end].class == scratch->rank[first].class)
        end++;
    return end;
}

void share_split(const struct grid *grid, int64_t *room_ma, const struct share_demand *demand,
                 size_t n, int32_t step_ma, struct share_scratch *scratch, int32_t *ret_grant_ma)
{
    rank_all(demand, n, scratch);
    struct split s = { .grid = grid,
                       .room_ma = room_ma,
                       .demand = demand,
                       .grant_ma = ret_grant_ma,
                       .step_ma = step_ma,
                       .scratch = scratch };
    give_floors(&s, n);
    for (size_t first = 0, end; first < n; first = end) {
        end = class_end(scratch, first, n);
        admit(&s, first, end);
        fill(&s, first, end);
    }
}
