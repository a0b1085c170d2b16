/*
 * Firmware, diagnostics and logs: really fetched and delivered over http and https (OCPP 1.6
 * sections 5.9 and 5.19, white paper L01 and N01).
 *
 * A download that is cut goes on where it stopped (Range).  The new firmware's version is what its
 * first line says, `version: 1.2.3`, else the name of the file.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/noxsim/http_client.h"
#include "cmd/noxsim/serve.h"
#include "ocpp/wire/iso8601.h"

enum {
    HEAD_BYTES = 128,
    RESUMES_MAX = 10, /* in a row without a byte between them counts as a failure earlier */
    RESUME_MS = 2000,
    INSTALL_MS = 10000,
    REBOOT_MS = 10000,
    STEP_MS = 1000,
    STEP_REAL_MS = 100,
    WORTH_TELLING_MS = 30000, /* a start so soon is no appointment */
    RETRY_MS = 30000,
    CUT_AFTER_BYTES = 2000,
};

enum firmware_phase {
    FIRMWARE_NONE,
    FIRMWARE_WAITS,      /* for its time */
    FIRMWARE_LOADS,      /* a request runs, or is about to be repeated */
    FIRMWARE_DOWNLOADED, /* waits for the end of sessions and for its time */
    FIRMWARE_INSTALLS,
    FIRMWARE_LEAVES, /* says so and goes down */
    FIRMWARE_BOOTS,
};

enum firmware_step {
    STEP_NONE,
    STEP_SCHEDULED,
    STEP_DOWNLOADING,
    STEP_DOWNLOADED,
    STEP_DOWNLOAD_FAILED,
    STEP_VERIFIED,
    STEP_INVALID_SIGNATURE,
    STEP_INSTALL_SCHEDULED,
    STEP_INSTALLING,
    STEP_REBOOTING,
    STEP_INSTALLED,
    STEP_INSTALL_FAILED,
};

struct firmware {
    enum firmware_phase phase;
    enum firmware_step told;
    bool is_signed;
    int32_t request_id;
    int64_t install_ms; /* simulated; 0 = at once */
    char *signer, *signature;
    struct vault_digest *digest; /* of the bytes so far; signed only */
    int32_t retries, retry_s;    /* left; between two */
    int64_t due_ms;              /* simulated */
    struct http *http;
    char *location;
    int64_t received, resumed_at, cut_at; /* bytes; cut_at -1 = no cut */
    bool is_refused;
    int32_t resumes;
    size_t head_len;
    char head[HEAD_BYTES];
};

struct upload {
    bool is_wanted, is_log, is_posted;
    int32_t told;
    int32_t request_id, retries, retry_s;
    int64_t due_ms;
    struct http *http;
    char *location, *body;
    size_t body_len;
};

struct files {
    struct firmware firmware;
    struct upload upload;
};

static struct files *files_of(struct point *p)
{
    if (p->files == NULL)
        p->files = calloc(1, sizeof(*p->files));
    if (p->files == NULL)
        abort();
    return p->files;
}

static int64_t after_ms(const struct point *p, int64_t simulated_ms)
{
    return p->env->now_ms + env_at_least_ms(p->env, simulated_ms, STEP_REAL_MS);
}

/* --- firmware: what is told --- */

