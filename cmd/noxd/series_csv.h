/*
 * Factors over time as a table: CSV with a time and a value in each line.
 *
 * The time is ISO 8601 with its zone and tells the beginning; the values follow each other without
 * gaps, each for 15, 30 or 60 minutes.  Reading takes , ; or tab between the cells, CRLF or LF, a
 * byte order mark, a first line of names; cells after the second are passed over.  With ; or tab a
 * decimal comma is taken, too.  Pure: no I/O, no clock.
 */
#ifndef CMD_NOXD_SERIES_CSV_H
#define CMD_NOXD_SERIES_CSV_H

#include <stdbool.h>
#include <stddef.h>

#include "storage/records.h"

enum { SERIES_FAULTS = 20 /* that are kept */ };

struct series_csv {
    struct store_quarter *quarter; /* owned */
    size_t n;
    struct series_fault {
        size_t line;
        char text[160];
    } fault[SERIES_FAULTS];
    size_t n_faults; /* all of them */
};

/** @return NULL-terminated list of the units of a kind; the first is the usual one */
const char *const *series_units(enum store_series kind);

/**
 * @param unit  index into series_units()
 * @return true when no line is wrong; series_csv_done() in either case
 */
bool series_csv_read(const char *text, size_t len, enum store_series kind, size_t unit,
                     struct series_csv *ret);
void series_csv_done(struct series_csv *csv);

#endif
