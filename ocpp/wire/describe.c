/*
 * The reference of an action, printed from its tables: for people and as JSON.
 */
#include <stdio.h>
#include <string.h>

#include "ocpp/wire/action.h"

enum { COLUMNS = 90, NAME_COLUMN = 30 };

static void append_spaces(struct ocpp_text *out, size_t n)
{
    for (size_t i = 0; i < n; i++)
        ocpp_text_append(out, " ", 1);
}

/* Append words of a list, broken before the margin; *column is where we are. */
static void append_word(struct ocpp_text *out, const char *word, size_t indent, size_t *column)
{
    size_t n = strlen(word);
    if (*column + n + 1 > COLUMNS) {
        ocpp_text_append(out, "\n", 1);
        append_spaces(out, indent);
        *column = indent;
    } else {
        ocpp_text_append(out, " ", 1);
        (*column)++;
    }
    ocpp_text_append(out, word, n);
    *column += n;
}

static void describe_enum(const struct ocpp_enum *members, size_t indent, struct ocpp_text *out)
{
    size_t column = indent + strlen("one of");
    ocpp_text_append_str(out, "one of");
    for (int32_t i = 0; i < members->n; i++) {
        char word[64];
        snprintf(word, sizeof(word), "%s%s", members->texts[i], i + 1 < members->n ? "," : "");
        append_word(out, word, indent, &column);
    }
}

static void describe_range(const struct ocpp_field *field, struct ocpp_text *out)
{
    if (field->min > -INT32_MAX && field->max < INT32_MAX)
        ocpp_text_append_format(out, ", %d to %d", field->min, field->max);
    else if (field->min > -INT32_MAX)
        ocpp_text_append_format(out, ", at least %d", field->min);
}

static void describe_type(const struct ocpp_field *field, size_t indent, struct ocpp_text *out)
{
    switch (field->type) {
    case OCPP_TYPE_STRING:
    case OCPP_TYPE_ANY_TEXT:
        ocpp_text_append_str(out, "string");
        if (field->max > 0)
            ocpp_text_append_format(out, ", at most %d characters", field->max);
        return;
    case OCPP_TYPE_INT:
        ocpp_text_append_str(out, "integer");
        describe_range(field, out);
        return;
    case OCPP_TYPE_TENTHS:
        ocpp_text_append_str(out, "number with at most one decimal");
        describe_range(field, out);
        return;
    case OCPP_TYPE_BOOL:
        ocpp_text_append_str(out, "true or false");
        return;
    case OCPP_TYPE_TIME:
        ocpp_text_append_str(out, "time, 2026-01-31T12:00:00Z");
        return;
    case OCPP_TYPE_ENUM:
        describe_enum(field->members, indent, out);
        return;
    case OCPP_TYPE_OBJECT:
        ocpp_text_append_format(out, "object %s", field->object->name);
        return;
    case OCPP_TYPE_LIST:
        ocpp_text_append_format(out, "list of %s%s", field->object->name,
                                field->min > 0 ? ", at least one" : "");
        return;
    case OCPP_TYPE_STRING_LIST:
        ocpp_text_append_format(out, "list of strings, at most %d characters each", field->max);
        return;
    }
}

static void describe_members(const struct ocpp_object *object, size_t indent, struct ocpp_text *out)
{
    for (size_t i = 0; i < object->n_fields; i++) {
        const struct ocpp_field *field = &object->fields[i];
        size_t used = indent + strlen(field->name) + 2;
        append_spaces(out, indent);
        ocpp_text_append_format(out, "%s%s", field->name, field->required ? " *" : "  ");
        size_t column = used < NAME_COLUMN ? NAME_COLUMN : used + 1;
        append_spaces(out, column - used);
        describe_type(field, column, out);
        ocpp_text_append(out, "\n", 1);
        if (field->object)
            describe_members(field->object, indent + 2, out);
    }
}

static void describe_object(const struct ocpp_object *object, struct ocpp_text *out)
{
    ocpp_text_append_format(out, "\n%s%s\n", object->name,
                            object->n_fields ? "" : ": an empty object, {}");
    describe_members(object, 2, out);
}

static const char *direction_text(const struct ocpp_action *action)
{
    if (action->direction == OCPP_FROM_STATION)
        return "sent by the station";
    if (action->direction == OCPP_TO_STATION)
        return "sent by the central system";
    return "sent by either side";
}

void ocpp_describe(const struct ocpp_action *action, struct ocpp_text *out)
{
    ocpp_text_append_format(out, "%s: %s\n", action->name, action->summary);
    ocpp_text_append_format(out, "%s, profile %s, %s; * = required\n", direction_text(action),
                            action->profile, action->section);
    describe_object(action->req, out);
    describe_object(action->conf, out);
}

