/*
 * From argv to a parsed call: finds the command, its flags and arguments.
 */
#ifndef CMD_NOXCTL_ARGS_H
#define CMD_NOXCTL_ARGS_H

#include "cmd/noxctl/ctl.h"

/* What main() has to do with the words. */
enum ctl_request {
    CTL_RUN,
    CTL_HELP,       /* of ret_ctl->command, or of ret_topic ("" = all) */
    CTL_INCOMPLETE, /* no command, or the beginning of some: help is needed but was not asked for */
    CTL_WRONG_WORDS, /* a complaint has been printed */
};

/**
 * Parse the words of a call.
 *
 * @param ret_ctl    zeroed by the caller; ctl_args_done() frees what it owns
 * @param ret_topic  CTL_HELP without a command: the words help is wanted for
 */
enum ctl_request ctl_args_parse(int argc, char **argv, struct ctl *ret_ctl, char *ret_topic,
                                size_t size);
void ctl_args_done(struct ctl *ctl);

/** How many arguments a spec such as "STATION... KEY [VALUE]" needs and takes. */
void ctl_args_arity(const char *spec, size_t *ret_min, size_t *ret_max);

#endif
