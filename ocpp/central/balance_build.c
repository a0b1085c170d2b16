#include "ocpp/central/balance_build.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "storage/billing/calendar.h"
#include "storage/windows.h"

void build_done(struct build *b)
{
    free(b->node);
    free(b->point);
    free(b->place);
    free(b->window);
    free(b->hour_ma);
    free(b->connector);
    free(b->node_id);
    free(b->station_id);
}

static int named_compare(const void *a, const void *b)
{
    return strcmp(((const struct named *)a)->id, ((const struct named *)b)->id);
}

/* @return its place in the site, SIZE_MAX if it is not there */
static size_t place_of(const struct named *list, size_t n, const char *id)
{
    struct named wanted = { .id = id };
    const struct named *found =
        n > 0 ? bsearch(&wanted, list, n, sizeof(*list), named_compare) : NULL;
    return found != NULL ? found->place : SIZE_MAX;
}

/* The lists of the site come sorted and parents first from the store; neither is relied on. */
static bool build_names(struct build *b, const struct store_site *site)
{
    b->n_nodes = site->n_grid;
    b->n_stations = site->n_stations;
    b->node_id = calloc(site->n_grid + 1, sizeof(*b->node_id));
    b->station_id = calloc(site->n_stations + 1, sizeof(*b->station_id));
    if (b->node_id == NULL || b->station_id == NULL)
        return false;
    for (size_t i = 0; i < site->n_grid; i++)
        b->node_id[i] = (struct named){ .id = site->grid[i].id, .place = i };
    for (size_t i = 0; i < site->n_stations; i++)
        b->station_id[i] = (struct named){ .id = site->station[i].id, .place = i };
    qsort(b->node_id, site->n_grid, sizeof(*b->node_id), named_compare);
    qsort(b->station_id, site->n_stations, sizeof(*b->station_id), named_compare);
    return true;
}

size_t build_node(const struct build *b, const char *id)
{
    return place_of(b->node_id, b->n_nodes, id);
}

/* "RST" -> terminals 1..3 on grid phases 0..2. */
static void wiring_of(const char *wiring, struct sched_point_conf *ret_point)
{
    const char *phases = wiring != NULL && wiring[0] != '\0' ? wiring : "RST";
    ret_point->n_phases = 0;
    for (; *phases != '\0' && ret_point->n_phases < 3; phases++)
        ret_point->wiring[ret_point->n_phases++] = (int8_t)(*phases - 'R');
}

static struct sched_point_conf point_of(const struct store_station *s,
                                        const struct store_connector *k, int32_t node)
{
    struct sched_point_conf p = {
        .node = node,
        .rating_ma = s->rating_ma,
        .safe_ma = s->safe_ma,
        .min_ma = s->min_ma > 0 ? s->min_ma : 6000,
        .weight = s->weight > 0 ? s->weight : 1,
        .priority = s->priority,
        /* By evidence: balance_site.c. */
        .class = s->class <= (int32_t)SCHED_UNMANAGED ? (enum sched_class)s->class : SCHED_STICKY,
        .commissioned = k->commissioned,
        .safe_confirmed = k->safe_confirmed_ma == s->safe_ma
    };
    wiring_of(s->wiring, &p);
    return p;
}

/* --- capacity over time --- */

static void window_of(const struct store_window *in, struct sched_window *out)
{
    static const enum sched_edge_kind kinds[] = { [STORE_AT_CLOCK] = SCHED_AT_CLOCK,
                                                  [STORE_AT_SUNRISE] = SCHED_AT_SUNRISE,
                                                  [STORE_AT_SUNSET] = SCHED_AT_SUNSET,
                                                  [STORE_AT_DAWN] = SCHED_AT_DAWN,
                                                  [STORE_AT_DUSK] = SCHED_AT_DUSK };
    out->days = in->days;
    out->from = (struct sched_edge){ kinds[in->from.kind], in->from.minute };
    out->to = (struct sched_edge){ kinds[in->to.kind], in->to.minute };
    memcpy(out->limit_ma, in->limit_ma, sizeof(out->limit_ma));
    memcpy(out->reserve_ma, in->reserve_ma, sizeof(out->reserve_ma));
}

/* How much room all nodes need: windows, and weeks of hours. */
static void count_capacity(const struct store_site *site, size_t *ret_windows, size_t *ret_weeks)
{
    struct store_window window[STORE_WINDOWS_MAX];
    *ret_windows = *ret_weeks = 0;
    for (size_t i = 0; i < site->n_grid; i++) {
        size_t n = windows_read(site->grid[i].calendar, window, STORE_WINDOWS_MAX);
        *ret_windows += n != SIZE_MAX ? n : 0;
        *ret_weeks += site->grid[i].foreign_by_hour != NULL;
    }
}

static void meter_of(const struct store_grid_node *in, struct sched_meter_conf *out)
{
    if (in->meter_silent_after_s <= 0)
        return;
    out->present = true;
    out->includes_points = in->meter_includes;
    out->silent_after_ms = in->meter_silent_after_s * INT64_C(1000);
    memcpy(out->guard_ma, in->meter_guard_ma, sizeof(out->guard_ma));
    memcpy(out->silent_ma, in->meter_silent_ma, sizeof(out->silent_ma));
}

