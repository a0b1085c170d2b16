/* The emissions report as a page of text for people. */
#include <stdio.h>
#include <string.h>

#include "storage/emissions/row.h"

enum {
    WIDTH = 100,
    NAME_MIN = 8, /* characters of the first column, however wide the figures are */
    NAME_SIZE = 200,
};

/* --- the columns of figures --- */

static const struct figure {
    const char *head, *unit;
    size_t offset;
    int dropped; /* digits at the end that are not printed; they are zeros */
    int digits;
} figures[] = {
    { "sessions", "", offsetof(struct co2_row, sum.sessions), 0, 0 },
    { "energy", "kWh", offsetof(struct co2_row, sum.energy_wh), 0, 3 },
    { "grid CO2", "kg", offsetof(struct co2_row, amounts.location_g), 0, 3 },
    { "driven", "km mid", offsetof(struct co2_row, amounts.km[1]), 0, 0 },
    { "NOx low", "kg", offsetof(struct co2_row, amounts.nox_g[0]), 0, 3 },
    { "NOx mid", "kg", offsetof(struct co2_row, amounts.nox_g[1]), 0, 3 },
    { "NOx high", "kg", offsetof(struct co2_row, amounts.nox_g[2]), 0, 3 },
    { "tailpipe", "kg mid", offsetof(struct co2_row, amounts.tailpipe_g[1]), 2, 1 },
    { "net CO2", "kg mid", offsetof(struct co2_row, amounts.net_g[1]), 2, 1 },
};
#define N_FIGURES (sizeof(figures) / sizeof(figures[0]))

static void format_figure(const struct co2_row *row, const struct figure *figure,
                          char ret_text[OUT_DECIMAL_SIZE])
{
    int64_t value;
    memcpy(&value, (const char *)row + figure->offset, sizeof(value));
    for (int i = 0; i < figure->dropped; i++)
        value /= 10;
    out_format_decimal(value, figure->digits, '.', ret_text);
}

/* Characters of UTF-8 in the first n bytes. */
static size_t characters(const char *text, size_t n)
{
    size_t count = 0;
    for (size_t i = 0; i < n; i++)
        count += ((unsigned char)text[i] & 0xC0) != 0x80;
    return count;
}

static size_t length(const char *text)
{
    return characters(text, strlen(text));
}

/* Bytes of the first n characters. */
static size_t bytes_of(const char *text, size_t n)
{
    size_t at = 0;
    while (text[at] != '\0' && characters(text, at + 1) <= n)
        at++;
    return at;
}

static size_t max(size_t a, size_t b)
{
    return a > b ? a : b;
}

/* --- the layout: as wide as the figures are, the name gets the rest --- */

struct layout {
    size_t width[N_FIGURES], gap, name;
    bool has_operators; /* several: each name says whose */
};

static void name_of(const struct co2_page *page, const struct co2_sum *sum, bool has_operators,
                    char ret_name[NAME_SIZE])
{
    bool is_station = page->by == CO2_BY_STATION;
    const char *name = is_station ? sum->station : sum->district;
    if (*name == '\0')
        name = is_station ? "(no station)" : "(no district)";
    snprintf(ret_name, NAME_SIZE, "%.60s%s%.120s", has_operators ? sum->operator_id : "",
             has_operators ? " " : "", name);
}

static void widen(struct layout *layout, const struct co2_row *row)
{
    char text[OUT_DECIMAL_SIZE];
    for (size_t i = 0; i < N_FIGURES; i++) {
        format_figure(row, &figures[i], text);
        layout->width[i] = max(layout->width[i], strlen(text));
    }
}

static void lay_out(const struct co2_page *page, struct layout *ret_layout)
{
    struct layout l = { .gap = 2 };
    char name[NAME_SIZE];
    size_t wanted = NAME_MIN, used = 0;
    l.has_operators = page->n > 0 && strcmp(page->row[0].sum.operator_id,
                                            page->row[page->n - 1].sum.operator_id) != 0;
    for (size_t i = 0; i < N_FIGURES; i++)
        l.width[i] = max(strlen(figures[i].head), strlen(figures[i].unit));
    for (size_t i = 0; i < page->n; i++) {
        widen(&l, &page->row[i]);
        name_of(page, &page->row[i].sum, l.has_operators, name);
        wanted = max(wanted, length(name));
    }
    widen(&l, &page->total);
    for (size_t i = 0; i < N_FIGURES; i++)
        used += l.width[i];
    if (wanted + used + 2 * N_FIGURES > WIDTH)
        l.gap = 1;
    used += l.gap * N_FIGURES;
    l.name = used + NAME_MIN > WIDTH ? NAME_MIN : WIDTH - used;
    l.name = wanted < l.name ? wanted : l.name;
    *ret_layout = l;
}

/* --- lines --- */

static void spaces(struct out *o, size_t n)
{
    while (n-- > 0)
        out_text(o, " ");
}

static void write_name(struct out *o, const struct layout *layout, const char *name)
{
    size_t n = length(name);
    if (n > layout->name) {
        out_bytes(o, name, bytes_of(name, layout->name - 1));
        out_text(o, "…");
        return;
    }
    out_text(o, name);
    spaces(o, layout->name - n);
}

