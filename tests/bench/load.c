/*
 * The load: many stations in one process against one server, phase by phase; each phase prints one
 * line of JSON.
 *
 *   connect   all stations connect, a bounded number of handshakes at a time, and boot
 *   idle      nothing is sent; memory of the server per connection
 *   start     one session each
 *   closed    each station has one CALL outstanding all the time: what the server can do
 *   open      CALLs at a fixed rate, latency counted from the moment each was due: what stations
 * see cut       all connections are reset and come back at once
 */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "tests/bench/histogram.h"
#include "tests/bench/link.h"
#include "tests/bench/usage.h"

enum { EVENTS_MAX = 256, PER_SOURCE_HOST = 2000, MS = 1000, SECOND = 1000000 };

enum goal { GOAL_BOOT, GOAL_START, GOAL_QUIET, GOAL_CLOSED, GOAL_OPEN };

struct options {
    int port;
    pid_t pid; /* of the server, for its processor time and memory */
    size_t stations, at_once;
    const char *keys, *phases, *prefix;
    int64_t seconds, rate;
    struct message_mix mix;
};

struct load {
    struct options options;
    int epoll;
    struct link *link;
    int64_t *due_us; /* when the outstanding CALL was due */
    enum goal goal;
    size_t connecting, ready; /* handshakes under way; stations that have reached the goal */
    size_t next;              /* whose turn it is to connect or to call */
    uint64_t answered, callerrors, broken, attempts;
    uint32_t dice;
    struct histogram latency;
};

/* What a phase has cost, taken at its begin and its end. */
struct mark {
    int64_t at_us;
    struct usage server, self;
    uint64_t answered;
};

static int64_t clock_us(clockid_t id)
{
    struct timespec t;
    clock_gettime(id, &t);
    return (int64_t)t.tv_sec * SECOND + t.tv_nsec / 1000;
}

static int64_t now_us(void)
{
    return clock_us(CLOCK_MONOTONIC);
}

static struct mark mark_now(const struct load *w)
{
    struct mark m = { .at_us = now_us(), .answered = w->answered };
    if (!usage_read(w->options.pid, &m.server) || !usage_read(0, &m.self)) {
        fprintf(stderr, "bench_load: the server (pid %ld) has gone\n", (long)w->options.pid);
        exit(1);
    }
    return m;
}

static uint32_t roll(struct load *w)
{
    w->dice = w->dice * 1664525U + 1013904223U;
    return w->dice >> 8;
}

/* --- one station --- */

static void watch(struct load *w, size_t i, uint32_t events, int operation)
{
    struct epoll_event e = { .events = events, .data.u64 = i };
    if (epoll_ctl(w->epoll, operation, w->link[i].fd, &e) != 0) {
        perror("bench_load: epoll_ctl");
        exit(1);
    }
}

static void start_connecting(struct load *w, size_t i)
{
    w->attempts++;
    if (!link_connect(&w->link[i], w->options.port, (uint8_t)(2 + i / PER_SOURCE_HOST % 250))) {
        perror("bench_load: connect (is `ulimit -n` large enough?)");
        exit(1);
    }
    w->connecting++;
    watch(w, i, EPOLLOUT, EPOLL_CTL_ADD);
}

static void call(struct load *w, size_t i, enum message_kind kind, int64_t due_us)
{
    w->due_us[i] = due_us;
    if (!link_call(&w->link[i], kind, clock_us(CLOCK_REALTIME) / MS)) {
        link_cut(&w->link[i]);
        w->broken++;
    }
}

static void call_again(struct load *w, size_t i)
{
    call(w, i, message_pick(&w->options.mix, roll(w)), now_us());
}

static void on_answer(struct load *w, size_t i)
{
    w->answered++;
    w->callerrors += w->link[i].is_error;
    if (w->goal == GOAL_BOOT || w->goal == GOAL_START) {
        w->ready++;
        w->connecting -= w->goal == GOAL_BOOT;
        return;
    }
    histogram_add(&w->latency, now_us() - w->due_us[i]);
    if (w->goal == GOAL_CLOSED)
        call_again(w, i);
}

