/* Doctor: what is wrong, in plain words, with the next command to type. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cmd/noxctl/cell.h"
#include "cmd/noxctl/client.h"
#include "cmd/noxctl/commands.h"
#include "cmd/noxctl/member.h"
#include "cmd/noxctl/table.h"
#include "cmd/noxctl/width.h"

enum { INDENT = 10 };

/* --- findings --- */

static const char *color_of(const char *severity)
{
    return strcmp(severity, "bad") == 0       ? PAINT_BAD
           : strcmp(severity, "warning") == 0 ? PAINT_CARE
                                              : PAINT_DIM;
}

/* A text on as many lines as it needs, behind what stands at the left of the first. */
static void paint_wrapped(struct paint *p, const char *text)
{
    size_t width = p->columns > INDENT + 20 ? p->columns - INDENT : 0;
    while (*text != '\0') {
        char line[1000];
        size_t n = width > 0 ? width_line(text, width) : strlen(text);
        snprintf(line, sizeof(line), "%.*s", (int)(n < sizeof(line) ? n : sizeof(line) - 1), text);
        paint_to(p, INDENT);
        paint_text(p, NULL, line);
        paint_end(p);
        text += n;
        text += strspn(text, " ");
    }
}

static void paint_findings(struct paint *p, const json_t *findings)
{
    size_t i;
    const json_t *item;
    json_array_foreach((json_t *)findings, i, item)
    {
        const char *severity = member_text(item, "severity");
        paint_cell(p, color_of(severity), severity, INDENT - 1, false);
        paint_wrapped(p, member_text(item, "text"));
        if (*member_text(item, "next") != '\0') {
            paint_to(p, INDENT);
            paint_format(p, PAINT_NOTE, "-> %s", member_text(item, "next"));
            paint_end(p);
        }
    }
}

/* --- one station --- */

static const struct table_column fact_columns[] = {
    { "online", "online", CELL_YES_NO, 0 },
    { "path", "path", CELL_TEXT, 0 },
    { "subprotocol", "subprotocol", CELL_TEXT, 0 },
    { "transport", "transport", CELL_TEXT, 0 },
    { "TLS", "tls_version", CELL_TEXT, 0 },
    { "suite", "tls_suite", CELL_TEXT, 0 },
    { "our certificate", "server_certificate", CELL_TEXT, 0 },
    { "  valid until", "server_certificate_until", CELL_TIME, 0 },
    { "its certificate", "client_certificate", CELL_TEXT, 0 },
    { "  valid until", "client_certificate_until", CELL_TIME, 0 },
    { "ping [ms]", "ping_ms", CELL_NUMBER, 0 },
    { "address", "address", CELL_TEXT, 0 },
    { "connected", "connected_at", CELL_TIME_S, 0 },
    { "last heard", "seen_at", CELL_TIME_S, 0 },
    { "booted", "booted_at", CELL_TIME_S, 0 },
    { "boots in 24 h", "boots_24h", CELL_NUMBER, 0 },
    { "security profile", "security_profile", CELL_NUMBER, 0 },
    { "has a key", "has_key", CELL_YES_NO, 0 },
    { "registration", "registration", CELL_STATUS, 0 },
    { "clock off by", "clock_skew_ms", CELL_MS, 0 },
    { "vendor", "vendor", CELL_TEXT, 0 },
    { "model", "model", CELL_TEXT, 0 },
    { "firmware", "firmware", CELL_TEXT, 0 },
    { "deviations", "violations", CELL_NUMBER, 0 },
    { "open requests", "open_calls", CELL_NUMBER, 0 },
    { "not answered, 24 h", "timeouts_24h", CELL_NUMBER, 0 },
    { "reservations", "reservations", CELL_NUMBER, 0 },
};

/* Only what is known: a station that is away has no TLS. */
static void paint_facts(struct paint *p, const json_t *facts)
{
    for (size_t i = 0; i < ARRAY_SIZE(fact_columns); i++) {
        const struct table one = { &fact_columns[i], 1 };
        if (member_at(facts, fact_columns[i].member) != NULL)
            table_paint_one(p, &one, facts);
    }
}

static const struct table_column connection_columns[] = {
    { "CONNECTED", "opened_at", CELL_TIME_S, 0 }, { "FOR", "seconds", CELL_SECONDS, 0 },
    { "ADDRESS", "address", CELL_TEXT, 0 },       { "BY", "transport", CELL_TEXT, TABLE_WIDE },
    { "CODE", "code", CELL_NUMBER, 0 },           { "ENDED", "ended", CELL_TEXT, TABLE_WRAP },
};
static const struct table connection_table = TABLE(connection_columns);

