/*
 * Charging sessions played through a real balancer in virtual time: what would have been delivered?
 *
 * The sessions (who came when, left when, wanted how much) meet the same code as the street's, with
 * stations that are always in reach.  Used for "what if this feeder had 80 A" and to compare rules.
 * Event-driven: a month of 32 points takes a second or two.  Pure: no clock, no I/O; allocates at
 * the start of a run only.
 *
 * Times are UTC milliseconds, currents mA per phase, phases 0..2 are grid phases.  Energy is
 * counted in whole mA x ms x V and shown in Wh, rounded down.
 */
#ifndef SCHEDULER_REPLAY_H
#define SCHEDULER_REPLAY_H

#include "scheduler/plan.h"

struct replay_session {
    size_t point;
    int64_t arrive_ms,
        leave_ms;      /* leave > arrive; on one point, who comes later ends who is there */
    int64_t energy_wh; /* what the car wants in all, 0..1,000,000 */
    uint8_t phases;    /* bit p set: the car charges on grid phase p; 0 = on all that are wired */
    int32_t car_ma;    /* most it takes; 0 = the point's rating */
    int32_t min_ma;    /* of less it takes nothing; 0 = the point's min_ma */
    int64_t tail_wh;   /* the last of its energy, taken at a current that falls to 0; 0 = none */
    bool told;         /* its driver gave departure and energy */
};

/* From at_ms on the node has another limit (sched_set_limit()). */
struct replay_change {
    int64_t at_ms;
    size_t node;
    int32_t limit_ma[3], foreign_ma[3];
};

/* An external cap, known to the balancer from told_ms on (sched_cap_set()); those that it knows
 * from the beginning may as well be in the configuration. */
struct replay_cap {
    int64_t told_ms;
    size_t node;
    struct sched_cap cap;
};

struct replay_options {
    int64_t from_ms, until_ms; /* stays are cut to this time; both 0 = all of them */
    int64_t answer_ms;         /* until a station has taken a limit and said so; 0 = at once */
    int64_t meter_ms;          /* meter values this often while a car is there; 0 = none */
    int32_t volt;              /* phase to neutral, 1..1000 */
    bool silent_cars;          /* stations do not say when a car is full: it must be measured */
    bool phases_known;         /* the phases of a car need not be learnt: to see what that costs */
    const struct replay_change *change; /* in order of time */
    size_t n_changes;
    const struct replay_cap *cap; /* in order of told_ms */
    size_t n_caps;
    /* What a kWh costs (struct sched_factor), in order; cost is counted by it.  green: all roots
     * know it, and consumption moves into the better hours. */
    const struct sched_factor *factor;
    size_t n_factors;
    bool green;
    /* Asked about once in a day of virtual time; false ends the run.  May be NULL. */
    bool (*go_on)(void *arg, int64_t at_ms);
    void *arg;
};
/* Answers at once, meter values each minute, 230 V, full cars say so. */
struct replay_options replay_default_options(void);

struct replay_session_result {
    bool played;         /* its stay lies in the time that was played */
    int64_t received_wh; /* <= energy_wh */
    int64_t plugged_ms;  /* as played */
    int64_t cost;        /* received, Wh times factor, where it is known */
    int64_t on_ms;       /* offered enough to charge, and not full */
    int32_t n_switches;  /* turned off before it was full, and on again; not its first start */
};

struct replay_node_result {
    int64_t allowed_ma[3];    /* worst: sum of the limits in force at the points below */
    int64_t drawn_ma[3];      /* worst: sum of what the cars below drew */
    int64_t over_ma[3];       /* worst by which allowed was above the capacity of the moment */
    int64_t excess_ms[3];     /* longest time on end during which it was */
    int64_t drawn_over_ma[3]; /* the same of what was drawn */
    int64_t drawn_excess_ms[3];
};

struct replay_result {
    struct replay_session_result *session; /* n_sessions, in the order given */
    struct replay_node_result *node;       /* n_nodes */
    size_t n_played, n_fully_met;          /* fully met: all but 1 % and 50 Wh of its energy */
    int64_t asked_wh, received_wh;
    int32_t jain_e4;           /* Jain's index of received/asked over who asked for energy, 10^-4 */
    int64_t plugged_ms;        /* sum over all sessions */
    int64_t n_switches;        /* sum; of these: */
    int64_t n_tries;           /* turned off within five minutes: to see which phases it uses */
    int64_t n_turns;           /* turned off after longer */
    int64_t n_pauses;          /* on again within five minutes, as when it stood back for a try */
    int64_t n_commands;        /* limits sent to stations */
    int64_t n_rounds;          /* of the balancer */
    int64_t from_ms, until_ms; /* what was played; from == until: nothing */
    bool complete;             /* false: go_on() ended it, figures are up to then */
};

/**
 * All points count as connected, with their safe current installed.  Unmanaged points give cars
 * their rating.
 *
 * @param ret  on success; release with replay_result_done()
 * @return false when out of memory, the configuration is inconsistent (sched_check()), or a session
 *         or change names what is not there or has figures out of range
 */
bool replay_run(const struct sched_conf *conf, const struct replay_session *session,
                size_t n_sessions, const struct replay_options *options, struct replay_result *ret);
void replay_result_done(struct replay_result *result);

/** @return grid phases of a car that uses the first n_phases (1..3) terminals of a point */
uint8_t replay_car_phases(const struct sched_point_conf *point, int n_phases);

#endif
