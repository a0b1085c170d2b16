/*
 * Requests of the central system: what the handlers in serve*.c share.
 */
#ifndef CMD_NOXSIM_SERVE_H
#define CMD_NOXSIM_SERVE_H

#include <stdio.h>

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

/* TriggerMessage: connector OCPP_INT_ABSENT = all. @param what  OCPP_MESSAGE_TRIGGER_* */
void serve_trigger(struct point *p, int32_t what, int32_t connector);

/* serve_security.c */
bool security_change(struct point *p, const char *name, const char *text, int32_t *ret_status);
/* OCPP_TIME_ABSENT = open */
void security_write_log(struct point *p, FILE *out, int64_t from_ms, int64_t to_ms);
void on_extended_trigger(const struct request *r, const void *msg);
void on_certificate_signed(const struct request *r, const void *msg);
void on_install_certificate(const struct request *r, const void *msg);
void on_delete_certificate(const struct request *r, const void *msg);
void on_get_installed_certificate_ids(const struct request *r, const void *msg);

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
