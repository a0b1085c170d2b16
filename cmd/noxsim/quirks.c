#include "cmd/noxsim/quirks.h"

#include <ctype.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ocpp/wire/action.h"

/* A member of an object, or an entry of a list, is looked at; it may be replaced in its place. */
struct place {
    json_t *object; /* NULL: an entry of a list */
    const char *name;
    json_t *value; /* lent */
};

static void put(const struct place *at, json_t *fresh)
{
    if (at->object != NULL)
        json_object_set_new(at->object, at->name, fresh);
    else
        json_decref(fresh);
}

static bool is_named(const struct place *at, const char *name)
{
    return at->object != NULL && strcmp(at->name, name) == 0;
}

/* 2026-11-25T12:00:00.000Z without the Z. */
static void no_zone(const struct place *at)
{
    const char *text = json_string_value(at->value);
    size_t len = text != NULL ? strlen(text) : 0;
    if (len >= 20 && text[10] == 'T' && text[len - 1] == 'Z')
        put(at, json_stringn(text, len - 1));
}

static void kwh(const struct place *at)
{
    const char *unit = json_string_value(json_object_get(at->object, "unit"));
    const char *text = json_string_value(at->value);
    char value[40];
    if (!is_named(at, "value") || unit == NULL || text == NULL || strcmp(unit, "Wh") != 0)
        return;
    long long wh = strtoll(text, NULL, 10);
    snprintf(value, sizeof(value), "%lld.%03lld", wh / 1000, wh % 1000);
    json_object_set_new(at->object, "unit", json_string("kWh"));
    put(at, json_string(value));
}

static void number_values(const struct place *at)
{
    const char *text = json_string_value(at->value);
    if (is_named(at, "value") && text != NULL && json_object_get(at->object, "measurand") != NULL)
        put(at, json_real(strtod(text, NULL)));
}

static void bare_values(const struct place *at)
{
    if (!is_named(at, "value"))
        return;
    json_object_del(at->object, "unit");
    json_object_del(at->object, "measurand");
    json_object_del(at->object, "context");
}

static void lower_case(const struct place *at)
{
    char text[60];
    const char *from = json_string_value(at->value);
    if ((!is_named(at, "status") && !is_named(at, "reason") && !is_named(at, "errorCode")) ||
        from == NULL)
        return;
    snprintf(text, sizeof(text), "%s", from);
    for (char *c = text; *c != '\0'; c++)
        *c = (char)tolower((unsigned char)*c);
    put(at, json_string(text));
}

static void no_tx_id(const struct place *at)
{
    if (is_named(at, "transactionId") && json_object_get(at->object, "meterValue") != NULL)
        json_object_del(at->object, "transactionId");
}

static void long_fields(const struct place *at)
{
    char text[120];
    const char *from = json_string_value(at->value);
    if (from == NULL ||
        (!is_named(at, "chargePointSerialNumber") && !is_named(at, "chargePointModel") &&
         !is_named(at, "meterSerialNumber") && !is_named(at, "firmwareVersion")))
        return;
    snprintf(text, sizeof(text), "%.50s of the series that is called so in our catalogue", from);
    put(at, json_string(text));
}

static void empty_vendor(const struct place *at)
{
    if (is_named(at, "chargePointVendor"))
        put(at, json_string(""));
}

static const struct {
    const char *name, *summary;
    void (*change)(const struct place *at); /* of a payload; NULL = something else */
} rows[QUIRK_END] = {
    [QUIRK_NO_BOOT] = { "no-boot", "never sends a BootNotification unless it is asked for one",
                        NULL },
    [QUIRK_ALWAYS_BOOT] = { "always-boot", "boots anew whenever it connects", NULL },
    [QUIRK_NO_SUBPROTOCOL] = { "no-subprotocol", "names no subprotocol in its handshake", NULL },
    [QUIRK_TRAILING_SLASH] = { "trailing-slash", "connects with a slash behind its id", NULL },
    [QUIRK_HEX_KEY] = { "hex-key", "uses the digits of an AuthorizationKey as the password", NULL },
    [QUIRK_SAME_IDS] = { "same-ids", "counts its message ids from 1 in every connection", NULL },
    [QUIRK_NUMERIC_IDS] = { "numeric-ids", "writes message ids as numbers", NULL },
    [QUIRK_NULL_FIELDS] = { "null-fields", "writes absent optional members as null", NULL },
    [QUIRK_EXTRA_FIELDS] = { "extra-fields", "adds members that no schema knows", NULL },
    [QUIRK_LONG_FIELDS] = { "long-fields", "boots with texts longer than the standard allows",
                            long_fields },
    [QUIRK_EMPTY_VENDOR] = { "empty-vendor", "boots with an empty chargePointVendor",
                             empty_vendor },
    [QUIRK_NO_ZONE] = { "no-zone", "writes time stamps without a zone", no_zone },
    [QUIRK_KWH] = { "kwh", "meters energy in kWh", kwh },
    [QUIRK_NUMBER_VALUES] = { "number-values", "writes sampled values as numbers", number_values },
    [QUIRK_BARE_VALUES] = { "bare-values", "leaves out unit, measurand and context", bare_values },
    [QUIRK_LOWER_CASE] = { "lower-case", "writes statuses and reasons in lower case", lower_case },
    [QUIRK_NO_TX_ID] = { "no-tx-id", "meters without a transactionId", no_tx_id },
    [QUIRK_ODD_ERRORS] = { "odd-errors", "answers errors with a CALLERROR of three elements",
                           NULL },
};

