/* Monthly files: billing records and emissions, passed on as noxd writes them. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/noxctl/cell.h"
#include "cmd/noxctl/client.h"
#include "cmd/noxctl/commands.h"
#include "cmd/noxctl/filter.h"
#include "cmd/noxctl/member.h"
#include "ocpp/wire/text.h"

/* Where the answer goes, and what is seen of it on the way. */
struct target {
    FILE *file;
    size_t n_lines, n_begin;
    char begin[512];
};

static bool to_file(void *arg, const char *data, size_t len)
{
    struct target *target = arg;
    size_t room = sizeof(target->begin) - 1 - target->n_begin;
    size_t n = len < room ? len : room;
    memcpy(target->begin + target->n_begin, data, n);
    target->n_begin += n;
    for (size_t i = 0; i < len; i++)
        target->n_lines += data[i] == '\n';
    return fwrite(data, 1, len, target->file) == len;
}

static void fail_to_open(const char *name)
{
    int error = errno;
    const char *slash = strrchr(name, '/');
    if (error == ENOENT && slash)
        ctl_fail(CTL_FAILED, "cannot write %s: there is no folder %.*s; 'mkdir -p' makes it", name,
                 slash > name ? (int)(slash - name) : 1, name);
    else
        ctl_fail(CTL_FAILED, "cannot write %s: %s", name, strerror(error));
}

/* The file appears under its name only when it is complete. */
static enum ctl_exit stream_into(const struct ctl *ctl, const char *path, const char *name,
                                 struct target *target)
{
    struct ocpp_text part;
    ocpp_text_init(&part);
    ocpp_text_append_format(&part, "%s.part", name);
    FILE *file = fopen(part.data, "wb");
    enum ctl_exit rc = CTL_FAILED;
    if (!file) {
        fail_to_open(name);
        ocpp_text_done(&part);
        return rc;
    }
    target->file = file;
    rc = client_stream(ctl, "GET", path, NULL, to_file, target);
    bool written = fflush(file) == 0 && fsync(fileno(file)) == 0;
    written = fclose(file) == 0 && written;
    if (rc == CTL_OK && (!written || rename(part.data, name) != 0))
        rc = ctl_fail(CTL_FAILED, "cannot write %s: %s", name, strerror(errno));
    if (rc != CTL_OK)
        remove(part.data);
    else
        ctl_note(ctl, "%s is written.", name);
    ocpp_text_done(&part);
    return rc;
}

static enum ctl_exit stream_out(const struct ctl *ctl, const char *path, struct target *target)
{
    const char *name = ctl_flag(ctl, "out");
    if (name && strcmp(name, "-") != 0)
        return stream_into(ctl, path, name, target);
    target->file = stdout;
    return client_stream(ctl, "GET", path, NULL, to_file, target);
}

static const struct {
    const char *flag, *format;
} billing_formats[] = {
    { "de", "csv-de" },
    { "machine", "csv" },
    { "json", "json" },
};

/* CSV is a heading alone, JSON an empty list. */
static bool is_empty(const struct target *target)
{
    return target->begin[0] == '{' ? strstr(target->begin, "\"rows\":[]") != NULL
                                   : target->n_lines <= 1;
}

/* On stderr whatever the format is: a month that looks complete may not be. */
static void tell_month(const struct ctl *ctl, const char *month, const struct target *target)
{
    struct client_answer answer;
    char now[CELL_TIME_SIZE];
    if (is_empty(target))
        fprintf(stderr, "noxctl: there are no records in %s\n", month);
    client_ask(ctl, "GET", "/v1/status", NULL, &answer);
    cell_time(member_time_ms(answer.json, "now"), CELL_CLOCK_MINUTE, now);
    now[strlen("2026-10")] = '\0';
    int64_t n = member_int(answer.json, "counters.sessions");
    if (answer.exit == CTL_OK && strcmp(month, now) == 0)
        fprintf(stderr,
                "noxctl: the month is still open: %" PRId64 " sessions run; export it again when "
                "it is over\n",
                n == MEMBER_UNKNOWN ? 0 : n);
    client_answer_done(&answer);
}

static enum ctl_exit run_billing(struct ctl *ctl)
{
    static const char *const by_output[] = { "de", "json", "machine" };
    const char *format = ctl_flag(ctl, "format");
    if (!format)
        format = by_output[ctl->output];
    if (!filter_month(ctl->arg[0]))
        return CTL_USAGE;
    for (size_t i = 0; i < ARRAY_SIZE(billing_formats); i++) {
        if (strcmp(billing_formats[i].flag, format) != 0)
            continue;
        struct ocpp_text path;
        ocpp_text_init(&path);
        ocpp_text_append_format(&path, "/v1/billing/%s?format=%s", ctl->arg[0],
                                billing_formats[i].format);
        struct target target = { 0 };
        enum ctl_exit rc = stream_out(ctl, path.data, &target);
        ocpp_text_done(&path);
        if (rc == CTL_OK)
            tell_month(ctl, ctl->arg[0], &target);
        return rc;
    }
    return ctl_fail(CTL_USAGE, "--format %s: the formats are de, machine and json", format);
}

