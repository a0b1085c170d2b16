/* What would other limits have meant: recorded sessions once more through the scheduler. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cmd/noxd/route.h"
#include "cmd/noxd/simulate.h"

enum { LIMIT_MAX_A = 10000, DAYS_MAX = 400 };

static const char NDJSON[] = "application/x-ndjson; charset=utf-8";

static bool bad(struct request *r, const char *member, const char *text)
{
    request_fail(r, 422, "invalid-data", member, "%s: %s", member, text);
    return false;
}

static bool read_times(struct request *r, struct simulate_wish *w)
{
    if (!route_member_time(r, "from", &w->from_ms) || !route_member_time(r, "to", &w->to_ms))
        return false;
    if (w->from_ms == STORE_ABSENT || w->to_ms == STORE_ABSENT)
        return bad(r, w->from_ms == STORE_ABSENT ? "from" : "to",
                   "is missing; sessions that ended from `from` on and before `to` are played");
    if (w->to_ms <= w->from_ms)
        return bad(r, "to", "must be later than `from`");
    if (w->to_ms - w->from_ms > (int64_t)DAYS_MAX * 86400000)
        return bad(r, "to", "is more than 400 days after `from`; take a shorter time");
    return true;
}

static bool read_told(struct request *r, struct simulate_wish *w)
{
    static const char *const words[] = { [SIMULATE_AS_RECORDED] = "recorded",
                                         [SIMULATE_ALL] = "all",
                                         [SIMULATE_NONE] = "none" };
    const char *told;
    if (!route_member_text(r, "told", &told))
        return false;
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (told != NULL && strcmp(told, words[i]) != 0)
            continue;
        w->told = (enum simulate_told)i;
        return true;
    }
    return bad(r, "told", "must be \"recorded\", \"all\" or \"none\"");
}

static bool amps(const json_t *json, int32_t *ret_ma)
{
    double value = json_number_value(json);
    if (!json_is_number(json) || !(value >= 0 && value <= LIMIT_MAX_A))
        return false;
    *ret_ma = (int32_t)lround(value * 1000);
    return true;
}

static bool amps3(const json_t *json, int32_t ret_ma[3])
{
    bool list = json_is_array(json) && json_array_size(json) == 3;
    for (size_t p = 0; p < 3; p++)
        if (!amps(list ? json_array_get(json, p) : json, &ret_ma[p]))
            return false;
    return true;
}

static bool read_limits(struct request *r, struct simulate_wish *w)
{
    const char *node;
    json_t *value, *limits = json_object_get(r->json, "limits");
    if (limits != NULL && !json_is_object(limits))
        return bad(r, "limits", "must be an object {\"NODE\": amperes}");
    json_object_foreach(limits, node, value)
    {
        if (w->n_limits == SIMULATE_LIMITS_MAX)
            return bad(r, "limits", "has too many nodes, at most 32");
        w->limit[w->n_limits].node = node;
        if (!amps3(value, w->limit[w->n_limits++].limit_ma))
            return bad(r, "limits", "must be amperes from 0 to 10000, or [L1, L2, L3]");
    }
    return true;
}

static bool read_wish(struct request *r, struct simulate_wish *w)
{
    static const char *const names[] = { "from", "to", "told", "limits" };
    *w = (struct simulate_wish){ .n_limits = 0 };
    return route_only_members(r, names, sizeof(names) / sizeof(names[0])) && read_times(r, w) &&
           read_told(r, w) && read_limits(r, w);
}

/* Checked by the route; read again here, so that nothing needs to be handed over. */
static enum store_rc produce(struct request *r, struct reader *db, struct export_sink sink)
{
    struct simulate_wish w;
    if (!read_wish(r, &w))
        return STORE_IO;
    return simulate_run(db, &w, sink, r->stream->text, sizeof(r->stream->text));
}

void route_grid_simulate(struct request *r)
{
    struct simulate_wish w;
    if (read_wish(r, &w))
        request_stream(r, NDJSON, produce, NULL);
}
