/*
 * Transfers between stations and files: firmware to them, diagnostics and logs from them.
 *
 * UpdateFirmware and GetDiagnostics (OCPP 1.6 sections 5.19, 5.9) name no job: what the station
 * says of it later belongs to its newest one.  SignedUpdateFirmware and GetLog (white paper L01,
 * N01) carry our number.  A job is committed before its request is sent; when it is not known
 * whether the request arrived, the station is asked again only after it has had time to show that
 * it did.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ocpp/central/state.h"
#include "ocpp/wire/redact.h"

enum {
    UNSURE_MS = 60000,  /* a station that took the request shows it within this */
    SILENT_MS = 120000, /* after the upload, until its last word must have come */
    SENDS_MAX = 3,
    FIRMWARE_MS = 4 * 3600000,
    UPLOAD_MS = 3600000,
    SIGNATURE_MAX = 800,
};

struct transfer {
    struct transfer *next; /* of all that are not over */
    struct central *central;
    struct store_file_job row; /* its texts are ours */
    char token[65];
    struct timer timer;
    int sends, steps; /* how far: see `words` */
    bool unsure;      /* sent, perhaps */
    bool in_flight;   /* the request waits for its answer */
    bool said_over;   /* the station has said Uploaded */
    void (*done)(void *arg, const struct store_file_job *job, const struct central_reply *reply);
    void *arg;
};

static bool is_over(const struct transfer *t)
{
    return t->row.state >= STORE_FILE_DONE;
}

static bool is_firmware(const struct transfer *t)
{
    return t->row.kind <= STORE_FILE_SIGNED_FIRMWARE;
}

/* --- texts of a row --- */

static void set_text(const char **member, const char *value)
{
    char *text = (char *)(uintptr_t)*member;
    text_replace(&text, value);
    *member = text;
}

static void free_texts(struct store_file_job *row)
{
    const char **member[] = { &row->station, &row->url,    &row->version, &row->status, &row->note,
                              &row->file,    &row->sha256, &row->who,     &row->why };
    for (size_t i = 0; i < sizeof(member) / sizeof(member[0]); i++)
        set_text(member[i], NULL);
}

static void own_texts(struct store_file_job *row)
{
    const char **member[] = { &row->station, &row->url,    &row->version, &row->status, &row->note,
                              &row->file,    &row->sha256, &row->who,     &row->why };
    for (size_t i = 0; i < sizeof(member) / sizeof(member[0]); i++) {
        const char *lent = *member[i];
        *member[i] = NULL;
        set_text(member[i], lent);
    }
}

/* --- writing --- */

static void write_row(struct transfer *t, struct store_done done)
{
    struct central *c = t->central;
    t->row.changed_at_ms = c->now.utc_ms;
    if (c->closing)
        return;
    /* Lost only while the storage fails: then a restart goes on from the state before. */
    if (!store_file_job(c->options.store, &t->row, done) && done.fn != NULL)
        done.fn(done.arg, STORE_FULL, NULL);
    if (c->options.port.file_changed != NULL)
        c->options.port.file_changed(c->options.port.arg, &t->row);
}

