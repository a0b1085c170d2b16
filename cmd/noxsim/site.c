#include "cmd/noxsim/site.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/noxsim/csv.h"
#include "ocpp/wire/iso8601.h"

enum { RATING_MA = 16000 };

struct reader {
    const char *path;
    char *text;
    size_t size;
};

static bool fail(struct reader *r, const char *list, size_t i, const char *what)
{
    snprintf(r->text, r->size, "%s: %s[%zu]: %s", r->path, list, i, what);
    return false;
}

/* Amperes with at most three decimals, as number or text. */
static int32_t milliamps(json_t *json, int32_t otherwise)
{
    double a = json_is_number(json)   ? json_number_value(json)
               : json_is_string(json) ? strtod(json_string_value(json), NULL)
                                      : -1;
    return a >= 0 && a < 100000 ? (int32_t)(a * 1000 + 0.5) : otherwise;
}

/* One number for all phases or a list of three. */
static void three_phases(json_t *json, int32_t ret_ma[3])
{
    for (size_t p = 0; p < 3; p++)
        ret_ma[p] = milliamps(json_is_array(json) ? json_array_get(json, p) : json, 0);
}

static int32_t node_index(const struct site *site, const char *id)
{
    for (size_t i = 0; i < site->n_nodes; i++)
        if (strcmp(site->node[i].id, id) == 0)
            return (int32_t)i;
    return -1;
}

static bool add_node(struct site *site, json_t *json)
{
    struct site_node *n = &site->node[site->n_nodes];
    const char *parent = json_string_value(json_object_get(json, "parent"));
    n->parent = parent != NULL ? node_index(site, parent) : -1;
    n->id = strdup(json_string_value(json_object_get(json, "id")));
    three_phases(json_object_get(json, "limit_a"), n->limit_ma);
    three_phases(json_object_get(json, "foreign_a"), n->foreign_ma);
    site->n_nodes++;
    return n->id != NULL;
}

/* The file may name a child before its parent: take, in several rounds, those whose parent is
 * known. */
static bool read_grid(struct reader *r, struct site *site, json_t *list)
{
    size_t n = json_array_size(list), taken_before;
    bool *taken = calloc(n + 1, sizeof(*taken));
    site->node = calloc(n + 1, sizeof(*site->node));
    bool good = taken != NULL && site->node != NULL;
    do {
        taken_before = site->n_nodes;
        for (size_t i = 0; good && i < n; i++) {
            json_t *json = json_array_get(list, i);
            const char *parent = json_string_value(json_object_get(json, "parent"));
            if (json_string_value(json_object_get(json, "id")) == NULL)
                good = fail(r, "grid", i, "a node needs an \"id\"");
            else if (!taken[i] && (parent == NULL || node_index(site, parent) >= 0))
                taken[i] = good = add_node(site, json);
        }
    } while (good && site->n_nodes > taken_before);
    for (size_t i = 0; good && i < n; i++)
        if (!taken[i])
            good = fail(r, "grid", i, "its \"parent\" is not in the list");
    free(taken);
    return good;
}

static bool read_wiring(const char *wiring, struct site_station *s)
{
    const char *phases = wiring != NULL ? wiring : "RST";
    for (; *phases != '\0'; phases++) {
        if (*phases < 'R' || *phases > 'T' || s->n_phases == 3)
            return false;
        s->wiring[s->n_phases++] = (int8_t)(*phases - 'R');
    }
    return s->n_phases > 0;
}

static void read_connectors(json_t *list, struct site_station *s)
{
    for (size_t i = 0; i < json_array_size(list) && i < SITE_CONNECTORS_MAX; i++) {
        json_t *id = json_object_get(json_array_get(list, i), "id");
        s->number[s->n_connectors++] =
            json_is_integer(id) ? (int32_t)json_integer_value(id) : (int32_t)i + 1;
    }
    if (s->n_connectors == 0)
        s->number[s->n_connectors++] = 1;
}

