/*
 * What exports are written with: bytes that are buffered and hashed on their way into a sink, and
 * rows of CSV and JSON that follow a table of columns.
 *
 * Numbers are integers with an implied decimal point: nothing depends on the locale.  The first
 * error is kept, later calls do nothing, and out_end() reports it.
 */
#ifndef STORAGE_BILLING_OUT_H
#define STORAGE_BILLING_OUT_H

#include "storage/billing/export.h"

struct evp_md_ctx_st; /* of OpenSSL */

struct out {
    struct export_sink sink;
    struct evp_md_ctx_st *digest;
    enum store_rc rc;
    size_t used;
    char buffer[4096];
};

void out_begin(struct out *o, struct export_sink sink);
/**
 * Hand over what is buffered and release what out_begin() took.
 * @param ret_sha256  hex of all bytes; "" unless STORE_OK is returned
 * @return STORE_STOPPED: the sink said stop; STORE_IO: no digest could be made
 */
enum store_rc out_end(struct out *o, char ret_sha256[65]);

void out_bytes(struct out *o, const char *bytes, size_t n);
void out_text(struct out *o, const char *text);
/* `value` x 10^-digits: (-5880, 3, '.') is "-5.880".  digits 0..18. */
void out_decimal(struct out *o, int64_t value, int digits, char mark);
#define OUT_DECIMAL_SIZE 24
void out_format_decimal(int64_t value, int digits, char mark, char ret_text[OUT_DECIMAL_SIZE]);
/* A string of JSON with its quotes; NULL is null. */
void out_json_string(struct out *o, const char *text);

/* --- rows --- */

enum out_kind {
    OUT_TEXT,   /* const char *; NULL = empty */
    OUT_WORDS,  /* the same, words joined by ';'; a list in JSON */
    OUT_NUMBER, /* int64_t; STORE_ABSENT = empty */
};

/* A word of a row and its German; ends with { NULL, NULL }. */
struct out_word {
    const char *word, *german;
};

struct out_column {
    const char *english, *german; /* headings of the CSV */
    const char *json;             /* member; its value is the integer without decimal point */
    enum out_kind kind;
    size_t offset; /* of the value in the row's struct */
    int digits;    /* decimals of an OUT_NUMBER in CSV */
    const struct out_word *words;
};

struct out_table {
    const struct out_column *column;
    size_t n;
};

/* RFC 4180 with CRLF; text that a spreadsheet would run as a formula gets a leading apostrophe. */
struct out_csv {
    bool is_german; /* BOM, ; and decimal comma, German headings and words */
};
void out_csv_header(struct out *o, struct out_csv csv, struct out_table table);
void out_csv_row(struct out *o, struct out_csv csv, struct out_table table, const void *row);
/* {"member":value,...} */
void out_json_row(struct out *o, struct out_table table, const void *row);

#endif
