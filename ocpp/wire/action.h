/*
 * The table of all actions of OCPP 1.6: 28 of the standard, 11 of the security white paper.
 */
#ifndef OCPP_WIRE_ACTION_H
#define OCPP_WIRE_ACTION_H

#include "ocpp/wire/field.h"
#include "ocpp/wire/messages.h"

/* In alphabetical order of the names. */
enum ocpp_action_id {
    OCPP_AUTHORIZE = 1,
    OCPP_BOOT_NOTIFICATION,
    OCPP_CANCEL_RESERVATION,
    OCPP_CERTIFICATE_SIGNED,
    OCPP_CHANGE_AVAILABILITY,
    OCPP_CHANGE_CONFIGURATION,
    OCPP_CLEAR_CACHE,
    OCPP_CLEAR_CHARGING_PROFILE,
    OCPP_DATA_TRANSFER,
    OCPP_DELETE_CERTIFICATE,
    OCPP_DIAGNOSTICS_STATUS_NOTIFICATION,
    OCPP_EXTENDED_TRIGGER_MESSAGE,
    OCPP_FIRMWARE_STATUS_NOTIFICATION,
    OCPP_GET_COMPOSITE_SCHEDULE,
    OCPP_GET_CONFIGURATION,
    OCPP_GET_DIAGNOSTICS,
    OCPP_GET_INSTALLED_CERTIFICATE_IDS,
    OCPP_GET_LOCAL_LIST_VERSION,
    OCPP_GET_LOG,
    OCPP_HEARTBEAT,
    OCPP_INSTALL_CERTIFICATE,
    OCPP_LOG_STATUS_NOTIFICATION,
    OCPP_METER_VALUES,
    OCPP_REMOTE_START_TRANSACTION,
    OCPP_REMOTE_STOP_TRANSACTION,
    OCPP_RESERVE_NOW,
    OCPP_RESET,
    OCPP_SECURITY_EVENT_NOTIFICATION,
    OCPP_SEND_LOCAL_LIST,
    OCPP_SET_CHARGING_PROFILE,
    OCPP_SIGN_CERTIFICATE,
    OCPP_SIGNED_FIRMWARE_STATUS_NOTIFICATION,
    OCPP_SIGNED_UPDATE_FIRMWARE,
    OCPP_START_TRANSACTION,
    OCPP_STATUS_NOTIFICATION,
    OCPP_STOP_TRANSACTION,
    OCPP_TRIGGER_MESSAGE,
    OCPP_UNLOCK_CONNECTOR,
    OCPP_UPDATE_FIRMWARE,
    OCPP_ACTION_END /* one more than the last */
};

enum ocpp_direction {
    OCPP_FROM_STATION = 1, /* the station calls */
    OCPP_TO_STATION = 2,   /* the central system calls */
};

struct ocpp_action {
    enum ocpp_action_id id;
    const char *name;
    unsigned direction;  /* OCPP_FROM_STATION, OCPP_TO_STATION or both */
    const char *profile; /* feature profile: "Core", "SmartCharging", ..., "Security" */
    const char *section; /* where the standard describes it */
    const char *summary; /* one sentence */
    const struct ocpp_object *req, *conf;
    size_t req_size, conf_size; /* of the structs */
};

/** @return the action with exactly this name (case matters, OCPP-J 4.2.1), or NULL */
const struct ocpp_action *ocpp_action_find(const char *name);

/** @return the action, or NULL if id is none */
const struct ocpp_action *ocpp_action_get(enum ocpp_action_id id);

/** @return all actions in order of their ids */
const struct ocpp_action *ocpp_actions(size_t *ret_n);

/** @return the name most like a wrong one, for "did you mean"; NULL if none is similar */
const char *ocpp_action_nearest(const char *name);

/** Append a reference for people: members with type, need, limits and values. */
void ocpp_describe(const struct ocpp_action *action, struct ocpp_text *out);

/** Append the same as JSON; false if memory ran out. */
bool ocpp_describe_json(const struct ocpp_action *action, struct ocpp_text *out);

#endif