/* 0 = has no name there. */
static const struct {
    int32_t plain, of_signed;
} firmware_status[] = {
    [STEP_NONE] = { OCPP_FIRMWARE_STATUS_IDLE, OCPP_SIGNED_FIRMWARE_STATUS_IDLE },
    [STEP_SCHEDULED] = { 0, OCPP_SIGNED_FIRMWARE_STATUS_DOWNLOAD_SCHEDULED },
    [STEP_DOWNLOADING] = { OCPP_FIRMWARE_STATUS_DOWNLOADING,
                           OCPP_SIGNED_FIRMWARE_STATUS_DOWNLOADING },
    [STEP_DOWNLOADED] = { OCPP_FIRMWARE_STATUS_DOWNLOADED, OCPP_SIGNED_FIRMWARE_STATUS_DOWNLOADED },
    [STEP_DOWNLOAD_FAILED] = { OCPP_FIRMWARE_STATUS_DOWNLOAD_FAILED,
                               OCPP_SIGNED_FIRMWARE_STATUS_DOWNLOAD_FAILED },
    [STEP_VERIFIED] = { 0, OCPP_SIGNED_FIRMWARE_STATUS_SIGNATURE_VERIFIED },
    [STEP_INVALID_SIGNATURE] = { 0, OCPP_SIGNED_FIRMWARE_STATUS_INVALID_SIGNATURE },
    [STEP_INSTALL_SCHEDULED] = { 0, OCPP_SIGNED_FIRMWARE_STATUS_INSTALL_SCHEDULED },
    [STEP_INSTALLING] = { OCPP_FIRMWARE_STATUS_INSTALLING, OCPP_SIGNED_FIRMWARE_STATUS_INSTALLING },
    [STEP_REBOOTING] = { 0, OCPP_SIGNED_FIRMWARE_STATUS_INSTALL_REBOOTING },
    [STEP_INSTALLED] = { OCPP_FIRMWARE_STATUS_INSTALLED, OCPP_SIGNED_FIRMWARE_STATUS_INSTALLED },
    [STEP_INSTALL_FAILED] = { OCPP_FIRMWARE_STATUS_INSTALLATION_FAILED,
                              OCPP_SIGNED_FIRMWARE_STATUS_INSTALLATION_FAILED },
};

static void tell_firmware(struct point *p, enum firmware_step step)
{
    struct firmware *f = &p->files->firmware;
    struct note note = { .action = f->is_signed ? OCPP_SIGNED_FIRMWARE_STATUS_NOTIFICATION
                                                : OCPP_FIRMWARE_STATUS_NOTIFICATION,
                         .status = f->is_signed ? firmware_status[step].of_signed
                                                : firmware_status[step].plain,
                         .request_id = f->request_id,
                         .is_kept = true };
    f->told = step;
    if (note.status != 0)
        calls_note(p, &note);
}

static bool is_last(enum firmware_step step)
{
    return step == STEP_NONE || step == STEP_INSTALLED || step == STEP_INSTALL_FAILED ||
           step == STEP_DOWNLOAD_FAILED || step == STEP_INVALID_SIGNATURE;
}

int32_t files_firmware_status(const struct point *p)
{
    const struct firmware *f = p->files != NULL ? &p->files->firmware : NULL;
    if (f == NULL || f->is_signed || is_last(f->told) || firmware_status[f->told].plain == 0)
        return OCPP_FIRMWARE_STATUS_IDLE;
    return firmware_status[f->told].plain;
}

/* L01.FR.21: without an id when it is Idle. */
void files_trigger_signed(struct point *p)
{
    const struct firmware *f = p->files != NULL ? &p->files->firmware : NULL;
    bool runs = f != NULL && f->is_signed && !is_last(f->told);
    struct note note = { .action = OCPP_SIGNED_FIRMWARE_STATUS_NOTIFICATION,
                         .status = runs ? firmware_status[f->told].of_signed
                                        : OCPP_SIGNED_FIRMWARE_STATUS_IDLE,
                         .request_id = runs ? f->request_id : OCPP_INT_ABSENT,
                         .was_triggered = true };
    calls_note(p, &note);
}

static void end_firmware(struct point *p)
{
    struct firmware *f = &p->files->firmware;
    enum firmware_step told = f->told;
    if (f->http != NULL)
        http_cancel(f->http);
    free(f->location);
    free(f->signer);
    free(f->signature);
    vault_digest_free(f->digest);
    *f = (struct firmware){ .told = told, .request_id = OCPP_INT_ABSENT };
    p->is_updating = false;
}

static void fail_firmware(struct point *p, enum firmware_step step)
{
    p->env->counters.firmware_failed++;
    tell_firmware(p, step);
    end_firmware(p);
}

/* --- firmware: the download --- */

static void keep_head(struct firmware *f, const char *data, size_t len)
{
    size_t room = sizeof(f->head) - 1 - f->head_len;
    size_t part = len < room ? len : room;
    memcpy(f->head + f->head_len, data, part);
    f->head_len += part;
}

