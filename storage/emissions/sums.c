#include "storage/emissions/sums.h"

#include <stdlib.h>
#include <string.h>

static int compare_places(const struct co2_sum *a, const struct co2_sum *b)
{
    int order = strcmp(a->operator_id, b->operator_id);
    if (order == 0)
        order = strcmp(a->district, b->district);
    if (order == 0)
        order = strcmp(a->station, b->station);
    return order != 0 ? order : (a->connector > b->connector) - (a->connector < b->connector);
}

/* Where the place is, or where it belongs. */
static size_t find(const struct co2_sums *sums, const struct co2_sum *place, bool *ret_found)
{
    size_t low = 0, high = sums->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = compare_places(&sums->sum[middle], place);
        if (order == 0) {
            *ret_found = true;
            return middle;
        }
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    *ret_found = false;
    return low;
}

static const char *put(char **at, const char *text)
{
    size_t size = strlen(text) + 1;
    char *copy = memcpy(*at, text, size);
    *at += size;
    return copy;
}

/* One block for the three texts; it begins with the operator's. */
static bool own_texts(struct co2_sum *place)
{
    char *block =
        malloc(strlen(place->operator_id) + strlen(place->district) + strlen(place->station) + 3);
    if (block == NULL)
        return false;
    place->operator_id = put(&block, place->operator_id);
    place->district = put(&block, place->district);
    place->station = put(&block, place->station);
    return true;
}

static void disown_texts(struct co2_sum *place)
{
    free((void *)(uintptr_t)place->operator_id);
}

static bool grow(struct co2_sums *sums)
{
    if (sums->n < sums->room)
        return true;
    size_t room = sums->room > 0 ? 2 * sums->room : 64;
    struct co2_sum *more = realloc(sums->sum, room * sizeof(*more));
    if (more == NULL)
        return false;
    sums->sum = more;
    sums->room = room;
    return true;
}

static bool insert(struct co2_sums *sums, size_t at, struct co2_sum place)
{
    if (!grow(sums) || !own_texts(&place))
        return false;
    memmove(&sums->sum[at + 1], &sums->sum[at], (sums->n - at) * sizeof(place));
    sums->sum[at] = place;
    sums->n++;
    return true;
}

bool co2_sums_add(struct co2_sums *sums, const struct store_cdr *cdr)
{
    const struct store_session *s = &cdr->session;
    struct co2_sum place = {
        .operator_id = s->operator_id != NULL ? s->operator_id : "",
        .district = s->district != NULL ? s->district : "",
        .station = s->station != NULL ? s->station : "",
        .connector = s->connector,
    };
    bool is_found;
    size_t at = find(sums, &place, &is_found);
    if (!is_found && !insert(sums, at, place))
        return false;
    struct co2_sum *sum = &sums->sum[at];
    sum->energy_wh += cdr->energy_wh;
    if (strcmp(cdr->value_state, "estimated") == 0)
        sum->estimated_wh += cdr->energy_wh;
    if (cdr->energy_wh != 0)
        sum->sessions += strcmp(cdr->kind, "credit") == 0 ? -1 : 1;
    sum->points = sum->energy_wh != 0;
    return true;
}

static bool is_same(const struct co2_sum *a, const struct co2_sum *b, bool is_by_station)
{
    return strcmp(a->operator_id, b->operator_id) == 0 && strcmp(a->district, b->district) == 0 &&
           (!is_by_station || strcmp(a->station, b->station) == 0);
}

static void merge(struct co2_sum *into, struct co2_sum *from)
{
    into->points += from->points;
    into->sessions += from->sessions;
    into->energy_wh += from->energy_wh;
    into->estimated_wh += from->estimated_wh;
    disown_texts(from);
}

void co2_sums_merge(struct co2_sums *sums, bool is_by_station)
{
    size_t n = 0;
    for (size_t i = 0; i < sums->n; i++) {
        if (n > 0 && is_same(&sums->sum[n - 1], &sums->sum[i], is_by_station))
            merge(&sums->sum[n - 1], &sums->sum[i]);
        else
            sums->sum[n++] = sums->sum[i];
    }
    for (size_t i = 0; i < n; i++) {
        sums->sum[i].connector = 0;
        if (!is_by_station)
            sums->sum[i].station = "";
    }
    sums->n = n;
}

void co2_sums_done(struct co2_sums *sums)
{
    for (size_t i = 0; i < sums->n; i++)
        disown_texts(&sums->sum[i]);
    free(sums->sum);
    *sums = (struct co2_sums){ .sum = NULL };
}
