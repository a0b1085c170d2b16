/*
 * `noxctl apply`: lists of records become part of the configuration, by key, never deleting.
 *
 * Runs in the writer's transaction (or in a savepoint that is rolled back: a dry run).  Each record
 * is compared with what is there, so that the second apply of a file writes nothing.  The first
 * thing that is wrong ends it with one sentence that names the item and the remedy.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "storage/apply_state.h"

/* --- what is said about it --- */

enum store_rc apply_refuse(struct apply *a, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(a->error, sizeof(a->error), format, args);
    va_end(args);
    return STORE_CONFLICT;
}

/* Appends with its NUL; @return where it begins. */
size_t apply_keep_text(struct apply *a, const char *text)
{
    size_t len = strlen(text) + 1, at = a->used;
    if (a->used + len > a->room) {
        size_t room = 2 * a->room + len + 1024;
        char *grown = realloc(a->text, room);
        if (grown == NULL) {
            a->out_of_memory = true;
            return 0;
        }
        a->text = grown;
        a->room = room;
    }
    memcpy(a->text + at, text, len);
    a->used += len;
    return at;
}

void apply_note(struct apply *a, enum store_change_kind kind, const struct fields *fields,
                const char *id, const char *detail)
{
    a->note[a->n_notes++] = (struct note){ .kind = kind,
                                           .list = fields->list,
                                           .id = id,
                                           .detail_at = apply_keep_text(a, detail) };
}

/* --- comparing with what is there --- */

void apply_add(struct detail *d, const char *format, ...)
{
    va_list args;
    if (d->is_full)
        return;
    va_start(args, format);
    int n = vsnprintf(d->text + d->used, sizeof(d->text) - d->used, format, args);
    va_end(args);
    d->is_full = n < 0 || (size_t)n >= sizeof(d->text) - d->used;
    if (!d->is_full)
        d->used += (size_t)n;
    else
        d->text[d->used] = '\0'; /* whole changes only */
}

static void add_change(struct detail *d, const struct field *field, const char *which,
                       const void *old, const void *new)
{
    char before[SHOWN_MAX], after[SHOWN_MAX];
    field_show(field, old, before, sizeof(before));
    field_show(field, new, after, sizeof(after));
    apply_add(d, "%s%s%s %s -> %s", d->used > 0 ? ", " : "", field->name, which, before, after);
}

/* Three fields of one name in a row are the phases L1..L3. */
static bool begins_phases(const struct fields *fields, size_t n, size_t i)
{
    const char *name = fields->field[i].name;
    return i + 2 < n && strcmp(fields->field[i + 2].name, name) == 0;
}

static bool is_same_on_all(const struct field *phase, const void *record)
{
    char text[3][SHOWN_MAX];
    for (size_t i = 0; i < 3; i++)
        field_show(&phase[i], record, text[i], sizeof(text[i]));
    return strcmp(text[0], text[1]) == 0 && strcmp(text[0], text[2]) == 0;
}

static void add_phases(struct detail *d, const struct field *phase, const void *old,
                       const void *new)
{
    static const char *const which[] = { " L1", " L2", " L3" };
    if (is_same_on_all(phase, old) && is_same_on_all(phase, new)) {
        if (!field_equal(phase, old, new))
            add_change(d, phase, "", old, new);
        return;
    }
    for (size_t i = 0; i < 3; i++)
        if (!field_equal(&phase[i], old, new))
            add_change(d, &phase[i], which[i], old, new);
}

static bool find_changes(const struct fields *fields, size_t n, const void *old, const void *new,
                         struct detail *d)
{
    bool any = false;
    for (size_t i = 0; i < n; i++)
        any = any || !field_equal(&fields->field[i], old, new);
    for (size_t i = 0; any && i < n; i++) {
        if (begins_phases(fields, n, i)) {
            add_phases(d, &fields->field[i], old, new);
            i += 2;
        } else if (!field_equal(&fields->field[i], old, new)) {
            add_change(d, &fields->field[i], "", old, new);
        }
    }
    return any;
}

union record {
    struct store_grid_node node;
    struct store_station station;
    struct store_connector connector;
    struct store_tag tag;
    struct store_tariff tariff;
    struct store_factor factor;
    struct store_template config_template;
};

