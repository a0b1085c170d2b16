/*
 * The monthly list of charge detail records as CSV or JSON, written piece by piece.
 *
 * Same data, same bytes: rows by number, no dependence on locale, time zone or clock.  Times are
 * local (Europe/Berlin) ISO 8601 with offset.  Text cells that a spreadsheet would run as a formula
 * get a leading apostrophe; quotes after RFC 4180.
 */
#ifndef STORAGE_BILLING_EXPORT_H
#define STORAGE_BILLING_EXPORT_H

#include "storage/reader.h"

enum bill_format {
    BILL_CSV_MACHINE, /* , and decimal point, UTF-8, CRLF, English headings */
    BILL_CSV_GERMAN,  /* ; and decimal comma, UTF-8 with BOM, CRLF, German headings */
    BILL_JSON,        /* {"period", "zone", "rows": [...], "totals": {...}} */
};

/* Where the bytes go; false stops the export. */
struct export_sink {
    bool (*write)(void *arg, const char *bytes, size_t n);
    void *arg;
};

struct bill_export_result {
    int64_t rows;
    int64_t energy_wh, gross_cents, net_cents, vat_cents; /* sums of the rows */
    char sha256[65];                                      /* hex, of all bytes written */
};

/**
 * Write the records of a booking month.
 * @param month  "2026-10"
 * @return STORE_CONFLICT: it is no month; STORE_STOPPED: the sink said stop
 */
enum store_rc bill_export(struct reader *r, const char *month, enum bill_format format,
                          struct export_sink sink, struct bill_export_result *ret_result);

#endif
