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

/* Mean times between, 0 = never; chances in thousandths. */
struct street_faults {
    int64_t cut_every_ms, down_ms; /* per station */
    int32_t half_open;             /* of cuts are noticed late */
    int64_t reboot_every_ms;       /* per station */
    int64_t restart_every_ms;      /* of the back end */
    int64_t rebuild_every_ms;      /* new configuration, perhaps with other safe currents */
    int64_t cap_every_ms;          /* a limit changes */
    int64_t clock_back_every_ms;   /* our clock is set back by up to 2 s */
    int64_t delay_ms;              /* of a message */
    int32_t slow;                  /* messages take up to a minute */
    int32_t request_lost, answer_lost, rejected, repeated;
    int32_t unwritten; /* a covered limit is sent and never written */
    int64_t skew_ms;   /* clocks of stations are off by up to this */
};

struct street_life {
    int64_t gone_ms, stay_ms; /* of a car: mean time away and at the point */
    int64_t meter_every_ms;
    int32_t single_phase, pausing; /* of cars, in thousandths */
    int32_t car_ma;                /* most a car takes; 0 = from 5 to 32 A, by chance */
};

struct street_stats {
    int64_t n_events, n_commands, n_sessions, n_switches, n_rounds;
    int64_t worst_round_entries;
    double allowed_part; /* of the capacity of node 0 in use by limits in force, while cars want */
    double jain;         /* of energy per time present, over sessions that are or were there */
    double jain_least;
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
