#include "cmd/noxd/frames_scan.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "cmd/noxd/jout.h"
#include "ocpp/wire/iso8601.h"

/* --- a look at a message: [2, "id", "Action", ...  without parsing it whole --- */

static const char *skip_blank(const char *at, const char *end)
{
    while (at < end && (*at == ' ' || *at == '\t' || *at == '\n' || *at == '\r'))
        at++;
    return at;
}

/* Behind `c`, or NULL. */
static const char *expect(const char *at, const char *end, char c)
{
    at = skip_blank(at, end);
    return at < end && *at == c ? at + 1 : NULL;
}

/* A string, or a bare number (some stations' ids). @return behind it, or NULL */
static const char *take_word(const char *at, const char *end, struct frame_span *ret_word)
{
    at = skip_blank(at, end);
    if (at < end && *at != '"') {
        const char *from = at;
        while (at < end && *at >= '-' && *at <= '9' && *at != '/')
            at++;
        *ret_word = (struct frame_span){ from, (size_t)(at - from) };
        return at > from ? at : NULL;
    }
    const char *from = ++at;
    for (; at < end && *at != '"'; at++)
        if (*at == '\\')
            at++;
    if (at >= end)
        return NULL;
    *ret_word = (struct frame_span){ from, (size_t)(at - from) };
    return at + 1;
}

void frame_look(struct frame_span text, struct frame_look *ret_look)
{
    const char *at = text.at, *end = text.at + text.len;
    struct frame_span type = { "", 0 };
    struct frame_look look = { .message = FRAME_NO_MESSAGE };
    *ret_look = look;
    if ((at = expect(at, end, '[')) == NULL || (at = take_word(at, end, &type)) == NULL ||
        type.len != 1 || type.at[0] < '2' || type.at[0] > '4' ||
        (at = expect(at, end, ',')) == NULL || (at = take_word(at, end, &look.id)) == NULL)
        return;
    look.message = (enum frame_message)(FRAME_CALL + (type.at[0] - '2'));
    if (look.message == FRAME_CALL &&
        ((at = expect(at, end, ',')) == NULL || take_word(at, end, &look.action) == NULL))
        look.message = FRAME_NO_MESSAGE;
    *ret_look = look;
}

/* --- calls and answers --- */

static bool span_is(struct frame_span span, const char *text)
{
    return strlen(text) == span.len && (span.len == 0 || memcmp(span.at, text, span.len) == 0);
}

static bool span_has(struct frame_span span, const char *word)
{
    size_t n = strlen(word);
    const char *at = span.at, *end = span.at + span.len;
    if (n == 0)
        return true;
    while (at < end && (size_t)(end - at) >= n &&
           (at = memchr(at, word[0], (size_t)(end - at) - n + 1)) != NULL) {
        if (memcmp(at, word, n) == 0)
            return true;
        at++;
    }
    return false;
}

static void span_copy(char *dst, size_t size, struct frame_span span)
{
    size_t n = span.len < size - 1 ? span.len : size - 1;
    if (n > 0)
        memcpy(dst, span.at, n);
    dst[n] = '\0';
}

/* One call each way is open at a time (OCPP-J 4.1.1), so one place by station and direction. */
static struct frame_open_call *place_of(struct frames_scan *s, struct frame_span station, int kind)
{
    uint32_t hash = (uint32_t)kind * 2654435761u;
    for (size_t i = 0; i < station.len; i++)
        hash = (hash ^ (unsigned char)station.at[i]) * 16777619u;
    return &s->open[(hash ^ hash >> 15) % FRAME_OPEN_CALLS];
}

static void note_call(struct frames_scan *s, const struct frame_record *r,
                      const struct frame_look *look)
{
    struct frame_open_call *open = place_of(s, r->station, r->kind);
    span_copy(open->station, sizeof(open->station), r->station);
    span_copy(open->id, sizeof(open->id), look->id);
    span_copy(open->action, sizeof(open->action), look->action);
    open->connection = r->connection;
    open->at_ms = r->at_ms;
    open->kind = r->kind;
}