static void on_broken(struct load *w, size_t i)
{
    if (w->goal == GOAL_BOOT) { /* refused or cut while coming in: stations try again */
        w->connecting--;
        if (w->broken++ < 10 * w->options.stations)
            start_connecting(w, i);
        return;
    }
    w->broken++;
}

static void on_news(struct load *w, size_t i, enum link_news news)
{
    if (news == LINK_UPGRADED)
        call(w, i, MESSAGE_BOOT, now_us());
    else if (news == LINK_ANSWERED)
        on_answer(w, i);
    else if (news == LINK_BROKEN)
        on_broken(w, i);
}

static void on_ready(struct load *w, size_t i, uint32_t events)
{
    struct link *l = &w->link[i];
    if (l->state == LINK_CONNECTING) {
        enum link_news news = link_on_writable(l, w->options.port);
        if (news == LINK_NOTHING)
            watch(w, i, EPOLLIN, EPOLL_CTL_MOD);
        on_news(w, i, news);
        return;
    }
    if (l->fd < 0 || (events & (EPOLLIN | EPOLLHUP | EPOLLERR)) == 0)
        return;
    enum link_news news;
    do {
        news = link_on_readable(l);
        on_news(w, i, news);
    } while (news != LINK_NOTHING && news != LINK_BROKEN && l->fd >= 0);
}

/* Sleep at most wait_us, then serve what is ready. */
static void turn(struct load *w, int64_t wait_us)
{
    struct epoll_event event[EVENTS_MAX];
    struct timespec wait = { .tv_sec = wait_us / SECOND, .tv_nsec = wait_us % SECOND * 1000 };
    int n = epoll_pwait2(w->epoll, event, EVENTS_MAX, &wait, NULL);
    for (int i = 0; i < n; i++)
        on_ready(w, (size_t)event[i].data.u64, event[i].events);
}

/* --- phases --- */

static bool is_stuck(const struct load *w, int64_t since_us, const char *phase)
{
    if (now_us() - since_us < 120 * (int64_t)SECOND)
        return false;
    fprintf(stderr, "bench_load: %s: only %zu of %zu stations after 120 s\n", phase, w->ready,
            w->options.stations);
    return true;
}

/* Stations [from, to) connect and boot; true when all have. */
static bool bring_in(struct load *w, size_t from, size_t to)
{
    int64_t since_us = now_us();
    w->goal = GOAL_BOOT;
    w->ready = from;
    w->next = from;
    while (w->ready < to) {
        while (w->next < to && w->connecting < w->options.at_once)
            start_connecting(w, w->next++);
        turn(w, 100 * MS);
        if (is_stuck(w, since_us, "connect"))
            return false;
    }
    w->goal = GOAL_QUIET;
    return true;
}

static void linger(struct load *w, int64_t us)
{
    int64_t until_us = now_us() + us;
    for (int64_t left_us = us; left_us > 0; left_us = until_us - now_us())
        turn(w, left_us);
}

/* So long memory of a server is given to settle; a hasty run looks sooner. */
static int64_t settle_us(const struct load *w)
{
    return (w->options.seconds < 10 ? w->options.seconds : 10) * 150 * MS;
}

/* The first tenth warms the server up; memory is counted over the rest. */
static bool phase_connect(struct load *w)
{
    size_t n = w->options.stations, warm = n / 10;
    int64_t begin_us = now_us();
    if (!bring_in(w, 0, warm))
        return false;
    int64_t in_us = now_us() - begin_us;
    linger(w, settle_us(w) / 3);
    struct mark before = mark_now(w);
    if (!bring_in(w, warm, n))
        return false;
    in_us += now_us() - before.at_us;
    linger(w, settle_us(w));
    struct mark after = mark_now(w);
    printf("{\"phase\":\"connect\",\"stations\":%zu,\"seconds\":%.3f,\"attempts\":%" PRIu64
           ",\"bytes_per_connection\":%.0f,\"server_rss_kb\":%" PRId64 "}\n",
           n, (double)in_us / SECOND, w->attempts,
           (double)(after.server.rss_kb - before.server.rss_kb) * 1024 / (double)(n - warm),
           after.server.rss_kb);
    return true;
}

