#include "storage/reader.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "storage/conn.h"
#include "storage/fields.h"
#include "storage/queries.h"

enum {
    READER_BUSY_MS = 10000,
    ALL = -1,                 /* LIMIT of SQLite: none */
    LEASE_AFTERLIFE = 600000, /* ms; an end counts by the station's clock, which may be behind */
    AROUND_MS = 3600000,      /* samples may carry a time beside their session's */
    FAR_AROUND_MS = 86400000, /* with a clock that is known to be off */
    CLOCK_FLAGS = STORE_FLAG_CLOCK_OFFSET | STORE_FLAG_CLOCK_WRONG | STORE_FLAG_TIME_MISSING,
    SQL_MAX = 2000,
};

/* Texts of the site, in one list of blocks. */
struct block {
    struct block *next;
    size_t used, size;
    char bytes[];
};

struct reader {
    sqlite3 *handle;
    struct block *block;
    struct store_site site;
    void *list[7]; /* the arrays of site */
    struct store_tag_gone *gone;
    bool has_site;
};

/* --- opening --- */

static enum store_rc refuse(struct reader *r, const char *path, const char *why, char *ret_text,
                            size_t size)
{
    snprintf(ret_text, size, "database %s: %s", path, why);
    reader_close(r);
    return STORE_IO;
}

static int user_version(sqlite3 *handle)
{
    sqlite3_stmt *q = NULL;
    int version = -1;
    if (sqlite3_prepare_v2(handle, "PRAGMA user_version", -1, &q, NULL) == SQLITE_OK &&
        sqlite3_step(q) == SQLITE_ROW)
        version = sqlite3_column_int(q, 0);
    sqlite3_finalize(q);
    return version;
}

enum store_rc reader_open(const char *path, struct reader **ret_reader, char *ret_text, size_t size)
{
    struct reader *r = calloc(1, sizeof(*r));
    if (r == NULL)
        return refuse(NULL, path, "out of memory", ret_text, size);
    int rc = sqlite3_open_v2(path, &r->handle, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, NULL);
    if (rc == SQLITE_OK) {
        sqlite3_busy_timeout(r->handle, READER_BUSY_MS);
        rc = sqlite3_exec(r->handle, "PRAGMA query_only = ON; BEGIN", NULL, NULL, NULL);
    }
    if (rc != SQLITE_OK)
        return refuse(r, path, sqlite3_errmsg(r->handle), ret_text, size);
    int version = user_version(r->handle); /* the first read: from here on the picture stands */
    if (version < 0)
        return refuse(r, path, sqlite3_errmsg(r->handle), ret_text, size);
    if (version != store_schema_version)
        return refuse(r, path, "its schema is of another version; let noxd open it first", ret_text,
                      size);
    *ret_reader = r;
    return STORE_OK;
}

void reader_close(struct reader *r)
{
    if (r == NULL)
        return;
    for (size_t i = 0; i < sizeof(r->list) / sizeof(r->list[0]); i++)
        free(r->list[i]);
    free(r->gone);
    for (struct block *b = r->block, *next; b != NULL; b = next) {
        next = b->next;
        free(b);
    }
    sqlite3_close(r->handle);
    free(r);
}

/* --- asking --- */

static enum store_rc ask(struct reader *r, enum query which, sqlite3_stmt **ret_q)
{
    return conn_map(sqlite3_prepare_v2(r->handle, query_sql[which], -1, ret_q, NULL));
}

/* How every answer is walked: one row after the other until the end, an error or a "stop". */
static enum store_rc walk(sqlite3_stmt *q, bool (*take)(sqlite3_stmt *q, void *arg), void *arg)
{
    int rc;
    while ((rc = sqlite3_step(q)) == SQLITE_ROW)
        if (!take(q, arg)) {
            rc = SQLITE_DONE;
            break;
        }
    sqlite3_finalize(q);
    return conn_map(rc);
}

static int32_t column_i32(sqlite3_stmt *q, int i)
{
    return (int32_t)sqlite3_column_int64(q, i);
}

/* 0 for SQL NULL. */
static int64_t column_i64(sqlite3_stmt *q, int i)
{
    return sqlite3_column_int64(q, i);
}

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
    enum store_rc rc = ask(r, which, &q);
    if (rc != STORE_OK)
        return rc;
    l->reader = r;
    rc = walk(q, take_record, &filling);
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
    enum store_rc rc = ask(r, QUERY_TAG_STATE, &q);
    if (rc == STORE_OK)
        rc = walk(q, take_tag_state, &r->site.tag_state);
    if (rc == STORE_OK)
        rc = ask(r, QUERY_TAGS_GONE, &q);
    return rc == STORE_OK ? walk(q, take_tag_gone, r) : rc;
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
    enum store_rc rc = ask(r, QUERY_TAG, &q);
    if (rc != STORE_OK)
        return rc;
    tag_key_of(id_tag, key);
    sqlite3_bind_text(q, 1, key, -1, SQLITE_STATIC);
    return walk(q, take_tag, &w);
}

enum store_rc reader_tags(struct reader *r, const struct reader_tag_filter *f,
                          bool (*row)(void *arg, const struct store_tag *tag), void *arg)
{
    char after[TAG_KEY] = "", search[TAG_KEY] = "", parent[TAG_KEY] = "", group[100];
    sqlite3_stmt *q;
    struct tag_walk w = { .row = row, .arg = arg };
    enum store_rc rc = ask(r, QUERY_TAGS_FROM, &q);
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
    bind_int(q, 7, f->limit > 0 ? f->limit : ALL);
    return walk(q, take_tag, &w);
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
    enum store_rc rc = ask(r, QUERY_LOCAL_LISTS, &q);
    return rc == STORE_OK ? walk(q, take_local_list, &w) : rc;
}

/* --- sessions --- */

/* Whole Wh of a register; STORE_ABSENT stays. */
static int64_t wh_of(int64_t uwh)
{
    return uwh == STORE_ABSENT ? STORE_ABSENT : uwh / 1000000;
}

static int64_t energy_of(const struct store_session *s)
{
    int64_t end_wh = s->state == STORE_SESSION_ACTIVE ? s->last_register_wh : s->meter_stop_wh;
    if (end_wh == STORE_ABSENT || s->meter_start_wh == STORE_ABSENT || end_wh < s->meter_start_wh)
        return 0;
    return end_wh - s->meter_start_wh;
}

