/*
 * The writer: a bounded queue of jobs, one thread, one transaction for all that waits.
 *
 * A job is one block of memory: what to do, a deep copy of its data, whom to tell.  While a commit
 * runs the next batch gathers by itself; there is no timer.  A job whose data violate a rule takes
 * nobody down: the batch is rolled back and its jobs are run again, each in a savepoint.
 */
#include "storage/store.h"

#include <assert.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "storage/conn.h"

enum {
    HIGH_WATER = 20000,
    HARD_LIMIT = 100000,
    BATCH_MAX = 4096,      /* jobs in one transaction: a commit stays short */
    PROBE_MS = 500,        /* between two attempts to write while failing */
    LATENCIES = 512,       /* recent commits kept for the quantiles */
    PRUNE_EVERY = 1000,    /* commits */
};

enum job_kind {
    JOB_APPLY,
    JOB_STATION_REMOVE,
    JOB_TAG_REMOVE,
    JOB_STATION_KEY,
    JOB_REGISTRATION,
    JOB_BOOT,
    JOB_STATUS,
    JOB_TX_START,
    JOB_TX_STOP,
    JOB_METER,
    JOB_EVENT,
    JOB_REFUSED,
    JOB_CONFIG,
    JOB_LEASE,
    JOB_POINT,
    JOB_CLOSE_STALE,
    JOB_TX_CLOSE,
    JOB_EXPORT,
};

struct job {
    struct job *next;
    enum job_kind kind;
    struct store_done done;
    enum store_rc rc;
    union store_result result;
    char *result_memory; /* owned by the result, freed after the completion */
    union {
        struct store_site site;
        struct store_boot boot;
        struct store_status status;
        struct store_tx_start start;
        struct store_tx_stop stop;
        struct store_event event;
        struct store_refused refused;
        struct store_lease lease;
        struct {
            const struct store_meter *row;
            size_t n;
        } meter;
        struct {
            const struct store_config_key *key;
            size_t n;
        } config;
    } u;
    const char *text[3];
    int64_t number[3];
    bool flag;
    uint8_t salt[16], hash[32];
};

struct list {
    struct job *first, *last;
    size_t n;
};

struct store {
    struct store_options options;
    struct store_conn db;
    pthread_t thread;
    bool has_thread;
    pthread_mutex_t lock; /* guards all below */
    pthread_cond_t work;
    struct list queue, done;
    size_t running;       /* jobs in the batch under way */
    bool stopping, woken;
    enum store_rc state;
    int64_t failing_since_ms;
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

static void list_add(struct list *l, struct job *job)
{
    job->next = NULL;
    if (l->last != NULL)
        l->last->next = job;
    else
        l->first = job;
    l->last = job;
    l->n++;
}

static struct list list_take(struct list *l)
{
    struct list taken = *l;
    *l = (struct list){ .first = NULL };
    return taken;
}

static void list_join(struct list *l, struct list *more)
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

/* --- running jobs --- */

static enum store_rc job_run(struct store *s, struct job *j)
{
    struct store_conn *db = &s->db;
    switch (j->kind) {
    case JOB_APPLY:
        return apply_run(db, &j->u.site, j->flag, &j->result, &j->result_memory);
    case JOB_STATION_REMOVE:
        return station_remove_run(db, j->text[0], &j->result);
    case JOB_TAG_REMOVE:
        return tag_remove_run(db, j->text[0], &j->result);
    case JOB_STATION_KEY:
        return station_key_run(db, j->text[0], j->salt, j->hash, &j->result);
    case JOB_REGISTRATION:
        return registration_run(db, j->text[0], (int32_t)j->number[0], &j->result);
    case JOB_BOOT:
        return boot_run(db, &j->u.boot);
    case JOB_STATUS:
        return status_run(db, &j->u.status);
    case JOB_TX_START:
        return tx_start_run(db, &j->u.start, &j->result);
    case JOB_TX_STOP:
        return tx_stop_run(db, &j->u.stop, &j->result);
    case JOB_METER:
        return meter_run(db, j->u.meter.row, j->u.meter.n, &j->result);
    case JOB_EVENT:
        return event_run(db, &j->u.event);
    case JOB_REFUSED:
        return refused_run(db, &j->u.refused);
    case JOB_CONFIG:
        return config_run(db, j->text[0], j->u.config.key, j->u.config.n, j->number[0]);
    case JOB_LEASE:
        return lease_run(db, &j->u.lease);
    case JOB_POINT:
        return point_run(db, j->text[0], (int32_t)j->number[0], (int32_t)j->number[1], (int32_t)j->number[2]);
    case JOB_CLOSE_STALE:
        return close_stale_run(db, j->number[0], j->number[1], &j->result);
    case JOB_TX_CLOSE:
        return tx_close_run(db, j->number[0], j->text[0], j->text[1], j->number[1], &j->result);
    case JOB_EXPORT:
        return export_run_run(db, j->text[0], j->text[1], j->text[2], j->number[0], utc_ms(s));
    }
    return STORE_CONFLICT;
}

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
        simple(s, STMT_ROLLBACK);
    station_forget_cache(&s->db);
}

