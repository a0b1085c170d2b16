#include "cmd/noxctl/table.h"

#include <stdio.h>
#include <string.h>

#include "cmd/noxctl/member.h"
#include "cmd/noxctl/width.h"

enum { GAP = 2, CUT_LEAST = 10, CUT_WISH = 30, WRAP_LEAST = 20, READABLE = 100 };

/* Widths of the columns that are shown; 0 = left out. */
struct layout {
    size_t width[TABLE_COLUMNS_MAX];
};

static const char *cell_text(const struct table_column *column, const json_t *item,
                             struct ocpp_text *cell)
{
    ocpp_text_reset(cell);
    cell_append(cell, member_at(item, column->member), column->kind);
    return cell->data;
}

static void natural_widths(const struct table *table, const json_t *items, struct layout *ret)
{
    struct ocpp_text cell;
    ocpp_text_init(&cell);
    for (size_t c = 0; c < table->n_columns; c++) {
        ret->width[c] = 0;
        if (table->column[c].traits & (TABLE_CSV | TABLE_BELOW))
            continue;
        ret->width[c] = width_of(table->column[c].title);
        for (size_t i = 0; i < json_array_size(items); i++) {
            size_t own = width_of(cell_text(&table->column[c], json_array_get(items, i), &cell));
            if (own > ret->width[c])
                ret->width[c] = own;
        }
    }
    ocpp_text_done(&cell);
}

/* Width of a column when texts are cut down to `least` columns. */
static size_t cut_width(const struct table *table, const struct layout *layout, size_t c,
                        size_t least)
{
    size_t title = width_of(table->column[c].title);
    least = title > least ? title : least;
    bool cut = table->column[c].traits & (TABLE_CUT | TABLE_WRAP);
    return cut && layout->width[c] > least ? least : layout->width[c];
}

static size_t total_width(const struct table *table, const struct layout *layout, size_t least)
{
    size_t total = 0;
    for (size_t c = 0; c < table->n_columns; c++)
        if (layout->width[c] > 0)
            total += cut_width(table, layout, c, least) + GAP;
    return total > GAP ? total - GAP : 0;
}

static bool leave_one_out(const struct table *table, struct layout *layout)
{
    for (size_t c = table->n_columns; c > 0; c--) {
        if (layout->width[c - 1] > 0 && (table->column[c - 1].traits & TABLE_WIDE)) {
            layout->width[c - 1] = 0;
            return true;
        }
    }
    return false;
}

/* Take columns from the widest text until all fits. */
static void cut_texts(const struct table *table, struct layout *layout, size_t columns)
{
    while (total_width(table, layout, SIZE_MAX) > columns) {
        size_t widest = SIZE_MAX;
        for (size_t c = 0; c < table->n_columns; c++)
            if (layout->width[c] > cut_width(table, layout, c, CUT_LEAST) &&
                (widest == SIZE_MAX || layout->width[c] > layout->width[widest]))
                widest = c;
        if (widest == SIZE_MAX)
            return;
        layout->width[widest]--;
    }
}

/* Texts should keep a readable width: rather leave columns out. */
static void fit(const struct table *table, struct layout *layout, size_t columns)
{
    while (total_width(table, layout, CUT_WISH) > columns && leave_one_out(table, layout))
        ;
    cut_texts(table, layout, columns);
}

/* Paint a text in lines of `width` columns, all beginning where we are. */
static void paint_wrapped(struct paint *p, const char *color, const char *text, size_t width)
{
    size_t start = p->used;
    for (;;) {
        size_t n = width_line(text, width);
        char line[1024];
        snprintf(line, sizeof(line), "%.*s", (int)n, text);
        paint_text(p, color, line);
        text += n;
        text += strspn(text, " ");
        if (!*text)
            return;
        paint_end(p);
        paint_to(p, start);
    }
}

static size_t last_shown(const struct table *table, const struct layout *layout)
{
    size_t last = 0;
    for (size_t c = 0; c < table->n_columns; c++)
        if (layout->width[c] > 0)
            last = c;
    return last;
}

static void paint_row(struct paint *p, const struct table *table, const struct layout *layout,
                      const json_t *item, struct ocpp_text *cell)
{
    size_t last = last_shown(table, layout);
    bool first = true;
    for (size_t c = 0; c < table->n_columns; c++) {
        const struct table_column *column = &table->column[c];
        if (layout->width[c] == 0)
            continue;
        if (!first)
            paint_repeat(p, NULL, " ", GAP);
        first = false;
        const char *text = item ? cell_text(column, item, cell) : column->title;
        const char *color = item ? NULL : PAINT_HEAD;
        if (item && (column->kind == CELL_STATUS || column->kind == CELL_YES_NO))
            color = paint_color_of(text);
        if (c == last && (column->traits & TABLE_WRAP) && layout->width[c] >= WRAP_LEAST)
            paint_wrapped(p, color, text, layout->width[c]);
        else
            paint_cell(p, color, text, layout->width[c], cell_is_number(column->kind));
    }
    paint_end(p);
}

static void paint_below(struct paint *p, const struct table *table, const json_t *item,
                        struct ocpp_text *cell)
{
    for (size_t c = 0; c < table->n_columns; c++) {
        const char *text = cell_text(&table->column[c], item, cell);
        if (!(table->column[c].traits & TABLE_BELOW) || strcmp(text, "-") == 0)
            continue;
        paint_repeat(p, NULL, " ", GAP);
        size_t room = paint_room(p);
        paint_wrapped(p, NULL, text, room >= WRAP_LEAST ? room : WRAP_LEAST);
        paint_end(p);
    }
}

