/* Frames: what went over the wire, kept or as it passes. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cmd/noxctl/cell.h"
#include "cmd/noxctl/client.h"
#include "cmd/noxctl/commands.h"
#include "cmd/noxctl/filter.h"
#include "cmd/noxctl/instant.h"
#include "cmd/noxctl/member.h"
#include "cmd/noxctl/table.h"
#include "ocpp/wire/text.h"

enum { TAIL_FRAMES = 20, SEARCH_FRAMES = 1000, FOLLOW_MS = 24 * 3600 * 1000, KIND_COLUMNS = 2 };

/* --- the path --- */

static void add_stations(const struct ctl *ctl, struct ocpp_text *path)
{
    struct ocpp_text list;
    ocpp_text_init(&list);
    for (size_t i = 0; i < ctl->n_args; i++) {
        ocpp_text_append_str(&list, i > 0 ? "," : "");
        ocpp_text_append_str(&list, ctl->arg[i]);
    }
    if (ctl->n_args > 0)
        filter_query(path, "station", list.data);
    ocpp_text_done(&list);
}

/* @return false after a complaint */
static bool begin_path(const struct ctl *ctl, const char *base, struct ocpp_text *path)
{
    static const char *const flags[][2] = { { "action", "action" },
                                            { "text", "text" },
                                            { "regex", "regex" },
                                            { "direction", "kind" } };
    static const char *const times[] = { "from", "to" };
    char utc[32];
    ocpp_text_append_str(path, base);
    add_stations(ctl, path);
    for (size_t i = 0; i < ARRAY_SIZE(flags); i++)
        if (ctl_flag(ctl, flags[i][0]))
            filter_query(path, flags[i][1], ctl_flag(ctl, flags[i][0]));
    if (ctl_flag(ctl, "errors"))
        filter_query(path, "errors", "1");
    for (size_t i = 0; i < ARRAY_SIZE(times); i++) {
        const char *text = ctl_flag(ctl, times[i]);
        if (text && !instant_read(ctl, times[i], text, INSTANT_LAST, utc))
            return false;
        if (text)
            filter_query(path, times[i], utc);
    }
    return true;
}

static void add_last(struct ocpp_text *path, int64_t n)
{
    char text[24];
    snprintf(text, sizeof(text), "%" PRId64, n);
    filter_query(path, "last", text);
}

/* --- one frame for people --- */

struct sign {
    const char *kind, *arrow, *color;
};
static const struct sign signs[] = {
    { "in", "→", PAINT_GOOD },     { "out", "←", PAINT_NOTE },    { "opened", "+", PAINT_HEAD },
    { "closed", "-", PAINT_CARE }, { "refused", "✗", PAINT_BAD }, { "missed", "!", PAINT_CARE },
};

static const struct sign *sign_of(const char *kind)
{
    for (size_t i = 0; i < ARRAY_SIZE(signs); i++)
        if (strcmp(signs[i].kind, kind) == 0)
            return &signs[i];
    return &signs[0];
}

/* The payload of a message: what follows id (and action), without the last bracket. */
static void paint_payload(struct paint *p, const json_t *frame)
{
    json_error_t error;
    json_t *message = json_loads(member_text(frame, "text"), 0, &error);
    const char *kind = member_text(frame, "message");
    size_t at = strcmp(kind, "call") == 0 ? 3 : 2;
    struct ocpp_text out;
    ocpp_text_init(&out);
    for (size_t i = at; i < json_array_size(message); i++) {
        char *text = json_dumps(json_array_get(message, i), JSON_COMPACT | JSON_ENCODE_ANY);
        ocpp_text_append_format(&out, "%s%s", i > at ? " " : "", text ? text : "");
        free(text);
    }
    paint_text(p, NULL, message ? out.data : member_text(frame, "text"));
    ocpp_text_done(&out);
    json_decref(message);
}