static void job_forget_result(struct job *j)
{
    free(j->result_memory);
    j->result_memory = NULL;
    memset(&j->result, 0, sizeof(j->result));
}

/* A dry run writes nothing: it lives in a savepoint that is always rolled back. */
static enum store_rc job_run_dry(struct store *s, struct job *j)
{
    enum store_rc rc = simple(s, STMT_SAVEPOINT);
    if (rc != STORE_OK)
        return rc;
    rc = job_run(s, j);
    enum store_rc back = simple(s, STMT_BACK_TO_SAVEPOINT);
    enum store_rc released = simple(s, STMT_RELEASE);
    station_forget_cache(&s->db);
    return rc != STORE_OK ? rc : back != STORE_OK ? back : released;
}

/* One after the other without savepoints: the fast way.  Stops at the first that fails. */
static enum store_rc batch_run(struct store *s, const struct list *batch)
{
    enum store_rc rc = simple(s, STMT_BEGIN);
    for (struct job *j = batch->first; j != NULL && rc == STORE_OK; j = j->next) {
        job_forget_result(j);
        j->rc = j->kind == JOB_APPLY && j->flag ? job_run_dry(s, j) : job_run(s, j);
        /* Nothing found to do is an answer, not a failure; an apply that is refused wrote nothing
         * only if it is undone. */
        rc = j->rc == STORE_MISSING ? STORE_OK : j->rc;
    }
    if (rc == STORE_OK)
        rc = simple(s, STMT_COMMIT);
    if (rc != STORE_OK)
        rollback(s);
    return rc;
}

/* Each job in a savepoint, so that one that violates a rule fails alone. */
static enum store_rc batch_run_carefully(struct store *s, const struct list *batch)
{
    enum store_rc rc = simple(s, STMT_BEGIN);
    for (struct job *j = batch->first; j != NULL && rc == STORE_OK; j = j->next) {
        job_forget_result(j);
        rc = simple(s, STMT_SAVEPOINT);
        if (rc != STORE_OK)
            break;
        j->rc = j->kind == JOB_APPLY && j->flag ? job_run_dry(s, j) : job_run(s, j);
        if (is_fatal(j->rc)) {
            rc = j->rc;
            break;
        }
        if (j->rc != STORE_OK && j->rc != STORE_MISSING) {
            rc = simple(s, STMT_BACK_TO_SAVEPOINT);
            station_forget_cache(&s->db);
        }
        if (rc == STORE_OK)
            rc = simple(s, STMT_RELEASE);
    }
    if (rc == STORE_OK)
        rc = simple(s, STMT_COMMIT);
    if (rc != STORE_OK)
        rollback(s);
    return rc;
}

static enum store_rc probe(struct store *s)
{
    sqlite3_stmt *q = conn_stmt(&s->db, STMT_PROBE);
    bind_int(q, 1, utc_ms(s));
    enum store_rc rc = store_step_done(&s->db, q);
    if (rc != STORE_OK)
        rollback(s);
    return rc;
}

/* Writer's side: runs a batch and says how it went.  No lock is held. */
static enum store_rc execute(struct store *s, struct list *batch)
{
    enum store_rc rc = batch_run(s, batch);
    if (rc == STORE_CONFLICT)
        rc = batch_run_carefully(s, batch);
    if (rc != STORE_OK)
        for (struct job *j = batch->first; j != NULL; j = j->next) {
            job_forget_result(j);
            j->rc = rc;
        }
    if (rc == STORE_OK && s->commits % PRUNE_EVERY == PRUNE_EVERY - 1)
        simple(s, STMT_EVENT_PRUNE);
    return rc;
}

