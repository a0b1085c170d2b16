/* What a station's answers mean beyond the request: tables by action. */
#include "ocpp/central/state.h"

static const struct {
    enum ocpp_action_id action;
    bool always; /* also that there was no answer */
    void (*answered)(struct station *s, const json_t *payload, const struct central_reply *reply);
} observers[] = {
    { OCPP_RESERVE_NOW, true, reserve_answered },
    { OCPP_CANCEL_RESERVATION, true, cancel_answered },
    { OCPP_SET_CHARGING_PROFILE, false, profile_set_answered },
    { OCPP_CLEAR_CHARGING_PROFILE, false, profile_clear_answered },
    { OCPP_REMOTE_START_TRANSACTION, true, remote_start_answered },
    { OCPP_REMOTE_START_TRANSACTION, false, profile_start_answered },
};

void observe_reply(struct station *s, const char *action, const char *payload_json,
                   const struct central_reply *reply)
{
    const struct ocpp_action *row = ocpp_action_find(action);
    if (row == NULL || s->central->closing)
        return;
    for (size_t i = 0; i < sizeof(observers) / sizeof(observers[0]); i++) {
        if (observers[i].action != row->id ||
            (!observers[i].always && reply->outcome != CENTRAL_ANSWERED))
            continue;
        json_t *payload = json_loads(payload_json, 0, NULL);
        observers[i].answered(s, payload, reply);
        json_decref(payload);
    }
}
