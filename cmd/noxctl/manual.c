/* The manual page: what help says, in mdoc. */
#include <ctype.h>
#include <string.h>

#include "cmd/noxctl/commands.h"
#include "cmd/noxctl/help.h"

static const char head[] =
    ".Dd January 1, 2026\n"
    ".Dt NOXCTL 1\n"
    ".Os\n"
    ".Sh NAME\n"
    ".Nm noxctl\n"
    ".Nd administer a NOX-Block central system\n"
    ".Sh SYNOPSIS\n"
    ".Nm\n"
    ".Op Fl -data Ar DIR | Fl -server Ar URL\n"
    ".Op Fl o Cm table | json | csv\n"
    ".Ar COMMAND\n"
    ".Op Ar ARGUMENTS\n"
    ".Sh DESCRIPTION\n"
    ".Nm\n"
    "asks\n"
    ".Xr noxd 8\n"
    "over its Unix socket, which belongs to the user that noxd runs as, or over https with a token.\n"
    "Data goes to standard output, everything meant for people to standard error.\n"
    "Tables fit the width of the terminal and leave out columns that do not fit; times in them are\n"
    "those of Europe/Berlin as on the bills, unless TZ names another zone.\n"
    ".Fl o Cm json\n"
    "prints exactly one document as noxd answers it (one per line when following),\n"
    ".Fl o Cm csv\n"
    "a heading and rows with the values unchanged: energy in Wh, power in W, times in UTC.\n"
    ".Pp\n"
    "Commands for stations take several names, or\n"
    ".Fl -all , -grid Ar NODE\n"
    "or\n"
    ".Fl -district Ar NAME ;\n"
    "then they need\n"
    ".Fl -yes\n"
    "if they change something.\n"
    "All stations are asked at once and each gets its own line.\n"
    ".Ss Flags of all commands\n";

static const char tail[] = ".Sh ENVIRONMENT\n"
                           ".Bl -tag -width STATE_DIRECTORY\n"
                           ".It Ev STATE_DIRECTORY , NOX_DATA\n"
                           "Directory of noxd when\n"
                           ".Fl -data\n"
                           "is not given; else\n"
                           ".Pa ./nox-data .\n"
                           ".It Ev NOX_TOKEN\n"
                           "Token for https.\n"
                           ".It Ev COLUMNS , LINES\n"
                           "Size of the terminal instead of its own answer.\n"
                           ".It Ev NO_COLOR\n"
                           "No colours.\n"
                           ".It Ev TZ\n"
                           "Time zone of the times in tables.\n"
                           ".El\n"
                           ".Sh FILES\n"
                           ".Bl -tag -width DIR/admin.sock\n"
                           ".It Pa DIR/admin.sock\n"
                           "Socket of noxd.\n"
                           ".El\n"
                           ".Sh SEE ALSO\n"
                           ".Xr noxd 8 ,\n"
                           ".Xr noxsim 1\n";

static const struct {
    enum ctl_exit code;
    const char *meaning;
} exits[] = {
    { CTL_OK, "done, also an empty list" },
    { CTL_FAILED, "failed otherwise" },
    { CTL_USAGE, "wrong words, or a confirmation is missing" },
    { CTL_NOT_FOUND, "no such thing" },
    { CTL_DENIED, "not allowed" },
    { CTL_CONFLICT, "conflict or precondition" },
    { CTL_PARTIAL, "some stations of many failed" },
    { CTL_OFFLINE, "the station is offline" },
    { CTL_REFUSED, "the station said no: Rejected, NotSupported, CALLERROR" },
    { CTL_TIMED_OUT, "timed out" },
    { CTL_UNREACHABLE, "noxd does not answer" },
};

