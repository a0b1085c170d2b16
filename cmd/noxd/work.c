#include "cmd/noxd/work.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { THREADS_MAX = 8 };

struct job {
    struct job *next;
    void (*fn)(void *arg);
    void (*done)(void *arg);
    void *arg;
};

struct list {
    struct job *first, *last;
    size_t n;
};

struct work {
    void (*wake)(void *arg);
    void *wake_arg;
    pthread_t thread[THREADS_MAX];
    size_t n_threads;
    pthread_mutex_t lock; /* guards all below, and all pipes */
    pthread_cond_t has_work;
    struct list waiting, ended;
    struct pipe *pipes;
    bool stopping;
};

struct pipe {
    struct work *work;
    struct pipe *next;
    pthread_cond_t has_room;
    char *ring;
    size_t size, first, used;
    bool cancelled;
};

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

static struct job *list_take(struct list *l)
{
    struct job *job = l->first;
    if (job == NULL)
        return NULL;
    l->first = job->next;
    if (l->first == NULL)
        l->last = NULL;
    l->n--;
    return job;
}

static struct job *next_job(struct work *w)
{
    while (w->waiting.first == NULL && !w->stopping)
        pthread_cond_wait(&w->has_work, &w->lock);
    return w->stopping ? NULL : list_take(&w->waiting);
}

static void *worker(void *arg)
{
    struct work *w = arg;
    struct job *job;
    pthread_mutex_lock(&w->lock);
    while ((job = next_job(w)) != NULL) {
        pthread_mutex_unlock(&w->lock);
        job->fn(job->arg);
        pthread_mutex_lock(&w->lock);
        list_add(&w->ended, job);
        w->wake(w->wake_arg);
    }
    pthread_mutex_unlock(&w->lock);
    return NULL;
}

struct work *work_new(size_t n_threads, void (*wake)(void *arg), void *wake_arg)
{
    struct work *w = calloc(1, sizeof(*w));
    if (w == NULL)
        return NULL;
    w->wake = wake;
    w->wake_arg = wake_arg;
    pthread_mutex_init(&w->lock, NULL);
    pthread_cond_init(&w->has_work, NULL);
    while (w->n_threads < n_threads && w->n_threads < THREADS_MAX) {
        if (pthread_create(&w->thread[w->n_threads], NULL, worker, w) != 0) {
            work_free(w);
            return NULL;
        }
        w->n_threads++;
    }
    return w;
}

static void cancel_locked(struct pipe *p)
{
    p->cancelled = true;
    pthread_cond_signal(&p->has_room);
}

void work_free(struct work *w)
{
    if (w == NULL)
        return;
    pthread_mutex_lock(&w->lock);
    w->stopping = true;
    for (struct pipe *p = w->pipes; p != NULL; p = p->next)
        cancel_locked(p);
    pthread_cond_broadcast(&w->has_work);
    pthread_mutex_unlock(&w->lock);
    for (size_t i = 0; i < w->n_threads; i++)
        pthread_join(w->thread[i], NULL);
    for (struct job *job; (job = list_take(&w->waiting)) != NULL;)
        list_add(&w->ended, job);
    work_pump(w);
    pthread_cond_destroy(&w->has_work);
    pthread_mutex_destroy(&w->lock);
    free(w);
}

bool work_submit(struct work *w, void (*fn)(void *arg), void (*done)(void *arg), void *arg)
{
    struct job *job = calloc(1, sizeof(*job));
    if (job == NULL)
        return false;
    *job = (struct job){ .fn = fn, .done = done, .arg = arg };
    pthread_mutex_lock(&w->lock);
    bool taken = !w->stopping;
    if (taken) {
        list_add(&w->waiting, job);
        pthread_cond_signal(&w->has_work);
    }
    pthread_mutex_unlock(&w->lock);
    if (!taken)
        free(job);
    return taken;
}

