/*
 * "Why has this lamp 9 A?": the path of limits, who shares, the binding rule, the last command.
 */
#ifndef CMD_NOXCTL_EXPLAIN_H
#define CMD_NOXCTL_EXPLAIN_H

#include "cmd/noxctl/ctl.h"

/** The command `explain limit`. */
enum ctl_exit run_explain_limit(struct ctl *ctl);

#endif
