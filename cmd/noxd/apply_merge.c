/* What the site will be after an apply, and whether its parts fit together. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "cmd/noxd/apply_file.h"
#include "ocpp/wire/field.h"
#include "storage/windows.h"

struct merger {
    const struct store_site *base, *file;
    struct ocpp_arena *arena;
    struct store_site *out;
    struct apply_error *error;
};

static bool fail(struct merger *m, const char *text)
{
    snprintf(m->error->path, sizeof(m->error->path), "%s", "");
    snprintf(m->error->text, sizeof(m->error->text), "%s", text);
    return false;
}

/* "stations[3].grid_node: DO-KAISR is not known; did you mean DO-KAISER?" */
static bool fail_reference(struct merger *m, const char *list, size_t i, const char *member,
                           const char *wrong, const char *nearest, const char *remedy)
{
    struct apply_error *e = m->error;
    snprintf(e->path, sizeof(e->path), "%s[%zu].%s", list, i, member);
    if (nearest != NULL)
        snprintf(e->text, sizeof(e->text), "%s: %.60s is not known; did you mean %.60s?", e->path,
                 wrong, nearest);
    else
        snprintf(e->text, sizeof(e->text), "%s: %.60s is not known; %s", e->path, wrong, remedy);
    return false;
}

static const char *items(const struct store_site *site, const struct apply_list *list)
{
    return *(const char *const *)(const void *)((const char *)site + list->items_offset);
}

static size_t count(const struct store_site *site, const struct apply_list *list)
{
    return *(const size_t *)(const void *)((const char *)site + list->n_offset);
}

/* Pointers to the records of a list in order of their key. */
static const void **sorted_list(struct merger *m, const struct store_site *site,
                                const struct apply_list *list)
{
    size_t n = count(site, list);
    const void **sorted = ocpp_arena_alloc(m->arena, (n + 1) * sizeof(*sorted));
    for (size_t i = 0; sorted != NULL && i < n; i++)
        sorted[i] = items(site, list) + i * list->object->size;
    if (sorted != NULL && n > 0)
        qsort(sorted, n, sizeof(*sorted), list->compare);
    return sorted;
}

static const void *find(const void **sorted, size_t n, const struct apply_list *list,
                        const void *record)
{
    const void **found = n > 0 ? bsearch(&record, sorted, n, sizeof(*sorted), list->compare) : NULL;
    return found != NULL ? *found : NULL;
}

/* Records of the file replace those of the base; the others stay, the new come at the end. */
static bool merge_list(struct merger *m, const struct apply_list *list)
{
    size_t n_base = count(m->base, list), n_file = count(m->file, list);
    size_t size = list->object->size, n = 0;
    const void **of_file = sorted_list(m, m->file, list);
    const void **of_base = sorted_list(m, m->base, list);
    char *out = ocpp_arena_alloc(m->arena, (n_base + n_file + 1) * size);
    if (of_file == NULL || of_base == NULL || out == NULL)
        return fail(m, "out of memory");
    for (size_t i = 0; i < n_base; i++) {
        const char *record = items(m->base, list) + i * size;
        const void *newer = find(of_file, n_file, list, record);
        memcpy(out + n++ * size, newer != NULL ? newer : record, size);
    }
    for (size_t i = 0; i < n_file; i++) {
        const char *record = items(m->file, list) + i * size;
        if (find(of_base, n_base, list, record) == NULL)
            memcpy(out + n++ * size, record, size);
    }
    *(const void **)(void *)((char *)m->out + list->items_offset) = out;
    *(size_t *)(void *)((char *)m->out + list->n_offset) = n;
    return true;
}

/* --- grid: parents before children --- */

static size_t node_place(const struct store_grid_node *node, const void **sorted, size_t n,
                         const char *id)
{
    const struct store_grid_node key = { .id = id };
    const struct store_grid_node *found = find(sorted, n, &apply_lists[APPLY_GRID], &key);
    return found != NULL ? (size_t)(found - node) : SIZE_MAX;
}

static const char *node_id_at(const void *nodes, size_t i)
{
    return ((const struct store_grid_node *)nodes)[i].id;
}

struct order {
    struct store_grid_node *node;
    size_t n;
    size_t *parent, *depth; /* SIZE_MAX = none, or not in the list; depth 0 = not known yet */
};

/* Depth of a node and of all above it, from 1. @return false when it is its own ancestor */
static bool find_depth(struct order *o, size_t i)
{
    size_t steps = 0, top = i;
    while (o->parent[top] != SIZE_MAX && o->depth[top] == 0 && steps <= o->n) {
        top = o->parent[top];
        steps++;
    }
    if (steps > o->n)
        return false;
    size_t depth = (o->depth[top] != 0 ? o->depth[top] : 1) + steps;
    for (size_t at = i; depth > 0 && o->depth[at] == 0; at = o->parent[at]) {
        o->depth[at] = depth--;
        if (o->parent[at] == SIZE_MAX)
            break;
    }
    return true;
}

