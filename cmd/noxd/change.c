/*
 * Changes of the configuration: read the file, prove the grid, write, take over.
 *
 *   worker   parse upon what the database holds, merge, prove
 *   writer   store_apply()
 *   loop     tags one by one: central_tag_put()
 *   worker   read the site as it is now, but for the tags
 *   loop     central_configure(), answer
 *
 * Applies run one after the other, so that each is read upon what the one before has left.  Tags
 * are very many: those that the file names are looked up, and they are written in steps, between
 * which what stations say is written too.  All is checked before the first step; if noxd ends
 * between two of them, the same file does the rest.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "cmd/noxd/admin_state.h"
#include "cmd/noxd/apply_file.h"
#include "cmd/noxd/jout.h"
#include "cmd/noxd/tag_csv.h"

enum {
    CHANGES_MAX = 64,
    ARENA_CHUNK_BYTES = 64 * 1024,
    ARENA_LIMIT_BYTES = 1024 * 1024 * 1024,
    STEP_TAGS = 500,    /* written in one job: some milliseconds of the writer and of the loop */
    LOOK_UP_MAX = 1000, /* more tags than this are not looked up one by one */
    SHOWN_MAX = 20,     /* changes that an import shows */
};

struct change {
    struct change *next;
    struct request *request;
    json_t *root; /* NULL: the request's body, not parsed yet */
    const char *strip;
    bool dry_run, force;
    int64_t now_ms; /* from when on it has to hold */
    struct apply_site file;
    struct apply_error error;
    int status; /* of the error, 0 = none */
    const char *code;
    size_t first_tag, step_tags; /* of the step under way */
    size_t n_of[STORE_UNCHANGED + 1];
    bool opened; /* r->out: the list of changes has begun */
    /* import of tags (POST /v1/tags/import) */
    bool import, delete_missing;
    char **missing; /* idTags to be deleted */
    size_t n_missing, n_deleted;
    struct tag_csv csv;
};

/* --- the live state follows the database --- */

static void follow_read(void *arg)
{
    struct admin *a = arg;
    struct follow *f = &a->follow;
    f->rc = reader_open(a->options.db_path, &f->db, f->text, sizeof(f->text));
    if (f->rc == STORE_OK)
        f->rc = reader_site_but_tags(f->db, &f->site);
    if (f->rc != STORE_OK && f->text[0] == '\0')
        snprintf(f->text, sizeof(f->text), "%s", store_rc_text(f->rc));
}

static bool take_over(struct admin *a)
{
    struct follow *f = &a->follow;
    if (a->closing || f->rc != STORE_OK)
        return false;
    return central_configure(a->options.central, f->site, admin_now(a), f->text, sizeof(f->text));
}

static void follow_begin(struct admin *a);

static void follow_done(void *arg)
{
    struct admin *a = arg;
    bool good = take_over(a);
    struct follower *list = a->following;
    a->following = NULL;
    while (list != NULL) {
        struct follower *next = list->next;
        if (list->done != NULL)
            list->done(list->arg, good, a->follow.text);
        free(list);
        list = next;
    }
    if (a->follow.db != NULL)
        reader_close(a->follow.db);
    a->follow = (struct follow){ .busy = false };
    if (good)
        loop_run_due(a->options.loop);
    if (a->to_follow != NULL)
        follow_begin(a);
    admin_unref(a);
}

/* All who wait now are served by this run: it reads what they have committed. */
static void follow_begin(struct admin *a)
{
    a->following = a->to_follow;
    a->to_follow = NULL;
    a->follow = (struct follow){ .busy = true, .rc = STORE_STOPPED };
    a->refs++;
    if (a->closing || !work_submit(a->questions, follow_read, follow_done, a))
        follow_done(a);
}

void admin_follow(struct admin *a, void (*done)(void *arg, bool good, const char *text), void *arg)
{
    struct follower *f = calloc(1, sizeof(*f));
    if (f == NULL) {
        if (done != NULL)
            done(arg, false, "out of memory");
        return;
    }
    *f = (struct follower){ .next = a->to_follow, .done = done, .arg = arg };
    a->to_follow = f;
    if (!a->follow.busy)
        follow_begin(a);
}

