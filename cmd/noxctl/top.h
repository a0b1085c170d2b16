/*
 * The live view: asks noxd again and again and shows what it says.
 */
#ifndef CMD_NOXCTL_TOP_H
#define CMD_NOXCTL_TOP_H

#include "cmd/noxctl/ctl.h"

/** The command `top`. */
enum ctl_exit run_top(struct ctl *ctl);

#endif
