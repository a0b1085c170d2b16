/*
 * What a process has used so far, from /proc: processor time of all its threads, memory.
 */
#ifndef TESTS_BENCH_USAGE_H
#define TESTS_BENCH_USAGE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct usage {
    int64_t cpu_us; /* user and system time of all threads, resolution of the clock tick (10 ms) */
    int64_t user_us;
    int64_t rss_kb; /* resident */
    int64_t pss_kb; /* resident, shared pages divided among those who share them */
};

/* pid 0 = ourselves.  false when the process has gone. */
bool usage_read(pid_t pid, struct usage *ret_usage);

#endif
