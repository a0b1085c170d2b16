#include "cmd/noxd/request.h"

#include <inttypes.h>
#include <openssl/evp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/noxd/admin_state.h"
#include "cmd/noxd/audit.h"
#include "cmd/noxd/jout.h"
#include "cmd/noxd/link.h"
#include "cmd/noxd/route.h"
#include "ocpp/wire/field.h"
#include "ocpp/wire/iso8601.h"
#include "storage/billing/calendar.h"

enum { PIPE_BYTES = 256 * 1024 };

struct request *request_new(struct admin *admin, struct link *link)
{
    struct request *r = calloc(1, sizeof(*r));
    if (r == NULL)
        return NULL;
    r->admin = admin;
    r->link = link;
    r->who = link == NULL ? "noxd" : link->who != NULL ? link->who : "nobody";
    r->refs = 1;
    r->content_type = "application/json; charset=utf-8";
    ocpp_text_init(&r->out);
    admin->refs++;
    return r;
}

void request_ref(struct request *r)
{
    r->refs++;
}

void request_unref(struct request *r)
{
    if (--r->refs > 0)
        return;
    struct admin *admin = r->admin;
    for (size_t i = 0; i < PARAMS_MAX; i++)
        free(r->param[i]);
    for (size_t i = 0; i < r->n_query; i++) {
        free(r->query[i].name);
        free(r->query[i].value);
    }
    if (r->stream != NULL)
        pipe_free(r->stream->pipe);
    free(r->stream);
    free(r->body);
    json_decref(r->json);
    ocpp_text_done(&r->out);
    free(r);
    admin_unref(admin);
}

void request_leave(struct request *r)
{
    r->link = NULL;
    if (r->stream != NULL)
        pipe_cancel(r->stream->pipe);
    admin_waiters_leave(r);
    admin_lives_leave(r);
    request_unref(r);
}

/* --- who asks, and why --- */

const char *request_who(const struct request *r)
{
    return r->who;
}

const char *request_why(const struct request *r)
{
    return r->why;
}

/* --- arguments --- */

const char *request_query(const struct request *r, const char *name)
{
    for (size_t i = 0; i < r->n_query; i++)
        if (strcmp(r->query[i].name, name) == 0)
            return r->query[i].value;
    return NULL;
}

bool request_query_int(struct request *r, const char *name, int64_t min, int64_t max,
                       int64_t fallback, int64_t *ret_value)
{
    const char *text = request_query(r, name);
    char *end;
    if (text == NULL) {
        *ret_value = fallback;
        return true;
    }
    long long value = strtoll(text, &end, 10);
    if (end == text || *end != '\0' || value < min || value > max) {
        if (max == INT64_MAX)
            request_fail(r, 400, "bad-query", name, "%s must be a whole number, at least %" PRId64,
                         name, min);
        else
            request_fail(r, 400, "bad-query", name,
                         "%s must be a whole number from %" PRId64 " to %" PRId64, name, min, max);
        return false;
    }
    *ret_value = value;
    return true;
}

bool request_query_flag(struct request *r, const char *name, bool *ret_flag)
{
    static const char *const words[] = { "0", "1", "false", "true", NULL };
    size_t i;
    if (!request_query_word(r, name, words, 0, &i))
        return false;
    *ret_flag = i % 2 == 1;
    return true;
}

static const char *word_at(const void *words, size_t i)
{
    return ((const char *const *)words)[i];
}

bool request_query_word(struct request *r, const char *name, const char *const *words,
                        size_t fallback, size_t *ret_i)
{
    const char *text = request_query(r, name);
    struct ocpp_text list;
    size_t n = 0;
    for (; words[n] != NULL; n++) {
        if (text != NULL && strcmp(words[n], text) == 0) {
            *ret_i = n;
            return true;
        }
    }
    *ret_i = fallback;
    if (text == NULL)
        return true;
    ocpp_text_init(&list);
    for (size_t i = 0; i < n; i++)
        ocpp_text_append_format(&list, "%s%s", i > 0 ? ", " : "", words[i]);
    const char *nearest = ocpp_nearest(text, word_at, words, n);
    request_fail(r, 400, "bad-query", name, "%s must be one of %s%s%s", name, list.data,
                 nearest != NULL ? "; did you mean " : "", nearest != NULL ? nearest : "");
    ocpp_text_done(&list);
    return false;
}

