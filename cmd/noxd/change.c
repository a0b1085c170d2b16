/*
 * Changes of the configuration: read the file, prove the grid, write, take over.
 *
 *   worker   parse upon what the database holds, merge, prove
 *   writer   store_apply()
 *   worker   read the site as it is now
 *   loop     central_configure(), answer
 *
 * Applies run one after the other, so that each is read upon what the one before has left.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/noxd/admin_state.h"
#include "cmd/noxd/apply_file.h"
#include "cmd/noxd/jout.h"

enum { CHANGES_MAX = 64, ARENA_CHUNK_BYTES = 64 * 1024, ARENA_LIMIT_BYTES = 1024 * 1024 * 1024 };

struct change {
    struct change *next;
    struct request *request;
    json_t *root; /* NULL: the request's body, not parsed yet */
    const char *strip;
    bool dry_run, force;
    struct apply_site file;
    struct apply_error error;
    int status; /* of the error, 0 = none */
    const char *code;
};

/* --- the live state follows the database --- */

static void follow_read(void *arg)
{
    struct admin *a = arg;
    struct follow *f = &a->follow;
    f->rc = reader_open(a->options.db_path, &f->db, f->text, sizeof(f->text));
    if (f->rc == STORE_OK)
        f->rc = reader_site(f->db, &f->site);
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
    char text[240];
    if (c->file.site.n_grid == 0 && c->file.site.n_stations == 0)
        return true;
    if (!central_check(merged, e->text, sizeof(e->text)))
        return change_fail(c, 422, "invalid-data");
    if (c->force || central_prove(merged, text, sizeof(text)))
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

static void change_read(void *arg)
{
    struct change *c = arg;
    struct reader *db;
    const struct store_site *base;
    c->status = 0;
    if (!change_parse_json(c))
        return;
    enum store_rc rc =
        reader_open(c->request->admin->options.db_path, &db, c->error.text, sizeof(c->error.text));
    if (rc != STORE_OK) {
        change_fail(c, 503, "storage-failing");
        return;
    }
    rc = reader_site(db, &base);
    if (rc == STORE_OK)
        change_read_upon(c, base);
    else
        change_fail(c, 503, "storage-failing");
    if (rc != STORE_OK)
        snprintf(c->error.text, sizeof(c->error.text), "%s", store_rc_text(rc));
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

static void put_changes(struct ocpp_text *out, const union store_result *result, bool dry_run)
{
    static const char *const kinds[] = { [STORE_ADDED] = "added",
                                         [STORE_CHANGED] = "changed",
                                         [STORE_UNCHANGED] = "unchanged" };
    jout_open(out, NULL, '{');
    jout_open(out, "changes", '[');
    for (size_t i = 0; i < result->apply.n_changes; i++) {
        const struct store_change *change = &result->apply.change[i];
        jout_open(out, NULL, '{');
        jout_text(out, "list", change->list);
        jout_text(out, "id", change->id);
        jout_text(out, "change", kinds[change->kind]);
        jout_text(out, "detail", change->detail != NULL ? change->detail : "");
        jout_close(out, '}');
    }
    jout_close(out, ']');
    jout_bool(out, "dry_run", dry_run);
    jout_close(out, '}');
}

static void change_applied(void *arg, enum store_rc rc, const union store_result *result)
{
    struct change *c = arg;
    struct request *r = c->request;
    if (rc != STORE_OK) {
        request_fail_rc(r, rc, NULL, rc == STORE_CONFLICT ? result->apply.error : NULL);
        change_end(c);
        return;
    }
    put_changes(&r->out, result, c->dry_run);
    if (!c->dry_run) {
        admin_follow(r->admin, change_followed, c);
        return;
    }
    request_answer(r, 200);
    change_end(c);
}

static void change_was_read(void *arg)
{
    struct change *c = arg;
    struct request *r = c->request;
    struct store_done done = { change_applied, c };
    if (c->status != 0) {
        strip_path(c);
        request_fail(r, c->status, c->code, c->error.path[0] != '\0' ? c->error.path : NULL, "%s",
                     c->error.text);
    } else if (r->admin->closing) {
        request_fail(r, 503, "stopping", NULL, "noxd is stopping; nothing was changed");
    } else if (store_apply(r->admin->options.store, &c->file.site, c->dry_run, done)) {
        return;
    } else {
        fail_not_taken(r);
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

void admin_apply(struct request *r, json_t *root, const char *strip, bool dry_run, bool force)
{
    struct admin *a = r->admin;
    struct change *c = NULL;
    if ((dry_run || admin_can_write(r)) && a->n_changes < CHANGES_MAX)
        c = calloc(1, sizeof(*c));
    if (c == NULL) {
        request_fail(r, 503, "overloaded", NULL, "too many changes wait; try again");
        json_decref(root);
        return;
    }
    *c = (struct change){ .request = r,
                          .root = root,
                          .strip = strip,
                          .dry_run = dry_run,
                          .force = force };
    request_ref(r);
    if (a->last_change != NULL)
        a->last_change->next = c;
    else
        a->change = c;
    a->last_change = c;
    if (a->n_changes++ == 0)
        change_begin(a);
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