static void note(struct transfer *t, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void note(struct transfer *t, const char *format, ...)
{
    char text[300];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    set_text(&t->row.note, text);
}

static void arm(struct transfer *t, struct instant now)
{
    struct central *c = t->central;
    int64_t left_ms = (t->row.until_ms - now.utc_ms) / c->options.time_factor;
    int64_t due = left_ms > 0 ? left_ms : 0;
    if ((t->unsure || (t->row.file != NULL && !t->said_over)) && !is_over(t)) {
        int64_t soon = t->unsure ? UNSURE_MS : SILENT_MS;
        due = soon < due ? soon : due;
    }
    timer_set(&c->timers, &t->timer, now.mono_ms + due);
}

static void tell(struct transfer *t, const struct central_reply *reply)
{
    void (*done)(void *arg, const struct store_file_job *job, const struct central_reply *reply) =
        t->done;
    t->done = NULL;
    if (done != NULL)
        done(t->arg, &t->row, reply);
}

static void unlink_transfer(struct transfer *t)
{
    struct transfer **p = &t->central->transfers;
    while (*p != NULL && *p != t)
        p = &(*p)->next;
    if (*p == t)
        *p = t->next;
}

/* Name and password of an operator's URL: nobody needs them any more. */
static void forget_password(struct transfer *t)
{
    json_t *holder = t->row.url != NULL ? json_pack("{s:s}", "url", t->row.url) : NULL;
    if (holder != NULL && ocpp_redact(holder))
        set_text(&t->row.url, json_string_value(json_object_get(holder, "url")));
    json_decref(holder);
}

static void transfer_end(struct transfer *t, int32_t state, struct instant now)
{
    struct central *c = t->central;
    struct store_done nobody = { .fn = NULL };
    bool bad = state != STORE_FILE_DONE && state != STORE_FILE_REPLACED;
    t->row.state = state;
    t->unsure = false;
    forget_password(t);
    timer_cancel(&c->timers, &t->timer);
    unlink_transfer(t);
    write_row(t, nobody);
    if (c->closing)
        return;
    central_event(c, is_firmware(t) ? "firmware.job" : "file.job", bad ? STORE_WARNING : STORE_INFO,
                  t->row.station, -1, now, "%s %" PRId64 " %s: %s",
                  store_file_kind_text(t->row.kind), t->row.id, store_file_state_text(state),
                  t->row.note);
    rollout_job_over(c, &t->row, now);
}

static void transfer_free(struct transfer *t)
{
    if (t == NULL)
        return;
    timer_cancel(&t->central->timers, &t->timer);
    unlink_transfer(t);
    free_texts(&t->row);
    free(t);
}

static struct transfer **place_of(struct station *s, int32_t kind)
{
    return kind <= STORE_FILE_SIGNED_FIRMWARE ? &s->update : &s->upload;
}

/* The newest of its kind; what was before is over. */
static void take_place(struct station *s, struct transfer *t, struct instant now)
{
    struct transfer **place = place_of(s, t->row.kind), *old = *place;
    *place = t;
    if (old == NULL)
        return;
    if (!is_over(old)) {
        note(old, "replaced by %" PRId64, t->row.id);
        transfer_end(old, STORE_FILE_REPLACED, now);
    }
    if (old->in_flight)
        old->sends = SENDS_MAX; /* its answer frees it */
    else
        transfer_free(old);
}

void transfers_leave(struct station *s)
{
    struct transfer *both[] = { s->update, s->upload };
    s->update = s->upload = NULL;
    for (size_t i = 0; i < 2; i++) {
        struct transfer *t = both[i];
        if (t == NULL)
            continue;
        if (!is_over(t) && !s->central->closing) {
            note(t, "the station was removed");
            transfer_end(t, STORE_FILE_ABORTED, s->central->now);
        }
        if (!t->in_flight) /* else its answer frees it */
            transfer_free(t);
    }
}

/* --- sending --- */

static const struct store_firmware *firmware_of(const struct central *c, int64_t num)
{
    for (size_t i = 0; i < c->n_firmware; i++)
        if (c->firmware[i].num == num)
            return &c->firmware[i];
    return NULL;
}

/* The signature, or on purpose another of the same form. */
static void put_signature(const struct transfer *t, const struct store_firmware *f, char *ret)
{
    snprintf(ret, SIGNATURE_MAX + 1, "%s", f->signature != NULL ? f->signature : "");
    if (t->row.wrong_signature && ret[0] != '\0')
        ret[8 % strlen(ret)] = ret[8 % strlen(ret)] == 'A' ? 'B' : 'A';
}

static bool encode(const struct transfer *t, const char *url, const char **ret_action,
                   struct ocpp_text *out)
{
    const struct store_file_job *j = &t->row;
    const struct store_firmware *f = firmware_of(t->central, j->firmware);
    int32_t retries = j->retries >= 0 ? j->retries : OCPP_INT_ABSENT;
    int32_t retry_s = j->retry_s >= 0 ? j->retry_s : OCPP_INT_ABSENT;
    char signature[SIGNATURE_MAX + 1] = "";
    if (f != NULL)
        put_signature(t, f, signature);
    struct ocpp_update_firmware_req plain = { .location = url,
                                              .retries = retries,
                                              .retrieve_date_ms = j->start_at_ms,
                                              .retry_interval = retry_s };
    struct ocpp_firmware image = { .location = url,
                                   .retrieve_date_time_ms = j->start_at_ms,
                                   .install_date_time_ms = j->install_at_ms,
                                   .signing_certificate = f != NULL ? f->certificate : NULL,
                                   .signature = signature };
    struct ocpp_signed_update_firmware_req secure = { .retries = retries,
                                                      .retry_interval = retry_s,
                                                      .request_id = (int32_t)j->id,
                                                      .firmware = &image };
    struct ocpp_get_diagnostics_req diagnostics = { .location = url,
                                                    .retries = retries,
                                                    .retry_interval = retry_s,
                                                    .start_time_ms = j->from_ms,
                                                    .stop_time_ms = j->to_ms };
    struct ocpp_log_parameters part = { .remote_location = url,
                                        .oldest_timestamp_ms = j->from_ms,
                                        .latest_timestamp_ms = j->to_ms };
    struct ocpp_get_log_req log = { .log = &part,
                                    .log_type = j->kind == STORE_FILE_SECURITY_LOG
                                                    ? OCPP_LOG_TYPE_SECURITY_LOG
                                                    : OCPP_LOG_TYPE_DIAGNOSTICS_LOG,
                                    .request_id = (int32_t)j->id,
                                    .retries = retries,
                                    .retry_interval = retry_s };
    const struct {
        enum ocpp_action_id action;
        const void *req;
    } forms[] = {
        [STORE_FILE_FIRMWARE] = { OCPP_UPDATE_FIRMWARE, &plain },
        [STORE_FILE_SIGNED_FIRMWARE] = { OCPP_SIGNED_UPDATE_FIRMWARE, &secure },
        [STORE_FILE_DIAGNOSTICS] = { OCPP_GET_DIAGNOSTICS, &diagnostics },
        [STORE_FILE_SECURITY_LOG] = { OCPP_GET_LOG, &log },
        [STORE_FILE_DIAGNOSTICS_LOG] = { OCPP_GET_LOG, &log },
    };
    const struct ocpp_action *action = ocpp_action_get(forms[j->kind].action);
    *ret_action = action->name;
    return ocpp_encode(action->req, forms[j->kind].req, out);
}

static void reply_failed(struct transfer *t, const struct central_reply *reply)
{
    const char *hint = "";
    if (reply->outcome != CENTRAL_CALLERROR) {
        note(t, "%s", reply->text);
        return;
    }
    if (t->row.kind == STORE_FILE_FIRMWARE && strcmp(reply->error_code, "NotSupported") == 0)
        hint = "; it may take signed firmware only: try --signed";
    else if (t->row.kind >= STORE_FILE_SECURITY_LOG)
        hint = "; it may know only the older way: noxctl diagnostics get";
    note(t, "the station answered %s%s%s%s", reply->error_code, reply->text[0] != '\0' ? ": " : "",
         reply->text, hint);
}

/* Everything that could be decided by the answer; the rest comes by notifications. */
static void on_answer(struct transfer *t, const struct central_reply *reply, struct instant now)
{
    struct store_done nobody = { .fn = NULL };
    const char *status = json_string_value(json_object_get(reply->payload, "status"));
    bool has_name = json_is_string(json_object_get(reply->payload, "fileName"));
    if (status != NULL && !ocpp_ci_equal(status, "Accepted") &&
        !ocpp_ci_equal(status, "AcceptedCanceled")) {
        note(t, "the station said %s", status);
        transfer_end(t, STORE_FILE_FAILED, now);
        return;
    }
    t->unsure = t->row.kind == STORE_FILE_DIAGNOSTICS && !has_name && t->steps == 0;
    t->row.state = STORE_FILE_RUNNING;
    if (t->unsure)
        note(t, "the station named no file: it has nothing to deliver, or does not say so");
    else
        note(t, "taken by the station");
    write_row(t, nobody);
    arm(t, now);
}

static void on_reply(void *arg, const struct central_reply *reply)
{
    struct transfer *t = arg;
    struct instant now = t->central->now;
    struct station *s = station_find(t->central, t->row.station);
    struct store_done nobody = { .fn = NULL };
    t->in_flight = false;
    if (s == NULL || *place_of(s, t->row.kind) != t) { /* replaced meanwhile, or removed */
        tell(t, reply);
        transfer_free(t);
        return;
    }
    if (is_over(t)) {
        tell(t, reply);
        return;
    }
    if (reply->outcome == CENTRAL_ANSWERED) {
        on_answer(t, reply, now);
    } else if (reply->outcome == CENTRAL_TIMEOUT || reply->outcome == CENTRAL_LOST) {
        t->unsure = t->steps == 0;
        note(t, "not answered: whether the station has it will be seen");
        write_row(t, nobody);
        arm(t, now);
    } else if (reply->outcome != CENTRAL_CALLERROR && t->row.rollout != 0) {
        t->row.state = STORE_FILE_WAITING; /* not sent: it waits for the station */
        note(t, "waits for the station");
        write_row(t, nobody);
    } else {
        reply_failed(t, reply);
        transfer_end(t, STORE_FILE_FAILED, now);
    }
    tell(t, reply);
}

/* A URL of our own is made anew for each sending: what was sent before is no longer good. */
static bool make_url(struct transfer *t, struct station *s, char *url, size_t size)
{
    struct central_port *port = &t->central->options.port;
    if (t->row.url != NULL) {
        snprintf(url, size, "%s", t->row.url);
        return true;
    }
    struct central_offer offer = { .job = t->row.id,
                                   .kind = t->row.kind,
                                   .firmware = t->row.firmware,
                                   .station = t->row.station,
                                   .security_profile = s->identity.security_profile };
    if (port->offer == NULL || !port->offer(port->arg, s->session->link, &offer))
        return false;
    snprintf(url, size, "%s", offer.url);
    memcpy(t->token, offer.token, sizeof(t->token));
    t->row.token = t->token;
    return true;
}

static void transfer_send(struct transfer *t, struct station *s, struct instant now)
{
    struct store_done nobody = { .fn = NULL };
    struct ocpp_text payload;
    const char *action = NULL;
    char url[1024];
    if (s->session == NULL || t->in_flight)
        return;
    if (!make_url(t, s, url, sizeof(url))) {
        note(t, "there is no address to offer: start noxd with --public-url http://HOST:PORT");
        transfer_end(t, STORE_FILE_FAILED, now);
        tell(t, &(struct central_reply){ .outcome = CENTRAL_REFUSED, .text = t->row.note });
        return;
    }
    ocpp_text_init(&payload);
    bool good = encode(t, url, &action, &payload);
    memset(url, 0, sizeof(url));
    if (good) {
        t->row.state = STORE_FILE_SENDING;
        t->unsure = false;
        t->in_flight = true;
        t->sends++;
        note(t, "being sent");
        write_row(t, nobody);
        struct central_ask ask = { .station = t->row.station,
                                   .action = action,
                                   .payload_json = payload.data,
                                   .who = t->row.who,
                                   .why = t->row.why };
        central_ask(t->central, &ask, on_reply, t, now);
    } else {
        note(t, "the request cannot be built: the URL or the certificate is too long");
        transfer_end(t, STORE_FILE_FAILED, now);
        tell(t, &(struct central_reply){ .outcome = CENTRAL_REFUSED, .text = t->row.note });
    }
    ocpp_text_done(&payload);
}

static void on_timer(struct timer *timer, struct instant now)
{
    struct transfer *t = timer->owner;
    struct station *s = station_find(t->central, t->row.station);
    if (now.utc_ms >= t->row.until_ms) {
        note(t, "not over in time; the station's last word: %s",
             t->row.status[0] != '\0' ? t->row.status : "none");
        transfer_end(t, STORE_FILE_TIMED_OUT, now);
    } else if (t->row.file != NULL) {
        note(t, "the file has come; the station did not say that it was ready");
        transfer_end(t, STORE_FILE_DONE, now);
    } else if (t->unsure && t->row.state == STORE_FILE_RUNNING) {
        note(t, "the station has nothing to deliver");
        transfer_end(t, STORE_FILE_FAILED, now);
    } else if (t->unsure && t->sends >= SENDS_MAX) {
        note(t, "sent %d times and never answered", t->sends);
        transfer_end(t, STORE_FILE_FAILED, now);
    } else if (t->unsure && s != NULL && s->session != NULL && s->session->ready) {
        transfer_send(t, s, now);
        if (!is_over(t))
            arm(t, now);
    } else {
        arm(t, now);
    }
}

void transfers_ready(struct station *s, struct instant now)
{
    struct transfer *both[] = { s->update, s->upload };
    for (size_t i = 0; i < 2; i++) {
        struct transfer *t = both[i];
        if (t == NULL || is_over(t))
            continue;
        if (t->row.state == STORE_FILE_WAITING)
            transfer_send(t, s, now);
        else if (t->unsure)
            arm(t, now); /* from now on it has had the time to show what it does */
    }
    rollouts_touch(s->central, now);
}

static struct transfer *transfer_new(struct central *c, const struct store_file_job *row)
{
    struct transfer *t = calloc(1, sizeof(*t));
    if (t == NULL)
        return NULL;
    t->central = c;
    t->row = *row;
    own_texts(&t->row);
    if (row->token != NULL) {
        text_copy(t->token, sizeof(t->token), row->token);
        t->row.token = t->token;
    }
    t->timer = (struct timer){ .fire = on_timer, .owner = t };
    t->next = c->transfers;
    c->transfers = t;
    return t;
}

static bool order_is_good(const struct central *c, const struct station *s,
                          const struct central_file_order *o, char *ret_text, size_t size)
{
    const struct store_firmware *f = firmware_of(c, o->firmware);
    if (s == NULL)
        snprintf(ret_text, size, "there is no station %s", o->station);
    else if (s->session == NULL)
        snprintf(ret_text, size, "the station is not connected; nothing was sent");
    else if (o->firmware != 0 && (f == NULL || f->removed))
        snprintf(ret_text, size, "there is no firmware %" PRId64 ": see noxctl firmware list",
                 o->firmware);
    else if (o->kind <= STORE_FILE_SIGNED_FIRMWARE && o->firmware == 0 && o->url == NULL)
        snprintf(ret_text, size, "name a firmware, or a URL");
    else if (o->kind == STORE_FILE_SIGNED_FIRMWARE &&
             (f == NULL || f->certificate == NULL || f->signature == NULL))
        snprintf(ret_text, size,
                 "this firmware was added without signature and certificate: add it again with "
                 "--signature FILE --cert FILE");
    else
        return true;
    return false;
}

int64_t central_file_start(struct central *c, const struct central_file_order *o,
                           void (*done)(void *arg, const struct store_file_job *job,
                                        const struct central_reply *reply),
                           void *arg, struct instant now, char *ret_text, size_t size)
{
    c->now = now;
    struct station *s = station_find(c, o->station);
    if (!order_is_good(c, s, o, ret_text, size))
        return 0;
    const struct store_firmware *f = firmware_of(c, o->firmware);
    const char *version = o->version != NULL ? o->version : f != NULL ? f->version : "";
    int64_t start_at_ms = o->start_at_ms != STORE_ABSENT ? o->start_at_ms : now.utc_ms;
    int64_t begin_ms = start_at_ms > now.utc_ms ? start_at_ms : now.utc_ms;
    if (o->install_at_ms != STORE_ABSENT && o->install_at_ms > begin_ms)
        begin_ms = o->install_at_ms;
    int64_t for_ms = o->timeout_ms > 0                       ? o->timeout_ms
                     : o->kind <= STORE_FILE_SIGNED_FIRMWARE ? FIRMWARE_MS
                                                             : UPLOAD_MS;
    struct store_file_job row = { .id = ++c->last_file_job,
                                  .kind = o->kind,
                                  .state = STORE_FILE_WAITING,
                                  .station = o->station,
                                  .firmware = o->firmware,
                                  .rollout = o->rollout,
                                  .url = o->url,
                                  .version = version,
                                  .status = "",
                                  .note = "",
                                  .size = -1,
                                  .start_at_ms = start_at_ms,
                                  .install_at_ms = o->install_at_ms,
                                  .from_ms = o->from_ms,
                                  .to_ms = o->to_ms,
                                  .retries = o->retries,
                                  .retry_s = o->retry_s,
                                  .wrong_signature = o->wrong_signature,
                                  .who = o->who,
                                  .why = o->why,
                                  .asked_at_ms = now.utc_ms,
                                  .changed_at_ms = now.utc_ms,
                                  .until_ms = begin_ms + for_ms };
    struct transfer *t = transfer_new(c, &row);
    if (t == NULL) {
        snprintf(ret_text, size, "out of memory");
        return 0;
    }
    t->done = done;
    t->arg = arg;
    take_place(s, t, now);
    arm(t, now);
    transfer_send(t, s, now);
    return row.id;
}

void central_restore_file_job(struct central *c, const struct store_file_job *row,
                              struct instant now)
{
    struct station *s = station_find(c, row->station);
    c->now = now;
    if (row->id > c->last_file_job)
        c->last_file_job = row->id;
    if (s == NULL)
        return;
    struct transfer *t = transfer_new(c, row);
    if (t == NULL)
        return;
    t->unsure = row->state == STORE_FILE_SENDING;
    t->steps = row->status[0] != '\0';
    take_place(s, t, now);
    if (c->options.port.file_changed != NULL)
        c->options.port.file_changed(c->options.port.arg, &t->row);
    arm(t, now);
}

/* --- what the station says --- */

enum effect { NOTHING, GOES_ON, GOOD, BAD };

/* FirmwareStatus, DiagnosticsStatus, UploadLogStatus: what each word means for the job.  The order
 * in which they come is not looked at (white paper L01.FR.13-22, catalogue C.12.6). */
static const struct {
    const char *word;
    enum effect effect;
    int step; /* how far an update is; 3 = the file is there */
} words[] = {
    { "Idle", NOTHING, 0 },
    { "DownloadScheduled", GOES_ON, 1 },
    { "Downloading", GOES_ON, 2 },
    { "DownloadPaused", GOES_ON, 2 },
    { "Downloaded", GOES_ON, 3 },
    { "SignatureVerified", GOES_ON, 3 },
    { "InstallScheduled", GOES_ON, 4 },
    { "Installing", GOES_ON, 5 },
    { "InstallRebooting", GOES_ON, 5 },
    { "Installed", GOOD, 6 },
    { "DownloadFailed", BAD, 0 },
    { "InstallationFailed", BAD, 0 },
    { "InstallVerificationFailed", BAD, 0 },
    { "InvalidSignature", BAD, 0 },
    { "Uploading", GOES_ON, 2 },
    { "Uploaded", GOOD, 3 },
    { "UploadFailed", BAD, 0 },
    { "UploadFailure", BAD, 0 },
    { "BadMessage", BAD, 0 },
    { "PermissionDenied", BAD, 0 },
    { "NotSupportedOperation", BAD, 0 },
};

static void said_good(struct transfer *t, const char *word, struct instant now)
{
    struct store_done nobody = { .fn = NULL };
    t->said_over = true;
    if (is_firmware(t) || t->row.url != NULL || t->row.file != NULL) {
        note(t, "the station said %s", word);
        transfer_end(t, STORE_FILE_DONE, now);
        return;
    }
    /* The last word may overtake the file's commit. */
    note(t, "the station said %s, but no file has come here yet", word);
    t->row.until_ms = now.utc_ms + SILENT_MS * t->central->options.time_factor;
    write_row(t, nobody);
    arm(t, now);
}

static void transfer_said(struct transfer *t, const char *word, struct instant now)
{
    struct store_done nobody = { .fn = NULL };
    size_t i = 0, n = sizeof(words) / sizeof(words[0]);
    while (i < n && strcmp(words[i].word, word) != 0)
        i++;
    if (i == n || words[i].effect == NOTHING)
        return;
    bool was_late = t->row.state == STORE_FILE_TIMED_OUT;
    set_text(&t->row.status, word);
    if (is_over(t) && !was_late) { /* an echo of what is known, or of what was given up */
        write_row(t, nobody);
        return;
    }
    t->unsure = false;
    t->steps = words[i].step > t->steps ? words[i].step : t->steps;
    if (words[i].effect == GOOD) {
        said_good(t, word, now);
    } else if (words[i].effect == BAD) {
        note(t, "the station said %s", word);
        transfer_end(t, STORE_FILE_FAILED, now);
    } else if (!was_late) {
        t->row.state = STORE_FILE_RUNNING;
        note(t, "the station said %s", word);
        write_row(t, nobody);
        arm(t, now);
    }
}

void transfer_notice(struct station *s, enum ocpp_action_id action, const char *word,
                     int64_t request_id, struct instant now)
{
    static const struct {
        enum ocpp_action_id action;
        bool is_update, is_numbered;
        int32_t first, last; /* kinds that it may speak of */
    } rows[] = {
        { OCPP_FIRMWARE_STATUS_NOTIFICATION, true, false, STORE_FILE_FIRMWARE,
          STORE_FILE_FIRMWARE },
        { OCPP_SIGNED_FIRMWARE_STATUS_NOTIFICATION, true, true, STORE_FILE_SIGNED_FIRMWARE,
          STORE_FILE_SIGNED_FIRMWARE },
        { OCPP_DIAGNOSTICS_STATUS_NOTIFICATION, false, false, STORE_FILE_DIAGNOSTICS,
          STORE_FILE_DIAGNOSTICS },
        { OCPP_LOG_STATUS_NOTIFICATION, false, true, STORE_FILE_SECURITY_LOG,
          STORE_FILE_DIAGNOSTICS_LOG },
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (rows[i].action != action)
            continue;
        struct transfer *t = rows[i].is_update ? s->update : s->upload;
        if (t != NULL && t->row.kind >= rows[i].first && t->row.kind <= rows[i].last &&
            (!rows[i].is_numbered || request_id == t->row.id))
            transfer_said(t, word, now);
    }
}

void transfers_booted(struct station *s, struct instant now)
{
    struct transfer *t = s->update;
    if (t == NULL || t->row.version[0] == '\0' || s->firmware == NULL)
        return;
    bool is_wanted = ocpp_ci_equal(s->firmware, t->row.version);
    if (!is_over(t) && t->steps >= 3 && is_wanted) {
        note(t, "the station runs %s", s->firmware);
        transfer_end(t, STORE_FILE_DONE, now);
    } else if (t->row.state == STORE_FILE_DONE && !is_wanted) {
        central_event(s->central, "firmware.version", STORE_WARNING, s->id, -1, now,
                      "job %" PRId64 " is done, but the station says that it runs %s, not %s",
                      t->row.id, s->firmware, t->row.version);
    }
}

/* --- what the file server says --- */

bool central_file_received(struct central *c, int64_t job, const char *file, const char *sha256,
                           int64_t size, struct store_done done, struct instant now)
{
    c->now = now;
    for (struct transfer *t = c->transfers; t != NULL; t = t->next) {
        if (t->row.id != job)
            continue;
        bool said_over = t->said_over;
        set_text(&t->row.file, file);
        set_text(&t->row.sha256, sha256);
        t->row.size = size;
        t->unsure = false;
        note(t, "the file has come");
        if (said_over)
            t->row.state = STORE_FILE_DONE;
        write_row(t, done);
        if (said_over)
            transfer_end(t, STORE_FILE_DONE, now);
        else
            arm(t, now);
        return true;
    }
    return false;
}

void central_file_moved(struct central *c, int64_t job)
{
    for (struct transfer *t = c->transfers; t != NULL; t = t->next)
        if (t->row.id == job) {
            t->unsure = false; /* it has our request */
            return;
        }
}

bool central_file_abort(struct central *c, int64_t job, const char *who, struct instant now)
{
    c->now = now;
    for (struct transfer *t = c->transfers; t != NULL; t = t->next)
        if (t->row.id == job) {
            note(t, "ended by %s; what the station has begun it may finish", who);
            transfer_end(t, STORE_FILE_ABORTED, now);
            return true;
        }
    return false;
}

/* --- firmware --- */

bool central_firmware(struct central *c, const struct store_firmware *firmware)
{
    size_t i = 0;
    while (i < c->n_firmware && c->firmware[i].num != firmware->num)
        i++;
    if (i == c->n_firmware) {
        struct store_firmware *grown = realloc(c->firmware, (i + 1) * sizeof(*grown));
        if (grown == NULL)
            return false;
        c->firmware = grown;
        c->firmware[c->n_firmware++] = (struct store_firmware){ .num = firmware->num };
    }
    struct store_firmware *f = &c->firmware[i];
    set_text(&f->sha256, firmware->sha256);
    set_text(&f->name, firmware->name);
    set_text(&f->version, firmware->version);
    set_text(&f->vendor, firmware->vendor);
    set_text(&f->model, firmware->model);
    set_text(&f->signature, firmware->signature);
    set_text(&f->certificate, firmware->certificate);
    f->size = firmware->size;
    f->removed = firmware->removed;
    if (firmware->num > c->last_firmware)
        c->last_firmware = firmware->num;
    return true;
}

const struct store_firmware *central_firmware_find(const struct central *c, int64_t num)
{
    return firmware_of(c, num);
}

bool central_firmware_is_used(const struct central *c, int64_t num)
{
    for (const struct transfer *t = c->transfers; t != NULL; t = t->next)
        if (t->row.firmware == num)
            return true;
    return rollouts_need(c, num);
}

bool central_firmware_shares_file(const struct central *c, int64_t num)
{
    const struct store_firmware *f = firmware_of(c, num);
    for (size_t i = 0; f != NULL && i < c->n_firmware; i++)
        if (c->firmware[i].num != num && !c->firmware[i].removed &&
            strcmp(c->firmware[i].sha256, f->sha256) == 0)
            return true;
    return false;
}

int64_t central_firmware_next(struct central *c)
{
    return ++c->last_firmware;
}

void central_file_numbers(struct central *c, const struct reader_file_max *max)
{
    c->last_file_job = max->job;
    c->last_firmware = max->firmware;
    c->last_rollout = max->rollout;
}

void transfers_done(struct central *c)
{
    for (size_t i = 0; i < c->n_firmware; i++) {
        struct store_firmware *f = &c->firmware[i];
        const char **member[] = { &f->sha256, &f->name,      &f->version,    &f->vendor,
                                  &f->model,  &f->signature, &f->certificate };
        for (size_t k = 0; k < sizeof(member) / sizeof(member[0]); k++)
            set_text(member[k], NULL);
    }
    free(c->firmware);
    while (c->transfers != NULL)
        transfer_free(c->transfers);
}

bool transfer_is_running(const struct station *s)
{
    return s->update != NULL && !is_over(s->update);
}