static void note_state(struct store *s, enum store_rc rc)
{
    if (rc != STORE_OK && s->state == STORE_OK)
        s->failing_since_ms = utc_ms(s);
    if (rc == STORE_OK)
        s->failing_since_ms = 0;
    s->state = rc;
}

static struct list take_batch(struct store *s)
{
    struct list batch = { .first = NULL };
    while (s->queue.first != NULL && batch.n < BATCH_MAX) {
        struct job *j = s->queue.first;
        s->queue.first = j->next;
        if (s->queue.first == NULL)
            s->queue.last = NULL;
        s->queue.n--;
        list_add(&batch, j);
    }
    return batch;
}

/* Called with the lock held, gives it up while the disk works. */
static void run_once(struct store *s)
{
    struct list batch = take_batch(s);
    s->running = batch.n;
    pthread_mutex_unlock(&s->lock);
    int64_t begin_us = mono_us();
    enum store_rc rc = execute(s, &batch);
    int64_t took_us = mono_us() - begin_us;
    pthread_mutex_lock(&s->lock);
    s->latency_us[s->commits % LATENCIES] = took_us;
    s->commits++;
    s->jobs += batch.n;
    s->running = 0;
    note_state(s, rc);
    list_join(&s->done, &batch);
}

static void wait_for_work(struct store *s)
{
    if (s->state == STORE_OK) {
        pthread_cond_wait(&s->work, &s->lock);
        return;
    }
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += (long)PROBE_MS * 1000000;
    until.tv_sec += until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    pthread_cond_timedwait(&s->work, &s->lock, &until);
}

static void wake(struct store *s)
{
    if (s->woken || s->options.wake == NULL)
        return;
    s->woken = true;
    pthread_mutex_unlock(&s->lock);
    s->options.wake(s->options.wake_arg);
    pthread_mutex_lock(&s->lock);
}

static void probe_if_failing(struct store *s)
{
    if (s->state == STORE_OK)
        return;
    pthread_mutex_unlock(&s->lock);
    enum store_rc rc = probe(s);
    pthread_mutex_lock(&s->lock);
    note_state(s, rc);
    if (rc == STORE_OK)
        wake(s);
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
        run_once(s);
        wake(s);
    }
    pthread_mutex_unlock(&s->lock);
    return NULL;
}

/* --- opening and closing --- */

enum store_rc store_open(const struct store_options *options, struct store **ret_store, char *ret_text,
                         size_t size)
{
    struct store *s = calloc(1, sizeof(*s));
    if (s == NULL) {
        snprintf(ret_text, size, "out of memory");
        return STORE_IO;
    }
    s->options = *options;
    if (s->options.high_water == 0)
        s->options.high_water = HIGH_WATER;
    if (s->options.hard_limit == 0)
        s->options.hard_limit = HARD_LIMIT;
    enum store_rc rc = conn_open(&s->db, options->path, options->max_bytes, ret_text, size);
    if (rc != STORE_OK) {
        free(s);
        return rc;
    }
    pthread_mutex_init(&s->lock, NULL);
    pthread_cond_init(&s->work, NULL);
    if (!options->inline_mode) {
        if (pthread_create(&s->thread, NULL, writer, s) != 0) {
            snprintf(ret_text, size, "the writer's thread cannot be started");
            conn_close(&s->db);
            free(s);
            return STORE_IO;
        }
        s->has_thread = true;
    }
    *ret_store = s;
    return STORE_OK;
}

static void job_complete(struct job *j)
{
    if (j->done.fn != NULL)
        j->done.fn(j->done.arg, j->rc, &j->result);
    free(j->result_memory);
    free(j);
}

size_t store_pump(struct store *s)
{
    size_t n = 0;
    pthread_mutex_lock(&s->lock);
    if (s->options.inline_mode) {
        if (s->state != STORE_OK)
            probe_if_failing(s);
        while (s->queue.first != NULL)
            run_once(s);
    }
    s->woken = false;
    struct list done = list_take(&s->done);
    pthread_mutex_unlock(&s->lock);
    for (struct job *j = done.first, *next; j != NULL; j = next, n++) {
        next = j->next;
        job_complete(j);
    }
    return n;
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
    conn_close(&s->db);
    pthread_cond_destroy(&s->work);
    pthread_mutex_destroy(&s->lock);
    free(s);
}

