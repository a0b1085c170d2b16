/* Events: the list, and following them as they come. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cmd/noxctl/client.h"
#include "cmd/noxctl/commands.h"
#include "cmd/noxctl/filter.h"
#include "cmd/noxctl/member.h"
#include "cmd/noxctl/table.h"
#include "ocpp/wire/text.h"

enum { WAIT_S = 25, FIRST_EVENTS = 10 };

static const struct table_column columns[] = {
    { "AT", "at", CELL_TIME_S, 0 },
    { "SEVERITY", "severity", CELL_STATUS, 0 },
    { "EVENT", "name", CELL_TEXT, 0 },
    { "STATION", "station", CELL_TEXT, 0 },
    { "NO", "connector", CELL_NUMBER, TABLE_WIDE },
    { "TEXT", "text", CELL_TEXT, TABLE_WRAP },
    { "", "seq", CELL_NUMBER, TABLE_CSV },
};
static const struct table table = TABLE(columns);

static bool severity_is_known(const char *severity)
{
    static const char *const known[] = { "info", "warning", "alarm" };
    for (size_t i = 0; i < ARRAY_SIZE(known); i++)
        if (!severity || strcmp(known[i], severity) == 0)
            return true;
    ctl_fail(CTL_USAGE, "--severity %s: it is info, warning or alarm", severity);
    return false;
}

/* Path with the chosen filters; the caller adds after, limit, wait_s. */
static void begin_path(const struct ctl *ctl, struct ocpp_text *path)
{
    static const char *const flags[] = { "station", "name", "severity" };
    ocpp_text_reset(path);
    ocpp_text_append_str(path, "/v1/events");
    for (size_t i = 0; i < ARRAY_SIZE(flags); i++)
        filter_query(path, flags[i], ctl_flag(ctl, flags[i]));
}

static void add_number(struct ocpp_text *path, const char *name, int64_t value)
{
    char text[24];
    snprintf(text, sizeof(text), "%" PRId64, value);
    filter_query(path, name, text);
}

static enum ctl_exit run_list(struct ctl *ctl)
{
    int64_t limit, after;
    if (!severity_is_known(ctl_flag(ctl, "severity")) ||
        !ctl_flag_int(ctl, "limit", 1, 1000000, 50, &limit) ||
        !ctl_flag_int(ctl, "after", 0, INT64_MAX, 0, &after))
        return CTL_USAGE;
    struct ocpp_text path;
    ocpp_text_init(&path);
    begin_path(ctl, &path);
    add_number(&path, "limit", limit);
    if (ctl_flag(ctl, "after"))
        add_number(&path, "after", after);
    struct client_answer answer;
    client_ask(ctl, "GET", path.data, NULL, &answer);
    enum ctl_exit rc = answer.exit;
    if (rc == CTL_OK)
        rc = table_print(ctl, &table, answer.json, "No events.");
    else
        ctl_fail(rc, "%s", answer.message);
    client_answer_done(&answer);
    ocpp_text_done(&path);
    return rc;
}

/* --- follow --- */

static bool print_json_line(const json_t *event)
{
    return json_dumpf(event, stdout, JSON_COMPACT) == 0 && putchar('\n') != EOF;
}

static void paint_event(struct paint *p, const json_t *event)
{
    char at[CELL_TIME_SIZE];
    const char *severity = member_text(event, "severity"), *station = member_text(event, "station");
    cell_time(member_time_ms(event, "at"), CELL_CLOCK_SECOND, at);
    paint_format(p, PAINT_DIM, "%s", at);
    paint_format(p, NULL, "  ");
    paint_cell(p, paint_color_of(severity), severity, 7, false);
    paint_format(p, NULL, "  %s", member_text(event, "name"));
    if (*station)
        paint_format(p, PAINT_NOTE, "  %s", station);
    paint_format(p, NULL, "  %s", member_text(event, "text"));
    paint_end(p);
}

static bool print_events(const struct ctl *ctl, const json_t *items, bool heading)
{
    bool good = true;
    struct ocpp_text out;
    struct paint p = table_paint_begin(ctl, &out);
    p.columns = 0; /* a log is not cut */
    if (ctl->output == CTL_CSV) {
        table_append_csv(&out, &table, items);
        const char *rows = heading ? out.data : strchr(out.data, '\n') + 1;
        good = fputs(rows, stdout) != EOF;
        ocpp_text_done(&out);
        return fflush(stdout) == 0 && good;
    }
    for (size_t i = 0; i < json_array_size(items); i++) {
        if (ctl->output == CTL_JSON)
            good = good && print_json_line(json_array_get(items, i));
        else
            paint_event(&p, json_array_get(items, i));
    }
    good = table_paint_out(&p) == CTL_OK && good;
    return fflush(stdout) == 0 && good;
}

