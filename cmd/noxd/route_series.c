/* Series of factors by the hour, and the coming hours that are planned with them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/noxd/jout.h"
#include "cmd/noxd/route.h"
#include "cmd/noxd/series_csv.h"

static const char *const kind_words[] = { "co2", "price", NULL };
static const enum store_series kinds[] = { STORE_SERIES_CO2, STORE_SERIES_PRICE };
static const char *const value_names[] = { "g_per_kwh", "ct_per_kwh" };
enum { SOURCE_MAX = 200 };

static bool find_kind(struct request *r, const char *word, size_t *ret_i)
{
    for (size_t i = 0; kind_words[i] != NULL; i++)
        if (strcmp(kind_words[i], word) == 0) {
            *ret_i = i;
            return true;
        }
    request_fail(r, 404, "not-found", NULL, "there is no series %.20s; there are co2 and price",
                 word);
    return false;
}

static size_t kind_of(const struct request *r)
{
    return strcmp(r->param[0], kind_words[1]) == 0;
}

/* --- what is known --- */

static bool put_edition(void *arg, const struct store_edition *e)
{
    struct ocpp_text *out = arg;
    jout_open(out, NULL, '{');
    jout_int(out, "edition", e->edition);
    jout_text(out, "kind", kind_words[e->kind == STORE_SERIES_PRICE]);
    jout_time(out, "from", e->from_ms);
    jout_time(out, "until", e->until_ms);
    jout_text_or_null(out, "source", e->source);
    jout_text_or_null(out, "who", e->who);
    jout_time(out, "at", e->at_ms);
    jout_close(out, '}');
    return true;
}

static enum store_rc read_editions(struct question *q, struct reader *db)
{
    jout_open(&q->out, NULL, '{');
    jout_open(&q->out, "items", '[');
    enum store_rc rc = reader_editions(db, 0, 0, put_edition, &q->out);
    jout_close(&q->out, ']');
    jout_close(&q->out, '}');
    return rc;
}

void route_series_editions(struct request *r)
{
    request_ask(r, read_editions, NULL, NULL);
}

struct span {
    struct ocpp_text *out;
    const char *name;
    int64_t from_ms, to_ms;
};

static bool put_quarter(void *arg, const struct store_quarter *quarter)
{
    struct span *span = arg;
    jout_open(span->out, NULL, '{');
    jout_time(span->out, "from", quarter->from_ms);
    jout_decimal(span->out, span->name, quarter->value_e3, 3);
    jout_close(span->out, '}');
    return true;
}

static enum store_rc read_span(struct question *q, struct reader *db)
{
    struct span *span = q->state;
    size_t kind = kind_of(q->request);
    span->out = &q->out;
    span->name = value_names[kind];
    jout_open(&q->out, NULL, '{');
    jout_open(&q->out, "items", '[');
    enum store_rc rc =
        reader_series(db, kinds[kind], span->from_ms, span->to_ms, put_quarter, span);
    jout_close(&q->out, ']');
    jout_close(&q->out, '}');
    return rc;
}

static void then_span(struct request *r, struct question *q)
{
    free(q->state);
    question_answer(r, q);
}

/* Without from and to: the coming two days. */
void route_series(struct request *r)
{
    size_t kind;
    struct span *span = calloc(1, sizeof(*span));
    if (span == NULL || !find_kind(r, r->param[0], &kind) ||
        !request_query_time(r, "from", &span->from_ms) ||
        !request_query_time(r, "to", &span->to_ms)) {
        if (span == NULL)
            request_fail(r, 503, "overloaded", NULL, "out of memory; try again");
        free(span);
        return;
    }
    if (span->from_ms == STORE_ABSENT)
        span->from_ms = admin_now(r->admin).utc_ms - STORE_QUARTER_MS;
    if (span->to_ms == STORE_ABSENT)
        span->to_ms = span->from_ms + (int64_t)48 * 3600000;
    request_ask(r, read_span, then_span, span);
}

/* --- a new edition: read by a worker, written, read back as it counts now --- */

struct import {
    struct series_csv csv;
    char source[SOURCE_MAX + 1], who[WHO_MAX + 1];
    size_t kind, unit;
    bool dry_run;
    int64_t now_ms, edition;
    struct store_quarter *known;
    size_t n_known, room_known;
};

static void import_free(struct import *i)
{
    series_csv_done(&i->csv);
    free(i->known);
    free(i);
}

static enum store_rc read_import(struct question *q, struct reader *db)
{
    struct import *i = q->state;
    (void)db;
    series_csv_read(q->request->body, q->request->body_len, kinds[i->kind], i->unit, &i->csv);
    return STORE_OK;
}

