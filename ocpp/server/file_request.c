#include "ocpp/server/file_request.h"

#include <string.h>
#include <strings.h>

#define PREFIX "/files/"

static bool is_token_char(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_';
}

bool file_path_split(const char *path, char *ret_token, char ret_name[FILE_NAME_SIZE])
{
    size_t len = 0;
    if (path == NULL || strncmp(path, PREFIX, strlen(PREFIX)) != 0)
        return false;
    path += strlen(PREFIX);
    while (len < FILE_TOKEN_CHARS && is_token_char(path[len])) {
        ret_token[len] = path[len];
        len++;
    }
    ret_token[len] = '\0';
    if (path[len] != '\0' && path[len] != '/')
        ret_token[0] = '\0'; /* none that exists */
    file_name_clean(path[len] == '/' ? path + len + 1 : "", ret_name);
    return true;
}

void file_name_clean(const char *text, char ret_name[FILE_NAME_SIZE])
{
    size_t len = 0;
    for (const char *p = text; *p != '\0'; p++)
        if (*p == '/' || *p == '\\')
            text = p + 1;
    while (*text == '.')
        text++;
    for (; *text != '\0' && len + 1 < FILE_NAME_SIZE; text++)
        ret_name[len++] = is_token_char(*text) || *text == '.' ? *text : '_';
    ret_name[len] = '\0';
}

/* Digits at *text, which is moved behind them. */
static bool number_at(const char **text, uint64_t *ret_number)
{
    const char *p = *text;
    uint64_t n = 0;
    if (*p < '0' || *p > '9')
        return false;
    for (; *p >= '0' && *p <= '9'; p++) {
        uint64_t digit = (uint64_t)(*p - '0');
        if (n > (INT64_MAX - digit) / 10)
            return false;
        n = n * 10 + digit;
    }
    *text = p;
    *ret_number = n;
    return true;
}

static void skip_blanks(const char **text)
{
    while (**text == ' ' || **text == '\t')
        (*text)++;
}

static bool is_over(const char *text)
{
    skip_blanks(&text);
    return *text == '\0';
}

bool file_number_read(const char *text, uint64_t *ret_number)
{
    skip_blanks(&text);
    return number_at(&text, ret_number) && is_over(text);
}

/* "bytes", then `mark` or blanks. */
static bool unit_at(const char **text, char mark)
{
    skip_blanks(text);
    if (strncasecmp(*text, "bytes", 5) != 0)
        return false;
    *text += 5;
    const char *behind = *text;
    skip_blanks(text);
    if (mark == ' ')
        return *text > behind;
    if (**text != mark)
        return false;
    (*text)++;
    skip_blanks(text);
    return true;
}

enum file_range file_range_read(const char *text, uint64_t size, uint64_t *ret_first,
                                uint64_t *ret_last)
{
    uint64_t first = 0, last = 0;
    if (text == NULL || !unit_at(&text, '='))
        return FILE_WHOLE;
    bool has_first = number_at(&text, &first);
    if (*text++ != '-')
        return FILE_WHOLE;
    bool has_last = number_at(&text, &last);
    if (!is_over(text) || (!has_first && !has_last) || (has_first && has_last && last < first))
        return FILE_WHOLE;
    if (!has_first) { /* the last so many */
        if (last == 0 || size == 0)
            return FILE_NOT_THERE;
        *ret_first = last < size ? size - last : 0;
        *ret_last = size - 1;
        return FILE_PART;
    }
    if (first >= size)
        return FILE_NOT_THERE;
    *ret_first = first;
    *ret_last = has_last && last < size ? last : size - 1;
    return FILE_PART;
}

bool file_content_range_read(const char *text, uint64_t *ret_first, uint64_t *ret_last,
                             uint64_t *ret_total)
{
    uint64_t first, last, total;
    if (!unit_at(&text, ' ') || !number_at(&text, &first) || *text++ != '-' ||
        !number_at(&text, &last) || *text++ != '/' || !number_at(&text, &total) || !is_over(text) ||
        last < first || last >= total)
        return false;
    *ret_first = first;
    *ret_last = last;
    *ret_total = total;
    return true;
}

bool file_etag_in(const char *list, const char *etag, bool strong)
{
    size_t len = strlen(etag);
    while (list != NULL && *list != '\0') {
        list += strspn(list, " \t,");
        bool weak = list[0] == 'W' && list[1] == '/';
        const char *tag = weak ? list + 2 : list;
        if (*tag == '*' && !strong)
            return true;
        if (strncmp(tag, etag, len) == 0 && strchr(" \t,", tag[len]) != NULL && !(weak && strong))
            return true;
        list = strchr(tag, ',');
    }
    return false;
}

/* --- forms --- */

enum { BETWEEN, BEHIND_MARK, HEAD, BODY, DONE };

/* Of Knuth, Morris and Pratt: where to go on in the mark when a byte does not fit. */
static void make_back(struct file_form *f)
{
    size_t k = 0;
    for (size_t i = 1; i < f->mark_len; i++) {
        while (k > 0 && f->mark[i] != f->mark[k])
            k = f->back[k - 1];
        if (f->mark[i] == f->mark[k])
            k++;
        f->back[i] = (uint8_t)k;
    }
}