/* --- apply --- */

static void fail_not_taken(struct request *r);

static void change_free(struct change *c)
{
    request_unref(c->request);
    if (c->root != NULL)
        json_decref(c->root);
    apply_site_done(&c->file);
    for (size_t i = 0; i < c->n_missing; i++)
        free(c->missing[i]);
    free(c->missing);
    tag_csv_done(&c->csv);
    free(c);
}

static void change_begin(struct admin *a);

/* The first of the queue has been answered. */
static void change_end(struct change *c)
{
    struct admin *a = c->request->admin;
    a->refs++;
    a->change = c->next;
    if (a->change == NULL)
        a->last_change = NULL;
    a->n_changes--;
    change_free(c);
    if (a->change != NULL && !a->closing)
        change_begin(a);
    admin_unref(a);
}

/* "stations[0].rating_a" is "rating_a" to who sent one station. */
static void strip_path(struct change *c)
{
    struct apply_error *e = &c->error;
    size_t len = c->strip != NULL ? strlen(c->strip) : 0;
    if (len == 0 || strncmp(e->path, c->strip, len) != 0 || strncmp(e->path + len, "[0].", 4) != 0)
        return;
    len += 4;
    memmove(e->path, e->path + len, strlen(e->path + len) + 1);
    if (strlen(e->text) > len)
        memmove(e->text, e->text + len, strlen(e->text + len) + 1);
}

static bool change_fail(struct change *c, int status, const char *code)
{
    c->status = status;
    c->code = code;
    return false;
}

static bool change_parse_json(struct change *c)
{
    json_error_t error;
    const struct request *r = c->request;
    if (c->root != NULL)
        return true;
    c->root =
        json_loadb(r->body_len > 0 ? r->body : "", r->body_len, JSON_REJECT_DUPLICATES, &error);
    if (c->root != NULL)
        return true;
    snprintf(c->error.text, sizeof(c->error.text), "the file is no JSON: line %d, column %d: %s",
             error.line, error.column, error.text);
    return change_fail(c, 400, "bad-json");
}

/* Would the scheduler take it, and do all safe currents fit? */
static bool change_prove(struct change *c, const struct store_site *merged)
{
    struct apply_error *e = &c->error;
    char text[320];
    if (c->file.site.n_grid == 0 && c->file.site.n_stations == 0)
        return true;
    if (!central_check(merged, e->text, sizeof(e->text)))
        return change_fail(c, 422, "invalid-data");
    if (c->force || central_prove(merged, c->now_ms, text, sizeof(text)))
        return true;
    snprintf(e->text, sizeof(e->text),
             "%s.  Nothing was changed; noxctl apply --force takes it all the same", text);
    return change_fail(c, 409, "unsafe-grid");
}

static bool change_read_upon(struct change *c, const struct store_site *base)
{
    struct ocpp_arena arena;
    struct store_site merged;
    json_t *root = c->root;
    c->root = NULL; /* taken over */
    if (!apply_parse(root, base, &c->file, &c->error))
        return change_fail(c, 422, "invalid-data");
    ocpp_arena_init(&arena, ARENA_CHUNK_BYTES, ARENA_LIMIT_BYTES);
    bool good = apply_merge(base, &c->file, &arena, &merged, &c->error) ||
                change_fail(c, 422, "invalid-data");
    good = good && change_prove(c, &merged);
    ocpp_arena_done(&arena);
    return good;
}

/* The tags that the file names, as they are known, in memory of `arena`. */
struct look_up {
    struct ocpp_arena *arena;
    struct store_tag *tag;
    size_t n;
    bool out_of_memory;
};

static const char *keep_text(struct look_up *l, const char *text)
{
    const char *copy = text != NULL ? ocpp_arena_strdup(l->arena, text) : NULL;
    l->out_of_memory = l->out_of_memory || (text != NULL && copy == NULL);
    return copy;
}

