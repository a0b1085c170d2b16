#include "cmd/noxd/frames.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

enum {
    BUFFER_BYTES = 2 * 1024 * 1024,
    GATHER_MS = 50, /* from the first frame to the block that holds it */
    SEGMENTS = 16,  /* a full store has about so many */
    SEGMENT_MAX = 16 * 1024 * 1024,
    SEGMENT_MIN = 32 * 1024,
    ROOM_EVERY_MS = 1000, /* how often the disk is asked for its room */
    SYNC_MAX_MS = 1000,
};
static const int64_t RESERVE_BYTES = INT64_C(256) * 1024 * 1024;
static const int64_t DAY_MS = INT64_C(24) * 3600 * 1000;

struct segment {
    uint64_t number;
    int64_t bytes, last_ms;
};

/* Of the writer's thread alone. */
struct writer {
    int fd; /* -1 = no segment is open */
    uint64_t number;
    int64_t bytes, first_ms, last_ms;
    struct frames_names names;
    struct segment *old; /* closed ones, the oldest first */
    size_t n_old, room_old;
    int64_t newest_ms; /* of all records: "now" */
    int64_t room_at_mono_ms;
    bool has_room;
    char trouble[160];
};

struct frames {
    struct frames_options options;
    char *dir;
    int64_t segment_bytes, segment_ms;
    bool is_on, has_thread;
    uint64_t next_no; /* loop only */
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t work, done;
    /* under the lock */
    struct frames_block block[2];
    size_t filling;
    bool stopping;
    unsigned n_syncing;
    uint64_t taken, wanted; /* swaps of the buffers: done, and asked for */
    uint64_t kept, dropped;
    int64_t total_bytes, n_segments;
    char trouble[160];
    /* */
    struct writer w;
};

static int64_t mono_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* --- the loop's side --- */

void frames_add(struct frames *f, struct frame_record *r)
{
    r->no = f->next_no++;
    if (!f->is_on)
        return;
    pthread_mutex_lock(&f->lock);
    struct frames_block *b = &f->block[f->filling];
    size_t before = b->len, half = f->options.buffer_bytes / 2;
    if (!frames_block_add(b, r)) {
        f->dropped++;
        b->room = b->len; /* numbers within a block have no gaps */
    } else if (b->n == 1 || (before < half && b->len >= half)) {
        pthread_cond_signal(&f->work);
    }
    pthread_mutex_unlock(&f->lock);
}

static void later(struct timespec *t, int64_t ms)
{
    clock_gettime(CLOCK_MONOTONIC, t);
    t->tv_nsec += (long)(ms % 1000) * 1000000;
    t->tv_sec += (time_t)(ms / 1000 + t->tv_nsec / 1000000000);
    t->tv_nsec %= 1000000000;
}

void frames_sync(struct frames *f)
{
    struct timespec until;
    if (!f->is_on)
        return;
    later(&until, SYNC_MAX_MS);
    pthread_mutex_lock(&f->lock);
    uint64_t wanted = f->taken + 2; /* the block under way, and the one that is being filled */
    f->wanted = wanted > f->wanted ? wanted : f->wanted;
    f->n_syncing++;
    pthread_cond_broadcast(&f->work);
    while (f->taken < wanted && !f->stopping)
        if (pthread_cond_timedwait(&f->done, &f->lock, &until) != 0)
            break;
    f->n_syncing--;
    pthread_mutex_unlock(&f->lock);
}

void frames_counters(struct frames *f, struct frames_counters *ret)
{
    pthread_mutex_lock(&f->lock);
    *ret = (struct frames_counters){ .is_on = f->is_on,
                                     .kept = f->kept,
                                     .dropped = f->dropped,
                                     .bytes = f->total_bytes,
                                     .segments = f->n_segments };
    memcpy(ret->trouble, f->trouble, sizeof(ret->trouble));
    pthread_mutex_unlock(&f->lock);
}

const char *frames_dir(const struct frames *f)
{
    return f->dir;
}

/* --- segments --- */

static void trouble(struct frames *f, const char *what, int error)
{
    snprintf(f->w.trouble, sizeof(f->w.trouble), "%s: %s", what, strerror(error));
}

