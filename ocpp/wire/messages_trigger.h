/*
 * Messages of the feature profile Remote Trigger.
 *
 * See messages.h for how values are represented.
 */
#ifndef OCPP_WIRE_MESSAGES_TRIGGER_H
#define OCPP_WIRE_MESSAGES_TRIGGER_H

#include "ocpp/wire/field.h"

/* TriggerMessage.req, OCPP 1.6 section 6.51. */
struct ocpp_trigger_message_req {
    int32_t requested_message; /* OCPP_MESSAGE_TRIGGER_* */
    int32_t connector_id;      /* >= 1 */
};

/* TriggerMessage.conf, OCPP 1.6 section 6.52. */
struct ocpp_trigger_message_conf {
    int32_t status; /* OCPP_TRIGGER_MESSAGE_STATUS_* */
};

extern const struct ocpp_object ocpp_trigger_message_req_object;
extern const struct ocpp_object ocpp_trigger_message_conf_object;

#endif
