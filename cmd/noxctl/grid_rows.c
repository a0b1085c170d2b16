#include "cmd/noxctl/grid_rows.h"

#include <stdio.h>
#include <string.h>

#include "cmd/noxctl/member.h"
#include "cmd/noxctl/tree.h"

static const struct table_column columns[] = {
    { "NODE", "node", CELL_TEXT, TABLE_CUT },
    { "", "parent", CELL_TEXT, TABLE_CSV },
    { "PH", "phase", CELL_TEXT, 0 },
    { "LIMIT", "limit_a", CELL_AMPS, 0 },
    { "OTHERS", "foreign_a", CELL_AMPS, TABLE_WIDE },
    { "RESERVED", "reserved_a", CELL_AMPS, 0 },
    { "MEASURED", "measured_a", CELL_AMPS, 0 },
    { "FREE", "free_a", CELL_AMPS, 0 },
    { "CARS", "cars", CELL_TEXT, TABLE_PLAIN | TABLE_WIDE },
    { "BY", "by", CELL_TEXT, TABLE_PLAIN | TABLE_WIDE },
    { "NEXT", "change", CELL_TEXT, TABLE_PLAIN | TABLE_WIDE },
    { "NAME", "name", CELL_TEXT, TABLE_WIDE | TABLE_CUT },
    { "GRANTED", "granted_a", CELL_AMPS, TABLE_WIDE },
    { "", "n_points", CELL_NUMBER, TABLE_CSV },
    { "", "n_online", CELL_NUMBER, TABLE_CSV },
    { "", "n_sessions", CELL_NUMBER, TABLE_CSV },
    { "", "n_waiting", CELL_NUMBER, TABLE_CSV },
    { "", "kind", CELL_TEXT, TABLE_CSV },
    { "", "limit_why", CELL_TEXT, TABLE_CSV },
    { "", "foreign_why", CELL_TEXT, TABLE_CSV },
};
const struct table grid_table = TABLE(columns);

static const char *const currents[] = { "limit_a", "foreign_a", "reserved_a", "granted_a",
                                        "measured_a" };

static const json_t *of_phase(const json_t *node, const char *member, size_t phase)
{
    const json_t *value = member_at(node, member);
    return json_is_array(value) ? json_array_get(value, phase) : value;
}

int64_t grid_free_tenths(const json_t *node, const char *what, size_t phase)
{
    int64_t limit = member_value_tenths(of_phase(node, "limit_a", phase));
    int64_t foreign = member_value_tenths(of_phase(node, "foreign_a", phase));
    int64_t used = member_value_tenths(of_phase(node, what, phase));
    if (limit == MEMBER_UNKNOWN || used == MEMBER_UNKNOWN)
        return MEMBER_UNKNOWN;
    return limit - (foreign == MEMBER_UNKNOWN ? 0 : foreign) - used;
}

static json_t *phase_row(const json_t *node, size_t phase)
{
    json_t *row = json_object();
    for (size_t i = 0; i < ARRAY_SIZE(currents); i++) {
        const json_t *value = of_phase(node, currents[i], phase);
        if (value)
            json_object_set(row, currents[i], (json_t *)value);
    }
    int64_t tenths = grid_free_tenths(node, "reserved_a", phase);
    if (tenths != MEMBER_UNKNOWN)
        json_object_set_new(row, "free_a", json_real((double)tenths / 10));
    return row;
}

/* What decides: "cap 3, meter"; "" for fixed values. */
static void add_why(json_t *row, const json_t *node)
{
    static const struct {
        const char *begin, *word; /* of limit_why and foreign_why */
    } words[] = { { "limit of a window", "calendar" },
                  { "usual load", "hour" },
                  { "meter", "meter" },
                  { "no reading", "silent meter" } };
    char by[96] = "";
    int64_t cap = member_int(node, "cap");
    size_t used = 0;
    if (cap > 0)
        used = (size_t)snprintf(by, sizeof(by), "cap %lld", (long long)cap);
    for (size_t i = 0; i < ARRAY_SIZE(words) && used < sizeof(by); i++) {
        size_t n = strlen(words[i].begin);
        if (strncmp(member_text(node, "limit_why"), words[i].begin, n) == 0 ||
            strncmp(member_text(node, "foreign_why"), words[i].begin, n) == 0)
            used += (size_t)snprintf(by + used, sizeof(by) - used, "%s%s", used > 0 ? ", " : "",
                                     words[i].word);
    }
    json_object_set_new(row, "by", json_string(by));
}

/* "20:00 63.0": amperes that may flow less other load, on the phase with the least, and from when
 * on. */