bool request_query_time(struct request *r, const char *name, int64_t *ret_at_ms)
{
    const char *text = request_query(r, name);
    bool had_zone;
    *ret_at_ms = STORE_ABSENT;
    if (text == NULL || (strlen(text) == 10 && cal_date(text, ret_at_ms)) ||
        (ocpp_time_parse(text, ret_at_ms, &had_zone) && had_zone))
        return true;
    request_fail(r, 400, "bad-query", name,
                 "%s must be a date like 2026-10-31 or an instant like 2026-10-31T08:00:00Z", name);
    return false;
}

/* --- answers --- */

void request_answer(struct request *r, int status)
{
    if (r->status != 0)
        return;
    r->status = status;
    audit_note(r); /* also of one who has not waited for the answer */
    if (r->link == NULL)
        return;
    if (r->out.failed) {
        ocpp_text_done(&r->out);
        r->status = 500; /* memory is out: the line will do */
    }
    link_wake(r->link);
}

void request_fail(struct request *r, int status, const char *code, const char *path,
                  const char *format, ...)
{
    char text[600];
    va_list args;
    if (r->link == NULL || r->status != 0)
        return;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    ocpp_text_reset(&r->out);
    jout_open(&r->out, NULL, '{');
    jout_open(&r->out, "error", '{');
    jout_text(&r->out, "code", code);
    jout_text(&r->out, "message", text);
    if (path != NULL)
        jout_text(&r->out, "path", path);
    jout_close(&r->out, '}');
    jout_close(&r->out, '}');
    r->content_type = "application/json; charset=utf-8";
    r->file_name[0] = '\0';
    request_answer(r, status);
}

static const struct {
    int status;
    const char *code;
} of_rc[] = {
    [STORE_OK] = { 200, "" },
    [STORE_FULL] = { 503, "storage-full" },
    [STORE_IO] = { 503, "storage-failing" },
    [STORE_CONFLICT] = { 409, "conflict" },
    [STORE_MISSING] = { 404, "not-found" },
    [STORE_STOPPED] = { 503, "stopping" },
};

void request_fail_rc(struct request *r, enum store_rc rc, const char *what, const char *text)
{
    const char *why = text != NULL && text[0] != '\0' ? text : store_rc_text(rc);
    if (what != NULL && what[0] != '\0')
        request_fail(r, of_rc[rc].status, of_rc[rc].code, NULL, "%s: %s", what, why);
    else
        request_fail(r, of_rc[rc].status, of_rc[rc].code, NULL, "%s", why);
}

/* --- questions --- */

static void question_run(void *arg)
{
    struct question *q = arg;
    struct reader *db;
    q->rc = reader_open(q->request->admin->options.db_path, &db, q->text, sizeof(q->text));
    if (q->rc != STORE_OK)
        return;
    q->rc = q->read(q, db);
    reader_close(db);
}

void question_answer(struct request *r, struct question *q)
{
    if (q->rc != STORE_OK) {
        request_fail_rc(r, q->rc, NULL, q->text);
        return;
    }
    struct ocpp_text empty = r->out;
    r->out = q->out;
    q->out = empty;
    request_answer(r, 200);
}

static void question_done(void *arg)
{
    struct question *q = arg;
    struct request *r = q->request;
    if (q->then != NULL)
        q->then(r, q);
    else
        question_answer(r, q);
    ocpp_text_done(&q->out);
    free(q);
    request_unref(r);
}