/* Rows that quirks_apply() looks at. */
static const uint32_t frame_quirks = 1U << QUIRK_NUMERIC_IDS | 1U << QUIRK_NULL_FIELDS |
                                     1U << QUIRK_EXTRA_FIELDS | 1U << QUIRK_ODD_ERRORS;

const char *quirk_name(enum quirk quirk)
{
    return rows[quirk].name;
}

const char *quirk_summary(enum quirk quirk)
{
    return rows[quirk].summary;
}

static const char *name_at(const void *names, size_t i)
{
    (void)names;
    return rows[i].name;
}

bool quirks_parse(uint32_t *set, const char *name, char *ret_text, size_t size)
{
    for (int i = 0; i < QUIRK_END; i++)
        if (strcmp(rows[i].name, name) == 0) {
            *set |= 1U << i;
            return true;
        }
    const char *near = ocpp_nearest(name, name_at, NULL, QUIRK_END);
    snprintf(ret_text, size, "there is no quirk \"%.40s\"; %s%s%s", name,
             near != NULL ? "did you mean " : "noxsim run --help lists them",
             near != NULL ? near : "", near != NULL ? "?" : "");
    return false;
}

static bool has(uint32_t set, enum quirk quirk)
{
    return (set & 1U << quirk) != 0;
}

bool quirks_touch(uint32_t set)
{
    for (int i = 0; i < QUIRK_END; i++)
        if (has(set, (enum quirk)i) && rows[i].change != NULL)
            return true;
    return (set & frame_quirks) != 0;
}

/* --- payloads --- */

static void look(uint32_t set, const struct place *at);

/* A change may take away members next to the one it looks at: the walk goes over a copy. */
static void look_inside(uint32_t set, json_t *value)
{
    const char *name;
    json_t *member, *before = json_copy(value);
    size_t i;
    json_object_foreach(before, name, member)
    {
        struct place at = { .object = value, .name = name, .value = member };
        if (json_object_get(value, name) != NULL)
            look(set, &at);
    }
    json_array_foreach(before, i, member)
    {
        struct place at = { .value = member };
        look(set, &at);
    }
    json_decref(before);
}

/* A change may replace the value: the next one looks it up again. */
static void look(uint32_t set, const struct place *at)
{
    if (json_is_object(at->value) || json_is_array(at->value)) {
        look_inside(set, at->value);
        return;
    }
    for (int i = 0; i < QUIRK_END; i++) {
        struct place now = *at;
        if (!has(set, (enum quirk)i) || rows[i].change == NULL)
            continue;
        if (at->object != NULL)
            now.value = json_object_get(at->object, at->name);
        if (now.value != NULL)
            rows[i].change(&now);
    }
}

static void add_nulls(const char *action_name, json_t *payload)
{
    const struct ocpp_action *action = ocpp_action_find(action_name);
    for (size_t i = 0; action != NULL && i < action->req->n_fields; i++) {
        const struct ocpp_field *f = &action->req->fields[i];
        if (!f->required && json_object_get(payload, f->name) == NULL)
            json_object_set_new(payload, f->name, json_null());
    }
}

/* --- frames: [2, id, action, payload], [3, id, payload], [4, id, code, text, details] --- */

static void change_call(uint32_t set, json_t *frame)
{
    json_t *payload = json_array_get(frame, 3);
    const char *id = json_string_value(json_array_get(frame, 1));
    look_inside(set, payload);
    if (has(set, QUIRK_NULL_FIELDS))
        add_nulls(json_string_value(json_array_get(frame, 2)), payload);
    if (has(set, QUIRK_EXTRA_FIELDS))
        json_object_set_new(payload, "vendorSpecific", json_pack("{s:b}", "isExtra", 1));
    if (has(set, QUIRK_NUMERIC_IDS) && id != NULL)
        json_array_set_new(frame, 1, json_integer(strtoll(id, NULL, 10)));
}

char *quirks_apply(uint32_t set, const char *text, size_t len)
{
    json_t *frame = json_loadb(text, len, 0, NULL);
    json_int_t kind = json_integer_value(json_array_get(frame, 0));
    if (kind == 2)
        change_call(set, frame);
    else if (kind == 3)
        look_inside(set, json_array_get(frame, 2));
    else if (kind == 4 && has(set, QUIRK_ODD_ERRORS))
        while (json_array_size(frame) > 3)
            json_array_remove(frame, json_array_size(frame) - 1);
    char *fresh = frame != NULL ? json_dumps(frame, JSON_COMPACT | JSON_REAL_PRECISION(10)) : NULL;
    json_decref(frame);
    return fresh;
}
