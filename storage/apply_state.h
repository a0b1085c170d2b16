/*
 * What the files of apply share: the run, what is said about it, and how a record is compared and
 * written.
 */
#ifndef STORAGE_APPLY_STATE_H
#define STORAGE_APPLY_STATE_H

#include "storage/conn.h"
#include "storage/fields.h"

enum {
    LEVELS_MAX = 64,     /* of the grid tree */
    CONNECTORS_MAX = 64, /* of a station */
    STATION_ID_MAX = 48,
    NAME_MAX_BYTES = 255,
    SHOWN_MAX = 120, /* bytes of a value in a change */
};

struct note {
    enum store_change_kind kind;
    const char *list, *id;   /* lent by the job */
    size_t id_at, detail_at; /* in text; id_at is used when id is NULL */
};

struct apply {
    struct store_conn *db;
    const struct store_site *site;
    struct note *note;
    size_t n_notes;
    char *text;
    size_t used, room;
    bool out_of_memory;
    char error[400];
    const void **node_by_id; /* sorted */
    uint8_t *node_state;
    struct store_tag_state tags;
    int32_t first_revision;
};

enum { NODE_NEW, NODE_OPEN, NODE_DONE };

/* What changes in one record, as one line: "limit_a 63 -> 80, name A -> B". */
struct detail {
    char text[1000];
    size_t used;
    bool is_full;
};

typedef int compare_fn(const void *a, const void *b);

/* --- the lists, in the order in which they are applied: each in its file --- */

enum store_rc apply_grid(struct apply *a);
enum store_rc apply_tariffs(struct apply *a);
enum store_rc apply_factors(struct apply *a);
enum store_rc apply_stations(struct apply *a);
enum store_rc apply_connectors(struct apply *a);
enum store_rc apply_templates(struct apply *a);
enum store_rc apply_tags(struct apply *a);

/* --- what is said (apply.c) --- */

/* Ends the run with one sentence that names the item and the remedy. */
enum store_rc apply_refuse(struct apply *a, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* One line of the answer; texts are copied. */
void apply_note(struct apply *a, enum store_change_kind kind, const struct fields *fields,
                const char *id, const char *detail);
/* Appends with its NUL; @return where it begins. */
size_t apply_keep_text(struct apply *a, const char *text);
void apply_add(struct detail *d, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* --- comparing and writing (apply.c) --- */

/* `get` has its key bound.  @param ret_kind  what has to be done, with the text in d */
enum store_rc apply_compare(struct apply *a, const struct fields *fields, sqlite3_stmt *get,
                            const void *new, enum store_change_kind *ret_kind, struct detail *d);
/* Compares, writes if it differs, notes it. */
enum store_rc apply_put(struct apply *a, const struct fields *fields, sqlite3_stmt *get,
                        enum stmt put_stmt, const void *new, const char *id);

/* --- twins within a list (apply.c) --- */

/* qsort() hands over pointers to our pointers. */
#define RECORD(type, p) ((const struct type *)*(const void *const *)(p))
int apply_compare_nodes(const void *a, const void *b);
int apply_compare_stations(const void *a, const void *b);
int apply_compare_connectors(const void *a, const void *b);
int apply_compare_tags(const void *a, const void *b);
int apply_compare_tariffs(const void *a, const void *b);
int apply_compare_factors(const void *a, const void *b);
/* Pointers to the records in order; NULL when memory is out; free() it. */
const void **apply_sorted(const void *list, size_t n, size_t size, compare_fn *compare_records);
/* STORE_CONFLICT with two records of one key, STORE_IO when memory is out. */
enum store_rc apply_find_twins(const void *list, size_t n, size_t size, compare_fn *compare_records,
                               const void *ret_twin[2]);

/* --- words and numbers (apply.c) --- */

bool apply_is_one_of(const char *word, const char *const *words); /* words end with NULL */
bool apply_is_name(const char *text);
bool apply_is_station_id(const char *id);
bool apply_is_wiring(const char *wiring);
double apply_amperes(int32_t ma);

#endif
