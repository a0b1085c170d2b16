/*
 * The table of all commands, put together from the groups.
 */
#ifndef CMD_NOXCTL_COMMANDS_H
#define CMD_NOXCTL_COMMANDS_H

#include "cmd/noxctl/ctl.h"

struct ctl_group {
    const char *title; /* heading in help and manual */
    const struct ctl_command *commands;
    size_t n_commands;
};

/** @return the i-th group in the order of help, NULL after the last */
const struct ctl_group *ctl_group_at(size_t i);

/** @return the i-th of all commands, NULL after the last */
const struct ctl_command *ctl_command_at(size_t i);

/**
 * Find the command named by the longest run of leading words.
 *
 * @param ret_words  how many words its name has
 * @return NULL if no command begins like this
 */
const struct ctl_command *ctl_command_find(const char *const *word, size_t n_words,
                                           size_t *ret_words);

/** @return true if some command's name goes on after these words ("station", "station config") */
bool ctl_is_prefix(const char *words);

/** @return the command most like the words, for "did you mean"; NULL if none is similar */
const char *ctl_command_nearest(const char *words);

/* Flags that every command takes, and those of CTL_TARGETS and of confirmation. */
extern const struct ctl_flag ctl_global_flags[];
extern const size_t ctl_n_global_flags;
extern const struct ctl_flag ctl_target_flags[];
extern const size_t ctl_n_target_flags;
extern const struct ctl_flag ctl_confirm_flag;

/** @return the i-th flag of a command: its own, then those its traits bring; NULL after the last */
const struct ctl_flag *ctl_command_flag(const struct ctl_command *command, size_t i);

/* One table per group, in its own file. */
extern const struct ctl_group ctl_group_overview, ctl_group_station, ctl_group_control,
    ctl_group_connector, ctl_group_profile, ctl_group_grid, ctl_group_session, ctl_group_tag,
    ctl_group_calls, ctl_group_reservation, ctl_group_report, ctl_group_event, ctl_group_frames,
    ctl_group_security, ctl_group_doctor, ctl_group_ocpp, ctl_group_apply, ctl_group_cert,
    ctl_group_config, ctl_group_local_list, ctl_group_file, ctl_group_token, ctl_group_simulate,
    ctl_group_plan;

#endif
