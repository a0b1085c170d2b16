#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <pthread.h>
#include <time.h>

#include "cmd/noxd/work.h"

/* A bell that the workers ring. */
struct bell {
    pthread_mutex_t lock;
    pthread_cond_t rung;
    unsigned n;
};

static void bell_init(struct bell *bell)
{
    pthread_mutex_init(&bell->lock, NULL);
    pthread_cond_init(&bell->rung, NULL);
    bell->n = 0;
}

static void bell_done(struct bell *bell)
{
    pthread_cond_destroy(&bell->rung);
    pthread_mutex_destroy(&bell->lock);
}

static void ring(void *arg)
{
    struct bell *bell = arg;
    pthread_mutex_lock(&bell->lock);
    bell->n++;
    pthread_cond_signal(&bell->rung);
    pthread_mutex_unlock(&bell->lock);
}

static void wait_for_ring(struct bell *bell)
{
    struct timespec until;
    int late = 0;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += 20;
    pthread_mutex_lock(&bell->lock);
    while (bell->n == 0 && late == 0)
        late = pthread_cond_timedwait(&bell->rung, &bell->lock, &until);
    bell->n = 0;
    pthread_mutex_unlock(&bell->lock);
    assert_int_equal(late, 0);
}

static void pause_ms(long ms)
{
    struct timespec t = { .tv_nsec = ms * 1000000 };
    nanosleep(&t, NULL);
}

/* --- jobs --- */

struct sum {
    long in, out;
    int *n_done;
};

static void square(void *arg)
{
    struct sum *sum = arg;
    sum->out = sum->in * sum->in;
}

static void count_done(void *arg)
{
    struct sum *sum = arg;
    ++*sum->n_done;
}

static void jobs_come_back_on_the_pumping_thread(void **state)
{
    enum { JOBS = 1000 };
    struct bell bell;
    static struct sum sum[JOBS];
    int n_done = 0;
    (void)state;
    bell_init(&bell);
    struct work *work = work_new(4, ring, &bell);
    assert_non_null(work);
    for (int i = 0; i < JOBS; i++) {
        sum[i] = (struct sum){ .in = i, .n_done = &n_done };
        assert_true(work_submit(work, square, count_done, &sum[i]));
    }
    while (n_done < JOBS) {
        wait_for_ring(&bell);
        work_pump(work);
    }
    for (long i = 0; i < JOBS; i++)
        assert_int_equal(sum[i].out, i * i);
    work_free(work);
    bell_done(&bell);
}

static void the_end_completes_what_has_not_begun(void **state)
{
    struct bell bell;
    static struct sum sum[200];
    int n_done = 0;
    (void)state;
    bell_init(&bell);
    struct work *work = work_new(1, ring, &bell);
    for (int i = 0; i < 200; i++) {
        sum[i] = (struct sum){ .in = i + 1, .n_done = &n_done };
        assert_true(work_submit(work, square, count_done, &sum[i]));
    }
    work_free(work);
    assert_int_equal(n_done, 200);
    work_free(NULL);
    bell_done(&bell);
}

/* --- pipes --- */

enum { PIPE_BYTES = 1000, LONG_BYTES = 300000 };

struct flood {
    struct pipe *pipe;
    size_t written; /* pieces that went in */
    bool was_stopped, ended;
};

static char byte_at(size_t i)
{
    return (char)(i * 7 + i / 251);
}

static void write_long(void *arg)
{
    struct flood *flood = arg;
    char piece[333];
    for (size_t at = 0; at < LONG_BYTES;) {
        size_t n = LONG_BYTES - at < sizeof(piece) ? LONG_BYTES - at : sizeof(piece);
        for (size_t i = 0; i < n; i++)
            piece[i] = byte_at(at + i);
        if (!pipe_write(flood->pipe, piece, n)) {
            flood->was_stopped = true;
            return;
        }
        at += n;
        flood->written++;
    }
}

static void flood_ended(void *arg)
{
    struct flood *flood = arg;
    flood->ended = true;
}

static void a_pipe_carries_everything_in_order(void **state)
{
    struct bell bell;
    char got[777];
    size_t at = 0;
    (void)state;
    bell_init(&bell);
    struct work *work = work_new(2, ring, &bell);
    struct flood flood = { .pipe = pipe_new(work, PIPE_BYTES) };
    assert_true(work_submit(work, write_long, flood_ended, &flood));
    while (!flood.ended || pipe_is_ready(flood.pipe)) {
        size_t n = pipe_read(flood.pipe, got, 1 + at % sizeof(got));
        for (size_t i = 0; i < n; i++)
            assert_int_equal(got[i], byte_at(at + i));
        at += n;
        if (n == 0) {
            wait_for_ring(&bell);
            work_pump(work);
        }
    }
    assert_int_equal(at, LONG_BYTES);
    assert_false(flood.was_stopped);
    pipe_free(flood.pipe);
    work_free(work);
    bell_done(&bell);
}

static void a_slow_reader_holds_the_writer(void **state)
{
    struct bell bell;
    (void)state;
    bell_init(&bell);
    struct work *work = work_new(1, ring, &bell);
    struct flood flood = { .pipe = pipe_new(work, PIPE_BYTES) };
    assert_true(work_submit(work, write_long, flood_ended, &flood));
    wait_for_ring(&bell);
    pause_ms(50);
    pipe_cancel(flood.pipe);
    while (!flood.ended) {
        wait_for_ring(&bell);
        work_pump(work);
    }
    assert_true(flood.was_stopped);
    assert_true(flood.written <= PIPE_BYTES / 333); /* no more than the pipe holds */
    pipe_free(flood.pipe);
    work_free(work);
    bell_done(&bell);
}

static void the_end_stops_writers(void **state)
{
    struct bell bell;
    (void)state;
    bell_init(&bell);
    struct work *work = work_new(2, ring, &bell);
    struct flood flood[2] = { { .pipe = pipe_new(work, 10) }, { .pipe = pipe_new(work, 10) } };
    for (int i = 0; i < 2; i++)
        assert_true(work_submit(work, write_long, flood_ended, &flood[i]));
    wait_for_ring(&bell);
    pipe_free(NULL);
    pipe_cancel(flood[0].pipe);
    while (!flood[0].ended) {
        wait_for_ring(&bell);
        work_pump(work);
    }
    pipe_free(flood[0].pipe);
    pipe_cancel(flood[1].pipe);
    while (!flood[1].ended) {
        wait_for_ring(&bell);
        work_pump(work);
    }
    pipe_free(flood[1].pipe);
    work_free(work);
    bell_done(&bell);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(jobs_come_back_on_the_pumping_thread),
        cmocka_unit_test(the_end_completes_what_has_not_begun),
        cmocka_unit_test(a_pipe_carries_everything_in_order),
        cmocka_unit_test(a_slow_reader_holds_the_writer),
        cmocka_unit_test(the_end_stops_writers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
