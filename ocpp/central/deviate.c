/*
 * Deviations from the standard, counted by vendor, model, firmware and kind: what a model does, not
 * what a station did.  Counted in memory, added to the store each minute and at the end.
 */
#include <stdlib.h>
#include <string.h>

#include "ocpp/central/state.h"

enum {
    SLOTS = 4096, /* a power of two */
    KINDS_MAX = 2000,
    KIND_BYTES = 200,
    EXAMPLE_BYTES = 240,
    FLUSH_MS = 60000,
};

struct deviation {
    char *vendor, *model, *firmware, *kind, *station;
    char example[EXAMPLE_BYTES];
    int64_t count, first_at_ms, last_at_ms; /* since the last flush */
};

struct deviations {
    struct deviation *slot[SLOTS];
    size_t n;
    bool dirty;
    struct timer timer;
};

static void on_flush(struct timer *timer, struct instant now)
{
    struct store_done nobody = { .fn = NULL };
    (void)now;
    central_flush_violations(timer->owner, nobody);
}

static struct deviations *of(struct central *c)
{
    if (c->deviations == NULL && (c->deviations = calloc(1, sizeof(*c->deviations))) != NULL)
        c->deviations->timer = (struct timer){ .fire = on_flush, .owner = c };
    return c->deviations;
}

static const char *known(const char *text)
{
    return text != NULL ? text : "";
}

static uint64_t hash_add(uint64_t h, const char *text)
{
    for (; *text != '\0'; text++)
        h = (h ^ (unsigned char)*text) * UINT64_C(0x100000001B3);
    return (h ^ 0xFF) * UINT64_C(0x100000001B3);
}

/* Without what differs from message to message: numbers become #, quoted values "...". */
static void kind_of(const char *action, const char *text, char ret_kind[KIND_BYTES])
{
    size_t used = 0, len = strlen(action);
    len = len < 60 ? len : 60;
    memcpy(ret_kind, action, len);
    used = len;
    ret_kind[used++] = ':';
    ret_kind[used++] = ' ';
    while (*text != '\0' && used + 4 < KIND_BYTES) {
        bool digit = *text >= '0' && *text <= '9';
        if (digit || *text == '"') {
            const char *end = digit ? text + strspn(text, "0123456789") : strchr(text + 1, '"');
            ret_kind[used++] = digit ? '#' : '"';
            if (!digit)
                ret_kind[used++] = '"';
            text = end == NULL ? text + strlen(text) : digit ? end : end + 1;
        } else {
            ret_kind[used++] = *text++;
        }
    }
    while (used > 0 && ((unsigned char)ret_kind[used - 1] & 0xC0) == 0x80 && *text != '\0')
        used--; /* not within a character */
    if (used > 0 && (unsigned char)ret_kind[used - 1] >= 0xC0 && *text != '\0')
        used--;
    ret_kind[used] = '\0';
}

static void deviation_free(struct deviation *d)
{
    if (d == NULL)
        return;
    char *owned[] = { d->vendor, d->model, d->firmware, d->kind, d->station };
    for (size_t i = 0; i < sizeof(owned) / sizeof(owned[0]); i++)
        free(owned[i]);
    free(d);
}

static struct deviation *deviation_new(const struct station *s, const char *kind)
{
    struct deviation *d = calloc(1, sizeof(*d));
    if (d == NULL)
        return NULL;
    d->vendor = strdup(known(s->vendor));
    d->model = strdup(known(s->model));
    d->firmware = strdup(known(s->firmware));
    d->kind = strdup(kind);
    if (d->vendor != NULL && d->model != NULL && d->firmware != NULL && d->kind != NULL)
        return d;
    deviation_free(d);
    return NULL;
}

static bool is_same(const struct deviation *d, const struct station *s, const char *kind)
{
    return strcmp(d->kind, kind) == 0 && strcmp(d->model, known(s->model)) == 0 &&
           strcmp(d->vendor, known(s->vendor)) == 0 && strcmp(d->firmware, known(s->firmware)) == 0;
}

/* Finds or makes; NULL when there is no room. */
static struct deviation *find(struct deviations *list, const struct station *s, const char *kind)
{
    uint64_t h = hash_add(UINT64_C(0xCBF29CE484222325), kind);
    h = hash_add(hash_add(hash_add(h, known(s->vendor)), known(s->model)), known(s->firmware));
    size_t i = (size_t)(h ^ h >> 32) & (SLOTS - 1);
    while (list->slot[i] != NULL && !is_same(list->slot[i], s, kind))
        i = (i + 1) & (SLOTS - 1);
    if (list->slot[i] == NULL && list->n < KINDS_MAX &&
        (list->slot[i] = deviation_new(s, kind)) != NULL)
        list->n++;
    return list->slot[i];
}

void deviation_count(struct station *s, const char *action, const char *text, struct instant now)
{
    struct deviations *list = of(s->central);
    char kind[KIND_BYTES];
    kind_of(action, text, kind);
    struct deviation *d = list != NULL ? find(list, s, kind) : NULL;
    if (d == NULL)
        return; /* of a flood of kinds the rest is in the station's own count */
    if (d->count++ == 0)
        d->first_at_ms = now.utc_ms;
    d->last_at_ms = now.utc_ms;
    text_replace(&d->station, s->id);
    text_copy(d->example, sizeof(d->example), text);
    list->dirty = true;
    if (list->timer.place == 0)
        timer_set(&s->central->timers, &list->timer, now.mono_ms + FLUSH_MS);
}

/* Each kind once, with what was counted since the last time. */
bool central_flush_violations(struct central *c, struct store_done done)
{
    struct deviations *list = c->deviations;
    if (list == NULL || !list->dirty)
        return false;
    struct store_violation *row = calloc(list->n, sizeof(*row));
    size_t n = 0;
    for (size_t i = 0; row != NULL && i < SLOTS; i++) {
        const struct deviation *d = list->slot[i];
        if (d != NULL && d->count > 0)
            row[n++] = (struct store_violation){ .vendor = d->vendor,
                                                 .model = d->model,
                                                 .firmware = d->firmware,
                                                 .kind = d->kind,
                                                 .station = d->station,
                                                 .example = d->example,
                                                 .count = d->count,
                                                 .first_at_ms = d->first_at_ms,
                                                 .last_at_ms = d->last_at_ms };
    }
    bool taken = row != NULL && store_violations(c->options.store, row, n, done);
    free(row);
    timer_cancel(&c->timers, &list->timer);
    if (!taken) { /* later */
        timer_set(&c->timers, &list->timer, c->now.mono_ms + FLUSH_MS);
        return false;
    }
    list->dirty = false;
    if (list->n == KINDS_MAX) { /* make room for what is new */
        deviations_done(c);
        return true;
    }
    for (size_t i = 0; i < SLOTS; i++)
        if (list->slot[i] != NULL)
            list->slot[i]->count = 0;
    return true;
}

void deviations_done(struct central *c)
{
    struct deviations *list = c->deviations;
    if (list == NULL)
        return;
    timer_cancel(&c->timers, &list->timer);
    for (size_t i = 0; i < SLOTS; i++)
        deviation_free(list->slot[i]);
    free(list);
    c->deviations = NULL;
}