void request_ask(struct request *r, enum store_rc (*read)(struct question *q, struct reader *db),
                 void (*then)(struct request *r, struct question *q), void *state)
{
    struct question *q = calloc(1, sizeof(*q));
    if (q == NULL) {
        request_fail(r, 503, "overloaded", NULL, "out of memory; try again");
        free(state);
        return;
    }
    *q = (struct question){ .request = r, .read = read, .then = then, .state = state };
    q->rc = STORE_STOPPED; /* if it never runs */
    ocpp_text_init(&q->out);
    request_ref(r);
    if (!r->admin->closing && work_submit(r->admin->questions, question_run, question_done, q))
        return;
    question_done(q);
}

/* --- streams --- */

/* Counts and hashes what the producer writes on its way into the pipe. */
struct tap {
    struct pipe *pipe;
    EVP_MD_CTX *hash;
};

static bool tap_write(void *arg, const char *bytes, size_t n)
{
    struct tap *tap = arg;
    return EVP_DigestUpdate(tap->hash, bytes, n) == 1 && pipe_write(tap->pipe, bytes, n);
}

static void tap_end(struct tap *tap, char ret_hex[65])
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned n = 0;
    EVP_DigestFinal_ex(tap->hash, digest, &n);
    for (unsigned i = 0; i < n && i < 32; i++)
        snprintf(ret_hex + 2 * (size_t)i, 3, "%02x", digest[i]);
    EVP_MD_CTX_free(tap->hash);
}

static void stream_run(void *arg)
{
    struct request *r = arg;
    struct stream *s = r->stream;
    struct reader *db;
    struct tap tap = { s->pipe, EVP_MD_CTX_new() };
    s->rc = reader_open(r->admin->options.db_path, &db, s->text, sizeof(s->text));
    if (s->rc != STORE_OK) {
        EVP_MD_CTX_free(tap.hash);
        return;
    }
    EVP_DigestInit_ex(tap.hash, EVP_sha256(), NULL);
    s->rc = s->produce(r, db, (struct export_sink){ tap_write, &tap });
    tap_end(&tap, s->sha256);
    reader_close(db);
}

static void stream_done(void *arg)
{
    struct request *r = arg;
    struct stream *s = r->stream;
    s->ended = true;
    if (s->rc == STORE_OK && s->done != NULL)
        s->done(r);
    if (r->link != NULL)
        link_wake(r->link);
    request_unref(r);
}

void request_stream(struct request *r, const char *content_type,
                    enum store_rc (*produce)(struct request *r, struct reader *db,
                                             struct export_sink sink),
                    void (*done)(struct request *r))
{
    struct stream *s = calloc(1, sizeof(*s));
    struct pipe *pipe = s != NULL ? pipe_new(r->admin->streams, PIPE_BYTES) : NULL;
    if (pipe == NULL || r->admin->closing) {
        if (pipe != NULL)
            pipe_free(pipe);
        free(s);
        request_fail(r, 503, "overloaded", NULL, "no memory for the answer; try again");
        return;
    }
    *s = (struct stream){ .pipe = pipe, .produce = produce, .done = done };
    s->rc = STORE_STOPPED;
    r->stream = s;
    r->content_type = content_type;
    request_ref(r);
    if (!work_submit(r->admin->streams, stream_run, stream_done, r))
        stream_done(r);
}

bool request_feed_begin(struct request *r, const char *content_type)
{
    struct stream *s = calloc(1, sizeof(*s));
    struct pipe *pipe = s != NULL ? pipe_new(r->admin->streams, PIPE_BYTES) : NULL;
    if (pipe == NULL || r->admin->closing) {
        if (pipe != NULL)
            pipe_free(pipe);
        free(s);
        request_fail(r, 503, "overloaded", NULL, "no memory for the answer; try again");
        return false;
    }
    *s = (struct stream){ .pipe = pipe, .rc = STORE_OK };
    r->stream = s;
    r->content_type = content_type;
    return true;
}

bool request_feed(struct request *r, const char *bytes, size_t n)
{
    if (r->link == NULL || !pipe_offer(r->stream->pipe, bytes, n))
        return false;
    link_wake(r->link);
    return true;
}
