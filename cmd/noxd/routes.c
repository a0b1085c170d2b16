#include "cmd/noxd/route.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ocpp/wire/field.h"

static const struct route routes[] = {
    { "GET", "/v1", route_index, BODY_NONE, "", "this list" },
    { "GET", "/v1/status", route_status, BODY_NONE, "",
      "version, uptime, clock, storage health, counters, alarms" },
    { "GET", "/v1/top", route_top, BODY_NONE, "",
      "everything the live view needs: clock, storage, grid, connectors, last events" },
    { "GET", "/v1/metrics", route_metrics, BODY_NONE, "", "counters in text for a scraper" },
    { "GET", "/v1/stations", route_stations, BODY_NONE, "", "all stations with live state" },
    { "GET", "/v1/stations/{id}", route_station, BODY_NONE, "", "one station" },
    { "GET", "/v1/stations/{id}/limit", route_station_limit, BODY_NONE, "connector at",
      "why a connector has its limit, or had it then (at)" },
    { "PUT", "/v1/stations/{id}", route_station_put, BODY_JSON, "dry_run force",
      "add or change a station; members that the body does not name stay" },
    { "DELETE", "/v1/stations/{id}", route_station_delete, BODY_NONE, "",
      "remove a station (decommission it if it has sessions)" },
    { "POST", "/v1/stations/{id}/key", route_station_key, BODY_NONE, "",
      "make a new key, shown once" },
    { "POST", "/v1/stations/{id}/key/push", route_station_key_push, BODY_JSON, "",
      "give the station a new key over OCPP (body: key, or {} for a random one)" },
    { "POST", "/v1/stations/{id}/key/rollback", route_station_key_rollback, BODY_NONE, "",
      "make the key before the last one valid again, instead of it" },
    { "POST", "/v1/stations/{id}/security-profile", route_station_profile, BODY_JSON, "",
      "raise its security profile over OCPP" },
    { "POST", "/v1/stations/{id}/registration", route_station_registration, BODY_JSON, "",
      "answer to its next BootNotification: Accepted, Pending, Rejected" },
    { "POST", "/v1/stations/{id}/class", route_station_class, BODY_JSON, "",
      "how it treats limits (body: class); what was found before is forgotten" },
    { "POST", "/v1/stations/{id}/calls", route_station_call, BODY_JSON, "",
      "send any OCPP request and wait for the answer" },
    { "GET", "/v1/calls", route_calls, BODY_NONE, "station action outcome before limit",
      "what operators asked of stations and what came of it, newest first" },
    { "GET", "/v1/stations/{id}/profiles", route_station_profiles, BODY_NONE, "",
      "charging profiles that the station holds, as far as its answers tell" },
    { "GET", "/v1/reservations", route_reservations, BODY_NONE,
      "station state live id before limit", "reservations, newest first" },
    { "POST", "/v1/reservations", route_reservation_create, BODY_JSON, "",
      "ask a station to reserve a connector" },
    { "GET", "/v1/stations/{id}/config", route_station_config, BODY_NONE, "",
      "configuration keys as last reported" },
    { "GET", "/v1/config/drift", route_config_drift, BODY_NONE, "station all",
      "configuration keys that are not as wanted, and why; all=1: the others too" },
    { "POST", "/v1/stations/{id}/config/apply", route_config_apply, BODY_NONE, "",
      "read the configuration now and set what differs" },
    { "GET", "/v1/templates", route_templates, BODY_NONE, "", "templates of configuration" },
    { "PUT", "/v1/templates/{id}", route_template_put, BODY_JSON, "dry_run",
      "add or change a template" },
    { "DELETE", "/v1/templates/{id}", route_template_delete, BODY_NONE, "", "remove a template" },
    { "GET", "/v1/quirks", route_quirks, BODY_NONE, "station",
      "known deviations of models and the switches they set; station: those that fit it" },
    { "GET", "/v1/violations", route_violations, BODY_NONE, "",
      "deviations from the standard, counted by model" },
    { "GET", "/v1/waiting", route_waiting, BODY_NONE, "",
      "stations that came unknown and are not accepted yet" },
    { "GET", "/v1/connectors", route_connectors, BODY_NONE, "", "all connectors" },
    { "GET", "/v1/tokens", route_tokens, BODY_NONE, "", "who may use this API over https" },
    { "POST", "/v1/tokens", route_token_add, BODY_JSON, "", "make a token, shown once" },
    { "DELETE", "/v1/tokens/{name}", route_token_remove, BODY_NONE, "",
      "a token is valid no more" },
    { "GET", "/v1/refused", route_refused, BODY_NONE, "",
      "refused connections, counted, with what to change" },
    { "GET", "/v1/sessions", route_sessions, BODY_NONE,
      "station id_tag state problems from to month limit before", "sessions, newest first" },
    { "GET", "/v1/sessions/{tx_id}", route_session, BODY_NONE, "limit",
      "one session with its meter rows" },
    { "POST", "/v1/sessions/{tx_id}/close", route_session_close, BODY_JSON, "",
      "close an open session administratively" },
    { "POST", "/v1/sessions/{id}/need", route_session_need, BODY_JSON, "",
      "tell when a session's driver leaves and what is needed; id: a session, or a station" },
    { "DELETE", "/v1/sessions/{id}/need", route_session_need_clear, BODY_NONE, "",
      "take back what was told of a session" },
    { "GET", "/v1/orphans", route_orphans, BODY_NONE, "",
      "StopTransactions that belong to no known session" },
    { "GET", "/v1/tags", route_tags, BODY_NONE,
      "status customer group parent search after limit format", "RFID tags and app tokens" },
    { "POST", "/v1/tags/import", route_tags_import, BODY_FILE, "dry_run delete_missing",
      "make a CSV table of tags part of the configuration" },
    { "GET", "/v1/tags/{idTag}", route_tag, BODY_NONE, "station",
      "one tag; may it charge at a station, and why not" },
    { "PUT", "/v1/tags/{idTag}", route_tag_put, BODY_JSON, "dry_run", "add or change a tag" },
    { "DELETE", "/v1/tags/{idTag}", route_tag_delete, BODY_NONE, "", "remove a tag" },
    { "GET", "/v1/local-lists", route_local_lists, BODY_NONE, "station",
      "local authorization lists: wanted, installed, what came of it" },
    { "GET", "/v1/local-lists/{id}", route_local_list, BODY_NONE, "",
      "the entries that belong into a station's list" },
    { "POST", "/v1/local-lists/{id}/sync", route_local_list_sync, BODY_JSON, "",
      "bring a station's list into step now" },
    { "GET", "/v1/tariffs", route_tariffs, BODY_NONE, "", "tariff versions" },
    { "GET", "/v1/factors", route_factors, BODY_NONE, "", "emission factors" },
    { "GET", "/v1/grid", route_grid, BODY_NONE, "", "the grid tree with currents and points" },
    { "GET", "/v1/grid/plan", route_grid_plan, BODY_NONE, "node hours",
      "the coming hours: limit, foreign load, planned current, sessions at risk" },
    { "GET", "/v1/series", route_series_editions, BODY_NONE, "",
      "editions of CO2 and price by the hour" },
    { "GET", "/v1/series/{kind}", route_series, BODY_NONE, "from to",
      "CO2 (co2) or price (price) of each quarter of an hour, as known now" },
    { "POST", "/v1/series/{kind}", route_series_import, BODY_FILE, "unit source dry_run",
      "take over a CSV table of times and values as a new edition" },
    { "POST", "/v1/grid/prove", route_grid_prove, BODY_NONE, "",
      "do all safe currents fit, whatever happens" },
    { "POST", "/v1/grid/simulate", route_grid_simulate, BODY_JSON, "",
      "recorded sessions again, with other limits: lines of progress, the last one is the result" },
    { "POST", "/v1/grid/{node}/cap", route_grid_cap, BODY_JSON, "",
      "cap a node until an instant: limit_a, kw or section_14a; kept, logged, ends by itself" },
    { "GET", "/v1/grid/caps", route_grid_caps, BODY_NONE, "all before limit",
      "caps that have not ended; all=1: all that ever were, newest first" },
    { "DELETE", "/v1/grid/caps/{id}", route_grid_cap_end, BODY_NONE, "",
      "take a cap back before its end" },
    { "POST", "/v1/grid/{node}/meter", route_grid_meter, BODY_JSON, "event",
      "a reading of the node's live meter: plain, or the uplink of a LoRaWAN network server" },
    { "POST", "/v1/grid/meters", route_grid_meters, BODY_JSON, "event",
      "the same for all nodes at one address: the device in the uplink tells which" },
    { "POST", "/v1/grid/{node}/limit", route_grid_limit, BODY_JSON, "",
      "change a limit until the next apply or restart" },
    { "GET", "/v1/events", route_events, BODY_NONE, "after station name severity limit wait_s",
      "events, oldest first; wait_s waits for news" },
    /* the operator's eyes on the protocol */
    { "GET", "/v1/doctor", route_doctor, BODY_NONE, "",
      "stations with problems, one line each, and noxd's own health" },
    { "GET", "/v1/stations/{id}/doctor", route_doctor_station, BODY_NONE, "",
      "what is wrong with a station, worst first, each with the next step" },
    { "GET", "/v1/security", route_security, BODY_NONE, "station type critical since before limit",
      "security events, newest first" },
    { "GET", "/v1/security/counts", route_security_counts, BODY_NONE, "station type critical since",
      "security events counted by station and type" },
    { "DELETE", "/v1/refused", route_refused_clear, BODY_NONE, "identity",
      "forget refused connections, of one identity or all" },
    { "GET", "/v1/frames", route_frames, BODY_NONE,
      "station from to action text regex kind errors last format",
      "frames that were kept, one JSON object a line, oldest first" },
    { "GET", "/v1/frames/live", route_frames_live, BODY_NONE,
      "station action text regex kind errors", "new frames as they pass, until the reader leaves" },
    { "POST", "/v1/apply", route_apply, BODY_FILE, "dry_run force",
      "make a file part of the configuration" },
    { "GET", "/v1/apply/schema", route_apply_schema, BODY_NONE, "",
      "JSON Schema of the apply file" },
    { "GET", "/v1/billing/{month}", route_billing, BODY_NONE, "format",
      "the month's charge detail records" },
    { "GET", "/v1/emissions/{month}", route_emissions, BODY_NONE, "format by",
      "the month's emissions report" },
    { "GET", "/v1/green/{month}", route_green, BODY_NONE, "format",
      "what green hours saved in the month" },
    /* certificates */
    { "GET", "/v1/certs/ca", route_cert_ca, BODY_NONE, "", "the CA that signs for stations" },
    { "POST", "/v1/certs/ca", route_cert_ca_init, BODY_JSON, "",
      "make a CA: name, organization, key, days, replace" },
    { "PUT", "/v1/certs/ca", route_cert_ca_import, BODY_JSON, "",
      "take a CA from elsewhere: certificate, key (none: it signs elsewhere), replace" },
    { "GET", "/v1/certs/crl", route_cert_crl, BODY_NONE, "", "the revocation list" },
    { "GET", "/v1/certs/requests", route_cert_requests, BODY_NONE, "station all limit",
      "certificate requests of stations: open ones, or all" },
    { "GET", "/v1/certs/requests/{request}", route_cert_request, BODY_NONE, "",
      "one request with its CSR and what was signed" },
    { "POST", "/v1/certs/requests/{request}/approve", route_cert_approve, BODY_JSON, "",
      "let the CA sign it" },
    { "POST", "/v1/certs/requests/{request}/reject", route_cert_reject, BODY_JSON, "",
      "refuse it" },
    { "POST", "/v1/certs/requests/{request}/sign", route_cert_sign, BODY_JSON, "",
      "a chain that was signed elsewhere" },
    { "GET", "/v1/certs", route_certs, BODY_NONE, "station ending_days revoked",
      "certificates that were signed, seen, installed, or are our own" },
    { "GET", "/v1/certs/{fingerprint}", route_cert, BODY_NONE, "",
      "one certificate; the beginning of its fingerprint is enough" },
    { "POST", "/v1/certs/{fingerprint}/revoke", route_cert_revoke, BODY_JSON, "",
      "revoke it: new handshakes are refused, its connection is closed" },
    { "GET", "/v1/stations/{id}/certs", route_station_certs, BODY_NONE, "",
      "certificates in the station's store, as it reported them last" },
    { "POST", "/v1/stations/{id}/certs", route_station_cert_install, BODY_JSON, "",
      "install a root certificate: type, certificate" },
    { "POST", "/v1/stations/{id}/certs/query", route_station_cert_query, BODY_JSON, "",
      "ask the station what it has installed: type, or both" },
    { "POST", "/v1/stations/{id}/certs/delete", route_station_cert_delete, BODY_JSON, "",
      "delete one: certificate or hash_data; confirm for the last root" },
    { "POST", "/v1/stations/{id}/certs/renew", route_station_cert_renew, BODY_JSON, "",
      "ask the station for a new certificate request" },
    /* files */
    { "POST", "/v1/stations/{id}/firmware", route_station_firmware, BODY_JSON, "",
      "have a station fetch and install firmware" },
    { "POST", "/v1/stations/{id}/diagnostics", route_station_diagnostics, BODY_JSON, "",
      "have a station upload its diagnostics (GetDiagnostics)" },
    { "POST", "/v1/stations/{id}/log", route_station_log, BODY_JSON, "",
      "have a station upload a log (GetLog)" },
    { "GET", "/v1/file-jobs", route_file_jobs, BODY_NONE, "station limit before",
      "transfers with stations, newest first" },
    { "GET", "/v1/file-jobs/{id}", route_file_job, BODY_NONE, "", "one transfer" },
    { "POST", "/v1/file-jobs/{id}/abort", route_file_job_abort, BODY_NONE, "",
      "end a transfer: its address is no longer good" },
    { "GET", "/v1/files", route_files, BODY_NONE, "", "uploads that are kept, and the quota" },
    { "GET", "/v1/files/{name}", route_file_get, BODY_NONE, "", "one upload" },
    { "DELETE", "/v1/files/{name}", route_file_delete, BODY_NONE, "", "remove an upload" },
    { "GET", "/v1/firmware", route_firmware, BODY_NONE, "", "firmware that can be offered" },
    { "PUT", "/v1/firmware/pieces/{id}", route_firmware_piece, BODY_FILE, "offset",
      "a piece of a firmware file; id: 16 hexadecimal digits of your choice" },
    { "POST", "/v1/firmware", route_firmware_add, BODY_JSON, "",
      "make the pieces a firmware, with its version and signature" },
    { "DELETE", "/v1/firmware/{id}", route_firmware_delete, BODY_NONE, "", "remove a firmware" },
    { "GET", "/v1/rollouts", route_rollouts, BODY_NONE, "", "rollouts with their counts" },
    { "GET", "/v1/rollouts/{id}", route_rollout, BODY_NONE, "", "one rollout with its stations" },
    { "POST", "/v1/rollouts", route_rollout_start, BODY_JSON, "",
      "bring a firmware to many stations, canaries first" },
    { "POST", "/v1/rollouts/{id}/{verb}", route_rollout_control, BODY_NONE, "",
      "pause, resume, abort or retry" },
};

