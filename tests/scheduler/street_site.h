/*
 * Streets for the simulation, made by a seed: trees, wirings, classes, cars, faults.
 */
#ifndef TESTS_SCHEDULER_STREET_SITE_H
#define TESTS_SCHEDULER_STREET_SITE_H

#include "tests/scheduler/street.h"

enum { STREET_SITE_NODES = 7, STREET_SITE_POINTS = 14 };

/* Refers to itself: not to be copied. */
struct street_site {
    struct sched_node_conf node[STREET_SITE_NODES];
    struct sched_point_conf point[STREET_SITE_POINTS];
    struct sched_conf conf;
    struct street_faults faults;
    struct street_life life;
};

/** Any of the faults and cars of SCHEDULER section 4, "Tests". */
void street_site_random(struct street_site *site, uint64_t seed);
/** A few lamps, many turns, ordinary faults. */
void street_site_small(struct street_site *site, uint64_t seed);

#endif
