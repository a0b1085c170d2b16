/* Small arithmetic of currents (mA) and times (ms) that does not overflow. */
#ifndef SCHEDULER_UNITS_H
#define SCHEDULER_UNITS_H

#include <stdint.h>

static inline int32_t ma_min(int32_t a, int32_t b)
{
    return a < b ? a : b;
}

static inline int32_t ma_max(int32_t a, int32_t b)
{
    return a > b ? a : b;
}

/* Sums of a whole tree are 64 bits wide; views and incidents show 32. */
static inline int32_t ma_narrow(int64_t ma)
{
    return ma > INT32_MAX ? INT32_MAX : ma < INT32_MIN ? INT32_MIN : (int32_t)ma;
}

static inline int64_t ms_min(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static inline int64_t ms_max(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* later_ms >= 0; INT64_MAX is "never" and stays it. */
static inline int64_t ms_after(int64_t at_ms, int64_t later_ms)
{
    return at_ms > INT64_MAX - later_ms ? INT64_MAX : at_ms + later_ms;
}

#endif