static struct frame_open_call *call_of(struct frames_scan *s, const struct frame_record *r,
                                       const struct frame_look *look)
{
    int asked_by = r->kind == FRAME_IN ? FRAME_OUT : FRAME_IN;
    struct frame_open_call *open = place_of(s, r->station, asked_by);
    return open->kind == asked_by && open->connection == r->connection &&
                   span_is(look->id, open->id) && span_is(r->station, open->station)
               ? open
               : NULL;
}

/* --- what is wanted --- */

bool frames_scan_begin(struct frames_scan *s, const struct frames_filter *filter, char *ret_text,
                       size_t size)
{
    *s = (struct frames_scan){ .filter = *filter };
    ocpp_text_init(&s->scratch);
    s->open = calloc(FRAME_OPEN_CALLS, sizeof(*s->open));
    if (s->open == NULL) {
        snprintf(ret_text, size, "out of memory; try again");
        return false;
    }
    if (filter->regex == NULL)
        return true;
    int rc = regcomp(&s->regex, filter->regex, REG_EXTENDED | REG_NOSUB);
    s->has_regex = rc == 0;
    if (rc != 0) {
        int n = snprintf(ret_text, size, "regex: ");
        regerror(rc, &s->regex, ret_text + n, size - (size_t)n);
        frames_scan_done(s);
    }
    return rc == 0;
}

void frames_scan_done(struct frames_scan *s)
{
    if (s->has_regex)
        regfree(&s->regex);
    s->has_regex = false;
    free(s->open);
    s->open = NULL;
    ocpp_text_done(&s->scratch);
}

static bool station_is_wanted(const struct frames_filter *f, struct frame_span station)
{
    for (size_t i = 0; i < f->n_stations; i++)
        if (span_is(station, f->station[i]))
            return true;
    return f->n_stations == 0;
}

static bool matches_regex(struct frames_scan *s, struct frame_span text)
{
    if (!s->has_regex)
        return true;
    ocpp_text_reset(&s->scratch);
    ocpp_text_append(&s->scratch, text.at, text.len);
    return regexec(&s->regex, s->scratch.data, 0, NULL, 0) == 0;
}

/* CALLERROR, what cannot be read, what was refused, what ended badly. */
static bool is_error(const struct frame_record *r, const struct frame_look *look)
{
    switch (r->kind) {
    case FRAME_IN:
    case FRAME_OUT:
        return look->message == FRAME_ERROR || look->message == FRAME_NO_MESSAGE;
    case FRAME_CLOSED:
        return r->code != 1000 && r->code != 1001;
    default:
        return r->kind == FRAME_REFUSED;
    }
}

static void match(struct frames_scan *s, const struct frame_record *r, struct frame_seen *seen)
{
    frame_look(r->text, &seen->look);
    struct frame_open_call *open = NULL;
    if (seen->look.message == FRAME_CALL) {
        note_call(s, r, &seen->look);
        seen->action = place_of(s, r->station, r->kind)->action;
    } else if (seen->look.message != FRAME_NO_MESSAGE) {
        open = call_of(s, r, &seen->look);
    }
    if (open == NULL)
        return;
    seen->action = open->action;
    seen->latency_ms = r->at_ms - open->at_ms;
    open->kind = 0; /* it stays readable until the next record */
}

bool frames_scan_take(struct frames_scan *s, const struct frame_record *r,
                      struct frame_seen *ret_seen)
{
    const struct frames_filter *f = &s->filter;
    *ret_seen = (struct frame_seen){ .latency_ms = -1 };
    if (!station_is_wanted(f, r->station))
        return false;
    if (r->kind == FRAME_IN || r->kind == FRAME_OUT)
        match(s, r, ret_seen);
    if (r->at_ms < f->from_ms || r->at_ms >= f->to_ms ||
        (f->kinds != 0 && (f->kinds >> r->kind & 1) == 0))
        return false;
    if (f->action != NULL &&
        (ret_seen->action == NULL || strcasecmp(ret_seen->action, f->action) != 0))
        return false;
    if (f->errors && !is_error(r, &ret_seen->look))
        return false;
    return (f->text == NULL || span_has(r->text, f->text)) && matches_regex(s, r->text);
}

/* --- lines --- */

