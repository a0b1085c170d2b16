#include "cmd/noxd/series_csv.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ocpp/wire/iso8601.h"

enum { CELL_SIZE = 48, ROWS_MAX = 40000, QUARTERS_MAX = 4 * ROWS_MAX };
static const int64_t E6 = 1000000, VALUE_MAX_E3 = 100000000;

/* Millionths of the unit x mul / div = value_e3. */
static const struct unit {
    const char *text;
    int64_t mul, div;
} co2_units[] = { { "g/kWh", 1, 1000 }, { "kg/MWh", 1, 1000 }, { "kg/kWh", 1, 1 } },
  price_units[] = { { "ct/kWh", 1, 1000 }, { "EUR/MWh", 1, 10000 }, { "EUR/kWh", 1, 10 } };
static const char *const co2_words[] = { "g/kWh", "kg/MWh", "kg/kWh", NULL };
static const char *const price_words[] = { "ct/kWh", "EUR/MWh", "EUR/kWh", NULL };

const char *const *series_units(enum store_series kind)
{
    return kind == STORE_SERIES_CO2 ? co2_words : price_words;
}

/* --- a line --- */

struct reading {
    const char *at, *end;
    size_t line;
    char delimiter;
    enum store_series kind;
    const struct unit *unit;
    struct series_csv *out;
    size_t room;
    int64_t last_ms, last_e3, step_ms; /* of the row before; step_ms 0 = not known yet */
    bool has_row;
};

__attribute__((format(printf, 2, 3))) static bool fault(struct reading *r, const char *format, ...)
{
    struct series_csv *out = r->out;
    if (out->n_faults < SERIES_FAULTS) {
        struct series_fault *f = &out->fault[out->n_faults];
        va_list args;
        va_start(args, format);
        vsnprintf(f->text, sizeof(f->text), format, args);
        va_end(args);
        f->line = r->line;
    }
    out->n_faults++;
    return false;
}

static const char *end_of_line(const struct reading *r)
{
    const char *end = memchr(r->at, '\n', (size_t)(r->end - r->at));
    return end != NULL ? end : r->end;
}

/* The next cell of [*at, end) without blanks and quotes around it; cut if it is too long. */
static void read_cell(const char **at, const char *end, char delimiter, char ret[CELL_SIZE])
{
    const char *stop = memchr(*at, delimiter, (size_t)(end - *at));
    const char *from = *at, *to = stop != NULL ? stop : end;
    *at = stop != NULL ? stop + 1 : end;
    while (from < to && (*from == ' ' || *from == '"'))
        from++;
    while (to > from && (to[-1] == ' ' || to[-1] == '"' || to[-1] == '\r'))
        to--;
    size_t n = (size_t)(to - from) < CELL_SIZE - 1 ? (size_t)(to - from) : CELL_SIZE - 1;
    memcpy(ret, from, n);
    ret[n] = '\0';
}

/* "-12.5" in millionths; digits beyond the sixth are rounded off. */
static bool read_value(const char *text, char point, int64_t *ret_e6)
{
    bool negative = *text == '-', seen = false;
    int64_t value = 0;
    int decimals = -1;
    text += negative || *text == '+';
    for (; *text != '\0'; text++) {
        if (decimals < 0 && (*text == '.' || *text == point)) {
            decimals = 0;
            continue;
        }
        if (*text < '0' || *text > '9' || value > INT64_MAX / 100)
            return false;
        seen = true;
        if (decimals == 6)
            value += *text >= '5';
        else if (decimals < 6)
            value = 10 * value + (*text - '0');
        if (decimals >= 0)
            decimals += decimals < 7;
    }
    for (decimals = decimals < 0 ? 0 : decimals; decimals < 6; decimals++) {
        if (value > INT64_MAX / 10)
            return false;
        value *= 10;
    }
    *ret_e6 = negative ? -value : value;
    return seen;
}

static int64_t rounded(int64_t value, int64_t divisor)
{
    int64_t half = divisor / 2;
    return value >= 0 ? (value + half) / divisor : -((half - value) / divisor);
}

/* --- rows --- */

static bool put_quarters(struct reading *r, int64_t from_ms, int64_t until_ms, int64_t value_e3)
{
    for (; from_ms < until_ms; from_ms += STORE_QUARTER_MS) {
        if (r->out->n == QUARTERS_MAX)
            return fault(r, "more than %d lines; split the file", ROWS_MAX);
        if (r->out->n == r->room) {
            size_t room = r->room > 0 ? 2 * r->room : 256;
            struct store_quarter *more = realloc(r->out->quarter, room * sizeof(*more));
            if (more == NULL)
                return fault(r, "out of memory");
            r->out->quarter = more;
            r->room = room;
        }
        r->out->quarter[r->out->n++] = (struct store_quarter){ from_ms, value_e3 };
    }
    return true;
}

