#include "ocpp/central/rollout.h"

#include <stdio.h>

#include "storage/billing/calendar.h"

enum { DAY_MIN = 24 * 60 };

void rollout_count(const struct store_rollout *r, const struct rollout_target *target, size_t n,
                   struct rollout_counts *ret_counts)
{
    struct rollout_counts c = { .waiting = 0 };
    for (size_t i = 0; i < n; i++) {
        bool canary = i < (size_t)r->canary;
        switch (target[i].state) {
        case STORE_TARGET_WAITING:
            c.waiting++;
            c.canaries_open += canary;
            break;
        case STORE_TARGET_RUNNING:
            c.running++;
            c.canaries_open += canary;
            break;
        case STORE_TARGET_DONE:
            c.done++;
            break;
        case STORE_TARGET_FAILED:
            c.failed++;
            c.canaries_failed += canary;
            break;
        default:
            c.skipped++;
        }
    }
    *ret_counts = c;
}

bool rollout_in_window(const struct store_rollout *r, int64_t utc_ms)
{
    int64_t local_min = (utc_ms / 1000 + cal_offset_s(utc_ms)) / 60 % DAY_MIN;
    if (r->from_min == r->to_min)
        return true;
    if (r->from_min < r->to_min)
        return local_min >= r->from_min && local_min < r->to_min;
    return local_min >= r->from_min || local_min < r->to_min;
}

static bool must_pause(const struct store_rollout *r, const struct rollout_counts *c,
                       const struct rollout_target *target, size_t n, char *ret_why, size_t size)
{
    size_t forgiven = (size_t)r->forgiven;
    size_t fresh = c->failed > forgiven ? c->failed - forgiven : 0;
    if (fresh == 0)
        return false;
    if (fresh >= (size_t)r->stop_after) {
        snprintf(ret_why, size, "%zu station%s failed (it stops after %d)", fresh,
                 fresh == 1 ? "" : "s", (int)r->stop_after);
        return true;
    }
    for (size_t i = 0; i < n && i < (size_t)r->canary; i++)
        if (target[i].state == STORE_TARGET_FAILED && c->canaries_failed > forgiven) {
            snprintf(ret_why, size, "the canary %s failed", target[i].station);
            return true;
        }
    return false;
}

enum rollout_move rollout_next(const struct store_rollout *r, const struct rollout_target *target,
                               size_t n, int64_t utc_ms,
                               struct rollout_fact (*fact)(void *arg, const char *station),
                               void *arg, size_t *ret_place, char *ret_why, size_t size)
{
    struct rollout_counts c;
    rollout_count(r, target, n, &c);
    if (r->state != STORE_ROLLOUT_RUNNING)
        return ROLLOUT_WAIT;
    if (c.waiting == 0 && c.running == 0)
        return ROLLOUT_FINISH;
    if (must_pause(r, &c, target, n, ret_why, size))
        return ROLLOUT_PAUSE;
    size_t end = c.canaries_open > 0 && (size_t)r->canary < n ? (size_t)r->canary : n;
    bool may_start = c.running < (size_t)r->max_parallel && rollout_in_window(r, utc_ms);
    for (size_t i = 0; i < end; i++) {
        if (target[i].state != STORE_TARGET_WAITING)
            continue;
        struct rollout_fact f = fact(arg, target[i].station);
        *ret_place = i;
        if (!f.known || f.current)
            return ROLLOUT_SKIP;
        if (may_start && f.online && (r->force || !f.busy))
            return ROLLOUT_START;
    }
    return ROLLOUT_WAIT;
}
