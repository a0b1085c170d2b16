#include "storage/emissions/report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "storage/billing/calendar.h"
#include "storage/emissions/row.h"

const char *const co2_method[] = {
    "Energy: the charge detail records of the month of service (local month in which a session "
    "ended), corrections included; sessions without energy are not counted; points are those that "
    "gave energy.",
    "CO2 of the electricity: location-based, direct emissions of the national mix, by the method of "
    "the GHG Protocol. Where the year has no factor yet, the newest earlier one applies; a later "
    "report may differ.",
    "Avoided: the energy gives kilometres (divided by consumption), these the tailpipe emissions of "
    "the cars they replace (times g/km). Net is avoided tailpipe CO2 less CO2 of the electricity.",
    "Each figure of a row is rounded once, from exact values, so that net may differ in the last "
    "digit from the difference of the printed ones; totals are sums of the rounded rows and may "
    "differ in the last digit from the same computed from the total energy.",
    NULL,
};

const char *const co2_limits[] = {
    "What is avoided is a comparison with an assumed fleet, a modelled range and no measurement.",
    "Part of the kilometres is driven outside the city: the relief of its streets is smaller.",
    "Plug-in hybrids charge here too, and also burn fuel.",
    "That the cars exist because of these charge points is not shown.",
    "Power stations emit NOx as well, elsewhere.",
    "NOx emitted is not NO2 in the air: only the stations of the air quality network measure that.",
    "This report is for internal use: before publication leave out cells with fewer than 5 "
    "sessions, which would show the habits of single residents.",
    NULL,
};

#define TEXT(english, german, json, member)                                        \
    {                                                                              \
        english, german, json, OUT_TEXT, offsetof(struct co2_row, member), 0, NULL \
    }
#define NUMBER(english, german, json, member, digits)                                     \
    {                                                                                     \
        english, german, json, OUT_NUMBER, offsetof(struct co2_row, member), digits, NULL \
    }
#define RANGE(english, german, german_unit, json, member, digits)                             \
    NUMBER(english "_low", german " niedrig" german_unit, json "_low", member[0], digits),    \
        NUMBER(english "_mid", german " mittel" german_unit, json "_mid", member[1], digits), \
        NUMBER(english "_high", german " hoch" german_unit, json "_high", member[2], digits)
static const struct out_column columns[] = {
    TEXT("period", "Zeitraum", "period", period),
    TEXT("operator", "Betreiber", "operator", sum.operator_id),
    TEXT("district", "Stadtbezirk", "district", sum.district),
    TEXT("station", "Station", "station", sum.station),
    NUMBER("points", "Ladepunkte", "points", sum.points, 0),
    NUMBER("sessions", "Ladevorgänge", "sessions", sum.sessions, 0),
    NUMBER("energy_kwh", "Energie [kWh]", "energy_wh", sum.energy_wh, 3),
    NUMBER("estimated_kwh", "davon geschätzt [kWh]", "estimated_wh", sum.estimated_wh, 3),
    NUMBER("co2_location_kg", "CO2 ortsbasiert [kg]", "co2_location_g", amounts.location_g, 3),
    NUMBER("co2_market_kg", "CO2 marktbasiert [kg]", "co2_market_g", amounts.market_g, 3),
    NUMBER("co2_hourly_kg", "CO2 stündlich [kg]", "co2_hourly_g", hourly_g, 3),
    NUMBER("hourly_coverage_pct", "Abdeckung [%]", "hourly_coverage_e2_pct", hourly_coverage_e2_pct,
           2),
    RANGE("km", "Fahrleistung", " [km]", "km", amounts.km, 0),
    RANGE("nox_avoided_kg", "vermiedene NOx", " [kg]", "nox_avoided_g", amounts.nox_g, 3),
    /* 100 g in the CSV, see cells_of() */
    RANGE("co2_tailpipe_kg", "vermiedenes Auspuff-CO2", " [kg]", "co2_tailpipe_g",
          amounts.tailpipe_g, 1),
    RANGE("co2_net_kg", "CO2 netto", " [kg]", "co2_net_g", amounts.net_g, 1),
    TEXT("factor_set", "Faktorensatz", "factor_set", factor_set),
    NUMBER("edition", "Ausgabe", "edition", edition, 0),
};
static const struct out_table table = { columns, sizeof(columns) / sizeof(columns[0]) };

/* --- rows --- */