static void remember_old(struct frames *f, struct segment segment)
{
    struct writer *w = &f->w;
    if (w->n_old == w->room_old) {
        size_t room = w->room_old > 0 ? 2 * w->room_old : 64;
        struct segment *grown = realloc(w->old, room * sizeof(*grown));
        if (grown == NULL)
            return; /* it is found again at the next start */
        w->old = grown;
        w->room_old = room;
    }
    w->old[w->n_old++] = segment;
}

static int64_t old_bytes(const struct writer *w)
{
    int64_t sum = 0;
    for (size_t i = 0; i < w->n_old; i++)
        sum += w->old[i].bytes;
    return sum;
}

static void remove_oldest(struct frames *f)
{
    char path[600];
    struct writer *w = &f->w;
    frames_path(f->dir, w->old[0].number, "index", path, sizeof(path));
    unlink(path);
    frames_path(f->dir, w->old[0].number, "frames", path, sizeof(path));
    unlink(path);
    w->n_old--;
    memmove(&w->old[0], &w->old[1], w->n_old * sizeof(w->old[0]));
}

/* What is too old or too much goes, the oldest first. */
static void prune(struct frames *f)
{
    struct writer *w = &f->w;
    while (w->n_old > 0 && (w->old[0].last_ms < w->newest_ms - f->options.keep_ms ||
                            old_bytes(w) + w->bytes > f->options.max_bytes))
        remove_oldest(f);
}

static int64_t write_index(struct frames *f, uint64_t number, const struct frames_names *names,
                           int64_t first_ms, int64_t last_ms)
{
    char path[600];
    struct stat info;
    struct frames_index index = { .first_ms = first_ms, .last_ms = last_ms };
    frames_path(f->dir, number, "index", path, sizeof(path));
    bool good = frames_names_index(names, &index) && frames_index_write(path, &index);
    frames_index_done(&index);
    return good && stat(path, &info) == 0 ? (int64_t)info.st_size : 0;
}

static void close_segment(struct frames *f)
{
    struct writer *w = &f->w;
    if (w->fd < 0)
        return;
    close(w->fd);
    w->fd = -1;
    int64_t more = write_index(f, w->number, &w->names, w->first_ms, w->last_ms);
    remember_old(f, (struct segment){ w->number, w->bytes + more, w->last_ms });
    frames_names_done(&w->names);
    w->bytes = 0;
}

static bool open_segment(struct frames *f, const struct frames_block *b)
{
    char path[600];
    struct writer *w = &f->w;
    if (w->fd >= 0)
        return true;
    frames_path(f->dir, w->number + 1, "frames", path, sizeof(path));
    w->fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0600);
    if (w->fd < 0) {
        trouble(f, "a segment of frames cannot be made", errno);
        return false;
    }
    w->number++;
    w->bytes = 0;
    w->first_ms = b->first_ms;
    w->last_ms = b->last_ms;
    return true;
}

/* Stations of a block, for the index. */
static void note_names(struct frames_names *names, const char *block, size_t len)
{
    struct frames_cursor c = { block, len, 0 };
    struct frames_view view;
    struct frame_record r;
    while (frames_next_block(&c, &view))
        while (frames_next(&view, &r))
            frames_names_add(names, r.station);
}

/* --- room on the disk --- */

static bool disk_has_room(struct frames *f)
{
    struct statvfs info;
    if (statvfs(f->dir, &info) != 0)
        return true; /* the write will tell */
    return (int64_t)info.f_bavail * (int64_t)info.f_frsize >= f->options.reserve_bytes;
}

/* The database comes first: below the reserve old frames go, and no new ones come. */
static bool has_room(struct frames *f)
{
    struct writer *w = &f->w;
    int64_t now = mono_ms();
    if (now < w->room_at_mono_ms)
        return w->has_room;
    w->room_at_mono_ms = now + ROOM_EVERY_MS;
    while (!(w->has_room = disk_has_room(f))) {
        close_segment(f);
        if (w->n_old == 0)
            break;
        remove_oldest(f);
    }
    if (!w->has_room)
        snprintf(w->trouble, sizeof(w->trouble),
                 "less than %lld MB are free on the disk: they are left to the database",
                 (long long)(f->options.reserve_bytes / 1000000));
    return w->has_room;
}

