/*
 * Runs stories: one file tells what stations do and what must come back, in virtual time.
 *
 *   story FILE...
 *
 * The language stands in README.md beside this file; each line is a row of `verbs` below.
 */
#include <assert.h>
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ocpp/wire/iso8601.h"
#include "tests/scenario/world.h"

enum { WORDS_MAX = 64, LINE_MAX_BYTES = 16384 };

struct story {
    struct world w;
    const char *file;
    int line;
    json_t *vars; /* $name -> value */
    struct store_grid_node node[16];
    struct store_station station[64];
    struct store_connector connector[64];
    struct store_tag tag[32];
    struct store_tariff tariff;
    struct store_template template[8];
    size_t n_templates;
    size_t n_nodes, n_stations, n_tags;
    bool has_tariff, changed;
    char **kept; /* strings of the configuration */
    size_t n_kept;
    bool failed;
};

static void fail(struct story *s, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void fail(struct story *s, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fprintf(stderr, "%s:%d: ", s->file, s->line);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
    s->failed = true;
}

static const char *keep(struct story *s, const char *text)
{
    s->kept = realloc(s->kept, (s->n_kept + 1) * sizeof(char *));
    assert(s->kept != NULL);
    return s->kept[s->n_kept++] = strdup(text);
}

/* --- values --- */

/* "90s", "15m", "2h", "7d", "250ms" */
static bool parse_duration(const char *text, int64_t *ret_ms)
{
    char *end;
    long long n = strtoll(text, &end, 10);
    static const struct {
        const char *unit;
        int64_t ms;
    } units[] = { { "ms", 1 }, { "s", 1000 }, { "m", 60000 }, { "h", 3600000 }, { "d", 86400000 } };
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
        if (end != text && strcmp(end, units[i].unit) == 0) {
            *ret_ms = n * units[i].ms;
            return true;
        }
    return false;
}

/* Replaces @now, @now-90s, @now+2h and $name in a word. */
static void expand(struct story *s, const char *word, char *out, size_t size)
{
    size_t len = 0;
    while (*word != '\0' && len + 1 < size) {
        if (strncmp(word, "@now", 4) == 0) {
            int64_t ms = 0;
            word += 4;
            if (*word == '+' || *word == '-') {
                char number[24];
                size_t n = 1;
                number[0] = *word;
                while (isalnum((unsigned char)word[n]) && n < sizeof(number) - 1) {
                    number[n] = word[n];
                    n++;
                }
                number[n] = '\0';
                if (!parse_duration(number, &ms))
                    fail(s, "%s is no time: write @now-90s, @now+2h", number);
                word += n;
            }
            char at[40];
            ocpp_time_format(s->w.now.utc_ms + ms, at);
            len += (size_t)snprintf(out + len, size - len, "%s", at);
        } else if (*word == '$') {
            char name[WORLD_NAME];
            size_t n = 0;
            for (word++; isalnum((unsigned char)*word) && n < sizeof(name) - 1; word++)
                name[n++] = *word;
            name[n] = '\0';
            json_t *value = json_object_get(s->vars, name);
            if (value == NULL)
                fail(s, "$%s is not known yet", name);
            else if (json_is_string(value))
                len += (size_t)snprintf(out + len, size - len, "%s", json_string_value(value));
            else
                len += (size_t)snprintf(out + len, size - len, "%lld",
                                        (long long)json_integer_value(value));
        } else {
            out[len++] = *word++;
        }
    }
    if (len >= size)
        fail(s, "the text behind %.40s is too long", out);
    out[len < size ? len : size - 1] = '\0';
}

static json_t *parse_value(struct story *s, const char *text)
{
    char expanded[LINE_MAX_BYTES];
    char *end;
    expand(s, text, expanded, sizeof(expanded));
    if (expanded[0] == '{' || expanded[0] == '[' || expanded[0] == '"') {
        json_error_t error;
        json_t *value = json_loads(expanded, JSON_DECODE_ANY, &error);
        if (value == NULL)
            fail(s, "%s: %s", expanded, error.text);
        return value != NULL ? value : json_null();
    }
    long long n = strtoll(expanded, &end, 10);
    if (*expanded != '\0' && *end == '\0')
        return json_integer(n);
    double d = strtod(expanded, &end);
    if (*expanded != '\0' && *end == '\0' && strchr(expanded, '.') != NULL)
        return json_real(d);
    if (strcmp(expanded, "true") == 0 || strcmp(expanded, "false") == 0)
        return json_boolean(expanded[0] == 't');
    if (strcmp(expanded, "null") == 0)
        return json_null();
    return json_string(expanded);
}

/* a.b.0.c of an object; NULL if it is not there. */
static json_t *at_path(json_t *json, const char *path)
{
    char part[WORLD_NAME * 2];
    while (*path != '\0' && json != NULL) {
        size_t n = strcspn(path, ".");
        snprintf(part, sizeof(part), "%.*s", (int)n, path);
        json = json_is_array(json) ? json_array_get(json, (size_t)strtoul(part, NULL, 10))
                                   : json_object_get(json, part);
        path += path[n] == '.' ? n + 1 : n;
    }
    return json;
}

static void set_path(json_t *object, const char *path, json_t *value)
{
    const char *dot = strchr(path, '.');
    if (dot == NULL) {
        json_object_set_new(object, path, value);
        return;
    }
    char part[WORLD_NAME * 2];
    snprintf(part, sizeof(part), "%.*s", (int)(dot - path), path);
    json_t *inner = json_object_get(object, part);
    if (inner == NULL) {
        inner = json_object();
        json_object_set_new(object, part, inner);
    }
    set_path(inner, dot + 1, value);
}

/* name=value words to an object. */
static json_t *payload_of(struct story *s, char **word, size_t n)
{
    json_t *object = json_object();
    for (size_t i = 0; i < n; i++) {
        char *equals = strchr(word[i], '=');
        if (equals == NULL) {
            fail(s, "%s: write name=value", word[i]);
            continue;
        }
        *equals = '\0';
        set_path(object, word[i], parse_value(s, equals + 1));
        *equals = '=';
    }
    return object;
}

static void text_of(json_t *value, char *out, size_t size)
{
    char *dump = value != NULL ? json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT) : NULL;
    snprintf(out, size, "%s", dump != NULL ? dump : "(absent)");
    free(dump);
}

/* name=value, name=$new (binds), name=absent, name=present */
static void expect_members(struct story *s, json_t *object, char **word, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        char *equals = strchr(word[i], '=');
        if (equals == NULL) {
            fail(s, "%s: write name=value", word[i]);
            return;
        }
        char path[128], got_text[256];
        snprintf(path, sizeof(path), "%.*s", (int)(equals - word[i]), word[i]);
        json_t *got = at_path(object, path);
        text_of(got, got_text, sizeof(got_text));
        const char *want_text = equals + 1;
        if (want_text[0] == '$' && json_object_get(s->vars, want_text + 1) == NULL) {
            if (got == NULL)
                fail(s, "%s is absent", path);
            else
                json_object_set(s->vars, want_text + 1, got);
            continue;
        }
        if (strcmp(want_text, "absent") == 0 || strcmp(want_text, "present") == 0) {
            if ((got != NULL) != (want_text[0] == 'p'))
                fail(s, "%s is %s, not %s", path, got_text, want_text);
            continue;
        }
        json_t *want = parse_value(s, want_text);
        bool same = json_equal(want, got) || (json_is_number(want) && json_is_number(got) &&
                                              json_number_value(want) == json_number_value(got));
        if (!same)
            fail(s, "%s is %s, expected %s", path, got_text, want_text);
        json_decref(want);
    }
}

