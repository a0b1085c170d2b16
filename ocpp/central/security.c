/* SecurityEventNotification: kept, judged by a table, confirmed after the commit. */
#include "ocpp/central/security.h"

#include <stdio.h>
#include <string.h>

#include "ocpp/central/state.h"

/*
 * Critical ones are an alarm, except those that belong to daily work: a lamp that starts, resets,
 * gets firmware or sets its clock is in order, and nobody would look at the tenth of them.  Of the
 * others those are an alarm that mean somebody pretends to be who he is not.
 */
static const struct security_type types[] = {
    { "FirmwareUpdated", true, STORE_INFO, "new firmware is installed: daily work" },
    { "SettingSystemTime", true, STORE_INFO, "the clock was set by much: daily work" },
    { "StartupOfTheDevice", true, STORE_INFO, "the station has started: daily work" },
    { "ResetOrReboot", true, STORE_INFO, "the station restarts: daily work" },
    { "SecurityLogWasCleared", true, STORE_ALARM,
      "somebody has emptied the station's security log" },
    { "MemoryExhaustion", true, STORE_ALARM, "memory or disk of the station is full" },
    { "TamperDetectionActivated", true, STORE_ALARM,
      "the station's case was opened: somebody should look at it" },
    { "ReconfigurationOfSecurityParameters", false, STORE_INFO,
      "keys, certificates or the security profile were changed" },
    { "FailedToAuthenticateAtCentralSystem", false, STORE_WARNING,
      "the central system did not accept the station's key or certificate" },
    { "CentralSystemFailedToAuthenticate", false, STORE_ALARM,
      "the station met a central system that could not prove itself" },
    { "InvalidMessages", false, STORE_WARNING, "messages that cannot be read" },
    { "AttemptedReplayAttacks", false, STORE_ALARM, "old messages were sent again" },
    { "InvalidFirmwareSignature", false, STORE_ALARM,
      "the signature of the firmware did not hold: nothing was installed" },
    { "InvalidFirmwareSigningCertificate", false, STORE_ALARM,
      "the certificate of the firmware's maker did not hold: nothing was installed" },
    { "InvalidCentralSystemCertificate", false, STORE_WARNING,
      "the station does not accept the central system's certificate" },
    { "InvalidChargePointCertificate", false, STORE_WARNING,
      "a certificate for the station was not accepted" },
    { "InvalidTLSVersion", false, STORE_WARNING, "no common version of TLS" },
    { "InvalidTLSCipherSuite", false, STORE_WARNING, "no common cipher suite of TLS" },
    { "", false, STORE_WARNING, "not of the standard: see the maker's manual" },
};
enum { TYPES = sizeof(types) / sizeof(types[0]) };
_Static_assert((int)TYPES <= (int)SECURITY_TYPES_MAX, "counters for all types");

const struct security_type *security_type_at(size_t i)
{
    return i < TYPES ? &types[i] : NULL;
}

const struct security_type *security_type(const char *name)
{
    for (size_t i = 0; i < TYPES - 1; i++)
        if (ocpp_ci_equal(types[i].name, name))
            return &types[i];
    return &types[TYPES - 1];
}

static void count(struct central *c, const struct security_type *type)
{
    c->security_counts[type - types]++;
}

uint64_t central_security_count(const struct central *c, size_t i)
{
    return i < TYPES ? c->security_counts[i] : 0;
}

/* The record with its entry in the event list; `line` holds the text. */
static struct store_security_event record(const char *station, const char *name, const char *info,
                                          int32_t origin, int64_t at_ms, struct instant now,
                                          char *line, size_t size)
{
    const struct security_type *type = security_type(name);
    bool known = type->name[0] != '\0';
    snprintf(line, size, "%.60s%s%s%.400s (%s)", known ? type->name : name,
             origin == STORE_OF_CENTRAL ? ", noticed by noxd" : "", info[0] != '\0' ? ": " : "",
             info, type->meaning);
    return (struct store_security_event){
        .station = station,
        .type = known ? type->name : name,
        .origin = origin,
        .critical = type->critical,
        .at_ms = at_ms,
        .received_at_ms = now.utc_ms,
        .info = info,
        .event = { .at_ms = now.utc_ms,
                   .name = "security.event",
                   .severity = type->severity,
                   .station = station,
                   .connector = -1,
                   .text = line },
    };
}

void central_security(struct central *c, const char *station, const char *name, const char *info,
                      bool with_event, struct instant now)
{
    char line[600];
    struct store_done nobody = { .fn = NULL };
    struct store_security_event security =
        record(station, name, info, STORE_OF_CENTRAL, now.utc_ms, now, line, sizeof(line));
    count(c, security_type(name));
    struct store_event event = security.event;
    if (!with_event)
        security.event.name = NULL;
    store_security_event(c->options.store, &security, nobody);
    if (with_event && c->options.port.event != NULL)
        c->options.port.event(c->options.port.arg, &event);
}

void on_security_event(const struct request *r, const void *message)
{
    const struct ocpp_security_event_notification_req *req = message;
    struct station *s = r->station;
    char line[600], type[128], info[1024];
    struct pending *p = pending_new(r, 0);
    if (p == NULL)
        return;
    struct told_time at = clock_correct(s, req->timestamp_ms, r->now);
    text_copy(type, sizeof(type), req->type != NULL && req->type[0] ? req->type : "(none)");
    text_copy(info, sizeof(info), req->tech_info != NULL ? req->tech_info : "");
    struct store_security_event security =
        record(s->id, type, info, STORE_OF_STATION, at.at_ms, r->now, line, sizeof(line));
    struct store_done done = { .fn = pending_done_empty, .arg = p };
    security.repeats_before_ms = s->session->connected_at_ms;
    count(r->c, security_type(type));
    if (!store_security_event(r->c->options.store, &security, done))
        pending_refuse(p, STORE_FULL);
    else if (r->c->options.port.event != NULL)
        r->c->options.port.event(r->c->options.port.arg, &security.event);
}
