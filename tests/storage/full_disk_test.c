/*
 * A full disk: nothing is confirmed that is not stored, the operator is told, and the store goes on
 * by itself when there is room again.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <sys/mount.h>
#include <time.h>
#include <unistd.h>

#include "tests/storage/street.h"

enum { JOBS_MAX = 60000, RAW = 900 };

/* Samples submitted one after the other, and what was said about each. */
struct flood {
    struct street s;
    atomic_int wakes;
    struct flood_job {
        struct flood *flood;
        bool came;
        enum store_rc rc;
    } job[JOBS_MAX];
    size_t n, n_ok, n_failed;
};

static void on_wake(void *arg)
{
    struct flood *f = arg;
    atomic_fetch_add(&f->wakes, 1);
}

static void on_done(void *arg, enum store_rc rc, const union store_result *result)
{
    struct flood_job *job = arg;
    (void)result;
    assert_false(job->came);
    job->came = true;
    job->rc = rc;
    if (rc == STORE_OK)
        job->flood->n_ok++;
    else
        job->flood->n_failed++;
}

static void nap_ms(long ms)
{
    const struct timespec t = { ms / 1000, ms % 1000 * 1000000 };
    nanosleep(&t, NULL);
}

static bool submit(struct flood *f)
{
    char raw[RAW];
    memset(raw, 'x', sizeof(raw) - 1);
    raw[sizeof(raw) - 1] = '\0';
    struct store_meter row = a_sample("CP1", 0, 1, NOON + (int64_t)f->n, raw);
    assert_true(f->n < JOBS_MAX);
    f->job[f->n] = (struct flood_job){ .flood = f };
    if (!store_meter(f->s.store, &row, 1, (struct store_done){ on_done, &f->job[f->n] }))
        return false;
    f->n++;
    return true;
}

static void drain(struct flood *f)
{
    for (int i = 0; i < 20000 && f->n_ok + f->n_failed < f->n; i++)
        if (store_pump(f->s.store) == 0)
            nap_ms(1);
    check_int("every submit is answered", (int64_t)(f->n_ok + f->n_failed), (int64_t)f->n);
}

static bool is_full(struct flood *f)
{
    struct store_health h;
    store_health(f->s.store, &h);
    return h.state == STORE_FULL;
}

/* Until the store is full and finds no room again: a large batch may fail where small ones fit. */
static void fill(struct flood *f)
{
    do {
        while (submit(f)) {
            if (f->n % 64 == 0)
                store_pump(f->s.store);
            if (f->n % 200 == 0)
                drain(f);
        }
        drain(f);
        store_pump(f->s.store);
        nap_ms(f->s.options.inline_mode ? 0 : 1200); /* it probes twice a second */
    } while (!is_full(f));
    assert_true(f->n_failed > 0);
}

static void check_alarm(struct flood *f)
{
    struct store_health h;
    store_health(f->s.store, &h);
    check_int("state", h.state, STORE_FULL);
    assert_non_null(strstr(h.text, "full"));
    assert_non_null(strstr(h.text, "make room"));
    assert_true(h.failing_since_ms > 0);
    check_int("nothing waits", (int64_t)h.queued, 0);
    assert_false(submit(f)); /* refused at once, no completion */
}

/* What was confirmed is there, and nothing else. */
static void check_stored(struct flood *f)
{
    char sql[120];
    check_int("stored", street_number(&f->s, "SELECT count(*) FROM meter"), (int64_t)f->n_ok);
    for (size_t i = 0; i < f->n; i += f->n / 200 + 1) {
        snprintf(sql, sizeof(sql), "SELECT count(*) FROM meter WHERE sampled_at_ms = %lld",
                 (long long)(NOON + (int64_t)i));
        check_int(sql, street_number(&f->s, sql), f->job[i].rc == STORE_OK);
    }
    check_int("integrity",
              street_number(&f->s, "SELECT count(*) FROM pragma_integrity_check"
                                   " WHERE integrity_check <> 'ok'"),
              0);
}

static void wait_until_well(struct flood *f)
{
    struct store_health h;
    for (int i = 0; i < 1000; i++) {
        store_health(f->s.store, &h);
        if (h.state == STORE_OK)
            return;
        store_pump(f->s.store);
        nap_ms(10);
    }
    fail_msg("not well again: %s", h.text);
}

