/* Firmware that is offered to stations, and rollouts of it. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/noxd/files.h"
#include "cmd/noxd/jout.h"
#include "cmd/noxd/route.h"
#include "ocpp/pki/signature.h"

enum { READ_BYTES = 65536, ROLLOUT_MAX = 100000 };

/* --- the list --- */

static bool take_firmware(void *arg, const struct store_firmware *f)
{
    struct ocpp_text *out = arg;
    if (f->removed)
        return true;
    jout_open(out, NULL, '{');
    jout_int(out, "id", f->num);
    jout_text(out, "version", f->version);
    jout_text_or_null(out, "vendor", f->vendor);
    jout_text_or_null(out, "model", f->model);
    jout_text(out, "name", f->name);
    jout_int(out, "bytes", f->size);
    jout_text(out, "sha256", f->sha256);
    jout_bool(out, "signed", f->signature != NULL);
    jout_time(out, "added_at", f->at_ms);
    jout_text(out, "who", f->who);
    jout_text_or_null(out, "why", f->why);
    jout_close(out, '}');
    return true;
}

static enum store_rc read_firmware(struct question *q, struct reader *db)
{
    jout_open(&q->out, NULL, '{');
    jout_open(&q->out, "items", '[');
    enum store_rc rc = reader_firmware(db, 0, take_firmware, &q->out);
    jout_close(&q->out, ']');
    jout_close(&q->out, '}');
    return rc;
}

void route_firmware(struct request *r)
{
    request_ask(r, read_firmware, NULL, NULL);
}

/* --- adding: pieces first, then what it is --- */

static bool is_piece_id(const char *id)
{
    return id != NULL && strlen(id) == 16 && id[strspn(id, "0123456789abcdef")] == '\0';
}

static enum store_rc write_piece(struct question *q, struct reader *db)
{
    struct request *r = q->request;
    char path[700];
    size_t done = 0;
    int64_t offset = 0;
    (void)db;
    request_query_int(r, "offset", 0, INT64_MAX, 0, &offset);
    files_piece_path(r->admin->options.files, r->param[0], path, sizeof(path));
    int fd =
        open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW | (offset == 0 ? O_TRUNC : 0), 0600);
    while (fd >= 0 && done < r->body_len) {
        ssize_t n = pwrite(fd, r->body + done, r->body_len - done, (off_t)offset + (off_t)done);
        if (n <= 0 && errno != EINTR)
            break;
        done += n > 0 ? (size_t)n : 0;
    }
    bool good = fd >= 0 && done == r->body_len;
    if (!good)
        snprintf(q->text, sizeof(q->text), "the piece cannot be written: %s", strerror(errno));
    if (fd >= 0)
        close(fd);
    jout_open(&q->out, NULL, '{');
    jout_int(&q->out, "bytes", offset + (int64_t)done);
    jout_close(&q->out, '}');
    return good ? STORE_OK : STORE_FULL;
}

void route_firmware_piece(struct request *r)
{
    int64_t offset;
    char text[200];
    if (!request_query_int(r, "offset", 0, INT64_MAX, 0, &offset))
        return;
    if (!is_piece_id(r->param[0]))
        request_fail(r, 422, "invalid-data", NULL, "an upload is named by 16 hexadecimal digits");
    else if (!files_make_room(r->admin->options.files, (uint64_t)offset + r->body_len, text,
                              sizeof(text)))
        request_fail(r, 503, "storage-full", NULL, "%s", text);
    else
        request_ask(r, write_piece, NULL, NULL);
}

struct adding {
    struct store_firmware row; /* texts: of the request's json, or sha256 below */
    const char *upload, *wanted_sha256;
    int64_t now_s;
    bool check;
    char sha256[65];
};

static bool hash_fd(int fd, uint8_t digest[32], int64_t *ret_bytes)
{
    unsigned char *piece = malloc(READ_BYTES);
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    ssize_t n = 0;
    bool good = piece != NULL && ctx != NULL && EVP_DigestInit_ex(ctx, EVP_sha256(), NULL) == 1;
    *ret_bytes = 0;
    while (good && (n = read(fd, piece, READ_BYTES)) > 0) {
        good = EVP_DigestUpdate(ctx, piece, (size_t)n) == 1;
        *ret_bytes += n;
    }
    good = good && n == 0 && EVP_DigestFinal_ex(ctx, digest, NULL) == 1;
    EVP_MD_CTX_free(ctx);
    free(piece);
    return good;
}