static void start_over(struct firmware *f)
{
    f->received = 0;
    f->head_len = 0;
    memset(f->head, 0, sizeof(f->head));
    if (!f->is_signed)
        return;
    vault_digest_free(f->digest);
    f->digest = vault_digest_new();
}

/* A part counts only when it is the one that is missing; whatever else comes, the next attempt
 * begins at the beginning. */
static void on_head(void *owner, int status, int64_t first, int64_t length)
{
    struct point *p = owner;
    struct firmware *f = &p->files->firmware;
    bool fits = status == 206 && first == f->received;
    f->is_refused = status != 200 && !fits;
    if (status == 200 || status == 206 || status == 416)
        if (!fits)
            start_over(f);
    f->resumed_at = f->received;
    f->cut_at = -1;
    if (!f->is_refused && p->env->now_ms >= p->calm_ms &&
        rng_chance(&p->rng, p->env->faults.rate[FAULT_DOWNLOAD_CUT]))
        f->cut_at =
            f->received + (length > 1 ? rng_range(&p->rng, 1, length - 1) : CUT_AFTER_BYTES);
}

static void load_later(struct point *p, int64_t wait_ms)
{
    struct firmware *f = &p->files->firmware;
    f->http = NULL;
    f->due_ms = after_ms(p, wait_ms);
}

/* A cut with some bytes before it costs nothing but time; anything else is one of the retries. */
static void on_cut(struct point *p)
{
    struct firmware *f = &p->files->firmware;
    if (!f->is_refused && f->received > f->resumed_at && f->resumes++ < RESUMES_MAX) {
        load_later(p, RESUME_MS);
    } else if (f->retries > 0) {
        f->retries--;
        f->resumes = 0;
        load_later(p, f->retry_s > 0 ? INT64_C(1000) * f->retry_s : RETRY_MS);
    } else {
        f->http = NULL;
        fail_firmware(p, STEP_DOWNLOAD_FAILED);
    }
}

static void on_data(void *owner, const char *data, size_t len)
{
    struct point *p = owner;
    struct firmware *f = &p->files->firmware;
    if (f->is_refused)
        return;
    if (f->cut_at >= 0 && f->received + (int64_t)len > f->cut_at)
        len = (size_t)(f->cut_at - f->received);
    keep_head(f, data, len);
    if (f->digest != NULL)
        vault_digest_add(f->digest, data, len);
    f->received += (int64_t)len;
    if (f->received != f->cut_at)
        return;
    p->env->counters.fault[FAULT_DOWNLOAD_CUT]++;
    http_cancel(f->http);
    on_cut(p);
    point_settle(p);
}

/* L01: the signature of what was really received. */
static bool has_good_signature(struct point *p)
{
    struct firmware *f = &p->files->firmware;
    if (!f->is_signed)
        return true;
    if (f->digest == NULL || !vault_digest_verify(f->digest, f->signer, f->signature))
        return false;
    tell_firmware(p, STEP_VERIFIED);
    return true;
}

static void downloaded(struct point *p)
{
    struct firmware *f = &p->files->firmware;
    tell_firmware(p, STEP_DOWNLOADED);
    if (!has_good_signature(p)) {
        fail_firmware(p, STEP_INVALID_SIGNATURE);
        security_event(p, "InvalidFirmwareSignature", NULL);
        return;
    }
    f->phase = FIRMWARE_DOWNLOADED;
    f->due_ms = after_ms(p, STEP_MS);
    if (f->install_ms > f->due_ms) {
        f->due_ms = f->install_ms;
        tell_firmware(p, STEP_INSTALL_SCHEDULED);
    }
}

static void on_loaded(void *owner, int status, bool is_whole, const char *why)
{
    struct point *p = owner;
    struct firmware *f = &p->files->firmware;
    f->http = NULL;
    if (!is_whole || f->is_refused || status == 0) {
        if (p->env->warning[0] == '\0')
            snprintf(p->env->warning, sizeof(p->env->warning),
                     "%.40s: the firmware could not be fetched: %.200s (HTTP status %d)",
                     p->site->id, why[0] != '\0' ? why : "the connection was cut", status);
        if (status == 0)
            f->is_refused = true;
        on_cut(p);
    } else {
        downloaded(p);
    }
    point_settle(p);
}

