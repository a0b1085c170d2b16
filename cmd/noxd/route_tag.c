/* Tags: lists of any length, one of them with its rights, changes, tables of them. */
#include <stdio.h>
#include <string.h>

#include "cmd/noxd/apply_file.h"
#include "cmd/noxd/jout.h"
#include "cmd/noxd/route.h"
#include "cmd/noxd/tag_csv.h"
#include "ocpp/central/central.h"

enum { PIECE_BYTES = 16 * 1024, LIMIT_MAX = 1000000 };

static const char *const status_words[] = { "any", "Accepted", "Blocked", NULL };
static const char *const format_words[] = { "json", "csv", NULL };

/* --- lists --- */

struct list_writer {
    struct ocpp_text out;
    struct export_sink sink;
    bool csv, stopped;
    int64_t n, limit;
    char last[256];
};

static bool flush_piece(struct list_writer *w, size_t at_least)
{
    if (w->out.failed)
        w->stopped = true;
    if (!w->stopped && w->out.len >= at_least && w->out.len > 0) {
        w->stopped = !w->sink.write(w->sink.arg, w->out.data, w->out.len);
        ocpp_text_reset(&w->out);
    }
    return !w->stopped;
}

static void put_tag(struct ocpp_text *out, const struct store_tag *tag)
{
    jout_open(out, NULL, '{');
    apply_write(apply_lists[APPLY_TAGS].object, tag, out);
    jout_int(out, "revision", tag->revision);
    jout_close(out, '}');
}

/* A piece has been taken away: a comma is ours to write. */
static bool write_tag(void *arg, const struct store_tag *tag)
{
    struct list_writer *w = arg;
    if (w->limit > 0 && w->n == w->limit)
        return false; /* one more than wanted: there are more */
    if (w->csv) {
        tag_csv_row(tag, &w->out);
    } else {
        if (w->n > 0 && w->out.len == 0)
            ocpp_text_append(&w->out, ",", 1);
        struct ocpp_text one;
        ocpp_text_init(&one);
        put_tag(&one, tag);
        if (w->n > 0 && w->out.len > 0 && w->out.data[w->out.len - 1] != ',')
            ocpp_text_append(&w->out, ",", 1);
        ocpp_text_append(&w->out, one.data, one.len);
        w->stopped = w->stopped || one.failed;
        ocpp_text_done(&one);
    }
    w->n++;
    snprintf(w->last, sizeof(w->last), "%s", tag->id_tag);
    return flush_piece(w, PIECE_BYTES);
}

static enum store_rc produce(struct request *r, struct reader *db, struct export_sink sink)
{
    struct list_writer w = { .sink = sink };
    int64_t limit = 0;
    size_t status = 0, format = 0;
    request_query_int(r, "limit", 1, LIMIT_MAX, 0, &limit); /* were checked before */
    request_query_word(r, "status", status_words, 0, &status);
    request_query_word(r, "format", format_words, 0, &format);
    struct reader_tag_filter filter = { .after = request_query(r, "after"),
                                        .search = request_query(r, "search"),
                                        .customer = request_query(r, "customer"),
                                        .group = request_query(r, "group"),
                                        .parent = request_query(r, "parent"),
                                        .status = (int32_t)status,
                                        .limit = limit > 0 ? limit + 1 : 0 };
    w.csv = format == 1;
    w.limit = limit;
    ocpp_text_init(&w.out);
    if (w.csv)
        tag_csv_head(&w.out);
    else
        ocpp_text_append_str(&w.out, "{\"items\":[");
    int64_t shown = 0;
    enum store_rc rc = reader_tags(db, &filter, write_tag, &w);
    shown = w.n;
    if (rc == STORE_OK && !w.csv) {
        ocpp_text_append_str(&w.out, "]");
        if (limit > 0 && shown == limit) {
            ocpp_text_append_str(&w.out, ",\"next\":");
            ocpp_text_append_json_string(&w.out, w.last);
        }
        ocpp_text_append_str(&w.out, "}");
    }
    if (rc == STORE_OK && !flush_piece(&w, 0))
        rc = STORE_STOPPED;
    ocpp_text_done(&w.out);
    return rc;
}

void route_tags(struct request *r)
{
    int64_t limit;
    size_t status, format;
    if (!request_query_int(r, "limit", 1, LIMIT_MAX, 0, &limit) ||
        !request_query_word(r, "status", status_words, 0, &status) ||
        !request_query_word(r, "format", format_words, 0, &format))
        return;
    if (format == 1)
        snprintf(r->file_name, sizeof(r->file_name), "tags.csv");
    request_stream(r, format == 1 ? "text/csv; charset=utf-8" : "application/json; charset=utf-8",
                   produce, NULL);
}