static enum store_rc judge(struct question *q, struct adding *a, const uint8_t digest[32])
{
    for (size_t i = 0; i < 32; i++)
        snprintf(a->sha256 + 2 * i, 3, "%02x", digest[i]);
    if (a->row.size == 0)
        snprintf(q->text, sizeof(q->text), "the file is empty");
    else if (a->wanted_sha256 != NULL && strcmp(a->wanted_sha256, a->sha256) != 0)
        snprintf(q->text, sizeof(q->text), "the file arrived damaged: send it again");
    else if (!a->check || a->row.signature == NULL ||
             pki_signature_check(a->row.certificate, a->row.signature, digest, a->now_s, q->text,
                                 sizeof(q->text)))
        return STORE_OK;
    return STORE_CONFLICT;
}

static enum store_rc take_in(struct question *q, struct reader *db)
{
    struct adding *a = q->state;
    struct files *files = q->request->admin->options.files;
    char from[700], to[700];
    uint8_t digest[32];
    (void)db;
    files_piece_path(files, a->upload, from, sizeof(from));
    int fd = open(from, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0) {
        snprintf(q->text, sizeof(q->text), "no file was sent before: send its pieces first");
        return STORE_CONFLICT;
    }
    bool readable = hash_fd(fd, digest, &a->row.size) && fsync(fd) == 0;
    close(fd);
    enum store_rc rc = readable ? judge(q, a, digest) : STORE_IO;
    if (rc == STORE_OK) {
        files_firmware_path(files, a->sha256, to, sizeof(to));
        rc = rename(from, to) == 0 ? STORE_OK : STORE_IO;
    }
    if (rc != STORE_OK)
        unlink(from);
    return rc;
}

struct written {
    struct request *request;
    int64_t num;
};

static void on_written(void *arg, enum store_rc rc, const union store_result *result)
{
    struct written *w = arg;
    (void)result;
    if (rc == STORE_OK) {
        jout_open(&w->request->out, NULL, '{');
        jout_int(&w->request->out, "id", w->num);
        jout_close(&w->request->out, '}');
        request_answer(w->request, 200);
    } else {
        request_fail_rc(w->request, rc, "firmware", NULL);
    }
    request_unref(w->request);
    free(w);
}

static struct store_done written(struct request *r, int64_t num)
{
    struct written *w = malloc(sizeof(*w));
    if (w == NULL)
        return (struct store_done){ .fn = NULL };
    *w = (struct written){ r, num };
    request_ref(r);
    return (struct store_done){ on_written, w };
}

static void write_firmware(struct request *r, const struct store_firmware *row)
{
    struct admin *a = r->admin;
    struct store_done done = written(r, row->num);
    if (done.fn != NULL && store_firmware(a->options.store, row, done)) {
        central_firmware(a->options.central, row);
        return;
    }
    if (done.fn != NULL)
        on_written(done.arg, STORE_FULL, NULL);
    else
        request_fail(r, 503, "overloaded", NULL, "out of memory; try again");
}

static void after_take_in(struct request *r, struct question *q)
{
    struct adding *a = q->state;
    if (q->rc == STORE_CONFLICT)
        request_fail(r, 422, "invalid-data", NULL, "%s", q->text);
    else if (q->rc != STORE_OK)
        question_answer(r, q);
    else {
        a->row.num = central_firmware_next(r->admin->options.central);
        a->row.sha256 = a->sha256;
        a->row.at_ms = admin_now(r->admin).utc_ms;
        files_used(r->admin->options.files, a->row.size);
        write_firmware(r, &a->row);
    }
    free(a);
}

