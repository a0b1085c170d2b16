/*
 * Tags as a table for spreadsheets: CSV in UTF-8 with a first line of names as in the apply file.
 *
 * Reading takes , ; or tab between cells, CRLF or LF, a byte order mark, quotes after RFC 4180.
 * Every line that is wrong is named with the remedy; columns that the file lacks keep the values
 * that are known.  Pure: no I/O, no clock.
 */
#ifndef CMD_NOXD_TAG_CSV_H
#define CMD_NOXD_TAG_CSV_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "ocpp/wire/text.h"
#include "storage/records.h"

enum { TAG_CSV_FAULTS = 50 /* that are kept */ };

struct tag_csv_fault {
    size_t line; /* counted from 1, the line of names */
    char text[200];
};

struct tag_csv {
    json_t *tags; /* array as in the apply file */
    struct tag_csv_fault fault[TAG_CSV_FAULTS];
    size_t n_faults; /* all of them; the first TAG_CSV_FAULTS are kept, by line */
};

/** @return true when no line is wrong; tag_csv_done() in either case */
bool tag_csv_read(const char *text, size_t len, struct tag_csv *ret_csv);
void tag_csv_done(struct tag_csv *csv);

/* What reading takes without a change: , and CRLF.  A cell that a spreadsheet would run as a
 * formula gets a leading apostrophe, which reading takes off. */
void tag_csv_head(struct ocpp_text *out);
void tag_csv_row(const struct store_tag *tag, struct ocpp_text *out);

#endif
