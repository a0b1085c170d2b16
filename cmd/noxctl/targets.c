#include "cmd/noxctl/targets.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/noxctl/member.h"
#include "cmd/noxctl/width.h"

enum { AT_ONCE = 64 };

bool targets_selected(const struct ctl *ctl)
{
    return ctl_flag(ctl, "all") || ctl_flag(ctl, "grid") || ctl_flag(ctl, "district");
}

enum ctl_exit targets_count(const struct ctl *ctl, size_t n_others, size_t *ret_n_names)
{
    bool selected = targets_selected(ctl);
    if (selected && ctl->n_args > n_others)
        return ctl_fail(CTL_USAGE,
                        "name stations, or choose them by --all, --grid or --district; "
                        "'%s' is one too many",
                        ctl->arg[0]);
    if (!selected && ctl->n_args <= n_others)
        return ctl_fail(CTL_USAGE, "which station? noxctl %s %s", ctl->command->name,
                        ctl->command->args);
    *ret_n_names = ctl->n_args - n_others;
    return CTL_OK;
}

/* --- who is meant --- */

/* Is the node, or one above it, the wanted one? */
static bool is_below(const json_t *nodes, const char *node, const char *wanted)
{
    for (size_t depth = 0; *node && depth <= json_array_size(nodes); depth++) {
        if (strcmp(node, wanted) == 0)
            return true;
        node = member_text(member_find(nodes, "id", node), "parent");
    }
    return false;
}

struct selection {
    const char *grid, *district; /* NULL = any */
    json_t *nodes;               /* answer of /v1/grid when grid is set */
};

static bool is_selected(const struct selection *by, const json_t *station)
{
    if (by->district && strcmp(member_text(station, "district"), by->district) != 0)
        return false;
    return !by->grid ||
           is_below(member_items(by->nodes), member_text(station, "grid_node"), by->grid);
}

static enum ctl_exit check_selection(const struct selection *by, const json_t *stations)
{
    if (by->grid && !member_find(member_items(by->nodes), "id", by->grid))
        return ctl_fail(CTL_NOT_FOUND, "the grid has no node '%s'; 'noxctl grid show' lists them",
                        by->grid);
    if (by->district && !member_find(stations, "district", by->district))
        return ctl_fail(CTL_NOT_FOUND,
                        "no station has the district '%s'; 'noxctl station list' shows them",
                        by->district);
    return CTL_OK;
}

static enum ctl_exit select_stations(const struct ctl *ctl, json_t *ids)
{
    struct selection by = { ctl_flag(ctl, "grid"), ctl_flag(ctl, "district"), NULL };
    json_t *answer = NULL;
    enum ctl_exit rc = client_get(ctl, &answer, "/v1/stations");
    if (rc == CTL_OK && by.grid)
        rc = client_get(ctl, &by.nodes, "/v1/grid");
    const json_t *stations = member_items(answer);
    if (rc == CTL_OK)
        rc = check_selection(&by, stations);
    for (size_t i = 0; rc == CTL_OK && i < json_array_size(stations); i++) {
        const json_t *station = json_array_get(stations, i);
        if (is_selected(&by, station))
            json_array_append_new(ids, json_string(member_text(station, "id")));
    }
    json_decref(by.nodes);
    json_decref(answer);
    return rc;
}

static enum ctl_exit choose(const struct ctl *ctl, size_t n_names, json_t *ids)
{
    enum ctl_exit rc = CTL_OK;
    if (targets_selected(ctl))
        rc = select_stations(ctl, ids);
    for (size_t i = 0; i < n_names; i++)
        json_array_append_new(ids, json_string(ctl->arg[i]));
    return rc;
}