static int compare_int64(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

void store_health(struct store *s, struct store_health *h)
{
    int64_t latency_us[LATENCIES];
    memset(h, 0, sizeof(*h));
    pthread_mutex_lock(&s->lock);
    size_t n = s->commits < LATENCIES ? (size_t)s->commits : LATENCIES;
    memcpy(latency_us, s->latency_us, n * sizeof(latency_us[0]));
    h->state = s->state;
    h->failing_since_ms = s->failing_since_ms;
    h->queued = s->queue.n + s->running;
    h->commits = s->commits;
    h->jobs = s->jobs;
    pthread_mutex_unlock(&s->lock);
    if (n > 0) {
        qsort(latency_us, n, sizeof(latency_us[0]), compare_int64);
        h->commit_us_p50 = latency_us[n / 2];
        h->commit_us_p99 = latency_us[n - 1 - n / 100];
    }
    if (h->state != STORE_OK)
        snprintf(h->text, sizeof(h->text),
                 "%s: stations get no confirmation; make room on the disk, it recovers by itself",
                 store_rc_text(h->state));
}

bool store_is_pressed(const struct store *s)
{
    struct store *unlocked = (struct store *)(uintptr_t)s;
    pthread_mutex_lock(&unlocked->lock);
    bool pressed = s->queue.n > s->options.high_water;
    pthread_mutex_unlock(&unlocked->lock);
    return pressed;
}

/* --- jobs from data: one block of memory, strings behind the struct --- */

/* First pass: room == NULL, counts.  Second pass: copies. */
struct packer {
    char *room;
    size_t used;
};

static const void *pack_bytes(struct packer *p, const void *bytes, size_t n, size_t align)
{
    p->used = (p->used + align - 1) / align * align;
    void *to = p->room != NULL ? p->room + p->used : NULL;
    if (to != NULL && n > 0)
        memcpy(to, bytes, n);
    p->used += n;
    return to;
}

static void pack_text(struct packer *p, const char **text)
{
    if (*text == NULL)
        return;
    const char *copy = pack_bytes(p, *text, strlen(*text) + 1, 1);
    if (copy != NULL)
        *text = copy;
}

static void pack_meter(struct packer *p, const struct store_meter **rows, size_t n)
{
    const struct store_meter *from = *rows;
    struct store_meter *to =
        (struct store_meter *)(uintptr_t)pack_bytes(p, from, n * sizeof(*from), _Alignof(max_align_t));
    const char *station = NULL;
    for (size_t i = 0; i < n; i++) {
        struct store_meter row = from[i];
        if (i == 0) {
            pack_text(p, &row.station);
            station = row.station;
        }
        pack_text(p, &row.raw);
        if (to != NULL) {
            to[i].station = station;
            to[i].raw = row.raw;
        }
    }
    if (to != NULL)
        *rows = to;
}

static void pack_config(struct packer *p, const struct store_config_key **keys, size_t n)
{
    const struct store_config_key *from = *keys;
    struct store_config_key *to = (struct store_config_key *)(uintptr_t)pack_bytes(
        p, from, n * sizeof(*from), _Alignof(max_align_t));
    for (size_t i = 0; i < n; i++) {
        struct store_config_key key = from[i];
        pack_text(p, &key.key);
        pack_text(p, &key.value);
        if (to != NULL)
            to[i] = key;
    }
    if (to != NULL)
        *keys = to;
}

/* A list of records whose strings stand at known places. */
static void pack_list(struct packer *p, const void **list, size_t n, size_t size, const size_t *offset,
                      size_t n_offsets)
{
    const char *from = *list;
    char *to = (char *)(uintptr_t)pack_bytes(p, from, n * size, _Alignof(max_align_t));
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < n_offsets; k++) {
            const char *text;
            memcpy(&text, from + i * size + offset[k], sizeof(text));
            pack_text(p, &text);
            if (to != NULL)
                memcpy(to + i * size + offset[k], &text, sizeof(text));
        }
    if (to != NULL)
        *list = to;
}

#define OFF(type, member) offsetof(struct type, member)
static const size_t node_texts[] = { OFF(store_grid_node, id), OFF(store_grid_node, parent),
                                     OFF(store_grid_node, name) };
static const size_t station_texts[] = {
    OFF(store_station, id),       OFF(store_station, grid_node), OFF(store_station, wiring),
    OFF(store_station, tariff),   OFF(store_station, operator_id), OFF(store_station, district),
    OFF(store_station, street),   OFF(store_station, house_no),  OFF(store_station, postcode),
    OFF(store_station, city),     OFF(store_station, meter_serial), OFF(store_station, vendor),
    OFF(store_station, model),    OFF(store_station, serial),    OFF(store_station, firmware),
};
static const size_t connector_texts[] = { OFF(store_connector, station), OFF(store_connector, evse_id),
                                          OFF(store_connector, status), OFF(store_connector, error_code),
                                          OFF(store_connector, info) };
