#include "cmd/noxsim/recording.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/noxsim/berlin.h"
#include "cmd/noxsim/csv.h"
#include "cmd/noxsim/rng.h"
#include "ocpp/wire/decimal.h"

enum { HOUR_MS = 3600000 };

static const char *const column_names[] = { "plugin_time", "plugout_time", "energy_kwh",
                                            "user_id",     "session_id",   "connection_h" };
enum column { PLUGIN, PLUGOUT, ENERGY, USER, SESSION, HOURS, N_COLUMNS, N_REQUIRED = USER };

struct source {
    const char *path;
    const struct csv *csv;
    int column[N_COLUMNS];
    char *text;
    size_t size;
};

bool recording_wh(const char *kwh, int64_t *ret_wh)
{
    int64_t micro;
    if (!ocpp_decimal_micro(kwh, &micro) || micro < 0 || micro % 1000 != 0)
        return false;
    *ret_wh = micro / 1000;
    return true;
}

static bool find_columns(struct source *s)
{
    for (int i = 0; i < N_COLUMNS; i++) {
        s->column[i] = csv_column(s->csv, column_names[i]);
        if (s->column[i] < 0 && i < N_REQUIRED) {
            snprintf(s->text, s->size,
                     "%s has no column %s; it needs plugin_time, plugout_time, energy_kwh", s->path,
                     column_names[i]);
            return false;
        }
    }
    return true;
}

static const char *field(const struct source *s, size_t row, enum column column)
{
    return s->column[column] >= 0 ? s->csv->row[row].field[s->column[column]] : "";
}

static bool bad_field(const struct source *s, size_t row, enum column column, const char *remedy)
{
    snprintf(s->text, s->size, "%s, line %zu, %s: \"%.40s\" %s", s->path, s->csv->row[row].line,
             column_names[column], field(s, row, column), remedy);
    return false;
}

static int64_t distance(int64_t a, int64_t b)
{
    return a > b ? a - b : b - a;
}

/* In the night when the clock goes back an hour is there twice; the recorded duration tells which
 * of them was meant, otherwise the first that does not end before it begins. */
static void place_in_time(const struct source *s, size_t row, int64_t begin_local_ms,
                          int64_t end_local_ms, struct recorded *out)
{
    int64_t hours_micro = -1, best = INT64_MAX;
    bool has_hours = ocpp_decimal_micro(field(s, row, HOURS), &hours_micro) && hours_micro >= 0;
    for (int i = 0; i < 4; i++) {
        int64_t begin = berlin_to_utc_ms(begin_local_ms, i & 2);
        int64_t end = berlin_to_utc_ms(end_local_ms, i & 1);
        int64_t error =
            has_hours ? distance(end - begin, hours_micro * (HOUR_MS / 1000) / 1000) : i;
        if (end < begin)
            error = INT64_MAX - 1;
        if (error < best) {
            best = error;
            out->begin_ms = begin;
            out->end_ms = end;
        }
    }
}

static bool read_session(const struct source *s, size_t row, struct recorded *out)
{
    int64_t begin_ms, end_ms;
    char name[32];
    if (!berlin_parse_local(field(s, row, PLUGIN), &begin_ms))
        return bad_field(s, row, PLUGIN, "is no local time like 2019-11-02 18:30");
    if (!berlin_parse_local(field(s, row, PLUGOUT), &end_ms))
        return bad_field(s, row, PLUGOUT, "is no local time like 2019-11-02 18:30");
    if (!recording_wh(field(s, row, ENERGY), &out->energy_wh))
        return bad_field(s, row, ENERGY, "is no energy in kWh with at most three decimals");
    place_in_time(s, row, begin_ms, end_ms, out);
    if (out->end_ms < out->begin_ms)
        return bad_field(s, row, PLUGOUT, "lies before plugin_time");
    snprintf(name, sizeof(name), "line %zu", s->csv->row[row].line);
    out->line = s->csv->row[row].line;
    out->user = rng_hash(field(s, row, USER)[0] != '\0' ? field(s, row, USER) : name);
    return true;
}

