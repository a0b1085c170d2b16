/* Reservations: ask for a place, give it back, see what became of it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cmd/noxctl/call.h"
#include "cmd/noxctl/client.h"
#include "cmd/noxctl/commands.h"
#include "cmd/noxctl/filter.h"
#include "cmd/noxctl/instant.h"
#include "cmd/noxctl/member.h"
#include "cmd/noxctl/table.h"
#include "ocpp/wire/iso8601.h"
#include "ocpp/wire/text.h"

enum { FOR_STANDARD_S = 1800 };

static const struct table_column columns[] = {
    { "ID", "id", CELL_NUMBER, 0 },
    { "STATION", "station", CELL_TEXT, 0 },
    { "NO", "connector", CELL_NUMBER, 0 },
    { "TAG", "id_tag", CELL_TEXT, 0 },
    { "STATE", "state", CELL_STATUS, 0 },
    { "UNTIL", "expires_at", CELL_TIME, 0 },
    { "SESSION", "tx_id", CELL_NUMBER, TABLE_WIDE },
    { "WHO", "who", CELL_TEXT, TABLE_WIDE },
    { "NOTE", "note", CELL_TEXT, TABLE_WIDE | TABLE_CUT },
    { "", "parent", CELL_TEXT, TABLE_CSV },
    { "", "asked_at", CELL_TIME_S, TABLE_CSV },
    { "", "changed_at", CELL_TIME_S, TABLE_CSV },
    { "", "why", CELL_TEXT, TABLE_CSV },
};
static const struct table table = TABLE(columns);

static const struct table_column one_columns[] = {
    { "id", "id", CELL_NUMBER, 0 },
    { "station", "station", CELL_TEXT, 0 },
    { "connector", "connector", CELL_NUMBER, 0 },
    { "tag", "id_tag", CELL_TEXT, 0 },
    { "parent tag", "parent", CELL_TEXT, 0 },
    { "state", "state", CELL_STATUS, 0 },
    { "note", "note", CELL_TEXT, 0 },
    { "until", "expires_at", CELL_TIME_S, 0 },
    { "session", "tx_id", CELL_NUMBER, 0 },
    { "asked", "asked_at", CELL_TIME_S, 0 },
    { "last change", "changed_at", CELL_TIME_S, 0 },
    { "who", "who", CELL_TEXT, 0 },
    { "why", "why", CELL_TEXT, 0 },
};
static const struct table one_table = TABLE(one_columns);

/* --- looking --- */

static enum ctl_exit get_list(const struct ctl *ctl, const char *id, bool live, json_t **ret)
{
    static const char *const flags[] = { "station", "state", "limit" };
    struct client_answer answer;
    struct ocpp_text path;
    ocpp_text_init(&path);
    ocpp_text_append_str(&path, "/v1/reservations");
    for (size_t i = 0; i < ARRAY_SIZE(flags); i++)
        filter_query(&path, flags[i], ctl_flag(ctl, flags[i]));
    filter_query(&path, "id", id);
    filter_query(&path, "live", live ? "1" : NULL);
    client_ask(ctl, "GET", path.data, NULL, &answer);
    ocpp_text_done(&path);
    enum ctl_exit rc = answer.exit;
    if (rc != CTL_OK)
        ctl_fail(rc, "%s", answer.message);
    *ret = rc == CTL_OK ? json_incref(answer.json) : NULL;
    client_answer_done(&answer);
    return rc;
}

static enum ctl_exit run_list(struct ctl *ctl)
{
    json_t *answer;
    int64_t limit;
    bool live = !ctl_flag(ctl, "all") && !ctl_flag(ctl, "state");
    if (!ctl_flag_int(ctl, "limit", 1, 10000, 100, &limit))
        return CTL_USAGE;
    enum ctl_exit rc = get_list(ctl, NULL, live, &answer);
    if (rc == CTL_OK)
        rc = table_print(ctl, &table, answer,
                         live ? "No place is reserved; --all shows those that are over."
                              : "No reservations.");
    json_decref(answer);
    return rc;
}

