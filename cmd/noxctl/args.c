#include "cmd/noxctl/args.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/noxctl/commands.h"
#include "ocpp/wire/field.h"

enum { WHY_MAX = 200 }; /* bytes that noxd keeps */

void ctl_args_arity(const char *spec, size_t *ret_min, size_t *ret_max)
{
    size_t min = 0, max = 0;
    bool many = strstr(spec, "...") != NULL, optional = false;
    for (const char *p = spec; *p;) {
        size_t len = strcspn(p, " ");
        optional = optional || *p == '[';
        min += !optional;
        max++;
        if (p[len - 1] == ']')
            optional = false;
        p += len;
        p += strspn(p, " ");
    }
    *ret_min = min;
    *ret_max = many ? SIZE_MAX : max;
}

/* "-1" and "-" are arguments; so is everything after "--". */
static bool is_flag(const char *word)
{
    return word[0] == '-' && word[1] != '\0' && !isdigit((unsigned char)word[1]);
}

static const struct ctl_flag *any_flag(const struct ctl_command *command, size_t i)
{
    if (i < ctl_n_global_flags)
        return &ctl_global_flags[i];
    return command ? ctl_command_flag(command, i - ctl_n_global_flags) : NULL;
}

/* A flag by its word, "--grid", "--grid=X" or "-o"; *ret_value is what stands in the word itself.
 */
static const struct ctl_flag *find_flag(const struct ctl_command *command, const char *word,
                                        const char **ret_value)
{
    *ret_value = NULL;
    const struct ctl_flag *flag;
    for (size_t i = 0; (flag = any_flag(command, i)); i++) {
        if (word[1] != '-') {
            if (!flag->letter || word[1] != flag->letter)
                continue;
            *ret_value = word[2] ? word + 2 : NULL;
            return flag;
        }
        size_t len = strlen(flag->name);
        if (strncmp(word + 2, flag->name, len) != 0 || (word[2 + len] && word[2 + len] != '='))
            continue;
        *ret_value = word[2 + len] == '=' ? word + 3 + len : NULL;
        return flag;
    }
    return NULL;
}

/* The command is named by the words before the first flag that is not a global one. */
static const struct ctl_command *find_command(int argc, char **argv, char *ret_words, size_t size,
                                              size_t *ret_n_name)
{
    const char *word[8];
    size_t n = 0, len = 0;
    for (int i = 1; i < argc && n < ARRAY_SIZE(word); i++) {
        const char *value;
        if (is_flag(argv[i])) {
            const struct ctl_flag *flag = find_flag(NULL, argv[i], &value);
            if (!flag)
                break;
            i += flag->value && !value;
            continue;
        }
        word[n++] = argv[i];
        int add = snprintf(ret_words + len, size - len, "%s%s", len ? " " : "", argv[i]);
        len = len + (size_t)add < size ? len + (size_t)add : size - 1;
    }
    return n ? ctl_command_find(word, n, ret_n_name) : NULL;
}

struct flag_names {
    const struct ctl_command *command;
};

static const char *flag_name_at(const void *names, size_t i)
{
    return any_flag(((const struct flag_names *)names)->command, i)->name;
}

static bool unknown_flag(const struct ctl_command *command, const char *word)
{
    struct flag_names names = { command };
    size_t n = 0;
    while (any_flag(command, n))
        n++;
    char bare[49];
    snprintf(bare, sizeof(bare), "%.*s", (int)strcspn(word + strspn(word, "-"), "="),
             word + strspn(word, "-"));
    const char *near = ocpp_nearest(bare, flag_name_at, &names, n);
    if (near)
        ctl_fail(CTL_USAGE, "'%s' has no flag %s; did you mean --%s?", command->name, word, near);
    else
        ctl_fail(CTL_USAGE, "'%s' has no flag %s; 'noxctl %s --help' lists them", command->name,
                 word, command->name);
    return false;
}