/* `get` has its key bound.  @param ret_kind  what has to be done, with the text in d */
enum store_rc apply_compare(struct apply *a, const struct fields *fields, sqlite3_stmt *get,
                            const void *new, enum store_change_kind *ret_kind, struct detail *d)
{
    union record old;
    size_t n = fields->n - fields->n_keys;
    enum store_rc rc = store_step_row(a->db, get);
    if (rc == STORE_MISSING) {
        *ret_kind = STORE_ADDED;
        return STORE_OK;
    }
    if (rc != STORE_OK)
        return rc;
    memset(&old, 0, sizeof(old));
    fields_read(fields, n, get, &old);
    *ret_kind = find_changes(fields, n, &old, new, d) ? STORE_CHANGED : STORE_UNCHANGED;
    store_reset(get);
    return STORE_OK;
}

/* Compare and write. */
enum store_rc apply_put(struct apply *a, const struct fields *fields, sqlite3_stmt *get,
                        enum stmt put_stmt, const void *new, const char *id)
{
    struct detail d = { .text = "" };
    enum store_change_kind kind;
    enum store_rc rc = apply_compare(a, fields, get, new, &kind, &d);
    if (rc != STORE_OK)
        return rc;
    apply_note(a, kind, fields, id, d.text);
    if (kind == STORE_UNCHANGED)
        return STORE_OK;
    sqlite3_stmt *q = conn_stmt(a->db, put_stmt);
    fields_bind(fields, q, new);
    return store_step_done(a->db, q);
}

/* --- twins within a list --- */

int apply_compare_nodes(const void *a, const void *b)
{
    return strcmp(RECORD(store_grid_node, a)->id, RECORD(store_grid_node, b)->id);
}

int apply_compare_stations(const void *a, const void *b)
{
    return sqlite3_stricmp(RECORD(store_station, a)->id, RECORD(store_station, b)->id);
}

int apply_compare_connectors(const void *a, const void *b)
{
    const struct store_connector *x = RECORD(store_connector, a), *y = RECORD(store_connector, b);
    int by_station = strcmp(x->station, y->station);
    return by_station != 0 ? by_station
                           : (x->connector > y->connector) - (x->connector < y->connector);
}

int apply_compare_tags(const void *a, const void *b)
{
    char x[TAG_KEY], y[TAG_KEY];
    tag_key_of(RECORD(store_tag, a)->id_tag, x);
    tag_key_of(RECORD(store_tag, b)->id_tag, y);
    return strcmp(x, y);
}

int apply_compare_tariffs(const void *a, const void *b)
{
    const struct store_tariff *x = RECORD(store_tariff, a), *y = RECORD(store_tariff, b);
    int by_id = strcmp(x->id, y->id);
    return by_id != 0 ? by_id : (x->version > y->version) - (x->version < y->version);
}

int apply_compare_factors(const void *a, const void *b)
{
    const struct store_factor *x = RECORD(store_factor, a), *y = RECORD(store_factor, b);
    int by_kind = strcmp(x->kind, y->kind);
    return by_kind != 0 ? by_kind : (x->year > y->year) - (x->year < y->year);
}

const void **apply_sorted(const void *list, size_t n, size_t size, compare_fn *compare_records)
{
    const void **record = calloc(n + 1, sizeof(*record));
    for (size_t i = 0; record != NULL && i < n; i++)
        record[i] = (const char *)list + i * size;
    if (record != NULL && n > 0)
        qsort(record, n, sizeof(*record), compare_records);
    return record;
}

/* STORE_CONFLICT: two records of one key, in ret_twin. */
enum store_rc apply_find_twins(const void *list, size_t n, size_t size, compare_fn *compare_records,
                               const void *ret_twin[2])
{
    const void **record = apply_sorted(list, n, size, compare_records);
    if (record == NULL)
        return STORE_IO;
    enum store_rc rc = STORE_OK;
    for (size_t i = 1; i < n && rc == STORE_OK; i++)
        if (compare_records(&record[i - 1], &record[i]) == 0) {
            ret_twin[0] = record[i - 1];
            ret_twin[1] = record[i];
            rc = STORE_CONFLICT;
        }
    free(record);
    return rc;
}

