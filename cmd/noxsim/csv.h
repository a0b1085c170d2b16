/*
 * Reads a CSV file with a header line into memory: commas, optional double quotes, LF or CRLF, an
 * optional byte order mark.
 */
#ifndef CMD_NOXSIM_CSV_H
#define CMD_NOXSIM_CSV_H

#include <stdbool.h>
#include <stddef.h>

enum { CSV_COLUMNS_MAX = 64 };

struct csv_row {
    size_t line;  /* in the file, counted from 1 */
    char **field; /* n_columns of the file; missing ones are "" */
};

struct csv {
    char *text; /* owned; fields point into it */
    size_t n_columns, n_rows;
    char *column[CSV_COLUMNS_MAX]; /* names of the header */
    struct csv_row *row;
    char **fields;
};

/**
 * @param ret_csv   written only on success; end it with csv_done()
 * @param ret_text  one sentence with file and line on failure
 */
bool csv_read_file(const char *path, struct csv *ret_csv, char *ret_text, size_t size);

/** The same from text of len bytes, which is copied; name stands in messages. */
bool csv_read_text(const char *name, const char *text, size_t len, struct csv *ret_csv,
                   char *ret_text, size_t size);

void csv_done(struct csv *csv);

/** @return the index of a column by its name, -1 if there is none */
int csv_column(const struct csv *csv, const char *name);

#endif