static bool is_in_order(const struct order *o)
{
    for (size_t i = 0; i < o->n; i++)
        if (o->parent[i] != SIZE_MAX && o->parent[i] >= i)
            return false;
    return true;
}

/* By depth; nodes of the same depth keep their order. */
static bool sort_by_depth(const struct order *o, struct ocpp_arena *arena)
{
    size_t deepest = 0, n = 0;
    struct store_grid_node *copy = ocpp_arena_alloc(arena, (o->n + 1) * sizeof(*copy));
    size_t *first = ocpp_arena_alloc(arena, (o->n + 2) * sizeof(*first));
    if (copy == NULL || first == NULL)
        return false;
    memset(first, 0, (o->n + 2) * sizeof(*first));
    memcpy(copy, o->node, o->n * sizeof(*copy));
    for (size_t i = 0; i < o->n; i++) {
        first[o->depth[i]]++;
        deepest = o->depth[i] > deepest ? o->depth[i] : deepest;
    }
    for (size_t depth = 0; depth <= deepest; depth++) {
        size_t here = first[depth];
        first[depth] = n;
        n += here;
    }
    for (size_t i = 0; i < o->n; i++)
        o->node[first[o->depth[i]]++] = copy[i];
    return true;
}

/* @param ret_bad  a node that is its own ancestor, SIZE_MAX = none */
static bool order_list(struct merger *m, struct store_site *site, size_t *ret_bad)
{
    struct order o = { .node = (struct store_grid_node *)(void *)(uintptr_t)site->grid,
                       .n = site->n_grid };
    const void **sorted = sorted_list(m, site, &apply_lists[APPLY_GRID]);
    o.parent = ocpp_arena_alloc(m->arena, (o.n + 1) * sizeof(*o.parent));
    o.depth = ocpp_arena_alloc(m->arena, (o.n + 1) * sizeof(*o.depth));
    *ret_bad = SIZE_MAX;
    if (sorted == NULL || o.parent == NULL || o.depth == NULL)
        return fail(m, "out of memory");
    memset(o.depth, 0, (o.n + 1) * sizeof(*o.depth));
    for (size_t i = 0; i < o.n; i++)
        o.parent[i] =
            o.node[i].parent != NULL ? node_place(o.node, sorted, o.n, o.node[i].parent) : SIZE_MAX;
    for (size_t i = 0; i < o.n; i++) {
        if (!find_depth(&o, i)) {
            *ret_bad = i;
            return false;
        }
    }
    return is_in_order(&o) || sort_by_depth(&o, m->arena) || fail(m, "out of memory");
}

static bool fail_circle(struct merger *m, const char *id)
{
    struct apply_error *e = m->error;
    size_t place = 0;
    for (size_t i = 0; i < m->file->n_grid; i++)
        if (strcmp(m->file->grid[i].id, id) == 0)
            place = i;
    snprintf(e->path, sizeof(e->path), "grid[%zu].parent", place);
    snprintf(e->text, sizeof(e->text),
             "%s: the parents of %.60s lead round in a circle; give one of them another parent or "
             "none",
             e->path, id);
    return false;
}

/* "grid[3].calendar", or by its name when the file does not name the node. */
static bool fail_node(struct merger *m, const char *id, const char *member, const char *text)
{
    struct apply_error *e = m->error;
    snprintf(e->path, sizeof(e->path), "grid %.60s.%s", id, member);
    for (size_t i = 0; i < m->file->n_grid; i++)
        if (strcmp(m->file->grid[i].id, id) == 0)
            snprintf(e->path, sizeof(e->path), "grid[%zu].%s", i, member);
    snprintf(e->text, sizeof(e->text), "%s: %s", e->path, text);
    return false;
}

/* The sun rises somewhere: parents come before children now, so that one pass is enough. */
static bool check_places(struct merger *m)
{
    const struct store_site *out = m->out;
    const void **sorted = sorted_list(m, out, &apply_lists[APPLY_GRID]);
    bool *has_place = ocpp_arena_alloc(m->arena, (out->n_grid + 1) * sizeof(*has_place));
    if (sorted == NULL || has_place == NULL)
        return fail(m, "out of memory");
    for (size_t i = 0; i < out->n_grid; i++) {
        const struct store_grid_node *n = &out->grid[i];
        size_t parent =
            n->parent != NULL ? node_place(out->grid, sorted, out->n_grid, n->parent) : SIZE_MAX;
        has_place[i] = n->lat_e7 != STORE_ABSENT || (parent < i && has_place[parent]);
        if (!has_place[i] && windows_have_sun(n->calendar))
            return fail_node(m, n->id, "calendar",
                             "follows the sun, and neither this node nor one above it has latitude "
                             "and longitude; add them");
    }
    return true;
}