static enum ctl_exit confirm(const struct ctl *ctl, const json_t *ids)
{
    size_t n = json_array_size(ids);
    bool needed = (ctl->command->traits & CTL_CONFIRM) ||
                  ((ctl->command->traits & CTL_CHANGES) && targets_selected(ctl) && n > 0);
    if (!needed || ctl_flag(ctl, "yes"))
        return CTL_OK;
    const char *first = json_string_value(json_array_get(ids, 0));
    if (n == 1)
        return ctl_fail(CTL_USAGE, "nothing done: '%s' for %s needs --yes", ctl->command->name,
                        first);
    return ctl_fail(CTL_USAGE, "nothing done: '%s' for %zu stations (%s, ...) needs --yes",
                    ctl->command->name, n, first);
}

enum ctl_exit targets_names(struct ctl *ctl, size_t n_names, json_t *names)
{
    enum ctl_exit rc = choose(ctl, n_names, names);
    return rc == CTL_OK ? confirm(ctl, names) : rc;
}

/* --- asking --- */

struct asking {
    struct ctl *ctl;
    const struct target_work *work;
    const json_t *ids;
    bool one;         /* a single station, named */
    size_t id_column; /* width of the longest name */
    json_t *items;
    size_t n_failed;
    enum ctl_exit last;
    struct http_call call[AT_ONCE]; /* of station i: i % AT_ONCE */
    struct client_answer answer[AT_ONCE];
};

static const char *id_at(const struct asking *a, size_t i)
{
    return json_string_value(json_array_get(a->ids, i));
}

static void send_one(struct asking *a, size_t i)
{
    struct http_call *call = &a->call[i % AT_ONCE];
    struct client_answer *answer = &a->answer[i % AT_ONCE];
    const struct target_work *work = a->work;
    *call = (struct http_call){ 0 };
    *answer = (struct client_answer){ 0 };
    json_t *made = NULL;
    if (work->make_body && !(made = work->make_body(work->arg, id_at(a, i), answer)))
        return;
    char *path = client_path(work->path, id_at(a, i));
    if (path)
        client_send(a->ctl, work->method, path, made ? made : work->body,
                    a->ctl->timeout_ms + work->spare_ms, call, answer);
    else
        answer->exit = CTL_FAILED;
    free(path);
    json_decref(made);
}

/* A word for the item's `result` when there is no answer to judge. */
static const char *result_word(const struct client_answer *answer)
{
    if (answer->ocpp_code[0])
        return answer->ocpp_code;
    if (answer->code[0])
        return answer->code;
    switch (answer->exit) {
    case CTL_TIMED_OUT:
        return "timed-out";
    case CTL_NOT_FOUND:
        return "not-found";
    case CTL_OFFLINE:
        return "station-offline";
    case CTL_UNREACHABLE:
        return "unreachable";
    default:
        return "failed";
    }
}

static json_t *item_of(struct asking *a, const char *id, const struct client_answer *answer,
                       enum ctl_exit *ret_exit)
{
    json_t *item = json_pack("{ss}", "station", id);
    bool asked = answer->exit != CTL_OK || answer->status != 0;
    *ret_exit = answer->exit;
    if (asked && answer->exit == CTL_OK)
        *ret_exit = a->work->judge(answer->json, item);
    else
        json_object_set_new(item, "result", json_string(result_word(answer)));
    json_object_set_new(item, "exit", json_integer(*ret_exit));
    if (!json_object_get(item, "message"))
        json_object_set_new(item, "message",
                            answer->message[0] ? json_string(answer->message) : json_null());
    return item;
}

/* For people, naming the station once. */
static void complain(const json_t *item, enum ctl_exit exit)
{
    const char *id = member_text(item, "station"), *message = member_text(item, "message");
    if (strstr(message, id))
        ctl_fail(exit, "%s", message);
    else
        ctl_fail(exit, "%s: %s", id, message);
}

