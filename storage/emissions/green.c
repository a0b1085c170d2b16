#include "storage/emissions/green.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "storage/billing/calendar.h"
#include "storage/billing/out.h"
#include "storage/emissions/factor.h"

enum { NODE_SIZE = 64, DISTRICT_SIZE = 80, STATION_SIZE = 64 };
static const int64_t DAY_MS = 86400000, HOUR_MS = 3600000, E6 = 1000000;

/* --- one session --- */

static bool value_at(struct green_series series, int64_t quarter_ms, int64_t *ret_value_e3)
{
    size_t low = 0, high = series.n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (series.quarter[middle].from_ms < quarter_ms)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == series.n || series.quarter[low].from_ms != quarter_ms)
        return false;
    *ret_value_e3 = series.quarter[low].value_e3;
    return true;
}

/* Register at an instant; *from moves on with the time. */
static int64_t register_at(const struct green_point *point, size_t n, size_t *from, int64_t at_ms)
{
    while (*from + 1 < n && point[*from + 1].at_ms <= at_ms)
        ++*from;
    const struct green_point *a = &point[*from];
    if (*from + 1 == n || at_ms <= a->at_ms)
        return a->wh;
    return a->wh + co2_scale(a[1].wh - a->wh, at_ms - a->at_ms, a[1].at_ms - a->at_ms);
}

static void weigh(struct green_series series, int64_t quarter_ms, int64_t wh, int64_t *sum,
                  bool *known)
{
    int64_t value_e3 = 0;
    if (wh > 0 && !value_at(series, quarter_ms, &value_e3))
        *known = false;
    *sum += wh * value_e3;
}

struct green_result green_compare(const struct green_point *point, size_t n, int64_t power_w,
                                  struct green_series series)
{
    int64_t start_ms = point[0].at_ms, begun_wh = point[0].wh;
    struct green_result res = { .energy_wh = point[n - 1].wh - begun_wh, .known = true };
    int64_t got_wh = 0, had_wh = 0;
    size_t from = 0;
    for (int64_t t = start_ms / STORE_QUARTER_MS * STORE_QUARTER_MS;
         got_wh < res.energy_wh || had_wh < res.energy_wh; t += STORE_QUARTER_MS) {
        int64_t end_ms = t + STORE_QUARTER_MS;
        int64_t now_wh = register_at(point, n, &from, end_ms) - begun_wh;
        int64_t could_wh = co2_scale(power_w, end_ms - start_ms, HOUR_MS);
        could_wh = could_wh < res.energy_wh ? could_wh : res.energy_wh;
        weigh(series, t, now_wh - got_wh, &res.actual, &res.known);
        weigh(series, t, could_wh - had_wh, &res.from_start, &res.known);
        got_wh = now_wh;
        had_wh = could_wh;
    }
    return res;
}

/* --- rows: by node, kind and district --- */

struct row {
    const char *period;
    char node[NODE_SIZE], district[DISTRICT_SIZE];
    const char *kind, *unit, *saved_unit;
    int64_t sessions, energy_wh;
    int64_t counted_wh;         /* of it with all factors known */
    int64_t actual, from_start; /* of that: Wh x value_e3 */
    /* figures */
    int64_t met_e3, start_e3; /* mean factors; STORE_ABSENT without energy */
    int64_t saved;            /* g or minor units */
    int64_t saved_e1_pct;     /* tenths; STORE_ABSENT without energy */
};

struct page {
    const char *month;
    struct row *row;
    size_t n, room;
    struct store_green_session *session; /* node is of `names` */
    char (*names)[NODE_SIZE];
    size_t n_sessions, room_sessions;
    struct store_quarter *quarter[STORE_SERIES_PRICE + 1];
    size_t n_quarters[STORE_SERIES_PRICE + 1];
    size_t room_quarters;
    enum store_series loading;
    struct green_point *point;
    size_t n_points, room_points;
    struct store_session found;
    char district[DISTRICT_SIZE], station[STATION_SIZE];
    bool has_found, out_of_memory;
};

/* Room for one more of *list; the lists of a page only grow. */
static bool grow(struct page *p, void *list, size_t n, size_t *room, size_t size)
{
    void **at = list, *more;
    if (n < *room)
        return true;
    more = realloc(*at, (*room > 0 ? 2 * *room : 64) * size);
    if (more == NULL) {
        p->out_of_memory = true;
        return false;
    }
    *at = more;
    *room = *room > 0 ? 2 * *room : 64;
    return true;
}

