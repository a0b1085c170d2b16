/* The monthly files: charge detail records, the emissions report, what green hours saved. */
#include <stdio.h>
#include <string.h>

#include "cmd/noxd/route.h"
#include "storage/billing/calendar.h"
#include "storage/billing/export.h"
#include "storage/emissions/green.h"
#include "storage/emissions/report.h"

struct format {
    const char *word, *content_type, *extension;
};

static const char *const billing_words[] = { "csv-de", "csv", "json", NULL };
static const struct {
    struct format f;
    enum bill_format of;
} billing_formats[] = {
    { { "csv-de", "text/csv; charset=utf-8", "csv" }, BILL_CSV_GERMAN },
    { { "csv", "text/csv; charset=utf-8", "csv" }, BILL_CSV_MACHINE },
    { { "json", "application/json; charset=utf-8", "json" }, BILL_JSON },
};

static const char *const co2_words[] = { "table", "csv", "csv-de", "json", NULL };
static const struct {
    struct format f;
    enum co2_format of;
} co2_formats[] = {
    { { "table", "text/plain; charset=utf-8", "txt" }, CO2_TABLE },
    { { "csv", "text/csv; charset=utf-8", "csv" }, CO2_CSV_MACHINE },
    { { "csv-de", "text/csv; charset=utf-8", "csv" }, CO2_CSV_GERMAN },
    { { "json", "application/json; charset=utf-8", "json" }, CO2_JSON },
};
static const char *const by_words[] = { "district", "station", NULL };

static bool month_is_good(struct request *r)
{
    int64_t from_ms, to_ms;
    if (cal_month_range(r->param[0], &from_ms, &to_ms))
        return true;
    request_fail(r, 422, "invalid-data", "month", "month: %.40s is none; write it like 2026-10",
                 r->param[0]);
    return false;
}

static void name_file(struct request *r, const char *what, const struct format *format)
{
    snprintf(r->file_name, sizeof(r->file_name), "%s-%s%s.%s", what, r->param[0],
             strcmp(format->word, "csv-de") == 0 ? "-de" : "", format->extension);
}

/* Each file that was made is written down, with what proves later that it is the same. */
static void count_run(struct request *r, const char *kind)
{
    struct store_done nobody = { .fn = NULL };
    if (!r->admin->closing && !r->head_only)
        store_export_run(r->admin->options.store, kind, r->param[0], r->stream->sha256,
                         r->stream->rows, nobody);
}

/* --- billing --- */

static enum store_rc produce_billing(struct request *r, struct reader *db, struct export_sink sink)
{
    struct bill_export_result result = { 0 };
    size_t i;
    request_query_word(r, "format", billing_words, 0, &i);
    enum store_rc rc = bill_export(db, r->param[0], billing_formats[i].of, sink, &result);
    r->stream->rows = result.rows;
    return rc;
}

static void billing_done(struct request *r)
{
    count_run(r, "billing");
}

void route_billing(struct request *r)
{
    size_t i;
    if (!month_is_good(r) || !request_query_word(r, "format", billing_words, 0, &i))
        return;
    name_file(r, "billing", &billing_formats[i].f);
    request_stream(r, billing_formats[i].f.content_type, produce_billing, billing_done);
}

/* --- emissions --- */

static enum store_rc produce_emissions(struct request *r, struct reader *db,
                                       struct export_sink sink)
{
    struct co2_report_result result = { 0 };
    size_t i, by;
    request_query_word(r, "format", co2_words, 0, &i);
    request_query_word(r, "by", by_words, 0, &by);
    enum store_rc rc = co2_report(db, r->param[0], by == 0 ? CO2_BY_DISTRICT : CO2_BY_STATION,
                                  co2_formats[i].of, sink, &result);
    r->stream->rows = result.rows;
    if (rc == STORE_MISSING)
        snprintf(r->stream->text, sizeof(r->stream->text), "%s", result.missing);
    return rc;
}

static void emissions_done(struct request *r)
{
    count_run(r, "emissions");
}

void route_emissions(struct request *r)
{
    size_t i, by;
    if (!month_is_good(r) || !request_query_word(r, "format", co2_words, 0, &i) ||
        !request_query_word(r, "by", by_words, 0, &by))
        return;
    name_file(r, "emissions", &co2_formats[i].f);
    request_stream(r, co2_formats[i].f.content_type, produce_emissions, emissions_done);
}

/* --- green hours --- */

static enum store_rc produce_green(struct request *r, struct reader *db, struct export_sink sink)
{
    struct green_report_result result = { 0 };
    size_t i;
    request_query_word(r, "format", co2_words, 0, &i);
    enum store_rc rc = green_report(db, r->param[0], co2_formats[i].of, sink, &result);
    r->stream->rows = result.rows;
    return rc;
}

static void green_report_done(struct request *r)
{
    count_run(r, "green");
}

void route_green(struct request *r)
{
    size_t i;
    if (!month_is_good(r) || !request_query_word(r, "format", co2_words, 0, &i))
        return;
    name_file(r, "green", &co2_formats[i].f);
    request_stream(r, co2_formats[i].f.content_type, produce_green, green_report_done);
}