static void fail_lines(struct request *r, const struct import *i)
{
    const struct series_csv *csv = &i->csv;
    jout_open(&r->out, NULL, '{');
    jout_open(&r->out, "error", '{');
    jout_text(&r->out, "code", "invalid-data");
    char text[80];
    snprintf(text, sizeof(text), "%zu line%s of the table %s wrong; nothing was taken over",
             csv->n_faults, csv->n_faults == 1 ? "" : "s", csv->n_faults == 1 ? "is" : "are");
    jout_text(&r->out, "message", text);
    jout_open(&r->out, "lines", '[');
    for (size_t k = 0; k < csv->n_faults && k < SERIES_FAULTS; k++) {
        jout_open(&r->out, NULL, '{');
        jout_int(&r->out, "line", (int64_t)csv->fault[k].line);
        jout_text(&r->out, "text", csv->fault[k].text);
        jout_close(&r->out, '}');
    }
    jout_close(&r->out, ']');
    jout_close(&r->out, '}');
    jout_close(&r->out, '}');
    request_answer(r, 422);
}

static void answer_import(struct request *r, const struct import *i)
{
    const struct store_quarter *quarter = i->csv.quarter;
    jout_open(&r->out, NULL, '{');
    jout_text(&r->out, "kind", kind_words[i->kind]);
    if (i->edition > 0)
        jout_int(&r->out, "edition", i->edition);
    jout_int(&r->out, "quarters", (int64_t)i->csv.n);
    jout_time(&r->out, "from", quarter[0].from_ms);
    jout_time(&r->out, "until", quarter[i->csv.n - 1].from_ms + STORE_QUARTER_MS);
    jout_bool(&r->out, "dry_run", i->dry_run);
    jout_close(&r->out, '}');
    request_answer(r, 200);
}

static bool keep_quarter(void *arg, const struct store_quarter *quarter)
{
    struct import *i = arg;
    if (i->n_known == i->room_known) {
        size_t room = i->room_known > 0 ? 2 * i->room_known : 256;
        struct store_quarter *more = realloc(i->known, room * sizeof(*more));
        if (more == NULL)
            return false;
        i->known = more;
        i->room_known = room;
    }
    i->known[i->n_known++] = *quarter;
    return true;
}

static enum store_rc read_known(struct question *q, struct reader *db)
{
    struct import *i = q->state;
    return reader_series(db, kinds[i->kind], i->now_ms - STORE_QUARTER_MS, INT64_MAX, keep_quarter,
                         i);
}

/* It is written, so it is answered well; the balancer may hear of it later. */
static void then_known(struct request *r, struct question *q)
{
    struct import *i = q->state;
    const struct admin *a = r->admin;
    if (q->rc == STORE_OK && !a->closing)
        central_series(a->options.central, kinds[i->kind], i->known, i->n_known, admin_now(a));
    answer_import(r, i);
    import_free(i);
}

struct import_ref {
    struct request *request;
    struct import *import;
};

static void import_stored(void *arg, enum store_rc rc, const union store_result *result)
{
    struct import_ref *ref = arg;
    struct request *r = ref->request;
    struct import *i = ref->import;
    free(ref);
    if (rc != STORE_OK) {
        request_fail_rc(r, rc, NULL, NULL);
        import_free(i);
    } else {
        i->edition = result->count.n;
        request_ask(r, read_known, then_known, i);
    }
    request_unref(r);
}

static void store_import(struct request *r, struct import *i)
{
    struct import_ref *ref = calloc(1, sizeof(*ref));
    struct store_edition edition = { .kind = kinds[i->kind],
                                     .source = i->source,
                                     .who = i->who,
                                     .at_ms = i->now_ms };
    if (ref == NULL || !admin_can_write(r)) {
        if (ref == NULL)
            request_fail(r, 503, "overloaded", NULL, "out of memory; try again");
        free(ref);
        import_free(i);
        return;
    }
    *ref = (struct import_ref){ r, i };
    struct store_done done = { import_stored, ref };
    request_ref(r);
    if (store_series(r->admin->options.store, &edition, i->csv.quarter, i->csv.n, done))
        return;
    free(ref);
    import_free(i);
    admin_not_taken(r);
}

static void then_import(struct request *r, struct question *q)
{
    struct import *i = q->state;
    if (q->rc != STORE_OK)
        request_fail_rc(r, q->rc, NULL, q->text);
    else if (i->csv.n_faults > 0)
        fail_lines(r, i);
    else if (i->dry_run)
        answer_import(r, i);
    else {
        store_import(r, i);
        return;
    }
    import_free(i);
}

void route_series_import(struct request *r)
{
    size_t kind, unit;
    bool dry_run;
    const char *source = request_query(r, "source");
    if (!find_kind(r, r->param[0], &kind) ||
        !request_query_word(r, "unit", series_units(kinds[kind]), 0, &unit) ||
        !request_query_flag(r, "dry_run", &dry_run))
        return;
    struct import *i = calloc(1, sizeof(*i));
    if (i == NULL) {
        request_fail(r, 503, "overloaded", NULL, "out of memory; try again");
        return;
    }
    i->kind = kind;
    i->unit = unit;
    i->dry_run = dry_run;
    i->now_ms = admin_now(r->admin).utc_ms;
    snprintf(i->source, sizeof(i->source), "%s", source != NULL ? source : "");
    snprintf(i->who, sizeof(i->who), "%s", request_who(r));
    request_ask(r, read_import, then_import, i);
}

