#include "scheduler/share.h"

#include <stdlib.h>
#include <string.h>

bool share_scratch_init(struct share_scratch *scratch, size_t n)
{
    *scratch = (struct share_scratch){ .rank = calloc(n + 1, sizeof(struct share_rank)),
                                       .spare = calloc(n + 1, sizeof(struct share_rank)),
                                       .told = calloc(n + 1, sizeof(struct share_rank)),
                                       .claim_ma = calloc(n + 1, sizeof(int32_t)),
                                       .gave_ma = calloc(n + 1, sizeof(int32_t)),
                                       .place = calloc(n + 1, sizeof(uint32_t)),
                                       .heap = calloc(n + 1, sizeof(uint32_t)),
                                       .size = n };
    return scratch->rank && scratch->spare && scratch->told && scratch->claim_ma &&
           scratch->gave_ma && scratch->place && scratch->heap;
}

void share_scratch_done(struct share_scratch *scratch)
{
    free(scratch->rank);
    free(scratch->spare);
    free(scratch->told);
    free(scratch->claim_ma);
    free(scratch->gave_ma);
    free(scratch->place);
    free(scratch->heap);
    *scratch = (struct share_scratch){ .size = 0 };
}

/* --- order of admission --- */

static bool ranks_before(const struct share_rank *a, const struct share_rank *b)
{
    if (a->group != b->group)
        return a->group > b->group;
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
static void sort_ranks(struct share_rank **rank, struct share_rank **spare, size_t n)
{
    for (size_t width = 1; width < n; width *= 2) {
        for (size_t left = 0; left < n; left += 2 * width) {
            size_t mid = left + width < n ? left + width : n;
            size_t right = left + 2 * width < n ? left + 2 * width : n;
            merge(*rank, left, mid, right, *spare);
        }
        struct share_rank *sorted = *spare;
        *spare = *rank;
        *rank = sorted;
    }
}

static void rank_all(const struct share_demand *demand, size_t n, struct share_scratch *scratch)
{
    for (size_t i = 0; i < n; i++)
        scratch->rank[i] = (struct share_rank){ .key = demand[i].key,
                                                .since_ms = demand[i].since_ms,
                                                .group = demand[i].class,
                                                .id = demand[i].id,
                                                .index = (uint32_t)i };
    sort_ranks(&scratch->rank, &scratch->spare, n);
    for (size_t i = 0; i < n; i++)
        scratch->place[scratch->rank[i].index] = (uint32_t)i;
}

static int32_t root_of(const struct grid *grid, int32_t node)
{
    while (grid->node[node].parent >= 0)
        node = grid->node[node].parent;
    return node;
}

/* Those with a deadline, class by class, root by root. */
static void rank_told(const struct grid *grid, const struct share_demand *demand, size_t n,
                      struct share_scratch *scratch)
{
    size_t n_told = 0;
    for (size_t i = 0; i < n; i++) {
        const struct share_demand *d = &demand[i];
        if (d->has_deadline)
            scratch->told[n_told++] =
                (struct share_rank){ .key = d->due_ms,
                                     .since_ms = d->since_ms,
                                     .group = (int64_t)d->class * ((int64_t)1 << 32) -
                                              root_of(grid, d->node),
                                     .id = d->id,
                                     .index = (uint32_t)i };
    }
    sort_ranks(&scratch->told, &scratch->spare, n_told);
}

/* --- taking current along the path to the root --- */

struct split {
    const struct grid *grid;
    int64_t *room_ma;
    const struct share_demand *demand;
    int32_t *grant_ma;
    int32_t step_ma;
    struct share_scratch *scratch;
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

static void use(const struct split *s, const struct share_demand *d, int32_t ma)
{
    for (int32_t v = d->node; v >= 0; v = s->grid->node[v].parent) {
        int64_t *room = &s->room_ma[(size_t)v * GRID_RESOURCES];
        for (int r = 0; d->uses >> r != 0; r++)
            if (d->uses >> r & 1)
                room[r] -= ma;
    }
}

static bool take(const struct split *s, size_t i, int32_t ma)
{
    if (!fits(s, &s->demand[i], ma))
        return false;
    use(s, &s->demand[i], ma);
    s->grant_ma[i] += ma;
    return true;
}

static void give_back(const struct split *s, size_t i, int32_t ma)
{
    const struct share_demand *d = &s->demand[i];
    for (int32_t v = d->node; v >= 0; v = s->grid->node[v].parent)
        for (int r = 0; d->uses >> r != 0; r++)
            if (d->uses >> r & 1)
                s->room_ma[(size_t)v * GRID_RESOURCES + (size_t)r] += ma;
    s->grant_ma[i] -= ma;
}

static int32_t round_up(int32_t ma, int32_t step_ma)
{
    return (ma + step_ma - 1) / step_ma * step_ma;
}

static int32_t least_of(const struct split *s, size_t i)
{
    return round_up(s->demand[i].min_ma, s->step_ma);
}

/* Who can be held below its floor is, where it does not fit; but it falls back to it by itself, so
 * the room is gone for others all the same. */
static void give_floors(const struct split *s, size_t n)
{
    for (size_t r = 0; r < n; r++) {
        size_t i = s->scratch->rank[r].index;
        s->grant_ma[i] = 0;
        if (s->demand[i].floor_ma > 0 && !take(s, i, s->demand[i].floor_ma))
            use(s, &s->demand[i], s->demand[i].floor_ma);
    }
}

/* Those in rank[first..end), that is of one class. */
static void admit(const struct split *s, size_t first, size_t end)
{
    for (size_t r = first; r < end; r++) {
        size_t i = s->scratch->rank[r].index;
        int32_t least_ma = least_of(s, i);
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

/* --- deadlines: one after the other --- */

/* @return the most that fits on the path of a demand, each phase by itself, INT64_MAX = no matter
 */
static int64_t room_of(const struct split *s, const struct share_demand *d, int resource)
{
    int64_t room_ma = INT64_MAX;
    for (int32_t v = d->node; v >= 0; v = s->grid->node[v].parent) {
        int64_t here_ma = s->room_ma[(size_t)v * GRID_RESOURCES + (size_t)resource];
        room_ma = (d->uses >> resource & 1) && here_ma < room_ma ? here_ma : room_ma;
    }
    return room_ma;
}

/* As much as fits, in whole steps; nothing when it is less than the least. */
static bool take_most(const struct split *s, size_t i, int32_t max_ma)
{
    const struct share_demand *d = &s->demand[i];
    int64_t most_ma = max_ma - s->grant_ma[i];
    for (int r = 0; r < GRID_RESOURCES; r++) {
        int64_t room_ma = room_of(s, d, r);
        most_ma = room_ma < most_ma ? room_ma : most_ma;
    }
    int64_t grant_ma = s->grant_ma[i] + most_ma;
    grant_ma -= grant_ma % s->step_ma;
    return grant_ma >= least_of(s, i) && grant_ma > s->grant_ma[i] &&
           take(s, i, (int32_t)(grant_ma - s->grant_ma[i]));
}

/* By how much is the place where both meet too small for `taker` to have `ma` more? */
static int64_t shortage(const struct split *s, size_t taker, size_t giver, int64_t ma)
{
    const struct share_demand *d = &s->demand[taker];
    int32_t w = s->demand[giver].node;
    int64_t most_ma = 0;
    for (int32_t v = d->node; v >= 0; v = s->grid->node[v].parent) {
        while (w > v)
            w = s->grid->node[w].parent;
        uint8_t both = w == v ? (uint8_t)(d->uses & s->demand[giver].uses) : 0;
        for (int r = 0; both >> r != 0; r++) {
            int64_t short_ma = ma - s->room_ma[(size_t)v * GRID_RESOURCES + (size_t)r];
            most_ma = (both >> r & 1) && short_ma > most_ma ? short_ma : most_ma;
        }
    }
    return most_ma;
}

static int32_t n_phases(const struct share_demand *d)
{
    return (d->uses & 1) + (d->uses >> 1 & 1) + (d->uses >> 2 & 1);
}

static void ask(const struct split *s, size_t taker, size_t giver, int32_t ma)
{
    int32_t spare_ma = s->grant_ma[giver] - least_of(s, giver);
    s->scratch->gave_ma[giver] = 0;
    if (spare_ma < s->step_ma || (s->demand[giver].pressed && !s->demand[taker].pressed))
        return;
    int64_t short_ma = shortage(s, taker, giver, ma);
    int64_t gave_ma = (short_ma + s->step_ma - 1) / s->step_ma * s->step_ma;
    spare_ma -= spare_ma % s->step_ma;
    s->scratch->gave_ma[giver] = gave_ma < spare_ma ? (int32_t)gave_ma : spare_ma;
    give_back(s, giver, s->scratch->gave_ma[giver]);
}

/* Is there anything that flows nowhere, as long as the demand has not its least? */
static bool has_gain(const struct split *s, const struct share_demand *d)
{
    for (int r = 0; r < GRID_PHASES; r++)
        if ((d->uses >> r & 1) && room_of(s, d, r) > 0)
            return true;
    return false;
}

/* Of what told[first..served) have. */
static void take_least(const struct split *s, size_t first, size_t served, size_t at)
{
    const struct share_rank *told = s->scratch->told;
    size_t taker = told[at].index, k = served;
    const struct share_demand *d = &s->demand[taker];
    int32_t ma = least_of(s, taker) - s->grant_ma[taker];
    int64_t gain_ma = (int64_t)ma * n_phases(d);
    int64_t lost_ma = d->keeps ? -1 : 0; /* who was turned on lately stays for no gain, too */
    if (ma <= 0 || least_of(s, taker) > d->max_ma || (lost_ma == 0 && !has_gain(s, d)))
        return;
    while (k > first && gain_ma > lost_ma && !fits(s, d, ma)) {
        size_t giver = told[--k].index;
        ask(s, taker, giver, ma);
        gain_ma -= (int64_t)s->scratch->gave_ma[giver] * n_phases(&s->demand[giver]);
    }
    if (gain_ma > lost_ma && take(s, taker, ma))
        return;
    for (; k < served; k++)
        take(s, told[k].index, s->scratch->gave_ma[told[k].index]);
}

static int32_t first_most(const struct share_demand *d)
{
    return d->first_ma < d->max_ma ? d->first_ma : d->max_ma;
}

/* Those in told[first..end), that is of one class and one root. */
static void serve_root(const struct split *s, size_t first, size_t end)
{
    const struct share_rank *told = s->scratch->told;
    for (size_t at = first; at < end; at++)
        if (!take_most(s, told[at].index, first_most(&s->demand[told[at].index])))
            take_least(s, first, at, at);
    for (size_t at = first; at < end; at++)
        take_least(s, first, end, at);
    for (size_t at = first; at < end; at++)
        if (s->grant_ma[told[at].index] >= s->demand[told[at].index].min_ma)
            take_most(s, told[at].index, s->demand[told[at].index].max_ma);
}

static size_t group_end(const struct share_rank *rank, size_t first, size_t n)
{
    size_t end = first + 1;
    while (end < n && rank[end].group == rank[first].group)
        end++;
    return end;
}

static void serve_deadlines(const struct split *s, size_t first, size_t end)
{
    for (size_t at = first; at < end; at++) {
        size_t i = s->scratch->told[at].index;
        int32_t floor_ma = s->grant_ma[i] < s->demand[i].floor_ma ? 0 : s->demand[i].floor_ma;
        give_back(s, i, s->grant_ma[i] - floor_ma);
    }
    for (size_t from = first, to; from < end; from = to) {
        to = group_end(s->scratch->told, from, end);
        serve_root(s, from, to);
    }
}

/* --- class by class --- */

static void note_claims(const struct split *s, size_t first, size_t end)
{
    for (size_t r = first; r < end; r++) {
        size_t i = s->scratch->rank[r].index;
        s->scratch->claim_ma[i] = s->grant_ma[i];
    }
}

/* Those in rank[first..end); of them n_told in told[first_told...). */
static void split_class(const struct split *s, size_t first, size_t end, size_t first_told,
                        size_t n_told)
{
    bool all_told = n_told == end - first;
    if (!all_told) {
        admit(s, first, end);
        fill(s, first, end);
        note_claims(s, first, end);
    }
    if (n_told > 0) {
        serve_deadlines(s, first_told, first_told + n_told);
        admit(s, first, end);
        fill(s, first, end);
    }
    if (all_told)
        note_claims(s, first, end);
}

static size_t count_told(const struct split *s, size_t first, size_t end)
{
    size_t n = 0;
    for (size_t r = first; r < end; r++)
        n += s->demand[s->scratch->rank[r].index].has_deadline;
    return n;
}

void share_split(const struct grid *grid, int64_t *room_ma, const struct share_demand *demand,
                 size_t n, int32_t step_ma, struct share_scratch *scratch, int32_t *ret_grant_ma)
{
    rank_all(demand, n, scratch);
    rank_told(grid, demand, n, scratch);
    struct split s = { .grid = grid,
                       .room_ma = room_ma,
                       .demand = demand,
                       .grant_ma = ret_grant_ma,
                       .step_ma = step_ma,
                       .scratch = scratch };
    give_floors(&s, n);
    for (size_t first = 0, first_told = 0, end; first < n; first = end) {
        end = group_end(scratch->rank, first, n);
        size_t n_told = count_told(&s, first, end);
        split_class(&s, first, end, first_told, n_told);
        first_told += n_told;
    }
}
