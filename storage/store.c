/*
 * The writer: a bounded queue of jobs, one thread, one transaction for all that waits.
 *
 * While a commit runs the next batch gathers by itself; there is no timer.  A job whose data
 * violate a rule takes nobody down: the batch is rolled back and its jobs are run again, each in a
 * savepoint.  When the file cannot be written, what is queued fails and nothing new is taken until
 * a probe has written and committed.
 */
#include "storage/store.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "storage/conn.h"
#include "storage/job.h"
#include "storage/mark.h"

enum {
    HIGH_WATER = 20000,
    HARD_LIMIT = 100000,
    BATCH_MAX = 4096,  /* jobs in one transaction: a commit stays short */
    PROBE_MS = 500,    /* between two attempts to write while failing */
    LATENCIES = 512,   /* recent commits kept for the quantiles */
    PRUNE_JOBS = 1000, /* old events are looked for after so many jobs */
    MARK_SYNC_US = 60000000,
};

struct list {
    struct job *first, *last;
    size_t n;
};

/* What the writer says about itself. */
struct state {
    enum store_rc rc;
    char why[100]; /* SQLite's words */
    int64_t failing_since_ms;
};

struct store {
    struct store_options options;
    struct store_conn db;       /* of the writer */
    size_t unpruned;            /* of the writer: jobs since old events were removed */
    struct mark_file mark_file; /* of the writer, as what follows */
    struct mark mark;
    int64_t mark_synced_us;
    bool marking;             /* the database is the one that counts */
    struct store_trust trust; /* found at open; mark_failed is guarded by the lock */
    pthread_t thread;
    bool has_thread;
    pthread_mutex_t lock; /* guards all below */
    pthread_cond_t work;
    struct list queue, done;
    size_t running; /* jobs in the batch under way */
    bool stopping, woken, sleeping;
    struct state state;
    uint64_t commits, jobs;
    int64_t latency_us[LATENCIES];
};

