/* The other way round: records as the file would name them, and the JSON Schema of the file. */
#include <stdint.h>
#include <stdlib.h>

#include "cmd/noxd/apply_value.h"
#include "cmd/noxd/jout.h"

/* A nested object that is not there has a number in its first member that no file can name: below
 * its least, or, of minutes, below 0. */
static bool is_absent(const struct apply_field *f, const void *record)
{
    const struct apply_field *first = &f->object->field[0];
    int64_t least = first->type == APPLY_INT ? first->min : 0;
    return (first->type == APPLY_MINUTES || first->type == APPLY_INT) &&
           *(const int32_t *)(const void *)((const char *)record + first->offset) < least;
}

void apply_write(const struct apply_object *object, const void *record, struct ocpp_text *out)
{
    for (size_t i = 0; i < object->n_fields; i++) {
        const struct apply_field *f = &object->field[i];
        if (f->type == APPLY_LIST)
            continue;
        jout_key(out, f->name);
        if (f->type != APPLY_OBJECT) {
            apply_value_write(f, (const char *)record + f->offset, out);
        } else if (is_absent(f, record)) {
            jout_null(out, NULL);
        } else {
            jout_open(out, NULL, '{');
            apply_write(f->object, record, out);
            jout_close(out, '}');
        }
    }
}

static void schema_object(const struct apply_object *object, struct ocpp_text *out);

static void schema_nested(const struct apply_field *f, struct ocpp_text *out)
{
    jout_open(out, "anyOf", '[');
    jout_open(out, NULL, '{');
    if (f->type == APPLY_LIST) {
        jout_text(out, "type", "array");
        jout_open(out, "items", '{');
    }
    schema_object(f->object, out);
    if (f->type == APPLY_LIST)
        jout_close(out, '}');
    jout_close(out, '}');
    jout_open(out, NULL, '{');
    jout_text(out, "type", "null");
    jout_close(out, '}');
    jout_close(out, ']');
}

static void schema_default(const struct apply_field *f, struct ocpp_text *out)
{
    int64_t value[2] = { 0, 0 }; /* as large as the largest, a list of three */
    struct ocpp_text text;
    ocpp_text_init(&text);
    apply_value_default(f, value);
    apply_value_write(f, value, &text);
    bool none = f->type == APPLY_INT && f->fallback < f->min; /* said in words */
    if (!f->required && !none)
        jout_raw(out, "default", text.data);
    ocpp_text_done(&text);
}

static void schema_field(const struct apply_field *f, struct ocpp_text *out)
{
    jout_open(out, f->name, '{');
    jout_text(out, "description", f->what);
    if (f->type == APPLY_LIST || f->type == APPLY_OBJECT) {
        schema_nested(f, out);
    } else {
        apply_value_schema(f, out);
        schema_default(f, out);
    }
    if (f->example != NULL) {
        jout_open(out, "examples", '[');
        jout_raw(out, NULL, f->example);
        jout_close(out, ']');
    }
    jout_close(out, '}');
}

static void schema_object(const struct apply_object *object, struct ocpp_text *out)
{
    jout_text(out, "title", object->name);
    jout_text(out, "description", object->what);
    jout_text(out, "type", "object");
    jout_open(out, "required", '[');
    for (size_t i = 0; i < object->n_fields; i++)
        if (object->field[i].required)
            jout_text(out, NULL, object->field[i].name);
    jout_close(out, ']');
    jout_bool(out, "additionalProperties", false);
    jout_open(out, "properties", '{');
    for (size_t i = 0; i < object->n_fields; i++)
        schema_field(&object->field[i], out);
    jout_close(out, '}');
}

void apply_schema(struct ocpp_text *out)
{
    jout_open(out, NULL, '{');
    jout_text(out, "$schema", "https://json-schema.org/draft/2020-12/schema");
    jout_text(out, "title", "NOX-Block site");
    jout_text(
        out, "description",
        "What 'noxctl apply -f FILE' takes.  Lists that are left out stay as they are; nothing "
        "is ever deleted.  A member that is left out keeps the value that it has (members "
        "marked as required: of new records); null sets the default.");
    jout_text(out, "type", "object");
    jout_bool(out, "additionalProperties", false);
    jout_open(out, "properties", '{');
    jout_open(out, "$schema", '{');
    jout_text(out, "description", "where this schema lies, for editors; not looked at");
    jout_close(out, '}');
    for (size_t i = 0; i < APPLY_LISTS; i++) {
        jout_open(out, apply_lists[i].name, '{');
        jout_text(out, "description", apply_lists[i].what);
        jout_text(out, "type", "array");
        jout_open(out, "items", '{');
        schema_object(apply_lists[i].object, out);
        jout_close(out, '}');
        jout_close(out, '}');
    }
    jout_close(out, '}');
    jout_close(out, '}');
}