/* Value of name= among the words, or NULL. */
static const char *option(char **word, size_t n, const char *name)
{
    size_t len = strlen(name);
    for (size_t i = 0; i < n; i++)
        if (strncmp(word[i], name, len) == 0 && word[i][len] == '=')
            return word[i] + len + 1;
    return NULL;
}

static long long option_int(char **word, size_t n, const char *name, long long otherwise)
{
    const char *text = option(word, n, name);
    return text != NULL ? strtoll(text, NULL, 10) : otherwise;
}

/* --- configuration --- */

/* guard/silent/seconds */
static void node_meter(struct store_grid_node *node, const char *meter)
{
    int guard = 0, silent = 0, after_s = 0;
    if (meter == NULL || sscanf(meter, "%d/%d/%d", &guard, &silent, &after_s) != 3)
        return;
    node->meter_silent_after_s = after_s;
    for (int p = 0; p < 3; p++) {
        node->meter_guard_ma[p] = guard * 1000;
        node->meter_silent_ma[p] = silent * 1000;
    }
}

static void configure(struct story *s);

static void do_node(struct story *s, char **word, size_t n)
{
    size_t place = 0; /* named again: changed */
    while (place < s->n_nodes && strcmp(s->node[place].id, word[1]) != 0)
        place++;
    s->n_nodes += place == s->n_nodes;
    struct store_grid_node *node = &s->node[place];
    int32_t limit_ma = (int32_t)(1000 * strtoll(word[2], NULL, 10));
    *node = (struct store_grid_node){ .id = keep(s, word[1]),
                                      .name = "",
                                      .limit_ma = { limit_ma, limit_ma, limit_ma } };
    node->name = node->id;
    const char *parent = option(word, n, "parent"), *calendar = option(word, n, "calendar");
    node->parent = parent != NULL ? keep(s, parent) : NULL;
    node->calendar = calendar != NULL ? keep(s, calendar) : NULL;
    const char *green = option(word, n, "green");
    node->green = green == NULL               ? STORE_GREEN_OFF
                  : strcmp(green, "co2") == 0 ? STORE_GREEN_CO2
                                              : STORE_GREEN_PRICE;
    node->lat_e7 = option_int(word, n, "lat", 51) * 10000000;
    node->lon_e7 = option_int(word, n, "lon", 7) * 10000000;
    node_meter(node, option(word, n, "meter"));
    s->changed = true;
}

/* series co2 400 400 100: of this hour and the next ones */
static void do_series(struct story *s, char **word, size_t n)
{
    struct store_quarter quarter[4 * WORDS_MAX];
    int64_t hour_ms = s->w.now.utc_ms / 3600000 * 3600000;
    size_t n_quarters = 4 * (n - 2);
    for (size_t i = 0; i < n_quarters; i++)
        quarter[i] = (struct store_quarter){ hour_ms + (int64_t)i * STORE_QUARTER_MS,
                                             1000 * strtoll(word[2 + i / 4], NULL, 10) };
    configure(s);
    if (!central_series(s->w.central,
                        strcmp(word[1], "co2") == 0 ? STORE_SERIES_CO2 : STORE_SERIES_PRICE,
                        quarter, n_quarters, s->w.now))
        fail(s, "out of memory");
}

/* need $tx depart=8h wh=12000 */
static void do_need(struct story *s, char **word, size_t n)
{
    char tx[64];
    int64_t in_ms = 0;
    const char *depart = option(word, n, "depart");
    expand(s, word[1], tx, sizeof(tx));
    if (depart == NULL || !parse_duration(depart, &in_ms))
        fail(s, "need $tx depart=8h wh=12000");
    struct store_need need = { .tx_id = strtoll(tx, NULL, 10),
                               .depart_at_ms = s->w.now.utc_ms + in_ms,
                               .energy_wh = option_int(word, n, "wh", 0),
                               .priority = -1,
                               .told_at_ms = s->w.now.utc_ms,
                               .who = "story",
                               .why = "" };
    central_session_need(s->w.central, &need, false, s->w.now);
}

/* cap N1 10 for=30m [in=1h] */
static void do_cap(struct story *s, char **word, size_t n)
{
    char text[300] = "";
    int64_t in_ms = 0, for_ms = 0;
    const char *in = option(word, n, "in"), *span = option(word, n, "for");
    int32_t ma = (int32_t)(1000 * strtoll(word[2], NULL, 10));
    configure(s);
    if (span == NULL || !parse_duration(span, &for_ms) ||
        (in != NULL && !parse_duration(in, &in_ms)))
        fail(s, "cap N1 10 for=30m [in=1h]");
    struct central_cap_order order = { .node = word[1],
                                       .limit_ma = { ma, ma, ma },
                                       .from_ms = s->w.now.utc_ms + in_ms,
                                       .until_ms = s->w.now.utc_ms + in_ms + for_ms,
                                       .said = word[2],
                                       .who = "story",
                                       .why = "" };
    struct store_done nobody = { .fn = NULL };
    if (central_cap_set(s->w.central, &order, nobody, s->w.now, text, sizeof(text)) <= 0)
        fail(s, "cap: %s", text);
    world_pump(&s->w);
}

static void do_uncap(struct story *s, char **word, size_t n)
{
    struct store_done nobody = { .fn = NULL };
    (void)n;
    if (!central_cap_end(s->w.central, strtoll(word[1], NULL, 10), "story", nobody, s->w.now))
        fail(s, "there is no cap %s", word[1]);
    world_pump(&s->w);
}

/* meter N1 12: amperes of each phase */
static void do_meter(struct story *s, char **word, size_t n)
{
    int32_t a = (int32_t)(1000 * strtoll(word[2], NULL, 10)), ma[3] = { a, a, a };
    (void)n;
    configure(s);
    if (central_meter(s->w.central, word[1], ma, s->w.now.utc_ms, s->w.now) != CENTRAL_METER_TAKEN)
        fail(s, "the reading was not taken");
}

/* expect node N1 limit=10 foreign=6 cap=1 silent=0 */
static void expect_node(struct story *s, char **word, size_t n)
{
    struct central_node_view v;
    size_t i = 0;
    while (central_node_view(s->w.central, i, s->w.now, &v) && strcmp(v.id, word[2]) != 0)
        i++;
    if (!central_node_view(s->w.central, i, s->w.now, &v)) {
        fail(s, "no node %s", word[2]);
        return;
    }
    const struct {
        const char *name;
        long long got;
    } numbers[] = { { "limit", v.load.limit_ma[0] / 1000 },
                    { "foreign", v.load.foreign_ma[0] / 1000 },
                    { "reserved", (long long)v.load.reserved_ma[0] / 1000 },
                    { "cap", (long long)v.capacity.cap_id },
                    { "silent", v.meter.silent } };
    for (size_t q = 0; q < sizeof(numbers) / sizeof(numbers[0]); q++)
        if (option_int(word + 3, n - 3, numbers[q].name, numbers[q].got) != numbers[q].got)
            fail(s, "%s: %s is %lld (%s, %s)", word[2], numbers[q].name, numbers[q].got,
                 v.capacity.limit_why, v.capacity.foreign_why);
}