static size_t count_columns(const struct table *table, const struct layout *layout)
{
    size_t n = 0;
    for (size_t c = 0; c < table->n_columns; c++)
        n += layout->width[c] > 0;
    return n;
}

size_t table_paint(struct paint *p, const struct table *table, const json_t *items)
{
    struct layout layout;
    natural_widths(table, items, &layout);
    size_t n_columns = count_columns(table, &layout);
    if (p->columns > 0)
        fit(table, &layout, p->columns);
    struct ocpp_text cell;
    ocpp_text_init(&cell);
    paint_row(p, table, &layout, NULL, &cell);
    for (size_t i = 0; i < json_array_size(items); i++) {
        paint_row(p, table, &layout, json_array_get(items, i), &cell);
        paint_below(p, table, json_array_get(items, i), &cell);
    }
    ocpp_text_done(&cell);
    return n_columns - count_columns(table, &layout);
}

static void append_heading(struct ocpp_text *out, const char *member)
{
    for (const char *p = member; *p; p++)
        ocpp_text_append(out, *p == '.' ? "_" : p, 1);
}

static void append_csv_row(struct ocpp_text *out, const struct table *table, const json_t *item)
{
    bool first = true;
    for (size_t c = 0; c < table->n_columns; c++) {
        if (table->column[c].traits & TABLE_PLAIN)
            continue;
        ocpp_text_append_str(out, first ? "" : ",");
        first = false;
        if (item)
            cell_append_csv(out, member_at(item, table->column[c].member));
        else
            append_heading(out, table->column[c].member);
    }
    ocpp_text_append(out, "\n", 1);
}

void table_append_csv(struct ocpp_text *out, const struct table *table, const json_t *items)
{
    append_csv_row(out, table, NULL);
    for (size_t i = 0; i < json_array_size(items); i++)
        append_csv_row(out, table, json_array_get(items, i));
}

void table_paint_one(struct paint *p, const struct table *table, const json_t *thing)
{
    size_t width = 0;
    for (size_t c = 0; c < table->n_columns; c++)
        if (!(table->column[c].traits & TABLE_CSV) && width_of(table->column[c].title) > width)
            width = width_of(table->column[c].title);
    struct ocpp_text cell;
    ocpp_text_init(&cell);
    for (size_t c = 0; c < table->n_columns; c++) {
        const struct table_column *column = &table->column[c];
        if (column->traits & TABLE_CSV)
            continue;
        const char *text = cell_text(column, thing, &cell);
        bool colored = column->kind == CELL_STATUS || column->kind == CELL_YES_NO;
        paint_cell(p, PAINT_HEAD, column->title, width + GAP, false);
        size_t room = paint_room(p);
        paint_wrapped(p, colored ? paint_color_of(text) : NULL, text,
                      room >= WRAP_LEAST ? room : WRAP_LEAST);
        paint_end(p);
    }
    ocpp_text_done(&cell);
}

struct ctl table_readable(const struct ctl *ctl)
{
    struct ctl readable = *ctl;
    if (readable.columns == 0)
        readable.columns = READABLE;
    return readable;
}

struct paint table_paint_begin(const struct ctl *ctl, struct ocpp_text *out)
{
    ocpp_text_init(out);
    return (struct paint){ .out = out, .columns = ctl->columns, .color = ctl->color };
}

enum ctl_exit table_paint_out(struct paint *p)
{
    enum ctl_exit rc = CTL_OK;
    if (p->out->failed)
        rc = ctl_fail(CTL_FAILED, "out of memory");
    else if (fwrite(p->out->data, 1, p->out->len, stdout) != p->out->len)
        rc = ctl_fail(CTL_FAILED, "cannot write to standard output");
    ocpp_text_done(p->out);
    return rc;
}

static enum ctl_exit print_csv(const struct table *table, const json_t *items)
{
    struct ocpp_text out;
    ocpp_text_init(&out);
    struct paint p = { .out = &out };
    table_append_csv(&out, table, items);
    return table_paint_out(&p);
}

enum ctl_exit table_print(const struct ctl *ctl, const struct table *table, const json_t *answer,
                          const char *nothing)
{
    const json_t *items = member_items(answer);
    if (ctl->output == CTL_JSON)
        return ctl_print_json(ctl, answer);
    if (ctl->output == CTL_CSV)
        return print_csv(table, items);
    if (json_array_size(items) == 0) {
        if (nothing)
            ctl_note(ctl, "%s", nothing);
        return CTL_OK;
    }
    struct ocpp_text out;
    struct paint p = table_paint_begin(ctl, &out);
    size_t n_hidden = table_paint(&p, table, items);
    enum ctl_exit rc = table_paint_out(&p);
    if (n_hidden > 0 && rc == CTL_OK)
        ctl_note(ctl, "%zu column%s not shown for want of width; -o csv has all", n_hidden,
                 n_hidden == 1 ? " is" : "s are");
    return rc;
}

enum ctl_exit table_print_one(const struct ctl *ctl, const struct table *table, const json_t *thing)
{
    if (ctl->output == CTL_JSON)
        return ctl_print_json(ctl, thing);
    if (ctl->output == CTL_CSV) {
        json_t *items = json_pack("[O]", thing);
        enum ctl_exit rc = print_csv(table, items);
        json_decref(items);
        return rc;
    }
    struct ocpp_text out;
    struct paint p = table_paint_begin(ctl, &out);
    table_paint_one(&p, table, thing);
    return table_paint_out(&p);
}