static void session_from(sqlite3_stmt *q, struct store_session *ret)
{
    *ret = (struct store_session){
        .tx_id = column_i64(q, 0),
        .station = column_text(q, 1),
        .connector = column_i32(q, 2),
        .evse_id = column_text(q, 3),
        .district = column_text(q, 4),
        .operator_id = column_text(q, 5),
        .id_tag = column_text(q, 6),
        .auth_kind = column_text(q, 7),
        .customer = column_text(q, 8),
        .auth_status = column_i32(q, 9),
        .state = column_i32(q, 10),
        .started_at_ms = column_int(q, 11),
        .received_start_at_ms = column_int(q, 12),
        .stopped_at_ms = column_int(q, 13),
        .received_stop_at_ms = column_int(q, 14),
        .meter_start_wh = column_int(q, 15),
        .meter_stop_wh = column_int(q, 16),
        .reason = column_text(q, 17),
        .tariff = column_text(q, 18),
        .tariff_version = column_i32(q, 19),
        .flags = (uint32_t)column_i64(q, 20),
        .last_register_wh = wh_of(column_int(q, 21)),
        .last_sample_at_ms = column_int(q, 22),
        .cdr_no = column_i64(q, 23),
        .phases = (uint8_t)column_i64(q, 24),
    };
    ret->energy_wh = energy_of(ret);
}

struct session_walk {
    bool (*row)(void *arg, const struct store_session *session);
    void *arg;
};

static bool take_session(sqlite3_stmt *q, void *arg)
{
    struct session_walk *w = arg;
    struct store_session session;
    session_from(q, &session);
    return w->row(w->arg, &session);
}

static void compose_sessions(const struct reader_session_filter *f, char *ret_sql, size_t size)
{
    const bool with[WITH_CONDITIONS] = {
        [WITH_STATION] = f->station != NULL,
        [WITH_TAG] = f->id_tag != NULL,
        [WITH_ACTIVE] = f->state == STORE_SESSION_ACTIVE,
        [WITH_FINISHED] = f->state == STORE_SESSION_FINISHED,
        [WITH_PROVISIONAL] = f->state == STORE_SESSION_PROVISIONAL,
        [WITH_PROBLEMS] = f->problems,
        [WITH_FROM] = f->from_ms != STORE_ABSENT,
        [WITH_TO] = f->to_ms != STORE_ABSENT,
        [WITH_BEFORE] = f->before_tx_id != 0,
    };
    size_t used = (size_t)snprintf(ret_sql, size, "%s", query_sql[QUERY_SESSIONS]);
    for (size_t i = 0; i < WITH_CONDITIONS; i++)
        if (with[i] && used < size)
            used += (size_t)snprintf(ret_sql + used, size - used, "%s", session_condition_sql[i]);
    if (used < size)
        snprintf(ret_sql + used, size - used, "%s",
                 with[WITH_FROM] || with[WITH_TO] ? session_order_by_time_sql : session_order_sql);
}

enum store_rc reader_sessions(struct reader *r, const struct reader_session_filter *filter,
                              bool (*row)(void *arg, const struct store_session *session),
                              void *arg)
{
    char sql[SQL_MAX], key[TAG_KEY];
    sqlite3_stmt *q;
    struct session_walk w = { .row = row, .arg = arg };
    compose_sessions(filter, sql, sizeof(sql));
    enum store_rc rc = conn_map(sqlite3_prepare_v2(r->handle, sql, -1, &q, NULL));
    if (rc != STORE_OK)
        return rc;
    /* Numbers that the text does not name are bound in vain. */
    bind_text(q, 1, filter->station);
    if (filter->id_tag != NULL) {
        tag_key_of(filter->id_tag, key);
        sqlite3_bind_text(q, 2, key, -1, SQLITE_STATIC);
    }
    bind_int(q, 3, filter->from_ms);
    bind_int(q, 4, filter->to_ms);
    bind_int(q, 5, filter->before_tx_id);
    bind_int(q, 6, filter->limit > 0 ? filter->limit : ALL);
    return walk(q, take_session, &w);
}

enum store_rc reader_session(struct reader *r, int64_t tx_id,
                             bool (*row)(void *arg, const struct store_session *session), void *arg)
{
    sqlite3_stmt *q;
    struct session_walk w = { .row = row, .arg = arg };
    enum store_rc rc = ask(r, QUERY_SESSION, &q);
    if (rc != STORE_OK)
        return rc;
    bind_int(q, 1, tx_id);
    return walk(q, take_session, &w);
}

struct orphan_walk {
    bool (*row)(void *arg, int64_t orphan_id, const struct store_tx_stop *stop);
    void *arg;
};

static bool take_orphan(sqlite3_stmt *q, void *arg)
{
    struct orphan_walk *w = arg;
    struct store_tx_stop stop = {
        .station = column_text(q, 1),
        .tx_id = column_i64(q, 2),
        .id_tag = column_text(q, 3),
        .meter_stop_wh = column_i32(q, 4),
        .station_at_ms = column_int(q, 5),
        .stopped_at_ms = column_int(q, 6),
        .received_at_ms = column_int(q, 7),
        .reason = column_text(q, 8),
        .flags = (uint32_t)column_i64(q, 9),
    };
    return w->row(w->arg, column_i64(q, 0), &stop);
}

enum store_rc reader_orphans(struct reader *r,
                             bool (*row)(void *arg, int64_t orphan_id,
                                         const struct store_tx_stop *stop),
                             void *arg)
{
    sqlite3_stmt *q;
    struct orphan_walk w = { .row = row, .arg = arg };
    enum store_rc rc = ask(r, QUERY_ORPHANS, &q);
    return rc == STORE_OK ? walk(q, take_orphan, &w) : rc;
}

/* --- samples --- */

struct meter_walk {
    bool (*row)(void *arg, const struct store_meter *meter);
    void *arg;
};

static int32_t or_minus_one(sqlite3_stmt *q, int i)
{
    return sqlite3_column_type(q, i) == SQLITE_NULL ? -1 : column_i32(q, i);
}

static bool take_meter(sqlite3_stmt *q, void *arg)
{
    struct meter_walk *w = arg;
    struct store_meter meter = {
        .station = column_text(q, 0),
        .connector = column_i32(q, 1),
        .tx_id = column_i64(q, 2),
        .sampled_at_ms = column_int(q, 3),
        .received_at_ms = column_int(q, 4),
        .register_uwh = column_int(q, 5),
        .power_mw = column_int(q, 6),
        .current_ma = { or_minus_one(q, 7), or_minus_one(q, 8), or_minus_one(q, 9) },
        .soc_pct = or_minus_one(q, 10),
        .raw = column_text(q, 11),
    };
    return w->row(w->arg, &meter);
}

/* Where to look for the samples of a session: its time and some around. */
struct span {
    const char *wanted; /* id of the station, NULL = any */
    int64_t station;    /* 0 = not found, or of another station */
    int64_t from_ms, to_ms;
};