/* groups=nord,sued */
static const char *option_names(struct story *s, char **word, size_t n)
{
    const char *text = option(word, n, "groups");
    char *names = text != NULL ? (char *)(uintptr_t)keep(s, text) : NULL;
    for (char *c = names; c != NULL && *c != '\0'; c++)
        if (*c == ',')
            *c = ' ';
    return names;
}

static void do_station(struct story *s, char **word, size_t n)
{
    size_t place = 0; /* named again: changed */
    while (place < s->n_stations && strcmp(s->station[place].id, word[1]) != 0)
        place++;
    bool again = place < s->n_stations;
    struct store_station *st = &s->station[place];
    const char *node = option(word, n, "grid"), *wiring = option(word, n, "wiring");
    *st = (struct store_station){ .id = keep(s, word[1]),
                                  .grid_node = node != NULL ? keep(s, node) : NULL,
                                  .wiring = wiring != NULL ? keep(s, wiring) : "RST",
                                  .class = (int32_t)option_int(word, n, "class", 0),
                                  .rating_ma = (int32_t)option_int(word, n, "rating", 16) * 1000,
                                  .safe_ma = (int32_t)option_int(word, n, "safe", 0) * 1000,
                                  .min_ma = 6000,
                                  .weight = 1,
                                  .lat_e7 = STORE_ABSENT,
                                  .lon_e7 = STORE_ABSENT,
                                  .strict = option_int(word, n, "strict", 0) != 0,
                                  .groups_only = option_int(word, n, "only", 0) != 0,
                                  .local_list = option_int(word, n, "list", 0) != 0,
                                  .security_profile = (int32_t)option_int(word, n, "profile", 0),
                                  .tariff = s->has_tariff ? s->tariff.id : NULL };
    st->groups = option_names(s, word, n);
    long long connectors = option_int(word, n, "connectors", 1);
    size_t first = 0;
    while (s->connector[first].station != NULL)
        first++;
    for (long long k = 0; k < connectors && !again; k++) {
        char evse_id[48];
        snprintf(evse_id, sizeof(evse_id), "DE*NOX*E%s*%lld", st->id, k + 1);
        s->connector[first + (size_t)k] = (struct store_connector){ .station = st->id,
                                                                    .connector = (int32_t)k + 1,
                                                                    .evse_id = keep(s, evse_id),
                                                                    .max_w = 11040,
                                                                    .safe_confirmed_ma = -1 };
    }
    s->n_stations += !again;
    s->changed = true;
}

static void do_tag(struct story *s, char **word, size_t n)
{
    size_t place = 0;
    while (place < s->n_tags && strcmp(s->tag[place].id_tag, word[1]) != 0)
        place++;
    struct store_tag *tag = &s->tag[place];
    s->n_tags += place == s->n_tags;
    const char *status = option(word, n, "status"), *expires = option(word, n, "expires"),
               *parent = option(word, n, "parent");
    *tag = (struct store_tag){ .id_tag = keep(s, word[1]),
                               .status = status != NULL && strcmp(status, "Blocked") == 0
                                             ? STORE_AUTH_BLOCKED
                                             : STORE_AUTH_ACCEPTED,
                               .expires_at_ms = STORE_ABSENT,
                               .parent_id_tag = parent != NULL ? keep(s, parent) : NULL,
                               .auth_kind = "rfid",
                               .single_session = option_int(word, n, "single", 0) != 0,
                               .groups = option_names(s, word, n) };
    if (expires != NULL) {
        char text[64];
        expand(s, expires, text, sizeof(text));
        if (!ocpp_time_parse(text, &tag->expires_at_ms, NULL))
            fail(s, "expires=%s is no time", expires);
    }
    s->changed = true;
}

static void do_tariff(struct story *s, char **word, size_t n)
{
    s->tariff =
        (struct store_tariff){ .id = keep(s, word[1]),
                               .version = 1,
                               .valid_from_ms = 0,
                               .currency = "EUR",
                               .tax_included = true,
                               .vat_bp = 1900,
                               .price_e4_per_kwh = (int32_t)option_int(word, n, "price_e4", 4900),
                               .blocking_after_s = -1,
                               .blocking_cap_cents = -1 };
    s->has_tariff = true;
    s->changed = true;
}

/* template ID KEY=VALUE|KEY= ... [model=L*] [vendor=] [firmware=] [of=CP*] [groups=] [priority=1]
 * [reboot=1]; "KEY=-" is "leave it" */
static void do_template(struct story *s, char **word, size_t n)
{
    static const char *const options[] = { "vendor", "model",  "firmware", "of",
                                           "groups", "reboot", "priority" };
    char keys[2000] = "", text[LINE_MAX_BYTES];
    size_t used = 0, k = 0;
    while (k < s->n_templates && strcmp(s->template[k].id, word[1]) != 0)
        k++;
    for (size_t i = 2; i < n; i++) {
        bool is_option = false;
        for (size_t o = 0; o < sizeof(options) / sizeof(options[0]); o++)
            is_option = is_option || (strncmp(word[i], options[o], strlen(options[o])) == 0 &&
                                      word[i][strlen(options[o])] == '=');
        if (is_option)
            continue;
        expand(s, word[i], text, sizeof(text));
        size_t len = strlen(text);
        if (len > 2 && strcmp(text + len - 2, "=-") == 0)
            text[len - 2] = '\0';
        used += (size_t)snprintf(keys + used, sizeof(keys) - used, "%s\n", text);
    }
    const char *got[5];
    for (size_t o = 0; o < 5; o++) {
        const char *value = option(word, n, options[o]);
        got[o] = value != NULL ? keep(s, value) : NULL;
    }
    s->template[k] =
        (struct store_template){ .id = keep(s, word[1]),
                                 .vendor = got[0],
                                 .model = got[1],
                                 .firmware = got[2],
                                 .stations = got[3],
                                 .groups = got[4],
                                 .reboot = option_int(word, n, "reboot", 0) != 0,
                                 .priority = (int32_t)option_int(word, n, "priority", 0),
                                 .keys = keep(s, keys) };
    s->n_templates += k == s->n_templates;
    s->changed = true;
}

static void configure(struct story *s);

/* quirks JSON: the operator's table */
static void do_quirks(struct story *s, char **word, size_t n)
{
    char text[300] = "";
    (void)n;
    configure(s);
    if (!central_quirks(s->w.central, word[1], strlen(word[1]), text, sizeof(text)))
        fail(s, "quirks refused: %s", text);
}

static size_t count_connectors(const struct story *s)
{
    size_t n = 0;
    while (n < 64 && s->connector[n].station != NULL)
        n++;
    return n;
}

static void configure(struct story *s)
{
    char text[300] = "";
    struct store_site site = { .grid = s->node,
                               .n_grid = s->n_nodes,
                               .station = s->station,
                               .n_stations = s->n_stations,
                               .connector = s->connector,
                               .n_connectors = count_connectors(s),
                               .tag = s->tag,
                               .n_tags = s->n_tags,
                               .tariff = &s->tariff,
                               .n_tariffs = s->has_tariff ? 1 : 0,
                               .config_template = s->template,
                               .n_templates = s->n_templates };
    if (s->changed && !world_apply(&s->w, &site, text, sizeof(text)))
        fail(s, "configuration refused: %s", text);
    s->changed = false;
}

