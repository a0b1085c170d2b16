/*
 * Frames: looking for kept ones (on a worker, streamed), and watching new ones.
 *
 * Who watches holds no thread: the loop puts each wanted frame into the pipe of the answer as it
 * passes.  A reader that is too slow misses frames and is told how many.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/noxd/frames.h"
#include "cmd/noxd/frames_scan.h"
#include "cmd/noxd/jout.h"
#include "cmd/noxd/route.h"

enum { ALIVE_EVERY_S = 10, LIVES_MAX = 50 };

static const char NDJSON[] = "application/x-ndjson; charset=utf-8";

/* --- what is asked for --- */

/* Text of station=A,B,C cut into its parts. */
struct wish {
    struct frames_filter filter;
    char *stations; /* owned */
    enum frames_format format;
    int64_t last;
};

static void wish_done(struct wish *w)
{
    free(w->stations);
    w->stations = NULL;
}

static bool read_stations(struct request *r, struct wish *w)
{
    const char *list = request_query(r, "station");
    char *rest = NULL;
    if (list == NULL)
        return true;
    w->stations = strdup(list);
    if (w->stations == NULL)
        return false;
    for (char *name = strtok_r(w->stations, ",", &rest); name != NULL;
         name = strtok_r(NULL, ",", &rest)) {
        if (w->filter.n_stations == sizeof(w->filter.station) / sizeof(w->filter.station[0])) {
            request_fail(r, 400, "bad-query", "station", "station: at most %zu stations at once",
                         w->filter.n_stations);
            return false;
        }
        w->filter.station[w->filter.n_stations++] = name;
    }
    return true;
}

static bool read_filter(struct request *r, struct wish *w)
{
    static const char *const kinds[] = { "all", "in", "out", "opened", "closed", "refused", NULL };
    size_t kind;
    struct frames_filter *f = &w->filter;
    f->from_ms = INT64_MIN;
    f->to_ms = INT64_MAX;
    f->action = request_query(r, "action");
    f->text = request_query(r, "text");
    f->regex = request_query(r, "regex");
    if (!request_query_word(r, "kind", kinds, 0, &kind) ||
        !request_query_flag(r, "errors", &f->errors) || !read_stations(r, w))
        return false;
    f->kinds = kind == 0 ? 0 : UINT32_C(1) << kind;
    return true;
}

static bool read_span(struct request *r, struct wish *w)
{
    static const char *const formats[] = { "json", "text", NULL };
    size_t format;
    int64_t from_ms, to_ms;
    if (!request_query_time(r, "from", &from_ms) || !request_query_time(r, "to", &to_ms) ||
        !request_query_int(r, "last", 1, FRAMES_LAST_MAX, 0, &w->last) ||
        !request_query_word(r, "format", formats, 0, &format))
        return false;
    if (from_ms != STORE_ABSENT)
        w->filter.from_ms = from_ms;
    if (to_ms != STORE_ABSENT)
        w->filter.to_ms = to_ms;
    w->format = format == 0 ? FRAMES_JSON : FRAMES_TEXT;
    return true;
}

/* On the loop, so that a fault is told before the answer begins. */
static bool is_good(struct request *r, const struct wish *w)
{
    struct frames_scan scan;
    char text[200];
    if (!frames_scan_begin(&scan, &w->filter, text, sizeof(text))) {
        request_fail(r, 400, "bad-query", "regex", "%s", text);
        return false;
    }
    frames_scan_done(&scan);
    return true;
}

static struct frames *frames_of(struct request *r)
{
    return r->admin->options.frames;
}

/* --- kept ones --- */

static bool to_sink(void *arg, const char *bytes, size_t n)
{
    const struct export_sink *sink = arg;
    return sink->write(sink->arg, bytes, n);
}

static enum store_rc produce(struct request *r, struct reader *db, struct export_sink sink)
{
    struct wish w = { .last = 0 };
    struct frames_scan scan;
    char text[200];
    (void)db;
    frames_sync(frames_of(r));
    bool good = read_filter(r, &w) && read_span(r, &w) &&
                frames_scan_begin(&scan, &w.filter, text, sizeof(text));
    if (good) {
        struct frames_walk walk = { .scan = &scan,
                                    .format = w.format,
                                    .last = w.last,
                                    .write = to_sink,
                                    .arg = &sink };
        r->stream->rows = frames_walk(frames_dir(frames_of(r)), &walk);
        frames_scan_done(&scan);
    }
    wish_done(&w);
    return good ? STORE_OK : STORE_IO;
}

