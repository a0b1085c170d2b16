/*
 * Reservations in a charge point, OCPP 1.6 sections 5.1 and 5.13.
 *
 * Pure.  A station holds few of them; nothing is allocated before the first one.  Instants are UTC
 * milliseconds of the station's clock.
 */
#ifndef CMD_NOXSIM_RESERVATIONS_H
#define CMD_NOXSIM_RESERVATIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ocpp/wire/messages_reservation.h"

struct reservation {
    int32_t id, connector; /* connector 0 = any one */
    int64_t expiry_ms;
    char tag[21], parent[21]; /* parent "" = none */
};

/* Zeroed = none. */
struct reservations {
    struct reservation *list;
    size_t n;
};

/* What a connector is doing, as far as reservations are concerned. */
enum reservable {
    RESERVABLE_FREE,
    RESERVABLE_OCCUPIED,
    RESERVABLE_UNAVAILABLE,
    RESERVABLE_FAULTED
};

struct reservable_connector {
    int32_t number;
    enum reservable is;
};

/**
 * ReserveNow; the same id replaces.
 *
 * @param connector  all of the station; reservations of others are not counted in
 * @param allows_zero  ReserveConnectorZeroSupported
 * @return OCPP_RESERVATION_STATUS_*
 */
int32_t reservations_set(struct reservations *r, const struct ocpp_reserve_now_req *req,
                         const struct reservable_connector *connector, size_t n, bool allows_zero,
                         int64_t now_ms);

/** CancelReservation. @return false if there is none with this id */
bool reservations_cancel(struct reservations *r, int32_t id);

/** Drop what expired. @return true if something did */
bool reservations_expire(struct reservations *r, int64_t now_ms);

/** @return the earliest expiry, INT64_MAX when there is none */
int64_t reservations_next_ms(const struct reservations *r);

/** The connector (0 = the whole station) is out of order: its reservations end. */
void reservations_end(struct reservations *r, int32_t connector);

/**
 * The reservation that a driver at this connector may use: of the tag or of its parent, of this
 * connector before one of connector 0.
 *
 * @param parent  NULL or "" = none known
 * @return lent until the next change, or NULL
 */
const struct reservation *reservations_of(const struct reservations *r, int32_t connector,
                                          const char *tag, const char *parent);

/**
 * Is the connector held for somebody?  Reservations of connector 0 hold the last free connectors.
 *
 * @param n_free  connectors that are free, this one among them
 */
bool reservations_hold(const struct reservations *r, int32_t connector, size_t n_free);

void reservations_done(struct reservations *r);

#endif