static int by_begin(const void *a, const void *b)
{
    const struct recorded *x = a, *y = b;
    if (x->begin_ms != y->begin_ms)
        return x->begin_ms < y->begin_ms ? -1 : 1;
    return x->line < y->line ? -1 : x->line > y->line;
}

static bool take_rows(const struct source *s, struct recording *r, int64_t from_ms, int64_t to_ms)
{
    r->session = calloc(s->csv->n_rows + 1, sizeof(*r->session));
    for (size_t i = 0; r->session != NULL && i < s->csv->n_rows; i++) {
        struct recorded *out = &r->session[r->n];
        if (field(s, i, PLUGOUT)[0] == '\0') {
            r->n_without_end++;
            continue;
        }
        if (!read_session(s, i, out))
            return false;
        if (out->end_ms >= from_ms && out->end_ms < to_ms)
            r->n++;
        else
            r->n_elsewhere++;
    }
    return r->session != NULL;
}

bool recording_read(const char *path, const char *month, size_t max, struct recording *ret,
                    char *ret_text, size_t size)
{
    struct csv csv;
    struct recording r = { .session = NULL };
    int64_t from_ms = INT64_MIN, to_ms = INT64_MAX;
    if (month != NULL && !berlin_month(month, &from_ms, &to_ms)) {
        snprintf(ret_text, size, "\"%.20s\" is no month; write it like 2019-11", month);
        return false;
    }
    if (!csv_read_file(path, &csv, ret_text, size))
        return false;
    struct source s = { .path = path, .csv = &csv, .text = ret_text, .size = size };
    bool good = find_columns(&s) && take_rows(&s, &r, from_ms, to_ms);
    csv_done(&csv);
    if (!good) {
        recording_done(&r);
        return false;
    }
    qsort(r.session, r.n, sizeof(*r.session), by_begin);
    if (max > 0 && r.n > max)
        r.n = max;
    for (size_t i = 0; i < r.n; i++)
        r.energy_wh += r.session[i].energy_wh;
    *ret = r;
    return true;
}

void recording_done(struct recording *recording)
{
    free(recording->session);
    *recording = (struct recording){ .session = NULL };
}

bool recording_assign(struct recording *r, int64_t gap_ms, size_t *ret_n_lamps)
{
    struct recorded **last = calloc(r->n + 1, sizeof(struct recorded *));
    size_t n = 0;
    for (size_t i = 0; last != NULL && i < r->n; i++) {
        struct recorded *s = &r->session[i];
        size_t lamp = 0;
        while (lamp < n && last[lamp]->end_ms + gap_ms > s->begin_ms)
            lamp++;
        if (lamp == n)
            n++;
        else
            last[lamp]->next = s;
        s->lamp = lamp;
        last[lamp] = s;
    }
    free(last);
    *ret_n_lamps = n;
    return last != NULL;
}

int64_t recorded_power_w(const struct recorded *s)
{
    static const int64_t usual_w[] = { 3680, 7360, 11040 };
    int64_t ms = s->end_ms - s->begin_ms;
    for (size_t i = 0; i < sizeof(usual_w) / sizeof(usual_w[0]); i++)
        if (usual_w[i] * ms >= s->energy_wh * HOUR_MS)
            return usual_w[i];
    return ms > 0 ? (s->energy_wh * HOUR_MS + ms - 1) / ms : 0;
}

int64_t recorded_energy_wh(const struct recorded *s, int64_t utc_ms)
{
    if (utc_ms >= s->end_ms)
        return s->energy_wh;
    if (utc_ms <= s->begin_ms)
        return 0;
    int64_t wh = recorded_power_w(s) * (utc_ms - s->begin_ms) / HOUR_MS;
    return wh < s->energy_wh ? wh : s->energy_wh;
}
