/* Charging sessions, and stops that belong to none. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/noxd/jout.h"
#include "cmd/noxd/route.h"
#include "cmd/noxd/views.h"
#include "storage/billing/calendar.h"

enum { PIECE_BYTES = 16 * 1024, ROWS_DEFAULT = 1000, REASON_MAX = 200 };

/* --- the list, streamed: any length in constant memory --- */

static const char *const state_words[] = { "all", "active", "finished", "provisional", NULL };

struct session_list {
    struct export_sink sink;
    struct ocpp_text out;
    int64_t rows, last_tx_id;
    bool wanted;
};

static bool flush(struct session_list *l, size_t least)
{
    if (l->out.len < least)
        return true;
    l->wanted = !l->out.failed && l->sink.write(l->sink.arg, l->out.data, l->out.len);
    ocpp_text_truncate(&l->out, 0);
    return l->wanted;
}

static bool take_session(void *arg, const struct store_session *session)
{
    struct session_list *l = arg;
    if (l->rows++ > 0)
        ocpp_text_append(&l->out, ",", 1);
    ocpp_text_append(&l->out, "{", 1);
    view_session(session, &l->out);
    ocpp_text_append(&l->out, "}", 1);
    l->last_tx_id = session->tx_id;
    return flush(l, PIECE_BYTES);
}

/* Checked by the route; read again by the worker, so that nothing needs to be handed over. */
static bool read_filter(struct request *r, struct reader_session_filter *f)
{
    size_t state;
    *f = (struct reader_session_filter){ .station = request_query(r, "station"),
                                         .id_tag = request_query(r, "id_tag") };
    const char *month = request_query(r, "month");
    if (!request_query_word(r, "state", state_words, 0, &state) ||
        !request_query_flag(r, "problems", &f->problems) ||
        !request_query_time(r, "from", &f->from_ms) || !request_query_time(r, "to", &f->to_ms) ||
        !request_query_int(r, "limit", 0, INT64_MAX, ROWS_DEFAULT, &f->limit) ||
        !request_query_int(r, "before", 0, INT64_MAX, 0, &f->before_tx_id))
        return false;
    f->state = (int32_t)state;
    if (month == NULL)
        return true;
    if (f->from_ms != STORE_ABSENT || f->to_ms != STORE_ABSENT) {
        request_fail(r, 400, "bad-query", "month",
                     "month stands for from and to; give one or the "
                     "other");
        return false;
    }
    if (!cal_month_range(month, &f->from_ms, &f->to_ms)) {
        request_fail(r, 400, "bad-query", "month", "month must be a month like 2026-10");
        return false;
    }
    return true;
}

static enum store_rc produce_sessions(struct request *r, struct reader *db, struct export_sink sink)
{
    struct session_list l = { .sink = sink, .wanted = true };
    struct reader_session_filter filter;
    read_filter(r, &filter);
    ocpp_text_init(&l.out);
    ocpp_text_append_str(&l.out, "{\"items\":[");
    enum store_rc rc = reader_sessions(db, &filter, take_session, &l);
    if (rc == STORE_OK && l.wanted) {
        ocpp_text_append_str(&l.out, "],\"next_before\":");
        if (filter.limit > 0 && l.rows == filter.limit)
            ocpp_text_append_int(&l.out, l.last_tx_id);
        else
            ocpp_text_append_str(&l.out, "null");
        ocpp_text_append_str(&l.out, "}");
        flush(&l, 1);
    }
    ocpp_text_done(&l.out);
    return l.wanted ? rc : STORE_STOPPED;
}

void route_sessions(struct request *r)
{
    struct reader_session_filter filter;
    if (read_filter(r, &filter))
        request_stream(r, r->content_type, produce_sessions, NULL);
}

/* --- one --- */

static bool read_tx_id(struct request *r, int64_t *ret_tx_id)
{
    char *end;
    long long tx_id = strtoll(r->param[0], &end, 10);
    if (*end != '\0' || tx_id <= 0) {
        request_fail(r, 404, "not-found", NULL,
                     "there is no session %.40s; sessions have numbers: 'noxctl session list'",
                     r->param[0]);
        return false;
    }
    *ret_tx_id = tx_id;
    return true;
}

static bool take_one(void *arg, const struct store_session *session)
{
    view_session(session, arg);
    return true;
}

static void put_current(const int32_t ma[3], struct ocpp_text *out)
{
    jout_open(out, "current_a", '[');
    for (int i = 0; i < 3; i++)
        jout_amps(out, NULL, ma[i]);
    jout_close(out, ']');
}

