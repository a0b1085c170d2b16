/* The completion script for bash: a table of what may follow which words. */
#include <stdio.h>
#include <string.h>

#include "cmd/noxctl/commands.h"
#include "cmd/noxctl/help.h"

static const char script_end[] =
    "    if [[ $cur == -* ]]; then\n"
    "        COMPREPLY=($(compgen -W \"$flags $globals\" -- \"$cur\"))\n"
    "    elif [[ $next ]]; then\n"
    "        COMPREPLY=($(compgen -W \"$next\" -- \"$cur\"))\n"
    "    elif [[ $stations ]]; then\n"
    "        COMPREPLY=($(compgen -W \"$(\"${COMP_WORDS[0]}\" \"${where[@]}\" --timeout 2 station list "
    "-o csv 2>/dev/null | sed '1d;s/,.*//')\" -- \"$cur\"))\n"
    "    else\n"
    "        COMPREPLY=($(compgen -f -- \"$cur\"))\n"
    "    fi\n"
    "}\n"
    "complete -F _noxctl noxctl\n";

/* Flags with a value, so that the value is not taken for a word of the command. */
static void append_value_flags(struct ocpp_text *out)
{
    const struct ctl_command *command;
    const struct ctl_flag *flag;
    ocpp_text_append_str(out, "-o|--output|--data|--server|--token-file|--ca|--timeout|--why");
    for (size_t i = 0; (command = ctl_command_at(i)); i++) {
        for (size_t f = 0; (flag = ctl_command_flag(command, f)); f++) {
            char word[64];
            snprintf(word, sizeof(word), "|--%s", flag->name);
            if (flag->value && !strstr(out->data, word))
                ocpp_text_append_str(out, word);
        }
    }
}

static void append_start(struct ocpp_text *out)
{
    ocpp_text_append_str(out, "# noxctl completion for bash: source <(noxctl completion bash)\n"
                              "_noxctl() {\n"
                              "    local cur=${COMP_WORDS[COMP_CWORD]} words= next= flags= "
                              "stations= i word\n"
                              "    local -a where=()\n"
                              "    local globals=\"");
    for (size_t i = 0; i < ctl_n_global_flags; i++)
        ocpp_text_append_format(out, "%s--%s", i > 0 ? " " : "", ctl_global_flags[i].name);
    ocpp_text_append_str(out,
                         "\"\n    COMPREPLY=()\n"
                         "    for ((i = 1; i < COMP_CWORD; i++)); do\n"
                         "        word=${COMP_WORDS[i]}\n"
                         "        case $word in\n"
                         "        --data|--server) where+=(\"$word\" \"${COMP_WORDS[++i]}\") ;;\n"
                         "        ");
    append_value_flags(out);
    ocpp_text_append_str(out, ") ((++i)) ;;\n"
                              "        -*) ;;\n"
                              "        *) words+=\"${words:+ }$word\" ;;\n"
                              "        esac\n"
                              "    done\n"
                              "    case $words in\n");
}

static bool is_repeated(const struct ocpp_text *list, const char *word, size_t len)
{
    char padded[64];
    snprintf(padded, sizeof(padded), " %.*s ", (int)len, word);
    return strstr(list->data, padded) != NULL;
}

/* The words that may follow `prefix` ("" or "station "), each once, between blanks. */
static void append_next_words(struct ocpp_text *out, const char *prefix)
{
    size_t len = strlen(prefix);
    const struct ctl_command *command;
    ocpp_text_append(out, " ", 1);
    for (size_t i = 0; (command = ctl_command_at(i)); i++) {
        if (strncmp(command->name, prefix, len) != 0 || (command->traits & CTL_HIDDEN))
            continue;
        const char *word = command->name + len;
        size_t n = strcspn(word, " ");
        if (n > 0 && !is_repeated(out, word, n))
            ocpp_text_append_format(out, "%.*s ", (int)n, word);
    }
}

static void append_prefix_case(struct ocpp_text *out, const char *words, size_t len)
{
    char prefix[96], label[112];
    struct ocpp_text next;
    ocpp_text_init(&next);
    snprintf(prefix, sizeof(prefix), "%.*s%s", (int)len, words, len > 0 ? " " : "");
    snprintf(label, sizeof(label), "    \"%.*s\") ", (int)len, words);
    if (!strstr(out->data, label)) {
        append_next_words(&next, prefix);
        ocpp_text_append_format(out, "%snext=\"%s\" ;;\n", label, next.data);
    }
    ocpp_text_done(&next);
}

/* One case for every beginning of a command's name. */
static void append_prefixes(struct ocpp_text *out)
{
    const struct ctl_command *command;
    append_prefix_case(out, "", 0);
    for (size_t i = 0; (command = ctl_command_at(i)); i++)
        for (const char *p = strchr(command->name, ' '); p; p = strchr(p + 1, ' '))
            append_prefix_case(out, command->name, (size_t)(p - command->name));
}

static void append_commands(struct ocpp_text *out)
{
    const struct ctl_command *command;
    const struct ctl_flag *flag;
    for (size_t i = 0; (command = ctl_command_at(i)); i++) {
        bool stations = strncmp(command->args, "STATION", 7) == 0;
        ocpp_text_append_format(out, "    \"%s\"|\"%s \"*) flags=\"", command->name, command->name);
        for (size_t f = 0; (flag = ctl_command_flag(command, f)); f++)
            ocpp_text_append_format(out, "%s--%s", f > 0 ? " " : "", flag->name);
        ocpp_text_append_format(out, "\"%s ;;\n", stations ? " stations=1" : "");
    }
}

void help_append_bash(struct ocpp_text *out)
{
    append_start(out);
    append_prefixes(out);
    append_commands(out);
    ocpp_text_append_str(out, "    esac\n");
    ocpp_text_append_str(out, script_end);
}
