/* Commands of the group Grid: caps from outside, readings of live meters. */
#ifndef CMD_NOXCTL_GRID_CAP_H
#define CMD_NOXCTL_GRID_CAP_H

#include "cmd/noxctl/ctl.h"

enum ctl_exit grid_cap_run(struct ctl *ctl);
enum ctl_exit grid_caps_run(struct ctl *ctl);
enum ctl_exit grid_uncap_run(struct ctl *ctl);
enum ctl_exit grid_meter_run(struct ctl *ctl);

/** "40" or "40,40,32" as a number or a list of amperes.  @return NULL after a complaint */
json_t *grid_amps(const char *flag, const char *text);

#endif