static const size_t tag_texts[] = { OFF(store_tag, id_tag), OFF(store_tag, parent_id_tag),
                                    OFF(store_tag, customer), OFF(store_tag, auth_kind) };
static const size_t tariff_texts[] = { OFF(store_tariff, id), OFF(store_tariff, currency),
                                       OFF(store_tariff, alt_text_de), OFF(store_tariff, alt_text_en) };
static const size_t factor_texts[] = { OFF(store_factor, kind), OFF(store_factor, unit),
                                       OFF(store_factor, state), OFF(store_factor, source),
                                       OFF(store_factor, revised) };

#define PACK_LIST(p, list, n, texts)                                                                     \
    pack_list((p), (const void **)&(list), (n), sizeof(*(list)), (texts), sizeof(texts) / sizeof((texts)[0]))

static void pack_site(struct packer *p, struct store_site *site)
{
    PACK_LIST(p, site->grid, site->n_grid, node_texts);
    PACK_LIST(p, site->station, site->n_stations, station_texts);
    PACK_LIST(p, site->connector, site->n_connectors, connector_texts);
    PACK_LIST(p, site->tag, site->n_tags, tag_texts);
    PACK_LIST(p, site->tariff, site->n_tariffs, tariff_texts);
    PACK_LIST(p, site->factor, site->n_factors, factor_texts);
}

static void pack_job(struct packer *p, struct job *j)
{
    for (size_t i = 0; i < 3; i++)
        pack_text(p, &j->text[i]);
    switch (j->kind) {
    case JOB_APPLY:
        pack_site(p, &j->u.site);
        break;
    case JOB_BOOT:
        for (const char **t = &j->u.boot.station; t <= &j->u.boot.meter_serial; t++)
            pack_text(p, t);
        break;
    case JOB_STATUS:
        pack_text(p, &j->u.status.station);
        for (const char **t = &j->u.status.status; t <= &j->u.status.vendor_error_code; t++)
            pack_text(p, t);
        break;
    case JOB_TX_START:
        pack_text(p, &j->u.start.station);
        pack_text(p, &j->u.start.id_tag);
        pack_text(p, &j->u.start.auth_kind);
        pack_text(p, &j->u.start.customer);
        break;
    case JOB_TX_STOP:
        pack_text(p, &j->u.stop.station);
        pack_text(p, &j->u.stop.id_tag);
        pack_text(p, &j->u.stop.reason);
        pack_meter(p, &j->u.stop.data, j->u.stop.n_data);
        break;
    case JOB_METER:
        pack_meter(p, &j->u.meter.row, j->u.meter.n);
        break;
    case JOB_EVENT:
        pack_text(p, &j->u.event.name);
        pack_text(p, &j->u.event.station);
        pack_text(p, &j->u.event.text);
        break;
    case JOB_REFUSED:
        for (const char **t = &j->u.refused.identity; t <= &j->u.refused.address; t++)
            pack_text(p, t);
        break;
    case JOB_CONFIG:
        pack_config(p, &j->u.config.key, j->u.config.n);
        break;
    case JOB_LEASE:
        pack_text(p, &j->u.lease.station);
        break;
    default:
        break;
    }
}

static bool submit(struct store *s, const struct job *plan, struct store_done done)
{
    struct packer count = { .room = NULL };
    struct job sizing = *plan;
    pack_job(&count, &sizing);
    size_t head = (sizeof(struct job) + _Alignof(max_align_t) - 1) / _Alignof(max_align_t) * _Alignof(max_align_t);
    struct job *j = malloc(head + count.used);
    if (j == NULL)
        return false;
    *j = *plan;
    struct packer copy = { .room = (char *)j + head };
    pack_job(&copy, j);
    assert(copy.used == count.used);
    j->done = done;
    pthread_mutex_lock(&s->lock);
    bool taken = !s->stopping && s->state == STORE_OK && s->queue.n < s->options.hard_limit;
    if (taken) {
        list_add(&s->queue, j);
        if (s->queue.n == 1 && s->has_thread)
            pthread_cond_signal(&s->work);
    }
    pthread_mutex_unlock(&s->lock);
    if (!taken)
        free(j);
    return taken;
}

