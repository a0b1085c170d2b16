#include "cmd/noxctl/help.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "cmd/noxctl/commands.h"
#include "cmd/noxctl/width.h"

enum { COLUMN = 30, LINE = 80 };

/* Two columns; the right one goes on in the next line. */
static void append_pair(struct ocpp_text *out, const char *left, const char *right)
{
    do {
        size_t n = width_line(right, LINE - COLUMN - 3);
        ocpp_text_append_format(out, "  %-*s %.*s\n", COLUMN, left, (int)n, right);
        right += n;
        right += strspn(right, " ");
        left = "";
    } while (*right);
}

static void append_command_line(struct ocpp_text *out, const struct ctl_command *command)
{
    char left[160];
    snprintf(left, sizeof(left), "%s%s%s", command->name, *command->args ? " " : "", command->args);
    if (strlen(left) > COLUMN) {
        ocpp_text_append_format(out, "  %s\n", left);
        left[0] = '\0';
    }
    append_pair(out, left, command->summary);
}

static void append_flag(struct ocpp_text *out, const struct ctl_flag *flag)
{
    char left[96];
    char letter[8] = "";
    if (flag->letter)
        snprintf(letter, sizeof(letter), "-%c, ", flag->letter);
    snprintf(left, sizeof(left), "%s--%s%s%s", letter, flag->name, flag->value ? " " : "",
             flag->value ? flag->value : "");
    append_pair(out, left, flag->help);
}

static void append_globals(struct ocpp_text *out)
{
    ocpp_text_append_str(out, "\nFlags of all commands:\n");
    for (size_t i = 0; i < ctl_n_global_flags; i++)
        append_flag(out, &ctl_global_flags[i]);
}

static bool is_about(const char *name, const char *words)
{
    size_t len = strlen(words);
    return len == 0 || (strncmp(name, words, len) == 0 && (name[len] == ' ' || name[len] == '\0'));
}

static void append_group(struct ocpp_text *out, const struct ctl_group *group, const char *words)
{
    bool titled = false;
    for (size_t i = 0; i < group->n_commands; i++) {
        const struct ctl_command *command = &group->commands[i];
        if ((command->traits & CTL_HIDDEN) || !is_about(command->name, words))
            continue;
        if (!titled)
            ocpp_text_append_format(out, "\n%s:\n", group->title);
        titled = true;
        append_command_line(out, command);
    }
}

static void append_start(struct ocpp_text *out)
{
    ocpp_text_append_str(out, "\nFirst steps:\n"
                              "  noxctl apply -f site.json      grid, lamps, tags and tariffs in\n"
                              "  noxctl status                  is all well?\n"
                              "  noxctl top                     watch the street\n"
                              "  noxctl station refused         who was turned away, and why\n");
}

void help_append_topic(struct ocpp_text *out, const char *words)
{
    const struct ctl_group *group;
    ocpp_text_append_format(out, "usage: noxctl [flags] %s%sCOMMAND\n", words, *words ? " " : "");
    if (!*words)
        ocpp_text_append_str(out, "\nThe admin tool of noxd, the central system of the street.\n");
    for (size_t i = 0; (group = ctl_group_at(i)); i++)
        append_group(out, group, words);
    if (!*words) {
        append_globals(out);
        append_start(out);
    }
    ocpp_text_append_str(out, "\n'noxctl COMMAND --help' explains one of them, with examples.\n");
}

/* Examples; those that begin with a variable have the name of the program already. */
static void append_lines(struct ocpp_text *out, const char *lines)
{
    while (*lines) {
        size_t len = strcspn(lines, "\n");
        bool whole = isupper((unsigned char)lines[0]); /* NAME=value noxctl ... */
        ocpp_text_append_format(out, "  %s%.*s\n", whole ? "" : "noxctl ", (int)len, lines);
        lines += len + (lines[len] == '\n');
    }
}

static void append_paragraph(struct ocpp_text *out, const char *text)
{
    ocpp_text_append(out, "\n", 1);
    while (*text) {
        size_t n = width_line(text, LINE);
        ocpp_text_append_format(out, "%.*s\n", (int)n, text);
        text += n;
        text += strspn(text, " ");
    }
}

void help_append_command(struct ocpp_text *out, const struct ctl_command *command)
{
    const struct ctl_flag *flag;
    ocpp_text_append_format(out, "usage: noxctl %s%s%s%s\n\n%s.\n", command->name,
                            ctl_command_flag(command, 0) ? " [flags]" : "",
                            *command->args ? " " : "", command->args, command->summary);
    if (command->more)
        append_paragraph(out, command->more);
    for (size_t i = 0; (flag = ctl_command_flag(command, i)); i++) {
        ocpp_text_append_str(out, i == 0 ? "\nFlags:\n" : "");
        append_flag(out, flag);
    }
    if (command->examples) {
        ocpp_text_append_str(out, "\nExamples:\n");
        append_lines(out, command->examples);
    }
    append_globals(out);
}