/* --- what happens --- */

static void do_after(struct story *s, char **word, size_t n)
{
    int64_t ms;
    (void)n;
    configure(s);
    if (!parse_duration(word[1], &ms))
        fail(s, "after %s: write 90s, 15m, 2h, 7d", word[1]);
    else
        world_after(&s->w, ms);
}

static void do_server(struct story *s, char **word, size_t n)
{
    configure(s);
    if (strcmp(word[1], "restarts") != 0 || !world_restart(&s->w))
        fail(s, "server %s: it can only restart", word[1]);
    else if (n == 3 && strcmp(word[2], "older") == 0)
        world_doubt(&s->w);
}

static void do_storage(struct story *s, char **word, size_t n)
{
    (void)n;
    configure(s);
    s->w.storage_stalls = strcmp(word[1], "stalls") == 0;
    world_pump(&s->w);
}

/* clock jumps 1h: that of the server's machine */
static void do_clock(struct story *s, char **word, size_t n)
{
    int64_t ms;
    (void)n;
    configure(s);
    if (!parse_duration(word[2], &ms))
        fail(s, "clock jumps %s: write 90s, 15m, 2h, 7d", word[2]);
    else
        s->w.now.utc_ms += ms;
}

static void note_reply(void *arg, const struct central_reply *reply)
{
    static const char *const names[] = { "answered", "callerror", "timeout", "lost",  "offline",
                                         "full",     "replaced",  "refused", "queued" };
    json_t *status =
        reply->outcome == CENTRAL_ANSWERED ? json_object_get(reply->payload, "status") : NULL;
    char line[80];
    snprintf(line, sizeof(line), "%s%s%s", names[reply->outcome], status != NULL ? " " : "",
             status != NULL ? json_string_value(status) : "");
    json_array_append_new(arg, json_string(line));
}

static void note_decided(void *arg, enum store_rc rc)
{
    json_array_append_new(arg, json_string(rc == STORE_OK ? "done" : store_rc_text(rc)));
}

/* operator approves|refuses STATION NUMBER */
static void decide(struct story *s, char **word)
{
    central_cert_decide(s->w.central, word[2], strtoll(word[3], NULL, 10),
                        strcmp(word[1], "approves") == 0, "otto", "story", note_decided,
                        s->w.replies, s->w.now);
    world_pump(&s->w);
}

/* certs policy=manual|renewals|auto ca=0 fails=1; a policy begins with a restart */
static void do_certs(struct story *s, char **word, size_t n)
{
    static const char *const policies[] = { "manual", "renewals", "auto" };
    const char *policy = option(word, n, "policy");
    configure(s);
    s->w.cannot_sign = option_int(word, n, "ca", 1) == 0;
    s->w.signing_fails = option_int(word, n, "fails", 0) != 0;
    for (int32_t i = 0; policy != NULL && i < 3; i++)
        if (strcmp(policy, policies[i]) == 0)
            s->w.cert_policy = i;
    if (policy != NULL && !world_restart(&s->w))
        fail(s, "no restart");
}

static void note_registered(void *arg, enum store_rc rc, const union store_result *result)
{
    (void)result;
    *(enum store_rc *)arg = rc;
}

static void note_applied(void *arg, const struct central_config_result *result)
{
    char line[160];
    if (result->trouble != NULL)
        snprintf(line, sizeof(line), "%s", result->trouble);
    else
        snprintf(line, sizeof(line), "%zu set %zu same %zu drift", result->n_set, result->n_same,
                 result->n_drift);
    json_array_append_new(arg, json_string(line));
}

/* operator registers STATION Pending|Accepted|Rejected */
static void registers(struct story *s, char **word)
{
    static const char *const states[] = { "", "Accepted", "Pending", "Rejected" };
    enum store_rc rc = STORE_STOPPED;
    char text[200] = "";
    struct store_done done = { note_registered, &rc };
    for (int32_t i = STORE_REG_ACCEPTED; i <= STORE_REG_REJECTED; i++)
        if (strcmp(states[i], word[3]) == 0)
            store_registration(s->w.store, word[2], i, done);
    world_pump(&s->w);
    if (rc != STORE_OK || !world_follow(&s->w, text, sizeof(text)))
        fail(s, "%s cannot be registered: %s %s", word[2], store_rc_text(rc), text);
    world_pump(&s->w);
}

/* operator transfers STATION KIND [url=U wrong=1]: of firmware 1, version v2, signed */
static void transfers(struct story *s, char **word, size_t n)
{
    struct central_file_order order = { .station = word[2],
                                        .url = option(word + 4, n - 4, "url"),
                                        .wrong_signature = option(word + 4, n - 4, "wrong") != NULL,
                                        .start_at_ms = STORE_ABSENT,
                                        .install_at_ms = STORE_ABSENT,
                                        .from_ms = STORE_ABSENT,
                                        .to_ms = STORE_ABSENT,
                                        .retries = -1,
                                        .retry_s = -1,
                                        .who = "otto",
                                        .why = "story" };
    char text[200];
    for (int32_t i = STORE_FILE_FIRMWARE; i <= STORE_FILE_DIAGNOSTICS_LOG; i++)
        if (strcmp(store_file_kind_text(i), word[3]) == 0)
            order.kind = i;
    if (order.kind <= STORE_FILE_SIGNED_FIRMWARE && order.url == NULL)
        order.firmware = 1;
    if (order.kind == 0 || !central_firmware(s->w.central, &world_firmware) ||
        central_file_start(s->w.central, &order, NULL, NULL, s->w.now, text, sizeof(text)) == 0)
        fail(s, "no transfer: %s", order.kind == 0 ? "unknown kind" : text);
    world_pump(&s->w);
}

/* operator receives STATION JOB: its upload lies on the disk */
static void receives(struct story *s, char **word)
{
    struct store_done nobody = { .fn = NULL };
    if (!central_file_received(s->w.central, strtoll(word[3], NULL, 10), "upload", "00", 5, nobody,
                               s->w.now))
        fail(s, "job %s is over", word[3]);
    world_pump(&s->w);
}