static void make_factor_set(const struct co2_factors *factors, char *ret_text, size_t size)
{
    size_t used = 0;
    ret_text[0] = '\0';
    for (enum co2_kind kind = 0; kind < CO2_KINDS; kind++) {
        const struct store_factor *f = factors->of[kind];
        if (f == NULL || used >= size)
            continue;
        used += (size_t)snprintf(ret_text + used, size - used, "%s%s@%d", used > 0 ? ";" : "",
                                 f->kind, (int)f->year);
    }
}

static struct co2_row row_of(const struct co2_page *page, struct co2_sum sum,
                             const char *factor_set)
{
    struct co2_row row = {
        .period = page->period,
        .sum = sum,
        .hourly_g = STORE_ABSENT,
        .hourly_coverage_e2_pct = STORE_ABSENT,
        .edition = STORE_ABSENT,
        .factor_set = factor_set,
    };
    co2_compute(&page->factors, sum.energy_wh, &row.amounts);
    return row;
}

static void add(struct co2_row *total, const struct co2_row *row)
{
    total->sum.points += row->sum.points;
    total->sum.sessions += row->sum.sessions;
    total->sum.energy_wh += row->sum.energy_wh;
    total->sum.estimated_wh += row->sum.estimated_wh;
    total->amounts.location_g += row->amounts.location_g;
    if (row->amounts.market_g != STORE_ABSENT)
        total->amounts.market_g += row->amounts.market_g;
    for (int i = 0; i < 3; i++) {
        total->amounts.km[i] += row->amounts.km[i];
        total->amounts.nox_g[i] += row->amounts.nox_g[i];
        total->amounts.tailpipe_g[i] += row->amounts.tailpipe_g[i];
        total->amounts.net_g[i] += row->amounts.net_g[i];
    }
}

/* --- CSV and JSON --- */

/* What is rounded to 100 g is printed without the two zeros that would pass for measured digits. */
static struct co2_row cells_of(const struct co2_row *row)
{
    struct co2_row cells = *row;
    for (int i = 0; i < 3; i++) {
        cells.amounts.tailpipe_g[i] /= 100;
        cells.amounts.net_g[i] /= 100;
    }
    return cells;
}

static void write_csv(struct out *o, const struct co2_page *page, bool is_german)
{
    struct out_csv csv = { is_german };
    out_csv_header(o, csv, table);
    for (size_t i = 0; i < page->n; i++) {
        struct co2_row cells = cells_of(&page->row[i]);
        out_csv_row(o, csv, table, &cells);
    }
}

static void json_member(struct out *o, const char *name, const char *text)
{
    out_text(o, ",");
    out_json_string(o, name);
    out_text(o, ":");
    out_json_string(o, text);
}

/* A factor as decimal number, without trailing zeros. */
static void json_value(struct out *o, const char *name, int64_t value_e6)
{
    int digits = 6;
    for (; digits > 0 && value_e6 % 10 == 0; digits--)
        value_e6 /= 10;
    out_text(o, ",");
    out_json_string(o, name);
    out_text(o, ":");
    out_decimal(o, value_e6, digits, '.');
}

static void json_factor(struct out *o, const struct store_factor *f, const char *period)
{
    out_text(o, "{\"kind\":");
    out_json_string(o, f->kind);
    out_text(o, ",\"year\":");
    out_decimal(o, f->year, 0, '.');
    if (f->low_e6 == f->high_e6)
        json_value(o, "value", f->mid_e6);
    else {
        json_value(o, "low", f->low_e6);
        json_value(o, "mid", f->mid_e6);
        json_value(o, "high", f->high_e6);
    }
    json_member(o, "unit", f->unit);
    json_member(o, "state", f->state);
    json_member(o, "source", f->source);
    json_member(o, "revised", f->revised);
    out_text(o, ",\"applied_to\":");
    out_bytes(o, period, 4);
    out_text(o, "}");
}

static void json_factors(struct out *o, const struct co2_page *page)
{
    const char *before = "\n";
    out_text(o, "\"factors\":[");
    for (enum co2_kind kind = 0; kind < CO2_KINDS; kind++) {
        if (page->factors.of[kind] == NULL)
            continue;
        out_text(o, before);
        json_factor(o, page->factors.of[kind], page->period);
        before = ",\n";
    }
    out_text(o, "\n]");
}

static void json_sentences(struct out *o, const char *name, const char *const *sentence)
{
    out_json_string(o, name);
    out_text(o, ":[\n");
    for (size_t i = 0; sentence[i] != NULL; i++) {
        out_text(o, i > 0 ? ",\n" : "");
        out_json_string(o, sentence[i]);
    }
    out_text(o, "\n]");
}

