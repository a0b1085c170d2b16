/*
 * kill -9 at random moments: what was acknowledged is there, nothing is there twice, who repeats
 * himself gets his old answer.
 *
 * A child tells the store of starts, samples and stops and writes each acknowledgement into a pipe;
 * the parent kills it, opens the database and compares.
 */
#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/storage/street.h"

enum { ROUNDS = 60, STATIONS = 8, ACKS_MAX = 1 << 18, IN_FLIGHT = 200 };

enum what { STARTED, SAMPLED, STOPPED };

/* One acknowledgement; small enough that write() to a pipe is all or nothing. */
struct ack {
    enum what what;
    int32_t cycle, sample;
    int64_t tx_id;
};

/* The n-th car of the test: everything about it follows from its number. */
static const char *station_of(int32_t cycle)
{
    static const char *const id[STATIONS] = {
        "CP1", "CP2", "CP3", "CP4", "CP5", "CP6", "CP7", "CP8"
    };
    return id[cycle % STATIONS];
}

static int64_t begin_of(int32_t cycle)
{
    return NOON + cycle * HOUR;
}

static struct store_tx_start start_of(int32_t cycle)
{
    struct store_tx_start tx = a_start(station_of(cycle), cycle, begin_of(cycle));
    tx.connector = 1 + cycle / STATIONS % 2;
    return tx;
}

static struct store_tx_stop stop_of(int32_t cycle, int64_t tx_id)
{
    return a_stop(station_of(cycle), tx_id, cycle + 5000, begin_of(cycle) + HOUR);
}

static struct store_meter sample_of(int32_t cycle, int64_t tx_id, int32_t i)
{
    return a_sample(station_of(cycle), tx_id, cycle + i * 100, begin_of(cycle) + i * MINUTE, "[1]");
}

/* --- the child --- */

struct child {
    struct store *store;
    int pipe_fd;
    size_t in_flight;
};

struct told {
    struct child *child;
    struct ack ack;
};

static void acknowledge(void *arg, enum store_rc rc, const union store_result *result)
{
    struct told *t = arg;
    struct child *c = t->child;
    struct store_done done = { acknowledge, NULL };
    if (rc != STORE_OK)
        _exit(3);
    if (t->ack.what == STARTED)
        t->ack.tx_id = result->tx_start.tx_id;
    const struct ack ack = t->ack;
    if (write(c->pipe_fd, &ack, sizeof(ack)) != sizeof(ack))
        _exit(4);
    /* a car is followed to its end: start, two samples, stop */
    c->in_flight--;
    if (t->ack.what == STARTED || (t->ack.what == SAMPLED && t->ack.sample < 2)) {
        struct told *next = malloc(sizeof(*next));
        *next = *t;
        done.arg = next;
        next->ack.what = SAMPLED;
        next->ack.sample = t->ack.what == STARTED ? 1 : t->ack.sample + 1;
        struct store_meter row = sample_of(t->ack.cycle, t->ack.tx_id, next->ack.sample);
        c->in_flight += store_meter(c->store, &row, 1, done) ? 1 : 0;
    } else if (t->ack.what == SAMPLED) {
        struct told *next = malloc(sizeof(*next));
        *next = *t;
        done.arg = next;
        next->ack.what = STOPPED;
        struct store_tx_stop stop = stop_of(t->ack.cycle, t->ack.tx_id);
        c->in_flight += store_tx_stop(c->store, &stop, done) ? 1 : 0;
    }
    free(t);
}

/* Never comes back. */
static void run_child(const char *path, int pipe_fd, int32_t cycle)
{
    static const struct timespec moment = { .tv_nsec = 50000 };
    char text[300];
    struct child c = { .pipe_fd = pipe_fd };
    struct store_options options = { .path = path };
    if (store_open(&options, &c.store, text, sizeof(text)) != STORE_OK) {
        fprintf(stderr, "%s\n", text);
        _exit(2);
    }
    for (;;) {
        while (c.in_flight < IN_FLIGHT) {
            struct told *t = malloc(sizeof(*t));
            *t = (struct told){ &c, { .what = STARTED, .cycle = cycle } };
            struct store_tx_start tx = start_of(cycle++);
            if (!store_tx_start(c.store, &tx, (struct store_done){ acknowledge, t }))
                _exit(5);
            c.in_flight++;
        }
        if (store_pump(c.store) == 0)
            nanosleep(&moment, NULL);
    }
}

/* --- the parent --- */

struct kills {
    struct street s;
    struct ack *ack;
    size_t n, n_checked;
    int32_t next_cycle;
    unsigned seed;
};

