/* What the apply file brings: tariffs, factors; and the file itself. */
#include <stdio.h>
#include <string.h>

#include "cmd/noxd/apply_file.h"
#include "cmd/noxd/jout.h"
#include "cmd/noxd/route.h"

static enum store_rc read_list(struct question *q, struct reader *db, size_t which)
{
    const struct apply_list *list = &apply_lists[which];
    const struct store_site *site;
    enum store_rc rc = reader_site_but_tags(db, &site);
    if (rc != STORE_OK)
        return rc;
    const char *items =
        *(const char *const *)(const void *)((const char *)site + list->items_offset);
    size_t n = *(const size_t *)(const void *)((const char *)site + list->n_offset);
    jout_open(&q->out, NULL, '{');
    jout_open(&q->out, "items", '[');
    for (size_t i = 0; i < n; i++) {
        jout_open(&q->out, NULL, '{');
        apply_write(list->object, items + i * list->object->size, &q->out);
        jout_close(&q->out, '}');
    }
    jout_close(&q->out, ']');
    jout_close(&q->out, '}');
    return STORE_OK;
}

static enum store_rc read_tariffs(struct question *q, struct reader *db)
{
    return read_list(q, db, APPLY_TARIFFS);
}

static enum store_rc read_factors(struct question *q, struct reader *db)
{
    return read_list(q, db, APPLY_FACTORS);
}

void route_tariffs(struct request *r)
{
    request_ask(r, read_tariffs, NULL, NULL);
}

void route_factors(struct request *r)
{
    request_ask(r, read_factors, NULL, NULL);
}

void route_apply(struct request *r)
{
    bool dry_run, force;
    if (request_query_flag(r, "dry_run", &dry_run) && request_query_flag(r, "force", &force))
        admin_apply(r, NULL, NULL, dry_run, force);
}

void route_apply_schema(struct request *r)
{
    apply_schema(&r->out);
    r->content_type = "application/schema+json";
    request_answer(r, 200);
}
