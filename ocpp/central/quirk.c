/*
 * Known deviations of models, as data: entries that match by vendor, model and firmware set
 * switches that the code honours.  The list that is shipped (quirks.json) comes first, the
 * operator's own after it; an entry of the same id replaces a shipped one, and where several fit
 * the later one decides.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ocpp/central/state.h"
#include "ocpp/wire/config_keys.h"

#define FLAG(name)                #name, SWITCH_FLAG, offsetof(struct quirks, name), 0, 1
#define NUMBER(name, least, most) #name, SWITCH_NUMBER, offsetof(struct quirks, name), least, most

enum { QUIRKS_MAX = 1000, PATTERN_MAX = 120 };

static const struct quirk_switch {
    const char *name;
    enum { SWITCH_FLAG, SWITCH_NUMBER, SWITCH_ZONE } type;
    size_t offset;
    int32_t least, most;
    const char *what;
} switches[] = {
    { FLAG(lax_subprotocol), "may connect without naming a websocket subprotocol" },
    { FLAG(strict), "messages that break the standard are refused" },
    { FLAG(no_trigger), "is not asked for its status by TriggerMessage after a reconnect" },
    { FLAG(short_times), "times are sent to it without milliseconds" },
    { FLAG(energy_in_kwh), "MeterValues that say Wh, or no unit, are kWh" },
    { FLAG(register_in_kwh), "meterStart and meterStop are kWh" },
    { FLAG(connector_for_start), "a remote start without connectorId gets one" },
    { FLAG(upper_case_tags), "the idTag of a remote start is sent in upper case" },
    { FLAG(config_by_key), "configuration keys are asked for by name, never all" },
    { NUMBER(wait_for_boot_s, 1, 3600),
      "no requests before its BootNotification, at most for so long" },
    { NUMBER(call_timeout_s, 1, 3600), "until a request counts as unanswered" },
    { NUMBER(heartbeat_s, 10, 86400), "interval that its BootNotification is answered with" },
    { NUMBER(max_message_bytes, 200, 1000000), "longer requests are not sent to it" },
    { NUMBER(max_profile_writes_per_day, 1, 100000),
      "charging profiles that its memory bears a day; more are told of" },
    { NUMBER(ping_s, -1, 86400), "websocket ping after so much silence; -1 = none, and it is not "
                                 "cut for silence; not below noxd --ping" },
    { "local_time", SWITCH_ZONE, offsetof(struct quirks, zone_min), 0, 0,
      "zone of time stamps that name none: \"+02:00\", or \"CET\" with summer time" },
};

enum { SWITCHES = sizeof(switches) / sizeof(switches[0]) };

struct quirk {
    json_t *json; /* the entry; texts are lent from it */
    const char *id, *vendor, *model, *firmware, *why;
    json_t *set;
    bool shipped;
};

static const char *switch_name_at(const void *unused, size_t i)
{
    (void)unused;
    return switches[i].name;
}

static const struct quirk_switch *switch_find(const char *name)
{
    for (size_t i = 0; i < SWITCHES; i++)
        if (strcmp(switches[i].name, name) == 0)
            return &switches[i];
    return NULL;
}

/* "+02:00", "-0530", "CET" */
static bool read_zone(const char *text, int32_t *ret_min)
{
    unsigned hours, minutes;
    if (text != NULL && strcmp(text, "CET") == 0) {
        *ret_min = OCPP_ZONE_CET;
        return true;
    }
    if (text == NULL || (text[0] != '+' && text[0] != '-') || strlen(text) < 5 ||
        strspn(text + 1, "0123456789:") != strlen(text + 1) ||
        (sscanf(text + 1, "%2u:%2u", &hours, &minutes) != 2 &&
         sscanf(text + 1, "%2u%2u", &hours, &minutes) != 2) ||
        hours > 14 || minutes > 59)
        return false;
    *ret_min = (int32_t)(hours * 60 + minutes) * (text[0] == '-' ? -1 : 1);
    return true;
}

/* @return false when the value is none of this switch */
static bool put_switch(const struct quirk_switch *s, const json_t *value, struct quirks *q)
{
    char *at = (char *)q + s->offset;
    int32_t number;
    if (s->type == SWITCH_FLAG && json_is_boolean(value)) {
        *(bool *)at = json_is_true(value);
        return true;
    }
    if (s->type == SWITCH_NUMBER && json_is_integer(value) &&
        json_integer_value(value) >= s->least && json_integer_value(value) <= s->most)
        number = (int32_t)json_integer_value(value);
    else if (s->type != SWITCH_ZONE || !read_zone(json_string_value(value), &number))
        return false;
    memcpy(at, &number, sizeof(number));
    return true;
}

/* --- reading --- */

static bool fail(char *ret_text, size_t size, size_t i, const char *what, const char *remedy)
{
    snprintf(ret_text, size, "[%zu]: %.80s %.160s", i, what, remedy);
    return false;
}

