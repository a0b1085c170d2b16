/* Readings of live meters: of one node, or of all nodes at one address (API.md). */
#include <stdio.h>
#include <string.h>

#include "cmd/noxd/jout.h"
#include "cmd/noxd/route.h"
#include "cmd/noxd/uplink.h"

/* What counts now as other load at the node, and why. */
static void answer_taken(struct request *r, const char *node, const int32_t ma[3], int64_t at_ms,
                         bool taken)
{
    struct central_node_view v;
    size_t i;
    jout_open(&r->out, NULL, '{');
    jout_bool(&r->out, "taken", taken);
    jout_text(&r->out, "node", node);
    jout_amps3_of32(&r->out, "reading_a", ma);
    jout_time(&r->out, "at", at_ms);
    if (!taken)
        jout_text(&r->out, "why", "a later reading has come before");
    if (central_node_find(r->admin->options.central, node, &i) &&
        central_node_view(r->admin->options.central, i, admin_now(r->admin), &v)) {
        jout_amps3_of32(&r->out, "foreign_a", v.capacity.foreign_ma);
        jout_text(&r->out, "foreign_why", v.capacity.foreign_why);
    }
    jout_close(&r->out, '}');
    request_answer(r, 200);
}

/* Nothing to be read in it, which is all right: network servers tell more than readings. */
static void answer_ignored(struct request *r, const char *why)
{
    jout_open(&r->out, NULL, '{');
    jout_bool(&r->out, "taken", false);
    jout_text(&r->out, "why", why);
    jout_close(&r->out, '}');
    request_answer(r, 200);
}

static void take(struct request *r, const struct central_node_view *node, const struct uplink *u)
{
    struct admin *a = r->admin;
    struct uplink_paths paths = { node->meter.fields, node->meter.unit };
    char path[UPLINK_DEVICE_MAX + 1] = "", text[UPLINK_TEXT], id[64];
    int32_t ma[3];
    int64_t at_ms;
    if (!uplink_read(u, &paths, admin_now(a).utc_ms, ma, &at_ms, path, text)) {
        request_fail(r, 422, "invalid-data", path[0] != '\0' ? path : NULL, "%s", text);
        return;
    }
    snprintf(id, sizeof(id), "%s", node->id);
    enum central_meter_rc rc = central_meter(a->options.central, id, ma, at_ms, admin_now(a));
    loop_run_due(a->options.loop);
    answer_taken(r, id, ma, at_ms, rc == CENTRAL_METER_TAKEN);
}

void route_grid_meter(struct request *r)
{
    struct central_node_view node;
    struct uplink u;
    char text[UPLINK_TEXT];
    if (!route_grid_node(r, &node))
        return;
    if (!node.meter.present) {
        request_fail(r, 409, "conflict", NULL,
                     "%s has no meter: give it one in the list `grid` of the apply file, "
                     "\"meter\": {\"guard_a\": 6, \"silent_a\": 40}",
                     node.id);
        return;
    }
    if (!uplink_open(r->json, &u, text, sizeof(text)))
        request_fail(r, 422, "invalid-data", NULL, "%s", text);
    else if (u.form != UPLINK_PLAIN && u.values == NULL && node.meter.fields == NULL)
        answer_ignored(r, "the message is no uplink with a decoded payload");
    else
        take(r, &node, &u);
    uplink_done(&u);
}

static bool find_device(const struct request *r, const struct uplink *u,
                        struct central_node_view *ret_node)
{
    const struct admin *a = r->admin;
    const char *device;
    for (size_t i = 0; central_node_device(a->options.central, i, &device); i++)
        if (device != NULL && uplink_is_of(u, device))
            return central_node_view(a->options.central, i, admin_now(a), ret_node);
    return false;
}

void route_grid_meters(struct request *r)
{
    struct central_node_view node;
    struct uplink u;
    char text[UPLINK_TEXT];
    bool good = uplink_open(r->json, &u, text, sizeof(text));
    bool named = u.id[0] != '\0' || u.eui[0] != '\0';
    if (!named)
        request_fail(r, 422, "invalid-data", "device",
                     "device: is missing: name it, or send the reading to "
                     "/v1/grid/NODE/meter");
    else if (!find_device(r, &u, &node))
        answer_ignored(r, "no node has this device as its meter");
    else if (!good)
        request_fail(r, 422, "invalid-data", NULL, "%s", text);
    else if (u.form != UPLINK_PLAIN && u.values == NULL)
        answer_ignored(r, "the message is no uplink with a decoded payload");
    else
        take(r, &node, &u);
    uplink_done(&u);
}