/* The value of a parameter such as boundary= or filename=, quoted or not; false if it is absent. */
static bool parameter(const char *text, const char *name, char *ret_value, size_t size)
{
    size_t name_len = strlen(name), len = 0;
    bool quoted = false;
    for (; *text != '\0'; text++) {
        if (*text == '"' && (!quoted || text[-1] != '\\'))
            quoted = !quoted;
        if (quoted || *text != ';')
            continue;
        const char *p = text + 1;
        skip_blanks(&p);
        if (strncasecmp(p, name, name_len) != 0 || p[name_len] != '=')
            continue;
        p += name_len + 1;
        bool in_quotes = *p == '"';
        for (p += in_quotes ? 1 : 0; *p != '\0' && len + 1 < size; p++) {
            if (in_quotes ? *p == '"' : strchr("; \t", *p) != NULL)
                break;
            if (in_quotes && *p == '\\' && (p[1] == '"' || p[1] == '\\'))
                p++;
            ret_value[len++] = *p;
        }
        ret_value[len] = '\0';
        return true;
    }
    return false;
}

bool file_form_init(struct file_form *f, const char *content_type)
{
    static const char kind[] = "multipart/form-data";
    char boundary[FILE_BOUNDARY_MAX + 2];
    if (content_type == NULL || strncasecmp(content_type, kind, strlen(kind)) != 0 ||
        !parameter(content_type, "boundary", boundary, sizeof(boundary)) || boundary[0] == '\0' ||
        strlen(boundary) > FILE_BOUNDARY_MAX)
        return false;
    *f = (struct file_form){ .state = BETWEEN, .matched = 2 }; /* as if behind a line */
    memcpy(f->mark, "\r\n--", 4);
    memcpy(f->mark + 4, boundary, strlen(boundary));
    f->mark_len = strlen(boundary) + 4;
    make_back(f);
    return true;
}

/* What had looked like the mark and was none belongs to the file. */
static bool give(struct file_form *f, const char *bytes, size_t n,
                 bool (*sink)(void *arg, const char *bytes, size_t n), void *arg)
{
    return n == 0 || f->state != BODY || !f->is_file || sink(arg, bytes, n);
}

/* Up to the next mark.  @param ret_used  bytes taken */
static bool take_body(struct file_form *f, const char *bytes, size_t n, size_t *ret_used,
                      bool (*sink)(void *arg, const char *bytes, size_t n), void *arg)
{
    size_t i = 0, held = f->matched; /* of earlier pieces, part of the mark */
    while (i < n && f->matched < f->mark_len) {
        if (bytes[i] == f->mark[f->matched]) {
            f->matched++;
            i++;
        } else if (f->matched == 0) {
            i++;
        } else {
            size_t shorter = f->back[f->matched - 1];
            size_t dropped = f->matched - shorter;
            size_t of_held = dropped < held ? dropped : held;
            if (!give(f, f->mark, of_held, sink, arg))
                return false;
            held -= of_held;
            f->matched = shorter;
        }
    }
    size_t kept = f->matched - held; /* bytes of this piece that may belong to the mark */
    bool good = give(f, bytes, i - kept, sink, arg);
    *ret_used = i;
    return good;
}

static void begin_part(struct file_form *f)
{
    char name[256];
    f->is_file = false;
    f->head[f->head_len] = '\0';
    for (char *line = f->head; line != NULL && *line != '\0';) {
        char *end = strstr(line, "\r\n");
        if (end != NULL)
            *end = '\0';
        if (strncasecmp(line, "content-disposition:", 20) == 0 &&
            parameter(line, "filename", name, sizeof(name))) {
            f->is_file = true;
            file_name_clean(name, f->name);
        }
        line = end != NULL ? end + 2 : NULL;
    }
    f->state = BODY;
}

static enum file_form_rc take_head(struct file_form *f, char c)
{
    if (f->head_len + 1 >= sizeof(f->head) || c == '\0')
        return FILE_FORM_BAD;
    f->head[f->head_len++] = c;
    size_t n = f->head_len;
    if (n >= 2 && memcmp(f->head + n - 2, "\r\n", 2) == 0 &&
        (n == 2 || (n >= 4 && memcmp(f->head + n - 4, "\r\n\r\n", 4) == 0)))
        begin_part(f);
    return FILE_FORM_MORE;
}

/* Behind a mark: "--" is the end, a line end begins a part. */
static enum file_form_rc take_behind(struct file_form *f, char c)
{
    if (f->head_len == 0 && (c == ' ' || c == '\t'))
        return FILE_FORM_MORE;
    f->head[f->head_len++] = c;
    if (f->head_len < 2)
        return FILE_FORM_MORE;
    if (memcmp(f->head, "\r\n", 2) != 0)
        return FILE_FORM_BAD; /* the end, and no file has come */
    f->state = HEAD;
    f->head_len = 0;
    return FILE_FORM_MORE;
}

enum file_form_rc file_form_take(struct file_form *f, const char *bytes, size_t n,
                                 bool (*sink)(void *arg, const char *bytes, size_t n), void *arg)
{
    enum file_form_rc rc = f->state == DONE ? FILE_FORM_DONE : FILE_FORM_MORE;
    while (n > 0 && rc == FILE_FORM_MORE) {
        size_t used = 1;
        if (f->state == HEAD) {
            rc = take_head(f, *bytes);
        } else if (f->state == BEHIND_MARK) {
            rc = take_behind(f, *bytes);
        } else {
            if (!take_body(f, bytes, n, &used, sink, arg))
                return FILE_FORM_SINK;
            if (f->matched == f->mark_len) {
                bool complete = f->state == BODY && f->is_file;
                f->state = complete ? DONE : BEHIND_MARK;
                f->head_len = f->matched = 0;
                rc = complete ? FILE_FORM_DONE : FILE_FORM_MORE;
            }
        }
        bytes += used;
        n -= used;
    }
    return rc;
}