static bool keep_tag(void *arg, const struct store_tag *tag)
{
    struct look_up *l = arg;
    struct store_tag *copy = &l->tag[l->n++];
    *copy = *tag;
    copy->id_tag = keep_text(l, tag->id_tag);
    copy->parent_id_tag = keep_text(l, tag->parent_id_tag);
    copy->customer = keep_text(l, tag->customer);
    copy->auth_kind = keep_text(l, tag->auth_kind);
    copy->groups = keep_text(l, tag->groups);
    return !l->out_of_memory;
}

static enum store_rc look_up_tags(struct reader *db, json_t *list, struct look_up *l)
{
    enum store_rc rc = STORE_OK;
    l->tag = ocpp_arena_alloc(l->arena, (json_array_size(list) + 1) * sizeof(*l->tag));
    if (l->tag == NULL)
        return STORE_IO;
    for (size_t i = 0; i < json_array_size(list) && rc == STORE_OK; i++) {
        json_t *id = json_object_get(json_array_get(list, i), "id_tag");
        if (json_is_string(id))
            rc = reader_tag(db, json_string_value(id), keep_tag, l);
    }
    return l->out_of_memory ? STORE_IO : rc;
}

static enum store_rc read_base(struct change *c, struct reader *db, struct ocpp_arena *arena,
                               struct store_site *ret_base)
{
    json_t *tags = json_object_get(c->root, "tags");
    const struct store_site *site;
    struct look_up look_up = { .arena = arena };
    if (json_array_size(tags) > LOOK_UP_MAX || c->delete_missing) {
        enum store_rc rc = reader_site(db, &site);
        if (rc == STORE_OK)
            *ret_base = *site;
        return rc;
    }
    enum store_rc rc = reader_site_but_tags(db, &site);
    if (rc == STORE_OK)
        rc = look_up_tags(db, tags, &look_up);
    if (rc != STORE_OK)
        return rc;
    *ret_base = *site;
    ret_base->tag = look_up.tag;
    ret_base->n_tags = look_up.n;
    return STORE_OK;
}

static int by_id_tag(const void *a, const void *b)
{
    return strcasecmp(*(const char *const *)a, *(const char *const *)b);
}

/* What the database has and the file has not. */
static bool find_missing(struct change *c, const struct store_site *base)
{
    size_t n = c->file.site.n_tags;
    const char **named = calloc(n + 1, sizeof(*named));
    c->missing = calloc(base->n_tags + 1, sizeof(*c->missing));
    bool good = named != NULL && c->missing != NULL;
    for (size_t i = 0; good && i < n; i++)
        named[i] = c->file.site.tag[i].id_tag;
    if (good && n > 0)
        qsort(named, n, sizeof(*named), by_id_tag);
    for (size_t i = 0; good && i < base->n_tags; i++) {
        const char *id_tag = base->tag[i].id_tag;
        if (n > 0 && bsearch(&id_tag, named, n, sizeof(*named), by_id_tag) != NULL)
            continue;
        c->missing[c->n_missing] = strdup(id_tag);
        good = c->missing[c->n_missing] != NULL;
        c->n_missing += good;
    }
    free(named);
    if (!good)
        snprintf(c->error.text, sizeof(c->error.text), "out of memory; nothing was changed");
    return good || change_fail(c, 503, "overloaded");
}

static bool change_parse_csv(struct change *c)
{
    const struct request *r = c->request;
    json_t *wrapped =
        r->body_len > 0 && r->body[0] == '{' ? json_loadb(r->body, r->body_len, 0, NULL) : NULL;
    const char *text = json_string_value(json_object_get(wrapped, "csv"));
    bool good = text != NULL ? tag_csv_read(text, strlen(text), &c->csv)
                             : tag_csv_read(r->body_len > 0 ? r->body : "", r->body_len, &c->csv);
    json_decref(wrapped);
    if (good) {
        c->root = json_pack("{s:O}", "tags", c->csv.tags);
        return c->root != NULL || change_fail(c, 503, "overloaded");
    }
    snprintf(c->error.text, sizeof(c->error.text),
             "%zu line%s wrong; nothing was changed: line %zu: %s", c->csv.n_faults,
             c->csv.n_faults == 1 ? " is" : "s are", c->csv.fault[0].line, c->csv.fault[0].text);
    return change_fail(c, 422, "invalid-data");
}

