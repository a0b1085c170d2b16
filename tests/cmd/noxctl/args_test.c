/* Words of the command line: commands, flags, arguments, and what is said about wrong ones. */
#include "cmd/noxctl/args.h"

#include <stdlib.h>
#include <unistd.h>

#include "cmd/noxctl/commands.h"
#include "tests/ocpp/wire/check_wire.h"

enum { WORDS = 16 };

struct parsed {
    struct ctl ctl;
    char topic[128];
    enum ctl_request request;
    char said[1024]; /* on stderr */
    char line[512];  /* the words, cut at their ends */
};

/* Words separated by blanks. */
static void parse(const char *line, struct parsed *ret)
{
    char *argv[WORDS] = { ret->line }; /* the name is never looked at */
    int argc = 1;
    memset(ret, 0, sizeof(*ret));
    snprintf(ret->line, sizeof(ret->line), "%s", line);
    for (char *w = strtok(ret->line, " "); w; w = strtok(NULL, " "))
        argv[argc++] = w;
    FILE *file = tmpfile();
    int before = dup(STDERR_FILENO);
    assert_true(file && before >= 0);
    dup2(fileno(file), STDERR_FILENO);
    ret->request = ctl_args_parse(argc, argv, &ret->ctl, ret->topic, sizeof(ret->topic));
    fflush(stderr);
    dup2(before, STDERR_FILENO);
    close(before);
    rewind(file);
    ret->said[fread(ret->said, 1, sizeof(ret->said) - 1, file)] = '\0';
    fclose(file);
}

static const struct {
    const char *line, *command;
    size_t n_args;
    const char *last_arg;
    enum ctl_output output;
} good[] = {
    { "status", "status", 0, NULL, CTL_TABLE },
    { "-o json status", "status", 0, NULL, CTL_JSON },
    { "status -ocsv", "status", 0, NULL, CTL_CSV },
    { "station --data /x list --output=json", "station list", 0, NULL, CTL_JSON },
    { "station show CP-1", "station show", 1, "CP-1", CTL_TABLE },
    { "station show -- --odd", "station show", 1, "--odd", CTL_TABLE },
    { "session show -1", "session show", 1, "-1", CTL_TABLE },
    { "station config set A B KEY 1", "station config set", 4, "1", CTL_TABLE },
    { "station reset --all --yes", "station reset", 0, NULL, CTL_TABLE },
    { "grid limit N 40", "grid limit", 2, "40", CTL_TABLE },
    { "grid limit N 40 40 32", "grid limit", 4, "32", CTL_TABLE },
    { "api GET /v1/status", "api", 2, "/v1/status", CTL_TABLE },
    { "--version", "version", 0, NULL, CTL_TABLE },
};

static void takes_good_words(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
        struct parsed p;
        parse(good[i].line, &p);
        if (p.request != CTL_RUN)
            fail_msg("%s: not taken: %s", good[i].line, p.said);
        assert_string_equal(p.ctl.command->name, good[i].command);
        assert_int_equal(p.ctl.output, good[i].output);
        if (p.ctl.n_args != good[i].n_args)
            fail_msg("%s: %zu arguments", good[i].line, p.ctl.n_args);
        if (good[i].last_arg)
            assert_string_equal(p.ctl.arg[p.ctl.n_args - 1], good[i].last_arg);
        ctl_args_done(&p.ctl);
    }
}

static const struct {
    const char *line, *want; /* part of the sentence */
} wrong[] = {
    { "statoin list", "did you mean 'station list'?" },
    { "stauts", "did you mean 'status'?" },
    { "station lst", "did you mean 'station list'?" },
    { "cert aprove 7", "did you mean 'cert approve'?" },
    { "station frobnicate-everything", "'noxctl station --help'" },
    { "xyzzyplugh", "'noxctl --help' lists them" },
    { "station list --offlin", "did you mean --offline?" },
    { "station list --zzzzzzzzz", "'noxctl station list --help'" },
    { "station show", "too few words: noxctl station show STATION" },
    { "station show A B", "too many words" },
    { "station reset", "--all, --grid NODE, --district NAME" },
    { "status -o xml", "table, json and csv" },
    { "status --output", "--output needs a value: --output FORMAT" },
    { "station list --offline=1", "takes no value" },
    { "status --timeout 0", "from 1 to 86400" },
    { "status --timeout 1x", "whole number" },
    { "--nonsense", "--nonsense is no flag" },
    { "--data /x --offline station list", "--offline is no flag of all commands" },
    { "frobnicate --help", "'frobnicate' is no command" },
};

