#include "cmd/noxd/tag_csv.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "cmd/noxd/apply_value.h"
#include "cmd/noxd/jout.h"
#include "ocpp/wire/field.h"

enum { CELLS_MAX = 32, ROWS_MAX = 1000000, DUPLICATE_KEY = 81 };

struct row_key {
    size_t line;
    char key[DUPLICATE_KEY];
};

struct table {
    const char *at, *end;
    size_t line, row_line; /* now, and where the row began */
    char delimiter;
    struct ocpp_text cells; /* of one row, each with its NUL */
    size_t cell_at[CELLS_MAX];
    size_t n_cells;
    const struct apply_field *column[CELLS_MAX];
    size_t n_columns;
    struct row_key *key;
    size_t n_keys, room_keys;
    struct tag_csv *out;
};

static const struct apply_object *tag_object(void)
{
    return apply_lists[APPLY_TAGS].object;
}

__attribute__((format(printf, 3, 4))) static bool fault(struct table *t, size_t line,
                                                        const char *format, ...)
{
    struct tag_csv *out = t->out;
    if (out->n_faults < TAG_CSV_FAULTS) {
        struct tag_csv_fault *f = &out->fault[out->n_faults];
        va_list args;
        va_start(args, format);
        vsnprintf(f->text, sizeof(f->text), format, args);
        va_end(args);
        f->line = line;
    }
    out->n_faults++;
    return false;
}

/* --- rows and cells --- */

static bool is_end_of_line(const struct table *t)
{
    return t->at == t->end || *t->at == '\n' || *t->at == '\r';
}

static void skip_end_of_line(struct table *t)
{
    if (t->at < t->end && *t->at == '\r')
        t->at++;
    if (t->at < t->end && *t->at == '\n')
        t->at++;
    t->line++;
}

/* After the opening quote.  A quote stands for itself when it is doubled. */
static bool read_quoted(struct table *t)
{
    for (; t->at < t->end; t->at++) {
        if (*t->at == '"' && (t->at + 1 == t->end || t->at[1] != '"')) {
            t->at++;
            return true;
        }
        if (*t->at == '"')
            t->at++;
        t->line += *t->at == '\n';
        ocpp_text_append(&t->cells, t->at, 1);
    }
    return fault(t, t->row_line, "a quote is opened and never closed; close it");
}

static bool read_cell(struct table *t)
{
    while (t->at < t->end && *t->at == ' ')
        t->at++;
    if (t->at < t->end && *t->at == '"') {
        t->at++;
        if (!read_quoted(t))
            return false;
        while (t->at < t->end && *t->at == ' ')
            t->at++;
        if (!is_end_of_line(t) && *t->at != t->delimiter)
            return fault(t, t->row_line,
                         "text follows a closing quote; double the quotes inside of a cell");
        return true;
    }
    size_t begin = t->cells.len;
    for (; !is_end_of_line(t) && *t->at != t->delimiter; t->at++)
        ocpp_text_append(&t->cells, t->at, 1);
    while (t->cells.len > begin && t->cells.data[t->cells.len - 1] == ' ')
        ocpp_text_truncate(&t->cells, t->cells.len - 1);
    return true;
}

static void skip_row(struct table *t)
{
    while (!is_end_of_line(t))
        t->at++;
    skip_end_of_line(t);
}

/* false: a fault was found; the row is skipped. */
static bool read_row(struct table *t)
{
    t->row_line = t->line;
    t->n_cells = 0;
    ocpp_text_reset(&t->cells);
    for (;;) {
        if (t->n_cells == CELLS_MAX) {
            skip_row(t);
            return fault(t, t->row_line, "has more than %d cells; remove some", CELLS_MAX);
        }
        t->cell_at[t->n_cells++] = t->cells.len;
        if (!read_cell(t)) {
            skip_row(t);
            return false;
        }
        ocpp_text_append(&t->cells, "", 1);
        if (is_end_of_line(t))
            break;
        t->at++; /* the delimiter */
    }
    skip_end_of_line(t);
    return true;
}