static void print_line(const struct asking *a, const json_t *item, enum ctl_exit exit)
{
    struct ocpp_text out, cell;
    ocpp_text_init(&cell);
    const char *message = member_text(item, "message");
    if (a->one && *message) { /* nobody waits for a line in a list */
        complain(item, exit);
        return;
    }
    struct paint p = table_paint_begin(a->ctl, &out);
    p.columns = 0;
    paint_cell(&p, NULL, member_text(item, "station"), a->id_column, false);
    const json_t *line = exit == CTL_OK || !*message ? member_at(item, a->work->line) : NULL;
    cell_append(&cell, line ? line : member_at(item, "result"), CELL_STATUS);
    const char *color = exit == CTL_OK ? paint_color_of(cell.data) : PAINT_BAD;
    paint_format(&p, NULL, "  ");
    paint_text(&p, color, cell.data);
    if (*message)
        paint_format(&p, NULL, "  %s", message);
    paint_end(&p);
    table_paint_out(&p);
    ocpp_text_done(&cell);
    fflush(stdout);
}

static void tell(const struct asking *a, const json_t *item, enum ctl_exit exit)
{
    const char *message = member_text(item, "message");
    if (a->ctl->output != CTL_TABLE) {
        if (*message)
            complain(item, exit);
    } else if (a->one && exit == CTL_OK && a->work->show) {
        a->work->show(a->ctl, item);
    } else {
        print_line(a, item, exit);
    }
}

static void receive_one(struct asking *a, size_t i)
{
    struct http_call *call = &a->call[i % AT_ONCE];
    struct client_answer *answer = &a->answer[i % AT_ONCE];
    if (answer->exit == CTL_OK && call->stream)
        client_receive(a->ctl, call, answer);
    else
        http_call_done(call);
    enum ctl_exit exit;
    json_t *item = item_of(a, id_at(a, i), answer, &exit);
    client_answer_done(answer);
    tell(a, item, exit);
    a->n_failed += exit != CTL_OK;
    a->last = exit;
    json_array_append_new(a->items, item);
}

static void ask_all(struct asking *a)
{
    size_t n = json_array_size(a->ids), sent = 0;
    for (size_t i = 0; i < n; i++) {
        size_t width = width_of(id_at(a, i));
        a->id_column = width > a->id_column ? width : a->id_column;
    }
    for (size_t received = 0; received < n; received++) {
        while (sent < n && sent < received + AT_ONCE)
            send_one(a, sent++);
        receive_one(a, received);
    }
}

static void print_all(const struct asking *a)
{
    json_t *answer = json_pack("{sO}", "items", a->items);
    const json_t *only = json_array_get(a->items, 0);
    if (a->ctl->output == CTL_CSV) {
        table_print(a->ctl, a->work->table, answer, NULL);
    } else if (a->ctl->output == CTL_JSON && !a->one) {
        ctl_print_json(a->ctl, answer);
    } else if (a->ctl->output == CTL_JSON) {
        const json_t *single = a->work->single ? member_at(only, a->work->single) : only;
        if (single)
            ctl_print_json(a->ctl, single);
    }
    json_decref(answer);
}

static enum ctl_exit summary(const struct asking *a)
{
    size_t n = json_array_size(a->items);
    if (n == 1)
        return a->last;
    if (n == 0)
        ctl_note(a->ctl, "No station is chosen.");
    if (a->n_failed == 0)
        return CTL_OK;
    return ctl_fail(CTL_PARTIAL, "%zu of %zu stations failed", a->n_failed, n);
}

enum ctl_exit targets_run(struct ctl *ctl, size_t n_names, const struct target_work *work)
{
    json_t *ids = json_array();
    enum ctl_exit rc = choose(ctl, n_names, ids);
    if (rc == CTL_OK)
        rc = confirm(ctl, ids);
    struct asking *a = rc == CTL_OK ? calloc(1, sizeof(*a)) : NULL;
    if (a) {
        a->ctl = ctl;
        a->work = work;
        a->ids = ids;
        a->one = json_array_size(ids) == 1 && !targets_selected(ctl);
        a->items = json_array();
        ask_all(a);
        print_all(a);
        rc = summary(a);
        json_decref(a->items);
        free(a);
    }
    json_decref(ids);
    return rc;
}