static void load(struct point *p)
{
    struct firmware *f = &p->files->firmware;
    struct http_request request = { .method = "GET",
                                    .location = f->location,
                                    .from = f->received,
                                    .vault = p->vault,
                                    .shows_certificate = p->profile == 3,
                                    .owner = p,
                                    .on_head = on_head,
                                    .on_data = on_data,
                                    .on_end = on_loaded };
    f->is_refused = false;
    f->resumed_at = f->received;
    f->due_ms = TIME_NEVER;
    f->http = http_begin(p->env->ws, &request);
    if (f->http == NULL) {
        f->is_refused = true;
        on_cut(p);
    }
}

/* --- firmware: the installation --- */

static bool has_session(const struct point *p)
{
    for (size_t i = 0; i < p->n_outlets; i++)
        if (p->outlet[i].tx != NULL)
            return true;
    return false;
}

static void set_version(struct point *p)
{
    struct firmware *f = &p->files->firmware;
    char version[51] = "";
    const char *name = f->location;
    if (sscanf(f->head, "version: %50[ -~]", version) != 1) {
        for (const char *at = f->location; *at != '\0' && *at != '?' && *at != '#'; at++)
            if (*at == '/' && at[1] != '\0' && at[1] != '?')
                name = at + 1;
        snprintf(version, sizeof(version), "%.*s", (int)strcspn(name, "?#/"), name);
    }
    char *copy = strdup(version);
    if (copy == NULL)
        return;
    free(p->firmware_version);
    p->firmware_version = copy;
}

static void installed(struct point *p)
{
    if (p->fails_install) {
        fail_firmware(p, STEP_INSTALL_FAILED);
        return;
    }
    p->env->counters.firmware_installed++;
    tell_firmware(p, STEP_INSTALLED);
    security_event_if_told(p, "FirmwareUpdated", p->firmware_version);
    end_firmware(p);
}

/* What is due now; every branch says when to come again. */
static void firmware_on_due(struct point *p)
{
    struct firmware *f = &p->files->firmware;
    switch (f->phase) {
    case FIRMWARE_NONE:
        return;
    case FIRMWARE_WAITS:
        f->phase = FIRMWARE_LOADS;
        tell_firmware(p, STEP_DOWNLOADING);
        load(p);
        return;
    case FIRMWARE_LOADS:
        load(p);
        return;
    case FIRMWARE_DOWNLOADED:
        p->is_updating = true; /* no session begins any more, those that run may end */
        f->due_ms = after_ms(p, STEP_MS);
        if (has_session(p))
            return;
        f->phase = FIRMWARE_INSTALLS;
        f->due_ms = after_ms(p, INSTALL_MS);
        return;
    case FIRMWARE_INSTALLS:
        f->phase = FIRMWARE_LEAVES;
        f->due_ms = after_ms(p, STEP_MS);
        tell_firmware(p, STEP_REBOOTING);
        return;
    case FIRMWARE_LEAVES:
        f->phase = FIRMWARE_BOOTS;
        f->due_ms = TIME_NEVER;
        if (!p->fails_install)
            set_version(p);
        point_power_off(p, env_at_least_ms(p->env, REBOOT_MS, STEP_REAL_MS),
                        OCPP_REASON_SOFT_RESET);
        return;
    case FIRMWARE_BOOTS:
        if (point_is_accepted(p))
            installed(p);
        else
            f->due_ms = after_ms(p, STEP_MS);
        return;
    }
}

static bool begin_firmware(struct point *p, const char *location, int64_t when_ms, int32_t retries,
                           int32_t retry_s)
{
    struct firmware *f = &files_of(p)->firmware;
    end_firmware(p);
    f->location = strdup(location);
    if (f->location == NULL)
        abort();
    f->phase = FIRMWARE_WAITS;
    f->retries = retries != OCPP_INT_ABSENT ? retries : 0;
    f->retry_s = retry_s != OCPP_INT_ABSENT ? retry_s : 0;
    f->due_ms = when_ms == OCPP_TIME_ABSENT ? 0 : when_ms - point_utc_of(p, 0);
    f->told = STEP_NONE;
    bool waits = f->due_ms > p->env->now_ms + WORTH_TELLING_MS;
    if (f->due_ms < after_ms(p, STEP_MS)) /* the answer goes first */
        f->due_ms = after_ms(p, STEP_MS);
    return waits;
}