static const char *const type_names[] = {
    [OCPP_TYPE_STRING] = "string",  [OCPP_TYPE_ANY_TEXT] = "string",
    [OCPP_TYPE_INT] = "integer",    [OCPP_TYPE_BOOL] = "boolean",
    [OCPP_TYPE_TIME] = "time",      [OCPP_TYPE_ENUM] = "enum",
    [OCPP_TYPE_TENTHS] = "decimal", [OCPP_TYPE_OBJECT] = "object",
    [OCPP_TYPE_LIST] = "list",      [OCPP_TYPE_STRING_LIST] = "list of strings",
};

static void json_object_members(const struct ocpp_object *object, struct ocpp_text *out);

static void json_pair(struct ocpp_text *out, const char *name, const char *value)
{
    ocpp_text_append_format(out, ",\"%s\":", name);
    ocpp_text_append_json_string(out, value);
}

static void json_enum(const struct ocpp_enum *members, struct ocpp_text *out)
{
    json_pair(out, "enum_name", members->name);
    ocpp_text_append_str(out, ",\"values\":[");
    for (int32_t i = 0; i < members->n; i++) {
        ocpp_text_append_str(out, i > 0 ? "," : "");
        ocpp_text_append_json_string(out, members->texts[i]);
    }
    ocpp_text_append_str(out, "],\"also_legal\":[");
    bool first = true;
    for (size_t i = 0; i < members->n_aliases; i++) {
        if (!members->aliases[i].legal)
            continue;
        ocpp_text_append_str(out, first ? "" : ",");
        ocpp_text_append_json_string(out, members->aliases[i].text);
        first = false;
    }
    ocpp_text_append_str(out, "]");
}

static void json_limits(const struct ocpp_field *field, struct ocpp_text *out)
{
    bool is_number = field->type == OCPP_TYPE_INT || field->type == OCPP_TYPE_TENTHS;
    bool is_list = field->type == OCPP_TYPE_LIST || field->type == OCPP_TYPE_STRING_LIST;
    if (is_number && field->min > -INT32_MAX)
        ocpp_text_append_format(out, ",\"minimum\":%d", field->min);
    if (is_number && field->max < INT32_MAX)
        ocpp_text_append_format(out, ",\"maximum\":%d", field->max);
    if (is_list && field->min > 0)
        ocpp_text_append_format(out, ",\"min_items\":%d", field->min);
    if (!is_number && field->max > 0)
        ocpp_text_append_format(out, ",\"max_length\":%d", field->max);
    if (field->type == OCPP_TYPE_TENTHS)
        ocpp_text_append_str(out, ",\"multiple_of\":0.1");
}

static void json_field(const struct ocpp_field *field, struct ocpp_text *out)
{
    ocpp_text_append_str(out, "{\"name\":");
    ocpp_text_append_json_string(out, field->name);
    json_pair(out, "type", type_names[field->type]);
    ocpp_text_append_format(out, ",\"required\":%s", field->required ? "true" : "false");
    json_limits(field, out);
    if (field->members)
        json_enum(field->members, out);
    if (field->object) {
        json_pair(out, "object", field->object->name);
        ocpp_text_append_str(out, ",\"members\":");
        json_object_members(field->object, out);
    }
    ocpp_text_append_str(out, "}");
}

static void json_object_members(const struct ocpp_object *object, struct ocpp_text *out)
{
    ocpp_text_append_str(out, "[");
    for (size_t i = 0; i < object->n_fields; i++) {
        ocpp_text_append_str(out, i > 0 ? "," : "");
        json_field(&object->fields[i], out);
    }
    ocpp_text_append_str(out, "]");
}

bool ocpp_describe_json(const struct ocpp_action *action, struct ocpp_text *out)
{
    ocpp_text_append_str(out, "{\"action\":");
    ocpp_text_append_json_string(out, action->name);
    json_pair(out, "summary", action->summary);
    json_pair(out, "profile", action->profile);
    json_pair(out, "section", action->section);
    ocpp_text_append_format(out, ",\"from_station\":%s,\"to_station\":%s",
                            action->direction & OCPP_FROM_STATION ? "true" : "false",
                            action->direction & OCPP_TO_STATION ? "true" : "false");
    ocpp_text_append_str(out, ",\"req\":");
    json_object_members(action->req, out);
    ocpp_text_append_str(out, ",\"conf\":");
    json_object_members(action->conf, out);
    ocpp_text_append_str(out, "}");
    return !out->failed;
}