static void paint_message(struct paint *p, const json_t *frame)
{
    const char *message = member_text(frame, "message"), *action = member_text(frame, "action");
    int64_t ms = member_int(frame, "latency_ms");
    if (strcmp(message, "call") == 0) {
        paint_format(p, PAINT_HEAD, "%s", action);
    } else if (strcmp(message, "error") == 0) {
        paint_format(p, PAINT_BAD, "%s", *action ? action : "answer");
        paint_format(p, PAINT_BAD, " error");
    } else if (*message) {
        paint_format(p, NULL, "%s", *action ? action : "answer");
        paint_format(p, PAINT_DIM, " answer");
    } else {
        paint_format(p, PAINT_BAD, "unreadable");
    }
    if (ms != MEMBER_UNKNOWN)
        paint_format(p, ms > 5000 ? PAINT_CARE : PAINT_DIM, " %" PRId64 " ms", ms);
    paint_text(p, NULL, " ");
    paint_payload(p, frame);
}

static void paint_marker(struct paint *p, const json_t *frame)
{
    const char *kind = member_text(frame, "kind");
    int64_t code = member_int(frame, "code");
    paint_format(p, sign_of(kind)->color, "%s", kind);
    if (code != MEMBER_UNKNOWN)
        paint_format(p, sign_of(kind)->color, " %" PRId64, code);
    if (*member_text(frame, "address"))
        paint_format(p, NULL, " from %s", member_text(frame, "address"));
    paint_format(p, NULL, " %s", member_text(frame, "text"));
}

static void paint_frame(struct paint *p, const json_t *frame)
{
    const char *kind = member_text(frame, "kind");
    const struct sign *sign = sign_of(kind);
    char at[CELL_TIME_SIZE];
    int64_t at_ms = member_time_ms(frame, "at");
    if (strcmp(kind, "missed") == 0) {
        paint_format(p, PAINT_CARE, "(%" PRId64 " frames were too fast to be shown)",
                     member_int(frame, "count"));
        paint_end(p);
        return;
    }
    cell_time(at_ms, CELL_CLOCK_SECOND, at);
    paint_format(p, PAINT_DIM, "%s.%03d ", at, (int)(at_ms % 1000));
    paint_cell(p, NULL, member_text(frame, "station"), 12, false);
    paint_format(p, sign->color, " %s ", sign->arrow);
    if (strcmp(kind, "in") == 0 || strcmp(kind, "out") == 0)
        paint_message(p, frame);
    else
        paint_marker(p, frame);
    paint_end(p);
}

/* --- lines of noxd --- */

struct show {
    struct ctl ctl;
    struct ocpp_text rest; /* the begin of a line */
    int64_t n, last_no;
    bool is_live, is_whole; /* whole: long lines are not cut */
    json_t *items;          /* frames are collected here instead of shown; NULL = shown */
};

static const struct table_column frame_columns[] = {
    { "AT", "at", CELL_TEXT, 0 },           { "STATION", "station", CELL_TEXT, 0 },
    { "KIND", "kind", CELL_TEXT, 0 },       { "MESSAGE", "message", CELL_TEXT, 0 },
    { "ACTION", "action", CELL_TEXT, 0 },   { "LATENCY_MS", "latency_ms", CELL_NUMBER, 0 },
    { "ADDRESS", "address", CELL_TEXT, 0 }, { "CODE", "code", CELL_NUMBER, 0 },
    { "TEXT", "text", CELL_TEXT, 0 },
};
static const struct table frame_table = TABLE(frame_columns);

static bool show_history(struct show *s);

static bool show_line(struct show *s, const char *line)
{
    json_t *frame = json_loads(line, 0, NULL);
    if (frame == NULL)
        return *line == '\0';
    bool good = true;
    int64_t no = member_int(frame, "no");
    if (strcmp(member_text(frame, "kind"), "live") == 0) {
        good = !member_true(frame, "kept") || show_history(s);
        s->is_live = true;
    } else if (no == MEMBER_UNKNOWN || no > s->last_no) {
        if (no != MEMBER_UNKNOWN)
            s->last_no = no;
        s->n++;
        if (s->items) {
            good = json_array_append(s->items, frame) == 0;
        } else if (s->ctl.output == CTL_JSON) {
            good = puts(line) != EOF;
        } else {
            struct ocpp_text out;
            struct paint p = table_paint_begin(&s->ctl, &out);
            if (s->is_whole)
                p.columns = 0;
            paint_frame(&p, frame);
            good = table_paint_out(&p) == CTL_OK;
        }
    }
    json_decref(frame);
    return good;
}

