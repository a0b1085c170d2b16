/*
 * What is wanted of a station's configuration: templates that fit it, over what noxd needs itself.
 *
 * Merge order: noxd's own wishes (meter values of balanced stations, CpoName) come first; templates
 * go over them by rising priority, and where that is equal by how narrowly they choose (station
 * ids, then groups, firmware, model, vendor), then by id.  The last one that names a key decides; a
 * key without value
 * ("leave it as it is") takes the wish away.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ocpp/central/state.h"
#include "ocpp/wire/config_keys.h"

static const char *const wanted_measurands =
    "Energy.Active.Import.Register,Power.Active.Import,Current.Import";

void wish_free(struct wish *w)
{
    char *owned[] = { w->key,  w->wanted,   w->reported, w->source,
                      w->note, w->firmware, w->who,      w->why };
    for (size_t i = 0; i < sizeof(owned) / sizeof(owned[0]); i++)
        free(owned[i]);
}

void wishes_done(struct station *s)
{
    for (size_t i = 0; i < s->n_wishes; i++)
        wish_free(&s->wish[i]);
    free(s->wish);
    s->wish = NULL;
    s->n_wishes = 0;
}

struct wish *wish_find(struct station *s, const char *key)
{
    for (size_t i = 0; i < s->n_wishes; i++)
        if (ocpp_ci_equal(s->wish[i].key, key))
            return &s->wish[i];
    return NULL;
}

/* --- templates --- */

struct template
{
    char *id, *vendor, *model, *firmware, *stations, *groups, *keys;
    int32_t priority;
    bool reboot;
};

static void template_free(struct template *t)
{
    char *owned[] = { t->id, t->vendor, t->model, t->firmware, t->stations, t->groups, t->keys };
    for (size_t i = 0; i < sizeof(owned) / sizeof(owned[0]); i++)
        free(owned[i]);
}

void templates_done(struct central *c)
{
    for (size_t i = 0; i < c->n_templates; i++)
        template_free(&c->template[i]);
    free(c->template);
    c->template = NULL;
    c->n_templates = 0;
}

static int narrowness(const struct template *t)
{
    return (t->stations != NULL) * 16 + (t->groups != NULL) * 8 + (t->firmware != NULL) * 4 +
           (t->model != NULL) * 2 + (t->vendor != NULL);
}

static int compare_templates(const void *a, const void *b)
{
    const struct template *x = a, *y = b;
    if (x->priority != y->priority)
        return x->priority < y->priority ? -1 : 1;
    if (narrowness(x) != narrowness(y))
        return narrowness(x) - narrowness(y);
    return strcmp(x->id, y->id);
}

bool templates_take(struct central *c, const struct store_site *site)
{
    templates_done(c);
    if (site->n_templates == 0)
        return true;
    c->template = calloc(site->n_templates, sizeof(*c->template));
    if (c->template == NULL)
        return false;
    for (size_t i = 0; i < site->n_templates; i++) {
        const struct store_template *in = &site->config_template[i];
        struct template *t = &c->template[c->n_templates++];
        text_replace(&t->id, in->id);
        text_replace(&t->vendor, in->vendor);
        text_replace(&t->model, in->model);
        text_replace(&t->firmware, in->firmware);
        text_replace(&t->stations, in->stations);
        text_replace(&t->groups, in->groups);
        text_replace(&t->keys, in->keys);
        t->priority = in->priority;
        t->reboot = in->reboot;
    }
    qsort(c->template, c->n_templates, sizeof(*c->template), compare_templates);
    return true;
}

/* One of the patterns of a list with blanks between. */
static bool one_fits(const char *patterns, const char *text, size_t text_len)
{
    char pattern[200], word[200];
    snprintf(word, sizeof(word), "%.*s", (int)text_len, text);
    while (*patterns != '\0') {
        size_t n = strcspn(patterns, " ");
        snprintf(pattern, sizeof(pattern), "%.*s", (int)n, patterns);
        if (n > 0 && ocpp_pattern_fits(pattern, word))
            return true;
        patterns += n;
        patterns += strspn(patterns, " ");
    }
    return false;
}

static bool a_group_fits(const char *patterns, const char *groups)
{
    while (groups != NULL && *groups != '\0') {
        size_t n = strcspn(groups, " ");
        if (n > 0 && one_fits(patterns, groups, n))
            return true;
        groups += n;
        groups += strspn(groups, " ");
    }
    return false;
}

static bool fits(const struct template *t, const struct station *s)
{
    return ocpp_pattern_fits(t->vendor, s->vendor) && ocpp_pattern_fits(t->model, s->model) &&
           ocpp_pattern_fits(t->firmware, s->firmware) &&
           (t->stations == NULL || one_fits(t->stations, s->id, strlen(s->id))) &&
           (t->groups == NULL || a_group_fits(t->groups, s->groups));
}

/* --- merging --- */

static void want(struct station *s, const char *key, const char *value, enum wish_rule rule,
                 const char *source, bool reboot)
{
    struct wish *w = wish_find(s, key);
    if (w == NULL) {
        struct wish *grown = realloc(s->wish, (s->n_wishes + 1) * sizeof(*grown));
        if (grown == NULL)
            return;
        s->wish = grown;
        w = &s->wish[s->n_wishes++];
        *w = (struct wish){ .state = STORE_KEY_UNREAD, .at_ms = s->central->now.utc_ms };
        text_replace(&w->key, key);
    }
    w->present = true;
    w->rule = rule;
    w->reboot = reboot;
    text_replace(&w->source, source);
    if (!text_replace(&w->wanted, value))
        return;
    w->state = STORE_KEY_UNREAD; /* another value: what was learnt of the old one is void */
    text_replace(&w->note, NULL);
}