static void change_read(void *arg)
{
    struct change *c = arg;
    struct reader *db;
    struct ocpp_arena arena;
    struct store_site base;
    c->status = 0;
    if (!(c->import ? change_parse_csv(c) : change_parse_json(c)))
        return;
    enum store_rc rc =
        reader_open(c->request->admin->options.db_path, &db, c->error.text, sizeof(c->error.text));
    if (rc != STORE_OK) {
        change_fail(c, 503, "storage-failing");
        return;
    }
    ocpp_arena_init(&arena, ARENA_CHUNK_BYTES, ARENA_LIMIT_BYTES);
    rc = read_base(c, db, &arena, &base);
    if (rc == STORE_OK) {
        if (change_read_upon(c, &base) && c->delete_missing)
            find_missing(c, &base);
    } else {
        change_fail(c, 503, "storage-failing");
        snprintf(c->error.text, sizeof(c->error.text), "%s", store_rc_text(rc));
    }
    ocpp_arena_done(&arena);
    reader_close(db);
}

static void change_followed(void *arg, bool good, const char *text)
{
    struct change *c = arg;
    if (good)
        request_answer(c->request, 200);
    else
        request_fail(c->request, 409, "not-taken-over", NULL,
                     "it is stored, but not in force: %s; correct the file and apply it again",
                     text);
    change_end(c);
}

static void put_change(struct ocpp_text *out, const char *list, const char *id, const char *kind,
                       const char *detail)
{
    jout_open(out, NULL, '{');
    jout_text(out, "list", list);
    jout_text(out, "id", id);
    jout_text(out, "change", kind);
    jout_text(out, "detail", detail != NULL ? detail : "");
    jout_close(out, '}');
}

/* An import tells the first that change, all others each record that the file names. */
static void put_changes(struct change *c, const union store_result *result)
{
    static const char *const kinds[] = { [STORE_ADDED] = "added",
                                         [STORE_CHANGED] = "changed",
                                         [STORE_UNCHANGED] = "unchanged" };
    struct ocpp_text *out = &c->request->out;
    if (!c->opened) {
        jout_open(out, NULL, '{');
        jout_open(out, "changes", '[');
        c->opened = true;
    }
    for (size_t i = 0; i < result->apply.n_changes; i++) {
        const struct store_change *change = &result->apply.change[i];
        bool is_shown = !c->import || (change->kind != STORE_UNCHANGED &&
                                       c->n_of[STORE_ADDED] + c->n_of[STORE_CHANGED] < SHOWN_MAX);
        c->n_of[change->kind]++;
        if (is_shown)
            put_change(out, change->list, change->id, kinds[change->kind], change->detail);
    }
}

static void put_end(struct change *c)
{
    struct ocpp_text *out = &c->request->out;
    for (size_t i = 0; c->import && i < c->n_missing && i < SHOWN_MAX; i++)
        put_change(out, "tags", c->missing[i], "removed", NULL);
    jout_close(out, ']');
    if (c->import) {
        jout_int(out, "added", (int64_t)c->n_of[STORE_ADDED]);
        jout_int(out, "changed", (int64_t)c->n_of[STORE_CHANGED]);
        jout_int(out, "unchanged", (int64_t)c->n_of[STORE_UNCHANGED]);
        jout_int(out, "removed", (int64_t)c->n_missing);
    }
    jout_bool(out, "dry_run", c->dry_run);
    jout_close(out, '}');
}

/* The live state takes over the tags of a step, each with the number that the store gave it. */
static void take_tags(struct change *c, const union store_result *result)
{
    struct admin *a = c->request->admin;
    int32_t revision = result->apply.first_revision;
    const struct store_change *change =
        &result->apply.change[result->apply.n_changes - c->step_tags];
    for (size_t i = 0; i < c->step_tags; i++) {
        if (change[i].kind == STORE_UNCHANGED)
            continue;
        struct store_tag tag = c->file.site.tag[c->first_tag + i];
        tag.revision = revision++;
        tag.moved = 0;
        central_tag_put(a->options.central, &tag, admin_now(a));
    }
}