static bool take_span(sqlite3_stmt *q, void *arg)
{
    struct span *span = arg;
    int64_t stopped_at_ms = column_int(q, 3);
    int64_t around_ms = (column_i64(q, 4) & CLOCK_FLAGS) != 0 ? FAR_AROUND_MS : AROUND_MS;
    if (span->wanted != NULL && strcmp(span->wanted, column_text(q, 1)) != 0)
        return false;
    span->station = column_i64(q, 0);
    span->from_ms = column_i64(q, 2) - around_ms;
    span->to_ms = stopped_at_ms == STORE_ABSENT ? INT64_MAX : stopped_at_ms + around_ms;
    return true;
}

static enum store_rc find_span(struct reader *r, int64_t tx_id, struct span *span)
{
    sqlite3_stmt *q;
    enum store_rc rc = ask(r, QUERY_METER_SPAN, &q);
    if (rc != STORE_OK)
        return rc;
    bind_int(q, 1, tx_id);
    return walk(q, take_span, span);
}

static enum store_rc meter_of_session(struct reader *r, const struct span *span, int64_t tx_id,
                                      int64_t limit, struct meter_walk *w)
{
    sqlite3_stmt *q;
    enum store_rc rc = ask(r, QUERY_METER_OF_SESSION, &q);
    if (rc != STORE_OK)
        return rc;
    bind_int(q, 1, span->station);
    bind_int(q, 2, span->from_ms);
    bind_int(q, 3, span->to_ms);
    bind_int(q, 4, tx_id);
    bind_int(q, 5, limit);
    return walk(q, take_meter, w);
}

enum store_rc reader_meter(struct reader *r, const char *station, int64_t tx_id, int64_t limit,
                           bool (*row)(void *arg, const struct store_meter *meter), void *arg)
{
    sqlite3_stmt *q;
    struct meter_walk w = { .row = row, .arg = arg };
    struct span span = { .wanted = station };
    enum store_rc rc = tx_id > 0 ? find_span(r, tx_id, &span) : STORE_OK;
    limit = limit > 0 ? limit : ALL;
    if (rc == STORE_OK && span.station != 0)
        return meter_of_session(r, &span, tx_id, limit, &w);
    if (rc == STORE_OK)
        rc = ask(r, QUERY_METER_ALL, &q);
    if (rc != STORE_OK)
        return rc;
    bind_text(q, 1, station);
    bind_int(q, 2, tx_id);
    bind_int(q, 3, limit);
    return walk(q, take_meter, &w);
}

/* --- the rest --- */

struct lease_walk {
    bool (*row)(void *arg, const struct store_lease *lease);
    void *arg;
};

static bool take_lease(sqlite3_stmt *q, void *arg)
{
    struct lease_walk *w = arg;
    struct store_lease lease = {
        .station = column_text(q, 0),
        .connector = column_i32(q, 1),
        .tx_id = column_i64(q, 2),
        .seq = (uint32_t)column_i64(q, 3),
        .limit_ma = column_i32(q, 4),
        .safe_ma = column_i32(q, 5),
        .start_at_ms = column_i64(q, 6),
        .end_at_ms = column_i64(q, 7),
        .at_ms = column_i64(q, 8),
    };
    return w->row(w->arg, &lease);
}

enum store_rc reader_leases(struct reader *r, int64_t now_ms,
                            bool (*row)(void *arg, const struct store_lease *lease), void *arg)
{
    sqlite3_stmt *q;
    struct lease_walk w = { .row = row, .arg = arg };
    enum store_rc rc = ask(r, QUERY_LEASES, &q);
    if (rc != STORE_OK)
        return rc;
    bind_int(q, 1, now_ms - LEASE_AFTERLIFE);
    return walk(q, take_lease, &w);
}

struct event_walk {
    bool (*row)(void *arg, int64_t seq, const struct store_event *event);
    void *arg;
};

static bool take_event(sqlite3_stmt *q, void *arg)
{
    struct event_walk *w = arg;
    struct store_event event = {
        .at_ms = column_i64(q, 1),
        .name = column_text(q, 2),
        .severity = (enum store_severity)column_i32(q, 3),
        .station = column_text(q, 4),
        .connector = column_i32(q, 5),
        .text = column_text(q, 6),
    };
    return w->row(w->arg, column_i64(q, 0), &event);
}

enum store_rc reader_events(struct reader *r, const struct reader_event_filter *filter,
                            bool (*row)(void *arg, int64_t seq, const struct store_event *event),
                            void *arg)
{
    sqlite3_stmt *q;
    struct event_walk w = { .row = row, .arg = arg };
    enum store_rc rc = ask(r, filter->after_seq > 0 ? QUERY_EVENTS_AFTER : QUERY_EVENTS_NEWEST, &q);
    if (rc != STORE_OK)
        return rc;
    bind_int(q, 1, filter->after_seq);
    bind_text(q, 2, filter->station);
    bind_text(q, 3, filter->name_prefix);
    bind_int(q, 4, filter->min_severity);
    bind_int(q, 5, filter->limit > 0 ? filter->limit : ALL);
    return walk(q, take_event, &w);
}

/* --- what operators asked of stations --- */

struct call_walk {
    bool (*row)(void *arg, const struct store_call *call);
    void *arg;
};

static bool take_call(sqlite3_stmt *q, void *arg)
{
    struct call_walk *w = arg;
    struct store_call call = {
        .id = column_i64(q, 0),
        .station = column_text(q, 1),
        .action = column_text(q, 2),
        .payload = column_text(q, 3),
        .is_whole = column_i32(q, 4) != 0,
        .who = column_text(q, 5),
        .why = column_text(q, 6),
        .asked_at_ms = column_i64(q, 7),
        .until_ms = column_int(q, 8),
        .timeout_ms = column_i64(q, 9),
        .sent_at_ms = column_int(q, 10),
        .finished_at_ms = column_int(q, 11),
        .outcome = column_i32(q, 12),
        .answer = column_text(q, 13),
    };
    return w->row(w->arg, &call);
}

enum store_rc reader_calls(struct reader *r, const struct reader_call_filter *filter,
                           bool (*row)(void *arg, const struct store_call *call), void *arg)
{
    sqlite3_stmt *q;
    struct call_walk w = { .row = row, .arg = arg };
    enum store_rc rc = ask(r, filter->station != NULL ? QUERY_CALLS_OF_STATION : QUERY_CALLS, &q);
    if (rc != STORE_OK)
        return rc;
    bind_text(q, 1, filter->station);
    bind_text(q, 2, filter->action);
    bind_int(q, 3, filter->outcome);
    bind_int(q, 4, filter->before_id);
    bind_int(q, 5, filter->limit > 0 ? filter->limit : ALL);
    return walk(q, take_call, &w);
}

