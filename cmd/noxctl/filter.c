#include "cmd/noxctl/filter.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "cmd/noxctl/http.h"
#include "cmd/noxctl/member.h"
#include "ocpp/wire/iso8601.h"
#include "ocpp/wire/text.h"

void filter_items(const struct ctl *ctl, json_t *answer,
                  bool (*is_wanted)(const struct ctl *ctl, const json_t *item))
{
    json_t *items = json_is_array(answer) ? answer : json_object_get(answer, "items");
    for (size_t i = json_array_size(items); i > 0; i--)
        if (!is_wanted(ctl, json_array_get(items, i - 1)))
            json_array_remove(items, i - 1);
}

bool filter_text(const struct ctl *ctl, const char *flag, const json_t *item, const char *member)
{
    const char *wanted = ctl_flag(ctl, flag);
    return !wanted || strcmp(wanted, member_text(item, member)) == 0;
}

void filter_query(struct ocpp_text *path, const char *name, const char *value)
{
    if (!value)
        return;
    ocpp_text_append_format(path, "%c%s=", strchr(path->data, '?') ? '&' : '?', name);
    http_append_escaped(path, value);
}

/* "2026-10-24" or "2026-10-24 20:15[:00]" in local time. */
static bool parse_local(const char *text, int64_t *ret_utc_ms)
{
    int y, mo, d, h = 0, mi = 0, s = 0, used = 0;
    if (sscanf(text, "%4d-%2d-%2d%n", &y, &mo, &d, &used) != 3)
        return false;
    if (text[used] == ' ' || text[used] == 'T') {
        const char *rest = text + used + 1;
        int more = 0;
        if (sscanf(rest, "%2d:%2d%n:%2d%n", &h, &mi, &more, &s, &more) < 2)
            return false;
        used += 1 + more;
    }
    if (text[used] != '\0' || mo < 1 || mo > 12 || d < 1 || d > 31 || h > 23 || mi > 59 || s > 60)
        return false;
    struct tm local = { .tm_year = y - 1900,
                        .tm_mon = mo - 1,
                        .tm_mday = d,
                        .tm_hour = h,
                        .tm_min = mi,
                        .tm_sec = s,
                        .tm_isdst = -1 };
    time_t at = mktime(&local);
    *ret_utc_ms = (int64_t)at * 1000;
    return at != (time_t)-1;
}

bool filter_time(const char *flag, const char *text, char ret_utc[32])
{
    int64_t at_ms;
    bool zone = false;
    if (!(ocpp_time_parse(text, &at_ms, &zone) && zone) && !parse_local(text, &at_ms)) {
        ctl_fail(CTL_USAGE,
                 "--%s %s: a time is needed, 2026-10-24, '2026-10-24 20:15' (local) or "
                 "2026-10-24T18:15:00Z",
                 flag, text);
        return false;
    }
    ocpp_time_format(at_ms, ret_utc);
    return true;
}

bool filter_month(const char *text)
{
    int year, month, used = 0;
    bool good = sscanf(text, "%4d-%2d%n", &year, &month, &used) == 2 && used == 7 &&
                text[7] == '\0' && month >= 1 && month <= 12;
    if (!good)
        ctl_fail(CTL_USAGE, "'%s' is no month; write it like 2026-10", text);
    return good;
}
