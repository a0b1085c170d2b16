/*
 * Help, manual page and completions, made from the rows of the commands.
 */
#ifndef CMD_NOXCTL_HELP_H
#define CMD_NOXCTL_HELP_H

#include "cmd/noxctl/ctl.h"
#include "ocpp/wire/text.h"

/** Append help of all commands ("") or of those that begin with these words ("station config"). */
void help_append_topic(struct ocpp_text *out, const char *words);

/** Append help of one command: usage, flags, examples. */
void help_append_command(struct ocpp_text *out, const struct ctl_command *command);

/** Append the manual page in mdoc. */
void help_append_manual(struct ocpp_text *out);

/** Append a completion script for bash. */
void help_append_bash(struct ocpp_text *out);

#endif
