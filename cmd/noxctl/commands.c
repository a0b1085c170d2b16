#include "cmd/noxctl/commands.h"

#include <stdio.h>
#include <string.h>

#include "ocpp/wire/field.h"

const struct ctl_flag ctl_global_flags[] = {
    { "data", "DIR", 0, "directory of noxd; its socket is DIR/admin.sock" },
    { "server", "URL", 0, "unix:PATH, http://HOST:PORT or https://HOST:PORT instead of --data" },
    { "token-file", "FILE", 0, "file that holds the token for https (else $NOX_TOKEN)" },
    { "ca", "FILE", 0, "certificates that the server of https must be signed by" },
    { "output", "FORMAT", 'o', "table, json or csv" },
    { "timeout", "SECONDS", 0, "how long to wait for noxd and for stations (default 30)" },
    { "why", "TEXT", 0,
      "the reason, kept by noxd with your user name wherever it records who asked" },
    { "no-color", NULL, 0, "no colours, as with NO_COLOR in the environment" },
    { "help", NULL, 'h', "explain the command" },
};
const size_t ctl_n_global_flags = ARRAY_SIZE(ctl_global_flags);

const struct ctl_flag ctl_target_flags[] = {
    { "all", NULL, 0, "all stations" },
    { "grid", "NODE", 0, "all stations below a node of the grid" },
    { "district", "NAME", 0, "all stations of a district" },
};
const size_t ctl_n_target_flags = ARRAY_SIZE(ctl_target_flags);

const struct ctl_flag ctl_confirm_flag = {
    "yes", NULL, 'y', "yes, do it: needed for all of many stations, and to remove"
};

static const struct ctl_group *const groups[] = {
    &ctl_group_overview, &ctl_group_apply,       &ctl_group_station,   &ctl_group_control,
    &ctl_group_calls,    &ctl_group_reservation, &ctl_group_connector, &ctl_group_profile,
    &ctl_group_grid,     &ctl_group_session,     &ctl_group_tag,       &ctl_group_report,
    &ctl_group_event,    &ctl_group_frames,      &ctl_group_security,  &ctl_group_doctor,
    &ctl_group_cert,     &ctl_group_ocpp,        &ctl_group_config,    &ctl_group_local_list,
    &ctl_group_file,     &ctl_group_token,       &ctl_group_simulate,  &ctl_group_plan,
};

const struct ctl_group *ctl_group_at(size_t i)
{
    return i < ARRAY_SIZE(groups) ? groups[i] : NULL;
}

const struct ctl_command *ctl_command_at(size_t i)
{
    for (size_t g = 0; g < ARRAY_SIZE(groups); g++) {
        if (i < groups[g]->n_commands)
            return &groups[g]->commands[i];
        i -= groups[g]->n_commands;
    }
    return NULL;
}

/* How many of the words the name consists of; 0 if they differ. */
static size_t match_words(const char *name, const char *const *word, size_t n_words)
{
    size_t used = 0;
    while (used < n_words) {
        size_t len = strlen(word[used]);
        if (strncmp(name, word[used], len) != 0 || (name[len] != ' ' && name[len] != '\0'))
            return 0;
        used++;
        if (name[len] == '\0')
            return used;
        name += len + 1;
    }
    return 0;
}

const struct ctl_command *ctl_command_find(const char *const *word, size_t n_words,
                                           size_t *ret_words)
{
    const struct ctl_command *best = NULL;
    size_t best_words = 0;
    const struct ctl_command *command;
    for (size_t i = 0; (command = ctl_command_at(i)); i++) {
        size_t used = match_words(command->name, word, n_words);
        if (used > best_words) {
            best = command;
            best_words = used;
        }
    }
    if (best)
        *ret_words = best_words;
    return best;
}

bool ctl_is_prefix(const char *words)
{
    size_t len = strlen(words);
    const struct ctl_command *command;
    for (size_t i = 0; (command = ctl_command_at(i)); i++)
        if (strncmp(command->name, words, len) == 0 && command->name[len] == ' ')
            return true;
    return false;
}

static const char *name_at(const void *unused, size_t i)
{
    (void)unused;
    return ctl_command_at(i)->name;
}

const char *ctl_command_nearest(const char *words)
{
    size_t n = 0;
    while (ctl_command_at(n))
        n++;
    return ocpp_nearest(words, name_at, NULL, n);
}

const struct ctl_flag *ctl_command_flag(const struct ctl_command *command, size_t i)
{
    if (i < command->n_flags)
        return &command->flags[i];
    i -= command->n_flags;
    if (command->traits & CTL_TARGETS) {
        if (i < ctl_n_target_flags)
            return &ctl_target_flags[i];
        i -= ctl_n_target_flags;
    }
    if ((command->traits & (CTL_CHANGES | CTL_CONFIRM)) && i == 0)
        return &ctl_confirm_flag;
    return NULL;
}