static bool read_firmware_body(struct request *r, struct adding *a)
{
    static const char *const names[] = { "upload", "sha256",    "name",        "version", "vendor",
                                         "model",  "signature", "certificate", "check" };
    const char *name = NULL;
    if (!route_only_members(r, names, sizeof(names) / sizeof(names[0])) ||
        !route_member_text(r, "upload", &a->upload) ||
        !route_member_text(r, "sha256", &a->wanted_sha256) ||
        !route_member_text(r, "name", &name) || !route_member_text(r, "version", &a->row.version) ||
        !route_member_text(r, "vendor", &a->row.vendor) ||
        !route_member_text(r, "model", &a->row.model) ||
        !route_member_text(r, "signature", &a->row.signature) ||
        !route_member_text(r, "certificate", &a->row.certificate) ||
        !route_member_flag(r, "check", true, &a->check))
        return false;
    const char *wrong =
        !is_piece_id(a->upload) ? "upload: is missing"
        : a->row.version == NULL || a->row.version[0] == '\0' || strlen(a->row.version) > 50
            ? "version: must be what stations report after the update, at most 50 "
              "characters"
        : (a->row.signature == NULL) != (a->row.certificate == NULL)
            ? "signature and certificate belong together: give both or none"
            : NULL;
    if (wrong != NULL)
        request_fail(r, 422, "invalid-data", NULL, "%s", wrong);
    a->row.name = name != NULL && name[0] != '\0' ? name : "firmware.bin";
    a->row.vendor = a->row.vendor != NULL ? a->row.vendor : "";
    a->row.model = a->row.model != NULL ? a->row.model : "";
    return wrong == NULL;
}

void route_firmware_add(struct request *r)
{
    struct adding *a = calloc(1, sizeof(*a));
    if (a == NULL) {
        request_fail(r, 503, "overloaded", NULL, "out of memory; try again");
        return;
    }
    if (!read_firmware_body(r, a) || !admin_can_write(r)) {
        free(a);
        return;
    }
    a->row.who = request_who(r);
    a->row.why = request_why(r);
    a->now_s = admin_now(r->admin).utc_ms / 1000;
    request_ask(r, take_in, after_take_in, a);
}

void route_firmware_delete(struct request *r)
{
    struct admin *a = r->admin;
    int64_t num;
    if (!route_number(r, "firmware", &num) || !admin_can_write(r))
        return;
    const struct store_firmware *f = central_firmware_find(a->options.central, num);
    if (f == NULL || f->removed) {
        request_fail(r, 404, "not-found", NULL,
                     "there is no firmware %" PRId64 "; 'noxctl firmware list' names all", num);
    } else if (central_firmware_is_used(a->options.central, num)) {
        request_fail(r, 409, "conflict", NULL,
                     "firmware %" PRId64 " is being sent: end its rollout or job before", num);
    } else {
        struct store_firmware row = *f;
        row.removed = true;
        row.who = request_who(r);
        row.why = request_why(r);
        row.at_ms = admin_now(a).utc_ms;
        if (!central_firmware_shares_file(a->options.central, num))
            files_remove_firmware(a->options.files, f->sha256, (uint64_t)f->size);
        write_firmware(r, &row);
    }
}

/* --- rollouts --- */

struct target_list {
    struct ocpp_text *out;
    int64_t n[STORE_TARGET_SKIPPED + 1];
    bool shown;
};

static bool take_target(void *arg, const struct store_rollout_target *t)
{
    struct target_list *l = arg;
    if (t->state > 0 && t->state <= STORE_TARGET_SKIPPED)
        l->n[t->state]++;
    if (!l->shown)
        return true;
    jout_open(l->out, NULL, '{');
    jout_text(l->out, "station", t->station);
    jout_text(l->out, "state", store_target_state_text(t->state));
    jout_int(l->out, "job", t->job != 0 ? t->job : STORE_ABSENT);
    jout_int(l->out, "tries", t->tries);
    jout_text_or_null(l->out, "note", t->note);
    jout_time(l->out, "changed_at", t->changed_at_ms);
    jout_close(l->out, '}');
    return true;
}

static void put_minutes(struct ocpp_text *out, const char *key, int32_t minutes)
{
    char text[24];
    snprintf(text, sizeof(text), "%02d:%02d", (int)(minutes / 60), (int)(minutes % 60));
    jout_text(out, key, text);
}

struct rollout_list {
    struct ocpp_text *out;
    struct reader *db;
    int64_t n;
    bool whole;
};