/* Text of strangers: what is no UTF-8 becomes U+FFFD. */
static void put_span(struct ocpp_text *out, const char *key, struct frame_span span)
{
    char *copy = malloc(span.len + 1);
    if (copy == NULL) {
        out->failed = true;
        return;
    }
    for (size_t i = 0; i < span.len; i++)
        copy[i] = span.at[i] != '\0' ? span.at[i] : '?';
    copy[span.len] = '\0';
    jout_text(out, key, copy);
    free(copy);
}

static void write_json(struct ocpp_text *out, const struct frame_record *r,
                       const struct frame_seen *seen)
{
    static const char *const messages[] = { NULL, "call", "result", "error" };
    jout_open(out, NULL, '{');
    jout_int(out, "no", (int64_t)r->no);
    jout_time(out, "at", r->at_ms);
    jout_text(out, "kind", frame_kind_text(r->kind));
    put_span(out, "station", r->station);
    if (r->connection > 0)
        jout_int(out, "connection", (int64_t)r->connection);
    if (r->address.len > 0)
        put_span(out, "address", r->address);
    if (r->code > 0)
        jout_int(out, "code", r->code);
    if (seen->look.message != FRAME_NO_MESSAGE) {
        jout_text(out, "message", messages[seen->look.message]);
        put_span(out, "id", seen->look.id);
    }
    if (seen->action != NULL)
        jout_text(out, "action", seen->action);
    if (seen->latency_ms >= 0)
        jout_int(out, "latency_ms", seen->latency_ms);
    put_span(out, "text", r->text);
    jout_close(out, '}');
    ocpp_text_append_str(out, "\n");
}

static void append_clean(struct ocpp_text *out, struct frame_span span)
{
    const char *from = span.at, *end = span.at + span.len;
    for (const char *at = from; at < end; at++) {
        if ((unsigned char)*at >= 0x20 && *at != 0x7F)
            continue;
        ocpp_text_append(out, from, (size_t)(at - from));
        ocpp_text_append_str(out, *at == '\n' || *at == '\r' ? " " : "?");
        from = at + 1;
    }
    ocpp_text_append(out, from, (size_t)(end - from));
}

static void write_text(struct ocpp_text *out, const struct frame_record *r,
                       const struct frame_seen *seen)
{
    static const char *const signs[FRAME_KINDS] = { "", ">>", "<<", "opened", "closed", "refused" };
    char at[OCPP_TIME_TEXT_SIZE];
    ocpp_time_format(r->at_ms, at);
    ocpp_text_append_format(out, "%s ", at);
    append_clean(out, r->station);
    ocpp_text_append_format(out, " #%" PRIu64 " %s", r->connection, signs[r->kind]);
    if (r->code > 0)
        ocpp_text_append_format(out, " %u", (unsigned)r->code);
    if (r->address.len > 0) {
        ocpp_text_append_str(out, " ");
        append_clean(out, r->address);
    }
    if (seen->latency_ms >= 0)
        ocpp_text_append_format(out, " (%s, %" PRId64 " ms)", seen->action, seen->latency_ms);
    ocpp_text_append_str(out, " ");
    append_clean(out, r->text);
    ocpp_text_append_str(out, "\n");
}

void frames_write_line(struct ocpp_text *out, const struct frame_record *r,
                       const struct frame_seen *seen, enum frames_format format)
{
    if (format == FRAMES_JSON)
        write_json(out, r, seen);
    else
        write_text(out, r, seen);
}

/* --- the files --- */

enum { CALL_MS = 60000 };

static bool index_excludes(const char *dir, uint64_t number, const struct frames_filter *f)
{
    char path[600];
    struct frames_index index;
    frames_path(dir, number, "index", path, sizeof(path));
    if (!frames_index_read(path, &index))
        return false;
    bool has_station = f->n_stations == 0;
    for (size_t i = 0; i < f->n_stations; i++)
        has_station = has_station || frames_index_has(&index, f->station[i]);
    bool excluded = !has_station || index.last_ms < f->from_ms || index.first_ms >= f->to_ms;
    frames_index_done(&index);
    return excluded;
}

/* Lines of a segment: written as they are found, or the last ones kept. */
struct lines {
    const struct frames_walk *walk;
    struct ocpp_text line;
    char **kept; /* a ring of walk->last */
    size_t n_kept, room, first;
    int64_t n;
    bool stopped;
};