static bool take_flag(struct ctl *ctl, int argc, char **argv, int *i)
{
    const char *value;
    const struct ctl_flag *flag = find_flag(ctl->command, argv[*i], &value);
    if (!flag)
        return unknown_flag(ctl->command, argv[*i]);
    if (!flag->value && value) {
        ctl_fail(CTL_USAGE, "--%s takes no value", flag->name);
        return false;
    }
    if (flag->value && !value) {
        if (*i + 1 >= argc) {
            ctl_fail(CTL_USAGE, "--%s needs a value: --%s %s", flag->name, flag->name, flag->value);
            return false;
        }
        value = argv[++*i];
    }
    if (ctl->n_flags == CTL_FLAGS_MAX) {
        ctl_fail(CTL_USAGE, "too many flags");
        return false;
    }
    ctl->flag[ctl->n_flags].name = flag->name;
    ctl->flag[ctl->n_flags++].value = flag->value ? value : "";
    return true;
}

static bool take_words(struct ctl *ctl, int argc, char **argv, size_t n_name)
{
    bool only_args = false;
    for (int i = 1; i < argc; i++) {
        if (!only_args && strcmp(argv[i], "--") == 0) {
            only_args = true;
        } else if (!only_args && is_flag(argv[i])) {
            if (!take_flag(ctl, argc, argv, &i))
                return false;
        } else if (n_name > 0) {
            n_name--;
        } else {
            ctl->arg[ctl->n_args++] = argv[i];
        }
    }
    return true;
}

static bool take_output(struct ctl *ctl)
{
    static const char *const names[] = { "table", "json", "csv" };
    const char *text = ctl_flag(ctl, "output");
    if (!text)
        return true;
    for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
        if (strcmp(text, names[i]) == 0) {
            ctl->output = (enum ctl_output)i;
            return true;
        }
    }
    ctl_fail(CTL_USAGE, "-o %s: the formats are table, json and csv", text);
    return false;
}

static bool take_globals(struct ctl *ctl)
{
    int64_t timeout_s;
    if (!take_output(ctl) || !ctl_flag_int(ctl, "timeout", 1, 86400, 30, &timeout_s))
        return false;
    ctl->timeout_ms = timeout_s * 1000;
    ctl->server = ctl_flag(ctl, "server");
    ctl->why = ctl_flag(ctl, "why");
    if (ctl->why && strlen(ctl->why) > WHY_MAX) {
        ctl_fail(CTL_USAGE, "--why takes at most %d bytes", WHY_MAX);
        return false;
    }
    const char *state = getenv("STATE_DIRECTORY"), *own = getenv("NOX_DATA");
    ctl->data = ctl_flag(ctl, "data");
    if (!ctl->data)
        ctl->data = state && *state ? state : own && *own ? own : "./nox-data";
    if (ctl_flag(ctl, "no-color"))
        ctl->color = false;
    return true;
}

static bool arity_holds(const struct ctl *ctl)
{
    const struct ctl_command *command = ctl->command;
    size_t min, max;
    ctl_args_arity(command->args, &min, &max);
    bool selected = ctl_flag(ctl, "all") || ctl_flag(ctl, "grid") || ctl_flag(ctl, "district");
    if ((command->traits & CTL_TARGETS) && selected)
        min--;
    if (ctl->n_args < min)
        ctl_fail(CTL_USAGE, "too few words: noxctl %s %s%s", command->name, command->args,
                 command->traits & CTL_TARGETS ? " (or --all, --grid NODE, --district NAME)" : "");
    else if (ctl->n_args > max)
        ctl_fail(CTL_USAGE, "too many words: noxctl %s%s%s", command->name,
                 *command->args ? " " : "", command->args);
    return ctl->n_args >= min && ctl->n_args <= max;
}

/* Arguments may have followed the wrong word: the last ones are left out, one after the other. */
static const char *nearest_beginning(const char *words)
{
    char part[128];
    snprintf(part, sizeof(part), "%s", words);
    const char *near = ctl_command_nearest(part);
    for (char *end; !near && (end = strrchr(part, ' ')) != NULL;) {
        *end = '\0';
        near = ctl_is_prefix(part) ? NULL : ctl_command_nearest(part);
    }
    return near;
}