static void says_what_is_wrong(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
        struct parsed p;
        parse(wrong[i].line, &p);
        assert_int_equal(p.request, CTL_WRONG_WORDS);
        if (!strstr(p.said, wrong[i].want))
            fail_msg("%s: wanted '%s', got: %s", wrong[i].line, wrong[i].want, p.said);
        ctl_args_done(&p.ctl);
    }
}

static const struct {
    const char *line;
    enum ctl_request request;
    const char *command, *topic;
} help[] = {
    { "", CTL_INCOMPLETE, NULL, "" },
    { "station", CTL_INCOMPLETE, NULL, "station" },
    { "--data /x", CTL_INCOMPLETE, NULL, "" },
    { "--help", CTL_HELP, NULL, "" },
    { "help", CTL_HELP, NULL, "" },
    { "help station", CTL_HELP, NULL, "station" },
    { "help station list", CTL_HELP, "station list", NULL },
    { "station --help", CTL_HELP, NULL, "station" },
    { "station config -h", CTL_HELP, NULL, "station config" },
    { "station show --help", CTL_HELP, "station show", NULL },
};

static void finds_what_help_is_about(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(help); i++) {
        struct parsed p;
        parse(help[i].line, &p);
        assert_int_equal(p.request, help[i].request);
        if (help[i].command)
            assert_string_equal(p.ctl.command->name, help[i].command);
        else if (strcmp(p.topic, help[i].topic) != 0)
            fail_msg("'%s': topic '%s'", help[i].line, p.topic);
        ctl_args_done(&p.ctl);
    }
}

static void finds_the_folder_of_noxd(void **state)
{
    (void)state;
    static const struct {
        const char *line, *state_directory, *nox_data, *want;
    } cases[] = {
        { "status", NULL, NULL, "./nox-data" },   { "status", NULL, "/n", "/n" },
        { "status", "/s", "/n", "/s" },           { "status", "", "/n", "/n" },
        { "status --data /d", "/s", "/n", "/d" },
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct parsed p;
        unsetenv("STATE_DIRECTORY");
        unsetenv("NOX_DATA");
        if (cases[i].state_directory)
            setenv("STATE_DIRECTORY", cases[i].state_directory, 1);
        if (cases[i].nox_data)
            setenv("NOX_DATA", cases[i].nox_data, 1);
        parse(cases[i].line, &p);
        assert_int_equal(p.request, CTL_RUN);
        assert_string_equal(p.ctl.data, cases[i].want);
        ctl_args_done(&p.ctl);
    }
}

/* Rows that cannot work would be found by users only. */
static void rows_are_complete(void **state)
{
    (void)state;
    const struct ctl_command *command;
    for (size_t i = 0; (command = ctl_command_at(i)); i++) {
        size_t n_name, min, max;
        const char *word[4];
        char name[64];
        size_t n = 0;
        snprintf(name, sizeof(name), "%s", command->name);
        for (char *w = strtok(name, " "); w; w = strtok(NULL, " "))
            word[n++] = w;
        assert_ptr_equal(ctl_command_find(word, n, &n_name), command);
        ctl_args_arity(command->args, &min, &max);
        assert_true(min <= max && command->run && *command->summary);
        if (!command->examples)
            fail_msg("%s has no example", command->name);
        if (strncmp(command->examples, command->name, strlen(command->name)) != 0)
            fail_msg("%s: the first example is of another command", command->name);
        if (command->summary[strlen(command->summary) - 1] == '.')
            fail_msg("%s: the summary ends with a full stop", command->name);
    }
}

static void counts_arguments(void **state)
{
    (void)state;
    static const struct {
        const char *spec;
        size_t min, max;
    } cases[] = {
        { "", 0, 0 },
        { "STATION", 1, 1 },
        { "STATION [KEY...]", 1, SIZE_MAX },
        { "STATION... KEY VALUE", 3, SIZE_MAX },
        { "NODE A [L2 L3]", 2, 4 },
        { "[NODE]", 0, 1 },
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        size_t min, max;
        ctl_args_arity(cases[i].spec, &min, &max);
        if (min != cases[i].min || max != cases[i].max)
            fail_msg("'%s': %zu to %zu", cases[i].spec, min, max);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_good_words),         cmocka_unit_test(says_what_is_wrong),
        cmocka_unit_test(finds_what_help_is_about), cmocka_unit_test(finds_the_folder_of_noxd),
        cmocka_unit_test(rows_are_complete),        cmocka_unit_test(counts_arguments),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
