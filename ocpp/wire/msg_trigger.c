/*
 * Tables of the feature profile Remote Trigger.
 */
#include "ocpp/wire/messages.h"
#include "ocpp/wire/rows.h"

#define T struct ocpp_trigger_message_req
static const struct ocpp_field trigger_message_req_fields[] = {
    OCPP_ENUM(T, requested_message, "requestedMessage", message_trigger),
    OCPP_OPT_INT(T, connector_id, "connectorId", 1, INT32_MAX),
};
#undef T
OCPP_OBJECT_TABLE(trigger_message_req, "TriggerMessage.req", trigger_message_req_fields, false);

#define T struct ocpp_trigger_message_conf
static const struct ocpp_field trigger_message_conf_fields[] = {
    OCPP_ENUM(T, status, "status", trigger_message_status),
};
#undef T
OCPP_OBJECT_TABLE(trigger_message_conf, "TriggerMessage.conf", trigger_message_conf_fields, true);