static bool read_station(struct reader *r, struct site *site, json_t *json, size_t i)
{
    struct site_station *s = &site->station[site->n_stations];
    const char *id = json_string_value(json_object_get(json, "id"));
    const char *node = json_string_value(json_object_get(json, "grid_node"));
    if (id == NULL || id[0] == '\0')
        return fail(r, "stations", i, "a station needs an \"id\"");
    s->id = strdup(id);
    if (s->id == NULL)
        return fail(r, "stations", i, "out of memory");
    site->n_stations++;
    s->node = node != NULL ? node_index(site, node) : -1;
    if (node != NULL && s->node < 0)
        return fail(r, "stations", i, "its \"grid_node\" is not in \"grid\"");
    if (!read_wiring(json_string_value(json_object_get(json, "wiring")), s))
        return fail(r, "stations", i, "\"wiring\" is one to three of R, S, T, for example \"STR\"");
    s->rating_ma = milliamps(json_object_get(json, "rating_a"), RATING_MA);
    read_connectors(json_object_get(json, "connectors"), s);
    return true;
}

static bool read_stations(struct reader *r, struct site *site, json_t *list)
{
    site->station = calloc(json_array_size(list) + 1, sizeof(*site->station));
    for (size_t i = 0; site->station != NULL && i < json_array_size(list); i++)
        if (!read_station(r, site, json_array_get(list, i), i))
            return false;
    return site->station != NULL;
}

static bool is_expired(const char *expires, int64_t now_ms)
{
    char text[40];
    int64_t at_ms;
    if (expires == NULL)
        return false;
    snprintf(text, sizeof(text), "%s%s", expires, strlen(expires) == 10 ? "T00:00:00Z" : "");
    return ocpp_time_parse(text, &at_ms, NULL) && at_ms <= now_ms;
}

static bool read_tags(struct reader *r, struct site *site, json_t *list, int64_t now_ms)
{
    size_t n = json_array_size(list);
    site->tag = calloc(n + 1, sizeof(*site->tag));
    site->tag_usable = calloc(n + 1, sizeof(*site->tag_usable));
    for (size_t i = 0; site->tag != NULL && site->tag_usable != NULL && i < n; i++) {
        json_t *json = json_array_get(list, i);
        const char *id = json_string_value(json_object_get(json, "id_tag"));
        const char *status = json_string_value(json_object_get(json, "status"));
        if (id == NULL)
            return fail(r, "tags", i, "a tag needs an \"id_tag\"");
        site->tag[i] = strdup(id);
        site->tag_usable[i] =
            (status == NULL || strcmp(status, "Accepted") == 0) &&
            !is_expired(json_string_value(json_object_get(json, "expires")), now_ms);
        site->n_usable_tags += site->tag_usable[i];
        site->n_tags += site->tag[i] != NULL;
    }
    return site->n_tags == n;
}

bool site_read(const char *path, int64_t now_ms, struct site *ret_site, char *ret_text, size_t size)
{
    struct reader r = { .path = path, .text = ret_text, .size = size };
    struct site site = { .node = NULL };
    json_error_t error;
    json_t *root = json_load_file(path, 0, &error);
    if (root == NULL) {
        snprintf(ret_text, size, "%s, line %d: %s", path, error.line, error.text);
        return false;
    }
    snprintf(ret_text, size, "%s: out of memory", path);
    bool good = read_grid(&r, &site, json_object_get(root, "grid")) &&
                read_stations(&r, &site, json_object_get(root, "stations")) &&
                read_tags(&r, &site, json_object_get(root, "tags"), now_ms);
    json_decref(root);
    if (good && site.n_stations == 0) {
        snprintf(ret_text, size, "%s has no \"stations\"", path);
        good = false;
    }
    if (good)
        *ret_site = site;
    else
        site_done(&site);
    return good;
}

