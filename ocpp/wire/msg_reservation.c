/*
 * Tables of the feature profile Reservation.
 */
#include "ocpp/wire/messages.h"
#include "ocpp/wire/rows.h"

#define T struct ocpp_cancel_reservation_req
static const struct ocpp_field cancel_reservation_req_fields[] = {
    OCPP_INT(T, reservation_id, "reservationId", -INT32_MAX, INT32_MAX),
};
#undef T
OCPP_OBJECT_TABLE(cancel_reservation_req, "CancelReservation.req", cancel_reservation_req_fields,
                  false);

#define T struct ocpp_cancel_reservation_conf
static const struct ocpp_field cancel_reservation_conf_fields[] = {
    OCPP_ENUM(T, status, "status", cancel_reservation_status),
};
#undef T
OCPP_OBJECT_TABLE(cancel_reservation_conf, "CancelReservation.conf", cancel_reservation_conf_fields,
                  true);

#define T struct ocpp_reserve_now_req
static const struct ocpp_field reserve_now_req_fields[] = {
    OCPP_INT(T, connector_id, "connectorId", 0, INT32_MAX),
    OCPP_TIME(T, expiry_date_ms, "expiryDate"),
    OCPP_STR(T, id_tag, "idTag", 20),
    OCPP_OPT_STR(T, parent_id_tag, "parentIdTag", 20),
    OCPP_INT(T, reservation_id, "reservationId", -INT32_MAX, INT32_MAX),
};
#undef T
OCPP_OBJECT_TABLE(reserve_now_req, "ReserveNow.req", reserve_now_req_fields, false);

#define T struct ocpp_reserve_now_conf
static const struct ocpp_field reserve_now_conf_fields[] = {
    OCPP_ENUM(T, status, "status", reservation_status),
};
#undef T
OCPP_OBJECT_TABLE(reserve_now_conf, "ReserveNow.conf", reserve_now_conf_fields, true);