enum { ROUTES = sizeof(routes) / sizeof(routes[0]) };

const struct route *route_at(size_t i)
{
    return i < ROUTES ? &routes[i] : NULL;
}

static char *copy_text(const char *from, size_t n)
{
    char *copy = malloc(n + 1);
    if (copy != NULL) {
        memcpy(copy, from, n);
        copy[n] = '\0';
    }
    return copy;
}

static void forget_params(char *param[PARAMS_MAX])
{
    for (size_t i = 0; i < PARAMS_MAX; i++) {
        free(param[i]);
        param[i] = NULL;
    }
}

/* A {member} stands for one segment; an idTag is the rest, as it may hold any character. */
static bool matches(const char *pattern, const char *path, char *ret_param[PARAMS_MAX])
{
    size_t n_params = 0;
    while (*pattern != '\0') {
        if (*pattern != '{') {
            if (*pattern++ != *path++)
                return false;
            continue;
        }
        bool any = strcmp(pattern, "{idTag}") == 0;
        pattern = strchr(pattern, '}') + 1;
        size_t len = any ? strlen(path) : strcspn(path, "/");
        if (len == 0)
            return false;
        ret_param[n_params++] = copy_text(path, len);
        path += len;
    }
    return *path == '\0';
}

enum route_match route_find(const char *method, const char *path, const struct route **ret_route,
                            char *ret_param[PARAMS_MAX], char ret_allow[64])
{
    size_t used = 0;
    ret_allow[0] = '\0';
    memset(ret_param, 0, PARAMS_MAX * sizeof(ret_param[0]));
    for (size_t i = 0; i < ROUTES; i++) {
        if (!matches(routes[i].path, path, ret_param)) {
            forget_params(ret_param);
            continue;
        }
        if (strcmp(routes[i].method, method) == 0) {
            *ret_route = &routes[i];
            ret_allow[0] = '\0';
            return ROUTE_FOUND;
        }
        forget_params(ret_param);
        used += (size_t)snprintf(ret_allow + used, 64 - used, "%s%s", used > 0 ? ", " : "",
                                 routes[i].method);
    }
    return used > 0 ? ROUTE_NO_METHOD : ROUTE_NO_PATH;
}