static int by_device(const void *a, const void *b)
{
    return strcasecmp((*(const struct store_grid_node *const *)a)->meter_device,
                      (*(const struct store_grid_node *const *)b)->meter_device);
}

/* An uplink names its device, and must find one node. */
static bool check_devices(struct merger *m)
{
    const struct store_site *out = m->out;
    const struct store_grid_node **node =
        ocpp_arena_alloc(m->arena, (out->n_grid + 1) * sizeof(*node));
    size_t n = 0;
    if (node == NULL)
        return fail(m, "out of memory");
    for (size_t i = 0; i < out->n_grid; i++)
        if (out->grid[i].meter_device != NULL)
            node[n++] = &out->grid[i];
    qsort(node, n, sizeof(*node), by_device);
    for (size_t i = 1; i < n; i++) {
        char text[200];
        if (by_device(&node[i - 1], &node[i]) != 0)
            continue;
        snprintf(text, sizeof(text), "%.60s is the meter of %.60s, too; a device has one node",
                 node[i]->meter_device, node[i - 1]->id);
        return fail_node(m, node[i]->id, "meter.device", text);
    }
    return true;
}

static bool check_nodes(struct merger *m)
{
    const struct store_site *out = m->out;
    const void **sorted = sorted_list(m, out, &apply_lists[APPLY_GRID]);
    size_t bad;
    if (sorted == NULL)
        return fail(m, "out of memory");
    for (size_t i = 0; i < m->file->n_grid; i++) {
        const char *parent = m->file->grid[i].parent;
        if (parent != NULL && node_place(out->grid, sorted, out->n_grid, parent) == SIZE_MAX)
            return fail_reference(m, "grid", i, "parent", parent,
                                  ocpp_nearest(parent, node_id_at, out->grid, out->n_grid),
                                  "add a node with this id to grid");
    }
    if (!order_list(m, m->out, &bad))
        return bad == SIZE_MAX ? false : fail_circle(m, out->grid[bad].id);
    return check_places(m) && check_devices(m);
}

/* --- references of stations --- */

static const char *tariff_id_at(const void *tariffs, size_t i)
{
    return ((const struct store_tariff *)tariffs)[i].id;
}

static bool tariff_is_known(const struct store_site *site, const char *id)
{
    for (size_t i = 0; i < site->n_tariffs; i++)
        if (strcmp(site->tariff[i].id, id) == 0)
            return true;
    return false;
}

static bool check_stations(struct merger *m)
{
    const struct store_site *out = m->out;
    const void **sorted = sorted_list(m, out, &apply_lists[APPLY_GRID]);
    if (sorted == NULL)
        return fail(m, "out of memory");
    for (size_t i = 0; i < m->file->n_stations; i++) {
        const struct store_station *s = &m->file->station[i];
        if (s->grid_node != NULL &&
            node_place(out->grid, sorted, out->n_grid, s->grid_node) == SIZE_MAX)
            return fail_reference(m, "stations", i, "grid_node", s->grid_node,
                                  ocpp_nearest(s->grid_node, node_id_at, out->grid, out->n_grid),
                                  "add a node with this id to grid");
        if (s->tariff != NULL && !tariff_is_known(out, s->tariff))
            return fail_reference(
                m, "stations", i, "tariff", s->tariff,
                ocpp_nearest(s->tariff, tariff_id_at, out->tariff, out->n_tariffs),
                "add a tariff with this id to tariffs");
    }
    return true;
}

/* What the store keeps beside a record is not the file's business; the proof needs some of it. */
static bool keep(struct merger *m)
{
    const struct apply_list *list = &apply_connector_list;
    const void **sorted = sorted_list(m, m->base, list);
    struct store_connector *k = (struct store_connector *)(void *)(uintptr_t)m->out->connector;
    if (sorted == NULL)
        return fail(m, "out of memory");
    for (size_t i = 0; i < m->out->n_connectors; i++) {
        const struct store_connector *was = find(sorted, m->base->n_connectors, list, &k[i]);
        if (was == NULL)
            continue;
        k[i].commissioned = was->commissioned;
        k[i].safe_confirmed_ma = was->safe_confirmed_ma;
        k[i].learnt_class = was->learnt_class;
    }
    return true;
}

bool apply_merge(const struct store_site *base, struct apply_site *file, struct ocpp_arena *arena,
                 struct store_site *ret_merged, struct apply_error *ret_error)
{
    struct merger m = { .base = base,
                        .file = &file->site,
                        .arena = arena,
                        .out = ret_merged,
                        .error = ret_error };
    size_t bad;
    *ret_merged = (struct store_site){ .grid = NULL };
    for (size_t i = 0; i < APPLY_LISTS; i++)
        if (!merge_list(&m, &apply_lists[i]))
            return false;
    if (!merge_list(&m, &apply_connector_list))
        return false;
    return check_nodes(&m) && check_stations(&m) && keep(&m) && order_list(&m, &file->site, &bad);
}
