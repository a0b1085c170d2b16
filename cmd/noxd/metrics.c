/* Counters in the text format that scrapers read (text/plain; version=0.0.4). */
#include <inttypes.h>
#include <stddef.h>

#include "cmd/noxd/admin_state.h"
#include "cmd/noxd/frames.h"
#include "cmd/noxd/route.h"
#include "ocpp/central/security.h"

struct figures {
    struct central_counters central;
    struct store_health store;
    struct frames_counters frames;
    int64_t uptime_s;
    int64_t storage_ok;
};

enum figure_type { OF_U64, OF_SIZE, OF_I64 };

static const struct {
    const char *name, *type, *help;
    enum figure_type of;
    size_t offset;
} metrics[] = {
#define CENTRAL(member) \
    offsetof(struct figures, central) + offsetof(struct central_counters, member)
#define STORE(member)  offsetof(struct figures, store) + offsetof(struct store_health, member)
#define FRAMES(member) offsetof(struct figures, frames) + offsetof(struct frames_counters, member)
#define OWN(member)    offsetof(struct figures, member)
    { "nox_uptime_seconds", "gauge", "seconds since the start", OF_I64, OWN(uptime_s) },
    { "nox_stations", "gauge", "stations known", OF_SIZE, CENTRAL(stations) },
    { "nox_stations_online", "gauge", "stations connected", OF_SIZE, CENTRAL(online) },
    { "nox_sessions_active", "gauge", "charging sessions that are open", OF_SIZE,
      CENTRAL(sessions) },
    { "nox_frames_received_total", "counter", "messages from stations", OF_U64,
      CENTRAL(frames_in) },
    { "nox_frames_sent_total", "counter", "messages to stations", OF_U64, CENTRAL(frames_out) },
    { "nox_calls_received_total", "counter", "requests from stations", OF_U64, CENTRAL(calls_in) },
    { "nox_calls_sent_total", "counter", "requests to stations", OF_U64, CENTRAL(calls_out) },
    { "nox_call_errors_sent_total", "counter", "requests answered with CALLERROR", OF_U64,
      CENTRAL(callerrors_out) },
    { "nox_call_timeouts_total", "counter", "requests to stations without answer in time", OF_U64,
      CENTRAL(timeouts) },
    { "nox_profile_writes_total", "counter", "charging profiles taken by stations", OF_U64,
      CENTRAL(profile_writes) },
    { "nox_violations_total", "counter", "deviations from the standard that were tolerated", OF_U64,
      CENTRAL(violations) },
    { "nox_garbage_total", "counter", "messages that could not be read", OF_U64, CENTRAL(garbage) },
    { "nox_storage_ok", "gauge", "1: everything can be written", OF_I64, OWN(storage_ok) },
    { "nox_storage_queued", "gauge", "writes that wait", OF_SIZE, STORE(queued) },
    { "nox_storage_commits_total", "counter", "commits since the start", OF_U64, STORE(commits) },
    { "nox_storage_jobs_total", "counter", "writes since the start", OF_U64, STORE(jobs) },
    { "nox_storage_commit_p50_microseconds", "gauge", "half of the recent commits were faster",
      OF_I64, STORE(commit_us_p50) },
    { "nox_frames_kept_total", "counter", "messages and markers kept in frames/", OF_U64,
      FRAMES(kept) },
    { "nox_frames_dropped_total", "counter", "messages that were not kept: disk slow or full",
      OF_U64, FRAMES(dropped) },
    { "nox_frames_bytes", "gauge", "size of frames/", OF_I64, FRAMES(bytes) },
    { "nox_storage_commit_p99_microseconds", "gauge", "99 % of the recent commits were faster",
      OF_I64, STORE(commit_us_p99) },
};

static int64_t figure(const struct figures *figures, enum figure_type of, size_t offset)
{
    const void *at = (const char *)figures + offset;
    if (of == OF_U64)
        return (int64_t) * (const uint64_t *)at;
    return of == OF_SIZE ? (int64_t) * (const size_t *)at : *(const int64_t *)at;
}

static void put_phases(struct ocpp_text *out, const char *name, const char *node,
                       const int64_t ma[3])
{
    for (int p = 0; p < 3; p++) {
        ocpp_text_append_format(out, "%s{node=", name);
        ocpp_text_append_json_string(out, node);
        ocpp_text_append_format(out, ",phase=\"L%d\"} %" PRId64 ".%03d\n", p + 1, ma[p] / 1000,
                                (int)(ma[p] % 1000));
    }
}

/* One series per node: limit, and what the ledger counts against it. */
static void put_grid(const struct admin *a, struct ocpp_text *out)
{
    static const struct {
        const char *name, *help;
    } series[] = {
        { "nox_grid_limit_amperes", "limit of a node" },
        { "nox_grid_reserved_amperes", "worst that all points below may draw" },
        { "nox_grid_granted_amperes", "given to sessions below" },
        { "nox_grid_measured_amperes", "measured below" },
        { "nox_grid_foreign_amperes", "counted for other load at the node" },
    };
    struct central_node_view n;
    for (size_t i = 0; i < sizeof(series) / sizeof(series[0]); i++) {
        ocpp_text_append_format(out, "# HELP %s %s\n# TYPE %s gauge\n", series[i].name,
                                series[i].help, series[i].name);
        for (size_t k = 0; central_node_view(a->options.central, k, admin_now(a), &n); k++) {
            const int64_t limit[3] = { n.load.limit_ma[0], n.load.limit_ma[1], n.load.limit_ma[2] };
            const int64_t foreign[3] = { n.load.foreign_ma[0], n.load.foreign_ma[1],
                                         n.load.foreign_ma[2] };
            const int64_t *of[] = { limit, n.load.reserved_ma, n.load.granted_ma,
                                    n.load.measured_ma, foreign };
            put_phases(out, series[i].name, n.id, of[i]);
        }
    }
}

/* By type; names that no standard knows are counted together. */
static void put_security(const struct admin *a, struct ocpp_text *out)
{
    const struct security_type *type;
    ocpp_text_append_str(out, "# HELP nox_security_events_total security events since the start\n"
                              "# TYPE nox_security_events_total counter\n");
    for (size_t i = 0; (type = security_type_at(i)) != NULL; i++)
        ocpp_text_append_format(
            out, "nox_security_events_total{type=\"%s\",critical=\"%s\"} %" PRIu64 "\n",
            type->name[0] != '\0' ? type->name : "other", type->critical ? "yes" : "no",
            central_security_count(a->options.central, i));
}

void route_metrics(struct request *r)
{
    struct admin *a = r->admin;
    struct figures figures = { .uptime_s = (admin_now(a).mono_ms - a->started_mono_ms) / 1000 };
    central_counters(a->options.central, &figures.central);
    store_health(a->options.store, &figures.store);
    frames_counters(a->options.frames, &figures.frames);
    figures.storage_ok = figures.store.state == STORE_OK;
    for (size_t i = 0; i < sizeof(metrics) / sizeof(metrics[0]); i++)
        ocpp_text_append_format(&r->out, "# HELP %s %s\n# TYPE %s %s\n%s %" PRId64 "\n",
                                metrics[i].name, metrics[i].help, metrics[i].name, metrics[i].type,
                                metrics[i].name,
                                figure(&figures, metrics[i].of, metrics[i].offset));
    put_security(a, &r->out);
    put_grid(a, &r->out);
    r->content_type = "text/plain; version=0.0.4; charset=utf-8";
    request_answer(r, 200);
}
