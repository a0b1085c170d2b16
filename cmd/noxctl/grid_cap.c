#include "cmd/noxctl/grid_cap.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/noxctl/client.h"
#include "cmd/noxctl/instant.h"
#include "cmd/noxctl/member.h"
#include "cmd/noxctl/table.h"
#include "ocpp/wire/iso8601.h"

/* --- words --- */

static json_t *number_of_tenths(int64_t tenths)
{
    return tenths % 10 ? json_real((double)tenths / 10) : json_integer((json_int_t)tenths / 10);
}

json_t *grid_amps(const char *flag, const char *text)
{
    char part[3][32];
    json_t *list = json_array();
    int n = sscanf(text, "%31[^,],%31[^,],%31[^,]", part[0], part[1], part[2]);
    size_t commas = 0;
    for (const char *c = text; *c != '\0'; c++)
        commas += *c == ',';
    for (int i = 0; i < n; i++) {
        int64_t tenths;
        if (ctl_parse_tenths(part[i], &tenths))
            json_array_append_new(list, number_of_tenths(tenths));
    }
    if ((n == 1 || n == 3) && (size_t)n == commas + 1 && json_array_size(list) == (size_t)n) {
        json_t *value = n == 1 ? json_incref(json_array_get(list, 0)) : json_incref(list);
        json_decref(list);
        return value;
    }
    json_decref(list);
    ctl_fail(CTL_USAGE, "--%s %s: amperes are needed, one number for all phases or three: 40,40,32",
             flag, text);
    return NULL;
}

static void put_time(json_t *body, const char *member, int64_t at_ms)
{
    char text[32];
    ocpp_time_format(at_ms, text);
    json_object_set_new(body, member, json_string(text));
}

/* A time of day without a date is, for the end, the next after the beginning. */
static enum ctl_exit read_span(const struct ctl *ctl, json_t *body)
{
    const char *from = ctl_flag(ctl, "from"), *until = ctl_flag(ctl, "until");
    const char *length = ctl_flag(ctl, "for");
    int64_t for_s, now_ms, from_ms, until_ms;
    if ((until != NULL) == (length != NULL))
        return ctl_fail(CTL_USAGE, "a cap has an end: --until TIME, or --for 2h");
    enum ctl_exit rc = instant_now(ctl, &now_ms);
    if (rc != CTL_OK)
        return rc;
    from_ms = now_ms / 1000 * 1000;
    if (from != NULL && !instant_read_from("from", from, INSTANT_NEXT, now_ms, now_ms, &from_ms))
        return CTL_USAGE;
    if (length != NULL) {
        if (!instant_duration("for", length, 60, &for_s))
            return CTL_USAGE;
        until_ms = from_ms + for_s * 1000;
    } else if (!instant_read_from("until", until, INSTANT_NEXT, now_ms, from_ms, &until_ms)) {
        return CTL_USAGE;
    }
    if (from != NULL)
        put_time(body, "from", from_ms);
    put_time(body, "until", until_ms);
    return CTL_OK;
}

static enum ctl_exit read_limit(const struct ctl *ctl, json_t *body)
{
    const char *amps = ctl_flag(ctl, "amps"), *kw = ctl_flag(ctl, "kw");
    bool by_law = ctl_flag(ctl, "section-14a") != NULL;
    if ((amps != NULL) + (kw != NULL) + by_law != 1)
        return ctl_fail(CTL_USAGE, "name one of --amps A[,B,C], --kw KW, --section-14a");
    if (amps != NULL) {
        json_t *value = grid_amps("amps", amps);
        if (value == NULL)
            return CTL_USAGE;
        json_object_set_new(body, "limit_a", value);
    } else if (kw != NULL) {
        char *end;
        double value = strtod(kw, &end);
        if (*kw == '\0' || *end != '\0' || !(value >= 0))
            return ctl_fail(CTL_USAGE, "--kw %s: kilowatts of all three phases are needed", kw);
        json_object_set_new(body, "kw", json_real(value));
    } else {
        json_object_set_new(body, "section_14a", json_true());
    }
    return CTL_OK;
}

/* --- grid cap --- */

