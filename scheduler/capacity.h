/*
 * Limit and foreign load of one node at any instant: fixed values, windows, hours of the week,
 * meter, external caps (struct sched_node_conf says how they add up).
 *
 * No clock; allocates only when made.
 */
#ifndef SCHEDULER_CAPACITY_H
#define SCHEDULER_CAPACITY_H

#include "scheduler/calendar.h"

struct capacity {
    int32_t limit_ma[3], foreign_ma[3];
    struct calendar calendar;
    struct sched_window *window;
    int32_t (*hour_ma)[3]; /* NULL = none */
    struct sched_meter_conf meter;
    struct sched_reading reading; /* at_ms INT64_MIN = none */
    struct sched_cap cap[SCHED_NODE_CAPS];
    size_t n_caps;

    /* By the calendar alone, a silent meter: the least of limit less foreign load, and the most of
     * foreign load, of all times. */
    int64_t least_ma[3];
    int32_t most_foreign_ma[3];
};

/* What is taken of a meter. */
enum capacity_view {
    CAPACITY_HELD,     /* what is fresh now goes on for ever: nobody planned a change */
    CAPACITY_FORECAST, /* fresh until it would be silent, then the hour's value or silent_ma */
    CAPACITY_WORST,    /* always silent */
};

/**
 * @param like  n others that are made already: what was found of a year is taken from one that has
 *              the same configuration
 * @return false when out of memory; conf has passed sched_check()
 */
bool capacity_init(struct capacity *c, const struct sched_node_conf *conf,
                   int64_t (*local_ms)(int64_t utc_ms), int64_t now_ms, const struct capacity *like,
                   size_t n);
void capacity_done(struct capacity *c);

/** @return can it change without being told? */
bool capacity_varies(const struct capacity *c);
/** @return is the last reading still fresh? */
bool capacity_is_fresh(const struct capacity *c, int64_t now_ms);

void capacity_at(const struct capacity *c, int64_t at_ms, int64_t now_ms, enum capacity_view view,
                 struct sched_capacity *ret);

/* Other fixed values from now on. */
void capacity_fix(struct capacity *c, const int32_t limit_ma[3], const int32_t foreign_ma[3],
                  int64_t now_ms);

/** @return false when there are too many */
bool capacity_cap_set(struct capacity *c, const struct sched_cap *cap, int64_t now_ms);
/** @return is there one with this id? */
bool capacity_cap_find(const struct capacity *c, int64_t id, struct sched_cap *ret);
/** @return was it here? */
bool capacity_cap_end(struct capacity *c, int64_t id);

/* The least that will ever come, with the caps that last beyond after_ms. */
void capacity_least(const struct capacity *c, int64_t after_ms, int64_t ret_ma[3]);

#endif
