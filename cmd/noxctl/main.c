/*
 * noxctl: the admin tool of noxd.  Words in, one command run, its exit code out.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "cmd/noxctl/args.h"
#include "cmd/noxctl/help.h"

/* 0 = no limit: not a terminal, and $COLUMNS does not ask for a width. */
static size_t terminal_columns(bool terminal)
{
    int64_t columns;
    const char *wanted = getenv("COLUMNS");
    if (wanted && ctl_parse_int(wanted, &columns) && columns >= 20 && columns <= 10000)
        return (size_t)columns;
    struct winsize size;
    if (!terminal || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
        return 0;
    return size.ws_col < 20 ? 20 : size.ws_col;
}

static bool wants_color(bool terminal)
{
    const char *none = getenv("NO_COLOR"), *term = getenv("TERM");
    return terminal && !(none && *none) && !(term && strcmp(term, "dumb") == 0);
}

static void print_help(const struct ctl *ctl, const char *topic, FILE *to)
{
    struct ocpp_text out;
    ocpp_text_init(&out);
    if (ctl->command)
        help_append_command(&out, ctl->command);
    else
        help_append_topic(&out, topic);
    fputs(out.data, to);
    ocpp_text_done(&out);
}

static enum ctl_exit run(struct ctl *ctl)
{
    enum ctl_exit rc = ctl->command->run(ctl);
    if (fflush(stdout) != 0 && rc == CTL_OK)
        rc = ctl_fail(CTL_FAILED, "cannot write to standard output");
    return rc;
}

/* Times are those of the bills unless TZ says otherwise; the rule needs no files of zones. */
static void use_local_time(void)
{
    setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 0);
    tzset();
}

int main(int argc, char **argv)
{
    char topic[256];
    struct ctl ctl = { .terminal = isatty(STDOUT_FILENO) != 0 };
    ctl.color = wants_color(ctl.terminal);
    ctl.columns = terminal_columns(ctl.terminal);
    use_local_time();
    enum ctl_exit rc = CTL_OK;
    switch (ctl_args_parse(argc, argv, &ctl, topic, sizeof(topic))) {
    case CTL_RUN:
        rc = run(&ctl);
        break;
    case CTL_HELP:
        print_help(&ctl, topic, stdout);
        break;
    case CTL_INCOMPLETE:
        print_help(&ctl, topic, stderr);
        rc = CTL_USAGE;
        break;
    case CTL_WRONG_WORDS:
        rc = CTL_USAGE;
        break;
    }
    ctl_args_done(&ctl);
    return (int)rc;
}