static const char *cell(const struct table *t, size_t i)
{
    const char *text = t->cells.data + t->cell_at[i];
    /* What we wrote so that a spreadsheet does not run it. */
    return text[0] == '\'' && text[1] != '\0' && strchr("=+-@'", text[1]) != NULL ? text + 1 : text;
}

static bool is_empty_row(const struct table *t)
{
    for (size_t i = 0; i < t->n_cells; i++)
        if (cell(t, i)[0] != '\0')
            return false;
    return true;
}

/* --- the line of names --- */

static char find_delimiter(const char *at, const char *end)
{
    static const char candidates[] = ",;\t";
    size_t n[3] = { 0, 0, 0 }, best = 0;
    for (; at < end && *at != '\n' && *at != '\r'; at++)
        for (size_t i = 0; i < 3; i++)
            n[i] += *at == candidates[i];
    for (size_t i = 1; i < 3; i++)
        if (n[i] > n[best])
            best = i;
    return candidates[best];
}

static const struct apply_field *column_find(const char *name)
{
    const struct apply_object *object = tag_object();
    if (strcasecmp(name, "expires_at") == 0)
        name = "expires";
    for (size_t i = 0; i < object->n_fields; i++)
        if (strcasecmp(object->field[i].name, name) == 0)
            return &object->field[i];
    return NULL;
}

static const char *field_name_at(const void *fields, size_t i)
{
    return ((const struct apply_field *)fields)[i].name;
}

static bool name_column(struct table *t, size_t i)
{
    const struct apply_object *object = tag_object();
    const char *name = cell(t, i);
    const struct apply_field *f = column_find(name);
    if (f == NULL) {
        const char *nearest = ocpp_nearest(name, field_name_at, object->field, object->n_fields);
        return fault(t, t->row_line, "column %.40s is not known%s%s", name[0] ? name : "(no name)",
                     nearest != NULL ? "; did you mean " : "; 'noxctl tag export' shows the names",
                     nearest != NULL ? nearest : "");
    }
    for (size_t k = 0; k < i; k++)
        if (t->column[k] == f)
            return fault(t, t->row_line, "column %s stands twice; remove one", f->name);
    t->column[i] = f;
    return true;
}

static bool read_names(struct table *t)
{
    bool good = read_row(t), has_id = false;
    if (!good)
        return false;
    for (size_t i = 0; i < t->n_cells; i++) {
        good = name_column(t, i) && good;
        has_id = has_id || (t->column[i] != NULL && t->column[i] == &tag_object()->field[0]);
    }
    t->n_columns = t->n_cells;
    if (good && !has_id)
        return fault(
            t, t->row_line,
            "column id_tag is missing; the first line names the columns: "
            "id_tag,parent_id_tag,customer,auth_kind,status,expires,single_session,groups");
    return good;
}

/* --- values --- */

static json_t *names_of(const char *text)
{
    json_t *list = json_array();
    for (;;) {
        text += strspn(text, " ,|");
        size_t n = strcspn(text, " ,|");
        if (n == 0)
            return list;
        json_t *name = json_stringn(text, n);
        if (name == NULL || json_array_append_new(list, name) != 0) {
            json_decref(list);
            return NULL;
        }
        text += n;
    }
}

static json_t *bool_of(const char *text)
{
    static const char *const yes[] = { "true", "yes", "1" };
    static const char *const no[] = { "false", "no", "0" };
    for (size_t i = 0; i < 3; i++) {
        if (strcasecmp(text, yes[i]) == 0)
            return json_true();
        if (strcasecmp(text, no[i]) == 0)
            return json_false();
    }
    return json_string(text); /* is refused with the words that may stand */
}

/* Words are known in any case. */
static const char *word_of(const struct apply_field *f, const char *text)
{
    for (size_t i = 0; f->words[i] != NULL; i++)
        if (strcasecmp(f->words[i], text) == 0)
            return f->words[i];
    return text;
}

