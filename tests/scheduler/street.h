/*
 * A street in virtual time: model charge points and cars on one side, a back end that carries out
 * what the balancer decides on the other, and a network that loses, delays, repeats and breaks
 * between them.
 *
 * The oracle is what the stations have really installed, not the ledger: after every event the sum
 * of it is compared with the limits of the grid, and each station with what the ledger counts.
 */
#ifndef TESTS_SCHEDULER_STREET_H
#define TESTS_SCHEDULER_STREET_H

#include "scheduler/plan.h"

/* Where in a durable write the process ends. */
enum street_death {
    DIES_BEFORE, /* nothing is written, nothing sent */
    DIES_AFTER,  /* it is written, what depends on it is not done */
    DIES_SENT,   /* what it allowed is on the wire and arrives; the answer finds nobody */
    STREET_DEATHS,
};

/* Mean times between, 0 = never; chances in thousandths. */
struct street_faults {
    int64_t cut_every_ms, down_ms; /* per station */
    int32_t half_open;             /* of cuts are noticed late, by one to ten minutes */
    int64_t reboot_every_ms;       /* per station */
    int64_t restart_every_ms;      /* of the back end */
    int64_t rebuild_every_ms;      /* new configuration, perhaps with other safe currents */
    int64_t cap_every_ms;          /* a limit changes */
    int64_t clock_back_every_ms;   /* our clock is set back by up to 2 s */
    int64_t delay_ms;              /* of a message: about this, or its median with a spread */
    int32_t spread_e2;             /* log-normal, up to a minute: sigma of the logarithm, x 100 */
    int32_t request_lost, answer_lost, rejected, repeated;
    int32_t unwritten;     /* covered limits are sent and never written: a full disk */
    int32_t told_lost;     /* of what stations tell; they say it again, samples are lost */
    int64_t skew_ms;       /* clocks of stations are off by up to this */
    bool clock_jumps;      /* clocks are set right after a reboot */
    int32_t dies_at_write; /* of durable writes are the last thing that the back end does */
    int64_t dies_at;       /* the number of the write at which it dies, from 1; 0 = chance alone */
    enum street_death death; /* at that write */
};

struct street_life {
    int64_t gone_ms, stay_ms; /* of a car: mean time away and at the point */
    int64_t meter_every_ms;
    int32_t single_phase, pausing; /* of cars, in thousandths */
    int32_t two_phase;             /* takes two of three phases */
    int32_t sleepy;                /* does not come back after it was turned off */
    int32_t part_taker;            /* takes a fixed part of what it is offered */
    int32_t stops_early;           /* takes nothing below 8 A */
    int32_t phase_changer;         /* uses one phase now and all of them later, and back */
    int32_t car_ma;                /* most a car takes; 0 = from 5 to 32 A, by chance */
};

struct street_stats {
    int64_t n_events, n_commands, n_sessions, n_switches, n_rounds;
    int64_t worst_round_entries;
    double allowed_part; /* of the capacity of node 0 in use by limits in force, while cars want */
    double jain;         /* of energy per time present, over sessions that are or were there */
    double jain_least;
    int64_t n_cuts, n_half_open, n_reboots, n_restarts, n_rebuilds, n_caps, n_clocks, n_jumps;
    int64_t n_unwritten;
    int64_t n_lost, n_late, n_rejected, n_repeated, n_deaths, n_writes;
    int64_t n_slept, n_changed_phases;
    int64_t station_ms;      /* stations times time */
    double worst_allowed;    /* largest part of a capacity that profiles in force have allowed while
                                no step without notice was being carried out */
    int64_t n_checks;        /* of a sum against a capacity */
    int64_t n_steps_in_time; /* looks at current drawn, 30 s and more after such a step */
};

struct street;

/** @param conf  copied; what the stations have installed agrees with its flags */
struct street *street_new(const struct sched_conf *conf, const struct street_faults *faults,
                          const struct street_life *life, uint64_t seed);
void street_free(struct street *street);

/* All cars arrive in the first minute and stay. */
void street_rush(struct street *street);

/* From now on there are no faults any more; cut links come back. */
void street_calm(struct street *street);

/** @return NULL, or what went wrong first (valid as long as the street) */
const char *street_run(struct street *street, int64_t for_ms);

/* Count allowed_part from now on. */
void street_measure(struct street *street);
void street_stats(const struct street *street, struct street_stats *ret);
const struct sched *street_sched(const struct street *street);

uint64_t street_random(uint64_t *state);

#endif