static void add_change(json_t *row, const json_t *node)
{
    const json_t *next = member_at(node, "next");
    char at[CELL_TIME_SIZE];
    int64_t least = MEMBER_UNKNOWN;
    for (size_t phase = 0; next && phase < 3; phase++) {
        int64_t limit = member_value_tenths(json_array_get(member_at(next, "limit_a"), phase));
        int64_t foreign = member_value_tenths(json_array_get(member_at(next, "foreign_a"), phase));
        if (least == MEMBER_UNKNOWN || limit - foreign < least)
            least = limit - foreign;
    }
    if (!next)
        return;
    struct ocpp_text text;
    ocpp_text_init(&text);
    cell_time(member_time_ms(next, "at"), CELL_CLOCK_MINUTE, at);
    ocpp_text_append_format(&text, "%s ", strlen(at) > 11 ? at + 11 : at);
    cell_append_tenths(&text, least);
    json_object_set_new(row, "change", json_string(text.data));
    ocpp_text_done(&text);
}

static void add_name(json_t *row, const json_t *node, size_t depth)
{
    char name[128], cars[64] = "";
    int64_t sessions = member_int(node, "n_sessions"), waiting = member_int(node, "n_waiting");
    snprintf(name, sizeof(name), "%*s%s", (int)(depth < 20 ? depth * 2 : 40), "",
             member_text(node, "id"));
    json_object_set_new(row, "node", json_string(name));
    if (sessions >= 0)
        snprintf(cars, sizeof(cars), waiting > 0 ? "%d (%d)" : "%d", (int)sessions, (int)waiting);
    json_object_set_new(row, "cars", json_string(cars));
    json_object_set_new(row, "name", json_string(member_text(node, "name")));
    add_why(row, node);
    add_change(row, node);
}

static void add_facts(json_t *row, const json_t *node)
{
    static const char *const facts[] = { "parent",   "name",        "n_points",
                                         "n_online", "n_sessions",  "n_waiting",
                                         "kind",     "foreign_why", "limit_why" };
    json_object_set_new(row, "node", json_string(member_text(node, "id")));
    for (size_t i = 0; i < ARRAY_SIZE(facts); i++) {
        const json_t *value = member_at(node, facts[i]);
        if (value)
            json_object_set(row, facts[i], (json_t *)value);
    }
}

static void finish_row(json_t *row, const json_t *node, size_t depth, bool people, bool first)
{
    if (!people)
        add_facts(row, node);
    else if (first)
        add_name(row, node, depth);
    else
        json_object_set_new(row, "node", json_string(""));
    if (people && !first) { /* said once is enough */
        json_object_set_new(row, "cars", json_string(""));
        json_object_set_new(row, "name", json_string(""));
        json_object_set_new(row, "by", json_string(""));
        json_object_set_new(row, "change", json_string(""));
    }
}

void grid_append_rows(json_t *rows, const json_t *node, size_t depth, bool people)
{
    static const char *const names[] = { "L1", "L2", "L3" };
    json_t *phase[3] = { phase_row(node, 0), phase_row(node, 1), phase_row(node, 2) };
    bool alike = people && json_equal(phase[0], phase[1]) && json_equal(phase[0], phase[2]);
    for (size_t i = 0; i < 3; i++) {
        if (i > 0 && alike) {
            json_decref(phase[i]);
            continue;
        }
        json_object_set_new(phase[i], "phase", json_string(alike ? "all" : names[i]));
        finish_row(phase[i], node, depth, people, i == 0);
        json_array_append_new(rows, phase[i]);
    }
}

/* Levels between a node and `top` (NULL: the root); -1 if it is not below it. */
static int depth_below(const json_t *nodes, const json_t *node, const char *top)
{
    for (int depth = 0; node && depth < 64; depth++) {
        const char *parent = member_text(node, "parent");
        if (top && strcmp(member_text(node, "id"), top) == 0)
            return depth;
        if (!*parent)
            return top ? -1 : depth;
        node = member_find(nodes, "id", parent);
    }
    return top ? -1 : 0;
}

json_t *grid_rows(const json_t *nodes, const char *only, bool people)
{
    json_t *rows = json_array(), *ordered = tree_ordered(nodes);
    for (size_t i = 0; i < json_array_size(ordered); i++) {
        const json_t *node = json_array_get(ordered, i);
        int depth = depth_below(nodes, node, only);
        if (depth >= 0)
            grid_append_rows(rows, node, (size_t)depth, people);
    }
    json_decref(ordered);
    return rows;
}
