/* The grid: a tree, parents before children. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "storage/apply_state.h"
#include "storage/windows.h"

enum { SILENT_MAX_S = 86400 };

/* --- grid --- */

static enum store_rc node_parent(struct store_conn *db, const char *id, char ret_parent[256])
{
    sqlite3_stmt *q = conn_stmt(db, STMT_NODE_GET);
    bind_text(q, 1, id);
    enum store_rc rc = store_step_row(db, q);
    if (rc != STORE_OK)
        return rc;
    const char *parent = column_text(q, 0);
    snprintf(ret_parent, 256, "%s", parent != NULL ? parent : "");
    store_reset(q);
    return STORE_OK;
}

/* Goes up from the parent as it is now stored: the node itself must not be met. */
static enum store_rc check_path(struct apply *a, const struct store_grid_node *n)
{
    char at[256];
    snprintf(at, sizeof(at), "%s", n->parent);
    for (int level = 1; at[0] != '\0'; level++) {
        if (strcmp(at, n->id) == 0)
            return apply_refuse(a,
                                "grid %s: parent %s is the node itself or below it; a tree has no "
                                "circles: name a parent nearer to the grid connection",
                                n->id, n->parent);
        if (level > LEVELS_MAX)
            return apply_refuse(a,
                                "grid %s: parent %s lies deeper than %d levels; shorten the path",
                                n->id, n->parent, LEVELS_MAX);
        enum store_rc rc = node_parent(a->db, at, at);
        if (rc == STORE_MISSING)
            return apply_refuse(
                a, "grid %s: parent %s is unknown; add it to grid or correct the name", n->id, at);
        if (rc != STORE_OK)
            return rc;
    }
    return STORE_OK;
}

static enum store_rc check_meter(struct apply *a, const struct store_grid_node *n)
{
    static const char *const units[] = { "A", "mA", "W", "kW", NULL };
    if (n->meter_silent_after_s < 0 || n->meter_silent_after_s > SILENT_MAX_S)
        return apply_refuse(a, "grid %s: meter.silent_after_s must be from 10 to %d", n->id,
                            SILENT_MAX_S);
    for (int p = 0; p < 3; p++)
        if (n->meter_guard_ma[p] < 0 || n->meter_silent_ma[p] < 0)
            return apply_refuse(a, "grid %s: guard_a and silent_a of the meter are 0 or more",
                                n->id);
    if (n->meter_unit != NULL && !apply_is_one_of(n->meter_unit, units))
        return apply_refuse(a, "grid %s: meter.unit must be one of A, mA, W, kW", n->id);
    return STORE_OK;
}

/* What changes with time. */
static enum store_rc check_capacity(struct apply *a, const struct store_grid_node *n)
{
    const int64_t e7 = 10000000;
    struct store_window window[STORE_WINDOWS_MAX];
    int32_t hour_ma[STORE_HOURS][3];
    if (windows_read(n->calendar, window, STORE_WINDOWS_MAX) == SIZE_MAX)
        return apply_refuse(a, "grid %s: calendar has a line that is no window, or more than %d",
                            n->id, STORE_WINDOWS_MAX);
    if (n->foreign_by_hour != NULL && !hours_read(n->foreign_by_hour, hour_ma))
        return apply_refuse(a, "grid %s: foreign_by_hour_a must be 24 or 168 currents", n->id);
    if (n->lat_e7 != STORE_ABSENT && (n->lat_e7 < -90 * e7 || n->lat_e7 > 90 * e7))
        return apply_refuse(a, "grid %s: latitude must lie between -90 and 90 degrees", n->id);
    if (n->lon_e7 != STORE_ABSENT && (n->lon_e7 < -180 * e7 || n->lon_e7 > 180 * e7))
        return apply_refuse(a, "grid %s: longitude must lie between -180 and 180 degrees", n->id);
    if (n->green < STORE_GREEN_OFF || n->green > STORE_GREEN_PRICE)
        return apply_refuse(a, "grid %s: green must be off, co2 or price", n->id);
    return check_meter(a, n);
}