/* --- the operations --- */

bool store_apply(struct store *s, const struct store_site *site, bool dry_run, struct store_done done)
{
    struct job j = { .kind = JOB_APPLY, .u.site = *site, .flag = dry_run };
    return submit(s, &j, done);
}

bool store_station_remove(struct store *s, const char *station, struct store_done done)
{
    struct job j = { .kind = JOB_STATION_REMOVE, .text = { station } };
    return submit(s, &j, done);
}

bool store_tag_remove(struct store *s, const char *id_tag, struct store_done done)
{
    struct job j = { .kind = JOB_TAG_REMOVE, .text = { id_tag } };
    return submit(s, &j, done);
}

bool store_station_key(struct store *s, const char *station, const uint8_t salt[16], const uint8_t hash[32],
                       struct store_done done)
{
    struct job j = { .kind = JOB_STATION_KEY, .text = { station } };
    memcpy(j.salt, salt, sizeof(j.salt));
    memcpy(j.hash, hash, sizeof(j.hash));
    return submit(s, &j, done);
}

bool store_registration(struct store *s, const char *station, int32_t registration, struct store_done done)
{
    struct job j = { .kind = JOB_REGISTRATION, .text = { station }, .number = { registration } };
    return submit(s, &j, done);
}

bool store_boot(struct store *s, const struct store_boot *boot, struct store_done done)
{
    struct job j = { .kind = JOB_BOOT, .u.boot = *boot };
    return submit(s, &j, done);
}

bool store_status(struct store *s, const struct store_status *status, struct store_done done)
{
    struct job j = { .kind = JOB_STATUS, .u.status = *status };
    return submit(s, &j, done);
}

bool store_tx_start(struct store *s, const struct store_tx_start *tx, struct store_done done)
{
    struct job j = { .kind = JOB_TX_START, .u.start = *tx };
    return submit(s, &j, done);
}

bool store_tx_stop(struct store *s, const struct store_tx_stop *tx, struct store_done done)
{
    struct job j = { .kind = JOB_TX_STOP, .u.stop = *tx };
    return submit(s, &j, done);
}

bool store_meter(struct store *s, const struct store_meter *row, size_t n, struct store_done done)
{
    struct job j = { .kind = JOB_METER, .u.meter = { row, n } };
    return submit(s, &j, done);
}

bool store_event(struct store *s, const struct store_event *event, struct store_done done)
{
    struct job j = { .kind = JOB_EVENT, .u.event = *event };
    return submit(s, &j, done);
}

bool store_refused(struct store *s, const struct store_refused *refused, struct store_done done)
{
    struct job j = { .kind = JOB_REFUSED, .u.refused = *refused };
    return submit(s, &j, done);
}

bool store_station_config(struct store *s, const char *station, const struct store_config_key *key, size_t n,
                          int64_t at_ms, struct store_done done)
{
    struct job j = { .kind = JOB_CONFIG, .text = { station }, .number = { at_ms }, .u.config = { key, n } };
    return submit(s, &j, done);
}

bool store_lease(struct store *s, const struct store_lease *lease, struct store_done done)
{
    struct job j = { .kind = JOB_LEASE, .u.lease = *lease };
    return submit(s, &j, done);
}

bool store_point(struct store *s, const char *station, int32_t connector, int32_t safe_confirmed_ma,
                 int32_t class, struct store_done done)
{
    struct job j = { .kind = JOB_POINT,
                     .text = { station },
                     .number = { connector, safe_confirmed_ma, class } };
    return submit(s, &j, done);
}

bool store_close_stale(struct store *s, int64_t before_ms, int64_t now_ms, struct store_done done)
{
    struct job j = { .kind = JOB_CLOSE_STALE, .number = { before_ms, now_ms } };
    return submit(s, &j, done);
}

bool store_tx_close(struct store *s, int64_t tx_id, const char *who, const char *reason, int64_t at_ms,
                    struct store_done done)
{
    struct job j = { .kind = JOB_TX_CLOSE, .text = { who, reason }, .number = { tx_id, at_ms } };
    return submit(s, &j, done);
}

bool store_export_run(struct store *s, const char *kind, const char *period, const char *sha256, int64_t rows,
                      struct store_done done)
{
    struct job j = { .kind = JOB_EXPORT, .text = { kind, period, sha256 }, .number = { rows } };
    return submit(s, &j, done);
}