void on_update_firmware(const struct request *r, const void *msg)
{
    const struct ocpp_update_firmware_req *req = msg;
    struct point *p = r->point;
    struct ocpp_update_firmware_conf conf = { 0 };
    p->env->counters.firmware_asked++;
    if (p->env->signed_firmware_only) { /* L01.FR.20 */
        serve_refuse(p, r->frame, OCPP_NOT_SUPPORTED, "only signed firmware is installed here");
        return;
    }
    serve_answer(r, &conf);
    if (p->files != NULL && p->files->firmware.phase >= FIRMWARE_INSTALLS)
        return; /* too late for another one */
    begin_firmware(p, req->location != NULL ? req->location : "", req->retrieve_date_ms,
                   req->retries, req->retry_interval);
}

static bool begin_signed(struct point *p, const struct ocpp_signed_update_firmware_req *req)
{
    const struct ocpp_firmware *in = req->firmware;
    bool waits = begin_firmware(p, in->location, in->retrieve_date_time_ms, req->retries,
                                req->retry_interval);
    struct firmware *f = &p->files->firmware;
    f->is_signed = true;
    f->request_id = req->request_id;
    f->signer = strdup(in->signing_certificate);
    f->signature = strdup(in->signature);
    if (f->signer == NULL || f->signature == NULL)
        abort();
    if (in->install_date_time_ms != OCPP_TIME_ABSENT)
        f->install_ms = in->install_date_time_ms - point_utc_of(p, 0);
    start_over(f);
    return waits;
}

void on_signed_update_firmware(const struct request *r, const void *msg)
{
    const struct ocpp_signed_update_firmware_req *req = msg;
    const struct ocpp_firmware *in = req->firmware;
    struct point *p = r->point;
    struct vault *vault = security_vault(p);
    enum firmware_phase phase = p->files != NULL ? p->files->firmware.phase : FIRMWARE_NONE;
    struct ocpp_signed_update_firmware_conf conf = { .status =
                                                         OCPP_UPDATE_FIRMWARE_STATUS_REJECTED };
    p->env->counters.firmware_asked++;
    bool is_whole = in != NULL && in->location != NULL && in->signing_certificate != NULL &&
                    in->signature != NULL && req->request_id != OCPP_INT_ABSENT && vault != NULL;
    enum vault_signer signer = VAULT_SIGNER_INVALID;
    if (is_whole)
        signer = vault_check_signer(vault, in->signing_certificate, point_utc_ms(p));
    bool is_trusted = is_whole && signer == VAULT_SIGNER_GOOD;
    if (is_whole && !is_trusted)
        conf.status = signer == VAULT_SIGNER_REVOKED
                          ? OCPP_UPDATE_FIRMWARE_STATUS_REVOKED_CERTIFICATE
                          : OCPP_UPDATE_FIRMWARE_STATUS_INVALID_CERTIFICATE;
    else if (is_trusted && phase < FIRMWARE_INSTALLS)
        conf.status = phase == FIRMWARE_NONE ? OCPP_UPDATE_FIRMWARE_STATUS_ACCEPTED
                                             : OCPP_UPDATE_FIRMWARE_STATUS_ACCEPTED_CANCELED;
    serve_answer(r, &conf);
    if (is_whole && !is_trusted)
        security_event(p, "InvalidFirmwareSigningCertificate", NULL);
    if (is_trusted && phase < FIRMWARE_INSTALLS && begin_signed(p, req))
        tell_firmware(p, STEP_SCHEDULED);
}

/* --- diagnostics and logs --- */

static void put_time(FILE *out, int64_t utc_ms)
{
    char text[OCPP_TIME_TEXT_SIZE];
    ocpp_time_format(utc_ms, text);
    fputs(text, out);
}