enum store_rc reader_queued_calls(struct reader *r,
                                  bool (*row)(void *arg, const struct store_call *call), void *arg)
{
    sqlite3_stmt *q;
    struct call_walk w = { .row = row, .arg = arg };
    enum store_rc rc = ask(r, QUERY_CALLS_QUEUED, &q);
    return rc == STORE_OK ? walk(q, take_call, &w) : rc;
}

struct reservation_walk {
    bool (*row)(void *arg, const struct store_reservation *reservation);
    void *arg;
};

static bool take_reservation(sqlite3_stmt *q, void *arg)
{
    struct reservation_walk *w = arg;
    struct store_reservation reservation = {
        .num = column_i64(q, 0),
        .station = column_text(q, 1),
        .id = column_i32(q, 2),
        .connector = column_i32(q, 3),
        .id_tag = column_text(q, 4),
        .parent = column_text(q, 5),
        .expires_at_ms = column_i64(q, 6),
        .state = column_i32(q, 7),
        .who = column_text(q, 8),
        .why = column_text(q, 9),
        .note = column_text(q, 10),
        .asked_at_ms = column_i64(q, 11),
        .changed_at_ms = column_i64(q, 12),
        .tx_id = column_i64(q, 13),
    };
    return w->row(w->arg, &reservation);
}

enum store_rc reader_reservations(struct reader *r, const struct reader_reservation_filter *filter,
                                  bool (*row)(void *arg,
                                              const struct store_reservation *reservation),
                                  void *arg)
{
    sqlite3_stmt *q;
    struct reservation_walk w = { .row = row, .arg = arg };
    enum query which = filter->live              ? QUERY_RESERVATIONS_LIVE
                       : filter->station != NULL ? QUERY_RESERVATIONS_OF_STATION
                                                 : QUERY_RESERVATIONS;
    enum store_rc rc = ask(r, which, &q);
    if (rc != STORE_OK)
        return rc;
    bind_text(q, 1, filter->station);
    bind_int(q, 2, filter->state);
    bind_int(q, 3, filter->id);
    bind_int(q, 4, filter->before_num);
    bind_int(q, 5, filter->limit > 0 ? filter->limit : ALL);
    return walk(q, take_reservation, &w);
}

static bool take_max(sqlite3_stmt *q, void *arg)
{
    int64_t *max = arg;
    max[0] = column_i64(q, 0);
    max[1] = column_i64(q, 1);
    return true;
}

enum store_rc reader_reservation_max(struct reader *r, int64_t *ret_num, int64_t *ret_id)
{
    sqlite3_stmt *q;
    int64_t max[2] = { 0, 0 };
    enum store_rc rc = ask(r, QUERY_RESERVATION_MAX, &q);
    rc = rc == STORE_OK ? walk(q, take_max, max) : rc;
    *ret_num = max[0];
    *ret_id = max[1];
    return rc;
}

struct key_walk {
    bool (*row)(void *arg, const char *station, const char *key, const char *value);
    void *arg;
};

static bool take_room_key(sqlite3_stmt *q, void *arg)
{
    struct key_walk *w = arg;
    return w->row(w->arg, column_text(q, 0), column_text(q, 1), column_text(q, 2));
}

enum store_rc reader_room_keys(struct reader *r,
                               bool (*row)(void *arg, const char *station, const char *key,
                                           const char *value),
                               void *arg)
{
    sqlite3_stmt *q;
    struct key_walk w = { .row = row, .arg = arg };
    enum store_rc rc = ask(r, QUERY_ROOM_KEYS, &q);
    return rc == STORE_OK ? walk(q, take_room_key, &w) : rc;
}

struct profile_walk {
    bool (*row)(void *arg, const struct store_profile *profile);
    void *arg;
};

static bool take_profile(sqlite3_stmt *q, void *arg)
{
    struct profile_walk *w = arg;
    struct store_profile profile = {
        .station = column_text(q, 0),
        .connector = column_i32(q, 1),
        .id = column_i32(q, 2),
        .stack_level = column_i32(q, 3),
        .purpose = column_text(q, 4),
        .tx_id = column_i64(q, 5),
        .json = column_text(q, 6),
        .at_ms = column_i64(q, 7),
    };
    return w->row(w->arg, &profile);
}

enum store_rc reader_profiles(struct reader *r, const char *station,
                              bool (*row)(void *arg, const struct store_profile *profile),
                              void *arg)
{
    sqlite3_stmt *q;
    struct profile_walk w = { .row = row, .arg = arg };
    enum store_rc rc = ask(r, station != NULL ? QUERY_PROFILES_OF_STATION : QUERY_PROFILES, &q);
    if (rc != STORE_OK)
        return rc;
    if (station != NULL)
        bind_text(q, 1, station);
    return walk(q, take_profile, &w);
}

/* --- certificates --- */

struct certificate_walk {
    bool (*row)(void *arg, const struct store_certificate *cert);
    void *arg;
};

static bool take_certificate(sqlite3_stmt *q, void *arg)
{
    struct certificate_walk *w = arg;
    struct store_certificate cert = {
        .fingerprint = column_text(q, 0),
        .kind = column_i32(q, 1),
        .station = column_text(q, 2),
        .subject = column_text(q, 3),
        .issuer = column_text(q, 4),
        .cn = column_text(q, 5),
        .serial = column_text(q, 6),
        .key = column_text(q, 7),
        .not_before_ms = column_i64(q, 8),
        .not_after_ms = column_i64(q, 9),
        .pem = column_text(q, 10),
        .request = column_i64(q, 11),
        .added_at_ms = column_i64(q, 12),
        .seen_at_ms = column_int(q, 13),
        .replaced_at_ms = column_int(q, 14),
        .revoked_at_ms = column_int(q, 15),
        .note = column_text(q, 16),
        .warned_days = column_i32(q, 17),
    };
    return w->row(w->arg, &cert);
}

enum store_rc reader_certificates(struct reader *r, const struct reader_cert_filter *filter,
                                  bool (*row)(void *arg, const struct store_certificate *cert),
                                  void *arg)
{
    sqlite3_stmt *q;
    struct certificate_walk w = { .row = row, .arg = arg };
    enum query which = filter->fingerprint != NULL ? QUERY_CERTIFICATE
                       : filter->station != NULL   ? QUERY_CERTIFICATES_OF_STATION
                       : filter->ending_ms != 0    ? QUERY_CERTIFICATES_ENDING
                       : filter->revoked           ? QUERY_CERTIFICATES_REVOKED
                                                   : QUERY_CERTIFICATES;
    enum store_rc rc = ask(r, which, &q);
    if (rc != STORE_OK)
        return rc;
    if (which == QUERY_CERTIFICATE)
        bind_text(q, 1, filter->fingerprint);
    else if (which == QUERY_CERTIFICATES_OF_STATION)
        bind_text(q, 1, filter->station);
    else if (which == QUERY_CERTIFICATES_ENDING)
        bind_int(q, 1, filter->ending_ms);
    return walk(q, take_certificate, &w);
}