static void want_nothing(struct station *s, const char *key)
{
    struct wish *w = wish_find(s, key);
    if (w != NULL)
        w->present = false;
}

static void want_template(struct station *s, const struct template *t)
{
    for (const char *line = t->keys; *line != '\0';) {
        size_t len = strcspn(line, "\n");
        char text[CONFIG_KEY_MAX + CONFIG_VALUE_MAX + 2];
        snprintf(text, sizeof(text), "%.*s", (int)len, line);
        char *equals = strchr(text, '=');
        if (equals != NULL)
            *equals = '\0';
        if (text[0] != '\0' && equals != NULL)
            want(s, text, equals + 1, WISH_EXACT, t->id, t->reboot);
        else if (text[0] != '\0')
            want_nothing(s, text);
        line += len;
        line += *line == '\n';
    }
}

static void want_for_balance(struct station *s)
{
    char text[16];
    snprintf(text, sizeof(text), "%d", (int)s->central->options.meter_interval_s);
    want(s, "MeterValueSampleInterval", text, WISH_AT_MOST, "noxd", false);
    want(s, "MeterValuesSampledData", wanted_measurands, WISH_INCLUDES, "noxd", false);
}

/* The O of its certificate requests (white paper A02.FR.02); stations without security do not know
 * the key. */
static void want_for_certificates(struct station *s)
{
    if (s->central->options.cpo_name != NULL && s->identity.security_profile > 0)
        want(s, "CpoName", s->central->options.cpo_name, WISH_EXACT, "noxd", false);
}

static bool drop_others(struct station *s)
{
    size_t n = 0;
    bool any = false;
    for (size_t i = 0; i < s->n_wishes; i++) {
        if (s->wish[i].present) {
            s->wish[n++] = s->wish[i];
        } else {
            wish_free(&s->wish[i]);
            any = true;
        }
    }
    s->n_wishes = n;
    return any;
}

bool wishes_make(struct station *s)
{
    const struct central *c = s->central;
    for (size_t i = 0; i < s->n_wishes; i++)
        s->wish[i].present = false;
    if (balance_has(s))
        want_for_balance(s);
    want_for_certificates(s);
    for (size_t i = 0; i < c->n_templates; i++)
        if (fits(&c->template[i], s))
            want_template(s, &c->template[i]);
    bool dropped = drop_others(s);
    bool news = false;
    for (size_t i = 0; i < s->n_wishes; i++)
        news = news || s->wish[i].state == STORE_KEY_UNREAD;
    return news || dropped;
}

/* --- comparing --- */

bool wish_is_met(const struct wish *w, const char *value)
{
    const char *list = w->wanted, *entry;
    size_t len;
    if (value == NULL)
        return false;
    if (w->rule == WISH_AT_MOST) {
        long n = strtol(value, NULL, 10);
        return n > 0 && n <= strtol(w->wanted, NULL, 10);
    }
    if (w->rule == WISH_EXACT)
        return ocpp_config_equal(w->key, w->wanted, value);
    while ((len = ocpp_list_next(&list, &entry)) > 0) /* power is told by current and voltage too */
        if (!ocpp_list_has(value, entry, len) && strncmp(entry, "Power.", 6) != 0)
            return false;
    return true;
}

/* --- views and restart --- */

static struct station *station_at(const struct central *c, size_t i)
{
    return i < c->n_stations ? c->station[i] : NULL;
}

size_t central_wish_count(const struct central *c, size_t i)
{
    const struct station *s = station_at(c, i);
    return s != NULL ? s->n_wishes : 0;
}

void wish_record(const struct station *s, const struct wish *w, struct store_key_wish *ret)
{
    *ret = (struct store_key_wish){ .station = s->id,
                                    .key = w->key,
                                    .wanted = w->wanted,
                                    .reported = w->reported,
                                    .source = w->source,
                                    .note = w->note != NULL ? w->note : "",
                                    .firmware = w->firmware,
                                    .who = w->who != NULL ? w->who : "",
                                    .why = w->why != NULL ? w->why : "",
                                    .state = w->state,
                                    .at_ms = w->at_ms };
}

bool central_wish_view(const struct central *c, size_t i, size_t k, struct store_key_wish *ret)
{
    const struct station *s = station_at(c, i);
    if (s == NULL || k >= s->n_wishes)
        return false;
    wish_record(s, &s->wish[k], ret);
    return true;
}

void central_restore_wish(struct central *c, const struct store_key_wish *in)
{
    struct station *s = station_find(c, in->station);
    struct wish *w = s != NULL ? wish_find(s, in->key) : NULL;
    if (w == NULL || strcmp(w->wanted, in->wanted) != 0)
        return;
    w->state = in->state;
    w->at_ms = in->at_ms;
    text_replace(&w->reported, in->reported);
    text_replace(&w->note, in->note);
    text_replace(&w->firmware, in->firmware);
    text_replace(&w->who, in->who);
    text_replace(&w->why, in->why);
}