static void write_json(struct out *o, const struct co2_page *page)
{
    out_text(o, "{\"edition\":null,\"period\":");
    out_json_string(o, page->period);
    out_text(o, ",\"zone\":\"Europe/Berlin\",\"by\":");
    out_json_string(o, page->by == CO2_BY_STATION ? "station" : "district");
    out_text(o, ",\"rows\":[");
    for (size_t i = 0; i < page->n; i++) {
        out_text(o, i > 0 ? ",\n" : "\n");
        out_json_row(o, table, &page->row[i]);
    }
    out_text(o, page->n > 0 ? "\n],\"totals\":" : "],\"totals\":");
    out_json_row(o, table, &page->total);
    out_text(o, ",\n");
    json_factors(o, page);
    out_text(o, ",\n");
    json_sentences(o, "method", co2_method);
    out_text(o, ",\n");
    json_sentences(o, "limits", co2_limits);
    out_text(o, "}\n");
}

/* --- the report --- */

static void write_page(struct out *o, const struct co2_page *page, enum co2_format format)
{
    if (format == CO2_JSON)
        write_json(o, page);
    else if (format == CO2_TABLE)
        co2_write_table(o, page);
    else
        write_csv(o, page, format == CO2_CSV_GERMAN);
}

static void fill_result(const struct co2_page *page, struct co2_report_result *result)
{
    result->rows = (int64_t)page->n;
    result->sessions = page->total.sum.sessions;
    result->energy_wh = page->total.sum.energy_wh;
    result->co2_location_g = page->total.amounts.location_g;
    memcpy(result->nox_avoided_g, page->total.amounts.nox_g, sizeof(result->nox_avoided_g));
    memcpy(result->tailpipe_g, page->total.amounts.tailpipe_g, sizeof(result->tailpipe_g));
}

static enum store_rc report(struct co2_page *page, const struct co2_sums *sums,
                            enum co2_format format, struct export_sink sink,
                            struct co2_report_result *result)
{
    char factor_set[256];
    struct out out;
    struct co2_row *row = calloc(sums->n + 1, sizeof(*row));
    if (row == NULL)
        return STORE_IO;
    make_factor_set(&page->factors, factor_set, sizeof(factor_set));
    page->total = row_of(page, (struct co2_sum){ .operator_id = NULL }, factor_set);
    for (size_t i = 0; i < sums->n; i++) {
        row[i] = row_of(page, sums->sum[i], factor_set);
        add(&page->total, &row[i]);
    }
    page->row = row;
    page->n = sums->n;
    out_begin(&out, sink);
    write_page(&out, page, format);
    enum store_rc rc = out_end(&out, result->sha256);
    fill_result(page, result);
    free(row);
    return rc;
}

struct collection {
    struct co2_sums sums;
    bool is_out_of_memory;
};

static bool collect(void *arg, const struct store_cdr *cdr)
{
    struct collection *c = arg;
    c->is_out_of_memory = !co2_sums_add(&c->sums, cdr);
    return !c->is_out_of_memory;
}

static int32_t year_of(const char *month)
{
    return (month[0] - '0') * 1000 + (month[1] - '0') * 100 + (month[2] - '0') * 10 +
           (month[3] - '0');
}

static enum store_rc choose(struct reader *r, const char *month, struct co2_factors *ret_factors,
                            struct co2_report_result *result)
{
    const struct store_site *site;
    enum store_rc rc = reader_site(r, &site);
    if (rc == STORE_OK && !co2_choose(site->factor, site->n_factors, year_of(month), ret_factors,
                                      result->missing, sizeof(result->missing)))
        rc = STORE_MISSING;
    return rc;
}

enum store_rc co2_report(struct reader *r, const char *month, enum co2_by by,
                         enum co2_format format, struct export_sink sink,
                         struct co2_report_result *ret_result)
{
    struct co2_page page = { .period = month, .by = by };
    struct collection c = { .is_out_of_memory = false };
    int64_t from_ms, to_ms;
    if (!cal_month_range(month, &from_ms, &to_ms))
        return STORE_CONFLICT;
    *ret_result = (struct co2_report_result){ .rows = 0 };
    enum store_rc rc = choose(r, month, &page.factors, ret_result);
    if (rc == STORE_OK)
        rc = reader_service_cdrs(r, month, collect, &c);
    if (rc == STORE_OK && c.is_out_of_memory)
        rc = STORE_IO;
    if (rc == STORE_OK) {
        co2_sums_merge(&c.sums, by == CO2_BY_STATION);
        rc = report(&page, &c.sums, format, sink, ret_result);
    }
    co2_sums_done(&c.sums);
    return rc;
}
