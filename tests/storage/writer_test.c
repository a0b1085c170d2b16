/* The writer's thread beside the pump's: nothing lost, nothing twice, every wake heard. */
#include <pthread.h>
#include <stdatomic.h>
#include <sys/eventfd.h>
#include <sys/select.h>
#include <unistd.h>

#include "tests/storage/street.h"

enum { STATIONS = 20 };

struct pump {
    struct street s;
    int wake_fd;
    int64_t completed, sum;
};

static void on_wake(void *arg)
{
    const struct pump *p = arg;
    uint64_t one = 1;
    if (write(p->wake_fd, &one, sizeof(one)) != sizeof(one))
        abort();
}

static void on_done(void *arg, enum store_rc rc, const union store_result *result)
{
    struct pump *p = arg;
    assert_int_equal(rc, STORE_OK);
    p->completed++;
    p->sum += result->count.n;
}

static void pump_open(struct pump *p)
{
    memset(p, 0, sizeof(*p));
    p->wake_fd = eventfd(0, EFD_CLOEXEC);
    street_open_with(&p->s, STATIONS, (struct store_options){ .wake = on_wake, .wake_arg = p });
}

static void pump_close(struct pump *p)
{
    street_close(&p->s);
    close(p->wake_fd);
}

/* Sleeps until the writer wakes us: if it forgets, the test fails here. */
static void wait_for_wake(struct pump *p)
{
    uint64_t n;
    fd_set set;
    struct timeval limit = { .tv_sec = 20 };
    FD_ZERO(&set);
    FD_SET(p->wake_fd, &set);
    if (select(p->wake_fd + 1, &set, NULL, NULL, &limit) != 1)
        fail_msg("nobody woke us");
    assert_int_equal(read(p->wake_fd, &n, sizeof(n)), sizeof(n));
    store_pump(p->s.store);
}

static void submit(struct pump *p, int64_t i)
{
    static const char *const id[STATIONS] = { "CP1",  "CP2",  "CP3",  "CP4",  "CP5",
                                              "CP6",  "CP7",  "CP8",  "CP9",  "CP10",
                                              "CP11", "CP12", "CP13", "CP14", "CP15",
                                              "CP16", "CP17", "CP18", "CP19", "CP20" };
    struct store_meter row = a_sample(id[i % STATIONS], 0, i, NOON + i, "[1]");
    assert_true(store_meter(p->s.store, &row, 1, (struct store_done){ on_done, p }));
}

static void many_submits(void **state)
{
    (void)state;
    enum { JOBS = 20000, AHEAD = 500 };
    struct pump p;
    pump_open(&p);
    for (int64_t sent = 0; p.completed < JOBS;) {
        for (; sent < JOBS && sent < p.completed + AHEAD; sent++)
            submit(&p, sent);
        wait_for_wake(&p);
    }
    check_int("completed", p.completed, JOBS);
    check_int("new rows told", p.sum, JOBS);
    check_int("stored", street_number(&p.s, "SELECT count(*) FROM meter"), JOBS);
    struct store_health h;
    store_health(p.s.store, &h);
    check_int("queued", (int64_t)h.queued, 0);
    assert_true(h.commits < JOBS); /* in groups */
    assert_in_range(h.jobs, JOBS, JOBS + 10);
    assert_true(h.commit_us_p50 > 0 && h.commit_us_p99 >= h.commit_us_p50);
    pump_close(&p);
}

/* One at a time: the writer falls asleep in between. */
static void ping_pong(void **state)
{
    (void)state;
    struct pump p;
    pump_open(&p);
    for (int64_t i = 0; i < 300; i++) {
        submit(&p, i);
        while (p.completed <= i)
            wait_for_wake(&p);
    }
    pump_close(&p);
}

static void close_with_jobs_queued(void **state)
{
    (void)state;
    enum { JOBS = 3000 };
    for (int round = 0; round < 5; round++) {
        struct pump p;
        pump_open(&p);
        for (int64_t i = 0; i < JOBS; i++)
            submit(&p, i);
        store_close(p.s.store);
        p.s.store = NULL;
        check_int("completed", p.completed, JOBS);
        check_int("stored", street_number(&p.s, "SELECT count(*) FROM meter"), JOBS);
        pump_close(&p);
    }
}