/* operator calls STATION ACTION name=value...; operator queues ...: waits 10 minutes for it */
static void do_operator(struct story *s, char **word, size_t n)
{
    configure(s);
    if (strcmp(word[1], "approves") == 0 || strcmp(word[1], "refuses") == 0) {
        decide(s, word);
        return;
    }
    if (strcmp(word[1], "configures") == 0) { /* operator configures STATION why */
        central_config_apply(s->w.central, word[2], "otto", word[3], note_applied, s->w.replies,
                             s->w.now);
        world_pump(&s->w);
        return;
    }
    if (strcmp(word[1], "transfers") == 0 || strcmp(word[1], "receives") == 0) {
        if (word[1][0] == 't')
            transfers(s, word, n);
        else
            receives(s, word);
        return;
    }
    if (strcmp(word[1], "limits") == 0) { /* operator limits NODE AMPERES */
        int32_t ma = atoi(word[3]) * 1000;
        if (!central_node_limit(s->w.central, word[2], (int32_t[]){ ma, ma, ma },
                                (int32_t[]){ 0, 0, 0 }, s->w.now))
            fail(s, "no node %s", word[2]);
        world_pump(&s->w);
        return;
    }
    if (strcmp(word[1], "registers") == 0) {
        registers(s, word);
        return;
    }
    if (strcmp(word[1], "syncs") == 0) { /* operator syncs CP1 part|full */
        central_local_list_sync(s->w.central, word[2], strcmp(word[3], "full") == 0, s->w.now);
        world_pump(&s->w);
        return;
    }
    json_t *payload = payload_of(s, word + 4, n - 4);
    char *text = json_dumps(payload, JSON_COMPACT);
    struct central_ask ask = { .station = word[2],
                               .action = word[3],
                               .payload_json = text,
                               .wait_ms = strcmp(word[1], "queues") == 0 ? 600000 : 0,
                               .who = "otto",
                               .why = "story" };
    central_ask(s->w.central, &ask, note_reply, s->w.replies, s->w.now);
    free(text);
    json_decref(payload);
    world_pump(&s->w);
}

static json_t *take_first(json_t *array)
{
    json_t *first = json_incref(json_array_get(array, 0));
    json_array_remove(array, 0);
    return first;
}

static void expect_answer(struct story *s, struct world_station *st, char **word, size_t n)
{
    if (n == 1 && strcmp(word[0], "nothing") == 0) {
        if (json_array_size(st->answers) > 0)
            fail(s, "%s got an answer", st->id);
        return;
    }
    if (json_array_size(st->answers) == 0) {
        fail(s, "%s got no answer%s", st->id, st->last_close != 0 ? ": its socket was closed" : "");
        return;
    }
    json_t *frame = take_first(st->answers);
    char text[512];
    text_of(frame, text, sizeof(text));
    bool is_error = json_integer_value(json_array_get(frame, 0)) == 4;
    if (n >= 1 && strcmp(word[0], "CALLERROR") == 0) {
        const char *code = json_string_value(json_array_get(frame, 2));
        if (!is_error || (n > 1 && (code == NULL || strcmp(code, word[1]) != 0)))
            fail(s, "%s got %s, expected CALLERROR %s", st->id, text, n > 1 ? word[1] : "");
    } else if (is_error) {
        fail(s, "%s got %s", st->id, text);
    } else if (n == 1 && strcmp(word[0], "{}") == 0) {
        if (json_object_size(json_array_get(frame, 2)) != 0)
            fail(s, "%s got %s, expected an empty confirmation", st->id, text);
    } else {
        expect_members(s, json_array_get(frame, 2), word, n);
    }
    json_decref(frame);
}

/* STATION << ACTION name=value...: a request of this kind has come (others before it are skipped).
 */
static void expect_request(struct story *s, struct world_station *st, char **word, size_t n)
{
    bool wanted = strcmp(word[0], "no") != 0;
    const char *action = wanted ? word[0] : word[1];
    while (json_array_size(st->requests) > 0) {
        json_t *frame = take_first(st->requests);
        const char *got = json_string_value(json_array_get(frame, 2));
        bool found = got != NULL && strcmp(got, action) == 0;
        if (found && wanted)
            expect_members(s, json_array_get(frame, 3), word + 1, n - 1);
        else if (found)
            fail(s, "%s was asked for %s", st->id, action);
        json_decref(frame);
        if (found)
            return;
    }
    if (wanted)
        fail(s, "%s was not asked for %s", st->id, action);
}

static void send_call(struct story *s, struct world_station *st, char **word, size_t n)
{
    if (strcmp(word[0], "raw") == 0) {
        char text[LINE_MAX_BYTES];
        expand(s, word[1], text, sizeof(text));
        world_send(&s->w, st, text);
        return;
    }
    world_call(&s->w, st, word[0], payload_of(s, word + 1, n - 1));
}

/* What the handshake found: connects profile=2 key=new */
static void prove(struct story *s, struct world_station *st, char **word, size_t n)
{
    const char *profile = option(word, n, "profile"), *key = option(word, n, "key");
    if (profile != NULL)
        central_proved(s->w.central, st->session, atoi(profile),
                       key != NULL && strcmp(key, "new") == 0, s->w.now);
}

static void boot(struct story *s, struct world_station *st)
{
    if (st->session == NULL && !world_connect(&s->w, st))
        fail(s, "%s is unknown", st->id);
    char *words[] = { "BootNotification", "chargePointVendor=NOX", "chargePointModel=Lamp",
                      "firmwareVersion=\"1.0\"" };
    char copy[4][64], *word[4];
    for (int i = 0; i < 4; i++) {
        snprintf(copy[i], sizeof(copy[i]), "%s", words[i]);
        word[i] = copy[i];
    }
    send_call(s, st, word, 4);
    char expected[] = "status=Accepted", *expect[] = { expected };
    expect_answer(s, st, expect, 1);
}

static void do_of_station(struct story *s, char **word, size_t n)
{
    struct world_station *st = world_station(&s->w, word[0]);
    const char *verb = word[1];
    configure(s);
    if (strcmp(verb, ">") == 0 && n > 2)
        send_call(s, st, word + 2, n - 2);
    else if (strcmp(verb, "<") == 0 && n > 2)
        expect_answer(s, st, word + 2, n - 2);
    else if (strcmp(verb, "<<") == 0 && n > 2)
        expect_request(s, st, word + 2, n - 2);
    else if (strcmp(verb, "boots") == 0)
        boot(s, st);
    else if (strcmp(verb, "connects") == 0) {
        if (!world_connect(&s->w, st))
            fail(s, "%s is unknown", st->id);
        else
            prove(s, st, word + 2, n - 2);
        world_pump(&s->w);
    } else if (strcmp(verb, "drops") == 0)
        world_disconnect(&s->w, st);
    else if (strcmp(verb, "answers") == 0 && n == 5) /* CP answers ACTION with STATUS */
        json_object_set_new(st->policy, word[2], json_string(word[4]));
    else if (strcmp(verb, "shows") == 0 && n > 2) /* CP shows FINGERPRINT [age=SECONDS] */
        world_show(&s->w, st, word[2], s->w.now.utc_ms - 1000 * option_int(word, n, "age", 0));
    else if (strcmp(verb, "closed") == 0) {
        if (st->session != NULL || (n > 2 && st->last_close != atoi(word[2])))
            fail(s, "%s: socket is %s, last close %d", st->id,
                 st->session != NULL ? "open" : "closed", st->last_close);
    } else
        fail(s, "%s %s: unknown verb", word[0], verb);
}

/* --- expectations on what lasts --- */

struct count {
    struct story *s;
    char **word;
    size_t n_words;
    long long found;
};

static bool flag_is_set(const struct store_session *session, const char *name)
{
    for (uint32_t bit = 1; bit != 0 && bit <= STORE_FLAG_ZONE_MISSING; bit <<= 1)
        if ((session->flags & bit) != 0 && strcmp(store_flag_text(bit), name) == 0)
            return true;
    return false;
}

