/*
 * Master data described once: which member of a record stands in which column, and how a person
 * reads it.
 *
 * From these tables come binding, reading back, comparing (apply finds what changed) and the deep
 * copy of a queued job.  Columns stand in the order of the statements that name them
 * (statements.c, reader.c).
 */
#ifndef STORAGE_FIELDS_H
#define STORAGE_FIELDS_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>

#include "storage/records.h"

enum field_type { FIELD_TEXT, FIELD_INT32, FIELD_INT64, FIELD_BOOL };

/* How a value is shown: as in the apply file. */
enum field_look {
    LOOK_PLAIN,
    LOOK_AMPERE,  /* of mA */
    LOOK_PERCENT, /* of basis points */
    LOOK_E4,
    LOOK_E6,
    LOOK_E7,
    LOOK_CENTS,
    LOOK_MINUTES, /* of seconds */
    LOOK_CLOCK,   /* of minutes of the day */
    LOOK_TIME,    /* of UTC milliseconds */
    LOOK_YES_NO,
    LOOK_LINES,  /* text of several lines, in one */
    LOOK_STATUS, /* of a tag */
    LOOK_CLASS,  /* of a station */
    LOOK_GREEN,  /* of a grid node */
};

struct field {
    const char *name; /* as in the apply file; three in a row with one name are grid phases */
    enum field_type type;
    enum field_look look;
    size_t offset;
};

struct fields {
    const char *list; /* of the apply file */
    const struct field *field;
    size_t n;
    size_t n_keys; /* the last n_keys fields name the record and are not compared */
    size_t size;   /* of the record */
};

extern const struct fields node_fields, station_fields, connector_fields, tag_fields, tariff_fields,
    factor_fields, template_fields;

/* Bind all fields, from parameter 1 on. */
void fields_bind(const struct fields *fields, sqlite3_stmt *q, const void *record);
/* Read n fields from column 0 on; texts are lent by the statement. */
void fields_read(const struct fields *fields, size_t n, sqlite3_stmt *q, void *ret_record);
bool field_equal(const struct field *field, const void *a, const void *b);
/* "63", "none", "yes", "08:00", ...; cut when it does not fit. */
void field_show(const struct field *field, const void *record, char *ret_text, size_t size);
const char *field_text(const struct field *field, const void *record);
void field_set_text(const struct field *field, void *record, const char *text);

#endif
