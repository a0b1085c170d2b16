/*
 * How much the store can take, beside bare SQLite doing one INSERT per message in the same groups.
 *
 *   store_bench [SECONDS_PER_LOAD [ONE_LOAD]]
 *
 * "paced": messages come one by one at a rate, as from stations; latency is from submit to
 * completion.  "saturated": as many as fit while at most 2,000 wait.
 */
#include <inttypes.h>
#include <sqlite3.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <time.h>
#include <unistd.h>

#include "tests/storage/street.h"

enum { STATIONS = 2000, WAITING_MAX = 2000, SAMPLES_MAX = 1 << 20 };

static const char raw[] =
    "[{\"value\":\"1234567\",\"context\":\"Sample.Periodic\",\"measurand\":"
    "\"Energy.Active.Import.Register\",\"unit\":\"Wh\"},{\"value\":\"10.9\",\"context\":"
    "\"Sample.Periodic\",\"measurand\":\"Power.Active.Import\",\"unit\":\"kW\"},{\"value\":"
    "\"15.9\",\"measurand\":\"Current.Import\",\"phase\":\"L1\",\"unit\":\"A\"}]";

struct bench {
    struct street street;
    int wake_fd;
    char (*name)[24];
    int64_t tx_id[STATIONS];
    uint64_t submitted, completed;
    int64_t *latency_us;
    size_t n_latencies;
};

struct flight {
    struct bench *bench;
    int64_t begin_us;
};

static int64_t now_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static double cpu_us(void)
{
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1e6 +
           (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec);
}

static void on_wake(void *arg)
{
    const struct bench *b = arg;
    uint64_t one = 1;
    if (write(b->wake_fd, &one, sizeof(one)) != sizeof(one))
        abort();
}

static void on_done(void *arg, enum store_rc rc, const union store_result *result)
{
    struct flight *f = arg;
    struct bench *b = f->bench;
    (void)result;
    if (rc != STORE_OK)
        fail_msg("%s", store_rc_text(rc));
    if (b->n_latencies < SAMPLES_MAX)
        b->latency_us[b->n_latencies++] = now_us() - f->begin_us;
    b->completed++;
    free(f);
}

static void submit_one(struct bench *b, int64_t at_us)
{
    size_t i = (size_t)rand() % STATIONS;
    struct flight *f = malloc(sizeof(*f));
    *f = (struct flight){ b, at_us };
    int64_t at_ms = NOON + (int64_t)(b->submitted / 20);
    struct store_meter row = a_sample(b->name[i], b->tx_id[i], (int64_t)b->submitted, at_ms, raw);
    row.power_mw = 10900000;
    row.current_ma[0] = 15900 + (int32_t)(b->submitted % 100);
    if (!store_meter(b->street.store, &row, 1, (struct store_done){ on_done, f }))
        fail_msg("refused");
    b->submitted++;
}

static void wait_for_wake(struct bench *b, int64_t us)
{
    uint64_t n;
    fd_set set;
    struct timeval t = { us / 1000000, us % 1000000 };
    FD_ZERO(&set);
    FD_SET(b->wake_fd, &set);
    if (select(b->wake_fd + 1, &set, NULL, NULL, &t) == 1 && read(b->wake_fd, &n, sizeof(n)) < 0)
        abort();
    store_pump(b->street.store);
}