static const char *path_at(const void *table, size_t i)
{
    return ((const struct route *)table)[i].path;
}

const char *route_nearest(const char *path)
{
    return ocpp_nearest(path, path_at, routes, ROUTES);
}

/* The n-th name of a list with blanks between. @return its length, 0 = no more */
static size_t name_in(const char *names, size_t n, const char **ret_name)
{
    size_t len;
    for (;; n--) {
        names += strspn(names, " ");
        len = strcspn(names, " ");
        if (n == 0 || len == 0)
            break;
        names += len;
    }
    *ret_name = names;
    return len;
}

bool route_takes_query(const struct route *route, const char *name)
{
    const char *at;
    size_t len;
    for (size_t i = 0; (len = name_in(route->query, i, &at)) > 0; i++)
        if (strlen(name) == len && memcmp(name, at, len) == 0)
            return true;
    return false;
}

struct names {
    char name[QUERY_MAX][32];
};

static const char *query_name_at(const void *names, size_t i)
{
    return ((const struct names *)names)->name[i];
}

bool route_query_nearest(const struct route *route, const char *name, char ret_name[32])
{
    struct names names;
    const char *at;
    size_t len, n = 0;
    for (; n < QUERY_MAX && (len = name_in(route->query, n, &at)) > 0; n++)
        snprintf(names.name[n], sizeof(names.name[n]), "%.*s", (int)len, at);
    const char *nearest = ocpp_nearest(name, query_name_at, &names, n);
    if (nearest != NULL)
        snprintf(ret_name, 32, "%s", nearest);
    return nearest != NULL;
}
