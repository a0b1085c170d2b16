/* Messages that are recorded for the operator and confirmed: firmware, diagnostics, logs. */
#include <string.h>

#include "ocpp/central/state.h"

/* One line for people from the payload as it came. */
static char *payload_line(const struct request *r)
{
    size_t room = json_dumpb(r->frame->payload, NULL, 0, JSON_COMPACT);
    char *line = room < 4000 ? ocpp_arena_alloc(&r->c->arena, room + 1) : NULL;
    if (line == NULL)
        return "(too long to show)";
    line[json_dumpb(r->frame->payload, line, room, JSON_COMPACT)] = '\0';
    return line;
}

static const char *event_name(enum ocpp_action_id action)
{
    switch (action) {
    case OCPP_DIAGNOSTICS_STATUS_NOTIFICATION:
    case OCPP_LOG_STATUS_NOTIFICATION:
        return "station.diagnostics";
    default:
        return "station.firmware";
    }
}

/* A transfer's row is written before the event: the answer comes after both. */
static void note_transfer(const struct request *r)
{
    const char *word = json_string_value(json_object_get(r->frame->payload, "status"));
    const json_t *id = json_object_get(r->frame->payload, "requestId");
    if (word != NULL)
        transfer_notice(r->station, r->action->id, word,
                        json_is_integer(id) ? (int64_t)json_integer_value(id) : -1, r->now);
}

/* FirmwareStatusNotification, DiagnosticsStatusNotification and the like: stored as an event,
 * confirmed after the commit. */
void on_notice(const struct request *r, const void *req)
{
    (void)req;
    struct pending *p = pending_new(r, 0);
    if (p == NULL)
        return;
    note_transfer(r);
    struct store_event event = {
        .at_ms = r->now.utc_ms,
        .name = event_name(r->action->id),
        .severity = STORE_INFO,
        .station = r->station->id,
        .connector = -1,
        .text = r->frame->payload != NULL ? payload_line(r) : "{}",
    };
    struct store_done done = { .fn = pending_done_empty, .arg = p };
    if (!store_event(r->c->options.store, &event, done))
        pending_refuse(p, STORE_FULL);
    else if (r->c->options.port.event != NULL)
        r->c->options.port.event(r->c->options.port.arg, &event);
}