static bool take_rollout(void *arg, const struct store_rollout *row)
{
    struct rollout_list *l = arg;
    struct target_list targets = { .out = l->out, .shown = l->whole };
    jout_open(l->out, NULL, '{');
    jout_int(l->out, "id", row->num);
    jout_text(l->out, "state", store_rollout_state_text(row->state));
    jout_text_or_null(l->out, "note", row->note);
    jout_int(l->out, "firmware", row->firmware);
    jout_int(l->out, "canary", row->canary);
    jout_int(l->out, "max_parallel", row->max_parallel);
    jout_int(l->out, "stop_after_failures", row->stop_after);
    jout_bool(l->out, "force", row->force);
    jout_bool(l->out, "signed", row->is_signed);
    if (row->from_min != row->to_min) {
        put_minutes(l->out, "from", row->from_min);
        put_minutes(l->out, "to", row->to_min);
    }
    jout_time(l->out, "begun_at", row->at_ms);
    jout_time(l->out, "changed_at", row->changed_at_ms);
    jout_text(l->out, "who", row->who);
    jout_text_or_null(l->out, "why", row->why);
    if (l->whole)
        jout_open(l->out, "targets", '[');
    enum store_rc rc = reader_rollout_targets(l->db, row->num, take_target, &targets);
    if (l->whole)
        jout_close(l->out, ']');
    for (int32_t i = STORE_TARGET_WAITING; i <= STORE_TARGET_SKIPPED; i++)
        jout_int(l->out, store_target_state_text(i), targets.n[i]);
    jout_close(l->out, '}');
    l->n++;
    return rc == STORE_OK;
}

static enum store_rc read_rollouts(struct question *q, struct reader *db)
{
    struct rollout_list list = { .out = &q->out, .db = db };
    jout_open(&q->out, NULL, '{');
    jout_open(&q->out, "items", '[');
    enum store_rc rc = reader_rollouts(db, 0, take_rollout, &list);
    jout_close(&q->out, ']');
    jout_close(&q->out, '}');
    return rc;
}

void route_rollouts(struct request *r)
{
    request_ask(r, read_rollouts, NULL, NULL);
}

static enum store_rc read_rollout(struct question *q, struct reader *db)
{
    struct rollout_list list = { .out = &q->out, .db = db, .whole = true };
    int64_t num = strtoll(q->request->param[0], NULL, 10);
    enum store_rc rc = reader_rollouts(db, num, take_rollout, &list);
    if (rc != STORE_OK || list.n > 0)
        return rc;
    snprintf(q->text, sizeof(q->text), "there is no rollout %" PRId64, num);
    return STORE_MISSING;
}

void route_rollout(struct request *r)
{
    int64_t num;
    if (route_number(r, "rollout", &num))
        request_ask(r, read_rollout, NULL, NULL);
}

/* 0: is there and has no session, 1: is there, 2: is offline. */
static int reachability(const struct request *r, size_t i, const struct central_station_view *view)
{
    const struct central *c = r->admin->options.central;
    struct central_connector_view connector;
    if (!view->online)
        return 2;
    for (size_t k = 0; k < view->n_connectors; k++)
        if (central_connector_view(c, i, k, admin_now(r->admin), &connector) &&
            connector.tx_id != 0)
            return 1;
    return 0;
}

/* The canaries are the first: stations that can begin now, then those that can answer. */
static const char **pick_stations(struct request *r, size_t *ret_n)
{
    const struct central *c = r->admin->options.central;
    const json_t *list = json_object_get(r->json, "stations");
    size_t n = json_array_size(list), used = 0;
    const char **stations = calloc(n > 0 ? n : 1, sizeof(*stations));
    if (stations == NULL)
        return NULL;
    for (int pass = 0; pass < 3; pass++)
        for (size_t k = 0; k < n; k++) {
            const char *id = json_string_value(json_array_get(list, k));
            struct central_station_view view;
            size_t i;
            if (id == NULL || !central_station_find(c, id, &i) ||
                !central_station_view(c, i, &view)) {
                if (pass == 0)
                    request_fail(r, 404, "not-found", "stations", "there is no station %.48s",
                                 id != NULL ? id : "without a name");
                free(stations);
                return NULL;
            }
            if (reachability(r, i, &view) == pass)
                stations[used++] = id;
        }
    *ret_n = used;
    return stations;
}

static bool read_minutes(struct request *r, const char *member, int32_t *ret_minutes)
{
    const char *text;
    int h, m;
    char rest;
    *ret_minutes = 0;
    if (!route_member_text(r, member, &text))
        return false;
    if (text == NULL)
        return true;
    if (sscanf(text, "%2d:%2d%c", &h, &m, &rest) == 2 && h >= 0 && h < 24 && m >= 0 && m < 60) {
        *ret_minutes = h * 60 + m;
        return true;
    }
    request_fail(r, 422, "invalid-data", member, "%s: must be a local time like 22:00", member);
    return false;
}