/* --- the coming hours --- */

enum { HOURS_MAX = SCHED_SLOTS_MAX / 4, HOURS_USUAL = 24 };

static void put_slot(const struct sched_slot *slot, struct ocpp_text *out)
{
    jout_open(out, NULL, '{');
    jout_time(out, "from", slot->from_ms);
    jout_time(out, "until", slot->until_ms);
    jout_amps3_of32(out, "limit_a", slot->limit_ma);
    jout_amps3_of32(out, "foreign_a", slot->foreign_ma);
    jout_amps3(out, "held_a", slot->held_ma);
    jout_amps3(out, "planned_a", slot->planned_ma);
    jout_open(out, "room_a", '[');
    for (int p = 0; p < 3; p++)
        jout_decimal(out, NULL, slot->room_ma[p] / 100, 1);
    jout_close(out, ']');
    jout_int(out, "sessions", (int64_t)slot->n_sessions);
    if (slot->has_factor)
        jout_decimal(out, "factor", slot->factor, 3);
    else
        jout_null(out, "factor");
    jout_close(out, '}');
}

static void put_node_plan(const struct sched_outlook *o, const struct central_node_view *node,
                          size_t at, struct ocpp_text *out)
{
    struct sched_slot slot;
    jout_open(out, NULL, '{');
    jout_text(out, "id", node->id);
    jout_text_or_null(out, "parent", node->parent);
    jout_open(out, "slots", '[');
    for (size_t k = 0; sched_outlook_slot(o, at, k, &slot); k++)
        put_slot(&slot, out);
    jout_close(out, ']');
    jout_close(out, '}');
}

static void put_currents(const struct sched_outlook *o, size_t i, struct ocpp_text *out)
{
    struct sched_slot slot;
    jout_open(out, "planned_a", '[');
    for (size_t k = 0; sched_outlook_slot(o, 0, k, &slot); k++)
        jout_amps(out, NULL, sched_outlook_ma(o, i, k));
    jout_close(out, ']');
}

static void put_session_plan(const struct request *r, const struct sched_outlook *o, size_t i,
                             const struct sched_forecast *f, struct ocpp_text *out)
{
    const char *station = "";
    int32_t connector = 0;
    central_point_at(r->admin->options.central, f->point, &station, &connector);
    jout_open(out, NULL, '{');
    jout_int(out, "tx_id", f->tx_id);
    jout_text(out, "station", station);
    jout_int(out, "connector", connector);
    jout_bool(out, "told", f->told);
    jout_bool(out, "green", f->green);
    jout_bool(out, "waits", f->waits);
    jout_bool(out, "at_risk", f->at_risk);
    jout_time(out, "depart", f->depart_ms > 0 ? f->depart_ms : STORE_ABSENT);
    jout_int(out, "need_wh", f->told ? f->need_wh : STORE_ABSENT);
    jout_int(out, "will_get_wh", f->told ? f->will_get_wh : STORE_ABSENT);
    jout_time(out, "done", f->done_ms < INT64_MAX ? f->done_ms : STORE_ABSENT);
    put_currents(o, i, out);
    jout_close(out, '}');
}

static void put_plan(struct request *r, const struct sched_outlook *o, const char *only)
{
    struct central_node_view node;
    struct sched_forecast f;
    const struct central *c = r->admin->options.central;
    jout_open(&r->out, NULL, '{');
    jout_open(&r->out, "items", '[');
    for (size_t i = 0; central_node_view(c, i, admin_now(r->admin), &node); i++)
        if (only == NULL || strcmp(only, node.id) == 0)
            put_node_plan(o, &node, i, &r->out);
    jout_close(&r->out, ']');
    jout_open(&r->out, "sessions", '[');
    for (size_t i = 0; sched_outlook_session(o, i, &f); i++)
        put_session_plan(r, o, i, &f, &r->out);
    jout_close(&r->out, ']');
    jout_close(&r->out, '}');
}

static bool has_node(const struct request *r, const char *id)
{
    struct central_node_view node;
    for (size_t i = 0; central_node_view(r->admin->options.central, i, admin_now(r->admin), &node);
         i++)
        if (strcmp(node.id, id) == 0)
            return true;
    return false;
}

void route_grid_plan(struct request *r)
{
    int64_t hours;
    const char *only = request_query(r, "node");
    if (!request_query_int(r, "hours", 1, HOURS_MAX, HOURS_USUAL, &hours))
        return;
    if (only != NULL && !has_node(r, only)) {
        request_fail(r, 404, "not-found", "node",
                     "there is no grid node %s; 'noxctl grid show' names all", only);
        return;
    }
    struct sched_outlook *o =
        central_plan_ahead(r->admin->options.central, (size_t)hours * 4, admin_now(r->admin));
    if (o == NULL) {
        jout_raw(&r->out, NULL, "{\"items\":[],\"sessions\":[]}");
    } else {
        put_plan(r, o, only);
        sched_outlook_free(o);
    }
    request_answer(r, 200);
}