static void tell_outlook(const json_t *answer)
{
    char by[CELL_TIME_SIZE], latest[CELL_TIME_SIZE];
    bool at_the_latest = member_at(answer, "at_the_latest") != NULL;
    long long points = (long long)member_int(answer, "n_points");
    long long offline = (long long)member_int(answer, "n_offline");
    cell_time(member_time_ms(answer, "below_by"), CELL_CLOCK_SECOND, by);
    cell_time(member_time_ms(answer, "at_the_latest"), CELL_CLOCK_SECOND, latest);
    if (member_true(answer, "fits_now"))
        puts("All that may be drawn there is below it already.");
    else if (member_at(answer, "below_by"))
        printf("The last lamp is expected below it by %s, %s%s.\n", by,
               at_the_latest ? "whatever is lost by "
                             : "lamps with limits that do not end must be in reach",
               at_the_latest ? latest : "");
    if (offline > 0 && !member_true(answer, "fits_now"))
        printf("%lld of %lld lamps are offline: each keeps what it has until its lease ends.\n",
               offline, points);
    if (!member_at(answer, "below_by"))
        fputs("warning: what stays when all leases have ended (safe currents, lamps without load "
              "management)\n  is above it: lower safe_a ('noxctl apply -f FILE') or switch lamps "
              "off\n",
              stderr);
    if (json_is_false(member_at(answer, "holds")))
        fprintf(
            stderr,
            "warning: it holds only while the lamps are online: %s\n  'noxctl grid prove' lists "
            "where and who.\n",
            member_text(answer, "text"));
}

static void tell_cap(const struct ctl *ctl, const json_t *answer)
{
    char from[CELL_TIME_SIZE], until[CELL_TIME_SIZE];
    struct ocpp_text amps;
    bool planned = strcmp(member_text(answer, "state"), "planned") == 0;
    cell_time(member_time_ms(answer, "from"), CELL_CLOCK_MINUTE, from);
    cell_time(member_time_ms(answer, "until"), CELL_CLOCK_MINUTE, until);
    ocpp_text_init(&amps);
    cell_append(&amps, member_at(answer, "limit_a"), CELL_AMPS3);
    printf("Cap %lld on %s: at most %s A per phase (%s)\n  %s%s, until %s.\n",
           (long long)member_int(answer, "id"), ctl->arg[0], amps.data, member_text(answer, "said"),
           planned ? "from " : "in force now", planned ? from : "", until);
    ocpp_text_done(&amps);
    tell_outlook(answer);
}

enum ctl_exit grid_cap_run(struct ctl *ctl)
{
    json_t *body = json_object(), *answer = NULL;
    enum ctl_exit rc = read_limit(ctl, body);
    if (rc == CTL_OK)
        rc = read_span(ctl, body);
    if (rc == CTL_OK && ctl_flag(ctl, "reason"))
        json_object_set_new(body, "reason", json_string(ctl_flag(ctl, "reason")));
    if (rc == CTL_OK)
        rc = client_do(ctl, "POST", body, &answer, "/v1/grid/%s/cap", ctl->arg[0]);
    if (rc == CTL_OK && ctl->output == CTL_JSON)
        rc = ctl_print_json(ctl, answer);
    else if (rc == CTL_OK)
        tell_cap(ctl, answer);
    json_decref(answer);
    json_decref(body);
    return rc;
}

/* --- grid caps, grid uncap --- */

static const struct table_column caps_columns[] = {
    { "ID", "id", CELL_NUMBER, 0 },
    { "NODE", "node", CELL_TEXT, TABLE_CUT },
    { "STATE", "state", CELL_STATUS, 0 },
    { "LIMIT", "limit_a", CELL_AMPS3, 0 },
    { "FROM", "from", CELL_TIME, 0 },
    { "UNTIL", "until", CELL_TIME, 0 },
    { "SAID", "said", CELL_TEXT, TABLE_WIDE | TABLE_CUT },
    { "WHO", "who", CELL_TEXT, TABLE_WIDE },
    { "REASON", "reason", CELL_TEXT, TABLE_WIDE | TABLE_CUT },
    { "", "asked_at", CELL_TIME_S, TABLE_CSV },
    { "", "began_at", CELL_TIME_S, TABLE_CSV },
    { "", "ended_at", CELL_TIME_S, TABLE_CSV },
    { "", "ended_by", CELL_TEXT, TABLE_CSV },
};
static const struct table caps_table = TABLE(caps_columns);

enum ctl_exit grid_caps_run(struct ctl *ctl)
{
    json_t *answer = NULL;
    bool all = ctl_flag(ctl, "all") != NULL;
    enum ctl_exit rc = client_get(ctl, &answer, all ? "/v1/grid/caps?all=1" : "/v1/grid/caps");
    if (rc == CTL_OK)
        rc = table_print(ctl, &caps_table, answer,
                         all ? "No caps were ever set."
                             : "No caps; --all shows those that have ended.");
    json_decref(answer);
    return rc;
}