static bool read_set(json_t *set, size_t i, char *ret_text, size_t size)
{
    const char *name;
    json_t *value;
    struct quirks unused = { .lax_subprotocol = false };
    json_object_foreach(set, name, value)
    {
        const struct quirk_switch *s = switch_find(name);
        const char *near = s == NULL ? ocpp_nearest(name, switch_name_at, NULL, SWITCHES) : NULL;
        char text[200];
        if (s == NULL) {
            snprintf(text, sizeof(text), "is no switch%s%s", near != NULL ? "; did you mean " : "",
                     near != NULL ? near : "; 'noxctl quirk list --switches' names all");
            return fail(ret_text, size, i, name, text);
        }
        if (!put_switch(s, value, &unused)) {
            snprintf(text, sizeof(text), "must be %s",
                     s->type == SWITCH_FLAG   ? "true or false"
                     : s->type == SWITCH_ZONE ? "\"+02:00\" or \"CET\""
                                              : "a whole number within its limits");
            return fail(ret_text, size, i, name, text);
        }
    }
    return true;
}

static bool read_pattern(json_t *match, const char *name, const char **ret_pattern)
{
    const json_t *value = json_object_get(match, name);
    *ret_pattern = json_string_value(value);
    return value == NULL ||
           (*ret_pattern != NULL && strlen(*ret_pattern) <= PATTERN_MAX && **ret_pattern != '\0');
}

static bool only_known(json_t *object, const char *const *names, size_t i, char *ret_text,
                       size_t size)
{
    const char *key;
    json_t *value;
    json_object_foreach(object, key, value)
    {
        size_t k = 0;
        while (names[k] != NULL && strcmp(names[k], key) != 0)
            k++;
        if (names[k] == NULL)
            return fail(ret_text, size, i, key, "is not known here");
    }
    return true;
}

static bool read_quirk(json_t *json, size_t i, struct quirk *q, char *ret_text, size_t size)
{
    static const char *const members[] = { "id", "match", "set", "why", NULL };
    static const char *const matches[] = { "vendor", "model", "firmware", NULL };
    json_t *match = json_object_get(json, "match");
    q->set = json_object_get(json, "set");
    q->id = json_string_value(json_object_get(json, "id"));
    q->why = json_string_value(json_object_get(json, "why"));
    if (!json_is_object(json) || q->id == NULL || q->id[0] == '\0' || strlen(q->id) > 48)
        return fail(ret_text, size, i, "each entry",
                    "must be an object with an id of 1 to 48 characters");
    if (!only_known(json, members, i, ret_text, size) ||
        !only_known(match, matches, i, ret_text, size))
        return false;
    if (!json_is_object(q->set))
        return fail(ret_text, size, i, "set", "must be an object of switches; {} sets none");
    if (json_object_size(q->set) > 0 && (!json_is_object(match) || json_object_size(match) == 0))
        return fail(ret_text, size, i, "match", "must name vendor, model or firmware");
    if (!read_pattern(match, "vendor", &q->vendor) || !read_pattern(match, "model", &q->model) ||
        !read_pattern(match, "firmware", &q->firmware))
        return fail(ret_text, size, i, "match", "must hold texts of 1 to 120 characters");
    return read_set(q->set, i, ret_text, size);
}

struct quirk_list {
    struct quirk *item;
    size_t n;
};

static void list_done(struct quirk_list *l)
{
    for (size_t i = 0; i < l->n; i++)
        json_decref(l->item[i].json);
    free(l->item);
    *l = (struct quirk_list){ .item = NULL };
}

static void list_put(struct quirk_list *l, const struct quirk *q)
{
    for (size_t i = 0; i < l->n; i++)
        if (strcmp(l->item[i].id, q->id) == 0) {
            json_decref(l->item[i].json);
            memmove(&l->item[i], &l->item[i + 1], (l->n - i - 1) * sizeof(*l->item));
            l->n--;
            break;
        }
    l->item[l->n++] = *q;
}

static bool list_read(struct quirk_list *l, const char *text, size_t len, bool shipped,
                      char *ret_text, size_t size)
{
    json_error_t error;
    json_t *root = json_loadb(text, len, JSON_REJECT_DUPLICATES, &error);
    size_t i;
    json_t *entry;
    bool good = json_is_array(root) && json_array_size(root) <= QUIRKS_MAX;
    if (root == NULL)
        snprintf(ret_text, size, "no JSON: line %d, column %d: %.150s", error.line, error.column,
                 error.text);
    else if (!good)
        snprintf(ret_text, size, "must be a list [...] of at most %d entries", QUIRKS_MAX);
    struct quirk *grown =
        good ? realloc(l->item, (l->n + json_array_size(root) + 1) * sizeof(*grown)) : NULL;
    if (grown != NULL)
        l->item = grown;
    good = good && grown != NULL;
    for (i = 0; good && i < json_array_size(root); i++) {
        struct quirk q = { .shipped = shipped };
        entry = json_array_get(root, i);
        good = read_quirk(entry, i, &q, ret_text, size);
        if (good) {
            q.json = json_incref(entry);
            list_put(l, &q);
        }
    }
    json_decref(root);
    return good;
}

