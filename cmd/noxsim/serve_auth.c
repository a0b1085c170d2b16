/* Local authorization list (sections 5.10, 5.15) and reservations (5.1, 5.13). */
#include "cmd/noxsim/serve.h"

void on_get_local_list_version(const struct request *r, const void *msg)
{
    (void)msg;
    struct ocpp_get_local_list_version_conf conf = { .list_version = r->point->local_list.version };
    serve_answer(r, &conf);
}

void on_send_local_list(const struct request *r, const void *msg)
{
    struct point *p = r->point;
    int32_t status =
        local_list_update(&p->local_list, msg, (size_t)keys_int(&p->keys, KEY_LOCAL_LIST_MAX),
                          (size_t)keys_int(&p->keys, KEY_SEND_LOCAL_LIST_MAX));
    if (status == OCPP_UPDATE_STATUS_ACCEPTED) {
        p->local_list_changed = true;
        p->env->counters.lists_accepted++;
    }
    serve_status(r, status);
}

void on_reserve_now(const struct request *r, const void *msg)
{
    struct point *p = r->point;
    struct reservable_connector connector[SITE_CONNECTORS_MAX];
    for (size_t i = 0; i < p->n_outlets; i++)
        connector[i] = (struct reservable_connector){ .number = p->outlet[i].number,
                                                      .is = outlet_reservable(&p->outlet[i]) };
    serve_status(r, reservations_set(&p->reservations, msg, connector, p->n_outlets,
                                     keys_bool(&p->keys, KEY_RESERVE_CONNECTOR_ZERO),
                                     point_utc_ms(p)));
}

void on_cancel_reservation(const struct request *r, const void *msg)
{
    const struct ocpp_cancel_reservation_req *req = msg;
    serve_status(r, reservations_cancel(&r->point->reservations, req->reservation_id)
                        ? OCPP_CANCEL_RESERVATION_STATUS_ACCEPTED
                        : OCPP_CANCEL_RESERVATION_STATUS_REJECTED);
}