/* --- words and numbers --- */

bool apply_is_one_of(const char *word, const char *const *words)
{
    for (; *words != NULL; words++)
        if (strcmp(word, *words) == 0)
            return true;
    return false;
}

/* Something to see, no control characters. */
bool apply_is_name(const char *text)
{
    if (text == NULL || text[0] == '\0' || strlen(text) > NAME_MAX_BYTES)
        return false;
    for (; *text != '\0'; text++)
        if ((unsigned char)*text < 0x20 || *text == 0x7F)
            return false;
    return true;
}

/* Part of a URL and user name of Basic authentication. */
bool apply_is_station_id(const char *id)
{
    if (!apply_is_name(id) || strlen(id) > STATION_ID_MAX)
        return false;
    return strpbrk(id, "/?# \\") == NULL;
}

/* One to three different phases of R, S, T. */
bool apply_is_wiring(const char *wiring)
{
    unsigned seen = 0;
    size_t n = strlen(wiring);
    for (const char *p = wiring; *p != '\0'; p++) {
        if (*p < 'R' || *p > 'T' || (seen & 1U << (*p - 'R')) != 0)
            return false;
        seen |= 1U << (*p - 'R');
    }
    return n >= 1 && n <= 3;
}

double apply_amperes(int32_t ma)
{
    return (double)ma / 1000.0;
}

/* --- all --- */

static bool apply_init(struct apply *a, struct store_conn *db, const struct store_site *site)
{
    size_t n = site->n_grid + site->n_stations + site->n_connectors + site->n_tags +
               site->n_tariffs + site->n_factors + site->n_templates;
    *a = (struct apply){ .db = db, .site = site };
    a->note = calloc(n + 1, sizeof(*a->note));
    return a->note != NULL;
}

static void apply_done(struct apply *a)
{
    free(a->note);
    free(a->text);
    free(a->node_by_id);
    free(a->node_state);
}

/* One block: the array of changes, then the texts. */
static enum store_rc hand_over(const struct apply *a, union store_result *ret, char **ret_memory)
{
    size_t array = a->n_notes * sizeof(struct store_change);
    char *block = a->out_of_memory ? NULL : malloc(array + a->used + 1);
    if (block == NULL)
        return STORE_IO;
    struct store_change *change = (struct store_change *)(void *)block;
    char *text = block + array;
    if (a->used > 0)
        memcpy(text, a->text, a->used);
    for (size_t i = 0; i < a->n_notes; i++) {
        const struct note *n = &a->note[i];
        change[i] = (struct store_change){ .kind = n->kind,
                                           .list = n->list,
                                           .id = n->id != NULL ? n->id : text + n->id_at,
                                           .detail = text + n->detail_at };
    }
    ret->apply.n_changes = a->n_notes;
    ret->apply.change = change;
    ret->apply.error = NULL;
    ret->apply.first_revision = a->first_revision;
    *ret_memory = block;
    return STORE_OK;
}

static void hand_over_error(const struct apply *a, union store_result *ret, char **ret_memory)
{
    const char *error = a->error[0] != '\0' ? a->error : sqlite3_errmsg(a->db->handle);
    memset(ret, 0, sizeof(*ret));
    *ret_memory = strdup(error);
    ret->apply.error = *ret_memory;
}

enum store_rc apply_run(struct store_conn *db, const struct store_site *site,
                        union store_result *ret, char **ret_memory)
{
    /* What others refer to comes first. */
    static enum store_rc (*const part[])(struct apply *) = {
        apply_grid,       apply_tariffs,   apply_factors, apply_stations,
        apply_connectors, apply_templates, apply_tags, /* tags last: noxd counts on it */
    };
    struct apply a;
    enum store_rc rc = apply_init(&a, db, site) ? STORE_OK : STORE_IO;
    for (size_t i = 0; i < sizeof(part) / sizeof(part[0]) && rc == STORE_OK; i++)
        rc = part[i](&a);
    station_forget_cache(db); /* new connectors wait for the next word of their station */
    if (rc == STORE_OK)
        rc = hand_over(&a, ret, ret_memory);
    else if (rc == STORE_CONFLICT)
        hand_over_error(&a, ret, ret_memory);
    apply_done(&a);
    return rc;
}
