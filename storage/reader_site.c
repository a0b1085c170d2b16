/* The site as configured, tags and local lists. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "storage/fields.h"
#include "storage/reader_state.h"

/* --- the site --- */

static void *take_memory(struct reader *r, size_t n)
{
    struct block *b = r->block;
    if (b == NULL || b->size - b->used < n) {
        size_t size = n > 16000 ? n : 16000;
        b = malloc(sizeof(*b) + size);
        if (b == NULL)
            return NULL;
        *b = (struct block){ .next = r->block, .size = size };
        r->block = b;
    }
    void *memory = b->bytes + b->used;
    b->used += n;
    return memory;
}

/* A copy that lives as long as the reader. */
static bool keep(struct reader *r, const char **text)
{
    if (*text == NULL)
        return true;
    size_t n = strlen(*text) + 1;
    char *copy = take_memory(r, n);
    if (copy != NULL)
        memcpy(copy, *text, n);
    *text = copy;
    return copy != NULL;
}

static bool keep_column(struct reader *r, sqlite3_stmt *q, int i, const char **ret_text)
{
    *ret_text = column_text(q, i);
    return keep(r, ret_text);
}

struct list {
    struct reader *reader;
    const struct fields *fields;
    char *record;
    size_t n, room;
    /* fills what the store keeps beside the fields; NULL = nothing */
    bool (*more)(struct reader *r, sqlite3_stmt *q, int first, void *record);
};

static void *list_grow(struct list *l)
{
    size_t size = l->fields->size;
    if (l->n == l->room) {
        size_t room = l->room > 0 ? 2 * l->room : 64;
        char *grown = realloc(l->record, room * size);
        if (grown == NULL)
            return NULL;
        l->record = grown;
        l->room = room;
    }
    void *record = l->record + l->n * size;
    memset(record, 0, size);
    l->n++;
    return record;
}

static bool keep_texts(struct reader *r, const struct fields *fields, void *record)
{
    for (size_t i = 0; i < fields->n; i++) {
        const struct field *field = &fields->field[i];
        const char *text = field->type == FIELD_TEXT ? field_text(field, record) : NULL;
        if (!keep(r, &text))
            return false;
        if (text != NULL)
            field_set_text(field, record, text);
    }
    return true;
}

struct filling {
    struct list *list;
    bool out_of_memory;
};

static bool take_record(sqlite3_stmt *q, void *arg)
{
    struct filling *f = arg;
    struct list *l = f->list;
    void *record = list_grow(l);
    if (record != NULL)
        fields_read(l->fields, l->fields->n, q, record);
    f->out_of_memory = record == NULL || !keep_texts(l->reader, l->fields, record) ||
                       (l->more != NULL && !l->more(l->reader, q, (int)l->fields->n, record));
    return !f->out_of_memory;
}

static void copy_blob(sqlite3_stmt *q, int i, uint8_t *to, size_t size)
{
    const void *blob = sqlite3_column_blob(q, i);
    if (blob != NULL && (size_t)sqlite3_column_bytes(q, i) == size)
        memcpy(to, blob, size);
}

static bool more_station(struct reader *r, sqlite3_stmt *q, int i, void *record)
{
    struct store_station *s = record;
    s->registration = column_i32(q, i);
    s->decommissioned = column_i32(q, i + 1) != 0;
    s->has_key = sqlite3_column_type(q, i + 3) != SQLITE_NULL;
    copy_blob(q, i + 2, s->key_salt, sizeof(s->key_salt));
    copy_blob(q, i + 3, s->key_hash, sizeof(s->key_hash));
    s->booted_at_ms = column_int(q, i + 8);
    s->seen_at_ms = column_int(q, i + 9);
    s->pending_profile = column_i32(q, i + 10);
    s->has_pending_key = sqlite3_column_type(q, i + 12) != SQLITE_NULL;
    copy_blob(q, i + 11, s->pending_salt, sizeof(s->pending_salt));
    copy_blob(q, i + 12, s->pending_hash, sizeof(s->pending_hash));
    s->has_old_key = sqlite3_column_type(q, i + 14) != SQLITE_NULL;
    copy_blob(q, i + 13, s->old_salt, sizeof(s->old_salt));
    copy_blob(q, i + 14, s->old_hash, sizeof(s->old_hash));
    return keep_column(r, q, i + 4, &s->vendor) && keep_column(r, q, i + 5, &s->model) &&
           keep_column(r, q, i + 6, &s->serial) && keep_column(r, q, i + 7, &s->firmware);
}