/* The number to ask from next time; events only ever get higher ones. */
static int64_t last_seq(const json_t *answer, int64_t before)
{
    int64_t last = member_int(answer, "last_seq");
    const json_t *items = member_items(answer);
    for (size_t i = 0; i < json_array_size(items); i++) {
        int64_t seq = member_int(json_array_get(items, i), "seq");
        last = seq > last ? seq : last;
    }
    return last > before ? last : before;
}

struct follow {
    struct ctl ctl;
    int64_t after; /* -1 = not known yet */
    int64_t first; /* how many old ones to begin with */
    bool lost;     /* noxd does not answer at present */
    bool heading;  /* the CSV heading is still to come */
};

static enum ctl_exit ask(struct follow *f, struct client_answer *ret)
{
    struct ocpp_text path;
    ocpp_text_init(&path);
    begin_path(&f->ctl, &path);
    if (f->after < 0) {
        add_number(&path, "limit", f->first > 0 ? f->first : 1);
    } else {
        add_number(&path, "after", f->after);
        add_number(&path, "wait_s", WAIT_S);
    }
    client_ask(&f->ctl, "GET", path.data, NULL, ret);
    ocpp_text_done(&path);
    return ret->exit;
}

static bool take_answer(struct follow *f, const json_t *answer)
{
    bool skip = f->after < 0 && f->first == 0;
    bool good = true;
    if (!skip)
        good = print_events(&f->ctl, member_items(answer), f->heading);
    f->heading = f->heading && skip;
    f->after = last_seq(answer, f->after < 0 ? 0 : f->after);
    if (f->lost)
        ctl_note(&f->ctl, "noxd answers again.");
    f->lost = false;
    return good;
}

/* @return CTL_OK to go on: noxd restarts, or there was no news in time */
static enum ctl_exit take_trouble(struct follow *f, const struct client_answer *answer)
{
    bool waits = answer->exit == CTL_UNREACHABLE || answer->exit == CTL_TIMED_OUT ||
                 (answer->exit == CTL_FAILED && (answer->status == 0 || answer->status == 503));
    if (f->after < 0 || !waits)
        return ctl_fail(answer->exit, "%s", answer->message);
    if (!f->lost && answer->exit != CTL_TIMED_OUT)
        ctl_note(&f->ctl, "%s; waiting for it", answer->message);
    f->lost = f->lost || answer->exit != CTL_TIMED_OUT;
    nanosleep(&(struct timespec){ .tv_sec = 1 }, NULL);
    return CTL_OK;
}

static enum ctl_exit run_follow(struct ctl *ctl)
{
    struct follow f = { .ctl = *ctl, .after = -1, .heading = true };
    if (!severity_is_known(ctl_flag(ctl, "severity")) ||
        !ctl_flag_int(ctl, "limit", 0, 1000000, FIRST_EVENTS, &f.first))
        return CTL_USAGE;
    f.ctl.timeout_ms = (int64_t)(WAIT_S + 10) * 1000;
    for (;;) {
        struct client_answer answer;
        enum ctl_exit rc = ask(&f, &answer);
        bool good = true;
        if (rc == CTL_OK)
            good = take_answer(&f, answer.json);
        else
            rc = take_trouble(&f, &answer);
        client_answer_done(&answer);
        if (rc != CTL_OK || !good)
            return good ? rc : CTL_FAILED;
    }
}

static const struct ctl_flag list_flags[] = {
    { "station", "STATION", 0, "only about this station" },
    { "name", "NAME", 0, "only with this name: station.boot" },
    { "severity", "WORD", 0, "only info, warning or alarm" },
    { "limit", "N", 0, "at most the last N (default 50)" },
    { "after", "SEQ", 0, "only with a higher number" },
};
static const struct ctl_flag follow_flags[] = {
    { "station", "STATION", 0, "only about this station" },
    { "name", "NAME", 0, "only with this name: station.boot" },
    { "severity", "WORD", 0, "only info, warning or alarm" },
    { "limit", "N", 0, "begin with the last N (default 10)" },
};

static const struct ctl_command commands[] = {
    { .name = "event list",
      .args = "",
      .summary = "List the last events, oldest first",
      .flags = list_flags,
      .n_flags = ARRAY_SIZE(list_flags),
      .examples = "event list --station DO-L0001\nevent list --severity alarm",
      .run = run_list },
    { .name = "event follow",
      .args = "",
      .summary = "Print events as they come; waits when noxd restarts",
      .flags = follow_flags,
      .n_flags = ARRAY_SIZE(follow_flags),
      .examples = "event follow\nevent follow -o json | jq -c 'select(.severity==\"alarm\")'",
      .run = run_follow },
};
const struct ctl_group ctl_group_event = { "Events", commands, ARRAY_SIZE(commands) };