static bool read_id(const char *text, int64_t *ret_id)
{
    if (ctl_parse_int(text, ret_id) && *ret_id >= 0 && *ret_id <= INT32_MAX)
        return true;
    ctl_fail(CTL_USAGE, "'%s' is no id of a reservation", text);
    return false;
}

static enum ctl_exit run_show(struct ctl *ctl)
{
    json_t *answer;
    int64_t id;
    if (!read_id(ctl->arg[0], &id))
        return CTL_USAGE;
    enum ctl_exit rc = get_list(ctl, ctl->arg[0], false, &answer);
    const json_t *newest = json_array_get(member_items(answer), 0);
    if (rc == CTL_OK && !newest)
        rc = ctl_fail(CTL_NOT_FOUND,
                      "there is no reservation %s; 'noxctl reservation list --all' shows them",
                      ctl->arg[0]);
    else if (rc == CTL_OK)
        rc = table_print_one(ctl, &one_table, newest);
    json_decref(answer);
    return rc;
}

/* --- asking for one --- */

/* By noxd's clock, which may be a simulated one. */
static enum ctl_exit end_of(const struct ctl *ctl, char ret_text[32])
{
    const char *until = ctl_flag(ctl, "until"), *text = ctl_flag(ctl, "for");
    int64_t now_ms, for_s = FOR_STANDARD_S;
    if (until && text)
        return ctl_fail(CTL_USAGE, "--until or --for, not both");
    if (until)
        return instant_read(ctl, "until", until, INSTANT_NEXT, ret_text) ? CTL_OK : CTL_USAGE;
    if (text && !instant_duration("for", text, 60, &for_s))
        return CTL_USAGE;
    enum ctl_exit rc = instant_now(ctl, &now_ms);
    if (rc == CTL_OK)
        ocpp_time_format(now_ms / 1000 * 1000 + for_s * 1000, ret_text);
    return rc;
}

static enum ctl_exit tell_created(const struct ctl *ctl, const json_t *answer)
{
    const char *status = member_text(answer, "payload.status");
    char until[CELL_TIME_SIZE];
    cell_time(member_time_ms(answer, "expires_at"), CELL_CLOCK_MINUTE, until);
    enum ctl_exit rc = call_verdict(member_at(answer, "payload"));
    if (ctl->output == CTL_JSON)
        ctl_print_json(ctl, answer);
    else if (rc == CTL_OK)
        printf("Reserved until %s, id %lld.\n", until, (long long)member_int(answer, "id"));
    if (rc != CTL_OK)
        ctl_fail(rc, "%s: the station says %s", ctl->arg[0], status);
    return rc;
}

static enum ctl_exit run_create(struct ctl *ctl)
{
    int64_t connector, id;
    char until[32];
    json_t *answer = NULL;
    if (!ctl_parse_int(ctl->arg[1], &connector) || connector < 0 || connector > INT32_MAX)
        return ctl_fail(CTL_USAGE, "'%s' is no connector; 0 is any of the station", ctl->arg[1]);
    if (!ctl_flag_int(ctl, "id", 1, INT32_MAX, 0, &id))
        return CTL_USAGE;
    enum ctl_exit rc = end_of(ctl, until);
    if (rc != CTL_OK)
        return rc;
    json_t *body = json_pack("{sssIssss}", "station", ctl->arg[0], "connector",
                             (json_int_t)connector, "id_tag", ctl->arg[2], "expires_at", until);
    int64_t timeout_s = ctl->timeout_ms / 1000;
    json_object_set_new(body, "timeout_s", json_integer(timeout_s < 600 ? timeout_s : 600));
    if (id > 0)
        json_object_set_new(body, "id", json_integer((json_int_t)id));
    if (ctl_flag(ctl, "parent"))
        json_object_set_new(body, "parent", json_string(ctl_flag(ctl, "parent")));
    struct ctl patient = *ctl; /* noxd tells that the station has not answered */
    patient.timeout_ms += 5000;
    rc = client_do(&patient, "POST", body, &answer, "/v1/reservations");
    json_decref(body);
    if (rc == CTL_OK)
        rc = tell_created(ctl, answer);
    json_decref(answer);
    return rc;
}

/* --- giving it back --- */