static bool session_fits(struct count *c, const struct store_session *x)
{
    static const char *const states[] = { "", "active", "finished", "provisional" };
    const char *of = option(c->word, c->n_words, "of"),
               *state = option(c->word, c->n_words, "state"),
               *flag = option(c->word, c->n_words, "flag"),
               *unflag = option(c->word, c->n_words, "noflag"),
               *tx = option(c->word, c->n_words, "tx"), *tag = option(c->word, c->n_words, "tag"),
               *reason = option(c->word, c->n_words, "reason");
    char tx_text[64] = "";
    if (tx != NULL)
        expand(c->s, tx, tx_text, sizeof(tx_text));
    long long wh = option_int(c->word, c->n_words, "wh", -1),
              seconds = option_int(c->word, c->n_words, "seconds", -1);
    return (of == NULL || strcmp(x->station, of) == 0) &&
           (state == NULL || strcmp(states[x->state], state) == 0) &&
           (flag == NULL || flag_is_set(x, flag)) && (unflag == NULL || !flag_is_set(x, unflag)) &&
           (tx == NULL || strtoll(tx_text, NULL, 10) == x->tx_id) &&
           (tag == NULL || strcmp(x->id_tag, tag) == 0) &&
           (reason == NULL || (x->reason != NULL && strcmp(x->reason, reason) == 0)) &&
           (wh < 0 || x->energy_wh == wh) &&
           (seconds < 0 || (x->stopped_at_ms - x->started_at_ms) / 1000 == seconds);
}

static bool count_session(void *arg, const struct store_session *session)
{
    struct count *c = arg;
    c->found += session_fits(c, session);
    return true;
}

static bool count_orphan(void *arg, int64_t id, const struct store_tx_stop *stop)
{
    (void)id;
    (void)stop;
    ((struct count *)arg)->found++;
    return true;
}

static bool count_cdr(void *arg, const struct store_cdr *cdr)
{
    struct count *c = arg;
    const char *kind = option(c->word, c->n_words, "kind"), *of = option(c->word, c->n_words, "of");
    long long cents = option_int(c->word, c->n_words, "cents", INT32_MIN),
              wh = option_int(c->word, c->n_words, "wh", INT32_MIN);
    c->found += (kind == NULL || strcmp(cdr->kind, kind) == 0) &&
                (of == NULL || strcmp(cdr->session.station, of) == 0) &&
                (cents == INT32_MIN || cdr->gross_cents == cents) &&
                (wh == INT32_MIN || cdr->energy_wh == wh);
    return true;
}

static bool count_meter(void *arg, const struct store_meter *meter)
{
    struct count *c = arg;
    const char *raw = option(c->word, c->n_words, "raw");
    c->found += raw == NULL || strstr(meter->raw, raw) != NULL;
    return true;
}

static bool count_call(void *arg, const struct store_call *call)
{
    struct count *c = arg;
    const struct {
        const char *name, *got;
    } texts[] = { { "of", call->station },
                  { "action", call->action },
                  { "who", call->who },
                  { "why", call->why },
                  { "payload", call->payload },
                  { "answer", call->answer },
                  { "outcome", store_call_outcome_text(call->outcome) } };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        const char *want = option(c->word, c->n_words, texts[i].name);
        if (want != NULL && (texts[i].got == NULL || strcmp(want, texts[i].got) != 0))
            return true;
    }
    c->found++;
    return true;
}

static bool count_cert(void *arg, const struct store_cert_request *request)
{
    struct count *c = arg;
    const char *of = option(c->word, c->n_words, "of"), *who = option(c->word, c->n_words, "who"),
               *state = option(c->word, c->n_words, "state");
    c->found += (of == NULL || strcmp(request->station, of) == 0) &&
                (who == NULL || strcmp(request->who, who) == 0) &&
                (state == NULL || strcmp(store_cert_state_text(request->state), state) == 0);
    return true;
}

static bool count_reservation(void *arg, const struct store_reservation *r)
{
    struct count *c = arg;
    const struct {
        const char *name, *got;
    } texts[] = { { "of", r->station },    { "tag", r->id_tag },
                  { "parent", r->parent }, { "who", r->who },
                  { "note", r->note },     { "state", store_reservation_state_text(r->state) } };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        const char *want = option(c->word, c->n_words, texts[i].name);
        if (want != NULL && (texts[i].got == NULL || strcmp(want, texts[i].got) != 0))
            return true;
    }
    const char *tx = option(c->word, c->n_words, "tx");
    char tx_text[64] = "";
    if (tx != NULL)
        expand(c->s, tx, tx_text, sizeof(tx_text));
    c->found += option_int(c->word, c->n_words, "id", r->id) == r->id &&
                option_int(c->word, c->n_words, "connector", r->connector) == r->connector &&
                (tx == NULL || strtoll(tx_text, NULL, 10) == r->tx_id);
    return true;
}

static bool count_profile(void *arg, const struct store_profile *p)
{
    struct count *c = arg;
    const char *of = option(c->word, c->n_words, "of"),
               *purpose = option(c->word, c->n_words, "purpose");
    c->found += (of == NULL || strcmp(p->station, of) == 0) &&
                (purpose == NULL || strcmp(p->purpose, purpose) == 0) &&
                option_int(c->word, c->n_words, "id", p->id) == p->id &&
                option_int(c->word, c->n_words, "connector", p->connector) == p->connector;
    return true;
}

static bool count_waiting(void *arg, const struct store_waiting *w)
{
    struct count *c = arg;
    const char *of = option(c->word, c->n_words, "of"),
               *vendor = option(c->word, c->n_words, "vendor");
    c->found += (of == NULL || strcmp(w->station, of) == 0) &&
                (vendor == NULL || (w->vendor != NULL && strcmp(w->vendor, vendor) == 0)) &&
                option_int(c->word, c->n_words, "boots", w->n_boots) == w->n_boots;
    return true;
}

static bool count_violation(void *arg, const struct store_violation *v)
{
    struct count *c = arg;
    const char *vendor = option(c->word, c->n_words, "vendor"),
               *model = option(c->word, c->n_words, "model"),
               *kind = option(c->word, c->n_words, "kind");
    c->found += (vendor == NULL || strcmp(v->vendor, vendor) == 0) &&
                (model == NULL || strcmp(v->model, model) == 0) &&
                (kind == NULL || strcmp(v->kind, kind) == 0) &&
                option_int(c->word, c->n_words, "count", v->count) == v->count;
    return true;
}

static bool count_transfer(void *arg, const struct store_file_job *j)
{
    struct count *c = arg;
    const struct {
        const char *name, *got;
    } texts[] = { { "of", j->station },
                  { "kind", store_file_kind_text(j->kind) },
                  { "state", store_file_state_text(j->state) },
                  { "status", j->status },
                  { "file", j->file },
                  { "who", j->who } };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        const char *want = option(c->word, c->n_words, texts[i].name);
        if (want != NULL && (texts[i].got == NULL || strcmp(want, texts[i].got) != 0))
            return true;
    }
    c->found++;
    return true;
}