static int random_below(struct kills *k, int limit)
{
    k->seed = k->seed * 1103515245 + 12345;
    return (int)(k->seed >> 16 & 0x7FFF) % limit;
}

/* All that the child managed to say. */
static void listen_to(struct kills *k, int fd, size_t wanted)
{
    struct ack ack;
    while (k->n < wanted && read(fd, &ack, sizeof(ack)) == sizeof(ack)) {
        assert_true(k->n < ACKS_MAX);
        k->ack[k->n++] = ack;
        if (ack.cycle >= k->next_cycle)
            k->next_cycle = ack.cycle + 1;
    }
}

static void kill_once(struct kills *k)
{
    int fd[2], status;
    size_t before = k->n;
    assert_int_equal(pipe(fd), 0);
    store_close(k->s.store);
    k->s.store = NULL;
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        close(fd[0]);
        run_child(k->s.path, fd[1], k->next_cycle + IN_FLIGHT);
    }
    close(fd[1]);
    listen_to(k, fd[0], before + (size_t)random_below(k, 40));
    const struct timespec pause = { .tv_nsec = random_below(k, 30) * 1000000L };
    nanosleep(&pause, NULL);
    kill(pid, SIGKILL);
    listen_to(k, fd[0], SIZE_MAX);
    close(fd[0]);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGKILL)
        fail_msg("the child ended by itself: %d", WEXITSTATUS(status));
    char text[300] = "";
    if (store_open(&k->s.options, &k->s.store, text, sizeof(text)) != STORE_OK)
        fail_msg("%s", text);
}

/* Everything acknowledged is told once more: the old answers must come. */
static void check_acks(struct kills *k)
{
    for (; k->n_checked < k->n; k->n_checked++) {
        const struct ack *ack = &k->ack[k->n_checked];
        struct store_tx_start tx = start_of(ack->cycle);
        struct store_meter row = sample_of(ack->cycle, ack->tx_id, ack->sample);
        struct store_tx_stop stop = stop_of(ack->cycle, ack->tx_id);
        struct answer a;
        switch (ack->what) {
        case STARTED:
            a = street_start(&k->s, &tx);
            check_int("start is found", a.result.tx_start.duplicate, true);
            check_int("with its id", a.result.tx_start.tx_id, ack->tx_id);
            break;
        case SAMPLED:
            check_int("sample is found", street_meter(&k->s, &row, 1).result.count.n, 0);
            break;
        case STOPPED:
            a = street_stop(&k->s, &stop);
            check_int("stop is found", a.result.tx_stop.duplicate, true);
            check_int("in its session", a.result.tx_stop.tx_id, ack->tx_id);
            break;
        }
    }
}

static void check_database(struct kills *k)
{
    static const char *const nothing[] = {
        "SELECT count(*) FROM pragma_integrity_check WHERE integrity_check <> 'ok'",
        "SELECT count(*) FROM pragma_foreign_key_check",
        "SELECT count(*) FROM (SELECT 1 FROM session GROUP BY station, connector, start_station_ms,"
        " id_tag, meter_start_wh HAVING count(*) > 1)",
        "SELECT count(*) FROM (SELECT 1 FROM meter GROUP BY station, sampled_at_ms, connector,"
        " tx_id, digest HAVING count(*) > 1)",
        "SELECT count(*) FROM session WHERE state = 2 AND (SELECT coalesce(sum(energy_wh), -1)"
        " FROM cdr WHERE cdr.tx_id = session.tx_id) <> meter_stop_wh - meter_start_wh",
        "SELECT count(*) - coalesce(max(no), 0) FROM cdr",
        "SELECT count(*) FROM orphan_stop",
        "SELECT (SELECT count(*) FROM session WHERE state = 1)"
        " - (SELECT count(*) FROM session_live)",
    };
    for (size_t i = 0; i < ARRAY_SIZE(nothing); i++)
        check_int(nothing[i], street_number(&k->s, nothing[i]), 0);
}

static void killed_at_random_moments(void **state)
{
    (void)state;
    const unsigned seed = (unsigned)time(NULL);
    struct kills k = { .seed = seed };
    k.ack = calloc(ACKS_MAX, sizeof(*k.ack));
    assert_non_null(k.ack);
    street_open(&k.s, STATIONS);
    for (int round = 0; round < ROUNDS; round++) {
        kill_once(&k);
        check_acks(&k);
        if (round % 6 == 5)
            check_database(&k);
    }
    print_message("%d kills, %zu acknowledgements, %lld sessions, moments by seed %u\n", ROUNDS,
                  k.n, (long long)street_number(&k.s, "SELECT count(*) FROM session"), seed);
    assert_true(k.n > ROUNDS);
    street_close(&k.s);
    free(k.ack);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(killed_at_random_moments) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