static void station_done(struct site_station *s)
{
    free(s->id);
    free(s->key);
    *s = (struct site_station){ .id = NULL };
}

bool site_resize(struct site *site, size_t n)
{
    char id[32];
    while (site->n_stations > n && site->n_stations > 0)
        station_done(&site->station[--site->n_stations]);
    struct site_station *station = realloc(site->station, (n + 1) * sizeof(*station));
    if (station == NULL)
        return false;
    site->station = station;
    for (size_t number = 1; site->n_stations < n; number++) {
        struct site_station *s = &station[site->n_stations];
        *s = station[site->n_stations - 1];
        snprintf(id, sizeof(id), "SIM-%04zu", number);
        s->id = strdup(id);
        s->key = NULL;
        if (s->id == NULL)
            return false;
        site->n_stations++;
    }
    return true;
}

bool site_make(size_t n, struct site *ret_site)
{
    struct site site = { .node = NULL };
    site.station = calloc(1, sizeof(*site.station));
    site.tag = calloc(1, sizeof(*site.tag));
    site.tag_usable = calloc(1, sizeof(*site.tag_usable));
    bool good = site.station != NULL && site.tag != NULL && site.tag_usable != NULL;
    if (good) {
        site.station[0] = (struct site_station){ .id = strdup("SIM-0000"),
                                                 .node = -1,
                                                 .n_phases = 3,
                                                 .wiring = { 0, 1, 2 },
                                                 .rating_ma = RATING_MA,
                                                 .n_connectors = 1,
                                                 .number = { 1 } };
        site.tag[0] = strdup("SIMTAG");
        site.tag_usable[0] = true;
        site.n_tags = site.n_usable_tags = 1;
        site.n_stations = 1;
        good = site.station[0].id != NULL && site.tag[0] != NULL && site_resize(&site, n + 1);
    }
    if (!good) {
        site_done(&site);
        return false;
    }
    station_done(&site.station[0]); /* the pattern of the others */
    memmove(site.station, site.station + 1, n * sizeof(*site.station));
    site.n_stations = n;
    *ret_site = site;
    return true;
}

static struct site_station *find_station(struct site *site, const char *id, size_t *hint)
{
    for (size_t i = 0; i < site->n_stations; i++) {
        size_t at = (*hint + i) % site->n_stations; /* files are usually in the same order */
        if (strcmp(site->station[at].id, id) == 0) {
            *hint = at + 1;
            return &site->station[at];
        }
    }
    return NULL;
}

bool site_read_keys(struct site *site, const char *path, size_t *ret_n, char *ret_text, size_t size)
{
    struct csv csv;
    size_t n = 0, hint = 0;
    if (!csv_read_file(path, &csv, ret_text, size))
        return false;
    int station = csv_column(&csv, "station"), key = csv_column(&csv, "key");
    if (station < 0 || key < 0) {
        snprintf(ret_text, size,
                 "%s needs the header line station,key; noxctl station key --all --yes -o csv "
                 "writes such a file",
                 path);
        csv_done(&csv);
        return false;
    }
    for (size_t i = 0; i < csv.n_rows; i++) {
        struct site_station *s = find_station(site, csv.row[i].field[station], &hint);
        if (s == NULL || csv.row[i].field[key][0] == '\0')
            continue;
        n += s->key == NULL;
        free(s->key);
        s->key = strdup(csv.row[i].field[key]);
    }
    csv_done(&csv);
    *ret_n = n;
    return true;
}

void site_done(struct site *site)
{
    for (size_t i = 0; i < site->n_nodes; i++)
        free(site->node[i].id);
    for (size_t i = 0; i < site->n_stations; i++)
        station_done(&site->station[i]);
    for (size_t i = 0; i < site->n_tags; i++)
        free(site->tag[i]);
    free(site->node);
    free(site->station);
    free(site->tag);
    free(site->tag_usable);
    *site = (struct site){ .node = NULL };
}