static void keep_line(struct lines *l)
{
    size_t at = (l->first + l->n_kept) % l->room;
    char *copy = l->line.failed ? NULL : strdup(l->line.data);
    if (copy == NULL)
        return;
    if (l->n_kept == l->room) {
        free(l->kept[l->first]);
        l->first = (l->first + 1) % l->room;
    } else {
        l->n_kept++;
    }
    l->kept[at] = copy;
}

static void give(struct lines *l, const char *text, size_t n)
{
    if (l->stopped || !l->walk->write(l->walk->arg, text, n))
        l->stopped = true;
    else
        l->n++;
}

static void read_records(struct lines *l, struct frames_view *view)
{
    struct frame_record r;
    struct frame_seen seen;
    while (!l->stopped && frames_next(view, &r)) {
        if (!frames_scan_take(l->walk->scan, &r, &seen))
            continue;
        ocpp_text_reset(&l->line);
        frames_write_line(&l->line, &r, &seen, l->walk->format);
        if (l->room > 0)
            keep_line(l);
        else
            give(l, l->line.data, l->line.len);
    }
}

static void read_segment(struct lines *l, const char *dir, uint64_t number)
{
    char path[600];
    struct frames_bytes bytes;
    frames_path(dir, number, "frames", path, sizeof(path));
    if (!frames_load(path, &bytes))
        return; /* it has gone meanwhile */
    struct frames_cursor c = { bytes.at, bytes.len, 0 };
    struct frames_view view;
    /* Calls of a minute before belong to answers that are wanted. */
    int64_t from_ms = l->walk->scan->filter.from_ms;
    if (from_ms > INT64_MIN + CALL_MS)
        from_ms -= CALL_MS;
    while (!l->stopped && frames_next_block(&c, &view))
        if (view.last_ms >= from_ms)
            read_records(l, &view);
    frames_bytes_done(&bytes);
}

static int64_t walk_all(const char *dir, const struct frames_walk *walk,
                        const struct frames_segment *list, size_t n)
{
    struct lines l = { .walk = walk };
    ocpp_text_init(&l.line);
    for (size_t i = 0; i < n && !l.stopped; i++)
        if (!index_excludes(dir, list[i].number, &walk->scan->filter))
            read_segment(&l, dir, list[i].number);
    ocpp_text_done(&l.line);
    return l.n;
}

static void lines_free(struct lines *l)
{
    for (size_t i = 0; i < l->n_kept; i++)
        free(l->kept[(l->first + i) % l->room]);
    free(l->kept);
    ocpp_text_done(&l->line);
}

/* From the newest segment back, until there are enough. */
static int64_t walk_last(const char *dir, const struct frames_walk *walk,
                         const struct frames_segment *list, size_t n)
{
    size_t wanted = (size_t)walk->last, n_sets = 0;
    struct lines out = { .walk = walk };
    struct lines *set = calloc(n + 1, sizeof(*set));
    for (size_t i = n; set != NULL && i > 0 && wanted > 0; i--) {
        if (index_excludes(dir, list[i - 1].number, &walk->scan->filter))
            continue;
        struct lines *l = &set[n_sets++];
        *l = (struct lines){ .walk = walk, .room = wanted };
        l->kept = calloc(wanted, sizeof(*l->kept));
        ocpp_text_init(&l->line);
        if (l->kept == NULL)
            break;
        read_segment(l, dir, list[i - 1].number);
        wanted -= l->n_kept;
    }
    for (size_t i = n_sets; i > 0; i--)
        for (size_t k = 0; k < set[i - 1].n_kept; k++) {
            const char *line = set[i - 1].kept[(set[i - 1].first + k) % set[i - 1].room];
            give(&out, line, strlen(line));
        }
    for (size_t i = 0; i < n_sets; i++)
        lines_free(&set[i]);
    free(set);
    return out.n;
}

int64_t frames_walk(const char *dir, const struct frames_walk *walk)
{
    size_t n;
    struct frames_segment *list = frames_list(dir, &n);
    int64_t lines = walk->last > 0 ? walk_last(dir, walk, list, n) : walk_all(dir, walk, list, n);
    free(list);
    return lines;
}
