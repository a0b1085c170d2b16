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

/* --- what is said about it --- */

__attribute__((format(printf, 2, 3))) static enum store_rc refuse(struct apply *a,
                                                                  const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(a->error, sizeof(a->error), format, args);
    va_end(args);
    return STORE_CONFLICT;
}

/* Appends with its NUL; @return where it begins. */
static size_t keep_text(struct apply *a, const char *text)
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

static void note(struct apply *a, enum store_change_kind kind, const struct fields *fields,
                 const char *id, const char *detail)
{
    a->note[a->n_notes++] = (struct note){ .kind = kind,
                                           .list = fields->list,
                                           .id = id,
                                           .detail_at = keep_text(a, detail) };
}

/* --- comparing with what is there --- */

struct detail {
    char text[1000];
    size_t used;
    bool is_full;
};

__attribute__((format(printf, 2, 3))) static void add(struct detail *d, const char *format, ...)
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
    add(d, "%s%s%s %s -> %s", d->used > 0 ? ", " : "", field->name, which, before, after);
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
static enum store_rc compare(struct apply *a, const struct fields *fields, sqlite3_stmt *get,
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
static enum store_rc put(struct apply *a, const struct fields *fields, sqlite3_stmt *get,
                         enum stmt put_stmt, const void *new, const char *id)
{
    struct detail d = { .text = "" };
    enum store_change_kind kind;
    enum store_rc rc = compare(a, fields, get, new, &kind, &d);
    if (rc != STORE_OK)
        return rc;
    note(a, kind, fields, id, d.text);
    if (kind == STORE_UNCHANGED)
        return STORE_OK;
    sqlite3_stmt *q = conn_stmt(a->db, put_stmt);
    fields_bind(fields, q, new);
    return store_step_done(a->db, q);
}

/* --- twins within a list --- */

typedef int compare_fn(const void *a, const void *b);

/* qsort() hands over pointers to our pointers. */
#define RECORD(type, p) ((const struct type *)*(const void *const *)(p))

static int compare_nodes(const void *a, const void *b)
{
    return strcmp(RECORD(store_grid_node, a)->id, RECORD(store_grid_node, b)->id);
}

static int compare_stations(const void *a, const void *b)
{
    return sqlite3_stricmp(RECORD(store_station, a)->id, RECORD(store_station, b)->id);
}

static int compare_connectors(const void *a, const void *b)
{
    const struct store_connector *x = RECORD(store_connector, a), *y = RECORD(store_connector, b);
    int by_station = strcmp(x->station, y->station);
    return by_station != 0 ? by_station
                           : (x->connector > y->connector) - (x->connector < y->connector);
}

static int compare_tags(const void *a, const void *b)
{
    char x[TAG_KEY], y[TAG_KEY];
    tag_key_of(RECORD(store_tag, a)->id_tag, x);
    tag_key_of(RECORD(store_tag, b)->id_tag, y);
    return strcmp(x, y);
}

static int compare_tariffs(const void *a, const void *b)
{
    const struct store_tariff *x = RECORD(store_tariff, a), *y = RECORD(store_tariff, b);
    int by_id = strcmp(x->id, y->id);
    return by_id != 0 ? by_id : (x->version > y->version) - (x->version < y->version);
}

static int compare_factors(const void *a, const void *b)
{
    const struct store_factor *x = RECORD(store_factor, a), *y = RECORD(store_factor, b);
    int by_kind = strcmp(x->kind, y->kind);
    return by_kind != 0 ? by_kind : (x->year > y->year) - (x->year < y->year);
}

static const void **sorted(const void *list, size_t n, size_t size, compare_fn *compare_records)
{
    const void **record = calloc(n + 1, sizeof(*record));
    for (size_t i = 0; record != NULL && i < n; i++)
        record[i] = (const char *)list + i * size;
    if (record != NULL && n > 0)
        qsort(record, n, sizeof(*record), compare_records);
    return record;
}

/* STORE_CONFLICT: two records of one key, in ret_twin. */
static enum store_rc find_twins(const void *list, size_t n, size_t size,
                                compare_fn *compare_records, const void *ret_twin[2])
{
    const void **record = sorted(list, n, size, compare_records);
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

static bool is_one_of(const char *word, const char *const *words)
{
    for (; *words != NULL; words++)
        if (strcmp(word, *words) == 0)
            return true;
    return false;
}

/* Something to see, no control characters. */
static bool is_name(const char *text)
{
    if (text == NULL || text[0] == '\0' || strlen(text) > NAME_MAX_BYTES)
        return false;
    for (; *text != '\0'; text++)
        if ((unsigned char)*text < 0x20 || *text == 0x7F)
            return false;
    return true;
}

/* Part of a URL and user name of Basic authentication. */
static bool is_station_id(const char *id)
{
    if (!is_name(id) || strlen(id) > STATION_ID_MAX)
        return false;
    return strpbrk(id, "/?# \\") == NULL;
}

/* One to three different phases of R, S, T. */
static bool is_wiring(const char *wiring)
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

static double amperes(int32_t ma)
{
    return (double)ma / 1000.0;
}

/* --- grid --- */

static enum store_rc node_parent(struct store_conn *db, const char *id, char ret_parent[256])
{
    sqlite3_stmt *q = conn_stmt(db, STMT_NODE_GET);
    bind_text(q, 1, id);
    enum store_rc rc = store_step_row(db, q);
    if (rc != STORE_OK)
        return rc;
    const char *parent = column_text(q, 0);
    snprintf(ret_parent, 256, "%s", parent != NULL ? parent : "");
    store_reset(q);
    return STORE_OK;
}

/* Goes up from the parent as it is now stored: the node itself must not be met. */
static enum store_rc check_path(struct apply *a, const struct store_grid_node *n)
{
    char at[256];
    snprintf(at, sizeof(at), "%s", n->parent);
    for (int level = 1; at[0] != '\0'; level++) {
        if (strcmp(at, n->id) == 0)
            return refuse(a,
                          "grid %s: parent %s is the node itself or below it; a tree has no "
                          "circles: name a parent nearer to the grid connection",
                          n->id, n->parent);
        if (level > LEVELS_MAX)
            return refuse(a, "grid %s: parent %s lies deeper than %d levels; shorten the path",
                          n->id, n->parent, LEVELS_MAX);
        enum store_rc rc = node_parent(a->db, at, at);
        if (rc == STORE_MISSING)
            return refuse(a, "grid %s: parent %s is unknown; add it to grid or correct the name",
                          n->id, at);
        if (rc != STORE_OK)
            return rc;
    }
    return STORE_OK;
}

static enum store_rc check_node(struct apply *a, const struct store_grid_node *n)
{
    if (!is_name(n->id))
        return refuse(a,
                      "grid[%zu]: id is missing; give the node a name without control characters",
                      (size_t)(n - a->site->grid));
    for (int p = 0; p < 3; p++) {
        if (n->limit_ma[p] < 0)
            return refuse(a, "grid %s: limit_a of L%d is %.1f; a limit is 0 or more", n->id, p + 1,
                          amperes(n->limit_ma[p]));
        if (n->foreign_ma[p] < 0)
            return refuse(a, "grid %s: foreign_a of L%d is %.1f; a reserve is 0 or more", n->id,
                          p + 1, amperes(n->foreign_ma[p]));
        if (n->foreign_ma[p] > n->limit_ma[p])
            return refuse(a,
                          "grid %s: foreign_a of L%d is %.1f, more than limit_a %.1f; lower the "
                          "reserve or correct the limit",
                          n->id, p + 1, amperes(n->foreign_ma[p]), amperes(n->limit_ma[p]));
    }
    if (n->single_max_ma < 0)
        return refuse(a, "grid %s: single_max_a is %.1f; use 0 for no rule", n->id,
                      amperes(n->single_max_ma));
    return STORE_OK;
}

static const struct store_grid_node *node_in_file(const struct apply *a, const char *id)
{
    struct store_grid_node wanted = { .id = id };
    const void *key = &wanted;
    const void **found = a->site->n_grid > 0 ? bsearch(&key, a->node_by_id, a->site->n_grid,
                                                       sizeof(*a->node_by_id), compare_nodes)
                                             : NULL;
    return found != NULL ? *found : NULL;
}

static enum store_rc write_node(struct apply *a, const struct store_grid_node *n)
{
    struct store_grid_node record = *n;
    if (record.name == NULL)
        record.name = record.id;
    sqlite3_stmt *get = conn_stmt(a->db, STMT_NODE_GET);
    bind_text(get, 1, n->id);
    return put(a, &node_fields, get, STMT_NODE_PUT, &record, n->id);
}

/* Parents first, in whatever order the file names them. */
static enum store_rc put_node(struct apply *a, const struct store_grid_node *n, int level)
{
    uint8_t *state = &a->node_state[n - a->site->grid];
    if (*state == NODE_DONE)
        return STORE_OK;
    if (*state == NODE_OPEN || level > LEVELS_MAX)
        return refuse(a,
                      "grid %s: parent %s is the node itself or below it; a tree has no circles: "
                      "name a parent nearer to the grid connection",
                      n->id, n->parent);
    *state = NODE_OPEN;
    const struct store_grid_node *above = n->parent != NULL ? node_in_file(a, n->parent) : NULL;
    enum store_rc rc = above != NULL ? put_node(a, above, level + 1) : STORE_OK;
    if (rc == STORE_OK && n->parent != NULL)
        rc = check_path(a, n);
    if (rc == STORE_OK)
        rc = write_node(a, n);
    *state = NODE_DONE;
    return rc;
}

static enum store_rc apply_grid(struct apply *a)
{
    const struct store_site *site = a->site;
    const void *twin[2];
    enum store_rc rc = STORE_OK;
    for (size_t i = 0; i < site->n_grid && rc == STORE_OK; i++)
        rc = check_node(a, &site->grid[i]);
    if (rc != STORE_OK)
        return rc;
    rc = find_twins(site->grid, site->n_grid, sizeof(*site->grid), compare_nodes, twin);
    if (rc == STORE_CONFLICT)
        return refuse(a, "grid %s: id stands twice in the list; remove one of the two",
                      ((const struct store_grid_node *)twin[0])->id);
    a->node_by_id = sorted(site->grid, site->n_grid, sizeof(*site->grid), compare_nodes);
    a->node_state = calloc(site->n_grid + 1, 1);
    if (rc == STORE_OK && (a->node_by_id == NULL || a->node_state == NULL))
        rc = STORE_IO;
    for (size_t i = 0; i < site->n_grid && rc == STORE_OK; i++)
        rc = put_node(a, &site->grid[i], 1);
    return rc;
}

/* --- tariffs --- */

static enum store_rc check_tariff(struct apply *a, const struct store_tariff *t)
{
    const char *id = t->id;
    if (!is_name(id))
        return refuse(a, "tariffs[%zu]: id is missing; name the tariff",
                      (size_t)(t - a->site->tariff));
    if (t->version < 1)
        return refuse(a, "tariffs %s: version is %d; versions count from 1", id, t->version);
    if (t->valid_from_ms == STORE_ABSENT)
        return refuse(a, "tariffs %s: valid_from is missing; name the first day of version %d", id,
                      t->version);
    if (t->currency == NULL || strlen(t->currency) != 3)
        return refuse(a, "tariffs %s: currency must be three letters as in ISO 4217, e.g. EUR", id);
    if (t->vat_bp < 0 || t->vat_bp > 10000)
        return refuse(a, "tariffs %s: vat_percent must lie between 0 and 100", id);
    if (t->price_e4_per_kwh < 0)
        return refuse(a, "tariffs %s: price_per_kwh is negative; use 0 for free energy", id);
    if (t->flat_cents < 0)
        return refuse(a, "tariffs %s: flat is negative; use 0 for no fee", id);
    if (t->blocking_e4_per_min < 0)
        return refuse(a, "tariffs %s: blocking.per_min is negative; leave blocking out for no fee",
                      id);
    if (t->blocking_from_min < 0 || t->blocking_from_min > 1440)
        return refuse(a, "tariffs %s: blocking.from must lie between 00:00 and 24:00", id);
    if (t->blocking_to_min < 0 || t->blocking_to_min > 1440)
        return refuse(a, "tariffs %s: blocking.to must lie between 00:00 and 24:00", id);
    return STORE_OK;
}

static enum store_rc put_tariff(struct apply *a, const struct store_tariff *t)
{
    struct detail d = { .text = "" };
    enum store_change_kind kind;
    sqlite3_stmt *get = conn_stmt(a->db, STMT_TARIFF_GET);
    bind_text(get, 1, t->id);
    bind_int(get, 2, t->version);
    enum store_rc rc = compare(a, &tariff_fields, get, t, &kind, &d);
    if (rc == STORE_OK && kind == STORE_CHANGED)
        return refuse(a,
                      "tariffs %s: version %d is already known with other content (%.200s), and a "
                      "version never changes; add version %d with its valid_from",
                      t->id, t->version, d.text, t->version + 1);
    if (rc != STORE_OK)
        return rc;
    get = conn_stmt(a->db, STMT_TARIFF_GET);
    bind_text(get, 1, t->id);
    bind_int(get, 2, t->version);
    return put(a, &tariff_fields, get, STMT_TARIFF_PUT, t, t->id);
}

static enum store_rc apply_tariffs(struct apply *a)
{
    const struct store_site *site = a->site;
    const void *twin[2];
    enum store_rc rc = STORE_OK;
    for (size_t i = 0; i < site->n_tariffs && rc == STORE_OK; i++)
        rc = check_tariff(a, &site->tariff[i]);
    if (rc != STORE_OK)
        return rc;
    rc = find_twins(site->tariff, site->n_tariffs, sizeof(*site->tariff), compare_tariffs, twin);
    if (rc == STORE_CONFLICT) {
        const struct store_tariff *t = twin[0];
        return refuse(a, "tariffs %s: version %d stands twice in the list; remove one of the two",
                      t->id, t->version);
    }
    for (size_t i = 0; i < site->n_tariffs && rc == STORE_OK; i++)
        rc = put_tariff(a, &site->tariff[i]);
    return rc;
}

/* --- emission factors --- */

static enum store_rc check_factor(struct apply *a, const struct store_factor *f)
{
    static const char *const kinds[] = { "grid_location", "grid_market",  "consumption",
                                         "nox_tailpipe",  "co2_tailpipe", NULL };
    static const char *const units[] = { "g/kWh", "kWh/100km", "g/km", NULL };
    static const char *const states[] = { "final", "preliminary", "estimated", "assumed", NULL };
    size_t i = (size_t)(f - a->site->factor);
    if (f->kind == NULL || !is_one_of(f->kind, kinds))
        return refuse(a,
                      "factors[%zu]: kind %.40s is unknown; use grid_location, grid_market, "
                      "consumption, nox_tailpipe or co2_tailpipe",
                      i, f->kind != NULL ? f->kind : "(none)");
    if (f->year < 1990 || f->year > 2200)
        return refuse(a, "factors %s: year %d must lie between 1990 and 2200", f->kind, f->year);
    if (f->low_e6 < 0 || f->low_e6 > f->mid_e6 || f->mid_e6 > f->high_e6)
        return refuse(a,
                      "factors %s %d: low, mid and high must rise from 0 or more; use one value "
                      "three times when there is one",
                      f->kind, f->year);
    if (f->unit == NULL || !is_one_of(f->unit, units))
        return refuse(a, "factors %s %d: unit must be g/kWh, kWh/100km or g/km", f->kind, f->year);
    if (f->state == NULL || !is_one_of(f->state, states))
        return refuse(a, "factors %s %d: state must be final, preliminary, estimated or assumed",
                      f->kind, f->year);
    if (!is_name(f->source))
        return refuse(a, "factors %s %d: source is missing; name where the value is published",
                      f->kind, f->year);
    return STORE_OK;
}

static enum store_rc put_factor(struct apply *a, const struct store_factor *f)
{
    char id[80];
    sqlite3_stmt *get = conn_stmt(a->db, STMT_FACTOR_GET);
    bind_text(get, 1, f->kind);
    bind_int(get, 2, f->year);
    snprintf(id, sizeof(id), "%s %d", f->kind, f->year);
    size_t id_at = keep_text(a, id);
    enum store_rc rc = put(a, &factor_fields, get, STMT_FACTOR_PUT, f, NULL);
    if (rc == STORE_OK)
        a->note[a->n_notes - 1].id_at = id_at;
    return rc;
}

static enum store_rc apply_factors(struct apply *a)
{
    const struct store_site *site = a->site;
    const void *twin[2];
    enum store_rc rc = STORE_OK;
    for (size_t i = 0; i < site->n_factors && rc == STORE_OK; i++)
        rc = check_factor(a, &site->factor[i]);
    if (rc != STORE_OK)
        return rc;
    rc = find_twins(site->factor, site->n_factors, sizeof(*site->factor), compare_factors, twin);
    if (rc == STORE_CONFLICT) {
        const struct store_factor *f = twin[0];
        return refuse(a, "factors %s: year %d stands twice in the list; remove one of the two",
                      f->kind, f->year);
    }
    for (size_t i = 0; i < site->n_factors && rc == STORE_OK; i++)
        rc = put_factor(a, &site->factor[i]);
    return rc;
}

/* --- stations --- */

/* What a file may leave out. */
static struct store_station with_defaults(const struct store_station *s)
{
    struct store_station record = *s;
    if (record.wiring == NULL)
        record.wiring = "RST";
    if (record.min_ma <= 0)
        record.min_ma = 6000;
    if (record.weight <= 0)
        record.weight = 1;
    return record;
}

static enum store_rc check_currents(struct apply *a, const struct store_station *s)
{
    if (!is_wiring(s->wiring))
        return refuse(a,
                      "stations %s: wiring %.20s is no list of one to three different grid phases; "
                      "use e.g. RST, STR or R",
                      s->id, s->wiring);
    if (s->rating_ma <= 0)
        return refuse(a, "stations %s: rating_a is %.1f; name the most the station can give", s->id,
                      amperes(s->rating_ma));
    if (s->min_ma > s->rating_ma)
        return refuse(a, "stations %s: min_a %.1f is more than rating_a %.1f; lower min_a", s->id,
                      amperes(s->min_ma), amperes(s->rating_ma));
    if (s->safe_ma > s->rating_ma)
        return refuse(a, "stations %s: safe_a %.1f is more than rating_a %.1f; lower safe_a", s->id,
                      amperes(s->safe_ma), amperes(s->rating_ma));
    if (s->safe_ma < 0 || (s->safe_ma > 0 && s->safe_ma < s->min_ma))
        return refuse(a, "stations %s: safe_a %.1f must be 0 or at least min_a %.1f", s->id,
                      amperes(s->safe_ma), amperes(s->min_ma));
    return STORE_OK;
}

static enum store_rc check_station(struct apply *a, const struct store_station *s)
{
    const int64_t e7 = 10000000;
    enum store_rc rc = check_currents(a, s);
    if (rc != STORE_OK)
        return rc;
    if (s->security_profile < 0 || s->security_profile > 3)
        return refuse(a, "stations %s: security_profile is %d; use 0, 1, 2 or 3", s->id,
                      s->security_profile);
    if (s->class < 0 || s->class > 3)
        return refuse(
            a, "stations %s: class is unknown; use leasing, sticky, forgetful or unmanaged", s->id);
    if (s->lat_e7 != STORE_ABSENT && (s->lat_e7 < -90 * e7 || s->lat_e7 > 90 * e7))
        return refuse(a, "stations %s: lat must lie between -90 and 90 degrees", s->id);
    if (s->lon_e7 != STORE_ABSENT && (s->lon_e7 < -180 * e7 || s->lon_e7 > 180 * e7))
        return refuse(a, "stations %s: lon must lie between -180 and 180 degrees", s->id);
    return STORE_OK;
}

static enum store_rc is_known(struct apply *a, enum stmt which, const char *id)
{
    sqlite3_stmt *q = conn_stmt(a->db, which);
    bind_text(q, 1, id);
    enum store_rc rc = store_step_row(a->db, q);
    if (rc == STORE_OK)
        store_reset(q);
    return rc;
}

static enum store_rc check_references(struct apply *a, const struct store_station *s)
{
    enum store_rc rc = s->grid_node != NULL ? is_known(a, STMT_NODE_GET, s->grid_node) : STORE_OK;
    if (rc == STORE_MISSING)
        return refuse(
            a, "stations %s: grid_node %.100s is unknown; add it to grid or correct the name",
            s->id, s->grid_node);
    if (rc == STORE_OK && s->tariff != NULL)
        rc = is_known(a, STMT_TARIFF_KNOWN, s->tariff);
    if (rc == STORE_MISSING)
        return refuse(
            a, "stations %s: tariff %.100s is unknown; add it to tariffs or correct the name",
            s->id, s->tariff);
    return rc;
}

/* Stations type their identity: two that differ only in case would be mixed up. */
static enum store_rc check_case(struct apply *a, const struct store_station *s)
{
    sqlite3_stmt *q = conn_stmt(a->db, STMT_STATION_LIKE);
    bind_text(q, 1, s->id);
    enum store_rc rc = store_step_row(a->db, q);
    if (rc == STORE_MISSING)
        return STORE_OK;
    if (rc == STORE_OK) {
        rc = refuse(a,
                    "stations %s: id differs only in case from station %s, which is known; use "
                    "that spelling or another id",
                    s->id, column_text(q, 0));
        store_reset(q);
    }
    return rc;
}

static enum store_rc put_station(struct apply *a, const struct store_station *s)
{
    struct detail d = { .text = "" };
    enum store_change_kind kind;
    struct store_station record = with_defaults(s);
    if (!is_station_id(s->id))
        return refuse(a,
                      "stations[%zu]: id must have 1 to %d characters and no space or slash, as it "
                      "is the last part of the station's URL",
                      (size_t)(s - a->site->station), STATION_ID_MAX);
    enum store_rc rc = check_station(a, &record);
    if (rc == STORE_OK)
        rc = check_references(a, &record);
    if (rc == STORE_OK)
        rc = check_case(a, s);
    if (rc != STORE_OK)
        return rc;
    bool is_back = is_known(a, STMT_STATION_GONE, s->id) == STORE_OK;
    sqlite3_stmt *get = conn_stmt(a->db, STMT_STATION_GET);
    bind_text(get, 1, s->id);
    rc = compare(a, &station_fields, get, &record, &kind, &d);
    if (rc != STORE_OK)
        return rc;
    if (is_back) {
        add(&d, "%sback in service", d.used > 0 ? ", " : "");
        kind = STORE_CHANGED;
    }
    note(a, kind, &station_fields, s->id, d.text);
    if (kind == STORE_UNCHANGED)
        return STORE_OK;
    sqlite3_stmt *q = conn_stmt(a->db, STMT_STATION_PUT);
    fields_bind(&station_fields, q, &record);
    return store_step_done(a->db, q);
}

static enum store_rc apply_stations(struct apply *a)
{
    const struct store_site *site = a->site;
    const void *twin[2];
    enum store_rc rc = STORE_OK;
    for (size_t i = 0; i < site->n_stations; i++)
        if (site->station[i].id == NULL)
            return refuse(a, "stations[%zu]: id is missing; name the station as it calls itself",
                          i);
    rc =
        find_twins(site->station, site->n_stations, sizeof(*site->station), compare_stations, twin);
    if (rc == STORE_CONFLICT) {
        const struct store_station *x = twin[0], *y = twin[1];
        return strcmp(x->id, y->id) == 0
                   ? refuse(a, "stations %s: id stands twice in the list; remove one of the two",
                            x->id)
                   : refuse(a,
                            "stations %s: id differs only in case from %s in the same list; use "
                            "another id",
                            x->id, y->id);
    }
    for (size_t i = 0; i < site->n_stations && rc == STORE_OK; i++)
        rc = put_station(a, &site->station[i]);
    return rc;
}

/* --- connectors --- */

static enum store_rc check_connector(struct apply *a, const struct store_connector *k)
{
    if (k->station == NULL)
        return refuse(a, "connectors[%zu]: station is missing; name the station it belongs to",
                      (size_t)(k - a->site->connector));
    if (k->connector < 1 || k->connector > CONNECTORS_MAX)
        return refuse(a, "stations %s: connector id is %d; connectors count from 1 to %d",
                      k->station, k->connector, CONNECTORS_MAX);
    if (k->max_w < 0)
        return refuse(a, "stations %s: max_w of connector %d is negative; name the rated power",
                      k->station, k->connector);
    if (k->evse_id != NULL && !is_name(k->evse_id))
        return refuse(a, "stations %s: evse_id of connector %d is empty; leave it out or fill it",
                      k->station, k->connector);
    return STORE_OK;
}

static enum store_rc put_connector(struct apply *a, const struct store_connector *k)
{
    char id[STATION_ID_MAX + 20];
    enum store_rc rc = check_connector(a, k);
    if (rc == STORE_OK)
        rc = is_known(a, STMT_STATION_NUM, k->station);
    if (rc == STORE_MISSING)
        return refuse(a, "connectors: station %.100s is unknown; add it to stations", k->station);
    if (rc != STORE_OK)
        return rc;
    sqlite3_stmt *get = conn_stmt(a->db, STMT_CONNECTOR_GET);
    bind_text(get, 1, k->station);
    bind_int(get, 2, k->connector);
    snprintf(id, sizeof(id), "%s/%d", k->station, k->connector);
    size_t id_at = keep_text(a, id);
    rc = put(a, &connector_fields, get, STMT_CONNECTOR_PUT, k, NULL);
    if (rc == STORE_OK)
        a->note[a->n_notes - 1].id_at = id_at;
    return rc;
}

/* After all is written, so that an EVSE id may move from one lamp to another within one file. */
static enum store_rc check_evse_ids(struct apply *a)
{
    sqlite3_stmt *q = conn_stmt(a->db, STMT_EVSE_TWICE);
    enum store_rc rc = store_step_row(a->db, q);
    if (rc == STORE_MISSING)
        return STORE_OK;
    if (rc != STORE_OK)
        return rc;
    rc = refuse(a,
                "stations %s: evse_id %.100s is also that of station %s; an EVSE id names one "
                "connector: correct one of the two",
                column_text(q, 1), column_text(q, 0), column_text(q, 2));
    store_reset(q);
    return rc;
}

static enum store_rc apply_connectors(struct apply *a)
{
    const struct store_site *site = a->site;
    const void *twin[2];
    enum store_rc rc = STORE_OK;
    for (size_t i = 0; i < site->n_connectors && rc == STORE_OK; i++)
        rc = check_connector(a, &site->connector[i]);
    if (rc != STORE_OK)
        return rc;
    rc = find_twins(site->connector, site->n_connectors, sizeof(*site->connector),
                    compare_connectors, twin);
    if (rc == STORE_CONFLICT) {
        const struct store_connector *k = twin[0];
        return refuse(a,
                      "stations %s: connector %d stands twice in the list; remove one of the two",
                      k->station, k->connector);
    }
    for (size_t i = 0; i < site->n_connectors && rc == STORE_OK; i++)
        rc = put_connector(a, &site->connector[i]);
    return rc == STORE_OK && site->n_connectors > 0 ? check_evse_ids(a) : rc;
}

/* --- tags --- */

static enum store_rc check_tag(struct apply *a, const struct store_tag *t)
{
    static const char *const kinds[] = { "rfid", "app", "direct", NULL };
    if (!is_name(t->id_tag))
        return refuse(a, "tags[%zu]: id_tag is missing; name the token as stations send it",
                      (size_t)(t - a->site->tag));
    if (t->status != STORE_AUTH_ACCEPTED && t->status != STORE_AUTH_BLOCKED)
        return refuse(a, "tags %s: status must be Accepted or Blocked", t->id_tag);
    if (t->auth_kind != NULL && !is_one_of(t->auth_kind, kinds))
        return refuse(a, "tags %s: auth_kind %.40s is unknown; use rfid, app or direct", t->id_tag,
                      t->auth_kind);
    return STORE_OK;
}

static enum store_rc write_tag(struct apply *a, const struct store_tag *t, const char *key)
{
    sqlite3_stmt *q = conn_stmt(a->db, STMT_TAG_PUT);
    fields_bind(&tag_fields, q, t);
    bind_text(q, (int)tag_fields.n + 1, key);
    bind_int(q, (int)tag_fields.n + 2, a->tags.revision);
    enum store_rc rc = store_step_done(a->db, q);
    if (rc != STORE_OK)
        return rc;
    q = conn_stmt(a->db, STMT_TAG_GONE_DELETE);
    bind_text(q, 1, key);
    return store_step_done(a->db, q);
}

static enum store_rc put_tag(struct apply *a, const struct store_tag *t)
{
    char key[TAG_KEY];
    tag_key_of(t->id_tag, key);
    sqlite3_stmt *get = conn_stmt(a->db, STMT_TAG_GET);
    sqlite3_bind_text(get, 1, key, -1, SQLITE_STATIC);
    struct detail d = { .text = "" };
    enum store_change_kind kind;
    enum store_rc rc = compare(a, &tag_fields, get, t, &kind, &d);
    if (rc != STORE_OK)
        return rc;
    note(a, kind, &tag_fields, t->id_tag, d.text);
    if (kind == STORE_UNCHANGED)
        return STORE_OK;
    if (a->tags.revision == INT32_MAX)
        return refuse(a,
                      "tags %s: all numbers of changes are used up; restart noxd, which counts "
                      "them anew",
                      t->id_tag);
    a->tags.revision++;
    if (a->first_revision == 0)
        a->first_revision = a->tags.revision;
    return write_tag(a, t, key);
}

static enum store_rc apply_tags(struct apply *a)
{
    const struct store_site *site = a->site;
    const void *twin[2];
    enum store_rc rc = STORE_OK;
    for (size_t i = 0; i < site->n_tags && rc == STORE_OK; i++)
        rc = check_tag(a, &site->tag[i]);
    if (rc != STORE_OK)
        return rc;
    rc = find_twins(site->tag, site->n_tags, sizeof(*site->tag), compare_tags, twin);
    if (rc == STORE_CONFLICT) {
        const struct store_tag *x = twin[0], *y = twin[1];
        return refuse(a,
                      "tags %s: id_tag is the same as %s (upper and lower case and what follows "
                      "the 20th character do not count); remove one of the two",
                      x->id_tag, y->id_tag);
    }
    if (rc == STORE_OK && site->n_tags > 0)
        rc = tag_state_read(a->db, &a->tags);
    for (size_t i = 0; i < site->n_tags && rc == STORE_OK; i++)
        rc = put_tag(a, &site->tag[i]);
    if (rc == STORE_OK && a->first_revision != 0)
        rc = tag_state_write(a->db, &a->tags);
    return rc;
}

/* --- templates of configuration --- */

static int compare_templates(const void *a, const void *b)
{
    return strcmp(RECORD(store_template, a)->id, RECORD(store_template, b)->id);
}

static enum store_rc put_template(struct apply *a, const struct store_template *t)
{
    if (!is_name(t->id))
        return refuse(a, "templates[%zu]: id is missing; give the template a name",
                      (size_t)(t - a->site->config_template));
    if (t->keys == NULL)
        return refuse(a, "templates %s: keys is missing; name the keys and their values", t->id);
    sqlite3_stmt *get = conn_stmt(a->db, STMT_TEMPLATE_GET);
    bind_text(get, 1, t->id);
    return put(a, &template_fields, get, STMT_TEMPLATE_PUT, t, t->id);
}

static enum store_rc apply_templates(struct apply *a)
{
    const struct store_site *site = a->site;
    const void *twin[2];
    enum store_rc rc = STORE_OK;
    for (size_t i = 0; i < site->n_templates; i++)
        if (!is_name(site->config_template[i].id))
            return put_template(a, &site->config_template[i]);
    rc = find_twins(site->config_template, site->n_templates, sizeof(*site->config_template),
                    compare_templates, twin);
    if (rc == STORE_CONFLICT)
        return refuse(a, "templates %s: id stands twice in the list; remove one of the two",
                      ((const struct store_template *)twin[0])->id);
    for (size_t i = 0; i < site->n_templates && rc == STORE_OK; i++)
        rc = put_template(a, &site->config_template[i]);
    return rc;
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
