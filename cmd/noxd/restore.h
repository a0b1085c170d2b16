/*
 * From the database to the live state, at start: configuration, sessions, leases, lists, calls that
 * wait, reservations, profiles, certificate requests, transfers, rollouts.
 */
#ifndef CMD_NOXD_RESTORE_H
#define CMD_NOXD_RESTORE_H

#include "ocpp/central/central.h"
#include "storage/reader.h"

struct restore {
    struct reader *reader;
    struct central *central; /* fresh */
    struct instant now;
};

/** @return false with one sentence: noxd must not start with half of it */
bool restore_live(const struct restore *r, char *ret_text, size_t size);

/* The newest instant the database speaks of, STORE_ABSENT if there is none: simulated time goes on
 * from there. */
int64_t restore_newest(struct reader *reader);

#endif