static json_t *value_of(const struct apply_field *f, const char *text)
{
    if (text[0] == '\0')
        return json_null();
    switch (f->type) {
    case APPLY_NAMES:
        return names_of(text);
    case APPLY_BOOL:
        return bool_of(text);
    case APPLY_WORD:
    case APPLY_CHOICE:
        return json_string(word_of(f, text));
    default:
        return json_string(text);
    }
}

/* Checked as the apply file will be, so that every fault is known at once. */
static bool check_value(struct table *t, const struct apply_field *f, json_t *value)
{
    int64_t scratch[2];
    char text[160];
    json_t *copy = json_deep_copy(value);
    bool good = json_is_null(value)
                    ? !f->required || (snprintf(text, sizeof(text), "is missing"), false)
                    : apply_value_read(f, copy, scratch, text, sizeof(text));
    json_decref(copy);
    return good || fault(t, t->row_line, "%s: %s", f->name, text);
}

static bool keep_key(struct table *t, const char *id_tag)
{
    if (t->n_keys == t->room_keys) {
        size_t room = t->room_keys > 0 ? 2 * t->room_keys : 256;
        struct row_key *grown = realloc(t->key, room * sizeof(*grown));
        if (grown == NULL)
            return fault(t, t->row_line, "out of memory");
        t->key = grown;
        t->room_keys = room;
    }
    struct row_key *k = &t->key[t->n_keys++];
    size_t n = 0, characters = 0;
    k->line = t->row_line;
    for (const char *p = id_tag; *p != '\0' && n < DUPLICATE_KEY - 1; p++) {
        if (((unsigned char)*p & 0xC0) != 0x80 && characters++ == 20)
            break;
        k->key[n++] = (char)(*p >= 'a' && *p <= 'z' ? *p - 'a' + 'A' : *p);
    }
    k->key[n] = '\0';
    return true;
}

static bool read_tag(struct table *t)
{
    json_t *tag = json_object();
    bool good = true;
    if (t->n_cells > t->n_columns)
        good = fault(t, t->row_line,
                     "has %zu cells, but the first line names %zu; is a cell with "
                     "'%c' in it without quotes?",
                     t->n_cells, t->n_columns, t->delimiter);
    for (size_t i = 0; i < t->n_columns && good; i++) {
        const struct apply_field *f = t->column[i];
        const char *text = i < t->n_cells ? cell(t, i) : "";
        json_t *value = value_of(f, text);
        if (value == NULL) {
            good = fault(t, t->row_line, "%s: is no UTF-8 text; save the file as UTF-8", f->name);
            break;
        }
        good = check_value(t, f, value);
        if (good && f == &tag_object()->field[0])
            good = keep_key(t, text);
        json_object_set_new(tag, f->name, value);
    }
    if (good)
        json_array_append_new(t->out->tags, tag);
    else
        json_decref(tag);
    return good;
}

/* --- the whole --- */

static int by_key(const void *a, const void *b)
{
    const struct row_key *x = a, *y = b;
    int order = strcmp(x->key, y->key);
    return order != 0 ? order : (x->line > y->line) - (x->line < y->line);
}

static int by_line(const void *a, const void *b)
{
    const struct tag_csv_fault *x = a, *y = b;
    return (x->line > y->line) - (x->line < y->line);
}

static void find_twins(struct table *t)
{
    if (t->n_keys > 0)
        qsort(t->key, t->n_keys, sizeof(*t->key), by_key);
    for (size_t i = 1; i < t->n_keys; i++)
        if (strcmp(t->key[i - 1].key, t->key[i].key) == 0)
            fault(t, t->key[i].line,
                  "id_tag: is the same as in line %zu (case, and what follows the 20th character, "
                  "do not count); remove one",
                  t->key[i - 1].line);
}

