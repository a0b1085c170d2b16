/* Configuration as wanted, quirks, deviations by model, stations that wait for approval. */
#include <stdlib.h>
#include <string.h>

#include "cmd/noxd/jout.h"
#include "cmd/noxd/route.h"
#include "cmd/noxd/views.h"

/* --- a list from the database --- */

static enum store_rc put_items(struct ocpp_text *out, struct reader *db,
                               enum store_rc (*read)(struct reader *db, struct ocpp_text *out))
{
    jout_open(out, NULL, '{');
    jout_open(out, "items", '[');
    enum store_rc rc = read(db, out);
    jout_close(out, ']');
    jout_close(out, '}');
    return rc;
}

/* --- deviations by model --- */

static bool take_violation(void *arg, const struct store_violation *v)
{
    struct ocpp_text *out = arg;
    jout_open(out, NULL, '{');
    jout_text(out, "vendor", v->vendor);
    jout_text(out, "model", v->model);
    jout_text(out, "firmware", v->firmware);
    jout_text(out, "kind", v->kind);
    jout_int(out, "count", v->count);
    jout_time(out, "first_at", v->first_at_ms);
    jout_time(out, "last_at", v->last_at_ms);
    jout_text(out, "station", v->station);
    jout_text(out, "example", v->example);
    jout_close(out, '}');
    return true;
}

static enum store_rc list_violations(struct reader *db, struct ocpp_text *out)
{
    return reader_violations(db, take_violation, out);
}

static enum store_rc read_violations(struct question *q, struct reader *db)
{
    return put_items(&q->out, db, list_violations);
}

static void on_flushed(void *arg, enum store_rc rc, const union store_result *result)
{
    struct request *r = arg;
    (void)rc; /* what cannot be written now is not in the list; the rest is */
    (void)result;
    request_ask(r, read_violations, NULL, NULL);
    request_unref(r);
}

void route_violations(struct request *r)
{
    struct store_done done = { on_flushed, r };
    request_ref(r);
    if (central_flush_violations(r->admin->options.central, done))
        return;
    request_ask(r, read_violations, NULL, NULL);
    request_unref(r);
}

/* --- stations that wait for approval --- */

static bool take_waiting(void *arg, const struct store_waiting *w)
{
    struct ocpp_text *out = arg;
    jout_open(out, NULL, '{');
    jout_text(out, "station", w->station);
    jout_text(out, "registration", view_registration(w->registration));
    jout_text(out, "vendor", w->vendor);
    jout_text(out, "model", w->model);
    jout_text(out, "serial", w->serial);
    jout_text(out, "firmware", w->firmware);
    jout_text(out, "address", w->address);
    jout_time(out, "first_at", w->first_at_ms);
    jout_time(out, "last_at", w->last_at_ms);
    jout_int(out, "boots", w->n_boots);
    jout_close(out, '}');
    return true;
}

static enum store_rc list_waiting(struct reader *db, struct ocpp_text *out)
{
    return reader_waiting(db, take_waiting, out);
}

static enum store_rc read_waiting(struct question *q, struct reader *db)
{
    return put_items(&q->out, db, list_waiting);
}

void route_waiting(struct request *r)
{
    request_ask(r, read_waiting, NULL, NULL);
}