static bool phase_start(struct load *w)
{
    int64_t since_us = now_us();
    w->goal = GOAL_START;
    w->ready = 0;
    for (size_t i = 0; i < w->options.stations; i++)
        if (w->link[i].state == LINK_OPEN)
            call(w, i, MESSAGE_START, now_us());
    while (w->ready < w->options.stations) {
        turn(w, 100 * MS);
        if (w->broken > 0 || is_stuck(w, since_us, "start"))
            return false;
    }
    for (size_t i = 0; i < w->options.stations; i++)
        if (w->link[i].source.transaction == 0) /* an echo names none: same length as a real one */
            w->link[i].source.transaction = (int32_t)(1000 + i);
    w->goal = GOAL_QUIET;
    return true;
}

static void print_exchange(const struct load *w, const char *phase, const struct mark *from,
                           const struct mark *to)
{
    double calls = (double)(to->answered - from->answered);
    double us = (double)(to->at_us - from->at_us);
    const struct histogram *h = &w->latency;
    printf("{\"phase\":\"%s\",\"stations\":%zu,\"calls\":%.0f,\"seconds\":%.3f,"
           "\"calls_per_s\":%.0f,\"server_cpu_us_per_call\":%.2f,\"server_cores\":%.2f,"
           "\"load_cores\":%.2f,\"p50_us\":%" PRId64 ",\"p99_us\":%" PRId64 ",\"p999_us\":%" PRId64
           ",\"max_us\":%" PRId64 ",\"callerrors\":%" PRIu64 ",\"broken\":%" PRIu64
           ",\"server_rss_kb\":%" PRId64 "}\n",
           phase, w->options.stations, calls, us / SECOND, calls * SECOND / us,
           calls > 0 ? (double)(to->server.cpu_us - from->server.cpu_us) / calls : 0,
           (double)(to->server.cpu_us - from->server.cpu_us) / us,
           (double)(to->self.cpu_us - from->self.cpu_us) / us, histogram_quantile_us(h, 500),
           histogram_quantile_us(h, 990), histogram_quantile_us(h, 999), h->max_us, w->callerrors,
           w->broken, to->server.rss_kb);
}

static bool drain(struct load *w)
{
    int64_t since_us = now_us();
    for (size_t i = 0; i < w->options.stations; i++)
        while (w->link[i].is_waiting) {
            turn(w, 100 * MS);
            if (is_stuck(w, since_us, "last answers"))
                return false;
        }
    return true;
}

static bool phase_closed(struct load *w)
{
    w->goal = GOAL_CLOSED;
    for (size_t i = 0; i < w->options.stations; i++)
        if (w->link[i].state == LINK_OPEN)
            call_again(w, i);
    linger(w, SECOND / 2); /* until queues have their usual length */
    histogram_reset(&w->latency);
    struct mark before = mark_now(w);
    linger(w, w->options.seconds * SECOND);
    struct mark after = mark_now(w);
    w->goal = GOAL_QUIET;
    if (!drain(w))
        return false;
    print_exchange(w, "closed", &before, &after);
    return true;
}

/* The next station that has no CALL outstanding; false when all have. */
static bool find_idle(struct load *w, size_t *ret_i)
{
    for (size_t tried = 0; tried < w->options.stations; tried++) {
        w->next = (w->next + 1) % w->options.stations;
        const struct link *l = &w->link[w->next];
        if (l->state == LINK_OPEN && !l->is_waiting) {
            *ret_i = w->next;
            return true;
        }
    }
    return false;
}