/* --- the writer --- */

static bool write_all(struct frames *f, const char *bytes, size_t n)
{
    while (n > 0) {
        ssize_t done = write(f->w.fd, bytes, n);
        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0) {
            trouble(f, "frames cannot be written", done < 0 ? errno : ENOSPC);
            return false;
        }
        bytes += done;
        n -= (size_t)done;
        f->w.bytes += done;
    }
    return true;
}

static bool write_block(struct frames *f, struct frames_block *b)
{
    struct writer *w = &f->w;
    size_t n = frames_block_end(b);
    if (n == 0)
        return true;
    w->newest_ms = b->last_ms > w->newest_ms ? b->last_ms : w->newest_ms;
    if (!has_room(f) || !open_segment(f, b))
        return false;
    w->first_ms = b->first_ms < w->first_ms ? b->first_ms : w->first_ms;
    w->last_ms = b->last_ms > w->last_ms ? b->last_ms : w->last_ms;
    note_names(&w->names, b->bytes, n);
    bool good = write_all(f, b->bytes, n);
    if (good)
        w->trouble[0] = '\0';
    /* After a torn block the next segment begins: nothing is ever cut off under a reader. */
    if (!good || w->bytes >= f->segment_bytes || w->last_ms - w->first_ms >= f->segment_ms)
        close_segment(f);
    prune(f);
    return good;
}

/* With the lock. @return the block to be written */
static struct frames_block *take_block(struct frames *f)
{
    struct frames_block *full = &f->block[f->filling];
    f->filling = 1 - f->filling;
    struct frames_block *next = &f->block[f->filling];
    frames_block_begin(next, next->bytes, f->options.buffer_bytes);
    return full;
}

static void wait_for_work(struct frames *f)
{
    struct timespec until;
    while (f->block[f->filling].n == 0 && !f->stopping && f->taken >= f->wanted)
        pthread_cond_wait(&f->work, &f->lock);
    later(&until, GATHER_MS);
    while (!f->stopping && f->taken >= f->wanted &&
           f->block[f->filling].len < f->options.buffer_bytes / 2)
        if (pthread_cond_timedwait(&f->work, &f->lock, &until) != 0)
            break;
}

static void *write_all_frames(void *arg)
{
    struct frames *f = arg;
    bool more = true;
    pthread_mutex_lock(&f->lock);
    while (more) {
        wait_for_work(f);
        more = !f->stopping;
        struct frames_block *b = take_block(f);
        pthread_mutex_unlock(&f->lock);
        bool good = write_block(f, b);
        pthread_mutex_lock(&f->lock);
        if (good)
            f->kept += b->n;
        else
            f->dropped += b->n;
        f->total_bytes = old_bytes(&f->w) + f->w.bytes;
        f->n_segments = (int64_t)f->w.n_old + (f->w.fd >= 0);
        memcpy(f->trouble, f->w.trouble, sizeof(f->trouble));
        f->taken++;
        pthread_cond_broadcast(&f->done);
    }
    pthread_mutex_unlock(&f->lock);
    close_segment(f);
    return NULL;
}

/* --- begin and end --- */

/* A segment without an index was being written when noxd was ended. */
static struct segment read_segment(struct frames *f, const struct frames_segment *found)
{
    char path[600];
    struct frames_index index;
    struct frames_bytes bytes;
    struct segment segment = { found->number, found->bytes, 0 };
    frames_path(f->dir, found->number, "index", path, sizeof(path));
    if (frames_index_read(path, &index)) {
        segment.last_ms = index.last_ms;
        frames_index_done(&index);
        return segment;
    }
    struct frames_names names = { .slot = NULL };
    int64_t first_ms = INT64_MAX, last_ms = 0;
    frames_path(f->dir, found->number, "frames", path, sizeof(path));
    if (frames_load(path, &bytes)) {
        struct frames_cursor c = { bytes.at, bytes.len, 0 };
        struct frames_view view;
        struct frame_record r;
        while (frames_next_block(&c, &view)) {
            first_ms = view.first_ms < first_ms ? view.first_ms : first_ms;
            last_ms = view.last_ms > last_ms ? view.last_ms : last_ms;
            while (frames_next(&view, &r))
                frames_names_add(&names, r.station);
        }
        frames_bytes_done(&bytes);
    }
    segment.last_ms = last_ms;
    segment.bytes += write_index(f, found->number, &names, first_ms, last_ms);
    frames_names_done(&names);
    return segment;
}

