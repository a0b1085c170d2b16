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

/** "90", "90s", "30m", "2h", "1d" in seconds, at most a year.
 * @param standard_s  of a number without a letter: seconds it stands for
 * @return false after a complaint about the flag */
bool profile_duration(const char *flag, const char *text, int64_t standard_s, int64_t *ret_s);

#endif