static void figures_of(struct row *row)
{
    row->met_e3 = row->start_e3 = row->saved_e1_pct = STORE_ABSENT;
    row->saved = co2_scale(row->from_start - row->actual, 1, E6);
    if (row->counted_wh == 0)
        return;
    row->met_e3 = co2_scale(row->actual, 1, row->counted_wh);
    row->start_e3 = co2_scale(row->from_start, 1, row->counted_wh);
    if (row->from_start > 0)
        row->saved_e1_pct = co2_scale(row->from_start - row->actual, 1000, row->from_start);
}

static struct row *row_for(struct page *p, const struct store_green_session *green)
{
    const char *kind = green->kind == STORE_SERIES_CO2 ? "co2" : "price";
    for (size_t i = 0; i < p->n; i++)
        if (strcmp(p->row[i].node, green->node) == 0 && p->row[i].kind == kind &&
            strcmp(p->row[i].district, p->district) == 0)
            return &p->row[i];
    if (!grow(p, &p->row, p->n, &p->room, sizeof(*p->row)))
        return NULL;
    struct row *row = &p->row[p->n++];
    bool co2 = green->kind == STORE_SERIES_CO2;
    *row = (struct row){ .period = p->month,
                         .kind = kind,
                         .unit = co2 ? "g/kWh" : "ct/kWh",
                         .saved_unit = co2 ? "g" : "ct" };
    snprintf(row->node, sizeof(row->node), "%s", green->node);
    snprintf(row->district, sizeof(row->district), "%s", p->district);
    return row;
}

static int compare_rows(const void *a, const void *b)
{
    const struct row *x = a, *y = b;
    int order = strcmp(x->node, y->node);
    order = order != 0 ? order : strcmp(x->district, y->district);
    return order != 0 ? order : strcmp(x->kind, y->kind);
}

/* --- what the store has --- */

static bool take_green(void *arg, const struct store_green_session *green)
{
    struct page *p = arg;
    size_t room = p->room_sessions;
    if (!grow(p, &p->session, p->n_sessions, &p->room_sessions, sizeof(*p->session)) ||
        !grow(p, &p->names, p->n_sessions, &room, sizeof(*p->names)))
        return false;
    snprintf(p->names[p->n_sessions], NODE_SIZE, "%s", green->node);
    p->session[p->n_sessions++] = *green;
    return true;
}

static bool take_quarter(void *arg, const struct store_quarter *quarter)
{
    struct page *p = arg;
    size_t *n = &p->n_quarters[p->loading];
    if (!grow(p, &p->quarter[p->loading], *n, &p->room_quarters, sizeof(*quarter)))
        return false;
    p->quarter[p->loading][(*n)++] = *quarter;
    return true;
}

static void put_point(struct page *p, int64_t at_ms, int64_t wh)
{
    const struct green_point *last = p->n_points > 0 ? &p->point[p->n_points - 1] : NULL;
    if (last != NULL && (at_ms <= last->at_ms || wh < last->wh))
        return; /* late, or a register that fell */
    if (grow(p, &p->point, p->n_points, &p->room_points, sizeof(*p->point)))
        p->point[p->n_points++] = (struct green_point){ at_ms, wh };
}

static bool take_session(void *arg, const struct store_session *session)
{
    struct page *p = arg;
    p->found = *session;
    p->has_found = session->meter_stop_wh != STORE_ABSENT;
    snprintf(p->district, sizeof(p->district), "%s",
             session->district != NULL ? session->district : "");
    snprintf(p->station, sizeof(p->station), "%s", session->station);
    return true;
}

static bool take_sample(void *arg, const struct store_meter *meter)
{
    struct page *p = arg;
    if (meter->register_uwh != STORE_ABSENT && meter->sampled_at_ms < p->found.stopped_at_ms &&
        meter->register_uwh / E6 <= p->found.meter_stop_wh)
        put_point(p, meter->sampled_at_ms, meter->register_uwh / E6);
    return !p->out_of_memory;
}

static void count_session(struct page *p, const struct store_green_session *green)
{
    struct row *row = row_for(p, green);
    put_point(p, p->found.stopped_at_ms, p->found.meter_stop_wh);
    if (row == NULL || p->out_of_memory || p->n_points == 0)
        return;
    struct green_result res =
        green_compare(p->point, p->n_points, green->power_w > 0 ? green->power_w : 1,
                      (struct green_series){ p->quarter[green->kind], p->n_quarters[green->kind] });
    row->sessions++;
    row->energy_wh += res.energy_wh;
    if (!res.known)
        return;
    row->counted_wh += res.energy_wh;
    row->actual += res.actual;
    row->from_start += res.from_start;
}

