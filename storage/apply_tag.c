/* Tags and templates of configuration. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "storage/apply_state.h"

/* --- tags --- */

static enum store_rc check_tag(struct apply *a, const struct store_tag *t)
{
    static const char *const kinds[] = { "rfid", "app", "direct", NULL };
    if (!apply_is_name(t->id_tag))
        return apply_refuse(a, "tags[%zu]: id_tag is missing; name the token as stations send it",
                            (size_t)(t - a->site->tag));
    if (t->status != STORE_AUTH_ACCEPTED && t->status != STORE_AUTH_BLOCKED)
        return apply_refuse(a, "tags %s: status must be Accepted or Blocked", t->id_tag);
    if (t->auth_kind != NULL && !apply_is_one_of(t->auth_kind, kinds))
        return apply_refuse(a, "tags %s: auth_kind %.40s is unknown; use rfid, app or direct",
                            t->id_tag, t->auth_kind);
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
    enum store_rc rc = apply_compare(a, &tag_fields, get, t, &kind, &d);
    if (rc != STORE_OK)
        return rc;
    apply_note(a, kind, &tag_fields, t->id_tag, d.text);
    if (kind == STORE_UNCHANGED)
        return STORE_OK;
    if (a->tags.revision == INT32_MAX)
        return apply_refuse(
            a,
            "tags %s: all numbers of changes are used up; restart noxd, which counts "
            "them anew",
            t->id_tag);
    a->tags.revision++;
    if (a->first_revision == 0)
        a->first_revision = a->tags.revision;
    return write_tag(a, t, key);
}

enum store_rc apply_tags(struct apply *a)
{
    const struct store_site *site = a->site;
    const void *twin[2];
    enum store_rc rc = STORE_OK;
    for (size_t i = 0; i < site->n_tags && rc == STORE_OK; i++)
        rc = check_tag(a, &site->tag[i]);
    if (rc != STORE_OK)
        return rc;
    rc = apply_find_twins(site->tag, site->n_tags, sizeof(*site->tag), apply_compare_tags, twin);
    if (rc == STORE_CONFLICT) {
        const struct store_tag *x = twin[0], *y = twin[1];
        return apply_refuse(
            a,
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
    if (!apply_is_name(t->id))
        return apply_refuse(a, "templates[%zu]: id is missing; give the template a name",
                            (size_t)(t - a->site->config_template));
    if (t->keys == NULL)
        return apply_refuse(a, "templates %s: keys is missing; name the keys and their values",
                            t->id);
    sqlite3_stmt *get = conn_stmt(a->db, STMT_TEMPLATE_GET);
    bind_text(get, 1, t->id);
    return apply_put(a, &template_fields, get, STMT_TEMPLATE_PUT, t, t->id);
}

enum store_rc apply_templates(struct apply *a)
{
    const struct store_site *site = a->site;
    const void *twin[2];
    enum store_rc rc = STORE_OK;
    for (size_t i = 0; i < site->n_templates; i++)
        if (!apply_is_name(site->config_template[i].id))
            return put_template(a, &site->config_template[i]);
    rc = apply_find_twins(site->config_template, site->n_templates, sizeof(*site->config_template),
                          compare_templates, twin);
    if (rc == STORE_CONFLICT)
        return apply_refuse(a, "templates %s: id stands twice in the list; remove one of the two",
                            ((const struct store_template *)twin[0])->id);
    for (size_t i = 0; i < site->n_templates && rc == STORE_OK; i++)
        rc = put_template(a, &site->config_template[i]);
    return rc;
}