/* --- one --- */

static bool take_one(void *arg, const struct store_tag *tag)
{
    struct question *q = arg;
    jout_open(&q->out, NULL, '{');
    apply_write(apply_lists[APPLY_TAGS].object, tag, &q->out);
    jout_int(&q->out, "revision", tag->revision);
    return true;
}

static enum store_rc read_one(struct question *q, struct reader *db)
{
    const char *id_tag = q->request->param[0];
    enum store_rc rc = reader_tag(db, id_tag, take_one, q);
    if (rc == STORE_OK && q->out.len == 0) {
        snprintf(q->text, sizeof(q->text), "there is no tag %.60s", id_tag);
        return STORE_MISSING;
    }
    return rc;
}

/* May it charge at the station that was asked for, and why not? */
static void put_verdict(struct request *r, const char *station, struct ocpp_text *out)
{
    static const char *const words[] = { [STORE_AUTH_ACCEPTED] = "Accepted",
                                         [STORE_AUTH_BLOCKED] = "Blocked",
                                         [STORE_AUTH_EXPIRED] = "Expired",
                                         [STORE_AUTH_INVALID] = "Invalid",
                                         [STORE_AUTH_CONCURRENT_TX] = "ConcurrentTx" };
    char why[400];
    int32_t verdict = central_authorize(r->admin->options.central, station, r->param[0],
                                        admin_now(r->admin), why, sizeof(why));
    jout_open(out, "at", '{');
    jout_text(out, "station", station);
    jout_text(out, "verdict", words[verdict]);
    jout_text(out, "why", why);
    jout_close(out, '}');
}

static void then_one(struct request *r, struct question *q)
{
    const char *station = request_query(r, "station");
    size_t place;
    if (q->rc == STORE_OK && station != NULL &&
        !central_station_find(r->admin->options.central, station, &place)) {
        request_fail(r, 404, "not-found", "station", "there is no station %.60s", station);
        return;
    }
    if (q->rc == STORE_OK && station != NULL)
        put_verdict(r, station, &q->out);
    if (q->rc == STORE_OK)
        jout_close(&q->out, '}');
    question_answer(r, q);
}

void route_tag(struct request *r)
{
    request_ask(r, read_one, then_one, NULL);
}

/* --- changes --- */

void route_tag_put(struct request *r)
{
    bool dry_run;
    json_t *id = json_object_get(r->json, "id_tag");
    if (!request_query_flag(r, "dry_run", &dry_run))
        return;
    if (id != NULL && (!json_is_string(id) || strcmp(json_string_value(id), r->param[0]) != 0)) {
        request_fail(r, 422, "invalid-data", "id_tag",
                     "id_tag: must be %s as in the path, or be left out", r->param[0]);
        return;
    }
    json_object_set_new(r->json, "id_tag", json_string(r->param[0]));
    json_t *root = json_pack("{s:[O]}", "tags", r->json);
    if (root == NULL)
        request_fail(r, 422, "invalid-data", "id_tag", "id_tag: is no UTF-8 text");
    else
        admin_apply(r, root, "tags", dry_run, false);
}

static void tag_gone(void *arg, enum store_rc rc, const union store_result *result)
{
    struct request *r = arg;
    struct admin *a = r->admin;
    if (rc == STORE_MISSING) {
        request_fail(r, 404, "not-found", NULL, "there is no tag %s", r->param[0]);
    } else if (rc != STORE_OK) {
        request_fail_rc(r, rc, NULL, NULL);
    } else {
        central_tag_gone(a->options.central, r->param[0], result->count.revision, admin_now(a));
        jout_open(&r->out, NULL, '{');
        jout_int(&r->out, "changed", 1);
        jout_close(&r->out, '}');
        request_answer(r, 200);
    }
    request_unref(r);
}

void route_tag_delete(struct request *r)
{
    if (!admin_can_write(r))
        return;
    struct store_done done = { tag_gone, r };
    request_ref(r);
    if (!store_tag_remove(r->admin->options.store, r->param[0], done))
        admin_not_taken(r);
}

void route_tags_import(struct request *r)
{
    bool dry_run, delete_missing;
    if (request_query_flag(r, "dry_run", &dry_run) &&
        request_query_flag(r, "delete_missing", &delete_missing))
        admin_import_tags(r, dry_run, delete_missing);
}
