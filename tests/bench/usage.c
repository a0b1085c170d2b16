#include "tests/bench/usage.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static FILE *proc_open(pid_t pid, const char *name)
{
    char path[64];
    snprintf(path, sizeof(path), "/proc/%ld/%s", (long)(pid == 0 ? getpid() : pid), name);
    return fopen(path, "r");
}

static bool read_times(pid_t pid, struct usage *u)
{
    char line[1024];
    FILE *f = proc_open(pid, "stat");
    if (f == NULL)
        return false;
    bool ok = fgets(line, sizeof(line), f) != NULL;
    fclose(f);
    /* Fields are counted behind the program's name, which may hold blanks: 14 utime, 15 stime. */
    const char *rest = ok ? strrchr(line, ')') : NULL;
    int64_t user = 0, system = 0;
    if (rest == NULL ||
        sscanf(rest + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %" SCNd64 " %" SCNd64, &user,
               &system) != 2)
        return false;
    int64_t tick_us = 1000000 / sysconf(_SC_CLK_TCK);
    u->user_us = user * tick_us;
    u->cpu_us = (user + system) * tick_us;
    return true;
}

static bool read_memory(pid_t pid, struct usage *u)
{
    char line[256];
    FILE *f = proc_open(pid, "smaps_rollup");
    if (f == NULL)
        return false;
    int found = 0;
    while (fgets(line, sizeof(line), f) != NULL) {
        found += sscanf(line, "Rss: %" SCNd64, &u->rss_kb);
        found += sscanf(line, "Pss: %" SCNd64, &u->pss_kb);
    }
    fclose(f);
    return found == 2;
}

bool usage_read(pid_t pid, struct usage *ret_usage)
{
    struct usage u = { 0 };
    if (!read_times(pid, &u) || !read_memory(pid, &u))
        return false;
    *ret_usage = u;
    return true;
}