struct cert_request_walk {
    bool (*row)(void *arg, const struct store_cert_request *request);
    void *arg;
};

static bool take_cert_request(sqlite3_stmt *q, void *arg)
{
    struct cert_request_walk *w = arg;
    struct store_cert_request request = {
        .id = column_i64(q, 0),
        .station = column_text(q, 1),
        .csr = column_text(q, 2),
        .subject = column_text(q, 3),
        .cn = column_text(q, 4),
        .key = column_text(q, 5),
        .state = column_i32(q, 6),
        .renewal = column_i32(q, 7) != 0,
        .asked_at_ms = column_i64(q, 8),
        .changed_at_ms = column_i64(q, 9),
        .who = column_text(q, 10),
        .why = column_text(q, 11),
        .note = column_text(q, 12),
        .chain = column_text(q, 13),
        .fingerprint = column_text(q, 14),
    };
    return w->row(w->arg, &request);
}

enum store_rc reader_cert_requests(struct reader *r,
                                   const struct reader_cert_request_filter *filter,
                                   bool (*row)(void *arg, const struct store_cert_request *request),
                                   void *arg)
{
    sqlite3_stmt *q;
    struct cert_request_walk w = { .row = row, .arg = arg };
    enum query which = filter->id != 0           ? QUERY_CERT_REQUEST
                       : filter->open            ? QUERY_CERT_REQUESTS_OPEN
                       : filter->station != NULL ? QUERY_CERT_REQUESTS_OF_STATION
                                                 : QUERY_CERT_REQUESTS;
    enum store_rc rc = ask(r, which, &q);
    if (rc != STORE_OK)
        return rc;
    if (which == QUERY_CERT_REQUEST)
        bind_int(q, 1, filter->id);
    else if (which != QUERY_CERT_REQUESTS_OPEN)
        bind_int(q, 1, filter->limit > 0 ? filter->limit : ALL);
    if (which == QUERY_CERT_REQUESTS_OF_STATION)
        bind_text(q, 2, filter->station);
    return walk(q, take_cert_request, &w);
}

struct installed_walk {
    bool (*row)(void *arg, const struct store_installed *installed);
    void *arg;
};

static bool take_installed(sqlite3_stmt *q, void *arg)
{
    struct installed_walk *w = arg;
    struct store_installed installed = {
        .station = column_text(q, 0),
        .type = column_text(q, 1),
        .hash = column_text(q, 2),
        .issuer_name_hash = column_text(q, 3),
        .issuer_key_hash = column_text(q, 4),
        .serial = column_text(q, 5),
        .at_ms = column_i64(q, 6),
    };
    return w->row(w->arg, &installed);
}

enum store_rc reader_installed(struct reader *r, const char *station,
                               bool (*row)(void *arg, const struct store_installed *installed),
                               void *arg)
{
    sqlite3_stmt *q;
    struct installed_walk w = { .row = row, .arg = arg };
    enum store_rc rc = ask(r, station != NULL ? QUERY_INSTALLED_OF_STATION : QUERY_INSTALLED, &q);
    if (rc != STORE_OK)
        return rc;
    if (station != NULL)
        bind_text(q, 1, station);
    return walk(q, take_installed, &w);
}

struct refused_walk {
    bool (*row)(void *arg, const struct store_refused *last, int64_t count, int64_t first_at_ms);
    void *arg;
};

static bool take_refused(sqlite3_stmt *q, void *arg)
{
    struct refused_walk *w = arg;
    struct store_refused last = {
        .identity = column_text(q, 0),
        .reason = column_text(q, 1),
        .detail = column_text(q, 2),
        .address = column_text(q, 3),
        .at_ms = column_i64(q, 4),
    };
    return w->row(w->arg, &last, column_i64(q, 5), column_i64(q, 6));
}

enum store_rc reader_refused(struct reader *r,
                             bool (*row)(void *arg, const struct store_refused *last, int64_t count,
                                         int64_t first_at_ms),
                             void *arg)
{
    sqlite3_stmt *q;
    struct refused_walk w = { .row = row, .arg = arg };
    enum store_rc rc = ask(r, QUERY_REFUSED, &q);
    return rc == STORE_OK ? walk(q, take_refused, &w) : rc;
}

struct config_walk {
    bool (*row)(void *arg, const struct store_config_key *key, int64_t at_ms);
    void *arg;
};

static bool take_config(sqlite3_stmt *q, void *arg)
{
    struct config_walk *w = arg;
    struct store_config_key key = {
        .key = column_text(q, 0),
        .value = column_text(q, 1),
        .readonly = column_i32(q, 2) != 0,
        .known = column_i32(q, 3) != 0,
    };
    return w->row(w->arg, &key, column_i64(q, 4));
}

enum store_rc reader_station_config(struct reader *r, const char *station,
                                    bool (*row)(void *arg, const struct store_config_key *key,
                                                int64_t at_ms),
                                    void *arg)
{
    sqlite3_stmt *q;
    struct config_walk w = { .row = row, .arg = arg };
    enum store_rc rc = ask(r, QUERY_CONFIG, &q);
    if (rc != STORE_OK)
        return rc;
    bind_text(q, 1, station);
    return walk(q, take_config, &w);
}

/* --- charge detail records --- */

static void cdr_session_from(sqlite3_stmt *q, struct store_session *ret)
{
    *ret = (struct store_session){
        .tx_id = column_i64(q, 6),
        .station = column_text(q, 7),
        .connector = column_i32(q, 8),
        .evse_id = column_text(q, 9),
        .district = column_text(q, 10),
        .operator_id = column_text(q, 11),
        .id_tag = column_text(q, 12),
        .auth_kind = column_text(q, 13),
        .customer = column_text(q, 14),
        .auth_status = column_i32(q, 15),
        .state = STORE_SESSION_FINISHED,
        .started_at_ms = column_int(q, 16),
        .received_start_at_ms = column_int(q, 17),
        .stopped_at_ms = column_int(q, 18),
        .received_stop_at_ms = STORE_ABSENT,
        .meter_start_wh = column_int(q, 19),
        .meter_stop_wh = column_int(q, 20),
        .reason = column_text(q, 21),
        .tariff = column_text(q, 22),
        .tariff_version = column_i32(q, 23),
        .last_register_wh = STORE_ABSENT,
        .last_sample_at_ms = STORE_ABSENT,
    };
}