static bool take(void *arg, const char *data, size_t len)
{
    struct show *s = arg;
    bool good = true;
    for (const char *end; good && (end = memchr(data, '\n', len)) != NULL;) {
        size_t n = (size_t)(end - data);
        ocpp_text_append(&s->rest, data, n);
        struct ocpp_text line = s->rest;
        ocpp_text_init(&s->rest);
        good = !line.failed && show_line(s, line.data);
        ocpp_text_done(&line);
        data += n + 1;
        len -= n + 1;
    }
    ocpp_text_append(&s->rest, data, len);
    return fflush(stdout) == 0 && good && !s->rest.failed;
}

/* The last kept ones, once new ones are being collected: none is missed between. */
static bool show_history(struct show *s)
{
    struct show old = *s;
    struct ocpp_text path;
    int64_t n;
    struct ctl ctl = s->ctl;
    if (s->is_live) /* noxd has come back: go on from what was shown last */
        n = SEARCH_FRAMES;
    else if (!ctl_flag_int(&ctl, "limit", 1, 10000, TAIL_FRAMES, &n))
        return false;
    ocpp_text_init(&old.rest);
    ocpp_text_init(&path);
    ctl.timeout_ms = 30000;
    begin_path(&ctl, "/v1/frames", &path);
    add_last(&path, n);
    bool good = client_stream(&ctl, "GET", path.data, NULL, take, &old) == CTL_OK;
    s->last_no = old.last_no;
    s->n = old.n;
    ocpp_text_done(&path);
    ocpp_text_done(&old.rest);
    return good;
}

static enum ctl_exit show_kept(struct ctl *ctl, int64_t last)
{
    struct show s = { .ctl = *ctl, .is_whole = ctl_flag(ctl, "whole") != NULL || !ctl->terminal };
    struct ocpp_text path;
    ocpp_text_init(&path);
    ocpp_text_init(&s.rest);
    if (ctl->output != CTL_TABLE)
        s.items = json_array();
    enum ctl_exit rc = CTL_USAGE;
    if (begin_path(ctl, "/v1/frames", &path)) {
        add_last(&path, last);
        rc = client_stream(ctl, "GET", path.data, NULL, take, &s);
    }
    if (s.items) {
        json_t *answer = json_pack("{so}", "items", s.items);
        rc = rc == CTL_OK ? table_print(ctl, &frame_table, answer, NULL) : rc;
        json_decref(answer);
    }
    if (rc == CTL_OK && s.n == 0)
        ctl_note(ctl, "No such frames are kept. 'noxctl doctor' says why a station is silent.");
    ocpp_text_done(&s.rest);
    ocpp_text_done(&path);
    return rc;
}

/* Until it is interrupted; waits when noxd restarts. */
static enum ctl_exit follow(struct ctl *ctl)
{
    struct show s = { .ctl = *ctl, .is_whole = ctl_flag(ctl, "whole") != NULL || !ctl->terminal };
    struct ocpp_text path;
    ocpp_text_init(&path);
    ocpp_text_init(&s.rest);
    enum ctl_exit rc = CTL_USAGE;
    ctl->timeout_ms = FOLLOW_MS;
    if (begin_path(ctl, "/v1/frames/live", &path)) {
        do {
            ocpp_text_reset(&s.rest);
            rc = client_stream(ctl, "GET", path.data, NULL, take, &s);
            nanosleep(&(struct timespec){ .tv_sec = 1 }, NULL);
        } while (s.is_live && !ferror(stdout) &&
                 (rc == CTL_UNREACHABLE || rc == CTL_FAILED || rc == CTL_TIMED_OUT));
    }
    ocpp_text_done(&s.rest);
    ocpp_text_done(&path);
    return rc;
}

static enum ctl_exit run_tail(struct ctl *ctl)
{
    int64_t n;
    if (!ctl_flag_int(ctl, "limit", 1, 10000, TAIL_FRAMES, &n))
        return CTL_USAGE;
    if (!ctl_flag(ctl, "follow"))
        return show_kept(ctl, n);
    if (ctl->output == CTL_CSV)
        return ctl_fail(CTL_USAGE, "what passes has no CSV; take -o json, a document a line");
    return follow(ctl);
}

static enum ctl_exit run_search(struct ctl *ctl)
{
    int64_t n;
    if (!ctl_flag_int(ctl, "limit", 1, 10000, SEARCH_FRAMES, &n))
        return CTL_USAGE;
    return show_kept(ctl, n);
}