size_t work_waiting(struct work *w)
{
    pthread_mutex_lock(&w->lock);
    size_t n = w->waiting.n;
    pthread_mutex_unlock(&w->lock);
    return n;
}

void work_pump(struct work *w)
{
    pthread_mutex_lock(&w->lock);
    struct list ended = w->ended;
    w->ended = (struct list){ .n = 0 };
    pthread_mutex_unlock(&w->lock);
    for (struct job *job; (job = list_take(&ended)) != NULL;) {
        job->done(job->arg);
        free(job);
    }
}

struct pipe *pipe_new(struct work *w, size_t max_bytes)
{
    struct pipe *p = calloc(1, sizeof(*p));
    if (p == NULL || (p->ring = malloc(max_bytes)) == NULL) {
        free(p);
        return NULL;
    }
    p->work = w;
    p->size = max_bytes;
    pthread_cond_init(&p->has_room, NULL);
    pthread_mutex_lock(&w->lock);
    p->next = w->pipes;
    w->pipes = p;
    p->cancelled = w->stopping;
    pthread_mutex_unlock(&w->lock);
    return p;
}

void pipe_free(struct pipe *p)
{
    if (p == NULL)
        return;
    pthread_mutex_lock(&p->work->lock);
    struct pipe **at = &p->work->pipes;
    while (*at != p)
        at = &(*at)->next;
    *at = p->next;
    pthread_mutex_unlock(&p->work->lock);
    pthread_cond_destroy(&p->has_room);
    free(p->ring);
    free(p);
}

/* Copies what fits up to the end of the ring's memory. */
static size_t put(struct pipe *p, const char *bytes, size_t n)
{
    size_t at = (p->first + p->used) % p->size;
    size_t room = p->size - p->used < p->size - at ? p->size - p->used : p->size - at;
    size_t take = n < room ? n : room;
    memcpy(p->ring + at, bytes, take);
    p->used += take;
    return take;
}

bool pipe_write(struct pipe *p, const char *bytes, size_t n)
{
    pthread_mutex_lock(&p->work->lock);
    while (n > 0 && !p->cancelled) {
        if (p->used == p->size) {
            pthread_cond_wait(&p->has_room, &p->work->lock);
            continue;
        }
        bool was_empty = p->used == 0;
        size_t taken = put(p, bytes, n);
        bytes += taken;
        n -= taken;
        if (was_empty)
            p->work->wake(p->work->wake_arg);
    }
    bool wanted = !p->cancelled;
    pthread_mutex_unlock(&p->work->lock);
    return wanted;
}

bool pipe_offer(struct pipe *p, const char *bytes, size_t n)
{
    pthread_mutex_lock(&p->work->lock);
    bool fits = !p->cancelled && n <= p->size - p->used;
    while (fits && n > 0) {
        size_t taken = put(p, bytes, n);
        bytes += taken;
        n -= taken;
    }
    pthread_mutex_unlock(&p->work->lock);
    return fits;
}

size_t pipe_read(struct pipe *p, char *ret_bytes, size_t size)
{
    size_t n = 0;
    pthread_mutex_lock(&p->work->lock);
    while (n < size && p->used > 0) {
        size_t run = p->size - p->first < p->used ? p->size - p->first : p->used;
        size_t take = size - n < run ? size - n : run;
        memcpy(ret_bytes + n, p->ring + p->first, take);
        p->first = (p->first + take) % p->size;
        p->used -= take;
        n += take;
    }
    if (n > 0)
        pthread_cond_signal(&p->has_room);
    pthread_mutex_unlock(&p->work->lock);
    return n;
}

bool pipe_is_ready(struct pipe *p)
{
    pthread_mutex_lock(&p->work->lock);
    bool ready = p->used > 0;
    pthread_mutex_unlock(&p->work->lock);
    return ready;
}

void pipe_cancel(struct pipe *p)
{
    pthread_mutex_lock(&p->work->lock);
    cancel_locked(p);
    pthread_mutex_unlock(&p->work->lock);
}
