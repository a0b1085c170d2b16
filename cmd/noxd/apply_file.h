/*
 * The apply file: JSON with lists of grid nodes, stations, tags, tariffs and factors.
 *
 * One description (apply_table.c) for everything: reading with checks, writing back, the JSON
 * Schema for people and editors.  A member that the file does not name keeps the value it has (a
 * new record: its default); null sets the default.  Pure: no I/O, no clock.
 */
#ifndef CMD_NOXD_APPLY_FILE_H
#define CMD_NOXD_APPLY_FILE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ocpp/wire/arena.h"
#include "ocpp/wire/text.h"
#include "storage/records.h"

enum apply_type {
    APPLY_ID,        /* const char *: text without blanks at its ends and without '/' */
    APPLY_TEXT,      /* const char * */
    APPLY_WORD,      /* const char *: one of `words` */
    APPLY_NAMES,     /* const char *: names in order with blanks between, from a list */
    APPLY_CHOICE,    /* int32_t: one of `words`, the first has the value min */
    APPLY_INT,       /* int32_t */
    APPLY_BOOL,      /* bool */
    APPLY_AMPS,      /* int32_t mA from amperes with at most one decimal */
    APPLY_AMPS3,     /* int32_t[3]: one number for all phases or a list of three */
    APPLY_PERCENT,   /* int32_t hundredths of a percent from a number */
    APPLY_MONEY_E4,  /* int32_t from text with at most four decimals */
    APPLY_CENTS,     /* int32_t from text with at most two decimals */
    APPLY_MINUTES,   /* int32_t seconds from whole minutes */
    APPLY_CLOCK,     /* int32_t minutes of the day from "hh:mm" */
    APPLY_DAY_BEGIN, /* int64_t: local midnight that begins a date; or an instant */
    APPLY_DAY_END,   /* int64_t: local midnight that ends a date; or an instant */
    APPLY_DATE_TEXT, /* const char *: "2026-10-31" */
    APPLY_DEGREES,   /* int64_t 10^-7 degrees from a number */
    APPLY_MICRO,     /* int64_t millionths from a number */
    APPLY_KEYS,      /* const char *: lines "name=value" or "name" from an object */
    APPLY_CALENDAR,  /* const char *: windows (storage/windows.h) from a list of objects */
    APPLY_HOURS,     /* const char *: currents by the hour (the same) from a list */
    APPLY_PATHS,     /* const char *: lines "name=path" from an object; names are `words` */
    APPLY_OBJECT,    /* members of the same struct, in an object of their own; null = defaults */
    APPLY_LIST,      /* connectors of a station */
};

struct apply_object;

struct apply_field {
    const char *name;
    enum apply_type type;
    bool required;
    size_t offset;    /* of the value in the struct */
    int64_t min, max; /* of the stored integer; texts: max characters */
    int64_t fallback; /* default of integers; texts have fallback_text */
    const char *fallback_text;
    const char *const *words; /* ends with NULL */
    const struct apply_object *object;
    const char *what;    /* for people, one sentence or less */
    const char *example; /* JSON text, may be NULL */
};

struct apply_object {
    const char *name, *what;
    const struct apply_field *field;
    size_t n_fields;
    size_t size; /* of the struct */
};

/* One list of the file, and where it stands in struct store_site. */
struct apply_list {
    const char *name, *what;
    const struct apply_object *object;
    const char *key[2]; /* names of the members that tell its records apart */
    size_t items_offset, n_offset;
    /* Order by key; arguments point to pointers to records. */
    int (*compare)(const void *a, const void *b);
};

enum {
    APPLY_GRID,
    APPLY_STATIONS,
    APPLY_TAGS,
    APPLY_TARIFFS,
    APPLY_FACTORS,
    APPLY_TEMPLATES,
    APPLY_LISTS
};
extern const struct apply_list apply_lists[APPLY_LISTS];
extern const struct apply_list apply_connector_list; /* nested in stations */

/* What is wrong, where, and what to do. */
struct apply_error {
    char path[160]; /* "stations[3].rating_a"; "" = the file as a whole */
    char text[400]; /* one sentence that begins with the path */
};

struct apply_site {
    struct store_site site; /* only what the file names */
    json_t *root;           /* holds the texts */
    struct ocpp_arena arena;
};

/**
 * Read a parsed file.
 *
 * @param root  taken over, also on failure
 * @param base  what is known already, for members that the file does not name; NULL = nothing
 * @param ret_site  apply_site_done() ends it, also on failure
 */
bool apply_parse(json_t *root, const struct store_site *base, struct apply_site *ret_site,
                 struct apply_error *ret_error);
void apply_site_done(struct apply_site *site);

/**
 * The site as it will be after the apply: base, replaced and completed by the file; grid nodes
 * parents first (those of the file too).  Checks what one record says of another.
 * @param arena  holds the lists of ret_merged
 */
bool apply_merge(const struct store_site *base, struct apply_site *file, struct ocpp_arena *arena,
                 struct store_site *ret_merged, struct apply_error *ret_error);

/** Append the members of a record as the file would name them, without brackets; lists are left
 * out.  Text that is NULL and instants that are absent become null. */
void apply_write(const struct apply_object *object, const void *record, struct ocpp_text *out);

/** Append the JSON Schema (2020-12) of the file. */
void apply_schema(struct ocpp_text *out);

#endif
