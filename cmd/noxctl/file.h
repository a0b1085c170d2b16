/*
 * What the files of the group "Files and firmware" share.
 */
#ifndef CMD_NOXCTL_FILE_H
#define CMD_NOXCTL_FILE_H

#include "cmd/noxctl/ctl.h"

/* file_rollout.c */
enum ctl_exit file_rollout_start(struct ctl *ctl);
enum ctl_exit file_rollouts(struct ctl *ctl);
enum ctl_exit file_rollout_pause(struct ctl *ctl);
enum ctl_exit file_rollout_resume(struct ctl *ctl);
enum ctl_exit file_rollout_abort(struct ctl *ctl);
enum ctl_exit file_rollout_retry(struct ctl *ctl);

/** A whole number among the arguments. */
bool file_number(const char *text, const char *what, int64_t *ret_number);
/** Copy flags of the command that are set into members of the same meaning: numbers.
 * @return false after a complaint */
bool file_put_int(const struct ctl *ctl, json_t *body, const char *flag, const char *member,
                  int64_t min, int64_t max);

#endif