static void cdr_from(sqlite3_stmt *q, struct store_cdr *ret)
{
    *ret = (struct store_cdr){
        .no = column_i64(q, 0),
        .id = column_text(q, 1),
        .kind = column_text(q, 2),
        .ref_no = column_i64(q, 3),
        .booking_period = column_text(q, 4),
        .service_period = column_text(q, 5),
        .energy_wh = column_i64(q, 24),
        .energy_cents = column_i64(q, 25),
        .blocking_min = column_i64(q, 26),
        .blocking_cents = column_i64(q, 27),
        .other_cents = column_i64(q, 28),
        .gross_cents = column_i64(q, 29),
        .net_cents = column_i64(q, 30),
        .vat_cents = column_i64(q, 31),
        .vat_bp = column_i32(q, 32),
        .price_e4_per_kwh = column_i32(q, 33),
        .currency = column_text(q, 34),
        .value_state = column_text(q, 35),
        .meter_serial = column_text(q, 36),
        .flags = (uint32_t)column_i64(q, 37),
        .created_at_ms = column_i64(q, 38),
    };
    cdr_session_from(q, &ret->session);
    if (strcmp(ret->value_state, "estimated") == 0)
        ret->session.state = STORE_SESSION_PROVISIONAL;
    ret->session.energy_wh = ret->energy_wh;
    ret->session.flags = ret->flags;
    ret->session.cdr_no = ret->no;
}

struct cdr_walk {
    bool (*row)(void *arg, const struct store_cdr *cdr);
    void *arg;
};

static bool take_cdr(sqlite3_stmt *q, void *arg)
{
    struct cdr_walk *w = arg;
    struct store_cdr cdr;
    cdr_from(q, &cdr);
    return w->row(w->arg, &cdr);
}

static enum store_rc read_cdrs(struct reader *r, enum query which, const char *period,
                               struct cdr_walk w)
{
    sqlite3_stmt *q;
    enum store_rc rc = ask(r, which, &q);
    if (rc != STORE_OK)
        return rc;
    if (period != NULL)
        bind_text(q, 1, period);
    return walk(q, take_cdr, &w);
}

enum store_rc reader_cdrs(struct reader *r, const char *booking_period,
                          bool (*row)(void *arg, const struct store_cdr *cdr), void *arg)
{
    struct cdr_walk w = { .row = row, .arg = arg };
    return read_cdrs(r, booking_period != NULL ? QUERY_CDRS_BOOKED : QUERY_CDRS_ALL, booking_period,
                     w);
}

enum store_rc reader_service_cdrs(struct reader *r, const char *service_period,
                                  bool (*row)(void *arg, const struct store_cdr *cdr), void *arg)
{
    struct cdr_walk w = { .row = row, .arg = arg };
    return read_cdrs(r, QUERY_CDRS_OF_SERVICE, service_period, w);
}

/* --- figures --- */

static bool take_counts(sqlite3_stmt *q, void *arg)
{
    struct reader_counts *c = arg;
    int64_t *const to[] = { &c->stations, &c->connectors, &c->tags,    &c->tariffs, &c->sessions,
                            &c->active,   &c->problems,   &c->orphans, &c->cdrs,    &c->events };
    for (size_t i = 0; i < sizeof(to) / sizeof(to[0]); i++)
        *to[i] = column_i64(q, (int)i);
    return true;
}

enum store_rc reader_counts(struct reader *r, struct reader_counts *ret_counts)
{
    sqlite3_stmt *q;
    struct reader_counts counts = { .schema_version = store_schema_version };
    enum store_rc rc = ask(r, QUERY_COUNTS, &q);
    if (rc == STORE_OK)
        rc = walk(q, take_counts, &counts);
    if (rc == STORE_OK)
        *ret_counts = counts;
    return rc;
}

/* --- what watches over the stations --- */

struct security_walk {
    bool (*row)(void *arg, const struct store_security_event *security);
    void *arg;
};

static bool take_security(sqlite3_stmt *q, void *arg)
{
    struct security_walk *w = arg;
    const char *station = column_text(q, 1);
    struct store_security_event security = {
        .id = column_i64(q, 0),
        .station = station != NULL && station[0] != '\0' ? station : NULL,
        .type = column_text(q, 2),
        .origin = column_i32(q, 3),
        .critical = column_i32(q, 4) != 0,
        .at_ms = column_i64(q, 5),
        .received_at_ms = column_i64(q, 6),
        .info = column_text(q, 7),
    };
    return w->row(w->arg, &security);
}

static void bind_security(sqlite3_stmt *q, const struct reader_security_filter *filter)
{
    bind_text(q, 1, filter->station);
    bind_text(q, 2, filter->type);
    bind_int(q, 3, filter->critical);
    bind_int(q, 4, filter->since_ms != STORE_ABSENT ? filter->since_ms : 0);
}

enum store_rc reader_security(struct reader *r, const struct reader_security_filter *filter,
                              bool (*row)(void *arg, const struct store_security_event *security),
                              void *arg)
{
    sqlite3_stmt *q;
    struct security_walk w = { .row = row, .arg = arg };
    enum store_rc rc =
        ask(r, filter->station != NULL ? QUERY_SECURITY_OF_STATION : QUERY_SECURITY, &q);
    if (rc != STORE_OK)
        return rc;
    bind_security(q, filter);
    bind_int(q, 5, filter->before_id);
    bind_int(q, 6, filter->limit > 0 ? filter->limit : ALL);
    return walk(q, take_security, &w);
}

struct security_count_walk {
    bool (*row)(void *arg, const struct store_security_count *count);
    void *arg;
};

static bool take_security_count(sqlite3_stmt *q, void *arg)
{
    struct security_count_walk *w = arg;
    const char *station = column_text(q, 0);
    struct store_security_count count = {
        .station = station != NULL && station[0] != '\0' ? station : NULL,
        .type = column_text(q, 1),
        .origin = column_i32(q, 2),
        .critical = column_i32(q, 3) != 0,
        .n = column_i64(q, 4),
        .first_at_ms = column_i64(q, 5),
        .last_at_ms = column_i64(q, 6),
    };
    return w->row(w->arg, &count);
}

enum store_rc reader_security_counts(struct reader *r, const struct reader_security_filter *filter,
                                     bool (*row)(void *arg, const struct store_security_count *c),
                                     void *arg)
{
    sqlite3_stmt *q;
    struct security_count_walk w = { .row = row, .arg = arg };
    enum store_rc rc = ask(r, QUERY_SECURITY_COUNTS, &q);
    if (rc != STORE_OK)
        return rc;
    bind_security(q, filter);
    return walk(q, take_security_count, &w);
}