static enum store_rc read_session(struct reader *r, struct page *p,
                                  const struct store_green_session *green)
{
    p->has_found = false;
    p->n_points = 0;
    enum store_rc rc = reader_session(r, green->tx_id, take_session, p);
    if (rc != STORE_OK || !p->has_found)
        return rc;
    put_point(p, p->found.started_at_ms, p->found.meter_start_wh);
    rc = reader_meter(r, p->station, green->tx_id, 0, take_sample, p);
    if (rc == STORE_OK)
        count_session(p, green);
    return rc;
}

static enum store_rc read_series(struct reader *r, struct page *p, enum store_series kind,
                                 int64_t from_ms, int64_t to_ms)
{
    p->loading = kind;
    p->room_quarters = 0;
    return reader_series(r, kind, from_ms, to_ms, take_quarter, p);
}

/* Sessions of the month began at most some days before it. */
static enum store_rc read_page(struct reader *r, struct page *p, int64_t from_ms, int64_t to_ms)
{
    enum store_rc rc = reader_green_sessions(r, from_ms, to_ms, take_green, p);
    if (rc == STORE_OK)
        rc = read_series(r, p, STORE_SERIES_CO2, from_ms - 8 * DAY_MS, to_ms + 8 * DAY_MS);
    if (rc == STORE_OK)
        rc = read_series(r, p, STORE_SERIES_PRICE, from_ms - 8 * DAY_MS, to_ms + 8 * DAY_MS);
    for (size_t i = 0; rc == STORE_OK && i < p->n_sessions && !p->out_of_memory; i++) {
        p->session[i].node = p->names[i];
        rc = read_session(r, p, &p->session[i]);
    }
    for (size_t i = 0; i < p->n; i++)
        figures_of(&p->row[i]);
    if (p->n > 0)
        qsort(p->row, p->n, sizeof(*p->row), compare_rows);
    return rc == STORE_OK && p->out_of_memory ? STORE_IO : rc;
}

static void page_done(struct page *p)
{
    free(p->row);
    free(p->session);
    free(p->names);
    free(p->quarter[STORE_SERIES_CO2]);
    free(p->quarter[STORE_SERIES_PRICE]);
    free(p->point);
}

/* --- forms --- */

/* A row as it is printed: texts by pointers. */
struct line {
    const char *node, *district;
    struct row row;
};
#define LINE_TEXT(english, german, json, member)                                \
    {                                                                           \
        english, german, json, OUT_TEXT, offsetof(struct line, member), 0, NULL \
    }
#define LINE_NUMBER(english, german, json, member, digits)                             \
    {                                                                                  \
        english, german, json, OUT_NUMBER, offsetof(struct line, member), digits, NULL \
    }
static const struct out_column columns[] = {
    LINE_TEXT("period", "Zeitraum", "period", row.period),
    LINE_TEXT("node", "Netzknoten", "node", node),
    LINE_TEXT("district", "Stadtbezirk", "district", district),
    LINE_TEXT("kind", "Art", "kind", row.kind),
    LINE_NUMBER("sessions", "Ladevorgänge", "sessions", row.sessions, 0),
    LINE_NUMBER("energy_kwh", "Energie [kWh]", "energy_wh", row.energy_wh, 3),
    LINE_NUMBER("counted_kwh", "davon bewertet [kWh]", "counted_wh", row.counted_wh, 3),
    LINE_NUMBER("factor_met", "Faktor erreicht", "factor_met_e3", row.met_e3, 3),
    LINE_NUMBER("factor_from_start", "Faktor ab Beginn", "factor_from_start_e3", row.start_e3, 3),
    LINE_TEXT("factor_unit", "Einheit", "factor_unit", row.unit),
    LINE_NUMBER("saved", "gespart", "saved", row.saved, 0),
    LINE_TEXT("saved_unit", "Einheit gespart", "saved_unit", row.saved_unit),
    LINE_NUMBER("saved_pct", "gespart [%]", "saved_e1_pct", row.saved_e1_pct, 1),
};
static const struct out_table table = { columns, sizeof(columns) / sizeof(columns[0]) };

static struct line line_of(const struct row *row)
{
    return (struct line){ row->node, row->district, *row };
}