static void write_log(FILE *out, struct point *p)
{
    fprintf(out, "station: %s\nvendor: %s\nmodel: %s\nfirmware: %s\nwritten: ", p->site->id,
            p->env->vendor, p->env->model,
            p->firmware_version != NULL ? p->firmware_version : p->env->firmware);
    put_time(out, point_utc_ms(p));
    fprintf(out, "\nregistration: %d\nqueued messages: %zu\nlocal list: version %d, %zu entries\n",
            (int)p->registration, p->n_queue, (int)p->local_list.version, p->local_list.n);
    for (size_t i = 0; i < p->n_outlets; i++) {
        struct outlet *o = &p->outlet[i];
        fprintf(out, "connector %d: %s, register %lld Wh, offered %d mA\n", (int)o->number,
                ocpp_enum_text(&ocpp_enum_status, outlet_status(o)),
                (long long)(o->register_uj / UJ_PER_WH), (int)o->offered_ma);
    }
    for (int i = 0; i < KEY_END; i++)
        if (!key_row((enum key)i)->writeonly)
            fprintf(out, "%s = %s\n", key_row((enum key)i)->name, keys_text(&p->keys, (enum key)i));
}

static void end_upload(struct upload *u)
{
    int32_t told = u->told;
    if (u->http != NULL)
        http_cancel(u->http);
    free(u->location);
    free(u->body);
    *u = (struct upload){ .told = told };
}

static const struct {
    int32_t diagnostics, log;
} upload_status[] = {
    { OCPP_DIAGNOSTICS_STATUS_IDLE, OCPP_UPLOAD_LOG_STATUS_IDLE },
    { OCPP_DIAGNOSTICS_STATUS_UPLOADING, OCPP_UPLOAD_LOG_STATUS_UPLOADING },
    { OCPP_DIAGNOSTICS_STATUS_UPLOADED, OCPP_UPLOAD_LOG_STATUS_UPLOADED },
    { OCPP_DIAGNOSTICS_STATUS_UPLOAD_FAILED, OCPP_UPLOAD_LOG_STATUS_UPLOAD_FAILURE },
    { OCPP_DIAGNOSTICS_STATUS_UPLOAD_FAILED, OCPP_UPLOAD_LOG_STATUS_PERMISSION_DENIED },
    { OCPP_DIAGNOSTICS_STATUS_UPLOAD_FAILED, OCPP_UPLOAD_LOG_STATUS_NOT_SUPPORTED_OPERATION },
};

enum upload_step {
    UPLOAD_IDLE,
    UPLOAD_RUNS,
    UPLOAD_DONE,
    UPLOAD_FAILED,
    UPLOAD_DENIED,
    UPLOAD_UNSUPPORTED
};

static void tell_upload(struct point *p, enum upload_step step)
{
    struct upload *u = &p->files->upload;
    struct note note = {
        .action = u->is_log ? OCPP_LOG_STATUS_NOTIFICATION : OCPP_DIAGNOSTICS_STATUS_NOTIFICATION,
        .status = u->is_log ? upload_status[step].log : upload_status[step].diagnostics,
        .request_id = u->request_id,
        .is_kept = true
    };
    u->told = (int32_t)step;
    calls_note(p, &note);
}

int32_t files_diagnostics_status(const struct point *p)
{
    return p->files != NULL && p->files->upload.is_wanted && !p->files->upload.is_log &&
                   p->files->upload.told == UPLOAD_RUNS
               ? OCPP_DIAGNOSTICS_STATUS_UPLOADING
               : OCPP_DIAGNOSTICS_STATUS_IDLE;
}

void files_trigger_log(struct point *p)
{
    const struct upload *u = p->files != NULL ? &p->files->upload : NULL;
    bool runs = u != NULL && u->is_wanted && u->is_log && u->told == UPLOAD_RUNS;
    struct note note = { .action = OCPP_LOG_STATUS_NOTIFICATION,
                         .status =
                             runs ? OCPP_UPLOAD_LOG_STATUS_UPLOADING : OCPP_UPLOAD_LOG_STATUS_IDLE,
                         .request_id = runs ? u->request_id : OCPP_INT_ABSENT,
                         .was_triggered = true };
    calls_note(p, &note);
}