/* expect N sessions|orphans|cdrs|samples|calls|reservations|profiles|... name=value... */
static void expect_count(struct story *s, char **word, size_t n)
{
    struct count c = { .s = s, .word = word + 3, .n_words = n - 3 };
    long long want = strtoll(word[1], NULL, 10);
    const char *what = word[2];
    struct reader *r;
    char text[200];
    world_pump(&s->w);
    if (reader_open(s->w.db, &r, text, sizeof(text)) != STORE_OK) {
        fail(s, "%s", text);
        return;
    }
    struct reader_session_filter all = { .from_ms = STORE_ABSENT, .to_ms = STORE_ABSENT };
    const char *tx = option(word, n, "tx"), *of = option(word, n, "of");
    char tx_text[64] = "0";
    if (tx != NULL)
        expand(s, tx, tx_text, sizeof(tx_text));
    if (strncmp(what, "session", 7) == 0)
        reader_sessions(r, &all, count_session, &c);
    else if (strncmp(what, "orphan", 6) == 0)
        reader_orphans(r, count_orphan, &c);
    else if (strncmp(what, "cdr", 3) == 0)
        reader_cdrs(r, NULL, count_cdr, &c);
    else if (strncmp(what, "sample", 6) == 0)
        reader_meter(r, of, strtoll(tx_text, NULL, 10), 0, count_meter, &c);
    else if (strncmp(what, "cert", 4) == 0)
        reader_cert_requests(r, &(struct reader_cert_request_filter){ .limit = 0 }, count_cert, &c);
    else if (strncmp(what, "call", 4) == 0)
        reader_calls(r, &(struct reader_call_filter){ .limit = 0 }, count_call, &c);
    else if (strncmp(what, "profile", 7) == 0)
        reader_profiles(r, of, count_profile, &c);
    else if (strncmp(what, "transfer", 8) == 0)
        reader_file_jobs(r, &(struct reader_file_filter){ .limit = 0 }, count_transfer, &c);
    else if (strncmp(what, "waiting", 7) == 0)
        reader_waiting(r, count_waiting, &c);
    else if (strncmp(what, "violation", 9) == 0)
        reader_violations(r, count_violation, &c);
    else if (strncmp(what, "reservation", 11) == 0)
        reader_reservations(r, &(struct reader_reservation_filter){ .limit = 0 }, count_reservation,
                            &c);
    else
        fail(s, "expect %s: unknown", what);
    reader_close(r);
    if (c.found != want)
        fail(s, "%lld %s fit, expected %lld", c.found, what, want);
}

static void expect_event(struct story *s, const char *name, bool wanted)
{
    bool found = false;
    for (size_t i = 0; i < json_array_size(s->w.events); i++) {
        const char *line = json_string_value(json_array_get(s->w.events, i));
        found = found || (strncmp(line, name, strlen(name)) == 0 && line[strlen(name)] == ' ');
    }
    if (found != wanted)
        fail(s, "event %s %s", name, wanted ? "did not come" : "came");
}

/* expect outcome "answered Rejected" of the newest operator call */
static void expect_outcome(struct story *s, const char *want)
{
    world_pump(&s->w);
    size_t n = json_array_size(s->w.replies);
    const char *got = n > 0 ? json_string_value(json_array_get(s->w.replies, n - 1)) : "(none yet)";
    if (strcmp(got, want) != 0)
        fail(s, "outcome is '%s', expected '%s'", got, want);
}

/* expect point CP1/1 limit=16 reserve=6 online=1 status=Charging */
static void expect_point(struct story *s, char **word, size_t n)
{
    char id[WORLD_NAME];
    const char *slash = strchr(word[2], '/');
    size_t i, k = slash != NULL ? (size_t)atoi(slash + 1) - 1 : 0;
    struct central_connector_view v;
    snprintf(id, sizeof(id), "%.*s", slash != NULL ? (int)(slash - word[2]) : (int)strlen(word[2]),
             word[2]);
    if (!central_station_find(s->w.central, id, &i) ||
        !central_connector_view(s->w.central, i, k, s->w.now, &v)) {
        fail(s, "no connector %s", word[2]);
        return;
    }
    const struct {
        const char *name;
        long long got;
    } numbers[] = { { "limit", v.point.granted_ma / 1000 },
                    { "confirmed", v.point.confirmed_ma < 0 ? -1 : v.point.confirmed_ma / 1000 },
                    { "reserve", v.point.reserve_ma / 1000 },
                    { "class", (int64_t)v.point.class },
                    { "up", v.point.up },
                    { "phases", v.point.phases },
                    { "waits", v.point.waits_until_ms > 0 },
                    { "tx", v.tx_id },
                    { "reserved", v.reservation_id },
                    { "starting", v.start_tag != NULL },
                    { "wh", v.energy_wh } };
    for (size_t q = 0; q < sizeof(numbers) / sizeof(numbers[0]); q++) {
        const char *want = option(word + 3, n - 3, numbers[q].name);
        char text[64];
        if (want == NULL)
            continue;
        expand(s, want, text, sizeof(text));
        if (strtoll(text, NULL, 10) != numbers[q].got)
            fail(s, "%s: %s is %lld, expected %s (%s)", word[2], numbers[q].name, numbers[q].got,
                 want, v.point.reason != NULL ? v.point.reason : "");
    }
    const char *status = option(word + 3, n - 3, "status");
    if (status != NULL && strcmp(status, v.status) != 0)
        fail(s, "%s: status is %s, expected %s", word[2], v.status, status);
}

/* expect key CP1 NAME state=same wanted= reported= source= note= who= */
static void expect_key(struct story *s, char **word, size_t n)
{
    size_t i, k = 0;
    struct store_key_wish w;
    world_pump(&s->w);
    if (!central_station_find(s->w.central, word[2], &i)) {
        fail(s, "%s is unknown", word[2]);
        return;
    }
    while (central_wish_view(s->w.central, i, k, &w) && strcmp(w.key, word[3]) != 0)
        k++;
    bool found = k < central_wish_count(s->w.central, i);
    if (n > 4 && strcmp(word[4], "unwanted") == 0) {
        if (found)
            fail(s, "%s is wanted: %s", word[3], w.wanted);
        return;
    }
    if (!found) {
        fail(s, "%s is not wanted", word[3]);
        return;
    }
    const struct {
        const char *name, *got;
    } texts[] = { { "state", store_key_state_text(w.state) },
                  { "wanted", w.wanted },
                  { "reported", w.reported != NULL ? w.reported : "none" },
                  { "source", w.source },
                  { "note", w.note },
                  { "who", w.who } };
    for (size_t t = 0; t < sizeof(texts) / sizeof(texts[0]); t++) {
        const char *want = option(word + 4, n - 4, texts[t].name);
        if (want != NULL && strcmp(want, texts[t].got) != 0)
            fail(s, "%s: %s is '%s', expected '%s' (%s)", word[3], texts[t].name, texts[t].got,
                 want, w.note);
    }
}

/* expect security CP1 profile=1 pending=2 key=TEXT new=none */
static void expect_security(struct story *s, char **word, size_t n)
{
    const struct central_identity *id = central_identity(s->w.central, word[2]);
    if (id == NULL) {
        fail(s, "%s is unknown", word[2]);
        return;
    }
    const char *keys[] = { id->has_key ? (const char *)id->key_hash : "none",
                           id->has_pending_key ? (const char *)id->pending_hash : "none" };
    const int32_t profiles[] = { id->security_profile, id->pending_profile };
    static const char *const key_names[] = { "key", "new" }, *const names[] = { "profile",
                                                                                "pending" };
    for (size_t i = 0; i < 2; i++) {
        const char *want = option(word + 3, n - 3, key_names[i]);
        if (want != NULL && strcmp(want, keys[i]) != 0)
            fail(s, "%s: %s is %s, expected %s", word[2], key_names[i], keys[i], want);
        want = option(word + 3, n - 3, names[i]);
        if (want != NULL && atoi(want) != profiles[i])
            fail(s, "%s: %s is %d, expected %s", word[2], names[i], (int)profiles[i], want);
    }
}