static int compare(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static double quantile_ms(const struct bench *b, size_t percent)
{
    size_t i = b->n_latencies * percent / 100;
    return (double)b->latency_us[i] / 1000.0;
}

static void report(struct bench *b, const char *load, int64_t took_us, double cpu, uint64_t commits)
{
    double n = (double)b->completed;
    qsort(b->latency_us, b->n_latencies, sizeof(*b->latency_us), compare);
    printf("store  %-16s %8.0f msg/s  %7.0f commits/s  %5.1f msg/commit  p50 %6.2f ms  p99 %6.2f "
           "ms  cpu %5.2f us/msg\n",
           load, n / (double)took_us * 1e6, (double)commits / (double)took_us * 1e6,
           n / (double)commits, quantile_ms(b, 50), quantile_ms(b, 99), cpu / n);
}

/* rate 0: saturated */
static void run_load(struct bench *b, const char *name, int64_t rate, int64_t seconds)
{
    struct store_health before, after;
    b->completed = b->n_latencies = 0;
    store_health(b->street.store, &before);
    int64_t begin_us = now_us(), end_us = begin_us + seconds * 1000000, us;
    uint64_t sent = 0;
    double cpu = cpu_us();
    while ((us = now_us()) < end_us) {
        uint64_t due =
            rate > 0 ? (uint64_t)((us - begin_us) * rate / 1000000) : b->completed + WAITING_MAX;
        for (; sent < due; sent++)
            submit_one(b, us);
        wait_for_wake(b, rate > 0 ? 1000000 / rate : 1000);
    }
    while (b->completed < sent)
        wait_for_wake(b, 1000);
    store_health(b->street.store, &after);
    report(b, name, now_us() - begin_us, cpu_us() - cpu, after.commits - before.commits);
}

/* --- the reference: append to one table, group commit, no thread --- */

static void must(sqlite3 *handle, int rc)
{
    if (rc != SQLITE_OK && rc != SQLITE_DONE)
        fail_msg("%s", sqlite3_errmsg(handle));
}

static sqlite3 *reference_open(const char *path)
{
    sqlite3 *handle;
    must(NULL, sqlite3_open(path, &handle));
    must(handle, sqlite3_exec(handle,
                              "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
                              "CREATE TABLE message (id INTEGER PRIMARY KEY, at_ms INTEGER,"
                              " station TEXT, register_uwh INTEGER, raw TEXT)",
                              NULL, NULL, NULL));
    return handle;
}

static void reference(struct bench *b, const char *path, int group, int64_t seconds)
{
    sqlite3 *handle = reference_open(path);
    sqlite3_stmt *q;
    must(handle,
         sqlite3_prepare_v2(handle, "INSERT INTO message VALUES (NULL, ?, ?, ?, ?)", -1, &q, NULL));
    int64_t begin_us = now_us(), n = 0;
    double cpu = cpu_us();
    while (now_us() < begin_us + seconds * 1000000) {
        must(handle, sqlite3_exec(handle, "BEGIN", NULL, NULL, NULL));
        for (int i = 0; i < group; i++, n++) {
            sqlite3_bind_int64(q, 1, NOON + n);
            sqlite3_bind_text(q, 2, b->name[rand() % STATIONS], -1, SQLITE_STATIC);
            sqlite3_bind_int64(q, 3, n);
            sqlite3_bind_text(q, 4, raw, -1, SQLITE_STATIC);
            must(handle, sqlite3_step(q));
            sqlite3_reset(q);
        }
        must(handle, sqlite3_exec(handle, "COMMIT", NULL, NULL, NULL));
    }
    double took_us = (double)(now_us() - begin_us);
    printf("sqlite groups of %-6d %8.0f msg/s  %7.0f commits/s %53s cpu %5.2f us/msg\n", group,
           (double)n / took_us * 1e6, (double)n / group / took_us * 1e6, "",
           (cpu_us() - cpu) / (double)n);
    sqlite3_finalize(q);
    sqlite3_close(handle);
}

static void open_bench(struct bench *b)
{
    memset(b, 0, sizeof(*b));
    b->wake_fd = eventfd(0, EFD_CLOEXEC);
    b->latency_us = calloc(SAMPLES_MAX, sizeof(*b->latency_us));
    b->name = calloc(STATIONS, sizeof(*b->name));
    street_open_with(&b->street, STATIONS,
                     (struct store_options){ .wake = on_wake, .wake_arg = b });
    struct answer *started = calloc(STATIONS, sizeof(*started));
    for (size_t i = 0; i < STATIONS; i++) {
        snprintf(b->name[i], sizeof(b->name[i]), "CP%zu", i + 1);
        struct store_tx_start tx = a_start(b->name[i], 0, NOON);
        assert_true(store_tx_start(b->street.store, &tx, answer_to(&started[i])));
    }
    street_wait(&b->street, &started[STATIONS - 1]);
    for (size_t i = 0; i < STATIONS; i++)
        b->tx_id[i] = started[i].result.tx_start.tx_id;
    free(started);
}

static int64_t seconds_per_load = 1;

static const struct {
    const char *name;
    int64_t rate; /* messages per second, 0 = saturated */
} loads[] = {
    { "paced 50/s", 50 },
    { "paced 500/s", 500 },
    { "paced 5,000/s", 5000 },
    { "saturated", 0 },
};
static const char *only; /* one load, no reference: for a profiler */

static void references(struct bench *b)
{
    static const int groups[] = { 1, 20, 500 };
    char path[220];
    for (size_t i = 0; i < ARRAY_SIZE(groups); i++) {
        snprintf(path, sizeof(path), "%s/reference%zu.db", b->street.dir, i);
        reference(b, path, groups[i], seconds_per_load);
        unlink(path);
    }
}

static void measure(void **state)
{
    struct bench b;
    (void)state;
    open_bench(&b);
    printf("%d stations, one MeterValues of %zu bytes each time, synchronous=FULL\n", STATIONS,
           sizeof(raw) - 1);
    if (only == NULL)
        references(&b);
    for (size_t i = 0; i < ARRAY_SIZE(loads); i++)
        if (only == NULL || strstr(loads[i].name, only) != NULL)
            run_load(&b, loads[i].name, loads[i].rate, seconds_per_load);
    street_close(&b.street);
    close(b.wake_fd);
    free(b.latency_us);
    free(b.name);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(measure) };
    if (argc > 1)
        seconds_per_load = strtol(argv[1], NULL, 10);
    if (argc > 2)
        only = argv[2];
    return cmocka_run_group_tests(tests, NULL, NULL);
}