static bool has_more_than_tags(const struct store_site *site)
{
    return site->n_grid + site->n_stations + site->n_connectors + site->n_tariffs +
               site->n_factors + site->n_templates >
           0;
}

static void change_finish(struct change *c)
{
    struct request *r = c->request;
    put_end(c);
    if (!c->dry_run && has_more_than_tags(&c->file.site)) {
        admin_follow(r->admin, change_followed, c);
        return;
    }
    request_answer(r, 200);
    change_end(c);
}

static void change_delete_next(struct change *c);

static void tag_deleted(void *arg, enum store_rc rc, const union store_result *result)
{
    struct change *c = arg;
    struct admin *a = c->request->admin;
    if (rc != STORE_OK && rc != STORE_MISSING) {
        request_fail_rc(c->request, rc,
                        "tags were imported, but not all that are missing in the "
                        "file were removed; import it again",
                        NULL);
        change_end(c);
        return;
    }
    if (rc == STORE_OK)
        central_tag_gone(a->options.central, c->missing[c->n_deleted], result->count.revision,
                         admin_now(a));
    c->n_deleted++;
    change_delete_next(c);
}

static void change_delete_next(struct change *c)
{
    struct admin *a = c->request->admin;
    struct store_done done = { tag_deleted, c };
    if (c->dry_run || c->n_deleted == c->n_missing) {
        change_finish(c);
    } else if (!store_tag_remove(a->options.store, c->missing[c->n_deleted], done)) {
        fail_not_taken(c->request);
        change_end(c);
    }
}

static void change_step(struct change *c);

static void change_applied(void *arg, enum store_rc rc, const union store_result *result)
{
    struct change *c = arg;
    struct request *r = c->request;
    if (rc != STORE_OK) {
        request_fail_rc(r, rc, NULL, rc == STORE_CONFLICT ? result->apply.error : NULL);
        change_end(c);
        return;
    }
    put_changes(c, result);
    if (!c->dry_run)
        take_tags(c, result);
    c->first_tag += c->step_tags;
    if (c->first_tag < c->file.site.n_tags)
        change_step(c);
    else
        change_delete_next(c);
}

/* The first step writes all but tags as well. */
static void change_step(struct change *c)
{
    struct request *r = c->request;
    struct store_done done = { change_applied, c };
    struct store_site step = c->file.site;
    size_t left = step.n_tags - c->first_tag;
    if (c->first_tag > 0)
        step = (struct store_site){ .tag = c->file.site.tag };
    c->step_tags = left < STEP_TAGS ? left : STEP_TAGS;
    step.tag += c->first_tag;
    step.n_tags = c->step_tags;
    if (store_apply(r->admin->options.store, &step, c->dry_run, done))
        return;
    fail_not_taken(r);
    change_end(c);
}

/* Every line that is wrong, for programs and for noxctl. */
static void fail_lines(struct change *c)
{
    struct request *r = c->request;
    size_t n = c->csv.n_faults < TAG_CSV_FAULTS ? c->csv.n_faults : TAG_CSV_FAULTS;
    jout_open(&r->out, NULL, '{');
    jout_open(&r->out, "error", '{');
    jout_text(&r->out, "code", c->code);
    jout_text(&r->out, "message", c->error.text);
    jout_open(&r->out, "lines", '[');
    for (size_t i = 0; i < n; i++) {
        jout_open(&r->out, NULL, '{');
        jout_int(&r->out, "line", (int64_t)c->csv.fault[i].line);
        jout_text(&r->out, "text", c->csv.fault[i].text);
        jout_close(&r->out, '}');
    }
    jout_close(&r->out, ']');
    jout_close(&r->out, '}');
    jout_close(&r->out, '}');
    request_answer(r, c->status);
}

static void change_was_read(void *arg)
{
    struct change *c = arg;
    struct request *r = c->request;
    if (c->status != 0 && c->csv.n_faults > 0) {
        fail_lines(c);
    } else if (c->status != 0) {
        strip_path(c);
        request_fail(r, c->status, c->code, c->error.path[0] != '\0' ? c->error.path : NULL, "%s",
                     c->error.text);
    } else if (r->admin->closing) {
        request_fail(r, 503, "stopping", NULL, "noxd is stopping; nothing was changed");
    } else {
        change_step(c);
        return;
    }
    change_end(c);
}