static bool take_meter(void *arg, const struct store_meter *row)
{
    struct ocpp_text *out = arg;
    jout_open(out, NULL, '{');
    jout_time(out, "at", row->sampled_at_ms);
    jout_int(out, "register_wh",
             row->register_uwh != STORE_ABSENT ? row->register_uwh / 1000000 : STORE_ABSENT);
    jout_int(out, "power_w",
             row->power_mw != STORE_ABSENT ? (row->power_mw + 500) / 1000 : STORE_ABSENT);
    put_current(row->current_ma, out);
    jout_int(out, "soc", row->soc_pct >= 0 ? row->soc_pct : STORE_ABSENT);
    jout_close(out, '}');
    return true;
}

static enum store_rc read_session(struct question *q, struct reader *db)
{
    int64_t tx_id = strtoll(q->request->param[0], NULL, 10);
    const char *limit = request_query(q->request, "limit");
    jout_open(&q->out, NULL, '{');
    enum store_rc rc = reader_session(db, tx_id, take_one, &q->out);
    if (rc == STORE_OK && q->out.len == 1) {
        snprintf(q->text, sizeof(q->text),
                 "there is no session %.40s; 'noxctl session list' names all",
                 q->request->param[0]);
        return STORE_MISSING;
    }
    jout_open(&q->out, "meter", '[');
    if (rc == STORE_OK)
        rc = reader_meter(db, NULL, tx_id, limit != NULL ? strtoll(limit, NULL, 10) : 0, take_meter,
                          &q->out);
    jout_close(&q->out, ']');
    jout_close(&q->out, '}');
    return rc;
}

void route_session(struct request *r)
{
    int64_t tx_id, limit;
    if (request_query_int(r, "limit", 0, INT64_MAX, 0, &limit) && read_tx_id(r, &tx_id))
        request_ask(r, read_session, NULL, NULL);
}

static void on_closed(void *arg, enum store_rc rc, const union store_result *result)
{
    struct request *r = arg;
    struct admin *a = r->admin;
    if (rc == STORE_MISSING) {
        request_fail(r, 404, "not-found", NULL,
                     "there is no session %.40s; 'noxctl session list' names all", r->param[0]);
    } else if (rc != STORE_OK) {
        request_fail_rc(r, rc, NULL, NULL);
    } else if (result->tx_stop.duplicate) {
        request_fail(r, 409, "already-closed", NULL, "session %s has ended already", r->param[0]);
    } else {
        if (!a->closing) {
            central_forget_session(a->options.central, result->tx_stop.tx_id, admin_now(a));
            loop_run_due(a->options.loop);
        }
        jout_open(&r->out, NULL, '{');
        jout_int(&r->out, "tx_id", result->tx_stop.tx_id);
        jout_text(&r->out, "state", "provisional");
        jout_close(&r->out, '}');
        request_answer(r, 200);
    }
    request_unref(r);
}

void route_session_close(struct request *r)
{
    int64_t tx_id;
    json_t *reason = json_object_get(r->json, "reason");
    const char *text = json_string_value(reason);
    struct store_done done = { on_closed, r };
    if (!read_tx_id(r, &tx_id))
        return;
    if (text == NULL || text[0] == '\0' || strlen(text) > REASON_MAX) {
        request_fail(r, 422, "invalid-data", "reason",
                     "reason: say why, for who looks at the bill later (1 to %d bytes of text)",
                     REASON_MAX);
        return;
    }
    if (!admin_can_write(r))
        return;
    request_ref(r);
    if (!store_tx_close(r->admin->options.store, tx_id, "operator", text,
                        admin_now(r->admin).utc_ms, done))
        admin_not_taken(r);
}

/* --- orphans --- */

static bool take_orphan(void *arg, int64_t orphan_id, const struct store_tx_stop *stop)
{
    struct ocpp_text *out = arg;
    jout_open(out, NULL, '{');
    jout_int(out, "orphan_id", orphan_id);
    jout_int(out, "tx_id", stop->tx_id);
    jout_text(out, "station", stop->station);
    jout_text(out, "id_tag", stop->id_tag);
    jout_int(out, "meter_stop_wh",
             stop->meter_stop_wh != INT32_MIN ? stop->meter_stop_wh : STORE_ABSENT);
    jout_time(out, "stopped_at", stop->stopped_at_ms);
    jout_time(out, "received_at", stop->received_at_ms);
    jout_text(out, "reason", stop->reason);
    jout_close(out, '}');
    return true;
}

static enum store_rc read_orphans(struct question *q, struct reader *db)
{
    jout_open(&q->out, NULL, '{');
    jout_open(&q->out, "items", '[');
    enum store_rc rc = reader_orphans(db, take_orphan, &q->out);
    jout_close(&q->out, ']');
    jout_close(&q->out, '}');
    return rc;
}

void route_orphans(struct request *r)
{
    request_ask(r, read_orphans, NULL, NULL);
}