/* The first step says how long each value holds. */
static bool find_step(struct reading *r, int64_t at_ms)
{
    int64_t step_ms = at_ms - r->last_ms;
    if (step_ms <= 0)
        return fault(r, step_ms == 0 ? "the time of the line before comes again; remove one"
                                     : "the time is before that of the line above; sort the file");
    if (step_ms != STORE_QUARTER_MS && step_ms != 2 * STORE_QUARTER_MS &&
        step_ms != 4 * STORE_QUARTER_MS && r->step_ms == 0)
        return fault(r, "the lines are %d minutes apart; 15, 30 or 60 are known",
                     (int)(step_ms / 60000));
    if (r->step_ms == 0)
        r->step_ms = step_ms;
    if (step_ms != r->step_ms)
        return fault(r,
                     "%d minutes after the line above, where %d were before: a gap; give all "
                     "values or import the parts one by one",
                     (int)(step_ms / 60000), (int)(r->step_ms / 60000));
    return true;
}

static bool take_row(struct reading *r, int64_t at_ms, int64_t value_e3)
{
    if (at_ms % STORE_QUARTER_MS != 0)
        return fault(r, "the time must be a full quarter of an hour");
    bool good =
        !r->has_row || (find_step(r, at_ms) && put_quarters(r, r->last_ms, at_ms, r->last_e3));
    r->last_ms = at_ms;
    r->last_e3 = value_e3;
    r->has_row = true;
    return good;
}

static bool read_row(struct reading *r, const char *end)
{
    char time[CELL_SIZE], value[CELL_SIZE];
    const char *at = r->at;
    int64_t at_ms, e6;
    bool has_zone;
    read_cell(&at, end, r->delimiter, time);
    if (time[0] == '\0' && at >= end)
        return true; /* an empty line */
    read_cell(&at, end, r->delimiter, value);
    if (!ocpp_time_parse(time, &at_ms, &has_zone))
        return r->line == 1 || fault(r, "'%s' is no time; write 2026-11-25T13:00+01:00", time);
    if (!has_zone)
        return fault(r, "'%s' says no zone; write it like 2026-11-25T13:00+01:00 or with Z", time);
    if (!read_value(value, r->delimiter == ',' ? '.' : ',', &e6))
        return fault(r, "'%s' is no number", value);
    int64_t value_e3 = e6 > INT64_MAX / 2 || e6 < -INT64_MAX / 2
                           ? INT64_MAX
                           : rounded(e6 * r->unit->mul, r->unit->div);
    if (value_e3 > VALUE_MAX_E3 || value_e3 < -VALUE_MAX_E3 ||
        (r->kind == STORE_SERIES_CO2 && (value_e3 < 0 || value_e3 > 5 * E6)))
        return fault(r, "%s %s is out of all bounds; is the unit right?", value, r->unit->text);
    return take_row(r, at_ms, value_e3);
}

static char find_delimiter(const char *text, const char *end)
{
    for (; text < end; text++)
        if (*text == ';' || *text == '\t' || *text == ',')
            return *text;
    return ',';
}

bool series_csv_read(const char *text, size_t len, enum store_series kind, size_t unit,
                     struct series_csv *ret)
{
    *ret = (struct series_csv){ .quarter = NULL };
    struct reading r = { .at = text, .end = text + len, .kind = kind, .out = ret };
    r.unit = kind == STORE_SERIES_CO2 ? &co2_units[unit] : &price_units[unit];
    if (len >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0)
        r.at += 3;
    r.delimiter = find_delimiter(r.at, end_of_line(&r));
    for (; r.at < r.end; r.at++) {
        r.line++;
        const char *end = end_of_line(&r);
        read_row(&r, end);
        if ((r.at = end) == r.end)
            break;
    }
    if (r.has_row && ret->n_faults == 0)
        put_quarters(&r, r.last_ms, r.last_ms + (r.step_ms > 0 ? r.step_ms : 4 * STORE_QUARTER_MS),
                     r.last_e3);
    if (!r.has_row && ret->n_faults == 0)
        fault(&r, "there is no line with a time and a value");
    return ret->n_faults == 0;
}

void series_csv_done(struct series_csv *csv)
{
    free(csv->quarter);
    csv->quarter = NULL;
}