/* The station that holds it. @return NULL after a complaint */
static char *station_of(const struct ctl *ctl, const char *id, enum ctl_exit *ret_rc)
{
    json_t *answer;
    char *station = NULL;
    *ret_rc = get_list(ctl, id, true, &answer);
    const json_t *items = member_items(answer);
    if (*ret_rc == CTL_OK && json_array_size(items) == 1)
        station = strdup(member_text(json_array_get(items, 0), "station"));
    else if (*ret_rc == CTL_OK)
        *ret_rc = ctl_fail(json_array_size(items) ? CTL_CONFLICT : CTL_NOT_FOUND,
                           json_array_size(items)
                               ? "several stations hold a reservation %s; say which with --station"
                               : "no station holds a reservation %s as far as noxd knows; to send "
                                 "it all the same name the --station",
                           id);
    json_decref(answer);
    return station;
}

static enum ctl_exit run_cancel(struct ctl *ctl)
{
    int64_t id;
    enum ctl_exit rc = CTL_FAILED;
    if (!read_id(ctl->arg[0], &id))
        return CTL_USAGE;
    const char *named = ctl_flag(ctl, "station");
    char *station = named ? strdup(named) : station_of(ctl, ctl->arg[0], &rc);
    if (!station)
        return rc;
    struct ctl one = *ctl;
    const char *arg[] = { station, NULL };
    one.arg = arg;
    one.n_args = 1;
    rc = call_targets(&one, 1, "CancelReservation",
                      json_pack("{sI}", "reservationId", (json_int_t)id), NULL);
    free(station);
    return rc;
}

/* --- rows --- */

static const struct ctl_flag list_flags[] = {
    { "station", "STATION", 0, "only of this station" },
    { "state", "WORD", 0, "only in this state: active, used, expired, ..." },
    { "all", NULL, 0, "also those that are over" },
    { "limit", "N", 0, "at most the newest N (default 100)" },
};
static const struct ctl_flag station_flag[] = {
    { "station", "STATION", 0, "of this station" },
};
static const struct ctl_flag create_flags[] = {
    { "for", "SPAN", 0, "how long: 30m (default), 2h, 1d" },
    { "until", "TIME", 0, "until when: " INSTANT_NEXT_HELP },
    { "parent", "TAG", 0, "tags of this parent may use it, too (default: the tag's parent)" },
    { "id", "N", 0, "id (default: the next); one that is in use is replaced" },
};

static const struct ctl_command commands[] = {
    { .name = "reservation list",
      .args = "",
      .summary = "List the places that are reserved",
      .flags = list_flags,
      .n_flags = ARRAY_SIZE(list_flags),
      .examples = "reservation list\nreservation list --all --station DO-L0001",
      .run = run_list },
    { .name = "reservation show",
      .args = "ID",
      .summary = "Show one reservation and what became of it",
      .flags = station_flag,
      .n_flags = ARRAY_SIZE(station_flag),
      .examples = "reservation show 17",
      .run = run_show },
    { .name = "reservation create",
      .args = "STATION CONNECTOR IDTAG",
      .summary = "Reserve a connector for a tag (ReserveNow); connector 0 is any of the station",
      .flags = create_flags,
      .n_flags = ARRAY_SIZE(create_flags),
      .examples = "reservation create DO-L0001 1 04D001A7C3E137 --for 45m\n"
                  "reservation create DO-L0001 1 04D001A7C3E137 --until '2026-11-02 18:30'",
      .more = "Whether the place can be reserved is the station's word: Accepted, or Faulted, "
              "Occupied, Rejected, Unavailable (exit 8). A reservation ends when its tag (or one "
              "of the same parent) starts, by its time, by 'reservation cancel', or when the "
              "connector fails.",
      .run = run_create },
    { .name = "reservation cancel",
      .args = "ID",
      .summary = "Give a reserved place free (CancelReservation)",
      .flags = station_flag,
      .n_flags = ARRAY_SIZE(station_flag),
      .examples = "reservation cancel 17",
      .run = run_cancel },
};
const struct ctl_group ctl_group_reservation = { "Reservations", commands, ARRAY_SIZE(commands) };