static void change_begin(struct admin *a)
{
    struct change *c = a->change;
    c->status = 503; /* if it never runs */
    c->code = "stopping";
    snprintf(c->error.text, sizeof(c->error.text), "nothing was changed; try again");
    if (!work_submit(a->questions, change_read, change_was_read, c))
        change_was_read(c);
}

static void change_enqueue(struct change *c)
{
    struct admin *a = c->request->admin;
    request_ref(c->request);
    if (a->last_change != NULL)
        a->last_change->next = c;
    else
        a->change = c;
    a->last_change = c;
    if (a->n_changes++ == 0)
        change_begin(a);
}

static struct change *change_new(struct request *r, bool dry_run)
{
    struct change *c = NULL;
    if ((dry_run || admin_can_write(r)) && r->admin->n_changes < CHANGES_MAX)
        c = calloc(1, sizeof(*c));
    if (c == NULL)
        request_fail(r, 503, "overloaded", NULL, "too many changes wait; try again");
    else
        *c = (struct change){ .request = r,
                              .dry_run = dry_run,
                              .now_ms = admin_now(r->admin).utc_ms };
    return c;
}

void admin_apply(struct request *r, json_t *root, const char *strip, bool dry_run, bool force)
{
    struct change *c = change_new(r, dry_run);
    if (c == NULL) {
        json_decref(root);
        return;
    }
    c->root = root;
    c->strip = strip;
    c->force = force;
    change_enqueue(c);
}

void admin_import_tags(struct request *r, bool dry_run, bool delete_missing)
{
    struct change *c = change_new(r, dry_run);
    if (c == NULL)
        return;
    c->import = true;
    c->delete_missing = delete_missing;
    change_enqueue(c);
}

/* The first may be in the store's hands and comes back by itself. */
void admin_changes_done(struct admin *a)
{
    if (a->change == NULL)
        return;
    struct change *waiting = a->change->next;
    a->change->next = NULL;
    a->last_change = a->change;
    while (waiting != NULL) {
        struct change *next = waiting->next;
        a->n_changes--;
        change_free(waiting);
        waiting = next;
    }
}

/* --- other writes --- */

bool admin_can_write(struct request *r)
{
    struct store_health health;
    store_health(r->admin->options.store, &health);
    if (health.state == STORE_OK)
        return true;
    request_fail(r, 503, health.state == STORE_FULL ? "storage-full" : "storage-failing", NULL,
                 "nothing can be written now: %s", health.text);
    return false;
}

static void fail_not_taken(struct request *r)
{
    if (admin_can_write(r))
        request_fail(r, 503, "overloaded", NULL, "too much waits to be written; try again");
}

void admin_not_taken(struct request *r)
{
    fail_not_taken(r);
    request_unref(r);
}

static void written_end(void *arg, bool good, const char *text)
{
    struct request *r = arg;
    if (good)
        request_answer(r, 200);
    else
        request_fail(r, 409, "not-taken-over", NULL, "it is stored, but not in force: %s", text);
    request_unref(r);
}

static void on_written(void *arg, enum store_rc rc, const union store_result *result)
{
    struct request *r = arg;
    if (rc == STORE_MISSING || (rc == STORE_OK && result->count.n == 0)) {
        request_fail(r, 404, "not-found", NULL, "there is no %s %s", r->written.what,
                     r->param[0] != NULL ? r->param[0] : "");
    } else if (rc != STORE_OK) {
        request_fail_rc(r, rc, NULL, NULL);
    } else {
        if (r->out.len == 0) { /* else prepared by the route */
            jout_open(&r->out, NULL, '{');
            jout_int(&r->out, "changed", result->count.n);
            jout_close(&r->out, '}');
        }
        if (r->written.follow) {
            admin_follow(r->admin, written_end, r);
            return;
        }
        request_answer(r, 200);
    }
    request_unref(r);
}

struct store_done admin_written(struct request *r, const char *what, bool follow)
{
    r->written.what = what;
    r->written.follow = follow;
    request_ref(r);
    return (struct store_done){ on_written, r };
}