static bool more_connector(struct reader *r, sqlite3_stmt *q, int i, void *record)
{
    struct store_connector *k = record;
    k->status_at_ms = column_int(q, i + 3);
    k->commissioned = column_i32(q, i + 4) != 0;
    k->safe_confirmed_ma = column_i32(q, i + 5);
    k->learnt_class = column_i32(q, i + 6);
    return keep_column(r, q, i, &k->status) && keep_column(r, q, i + 1, &k->error_code) &&
           keep_column(r, q, i + 2, &k->info);
}

static enum store_rc read_list(struct reader *r, enum query which, struct list *l)
{
    sqlite3_stmt *q;
    struct filling filling = { .list = l };
    enum store_rc rc = reader_ask(r, which, &q);
    if (rc != STORE_OK)
        return rc;
    l->reader = r;
    rc = reader_walk(q, take_record, &filling);
    return filling.out_of_memory ? STORE_IO : rc;
}

static bool more_tag(struct reader *r, sqlite3_stmt *q, int i, void *record)
{
    struct store_tag *t = record;
    (void)r;
    t->revision = column_i32(q, i);
    t->moved = column_i32(q, i + 1);
    return true;
}

static bool take_tag_state(sqlite3_stmt *q, void *arg)
{
    struct store_tag_state *state = arg;
    *state = (struct store_tag_state){ column_i32(q, 0), column_i32(q, 1) };
    return true;
}

static bool take_tag_gone(sqlite3_stmt *q, void *arg)
{
    struct reader *r = arg;
    size_t n = r->site.n_tags_gone;
    if ((n & (n - 1)) == 0) { /* grows by doubling */
        void *grown = realloc(r->gone, (n > 0 ? 2 * n : 1) * sizeof(*r->gone));
        if (grown == NULL)
            return false;
        r->gone = grown;
    }
    struct store_tag_gone gone = { .revision = column_i32(q, 2), .moved = column_i32(q, 3) };
    if (!keep_column(r, q, 0, &gone.id_tag) || !keep_column(r, q, 1, &gone.groups))
        return false;
    r->gone[r->site.n_tags_gone++] = gone;
    return true;
}

static enum store_rc read_tag_state(struct reader *r)
{
    sqlite3_stmt *q;
    enum store_rc rc = reader_ask(r, QUERY_TAG_STATE, &q);
    if (rc == STORE_OK)
        rc = reader_walk(q, take_tag_state, &r->site.tag_state);
    if (rc == STORE_OK)
        rc = reader_ask(r, QUERY_TAGS_GONE, &q);
    return rc == STORE_OK ? reader_walk(q, take_tag_gone, r) : rc;
}

static enum store_rc read_site(struct reader *r, bool with_tags, const struct store_site **ret_site)
{
    static const enum query which[] = { QUERY_GRID,    QUERY_STATIONS, QUERY_CONNECTORS, QUERY_TAGS,
                                        QUERY_TARIFFS, QUERY_FACTORS,  QUERY_TEMPLATES };
    struct list list[] = {
        { .fields = &node_fields },
        { .fields = &station_fields, .more = more_station },
        { .fields = &connector_fields, .more = more_connector },
        { .fields = &tag_fields, .more = more_tag },
        { .fields = &tariff_fields },
        { .fields = &factor_fields },
        { .fields = &template_fields },
    };
    for (size_t i = 0; i < sizeof(list) / sizeof(list[0]) && !r->has_site; i++) {
        if (which[i] == QUERY_TAGS && !with_tags)
            continue;
        enum store_rc rc = read_list(r, which[i], &list[i]);
        free(r->list[i]);
        r->list[i] = list[i].record;
        if (rc != STORE_OK)
            return rc;
    }
    if (!r->has_site)
        r->site = (struct store_site){ .grid = r->list[0],
                                       .n_grid = list[0].n,
                                       .station = r->list[1],
                                       .n_stations = list[1].n,
                                       .connector = r->list[2],
                                       .n_connectors = list[2].n,
                                       .tag = r->list[3],
                                       .n_tags = list[3].n,
                                       .tariff = r->list[4],
                                       .n_tariffs = list[4].n,
                                       .factor = r->list[5],
                                       .n_factors = list[5].n,
                                       .config_template = r->list[6],
                                       .n_templates = list[6].n };
    if (!r->has_site && with_tags) {
        enum store_rc rc = read_tag_state(r);
        if (rc != STORE_OK)
            return rc;
        r->site.tag_gone = r->gone;
    }
    r->site.without_tags = !with_tags;
    r->has_site = true;
    *ret_site = &r->site;
    return STORE_OK;
}

