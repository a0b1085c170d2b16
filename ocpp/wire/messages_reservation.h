/*
 * Messages of the feature profile Reservation.
 *
 * See messages.h for how values are represented.
 */
#ifndef OCPP_WIRE_MESSAGES_RESERVATION_H
#define OCPP_WIRE_MESSAGES_RESERVATION_H

#include "ocpp/wire/field.h"

/* CancelReservation.req, OCPP 1.6 section 6.5. */
struct ocpp_cancel_reservation_req {
    int32_t reservation_id;
};

/* CancelReservation.conf, OCPP 1.6 section 6.6. */
struct ocpp_cancel_reservation_conf {
    int32_t status; /* OCPP_CANCEL_RESERVATION_STATUS_* */
};

/* ReserveNow.req, OCPP 1.6 section 6.37. */
struct ocpp_reserve_now_req {
    int32_t connector_id; /* >= 0 */
    int64_t expiry_date_ms;
    const char *id_tag;        /* CiString20 */
    const char *parent_id_tag; /* CiString20 */
    int32_t reservation_id;
};

/* ReserveNow.conf, OCPP 1.6 section 6.38. */
struct ocpp_reserve_now_conf {
    int32_t status; /* OCPP_RESERVATION_STATUS_* */
};

extern const struct ocpp_object ocpp_cancel_reservation_req_object;
extern const struct ocpp_object ocpp_cancel_reservation_conf_object;
extern const struct ocpp_object ocpp_reserve_now_req_object;
extern const struct ocpp_object ocpp_reserve_now_conf_object;

#endif