enum { REPORT_COLUMNS = 100 };

/* The report is laid out by noxd; lines that a terminal breaks make its table unreadable. */
static void tell_width(const struct ctl *ctl)
{
    if (ctl->output == CTL_TABLE && !ctl_flag(ctl, "out") && ctl->columns > 0 &&
        ctl->columns < REPORT_COLUMNS)
        ctl_note(ctl,
                 "The report is %d columns wide, the terminal %zu: widen it, write it to a file "
                 "(-O FILE), or take -o csv.",
                 REPORT_COLUMNS, ctl->columns);
}

static enum ctl_exit run_emissions(struct ctl *ctl)
{
    static const char *const by_output[] = { "table", "json", "csv" };
    const char *by = ctl_flag(ctl, "by");
    if (!filter_month(ctl->arg[0]))
        return CTL_USAGE;
    if (by && strcmp(by, "district") != 0 && strcmp(by, "station") != 0)
        return ctl_fail(CTL_USAGE, "--by %s: a report goes by district or by station", by);
    if (ctl_flag(ctl, "german") && ctl->output != CTL_CSV)
        return ctl_fail(CTL_USAGE, "--german belongs to -o csv: ; and decimal comma");
    struct ocpp_text path;
    ocpp_text_init(&path);
    ocpp_text_append_format(&path, "/v1/emissions/%s?format=%s&by=%s", ctl->arg[0],
                            ctl_flag(ctl, "german") ? "csv-de" : by_output[ctl->output],
                            by ? by : "district");
    struct target target = { 0 };
    enum ctl_exit rc = stream_out(ctl, path.data, &target);
    ocpp_text_done(&path);
    if (rc == CTL_OK)
        tell_width(ctl);
    return rc;
}

static enum ctl_exit run_green(struct ctl *ctl)
{
    static const char *const by_output[] = { "table", "json", "csv" };
    if (!filter_month(ctl->arg[0]))
        return CTL_USAGE;
    if (ctl_flag(ctl, "german") && ctl->output != CTL_CSV)
        return ctl_fail(CTL_USAGE, "--german belongs to -o csv: ; and decimal comma");
    struct ocpp_text path;
    ocpp_text_init(&path);
    ocpp_text_append_format(&path, "/v1/green/%s?format=%s", ctl->arg[0],
                            ctl_flag(ctl, "german") ? "csv-de" : by_output[ctl->output]);
    struct target target = { 0 };
    enum ctl_exit rc = stream_out(ctl, path.data, &target);
    ocpp_text_done(&path);
    return rc;
}

static const struct ctl_flag billing_flags[] = {
    { "format", "FORMAT", 0, "de (CSV with ; and decimal comma), machine (CSV) or json" },
    { "out", "FILE", 'O', "write to a file instead of standard output" },
};
static const struct ctl_flag emissions_flags[] = {
    { "by", "WHAT", 0, "district (default) or station" },
    { "german", NULL, 0, "with -o csv: ; and decimal comma" },
    { "out", "FILE", 'O', "write to a file instead of standard output" },
};

static const struct ctl_flag green_flags[] = {
    { "german", NULL, 0, "with -o csv: ; and decimal comma" },
    { "out", "FILE", 'O', "write to a file instead of standard output" },
};

static const struct ctl_command commands[] = {
    { .name = "billing export",
      .args = "MONTH",
      .summary = "Export the billing records of a month",
      .flags = billing_flags,
      .n_flags = ARRAY_SIZE(billing_flags),
      .examples = "billing export 2026-10 -O 2026-10.csv\n"
                  "billing export 2026-10 --format machine\n"
                  "billing export 2026-10 -o json | jq .totals",
      .more = "Without --format: German CSV, machine CSV with -o csv, JSON with -o json. Months "
              "are local months; a file is complete or not there.",
      .run = run_billing },
    { .name = "emissions report",
      .args = "MONTH",
      .summary = "Report energy, CO2 and avoided NOx of a month, with every factor",
      .flags = emissions_flags,
      .n_flags = ARRAY_SIZE(emissions_flags),
      .examples = "emissions report 2026-10\n"
                  "emissions report 2026-10 --by station -o csv --german -O emissions.csv",
      .run = run_emissions },
    { .name = "report green",
      .args = "MONTH",
      .summary = "Report what green hours saved in a month, by grid node and district",
      .flags = green_flags,
      .n_flags = ARRAY_SIZE(green_flags),
      .examples = "report green 2026-11\nreport green 2026-11 -o csv --german -O green.csv",
      .more = "Compares the factors that sessions met which waited for better hours with those "
              "they would have met by charging from their start.",
      .run = run_green },
};
const struct ctl_group ctl_group_report = { "Billing and emissions", commands,
                                            ARRAY_SIZE(commands) };
