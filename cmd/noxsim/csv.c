#include "cmd/noxsim/csv.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FILE_MAX_BYTES = 256 << 20 };

struct reader {
    const char *name;
    char *at, *end;
    size_t line;
    char *text; /* for people */
    size_t text_size;
};

static bool fail(struct reader *r, const char *what)
{
    snprintf(r->text, r->text_size, "%s, line %zu: %s", r->name, r->line, what);
    return false;
}

/* Takes the quotes off in place: what is written never overtakes what is read. */
static bool quoted(struct reader *r, char **ret_field)
{
    char *to = r->at;
    size_t line = r->line;
    *ret_field = to;
    for (r->at++; r->at < r->end; r->at++) {
        if (*r->at == '"' && r->at + 1 < r->end && r->at[1] == '"')
            r->at++;
        else if (*r->at == '"')
            break;
        r->line += *r->at == '\n';
        *to++ = *r->at;
    }
    if (r->at >= r->end) {
        r->line = line;
        return fail(r, "a quotation mark is not closed");
    }
    r->at++;
    if (r->at < r->end && *r->at != ',' && *r->at != '\r' && *r->at != '\n')
        return fail(r, "text after a closing quotation mark; double it to mean the mark itself");
    *to = '\0';
    return true;
}

static void bare(struct reader *r, char **ret_field)
{
    *ret_field = r->at;
    while (r->at < r->end && *r->at != ',' && *r->at != '\n' && *r->at != '\r')
        r->at++;
}

/* @return false at an error; *ret_last when the line ends after this field */
static bool next_field(struct reader *r, char **ret_field, bool *ret_last)
{
    if (r->at < r->end && *r->at == '"') {
        if (!quoted(r, ret_field))
            return false;
    } else {
        bare(r, ret_field);
    }
    *ret_last = r->at >= r->end || *r->at != ',';
    char *stop = r->at;
    if (r->at < r->end && *r->at == '\r')
        r->at++;
    if (r->at < r->end)
        r->at++;
    *stop = '\0'; /* the buffer has one byte more than the file */
    return true;
}

static bool read_header(struct reader *r, struct csv *csv)
{
    bool last = false;
    r->line = 1;
    while (!last) {
        if (csv->n_columns == CSV_COLUMNS_MAX)
            return fail(r, "more than 64 columns");
        if (!next_field(r, &csv->column[csv->n_columns++], &last))
            return false;
    }
    return true;
}

static bool row_room(struct csv *csv, size_t *room)
{
    if (csv->n_rows < *room)
        return true;
    *room = *room > 0 ? 2 * *room : 256;
    struct csv_row *row = realloc(csv->row, *room * sizeof(*row));
    char **fields = realloc(csv->fields, *room * csv->n_columns * sizeof(*fields));
    csv->row = row != NULL ? row : csv->row;
    csv->fields = fields != NULL ? fields : csv->fields;
    return row != NULL && fields != NULL;
}

static bool read_row(struct reader *r, struct csv *csv, char **field)
{
    static char nothing[] = "";
    bool last = false;
    size_t n = 0;
    while (!last) {
        char *text;
        if (!next_field(r, &text, &last))
            return false;
        if (n == csv->n_columns)
            return fail(r, "more fields than the header has columns");
        field[n++] = text;
    }
    while (n < csv->n_columns)
        field[n++] = nothing;
    return true;
}

static bool read_rows(struct reader *r, struct csv *csv)
{
    size_t room = 0;
    while (r->at < r->end) {
        r->line++;
        if (*r->at == '\n' || *r->at == '\r') { /* an empty line */
            r->at += 1 + (*r->at == '\r' && r->at + 1 < r->end && r->at[1] == '\n');
            continue;
        }
        if (!row_room(csv, &room))
            return fail(r, "out of memory");
        csv->row[csv->n_rows].line = r->line;
        if (!read_row(r, csv, csv->fields + csv->n_rows * csv->n_columns))
            return false;
        csv->n_rows++;
    }
    for (size_t i = 0; i < csv->n_rows; i++)
        csv->row[i].field = csv->fields + i * csv->n_columns;
    return true;
}

static bool read_buffer(const char *name, char *buffer, size_t len, struct csv *ret_csv,
                        char *ret_text, size_t size)
{
    struct csv csv = { .text = buffer };
    struct reader r = { .name = name,
                        .at = buffer,
                        .end = buffer + len,
                        .text = ret_text,
                        .text_size = size };
    if (len >= 3 && memcmp(buffer, "\xEF\xBB\xBF", 3) == 0)
        r.at += 3;
    if (!read_header(&r, &csv) || !read_rows(&r, &csv)) {
        csv_done(&csv);
        return false;
    }
    *ret_csv = csv;
    return true;
}

bool csv_read_text(const char *name, const char *text, size_t len, struct csv *ret_csv,
                   char *ret_text, size_t size)
{
    char *buffer = malloc(len + 1);
    if (buffer == NULL) {
        snprintf(ret_text, size, "%s: out of memory", name);
        return false;
    }
    memcpy(buffer, text, len);
    buffer[len] = '\0';
    return read_buffer(name, buffer, len, ret_csv, ret_text, size);
}

bool csv_read_file(const char *path, struct csv *ret_csv, char *ret_text, size_t size)
{
    FILE *file = fopen(path, "rb");
    char *buffer = NULL;
    long len = -1;
    if (file != NULL && fseek(file, 0, SEEK_END) == 0 && (len = ftell(file)) >= 0 &&
        len <= FILE_MAX_BYTES && fseek(file, 0, SEEK_SET) == 0)
        buffer = malloc((size_t)len + 1);
    bool good = buffer != NULL && fread(buffer, 1, (size_t)len, file) == (size_t)len;
    if (!good)
        snprintf(ret_text, size, "%s cannot be read: %s", path,
                 len > FILE_MAX_BYTES ? "larger than 256 MB" : strerror(errno));
    if (file != NULL)
        fclose(file);
    if (!good) {
        free(buffer);
        return false;
    }
    buffer[len] = '\0';
    return read_buffer(path, buffer, (size_t)len, ret_csv, ret_text, size);
}

void csv_done(struct csv *csv)
{
    free(csv->text);
    free(csv->row);
    free(csv->fields);
    *csv = (struct csv){ .text = NULL };
}

int csv_column(const struct csv *csv, const char *name)
{
    for (size_t i = 0; i < csv->n_columns; i++)
        if (strcmp(csv->column[i], name) == 0)
            return (int)i;
    return -1;
}