static enum store_rc check_node(struct apply *a, const struct store_grid_node *n)
{
    if (!apply_is_name(n->id))
        return apply_refuse(
            a, "grid[%zu]: id is missing; give the node a name without control characters",
            (size_t)(n - a->site->grid));
    for (int p = 0; p < 3; p++) {
        if (n->limit_ma[p] < 0)
            return apply_refuse(a, "grid %s: limit_a of L%d is %.1f; a limit is 0 or more", n->id,
                                p + 1, apply_amperes(n->limit_ma[p]));
        if (n->foreign_ma[p] < 0)
            return apply_refuse(a, "grid %s: foreign_a of L%d is %.1f; a reserve is 0 or more",
                                n->id, p + 1, apply_amperes(n->foreign_ma[p]));
        if (n->foreign_ma[p] > n->limit_ma[p])
            return apply_refuse(
                a,
                "grid %s: foreign_a of L%d is %.1f, more than limit_a %.1f; lower the "
                "reserve or correct the limit",
                n->id, p + 1, apply_amperes(n->foreign_ma[p]), apply_amperes(n->limit_ma[p]));
    }
    if (n->single_max_ma < 0)
        return apply_refuse(a, "grid %s: single_max_a is %.1f; use 0 for no rule", n->id,
                            apply_amperes(n->single_max_ma));
    return check_capacity(a, n);
}

static const struct store_grid_node *node_in_file(const struct apply *a, const char *id)
{
    struct store_grid_node wanted = { .id = id };
    const void *key = &wanted;
    const void **found = a->site->n_grid > 0 ? bsearch(&key, a->node_by_id, a->site->n_grid,
                                                       sizeof(*a->node_by_id), apply_compare_nodes)
                                             : NULL;
    return found != NULL ? *found : NULL;
}

static enum store_rc write_node(struct apply *a, const struct store_grid_node *n)
{
    struct store_grid_node record = *n;
    if (record.name == NULL)
        record.name = record.id;
    sqlite3_stmt *get = conn_stmt(a->db, STMT_NODE_GET);
    bind_text(get, 1, n->id);
    return apply_put(a, &node_fields, get, STMT_NODE_PUT, &record, n->id);
}

/* Parents first, in whatever order the file names them. */
static enum store_rc put_node(struct apply *a, const struct store_grid_node *n, int level)
{
    uint8_t *state = &a->node_state[n - a->site->grid];
    if (*state == NODE_DONE)
        return STORE_OK;
    if (*state == NODE_OPEN || level > LEVELS_MAX)
        return apply_refuse(
            a,
            "grid %s: parent %s is the node itself or below it; a tree has no circles: "
            "name a parent nearer to the grid connection",
            n->id, n->parent);
    *state = NODE_OPEN;
    const struct store_grid_node *above = n->parent != NULL ? node_in_file(a, n->parent) : NULL;
    enum store_rc rc = above != NULL ? put_node(a, above, level + 1) : STORE_OK;
    if (rc == STORE_OK && n->parent != NULL)
        rc = check_path(a, n);
    if (rc == STORE_OK)
        rc = write_node(a, n);
    *state = NODE_DONE;
    return rc;
}

enum store_rc apply_grid(struct apply *a)
{
    const struct store_site *site = a->site;
    const void *twin[2];
    enum store_rc rc = STORE_OK;
    for (size_t i = 0; i < site->n_grid && rc == STORE_OK; i++)
        rc = check_node(a, &site->grid[i]);
    if (rc != STORE_OK)
        return rc;
    rc = apply_find_twins(site->grid, site->n_grid, sizeof(*site->grid), apply_compare_nodes, twin);
    if (rc == STORE_CONFLICT)
        return apply_refuse(a, "grid %s: id stands twice in the list; remove one of the two",
                            ((const struct store_grid_node *)twin[0])->id);
    a->node_by_id =
        apply_sorted(site->grid, site->n_grid, sizeof(*site->grid), apply_compare_nodes);
    a->node_state = calloc(site->n_grid + 1, 1);
    if (rc == STORE_OK && (a->node_by_id == NULL || a->node_state == NULL))
        rc = STORE_IO;
    for (size_t i = 0; i < site->n_grid && rc == STORE_OK; i++)
        rc = put_node(a, &site->grid[i], 1);
    return rc;
}