enum store_rc reader_site(struct reader *r, const struct store_site **ret_site)
{
    return read_site(r, true, ret_site);
}

enum store_rc reader_site_but_tags(struct reader *r, const struct store_site **ret_site)
{
    return read_site(r, false, ret_site);
}

/* --- tags --- */

struct tag_walk {
    bool (*row)(void *arg, const struct store_tag *tag);
    void *arg;
};

static bool take_tag(sqlite3_stmt *q, void *arg)
{
    struct tag_walk *w = arg;
    struct store_tag tag = { .id_tag = NULL };
    fields_read(&tag_fields, tag_fields.n, q, &tag);
    more_tag(NULL, q, (int)tag_fields.n, &tag);
    return w->row(w->arg, &tag);
}

enum store_rc reader_tag(struct reader *r, const char *id_tag,
                         bool (*row)(void *arg, const struct store_tag *tag), void *arg)
{
    char key[TAG_KEY];
    sqlite3_stmt *q;
    struct tag_walk w = { .row = row, .arg = arg };
    enum store_rc rc = reader_ask(r, QUERY_TAG, &q);
    if (rc != STORE_OK)
        return rc;
    tag_key_of(id_tag, key);
    sqlite3_bind_text(q, 1, key, -1, SQLITE_STATIC);
    return reader_walk(q, take_tag, &w);
}

enum store_rc reader_tags(struct reader *r, const struct reader_tag_filter *f,
                          bool (*row)(void *arg, const struct store_tag *tag), void *arg)
{
    char after[TAG_KEY] = "", search[TAG_KEY] = "", parent[TAG_KEY] = "", group[100];
    sqlite3_stmt *q;
    struct tag_walk w = { .row = row, .arg = arg };
    enum store_rc rc = reader_ask(r, QUERY_TAGS_FROM, &q);
    if (rc != STORE_OK)
        return rc;
    if (f->after != NULL)
        tag_key_of(f->after, after);
    if (f->search != NULL)
        tag_key_of(f->search, search);
    if (f->parent != NULL)
        tag_key_of(f->parent, parent);
    snprintf(group, sizeof(group), " %.90s ", f->group != NULL ? f->group : "");
    sqlite3_bind_text(q, 1, after, -1, SQLITE_STATIC);
    bind_text(q, 2, f->search != NULL ? search : NULL);
    bind_text(q, 3, f->customer);
    bind_int(q, 4, f->status);
    bind_text(q, 5, f->group != NULL ? group : NULL);
    bind_text(q, 6, f->parent != NULL ? parent : NULL);
    bind_int(q, 7, f->limit > 0 ? f->limit : READER_ALL);
    return reader_walk(q, take_tag, &w);
}

struct local_list_walk {
    bool (*row)(void *arg, const struct store_local_list *list);
    void *arg;
};

static bool take_local_list(sqlite3_stmt *q, void *arg)
{
    struct local_list_walk *w = arg;
    struct store_local_list list = {
        .station = column_text(q, 0),
        .version = column_i32(q, 1),
        .offered = column_i32(q, 2),
        .upto = column_i32(q, 3),
        .base = column_i32(q, 4),
        .entries = column_i32(q, 5),
        .max_entries = column_i32(q, 6),
        .scope = column_i64(q, 7),
        .cut = column_text(q, 8),
        .unable = column_text(q, 9),
        .firmware = column_text(q, 10),
        .result = column_text(q, 11),
        .asked_at_ms = column_int(q, 12),
        .at_ms = column_int(q, 13),
        .n_full = column_i64(q, 14),
        .n_differential = column_i64(q, 15),
        .n_failed = column_i64(q, 16),
    };
    return w->row(w->arg, &list);
}

enum store_rc reader_local_lists(struct reader *r,
                                 bool (*row)(void *arg, const struct store_local_list *list),
                                 void *arg)
{
    sqlite3_stmt *q;
    struct local_list_walk w = { .row = row, .arg = arg };
    enum store_rc rc = reader_ask(r, QUERY_LOCAL_LISTS, &q);
    return rc == STORE_OK ? reader_walk(q, take_local_list, &w) : rc;
}
