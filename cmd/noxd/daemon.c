/* Start, wiring, end. */
#include "cmd/noxd/daemon.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "cmd/noxd/admin.h"
#include "cmd/noxd/cert_desk.h"
#include "cmd/noxd/cert_files.h"
#include "cmd/noxd/data_dir.h"
#include "cmd/noxd/files.h"
#include "cmd/noxd/frames.h"
#include "cmd/noxd/log.h"
#include "cmd/noxd/notify.h"
#include "cmd/noxd/redact.h"
#include "cmd/noxd/restore.h"
#include "ocpp/central/central.h"
#include "ocpp/server/loop.h"
#include "ocpp/server/ws_server.h"
#include "ocpp/wire/iso8601.h"

enum {
    TEXT_SIZE = 1024,
    URLS_MAX = 2 * CONFIG_LISTENERS_MAX,
    HEALTH_EVERY_MS = 10, /* looking costs some 30 us */
    END_EVERY_MS = 10,    /* how often the end looks whether it may go on */
    QUIET_MS = 2000,      /* for commits and answers that are under way */
    FRAMES_LOOK_MS = 60000,
    QUIRKS_MAX_BYTES = 1000000,
    GOODBYE_MS = 4000, /* for close frames; stuck sockets are cut before */
};

enum stage { RUNNING, QUIET, GOODBYE, ENDED };

struct daemon {
    const struct config *config;
    struct log *log;
    struct data_dir dir;
    struct store *store;
    struct reader *reader; /* only while starting */
    struct loop *loop;
    struct ws_server *ws;
    struct central *central;
    struct admin *admin;
    struct frames *frames;
    struct ocpp_text clean; /* a message without its secrets */
    uint64_t frames_dropped;
    int64_t frames_looked_mono_ms;
    struct cert_desk *certs;
    struct files *files;
    char url[URLS_MAX][128];
    const char *urls[URLS_MAX];
    size_t n_urls;
    enum stage stage;
    int64_t stage_until_mono_ms;
    int64_t health_at_mono_ms; /* not looked at before */
    bool health_unseen;        /* the store has worked since the last look */
    enum store_rc health;
    int64_t failing_since_ms;
    char text[TEXT_SIZE];     /* what went wrong while starting */
    bool mark_fails;          /* it was told */
    char doubt[TEXT_SIZE];    /* why the database is not trusted; "" = it is */
    struct tls_paths web_tls; /* what admin_web points to */
};

