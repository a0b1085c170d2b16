/*
 * Lists and single things, printed as -o says: a table that fits the terminal, CSV with a header,
 * or the JSON of noxd unchanged.
 */
#ifndef CMD_NOXCTL_TABLE_H
#define CMD_NOXCTL_TABLE_H

#include "cmd/noxctl/cell.h"
#include "cmd/noxctl/ctl.h"
#include "cmd/noxctl/paint.h"

enum {
    TABLE_CUT = 1 << 0,   /* may be cut short to make the table fit */
    TABLE_WIDE = 1 << 1,  /* left out when the terminal is too narrow, the last one first */
    TABLE_CSV = 1 << 2,   /* in CSV only */
    TABLE_PLAIN = 1 << 3, /* in tables only, not in CSV */
    TABLE_WRAP = 1 << 4,  /* like TABLE_CUT, but the last column goes on in the next line */
    TABLE_BELOW = 1 << 5, /* in tables on lines of its own below the others, without heading */
};

struct table_column {
    const char *title;  /* "STATION" */
    const char *member; /* "station" or "storage.text"; also the heading in CSV */
    enum cell_kind kind;
    unsigned traits;
};

enum { TABLE_COLUMNS_MAX = 40 };

struct table {
    const struct table_column *column;
    size_t n_columns;
};
#define TABLE(columns)               \
    {                                \
        columns, ARRAY_SIZE(columns) \
    }

/** Paint heading and one line for each item.  @return columns that were left out */
size_t table_paint(struct paint *p, const struct table *table, const json_t *items);

/** Append a CSV header and one line for each item. */
void table_append_csv(struct ocpp_text *out, const struct table *table, const json_t *items);

/** Paint one thing, a line for each member; the title is the heading of the line. */
void table_paint_one(struct paint *p, const struct table *table, const json_t *thing);

/**
 * Print a list as -o says.
 *
 * @param answer   of noxd: printed as it is by -o json
 * @param nothing  for people, on stderr, when the list is empty; NULL = say nothing
 */
enum ctl_exit table_print(const struct ctl *ctl, const struct table *table, const json_t *answer,
                          const char *nothing);

/** The same for one thing; it is one row in CSV. */
enum ctl_exit table_print_one(const struct ctl *ctl, const struct table *table,
                              const json_t *thing);

/** The call as on a terminal of 100 columns where the output has no width of its own: for tables
 * that would be too wide to read in a file, too. */
struct ctl table_readable(const struct ctl *ctl);

/** A paint for standard output; table_paint_out() writes what was painted and frees it. */
struct paint table_paint_begin(const struct ctl *ctl, struct ocpp_text *out);
enum ctl_exit table_paint_out(struct paint *p);

#endif