static int64_t mono_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static int64_t utc_ms(const struct store *s)
{
    struct timespec t;
    if (s->options.now_ms != NULL)
        return s->options.now_ms(s->options.now_arg);
    clock_gettime(CLOCK_REALTIME, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void list_join(struct list *l, const struct list *more)
{
    if (more->first == NULL)
        return;
    if (l->last != NULL)
        l->last->next = more->first;
    else
        l->first = more->first;
    l->last = more->last;
    l->n += more->n;
}

static struct list list_take(struct list *l, size_t max)
{
    struct list taken = *l;
    if (l->n <= max) {
        *l = (struct list){ .first = NULL };
        return taken;
    }
    taken.last = l->first;
    for (taken.n = 1; taken.n < max; taken.n++)
        taken.last = taken.last->next;
    l->first = taken.last->next;
    l->n -= taken.n;
    taken.last->next = NULL;
    return taken;
}

/* --- transactions; no lock is held --- */

static bool is_fatal(enum store_rc rc)
{
    return rc == STORE_FULL || rc == STORE_IO;
}

static enum store_rc simple(struct store *s, enum stmt which)
{
    return store_step_done(&s->db, conn_stmt(&s->db, which));
}

static void rollback(struct store *s)
{
    for (int i = 0; i < STMT_COUNT; i++)
        sqlite3_reset(conn_stmt(&s->db, (enum stmt)i));
    if (!sqlite3_get_autocommit(s->db.handle))
        sqlite3_exec(s->db.handle, "ROLLBACK", NULL, NULL, NULL);
    station_forget_cache(&s->db);
    s->db.leased = s->db.renewed = false;
}

static enum store_rc commit_or_roll_back(struct store *s, enum store_rc rc)
{
    if (rc == STORE_OK)
        rc = simple(s, STMT_COMMIT);
    if (rc != STORE_OK)
        rollback(s);
    return rc;
}

static enum store_rc undo_job(struct store *s)
{
    station_forget_cache(&s->db);
    return simple(s, STMT_BACK_TO_SAVEPOINT);
}

/*
 * In a savepoint: a job that violates a rule is undone alone, and so is a dry run.
 * @return how the transaction fares; how the job fared stands in it
 */
static enum store_rc run_carefully(struct store *s, struct job *j, int64_t now_ms)
{
    enum store_rc rc = simple(s, STMT_SAVEPOINT);
    if (rc != STORE_OK)
        return rc;
    job_run(&s->db, j, now_ms);
    if (is_fatal(j->rc))
        return j->rc;
    if ((j->rc != STORE_OK && j->rc != STORE_MISSING) || job_is_dry_run(j))
        rc = undo_job(s);
    return rc == STORE_OK ? simple(s, STMT_RELEASE) : rc;
}

/* The fast way: no savepoints, ends at the first job that fails.  Nothing found to do is an answer,
 * not a failure. */
static enum store_rc run_fast(struct store *s, struct job *j, int64_t now_ms)
{
    if (job_is_dry_run(j))
        return run_carefully(s, j, now_ms);
    enum store_rc rc = job_run(&s->db, j, now_ms);
    return rc == STORE_MISSING ? STORE_OK : rc;
}

typedef enum store_rc run_fn(struct store *s, struct job *j, int64_t now_ms);

static enum store_rc run_batch(struct store *s, const struct list *batch, run_fn *run)
{
    int64_t now_ms = utc_ms(s);
    enum store_rc rc = simple(s, STMT_BEGIN);
    for (struct job *j = batch->first; j != NULL && rc == STORE_OK; j = j->next)
        rc = run(s, j, now_ms);
    return commit_or_roll_back(s, rc);
}

static enum store_rc execute(struct store *s, const struct list *batch)
{
    enum store_rc rc = run_batch(s, batch, run_fast);
    if (rc == STORE_CONFLICT)
        rc = run_batch(s, batch, run_carefully);
    for (struct job *j = batch->first; j != NULL && rc != STORE_OK; j = j->next)
        j->rc = rc;
    return rc;
}

/* --- the mark beside the database --- */

/* After the commit and before anybody is told of it: whatever lease is sent, the mark knows it. The
 * page cache outlives us; once a minute it is made to outlive a power cut as well. */
static const char *mark_set(struct store *s, bool synced)
{
    struct life life;
    if (life_read(&s->db, &life) != STORE_OK)
        return s->db.error;
    memcpy(s->mark.identity, life.identity, sizeof(s->mark.identity));
    s->mark.number = life.number;
    if (s->db.longest_ms > s->mark.longest_ms)
        s->mark.longest_ms = s->db.longest_ms;
    synced = synced || mono_us() - s->mark_synced_us >= MARK_SYNC_US;
    const char *failed = mark_write(&s->mark_file, &s->mark, synced);
    if (synced && failed == NULL)
        s->mark_synced_us = mono_us();
    return failed;
}

static void mark_after_commit(struct store *s)
{
    bool renewed = s->db.renewed, leased = s->db.leased;
    s->db.leased = s->db.renewed = false;
    s->marking = s->marking || renewed;
    if (!s->marking || !leased || s->options.mark_path == NULL)
        return;
    const char *failed = mark_set(s, renewed);
    pthread_mutex_lock(&s->lock);
    s->trust.mark_failed = failed;
    pthread_mutex_unlock(&s->lock);
}

static enum store_trust_state trust_of(enum mark_state found, const struct mark *mark,
                                       const struct life *life, bool has_history)
{
    static const enum store_trust_state
        states[] = { [MARK_MOVED] = STORE_TRUST_MOVED, [MARK_DAMAGED] = STORE_TRUST_DAMAGED };
    if (found == MARK_NONE)
        return has_history ? STORE_TRUST_NO_MARK : STORE_TRUSTED;
    if (found != MARK_FOUND)
        return states[found];
    if (strcmp(mark->identity, life->identity) != 0)
        return STORE_TRUST_OTHER;
    return life->number < mark->number ? STORE_TRUST_OLDER : STORE_TRUSTED;
}

static enum store_rc open_mark(struct store *s, char *ret_text, size_t size)
{
    struct life life;
    bool has_history;
    s->trust.doubt_until_ms = STORE_ABSENT;
    if (s->options.mark_path == NULL)
        return STORE_OK;
    enum store_rc rc = life_read(&s->db, &life);
    if (rc == STORE_OK)
        rc = life_has_history(&s->db, &has_history);
    if (rc != STORE_OK) {
        snprintf(ret_text, size, "the database cannot be read: %s", s->db.error);
        return rc;
    }
    enum mark_state found = mark_open(&s->mark_file, s->options.mark_path, &s->mark);
    s->trust = (struct store_trust){ .state = trust_of(found, &s->mark, &life, has_history),
                                     .number = life.number,
                                     .marked = s->mark.number,
                                     .longest_ms = s->mark.longest_ms,
                                     .doubt_until_ms = life.doubt_until_ms };
    s->marking = s->trust.state == STORE_TRUSTED;
    if (s->marking)
        s->trust.mark_failed = mark_set(s, true);
    return STORE_OK;
}

void store_trust(struct store *s, struct store_trust *ret)
{
    pthread_mutex_lock(&s->lock);
    *ret = s->trust;
    pthread_mutex_unlock(&s->lock);
}

/* Takes some room, says that all is well again, gives the room back. */
static enum store_rc probe(struct store *s, const struct state *failed)
{
    char text[300];
    snprintf(text, sizeof(text), "the database can be written again after %lld s: %s (%s)",
             (long long)((utc_ms(s) - failed->failing_since_ms) / 1000), store_rc_text(failed->rc),
             failed->why);
    enum store_rc rc = simple(s, STMT_BEGIN);
    if (rc == STORE_OK)
        rc = simple(s, STMT_PROBE_FILL);
    if (rc == STORE_OK) {
        sqlite3_stmt *q = conn_stmt(&s->db, STMT_PROBE_EVENT);
        bind_int(q, 1, utc_ms(s));
        bind_text(q, 2, text);
        rc = store_step_done(&s->db, q);
    }
    rc = commit_or_roll_back(s, rc);
    if (rc == STORE_OK)
        simple(s, STMT_PROBE_CLEAR); /* if not, the next probe replaces it */
    return rc;
}

/* Old events and calls go in small portions.  If it fails, so will the next batch, which then says
 * so. */
static void prune(struct store *s, size_t jobs)
{
    s->unpruned += jobs;
    if (s->unpruned < PRUNE_JOBS)
        return;
    s->unpruned = 0;
    static const enum stmt old[] = { STMT_EVENT_PRUNE,    STMT_REFUSED_PRUNE,
                                     STMT_CALL_PRUNE,     STMT_RESERVATION_PRUNE,
                                     STMT_SECURITY_PRUNE, STMT_FILE_JOB_PRUNE,
                                     STMT_DECISION_PRUNE };
    for (size_t i = 0; i < sizeof(old) / sizeof(old[0]); i++) {
        if (simple(s, old[i]) == STORE_OK)
            continue;
        rollback(s);
        return;
    }
}

/* --- the writer's round; these are called with the lock held --- */

static void note_state(struct store *s, enum store_rc rc)
{
    struct state *state = &s->state;
    if (rc == STORE_OK) {
        *state = (struct state){ .rc = STORE_OK };
        return;
    }
    if (state->rc == STORE_OK)
        state->failing_since_ms = utc_ms(s);
    state->rc = rc;
    snprintf(state->why, sizeof(state->why), "%s", s->db.error);
}

/* Gives the lock up while the disk works. */
static void run_once(struct store *s)
{
    struct list batch = list_take(&s->queue, BATCH_MAX);
    s->running = batch.n;
    pthread_mutex_unlock(&s->lock);
    int64_t begin_us = mono_us();
    enum store_rc rc = execute(s, &batch);
    if (rc == STORE_OK)
        mark_after_commit(s);
    int64_t took_us = mono_us() - begin_us;
    pthread_mutex_lock(&s->lock);
    if (rc == STORE_OK) {
        s->latency_us[s->commits++ % LATENCIES] = took_us;
        s->jobs += batch.n;
    }
    s->running = 0;
    note_state(s, rc);
    list_join(&s->done, &batch);
}

static void wait_for_work(struct store *s)
{
    struct timespec until;
    s->sleeping = true;
    if (s->state.rc == STORE_OK) {
        pthread_cond_wait(&s->work, &s->lock);
    } else {
        clock_gettime(CLOCK_MONOTONIC, &until);
        until.tv_nsec += (long)PROBE_MS * 1000000;
        until.tv_sec += until.tv_nsec / 1000000000;
        until.tv_nsec %= 1000000000;
        pthread_cond_timedwait(&s->work, &s->lock, &until);
    }
    s->sleeping = false;
}

/* Once per batch that nobody has fetched yet. */
static void wake(struct store *s)
{
    void (*fn)(void *) = s->options.wake;
    void *arg = s->options.wake_arg;
    if (s->woken || fn == NULL)
        return;
    s->woken = true;
    pthread_mutex_unlock(&s->lock);
    fn(arg);
    pthread_mutex_lock(&s->lock);
}

static void probe_if_failing(struct store *s)
{
    struct state failed = s->state;
    if (failed.rc == STORE_OK)
        return;
    pthread_mutex_unlock(&s->lock);
    enum store_rc rc = probe(s, &failed);
    pthread_mutex_lock(&s->lock);
    note_state(s, rc);
    if (rc == STORE_OK)
        wake(s);
}

static void prune_unlocked(struct store *s, uint64_t jobs_before)
{
    size_t jobs = (size_t)(s->jobs - jobs_before);
    pthread_mutex_unlock(&s->lock);
    prune(s, jobs);
    pthread_mutex_lock(&s->lock);
}

static void *writer(void *arg)
{
    struct store *s = arg;
    pthread_mutex_lock(&s->lock);
    while (!s->stopping || s->queue.first != NULL) {
        if (s->queue.first == NULL) {
            wait_for_work(s);
            if (s->queue.first == NULL && !s->stopping)
                probe_if_failing(s);
            continue;
        }
        uint64_t jobs_before = s->jobs;
        run_once(s);
        wake(s);
        prune_unlocked(s, jobs_before);
    }
    pthread_mutex_unlock(&s->lock);
    return NULL;
}

/* --- opening and closing --- */

static bool start_writer(struct store *s)
{
    pthread_condattr_t attr;
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_mutex_init(&s->lock, NULL);
    pthread_cond_init(&s->work, &attr);
    pthread_condattr_destroy(&attr);
    if (!s->options.inline_mode)
        s->has_thread = pthread_create(&s->thread, NULL, writer, s) == 0;
    return s->has_thread || s->options.inline_mode;
}

static void store_free(struct store *s)
{
    mark_close(&s->mark_file);
    conn_close(&s->db);
    pthread_cond_destroy(&s->work);
    pthread_mutex_destroy(&s->lock);
    free(s);
}

enum store_rc store_open(const struct store_options *options, struct store **ret_store,
                         char *ret_text, size_t size)
{
    struct store *s = calloc(1, sizeof(*s));
    if (s == NULL) {
        snprintf(ret_text, size, "out of memory");
        return STORE_IO;
    }
    s->options = *options;
    s->mark_file.fd = -1;
    if (s->options.high_water == 0)
        s->options.high_water = HIGH_WATER;
    if (s->options.hard_limit == 0)
        s->options.hard_limit = HARD_LIMIT;
    enum store_rc rc = conn_open(&s->db, options->path, options->max_bytes, ret_text, size);
    if (rc != STORE_OK) {
        free(s);
        return rc;
    }
    rc = tag_renumber(&s->db);
    if (rc != STORE_OK) {
        snprintf(ret_text, size, "tags cannot be numbered anew: %s", store_rc_text(rc));
        store_free(s);
        return rc;
    }
    rc = open_mark(s, ret_text, size);
    if (rc != STORE_OK) {
        store_free(s);
        return rc;
    }
    if (!start_writer(s)) {
        snprintf(ret_text, size, "the writer's thread cannot be started");
        store_free(s);
        return STORE_IO;
    }
    *ret_store = s;
    return STORE_OK;
}

static size_t complete(const struct list *done)
{
    for (struct job *j = done->first, *next; j != NULL; j = next) {
        next = j->next;
        if (j->done.fn != NULL)
            j->done.fn(j->done.arg, j->rc, &j->result);
        job_free(j);
    }
    return done->n;
}

static void work_inline(struct store *s)
{
    probe_if_failing(s);
    while (s->queue.first != NULL) {
        uint64_t jobs_before = s->jobs;
        run_once(s);
        prune_unlocked(s, jobs_before);
    }
}

size_t store_pump(struct store *s)
{
    pthread_mutex_lock(&s->lock);
    if (s->options.inline_mode)
        work_inline(s);
    s->woken = false;
    struct list done = list_take(&s->done, SIZE_MAX);
    pthread_mutex_unlock(&s->lock);
    return complete(&done);
}

void store_close(struct store *s)
{
    if (s == NULL)
        return;
    pthread_mutex_lock(&s->lock);
    s->stopping = true;
    s->options.wake = NULL;
    pthread_cond_signal(&s->work);
    pthread_mutex_unlock(&s->lock);
    if (s->has_thread)
        pthread_join(s->thread, NULL);
    while (store_pump(s) > 0)
        ;
    store_free(s);
}

/* --- the pump's side --- */

bool store_submit(struct store *s, const struct job *plan, struct store_done done)
{
    struct job *j = job_copy(plan);
    if (j == NULL)
        return false;
    j->done = done;
    struct list one = { .first = j, .last = j, .n = 1 };
    pthread_mutex_lock(&s->lock);
    bool taken = !s->stopping && s->state.rc == STORE_OK && s->queue.n < s->options.hard_limit;
    bool asleep = taken && s->sleeping;
    if (taken)
        list_join(&s->queue, &one);
    s->sleeping = s->sleeping && !taken; /* one signal is enough */
    pthread_mutex_unlock(&s->lock);
    if (asleep)
        pthread_cond_signal(&s->work);
    if (!taken)
        job_free(j);
    return taken;
}

static int compare_int64(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static void health_text(const struct state *state, char *ret_text, size_t size)
{
    static const char full[] = "disk or quota full (%.50s): stations get no confirmation and keep "
                               "their data; make room, it recovers by itself";
    static const char other[] = "database not writable (%.50s): stations get no confirmation and "
                                "keep their data; it recovers by itself";
    if (state->rc == STORE_FULL)
        snprintf(ret_text, size, full, state->why);
    else if (state->rc != STORE_OK)
        snprintf(ret_text, size, other, state->why);
}

void store_health(struct store *s, struct store_health *h)
{
    int64_t latency_us[LATENCIES];
    memset(h, 0, sizeof(*h));
    pthread_mutex_lock(&s->lock);
    size_t n = s->commits < LATENCIES ? (size_t)s->commits : LATENCIES;
    memcpy(latency_us, s->latency_us, n * sizeof(latency_us[0]));
    h->state = s->state.rc;
    h->failing_since_ms = s->state.failing_since_ms;
    h->queued = s->queue.n + s->running;
    h->commits = s->commits;
    h->jobs = s->jobs;
    health_text(&s->state, h->text, sizeof(h->text));
    pthread_mutex_unlock(&s->lock);
    if (n > 0) {
        qsort(latency_us, n, sizeof(latency_us[0]), compare_int64);
        h->commit_us_p50 = latency_us[n / 2];
        h->commit_us_p99 = latency_us[n - 1 - n / 100];
    }
}

bool store_is_pressed(const struct store *s)
{
    struct store *unlocked = (struct store *)(uintptr_t)s;
    pthread_mutex_lock(&unlocked->lock);
    bool pressed = s->queue.n > s->options.high_water;
    pthread_mutex_unlock(&unlocked->lock);
    return pressed;
}