static int64_t utc_now(const struct daemon *d)
{
    struct timespec t;
    if (d->loop != NULL)
        return loop_now(d->loop).utc_ms;
    clock_gettime(CLOCK_REALTIME, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* --- events and log --- */

static void log_store_event(struct daemon *d, const struct store_event *event)
{
    static const enum log_level levels
        [] = { [STORE_INFO] = LOG_INFO, [STORE_WARNING] = LOG_WARNING, [STORE_ALARM] = LOG_ERROR };
    char connector[16];
    snprintf(connector, sizeof(connector), "%d", (int)event->connector);
    struct log_field fields[] = {
        { "station", event->station },
        { "connector", event->connector >= 0 ? connector : NULL },
        { "text", event->text },
    };
    log_event(d->log, event->at_ms, levels[event->severity], event->name, fields, 3);
}

/* From central and server: they have given it to the store already. */
static void on_event(void *arg, const struct store_event *event)
{
    struct daemon *d = arg;
    log_store_event(d, event);
    if (d->admin != NULL)
        admin_on_event(d->admin, event);
}

static void record(struct daemon *d, const struct store_event *event)
{
    struct store_done nobody = { .fn = NULL };
    store_event(d->store, event, nobody);
}

/* An event of noxd itself. */
static void tell(struct daemon *d, const char *name, enum store_severity severity, const char *text)
{
    struct store_event event = { .at_ms = utc_now(d),
                                 .name = name,
                                 .severity = severity,
                                 .connector = -1,
                                 .text = text };
    record(d, &event);
    on_event(d, &event);
}

/* --- what passes on the wire --- */

static struct frame_span span_of(const char *text)
{
    return (struct frame_span){ text, strlen(text) };
}

/* Into the files, and to who watches. */
static void keep_frame(struct daemon *d, struct frame_record *record)
{
    frames_add(d->frames, record);
    if (d->admin != NULL)
        admin_on_frame(d->admin, record);
}

/* Who could not prove himself, in the words of the security white paper. */
static void note_security(struct daemon *d, const struct store_refused *refused)
{
    static const struct {
        const char *reason, *detail, *type;
    } types[] = {
        { "tls-failed", "TLS 1.1 or older", "InvalidTLSVersion" },
        { "tls-failed", "cipher suite in common", "InvalidTLSCipherSuite" },
        { "tls-failed", "accept noxd's certificate", "InvalidCentralSystemCertificate" },
        { "tls-failed", "know the CA of noxd", "InvalidCentralSystemCertificate" },
        { "bad-certificate", "", "InvalidChargePointCertificate" },
        { "wrong-certificate", "", "FailedToAuthenticateAtCentralSystem" },
        { "no-certificate", "", "FailedToAuthenticateAtCentralSystem" },
        { "bad-key", "", "FailedToAuthenticateAtCentralSystem" },
        { "wrong-user", "", "FailedToAuthenticateAtCentralSystem" },
        { "no-credentials", "", "FailedToAuthenticateAtCentralSystem" },
        { "bad-credentials", "", "FailedToAuthenticateAtCentralSystem" },
        { "needs-tls", "", "FailedToAuthenticateAtCentralSystem" },
    };
    char info[600];
    bool known = central_identity(d->central, refused->identity) != NULL;
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        if (strcmp(types[i].reason, refused->reason) != 0 ||
            strstr(refused->detail, types[i].detail) == NULL)
            continue;
        snprintf(info, sizeof(info), "%s %s from %s: %s", refused->identity, refused->reason,
                 refused->address, refused->detail);
        central_security(d->central, known ? refused->identity : NULL, types[i].type, info, false,
                         loop_now(d->loop));
        return;
    }
}

static void on_refused(void *arg, const struct store_refused *refused, int status)
{
    struct daemon *d = arg;
    char text[600];
    struct log_field fields[] = {
        { "station", refused->identity },
        { "reason", refused->reason },
        { "address", refused->address },
        { "text", refused->detail },
    };
    log_event(d->log, refused->at_ms, LOG_WARNING, "station.refused", fields, 4);
    snprintf(text, sizeof(text), "%s: %s", refused->reason, refused->detail);
    struct frame_record record = { .at_ms = refused->at_ms,
                                   .kind = FRAME_REFUSED,
                                   .code = (uint16_t)status,
                                   .station = span_of(refused->identity),
                                   .address = span_of(refused->address),
                                   .text = span_of(text) };
    keep_frame(d, &record);
    note_security(d, refused);
}

static void log_frame(struct daemon *d, const struct frame_record *record, const char *station)
{
    char shown[2048], name[24];
    struct log_field fields[] = { { "station", station }, { "text", shown } };
    snprintf(name, sizeof(name), "frame.%s", frame_kind_text(record->kind));
    snprintf(shown, sizeof(shown), "%.*s", (int)(record->text.len < 2047 ? record->text.len : 2047),
             record->text.at);
    log_event(d->log, record->at_ms, LOG_DEBUG, name, fields, 2);
}

/* The last connections of each station, for doctor. */
static void note_connection(struct daemon *d, const struct ws_trace *t)
{
    struct store_connection c = { .station = t->station,
                                  .link = (int64_t)t->connection,
                                  .address = t->address,
                                  .transport = t->text,
                                  .opened_at_ms = t->opened_at_ms,
                                  .closed_at_ms = t->now.utc_ms,
                                  .code = t->code,
                                  .reason = t->text };
    if (t->kind == WS_TRACE_OPENED)
        store_connection_opened(d->store, &c);
    else if (t->kind == WS_TRACE_CLOSED)
        store_connection_closed(d->store, &c);
}

static void on_trace(void *arg, const struct ws_trace *t)
{
    static const uint8_t kinds[] = { [WS_TRACE_IN] = FRAME_IN,
                                     [WS_TRACE_OUT] = FRAME_OUT,
                                     [WS_TRACE_OPENED] = FRAME_OPENED,
                                     [WS_TRACE_CLOSED] = FRAME_CLOSED };
    struct daemon *d = arg;
    bool hidden = redact(t->text, t->len, &d->clean);
    struct frame_record record = { .at_ms = t->now.utc_ms,
                                   .kind = kinds[t->kind],
                                   .connection = t->connection,
                                   .code = t->code,
                                   .station = span_of(t->station),
                                   .address = span_of(t->address),
                                   .text = { hidden ? d->clean.data : t->text,
                                             hidden ? d->clean.len : t->len } };
    keep_frame(d, &record);
    note_connection(d, t);
    if (log_wants(d->log, LOG_DEBUG))
        log_frame(d, &record, t->station);
}

static void on_loop_log(void *arg, enum loop_level level, const char *line)
{
    struct daemon *d = arg;
    bool starting = d->admin == NULL; /* later it is a peer that did something wrong */
    log_text(d->log, utc_now(d), level == LOOP_ERROR && starting ? LOG_ERROR : LOG_WARNING,
             "server.lws", "%s", line);
}

/* --- health of the storage --- */

static void storage_failed(struct daemon *d, const struct store_health *h)
{
    d->failing_since_ms = h->failing_since_ms;
    snprintf(d->text, sizeof(d->text), "%s", h->text);
    struct store_event event = { .at_ms = h->failing_since_ms,
                                 .name = "storage.failing",
                                 .severity = STORE_ALARM,
                                 .connector = -1,
                                 .text = d->text };
    on_event(d, &event);
}

/* That it works again the store has recorded itself: it is how it found out.  That it failed can
 * be recorded only now. */
static void storage_recovered(struct daemon *d)
{
    char text[200], since[OCPP_TIME_TEXT_SIZE];
    struct store_event failed = { .at_ms = d->failing_since_ms,
                                  .name = "storage.failing",
                                  .severity = STORE_ALARM,
                                  .connector = -1,
                                  .text = d->text };
    ocpp_time_format(d->failing_since_ms, since);
    snprintf(text, sizeof(text),
             "storage works again; from %s until now nothing was confirmed to stations, they send "
             "it again",
             since);
    struct store_event works = { .at_ms = utc_now(d),
                                 .name = "storage.recovered",
                                 .severity = STORE_WARNING,
                                 .connector = -1,
                                 .text = text };
    record(d, &failed);
    on_event(d, &works);
}

static void look_at_health(struct daemon *d, struct instant now)
{
    struct store_health h;
    if (now.mono_ms < d->health_at_mono_ms)
        return;
    d->health_at_mono_ms = now.mono_ms + HEALTH_EVERY_MS;
    d->health_unseen = false;
    store_health(d->store, &h);
    bool was_well = d->health == STORE_OK;
    d->health = h.state;
    if (was_well && h.state != STORE_OK)
        storage_failed(d, &h);
    else if (!was_well && h.state == STORE_OK)
        storage_recovered(d);
}

/* Would a database that is put back be noticed? */
static void look_at_mark(struct daemon *d)
{
    char text[300];
    struct store_trust trust;
    store_trust(d->store, &trust);
    bool was_failing = d->mark_fails;
    d->mark_fails = trust.mark_failed != NULL;
    if (!d->mark_fails || was_failing)
        return;
    snprintf(text, sizeof(text),
             "%s (noxd.mark in the data folder): an older database would not be noticed; check the "
             "disk and the rights of the folder",
             trust.mark_failed);
    tell(d, "storage.mark-failing", STORE_WARNING, text);
}

/* Once a minute: have frames been dropped? */
static void look_at_frames(struct daemon *d, struct instant now)
{
    struct frames_counters counters;
    char text[300];
    if (now.mono_ms < d->frames_looked_mono_ms + FRAMES_LOOK_MS)
        return;
    d->frames_looked_mono_ms = now.mono_ms;
    look_at_mark(d);
    frames_counters(d->frames, &counters);
    uint64_t more = counters.dropped - d->frames_dropped;
    d->frames_dropped = counters.dropped;
    if (more == 0)
        return;
    snprintf(text, sizeof(text), "%" PRIu64 " frames were not kept: %s; stations are not affected",
             more, counters.trouble[0] != '\0' ? counters.trouble : "the disk was too slow");
    tell(d, "frames.dropped", STORE_WARNING, text);
}

/* --- the end --- */

static void stage_set(struct daemon *d, enum stage stage, struct instant now, int64_t for_ms)
{
    d->stage = stage;
    d->stage_until_mono_ms = now.mono_ms + for_ms;
}

static void begin_end(struct daemon *d, int signal)
{
    notify_systemd("STOPPING=1");
    tell(d, "noxd.stopping", STORE_INFO,
         signal == SIGINT ? "interrupted: ending in order" : "asked to end: ending in order");
    ws_server_quiet(d->ws);
    central_flush_violations(d->central, (struct store_done){ .fn = NULL });
    stage_set(d, QUIET, loop_now(d->loop), QUIET_MS);
}

static bool is_all_committed(struct daemon *d)
{
    struct store_health h;
    store_pump(d->store);
    store_health(d->store, &h);
    return h.queued == 0;
}

static void go_on_ending(struct daemon *d, struct instant now)
{
    bool late = now.mono_ms >= d->stage_until_mono_ms;
    if (d->stage == QUIET && (is_all_committed(d) || late)) {
        stage_set(d, GOODBYE, now, GOODBYE_MS);
        ws_server_drain(d->ws);
    } else if (d->stage == GOODBYE && (ws_server_drain(d->ws) || late)) {
        d->stage = ENDED;
        loop_stop(d->loop);
    }
}

/* --- what the loop calls --- */

static int64_t earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int64_t on_due(void *arg, struct instant now)
{
    struct daemon *d = arg;
    if (d->central == NULL || d->ws == NULL)
        return INT64_MAX;
    look_at_health(d, now);
    look_at_frames(d, now);
    int64_t next = earlier(central_tick(d->central, now), ws_server_tick(d->ws, now));
    next = earlier(next, cert_desk_tick(d->certs, now));
    if (d->stage != RUNNING) {
        go_on_ending(d, now);
        return now.mono_ms + END_EVERY_MS;
    }
    return d->health_unseen ? earlier(next, d->health_at_mono_ms) : next;
}

static void on_wake(void *arg)
{
    struct daemon *d = arg;
    if (d->ws == NULL)
        return;
    store_pump(d->store);
    d->health_unseen = true; /* on_due comes next */
    ws_server_press(d->ws, store_is_pressed(d->store));
    if (d->certs != NULL)
        cert_desk_on_wake(d->certs);
    if (d->admin != NULL)
        admin_on_wake(d->admin);
    if (d->files != NULL)
        files_on_wake(d->files);
}

/* DIR/quirks.json over the table that is shipped; it need not be there. */
static bool load_quirks(struct daemon *d, char *text, size_t size)
{
    char path[600], why[300] = "";
    snprintf(path, sizeof(path), "%s/quirks.json", d->config->data);
    FILE *in = fopen(path, "re");
    char *own = in != NULL ? malloc(QUIRKS_MAX_BYTES) : NULL;
    size_t len = own != NULL ? fread(own, 1, QUIRKS_MAX_BYTES, in) : 0;
    bool good = in == NULL || (own != NULL && len < QUIRKS_MAX_BYTES);
    if (!good)
        snprintf(why, sizeof(why), "is longer than %d bytes", QUIRKS_MAX_BYTES);
    good = good && central_quirks(d->central, own, len, why, sizeof(why));
    if (!good)
        snprintf(text, size, "%.600s: %.300s", path, why);
    free(own);
    if (in != NULL)
        fclose(in);
    return good;
}

static void reload_quirks(struct daemon *d)
{
    char text[TEXT_SIZE] = "";
    if (!load_quirks(d, text, sizeof(text)))
        tell(d, "noxd.reload_failed", STORE_ALARM, text);
}

static void reload(struct daemon *d)
{
    char text[TEXT_SIZE] = "";
    bool good = ws_server_reload_tls(d->ws, text, sizeof(text)) &&
                (d->admin == NULL || admin_reload(d->admin, text, sizeof(text)));
    if (!good)
        strncat(text, ": the old ones stay in use", sizeof(text) - strlen(text) - 1);
    tell(d, good ? "noxd.reloaded" : "noxd.reload_failed", good ? STORE_INFO : STORE_ALARM,
         good ? "certificates, keys, client CAs and revocation lists have been read again" : text);
}

static void on_signal(void *arg, int signal)
{
    struct daemon *d = arg;
    if (d->ws == NULL || d->central == NULL)
        return;
    if (signal == SIGHUP) {
        reload(d);
        reload_quirks(d);
        return;
    }
    if (d->stage == RUNNING) {
        begin_end(d, signal);
        loop_run_due(d->loop);
        return;
    }
    log_text(d->log, utc_now(d), LOG_WARNING, "noxd.ended",
             "asked a second time: ending at once; what was confirmed to stations is stored");
    _exit(1);
}

static void wake_loop(void *arg)
{
    loop_wake(((const struct daemon *)arg)->loop);
}

static int64_t store_now(void *arg)
{
    return utc_now(arg);
}

static uint64_t random_bits(void *arg)
{
    uint64_t bits = 0;
    (void)arg;
    if (getentropy(&bits, sizeof(bits)) != 0)
        bits = (uint64_t)time(NULL);
    return bits;
}

/* --- certificates --- */

static void judge_csr(void *arg, const struct central_csr *csr)
{
    cert_desk_judge(((struct daemon *)arg)->certs, csr);
}

static void sign_csr(void *arg, int64_t request, const char *station, const char *csr)
{
    cert_desk_sign(((struct daemon *)arg)->certs, request, station, csr);
}

/* From the desk: not stored yet. */
static void tell_event(void *arg, const struct store_event *event)
{
    record(arg, event);
    on_event(arg, event);
}

static bool reload_certs(void *arg, char *ret_text, size_t size)
{
    return ws_server_reload_tls(((struct daemon *)arg)->ws, ret_text, size);
}

/* --- start --- */

static bool start_certs(struct daemon *d)
{
    struct cert_desk_options options = { .loop = d->loop,
                                         .store = d->store,
                                         .db_path = d->dir.db_path,
                                         .dir = d->dir.pki_path,
                                         .cpo_name = d->config->cpo_name,
                                         .days = (int32_t)d->config->cert_days,
                                         .server_cert = d->config->tls_cert.at,
                                         .n_server_certs = d->config->tls_cert.n,
                                         .arg = d,
                                         .wake = wake_loop,
                                         .tell = tell_event,
                                         .reload = reload_certs };
    snprintf(d->text, sizeof(d->text), "out of memory");
    d->certs = cert_desk_new(&options);
    return d->certs != NULL;
}

static bool start_storage(struct daemon *d)
{
    struct store_options options = { .path = d->dir.db_path,
                                     .mark_path = d->dir.mark_path,
                                     .max_bytes = d->config->max_db_bytes,
                                     .wake = wake_loop,
                                     .wake_arg = d,
                                     .now_ms = store_now,
                                     .now_arg = d };
    return store_open(&options, &d->store, d->text, sizeof(d->text)) == STORE_OK &&
           reader_open(d->dir.db_path, &d->reader, d->text, sizeof(d->text)) == STORE_OK;
}

static bool start_frames(struct daemon *d)
{
    char dir[600];
    snprintf(dir, sizeof(dir), "%s/frames", d->config->data);
    struct frames_options options = { .dir = dir,
                                      .keep_ms = d->config->frames_keep_days * 86400000,
                                      .max_bytes = d->config->frames_max_bytes };
    d->frames = frames_open(&options, d->text, sizeof(d->text));
    return d->frames != NULL;
}

static int64_t start_of_time(struct daemon *d)
{
    const struct config *c = d->config;
    if (c->time_warp == 1 && c->time_start_ms == STORE_ABSENT)
        return STORE_ABSENT; /* the real clock */
    int64_t newest_ms = restore_newest(d->reader), now_ms = utc_now(d);
    if (c->time_start_ms == STORE_ABSENT)
        return newest_ms > now_ms ? newest_ms : now_ms;
    if (newest_ms != STORE_ABSENT && newest_ms > c->time_start_ms)
        log_text(d->log, now_ms, LOG_WARNING, "noxd.time",
                 "--time-start is earlier than the newest record in the database: sessions and "
                 "leases of the future may surprise; start with an empty --data instead");
    return c->time_start_ms;
}

static bool start_loop(struct daemon *d)
{
    struct loop_options options = { .time_factor = d->config->time_warp,
                                    .start_utc_ms = start_of_time(d),
                                    .protocols = ws_server_protocols(),
                                    .arg = d,
                                    .on_due = on_due,
                                    .on_wake = on_wake,
                                    .on_signal = on_signal,
                                    .on_log = on_loop_log };
    struct loop *loop = loop_new(&options, d->text, sizeof(d->text));
    d->loop = loop;
    return loop != NULL;
}

/* The answer to a ping has two thirds of its interval, and 5 s at least: mobile links are slow. */
static int32_t hangup_s(int64_t ping_s)
{
    int64_t more_s = ping_s * 2 / 3;
    return (int32_t)(ping_s + (more_s > 5 ? more_s : 5));
}

static struct tls_paths tls_paths(const struct config *c, const struct data_dir *dir)
{
    struct tls_paths paths = { .n_pairs = c->tls_cert.n,
                               .client_ca = c->tls_client_ca,
                               .client_crl = c->tls_client_crl,
                               .local_ca = dir->ca_path,
                               .local_crl = dir->crl_path };
    for (size_t i = 0; i < c->tls_cert.n; i++) {
        paths.cert[i] = c->tls_cert.at[i];
        paths.key[i] = c->tls_key.at[i];
    }
    return paths;
}

static void on_file_event(void *arg, const char *name, enum store_severity severity,
                          const char *text)
{
    tell(arg, name, severity, text);
}

static bool start_files(struct daemon *d)
{
    const struct config *c = d->config;
    struct files_options options = { .data = c->data,
                                     .loop = d->loop,
                                     .store = d->store,
                                     .upload_max_bytes = (uint64_t)c->upload_max_bytes,
                                     .files_max_bytes = (uint64_t)c->files_max_bytes,
                                     .arg = d,
                                     .event = on_file_event };
    for (size_t i = 0; i < c->public_url.n && i < FILES_PUBLIC_MAX; i++)
        options.public_url[i] = c->public_url.at[i];
    d->files = files_new(&options, d->text, sizeof(d->text));
    return d->files != NULL;
}

static bool on_offer(void *arg, void *link, struct central_offer *offer)
{
    return files_offer(((struct daemon *)arg)->files, link, offer);
}

static void on_file_changed(void *arg, const struct store_file_job *job)
{
    files_job_changed(((struct daemon *)arg)->files, job);
}

static bool start_server(struct daemon *d)
{
    struct ws_options options = { .loop = d->loop,
                                  .store = d->store,
                                  .tls = tls_paths(d->config, &d->dir),
                                  .organisation = d->config->cpo_name,
                                  .accept_unknown = d->config->unknown_stations == 1,
                                  .ping_s = (int32_t)d->config->ping_s,
                                  .hangup_s = hangup_s(d->config->ping_s),
                                  .arg = d,
                                  .trace = on_trace,
                                  .refused = on_refused,
                                  .event = on_event,
                                  .files = files_port(d->files) };
    d->ws = ws_server_new(&options, d->text, sizeof(d->text));
    return d->ws != NULL;
}

static bool start_central(struct daemon *d)
{
    const struct config *c = d->config;
    struct central_options options = central_default_options();
    options.store = d->store;
    options.port = (struct central_port){ .arg = d, .event = on_event, .random = random_bits };
    options.port.offer = on_offer;
    options.port.file_changed = on_file_changed;
    ws_server_port(d->ws, &options.port);
    options.heartbeat_s = (int32_t)c->heartbeat_s;
    options.meter_interval_s = (int32_t)c->meter_interval_s;
    options.call_timeout_ms = c->call_timeout_s * 1000;
    options.time_factor = c->time_warp;
    options.local_lists = c->local_lists == 1;
    options.tuning.lease_ms = c->lease_min * 60000;
    options.tuning.renew_after_ms = c->lease_min * 40000;
    snprintf(d->text, sizeof(d->text), "out of memory");
    options.cpo_name = c->cpo_name;
    options.cert_policy = (int32_t)c->cert_policy;
    options.port.csr_judge = judge_csr;
    options.port.csr_sign = sign_csr;
    d->central = central_new(&options, loop_now(d->loop));
    if (d->central != NULL)
        cert_desk_start(d->certs, d->central);
    return d->central != NULL;
}

/* For people: which database this is, and what follows. */
static void describe_doubt(struct daemon *d, const struct store_trust *trust, int64_t until_ms)
{
    static const char *const found[] = {
        [STORE_TRUST_OLDER] = "the database is older than the leases that were given: a backup was "
                              "put back, or the disk lost what it had confirmed",
        [STORE_TRUST_OTHER] = "the database is not the one that was used last",
        [STORE_TRUST_NO_MARK] =
            "there is no noxd.mark beside the database, as after an upgrade, so "
            "it may be older than the leases that were given",
        [STORE_TRUST_MOVED] = "the data folder is a copy, so stations may have been given leases "
                              "since it was made",
        [STORE_TRUST_DAMAGED] = "noxd.mark beside the database cannot be read, so it may be older "
                                "than the leases that were given",
    };
    char until[OCPP_TIME_TEXT_SIZE];
    ocpp_time_format(until_ms, until);
    snprintf(
        d->doubt, sizeof(d->doubt),
        "%s (leases: %" PRId64 " here, %" PRId64 " by the mark); until %s every point on the "
        "grid counts at its rating and nobody is raised into that room, and after that where a "
        "station is not known to end leases until it accepts a limit or is Available; apply "
        "again what was changed since the backup, and look through 'noxctl session list'",
        found[trust->state], trust->number, trust->marked, until);
}

/* Leases that the database has lost may be in force for as long as the longest one.  The slack is
 * what a clock may be wrong by, and what the mark may have missed before a power cut. */
static void judge_database(struct daemon *d, struct instant now)
{
    enum { LEASE_SLACK_MS = 120000 };
    struct store_trust trust;
    int64_t lease_ms = d->config->lease_min * 60000;
    store_trust(d->store, &trust);
    if (trust.state == STORE_TRUSTED) {
        if (trust.doubt_until_ms != STORE_ABSENT && trust.doubt_until_ms > now.utc_ms)
            central_doubt(d->central, trust.doubt_until_ms, false, now);
        return;
    }
    int64_t until_ms =
        now.utc_ms + LEASE_SLACK_MS + (lease_ms > trust.longest_ms ? lease_ms : trust.longest_ms);
    central_doubt(d->central, until_ms, true, now);
    store_life_renew(d->store, until_ms, (struct store_done){ .fn = NULL });
    describe_doubt(d, &trust, until_ms);
}

static bool restore_state(struct daemon *d)
{
    struct restore restore = { d->reader, d->central, loop_now(d->loop) };
    files_start(d->files, d->central, NULL); /* offers are made later, when there is a door */
    bool good = restore_live(&restore, d->text, sizeof(d->text));
    if (good) {
        judge_database(d, restore.now);
        files_start(d->files, d->central, d->ws);
        store_calls_lost(d->store, restore.now.utc_ms, (struct store_done){ .fn = NULL });
    }
    reader_close(d->reader);
    d->reader = NULL;
    return good;
}

static bool listen_all(struct daemon *d, const struct config_addresses *list, bool tls)
{
    for (size_t i = 0; i < list->n; i++) {
        struct ws_listen listen = { .address = list->at[i].host,
                                    .port = list->at[i].port,
                                    .tls = tls };
        if (!ws_server_listen(d->ws, &listen, d->url[d->n_urls], sizeof(d->url[0]), d->text,
                              sizeof(d->text)))
            return false;
        d->urls[d->n_urls] = d->url[d->n_urls];
        d->n_urls++;
    }
    return true;
}

static bool start_listeners(struct daemon *d)
{
    store_connections_lost(d->store, utc_now(d));
    ws_server_start(d->ws, d->central);
    return listen_all(d, &d->config->listen, false) && listen_all(d, &d->config->tls_listen, true);
}

static bool start_admin(struct daemon *d)
{
    const struct config_addresses *listen = &d->config->admin_listen;
    d->web_tls = tls_paths(d->config, &d->dir);
    d->web_tls.client_ca = d->web_tls.client_crl = d->web_tls.local_ca = d->web_tls.local_crl =
        NULL;
    struct admin_options options = { .loop = d->loop,
                                     .central = d->central,
                                     .store = d->store,
                                     .frames = d->frames,
                                     .ws = d->ws,
                                     .db_path = d->dir.db_path,
                                     .socket_path = d->dir.socket_path,
                                     .version = NOX_VERSION,
                                     .time_warp = d->config->time_warp,
                                     .files = d->files,
                                     .url = d->urls,
                                     .n_urls = d->n_urls,
                                     .certs = d->certs,
                                     .arg = d,
                                     .tell = tell_event,
                                     .cert_policy = d->config->cert_policy };
    options.web = (struct admin_web){ .n = listen->n, .tls = &d->web_tls };
    for (size_t i = 0; i < listen->n; i++)
        options.web.at[i] = (struct admin_address){ listen->at[i].host, listen->at[i].port };
    d->admin = admin_new(&options, d->text, sizeof(d->text));
    return d->admin != NULL;
}

static void say_ready(struct daemon *d)
{
    char text[200];
    printf("noxd: ready");
    for (size_t i = 0; i < d->n_urls; i++)
        printf(" %s", d->url[i]);
    printf(" admin=%s", d->dir.socket_path);
    for (size_t i = 0; admin_web_url(d->admin, i) != NULL; i++)
        printf(" admin=%s", admin_web_url(d->admin, i));
    putchar('\n');
    fflush(stdout);
    snprintf(text, sizeof(text), "version %s, %zu stations, event loop %s", NOX_VERSION,
             central_station_count(d->central), loop_backend(d->loop));
    tell(d, "noxd.started", STORE_INFO, text);
    if (d->doubt[0] != '\0')
        tell(d, "storage.older", STORE_ALARM, d->doubt);
    notify_systemd("READY=1");
}

static bool start(struct daemon *d)
{
    if (!data_dir_open(d->config->data, &d->dir, d->text, sizeof(d->text)))
        return false;
    cert_files_recover(d->dir.pki_path);
    return start_storage(d) && start_frames(d) && start_loop(d) && start_files(d) &&
           start_server(d) && start_certs(d) && start_central(d) &&
           load_quirks(d, d->text, sizeof(d->text)) && restore_state(d) && start_listeners(d) &&
           start_admin(d);
}

/* After the loop: completions that are still to come find everything they may name. */
static void release(struct daemon *d)
{
    reader_close(d->reader);
    cert_desk_free(d->certs);
    files_stop(d->files);
    store_close(d->store);
    admin_free(d->admin);
    ws_server_free(d->ws);
    central_free(d->central);
    files_free(d->files);
    loop_free(d->loop);
    frames_close(d->frames);
    ocpp_text_done(&d->clean);
    data_dir_close(&d->dir);
}

int daemon_run(const struct config *config)
{
    struct daemon d = { .config = config, .dir = { .lock_fd = -1 } };
    ocpp_text_init(&d.clean);
    int code = 0;
    umask(077);
    loop_prepare();
    d.log = log_new(stderr, config->log_format == 1, (enum log_level)config->log_level);
    if (d.log == NULL)
        return 1;
    if (start(&d)) {
        say_ready(&d);
        loop_run(d.loop);
        log_text(d.log, utc_now(&d), LOG_INFO, "noxd.ended", "ended in order");
    } else {
        fprintf(stderr, "noxd: %s\n", d.text);
        code = 1;
        if (d.loop != NULL) {
            loop_stop(d.loop);
            loop_run(d.loop);
        }
    }
    release(&d);
    log_free(d.log);
    return code;
}

/* --- check --- */

static bool check_database(const struct config *config, char *text, size_t size)
{
    char path[600];
    struct reader *reader = NULL;
    const struct store_site *site = NULL;
    struct stat info;
    snprintf(path, sizeof(path), "%s/nox.db", config->data);
    if (stat(path, &info) != 0) {
        printf("noxd: %s does not exist yet and will be made\n", path);
        return true;
    }
    bool good = reader_open(path, &reader, text, size) == STORE_OK;
    if (good && reader_site(reader, &site) != STORE_OK) {
        snprintf(text, size, "%s cannot be read", path);
        good = false;
    }
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (good)
        good = central_prove(site, (int64_t)now.tv_sec * 1000, text, size);
    if (good)
        printf("noxd: %s: %zu stations, %zu grid nodes, all safe currents fit\n", path,
               site->n_stations, site->n_grid);
    reader_close(reader);
    return good;
}

static void check_line(void *arg, const char *line)
{
    (void)arg;
    printf("noxd: %s\n", line);
}

static void check_remark(void *arg, bool bad, const char *line)
{
    (void)arg;
    fprintf(stderr, "noxd: %s%s\n", bad ? "" : "warning: ", line);
}

static bool check_tls(const struct config *config, char *text, size_t size)
{
    struct data_dir dir = { .lock_fd = -1 };
    if (config->tls_cert.n == 0)
        return true;
    data_dir_pki(config->data, &dir);
    struct tls_paths paths = tls_paths(config, &dir);
    struct tls_files *files = tls_files_load(&paths, text, size);
    if (files == NULL)
        return false;
    tls_files_describe(files, check_line, NULL);
    size_t n_bad = tls_files_judge(files, time(NULL), check_remark, NULL);
    if (n_bad > 0)
        snprintf(text, size, "the certificates have %zu fault%s (see above)", n_bad,
                 n_bad == 1 ? "" : "s");
    tls_files_free(files);
    return n_bad == 0;
}

int daemon_check(const struct config *config)
{
    char text[TEXT_SIZE] = "";
    if (check_tls(config, text, sizeof(text)) && check_database(config, text, sizeof(text))) {
        puts("noxd: all is well");
        return 0;
    }
    fprintf(stderr, "noxd: %s\n", text);
    return 1;
}