struct connection_walk {
    bool (*row)(void *arg, const struct store_connection *connection);
    void *arg;
};

static bool take_connection(sqlite3_stmt *q, void *arg)
{
    struct connection_walk *w = arg;
    struct store_connection connection = {
        .station = column_text(q, 0),
        .link = column_i64(q, 1),
        .address = column_text(q, 2),
        .transport = column_text(q, 3),
        .opened_at_ms = column_i64(q, 4),
        .closed_at_ms = column_int(q, 5),
        .code = column_i32(q, 6),
        .reason = column_text(q, 7),
    };
    return w->row(w->arg, &connection);
}

enum store_rc reader_connections(struct reader *r, const char *station,
                                 bool (*row)(void *arg, const struct store_connection *c),
                                 void *arg)
{
    sqlite3_stmt *q;
    struct connection_walk w = { .row = row, .arg = arg };
    enum store_rc rc = ask(r, QUERY_CONNECTIONS, &q);
    if (rc != STORE_OK)
        return rc;
    bind_text(q, 1, station);
    return walk(q, take_connection, &w);
}

enum store_rc reader_station_events(
    struct reader *r, const char *station, int64_t since_ms, int64_t limit,
    bool (*row)(void *arg, int64_t seq, const struct store_event *event), void *arg)
{
    sqlite3_stmt *q;
    struct event_walk w = { .row = row, .arg = arg };
    enum store_rc rc = ask(r, QUERY_EVENTS_OF_STATION, &q);
    if (rc != STORE_OK)
        return rc;
    bind_text(q, 1, station);
    bind_int(q, 2, since_ms);
    bind_int(q, 3, limit);
    return walk(q, take_event, &w);
}

/* --- configuration as wanted, deviations by model --- */

struct wish_walk {
    bool (*row)(void *arg, const struct store_key_wish *wish);
    void *arg;
};

static bool take_wish(sqlite3_stmt *q, void *arg)
{
    struct wish_walk *w = arg;
    struct store_key_wish wish = { .station = column_text(q, 0),
                                   .key = column_text(q, 1),
                                   .wanted = column_text(q, 2),
                                   .reported = column_text(q, 3),
                                   .source = column_text(q, 4),
                                   .note = column_text(q, 5),
                                   .firmware = column_text(q, 6),
                                   .who = column_text(q, 7),
                                   .why = column_text(q, 8),
                                   .state = column_i32(q, 9),
                                   .at_ms = column_i64(q, 10) };
    return w->row(w->arg, &wish);
}

enum store_rc reader_wishes(struct reader *r,
                            bool (*row)(void *arg, const struct store_key_wish *wish), void *arg)
{
    sqlite3_stmt *q;
    struct wish_walk w = { .row = row, .arg = arg };
    enum store_rc rc = ask(r, QUERY_WISHES, &q);
    return rc == STORE_OK ? walk(q, take_wish, &w) : rc;
}

struct violation_walk {
    bool (*row)(void *arg, const struct store_violation *violation);
    void *arg;
};

static bool take_violation(sqlite3_stmt *q, void *arg)
{
    struct violation_walk *w = arg;
    struct store_violation v = { .vendor = column_text(q, 0),
                                 .model = column_text(q, 1),
                                 .firmware = column_text(q, 2),
                                 .kind = column_text(q, 3),
                                 .station = column_text(q, 4),
                                 .example = column_text(q, 5),
                                 .count = column_i64(q, 6),
                                 .first_at_ms = column_i64(q, 7),
                                 .last_at_ms = column_i64(q, 8) };
    return w->row(w->arg, &v);
}

enum store_rc reader_violations(struct reader *r,
                                bool (*row)(void *arg, const struct store_violation *violation),
                                void *arg)
{
    sqlite3_stmt *q;
    struct violation_walk w = { .row = row, .arg = arg };
    enum store_rc rc = ask(r, QUERY_VIOLATIONS, &q);
    return rc == STORE_OK ? walk(q, take_violation, &w) : rc;
}

struct waiting_walk {
    bool (*row)(void *arg, const struct store_waiting *waiting);
    void *arg;
};

static bool take_waiting(sqlite3_stmt *q, void *arg)
{
    struct waiting_walk *w = arg;
    struct store_waiting waiting = { .station = column_text(q, 0),
                                     .vendor = column_text(q, 1),
                                     .model = column_text(q, 2),
                                     .serial = column_text(q, 3),
                                     .firmware = column_text(q, 4),
                                     .address = column_text(q, 5),
                                     .registration = column_i32(q, 6),
                                     .first_at_ms = column_i64(q, 7),
                                     .last_at_ms = column_i64(q, 8),
                                     .n_boots = column_i64(q, 9) };
    return w->row(w->arg, &waiting);
}

enum store_rc reader_waiting(struct reader *r,
                             bool (*row)(void *arg, const struct store_waiting *waiting), void *arg)
{
    sqlite3_stmt *q;
    struct waiting_walk w = { .row = row, .arg = arg };
    enum store_rc rc = ask(r, QUERY_WAITING, &q);
    return rc == STORE_OK ? walk(q, take_waiting, &w) : rc;
}

/* --- files --- */

struct firmware_walk {
    bool (*row)(void *arg, const struct store_firmware *row);
    void *arg;
};

static bool take_firmware(sqlite3_stmt *q, void *arg)
{
    struct firmware_walk *w = arg;
    struct store_firmware row = {
        .num = column_i64(q, 0),
        .sha256 = column_text(q, 1),
        .name = column_text(q, 2),
        .version = column_text(q, 3),
        .vendor = column_text(q, 4),
        .model = column_text(q, 5),
        .size = column_i64(q, 6),
        .signature = column_text(q, 7),
        .certificate = column_text(q, 8),
        .who = column_text(q, 9),
        .why = column_text(q, 10),
        .at_ms = column_i64(q, 11),
        .removed = column_i32(q, 12) != 0,
    };
    return w->row(w->arg, &row);
}

enum store_rc reader_firmware(struct reader *r, int64_t num,
                              bool (*row)(void *arg, const struct store_firmware *f), void *arg)
{
    sqlite3_stmt *q;
    struct firmware_walk w = { .row = row, .arg = arg };
    enum store_rc rc = ask(r, QUERY_FIRMWARE, &q);
    if (rc != STORE_OK)
        return rc;
    bind_int(q, 1, num);
    return walk(q, take_firmware, &w);
}

struct file_job_walk {
    bool (*row)(void *arg, const struct store_file_job *row);
    void *arg;
};

