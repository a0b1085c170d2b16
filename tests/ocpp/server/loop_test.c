/* The event loop on both backends: precise timers, wake-ups from another thread, signals, the end.
 */
#include "ocpp/server/loop.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "tests/ocpp/wire/check_wire.h"

enum { WAKES = 200 };

struct world {
    struct loop *loop;
    bool poll;
    int64_t due_mono_ms, worst_late_ms;
    int due, woken, pushed, taken, signals;
    pthread_mutex_t lock;
};

static int64_t on_due(void *arg, struct instant now)
{
    struct world *w = arg;
    if (w->due < 20 && now.mono_ms >= w->due_mono_ms) {
        int64_t late_ms = now.mono_ms - w->due_mono_ms;
        if (w->due > 0 && late_ms > w->worst_late_ms)
            w->worst_late_ms = late_ms;
        w->due++;
        w->due_mono_ms = now.mono_ms + 10;
    }
    if (w->due == 20 && w->taken == WAKES && w->signals == 2)
        loop_stop(w->loop);
    return w->due < 20 ? w->due_mono_ms : INT64_MAX;
}

static void on_wake(void *arg)
{
    struct world *w = arg;
    pthread_mutex_lock(&w->lock);
    w->taken = w->pushed;
    pthread_mutex_unlock(&w->lock);
    w->woken++;
    if (w->taken == WAKES && w->signals == 0) {
        kill(getpid(), SIGTERM);
        kill(getpid(), SIGHUP);
    }
}

static void on_signal(void *arg, int signal)
{
    struct world *w = arg;
    assert_true(signal == SIGTERM || signal == SIGHUP);
    w->signals++;
}

static void on_log(void *arg, enum loop_level level, const char *line)
{
    (void)arg;
    (void)level;
    print_message("%s\n", line);
}

static void *push(void *arg)
{
    struct world *w = arg;
    struct timespec pause = { .tv_nsec = 200000 };
    for (int i = 0; i < WAKES; i++) {
        pthread_mutex_lock(&w->lock);
        w->pushed++;
        pthread_mutex_unlock(&w->lock);
        loop_wake(w->loop);
        if (i % 10 == 0)
            nanosleep(&pause, NULL);
    }
    return NULL;
}

static void run_on(bool poll)
{
    struct world w = { .poll = poll, .lock = PTHREAD_MUTEX_INITIALIZER };
    struct loop_options options = { .time_factor = 1,
                                    .start_utc_ms = STORE_ABSENT,
                                    .force_poll = poll,
                                    .arg = &w,
                                    .on_due = on_due,
                                    .on_wake = on_wake,
                                    .on_signal = on_signal,
                                    .on_log = on_log };
    char text[200] = "";
    pthread_t thread;
    w.loop = loop_new(&options, text, sizeof(text));
    if (w.loop == NULL)
        fail_msg("%s", text);
    if (poll)
        check_text("the backend asked for", loop_backend(w.loop), "poll");
    pthread_create(&thread, NULL, push, &w);
    loop_run(w.loop);
    pthread_join(thread, NULL);
    check_int("every wake-up is seen", w.taken, WAKES);
    check_int("timers", w.due, 20);
    check_int("both signals", w.signals, 2);
    assert_true(w.woken > 0 && w.woken <= WAKES);
    assert_true(w.worst_late_ms < 500); /* a busy machine, but not the one second of a pulse */
    loop_free(w.loop);
}

static void libev_runs(void **state)
{
    (void)state;
    run_on(false);
}

static void poll_runs(void **state)
{
    (void)state;
    run_on(true);
}

static int64_t end_at_once(void *arg, struct instant now)
{
    (void)now;
    loop_stop(*(struct loop **)arg);
    return INT64_MAX;
}

static void simulated_time_runs_faster(void **state)
{
    (void)state;
    struct loop *l = NULL;
    char text[200];
    struct loop_options options = { .time_factor = 1000,
                                    .start_utc_ms = 1000000,
                                    .arg = &l,
                                    .on_due = end_at_once,
                                    .on_log = on_log };
    l = loop_new(&options, text, sizeof(text));
    assert_non_null(l);
    struct instant before = loop_now(l);
    struct timespec pause = { .tv_nsec = 20000000 };
    nanosleep(&pause, NULL);
    struct instant after = loop_now(l);
    assert_true(before.utc_ms >= 1000000 && before.utc_ms < 1000000 + 60 * 1000);
    check_int("a thousandfold", after.utc_ms - before.utc_ms,
              (after.mono_ms - before.mono_ms) * 1000);
    loop_run(l);
    loop_free(l);
    loop_free(NULL);
}

static void may_end_before_it_ran(void **state)
{
    (void)state;
    struct loop *l = NULL;
    char text[200];
    struct loop_options options = { .time_factor = 1,
                                    .start_utc_ms = STORE_ABSENT,
                                    .arg = &l,
                                    .on_due = end_at_once,
                                    .on_log = on_log };
    for (int poll = 0; poll < 2; poll++) {
        options.force_poll = poll == 1;
        l = loop_new(&options, text, sizeof(text));
        assert_non_null(l);
        loop_stop(l);
        loop_run(l);
        loop_free(l);
    }
}

int main(void)
{
    loop_prepare();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(libev_runs),
        cmocka_unit_test(poll_runs),
        cmocka_unit_test(simulated_time_runs_faster),
        cmocka_unit_test(may_end_before_it_ran),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