/* Calls number sent, sent + 1, ... are due at fixed instants, however slow the server is. */
static uint64_t send_due(struct load *w, int64_t begin_us, uint64_t sent, int64_t at_us)
{
    uint64_t due = (uint64_t)((at_us - begin_us) * w->options.rate / SECOND);
    size_t i;
    while (sent < due && find_idle(w, &i)) {
        call(w, i, message_pick(&w->options.mix, roll(w)),
             begin_us + (int64_t)(sent + 1) * SECOND / w->options.rate);
        sent++;
    }
    return sent;
}

static uint64_t keep_rate(struct load *w, int64_t seconds)
{
    int64_t begin_us = now_us(), end_us = begin_us + seconds * SECOND, at_us;
    uint64_t sent = 0;
    while ((at_us = now_us()) < end_us) {
        sent = send_due(w, begin_us, sent, at_us);
        int64_t next_us = begin_us + (int64_t)(sent + 1) * SECOND / w->options.rate;
        turn(w, next_us > at_us ? next_us - at_us : 0);
    }
    return sent;
}

static bool phase_open(struct load *w)
{
    w->goal = GOAL_OPEN;
    keep_rate(w, 1);
    histogram_reset(&w->latency);
    struct mark before = mark_now(w);
    keep_rate(w, w->options.seconds);
    struct mark after = mark_now(w);
    if (!drain(w))
        return false;
    print_exchange(w, "open", &before, &after);
    w->goal = GOAL_QUIET;
    return true;
}

static bool phase_cut(struct load *w)
{
    size_t n = w->options.stations;
    uint64_t attempts = w->attempts;
    for (size_t i = 0; i < n; i++)
        link_cut(&w->link[i]);
    struct mark before = mark_now(w);
    int64_t begin_us = now_us();
    w->connecting = 0;
    if (!bring_in(w, 0, n))
        return false;
    int64_t back_us = now_us() - begin_us;
    struct mark after = mark_now(w);
    printf("{\"phase\":\"cut\",\"stations\":%zu,\"seconds\":%.3f,\"attempts\":%" PRIu64
           ",\"server_cpu_us_per_station\":%.1f,\"server_rss_kb\":%" PRId64 "}\n",
           n, (double)back_us / SECOND, w->attempts - attempts,
           (double)(after.server.cpu_us - before.server.cpu_us) / (double)n, after.server.rss_kb);
    return true;
}

static const struct {
    const char *name;
    bool (*run)(struct load *w);
} phases[] = {
    { "connect", phase_connect }, { "start", phase_start }, { "closed", phase_closed },
    { "open", phase_open },       { "cut", phase_cut },
};

static bool run_phase(struct load *w, const char *name, size_t len)
{
    for (size_t i = 0; i < sizeof(phases) / sizeof(phases[0]); i++)
        if (strlen(phases[i].name) == len && memcmp(phases[i].name, name, len) == 0) {
            bool ok = phases[i].run(w);
            fflush(stdout);
            return ok;
        }
    fprintf(stderr, "bench_load: unknown phase %.*s; there are connect, start, closed, open, cut\n",
            (int)len, name);
    return false;
}

static bool run_phases(struct load *w)
{
    const char *at = w->options.phases;
    while (*at != '\0') {
        size_t len = strcspn(at, ",");
        if (!run_phase(w, at, len))
            return false;
        at += len + (at[len] == ',');
    }
    return w->callerrors == 0;
}

/* --- start --- */