static void upload_ended(struct point *p, enum upload_step step)
{
    p->env->counters.files_uploaded += step == UPLOAD_DONE;
    tell_upload(p, step);
    end_upload(&p->files->upload);
}

static void upload_again(struct point *p, enum upload_step failure)
{
    struct upload *u = &p->files->upload;
    if (u->retries <= 0) {
        upload_ended(p, failure);
        return;
    }
    u->retries--;
    u->due_ms = after_ms(p, u->retry_s > 0 ? INT64_C(1000) * u->retry_s : RETRY_MS);
}

static void on_uploaded(void *owner, int status, bool is_whole, const char *why)
{
    struct point *p = owner;
    struct upload *u = &p->files->upload;
    (void)is_whole; /* the status says it: servers may close without a body */
    u->http = NULL;
    if (status >= 200 && status < 300) {
        upload_ended(p, UPLOAD_DONE);
    } else if ((status == 405 || status == 501) && !u->is_posted) {
        u->is_posted = true; /* it does not know PUT */
        u->due_ms = after_ms(p, 0);
    } else {
        if (p->env->warning[0] == '\0')
            snprintf(p->env->warning, sizeof(p->env->warning),
                     "%.40s: the log could not be delivered: %.200s (HTTP status %d)", p->site->id,
                     why[0] != '\0' ? why : "refused", status);
        upload_again(p, status == 401 || status == 403 ? UPLOAD_DENIED : UPLOAD_FAILED);
    }
    point_settle(p);
}

static void upload_on_due(struct point *p)
{
    struct upload *u = &p->files->upload;
    char text[120];
    u->due_ms = TIME_NEVER;
    if (u->told != UPLOAD_RUNS)
        tell_upload(p, UPLOAD_RUNS);
    if (!http_can(u->location, text, sizeof(text))) {
        upload_ended(p, UPLOAD_UNSUPPORTED);
        return;
    }
    struct http_request request = { .method = u->is_posted ? "POST" : "PUT",
                                    .location = u->location,
                                    .body = u->body,
                                    .body_len = u->body_len,
                                    .vault = p->vault,
                                    .shows_certificate = p->profile == 3,
                                    .owner = p,
                                    .on_end = on_uploaded };
    u->http = http_begin(p->env->ws, &request);
    if (u->http == NULL)
        upload_again(p, UPLOAD_FAILED);
}

/* A location that ends in a slash names a folder. */
static char *full_location(const char *location, const char *name)
{
    size_t len = strlen(location), size = len + strlen(name) + 1;
    char *full = malloc(size);
    if (full == NULL)
        abort();
    snprintf(full, size, "%s%s", location, len > 0 && location[len - 1] == '/' ? name : "");
    return full;
}

/* @param to_ms  of a security log; both OCPP_TIME_ABSENT = open */
static void begin_upload(struct point *p, const char *location, const char *name, bool is_security,
                         int64_t from_ms, int64_t to_ms, int32_t retries, int32_t retry_s)
{
    struct upload *u = &files_of(p)->upload;
    end_upload(u);
    u->is_wanted = true;
    u->told = UPLOAD_IDLE;
    u->request_id = OCPP_INT_ABSENT;
    u->retries = retries != OCPP_INT_ABSENT ? retries : 0;
    u->retry_s = retry_s != OCPP_INT_ABSENT ? retry_s : 0;
    u->location = full_location(location, name);
    FILE *out = open_memstream(&u->body, &u->body_len);
    if (out == NULL)
        abort();
    if (is_security)
        security_write_log(p, out, from_ms, to_ms);
    else
        write_log(out, p);
    fclose(out);
    u->due_ms = after_ms(p, STEP_MS);
}

static void file_name(const struct point *p, const char *kind, char *ret, size_t size)
{
    int len = snprintf(ret, size, "%s-", kind);
    for (const char *at = p->site->id; *at != '\0' && (size_t)len + 5 < size; at++)
        ret[len++] = strchr("/\\ ?#%", *at) == NULL ? *at : '_';
    snprintf(ret + len, size - (size_t)len, ".txt");
}