static void write_figure(struct out *o, const struct layout *layout, size_t i, const char *text)
{
    spaces(o, layout->gap + layout->width[i] - strlen(text));
    out_text(o, text);
}

static void write_row(struct out *o, const struct layout *layout, const char *name,
                      const struct co2_row *row)
{
    char text[OUT_DECIMAL_SIZE];
    write_name(o, layout, name);
    for (size_t i = 0; i < N_FIGURES; i++) {
        format_figure(row, &figures[i], text);
        write_figure(o, layout, i, text);
    }
    out_text(o, "\n");
}

static void write_heads(struct out *o, const struct layout *layout, const char *what)
{
    write_name(o, layout, what);
    for (size_t i = 0; i < N_FIGURES; i++)
        write_figure(o, layout, i, figures[i].head);
    out_text(o, "\n");
    write_name(o, layout, "");
    for (size_t i = 0; i < N_FIGURES; i++)
        write_figure(o, layout, i, figures[i].unit);
    out_text(o, "\n");
}

static void write_rows(struct out *o, const struct co2_page *page)
{
    struct layout layout;
    char name[NAME_SIZE];
    lay_out(page, &layout);
    write_heads(o, &layout, page->by == CO2_BY_STATION ? "station" : "district");
    for (size_t i = 0; i < page->n; i++) {
        name_of(page, &page->row[i].sum, layout.has_operators, name);
        write_row(o, &layout, name, &page->row[i]);
    }
    write_row(o, &layout, "total", &page->total);
}

/* --- the text below --- */

/* Words are kept whole; the first line begins with `first`, the others with as many spaces. */
static void write_wrapped(struct out *o, const char *first, const char *text)
{
    size_t indent = strlen(first), column = indent;
    out_text(o, first);
    while (*text != '\0') {
        size_t n = strcspn(text, " "), width = characters(text, n);
        if (column > indent && column + 1 + width > WIDTH) {
            out_text(o, "\n");
            spaces(o, indent);
            column = indent;
        } else if (column > indent) {
            out_text(o, " ");
            column++;
        }
        out_bytes(o, text, n);
        column += width;
        text += n + (text[n] == ' ');
    }
    out_text(o, "\n");
}

/* "363", "0.06": without trailing zeros. */
static void format_e6(int64_t value_e6, char ret_text[OUT_DECIMAL_SIZE])
{
    int digits = 6;
    for (; digits > 0 && value_e6 % 10 == 0; digits--)
        value_e6 /= 10;
    out_format_decimal(value_e6, digits, '.', ret_text);
}

static void write_factor(struct out *o, const struct store_factor *f)
{
    char low[OUT_DECIMAL_SIZE], mid[OUT_DECIMAL_SIZE], high[OUT_DECIMAL_SIZE], line[400];
    format_e6(f->low_e6, low);
    format_e6(f->mid_e6, mid);
    format_e6(f->high_e6, high);
    bool is_range = f->low_e6 != f->high_e6;
    snprintf(line, sizeof(line), "%-14s %4d  %s%s%s%s%s %s, %.20s, revised %.20s\n", f->kind,
             (int)f->year, is_range ? low : "", is_range ? " / " : "", mid, is_range ? " / " : "",
             is_range ? high : "", f->unit, f->state, f->revised != NULL ? f->revised : "unknown");
    out_text(o, line);
    write_wrapped(o, "                     ", f->source);
}

static void write_per_kwh(struct out *o, const struct co2_factors *factors)
{
    struct co2_amounts a;
    char low[OUT_DECIMAL_SIZE], mid[OUT_DECIMAL_SIZE], high[OUT_DECIMAL_SIZE], line[300];
    co2_compute(factors, 100000, &a); /* 100 kWh: grams with two decimals */
    out_format_decimal(a.nox_g[0], 2, '.', low);
    out_format_decimal(a.nox_g[1], 2, '.', mid);
    out_format_decimal(a.nox_g[2], 2, '.', high);
    snprintf(line, sizeof(line), "Avoided NOx per kWh, low / mid / high: %s / %s / %s g.\n", low,
             mid, high);
    out_text(o, line);
}

static void write_sentences(struct out *o, const char *head, const char *const *sentence)
{
    out_text(o, head);
    for (; *sentence != NULL; sentence++)
        write_wrapped(o, "- ", *sentence);
}

void co2_write_table(struct out *o, const struct co2_page *page)
{
    out_text(o, "Emissions of charging, ");
    out_text(o, page->period);
    out_text(o,
             " (month of Europe/Berlin)\nNOx and tailpipe: avoided by cars not driven, a modelled "
             "range; net: avoided CO2 less grid CO2.\n\n");
    write_rows(o, page);
    out_text(o, "\nFactors (low / mid / high effect where they differ)\n");
    for (enum co2_kind kind = 0; kind < CO2_KINDS; kind++)
        if (page->factors.of[kind] != NULL)
            write_factor(o, page->factors.of[kind]);
    write_per_kwh(o, &page->factors);
    write_sentences(o, "\nMethod\n", co2_method);
    write_sentences(o, "\nLimits\n", co2_limits);
}