static bool take_file_job(sqlite3_stmt *q, void *arg)
{
    struct file_job_walk *w = arg;
    struct store_file_job row = {
        .id = column_i64(q, 0),
        .kind = column_i32(q, 1),
        .state = column_i32(q, 2),
        .station = column_text(q, 3),
        .firmware = column_i64(q, 4),
        .rollout = column_i64(q, 5),
        .url = column_text(q, 6),
        .token = column_text(q, 7),
        .version = column_text(q, 8),
        .status = column_text(q, 9),
        .note = column_text(q, 10),
        .file = column_text(q, 11),
        .sha256 = column_text(q, 12),
        .size = column_i64(q, 13),
        .start_at_ms = column_i64(q, 14),
        .install_at_ms = column_int(q, 15),
        .from_ms = column_int(q, 16),
        .to_ms = column_int(q, 17),
        .retries = column_i32(q, 18),
        .retry_s = column_i32(q, 19),
        .wrong_signature = column_i32(q, 20) != 0,
        .who = column_text(q, 21),
        .why = column_text(q, 22),
        .asked_at_ms = column_i64(q, 23),
        .changed_at_ms = column_i64(q, 24),
        .until_ms = column_i64(q, 25),
    };
    return w->row(w->arg, &row);
}

enum store_rc reader_file_jobs(struct reader *r, const struct reader_file_filter *filter,
                               bool (*row)(void *arg, const struct store_file_job *job), void *arg)
{
    sqlite3_stmt *q;
    struct file_job_walk w = { .row = row, .arg = arg };
    enum store_rc rc =
        ask(r, filter->station != NULL ? QUERY_FILE_JOBS_OF_STATION : QUERY_FILE_JOBS, &q);
    if (rc != STORE_OK)
        return rc;
    bind_text(q, 1, filter->station);
    bind_int(q, 2, filter->before_id);
    bind_int(q, 3, filter->id);
    bind_int(q, 4, filter->limit > 0 ? filter->limit : ALL);
    return walk(q, take_file_job, &w);
}

enum store_rc reader_open_file_jobs(struct reader *r,
                                    bool (*row)(void *arg, const struct store_file_job *job),
                                    void *arg)
{
    sqlite3_stmt *q;
    struct file_job_walk w = { .row = row, .arg = arg };
    enum store_rc rc = ask(r, QUERY_FILE_JOBS_OPEN, &q);
    return rc == STORE_OK ? walk(q, take_file_job, &w) : rc;
}

enum store_rc reader_kept_files(struct reader *r, const char *file,
                                bool (*row)(void *arg, const struct store_file_job *job), void *arg)
{
    sqlite3_stmt *q;
    struct file_job_walk w = { .row = row, .arg = arg };
    enum store_rc rc = ask(r, QUERY_FILE_JOBS_KEPT, &q);
    if (rc != STORE_OK)
        return rc;
    bind_text(q, 1, file);
    return walk(q, take_file_job, &w);
}

enum store_rc reader_rollout_jobs(struct reader *r, int64_t rollout,
                                  bool (*row)(void *arg, const struct store_file_job *job),
                                  void *arg)
{
    sqlite3_stmt *q;
    struct file_job_walk w = { .row = row, .arg = arg };
    enum store_rc rc = ask(r, QUERY_FILE_JOBS_OF_ROLLOUT, &q);
    if (rc != STORE_OK)
        return rc;
    bind_int(q, 1, rollout);
    return walk(q, take_file_job, &w);
}

struct rollout_walk {
    bool (*row)(void *arg, const struct store_rollout *row);
    void *arg;
};

static bool take_rollout(sqlite3_stmt *q, void *arg)
{
    struct rollout_walk *w = arg;
    struct store_rollout row = {
        .num = column_i64(q, 0),
        .firmware = column_i64(q, 1),
        .state = column_i32(q, 2),
        .canary = column_i32(q, 3),
        .max_parallel = column_i32(q, 4),
        .stop_after = column_i32(q, 5),
        .from_min = column_i32(q, 6),
        .to_min = column_i32(q, 7),
        .force = column_i32(q, 8) != 0,
        .is_signed = column_i32(q, 9) != 0,
        .retries = column_i32(q, 10),
        .retry_s = column_i32(q, 11),
        .note = column_text(q, 12),
        .who = column_text(q, 13),
        .why = column_text(q, 14),
        .at_ms = column_i64(q, 15),
        .changed_at_ms = column_i64(q, 16),
        .forgiven = column_i32(q, 17),
    };
    return w->row(w->arg, &row);
}

enum store_rc reader_rollouts(struct reader *r, int64_t num,
                              bool (*row)(void *arg, const struct store_rollout *rollout),
                              void *arg)
{
    sqlite3_stmt *q;
    struct rollout_walk w = { .row = row, .arg = arg };
    enum store_rc rc = ask(r, QUERY_ROLLOUTS, &q);
    if (rc != STORE_OK)
        return rc;
    bind_int(q, 1, num);
    return walk(q, take_rollout, &w);
}

struct target_walk {
    bool (*row)(void *arg, const struct store_rollout_target *row);
    void *arg;
};

static bool take_target(sqlite3_stmt *q, void *arg)
{
    struct target_walk *w = arg;
    struct store_rollout_target row = {
        .rollout = column_i64(q, 0),
        .place = column_i32(q, 1),
        .state = column_i32(q, 2),
        .station = column_text(q, 3),
        .job = column_i64(q, 4),
        .tries = column_i32(q, 5),
        .note = column_text(q, 6),
        .changed_at_ms = column_i64(q, 7),
    };
    return w->row(w->arg, &row);
}

enum store_rc reader_rollout_targets(struct reader *r, int64_t rollout,
                                     bool (*row)(void *arg, const struct store_rollout_target *t),
                                     void *arg)
{
    sqlite3_stmt *q;
    struct target_walk w = { .row = row, .arg = arg };
    enum store_rc rc = ask(r, QUERY_ROLLOUT_TARGETS, &q);
    if (rc != STORE_OK)
        return rc;
    bind_int(q, 1, rollout);
    return walk(q, take_target, &w);
}

static bool take_file_max(sqlite3_stmt *q, void *arg)
{
    struct reader_file_max *max = arg;
    *max = (struct reader_file_max){ column_i64(q, 0), column_i64(q, 1), column_i64(q, 2) };
    return true;
}

enum store_rc reader_file_max(struct reader *r, struct reader_file_max *ret_max)
{
    sqlite3_stmt *q;
    *ret_max = (struct reader_file_max){ 0, 0, 0 };
    enum store_rc rc = ask(r, QUERY_FILE_MAX, &q);
    return rc == STORE_OK ? walk(q, take_file_max, ret_max) : rc;
}
