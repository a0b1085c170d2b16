/*
 * Work beside the loop: a few threads for questions that read the database, and bounded pipes
 * through which a long answer comes back piece by piece.
 *
 * The loop submits and pumps; it never waits.  A worker that writes faster than its reader takes
 * waits in pipe_write(), so an answer of any length needs no more memory than its pipe.
 */
#ifndef CMD_NOXD_WORK_H
#define CMD_NOXD_WORK_H

#include <stdbool.h>
#include <stddef.h>

struct work;
struct pipe;

/**
 * @param wake  called on a worker's thread when work_pump() has something to do or a pipe has
 *              got something to read
 * @return NULL when threads or memory are out
 */
struct work *work_new(size_t n_threads, void (*wake)(void *arg), void *wake_arg);

/**
 * Cancel all pipes, let the running jobs end, join the threads.  Jobs that have not begun are not
 * run; `done` of every job is called on this thread.  NULL is fine.
 */
void work_free(struct work *w);

/**
 * Run fn(arg) on a worker, then done(arg) on the thread that pumps.
 * @return false when nothing was taken (out of memory): neither is called
 */
bool work_submit(struct work *w, void (*fn)(void *arg), void (*done)(void *arg), void *arg);

/* Jobs that wait for a thread. */
size_t work_waiting(struct work *w);

/* Call `done` of what has ended. */
void work_pump(struct work *w);

/** A pipe of this work's jobs. @return NULL when memory is out */
struct pipe *pipe_new(struct work *w, size_t max_bytes);
/* Both sides have left: the job has ended (its done runs) and the reader reads no more. */
void pipe_free(struct pipe *p);

/** Worker: append, waiting while the pipe is full. @return false: nobody reads any more, stop */
bool pipe_write(struct pipe *p, const char *bytes, size_t n);

/** Any thread: append all of it, or nothing when there is no room. */
bool pipe_offer(struct pipe *p, const char *bytes, size_t n);

/** Loop: take what is there. @return bytes copied, 0 = none now */
size_t pipe_read(struct pipe *p, char *ret_bytes, size_t size);
/* Loop: is there something to read? */
bool pipe_is_ready(struct pipe *p);
/* Loop: nobody reads any more; a waiting pipe_write() returns false. */
void pipe_cancel(struct pipe *p);

#endif