/* Text as roff reads it: backslashes doubled, no line begins with a command. */
static void append_escaped(struct ocpp_text *out, const char *text)
{
    bool at_start = true;
    for (const char *p = text; *p; p++) {
        if (at_start && (*p == '.' || *p == '\''))
            ocpp_text_append_str(out, "\\&");
        if (*p == '\\')
            ocpp_text_append_str(out, "\\e");
        else if (*p == '-')
            ocpp_text_append_str(out, "\\-");
        else
            ocpp_text_append(out, p, 1);
        at_start = *p == '\n';
    }
}

static void append_flag(struct ocpp_text *out, const struct ctl_flag *flag)
{
    ocpp_text_append_str(out, ".It");
    if (flag->letter)
        ocpp_text_append_format(out, " Fl %c%s%s ,", flag->letter, flag->value ? " Ar " : "",
                                flag->value ? flag->value : "");
    ocpp_text_append_format(out, " Fl -%s%s%s\n", flag->name, flag->value ? " Ar " : "",
                            flag->value ? flag->value : "");
    append_escaped(out, flag->help);
    ocpp_text_append_str(out, ".\n");
}

static void append_flags(struct ocpp_text *out, const struct ctl_command *command)
{
    const struct ctl_flag *flag;
    for (size_t i = 0; (flag = ctl_command_flag(command, i)); i++) {
        ocpp_text_append_str(out, i == 0 ? ".Bl -tag -width Ds\n" : "");
        append_flag(out, flag);
    }
    if (ctl_command_flag(command, 0))
        ocpp_text_append_str(out, ".El\n");
}

static void append_examples(struct ocpp_text *out, const char *lines)
{
    ocpp_text_append_str(out, ".Bd -literal -offset indent\n");
    while (*lines) {
        size_t len = strcspn(lines, "\n");
        char line[512];
        if (len >= sizeof(line))
            len = sizeof(line) - 1;
        memcpy(line, lines, len);
        line[len] = '\0';
        if (!isupper((unsigned char)line[0])) /* NAME=value noxctl ... */
            ocpp_text_append_str(out, "noxctl ");
        append_escaped(out, line);
        ocpp_text_append(out, "\n", 1);
        lines += len + (lines[len] == '\n');
    }
    ocpp_text_append_str(out, ".Ed\n");
}

static void append_command(struct ocpp_text *out, const struct ctl_command *command)
{
    ocpp_text_append_format(out, ".It Ic %s", command->name);
    if (*command->args) {
        ocpp_text_append_str(out, " Ar ");
        append_escaped(out, command->args);
    }
    ocpp_text_append_str(out, "\n");
    append_escaped(out, command->summary);
    ocpp_text_append_str(out, ".\n");
    if (command->more) {
        append_escaped(out, command->more);
        ocpp_text_append_str(out, "\n");
    }
    append_flags(out, command);
    if (command->examples)
        append_examples(out, command->examples);
}

static void append_groups(struct ocpp_text *out)
{
    const struct ctl_group *group;
    for (size_t g = 0; (group = ctl_group_at(g)); g++) {
        ocpp_text_append_format(out, ".Ss %s\n.Bl -tag -width Ds\n", group->title);
        for (size_t i = 0; i < group->n_commands; i++)
            if (!(group->commands[i].traits & CTL_HIDDEN))
                append_command(out, &group->commands[i]);
        ocpp_text_append_str(out, ".El\n");
    }
}

void help_append_manual(struct ocpp_text *out)
{
    ocpp_text_append_str(out, head);
    ocpp_text_append_str(out, ".Bl -tag -width Ds\n");
    for (size_t i = 0; i < ctl_n_global_flags; i++)
        append_flag(out, &ctl_global_flags[i]);
    ocpp_text_append_str(out, ".El\n.Sh COMMANDS\n");
    append_groups(out);
    ocpp_text_append_str(out, ".Sh EXIT STATUS\n.Bl -tag -width Ds -compact\n");
    for (size_t i = 0; i < ARRAY_SIZE(exits); i++)
        ocpp_text_append_format(out, ".It %d\n%s\n", (int)exits[i].code, exits[i].meaning);
    ocpp_text_append_str(out, ".El\n");
    ocpp_text_append_str(out, tail);
}