static void check_recovered(struct flood *f)
{
    wait_until_well(f);
    struct store_health h;
    store_health(f->s.store, &h);
    check_text("text", h.text, "");
    check_int("since", h.failing_since_ms, 0);
    assert_true(street_number(&f->s, "SELECT count(*) FROM event WHERE name = 'storage.recovered'"
                                     " AND text LIKE '%full%'") > 0);
    size_t ok_before = f->n_ok;
    for (int i = 0; i < 10; i++)
        assert_true(submit(f));
    drain(f);
    check_int("new ones are stored", (int64_t)(f->n_ok - ok_before), 10);
}

static struct flood *flood_open(bool inline_mode, int64_t max_bytes, const char *tmp)
{
    struct flood *f = calloc(1, sizeof(*f));
    assert_non_null(f);
    setenv("TMPDIR", tmp, 1);
    street_open_with(&f->s, 1,
                     (struct store_options){ .inline_mode = inline_mode,
                                             .max_bytes = max_bytes,
                                             .wake = on_wake,
                                             .wake_arg = f });
    unsetenv("TMPDIR");
    return f;
}

static void flood_close(struct flood *f)
{
    street_close(&f->s);
    free(f);
}

static void quota(void **state)
{
    (void)state;
    for (int inline_mode = 0; inline_mode < 2; inline_mode++) {
        struct flood *f = flood_open(inline_mode == 1, 2000000, "/tmp");
        fill(f);
        check_alarm(f);
        check_stored(f);
        for (int i = 0; i < 3; i++) { /* it stays so while there is no room */
            store_pump(f->s.store);
            nap_ms(inline_mode ? 0 : 400);
            check_alarm(f);
        }
        /* the operator makes room */
        street_sql(&f->s, "DELETE FROM meter WHERE id <= (SELECT max(id) / 2 FROM meter)");
        check_recovered(f);
        flood_close(f);
    }
}

/* The last free page is not "room": without a margin the store would be well and full in turns. */
static void a_little_room_is_none(void **state)
{
    (void)state;
    struct flood *f = flood_open(true, 2000000, "/tmp");
    fill(f);
    street_sql(&f->s, "DELETE FROM meter WHERE id IN (SELECT id FROM meter LIMIT 60)");
    for (int i = 0; i < 5; i++) {
        store_pump(f->s.store);
        check_alarm(f);
    }
    flood_close(f);
}

static void loop_is_woken_when_storing_fails(void **state)
{
    (void)state;
    struct flood *f = flood_open(false, 2000000, "/tmp");
    while (submit(f)) {
        while (store_pump(f->s.store) == 0 && f->n_ok + f->n_failed < f->n)
            nap_ms(0);
        if (f->n_failed > 0)
            break;
    }
    assert_true(atomic_load(&f->wakes) > 0);
    int before = atomic_load(&f->wakes);
    street_sql(&f->s, "DELETE FROM meter");
    for (int i = 0; i < 500 && atomic_load(&f->wakes) == before; i++)
        nap_ms(10);
    assert_true(atomic_load(&f->wakes) > before); /* and when it recovers */
    drain(f);
    flood_close(f);
}

/* A real file system without room. */
static void tmpfs(void **state)
{
    (void)state;
    char dir[] = "/tmp/nox-tmpfs-XXXXXX", ballast[60];
    static char block[65536];
    assert_non_null(mkdtemp(dir));
    if (mount("tmpfs", dir, "tmpfs", 0, "size=6m,mode=0700") != 0) {
        print_message("no tmpfs here (%s): left out\n", strerror(errno));
        rmdir(dir);
        skip();
    }
    snprintf(ballast, sizeof(ballast), "%s/ballast", dir);
    int fd = open(ballast, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    for (int i = 0; i < 32; i++)
        assert_int_equal(write(fd, block, sizeof(block)), sizeof(block));
    close(fd);
    struct flood *f = flood_open(false, 0, dir);
    fill(f);
    check_alarm(f);
    check_stored(f);
    nap_ms(1200);
    check_alarm(f);
    assert_int_equal(unlink(ballast), 0);
    check_recovered(f);
    check_stored(f);
    flood_close(f);
    umount(dir);
    rmdir(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quota),
        cmocka_unit_test(a_little_room_is_none),
        cmocka_unit_test(loop_is_woken_when_storing_fails),
        cmocka_unit_test(tmpfs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