/* That of the nearest node above, where it has none. */
static void place_of_node(const struct build *b, const struct store_grid_node *in,
                          struct sched_node_conf *out)
{
    out->has_place = in->lat_e7 != STORE_ABSENT && in->lon_e7 != STORE_ABSENT;
    if (out->has_place) {
        out->lat_deg = (double)in->lat_e7 / 1e7;
        out->lon_deg = (double)in->lon_e7 / 1e7;
    } else if (out->parent >= 0) {
        const struct sched_node_conf *above = &b->node[out->parent];
        out->has_place = above->has_place;
        out->lat_deg = above->lat_deg;
        out->lon_deg = above->lon_deg;
    }
}

static bool build_capacity(struct build *b, const struct store_site *site, char *ret_text,
                           size_t size)
{
    size_t n_windows, n_weeks, week = 0;
    struct store_window read[STORE_WINDOWS_MAX];
    count_capacity(site, &n_windows, &n_weeks);
    b->window = calloc(n_windows + 1, sizeof(*b->window));
    b->hour_ma = calloc(n_weeks * STORE_HOURS + 1, sizeof(*b->hour_ma));
    if (b->window == NULL || b->hour_ma == NULL)
        return false;
    struct sched_window *next = b->window;
    for (size_t i = 0; i < site->n_grid; i++) {
        const struct store_grid_node *in = &site->grid[i];
        struct sched_node_conf *out = &b->node[i];
        size_t n = windows_read(in->calendar, read, STORE_WINDOWS_MAX);
        out->window = next;
        out->n_windows = n != SIZE_MAX ? n : 0;
        for (size_t k = 0; k < out->n_windows; k++)
            window_of(&read[k], next++);
        if (in->foreign_by_hour != NULL) {
            int32_t(*hours)[3] = &b->hour_ma[STORE_HOURS * week++];
            out->foreign_hour_ma = (const int32_t(*)[3])hours;
            if (!hours_read(in->foreign_by_hour, hours)) {
                snprintf(ret_text, size, "grid node %.48s: foreign_by_hour_a cannot be read",
                         in->id);
                return false;
            }
        }
        meter_of(in, &out->meter);
        place_of_node(b, in, out);
        out->green = in->green != STORE_GREEN_OFF;
    }
    return true;
}

static bool build_nodes(struct build *b, const struct store_site *site, char *ret_text, size_t size)
{
    b->node = calloc(site->n_grid + 1, sizeof(*b->node));
    if (b->node == NULL)
        return false;
    for (size_t i = 0; i < site->n_grid; i++) {
        const struct store_grid_node *in = &site->grid[i];
        struct sched_node_conf *out = &b->node[i];
        size_t parent = in->parent != NULL ? build_node(b, in->parent) : SIZE_MAX;
        out->parent = parent < i ? (int32_t)parent : -1;
        if (in->parent != NULL && out->parent < 0) {
            snprintf(ret_text, size, "grid node %.48s comes before its parent %.48s", in->id,
                     in->parent);
            return false;
        }
        memcpy(out->limit_ma, in->limit_ma, sizeof(out->limit_ma));
        memcpy(out->foreign_ma, in->foreign_ma, sizeof(out->foreign_ma));
        out->single_max_ma = in->single_max_ma;
    }
    return true;
}

static bool build_points(struct build *b, const struct store_site *site)
{
    const struct store_station *s = NULL;
    b->point = calloc(site->n_connectors + 1, sizeof(*b->point));
    b->place = calloc(site->n_connectors + 1, sizeof(*b->place));
    b->connector = calloc(site->n_connectors + 1, sizeof(struct connector *));
    if (b->point == NULL || b->place == NULL || b->connector == NULL)
        return false;
    for (size_t i = 0; i < site->n_connectors; i++) {
        const struct store_connector *k = &site->connector[i];
        if (s == NULL || strcmp(s->id, k->station) != 0) {
            size_t place = place_of(b->station_id, b->n_stations, k->station);
            s = place != SIZE_MAX ? &site->station[place] : NULL;
        }
        if (s == NULL || s->decommissioned || s->grid_node == NULL)
            continue;
        size_t node = build_node(b, s->grid_node);
        if (node == SIZE_MAX)
            continue;
        b->place[b->n_points] = i;
        b->point[b->n_points++] = point_of(s, k, (int32_t)node);
    }
    return true;
}

bool build_make(struct build *b, const struct store_site *site, char *ret_text, size_t size)
{
    *b = (struct build){ .node = NULL };
    snprintf(ret_text, size, "out of memory");
    return build_names(b, site) && build_nodes(b, site, ret_text, size) &&
           build_capacity(b, site, ret_text, size) && build_points(b, site);
}

/* Wall clock of the towns that we serve. */
static int64_t local_ms(int64_t utc_ms)
{
    return utc_ms + cal_offset_s(utc_ms) * INT64_C(1000);
}

struct sched_conf build_conf(const struct build *b, struct sched_tuning tuning)
{
    return (struct sched_conf){ .node = b->node,
                                .n_nodes = b->n_nodes,
                                .point = b->point,
                                .n_points = b->n_points,
                                .tuning = tuning,
                                .local_ms = local_ms };
}