void on_get_diagnostics(const struct request *r, const void *msg)
{
    const struct ocpp_get_diagnostics_req *req = msg;
    struct point *p = r->point;
    char name[80];
    file_name(p, "diagnostics", name, sizeof(name));
    bool has_any = req->start_time_ms == OCPP_TIME_ABSENT || req->start_time_ms <= point_utc_ms(p);
    struct ocpp_get_diagnostics_conf conf = { .file_name = has_any ? name : NULL };
    serve_answer(r, &conf);
    if (has_any)
        begin_upload(p, req->location != NULL ? req->location : "", name, false, OCPP_TIME_ABSENT,
                     OCPP_TIME_ABSENT, req->retries, req->retry_interval);
}

void on_get_log(const struct request *r, const void *msg)
{
    const struct ocpp_get_log_req *req = msg;
    struct point *p = r->point;
    char name[80];
    bool is_security = req->log_type == OCPP_LOG_TYPE_SECURITY_LOG;
    file_name(p, is_security ? "security" : "diagnostics", name, sizeof(name));
    if (req->log == NULL || req->log->remote_location == NULL ||
        req->request_id == OCPP_INT_ABSENT || req->log_type <= 0) {
        struct ocpp_get_log_conf refused = { .status = OCPP_LOG_STATUS_REJECTED };
        serve_answer(r, &refused);
        return;
    }
    bool replaces = p->files != NULL && p->files->upload.is_wanted;
    struct ocpp_get_log_conf conf = { .status = replaces ? OCPP_LOG_STATUS_ACCEPTED_CANCELED
                                                         : OCPP_LOG_STATUS_ACCEPTED,
                                      .filename = name };
    serve_answer(r, &conf);
    begin_upload(p, req->log->remote_location, name, is_security, req->log->oldest_timestamp_ms,
                 req->log->latest_timestamp_ms, req->retries, req->retry_interval);
    p->files->upload.is_log = true;
    p->files->upload.request_id = req->request_id;
}

/* --- time --- */

void files_on_due(struct point *p)
{
    struct files *f = p->files;
    if (!p->is_powered)
        return;
    if (f->firmware.phase != FIRMWARE_NONE && p->env->now_ms >= f->firmware.due_ms) {
        firmware_on_due(p);
        if (f->firmware.phase == FIRMWARE_INSTALLS && f->firmware.told != STEP_INSTALLING) {
            for (size_t i = 0; i < p->n_outlets; i++)
                outlet_tell_status(&p->outlet[i]); /* Unavailable goes before Installing */
            tell_firmware(p, STEP_INSTALLING);
        }
    }
    if (f->upload.is_wanted && p->env->now_ms >= f->upload.due_ms)
        upload_on_due(p);
}

int64_t files_next_ms(const struct point *p)
{
    const struct files *f = p->files;
    int64_t next_ms = TIME_NEVER;
    if (!p->is_powered)
        return next_ms;
    if (f->firmware.phase != FIRMWARE_NONE)
        next_ms = f->firmware.due_ms;
    if (f->upload.is_wanted && f->upload.due_ms < next_ms)
        next_ms = f->upload.due_ms;
    return next_ms;
}

/* A download goes on after the boot, an upload begins anew; an installation is through. */
void files_power_lost(struct point *p)
{
    if (p->files == NULL)
        return;
    struct firmware *f = &p->files->firmware;
    struct upload *u = &p->files->upload;
    if (f->http != NULL)
        http_cancel(f->http);
    f->http = NULL;
    if (f->phase == FIRMWARE_INSTALLS || f->phase == FIRMWARE_LEAVES)
        f->phase = FIRMWARE_LEAVES;
    if (f->phase != FIRMWARE_NONE && f->phase != FIRMWARE_WAITS)
        f->due_ms = p->env->now_ms;
    if (f->phase == FIRMWARE_BOOTS)
        p->is_updating = false;
    if (u->http != NULL)
        http_cancel(u->http);
    u->http = NULL;
    u->due_ms = p->env->now_ms;
}

void files_done(struct point *p)
{
    if (p->files == NULL)
        return;
    p->files->firmware.http = p->files->upload.http = NULL; /* gone with the loop */
    end_firmware(p);
    end_upload(&p->files->upload);
    free(p->files);
    p->files = NULL;
}