static void order_is_kept(void **state)
{
    (void)state;
    struct pump p;
    pump_open(&p);
    for (int i = 0; i < 200; i++) {
        struct answer start, stop, again;
        struct store_tx_start tx = a_start("CP1", i, NOON + i * HOUR);
        struct store_tx_stop end = a_stop("CP1", -1, i + 10, NOON + i * HOUR + MINUTE);
        assert_true(store_tx_start(p.s.store, &tx, answer_to(&start)));
        assert_true(store_tx_stop(p.s.store, &end, answer_to(&stop)));
        assert_true(store_tx_start(p.s.store, &tx, answer_to(&again)));
        while (!again.came)
            wait_for_wake(&p);
        assert_true(start.came && stop.came);
        check_int("stop finds its start", stop.result.tx_stop.tx_id, start.result.tx_start.tx_id);
        check_int("start again", again.result.tx_start.tx_id, start.result.tx_start.tx_id);
    }
    pump_close(&p);
}

/* --- readers on threads of their own while the writer works --- */

struct reading {
    const char *path;
    atomic_bool stop;
    atomic_int pictures;
};

static bool add_row(void *arg, const struct store_meter *meter)
{
    (void)meter;
    ++*(int64_t *)arg;
    return true;
}

/* Batches hold 50 rows: no reader may ever see a part of one. */
static void *read_on(void *arg)
{
    struct reading *r = arg;
    while (!atomic_load(&r->stop)) {
        struct reader *reader;
        char text[200];
        int64_t n = 0, again = 0;
        if (reader_open(r->path, &reader, text, sizeof(text)) != STORE_OK)
            abort();
        if (reader_meter(reader, NULL, 0, 0, add_row, &n) != STORE_OK ||
            reader_meter(reader, NULL, 0, 0, add_row, &again) != STORE_OK || n != again ||
            n % 50 != 0)
            abort();
        reader_close(reader);
        atomic_fetch_add(&r->pictures, 1);
    }
    return NULL;
}

static void readers_beside_the_writer(void **state)
{
    (void)state;
    struct pump p;
    pthread_t thread[2];
    struct reading reading[2];
    struct store_meter row[50];
    pump_open(&p);
    for (size_t i = 0; i < 2; i++) {
        reading[i] = (struct reading){ .path = p.s.path };
        atomic_init(&reading[i].stop, false);
        atomic_init(&reading[i].pictures, 0);
        assert_int_equal(pthread_create(&thread[i], NULL, read_on, &reading[i]), 0);
    }
    for (int64_t i = 0; i < 100 || atomic_load(&reading[0].pictures) == 0; i++) {
        for (int64_t k = 0; k < 50; k++)
            row[k] = a_sample("CP1", 0, 1, NOON + i * 50 + k, "[1]");
        assert_true(store_meter(p.s.store, row, 50, (struct store_done){ on_done, &p }));
        while (p.completed <= i)
            wait_for_wake(&p);
        if (i > 1000)
            break;
    }
    for (size_t i = 0; i < 2; i++) {
        atomic_store(&reading[i].stop, true);
        pthread_join(thread[i], NULL);
        assert_true(atomic_load(&reading[i].pictures) > 0);
    }
    pump_close(&p);
}

/* Health may be asked at any time. */
static void health_while_busy(void **state)
{
    (void)state;
    struct pump p;
    struct store_health h;
    pump_open(&p);
    for (int64_t i = 0; i < 2000; i++) {
        submit(&p, i);
        store_health(p.s.store, &h);
        assert_int_equal(h.state, STORE_OK);
        store_is_pressed(p.s.store);
    }
    while (p.completed < 2000)
        wait_for_wake(&p);
    pump_close(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(many_submits),
        cmocka_unit_test(ping_pong),
        cmocka_unit_test(close_with_jobs_queued),
        cmocka_unit_test(order_is_kept),
        cmocka_unit_test(readers_beside_the_writer),
        cmocka_unit_test(health_while_busy),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
