#include "cmd/noxctl/call.h"

#include <string.h>

#include "cmd/noxctl/member.h"
#include "ocpp/wire/action.h"

enum { TIMEOUT_MAX_S = 600, WAIT_MAX_S = 7 * 86400 }; /* noxd waits no longer for a station */

/* What stations may say in `status`; everything else is a no. */
static const struct {
    const char *status;
    enum ctl_exit exit;
} verdicts[] = {
    { "Accepted", CTL_OK },         { "Scheduled", CTL_OK },
    { "RebootRequired", CTL_OK },   { "Unlocked", CTL_OK },
    { "AcceptedCanceled", CTL_OK }, { "Unknown", CTL_NOT_FOUND }, /* no such profile */
    { "NotFound", CTL_NOT_FOUND },
};

enum ctl_exit call_verdict(const json_t *payload)
{
    const char *status = member_text(payload, "status");
    for (size_t i = 0; i < ARRAY_SIZE(verdicts); i++)
        if (strcmp(verdicts[i].status, status) == 0)
            return verdicts[i].exit;
    return *status ? CTL_REFUSED : CTL_OK;
}

static enum ctl_exit unknown_action(const char *name)
{
    const char *near = ocpp_action_nearest(name);
    if (near)
        return ctl_fail(CTL_USAGE, "'%s' is no action of OCPP 1.6; did you mean %s?", name, near);
    return ctl_fail(CTL_USAGE, "'%s' is no action of OCPP 1.6; 'noxctl ocpp list' lists them",
                    name);
}

enum ctl_exit call_check(const char *name, json_t *payload)
{
    const struct ocpp_action *action = ocpp_action_find(name);
    if (!action)
        return unknown_action(name);
    if (!(action->direction & OCPP_TO_STATION))
        return ctl_fail(CTL_USAGE,
                        "%s is sent by stations, not to them; to send it all the same: --no-check",
                        name);
    struct ocpp_report report;
    ocpp_report_init(&report);
    if (ocpp_validate(action->req, payload, &report) == OCPP_OK)
        return CTL_OK;
    const char *separator = report.path[0] && !strstr(report.text, report.path) ? ": " : "";
    return ctl_fail(CTL_USAGE,
                    "%s%s%s (%s); 'noxctl ocpp describe %s' shows what it takes, --no-check sends "
                    "it all the same",
                    *separator ? report.path : "", separator, report.text,
                    ocpp_error_text(report.code), name);
}

json_t *call_body(const struct ctl *ctl, const char *action, json_t *payload, bool check)
{
    int64_t timeout_s = ctl->timeout_ms / 1000;
    if (timeout_s > TIMEOUT_MAX_S)
        timeout_s = TIMEOUT_MAX_S;
    json_t *body = json_pack("{sssOsIsb}", "action", action, "payload", payload, "timeout_s",
                             (json_int_t)timeout_s, "check", (int)check);
    int64_t wait_s;
    if (ctl_flag(ctl, "wait-online") && ctl_flag_int(ctl, "wait-online", 0, WAIT_MAX_S, 0, &wait_s))
        json_object_set_new(body, "wait_online_s", json_integer((json_int_t)wait_s));
    return body;
}

static enum ctl_exit judge(const json_t *answer, json_t *item)
{
    const json_t *payload = member_at(answer, "payload");
    const char *status = member_text(payload, "status");
    bool waits = strcmp(member_text(answer, "outcome"), "queued") == 0;
    json_object_set_new(item, "result",
                        json_string(waits     ? "queued"
                                    : *status ? status
                                              : "answered"));
    payload = waits ? answer : payload;
    json_object_set_new(item, "payload", payload ? json_deep_copy(payload) : json_object());
    return call_verdict(payload);
}

struct target_work call_work(void)
{
    static const struct table_column columns[] = {
        { "STATION", "station", CELL_TEXT, 0 },
        { "RESULT", "result", CELL_STATUS, 0 },
        { "EXIT", "exit", CELL_NUMBER, 0 },
        { "MESSAGE", "message", CELL_TEXT, 0 },
    };
    static const struct table table = TABLE(columns);
    return (struct target_work){
        .method = "POST",
        .path = "/v1/stations/%s/calls",
        .spare_ms = 5000,
        .judge = judge,
        .line = "result",
        .single = "payload",
        .table = &table,
    };
}

enum ctl_exit call_targets(struct ctl *ctl, size_t n_names, const char *action, json_t *payload,
                           enum ctl_exit (*show)(const struct ctl *ctl, const json_t *item))
{
    bool check = !ctl_flag(ctl, "no-check");
    enum ctl_exit rc = check ? call_check(action, payload) : CTL_OK;
    if (rc == CTL_OK) {
        json_t *body = call_body(ctl, action, payload, check);
        struct target_work work = call_work();
        work.body = body;
        work.show = show;
        rc = targets_run(ctl, n_names, &work);
        json_decref(body);
    }
    json_decref(payload);
    return rc;
}
