/*
 * Who changed what, and why: every change by the admin API becomes an event "admin.change".
 */
#ifndef CMD_NOXD_AUDIT_H
#define CMD_NOXD_AUDIT_H

#include "cmd/noxd/request.h"

/* The request has its status; nothing happens unless it was a change that was carried out. */
void audit_note(const struct request *r);

#endif
