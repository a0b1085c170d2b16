/* Transfers with stations: updates, diagnostics, logs; the uploads that are kept. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/noxd/files.h"
#include "cmd/noxd/jout.h"
#include "cmd/noxd/route.h"
#include "ocpp/wire/iso8601.h"

enum { JOBS_DEFAULT = 100, JOBS_MAX = 10000, READ_BYTES = 65536 };

static void put_job(struct ocpp_text *out, const struct store_file_job *j)
{
    jout_open(out, NULL, '{');
    jout_int(out, "id", j->id);
    jout_text(out, "kind", store_file_kind_text(j->kind));
    jout_text(out, "station", j->station);
    jout_text(out, "state", store_file_state_text(j->state));
    jout_text_or_null(out, "status", j->status);
    jout_text_or_null(out, "note", j->note);
    jout_int(out, "firmware", j->firmware != 0 ? j->firmware : STORE_ABSENT);
    jout_int(out, "rollout", j->rollout != 0 ? j->rollout : STORE_ABSENT);
    jout_text_or_null(out, "version", j->version);
    jout_bool(out, "external", j->url != NULL);
    jout_text(out, "file", j->file);
    jout_int(out, "bytes", j->size >= 0 ? j->size : STORE_ABSENT);
    jout_text(out, "sha256", j->sha256);
    jout_time(out, "start_at", j->start_at_ms);
    jout_time(out, "install_at", j->install_at_ms);
    jout_time(out, "asked_at", j->asked_at_ms);
    jout_time(out, "changed_at", j->changed_at_ms);
    jout_time(out, "until", j->until_ms);
    jout_text(out, "who", j->who);
    jout_text_or_null(out, "why", j->why);
    jout_close(out, '}');
}

/* --- lists --- */

struct job_list {
    struct ocpp_text *out;
    int64_t n, last_id;
};

static bool take_job(void *arg, const struct store_file_job *j)
{
    struct job_list *l = arg;
    put_job(l->out, j);
    l->n++;
    l->last_id = j->id;
    return true;
}

static bool read_filter(struct request *r, struct reader_file_filter *f)
{
    *f = (struct reader_file_filter){ .station = request_query(r, "station") };
    return request_query_int(r, "before", 0, INT64_MAX, 0, &f->before_id) &&
           request_query_int(r, "limit", 1, JOBS_MAX, JOBS_DEFAULT, &f->limit);
}

static enum store_rc read_jobs(struct question *q, struct reader *db)
{
    struct job_list list = { .out = &q->out };
    struct reader_file_filter f;
    read_filter(q->request, &f);
    jout_open(&q->out, NULL, '{');
    jout_open(&q->out, "items", '[');
    enum store_rc rc = reader_file_jobs(db, &f, take_job, &list);
    jout_close(&q->out, ']');
    jout_int(&q->out, "next_before", list.n == f.limit ? list.last_id : STORE_ABSENT);
    jout_close(&q->out, '}');
    return rc;
}

void route_file_jobs(struct request *r)
{
    struct reader_file_filter filter;
    if (read_filter(r, &filter))
        request_ask(r, read_jobs, NULL, NULL);
}

bool route_number(struct request *r, const char *what, int64_t *ret_number)
{
    char *end;
    long long number = strtoll(r->param[0], &end, 10);
    if (*end == '\0' && number > 0) {
        *ret_number = number;
        return true;
    }
    request_fail(r, 404, "not-found", NULL, "there is no %s %.40s", what, r->param[0]);
    return false;
}

static enum store_rc read_job(struct question *q, struct reader *db)
{
    struct job_list list = { .out = &q->out };
    struct reader_file_filter f = { .id = strtoll(q->request->param[0], NULL, 10), .limit = 1 };
    enum store_rc rc = reader_file_jobs(db, &f, take_job, &list);
    if (rc == STORE_OK && list.n == 0) {
        snprintf(q->text, sizeof(q->text), "there is no job %" PRId64, f.id);
        return STORE_MISSING;
    }
    return rc;
}