/* Lines `station,key` as `noxctl station key -o csv` prints them, with a heading. */
static bool read_keys(struct load *w)
{
    char line[512];
    FILE *f = fopen(w->options.keys, "r");
    if (f == NULL) {
        perror(w->options.keys);
        return false;
    }
    size_t n = 0;
    bool ok = fgets(line, sizeof(line), f) != NULL;
    while (ok && n < w->options.stations && fgets(line, sizeof(line), f) != NULL) {
        struct link *l = &w->link[n];
        if (sscanf(line, "%47[^,],%47[^,\r\n]", l->name, l->key) == 2)
            n++;
    }
    fclose(f);
    if (n < w->options.stations)
        fprintf(stderr, "%s holds keys of %zu stations, %zu are wanted\n", w->options.keys, n,
                w->options.stations);
    return n == w->options.stations;
}

static bool set_up(struct load *w)
{
    w->epoll = epoll_create1(EPOLL_CLOEXEC);
    w->link = calloc(w->options.stations, sizeof(*w->link));
    w->due_us = calloc(w->options.stations, sizeof(*w->due_us));
    if (w->epoll < 0 || w->link == NULL || w->due_us == NULL)
        return false;
    for (size_t i = 0; i < w->options.stations; i++) {
        w->link[i].fd = -1;
        w->link[i].source.register_wh = 100000;
        snprintf(w->link[i].name, LINK_NAME_MAX, "%.20s%05zu", w->options.prefix, i + 1);
    }
    return w->options.keys == NULL || read_keys(w);
}

static void tear_down(struct load *w)
{
    for (size_t i = 0; w->link != NULL && i < w->options.stations; i++)
        link_cut(&w->link[i]);
    free(w->link);
    free(w->due_us);
    if (w->epoll >= 0)
        close(w->epoll);
}

static void allow_many_sockets(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

static const char usage_text[] =
    "usage: bench_load --port P --pid SERVER --stations N --phases connect,start,closed,open,cut\n"
    "                  [--keys CSV] [--prefix NAME] [--seconds S] [--rate CALLS_PER_S] [--at-once N]\n";

static bool parse(int argc, char **argv, struct options *o)
{
    static const struct option options[] = {
        { "port", required_argument, NULL, 'p' },     { "pid", required_argument, NULL, 'P' },
        { "stations", required_argument, NULL, 'n' }, { "phases", required_argument, NULL, 'f' },
        { "keys", required_argument, NULL, 'k' },     { "prefix", required_argument, NULL, 'x' },
        { "seconds", required_argument, NULL, 's' },  { "rate", required_argument, NULL, 'r' },
        { "at-once", required_argument, NULL, 'a' },  { NULL, 0, NULL, 0 },
    };
    int opt;
    while ((opt = getopt_long(argc, argv, "", options, NULL)) != -1) {
        long number = optarg != NULL ? strtol(optarg, NULL, 10) : 0;
        switch (opt) {
        case 'p':
            o->port = (int)number;
            break;
        case 'P':
            o->pid = (pid_t)number;
            break;
        case 'n':
            o->stations = number > 0 ? (size_t)number : 0;
            break;
        case 'f':
            o->phases = optarg;
            break;
        case 'k':
            o->keys = optarg;
            break;
        case 'x':
            o->prefix = optarg;
            break;
        case 's':
            o->seconds = number;
            break;
        case 'r':
            o->rate = number;
            break;
        case 'a':
            o->at_once = number > 0 ? (size_t)number : 0;
            break;
        default:
            return false;
        }
    }
    return optind == argc && o->port > 0 && o->pid > 0 && o->stations > 0 && o->phases != NULL &&
           o->rate > 0 && o->seconds > 0 && o->at_once > 0;
}

int main(int argc, char **argv)
{
    struct load w = {
        .epoll = -1,
        .dice = 2026,
        .options = { .at_once = 256,
                     .prefix = "BENCH-",
                     .seconds = 10,
                     .rate = 5000,
                     .mix = { .status_percent = 10, .heartbeat_percent = 10 } },
    };
    if (!parse(argc, argv, &w.options)) {
        fputs(usage_text, stderr);
        return 2;
    }
    allow_many_sockets();
    bool ok = set_up(&w) && run_phases(&w);
    tear_down(&w);
    return ok ? 0 : 1;
}