static const char *const method[] = {
    "Sessions that ended in the month and waited for better hours at least once.",
    "Met: the energy of each quarter of an hour by the meter, evenly between two samples, times "
    "the factor of the quarter.",
    "From the start: the same energy from the start of the session on, with the power the car was "
    "seen to be able to; as if the grid had given it that.",
    "Factors are those known now; a session of which one is missing has no part in the means and "
    "the saving (counted is less than energy).",
    "Factors are of the mix or the exchange: what one kWh more changes in the power stations can "
    "be another amount.",
    NULL,
};

static void write_csv(struct out *o, const struct page *p, bool german)
{
    struct out_csv csv = { german };
    out_csv_header(o, csv, table);
    for (size_t i = 0; i < p->n; i++) {
        struct line line = line_of(&p->row[i]);
        out_csv_row(o, csv, table, &line);
    }
}

static void write_json(struct out *o, const struct page *p)
{
    out_text(o, "{\"period\":");
    out_json_string(o, p->month);
    out_text(o, ",\"rows\":[");
    for (size_t i = 0; i < p->n; i++) {
        struct line line = line_of(&p->row[i]);
        out_text(o, i > 0 ? ",\n" : "\n");
        out_json_row(o, table, &line);
    }
    out_text(o, p->n > 0 ? "\n],\"method\":[" : "],\"method\":[");
    for (size_t i = 0; method[i] != NULL; i++) {
        out_text(o, i > 0 ? ",\n" : "\n");
        out_json_string(o, method[i]);
    }
    out_text(o, "\n]}\n");
}

static void table_number(struct out *o, int width, int64_t value, int digits)
{
    char text[OUT_DECIMAL_SIZE] = "-", padded[OUT_DECIMAL_SIZE + 16];
    if (value != STORE_ABSENT)
        out_format_decimal(value, digits, '.', text);
    snprintf(padded, sizeof(padded), " %*s", width, text);
    out_text(o, padded);
}

/* At most 80 columns unless the figures need more. */
static void write_table(struct out *o, const struct page *p)
{
    char text[192];
    out_text(o, "Green hours, ");
    out_text(o, p->month);
    out_text(o, " (month of Europe/Berlin)\n\n");
    snprintf(text, sizeof(text), "%-16s %-14s %-5s %4s %10s %9s %9s %8s\n", "node", "district",
             "kind", "cars", "kWh", "met", "at start", "saved");
    out_text(o, text);
    for (size_t i = 0; i < p->n; i++) {
        const struct row *row = &p->row[i];
        bool co2 = strcmp(row->kind, "co2") == 0;
        snprintf(text, sizeof(text), "%-16s %-14s %-5s", row->node, row->district, row->kind);
        out_text(o, text);
        table_number(o, 4, row->sessions, 0);
        table_number(o, 10, row->energy_wh, 3);
        table_number(o, 9, row->met_e3, 3);
        table_number(o, 9, row->start_e3, 3);
        table_number(o, 8, row->saved, co2 ? 3 : 2);
        out_text(o, co2 ? " kg\n" : "\n");
    }
    if (p->n == 0)
        out_text(o, "(no session waited for better hours)\n");
    out_text(o, "\nco2: g/kWh, saved kg; price: minor units per kWh, saved in the main unit\n\n");
    for (size_t i = 0; method[i] != NULL; i++) {
        out_text(o, "- ");
        out_text(o, method[i]);
        out_text(o, "\n");
    }
}

static void fill_result(const struct page *p, struct green_report_result *result)
{
    *result = (struct green_report_result){ .rows = (int64_t)p->n };
    for (size_t i = 0; i < p->n; i++) {
        bool co2 = strcmp(p->row[i].kind, "co2") == 0;
        result->sessions += p->row[i].sessions;
        *(co2 ? &result->saved_co2_g : &result->saved_minor) += p->row[i].saved;
    }
}

enum store_rc green_report(struct reader *r, const char *month, enum co2_format format,
                           struct export_sink sink, struct green_report_result *ret_result)
{
    struct page page = { .month = month };
    struct out out;
    int64_t from_ms, to_ms;
    if (!cal_month_range(month, &from_ms, &to_ms))
        return STORE_CONFLICT;
    enum store_rc rc = read_page(r, &page, from_ms, to_ms);
    if (rc == STORE_OK) {
        fill_result(&page, ret_result);
        out_begin(&out, sink);
        if (format == CO2_JSON)
            write_json(&out, &page);
        else if (format == CO2_TABLE)
            write_table(&out, &page);
        else
            write_csv(&out, &page, format == CO2_CSV_GERMAN);
        rc = out_end(&out, ret_result->sha256);
    }
    page_done(&page);
    return rc;
}