void route_file_job(struct request *r)
{
    int64_t id;
    if (route_number(r, "job", &id))
        request_ask(r, read_job, NULL, NULL);
}

void route_file_job_abort(struct request *r)
{
    int64_t id;
    if (!route_number(r, "job", &id))
        return;
    if (central_file_abort(r->admin->options.central, id, request_who(r), admin_now(r->admin))) {
        jout_open(&r->out, NULL, '{');
        jout_int(&r->out, "id", id);
        jout_text(&r->out, "state", "aborted");
        jout_close(&r->out, '}');
        request_answer(r, 200);
    } else {
        request_fail(r, 409, "conflict", NULL, "there is no job %" PRId64 " that is not over", id);
    }
}

/* --- beginning one --- */

static bool bad(struct request *r, const char *member, const char *what)
{
    request_fail(r, 422, "invalid-data", member, "%s: %s", member, what);
    return false;
}

bool route_member_time(struct request *r, const char *member, int64_t *ret_at_ms)
{
    const json_t *value = json_object_get(r->json, member);
    const char *text = json_string_value(value);
    bool had_zone = false;
    *ret_at_ms = STORE_ABSENT;
    if (value == NULL || (text != NULL && ocpp_time_parse(text, ret_at_ms, &had_zone) && had_zone))
        return true;
    return bad(r, member, "must be an instant like 2026-10-31T08:00:00Z");
}

bool route_member_int(struct request *r, const char *member, int64_t min, int64_t max,
                      int64_t fallback, int64_t *ret)
{
    const json_t *value = json_object_get(r->json, member);
    *ret = json_is_integer(value) ? json_integer_value(value) : fallback;
    if (value == NULL || (json_is_integer(value) && *ret >= min && *ret <= max))
        return true;
    request_fail(r, 422, "invalid-data", member,
                 "%s: must be a whole number from %" PRId64 " to %" PRId64, member, min, max);
    return false;
}

bool route_member_flag(struct request *r, const char *member, bool fallback, bool *ret)
{
    const json_t *value = json_object_get(r->json, member);
    *ret = value != NULL ? json_is_true(value) : fallback;
    return value == NULL || json_is_boolean(value) || bad(r, member, "must be true or false");
}

bool route_member_text(struct request *r, const char *member, const char **ret)
{
    const json_t *value = json_object_get(r->json, member);
    *ret = json_string_value(value);
    return value == NULL || *ret != NULL || bad(r, member, "must be text");
}

static void put_outcome(struct request *r, const struct store_file_job *job,
                        const struct central_reply *reply)
{
    char *payload = json_dumps(reply->payload, JSON_COMPACT);
    jout_open(&r->out, NULL, '{');
    jout_text(&r->out, "outcome", "answered");
    jout_raw(&r->out, "payload", payload);
    jout_int(&r->out, "id", job->id);
    jout_text(&r->out, "state", store_file_state_text(job->state));
    jout_text_or_null(&r->out, "note", job->note);
    jout_close(&r->out, '}');
    free(payload);
    request_answer(r, 200);
}

/* With our own words: they say what to try instead. */
static void put_callerror(struct request *r, const struct store_file_job *job,
                          const struct central_reply *reply)
{
    jout_open(&r->out, NULL, '{');
    jout_open(&r->out, "error", '{');
    jout_text(&r->out, "code", "callerror");
    jout_text(&r->out, "message", job->note);
    jout_text(&r->out, "ocpp_code", reply->error_code);
    jout_close(&r->out, '}');
    jout_close(&r->out, '}');
    request_answer(r, 502);
}

static void on_begun(void *arg, const struct store_file_job *job, const struct central_reply *reply)
{
    struct request *r = arg;
    if (reply->outcome == CENTRAL_ANSWERED)
        put_outcome(r, job, reply);
    else if (reply->outcome == CENTRAL_CALLERROR)
        put_callerror(r, job, reply);
    else {
        route_call_reply(r, reply); /* lets go of it */
        return;
    }
    request_unref(r);
}