static void unknown_command(const char *words)
{
    const char *near = nearest_beginning(words);
    char first[64];
    snprintf(first, sizeof(first), "%.*s", (int)strcspn(words, " "), words);
    if (!near && ctl_is_prefix(first)) {
        const char *rest = words + strcspn(words, " ");
        ctl_fail(CTL_USAGE, "'%s' is no command of '%s'; 'noxctl %s --help' lists them",
                 *rest ? rest + 1 : "", first, first);
        return;
    }
    if (near)
        ctl_fail(CTL_USAGE, "'%s' is no command; did you mean '%s'?", words, near);
    else
        ctl_fail(CTL_USAGE, "'%s' is no command; 'noxctl --help' lists them", words);
}

static bool has_word(int argc, char **argv, const char *a, const char *b)
{
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
        if (strcmp(argv[i], a) == 0 || strcmp(argv[i], b) == 0)
            return true;
    return false;
}

/* The words behind "help", or those that --help stands among. */
static enum ctl_request find_topic(struct ctl *ctl, char *topic)
{
    if (strcmp(topic, "help") == 0 || strncmp(topic, "help ", 5) == 0)
        memmove(topic, topic + 4 + (topic[4] == ' '), strlen(topic + 4) + (topic[4] != ' '));
    if (ctl->command || topic[0] == '\0' || ctl_is_prefix(topic))
        return CTL_HELP;
    const struct ctl_command *command;
    for (size_t i = 0; (command = ctl_command_at(i)); i++) {
        if (strcmp(command->name, topic) == 0) {
            ctl->command = command;
            return CTL_HELP;
        }
    }
    unknown_command(topic);
    return CTL_WRONG_WORDS;
}

/* The first flag that is none of all commands; NULL if there is none. */
static const char *first_strange_flag(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        const char *value;
        if (!is_flag(argv[i]))
            continue;
        const struct ctl_flag *flag = find_flag(NULL, argv[i], &value);
        if (!flag)
            return argv[i];
        i += flag->value && !value;
    }
    return NULL;
}

static enum ctl_request without_command(const char *topic, int argc, char **argv)
{
    const char *strange = topic[0] == '\0' ? first_strange_flag(argc, argv) : NULL;
    if (strange)
        ctl_fail(CTL_USAGE,
                 "%s is no flag of all commands; those of a command stand behind its name, and "
                 "'noxctl --help' lists the commands",
                 strange);
    else if (topic[0] == '\0' || ctl_is_prefix(topic))
        return CTL_INCOMPLETE;
    else
        unknown_command(topic);
    return CTL_WRONG_WORDS;
}

enum ctl_request ctl_args_parse(int argc, char **argv, struct ctl *ret_ctl, char *ret_topic,
                                size_t size)
{
    static char word[] = "version";
    char *version[] = { argv[0], word, NULL };
    if (argc == 2 && strcmp(argv[1], "--version") == 0)
        argv = version;
    size_t n_name = 0;
    ret_topic[0] = '\0';
    ret_ctl->command = find_command(argc, argv, ret_topic, size, &n_name);
    bool help = strcmp(ret_topic, "help") == 0 || strncmp(ret_topic, "help ", 5) == 0;
    if (has_word(argc, argv, "--help", "-h") || (!ret_ctl->command && help))
        return find_topic(ret_ctl, ret_topic);
    if (!ret_ctl->command)
        return without_command(ret_topic, argc, argv);
    ret_ctl->arg = calloc((size_t)argc + 1, sizeof(*ret_ctl->arg));
    if (!ret_ctl->arg || !take_words(ret_ctl, argc, argv, n_name) || !take_globals(ret_ctl) ||
        !arity_holds(ret_ctl))
        return CTL_WRONG_WORDS;
    return CTL_RUN;
}

void ctl_args_done(struct ctl *ctl)
{
    free(ctl->arg);
    ctl->arg = NULL;
}