static void read_folder(struct frames *f)
{
    size_t n;
    struct frames_segment *list = frames_list(f->dir, &n);
    for (size_t i = 0; i < n; i++) {
        struct segment segment = read_segment(f, &list[i]);
        remember_old(f, segment);
        f->w.number = segment.number;
        f->w.newest_ms = segment.last_ms > f->w.newest_ms ? segment.last_ms : f->w.newest_ms;
    }
    f->total_bytes = old_bytes(&f->w);
    f->n_segments = (int64_t)f->w.n_old;
    free(list);
}

static void set_sizes(struct frames *f)
{
    struct frames_options *o = &f->options;
    if (o->reserve_bytes == 0)
        o->reserve_bytes = RESERVE_BYTES;
    if (o->buffer_bytes == 0)
        o->buffer_bytes = BUFFER_BYTES;
    f->is_on = o->keep_ms > 0 && o->max_bytes > 0;
    f->segment_bytes = o->max_bytes / SEGMENTS;
    if (f->segment_bytes > SEGMENT_MAX)
        f->segment_bytes = SEGMENT_MAX;
    if (f->segment_bytes < SEGMENT_MIN)
        f->segment_bytes = SEGMENT_MIN;
    f->segment_ms = o->keep_ms / 8 < DAY_MS ? o->keep_ms / 8 : DAY_MS;
}

/* Larger than all of earlier runs, if the clock did not run back: microseconds. */
static uint64_t first_number(void)
{
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

static void init_locks(struct frames *f)
{
    pthread_condattr_t attributes;
    pthread_mutex_init(&f->lock, NULL);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&f->work, &attributes);
    pthread_cond_init(&f->done, &attributes);
    pthread_condattr_destroy(&attributes);
}

static bool start(struct frames *f, char *ret_text, size_t size)
{
    if (mkdir(f->dir, 0700) != 0 && errno != EEXIST) {
        snprintf(ret_text, size,
                 "%s cannot be made: %s; or switch frames off: --frames-keep-days 0", f->dir,
                 strerror(errno));
        return false;
    }
    for (size_t i = 0; i < 2; i++) {
        char *bytes = malloc(f->options.buffer_bytes);
        if (bytes == NULL)
            return false;
        frames_block_begin(&f->block[i], bytes, f->options.buffer_bytes);
    }
    read_folder(f);
    f->has_thread = pthread_create(&f->thread, NULL, write_all_frames, f) == 0;
    return f->has_thread;
}

struct frames *frames_open(const struct frames_options *options, char *ret_text, size_t size)
{
    struct frames *f = calloc(1, sizeof(*f));
    snprintf(ret_text, size, "out of memory or threads");
    if (f == NULL)
        return NULL;
    f->options = *options;
    f->dir = strdup(options->dir);
    f->w.fd = -1;
    f->next_no = first_number();
    init_locks(f);
    set_sizes(f);
    if (f->dir != NULL && (!f->is_on || start(f, ret_text, size)))
        return f;
    frames_close(f);
    return NULL;
}

void frames_close(struct frames *f)
{
    if (f == NULL)
        return;
    if (f->has_thread) {
        pthread_mutex_lock(&f->lock);
        f->stopping = true;
        pthread_cond_broadcast(&f->work);
        pthread_cond_broadcast(&f->done);
        pthread_mutex_unlock(&f->lock);
        pthread_join(f->thread, NULL);
    }
    pthread_cond_destroy(&f->work);
    pthread_cond_destroy(&f->done);
    pthread_mutex_destroy(&f->lock);
    for (size_t i = 0; i < 2; i++)
        free(f->block[i].bytes);
    free(f->w.old);
    free(f->dir);
    free(f);
}