static void begin(struct request *r, struct central_file_order *o)
{
    struct admin *a = r->admin;
    char text[240];
    size_t i;
    o->station = r->param[0];
    o->who = request_who(r);
    o->why = request_why(r);
    if (!central_station_find(a->options.central, o->station, &i)) {
        request_fail(r, 404, "not-found", NULL,
                     "there is no station %.48s; 'noxctl station list' names all", o->station);
        return;
    }
    const struct store_firmware *f = central_firmware_find(a->options.central, o->firmware);
    if (o->firmware != 0 && (f == NULL || f->removed)) {
        request_fail(r, 404, "not-found", "firmware",
                     "there is no firmware %" PRId64 "; 'noxctl firmware list' names all",
                     o->firmware);
        return;
    }
    request_ref(r);
    if (central_file_start(a->options.central, o, on_begun, r, admin_now(a), text, sizeof(text)) ==
        0) {
        struct central_station_view view;
        bool online = central_station_view(a->options.central, i, &view) && view.online;
        request_fail(r, 409, online ? "conflict" : "station-offline", NULL, "%s", text);
        request_unref(r);
        return;
    }
    loop_run_due(a->options.loop);
}

static bool read_common(struct request *r, struct central_file_order *o)
{
    int64_t retries, retry_s, timeout_s;
    *o = (struct central_file_order){ .start_at_ms = STORE_ABSENT,
                                      .install_at_ms = STORE_ABSENT,
                                      .from_ms = STORE_ABSENT,
                                      .to_ms = STORE_ABSENT };
    if (!route_member_text(r, "url", &o->url) ||
        !route_member_int(r, "retries", 0, 100, -1, &retries) ||
        !route_member_int(r, "retry_interval_s", 0, 86400, -1, &retry_s) ||
        !route_member_int(r, "timeout_s", 1, 30 * 86400, 0, &timeout_s))
        return false;
    if (o->url != NULL && strstr(o->url, "://") == NULL)
        return bad(r, "url", "must be a URL like ftp://HOST/PATH or https://HOST/PATH");
    if (o->url != NULL && strlen(o->url) > 1000)
        return bad(r, "url", "is too long");
    o->retries = (int32_t)retries;
    o->retry_s = (int32_t)retry_s;
    o->timeout_ms = timeout_s * 1000;
    return true;
}

void route_station_firmware(struct request *r)
{
    static const char *const names[] = { "firmware",        "url",
                                         "version",         "at",
                                         "install_at",      "signed",
                                         "retries",         "retry_interval_s",
                                         "wrong_signature", "timeout_s" };
    struct central_file_order o;
    bool is_signed;
    if (!route_only_members(r, names, sizeof(names) / sizeof(names[0])) || !read_common(r, &o) ||
        !route_member_int(r, "firmware", 1, INT64_MAX, 0, &o.firmware) ||
        !route_member_text(r, "version", &o.version) ||
        !route_member_time(r, "at", &o.start_at_ms) ||
        !route_member_time(r, "install_at", &o.install_at_ms) ||
        !route_member_flag(r, "signed", false, &is_signed) ||
        !route_member_flag(r, "wrong_signature", false, &o.wrong_signature))
        return;
    o.kind = is_signed || o.wrong_signature ? STORE_FILE_SIGNED_FIRMWARE : STORE_FILE_FIRMWARE;
    begin(r, &o);
}

static bool read_span(struct request *r, struct central_file_order *o)
{
    return read_common(r, o) && route_member_time(r, "from", &o->from_ms) &&
           route_member_time(r, "to", &o->to_ms);
}

void route_station_diagnostics(struct request *r)
{
    static const char *const names[] = { "url",      "from", "to", "retries", "retry_interval_s",
                                         "timeout_s" };
    struct central_file_order o;
    if (!route_only_members(r, names, sizeof(names) / sizeof(names[0])) || !read_span(r, &o))
        return;
    o.kind = STORE_FILE_DIAGNOSTICS;
    begin(r, &o);
}