static void read_all(struct table *t)
{
    if (t->at == t->end) {
        fault(t, 1, "the file is empty; the first line names the columns: id_tag,customer,...");
        return;
    }
    if (!read_names(t))
        return;
    for (size_t n = 0; t->at < t->end; n++) {
        if (n == ROWS_MAX) {
            fault(t, t->line, "the file has more than %d lines; part it", ROWS_MAX);
            return;
        }
        if (read_row(t) && !is_empty_row(t))
            read_tag(t);
    }
    find_twins(t);
}

bool tag_csv_read(const char *text, size_t len, struct tag_csv *ret_csv)
{
    struct table t = { .at = text, .end = text + len, .line = 1, .out = ret_csv };
    *ret_csv = (struct tag_csv){ .tags = json_array() };
    ocpp_text_init(&t.cells);
    if (len >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0)
        t.at += 3;
    t.delimiter = find_delimiter(t.at, t.end);
    if (memchr(text, '\0', len) != NULL)
        fault(&t, 1, "has NUL bytes in it: it is no text, or UTF-16; save it as CSV in UTF-8");
    else
        read_all(&t);
    size_t kept = ret_csv->n_faults < TAG_CSV_FAULTS ? ret_csv->n_faults : TAG_CSV_FAULTS;
    qsort(ret_csv->fault, kept, sizeof(ret_csv->fault[0]), by_line);
    ocpp_text_done(&t.cells);
    free(t.key);
    return ret_csv->n_faults == 0;
}

void tag_csv_done(struct tag_csv *csv)
{
    json_decref(csv->tags);
    csv->tags = NULL;
}

/* --- writing --- */

void tag_csv_head(struct ocpp_text *out)
{
    const struct apply_object *object = tag_object();
    for (size_t i = 0; i < object->n_fields; i++)
        ocpp_text_append_format(out, "%s%s", i > 0 ? "," : "", object->field[i].name);
    ocpp_text_append_str(out, "\r\n");
}

static void put_cell(struct ocpp_text *out, const char *text)
{
    bool formula = text[0] != '\0' &&
                   (strchr("=+-@", text[0]) != NULL ||
                    (text[0] == '\'' && text[1] != '\0' && strchr("=+-@'", text[1]) != NULL));
    size_t len = strlen(text);
    bool quoted = strpbrk(text, ",;\"\t\r\n") != NULL ||
                  (len > 0 && (text[0] == ' ' || text[len - 1] == ' '));
    if (quoted)
        ocpp_text_append(out, "\"", 1);
    if (formula)
        ocpp_text_append(out, "'", 1);
    for (const char *p = text; *p != '\0'; p++) {
        if (*p == '"')
            ocpp_text_append(out, "\"", 1);
        ocpp_text_append(out, p, 1);
    }
    if (quoted)
        ocpp_text_append(out, "\"", 1);
}

/* Its JSON without quotes and nulls; names with blanks between, as they are kept. */
static void put_value(const struct apply_field *f, const void *at, struct ocpp_text *out)
{
    struct ocpp_text json;
    if (f->type == APPLY_NAMES || f->type == APPLY_TEXT || f->type == APPLY_WORD) {
        const char *text = *(const char *const *)at;
        put_cell(out, text != NULL ? text : "");
        return;
    }
    ocpp_text_init(&json);
    apply_value_write(f, at, &json);
    if (json.data[0] == '"') {
        ocpp_text_truncate(&json, json.len - 1);
        put_cell(out, json.data + 1);
    } else if (strcmp(json.data, "null") != 0) {
        put_cell(out, json.data);
    }
    ocpp_text_done(&json);
}

void tag_csv_row(const struct store_tag *tag, struct ocpp_text *out)
{
    const struct apply_object *object = tag_object();
    for (size_t i = 0; i < object->n_fields; i++) {
        if (i > 0)
            ocpp_text_append(out, ",", 1);
        put_value(&object->field[i], (const char *)tag + object->field[i].offset, out);
    }
    ocpp_text_append_str(out, "\r\n");
}