static const struct table_column finding_columns[] = {
    { "SEVERITY", "severity", CELL_TEXT, 0 },
    { "CODE", "code", CELL_TEXT, 0 },
    { "TEXT", "text", CELL_TEXT, 0 },
    { "NEXT", "next", CELL_TEXT, 0 },
};
static const struct table finding_table = TABLE(finding_columns); /* of -o csv */

static enum ctl_exit one_station(struct ctl *ctl)
{
    json_t *answer = NULL;
    enum ctl_exit rc = client_get(ctl, &answer, "/v1/stations/%s/doctor", ctl->arg[0]);
    if (rc != CTL_OK)
        return rc;
    bool healthy = member_true(answer, "healthy");
    if (ctl->output == CTL_JSON) {
        rc = ctl_print_json(ctl, answer);
    } else if (ctl->output == CTL_CSV) {
        json_t *list = json_pack("{sO}", "items", member_at(answer, "findings"));
        rc = table_print(ctl, &finding_table, list, NULL);
        json_decref(list);
    } else {
        struct ocpp_text out;
        struct paint p = table_paint_begin(ctl, &out);
        paint_format(&p, PAINT_HEAD, "%s: ", member_text(answer, "station"));
        paint_text(&p, healthy ? PAINT_GOOD : PAINT_BAD,
                   healthy ? "healthy" : "something is wrong, the worst first");
        paint_end(&p);
        paint_findings(&p, member_at(answer, "findings"));
        paint_end(&p);
        paint_facts(&p, member_at(answer, "facts"));
        if (json_array_size(member_at(answer, "connections")) > 0) {
            paint_end(&p);
            table_paint(&p, &connection_table, member_at(answer, "connections"));
        }
        rc = table_paint_out(&p);
    }
    json_decref(answer);
    return rc == CTL_OK && !healthy ? CTL_FAILED : rc;
}

/* --- all --- */

static const struct table_column line_columns[] = {
    { "STATION", "station", CELL_TEXT, 0 }, { "SEVERITY", "severity", CELL_STATUS, 0 },
    { "WHAT", "code", CELL_TEXT, 0 },       { "TEXT", "text", CELL_TEXT, TABLE_WRAP },
    { "", "next", CELL_TEXT, TABLE_CSV },   { "", "findings", CELL_NUMBER, TABLE_CSV },
};
static const struct table line_table = TABLE(line_columns);

static enum ctl_exit all_stations(struct ctl *ctl)
{
    json_t *answer = NULL;
    enum ctl_exit rc = client_get(ctl, &answer, "/v1/doctor");
    if (rc != CTL_OK)
        return rc;
    bool healthy = member_true(answer, "healthy");
    const json_t *items = member_items(answer), *own = member_at(answer, "noxd.findings");
    if (ctl->output != CTL_TABLE) {
        rc = table_print(ctl, &line_table, answer, NULL);
    } else {
        struct ocpp_text out;
        struct paint p = table_paint_begin(ctl, &out);
        paint_format(&p, PAINT_HEAD, "noxd: ");
        paint_text(&p, json_array_size(own) == 0 ? PAINT_GOOD : NULL,
                   json_array_size(own) == 0 ? "healthy" : "");
        paint_end(&p);
        paint_findings(&p, own);
        paint_end(&p);
        paint_format(&p, PAINT_HEAD, "stations: %zu of %" PRId64 " have problems",
                     json_array_size(items), member_int(answer, "stations"));
        paint_end(&p);
        if (json_array_size(items) > 0) {
            table_paint(&p, &line_table, items);
            paint_end(&p);
            paint_format(&p, PAINT_NOTE, "-> noxctl doctor STATION");
            paint_end(&p);
        }
        rc = table_paint_out(&p);
    }
    json_decref(answer);
    return rc == CTL_OK && !healthy ? CTL_FAILED : rc;
}

static enum ctl_exit run_doctor(struct ctl *ctl)
{
    return ctl->n_args > 0 ? one_station(ctl) : all_stations(ctl);
}

static const struct ctl_command commands[] = {
    { .name = "doctor",
      .args = "[STATION]",
      .summary = "Say what is wrong with a station (or all), and what to type next",
      .examples = "doctor\ndoctor DO-L0001\ndoctor DO-L0001 -o json | jq -r '.findings[].text'",
      .more =
          "Looks at path, subprotocol, TLS, identity, key, registration, clock, ping, how the last "
          "connections ended, refused attempts under this or a similar name, boots, requests without "
          "answer, connectors and alarms. Of a station that never came it guesses from who was "
          "refused. Exit code 0: healthy; 1: something is to be done.",
      .run = run_doctor },
};
const struct ctl_group ctl_group_doctor = { "Doctor", commands, ARRAY_SIZE(commands) };
