#include "cmd/noxd/apply_file.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/noxd/apply_value.h"
#include "ocpp/wire/field.h"

enum { ARENA_CHUNK_BYTES = 64 * 1024, ARENA_LIMIT_BYTES = 1024 * 1024 * 1024 };
enum { MAINS_V = 230 };

/* Known records in order of their key. */
struct known {
    const void **item;
    size_t n;
};

struct parser {
    struct apply_site *out;
    struct apply_error *error;
    struct known list[APPLY_LISTS], connectors; /* of the base */
    char path[120];
    size_t path_len;
    struct store_connector *connector; /* room for all of the file */
    size_t n_connectors;
};

/* --- where we are --- */

static size_t enter(struct parser *p, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static size_t enter(struct parser *p, const char *format, ...)
{
    size_t before = p->path_len;
    va_list args;
    va_start(args, format);
    int n = vsnprintf(p->path + before, sizeof(p->path) - before, format, args);
    va_end(args);
    p->path_len = before + (n > 0 ? (size_t)n : 0);
    if (p->path_len >= sizeof(p->path))
        p->path_len = sizeof(p->path) - 1;
    return before;
}

static void leave(struct parser *p, size_t before)
{
    p->path_len = before;
    p->path[before] = '\0';
}

static size_t enter_member(struct parser *p, const char *name)
{
    return enter(p, "%s%s", p->path_len > 0 ? "." : "", name);
}

static bool fail(struct parser *p, const char *text)
{
    snprintf(p->error->path, sizeof(p->error->path), "%s", p->path);
    snprintf(p->error->text, sizeof(p->error->text), "%s%s%s", p->path, p->path_len > 0 ? ": " : "",
             text);
    return false;
}

static bool fail_member(struct parser *p, const char *name, const char *text)
{
    size_t before = enter_member(p, name);
    fail(p, text);
    leave(p, before);
    return false;
}

/* --- known records --- */

static const void *const *list_items(const struct store_site *site, const struct apply_list *list)
{
    return (const void *const *)((const char *)site + list->items_offset);
}

static size_t list_n(const struct store_site *site, const struct apply_list *list)
{
    return *(const size_t *)((const char *)site + list->n_offset);
}

static const void *list_at(const struct store_site *site, const struct apply_list *list, size_t i)
{
    return (const char *)*list_items(site, list) + i * list->object->size;
}

static bool learn(struct parser *p, const struct store_site *site, const struct apply_list *list,
                  struct known *ret_known)
{
    size_t n = list_n(site, list);
    const void **item = ocpp_arena_alloc(&p->out->arena, (n + 1) * sizeof(*item));
    if (item == NULL)
        return fail(p, "out of memory");
    for (size_t i = 0; i < n; i++)
        item[i] = list_at(site, list, i);
    qsort(item, n, sizeof(*item), list->compare);
    *ret_known = (struct known){ item, n };
    return true;
}

static const void *known_find(const struct known *known, const struct apply_list *list,
                              const void *record)
{
    const void **found =
        known->n > 0 ? bsearch(&record, known->item, known->n, sizeof(*known->item), list->compare)
                     : NULL;
    return found != NULL ? *found : NULL;
}

/* --- one object --- */

static const char *field_name_at(const void *fields, size_t i)
{
    return ((const struct apply_field *)fields)[i].name;
}

static const struct apply_field *field_find(const struct apply_object *object, const char *name)
{
    for (size_t i = 0; i < object->n_fields; i++)
        if (strcmp(object->field[i].name, name) == 0)
            return &object->field[i];
    return NULL;
}

static bool fail_unknown(struct parser *p, const char *key, const char *nearest)
{
    char text[200];
    if (nearest != NULL)
        snprintf(text, sizeof(text), "is not known here; did you mean %s?", nearest);
    else
        snprintf(text, sizeof(text),
                 "is not known here; 'noxctl apply --schema' lists what may stand");
    char name[64];
    snprintf(name, sizeof(name), "%.60s", key);
    return fail_member(p, name, text);
}

static bool no_unknown_members(struct parser *p, const struct apply_object *object, json_t *json)
{
    const char *key;
    json_t *value;
    json_object_foreach(json, key, value)
    {
        if (field_find(object, key) == NULL)
            return fail_unknown(p, key,
                                ocpp_nearest(key, field_name_at, object->field, object->n_fields));
    }
    return true;
}

static void set_default(const struct apply_field *f, void *record)
{
    if (f->type == APPLY_LIST)
        return;
    if (f->type != APPLY_OBJECT) {
        apply_value_default(f, (char *)record + f->offset);
        return;
    }
    for (size_t i = 0; i < f->object->n_fields; i++)
        set_default(&f->object->field[i], record);
}

/* Not named in the file: as it was. */
static bool inherit(struct parser *p, const struct apply_field *f, void *record, const void *base)
{
    if (f->type == APPLY_LIST)
        return true;
    if (f->type != APPLY_OBJECT)
        return apply_value_copy(f, (char *)record + f->offset, (const char *)base + f->offset,
                                &p->out->arena) ||
               fail(p, "out of memory");
    for (size_t i = 0; i < f->object->n_fields; i++)
        if (!inherit(p, &f->object->field[i], record, base))
            return false;
    return true;
}

static bool read_members(struct parser *p, const struct apply_object *object, json_t *json,
                         void *record, const void *base);

static bool read_nested(struct parser *p, const struct apply_field *f, json_t *json, void *record)
{
    if (!json_is_object(json))
        return fail(p, "must be an object {...} or null");
    return no_unknown_members(p, f->object, json) && read_members(p, f->object, json, record, NULL);
}

static bool read_member(struct parser *p, const struct apply_field *f, json_t *json, void *record)
{
    char text[200];
    if (f->type == APPLY_LIST)
        return true;
    if (json_is_null(json) && !f->required)
        return true;
    if (f->type == APPLY_OBJECT)
        return read_nested(p, f, json, record);
    return apply_value_read(f, json, (char *)record + f->offset, text, sizeof(text)) ||
           fail(p, text);
}

static bool read_members(struct parser *p, const struct apply_object *object, json_t *json,
                         void *record, const void *base)
{
    for (size_t i = 0; i < object->n_fields; i++) {
        const struct apply_field *f = &object->field[i];
        json_t *value = json_object_get(json, f->name);
        set_default(f, record);
        if (value == NULL && base != NULL && !inherit(p, f, record, base))
            return false;
    }
    for (size_t i = 0; i < object->n_fields; i++) {
        const struct apply_field *f = &object->field[i];
        json_t *value = json_object_get(json, f->name);
        size_t before = enter_member(p, f->name);
        if (value == NULL && f->required && base == NULL)
            return fail(p, "is missing");
        if (value != NULL && !read_member(p, f, value, record))
            return false;
        leave(p, before);
    }
    return true;
}

static bool read_key(struct parser *p, const struct apply_list *list, json_t *json, void *record)
{
    for (size_t i = 0; i < 2 && list->key[i] != NULL; i++) {
        const struct apply_field *f = field_find(list->object, list->key[i]);
        json_t *value = json_object_get(json, f->name);
        size_t before = enter_member(p, f->name);
        set_default(f, record);
        if (value == NULL && f->required)
            return fail(p, "is missing");
        if (value != NULL && !read_member(p, f, value, record))
            return false;
        leave(p, before);
    }
    return true;
}

/* The key first: what is known of this record stays where the file says nothing. */
static bool read_record(struct parser *p, const struct apply_list *list, const struct known *known,
                        json_t *json, void *record, const void **ret_base)
{
    if (!json_is_object(json))
        return fail(p, "must be an object {...}");
    if (!no_unknown_members(p, list->object, json) || !read_key(p, list, json, record))
        return false;
    *ret_base = known_find(known, list, record);
    return read_members(p, list->object, json, record, *ret_base);
}

/* --- what one member says of another --- */

enum { SILENT_AFTER_S = 300 };

static bool check_node(struct parser *p, const struct store_grid_node *node)
{
    char text[120];
    if ((node->lat_e7 == STORE_ABSENT) != (node->lon_e7 == STORE_ABSENT))
        return fail_member(p, node->lat_e7 == STORE_ABSENT ? "latitude" : "longitude",
                           "is missing: latitude and longitude belong together");
    if (node->parent != NULL && strcmp(node->parent, node->id) == 0)
        return fail_member(p, "parent", "is the node itself; name the node that feeds it");
    for (int phase = 0; phase < 3; phase++) {
        if (node->foreign_ma[phase] <= node->limit_ma[phase])
            continue;
        snprintf(text, sizeof(text), "L%d: more than limit_a, nothing would be left; lower it",
                 phase + 1);
        return fail_member(p, "foreign_a", text);
    }
    return true;
}

static bool check_station(struct parser *p, const struct store_station *s)
{
    char text[160];
    if (s->min_ma > s->rating_ma)
        return fail_member(p, "min_a", "is more than rating_a; lower it");
    if (s->safe_ma != 0 && s->safe_ma < s->min_ma) {
        snprintf(text, sizeof(text), "must be 0 or at least min_a (%g): less is no current at all",
                 s->min_ma / 1000.0);
        return fail_member(p, "safe_a", text);
    }
    if (s->safe_ma > s->rating_ma)
        return fail_member(p, "safe_a", "is more than rating_a; lower it");
    if ((s->lat_e7 == STORE_ABSENT) != (s->lon_e7 == STORE_ABSENT))
        return fail_member(p, s->lat_e7 == STORE_ABSENT ? "lat" : "lon",
                           "is missing: lat and lon belong together");
    return true;
}

static const char *unit_of(const char *kind)
{
    if (strcmp(kind, "consumption") == 0)
        return "kWh/100km";
    return strncmp(kind, "grid_", 5) == 0 ? "g/kWh" : "g/km";
}

static bool check_factor(struct parser *p, struct store_factor *f, json_t *json)
{
    char text[120];
    json_t *value = json_object_get(json, "value"), *mid = json_object_get(json, "mid");
    bool has_value = value != NULL && !json_is_null(value);
    bool has_mid = mid != NULL && !json_is_null(mid);
    if (has_value && has_mid && !(json_number_value(value) == json_number_value(mid)))
        return fail_member(p, "value", "differs from mid; name value, or low, mid and high");
    bool has_range = has_mid || json_object_get(json, "low") || json_object_get(json, "high");
    if (has_value && !has_range)
        f->low_e6 = f->high_e6 = f->mid_e6;
    if (f->mid_e6 == STORE_ABSENT || f->low_e6 == STORE_ABSENT || f->high_e6 == STORE_ABSENT)
        return fail_member(p, has_range ? "mid" : "value",
                           "is missing: name value, or all of low, mid and high");
    if (f->low_e6 > f->mid_e6 || f->mid_e6 > f->high_e6)
        return fail_member(p, "mid", "must not be below low or above high");
    if (strcmp(f->unit, unit_of(f->kind)) != 0) {
        snprintf(text, sizeof(text), "does not fit %s: convert the value to %s", f->kind,
                 unit_of(f->kind));
        return fail_member(p, "unit", text);
    }
    return true;
}

static bool check_record(struct parser *p, size_t list, void *record, json_t *json)
{
    if (list == APPLY_GRID) {
        struct store_grid_node *node = record;
        if (node->name == NULL)
            node->name = node->id;
        if (json_is_object(json_object_get(json, "meter")) && node->meter_silent_after_s == 0)
            node->meter_silent_after_s = SILENT_AFTER_S;
        return check_node(p, node);
    }
    if (list == APPLY_STATIONS)
        return check_station(p, record);
    if (list == APPLY_FACTORS)
        return check_factor(p, record, json);
    return true;
}

/* --- lists --- */

static bool no_twins(struct parser *p, const struct apply_list *list, const char *records, size_t n)
{
    char text[160];
    const void **sorted = ocpp_arena_alloc(&p->out->arena, (n + 1) * sizeof(*sorted));
    if (sorted == NULL)
        return fail(p, "out of memory");
    for (size_t i = 0; i < n; i++)
        sorted[i] = records + i * list->object->size;
    qsort(sorted, n, sizeof(*sorted), list->compare);
    for (size_t i = 1; i < n; i++) {
        if (list->compare(&sorted[i - 1], &sorted[i]) != 0)
            continue;
        size_t a = (size_t)((const char *)sorted[i - 1] - records) / list->object->size;
        size_t b = (size_t)((const char *)sorted[i] - records) / list->object->size;
        size_t later = a > b ? a : b, first = a > b ? b : a;
        if (list == &apply_connector_list)
            return fail(p, "the same connector id is there twice; remove one");
        snprintf(text, sizeof(text), "is there twice: the first is %.60s[%zu]; remove one", p->path,
                 first);
        enter(p, "[%zu]", later);
        return fail_member(p, list->object->field[0].name, text);
    }
    return true;
}

static int32_t power_w(const struct store_station *s)
{
    int64_t phases = (int64_t)strlen(s->wiring);
    return (int32_t)(phases * s->rating_ma * MAINS_V / 1000);
}

static bool read_connector(struct parser *p, const struct store_station *s, json_t *json)
{
    const void *base;
    struct store_connector *k = &p->connector[p->n_connectors++];
    *k = (struct store_connector){ .station = s->id, .safe_confirmed_ma = -1, .learnt_class = -1 };
    if (!read_record(p, &apply_connector_list, &p->connectors, json, k, &base))
        return false;
    if (k->max_w == 0)
        k->max_w = power_w(s);
    return true;
}

static bool read_connectors(struct parser *p, const struct store_station *s, json_t *json,
                            bool is_new)
{
    struct store_connector *first = &p->connector[p->n_connectors];
    size_t i;
    json_t *value;
    json_t *list = json_object_get(json, "connectors");
    if (list == NULL || json_is_null(list)) {
        if (is_new)
            p->connector[p->n_connectors++] = (struct store_connector){ .station = s->id,
                                                                        .connector = 1,
                                                                        .max_w = power_w(s),
                                                                        .safe_confirmed_ma = -1,
                                                                        .learnt_class = -1 };
        return true;
    }
    size_t before = enter_member(p, "connectors");
    if (!json_is_array(list))
        return fail(p, "must be a list [...]");
    json_array_foreach(list, i, value)
    {
        size_t outer = enter(p, "[%zu]", i);
        if (!read_connector(p, s, value))
            return false;
        leave(p, outer);
    }
    if (!no_twins(p, &apply_connector_list, (const char *)first, i))
        return false;
    leave(p, before);
    return true;
}

/* Stations without the list count as one. */
static size_t count_connectors(json_t *stations)
{
    size_t i, n = 0;
    json_t *value;
    json_array_foreach(stations, i, value)
    {
        json_t *list = json_object_get(value, "connectors");
        n += json_is_array(list) ? json_array_size(list) : 1;
    }
    return n;
}

static bool room_for_connectors(struct parser *p, json_t *stations)
{
    size_t n = count_connectors(stations);
    p->connector = ocpp_arena_alloc(&p->out->arena, (n + 1) * sizeof(*p->connector));
    return p->connector != NULL || fail(p, "out of memory");
}

static bool read_entries(struct parser *p, size_t which, json_t *json, char *records)
{
    const struct apply_list *list = &apply_lists[which];
    size_t i;
    json_t *value;
    json_array_foreach(json, i, value)
    {
        const void *base;
        void *record = records + i * list->object->size;
        size_t before = enter(p, "[%zu]", i);
        if (!read_record(p, list, &p->list[which], value, record, &base) ||
            !check_record(p, which, record, value) ||
            (which == APPLY_STATIONS && !read_connectors(p, record, value, base == NULL)))
            return false;
        leave(p, before);
    }
    return true;
}

static void put_list(struct store_site *site, const struct apply_list *list, const void *records,
                     size_t n)
{
    *(const void **)(void *)((char *)site + list->items_offset) = records;
    *(size_t *)(void *)((char *)site + list->n_offset) = n;
}

static bool read_list(struct parser *p, size_t which, json_t *json)
{
    const struct apply_list *list = &apply_lists[which];
    size_t n = json_array_size(json);
    size_t before = enter_member(p, list->name);
    if (!json_is_array(json))
        return fail(p, "must be a list [...]");
    char *records = ocpp_arena_alloc(&p->out->arena, (n + 1) * list->object->size);
    if (records == NULL)
        return fail(p, "out of memory");
    memset(records, 0, (n + 1) * list->object->size);
    if (which == APPLY_STATIONS && !room_for_connectors(p, json))
        return false;
    if (!read_entries(p, which, json, records) || !no_twins(p, list, records, n))
        return false;
    leave(p, before);
    put_list(&p->out->site, list, records, n);
    return true;
}

static const char *list_name_at(const void *lists, size_t i)
{
    return ((const struct apply_list *)lists)[i].name;
}

static bool no_unknown_lists(struct parser *p)
{
    const char *key;
    json_t *value;
    json_object_foreach(p->out->root, key, value)
    {
        bool known = strcmp(key, "$schema") == 0;
        for (size_t i = 0; i < APPLY_LISTS; i++)
            known = known || strcmp(key, apply_lists[i].name) == 0;
        if (!known)
            return fail_unknown(p, key, ocpp_nearest(key, list_name_at, apply_lists, APPLY_LISTS));
    }
    return true;
}

static bool learn_base(struct parser *p, const struct store_site *base)
{
    static const struct store_site nothing;
    base = base != NULL ? base : &nothing;
    for (size_t i = 0; i < APPLY_LISTS; i++)
        if (!learn(p, base, &apply_lists[i], &p->list[i]))
            return false;
    return learn(p, base, &apply_connector_list, &p->connectors);
}

bool apply_parse(json_t *root, const struct store_site *base, struct apply_site *ret_site,
                 struct apply_error *ret_error)
{
    struct parser p = { .out = ret_site, .error = ret_error };
    *ret_site = (struct apply_site){ .root = root };
    ocpp_arena_init(&ret_site->arena, ARENA_CHUNK_BYTES, ARENA_LIMIT_BYTES);
    if (!json_is_object(root))
        return fail(&p, "the file must be an object {...} with any of the lists grid, stations, "
                        "tags, tariffs, factors, templates");
    if (!no_unknown_lists(&p) || !learn_base(&p, base))
        return false;
    for (size_t i = 0; i < APPLY_LISTS; i++) {
        json_t *list = json_object_get(root, apply_lists[i].name);
        if (list != NULL && !read_list(&p, i, list))
            return false;
    }
    put_list(&ret_site->site, &apply_connector_list, p.connector, p.n_connectors);
    return true;
}

void apply_site_done(struct apply_site *site)
{
    json_decref(site->root);
    ocpp_arena_done(&site->arena);
    *site = (struct apply_site){ .root = NULL };
}