void route_frames(struct request *r)
{
    struct wish w = { .last = 0 };
    struct frames_counters counters;
    frames_counters(frames_of(r), &counters);
    bool good = read_filter(r, &w) && read_span(r, &w) && is_good(r, &w);
    if (good && !counters.is_on) {
        request_fail(r, 409, "frames-off", NULL,
                     "frames are not kept: start noxd with --frames-keep-days 1 or more and "
                     "--frames-max-bytes; 'noxctl frames tail -f' shows new ones all the same");
        good = false;
    }
    if (good)
        request_stream(r, w.format == FRAMES_TEXT ? "text/plain; charset=utf-8" : NDJSON, produce,
                       NULL);
    wish_done(&w);
}

/* --- new ones --- */

struct live {
    struct live *next;
    struct request *request;
    struct wish wish;
    struct frames_scan scan;
    int64_t missed;
    int quiet_s;
};

static void live_free(struct live *l)
{
    frames_scan_done(&l->scan);
    wish_done(&l->wish);
    free(l);
}

static bool offer(struct live *l, const struct ocpp_text *line)
{
    if (line->failed || !request_feed(l->request, line->data, line->len))
        return false;
    l->quiet_s = 0;
    return true;
}

static bool tell_missed(struct live *l, struct ocpp_text *line)
{
    ocpp_text_reset(line);
    jout_open(line, NULL, '{');
    jout_text(line, "kind", "missed");
    jout_int(line, "count", l->missed);
    jout_close(line, '}');
    ocpp_text_append_str(line, "\n");
    return offer(l, line);
}

static void show(struct live *l, const struct frame_record *record, const struct frame_seen *seen,
                 struct ocpp_text *line)
{
    if (l->missed > 0 && tell_missed(l, line))
        l->missed = 0;
    ocpp_text_reset(line);
    frames_write_line(line, record, seen, l->wish.format);
    if (l->missed > 0 || !offer(l, line))
        l->missed++;
}

void admin_on_frame(struct admin *a, const struct frame_record *record)
{
    struct frame_seen seen;
    struct ocpp_text line;
    if (a->lives == NULL || a->closing)
        return;
    ocpp_text_init(&line);
    for (struct live *l = a->lives; l != NULL; l = l->next)
        if (frames_scan_take(&l->scan, record, &seen))
            show(l, record, &seen, &line);
    ocpp_text_done(&line);
}

void admin_lives_leave(struct request *r)
{
    for (struct live **at = &r->admin->lives; *at != NULL; at = &(*at)->next) {
        struct live *l = *at;
        if (l->request != r)
            continue;
        *at = l->next;
        r->admin->n_lives--;
        live_free(l);
        return;
    }
}

/* An empty line now and then: who reads sees that noxd is there. */
void admin_lives_tick(struct admin *a)
{
    struct ocpp_text line;
    ocpp_text_init(&line);
    for (struct live *l = a->lives; l != NULL; l = l->next) {
        if (++l->quiet_s < ALIVE_EVERY_S)
            continue;
        ocpp_text_reset(&line);
        ocpp_text_append_str(&line, "\n");
        offer(l, &line);
    }
    ocpp_text_done(&line);
}

static void begin_live(struct request *r, struct live *l)
{
    struct ocpp_text line;
    struct frames_counters counters;
    frames_counters(frames_of(r), &counters);
    l->request = r;
    l->next = r->admin->lives;
    r->admin->lives = l;
    r->admin->n_lives++;
    ocpp_text_init(&line);
    jout_open(&line, NULL, '{');
    jout_text(&line, "kind", "live");
    jout_time(&line, "at", admin_now(r->admin).utc_ms);
    jout_bool(&line, "kept", counters.is_on);
    jout_close(&line, '}');
    ocpp_text_append_str(&line, "\n");
    offer(l, &line);
    ocpp_text_done(&line);
}

void route_frames_live(struct request *r)
{
    char text[200];
    if (r->admin->n_lives >= LIVES_MAX) {
        request_fail(r, 503, "overloaded", NULL, "%d watch already; end some of them", LIVES_MAX);
        return;
    }
    struct live *l = calloc(1, sizeof(*l));
    if (l == NULL) {
        request_fail(r, 503, "overloaded", NULL, "out of memory; try again");
        return;
    }
    if (!read_filter(r, &l->wish)) {
        wish_done(&l->wish);
        free(l);
        return;
    }
    if (!frames_scan_begin(&l->scan, &l->wish.filter, text, sizeof(text))) {
        request_fail(r, 400, "bad-query", "regex", "%s", text);
        live_free(l);
    } else if (request_feed_begin(r, NDJSON)) {
        begin_live(r, l);
    } else {
        live_free(l);
    }
}