bool central_quirks(struct central *c, const char *own, size_t own_len, char *ret_text, size_t size)
{
    struct quirk_list list = { .item = NULL };
    if (!list_read(&list, (const char *)quirks_shipped, quirks_shipped_len, true, ret_text, size) ||
        (own != NULL && !list_read(&list, own, own_len, false, ret_text, size))) {
        list_done(&list);
        return false;
    }
    struct quirk_list old = { c->quirk, c->n_quirks };
    list_done(&old);
    c->quirk = list.item;
    c->n_quirks = list.n;
    for (size_t i = 0; i < c->n_stations; i++)
        quirks_find(c->station[i]);
    return true;
}

void quirks_done(struct central *c)
{
    struct quirk_list old = { c->quirk, c->n_quirks };
    list_done(&old);
    c->quirk = NULL;
    c->n_quirks = 0;
}

/* --- using --- */

static bool fits(const struct quirk *q, const struct station *s)
{
    return ocpp_pattern_fits(q->vendor, s->vendor) && ocpp_pattern_fits(q->model, s->model) &&
           ocpp_pattern_fits(q->firmware, s->firmware);
}

void quirks_find(struct station *s)
{
    const struct central *c = s->central;
    const char *name;
    json_t *value;
    s->quirks = (struct quirks){ .lax_subprotocol = false };
    for (size_t i = 0; i < c->n_quirks; i++) {
        if (!fits(&c->quirk[i], s))
            continue;
        json_object_foreach(c->quirk[i].set, name, value)
            put_switch(switch_find(name), value, &s->quirks);
    }
    s->identity.lax_subprotocol = s->lax_subprotocol || s->quirks.lax_subprotocol;
    writes_apply(s);
}

static bool all_upper(json_t *payload)
{
    const char *tag = json_string_value(json_object_get(payload, "idTag"));
    char text[300];
    size_t len = tag != NULL ? strlen(tag) : 0;
    if (len == 0 || len >= sizeof(text))
        return false;
    for (size_t i = 0; i <= len; i++)
        text[i] = (char)(tag[i] >= 'a' && tag[i] <= 'z' ? tag[i] - 'a' + 'A' : tag[i]);
    return strcmp(text, tag) != 0 && json_object_set_new(payload, "idTag", json_string(text)) == 0;
}

/* The first that is free, else the first. */
static bool add_connector(const struct station *s, json_t *payload)
{
    if (json_object_get(payload, "connectorId") != NULL || s->n_connectors == 0)
        return false;
    const struct connector *k = s->connector[0];
    for (size_t i = s->n_connectors; i-- > 0;)
        if (s->connector[i]->tx.id == 0)
            k = s->connector[i];
    return json_object_set_new(payload, "connectorId", json_integer(k->number)) == 0;
}

char *quirks_rewrite(const struct station *s, const char *action, const char *payload)
{
    if ((!s->quirks.connector_for_start && !s->quirks.upper_case_tags) ||
        !ocpp_ci_equal(action, "RemoteStartTransaction"))
        return NULL;
    json_t *json = json_loads(payload, 0, NULL);
    bool changed = s->quirks.upper_case_tags && all_upper(json);
    changed = (s->quirks.connector_for_start && add_connector(s, json)) || changed;
    char *text = changed ? json_dumps(json, JSON_COMPACT) : NULL;
    json_decref(json);
    return text;
}

/* --- for people --- */

bool central_quirk_view(const struct central *c, size_t i, struct central_quirk_view *ret)
{
    if (i >= c->n_quirks)
        return false;
    const struct quirk *q = &c->quirk[i];
    *ret = (struct central_quirk_view){ .id = q->id,
                                        .vendor = q->vendor,
                                        .model = q->model,
                                        .firmware = q->firmware,
                                        .why = q->why,
                                        .set = q->set,
                                        .shipped = q->shipped };
    return true;
}

bool central_quirk_fits(const struct central *c, size_t quirk, size_t station)
{
    return quirk < c->n_quirks && station < c->n_stations &&
           fits(&c->quirk[quirk], c->station[station]);
}

bool central_quirk_switch(size_t i, const char **ret_name, const char **ret_what)
{
    if (i >= SWITCHES)
        return false;
    *ret_name = switches[i].name;
    *ret_what = switches[i].what;
    return true;
}

int32_t central_session_ping_s(const struct session *session)
{
    return session->station->quirks.ping_s;
}
