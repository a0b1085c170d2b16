/*
 * Charging profiles: what their commands share.
 */
#ifndef CMD_NOXCTL_PROFILE_H
#define CMD_NOXCTL_PROFILE_H

#include "cmd/noxctl/ctl.h"

/** A whole ChargingProfile from a file. @return NULL after a complaint */
json_t *profile_from_file(const char *path);

/** profile schedule STATION CONNECTOR. */
enum ctl_exit profile_schedule_run(struct ctl *ctl);

#endif