enum ctl_exit grid_uncap_run(struct ctl *ctl)
{
    json_t *answer = NULL;
    int64_t id;
    if (!ctl_parse_int(ctl->arg[0], &id) || id < 1)
        return ctl_fail(CTL_USAGE, "'%s' is no id of a cap; 'noxctl grid caps' shows them",
                        ctl->arg[0]);
    enum ctl_exit rc = client_do(ctl, "DELETE", NULL, &answer, "/v1/grid/caps/%s", ctl->arg[0]);
    if (rc == CTL_OK && ctl->output == CTL_JSON)
        rc = ctl_print_json(ctl, answer);
    else if (rc == CTL_OK)
        printf("Cap %s was taken back.\n", ctl->arg[0]);
    json_decref(answer);
    return rc;
}

/* --- grid meter --- */

static const struct table_column meter_columns[] = {
    { "node", "node", CELL_TEXT, 0 },
    { "reading, A", "reading_a", CELL_AMPS3, 0 },
    { "taken at", "at", CELL_TIME_S, 0 },
    { "age", "age_s", CELL_SECONDS, 0 },
    { "silent", "silent", CELL_YES_NO, 0 },
    { "silent after", "silent_after_s", CELL_SECONDS, 0 },
    { "guard, A", "guard_a", CELL_AMPS3, 0 },
    { "assumed when silent, A", "silent_a", CELL_AMPS3, 0 },
    { "includes charging", "includes_charging", CELL_YES_NO, 0 },
    { "device", "device", CELL_TEXT, 0 },
    { "counts now, A", "foreign_a", CELL_AMPS3, 0 },
    { "because", "foreign_why", CELL_TEXT, 0 },
};
static const struct table meter_table = TABLE(meter_columns);

static enum ctl_exit show_meter(const struct ctl *ctl)
{
    json_t *grid = NULL;
    enum ctl_exit rc = client_get(ctl, &grid, "/v1/grid");
    const json_t *node = member_find(member_items(grid), "id", ctl->arg[0]);
    const json_t *meter = member_at(node, "meter");
    if (rc == CTL_OK && !node)
        rc = ctl_fail(CTL_NOT_FOUND, "the grid has no node '%s'; 'noxctl grid show' lists them",
                      ctl->arg[0]);
    else if (rc == CTL_OK && !meter)
        rc = ctl_fail(CTL_NOT_FOUND,
                      "%s has no meter; give it one in the list `grid` of an apply file: "
                      "\"meter\": {\"guard_a\": 6, \"silent_a\": 40}",
                      ctl->arg[0]);
    if (rc == CTL_OK) {
        static const char *const more[] = { "foreign_a", "foreign_why" };
        json_t *row = json_copy((json_t *)meter);
        json_object_set_new(row, "node", json_string(ctl->arg[0]));
        for (size_t i = 0; i < ARRAY_SIZE(more); i++)
            json_object_set(row, more[i], json_object_get(node, more[i]));
        rc = table_print_one(ctl, &meter_table, row);
        json_decref(row);
    }
    json_decref(grid);
    return rc;
}

static enum ctl_exit feed_meter(const struct ctl *ctl)
{
    const char *at = ctl_flag(ctl, "at");
    char utc[32];
    json_t *answer = NULL, *amps = grid_amps("amps", ctl_flag(ctl, "amps"));
    if (amps == NULL)
        return CTL_USAGE;
    json_t *list = json_is_array(amps) ? json_incref(amps) : json_pack("[OOO]", amps, amps, amps);
    json_t *body = json_pack("{so}", "a_per_phase", list);
    json_decref(amps);
    enum ctl_exit rc =
        at == NULL || instant_read(ctl, "at", at, INSTANT_LAST, utc) ? CTL_OK : CTL_USAGE;
    if (rc == CTL_OK && at != NULL)
        json_object_set_new(body, "at", json_string(utc));
    if (rc == CTL_OK)
        rc = client_do(ctl, "POST", body, &answer, "/v1/grid/%s/meter", ctl->arg[0]);
    if (rc == CTL_OK && ctl->output == CTL_JSON) {
        rc = ctl_print_json(ctl, answer);
    } else if (rc == CTL_OK) {
        struct ocpp_text text;
        ocpp_text_init(&text);
        cell_append(&text, member_at(answer, "foreign_a"), CELL_AMPS3);
        printf("%s: %s; other load counts as %s A (%s).\n", ctl->arg[0],
               member_true(answer, "taken") ? "taken" : member_text(answer, "why"), text.data,
               member_text(answer, "foreign_why"));
        ocpp_text_done(&text);
    }
    json_decref(answer);
    json_decref(body);
    return rc;
}

enum ctl_exit grid_meter_run(struct ctl *ctl)
{
    return ctl_flag(ctl, "amps") ? feed_meter(ctl) : show_meter(ctl);
}
