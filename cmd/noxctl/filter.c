#include "cmd/noxctl/filter.h"

#include <stdio.h>
#include <string.h>

#include "cmd/noxctl/client.h"
#include "cmd/noxctl/http.h"
#include "cmd/noxctl/member.h"
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

enum ctl_exit filter_known(const struct ctl *ctl, const char *flag, const json_t *answer,
                           const char *member, const char *what, const char *where)
{
    const char *wanted = ctl_flag(ctl, flag);
    if (!wanted || member_find(member_items(answer), member, wanted))
        return CTL_OK;
    return ctl_fail(CTL_NOT_FOUND, "--%s %s: there is no such %s; '%s' lists them", flag, wanted,
                    what, where);
}

/* A node without stations of its own is known, too. */
static enum ctl_exit node_is_known(const struct ctl *ctl)
{
    json_t *grid = NULL;
    enum ctl_exit rc = client_get(ctl, &grid, "/v1/grid");
    if (rc == CTL_OK)
        rc = filter_known(ctl, "grid", grid, "id", "grid node", "noxctl grid show");
    json_decref(grid);
    return rc;
}

enum ctl_exit filter_places(const struct ctl *ctl, const json_t *answer)
{
    enum ctl_exit rc =
        filter_known(ctl, "district", answer, "district", "district", "noxctl station list");
    if (rc == CTL_OK && ctl_flag(ctl, "grid") &&
        !member_find(member_items(answer), "grid_node", ctl_flag(ctl, "grid")))
        rc = node_is_known(ctl);
    return rc;
}

void filter_query(struct ocpp_text *path, const char *name, const char *value)
{
    if (!value)
        return;
    ocpp_text_append_format(path, "%c%s=", strchr(path->data, '?') ? '&' : '?', name);
    http_append_escaped(path, value);
}

/* Read exactly n digits and then, unless it is '\0', the sign behind them. */
static bool read_digits(const char **p, int n, char behind, int *ret_value)
{
    int value = 0;
    for (int i = 0; i < n; i++, (*p)++) {
        if (**p < '0' || **p > '9')
            return false;
        value = value * 10 + (**p - '0');
    }
    *ret_value = value;
    if (behind != '\0' && *(*p)++ != behind)
        return false;
    return true;
}

bool filter_month(const char *text)
{
    int year, month;
    const char *p = text;
    bool good = read_digits(&p, 4, '-', &year) && read_digits(&p, 2, '\0', &month) && *p == '\0' &&
                month >= 1 && month <= 12;
    if (!good)
        ctl_fail(CTL_USAGE, "'%s' is no month; write it like 2026-10", text);
    return good;
}
