/*
 * Other people's rules, to compare with: one cabinet, perfect stations, perfect knowledge.
 *
 * Each rule decides anew every period, and at each arrival, departure and full car; what it decides
 * is in force at once.  The strict orders (first-come, EDF, LLF) give one car after the other the
 * most that is feasible, as ACN-Sim's sorted algorithms do; round robin gives one more step to each
 * in turn until nobody fits.  `maxmin`, `edf6` and `edzl` are plain forms of SCHEDULER sections 4
 * and 5.2 and of our own rule for known departures, without ledger, leases, measurements or
 * reaction times.
 */
#ifndef TESTS_SCHEDULER_QUALITY_RULES_H
#define TESTS_SCHEDULER_QUALITY_RULES_H

#include "scheduler/replay.h"

enum rule {
    RULE_UNCONTROLLED, /* everybody all he takes, whatever the limit */
    RULE_FCFS,         /* who came first */
    RULE_ROUND_ROBIN,  /* equal shares, in order of arrival */
    RULE_EDF,          /* who leaves first */
    RULE_LLF,          /* who has least time to spare */
    RULE_MAXMIN,       /* turns by ampere-hours with hold and credit, equal shares */
    RULE_EDF6,         /* everybody's minimum by departure, the rest by departure */
    RULE_EDZL,         /* who has no time to spare, then who leaves first; nothing left unused */
    N_RULES,
};
extern const char *const rule_name[N_RULES];

struct rule_input {
    const struct replay_session *session; /* phases, car_ma and min_ma given */
    size_t n;
    int32_t cap_ma[3], step_ma, volt;
    int64_t period_ms;
};

struct rule_result {
    struct replay_session_result *session; /* n, the caller's */
    int64_t n_commands;                    /* changes of a limit */
    int64_t drawn_ma[3];                   /* worst */
};

/** @return false when out of memory */
bool rule_run(enum rule rule, const struct rule_input *in, struct rule_result *ret);

#endif
