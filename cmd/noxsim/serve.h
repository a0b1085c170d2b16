/*
 * Requests of the central system: what the handlers in serve*.c share.
 */
#ifndef CMD_NOXSIM_SERVE_H
#define CMD_NOXSIM_SERVE_H

#include "cmd/noxsim/point_state.h"

struct request {
    struct point *point;
    const struct ocpp_action *action;
    const struct ocpp_frame *frame;
};

void serve_answer(const struct request *r, const void *conf);
/* Confirmations that consist of a status. */
void serve_status(const struct request *r, int32_t status);
void serve_refuse(struct point *p, const struct ocpp_frame *frame, enum ocpp_error_code code,
                  const char *text);

/* serve_auth.c: local list and reservations */
void on_get_local_list_version(const struct request *r, const void *msg);
void on_send_local_list(const struct request *r, const void *msg);
void on_reserve_now(const struct request *r, const void *msg);
void on_cancel_reservation(const struct request *r, const void *msg);

/* files.c: firmware, diagnostics, logs */
void on_update_firmware(const struct request *r, const void *msg);
void on_signed_update_firmware(const struct request *r, const void *msg);
void on_get_diagnostics(const struct request *r, const void *msg);
void on_get_log(const struct request *r, const void *msg);
/* What TriggerMessage is told. */
int32_t files_firmware_status(const struct point *p);
int32_t files_diagnostics_status(const struct point *p);
void files_trigger_signed(struct point *p);
void files_trigger_log(struct point *p);

#endif