void route_station_log(struct request *r)
{
    static const char *const names[] = { "type",     "url",     "from",
                                         "to",       "retries", "retry_interval_s",
                                         "timeout_s" };
    struct central_file_order o;
    const char *type;
    if (!route_only_members(r, names, sizeof(names) / sizeof(names[0])) || !read_span(r, &o) ||
        !route_member_text(r, "type", &type))
        return;
    bool is_security = type == NULL || strcmp(type, "security") == 0;
    if (!is_security && strcmp(type, "diagnostics") != 0) {
        bad(r, "type", "must be \"security\" or \"diagnostics\"");
        return;
    }
    o.kind = is_security ? STORE_FILE_SECURITY_LOG : STORE_FILE_DIAGNOSTICS_LOG;
    begin(r, &o);
}

/* --- uploads that are kept --- */

static enum store_rc read_files(struct question *q, struct reader *db)
{
    struct job_list list = { .out = &q->out };
    const struct files_view *view = q->state;
    jout_open(&q->out, NULL, '{');
    jout_open(&q->out, "items", '[');
    enum store_rc rc = reader_kept_files(db, NULL, take_job, &list);
    jout_close(&q->out, ']');
    jout_int(&q->out, "used_bytes", (int64_t)view->used);
    jout_int(&q->out, "max_bytes", (int64_t)view->max);
    jout_int(&q->out, "upload_max_bytes", (int64_t)view->upload_max);
    jout_int(&q->out, "transfers", (int64_t)view->transfers);
    jout_close(&q->out, '}');
    return rc;
}

static void answer_files(struct request *r, struct question *q)
{
    free(q->state);
    question_answer(r, q);
}

void route_files(struct request *r)
{
    struct files_view *view = malloc(sizeof(*view));
    if (view == NULL) {
        request_fail(r, 503, "overloaded", NULL, "out of memory; try again");
        return;
    }
    files_view(r->admin->options.files, view);
    request_ask(r, read_files, answer_files, view);
}

static bool name_is_good(struct request *r)
{
    char clean[FILE_NAME_SIZE];
    file_name_clean(r->param[0], clean);
    if (strcmp(clean, r->param[0]) == 0 && clean[0] != '\0')
        return true;
    request_fail(r, 404, "not-found", NULL, "there is no file %.100s", r->param[0]);
    return false;
}

static enum store_rc produce_file(struct request *r, struct reader *db, struct export_sink sink)
{
    char path[700];
    char *piece = malloc(READ_BYTES);
    ssize_t n = 0;
    (void)db;
    files_upload_path(r->admin->options.files, r->param[0], path, sizeof(path));
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    enum store_rc rc = fd < 0 ? STORE_MISSING : piece == NULL ? STORE_IO : STORE_OK;
    if (rc == STORE_MISSING)
        snprintf(r->stream->text, sizeof(r->stream->text),
                 "there is no file %.100s; 'noxctl file list' names all", r->param[0]);
    while (rc == STORE_OK && (n = read(fd, piece, READ_BYTES)) > 0)
        if (!sink.write(sink.arg, piece, (size_t)n))
            break;
    if (n < 0)
        rc = STORE_IO;
    if (fd >= 0)
        close(fd);
    free(piece);
    return rc;
}

void route_file_get(struct request *r)
{
    if (!name_is_good(r))
        return;
    snprintf(r->file_name, sizeof(r->file_name), "%.60s", r->param[0]);
    request_stream(r, "application/octet-stream", produce_file, NULL);
}

void route_file_delete(struct request *r)
{
    if (!name_is_good(r) || !admin_can_write(r))
        return;
    struct store_done done = admin_written(r, "file", false);
    if (!files_remove(r->admin->options.files, r->param[0], done)) {
        request_fail(r, 404, "not-found", NULL,
                     "there is no file %.100s; 'noxctl file list' names all", r->param[0]);
        request_unref(r);
    }
}