/* --- export --- */

static bool pass_on(void *arg, const char *data, size_t len)
{
    *(bool *)arg = *(bool *)arg || len > 0;
    return fwrite(data, 1, len, stdout) == len;
}

static enum ctl_exit run_export(struct ctl *ctl)
{
    const char *format = ctl_flag(ctl, "format");
    struct ocpp_text path;
    bool any = false;
    if (format && strcmp(format, "jsonl") != 0 && strcmp(format, "text") != 0)
        return ctl_fail(CTL_USAGE, "--format %s: it is jsonl or text", format);
    ocpp_text_init(&path);
    enum ctl_exit rc = CTL_USAGE;
    ctl->timeout_ms = FOLLOW_MS;
    if (begin_path(ctl, "/v1/frames", &path)) {
        if (format && strcmp(format, "text") == 0)
            filter_query(&path, "format", "text");
        rc = client_stream(ctl, "GET", path.data, NULL, pass_on, &any);
    }
    ocpp_text_done(&path);
    if (rc == CTL_OK && fflush(stdout) != 0)
        rc = ctl_fail(CTL_FAILED, "the file cannot be written");
    if (rc == CTL_OK && !any)
        ctl_note(ctl, "No frames of %s are kept.", ctl->arg[0]);
    return rc;
}

/* --- rows --- */

#define WHAT                                                                           \
    { "action", "ACTION", 0, "only calls of this action and their answers" },          \
        { "text", "TEXT", 0, "only messages that hold this text" },                    \
        { "regex", "REGEX", 0, "only messages that match (POSIX extended)" },          \
        { "direction", "WORD", 0, "only in, out, opened, closed or refused" },         \
        { "errors", NULL, 0, "only errors, unreadable messages, refusals, bad ends" }, \
    {                                                                                  \
        "whole", NULL, 0, "do not cut long lines"                                      \
    }

static const struct ctl_flag tail_flags[] = {
    { "follow", NULL, 'f', "go on with new frames as they pass" },
    { "limit", "N", 0, "begin with the last N (default 20)" },
    WHAT,
};
static const struct ctl_flag search_flags[] = {
    { "from", "TIME", 0, "not before " INSTANT_LAST_HELP },
    { "to", "TIME", 0, "before, as --from" },
    { "limit", "N", 0, "at most the last N (default 1000)" },
    WHAT,
};
static const struct ctl_flag export_flags[] = {
    { "from", "TIME", 0, "not before " INSTANT_LAST_HELP },
    { "to", "TIME", 0, "before, as --from" },
    { "format", "WORD", 0, "jsonl (default) or text" },
};

static const struct ctl_command commands[] = {
    { .name = "frames tail",
      .args = "[STATION...]",
      .summary = "Show the last messages to and from stations, and new ones as they pass",
      .flags = tail_flags,
      .n_flags = ARRAY_SIZE(tail_flags),
      .examples = "frames tail DO-L0001\nframes tail -f\n"
                  "frames tail -f DO-L0001 DO-L0002 --action StatusNotification",
      .more =
          "An arrow to the right comes from the station. Answers show the action they answer and "
          "the time it took. Keys, passwords and one-time file addresses are never kept.",
      .run = run_tail },
    { .name = "frames search",
      .args = "[STATION...]",
      .summary = "Search the kept messages, the last ones",
      .flags = search_flags,
      .n_flags = ARRAY_SIZE(search_flags),
      .examples = "frames search DO-L0001 --errors\n"
                  "frames search --text 04A2B3C4 --from 2026-10-24\n"
                  "frames search --action StartTransaction --regex '\"meterStart\":0[,}]'",
      .run = run_search },
    { .name = "frames export",
      .args = "STATION",
      .summary = "Write all kept messages of a station, for its maker's support",
      .flags = export_flags,
      .n_flags = ARRAY_SIZE(export_flags),
      .examples = "frames export DO-L0001 > DO-L0001.jsonl\n"
                  "frames export DO-L0001 --from 2026-10-24 --format text > case.txt",
      .run = run_export },
};
const struct ctl_group ctl_group_frames = { "Messages on the wire", commands,
                                            ARRAY_SIZE(commands) };
