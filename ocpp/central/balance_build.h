/*
 * What the scheduler is made from, made from a site: the grid tree with its capacity over time, and
 * the points.  Pure; used on the loop and on workers.
 */
#ifndef OCPP_CENTRAL_BALANCE_BUILD_H
#define OCPP_CENTRAL_BALANCE_BUILD_H

#include "ocpp/central/state.h"

/* Where an id stands in its list of the site. */
struct named {
    const char *id;
    size_t place;
};

struct build {
    struct sched_node_conf *node;
    struct sched_point_conf *point;
    struct sched_window *window;        /* of all nodes */
    int32_t (*hour_ma)[3];              /* the same, STORE_HOURS each */
    size_t *place;                      /* of each point in the site's connectors */
    struct connector **connector;       /* of each point; NULL when only checking */
    struct named *node_id, *station_id; /* in order of their ids */
    size_t n_nodes, n_points, n_stations;
};

/* @return false with one sentence; build_done() ends it in any case */
bool build_make(struct build *b, const struct store_site *site, char *ret_text, size_t size);
void build_done(struct build *b);
/* Place of a grid node in the site, SIZE_MAX = it is not there. */
size_t build_node(const struct build *b, const char *id);
/* Lends what is in the build. */
struct sched_conf build_conf(const struct build *b, struct sched_tuning tuning);

#endif
