/*
 * What can go wrong in the street, each switched on by `--fault NAME[=RATE]`.
 */
#ifndef CMD_NOXSIM_FAULTS_H
#define CMD_NOXSIM_FAULTS_H

#include <stdbool.h>
#include <stddef.h>

enum fault {
    FAULT_LINK,
    FAULT_HALF_OPEN,
    FAULT_LOST_ANSWERS,
    FAULT_REBOOT,
    FAULT_SLOW,
    FAULT_WRONG_CLOCK,
    FAULT_IGNORES_PROFILES,
    FAULT_IGNORES_LEASES,
    FAULT_REJECT_PROFILES,
    FAULT_FORGETFUL,
    FAULT_DOWNLOAD_CUT,
    FAULT_END
};

struct fault_row {
    const char *name;
    const char *unit;    /* of the rate, for people */
    double usual;        /* rate when none is given */
    double most;         /* largest rate that makes sense */
    const char *summary; /* one sentence */
};

struct faults {
    double rate[FAULT_END]; /* 0 = off */
    const char
        *only[FAULT_END]; /* ids with commas between: only these stations; NULL = all; lent */
};

const struct fault_row *fault_row(enum fault fault);

/**
 * Switch a fault on.
 *
 * @param text      "link", "link=4", "forgetful@L001,L002" or "link=4@L001"; must live as long as
 * faults
 * @param ret_text  one sentence on failure
 */
bool faults_parse(struct faults *faults, const char *text, char *ret_text, size_t size);

/** Rate at a station: 0 where it is not among those that the fault is for. */
double fault_rate(const struct faults *faults, enum fault fault, const char *station);

#endif