static void note_gone(void *arg, enum store_rc rc, const union store_result *result)
{
    int32_t *revision = arg;
    *revision = rc == STORE_OK ? result->count.revision : 0;
}

/* unstation ID: removed from the configuration; a line 'station ID ...' brings it back */
static void do_unstation(struct story *s, char **word, size_t n)
{
    char text[200];
    (void)n;
    configure(s);
    store_station_remove(s->w.store, word[1], (struct store_done){ .fn = NULL });
    world_pump(&s->w);
    if (!world_follow(&s->w, text, sizeof(text)))
        fail(s, "%s", text);
}

static void do_untag(struct story *s, char **word, size_t n)
{
    int32_t revision = 0;
    (void)n;
    configure(s);
    for (size_t i = 0; i < s->n_tags; i++)
        if (strcmp(s->tag[i].id_tag, word[1]) == 0) {
            s->tag[i] = s->tag[--s->n_tags];
            break;
        }
    store_tag_remove(s->w.store, word[1], (struct store_done){ note_gone, &revision });
    world_pump(&s->w);
    if (revision == 0)
        fail(s, "there is no tag %s", word[1]);
    else
        central_tag_gone(s->w.central, word[1], revision, s->w.now);
}

/* expect list CP1 'state=in step' installed=3 entries=2 */
static void expect_list(struct story *s, char **word, size_t n)
{
    struct central_local_list v;
    size_t i;
    if (!central_station_find(s->w.central, word[2], &i) ||
        !central_local_list_view(s->w.central, i, &v)) {
        fail(s, "%s is unknown", word[2]);
        return;
    }
    const struct {
        const char *name;
        int64_t value;
    } numbers[] = {
        { "wanted", v.wanted },  { "installed", v.installed },         { "entries", v.entries },
        { "full", v.n_full },    { "differential", v.n_differential }, { "failed", v.n_failed },
        { "cut", v.cut != NULL }
    };
    const char *state = option(word + 3, n - 3, "state");
    if (state != NULL && strcmp(state, v.state) != 0)
        fail(s, "%s: state is %s, expected %s", word[2], v.state, state);
    for (size_t k = 0; k < sizeof(numbers) / sizeof(numbers[0]); k++) {
        const char *want = option(word + 3, n - 3, numbers[k].name);
        if (want != NULL && atoll(want) != numbers[k].value)
            fail(s, "%s: %s is %lld, expected %s", word[2], numbers[k].name,
                 (long long)numbers[k].value, want);
    }
}

static void do_expect(struct story *s, char **word, size_t n)
{
    configure(s);
    if (n >= 3 && strcmp(word[1], "event") == 0)
        expect_event(s, word[2], true);
    else if (n >= 4 && strcmp(word[1], "no") == 0 && strcmp(word[2], "event") == 0)
        expect_event(s, word[3], false);
    else if (n >= 3 && strcmp(word[1], "outcome") == 0)
        expect_outcome(s, word[2]);
    else if (n >= 4 && strcmp(word[1], "point") == 0)
        expect_point(s, word, n);
    else if (n >= 4 && strcmp(word[1], "node") == 0)
        expect_node(s, word, n);
    else if (n >= 5 && strcmp(word[1], "key") == 0)
        expect_key(s, word, n);
    else if (n >= 4 && strcmp(word[1], "list") == 0)
        expect_list(s, word, n);
    else if (n >= 4 && strcmp(word[1], "security") == 0)
        expect_security(s, word, n);
    else if (n >= 3)
        expect_count(s, word, n);
    else
        fail(s, "expect what?");
}

static const struct verb {
    const char *word;
    size_t least; /* words */
    void (*run)(struct story *s, char **word, size_t n);
} verbs[] = {
    { "node", 3, do_node },           { "station", 2, do_station },   { "tag", 2, do_tag },
    { "tariff", 2, do_tariff },       { "after", 2, do_after },       { "server", 2, do_server },
    { "storage", 2, do_storage },     { "operator", 4, do_operator }, { "certs", 2, do_certs },
    { "expect", 2, do_expect },       { "template", 3, do_template }, { "untag", 2, do_untag },
    { "quirks", 2, do_quirks },       { "cap", 4, do_cap },           { "uncap", 2, do_uncap },
    { "meter", 3, do_meter },         { "series", 3, do_series },     { "need", 4, do_need },
    { "unstation", 2, do_unstation }, { "clock", 3, do_clock },
};

/* Words by blanks; quotes, braces and brackets hold together.  Quotes around a whole word go. */
static size_t split(char *line, char **word)
{
    size_t n = 0;
    char *p = line;
    while (n < WORDS_MAX) {
        while (isspace((unsigned char)*p))
            p++;
        if (*p == '\0' || *p == '#')
            break;
        bool quoted = *p == '\'';
        if (quoted)
            p++;
        word[n++] = p;
        int depth = 0;
        bool in_text = false;
        for (; *p != '\0'; p++) {
            if (quoted ? *p == '\'' : (depth == 0 && !in_text && isspace((unsigned char)*p)))
                break;
            if (*p == '"' && p[-1] != '\\')
                in_text = !in_text;
            else if (!in_text && (*p == '{' || *p == '['))
                depth++;
            else if (!in_text && (*p == '}' || *p == ']'))
                depth--;
        }
        if (*p != '\0')
            *p++ = '\0';
    }
    return n;
}

static void run_line(struct story *s, char *line)
{
    char *word[WORDS_MAX];
    size_t n = split(line, word);
    if (n == 0)
        return;
    for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
        if (strcmp(word[0], verbs[i].word) == 0) {
            if (n < verbs[i].least)
                fail(s, "%s: words are missing", word[0]);
            else
                verbs[i].run(s, word, n);
            return;
        }
    if (n < 2)
        fail(s, "%s what?", word[0]);
    else
        do_of_station(s, word, n);
}

static bool run_story(const char *file)
{
    static char line[LINE_MAX_BYTES];
    struct story *s = calloc(1, sizeof(*s));
    FILE *in = fopen(file, "r");
    assert(s != NULL);
    s->file = file;
    s->vars = json_object();
    if (in == NULL || !world_open(&s->w, INT64_C(1790000000000))) {
        fail(s, "cannot be opened");
    } else {
        while (!s->failed && fgets(line, sizeof(line), in) != NULL) {
            s->line++;
            run_line(s, line);
        }
        world_close(&s->w);
    }
    if (in != NULL)
        fclose(in);
    bool good = !s->failed;
    json_decref(s->vars);
    for (size_t i = 0; i < s->n_kept; i++)
        free(s->kept[i]);
    free(s->kept);
    free(s);
    printf("%s %s\n", good ? "ok  " : "FAIL", file);
    return good;
}

int main(int argc, char **argv)
{
    int failed = 0;
    for (int i = 1; i < argc; i++)
        failed += !run_story(argv[i]);
    printf("%d stories, %d failed\n", argc - 1, failed);
    return failed == 0 && argc > 1 ? 0 : 1;
}