static bool read_rollout_body(struct request *r, struct store_rollout *row)
{
    static const char *const names[] = {
        "firmware", "stations", "canary", "max_parallel", "stop_after_failures", "from",
        "to",       "force",    "signed", "retries",      "retry_interval_s"
    };
    int64_t canary, parallel, stop, retries, retry_s;
    if (!route_only_members(r, names, sizeof(names) / sizeof(names[0])) ||
        !route_member_int(r, "firmware", 1, INT64_MAX, 0, &row->firmware) ||
        !route_member_int(r, "canary", 0, ROLLOUT_MAX, 0, &canary) ||
        !route_member_int(r, "max_parallel", 1, ROLLOUT_MAX, 10, &parallel) ||
        !route_member_int(r, "stop_after_failures", 1, ROLLOUT_MAX, 1, &stop) ||
        !route_member_int(r, "retries", 0, 100, -1, &retries) ||
        !route_member_int(r, "retry_interval_s", 0, 86400, -1, &retry_s) ||
        !read_minutes(r, "from", &row->from_min) || !read_minutes(r, "to", &row->to_min) ||
        !route_member_flag(r, "force", false, &row->force) ||
        !route_member_flag(r, "signed", false, &row->is_signed))
        return false;
    row->canary = (int32_t)canary;
    row->max_parallel = (int32_t)parallel;
    row->stop_after = (int32_t)stop;
    row->retries = (int32_t)retries;
    row->retry_s = (int32_t)retry_s;
    row->note = "";
    row->who = request_who(r);
    row->why = request_why(r);
    return true;
}

static bool firmware_fits(struct request *r, const struct store_rollout *row)
{
    const struct store_firmware *f =
        central_firmware_find(r->admin->options.central, row->firmware);
    if (f == NULL || f->removed)
        request_fail(r, 404, "not-found", "firmware",
                     "there is no firmware %" PRId64 "; 'noxctl firmware list' names all",
                     row->firmware);
    else if (row->is_signed && f->signature == NULL)
        request_fail(r, 409, "conflict", "signed",
                     "firmware %" PRId64 " was added without signature and certificate",
                     row->firmware);
    else
        return true;
    return false;
}

void route_rollout_start(struct request *r)
{
    struct admin *a = r->admin;
    struct store_rollout row = { 0 };
    size_t n = 0;
    if (!read_rollout_body(r, &row) || !firmware_fits(r, &row) || !admin_can_write(r))
        return;
    const char **stations = pick_stations(r, &n);
    if (stations == NULL)
        return;
    struct store_done done = n > 0 ? written(r, 0) : (struct store_done){ .fn = NULL };
    if (done.fn == NULL) {
        request_fail(r, 422, "invalid-data", "stations", "stations: name at least one");
    } else {
        int64_t num =
            central_rollout_start(a->options.central, &row, stations, n, done, admin_now(a));
        ((struct written *)done.arg)->num = num;
        if (num == 0)
            on_written(done.arg, STORE_FULL, NULL);
        loop_run_due(a->options.loop);
    }
    free(stations);
}

void route_rollout_control(struct request *r)
{
    static const struct {
        const char *word;
        enum central_rollout_verb verb;
    } verbs[] = {
        { "pause", CENTRAL_ROLLOUT_PAUSE },
        { "resume", CENTRAL_ROLLOUT_RESUME },
        { "abort", CENTRAL_ROLLOUT_ABORT },
        { "retry", CENTRAL_ROLLOUT_RETRY },
    };
    struct admin *a = r->admin;
    char text[200];
    int64_t num;
    size_t i = 0;
    if (!route_number(r, "rollout", &num) || !admin_can_write(r))
        return;
    while (i < sizeof(verbs) / sizeof(verbs[0]) && strcmp(verbs[i].word, r->param[1]) != 0)
        i++;
    if (i == sizeof(verbs) / sizeof(verbs[0])) {
        request_fail(r, 404, "no-such-path", NULL, "a rollout takes pause, resume, abort or retry");
        return;
    }
    struct store_done done = written(r, num);
    if (done.fn == NULL) {
        request_fail(r, 503, "overloaded", NULL, "out of memory; try again");
    } else if (!central_rollout_control(a->options.central, num, verbs[i].verb, request_who(r),
                                        done, admin_now(a), text, sizeof(text))) {
        bool known = central_rollout_is_known(a->options.central, num);
        request_fail(r, known ? 409 : 404, known ? "conflict" : "not-found", NULL, "%s", text);
        request_unref(r);
        free(done.arg);
    }
    loop_run_due(a->options.loop);
}
